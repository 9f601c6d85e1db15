"""The dated record: one parser, and the observations of one service by season."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from amurgeo.dataset.values import read_hours, read_tonnes, text_of
from amurgeo.seasons.turns import first_year, mode_of, part_of, season_span

#: Kinds of traffic of a service, and those of observations that apply to both.
TRAFFICS, _BOTH = ("cargo", "passenger"), ("both", "unknown")
#: Columns of the record that are text.
_TEXTS = ("crossing", "traffic", "event", "precision", "value", "reason", "source", "confidence")
_Day: TypeAlias = "np.datetime64[date]"
#: Start year and part of a season.
SeasonKey = tuple[int, str]


@dataclass(frozen=True)
class Observation:
    """A dated event of a crossing, known to a day or a week; `year` and `part` are those of its season."""

    id: str
    crossing: str
    traffic: str
    event: str
    day: _Day
    until: _Day | None
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
    def season(self) -> SeasonKey:
        """Start year and part of its season."""
        return self.year, self.part

    @property
    def closing_season(self) -> SeasonKey:
        """Start year and part of the season that it would close."""
        return self.year, part_of(self.date, "close", mode_of(self.crossing))

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
        season = row.closing_season
        matching = [one for one in pending if one.closing_season == season and one.applies_to(row.traffic)]
        if row.event == "resume":
            ids |= {closing.id for closing in matching}
        if row.event in ("open", "resume", "suspend"):
            pending = [closing for closing in pending if closing not in matching]
        elif row.event == "close":
            pending.append(row)
    return ids


def best_turn(rows: Iterable[Observation], event: str, season: SeasonKey, traffic: str) -> Observation | None:
    """Return the opening or closing of a season: of the traffic itself, exact, and outermost if possible."""
    sign = 1 if event == "open" else -1
    return min(
        (row for row in rows if row.event == event and row.season == season and row.applies_to(traffic)),
        key=lambda row: (row.traffic != traffic, row.precision != "day", sign * row.day.astype(int)),
        default=None,
    )


class Span(NamedTuple):
    """A suspension or a mass limit: days from a first to a last one (None if it has no end)."""

    first: _Day
    last: _Day | None
    source: str
    reason: str = ""
    confidence: str = ""
    max_mass_t: float = np.inf


class ServiceRecord(NamedTuple):
    """The observations of one service by kind: those of a season apply to the days of its span."""

    opened: Mapping[SeasonKey, Observation]
    closed: Mapping[SeasonKey, Observation]
    spans: Mapping[SeasonKey, tuple[_Day, _Day]]
    stops: Sequence[Span]
    limits: Sequence[Span]
    short_days: Sequence[_Day]
    resumptions: Sequence[_Day]


def service_record(
    rows: Sequence[Observation], crossing: str, traffic: str, *, all_year: bool = False
) -> ServiceRecord:
    """Return the observations of one service by kind, from those that apply to it in order of the days."""
    # No season ends a closing or a limit of a service that works all year: its closings are stops.
    paused = {row.id for row in rows if row.event == "close"} if all_year else resumed(rows)
    seasons = sorted({row.season for row in rows})
    turns = [row for row in rows if row.id not in paused]
    hours = ((row.day, read_hours(row.value)) for row in rows if row.event == "hours")
    opened, closed = (
        {season: turn for season in seasons if (turn := best_turn(turns, event, season, traffic))}
        for event in ("open", "close")
    )
    return ServiceRecord(
        opened,
        closed,
        _season_days(opened, closed, mode_of(crossing)),
        _stops(rows, paused, all_year),
        _limits(rows, traffic, all_year),
        [day for day, stated in hours if stated is not None and stated.until is not None],
        [row.day for row in rows if row.event == "resume"],
    )


def _season_days(
    opened: Mapping[SeasonKey, Observation], closed: Mapping[SeasonKey, Observation], mode: str
) -> dict[SeasonKey, tuple[_Day, _Day]]:
    """Return the first and last days to which the record of each season applies."""
    spans = {}
    for year, part in sorted({*opened, *closed}):
        # Autumn ends with January; if it closed in February, with February or before the opening in spring.
        first, last = (np.datetime64(day, "D") for day in season_span(year, mode))
        spring, march = (np.datetime64(f"{year + 1}-{month:02d}-01", "D") for month in (2, 3))
        closing, opening = closed.get((year, "autumn")), opened.get((year, "spring"))
        if closing is not None and closing.day >= spring:
            spring = march if opening is None else min(march, max(opening.day, closing.day))
        spans[year, part] = spring if part == "spring" else first, spring - 1 if part == "autumn" else last
    return spans


def _limits(rows: Iterable[Observation], traffic: str, all_year: bool) -> list[Span]:
    """Return the mass limits in tonnes, each to the end of its season."""
    limits = []
    # Of two limits of one day that of the service's own traffic is the last, and holds.
    for row in sorted(rows, key=lambda row: (row.day, row.traffic == traffic)):
        tonnes = read_tonnes(row.value) if row.event == "weight_limit" else None
        if tonnes is not None:
            end = np.datetime64(season_span(row.year, mode_of(row.crossing))[1], "D")
            limits.append(Span(row.day, None if all_year else end, row.source, max_mass_t=tonnes))
    return limits


def _stops(rows: Iterable[Observation], paused: set[str], all_year: bool) -> list[Span]:
    """Return suspensions and paused closed, each ended by the resumption that follows it."""
    stops: list[Span] = []
    season, dated = (0, ""), True
    for row in rows:
        if row.event == "suspend" or row.id in paused:
            season, dated = row.closing_season, row.until is not None
            last = None if all_year and row.event == "close" else row.until or row.day
            stops.append(Span(row.day, last, row.source, row.reason or "suspended", row.confidence))
        elif row.event in ("open", "resume") and stops and stops[-1].first < row.day:
            last = stops[-1].last
            if not all_year and season != row.closing_season:
                continue
            if dated and last is not None:
                stops[-1] = stops[-1]._replace(last=min(last, row.day - 1))
            elif row.event == "resume" or last is None:
                stops[-1] = stops[-1]._replace(last=row.day - 1)
            dated = True
    return stops
