"""Clocks and days off on both banks: hours, time zones, weekends, holidays, the Spring Festival."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, unknown_name_error

#: Time zones of the two banks. Amur Oblast lives by Yakutsk time.
TIMEZONES = {"RU": "Asia/Yakutsk", "CN": "Asia/Shanghai"}
#: First and last day of the stop, counted from the lunar new year, where the record knows no stop at all.
RULE_DAYS = (-1, 2)
#: A holiday stop this near to the lunar new year is that of the Spring Festival.
NEAR_DAYS = 12
#: Years for which the lunar new year is known.
FIRST_YEAR, LAST_YEAR = 1949, 2100
_CLOCK = r"(\d{1,2}:\d{2})"
_SPAN = re.compile(rf"{_CLOCK}-{_CLOCK}")
_BREAK = re.compile(rf"break {_CLOCK}-{_CLOCK}")
_UNTIL = re.compile(rf"^until {_CLOCK}")


@dataclass(frozen=True)
class FestivalStop:
    """Days on which the border stands still for the Spring Festival.

    Attributes
    ----------
    first, last
        First and last day.
    basis
        ``observed`` where the record holds that year's stop, else ``expected``.
    sources
        Ids of the sources.
    n
        Years behind an expected stop.
    """

    first: date
    last: date
    basis: str
    sources: tuple[str, ...]
    n: int


@dataclass(frozen=True)
class Hours:
    """Working hours of a crossing on a day, by the clock of the Russian bank.

    Attributes
    ----------
    opens, closes
        First and last moment; None where only the end is known.
    pauses
        Breaks within them.
    since
        Day of the observation.
    source
        Id of its source.
    basis
        ``observed`` in the season of the observation, ``expected`` afterwards.
    short
        Whether that one day ends early.
    """

    opens: time | None
    closes: time
    pauses: tuple[tuple[time, time], ...]
    since: date
    source: str
    basis: str
    short: bool

    @property
    def open_h(self) -> float:
        """Hours of work; NaN where the beginning is not known."""
        if self.opens is None:
            return float("nan")
        total = _minutes(self.closes) - _minutes(self.opens)
        return (total - sum(_minutes(end) - _minutes(start) for start, end in self.pauses)) / 60.0


@lru_cache(maxsize=256)
def lunar_new_year(year: int) -> date:
    """Return the first day of the Chinese year, the day of the Spring Festival.

    Parameters
    ----------
    year
        The year, 1949 to 2100.

    Raises
    ------
    InputError
        For a year outside of the tables.

    Examples
    --------
    >>> lunar_new_year(2026)
    datetime.date(2026, 2, 17)
    """
    from holidays import country_holidays

    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            f"the lunar new year of {year} is not known; give a year from {FIRST_YEAR} to {LAST_YEAR}"
        )
    days = country_holidays("CN", years=year, language="en_US")
    return min(
        day
        for day, name in days.items()
        if "Spring Festival" in name and "observed" not in name and "Eve" not in name
    )


def festival_stop(year: int, record: pd.DataFrame) -> FestivalStop:
    """Return the stop of the Spring Festival of a year.

    Parameters
    ----------
    year
        The year.
    record
        Dated observations (``season_record.csv``).

    Returns
    -------
    FestivalStop
        The stop on record, the commonest one if checkpoints differ; else the usual days before and after the
        lunar new year, the medians of all the years on record.

    Raises
    ------
    InputError
        For a year whose lunar new year is not known.

    Examples
    --------
    >>> record = pd.DataFrame([{
    ...     "event": "suspend", "reason": "holiday", "date": "2026-02-16", "until": "2026-02-19",
    ...     "source": "s",
    ... }])
    >>> stop = festival_stop(2026, record)
    >>> stop.first.isoformat(), stop.last.isoformat(), stop.basis
    ('2026-02-16', '2026-02-19', 'observed')
    >>> festival_stop(2027, record).first.isoformat()
    '2027-02-05'
    """
    stops = _recorded_stops(record)
    if year in stops:
        first, last, sources = stops[year]
        return FestivalStop(first, last, "observed", sources, 1)
    new_year = lunar_new_year(year)
    offsets = [
        ((first - lunar_new_year(y)).days, (last - lunar_new_year(y)).days)
        for y, (first, last, _) in stops.items()
    ]
    before, after = (int(np.median(column)) for column in zip(*offsets or [RULE_DAYS], strict=True))
    sources = tuple(sorted({source for *_, found in stops.values() for source in found}))
    return FestivalStop(
        new_year + timedelta(days=before), new_year + timedelta(days=after), "expected", sources, len(stops)
    )


def _recorded_stops(record: pd.DataFrame) -> dict[int, tuple[date, date, tuple[str, ...]]]:
    mine = record[
        (record["event"] == "suspend")
        & (record["reason"] == "holiday")
        & record["until"].notna()
        & (record["until"] != "")
    ]
    by_year: dict[int, list[tuple[date, date, str]]] = {}
    for row in mine.to_dict("records"):
        first, last = (pd.Timestamp(row[name]).date() for name in ("date", "until"))
        if abs((first - lunar_new_year(first.year)).days) <= NEAR_DAYS:
            by_year.setdefault(first.year, []).append((first, last, str(row["source"])))
    stops = {}
    for year, found in by_year.items():
        spans = [(first, last) for first, last, _ in found]
        first, last = max(sorted(set(spans)), key=spans.count)
        stops[year] = (
            first,
            last,
            tuple(sorted({source for *span, source in found if tuple(span) == (first, last)})),
        )
    return stops


def checkpoint_hours(crossing: str, on: date, record: pd.DataFrame) -> Hours | None:
    """Return the working hours of a crossing on a day, by the clock of the Russian bank.

    Parameters
    ----------
    crossing
        Id of the crossing.
    on
        The day.
    record
        Dated observations (``season_record.csv``).

    Returns
    -------
    Hours or None
        The newest hours on record up to that day; a day that ends early speaks for itself alone. None where
        no hours were published.

    Notes
    -----
    Hours given in Beijing time are put on the clock that held on the Russian bank that day, which was one
    hour ahead, and two or three in the years of summer and of permanent summer time.

    Examples
    --------
    >>> record = pd.DataFrame([{
    ...     "crossing": "poyarkovo:ferry", "event": "hours", "date": "2023-05-10", "source": "s",
    ...     "value": "08:00-21:00, break 12:30-13:30",
    ... }])
    >>> hours = checkpoint_hours("poyarkovo:ferry", date(2023, 7, 1), record)
    >>> hours.opens.isoformat("minutes"), hours.open_h, hours.basis
    ('08:00', 12.0, 'observed')
    """
    mine = record[(record["crossing"] == crossing) & (record["event"] == "hours")]
    newest: Hours | None = None
    for day, value, source in sorted(
        (pd.Timestamp(str(row.date)).date(), str(row.value), str(row.source)) for row in mine.itertuples()
    ):
        if day > on:
            break
        hours = _parse_hours(day, value, source)
        if hours is None or (hours.short and day != on):
            continue
        newest = hours
    if newest is None or newest.short or (on - newest.since).days <= 200:
        return newest
    return Hours(newest.opens, newest.closes, newest.pauses, newest.since, newest.source, "expected", False)


def to_other_bank(at: datetime, *, country: str) -> datetime:
    """Turn a moment on one bank's clock into the clock of the other bank.

    Parameters
    ----------
    at
        The moment, without a time zone, by the clock of ``country``.
    country
        ``RU`` or ``CN``.

    Examples
    --------
    >>> to_other_bank(datetime(2026, 2, 10, 8), country="RU").isoformat()
    '2026-02-10T07:00:00'
    >>> to_other_bank(datetime(2012, 2, 10, 8), country="RU").isoformat()
    '2012-02-10T06:00:00'
    """
    if country not in TIMEZONES:
        raise unknown_name_error("country", country, TIMEZONES)
    other = next(zone for key, zone in TIMEZONES.items() if key != country)
    return at.replace(tzinfo=ZoneInfo(TIMEZONES[country])).astimezone(ZoneInfo(other)).replace(tzinfo=None)


def _parse_hours(day: date, value: str, source: str) -> Hours | None:
    pauses = tuple((_time(start), _time(end)) for start, end in _BREAK.findall(value))
    until = _UNTIL.match(value)
    if until:
        return Hours(None, _time(until.group(1)), (), day, source, "observed", True)
    span = _SPAN.search(_BREAK.sub("", value))
    if span is None:
        return None
    opens, closes = (_time(clock) for clock in span.groups())
    if "beijing" in value.lower():
        opens, closes = (
            to_other_bank(datetime.combine(day, clock), country="CN").time() for clock in (opens, closes)
        )
    return Hours(opens, closes, pauses, day, source, "observed", False)


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
