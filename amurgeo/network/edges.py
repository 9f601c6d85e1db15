"""Edges of a network from its tables, their lines, and the graph for networkx and OSMnx."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE
from amurgeo.dataset.files import layer_names, read_layer

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

#: Coordinate reference system of all geometries.
CRS = "EPSG:4326"
#: Mean radius of the Earth in km, as in OSMnx.
EARTH_KM = 6371.009
_EDGE_COLUMNS = ["kind", "from_place", "to_place", "mode", "ref", "class", "surface", "length_km", "season"]
_EDGE_COLUMNS += ["estimated", "status", "opened", "source", "oneway", "toll", "max_mass_t", "traffic"]
#: Kinds of edges that a scenario can change one by one.
LAND = ("road", "railway")
#: Between the id of a road that is split at a point and the ends of a piece.
PIECE = "//"
_TEXT_COLUMNS = ["ref", "class", "surface", "season", "status"]
#: Attributes of every edge besides ``osmid``, in order.
EDGE_ATTRIBUTES = (
    *("id", "kind", "mode", "highway", "ref", "name", "oneway", "reversed"),
    *("length", "length_km", "geometry"),
)
#: Node and way of OpenStreetMap in the ids of an area.
_OSM_ID = re.compile(r"osm_(\d+)|.*:w(\d+)(?::\d+)?", re.DOTALL)
#: Above every id of OpenStreetMap, and exact in double precision together with the hash.
_FIRST = 2**50
_HIGHWAYS = {"street": "residential"}


def great_circle_km(lon1: Any, lat1: Any, lon2: Any, lat2: Any) -> np.ndarray:
    """Return great-circle distances in km between points in degrees.

    >>> float(great_circle_km(127.5, 50.25, 127.5, 51.25).round(1))
    111.2
    """
    a, b = np.radians(lat1), np.radians(lat2)
    half_lon = np.radians(np.subtract(lon2, lon1)) / 2
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(half_lon) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(half)))


def edge_table(base: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every edge between two nodes, by id; see ``Network.edges``."""
    roads, crossings = ends(base, "roads"), ends(base, "crossings")
    rail = ends(base, "railways").rename(columns={"line": "ref", "kind": "class"})
    parts = (
        roads.assign(kind="road", mode="road", estimated=_estimated(roads, "length_source", "confidence")),
        access_roads(base).assign(kind="road", mode="road"),
        rail.assign(kind="railway", mode="rail", surface="rail", estimated=_estimated(rail, "length_source")),
        transfers(base).assign(kind="transfer", mode="transfer"),
        crossings.assign(
            kind="crossing", estimated=_estimated(crossings, "confidence"), **{"class": crossings["mode"]}
        ),
    )
    edges = pd.concat([part.reindex(columns=_EDGE_COLUMNS) for part in parts])
    return edges.assign(
        **{name: edges[name].fillna("").astype(object) for name in _TEXT_COLUMNS},
        oneway=edges["oneway"].eq(True),
        toll=edges["toll"].eq(True),
        max_mass_t=edges["max_mass_t"].astype(float),
        traffic=edges["traffic"].astype(object).where(edges["traffic"].notna(), "both"),
    )


class RoadState(NamedTuple):
    """Keys of the open seasons of roads, and changes of single edges: id, action, value (tonnes, km/h)."""

    seasons: frozenset[str] = frozenset()
    edits: frozenset[tuple[str, str, float]] = frozenset()


def edited(edges: pd.DataFrame, roads: RoadState) -> pd.DataFrame:
    """Return the edges that can be used, with their changes; those of a road hold for its pieces too.

    A change of speed adds the columns ``speed_factor`` and ``speed_kmh``, NaN where the usual speed holds.
    """
    seasonal = edges["season"] != ""
    is_open = ~seasonal | edges["season"].isin(roads.seasons)
    if not roads.edits:
        return edges[is_open]
    edges = edges.assign(speed_factor=float("nan"), speed_kmh=float("nan"))
    closed = pd.Series(False, index=edges.index)
    for id_, action, value in sorted(roads.edits):
        here = (edges.index == id_) | edges.index.str.startswith(id_ + PIECE)
        if action == "close":
            closed |= here
        elif action == "open":
            edges.loc[here, "season"] = ""
            is_open |= here
        elif action == "limit_t":
            edges.loc[here, "max_mass_t"] = edges.loc[here, "max_mass_t"].fillna(value).clip(upper=value)
        else:
            edges.loc[here, action] = value
    return edges[is_open & ~closed]


def ends(base: Mapping[str, pd.DataFrame], table: str) -> pd.DataFrame:
    """Return a table of edges with its ends as from_place and to_place."""
    return base[table].rename(columns={"from": "from_place", "to": "to_place"})


