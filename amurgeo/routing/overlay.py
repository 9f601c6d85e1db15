"""The seasonal overlay: the small matrix on which every state of the network is solved exactly.

Only border crossings and winter roads change with season and scenario. All distances over the rest of the
network between *terminals* (origins, destinations, both ends of every arc that changes) are found once; a
state is then a shortest-path problem on that matrix alone, whatever the size of the network behind it.

Costs are whole seconds in ``int32``; `INF` marks a closed arc or a place that cannot be reached and stays
inside the engine's arrays (`Solution.hours` has NaN instead).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from amurgeo.errors import InputError

if TYPE_CHECKING:
    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]

#: Closed or unreachable. Two of them still add up within ``int32``.
INF = 2**30 - 1

KernelName = Literal["auto", "numpy", "numba"]


@dataclass(frozen=True, eq=False)
class Layout:
    """The overlay's matrix rearranged so that places joined without a crossing stand together.

    Winter roads never leave their *block* (a set of terminals joined by the unchanging network and by winter
    roads, for instance one country), so they are dealt with block by block.

    Attributes
    ----------
    matrix
        Seconds; rows and columns sorted by block, those of the winter roads last.
    row_start, col_start, winter_start
        Where each block begins among the rows, the columns and the winter roads; last, where they end.
    winter
        Original positions of the winter roads, in the order of the blocks.
    origin_row, border_row, destination_col, border_col
        Where origins, heads of crossings, destinations and tails of crossings stand.
    border_block
        Block of the tail of each crossing.
    origins_of
        Numbers of the origins in each block.
    """

    matrix: IntArray
    row_start: IntArray
    col_start: IntArray
    winter_start: IntArray
    winter: IntArray
    origin_row: IntArray
    border_row: IntArray
    destination_col: IntArray
    border_col: IntArray
    border_block: IntArray
    origins_of: tuple[npt.NDArray[np.int64], ...]


@dataclass(frozen=True, eq=False)
class Overlay:
    """Seconds over the unchanging network between terminals, and the arcs that change.

    Arcs that change are numbered with the border crossings first and the winter roads after them.

    Attributes
    ----------
    between
        Seconds from origins, heads of crossings and heads of winter roads (rows) to destinations, tails of
        crossings and tails of winter roads (columns); `INF` where there is no way.
    n_origins, n_destinations, n_border, n_winter
        How many of each.
    seconds
        Ordinary seconds on each arc that changes.

    Examples
    --------
    One origin, one destination, one crossing: ten seconds to it, five from it.

    >>> import numpy as np
    >>> between = np.array([[INF, 10], [5, INF]], dtype=np.int32)
    >>> overlay = Overlay(between, 1, 1, 1, 0, np.array([3], dtype=np.int32))
    >>> int(solve(overlay).seconds[0, 0])
    18
    >>> bool(solve(overlay, overlay.costs([False])).reachable[0, 0])
    False
    """

    between: IntArray
    n_origins: int
    n_destinations: int
    n_border: int
    n_winter: int
    seconds: IntArray

    @property
    def n_arcs(self) -> int:
        """Number of arcs that change."""
        return self.n_border + self.n_winter

    def costs(self, open: npt.ArrayLike | None = None, extra: npt.ArrayLike | None = None) -> IntArray:
        """Return the seconds on every arc that changes, `INF` on closed ones.

        Parameters
        ----------
        open
            Which arcs are open, one entry per arc, or one row per state. All are when left out.
        extra
            Whole seconds to add to the ordinary ones, such as expected waiting; of the same shape.

        Returns
        -------
        array
            One entry per arc, or one row per state.

        Raises
        ------
        InputError
            For another shape, seconds that are not whole, or a sum that is negative or over 34 years.

        Examples
        --------
        >>> import numpy as np
        >>> empty = np.zeros((2, 2), dtype=np.int32)
        >>> overlay = Overlay(empty, 0, 0, 2, 0, np.array([60, 90], dtype=np.int32))
        >>> [int(cost) for cost in overlay.costs([True, True], [0, 30])]
        [60, 120]
        """
        opened = np.ones(self.n_arcs, dtype=bool) if open is None else np.asarray(open, dtype=bool)
        added = np.zeros(self.n_arcs, dtype=np.int64) if extra is None else whole("extra", extra)
        for name, array in (("open", opened), ("extra", added)):
            if array.ndim not in (1, 2) or array.shape[-1] != self.n_arcs:
                raise InputError(f"{name} has the shape {array.shape}; give {self.n_arcs} entries per state")
        total = self.seconds.astype(np.int64) + added
        bad = opened & ((total < 0) | (total >= INF))
        if bad.any():
            wrong = int(np.broadcast_to(total, bad.shape)[bad][0])
            raise InputError(f"an open arc costs {wrong} s; give 0 to {INF - 1}")
        return np.where(opened, total, INF).astype(np.int32)

    def checked(self, costs: npt.ArrayLike | None) -> IntArray:
        """Return costs as one row per state, or raise when their sums could overflow.

        Parameters
        ----------
        costs
            As from `costs`; the ordinary ones when left out.

        Raises
        ------
        InputError
            For another shape or type, or when a route could take longer than ``int32`` can hold.
        """
        given = self.seconds.astype(np.int64) if costs is None else whole("costs", costs)
        rows: LongArray = np.atleast_2d(given)
        if rows.ndim != 2 or rows.shape[1] != self.n_arcs:
            raise InputError(f"costs have the shape {rows.shape}; give {self.n_arcs} entries per state")
        if rows.size and (rows.min() < 0 or rows.max() > INF):
            raise InputError(
                f"costs go from {rows.min()} to {rows.max()} s; give 0 to {INF}, which means closed"
            )
        # A shortest route takes each arc at most once: this bounds it from above.
        reach, onward = self._longest
        dearest = np.where(rows < INF, rows + reach, 0).sum(axis=1).max(initial=0) + onward
        if dearest >= INF:
            raise InputError(
                f"a route could take {int(dearest)} s; routes of up to {INF - 1} s (34 years) can be solved"
            )
        return np.ascontiguousarray(rows, dtype=np.int32)

    @cached_property
    def _longest(self) -> tuple[npt.NDArray[np.int64], int]:
        """Longest seconds to the tail of each arc, and to any destination."""
        finite = np.where(self.between < INF, self.between, 0).astype(np.int64).max(axis=0, initial=0)
        return finite[self.n_destinations :], int(finite[: self.n_destinations].max(initial=0))

    @cached_property
    def layout(self) -> Layout:
        """The matrix sorted by block."""
        n_rows, n_cols = self.n_origins + self.n_border, self.n_destinations + self.n_border
        row_block, col_block = self._blocks()
        row_order = np.argsort(row_block[:n_rows], kind="stable")
        col_order = np.argsort(col_block[:n_cols], kind="stable")
        winter = np.argsort(row_block[n_rows:], kind="stable")
        names = np.unique(np.concatenate([row_block, col_block]))
        row_at, col_at = np.argsort(row_order), np.argsort(col_order)

        def starts(blocks: npt.NDArray[np.int64]) -> IntArray:
            return np.append(np.searchsorted(np.sort(blocks), names), len(blocks)).astype(np.int32)

        rows = np.concatenate([row_order, n_rows + winter])
        cols = np.concatenate([col_order, n_cols + winter])
        return Layout(
            matrix=np.ascontiguousarray(self.between[np.ix_(rows, cols)]),
            row_start=starts(row_block[:n_rows]),
            col_start=starts(col_block[:n_cols]),
            winter_start=starts(row_block[n_rows:]),
            winter=winter.astype(np.int32),
            origin_row=row_at[: self.n_origins].astype(np.int32),
            border_row=row_at[self.n_origins :].astype(np.int32),
            destination_col=col_at[: self.n_destinations].astype(np.int32),
            border_col=col_at[self.n_destinations :].astype(np.int32),
            border_block=np.searchsorted(names, col_block[self.n_destinations : n_cols]).astype(np.int32),
            origins_of=tuple(np.flatnonzero(row_block[: self.n_origins] == name) for name in names),
        )

    def _blocks(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Give the same number to rows and columns that the network or winter roads join."""
        finite = self.between < INF
        n_rows, n_cols = finite.shape
        row_block, col_block = np.arange(n_rows), np.arange(n_rows, n_rows + n_cols)
        top = n_rows + n_cols
        winter_rows = np.arange(self.n_origins + self.n_border, n_rows)
        winter_cols = np.arange(self.n_destinations + self.n_border, n_cols)
        while True:
            cols = np.minimum(col_block, np.where(finite, row_block[:, None], top).min(axis=0, initial=top))
            rows = np.minimum(row_block, np.where(finite, cols, top).min(axis=1, initial=top))
            both = np.minimum(rows[winter_rows], cols[winter_cols])
            rows[winter_rows] = cols[winter_cols] = both
            if np.array_equal(rows, row_block) and np.array_equal(cols, col_block):
                return rows, cols
            row_block, col_block = rows, cols


