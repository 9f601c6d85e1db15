"""Holiday stops, and the working hours of crossings by the clock of the home side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.dataset.border import Holiday
from amurgeo.errors import InputError

#: A recorded holiday stop within this many days of the first day of a holiday is that of this holiday.
NEAR_DAYS = 12
#: Years of which holidays are known.
FIRST_YEAR, LAST_YEAR = 1949, 2100
#: Days after which published hours are expected, no longer observed.
OBSERVED_DAYS = 200
_CLOCK = r"(\d{1,2}:\d{2})"
_SPAN = re.compile(rf"{_CLOCK}-{_CLOCK}")
_BREAK = re.compile(rf"break {_CLOCK}-{_CLOCK}")
_UNTIL = re.compile(rf"^until {_CLOCK}")


@dataclass(frozen=True)
class HolidayStop:
    """Days on which the border is closed for a holiday; basis ``observed`` or ``expected``."""

    first: date
    last: date
    basis: str
    sources: tuple[str, ...]
    title: Mapping[str, str]


@lru_cache(maxsize=1024)
def holiday_day(country: str, name: str, year: int) -> date | None:
    """Return the first day of a year whose holiday contains a name, 1949 to 2100; None if no day does.

    Raise InputError for another year, or a country without a calendar.

    Examples
    --------
    >>> from amurgeo.dataset.border import read_border
    >>> [rule] = read_border().holiday
    >>> holiday_day(rule.country, rule.name, 2026)
    datetime.date(2026, 2, 17)
    """
    from holidays import country_holidays

    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(f"year is invalid: {year}; expected {FIRST_YEAR} to {LAST_YEAR}")
    try:
        names = country_holidays(country, years=year, language="en_US")
    except NotImplementedError:
        raise InputError(
            f"country is invalid: '{country}'; expected one with a calendar of holidays"
        ) from None
    days = [
        day for day, text in names.items() if name in text and "observed" not in text and "Eve" not in text
    ]
    return min(days, default=None)


def holiday_stop(rule: Holiday, year: int, record: pd.DataFrame) -> HolidayStop | None:
    """Return the stop of a holiday in a year: the observed one, the most common if checkpoints differ.

    Other years have the median days before and after the holiday of all observed years, or those of the rule
    if the record has none. None if the calendar has no such holiday in the year.

    Examples
    --------
    >>> from amurgeo.dataset.border import read_border
    >>> record = pd.DataFrame([{
    ...     "event": "suspend", "reason": "holiday", "date": "2026-02-16", "until": "2026-02-19",
    ...     "source": "s",
    ... }])
    >>> [rule] = read_border().holiday
    >>> stop = holiday_stop(rule, 2026, record)
    >>> stop.first.isoformat(), stop.last.isoformat(), stop.basis
    ('2026-02-16', '2026-02-19', 'observed')
    >>> holiday_stop(rule, 2027, record).first.isoformat()
    '2027-02-05'
    """
    stops = _observed_stops(rule, record)
    if year in stops:
        return stops[year]
    day = holiday_day(rule.country, rule.name, year)
    if day is None:
        return None
    holidays = {
        stop_year: holiday_day(rule.country, rule.name, stop_year) or stop.first
        for stop_year, stop in stops.items()
    }
    offsets = [((stop.first - holidays[y]).days, (stop.last - holidays[y]).days) for y, stop in stops.items()]
    first, last = (
        day + timedelta(days=int(np.median(days)))
        for days in zip(*offsets or [(rule.first, rule.last)], strict=True)
    )
    sources = tuple(sorted({source for stop in stops.values() for source in stop.sources}))
    return HolidayStop(first, last, "expected", sources, rule.title)


def _observed_stops(rule: Holiday, record: pd.DataFrame) -> dict[int, HolidayStop]:
    """Return the most common recorded stop near a holiday, by year."""
    rows = record[(record["event"] == "suspend") & (record["reason"] == "holiday")]
    rows = rows[rows["until"].notna() & (rows["until"] != "")]
    days: dict[int, list[tuple[date, date]]] = {}
    sources: dict[tuple[date, date], set[str]] = {}
    for row in rows.to_dict("records"):
        first, last = (pd.Timestamp(row[name]).date() for name in ("date", "until"))
        day = holiday_day(rule.country, rule.name, first.year)
        if day is not None and abs((first - day).days) <= NEAR_DAYS:
            days.setdefault(first.year, []).append((first, last))
            sources.setdefault((first, last), set()).add(str(row["source"]))
    stops = {}
    for year, spans in days.items():
        span = Counter(sorted(spans)).most_common(1)[0][0]
        stops[year] = HolidayStop(*span, "observed", tuple(sorted(sources[span])), rule.title)
    return stops


@dataclass(frozen=True)
class Hours:
    """Working hours of a crossing on a date, by the clock of the home side.

    The start is None if only the end is known. They are ``observed`` in the season of the observation and
    ``expected`` later. A short day ends early and applies to its date only.
    """

    opens: time | None
    closes: time
    since: date
    source: str
    basis: str = "observed"
    short: bool = False


@dataclass(frozen=True)
class Clocks:
    """Time zones of both sides of a crossing, and the word that marks hours by the clock of the far side."""

    home: str
    far: str
    word: str


def checkpoint_hours(crossing: str, on: date, record: pd.DataFrame, clocks: Clocks) -> Hours | None:
    """Return the newest observed hours of a crossing up to a date, by the clock of the home side, or None.

    Hours by the clock of the far side are converted to that of the home side on that date.

    Examples
    --------
    >>> record = pd.DataFrame([{
    ...     "crossing": "poyarkovo:ferry", "event": "hours", "date": "2023-05-10", "source": "s",
    ...     "value": "08:00-21:00, break 12:30-13:30",
    ... }])
    >>> clocks = Clocks("Asia/Yakutsk", "Asia/Shanghai", "Beijing")
    >>> hours = checkpoint_hours("poyarkovo:ferry", date(2023, 7, 1), record, clocks)
    >>> hours.opens.isoformat("minutes"), hours.closes.isoformat("minutes"), hours.basis
    ('08:00', '21:00', 'observed')
    """
    rows = record[(record["crossing"] == crossing) & (record["event"] == "hours")]
    newest: Hours | None = None
    for day, value, source in sorted(
        (pd.Timestamp(str(row.date)).date(), str(row.value), str(row.source)) for row in rows.itertuples()
    ):
        hours = _parse_hours(day, value, source, clocks) if day <= on else None
        if hours is not None and (day == on or not hours.short):
            newest = hours
    if newest is None or newest.short or (on - newest.since).days <= OBSERVED_DAYS:
        return newest
    return replace(newest, basis="expected")


def _parse_hours(day: date, value: str, source: str, clocks: Clocks) -> Hours | None:
    until, span = _UNTIL.match(value), _SPAN.search(_BREAK.sub("", value))
    if until:
        return Hours(None, _time(until[1]), day, source, short=True)
    if span is None:
        return None
    opens, closes = (_time(clock) for clock in span.groups())
    if clocks.word and clocks.word.lower() in value.lower():
        opens, closes = (_on_home_clock(day, clock, clocks) for clock in (opens, closes))
    return Hours(opens, closes, day, source)


def _on_home_clock(day: date, clock: time, clocks: Clocks) -> time:
    moment = datetime.combine(day, clock, ZoneInfo(clocks.far))
    return moment.astimezone(ZoneInfo(clocks.home)).time()


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
