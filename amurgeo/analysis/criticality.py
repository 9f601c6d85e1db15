"""Criticality: what is lost if a crossing, a checkpoint, a bridge or a road fails."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from shapely import unary_union

from amurgeo.analysis.days import check_executor, default_places, resumed
from amurgeo.errors import check_int, unknown_name_error
from amurgeo.flows.demand import TABLES as DEMAND
from amurgeo.flows.demand import daily_demand, triangular
from amurgeo.network import vehicle_id, vehicle_row
from amurgeo.network.edges import PIECE, RoadState
from amurgeo.network.snapping import Places, require_pair
from amurgeo.results import ResultFrame, digest_of
from amurgeo.routing.engine import TerminalDistances, VehicleNetwork, vehicle_network
from amurgeo.routing.ranges import border_errors, speed_factors
from amurgeo.routing.rest import KEY, Rest, check_drivers, door_to_door
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.daily import States, asked_period, period_days, refuse_regime, series
from amurgeo.seasons.evaluation import resolve_day, scenario_of

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network
    from amurgeo.seasons.state import State
    from amurgeo.text import Day

#: Kinds of elements, in the order in which equally critical ones are listed.
KINDS = ("crossing", "checkpoint", "pair", "bridge", "road", "railway")
DEFAULT_KINDS = tuple(kind for kind in KINDS if kind != "pair")
#: What an hour is multiplied by, and the columns that rank by it.
WEIGHTS = {"people": ("people_cut", "people_h"), "trucks": ("trucks_cut", "truck_h")}
#: Hours that a journey loses on a day without a way, when elements are ranked.
LOST_DAY_H = 24.0
#: Draws of the estimates and the quantiles that are their range; elements, draws and pairs at a time.
DRAWS, MOST_DRAWS, RANGE, _BATCH = 20, 1000, (0.1, 0.9), 2_000_000
_COLUMNS = ("people_h", "people_cut", "truck_h", "trucks_cut", "pairs_cut")


class _Journeys(NamedTuple):
    """The journeys of every day, pair by pair, and the draws of what is estimated.

    ``start`` and ``end`` are positions among ``starts`` and ``ends``; ``people`` the inhabitants, NaN for
    trucks alone. ``land`` is the factor of the hours on land and ``border`` the hours to add at crossings, by
    draw.
    """

    vehicle: str
    drivers: int
    kinds: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    start: np.ndarray
    end: np.ndarray
    people: np.ndarray
    land: np.ndarray
    border: pd.DataFrame


class _Task(NamedTuple):
    """One distinct state: its costs, on how many days it holds, and the trucks of each pair on them."""

    net: Network
    state: State
    costs: np.ndarray
    journeys: _Journeys
    days: int
    trucks: np.ndarray


class _Removals(NamedTuple):
    """Elements taken out of a network: border arcs closed, seasonal roads left, and land without each."""

    usual: TerminalDistances
    names: list[tuple[str, str]]
    closed: np.ndarray
    open_roads: np.ndarray
    land: list[TerminalDistances]


class CriticalityFrame(ResultFrame):
    """Elements in the order of what is lost without them."""

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return the rows with the lines of edges and the points of checkpoints, in EPSG:4326."""
        import geopandas as gpd

        net, shape = self.net, dict[str, Any]()
        for frame in (net.roads, net.railways, net.crossings, net.checkpoints):
            shape |= frame.geometry.to_dict()
        shape |= {bridge: shape[road] for bridge, road in net.base["bridges"]["road"].items()}
        shapes = [unary_union([shape[part] for part in id_.split("+")]) for id_ in self["element"]]
        return gpd.GeoDataFrame(self.to_frame(), geometry=shapes, crs=net.places.crs)


