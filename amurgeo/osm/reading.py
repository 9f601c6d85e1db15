"""OpenStreetMap in: XML (also .bz2, .gz) and PBF through osmium, and graphs of OSMnx, as one raw form."""

from __future__ import annotations

import logging
import os
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.errors import InputError
from amurgeo.osm.tags import POINTS, WAY_TAGS

if TYPE_CHECKING:
    import networkx as nx

log = logging.getLogger(__name__)

SUFFIXES = (".osm", ".osm.xml", ".osm.bz2", ".osm.gz", ".osm.pbf", ".pbf", ".xml")
#: What osmium raises on files that are none of its own.
_BROKEN = (RuntimeError, OSError, ValueError, LookupError, ArithmeticError, MemoryError)


@dataclass(frozen=True)
class RawArea:
    """Ways that may carry vehicles, cut into straight segments between OSM nodes.

    Attributes
    ----------
    node_id
        OSM ids of the nodes, ascending.
    lon, lat
        Degrees, WGS-84.
    tail, head
        Ends of each segment, as positions in ``node_id``, in the order of its way.
    way
        Position of each segment's way in ``ways``.
    ways
        OSM id and tags of each way.
    points
        What single nodes are (``border_control``, ``ferry_terminal``), by position.
    asof
        Day of the data (ISO), where the file tells it.
    missing
        Nodes of ways that the file does not hold.
    """

    node_id: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    way: np.ndarray
    ways: tuple[tuple[int, Mapping[str, str]], ...]
    points: Mapping[int, str]
    asof: str = ""
    missing: int = 0


def read_osm(path: Path) -> RawArea:
    """Read an OSM file.

    Parameters
    ----------
    path
        OSM XML (``.osm``, also ``.bz2`` and ``.gz``) or PBF (``.osm.pbf``).

    Raises
    ------
    InputError
        When the file does not exist, is none of these, is damaged, or holds no road.

    Notes
    -----
    The files are read by osmium; about ten seconds for a million nodes.
    """
    if not os.path.isfile(path):
        raise InputError(f"'{path}' is no file; give an OSM extract: .osm, .osm.bz2, .osm.gz or .osm.pbf")
    if not path.name.lower().endswith(SUFFIXES):
        raise InputError(
            f"'{path.name}' is no OSM file by its name; it should end in .osm, .osm.bz2, .osm.gz or .osm.pbf"
        )
    import osmium

    collected = _Collected()
    keys = osmium.filter.KeyFilter("highway", "route", "ice_road", "winter_road", "barrier", "amenity")
    try:
        with osmium.io.Reader(str(path)) as reader:
            asof = reader.header().get("osmosis_replication_timestamp", "")[:10]
        for entity in osmium.FileProcessor(str(path)).with_locations().with_filter(keys):
            tags = {tag.k: tag.v for tag in entity.tags}
            if isinstance(entity, osmium.osm.Way):
                if "highway" in tags or tags.get("route") == "ferry":
                    collected.way(entity.id, tags, entity.nodes)
            elif isinstance(entity, osmium.osm.Node):
                collected.node(entity.id, tags)
    except (*_BROKEN, osmium.InvalidLocationError) as error:
        raise InputError(
            f"'{path.name}' cannot be read as OSM data: {error}; it may be cut off or of another kind"
        ) from error
    if not collected.ways:
        raise InputError(
            f"'{path.name}' holds no road and no ferry; give one with ways of highway=* or route=ferry"
        )
    log.info("%s: %d ways, %d missing nodes", path.name, len(collected.ways), collected.missing)
    return collected.area(asof)


