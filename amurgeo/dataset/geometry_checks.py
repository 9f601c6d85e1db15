"""Checks of where things lie: coordinates, banks, the border, lengths, and whether all is joined."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.paths import geo_dir
from amurgeo.dataset.rows import Tables, by_id, fault, nodes, rows
from amurgeo.errors import Fault

if TYPE_CHECKING:
    import geopandas as gpd

#: Latitudes and longitudes between which the dataset's region lies, with a margin.
LATITUDES, LONGITUDES = (37.0, 68.0), (96.0, 148.0)
#: Distance in km within which a river terminal stands of the border line.
RIVER_KM = 1.5
#: A river crossing longer than this follows an arm or the river; its terminals may then stand farther off.
ARM_KM = 15.0
#: Share of its length within which a terminal of such a crossing stands of the border line.
ARM_SHARE = 0.38
#: Distance in km by which a place may seem to lie outside its region, for what the outlines are worth.
OUTLINE_KM = {"amur_oblast": 0.5}
_OUTLINE_KM_ELSEWHERE = 5.0
_RIVER_MODES = ("ferry", "hovercraft", "pontoon", "ice_road")
_NODE_TABLES = ("places", "stations", "terminals")
#: Plane in which distances of some km are right within a percent over the whole region.
_PLANE = "+proj=lcc +lat_1=44 +lat_2=54 +lat_0=49 +lon_0=127 +datum=WGS84 +units=m"


@lru_cache(maxsize=8)
def read_layer(name: str) -> gpd.GeoDataFrame | None:
    """Read a map layer of the dataset in a plane of metres; None when the dataset has none of that name."""
    import geopandas as gpd

    path = geo_dir() / "layers" / f"{name}.geojson"
    return gpd.read_file(path).to_crs(_PLANE) if path.is_file() else None


def check_coordinates(own: Tables) -> list[Fault]:
    """Find swapped coordinates and points far outside the region."""
    found = []
    for table in _NODE_TABLES:
        for line, row in rows(own, table):
            problem = _misplaced(row["lat"], row["lon"])
            if problem:
                check, text = problem
                found.append(fault(table, line, "lat" if check == "swapped-coordinates" else "lon", check, text))
    for table in ("roads", "railways", "crossings"):
        for line, row in rows(own, table):
            for lon, lat in _bends(row["bends"]):
                problem = _misplaced(lat, lon)
                if problem:
                    found.append(fault(table, line, "bends", problem[0], f"{problem[1]} (longitude first)"))
                    break
    return found


def _misplaced(lat: float, lon: float) -> tuple[str, str] | None:
    (south, north), (west, east) = LATITUDES, LONGITUDES
    # A longitude in the place of a latitude is out of its range and has been read as nothing.
    lat_is_lon = math.isnan(lat) or west <= lat <= east
    if lat_is_lon and south <= lon <= north:
        given = "" if math.isnan(lat) else f" {lat:g}"
        return (
            "swapped-coordinates",
            f"latitude{given} and longitude {lon:g} look swapped; write the {lon:g} into lat",
        )
    if not math.isnan(lat) and not math.isnan(lon) and not (south <= lat <= north and west <= lon <= east):
        return (
            "outside-region",
            f"{lat:g}, {lon:g} lies far outside the region; latitudes run from {south:g} to {north:g}, "
            f"longitudes from {west:g} to {east:g}",
        )
    return None


def _bends(text: Any) -> list[tuple[float, float]]:
    """Return the points of a cell of bends; what is no point is left out, reading has named it."""
    points = []
    for part in str(text or "").split(";"):
        numbers = part.split()
        try:
            points.append((float(numbers[0]), float(numbers[1])))
        except (ValueError, IndexError):
            continue
    return points


def gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Shift a WGS-84 position as Chinese web maps do (GCJ-02).

    Parameters
    ----------
    lat, lon
        Position in degrees, WGS-84.

    Returns
    -------
    tuple of float
        Latitude and longitude in degrees, GCJ-02.

    Notes
    -----
    The published approximation on the Krasovsky ellipsoid (semi-axis 6378245 m, squared eccentricity
    0.00669342162296594). In this region the shift is 400 to 700 m.

    Examples
    --------
    >>> lat, lon = gcj02(39.90872, 116.39748)
    >>> round(lat, 4), round(lon, 4)
    (39.9101, 116.4037)
    """
    x, y = lon - 105.0, lat - 35.0
    wave = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    axis, eccentricity = 6378245.0, 0.00669342162296594323
    angle = math.radians(lat)
    magic = 1.0 - eccentricity * math.sin(angle) ** 2
    lat_step = north * 180.0 / (axis * (1.0 - eccentricity) / (magic * math.sqrt(magic)) * math.pi)
    lon_step = east * 180.0 / (axis / math.sqrt(magic) * math.cos(angle) * math.pi)
    return lat + lat_step, lon + lon_step


