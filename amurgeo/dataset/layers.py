"""Reading of the map layers, GeoJSON files in the folder of the dataset, with all faults at once."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from amurgeo.dataset.schema import geo_dir
from amurgeo.errors import DataError, Fault

if TYPE_CHECKING:
    import geopandas as gpd


def layer_names(folder: Path | None = None) -> list[str]:
    """Return the names of the map layers of a dataset's folder, by default of the shipped one.

    >>> "border" in layer_names()
    True
    """
    return sorted(path.stem for path in _layers(folder).glob("*.geojson"))


def read_layer(name: str, folder: Path | None = None) -> gpd.GeoDataFrame:
    """Return a map layer in degrees, with a geometry and a unique ``id`` in every row.

    The file is read again only after it changes. Raise DataError with all faults of the file.

    >>> read_layer("regions").crs.to_epsg()
    4326
    """
    path = _layers(folder) / f"{name}.geojson"
    stat = path.stat() if path.exists() else None
    return _read(path, None if stat is None else (stat.st_mtime_ns, stat.st_size)).copy(deep=False)


@lru_cache(maxsize=32)
def _read(path: Path, stamp: tuple[int, int] | None) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import shapely
    from pyogrio.errors import DataLayerError, DataSourceError

    text = "the file is not readable GeoJSON; export the layer again"
    unreadable = Fault(path.name, None, None, "layer", text)
    try:
        # GDAL leaves out what it warns of.
        with warnings.catch_warnings(record=True) as omissions:
            warnings.simplefilter("always")
            frame = gpd.read_file(path, engine="pyogrio")
        if isinstance(frame, gpd.GeoDataFrame) and len(frame):
            frame = frame.to_crs("EPSG:4326")
    except (DataSourceError, DataLayerError, OSError, ValueError, shapely.GEOSException):
        raise DataError([unreadable]) from None
    if omissions:
        raise DataError([replace(unreadable, problem=f"{text} ({omissions[0].message})")])
    faults = [Fault(path.name, None, column, "layer", text) for column, text in _problems(frame)]
    if faults:
        raise DataError(faults)
    return frame.astype({"id": str}) if len(frame) else frame


def _layers(folder: Path | None) -> Path:
    return (geo_dir() if folder is None else folder) / "layers"


def _problems(frame: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the columns of a layer that are invalid, and why."""
    import geopandas as gpd
    import shapely

    if not len(frame):
        return []
    if not isinstance(frame, gpd.GeoDataFrame):
        return [("geometry", "no feature has a geometry; expected a line or polygon in every feature")]
    problems = []
    if "id" not in frame:
        problems.append(("id", "features have no property 'id'; expected a unique id in every feature"))
    else:
        repeated = frame["id"][frame["id"].duplicated() & frame["id"].notna()].unique()
        problems += [("id", f"duplicate id '{id_}'; give each feature another id") for id_ in repeated]
        if missing := int(frame["id"].isna().sum()):
            problems.append(("id", f"{missing} features have no id; expected a unique id in every feature"))
    empty = shapely.is_missing(frame.geometry.array) | shapely.is_empty(frame.geometry.array)
    if empty.any():
        problems.append(("geometry", f"{int(empty.sum())} features have no geometry; draw or delete them"))
    for row in np.flatnonzero(~empty & ~shapely.is_valid(frame.geometry.array)):
        name = f"'{frame['id'].iloc[row]}'" if "id" in frame else str(row + 1)
        reason = shapely.is_valid_reason(frame.geometry.iloc[row]).lower().replace("[", " at ").rstrip("]")
        text = (
            f"the shape of feature {name} is invalid: {reason}; draw it again, or repair it with make_valid"
        )
        problems.append(("geometry", text))
    west, south, east, north = shapely.bounds(frame.geometry.array).T
    outside = ~empty & ~((west >= -180) & (south >= -90) & (east <= 180) & (north <= 90))
    if outside.any():
        text = f"{int(outside.sum())} features are outside the globe; expected degrees, longitude first"
        problems.append(("geometry", text))
    return problems
