"""What all results have in common: frames of scalars, geometry, JSON values, notebooks, pickles, maps."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import amurgeo as ag

ON = "2026-01-20"
#: A result, and the command that prints it as JSON.
RESULTS: dict[str, tuple[Callable[[ag.Network], Any], str]] = {
    "state": (lambda net: ag.state(net, ON), f"state --on {ON}"),
    "routes": (
        lambda net: ag.routes(net, "Belogorsk", "Heihe", on=ON, depart_at="08:00"),
        f"routes Belogorsk Heihe --on {ON} --depart 08:00",
    ),
    "matrix": (
        lambda net: ag.od_matrix(net, ["Zeya", "Tynda"], ["Heihe"], on=ON, value="length_km", transit=False),
        f"matrix --origins Zeya,Tynda --destinations Heihe --on {ON} --value km --no-transit",
    ),
    "daily": (
        lambda net: ag.daily(
            net,
            ["Zeya"],
            ["Heihe"],
            start="2026-11-08",
            end="2026-11-12",
            scenarios=["baseline", "no_bridge"],
        ),
        "daily Zeya Heihe --start 2026-11-08 --end 2026-11-12 --scenario baseline --scenario no_bridge",
    ),
    "calendar": (lambda net: ag.calendar(net, 2026), "calendar 2026"),
    "next": (lambda net: ag.next_changes(net, ON), f"next --on {ON}"),
    "brief": (lambda net: ag.brief(net, ON, since="2026-01-10"), f"brief --on {ON} --since 2026-01-10"),
    "gaps": (lambda net: ag.gaps(net, 2026), "gaps 2026"),
    "exits": (lambda net: ag.exits(net, "Blagoveshchensk", on=ON), f"exits Blagoveshchensk --on {ON}"),
    "criticality": (
        lambda net: ag.criticality(net, on="2026-07-15", kinds=["crossing"], draws=2),
        "critical --on 2026-07-15 --kind crossing --draws 2",
    ),
    "access": (
        lambda net: ag.access(net, 2026, places=["Ogodzha"]),
        "access 2026 --places Ogodzha",
    ),
    "redundancy": (
        lambda net: ag.redundancy(net, 2026, origins=["Zeya"], destinations=["Heihe"]),
        "redundancy 2026 --origins Zeya --destinations Heihe",
    ),
    "queues": (
        lambda net: ag.queues(net, start="2026-02-16", end="2026-02-18"),
        "queues baseline --from 2026-02-16 --to 2026-02-18",
    ),
    "capacity": (lambda net: ag.capacity(net, 2026), "capacity 2026"),
    "compare": (
        lambda net: ag.compare(
            net,
            ["baseline", "no_bridge", "late_ice_3w"],
            first="2026-11-25",
            last="2026-12-05",
            origins=["Zeya"],
            destinations=["Heihe"],
        ),
        "compare baseline no_bridge late_ice_3w --from 2026-11-25 --to 2026-12-05 --origins Zeya "
        "--destinations Heihe",
    ),
}


#: Results whose command is run for every change.
QUICK = ("state", "routes")


@pytest.fixture(scope="module")
def results(net: ag.Network) -> dict[str, Any]:
    made = {name: make(net) for name, (make, _) in RESULTS.items()}
    states = ag.states(net, "2026-11-08", "2026-11-12")
    return {**made, "states": states, "route": made["routes"][0]}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in RESULTS]
)
def test_the_command_prints_the_values_of_the_result(
    results: dict[str, Any], name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any
) -> None:
    from amurgeo.cli import main

    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main([*RESULTS[name][1].split(), "--format", "json"])
    assert json.loads(capsys.readouterr().out) == results[name].to_dict()


def test_frames_have_scalars_of_real_types(results: dict[str, Any]) -> None:
    for name, result in results.items():
        frame = result.to_frame()
        assert type(frame) is pd.DataFrame
        assert len(frame), name
        for column in frame.columns:
            if frame[column].dtype.kind == "O":
                assert all(value is None or isinstance(value, str | float) for value in frame[column]), name
        for column in frame:
            if column in ("date", "first_open", "last_close"):
                assert frame[column].dtype.kind == "M", (name, column)
            if column in ("transit", "border_estimated", "cost_estimated"):
                assert frame[column].dtype == bool, (name, column)


def test_geometry_is_in_degrees_and_beside_the_frame(results: dict[str, Any]) -> None:
    for name, result in results.items():
        places = result.to_gdf()
        assert places.crs.to_epsg() == 4326, name
        assert not places.geometry.isna().any(), name
        west, south, east, north = places.total_bounds
        assert 100 < west <= east < 145, name
        assert 40 < south <= north < 60, name
        if name not in ("compare", "gaps", "matrix", "next"):
            columns = result.to_frame().columns
            pd.testing.assert_frame_equal(pd.DataFrame(places[columns]), result.to_frame())


@pytest.mark.slow
def test_lines_of_routes_run_from_end_to_end(net: ag.Network) -> None:
    points = net.places.geometry

    def near(point: Any) -> Any:
        return pytest.approx(point.coords[0], abs=1e-3)

    for vehicle in ("truck_20t", "train"):
        found = ag.routes(net, "Belogorsk", "Harbin", on=ON, vehicle=vehicle)
        lines = found.to_gdf()
        for route, line in zip(found, lines.geometry, strict=True):
            parts = list(getattr(line, "geoms", [line]))
            assert parts[0].coords[0] == near(points["belogorsk"])
            assert parts[-1].coords[-1] == near(points["harbin"])
            legs = route.to_gdf()
            assert len(legs) == len(route.legs)
            assert sum(leg.length for leg in legs.geometry) == pytest.approx(line.length, rel=0.01)
            # A rest is taken at a place.
            assert legs.is_empty.tolist() == [leg["mode"] == "rest" for leg in route.legs]
            for leg in legs[~legs.is_empty].itertuples():
                part = list(getattr(leg.geometry, "geoms", [leg.geometry]))
                assert part[0].coords[0] == near(points[leg[1]])
                assert part[-1].coords[-1] == near(points[leg.to])


def test_results_are_short_as_text_and_tables_in_notebooks(results: dict[str, Any]) -> None:
    for name, result in results.items():
        if not isinstance(result, pd.DataFrame):
            assert "\n" not in repr(result), name
            assert len(repr(result)) < 120, name
        assert "<table" in result._repr_html_(), name


@pytest.mark.slow
def test_pickles_are_equal_small_and_without_caches(net: ag.Network, results: dict[str, Any]) -> None:
    for name, result in results.items():
        data = pickle.dumps(result)
        assert pickle.loads(data).to_dict() == result.to_dict(), name
        assert len(data) < 3_500_000, name
    again = pickle.loads(pickle.dumps(net))
    assert len(pickle.dumps(net)) < 1_000_000
    assert not again.cache
    assert ag.state(again, ON).to_dict() == results["state"].to_dict()


def test_a_result_of_a_frame_is_a_plain_frame(results: dict[str, Any]) -> None:
    for name in ("matrix", "daily", "calendar", "next", "redundancy"):
        frame = results[name]
        assert isinstance(frame, pd.DataFrame)
        assert type(frame.head(1)) is pd.DataFrame
        assert frame.to_dict("list") == frame.to_frame().to_dict("list")


def test_an_edited_copy_changes_nothing(net: ag.Network) -> None:
    state = ag.state(net, ON)
    before, edges = state.to_dict(), state.graph("truck_20t").number_of_edges()
    copy = state.crossings
    copy["status"] = "closed"
    copy.loc[:, "probability_open"] = 0.0
    del copy["reason"]
    assert state.to_dict() == before
    assert len(state.crossings) == len(before)
    assert state.graph("truck_20t").number_of_edges() == edges


def test_crossings_of_two_alternatives_have_a_unique_index(results: dict[str, Any]) -> None:
    result = results["compare"]
    assert result.crossings.index.is_unique
    for name in result.alternatives:
        assert result.changed(name).index.names == ["crossing", "traffic"]
        assert result.changed(name).index.is_unique
    assert not result.to_gdf().duplicated(["alternative", "crossing", "traffic"]).any()
    with pytest.raises(ag.InputError, match="each once"):
        ag.compare(result.net, ["baseline", "no_bridge", "no_bridge"], on=ON)


@pytest.mark.slow
def test_maps_of_results_are_pages(net: ag.Network, results: dict[str, Any]) -> None:
    for name in ("state", "routes"):
        assert "<title>" in results[name].map(lang="ru").to_html()


def test_layers_write_no_flag_as_text(net: ag.Network, tmp_path: Path) -> None:
    import pyogrio

    for name in ("roads", "places", "railways"):
        path = tmp_path / f"{name}.gpkg"
        getattr(net, name).to_file(path)
        info = pyogrio.read_info(path)
        kinds = dict(zip(info["fields"], info["dtypes"], strict=True))
        for flag in {"toll", "oneway", "estimated"} & set(kinds):
            assert kinds[flag] == "bool", (name, flag)
        for column in {"aliases", "used_pairs"} & set(kinds):
            assert not pyogrio.read_dataframe(path)[column].astype(str).str.startswith("(").any()
    assert all(net.roads[flag].dtype == bool for flag in ("toll", "oneway", "estimated"))


@pytest.mark.slow
def test_a_pickled_network_answers_in_another_process(net: ag.Network, tmp_path: Path) -> None:
    path = tmp_path / "net.pickle"
    path.write_bytes(pickle.dumps((net, ag.state(net, ON))))
    code = f"""
