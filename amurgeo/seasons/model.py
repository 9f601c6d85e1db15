"""The season model: opening and closing days pooled over the dated record within the years of a window.

A day is the typical day of its window, plus the bias of that window, plus the anomaly of its season, plus a
slow trend, plus a residual. Biases are shared by events that follow one another (hovercraft start when the
ferries stop) and by both kinds of traffic; anomalies are shared along the river within one winter. All of
it is one Gaussian model, conditioned on the dated events. Outliers are weighted down as under Student
errors, and the observed spread corrects that of the windows. Windows are never averaged: a pontoon bridge
that opens in January and the one that opened in December are two series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.border import read_border
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.seasons.observations import TRAFFICS, Observation, best_turn, read_record, resumed
from amurgeo.seasons.turns import (
    PARTS,
    TURNS,
    DayDistribution,
    Season,
    Turn,
    Window,
    day_number,
    mode_of,
    read_windows,
    season_name,
    season_span,
    season_year,
    turn_of,
)

#: Shares of a season's anomaly: half of the winter, turn of the year, that turn at one checkpoint, one
#: service.
ANOMALY_SHARES = (0.15, 0.25, 0.45, 0.15)
#: Spread of a window's bias in units of its season-to-season spread (typical days are medians of
#: observations, so a window is worth four of them), and the share of it common to linked windows.
BIAS_SCALE, BIAS_LINKED = 0.5, 0.8
#: Difference in days (standard deviation) between cargo and passengers of one window.
TRAFFIC_SD_DAYS = 3.0
#: Standard deviation in days of the date itself, by its precision.
PRECISION_SD_DAYS = {"day": 0.5, "week": 3.0}
#: Uncertainty of any trend, and the random walk away from the nearest evidence.
TREND_SD_DAYS_PER_YEAR, WALK_DAYS2_PER_YEAR = 0.1, 1.5
#: Year of the typical windows.
WINDOW_YEAR = 2020
#: Degrees of freedom of the robust weights, and those that the spread of a window is worth.
ROBUST_DF, WINDOW_DF = 4.0, 4.0
#: Standard deviation (days) of a window without one, and the smallest: a prior that the record corrects.
POOLED_SD_DAYS = (12.0, 1.0)
#: Description of an opening or closing, dated or asked for.
Features = dict[str, Any]
#: Digits of a day that are kept: the last bits of a sum depend on the order of its terms.
_DIGITS = 6


class PooledModel:
    """The Gaussian model conditioned on dated events, each described by `_features`."""

    def __init__(self, events: Sequence[Features]) -> None:
        self._features = _columns(events)
        self._y = np.array([event["offset"] for event in events]) - _trend(self._features)
        self._noise = np.array([event["noise"] for event in events])

    @cached_property
    def _fit(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights of the observations, and the inverse of their covariance with outliers weighted down."""
        base = _covariance(self._features, self._features)
        variance = self._features["sd"] ** 2
        inflation = np.zeros(len(self._y))
        for _ in range(6):
            inverse = np.linalg.inv(base + np.diag(self._noise + variance * inflation))
            weights = inverse @ self._y
            # Weight of a Student error, from the leave-one-out residual and its expected variance.
            expected = 1.0 / np.diag(inverse) - variance * inflation
            residual = (weights / np.diag(inverse)) ** 2 / expected
            inflation = np.maximum((ROBUST_DF + residual) / (ROBUST_DF + 1.0), 1.0) - 1.0
        return weights, inverse

    def expect(self, event: Features) -> tuple[DayDistribution, int]:
        """Return the distribution of days after the typical day, and the number of observations behind it.

        The variance grows by `WALK_DAYS2_PER_YEAR` for every year between the event and the nearest observed
        season of the same or a linked window, besides the uncertainty of the trend.
        """
        features = _columns([event])
        trend = float(_trend(features)[0])
        prior = float(_covariance(features, features)[0, 0])
        if not len(self._y):
            walk = WALK_DAYS2_PER_YEAR * abs(event["year"] - event["window_year"])
            return DayDistribution(trend, float(np.sqrt(prior + walk)), WINDOW_DF), 0
        weights, inverse = self._fit
        covariance = _covariance(features, self._features)[0]
        # The share of the service itself in a season cannot be known from other services.
        minimum = event["sd"] ** 2 * ANOMALY_SHARES[-1]
        spread = max(prior - float(covariance @ inverse @ covariance), minimum)
        same = self._features["series"] == event["series"]
        linked = same | (self._features["link"] == event["link"])
        years = self._features["year"][linked] if linked.any() else np.array([event["window_year"]])
        distance = float(np.abs(years - event["year"]).min())
        left_out = weights**2 / np.diag(inverse)
        ratio = (WINDOW_DF + left_out[linked].sum()) / (WINDOW_DF + linked.sum())
        scale = float(np.sqrt(spread * ratio + WALK_DAYS2_PER_YEAR * distance))
        offset = round(float(covariance @ weights) + trend, _DIGITS)
        df = WINDOW_DF + float(linked.sum())
        return DayDistribution(offset, round(scale, _DIGITS), df), int(same.sum())


