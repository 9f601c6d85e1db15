"""Checks of positions: coordinates, duplicates, connection, lengths, regions and border."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from pyproj import Geod

from amurgeo.dataset.border import Border
from amurgeo.dataset.checks.record import RIVER_MODES
from amurgeo.dataset.checks.rows import value_of
from amurgeo.dataset.files import layer_names, read_layer
from amurgeo.dataset.reading import NODE_TABLES, Tables, flag, rows
from amurgeo.errors import Fault

#: Maximum distance (km) between a river terminal and the border.
RIVER_KM = 1.5
#: Longer crossings (km) follow an arm of the river; their terminals may be this share of the length away.
ARM_KM, ARM_SHARE = 15.0, 0.38
#: Distance (km) by which a place may be outside its region, given the precision of the outlines: of home
#: regions, and of others.
HOME_OUTLINE_KM, OUTLINE_KM = 0.5, 5.0
#: Distance (km) within which two places of one name, or any two places, are taken for one.
SAME_PLACE_KM, SAME_POINT_KM = 5.0, 0.1
_NAMES = ["name_zh", "name_ru", "name_en"]
#: Tables of edges, with their end columns and length.
_EDGES = (
    ("roads", "from", "to", "length_km"),
    ("railways", "from", "to", "length_km"),
    ("crossings", "from", "to", "length_km"),
    ("terminals", "place", "id", "access_km"),
)


@lru_cache(maxsize=8)
def plane_layer(name: str, folder: Path, projection: str) -> gpd.GeoDataFrame | None:
    """Return a map layer of a dataset's folder in metres; None if it has no such layer."""
    return read_layer(name, folder).to_crs(projection) if name in layer_names(folder) else None


def nodes(tables: Tables) -> pd.DataFrame:
    """Return latitude and longitude of places, stations and terminals by id."""
    parts = [tables[table][["lat", "lon"]] for table in NODE_TABLES if table in tables]
    frame = pd.concat(parts) if parts else pd.DataFrame({"lat": [], "lon": []})
    return frame[~frame.index.duplicated(keep="last")]


def in_region(frame: pd.DataFrame, border: Border) -> pd.Series:
    """Return whether the points of a frame (lat, lon) are within the bounds of the dataset."""
    west, south, east, north = border.bounds
    lat, lon = (frame[name].astype(float) for name in ("lat", "lon"))
    return lat.between(south, north) & lon.between(west, east)


def _located(frame: pd.DataFrame, border: Border) -> gpd.GeoDataFrame:
    """Return the rows with valid coordinates as points in metres."""
    frame = frame[in_region(frame, border)]
    points = gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float), crs="EPSG:4326")
    return gpd.GeoDataFrame(frame, geometry=points.to_crs(border.projection))


def distance_km(lat: ArrayLike, lon: ArrayLike, to_lat: ArrayLike, to_lon: ArrayLike) -> np.ndarray:
    """Return geodesic distances on WGS-84; NaN if a coordinate is missing."""
    arrays = np.broadcast_arrays(*(np.asarray(values, dtype=float) for values in (lon, lat, to_lon, to_lat)))
    distances = Geod(ellps="WGS84").inv(*(np.nan_to_num(array) for array in arrays))[2]
    return np.where(np.isnan(arrays).any(axis=0), np.nan, np.asarray(distances) / 1000.0)


# -- coordinates -------------------------------------------------------------------------------------


def check_coordinates(own: Tables, border: Border) -> Iterator[Fault]:
    """Find swapped coordinates and points far outside the region."""
    for table in NODE_TABLES:
        yield from _misplaced(table, rows(own, table), border)
    for table in ("roads", "railways", "crossings"):
        yield from _misplaced(table, bends_of(rows(own, table)), border, "bends", " (longitude first)")


def _misplaced(
    table: str, frame: pd.DataFrame, border: Border, column: str = "", hint: str = ""
) -> Iterator[Fault]:
    west, south, east, north = border.bounds
    lat, lon = (frame[name].astype(float) for name in ("lat", "lon"))
    # A longitude in place of a latitude is out of range and was read as missing.
    swapped = (lat.isna() | lat.between(west, east)) & lon.between(south, north)
    outside = ~swapped & lat.notna() & lon.notna() & ~in_region(frame, border)
    text = f"latitude and longitude look swapped; expected lat {{lon:g}}{hint}"
    yield from flag(table, _first(frame[swapped]), column or "lat", "swapped-coordinates", text)
    limits = f"latitudes from {south:g} to {north:g}, longitudes from {west:g} to {east:g}"
    text = f"{{lat:g}}, {{lon:g}} is far outside the region; expected {limits}{hint}"
    yield from flag(table, _first(frame[outside]), column or "lon", "outside-region", text)


