"""Tags of OpenStreetMap: which are read, and the class, surface, direction and mode of a way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from amurgeo.osm.seasons import ACCESS_KEYS, CONDITIONAL_KEYS, SeasonDates, WaySeason, read_season

#: Class of road of each value of ``highway`` that carries vehicles.
CLASSES = {
    **{name: name for name in ("motorway", "trunk", "primary", "secondary")},
    **{f"{name}_link": name for name in ("motorway", "trunk", "primary", "secondary")},
    **dict.fromkeys(("tertiary", "tertiary_link"), "secondary"),
    **dict.fromkeys(("unclassified", "residential", "living_street", "service", "road", "track"), "street"),
    "winter_road": "winter",
    "ice_road": "ice",
}
#: Classes of roads between towns: places are attached to them rather than to streets.
MAIN_CLASSES = frozenset({"motorway", "trunk", "primary", "secondary"})
_SURFACES = {
    "asphalt": "asphalt paved concrete concrete:plates concrete:lanes paving_stones sett chipseal cobblestone"
    " metal",
    "gravel": "gravel fine_gravel unpaved compacted ground dirt earth sand mud pebblestone grass rock wood",
    "ice": "ice snow",
}
_SURFACE_OF = {value: surface for surface, values in _SURFACES.items() for value in values.split()}
_NAMES = ("name:en", "name", "name:ru", "name:zh")
#: Tags that determine what a way is; ways in which they are equal are classified once.
DECIDING = (
    *("highway", "route", "area", "surface", "oneway", "junction", "toll", "bridge", "bridge:structure"),
    *("ferry", "ferry:type", "ice_road", "winter_road", "seasonal", "opening_hours", "maxweight"),
    *ACCESS_KEYS,
    *CONDITIONAL_KEYS,
)
#: Tags of ways that are read.
WAY_TAGS = (*DECIDING, "ref", *_NAMES)
#: Prefixes and values of what is no longer, or not yet, a road or ferry.
LIFECYCLE = (
    *("disused", "abandoned", "razed", "removed", "demolished", "destroyed", "dismantled", "historic", "was"),
    *("construction", "proposed", "planned"),
)
#: Keys of such ways, and of ice roads without ``highway``.
FORMER = (
    *(f"{stage}:{key}" for stage in LIFECYCLE for key in ("highway", "route")),
    *("ice_road", "winter_road"),
)
#: Nodes that are read, by tag.
POINTS = {("barrier", "border_control"): "border_control", ("amenity", "ferry_terminal"): "ferry_terminal"}
#: Tags of nodes that are read.
NODE_TAGS = tuple(key for key, _ in POINTS)
NODE_KEYS = NODE_TAGS


@dataclass(frozen=True)
class Kind:
    """Class of a way.

    Attributes
    ----------
    class_, surface
        Class and surface of the road; ``ferry`` and ``water`` for a ferry.
    mode
        Mode of a crossing on it: ``road``, ``bridge``, ``pontoon``, ``ferry``, ``hovercraft``, ``ice_road``.
    oneway
        1 along the way only, -1 against it only, 0 both.
    toll
        Whether there is a toll.
    season
        Operating window and mass limit; empty if the way is closed to vehicles.
    """

    class_: str
    surface: str
    mode: str
    oneway: int
    toll: bool
    season: WaySeason


def kind_of(tags: Mapping[str, str], dates: SeasonDates) -> Kind | None:
    """Classify a way by its tags; None if it carries no vehicles.

    Examples
    --------
    >>> kind = kind_of({"highway": "tertiary", "surface": "gravel"}, SeasonDates())
    >>> kind.class_, kind.surface, kind.season.all_year
    ('secondary', 'gravel', True)
    >>> kind_of({"highway": "footway"}, SeasonDates()) is None
    True
    """
    highway, oneway = tags.get("highway"), tags.get("oneway", "")
    class_ = CLASSES.get(highway or "")
    if tags.get("winter_road") == "yes":
        class_ = highway and "winter"
    if tags.get("ice_road") == "yes":
        class_ = highway and "ice"
    if tags.get("route") == "ferry":
        class_ = "ferry"
    if not class_ or tags.get("area") == "yes":
        return None
    roundabout = tags.get("junction") == "roundabout" and oneway != "no"
    direction = -1 if oneway in ("-1", "reverse") else int(oneway in ("yes", "true", "1") or roundabout)
    season = read_season(tags, dates)
    return Kind(
        class_, _surface(tags, class_), _mode(tags, class_), direction, tags.get("toll") == "yes", season
    )


def _surface(tags: Mapping[str, str], class_: str) -> str:
    if class_ in ("ice", "ferry"):
        return "ice" if class_ == "ice" else "water"
    value = tags.get("surface", "").lower()
    surface = _SURFACE_OF.get(value, "")
    if class_ == "winter" and (surface == "ice" or not value):
        return "ice"
    if surface in ("asphalt", "gravel"):
        return surface
    # Main roads without a surface are paved; others may be either.
    return "asphalt" if not surface and class_ in ("motorway", "trunk", "primary") else "mixed"


def _mode(tags: Mapping[str, str], class_: str) -> str:
    if class_ == "ferry":
        return "hovercraft" if "hovercraft" in (tags.get("ferry"), tags.get("ferry:type")) else "ferry"
    if class_ in ("ice", "winter"):
        return "ice_road"
    bridge = tags.get("bridge", "no")
    if {"floating", "pontoon"} & {bridge, tags.get("bridge:structure", "")}:
        return "pontoon"
    return "road" if bridge == "no" else "bridge"


def way_name(tags: Mapping[str, str]) -> str:
    """Return the name of a way, in English if it has an English name."""
    return next((tags[key] for key in _NAMES if tags.get(key)), "")
