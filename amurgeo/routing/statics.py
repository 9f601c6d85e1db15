"""What never changes: distances between terminals over the unchanging network, and the paths behind them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from amurgeo.errors import InputError
from amurgeo.routing.overlay import INF, Overlay, whole

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]

log = logging.getLogger(__name__)

#: Bytes of distances and predecessors to hold at a time.
BATCH_BYTES = 64_000_000


@dataclass(frozen=True, eq=False)
class Arcs:
    """Directed arcs.

    Parameters
    ----------
    tail, head
        Numbers of the nodes.
    seconds
        Whole seconds, at least 0.
    ids
        Stable ids; the positions when left out. Parallel arcs have an id each.

    Raises
    ------
    InputError
        For arrays of different lengths, or seconds that are not whole, negative or over 34 years.

    Examples
    --------
    >>> Arcs([0, 1], [1, 0], [60, 75], ["there", "back"]).ids.tolist()
    ['there', 'back']
    """

    tail: IntArray
    head: IntArray
    seconds: IntArray
    ids: npt.NDArray[np.object_] = field(default=())  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        checked = {name: whole(name, getattr(self, name)) for name in ("tail", "head", "seconds")}
        lengths = {name: len(array) for name, array in checked.items()}
        if len(self.ids):
            lengths["ids"] = len(self.ids)
        if len(set(lengths.values())) > 1:
            raise InputError(f"arcs have arrays of different lengths: {lengths}")
        seconds = checked["seconds"]
        if seconds.size and (seconds.min() < 0 or seconds.max() >= INF):
            raise InputError(f"arcs cost {seconds.min()} to {seconds.max()} s; give 0 to {INF - 1}")
        for name, array in checked.items():
            object.__setattr__(self, name, array.astype(np.int32))
        ids = np.asarray(self.ids if len(self.ids) else range(len(seconds)), dtype=object)
        object.__setattr__(self, "ids", ids)

    def __len__(self) -> int:
        return len(self.seconds)

    @classmethod
    def none(cls) -> Arcs:
        """Return no arcs."""
        return cls([], [], [])  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class SeasonalGraph:
    """A directed network of which a few arcs change with season and scenario.

    All arcs share one numbering: the unchanging ones, then the border crossings, then the winter roads.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    static
        Arcs that never change.
    border, winter
        Arcs that do: border crossings and winter roads.

    Raises
    ------
    InputError
        For an arc that leads to a node that is not there.
    """

    n_nodes: int
    static: Arcs
    border: Arcs = field(default_factory=Arcs.none)
    winter: Arcs = field(default_factory=Arcs.none)

    def __post_init__(self) -> None:
        for name in ("static", "border", "winter"):
            arcs: Arcs = getattr(self, name)
            for end in (arcs.tail, arcs.head):
                if end.size and (end.min() < 0 or end.max() >= self.n_nodes):
                    raise InputError(
                        f"{name} arcs join nodes {end.min()} to {end.max()}; give 0 to {self.n_nodes - 1}"
                    )

    @property
    def variable(self) -> tuple[Arcs, Arcs]:
        """The arcs that change: border crossings, winter roads."""
        return self.border, self.winter

    @cached_property
    def tail(self) -> IntArray:
        """Tails of all arcs."""
        return np.concatenate([self.static.tail, self.border.tail, self.winter.tail])

    @cached_property
    def head(self) -> IntArray:
        """Heads of all arcs."""
        return np.concatenate([self.static.head, self.border.head, self.winter.head])

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """Ids of all arcs."""
        return np.concatenate([self.static.ids, self.border.ids, self.winter.ids])


@dataclass(frozen=True, eq=False)
class Trees:
    """Shortest paths between terminals over the unchanging network.

    A path is stored from its end: every entry is an arc and the place of the entry before it, so that paths
    from one terminal share their beginnings. What leads to no terminal is cut off.

    Attributes
    ----------
    arc
        Number of the arc.
    before
        Place of the entry before, which is a lower one; -1 at the terminal itself.
    last
        Place of the last entry, for each pair of distinct starts and ends; -1 where there is none.
    """

    arc: IntArray
    before: IntArray
    last: IntArray

    def path(self, start: int, end: int) -> list[int]:
        """Return the numbers of the arcs from the given start to the given end."""
        arcs = []
        place = int(self.last[start, end])
        while place >= 0:
            arcs.append(int(self.arc[place]))
            place = int(self.before[place])
        return arcs[::-1]


@dataclass(frozen=True, eq=False)
class Statics:
    """The unchanging part of a seasonal network, ready to solve states on.

    Attributes
    ----------
    graph
        The network.
    origins, destinations
        Numbers of the nodes.
    overlay
        The matrix between terminals.
    trees
        The paths behind it.
    """

    graph: SeasonalGraph
    origins: IntArray
    destinations: IntArray
    overlay: Overlay
    trees: Trees

    @cached_property
    def _start(self) -> LongArray:
        return np.unique(starts(self.graph, self.origins), return_inverse=True)[1].reshape(-1)

    @cached_property
    def _end(self) -> LongArray:
        return np.unique(ends(self.graph, self.destinations), return_inverse=True)[1].reshape(-1)

    def stretch(self, row: int, col: int) -> list[int]:
        """Return the numbers of the arcs behind one entry of the overlay's matrix.

        Parameters
        ----------
        row, col
            Place in ``overlay.between``.
        """
        return self.trees.path(int(self._start[row]), int(self._end[col]))


def starts(graph: SeasonalGraph, origins: IntArray) -> IntArray:
    """Return the nodes of the rows of the overlay's matrix: origins and the heads of arcs that change."""
    return np.concatenate([origins, graph.border.head, graph.winter.head])


