"""Graph of a state: routes over its arcs, and the same arcs for networkx and OSMnx."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_made, shorten
from amurgeo.network import vehicle_id
from amurgeo.network.edges import build_graph
from amurgeo.network.snapping import Places, coordinates_of, each_place
from amurgeo.routing.costs import ARC_VALUES, crossing_arcs, land_arcs
from amurgeo.routing.engine import ShortestPaths, vehicle_network
from amurgeo.routing.rest import KEY, Rest
from amurgeo.routing.route import arc_lines
from amurgeo.seasons.state import State

if TYPE_CHECKING:
    import networkx as nx

    from amurgeo.network import Network

#: A route between two places on one side that leads over the other takes at most this multiple
#: of the direct one.
TRANSIT_STRETCH = 1.5
#: Alternatives on one side share at most this part of their length.
OVERLAP = 0.7
#: Searches for alternatives on one side at most; they are repeated with growing penalties.
SEARCHES = 240
#: Arcs of a route by number, in order of travel.
Path = list[int]
#: Kind (crossing, checkpoint or place) and id of a name in ``via`` or ``avoid``.
Target = tuple[str, str]


class StateGraph:
    """The arcs that a vehicle can use in a state, and routes over them as lists of arc numbers."""

    def __init__(
        self,
        state: State,
        vehicle: str,
        border_h: Mapping[str, float] | None = None,
        *,
        drivers: int = 1,
    ) -> None:
        self.net = state.net
        self.network = vehicle_network(state.net, vehicle, state.roads)
        self.graph = self.network.graph
        costs, self.border_values = self.network.price(state, border_h)
        self.seconds = self.graph.all_seconds(costs)
        self.side = self.net.nodes["side"]
        border = self.net.border
        #: Whether the sides are countries; else the banks of a river, which only roads tell apart.
        self.by_side = border.home.country != border.far.country
        self.crossing_ids = self.network.border["edge"].tolist()
        #: Driving seconds of each arc; the passage of a crossing is none.
        self.driven = self.graph.seconds.astype(float)
        self.driven[self.graph.border] = 0.0
        self.drivers = drivers
        #: Rest of the driver on the journey asked for; see `set_rest`.
        self.rest: Rest | None = None

    @property
    def keys(self) -> np.ndarray:
        """Keys of all arcs (`amurgeo.routing.rest.KEY`), by which the fastest path is found."""
        keys: np.ndarray = self.seconds * KEY + self.driven
        return keys

    @property
    def land_seconds(self) -> np.ndarray:
        """Seconds of all arcs with every crossing closed."""
        seconds = self.seconds.copy()
        seconds[self.graph.border] = np.inf
        return seconds

    def rows(self, path: Path | np.ndarray) -> pd.DataFrame:
        """Return the arcs of a route as a frame."""
        return self.network.rows(path, self.border_values)

    def close(self, target: Target) -> None:
        """Close what a route has to avoid."""
        kind, name = target
        if kind == "place":
            (node,) = self.network.nodes([name])
            closed = (self.graph.tail == node) | (self.graph.head == node)
        else:
            closed = np.zeros(len(self.seconds), dtype=bool)
            closed[self.graph.border] = [is_at(crossing, target) for crossing in self.crossing_ids]
        self.seconds[closed] = np.inf

    def routes(self, start: str, end: str, required: list[Target], k: int, *, transit: bool) -> list[Path]:
        """Return at most k routes between two places, fastest first."""
        if start == end:
            return [] if required else [[]]
        origin, destination = self.network.nodes([start, end])
        self.set_rest(int(origin), int(destination))
        places = [name for kind, name in required if kind == "place" and name not in (start, end)]
        paths = [
            path
            for path in self.through([start, *places, end])
            if all(self.takes(path, target) for target in required)
        ]
        domestic = self.same_bank(start, end)
        if domestic:
            direct = min((self.total(path) for path in paths if not self.crossings(path)), default=np.inf)
            longest = TRANSIT_STRETCH * direct if transit else 0.0
            paths = [path for path in paths if not self.crossings(path) or self.total(path) <= longest]
        # The fastest route of each first crossing, without those that cross more than twice.
        paths.sort(key=self.rank)
        distinct: dict[tuple[str, ...], Path] = {}
        for path in paths:
            if path is paths[0] or len(self.crossings(path)) <= 2:
                distinct.setdefault(self.crossings(path)[:1], path)
        ranked = list(distinct.values())
        if domestic and not required and ranked and not self.crossings(ranked[0]):
            ranked += self.further(ranked[0], k - len(ranked))
            ranked.sort(key=self.rank)
        return ranked[:k]

    def same_bank(self, start: str, end: str) -> bool:
        """Return whether two places lie on one side; inside one country, whether roads join them."""
        if self.by_side:
            return bool(self.side[start] == self.side[end])
        origin, destination = (int(node) for node in self.network.nodes([start, end]))
        return bool(
            np.isfinite(ShortestPaths(self.graph, self.land_seconds, [origin]).seconds(origin, destination))
        )

    def by_first_crossing(self, start: str, end: str) -> list[Path]:
        """Return the direct route and, for every open crossing, the fastest one that takes it first."""
        origin, destination = (int(node) for node in self.network.nodes([start, end]))
        out = ShortestPaths(self.graph, self.land_seconds, [origin])
        onward = ShortestPaths(self.graph, self.keys, [destination], reverse=True)
        paths = [out.arcs(origin, destination)]
        departing = (self.side.reindex(self.network.border["tail"]) == self.side[start]).to_numpy()
        departing = departing | (not self.by_side)
        opened = np.isfinite(self.seconds[self.graph.border])
        for arc in self.graph.n_static + np.flatnonzero(departing & opened):
            tail, head = int(self.graph.tail[arc]), int(self.graph.head[arc])
            if np.isfinite(out.seconds(origin, tail)) and np.isfinite(onward.seconds(destination, head)):
                path = [*out.arcs(origin, tail), int(arc), *onward.arcs(destination, head)]
                nodes = self.nodes(path)
                if len(set(nodes)) == len(nodes):
                    paths.append(path)
        return [path for path in paths if path]

    def through(self, stops: list[str]) -> list[Path]:
        """Return routes by way of some places in order; one stretch between them varies its crossing."""
        stretches = [self.by_first_crossing(*pair) for pair in pairwise(stops)]
        if not all(stretches):
            return []
        # Each stretch is loopless; the whole may use the same road to a place and back.
        best = [min(paths, key=self.total) for paths in stretches]
        routes = [
            list(chain(*best[:position], path, *best[position + 1 :]))
            for position, paths in enumerate(stretches)
            for path in paths
        ]
        return [list(route) for route in dict.fromkeys(map(tuple, routes))]

    def further(self, best: Path, n: int) -> list[Path]:
        """Return at most n loopless routes over land that differ from the best one and from each other.

        Link penalties (de la Barra, Perez and Anez, 1993): the edges of every route found so far become
        dearer by four tenths, and the search is repeated.
        """
        start, *_, end = self.nodes(best)
        seconds, edges = self.land_seconds, self.network.edges
        penalty = np.ones(len(seconds))
        path, different = best, [best]
        for _ in range(min(12 * n, SEARCHES)):
            if len(different) > n:
                break
            penalty[np.isin(edges, edges[path])] *= 1.4
            path = ShortestPaths(self.graph, np.ceil(seconds * penalty), [start]).arcs(start, end)
            if self.total(path) <= TRANSIT_STRETCH * self.total(best) and all(
                self.overlap(path, other) <= OVERLAP for other in different
            ):
                different.append(path)
        return different[1:]

    def total(self, path: Path) -> float:
        """Return the seconds of a path, rest included."""
        return float(self.seconds[path].sum()) + self.rested(path)

    def set_rest(self, origin: int, destination: int) -> None:
        """Set the rest of the driver to that of journeys between two nodes."""
        self.rest = self.network.rest(np.array([origin]), np.array([destination]), self.drivers)

    def rested(self, path: Path) -> float:
        """Return the seconds of rest on a path."""
        return 0.0 if self.rest is None else float(self.rest.seconds(self.driven[path].sum()).item())

    def rank(self, path: Path) -> tuple[float, tuple[str, ...]]:
        """Return the key by which routes are sorted."""
        return self.total(path), self.crossings(path)

    def nodes(self, path: Path) -> list[int]:
        """Return the nodes along a path."""
        return [int(self.graph.tail[path[0]]), *self.graph.head[path].tolist()]

    def crossings(self, path: Path) -> tuple[str, ...]:
        """Return the crossings along a path."""
        border = range(self.graph.n_static, self.graph.n_static + self.graph.n_border)
        return tuple(self.network.edges[arc] for arc in path if arc in border)

    def takes(self, path: Path, target: Target) -> bool:
        """Return whether a path takes a crossing, checkpoint or place."""
        if target[0] == "place":
            return target[1] in self.network.names[self.nodes(path)]
        return any(is_at(crossing, target) for crossing in self.crossings(path))

    def overlap(self, path: Path, other: Path) -> float:
        """Return the share of a path's length that it has in common with another."""
        length = self.network.values[path, ARC_VALUES.index("length_km")]
        shared = np.isin(self.network.edges[path], self.network.edges[other])
        return float(length[shared].sum() / length.sum()) if length.sum() else float(shared.all())


