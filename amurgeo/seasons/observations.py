"""The dated record: one parser, and the observations of one service by season."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.values import read_hours, read_tonnes
from amurgeo.seasons.turns import first_year, mode_of, part_of, season_span, text_of

#: Kinds of traffic of a service, and those of observations that apply to both.
TRAFFICS, _BOTH = ("cargo", "passenger"), ("both", "unknown")
#: Columns of the record that are text.
_TEXTS = ("crossing", "traffic", "event", "precision", "value", "reason", "source", "confidence")


@dataclass(frozen=True)
class Observation:
    """A dated event of a crossing, known to a day or a week; `year` and `part` are those of its season."""

    id: str
    crossing: str
    traffic: str
    event: str
    day: np.datetime64[date]
    until: np.datetime64[date] | None
    precision: str
    value: str
    reason: str
    evidence: bool
    source: str
    confidence: str
    year: int
    part: str

    @property
    def date(self) -> date:
        """The day as a date."""
        return self.day.item()

    @property
    def season(self) -> tuple[int, str]:
        """Start year and part of its season."""
        return self.year, self.part

    def applies_to(self, traffic: str) -> bool:
        """Return whether it applies to a kind of traffic."""
        return self.traffic == traffic or self.traffic in _BOTH or traffic in _BOTH


def read_record(record: pd.DataFrame) -> dict[str, list[Observation]]:
    """Return the observations known to a day or a week by crossing, in order of the days."""
    observations: dict[str, list[Observation]] = defaultdict(list)
    for row in record[record["precision"] != "month"].reset_index().to_dict("records"):
        texts: dict[str, Any] = {name: text_of(row.get(name)) for name in _TEXTS}
        day, mode, until = np.datetime64(row["date"], "D"), mode_of(row["crossing"]), row.get("until")
        observations[row["crossing"]].append(
            Observation(
                **texts,
                id=str(row.get("id", row.get("index"))),
                day=day,
                until=None if text_of(until) == "" else np.datetime64(until, "D"),
                evidence=text_of(row.get("evidence")).lower() in ("yes", "true"),
                year=first_year(day.item(), mode),
                part=part_of(day.item(), "open" if row["event"] == "open" else "close", mode),
            )
        )
    return {crossing: sorted(rows, key=attrgetter("day")) for crossing, rows in observations.items()}


def resumed(rows: Iterable[Observation]) -> set[str]:
    """Return the ids of a crossing's closings that did not end a season, since work was resumed in it."""
    ids: set[str] = set()
    pending: list[Observation] = []
    for row in rows:
        season = _closing_season(row)
        matching = [one for one in pending if one.season == season and one.applies_to(row.traffic)]
        if row.event == "resume":
            ids |= {closing.id for closing in matching}
        if row.event in ("open", "resume", "suspend"):
            pending = [closing for closing in pending if closing not in matching]
        elif row.event == "close":
            pending.append(row)
    return ids


def _closing_season(row: Observation) -> tuple[int, str]:
    return row.year, part_of(row.date, "close", mode_of(row.crossing))


@dataclass(frozen=True)
class Span:
    """Days from a first to a last one (None if they have no end), and their source."""

    first: np.datetime64[date]
    last: np.datetime64[date] | None
    source: str

    def holds(self, days: np.ndarray) -> np.ndarray:
        """Return which days (datetime64[D]) are among them."""
        started = days >= self.first
        return started if self.last is None else started & (days <= self.last)


@dataclass(frozen=True)
class Stop(Span):
    """A suspension."""

    reason: str
    confidence: str


@dataclass(frozen=True)
class Limit(Span):
    """A mass limit in tonnes, to the end of its season."""

    max_mass_t: float


@dataclass(frozen=True)
class ServiceRecord:
    """The observations of one service by kind: those of a season apply to the days of its span."""

    opened: dict[tuple[int, str], Observation]
    closed: dict[tuple[int, str], Observation]
    spans: dict[tuple[int, str], tuple[np.datetime64[date], np.datetime64[date]]]
    stops: tuple[Stop, ...]
    limits: tuple[Limit, ...]
    short_days: tuple[np.datetime64[date], ...]
    resumptions: tuple[np.datetime64[date], ...]


