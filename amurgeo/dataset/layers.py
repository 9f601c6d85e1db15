"""Map layers in: GeoJSON files read by the dataset's terms, everything wrong in one of them at once."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from amurgeo.dataset.paths import geo_dir
from amurgeo.errors import DataError, Fault

if TYPE_CHECKING:
    import geopandas as gpd


def layer_names() -> list[str]:
    """Return the names of the dataset's map layers.

    Examples
    --------
    >>> "border" in layer_names()
    True
    """
    return sorted(path.stem for path in _folder().glob("*.geojson"))


def read_layer(name: str) -> gpd.GeoDataFrame:
    """Read a map layer of the dataset: a shape and an ``id`` of its own for every row, in degrees.

    Parameters
    ----------
    name
        Name of a layer that is there.

    Raises
    ------
    DataError
        With every fault of the file, when there is one.

    Examples
    --------
    >>> read_layer("regions").crs.to_epsg()
    4326
    """
    import geopandas as gpd
    import shapely
    from pyogrio.errors import DataLayerError, DataSourceError

    path = _folder() / f"{name}.geojson"
    unreadable = Fault(
        path.name, None, None, "layer", "is no GeoJSON that can be read; export the layer anew"
    )
    try:
        # What GDAL warns of it has left out.
        with warnings.catch_warnings(record=True) as left_out:
            warnings.simplefilter("always")
            frame = gpd.read_file(path, engine="pyogrio")
        if isinstance(frame, gpd.GeoDataFrame) and len(frame):
            frame = frame.to_crs("EPSG:4326")
    except (DataSourceError, DataLayerError, OSError, ValueError, shapely.GEOSException):
        raise DataError([unreadable]) from None
    if left_out:
        raise DataError([replace(unreadable, problem=f"{unreadable.problem} ({left_out[0].message})")])
    faults = _faults(frame, path.name) if len(frame) else []
    if faults:
        raise DataError(faults)
    return frame.astype({"id": str}) if len(frame) else frame


def _folder() -> Path:
    return geo_dir() / "layers"


def _faults(frame: gpd.GeoDataFrame, file: str) -> list[Fault]:
    import geopandas as gpd
    import shapely

    def fault(column: str, problem: str) -> Fault:
        return Fault(file, None, column, "layer", problem)

    if not isinstance(frame, gpd.GeoDataFrame):
        return [fault("geometry", "no feature has a shape; every one needs a line or polygon")]
    found = []
    if "id" not in frame:
        found.append(fault("id", "features have no property 'id'; give every one an id of its own"))
    else:
        ids = frame["id"]
        for id_ in ids[ids.duplicated() & ids.notna()].unique():
            found.append(fault("id", f"'{id_}' stands here a second time; ids are unique"))
        if ids.isna().any():
            found.append(fault("id", f"{int(ids.isna().sum())} features have no id; give every one its own"))
    shapes = frame.geometry.array
    hollow = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if hollow.any():
        found.append(fault("geometry", f"{int(hollow.sum())} features have no shape; draw or delete them"))
    west, south, east, north = shapely.bounds(shapes).T
    outside = ~hollow & ~((west >= -180) & (south >= -90) & (east <= 180) & (north <= 90))
    if outside.any():
        found.append(
            fault("geometry", f"{int(outside.sum())} features leave the globe; give degrees, longitude first")
        )
    return found