def is_at(crossing: str, target: Target) -> bool:
    """Return whether a crossing is the one of a target, at its checkpoint, or of its mode."""
    return target[0] != "place" and target[1] in (crossing, *crossing.split(":"))


def stops_of(net: Network, via: Places) -> list[str | tuple[float, float]]:
    """Return the names and the coordinates in ``via``."""
    try:
        return [coordinates_of(stop) or str(stop) for stop in each_place(net, via)]
    except InputError as error:
        raise InputError(f"via: {error}") from None


def resolve_target(net: Network, name: str, argument: str) -> Target:
    """Resolve a name of ``via`` or ``avoid`` to a place, crossing, checkpoint or mode."""
    if not isinstance(name, str):
        raise InputError(
            f"{argument} is invalid: {shorten(name)}; expected crossings, checkpoints or places by name"
        )
    for kind in ("crossing", "checkpoint"):
        if name in net.base[f"{kind}s"].index:
            return kind, name
    try:
        try:
            return "place", net.find(name)
        except InputError as error:
            if target := net.names.target(name):
                return target
            if ":" in name:
                net.names.crossing(name)
            raise error from None
    except InputError as error:
        raise InputError(f"{argument}: {error}") from None


def targets_of(
    net: Network, stops: Iterable[Any], located: Iterable[str], avoid: Places, ends: Iterable[str]
) -> tuple[list[Target], list[Target]]:
    """Return what a route uses, its points by their ids, and what it avoids; raise if they contradict."""
    avoided = [resolve_target(net, name, "avoid") for name in each_place(net, avoid)]
    for target in avoided:
        if target in [("place", end) for end in ends]:
            raise InputError(
                f"avoid is invalid: '{target[1]}'; expected a place other than the ends of the journey"
            )
    ids = iter(located)
    required = [resolve_target(net, stop if isinstance(stop, str) else next(ids), "via") for stop in stops]
    for kind, name in required:
        if (kind, name) in avoided or (kind == "crossing" and any(is_at(name, target) for target in avoided)):
            raise InputError(f"avoid is invalid: '{name}'; expected nothing that via= has")
    return required, avoided


