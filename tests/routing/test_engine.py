"""The engine against Dijkstra's algorithm on the whole network: equal to the second."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import Case, as_networkx, by_scipy, distances_from, random_case, seasonal_graph

from amurgeo.routing import engine
from amurgeo.routing.engine import SeasonalGraph, ShortestPaths

NONE = np.zeros((0, 3), dtype=int)


def arcs(*rows: tuple[int, int, int]) -> np.ndarray:
    return np.array(rows, dtype=int).reshape(-1, 3)


@pytest.fixture(scope="module")
def zigzag() -> SeasonalGraph:
    """A river with a broken road on the west bank: the way is over, along and back.

    West bank 0 - 1 | 2 - 3, east bank 4 - 5 - 6; crossings 1 -> 4 (two) and 5 -> 2; winter road 1 -> 2.
    """
    roads = arcs((0, 1, 10), (2, 3, 20), (4, 5, 7), (5, 6, 9), (4, 5, 7))
    return seasonal_graph(7, roads, arcs((1, 4, 60), (1, 4, 45), (5, 2, 0)), arcs((1, 2, 300)))


def costs_of(graph: SeasonalGraph, closed: tuple[int, ...] = ()) -> np.ndarray:
    costs = graph.seconds[graph.n_static :].astype(float)
    costs[list(closed)] = np.inf
    return costs


def check_against_networkx(case: Case) -> int:
    """Compare times, first crossings and paths of a case; return the most crossings on one path."""
    graph, most = case.graph, 0
    distances = graph.distances(case.origins, case.destinations)
    heads, tails = graph.head[graph.border].tolist(), graph.tail[graph.border].tolist()
    border = range(graph.n_static, graph.n_static + graph.n_border)
    for costs in case.costs:
        solution = distances.solve(costs)
        seconds = graph.all_seconds(costs)
        paths = ShortestPaths(graph, seconds, case.origins.tolist())
        back = ShortestPaths(graph, seconds, case.destinations.tolist(), reverse=True)
        everything, land = as_networkx(graph, costs), as_networkx(graph, costs, borders=False)
        onward = [distances_from(everything, head) for head in heads]
        for o, origin in enumerate(case.origins.tolist()):
            whole, without = distances_from(everything, origin), distances_from(land, origin)
            for d, destination in enumerate(case.destinations.tolist()):
                best = whole.get(destination, np.inf)
                assert solution.seconds[o, d] == best
                by_arc = [
                    without.get(tail, np.inf) + costs[arc] + onward[arc].get(destination, np.inf)
                    for arc, tail in enumerate(tails)
                ]
                assert solution.by_arc[o, d].tolist() == by_arc
                direct = without.get(destination, np.inf)
                fastest = min(by_arc, default=np.inf)
                assert solution.first[o, d] == (by_arc.index(fastest) if fastest < direct else -1)
                for path in (paths.arcs(origin, destination), back.arcs(destination, origin)):
                    if np.isfinite(best):
                        nodes = [origin, *graph.head[path].tolist()]
                        assert nodes[:-1] == graph.tail[path].tolist()
                        assert nodes[-1] == destination
                        assert seconds[path].sum() == best
                        most = max(most, sum(arc in border for arc in path))
                    else:
                        assert path == []
    return most


def test_times_paths_and_first_crossings_equal_those_of_networkx() -> None:
    most = [check_against_networkx(random_case(seed, states=4)) for seed in range(20)]
    assert max(most) >= 3


def test_times_equal_those_of_scipy_however_terminals_are_batched(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(1000, 1020):
        case = random_case(seed)
        monkeypatch.setattr(engine, "BATCH_BYTES", 8 * case.graph.n_nodes * (1 + seed % 4))
        distances = case.graph.distances(case.origins, case.destinations)
        for costs in case.costs:
            np.testing.assert_array_equal(distances.solve(costs).seconds, by_scipy(case, costs))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Small networks drawn arc by arc, so that a failing one shrinks."""
    n = draw(st.integers(1, 7))
    node = st.integers(0, n - 1)
    arc = st.tuples(node, node, st.integers(0, 4))
    graph = seasonal_graph(n, *(arcs(*draw(st.lists(arc, max_size=most))) for most in (14, 4, 4)))
    terminals = [np.array(draw(st.lists(node, min_size=1, max_size=3))) for _ in range(2)]
    size = len(graph.tail) - graph.n_static
    cost = st.one_of(st.just(np.inf), st.integers(0, 4))
    costs = draw(st.lists(cost, min_size=size, max_size=size))
    return Case(graph, *terminals, np.array([costs], dtype=float).reshape(1, size))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_any_network_equals_networkx(case: Case) -> None:
    check_against_networkx(case)


