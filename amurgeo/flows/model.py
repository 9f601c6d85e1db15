"""The queue model: streams of trucks that choose a crossing by cost and wait, and queues that clear.

A queue is a fluid: trucks that join, and a capacity that is lost if nobody waits. In each slice of a day
every stream takes the crossing with the least generalised hours, those of waiting included. The wait follows
from the capacity as it is expected: waiting for an opening, standing in a queue and going round are one
comparison.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.flows.demand import (
    Capacity,
    Draw,
    cargo_days,
    daily_capacity,
    daily_demand,
    mass_classes,
    open_share,
    servers_of,
)  # fmt: skip
from amurgeo.network import vehicle_id
from amurgeo.network.additions import with_additions
from amurgeo.routing.engine import ShortestPaths, VehicleNetwork, vehicle_network
from amurgeo.routing.money import arc_costs
from amurgeo.routing.rest import KEY, door_to_door
from amurgeo.scenario import Change, Scenario
from amurgeo.seasons.daily import series
from amurgeo.seasons.evaluation import evaluate, road_states, services_of

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

PAIR = ("origin", "destination")
#: Days before a period with which a run begins, and after it that are looked ahead to.
LEAD_DAYS, AHEAD_DAYS = 14, 200
#: Slices of a day.
SLICES = 4
#: Days without an opening ahead from which a queue is given back to choose: its season has ended.
SEASON_ENDS = 14
#: Trucks below which a queue is empty.
EMPTY = 1e-9


@dataclass(frozen=True, eq=False)
class Flows:
    """Demand and capacity of one scenario as arrays, the input of `simulate`.

    ``servers`` are crossing and direction (``both``, ``in``, ``out``) of each queue. ``capacity`` has the
    trucks a day that are cleared, servers by days; ``known`` the position of the day from which a capacity is
    expected, and that capacity, ascending. ``rows`` are streams, ``trucks`` how many of them want to pass,
    rows by days. ``pricing`` is the position of each day in ``cost``: generalised hours without a queue,
    infinity if not admitted, pricings by rows by servers.
    """

    servers: list[tuple[str, str]]
    capacity: np.ndarray
    known: list[tuple[int, np.ndarray]]
    rows: pd.DataFrame
    trucks: np.ndarray
    pricing: np.ndarray
    cost: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        """Hours of cost of an hour of waiting, by row."""
        weights: np.ndarray = self.rows["wait_weight"].to_numpy(dtype=float)
        return weights


class Model:
    """Demand and capacity of one scenario on some days, from which draws make `Flows`.

    ``known_days`` is for dated changes without a number of their own; days beyond ``simulated`` are only
    looked ahead to; ``kept`` is what models of the same network, days and demand share.
    """

    def __init__(
        self,
        net: Network,
        scenario: Scenario,
        days: np.ndarray,
        tables: Mapping[str, pd.DataFrame],
        *,
        factor: float = 1.0,
        known_days: int = 0,
        simulated: int | None = None,
        kept: dict[Any, Any] | None = None,
    ) -> None:
        self.kept: dict[Any, Any] = {} if kept is None else kept
        self.run = series(net, scenario, days)
        self.net = self.run.net
        # Tables hold in the world in which the scenario lives.
        held = self.run.services[0].world_days
        self.servers = servers_of(tables["capacity"], held)
        self.rows: pd.DataFrame = self._kept("rows", lambda: mass_classes(net, tables["demand"]))
        self.works: Capacity = self._kept(
            ("works", scenario.world), lambda: daily_capacity(tables["capacity"], self.servers, held)
        )
        self.shares = self._known_shares(net, known_days)
        home, self.demand = self._kept(
            ("demand", scenario.world), lambda: daily_demand(net, tables, held, factor)
        )
        self.at_home = home[self.rows["group"]].to_numpy()
        self.group = home.index.get_indexer(self.rows["group"])
        self.simulated = len(days) if simulated is None else simulated
        self._price(self.simulated)

    def _kept(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what models share, made once."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def _known_shares(self, net: Network, known_days: int) -> list[tuple[int, np.ndarray]]:
        """Return shares as expected from each day on which a dated change becomes known, ascending."""
        run, changes = self.run, self.run.scenario.changes
        since = [0] * len(changes)
        for number, change in enumerate(changes):
            if change.span is not None:
                holds = np.flatnonzero(change.holds_on(run.days))
                ahead = known_days if change.known_days is None else change.known_days
                since[number] = max(0, int(holds[0]) - ahead) if len(holds) else 0
        shares = []
        for start in sorted({0, *since}):
            known = tuple(change for change, day in zip(changes, since, strict=True) if day <= start)
            key = ("share", known, run.scenario.world, run.scenario.assume)
            shares.append((start, self._kept(key, partial(self._share, net, known))))
        return shares

    def _share(self, net: Network, changes: tuple[Change, ...]) -> np.ndarray:
        """Return the share of their capacity that servers have under some of the changes."""
        if changes == self.run.scenario.changes:
            return open_share(self.run, self.servers)
        scenario, names = replace(self.run.scenario, changes=changes), {x for x, _ in self.servers}
        whole = with_additions(net, scenario)
        services = [one for (crossing, _), one in services_of(whole).items() if crossing in names]
        found = tuple(evaluate(whole, scenario, self.run.days, services))
        return open_share(replace(self.run, services=found), self.servers)

    def _price(self, n: int) -> None:
        """Set hours, known cost and kilometres by each server, and which of them are admitted, by pricing.

        They are arrays of pricings by rows by servers.
        """
        run, services = self.run, cargo_days(self.run)
        exists = ~np.isnan(self.works.mid[:, :n]).T
        roads = road_states(self.net, run.scenario, run.days[:n])
        codes = {state: code for code, state in enumerate(dict.fromkeys(roads))}
        columns = [np.array([codes[state] for state in roads]), *exists.T]
        for out in (services[crossing] for crossing, _ in self.servers if crossing in services):
            daily = (out.max_mass_t, out.wait_h, out.border_h)
            columns += [pd.factorize(value[:n], use_na_sentinel=False)[0] for value in daily]
        _, first, pricing = np.unique(
            np.column_stack(columns), axis=0, return_index=True, return_inverse=True
        )
        self.pricing, self.exists = pricing.ravel(), exists[first]
        places = [sorted(set(self.rows[end])) for end in PAIR]
        start, end = (
            pd.Index(ids).get_indexer(self.rows[name])[:, None]
            for ids, name in zip(places, PAIR, strict=True)
        )
        vehicle, priced = vehicle_id(self.net, None), []
        for day in first:
            state = run[int(day)]
            network = vehicle_network(self.net, vehicle, roads[day])
            key = (id(network), roads[day])
            if key not in self.kept:
                values = partial(_arc_values, self.net, network, state)
                self.kept[key] = _along(network, state, self._kept(key[0], values), *places)
                # Ids of objects that are gone are used again.
                self.kept["networks", key] = network
            arcs = self._arcs(network)
            tables = np.concatenate([_hours(network, state, *places)[None], self.kept[key]])
            found = tables[:, arcs, start, end]
            priced.append(np.where((arcs >= 0) & np.isfinite(found), found, np.inf))
        self.hours, self.rub, self.km = np.stack(priced, axis=1)
        none = np.zeros(len(run.days))
        limits = [services[x].max_mass_t if x in services else none for x, _ in self.servers]
        heavy = np.array(limits)[:, first].T[:, None, :] < self.rows["mass_t"].to_numpy()[:, None]
        self.admitted = ~heavy & self.exists[:, None, :]

    def _arcs(self, network: VehicleNetwork) -> np.ndarray:
        """Return the border arc of each row and server; -1 if the server takes the other direction."""
        edges = network.border["edge"].tolist()
        half = len(edges) // 2
        out = np.array([edges.index(x) if x in edges else -1 for x, _ in self.servers])
        inward = (self.rows["direction"] == "in").to_numpy()[:, None]
        takes = np.array(
            [[way in (row, "both") for _, way in self.servers] for row in self.rows["direction"]]
        )
        return np.where(takes & (out >= 0), out + half * inward, -1)

    @cached_property
    def usual(self) -> np.ndarray:
        """Server of the usual crossing of each row; -1 without one."""
        position = {server: number for number, server in enumerate(self.servers)}
        pairs = zip(self.rows["usual"], self.rows["direction"], strict=True)
        return np.array([position.get((x, "both"), position.get((x, way), -1)) for x, way in pairs])

    def _cost(self, assumed: Mapping[str, float]) -> np.ndarray:
        """Return generalised hours by each server without a queue; infinity if not admitted.

        The usual crossing is the cheapest: where trucks are known to use it, higher computed costs are
        incomplete.
        """
        cost = np.where(self.admitted, self.hours + self.rub / assumed["value_of_hour"], np.inf)
        rows, usual = np.arange(len(self.rows)), self.usual
        floor = cost[:, rows, usual] + assumed["unusual_h"]
        floor = np.where((usual >= 0) & np.isfinite(floor), floor, -np.inf)
        is_usual = np.arange(len(self.servers)) == usual[:, None]
        cost = np.where(is_usual, cost, np.maximum(cost, floor[:, :, None]))
        return cost + assumed["region_h"] * self._elsewhere

    @cached_property
    def _elsewhere(self) -> np.ndarray:
        """Whether a server is in another region than the usual crossing, rows by servers."""
        region = self.net.base["crossings"]["checkpoint"].map(self.net.base["checkpoints"]["region"])
        own = region.reindex(self.rows["usual"]).to_numpy(dtype=object)[:, None]
        regions = region.reindex([crossing for crossing, _ in self.servers]).to_numpy(dtype=object)
        return np.asarray(pd.notna(own) & (regions != own))

    def flows(
        self,
        draw: Draw | None = None,
        *,
        more: Mapping[str, float] | None = None,
        share: np.ndarray | None = None,
    ) -> Flows:
        """Return the arrays of a draw, the middle of all ranges without one.

        `more` are trucks a day by crossing to add, those of a lane; `share` are the shares of their capacity
        that servers have in one course of the seasons, known from its first day.
        """
        draw = Draw() if draw is None else draw
        u = None if draw.demand is None else np.array([[draw.capacity[server]] for server in self.servers])
        trucks = np.nan_to_num(self.works.at(u))
        extra = np.array([[(more or {}).get(crossing, 0.0)] for crossing, _ in self.servers])
        trucks += extra * (trucks > 0)
        shares = self.shares if share is None else [(0, share)]
        known = [(start, trucks * each) for start, each in shares]
        wanted = self.rows["share"].to_numpy()[:, None] * self.demand.at(draw.demand)[self.group]
        cost = self._cost(draw.assumed)
        return Flows(self.servers, known[-1][1], known, self.rows, wanted, self.pricing, cost)


def _hours(network: VehicleNetwork, state: State, origins: list[str], destinations: list[str]) -> np.ndarray:
    """Return the hours by way of each border arc, open or not: arcs by origins by destinations."""
    costs, values = network.price(state)
    distances = network.distances(origins, destinations)
    land = distances.with_seasonal(costs)
    seconds = values[:, 0]
    if distances.rest is not None:
        land, seconds = land * (KEY + 1.0), seconds * KEY
    entry = land[: len(origins), len(destinations) :] + seconds
    keys = entry.T[:, :, None] + land[len(origins) :, : len(destinations)][:, None, :]
    hours: np.ndarray = door_to_door(keys, distances.rest) / 3600.0
    return hours


def _arc_values(net: Network, network: VehicleNetwork, state: State) -> list[np.ndarray]:
    """Return known cost and kilometres of all arcs."""
    table = network.rows(np.arange(len(network.graph.seconds)), network.price(state)[1])
    columns = (arc_costs(net, network.vehicle, table)["known"], table["length_km"])
    return [column.to_numpy(dtype=float) for column in columns]


def _along(
    network: VehicleNetwork, state: State, arcs: list[np.ndarray], origins: list[str], destinations: list[str]
) -> np.ndarray:
    """Return sums of values of arcs by way of each border arc: values by arcs by origins by destinations."""
    graph = network.graph
    land = graph.all_seconds(network.price(state)[0])
    land[graph.border] = np.inf
    out = ShortestPaths(graph, land, network.nodes(origins).tolist())
    onward = ShortestPaths(graph, land, network.nodes(destinations).tolist(), reverse=True)
    tails, heads = graph.tail[graph.border], graph.head[graph.border]
    sums = []
    for each in arcs:
        before, after = out.sums(each)[:, tails].T, onward.sums(each)[:, heads].T
        sums.append(before[:, :, None] + after[:, None, :] + each[graph.border, None, None])
    return np.stack(sums)


@dataclass(frozen=True, eq=False)
class Run:
    """What happens to the trucks of `Flows`, servers by days.

    Trucks that join a queue, pass, and leave at the end of a season to choose again; ``queue`` at the end of
    the day; ``wait_h``, the mean hours of those who join, or that one would wait (NaN without an opening in
    sight); ``truck_days`` of waiting. ``streams`` are trucks by row, server and day of joining, ``stranded``
    those of a row for which nothing opens in sight, ``cost_h`` the generalised hours of all, waits included.
    """

    joined: np.ndarray
    passed: np.ndarray
    left: np.ndarray
    queue: np.ndarray
    wait_h: np.ndarray
    truck_days: np.ndarray
    streams: np.ndarray
    stranded: np.ndarray
    cost_h: float


class _Curve:
    """Cumulative capacity at the edges of slices, and the wait that follows from it."""

    def __init__(self, capacity: np.ndarray, slices: int) -> None:
        each = np.repeat(capacity / slices, slices, axis=1)
        self.total = np.hstack([np.zeros((len(each), 1)), np.cumsum(each, axis=1)])
        self.size, self.hours = self.total.shape[1], 24.0 / slices
        # The first edge at which more is cleared than at each one: large sums lose a queue that is empty.
        more = np.where(np.diff(self.total, append=0.0) > 0, np.arange(1, self.size + 1), self.size)
        opens = np.minimum.accumulate(more[:, ::-1], axis=1)[:, ::-1]
        self._totals, self._opens = self.total.tolist(), opens.tolist()

    def waits(self, at: int, queues: np.ndarray) -> np.ndarray:
        """Return the hours of `wait` of each server."""
        return np.array([self.wait(server, at, queue) for server, queue in enumerate(queues.tolist())])

    def wait(self, server: int, at: int, queue: float) -> float:
        """Return the hours until the capacity from a slice on has cleared a queue; infinity if never."""
        total = self._totals[server]
        due = total[at] + queue + EMPTY
        after = max(bisect_left(total, due, at), self._opens[server][at])
        if after >= self.size:
            return np.inf
        before = total[after - 1]
        hours: float = (after - 1 + (due - before) / max(total[after] - before, EMPTY) - at) * self.hours
        return hours if hours > 1e-6 else 0.0


def simulate(flows: Flows, days: int, *, slices: int = SLICES) -> Run:
    """Return what happens to trucks on the first days; later days are only looked ahead to.

    In each slice the streams whose choice has room go at once. The rest goes in an order that
    rotates, each with the queue as it has grown.
    """
    n_rows, n_servers = flows.cost.shape[1:]
    steps, rows = days * slices, np.arange(n_rows)
    curves = [(start * slices, _Curve(capacity, slices)) for start, capacity in flows.known]
    room = np.repeat(flows.capacity / slices, slices, axis=1)
    joined, gone, left, waits = (np.zeros((n_servers, steps)) for _ in range(4))
    streams = np.zeros((n_rows, n_servers, days))
    queue, by_row = np.zeros(n_servers), np.zeros((n_rows, n_servers))
    # An opening that never comes is worse than any cost, whatever the weight of waiting.
    weight = np.maximum(flows.weight, 1e-12)[:, None]
    back, stranded = np.zeros(n_rows), np.zeros(n_rows)
    for step in range(steps):
        day = step // slices
        curve = [curve for start, curve in curves if start <= step][-1]
        if step and step % slices == 0:
            ahead = min(step + SEASON_ENDS * slices, curve.size - 1)
            shut = curve.total[:, ahead] - curve.total[:, step] <= EMPTY
            for server in np.flatnonzero((room[:, step - 1] > 0) & shut):
                back += by_row[:, server]
                left[server, step - 1] = queue[server]
                by_row[:, server] = queue[server] = 0.0
        base = flows.cost[flows.pricing[day]]
        wait = curve.waits(step, queue)
        waits[:, step] = wait
        cost = base + weight * wait
        trucks = flows.trucks[:, day] / slices + back
        choice = cost.argmin(axis=1)
        served = np.isfinite(cost[rows, choice])
        stranded += np.where(served, 0.0, trucks)
        trucks, back = np.where(served, trucks, 0.0), np.zeros(n_rows)
        wanted = np.bincount(choice, weights=trucks, minlength=n_servers)
        full = (queue + wanted > room[:, step] + EMPTY) & (wanted > 0)
        if full.any():
            order = np.flatnonzero(full[choice] & (trucks > 0))
            lot = trucks[order].mean() / 2
            grown = queue + np.where(full, 0.0, wanted) + lot
            wait = curve.waits(step, grown)
            # Streams come one after the other, so a later one waits less for the same queue.
            later = curve.hours * (np.arange(len(order)) + 0.5) / len(order)
            in_turn = np.roll(order, -(step % len(order)))
            for row, late in zip(in_turn.tolist(), later.tolist(), strict=True):
                paid = base[row] + weight[row] * np.maximum(wait - late, 0.0)
                least = int(paid.argmin())
                # The first choice stays if nothing in sight clears the grown queues.
                best = least if paid[least] < np.inf else int(choice[row])
                choice[row] = best
                grown[best] += trucks[row]
                wait[best] = curve.wait(best, step, float(grown[best]))
        joined[:, step] = np.bincount(choice, weights=trucks, minlength=n_servers)
        streams[rows, choice, day] += trucks
        by_row[rows, choice] += trucks
        waiting = queue + joined[:, step]
        gone[:, step] = np.minimum(waiting, room[:, step])
        stays = 1.0 - np.divide(gone[:, step], waiting, out=np.zeros(n_servers), where=waiting > 0)
        by_row *= stays
        queue = waiting - gone[:, step]
    # The days, given the slices; the wait is the distance of the curves of coming and going.
    per_day = (len(flows.servers), days, slices)
    came, went = np.cumsum(joined, axis=1), np.cumsum(gone + left, axis=1)
    standing = np.maximum(came - went, 0.0)
    hours = 24.0 / slices
    wait = np.zeros_like(joined)
    edges = np.arange(joined.shape[1] + 1.0)
    for server in np.flatnonzero(came[:, -1] > 0):
        # The middle truck of a slice comes in its middle; who has not left by the end waits as expected.
        middle = came[server] - joined[server] / 2
        out = np.interp(middle, np.append(0.0, went[server]) + edges * 1e-12, edges, right=np.inf)
        wait[server] = np.maximum(out - edges[:-1] - 0.5, 0.0) * hours
    wait = np.where(np.isfinite(wait), wait, waits)
    total = joined.reshape(per_day).sum(axis=2)
    expected = waits.reshape(per_day).mean(axis=2)
    weighted = (joined * np.nan_to_num(wait)).reshape(per_day).sum(axis=2)
    wait_h = np.divide(
        weighted, total, out=np.where(np.isfinite(expected), expected, np.nan), where=total > EMPTY
    )
    before = np.hstack([np.zeros((len(standing), 1)), standing[:, :-1]])
    cost = np.moveaxis(flows.cost[flows.pricing[:days]], 0, -1)
    moving = (streams * np.nan_to_num(cost)).sum()
    waiting = (streams * flows.weight[:, None, None] * np.nan_to_num(wait_h)).sum()
    return Run(
        joined=total,
        passed=gone.reshape(per_day).sum(axis=2),
        left=left.reshape(per_day).sum(axis=2),
        queue=standing.reshape(per_day)[:, :, -1],
        wait_h=wait_h,
        truck_days=(before + standing).reshape(per_day).sum(axis=2) / (2.0 * slices),
        streams=streams,
        stranded=stranded,
        cost_h=float(moving + waiting),
    )
