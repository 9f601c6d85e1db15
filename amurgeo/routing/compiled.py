"""The numba kernel; importing this module needs numba (the extra ``fast``).

Every function is serial and releases the interpreter's lock: running in parallel is left to the executor of
a sweep. Sums are cast back to ``int32`` at once: numba widens them, and fewer wide ones fit a vector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from amurgeo.routing.overlay import INF, Layout, Overlay, Solution

if TYPE_CHECKING:
    from amurgeo.routing.streaming import Statistics

    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]

    #: The arrays of a layout, in the order of its attributes.
    Arrays = tuple[
        IntArray, IntArray, IntArray, IntArray, IntArray, IntArray, IntArray, IntArray, IntArray
    ]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])

NEVER = np.int32(INF)


def compiled(function: F) -> F:
    """Compile a function; what is compiled is kept on disk where a place for it can be written to."""
    try:
        return cast(F, njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return cast(F, njit(nogil=True)(function))


@compiled
def _relax(row: IntArray, other: IntArray, add: Any) -> None:
    """Lower a row to another one plus a number; the hot loop, kept small so that it is vectorised."""
    for j in range(len(row)):
        via = np.int32(other[j] + add)
        row[j] = via if via < row[j] else row[j]


@compiled
def _relax_first(row: IntArray, first: IntArray, other: IntArray, add: Any, number: Any) -> None:
    for j in range(len(row)):
        via = np.int32(other[j] + add)
        first[j] = number if via < row[j] else first[j]
        row[j] = via if via < row[j] else row[j]


@compiled
def _through_winter(
    layout: Arrays, costs: IntArray, part: IntArray, along: IntArray, opened: IntArray, reach: IntArray
) -> None:
    matrix, row_start, col_start, winter_start, winter = layout[:5]
    n_rows, n_cols = row_start[-1], col_start[-1]
    for block in range(len(row_start) - 1):
        r0, c0 = row_start[block], col_start[block]
        m, n = row_start[block + 1] - r0, col_start[block + 1] - c0
        if m == 0 or n == 0:
            continue
        w = 0
        for k in range(winter_start[block], winter_start[block + 1]):
            if costs[winter[k]] < NEVER:
                opened[w] = k
                w += 1
        for i in range(m + w):
            source = matrix[r0 + i] if i < m else matrix[n_rows + opened[i - m]]
            for j in range(n):
                part[i, j] = source[c0 + j]
            for k in range(w):
                part[i, n + k] = source[n_cols + opened[k]]
        for k in range(w - 1, -1, -1):
            size = n + k
            # Whole vectors of eight; what lies behind the last column is never read.
            padded = (size + 7) & ~7
            price = costs[winter[opened[k]]]
            for j in range(padded):
                via = np.int32(part[m + k, j] + price)
                along[j] = via if via < NEVER else NEVER
            for i in range(m + k):
                add = part[i, size]
                if add < NEVER:
                    _relax(part[i, :padded], along[:padded], add)
        for i in range(m):
            for j in range(n):
                reach[r0 + i, c0 + j] = part[i, j]


@compiled
def _over_borders(
    layout: Arrays, costs: IntArray, reach: IntArray, closure: IntArray, opened: IntArray,
    onward: IntArray, seconds: IntArray, first: IntArray,
) -> None:  # fmt: skip
    origin_row, border_row, destination_col, border_col = layout[5:]
    n_destinations = len(destination_col)
    b = 0
    for k in range(len(border_row)):
        if costs[k] < NEVER:
            opened[b] = k
            b += 1
    for p in range(b):
        row = reach[border_row[opened[p]]]
        for q in range(b):
            closure[p, q] = row[border_col[opened[q]]]
        for t in range(n_destinations):
            onward[p, t] = row[destination_col[t]]
    for k in range(b):
        price = costs[opened[k]]
        for p in range(b):
            add = np.int32(closure[p, k] + price)
            if p != k and add < NEVER:
                _relax(closure[p, :b], closure[k, :b], add)
                _relax(onward[p], onward[k], add)
    for o in range(len(origin_row)):
        row = reach[origin_row[o]]
        for t in range(n_destinations):
            seconds[o, t] = row[destination_col[t]]
            first[o, t] = -1
        for p in range(b):
            add = np.int32(row[border_col[opened[p]]] + costs[opened[p]])
            if add < NEVER:
                _relax_first(seconds[o], first[o], onward[p], add, np.int32(opened[p]))


@compiled
def _solve(
    layout: Arrays, costs: IntArray, keep: bool, scratch: tuple[IntArray, IntArray],
    seconds: IntArray, first: IntArray, weight: LongArray, total: LongArray, reachable: LongArray,
    least: IntArray, most: IntArray, count: LongArray,
) -> None:  # fmt: skip
    """Solve states in order: keep each one's answer, or add it to the statistics."""
    matrix, n_border, n_winter = layout[0], len(layout[6]), len(layout[4])
    reach, onward = scratch
    part = np.full((len(matrix), (matrix.shape[1] + 8) & ~7), NEVER, np.int32)
    along = np.empty(part.shape[1], np.int32)
    opened = np.empty(n_border + n_winter, np.int32)
    closure = np.empty((n_border, n_border), np.int32)
    for s in range(len(costs)):
        border, roads = costs[s, :n_border], costs[s, n_border:]
        same = s > 0
        if same:
            for k in range(n_winter):
                if roads[k] != costs[s - 1, n_border + k]:
                    same = False
                    break
        if not same:
            _through_winter(layout, roads, part, along, opened, reach)
        at = s if keep else 0
        _over_borders(layout, border, reach, closure, opened, onward, seconds[at], first[at])
        if keep:
            continue
        times = weight[s]
        for o in range(seconds.shape[1]):
            for t in range(seconds.shape[2]):
                value = seconds[0, o, t]
                if value < NEVER:
                    reachable[o, t] += times
                    total[o, t] += times * value
                    least[o, t] = min(least[o, t], value)
                    most[o, t] = max(most[o, t], value)
                    count[o, t, first[0, o, t] + 1] += times


