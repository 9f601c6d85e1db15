"""Seasons: their names and limits, and opening and closing days as distributions.

This is the only module that names a season or puts a date into one. Ferries have one season a year; all other
modes have one a winter, from July to June, which is in two parts for hovercraft.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, partial
from math import copysign, erfc, inf, sqrt
from statistics import NormalDist
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd

from amurgeo.dataset.values import text_of
from amurgeo.errors import InputError, check_number

#: The parts of a hovercraft season.
PARTS = ("autumn", "spring")
#: Turns of the river's year: a service opens or closes with one of them.
TURNS = ("freeze", "winter", "thaw", "melt")
#: Number of equally likely days that stand for a distribution, and the tail (about 34 days) beyond them.
LIKELY, TAIL = 250, 0.002
#: Probability below which nothing is left of a distribution between two days.
LEFT = 1e-12
#: Standard deviation (days) of a typical day without one, and the smallest: wide, since nothing corrects it.
TYPICAL_SD_DAYS = (15.0, 0.5)
_SEASON = re.compile(r"(?:[^\W\d]+ )?(\d{4})(?: ?[/-] ?(\d{2}|\d{4}))? ?(?:гг?\.?|年)?")
_DASHES = str.maketrans("‐‑‒–—−", "------")


def mode_of(crossing: str) -> str:
    """Return the mode of a crossing; a seasonal road is an ice road."""
    checkpoint, _, mode = crossing.partition(":")
    return "ice_road" if checkpoint == "road" else mode


def season_name(year: int, mode: str) -> str:
    """Return the name of the season that starts in a year."""
    return str(year) if mode == "ferry" else f"{year}/{(year + 1) % 100:02d}"


def season_year(season: str, mode: str) -> int:
    """Return the year in which a named season starts; raise InputError if the name does not fit the mode.

    A winter is named ``2023/24``, ``2023-2024`` or the like.
    """
    name = normalize("NFKC", season).translate(_DASHES).strip() if isinstance(season, str) else ""
    match = _SEASON.fullmatch(name)
    year, end = (int(match[1]), match[2]) if match else (0, None)
    fits = end is None if mode == "ferry" else end in (f"{year + 1:04d}", f"{year + 1:04d}"[2:])
    if not fits or not 1900 <= year <= 2200:
        form = "a year, as 2024" if mode == "ferry" else "a winter, as 2023/24"
        raise InputError(f"season is invalid: '{season!s:.60}'; expected {form}")
    return year


def first_year(day: date, mode: str) -> int:
    """Return the year in which the season of a day starts."""
    return day.year - int(mode != "ferry" and day.month < 7)


def season_span(year: int, mode: str) -> tuple[date, date]:
    """Return the first and the last day of the season that starts in a year."""
    if mode == "ferry":
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, 7, 1), date(year + 1, 6, 30)


def part_of(day: date, event: str, mode: str) -> str:
    """Return the part of the season of an opening or closing; empty if the mode has one part."""
    if mode != "hovercraft":
        return ""
    # An autumn season opens by January and closes by February.
    return "autumn" if day.month >= 7 or day.month <= (2 if event == "close" else 1) else "spring"


def date_in(month_day: str, year: int, mode: str) -> date:
    """Return a day of the year (``MM-DD``) in the season that starts in a year."""
    month, day = int(month_day[:2]), int(month_day[3:])
    return day_in(year + int(mode != "ferry" and month < 7), month, day)


def day_in(year: int, month: int, day: int) -> date:
    """Return a day of a year; 29 February is the 28th in years that have none."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def ice_year(day: date) -> int:
    """Return the ice year of a day: it runs from August to July and has the number of its first year."""
    return day.year - int(day.month < 8)


def turn_of(mode: str, event: str, part: str) -> str:
    """Return the turn of the river's year with which a mode opens or closes."""
    if mode == "ferry":
        return "melt" if event == "open" else "freeze"
    if mode == "hovercraft":
        return TURNS[(0 if part == "autumn" else 2) + (event == "close")]
    return "winter" if event == "open" else "thaw"


def winter_of(mode: str, event: str, year: int) -> int:
    """Return the ice year of a turn of the season that starts in a year."""
    # Ferries open at the end of the winter that began a year before.
    return year - int(mode == "ferry" and event == "open")


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return day.toordinal() - 719163


