"""Attach an area to the dataset: bank of each node, ways over the border, places and terminals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from amurgeo.network.edges import EARTH_KM, great_circle_km

#: Degrees by which the border is extended at its ends.
_EXTENSION_DEG = 1.5
#: Maximum distance (km) between the landings of a way over the border and the terminals of its crossing.
REACH_KM = 10.0
#: Maximum distance (km) by which a place or terminal is moved.
MOVE_KM = 5.0
#: A road between towns is preferred to a street if it is at most this much (km) farther away.
DETOUR_TO_MAIN_KM = 1.0
#: Roads connected to less than this share of the nodes of their bank are islands without attached points.
ISLAND_SHARE = 0.2
#: Nodes considered if the nearest is taken.
_NEIGHBOURS = 12
#: Modes in the dataset that a mode in OSM may have.
_MODES = {"road": ("road", "bridge"), "bridge": ("bridge", "road"), "pontoon": ("pontoon", "bridge")}
#: A terminal shared by several ways over the border is placed at the landing of the first of these modes.
_LANDING_ORDER = ("bridge", "road", "pontoon", "ferry", "ice_road", "hovercraft")


def on_sphere(lon: npt.ArrayLike, lat: npt.ArrayLike) -> np.ndarray:
    """Return points as x, y, z in km, for nearest-neighbour searches."""
    a, b = np.radians(np.asarray(lon, dtype=float)), np.radians(np.asarray(lat, dtype=float))
    return EARTH_KM * np.column_stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])


def bank_of(lon: np.ndarray, lat: np.ndarray, border: Any, places: pd.DataFrame) -> np.ndarray:
    """Return the side (``home`` or ``far``) of points in degrees.

    The border cuts the frame around it into pieces; a piece belongs to the side of most places in it. Other
    points, and all points of a dataset without a line of the border (None), belong to the side of the nearest
    place.
    """
    import shapely
    from scipy.spatial import KDTree

    side = places["side"].to_numpy(dtype="U4")
    _, nearest = KDTree(on_sphere(places["lon"], places["lat"])).query(on_sphere(lon, lat))
    banks = np.asarray(side[nearest])
    if border is None:
        return banks
    west, south, east, north = shapely.bounds(border)
    margin = _EXTENSION_DEG
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    lines = list(shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.get_parts(border)))))
    for course in [shapely.get_coordinates(line) for line in lines]:
        for end, inner in ((course[0], course[:6][-1]), (course[-1], course[-6:][0])):
            length = np.hypot(*(end - inner))
            if length > 0:
                lines.append(shapely.LineString([end, end + (end - inner) / length * frame.length]))
    cut = shapely.union_all([frame.exterior, *shapely.intersection(lines, frame)])
    for piece in shapely.get_parts(shapely.polygonize(shapely.get_parts(cut))):
        shapely.prepare(piece)
        inside, count = np.unique(
            side[shapely.contains_xy(piece, places["lon"], places["lat"])], return_counts=True
        )
        if len(inside):
            banks[shapely.contains_xy(piece, lon, lat)] = inside[count.argmax()]
    return banks


@dataclass(frozen=True)
class CrossingWay:
    """A way over the state border, between its landings on both banks (positions of nodes).

    It has positions of its OSM ways, and of its segments, which are left out of the roads. ``away_km`` is the
    larger distance between a landing and the terminal of the dataset's crossing, if there is one.
    """

    mode: str
    ways: tuple[int, ...]
    segments: tuple[int, ...]
    home: int
    far: int
    length_km: float
    crossing: str | None = None
    away_km: float = float("nan")


def crossing_ways(segments: pd.DataFrame, home: np.ndarray) -> list[CrossingWay]:
    """Return the ways that connect both banks: one for each pair of landings and mode, the shortest.

    A landing is where a stretch of one mode (a ferry line, a bridge) meets ways of another mode, or ends. A
    ferry or road that returns to the same bank is left out.
    """
    over = home[segments["tail"]] != home[segments["head"]]
    way, length = segments["way"].to_numpy(), segments["length_km"].to_numpy()
    merged: dict[tuple[str, int, int], CrossingWay] = {}
    for mode in sorted(set(segments["mode"][over])):
        for a, b, used in _stretches(segments, mode, over, len(home)):
            if home[a] == home[b]:
                continue
            ends = (a, b) if home[a] else (b, a)
            crossing = CrossingWay(
                mode, tuple(way[used].tolist()), tuple(used), *ends, float(length[used].sum())
            )
            key = (mode, *ends)
            # Another carriageway, or the same line once more.
            same = merged.get(key, crossing)
            merged[key] = replace(
                crossing,
                ways=tuple(sorted({*same.ways, *crossing.ways})),
                segments=tuple(sorted({*same.segments, *crossing.segments})),
                length_km=min(same.length_km, crossing.length_km),
            )
    return [merged[key] for key in sorted(merged)]


def _stretches(
    segments: pd.DataFrame, mode: str, over: np.ndarray, n_nodes: int
) -> Iterator[tuple[int, int, list[int]]]:
    """Yield two landings and the segments between them, for each segment of a mode over the border."""
    import networkx as nx

    same = (segments["mode"] == mode).to_numpy()
    rows = segments.reset_index(drop=True)[["tail", "head", "length_km"]]
    graph = nx.Graph()
    touched = np.zeros(n_nodes, dtype=bool)
    # An ordinary road has no landings: it is cut at the border.
    if mode != "road":
        touched[segments.loc[~same, ["tail", "head"]].to_numpy()] = True
        for segment, a, b, km in rows[same].itertuples(name=None):
            graph.add_edge(a, b, segment=segment, km=km)
    for segment, a, b, _ in rows[same & over].itertuples(name=None):
        paths = []
        if mode != "road":
            part = graph.subgraph(nx.node_connected_component(graph, a)).copy()
            part.remove_edge(a, b)
            landings = {node for node in part if touched[node]}
            landings = landings or {node for node in part if graph.degree(node) == 1}
            paths = [path for node in (a, b) if (path := _to_nearest(part, node, landings))]
        if len(paths) < 2:
            yield a, b, [segment]
            continue
        pairs = [pair for path in paths for pair in pairwise(path)]
        used = [segment, *(part.edges[pair]["segment"] for pair in pairs)]
        yield paths[0][-1], paths[1][-1], used


def _to_nearest(graph: Any, node: int, landings: set[int]) -> list[int]:
    """Return the path from a node to the nearest landing; empty if none is connected."""
    import networkx as nx

    km, paths = nx.single_source_dijkstra(graph, node, weight="km")
    reached = [(km[landing], landing) for landing in landings & set(km)]
    return list(paths[min(reached)[1]]) if reached else []


def match_crossings(
    ways: Sequence[CrossingWay],
    lon: np.ndarray,
    lat: np.ndarray,
    crossings: pd.DataFrame,
    terminals: pd.DataFrame,
) -> list[CrossingWay]:
    """Assign each way to the crossing of the dataset with a matching mode and the nearest terminals."""
    ends = [terminals[["lon", "lat"]].reindex(crossings[side]).to_numpy().T for side in ("from", "to")]
    matched = []
    for way in ways:
        away = np.array(
            [
                great_circle_km(lon[node], lat[node], *end)
                for node, end in zip((way.home, way.far), ends, strict=True)
            ]
        )
        allowed = crossings["mode"].isin(_MODES.get(way.mode, (way.mode,))) & (away.max(axis=0) <= REACH_KM)
        # A crossing of the same mode is preferred to one of a similar mode.
        rank = away.sum(axis=0) + np.where(crossings["mode"] == way.mode, 0.0, REACH_KM)
        if allowed.any():
            best = int(np.where(allowed, rank, np.inf).argmin())
            away_km = float(away[:, best].max())
            way = replace(way, crossing=str(crossings.index[best]), away_km=away_km)
        matched.append(way)
    return matched


def with_sides(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the places with the side of their region."""
    places = tables["places"]
    return places.assign(side=places["region"].map(tables["regions"]["side"]))


