"""Full paths, node by node and arc by arc, for single pairs of a solved state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from amurgeo.errors import InputError
from amurgeo.routing.overlay import INF

if TYPE_CHECKING:
    from amurgeo.routing.statics import Statics

    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Path:
    """A way through the network.

    Attributes
    ----------
    seconds
        Whole seconds from end to end.
    nodes
        Numbers of the nodes, both ends included.
    arcs
        Numbers of the arcs in the numbering of `SeasonalGraph`; one less than nodes.
    crossings
        Numbers of the border crossings in order of travel.
    """

    seconds: int
    nodes: tuple[int, ...]
    arcs: tuple[int, ...]
    crossings: tuple[int, ...]


def best_path(statics: Statics, costs: npt.ArrayLike | None, origin: int, destination: int) -> Path | None:
    """Return the best way of one state, or None when there is none.

    Parameters
    ----------
    statics
        The prepared network.
    costs
        Seconds on each arc that changes, as from `Overlay.costs`; the ordinary ones when left out.
    origin, destination
        Positions among the origins and the destinations.

    Returns
    -------
    Path or None
        Its seconds and first crossing are those that `solve` gives; equally good ways are decided alike.

    Raises
    ------
    InputError
        For costs of another shape or out of range.

    Examples
    --------
    >>> from amurgeo.routing.statics import Arcs, SeasonalGraph, prepare
    >>> graph = SeasonalGraph(4, Arcs([0, 2], [1, 3], [10, 5]), border=Arcs([1, 1], [2, 2], [60, 40]))
    >>> statics = prepare(graph, [0], [3])
    >>> best_path(statics, None, 0, 0)
    Path(seconds=55, nodes=(0, 1, 2, 3), arcs=(0, 3, 1), crossings=(1,))
    """
    found = _Pair(statics, costs, origin, destination)
    by_crossing = found.by_crossing()
    crossing = int(by_crossing.argmin()) if len(by_crossing) else -1
    if crossing < 0 or found.direct <= by_crossing[crossing]:
        return found.path(-1) if found.direct < INF else None
    return found.path(crossing)


def paths_by_crossing(
    statics: Statics, costs: npt.ArrayLike | None, origin: int, destination: int
) -> tuple[Path, ...]:
    """Return the best way without a crossing and the best way by each crossing taken first.

    Parameters
    ----------
    statics
        The prepared network.
    costs
        Seconds on each arc that changes, as from `Overlay.costs`; the ordinary ones when left out.
    origin, destination
        Positions among the origins and the destinations.

    Returns
    -------
    tuple of Path
        Quickest first; of equally quick ones the one without a crossing, then by number. A way forced over a
        crossing may pass a node twice.

    Raises
    ------
    InputError
        For costs of another shape or out of range.

    Examples
    --------
    >>> from amurgeo.routing.statics import Arcs, SeasonalGraph, prepare
    >>> graph = SeasonalGraph(4, Arcs([0, 2], [1, 3], [10, 5]), border=Arcs([1, 1], [2, 2], [60, 40]))
    >>> statics = prepare(graph, [0], [3])
    >>> [(path.seconds, path.crossings) for path in paths_by_crossing(statics, None, 0, 0)]
    [(55, (1,)), (75, (0,))]
    """
    found = _Pair(statics, costs, origin, destination)
    by_crossing = found.by_crossing()
    numbers = [int(number) for number in np.flatnonzero(by_crossing < INF)]
    if found.direct < INF:
        numbers.insert(0, -1)
    paths = [found.path(number) for number in numbers]
    return tuple(sorted(paths, key=lambda path: path.seconds))


class Labels:
    """Shortest seconds from one row of a matrix to all its columns, by way of some arcs that change.

    Dijkstra's algorithm on the overlay. With the transposed matrix the same gives seconds *to* one column.

    Parameters
    ----------
    matrix
        Seconds between terminals.
    start
        The row to start from.
    enter
        For each arc, the column at which it is entered.
    leave
        For each arc, the row to which it leads.
    costs
        Seconds on each arc, `INF` on those not to be used.
    """

    def __init__(self, matrix: IntArray, start: int, enter: int, leave: int, costs: LongArray) -> None:
        self.seconds = matrix[start].astype(np.int64)
        self.by = np.full(len(self.seconds), -1)
        self.enter = enter
        todo = np.flatnonzero(costs < INF)
        while len(todo):
            after = self.seconds[enter + todo] + costs[todo]
            place = int(after.argmin())
            if after[place] >= INF:
                break
            arc = int(todo[place])
            via = after[place] + matrix[leave + arc]
            better = via < self.seconds
            self.seconds[better] = via[better]
            self.by[better] = arc
            todo = np.delete(todo, place)

    def arcs(self, column: int) -> list[int]:
        """Return the arcs used to get to a column, the last one first."""
        used = []
        arc = int(self.by[column])
        while arc >= 0:
            used.append(arc)
            arc = int(self.by[self.enter + arc])
        return used


class _Pair:
    """What the ways between one origin and one destination have in common."""

    def __init__(self, statics: Statics, costs: npt.ArrayLike | None, origin: int, destination: int) -> None:
        overlay = statics.overlay
        rows = overlay.checked(costs)
        if len(rows) != 1:
            raise InputError(f"costs of {len(rows)} states; give those of one")
        for name, position, size in (
            ("origin", origin, overlay.n_origins),
            ("destination", destination, overlay.n_destinations),
        ):
            if not 0 <= position < size:
                raise InputError(f"{name} {position} is not there; give 0 to {size - 1}")
        self.statics, self.overlay, self.origin, self.destination = statics, overlay, origin, destination
        self.costs = rows[0].astype(np.int64)
        over_land = self.costs.copy()
        over_land[: overlay.n_border] = INF
        n_rows, n_cols = overlay.n_origins, overlay.n_destinations
        self.out = Labels(overlay.between, origin, n_cols, n_rows, over_land)
        self.onward = Labels(overlay.between.T, destination, n_rows, n_cols, self.costs)
        self.direct = int(self.out.seconds[destination])

    def by_crossing(self) -> LongArray:
        """Seconds of the best way by each crossing, `INF` where there is none."""
        some = slice(self.overlay.n_destinations, self.overlay.n_destinations + self.overlay.n_border)
        after = slice(self.overlay.n_origins, self.overlay.n_origins + self.overlay.n_border)
        price = self.costs[: self.overlay.n_border]
        seconds: LongArray = np.minimum(self.out.seconds[some] + price + self.onward.seconds[after], INF)
        return seconds

    def path(self, crossing: int) -> Path:
        """Return the best way by a crossing, or without any for -1."""
        if crossing < 0:
            arcs = self.out.arcs(self.destination)[::-1]
        else:
            before = self.out.arcs(self.overlay.n_destinations + crossing)[::-1]
            arcs = [*before, crossing, *self.onward.arcs(self.overlay.n_origins + crossing)]
        return join(self.statics, self.costs, self.origin, self.destination, arcs)


def join(statics: Statics, costs: LongArray, origin: int, destination: int, arcs: list[int]) -> Path:
    """Put a path together from the arcs that change and the unchanging stretches between them.

    Parameters
    ----------
    statics
        The prepared network.
    costs
        Seconds on each arc that changes.
    origin, destination
        Positions among the origins and the destinations.
    arcs
        Numbers of the arcs that change, in order of travel.
    """
    graph, overlay = statics.graph, statics.overlay
    steps: list[int] = []
    seconds, row = 0, origin
    for arc in arcs:
        column = overlay.n_destinations + arc
        steps += [*statics.stretch(row, column), len(graph.static) + arc]
        seconds += int(overlay.between[row, column]) + int(costs[arc])
        row = overlay.n_origins + arc
    steps += statics.stretch(row, destination)
    seconds += int(overlay.between[row, destination])
    heads = graph.head[steps].tolist() if steps else []
    nodes = (int(statics.origins[origin]), *heads)
    crossings = tuple(arc for arc in arcs if arc < overlay.n_border)
    return Path(seconds, nodes, tuple(steps), crossings)
