"""What OSM's tags mean here: which ways are kept, their class, surface, direction and mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from amurgeo.osm.conditional import ACCESS_KEYS, CONDITIONAL_KEYS, Season, read_season
from amurgeo.osm.opening import SeasonDates

#: Values of ``highway`` that carry vehicles, with the class they stand for.
CLASSES = {
    "motorway": "motorway",
    "motorway_link": "motorway",
    "trunk": "trunk",
    "trunk_link": "trunk",
    "primary": "primary",
    "primary_link": "primary",
    "secondary": "secondary",
    "secondary_link": "secondary",
    "tertiary": "secondary",
    "tertiary_link": "secondary",
    "unclassified": "street",
    "residential": "street",
    "living_street": "street",
    "service": "street",
    "road": "street",
    "track": "street",
    "winter_road": "winter",
    "ice_road": "ice",
}
#: Values of ``highway`` between towns.
MAIN = tuple(value for value, class_ in CLASSES.items() if class_ != "street")
#: Classes of roads between towns: places are attached to them rather than to streets.
MAIN_CLASSES = frozenset({"motorway", "trunk", "primary", "secondary"})
_ASPHALT = frozenset(
    {
        "asphalt",
        "paved",
        "concrete",
        "concrete:plates",
        "concrete:lanes",
        "paving_stones",
        "sett",
        "chipseal",
        "cobblestone",
        "metal",
    }
)
_GRAVEL = frozenset(
    {
        "gravel",
        "fine_gravel",
        "unpaved",
        "compacted",
        "ground",
        "dirt",
        "earth",
        "sand",
        "mud",
        "pebblestone",
        "grass",
        "rock",
        "wood",
    }
)
_ICE = frozenset({"ice", "snow"})

#: Tags that decide what a way is; ways that have these alike are judged once.
DECIDING = (
    "highway",
    "route",
    "area",
    "surface",
    "oneway",
    "junction",
    "toll",
    "bridge",
    "bridge:structure",
    "ferry",
    "ferry:type",
    "ice_road",
    "winter_road",
    "seasonal",
    "opening_hours",
    "maxweight",
    *ACCESS_KEYS,
    *CONDITIONAL_KEYS,
)
#: Tags that only say how a way is called, or that are kept for whoever reads the graph.
TELLING = ("ref", "name", "name:en", "name:ru", "name:zh", "maxspeed")
#: Tags of ways that are asked for.
WAY_TAGS = (*DECIDING, *TELLING)
#: Tags of nodes that are asked for.
NODE_TAGS = ("barrier", "amenity", "highway", "name", "name:en", "name:ru", "name:zh")
#: What a node with one of these tags is.
POINTS = {("barrier", "border_control"): "border_control", ("amenity", "ferry_terminal"): "ferry_terminal"}


@dataclass(frozen=True)
class Kind:
    """What a way is.

    Attributes
    ----------
    class_, surface
        Class and surface of the road; ``ferry`` and ``water`` for a ferry.
    mode
        How it would cross the state border: ``road``, ``bridge``, ``pontoon``, ``ferry``, ``hovercraft`` or
        ``ice_road``.
    oneway
        1 along the way only, -1 against it only, 0 both.
    toll
        Whether a toll is taken.
    season
        When it is open, and the mass it bears.
    """

    class_: str
    surface: str
    mode: str
    oneway: int
    toll: bool
    season: Season


def kind_of(tags: Mapping[str, str], *, dates: SeasonDates | None = None) -> Kind | None:
    """Say what a way is.

    Parameters
    ----------
    tags
        Tags of the way.
    dates
        What *winter* and *summer* stand for.

    Returns
    -------
    Kind or None
        None for a way that carries no vehicles; one that is closed to them has a season without days.

    Examples
    --------
    >>> kind = kind_of({"highway": "tertiary", "surface": "gravel"})
    >>> kind.class_, kind.surface, kind.season.all_year
    ('secondary', 'gravel', True)
    >>> kind_of({"highway": "track", "ice_road": "yes"}).class_
    'ice'
    >>> kind_of({"highway": "footway"}) is None
    True
    """
    class_ = _class(tags)
    if class_ is None or tags.get("area") == "yes":
        return None
    season = read_season(tags, dates=dates)
    toll = tags.get("toll") == "yes"
    return Kind(class_, _surface(tags, class_), _mode(tags, class_), _oneway(tags), toll, season)


def _class(tags: Mapping[str, str]) -> str | None:
    if tags.get("route") == "ferry":
        return "ferry"
    highway = tags.get("highway", "")
    if tags.get("ice_road") == "yes":
        return "ice" if highway else None
    if tags.get("winter_road") == "yes":
        return "winter" if highway else None
    return CLASSES.get(highway)


def _surface(tags: Mapping[str, str], class_: str) -> str:
    if class_ in ("ice", "ferry"):
        return "ice" if class_ == "ice" else "water"
    told = tags.get("surface", "").lower()
    if told in _ICE or (class_ == "winter" and not told):
        return "ice" if class_ == "winter" else "mixed"
    if told in _ASPHALT:
        return "asphalt"
    if told in _GRAVEL:
        return "gravel"
    # Nothing told: main roads are paved, the rest may be either.
    return "asphalt" if class_ in ("motorway", "trunk", "primary") else "mixed"


def _mode(tags: Mapping[str, str], class_: str) -> str:
    if class_ == "ferry":
        told = (tags.get("ferry", ""), tags.get("ferry:type", ""))
        return "hovercraft" if "hovercraft" in told else "ferry"
    if class_ in ("ice", "winter"):
        return "ice_road"
    structure = (tags.get("bridge", "no"), tags.get("bridge:structure", ""))
    if {"floating", "pontoon"} & set(structure):
        return "pontoon"
    return "road" if structure[0] == "no" else "bridge"


def _oneway(tags: Mapping[str, str]) -> int:
    told = tags.get("oneway", "")
    if told in ("-1", "reverse"):
        return -1
    if told in ("yes", "true", "1"):
        return 1
    return 1 if tags.get("junction") == "roundabout" and told != "no" else 0


def name_of_way(tags: Mapping[str, str]) -> str:
    """Return what a road is called, in English where there is an English name.

    Examples
    --------
    >>> name_of_way({"name": "улица Ленина", "name:en": "Lenin Street"})
    'Lenin Street'
    """
    return next((tags[key] for key in ("name:en", "name", "name:ru", "name:zh") if tags.get(key)), "")
