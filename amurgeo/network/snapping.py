"""Places by name or by coordinates; a point is snapped to the nearest road on its side of the border."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np
import pandas as pd

from amurgeo.dataset.area import overlay_rows
from amurgeo.dataset.names import NAME_COLUMNS
from amurgeo.dataset.schema import ESTIMATED
from amurgeo.errors import InputError, check_number, shorten
from amurgeo.network import check_network
from amurgeo.network.additions import estimated_road
from amurgeo.network.edges import CRS, PIECE, great_circle_km
from amurgeo.network.tables import Network, with_tables

if TYPE_CHECKING:
    import shapely

#: A place: a name, an id, ``"lat,lon"``, latitude and longitude, or a point (x is the longitude).
Place: TypeAlias = Union[str, tuple[float, float], "shapely.Point"]
#: Places: one, or an iterable of them, a GeoSeries or a GeoDataFrame.
Places: TypeAlias = Place | Iterable[Place]

_POINT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*[,;]\s*([+-]?\d+(?:\.\d+)?)\s*")
_COMMAS = re.compile(r"\s*([+-]?\d+,\d+)\s*[,; ]\s*([+-]?\d+,\d+)\s*")
#: Maximum distance between a point and a road.
MAX_DISTANCE_KM = 100.0
#: Distance within which a point beside a region belongs to it: coasts and outlines are generalised.
MAX_DISTANCE_DEGREES = 0.25


@dataclass(frozen=True)
class SnappedPoint:
    """A point snapped to the network: the place made of it, the nearest road and the distance to that."""

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

    >>> import amurgeo as ag
    >>> net, place, snapped = locate(ag.load(), (50.45, 127.62))
    >>> place, snapped.distance_km < 30
    ('point_50.45_127.62', True)
    """
    net, (id_,), snapped = locate_each(net, [place])
    return net, id_, snapped.get(id_)


def locate_each(net: Network, places: Iterable[Place]) -> tuple[Network, list[str], dict[str, SnappedPoint]]:
    """Find places as `locate` does, all points at once: those at one road are joined along it.

    Returns the network with the points, the id of each place, and the snapped points by id.
    """
    check_network(net)
    ids: list[str] = []
    points: dict[str, tuple[float, float]] = {}
    for place in places:
        coordinates = coordinates_of(place)
        if coordinates is None:
            ids.append(net.find(place))  # type: ignore[arg-type]
        else:
            ids.append("point_{:.12g}_{:.12g}".format(*coordinates))
            if ids[-1] not in net.node_ids:
                points[ids[-1]] = coordinates
    if not points:
        return net, ids, {}
    net, snapped = _snap(net, points, _countries(net, points.values()))
    return net, ids, snapped


def locate_all(net: Network, **places: Places) -> tuple[Network, list[list[str]]]:
    """Find lists of places by argument, such as ``origins=["Zeya", "50.45,127.62"]``.

    A list is one place, an iterable of places, a GeoSeries or a GeoDataFrame in any coordinate system. Rows
    of ``net.places`` are the places of their index. Returns the network with every point, and the ids of each
    list without duplicates.

    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> towns = net.places.loc[["heihe", "harbin"]].to_crs(32652)
    >>> locate_all(net, origins="Zeya", destinations=towns)[1]
    [['zeya'], ['heihe', 'harbin']]
    """
    check_network(net)
    lists = {}
    for argument, given in places.items():
        try:
            lists[argument] = list(each_place(net, given))
            for place in lists[argument]:
                if coordinates_of(place) is None:
                    net.find(place)
        except InputError as error:
            raise InputError(f"{argument}: {error}") from None
        if not lists[argument]:
            raise InputError(f"{argument} is empty; expected at least one place, for instance ['Zeya']")
    net, found, _ = locate_each(net, chain(*lists.values()))
    ids = iter(found)
    return net, [list(dict.fromkeys(islice(ids, len(given)))) for given in lists.values()]


def require_pair(net: Network, origins: Sequence[str], destinations: Sequence[str]) -> None:
    """Raise if no origin has a destination (ids) that is another place."""
    if len({*origins, *destinations}) == 1:
        name = net.nodes.at[origins[0], "name_en"]
        raise InputError(f"'{name}' is both origin and destination; expected another place at one end")


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
        known = net.nodes.loc[label] if isinstance(label, str) and label in net.node_ids else None
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
        match = _POINT.fullmatch(place) or _COMMAS.fullmatch(place)
        if match is None:
            return None
        lat, lon = (float(number.replace(",", ".")) for number in match.groups())
    elif _is_pair(place):
        lat, lon = place
    elif isinstance(getattr(place, "geom_type", None), str):
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


