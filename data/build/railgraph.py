"""The OpenStreetMap rail graph, mended and contracted to the typed stations."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
import shapes

LOG = logging.getLogger(__name__)

#: Extent of the graph; it reaches north to Nizhny Bestyakh.
CLIP = (111.5, 40.5, 141.0, 62.5)
#: Nodes this near each other are joined: the tracks of one line.
PARALLEL_KM = 0.35
#: Loose parts this near the rest are joined to it.
GAP_KM = 6.0
#: A station lies at most this far from its line.
SNAP_KM = 9.0
#: Within this distance of the nearest point every other line at the station is joined too.
YARD_KM = 2.5
#: Every track this near a station belongs to it.
STATION_KM = 1.0
#: Tracks that meet again within this distance are one line, not a short cut.
SAME_LINE_KM = 25.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Split:
    """Where on a long leg a station lies: km of track from the start of the leg."""

    station: str
    start: Point
    end: Point
    km: float


@dataclass(frozen=True)
class Stretch:
    """The way between two stations over the graph: track km, and the points it passes."""

    km: float
    points: tuple[Point, ...]


def mended(nodes: dict[int, Point], legs: list[tuple[int, int, float]]) -> nx.Graph:
    """Return the graph with parallel tracks and loose parts joined.

    Notes
    -----
    The weight of a leg is the length of the track in km; between junctions the shape was thinned, so the
    straight line between its ends is shorter. Nodes carry ``at`` (lon, lat).
    """
    graph = nx.Graph()
    for node, spot in nodes.items():
        graph.add_node(node, at=spot)
    for a, b, km in legs:
        graph.add_edge(a, b, km=km)
    graph.remove_nodes_from([node for node in list(graph) if graph.degree(node) == 0])
    names = sorted(graph)
    metres = shapes.to_metres(shapely.MultiPoint([nodes[node] for node in names]))
    tree = shapely.STRtree(list(metres.geoms))
    for i, j in tree.query(list(metres.geoms), predicate="dwithin", distance=PARALLEL_KM * 1000).T.tolist():
        if i < j and not graph.has_edge(names[i], names[j]):
            graph.add_edge(names[i], names[j], km=shapes.distance_km(nodes[names[i]], nodes[names[j]]))
    _join_loose(graph)
    return graph


def _join_loose(graph: nx.Graph) -> None:
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    whole = set(parts[0])
    waiting = parts[1:]
    while waiting:
        best = None
        for part in waiting:
            a, b, km = _closest(graph, part, whole)
            if best is None or km < best[2]:
                best = (a, b, km, part)
        if best is None or best[2] > GAP_KM:
            LOG.info("%d loose parts stay loose", len(waiting))
            return
        graph.add_edge(best[0], best[1], km=best[2])
        whole |= best[3]
        waiting = [part for part in waiting if part is not best[3]]


def _closest(graph: nx.Graph, part: set[int], whole: set[int]) -> tuple[int, int, float]:
    here, there = sorted(part), sorted(whole)
    tree = shapely.STRtree(shapely.points([graph.nodes[node]["at"] for node in there]))
    near = tree.nearest(shapely.points([graph.nodes[node]["at"] for node in here]))
    found = [
        (shapes.distance_km(graph.nodes[a]["at"], graph.nodes[there[i]]["at"]), a, there[i])
        for a, i in zip(here, near.tolist(), strict=True)
    ]
    km, a, b = min(found)
    return a, b, km


def with_stations(graph: nx.Graph, stations: dict[str, Point], splits: list[Split]) -> nx.Graph:
    """Return the graph with the stations put on their lines.

    Notes
    -----
    A station splits the leg it lies on in the ratio of the straight distances. Other lines within `YARD_KM`
    are joined to it by the distance between the tracks, unless they are the same line coming round a bend.
    Where a leg was thinned so much that it misses the station, a typed split says where on the leg it lies.
    """
    made = graph.copy()
    taken = _typed_splits(made, stations, splits)
    for name in sorted(stations):
        spot = stations[name]
        hits = near_legs(made, spot)
        if name not in made:
            made.add_node(name, at=spot)
        for away, share, a, b in hits:
            if not made.has_edge(a, b) or name in (a, b):
                continue
            foot = between(made, a, b, share)
            link: object = name
            if made.degree(name) > 0:
                limit = SNAP_KM if name in taken and made.degree(name) == 2 else hits[0][0] + YARD_KM
                bend = away > STATION_KM and _track_km(made, name, {a, b}) < SAME_LINE_KM
                if away > limit or bend:
                    continue
                link = ("yard", name, made.degree(name))
                made.add_node(link, at=foot)
                made.add_edge(link, name, km=away)
            km = made.edges[a, b]["km"]
            made.remove_edge(a, b)
            made.add_edge(a, link, km=km * share)
            made.add_edge(link, b, km=km * (1 - share))
    return made


def _typed_splits(graph: nx.Graph, stations: dict[str, Point], splits: list[Split]) -> set[str]:
    """Put the stations with a typed place on a leg there; several may share a leg."""
    at = {graph.nodes[node]["at"]: node for node in graph}
    for name in {split.station for split in splits}:
        graph.add_node(name, at=stations[name])
    for leg in sorted({(split.start, split.end) for split in splits}):
        stops = sorted((split.km, split.station) for split in splits if (split.start, split.end) == leg)
        a, b = at[leg[0]], at[leg[1]]
        km = graph.edges[a, b]["km"]
        graph.remove_edge(a, b)
        chain = [(0.0, a), *stops, (km, b)]
        for (km_a, left), (km_b, right) in pairwise(chain):
            graph.add_edge(left, right, km=km_b - km_a)
    return {split.station for split in splits}


def between(graph: nx.Graph, a: object, b: object, share: float) -> Point:
    (ax, ay), (bx, by) = graph.nodes[a]["at"], graph.nodes[b]["at"]
    return (ax + share * (bx - ax), ay + share * (by - ay))


def _track_km(graph: nx.Graph, start: object, ends: set[object]) -> float:
    reached = nx.single_source_dijkstra_path_length(graph, start, cutoff=SAME_LINE_KM, weight="km")
    return min((reached.get(end, math.inf) for end in ends), default=math.inf)


def near_legs(graph: nx.Graph, spot: Point) -> list[tuple[float, float, object, object]]:
    scale = math.cos(math.radians(spot[1]))
    found = []
    for a, b in graph.edges:
        (ax, ay), (bx, by) = graph.nodes[a]["at"], graph.nodes[b]["at"]
        beside = min(ax, bx) > spot[0] + 0.3 or max(ax, bx) < spot[0] - 0.3
        if beside or min(ay, by) > spot[1] + 0.2 or max(ay, by) < spot[1] - 0.2:
            continue
        leg = np.array([(bx - ax) * scale, by - ay])
        size = float(leg @ leg)
        along = float(np.array([(spot[0] - ax) * scale, spot[1] - ay]) @ leg)
        share = 0.0 if size == 0 else float(np.clip(along / size, 0, 1))
        foot = (ax + share * (bx - ax), ay + share * (by - ay))
        away = shapes.distance_km(spot, foot)
        if away <= SNAP_KM:
            found.append((away, share, a, b))
    return sorted(found, key=lambda hit: (round(hit[0], 6), str(hit[2]), str(hit[3])))


def stretch(graph: nx.Graph, a: str, b: str) -> Stretch | None:
    """Return the shortest way over the tracks between two stations, None where there is none."""
    try:
        path = nx.shortest_path(graph, a, b, weight="km")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return None
    km = sum(graph.edges[u, v]["km"] for u, v in pairwise(path))
    points = tuple(graph.nodes[node]["at"] for node in path)
    return Stretch(km, points)
