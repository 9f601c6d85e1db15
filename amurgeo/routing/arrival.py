"""Earliest arrival for a departure at a given second, with crossings that open and close on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from amurgeo.errors import InputError
from amurgeo.routing.overlay import INF
from amurgeo.routing.paths import Path, join

if TYPE_CHECKING:
    from amurgeo.routing.overlay import Overlay
    from amurgeo.routing.statics import Statics

    LongArray = npt.NDArray[np.int64]

#: Never, in absolute seconds; stays inside the engine (`Arrivals.at` gives None).
NEVER = 2**62

#: Times at which an arc can be entered, in absolute seconds: from each first second, before each second one.
Openings = Mapping[int, Sequence[tuple[int, int]]]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Earliest arrivals of one departure.

    Attributes
    ----------
    origin
        Position of the origin.
    departure
        Absolute second of the departure.
    arcs
        For each destination that can be reached, the numbers of the arcs that change on the way there.
    waits
        For each of those arcs, the seconds waited before it.
    """

    origin: int
    departure: int
    arcs: tuple[tuple[int, ...] | None, ...]
    waits: tuple[tuple[int, ...] | None, ...]
    _arrival: LongArray

    def at(self, destination: int) -> int | None:
        """Return the absolute second of the arrival, or None when the destination cannot be reached."""
        arrival = int(self._arrival[destination])
        return arrival if arrival < NEVER else None

    def path(self, statics: Statics, costs: npt.ArrayLike | None, destination: int) -> Path | None:
        """Return the way there; its seconds are those on the move, without the waits.

        Parameters
        ----------
        statics, costs
            Those that the arrivals were found with.
        destination
            Position among the destinations.
        """
        arcs = self.arcs[destination]
        if arcs is None:
            return None
        price = statics.overlay.checked(costs)[0].astype(np.int64)
        return join(statics, price, self.origin, destination, list(arcs))


def earliest_arrival(
    overlay: Overlay, origin: int, departure: int, *, openings: Openings, costs: npt.ArrayLike | None = None,
    max_wait: int | None = None,
) -> Arrivals:  # fmt: skip
    """Find the earliest arrival at every destination.

    Parameters
    ----------
    overlay
        The matrix between terminals.
    origin
        Position of the origin.
    departure
        Absolute second of the departure.
    openings
        For arcs that open and close, by number, the intervals ``[open, close)`` of absolute seconds in which
        they can be entered. Arcs that are not named can be entered at any time unless ``costs`` closes them.
    costs
        Seconds on each arc that changes, as from `Overlay.costs`; the ordinary ones when left out.
    max_wait
        Longest wait in seconds before an arc; without limit when left out.

    Returns
    -------
    Arrivals
        Absolute seconds, the arcs used and the waits before them.

    Raises
    ------
    InputError
        For an interval that ends before it begins, an origin that is not there, or costs out of range.

    Notes
    -----
    Traffic gets to every crossing as early as it can and waits there until it opens. An arc that does not
    open within ``max_wait`` of the earliest arrival at its tail counts as closed; getting there later by a
    slower way does not open it. With this rule every label is final when it is the smallest one left, so
    Dijkstra's algorithm on the overlay is exact.

    Examples
    --------
    A ferry takes ten seconds and goes from second 100.

    >>> import numpy as np
    >>> from amurgeo.routing.overlay import Overlay
    >>> between = np.array([[INF, 40], [5, INF]], dtype=np.int32)
    >>> overlay = Overlay(between, 1, 1, 1, 0, np.array([10], dtype=np.int32))
    >>> found = earliest_arrival(overlay, 0, 0, openings={0: [(100, 200)]})
    >>> found.at(0), found.waits[0]
    (115, (60,))
    >>> earliest_arrival(overlay, 0, 0, openings={0: [(100, 200)]}, max_wait=30).at(0) is None
    True
    """
    if not 0 <= origin < overlay.n_origins:
        raise InputError(f"origin {origin} is not there; give 0 to {overlay.n_origins - 1}")
    rows = overlay.checked(costs)
    if len(rows) != 1:
        raise InputError(f"costs of {len(rows)} states; give those of one")
    windows = {arc: _intervals(arc, spans, overlay.n_arcs) for arc, spans in openings.items()}
    price = rows[0].astype(np.int64)
    between = np.where(overlay.between < INF, overlay.between.astype(np.int64), NEVER)
    n_cols = overlay.n_destinations

    # Earliest arrival at each column (destination, tail of an arc), and the arc it was reached by.
    arrival = np.minimum(between[origin] + departure, NEVER)
    by = np.full(len(arrival), -1)
    entered = np.full(overlay.n_arcs, NEVER)
    left = np.full(overlay.n_arcs, NEVER)
    tails = np.flatnonzero(price < INF)
    heads = np.empty(0, np.int64)
    while len(tails) or len(heads):
        soonest = int(arrival[n_cols + tails].argmin()) if len(tails) else -1
        at_tail = int(arrival[n_cols + tails[soonest]]) if len(tails) else NEVER
        place = int(left[heads].argmin()) if len(heads) else -1
        at_head = int(left[heads[place]]) if len(heads) else NEVER
        if at_tail >= NEVER and at_head >= NEVER:
            break
        if at_head <= at_tail:
            arc = int(heads[place])
            heads = np.delete(heads, place)
            via = np.minimum(at_head + between[overlay.n_origins + arc], NEVER)
            better = via < arrival
            arrival[better] = via[better]
            by[better] = arc
            continue
        arc = int(tails[soonest])
        tails = np.delete(tails, soonest)
        entry = _entry(windows.get(arc), at_tail, max_wait)
        if entry is not None:
            entered[arc], left[arc] = entry, entry + int(price[arc])
            heads = np.append(heads, arc)

    used: list[tuple[int, ...] | None] = []
    waits: list[tuple[int, ...] | None] = []
    for destination in range(n_cols):
        if arrival[destination] >= NEVER:
            used.append(None)
            waits.append(None)
            continue
        chain: list[int] = []
        arc = int(by[destination])
        while arc >= 0:
            chain.append(arc)
            arc = int(by[n_cols + arc])
        used.append(tuple(chain[::-1]))
        waits.append(tuple(int(entered[arc] - arrival[n_cols + arc]) for arc in chain[::-1]))
    return Arrivals(origin, departure, tuple(used), tuple(waits), arrival[:n_cols])


def _entry(spans: Sequence[tuple[int, int]] | None, arrival: int, max_wait: int | None) -> int | None:
    """Return when an arc is entered on arriving at its tail, or None when it does not open in time."""
    if spans is None:
        return arrival
    for begin, end in spans:
        if arrival < end:
            entry = max(arrival, begin)
            return entry if max_wait is None or entry - arrival <= max_wait else None
    return None


def _intervals(arc: int, spans: Sequence[tuple[int, int]], n_arcs: int) -> list[tuple[int, int]]:
    if not 0 <= arc < n_arcs:
        raise InputError(f"openings name the arc {arc}; give 0 to {n_arcs - 1}")
    for begin, end in spans:
        if end < begin:
            raise InputError(f"an opening of arc {arc} ends at {end}, before it begins at {begin}")
    return sorted((int(begin), int(end)) for begin, end in spans if end > begin)