def _arrays(layout: Layout) -> Arrays:
    return (
        layout.matrix, layout.row_start, layout.col_start, layout.winter_start, layout.winter,
        layout.origin_row, layout.border_row, layout.destination_col, layout.border_col,
    )  # fmt: skip


class CompiledKernel:
    """The numba kernel."""

    name = "numba"

    def solution(self, overlay: Overlay, costs: IntArray) -> Solution:
        """Solve one state and keep the parts."""
        seconds, first, reach, compact = self._kept(overlay, costs[None])
        onward = np.full((overlay.n_border, overlay.n_destinations), INF, dtype=np.int32)
        opened = np.flatnonzero(costs[: overlay.n_border] < INF)
        onward[opened] = compact[: len(opened)]
        return Solution(seconds[0], first[0], onward, costs[: overlay.n_border], reach, overlay.layout)

    def many(self, overlay: Overlay, costs: IntArray) -> tuple[IntArray, IntArray]:
        """Solve many states: seconds and first crossings, states by origins by destinations."""
        return self._kept(overlay, costs)[:2]

    def add(self, overlay: Overlay, costs: IntArray, weight: LongArray, statistics: Statistics) -> None:
        """Solve many states and add them, so many times each, to running statistics."""
        shape = (1, overlay.n_origins, overlay.n_destinations)
        seconds, first = np.empty(shape, np.int32), np.empty(shape, np.int32)
        _solve(
            _arrays(overlay.layout), costs, False, _scratch(overlay), seconds, first,
            weight, statistics.total, statistics.reachable, statistics.least, statistics.most,
            statistics.first,
        )  # fmt: skip

    def _kept(self, overlay: Overlay, costs: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        shape = (len(costs), overlay.n_origins, overlay.n_destinations)
        seconds, first = np.empty(shape, np.int32), np.empty(shape, np.int32)
        scratch = _scratch(overlay)
        none, pairs, small = np.empty(0, np.int64), np.empty((0, 0), np.int64), np.empty((0, 0), np.int32)
        _solve(
            _arrays(overlay.layout), costs, True, scratch, seconds, first,
            none, pairs, pairs, small, small, np.empty((0, 0, 0), np.int64),
        )  # fmt: skip
        return seconds, first, *scratch


def _scratch(overlay: Overlay) -> tuple[IntArray, IntArray]:
    layout = overlay.layout
    reach = np.full((int(layout.row_start[-1]), int(layout.col_start[-1])), INF, dtype=np.int32)
    return reach, np.empty((overlay.n_border, overlay.n_destinations), np.int32)
