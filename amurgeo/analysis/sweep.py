"""Sweeps: many scenarios over many days, as sums for each pair of places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from datetime import date, timedelta
from itertools import islice, starmap
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_int, shorten
from amurgeo.network import large_towns, vehicle_id
from amurgeo.network.snapping import Places, locate_all
from amurgeo.routing.engine import TerminalDistances, vehicle_network
from amurgeo.scenario import Scenario, ScenarioLike, as_scenario
from amurgeo.seasons.daily import series
from amurgeo.text import FIRST_DAY, LAST_DAY, parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Scenarios handed to an executor at a time.
AHEAD = 16


def sweep(
    net: Network,
    scenarios: Iterable[ScenarioLike],
    days: int | Iterable[int | date | str],
    *,
    vehicle: str | None = None,
    origins: Places | None = None,
    destinations: Places | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> pd.DataFrame:
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
    vehicle
        Id of the vehicle; that of the dataset if omitted.
    origins, destinations
        Places as in `od_matrix`; by default the oblast's towns above 10,000 people and the four Chinese
        cities of a comparison.
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
        days with a route (NaN if there is no such crossing).

    Raises
    ------
    InputError
        If a place, vehicle, scenario, day or executor is invalid, or no scenario or day is given.

    Notes
    -----
    States are evaluated and priced here, one scenario after the other. The executor solves them and adds them
    up, equal states once; only the sums are kept.

    Examples
    --------
    A winter week with and without the bridge. Both lose one day to the Spring Festival; otherwise there
    is a slower route without the bridge.

    >>> import amurgeo as ag
    >>> week = [f"2026-02-{day}" for day in range(10, 17)]
    >>> pairs = {"origins": ["Blagoveshchensk"], "destinations": ["Heihe"]}
    >>> found = ag.sweep(ag.load(), ["baseline", "no_bridge"], week, **pairs)
    >>> found[["scenario", "days", "days_reachable"]].values.tolist()
    [['baseline', 7, 6], ['no_bridge', 7, 6]]
    >>> with_bridge, without = found.mean_h
    >>> bool(without > with_bridge)
    True
    """
    from rich.console import Console
    from rich.progress import track

    if isinstance(scenarios, str | Scenario) or not isinstance(scenarios, Iterable):
        raise InputError(f"scenarios are invalid: {scenarios!r:.60}; expected names given as a list")
    parsed = [as_scenario(scenario) for scenario in scenarios]
    if not parsed:
        raise InputError("scenarios are invalid: no scenario is given; expected at least one")
    periods = _periods(days)
    vehicle = vehicle_id(net, vehicle)
    if executor is not None and not hasattr(executor, "submit"):
        raise InputError(f"the executor is invalid: {executor!r}; expected one of concurrent.futures or Dask")
    net, (starts, ends) = locate_all(
        net,
        origins=large_towns(net) if origins is None else origins,
        destinations=net.border.destinations if destinations is None else destinations,
    )
    tasks = (_priced(net, scenario, periods, vehicle, starts, ends) for scenario in parsed)
    console = Console(stderr=True)
    hidden = not (progress and console.is_terminal)
    done = track(_solved(tasks, executor), "", len(parsed), console=console, transient=True, disable=hidden)
    pairs = pd.MultiIndex.from_product([starts, ends], names=["origin", "destination"])
    frames = [pairs.to_frame(index=False).join(frame) for frame in done]
    swept = pd.concat(frames, ignore_index=True)
    swept.insert(0, "scenario", np.repeat([scenario.name for scenario in parsed], len(pairs)))
    return swept


