"""What a vehicle can use and why not, and how a status is explained in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bare_network import BRIDGE, FERRY, ICE, ORIGIN, PONTOON, noted
from one_service import season, service, status

import amurgeo as ag
from amurgeo.network import goes_by_rail
from amurgeo.scenario import Scenario
from amurgeo.seasons.service import as_cells, closed_reason, counts_as_open, open_sentences
from amurgeo.seasons.state import HORIZON_DAYS, values_on

HOVERCRAFT = "blagoveshchensk:hovercraft"


@pytest.fixture(scope="module")
def bare(bare: ag.Network) -> ag.Network:
    return noted(bare, "open 2012-05-12")


# Vehicles.


def test_a_crossing_admits_vehicles_by_name_and_by_mass(bare: ag.Network) -> None:
    """The pontoon takes 40 t and buses, the hovercraft passengers alone; the ferry is out of season."""
    state = bare.state("2026-02-10")
    truck, bus, car = (state.admitted(vehicle) for vehicle in ("truck_40t", "bus", "car"))
    assert truck.index.tolist() == [
        crossing for crossing, traffic in bare.base["services"].index if traffic == "cargo"
    ]
    usable = {"truck_40t": [BRIDGE, PONTOON], "bus": [BRIDGE, PONTOON], "car": []}
    for vehicle, found in (("truck_40t", truck), ("bus", bus), ("car", car)):
        assert found.index[found["usable"]].tolist() == usable[vehicle]
    assert truck.loc[FERRY, ["admits", "reason"]].tolist() == [True, "out_of_season"]
    assert bus.loc[HOVERCRAFT, ["admits", "reason"]].tolist() == [False, "vehicle_not_admitted"]
    assert bus.at[HOVERCRAFT, "because"] == ("because.not_admitted", {})
    assert truck.loc[ICE, "reason"] == "retired"
    wait = bare.base["services"].at[(PONTOON, "cargo"), "wait_h"]
    assert truck.at[PONTOON, "wait_h"] == wait
    assert np.isnan(truck.at[PONTOON, "border_h"])


@pytest.mark.parametrize(
    ("limit", "vehicle", "because"),
    [
        (15, "truck_20t", ("because.mass", {"limit": "15", "mass": "20"})),
        (0.5, "truck_20t", ("because.mass", {"limit": "0.5", "mass": "20"})),
        (20, "truck_20t", None),
        (20, "truck_40t", ("because.mass", {"limit": "20", "mass": "40"})),
        (0, "truck_20t", ("because.not_admitted", {})),
    ],
)
def test_a_limit_bars_heavier_vehicles(bare: ag.Network, limit: float, vehicle: str, because: Any) -> None:
    row = bare.state("2026-02-10", scenario=ag.limit(PONTOON, limit)).admitted(vehicle).loc[PONTOON]
    assert row["usable"] == (because is None)
    assert row["reason"] == ("in_season" if because is None else "vehicle_not_admitted")
    if because is not None:
        assert row["because"] == because


def test_closed_crossings_have_the_day_on_which_they_open_next(bare: ag.Network) -> None:
    assert HORIZON_DAYS == 500
    state = bare.state("2026-11-28")
    closed = {row["crossing"]: row for row in state.closed_for("truck_20t")}
    assert {name: row["expected_open"] for name, row in closed.items()} == {
        FERRY: "2027-05-10", PONTOON: "2027-01-10", ICE: None
    }  # fmt: skip
    assert closed[ICE]["reason"] == "retired"
    assert "2027-01-10" in closed[PONTOON]["because"]
    tomorrow = {row["crossing"]: row for row in bare.state("2027-01-09").closed_for("truck_20t")}
    assert tomorrow[PONTOON]["expected_open"] == "2027-01-10"
    # The last day that counts is 499 days ahead.
    opens = [ag.close(FERRY, "2026-11-01", "2028-04-09"), ag.open(FERRY, "2028-04-10", "2028-04-12")]
    for on, expected in (("2026-11-28", "2028-04-10"), ("2026-11-27", None)):
        rows = bare.state(on, scenario=Scenario("x", changes=opens)).closed_for("truck_20t")
        assert [row["expected_open"] for row in rows if row["crossing"] == FERRY] == [expected]
    never = {row["crossing"]: row for row in state.closed_for("bus")}
    assert never[HOVERCRAFT]["reason"] == "vehicle_not_admitted"
    assert never[HOVERCRAFT]["expected_open"] is None


def test_trucks_miss_no_railway_and_trains_no_road(net: ag.Network) -> None:
    state = net.state("2026-04-20")
    modes = net.base["crossings"]["mode"]
    for vehicle in ("truck_20t", "train"):
        closed = {row["crossing"] for row in state.closed_for(vehicle)}
        admitted = state.admitted(vehicle)
        is_rail = modes.reindex(admitted.index) == "rail"
        assert closed == set(admitted.index[~admitted["usable"] & (is_rail == goes_by_rail(net, vehicle))])
        assert not closed & set(admitted.index[admitted["usable"]])
    assert len(closed) < len(state.closed_for("truck_20t"))


def test_unknown_crossings_are_those_of_the_traffic_of_a_vehicle(bare: ag.Network) -> None:
    net = noted(bare, gaps=({"first": "2026-06-01", "until": "2026-06-01", "crossings": FERRY},))
    state = net.state("2026-06-01")
    assert state.unknown() == state.unknown("truck_20t") == (FERRY,)
    assert state.unknown("bus") == ()
    assert not state.admitted("truck_20t").at[FERRY, "usable"]
    assert counts_as_open(["open", "limited", "closed", "unknown"]).tolist() == [True, True, False, False]


def test_a_crossing_has_a_checkpoint(bare: ag.Network) -> None:
    state = bare.state("2026-06-01")
    assert state.checkpoint_of(PONTOON) == "blagoveshchensk"
    with pytest.raises(ag.InputError, match=r"unknown crossing.*kani_kurgan:bridge"):
        state.checkpoint_of("kani_kurgan:brige")


# Frames.


def test_a_state_has_a_copy_a_frame_and_records(bare: ag.Network) -> None:
    state = bare.state("2026-02-10")
    table = state.crossings
    table["status"] = "x"
    assert state.crossings.at[(PONTOON, "cargo"), "status"] == "limited"
    frame = state.to_frame(lang="en")
    assert frame["sources"].str.contains(";").sum() == 0
    assert frame.columns[:2].tolist() == ["crossing", "traffic"]
    record = state.to_dict()[0]
    assert list(record) == [
        "crossing", "checkpoint", "counterpart", "mode", "traffic", "status", "reason", "because",
        "max_mass_t", "probability_open", "basis", "evidence", "confidence", "sources", "capacity_share",
    ]  # fmt: skip
    assert record["crossing"] == BRIDGE
    assert isinstance(record["sources"], list | tuple)
    chances = [row["probability_open"] for row in ag.state(bare, "2026-01-10").to_dict()]
    assert all(chance is None or chance == round(chance, 4) for chance in chances)
    assert state.records() == state.to_dict()
    assert state.record_until == bare.record_until
    assert state.open_seasons == frozenset({"road:up"})


def test_a_state_has_the_lines_of_its_crossings(bare: ag.Network) -> None:
    lines = bare.state("2026-02-10").to_gdf(lang="ru")
    assert lines.crs.to_epsg() == 4326
    assert lines["crossing"].tolist() == bare.state("2026-02-10").to_frame()["crossing"].tolist()
    assert set(lines.geom_type) == {"LineString"}


def test_a_state_is_asked_for_its_page_and_its_graph(
    bare: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = bare.state("2026-02-10")
    monkeypatch.setattr(ag.maps, "page", lambda *given, lang: (*given, lang))
    monkeypatch.setattr(ag, "graph", lambda *given, vehicle: (*given, vehicle))
    assert state.map(lang="ru") == (state, "ru")
    assert state.graph("bus") == (state, "bus")


def test_values_of_a_day_are_those_of_its_position() -> None:
    winter = season("2020/21", "2021-01-10", "2021-03-20")
    rows = status([service(), service()], "2021-01-09", "2021-01-10", winter)
    assert [values_on(rows, at)["status"] for at in (0, 1)] == [("closed",) * 2, ("open",) * 2]
    assert list(values_on(rows, 0))[-3:] == ["wait_h", "capacity_share", "border_h"]


# Explanations.


def test_a_risk_is_explained_beside_the_season(bare: ag.Network) -> None:
    titles = {f"title_{lang}": f"feast {lang}" for lang in ("en", "ru", "zh")}
    usual = {"crossings": "*", "modes": "*", "days": "02-10", "evidence": "x", **titles, **ORIGIN}
    rows = [
        {"id": "one", "chance_of_stop": 0.3, **usual},
        {"id": "two", "chance_of_stop": 0.2, **usual, "days": "02-09..02-10"},
    ]
    state = bare.with_rows({"holiday_rules": rows}).state("2026-02-10")
    for lang in ("en", "ru", "zh"):
        text = state.because(lang)[BRIDGE, "cargo"]
        # The opening of the bridge, and both risks.
        assert text.count(f"feast {lang}") == 2
        assert text.index("2022") < text.index("30") < text.rindex("20")


@pytest.mark.parametrize(
    ("change", "lang", "text"),
    [
        (ag.close(BRIDGE, "2026-02-09"), "en", "Kani-Kurgan, road bridge: closed 2026-02-09"),
        (ag.close(BRIDGE, "02-09", "02-11"), "ru", "Кани-Курган, мост: закрыто 09.02 – 11.02"),
        (ag.wait(BRIDGE, 7.5), "en", "Kani-Kurgan, road bridge: waiting 7.5 h"),
    ],
)
def test_a_change_alone_is_explained_in_its_own_words_once(
    bare: ag.Network, change: Any, lang: str, text: str
) -> None:
    found = bare.state("2026-02-09", scenario=change).because(lang)[BRIDGE, "cargo"]
    assert found.endswith(f": {text}")
    assert found.count(text) == 1


def test_a_change_of_a_titled_scenario_is_explained_with_its_title(bare: ag.Network) -> None:
    titled = Scenario("mine", title="Repair", changes=[ag.close(BRIDGE, "2026-02-10")])
    state = bare.state("2026-02-10", scenario=titled)
    assert "Repair" in state.because()[BRIDGE, "cargo"]
    assert "mine" not in state.because()[BRIDGE, "cargo"]
    assert state.label == {"en": "Repair", "ru": "Repair", "zh": "Repair"}
    assert set(bare.state("2026-02-10").label.values()) == {"2026-02-10"}
    assert bare.state("2026-02-10", scenario=ag.warming(2.0)).title["en"] != "winter warming_c 2.0"


def test_open_crossings_are_named_by_traffic(bare: ag.Network) -> None:
    frame = bare.state("2026-11-28").to_frame()
    cargo, passenger = open_sentences(frame, "en", str.upper)
    assert BRIDGE.upper() in cargo
    assert HOVERCRAFT.upper() not in cargo
    assert BRIDGE.upper() in passenger
    services = bare.base["services"].index.get_level_values("traffic")
    for text, traffic in ((cargo, "cargo"), (passenger, "passenger")):
        assert str((services == traffic).sum()) in text
    nothing = open_sentences(frame.assign(status="closed"), "en", str.upper)
    assert all("none" in text.casefold() for text in nothing)


# Cells.


def test_usual_reasons_are_of_a_mode_or_of_the_others() -> None:
    usual = {"ferry": [("ice", "11-01..12-31")], "other": [("water", "12-31"), ("wind", "12-31..01-01")]}
    days = np.array(["2026-10-31", "2026-11-01", "2026-12-31"], dtype="datetime64[D]")
    for mode, reasons in (
        ("ferry", ["out_of_season", "ice", "ice"]),
        # The later of two reasons holds.
        ("pontoon", ["out_of_season", "out_of_season", "wind"]),
    ):
        assert closed_reason(mode, days, usual).tolist() == reasons
    assert closed_reason("ferry", days, {}).tolist() == ["out_of_season"] * 3


def test_values_are_set_on_the_cells_of_a_mask() -> None:
    out = status(service(), "2021-01-01", "2021-01-03")
    where = np.array([False, True, True])
    out.set(where, reason=np.array(["a", "b", "c"], dtype=object), wait_h=2.0, sources=("x", "y"))
    assert out.reason.tolist() == ["ice_too_thin", "b", "c"]
    assert out.wait_h.tolist() == [0.5, 2.0, 2.0]
    assert out.sources.tolist() == [("table",), ("x", "y"), ("x", "y")]
    out.set(None, wait_h=9.0)
    out.set(~np.ones(3, dtype=bool), wait_h=9.0)
    assert out.wait_h.tolist() == [0.5, 2.0, 2.0]
    assert as_cells([("a",), "b"]).tolist() == [("a",), "b"]
    for first, last, expected in (
        ("2021-01-02", "2021-01-02", [False, True, False]),
        ("2021-01-03", None, [False, False, True]),
        ("2020-12-01", "2021-01-01", [True, False, False]),
        ("2020-12-01", "2020-12-31", None),
        ("2021-01-04", None, None),
    ):
        ends = [None if day is None else np.datetime64(day) for day in (first, last)]
        found = out.within(*ends)
        assert (None if found is None else found.tolist()) == expected
