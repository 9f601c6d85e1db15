"""Spring Festival stops, and the working hours of crossings by the clock of the Russian bank."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.errors import InputError

#: Time zones of the two banks. Amur Oblast uses Yakutsk time.
TIMEZONES = {"RU": "Asia/Yakutsk", "CN": "Asia/Shanghai"}
#: First and last day of the stop after the lunar new year if the record has no stop at all: the medians of
#: the stops of 2011, 2023, 2024, 2025 and 2026.
RULE_DAYS = (-1, 2)
#: A holiday stop within this many days of the lunar new year is that of the Spring Festival.
NEAR_DAYS = 12
#: Years of which the lunar new year is known.
FIRST_YEAR, LAST_YEAR = 1949, 2100
#: Days after which published hours are expected, no longer observed.
OBSERVED_DAYS = 200
_CLOCK = r"(\d{1,2}:\d{2})"
_SPAN = re.compile(rf"{_CLOCK}-{_CLOCK}")
_BREAK = re.compile(rf"break {_CLOCK}-{_CLOCK}")
_UNTIL = re.compile(rf"^until {_CLOCK}")


@dataclass(frozen=True)
class FestivalStop:
    """Days on which the border is closed for the Spring Festival; basis ``observed`` or ``expected``."""

    first: date
    last: date
    basis: str
    sources: tuple[str, ...]


@lru_cache(maxsize=256)
def lunar_new_year(year: int) -> date:
    """Return the first day of the Chinese year, 1949 to 2100; raise InputError outside these years.

    Examples
    --------
    >>> lunar_new_year(2026)
    datetime.date(2026, 2, 17)
    """
    from holidays import country_holidays

    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(f"year is invalid: {year}; expected {FIRST_YEAR} to {LAST_YEAR}")
    names = country_holidays("CN", years=year, language="en_US")
    return min(
        day
        for day, name in names.items()
        if "Spring Festival" in name and "observed" not in name and "Eve" not in name
    )


def festival_stop(year: int, record: pd.DataFrame) -> FestivalStop:
    """Return the Spring Festival stop of a year: the observed one, the most common if checkpoints differ.

    Other years have the median days before and after the lunar new year of all observed years.

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
    stops = _observed_stops(record)
    if year in stops:
        return stops[year]
    offsets = [
        ((stop.first - lunar_new_year(y)).days, (stop.last - lunar_new_year(y)).days)
        for y, stop in stops.items()
    ]
    first, last = (
        lunar_new_year(year) + timedelta(days=int(np.median(days)))
        for days in zip(*offsets or [RULE_DAYS], strict=True)
    )
    sources = tuple(sorted({source for stop in stops.values() for source in stop.sources}))
    return FestivalStop(first, last, "expected", sources)


def _observed_stops(record: pd.DataFrame) -> dict[int, FestivalStop]:
    """Return the most common holiday stop near the lunar new year, by year."""
    rows = record[(record["event"] == "suspend") & (record["reason"] == "holiday")]
    rows = rows[rows["until"].notna() & (rows["until"] != "")]
    days: dict[int, list[tuple[date, date]]] = {}
    sources: dict[tuple[date, date], set[str]] = {}
    for row in rows.to_dict("records"):
        first, last = (pd.Timestamp(row[name]).date() for name in ("date", "until"))
        if abs((first - lunar_new_year(first.year)).days) <= NEAR_DAYS:
            days.setdefault(first.year, []).append((first, last))
            sources.setdefault((first, last), set()).add(str(row["source"]))
    stops = {}
    for year, spans in days.items():
        span = Counter(sorted(spans)).most_common(1)[0][0]
        stops[year] = FestivalStop(*span, "observed", tuple(sorted(sources[span])))
    return stops


@dataclass(frozen=True)
class Hours:
    """Working hours of a crossing on a date, by the clock of the Russian bank.

    The start is None if only the end is known. They are ``observed`` in the season of the observation and
    ``expected`` later. A short day ends early and applies to its date only.
    """

    opens: time | None
    closes: time
    since: date
    source: str
    basis: str = "observed"
    short: bool = False


def checkpoint_hours(crossing: str, on: date, record: pd.DataFrame) -> Hours | None:
    """Return the newest observed hours of a crossing up to a date, by the clock of the Russian bank, or None.

    Hours in Beijing time are converted to the clock of the Russian bank on that date, which was one hour
    ahead, and two or three in the years of summer time and of permanent summer time.

    Examples
    --------
    >>> record = pd.DataFrame([{
    ...     "crossing": "poyarkovo:ferry", "event": "hours", "date": "2023-05-10", "source": "s",
    ...     "value": "08:00-21:00, break 12:30-13:30",
    ... }])
    >>> hours = checkpoint_hours("poyarkovo:ferry", date(2023, 7, 1), record)
    >>> hours.opens.isoformat("minutes"), hours.closes.isoformat("minutes"), hours.basis
    ('08:00', '21:00', 'observed')
    """
    rows = record[(record["crossing"] == crossing) & (record["event"] == "hours")]
    newest: Hours | None = None
    for day, value, source in sorted(
        (pd.Timestamp(str(row.date)).date(), str(row.value), str(row.source)) for row in rows.itertuples()
    ):
        hours = _parse_hours(day, value, source) if day <= on else None
        if hours is not None and (day == on or not hours.short):
            newest = hours
    if newest is None or newest.short or (on - newest.since).days <= OBSERVED_DAYS:
        return newest
    return replace(newest, basis="expected")


def _parse_hours(day: date, value: str, source: str) -> Hours | None:
    until, span = _UNTIL.match(value), _SPAN.search(_BREAK.sub("", value))
    if until:
        return Hours(None, _time(until[1]), day, source, short=True)
    if span is None:
        return None
    opens, closes = (_time(clock) for clock in span.groups())
    if "beijing" in value.lower():
        opens, closes = (_on_russian_clock(day, clock) for clock in (opens, closes))
    return Hours(opens, closes, day, source)


def _on_russian_clock(day: date, clock: time) -> time:
    moment = datetime.combine(day, clock, ZoneInfo(TIMEZONES["CN"]))
    return moment.astimezone(ZoneInfo(TIMEZONES["RU"])).time()


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
