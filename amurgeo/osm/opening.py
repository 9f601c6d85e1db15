"""OSM's opening hours, read as days of the year; what the days cannot say is remarked, never dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

#: Weekdays fall on every date at least once in 28 years, so each date is seen with every weekday.
_YEARS = range(2001, 2029)
#: The dates of a year without 29 February, which goes with its neighbours.
_DATES = tuple((date(2001, 1, 1) + timedelta(days=day)).strftime("%m-%d") for day in range(365))
_POSITION = {month_day: position for position, month_day in enumerate(_DATES)}
_MONTH_DAYS = dict(
    zip(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
        strict=True,
    )
)
_LONG_MONTHS = re.compile(
    r"\b(jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)\b", re.I
)
_SEASON_WORDS = ("winter", "summer", "spring", "autumn", "fall")
ALL_YEAR = (("01-01", "12-31"),)

Spans = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SeasonDates:
    """Typical dates that stand for OSM's words *winter* and *summer*.

    Attributes
    ----------
    winter, summer
        First day open and first day closed again, as ``MM-DD``.
    sd_days
        Spread of these days.

    Examples
    --------
    >>> SeasonDates().winter
    ('12-05', '04-08')
    """

    winter: tuple[str, str] = ("12-05", "04-08")
    summer: tuple[str, str] = ("05-10", "11-01")
    sd_days: float = 15.0


@dataclass(frozen=True)
class Reading:
    """What a text says about the days of a year.

    Attributes
    ----------
    text
        The text as it was written.
    spans
        First and last day (``MM-DD``, both included) of each stretch of days on which it holds at some hour;
        a stretch may run over the turn of the year; empty: on no day.
    whole
        The same for the days on which it holds from midnight to midnight, whatever the weekday.
    years
        First and last winter (named by the year in which it begins, July to June) of a text that names
        years; None for every year.
    typical
        The days stand for a word such as *winter*, not for dates.
    remarks
        What the text says beyond days of the year.
    problem
        Why it could not be read; empty when it was.
    """

    text: str
    spans: Spans = ()
    whole: Spans = ()
    years: tuple[int, int] | None = None
    typical: bool = False
    remarks: tuple[str, ...] = ()
    problem: str = ""


def season_dates(windows: pd.DataFrame, crossings: pd.DataFrame) -> SeasonDates:
    """Return what *winter* and *summer* stand for: the medians of the dataset's winter roads and ferries.

    Parameters
    ----------
    windows, crossings
        Tables of the dataset.

    Examples
    --------
    >>> import pandas as pd
    >>> windows = pd.DataFrame({"crossing": ["road:a", "x:ferry"], "open_md": ["12-03", "05-08"],
    ...                         "close_md": ["04-08", "10-30"]})
    >>> season_dates(windows, pd.DataFrame({"mode": ["ferry"]}, index=["x:ferry"])).winter
    ('12-03', '04-08')
    """
    dated = windows[(windows["open_md"] != "") & (windows["close_md"] != "")]
    roads = dated[dated["crossing"].str.startswith("road:")]
    ferries = dated[dated["crossing"].isin(crossings.index[crossings["mode"] == "ferry"])]
    default = SeasonDates()
    winter, summer = (
        (_median(mine["open_md"]), _median(mine["close_md"])) if len(mine) else fallback
        for mine, fallback in ((roads, default.winter), (ferries, default.summer))
    )
    return SeasonDates(winter, summer)


def _median(days: pd.Series) -> str:
    """Return the middle day of a year that begins in July."""
    ordered = sorted(days, key=lambda day: (day < "07-01", day))
    return str(ordered[len(ordered) // 2])


def mask_of(spans: Spans) -> np.ndarray:
    """Return the days of spans as a mask over 365 days.

    Examples
    --------
    >>> int(mask_of((("12-30", "01-02"),)).sum())
    4
    """
    mask = np.zeros(len(_DATES), dtype=bool)
    for first, last in spans:
        start, end = (_POSITION[day if day != "02-29" else "02-28"] for day in (first, last))
        if start <= end:
            mask[start : end + 1] = True
        else:
            mask[start:] = True
            mask[: end + 1] = True
    return mask


def spans_of(mask: npt.ArrayLike) -> Spans:
    """Return the stretches of days of a mask over 365 days, around the turn of the year.

    Examples
    --------
    >>> spans_of(mask_of((("12-01", "03-31"),)))
    (('12-01', '03-31'),)
    """
    days = np.asarray(mask, dtype=bool)
    if days.all():
        return ALL_YEAR
    before = np.roll(days, 1)
    after = np.roll(days, -1)
    firsts = np.flatnonzero(days & ~before)
    lasts = np.flatnonzero(days & ~after)
    if len(lasts) and lasts[0] < firsts[0]:
        lasts = np.roll(lasts, -1)
    return tuple((_DATES[first], _DATES[last]) for first, last in zip(firsts, lasts, strict=True))


def day_before(month_day: str) -> str:
    """Return the day before a day of the year.

    Examples
    --------
    >>> day_before("01-01"), day_before("04-08")
    ('12-31', '04-07')
    """
    return _DATES[_POSITION[month_day] - 1]


def day_number(month_day: str) -> int:
    """Return the number of a day in a year without 29 February, from 0.

    Examples
    --------
    >>> day_number("01-01"), day_number("12-31")
    (0, 364)
    """
    return _POSITION[month_day]


def month_day(number: int) -> str:
    """Return the day of a number as ``MM-DD``; numbers go round.

    Examples
    --------
    >>> month_day(0), month_day(365 + 31)
    ('01-01', '02-01')
    """
    return _DATES[number % len(_DATES)]


def read_hours(text: str, *, dates: SeasonDates | None = None) -> Reading:
    """Read opening hours, or the condition of a conditional restriction that speaks of time.

    Parameters
    ----------
    text
        Opening hours in OSM's syntax, or one of the words *winter* and *summer*.
    dates
        What these words stand for.

    Returns
    -------
    Reading
        The days; with ``problem`` when the text cannot be read.

    Notes
    -----
    The syntax itself is read by the library ``opening_hours``. Tables know days of the year only, so hours
    and weekdays become remarks.

    Examples
    --------
    >>> read_hours("Dec 15-Mar 31").spans
    (('12-15', '03-31'),)
    >>> read_hours("Mo-Fr 08:00-18:00").remarks
    ('only at certain hours', 'only on certain weekdays')
    >>> read_hours("when the ice is thick").problem
    "not OSM's syntax of opening hours"
    """
    return _read(text, dates or SeasonDates())


@lru_cache(maxsize=4096)
def _read(text: str, dates: SeasonDates) -> Reading:
    plain = _plain(text)
    if plain.lower() in _SEASON_WORDS:
        return _season_word(text, plain.lower(), dates)
    problem = _foreseen(plain)
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
    years = range(named[0], named[-1] + 1) if named else _YEARS
    some, whole = _evaluate(hours, years)
    some_day = some.any(axis=0)
    remarks = _remarks(plain, some, whole)
    if not some_day.any():
        if re.search(r"\b(PH|SH)\b", plain):
            return Reading(text, problem="speaks of holidays only, and there is no calendar of holidays here")
        if re.search(r"\bunknown\b", plain):
            return Reading(text, problem="says itself that it is unknown")
    found = spans_of(some_day)
    seasons = None
    if named:
        if len(found) != 1:
            return Reading(text, problem="names years and more than one span of days")
        begins = named[0] - int(found[0][0] < "07-01")
        seasons = (begins, begins)
    return Reading(text, found, spans_of(whole.all(axis=0)), seasons, remarks=remarks)


def _plain(text: str) -> str:
    """Mend what mappers often write otherwise: long dashes, spaces around them, months in full."""
    plain = re.sub(r"\s*[-–—]\s*", "-", text.strip())
    return _LONG_MONTHS.sub(lambda found: found.group(1).capitalize(), plain)


def _season_word(text: str, word: str, dates: SeasonDates) -> Reading:
    if word in ("spring", "autumn", "fall"):
        return Reading(text, problem=f"'{word}' has no dates")
    first, closed = dates.winter if word == "winter" else dates.summer
    span = ((first, day_before(closed)),)
    return Reading(
        text, span, span, typical=True, remarks=(f"'{word}' is taken from {first} to {day_before(closed)}",)
    )


def _foreseen(plain: str) -> str:
    """Find what the library would take for something else."""
    if not plain:
        return "empty"
    if not re.sub(r'"[^"]*"', "", plain).strip(" ;,|"):
        return "a comment without a time"
    for month, day in re.findall(r"\b([A-Za-z]{3})\s+(\d{1,2})\b(?!:)", plain):
        days = _MONTH_DAYS.get(month.lower())
        if days is not None and not 1 <= int(day) <= days:
            return f"there is no {month} {day}"
    return ""


def _evaluate(hours: object, years: range) -> tuple[np.ndarray, np.ndarray]:
    """For each year and date: is it open at some hour, and all day."""
    start = date(years[0], 1, 1)
    days = (date(years[-1] + 1, 1, 1) - start).days
    minutes = np.zeros(days)
    first = datetime(years[0], 1, 1)
    for begins, ends, state, _ in hours.intervals(first, datetime(years[-1] + 1, 1, 1)):  # type: ignore[attr-defined]
        if str(state) != "open":
            continue
        at = (begins - first).total_seconds() / 60.0
        until = days * 1440.0 if ends is None else (ends - first).total_seconds() / 60.0
        low, high = int(at // 1440), int(np.ceil(until / 1440))
        edges = np.clip(np.arange(low, high + 1) * 1440.0, at, until)
        minutes[low:high] += np.diff(edges)
    calendar = [start + timedelta(days=day) for day in range(days)]
    keep = np.array([(day.month, day.day) != (2, 29) for day in calendar])
    table = minutes[keep].reshape(len(years), len(_DATES))
    return table > 0, table >= 1439


def _remarks(plain: str, some: np.ndarray, whole: np.ndarray) -> tuple[str, ...]:
    found = []
    if (some & ~whole).any():
        found.append("only at certain hours")
    if re.search(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\b", plain, re.I) and (some.any(axis=0) != some.all(axis=0)).any():
        found.append("only on certain weekdays")
    if re.search(r"\bweek\b|\beaster\b", plain):
        found.append("days that differ from year to year")
    if re.search(r"\b(PH|SH)\b", plain):
        found.append("holidays are not applied")
    found.extend(f"comment: {comment}" for comment in re.findall(r'"([^"]+)"', plain))
    return tuple(found)
