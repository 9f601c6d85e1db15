"""Earliest arrivals against two independent searches of the whole network."""

from __future__ import annotations

import heapq

import networkx as nx
import numpy as np
import pytest
from networks import Case, random_arcs, with_costs

from amurgeo.errors import InputError
from amurgeo.routing.arrival import Openings, earliest_arrival
from amurgeo.routing.overlay import INF, solve
from amurgeo.routing.statics import Arcs, SeasonalGraph, prepare

HORIZON = 160


def timed_case(seed: int) -> tuple[Case, dict[int, list[tuple[int, int]]], int]:
    """A small network whose arcs open and close within the horizon, and a departure."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 14))
    static = random_arcs(rng, n, int(rng.integers(0, 2 * n)), dearest=12, free=0.2)
    border = random_arcs(rng, n, int(rng.integers(1, 8)), dearest=12, free=0.2)
    winter = random_arcs(rng, n, int(rng.integers(0, 4)), dearest=12, free=0.2)
    graph = SeasonalGraph(n, static, border, winter)
    costs = np.append(border.seconds, winter.seconds)
    costs[rng.random(len(costs)) < 0.15] = INF
    openings = {}
    for arc in range(len(border)):
        if rng.random() < 0.8:
            ends = rng.integers(-10, HORIZON // 2, (int(rng.integers(0, 4)), 2))
            openings[arc] = [(int(min(pair)), int(max(pair))) for pair in ends]
    case = Case(graph, rng.integers(0, n, 1), np.arange(n), costs[None].astype(np.int32))
    return case, openings, int(rng.integers(0, HORIZON // 2))


def by_labels(case: Case, openings: Openings, departure: int, max_wait: int | None) -> dict[int, int]:
    """Label nodes of the whole network in the order of time; an arc is judged when its tail is final."""
    graph = case.graph
    seconds, opened = with_costs(graph, case.costs[0])
    final: dict[int, int] = {}
    heap = [(departure, int(case.origins[0]))]
    while heap:
        now, node = heapq.heappop(heap)
        if node in final:
            continue
        final[node] = now
        for arc in np.flatnonzero(opened & (graph.tail == node)).tolist():
            spans = openings.get(arc - len(graph.static))
            entries = (
                [now] if spans is None else [max(now, begin) for begin, end in spans if max(now, begin) < end]
            )
            if entries and (max_wait is None or min(entries) - now <= max_wait):
                heapq.heappush(heap, (min(entries) + int(seconds[arc]), int(graph.head[arc])))
    return final


def by_time_expansion(case: Case, openings: Openings, departure: int) -> dict[int, int]:
    """Search the network of all nodes at all seconds, with waiting allowed everywhere."""
    graph = case.graph
    seconds, opened = with_costs(graph, case.costs[0])
    made = nx.DiGraph()
    for now in range(departure, HORIZON):
        made.add_edges_from(((node, now), (node, now + 1)) for node in range(graph.n_nodes))
        for arc in np.flatnonzero(opened).tolist():
            spans = openings.get(arc - len(graph.static))
            if spans is None or any(begin <= now < end for begin, end in spans):
                made.add_edge((int(graph.tail[arc]), now), (int(graph.head[arc]), now + int(seconds[arc])))
    found: dict[int, int] = {}
    for node, now in nx.descendants(made, (int(case.origins[0]), departure)) | {
        (int(case.origins[0]), departure)
    }:
        found[node] = min(now, found.get(node, now))
    return found


@pytest.mark.parametrize("block", range(10))
def test_arrivals_equal_those_of_a_search_of_the_whole_network(block: int) -> None:
    reached = 0
    for seed in range(block * 100, (block + 1) * 100):
        case, openings, departure = timed_case(seed)
        statics = prepare(case.graph, case.origins, case.destinations)
        max_wait = (None, 0, 5, 30)[seed % 4]
        wanted = by_labels(case, openings, departure, max_wait)
        found = earliest_arrival(
            statics.overlay, 0, departure, openings=openings, costs=case.costs[0], max_wait=max_wait
        )
        for node in range(case.graph.n_nodes):
            assert found.at(node) == wanted.get(node)
            path = found.path(statics, case.costs[0], node)
            if path is None:
                assert node not in wanted
                continue
            assert path.nodes[0] == case.origins[0]
            assert path.nodes[-1] == node
            waits = found.waits[node] or ()
            assert departure + path.seconds + sum(waits) == wanted[node]
            assert all(0 <= wait <= (HORIZON if max_wait is None else max_wait) for wait in waits)
            reached += bool(waits)
    assert reached > 40


@pytest.mark.parametrize("seed", range(5000, 5060))
def test_without_a_limit_they_equal_a_time_expanded_network(seed: int) -> None:
    case, openings, departure = timed_case(seed)
    statics = prepare(case.graph, case.origins, case.destinations)
    found = earliest_arrival(statics.overlay, 0, departure, openings=openings, costs=case.costs[0])
    wanted = by_time_expansion(case, openings, departure)
    for node in range(case.graph.n_nodes):
        at = found.at(node)
        assert (at if at is not None and at < HORIZON else None) == (
            wanted[node] if wanted.get(node, HORIZON) < HORIZON else None
        )


def test_the_path_can_be_followed_through_the_openings() -> None:
    graph = SeasonalGraph(
        5, Arcs([0, 2], [1, 3], [10, 10]), Arcs([1, 3], [2, 4], [5, 5], ["ferry", "pontoon"])
    )
    statics = prepare(graph, [0], [4])
    hours = {0: [(0, 8), (24, 32)], 1: [(0, 8), (24, 38), (48, 56)]}
    found = earliest_arrival(
        statics.overlay,
        0,
        100,
        openings={arc: [(100 + a, 100 + b) for a, b in spans] for arc, spans in hours.items()},
    )
    assert found.at(0) == 100 + 48 + 5
    assert found.waits == ((14, 9),)
    path = found.path(statics, None, 0)
    assert path is not None
    assert graph.ids[list(path.arcs)].tolist() == [0, "ferry", 1, "pontoon"]
    assert earliest_arrival(statics.overlay, 0, 100, openings={0: [(0, 8)]}).at(0) is None


def test_an_opening_ends_before_its_last_second() -> None:
    overlay = prepare(SeasonalGraph(2, Arcs.none(), Arcs([0], [1], [3])), [0], [1]).overlay
    assert earliest_arrival(overlay, 0, 9, openings={0: [(0, 10)]}).at(0) == 12
    assert earliest_arrival(overlay, 0, 10, openings={0: [(0, 10)]}).at(0) is None
    assert earliest_arrival(overlay, 0, 10, openings={0: [(0, 10), (10, 11)]}).at(0) == 13


def test_with_everything_open_it_is_the_ordinary_time() -> None:
    for seed in range(40):
        case, _, departure = timed_case(seed)
        overlay = prepare(case.graph, case.origins, case.destinations).overlay
        found = earliest_arrival(overlay, 0, departure, openings={}, costs=case.costs[0])
        wanted = [
            departure + s if s < INF else None for s in solve(overlay, case.costs[0]).seconds[0].tolist()
        ]
        assert [found.at(node) for node in range(len(wanted))] == wanted


def test_wrong_openings_are_refused() -> None:
    overlay = prepare(SeasonalGraph(2, Arcs.none(), Arcs([0], [1], [3])), [0], [1]).overlay
    with pytest.raises(InputError, match="before it begins"):
        earliest_arrival(overlay, 0, 0, openings={0: [(10, 5)]})
    with pytest.raises(InputError, match="openings name the arc 3; give 0 to 0"):
        earliest_arrival(overlay, 0, 0, openings={3: []})
    with pytest.raises(InputError, match="origin 1 is not there"):
        earliest_arrival(overlay, 1, 0, openings={})
