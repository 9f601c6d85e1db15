"""Scenarios: named, composable sets of changes over the base. Definitions only; applied in `seasons`."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from itertools import product
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from amurgeo.errors import InputError
from amurgeo.network.additions import Definition, NewCrossing, NewRoad
from amurgeo.text import LANGUAGES

#: Actions of a change; each change has exactly one.
ACTIONS = ("open", "close", "delay_days", "limit_t", "capacity_share", "wait_h", "warming_c", "add")
_TARGETS = ("crossing", "checkpoint", "mode", "road")
_MAX_CHANGES = 1000
_DAY = r"(?:\d{4}-)?\d{2}-\d{2}"
_SPAN = re.compile(rf"({_DAY})(?:\.\.({_DAY}))?", re.ASCII)


@dataclass(frozen=True)
class Span:
    """An inclusive range of days: of certain years, or without years of every year.

    ``first`` and ``last`` are ``YYYY-MM-DD``, or ``MM-DD`` for every year.

    Examples
    --------
    >>> span = Span.parse("11-10..11-19")
    >>> span.holds(date(2026, 11, 10)), span.holds(date(2031, 11, 20))
    (True, False)
    >>> Span.parse("12-20..01-05").holds(date(2027, 1, 2))
    True
    """

    first: str
    last: str

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Span:
        """Read ``2026-11-10..2026-11-20``, ``11-10..11-20`` or a single day; raise ValueError."""
        match = _SPAN.fullmatch(text.strip())
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
            raise ValueError(f"invalid days '{text}'; the last day is before the first")
        return cls(first, last)

    def holds(self, on: date) -> bool:
        """Return whether a day lies in the range."""
        day = on.isoformat()[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last

    def meets(self, other: Span) -> bool:
        """Return whether two ranges share a day."""
        years = [int(span.first[:4]) for span in (self, other) if len(span.first) > 5] or [2000]
        # Within nine years a range without years has all its days, 29 February included.
        return any(
            max(a[0], b[0]) <= min(a[1], b[1])
            for year in range(max(years), min(max(years) + 9, 9999) + 1)
            for a, b in product(self._within(year), other._within(year))
        )

    def _within(self, year: int) -> list[tuple[str, str]]:
        """Return the parts of the range within a year, as ISO dates."""
        if len(self.first) > 5:
            return [(max(self.first, f"{year:04d}-01-01"), min(self.last, f"{year:04d}-12-31"))]
        if self.first == self.last == "02-29" and not calendar.isleap(year):
            return []
        wraps = self.last < self.first
        parts = [("01-01", self.last), (self.first, "12-31")] if wraps else [(self.first, self.last)]
        return [(f"{year:04d}-{first}", f"{year:04d}-{last}") for first, last in parts]

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}..{self.last}"


class Change(Definition):
    """One change of a scenario: a target, one action, and the days on which it holds."""

    crossing: str | None = None
    """Crossing id, for instance ``kani_kurgan:bridge``."""
    checkpoint: str | None = None
    """Checkpoint id: all its crossings."""
    mode: str | None = None
    """Mode: all crossings of that mode, for instance ``ice_road``."""
    road: str | None = None
    """Road id."""
    traffic: Literal["cargo", "passenger"] | None = None
    """Kind of traffic; both if omitted."""
    days: str | None = None
    """Days on which the change holds, ``2026-11-10..2026-11-20`` or, for every year, ``11-10..11-20``."""
    open: Literal[True] | None = None
    """Open the target."""
    like: str | None = None
    """With ``open``: work in the season of this crossing instead of all year."""
    close: Literal[True] | None = None
    """Close the target."""
    delay_days: int | None = Field(None, ge=-120, le=120)
    """Open this many days later than usual (earlier if negative)."""
    limit_t: float | None = Field(None, ge=0, le=500, allow_inf_nan=False)
    """Gross mass in tonnes of the heaviest vehicle admitted."""
    capacity_share: float | None = Field(None, gt=0, le=1, allow_inf_nan=False)
    """Share of the usual capacity that remains."""
    wait_h: float | None = Field(None, ge=0, le=1000, allow_inf_nan=False)
    """Hours of waiting instead of the usual ones."""
    warming_c: float | None = Field(None, ge=-10, le=10, allow_inf_nan=False)
    """Winters warmer by this many degrees Celsius; has no target."""
    add: NewRoad | NewCrossing | None = Field(None, discriminator="kind")
    """A crossing or road to add."""
    by: SkipJsonSchema[str] = Field("", exclude=True)
    """Scenario that the change belongs to; set on reading."""

    @field_validator("days")
    @classmethod
    def _check_days(cls, text: str | None) -> str | None:
        return None if text is None else str(Span.parse(text))

    @model_validator(mode="after")
    def _check_target_and_action(self) -> Change:
        actions = self._given(ACTIONS)
        if len(actions) != 1:
            raise ValueError(
                f"a change has exactly one action of {', '.join(ACTIONS)}; "
                f"this one has {' and '.join(actions) or 'none'}"
            )
        targets = self._given(_TARGETS)
        n_targets = 0 if actions[0] in ("warming_c", "add") else 1
        if len(targets) != n_targets:
            right = f"needs exactly one of {', '.join(_TARGETS)}" if n_targets else "takes no target"
            raise ValueError(f"'{actions[0]}' {right}; this change has {', '.join(targets) or 'none'}")
        if self.like is not None and self.open is None:
            raise ValueError("'like' goes with 'open = true' only")
        return self

    def _given(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if getattr(self, name) is not None]

    @property
    def action(self) -> str:
        """Name of the action."""
        return self._given(ACTIONS)[0]

    @property
    def target(self) -> str:
        """Target, as text."""
        return self.crossing or self.checkpoint or self.mode or self.road or ("add" if self.add else "winter")

    @property
    def span(self) -> Span | None:
        """Days on which the change holds; None for always."""
        return None if self.days is None else Span.parse(self.days)

    def holds(self, on: date) -> bool:
        """Return whether the change holds on a day."""
        return self.span is None or self.span.holds(on)

    @cached_property
    def content(self) -> str:
        """The change as JSON, without the scenario that it belongs to."""
        return self.model_dump_json()

    def check_against(self, other: Change) -> None:
        """Raise if the two changes contradict each other."""
        if self.target != other.target or (self.traffic and other.traffic and self.traffic != other.traffic):
            return
        if self.span is not None and other.span is not None and not self.span.meets(other.span):
            return
        opposite = {self.action, other.action} == {"open", "close"}
        same = self.action == other.action != "add"
        if opposite or (same and getattr(self, self.action) != getattr(other, other.action)):
            raise InputError(f"'{self.by}' and '{other.by}' contradict each other: '{self}' and '{other}'")

    def __str__(self) -> str:
        if self.add is not None:
            return f"add {self.add.kind} {self.add.id}"
        value = getattr(self, self.action)
        like = f"like {self.like}" if self.like else None
        words = (
            self.target,
            self.traffic,
            self.action,
            None if value is True else str(value),
            like,
            self.days,
        )
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Scenario:
    """A scenario ready to be applied.

    Attributes
    ----------
    name
        Its name; joined scenarios have the names joined by ``+``, in declared order.
    title
        Title by language.
    description
        Description by language.
    day
        Month and day of a regime, or None.
    regime
        Name of the regime, or None.
    world
        Year whose crossings exist, or None for the present world.
    changes
        The changes in declared order.
    """

    name: str
    title: dict[str, str] = field(default_factory=dict)
    description: dict[str, str] = field(default_factory=dict)
    day: tuple[int, int] | None = None
    regime: str | None = None
    world: int | None = None
    changes: tuple[Change, ...] = ()

    @property
    def warming_c(self) -> float:
        """Degrees Celsius by which the winters are warmer."""
        return sum(change.warming_c for change in self.changes if change.warming_c is not None)

    def __add__(self, other: Scenario) -> Scenario:
        """Join two scenarios; raise if they contradict each other."""
        for key in ("regime", "world"):
            values = (getattr(self, key), getattr(other, key))
            if all(values) and values[0] != values[1]:
                raise InputError(
                    f"'{self.name}' and '{other.name}' contradict each other: "
                    f"{key} {values[0]} and {key} {values[1]}"
                )
        known = {change.content for change in self.changes}
        fresh = tuple(change for change in other.changes if change.content not in known)
        check_count(len(self.changes) + len(fresh), self.name)
        for change, added in product(self.changes, fresh):
            change.check_against(added)
        parts = [part for part in (self, other) if part.name != "baseline"] or [other]
        title = {
            lang: " + ".join(filter(None, (part.title.get(lang, part.name) for part in parts)))
            for lang in LANGUAGES
        }
        return Scenario(
            "+".join(part.name for part in parts),
            title,
            {**self.description, **other.description},
            self.day or other.day,
            self.regime or other.regime,
            self.world or other.world,
            self.changes + fresh,
        )


def check_count(n: int, where: str) -> None:
    """Raise if there are more changes than a scenario may have."""
    if n > _MAX_CHANGES:
        raise InputError(f"{where}: {n} changes are too many; expected up to {_MAX_CHANGES}")
