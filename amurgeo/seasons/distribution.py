"""What is known of one season: its opening and closing day, each exact or as a distribution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import stdtr


@dataclass(frozen=True)
class DateQuantiles:
    """An opening or a closing day and how sure it is.

    Attributes
    ----------
    p10, p50, p90
        Days by which it has happened with a probability of 10, 50 and 90 percent.
    observed
        The day on record, else None.
    precision
        ``day`` or ``week`` of the record, ``estimate`` without one.
    sources
        Ids of the sources.
    confidence
        Confidence of the observation, ``estimated`` without one.
    n
        Observations of other seasons behind an estimate.
    middle, scale_days, df
        The Student distribution of the day, counted from 1970-01-01; scale 0 for an observed day.
    """

    p10: date
    p50: date
    p90: date
    observed: date | None
    precision: str
    sources: list[str]
    confidence: str
    n: int
    middle: float
    scale_days: float
    df: float

    def probability_by(self, days: np.ndarray) -> np.ndarray:
        """Return the probability that it has happened by each day, that day included.

        Parameters
        ----------
        days
            Days, datetime64.
        """
        at = np.asarray(days).astype("datetime64[D]").astype(float)
        if self.scale_days == 0.0:
            return np.asarray((at >= self.middle).astype(float))
        # A day stands for the interval of half a day around it.
        away = (at + 0.5 - self.middle) / self.scale_days
        # From the thin side, where older scipy has all digits; near one it may fall by the last of them.
        tail = stdtr(self.df, -np.abs(away))
        return np.asarray(np.where(away < 0, tail, 1.0 - tail))


@dataclass(frozen=True)
class SeasonDates:
    """One season of one crossing.

    Attributes
    ----------
    crossing, season, traffic, part
        What it speaks of.
    open, close
        First day open and first day closed again; None where no regime had begun.
    n
        Observations behind both.
    method
        How the days were found: ``observed``, ``pooled`` (record of other seasons), ``window`` (the typical
        day alone), ``extrapolated`` (the season lies outside the years of every window; the last one before
        it is used), ``none``.
    in_regime
        Whether a typical window holds for the season.
    """

    crossing: str
    season: str
    traffic: str
    part: str
    open: DateQuantiles | None
    close: DateQuantiles | None
    n: int
    method: str
    in_regime: bool

    def prob_open_by(self, days: np.ndarray) -> np.ndarray:
        """Return the probability that the season has begun by each day."""
        return np.zeros(len(days)) if self.open is None else self.open.probability_by(days)

    def prob_closed_by(self, days: np.ndarray) -> np.ndarray:
        """Return the probability that the season has ended by each day."""
        return np.zeros(len(days)) if self.close is None else self.close.probability_by(days)

    def prob_open(self, days: np.ndarray) -> np.ndarray:
        """Return the probability of being open on each day."""
        return np.asarray(self.prob_open_by(days) * (1.0 - self.prob_closed_by(days)))
