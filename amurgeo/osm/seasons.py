"""Opening hours, conditional restrictions, seasons and mass limits, as tags of OpenStreetMap write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

ALL_YEAR = (("01-01", "12-31"),)
#: In 28 years every date falls on every weekday.
_YEARS = (2001, 2028)
#: Dates of a year without 29 February.
_DATES = tuple((date(2001, 1, 1) + timedelta(days=day)).strftime("%m-%d") for day in range(365))
_POSITION = {month_day: position for position, month_day in enumerate(_DATES)} | {"02-29": 58}
_JULY = _POSITION["07-01"]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = re.compile(
    r"\b(jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)\b", re.I
)
_SEASONS = ("winter", "summer", "spring", "autumn", "fall")
_WEIGHT = re.compile(r"(?:max)?(?:gc)?weight(?:rating)?\s*(<=|>=|<|>|=)\s*(.+)", re.I)
_QUANTITY = re.compile(r"(\d[\d\s.,'’]*)\s*([^\W\d_]*)\.?")
#: Tonnes in units of mass, by name. "tons" is ambiguous (metric or short), so it is left out.
UNITS_T = {
    **dict.fromkeys(("", "t", "to", "mt", "tonne", "tonnes", "т", "тн", "тонн", "тонна", "тонны", "吨"), 1.0),
    **dict.fromkeys(("kg", "kgs", "кг", "公斤", "千克"), 0.001),
    **dict.fromkeys(("lb", "lbs"), 0.00045359237),
    **{"st": 0.90718474, "lt": 1.0160469088, "cwt": 0.05080234544},
}
#: Units in which a separator before three digits groups thousands: no limit is 7.5 kg.
_SMALL_UNITS_T = 0.01
_ICE_MELTS = "ice does not last the year; the typical winter is used"
#: Mass limits above this (tonnes) lack their unit.
_HEAVIEST_T = 500.0
#: Part (tonnes) that makes "at 10 t" less than "above 10 t".
_LESS_T = 0.001

Spans = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SeasonDates:
    """Typical dates of *winter* and *summer*: first day open and first day closed again (``MM-DD``)."""

    winter: tuple[str, str] = ("12-05", "04-08")
    summer: tuple[str, str] = ("05-10", "11-01")


_TYPICAL = SeasonDates()


@dataclass(frozen=True)
class Remark:
    """Part of a tag that could not be read, or (``read``) that the tables cannot express."""

    key: str
    text: str
    problem: str
    read: bool


@dataclass(frozen=True, eq=False)
class Reading:
    """Days of the year that a text names, what else it names, or the problem why it cannot be read.

    Masks of 365 days: it names ``days`` at some hour, ``whole`` at all hours of all weekdays. A text with
    years names one season (July to June), which begins in ``year``. ``typical``: it is a word, not dates.
    """

    text: str
    days: np.ndarray = field(default_factory=lambda: np.zeros(365, dtype=bool))
    whole: np.ndarray = field(default_factory=lambda: np.zeros(365, dtype=bool))
    year: int | None = None
    typical: bool = False
    remarks: tuple[str, ...] = ()
    problem: str = ""

    def remarks_on(self, key: str) -> list[Remark]:
        """Return the remarks on the tag with this text."""
        if self.problem:
            return [Remark(key, self.text, self.problem, read=False)]
        return [Remark(key, self.text, remark, read=True) for remark in self.remarks]


@dataclass(frozen=True)
class Clause:
    """One ``value @ condition``: the days, and the mass (t) above or below which it applies, NaN for any."""

    value: str
    time: Reading | None = None
    over_t: float = float("nan")
    under_t: float = float("nan")
    problem: str = ""
    text: str = ""


@dataclass(frozen=True)
class WaySeason:
    """Operating window of a way, its mass limit (NaN for none), and the traffic and direction it applies to.

    ``spans`` are the first and last open day (``MM-DD``) of each period. ``year`` is set if the window holds
    only for the season that begins in this year. ``typical``: no tag has dates. ``traffic`` is ``cargo``,
    ``passenger`` or ``both``; ``oneway`` 1 along the way only, -1 against it only, 0 both.
    """

    spans: Spans = ALL_YEAR
    year: int | None = None
    typical: bool = False
    max_mass_t: float = float("nan")
    traffic: str = "both"
    oneway: int = 0

    @property
    def all_year(self) -> bool:
        """Whether the way is open on every day."""
        return self.spans == ALL_YEAR and self.year is None

    @property
    def key(self) -> str:
        """Key of the window in the tables; empty for all year."""
        if self.all_year:
            return ""
        days = "+".join("-".join(day.replace("-", "") for day in span) for span in self.spans)
        year = "" if self.year is None else f":{self.year}"
        return f"osm:{days or 'never'}{year}{':typical' if self.typical else ''}"

    def windows(self) -> tuple[tuple[str, str], ...]:
        """Return opening and closing days as in the table of windows.

        A window lies between July and June and closes on 30 June at the latest, so a period that includes
        this day is split there and loses it.

        >>> WaySeason((("12-15", "03-31"),)).windows()
        (('12-15', '04-01'),)
        >>> WaySeason((("05-11", "04-14"),)).windows()
        (('07-01', '04-15'), ('05-11', '06-30'))
        """
        open_days = np.roll(mask_of(self.spans), -_JULY)
        edges = np.flatnonzero(np.diff(np.r_[False, open_days, False]))
        days = [
            (_DATES[(first + _JULY) % 365], _DATES[(min(closed, 364) + _JULY) % 365])
            for first, closed in zip(edges[::2], edges[1::2], strict=True)
        ]
        return tuple((opens, closes) for opens, closes in days if opens != closes)


def mask_of(spans: Spans) -> np.ndarray:
    """Return periods as a mask of 365 days."""
    mask = np.zeros(365, dtype=bool)
    for first, last in spans:
        start = _POSITION[first]
        mask[np.arange(start, start + (_POSITION[last] - start) % 365 + 1) % 365] = True
    return mask


def spans_of(mask: npt.ArrayLike) -> Spans:
    """Return the periods of a mask of 365 days; a period may include the turn of the year."""
    days = np.asarray(mask, dtype=bool)
    if days.all():
        return ALL_YEAR
    firsts = np.flatnonzero(days & ~np.roll(days, 1))
    lasts = np.flatnonzero(days & ~np.roll(days, -1))
    if len(lasts) and lasts[0] < firsts[0]:
        lasts = np.roll(lasts, -1)
    return tuple((_DATES[first], _DATES[last]) for first, last in zip(firsts, lasts, strict=True))


@lru_cache(maxsize=4096)
def read_hours(text: str, dates: SeasonDates = _TYPICAL) -> Reading:
    """Read opening hours, a condition of time, or the word *winter* or *summer*.

    >>> spans_of(read_hours("Dec 15-Mar 31").days)
    (('12-15', '03-31'),)
    >>> read_hours("Mo-Fr 08:00-18:00").remarks
    ('only at certain hours', 'only on certain weekdays')
    >>> read_hours("when the ice is thick").problem
    "not OSM's syntax of opening hours"
    """
    # Long dashes, spaces around dashes and months in full are frequent mistakes.
    plain = re.sub(r"\s*[-–—]\s*", "-", text.strip())
    plain = _LONG_MONTHS.sub(lambda match: match.group(1).capitalize(), plain)
    if plain.lower() in _SEASONS:
        return _season_word(text, plain.lower(), dates)
    problem = _invalid_part(plain)
    if problem:
        return Reading(text, problem=problem)
    from opening_hours import OpeningHours
    from opening_hours.opening_hours import ParserError

    try:
        hours = OpeningHours(plain)
    except ParserError:
        return Reading(text, problem="not OSM's syntax of opening hours")
    named = sorted({int(year) for year in re.findall(r"\b((?:19|20)\d\d)\b(?!:)", plain)})
    if len(named) > 2 or (named and ("+" in plain or named[-1] - named[0] > 1)):
        return Reading(text, problem="names more years than one season has")
    minutes = _open_minutes(hours, *((named[0], named[-1]) if named else _YEARS))
    some, whole = minutes > 0.5, minutes > 1438.5
    days, whole_days = np.asarray(some.any(axis=0)), np.asarray(whole.all(axis=0))
    holidays = re.search(r"\b(PH|SH)\b", plain)
    spans = spans_of(days)
    if not spans and holidays:
        return Reading(text, problem="names holidays only, and no calendar of holidays is read")
    if not spans and re.search(r"\bunknown\b", plain):
        return Reading(text, problem="states that the hours are unknown")
    if named and len(spans) != 1:
        return Reading(text, problem="names years and more than one period")
    weekdays = re.search(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\b", plain, re.I)
    remarks = {
        "only at certain hours": (some & ~whole).any(),
        "only on certain weekdays": weekdays and (days != some.all(axis=0)).any(),
        "days that differ from year to year": re.search(r"\bweek\b|\beaster\b", plain),
        "holidays are not applied": holidays,
    }
    comments = [f"comment: {comment}" for comment in re.findall(r'"([^"]+)"', plain)]
    return Reading(
        text,
        days,
        whole_days,
        named[0] - int(spans[0][0] < "07-01") if named else None,
        remarks=(*(remark for remark, applies in remarks.items() if applies), *comments),
    )


def _season_word(text: str, word: str, dates: SeasonDates) -> Reading:
    if word not in ("winter", "summer"):
        return Reading(text, problem=f"'{word}' has no dates")
    first, closed = dates.winter if word == "winter" else dates.summer
    last = _DATES[_POSITION[closed] - 1]
    days = mask_of(((first, last),))
    return Reading(text, days, days, typical=True, remarks=(f"'{word}' is taken from {first} to {last}",))


def _invalid_part(plain: str) -> str:
    """Return a problem that the library does not report."""
    if not plain:
        return "empty"
    if not re.sub(r'"[^"]*"', "", plain).strip(" ;,|"):
        return "a comment without a time"
    for month, day in re.findall(r"\b([A-Za-z]{3})\s+(\d{1,2})\b(?!:)", plain):
        number = _MONTHS.index(month.lower()) + 1 if month.lower() in _MONTHS else 0
        if number and f"{number:02}-{int(day):02}" not in _POSITION:
            return f"there is no {month} {day}"
    return ""


def _open_minutes(hours: Any, first_year: int, last_year: int) -> np.ndarray:
    """Return the open minutes of each year (row) and date (column); 29 February is left out."""
    first, last = datetime(first_year, 1, 1), datetime(last_year + 1, 1, 1)
    at, total = [0.0], [0.0]
    for begins, ends, state, _ in hours.intervals(first, last):
        if str(state) == "open":
            at += [(time - first).total_seconds() / 60 for time in (begins, ends or last)]
            total += [total[-1], total[-1] + at[-1] - at[-2]]
    dates = np.arange(f"{first_year}-01-01", f"{last_year + 1}-01-01", dtype="datetime64[D]")
    minutes = np.diff(np.interp(np.arange(len(dates) + 1) * 1440.0, at, total))
    leap_day = np.char.endswith(dates.astype(str), "02-29")
    return np.asarray(minutes[~leap_day].reshape(-1, 365))


def read_mass(text: str) -> float:
    """Return a mass limit in tonnes; NaN if there is none or it cannot be read.

    >>> read_mass("10 t"), read_mass("7,500 kg"), read_mass("7,5"), read_mass("none")
    (10.0, 7.5, 7.5, nan)
    """
    masses = [_mass(part) for part in unicodedata.normalize("NFKC", text).split(";")]
    return min(masses) if all(0 < mass <= _HEAVIEST_T for mass in masses) else float("nan")


def _mass(text: str) -> float:
    match = _QUANTITY.fullmatch(text.strip())
    unit = UNITS_T.get(match[2].lower()) if match else None
    if match is None or unit is None:
        return float("nan")
    number = re.sub(r"[\s'’]", "", match[1])
    if unit < _SMALL_UNITS_T:
        number = re.sub(r"[.,](?=\d{3}(?:[.,]|$))", "", number)
    try:
        return float(number.replace(",", ".")) * unit
    except ValueError:
        return float("nan")


def read_conditional(text: str, dates: SeasonDates = _TYPICAL) -> tuple[Clause, ...]:
    """Read a conditional restriction: ``value @ (condition); value @ (condition AND condition)``.

    >>> [clause] = read_conditional("no @ (weight > 10 AND Dec-Mar)")
    >>> clause.value, clause.over_t, spans_of(clause.time.days)
    ('no', 10.0, (('12-01', '03-31'),))
    """
    # Other semicolons are part of a condition.
    parts = re.split(r';(?=[^;@()"]+@)', text)
    return tuple(_clause(part.strip(" ;") or part, dates) for part in parts)


def _clause(text: str, dates: SeasonDates) -> Clause:
    value, _, condition = (part.strip() for part in text.partition("@"))
    if not value or not condition:
        return Clause(value, problem="not written as 'value @ condition'", text=text)
    if condition.count("(") != condition.count(")"):
        return Clause(value, problem="a bracket is not closed", text=text)
    if condition.startswith("(") and condition.endswith(")"):
        condition = condition[1:-1].strip()
    time, limits, problems = None, {">": float("nan"), "<": float("nan")}, []
    for part in re.split(r"\s+and\s+", condition, flags=re.I):
        weight = _WEIGHT.fullmatch(part.strip())
        mass = read_mass(weight[2]) if weight else float("nan")
        if weight and not np.isnan(mass):
            # The heaviest vehicle below the limit: all that is above ">=" and below "<".
            side = ">" if ">" in weight[1] else "<"
            limits[side] = mass - _LESS_T * (weight[1] in (">=", "<"))
            continue
        reading = read_hours(part, dates)
        if reading.problem:
            problems.append(f"'{part.strip()}': {reading.problem}")
        elif time is None:
            time = reading
        else:
            time = replace(
                time,
                text=condition,
                days=time.days & reading.days,
                whole=time.whole & reading.whole,
                year=time.year or reading.year,
                typical=time.typical or reading.typical,
                remarks=(*time.remarks, *reading.remarks),
            )
    return Clause(value, time, limits[">"], limits["<"], "; ".join(problems), text)


def open_days(tags: Mapping[str, str], dates: SeasonDates, remarks: list[Remark]) -> Reading:
    """Return the days on which a way is open by its season and opening hours.

    Dates override words: an ice road with ``opening_hours`` has these days. An ice or winter road without
    dates has the typical winter, a ferry without dates the typical summer.

    >>> spans_of(open_days({"ice_road": "yes", "opening_hours": "Dec 20-Mar 25"}, SeasonDates(), []).days)
    (('12-20', '03-25'),)
    """
    usual = _days_by_word(tags, dates, remarks)
    text = tags.get("opening_hours", "")
    if not text:
        return usual
    hours = read_hours(text, dates)
    remarks += hours.remarks_on("opening_hours")
    if hours.problem:
        return usual
    if hours.days.all() and hours.year is None:
        stated = hours.whole.all() and usual.typical
        if stated and is_icy(tags):
            remarks.append(Remark("opening_hours", text, _ICE_MELTS, read=True))
        return hours if stated and not is_icy(tags) else usual
    if usual.typical and not hours.typical:
        return hours
    return replace(hours, days=usual.days & hours.days, typical=hours.typical or usual.typical)


def is_icy(tags: Mapping[str, str]) -> bool:
    """Return whether tags describe an ice or winter road."""
    icy = "yes" in (tags.get("ice_road"), tags.get("winter_road"))
    return icy or tags.get("highway") in ("ice_road", "winter_road")


def _days_by_word(tags: Mapping[str, str], dates: SeasonDates, remarks: list[Remark]) -> Reading:
    """Return the days of ``seasonal``, else of an ice road or ferry."""
    word = tags.get("seasonal", "").strip().lower()
    if word not in ("", "no", "yes"):
        words = {part.strip() for part in re.split(r"[;,]", word)}
        if re.search("[;,]", word) and words <= {*_SEASONS} - {"winter"}:
            winter = read_hours("winter", dates)
            return replace(winter, days=~winter.days)
        reading = read_hours(tags["seasonal"], dates)
        remarks += reading.remarks_on("seasonal")
        if not reading.problem:
            return replace(reading, year=None)
    if is_icy(tags):
        if word == "no":
            remarks.append(Remark("seasonal", word, _ICE_MELTS, read=True))
        return read_hours("winter", dates)
    if tags.get("route") == "ferry" and word != "no":
        return read_hours("summer", dates)
    if word == "yes":
        remarks.append(Remark("seasonal", "yes", "does not name the season", read=False))
    return Reading("", np.ones(365, dtype=bool))
