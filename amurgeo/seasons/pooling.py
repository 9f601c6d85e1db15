"""Partial pooling of opening and closing days: one Gaussian model over every dated event of the record.

A day is the typical day of its operating window, plus the bias of that window, plus the anomaly of its
season, plus a slow trend, plus what is left. Biases are shared by events that follow one another (hovercraft
start when the ships stop) and by both kinds of traffic; anomalies are shared along the river within one
winter. Conditioning on the dated events gives the expected day and the uncertainty that is left. Outliers
count for less, as under Student errors; the spread that the windows state is corrected by the one that is
seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import stdtrit

#: The four turns of the river's year.
PHASES = ("freeze", "winter", "thaw", "melt")
#: Shares of a season's anomaly: half of the winter, turn of the year, that turn at one checkpoint, one
#: service alone.
ANOMALY_SHARES = (0.15, 0.25, 0.45, 0.15)
#: Spread of a window's bias in units of its season-to-season spread (typical days are medians of what was
#: seen, so a window is worth four observations), and the share of it common to linked windows.
BIAS_SCALE, BIAS_LINKED = 0.5, 0.8
#: Spread in days between cargo and passengers where a window does not part them.
TRAFFIC_SD_DAYS = 3.0
#: Spread in days of the date itself, by its precision.
PRECISION_SD_DAYS = {"day": 0.5, "week": 3.0}
#: Freeze-up at Heihe came later by 1.35 days in ten years, 1962-2020 (table of the climate); no trend is
#: published for the other turns of the year.
TREND_DAYS_PER_YEAR = {"freeze": 0.135, "winter": 0.0, "thaw": 0.0, "melt": 0.0}
#: Spread of any trend, and the random walk of practice away from the nearest evidence.
TREND_SD_DAYS_PER_YEAR, WALK_DAYS2_PER_YEAR = 0.1, 1.5
#: Year for which the typical windows are taken to speak.
WINDOW_YEAR = 2020
#: Digits of a day that are kept: the last bits of a sum depend on where its numbers lie in memory.
_DIGITS = 6
#: Degrees of freedom of the robust weights, and those that the spread stated by a window is worth.
ROBUST_DF, WINDOW_DF = 4.0, 4.0


def phase_of(mode: str, event: str, part: str) -> str:
    """Name the turn of the river's year to which an event belongs.

    Parameters
    ----------
    mode
        Mode of the crossing.
    event
        ``open`` or ``close``.
    part
        ``autumn`` or ``spring`` for the hovercraft, else empty.

    Examples
    --------
    >>> phase_of("ferry", "close", ""), phase_of("hovercraft", "open", "autumn")
    ('freeze', 'freeze')
    """
    if mode == "ferry":
        return "melt" if event == "open" else "freeze"
    if mode == "hovercraft":
        return PHASES[(0 if part == "autumn" else 2) + (event == "close")]
    return "winter" if event == "open" else "thaw"


@dataclass(frozen=True)
class Event:
    """An opening or closing, dated or asked for.

    Attributes
    ----------
    regime
        Crossing, part and years of the window: what may be averaged.
    checkpoint, traffic, event, phase, era
        Where, for whom, ``open`` or ``close``, the turn of the year, and the years of the window.
    winter
        Year in which its winter begins.
    sd_days
        Season-to-season spread that its window states.
    offset_days
        Days after the window's typical day; 0 for what is asked.
    precision
        ``day`` or ``week``.
    window_year
        Year in which the window was stated.
    """

    regime: str
    checkpoint: str
    traffic: str
    event: str
    phase: str
    era: str
    winter: int
    sd_days: float
    offset_days: float = 0.0
    precision: str = "day"
    window_year: int = WINDOW_YEAR


@dataclass(frozen=True)
class Expected:
    """An expected day: middle, scale and degrees of freedom of a Student distribution.

    Attributes
    ----------
    offset_days
        Days after the window's typical day.
    scale_days
        Scale of the distribution.
    df
        Degrees of freedom.
    n
        Observations of the same regime and event behind it.
    """

    offset_days: float
    scale_days: float
    df: float
    n: int

    def quantile(self, p: float) -> float:
        """Return a quantile in days after the window's typical day."""
        return float(self.offset_days + self.scale_days * stdtrit(self.df, p))


