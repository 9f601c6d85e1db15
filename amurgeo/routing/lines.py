"""Lines of routes along the roads, railways and crossings of the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Lines that end so near to each other touch: the ends of drawn lines are rounded.
GAP_DEGREES = 1e-3


def arc_lines(net: Network, arcs: pd.DataFrame) -> np.ndarray:
    """Return the line of each arc in the direction of travel; straight where no line is known."""
    import shapely

    points = net.nodes[["lon", "lat"]]
    ends = [points.reindex(arcs[column]).to_numpy(dtype=float) for column in ("tail", "head")]
    lines = shapely.linestrings(np.stack(ends, axis=1))
    for frame in (net.roads, net.railways, net.crossings):
        position = frame.index.get_indexer(arcs["edge"])
        known = position >= 0
        drawn = frame.geometry.to_numpy()[position[known]]
        reverse = frame["from_place"].to_numpy()[position[known]] != arcs["tail"].to_numpy()[known]
        lines[known] = np.where(reverse, shapely.reverse(drawn), drawn)
    return np.asarray(lines)


def join_lines(lines: Sequence[Any] | np.ndarray) -> Any:
    """Return lines as one line, or as several where they do not touch; an empty line if there are none."""
    import shapely

    joined: list[np.ndarray] = []
    for line in lines:
        points = shapely.get_coordinates(line)
        if joined and np.abs(joined[-1][-1] - points[0]).max() <= GAP_DEGREES:
            same = np.array_equal(joined[-1][-1], points[0])
            joined[-1] = np.vstack([joined[-1], points[1:] if same else points])
        else:
            joined.append(points)
    if len(joined) == 1:
        return shapely.LineString(joined[0])
    return shapely.MultiLineString(joined) if joined else shapely.LineString()