def shut_crossings(crossings: Iterable[str], required: list[Target], avoided: list[Target]) -> set[str]:
    """Return the crossings that a departure avoids: named ones, and all but the required ones."""
    for argument, targets in (("via", required), ("avoid", avoided)):
        for name in (name for kind, name in targets if kind == "place"):
            raise InputError(
                f"{argument} is invalid: '{name}'; expected a crossing or checkpoint beside depart_at="
            )
    return {
        crossing
        for crossing in crossings
        if any(is_at(crossing, target) for target in avoided)
        or (required and not any(is_at(crossing, target) for target in required))
    }


def graph(state: State, *, vehicle: str | None = None, room: pd.DataFrame | None = None) -> nx.MultiDiGraph:
    """Return the part of the network that a vehicle can use on the day.

    Parameters
    ----------
    state
        State of the crossings on the day.
    vehicle
        Id of the vehicle; that of the dataset if omitted.
    room
        Trucks a day by crossing, as `amurgeo.flows.room` returns them: edges have ``trucks_per_day``,
        infinity on land and 0 on crossings that are not in it.

    Returns
    -------
    networkx.MultiDiGraph
        A graph that OSMnx takes as it is. Nodes have integer keys and the attributes ``id`` (of the place),
        ``x``, ``y`` (degrees), ``kind``, ``country``, ``name`` and ``street_count``. All edges have the same
        attributes: those of ``net.graph``, and ``seconds`` (whole; control and expected wait included),
        ``crossing``, ``status`` and ``reason`` (of a crossing; empty text on land).

    Raises
    ------
    InputError
        If the vehicle is unknown.

    Notes
    -----
    OSMnx drops ``id`` of edges when it reads GraphML; ``osmid`` stays. Numbers of its own are read with
    ``osmnx.load_graphml(path, edge_dtypes={"seconds": int, "length_km": float})``.

    Examples
    --------
    >>> import amurgeo as ag
    >>> import networkx as nx
    >>> graph = ag.graph(ag.load().state("2026-07-15"), vehicle="truck_20t")
    >>> node = {place: node for node, place in graph.nodes(data="id")}
    >>> nx.shortest_path_length(graph, node["belogorsk"], node["heihe"], weight="seconds") > 3600
    True
    """
    check_made("state", state, State, "amurgeo.state")
    net, vehicle = state.net, vehicle_id(state.net, vehicle)
    land = land_arcs(net, vehicle, state.roads).assign(crossing="")
    border = crossing_arcs(net, state, vehicle)
    arcs = pd.concat([land, border.assign(crossing=border["edge"])], ignore_index=True)
    arcs = arcs[["edge", "tail", "head", "length_km", "seconds", "crossing"]]
    arcs = arcs.join(net.links, on="edge").reset_index(drop=True)
    drayage = arcs["kind"].isna()
    if drayage.any():
        # Drawn in the direction of the first arc of each.
        first = arcs[drayage].drop_duplicates("edge").set_index("edge", drop=False)
        arcs.loc[drayage, "geometry"] = arc_lines(net, first.loc[arcs.loc[drayage, "edge"]])
        fixed = {"kind": "drayage", "mode": "road", "highway": "road", "ref": "", "name": "", "oneway": False}
        arcs = arcs.fillna(fixed).astype({"oneway": bool})
    services = state.crossings.xs(net.base["vehicles"].at[vehicle, "traffic"], level="traffic")
    for name in ("status", "reason"):
        arcs[name] = services[name].reindex(arcs["crossing"]).fillna("").to_numpy()
    if room is not None:
        if not isinstance(room, pd.DataFrame) or "trucks_per_day" not in room:
            raise InputError(f"room is invalid: {shorten(room)}; expected what amurgeo.flows.room returns")
        trucks = room["trucks_per_day"].reindex(arcs["crossing"]).fillna(0.0).to_numpy(dtype=float)
        arcs["trucks_per_day"] = np.where(arcs["crossing"] == "", np.inf, trucks)
    return build_graph(net.nodes, arcs)
