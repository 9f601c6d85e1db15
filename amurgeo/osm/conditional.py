"""OSM's conditional restrictions and season tags, read as the operating window of a way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from amurgeo.osm.opening import (
    ALL_YEAR,
    Reading,
    SeasonDates,
    Spans,
    day_number,
    mask_of,
    month_day,
    read_hours,
    spans_of,
)

#: Values of access tags that keep ordinary traffic out.
DENIED = frozenset({"no", "private", "emergency", "military", "agricultural", "forestry"})
#: Access tags, the most particular first.
ACCESS_KEYS = ("motor_vehicle", "vehicle", "access")
#: Tags whose meaning depends on time or mass.
CONDITIONAL_KEYS = tuple(f"{key}:conditional" for key in (*ACCESS_KEYS, "maxweight"))
_ALLOWED = frozenset(
    {"yes", "permissive", "designated", "destination", "permit", "customers", "official", "public"}
)
_WEIGHT = re.compile(r"(?:max)?weight(?:rating)?\s*(<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)\s*(t|kg)?", re.I)
_MASS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(t|kg|tonnes?)?", re.I)


@dataclass(frozen=True)
class Clause:
    """One ``value @ condition`` of a conditional restriction.

    Attributes
    ----------
    value
        What holds while the condition does.
    time
        The days of the condition; None when it does not speak of time.
    over_t, under_t
        The condition holds for vehicles heavier (lighter) than that; NaN when it does not speak of mass.
    problem
        Why the clause could not be read; empty when it was.
    text
        The clause as it was written.
    """

    value: str
    time: Reading | None = None
    over_t: float = float("nan")
    under_t: float = float("nan")
    problem: str = ""
    text: str = ""


@dataclass(frozen=True)
class Remark:
    """Something that a tag says and that was not read, or read and not applied.

    Attributes
    ----------
    key, text
        The tag.
    problem
        What is the matter.
    read
        Whether the tag was understood (and only in part put into the tables).
    """

    key: str
    text: str
    problem: str
    read: bool


@dataclass(frozen=True)
class Season:
    """The operating window of a way, and the mass it bears.

    Attributes
    ----------
    spans
        First and last day (``MM-DD``) of each stretch of open days; empty: never open.
    years
        First and last winter for which it holds; None for every year.
    typical
        The days stand for a word, or for a way that melts or freezes and tells no dates.
    max_mass_t
        Gross mass that it bears; NaN when no tag says so.
    remarks
        What was not read or not applied.
    """

    spans: Spans = ALL_YEAR
    years: tuple[int, int] | None = None
    typical: bool = False
    max_mass_t: float = float("nan")
    remarks: tuple[Remark, ...] = ()

    @property
    def all_year(self) -> bool:
        """Whether it is open on every day."""
        return self.spans == ALL_YEAR and self.years is None

    @property
    def key(self) -> str:
        """Key of the window in the tables; empty for all the year.

        Examples
        --------
        >>> Season((("12-15", "03-31"),)).key, Season().key
        ('osm:1215-0331', '')
        """
        if self.all_year:
            return ""
        days = "+".join(
            f"{first}-{last}"
            for first, last in ((a.replace("-", ""), b.replace("-", "")) for a, b in self.spans)
        )
        years = "" if self.years is None else f":{self.years[0]}"
        return f"osm:{days or 'never'}{years}{':typical' if self.typical else ''}"

    def windows(self) -> tuple[tuple[str, str], ...]:
        """Return opening and closing days as the table of windows wants them.

        Notes
        -----
        Seasons of roads run from July to June, so a stretch over the turn of June is cut there; it then
        leaves out 30 June, because a season closes on that day at the latest.

        Examples
        --------
        >>> Season((("12-15", "03-31"),)).windows()
        (('12-15', '04-01'),)
        >>> Season((("05-11", "04-14"),)).windows()
        (('07-01', '04-15'), ('05-11', '06-30'))
        """
        turn = day_number("07-01")
        open_days = np.roll(mask_of(self.spans), -turn)
        found = []
        edges = np.flatnonzero(np.diff(np.r_[False, open_days, False]))
        for first, closed in zip(edges[::2], edges[1::2], strict=True):
            opens, closes = month_day(first + turn), month_day(min(closed, 364) + turn)
            if opens != closes:
                found.append((opens, closes))
        return tuple(found)


def read_mass(text: str) -> float:
    """Read a mass limit in tonnes; NaN when there is none or it cannot be read.

    Examples
    --------
    >>> read_mass("10 t"), read_mass("7500 kg"), read_mass("none")
    (10.0, 7.5, nan)
    """
    found = _MASS.fullmatch(text.strip())
    if not found:
        return float("nan")
    number = float(found.group(1).replace(",", "."))
    return number / 1000.0 if (found.group(2) or "t").lower() == "kg" else number


def read_conditional(text: str, *, dates: SeasonDates | None = None) -> tuple[Clause, ...]:
    """Read a conditional restriction: ``value @ (condition); value @ (condition AND condition)``.

    Parameters
    ----------
    text
        Value of a tag such as ``access:conditional``.
    dates
        What *winter* and *summer* stand for.

    Returns
    -------
    tuple of Clause
        In the order written, the last one that holds decides; a clause that cannot be read says why.

    Examples
    --------
    >>> [clause] = read_conditional("no @ (Apr 15-May 10)")
    >>> clause.value, clause.time.spans
    ('no', (('04-15', '05-10'),))
    >>> [clause] = read_conditional("no @ (weight > 10 AND Dec-Mar)")
    >>> clause.over_t, clause.time.spans
    (10.0, (('12-01', '03-31'),))
    """
    return tuple(_clause(part, dates) for part in _split(text))


def _split(text: str) -> list[str]:
    """Split at the semicolons outside brackets and quotes; without brackets, those before ``value @``."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if char == ";" and depth <= 0:
                parts.append(text[start:at])
                start = at + 1
    parts.append(text[start:])
    joined: list[str] = []
    for part in parts:
        # "no @ Mo-Fr; Sa" has one value: a part without @ goes on with the condition before it.
        if "@" not in part and joined and part.strip():
            joined[-1] += ";" + part
        else:
            joined.append(part)
    return [part.strip() for part in joined if part.strip()] or [text]


