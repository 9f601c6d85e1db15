"""Many states: each distinct one solved once, its answer passed on or added up, never all kept.

Only ``Executor.submit`` is used, with functions and arguments that can be pickled, so that threads, processes
and clusters all do; sums are of whole numbers, so that the results are the same to the last bit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import reduce as fold
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from amurgeo.errors import InputError
from amurgeo.routing.kernels import choose
from amurgeo.routing.overlay import INF, KernelName, Overlay, whole

if TYPE_CHECKING:
    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]
    #: Called with the positions of equal states, and their seconds and first crossings.
    Reduce = Callable[[LongArray, IntArray, IntArray], object]

T = TypeVar("T")

#: Tasks handed to an executor ahead of the one awaited.
AHEAD = 16


@dataclass(frozen=True, eq=False)
class Statistics:
    """What many states come to, for every origin and destination.

    Attributes
    ----------
    states
        Number of states, equal ones counted as often as they occur.
    reachable
        In how many of them there was a way: the days reachable, when a state is a day.
    total
        Sum of the seconds of those.
    least, most
        Smallest and largest seconds; `INF` and -1 where there never was a way.
    first
        How often the best way crossed first at each crossing; the entry before the first is for none.

    Examples
    --------
    >>> import numpy as np
    >>> between = np.array([[INF, 10], [5, INF]], dtype=np.int32)
    >>> overlay = Overlay(between, 1, 1, 1, 0, np.array([3], dtype=np.int32))
    >>> days = overlay.costs([[True], [True], [False]], [[0], [6], [0]])
    >>> result = statistics(overlay, days)
    >>> int(result.reachable[0, 0]), int(result.least[0, 0]), int(result.most[0, 0])
    (2, 18, 24)
    >>> float(result.mean_seconds[0, 0])
    21.0
    """

    states: int
    reachable: LongArray
    total: LongArray
    least: IntArray
    most: IntArray
    first: LongArray

    @classmethod
    def empty(cls, overlay: Overlay) -> Statistics:
        """Return the statistics of no state."""
        shape = (overlay.n_origins, overlay.n_destinations)
        return cls(
            states=0,
            reachable=np.zeros(shape, np.int64),
            total=np.zeros(shape, np.int64),
            least=np.full(shape, INF, np.int32),
            most=np.full(shape, -1, np.int32),
            first=np.zeros((*shape, overlay.n_border + 1), np.int64),
        )

    @property
    def mean_seconds(self) -> npt.NDArray[np.float64]:
        """Mean seconds of the states in which there was a way; NaN where there never was."""
        return np.where(self.reachable > 0, self.total / np.maximum(self.reachable, 1), np.nan)

    def __add__(self, other: Statistics) -> Statistics:
        """Return the statistics of both sets of states."""
        return Statistics(
            states=self.states + other.states,
            reachable=self.reachable + other.reachable,
            total=self.total + other.total,
            least=np.minimum(self.least, other.least),
            most=np.maximum(self.most, other.most),
            first=self.first + other.first,
        )


def distinct(costs: npt.NDArray[np.int32]) -> tuple[LongArray, LongArray]:
    """Find equal states.

    Parameters
    ----------
    costs
        One row per state.

    Returns
    -------
    tuple of arrays
        Positions of the distinct rows, in the order in which they first occur; for every row the place of its
        equal among them.

    Notes
    -----
    Rows are compared with the one before, then by a hash. The hash is verified: should two different rows
    share one, the rows themselves are sorted instead.

    Examples
    --------
    >>> import numpy as np
    >>> rows, place = distinct(np.array([[1], [7], [7], [1]], dtype=np.int32))
    >>> rows.tolist(), place.tolist()
    ([0, 1], [0, 1, 1, 0])
    """
    if not len(costs):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    changed = np.append(True, (costs[1:] != costs[:-1]).any(axis=1))
    runs = np.flatnonzero(changed)
    few = costs[runs]
    factors = np.random.default_rng(0).integers(1, 2**63, costs.shape[1], dtype=np.uint64)
    marks = (few.astype(np.uint64) * factors).sum(axis=1, dtype=np.uint64)
    _, first, same = np.unique(marks, return_index=True, return_inverse=True)
    if not np.array_equal(few[first[same]], few):
        _, first, same = np.unique(few, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return runs[first[order]], place[same.reshape(-1)][np.cumsum(changed) - 1]


def solve_states(
    overlay: Overlay, costs: npt.ArrayLike, *, reduce: Reduce, kernel: KernelName = "auto",
    executor: Executor | None = None, chunk: int = 1_000,
) -> int:  # fmt: skip
    """Solve many states and hand on the answers one by one, in the order in which they first occur.

    Parameters
    ----------
    overlay
        The matrix between terminals.
    costs
        One row per state, as from `Overlay.costs`.
    reduce
        Called in this process for every distinct state with the positions of the states equal to it, and with
        its seconds and first crossings, origins by destinations (to be copied if they are to be kept).
    kernel
        ``"numpy"``, ``"numba"`` or ``"auto"``.
    executor
        Where to solve; in this process when left out.
    chunk
        States in one task; only a few tasks' answers are held at a time.

    Returns
    -------
    int
        Number of distinct states.

    Raises
    ------
    InputError
        For costs of another shape or out of range.

    Examples
    --------
    >>> import numpy as np
    >>> between = np.array([[INF, 10], [5, INF]], dtype=np.int32)
    >>> overlay = Overlay(between, 1, 1, 1, 0, np.array([3], dtype=np.int32))
    >>> days = overlay.costs([[True], [False], [True]])
    >>> solve_states(overlay, days, reduce=lambda days, seconds, _: print(days.tolist(), seconds.tolist()))
    [0, 2] [[18]]
    [1] [[1073741823]]
    2
    """
    if chunk < 1:
        raise InputError(f"chunk is {chunk}; give at least one state")
    rows = overlay.checked(costs)
    unique, place = distinct(rows)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=len(unique)))
    name = choose(kernel, states=len(unique)).name
    tasks = ((overlay, rows[unique[start : start + chunk]], name) for start in range(0, len(unique), chunk))
    number = 0
    for seconds, first in _run(_many, tasks, executor):
        for one, crossing in zip(seconds, first, strict=True):
            reduce(order[ends[number - 1] if number else 0 : ends[number]], one, crossing)
            number += 1
    return number


def statistics(
    overlay: Overlay, costs: npt.ArrayLike, *, weight: npt.ArrayLike | None = None,
    kernel: KernelName = "auto",
) -> Statistics:  # fmt: skip
    """Solve many states and add them up.

    Parameters
    ----------
    overlay
        The matrix between terminals.
    costs
        One row per state, as from `Overlay.costs`.
    weight
        How often each state counts, a whole number; once when left out.
    kernel
        ``"numpy"``, ``"numba"`` or ``"auto"``.

    Returns
    -------
    Statistics
        Least, mean, most and number of ways found, and the first crossings, for every origin and destination.

    Raises
    ------
    InputError
        For costs or weights of another shape or out of range.
    """
    rows = overlay.checked(costs)
    times = np.ones(len(rows), np.int64) if weight is None else whole("weights", weight)
    if times.shape != (len(rows),) or (times < 0).any():
        raise InputError(f"weights have the shape {times.shape}; give {len(rows)} numbers of at least 0")
    unique, place = distinct(rows)
    counted = np.zeros(len(unique), np.int64)
    np.add.at(counted, place, times)
    used = counted > 0
    result = replace(Statistics.empty(overlay), states=int(times.sum()))
    choose(kernel, states=len(unique)).add(overlay, rows[unique[used]], counted[used], result)
    return result


def sweep_each(
    overlay: Overlay, batches: Iterable[npt.ArrayLike], *, kernel: KernelName = "auto",
    executor: Executor | None = None, per_task: int = 16,
) -> Iterator[Statistics]:  # fmt: skip
    """Yield the statistics of batches of states, such as the days of one scenario each, in their order.

    Parameters
    ----------
    overlay
        The matrix between terminals.
    batches
        Arrays of one row per state, as from `Overlay.costs`; taken as they are needed.
    kernel
        ``"numpy"``, ``"numba"`` or ``"auto"``.
    executor
        Where to solve; in this process when left out.
    per_task
        Batches in one task.

    Yields
    ------
    Statistics
        One per batch.

    Raises
    ------
    InputError
        For costs of another shape or out of range.
    """
    for results in _run(_each, _tasks(overlay, batches, kernel, per_task), executor):
        yield from results


def sweep_total(
    overlay: Overlay, batches: Iterable[npt.ArrayLike], *, kernel: KernelName = "auto",
    executor: Executor | None = None, per_task: int = 16,
) -> Statistics:  # fmt: skip
    """Return the statistics of all batches of states together.

    The same as the sum over `sweep_each`, of which it takes the parameters, but added up where it is solved.

    Parameters
    ----------
    overlay
        The matrix between terminals.
    batches
        Arrays of one row per state, as from `Overlay.costs`; taken as they are needed.
    kernel
        ``"numpy"``, ``"numba"`` or ``"auto"``.
    executor
        Where to solve; in this process when left out.
    per_task
        Batches in one task.

    Returns
    -------
    Statistics
        Of all states.

    Raises
    ------
    InputError
        For costs of another shape or out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> between = np.array([[INF, 10], [5, INF]], dtype=np.int32)
    >>> overlay = Overlay(between, 1, 1, 1, 0, np.array([3], dtype=np.int32))
    >>> scenarios = [overlay.costs([[True], [False]]), overlay.costs([[True], [True]])]
    >>> with ThreadPoolExecutor(2) as executor:
    ...     total = sweep_total(overlay, scenarios, executor=executor)
    >>> total.states, int(total.reachable[0, 0])
    (4, 3)
    """
    parts = _run(_total, _tasks(overlay, batches, kernel, per_task), executor)
    return fold(Statistics.__add__, parts, Statistics.empty(overlay))


def _tasks(
    overlay: Overlay, batches: Iterable[npt.ArrayLike], kernel: KernelName, per_task: int
) -> Iterator[tuple[Overlay, list[npt.ArrayLike], str]]:
    if per_task < 1:
        raise InputError(f"per_task is {per_task}; give at least one batch")
    rest, seen = iter(batches), 0
    choose(kernel, states=0)
    while some := list(islice(rest, per_task)):
        # How many states there will be is not known: a sweep starts plainly, and compiles once it is long.
        seen += sum(len(np.atleast_2d(batch)) for batch in some)
        yield overlay, some, choose(kernel, states=seen // 4).name


def _many(overlay: Overlay, rows: IntArray, kernel: KernelName) -> tuple[IntArray, IntArray]:
    return choose(kernel, states=len(rows)).many(overlay, rows)


def _each(overlay: Overlay, batches: Sequence[npt.ArrayLike], kernel: KernelName) -> list[Statistics]:
    return [statistics(overlay, batch, kernel=kernel) for batch in batches]


def _total(overlay: Overlay, batches: Sequence[npt.ArrayLike], kernel: KernelName) -> Statistics:
    """Add up batches that are solved together."""
    rows = [overlay.checked(batch) for batch in batches]
    return statistics(overlay, np.concatenate(rows), kernel=kernel)


def _run(
    function: Callable[..., T], tasks: Iterable[tuple[Any, ...]], executor: Executor | None
) -> Iterator[T]:
    """Yield the results of tasks in their order, with a bounded number of them under way."""
    if executor is None:
        for task in tasks:
            yield function(*task)
        return
    waiting: deque[Future[T]] = deque()
    try:
        for task in tasks:
            waiting.append(executor.submit(function, *task))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
