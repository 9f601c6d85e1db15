"""Scenarios: named, composable sets of changes laid over the base. They declare; nothing is applied here."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from amurgeo.dataset.paths import geo_dir
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.additions import NewCrossing, NewRoad

#: What a change may do; exactly one of them a change.
ACTIONS = ("open", "close", "delay_days", "limit_t", "capacity_share", "wait_h", "warming_c", "add")
_MAX_BYTES = 1_000_000
#: Changes of one scenario, and scenarios that one may rest on in a row: far more than anybody writes by hand.
_MAX_CHANGES, _MAX_CHAIN = 1000, 50
_RANGE = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})(?:\.\.(?:(\d{4})-)?(\d{2})-(\d{2}))?")


@dataclass(frozen=True)
class Span:
    """An inclusive range of days, of one year or, without a year, of every year.

    Examples
    --------
    >>> span = Span.parse("11-10..11-19")
    >>> span.holds(date(2026, 11, 10)), span.holds(date(2031, 11, 20))
    (True, False)
    >>> Span.parse("12-20..01-05").holds(date(2027, 1, 2))
    True
    """

    first: tuple[int, int, int]
    last: tuple[int, int, int]

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Span:
        """Read ``2026-11-10..2026-11-20``, ``11-10..11-20`` or a single day."""
        match = _RANGE.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                f"'{text}' is no range of days; write 2026-11-10..2026-11-20, or 11-10..11-20 for every year"
            )
        year, month, day, end_year, end_month, end_day = match.groups()
        if end_month is None:
            end_year, end_month, end_day = year, month, day
        if (year is None) != (end_year is None):
            raise ValueError(f"'{text}' has a year at one end only; write it at both or at none")
        ends = [
            (int(y or 0), int(m), int(d)) for y, m, d in ((year, month, day), (end_year, end_month, end_day))
        ]
        for y, m, d in ends:
            _day(2000 if year is None else y, m, d, text)
        if year is not None and ends[1] < ends[0]:
            raise ValueError(f"'{text}' ends before it begins")
        return cls(ends[0], ends[1])

    def holds(self, on: date) -> bool:
        """Tell whether a day lies in the range."""
        if self.first[0]:
            return self.first <= (on.year, on.month, on.day) <= self.last
        first, last, day = self.first[1:], self.last[1:], (on.month, on.day)
        return first <= day <= last if first <= last else day >= first or day <= last

    def meets(self, other: Span) -> bool:
        """Tell whether two ranges share a day."""
        if self.first[0] and other.first[0]:
            return self.first <= other.last and other.first <= self.last
        dated, yearly = (self, other) if self.first[0] else (other, self)
        if not dated.first[0]:
            return _meet(dated._in_year(), yearly._in_year())
        # Nine years hold every day of the calendar, 29 February included.
        for year in range(dated.first[0], min(dated.last[0], dated.first[0] + 9) + 1):
            first = dated.first[1:] if year == dated.first[0] else (1, 1)
            last = dated.last[1:] if year == dated.last[0] else (12, 31)
            if yearly.first == yearly.last == (0, 2, 29) and not _is_leap(year):
                continue
            if _meet(((first, last),), yearly._in_year()):
                return True
        return False

    def _in_year(self) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
        """Return the stretches of a year that a range without a year covers."""
        first, last = self.first[1:], self.last[1:]
        return ((first, last),) if first <= last else (((1, 1), last), (first, (12, 31)))

    def __str__(self) -> str:
        ends = [
            (f"{end[0]:04d}-" if end[0] else "") + f"{end[1]:02d}-{end[2]:02d}"
            for end in (self.first, self.last)
        ]
        return ends[0] if ends[0] == ends[1] else "..".join(ends)


def _meet(ours: Sequence[tuple[Any, Any]], theirs: Sequence[tuple[Any, Any]]) -> bool:
    """Tell whether stretches with both ends included share anything."""
    return any(one[0] <= two[1] and two[0] <= one[1] for one in ours for two in theirs)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"'{text}' holds a day that does not exist") from None


class Change(BaseModel):
    """One change of a scenario: a target, one action, and the days on which it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    crossing: str | None = None
    """Crossing id, for instance ``kani_kurgan:bridge``."""
    checkpoint: str | None = None
    """Checkpoint id: every crossing of it."""
    mode: str | None = None
    """Mode: every crossing of it, for instance ``ice_road``."""
    road: str | None = None
    """Road id."""
    traffic: Literal["cargo", "passenger"] | None = None
    """Kind of traffic; both when left out."""
    days: str | None = None
    """Days on which the change holds, ``2026-11-10..2026-11-20`` or, for every year, ``11-10..11-20``."""
    open: Literal[True] | None = None
    """Open the target."""
    like: str | None = None
    """With ``open``: work in the season of this crossing instead of the whole year."""
    close: Literal[True] | None = None
    """Close the target."""
    delay_days: int | None = Field(None, ge=-120, le=120)
    """Open that many days later than usual (earlier when negative)."""
    limit_t: float | None = Field(None, ge=0, le=500, allow_inf_nan=False)
    """Gross mass in tonnes of the heaviest vehicle admitted."""
    capacity_share: float | None = Field(None, gt=0, le=1, allow_inf_nan=False)
    """Share of the usual capacity that is left."""
    wait_h: float | None = Field(None, ge=0, le=1000, allow_inf_nan=False)
    """Hours of waiting instead of the usual ones."""
    warming_c: float | None = Field(None, ge=-10, le=10, allow_inf_nan=False)
    """Winters warmer by that many degrees Celsius; has no target."""
    add: NewRoad | NewCrossing | None = Field(None, discriminator="kind")
    """A crossing or road to add."""
    by: str = Field("", exclude=True)
    """Scenario that declared the change; set on reading."""

    @field_validator("days")
    @classmethod
    def _days_are_days(cls, text: str | None) -> str | None:
        return None if text is None else str(Span.parse(text))

    @model_validator(mode="after")
    def _one_target_one_action(self) -> Change:
        actions = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(actions) != 1:
            said = " and ".join(actions) if actions else "none"
            raise ValueError(f"a change does exactly one of {', '.join(ACTIONS)}; this one does {said}")
        targets = [
            name for name in ("crossing", "checkpoint", "mode", "road") if getattr(self, name) is not None
        ]
        needs = 0 if actions[0] in ("warming_c", "add") else 1
        if len(targets) != needs:
            right = "needs exactly one of crossing, checkpoint, mode, road" if needs else "takes no target"
            raise ValueError(f"'{actions[0]}' {right}; this change has {', '.join(targets) or 'none'}")
        if self.like is not None and self.open is None:
            raise ValueError("'like' goes with 'open = true' only")
        return self

    @property
    def action(self) -> str:
        """Name of the action."""
        return next(name for name in ACTIONS if getattr(self, name) is not None)

    @property
    def target(self) -> str:
        """What is changed, as text."""
        return self.crossing or self.checkpoint or self.mode or self.road or ("add" if self.add else "winter")

    @property
    def span(self) -> Span | None:
        """Days on which the change holds; None for always."""
        return None if self.days is None else Span.parse(self.days)

    def holds(self, on: date) -> bool:
        """Tell whether the change holds on a day."""
        return self.span is None or self.span.holds(on)

    @cached_property
    def _asked(self) -> str:
        """What is asked, whoever declared it."""
        return self.model_dump_json()

    def __str__(self) -> str:
        if self.add is not None:
            return f"add {self.add.kind} " + (
                f"{self.add.start}--{self.add.end}"
                if isinstance(self.add, NewRoad)
                else f"{self.add.checkpoint}:{self.add.mode}"
            )
        value = getattr(self, self.action)
        words = [
            self.target,
            self.traffic or "",
            self.action,
            "" if value is True else str(value),
            f"like {self.like}" if self.like else "",
            self.days or "",
        ]
        return " ".join(word for word in words if word)


