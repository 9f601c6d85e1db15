"""The season model: four turns of the river's winter at every checkpoint, each one Student day.

*Freeze*: ferries stop and hovercraft start. *Winter*: the pontoon or the ice road opens and hovercraft stop.
*Thaw*: it closes and hovercraft start again. *Melt*: ferries start and hovercraft stop. All services of a
checkpoint follow its turns. An institution that changes begins a new era, the weather does not: eras are
rows of a table, each with its cause.

Within an era the day of a turn is the median of its years, drawn to the same turn of other checkpoints as far
as these agree with each other; one spread, found by leaving years out, holds for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import fmean, median, variance
from typing import NamedTuple, TypeVar
from zlib import crc32

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.additions import SEASONAL
from amurgeo.seasons.observations import TRAFFICS, Observation, best_turn, read_record, resumed
from amurgeo.seasons.turns import (
    LIKELY,
    PARTS,
    DayDistribution,
    Season,
    Turn,
    Window,
    day_number,
    ice_year,
    mode_of,
    read_windows,
    season_name,
    season_span,
    season_year,
    student_quantile,
    turn_of,
    winter_of,
)

#: Degrees of freedom of a day; those of the windows have a normal distribution.
DF = 4.0
#: Share of the years left out that the spread is fitted to, and the widening that leaving out whole winters
#: asks for: with it 81 percent of days lie within P10 to P90, 76 without.
LEVEL, WIDENING = 0.8, 1.15
#: Spread (days) before any is fitted.
FIRST_SCALE_DAYS = 7.0
#: Days by which passengers follow the passengers of another service of the same turn: half a day, 1.0 in the
#: mean of 22 cases.
LINKED_SCALE_DAYS = 1.0

#: Number of draws and seed where none is given.
DRAWS, SEED = 1000, 1
#: Correlation of a turn between checkpoints in a winter, assumed: 29 pairs on record have 0.06 [-0.17, 0.53].
RHO = 0.3

#: A turn of a checkpoint: checkpoint, turn, and the number of its era or, of one winter, the ice year.
Key = tuple[str, str, int]
_T = TypeVar("_T")
#: Days after 1 August of each turn by ice year.
Years = Mapping[Key, Mapping[int, float]]


@dataclass(frozen=True)
class Expected:
    """A turn of which nothing is known in the winter itself: days after 1 August, and the years behind it."""

    center: float
    scale: float
    n: int


class Asked(NamedTuple):
    """A season of one service, with the record of its winter (`observed`), or `blind`, without all of it."""

    crossing: str
    traffic: str
    year: int
    part: str
    observed: bool
    blind: bool = False


class Turns:
    """Days of the turns by checkpoint, era and ice year."""

    def __init__(self, years: Years) -> None:
        self.years = years
        left_out = []
        for key, days in years.items():
            for year, day in days.items():
                others = {other: value for other, value in days.items() if other != year}
                found = _center({**years, key: others}, key, FIRST_SCALE_DAYS)
                if found is not None:
                    left_out.append(abs(day - found[0]) / np.sqrt(1.0 + 1.0 / found[1]))
        quantile = float(student_quantile(DF, 0.5 + LEVEL / 2.0))
        self.scale = (
            WIDENING * float(np.quantile(left_out, LEVEL)) / quantile if left_out else FIRST_SCALE_DAYS
        )

    def expect(self, key: Key) -> Expected | None:
        """Return a turn; None if no checkpoint has one like it."""
        found = _center(self.years, key, self.scale)
        if found is None:
            return None
        center, weight = found
        return Expected(center, self.scale * float(np.sqrt(1.0 + 1.0 / weight)), len(self.years.get(key, ())))

    def without(self, ice_year: int) -> Turns:
        """Return the turns of all other winters, with the spread fitted again."""
        return Turns(
            {
                key: {year: day for year, day in days.items() if year != ice_year}
                for key, days in self.years.items()
            }
        )


def _center(years: Years, key: Key, scale: float) -> tuple[float, float] | None:
    """Return the median of a turn drawn to those of other places, and the years that it rests on."""
    checkpoint, turn, era = key
    own = list(years.get(key, {}).values())
    others = [
        median(days.values())
        for (place, kind, other), days in years.items()
        if days and kind == turn and (place, other) != (checkpoint, era)
    ]
    # Two places may agree by accident and would then outweigh the turn's own years.
    if len(others) < (3 if own else 2):
        return (float(median(own)), float(len(own))) if own else None
    # Weight of the other places, in years.
    prior = scale**2 / max(variance(others), 1.0)
    weight = len(own) + prior
    return (len(own) * (median(own) if own else 0.0) + prior * fmean(others)) / weight, weight


class SeasonModel:
    """The seasons of a dataset, from the tables of the record, windows, eras and services."""

    def __init__(
        self, record: pd.DataFrame, windows: pd.DataFrame, eras: pd.DataFrame, services: pd.DataFrame
    ) -> None:
        self.observations = read_record(record)
        self._windows = read_windows(windows)
        seasonal = services[services["regular"] & ~services["all_year"]]
        self._traffics: dict[str, list[str]] = {}
        for crossing, traffic in seasonal.index:
            self._traffics.setdefault(crossing, []).append(traffic)
        limits = zip(seasonal["opened"], seasonal["retired"], strict=True)
        self._lifetimes = dict(zip(seasonal.index, limits, strict=True))
        self._eras = eras.groupby(["checkpoint", "turn"])["first_year"].agg(list).to_dict()
        self._dated: dict[str, list[Observation]] = {}
        for crossing, rows in self.observations.items():
            paused = resumed(rows)
            self._dated[crossing] = [
                row for row in rows if row.event in ("open", "close") and row.id not in paused
            ]
        self._sources: dict[Key, set[str]] = {}
        self._turns: dict[int | None, Turns] = {None: Turns(self._years())}
        self._seasons: dict[tuple[str, str, int, bool], list[Season]] = {}

    def _years(self) -> dict[Key, dict[int, float]]:
        """Return the medians of the record's openings and closings that are evidence of ice or water."""
        days: dict[Key, dict[int, dict[tuple[str, str, str], float]]] = {}
        for crossing, row in self.evidence():
            year = ice_year(row.date)
            key = self._key(crossing, row.event, row.part, year)
            # Of two rows on one event the newer one counts.
            event = (crossing, row.event, row.traffic)
            day = float((row.date - date(year, 8, 1)).days)
            days.setdefault(key, {}).setdefault(year, {})[event] = day
            self._sources.setdefault(key, set()).add(row.source)
        return {
            key: {year: float(median(events.values())) for year, events in years.items()}
            for key, years in days.items()
        }

    def evidence(self) -> Iterator[tuple[str, Observation]]:
        """Yield the openings and closings, with their crossings, that are evidence of ice or water."""
        for crossing in self._traffics:
            if mode_of(crossing) in SEASONAL:
                yield from ((crossing, row) for row in self._dated.get(crossing, []) if row.evidence)

    def era(self, crossing: str, event: str, part: str, year: int) -> int:
        """Return the number of the era of an event in an ice year."""
        return self._key(crossing, event, part, year)[2]

    def _key(self, crossing: str, event: str, part: str, year: int) -> Key:
        checkpoint, turn = crossing.partition(":")[0], turn_of(mode_of(crossing), event, part)
        return checkpoint, turn, sum(first <= year for first in self._eras.get((checkpoint, turn), ()))

    @property
    def crossings(self) -> tuple[str, ...]:
        """Seasonal crossings, and keys of seasonal roads."""
        return tuple(sorted({*self._traffics, *self._windows}))

    def parts(self, crossing: str) -> tuple[str, ...]:
        """Return the parts of a crossing's season: ``("",)``, or autumn and spring."""
        return PARTS if mode_of(crossing) == "hovercraft" else ("",)

    def traffics(self, crossing: str) -> tuple[str, ...]:
        """Return the kinds of traffic for which a crossing has seasons."""
        kinds = {
            *self._traffics.get(crossing, ()),
            *(window.row["traffic"] for window in self._windows.get(crossing, ())),
        }
        return tuple(traffic for traffic in TRAFFICS if traffic in kinds or "both" in kinds)

    def season(
        self, crossing: str, *, season: str, traffic: str, part: str = "", blind: bool = False
    ) -> Season:
        """Return one season of a crossing or seasonal road; blind, without the record of that winter."""
        year = season_year(season, mode_of(crossing))
        asked = Asked(crossing, traffic, year, part, observed=not blind, blind=blind)
        found = self._season(asked, self._windows_of(asked)[0])
        opened, retired = self._lifetimes.get((crossing, traffic), (pd.NaT, pd.NaT))
        first, last = map(pd.Timestamp, season_span(year, mode_of(crossing)))
        return replace(found, method="extrapolated") if last < opened or first >= retired else found

    def _windows_of(self, asked: Asked) -> Sequence[Window | None]:
        """Return the windows of a season; a road may have several, a season without one has None."""
        windows = self._windows.get(asked.crossing, ())
        return [row for row in windows if row.covers(asked.traffic, asked.year, asked.part)] or [None]

    def _season(self, asked: Asked, window: Window | None) -> Season:
        opened, open_method = self._turn(asked, "open", window)
        closed, close_method = self._turn(asked, "close", window)
        if asked.observed and opened and closed:
            opened, closed = self._seen(asked, opened, closed)
        # An expected day stays on its side of an observed one.
        if opened and closed and opened.observed and not closed.observed:
            closed = closed.within(opened.observed + timedelta(days=1), date.max)
        if opened and closed and closed.observed and not opened.observed:
            opened = opened.within(date.min, closed.observed - timedelta(days=1))
        method = open_method
        if close_method != open_method:
            method = f"open {open_method}, close {close_method}"
        n = sum(turn.n for turn in (opened, closed) if turn is not None)
        name = season_name(asked.year, mode_of(asked.crossing))
        return Season(asked.crossing, name, asked.traffic, asked.part, opened, closed, n, method)

    def seasons(
        self, crossing: str, traffic: str, first: int, last: int, *, observed: bool = True
    ) -> list[Season]:
        """Return the seasons that start in a range of years, with the record of each winter or without."""
        if traffic not in self.traffics(crossing):
            return []
        found: list[Season] = []
        for year in range(first, last + 1):
            key = (crossing, traffic, year, observed)
            if key not in self._seasons:
                asked = [Asked(crossing, traffic, year, part, observed) for part in self.parts(crossing)]
                seasons = [self._season(one, window) for one in asked for window in self._windows_of(one)]
                self._seasons[key] = [season for season in seasons if season.open and season.close]
            found += self._seasons[key]
        return found

    def _turn(self, asked: Asked, event: str, window: Window | None) -> tuple[Turn | None, str]:
        """Return a turn and its origin: the record, a window, or else other services and winters."""
        if asked.observed:
            row = best_turn(
                self._dated.get(asked.crossing, ()), event, (asked.year, asked.part), asked.traffic
            )
            if row is not None:
                return _observed_turn(row), "observed"
        if window is not None:
            return window.turn(event, asked.year), "window"
        mode = mode_of(asked.crossing)
        if mode not in SEASONAL:
            return None, "none"
        winter = winter_of(mode, event, asked.year)
        key = self._key(asked.crossing, event, asked.part, winter)
        if asked.observed and asked.traffic == "passenger":
            linked = self._linked(key, asked, winter)
            if linked is not None:
                distribution = DayDistribution(float(day_number(linked.date)), LINKED_SCALE_DAYS, DF)
                return Turn.estimate(distribution, {linked.source}, linked.confidence, 1), "pooled"
        if asked.blind and winter not in self._turns:
            self._turns[winter] = self._turns[None].without(winter)
        expected = self._turns[winter if asked.blind else None].expect(key)
        if expected is None:
            return None, "none"
        center = day_number(date(winter, 8, 1)) + expected.center
        sources = self._sources.get(key) or {
            source for other, ids in self._sources.items() if other[1] == key[1] for source in ids
        }
        turn = Turn.estimate(DayDistribution(center, expected.scale, DF), sources, "estimated", expected.n)
        return turn, "pooled"

    def _linked(self, key: Key, asked: Asked, winter: int) -> Observation | None:
        """Return the turn on record of another service of the checkpoint for the same traffic."""
        for other in self._traffics:
            if other != asked.crossing and other.partition(":")[0] == key[0] and mode_of(other) in SEASONAL:
                for row in self._dated.get(other, []):
                    same = ice_year(row.date) == winter and row.applies_to(asked.traffic) and row.evidence
                    if same and self._key(other, row.event, row.part, winter) == key:
                        return row
        return None

    def _seen(self, asked: Asked, opened: Turn, closed: Turn) -> tuple[Turn, Turn]:
        """Return both days as far as sightings of the service leave them open."""
        rows = self.observations.get(asked.crossing, [])
        # A service that was open and is seen closed may be stopped.
        for row in sorted(rows, key=lambda row: row.event == "seen_closed"):
            if row.season != (asked.year, asked.part) or not row.applies_to(asked.traffic):
                continue
            day = float(day_number(row.date))
            if row.event == "seen_open":
                opened, closed = opened.truncated(by=day), closed.truncated(after=day)
            elif row.event == "seen_closed":
                middle = (opened.distribution.center + closed.distribution.center) / 2.0
                if day < middle:
                    opened = opened.truncated(after=day)
                else:
                    closed = closed.truncated(by=day)
        return opened, closed

    def dates(
        self,
        crossing: str,
        *,
        season: str,
        traffic: str | None = None,
        part: str | None = None,
        blind: bool = False,
    ) -> Season:
        """Return when a crossing opens and closes in a season; arguments as in `amurgeo.dates`."""
        if not isinstance(crossing, str) or crossing not in self.crossings:
            raise unknown_name_error("seasonal crossing", crossing, self.crossings)
        part = part or ""
        parts, traffics = self.parts(crossing), self.traffics(crossing)
        if not part and parts != ("",):
            raise InputError(f"part of {crossing} is missing; expected {' or '.join(parts)}")
        if part not in parts:
            expected = "no part" if parts == ("",) else " or ".join(parts)
            raise InputError(f"part of {crossing} is invalid: '{part}'; expected {expected}")
        if traffic is not None and traffic not in traffics:
            raise unknown_name_error("traffic", traffic, traffics)
        seasons = [
            self.season(crossing, season=season, traffic=kind, part=part, blind=blind)
            for kind in ([traffic] if traffic else traffics)
        ]
        return replace(
            seasons[0],
            traffic=traffic or "",
            open=_outermost([season.open for season in seasons], min),
            close=_outermost([season.close for season in seasons], max),
            n=max(season.n for season in seasons),
            method=min((season.method for season in seasons), key=lambda method: "observed" not in method),
        )


