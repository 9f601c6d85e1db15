"""Rest of the driver: the step function, and routes with rest against an enumeration of all paths."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import seasonal_graph

import amurgeo as ag
from amurgeo.routing.departures import earliest_arrivals
from amurgeo.routing.engine import SeasonalGraph
from amurgeo.routing.matrix import solve
from amurgeo.routing.rest import NO_RULE, Rest, rest_between

SHORT = Rest(*map(np.array, (4, 1, 9, 11)))


def rest_by_the_second(driven: int, continuous: int, pause: int, daily: int, night: int) -> int:
    """Drive second after second and stop whenever a limit is reached."""
    rest = since_break = since_night = 0
    for _ in range(driven):
        if since_night == daily:
            rest, since_break, since_night = rest + night, 0, 0
        elif since_break == continuous:
            rest, since_break = rest + pause, 0
        since_break, since_night = since_break + 1, since_night + 1
    return rest


@given(st.integers(0, 200), st.integers(1, 12), st.integers(0, 5), st.integers(1, 40), st.integers(5, 20))
def test_rest_equals_a_drive_second_by_second(
    driven: int, continuous: int, pause: int, daily: int, night: int
) -> None:
    limits = (continuous, pause, daily, night)
    rest = Rest(*(np.array(float(limit)) for limit in limits))
    assert rest.seconds(np.array(float(driven))) == rest_by_the_second(driven, *limits)
    assert rest.between(float(driven), driven + 1.0) >= 0


def test_a_journey_obeys_the_rules_of_both_ends() -> None:
    rules = {"A": (4.5, 0.75, 9.0, 11.0), "B": (4.0, 1.0 / 3.0, *NO_RULE[2:])}
    rest = rest_between(rules, ["A", "B", "C"], ["B"])
    assert rest is not None
    limits = np.stack([rest.continuous, rest.pause, rest.daily, rest.night], axis=-1)[:, 0]
    assert limits.tolist() == [[4.0, 0.75, 9.0, 11.0], [*rules["B"]], [*rules["B"]]]
    assert rest_between({}, ["A"], ["B"]) is None


def fastest_path(graph: SeasonalGraph, start: int, end: int, *, land: bool) -> tuple[float, float]:
    """Return seconds and driving seconds of the fastest path, found by enumerating all of them."""
    border = range(graph.n_static, graph.n_static + graph.n_border)
    arcs = nx.MultiDiGraph()
    arcs.add_nodes_from(range(graph.n_nodes))
    for arc, ends in enumerate(zip(graph.tail.tolist(), graph.head.tolist(), strict=True)):
        if not (land and arc in border):
            arcs.add_edge(*ends, key=arc)
    if start == end:
        return 0.0, 0.0
    return min(
        (
            (
                float(sum(graph.seconds[key] for _, _, key in path)),
                float(sum(graph.seconds[key] for _, _, key in path if key not in border)),
            )
            for path in nx.all_simple_edge_paths(arcs, start, end)
        ),
        default=(np.inf, np.inf),
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_times_with_rest_equal_an_enumeration_of_all_paths(seed: int) -> None:
    """By each first crossing the fastest path without rest, of these the one with least driving."""
    rng = np.random.default_rng(seed)
    n = 6

    def arcs(count: int, low: int) -> np.ndarray:
        ends = np.array([rng.choice(n, 2, replace=False) for _ in range(count)]).reshape(-1, 2)
        return np.column_stack([ends, rng.integers(low, 9, count)])

    graph = seasonal_graph(n, arcs(7, 1), arcs(3, 1), arcs(2, 1))
    ends = np.arange(n)
    pairs = list(product(range(n), repeat=2))
    on_land = {pair: fastest_path(graph, *pair, land=True) for pair in pairs}
    anyhow = {pair: fastest_path(graph, *pair, land=False) for pair in pairs}
    distances = replace(graph.distances(ends, ends), rest=SHORT)
    solution = distances.solve(graph.seconds[graph.n_static :].astype(float))
    for start, end in pairs:
        ways = {-1: on_land[start, end]}
        for crossing in range(graph.n_border):
            arc = graph.n_static + crossing
            before, after = on_land[start, int(graph.tail[arc])], anyhow[int(graph.head[arc]), end]
            ways[crossing] = (before[0] + float(graph.seconds[arc]) + after[0], before[1] + after[1])
        total = {
            first: seconds + float(SHORT.seconds(np.array(driven)))
            for first, (seconds, driven) in ways.items()
            if seconds < np.inf
        }
        assert solution.seconds[start, end] == min(total.values(), default=np.inf)
        if total:
            assert solution.first[start, end] == min(total, key=lambda first: (total[first], first))
        for crossing in range(graph.n_border):
            assert solution.by_arc[start, end, crossing] == total.get(crossing, np.inf)


def test_a_departure_rests_as_a_route_does() -> None:
    """Nine hours to a crossing, one behind it: breaks on the way and a daily rest before the last hour."""
    land = np.array([[np.inf, 9.0], [1.0, np.inf]])
    arrival = earliest_arrivals(land, np.array([2.0]), openings={0: [(50, 60)]}, rest=SHORT)[0]
    assert arrival is not None
    assert arrival.second == 50 + 2 + 11 + 1
    assert arrival.waits == (50 - 9 - 2,)


@pytest.mark.parametrize("vehicle", ["truck_20t", "bus", "car", "train"])
def test_all_answers_rest_alike(net: ag.Network, vehicle: str) -> None:
    pair, day = ("Zeya", "Harbin"), "2026-02-10"
    best = ag.routes(net, *pair, on=day, vehicle=vehicle)[0]
    hours = best.seconds / 3600.0
    matrix = ag.od_matrix(net, pair[0], pair[1], on=day, vehicle=vehicle)
    daily = ag.daily(net, [pair[0]], [pair[1]], start=[day], vehicle=vehicle)
    assert matrix.iloc[0, 0] == daily["hours"].iloc[0] == hours
    alone = ag.od_matrix(net, *pair, on=day, vehicle=vehicle, drivers=2).iloc[0, 0]
    assert (alone < hours) == (vehicle in ("truck_20t", "bus"))
    rests = [leg["hours"] for leg in best.legs if leg["mode"] == "rest"]
    assert sum(rests) == pytest.approx(best.rest_s / 3600.0)
    length = ag.od_matrix(net, *pair, on=day, vehicle=vehicle, value="length_km").iloc[0, 0]
    assert length == pytest.approx(best.length_km)


def test_routes_and_matrix_agree_to_the_second(net: ag.Network) -> None:
    state = net.state("2026-02-10")
    starts, ends = ["zeya", "chita"], ["harbin", "khabarovsk", "suifenhe"]
    matrix = solve(state, "truck_20t", starts, ends)
    found = [[ag.routes(net, start, end, on="2026-02-10", k=1) for end in ends] for start in starts]
    seconds = [[routes[0].seconds if len(routes) else np.inf for routes in row] for row in found]
    assert np.array_equal(matrix.seconds, seconds)


@pytest.mark.parametrize("drivers", [0, 3, 1.5, None])
def test_other_numbers_of_drivers_are_refused(net: ag.Network, drivers: object) -> None:
    with pytest.raises(ag.InputError, match="drivers"):
        ag.od_matrix(net, "Zeya", "Heihe", on="2026-02-10", drivers=drivers)  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_exit_has_the_rest_of_the_way_to_it(net: ag.Network) -> None:
    one, two = (ag.exits(net, "Belogorsk", on="2026-02-10", drivers=n).frame["hours"] for n in (1, 2))
    usable = one.dropna().index
    assert (one[usable] >= two[usable]).all()
    to_port = ag.routes(net, "Belogorsk", "Vladivostok", on="2026-02-10", k=1, transit=False)[0]
    rest_h = one["vladivostok"] - two["vladivostok"]
    assert rest_h == pytest.approx(to_port.rest_s / 3600.0, abs=0.01)
