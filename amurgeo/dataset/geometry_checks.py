"""Checks of where things lie: coordinates, banks, the border, lengths, and whether all is joined."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from amurgeo.dataset.rows import NODE_TABLES, Tables, by_id, fault, nodes, rows
from amurgeo.errors import Fault

#: Latitudes and longitudes between which the dataset's region lies, with a margin.
LATITUDES, LONGITUDES = (37.0, 68.0), (96.0, 148.0)


def check_coordinates(own: Tables) -> list[Fault]:
    """Find swapped coordinates and points far outside the region."""
    found = []
    for table in NODE_TABLES:
        for line, row in rows(own, table):
            problem = _misplaced(row["lat"], row["lon"])
            if problem:
                check, text = problem
                found.append(
                    fault(table, line, "lat" if check == "swapped-coordinates" else "lon", check, text)
                )
    for table in ("roads", "railways", "crossings"):
        for line, row in rows(own, table):
            for lon, lat in points_of(row["bends"]):
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
    if not math.isnan(lat) and not math.isnan(lon) and not in_region(lat, lon):
        return (
            "outside-region",
            f"{lat:g}, {lon:g} lies far outside the region; latitudes run from {south:g} to {north:g}, "
            f"longitudes from {west:g} to {east:g}",
        )
    return None


def in_region(lat: float, lon: float) -> bool:
    """Tell whether a point lies in the box of the region.

    Examples
    --------
    >>> in_region(50.28, 127.54), in_region(127.54, 50.28)
    (True, False)
    """
    return LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]


def points_of(text: Any) -> list[tuple[float, float]]:
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
    for table in NODE_TABLES:
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
            base = base or next(
                (names[row[name]] for name in ("name_zh", "name_ru", "name_en") if row.get(name) in names),
                None,
            )
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
                        f"lies {apart * 1000:.0f} m off the known point, as on Chinese web maps (GCJ-02); "
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
        (row["id"], row["place"])
        for _, row in rows(merged, "stations")
        if row["place"] and row["transshipment"]
    )
    if not graph:
        return []
    main = max(nx.connected_components(graph), key=len)
    ways = {
        "places": "a road to roads.csv",
        "stations": "a stretch to railways.csv",
        "terminals": "a road from its place",
    }
    return [
        fault(
            table,
            line,
            "id",
            "unconnected",
            f"no way joins {row['id']} to the rest of the network; add {ways[table]}",
        )
        for table in NODE_TABLES
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
                    fault(
                        table,
                        line,
                        column,
                        "too-short",
                        f"{where}; a way is no shorter than the straight line",
                    )
                )
            elif length > 6.0 * straight + 60.0:
                found.append(
                    fault(
                        table,
                        line,
                        column,
                        "too-long",
                        f"{where} is absurdly long; give kilometres, not metres",
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
