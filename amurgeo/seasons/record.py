"""The record as a distribution: when a crossing opens and closes in a season, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.seasons.distribution import DateQuantiles, SeasonDates
from amurgeo.seasons.model import TRAFFICS, SeasonModel
from amurgeo.seasons.spans import season_of

__all__ = [
    "TRAFFICS",
    "DateQuantiles",
    "SeasonDates",
    "SeasonModel",
    "dates_table",
    "model_dates",
    "season_dates",
    "season_of",
]


def season_dates(
    record: pd.DataFrame,
    windows: pd.DataFrame,
    crossing: str,
    *,
    season: str,
    traffic: str | None = None,
    part: str | None = None,
    blind: bool = False,
    as_of: date | None = None,
    open_shift_days: float = 0.0,
    close_shift_days: float = 0.0,
) -> SeasonDates:
    """Return when a crossing opens and closes in a season.

    Parameters
    ----------
    record, windows
        The tables ``season_record`` and ``windows``.
    crossing
        Id of the crossing.
    season
        ``2023/24``, or ``2024`` for a ferry.
    traffic
        ``cargo`` or ``passenger``; without it the earliest opening and the latest closing of both. Where one
        of them is on record, only what is on record counts.
    part
        ``autumn`` or ``spring``: asked of the hovercraft, which works twice a winter; other modes have none.
    blind
        Leave that season's own records out.
    as_of
        Leave out all that came after this day.
    open_shift_days, close_shift_days
        Days by which a scenario moves the season.

    Raises
    ------
    InputError
        For an unknown crossing, a season of the wrong shape, or a missing part.

    Examples
    --------
    >>> record = pd.DataFrame([{
    ...     "crossing": "poyarkovo:ice_road", "traffic": "cargo", "event": "open", "date": "2024-01-25",
    ...     "precision": "day", "evidence": "yes", "source": "s", "confidence": "reported",
    ... }])
    >>> windows = pd.DataFrame([{
    ...     "crossing": "poyarkovo:ice_road", "traffic": "both", "part": "", "valid_from": None,
    ...     "valid_to": None, "open_md": "01-20", "open_sd_days": 6, "close_md": "03-14",
    ...     "close_sd_days": 5, "source": "estimate",
    ... }])
    >>> seen = season_dates(record, windows, "poyarkovo:ice_road", season="2023/24", traffic="cargo")
    >>> seen.open.observed.isoformat(), seen.close.p50.isoformat(), seen.method
    ('2024-01-25', '2024-03-14', 'open observed, close window')
    """
    return model_dates(
        SeasonModel(record, windows),
        crossing,
        season=season,
        traffic=traffic,
        part=part,
        blind=blind,
        as_of=as_of,
        open_shift_days=open_shift_days,
        close_shift_days=close_shift_days,
    )


def model_dates(
    model: SeasonModel,
    crossing: str,
    *,
    season: str,
    traffic: str | None = None,
    part: str | None = None,
    **options: Any,
) -> SeasonDates:
    """Return a season from a model that was made before; arguments as in `season_dates`."""
    if crossing not in model.crossings:
        raise unknown_name_error("seasonal crossing", crossing, model.crossings)
    parts = model.parts(crossing)
    if part and parts == ("",):
        raise InputError(f"{crossing} works once a season; leave --part out")
    if (part or "") not in parts:
        raise InputError(f"{crossing} works twice a winter; give --part {' or --part '.join(parts)}")
    if traffic is not None and traffic not in model.traffics(crossing):
        raise unknown_name_error("traffic", traffic, model.traffics(crossing))
    kinds = [traffic] if traffic else model.traffics(crossing)
    found = [
        model.season(crossing, season=season, traffic=kind, part=part or "", **options) for kind in kinds
    ]
    opened = _outermost((one.open for one in found), earliest=True)
    closed = _outermost((one.close for one in found), earliest=False)
    method = min((one.method for one in found), key=lambda method: "observed" not in method)
    return replace(
        found[0],
        traffic=traffic or "",
        open=opened,
        close=closed,
        n=max(one.n for one in found),
        method=method,
    )


def dates_table(
    record: pd.DataFrame,
    windows: pd.DataFrame,
    crossing: str,
    *,
    season: str,
    traffic: str | None = None,
    part: str | None = None,
    blind: bool = False,
) -> dict[str, Any]:
    """Return a season as the JSON of ``amurgeo dates``.

    Parameters
    ----------
    record, windows, crossing, season, traffic, part, blind
        As in `season_dates`.

    Returns
    -------
    dict
        crossing, season, open and close (p10, p50, p90, observed: ISO days or None), n, method. All days are
        None where no regime had begun.
    """
    found = season_dates(record, windows, crossing, season=season, traffic=traffic, part=part, blind=blind)
    return {
        "crossing": crossing,
        "season": season,
        "open": _as_json(found.open),
        "close": _as_json(found.close),
        "n": found.n,
        "method": found.method,
    }


def _as_json(day: DateQuantiles | None) -> dict[str, str | None]:
    days = {name: None if day is None else getattr(day, name) for name in ("p10", "p50", "p90", "observed")}
    return {name: None if value is None else value.isoformat() for name, value in days.items()}


def _outermost(days: Iterable[DateQuantiles | None], *, earliest: bool) -> DateQuantiles | None:
    known = [day for day in days if day is not None]
    on_record = [day for day in known if day.observed is not None]
    pick = min if earliest else max
    return pick(on_record or known, key=lambda day: day.middle) if known else None
