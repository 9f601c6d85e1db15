"""Travel times on every day of a period under many scenarios: equal states are solved once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from amurgeo.analysis.reliability import CHOICE, border_of, lands, rows_of
from amurgeo.errors import InputError, check_bool, check_made
from amurgeo.flows.demand import TABLES as DEMAND
from amurgeo.flows.demand import daily_demand, triangular
from amurgeo.io import as_path, write_bytes_atomic
from amurgeo.network import check_network, large_towns, vehicle_id, vehicle_row
from amurgeo.network.snapping import locate_all
from amurgeo.results import ResultFrame, rounded_records
from amurgeo.routing.departures import NEVER
from amurgeo.routing.engine import TerminalDistances, priced
from amurgeo.routing.ranges import border_errors, speed_factors
from amurgeo.routing.rest import check_drivers
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import period_days, period_scenarios, series
from amurgeo.seasons.ensemble import Ensemble
from amurgeo.seasons.evaluation import assuming

if TYPE_CHECKING:
    from amurgeo.analysis.reliability import Border, Land
    from amurgeo.network import Network
    from amurgeo.text import Day

#: Hours that a journey loses on a day without a way: the least it can lose.
LOST_DAY_H = 24.0
#: Scenarios handed to an executor at a time.
AHEAD = 16
#: Pairs of places that are solved at a time over draws.
PAIRS = 12
PAIR = ("origin", "destination")
#: Percentiles of hours, and their columns.
QUANTILES = {"p10_h": 0.1, "p50_h": 0.5, "p90_h": 0.9, "p95_h": 0.95}
_T = TypeVar("_T")
_Task = TypeVar("_Task")


@dataclass(frozen=True, eq=False)
class PricedDays:
    """The days of one scenario, priced: whatever is needed to solve them, in this process or in another."""

    #: Crossing of each border arc.
    crossings: np.ndarray
    #: Position of its state for each day.
    which: np.ndarray
    #: States that the vehicle finds different: distances, costs, and the positions of the states.
    groups: list[tuple[TerminalDistances, np.ndarray, list[int]]]
    #: Probability of being open on each day, by crossing.
    probability_open: dict[str, np.ndarray]

    def solved(self) -> tuple[np.ndarray, np.ndarray]:
        """Return seconds and first crossings, states by pairs."""
        distances = self.groups[0][0]
        shape = (int(self.which.max()) + 1, distances.n_origins * distances.n_destinations)
        seconds, first = np.empty(shape), np.empty(shape, dtype=np.int64)
        for distances, costs, positions in self.groups:
            solution = distances.solve(costs)
            seconds[positions], first[positions] = solution.seconds.ravel(), solution.first.ravel()
        return seconds, first


class DailyFrame(ResultFrame):
    """Hours between places by day."""

    def _records(self) -> list[dict[str, Any]]:
        return rounded_records(self.rename(columns={"p_open": "probability_open"}))


def daily(
    net: Network,
    origins: Iterable[Any] | None = None,
    destinations: Iterable[Any] | None = None,
    *,
    start: Day | Iterable[Day] | None = None,
    end: Day | None = None,
    scenarios: Iterable[ScenarioLike] | None = None,
    assume: str | None = None,
    vehicle: str | None = None,
    transit: bool = True,
    drivers: int = 1,
    ensemble: Ensemble | None = None,
    executor: Executor | None = None,
) -> DailyFrame:
    """Return the hours between places on every day of a period under some scenarios, or over draws.

    Parameters
    ----------
    net
        The network.
    origins, destinations
        Places, as for `od_matrix`; by default the towns of the home regions and the cities on the far side
        of a comparison.
    start, end
        First and last day; or all days as `start`, a DatetimeIndex or a list. At most 3660 days.
    scenarios
        Scenarios, names, files or inline changes; the base case if omitted; no regimes, which have one day.
    assume, vehicle, transit, drivers
        As in `amurgeo.routes`.
    ensemble
        Draws of the seasons of `net`, in place of a period and scenarios: quantiles instead of one number a
        day.
    executor
        Threads, processes or a cluster to solve on, as in `sweep`; None for this process. Answers are the
        same on all.

    Returns
    -------
    DataFrame
        One row per scenario, day, origin and destination: date (datetime64), scenario, origin, destination
        (place ids), hours from door to door (NaN if there is no route), crossing (the first of the fastest
        route, None if it has none), p_open (probability that this crossing is open on the day; NaN if there
        is none). ``to_gdf()`` adds the points of the origins; ``unknown`` has the crossings whose status is
        unknown on some day. With an ensemble hours and p_open give way to p10_h, p50_h, p90_h, p95_h, mean_h,
        never and share as in `amurgeo.promise`, ready at 08:00; crossing is the usual one.

    Raises
    ------
    InputError
        If a place, vehicle, scenario, day or executor is invalid, or no service is unknown for `assume`.

    Notes
    -----
    A crossing counts as open from a probability of one half, so hours change by steps; ``p_open`` says how
    sure the step is.

    Examples
    --------
    >>> import amurgeo as ag
    >>> days = ag.daily(ag.load(), ["Belogorsk"], ["Heihe"], start="2026-02-10", end="2026-02-12")
    >>> days[["date", "crossing"]].astype(str).values.tolist()[0]
    ['2026-02-10', 'kani_kurgan:bridge']
    """
    check_network(net)
    how: dict[str, Any] = {"vehicle": vehicle, "transit": check_bool("transit", transit), "drivers": drivers}
    if ensemble is not None:
        _check_ensemble(ensemble, net)
        asked = {"start": start, "end": end, "assume": assume, "scenarios": scenarios}
        for name in (name for name, value in asked.items() if value is not None):
            raise InputError(f"{name} is invalid beside an ensemble; expected it in amurgeo.ensemble")
        return _over_draws(ensemble, origins, destinations, executor, **how)
    days = period_days(start, end)  # type: ignore[arg-type]
    how |= {"assume": assume, "executor": executor}
    scenarios = ("baseline",) if scenarios is None else scenarios
    question = priced_days(net, scenarios, days, origins, destinations, **how)
    net, names, (starts, ends), unknown, tasks = question
    pairs = pd.MultiIndex.from_product([days.astype("datetime64[s]"), starts, ends])
    columns = {name: pairs.get_level_values(level) for level, name in enumerate(("date", *PAIR))}
    frames = [pd.DataFrame({**columns, **solved}) for solved in solve_on(executor, by_day, tasks)]
    frame = pd.concat(frames, ignore_index=True)
    frame.insert(1, "scenario", np.repeat(names, len(pairs)))
    return DailyFrame.of(frame, net, unknown)


def _check_ensemble(ensemble: Any, net: Network) -> None:
    """Raise unless draws are of the seasons of a network: the same one, or an equal one."""
    states = check_made("ensemble", ensemble, Ensemble, "amurgeo.ensemble").states
    made = states.net.before or states.net
    if net is not made and net is not states.net:
        pairs = ((net.base[name], made.base[name]) for name in net.base if name in made.base)
        if net.border != made.border or not all(one.equals(other) for one, other in pairs):
            raise InputError(f"net is invalid: {net!r}; expected the network of the ensemble")


def _over_draws(
    e: Ensemble,
    origins: Iterable[Any] | None,
    destinations: Iterable[Any] | None,
    executor: Executor | None,
    *,
    vehicle: str | None,
    transit: bool,
    drivers: int,
) -> DailyFrame:
    """Return quantiles of hours between places by day; groups of pairs are solved by themselves."""
    check_executor(executor)
    vehicle = vehicle_id(e.net, vehicle)
    net, (starts, ends) = default_places(e.net, origins, destinations)
    border, drivers = border_of(e, vehicle), check_drivers(drivers)
    pairs = lands(e, border, net, vehicle, starts, ends, drivers=drivers, transit=transit)
    tasks = ((border, group) for group in iter(lambda: list(islice(pairs, PAIRS)), []))
    index = pd.MultiIndex.from_product([starts, ends, e.days.astype("datetime64[s]")], names=[*PAIR, "date"])
    solved = [frame for frames in solve_on(executor, _solve_pairs, tasks) for frame in frames]
    frame = pd.concat(solved, ignore_index=True).set_index(index).reset_index()
    frame.insert(0, "scenario", e.states.scenario.name)
    frame.insert(0, "date", frame.pop("date"))
    frame = frame.sort_values("date", kind="stable", ignore_index=True)
    return DailyFrame.of(frame, net, e.states.unknown(vehicle))


def _solve_pairs(task: tuple[Border, Sequence[tuple[str, str, Land]]]) -> list[pd.DataFrame]:
    """Return the columns of some pairs by departure day."""
    border, frames = task[0], []
    for _, _, land in task[1]:
        arrivals = border.arrivals(land)
        columns = by_day_of(border, land, arrivals, rows_of(border, land, arrivals, CHOICE))
        frames.append(pd.DataFrame(columns).drop(columns="within"))
    return frames


def priced_days(
    net: Network,
    scenarios: Iterable[ScenarioLike],
    days: np.ndarray,
    origins: Iterable[Any] | None,
    destinations: Iterable[Any] | None,
    *,
    assume: str | None,
    vehicle: str | None,
    transit: bool,
    drivers: int,
    executor: Executor | None,
) -> tuple[Network, list[str], list[list[str]], dict[str, None], Iterator[PricedDays]]:
    """Check the arguments of a question over days (datetime64[D]).

    Return the network with all points, the names of the scenarios, the ids of the places, and the priced days
    of one scenario after the other; they add the crossings whose status is unknown to the keys before them.
    """
    if isinstance(scenarios, str | Scenario) or not isinstance(scenarios, Iterable):
        raise InputError(f"scenarios are invalid: {scenarios!r:.60}; expected names given as a list")
    parsed = period_scenarios(net, scenarios)
    vehicle = vehicle_id(net, vehicle)
    check_executor(executor)
    net, places = default_places(net, origins, destinations)
    parsed = assuming(net, parsed, assume, days)
    drivers, unknown = check_drivers(drivers), dict[str, None]()

    def price(scenario: Scenario) -> PricedDays:
        run = series(net, scenario, days)
        unknown.update(dict.fromkeys(run.unknown(vehicle)))
        different = priced(run.net, vehicle, run.states, range(len(run.states)))
        groups = [
            (network.distances(*places, transit=transit, drivers=drivers), costs, positions)
            for network, costs, _, positions in different
        ]
        crossings = different[0][0].border["edge"].to_numpy(dtype=object)
        chances = run.probability_open(str(vehicle_row(net, vehicle)["traffic"]))
        return PricedDays(crossings, run.which, groups, chances)

    return net, [scenario.name for scenario in parsed], places, unknown, map(price, parsed)


def check_executor(executor: Executor | None) -> None:
    """Raise if tasks cannot be submitted."""
    if executor is not None and not hasattr(executor, "submit"):
        raise InputError(f"the executor is invalid: {executor!r}; expected one of concurrent.futures or Dask")


def default_places(
    net: Network, origins: Iterable[Any] | None, destinations: Iterable[Any] | None
) -> tuple[Network, list[list[str]]]:
    """Locate places: by default the towns of the home regions and the destinations of the dataset."""
    return locate_all(
        net,
        origins=large_towns(net) if origins is None else origins,
        destinations=net.border.destinations if destinations is None else destinations,
    )


def by_day(days: PricedDays) -> dict[str, np.ndarray]:
    """Return hours, first crossing and its probability of being open, flat: days by pairs."""
    seconds, first = (values[days.which] for values in days.solved())
    unknown = np.full(len(days.which), np.nan)
    # The last row is for routes without a crossing, whose number is -1.
    chances = np.array([*(days.probability_open[name] for name in days.crossings), unknown])
    return {
        "hours": np.where(np.isfinite(seconds), seconds / 3600.0, np.nan).ravel(),
        "crossing": np.array([*days.crossings, None], dtype=object)[first].ravel(),
        "p_open": chances[first, np.arange(len(first))[:, None]].ravel(),
    }


def solve_on(executor: Executor | None, solve: Callable[[_Task], _T], tasks: Iterator[_Task]) -> Iterator[_T]:
    """Yield the answers to tasks in their order, with a bounded number of them in progress."""
    if executor is None:
        yield from map(solve, tasks)
        return
    while futures := [executor.submit(solve, task) for task in islice(tasks, AHEAD)]:
        for future in futures:
            yield future.result()


def resumed(
    executor: Executor | None,
    solve: Callable[[_Task], _T],
    tasks: Sequence[_Task],
    resume: str | os.PathLike[str] | None,
    fingerprint: Callable[[], str],
) -> Iterator[_T]:
    """Yield the answers to tasks; those that a file has are read from it, the others added to it.

    The file belongs to one question, that of the fingerprint. Answers are JSON values.
    """
    if resume is None:
        yield from solve_on(executor, solve, iter(tasks))
        return
    path, key = as_path("resume", resume), fingerprint()
    # A line that was being written when the run ended has no end.
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    if lines and lines[0] != key:
        raise InputError(f"resume is invalid: '{path}' has part of another question; give another file")
    write_bytes_atomic(path, "".join(f"{line}\n" for line in lines or [key]).encode())
    yield from map(json.loads, lines[1:])
    with open(path, "a", encoding="utf-8", newline="\n") as file:
        for answer in solve_on(executor, solve, iter(tasks[max(0, len(lines) - 1) :])):
            file.write(json.dumps(answer) + "\n")
            file.flush()
            yield answer


def quantiles(values: np.ndarray, shares: Sequence[float]) -> list[np.ndarray]:
    """Return quantiles along the first axis that are values: the inverse of their distribution."""
    ranked = np.sort(np.ascontiguousarray(values.T), axis=-1)
    places = [max(int(np.ceil(len(values) * share - 1e-9)) - 1, 0) for share in shares]
    return [ranked[..., place][()] for place in places]


def as_hours(arrivals: np.ndarray, ready: Any) -> np.ndarray:
    """Return hours from ready to arrived; infinity if never."""
    return np.where(arrivals >= NEVER, np.inf, (arrivals - ready) / 3600.0)


def by_day_of(
    border: Border, land: Land, arrivals: np.ndarray, rows: np.ndarray, by: int | None = None
) -> dict[str, np.ndarray]:
    """Return the columns of `Promise.days` from the rows of arrivals that are taken."""
    taken = np.take_along_axis(arrivals, rows[None], axis=0)[0]
    hours, ranked = as_hours(taken, land.ready), quantiles(taken, list(QUANTILES.values()))
    shares = np.array([(rows == row).mean(axis=0) for row in range(len(arrivals))])
    crossings = np.array([*border.crossings[land.arcs], None], dtype=object)
    arrived = np.isfinite(hours)
    with np.errstate(invalid="ignore"):
        means = np.where(arrived, hours, 0.0).sum(axis=0) / arrived.sum(axis=0)
    return {
        **{name: as_hours(second, land.ready) for name, second in zip(QUANTILES, ranked, strict=True)},
        "mean_h": means,
        "never": 1.0 - arrived.mean(axis=0),
        "within": np.full(len(land.ready), np.nan) if by is None else (taken <= by).mean(axis=0),
        "crossing": crossings[shares.argmax(axis=0)],
        "share": shares.max(axis=0),
    }


class Journeys(NamedTuple):
    """The journeys of every day, pair by pair, and the draws of what is estimated."""

    vehicle: str
    drivers: int
    kinds: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    #: Origins and destinations, and the positions of the pairs among them.
    places: tuple[tuple[str, ...], tuple[str, ...]]
    start: np.ndarray
    end: np.ndarray
    #: Inhabitants, NaN for trucks alone.
    people: np.ndarray
    #: Factor of the hours on land, and hours to add at crossings, by draw.
    land: np.ndarray
    border: pd.DataFrame


def journeys_of(
    net: Network,
    days: np.ndarray,
    vehicle: str,
    drivers: int,
    kinds: tuple[str, ...],
    places: tuple[list[str], list[str]],
    sample: tuple[int, int],
) -> tuple[Journeys, np.ndarray]:
    """Return the journeys, and the trucks of each pair on each day."""
    people = net.places["population"].reindex(places[0]).fillna(0.0)
    pairs = {(a, b): float(people[a]) for a in places[0] for b in places[1] if a != b}
    flows: list[tuple[tuple[str, str], np.ndarray]] = []
    if vehicle_row(net, vehicle)["traffic"] == "cargo" and not any(net.base[name].empty for name in DEMAND):
        home, trucks = daily_demand(net, net.base, days)
        for row in net.base["demand"].itertuples():
            if home[row.group]:
                position = home.index.get_loc(row.group)
                flows.append(((row.origin, row.destination), row.share * trucks.mid[position]))
    names = list(dict.fromkeys([*pairs, *(pair for pair, _ in flows)]))
    wanted = np.zeros((len(names), len(days)))
    for pair, values in flows:
        wanted[names.index(pair)] += values
    starts, ends = (tuple(dict.fromkeys(side)) for side in zip(*names, strict=True))
    errors = border_errors(net, vehicle)
    n, seed = sample
    rng = np.random.default_rng(seed)
    low, high = speed_factors(net, vehicle)
    spans = [(low, 1.0, high), *((-row.below, 0.0, row.above) for row in errors.itertuples())]
    # The middle of all ranges, then the draws.
    quantiles = [[None] * len(spans), *rng.random((n, len(spans)))]
    drawn = np.array(
        [[triangular(*span, u) for span, u in zip(spans, row, strict=True)] for row in quantiles]
    )
    journeys = Journeys(
        vehicle,
        drivers,
        kinds,
        tuple(names),
        (starts, ends),
        np.array([starts.index(a) for a, _ in names]),
        np.array([ends.index(b) for _, b in names]),
        np.array([pairs.get(pair, np.nan) for pair in names]),
        drawn[:, 0],
        pd.DataFrame(drawn[:, 1:], columns=errors.index),
    )
    return journeys, wanted
