"""Changes of a scenario, the days on which they hold, and the keys of its file; applied in `seasons`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import combinations
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from amurgeo.dataset.schema import schema
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.additions import Definition, Integer, Name, NewCrossing, NewRoad, Number, explain
from amurgeo.text import FIRST_DAY, LANGUAGES, LAST_DAY, iso_day, parse_day

#: Built-in scenarios with a representative day, and what may be assumed of unknown services.
_REGIMES, ASSUMED = ("frozen", "open", "freeze_up", "break_up"), ("open", "closed")
_Texts = str | dict[Literal["en", "ru", "zh"], str]
#: Actions on crossings, on roads, and on vehicles or roads.
_ON_CROSSINGS = ("open", "close", "delay_days", "limit_t", "capacity_share", "wait_h", "border_h")
_ON_ROADS = ("open", "close", "delay_days", "limit_t", "speed_factor", "speed_kmh")
_ON_VEHICLES = ("speed_factor", "speed_kmh")
#: Actions of a change; each change has exactly one.
ACTIONS = (*_ON_CROSSINGS, *_ON_VEHICLES, "warming_c", "add")
#: Actions on each kind of target.
_TARGETS = {
    "crossing": _ON_CROSSINGS,
    "checkpoint": _ON_CROSSINGS,
    "mode": _ON_CROSSINGS,
    "road": _ON_ROADS,
    "vehicle": _ON_VEHICLES,
}
MAX_CHANGES = 1000
_DAY = r"(?:\d{4}-)?\d{2}-\d{2}"
_SPAN = re.compile(rf"({_DAY})(?:\.\.({_DAY}))?", re.ASCII)


@dataclass(frozen=True)
class Span:
    """An inclusive range of days: of certain years, or without years of every year.

    ``first`` and ``last`` are ``YYYY-MM-DD``, or ``MM-DD`` for every year.

    >>> days = np.array(["2026-11-10", "2031-11-20", "2027-01-02"], dtype="datetime64[D]")
    >>> [Span.parse(text).holds_on(days).tolist() for text in ("11-10..11-19", "12-20..01-05")]
    [[True, False, False], [False, False, True]]
    """

    first: str
    last: str

    @classmethod
    def of(cls, days: Any) -> Span:
        """Return the range of a text, a date, or a first and last date; raise ValueError."""
        ends = list(days) if isinstance(days, list | tuple) else [days]
        if not 1 <= len(ends) <= 2:
            raise ValueError(f"invalid days {days!r:.60}; expected a first and a last date")
        return cls.parse("..".join(e if isinstance(e, str) else parse_day(e).isoformat() for e in ends))

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Span:
        """Read ``2026-11-10..2026-11-20``, ``11-10..11-20`` or a single day; raise ValueError."""
        match = _SPAN.fullmatch("..".join(iso_day(end.strip())[0] for end in text.split("..")))
        if match is None:
            raise ValueError(
                f"invalid days '{text}'; expected 2026-11-10..2026-11-20, or 11-10..11-20 for every year"
            )
        first, last = match[1], match[2] or match[1]
        if len(first) != len(last):
            raise ValueError(f"invalid days '{text}'; expected a year at both ends or at neither")
        for day in (first, last):
            try:
                date.fromisoformat(day if len(day) > 5 else f"2000-{day}")
            except ValueError:
                raise ValueError(f"invalid days '{text}'; '{day}' does not exist") from None
        if len(first) > 5 and last < first:
            raise ValueError(f"the period ends on {last}, before it begins on {first}")
        return cls(first, last)

    def holds_on(self, days: np.ndarray) -> np.ndarray:
        """Return which days (datetime64[D]) lie in the range, as truth values."""
        first, last, on = self.first, self.last, days
        if len(self.first) == len("MM-DD"):
            # Ranges without years are compared in a leap year.
            months = days.astype("datetime64[M]")
            on = np.datetime64("2000", "M") + months.astype(int) % 12 + (days - months.astype(days.dtype))
            first, last = f"2000-{first}", f"2000-{last}"
        after, before = on >= np.datetime64(first), on <= np.datetime64(last)
        return np.asarray(after & before if first <= last else after | before)

    def meets(self, other: Span) -> bool:
        """Return whether two ranges share a day."""
        years = [span.first[:4] for span in (self, other) if len(span.first) > len("MM-DD")]
        # Within nine years a range without years has all its days, 29 February included.
        days = np.datetime64(f"{max(years, default='2000')}-01-01", "D") + np.arange(9 * 366)
        return bool((self.holds_on(days) & other.holds_on(days)).any())

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}..{self.last}"


class Change(Definition):
    """One change of a scenario: a target, one action, and the days on which it holds.

    `amurgeo.close`, `amurgeo.open` and so on make one each. Two that do the same are equal.

    Examples
    --------
    >>> str(Change(crossing="kani_kurgan:bridge", close=True, days=(date(2026, 11, 10), date(2026, 11, 20))))
    'kani_kurgan:bridge close 2026-11-10..2026-11-20'
    """

    crossing: Name | None = None
    """Crossing id, for instance ``kani_kurgan:bridge``."""
    checkpoint: Name | None = None
    """Checkpoint id: all its crossings."""
    mode: Name | None = None
    """Mode: all crossings of that mode, for instance ``ice_road``."""
    road: Name | None = None
    """Id of a road, of the road to a terminal, or of a railway section."""
    vehicle: Name | None = None
    """Vehicle id, with ``speed_factor`` or ``speed_kmh``."""
    road_class: Name | None = None
    """With ``vehicle``: class of the roads, for instance ``primary``; all if omitted."""
    traffic: Literal["cargo", "passenger"] | None = None
    """Kind of traffic; both if omitted."""
    days: str | None = None
    """Days on which the change holds, ``2026-11-10..2026-11-20`` or, for every year, ``11-10..11-20``."""
    known_days: Integer | None = Field(default=None, ge=0, le=3660)
    """With ``days``: days before the first of them from which queues expect the change; 0 is an accident."""
    open: Literal[True] | None = None
    """Open the target."""
    like: Name | None = None
    """With ``open``: work in the season of this crossing (roads also: of this season key), not all year."""
    close: Literal[True] | None = None
    """Close the target."""
    delay_days: Integer | None = Field(default=None, ge=-120, le=120)
    """Open this many days later than usual (earlier if negative)."""
    limit_t: Number | None = Field(default=None, ge=0, le=500)
    """Gross mass in tonnes of the heaviest vehicle admitted."""
    capacity_share: Number | None = Field(default=None, gt=0, le=10)
    """Capacity as a share of the usual one: below 1 less of it, above 1 more."""
    wait_h: Number | None = Field(default=None, ge=0, le=1000)
    """Hours of waiting instead of the usual ones."""
    border_h: Number | None = Field(default=None, ge=0, le=1000)
    """Hours of border control on both sides instead of the usual ones."""
    speed_factor: Number | None = Field(default=None, ge=0.05, le=5)
    """Factor of the usual speed of the vehicle, or of all vehicles on the road."""
    speed_kmh: Number | None = Field(default=None, ge=1, le=300)
    """Speed in km/h of the vehicle, or of all vehicles on the road, instead of the usual one."""
    warming_c: Number | None = Field(default=None, ge=-10, le=10)
    """Winters warmer by this many degrees Celsius; has no target."""
    add: NewRoad | NewCrossing | None = Field(default=None, discriminator="kind")
    """A crossing or road to add."""
    by: SkipJsonSchema[str] = Field(default="", exclude=True)
    """Scenario that the change belongs to; set by the scenario."""

    @field_validator("days", mode="before")
    @classmethod
    def _check_days(cls, days: Any) -> str | None:
        return None if days is None else str(Span.of(days))

    @model_validator(mode="after")
    def _check_target_and_action(self) -> Change:
        actions = self._given(ACTIONS)
        if len(actions) != 1:
            raise ValueError(
                f"a change has exactly one action of {', '.join(ACTIONS)}; "
                f"this one has {' and '.join(actions) or 'none'}"
            )
        (action,) = actions
        valid = [target for target, on in _TARGETS.items() if action in on]
        targets = self._given(_TARGETS)
        if len(targets) != bool(valid) or not set(targets) <= set(valid):
            right = f"needs exactly one of {', '.join(valid)}" if valid else "takes no target"
            raise ValueError(f"'{action}' {right}; this change has {', '.join(targets) or 'none'}")
        goes_with = {
            "like": ("open",),
            "road_class": _ON_VEHICLES,
            "traffic": (*_ON_CROSSINGS, "add"),
            "days": [name for name in ACTIONS if name not in ("delay_days", "warming_c")],
            "known_days": ("open", "close", "capacity_share"),
        }
        for name in self._given(goes_with):
            if action not in goes_with[name]:
                raise ValueError(
                    f"'{name}' does not go with '{action}'; it goes with {', '.join(goes_with[name])}"
                )
        on_road = self.road is not None or isinstance(self.add, NewRoad)
        for name, is_wrong, why in (
            ("traffic", on_road, "a road carries both kinds of traffic"),
            ("road_class", on_road, "a road has one class"),
            ("days", self.vehicle is not None, "the speeds of a vehicle hold on all days"),
            ("known_days", on_road or self.days is None, "queues expect dated changes of crossings only"),
        ):
            if is_wrong and getattr(self, name) is not None:
                raise ValueError(f"'{name}' does not go with '{self.target}': {why}; leave it out")
        return self

    def _given(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if getattr(self, name) is not None]

    @property
    def action(self) -> str:
        """Name of the action."""
        return self._given(ACTIONS)[0]

    @property
    def target(self) -> str:
        """Target, as text."""
        if self.vehicle:
            return " ".join(filter(None, (self.vehicle, self.road_class)))
        if self.add is not None:
            return self.add.id
        return self.crossing or self.checkpoint or self.mode or self.road or "winter"

    @property
    def span(self) -> Span | None:
        """Days on which the change holds; None for always."""
        return None if self.days is None else Span.parse(self.days)

    def holds_on(self, days: np.ndarray) -> np.ndarray:
        """Return on which days (datetime64[D]) the change holds, as truth values."""
        return np.ones(len(days), dtype=bool) if self.span is None else self.span.holds_on(days)

    @cached_property
    def content(self) -> str:
        """The change as JSON, without its scenario."""
        return self.model_dump_json()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)

    def check_against(self, other: Change) -> None:
        """Raise if the two changes contradict each other."""
        if self.target != other.target or (self.traffic and other.traffic and self.traffic != other.traffic):
            return
        if self.span is not None and other.span is not None and not self.span.meets(other.span):
            return
        opposite = {self.action, other.action} in ({"open", "close"}, set(_ON_VEHICLES))
        same = self.action == other.action
        if opposite or (same and getattr(self, self.action) != getattr(other, other.action)):
            raise InputError(f"'{self.by}' and '{other.by}' contradict each other: '{self}' and '{other}'")

    def __repr__(self) -> str:
        return f"Change({self})"

    def __str__(self) -> str:
        value = getattr(self, self.action)
        words = [self.target, self.traffic, self.action, None if value is True else str(value)]
        if self.add is not None:
            words = ["add", self.add.kind, self.target, self.traffic]
        like = f"like {self.like}" if self.like else None
        known = [] if self.known_days is None else [f"known_days {self.known_days}"]
        return " ".join(word for word in (*words, like, self.days, *known) if word)


class ScenarioFile(Definition):
    """The keys of a scenario file."""

    model_config = ConfigDict(title="amurgeo scenario")

    name: str = Field(min_length=1)
    """Name of the scenario."""
    title: _Texts = ""
    """Title shown on maps and reports, in one language or several."""
    description: _Texts = ""
    """Purpose of the scenario."""
    base: str | list[str] | None = None
    """Scenario, or scenarios, that this one adds to."""
    regime: str | None = None
    """Regime whose typical windows and day hold: `frozen`, `open`, `freeze_up` or `break_up`. With `day`, the
    name of the regime that it defines."""
    day: str | None = None
    """Representative day of a regime, ``MM-DD``."""
    world: Integer | None = Field(default=None, ge=FIRST_DAY.year, le=LAST_DAY.year)
    """Year whose crossings exist; the present world if omitted."""
    assume: Literal["open", "closed"] | None = None
    """Status of services on days of which the record has a gap: `open` (in their season) or `closed`."""
    change: tuple[Change, ...] = ()
    """The changes, in declared order."""

    @field_validator("day")
    @classmethod
    def _check_day(cls, text: str | None) -> str | None:
        if text is not None and (len(text) != 5 or not Span.parse(text)):
            raise ValueError(f"invalid day '{text}'; expected month and day as 02-10")
        return text

    @model_validator(mode="after")
    def _check_regime(self) -> ScenarioFile:
        if self.regime is not None and self.day is None and self.regime not in _REGIMES:
            raise ValueError(f"key 'regime': invalid regime '{self.regime}'; expected {', '.join(_REGIMES)}")
        return self


def target_key(target: str) -> str:
    """Return the key of a target: crossing, mode, checkpoint or road.

    >>> target_key("kani_kurgan:bridge"), target_key("ice_road"), target_key("poyarkovo")
    ('crossing', 'mode', 'checkpoint')
    >>> target_key("belogorsk--vozzhayevka")
    'road'
    """
    if not isinstance(target, str):
        raise InputError(f"target is invalid: {target!r:.60}; expected a crossing, checkpoint, mode or road")
    if "--" in target or ":" in target:
        return "road" if "--" in target else "crossing"
    modes = next(column.choices for column in schema("crossings") if column.name == "mode")
    return "mode" if target in modes else "checkpoint"


def parse_change(text: str) -> Change:
    """Read ``<target> [cargo|passenger] <action> [value] [like <crossing>] [days]``."""
    words = text.split()
    position = next((place for place, word in enumerate(words) if word in ACTIONS[:-1]), 0)
    if not position:
        raise InputError(f"change '{text}': expected an action after the target: {', '.join(ACTIONS[:-1])}")
    names, action, words = words[:position], words[position], words[position + 1 :]
    change: dict[str, Any] = {}
    if len(names) > 1 and action in _ON_VEHICLES:
        change["road_class"] = names.pop()
    if len(names) > 1 and names[-1] in ("cargo", "passenger"):
        change["traffic"] = names.pop()
    # Names may have several words.
    target = " ".join(names)
    if action in _ON_VEHICLES and target_key(target) != "road":
        change["vehicle"] = target
    elif target != "winter":
        change[target_key(target)] = target
    value: Any = True
    if action not in ("open", "close"):
        if not words:
            raise InputError(
                f"change '{text}': '{action}' needs a number, for instance '{_example(target, action)}'"
            )
        value = _number(words.pop(0))
    if "known_days" in words:
        at = words.index("known_days")
        words, change["known_days"] = words[:at], _number(" ".join(words[at + 1 :]))
    if "like" in words:
        at = words.index("like")
        # Days stand last; names may have several words.
        has_days = _SPAN.match(words[-1]) is not None
        model, words = words[at + 1 : len(words) - has_days], words[:at] + words[-1:] * has_days
        change["like"] = " ".join(model)
    try:
        change |= {action: value, "days": " ".join(words) or None, "by": text}
        return Change.model_validate(change)
    except ValidationError as error:
        problem = explain(error, Change).replace("key 'days': ", "")
        raise InputError(f"change '{text}': {problem}") from None


def _example(target: str, action: str) -> str:
    """Return a valid change with an action that needs a number."""
    highest = next(bound.le for bound in Change.model_fields[action].metadata if hasattr(bound, "le"))
    if (target == "winter") != (action == "warming_c"):
        target = "winter" if action == "warming_c" else "ice_road"
    return f"{target} {action} {min(10, highest / 2):g}"


def _number(text: str) -> float | str:
    """Return the number of a text, else the text."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def month_day(where: str, day: Any) -> tuple[int, int]:
    """Return month and day of a pair of numbers or of ``MM-DD``."""
    try:
        text = day if isinstance(day, str) else "{:02d}-{:02d}".format(*day)
        if len(text) != 5:
            raise ValueError
        Span.parse(text)
    except (TypeError, ValueError, LookupError):
        raise InputError(f"{where}: day= is invalid: {day!r:.60}; expected month and day as 02-10") from None
    return int(text[:2]), int(text[3:])