class _Collected:
    """Ways as they come, kept flat."""

    def __init__(self) -> None:
        self.ways: list[tuple[int, dict[str, str]]] = []
        # Arrays of machine numbers: a country has more nodes than lists of Python's own would bear.
        self.refs = array("q")
        self.spots = array("d")
        self.starts = array("q")
        self.owner = array("q")
        self.points: dict[int, str] = {}
        self.missing = 0

    def node(self, id_: int, tags: Mapping[str, str]) -> None:
        for pair, kind in POINTS.items():
            if tags.get(pair[0]) == pair[1]:
                self.points[id_] = kind

    def way(self, id_: int, tags: Mapping[str, str], nodes: Any) -> None:
        """Keep one way; nodes that the file lacks cut it."""
        position = len(self.ways)
        self.ways.append((id_, {key: tags[key] for key in WAY_TAGS if key in tags}))
        fresh = True
        for node in nodes:
            location = node.location
            if not location.valid():
                self.missing += 1
                fresh = True
                continue
            if fresh:
                self.starts.append(len(self.refs))
                self.owner.append(position)
                fresh = False
            self.refs.append(node.ref)
            self.spots.append(location.lon)
            self.spots.append(location.lat)

    def area(self, asof: str) -> RawArea:
        refs = np.array(self.refs, dtype=np.int64)
        node_id, first, where = np.unique(refs, return_index=True, return_inverse=True)
        spots = np.array(self.spots, dtype=float).reshape(-1, 2)[first]
        is_start = np.zeros(len(refs) + 1, dtype=bool)
        starts = np.array(self.starts, dtype=np.int64)
        is_start[starts] = True
        tails = np.flatnonzero(~is_start[1:-1]) if len(refs) else np.zeros(0, dtype=int)
        lengths = np.diff(np.append(starts, len(refs)))
        owner = np.repeat(np.array(self.owner, dtype=np.int64), lengths)
        tail, head = where[tails], where[tails + 1]
        keep = tail != head
        ids = np.array(sorted(self.points), dtype=np.int64)
        _, positions, own = np.intersect1d(node_id, ids, assume_unique=True, return_indices=True)
        points = {int(at): self.points[int(ids[mine])] for at, mine in zip(positions, own, strict=True)}
        segments = np.column_stack([tail[keep], head[keep], owner[tails][keep]])
        return _ordered(node_id, spots, segments, self.ways, points, asof, self.missing)


def _ordered(
    node_id: np.ndarray,
    spots: np.ndarray,
    segments: np.ndarray,
    ways: list[tuple[int, dict[str, str]]],
    points: Mapping[int, str],
    asof: str,
    missing: int,
) -> RawArea:
    """Bring ways and segments into the order of their ids, so that every source gives the same area."""
    by_id = sorted(range(len(ways)), key=lambda at: ways[at][0])
    place = np.empty(len(ways), dtype=np.int64)
    place[by_id] = np.arange(len(ways))
    tail, head, way = segments[:, 0], segments[:, 1], place[segments[:, 2]]
    order = np.lexsort((head, tail, way))
    return RawArea(
        node_id,
        spots[:, 0],
        spots[:, 1],
        tail[order],
        head[order],
        way[order],
        tuple(ways[at] for at in by_id),
        points,
        asof,
        missing,
    )


def raw_from_osmnx(graph: nx.MultiDiGraph, *, asof: str = "") -> RawArea:
    """Take over an unsimplified graph of OSMnx.

    Parameters
    ----------
    graph
        From ``osmnx.graph_from_polygon(..., simplify=False)`` with the tags of `amurgeo.osm.tags`
        among the useful ones.
    asof
        Day of the data.

    Notes
    -----
    OSMnx turns ways against whose direction traffic runs, so their ``oneway`` becomes ``yes``.
    """
    ids = np.array(sorted(graph.nodes), dtype=np.int64)
    position = {id_: at for at, id_ in enumerate(ids.tolist())}
    nodes = [graph.nodes[id_] for id_ in ids.tolist()]
    ways: dict[int, int] = {}
    kept: list[tuple[int, dict[str, str]]] = []
    rows: list[tuple[int, int, int]] = []
    for tail, head, data in graph.edges(data=True):
        if data["reversed"]:
            continue
        id_ = data["osmid"]
        if id_ not in ways:
            ways[id_] = len(kept)
            tags = {key: str(data[key]) for key in WAY_TAGS if key in data and key != "oneway"}
            if data.get("oneway"):
                tags["oneway"] = "yes"
            kept.append((id_, tags))
        if tail != head:
            rows.append((position[tail], position[head], ways[id_]))
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    points = {
        at: kind
        for at, node in enumerate(nodes)
        for pair, kind in POINTS.items()
        if node.get(pair[0]) == pair[1]
    }
    spots = np.array([(node["x"], node["y"]) for node in nodes], dtype=float).reshape(-1, 2)
    return _ordered(ids, spots, table, kept, points, asof, 0)
