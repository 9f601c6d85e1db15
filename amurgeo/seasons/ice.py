"""Ice from temperatures: growth, bearing capacity, thaw, and how warming moves a season.

The model gives the date on which ice could carry a load; the record gives the date on which a crossing
opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from amurgeo.dataset.border import Ice, read_border
from amurgeo.errors import InputError, check_bool, check_int, check_number, shorten, unknown_name_error
from amurgeo.seasons.turns import TURNS, turn_of
from amurgeo.text import FIRST_DAY, LAST_DAY, parse_day

#: Thickest ice in cm that is asked about.
_MAX_THICKNESS_CM = 1000.0
#: Ice rots under the March sun below zero: degree-days above -5 °C melt 0.2 cm each (9 cm were lost in the
#: last ten days of March 2022), and break the cover at 265, by the normals on 27 April.
ROT_BASE_C, ROT_CM_PER_DEGREE_DAY, BREAK_UP_DEGREE_DAYS = -5.0, 0.2, 265.0
#: Ice roads close by thaw while the ice is still a metre thick: degree-days above -8 °C, by the normals on
#: 25 March.
CLOSING_BASE_C, CLOSING_DEGREE_DAYS = -8.0, 31.0
#: Months in which degree-days of thaw are summed.
SUN_MONTHS = (2, 3, 4, 5, 6)
#: Largest warming or cooling of a what-if.
MAX_WARMING_C = 10.0
#: ODN 218.010-98 as applied on the Amur: h = 11 sqrt(P), 60 to 61 cm for 30 t; its tables for wheeled
#: vehicles end at 40 t, and a thaw needs a quarter more ice.
NORM_CM_PER_ROOT_T, NORM_MAX_T, THAW_FACTOR = 11.0, 40.0, 1.25


def required_thickness_cm(mass_t: float, *, thaw: bool = False) -> float:
    """Return the thickness (cm) of clear ice that a vehicle needs, by ODN 218.010-98.

    Parameters
    ----------
    mass_t
        Gross mass in tonnes.
    thaw
        Whether there is a thaw (of up to three days).

    Returns
    -------
    float
        Thickness in cm.

    Raises
    ------
    InputError
        If the mass is not positive, or beyond the tables of the norm.

    Examples
    --------
    >>> round(required_thickness_cm(30), 1), round(required_thickness_cm(30, thaw=True), 1)
    (60.2, 75.3)
    """
    thaw = check_bool("thaw", thaw)
    # The tables of the norm end there.
    mass_t = check_number("mass_t", mass_t, 0, NORM_MAX_T, above=True)
    return NORM_CM_PER_ROOT_T * float(np.sqrt(mass_t)) * (THAW_FACTOR if thaw else 1.0)


def bearing_mass_t(thickness_cm: float, *, thaw: bool = False) -> float:
    """Return the gross mass (t) that clear ice supports by ODN 218.010-98, within the limit of its tables.

    Parameters
    ----------
    thickness_cm
        Thickness in cm.
    thaw
        As in `required_thickness_cm`.

    Returns
    -------
    float
        Gross mass in tonnes.

    Raises
    ------
    InputError
        If the thickness is negative or no number.

    Examples
    --------
    >>> round(bearing_mass_t(60.25), 1), round(bearing_mass_t(60.25, thaw=True), 1), bearing_mass_t(110)
    (30.0, 19.2, 40.0)
    """
    thaw = check_bool("thaw", thaw)
    thickness_cm = check_number("thickness_cm", thickness_cm, 0, _MAX_THICKNESS_CM)
    return float(min((thickness_cm / (NORM_CM_PER_ROOT_T * (THAW_FACTOR if thaw else 1.0))) ** 2, NORM_MAX_T))


def river(ice: Ice | None = None) -> Ice:
    """Return the parameters of a river, by default those of the shipped dataset; raise if there are none."""
    ice = read_border().ice if ice is None else ice
    if ice is None:
        raise InputError("ice is missing; expected the parameters of a river, as in net.border.ice")
    return ice


def monthly_normals(climate: pd.DataFrame, station: str | None = None) -> np.ndarray:
    """Return the twelve monthly normals of a station in °C, January first; raise if it is unknown."""
    station = river().station if station is None else station
    normals = climate[climate["kind"] == "normal"]
    rows = normals[normals["station"] == station].sort_values("month")
    if len(rows) != 12:
        raise unknown_name_error("station", station, set(normals["station"]))
    return np.asarray(rows["value_c"], dtype=float)


def daily_normals(monthly_c: np.ndarray) -> np.ndarray:
    """Return 365 smooth daily temperatures in °C with the given monthly means, 1 January first."""
    # A harmonic series with twelve free terms: the sixth sine has almost no monthly mean, so it is left out.
    month = pd.date_range("2001-01-01", "2001-12-31").month.to_numpy()
    angle = 2.0 * np.pi * (np.arange(365) + 0.5) / 365.0
    terms = [np.ones(365)]
    for k in range(1, 6):
        terms += [np.cos(k * angle), np.sin(k * angle)]
    terms.append(np.cos(6 * angle - np.pi / 2))
    basis = np.array(terms)
    means = np.array([[term[month == m].mean() for term in basis] for m in range(1, 13)])
    return np.asarray(np.linalg.solve(means, np.asarray(monthly_c, dtype=float)) @ basis)


def winter_temperatures(
    climate: pd.DataFrame,
    *,
    station: str | None = None,
    year: int = 2021,
    warming_c: float = 0.0,
    months_c: Mapping[int, float] | None = None,
) -> pd.Series:
    """Return the daily temperatures of a winter, from 1 July to 30 June.

    Parameters
    ----------
    climate
        The climate table.
    station
        Name of the station; that of the shipped dataset if omitted.
    year
        Year in which the winter begins.
    warming_c
        Warming of the whole winter over the normals, in °C.
    months_c
        Anomalies of single months in °C, by month.

    Returns
    -------
    Series
        Mean temperature in °C, by day.

    Raises
    ------
    InputError
        If the station is unknown, the year outside 1980 to 2100, a warming beyond 10 °C, an anomaly beyond
        40 °C, or a month not 1 to 12.

    Examples
    --------
    >>> import amurgeo as ag
    >>> days = winter_temperatures(ag.load().table("climate"), warming_c=2.0)
    >>> len(days), bool(days.min() < -20)
    (365, True)
    """
    year = check_int("year", year, FIRST_DAY.year, LAST_DAY.year)
    warming_c = check_number("warming_c", warming_c, -MAX_WARMING_C, MAX_WARMING_C)
    if not isinstance(months_c, Mapping | None):
        raise InputError(f"months_c is invalid: {shorten(months_c)}; expected °C by month, as {{1: -2.5}}")
    anomalies = {
        check_int("month", month, 1, 12): check_number(f"months_c of month {month}", anomaly, -40, 40)
        for month, anomaly in (months_c or {}).items()
    }
    days = pd.date_range(date(year, 7, 1), date(year + 1, 6, 30))
    # 29 February has the temperature of the 28th.
    after_leap_day = days.is_leap_year & (days.day_of_year > 59)
    temperature = daily_normals(monthly_normals(climate, station))[days.day_of_year - 1 - after_leap_day]
    anomaly = np.array([anomalies.get(int(month), 0.0) for month in days.month])
    return pd.Series(temperature + warming_c + anomaly, index=days, name="temp_c")


@dataclass(frozen=True)
class IceWinter:
    """The ice of one winter.

    Attributes
    ----------
    days
        By day: temp_c, thickness_cm (mean cover), thinnest_cm (thinnest place of a crossing), bearing_t (by
        the norm, at the thinnest place), thaw (mean of three days above 0 °C).
    freeze_up, closing, break_up
        Days after the first day (with fractions), or None: the river closes over, thaw closes an ice road,
        the cover breaks.
    """

    days: pd.DataFrame
    freeze_up: float | None
    closing: float | None
    break_up: float | None

    @property
    def max_thickness_cm(self) -> float:
        """Maximum thickness of the mean cover."""
        return float(self.days["thickness_cm"].max())

    def day(self, position: float | None) -> date | None:
        """Return the date of a position in days; None for None."""
        first: date = self.days.index[0].date()
        return None if position is None else first + timedelta(days=int(np.floor(position)))

    def carries_from(self, mass_t: float = 30.0) -> float | None:
        """Return the position from which the thinnest place supports a mass (t); None if thaw comes first."""
        start = _first_reached(self.days["thinnest_cm"].to_numpy(), required_thickness_cm(mass_t))
        return start if start is not None and (self.closing is None or start < self.closing) else None


def ice_winter(
    temperatures: pd.Series, *, freeze_up: date | None = None, ice: Ice | None = None
) -> IceWinter:
    """Compute the growth and decay of the ice of one winter.

    Parameters
    ----------
    temperatures
        Daily mean temperatures in °C of consecutive days that start before the first frosts
        (see `winter_temperatures`).
    freeze_up
        Observed day of freeze-up; by default it follows from the degree-days.
    ice
        Parameters of the river; those of the shipped dataset if omitted.

    Returns
    -------
    IceWinter
        Days, thickness and bearing capacity. A winter without enough frost has no freeze-up and no ice.

    Raises
    ------
    InputError
        If the days have gaps, start too late for the first frosts, or cover more than one winter, or the day
        of freeze-up is none of them.

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
    ice = river(ice)
    days, t = _check_winter(temperatures)
    if freeze_up is not None:
        frozen: float | None = float((pd.Timestamp(parse_day(freeze_up)) - days[0].normalize()).days)
        if frozen not in range(len(days)):
            raise InputError(f"freeze_up is invalid: {freeze_up}; expected a day of the temperatures")
    else:
        # A thaw sets the sum back, to zero at least: the sum since its lowest value.
        total = np.cumsum(-t)
        above = total - np.minimum(np.minimum.accumulate(total), 0.0)
        frozen = _first_reached(above, ice.freeze_up_degree_days)
    sun = np.isin(days.month, SUN_MONTHS)
    # The part of each day that lies after freeze-up.
    share = np.zeros(len(t)) if frozen is None else np.clip(np.arange(len(t)) + 1.0 - frozen, 0.0, 1.0)
    rot = np.where(sun, np.maximum(t - ROT_BASE_C, 0.0), 0.0)
    thinnest = _thickness(ice.alpha_thinnest, t, rot, share)
    thaw = pd.Series(t).rolling(3, min_periods=1).mean().to_numpy() > 0.0
    frame = pd.DataFrame(
        {
            "temp_c": t,
            "thickness_cm": _thickness(ice.alpha_mean, t, rot, share),
            "thinnest_cm": thinnest,
            "bearing_t": [bearing_mass_t(cm, thaw=bool(wet)) for cm, wet in zip(thinnest, thaw, strict=True)],
            "thaw": thaw,
        },
        index=days,
    )
    if frozen is None:
        return IceWinter(frame, None, None, None)
    warmth = np.where(sun, np.maximum(t - CLOSING_BASE_C, 0.0), 0.0)
    closing = _first_reached(np.cumsum(warmth), CLOSING_DEGREE_DAYS)
    return IceWinter(frame, frozen, closing, _first_reached(np.cumsum(rot), BREAK_UP_DEGREE_DAYS))


