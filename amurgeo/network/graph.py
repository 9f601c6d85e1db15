"""The network as a graph for networkx and OSMnx: integer keys, one set of attributes on all edges."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import networkx as nx

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
    attributes["street_count"] = _street_counts(arcs).reindex(used.index).to_numpy()
    graph = nx.MultiDiGraph(crs="EPSG:4326", name="amurgeo", simplified=True)
    graph.add_nodes_from(zip(keys.values(), attributes.to_dict("records"), strict=True))
    ends = (arcs[end].map(keys) for end in ("tail", "head"))
    extra = [name for name in arcs.columns if name not in ("edge", "tail", "head", "osmid", *EDGE_ATTRIBUTES)]
    records = arcs[["osmid", *EDGE_ATTRIBUTES, *extra]].to_dict("records")
    for tail, head, record in zip(*ends, records, strict=True):
        graph.add_edge(tail, head, **record)
    return graph


def _street_counts(arcs: pd.DataFrame) -> pd.Series:
    """Return the number of edges at each node, either direction counted once."""
    ends = pd.concat([arcs[["edge", end]].set_axis(["edge", "node"], axis=1) for end in ("tail", "head")])
    return ends.drop_duplicates().groupby("node").size()