def ends(graph: SeasonalGraph, destinations: IntArray) -> IntArray:
    """Return the nodes of its columns: destinations and the tails of arcs that change."""
    return np.concatenate([destinations, graph.border.tail, graph.winter.tail])


def nodes(name: str, given: npt.ArrayLike, graph: SeasonalGraph) -> IntArray:
    """Return node numbers as an array, or raise.

    Raises
    ------
    InputError
        For a node that is not there.
    """
    array = whole(name, given).reshape(-1)
    if array.size and (array.min() < 0 or array.max() >= graph.n_nodes):
        raise InputError(f"{name} name nodes {array.min()} to {array.max()}; give 0 to {graph.n_nodes - 1}")
    return array.astype(np.int32)


def prepare(graph: SeasonalGraph, origins: npt.ArrayLike, destinations: npt.ArrayLike) -> Statics:
    """Find all distances and paths over the unchanging network between terminals.

    Parameters
    ----------
    graph
        The network.
    origins, destinations
        Numbers of the nodes between which states will be solved.

    Returns
    -------
    Statics
        What every state has in common.

    Raises
    ------
    InputError
        For nodes that are not there, or a shortest path of over 34 years.

    Notes
    -----
    One run of Dijkstra's algorithm (scipy) from every distinct start. Sums of whole seconds are exact in
    double precision below 2**53. Of parallel arcs the quickest is taken, of equally quick ones the first.

    Examples
    --------
    A road of two stretches, the first of them twice; the crossing leaves from its end.

    >>> roads = Arcs([0, 0, 1], [1, 1, 2], [9, 5, 2])
    >>> statics = prepare(SeasonalGraph(4, roads, border=Arcs([2], [3], [60], ["ferry"])), [0], [3])
    >>> statics.overlay.between.tolist()[0][1]
    7
    >>> statics.stretch(0, 1)
    [1, 2]
    """
    start_nodes = nodes("origins", origins, graph)
    end_nodes = nodes("destinations", destinations, graph)
    rows, row = np.unique(starts(graph, start_nodes), return_inverse=True)
    cols, col = np.unique(ends(graph, end_nodes), return_inverse=True)
    matrix, best = _quickest(graph)
    distance, trees = _search(matrix, best, rows, cols)
    if distance.size and distance.max() >= INF and np.isfinite(distance[distance >= INF]).any():
        raise InputError(f"a path takes over {INF - 1} s (34 years); are the seconds right?")
    between = np.where(np.isfinite(distance), distance, INF).astype(np.int32)
    between = between[np.ix_(row.reshape(-1), col.reshape(-1))]
    overlay = overlay_of(graph, between, len(start_nodes), len(end_nodes))
    return Statics(graph, start_nodes, end_nodes, overlay, trees)


