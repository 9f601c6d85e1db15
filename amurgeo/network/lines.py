"""Edges that other tables imply, and points and lines of the rows of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.layers import layer_names, read_layer

if TYPE_CHECKING:
    import geopandas as gpd

#: Coordinate reference system of all geometries.
CRS = "EPSG:4326"
_EDGE_COLUMNS = ["kind", "from_place", "to_place", "mode", "ref", "class", "surface", "length_km", "season"]
_EDGE_COLUMNS += ["estimated", "status", "opened", "source", "oneway", "max_mass_t"]
_TEXT_COLUMNS = ["ref", "class", "surface", "season", "status"]


def edges_of(base: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every edge between two nodes, as `Network.edges` does."""
    roads, crossings = ends(base["roads"]), ends(base["crossings"])
    rail = ends(base["railways"]).rename(columns={"line": "ref", "kind": "class"})
    parts = (
        roads.assign(kind="road", mode="road", estimated=is_estimated(roads, "length_source", "confidence")),
        access_roads(base["terminals"]).assign(kind="road", mode="road"),
        rail.assign(
            kind="railway", mode="rail", surface="rail", estimated=is_estimated(rail, "length_source")
        ),
        transfers(base["stations"]).assign(kind="transfer", mode="transfer"),
        crossings.assign(
            kind="crossing",
            estimated=is_estimated(crossings, "confidence"),
            **{"class": crossings["mode"]},
        ),
    )
    edges = pd.concat([part.reindex(columns=_EDGE_COLUMNS) for part in parts])
    return edges.assign(
        **{name: edges[name].fillna("").astype(object) for name in _TEXT_COLUMNS},
        oneway=edges["oneway"].eq(True),
        max_mass_t=edges["max_mass_t"].astype(float),
    )


def ends(edges: pd.DataFrame) -> pd.DataFrame:
    """Return edges with their ends as ``from_place`` and ``to_place``."""
    return edges.rename(columns={"from": "from_place", "to": "to_place"})


def is_estimated(frame: pd.DataFrame, *columns: str) -> pd.Series:
    """Return whether any of the columns is an estimate."""
    return frame[list(columns)].eq("estimated").any(axis=1)


def access_roads(terminals: pd.DataFrame) -> pd.DataFrame:
    """Return the roads from places to their terminals."""
    roads = terminals[["place", "access_class", "access_km", "source"]].assign(
        to_place=terminals.index, surface="asphalt", estimated=is_estimated(terminals, "confidence")
    )
    columns = {"place": "from_place", "access_class": "class", "access_km": "length_km"}
    return roads.rename(columns=columns).set_axis(terminals["place"] + "--" + terminals.index)


def transfers(stations: pd.DataFrame) -> pd.DataFrame:
    """Return the edges of no length between places and their transshipment yards."""
    yards = stations[stations["transshipment"] & (stations["place"] != "")]
    edges = yards[["place", "source"]].rename(columns={"place": "from_place"})
    edges = edges.assign(to_place=yards.index, length_km=0.0, estimated=True)
    return edges.set_axis(yards["place"] + "--" + yards.index)


def draw_lines(net: Any, frame: pd.DataFrame, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Add the line of each row: from the layer if it has one, else through the bends."""
    import geopandas as gpd
    import shapely

    points = net.nodes[["lon", "lat"]]
    starts = points.reindex(frame["from_place"]).to_numpy(dtype=float).tolist()
    ends = points.reindex(frame["to_place"]).to_numpy(dtype=float).tolist()
    bends = frame["bends"].fillna("") if "bends" in frame else [""] * len(frame)
    lines = [
        shapely.LineString([start, *_coordinates(text), end])
        for start, text, end in zip(starts, bends, ends, strict=True)
    ]
    shapes = pd.Series(lines, index=frame.index, dtype=object)
    if layer is not None and layer in layer_names(net.folder):
        drawn = read_layer(layer, net.folder).set_index("id").geometry
        known = drawn.index.intersection(shapes.index)
        shapes.loc[known] = drawn.loc[known]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=CRS))


def with_points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the point of each row, from its lon and lat."""
    import geopandas as gpd

    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=CRS)


def _coordinates(bends: str) -> list[list[float]]:
    """Parse ``"lon lat;lon lat"``."""
    return [[float(number) for number in point.split()] for point in bends.split(";") if point.strip()]
