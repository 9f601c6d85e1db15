"""Leaving at a given hour: earliest arrival with the hours of the checkpoints, two clocks and closures."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.routing.arrival import earliest_arrival
from amurgeo.routing.engine import VehicleNetwork, vehicle_network
from amurgeo.routing.overlay import INF
from amurgeo.seasons.daily import Series, series
from amurgeo.seasons.holidays import checkpoint_hours
from amurgeo.text import parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario

#: Longest wait before a crossing, above the longest recorded holiday stop; one that opens later is closed.
MAX_WAIT_H = 120.0
#: Longest journey that is looked at, waits included.
HORIZON_DAYS = 21
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DAY_S = 86_400


@dataclass(frozen=True)
class Departure:
    """One journey that leaves at a given hour.

    Attributes
    ----------
    leaves, arrives
        Moments with their time zones: of the origin, and of the destination. ``arrives`` is None when there
        is no way within the longest wait.
    legs
        Stretches in order of travel; waiting is a leg of its own (mode ``waiting``). Each has from, to, mode,
        ref, length_km, hours, and start and end by the clock of the place.
    crossings
        Crossings in order of travel.
    """

    leaves: datetime
    arrives: datetime | None
    legs: tuple[dict[str, Any], ...]
    crossings: tuple[str, ...]

    @property
    def total_h(self) -> float:
        """Hours from door to door; NaN when there is no way."""
        return float("nan") if self.arrives is None else (self.arrives - self.leaves).total_seconds() / 3600.0

    @property
    def wait_h(self) -> float:
        """Hours of waiting for a crossing to open."""
        return float(sum(leg["hours"] for leg in self.legs if leg["mode"] == "waiting"))

    def to_dict(self) -> dict[str, Any]:
        """Return it as a plain record, the arrival on both clocks."""
        arrived = self.arrives is not None
        return {
            "leaves": self.leaves.isoformat(timespec="minutes"),
            "arrives": self.arrives.isoformat(timespec="minutes") if self.arrives else None,
            "arrives_origin_time": self.arrives.astimezone(self.leaves.tzinfo).isoformat(timespec="minutes")
            if self.arrives
            else None,
            "total_h": round(self.total_h, 3) if arrived else None,
            "wait_h": round(self.wait_h, 3) if arrived else None,
            "crossings": list(self.crossings),
            "legs": list(self.legs),
        }


def parse_clock(text: str) -> time:
    """Read an hour of the day.

    Raises
    ------
    InputError
        When it is written otherwise than 08:30.

    Examples
    --------
    >>> parse_clock("8:30")
    datetime.time(8, 30)
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise InputError(f"'{text}' is no hour of the day; write it as 08:30")
    return time(int(match.group(1)), int(match.group(2)))


def parse_departure(text: str, on: date | str | None) -> tuple[date | str | None, time]:
    """Read an hour of departure, which may come with its day.

    Parameters
    ----------
    text
        The hour as 08:30, or day and hour as 2026-02-10T08:30.
    on
        The day, where it is named apart.

    Raises
    ------
    InputError
        When it is written otherwise, or names another day than ``on``.

    Examples
    --------
    >>> parse_departure("2026-02-10T08:30", None)
    (datetime.date(2026, 2, 10), datetime.time(8, 30))
    """
    day, apart, clock = text.strip().partition("T")
    if not apart:
        return on, parse_clock(text)
    leaves = parse_day(day)
    if on is not None and parse_day(on) != leaves:
        raise InputError(f"the departure on {leaves} is not on {on}; name the day once")
    return leaves, parse_clock(clock)


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
    shut: Collection[str] = (),
) -> Departure:
    """Find the earliest arrival of a journey that leaves at a given hour.

    Parameters
    ----------
    net
        The network.
    origin, destination
        Place ids.
    on, at
        Day and hour of the departure by the clock of the origin.
    vehicle
        Id of the vehicle.
    scenario
        The scenario laid over.
    max_wait_h
        Longest wait before a crossing; one that opens later counts as closed.
    border_h
        Hours of border procedure by crossing that replace those of the table.
    shut
        Crossings that the journey does not take, open or not.

    Raises
    ------
    InputError
        For a longest wait that is negative or over two weeks.

    Notes
    -----
    A crossing can be entered on the days on which it is open, within its published hours by the clock of the
    Russian bank; where no hours are published, at any hour. The expected wait in the queue is part of the
    crossing's time, as on the day of departure; what is waited for an opening comes on top. Winter roads are
    as on the day of departure.
    """
    if not (math.isfinite(max_wait_h) and 0 <= max_wait_h <= 14 * 24):
        raise InputError(f"the longest wait is {max_wait_h:g} h; give 0 to 336 hours")
    zones = net.base["regions"]["timezone"]
    clocks = {
        side: ZoneInfo(zones[net.nodes.at[place, "region"]])
        for side, place in (("from", origin), ("to", destination))
    }
    leaves = datetime.combine(on, at, tzinfo=clocks["from"])
    if origin == destination:
        return Departure(leaves, leaves.astimezone(clocks["to"]), (), ())
    run = series(net, scenario, on - timedelta(days=1), on + timedelta(days=HORIZON_DAYS))
    net = run.states[0].net
    mine = vehicle_network(net, vehicle).during(run.states[run.which[1]].open_seasons)
    costs, arcs = _price(mine, run, vehicle, border_h)
    costs[np.flatnonzero(mine.border["edge"].isin(list(shut)))] = INF
    statics = mine.statics([origin], [destination])
    epoch = datetime.combine(on - timedelta(days=1), time(0), tzinfo=clocks["from"])
    openings = _openings(net, mine, run, vehicle, epoch, costs)
    start_s = int((leaves - epoch).total_seconds())
    found = earliest_arrival(
        statics.overlay, 0, start_s, openings=openings, costs=costs, max_wait=round(max_wait_h * 3600)
    )
    path = found.path(statics, costs, 0)
    arrival = found.at(0)
    if path is None or arrival is None:
        return Departure(leaves, None, (), ())
    waits = dict(zip(found.arcs[0] or (), found.waits[0] or (), strict=True))
    way = arcs.iloc[list(path.arcs)]
    numbers = [number - mine.n_static for number in path.arcs]
    legs = _legs(net, way, [waits.get(number, 0) for number in numbers], epoch, start_s)
    crossings = tuple(mine.border["edge"].iloc[list(path.crossings)])
    return Departure(leaves, (epoch + timedelta(seconds=arrival)).astimezone(clocks["to"]), legs, crossings)


