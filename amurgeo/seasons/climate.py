"""Daily temperatures of a winter: from monthly normals, from known months, or from a user's own file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, unknown_name_error

#: Temperatures outside of this range were never measured in the region, with ample room (-54 to +42 °C).
COLDEST_C, WARMEST_C = -60.0, 48.0
#: Warming or cooling that a what-if may ask for.
MOST_WARMING_C = 10.0
#: Missing days that are bridged by a straight line.
LONGEST_GAP_DAYS = 7
#: A series in Fahrenheit is far from the normals as it stands and near them once converted.
FAHRENHEIT_FAR_C, FAHRENHEIT_NEAR_C = 10.0, 5.0
#: First month of the early and of the late half of a winter, which a what-if may warm apart.
EARLY_MONTHS = (7, 8, 9, 10, 11, 12)


def monthly_normals(climate: pd.DataFrame, station: str = "blagoveshchensk") -> np.ndarray:
    """Return the twelve monthly normals of a station in °C, January first.

    Parameters
    ----------
    climate
        The table of the climate (``climate.csv``).
    station
        Name of the station.

    Raises
    ------
    InputError
        When the station is not known.
    """
    mine = climate[climate["kind"] == "normal"]
    own = mine[mine["station"] == station].sort_values("month")
    if len(own) != 12:
        raise unknown_name_error("station", station, set(mine["station"]))
    return np.asarray(own["value_c"], dtype=float)


def daily_normals(monthly_c: np.ndarray) -> np.ndarray:
    """Draw a smooth year of 365 days through twelve monthly means, and keep every mean.

    Parameters
    ----------
    monthly_c
        Monthly means in °C, January first.

    Returns
    -------
    ndarray
        Daily temperatures in °C, 1 January first.

    Notes
    -----
    A harmonic series with twelve free terms, whose means over the months are the given ones.

    Examples
    --------
    >>> days = daily_normals(np.array([-22, -17, -7, 4, 13, 19, 22, 20, 13, 3, -10, -20.0]))
    >>> float(days[:31].mean().round(6)), float(days[304:334].mean().round(6))
    (-22.0, -10.0)
    """
    month = pd.date_range("2001-01-01", "2001-12-31").month.to_numpy()
    angle = 2.0 * np.pi * (np.arange(365) + 0.5) / 365.0
    # The sixth sine has next to no monthly mean, so the cosine carries that frequency.
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
    station: str = "blagoveshchensk",
    year: int = 2021,
    warming_c: float = 0.0,
    early_c: float = 0.0,
    late_c: float = 0.0,
    months_c: Mapping[int, float] | None = None,
) -> pd.Series:
    """Return the daily temperatures of a winter, from 1 July to 30 June.

    Parameters
    ----------
    climate
        The table of the climate.
    station
        Name of the station.
    year
        Year in which the winter begins.
    warming_c
        Warming of the whole winter over the normals, in °C.
    early_c, late_c
        Further warming from July to December and from January to June, in °C.
    months_c
        Anomalies of single months in °C, by month.

    Returns
    -------
    Series
        Mean temperature in °C, by day.

    Raises
    ------
    InputError
        When the station is not known, or when the warming is out of all proportion.
    """
    for name, value in (("warming_c", warming_c), ("early_c", early_c), ("late_c", late_c)):
        if not np.isfinite(value) or abs(value) > MOST_WARMING_C:
            raise InputError(
                f"{name} is {value:g} °C; give a change between -{MOST_WARMING_C:g} and {MOST_WARMING_C:g} °C"
            )
    days = pd.date_range(date(year, 7, 1), date(year + 1, 6, 30))
    # 29 February takes the temperature of the 28th.
    position = np.minimum(
        days.day_of_year.to_numpy() - 1 - ((days.is_leap_year) & (days.day_of_year > 59)).astype(int), 364
    )
    temperature = daily_normals(monthly_normals(climate, station))[position]
    early = np.isin(days.month, EARLY_MONTHS)
    anomaly = np.array([(months_c or {}).get(int(month), 0.0) for month in days.month])
    return pd.Series(
        temperature + warming_c + np.where(early, early_c, late_c) + anomaly, index=days, name="temp_c"
    )


def known_anomalies(
    climate: pd.DataFrame, *, station: str = "blagoveshchensk", year: int
) -> dict[int, float]:
    """Return by how much single months of a winter differed from the normals, where that is known.

    Parameters
    ----------
    climate
        The table of the climate.
    station
        Name of the station.
    year
        Year in which the winter begins.

    Returns
    -------
    dict
        Anomaly in °C by month.
    """
    normals = monthly_normals(climate, station)
    mine = climate[climate["station"] == station]
    found = {}
    for kind in ("anomaly", "month"):
        for row in mine[mine["kind"] == kind].to_dict("records"):
            month = int(row["month"])
            if int(row["year"]) == (year if month >= 7 else year + 1):
                found[month] = float(row["value_c"]) - (float(normals[month - 1]) if kind == "month" else 0.0)
    return found


def read_weather(path: str | Path, *, normals_c: np.ndarray | None = None) -> pd.Series:
    """Read daily temperatures from a user's CSV file with the columns ``date`` and ``temp_c``.

    Parameters
    ----------
    path
        The file.
    normals_c
        Monthly normals of a near station, by which a file in Fahrenheit is found out.

    Returns
    -------
    Series
        Mean temperature in °C, by day, without gaps.

    Raises
    ------
    InputError
        When the file cannot be read, when a column is missing, a day is none, stands twice or is out of
        order of magnitude, when more than a week is missing, or when the values look like Fahrenheit.
    """
    name = Path(path).name
    if not os.path.exists(path):
        raise InputError(f"{path}: there is no such file; give a CSV file with the columns date and temp_c")
    try:
        # Opened here: pandas itself would take an address for a file of the network.
        with open(path, encoding="utf-8-sig", newline="") as file:
            frame = pd.read_csv(file, dtype=str)
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}; give a CSV file") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InputError(
            f"{name}: this is no CSV file in UTF-8; give one with the columns date and temp_c"
        ) from None
    if not isinstance(frame.index, pd.RangeIndex):
        raise InputError(f"{name}, row 2: the lines have more cells than the header; name every column")
    return check_weather(frame, name=name, normals_c=normals_c)


def check_weather(
    frame: pd.DataFrame, *, name: str = "weather", normals_c: np.ndarray | None = None
) -> pd.Series:
    """Turn a table of days and temperatures into a series without gaps, or say what is wrong with it.

    Parameters
    ----------
    frame
        Table with the columns ``date`` (ISO) and ``temp_c``.
    name
        Name of the file, for the errors.
    normals_c
        Monthly normals of a near station.

    Raises
    ------
    InputError
        As in `read_weather`.

    Examples
    --------
    >>> check_weather(pd.DataFrame({"date": ["2025-11-01", "2025-11-03"], "temp_c": ["-1", "-3"]})).tolist()
    [-1.0, -2.0, -3.0]
    >>> twice = pd.DataFrame({"date": ["2025-11-01", "2025-11-01"], "temp_c": [-1, -3]})
    >>> check_weather(twice, name="own.csv")
    Traceback (most recent call last):
    amurgeo.errors.InputError: own.csv, row 3, column date: 2025-11-01 stands twice; give every day once
    """
    for column in ("date", "temp_c"):
        if column not in frame.columns:
            given = ", ".join(map(str, frame.columns)) or "none"
            raise InputError(
                f"{name}, row 1: the column {column} is missing (there: {given}); give date and temp_c"
            )
    if frame.empty:
        raise InputError(f"{name}: there is no day in it; give the days of a winter, from October on")
    days = pd.to_datetime(frame["date"], format="%Y-%m-%d", errors="coerce")
    _first_fault(name, "date", frame["date"], days.isna(), "is no day; write it as 2025-11-01")
    _first_fault(name, "date", frame["date"], days.duplicated(), "stands twice; give every day once")
    values = pd.to_numeric(frame["temp_c"], errors="coerce")
    _first_fault(
        name, "temp_c", frame["temp_c"], ~np.isfinite(values), "is no temperature; write it as -12.5"
    )
    far = (values < COLDEST_C) | (values > WARMEST_C)
    _first_fault(
        name,
        "temp_c",
        frame["temp_c"],
        far,
        f"is outside {COLDEST_C:g} to {WARMEST_C:g} °C; give degrees Celsius",
    )
    series = pd.Series(values.to_numpy(dtype=float), index=pd.DatetimeIndex(days), name="temp_c").sort_index()
    steps = series.index.to_series().diff().dt.days
    if (steps > LONGEST_GAP_DAYS + 1).any():
        after = steps.idxmax()
        missing = int(steps.max()) - 1
        raise InputError(
            f"{name}: {missing} days are missing before {after.date()}; "
            f"fill the gap, up to {LONGEST_GAP_DAYS} days are bridged"
        )
    if normals_c is not None:
        _refuse_fahrenheit(series, normals_c, name)
    return series.resample("D").mean().interpolate()


def _first_fault(name: str, column: str, given: pd.Series, wrong: pd.Series, problem: str) -> None:
    where = np.flatnonzero(wrong.to_numpy(dtype=bool))
    if len(where):
        raise InputError(f"{name}, row {where[0] + 2}, column {column}: {given.iloc[where[0]]} {problem}")


def _refuse_fahrenheit(series: pd.Series, normals_c: np.ndarray, name: str) -> None:
    """Raise when the values fit the normals only if they are read as Fahrenheit."""
    months = series.groupby(series.index.month).mean()
    normal = np.asarray(normals_c, dtype=float)[months.index.to_numpy() - 1]

    def away(values: pd.Series) -> float:
        return float(np.sqrt(((values.to_numpy() - normal) ** 2).mean()))

    is_weather = float(series.std()) > 1.0
    if is_weather and away(months) > FAHRENHEIT_FAR_C and away((months - 32.0) / 1.8) < FAHRENHEIT_NEAR_C:
        raise InputError(
            f"{name}, column temp_c: the values look like degrees Fahrenheit; give degrees Celsius"
        )