def as_changes(where: str, name: str, given: Any) -> Iterable[Change]:
    """Return the different changes of a scenario; raise if two contradict each other."""
    items = [given] if isinstance(given, Change | Mapping) else given
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise InputError(f"{where}: changes= is invalid: {given!r:.60}; expected a list of changes")
    changes: dict[Change, Change] = {}
    by_target: dict[str, list[Change]] = {}
    for item in items:
        if not isinstance(item, Change | Mapping):
            hint = "expected a change, as amurgeo.close(...) returns it"
            raise InputError(f"{where}: changes= is invalid: {item!r:.60}; {hint}")
        try:
            change = item if isinstance(item, Change) else Change.model_validate(dict(item))
        except ValidationError as error:
            raise InputError(f"{where}: {explain(error, Change)}") from None
        if change not in changes:
            changes[change] = change if change.by else change.model_copy(update={"by": name})
            by_target.setdefault(change.target, []).append(changes[change])
    if len(changes) > MAX_CHANGES:
        raise InputError(f"{where}: {len(changes)} changes are too many; expected up to {MAX_CHANGES}")
    for together in by_target.values():
        for first, second in combinations(together, 2):
            first.check_against(second)
    return changes.values()


def by_language(where: str, texts: Any, default: str) -> Mapping[str, str]:
    """Return texts in every language, read-only; missing ones are the first one, or the default."""
    texts = dict.fromkeys(LANGUAGES, texts) if isinstance(texts, str) else texts
    if not isinstance(texts, Mapping) or not all(isinstance(text, str) for text in texts.values()):
        raise InputError(f"{where} is invalid: {texts!r:.60}; expected text, or texts by language")
    unknown = [lang for lang in texts if lang not in LANGUAGES]
    if unknown:
        raise unknown_name_error("language", str(unknown[0]), LANGUAGES, option=where)
    first = next(filter(None, texts.values()), default)
    return MappingProxyType({lang: texts.get(lang) or first for lang in LANGUAGES})
