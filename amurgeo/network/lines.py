"""Points and lines of the rows of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE
from amurgeo.dataset.layers import layer_names, read_layer

if TYPE_CHECKING:
    import geopandas as gpd

#: Coordinate reference system of all geometries.
CRS = "EPSG:4326"


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