def _features(window: Window, event: str, traffic: str, year: int, trend: Mapping[str, float]) -> Features:
    """Return the description of an event of the season that starts in a year.

    Events with the same series, service, link, place, turn or year share a term of the covariance.
    """
    turn, era = turn_of(window.mode, event, window.part), f"{window.first}-{window.last}"
    place = window.crossing if window.crossing.startswith("road:") else window.crossing.partition(":")[0]
    series = f"{window.crossing}|{window.part}|{era}|{event}"
    default, minimum = POOLED_SD_DAYS
    sd = window.sd_days[event]
    return {
        "series": series,
        "service": f"{series}|{traffic}",
        "link": f"{place}|{turn}|{era}",
        "place": f"{place}|{turn}",
        "turn": turn,
        "split": traffic in TRAFFICS,
        "late": turn in TURNS[2:],
        # Ferries open at the end of the winter that started a year before.
        "year": year - 1.0 if window.mode == "ferry" and turn == "melt" else float(year),
        "sd": default if np.isnan(sd) else max(sd, minimum),
        "slope": trend.get(turn, 0.0),
        "window_year": float(window.source_date[:4] or WINDOW_YEAR),
    }


def _columns(events: Sequence[Features]) -> dict[str, np.ndarray]:
    names = ("series", "service", "link", "place", "turn", "split", "late", "year", "sd", "slope")
    return {name: np.array([event[name] for event in events]) for name in names}