@dataclass(frozen=True)
class DayDistribution:
    """A Student distribution over days since 1970-01-01; normal if `df` is infinite, fixed if scale is 0.

    The event is known to come after the end of the day `after`, and by the end of the day `by`.
    """

    center: float
    scale: float
    df: float = np.inf
    after: float = -np.inf
    by: float = np.inf

    def cdf(self, days: np.ndarray) -> np.ndarray:
        """Return the probability that the event has happened by the end of each day (datetime64)."""
        return np.asarray(cumulative([self], days)[0])

    def quantiles(self, p: Any) -> np.ndarray:
        """Return quantiles in days since 1970-01-01."""
        low, high = self._limits
        return np.asarray(self.center + self.scale * student_quantile(self.df, low + p * (high - low)))

    @cached_property
    def likely(self) -> np.ndarray:
        """Equally likely days since 1970-01-01 in ascending order, int32: those that an ensemble draws."""
        shares = np.minimum(np.arange(1, LIKELY + 1) / LIKELY, 1.0 - TAIL)
        days: np.ndarray = np.rint(self.quantiles(shares)).astype(np.int32)
        return days

    def quantile(self, p: float) -> int:
        """Return the first of the likely days by whose end the event has come in at least a share `p`."""
        return int(self.likely[max(int(np.ceil(LIKELY * p - 1e-9)) - 1, 0)])

    @cached_property
    def _limits(self) -> tuple[float, float]:
        low, high = _untruncated(np.array([self.after, self.by]), self.center, self.scale, self.df)
        return float(low), float(high)


def cumulative(distributions: Sequence[DayDistribution], days: np.ndarray) -> np.ndarray:
    """Return the probabilities that events have happened by the end of days, shape (events, days)."""
    days = np.asarray(days, dtype="datetime64[D]").astype(float)
    rows = [(known.center, known.scale, known.df, *known._limits) for known in distributions]
    center, scale, df, low, high = np.array(rows, dtype=float).reshape(-1, 5).T[:, :, None]
    probability = _untruncated(days, center, scale, df)
    return np.asarray(np.clip((probability - low) / np.maximum(high - low, LEFT), 0.0, 1.0))


def _untruncated(numbers: np.ndarray, center: Any, scale: Any, df: Any) -> np.ndarray:
    # A day is the interval of half a day around it; without a spread the event has come or not.
    with np.errstate(divide="ignore"):
        z = np.divide(numbers + 0.5 - center, scale)
    tail = _student_tail(df, np.abs(z))
    return np.asarray(np.where(z < 0, tail, 1.0 - tail))


def _student_tail(df: Any, z: np.ndarray) -> np.ndarray:
    """Return the probability of a Student distribution beyond a number from 0 on, with all its digits."""
    # Of four degrees of freedom it is elementary, of a normal one in the standard library; scipy takes a
    # fifth of a second to import.
    if np.all(df == np.inf):
        return np.asarray(_normal_tail(z), dtype=float)
    if np.all((df == 4.0) | np.isin(z, (0.0, np.inf))):
        with np.errstate(invalid="ignore"):
            sine = np.where(z < np.inf, z / np.sqrt(4.0 + z * z), 1.0)
        return np.asarray((2.0 + sine) * (4.0 / (4.0 + z * z) / (1.0 + sine)) ** 2 / 4.0)
    from scipy.special import stdtr

    return np.asarray(stdtr(df, -z))


@partial(np.frompyfunc, nin=1, nout=1)
def _normal_tail(z: float) -> float:
    return erfc(z / sqrt(2.0)) / 2.0


@partial(np.frompyfunc, nin=1, nout=1)
def _normal_quantile(p: float) -> float:
    return NormalDist().inv_cdf(p) if 0.0 < p < 1.0 else copysign(inf, p - 0.5)


def student_quantile(df: float, p: Any) -> np.ndarray:
    """Return quantiles of a Student distribution."""
    if df == np.inf:
        return np.asarray(_normal_quantile(p), dtype=float)
    if df != 4.0:
        from scipy.special import stdtrit

        return np.asarray(stdtrit(df, p))
    # Shaw, W. T. (2006), Journal of Computational Finance 9(4), 37-73, in a form without cancellation.
    cosine = 2.0 * np.sqrt(p * (1.0 - p))
    angle = np.arctan2(np.abs(2.0 * p - 1.0), cosine) / 3.0
    with np.errstate(divide="ignore"):
        size = 2.0 * np.sqrt(2.0 * np.sin(2.0 * angle) * np.sin(angle) / cosine)
    return np.asarray(np.copysign(size, 2.0 * p - 1.0))


