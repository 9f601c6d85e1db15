"""Routes between two places on one day: the best way by each open crossing, with its legs and its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, as_names, check_int, unknown_name_error
from amurgeo.network import vehicle_row
from amurgeo.network.snapping import Joint, locate
from amurgeo.routing.costs import ARC_VALUES, arc_costs
from amurgeo.routing.departures import (
    MAX_WAIT_H,
    Departure,
    build_legs,
    depart,
    parse_departure,
    round_leg,
)
from amurgeo.routing.engine import ShortestPaths, vehicle_network

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: A way inside one country that leads through the other is offered up to this multiple of the direct one.
TRANSIT_STRETCH = 1.5
#: Alternatives inside one country share at most this part of their length.
OVERLAP = 0.7
#: Searches for alternatives inside one country at most.
SEARCHES = 240


@dataclass(frozen=True)
class Route:
    """One route: its arcs in order of travel, and what they sum up to.

    Attributes
    ----------
    arcs
        Rows of arcs (`amurgeo.routing.costs.ARC_COLUMNS`) in order of travel.
    crossings
        Crossings in order of travel.
    legs
        Stretches of one mode and road number, with from, to, mode, ref, length_km and hours.
    transit
        Whether a way between two places of one country leads through the other.
    """

    arcs: pd.DataFrame
    crossings: tuple[str, ...]
    legs: tuple[dict[str, Any], ...]
    transit: bool = False

    @property
    def seconds(self) -> int:
        """Seconds from door to door, control and expected waits included."""
        return int(self.arcs["seconds"].sum())

    @property
    def length_km(self) -> float:
        """Kilometres from door to door."""
        return float(self.arcs["length_km"].sum())

    @property
    def nodes(self) -> tuple[str, ...]:
        """Place ids along the route."""
        return () if self.arcs.empty else (self.arcs["tail"].iloc[0], *self.arcs["head"])

    def overlap(self, other: Route) -> float:
        """Return the share of this route's length that it has in common with another."""
        if self.length_km == 0:
            return 1.0 if self.arcs.empty and other.arcs.empty else 0.0
        shared = self.arcs["edge"].isin(set(other.arcs["edge"]))
        return float(self.arcs.loc[shared, "length_km"].sum()) / self.length_km


#: What a route is told by, beside its legs.
ROUTE_COLUMNS = (
    "rank",
    "crossing",
    "crossings",
    "checkpoint",
    "transit",
    "total_h",
    "drive_h",
    "border_h",
    "border_estimated",
    "wait_h",
    "length_km",
    "cost_rub",
    "cost_estimated",
    "detour_h",
    "overlap",
    "estimated_share",
)