def criticality(
    net: Network,
    *,
    on: Day | None = None,
    year: int | None = None,
    first: Day | None = None,
    last: Day | None = None,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    weight: str = "people",
    kinds: Sequence[str] = DEFAULT_KINDS,
    origins: Places | None = None,
    destinations: Places | None = None,
    drivers: int = 1,
    draws: int = DRAWS,
    seed: int = 1,
    executor: Executor | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Rank crossings, checkpoints, bridges and roads by what is lost without them.

    Every element is removed in turn, alone, and all journeys are made again by the fastest way that is left.

    Parameters
    ----------
    net
        The network.
    on, year
        A day, or all days of a year.
    first, last
        First and last day of a period, at most 3660 days.
    vehicle
        Id of the vehicle; that of the dataset if omitted.
    scenario
        Scenario, name, file or inline changes; not a regime.
    weight
        ``"people"`` or ``"trucks"``: what ranks the elements.
    kinds
        Kinds of elements: ``crossing``, ``checkpoint``, ``pair`` (two checkpoints at once), ``bridge``,
        ``road``, ``railway``.
    origins, destinations
        Places as in `od_matrix`; by default the larger towns of the home regions and the destinations of the
        dataset. Trucks go between the places of the table ``demand``.
    drivers
        1: trucks and buses stop for the driver's rest; 2: two drivers take turns, without rest.
    draws
        Draws of border hours and speeds within their ranges, 0 to 1000.
    seed
        Seed of the draws.
    executor
        Executor of concurrent.futures or Dask for the states; in this process if omitted.
    resume
        File that keeps the states done: a run that was stopped goes on from it to the same answer.

    Returns
    -------
    DataFrame
        One row per element that is missed, the most critical first: rank, element (id; two checkpoints with
        ``+``), kind; people_h, hours by which journeys take longer if every inhabitant of an origin travels
        to every destination, and people_cut, how many of these journeys have no way; truck_h and trucks_cut,
        the same of the trucks of the table ``demand``, NaN without it or for passengers; pairs_cut, pairs
        of places without a way (all means of the days); low and high, P10 and P90 of the hours that rank;
        tied_with, elements whose range overlaps, which are not told apart, joined by ``;``.

    Raises
    ------
    InputError
        If a date, place, vehicle, scenario, kind, weight or number is invalid.

    Notes
    -----
    The measure is the importance with unsatisfied demand of Jenelius, Petersen and Mattsson (2006),
    https://doi.org/10.1016/j.tra.2005.11.003. Elements are ranked by their hours; a journey that has no way
    loses the day, 24 hours, which is the least it can lose. Border hours and speeds are drawn from triangles
    between their low and high ends, the same draws for all elements.

    Examples
    --------
    >>> import amurgeo as ag
    >>> table = ag.criticality(ag.load(), on="2026-07-15", kinds=["crossing"], draws=0)
    >>> table.element.iloc[0], bool(table.people_h.iloc[0] > 0)
    ('kani_kurgan:bridge', True)
    """
    if weight not in WEIGHTS:
        raise unknown_name_error("weight", str(weight), WEIGHTS)
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for kind in kinds:
        if kind not in KINDS:
            raise unknown_name_error("kind", str(kind), KINDS)
    draws, seed = check_int("draws", draws, 0, MOST_DRAWS), check_int("seed", seed, 0, 2**32 - 1)
    parsed, vehicle = scenario_of(net, scenario), vehicle_id(net, vehicle)
    refuse_regime(parsed)
    period = asked_period(on, year, first, last) or (resolve_day(net, on, parsed),) * 2
    days = period_days(*period)
    check_executor(executor)
    net, (starts, ends) = default_places(net, origins, destinations)
    require_pair(net, starts, ends)
    run = series(net, parsed, days)
    journeys, trucks = _journeys(
        run.net, days, vehicle, check_drivers(drivers), kinds, (starts, ends), (draws, seed)
    )
    tasks = _tasks(run, journeys, trucks)
    total: dict[tuple[str, str], Any] = {}
    for lost in resumed(executor, _lost, tasks, resume, lambda: _fingerprint(tasks)):
        for kind, name, values in lost:
            total[kind, name] = total.get((kind, name), 0.0) + np.array(values) / len(days)
    frame = _ranked(total, kinds, weight, cargo=bool(trucks.any()))
    return CriticalityFrame.of(frame, run.net, run.unknown(vehicle))


def _tasks(run: States, journeys: _Journeys, trucks: np.ndarray) -> list[_Task]:
    """Return the states in which the vehicle finds different roads and crossings, with their days."""
    groups: dict[tuple[RoadState, bytes], tuple[np.ndarray, list[int]]] = {}
    for number, state in enumerate(run.states):
        costs = vehicle_network(run.net, journeys.vehicle, state.roads).price(state)[0]
        groups.setdefault((state.roads, costs.tobytes()), (costs, []))[1].append(number)
    tasks = []
    for costs, numbers in groups.values():
        held = np.isin(run.which, numbers)
        wanted = trucks[:, held].sum(axis=1)
        tasks.append(_Task(run.net, run.states[numbers[0]], costs, journeys, int(held.sum()), wanted))
    return tasks


def _journeys(
    net: Network,
    days: np.ndarray,
    vehicle: str,
    drivers: int,
    kinds: tuple[str, ...],
    places: tuple[list[str], list[str]],
    sample: tuple[int, int],
) -> tuple[_Journeys, np.ndarray]:
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
    journeys = _Journeys(
        vehicle,
        drivers,
        kinds,
        starts,
        ends,
        np.array([starts.index(a) for a, _ in names]),
        np.array([ends.index(b) for _, b in names]),
        np.array([pairs.get(pair, np.nan) for pair in names]),
        drawn[:, 0],
        pd.DataFrame(drawn[:, 1:], columns=errors.index),
    )
    return journeys, wanted


def _lost(task: _Task) -> list[tuple[str, str, list[list[float]]]]:
    """Return what each element costs on the days of a state: kind, id, and `_COLUMNS` by draws."""
    net, state, asked = task.net, task.state, task.journeys
    network = vehicle_network(net, asked.vehicle, state.roads)
    removed = _removals(net, network, asked)
    costs = task.costs
    n_border = network.graph.n_border
    added = asked.border.reindex(columns=network.border["edge"]).fillna(0.0).to_numpy()
    border = np.maximum(1.0, costs[:n_border] + np.rint(3600.0 * added))
    base = removed.usual.with_seasonal(costs)
    usual = _seconds(asked, base[None], border[None], removed.usual)[0]
    people, trucks = np.nan_to_num(asked.people), task.trucks / task.days
    found = []
    size = max(1, _BATCH // (len(asked.land) * len(people)))
    opened = np.isfinite(costs[:n_border])
    lands = dict[int, np.ndarray]()
    for i, distances in enumerate(removed.land):
        if removed.closed[i].any():
            if (removed.closed[i] & opened).any():
                lands[i] = base
        else:
            open_roads = np.where(removed.open_roads[i], costs[n_border:], np.inf)
            land = distances.with_seasonal(np.append(costs[:n_border], open_roads))
            if not np.array_equal(land, base):
                lands[i] = land
    for first in range(0, len(lands), size):
        some = list(lands)[first : first + size]
        without = np.where(removed.closed[some][:, None], np.inf, border)
        seconds = _seconds(asked, np.stack([lands[i] for i in some]), without, removed.usual)
        cut = (np.isinf(seconds) & np.isfinite(usual)).astype(float)
        hours = np.where(np.isfinite(seconds), seconds, 0.0) - np.where(np.isfinite(seconds), usual, 0.0)
        hours = np.maximum(hours, 0.0) / 3600.0
        is_pair = np.isfinite(asked.people).astype(float)
        parts = (hours @ people, cut @ people, hours @ trucks, cut @ trucks, cut @ is_pair)
        values = task.days * np.stack(parts, axis=1)
        found += [(*removed.names[i], row.tolist()) for i, row in zip(some, values, strict=True) if row.any()]
    return found


def _seconds(
    asked: _Journeys, lands: np.ndarray, border: np.ndarray, distances: TerminalDistances
) -> np.ndarray:
    """Return the seconds of all journeys: elements by draws by pairs.

    ``lands`` are distances between terminals without each element, ``border`` seconds of the crossings,
    elements by draws. The recurrence is that of `TerminalDistances.solve`, for all of them together.
    """
    n_origins, n_ends, rest = distances.n_origins, distances.n_destinations, distances.rest
    opened = np.flatnonzero(np.isfinite(border).any(axis=(0, 1)))
    rows, columns = (
        np.append(np.arange(n_origins), n_origins + opened),
        np.append(np.arange(n_ends), n_ends + opened),
    )
    land = np.rint(lands[:, rows][:, :, columns][:, None] * asked.land[:, None, None])
    costs = border[:, :, opened]
    if rest is not None:
        land, costs = land * (KEY + 1.0), costs * KEY
    paths = land[:, :, n_origins:].copy()
    for i in range(len(opened)):
        onward = costs[:, :, i, None] + paths[:, :, i]
        np.minimum(paths, paths[..., n_ends + i, None] + onward[:, :, None], out=paths)
    if rest is not None:
        limits = (rest.continuous, rest.pause, rest.daily, rest.night)
        rest = Rest(
            *(np.broadcast_to(limit, (n_origins, n_ends))[asked.start, asked.end] for limit in limits)
        )
    best = door_to_door(land[:, :, asked.start, asked.end], rest)
    for i in range(len(opened)):
        entry = land[:, :, asked.start, n_ends + i] + costs[:, :, i, None]
        best = np.minimum(best, door_to_door(entry + paths[:, :, i, asked.end], rest))
    return best


def _removals(net: Network, network: VehicleNetwork, asked: _Journeys) -> _Removals:
    """Return the elements that can be removed from a network; kept with it, since days share networks."""
    key = (network.vehicle, asked.drivers, asked.kinds, asked.starts, asked.ends)
    kept = net.cache.setdefault("removals", {})
    if key not in kept or kept[key][0] is not network:
        kept[key] = network, _without_each(net, network, asked)
    removals: _Removals = kept[key][1]
    return removals


def _without_each(net: Network, network: VehicleNetwork, asked: _Journeys) -> _Removals:
    graph, edge = network.graph, network.border["edge"].to_numpy()
    ends = network.nodes(asked.starts), network.nodes(asked.ends)
    usual = network.distances(asked.starts, asked.ends, drivers=asked.drivers)
    checkpoint = net.base["crossings"]["checkpoint"].reindex(edge).to_numpy()
    closed = {("crossing", str(name)): edge == name for name in dict.fromkeys(edge)}
    closed |= {("checkpoint", str(name)): checkpoint == name for name in dict.fromkeys(checkpoint)}
    for a, b in combinations(dict.fromkeys(checkpoint), 2):
        closed["pair", f"{a}+{b}"] = (checkpoint == a) | (checkpoint == b)
    # Two checkpoints are compared with each alone.
    kinds = (*asked.kinds, "checkpoint") if "pair" in asked.kinds else asked.kinds
    closed = {name: arcs for name, arcs in closed.items() if name[0] in kinds}
    seasonal = slice(graph.border.stop, None)
    opened = dict.fromkeys(closed, np.ones(len(graph.tail[seasonal]), dtype=bool))
    land = dict.fromkeys(closed, usual)
    roads = np.array([str(id_).partition(PIECE)[0] for id_ in network.edges], dtype=object)
    traffic = str(vehicle_row(net, asked.vehicle)["traffic"])
    for name, road in _on_land(net, roads, traffic, asked.kinds):
        out = roads == road
        distances = replace(graph, seconds=np.where(out, np.inf, graph.seconds)).distances(*ends)
        if out[seasonal].any() or not np.array_equal(distances.land, usual.land):
            closed[name] = np.zeros(graph.n_border, dtype=bool)
            opened[name], land[name] = ~out[seasonal], replace(usual, land=distances.land)
    return _Removals(
        usual, list(land), np.array([*closed.values()]), np.array([*opened.values()]), [*land.values()]
    )


def _on_land(
    net: Network, roads: np.ndarray, traffic: str, kinds: Sequence[str]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield kind and id of the bridges, roads and railways of a network, with the id of the edge.

    A road that only one bridge carries fails with it.
    """
    kind_of, bridges = net.edges["kind"], net.base["bridges"]
    carried = bridges[bridges["traffic"].isin(("both", traffic))].drop_duplicates("road", keep=False)
    bridge_of = dict(zip(carried["road"], carried.index, strict=True))
    for road in dict.fromkeys(roads):
        name = ("bridge", bridge_of[road]) if road in bridge_of else (str(kind_of.get(road, "")), road)
        if name[0] in kinds:
            yield name, road


def _fingerprint(tasks: Sequence[_Task]) -> str:
    """Return a digest of all that the answer depends on: tables, states and journeys."""
    digest, asked = digest_of(tasks[0].net.base), tasks[0].journeys
    digest.update(repr((asked.vehicle, asked.drivers, asked.kinds, asked.starts, asked.ends)).encode())
    for values in (asked.people, asked.land, asked.border.to_numpy(), *(task.trucks for task in tasks)):
        digest.update(values.tobytes())
    for task in tasks:
        digest.update(repr((sorted(task.state.roads.seasons), sorted(task.state.roads.edits))).encode())
        digest.update(task.costs.tobytes())
    return str(digest.hexdigest())


def _ranked(
    total: Mapping[tuple[str, str], np.ndarray], kinds: Sequence[str], weight: str, *, cargo: bool
) -> pd.DataFrame:
    """Return the elements in order of what is lost without them, and which are not told apart."""
    names = sorted(total, key=lambda name: (KINDS.index(name[0]), name[1]))
    values = np.array([total[name] for name in names] or np.empty((0, len(_COLUMNS), 1)))
    cut, hours = (values[:, _COLUMNS.index(column)] for column in WEIGHTS[weight])
    loss = hours + LOST_DAY_H * cut
    alone = dict(zip(names, loss[:, 0], strict=True))
    said = [number for number, name in enumerate(names) if name[0] in kinds and _says_more(name, alone)]
    keep = np.array(said, dtype=int)[np.argsort(-loss[said, 0], kind="stable")]
    frame = pd.DataFrame(values[keep, :, 0], columns=list(_COLUMNS))
    if not cargo:
        frame[list(WEIGHTS["trucks"])] = np.nan
    drawn = loss[keep][:, min(1, loss.shape[1] - 1) :]
    # The middle of all ranges need not lie in the middle of the draws.
    low, high = np.quantile(drawn, RANGE, axis=1) if len(keep) else np.empty((2, 0))
    low, high = np.minimum(low, loss[keep, 0]), np.maximum(high, loss[keep, 0])
    ids = [names[number][1] for number in keep]
    alike = (low[:, None] <= high) & (low <= high[:, None]) & ~np.eye(len(keep), dtype=bool)
    tied = [";".join(np.array(ids, dtype=object)[row]) for row in alike]
    first = {"rank": range(1, len(keep) + 1), "element": ids, "kind": [names[number][0] for number in keep]}
    return pd.DataFrame(first).join(frame).assign(low=low, high=high, tied_with=tied)


def _says_more(name: tuple[str, str], loss: Mapping[tuple[str, str], float]) -> bool:
    """Return True unless two checkpoints together lose no more than the worse one alone."""
    parts = name[1].split("+") if name[0] == "pair" else []
    return loss[name] > max((loss.get(("checkpoint", part), 0.0) for part in parts), default=0.0)
