"""Kernels that solve states of an overlay: numpy everywhere, numba when it is installed and worth its start.

Both carry out the same steps on the same integers, so their results are identical.
"""

from __future__ import annotations

import logging
import sys
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from amurgeo.errors import InputError
from amurgeo.routing.overlay import INF, KernelName, Layout, Overlay, Solution

if TYPE_CHECKING:
    from amurgeo.routing.streaming import Statistics

    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]

log = logging.getLogger(__name__)

#: From so many states on, compiling (or loading what was compiled) takes less time than it saves.
WORTH_COMPILING = 2_000
#: Cells of a three-dimensional intermediate; larger ones leave the processor's cache.
CELLS = 2**17


class Kernel(Protocol):
    """What a kernel does."""

    name: str

    def solution(self, overlay: Overlay, costs: IntArray) -> Solution:
        """Solve one state and keep the parts."""
        ...

    def many(self, overlay: Overlay, costs: IntArray) -> tuple[IntArray, IntArray]:
        """Solve many states: seconds and first crossings, states by origins by destinations."""
        ...

    def add(self, overlay: Overlay, costs: IntArray, weight: LongArray, statistics: Statistics) -> None:
        """Solve many states and add them, so many times each, to running statistics."""
        ...


def choose(name: KernelName, *, states: int) -> Kernel:
    """Return a kernel.

    Parameters
    ----------
    name
        ``"numpy"``, ``"numba"``, or ``"auto"``: numba if it is installed and either already loaded or worth
        loading for so many states.
    states
        How many states are to be solved.

    Raises
    ------
    InputError
        For another name, or for numba where it is not installed.

    Examples
    --------
    >>> choose("numpy", states=1).name
    'numpy'
    """
    if name not in ("auto", "numpy", "numba"):
        raise InputError(f"unknown kernel '{name}'; valid: auto, numba, numpy")
    loaded = "amurgeo.routing.compiled" in sys.modules
    if name == "numpy" or (name == "auto" and not loaded and states < WORTH_COMPILING):
        return _PLAIN
    if has_numba():
        try:
            return _compiled()
        except ImportError as error:
            # Numba refuses versions of numpy that are newer than itself.
            log.warning("numba cannot be loaded (%s)", error)
    if name == "numba":
        raise InputError("the numba kernel needs numba; install amurgeo[fast] or take the numpy kernel")
    return _PLAIN


@cache
def has_numba() -> bool:
    """Tell whether numba is installed, without importing it."""
    return find_spec("numba") is not None


@cache
def _compiled() -> Kernel:
    from amurgeo.routing.compiled import CompiledKernel

    return CompiledKernel()


class PlainKernel:
    """The numpy kernel."""

    name = "numpy"

    def solution(self, overlay: Overlay, costs: IntArray) -> Solution:
        """Solve one state and keep the parts."""
        reach = through_winter(overlay.layout, costs[overlay.n_border :])
        seconds, first, onward = over_borders(overlay, reach, costs[: overlay.n_border])
        return Solution(seconds, first, onward, costs[: overlay.n_border], reach, overlay.layout)

    def many(self, overlay: Overlay, costs: IntArray) -> tuple[IntArray, IntArray]:
        """Solve many states: seconds and first crossings, states by origins by destinations."""
        shape = (len(costs), overlay.n_origins, overlay.n_destinations)
        seconds, first = np.empty(shape, np.int32), np.empty(shape, np.int32)
        for number, state in enumerate(self._each(overlay, costs)):
            seconds[number], first[number] = state
        return seconds, first

    def add(self, overlay: Overlay, costs: IntArray, weight: LongArray, statistics: Statistics) -> None:
        """Solve many states and add them, so many times each, to running statistics."""
        flat = statistics.first.reshape(-1, statistics.first.shape[-1])
        cells = np.arange(len(flat))
        for number, (seconds, first) in enumerate(self._each(overlay, costs)):
            there = seconds < INF
            times = weight[number]
            statistics.reachable[...] += there * times
            statistics.total[...] += np.where(there, seconds, 0) * times
            np.minimum(statistics.least, seconds, out=statistics.least)
            np.maximum(statistics.most, np.where(there, seconds, -1), out=statistics.most)
            flat[cells, (first + 1).ravel()] += there.ravel() * times

    def _each(self, overlay: Overlay, costs: IntArray):  # type: ignore[no-untyped-def]
        before, reach = None, None
        for row in costs:
            winter = row[overlay.n_border :].tobytes()
            if reach is None or winter != before:
                before, reach = winter, through_winter(overlay.layout, row[overlay.n_border :])
            yield over_borders(overlay, reach, row[: overlay.n_border])[:2]


