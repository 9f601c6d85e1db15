"""The two gaps of a winter: days between the seasons of a checkpoint without traffic."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.analysis.days import daily, quantiles
from amurgeo.errors import InputError, check_int
from amurgeo.network import vehicle_id, vehicle_row
from amurgeo.network.additions import with_additions
from amurgeo.results import ResultFrame, nested
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import period_scenario
from amurgeo.seasons.evaluation import seasons_of, services_of, world_days_of
from amurgeo.seasons.model import Key, TurnSampler, key_of
from amurgeo.seasons.turns import season_span
from amurgeo.text import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.turns import Turn

#: Turns with which each gap begins and ends.
GAPS = {"autumn": ("freeze", "winter"), "spring": ("thaw", "melt")}
#: Days before a gap with whose hours it is compared.
BEFORE_DAYS = 30
_QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_NESTED = ("starts", "ends", "days")


class GapsFrame(ResultFrame):
    """Gaps by checkpoint."""

    def _records(self) -> list[dict[str, Any]]:
        return [nested(row, _NESTED) for row in super()._records()]


def gaps(
    net: Network, year: int | None = None, *, scenario: ScenarioLike = None, vehicle: str | None = None
) -> pd.DataFrame:
    """Return the two gaps of a winter in the services of every checkpoint for the traffic of a vehicle.

    Parameters
    ----------
    net
        The network.
    year
        Year in which the winter begins; optional for a scenario of the world of a year.
    scenario
        Scenario, name or file; not a regime.
    vehicle
        Id of the vehicle whose traffic and hours count; that of the dataset if omitted.

    Returns
    -------
    DataFrame
        By checkpoint and gap (``autumn``, ``spring``) of checkpoints with a service before and after it:
        traffic, starts_p10, starts_p50, starts_p90 (datetime64, first day without a service), ends_p10,
        ends_p50, ends_p90 (datetime64, first day with one), days_p10, days_p50, days_p90 (Int64), cost_h
        (hours by which the way from the checkpoint to its counterpart is longer: median of the days of the
        gap less that of the 30 days before it; NaN if there is no way).

    Raises
    ------
    InputError
        If the year or the vehicle is invalid, or the scenario is a regime.

    Notes
    -----
    The quantiles are those of the draws of `amurgeo.ensemble`: the last closing, the first opening after it,
    and the days between them, at least 0.

    Examples
    --------
    >>> import amurgeo as ag
    >>> autumn = ag.gaps(ag.load(), 2026).loc[("poyarkovo", "autumn")]
    >>> bool(autumn["days_p10"] < autumn["days_p50"] < autumn["days_p90"])
    True
    """
    parsed = period_scenario(net, scenario)
    if year is None and parsed.world is None:
        raise InputError("year is missing; expected year=, in which the winter begins, for instance 2026")
    year = check_int("year", parsed.world if year is None else year, FIRST_DAY.year + 1, LAST_DAY.year - 2)
    net = with_additions(net, parsed)
    traffic = str(vehicle_row(net, vehicle_id(net, vehicle))["traffic"])
    turns = _turns(net, parsed, year, traffic)
    rows: list[dict[str, Any]] = []
    for checkpoint, (gap, (start, end)) in product(dict.fromkeys(place for place, *_ in turns), GAPS.items()):
        closes, opens = ((checkpoint, event, turn) for event, turn in (("close", start), ("open", end)))
        if (checkpoint, "open", start) in turns or closes not in turns or opens not in turns:
            continue
        starts, ends = np.max(turns[closes], axis=0), np.min(turns[opens], axis=0)
        lengths = np.maximum(ends - starts, 0)
        rows.append({"checkpoint": checkpoint, "gap": gap})
        for name, drawn in zip(_NESTED, (starts, ends, lengths), strict=True):
            days = drawn if name == "days" else drawn.astype("datetime64[D]")
            names = [f"{name}_{p}" for p in _QUANTILES]
            rows[-1] |= dict(zip(names, quantiles(days, list(_QUANTILES.values())), strict=True))
    columns = ["checkpoint", "gap", *(f"{name}_{p}" for name in _NESTED for p in _QUANTILES)]
    frame = pd.DataFrame(rows, columns=columns)
    for name in columns[2:]:
        frame[name] = frame[name].astype("Int64" if name.startswith("days") else "datetime64[s]")
    frame.insert(2, "traffic", traffic)
    frame["cost_h"] = _costs(net, parsed, frame, vehicle)
    return GapsFrame.of(frame.set_index(["checkpoint", "gap"]), net)


def _turns(
    net: Network, scenario: Scenario, year: int, traffic: str
) -> dict[tuple[str, str, str], list[np.ndarray]]:
    """Return the drawn days of the turns of a winter, of the services that exist then.

    By checkpoint, event and turn, a row per service.
    """
    found: list[tuple[str, tuple[Key, Turn]]] = []
    first, last = season_span(year, "")
    for service in services_of(net).values():
        if service.traffic != traffic:
            continue
        for season in seasons_of(net, scenario, service, year, year + 1)[0] or ():
            for event, turn in (("open", season.open), ("close", season.close)):
                if turn is None or not first <= turn.p50 <= last:
                    continue
                day = world_days_of(scenario, np.array([turn.p50], dtype="datetime64[D]"))[0]
                begun = service.planned is None if service.opened is None else service.opened <= day
                if begun and (service.retired is None or day < service.retired):
                    found.append((event, (key_of(season, event), turn)))
    days: dict[tuple[str, str, str], list[np.ndarray]] = {}
    drawn = TurnSampler().days([turn for _, turn in found])
    for (event, ((checkpoint, name, _), _)), of_turn in zip(found, drawn, strict=True):
        days.setdefault((checkpoint, event, name), []).append(of_turn)
    return days


def _costs(net: Network, scenario: Scenario, frame: pd.DataFrame, vehicle: str | None) -> list[float]:
    """Return the hours by which the way from each checkpoint to its counterpart is longer in a gap."""
    places = net.base["checkpoints"].loc[frame["checkpoint"], ["place", "counterpart"]]
    spans = []
    for start, end in zip(frame["starts_p50"], frame["ends_p50"], strict=True):
        spans.append((start - timedelta(days=BEFORE_DAYS), start, max(end, start + timedelta(days=1))))
    days = sorted({day for first, _, last in spans for day in pd.date_range(first, last, inclusive="left")})
    if not days:
        return []
    hours = daily(net, sorted({*places["place"]}), sorted({*places["counterpart"]}), start=days,
                  scenarios=[scenario], vehicle=vehicle)  # fmt: skip
    by_pair = (
        hours.fillna({"hours": np.inf}).set_index(["origin", "destination", "date"])["hours"].sort_index()
    )
    costs = []
    for pair, (first, start, end) in zip(places.itertuples(index=False, name=None), spans, strict=True):
        own = by_pair.loc[pair]
        before, after = (
            own[(own.index >= first) & (own.index < start)],
            own[(own.index >= start) & (own.index < end)],
        )
        costs.append(after.median() - before.median())
    return [cost if np.isfinite(cost) else np.nan for cost in costs]