@dataclass(frozen=True)
class Routes:
    """Routes of one question, ranked by time.

    Attributes
    ----------
    origin, destination
        Place ids.
    on
        The day.
    vehicle
        Id of the vehicle.
    state
        What was open.
    routes
        The routes, fastest first.
    closed
        Crossings that the vehicle cannot use on the day: crossing, reason, because, expected_open.
    joints
        Where an end that was given as ``latitude,longitude`` was joined to a road.
    departure
        The journey that leaves at the asked hour, or None when none was asked.
    """

    origin: str
    destination: str
    on: date
    vehicle: str
    state: State
    routes: tuple[Route, ...]
    closed: tuple[dict[str, Any], ...] = ()
    joints: Mapping[str, Joint] = field(default_factory=dict)
    departure: Departure | None = None

    def __len__(self) -> int:
        return len(self.routes)

    @property
    def why_none(self) -> tuple[dict[str, Any], ...]:
        """The crossings that are closed, when there is no route at all."""
        return () if self.routes else self.closed

    def records(self) -> list[dict[str, Any]]:
        """Return the routes as plain records, ranked by ``total_h``."""
        checkpoint_of = self.state.checkpoint_of
        best = self.routes[0] if self.routes else None
        records = []
        for rank, route in enumerate(self.routes, 1):
            arcs = route.arcs
            total_h = route.seconds / 3600.0
            crossing = route.crossings[0] if route.crossings else None
            estimated = float(arcs["estimated_h"].sum())
            cost = arc_costs(self.state.net, self.vehicle, arcs)
            records.append(
                {
                    "rank": rank,
                    "crossing": crossing,
                    "crossings": list(route.crossings),
                    "checkpoint": checkpoint_of(crossing) if crossing else None,
                    "transit": route.transit,
                    "total_h": round(total_h, 3),
                    "drive_h": round(float(arcs["drive_h"].sum()), 3),
                    "border_h": round(float(arcs["border_h"].sum()), 3),
                    "border_estimated": bool(
                        (arcs["border_h"].gt(0) & arcs["estimated_h"].ge(arcs["border_h"])).any()
                    ),
                    "wait_h": round(float(arcs["wait_h"].sum()), 3),
                    "length_km": round(route.length_km, 1),
                    "cost_rub": None
                    if cost["cost_rub"].isna().any() or arcs.empty
                    else round(float(cost["cost_rub"].sum())),
                    "cost_estimated": bool(cost["estimated"].any()),
                    "detour_h": round((route.seconds - best.seconds) / 3600.0, 3) if best else 0.0,
                    "overlap": round(route.overlap(best), 3) if best else 1.0,
                    "estimated_share": round(min(1.0, estimated / total_h), 3) if total_h else 0.0,
                    "legs": [round_leg(leg) for leg in route.legs],
                }
            )
        return records

    def break_even(self) -> list[dict[str, Any]]:
        """Say at which border hours the order of two neighbouring routes flips.

        Returns
        -------
        list of dict
            For each route and the next by another crossing: crossing, border_h (as used), against, and
            break_even_h, the hours at ``crossing`` from which the route by ``against`` is the faster one.
        """
        flips = []
        for one, two in pairwise(self.routes):
            if one.crossings and two.crossings and one.crossings[0] != two.crossings[0]:
                mine = one.arcs.loc[one.arcs["edge"] == one.crossings[0], "border_h"].iloc[0]
                flips.append(
                    {
                        "crossing": one.crossings[0],
                        "border_h": round(float(mine), 3),
                        "against": two.crossings[0],
                        "break_even_h": round(float(mine) + (two.seconds - one.seconds) / 3600.0, 3),
                    }
                )
        return flips

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        return {
            "origin": self.origin,
            "destination": self.destination,
            "on": self.on.isoformat(),
            "vehicle": self.vehicle,
            "scenario": self.state.scenario.name,
            "routes": self.records(),
            "closed": list(self.closed),
            "why_none": list(self.why_none),
            "break_even": self.break_even(),
            **({} if self.departure is None else {"departure": self.departure.to_dict()}),
            "joined": {side: joint.to_dict() for side, joint in self.joints.items()},
            "record_until": self.state.record_until.isoformat(),
        }


def routes(
    net: Network,
    origin: str,
    destination: str,
    *,
    on: date | str | None = None,
    vehicle: str = "truck_20t",
    k: int = 4,
    scenario: Scenario | str | None = None,
    via: Iterable[str] = (),
    avoid: Iterable[str] = (),
    transit: bool = True,
    border_h: Mapping[str, float] | None = None,
    depart_at: str | None = None,
    max_wait_h: float = MAX_WAIT_H,
    lang: str = "en",
) -> Routes:
    """Find the best way by each open crossing.

    Parameters
    ----------
    net
        The network.
    origin, destination
        Places by name, id or ``latitude,longitude``.
    on
        The day; may be left out when the scenario has one of its own.
    vehicle
        Id of the vehicle.
    k
        How many routes at most.
    scenario
        Scenario, name or file.
    via, avoid
        Checkpoints, crossings or places that every route takes, or that none takes.
    transit
        Offer ways between two places of one country that lead through the other.
    border_h
        Hours of border procedure by crossing that replace those of the table.
    depart_at
        Hour of departure by the clock of the origin, ``08:30`` or with its day ``2026-02-10T08:30``: adds the
        journey that arrives first, with the hours of the checkpoints, closures under way and waiting as legs
        of their own.
    max_wait_h
        With ``depart_at``: a crossing that opens later than that counts as closed.
    lang
        Language of the reasons.

    Returns
    -------
    Routes
        Ranked by time. No route is an empty result that says in ``why_none`` what is closed, why, and
        until about when; a place to itself is one route of 0 km.

    Raises
    ------
    InputError
        For an unknown place, vehicle, checkpoint or scenario, or an impossible day.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.routes(ag.load(), "Blagoveshchensk", "Heihe", on="2026-02-10")
    >>> sorted(route.crossings[0] for route in found.routes[:2])
    ['blagoveshchensk:pontoon', 'kani_kurgan:bridge']
    """
    k = check_int("k", k, 1, 10_000)
    net, start, origin_joint = locate(net, origin)
    net, end, destination_joint = locate(net, destination)
    if start == end:
        # The same point given twice was joined once.
        destination_joint = origin_joint
    joints = {
        side: joint for side, joint in (("origin", origin_joint), ("destination", destination_joint)) if joint
    }
    vehicle_row(net, vehicle)
    clock = None
    if depart_at is not None:
        on, clock = parse_departure(depart_at, on)
    given, state = net, net.state(on, scenario=scenario)
    net = state.net
    search = _Search(state, vehicle, border_h)
    avoided = [_target(net, name, "avoid") for name in as_names("avoid", avoid)]
    for target in avoided:
        if target in (("place", start), ("place", end)):
            raise InputError(
                f"avoid is invalid: '{target[1]}'; expected a place that is no end of the journey"
            )
        search.close(target)
    required = [_target(net, name, "via") for name in as_names("via", via)]
    departure = None
    if clock is not None:
        departure = depart(
            given,
            start,
            end,
            on=state.on,
            at=clock,
            vehicle=vehicle,
            scenario=replace(state.scenario, regime=None, day=None),
            max_wait_h=max_wait_h,
            border_h=border_h,
            shut=_shut(net, required, avoided),
        )
    paths = search.routes(start, end, required, k, transit=transit)
    closed = tuple(state.closed_for(vehicle, lang=lang))
    found = tuple(search.route(path) for path in paths)
    return Routes(start, end, state.on, vehicle, state, found, closed, joints, departure)


