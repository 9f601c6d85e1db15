"""Many scenarios over many days: what every pair comes to, without keeping a single day."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import DESTINATIONS, large_towns, vehicle_row
from amurgeo.network.snapping import locate_all
from amurgeo.routing.engine import TerminalDistances, vehicle_network
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.daily import series
from amurgeo.text import FIRST_DAY, LAST_DAY, parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Tasks handed to an executor ahead of the one awaited.
AHEAD = 16


def sweep(
    net: Network,
    scenarios: Iterable[Scenario | str],
    days: int | Iterable[date | str],
    *,
    vehicle: str = "truck_20t",
    origins: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Sum up many scenarios over many days, pair by pair.

    Parameters
    ----------
    net
        The network.
    scenarios
        Scenarios, names, files or inline changes; no regimes, which have one day.
    days
        A year, or days as dates or as 2026-02-10; each counts once, in whatever order they are given.
    vehicle
        Id of the vehicle.
    origins, destinations
        Places by name; by default the oblast's towns above 10,000 people and the four Chinese cities of a
        comparison.
    executor
        Where the days are solved: threads, processes, or a cluster by ``Client.get_executor()`` of
        ``dask.distributed``; in this process when left out. The result is the same to the last bit.
    progress
        Show on stderr how many scenarios are done.

    Returns
    -------
    DataFrame
        One row per scenario, origin and destination: scenario, origin, destination, days, days_reachable;
        mean_h, min_h and max_h over the days with a way (NaN when there is none); main_crossing, the
        crossing that is the first of the best way on most days (None when none ever is), and main_share, its
        share of the days with a way (NaN when there is no such crossing).

    Raises
    ------
    InputError
        For an unknown place, vehicle or scenario, a regime, a day that does not exist, or when no scenario
        or no day is named.

    Notes
    -----
    What is open is worked out here, one scenario after the other; the days of a scenario are solved and
    added up by the executor, and only the sums are kept. Days that are alike are solved once.

    Examples
    --------
    A winter week with the bridge, and without. One day is lost in both, to the Spring Festival; on the others
    there is a way without the bridge too, but it takes longer.

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
    if isinstance(scenarios, str | Scenario) or not isinstance(scenarios, Iterable):
        raise InputError(
            "scenarios are invalid; expected a list, given as a list such as ['baseline', 'no_bridge']"
        )
    parsed = [as_scenario(scenario) for scenario in scenarios]
    if not parsed:
        raise InputError("no scenario is given; expected at least one, for instance ['baseline']")
    periods = _periods(days)
    vehicle_row(net, vehicle)
    if executor is not None and not hasattr(executor, "submit"):
        raise InputError(
            f"executor is invalid: {executor!r}; expected one of concurrent.futures, or of a Dask client"
        )
    net, (starts, ends) = locate_all(
        net,
        origins=large_towns(net) if origins is None else origins,
        destinations=DESTINATIONS if destinations is None else destinations,
    )
    tasks = (
        (number, *task)
        for number, scenario in enumerate(parsed)
        for task in _tasks(net, scenario, periods, vehicle, starts, ends)
    )
    frames: list[pd.DataFrame] = []
    with _bar(len(parsed)) if progress else nullcontext() as bar:
        for number, parts in groupby(_solved(tasks, executor), key=lambda solved: solved[0]):
            _, crossings, sums = zip(*parts, strict=True)
            total = sum(sums[1:], start=sums[0])
            frames.append(_frame(parsed[number], starts, ends, crossings[0], total))
            if bar is not None:
                bar.advance(bar.task_ids[0])
    return pd.concat(frames, ignore_index=True)


def _periods(days: int | Iterable[date | str]) -> list[tuple[date, date]]:
    """Return the first and last day of each run of consecutive days."""
    if isinstance(days, bool | str | date):
        raise InputError(f"the days are {days!r}; give a year as a number, or a list of days")
    if isinstance(days, int | np.integer):
        if not FIRST_DAY.year <= days <= LAST_DAY.year:
            raise InputError(
                f"{days} lies outside {FIRST_DAY.year} to {LAST_DAY.year}, for which the dataset can speak"
            )
        return [(date(int(days), 1, 1), date(int(days), 12, 31))]
    try:
        given = list(days)
        if any(isinstance(day, int | float | np.number) for day in given):
            raise TypeError("a number")
        every = sorted({parse_day(day) for day in given})
    except TypeError:
        raise InputError(f"the days are {days!r}; give a year as a number, or a list of days") from None
    spans: list[tuple[date, date]] = []
    for day in every:
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    if not spans:
        raise InputError("no day is named; give a year, or at least one day as 2026-02-10")
    return spans


#: What an executor gets: distances between terminals, costs of some states, and days of each.
Task = tuple[TerminalDistances, np.ndarray, np.ndarray]


def _tasks(
    net: Network,
    scenario: Scenario,
    periods: Sequence[tuple[date, date]],
    vehicle: str,
    starts: Sequence[str],
    ends: Sequence[str],
) -> Iterator[tuple[np.ndarray, Task]]:
    """Yield the crossings and the priced states of a scenario; one task per network they are solved on."""
    runs = [series(net, scenario, first, last) for first, last in periods]
    # The additions of a scenario are the same in all its periods: take the network of the first one.
    network = vehicle_network(runs[0].states[0].net, vehicle)
    tasks: dict[int, tuple[TerminalDistances, list[np.ndarray], list[int]]] = {}
    for run in runs:
        for state, days in zip(run.states, np.bincount(run.which), strict=True):
            distances = network.distances(starts, ends, state.open_seasons)
            _, costs, counts = tasks.setdefault(id(distances), (distances, [], []))
            costs.append(network.price(state)[0])
            counts.append(days)
    for distances, costs, counts in tasks.values():
        yield network.border["edge"].to_numpy(dtype=object), (distances, np.stack(costs), np.array(counts))


def _solved(
    tasks: Iterable[tuple[int, np.ndarray, Task]], executor: Executor | None
) -> Iterator[tuple[int, np.ndarray, Totals]]:
    """Yield the totals of tasks in their order, with a bounded number of tasks in progress."""
    waiting: deque[tuple[int, np.ndarray, Future[Totals]]] = deque()
    try:
        for number, crossings, task in tasks:
            if executor is None:
                yield number, crossings, totals(*task)
                continue
            waiting.append((number, crossings, executor.submit(totals, *task)))
            if len(waiting) > AHEAD:
                number, crossings, future = waiting.popleft()
                yield number, crossings, future.result()
        while waiting:
            number, crossings, future = waiting.popleft()
            yield number, crossings, future.result()
    finally:
        for _, _, future in waiting:
            future.cancel()


@dataclass(frozen=True)
class Totals:
    """Sums over many states, origins by destinations; sums of whole seconds, so exact in any order.

    Attributes
    ----------
    days
        Number of days.
    reachable
        Days with a route.
    seconds
        Sum of the seconds of those days.
    least, most
        Smallest and largest seconds; infinity and minus infinity if there never was a route.
    first
        Days on which each border arc was the first crossing; before them those without a crossing.
    """

    days: int
    reachable: np.ndarray
    seconds: np.ndarray
    least: np.ndarray
    most: np.ndarray
    first: np.ndarray

    def __add__(self, other: Totals) -> Totals:
        """Return the totals of both sets of days."""
        return Totals(
            self.days + other.days,
            self.reachable + other.reachable,
            self.seconds + other.seconds,
            np.minimum(self.least, other.least),
            np.maximum(self.most, other.most),
            self.first + other.first,
        )


def totals(distances: TerminalDistances, costs: np.ndarray, days: np.ndarray) -> Totals:
    """Solve states and add them up.

    Parameters
    ----------
    distances
        Distances between terminals.
    costs
        Costs of each state, one row each.
    days
        Days of each state.
    """
    costs, state = np.unique(costs, axis=0, return_inverse=True)
    days = np.bincount(state.reshape(-1), weights=days).astype(np.int64)
    shape = (distances.n_origins, distances.n_destinations)
    reachable, seconds = np.zeros(shape, np.int64), np.zeros(shape)
    least, most = np.full(shape, np.inf), np.full(shape, -np.inf)
    first = np.zeros((distances.n_border + 1, *shape), np.int64)
    rows, columns = np.indices(shape)
    for cost, n in zip(costs, days, strict=True):
        solution = distances.solve(cost)
        there = np.isfinite(solution.seconds)
        reachable += n * there
        seconds += n * np.where(there, solution.seconds, 0.0)
        np.minimum(least, solution.seconds, out=least)
        np.maximum(most, solution.seconds, out=most, where=there)
        first[solution.first + 1, rows, columns] += n
    return Totals(int(days.sum()), reachable, seconds, least, most, first)


def _frame(
    scenario: Scenario, starts: Sequence[str], ends: Sequence[str], crossings: np.ndarray, total: Totals
) -> pd.DataFrame:
    """Return the rows of one scenario."""
    reachable = total.reachable.ravel()
    there = reachable > 0
    # A crossing is an arc in either direction.
    names = np.unique(crossings.astype(str))
    days_first = np.array([total.first[1:][crossings == name].sum(axis=0).ravel() for name in names]).reshape(
        len(names), len(reachable)
    )
    most = days_first.max(axis=0, initial=0)
    main = names[days_first.argmax(axis=0)] if len(names) else np.full(len(reachable), "")
    grid = pd.MultiIndex.from_product([starts, ends])
    return pd.DataFrame(
        {
            "scenario": scenario.name,
            "origin": grid.get_level_values(0),
            "destination": grid.get_level_values(1),
            "days": total.days,
            "days_reachable": reachable,
            "mean_h": np.where(there, total.seconds.ravel() / np.maximum(reachable, 1) / 3600.0, np.nan),
            "min_h": np.where(there, total.least.ravel() / 3600.0, np.nan),
            "max_h": np.where(there, total.most.ravel() / 3600.0, np.nan),
            "main_crossing": pd.Series(main, dtype=object).where(most > 0, None),
            "main_share": np.where(most > 0, most / np.maximum(reachable, 1), np.nan),
        }
    ).astype({"main_crossing": object})


def _bar(total: int) -> Any:
    """Return a bar on stderr that shows only where somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    bar.add_task("", total=total)
    return bar