_PLAIN = PlainKernel()


def through_winter(layout: Layout, costs: IntArray) -> IntArray:
    """Return the seconds between terminals over land, open winter roads included.

    Parameters
    ----------
    layout
        The overlay's matrix sorted by block.
    costs
        Seconds on the winter roads, in their original order.

    Returns
    -------
    array
        Seconds, rows and columns as in the layout but without those of the winter roads.
    """
    n_rows, n_cols = int(layout.row_start[-1]), int(layout.col_start[-1])
    reach = np.full((n_rows, n_cols), INF, dtype=np.int32)
    cost_of = costs[layout.winter]
    for block in range(len(layout.row_start) - 1):
        rows = np.arange(layout.row_start[block], layout.row_start[block + 1])
        cols = np.arange(layout.col_start[block], layout.col_start[block + 1])
        winter = np.arange(layout.winter_start[block], layout.winter_start[block + 1])
        winter = winter[cost_of[winter] < INF]
        m, n = len(rows), len(cols)
        if not m or not n:
            continue
        part = layout.matrix[np.ix_(np.append(rows, n_rows + winter), np.append(cols, n_cols + winter))]
        for left in range(len(winter) - 1, -1, -1):
            along = np.minimum(part[m + left, : n + left] + cost_of[winter[left]], INF)
            rest = part[: m + left, : n + left]
            np.minimum(rest, part[: m + left, n + left, None] + along, out=rest)
        reach[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1] = part[:m, :n]
    return reach


def over_borders(overlay: Overlay, reach: IntArray, costs: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Close the open crossings among themselves and find the best way for every origin and destination.

    Parameters
    ----------
    overlay
        The matrix between terminals.
    reach
        Seconds over land, as from `through_winter`.
    costs
        Seconds on the crossings.

    Returns
    -------
    tuple of arrays
        Seconds and first crossing, origins by destinations; seconds onward from the head of each crossing.
    """
    layout = overlay.layout
    opened = np.flatnonzero(costs < INF)
    n_open = len(opened)
    price = costs[opened]
    tails = layout.border_col[opened]
    closure = reach[np.ix_(layout.border_row[opened], np.append(tails, layout.destination_col))]
    for k in range(n_open):
        via = np.minimum(closure[:, k] + price[k], INF)
        np.minimum(closure, via[:, None] + closure[k], out=closure)
    onward = np.full((overlay.n_border, overlay.n_destinations), INF, dtype=np.int32)
    onward[opened] = closure[:, n_open:]

    by_origin = reach[layout.origin_row]
    entry = np.minimum(by_origin[:, tails] + price, INF)
    # Seconds in the high bits, the crossing in the low ones: one minimum finds both, and ties are decided.
    bits = int(n_open).bit_length()
    key = by_origin[:, layout.destination_col].astype(np.int64) << bits
    tagged = (entry.astype(np.int64) << bits) + np.arange(1, n_open + 1)
    rest = closure[:, n_open:].astype(np.int64) << bits
    for block, origins in enumerate(layout.origins_of):
        arcs = np.flatnonzero(layout.border_block[opened] == block)
        if not len(arcs):
            continue
        step = max(1, CELLS // max(1, len(arcs) * overlay.n_destinations))
        for start in range(0, len(origins), step):
            some = origins[start : start + step]
            best = (tagged[np.ix_(some, arcs)][:, :, None] + rest[arcs][None]).min(axis=1)
            key[some] = np.minimum(key[some], best)
    seconds = np.minimum(key >> bits, INF).astype(np.int32)
    number = np.append(np.int32(-1), opened.astype(np.int32))
    first = np.where(seconds < INF, number[key & ((1 << bits) - 1)], np.int32(-1))
    return seconds, first, onward