def _check_winter(temperatures: pd.Series) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Return the days of one winter and their temperatures."""
    try:
        days, t = pd.DatetimeIndex(temperatures.index), np.asarray(temperatures, dtype=float)
    except (AttributeError, TypeError, ValueError):
        raise InputError("the temperatures are invalid: expected a Series of numbers by day") from None
    steps = np.diff(days.to_numpy()).astype("timedelta64[D]").astype(int)
    fault = None
    if len(days) < 2 or not (steps == 1).all():
        fault = "expected consecutive days without gaps"
    elif not np.isfinite(t).all():
        fault = "a value is missing; expected one for every day"
    elif len(days) > 366:
        fault = f"{len(days)} days; expected one winter"
    elif not 701 <= days[0].month * 100 + days[0].day <= 1101:
        fault = f"they start on {days[0].date()}; expected a start by 1 November, before the first frosts"
    if fault is not None:
        raise InputError(f"the temperatures are invalid: {fault}")
    return days, t


def _thickness(alpha: float, t: np.ndarray, rot: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the thickness (cm) by day from temperatures, degree-days of rot and shares of ice."""
    growth, decay = alpha**2 * np.maximum(-t, 0.0) * share, ROT_CM_PER_DEGREE_DAY * rot * share
    thickness = [0.0]
    for grown, melted in zip(growth, decay, strict=True):
        thickness.append(max(0.0, np.sqrt(thickness[-1] ** 2 + grown) - melted))
    return np.array(thickness[1:])


