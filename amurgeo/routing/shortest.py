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
        ends = np.concatenate([arcs[tails], arcs[heads], np.array(wanted, dtype=object)])
        numbers, names = pd.factorize(ends)
        self._names = pd.Index(names)
        # The graph functions of scipy number nodes in 32 bits, older ones take nothing else.
        tail, head, start = np.split(numbers.astype(np.int32), [len(arcs), 2 * len(arcs)])
        seconds = arcs["seconds"].to_numpy(dtype=np.int64)
        # Of parallel arcs only the fastest can lie on a shortest path; ties go to the first row.
        order = np.lexsort((np.arange(len(arcs)), seconds, head, tail))
        keys = tail[order].astype(np.int64) * len(names) + head[order]
        distinct = np.r_[True, keys[1:] != keys[:-1]] if len(order) else np.zeros(0, dtype=bool)
        first = order[distinct]
        # Pairs of nodes, ascending, and the row of each.
        self._pair, self._row = keys[distinct], first
        matrix = csr_array(
            (seconds[first].astype(float), (tail[first], head[first])), shape=(len(names), len(names))
        )
        self._source = {name: position for position, name in enumerate(wanted)}
        self._distance, self._before = dijkstra(matrix, indices=start, return_predecessors=True)

    def seconds(self, source: str, target: str) -> float:
        """Return the seconds between two nodes, in the direction of travel; infinity when there is no way."""
        if self.reverse:
            source, target = target, source
        (position,) = self._names.get_indexer([target])
        return float("inf") if position < 0 else float(self._distance[self._source[source], position])

    def matrix(self, targets: Iterable[str]) -> np.ndarray:
        """Return seconds from every source (rows) to the targets (columns); infinity for no way."""
        columns = self._names.get_indexer(list(targets))
        found: np.ndarray = self._distance[:, columns]
        found[:, columns < 0] = np.inf
        return found

    def rows(self, source: str, target: str) -> list[int]:
        """Return the rows of the arcs on the path, in the order of travel; empty when there is no way."""
        if self.reverse:
            source, target = target, source
        start, (at,) = self._source[source], self._names.get_indexer([target])
        if at < 0 or not np.isfinite(self._distance[start, at]):
            return []
        nodes = [int(at)]
        while (before := int(self._before[start, nodes[-1]])) >= 0:
            nodes.append(before)
        pairs = np.array(nodes[1:], dtype=np.int64) * len(self._names) + nodes[:-1]
        passed: list[int] = self._row[np.searchsorted(self._pair, pairs)].tolist()
        return passed if self.reverse else passed[::-1]
