"""Many scenarios over many days: what every pair comes to, without keeping a single day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import DESTINATIONS, large_towns, vehicle_row
from amurgeo.network.snapping import locate_all
from amurgeo.routing.engine import vehicle_network
from amurgeo.routing.overlay import Overlay
from amurgeo.routing.streaming import Statistics, sweep_each
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.daily import series
from amurgeo.text import FIRST_DAY, LAST_DAY, parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network


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
        raise InputError("scenarios are given as a list, for instance ['baseline', 'no_bridge']")
    laid = [as_scenario(scenario) for scenario in scenarios]
    if not laid:
        raise InputError("no scenario is named; give at least one, for instance ['baseline']")
    spans = _spans(days)
    vehicle_row(net, vehicle)
    if executor is not None and not hasattr(executor, "submit"):
        raise InputError(f"{executor!r} is no executor; give one of concurrent.futures, or a Dask client's")
    net, (starts, ends) = locate_all(
        net,
        origins=large_towns(net) if origins is None else origins,
        destinations=DESTINATIONS if destinations is None else destinations,
    )
    work = (
        (number, *batch)
        for number, scenario in enumerate(laid)
        for batch in _batches(net, scenario, spans, vehicle, starts, ends)
    )
    frames: list[pd.DataFrame] = []
    with _bar(len(laid)) if progress else nullcontext() as bar:
        for number, parts in groupby(_solved(work, executor), key=lambda one: one[0]):
            _, crossings, found = zip(*parts, strict=True)
            frames.append(_frame(laid[number], starts, ends, crossings[0], sum(found[1:], start=found[0])))
            if bar is not None:
                bar.advance(bar.task_ids[0])
    return pd.concat(frames, ignore_index=True)


#: Number of the scenario, crossings of the border arcs, matrix between terminals, and costs of some days.
Batch = tuple[int, np.ndarray, Overlay, np.ndarray]


def _spans(days: int | Iterable[date | str]) -> list[tuple[date, date]]:
    """Join the days to spans without a gap."""
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


def _batches(
    net: Network,
    scenario: Scenario,
    spans: Sequence[tuple[date, date]],
    vehicle: str,
    starts: Sequence[str],
    ends: Sequence[str],
) -> Iterator[tuple[np.ndarray, Overlay, np.ndarray]]:
    """Price the days of a scenario, a row of costs for each: those on one network together."""
    runs = [series(net, scenario, first, last) for first, last in spans]
    # What a scenario adds is the same in all its spans: they share the first one's network.
    own = runs[0].states[0].net
    every = vehicle_network(own, vehicle)
    kinds = [[every.kind(state.open_seasons) for state in run.states] for run in runs]
    for kind in dict.fromkeys(chain.from_iterable(kinds)):
        mine = every.during(kind)
        days = []
        for run, those in zip(runs, kinds, strict=True):
            rows = {
                at: mine.costs(own, run.states[at], vehicle) for at, one in enumerate(those) if one == kind
            }
            days += [rows[at] for at in run.which if at in rows]
        crossings = mine.border["edge"].to_numpy(dtype=object)
        yield crossings, mine.statics(starts, ends).overlay, np.stack(days)


def _solved(work: Iterable[Batch], executor: Executor | None) -> Iterator[tuple[int, np.ndarray, Statistics]]:
    """Solve scenarios as they come; those that share a network go through one sweep."""
    for _, some in groupby(work, key=lambda batch: id(batch[2])):
        batches = iter(some)
        first = next(batches)
        said: list[tuple[int, np.ndarray]] = []
        rows = _told(first, batches, said)
        for position, found in enumerate(sweep_each(first[2], rows, executor=executor, per_task=1)):
            yield *said[position], found


def _told(first: Batch, others: Iterator[Batch], said: list[tuple[int, np.ndarray]]) -> Iterator[np.ndarray]:
    """Hand on the costs of batches, and note down whose they are."""
    said.append(first[:2])
    yield first[3]
    for batch in others:
        said.append(batch[:2])
        yield batch[3]


def _frame(
    scenario: Scenario, starts: Sequence[str], ends: Sequence[str], crossings: np.ndarray, found: Statistics
) -> pd.DataFrame:
    """Make the rows of one scenario."""
    reachable = found.reachable.ravel()
    there = reachable > 0
    # A crossing is an arc in either direction; the entry before the arcs counts ways without one.
    ids, place = np.unique(crossings.astype(str), return_inverse=True)
    used = np.zeros((len(reachable), len(ids) + 1), np.int64)
    np.add.at(used.T, place + 1, found.first.reshape(len(reachable), -1)[:, 1:].T)
    main = used.argmax(axis=1)
    most = used.max(axis=1)
    names = np.array([None, *ids.tolist()], dtype=object)
    grid = pd.MultiIndex.from_product([starts, ends])
    hours = {
        "mean_h": found.mean_seconds.ravel() / 3600.0,
        "min_h": np.where(there, found.least.ravel() / 3600.0, np.nan),
        "max_h": np.where(there, found.most.ravel() / 3600.0, np.nan),
    }
    return pd.DataFrame(
        {
            "scenario": scenario.name,
            "origin": grid.get_level_values(0),
            "destination": grid.get_level_values(1),
            "days": found.states,
            "days_reachable": reachable,
            **hours,
            "main_crossing": pd.Series(names[main], dtype=object),
            "main_share": np.where(most > 0, most / np.maximum(reachable, 1), np.nan),
        }
    )


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