def _clause(text: str, dates: SeasonDates | None) -> Clause:
    value, at, condition = (part.strip() for part in text.partition("@"))
    if not at or not value or not condition:
        return Clause(value, problem="not written as 'value @ condition'", text=text)
    if condition.count("(") != condition.count(")"):
        return Clause(value, problem="a bracket is not closed", text=text)
    if condition.startswith("(") and condition.endswith(")"):
        condition = condition[1:-1].strip()
    time, over, under, problems = None, float("nan"), float("nan"), []
    for part in re.split(r"\s+and\s+", condition, flags=re.I):
        mass = _WEIGHT.fullmatch(part.strip())
        if mass:
            limit = float(mass.group(2)) / (1000.0 if (mass.group(3) or "").lower() == "kg" else 1.0)
            over, under = (limit, under) if mass.group(1) in (">", ">=") else (over, limit)
            continue
        reading = read_hours(part, dates=dates)
        if reading.problem:
            problems.append(f"'{part.strip()}': {reading.problem}")
        elif time is None:
            time = reading
        else:
            both = spans_of(mask_of(time.spans) & mask_of(reading.spans))
            whole = spans_of(mask_of(time.whole) & mask_of(reading.whole))
            time = Reading(
                condition,
                both,
                whole,
                time.years or reading.years,
                time.typical or reading.typical,
                (*time.remarks, *reading.remarks),
            )
    return Clause(value, time, over, under, "; ".join(problems), text)


def read_season(tags: Mapping[str, str], *, dates: SeasonDates | None = None) -> Season:
    """Read the season and the mass limit of a way from all its tags.

    Parameters
    ----------
    tags
        Tags of the way.
    dates
        What *winter* and *summer* stand for.

    Notes
    -----
    Dates win over words: an ice road with ``opening_hours`` follows these. An ice or winter road that tells
    no dates has the typical winter, a ferry that tells none the typical summer.

    Examples
    --------
    >>> read_season({"ice_road": "yes", "opening_hours": "Dec 20-Mar 25"}).spans
    (('12-20', '03-25'),)
    >>> read_season({"highway": "primary", "access:conditional": "no @ (Apr 15-May 10)"}).spans
    (('05-11', '04-14'),)
    >>> read_season({"highway": "primary"}).all_year
    True
    """
    dates = dates or SeasonDates()
    remarks: list[Remark] = []
    season, typical = _by_word(tags, dates, remarks)
    years = None
    own = tags.get("opening_hours", "")
    if own:
        reading = read_hours(own, dates=dates)
        remarks += _remarks_of("opening_hours", reading)
        if not reading.problem:
            days = mask_of(reading.spans)
            years = reading.years
            if days.all() and years is None:
                pass
            elif typical and not reading.typical:
                season, typical = days, False
            else:
                season, typical = season & days, typical or reading.typical
    access, told, mass = _by_access(tags, dates, remarks)
    if typical and told:
        season, typical = access, False
    else:
        season = season & access
    return Season(spans_of(season), years, typical, mass, tuple(dict.fromkeys(remarks)))


