"""Earliest arrivals against two independent searches of the whole network."""

from __future__ import annotations

import heapq
import math
from typing import Any

import networkx as nx
import numpy as np
from networks import Case, random_arcs, seasonal_graph

from amurgeo.routing.departures import Arrival, earliest_arrivals

HORIZON = 160
Openings = dict[int, list[tuple[int, int]]]


def timed_case(seed: int) -> tuple[Case, Openings]:
    """Return a small network whose crossings open and close within the horizon."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 14))
    sizes = (rng.integers(0, 2 * n), rng.integers(1, 8), rng.integers(0, 4))
    graph = seasonal_graph(n, *(random_arcs(rng, n, int(size), longest=12, free=0.2) for size in sizes))
    costs = graph.seconds[graph.n_static :].astype(float)
    costs[rng.random(len(costs)) < 0.15] = np.inf
    openings = {}
    for arc in range(graph.n_border):
        if rng.random() < 0.8:
            ends = rng.integers(-10, HORIZON // 2, (int(rng.integers(0, 4)), 2))
            openings[arc] = [(int(min(pair)), int(max(pair))) for pair in ends]
    return Case(graph, rng.integers(0, n, 1), np.arange(n), costs[None]), openings


def arrivals(case: Case, openings: Openings, **limit: Any) -> list[Arrival | None]:
    costs = case.costs[0]
    land = case.graph.distances(case.origins, case.destinations).with_seasonal(costs)
    return earliest_arrivals(land, costs[: case.graph.n_border], openings=openings, **limit)


def by_labels(case: Case, openings: Openings, max_wait: float) -> dict[int, int]:
    """Label nodes of the whole network in the order of time; an arc is judged when its tail is final."""
    graph = case.graph
    seconds = graph.all_seconds(case.costs[0])
    final: dict[int, int] = {}
    heap = [(0, int(case.origins[0]))]
    while heap:
        now, node = heapq.heappop(heap)
        if node in final:
            continue
        final[node] = now
        for arc in np.flatnonzero(np.isfinite(seconds) & (graph.tail == node)).tolist():
            spans = openings.get(arc - graph.n_static)
            entries = (
                [now] if spans is None else [max(now, begin) for begin, end in spans if max(now, begin) < end]
            )
            if entries and min(entries) - now <= max_wait:
                heapq.heappush(heap, (min(entries) + int(seconds[arc]), int(graph.head[arc])))
    return final


def by_time_expansion(case: Case, openings: Openings) -> dict[int, int]:
    """Search the network of all nodes at all seconds, with waiting allowed everywhere."""
    graph = case.graph
    seconds = graph.all_seconds(case.costs[0])
    expanded = nx.DiGraph()
    for now in range(HORIZON):
        expanded.add_edges_from(((node, now), (node, now + 1)) for node in range(graph.n_nodes))
        for arc in np.flatnonzero(np.isfinite(seconds)).tolist():
            spans = openings.get(arc - graph.n_static)
            if spans is None or any(begin <= now < end for begin, end in spans):
                ends = int(graph.tail[arc]), int(graph.head[arc])
                expanded.add_edge((ends[0], now), (ends[1], now + int(seconds[arc])))
    start = (int(case.origins[0]), 0)
    earliest: dict[int, int] = {}
    for node, now in nx.descendants(expanded, start) | {start}:
        earliest[node] = min(now, earliest.get(node, now))
    return earliest


def test_arrivals_equal_those_of_a_search_of_the_whole_network() -> None:
    waiting = 0
    for seed in range(200):
        case, openings = timed_case(seed)
        max_wait = (math.inf, 0, 5, 30)[seed % 4]
        expected = by_labels(case, openings, max_wait)
        for node, arrival in enumerate(arrivals(case, openings, max_wait=max_wait)):
            assert (None if arrival is None else arrival.second) == expected.get(node), seed
            if arrival is not None:
                assert all(0 <= wait <= min(max_wait, HORIZON) for wait in arrival.waits)
                waiting += any(arrival.waits)
    assert waiting > 40


def test_without_a_limit_arrivals_equal_a_time_expanded_network() -> None:
    for seed in range(5000, 5020):
        case, openings = timed_case(seed)
        expected = by_time_expansion(case, openings)
        for node, arrival in enumerate(arrivals(case, openings)):
            second = math.inf if arrival is None else arrival.second
            assert min(second, HORIZON) == min(expected.get(node, HORIZON), HORIZON), seed


def test_a_journey_waits_at_every_crossing_that_is_still_closed() -> None:
    roads, crossings = np.array([[0, 1, 10], [2, 3, 10]]), np.array([[1, 2, 5], [3, 4, 5]])
    graph = seasonal_graph(5, roads, crossings, np.zeros((0, 3), dtype=int))
    case = Case(graph, np.array([0]), np.array([4]), np.array([[5.0, 5.0]]))
    hours = {0: [(0, 8), (24, 32)], 1: [(0, 8), (24, 38), (48, 56)]}
    assert arrivals(case, hours) == [Arrival(48 + 5, (0, 1), (14, 9))]
    assert arrivals(case, {0: [(0, 8)]}) == [None]


def test_an_opening_ends_before_its_last_second() -> None:
    land, costs = np.array([[np.inf, 9.0], [0.0, np.inf]]), np.array([3.0])
    for spans, second in (([(0, 10)], 12), ([(0, 9)], None), ([(0, 9), (9, 10)], 12)):
        (arrival,) = earliest_arrivals(land, costs, openings={0: spans})
        assert (None if arrival is None else arrival.second) == second


def test_arrivals_with_everything_open_are_the_ordinary_times() -> None:
    for seed in range(20):
        case, _ = timed_case(seed)
        solution = case.graph.distances(case.origins, case.destinations).solve(case.costs[0])
        seconds = [math.inf if arrival is None else arrival.second for arrival in arrivals(case, {})]
        assert seconds == solution.seconds[0].tolist()
