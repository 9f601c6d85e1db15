"""Random seasonal networks of every awkward kind, and what networkx and scipy make of them."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from amurgeo.routing.overlay import INF
from amurgeo.routing.statics import Arcs, SeasonalGraph


@dataclass(frozen=True)
class Case:
    """A network with terminals and the costs of some states."""

    graph: SeasonalGraph
    origins: np.ndarray
    destinations: np.ndarray
    costs: np.ndarray


def random_arcs(rng: np.random.Generator, n_nodes: int, n_arcs: int, *, dearest: int, free: float) -> Arcs:
    """Arcs between random nodes: parallel ones, loops and one-way ones among them, some of them free."""
    ends = rng.integers(0, n_nodes, (2, n_arcs))
    seconds = np.where(rng.random(n_arcs) < free, 0, rng.integers(1, dearest + 1, n_arcs))
    twice = rng.random(n_arcs) < 0.15
    ends = np.concatenate([ends, ends[:, twice]], axis=1)
    seconds = np.append(seconds, rng.integers(0, dearest + 1, int(twice.sum())))
    return Arcs(ends[0], ends[1], seconds)


def random_case(seed: int, *, states: int = 6) -> Case:
    """Two countries or one, dense or falling apart, with states from all closed to all free."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    dearest = int(rng.choice([1, 5, 1000]))
    free = float(rng.choice([0.0, 0.1, 0.6]))
    static = random_arcs(rng, n, int(n * rng.uniform(0.5, 5)), dearest=dearest, free=free)
    if rng.random() < 0.7:
        bank = rng.random(n) < 0.5
        same = bank[static.tail] == bank[static.head]
        static = Arcs(static.tail[same], static.head[same], static.seconds[same])
    border = random_arcs(rng, n, int(rng.integers(0, 12)), dearest=dearest, free=free)
    winter = random_arcs(rng, n, int(rng.integers(0, 14)), dearest=dearest, free=free)
    origins = rng.integers(0, n, int(rng.integers(1, 6)))
    destinations = rng.integers(0, n, int(rng.integers(1, 6)))
    ordinary = np.append(border.seconds, winter.seconds)
    costs = ordinary + rng.integers(0, dearest + 1, (states, len(ordinary)))
    costs[rng.random(costs.shape) < rng.uniform(0, 0.9, (states, 1))] = INF
    costs[rng.random(costs.shape) < 0.1] = 0
    costs[0], costs[-1] = INF, 0
    return Case(SeasonalGraph(n, static, border, winter), origins, destinations, costs.astype(np.int32))


def with_costs(graph: SeasonalGraph, costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Seconds on all arcs in one state, and which of them are open."""
    seconds = np.concatenate([graph.static.seconds, costs]).astype(np.int64)
    return seconds, seconds < INF


def by_scipy(case: Case, costs: np.ndarray) -> np.ndarray:
    """Seconds on the full network by scipy, origins by destinations."""
    graph = case.graph
    seconds, opened = with_costs(graph, costs)
    tail, head, seconds = graph.tail[opened], graph.head[opened], seconds[opened]
    order = np.lexsort((seconds, head, tail))
    tail, head, seconds = tail[order], head[order], seconds[order]
    keep = np.ones(len(tail), bool)
    keep[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    # Older scipy searches in matrices of 32-bit numbers alone.
    indptr = np.searchsorted(tail[keep], np.arange(graph.n_nodes + 1)).astype(np.int32)
    shape = (graph.n_nodes, graph.n_nodes)
    matrix = csr_array((seconds[keep].astype(float), head[keep], indptr), shape=shape)
    found = dijkstra(matrix, indices=case.origins)[:, case.destinations]
    return np.where(np.isfinite(found), found, INF).astype(np.int64)


def as_networkx(graph: SeasonalGraph, costs: np.ndarray, *, borders: bool = True) -> nx.MultiDiGraph:
    """The network of one state as networkx has it, with parallel arcs kept."""
    made = nx.MultiDiGraph()
    made.add_nodes_from(range(graph.n_nodes))
    seconds, opened = with_costs(graph, costs)
    first, last = len(graph.static), len(graph.static) + len(graph.border)
    for number in np.flatnonzero(opened).tolist():
        if borders or not first <= number < last:
            made.add_edge(
                int(graph.tail[number]), int(graph.head[number]), key=number, seconds=int(seconds[number])
            )
    return made


def between(made: nx.MultiDiGraph, start: int) -> dict[int, int]:
    """Seconds from one node to all others, by networkx."""
    return nx.single_source_dijkstra_path_length(made, start, weight="seconds")