def attach_all(
    tables: Mapping[str, pd.DataFrame],
    nodes: pd.DataFrame,
    special_nodes: Mapping[int, str],
    ways: Sequence[CrossingWay],
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Attach the places and terminals in the area to nodes of their bank; also return the ids without a node.

    The nodes have lon, lat, side, on_road (an all-year road), usable (no island) and main (a road between
    towns); the result has node, moved_km, how, kind and country by id. Terminals at landings choose first,
    then places, large ones before small ones.
    """
    crossings, terminals, places = tables["crossings"], tables["terminals"], with_sides(tables)
    landings: dict[str, int] = {}
    for way in sorted(
        (way for way in ways if way.crossing),
        key=lambda way: (_LANDING_ORDER.index(way.mode), way.away_km, way.home, way.far, way.crossing),
    ):
        for side, node in (("from", way.home), ("to", way.far)):
            landings.setdefault(str(crossings.at[way.crossing, side]), node)
    free = _FreeNodes(nodes, special_nodes)
    points = pd.concat([terminals, places])[["lon", "lat", "side"]]
    spots = dict(zip(points.index, on_sphere(points["lon"], points["lat"]), strict=True))
    inside = {id_ for id_, spot in spots.items() if free.near("on_road", spot)}
    terminals = terminals[terminals.index.isin(inside | landings.keys())]
    places = places[places.index.isin(inside)]
    places = places.sort_values("population", ascending=False, kind="stable", na_position="last")
    landed = terminals.index.isin(list(landings))
    rows: dict[str, tuple[int, float, str]] = {}
    for ids in (terminals.index[landed], places.index, terminals.index[~landed]):
        is_terminal = ids is not places.index
        for id_ in ids if is_terminal else ():
            modes = set(crossings["mode"][(crossings["from"] == id_) | (crossings["to"] == id_)])
            rows |= free.take(id_, free.special(modes, spots[id_], points["side"][id_], landings.get(id_)))
        for id_ in ids.difference(list(rows), sort=False):
            where = spots[id_], points["side"][id_]
            choices = [(km, node, "nearest road") for km, node in free.near("usable", *where)]
            main = [] if is_terminal else free.near("main", *where)
            if choices and main and main[0][0] <= choices[0][0] + DETOUR_TO_MAIN_KM:
                choices = [(*main[0], "nearest main road")]
            rows |= free.take(id_, choices)
    attached = pd.DataFrame.from_dict(rows, orient="index", columns=["node", "moved_km", "how"])
    attached = attached.astype({"node": np.int64, "moved_km": float, "how": object})
    attached["kind"] = np.where(attached.index.isin(terminals.index), "terminal", "place")
    country = tables["places"]["country"]
    country = pd.concat([terminals["place"].map(country), country])
    attached["country"] = country.reindex(attached.index).astype(object)
    return attached, tuple(sorted({*terminals.index, *places.index} - set(rows)))


class _FreeNodes:
    """Nodes to which nothing is attached yet, by what they are good for."""

    def __init__(self, nodes: pd.DataFrame, points: Mapping[int, str]) -> None:
        self.spots, self.side = on_sphere(nodes["lon"], nodes["lat"]), nodes["side"].to_numpy(dtype=object)
        point = pd.Series(points, dtype=object).reindex(nodes.index)
        self.kinds = {"on_road": nodes["on_road"], "usable": nodes["usable"]}
        self.kinds["main"] = nodes["main"] & nodes["usable"]
        for name in ("border_control", "ferry_terminal"):
            self.kinds[name] = (point == name) & nodes["on_road"]
        self.used: set[int] = set()
        self._trees: dict[tuple[str, str], tuple[np.ndarray, Any]] = {}

    def near(self, kind: str, spot: np.ndarray, side: str = "") -> list[tuple[float, int]]:
        """Return the nearest free nodes within reach, of a side if one is given, as (km, node)."""
        from scipy.spatial import KDTree

        if (kind, side) not in self._trees:
            at = np.flatnonzero(self.kinds[kind] & ((self.side == side) | (not side)))
            # A neighbour that is not within reach has the position behind the last one.
            self._trees[kind, side] = np.append(at, -1), KDTree(self.spots[at])
        at, tree = self._trees[kind, side]
        ranks = list(range(1, min(_NEIGHBOURS, len(at) - 1) + 1))
        if not ranks:
            return []
        away, which = tree.query(spot, k=ranks, distance_upper_bound=MOVE_KM)
        found = zip(away.tolist(), at[which].tolist(), strict=True)
        return [(km, node) for km, node in found if np.isfinite(km) and node not in self.used]

    def special(
        self, modes: set[str], spot: np.ndarray, side: str, landing: int | None
    ) -> list[tuple[float, int, str]]:
        """Return border controls, the landing and ferry terminals for a terminal of modes, in this order."""
        centre = spot if landing is None else self.spots[landing]
        controls, piers = (self.near(kind, centre, side) for kind in ("border_control", "ferry_terminal"))
        # A cableway has no border control on a road.
        choices = [(node, "border control") for _, node in controls if modes - {"cableway", "rail"}]
        if landing is not None and landing not in self.used:
            choices.append((landing, "landing of the way over the border"))
        choices += [(node, "ferry terminal") for _, node in piers if modes & {"ferry", "hovercraft"}]
        return [(float(np.linalg.norm(self.spots[node] - spot)), node, how) for node, how in choices]

    def take(self, id_: str, choices: Sequence[tuple[float, int, str]]) -> dict[str, tuple[int, float, str]]:
        """Return the row of a point at its first choice, if it has any, which is no longer free."""
        if not choices:
            return {}
        km, node, how = choices[0]
        self.used.add(node)
        return {id_: (node, km, how)}


def mainland(tail: np.ndarray, head: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return for each node whether it is connected to a good part of the roads of its bank.

    >>> banks = np.array(["home"] * 11)
    >>> mainland(np.arange(8), np.arange(1, 9), banks).tolist()[-3:]
    [True, False, False]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(side)
    # The graph functions of scipy number nodes with 32 bits.
    ends = tail.astype(np.int32), head.astype(np.int32)
    _, part = connected_components(
        coo_array((np.ones(len(tail), np.int8), ends), shape=(n, n)), directed=False
    )
    size = np.bincount(part)[part]
    on_road = np.zeros(n, dtype=bool)
    on_road[tail] = on_road[head] = True
    usable = np.zeros(n, dtype=bool)
    for bank in np.unique(side):
        roads = on_road & (side == bank)
        # A pier or yard without connection must not attract places.
        usable |= roads & (size >= min(size[roads].max(initial=0), ISLAND_SHARE * roads.sum()))
    return usable
