"""Arrivals over draws: hours by day of departure, the last day for a deadline, and plans side by side.

Leaving at one hour of the day, traffic reaches a crossing at one hour of its clock, so that a wait is a look
into the next open day of a draw. One crossing is enough where no other way reaches it sooner (a certificate,
checked for each pair); elsewhere crossings are relaxed in rounds until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from amurgeo.network import vehicle_row
from amurgeo.routing.departures import NEVER
from amurgeo.routing.engine import priced, vehicle_network
from amurgeo.routing.rest import NO_REST, Rest
from amurgeo.routing.routes import queue_hours
from amurgeo.seasons.ensemble import TAIL_DAYS, openings
from amurgeo.seasons.holidays import moments, working_seconds, zones_of
from amurgeo.seasons.service import counts_as_open

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.ensemble import Ensemble

#: Most hours that count in the mean by which a crossing is chosen: two months.
MOST_H = 1440.0
#: Plans other than a checkpoint.
CHOICE, FORESIGHT = "choice", "foresight"
#: Rounds in which a way over more crossings is looked for.
ROUNDS = 4


class Piece(NamedTuple):
    """Departure days with the same roads and costs: seconds over land to and from each crossing, and over it.

    `between` are seconds over land from the far end of a crossing (row) to another (column), `single` tells
    whether one crossing is enough (`certified`).
    """

    days: np.ndarray
    direct: float
    to: np.ndarray
    on: np.ndarray
    cost: np.ndarray
    between: np.ndarray
    single: bool = False


class Land(NamedTuple):
    """The ways of one pair: seconds of departure by day, pieces of the period, and rest."""

    ready: np.ndarray
    pieces: tuple[Piece, ...]
    rest: Rest

    @property
    def single(self) -> bool:
        """Whether one crossing is enough on every day."""
        return all(piece.single for piece in self.pieces)

    @property
    def arcs(self) -> np.ndarray:
        """Positions of the crossings by which one may arrive."""
        ways = [(np.isfinite(one.to) | (not one.single)) & np.isfinite(one.on) for one in self.pieces]
        return np.flatnonzero(np.any(ways, axis=0))

    def on(self, position: int) -> Land:
        """Return the ways of one departure day; the crossings stay those of all days."""
        pieces = (one._replace(days=np.flatnonzero(one.days == position)[:1] * 0) for one in self.pieces)
        return self._replace(ready=self.ready[[position]], pieces=tuple(pieces))

    def ways(self) -> tuple[np.ndarray, np.ndarray]:
        """Return when each crossing is reached over land, and seconds from its entry on: arcs by days."""
        reached = np.full((len(self.arcs), len(self.ready)), NEVER, dtype=np.int32)
        onward = np.zeros_like(reached)
        for piece in self.pieces:
            to, on, cost = (values[self.arcs] for values in (piece.to, piece.on, piece.cost))
            usable = np.isfinite(to + on)
            cells, before = np.ix_(usable, piece.days), self.rest.total(to[usable])
            after = cost[usable] + self.rest.total((to + on)[usable]) - before
            reached[cells] = self.ready[piece.days] + before.astype(np.int32)[:, None]
            onward[cells] = np.rint(after).astype(np.int32)[:, None]
        return reached, onward


def free_hours(land: Land) -> float:
    """Return the least hours with all crossings open and without waits; infinity if there is no way."""
    total = land.rest.total
    times = [np.append(total(one.to + one.on) + one.cost, total(np.array(one.direct))) for one in land.pieces]
    return float(np.min(times)) / 3600.0


def certified(piece: Piece, rest: Rest) -> bool:
    """Return whether one crossing is as fast as any chain of them, whatever is open on the way.

    A chain cannot win if its last crossing is reached no later without the others, or if the way
    over land from its first one is no longer. Entering later never helps, so it is enough to compare all
    crossings open and without waits.
    """
    to, on, cost, between = piece.to, piece.on, piece.cost, piece.between
    first = np.flatnonzero(np.isfinite(to + cost))
    alone = np.minimum(rest.total(to + on) + cost, rest.total(np.array(piece.direct)))[first]
    # Driving to each crossing (columns) after each first one (rows), and when it is reached.
    driven = to[first, None] + between[first]
    left = (rest.total(to) + cost)[first, None]
    reached = _plus(left, rest, to[first, None], driven)
    for _ in range(ROUNDS):
        onward = driven[:, :, None] + between
        times = _plus((reached + cost)[:, :, None], rest, driven[:, :, None], onward)
        best = times.argmin(axis=1)[:, None]
        times, onward = (np.take_along_axis(values, best, axis=1)[:, 0] for values in (times, onward))
        driven, reached = np.where(times < reached, onward, driven), np.minimum(times, reached)
    final = _plus(reached + cost, rest, driven, driven + on)
    sooner = (reached < rest.total(to)).any(axis=0)
    return bool((final[:, sooner].min(axis=1, initial=np.inf) >= alone).all())


def _plus(left: np.ndarray, rest: Rest, driven: np.ndarray, onward: np.ndarray) -> np.ndarray:
    """Return moments after driving on, with the rest that falls due; infinity where there is no way."""
    with np.errstate(invalid="ignore"):
        moments_after = left + rest.total(onward) - rest.total(driven)
    return np.where(np.isnan(moments_after), np.inf, moments_after)


@dataclass(frozen=True, eq=False)
class Border:
    """The crossings of a vehicle in an ensemble, and when each can be entered."""

    #: Number among the border arcs of the vehicle's network, crossing and checkpoint of each arc.
    numbers: np.ndarray
    crossings: np.ndarray
    checkpoints: np.ndarray
    #: Position of the crossing of each arc in the attributes that follow.
    which: np.ndarray
    #: Openings: bits along the days, crossings by draws by bytes.
    packed: np.ndarray
    #: Seconds of the midnights by the clock of a crossing, and of its working spans on each day; crossings by
    #: days (and spans).
    midnight: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    #: Turns that have come by each departure day, crossings by draws by days; the first departure day is the
    #: second one of the other attributes.
    turned: np.ndarray
    #: Seconds in the queue of a crossing by day of entry, int32, crossings by days; None: without queues.
    queue: np.ndarray | None = None

    @property
    def last(self) -> int:
        """Number of days of the axis; as a day it means none."""
        return int(self.midnight.shape[1]) - 1

    @cached_property
    def next_open(self) -> np.ndarray:
        """First open day from each day on, int16, crossings by draws by days."""
        opened = np.unpackbits(self.packed, axis=-1, count=self.last).astype(bool)
        days = np.arange(self.last, dtype=np.int16)
        following = np.where(opened, days, np.int16(self.last))
        following = np.minimum.accumulate(following[:, :, ::-1], axis=2)[:, :, ::-1]
        padded: np.ndarray = np.pad(following, ((0, 0), (0, 0), (0, 1)), constant_values=self.last)
        return padded

    @property
    def states(self) -> int:
        """Number of states of a crossing that a traveller can see on a day."""
        return 2 * int(self.turned.max(initial=0)) + 2

    @cached_property
    def seen(self) -> np.ndarray:
        """Cells of half of the draws, day and state that a traveller sees: crossings, draws, days."""
        draws, n_days = self.turned.shape[1:]
        days = np.arange(1, 1 + n_days, dtype=np.int16)
        seen = 2 * self.turned + (self.next_open[:, :, days] == days)
        half = np.arange(draws, dtype=np.int32)[:, None] % 2
        cells: np.ndarray = seen + (half * n_days + days - 1) * np.int32(self.states)
        return cells

    @cached_property
    def entries(self) -> Callable[[int, bytes], np.ndarray]:
        """Return when a crossing is entered, by the seconds at which it is reached; with a memory."""
        keep = lru_cache(maxsize=len(self.numbers))
        return keep(lambda crossing, reached: self.enter(crossing, np.frombuffer(reached, dtype=np.int32)))

    @cached_property
    def expected(self) -> Callable[[int, bytes], np.ndarray]:
        """Return `means` of the waits at a crossing, by the seconds at which it is reached."""
        keep, seconds = lru_cache(maxsize=len(self.numbers)), partial(np.frombuffer, dtype=np.int32)
        return keep(lambda crossing, key: self.means(crossing, self.entries(crossing, key) - seconds(key)))

    def means(self, crossing: int, seconds: np.ndarray) -> np.ndarray:
        """Return the mean of seconds in what is seen of a crossing: halves, days and states.

        A half has the means of the other one, so that a choice does not know its own draw.
        """
        shape, cells = (2, seconds.shape[1], self.states), self.seen[crossing].ravel()
        counted = np.minimum(seconds, round(3600 * MOST_H)).ravel()
        count, total = (
            np.bincount(cells, weights, minlength=int(np.prod(shape))).reshape(shape)
            for weights in (None, counted)
        )
        halves = [1, 0] if len(seconds) > 1 else [0, 0]
        count, total = count[halves], total[halves]
        # States that a half lacks count as the mean of the day.
        of_day = total.sum(axis=-1, keepdims=True) / count.sum(axis=-1, keepdims=True)
        means: np.ndarray = np.where(count > 0, total / np.maximum(count, 1), of_day)
        return means

    def enter(self, crossing: int, reached: np.ndarray) -> np.ndarray:
        """Return when a crossing is entered, after its queue, by those who reach it: draws by days."""
        entry = self.opens(crossing, reached)
        return entry if self.queue is None else entry + self.queued(crossing, entry)

    def queued(self, crossing: int, entry: np.ndarray) -> np.ndarray:
        """Return the seconds in the queue of a crossing of those to whom it opens at a second."""
        if self.queue is None:
            return np.zeros_like(entry)
        day = np.searchsorted(self.midnight[crossing, 1:], entry, "right")
        return np.asarray(np.append(self.queue[crossing], np.int32(0))[day])

    def opens(self, crossing: int, reached: np.ndarray) -> np.ndarray:
        """Return when a crossing opens to those who reach it at a second: draws by days."""
        day = np.minimum(np.searchsorted(self.midnight[crossing], reached, "right") - 1, self.last)
        today, following = self._on(crossing, day, reached), self.next_open[crossing]
        first = _taken(following, np.minimum(day + (today == NEVER), self.last))
        entry = np.where(first == day, today, np.take(self.begin[crossing, :, 0], first))
        if (self.end[crossing, :-1] > self.midnight[crossing, 1:, None]).any():
            # A span that began on the day before.
            before = self._on(crossing, day - 1, reached)
            entry = np.where(_taken(following, day - 1) == day - 1, np.minimum(before, entry), entry)
        return entry

    def _on(self, crossing: int, day: np.ndarray, reached: np.ndarray) -> np.ndarray:
        """Return when a crossing is entered within the spans of a day; NEVER after them."""
        entry = np.maximum(reached[..., None], self.begin[crossing, day])
        earliest: np.ndarray = np.where(entry < self.end[crossing, day], entry, NEVER).min(axis=-1)
        return earliest.astype(np.int32)

    def _spent(self, crossing: int, reached: np.ndarray, part: str) -> np.ndarray:
        """Return seconds of waiting for an opening, or in the queue."""
        entry = self.opens(crossing, reached)
        return self.queued(crossing, entry) if part == "queue" else entry - reached

    def arrivals(self, land: Land, *, part: str = "") -> np.ndarray:
        """Return seconds of arrival, or of a part at the last crossing: arcs, draws and departure days.

        Parts are ``wait`` (for an opening) and ``queue``. The last row is the way without a crossing; NEVER
        if a journey does not arrive within `TAIL_DAYS`.
        """
        shape = (len(land.arcs) + 1, self.packed.shape[1], len(land.ready))
        out = np.full(shape, NEVER, dtype=np.int32)
        for row, (arc, reached, onward) in enumerate(zip(land.arcs, *land.ways(), strict=True)):
            crossing = self.which[arc]
            if part:
                out[row] = self._spent(crossing, reached, part)
            else:
                np.add(self.entries(crossing, reached.tobytes()), onward, out=out[row])
        for piece in land.pieces:
            ready = land.ready[piece.days]
            if np.isfinite(piece.direct):
                direct = ready + int(land.rest.total(np.array(piece.direct)))
                out[-1][:, piece.days] = 0 if part else direct
            if not piece.single:
                self._relax(land, piece, out, part)
        if not part:
            # The same horizon for every departure day, so that its answer is one in every period.
            np.copyto(out, NEVER, where=out > land.ready + np.int32(86400 * TAIL_DAYS))
        return np.minimum(out, NEVER, out=out)

    def _relax(self, land: Land, piece: Piece, out: np.ndarray, part: str) -> None:
        """Set the arrivals of a piece by any number of crossings: relax them until nothing changes."""
        total, ready = land.rest.total, land.ready[piece.days]
        ways = np.flatnonzero(np.isfinite(piece.to)).tolist()
        driven: dict[int, Any] = {arc: piece.to[arc] for arc in ways}
        reached: dict[int, Any] = {arc: ready + int(total(to)) for arc, to in driven.items()}
        entry = {arc: self.enter(self.which[arc], second) for arc, second in reached.items()}
        changed = set(entry)
        for _ in range(ROUNDS):
            sooner: set[int] = set()
            for before in sorted(changed):
                for arc in np.flatnonzero(np.isfinite(piece.between[before])).tolist():
                    along = driven[before] + piece.between[before, arc]
                    onward = piece.cost[before] + total(along) - total(driven[before])
                    label = entry[before] + np.rint(onward).astype(np.int32)
                    if arc not in reached:
                        reached[arc], driven[arc] = np.full(label.shape, NEVER), np.zeros(label.shape)
                    better = (label < reached[arc]) & (entry[before] < NEVER)
                    if better.any():
                        reached[arc] = np.where(better, label, reached[arc])
                        driven[arc] = np.where(better, along, driven[arc])
                        sooner.add(arc)
            for arc in sooner:
                entry[arc] = self.enter(self.which[arc], reached[arc])
            changed = sooner
        for row, arc in enumerate(land.arcs):
            out[row][:, piece.days] = NEVER
            if arc in entry and np.isfinite(piece.on[arc]):
                onward = piece.cost[arc] + total(driven[arc] + piece.on[arc]) - total(driven[arc])
                value = entry[arc] + np.rint(onward).astype(np.int32)
                if part:
                    value = self._spent(self.which[arc], reached[arc], part)
                out[row][:, piece.days] = np.where(entry[arc] >= NEVER, NEVER, value)


def _taken(table: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the values of a table, draws by days, on days that are the same in all draws or are not."""
    if days.ndim > 1:
        return np.take_along_axis(table, days, axis=1)
    # Days that follow each other are a view.
    follow = days[0] >= 0 and (np.diff(days) == 1).all()
    taken: np.ndarray = table[:, days[0] : days[-1] + 1] if follow else np.take(table, days, axis=1)
    return taken


