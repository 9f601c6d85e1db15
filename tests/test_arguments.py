"""Arguments of the wrong type give one sentence; equivalent arguments give the same answer."""

from __future__ import annotations

import ast
import builtins
import inspect
import pickle
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time
from operator import attrgetter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

import amurgeo as ag
from amurgeo.network.snapping import coordinates_of, each_place
from amurgeo.scenario import NewCrossing, NewRoad

DAY = "2026-02-10"
NOTICE = "https://example.org/notice"
PACKAGE = Path(ag.__file__).parent
LIBRARY = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "cli"]
#: None of these is a day, a place, a name, a year or a number of routes.
INVALID = (None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), -5, [3], {}, b"", object(), True, 1e9)
INVALID += (np.int64(20_000),)
CALLS: dict[str, Callable[[ag.Network, Any], Any]] = {
    "day": lambda net, given: net.state(on=given),
    "origin": lambda net, given: ag.routes(net, given, "Heihe", on=DAY),
    "destination": lambda net, given: ag.routes(net, "Zeya", given, on=DAY),
    "vehicle": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, vehicle=given),
    "drivers": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, drivers=given),
    "k": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, k=given),
    "via": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, via=[given]),
    "avoid": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, avoid=[given]),
    "graph": lambda net, given: net.state(on=DAY).graph(given),
    "origins": lambda net, given: ag.od_matrix(net, [given], ["Heihe"], on=DAY),
    "calendar": lambda net, given: ag.calendar(net, given),
    "redundancy": lambda net, given: ag.redundancy(net, given),
    "exits": lambda net, given: ag.exits(net, given, on=DAY),
    "pairs": lambda net, given: ag.compare(net, ["frozen", "open"], origins=[given]),
    "dates": lambda net, given: ag.dates(net, given, season="2026/27"),
    "season": lambda net, given: ag.dates(net, "poyarkovo:ice_road", season=given),
    "next_changes": lambda net, given: ag.next_changes(net, given),
    "safe_days": lambda net, given: ag.seasons.safe_days(net, given),
    "gaps": lambda net, given: ag.gaps(net, given),
    "brief": lambda net, given: ag.brief(net, given),
    "risk": lambda net, given: ag.next_changes(net, DAY, risk=given),
    "new": lambda net, given: ag.new(given),
    "check": lambda net, given: ag.check("no such folder" if given is None else given),
    "record": lambda net, given: ag.record(given, "poyarkovo:ice_road", "open", DAY, source=NOTICE),
    "recorded crossing": lambda net, given: ag.record("x", given, "open", DAY, source=NOTICE),
    "recorded event": lambda net, given: ag.record("x", "poyarkovo:ice_road", given, DAY, source=NOTICE),
    "recorded day": lambda net, given: ag.record("x", "poyarkovo:ice_road", "open", given, source=NOTICE),
    "recorded source": lambda net, given: ag.record("x", "poyarkovo:ice_road", "open", DAY, source=given),
    "export": lambda net, given: ag.export.write(net, given),
    "formats": lambda net, given: ag.export.write(net, "x", formats=["csv", given]),
    "exported day": lambda net, given: ag.export.write(
        net, "x", formats="gpkg", on="none" if given is None else given
    ),
    "osm": lambda net, given: ag.osm.read(given, net=net),
    "executor": lambda net, given: ag.sweep(net, ["baseline"], [DAY], executor=given or "none"),
}


