"""Ice from temperatures: freeze-up, thickness, load, thaw and break-up; and how warming moves a season.

Two things are kept apart: when the ice could carry a load (here), and when a crossing is opened (the
record). The days between them are fitted in `opening_lag`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.seasons.bearing import bearing_mass_t, gold_mass_t, required_thickness_cm
from amurgeo.seasons.climate import known_anomalies, winter_temperatures
from amurgeo.seasons.pooling import phase_of

__all__ = [
    "IceShift",
    "IceWinter",
    "OpeningLag",
    "bearing_mass_t",
    "gold_mass_t",
    "ice_winter",
    "opening_lag",
    "required_thickness_cm",
    "season_shift",
]

#: Growth in cm per root of a freezing degree-day: the mean cover of the Amur at Blagoveshchensk, and the
#: thinnest place of a crossing (fitted to 103 cm on 1 April, and to the openings before 2012).
ALPHA_MEAN, ALPHA_THINNEST = 2.28, 2.04
#: Freezing degree-days from autumn on at which the river closes over. By the normals this is 18 November,
#: the mean of many years at Heihe; a study of the Songhua and Amur basin has 80-90 percent of freeze-ups by
#: 180 and all by 240.
FREEZE_UP_DEGREE_DAYS = 144.0
#: Ice rots under the March sun below zero already: degree-days count from -5 °C, at 0.2 cm each (9 cm were
#: lost in the last ten days of March 2022), and break the cover at 265, by the normals on 27 April.
ROT_BASE_C, ROT_CM_PER_DEGREE_DAY, BREAK_UP_DEGREE_DAYS = -5.0, 0.2, 265.0
#: Ice roads shut by thaw while a metre of ice still lies: degree-days above -8 °C, by the normals on 25
#: March.
CLOSING_BASE_C, CLOSING_DEGREE_DAYS = -8.0, 31.0
#: Day of the winter from which the sun counts.
SUN_FROM = (2, 1)


@dataclass(frozen=True)
class IceWinter:
    """The ice of one winter.

    Attributes
    ----------
    days
        By day: temp_c, thickness_cm (mean cover), thinnest_cm (thinnest place of a crossing), bearing_t (by
        the norm, at the thinnest place), thaw (mean of three days above 0 °C).
    freeze_up, closing, break_up
        Days of the winter (fractions counted from its first day), or None: when the river closes over, when
        thaw shuts an ice road, when the cover breaks.
    reason
        Empty; or why there is no ice season: ``no_freeze_up``.
    """

    days: pd.DataFrame
    freeze_up: float | None
    closing: float | None
    break_up: float | None
    reason: str

    @property
    def max_thickness_cm(self) -> float:
        """Greatest thickness of the mean cover."""
        return float(self.days["thickness_cm"].max())

    def day(self, position: float | None) -> date | None:
        """Return a day of the winter as a date."""
        if position is None:
            return None
        first: date = self.days.index[0].date()
        return first + timedelta(days=int(np.floor(position)))

    def carries_from(self, mass_t: float = 30.0, *, vehicles_per_day: float = 0.0) -> float | None:
        """Return the day from which the thinnest place bears a mass; None where thaw comes first.

        Parameters
        ----------
        mass_t
            Gross mass in tonnes.
        vehicles_per_day
            Traffic.
        """
        needed = required_thickness_cm(mass_t, vehicles_per_day=vehicles_per_day)
        start = _reached(self.days["thinnest_cm"].to_numpy(), needed)
        return start if start is not None and (self.closing is None or start < self.closing) else None


def ice_winter(temperatures: pd.Series, *, freeze_up: date | None = None) -> IceWinter:
    """Grow and melt the ice of one winter.

    Parameters
    ----------
    temperatures
        Daily mean temperatures in °C, of consecutive days, from before the first frosts on
        (`amurgeo.seasons.climate.winter_temperatures`, `amurgeo.seasons.climate.read_weather`).
    freeze_up
        Day on which the river was seen to close over; without it the day follows from the degree-days.

    Returns
    -------
    IceWinter
        Days, thickness and load. A winter without enough frost has no freeze-up and no ice.

    Raises
    ------
    InputError
        When the days have gaps, begin too late for the first frosts, or span more than one winter.

    Notes
    -----
    Thickness grows by h² = h₀² + α² S with S in freezing degree-days from freeze-up on, and shrinks by
    degree-days above -5 °C from February on, after the unified form of Shen and Yapa (Can. J. Civ. Eng. 12,
    1985).

    Examples
    --------
    >>> days = pd.date_range("2021-10-01", "2022-05-31")
    >>> frost = np.where(days < "2021-11-01", 5.0, np.where(days < "2022-04-01", -20.0, 10.0))
    >>> winter = ice_winter(pd.Series(frost, days))
    >>> winter.day(winter.freeze_up).isoformat(), round(float(winter.days.at["2021-12-01", "thickness_cm"]))
    ('2021-11-08', 50)
    """
    days = _winter_days(temperatures)
    t = temperatures.to_numpy(dtype=float)
    n = len(t)
    closed = None if freeze_up is None else float((pd.Timestamp(freeze_up) - days[0]).days)
    if closed is None:
        cold = 0.0
        frost = np.empty(n)
        for i in range(n):
            cold = max(0.0, cold - t[i])
            frost[i] = cold
        closed = _reached(frost, FREEZE_UP_DEGREE_DAYS)
    sun = np.array([day.month >= SUN_FROM[0] and day.month < 7 for day in days])
    # The part of each day that lies after freeze-up.
    share = np.zeros(n) if closed is None else np.clip(np.arange(n) + 1.0 - closed, 0.0, 1.0)
    rot = np.where(sun, np.maximum(t - ROT_BASE_C, 0.0), 0.0)
    thickness = _thickness(ALPHA_MEAN, t, rot, share)
    thinnest = _thickness(ALPHA_THINNEST, t, rot, share)
    thaw = pd.Series(t).rolling(3, min_periods=1).mean().to_numpy() > 0.0
    bears = [bearing_mass_t(cm, thaw=bool(wet)) for cm, wet in zip(thinnest, thaw, strict=True)]
    frame = pd.DataFrame(
        {"temp_c": t, "thickness_cm": thickness, "thinnest_cm": thinnest, "bearing_t": bears, "thaw": thaw},
        index=days,
    )
    if closed is None:
        return IceWinter(frame, None, None, None, "no_freeze_up")
    warm = np.cumsum(np.where(sun, np.maximum(t - CLOSING_BASE_C, 0.0), 0.0))
    return IceWinter(
        frame, closed, _reached(warm, CLOSING_DEGREE_DAYS), _reached(np.cumsum(rot), BREAK_UP_DEGREE_DAYS), ""
    )


def _winter_days(temperatures: pd.Series) -> pd.DatetimeIndex:
    days = pd.DatetimeIndex(temperatures.index)
    if len(days) < 2 or not (np.diff(days.to_numpy()).astype("timedelta64[D]").astype(int) == 1).all():
        raise InputError("the temperatures must be of consecutive days; fill the gaps first")
    if not np.isfinite(temperatures.to_numpy(dtype=float)).all():
        raise InputError("a temperature is missing; give one for every day")
    if len(days) > 366:
        raise InputError(
            f"the temperatures span {len(days)} days; give one winter, from July or October to June"
        )
    if days[0].month not in (7, 8, 9, 10) and not (days[0].month == 11 and days[0].day == 1):
        raise InputError(
            f"the temperatures begin on {days[0].date()}; "
            "they must begin before the first frosts, on 1 November at the latest"
        )
    return days


def _thickness(alpha: float, t: np.ndarray, rot: np.ndarray, share: np.ndarray) -> np.ndarray:
    out = np.zeros(len(t))
    h = 0.0
    for i in range(len(t)):
        h = float(np.sqrt(h * h + alpha * alpha * max(-t[i], 0.0) * share[i]))
        h = max(0.0, h - ROT_CM_PER_DEGREE_DAY * rot[i] * share[i])
        out[i] = h
    return out


def _reached(values: np.ndarray, level: float) -> float | None:
    """Return where values first reach a level, with the fraction of the day; None for never."""
    hit = np.flatnonzero(values >= level)
    if not len(hit):
        return None
    i = int(hit[0])
    before = float(values[i - 1]) if i else 0.0
    return i + (level - before) / max(float(values[i]) - before, 1e-9)


@dataclass(frozen=True)
class IceShift:
    """By how many days a warmer or colder winter moves a season; None where there is no ice season left.

    Attributes
    ----------
    freeze_up_shift_days, open_shift_days, close_shift_days, break_up_shift_days
        Freeze-up, first day on which the ice bears the load, closing by thaw, break-up.
    max_thickness_cm
        Greatest thickness of the warmed winter.
    carries
        Whether the ice bears the load at all.
    reason
        Empty, ``no_freeze_up`` or ``ice_too_thin``.
    """

    freeze_up_shift_days: float | None
    open_shift_days: float | None
    close_shift_days: float | None
    break_up_shift_days: float | None
    max_thickness_cm: float
    carries: bool
    reason: str

    def of(self, mode: str, event: str, part: str = "") -> float | None:
        """Return the shift of one event of one mode.

        Parameters
        ----------
        mode, event, part
            Mode, ``open`` or ``close``, and the hovercraft's part.

        Notes
        -----
        Ships and hovercraft follow freeze-up and break-up. An ice road opens when the ice bears the load and
        shuts by thaw. A pontoon is frozen in, so it opens with freeze-up; hovercraft make way for it.
        """
        phase = phase_of(mode, event, part)
        if phase == "winter":
            return self.open_shift_days if mode == "ice_road" else self.freeze_up_shift_days
        return {
            "freeze": self.freeze_up_shift_days,
            "thaw": self.close_shift_days,
            "melt": self.break_up_shift_days,
        }[phase]


def season_shift(
    climate: pd.DataFrame,
    *,
    station: str = "blagoveshchensk",
    warming_c: float = 0.0,
    early_c: float = 0.0,
    late_c: float = 0.0,
    mass_t: float = 30.0,
) -> IceShift:
    """Return by how many days warming moves freeze-up, opening, closing and break-up.

    Parameters
    ----------
    climate
        The table of the climate.
    station
        Name of the station.
    warming_c, early_c, late_c
        Warming of the winter, and further warming of its early and late half, in °C.
    mass_t
        Gross mass that an ice road must bear.

    Returns
    -------
    IceShift
        Days, later is positive. The warmer, the later ice comes and the earlier it goes.

    Raises
    ------
    InputError
        When the station is not known, or the warming is out of all proportion.

    Notes
    -----
    Satellites show seasonal river ice 6.1 days shorter for each 1 °C (Yang, Pavelsky and Allen, Nature 577,
    2020; source ``ideas_repec_org_d996c5``); this model gives about as much.
    """
    base = ice_winter(winter_temperatures(climate, station=station))
    other = ice_winter(
        winter_temperatures(climate, station=station, warming_c=warming_c, early_c=early_c, late_c=late_c)
    )
    opened, opens = base.carries_from(mass_t), other.carries_from(mass_t)
    reason = other.reason or ("" if opens is not None else "ice_too_thin")
    return IceShift(
        _difference(other.freeze_up, base.freeze_up),
        _difference(opens, opened),
        _difference(other.closing, base.closing),
        _difference(other.break_up, base.break_up),
        other.max_thickness_cm,
        opens is not None,
        reason,
    )


def _difference(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base


@dataclass(frozen=True)
class OpeningLag:
    """Days between the ice being able to carry and the crossing being opened.

    Attributes
    ----------
    days
        Mean over the openings.
    mae_days
        Mean absolute error of each opening, foretold from the others.
    n
        Openings.
    by_winter
        Days by the year in which the winter begins.
    """

    days: float
    mae_days: float
    n: int
    by_winter: dict[int, float]


def opening_lag(
    record: pd.DataFrame,
    climate: pd.DataFrame,
    *,
    crossing: str = "blagoveshchensk:ice_road",
    before: int = 2012,
    mass_t: float = 30.0,
) -> OpeningLag:
    """Fit the days between *could carry* and *was opened* on the dated openings of an ice road.

    Parameters
    ----------
    record, climate
        The tables.
    crossing
        The ice road.
    before
        Winters that begin before this year.
    mass_t
        Gross mass that it was opened for.

    Raises
    ------
    InputError
        When fewer than two openings are dated.
    """
    mine = record[
        (record["crossing"] == crossing)
        & (record["event"] == "open")
        & record["precision"].isin(["day", "week"])
    ]
    lags = {}
    for opened in pd.to_datetime(mine["date"], format="ISO8601"):
        year = opened.year - int(opened.month < 7)
        if year >= before:
            continue
        winter = ice_winter(
            winter_temperatures(climate, year=year, months_c=known_anomalies(climate, year=year))
        )
        could = winter.carries_from(mass_t)
        if could is not None:
            lags[year] = float((opened - winter.days.index[0]).days) - could
    if len(lags) < 2:
        raise InputError(
            f"{crossing} has {len(lags)} dated openings before {before}; at least two are needed"
        )
    values = np.array(list(lags.values()))
    foretold = (values.sum() - values) / (len(values) - 1)
    return OpeningLag(float(values.mean()), float(np.abs(values - foretold).mean()), len(values), lags)
