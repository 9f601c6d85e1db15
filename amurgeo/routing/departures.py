"""Departures at a given hour: earliest arrival with opening hours, two time zones and closures on the way."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.dataset.values import DAY_MINUTES, read_clock
from amurgeo.errors import InputError
from amurgeo.routing.costs import usable_days
from amurgeo.routing.engine import ShortestPaths, VehicleNetwork, vehicle_network
from amurgeo.routing.rest import NO_REST, Rest
from amurgeo.seasons.daily import States, period_days, series
from amurgeo.seasons.holidays import working_seconds, zones_of
from amurgeo.text import Day, parse_day, refuse_zone

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario

#: Longest wait before a crossing, in hours; above the longest recorded holiday closure.
MAX_WAIT_H = 120.0
#: Longest value of ``max_wait_h``.
MOST_WAIT_H = 336.0
#: Longest journey, waits included.
HORIZON_DAYS = 21
#: Seconds of what never comes: 34 years.
NEVER = np.int32(2**30)
#: Keys of a leg.
LEG_COLUMNS = ("from", "to", "mode", "ref", "length_km", "hours")


@dataclass(frozen=True)
class Departure:
    """One journey that leaves at a given hour."""

    #: In the time zone of the origin; of an hour that clocks put back show twice, the first.
    leaves: datetime
    #: In the time zone of the destination; None if there is no route within the longest wait.
    arrives: datetime | None
    #: `LEG_COLUMNS` in order of travel, and start and end in the time zone of the place; waits and rests are
    #: separate legs (``waiting``, ``rest``).
    legs: tuple[dict[str, Any], ...]
    #: In order of travel.
    crossings: tuple[str, ...]

    @property
    def total_h(self) -> float:
        """Hours from door to door; NaN if there is no route."""
        if self.arrives is None:
            return float("nan")
        # In universal time: clocks may be moved on the way.
        return (self.arrives.astimezone(UTC) - self.leaves.astimezone(UTC)).total_seconds() / 3600.0

    @property
    def wait_h(self) -> float:
        """Hours of waiting for a crossing to open."""
        return self._hours("waiting")

    @property
    def rest_h(self) -> float:
        """Hours of the driver's rest."""
        return self._hours("rest")

    @property
    def entered(self) -> dict[str, date]:
        """Day of entry by crossing, by the clock of the place."""
        days = {leg["ref"]: date.fromisoformat(leg["start"][:10]) for leg in self.legs}
        return {crossing: days[crossing] for crossing in self.crossings}

    def _hours(self, mode: str) -> float:
        return float(sum(leg["hours"] for leg in self.legs if leg["mode"] == mode))

    def to_dict(self) -> dict[str, Any]:
        """Return a plain record, with the arrival in both time zones."""
        moments = {"leaves": self.leaves, "arrives": self.arrives}
        moments["arrives_origin_time"] = self.arrives and self.arrives.astimezone(self.leaves.tzinfo)
        hours = {
            name: getattr(self, name) if self.arrives else None for name in ("total_h", "wait_h", "rest_h")
        }
        return {
            **{name: moment and moment.isoformat(timespec="minutes") for name, moment in moments.items()},
            **{name: None if value is None else round(value, 3) for name, value in hours.items()},
            "crossings": list(self.crossings),
            "legs": list(self.legs),
        }