def _first_reached(values: np.ndarray, level: float) -> float | None:
    """Return where values first reach a level, with the fraction of the day; None for never."""
    hits = np.flatnonzero(values >= level)
    if not len(hits):
        return None
    i = int(hits[0])
    before = float(values[i - 1]) if i else 0.0
    return i + (level - before) / max(float(values[i]) - before, 1e-9)


@dataclass(frozen=True)
class IceShift:
    """Days by which warming moves freeze-up, opening by load, closing by thaw, and break-up, as in `TURNS`.

    They are None if warming cancels them. The ice `carries` if it bears the load at all.
    """

    freeze_up_shift_days: float | None
    open_shift_days: float | None
    close_shift_days: float | None
    break_up_shift_days: float | None
    max_thickness_cm: float
    carries: bool

    def of(self, mode: str, event: str, part: str = "") -> float | None:
        """Return the shift in days of an event (``open`` or ``close``) of a mode and part of its season."""
        turn = turn_of(mode, event, part)
        # A pontoon bridge is frozen in, so it opens, and replaces the hovercraft, after freeze-up; an ice
        # road opens when the ice supports the load.
        if turn == "winter" and mode != "ice_road":
            turn = "freeze"
        shift: float | None = astuple(self)[TURNS.index(turn)]
        return shift