@given(cases())
@settings(max_examples=40, deadline=None)
def test_opening_an_arc_never_makes_a_route_slower(case: Case) -> None:
    distances = case.graph.distances(case.origins, case.destinations)
    costs = case.costs[0]
    before = distances.solve(costs).seconds
    for arc in np.flatnonzero(~np.isfinite(costs)):
        opened = costs.copy()
        opened[arc] = 1
        assert (distances.solve(opened).seconds <= before).all()


def test_a_broken_road_is_driven_round_by_two_crossings(zigzag: SeasonalGraph) -> None:
    distances = zigzag.distances(np.array([0, 4]), np.array([3, 6, 0]))
    solution = distances.solve(costs_of(zigzag))
    assert solution.seconds[0].tolist() == [10 + 45 + 7 + 0 + 20, 10 + 45 + 7 + 9, 0]
    assert solution.first[0].tolist() == [1, 1, -1]
    assert solution.by_arc[0, 0].tolist() == [97, 82, np.inf]
    winter = distances.solve(costs_of(zigzag, (0, 1)))
    assert (winter.seconds[0, 0], winter.first[0, 0]) == (330, -1)
    assert not np.isfinite(distances.solve(np.full(4, np.inf)).seconds[0, 0])


def test_equal_routes_have_a_fixed_first_crossing() -> None:
    graph = seasonal_graph(3, arcs((0, 1, 10), (0, 2, 5)), arcs((2, 1, 5), (2, 1, 5)), NONE)
    ends = np.array([0]), np.array([1])
    assert graph.distances(*ends).solve(np.array([5.0, 5.0])).first.tolist() == [[-1]]
    assert graph.distances(*ends).solve(np.array([4.0, 4.0])).first.tolist() == [[0]]


def test_of_equal_parallel_arcs_a_path_has_the_first() -> None:
    graph = seasonal_graph(3, arcs((0, 1, 9), (0, 1, 4), (0, 1, 4), (1, 2, 1)), NONE, NONE)
    seconds = graph.all_seconds(np.zeros(0))
    assert ShortestPaths(graph, seconds, [0, 0]).arcs(0, 2) == [1, 3]
    assert ShortestPaths(graph, seconds, [2], reverse=True).arcs(2, 0) == [1, 3]


def test_large_times_are_exact() -> None:
    far = 2**50
    graph = seasonal_graph(4, arcs((0, 1, far), (2, 3, 1)), arcs((1, 2, 5)), NONE)
    assert graph.distances(np.array([0]), np.array([3])).solve(np.array([5.0])).seconds.tolist() == [
        [far + 6]
    ]


def test_empty_networks_have_empty_answers() -> None:
    empty = seasonal_graph(0, NONE, NONE, NONE).distances(np.zeros(0, int), np.zeros(0, int))
    assert empty.solve(np.zeros(0)).seconds.shape == (0, 0)
    graph = seasonal_graph(3, NONE, arcs((0, 1, 5)), arcs((1, 2, 6)))
    costs = costs_of(graph)
    for origins, destinations, seconds in (([], [2], []), ([0], [], [[]]), ([0], [2, 0], [[11, 0]])):
        distances = graph.distances(np.array(origins, int), np.array(destinations, int))
        assert distances.solve(costs).seconds.tolist() == seconds


def test_distances_travel_to_other_processes(zigzag: SeasonalGraph) -> None:
    distances = zigzag.distances(np.array([0]), np.array([3]))
    sent = pickle.loads(pickle.dumps(distances))
    assert sent.solve(costs_of(zigzag)).seconds.tolist() == distances.solve(costs_of(zigzag)).seconds.tolist()