@dataclass(frozen=True, eq=False)
class Solution:
    """Shortest times of one state between all origins and destinations.

    Attributes
    ----------
    seconds
        Origins by destinations; `INF` where there is no way.
    first
        Number of the first crossing on the best way; -1 when none is crossed or there is no way. Of equally
        good ways the one without a crossing is named, then the one with the lowest number.
    onward
        Seconds from the head of each open crossing to destinations, crossing again where that is quicker.
    costs
        Seconds on each crossing.
    """

    seconds: IntArray
    first: IntArray
    onward: IntArray
    costs: IntArray
    _over_land: IntArray
    _layout: Layout

    @property
    def direct(self) -> IntArray:
        """Seconds from origins to destinations without crossing the border."""
        return self._over_land[np.ix_(self._layout.origin_row, self._layout.destination_col)]

    @property
    def to_tail(self) -> IntArray:
        """Seconds from origins to the tail of each crossing without crossing the border before."""
        return self._over_land[np.ix_(self._layout.origin_row, self._layout.border_col)]

    @property
    def reachable(self) -> npt.NDArray[np.bool_]:
        """Where there is a way."""
        return self.seconds < INF

    @property
    def hours(self) -> npt.NDArray[np.float64]:
        """Hours, origins by destinations; NaN where there is no way."""
        return hours(self.seconds)

    @property
    def by_crossing(self) -> IntArray:
        """Seconds of the best way whose first crossing is the given one: origins, crossings, destinations."""
        entry = np.minimum(self.to_tail + self.costs, INF)
        seconds: IntArray = np.minimum(entry[:, :, None] + self.onward, INF).astype(np.int32)
        return seconds


