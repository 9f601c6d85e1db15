"""Places by name or by coordinates; a point is snapped to the nearest road on its side of the border."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

from amurgeo.errors import InputError, check_number, shorten
from amurgeo.network.additions import ESTIMATE, estimated_road
from amurgeo.network.lines import CRS
from amurgeo.network.tables import NAME_COLUMNS, Network

if TYPE_CHECKING:
    import shapely

#: A place: a name, an id, ``"lat,lon"``, latitude and longitude, or a point (x is the longitude).
Place: TypeAlias = Union[str, tuple[float, float], "shapely.Point"]
#: Places: one, or an iterable of them, a GeoSeries or a GeoDataFrame.
Places: TypeAlias = Place | Iterable[Place]

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


def locate(net: Network, place: Place) -> tuple[Network, str, SnappedPoint | None]:
    """Find a place by name, id or coordinates.

    Coordinates are text as ``"50.45,127.62"``, latitude and longitude as two numbers, or a shapely point in
    degrees (x is the longitude). Returns the network with the point, the id of the place, and the snapped
    point (None for a named place or a point that the network has already). Raises for an unknown name, and
    for a point outside the region or too far from any road.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net, place, snapped = locate(ag.load(), (50.45, 127.62))
    >>> place, snapped.distance_km < 30
    ('point_50.45_127.62', True)
    """
    if not isinstance(net, Network):
        raise InputError(
            f"network is invalid: {shorten(net)}; expected a network as amurgeo.load() returns it"
        )
    coordinates = coordinates_of(place)
    if coordinates is None:
        return net, net.find(place), None  # type: ignore[arg-type]
    lat, lon = coordinates
    id_ = f"point_{lat:.12g}_{lon:.12g}"
    if id_ in net.nodes.index:
        return net, id_, None
    country = _country(net, lat, lon)
    if country is None:
        swapped = _country(net, lon, lat) is not None
        hint = f"did you mean {lon:g},{lat:g}?" if swapped else "expected latitude,longitude as 50.45,127.62"
        raise InputError(f"'{lat:.12g},{lon:.12g}' lies outside the region of the network; {hint}")
    return _snap(net, id_, lat, lon, country)


def locate_all(net: Network, **places: Places) -> tuple[Network, list[list[str]]]:
    """Find lists of places by argument, such as ``origins=["Zeya", "50.45,127.62"]``.

    A list is one place, an iterable of places, a GeoSeries or a GeoDataFrame in any coordinate system. Rows
    of ``net.places`` are the places of their index. Returns the network with every point, and the ids of each
    list without duplicates.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> towns = net.places.loc[["heihe", "harbin"]].to_crs(32652)
    >>> locate_all(net, origins="Zeya", destinations=towns)[1]
    [['zeya'], ['heihe', 'harbin']]
    """
    lists = []
    for argument, given in places.items():
        ids: dict[str, None] = {}
        try:
            for place in each_place(net, given):
                net, id_, _ = locate(net, place)
                ids[id_] = None
        except InputError as error:
            raise InputError(f"{argument}: {error}") from None
        if not ids:
            raise InputError(f"{argument} is empty; expected at least one place, for instance ['Zeya']")
        lists.append(list(ids))
    return net, lists


def each_place(net: Network, given: Any) -> Iterator[Any]:
    """Yield the single places of a list of places in any form."""
    if hasattr(given, "to_crs") and hasattr(given, "geometry"):
        yield from _rows(net, given)
    elif isinstance(given, str) or not isinstance(given, Iterable) or _is_pair(given):
        yield given
    elif hasattr(given, "columns"):
        raise InputError(
            "a frame without geometry is invalid; expected a GeoDataFrame or its column of names"
        )
    else:
        yield from given


def _rows(net: Network, given: Any) -> Iterator[Any]:
    """Yield the points of a GeoSeries or GeoDataFrame, or the id where a row is that place of the network."""
    if given.crs is None:
        raise InputError("the coordinate system is missing; set it with set_crs, for instance set_crs(4326)")
    for label, point in given.geometry.to_crs(CRS).items():
        if point is None:
            raise InputError(f"the geometry of row {shorten(label)} is missing; expected a point")
        lat, lon = coordinates_of(point) or (0.0, 0.0)
        # Coordinate systems round; a centimetre is seven digits.
        known = net.nodes.loc[label] if isinstance(label, str) and label in net.nodes.index else None
        if known is not None and max(abs(known["lat"] - lat), abs(known["lon"] - lon)) < 1e-7:
            yield label
        else:
            yield round(lat, 9), round(lon, 9)


def _is_pair(given: Any) -> bool:
    """Return whether a value is two numbers: latitude and longitude."""
    if not isinstance(given, tuple | list | np.ndarray) or len(given) != 2:
        return False
    return all(isinstance(number, Real) and not isinstance(number, bool) for number in given)


def coordinates_of(place: Any) -> tuple[float, float] | None:
    """Return latitude and longitude of a place in degrees; None if it is a name."""
    if isinstance(place, str):
        match = _POINT.fullmatch(place)
        if match is None:
            return None
        lat, lon = float(match.group(1)), float(match.group(2))
    elif _is_pair(place):
        lat, lon = place
    elif hasattr(place, "geom_type"):
        if place.geom_type != "Point" or place.is_empty:
            kind = "an empty point" if place.geom_type == "Point" else f"a {place.geom_type}"
            raise InputError(f"the geometry is invalid: {kind}; expected a point")
        lat, lon = place.y, place.x
    else:
        valid = "a name or id, 'latitude,longitude', two numbers or a point"
        raise InputError(f"place is invalid: {shorten(place)}; expected {valid}")
    lon = check_number("longitude", lon, -180, 180)
    # A latitude beyond the pole may be a longitude: `locate` then suggests the right order.
    most = 90 if abs(lon) > 90 else 180
    return check_number("latitude", lat, -most, most), lon


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