def border_of(e: Ensemble, vehicle: str, queues: Any = None) -> Border:
    """Return the crossings of a vehicle in an ensemble, with the queues of `amurgeo.queues` if given."""
    net, row = e.net, vehicle_row(e.net, vehicle)
    by_arc = vehicle_network(net, vehicle).border["edge"].to_numpy(dtype=object)
    names = list(dict.fromkeys(by_arc))
    keys = e.services
    positions = [keys.get_loc((id_, row["traffic"])) for id_ in names]
    opened = openings(e, positions)
    for place, position in enumerate(positions):
        out = e.states.services[position]
        opened[place] &= (vehicle in out.service.row["admits"]) & ~(out.max_mass_t < row["mass_t"])
    ever = opened.any(axis=(1, 2))
    ids, packed = list(np.array(names, dtype=object)[ever]), np.packbits(opened[ever], axis=-1)
    arcs = np.flatnonzero(np.isin(by_arc, ids))
    which = np.array([ids.index(id_) for id_ in by_arc[arcs]], dtype=int)
    checkpoints = net.base["crossings"].loc[ids, "checkpoint"].to_numpy(dtype=object)
    seen = np.zeros((len(ids), e.n, e.n_days), dtype=np.int8)
    for (checkpoint, _, _), days in e.days_of_turns.items():
        seen[checkpoints == checkpoint] += e.days.astype(np.int32) >= days[:, None]
    clock = working_seconds(net, ids, e.states.days, NEVER)
    queue = None if queues is None else _queue_seconds(e, ids, queues, vehicle)
    return Border(arcs, by_arc[arcs], checkpoints[which], which, packed, *clock, seen, queue)


