"""Random seasonal networks of every awkward kind, and their shortest times by networkx and scipy."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from amurgeo.routing.engine import SeasonalGraph

BRIDGE, PONTOON = "kani_kurgan:bridge", "blagoveshchensk:pontoon"
#: Least, usual and most hours of control out of Russia and of the queue.
CONTROL = {BRIDGE: (2.0, 6.0, 9.0), PONTOON: (5.0, 7.0, 8.0)}
QUEUE = {BRIDGE: (0.5, 2.0, 5.0), PONTOON: (1.0, 1.5, 4.5)}


@dataclass(frozen=True)
class Case:
    """A network with terminals and the costs of some states."""

    graph: SeasonalGraph
    origins: np.ndarray
    destinations: np.ndarray
    costs: np.ndarray


def seasonal_graph(n_nodes: int, *parts: np.ndarray) -> SeasonalGraph:
    """Return a network of static arcs, border crossings and seasonal roads; columns tail, head, seconds."""
    tail, head, seconds = np.concatenate(parts).T
    ends = tail.astype(np.int32), head.astype(np.int32)
    return SeasonalGraph(n_nodes, *ends, seconds, len(parts[0]), len(parts[1]))


def random_arcs(
    rng: np.random.Generator, n_nodes: int, n_arcs: int, *, longest: int, free: float
) -> np.ndarray:
    """Return arcs between random nodes: parallel, loops and one-way ones among them, some of no time."""
    ends = rng.integers(0, n_nodes, (n_arcs, 2))
    seconds = np.where(rng.random(n_arcs) < free, 0, rng.integers(1, longest + 1, n_arcs))
    twice = ends[rng.random(n_arcs) < 0.15]
    parallel = np.column_stack([twice, rng.integers(0, longest + 1, len(twice))])
    return np.concatenate([np.column_stack([ends, seconds]), parallel])


def random_case(seed: int, *, states: int = 6) -> Case:
    """Return one or two countries, dense or falling apart, in states from all closed to all free."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    kind = {"longest": int(rng.choice([1, 5, 1000])), "free": float(rng.choice([0.0, 0.1, 0.6]))}
    static = random_arcs(rng, n, int(n * rng.uniform(0.5, 5)), **kind)
    if rng.random() < 0.7:
        bank = rng.random(n) < 0.5
        static = static[bank[static[:, 0]] == bank[static[:, 1]]]
    border = random_arcs(rng, n, int(rng.integers(0, 12)), **kind)
    seasonal = random_arcs(rng, n, int(rng.integers(0, 14)), **kind)
    origins = rng.integers(0, n, int(rng.integers(1, 6)))
    destinations = rng.integers(0, n, int(rng.integers(1, 6)))
    graph = seasonal_graph(n, static, border, seasonal)
    usual = graph.seconds[graph.n_static :].astype(float)
    costs = usual + rng.integers(0, kind["longest"] + 1, (states, len(usual)))
    costs[rng.random(costs.shape) < rng.uniform(0, 0.9, (states, 1))] = np.inf
    costs[rng.random(costs.shape) < 0.1] = 0
    costs[0], costs[-1] = np.inf, 0
    return Case(graph, origins, destinations, costs)


def by_scipy(case: Case, costs: np.ndarray) -> np.ndarray:
    """Return the seconds on the whole network by scipy, origins by destinations."""
    graph = case.graph
    seconds = graph.all_seconds(costs)
    matrix = np.full((graph.n_nodes, graph.n_nodes), np.inf)
    np.minimum.at(matrix, (graph.tail, graph.head), seconds)
    tail, head = np.nonzero(np.isfinite(matrix))
    ends = (tail.astype(np.int32), head.astype(np.int32))
    sparse = csr_array((matrix[tail, head], ends), shape=matrix.shape)
    return dijkstra(sparse, indices=case.origins)[:, case.destinations]


def as_networkx(graph: SeasonalGraph, costs: np.ndarray, *, borders: bool = True) -> nx.MultiDiGraph:
    """Return the network of one state for networkx, parallel arcs kept."""
    seconds = graph.all_seconds(costs)
    if not borders:
        seconds[graph.border] = np.inf
    multigraph = nx.MultiDiGraph()
    multigraph.add_nodes_from(range(graph.n_nodes))
    for arc in np.flatnonzero(np.isfinite(seconds)).tolist():
        ends = int(graph.tail[arc]), int(graph.head[arc])
        multigraph.add_edge(*ends, key=arc, seconds=int(seconds[arc]))
    return multigraph


def distances_from(multigraph: nx.MultiDiGraph, start: int) -> dict[int, int]:
    """Return the seconds from one node to all others by networkx."""
    return nx.single_source_dijkstra_path_length(multigraph, start, weight="seconds")