def access_roads(base: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the roads from places to their terminals."""
    terminals = base["terminals"]
    roads = terminals[["place", "access_class", "access_km", "source"]].assign(
        to_place=terminals.index, surface="asphalt", estimated=_estimated(terminals, "confidence")
    )
    columns = {"place": "from_place", "access_class": "class", "access_km": "length_km"}
    return roads.rename(columns=columns).set_axis(terminals["place"] + "--" + terminals.index)


def transfers(base: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the edges of no length between places and their transshipment yards."""
    stations = base["stations"]
    yards = stations[stations["transshipment"] & (stations["place"] != "")]
    edges = yards[["place", "source"]].rename(columns={"place": "from_place"})
    edges = edges.assign(to_place=yards.index, length_km=0.0, estimated=True)
    return edges.set_axis(yards["place"] + "--" + yards.index)


def _estimated(frame: pd.DataFrame, *columns: str) -> pd.Series:
    return frame[list(columns)].eq("estimated").any(axis=1)


# -- lines -------------------------------------------------------------------------------------------


def draw_lines(net: Any, frame: pd.DataFrame, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Add the line of each row: from the layer if it has one, else through the bends.

    With a layer, ``course`` tells these apart: ``surveyed`` (from OpenStreetMap), ``via`` (through known
    points) and ``schematic`` (straight between the ends: no course is known).
    """
    import geopandas as gpd
    import shapely

    points = net.nodes[["lon", "lat"]]
    starts = points.reindex(frame["from_place"]).to_numpy(dtype=float).tolist()
    ends = points.reindex(frame["to_place"]).to_numpy(dtype=float).tolist()
    bends = (frame["bends"] if "bends" in frame else pd.Series("", index=frame.index)).fillna("")
    surveyed = (frame["source"] == OSM_SOURCE).to_numpy()
    lines = [
        shapely.LineString([start, *_coordinates(text), end])
        for start, text, end in zip(starts, bends, ends, strict=True)
    ]
    shapes = pd.Series(lines, index=frame.index, dtype=object)
    if layer is not None and layer in layer_names(net.folder):
        drawn = read_layer(layer, net.folder).set_index("id").geometry
        known = drawn.index.intersection(shapes.index)
        shapes.loc[known] = drawn.loc[known]
        surveyed = surveyed | shapes.index.isin(known)
    if layer is not None:
        via = np.where(bends != "", "via", "schematic")
        frame = frame.assign(course=np.where(surveyed, "surveyed", via).astype(object))
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=CRS))


def with_points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the point of each row, from its lon and lat."""
    import geopandas as gpd

    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=CRS)


def _coordinates(bends: str) -> list[list[float]]:
    """Parse ``"lon lat;lon lat"``."""
    return [[float(number) for number in point.split()] for point in bends.split(";") if point.strip()]


# -- graph -------------------------------------------------------------------------------------------


def osm_number(id_: str) -> int:
    """Return the integer key of a node or edge.

    It is the number of the node or way in an area of OpenStreetMap. Other ids have a number from 2**50 on
    that depends on the id alone, so it is the same in every graph.

    >>> osm_number("osm_31"), osm_number("zeya--osm_31:w75:2")
    (31, 75)
    >>> osm_number("zeya") == osm_number("zeya") > 2**50
    True
    """
    match = _OSM_ID.fullmatch(id_)
    if match is not None:
        return int(match[1] or match[2])
    return _FIRST + int.from_bytes(blake2b(id_.encode(), digest_size=6).digest())


def edge_attributes(edges: pd.DataFrame, road_names: pd.Series, lines: list[pd.Series]) -> pd.DataFrame:
    """Return the attributes of edges in the graph, by id.

    ``highway`` is the class of a road in the words of OpenStreetMap, else the mode.
    """
    road_class = edges["class"].replace(_HIGHWAYS)
    return edges[["kind", "mode", "ref", "oneway"]].assign(
        highway=road_class.where(edges["kind"] == "road", edges["mode"]),
        name=road_names.reindex(edges.index).fillna("").astype(object),
        geometry=pd.concat(lines).reindex(edges.index).astype(object),
    )


def both_ways(edges: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    """Return the arcs of edges for `build_graph`: both directions, but for one-way roads."""
    arcs = edges[["from_place", "to_place", "length_km"]].join(attributes)
    forth = arcs.rename(columns={"from_place": "tail", "to_place": "head"}).rename_axis("edge").reset_index()
    back = forth[~forth["oneway"]].rename(columns={"tail": "head", "head": "tail"})
    return pd.concat([forth, back], ignore_index=True)


def build_graph(nodes: pd.DataFrame, arcs: pd.DataFrame) -> nx.MultiDiGraph:
    """Return a directed multigraph that OSMnx takes as it is."""
    import networkx as nx
    import shapely

    first = arcs.drop_duplicates("edge").set_index("edge")["tail"]
    backward = arcs["tail"].to_numpy() != first.reindex(arcs["edge"]).to_numpy()
    lines = arcs["geometry"].to_numpy(copy=True)
    lines[backward] = shapely.reverse(lines[backward])
    arcs = arcs.assign(
        id=arcs["edge"],
        osmid=arcs["edge"].map(osm_number),
        length=arcs["length_km"] * 1000.0,
        reversed=backward,
        geometry=lines,
    )
    used = nodes.loc[nodes.index.isin(arcs["tail"]) | nodes.index.isin(arcs["head"])]
    keys = {id_: osm_number(id_) for id_ in used.index}
    attributes = used.rename(columns={"lon": "x", "lat": "y", "name_en": "name"}).rename_axis("id")
    attributes = attributes[["x", "y", "kind", "country", "name"]].reset_index()
    # The number of edges at each node, either direction counted once.
    at = arcs.melt("edge", ["tail", "head"], value_name="node")[["edge", "node"]].drop_duplicates()
    attributes["street_count"] = at.groupby("node").size().reindex(used.index).to_numpy()
    graph = nx.MultiDiGraph(crs="EPSG:4326", name="amurgeo", simplified=True)
    graph.add_nodes_from(zip(keys.values(), attributes.to_dict("records"), strict=True))
    ends = (arcs[end].map(keys) for end in ("tail", "head"))
    extra = [name for name in arcs.columns if name not in ("edge", "tail", "head", "osmid", *EDGE_ATTRIBUTES)]
    records = arcs[["osmid", *EDGE_ATTRIBUTES, *extra]].to_dict("records")
    for tail, head, record in zip(*ends, records, strict=True):
        graph.add_edge(tail, head, **record)
    return graph
