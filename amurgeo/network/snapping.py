"""Places by name or by coordinates; a point is snapped to the nearest road on its side of the border."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from amurgeo.errors import InputError, as_names
from amurgeo.network.additions import ESTIMATE, estimated_road
from amurgeo.network.tables import NAME_COLUMNS, Network

_POINT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*[,;]\s*([+-]?\d+(?:\.\d+)?)\s*")
#: Maximum distance between a point and a road.
MAX_DISTANCE_KM = 100.0
#: Distance within which a point beside a region belongs to it: coasts and outlines are generalised.
MAX_DISTANCE_DEGREES = 0.25


@dataclass(frozen=True)
class SnappedPoint:
    """A point snapped to the network.

    Attributes
    ----------
    id
        Id of the place made of the point.
    lat, lon
        Coordinates of the point.
    road
        Id of the nearest road.
    distance_km
        Straight distance to that road.
    """

    id: str
    lat: float
    lon: float
    road: str
    distance_km: float

    def to_dict(self) -> dict[str, Any]:
        """Return the point as a plain record."""
        distance_km = round(self.distance_km, 2)
        return {"lat": self.lat, "lon": self.lon, "road": self.road, "distance_km": distance_km}


def locate(net: Network, name: str) -> tuple[Network, str, SnappedPoint | None]:
    """Find a place by name or by ``latitude,longitude``.

    Returns the network with the point, the id of the place, and the snapped point (None for a named place or
    a point that the network has already). Raises for an unknown name, and for a point outside the region or
    too far from any road.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net, place, snapped = locate(ag.load(), "50.45,127.62")
    >>> place, snapped.distance_km < 30
    ('point_50.45_127.62', True)
    """
    if not isinstance(net, Network):
        raise InputError(f"network is invalid: {net!r:.60}; expected a network as amurgeo.load() returns it")
    match = _POINT.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        return net, net.find(name), None
    lat, lon = float(match.group(1)), float(match.group(2))
    id_ = f"point_{lat:.12g}_{lon:.12g}"
    if id_ in net.nodes.index:
        return net, id_, None
    country = _country(net, lat, lon)
    if country is None:
        swapped = _country(net, lon, lat) is not None
        hint = f"did you mean {lon:g},{lat:g}?" if swapped else "expected latitude,longitude as 50.45,127.62"
        raise InputError(f"'{name}' lies outside the region of the network; {hint}")
    return _snap(net, id_, lat, lon, country)


def locate_all(net: Network, **places: Any) -> tuple[Network, list[list[str]]]:
    """Find lists of places by argument, such as ``origins=["Zeya", "50.45,127.62"]``.

    Returns the network with every point, and the ids of each list without duplicates.

    Examples
    --------
    >>> import amurgeo as ag
    >>> locate_all(ag.load(), origins="Zeya", destinations=["Heihe", "Харбин"])[1]
    [['zeya'], ['heihe', 'harbin']]
    """
    lists = []
    for argument, names in places.items():
        ids: dict[str, None] = {}
        for name in as_names(argument, names):
            net, id_, _ = locate(net, name)
            ids[id_] = None
        if not ids:
            raise InputError(f"{argument} is empty; expected at least one place, for instance ['Zeya']")
        lists.append(list(ids))
    return net, lists


def _country(net: Network, lat: float, lon: float) -> str | None:
    """Return the country of a point; None outside the region."""
    import shapely

    regions = net.layer("regions")
    distances = shapely.distance(regions.geometry.to_numpy(), shapely.Point(lon, lat))
    nearest = int(distances.argmin())
    if distances[nearest] > MAX_DISTANCE_DEGREES:
        return None
    return str(net.base["regions"].at[regions["id"].iloc[nearest], "country"])


def _snap(net: Network, id_: str, lat: float, lon: float, country: str) -> tuple[Network, str, SnappedPoint]:
    """Split the nearest all-year road of the country at its point nearest to the given one."""
    import shapely
    from pyproj import Geod

    roads = net.roads
    in_country = net.nodes["country"].reindex(roads["from_place"]).to_numpy() == country
    roads = roads[in_country & (roads["season"] == "").to_numpy()]
    # Shrink longitudes so that distances in the plane have the order of distances on the ground.
    shrink = math.cos(math.radians(lat))
    lines = shapely.transform(roads.geometry.to_numpy(), lambda xy: xy * (shrink, 1.0))
    point = shapely.Point(lon * shrink, lat)
    # Older shapely warns of roads without length, though its answer is right.
    with np.errstate(invalid="ignore"):
        nearest = int(shapely.distance(lines, point).argmin())
    share = float(lines[nearest].project(point, normalized=True))
    foot = lines[nearest].interpolate(share, normalized=True)
    foot_lat, foot_lon = float(foot.y), float(foot.x) / shrink
    distance_km = Geod(ellps="WGS84").inv(lon, lat, foot_lon, foot_lat)[2] / 1000.0
    road, road_id = roads.iloc[nearest], str(roads.index[nearest])
    if distance_km > MAX_DISTANCE_KM:
        raise InputError(
            f"'{lat:g},{lon:g}' is {distance_km:.0f} km from the nearest road ({road_id}); "
            f"expected a point within {MAX_DISTANCE_KM:g} km of a road"
        )
    start, end, foot_id = road["from_place"], road["to_place"], f"{id_}_road"
    shared = {"kind": "point", "country": country, "region": net.nodes.at[start, "region"], **ESTIMATE}
    places = [
        {"id": place, "lat": y, "lon": x, **dict.fromkeys(NAME_COLUMNS, f"{y:.4f}, {x:.4f}"), **shared}
        for place, y, x in ((id_, lat, lon), (foot_id, foot_lat, foot_lon))
    ]
    like = {"surface": road["surface"], "ref": road["ref"] or ""}
    pieces = [
        estimated_road(tail, head, {"length_km": length_km, "class": road_class, **like})
        for tail, head, length_km, road_class in (
            (id_, foot_id, distance_km, "street"),
            (start, foot_id, share * road["length_km"], road["class"]),
            (foot_id, end, (1.0 - share) * road["length_km"], road["class"]),
        )
    ]
    net = net.with_rows({"places": places, "roads": pieces})
    return net, id_, SnappedPoint(id_, lat, lon, road_id, distance_km)
