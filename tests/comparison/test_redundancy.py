"""Redundancy: by hand on six places, and against networkx on the shipped network."""

from __future__ import annotations

import networkx as nx
import pytest

import amurgeo as ag
from amurgeo.analysis.redundancy import ways_between
from amurgeo.network import large_towns
from amurgeo.network.edges import osm_number


def test_six_places_by_hand(six: ag.Network) -> None:
    winter, gap = six.state("2026-02-10"), six.state("2018-11-10")
    open_ = ways_between(six, winter, "truck_20t", ["north"], ["heihe"]).iloc[0]
    assert (open_["ways_edge"], open_["ways_checkpoint"]) == (2, 2)
    # South hangs on one road: whatever is open, a single edge can cut it off.
    south = ways_between(six, winter, "truck_20t", ["north"], ["south"]).iloc[0]
    assert (south["ways_edge"], south["ways_checkpoint"]) == (1, 2)
    closed = ways_between(six, gap, "truck_20t", ["north"], ["heihe"]).iloc[0]
    assert (closed["ways_edge"], closed["ways_checkpoint"]) == (0, 0)


@pytest.mark.parametrize("day", ["2010-02-01", "2018-11-10", "2026-02-10", "2026-07-15"])
def test_edge_disjoint_ways_agree_with_networkx(net: ag.Network, day: str) -> None:
    state = net.state(day)
    starts, ends = large_towns(net)[:4], ["heihe", "harbin"]
    found = ways_between(net, state, "truck_20t", starts, ends)
    unit = nx.DiGraph()
    for tail, head in state.graph("truck_20t").edges():
        capacity = unit.get_edge_data(tail, head, {"capacity": 0})["capacity"]
        unit.add_edge(tail, head, capacity=capacity + 1)
    for row in found.itertuples():
        assert row.ways_edge == nx.maximum_flow_value(
            unit, osm_number(row.origin), osm_number(row.destination)
        )


def test_checkpoint_disjoint_ways_are_a_flow_through_checkpoints(net: ag.Network) -> None:
    state = net.state("2026-07-15")
    graph = state.graph("truck_20t")
    unit = nx.DiGraph()
    checkpoint = net.tables["crossings"]["checkpoint"]
    for tail, head, data in graph.edges(data=True):
        if not data["crossing"]:
            unit.add_edge(tail, head)
        else:
            gate = checkpoint[data["crossing"]]
            unit.add_edge(tail, ("in", gate))
            unit.add_edge(("in", gate), ("out", gate), capacity=1)
            unit.add_edge(("out", gate), head)
    for row in ways_between(
        net, state, "truck_20t", ["belogorsk", "zeya"], ["heihe", "suifenhe"]
    ).itertuples():
        assert row.ways_checkpoint == nx.maximum_flow_value(
            unit, osm_number(row.origin), osm_number(row.destination)
        )


def test_a_year_has_a_row_per_month_and_pair_and_shows_both_gaps(net: ag.Network) -> None:
    ways = ag.redundancy(net, 2019, origins=["Blagoveshchensk"], destinations=["Heihe"])
    assert ways["month"].tolist() == list(range(1, 13))
    assert {"origin", "destination", "month", "ways_edge", "ways_checkpoint"} <= set(ways.columns)
    by_month = ways.set_index("month")["ways_checkpoint"]
    assert by_month[4] < by_month[7]
    assert by_month[11] < by_month[7]
    assert (ways["fewest_checkpoint"] <= ways["ways_checkpoint"]).all()
    assert (ways["fewest_ways"] <= ways["ways"]).all()
    assert (ways["ways"] <= ways["ways_checkpoint"]).all()


@pytest.mark.slow
def test_ways_of_a_year_are_those_within_the_stretch(net: ag.Network) -> None:
    ask = {"origins": ["Tynda"], "destinations": ["Suifenhe"]}
    narrow, wide = (ag.redundancy(net, 2019, stretch=stretch, **ask) for stretch in (1.0, 1000.0))
    assert (narrow["ways"] <= 1).all()
    # However long the way, a checkpoint counts if a route leads over it.
    assert wide["ways"].tolist() == wide["ways_checkpoint"].tolist()
    day = net.state("2019-07-15")
    ranked = ag.routes(net, "Tynda", "Suifenhe", on="2019-07-15", k=30)
    best = min(
        ag.od_matrix(net, *ask.values(), on=f"2019-{month:02d}-15").iat[0, 0] for month in range(1, 13)
    )
    near = {route["checkpoint"] for route in ranked.records() if route["total_h"] <= 1.5 * best}
    july = ag.redundancy(net, 2019, **ask).set_index("month").at[7, "ways"]
    assert day.on.month == 7
    assert july == len(near)


def test_invalid_input_raises(net: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="1980 to 2100"):
        ag.redundancy(net, 1066)
    with pytest.raises(ag.InputError, match="regime"):
        ag.redundancy(net, 2026, scenario="frozen")