def _queue_seconds(e: Ensemble, crossings: Sequence[str], queues: Any, vehicle: str) -> np.ndarray:
    """Return seconds in the queues of crossings by day of the states, int32.

    On days on which a crossing is not expected to be open they are those of the next day on which it is.
    Who enters later never leaves a queue sooner.
    """
    days = pd.DatetimeIndex(e.states.days.astype("datetime64[s]"))
    known = queue_hours(queues, e.net, e.states.scenario, days[e.period], vehicle)
    traffic, hours = vehicle_row(e.net, vehicle)["traffic"], known.reindex(days, columns=list(crossings))
    for out in e.states.services:
        if out.service.traffic == traffic and out.service.crossing in hours:
            hours[out.service.crossing] = hours[out.service.crossing].where(counts_as_open(out.status))
    since = 24.0 * np.arange(len(days))
    # Only trucks queue; a crossing of trucks that does not open while queues are known is of no use.
    hours = hours.bfill().ffill().fillna(dict.fromkeys(known, np.inf)).fillna(0.0)
    left = np.maximum.accumulate(hours.to_numpy().T + since, axis=1)
    return np.asarray(np.minimum(np.rint(3600.0 * (left - since)), NEVER).astype(np.int32))


def lands(
    e: Ensemble,
    border: Border,
    net: Network,
    vehicle: str,
    starts: Sequence[str],
    ends: Sequence[str],
    *,
    at: time = time(8),
    drivers: int = 1,
    transit: bool = True,
) -> Iterator[tuple[str, str, Land]]:
    """Yield the ways of each pair of places of a network with the points of both."""
    which = e.states.which[e.period]
    different = priced(net, vehicle, e.states.states, dict.fromkeys(which.tolist()), closed=True)
    parts = [
        (np.flatnonzero(np.isin(which, numbers)), distances, distances.with_seasonal(costs), seconds)
        for network, costs, seconds, numbers in different
        for distances in [network.distances(starts, ends, transit=transit, drivers=drivers)]
    ]
    zones, known = zones_of(net), dict[tuple[str, int], np.ndarray]()
    for i, start in enumerate(starts):
        ready = moments(e.states.days, zones[start], at.hour * 60 + at.minute, known)[e.period]
        for j, stop in enumerate(ends):
            pieces: dict[bytes, Piece] = {}
            for days, distances, land, cost in parts:
                rest = NO_REST if distances.rest is None else Rest(*(limit[i, j] for limit in distances.rest))
                rows, columns = (
                    ends + border.numbers for ends in (distances.n_origins, distances.n_destinations)
                )
                crosses = start != stop and (distances.may_cross is None or distances.may_cross[i, j])
                to = land[i, columns] if crosses else np.full(len(rows), np.inf)
                direct = float(land[i, j]) if start != stop else 0.0
                ways = (to, land[rows, j], cost[border.numbers], land[np.ix_(rows, columns)])
                equal = b"".join(way.tobytes() for way in (*ways, np.array(direct)))
                before = pieces[equal].days if equal in pieces else days[:0]
                pieces[equal] = Piece(np.append(before, days), direct, *ways)
            checked = [piece._replace(single=certified(piece, rest)) for piece in pieces.values()]
            yield start, stop, Land(ready, tuple(checked), rest)


