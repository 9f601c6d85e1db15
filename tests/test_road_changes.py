"""A change of a road or a railway is the same as another row in the table, in every question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.analysis.redundancy import ways_between

Tables = dict[str, pd.DataFrame]
DAY = "2026-10-20"
NEAR, FAR = "blagoveshchensk--vladimirovka", "svobodny--vvedenovka"


def _cell(table: str, row: str, **cells: Any) -> Callable[[Tables], Tables]:
    def edit(tables: Tables) -> Tables:
        frame = tables[table].copy()
        for name, value in cells.items():
            frame.loc[row, name] = value(frame.at[row, name]) if callable(value) else value
        return {**tables, table: frame}

    return edit


def _without(table: str, row: str) -> Callable[[Tables], Tables]:
    return lambda tables: {**tables, table: tables[table].drop(row)}


#: A change, the vehicle asked for, two places that it lies between, and the same in the tables.
CASES: dict[str, tuple[ag.Scenario | str, str, tuple[str, str], Callable[[Tables], Tables]]] = {
    "closed": (f"{NEAR} close 10-01..10-31", "car", ("Blagoveshchensk", "Heihe"), _without("roads", NEAR)),
    "slowed": (
        f"{NEAR} speed_factor 0.25",
        "truck_20t",
        ("Blagoveshchensk", "Belogorsk"),
        _cell("roads", NEAR, length_km=lambda km: km / 0.25),
    ),
    "limited": (
        f"{NEAR} limit_t 15 2026-10-20",
        "truck_20t",
        ("Blagoveshchensk", "Belogorsk"),
        _cell("roads", NEAR, max_mass_t=15.0),
    ),
    "opened": (
        "koboldo--ogodzha open",
        "car",
        ("Ogodzha", "Fevralsk"),
        _cell("roads", "koboldo--ogodzha", season=""),
    ),
    "seasonal": (
        ag.Scenario("x", changes=[ag.open(NEAR, like="road:koboldo--ogodzha")]),
        "bus",
        ("Blagoveshchensk", "Belogorsk"),
        _cell("roads", NEAR, season="road:koboldo--ogodzha"),
    ),
    "railway": (
        "seryshevo_station--belogorsk_station close",
        "train",
        ("Svobodny", "Harbin"),
        _without("railways", "seryshevo_station--belogorsk_station"),
    ),
}


def _answers(net: ag.Network, vehicle: str, ends: tuple[str, str], scenario: Any) -> dict[str, Any]:
    """Return the answers of the quick questions on one day."""
    state = net.state(DAY, scenario=scenario)
    asked: dict[str, Any] = {"on": DAY, "scenario": scenario, "vehicle": vehicle, "drivers": 2}
    graph = ag.graph(state, vehicle=vehicle)
    node = {place: node for node, place in graph.nodes(data="id")}
    start, end = (node.get(net.find(name)) for name in ends)
    reached = start in graph and end in graph and nx.has_path(graph, start, end)
    places = [[net.find(name)] for name in ends]
    return {
        "matrix": ag.od_matrix(net, *ends, **asked).iloc[0, 0],
        "routes": [route.seconds for route in ag.routes(net, *ends, k=3, **asked)],
        "graph": nx.shortest_path_length(graph, start, end, weight="seconds") if reached else None,
        "edges": sorted(edge for *_, edge in graph.edges(data="id")),
        "redundancy": ways_between(state.net, state, vehicle, *places).to_numpy().tolist(),
    }


def _slow_answers(net: ag.Network, vehicle: str, ends: tuple[str, str], scenario: Any) -> dict[str, Any]:
    """Return the answers of the questions over many days."""
    pair: dict[str, Any] = {"origins": ends[:1], "destinations": ends[1:], "vehicle": vehicle}
    asked: dict[str, Any] = {"on": DAY, "scenario": scenario, "vehicle": vehicle}
    return {
        "departure": ag.routes(net, *ends, depart_at="12:00", **asked).to_dict()["departure"]["total_h"],
        "daily": ag.daily(net, *ends, start=[DAY], scenarios=[scenario], vehicle=vehicle).hours.tolist(),
        "sweep": ag.sweep(net, [scenario], [DAY], **pair).mean_h.tolist(),
        "exits": ag.exits(net, ends[0], **asked).frame.hours.tolist(),
        "compare": ag.compare(net, ["no_bridge", scenario], on=DAY, **pair).pairs.alt_h.tolist(),
    }


QUICK = ("slowed",)


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        *(pytest.param(name, _answers, marks=[] if name in QUICK else pytest.mark.slow) for name in CASES),
        *(pytest.param(name, _slow_answers, marks=pytest.mark.slow) for name in CASES),
    ],
)
def test_a_change_of_a_road_acts_in_every_question(net: ag.Network, name: str, ask: Any) -> None:
    scenario, vehicle, ends, edit = CASES[name]
    edited = ag.Network(edit(dict(net.tables)))
    changed, usual = ask(net, vehicle, ends, scenario), ask(net, vehicle, ends, None)
    expected = ask(edited, vehicle, ends, ag.Scenario("x"))
    assert {name: repr(value) for name, value in changed.items()} == {
        name: repr(value) for name, value in expected.items()
    }
    differs = {name for name in changed if repr(changed[name]) != repr(usual[name])}
    assert differs >= set(changed) - {"edges", "redundancy", "exits"}


def test_a_dated_limit_holds_on_its_days_alone(net: ag.Network, tmp_path: Path) -> None:
    """A row bars a road to heavier vehicles like a change; a row of 0 t closes it."""
    columns = "id,road,max_mass_t,first,until,source,confidence\n"
    rows = f"a,{NEAR},19,2026-03-01,2026-03-02,estimate,estimated\n"
    rows += f"b,{NEAR},0,2026-03-05,2026-03-05,estimate,estimated\n"
    (tmp_path / "road_limits.csv").write_text(columns + rows, encoding="utf-8")
    own = ag.load(tmp_path)

    def hours(on: str, vehicle: str, **given: Any) -> float:
        return float(
            ag.od_matrix(own, ["Blagoveshchensk"], ["Belogorsk"], on=on, vehicle=vehicle, **given).iat[0, 0]
        )

    usual = {vehicle: hours("2026-02-28", vehicle) for vehicle in ("car", "truck_20t")}
    truck = [hours(f"2026-03-0{day}", "truck_20t") > usual["truck_20t"] for day in range(1, 7)]
    car = [hours(f"2026-03-0{day}", "car") > usual["car"] for day in range(1, 7)]
    assert truck == [True, True, False, False, True, False]
    assert car == [False, False, False, False, True, False]
    change = f"{NEAR} limit_t 19 2026-03-03"
    assert hours("2026-03-03", "truck_20t", scenario=change) == hours("2026-03-01", "truck_20t")
    graphs = [ag.graph(own.state(f"2026-03-0{day}"), vehicle="truck_20t") for day in (2, 3)]
    assert [any(id_ == NEAR for *_, id_ in graph.edges(data="id")) for graph in graphs] == [False, True]


def test_the_limit_of_a_past_day_holds_in_no_regime(net: ag.Network) -> None:
    """A regime is of no year."""
    limited = net.base["road_limits"]["road"].iloc[0]
    assert limited in {edit[0] for edit in net.state("2020-05-20").roads.edits}
    assert not net.state(scenario="open").roads.edits
