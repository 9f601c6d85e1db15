"""Days on which crossings are expected to stop: rules on public holidays, days of the year and of the week.

Working hours of crossings by the clock of the home side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import matches
from amurgeo.dataset.values import (
    DAY_MINUTES,
    FIRST_YEAR,
    LAST_YEAR,
    Minutes,
    holidays_of,
    read_hours,
    text_of,
    unknown_holiday,
)
from amurgeo.errors import InputError
from amurgeo.seasons.turns import date_in
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Chance of a stop from which a service is expected closed.
STOP_FROM = 0.5
#: Days after which published hours are expected, no longer observed.
OBSERVED_DAYS = 200
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class HolidayRule:
    """Days on which a service may stop in the years from `first` to `last`, with the chance of it."""

    days: str
    offset: int
    first: float
    last: float
    chance: float
    title: Mapping[str, str]
    source: str

    @property
    def is_weekly(self) -> bool:
        """Whether it is about a day of the week."""
        return self.days in _WEEK

    def spans(self, first: int, last: int) -> np.ndarray:
        """Return the first and last days (datetime64[D], shape (n, 2)) in a range of years."""
        # The calendars of holidays end before the horizon of a forecast may.
        start, end = int(max(first, self.first, FIRST_YEAR)), int(min(last, self.last, LAST_YEAR))
        return _span_array(self.days, self.offset, start, end)


@lru_cache(maxsize=4096)
def _span_array(days: str, offset: int, first: int, last: int) -> np.ndarray:
    found = [*chain.from_iterable(_spans(days, year) for year in range(first, last + 1))]
    if offset:
        step = timedelta(days=offset)
        found = [(day, day) for start, end in found for day in [(end if offset > 0 else start) + step]]
    return np.array(found, dtype="datetime64[D]").reshape(-1, 2)


def _spans(days: str, year: int) -> list[tuple[date, date]]:
    """Return the spans of days of a rule that start in a year."""
    country, colon, names = days.partition(":")
    if colon:
        spans = _holidays(country, frozenset(name.strip() for name in names.split("|")))
        return [span for span in spans if span[0].year == year]
    if days in _WEEK:
        start = date(year, 1, 1)
        start += timedelta(days=(_WEEK.index(days) - start.weekday()) % 7)
        return [(day, day) for n in range(53) if (day := start + timedelta(days=7 * n)).year == year]
    ends = [(span.split("..")[0], span.split("..")[-1]) for span in days.split("|")]
    # A span that ends before it starts ends in the next year.
    return [
        (date_in(first, year, "ferry"), date_in(last, year + (last < first), "ferry")) for first, last in ends
    ]


@cache
def _holidays(country: str, names: frozenset[str]) -> list[tuple[date, date]]:
    """Return runs of holidays of a year with one of the names; days off in lieu have other names."""
    if problem := unknown_holiday(country, names):
        raise InputError(f"days is invalid: {problem}")
    spans: list[tuple[date, date]] = []
    for day, there in holidays_of(country).items():
        if names.isdisjoint(there):
            continue
        follows = bool(spans) and (day - spans[-1][1]).days == 1 and day.year == spans[-1][1].year
        spans[-1:] = [(spans[-1][0], day)] if follows else [*spans[-1:], (day, day)]
    return spans


def rules_for(table: Iterable[Mapping[str, Any]], crossing: str, mode: str) -> list[HolidayRule]:
    """Return the rules for a crossing from the rows of a table; of two on the same days the later counts."""
    rules: dict[tuple[str, int], HolidayRule] = {}
    defaults = {"offset_days": 0, "valid_from": FIRST_YEAR, "valid_to": LAST_YEAR}
    for row in table:
        if matches(row["crossings"], crossing, crossing.partition(":")[0]) and matches(row["modes"], mode):
            offset, first, last = (
                int(usual if pd.isna(row[name]) else row[name]) for name, usual in defaults.items()
            )
            titles = {lang: text for lang in LANGUAGES if (text := text_of(row[f"title_{lang}"]))}
            chance, source = float(row["chance_of_stop"]), str(row["source"])
            rule = HolidayRule(row["days"], offset, first, last, chance, titles, source)
            rules[rule.days, offset] = rule
    return list(rules.values())


@dataclass(frozen=True)
class Hours:
    """Working hours of a crossing by the clock of the home side; a short day applies to its date only.

    `spans` are minutes from midnight, of the next day from 1440 on; a short day, whose start is not known,
    has them from midnight on.
    """

    spans: tuple[Minutes, ...]
    since: date
    source: str
    basis: str = "observed"
    short: bool = False


@dataclass(frozen=True)
class Clocks:
    """Time zones of both sides of a crossing, and what marks hours by the clock of the far side.

    Several words in `word` are joined by ``|``.
    """

    home: str
    far: str
    word: str

    def ahead(self, day: date) -> int:
        """Return the minutes by which the home clock is ahead on a day."""
        noon = datetime.combine(day, time(12), UTC)
        home, far = (noon.astimezone(ZoneInfo(zone)).utcoffset() for zone in (self.home, self.far))
        return round(((home or timedelta()) - (far or timedelta())) / timedelta(minutes=1))


def clocks_of(net: Network, crossing: str) -> Clocks:
    """Return the clocks of both sides of a crossing."""
    regions = net.nodes["region"][net.base["crossings"].loc[crossing, ["from", "to"]]]
    home, far = net.base["regions"]["timezone"][regions]
    return Clocks(home, far, net.border.far.clock)


def checkpoint_hours(crossing: str, on: date, record: pd.DataFrame, clocks: Clocks) -> Hours | None:
    """Return the newest observed hours of a crossing up to a date, or None."""
    rows = record[(record["crossing"] == crossing) & (record["event"] == "hours")]
    newest: Hours | None = None
    for day, value, source in sorted(
        (pd.Timestamp(str(row.date)).date(), str(row.value), str(row.source)) for row in rows.itertuples()
    ):
        hours = _hours_of(day, value, source, clocks) if day <= on else None
        if hours is not None and (day == on or not hours.short):
            newest = hours
    if newest is None or newest.short or (on - newest.since).days <= OBSERVED_DAYS:
        return newest
    return replace(newest, basis="expected")


def _hours_of(day: date, value: str, source: str, clocks: Clocks) -> Hours | None:
    """Return the hours that a value states on a day, by the clock of the home side."""
    hours = read_hours(value)
    if hours is None:
        return None
    spans = hours.spans if hours.until is None else ((0, hours.until),)
    words = [word.strip().casefold() for word in clocks.word.split("|")]
    if hours.until is None and any(word and word in hours.rest for word in words):
        ahead = clocks.ahead(day)
        # Hours that would begin before midnight begin on the day before, and so on every day.
        ahead += DAY_MINUTES * (spans[0][0] + ahead < 0)
        spans = tuple((start + ahead, end + ahead) for start, end in spans)
    return Hours(spans, day, source, short=hours.until is not None)


def working_seconds(
    net: Network, crossings: Sequence[str], days: np.ndarray, never: np.int32
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the midnights of crossings, and begin and end of their working spans by day, in seconds."""
    known: dict[tuple[str, int], np.ndarray] = {}
    record = net.base["season_record"]
    midnights: list[np.ndarray] = []
    worked: list[tuple[int, np.ndarray, int, np.ndarray]] = []
    for row, crossing in enumerate(crossings):
        clocks = clocks_of(net, crossing)
        rows = record[(record["event"] == "hours") & (record["crossing"] == crossing)]
        # Hours change on the day of a row, and after it if it was a short day.
        dates = pd.to_datetime(rows["date"].astype(str).str[:10]).to_numpy(dtype="datetime64[D]")
        marks = np.unique(np.clip([days[0], *dates, *(dates + 1)], days[0], days[-1]))
        for first, last in zip(marks, [*marks[1:], days[-1] + 1], strict=True):
            hours = checkpoint_hours(crossing, first.item(), rows, clocks)
            here = np.flatnonzero((days >= first) & (days < last))
            for number, span in enumerate(((0, DAY_MINUTES),) if hours is None else hours.spans):
                ends = np.array([moments(days, clocks.home, minute, known)[here] for minute in span])
                worked.append((row, here, number, ends))
        start, end = (moments(days, clocks.home, minute, known) for minute in (0, DAY_MINUTES))
        midnights.append(np.append(start, end[-1]))
    most = max((number for _, _, number, _ in worked), default=0) + 1
    spans = np.full((2, len(crossings), len(days) + 1, most), never)
    for row, here, number, ends in worked:
        spans[:, row, here, number] = ends
    return np.array(midnights), spans[0], spans[1]


def zones_of(net: Network) -> dict[str, str]:
    """Return the time zone of each place."""
    zones: dict[str, str] = net.nodes["region"].map(net.base["regions"]["timezone"]).to_dict()
    return zones


def moments(days: np.ndarray, zone: str, minute: int, known: dict[tuple[str, int], np.ndarray]) -> np.ndarray:
    """Return the seconds of a minute of each day by the clock of a zone, from the first day on, once each."""
    if (zone, minute) not in known:
        clock, start = ZoneInfo(zone), datetime.combine(days[0].item(), time(0), UTC)
        shown = (datetime.combine(day, time(0)) + timedelta(minutes=minute) for day in days.tolist())
        seconds = [round((moment.replace(tzinfo=clock) - start).total_seconds()) for moment in shown]
        known[zone, minute] = np.array(seconds, dtype=np.int32)
    return known[zone, minute]