def _remarks_of(key: str, reading: Reading) -> Iterable[Remark]:
    if reading.problem:
        return [Remark(key, reading.text, reading.problem, read=False)]
    return [Remark(key, reading.text, remark, read=True) for remark in reading.remarks]


def _by_word(tags: Mapping[str, str], dates: SeasonDates, remarks: list[Remark]) -> tuple[np.ndarray, bool]:
    """Days by ``seasonal``, else by what melts or freezes."""
    everything = np.ones(365, dtype=bool)
    icy = tags.get("ice_road") == "yes" or tags.get("winter_road") == "yes"
    icy = icy or tags.get("highway") in ("ice_road", "winter_road")
    ferry = tags.get("route") == "ferry"
    word = tags.get("seasonal", "").strip().lower()
    if word not in ("", "no", "yes"):
        words = [part.strip() for part in re.split(r"[;,]", word)]
        known = [part for part in words if part in ("winter", "summer", "spring", "autumn", "fall")]
        if len(known) == len(words) and len(words) > 1 and "winter" not in words:
            return ~mask_of(read_hours("winter", dates=dates).spans), True
        reading = read_hours(tags["seasonal"], dates=dates)
        remarks += _remarks_of("seasonal", reading)
        if not reading.problem:
            return mask_of(reading.spans), reading.typical
    if icy or ferry:
        reading = read_hours("winter" if icy else "summer", dates=dates)
        return mask_of(reading.spans), True
    if word == "yes":
        remarks.append(Remark("seasonal", "yes", "does not say which season", read=False))
    return everything, False


def _by_access(
    tags: Mapping[str, str], dates: SeasonDates, remarks: list[Remark]
) -> tuple[np.ndarray, bool, float]:
    """Days on which traffic is let in, whether dates say so, and the mass limit."""
    base = next((tags[key] for key in ACCESS_KEYS if key in tags), "yes")
    days = np.full(365, base not in DENIED)
    told = False
    mass = read_mass(tags["maxweight"]) if "maxweight" in tags else float("nan")
    if "maxweight" in tags and np.isnan(mass) and tags["maxweight"] not in ("none", "default", "unsigned"):
        remarks.append(Remark("maxweight", tags["maxweight"], "not a mass", read=False))
    key = next((f"{key}:conditional" for key in ACCESS_KEYS if f"{key}:conditional" in tags), "")
    for clause in read_conditional(tags[key], dates=dates) if key else ():
        if clause.problem:
            remarks.append(Remark(key, clause.text, clause.problem, read=False))
            continue
        if clause.value not in DENIED | _ALLOWED:
            remarks.append(
                Remark(key, clause.text, f"'{clause.value}' is no access value known here", read=False)
            )
            continue
        denied = clause.value in DENIED
        heavy = clause.over_t if denied else clause.under_t
        if not (np.isnan(clause.over_t) and np.isnan(clause.under_t)):
            if clause.time is None and not np.isnan(heavy):
                mass = float(np.nanmin([mass, heavy]))
                days |= not denied
            else:
                remarks.append(Remark(key, clause.text, "a mass limit by season is not applied", read=True))
            continue
        if clause.time is None:
            continue
        if clause.time.years is not None:
            remarks.append(Remark(key, clause.text, "names years; not applied", read=True))
            continue
        remarks += _remarks_of(key, clause.time)
        before = days.copy()
        days = days & ~mask_of(clause.time.whole) if denied else days | mask_of(clause.time.spans)
        told = told or (not denied and bool((days != before).any()) and not clause.time.typical)
    for clause in (
        read_conditional(tags["maxweight:conditional"], dates=dates)
        if "maxweight:conditional" in tags
        else ()
    ):
        problem = clause.problem or (
            "not a mass" if np.isnan(read_mass(clause.value)) and clause.value != "none" else ""
        )
        remarks.append(
            Remark(
                "maxweight:conditional",
                clause.text,
                problem or "a mass limit by season is not applied",
                read=not problem,
            )
        )
    return days, told, mass