def _periods(days: int | Iterable[int | date | str]) -> list[tuple[date, date]]:
    """Return the first and last day of each run of consecutive days."""
    given = [days] if isinstance(days, Integral) else days
    if isinstance(given, str | date | bytes) or not isinstance(given, Iterable):
        raise InputError(f"days are invalid: {shorten(days)}; expected a year, or a list of days or years")
    spans: list[tuple[date, date]] = []
    for item in given:
        if isinstance(item, Integral):
            year = check_int("year", item, FIRST_DAY.year, LAST_DAY.year)
            spans.append((date(year, 1, 1), date(year, 12, 31)))
        else:
            spans.append((parse_day(item),) * 2)
    if not spans:
        raise InputError("days are invalid: no day is given; expected at least one")
    periods: list[tuple[date, date]] = []
    for first, last in sorted(set(spans)):
        if periods and first - periods[-1][1] <= timedelta(days=1):
            periods[-1] = (periods[-1][0], max(last, periods[-1][1]))
        else:
            periods.append((first, last))
    return periods


#: States that are solved on the same distances: their costs, and the number of days of each.
Priced = tuple[TerminalDistances, list[np.ndarray], list[int]]


def _priced(
    net: Network,
    scenario: Scenario,
    periods: Sequence[tuple[date, date]],
    vehicle: str,
    starts: Sequence[str],
    ends: Sequence[str],
) -> tuple[np.ndarray, list[Priced]]:
    """Return the crossings of a scenario's border arcs, and its states with their costs."""
    runs = [series(net, scenario, first, last) for first, last in periods]
    # The additions of a scenario are the same in all its periods: take the network of the first one.
    net = runs[0].states[0].net
    groups: dict[int, Priced] = {}
    for run in runs:
        for state, days in zip(run.states, np.bincount(run.which), strict=True):
            network = vehicle_network(net, vehicle, state.open_seasons)
            distances = network.distances(starts, ends)
            _, costs, counts = groups.setdefault(id(distances), (distances, [], []))
            costs.append(network.price(state)[0])
            counts.append(int(days))
    return network.border["edge"].to_numpy(dtype=object), list(groups.values())


def totals(crossings: np.ndarray, groups: Sequence[Priced]) -> pd.DataFrame:
    """Return the sums over states, one row per pair; equal states are solved once."""
    shape = (groups[0][0].n_origins, groups[0][0].n_destinations)
    # Days with a route by its first crossing; the row before the crossings is for none.
    first = np.zeros((len(crossings) + 1, *shape), np.int64)
    # Whole seconds, so that sums are exact in any order.
    seconds, least, most = np.zeros(shape), np.full(shape, np.inf), np.full(shape, -np.inf)
    for distances, costs, days in groups:
        different, state = np.unique(np.stack(costs), axis=0, return_inverse=True)
        for cost, n in zip(different, np.bincount(state.reshape(-1), weights=days), strict=True):
            solution = distances.solve(cost)
            connected = np.isfinite(solution.seconds)
            first[solution.first[connected] + 1, *np.nonzero(connected)] += int(n)
            seconds[connected] += n * solution.seconds[connected]
            np.minimum(least, solution.seconds, out=least)
            np.maximum(most, solution.seconds, out=most, where=connected)
    reachable = pd.Series(first.sum(axis=0).ravel())
    there = reachable > 0
    # A crossing is an arc in either direction; of equally frequent ones the first by name counts.
    first[0] = 0
    used = pd.DataFrame(first.reshape(len(first), -1)).groupby(np.array(["", *crossings])).sum()
    main_days = used.max().where(lambda days: days > 0)
    return pd.DataFrame(
        {
            "days": sum(sum(days) for _, _, days in groups),
            "days_reachable": reachable,
            "mean_h": seconds.ravel() / reachable.where(there) / 3600.0,
            "min_h": pd.Series(least.ravel() / 3600.0).where(there),
            "max_h": pd.Series(most.ravel() / 3600.0).where(there),
            "main_crossing": used.idxmax().astype(object).where(main_days > 0, None),
            "main_share": main_days / reachable,
        }
    )


def _solved(
    tasks: Iterator[tuple[np.ndarray, list[Priced]]], executor: Executor | None
) -> Iterator[pd.DataFrame]:
    """Yield the sums of scenarios in their order, with a bounded number of them in progress."""
    if executor is None:
        yield from starmap(totals, tasks)
        return
    while futures := [executor.submit(totals, *task) for task in islice(tasks, AHEAD)]:
        for future in futures:
            yield future.result()
