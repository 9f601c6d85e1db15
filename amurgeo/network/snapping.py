"""Any point as a place: joined to the nearest road on its own side of the state border."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.dataset.reading import lay_over
from amurgeo.errors import InputError, as_names
from amurgeo.network import Network
from amurgeo.network.additions import estimated_road

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

_POINT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*[,;]\s*([+-]?\d+(?:\.\d+)?)\s*")
#: Farther from any road than this, a point is refused.
MAX_DISTANCE_KM = 100.0


@dataclass(frozen=True)
class Joint:
    """Where a point was joined to the network.

    Attributes
    ----------
    id
        Id of the place made of the point.
    lat, lon
        The point.
    road
        Id of the road it was joined to.
    distance_km
        Straight distance to that road.
    """

    id: str
    lat: float
    lon: float
    road: str
    distance_km: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as a plain record."""
        return {
            "lat": self.lat,
            "lon": self.lon,
            "road": self.road,
            "distance_km": round(self.distance_km, 2),
        }


def locate(net: Network, name: str) -> tuple[Network, str, Joint | None]:
    """Find a place by name or by ``latitude,longitude``.

    Parameters
    ----------
    net
        The network.
    name
        A name as `Network.find` takes it, or two numbers such as ``50.45,127.62``.

    Returns
    -------
    net
        The network, with the point joined to it when one was given; the base is never changed.
    id
        Id of the place.
    joint
        Where the point was joined, or None for a named place, or a point that was joined before.

    Raises
    ------
    InputError
        For an unknown name, a point outside the region, or one too far from any road.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net, place, joint = locate(ag.load(), "50.45,127.62")
    >>> place, joint.distance_km < 30
    ('point_50.45_127.62', True)
    """
    if not isinstance(net, Network):
        raise InputError(f"{net!r:.60} is no network; give the network first, as amurgeo.load() returns it")
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
        right = (
            f"did you mean {lon:g},{lat:g}?"
            if swapped
            else "give latitude,longitude, for instance 50.45,127.62"
        )
        raise InputError(f"'{name}' lies outside the region of the network; {right}")
    return _join(net, id_, lat, lon, country)


def locate_all(net: Network, **given: Any) -> tuple[Network, list[list[str]]]:
    """Find lists of places, each by name or by ``latitude,longitude``.

    Parameters
    ----------
    net
        The network.
    **given
        Names by what they are for, such as ``origins=["Zeya", "50.45,127.62"]``; one name is a list of one.

    Returns
    -------
    net
        The network, with every point joined to it.
    ids
        Ids of the places, one list for each argument; a place named twice stands there once.

    Raises
    ------
    InputError
        As `locate`, and when a list names no place.

    Examples
    --------
    >>> import amurgeo as ag
    >>> locate_all(ag.load(), origins="Zeya", destinations=["Heihe", "Харбин"])[1]
    [['zeya'], ['heihe', 'harbin']]
    """
    found = []
    for what, names in given.items():
        ids = []
        for name in as_names(what, names):
            net, id_, _ = locate(net, name)
            ids.append(id_)
        if not ids:
            raise InputError(f"{what}: no place is named; give at least one, for instance ['Zeya']")
        found.append(list(dict.fromkeys(ids)))
    return net, found


def _country(net: Network, lat: float, lon: float) -> str | None:
    """Tell on whose side of the border a point lies; None outside the region."""
    import shapely

    regions = net.layer("regions").set_index("id")
    point = shapely.Point(lon, lat)
    # A quarter of a degree of grace: coasts and outlines are generalised.
    distance = regions.geometry.apply(lambda shape: shape.distance(point))
    nearest = distance.idxmin()
    if distance[nearest] > 0.25:
        return None
    return str(net.base["regions"].at[nearest, "country"])


def _join(net: Network, id_: str, lat: float, lon: float, country: str) -> tuple[Network, str, Joint]:
    import shapely
    from pyproj import Geod

    # Degrees of longitude are shortened so that the nearest road is nearest on the ground as well.
    shrink = math.cos(math.radians(lat))
    roads = _own_roads(net, country)
    shapes = shapely.transform(roads.geometry.to_numpy(), lambda xy: xy * (shrink, 1.0))
    spot = shapely.Point(lon * shrink, lat)
    # A road between two places of one spot has no length; older shapely warns, though its answer is right.
    with np.errstate(invalid="ignore"):
        nearest = int(shapely.distance(shapes, spot).argmin())
    line: shapely.LineString = shapes[nearest]
    share = float(line.project(spot, normalized=True))
    foot = line.interpolate(share, normalized=True)
    foot_lat, foot_lon = float(foot.y), float(foot.x) / shrink
    distance_km = Geod(ellps="WGS84").inv(lon, lat, foot_lon, foot_lat)[2] / 1000.0
    road = roads.iloc[nearest]
    road_id = str(roads.index[nearest])
    if distance_km > MAX_DISTANCE_KM:
        raise InputError(
            f"'{lat:g},{lon:g}' is {distance_km:.0f} km from the nearest road ({road_id}); "
            "give a point nearer to a road"
        )
    region = net.nodes.at[road["from_place"], "region"]
    places = pd.DataFrame(
        [_place(id_, lat, lon, country, region), _place(f"{id_}_road", foot_lat, foot_lon, country, region)]
    )
    ends = [
        (id_, f"{id_}_road", distance_km, "street"),
        (road["from_place"], f"{id_}_road", share * road["length_km"], road["class"]),
        (f"{id_}_road", road["to_place"], (1.0 - share) * road["length_km"], road["class"]),
    ]
    pieces = pd.DataFrame([_road(a, b, km, class_, road) for a, b, km, class_ in ends])
    own = {"places": places.set_index("id"), "roads": pieces.set_index("id")}
    return Network(lay_over(net.base, own), own=net.own), id_, Joint(id_, lat, lon, road_id, distance_km)


def _own_roads(net: Network, country: str) -> gpd.GeoDataFrame:
    """All-year roads of one bank."""
    roads = net.roads
    here = net.nodes["country"].reindex(roads["from_place"]).to_numpy() == country
    return roads[here & (roads["season"] == "").to_numpy()]


def _place(id_: str, lat: float, lon: float, country: str, region: str) -> dict[str, Any]:
    name = f"{lat:.4f}, {lon:.4f}"
    blank = {"population": float("nan"), "population_year": float("nan"), "geonameid": float("nan")}
    return {
        "id": id_,
        "kind": "point",
        "country": country,
        "region": region,
        "name_en": name,
        "name_ru": name,
        "name_zh": name,
        "aliases": (),
        "lat": lat,
        "lon": lon,
        **blank,
        "source": "estimate",
        "source_date": "",
        "confidence": "estimated",
        "population_source": "",
        "population_confidence": "",
        "note": "",
    }


def _road(tail: str, head: str, km: float, class_: str, like: pd.Series) -> dict[str, Any]:
    return estimated_road(
        f"{tail}--{head}",
        tail,
        head,
        length_km=km,
        road_class=class_,
        surface=like["surface"],
        ref=like["ref"] or "",
    )
