"""The routing engine: exact travel times on a network of which only a few arcs change with the season.

Distances over land between *terminals* (origins, destinations, both ends of every arc that changes) are found
once by Dijkstra's algorithm. A state then closes its open seasonal roads and its open crossings over that
small matrix. Times are whole seconds in double precision, infinity where there is no route; sums are exact.

Rest of the driver (`amurgeo.routing.rest`) depends on the driving of the whole journey. By each first
crossing the fastest path without rest is taken, its rest is added, and the crossing with the least sum is the
first. Control, waits and the passage itself are neither driving nor rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from amurgeo.errors import InputError
from amurgeo.network import goes_by_rail
from amurgeo.network.edges import RoadState, edited
from amurgeo.routing.costs import (
    ARC_COLUMNS,
    ARC_VALUES,
    EVERY_YEAR,
    border_arcs,
    land_arcs,
    price_crossings,
)
from amurgeo.routing.rest import KEY, Limits, Rest, door_to_door, rest_between, rest_rules

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Bytes of distances to hold at a time while terminals are searched from.
BATCH_BYTES = 64_000_000
#: Pairs of places times crossings to compare at a time.
BATCH_PAIRS = 200_000
#: With more seasonal roads than this, the network is prepared for each set of open seasons.
FEW_SEASONAL = 300
#: Networks to keep per vehicle, and distances between terminals per network.
KEPT = 16
#: Networks to keep per vehicle if seasonal roads are many: those of two scenarios, day after day.
KEPT_LARGE = 2
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class SeasonalGraph:
    """Directed arcs: static ones first, then border crossings, then seasonal roads."""

    n_nodes: int
    #: Nodes of each arc, as int32: older versions of scipy number nodes so.
    tail: np.ndarray
    head: np.ndarray
    #: Whole seconds of each arc; of border crossings replaced by each state.
    seconds: np.ndarray
    n_static: int
    n_border: int

    @property
    def border(self) -> slice:
        """Border crossings among the arcs."""
        return slice(self.n_static, self.n_static + self.n_border)

    @property
    def seasonal(self) -> slice:
        """Seasonal roads among the arcs."""
        return slice(self.n_static + self.n_border, None)

    def all_seconds(self, costs: np.ndarray) -> np.ndarray:
        """Return the seconds of all arcs, given those of the arcs that change (infinity if closed)."""
        return np.concatenate([self.seconds[: self.n_static], costs]).astype(float)

    def distances(self, origins: np.ndarray, destinations: np.ndarray) -> TerminalDistances:
        """Return the distances over land between nodes and the ends of all arcs that change."""
        static, changing = slice(self.n_static), slice(self.n_static, None)
        matrix, _ = _sparse(self.n_nodes, self.tail[static], self.head[static], self.seconds[static])
        rows, row = np.unique(np.append(origins, self.head[changing]), return_inverse=True)
        columns, column = np.unique(np.append(destinations, self.tail[changing]), return_inverse=True)
        batch = max(1, BATCH_BYTES // (8 * max(1, self.n_nodes)))
        land = np.full((len(rows), len(columns)), np.inf)
        for start in range(0, len(rows) if len(columns) else 0, batch):
            land[start : start + batch] = dijkstra(matrix, indices=rows[start : start + batch])[:, columns]
        return TerminalDistances(land[np.ix_(row, column)], len(origins), len(destinations), self.n_border)


def _sparse(
    n_nodes: int, tail: np.ndarray, head: np.ndarray, seconds: np.ndarray
) -> tuple[csr_array, np.ndarray]:
    """Return the matrix of the fastest open arc of each pair of nodes, and the numbers of those arcs."""
    opened = np.flatnonzero(np.isfinite(seconds))
    # Sparse matrices add parallel arcs up: keep the fastest, and the first of equally fast ones.
    order = opened[np.lexsort((seconds[opened], head[opened], tail[opened]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    fastest = order[first]
    ends = (tail[fastest], head[fastest])
    return csr_array((seconds[fastest].astype(float), ends), shape=(n_nodes, n_nodes)), fastest


def cross_again(paths: np.ndarray, costs: np.ndarray) -> None:
    """Shorten paths by crossings, in place: Floyd and Warshall's recurrence.

    The last two axes of ``paths`` are the far ends of n crossings, and destinations followed by the near ends
    of the crossings; the last axis of ``costs`` is the crossings.

    >>> paths = np.array([[9.0, np.inf, 1.0], [2.0, 1.0, np.inf]])
    >>> cross_again(paths, np.array([3.0, 3.0]))
    >>> paths[:, 0].tolist()
    [6.0, 2.0]
    """
    n = costs.shape[-1]
    for i in range(n):
        onward = costs[..., i, None] + paths[..., i, :]
        np.minimum(paths, paths[..., i - n, None] + onward[..., None, :], out=paths)


@dataclass(frozen=True, eq=False)
class Solution:
    """Shortest times of one state."""

    #: Seconds by the fastest route, origins by destinations; infinity if there is none.
    seconds: np.ndarray
    #: Number of the first crossing of the fastest route; -1 if none. Of equally fast routes the one without a
    #: crossing counts, then the one whose first crossing has the lowest number.
    first: np.ndarray
    #: Seconds from origins over each crossing, none crossed before: origins by crossings.
    entry: np.ndarray
    #: Seconds from the far end of each crossing to destinations, crossing again if faster.
    onward: np.ndarray
    #: Whether a pair may take crossings, origins by destinations; None for all.
    may_cross: np.ndarray | None = None
    #: Rest of the driver, which `seconds` include; `entry` and `onward` are keys then (`KEY`).
    rest: Rest | None = None

    @property
    def by_arc(self) -> np.ndarray:
        """Seconds of the fastest route by its first crossing: origins by destinations by crossings."""
        keys = self.entry.T[:, :, None] + self.onward[:, None, :]
        seconds = np.moveaxis(door_to_door(keys, self.rest), 0, -1)
        return seconds if self.may_cross is None else np.where(self.may_cross[:, :, None], seconds, np.inf)


@dataclass(frozen=True, eq=False)
class TerminalDistances:
    """Distances over land between terminals, on which states are solved; `may_cross` as in `Solution`."""

    #: Seconds from origins, heads of crossings and heads of seasonal roads (rows) to destinations, tails of
    #: crossings and tails of seasonal roads (columns), over the static network.
    land: np.ndarray
    n_origins: int
    n_destinations: int
    n_border: int
    may_cross: np.ndarray | None = None
    rest: Rest | None = None

    def with_seasonal(self, costs: np.ndarray) -> np.ndarray:
        """Return the distances between origins, crossings and destinations, open seasonal roads included."""
        n_rows, n_columns = self.n_origins + self.n_border, self.n_destinations + self.n_border
        if self.land.shape == (n_rows, n_columns):
            return self.land
        opened = np.flatnonzero(np.isfinite(costs[self.n_border :]))
        rows, columns = np.arange(n_rows), np.arange(n_columns)
        land = self.land[np.ix_(np.append(rows, n_rows + opened), np.append(columns, n_columns + opened))]
        # Eliminate one road after the other; those still to come keep their rows and columns.
        for i in reversed(range(len(opened))):
            row, column = n_rows + i, n_columns + i
            onward = costs[self.n_border + opened[i]] + land[row, :column]
            np.minimum(land[:row, :column], land[:row, column, None] + onward, out=land[:row, :column])
        return land[:n_rows, :n_columns]

    def solve(self, costs: np.ndarray) -> Solution:
        """Solve one state, given the seconds of crossings and seasonal roads (infinity if closed).

        One origin, one destination, one crossing: ten seconds to it, three over it, five from it.

        >>> distances = TerminalDistances(np.array([[np.inf, 10.0], [5.0, np.inf]]), 1, 1, 1)
        >>> solution = distances.solve(np.array([3.0]))
        >>> solution.seconds.tolist(), solution.first.tolist()
        ([[18.0]], [[0]])
        """
        n_origins, n_destinations = self.n_origins, self.n_destinations
        land = self.with_seasonal(costs)
        if self.rest is not None:
            land, costs = land * (KEY + 1.0), costs * KEY
        opened = np.flatnonzero(np.isfinite(costs[: self.n_border]))
        between = land[n_origins + opened]
        paths = np.hstack([between[:, :n_destinations], between[:, n_destinations + opened]])
        cross_again(paths, costs[opened])
        onward = np.full((self.n_border, n_destinations), np.inf)
        onward[opened] = paths[:, :n_destinations]
        entry = land[:n_origins, n_destinations:] + costs[: self.n_border]
        seconds = door_to_door(land[:n_origins, :n_destinations], self.rest).copy()
        first = np.full(seconds.shape, -1)
        reached = opened[np.isfinite(entry[:, opened]).any(axis=0)]
        # Many crossings at a time while the matrix is small.
        batch = max(1, BATCH_PAIRS // max(1, seconds.size))
        for arcs in (reached[start : start + batch] for start in range(0, len(reached), batch)):
            by_arc = door_to_door(entry.T[arcs][:, :, None] + onward[arcs][:, None, :], self.rest)
            # Of equally fast crossings the first counts.
            nearest = by_arc.argmin(axis=0)
            fastest = np.take_along_axis(by_arc, nearest[None], axis=0)[0]
            faster = fastest < seconds
            if self.may_cross is not None:
                faster &= self.may_cross
            np.copyto(seconds, fastest, where=faster)
            np.copyto(first, arcs[nearest], where=faster)
        return Solution(seconds, first, entry, onward, self.may_cross, self.rest)


class ShortestPaths:
    """Shortest paths from some nodes, or to them (`reverse`), over the arcs whose seconds are finite."""

    def __init__(
        self, graph: SeasonalGraph, seconds: np.ndarray, ends: Iterable[int], *, reverse: bool = False
    ) -> None:
        tail, head = (graph.head, graph.tail) if reverse else (graph.tail, graph.head)
        matrix, self._arc = _sparse(graph.n_nodes, tail, head, seconds)
        self._pair = tail[self._arc].astype(np.int64) * graph.n_nodes + head[self._arc]
        self._n_nodes, self._reverse = graph.n_nodes, reverse
        self._row = {end: row for row, end in enumerate(dict.fromkeys(ends))}
        self._distance, self._before = dijkstra(matrix, indices=list(self._row), return_predecessors=True)

    def seconds(self, end: int, node: int) -> float:
        """Return the seconds between an end and a node; infinity if there is no path."""
        return float(self._distance[self._row[end], node])

    def all_seconds(self, end: int) -> np.ndarray:
        """Return the seconds between an end and every node; infinity if there is no path."""
        seconds: np.ndarray = self._distance[self._row[end]]
        return seconds

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of a value of arcs between ends and all nodes; infinity if there is no path."""
        before = np.where(self._before >= 0, self._before, np.arange(self._n_nodes)).astype(np.int64)
        position = np.searchsorted(self._pair, before * self._n_nodes + np.arange(self._n_nodes))
        each = values[self._arc[np.minimum(position, len(self._arc) - 1)]]
        sums = np.where(self._before >= 0, each, 0.0)
        # Each round doubles the length of the part of the path that is summed.
        for _ in range(self._n_nodes.bit_length()):
            sums = sums + np.take_along_axis(sums, before, axis=1)
            before = np.take_along_axis(before, before, axis=1)
        return np.where(np.isfinite(self._distance), sums, np.inf)

    def arcs(self, end: int, node: int) -> list[int]:
        """Return the numbers of the arcs between an end and a node in order of travel; empty if none."""
        nodes, before = [node], self._before[self._row[end]]
        while (previous := int(before[nodes[-1]])) >= 0:
            nodes.append(previous)
        pairs = np.array(nodes[1:], dtype=np.int64) * self._n_nodes + nodes[:-1]
        arcs: list[int] = self._arc[np.searchsorted(self._pair, pairs)].tolist()
        return arcs if self._reverse else arcs[::-1]


