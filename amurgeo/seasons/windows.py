"""Operating windows: the typical season of a crossing, with its spread, for any year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import ndtr

#: Spread assumed where a window states none; wide on purpose.
DEFAULT_SD_DAYS = 15.0


@dataclass(frozen=True)
class Season:
    """One season of one service.

    Attributes
    ----------
    label
        ``2024`` for ships, ``2023/24`` for everything that works over a winter.
    part
        ``autumn`` or ``spring`` where a mode works twice a winter, else empty.
    open_p50, close_p50
        Median first day open and first day closed again.
    opened_by, closed_by
        Probability, for an array of days, that the crossing has opened (closed again) by that day.
    n
        Observations behind it.
    sources
        Ids of the sources.
    confidence
        How sure it is.
    """

    label: str
    part: str
    open_p50: np.datetime64
    close_p50: np.datetime64
    opened_by: Callable[[np.ndarray], np.ndarray]
    closed_by: Callable[[np.ndarray], np.ndarray]
    n: int
    sources: tuple[str, ...]
    confidence: str


def works_over_winter(mode: str) -> bool:
    """Tell whether a mode's season runs over the turn of the year.

    Examples
    --------
    >>> works_over_winter("ice_road"), works_over_winter("ferry")
    (True, False)
    """
    return mode != "ferry"


def season_label(year: int, mode: str) -> str:
    """Name the season that begins in a year.

    Examples
    --------
    >>> season_label(2023, "ice_road"), season_label(2024, "ferry"), season_label(1999, "pontoon")
    ('2023/24', '2024', '1999/00')
    """
    return f"{year}/{(year + 1) % 100:02d}" if works_over_winter(mode) else str(year)


def season_year(day: np.datetime64, mode: str) -> int:
    """Return the year in which the season that holds a day begins; winters run from July to June."""
    on = day.astype("datetime64[D]").astype(date)
    return on.year - int(works_over_winter(mode) and on.month < 7)


def typical_seasons(windows: pd.DataFrame, crossing: str, mode: str, traffic: str, first_year: int, last_year: int) -> list[Season]:
    """Return the typical seasons of a service that begin in some years.

    Parameters
    ----------
    windows
        The table of windows.
    crossing, mode, traffic
        The service.
    first_year, last_year
        Years in which the seasons begin, both included.
    """
    mine = windows[(windows["crossing"] == crossing) & windows["traffic"].isin([traffic, "both"])]
    seasons = []
    for year in range(first_year, last_year + 1):
        since = mine["valid_from"].fillna(-np.inf)
        until = mine["valid_to"].fillna(np.inf)
        for row in mine[(since <= year) & (year <= until)].to_dict("records"):
            if row["open_md"] and row["close_md"]:
                seasons.append(_season(row, year, mode))
    return seasons


def _season(row: dict, year: int, mode: str) -> Season:
    opens = _date(row["open_md"], year, mode)
    closes = _date(row["close_md"], year, mode)
    n = int(np.nansum([row["n_open"], row["n_close"]]))
    return Season(
        season_label(year, mode), row["part"], opens, closes,
        _normal(opens, row["open_sd_days"]), _normal(closes, row["close_sd_days"]), n, (row["source"],), row["confidence"],
    )  # fmt: skip


def _date(month_day: str, year: int, mode: str) -> np.datetime64:
    month, day = int(month_day[:2]), int(month_day[3:])
    if works_over_winter(mode) and month < 7:
        year += 1
    if (month, day) == (2, 29) and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
        day = 28
    return np.datetime64(date(year, month, day))


def _normal(middle: np.datetime64, sd_days: float) -> Callable[[np.ndarray], np.ndarray]:
    sd = DEFAULT_SD_DAYS if not np.isfinite(sd_days) else max(float(sd_days), 0.5)

    def by(days: np.ndarray) -> np.ndarray:
        # Half a day on: the median day itself counts as open.
        return np.asarray(ndtr(((days - middle).astype(float) + 0.5) / sd))

    return by
