"""Alternatives to the engine: each solves the same states of a generated network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
from _generate import World

from amurgeo.routing.engine import SeasonalGraph

#: Solves one state; returns the seconds found (None to leave them unchecked).
Run = Callable[[np.ndarray], "np.ndarray | None"]


@dataclass
class Engine:
    """One way to solve states.

    Attributes
    ----------
    name
        What a user would call it.
    run
        Solves one state.
    scale
        Number by which the time is multiplied, when only some origins or pairs are solved.
    n_rows
        How many of the origins are solved; all when None.
    """

    name: str
    run: Run
    scale: float = 1.0
    n_rows: int | None = None
    seconds: list[float] = field(default_factory=list)
    differs: bool = False


@dataclass(frozen=True)
class Whole:
    """The whole network as arrays in which the arcs that change can be set.

    Of parallel arcs one is kept; ``place`` is the entry of each arc that changes.
    """

    n_nodes: int
    tail: np.ndarray
    head: np.ndarray
    static: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, graph: SeasonalGraph) -> Whole:
        """Return a network as such arrays."""
        pair = graph.tail.astype(np.int64) * graph.n_nodes + graph.head
        pairs, place = np.unique(pair, return_inverse=True)
        static = np.full(len(pairs), np.inf)
        np.minimum.at(static, place[: graph.n_static], graph.seconds[: graph.n_static].astype(float))
        tail, head = pairs // graph.n_nodes, pairs % graph.n_nodes
        return cls(graph.n_nodes, tail, head, static, place[graph.n_static :])

    def weights(self, costs: np.ndarray) -> np.ndarray:
        """Return the seconds of all arcs in one state, infinity on closed ones."""
        weights = self.static.copy()
        np.minimum.at(weights, self.place, costs)
        return weights

    @property
    def changing(self) -> np.ndarray:
        """Entries that can change."""
        return np.unique(self.place)


def scipy_engine(place: World, whole: Whole, n_origins: int) -> Engine:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    indptr = np.searchsorted(whole.tail, np.arange(whole.n_nodes + 1)).astype(np.int32)
    shape = (whole.n_nodes, whole.n_nodes)
    matrix = csr_array((whole.static.copy(), whole.head.astype(np.int32), indptr), shape=shape)
    changing, origins = whole.changing, place.origins[:n_origins]

    def run(costs: np.ndarray) -> np.ndarray:
        matrix.data[changing] = whole.weights(costs)[changing]
        # One origin at a time where all at once would need too much memory.
        parts = [origins] if whole.n_nodes < 100_000 else [[origin] for origin in origins]
        return np.concatenate([dijkstra(matrix, indices=some)[:, place.destinations] for some in parts])

    return Engine("scipy dijkstra", run, len(place.origins) / n_origins, n_origins)


def cch_engine(place: World, whole: Whole) -> Engine:
    """Return the contraction hierarchy of RoutingKit; each state customises the arcs that changed."""
    import routingkit_cch

    # The grid of the generated network gives the order; times do not matter to it.
    side = round((whole.n_nodes / 2) ** 0.5)
    row, column = np.divmod(np.arange(whole.n_nodes, dtype=float), side)
    tail, head = whole.tail.tolist(), whole.head.tolist()
    order = routingkit_cch.compute_order_inertial(whole.n_nodes, tail, head, row.tolist(), column.tolist())
    hierarchy = routingkit_cch.CCH(order, tail, head, False)
    closed = float(2**31 - 1)
    metric = routingkit_cch.CCHMetric(hierarchy, np.minimum(whole.static, closed).astype(int).tolist())
    updater = routingkit_cch.CCHMetricPartialUpdater(hierarchy)
    changing, targets = whole.changing, place.destinations.tolist()

    def run(costs: np.ndarray) -> np.ndarray:
        weights = np.minimum(whole.weights(costs)[changing], closed).astype(int)
        updater.apply(metric, dict(zip(changing.tolist(), weights.tolist(), strict=True)))
        search = routingkit_cch.CCHOneToMany(metric, targets)
        found = [search.distances_from(origin) for origin in place.origins.tolist()]
        return np.array(found, dtype=float)

    return Engine("routingkit-cch", run)


def rustworkx_engine(place: World, whole: Whole, n_origins: int) -> Engine:
    import rustworkx

    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(whole.n_nodes))
    edges = graph.add_edges_from(
        list(
            zip(
                whole.tail.tolist(), whole.head.tolist(), np.minimum(whole.static, 1e15).tolist(), strict=True
            )
        )
    )
    changing = whole.changing.tolist()

    def run(costs: np.ndarray) -> np.ndarray:
        weights = whole.weights(costs)
        for entry in changing:
            graph.update_edge_by_index(edges[entry], min(float(weights[entry]), 1e15))
        found = np.full((n_origins, len(place.destinations)), np.inf)
        for row, origin in enumerate(place.origins[:n_origins].tolist()):
            lengths = rustworkx.dijkstra_shortest_path_lengths(graph, origin, float)
            for column, destination in enumerate(place.destinations.tolist()):
                if destination == origin:
                    found[row, column] = 0.0
                elif destination in lengths:
                    found[row, column] = lengths[destination]
        return np.where(found < 1e14, found, np.inf)

    return Engine("rustworkx", run, len(place.origins) / n_origins, n_origins)


def igraph_engine(place: World, whole: Whole, n_origins: int) -> Engine:
    import igraph

    graph = igraph.Graph(n=whole.n_nodes, edges=np.column_stack([whole.tail, whole.head]), directed=True)
    targets, column = np.unique(place.destinations, return_inverse=True)
    origins = place.origins[:n_origins].tolist()

    def run(costs: np.ndarray) -> np.ndarray:
        weights = whole.weights(costs)
        found = graph.distances(
            source=origins, target=targets.tolist(), weights=weights, algorithm="dijkstra"
        )
        return np.array(found)[:, column]

    return Engine("igraph", run, len(place.origins) / n_origins, n_origins)


def networkx_engines(
    place: World, whole: Whole, n_origins: int, n_pairs: int, *, osmnx: bool
) -> Iterator[Engine]:
    import networkx as nx

    graph = nx.MultiDiGraph() if osmnx else nx.DiGraph()
    graph.add_nodes_from(range(whole.n_nodes))
    rows = zip(whole.tail.tolist(), whole.head.tolist(), whole.static.tolist(), strict=True)
    graph.add_edges_from(
        (tail, head, {"seconds": seconds}) for tail, head, seconds in rows if seconds < np.inf
    )
    ends = [(int(whole.tail[entry]), int(whole.head[entry]), int(entry)) for entry in whole.changing]

    def set_state(costs: np.ndarray) -> None:
        weights = whole.weights(costs)
        for tail, head, entry in ends:
            if graph.has_edge(tail, head):
                graph.remove_edge(tail, head)
            if weights[entry] < np.inf:
                graph.add_edge(tail, head, seconds=float(weights[entry]))

    n_all = len(place.origins) * len(place.destinations)
    pairs = np.random.default_rng(3).integers(0, [len(place.origins), len(place.destinations)], (n_pairs, 2))
    wanted = [(int(place.origins[a]), int(place.destinations[b])) for a, b in pairs]

    def per_origin(costs: np.ndarray) -> np.ndarray:
        set_state(costs)
        found = []
        for origin in place.origins[:n_origins].tolist():
            lengths = nx.single_source_dijkstra_path_length(graph, origin, weight="seconds")
            found.append([lengths.get(destination, np.inf) for destination in place.destinations.tolist()])
        return np.array(found, dtype=float)

    def per_pair(costs: np.ndarray) -> None:
        set_state(costs)
        for origin, destination in wanted:
            try:
                nx.shortest_path(graph, origin, destination, weight="seconds")
            except nx.NetworkXNoPath:
                continue

    def per_pair_osmnx(costs: np.ndarray) -> None:
        import osmnx as ox

        set_state(costs)
        origins, destinations = zip(*wanted, strict=True)
        ox.shortest_path(graph, list(origins), list(destinations), weight="seconds", cpus=1)

    if osmnx:
        yield Engine("osmnx shortest_path per pair", per_pair_osmnx, n_all / n_pairs)
        return
    yield Engine("networkx per origin", per_origin, len(place.origins) / n_origins, n_origins)
    yield Engine("networkx per pair", per_pair, n_all / n_pairs)


def peers(place: World, whole: Whole, *, large: bool) -> Iterator[Engine]:
    """Yield the engines to compare with, those that are installed."""
    all_origins = len(place.origins)
    yield scipy_engine(place, whole, 3 if large else all_origins)
    if find_spec("routingkit_cch"):
        yield cch_engine(place, whole)
    if find_spec("igraph"):
        yield igraph_engine(place, whole, 2 if large else all_origins)
    if find_spec("rustworkx"):
        yield rustworkx_engine(place, whole, 2 if large else all_origins)
    yield from networkx_engines(place, whole, 1 if large else all_origins, 1 if large else 40, osmnx=False)
    if find_spec("osmnx") and not large:
        yield from networkx_engines(place, whole, all_origins, 40, osmnx=True)