def season_shift(
    climate: pd.DataFrame,
    *,
    ice: Ice | None = None,
    station: str | None = None,
    warming_c: float = 0.0,
    mass_t: float = 30.0,
) -> IceShift:
    """Return the days by which warming moves freeze-up, opening, closing and break-up.

    Parameters
    ----------
    climate, station, warming_c
        As in `winter_temperatures`; the station is that of the river if omitted.
    ice
        As in `ice_winter`.
    mass_t
        Gross mass in tonnes that an ice road must support.

    Returns
    -------
    IceShift
        Days, positive for later. With warming, ice comes later and goes earlier.

    Notes
    -----
    Satellites show seasonal river ice 6.1 days shorter for each 1 °C (Yang, Pavelsky and Allen, Nature 577,
    2020; source ``ideas_repec_org_d996c5``); this model gives 5.1 days, freeze-up and break-up together.

    Examples
    --------
    >>> import amurgeo as ag
    >>> shift = season_shift(ag.load().table("climate"), warming_c=2.0)
    >>> shift.freeze_up_shift_days > 0
    True
    """
    ice = river(ice)
    station = ice.station if station is None else station
    base, warm = (
        ice_winter(winter_temperatures(climate, station=station, warming_c=warming), ice=ice)
        for warming in (0.0, warming_c)
    )
    base_days, warm_days = (
        (winter.freeze_up, winter.carries_from(mass_t), winter.closing, winter.break_up)
        for winter in (base, warm)
    )
    freeze_up, opening, closing, break_up = (
        None if day is None or base_day is None else day - base_day
        for day, base_day in zip(warm_days, base_days, strict=True)
    )
    carries = warm_days[1] is not None
    return IceShift(freeze_up, opening, closing, break_up, warm.max_thickness_cm, carries)