def overlay_of(graph: SeasonalGraph, between: IntArray, n_origins: int, n_destinations: int) -> Overlay:
    """Put the overlay of a network together."""
    return Overlay(
        between=np.ascontiguousarray(between),
        n_origins=n_origins,
        n_destinations=n_destinations,
        n_border=len(graph.border),
        n_winter=len(graph.winter),
        seconds=np.concatenate([graph.border.seconds, graph.winter.seconds]),
    )


def _quickest(graph: SeasonalGraph) -> tuple[csr_array, IntArray]:
    """Make the sparse matrix of the quickest arc of each pair of nodes, and the numbers of those arcs.

    It is made from its parts, since scipy would add up parallel arcs; a stored zero is an arc without cost.
    """
    from scipy.sparse import csr_array

    arcs, n = graph.static, graph.n_nodes
    pair = arcs.tail.astype(np.int64) * n + arcs.head
    order = np.lexsort((arcs.seconds, pair))
    pair = pair[order]
    keep = np.append(True, pair[1:] != pair[:-1]) if len(pair) else np.zeros(0, bool)
    best = order[keep].astype(np.int32)
    indptr = np.searchsorted(arcs.tail[best], np.arange(n + 1)).astype(np.int32)
    matrix = csr_array((arcs.seconds[best].astype(np.float64), arcs.head[best], indptr), shape=(n, n))
    return matrix, best


def _search(
    matrix: csr_array, best: IntArray, rows: IntArray, cols: IntArray
) -> tuple[npt.NDArray[np.float64], Trees]:
    """Search from every start; return seconds to every end, and the paths cut to what they need."""
    from scipy.sparse.csgraph import dijkstra

    n = matrix.shape[0]
    distance = np.full((len(rows), len(cols)), np.inf)
    cutter = _Cutter(matrix, best, cols)
    step = max(1, BATCH_BYTES // (12 * max(1, n)))
    for start in range(0, len(rows) if len(cols) else 0, step):
        some = rows[start : start + step]
        seconds, before = dijkstra(matrix, indices=some, return_predecessors=True)
        distance[start : start + step] = seconds[:, cols]
        for number, source in enumerate(some):
            cutter.cut(int(source), before[number])
        log.debug("distances from %d of %d terminals", start + len(some), len(rows))
    return distance, cutter.trees(len(rows))


class _Cutter:
    """Cuts trees of predecessors to the paths that lead to an end."""

    def __init__(self, matrix: csr_array, best: IntArray, cols: IntArray) -> None:
        self.head, self.best, self.cols = matrix.indices, best, cols.tolist()
        self.indptr = matrix.indptr
        self.tails: list[IntArray] = []
        self.heads: list[IntArray] = []
        self.before: list[IntArray] = []
        self.last: list[list[int]] = []
        self.size = 0

    def cut(self, source: int, predecessor: IntArray) -> None:
        """Take in the paths from one start."""
        view = np.ascontiguousarray(predecessor, dtype=np.int32).data
        place: dict[int, int] = {source: -1}
        heads: list[int] = []
        before: list[int] = []
        last = []
        for end in self.cols:
            if end != source and view[end] < 0:
                last.append(-1)
                continue
            new = []
            node = end
            while node not in place:
                new.append(node)
                node = view[node]
            for node in reversed(new):
                before.append(place[view[node]])
                place[node] = self.size + len(heads)
                heads.append(node)
            last.append(place[end])
        head = np.array(heads, dtype=np.int32)
        self.tails.append(np.asarray(predecessor)[head].astype(np.int32))
        self.heads.append(head)
        self.before.append(np.array(before, dtype=np.int32))
        self.last.append(last)
        self.size += len(heads)

    def trees(self, n_starts: int) -> Trees:
        """Return all paths taken in."""
        if not self.heads:
            none = np.empty(0, np.int32)
            return Trees(none, none, np.full((n_starts, len(self.cols)), -1, np.int32))
        tail, head = np.concatenate(self.tails), np.concatenate(self.heads)
        n = len(self.indptr) - 1
        # Heads ascend within a row of the matrix, so its entries are sorted by pair of nodes.
        pairs = np.repeat(np.arange(n, dtype=np.int64), np.diff(self.indptr)) * n + self.head
        arc = self.best[np.searchsorted(pairs, tail.astype(np.int64) * n + head)]
        return Trees(arc, np.concatenate(self.before), np.array(self.last, dtype=np.int32))