def chosen(border: Border, land: Land, arrivals: np.ndarray) -> np.ndarray:
    """Return the row of arrivals that a traveller takes who sees which crossings are open: draws by days.

    By each crossing the mean hours count that the other half of the draws has in what is seen of it.
    """
    reached, onward = land.ways()
    direct = np.minimum(arrivals[-1, 0] - land.ready, round(3600 * MOST_H))
    rows = np.full(arrivals.shape[1:], len(land.arcs), dtype=np.int8)
    least = np.broadcast_to(direct.astype(float), rows.shape).copy()
    for row in range(len(land.arcs) - 1, -1, -1):
        crossing = border.which[land.arcs[row]]
        if land.single:
            fixed = (reached[row] - land.ready + onward[row])[:, None]
            means = border.expected(crossing, reached[row].tobytes()) + fixed
        else:
            means = border.means(crossing, arrivals[row] - land.ready)
        score = np.take(means.ravel(), border.seen[crossing])
        np.copyto(rows, row, where=score <= least)
        np.minimum(least, score, out=least)
    return rows


def rows_of(border: Border, land: Land, arrivals: np.ndarray, plan: str) -> np.ndarray:
    """Return the row of arrivals that a plan takes: draws by departure days."""
    if plan == CHOICE:
        return chosen(border, land, arrivals)
    arcs = np.arange(len(arrivals))
    if plan != FORESIGHT:
        arcs = np.flatnonzero(border.checkpoints[land.arcs] == plan)
    rows: np.ndarray = arcs[arrivals[arcs].argmin(axis=0)]
    return rows