def service_record(
    rows: Iterable[Observation], crossing: str, traffic: str, *, all_year: bool = False
) -> ServiceRecord:
    """Return the observations of one service by kind, from those of its crossing in order of the days."""
    rows = [row for row in rows if row.applies_to(traffic)]
    mode = mode_of(crossing)
    # No season ends a closing or a limit of a service that works all year: its closings are stops.
    paused = {row.id for row in rows if row.event == "close"} if all_year else resumed(rows)
    seasons = sorted({row.season for row in rows})
    turns = [row for row in rows if row.id not in paused]
    limits = []
    # Of two limits of one day that of the service's own traffic is the last, and holds.
    for row in sorted(rows, key=lambda row: (row.day, row.traffic == traffic)):
        tonnes = read_tonnes(row.value) if row.event == "weight_limit" else None
        if tonnes is not None:
            end = None if all_year else np.datetime64(season_span(row.year, mode)[1], "D")
            limits.append(Limit(row.day, end, row.source, tonnes))
    opened, closed = (
        {season: turn for season in seasons if (turn := best_turn(turns, event, season, traffic))}
        for event in ("open", "close")
    )
    spans = {}
    for year, part in sorted({*opened, *closed}):
        # Autumn ends with January; if it closed in February, with February or before the opening in spring.
        first, last = (np.datetime64(day, "D") for day in season_span(year, mode))
        spring, march = (np.datetime64(f"{year + 1}-{month:02d}-01", "D") for month in (2, 3))
        closing, opening = closed.get((year, "autumn")), opened.get((year, "spring"))
        if closing is not None and closing.day >= spring:
            spring = march if opening is None else min(march, max(opening.day, closing.day))
        first, last = spring if part == "spring" else first, spring - 1 if part == "autumn" else last
        spans[year, part] = first, last
    return ServiceRecord(
        opened,
        closed,
        spans,
        _stops(rows, paused, all_year),
        tuple(limits),
        tuple(row.day for row in rows if row.event == "hours" and _is_short(row.value)),
        tuple(row.day for row in rows if row.event == "resume"),
    )


def _is_short(value: str) -> bool:
    """Return whether hours are those of a short day."""
    hours = read_hours(value)
    return hours is not None and hours.until is not None


def best_turn(
    rows: Iterable[Observation], event: str, season: tuple[int, str], traffic: str
) -> Observation | None:
    """Return the opening or closing of a season: of the traffic itself, exact, and outermost if possible."""
    sign = 1 if event == "open" else -1
    return min(
        (row for row in rows if row.event == event and row.season == season and row.applies_to(traffic)),
        key=lambda row: (row.traffic != traffic, row.precision != "day", sign * row.day.astype(int)),
        default=None,
    )


def _stops(rows: Iterable[Observation], paused: set[str], all_year: bool) -> tuple[Stop, ...]:
    """Return suspensions and paused closings, each ended by the resumption that follows it."""
    stops: list[Stop] = []
    season, dated = (0, ""), True
    for row in rows:
        if row.event == "suspend" or row.id in paused:
            dated = row.until is not None
            end = None if all_year and row.event == "close" else row.day if row.until is None else row.until
            stops.append(Stop(row.day, end, row.source, row.reason or "suspended", row.confidence))
            season = _closing_season(row)
        elif row.event in ("open", "resume") and stops and stops[-1].first < row.day:
            last = stops[-1].last
            if not all_year and season != _closing_season(row):
                continue
            if dated and last is not None:
                stops[-1] = replace(stops[-1], last=min(last, row.day - 1))
            elif row.event == "resume" or last is None:
                stops[-1] = replace(stops[-1], last=row.day - 1)
            dated = True
    return tuple(stops)