#: Arcs of a route by number, in order of travel.
_Path = list[int]
#: What a name of ``via`` or ``avoid`` means (crossing, checkpoint or place), and its id.
_Target = tuple[str, str]


class _Search:
    """Routes of one vehicle in one state, as lists of arc numbers."""

    def __init__(self, state: State, vehicle: str, border_h: Mapping[str, float] | None) -> None:
        self.net = state.net
        self.network = vehicle_network(state.net, vehicle)
        self.graph = self.network.graph
        costs, self.border_values = self.network.price(state, border_h)
        self.seconds = self.graph.all_seconds(costs)
        self.country = self.net.nodes["country"]

    @property
    def land_seconds(self) -> np.ndarray:
        """Seconds of all arcs with every crossing closed."""
        seconds = self.seconds.copy()
        seconds[self.graph.border] = np.inf
        return seconds

    def close(self, target: _Target) -> None:
        """Close what a route has to avoid."""
        kind, name = target
        if kind == "place":
            (node,) = self.network.nodes([name])
            closed = (self.graph.tail == node) | (self.graph.head == node)
        else:
            closed = np.zeros(len(self.seconds), dtype=bool)
            closed[self.graph.border] = [_is_at(crossing, target) for crossing in self.network.border["edge"]]
        self.seconds[closed] = np.inf

    def routes(self, start: str, end: str, required: list[_Target], k: int, *, transit: bool) -> list[_Path]:
        """Return at most k routes between two places, fastest first."""
        if start == end:
            return [] if required else [[]]
        places = [name for kind, name in required if kind == "place" and name not in (start, end)]
        paths = [
            path
            for path in self.through([start, *places, end])
            if all(self.takes(path, target) for target in required)
        ]
        domestic = self.country[start] == self.country[end]
        if domestic:
            direct = min((self.total(path) for path in paths if not self.crossings(path)), default=np.inf)
            longest = TRANSIT_STRETCH * direct if transit else 0.0
            paths = [path for path in paths if not self.crossings(path) or self.total(path) <= longest]
        ranked = _distinct(sorted(paths, key=self.rank), self.crossings)
        if domestic and not required and ranked and not self.crossings(ranked[0]):
            ranked += self.further(ranked[0], k - len(ranked))
            ranked.sort(key=self.rank)
        return ranked[:k]

    def by_first_crossing(self, start: str, end: str) -> list[_Path]:
        """Return the direct route and, for every open crossing, the fastest one that takes it first."""
        origin, destination = (int(node) for node in self.network.nodes([start, end]))
        out = ShortestPaths(self.graph, self.land_seconds, [origin])
        onward = ShortestPaths(self.graph, self.seconds, [destination], reverse=True)
        paths = [out.arcs(origin, destination)]
        departing = self.country.reindex(self.network.border["tail"]).to_numpy() == self.country[start]
        opened = np.isfinite(self.seconds[self.graph.border])
        for arc in self.graph.n_static + np.flatnonzero(departing & opened):
            tail, head = int(self.graph.tail[arc]), int(self.graph.head[arc])
            if np.isfinite(out.seconds(origin, tail)) and np.isfinite(onward.seconds(destination, head)):
                path = [*out.arcs(origin, tail), int(arc), *onward.arcs(destination, head)]
                nodes = self.nodes(path)
                if len(set(nodes)) == len(nodes):
                    paths.append(path)
        return [path for path in paths if path]

    def through(self, stops: list[str]) -> list[_Path]:
        """Return routes by way of some places in order; one stretch between them varies its crossing."""
        stretches = [self.by_first_crossing(*pair) for pair in pairwise(stops)]
        if not all(stretches):
            return []
        # Each stretch is loopless; the whole may use the same road to a place and back.
        best = [min(paths, key=self.total) for paths in stretches]
        routes = [
            list(chain(*best[:position], path, *best[position + 1 :]))
            for position, paths in enumerate(stretches)
            for path in paths
        ]
        return [list(route) for route in dict.fromkeys(map(tuple, routes))]

    def further(self, best: _Path, n: int) -> list[_Path]:
        """Return at most n loopless routes over land that differ from the best one and from each other.

        Link penalties (de la Barra, Perez and Anez, 1993): the edges of every route found so far become
        dearer by four tenths, and the search is repeated.
        """
        start, *_, end = self.nodes(best)
        seconds, edges = self.land_seconds, self.network.edges
        penalty = np.ones(len(seconds))
        path, different = best, [best]
        for _ in range(min(12 * n, SEARCHES)):
            if len(different) > n:
                break
            penalty[np.isin(edges, edges[path])] *= 1.4
            path = ShortestPaths(self.graph, np.ceil(seconds * penalty), [start]).arcs(start, end)
            if self.total(path) <= TRANSIT_STRETCH * self.total(best) and all(
                self.overlap(path, other) <= OVERLAP for other in different
            ):
                different.append(path)
        return different[1:]

    def total(self, path: _Path) -> float:
        """Return the seconds of a path."""
        return float(self.seconds[path].sum())

    def rank(self, path: _Path) -> tuple[float, tuple[str, ...]]:
        """Return the key by which routes are sorted."""
        return self.total(path), self.crossings(path)

    def nodes(self, path: _Path) -> list[int]:
        """Return the nodes along a path."""
        return [int(self.graph.tail[path[0]]), *self.graph.head[path].tolist()]

    def crossings(self, path: _Path) -> tuple[str, ...]:
        """Return the crossings along a path."""
        border = range(self.graph.n_static, self.graph.n_static + self.graph.n_border)
        return tuple(self.network.edges[arc] for arc in path if arc in border)

    def takes(self, path: _Path, target: _Target) -> bool:
        """Return whether a path takes a crossing, checkpoint or place."""
        if target[0] == "place":
            return target[1] in self.network.names[self.nodes(path)]
        return any(_is_at(crossing, target) for crossing in self.crossings(path))

    def overlap(self, path: _Path, other: _Path) -> float:
        """Return the share of a path's length that it has in common with another."""
        length = self.network.values[path, ARC_VALUES.index("length_km")]
        shared = np.isin(self.network.edges[path], self.network.edges[other])
        return float(length[shared].sum() / length.sum()) if length.sum() else 0.0

    def route(self, path: _Path) -> Route:
        """Return a path with its arcs and legs."""
        arcs, crossings = self.network.rows(path, self.border_values), self.crossings(path)
        ends = self.country.reindex([*arcs["tail"].iloc[:1], *arcs["head"].iloc[-1:]])
        legs = tuple(build_legs(self.net, arcs))
        return Route(arcs, crossings, legs, bool(crossings) and ends.nunique() == 1)