class _File(BaseModel):
    """What a scenario file may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    name: str = Field(min_length=1, max_length=80)
    """Name of the scenario."""
    title: str | dict[Literal["en", "ru", "zh"], str] = ""
    """Title shown on maps and sheets, in one language or several."""
    description: str | dict[Literal["en", "ru", "zh"], str] = ""
    """What it is for."""
    base: str | list[str] | None = None
    """Scenario, or scenarios, that this one adds to."""
    regime: Literal["frozen", "open", "freeze_up", "break_up"] | None = None
    """Regime whose typical windows and day hold."""
    day: str | None = None
    """Representative day of a regime, ``MM-DD``."""
    world: int | None = Field(None, ge=1980, le=2100)
    """Year whose crossings exist; the present world when left out."""
    change: list[Change] = []
    """The changes, in the order in which they are declared."""

    @field_validator("day")
    @classmethod
    def _day_exists(cls, text: str | None) -> str | None:
        if text is not None and (not re.fullmatch(r"\d{2}-\d{2}", text) or not Span.parse(text)):
            raise ValueError(f"'{text}' is no month and day; write 02-10")
        return text


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
        """Join two scenarios; contradictions are errors that name both."""
        if self.regime and other.regime and self.regime != other.regime:
            raise InputError(
                f"'{self.name}' and '{other.name}' contradict each other: "
                f"the regimes {self.regime} and {other.regime} cannot both hold"
            )
        if self.world and other.world and self.world != other.world:
            raise InputError(
                f"'{self.name}' and '{other.name}' contradict each other: "
                f"the worlds of {self.world} and {other.world} cannot both hold"
            )
        known = {change._asked for change in self.changes}
        fresh = tuple(change for change in other.changes if change._asked not in known)
        _refuse_too_many(len(self.changes) + len(fresh), self.name)
        for mine in self.changes:
            for theirs in fresh:
                _refuse_contradiction(mine, theirs)
        names = [name for name in (self.name, other.name) if name != "baseline"] or ["baseline"]
        titles = {
            lang: " + ".join(
                text for text in (self.title.get(lang, self.name), other.title.get(lang, other.name)) if text
            )
            for lang in sorted({*self.title, *other.title})
        }
        if "baseline" in (self.name, other.name):
            titles = (other if self.name == "baseline" else self).title
        return Scenario(
            "+".join(names),
            titles,
            {**self.description, **other.description},
            self.day or other.day,
            self.regime or other.regime,
            self.world or other.world,
            self.changes + fresh,
        )


def _refuse_too_many(n: int, where: str) -> None:
    if n > _MAX_CHANGES:
        raise InputError(f"{where}: {n} changes are too many; a scenario holds up to {_MAX_CHANGES}")


def _refuse_contradiction(one: Change, two: Change) -> None:
    """Raise when two changes cannot both hold."""
    if one.target != two.target or (one.traffic and two.traffic and one.traffic != two.traffic):
        return
    opposite = {one.action, two.action} == {"open", "close"}
    same = one.action == two.action and one.action != "add"
    if not opposite and not (same and getattr(one, one.action) != getattr(two, two.action)):
        return
    spans = (one.span, two.span)
    if spans[0] is not None and spans[1] is not None and not spans[0].meets(spans[1]):
        return
    raise InputError(f"'{one.by}' and '{two.by}' contradict each other: \"{one}\" against \"{two}\"")


@cache
def scenario_names() -> tuple[str, ...]:
    """Return the names of the built-in scenarios.

    Examples
    --------
    >>> "frozen" in scenario_names()
    True
    """
    return tuple(sorted(path.stem for path in (geo_dir() / "scenarios").glob("*.toml")))


def as_scenario(given: Scenario | str | Path | Iterable[Any] | None) -> Scenario:
    """Make a scenario of whatever names one.

    Parameters
    ----------
    given
        A scenario; the name of a built-in one; the path of a scenario file; an inline change such as
        ``"kani_kurgan:bridge close 2026-11-10..2026-11-20"``; several of these joined by ``+`` or in a
        list; None for the baseline.

    Raises
    ------
    InputError
        When it cannot be read or contradicts itself; the message names file and key.

    Examples
    --------
    >>> as_scenario("freeze_up+no_bridge").name
    'freeze_up+no_bridge'
    >>> str(as_scenario("kani_kurgan:bridge close 11-10..11-19").changes[0])
    'kani_kurgan:bridge close 11-10..11-19'
    """
    if given is None:
        return _from_name("baseline", ())
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Path):
        return _from_file(given, ())
    if not isinstance(given, Iterable):
        raise InputError(f"{given!r} is no scenario; give a name, a file or a change")
    parts = _split(given) if isinstance(given, str) else list(given)
    if not parts:
        raise InputError("the scenario is empty; give a name, a file or a change")
    _refuse_too_many(len(parts), "the scenario")
    made = (
        [_from_text(part, ()) if isinstance(part, str) else as_scenario(part) for part in parts]
        if isinstance(given, str)
        else [as_scenario(part) for part in parts]
    )
    return _join(made)


def _join(scenarios: Sequence[Scenario]) -> Scenario:
    joined = scenarios[0]
    for scenario in scenarios[1:]:
        joined = joined + scenario
    return joined


def _split(text: str) -> list[str]:
    # A name that no file can have is no error here.
    if text.endswith(".toml") and os.path.isfile(text):
        return [text]
    return [part.strip() for part in text.split("+") if part.strip()]


def _from_text(
    text: str, chain: tuple[str, ...], folder: Path | None = None, made: dict[str, Scenario] | None = None
) -> Scenario:
    if text in scenario_names():
        return _from_name(text, chain, made)
    if text.endswith(".toml"):
        path = Path(text)
        return _from_file(path if folder is None or path.is_absolute() else folder / path, chain, made)
    if " " in text:
        return _from_inline(text)
    raise unknown_name_error("scenario", text, scenario_names())


def _from_name(name: str, chain: tuple[str, ...], made: dict[str, Scenario] | None = None) -> Scenario:
    return _from_file(geo_dir() / "scenarios" / f"{name}.toml", chain, made)


def _from_inline(text: str) -> Scenario:
    """Read ``<target> [cargo|passenger] <action> [value] [days]``."""
    words = text.split()
    target, rest = words[0], words[1:]
    change: dict[str, Any] = (
        {"warming_c": None} if target == "winter" else {"crossing" if ":" in target else "checkpoint": target}
    )
    if rest and rest[0] in ("cargo", "passenger"):
        change["traffic"] = rest.pop(0)
    if not rest or rest[0] not in ACTIONS[:-1]:
        raise InputError(
            f"change '{text}': after the target comes what to do, one of {', '.join(ACTIONS[:-1])}"
        )
    action = rest.pop(0)
    if action in ("open", "close"):
        change[action] = True
    elif rest:
        change[action] = rest.pop(0)
    else:
        raise InputError(f"change '{text}': '{action}' needs a number, for instance '{target} {action} 10'")
    if rest:
        change["days"] = rest.pop(0)
    if rest:
        raise InputError(
            f"change '{text}': '{' '.join(rest)}' is too much; write <target> <action> [value] [days]"
        )
    try:
        made = Change.model_validate(change).model_copy(update={"by": text})
    except ValidationError as error:
        raise InputError(f"change '{text}': {_explain(error)}") from None
    return Scenario(str(made), {lang: str(made) for lang in ("en", "ru", "zh")}, changes=(made,))


def _from_file(path: Path, chain: tuple[str, ...], made: dict[str, Scenario] | None = None) -> Scenario:
    """Read a file and what it rests on; each file once, however often it is named."""
    made = {} if made is None else made
    if not os.path.exists(path):
        raise InputError(
            f"there is no scenario file '{path}'; built-in scenarios: {', '.join(scenario_names())}"
        )
    key = str(path.resolve())
    if key in chain:
        names = " -> ".join(Path(item).name for item in (*chain, key))
        raise InputError(
            f"{path.name}: key 'base': the scenario rests on itself ({names}); name another base"
        )
    if key in made:
        return made[key]
    if len(chain) >= _MAX_CHAIN:
        raise InputError(
            f"{path.name}: key 'base': more than {_MAX_CHAIN} scenarios rest on each other; join some of them"
        )
    content = _parse(path)
    shown = content.name
    changes = tuple(change.model_copy(update={"by": shown}) for change in content.change)
    changes = tuple({change._asked: change for change in changes}.values())
    _refuse_too_many(len(changes), f"{path.name}: key 'change'")
    for index, one in enumerate(changes):
        for two in changes[index + 1 :]:
            try:
                _refuse_contradiction(one, two)
            except InputError as error:
                raise InputError(f"{path.name}: key 'change': {error}") from None
    own = Scenario(
        shown,
        _texts(content.title, shown),
        _texts(content.description, ""),
        _month_day(content.day),
        content.regime if content.day is None else content.name,
        content.world,
        changes,
    )
    bases = [content.base] if isinstance(content.base, str) else content.base or []
    if content.regime is not None and content.day is None:
        bases = [*bases, content.regime]
        own = replace(own, regime=None)
    if not bases:
        made[key] = own
        return own
    try:
        laid = [_from_text(part, (*chain, key), path.parent, made) for base in bases for part in _split(base)]
        joined = _join([*laid, own])
    except InputError as error:
        if path.name in str(error):
            raise
        raise InputError(f"{path.name}: key 'base': {error}") from None
    made[key] = replace(joined, name=own.name, title=own.title, description=own.description)
    return made[key]


def _parse(path: Path) -> _File:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(
                f"{path.name}: the file has more than {_MAX_BYTES // 1000} kB; a scenario file is short"
            )
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: the file is not UTF-8 text; save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path.name}: is no valid TOML: {error or 'nested too deeply'}") from None
    try:
        return _File.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path.name}: {_explain(error)}") from None


def _explain(error: ValidationError) -> str:
    """Say in one line what is wrong in a file, key by key."""
    from difflib import get_close_matches

    said = []
    for fault in error.errors():
        where = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            name = str(fault["loc"][-1])
            keys = list((Change if len(fault["loc"]) > 1 else _File).model_fields)
            keys = [key for key in keys if key != "by"]
            near = get_close_matches(name, keys, n=1)
            message = (
                f"there is no such key; did you mean '{near[0]}'?"
                if near
                else f"there is no such key; the keys are {', '.join(keys)}"
            )
        elif fault["type"] == "missing":
            message = "is missing"
        elif (
            "input" in fault
            and not isinstance(fault["input"], dict | list)
            and fault["type"] != "value_error"
        ):
            message = f"{message[0].lower()}{message[1:]}, not '{fault['input']}'"
        said.append(f"key '{where}': {message}" if where else message)
    return " ".join("; ".join(dict.fromkeys(said)).split())


def _texts(text: str | dict[Literal["en", "ru", "zh"], str], default: str) -> dict[str, str]:
    if isinstance(text, dict):
        first = next(iter(text.values()), default)
        return {lang: text.get(lang, first) for lang in ("en", "ru", "zh")}
    return dict.fromkeys(("en", "ru", "zh"), text or default)


def _month_day(text: str | None) -> tuple[int, int] | None:
    return None if text is None else (int(text[:2]), int(text[3:]))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors.

    Examples
    --------
    >>> sorted(json_schema()["properties"])[:4]
    ['base', 'change', 'day', 'description']
    """
    made = _File.model_json_schema()
    made["$defs"]["Change"]["properties"].pop("by", None)
    made["title"] = "amurgeo scenario"
    return made