import pickle, sys, amurgeo as ag
net, state = pickle.load(open({str(path)!r}, "rb"))
hours = ag.od_matrix(net, ["Zeya"], ["Harbin"], on="{ON}").to_numpy()[0, 0]
print(float(hours), len(state.to_frame()), state.net is net)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    hours = ag.od_matrix(net, ["Zeya"], ["Harbin"], on=ON).to_numpy()[0, 0]
    assert done.stdout.split() == [str(float(hours)), str(len(ag.state(net, ON).crossings)), "True"]


def test_results_without_places_have_no_geometry(net: ag.Network) -> None:
    dates = ag.dates(net, "poyarkovo:ice_road", season="2026/27")
    for result in (dates, ag.dependence(net, first=2026), ag.score_forecasts(net, ag.forecast(net, ON))):
        if "crossing" not in result.to_frame() or result is dates:
            with pytest.raises(ag.InputError, match=r"has no places; take to_frame\(\)"):
                result.to_gdf()


def test_every_answer_names_the_unknown_crossings(net: ag.Network) -> None:
    e = ag.ensemble(net, start="2021-06-01", end="2021-06-03", n=5)
    promise = ag.promise(e, "Zeya", "Heihe")
    assert set(ag.routes(net, "Zeya", "Heihe", on="2021-06-01").unknown) <= set(promise.unknown)
    assert set(promise.unknown) < set(e.unknown)
    found = ag.dependence(net, first=2021, last=2021)
    assert set(promise.unknown) <= set(found.unknown)
    brief = ag.brief(net, "2020-06-01")
    home = {f"{name}" for name in brief.frame["crossing"]}
    assert set(brief.unknown) == home & set(ag.state(net, "2020-06-01").unknown())
    for result in (promise, found, brief):
        assert result.to_dict()["unknown"] == list(result.unknown)


def test_what_results_hold_is_read_only(net: ag.Network) -> None:
    scenario = ag.Scenario("a", changes=[ag.close("kani_kurgan:bridge")])
    same = pickle.loads(pickle.dumps(scenario))
    assert (same, hash(same)) == (scenario, hash(scenario))
    route = ag.routes(net, "Zeya", "Heihe", on=ON, k=1)[0]
    for texts in (scenario.title, scenario.description, same.title, route.hours):
        with pytest.raises(TypeError):
            texts["en"] = 0  # type: ignore[index]