def _countries(net: Network, points: Iterable[tuple[float, float]]) -> list[str]:
    """Return the country of each point; raise if one lies outside the region."""
    import shapely

    regions = net.layer("regions")
    shapes = regions.geometry.to_numpy()
    country = net.base["regions"]["country"].reindex(regions["id"]).to_list()

    def find(lat: float, lon: float) -> str | None:
        distances = shapely.distance(shapes, shapely.Point(lon, lat))
        nearest = int(distances.argmin())
        return None if distances[nearest] > MAX_DISTANCE_DEGREES else str(country[nearest])

    countries = []
    for lat, lon in points:
        found = find(lat, lon)
        if found is None:
            swapped = find(lon, lat) is not None
            right = f"the area is {net.area}; expected latitude,longitude as 50.45,127.62"
            hint = f"did you mean {lon:g},{lat:g}?" if swapped else right
            raise InputError(f"'{lat:.12g},{lon:.12g}' lies outside the region of the network; {hint}")
        countries.append(found)
    return countries


def _snap(
    net: Network, points: Mapping[str, tuple[float, float]], countries: Iterable[str]
) -> tuple[Network, dict[str, SnappedPoint]]:
    """Join each point to the nearest all-year road of its country, which is split there."""
    import shapely

    roads = net.roads
    roads = roads[(roads["season"] == "").to_numpy()]
    sides = net.nodes["country"].reindex(roads["from_place"]).to_numpy()
    lines = roads.geometry.to_numpy()
    places, streets, snapped = [], [], {}
    #: By road: share of its length, and id of the place there.
    feet: dict[str, list[tuple[float, str]]] = {}
    for (id_, (lat, lon)), country in zip(points.items(), countries, strict=True):
        # Shrink longitudes so that distances in the plane have the order of distances on the ground.
        shrink = math.cos(math.radians(lat))
        candidates = np.flatnonzero(sides == country)
        if not len(candidates):
            raise InputError(
                f"country {country} of '{lat:g},{lon:g}' has no road that is open all year; "
                f"expected a point within {MAX_DISTANCE_KM:g} km of a road"
            )
        planar = shapely.transform(lines[candidates], lambda xy, shrink=shrink: xy * (shrink, 1.0))
        point = shapely.Point(lon * shrink, lat)
        # Older shapely warns of roads without length, though its answer is right.
        with np.errstate(invalid="ignore"):
            nearest = int(shapely.distance(planar, point).argmin())
        share = float(planar[nearest].project(point, normalized=True))
        foot = planar[nearest].interpolate(share, normalized=True)
        foot_lat, foot_lon = float(foot.y), float(foot.x) / shrink
        distance_km = float(great_circle_km(lon, lat, foot_lon, foot_lat))
        road_id = str(roads.index[candidates[nearest]])
        if distance_km > MAX_DISTANCE_KM:
            raise InputError(
                f"'{lat:g},{lon:g}' is {distance_km:.0f} km from the nearest road ({road_id}); "
                f"expected a point within {MAX_DISTANCE_KM:g} km of a road"
            )
        road, foot_id = roads.loc[road_id], f"{id_}_road"
        region = net.nodes.at[road["from_place"], "region"]
        shared = {"kind": "point", "country": country, "region": region, **ESTIMATED}
        places += [
            # A semicolon, since Russian numbers have a decimal comma.
            {"id": place, "lat": y, "lon": x, **dict.fromkeys(NAME_COLUMNS, f"{y:.4f}; {x:.4f}"), **shared}
            for place, y, x in ((id_, lat, lon), (foot_id, foot_lat, foot_lon))
        ]
        like = {"surface": road["surface"], "ref": road["ref"] or ""}
        street = {"length_km": distance_km, "class": "street", **like}
        streets.append(estimated_road(id_, foot_id, street))
        feet.setdefault(road_id, []).append((share, foot_id))
        snapped[id_] = SnappedPoint(id_, lat, lon, road_id, distance_km)
    pieces = [piece for road_id, stops in feet.items() for piece in _pieces(roads.loc[road_id], stops)]
    rows = {"places": places, "roads": streets + pieces}
    return with_tables(net, overlay_rows(net.base, rows)), snapped


def _pieces(road: pd.Series, feet: list[tuple[float, str]]) -> Iterator[dict[str, Any]]:
    """Yield the pieces of a road between its ends and the places along it."""
    columns = {"class": road["class"], "surface": road["surface"], "ref": road["ref"] or ""}
    if road["oneway"] or road["toll"] or road["max_mass_t"] > 0 or road["traffic"] != "both":
        columns |= road[["oneway", "toll", "max_mass_t", "traffic"]].to_dict()
    stops = [(0.0, road["from_place"]), *sorted(feet), (1.0, road["to_place"])]
    for (start, tail), (end, head) in pairwise(stops):
        id_ = f"{road.name}{PIECE}{tail}--{head}"
        length_km = (end - start) * road["length_km"]
        yield estimated_road(tail, head, {"id": id_, "length_km": length_km, **columns})
