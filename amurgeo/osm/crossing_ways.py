"""Ways that cross the state border: found by bank, and matched with the crossings of the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.osm.lines import great_circle_km

#: A way belongs to a crossing whose terminals lie within that many km of its landings.
REACH_KM = 10.0
#: Modes of the dataset that a mode of OSM may stand for.
_SAME = {"road": ("road", "bridge"), "bridge": ("bridge", "road"), "pontoon": ("pontoon", "bridge")}


@dataclass(frozen=True)
class CrossingWay:
    """A way over the state border.

    Attributes
    ----------
    mode
        How it crosses.
    ways
        Positions of its OSM ways.
    segments
        Its segments, which become no ordinary road.
    ru, cn
        Its landings on either bank, as positions of nodes.
    length_km
        Length between the landings.
    """

    mode: str
    ways: tuple[int, ...]
    segments: tuple[int, ...]
    ru: int
    cn: int
    length_km: float


def crossing_ways(
    tail: np.ndarray,
    head: np.ndarray,
    length_km: np.ndarray,
    way: np.ndarray,
    mode: np.ndarray,
    russian: np.ndarray,
) -> list[CrossingWay]:
    """Find the ways that join both banks.

    Parameters
    ----------
    tail, head, length_km, way
        Segments: nodes, length, position of the way.
    mode
        How each segment would cross the border: ``road``, ``bridge``, ``ferry`` and so on.
    russian
        For each node, whether it lies in Russia.

    Returns
    -------
    list of CrossingWay
        One for each pair of landings and mode, the shortest. A ferry or road that only strays over the line
        and lands where it came from is none.

    Notes
    -----
    A landing is where a stretch of one mode (a ferry line, a bridge) meets ways of another, or ends.
    """
    over = np.flatnonzero(russian[tail] != russian[head])
    found: dict[tuple[str, int, int], CrossingWay] = {}
    for name in sorted(set(mode[over].tolist())):
        mine = over[mode[over] == name]
        if name == "road":
            # An ordinary road has no landings of its own: it is cut where it crosses.
            for segment in mine.tolist():
                a, b = int(tail[segment]), int(head[segment])
                ru, cn = (a, b) if russian[a] else (b, a)
                found[name, ru, cn] = CrossingWay(
                    name, (int(way[segment]),), (segment,), ru, cn, float(length_km[segment])
                )
            continue
        for one in _of_mode(tail, head, length_km, way, np.flatnonzero(mode == name), mine, mode, russian):
            known = found.get((one.mode, one.ru, one.cn))
            if known is not None:
                # Another carriageway, or the same line once more: one crossing, the shortest length.
                one = replace(
                    one,
                    ways=tuple(sorted({*known.ways, *one.ways})),
                    segments=tuple(sorted({*known.segments, *one.segments})),
                    length_km=min(known.length_km, one.length_km),
                )
            found[one.mode, one.ru, one.cn] = one
    return [found[key] for key in sorted(found)]


def _of_mode(
    tail: np.ndarray,
    head: np.ndarray,
    length_km: np.ndarray,
    way: np.ndarray,
    stretch: np.ndarray,
    over: np.ndarray,
    mode: np.ndarray,
    russian: np.ndarray,
) -> list[CrossingWay]:
    import networkx as nx

    own = nx.Graph()
    for segment in stretch.tolist():
        own.add_edge(int(tail[segment]), int(head[segment]), segment=segment, km=float(length_km[segment]))
    name = str(mode[stretch[0]])
    others = mode != name
    touched = set(np.concatenate([tail[others], head[others]]).tolist())
    found = []
    for segment in over.tolist():
        a, b = int(tail[segment]), int(head[segment])
        if not russian[a]:
            a, b = b, a
        part = own.subgraph(nx.node_connected_component(own, a)).copy()
        part.remove_edge(a, b)
        landings = {node for node in part if node in touched} or {
            node for node in part if own.degree(node) == 1
        }
        ways = [_to_landing(part, node, landings) for node in (a, b)]
        if ways[0] is None or ways[1] is None:
            found.append(CrossingWay(name, (int(way[segment]),), (segment,), a, b, float(length_km[segment])))
            continue
        (ru, path_ru), (cn, path_cn) = ways[0], ways[1]
        if russian[ru] == russian[cn]:
            continue
        if not russian[ru]:
            ru, cn = cn, ru
        segments = [
            segment,
            *(part.edges[pair]["segment"] for path in (path_ru, path_cn) for pair in pairwise(path)),
        ]
        found.append(
            CrossingWay(
                name,
                tuple(sorted(set(way[segments].tolist()))),
                tuple(sorted(segments)),
                ru,
                cn,
                float(length_km[segments].sum()),
            )
        )
    return found


def _to_landing(graph: Any, node: int, landings: set[int]) -> tuple[int, list[int]] | None:
    import networkx as nx

    reached = [
        (km, landing)
        for landing, km in nx.single_source_dijkstra_path_length(graph, node, weight="km").items()
        if landing in landings
    ]
    if not reached:
        return None
    _, nearest = min(reached)
    return nearest, nx.dijkstra_path(graph, node, nearest, weight="km")


def match_crossings(
    found: Sequence[CrossingWay],
    lon: np.ndarray,
    lat: np.ndarray,
    crossings: pd.DataFrame,
    terminals: pd.DataFrame,
) -> list[tuple[str | None, float]]:
    """Match ways over the border with the dataset's crossings, by mode and by both banks.

    Parameters
    ----------
    found
        The ways.
    lon, lat
        Degrees of the nodes.
    crossings, terminals
        Tables of the dataset.

    Returns
    -------
    list of (crossing or None, km)
        For each way the crossing of its mode whose terminals are nearest to its landings, and how far the
        farther of the two is; None when there is none within `REACH_KM`.
    """
    spots = terminals[["lon", "lat"]].to_dict("index")
    matched: list[tuple[str | None, float]] = []
    for one in found:
        best: tuple[float, float, str] | None = None
        for id_, row in crossings.to_dict("index").items():
            ends = [spots.get(row[side]) for side in ("from", "to")]
            if row["mode"] not in _SAME.get(one.mode, (one.mode,)) or None in ends:
                continue
            away = [
                float(great_circle_km(lon[node], lat[node], end["lon"], end["lat"]))
                for node, end in zip((one.ru, one.cn), ends, strict=True)
                if end is not None
            ]
            # The mode itself goes before a like one.
            rank = (0.0 if row["mode"] == one.mode else REACH_KM) + sum(away)
            if max(away) <= REACH_KM and (best is None or rank < best[0]):
                best = (rank, max(away), str(id_))
        matched.append((None, float("nan")) if best is None else (best[2], best[1]))
    return matched