def _price(
    mine: VehicleNetwork, run: Series, vehicle: str, border_h: Mapping[str, float] | None
) -> tuple[np.ndarray, pd.DataFrame]:
    """Seconds on every arc as on the day of departure; on a crossing shut then, as on its first open day."""
    days = dict.fromkeys(int(which) for which in (*run.which[1:], run.which[0]))
    today, *later = (run.states[day] for day in days)
    costs = mine.costs(today.net, today, vehicle, border_h)
    arcs = mine.priced(today.net, today, vehicle, border_h)
    for state in later:
        cost = mine.costs(state.net, state, vehicle, border_h)
        fresh = np.flatnonzero((cost < INF) & (costs >= INF))
        fresh = fresh[fresh < mine.n_border]
        if not len(fresh):
            continue
        costs[fresh] = cost[fresh]
        frame = mine.priced(state.net, state, vehicle, border_h)
        for column in ("seconds", "drive_h", "border_h", "wait_h", "length_km", "estimated_h"):
            values = arcs[column].to_numpy(copy=True)
            values[mine.n_static + fresh] = frame[column].to_numpy()[mine.n_static + fresh]
            arcs[column] = values
    return costs, arcs


def _openings(
    net: Network, mine: VehicleNetwork, run: Series, vehicle: str, epoch: datetime, costs: np.ndarray
) -> dict[int, list[tuple[int, int]]]:
    """Intervals in which each border arc can be entered, in seconds from the epoch."""
    usable = [set(state.admitted(vehicle).query("usable").index) for state in run.states]
    crossings = mine.border["edge"].to_numpy()
    spans: dict[str, list[tuple[int, int]]] = {}
    for crossing in dict.fromkeys(crossings):
        russian = net.base["crossings"].at[crossing, "from"]
        clock = ZoneInfo(net.base["regions"].at[net.nodes.at[russian, "region"], "timezone"])
        found: list[tuple[int, int]] = []
        for day, which in zip(run.days.astype(object), run.which, strict=True):
            if crossing not in usable[which]:
                continue
            hours = checkpoint_hours(crossing, day, net.base["season_record"])
            opens = time(0) if hours is None or hours.opens is None else hours.opens
            closes = None if hours is None else hours.closes
            first = int((datetime.combine(day, opens, tzinfo=clock) - epoch).total_seconds())
            last = (
                first + _DAY_S
                if closes is None or closes <= opens
                else int((datetime.combine(day, closes, tzinfo=clock) - epoch).total_seconds())
            )
            if found and found[-1][1] == first:
                found[-1] = (found[-1][0], last)
            else:
                found.append((first, last))
        spans[crossing] = found
    return {number: spans[crossing] for number, crossing in enumerate(crossings) if costs[number] < INF}


def _legs(
    net: Network, way: pd.DataFrame, waits: list[int], epoch: datetime, start_s: int
) -> tuple[dict[str, Any], ...]:
    """Join consecutive arcs of one mode and road; waits stand between them."""
    zones = net.base["regions"]["timezone"]
    region = net.nodes["region"]
    edges = net.edges

    def moment(seconds: int, place: str) -> str:
        clock = ZoneInfo(zones[region[place]])
        return (epoch + timedelta(seconds=seconds)).astimezone(clock).isoformat(timespec="minutes")

    legs: list[dict[str, Any]] = []
    now = start_s
    for arc, wait in zip(way.itertuples(), waits, strict=True):
        if wait:
            legs.append(
                {
                    "from": arc.tail,
                    "to": arc.tail,
                    "mode": "waiting",
                    "ref": arc.edge,
                    "length_km": 0.0,
                    "hours": round(wait / 3600.0, 3),
                    "start": moment(now, arc.tail),
                    "end": moment(now + wait, arc.tail),
                }
            )
            now += wait
        known = arc.edge in edges.index
        crossing = known and edges.at[arc.edge, "kind"] == "crossing"
        mode = edges.at[arc.edge, "mode"] if known else "road"
        ref = arc.edge if crossing else (edges.at[arc.edge, "ref"] if known else "") or None
        last = legs[-1] if legs else None
        end = now + int(arc.seconds)
        if last is not None and not crossing and not wait and last["mode"] == mode and last["ref"] == ref:
            last["to"] = arc.head
            last["length_km"] = round(last["length_km"] + arc.length_km, 1)
            last["hours"] = round(last["hours"] + arc.seconds / 3600.0, 3)
            last["end"] = moment(end, arc.head)
        else:
            legs.append(
                {
                    "from": arc.tail,
                    "to": arc.head,
                    "mode": mode,
                    "ref": ref,
                    "length_km": round(float(arc.length_km), 1),
                    "hours": round(arc.seconds / 3600.0, 3),
                    "start": moment(now, arc.tail),
                    "end": moment(end, arc.head),
                }
            )
        now = end
    return tuple(legs)
