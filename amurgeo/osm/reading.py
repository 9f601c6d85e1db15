"""OSM files and OSMnx graphs as segments, and the class, surface, direction and mode of their ways."""

from __future__ import annotations

import logging
import os
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.errors import InputError
from amurgeo.osm.seasons import (
    ACCESS_KEYS,
    CONDITIONAL_KEYS,
    SeasonDates,
    WaySeason,
    read_mass,
    read_season,
)

if TYPE_CHECKING:
    import networkx as nx

log = logging.getLogger(__name__)

SUFFIXES = (".osm", ".osm.xml", ".osm.bz2", ".osm.gz", ".osm.pbf", ".pbf", ".xml")
_EXPECTED = "expected .osm, .osm.bz2, .osm.gz or .osm.pbf"
#: Errors that osmium raises on damaged files.
_BROKEN = (RuntimeError, OSError, ValueError, LookupError, ArithmeticError, MemoryError)
#: Class of road of each value of ``highway`` that carries vehicles.
CLASSES = {
    **{name: name for name in ("motorway", "trunk", "primary", "secondary")},
    **{f"{name}_link": name for name in ("motorway", "trunk", "primary", "secondary")},
    **dict.fromkeys(("tertiary", "tertiary_link"), "secondary"),
    **dict.fromkeys(("unclassified", "residential", "living_street", "service", "road", "track"), "street"),
    "winter_road": "winter",
    "ice_road": "ice",
}
#: Classes of roads between towns: places are attached to them rather than to streets.
MAIN_CLASSES = frozenset({"motorway", "trunk", "primary", "secondary"})
_SURFACES = {
    "asphalt": "asphalt paved concrete concrete:plates concrete:lanes paving_stones sett chipseal cobblestone"
    " metal",
    "gravel": "gravel fine_gravel unpaved compacted ground dirt earth sand mud pebblestone grass rock wood",
    "ice": "ice snow",
}
_SURFACE_OF = {value: surface for surface, values in _SURFACES.items() for value in values.split()}
_NAMES = ("name:en", "name", "name:ru", "name:zh")
#: Tags that determine what a way is; ways in which they are equal are classified once.
DECIDING = (
    *("highway", "route", "area", "surface", "oneway", "junction", "toll", "bridge", "bridge:structure"),
    *("ferry", "ferry:type", "ice_road", "winter_road", "seasonal", "opening_hours", "maxweight"),
    *ACCESS_KEYS,
    *CONDITIONAL_KEYS,
)
#: Tags of ways that are read.
WAY_TAGS = (*DECIDING, "ref", *_NAMES)
#: Nodes that are read, by tag.
POINTS = {("barrier", "border_control"): "border_control", ("amenity", "ferry_terminal"): "ferry_terminal"}
#: Tags of nodes that are read.
NODE_TAGS = tuple(key for key, _ in POINTS)