def hours(seconds: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return whole seconds as hours, NaN where there is no way.

    Examples
    --------
    >>> import numpy as np
    >>> [float(h) for h in hours(np.array([5400, INF]))]
    [1.5, nan]
    """
    return np.where(seconds < INF, seconds / 3600.0, np.nan)


def solve(overlay: Overlay, costs: npt.ArrayLike | None = None, *, kernel: KernelName = "auto") -> Solution:
    """Solve one state exactly.

    Parameters
    ----------
    overlay
        The matrix between terminals.
    costs
        Seconds on each arc that changes, `INF` on closed ones, as from `Overlay.costs`; everything is open at
        its ordinary cost when left out.
    kernel
        ``"numpy"``, ``"numba"`` (the extra ``fast``) or ``"auto"``. All give the same integers.

    Returns
    -------
    Solution
        Best seconds, first crossing, and the parts from which the best way by each crossing follows.

    Raises
    ------
    InputError
        For costs of another shape or out of range, or a kernel that is not there.

    Notes
    -----
    First every open winter road is eliminated: a rank-one min-plus update of the terminals of its block. Then
    Floyd and Warshall's recurrence closes the open crossings among themselves. The best way is the shortest
    of the direct one and, for every open crossing, to its tail without crossing, over it, and onward.

    Examples
    --------
    >>> import numpy as np
    >>> between = np.array([[40, 10, 2], [5, INF, INF], [5, INF, INF]], dtype=np.int32)
    >>> overlay = Overlay(between, 1, 1, 2, 0, np.array([3, 30], dtype=np.int32))
    >>> solution = solve(overlay)
    >>> int(solution.seconds[0, 0]), int(solution.first[0, 0])
    (18, 0)
    >>> [int(s) for s in solution.by_crossing[0, :, 0]]
    [18, 37]
    """
    from amurgeo.routing.kernels import choose

    rows = overlay.checked(costs)
    if len(rows) != 1:
        raise InputError(f"costs of {len(rows)} states; solve takes one, solve_states many")
    return choose(kernel, states=1).solution(overlay, rows[0])


def whole(name: str, values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return whole numbers as ``int64``, or raise.

    Raises
    ------
    InputError
        For anything but whole numbers.
    """
    array = np.asarray(values)
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise InputError(f"{name} are of type {array.dtype}; give whole seconds as integers")
    return array.astype(np.int64)
