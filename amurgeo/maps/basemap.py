"""Base map of the pages: land, water, borders, roads and railways as packed whole numbers."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE
from amurgeo.errors import InputError
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network

#: Whole steps per degree in the coordinates of the pages: 4 decimals, 11 m or less.
STEPS = 10_000
#: Digits of packed numbers, five bits each; none has a meaning in JSON or HTML.
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
#: Tolerance (degrees) of simplified lines. Land along the border is finer, so its edge stays under a river.
TOLERANCE = {"near": 0.0012, "far": 0.004, "border": 0.0006, "rivers": 0.002, "lakes": 0.002, "ways": 0.0015}
TOLERANCE["water"] = TOLERANCE["rivers"]
#: Maximum number of roads on a page; a larger area drops streets first, then the lower classes.
MAX_ROADS = 20_000
_RANK = ("motorway", "trunk", "primary", "secondary", "street")


# -- encoding ------------------------------------------------------------------------------------------------


def encode_line(line: Any, *, tolerance: float = 0.0) -> list[int]:
    """Encode a line, simplified to a tolerance in degrees: the first point, then the differences.

    Examples
    --------
    >>> import shapely
    >>> encode_line(shapely.LineString([(127.5, 50.25), (127.6, 50.2)]))
    [1275000, 502500, 1000, -500]
    """
    if tolerance:
        line = line.simplify(tolerance, preserve_topology=False)
    steps = np.rint(np.asarray(line.coords)[:, :2] * STEPS).astype(np.int64)
    moves = np.concatenate([steps[:1], np.diff(steps, axis=0)])
    moves = moves[np.concatenate([[True], np.any(moves[1:] != 0, axis=1)])]
    return [int(value) for value in moves.ravel()]


def encode_lines(shape: Any, *, tolerance: float = 0.0) -> list[list[int]]:
    """Encode every line of a (multi-)line; parts that shrink to a point are dropped."""
    parts = getattr(shape, "geoms", [shape])
    lines = (encode_line(part, tolerance=tolerance) for part in parts if not part.is_empty)
    return [line for line in lines if len(line) >= 4]


def encode_rings(shape: Any, *, tolerance: float = 0.0) -> list[list[list[int]]]:
    """Encode the rings of every polygon, exterior first; specks are dropped."""
    polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    encoded = [
        [encode_line(ring, tolerance=tolerance) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in polygons
    ]
    return [[ring for ring in rings if len(ring) >= 8] for rings in encoded if len(rings[0]) >= 8]


def pack(steps: Iterable[int]) -> str:
    """Pack whole numbers into less than half the characters, without loss.

    Each number is written in groups of five bits, lowest first, with the sign in the lowest bit. The sixth
    bit of a digit marks that more digits follow.

    Examples
    --------
    >>> pack([0, -1, 15, 16, 1275000])
    'ABegBwn6tC'
    """
    digits = []
    for step in steps:
        rest = 2 * step if step >= 0 else -2 * step - 1
        while rest >= 32:
            digits.append(DIGITS[32 + rest % 32])
            rest //= 32
        digits.append(DIGITS[rest])
    return "".join(digits)


def names_of(row: Mapping[str, Any], prefix: str = "name_") -> dict[str, str]:
    """Return the names of a row by language."""
    return {lang: str(row[f"{prefix}{lang}"]) for lang in LANGUAGES}


def number(value: Any, digits: int = 4) -> float | None:
    """Return a rounded number for JSON, or None if it is missing.

    Examples
    --------
    >>> number(float("nan")) is None, number(30.0)
    (True, 30)
    """
    if value is None or pd.isna(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


# -- layers --------------------------------------------------------------------------------------------------


def layer_frame(net: Network, name: str) -> gpd.GeoDataFrame | None:
    """Return a layer, or None if the dataset has no such layer or it is empty."""
    try:
        frame = net.layer(name)
    except InputError:
        return None
    return frame if len(frame) else None


def on_river(row: Mapping[Any, Any]) -> bool:
    """Return whether a part of the border runs in a river, which has a name or a width."""
    return number(row.get("width_m")) is not None or str(row.get("river")) not in ("land", "None", "nan")


def base_map(net: Network) -> dict[str, Any]:
    """Return everything below the crossings; layers that the dataset lacks are empty."""
    return {
        "steps": STEPS,
        **_areas(net),
        "border": _layer(
            net,
            "border",
            _lines,
            river=on_river,
            width_m=lambda row: number(row.get("width_m")),
        ),
        "rivers": _layer(net, "rivers", _lines, large=lambda row: row.get("class") == "large"),
        # Wide rivers lie under their line and have no label.
        "lakes": [
            *_layer(net, "water", _rings, pale=lambda row: True),
            *_layer(net, "lakes", _rings),
        ],
        "roads": _ways(drawn_roads(net), "class", "ref", "surface", "season", "course"),
        "rails": _ways(net.railways, "kind", "status", "line", "course"),
    }


def drawn_roads(net: Network) -> gpd.GeoDataFrame:
    """Return the roads that a page draws: all, or the higher classes of a large area.

    Notes
    -----
    At most `MAX_ROADS`. A class of OpenStreetMap roads is drawn completely or not at all; the roads of the
    dataset are always drawn.
    """
    roads = net.roads
    if len(roads) <= MAX_ROADS:
        return roads
    keep = (roads["source"] != OSM_SOURCE).to_numpy()
    for class_ in _RANK:
        more = keep | (roads["class"] == class_).to_numpy()
        if more.sum() > MAX_ROADS:
            break
        keep = more
    return roads[keep]


def _lines(shape: Any, tolerance: float) -> dict[str, Any]:
    return {"lines": [pack(line) for line in encode_lines(shape, tolerance=tolerance)]}


def _rings(shape: Any, tolerance: float) -> dict[str, Any]:
    polygons = encode_rings(shape, tolerance=tolerance)
    return {"rings": [[pack(ring) for ring in rings] for rings in polygons]}


def _named(net: Network, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names of a row and the point of its label, if it has names in the dataset's languages."""
    names = {lang: row.get(f"name_{lang}") for lang in net.border.languages}
    if not all(isinstance(name, str) for name in names.values()):
        return {}
    spot = row["geometry"].representative_point()
    return {"name": names, "at": [round(spot.y, 3), round(spot.x, 3)]}