@dataclass(frozen=True)
class Turn:
    """An opening or a closing day: quantiles and distribution, the day on record or None, and evidence.

    The precision is ``day`` or ``week`` on record, else ``estimate`` from ``n`` observations of other
    seasons.
    """

    p10: date
    p50: date
    p90: date
    observed: date | None
    precision: str
    sources: tuple[str, ...]
    confidence: str
    n: int
    distribution: DayDistribution

    @classmethod
    def estimate(cls, distribution: DayDistribution, sources: Iterable[str], confidence: str, n: int) -> Turn:
        """Return an unobserved turn."""
        days = distribution.quantiles(np.array([0.1, 0.5, 0.9]))
        p10, p50, p90 = (date(1970, 1, 1) + timedelta(days=round(day)) for day in days.tolist())
        return cls(p10, p50, p90, None, "estimate", tuple(sorted(sources)), confidence, n, distribution)

    def shifted(self, days: int) -> Turn:
        """Return the turn some days later, or earlier if negative."""
        if not days:
            return self
        p10, p50, p90 = (day + timedelta(days=days) for day in (self.p10, self.p50, self.p90))
        known = self.distribution
        distribution = replace(
            known, center=known.center + days, after=known.after + days, by=known.by + days
        )
        return replace(self, p10=p10, p50=p50, p90=p90, distribution=distribution)

    def truncated(self, *, after: float = -np.inf, by: float = np.inf) -> Turn:
        """Return the turn given that it had not come by the end of a day, or had by that of another."""
        known = self.distribution
        after, by = max(after, known.after), min(by, known.by)
        # A day that contradicts what is known already is left out.
        if self.observed is not None or known.scale == 0.0 or after >= by:
            return self
        distribution = replace(known, after=after, by=by)
        if np.diff(distribution._limits)[0] < LEFT:
            # Nothing is left of the distribution, so that the spread begins, or ends, on the day known.
            distribution = replace(distribution, center=after if after > known.center else by)
        return Turn.estimate(distribution, self.sources, self.confidence, self.n)

    def within(self, first: date, last: date) -> Turn:
        """Return the turn with its quantiles moved into a range of days."""
        p10, p50, p90 = (min(max(day, first), last) for day in (self.p10, self.p50, self.p90))
        return replace(self, p10=p10, p50=p50, p90=p90)