class Pooled:
    """The pooled model, conditioned on dated events.

    Parameters
    ----------
    events
        The dated events.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._codes = _codes(events)
        self._y = np.array([event.offset_days for event in events]) - _trend(self._codes)
        self._noise = np.array([PRECISION_SD_DAYS[event.precision] ** 2 for event in events])

    @cached_property
    def _fit(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights of the observations, and the inverse of their covariance with outliers weighted down."""
        n = len(self._y)
        base = _covariance(self._codes, self._codes)
        own = self._codes["sd"] ** 2
        inflate = np.zeros(n)
        for _ in range(6):
            factor = cho_factor(base + np.diag(self._noise + own * inflate))
            inverse = np.asarray(cho_solve(factor, np.eye(n)))
            weights = inverse @ self._y
            # Weight of a Student error, from the residual against all other events and the spread expected
            # of it.
            expected = 1.0 / np.diag(inverse) - own * inflate
            left = (weights / np.diag(inverse)) ** 2 / expected
            inflate = np.maximum((ROBUST_DF + left) / (ROBUST_DF + 1.0), 1.0) - 1.0
        return weights, inverse

    @cached_property
    def _left_out(self) -> np.ndarray:
        """Squared residual of every event against all others, in units of its expected variance."""
        weights, inverse = self._fit
        return np.asarray(weights**2 / np.diag(inverse))

    def expect(self, asked: Event) -> Expected:
        """Return what is expected of one event.

        Parameters
        ----------
        asked
            The event; its offset and precision do not matter.

        Notes
        -----
        The variance grows by `WALK_DAYS2_PER_YEAR` for every year between the asked season and the nearest
        one of the same or a linked window that was seen, beside what an unknown trend adds.
        """
        one = _codes([asked])
        trend = float(_trend(one)[0])
        prior = float(_covariance(one, one)[0, 0])
        own = asked.sd_days**2 * ANOMALY_SHARES[-1]
        if not len(self._y):
            walked = WALK_DAYS2_PER_YEAR * abs(asked.winter - asked.window_year)
            return Expected(trend, float(np.sqrt(prior + walked)), WINDOW_DF, 0)
        weights, inverse = self._fit
        to = _covariance(one, self._codes)[0]
        # What is the service's own in a season is never known from the others.
        spread = max(prior - float(to @ inverse @ to), own)
        same = (self._codes["regime"] == one["regime"][0]) & (self._codes["event"] == one["event"][0])
        linked = same | (self._codes["link"] == one["link"][0])
        seen_years = self._codes["year"][linked] if linked.any() else np.array([float(asked.window_year)])
        away = float(np.abs(seen_years - asked.winter).min())
        ratio = (WINDOW_DF + self._left_out[linked].sum()) / (WINDOW_DF + linked.sum())
        scale = float(np.sqrt(spread * ratio + WALK_DAYS2_PER_YEAR * away))
        offset = round(float(to @ weights) + trend, _DIGITS)
        return Expected(offset, round(scale, _DIGITS), WINDOW_DF + float(linked.sum()), int(same.sum()))


def _codes(events: Sequence[Event]) -> dict[str, np.ndarray]:
    """Turn events into arrays in which equal codes mean equal things."""

    def code(*names: str) -> np.ndarray:
        return np.array(
            [hash(tuple(getattr(event, name) for name in names)) for event in events], dtype=np.int64
        )

    return {
        "regime": code("regime"),
        "event": code("event"),
        "traffic": code("traffic"),
        "link": code("checkpoint", "phase", "era"),
        "place": code("checkpoint", "phase"),
        "phase": code("phase"),
        "parted": np.array([event.traffic in ("cargo", "passenger") for event in events], dtype=bool),
        "late": np.array([event.phase in PHASES[2:] for event in events], dtype=bool),
        "year": np.array([event.winter for event in events], dtype=float),
        "sd": np.array([event.sd_days for event in events], dtype=float),
        "slope": np.array([TREND_DAYS_PER_YEAR[event.phase] for event in events], dtype=float),
    }


def _trend(codes: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(codes["slope"] * (codes["year"] - WINDOW_YEAR))


def _covariance(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> np.ndarray:
    """Covariance in days squared: sums of products of equal codes, so it is never indefinite."""

    def same(name: str) -> np.ndarray:
        return np.asarray(a[name][:, None] == b[name][None, :])

    sd = a["sd"][:, None] * b["sd"][None, :]
    series = same("regime") & same("event")
    service = series & same("traffic")
    # A date for both kinds of traffic says nothing of their difference.
    parted = service & a["parted"][:, None] & b["parted"][None, :]
    half, phase, place, alone = ANOMALY_SHARES
    bias = BIAS_SCALE**2 * sd * (BIAS_LINKED * same("link") + (1.0 - BIAS_LINKED) * series)
    shared = half * same("late") + phase * same("phase") + place * same("place") + alone * service
    steps = (a["year"] - WINDOW_YEAR)[:, None] * (b["year"] - WINDOW_YEAR)[None, :]
    return np.asarray(
        bias
        + TRAFFIC_SD_DAYS**2 * parted
        + sd * same("year") * shared
        + TREND_SD_DAYS_PER_YEAR**2 * steps * same("phase")
    )