def _layer(
    net: Network,
    name: str,
    encode: Callable[[Any, float], dict[str, Any]],
    **columns: Callable[[dict[Any, Any]], Any],
) -> list[dict[str, Any]]:
    """Return the shapes of a layer with their names and further columns."""
    frame = layer_frame(net, name)
    return [
        shape | _named(net, row) | {column: value(row) for column, value in columns.items()}
        for row in ([] if frame is None else frame.to_dict("records"))
        if any((shape := encode(row["geometry"], TOLERANCE[name])).values())
    ]


def region_role(net: Network, region: str) -> str:
    """Return ``own`` or ``counterpart`` for the regions that the border is about, ``land`` for others."""
    if region in net.border.home.regions:
        return "own"
    return "counterpart" if region in net.border.far.regions else "land"


def _areas(net: Network) -> dict[str, Any]:
    """Return neighbouring land first, then the regions, and the corners of both."""
    areas: list[dict[str, Any]] = []
    frames = {name: frame for name in ("land", "regions") if (frame := layer_frame(net, name)) is not None}
    for name, frame in frames.items():
        for row in frame.sort_values("id").to_dict("records"):
            role = region_role(net, str(row["id"]))
            rings = _rings(row["geometry"], TOLERANCE["far" if role == "land" else "near"])
            areas.append({"role": role} | rings | (_named(net, row) if name == "regions" else {}))
    if not frames:
        return {"areas": [], "bounds": None}
    corners = np.array([frame.total_bounds for frame in frames.values()])
    (west, south), (east, north) = corners[:, :2].min(axis=0).tolist(), corners[:, 2:].max(axis=0).tolist()
    return {"areas": areas, "bounds": [[south, west], [north, east]]}


def _ways(frame: gpd.GeoDataFrame, *columns: str) -> list[dict[str, Any]]:
    """Return roads or railways with those columns that have a value."""
    ways = []
    for row in frame.sort_index().reset_index().to_dict("records"):
        way = {"ends": [str(row["from_place"]), str(row["to_place"])], "km": number(row["length_km"], 1)}
        way |= _lines(row["geometry"], TOLERANCE["ways"])
        way |= {name: row[name] for name in columns if isinstance(row.get(name), str) and row[name]}
        if gauge := number(row.get("gauge_mm")):
            way["gauge"] = gauge
        if way["lines"]:
            ways.append(way)
    return ways
