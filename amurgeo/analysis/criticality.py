"""Criticality: what is lost if a crossing, a checkpoint, a bridge or a road fails."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from shapely import unary_union

from amurgeo.analysis import KINDS
from amurgeo.analysis.days import LOST_DAY_H, Journeys, check_executor, default_places, journeys_of, resumed
from amurgeo.analysis.redundancy import Removals, removals_of
from amurgeo.errors import InputError, check_bool, check_int, unknown_name_error
from amurgeo.flows.queues import queues as queues_of
from amurgeo.network import crossing_name, vehicle_id
from amurgeo.network.snapping import Places, require_pair
from amurgeo.results import ResultFrame, digest_of
from amurgeo.routing.engine import TerminalDistances, cross_again, priced, vehicle_network
from amurgeo.routing.ranges import tied, two_digits
from amurgeo.routing.rest import KEY, Rest, check_drivers, door_to_door
from amurgeo.scenario import ScenarioLike
from amurgeo.scenario.changes import close
from amurgeo.seasons.daily import States, asked_period, period_days, period_scenario, series
from amurgeo.seasons.evaluation import resolve_day
from amurgeo.text import check_language, large_text, listing, name_of, translate

if TYPE_CHECKING:
    import folium
    import geopandas as gpd

    from amurgeo.network import Network
    from amurgeo.seasons.state import State
    from amurgeo.text import Day

#: Kinds that a scenario can close, of which queues are known.
_CLOSED = ("crossing", "checkpoint")
DEFAULT_KINDS = tuple(kind for kind in KINDS if kind != "pair")
#: What an hour is multiplied by, and the columns that rank by it.
WEIGHTS = {"people": ("people_cut", "people_h"), "trucks": ("trucks_cut", "truck_h")}
#: Draws of the estimates and the quantiles that are their range; elements, draws and pairs at a time.
DRAWS, MOST_DRAWS, RANGE, _BATCH = 20, 1000, (0.1, 0.9), 2_000_000
#: Elements to name in a sentence.
_NAMED = 5
_COLUMNS = ("people_h", "people_cut", "truck_h", "trucks_cut", "pairs_cut")


class _Task(NamedTuple):
    """One distinct state: its costs, on how many days it holds, and the trucks of each pair on them."""

    net: Network
    state: State
    costs: np.ndarray
    journeys: Journeys
    days: int
    trucks: np.ndarray


class _Usual(NamedTuple):
    """The journeys of a state with all elements, and what is needed to take some away."""

    removed: Removals
    base: np.ndarray
    border: np.ndarray
    seconds: np.ndarray


class CriticalityFrame(ResultFrame):
    """Elements in the order of what is lost without them.

    ``weight`` is what ranks them, ``state`` that of the first day, ``reached`` whether any journey has a way.
    """

    _metadata = [*ResultFrame._metadata, "weight", "state", "reached"]  # noqa: RUF012

    def names(self, lang: str = "en") -> list[str]:
        """Return the names of the elements in a language."""
        pairs = zip(self["kind"], self["element"], strict=True)
        return [self._name(kind, id_, lang) for kind, id_ in pairs]

    def _name(self, kind: str, id_: str, lang: str) -> str:
        if kind == "crossing":
            return crossing_name(self.net, id_, lang)
        if kind in ("checkpoint", "bridge"):
            return name_of(self.net.base[f"{kind}s"].loc[id_], lang)
        if kind == "pair":
            return listing([self._name("checkpoint", part, lang) for part in id_.split("+")], lang)
        ends = self.net.edges.loc[id_, ["from_place", "to_place"]]
        return " – ".join(name_of(self.net.nodes.loc[end], lang) for end in ends)

    def sentences(self, lang: str = "en") -> list[str]:
        """Return what is missed most, how much is lost without it, and what is tied with it."""
        lang, names = check_language(lang), self.names(lang)
        if not names:
            return [translate("critical.none" if self.reached else "critical.no_way", lang)]
        first, name_of_id = self.iloc[0], dict(zip(self["element"], names, strict=True))
        cut, hours = (large_text(two_digits(first[name]), lang) for name in WEIGHTS[self.weight])
        loss = f"critical.loss_{self.weight}{'_only' if cut == '0' else ''}"
        found = [
            translate("critical.first", lang, element=names[0]),
            translate(loss, lang, hours=hours, cut=cut),
        ]
        drawn = bool(self["low"].notna().any())
        alike = [id_ for id_ in first["tied_with"].split(";") if id_]
        apart = [id_ for id_ in self["element"][1:] if id_ not in alike]
        for key, ids in (("tied" if drawn else "undrawn", alike), ("next", apart[:3])):
            if ids:
                named, more = [name_of_id[id_] for id_ in ids[:_NAMED]], len(ids) - _NAMED
                named += [translate("sheet.and_more", lang, n=more)] if more > 0 else []
                found.append(translate(f"critical.{key}", lang, elements=listing(named, lang)))
        return found

    def map(self, *, lang: str = "en") -> folium.Map:
        """Draw the elements; see `amurgeo.maps.critical_map`."""
        import amurgeo

        return amurgeo.maps.critical_map(self, lang=lang)

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
    queues: bool = False,
    executor: Executor | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> CriticalityFrame:
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
    vehicle, scenario, drivers
        As in `amurgeo.routes`, but no regime.
    weight
        ``"people"`` or ``"trucks"``: what ranks the elements.
    kinds
        Kinds of elements: ``crossing``, ``checkpoint``, ``pair`` (two checkpoints at once), ``bridge``,
        ``road``, ``railway``.
    origins, destinations
        Places as in `od_matrix`; by default the larger towns of the home regions and the destinations of the
        dataset. Trucks go between the places of the table ``demand``.
    draws
        Draws of border hours and speeds within their ranges, 0 to 1000; without any the range is NaN and
        nothing is told apart.
    seed
        Seed of the draws.
    queues
        Also count the hours that trucks wait, for kinds ``crossing`` and ``checkpoint``: `amurgeo.queues`
        with and without each.
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
        of places without a way; with `queues` truck_queue_h, hours that trucks travel and wait longer if each
        takes the crossing that is best for it, which rank trucks then (all means of the days); low and high,
        P10 and P90 of the hours that rank; tied_with, elements whose range overlaps, which are not told
        apart, joined by ``;``.

    Raises
    ------
    InputError
        If a date, place, vehicle, scenario, kind, weight or number is invalid, or no trucks are known to
        rank by.

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
    queues = check_bool("queues", queues)
    if weight not in WEIGHTS:
        raise unknown_name_error("weight", str(weight), WEIGHTS)
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if not kinds:
        raise InputError(f"kinds is empty; expected some of {', '.join(KINDS)}")
    for kind in kinds:
        if kind not in KINDS:
            raise unknown_name_error("kind", str(kind), KINDS)
    draws, seed = check_int("draws", draws, 0, MOST_DRAWS), check_int("seed", seed, 0, 2**32 - 1)
    parsed, vehicle = period_scenario(net, scenario), vehicle_id(net, vehicle)
    if queues and not set(kinds) <= set(_CLOSED):
        given, closed = ", ".join(kinds), ", ".join(_CLOSED)
        raise InputError(f"kinds is invalid: {given}; expected {closed} with queues=True")
    period = asked_period(on, year, first, last) or (resolve_day(net, on, parsed),) * 2
    days = period_days(*period)
    check_executor(executor)
    net, (starts, ends) = default_places(net, origins, destinations)
    require_pair(net, starts, ends)
    run = series(net, parsed, days)
    journeys, trucks = journeys_of(
        run.net, days, vehicle, check_drivers(drivers), kinds, (starts, ends), (draws, seed)
    )
    if (weight == "trucks" or queues) and not trucks.any():
        raise InputError(f"no trucks are known for '{vehicle}'; expected weight='people' without queues=True")
    tasks = _tasks(run, journeys, trucks)
    total: dict[tuple[str, str], Any] = {}
    for lost in resumed(executor, _lost, tasks, resume, lambda: _fingerprint(tasks)):
        for kind, name, values in lost:
            total[kind, name] = total.get((kind, name), 0.0) + np.array(values) / len(days)
    wanted = {pair for pair, n in zip(journeys.pairs, trucks.sum(axis=1), strict=True) if n > 0}
    waits = _waits(run, list(total), wanted) if queues else None
    frame = _ranked(total, kinds, weight, waits, cargo=bool(trucks.any()))
    result = CriticalityFrame.of(frame, run.net, run.unknown(vehicle))
    result.weight, result.state = weight, run.states[0]
    result.reached = bool(total) or any(np.isfinite(_usual(task).seconds).any() for task in tasks)
    return result


def _waits(
    run: States, names: Sequence[tuple[str, str]], pairs: set[tuple[str, str]]
) -> dict[tuple[str, str], float]:
    """Return by how many hours a day trucks of some pairs travel and wait longer without each element."""
    usual, period = run.scenario, (run.days[0].item(), run.days[-1].item())
    shut = [
        replace(
            usual,
            name=f"{kind} {id_}",
            changes=(*usual.changes, close(id_, *period)),
        )
        for kind, id_ in names
    ]
    trucks = queues_of(run.net, [usual, *shut], start=period[0], end=period[1]).trucks
    trucks = trucks[[pair in pairs for pair in zip(trucks["origin"], trucks["destination"], strict=True)]]
    each = trucks["trucks"] * (trucks["hours"] + trucks["wait_h"].fillna(0.0))
    hours = each.groupby(trucks["scenario"]).sum() / len(run.days)
    return {name: hours[one.name] - hours[usual.name] for name, one in zip(names, shut, strict=True)}


def _tasks(run: States, journeys: Journeys, trucks: np.ndarray) -> list[_Task]:
    """Return the states in which the vehicle finds different roads and crossings, with their days."""
    tasks = []
    for _, costs, _, numbers in priced(run.net, journeys.vehicle, run.states, range(len(run.states))):
        held = np.isin(run.which, numbers)
        wanted = trucks[:, held].sum(axis=1)
        tasks.append(_Task(run.net, run.states[numbers[0]], costs, journeys, int(held.sum()), wanted))
    return tasks


def _usual(task: _Task) -> _Usual:
    """Return the journeys of a state with all elements."""
    net, state, asked, costs = task.net, task.state, task.journeys, task.costs
    network = vehicle_network(net, asked.vehicle, state.roads)
    how = (asked.places, asked.kinds, asked.drivers)
    # Days share networks.
    removed = network.kept(("removals", *how), lambda: removals_of(net, network, *how))
    added = asked.border.reindex(columns=network.border["edge"]).fillna(0.0).to_numpy()
    border = np.maximum(1.0, costs[: network.graph.n_border] + np.rint(3600.0 * added))
    base = removed.usual.with_seasonal(costs)
    seconds = _seconds(asked, base[None], border[None], removed.usual)[0]
    return _Usual(removed, base, border, seconds)


def _lost(task: _Task) -> list[tuple[str, str, list[list[float]]]]:
    """Return what each element costs on the days of a state: kind, id, and `_COLUMNS` by draws."""
    asked, costs = task.journeys, task.costs
    removed, base, border, usual = _usual(task)
    n_border = len(border[0])
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
    asked: Journeys, lands: np.ndarray, border: np.ndarray, distances: TerminalDistances
) -> np.ndarray:
    """Return the seconds of all journeys: elements by draws by pairs.

    ``lands`` are distances between terminals without each element, ``border`` seconds of the crossings,
    elements by draws.
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
    cross_again(paths, costs)
    if rest is not None:
        rest = Rest(*(limit[asked.start, asked.end] for limit in rest))
    best = door_to_door(land[:, :, asked.start, asked.end], rest)
    for i in range(len(opened)):
        entry = land[:, :, asked.start, n_ends + i] + costs[:, :, i, None]
        best = np.minimum(best, door_to_door(entry + paths[:, :, i, asked.end], rest))
    return best