def _observed_turn(row: Observation) -> Turn:
    day = row.date
    distribution = DayDistribution(float(day_number(day)), 0.0)
    return Turn(day, day, day, day, row.precision, (row.source,), row.confidence, 0, distribution)


def _outermost(turns: Iterable[Turn | None], pick: Callable[..., Turn]) -> Turn | None:
    """Return the first or last turn, of the observed ones if there are any."""
    known = [turn for turn in turns if turn is not None]
    observed = [turn for turn in known if turn.observed is not None]
    return pick(observed or known, key=lambda turn: turn.distribution.center) if known else None


def key_of(season: Season, event: str) -> Key:
    """Return the turn of a winter with which a season opens or closes."""
    mode = mode_of(season.crossing)
    year = winter_of(mode, event, season_year(season.season, mode))
    return season.crossing.partition(":")[0], turn_of(mode, event, season.part), year


class TurnSampler:
    """Draws of turns, in blocks: the first draws are the same for every number.

    A block has one draw for each likely day of a turn.
    """

    def __init__(self, seed: int = SEED) -> None:
        self.seed = seed

    def days(self, turns: Sequence[tuple[Key, Turn]], n: int = DRAWS) -> list[np.ndarray]:
        """Return the days of turns in every draw, int32 since 1970-01-01."""
        return self._in_blocks(turns, n, lambda turn: self._days_of(*turn))

    def _in_blocks(self, items: Sequence[_T], n: int, of: Callable[[_T], np.ndarray]) -> list[np.ndarray]:
        """Return what is drawn of each item, one block after the other."""
        parts: list[list[np.ndarray]] = [[] for _ in items]
        for self._block in range(-(-n // LIKELY) if items else 0):
            self._numbers: dict[str, np.ndarray] = {}
            for part, item in zip(parts, items, strict=True):
                part.append(of(item))
        return [np.concatenate(part)[:n] for part in parts]

    def _rng(self, name: str) -> np.random.Generator:
        """Return the random numbers of a name: they do not depend on what else is drawn."""
        key = (self._block, crc32(name.encode()))
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def _each(self, name: str, kind: str = "random") -> np.ndarray:
        """Return a random number of each draw, which several services share in a block."""
        if name not in self._numbers:
            self._numbers[name] = np.asarray(getattr(self._rng(name), kind)(LIKELY))
        return self._numbers[name]

    def _days_of(self, key: Key, turn: Turn) -> np.ndarray:
        """Return the days of a turn in the draws of a block: its likely days, by the rank of a draw."""
        shared, own = (
            self._each(name, "standard_normal")
            for name in (f"turn {key[1]} {key[2]}", " ".join(map(str, key)))
        )
        days = np.empty_like(turn.distribution.likely)
        days[np.argsort(np.sqrt(RHO) * shared + np.sqrt(1.0 - RHO) * own)] = turn.distribution.likely
        return days