@dataclass(frozen=True)
class RawArea:
    """Ways that may carry vehicles, as straight segments between OSM nodes.

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
        ``border_control`` or ``ferry_terminal``, by position of the node.
    asof
        Date of the data (ISO), if the file has one.
    missing
        Number of nodes of ways that the file does not contain.
    remarks
        Tags in which the ways of one edge of a simplified graph differ: way, key, text, problem, read.
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
    remarks: tuple[dict[str, Any], ...] = ()


def read_osm(path: Path) -> RawArea:
    """Read an OSM file.

    Parameters
    ----------
    path
        OSM XML (``.osm``, also ``.bz2`` and ``.gz``) or PBF (``.osm.pbf``).

    Returns
    -------
    RawArea
        The ways with ``highway=*`` or ``route=ferry``, cut where the file lacks a node.

    Raises
    ------
    InputError
        When the file does not exist, has another format, is damaged, or contains no road or ferry.
    """
    if not os.path.isfile(path):
        raise InputError(f"'{path}' is not a file; {_EXPECTED}")
    if not path.name.lower().endswith(SUFFIXES):
        raise InputError(f"'{path.name}' is not named as an OSM file; {_EXPECTED}")
    import osmium

    ways: list[tuple[int, dict[str, str]]] = []
    points: dict[int, str] = {}
    # Compact arrays: a country has too many nodes for lists of Python objects.
    refs, spots, piece, way_of_piece, missing = array("q"), array("d"), array("q"), array("q"), 0
    keys = osmium.filter.KeyFilter("highway", "route", "ice_road", "winter_road", "barrier", "amenity")
    try:
        with osmium.io.Reader(str(path)) as reader:
            asof = reader.header().get("osmosis_replication_timestamp", "")[:10]
        for entity in osmium.FileProcessor(str(path)).with_locations().with_filter(keys):
            tags = {tag.k: tag.v for tag in entity.tags}
            if isinstance(entity, osmium.osm.Node):
                kinds = [kind for (key, value), kind in POINTS.items() if tags.get(key) == value]
                points.update((entity.id, kind) for kind in kinds)
                continue
            if not isinstance(entity, osmium.osm.Way) or not (
                "highway" in tags or tags.get("route") == "ferry"
            ):
                continue
            way_of_piece.append(len(ways))
            for node in entity.nodes:
                location = node.location
                if location.valid():
                    refs.append(node.ref)
                    spots.append(location.lon)
                    spots.append(location.lat)
                    piece.append(len(way_of_piece) - 1)
                else:
                    # The way continues as another piece.
                    missing += 1
                    way_of_piece.append(len(ways))
            ways.append((entity.id, {key: tags[key] for key in WAY_TAGS if key in tags}))
    except (*_BROKEN, osmium.InvalidLocationError) as error:
        raise InputError(
            f"'{path.name}' cannot be read as OSM data: {error}; it may be cut off or of another kind"
        ) from error
    if not ways:
        raise InputError(f"'{path.name}' holds no road and no ferry; expected highway=* or route=ferry")
    log.info("%s: %d ways, %d missing nodes", path.name, len(ways), missing)
    node_id, first, where = np.unique(np.asarray(refs), return_index=True, return_inverse=True)
    pieces = np.asarray(piece)
    at = np.flatnonzero((np.diff(pieces) == 0) & (np.diff(where) != 0))
    segments = np.column_stack([where[at], where[at + 1], np.asarray(way_of_piece)[pieces[at]]])
    lonlat = np.asarray(spots).reshape(-1, 2)[first]
    return _raw_area(node_id, lonlat, segments, ways, points, asof=asof, missing=missing)


def raw_from_osmnx(graph: nx.MultiDiGraph) -> RawArea:
    """Convert a graph of OSMnx, simplified or not; raise InputError if it is something else.

    OSMnx turns ways against whose direction traffic runs, so their ``oneway`` becomes ``yes``. The points
    along a simplified edge are numbered above the nodes of the graph.
    """
    _check_graph(graph)
    lonlat = {id_: (float(node["x"]), float(node["y"])) for id_, node in graph.nodes(data=True)}
    points = {
        id_: kind
        for id_, node in graph.nodes(data=True)
        for (key, value), kind in POINTS.items()
        if node.get(key) == value
    }
    ways: dict[Any, tuple[int, dict[str, str]]] = {}
    number: dict[Any, int] = {}
    along: dict[tuple[float, float], int] = {}
    drawn: set[tuple[int, tuple[int, ...]]] = set()
    rows: list[tuple[int, int, int]] = []
    remarks: list[dict[str, Any]] = []
    last = max(lonlat)
    for tail, head, data in graph.edges(data=True):
        oneway, reverse = (True in _values(data.get(name, False)) for name in ("oneway", "reversed"))
        if data.get("reversed") is True:
            # The same segments are an edge in the direction of the way.
            continue
        ids = _values(data.get("osmid", 0))
        way = (int(min(ids)), _tags(data, oneway))
        key = (way[0], *way[1].items())
        if key not in ways:
            ways[key], number[key] = way, len(number)
        path = [tail, head]
        if "geometry" in data:
            inner = data["geometry"].coords[1:-1]
            path[1:1] = [along.setdefault((x, y), last + 1 + len(along)) for x, y, *_ in inner]
        if not oneway and reverse:
            # Merged edges may be reversed in part: both directions are in the graph.
            line = (number[key], min(tuple(path), tuple(path[::-1])))
            if line in drawn:
                continue
            drawn.add(line)
        remarks += _remarks(way, data)
        rows += [(*pair, number[key]) for pair in pairwise(path) if pair[0] != pair[1]]
    lonlat |= {id_: point for point, id_ in along.items()}
    node_id = np.array(sorted(lonlat), dtype=np.int64)
    segments = np.array(rows, dtype=np.int64).reshape(-1, 3)
    segments[:, :2] = np.searchsorted(node_id, segments[:, :2])
    positions = np.array([lonlat[id_] for id_ in node_id.tolist()], dtype=float).reshape(-1, 2)
    raw = _raw_area(node_id, positions, segments, list(ways.values()), points)
    return replace(raw, remarks=tuple(remarks))


def _remarks(way: tuple[int, dict[str, str]], data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tags in which the ways of an edge differ, with the value that is used."""
    return [
        {
            "way": way[0],
            "key": key,
            "text": ";".join(map(str, data[key])),
            "problem": f"the edge joins ways that differ; {used} is used for all of it",
            "read": True,
        }
        for key, used in way[1].items()
        if key in DECIDING and len(_values(data[key])) > 1
    ]