def _fingerprint(tasks: Sequence[_Task]) -> str:
    """Return a digest of all that the answer depends on: tables, states and journeys."""
    digest, asked = digest_of(tasks[0].net.base), tasks[0].journeys
    digest.update(repr((asked.vehicle, asked.drivers, asked.kinds, *asked.places)).encode())
    for values in (asked.people, asked.land, asked.border.to_numpy(), *(task.trucks for task in tasks)):
        digest.update(values.tobytes())
    for task in tasks:
        digest.update(repr((sorted(task.state.roads.seasons), sorted(task.state.roads.edits))).encode())
        digest.update(task.costs.tobytes())
    return str(digest.hexdigest())


def _ranked(
    total: Mapping[tuple[str, str], np.ndarray],
    kinds: Sequence[str],
    weight: str,
    waits: Mapping[tuple[str, str], float] | None,
    *,
    cargo: bool,
) -> pd.DataFrame:
    """Return the elements in order of what is lost without them, and which are not told apart."""
    names = sorted(total, key=lambda name: (KINDS.index(name[0]), name[1]))
    values = np.array([total[name] for name in names] or np.empty((0, len(_COLUMNS), 1)))
    cut, hours = (values[:, _COLUMNS.index(column)] for column in WEIGHTS[weight])
    loss = hours + LOST_DAY_H * cut
    if waits is not None and weight == "trucks" and names:
        # Queues move the middle; the estimates spread around it as before.
        loss = loss - loss[:, :1] + np.array([[waits[name]] for name in names])
    alone = dict(zip(names, loss[:, 0], strict=True))
    said = [number for number, name in enumerate(names) if name[0] in kinds and _says_more(name, alone)]
    keep = np.array(said, dtype=int)[np.argsort(-loss[said, 0], kind="stable")]
    frame = pd.DataFrame(values[keep, :, 0], columns=list(_COLUMNS))
    if not cargo:
        frame[list(WEIGHTS["trucks"])] = np.nan
    if waits is not None:
        frame.insert(len(frame.columns) - 1, "truck_queue_h", [waits[names[number]] for number in keep])
    # Without draws no range is known, so nothing is told apart.
    low, high = np.full(len(keep), -np.inf), np.full(len(keep), np.inf)
    if loss.shape[1] > 1 and len(keep):
        low, high = np.quantile(loss[keep, 1:], RANGE, axis=1)
        # The middle of all ranges need not lie in the middle of the draws.
        low, high = np.minimum(low, loss[keep, 0]), np.maximum(high, loss[keep, 0])
    ids = [names[number][1] for number in keep]
    first = {"rank": range(1, len(keep) + 1), "element": ids, "kind": [names[number][0] for number in keep]}
    known = {"low": low, "high": high, "tied_with": tied(ids, low, high)}
    return pd.DataFrame(first).join(frame).assign(**known).replace({"low": -np.inf, "high": np.inf}, np.nan)


def _says_more(name: tuple[str, str], loss: Mapping[tuple[str, str], float]) -> bool:
    """Return True unless two checkpoints together lose no more than the worse one alone."""
    parts = name[1].split("+") if name[0] == "pair" else []
    return loss[name] > max((loss.get(("checkpoint", part), 0.0) for part in parts), default=0.0)