def test_an_invalid_argument_gives_one_sentence(
    net: ag.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failures = []
    for name, call in CALLS.items():
        for given in INVALID:
            if name == "executor" and (given is pd.NA or given is pd.NaT):
                continue
            if name in ("vehicle", "graph") and given is None:
                # The vehicle of the dataset.
                continue
            try:
                call(net, given)
                failures.append((name, given, "no error"))
            except ag.AmurgeoError as error:
                if "\n" in str(error) or len(str(error)) >= 700:
                    failures.append((name, given, str(error)))
    assert failures == []
    assert list(tmp_path.iterdir()) == []


def _strings(path: Path) -> Iterator[str]:
    """Yield the texts in a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_messages_of_the_library_name_no_option_or_command() -> None:
    """The command line translates arguments and functions into options and commands."""
    found = []
    for path in LIBRARY:
        if path.parent.name == "template":
            # The description of a new folder is for the command line.
            continue
        for text in _strings(path):
            if re.search(r"(^|[\s('\"`])--[a-z]|\bamurgeo (osm|new|check|record|state|export)\b", text):
                found.append(f"{path.name}: {text}")
    assert found == []


#: Modules whose own errors are caught: validators of definitions, checks of stored arrays, readers of clocks
#: and of compressed blocks.
CONVERTED = (
    "scenario/model.py", "scenario/files.py", "network/additions.py", "dataset/area.py", "dataset/values.py",
    "osm/reading.py",
)  # fmt: skip


def test_what_is_raised_on_purpose_is_an_error_of_the_package() -> None:
    found = []
    for path in LIBRARY:
        if path.relative_to(PACKAGE).as_posix() in CONVERTED:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        caught = {
            id(node)
            for attempt in ast.walk(tree)
            if isinstance(attempt, ast.Try)
            for statement in attempt.body
            for node in ast.walk(statement)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None and id(node) not in caught:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                name = getattr(raised, "id", getattr(raised, "attr", ""))
                if name in vars(builtins) and name not in ("AssertionError", "NotImplementedError"):
                    found.append(f"{path.name}, line {node.lineno}: {name}")
    assert found == []


def test_scenarios_must_be_a_list(net: ag.Network) -> None:
    for given in ("frozen", 3, None, ag.Scenario("mine")):
        with pytest.raises(ag.InputError, match="given as a list"):
            ag.compare(net, given)
        with pytest.raises(ag.InputError, match="given as a list"):
            ag.sweep(net, given, [DAY])


def test_a_folder_must_be_a_path() -> None:
    with pytest.raises(ag.InputError, match="own is invalid: 3; expected the path"):
        ag.load(3)  # type: ignore[arg-type]


def test_days_of_every_type_are_equivalent(net: ag.Network) -> None:
    for day in (
        date(2026, 2, 10),
        datetime(2026, 2, 10, 8),
        pd.Timestamp(DAY),
        np.datetime64(DAY),
        np.datetime64("2026-02-10T23:30"),
        np.str_(DAY),
    ):
        assert net.state(on=day).on == date(2026, 2, 10)


def test_days_and_hours_with_a_time_zone_are_refused(net: ag.Network) -> None:
    moment = pd.Timestamp("2026-02-10T22:00Z")
    e = ag.ensemble(net, start=DAY, end=DAY, n=5)
    for ask in (
        lambda: net.state(moment),
        lambda: ag.states(net, [moment]),
        lambda: ag.routes(net, "Zeya", "Heihe", depart_at=moment),
        lambda: ag.promise(e, "Zeya", "Heihe", by=moment.to_pydatetime()),
        lambda: ag.promise(e, "Zeya", "Heihe", at=moment.timetz()),
    ):
        with pytest.raises(ag.InputError, match="has a time zone; expected a local day or hour"):
            ask()
    for text in ("2026-02-10T22:00Z", "2026-02-10T22:00+09:00"):
        for ask in (
            lambda text=text: net.state(text),
            lambda text=text: ag.routes(net, "Zeya", "Heihe", depart_at=text),
            lambda text=text: ag.promise(e, "Zeya", "Heihe", by=text),
        ):
            with pytest.raises(ag.InputError, match="invalid"):
                ask()


def test_hours_of_departure_of_every_type_are_equivalent(net: ag.Network) -> None:
    moments = (datetime(2026, 2, 10, 8), pd.Timestamp("2026-02-10 08:00"), np.datetime64("2026-02-10T08:00"))
    for given in ("08:00", 8, time(8), *moments):
        found = ag.routes(net, "Zeya", "Heihe", on=DAY, depart_at=given, k=1)
        assert found.departure is not None
        assert f"{found.departure.leaves:%Y-%m-%d %H:%M}" == "2026-02-10 08:00"
    for given in (pd.NaT, np.datetime64("NaT"), True, "x", [8]):
        with pytest.raises(ag.InputError, match="depart_at is invalid"):
            ag.routes(net, "Zeya", "Heihe", on=DAY, depart_at=given)  # type: ignore[arg-type]


def test_a_deadline_that_is_a_day_is_its_evening(net: ag.Network) -> None:
    e = ag.ensemble(net, start=DAY, end=DAY, n=5)
    days = (DAY, date(2026, 2, 10), datetime(2026, 2, 10), pd.Timestamp(DAY), np.datetime64(DAY))
    given = dict.fromkeys(days, "20:00") | {"2026-02-10T00:00": "00:00"}
    given |= dict.fromkeys(("2026-02-10T12:00", datetime(2026, 2, 10, 12)), "12:00")
    for by, hour in given.items():
        deadline = ag.promise(e, "Zeya", "Heihe", by=by).by
        assert deadline is not None
        assert f"{deadline:%Y-%m-%d %H:%M}" == f"2026-02-10 {hour}"
    for by in (pd.NaT, np.datetime64("NaT"), "x", "25:00", 5):
        with pytest.raises(ag.InputError, match="by"):
            ag.promise(e, "Zeya", "Heihe", by=by)  # type: ignore[arg-type]


#: Types of arguments that one value of another type never is.
OWN_TYPES = {"Network", "State", "Ensemble", "Comparison", "Routes", "Promise", "Queues", "Measures", "bool"}
OWN_TYPES |= {"Dependence", "AccessFrame", "EquityFrame", "CriticalityFrame"}
#: Valid values of other arguments, by name.
USUAL: dict[str, Any] = {
    **{"on": DAY, "start": DAY, "end": DAY, "days": [DAY], "issued": DAY, "retrieved": DAY, "year": 2026},
    **{"origin": "Zeya", "place": "Zeya", "origins": ["Zeya"], "destination": "Heihe"},
    **{"destinations": ["Heihe"], "winter": "2026/27", "season": "2026/27", "traffic": "cargo"},
    **{"crossing": "poyarkovo:ice_road", "event": "open", "source": NOTICE, "scenario": "no_bridge"},
    **{"scenarios": ["baseline", "no_bridge"], "mass_t": 20, "thickness_cm": 20, "around": "Zeya"},
    **{"folder": "x", "path": "x.html", "cache": "x"},
}


def own_types() -> Iterator[tuple[str, str]]:
    """Yield each argument of a public function that is a network, a result or a truth value."""
    for prefix in ("", *sorted(set(dir(ag)) - set(ag.__all__))):
        space = getattr(ag, prefix) if prefix else ag
        for name in space.__all__:
            function = getattr(space, name)
            if inspect.isfunction(function) and name not in ("read", "write_tables"):
                for argument in inspect.signature(function).parameters.values():
                    if OWN_TYPES & {*str(argument.annotation).split(" | ")}:
                        yield f"{prefix}.{name}".strip("."), argument.name


@pytest.mark.parametrize(("name", "argument"), list(own_types()))
def test_networks_results_and_truth_values_are_nothing_else(
    net: ag.Network, name: str, argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    function = attrgetter(name)(ag)
    parameters = inspect.signature(function).parameters
    required = {each.name for each in parameters.values() if each.default is each.empty and each.kind != 4}
    values = {each: USUAL.get(each) for each in required | ({"on", "around"} & {*parameters})}
    values |= {"net": net} if "net" in parameters else {}
    values |= {"state": net.state(DAY)} if "state" in parameters else {}
    values |= {"base": net.state(DAY)} if name == "flows.room_sentence" else {}
    values |= {"result": net.state(DAY), "on": None} if name == "maps.page" else {}
    for given in (None, "no", 7, ["x"]):
        if given is None and "None" in str(parameters[argument].annotation):
            continue
        with pytest.raises(ag.InputError, match=f"^{argument} is invalid: .*; expected"):
            function(**values | {argument: given})
    assert list(tmp_path.iterdir()) == []


def test_truth_values_of_methods_are_nothing_else(net: ag.Network) -> None:
    routes, compared = ag.routes(net, "Zeya", "Heihe", on=DAY, k=1), ag.compare(net, ["frozen", "open"])
    checked = ag.check(Path(net.folder) / "scenarios" / "no_bridge.toml")
    for given in ("no", None, 1):
        for ask, name in (
            (lambda given=given: routes.records(indicators=given), "indicators"),
            (lambda given=given: routes.to_dict(indicators=given), "indicators"),
            (lambda given=given: compared.groups(everything=given), "everything"),
            (lambda given=given: checked.passed(strict=given), "strict"),
        ):
            with pytest.raises(ag.InputError, match=f"^{name} is invalid: .*; expected True or False"):
                ask()


def test_contradictions_and_empty_names_are_refused(net: ag.Network) -> None:
    for via, avoid in (
        ("kani_kurgan", "kani_kurgan"),
        ("kani_kurgan:bridge", "kani_kurgan"),
        ("Zeya", "Зея"),
    ):
        with pytest.raises(ag.InputError, match="avoid is invalid"):
            ag.routes(net, "Tynda", "Heihe", on=DAY, via=via, avoid=avoid)
    with pytest.raises(ag.InputError, match="each once"):
        ag.compare(net, ["baseline", "baseline"], on=DAY)
    with pytest.raises(ag.InputError, match="names is empty"):
        ag.measures(net, "2026/27", names=[])
    for make in (
        lambda name: ag.close(name),
        lambda name: ag.speed(name, factor=0.5),
        lambda name: ag.speed(road=name, factor=0.5),
        lambda name: ag.open("poyarkovo:ice_road", like=name),
        lambda name: ag.add_road(name, "Zeya", length_km=9),
        lambda name: ag.add_crossing(**CROSSING | {"checkpoint": name}),
        lambda name: ag.add_crossing(**CROSSING | {"admits": [name]}),
    ):
        for name in ("", " "):
            with pytest.raises(ag.InputError, match="is empty; expected a name or id"):
                make(name)


def test_draws_are_of_the_network_and_scenario_given(net: ag.Network) -> None:
    e = ag.ensemble(net, start=DAY, end=DAY, n=5, scenario="no_bridge")
    pair = {"origins": "Zeya", "destinations": "Heihe"}
    expected = ag.daily(net, **pair, ensemble=e)
    for same in (pickle.loads(pickle.dumps(net)), e.net):
        pd.testing.assert_frame_equal(ag.daily(same, **pair, ensemble=e), expected)
    other = net.with_rows({"services": [{**net.tables["services"].reset_index().iloc[0], "wait_h": 9.0}]})
    with pytest.raises(ag.InputError, match="expected the network of the ensemble"):
        ag.daily(other, **pair, ensemble=e)
    for scenarios in (["baseline"], ["no_bridge"]):
        with pytest.raises(ag.InputError, match="scenarios is invalid beside an ensemble"):
            ag.daily(net, **pair, ensemble=e, scenarios=scenarios)


def test_places_of_a_route_are_one_each(net: ag.Network) -> None:
    rows = net.places.loc[["zeya", "tynda"]]
    for several in (rows, rows.geometry, rows.iloc[:1].geometry):
        with pytest.raises(ag.InputError, match=r"place is invalid: .*; expected a name or id"):
            ag.routes(net, several, "Heihe", on=DAY)


def test_names_may_be_any_iterable(net: ag.Network) -> None:
    expected = ag.od_matrix(net, ["Zeya", "Tynda"], ["Heihe"], on=DAY)
    for kind in (tuple, pd.Series, pd.Index, np.array, iter, dict.fromkeys):
        hours = ag.od_matrix(net, kind(["Zeya", "Tynda"]), ["Heihe"], on=DAY)
        pd.testing.assert_frame_equal(hours, expected)


def test_one_name_is_a_list_of_one(net: ag.Network) -> None:
    assert ag.od_matrix(net, "Zeya", "Heihe", on=DAY).shape == (1, 1)
    routes = ag.routes(net, "Zeya", "Heihe", on=DAY, avoid="kani_kurgan")
    assert all(route.crossings[0] != "kani_kurgan:bridge" for route in routes.routes)
    with ThreadPoolExecutor(1) as threads:
        assert (
            len(ag.sweep(net, ["baseline"], [DAY], origins="Zeya", destinations="Heihe", executor=threads))
            == 1
        )


#: No number that an argument takes; a negative one is valid where `SIGNED` says so.
NO_NUMBERS = (float("nan"), float("inf"), -float("inf"), -1, -0.5, "x", "7", True, None, [3], 1e9)
SIGNED = {"delay.days", "warming.degrees_c", "seasons.season_shift.warming_c"}
SIGNED |= {"seasons.winter_temperatures.warming_c", "seasons.winter_temperatures.months_c"}
#: Arguments for which None is the default.
OPTIONAL = {"add_crossing.max_mass_t", "compare.year", "speed.factor", "speed.kmh", "maps.page.year"}
OPTIONAL |= {"osm.fetch.bbox", "osm.fetch.km", "report.decision_sheet.year", "routes.max_wait_h"}
OPTIONAL |= {
    f"{name}.demand"
    for name in ("capacity", "queues", "flows.capacity", "flows.queues", "flows.capacity_curve", "measures")
}
OPTIONAL |= {"queues.seed", "flows.queues.seed"}
NAME = re.compile(r"\b(float|int)\b")
ROAD = {"start": "Zeya", "end": "Tynda", "length_km": 9}
CROSSING = {"checkpoint": "poyarkovo", "mode": "bridge", "length_km": 1, "travel_min": 2, "admits": ["car"]}
#: A row as `amurgeo.capacity` and `amurgeo.flows.capacity_curve` return it.
ONE_MONTH = pd.DataFrame(
    [{"month": 1, "crossing": "kani_kurgan:bridge", "trucks_per_day": 9.0, "demand": 1.0, "in_cut": True}]
)
ONE_POINT = pd.DataFrame([{"crossing": "kani_kurgan:bridge", **dict.fromkeys(
    ("trucks_per_day", "wait_mean_h", "wait_max_h", "diverted_per_day", "demand", "today"), 1.0
)}])  # fmt: skip
#: A call of each public function with a numeric argument; the argument itself is added.
NUMERIC: dict[str, Callable[..., Any]] = {
    "add_crossing": lambda net, **given: ag.add_crossing(**CROSSING | given),
    "add_road": lambda net, **given: ag.add_road(**ROAD | given),
    "border_hours": lambda net, **given: ag.border_hours("poyarkovo", **given),
    "calendar": lambda net, **given: ag.calendar(net, **given),
    "capacity": lambda net, **given: ag.capacity(net, **{"year": 2026} | given),
    "flows.capacity": lambda net, **given: ag.flows.capacity(net, **{"year": 2026} | given),
    "queues": lambda net, **given: ag.queues(net, start=DAY, end=DAY, **given),
    "flows.queues": lambda net, **given: ag.flows.queues(net, start=DAY, end=DAY, **given),
    "flows.capacity_curve": lambda net, **given: ag.flows.capacity_curve(
        net, "kani_kurgan:bridge", start=DAY, end=DAY, **given
    ),
    "figures.capacity_figure": lambda net, **given: ag.figures.capacity_figure(ONE_MONTH, net, **given),
    "figures.curve_figure": lambda net, **given: ag.figures.curve_figure(ONE_POINT, net, **given),
    "figures.measures_figure": lambda net, **given: ag.figures.measures_figure(
        ag.Measures(net, "2026/27", ag.Scenario("a"), *[pd.DataFrame({"rank": []})] * 3, 1), **given
    ),
    "figures.dependence_figure": lambda net, **given: ag.figures.dependence_figure(
        ag.Dependence(net, "truck_20t", (), pd.DataFrame(), pd.DataFrame()), **given
    ),
    "dependence": lambda net, **given: ag.dependence(net, **given),
    "measures": lambda net, **given: ag.measures(net, "2026/27", **given),
    "figures.queue_figure": lambda net, **given: ag.figures.queue_figure(
        ag.queues(net, start=DAY, end=DAY), **given
    ),
    "compare": lambda net, **given: ag.compare(net, ["baseline", "no_bridge"], **given),
    "delay": lambda net, **given: ag.delay("poyarkovo", **given),
    "figures.calendar_figure": lambda net, **given: ag.figures.calendar_figure(
        ag.seasons.daily.calendar(net, 2026), **{"year": 2026} | given
    ),
    "figures.routes_figure": lambda net, **given: ag.figures.routes_figure(
        ag.routes(net, "Zeya", "Heihe", on=DAY), **given
    ),
    "figures.tcd_figure": lambda net, **given: ag.figures.tcd_figure(
        ag.routes(net, "Zeya", "Heihe", on=DAY), **given
    ),
    "figures.compare_figure": lambda net, **given: ag.figures.compare_figure(
        ag.compare(net, ["frozen", "open"]), **given
    ),
    "figures.network_figure": lambda net, **given: ag.figures.network_figure(net, net.state(DAY), **given),
    "daily": lambda net, **given: ag.daily(net, "Zeya", "Heihe", start=[DAY], **given),
    "gaps": lambda net, **given: ag.gaps(net, **given),
    "seasons.safe_days": lambda net, **given: ag.seasons.safe_days(net, DAY, **given),
    "exits": lambda net, **given: ag.exits(net, "Zeya", on=DAY, **given),
    "ensemble": lambda net, **given: ag.ensemble(net, **{"start": DAY, "end": DAY, "n": 5} | given),
    "promise": lambda net, **given: ag.promise(net, "Zeya", "Heihe", start=DAY, end=DAY, n=5, **given),
    "figures.promise_figure": lambda net, **given: ag.figures.promise_figure(
        ag.promise(net, "Zeya", "Heihe", start=DAY, end=DAY, n=5), **given
    ),
    "limit": lambda net, **given: ag.limit("poyarkovo", **given),
    "maps.page": lambda net, **given: ag.maps.page(net, **given),
    "next_changes": lambda net, **given: ag.next_changes(net, DAY, **given),
    "od_matrix": lambda net, **given: ag.od_matrix(net, "Zeya", "Heihe", on=DAY, **given),
    "osm.fetch": lambda net, **given: ag.osm.fetch(
        retrieved=DAY, cache="cache", net=net, **({} if "bbox" in given else {"around": "Zeya"}), **given
    ),
    "access": lambda net, **given: ag.access(net, **{"year": 2026} | given),
    "equity": lambda net, **given: ag.equity(net, **{"year": 2026, "scenario": "no_bridge"} | given),
    "catchments": lambda net, bands: ag.catchments(net, on=DAY, bands=[bands]),
    "figures.access_figure": lambda net, **given: ag.figures.access_figure(
        ag.access(net, 2026, places=["Zeya"]), **given
    ),
    "figures.critical_figure": lambda net, **given: ag.figures.critical_figure(
        ag.criticality(net, on=DAY, draws=0, kinds=["crossing"]), **given
    ),
    "figures.equity_figure": lambda net, **given: ag.figures.equity_figure(
        ag.equity(net, 2026, scenario="no_bridge", places=["Zeya"]), **given
    ),
    "criticality": lambda net, **given: ag.criticality(
        net, **({} if "year" in given else {"on": DAY}), **{"draws": 0, "kinds": ["crossing"]} | given
    ),
    "redundancy": lambda net, **given: ag.redundancy(net, **{"year": 2026} | given),
    "report.decision_sheet": lambda net, **given: ag.report.decision_sheet(
        net, ["baseline", "no_bridge"], **given
    ),
    "routes": lambda net, **given: ag.routes(net, "Zeya", "Heihe", on=DAY, **given),
    "seasons.bearing_mass_t": lambda net, **given: ag.seasons.bearing_mass_t(**given),
    "seasons.required_thickness_cm": lambda net, **given: ag.seasons.required_thickness_cm(**given),
    "seasons.season_shift": lambda net, **given: ag.seasons.season_shift(net.table("climate"), **given),
    "seasons.winter_temperatures": lambda net, **given: ag.seasons.winter_temperatures(
        net.table("climate"), **given
    ),
    "speed": lambda net, **given: ag.speed("car", **given),
    "sweep": lambda net, **given: ag.sweep(
        net, ["baseline"], origins="Zeya", destinations="Heihe", **{"days": [DAY], **given}
    ),
    "wait": lambda net, **given: ag.wait("poyarkovo", **given),
    "warming": lambda net, **given: ag.warming(**given),
}


def numeric_arguments() -> Iterator[tuple[str, str, str]]:
    """Yield the name, argument and annotation of every numeric argument of a public function."""
    spaces = {"": ag} | {f"{name}.": getattr(ag, name) for name in set(dir(ag)) - set(ag.__all__)}
    for prefix, space in spaces.items():
        for name in getattr(space, "__all__", ()):
            function = getattr(space, name)
            if inspect.isfunction(function):
                for argument in inspect.signature(function).parameters.values():
                    if NAME.search(str(argument.annotation)) and "tuple" not in str(argument.annotation):
                        yield f"{prefix}{name}", argument.name, str(argument.annotation)


def test_every_numeric_argument_refuses_what_is_no_number_of_its_range(net: ag.Network) -> None:
    failures, seen = [], set()
    for name, argument, annotation in numeric_arguments():
        seen.add(name)
        for given in NO_NUMBERS:
            key = f"{name}.{argument}"
            if (given in (-1, -0.5) and key in SIGNED) or (given is None and key in OPTIONAL):
                continue
            by = 1 if argument == "months_c" else "kani_kurgan:bridge"
            value = {by: given} if "Mapping" in annotation else given
            try:
                NUMERIC[name](net, **{argument: [value] * 4 if argument == "bbox" else value})
                failures.append((key, given, "no error"))
            except ag.InputError as error:
                if "\n" in str(error):
                    failures.append((key, given, str(error)))
    assert failures == []
    assert seen == set(NUMERIC)


@pytest.mark.parametrize(
    ("kind", "usual"),
    [
        (ag.Change, {"mode": "ferry"}),
        (NewRoad, ROAD),
        (NewCrossing, CROSSING),
        (ag.Scenario, {"name": "x"}),
    ],
)
def test_every_number_of_a_definition_is_checked(kind: Any, usual: dict[str, Any]) -> None:
    numbers = [
        (name, annotation)
        for name, annotation in kind.__annotations__.items()
        if re.search(r"Number|Integer|\bint\b", str(annotation))
    ]
    assert numbers
    failures = []
    for name, annotation in numbers:
        for given in NO_NUMBERS:
            signed = name in ("delay_days", "warming_c") and given in (-1, -0.5)
            if signed or (given is None and "None" in str(annotation)):
                continue
            target = {"vehicle": "car", "mode": None} if name.startswith("speed") else {}
            try:
                kind(**usual | target | {name: given})
                failures.append((name, given, "no error"))
            except ag.InputError as error:
                if "pydantic" in str(error) or "\n" in str(error):
                    failures.append((name, given, str(error)))
    assert failures == []


POINT = "50.45,127.62"
ID = "point_50.45_127.62"
TWO = [Point(127.62, 50.45), Point(128.47, 50.92)]
IDS = [ID, "point_50.92_128.47"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "ask",
    [
        lambda net, names: ag.od_matrix(net, names, "Heihe", on=DAY).index,
        lambda net, names: (
            ag.compare(net, ["frozen", "open"], origins=names, destinations="Heihe").pairs.origin
        ),
        lambda net, names: ag.sweep(net, ["baseline"], [DAY], origins=names, destinations="Heihe").origin,
        lambda net, names: ag.redundancy(net, 2026, origins=names, destinations="Heihe").origin,
    ],
    ids=["od_matrix", "compare", "sweep", "redundancy"],
)
def test_points_are_places_and_duplicates_count_once(net: ag.Network, ask: Any) -> None:
    places = list(ask(net, ["Zeya", POINT, "Зея", (50.45, 127.62), TWO[0], "zeya"]))
    assert [name for name in dict.fromkeys(places) if name != "heihe"] == ["zeya", ID]
    assert places.count("zeya") == places.count(ID)
    with pytest.raises(ag.InputError, match="origins is empty"):
        ask(net, [])
    assert ID not in net.nodes.index


@pytest.mark.slow
def test_points_of_every_kind_are_equivalent(net: ag.Network) -> None:
    frame = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=TWO, index=["p", "q"], crs="EPSG:4326")
    expected = ag.od_matrix(net, [POINT, "50.92,128.47"], "Heihe", on=DAY)
    assert list(expected.index) == IDS
    pairs = [(50.45, 127.62), (50.92, 128.47)]
    kinds = (
        *(TWO, np.array(TWO), pd.Series(TWO), frame, frame.geometry, frame.geometry.values, pairs),
        *(frame.to_crs(32652), frame.to_crs(3857).geometry, np.array(pairs)),
    )
    for kind in kinds:
        points = [coordinates_of(place) for place in each_place(net, kind)]
        assert ["point_{:.12g}_{:.12g}".format(*point) for point in points if point] == IDS
    pd.testing.assert_frame_equal(ag.od_matrix(net, frame.to_crs(32652), "Heihe", on=DAY), expected)


def test_rows_of_places_are_the_places_of_their_index(net: ag.Network) -> None:
    rows = net.places.loc[["zeya", "tynda"]]
    expected = ag.od_matrix(net, ["Zeya", "Tynda"], "Heihe", on=DAY)
    for kind in (rows, rows.to_crs(32652).geometry, rows.index, rows["name_en"]):
        pd.testing.assert_frame_equal(ag.od_matrix(net, kind, "Heihe", on=DAY), expected)
    # The label of a row elsewhere is a label.
    moved = rows.set_geometry(rows.translate(0.1, 0.1))
    assert not any(isinstance(place, str) for place in each_place(net, moved))


@pytest.mark.slow
def test_one_point_is_an_end_of_a_route_and_a_stop(net: ag.Network) -> None:
    for point in ((50.45, 127.62), np.array([50.45, 127.62])):
        routes = ag.routes(net, point, "Heihe", on=DAY)
        assert (routes.origin, list(routes.joints)) == (ID, ["origin"])
    by_way_of = ag.routes(net, "Belogorsk", "Heihe", on=DAY, via=[TWO[0]], k=1)
    assert ID in by_way_of.routes[0].nodes
    assert ag.exits(net, TWO[0], on=DAY).origin == ID


@pytest.mark.slow
def test_points_at_one_road_are_joined_along_it(net: ag.Network) -> None:
    road = net.roads.loc["aginskoye--borzya"]
    near, far = (road.geometry.interpolate(share, normalized=True) for share in (0.4, 0.6))
    journey = ag.routes(net, near, far, on=DAY, k=1)
    assert journey.records()[0]["length_km"] == pytest.approx(0.2 * road["length_km"], abs=0.2)
    # As in a matrix, in which they are joined together.
    assert ag.od_matrix(net, [near], [far], on=DAY).iloc[0, 0] == journey.routes[0].seconds / 3600


INVALID_PLACES = (
    (shapely.LineString([(127, 50), (128, 51)]), "a LineString; expected a point"),
    (Point(), "an empty point"),
    ((float("nan"), 127.6), "latitude is invalid: nan"),
    ((50.45, float("inf")), "longitude is invalid: inf"),
    ((127.62, 50.45), "did you mean 50.45,127.62"),
    ("127.62,50.45", "did you mean 50.45,127.62"),
    ((True, False), "expected a name"),
    ((0.0, 0.0), "outside the region"),
)


def test_an_invalid_point_gives_one_sentence(net: ag.Network) -> None:
    for point, expected in INVALID_PLACES:
        with pytest.raises(ag.InputError, match=expected):
            ag.routes(net, point, "Heihe", on=DAY)
        with pytest.raises(ag.InputError, match=expected):
            ag.od_matrix(net, [point], "Heihe", on=DAY)


def test_an_invalid_frame_gives_one_sentence(net: ag.Network) -> None:
    for frame, expected in (
        (gpd.GeoSeries(TWO), "origins: the coordinate system is missing"),
        (gpd.GeoSeries([TWO[0], None], crs=4326), "origins: the geometry of row 1 is missing"),
        (net.roads.head(2), "origins: the geometry is invalid: a LineString"),
        (net.nodes.head(2), "origins: a frame without geometry"),
    ):
        with pytest.raises(ag.InputError, match=expected):
            ag.od_matrix(net, frame, "Heihe", on=DAY)


def test_days_and_years_in_every_iterable_are_equivalent(net: ag.Network) -> None:
    pair = {"origins": "Zeya", "destinations": "Heihe"}
    week = pd.date_range("2026-02-09", periods=7)
    expected = ag.sweep(net, ["baseline"], [f"{day:%Y-%m-%d}" for day in week], **pair)
    for kind in (week, week.to_numpy(), list(week), pd.Series(week), week.date, iter(week)):
        pd.testing.assert_frame_equal(ag.sweep(net, ["baseline"], kind, **pair), expected)
    years = ag.sweep(net, ["baseline"], range(2026, 2028), **pair)
    assert years["days"].tolist() == [730]
    overlapping = ag.sweep(net, ["baseline"], [2027, "2027-05-01", 2026], **pair)
    pd.testing.assert_frame_equal(overlapping, years)