def _check_graph(graph: Any) -> None:
    """Raise unless an object is a graph of OSMnx in degrees."""
    import networkx as nx

    expected = "expected the path of an extract, or a MultiDiGraph of OSMnx"
    if not isinstance(graph, nx.MultiDiGraph):
        raise InputError(f"the source is invalid: {type(graph).__name__}; {expected}")
    if not graph.number_of_edges():
        raise InputError("the graph is empty; expected at least one edge")
    for id_, node in graph.nodes(data=True):
        if isinstance(id_, bool) or not isinstance(id_, int) or not {"x", "y"} <= set(node):
            raise InputError(f"the graph is invalid: node {id_!r}; expected a whole number with x and y")
        if not (abs(node["x"]) <= 180.0 and abs(node["y"]) <= 90.0):
            raise InputError(
                "the graph is projected; expected degrees, see osmnx.project_graph(graph, to_latlong=True)"
            )


def _values(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _tags(data: Mapping[str, Any], oneway: bool) -> dict[str, str]:
    """Return the tags of an edge; where it joins several ways, those of the most restricted."""
    tags = {}
    for key in WAY_TAGS:
        values = [str(value) for value in _values(data.get(key)) if value is not None and value == value]
        if not values or key == "oneway":
            continue
        if key == "highway":
            order = list(CLASSES)
            values.sort(key=lambda value: order.index(value) if value in order else len(order), reverse=True)
        elif key == "maxweight":
            values.sort(key=lambda value: np.nan_to_num(read_mass(value), nan=np.inf))
        tags[key] = values[0]
    return {**tags, "oneway": "yes"} if oneway else tags


def _raw_area(
    node_id: np.ndarray,
    lonlat: np.ndarray,
    segments: np.ndarray,
    ways: list[tuple[int, dict[str, str]]],
    points: Mapping[int, str],
    *,
    asof: str = "",
    missing: int = 0,
) -> RawArea:
    """Sort ways and segments by their ids, so that every source gives the same area."""
    order = np.argsort([id_ for id_, _ in ways], kind="stable")
    rank = np.empty(len(ways), dtype=np.int64)
    rank[order] = np.arange(len(ways))
    tail, head, way = segments[:, 0], segments[:, 1], rank[segments[:, 2]]
    by_way = np.lexsort((head, tail, way))
    special = np.flatnonzero(np.isin(node_id, np.array(list(points), dtype=np.int64)))
    return RawArea(
        node_id,
        lonlat[:, 0],
        lonlat[:, 1],
        tail[by_way],
        head[by_way],
        way[by_way],
        tuple(ways[at] for at in order.tolist()),
        {int(at): points[int(node_id[at])] for at in special},
        asof,
        missing,
    )


@dataclass(frozen=True)
class Kind:
    """Class of a way.

    Attributes
    ----------
    class_, surface
        Class and surface of the road; ``ferry`` and ``water`` for a ferry.
    mode
        Mode of a crossing on it: ``road``, ``bridge``, ``pontoon``, ``ferry``, ``hovercraft``, ``ice_road``.
    oneway
        1 along the way only, -1 against it only, 0 both.
    toll
        Whether there is a toll.
    season
        Operating window and mass limit; empty if the way is closed to vehicles.
    """

    class_: str
    surface: str
    mode: str
    oneway: int
    toll: bool
    season: WaySeason


def kind_of(tags: Mapping[str, str], dates: SeasonDates) -> Kind | None:
    """Classify a way by its tags; None if it carries no vehicles.

    Examples
    --------
    >>> kind = kind_of({"highway": "tertiary", "surface": "gravel"}, SeasonDates())
    >>> kind.class_, kind.surface, kind.season.all_year
    ('secondary', 'gravel', True)
    >>> kind_of({"highway": "footway"}, SeasonDates()) is None
    True
    """
    highway, oneway = tags.get("highway"), tags.get("oneway", "")
    class_ = CLASSES.get(highway or "")
    if tags.get("winter_road") == "yes":
        class_ = highway and "winter"
    if tags.get("ice_road") == "yes":
        class_ = highway and "ice"
    if tags.get("route") == "ferry":
        class_ = "ferry"
    if not class_ or tags.get("area") == "yes":
        return None
    roundabout = tags.get("junction") == "roundabout" and oneway != "no"
    direction = -1 if oneway in ("-1", "reverse") else int(oneway in ("yes", "true", "1") or roundabout)
    season = read_season(tags, dates)
    return Kind(
        class_, _surface(tags, class_), _mode(tags, class_), direction, tags.get("toll") == "yes", season
    )


def _surface(tags: Mapping[str, str], class_: str) -> str:
    if class_ in ("ice", "ferry"):
        return "ice" if class_ == "ice" else "water"
    value = tags.get("surface", "").lower()
    surface = _SURFACE_OF.get(value, "")
    if class_ == "winter" and (surface == "ice" or not value):
        return "ice"
    if surface in ("asphalt", "gravel"):
        return surface
    # Main roads without a surface are paved; others may be either.
    return "asphalt" if not surface and class_ in ("motorway", "trunk", "primary") else "mixed"


def _mode(tags: Mapping[str, str], class_: str) -> str:
    if class_ == "ferry":
        return "hovercraft" if "hovercraft" in (tags.get("ferry"), tags.get("ferry:type")) else "ferry"
    if class_ in ("ice", "winter"):
        return "ice_road"
    bridge = tags.get("bridge", "no")
    if {"floating", "pontoon"} & {bridge, tags.get("bridge:structure", "")}:
        return "pontoon"
    return "road" if bridge == "no" else "bridge"


def kinds_of(raw: RawArea, dates: SeasonDates) -> list[Kind | None]:
    """Classify all ways; ways with the same deciding tags share a kind."""
    known: dict[tuple[str | None, ...], Kind | None] = {}
    kinds = []
    for _, tags in raw.ways:
        key = tuple(map(tags.get, DECIDING))
        if key not in known:
            known[key] = kind_of(tags, dates)
        kinds.append(known[key])
    return kinds


def way_name(tags: Mapping[str, str]) -> str:
    """Return the name of a way, in English if it has an English name."""
    return next((tags[key] for key in _NAMES if tags.get(key)), "")