@dataclass(frozen=True, eq=False)
class VehicleNetwork:
    """The network that one vehicle can use, prepared once for all states."""

    vehicle: str
    #: Place ids; their positions number the nodes.
    names: pd.Index
    graph: SeasonalGraph
    #: Edge id of each arc.
    edges: np.ndarray
    #: Columns `ARC_VALUES` of each arc; those of border crossings are set by `rows`.
    values: np.ndarray
    #: The border crossings (`amurgeo.routing.costs.border_arcs`).
    border: pd.DataFrame
    #: Season key of each seasonal road.
    season: pd.Series
    #: Side of the border and country of each place, and whether no edge leads to it.
    side: np.ndarray
    country: np.ndarray
    alone: np.ndarray
    #: Limits of the driver by country.
    rules: Mapping[str, Limits]
    _kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def nodes(self, places: Sequence[str]) -> np.ndarray:
        """Return the numbers of places; raise if one has no road or track at all."""
        found = np.asarray(self.names.get_indexer(list(places)))
        for number in found[self.alone[found] & (found >= 0)][:1]:
            raise InputError(
                f"{self.names[number]} is not connected to the rest of the network; add a road to roads.csv"
            )
        return found

    def rest(self, starts: np.ndarray, ends: np.ndarray, drivers: int) -> Rest | None:
        """Return the rest of the driver between nodes; None without a rule, or if two drivers take turns."""
        rules = self.rules if drivers == 1 else {}
        return rest_between(rules, self.country[starts], self.country[ends])

    def distances(
        self, origins: Sequence[str], destinations: Sequence[str], *, transit: bool = True, drivers: int = 1
    ) -> TerminalDistances:
        """Return the distances between terminals, computed once; options as in `od_matrix`."""

        def distances() -> TerminalDistances:
            starts, ends = self.nodes(origins), self.nodes(destinations)
            may_cross = None if transit else self.side[starts][:, None] != self.side[ends]
            rest = self.rest(starts, ends, drivers)
            return replace(self.graph.distances(starts, ends), rest=rest, may_cross=may_cross)

        return self.kept(("distances", tuple(origins), tuple(destinations), transit, drivers), distances)

    def kept(self, key: tuple[Any, ...], make: Callable[[], _T]) -> _T:
        """Return a value that depends on the network alone, made once."""
        if key not in self._kept:
            _make_room(self._kept, KEPT)
            self._kept[key] = make()
        value: _T = self._kept[key]
        return value

    def price(
        self, state: State, border_h: Mapping[str, float] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the seconds of the arcs that change, and what `price_crossings` does of the crossings."""
        values, usable = price_crossings(self.border, state, self.vehicle, border_h)
        crossings = np.where(usable, values[:, 0], np.inf)
        opened = self.season.isin(state.roads.seasons).to_numpy()
        roads = np.where(opened, self.graph.seconds[self.graph.seasonal], np.inf)
        return np.append(crossings, roads), values

    def rows(self, arcs: Sequence[int] | np.ndarray, border_values: np.ndarray) -> pd.DataFrame:
        """Return arcs by number as a frame with the columns `ARC_COLUMNS`."""
        numbers = np.asarray(arcs, dtype=np.int64)
        values, crossing = self.values[numbers], numbers - self.graph.n_static
        is_border = (crossing >= 0) & (crossing < self.graph.n_border)
        values[is_border] = border_values[crossing[is_border]]
        frame = pd.DataFrame(values, columns=list(ARC_VALUES)).astype({"seconds": np.int64})
        ends = {"tail": self.names[self.graph.tail[numbers]], "head": self.names[self.graph.head[numbers]]}
        return frame.assign(edge=self.edges[numbers], **ends)[list(ARC_COLUMNS)]


def _make_room(cache: dict[Any, Any], most: int) -> None:
    """Forget the oldest entries, so that one more fits."""
    while len(cache) >= most:
        del cache[next(iter(cache))]


def vehicle_network(net: Network, vehicle: str, roads: RoadState = EVERY_YEAR) -> VehicleNetwork:
    """Return the network of a vehicle for states with these roads, prepared once.

    States with the same changed roads share a network if its seasonal roads are few: they are arcs that
    change. Otherwise, and for trains, whose truck legs depend on the open roads, the open seasonal roads are
    static arcs.

    >>> import amurgeo as ag
    >>> truck = vehicle_network(ag.load(), "truck_20t")
    >>> truck.graph.n_border == len(truck.border)
    True
    """
    # The tables of a network never change, so the cache belongs to it.
    cache = net.cache
    if "n_seasonal" not in cache:
        cache["n_seasonal"] = int((net.edges["season"] != "").sum())
    many = cache["n_seasonal"] > FEW_SEASONAL
    networks = cache.setdefault(("vehicle_network", vehicle), {})
    static = many or goes_by_rail(net, vehicle)
    key = roads if static else RoadState(edits=roads.edits)
    if key not in networks:
        _make_room(networks, KEPT_LARGE if many else KEPT)
        networks[key] = _vehicle_network(net, vehicle, key, static=static)
    network: VehicleNetwork = networks[key]
    return network


def _vehicle_network(net: Network, vehicle: str, roads: RoadState, *, static: bool) -> VehicleNetwork:
    if not static:
        roads = roads._replace(seasons=frozenset(net.edges["season"].unique()))
    land = land_arcs(net, vehicle, roads)
    seasons = edited(net.edges, roads)["season"]
    season = seasons.reindex(land["edge"]).fillna("").reset_index(drop=True)
    changes = (season != "") & (not static)
    all_year, border, seasonal = land[~changes], border_arcs(net, vehicle), land[changes]
    arcs = pd.concat([all_year, border, seasonal], ignore_index=True)
    names = pd.Index(pd.unique(pd.concat([arcs["tail"], arcs["head"], net.nodes.index.to_series()])))
    tail, head = (names.get_indexer(arcs[column]).astype(np.int32) for column in ("tail", "head"))
    values = arcs[list(ARC_VALUES)].to_numpy(dtype=float)
    graph = SeasonalGraph(len(names), tail, head, values[:, 0], len(all_year), len(border))
    edges = arcs["edge"].to_numpy(dtype=object)
    side, country = (net.nodes[name].reindex(names).to_numpy(dtype=object) for name in ("side", "country"))
    alone = ~np.asarray(names.isin(pd.concat([net.edges["from_place"], net.edges["to_place"]])))
    about = (side, country, alone, rest_rules(net, vehicle))
    return VehicleNetwork(vehicle, names, graph, edges, values, border, season[changes], *about)


def priced(
    net: Network, vehicle: str, states: Sequence[State], numbers: Iterable[int], *, closed: bool = False
) -> list[tuple[VehicleNetwork, np.ndarray, np.ndarray, list[int]]]:
    """Return the states, of those with some numbers, that a vehicle finds different.

    Each with its network, the seconds of the arcs that change, those of the crossings even if closed, and the
    numbers of its states; these are told apart by what is closed, with `closed` by all seconds.
    """
    groups: dict[tuple[Any, ...], tuple[VehicleNetwork, np.ndarray, np.ndarray, list[int]]] = {}
    for number in numbers:
        network = vehicle_network(net, vehicle, states[number].roads)
        costs, values = network.price(states[number])
        key = (id(network), costs.tobytes(), values[:, 0].tobytes() if closed else b"")
        groups.setdefault(key, (network, costs, values[:, 0], []))[-1].append(number)
    return [*groups.values()]