def check_gcj02(own: Tables, shipped: Tables) -> list[Fault]:
    """Find positions that lie where a Chinese web map would show the shipped one.

    A row is held against the shipped position of the same id, or else of the same name.
    """
    found = []
    for table in _NODE_TABLES:
        known = by_id(shipped, table)
        if known.empty:
            continue
        names = {
            row[name]: row
            for _, row in rows(shipped, table)
            for name in ("name_en", "name_ru", "name_zh")
            if row.get(name)
        }
        for line, row in rows(own, table):
            base = known.loc[row["id"]].to_dict() if row["id"] in known.index else None
            base = base or next((names[row[name]] for name in ("name_zh", "name_ru", "name_en") if row.get(name) in names), None)
            if base is None or math.isnan(row["lat"]) or math.isnan(row["lon"]):
                continue
            shifted = gcj02(base["lat"], base["lon"])
            off = distance_km(row["lat"], row["lon"], *shifted)
            apart = distance_km(row["lat"], row["lon"], base["lat"], base["lon"])
            if off < 0.15 < apart - 2 * off:
                found.append(
                    fault(
                        table,
                        line,
                        "lat",
                        "gcj02",
                        f"the point lies {apart * 1000:.0f} m off the known one, as on Chinese web maps (GCJ-02); "
                        f"give WGS-84, about {row['lat'] - shifted[0] + base['lat']:.5f}, "
                        f"{row['lon'] - shifted[1] + base['lon']:.5f}",
                    )
                )
    return found


def check_connected(own: Tables, merged: Tables) -> list[Fault]:
    """Find places, stations and terminals that no way joins to the rest of the network."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(nodes(merged).index)
    for table, one, two in (
        ("roads", "from", "to"),
        ("railways", "from", "to"),
        ("crossings", "from", "to"),
        ("terminals", "id", "place"),
    ):
        graph.add_edges_from((row[one], row[two]) for _, row in rows(merged, table) if row[one] and row[two])
    graph.add_edges_from(
        (row["id"], row["place"]) for _, row in rows(merged, "stations") if row["place"] and row["transshipment"]
    )
    if not graph:
        return []
    main = max(nx.connected_components(graph), key=len)
    ways = {"places": "a road to roads.csv", "stations": "a stretch to railways.csv", "terminals": "a road from its place"}
    return [
        fault(
            table,
            line,
            "id",
            "unconnected",
            f"no way joins {row['id']} to the rest of the network; add {ways[table]}",
        )
        for table in _NODE_TABLES
        for line, row in rows(own, table)
        if row["id"] not in main
    ]


def check_lengths(own: Tables, merged: Tables) -> list[Fault]:
    """Find ways shorter than the straight line between their ends, or absurdly long.

    What the positions are worth (some km) is allowed for.
    """
    spots = nodes(merged)[["lat", "lon"]].to_dict("index")
    found = []
    for table, one, two, column in (
        ("roads", "from", "to", "length_km"),
        ("railways", "from", "to", "length_km"),
        ("crossings", "from", "to", "length_km"),
        ("terminals", "place", "id", "access_km"),
    ):
        for line, row in rows(own, table):
            ends = (spots.get(row[one]), spots.get(row[two]))
            if ends[0] is None or ends[1] is None:
                continue
            length = row[column]
            straight = distance_km(ends[0]["lat"], ends[0]["lon"], ends[1]["lat"], ends[1]["lon"])
            where = f"{length:g} km between points {straight:.1f} km apart"
            if length < 0.97 * straight - 3.0:
                found.append(
                    fault(table, line, column, "too-short", f"{where}; a way is no shorter than the straight line")
                )
            elif length > 6.0 * straight + 60.0:
                found.append(
                    fault(
                        table, line, column, "too-long", f"{where} is absurdly long; give kilometres, not metres"
                    )
                )
    return found


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the length of the geodesic on WGS-84 in km; NaN where a coordinate is missing.

    Examples
    --------
    >>> round(distance_km(50.2796, 127.5405, 50.2497, 127.4939), 1)
    4.7
    """
    if any(math.isnan(value) for value in (lat, lon, other_lat, other_lon)):
        return math.nan
    return float(_ellipsoid().inv(lon, lat, other_lon, other_lat)[2]) / 1000.0


@lru_cache(maxsize=1)
def _ellipsoid() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")


# -- against the map layers -------------------------------------------------------------------------