@dataclass(frozen=True)
class Season:
    """One season of a crossing for one kind of traffic.

    Attributes
    ----------
    crossing, season, traffic, part
        The crossing, ``2023/24`` (``2024`` for a ferry), the traffic, and ``autumn``, ``spring`` or empty.
    open, close
        First day open and first day closed again; None if no record tells.
    n
        Observations behind both days.
    method
        Origin of the days: ``observed``, ``pooled`` (record of other seasons, or another service of the same
        turn), ``window`` (a typical day of the table), ``extrapolated`` (the service did not exist) or
        ``none``.
    """

    crossing: str
    season: str
    traffic: str
    part: str
    open: Turn | None
    close: Turn | None
    n: int
    method: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources of both days."""
        return tuple(sorted({source for turn in (self.open, self.close) if turn for source in turn.sources}))

    @property
    def confidence(self) -> str:
        """The weaker confidence of both days."""
        levels = ("confirmed", "reported", "estimated", "unknown")
        known = (turn.confidence for turn in (self.open, self.close) if turn)
        return max(known, key=levels.index, default="unknown")

    def opened_by(self, days: np.ndarray) -> np.ndarray:
        """Return the probability that the season has started by each day.

        Parameters
        ----------
        days
            Days, datetime64[D] or whatever numpy converts to it, shape (n,).

        Returns
        -------
        ndarray
            Probabilities, float, shape (n,); NaN if nothing is known of the day.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ice = ag.seasons.season(ag.load(), "poyarkovo:ice_road", season="2026/27", traffic="cargo")
        >>> days = np.array(["2027-01-10", "2027-02-20", "2027-04-10"], dtype="datetime64[D]")
        >>> [(by(days) > 0.5).tolist() for by in (ice.opened_by, ice.closed_by, ice.prob_open)]
        [[False, True, True], [False, False, True], [False, True, False]]
        """
        return np.full(len(days), np.nan) if self.open is None else self.open.distribution.cdf(days)

    def closed_by(self, days: np.ndarray) -> np.ndarray:
        """Return the probability that the season has ended by each day.

        Parameters
        ----------
        days
            As in `opened_by`.

        Returns
        -------
        ndarray
            Probabilities, float, shape (n,); NaN if unknown.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ice = ag.seasons.season(ag.load(), "poyarkovo:ice_road", season="2026/27", traffic="cargo")
        >>> bool(ice.closed_by(np.array(["2027-04-10"], dtype="datetime64[D]"))[0] > 0.9)
        True
        """
        return np.full(len(days), np.nan) if self.close is None else self.close.distribution.cdf(days)

    def prob_open(self, days: np.ndarray) -> np.ndarray:
        """Return the probability of being open on each day.

        Parameters
        ----------
        days
            As in `opened_by`.

        Returns
        -------
        ndarray
            Probabilities, float, shape (n,); NaN if unknown.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ice = ag.seasons.season(ag.load(), "poyarkovo:ice_road", season="2026/27", traffic="cargo")
        >>> bool(ice.prob_open(np.array(["2027-02-20"], dtype="datetime64[D]"))[0] > 0.9)
        True
        """
        return np.asarray(self.opened_by(days) * (1.0 - self.closed_by(days)))

    def shifted(self, open_days: float, close_days: float) -> Season:
        """Return the season with both days later by whole days, or earlier if negative.

        Parameters
        ----------
        open_days, close_days
            Days by which the opening and the closing move, from -366 to 366; rounded to whole days.

        Returns
        -------
        Season
            The moved season.

        Raises
        ------
        InputError
            If a number of days is none from -366 to 366.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ice = ag.seasons.season(ag.load(), "poyarkovo:ice_road", season="2026/27", traffic="cargo")
        >>> (ice.shifted(7, 0).open.p50 - ice.open.p50).days
        7
        """
        later = {"open": check_number("open_days", open_days, -366, 366)}
        later["close"] = check_number("close_days", close_days, -366, 366)
        turns = {name: turn.shifted(round(later[name])) for name in later if (turn := getattr(self, name))}
        return replace(self, **turns)


def prob_open(seasons: Iterable[Season], days: np.ndarray) -> np.ndarray:
    """Return the probabilities that seasons with both days are open on days, shape (seasons, days)."""
    turns = [(season.open, season.close) for season in seasons if season.open and season.close]
    opened = cumulative([turn.distribution for turn, _ in turns], days)
    return np.asarray(opened * (1.0 - cumulative([turn.distribution for _, turn in turns], days)))


@dataclass(frozen=True)
class Window:
    """A typical season in the years that it covers: a row of the table ``windows``."""

    row: Mapping[str, Any]

    def covers(self, traffic: str, year: int, part: str) -> bool:
        """Return whether it covers a kind of traffic in a part of the season that starts in a year."""
        row = self.row
        if row["traffic"] not in (traffic, "both") or text_of(row["part"]) != part:
            return False
        # No limit if a year is missing.
        return not (row["valid_from"] > year or row["valid_to"] < year)

    def turn(self, event: str, year: int) -> Turn:
        """Return the opening or closing of the season that starts in a year, with a normal distribution."""
        row, (default, minimum) = self.row, TYPICAL_SD_DAYS
        sd, n = float(row[f"{event}_sd_days"]), row.get(f"n_{event}", 0)
        day = date_in(str(row[f"{event}_md"]), year, mode_of(str(row["crossing"])))
        scale = max(sd, minimum) if np.isfinite(sd) else default
        confidence = text_of(row.get("confidence")) or "estimated"
        distribution = DayDistribution(float(day_number(day)), scale)
        return Turn.estimate(distribution, (str(row["source"]),), confidence, 0 if pd.isna(n) else int(n))


def read_windows(table: pd.DataFrame) -> dict[str, list[Window]]:
    """Return the windows with both days by crossing, from the table ``windows``."""
    windows: dict[str, list[Window]] = {}
    for row in table.to_dict("records"):
        if text_of(row["open_md"]) and text_of(row["close_md"]):
            years = {name: np.nan if pd.isna(row[name]) else row[name] for name in ("valid_from", "valid_to")}
            windows.setdefault(str(row["crossing"]), []).append(Window({**row, **years}))
    return dict(sorted(windows.items()))
