"""Operating windows: the typical season of a crossing, with its spread, for any year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtr

from amurgeo.seasons.spans import date_in, season_name

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


def typical_seasons(
    windows: pd.DataFrame, crossing: str, mode: str, traffic: str, first_year: int, last_year: int
) -> list[Season]:
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
    opens, closes = (np.datetime64(date_in(row[f"{event}_md"], year, mode)) for event in ("open", "close"))
    n = int(np.nansum([row["n_open"], row["n_close"]]))
    return Season(
        season_name(year, mode),
        row["part"],
        opens,
        closes,
        _normal(opens, row["open_sd_days"]),
        _normal(closes, row["close_sd_days"]),
        n,
        (row["source"],),
        row["confidence"],
    )


def _normal(middle: np.datetime64, sd_days: float) -> Callable[[np.ndarray], np.ndarray]:
    sd = DEFAULT_SD_DAYS if not np.isfinite(sd_days) else max(float(sd_days), 0.5)

    def by(days: np.ndarray) -> np.ndarray:
        # Half a day on: the median day itself counts as open.
        return np.asarray(ndtr(((days - middle).astype(float) + 0.5) / sd))

    return by


def shifted(season: Season, open_days: float, close_days: float) -> Season:
    """Return a season that opens and closes later by some days (earlier when negative)."""
    opens, closes = round(open_days), round(close_days)

    def opened_by(days: np.ndarray) -> np.ndarray:
        return season.opened_by(days - np.timedelta64(opens, "D"))

    def closed_by(days: np.ndarray) -> np.ndarray:
        return season.closed_by(days - np.timedelta64(closes, "D"))

    return replace(
        season,
        open_p50=season.open_p50 + np.timedelta64(opens, "D"),
        close_p50=season.close_p50 + np.timedelta64(closes, "D"),
        opened_by=opened_by,
        closed_by=closed_by,
    )
