"""Routes between two places on one day: the best way by each open crossing, with its legs and its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, as_names, check_int, unknown_name_error
from amurgeo.network import vehicle_row
from amurgeo.network.snapping import Joint, locate
from amurgeo.routing.costs import arc_costs, crossing_arcs, land_arcs
from amurgeo.routing.departures import MAX_WAIT_H, Departure, depart, parse_departure
from amurgeo.routing.shortest import Paths

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: A way inside one country that leads through the other is offered up to this multiple of the direct one.
TRANSIT_STRETCH = 1.5
#: Alternatives inside one country share at most that part of their length.
OVERLAP = 0.7


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
                    "legs": [
                        {**leg, "length_km": round(leg["length_km"], 1), "hours": round(leg["hours"], 3)}
                        for leg in route.legs
                    ],
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
    if isinstance(k, int) and k < 1:
        raise InputError(f"k is {k}; ask for at least one route")
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
    arcs = crossing_arcs(net, state, vehicle, border_h=border_h)
    land = land_arcs(net, vehicle, open_seasons=state.open_seasons)
    shunned = [_target(net, name, "avoid") for name in as_names("avoid", avoid)]
    arcs, land = _without(net, arcs, land, shunned, keep={start, end})
    must = [_target(net, name, "via") for name in as_names("via", via)]
    closed = tuple(state.closed_for(vehicle, lang=lang))
    leaving = None
    if clock is not None:
        leaving = depart(
            given,
            start,
            end,
            on=state.on,
            at=clock,
            vehicle=vehicle,
            scenario=replace(state.scenario, regime=None, day=None),
            max_wait_h=max_wait_h,
            border_h=border_h,
            shut=_shut(net, must, shunned),
        )
    if start == end:
        own = (Route(land.iloc[:0], (), ()),) if not must else ()
        return Routes(start, end, state.on, vehicle, state, own, closed, joints, leaving)
    places = [name for kind, name in must if kind == "place" and name not in (start, end)]
    candidates = _through(net, arcs, land, [start, *places, end])
    same_country = net.nodes.at[start, "country"] == net.nodes.at[end, "country"]
    found = [route for route in candidates if all(_takes(route, wanted) for wanted in must)]
    if same_country:
        direct = min((route.seconds for route in found if not route.crossings), default=None)
        found = [
            route
            for route in found
            if not route.transit
            or (transit and (direct is None or route.seconds <= TRANSIT_STRETCH * direct))
        ]
    ranked = _distinct(sorted(found, key=lambda route: (route.seconds, route.crossings)))
    if same_country and not places and ranked and not ranked[0].crossings and not must:
        ranked += further_ways(net, land, ranked[0], k - len(ranked))
        ranked.sort(key=lambda route: (route.seconds, route.crossings))
    return Routes(start, end, state.on, vehicle, state, tuple(ranked[:k]), closed, joints, leaving)


def _by_first_crossing(
    net: Network, arcs: pd.DataFrame, land: pd.DataFrame, start: str, end: str
) -> list[Route]:
    """Make the direct way and, for every open crossing, the best way that crosses there first."""
    every = pd.concat([land, arcs], ignore_index=True)
    out = Paths(land, [start])
    onward = Paths(every, [end], reverse=True)
    country = net.nodes["country"].to_dict()
    paths = [land.iloc[out.rows(start, end)]]
    for position in range(len(arcs)):
        arc = arcs.iloc[[position]]
        tail, head = arc["tail"].iloc[0], arc["head"].iloc[0]
        if (
            country[tail] != country[start]
            or out.seconds(start, tail) == float("inf")
            or onward.seconds(head, end) == float("inf")
        ):
            continue
        rest = every.iloc[onward.rows(head, end)]
        paths.append(pd.concat([land.iloc[out.rows(start, tail)], arc, rest], ignore_index=True))
    crossing_ids = set(arcs["edge"])
    made = []
    for path in paths:
        if path.empty:
            continue
        nodes = [path["tail"].iloc[0], *path["head"]]
        if len(set(nodes)) < len(nodes):
            continue
        crossings = tuple(edge for edge in path["edge"] if edge in crossing_ids)
        same = country[start] == country[end]
        made.append(Route(path.reset_index(drop=True), crossings, _legs(net, path), bool(crossings) and same))
    return made


def _through(net: Network, arcs: pd.DataFrame, land: pd.DataFrame, stops: list[str]) -> list[Route]:
    """Make the ways through some places in order: at most one stretch between them chooses its crossing."""
    if len(stops) == 2:
        return _by_first_crossing(net, arcs, land, *stops)
    stretches = [_by_first_crossing(net, arcs, land, *pair) for pair in pairwise(stops)]
    if not all(stretches):
        return []
    best = [min(ways, key=lambda route: route.seconds) for ways in stretches]
    made = {}
    for position, ways in enumerate(stretches):
        for way in ways:
            parts = [*best[:position], way, *best[position + 1 :]]
            path = pd.concat([part.arcs for part in parts], ignore_index=True)
            # Each stretch is loopless; the whole may drive the same road to a place and back.
            crossings = tuple(crossing for part in parts for crossing in part.crossings)
            same = net.nodes.at[stops[0], "country"] == net.nodes.at[stops[-1], "country"]
            made[tuple(path["edge"])] = Route(path, crossings, _legs(net, path), bool(crossings) and same)
    return list(made.values())


def further_ways(net: Network, land: pd.DataFrame, best: Route, n: int) -> list[Route]:
    """Find further ways over land that differ from the best one and from each other.

    Parameters
    ----------
    net
        The network.
    land
        Arcs over land.
    best
        The best way.
    n
        How many at most.

    Returns
    -------
    list of Route
        Loopless, at most `TRANSIT_STRETCH` times as long as the best and sharing at most `OVERLAP` of their
        length with any way before them.

    Notes
    -----
    Link penalties (de la Barra, Perez and Anez, 1993): the arcs of the ways found so far are made dearer by
    four tenths, and the search is run again.
    """
    start, end = best.nodes[0], best.nodes[-1]
    ways, penalty = [best], np.ones(len(land))
    found: list[Route] = []
    edges = land["edge"].to_numpy()
    for _ in range(12 * max(n, 0)):
        if len(found) >= n:
            break
        penalty[np.isin(edges, list(ways[-1].arcs["edge"]))] *= 1.4
        dearer = land.assign(seconds=np.ceil(land["seconds"].to_numpy() * penalty).astype(np.int64))
        rows = Paths(dearer, [start]).rows(start, end)
        path = land.iloc[rows].reset_index(drop=True)
        way = Route(path, (), _legs(net, path))
        ways.append(way)
        if way.seconds <= TRANSIT_STRETCH * best.seconds and all(
            way.overlap(one) <= OVERLAP for one in [best, *found]
        ):
            found.append(way)
    return found


def _distinct(ranked: list[Route]) -> list[Route]:
    """Keep the best route of each first crossing, and drop those that cross to and fro for nothing."""
    kept: dict[str | None, Route] = {}
    for position, route in enumerate(ranked):
        if position and len(route.crossings) > 2:
            continue
        kept.setdefault(route.crossings[0] if route.crossings else None, route)
    return list(kept.values())


def _legs(net: Network, path: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    """Join consecutive arcs of one mode and road number."""
    edges = net.edges
    legs: list[dict[str, Any]] = []
    for arc in path.itertuples():
        known = arc.edge in edges.index
        mode = edges.at[arc.edge, "mode"] if known else "road"
        ref = edges.at[arc.edge, "ref"] if known else ""
        crossing = known and edges.at[arc.edge, "kind"] == "crossing"
        ref = arc.edge if crossing else ref
        last = legs[-1] if legs else None
        hours = arc.seconds / 3600.0
        if last is not None and not crossing and last["mode"] == mode and last["ref"] == (ref or None):
            last["to"] = arc.head
            last["length_km"] += arc.length_km
            last["hours"] += hours
        else:
            legs.append(
                {
                    "from": arc.tail,
                    "to": arc.head,
                    "mode": mode,
                    "ref": ref or None,
                    "length_km": arc.length_km,
                    "hours": hours,
                }
            )
    return tuple(legs)


def _target(net: Network, name: str, option: str) -> tuple[str, str]:
    """Tell what a name of ``via`` or ``avoid`` is: a crossing, a checkpoint or a place."""
    tables = net.base
    for kind in ("crossing", "checkpoint"):
        if name in tables[f"{kind}s"].index:
            return kind, name
    if ":" in name:
        raise unknown_name_error("crossing", name, tables["crossings"].index, option=option)
    try:
        return "place", net.find(name)
    except InputError as error:
        raise InputError(f"{option}: {error}") from None


def _takes(route: Route, wanted: tuple[str, str]) -> bool:
    kind, name = wanted
    if kind == "crossing":
        return name in route.crossings
    if kind == "checkpoint":
        return any(crossing.partition(":")[0] == name for crossing in route.crossings)
    return name in route.nodes


def _shut(net: Network, via: list[tuple[str, str]], avoid: list[tuple[str, str]]) -> set[str]:
    """Crossings that a departure does not take: those to be avoided, and all but those to be taken."""
    for option, targets in (("via", via), ("avoid", avoid)):
        for kind, name in targets:
            if kind == "place":
                raise InputError(
                    f"{option}: '{name}' is a place; with an hour of departure give a crossing or checkpoint"
                )
    checkpoint = net.base["crossings"]["checkpoint"]

    def named(targets: list[tuple[str, str]]) -> set[str]:
        names = {name for _, name in targets}
        return set(checkpoint.index[checkpoint.index.isin(names) | checkpoint.isin(names)])

    return named(avoid) | (set(checkpoint.index) - named(via) if via else set())


def _without(
    net: Network,
    arcs: pd.DataFrame,
    land: pd.DataFrame,
    avoid: Iterable[tuple[str, str]],
    *,
    keep: set[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    for kind, name in avoid:
        if kind == "crossing":
            arcs = arcs[arcs["edge"] != name]
        elif kind == "checkpoint":
            arcs = arcs[net.base["crossings"]["checkpoint"].reindex(arcs["edge"]).to_numpy() != name]
        elif name in keep:
            raise InputError(f"avoid: '{name}' is an end of the journey; avoid another place")
        else:
            arcs = arcs[(arcs["tail"] != name) & (arcs["head"] != name)]
            land = land[(land["tail"] != name) & (land["head"] != name)]
    return arcs.reset_index(drop=True), land.reset_index(drop=True)
