"""Tags of OpenStreetMap: what each means for whom, and the class, surface, mode and limits of a way.

``tags.csv`` lists keys, kinds of traffic, and values of access, barriers, roads, surfaces and directions. A
key is ``read``, a ``name``, ``named`` in the report with the reason why it is not applied, or irrelevant
(``other``). A key that it does not list is named if it begins like one of traffic.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from amurgeo.osm.seasons import (
    Clause,
    Remark,
    SeasonDates,
    WaySeason,
    open_days,
    read_conditional,
    read_mass,
    spans_of,
)

#: Classes of roads between towns: places are attached to them rather than to streets.
MAIN_CLASSES = frozenset({"motorway", "trunk", "primary", "secondary"})
_NAMES = ("name:en", "name", "name:ru", "name:zh")
#: Nodes that are read, by tag.
POINTS = {("barrier", "border_control"): "border_control", ("amenity", "ferry_terminal"): "ferry_terminal"}
#: Rows of the table, by kind and name: effect and note.
_TABLE: dict[str, dict[str, tuple[str, str]]] = {}
with Path(__file__).with_name("tags.csv").open(encoding="utf-8", newline="") as _file:
    for _row in csv.DictReader(_file):
        _TABLE.setdefault(_row["kind"], {})[_row["name"]] = (_row["effect"], _row["note"])
#: Class of road of each value of ``highway`` that carries vehicles, and class of each surface.
CLASSES, _SURFACES = (
    {value: class_ for value, (class_, _) in _TABLE[kind].items()} for kind in ("highway", "surface")
)
#: Prefixes and values of what is no longer, or not yet, a road or ferry; keys of such ways and of ice roads.
LIFECYCLE = tuple(_TABLE["stage"])
FORMER = (
    *(f"{stage}:{key}" for stage in LIFECYCLE for key in ("highway", "route")),
    "ice_road",
    "winter_road",
)
#: Positions along the axis of traffic (cargo, passenger), from the least to the most specific.
_TRAFFIC = {"both": slice(0, 2), "cargo": slice(0, 1), "passenger": slice(1, 2)}
_MODES = {name: _TRAFFIC[effect] for name, (effect, _) in _TABLE["mode"].items() if effect in _TRAFFIC}
#: Positions along the axis of direction.
_DIRECTIONS = {"": slice(0, 2), "both_ways": slice(0, 2), "forward": slice(0, 1), "backward": slice(1, 2)}
_MASSES = ("maxweight", "maxweightrating", "maxgcweight", "maxgcweightrating")
_LIMITED = ("access", "oneway", *_MASSES)
#: Directions that are open: along the way, and against it.
_OPEN = {"forward": (True, False), "backward": (False, True), "both": (True, True)}
_NO_MASS = ("none", "default", "unsigned", "no", "unlimited")
_TRAFFIC_KEY = re.compile(
    r"(access|agricult|axle|barrier|bus|closed|closure|construction|ferry|forest|goods|hazmat|height|hgv|hour"
    r"|ice|lanes|length|max|min|motor|oneway|open|restrict|road|route|season|snow|speed|toll|traffic|truck|vehicle"
    r"|weight|width|winter|zone)"
)
_FREE = float("inf")


class Part(NamedTuple):
    """A key taken apart: what it limits, for whom, in which direction, and whether on a condition."""

    base: str
    rank: tuple[int, bool, bool]
    where: tuple[slice, slice]
    conditional: bool


@cache
def part_of(key: str) -> Part | None:
    """Take a key of access, mass or direction apart; None for another key.

    >>> part_of("hgv:forward:conditional").where
    (slice(0, 1, None), slice(0, 1, None))
    >>> part_of("maxweight:hgv").base, part_of("maxspeed:hgv")
    ('maxweight', None)
    """
    parts = key.split(":")
    conditional = parts[-1] == "conditional"
    parts = parts[: len(parts) - conditional]
    direction = next((part for part in parts[1:] if part in _DIRECTIONS), "")
    base, *rest = [part for part in parts if part != direction or not direction]
    if base in _MODES and base != "access":
        base, rest = "access", [base, *rest]
    mode, *more = rest or ["access"]
    if base not in _LIMITED or mode not in _MODES or more:
        return None
    rank = (min(list(_MODES).index(mode), 3), bool(direction), conditional)
    return Part(base, rank, (_MODES[mode], _DIRECTIONS[direction]), conditional)


@cache
def effect_of(key: str) -> tuple[str, str]:
    """Return what a key is (``read``, ``name``, ``named`` or ``other``), and why it is not applied."""
    if part_of(key):
        return "read", ""
    keys, (base, *rest) = _TABLE["key"], key.split(":")
    for name in (key, f"{base}:*" if rest else ""):
        if name in keys:
            return keys[name]
    modes = [_TABLE["mode"][part] for part in (base, *rest) if part in _TABLE["mode"]]
    for effect, note in modes:
        if effect not in _TRAFFIC:
            return effect, note
    effect, note = keys.get(base, ("", ""))
    if effect in ("named", "other"):
        return effect, note
    return ("named", "not known; not applied") if effect or _TRAFFIC_KEY.match(key) else ("other", "")


#: Tags of ways that are read or named.
WAY_TAGS = tuple(
    dict.fromkeys(
        [
            *(key for key, (effect, _) in _TABLE["key"].items() if effect != "other" and "*" not in key),
            *(
                f"{base}{mode}{direction}{condition}"
                for base, mode, direction, condition in product(
                    [*_MODES, *_LIMITED[1:]],
                    ("", ":hgv"),
                    ("", ":forward", ":backward"),
                    ("", ":conditional"),
                )
                if part_of(f"{base}{mode}{direction}{condition}")
            ),
        ]
    )
)
#: Tags of nodes that are read.
NODE_TAGS = (*(key for key, _ in POINTS), *(key for key in WAY_TAGS if part_of(key)))


@dataclass(frozen=True, eq=False)
class Limits:
    """Heaviest vehicle (t) on a way by traffic, direction and day of the year; 0: closed, inf: no limit."""

    mass_t: np.ndarray
    typical: bool = False
    year: int | None = None
    remarks: tuple[Remark, ...] = ()

    def __and__(self, limits: Limits) -> Limits:
        return replace(self, mass_t=np.minimum(self.mass_t, limits.mass_t))

    def seasons(self) -> tuple[WaySeason, ...]:
        """Return the limits as seasons of one mass, traffic and direction; none if always closed."""
        parts: dict[tuple[float, bytes], set[tuple[int, int]]] = {}
        for traffic, direction in product(range(2), range(2)):
            limits = self.mass_t[traffic, direction]
            for mass in sorted(set(limits.tolist()) - {0.0}):
                parts.setdefault((mass, (limits == mass).tobytes()), set()).add((traffic, direction))
        seasons = []
        for (mass, days), where in parts.items():
            ways = {traffic: frozenset(d for t, d in where if t == traffic) for traffic in range(2)}
            who = [("both", ways[0])] if ways[0] == ways[1] else [("cargo", ways[0]), ("passenger", ways[1])]
            seasons += [
                WaySeason(
                    spans_of(np.frombuffer(days, dtype=bool)),
                    self.year,
                    self.typical,
                    mass if mass < _FREE else float("nan"),
                    traffic,
                    0 if len(open_) == 2 else 1 - 2 * min(open_),
                )
                for traffic, open_ in who
                if open_
            ]
        return tuple(seasons)


def read_limits(tags: Mapping[str, str], dates: SeasonDates, *, shut: bool = False) -> Limits:
    """Return the limits of a way, or of a node on it, from all its tags.

    A tag for some traffic overrides one for all, and a conditional tag the one without condition.
    """
    remarks: list[Remark] = []
    season = open_days(tags, dates, remarks)
    access = np.full((2, 2, 365), 0.0 if shut else _FREE)
    masses = {base: np.full((2, 2, 365), _FREE) for base in _MASSES}
    directions = np.ones((2, 2, 365), dtype=bool)
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    directions[:, 1] = not implied
    dated = np.zeros((2, 2, 1), dtype=bool)
    known = [(part, key) for key in tags if (part := part_of(key))]
    for part, key in sorted(known, key=lambda pair: pair[0].rank):
        clauses: tuple[Clause, ...] = (Clause(tags[key].strip().lower(), text=tags[key]),)
        if part.conditional:
            clauses = read_conditional(tags[key], dates)
        for clause in clauses:
            problem = clause.problem
            time = clause.time
            if not problem and time is not None and time.year is not None:
                remarks.append(Remark(key, clause.text, "names years; not applied", read=True))
                continue
            if not problem and part.base == "access":
                problem = _apply_access(clause, access[part.where], dated[part.where], season.typical)
            elif not problem and part.base == "oneway":
                problem = _apply_oneway(clause, directions[part.where[0]])
            elif not problem:
                problem = _apply_mass(clause, masses[part.base][part.where])
            if problem:
                remarks.append(Remark(key, clause.text, problem.lstrip("+"), read=problem.startswith("+")))
            if time is not None and not clause.problem:
                remarks += time.remarks_on(key)
    days = np.where(season.days | (dated & season.typical), access, 0.0)
    mass_t = np.where(directions, np.minimum.reduce([days, *masses.values()]), 0.0)
    for stage in LIFECYCLE:
        value = tags.get(stage, "no")
        if effect_of(stage)[0] == "read" and value not in ("no", "minor", "widening"):
            remarks.append(Remark(stage, value, "out of use; left out", read=True))
            mass_t[:] = 0.0
    typical = season.typical and not dated.all()
    return Limits(mass_t, typical, season.year, tuple(dict.fromkeys(remarks)))


def _apply_access(clause: Clause, access: np.ndarray, dated: np.ndarray, typical: bool) -> str:
    """Apply a value of access in place; return a problem, with a plus if the value is applied."""
    found = [_TABLE["access"].get(value.strip()) for value in re.split("[;,]", clause.value)]
    if None in found:
        return f"'{clause.value}' is not a known access value"
    effects = [effect for effect in found if effect]
    denied = all(effect == "shut" for effect, _ in effects)
    note = "" if denied else next((f"+{note}" for _, note in effects if note), "")
    time, over, under = clause.time, clause.over_t, clause.under_t
    mask: Any = slice(None)
    if time is not None:
        mask = time.whole if denied else time.days
    if not np.isnan([over, under]).all():
        limit = over if denied else under
        if np.isnan(limit):
            return "+a limit on the lighter vehicles is not applied"
        now = access[..., mask]
        access[..., mask] = (
            np.minimum(now, limit) if denied else np.where(now > 0, np.minimum(now, limit), limit)
        )
        return note
    if not denied and time is not None and not time.days.all():
        if typical and not time.typical and not dated.all():
            # Dates override the typical season.
            access[:], dated[:] = 0.0, True
        elif not typical and (access[..., mask] == _FREE).all():
            return "+has no effect: traffic is admitted at all times"
    access[..., mask] = 0.0 if denied else _FREE
    return note


def _apply_oneway(clause: Clause, directions: np.ndarray) -> str:
    if clause.value not in _TABLE["oneway"]:
        return f"'{clause.value}' is not a known direction"
    if not np.isnan([clause.over_t, clause.under_t]).all():
        return "+a direction for some masses is not applied"
    mask: Any = slice(None) if clause.time is None else clause.time.whole
    for position, open_ in enumerate(_OPEN[_TABLE["oneway"][clause.value][0]]):
        directions[:, position, mask] = open_
    turns = clause.value in ("reversible", "alternating")
    return "+the direction changes with time; read as both ways" if turns else ""


def _apply_mass(clause: Clause, limits: np.ndarray) -> str:
    mass = read_mass(clause.value)
    if np.isnan(mass) and clause.value not in _NO_MASS:
        return "not a mass"
    if not np.isnan([clause.over_t, clause.under_t]).all():
        return "+a mass limit for some masses is not applied"
    limits[..., slice(None) if clause.time is None else clause.time.days] = _FREE if np.isnan(mass) else mass
    return ""


def barrier_limits(tags: Mapping[str, str], dates: SeasonDates) -> Limits:
    """Return the limits of a node with a barrier or tags of access.

    >>> barrier_limits({"barrier": "block"}, SeasonDates()).seasons()
    ()
    """
    value = tags.get("barrier", "no")
    effect, note = _TABLE["barrier"].get(value, ("open", "not a known barrier; read as open"))
    limits = read_limits({key: tags[key] for key in tags if part_of(key)}, dates, shut=effect == "shut")
    untagged = not any((part := part_of(key)) and part.base == "access" for key in tags)
    remarks = list(limits.remarks)
    if note and untagged:
        remarks.append(Remark("barrier", value, note, read=True))
    elif not limits.mass_t.any():
        remarks.append(Remark("barrier", value, "shut to vehicles; the road is cut there", read=True))
    return Limits(limits.mass_t, remarks=tuple(remarks))


@dataclass(frozen=True)
class Kind:
    """Class and surface of a way, the mode of a crossing on it, whether it has a toll, and its limits.

    The mode is ``road``, ``bridge``, ``pontoon``, ``ferry``, ``hovercraft`` or ``ice_road``; a ferry has the
    class ``ferry`` and the surface ``water``.
    """

    class_: str
    surface: str
    mode: str
    toll: bool
    limits: Limits

    @cached_property
    def seasons(self) -> tuple[WaySeason, ...]:
        """Operating windows by mass limit, traffic and direction; empty if the way is closed to vehicles."""
        return self.limits.seasons()


def kind_of(tags: Mapping[str, str], dates: SeasonDates) -> Kind | None:
    """Classify a way by its tags; None if it carries no vehicles.

    >>> kind = kind_of({"highway": "tertiary", "surface": "gravel"}, SeasonDates())
    >>> kind.class_, kind.surface, kind.seasons[0].all_year
    ('secondary', 'gravel', True)
    >>> kind_of({"highway": "footway"}, SeasonDates()) is None
    True
    """
    highway = tags.get("highway", "")
    class_ = CLASSES.get(highway, "")
    if tags.get("winter_road") == "yes":
        class_ = highway and "winter"
    if tags.get("ice_road") == "yes":
        class_ = highway and "ice"
    if highway in LIFECYCLE:
        class_ = ""
    if tags.get("route") == "ferry":
        class_ = "ferry"
    if not class_ or tags.get("area") == "yes":
        return None
    toll = tags.get("toll") == "yes"
    return Kind(class_, _surface(tags, class_), _mode(tags, class_), toll, read_limits(tags, dates))


def _surface(tags: Mapping[str, str], class_: str) -> str:
    if class_ in ("ice", "ferry"):
        return "ice" if class_ == "ice" else "water"
    value = tags.get("surface", "").lower()
    surface = _SURFACES.get(value, "")
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