def check_banks(own: Tables, merged: Tables, *, regions: gpd.GeoDataFrame) -> list[Fault]:
    """Find points on the other country's ground, and places outside their region.

    Parameters
    ----------
    own, merged
        The rows that are judged, and the whole dataset.
    regions
        Outlines of the regions by ``id``, in metres.
    """
    outlines = dict(zip(regions["id"], regions.geometry, strict=True))
    countries = by_id(merged, "regions").get("country", pd.Series(dtype=str)).to_dict()
    at = _points(own, merged)
    found = []
    for table in _NODE_TABLES:
        for line, row in rows(own, table):
            point = at.get(row["id"])
            if point is None or not row["country"]:
                continue
            inside = [id_ for id_, outline in outlines.items() if outline.covers(point)]
            foreign = [id_ for id_ in inside if countries.get(id_, row["country"]) != row["country"]]
            if foreign:
                found.append(
                    fault(
                        table,
                        line,
                        "lat",
                        "wrong-bank",
                        f"the point lies in {foreign[0]} ({countries[foreign[0]]}), the row says {row['country']}; "
                        "move it to its own bank or correct the country",
                    )
                )
                continue
            region = row.get("region")
            outline = outlines.get(region)
            if outline is None:
                continue
            off = outline.distance(point) / 1000.0
            if off > OUTLINE_KM.get(str(region), _OUTLINE_KM_ELSEWHERE):
                found.append(
                    fault(
                        table,
                        line,
                        "region",
                        "outside-oblast",
                        f"the point lies {off:.1f} km outside {region}; "
                        f"{f'it is in {inside[0]}' if inside else 'correct the coordinates or the region'}",
                    )
                )
    return found


def check_border_cuts(own: Tables, merged: Tables, *, border: gpd.GeoDataFrame) -> list[Fault]:
    """Find crossings whose line does not cut the border exactly once.

    Parameters
    ----------
    own, merged
        The rows that are judged, and the whole dataset.
    border
        The state border, in metres.
    """
    import geopandas as gpd
    import shapely

    line_of_border = border.geometry.union_all()
    at = _points(own, merged)
    found = []
    for line, row in rows(own, "crossings"):
        ends = (at.get(row["from"]), at.get(row["to"]))
        if ends[0] is None or ends[1] is None:
            continue
        bends = _bends(row["bends"])
        via = list(gpd.points_from_xy(*zip(*bends, strict=True), crs="EPSG:4326").to_crs(_PLANE)) if bends else []
        cut = shapely.LineString([ends[0], *via, ends[1]]).intersection(line_of_border)
        count = len(shapely.get_parts(cut)) if not cut.is_empty else 0
        if count != 1:
            found.append(
                fault(
                    "crossings",
                    line,
                    "to",
                    "border-cuts",
                    f"the line from {row['from']} to {row['to']} cuts the border {count} times, not once; "
                    "correct the terminals, or lead the line by bends",
                )
            )
    return found


def check_border_distance(own: Tables, merged: Tables, *, border: gpd.GeoDataFrame) -> list[Fault]:
    """Find river terminals too far from the border line; those of bridges, roads and railways are exempt.

    Parameters
    ----------
    own, merged
        The rows that are judged, and the whole dataset.
    border
        The state border, in metres.
    """
    line_of_border = border.geometry.union_all()
    at = _points(own, merged)
    allowed: dict[str, float] = {}
    for _, row in rows(merged, "crossings"):
        if row["mode"] in _RIVER_MODES:
            km = ARM_SHARE * row["length_km"] if row["length_km"] > ARM_KM else RIVER_KM
            for end in (row["from"], row["to"]):
                allowed[end] = max(km, allowed.get(end, 0.0))
    found = []
    for line, row in rows(own, "terminals"):
        point = at.get(row["id"])
        if point is None or row["id"] not in allowed:
            continue
        off = line_of_border.distance(point) / 1000.0
        if off > allowed[row["id"]]:
            found.append(
                fault(
                    "terminals",
                    line,
                    "lat",
                    "far-from-border",
                    f"stands {off:.1f} km from the border line; a river terminal here stands within "
                    f"{allowed[row['id']]:.1f} km",
                )
            )
    return found


def _points(own: Tables, merged: Tables) -> Mapping[str, Any]:
    """Return the points of all nodes in the plane of the layers, by id; the user's rows come first."""
    import geopandas as gpd

    both = pd.concat([frame for frame in (nodes(own), nodes(merged)) if len(frame)] or [nodes(merged)])
    spots = both[~both.index.duplicated()].dropna(subset=["lat", "lon"])
    points = gpd.GeoSeries(
        gpd.points_from_xy(spots["lon"].astype(float), spots["lat"].astype(float)), index=spots.index, crs="EPSG:4326"
    )
    return dict(points.to_crs(_PLANE))
