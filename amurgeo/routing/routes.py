"""Routes between two places on one day: the fastest by each open crossing, with legs and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_bool, check_int, check_number, shorten
from amurgeo.io import records
from amurgeo.network import CRS, vehicle_id
from amurgeo.network.snapping import Place, Places, SnappedPoint, locate_each
from amurgeo.results import Result
from amurgeo.routing.costs import ARC_VALUES
from amurgeo.routing.departures import (
    MAX_WAIT_H,
    MOST_WAIT_H,
    Departure,
    build_legs,
    depart,
    parse_departure,
    round_leg,
)
from amurgeo.routing.graph import Path, StateGraph, shut_crossings, stops_of, targets_of
from amurgeo.routing.indicators import certainty
from amurgeo.routing.money import COST_COLUMNS, total_cost
from amurgeo.routing.ranges import SENSITIVITY, overlapping
from amurgeo.routing.rest import check_drivers
from amurgeo.routing.route import Route, arc_lines, join_lines

if TYPE_CHECKING:
    import folium
    import geopandas as gpd

    from amurgeo.network import Network
    from amurgeo.scenario import Scenario, ScenarioLike
    from amurgeo.seasons.state import State
    from amurgeo.text import Day


#: Keys of ``Routes.records``, besides the legs; ``cost`` is named by the currency, for instance ``cost_rub``.
ROUTE_COLUMNS = (
    "rank", "crossing", "crossings", "checkpoint", "transit", "total_h", "low_h", "high_h", "drive_h",
    "border_h", "border_estimated", "wait_h", "rest_h", "queue_h", "length_km", *COST_COLUMNS, "detour_h",
    "overlap", "estimated_share", "probability_open", "evidence",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Routes(Result):
    """Routes of one question, ranked by time.

    ``len(routes)`` is their number, ``routes[0]`` the fastest `Route`.

    Attributes
    ----------
    origin, destination
        Place ids.
    on
        The date.
    vehicle
        Id of the vehicle.
    state
        State of the crossings.
    routes
        The routes, fastest first.
    closed
        Crossings that the vehicle cannot use on the date: crossing, reason, because, expected_open.
    joints
        Where an end given as ``latitude,longitude`` was joined to a road.
    departure
        The journey that leaves at the given hour, or None.
    queue_h
        Expected hours in the queue by crossing, on the date, or on the day on which ``departure`` enters it;
        None if not asked for.
    asked
        Further options of the question as the map page takes them: k, via, avoid, transit, border, drivers,
        depart.
    """

    origin: str
    destination: str
    on: date
    vehicle: str
    state: State
    routes: tuple[Route, ...]
    closed: tuple[dict[str, Any], ...] = ()
    joints: Mapping[str, SnappedPoint] = field(default_factory=dict)
    departure: Departure | None = None
    queue_h: Mapping[str, float] | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        ends = f"{self.origin} to {self.destination}"
        return f"Routes({ends}, {self.on.isoformat()}, {self.vehicle}: {len(self.routes)} routes)"

    def __len__(self) -> int:
        return len(self.routes)

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes)

    def __getitem__(self, rank: int) -> Route:
        """Return a route by its position, the fastest first."""
        return self.routes[rank]

    @property
    def why_none(self) -> tuple[dict[str, Any], ...]:
        """The closed crossings if there is no route."""
        return () if self.routes else self.closed

    @property
    def unknown(self) -> tuple[str, ...]:
        """Crossings for the vehicle's traffic whose status is unknown, and which count as closed."""
        return self.state.unknown(self.vehicle)

    @property
    def columns(self) -> tuple[str, ...]:
        """Keys of the records, besides the legs: `ROUTE_COLUMNS` with the cost named by its currency."""
        cost = self.state.net.border.cost
        return tuple(cost if name == "cost" else name for name in ROUTE_COLUMNS)

    def records(self, *, indicators: bool = True) -> list[dict[str, Any]]:
        """Return the routes as plain records, ranked by ``total_h``, with or without their indicators."""
        rows: list[dict[str, Any]] = []
        columns = self.columns
        for rank, route in enumerate(self.routes, 1):
            arcs, best = route.arcs, self.routes[0]
            sums = arcs[list(ARC_VALUES)].sum()
            total_h = route.seconds / 3600.0
            moving_h = total_h - route.rest_s / 3600.0
            crossing = route.crossings[0] if route.crossings else None
            border_estimated = arcs["border_h"].gt(0) & arcs["estimated_h"].ge(arcs["border_h"])
            values = {
                "rank": rank,
                "crossing": crossing,
                "crossings": list(route.crossings),
                "checkpoint": self.state.checkpoint_of(crossing) if crossing else None,
                "transit": route.transit,
                "total_h": round(total_h, 3),
                **{name: round(float(sums[name]), 3) for name in ("drive_h", "border_h", "wait_h")},
                "border_estimated": bool(border_estimated.any()),
                "queue_h": self._queue_h(route),
                "rest_h": round(route.rest_s / 3600.0, 3),
                "length_km": round(route.length_km, 1),
                **total_cost(self.state.net, self.vehicle, arcs),
                "detour_h": round((route.seconds - best.seconds) / 3600.0, 3),
                "overlap": round(route.overlap(best), 3),
                "estimated_share": round(min(1.0, sums["estimated_h"] / moving_h), 3) if moving_h else 0.0,
                **certainty(self.state, self.vehicle, route.crossings),
            }
            hours = {end: round(value, 3) for end, value in route.hours.items()}
            values |= {"low_h": hours["low"], "high_h": hours["high"]}
            nested = {"hours": hours, "tied_with": self.tied_with(rank)}
            if check_bool("indicators", indicators):
                nested["indicators"] = records(route.indicators())
            nested["legs"] = [round_leg(leg) for leg in route.legs]
            rows.append({**dict(zip(columns, map(values.get, ROUTE_COLUMNS), strict=True)), **nested})
        return rows

    def _queue_h(self, route: Route) -> float | None:
        """Return the hours in queues of a route; None if not asked for or not known."""
        if self.queue_h is None or any(crossing not in self.queue_h for crossing in route.crossings):
            return None
        return round(sum(self.queue_h[crossing] for crossing in route.crossings), 3)

    def tied_with(self, rank: int) -> list[int]:
        """Return the ranks of the routes from which one is not told apart.

        Parameters
        ----------
        rank
            Rank of the route, the fastest is 1.

        Returns
        -------
        list of int
            Ranks of the other routes whose range of hours overlaps.

        Raises
        ------
        InputError
            If there is no route of that rank.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10", k=2).tied_with(1)
        [2]
        """
        rank = check_int("rank", rank, 1, len(self.routes))
        low, high = ([route.hours[end] for route in self.routes] for end in ("low", "high"))
        ranks: list[int] = (np.flatnonzero(overlapping(low, high)[rank - 1]) + 1).tolist()
        return ranks

    def sensitivity(self) -> pd.DataFrame:
        """Return what each estimate moves in the fastest route; see `Route.sensitivity`.

        Returns
        -------
        DataFrame
            Its columns; no row if there is no route.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10").sensitivity().loc[0, "estimate"]
        'border_h'
        """
        return self.routes[0].sensitivity() if self.routes else pd.DataFrame(columns=list(SENSITIVITY))

    def break_even(self) -> list[dict[str, Any]]:
        """Return the border hours at which the order of two consecutive routes changes.

        Returns
        -------
        list of dict
            For each route and the next one by another crossing: crossing, border_h (as used), against, and
            break_even_h, the hours at ``crossing`` from which the route by ``against`` is faster.

        Examples
        --------
        >>> import amurgeo as ag
        >>> routes = ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10")
        >>> routes.break_even()[0]["crossing"]
        'kani_kurgan:bridge'
        """
        flips = []
        for route, following in pairwise(self.routes):
            if route.crossings and following.crossings and route.crossings[0] != following.crossings[0]:
                crossing, margin_h = route.crossings[0], (following.seconds - route.seconds) / 3600.0
                border_h = float(route.arcs.loc[route.arcs["edge"] == crossing, "border_h"].iloc[0])
                flips.append(
                    {
                        "crossing": crossing,
                        "border_h": round(border_h, 3),
                        "against": following.crossings[0],
                        "break_even_h": round(border_h + margin_h, 3),
                    }
                )
        return flips

    def to_frame(self) -> pd.DataFrame:
        """Return the values of `records` without the legs, one row per route; ``;`` joins crossings."""
        frame = pd.DataFrame(self.records(indicators=False), columns=list(self.columns))
        frame = frame.astype({self.state.net.border.cost: float})
        return frame.assign(crossings=[";".join(route.crossings) for route in self.routes])

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return `to_frame` with the line of each route, in its direction, as a GeoDataFrame in EPSG:4326."""
        import geopandas as gpd

        lines = [join_lines(arc_lines(self.state.net, route.arcs)) for route in self.routes]
        return gpd.GeoDataFrame(self.to_frame(), geometry=lines, crs=CRS)

    def map(self, *, lang: str = "en") -> folium.Map:
        """Draw the routes on one page that opens without internet access; see `amurgeo.maps.page`."""
        import amurgeo

        return amurgeo.maps.page(self, lang=lang)

    def to_dict(self, *, indicators: bool = True) -> dict[str, Any]:
        """Return everything as one JSON document, with or without the indicators of the routes."""
        return {
            "origin": self.origin,
            "destination": self.destination,
            "on": self.on.isoformat(),
            "vehicle": self.vehicle,
            "scenario": self.state.scenario.name,
            "routes": self.records(indicators=indicators),
            "closed": list(self.closed),
            "why_none": list(self.why_none),
            "unknown": list(self.unknown),
            "break_even": self.break_even(),
            "sensitivity": records(self.sensitivity()),
            **({} if self.departure is None else {"departure": self.departure.to_dict()}),
            "joined": {side: joint.to_dict() for side, joint in self.joints.items()},
            "record_until": self.state.record_until.isoformat(),
        }


def routes(
    net: Network,
    origin: Place,
    destination: Place,
    *,
    on: Day | None = None,
    vehicle: str | None = None,
    k: int = 4,
    scenario: ScenarioLike = None,
    assume: str | None = None,
    via: Places = (),
    avoid: Places = (),
    transit: bool = True,
    border_h: Mapping[str, float] | None = None,
    depart_at: str | time | datetime | None = None,
    max_wait_h: float | None = None,
    drivers: int = 1,
    queues: Any = None,
    lang: str = "en",
) -> Routes:
    """Return the fastest route by each open crossing.

    Parameters
    ----------
    net
        The network.
    origin, destination
        Places: a name or id, ``"latitude,longitude"``, latitude and longitude as two numbers in degrees, or a
        shapely point in degrees (x is the longitude).
    on
        The date; optional if the scenario has one.
    vehicle
        Id of the vehicle; that of the dataset if omitted.
    k
        Maximum number of routes: the best by each crossing and, between two places on one side, further ones
        over land that differ by at least 30 % of their length and take at most 1.5 times as long.
    scenario
        Scenario, name, file, change, or a list of these.
    assume
        Status of services on days of which the record has a gap, ``"open"`` (in season) or ``"closed"``; by
        default they are ``unknown`` and count as closed.
    via, avoid
        Checkpoints, crossings or places that every route uses or avoids; `via` also takes points.
    transit
        Include routes between two places on one side that lead over the other.
    border_h
        Hours of border control by crossing that replace those of the table, 0 to 1000.
    depart_at
        Hour of departure by the clock of the origin, ``08:30``, ``8`` or a time, with its date
        ``2026-02-10T08:30`` or a datetime: adds the journey that arrives first, with opening hours, closures
        on the way and waits as legs.
    max_wait_h
        With ``depart_at``: longest wait in hours, 0 to 336, by default 120; a crossing that opens later
        counts as closed.
    drivers
        1: trucks and buses stop for the driver's rest; 2: two drivers take turns, without rest.
    queues
        Result of `amurgeo.queues` that has the date and the scenario: adds ``queue_h``, the expected hours in
        the queues, beside the other hours: of that day, or of the day on which the departure enters one.
    lang
        Language of the reasons.

    Returns
    -------
    Routes
        Ranked by time, rest included; from a place to itself one route of 0 km. If there is no route,
        ``why_none`` lists the closed crossings with reasons and expected openings.

    Raises
    ------
    InputError
        If a place, vehicle, checkpoint, scenario, date or hour is invalid, or no service is unknown for
        `assume`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.routes(ag.load(), "Blagoveshchensk", "Heihe", on="2026-02-10")
    >>> sorted(route.crossings[0] for route in found.routes[:2])
    ['blagoveshchensk:pontoon', 'kani_kurgan:bridge']
    """
    transit = check_bool("transit", transit)
    k = check_int("k", k, 1, 10_000)
    if max_wait_h is not None and depart_at is None:
        raise InputError(
            "max_wait_h= acts with depart_at= only; pass depart_at=08:00 as well, or leave it out"
        )
    max_wait_h = check_number("max_wait_h", MAX_WAIT_H if max_wait_h is None else max_wait_h, 0, MOST_WAIT_H)
    stops = stops_of(net, via)
    points = [stop for stop in stops if not isinstance(stop, str)]
    net, (start, end, *middle), snapped = locate_each(net, [origin, destination, *points])
    joints = {side: snapped[id_] for side, id_ in (("origin", start), ("destination", end)) if id_ in snapped}
    vehicle = vehicle_id(net, vehicle)
    clock = None
    if depart_at is not None:
        on, clock = parse_departure(depart_at, on)
    given, state = net, net.state(on, scenario=scenario, assume=assume)
    net = state.net
    state_graph = StateGraph(state, vehicle, border_h, drivers=check_drivers(drivers))
    required, avoided = targets_of(net, stops, middle, avoid, (start, end))
    for target in avoided:
        state_graph.close(target)
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
            drivers=drivers,
            shut=shut_crossings(state_graph.crossing_ids, required, avoided),
        )
    paths = state_graph.routes(start, end, required, k, transit=transit)
    closed = tuple(state.closed_for(vehicle, lang=lang))
    places = [name for kind, name in required if kind == "place"]
    found = [route_along(state_graph, path, places) for path in paths]
    for route in found:
        route.alternatives.extend(found)
    waits = None
    if queues is not None:
        entered = {} if departure is None else departure.entered
        days = pd.DatetimeIndex([state.on, *entered.values()]).unique()
        by_day = queue_hours(queues, net, state.scenario, days, vehicle)
        on_days = {name: by_day.at[pd.Timestamp(entered.get(name, state.on)), name] for name in by_day}
        waits = {name: hours for name, hours in on_days.items() if pd.notna(hours)}
    asked = {"k": k, "via": required, "avoid": avoided, "transit": transit, "border": dict(border_h or {})}
    asked |= {"drivers": drivers, "depart": f"{clock:%H:%M}" if clock else "", "max_wait_h": max_wait_h}
    return Routes(start, end, state.on, vehicle, state, tuple(found), closed, joints, departure, waits, asked)


def queue_hours(
    queues: Any, net: Network, scenario: Scenario, on: pd.DatetimeIndex, vehicle: str
) -> pd.DataFrame:
    """Return the expected hours in queues under a scenario, days by crossings; raise if it lacks a day."""
    days = getattr(queues, "days", None)
    if not isinstance(days, pd.DataFrame) or not {"scenario", "date", "wait_h"} <= set(days):
        raise InputError(f"queues is invalid: {shorten(queues)}; expected what amurgeo.queues returns")
    if net.base["vehicles"].at[vehicle, "traffic"] != "cargo":
        raise InputError(
            f"vehicle is invalid: '{vehicle}'; expected a vehicle of cargo, of which alone queues are known"
        )
    rows = days[days["scenario"] == scenario.name]
    if len(missing := on.difference(rows["date"])):
        raise InputError(
            f"queues is invalid: it has no {missing[0].date()} under the scenario '{scenario.name}'"
        )
    return rows.pivot(index="date", columns="crossing", values="wait_h")


def route_along(state_graph: StateGraph, path: Path, stops: Sequence[str] = ()) -> Route:
    """Return the route along a path, with its rest (`StateGraph.set_rest`) and legs, which end at stops."""
    arcs, crossings = state_graph.rows(path), state_graph.crossings(path)
    legs = tuple(build_legs(state_graph.net, arcs, rest=state_graph.rest, stops=stops))
    transit = bool(crossings) and state_graph.same_bank(arcs["tail"].iloc[0], arcs["head"].iloc[-1])
    rest, rest_s = state_graph.rest, int(state_graph.rested(path))
    return Route(state_graph.net, arcs, crossings, legs, transit, state_graph.network.vehicle, rest, rest_s)