def _trend(features: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(features["slope"] * (features["year"] - WINDOW_YEAR))


def _covariance(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> np.ndarray:
    """Return the covariance in days squared: sums of products of equal keys, so it is never indefinite."""

    def same(name: str) -> np.ndarray:
        return np.asarray(a[name][:, None] == b[name][None, :], dtype=bool)

    sd = a["sd"][:, None] * b["sd"][None, :]
    service, turn = same("service"), same("turn")
    # A date for both kinds of traffic has no information on their difference.
    split = service & a["split"][:, None] & b["split"][None, :]
    half, by_turn, by_place, alone = ANOMALY_SHARES
    bias = BIAS_SCALE**2 * sd * (BIAS_LINKED * same("link") + (1.0 - BIAS_LINKED) * same("series"))
    shared = half * same("late") + by_turn * turn + by_place * same("place") + alone * service
    steps = (a["year"] - WINDOW_YEAR)[:, None] * (b["year"] - WINDOW_YEAR)[None, :]
    return np.asarray(
        bias
        + TRAFFIC_SD_DAYS**2 * split
        + sd * same("year") * shared
        + TREND_SD_DAYS_PER_YEAR**2 * steps * turn
    )


class SeasonModel:
    """The record and the windows of a dataset, and the yearly trend of turns (by default the shipped one)."""

    def __init__(
        self, record: pd.DataFrame, windows: pd.DataFrame, *, trend: Mapping[str, float] | None = None
    ) -> None:
        self._trend = read_border().trend_days_per_year if trend is None else trend
        self.observations = read_record(record)
        self._windows = read_windows(windows)
        self._turns: dict[str, list[Observation]] = {}
        for crossing, rows in self.observations.items():
            paused = resumed(rows)
            self._turns[crossing] = [
                row for row in rows if row.event in ("open", "close") and row.id not in paused
            ]
        self._events = [
            (row, event)
            for rows in self._turns.values()
            for row in rows
            if row.evidence and (event := self._event(row)) is not None
        ]
        self._pooled: dict[tuple[date, date] | None, PooledModel] = {}
        self._seasons: dict[tuple[str, str, int], list[Season]] = {}

    @property
    def crossings(self) -> tuple[str, ...]:
        """Crossings and keys of seasonal roads that have a window."""
        return tuple(self._windows)

    def parts(self, crossing: str) -> tuple[str, ...]:
        """Return the parts of a crossing's season: ``("",)``, or autumn and spring."""
        parts = {window.part for window in self._windows[crossing]}
        return tuple(part for part in ("", *PARTS) if part in parts)

    def traffics(self, crossing: str) -> tuple[str, ...]:
        """Return the kinds of traffic for which a crossing has windows."""
        kinds = {window.traffic for window in self._windows[crossing]}
        return tuple(traffic for traffic in TRAFFICS if traffic in kinds or "both" in kinds)

    def season(
        self, crossing: str, *, season: str, traffic: str, part: str = "", blind: bool = False
    ) -> Season:
        """Return one season of a crossing, or of the key of a seasonal road, for one kind of traffic.

        ``blind`` leaves out all observations of that season, here and at all other crossings. Raise
        InputError if the season has the wrong form, or the crossing has no window.
        """
        if crossing not in self._windows:
            raise unknown_name_error("seasonal crossing", crossing, self._windows)
        mode = mode_of(crossing)
        year = season_year(season, mode)
        span = season_span(year, mode) if blind else None
        windows = [window for window in self._windows[crossing] if window.part == part]
        window = next((window for window in windows if window.covers(traffic, year)), None)
        in_regime = window is not None
        if window is None:
            # Beyond all windows: the last one before.
            earlier = [one for one in windows if one.traffic in (traffic, "both") and one.last < year]
            window = max(earlier, key=lambda one: one.last, default=None)
        turns: list[Turn | None] = []
        methods = []
        for event in ("open", "close"):
            rows = [] if blind else self._turns.get(crossing, [])
            observed = best_turn(rows, event, (year, part), traffic)
            if observed is not None:
                turns.append(_observed_turn(observed))
                methods.append("observed")
            elif window is None:
                turns.append(None)
                methods.append("none")
            else:
                turn = self._expected_turn(window, event, traffic, year, span)
                turns.append(turn)
                methods.append("extrapolated" if not in_regime else "pooled" if turn.n else "window")
        opened, closed = turns
        # An expected day stays on its side of an observed one.
        if opened and closed and opened.observed and not closed.observed:
            closed = closed.within(opened.observed + timedelta(days=1), date.max)
        if opened and closed and closed.observed and not opened.observed:
            opened = opened.within(date.min, closed.observed - timedelta(days=1))
        method = methods[0] if methods[0] == methods[1] else f"open {methods[0]}, close {methods[1]}"
        n = sum(turn.n for turn in turns if turn is not None)
        return Season(crossing, season, traffic, part, opened, closed, n, method, in_regime)

    def dated_seasons(self, crossing: str, traffic: str, first: int, last: int) -> list[Season]:
        """Return the seasons that start in a range of years and are covered by a window."""
        if crossing not in self._windows or traffic not in self.traffics(crossing):
            return []
        return [
            season for year in range(first, last + 1) for season in self._seasons_of(crossing, traffic, year)
        ]

    def _seasons_of(self, crossing: str, traffic: str, year: int) -> list[Season]:
        key = (crossing, traffic, year)
        if key not in self._seasons:
            name = season_name(year, mode_of(crossing))
            seasons = [
                self.season(crossing, season=name, traffic=traffic, part=part)
                for part in self.parts(crossing)
            ]
            self._seasons[key] = [
                season for season in seasons if season.in_regime and season.open and season.close
            ]
        return self._seasons[key]

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
        if not isinstance(crossing, str) or crossing not in self._windows:
            raise unknown_name_error("seasonal crossing", crossing, self._windows)
        parts, traffics = self.parts(crossing), self.traffics(crossing)
        if (part or "") not in parts:
            expected = "no part" if parts == ("",) else " or ".join(parts)
            raise InputError(f"part of {crossing} is invalid: '{part or ''}'; expected {expected}")
        if traffic is not None and traffic not in traffics:
            raise unknown_name_error("traffic", traffic, traffics)
        seasons = [
            self.season(crossing, season=season, traffic=kind, part=part or "", blind=blind)
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

    def typical_seasons(self, crossing: str, traffic: str, first: int, last: int) -> list[Season]:
        """Return the typical seasons that start in a range of years, from the windows alone."""
        return [
            window.season(traffic, year)
            for year in range(first, last + 1)
            for window in self._windows.get(crossing, ())
            if window.covers(traffic, year)
        ]

    def _expected_turn(
        self, window: Window, event: str, traffic: str, year: int, span: tuple[date, date] | None
    ) -> Turn:
        evidence = [
            event for row, event in self._events if span is None or not span[0] <= row.date <= span[1]
        ]
        if span not in self._pooled:
            self._pooled[span] = PooledModel(evidence)
        asked = _features(window, event, traffic, year, self._trend)
        distribution, n = self._pooled[span].expect(asked)
        distribution = replace(distribution, center=day_number(window.day(event, year)) + distribution.center)
        sources = {one["source"] for one in evidence if one["series"] == asked["series"]}
        return Turn.estimate(distribution, {window.source, *sources}, "estimated", n)

    def _event(self, row: Observation) -> Features | None:
        """Return what an observation contributes to other seasons; None without a window."""
        windows = [
            window
            for window in self._windows.get(row.crossing, ())
            if window.part == row.part
            and window.first <= row.year <= window.last
            and row.applies_to(window.traffic)
        ]
        if not windows:
            return None
        typical = float(np.mean([day_number(window.day(row.event, row.year)) for window in windows]))
        return _features(windows[0], row.event, row.traffic, row.year, self._trend) | {
            "offset": day_number(row.date) - typical,
            "noise": PRECISION_SD_DAYS[row.precision] ** 2,
            "source": row.source,
        }


def _observed_turn(row: Observation) -> Turn:
    day = row.date
    distribution = DayDistribution(float(day_number(day)), 0.0)
    return Turn(day, day, day, day, row.precision, (row.source,), row.confidence, 0, distribution)


def _outermost(turns: Iterable[Turn | None], pick: Callable[..., Turn]) -> Turn | None:
    """Return the first or last turn, of the observed ones if there are any."""
    known = [turn for turn in turns if turn is not None]
    observed = [turn for turn in known if turn.observed is not None]
    return pick(observed or known, key=lambda turn: turn.distribution.center) if known else None