def _first(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first entry of every line."""
    return frame[~frame.index.duplicated()]


def bends_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the valid points of bends (lon, lat), indexed like the rows."""
    pattern = r"(?:^|;)\s*(?P<lon>-?[\d.]+) (?P<lat>-?[\d.]+)\s*(?=;|$)"
    points = frame["bends"].astype(str).str.extractall(pattern)
    return points.droplevel(1).apply(pd.to_numeric, errors="coerce").dropna()


def gcj02(lat: ArrayLike, lon: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return WGS-84 positions (degrees) shifted as Chinese web maps do (GCJ-02).

    The published approximation on the Krasovsky ellipsoid (semi-axis 6378245 m, squared eccentricity
    0.00669342162296594). In this region the shift is 400 to 700 m.
    """
    lat, lon = np.asarray(lat, dtype=float), np.asarray(lon, dtype=float)
    x, y = lon - 105.0, lat - 35.0

    def waves(angle: np.ndarray, *terms: tuple[float, float]) -> Any:
        return np.sum([a * np.sin(angle * np.pi / length) for a, length in terms], axis=0, dtype=float)

    common = waves(x, (20.0, 1 / 6), (20.0, 1 / 2))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (common + waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (common + waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    axis, eccentricity = 6378245.0, 0.00669342162296594323
    angle = np.radians(lat)
    curvature = 1.0 - eccentricity * np.sin(angle) ** 2
    lat_step = north * 180.0 / (axis * (1.0 - eccentricity) / (curvature * np.sqrt(curvature)) * np.pi)
    lon_step = east * 180.0 / (axis / np.sqrt(curvature) * np.cos(angle) * np.pi)
    return lat + lat_step, lon + lon_step


def check_gcj02(own: Tables, shipped: Tables) -> Iterator[Fault]:
    """Find positions where a Chinese web map shows the shipped row of the same id, or else name."""
    for table in NODE_TABLES:
        frame, known = rows(own, table), rows(shipped, table).set_index("id", drop=False)
        base = frame["id"].where(frame["id"].isin(known.index)).astype(object)
        for name in _NAMES:
            if name in frame:
                named = known[known[name] != ""].drop_duplicates(name, keep="last").set_index(name)["id"]
                base = base.fillna(frame[name].map(named).astype(object))
        points = known[["lat", "lon"]].astype(float).reindex(base)
        shifted = gcj02(points["lat"], points["lon"])
        off_km = distance_km(frame["lat"], frame["lon"], *shifted)
        apart_km = distance_km(frame["lat"], frame["lon"], points["lat"], points["lon"])
        bad = frame.assign(
            m=apart_km * 1000,
            right_lat=frame["lat"] - shifted[0] + points["lat"].to_numpy(),
            right_lon=frame["lon"] - shifted[1] + points["lon"].to_numpy(),
        )[(off_km < 0.15) & (apart_km - 2 * off_km > 0.15)]
        text = (
            "the point is {m:.0f} m from the known one, as on Chinese web maps (GCJ-02); "
            "expected WGS-84, about {right_lat:.5f}, {right_lon:.5f}"
        )
        yield from flag(table, bad, "lat", "gcj02", text)


def check_near_duplicates(own: Tables, merged: Tables, border: Border) -> Iterator[Fault]:
    """Find places and stations that the dataset already has under another id."""
    for table in ("places", "stations"):
        frame, known = _located(rows(own, table), border), _located(rows(merged, table), border)
        pairs = frame.sjoin(known, predicate="dwithin", distance=SAME_PLACE_KM * 1000, rsuffix="twin")
        pairs = pairs[pairs["id_left"] != pairs["id_twin"]]
        pairs["km"] = pairs.distance(known.geometry.loc[pairs["index_twin"]], align=False) / 1000
        same = pairs["km"] <= SAME_POINT_KM
        for name in _NAMES:
            letters = pairs[f"{name}_left"].map(_letters)
            same |= (letters != "") & (letters == pairs[f"{name}_twin"].map(_letters))
        # The later of two rows of the user is the duplicate.
        lines = dict(zip(frame["id"], frame.index, strict=True))
        same &= np.array([lines.get(twin, 0) <= line for line, twin in pairs["id_twin"].items()], dtype=bool)
        twins = pairs[same].sort_values("index_twin", kind="stable")
        text = "'{id_left}' seems to be {id_twin}, {km:.1f} km away; use that id, or another name"
        yield from flag(table, _first(twins), "id", "near-duplicate", text)


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text).casefold() if char.isalnum())


# -- network -----------------------------------------------------------------------------------------


def check_connected(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find places, stations and terminals that are not connected to the rest of the network."""
    graph = nx.Graph()
    graph.add_nodes_from(nodes(merged).index)
    stations = rows(merged, "stations")
    links = [rows(merged, table)[[start, end]] for table, start, end, _ in _EDGES]
    links.append(stations[stations["transshipment"].astype(bool)][["id", "place"]])
    for frame in links:
        graph.add_edges_from(pair for pair in frame.itertuples(index=False, name=None) if all(pair))
    largest: set[str] = max(nx.connected_components(graph), key=len, default=set())
    for table, missing in (
        ("places", "a road to roads.csv"),
        ("stations", "a track to railways.csv"),
        ("terminals", "a road from its place"),
    ):
        frame = rows(own, table)
        text = f"{{id}} is not connected to the rest of the network; add {missing}"
        yield from flag(table, frame[~frame["id"].isin(largest)], "id", "unconnected", text)


def check_lengths(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find edges much shorter than the straight line between their ends, or absurdly long."""
    points = nodes(merged)
    for table, start, end, column in _EDGES:
        frame = rows(own, table)
        ends = [points.reindex(frame[name]) for name in (start, end)]
        straight = distance_km(ends[0]["lat"], ends[0]["lon"], ends[1]["lat"], ends[1]["lon"])
        frame = frame.assign(straight=straight)
        length = frame[column].astype(float)
        where = f"{{{column}:g}} km between points {{straight:.1f}} km apart"
        short, long = frame[length < 0.97 * straight - 3.0], frame[length > 6.0 * straight + 60.0]
        yield from flag(table, short, column, "too-short", f"{where}; expected at least the straight line")
        yield from flag(table, long, column, "too-long", f"{where}; expected kilometres, not metres")


# -- map layers --------------------------------------------------------------------------------------


def check_banks(own: Tables, merged: Tables, regions: gpd.GeoDataFrame, border: Border) -> Iterator[Fault]:
    """Find points on the other side, and places outside their region; outlines are in metres.

    Inside one country, where both banks may lie in one region, the sides are not checked.
    """
    countries = {border.home.country, border.far.country}
    outlines = regions.set_index("id").geometry
    sides = value_of(merged, "regions", "side")
    for table in NODE_TABLES:
        frame = _located(rows(own, table), border)
        if "side" not in frame:
            frame["side"] = frame["region"].map(sides)
        frame = frame[frame["side"].isin(["home", "far"])]
        inside = frame.sjoin(outlines.rename_axis("inside").reset_index(), predicate="intersects")
        inside["there"] = inside["inside"].map(sides).fillna(inside["side"])
        foreign = _first(inside[(inside["there"] != inside["side"]) & (len(countries) > 1)])
        text = "the point is in {inside} ({there} side), not on the {side} side; correct the coordinates"
        yield from flag(table, foreign, "lat", "wrong-bank", text)
        if "region" not in frame:
            continue
        frame = frame[~frame.index.isin(foreign.index) & frame["region"].isin(outlines.index)]
        frame["km"] = frame.distance(outlines.loc[frame["region"]], align=False) / 1000
        frame["inside"] = _first(inside)["inside"].reindex(frame.index).fillna("no region of the map")
        home = border.home.regions
        at_home = frame["region"].isin(home) | frame["inside"].isin(home)
        outside = frame["km"] > np.where(frame["region"].isin(home), HOME_OUTLINE_KM, OUTLINE_KM)
        text = "the point is {km:.1f} km outside {region}, in {inside}; correct the coordinates or the region"
        # Elsewhere a town may be governed from a neighbouring region.
        for severity, bad in (("fault", outside & at_home), ("warning", outside & ~at_home)):
            yield from flag(table, frame[bad], "region", "outside-home", text, severity)


def check_border_cuts(own: Tables, merged: Tables, line: gpd.GeoDataFrame, border: Border) -> Iterator[Fault]:
    """Find crossings whose line does not cut the border (in metres) exactly once."""
    frame = rows(own, "crossings")
    points = nodes(merged)
    points = points[in_region(points, border)]
    frame = frame[frame["from"].isin(points.index) & frame["to"].isin(points.index)]
    bends = bends_of(frame)
    bends = bends[in_region(bends, border)][["lon", "lat"]]
    lines = []
    for number, row in frame.iterrows():
        ends = [points.loc[[row[end]], ["lon", "lat"]].to_numpy() for end in ("from", "to")]
        lines.append(
            shapely.LineString(np.vstack([ends[0], bends[bends.index == number].to_numpy(), ends[1]]))
        )
    cuts = gpd.GeoSeries(lines, crs="EPSG:4326").to_crs(border.projection).intersection(line.union_all())
    frame = frame.assign(cuts=np.where(cuts.is_empty, 0, shapely.get_num_geometries(cuts.array)))
    text = "the line from {from} to {to} cuts the border {cuts} times, not once; correct its ends or bends"
    yield from flag("crossings", frame[frame["cuts"] != 1], "to", "border-cuts", text)


def check_border_distance(
    own: Tables, merged: Tables, line: gpd.GeoDataFrame, border: Border
) -> Iterator[Fault]:
    """Find terminals of river crossings too far from the border (in metres)."""
    river = rows(merged, "crossings")
    river = river[river["mode"].isin(RIVER_MODES)]
    length = river["length_km"].astype(float)
    allowed = np.where(length > ARM_KM, ARM_SHARE * length, RIVER_KM)
    limits = pd.Series(np.tile(allowed, 2), index=[*river["from"], *river["to"]]).groupby(level=0).max()
    frame = _located(rows(own, "terminals"), border)
    frame["km"] = frame.distance(line.union_all()) / 1000
    frame["allowed"] = limits.reindex(frame["id"]).to_numpy()
    text = "the river terminal is {km:.1f} km from the border; expected at most {allowed:.1f} km"
    yield from flag("terminals", frame[frame["km"] > frame["allowed"]], "lat", "far-from-border", text)
