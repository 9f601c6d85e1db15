"""Shortest paths over a frame of arcs, with the identity of every edge kept."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra


class Paths:
    """Shortest paths from some nodes over a frame of arcs.

    Parameters
    ----------
    arcs
        Arcs with columns ``tail``, ``head`` and ``seconds`` (whole, at least 1).
    sources
        Nodes from which to search.
    reverse
        Search against the direction of the arcs: distances *to* the sources.

    Examples
    --------
    >>> arcs = pd.DataFrame({"tail": ["a", "a", "b"], "head": ["b", "b", "c"], "seconds": [9, 5, 2]})
    >>> paths = Paths(arcs, ["a"])
    >>> paths.seconds("a", "c"), paths.rows("a", "c")
    (7.0, [1, 2])
    """

    def __init__(self, arcs: pd.DataFrame, sources: Iterable[str], *, reverse: bool = False) -> None:
        tails, heads = ("head", "tail") if reverse else ("tail", "head")
        self.reverse = reverse
        wanted = list(dict.fromkeys(sources))
        names = pd.Index(pd.unique(pd.concat([arcs["tail"], arcs["head"], pd.Series(wanted, dtype=object)])))
        self._node = {name: position for position, name in enumerate(names)}
        # The graph functions of scipy number nodes in 32 bits, older ones take nothing else.
        tail = names.get_indexer(arcs[tails]).astype(np.int32)
        head = names.get_indexer(arcs[heads]).astype(np.int32)
        seconds = arcs["seconds"].to_numpy(dtype=np.int64)
        # Of parallel arcs only the fastest can lie on a shortest path; ties go to the first row.
        order = np.lexsort((np.arange(len(arcs)), seconds, head, tail))
        keys = tail[order].astype(np.int64) * len(names) + head[order]
        first = order[np.r_[True, keys[1:] != keys[:-1]]] if len(order) else order
        self._row = {(int(tail[row]), int(head[row])): int(row) for row in first}
        matrix = csr_array(
            (seconds[first].astype(float), (tail[first], head[first])), shape=(len(names), len(names))
        )
        self._source = {name: position for position, name in enumerate(wanted)}
        self._distance, self._before = dijkstra(
            matrix, indices=[self._node[name] for name in wanted], return_predecessors=True
        )

    def seconds(self, source: str, target: str) -> float:
        """Return the seconds between two nodes, in the direction of travel; infinity when there is no way."""
        if self.reverse:
            source, target = target, source
        position = self._node.get(target)
        return float("inf") if position is None else float(self._distance[self._source[source], position])

    def matrix(self, targets: Iterable[str]) -> np.ndarray:
        """Return seconds from every source (rows) to the targets (columns); infinity for no way."""
        columns = [self._node.get(target, -1) for target in targets]
        found: np.ndarray = self._distance[:, columns]
        found[:, np.array(columns, dtype=int) < 0] = np.inf
        return found

    def rows(self, source: str, target: str) -> list[int]:
        """Return the rows of the arcs on the path, in the order of travel; empty when there is no way."""
        if self.reverse:
            source, target = target, source
        start, at = self._source[source], self._node.get(target)
        if at is None or not np.isfinite(self._distance[start, at]):
            return []
        passed = []
        while self._before[start, at] >= 0:
            before = int(self._before[start, at])
            passed.append(self._row[before, at])
            at = before
        return passed if self.reverse else passed[::-1]
