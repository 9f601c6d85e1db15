"""Sweeps: many scenarios over many days, as sums for each pair of places."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from datetime import date
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.analysis.days import PAIR, PricedDays, priced_days, solve_on
from amurgeo.errors import InputError, check_bool, shorten
from amurgeo.network import check_network
from amurgeo.network.snapping import Places
from amurgeo.results import ResultFrame
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.daily import period_days, year_days
from amurgeo.text import Day, parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network


def sweep(
    net: Network,
    scenarios: Iterable[ScenarioLike],
    days: int | Iterable[int | Day],
    *,
    assume: str | None = None,
    vehicle: str | None = None,
    origins: Places | None = None,
    destinations: Places | None = None,
    transit: bool = True,
    drivers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> ResultFrame:
    """Return travel times and main crossings of many scenarios over many days, pair by pair.

    Parameters
    ----------
    net
        The network.
    scenarios
        Scenarios, names, files or inline changes; no regimes, which have one day.
    days
        A year, or dates and years in any iterable: a list, a DatetimeIndex, ``range(2026, 2028)``. Duplicates
        count once, the order does not matter.
    assume, vehicle, origins, destinations, transit, drivers
        As in `amurgeo.daily`.
    executor
        Threads, processes, or a cluster by ``Client.get_executor()`` of ``dask.distributed`` to solve on;
        None for this process. The result is the same to the last bit.
    progress
        Show the number of finished scenarios on stderr.

    Returns
    -------
    DataFrame
        One row per scenario, origin and destination: scenario, origin, destination, days, days_reachable;
        mean_h, min_h and max_h over the days with a route (NaN if there are none); main_crossing, the first
        crossing of the fastest route on most days (None if there is none), and main_share, its share of the
        days with a route (NaN if there is no such crossing). ``unknown`` has the crossings whose status is
        unknown on some day.

    Raises
    ------
    InputError
        If a place, vehicle, scenario, day or executor is invalid, no scenario or day is given, or no service
        is unknown for `assume`.

    Notes
    -----
    States are evaluated and priced here, one scenario after the other. The executor solves them and adds them
    up, equal states once; only the sums are kept.

    Examples
    --------
    A winter week with and without the bridge. On one day the Spring Festival leaves only the long way by
    Zabaikalsk; otherwise there is a slower route without the bridge.

    >>> import amurgeo as ag
    >>> week = [f"2026-02-{day}" for day in range(10, 17)]
    >>> pairs = {"origins": ["Blagoveshchensk"], "destinations": ["Heihe"]}
    >>> found = ag.sweep(ag.load(), ["baseline", "no_bridge"], week, **pairs)
    >>> found[["scenario", "days", "days_reachable"]].values.tolist()
    [['baseline', 7, 7], ['no_bridge', 7, 7]]
    >>> with_bridge, without = found.mean_h
    >>> bool(without > with_bridge)
    True
    """
    check_network(net)
    transit, progress = check_bool("transit", transit), check_bool("progress", progress)
    from rich.console import Console
    from rich.progress import track

    dates = _dates(days)
    how: Any = {"assume": assume, "vehicle": vehicle, "transit": transit, "drivers": drivers}
    question = priced_days(net, scenarios, dates, origins, destinations, executor=executor, **how)
    net, names, places, unknown, tasks = question
    console = Console(stderr=True)
    hidden = not (progress and console.is_terminal)
    solved = solve_on(executor, totals, tasks)
    done = track(solved, "", len(names), console=console, transient=True, disable=hidden)
    pairs = pd.MultiIndex.from_product(places, names=PAIR)
    swept = pd.concat([pairs.to_frame(index=False).join(frame) for frame in done], ignore_index=True)
    swept.insert(0, "scenario", np.repeat(names, len(pairs)))
    return ResultFrame.of(swept, net, unknown)


def _dates(days: int | Iterable[int | Day]) -> np.ndarray:
    """Return the days that are meant, as datetime64[D]."""
    given: Any = [days] if isinstance(days, Integral) else days
    if isinstance(given, str | date | bytes) or not isinstance(given, Iterable):
        raise InputError(f"days are invalid: {shorten(days)}; expected a year, or a list of days or years")
    found: list[date] = []
    for item in given:
        if isinstance(item, Integral):
            found += year_days(int(item)).tolist()
        else:
            found.append(parse_day(item))
    if not found:
        raise InputError("days are invalid: no day is given; expected at least one")
    return period_days(found)


def totals(priced: PricedDays) -> pd.DataFrame:
    """Return the sums over the days, one row per pair."""
    seconds, first = priced.solved()
    n_pairs, days = seconds.shape[1], np.bincount(priced.which)[:, None]
    # Whole seconds, so that sums are exact in any order.
    connected = np.isfinite(seconds)
    reachable = (days * connected).sum(axis=0)
    there = reachable > 0
    # A crossing is an arc in either direction; the last number is for routes without one.
    names, number = np.unique(priced.crossings.astype(str), return_inverse=True)
    cells = np.append(number, len(names))[first] * n_pairs + np.arange(n_pairs)
    counted = np.bincount(cells.ravel(), (days * connected).ravel(), minlength=(len(names) + 1) * n_pairs)
    used = counted.reshape(-1, n_pairs)[:-1]
    main_days = used.max(axis=0, initial=0.0)
    # Of equally frequent crossings the first by name counts.
    main = np.append(names, "").astype(object)[used.argmax(axis=0) if len(names) else -1]
    hours = {
        "mean_h": np.where(connected, days * seconds, 0.0).sum(axis=0) / np.where(there, reachable, np.nan),
        "min_h": seconds.min(axis=0),
        "max_h": np.where(connected, seconds, -np.inf).max(axis=0),
    }
    return pd.DataFrame(
        {
            "days": len(priced.which),
            "days_reachable": reachable,
            **{name: np.where(there, values, np.nan) / 3600.0 for name, values in hours.items()},
            "main_crossing": pd.Series(np.where(main_days > 0, main, None), dtype=object),
            "main_share": np.where(main_days > 0, main_days, np.nan) / np.where(there, reachable, np.nan),
        }
    )