def parse_departure(given: Any, on: Day | None, what: str = "depart_at") -> tuple[Day | None, time]:
    """Return date and hour of text, a number of hours, a time or a moment, which includes the date.

    >>> parse_departure("2026-02-10T08:30", None)
    (datetime.date(2026, 2, 10), datetime.time(8, 30))
    >>> parse_departure(8, None), parse_departure(datetime(2026, 2, 10, 8), None)[1]
    ((None, datetime.time(8, 0)), datetime.time(8, 0))
    >>> parse_departure("10.02.2026 24:00", None)
    (datetime.date(2026, 2, 11), datetime.time(0, 0))
    """
    refuse_zone(given)
    if isinstance(given, np.datetime64):
        given = pd.Timestamp(given)
    if isinstance(given, time):
        return on, given
    # NaT is a moment without digits.
    is_moment = isinstance(given, datetime) and given == given
    text = normalize("NFKC", f"{given:%Y-%m-%d %H:%M}" if is_moment else str(given)).strip()
    # The day ends at a T, a blank or a comma.
    ends = [(0, 0), *(gap.span() for gap in re.finditer(r"T|[\s,]+(?:(?:в|at)\s+)?", text))]
    split = next((end for end in ends if read_clock(text[end[1] :]) is not None), None)
    if split is None:
        raise InputError(f"{what} is invalid: '{text}'; expected 08:30 or 2026-02-10T08:30")
    day, minute = text[: split[0]], read_clock(text[split[1] :]) or 0
    if day and on is not None and parse_day(on) != parse_day(day):
        raise InputError(f"{what} is invalid: {day}; expected {on}, or no second date: name the day once")
    leaves = parse_day(day) if day else on
    if minute == DAY_MINUTES and leaves is not None:
        leaves = parse_day(leaves) + timedelta(days=1)
    return leaves, time(minute // 60 % 24, minute % 60)


def depart(
    net: Network,
    origin: str,
    destination: str,
    *,
    on: date,
    at: time,
    vehicle: str,
    scenario: Scenario,
    max_wait_h: float = MAX_WAIT_H,
    border_h: Mapping[str, float] | None = None,
    drivers: int = 1,
    shut: Collection[str] = (),
) -> Departure:
    """Return the journey between two places (ids) that arrives first; it avoids the crossings `shut`.

    A crossing can be entered on the days on which it is open, within its published hours in the time zone of
    the home side; at any hour if none are published. The expected wait in the queue is part of the
    crossing's time, as on the day of departure; the wait for an opening is added. Winter roads are as on the
    day of departure. Waits are neither driving nor rest; two `drivers` do not rest.
    """
    zones = net.base["regions"]["timezone"][net.nodes["region"].reindex([origin, destination])]
    here, there = (ZoneInfo(zone) for zone in zones)
    leaves = datetime.combine(on, at, tzinfo=here)
    # Seconds count from the departure; in universal time, since clocks of a zone may be put forward.
    epoch = leaves.astimezone(UTC)
    shown = epoch.astimezone(here)
    if shown.replace(tzinfo=None) != leaves.replace(tzinfo=None):
        raise InputError(
            f"depart_at is invalid: the clocks of {here.key} were put forward over {at:%H:%M} on "
            f"{on}; expected an hour before or after, such as {shown:%H:%M}"
        )
    if origin == destination:
        return Departure(leaves, leaves.astimezone(there), (), ())
    days = period_days(on - timedelta(days=1), on + timedelta(days=HORIZON_DAYS))
    run = series(net, scenario, days)
    today = run.states[run.which[1]]
    network = vehicle_network(today.net, vehicle, today.roads)
    costs, values = _price(network, run, border_h)
    crossings = network.border["edge"].to_numpy()
    costs[: len(crossings)][np.isin(crossings, list(shut))] = np.inf
    start, end = network.nodes([origin, destination]).reshape(2, 1)
    rest = network.rest(start, end, drivers)
    arrival = earliest_arrivals(
        network.distances([origin], [destination]).with_seasonal(costs),
        costs[: len(crossings)],
        openings=_openings(today.net, crossings, run, vehicle, epoch),
        max_wait=round(max_wait_h * 3600),
        rest=rest,
    )[0]
    if arrival is None:
        return Departure(leaves, None, (), ())
    arcs, waits = _arcs(network, costs, network.nodes([origin, destination]), arrival)
    legs = build_legs(today.net, network.rows(arcs, values), waits, rest=rest)
    arrives = (epoch + timedelta(seconds=arrival.second)).astimezone(there)
    timed = _timed_legs(today.net, legs, epoch)
    return Departure(leaves, arrives, timed, tuple(crossings[list(arrival.crossings)]))


def _price(
    network: VehicleNetwork, run: States, border_h: Mapping[str, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Price arcs as on the day of departure; crossings closed then as on their first open day."""
    states = [run.states[which] for which in dict.fromkeys([*run.which[1:], run.which[0]])]
    costs, values = network.price(states[0], border_h)
    for state in states[1:]:
        later_costs, later_values = network.price(state, border_h)
        opens = np.flatnonzero(~np.isfinite(costs[: len(values)]) & np.isfinite(later_costs[: len(values)]))
        costs[opens], values[opens] = later_costs[opens], later_values[opens]
    return costs, values


def _openings(
    net: Network, crossings: np.ndarray, run: States, vehicle: str, epoch: datetime
) -> dict[int, list[tuple[int, int]]]:
    """Return when each border arc can be entered, as intervals in seconds from the epoch."""
    names = list(dict.fromkeys(crossings))
    _, begin, end = working_seconds(net, names, run.days, NEVER)
    since = int((epoch - datetime.combine(run.days[0].item(), time(0), UTC)).total_seconds())
    intervals = {}
    for name, usable, *ends in zip(names, usable_days(run, vehicle, names), begin, end, strict=True):
        first, last = (seconds[:-1][usable].ravel() - since for seconds in ends)
        intervals[name] = list(zip(first.tolist(), last.tolist(), strict=True))
    return {arc: intervals[crossing] for arc, crossing in enumerate(crossings)}


class Arrival(NamedTuple):
    """Earliest arrival at a destination, in seconds, and the crossings taken with the waits before them."""

    second: int
    crossings: tuple[int, ...]
    waits: tuple[int, ...]


def earliest_arrivals(
    land: np.ndarray,
    costs: np.ndarray,
    *,
    openings: Mapping[int, Sequence[tuple[int, int]]],
    max_wait: float = math.inf,
    rest: Rest | None = None,
) -> list[Arrival | None]:
    """Return the earliest arrival at every destination; None if there is no route.

    `land` are the seconds from the origin and the heads of the crossings (rows) to the destinations and the
    tails of the crossings (columns), `costs` those of the crossings, `openings` the intervals ``[open,
    close)`` in which crossings can be entered, in seconds from the departure; others are always open.

    Traffic reaches every crossing as early as it can and waits there. A crossing that does not open within
    ``max_wait`` of the earliest arrival counts as closed; a later arrival by a slower route does not open it.
    Every label is then final when it is the smallest one left, so that Dijkstra's algorithm is exact.
    `rest` is taken as it falls due on the driving since the departure.

    A ferry takes ten seconds and sails from second 100.

    >>> land = np.array([[np.inf, 40], [5, np.inf]])
    >>> earliest_arrivals(land, np.array([10.0]), openings={0: [(100, 200)]})
    [Arrival(second=115, crossings=(0,), waits=(60,))]
    >>> earliest_arrivals(land, np.array([10.0]), openings={0: [(100, 200)]}, max_wait=30)
    [None]
    """
    n_destinations = land.shape[1] - len(costs)
    rested = (rest or NO_REST).total
    # Driving seconds before each label, and before each crossing entered.
    driven, arrival, before = land[0].copy(), rested(land[0]), np.full(land.shape[1], -1)
    driven_before = np.zeros(len(costs))
    entered, left = np.full(len(costs), np.inf), np.full(len(costs), np.inf)
    # Crossings whose tail is not final yet, and those entered whose head is not.
    tails: list[int] = np.flatnonzero(np.isfinite(costs)).tolist()
    heads: list[int] = []
    while tails or heads:
        tail = min(tails, key=lambda arc: arrival[n_destinations + arc], default=None)
        head = min(heads, key=left.__getitem__, default=None)
        reached = math.inf if tail is None else arrival[n_destinations + tail]
        if head is not None and left[head] <= reached:
            heads.remove(head)
            along = driven_before[head] + land[1 + head]
            onward = left[head] + rested(along) - rested(driven_before[head])
            earlier = onward < arrival
            before[earlier], driven[earlier], arrival[earlier] = head, along[earlier], onward[earlier]
        elif tail is not None and reached < math.inf:
            tails.remove(tail)
            entry = _entry(openings.get(tail), reached)
            if entry - reached <= max_wait and entry < math.inf:
                entered[tail], left[tail] = entry, entry + costs[tail]
                driven_before[tail] = driven[n_destinations + tail]
                heads.append(tail)
        else:
            break
    return [
        _trace(arrival, before, entered, n_destinations, column) if math.isfinite(arrival[column]) else None
        for column in range(n_destinations)
    ]


def _entry(spans: Sequence[tuple[int, int]] | None, reached: float) -> float:
    """Return when a crossing can be entered at the earliest."""
    if spans is None:
        return reached
    return min((max(reached, begin) for begin, end in spans if max(reached, begin) < end), default=math.inf)


def _trace(
    arrival: np.ndarray, before: np.ndarray, entered: np.ndarray, n_destinations: int, column: int
) -> Arrival:
    """Follow the crossings back to the origin."""
    chain: list[int] = []
    arc = int(before[column])
    while arc >= 0:
        chain.insert(0, arc)
        arc = int(before[n_destinations + arc])
    waits = tuple(int(entered[arc] - arrival[n_destinations + arc]) for arc in chain)
    return Arrival(int(arrival[column]), tuple(chain), waits)


def _arcs(
    network: VehicleNetwork, costs: np.ndarray, ends: np.ndarray, arrival: Arrival
) -> tuple[list[int], list[int]]:
    """Return all arcs of a journey, the stretches over land filled in, and the wait before each."""
    graph = network.graph
    crossings = [graph.n_static + crossing for crossing in arrival.crossings]
    land_costs = costs.copy()
    land_costs[: graph.n_border] = np.inf
    starts = [int(ends[0]), *(int(graph.head[crossing]) for crossing in crossings)]
    stops = [*(int(graph.tail[crossing]) for crossing in crossings), int(ends[1])]
    paths = ShortestPaths(graph, graph.all_seconds(land_costs), starts)
    arcs: list[int] = []
    waits: list[int] = []
    for start, stop, crossing, wait in zip(
        starts, stops, [*crossings, None], [*arrival.waits, 0], strict=True
    ):
        stretch = paths.arcs(start, stop) + ([] if crossing is None else [crossing])
        arcs += stretch
        waits += [0] * (len(stretch) - 1) + [wait] * bool(stretch)
    return arcs, waits


def build_legs(
    net: Network,
    arcs: pd.DataFrame,
    waits: Sequence[int] | None = None,
    *,
    rest: Rest | None = None,
    stops: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return the legs of a journey, not rounded; crossings, waits (seconds) and rests are separate legs.

    ``arcs`` is the number of arcs of a leg. A rest that falls due on an arc is taken before it. A leg ends
    at each of the places ``stops``.
    """
    # Truck legs between a town and its freight station are arcs without an edge.
    drayage = {"mode": "road", "ref": "", "kind": "drayage"}
    edges = net.edges[list(drayage)].reindex(arcs["edge"].unique()).fillna(drayage).to_dict("index")
    legs: list[dict[str, Any]] = []
    driven, resting = 0.0, rest or NO_REST
    for arc, wait in zip(arcs.itertuples(), waits or [0] * len(arcs), strict=True):
        edge = edges[arc.edge]
        ref = arc.edge if edge["kind"] == "crossing" else edge["ref"] or None
        if wait:
            legs.append(_leg(arc.tail, arc.tail, "waiting", arc.edge, 0.0, wait, arcs=0))
        onward = driven + (0 if edge["kind"] == "crossing" else arc.seconds)
        if due := resting.between(driven, onward):
            legs.append(_leg(arc.tail, arc.tail, "rest", None, 0.0, due, arcs=0))
        driven = onward
        onwards = edge["kind"] != "crossing" and arc.tail not in stops
        if legs and onwards and (legs[-1]["mode"], legs[-1]["ref"]) == (edge["mode"], ref):
            legs[-1]["to"] = arc.head
            for name, more in (("length_km", arc.length_km), ("hours", arc.seconds / 3600.0), ("arcs", 1)):
                legs[-1][name] += more
        else:
            legs.append(_leg(arc.tail, arc.head, edge["mode"], ref, arc.length_km, arc.seconds))
    return legs


def _leg(*values: Any, arcs: int = 1) -> dict[str, Any]:
    """Return a leg from the values of `LEG_COLUMNS`, seconds in place of hours."""
    *others, seconds = values
    return {**dict(zip(LEG_COLUMNS, (*others, seconds / 3600.0), strict=True)), "arcs": arcs}


def round_leg(leg: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a leg with kilometres to one and hours to three decimals."""
    leg = {name: leg[name] for name in LEG_COLUMNS}
    return {**leg, "length_km": round(leg["length_km"], 1), "hours": round(leg["hours"], 3)}


def _timed_legs(net: Network, legs: list[dict[str, Any]], epoch: datetime) -> tuple[dict[str, Any], ...]:
    """Add start and end of each leg by the clock of the place."""
    zones = zones_of(net)
    timed = []
    start_s = 0
    for leg in legs:
        end_s = start_s + round(leg["hours"] * 3600)
        moments = {}
        for name, seconds, place in (("start", start_s, leg["from"]), ("end", end_s, leg["to"])):
            moment = (epoch + timedelta(seconds=seconds)).astimezone(ZoneInfo(zones[place]))
            moments[name] = moment.isoformat(timespec="minutes")
        timed.append({**round_leg(leg), **moments})
        start_s = end_s
    return tuple(timed)