def _distinct(ranked: list[_Path], crossings: Callable[[_Path], tuple[str, ...]]) -> list[_Path]:
    """Keep the fastest route of each first crossing; drop those that cross more than twice."""
    kept: dict[tuple[str, ...], _Path] = {}
    for path in ranked:
        if path is ranked[0] or len(crossings(path)) <= 2:
            kept.setdefault(crossings(path)[:1], path)
    return list(kept.values())


def _target(net: Network, name: str, argument: str) -> _Target:
    """Resolve a name of ``via`` or ``avoid`` to a crossing, a checkpoint or a place."""
    for kind in ("crossing", "checkpoint"):
        if name in net.base[f"{kind}s"].index:
            return kind, name
    if ":" in name:
        raise unknown_name_error("crossing", name, net.base["crossings"].index, option=argument)
    try:
        return "place", net.find(name)
    except InputError as error:
        raise InputError(f"{argument}: {error}") from None


def _is_at(crossing: str, target: _Target) -> bool:
    """Return whether a crossing is the one of a target, or at its checkpoint."""
    return target[1] in (crossing, crossing.partition(":")[0])


def _shut(net: Network, via: list[_Target], avoid: list[_Target]) -> set[str]:
    """Return the crossings that a departure avoids: named ones, and all but the required ones."""
    for argument, targets in (("via", via), ("avoid", avoid)):
        for kind, name in targets:
            if kind == "place":
                raise InputError(
                    f"{argument} is invalid: '{name}' is a place; expected a crossing or checkpoint with an "
                    "hour of departure"
                )
    crossings = set(net.base["crossings"].index)
    avoided = {crossing for crossing in crossings for target in avoid if _is_at(crossing, target)}
    required = {crossing for crossing in crossings for target in via if _is_at(crossing, target)}
    return avoided | (crossings - required if via else set())
