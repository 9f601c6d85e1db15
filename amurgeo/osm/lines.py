"""Straight segments joined into lines between junctions, and the lengths of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Mean radius of the Earth in km, as OSMnx takes it.
EARTH_KM = 6371.009


def great_circle_km(lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray) -> np.ndarray:
    """Return great-circle distances in km.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees.

    Examples
    --------
    >>> float(great_circle_km(0.0, 0.0, 0.0, 1.0).round(1))
    111.2
    """
    a, b = np.radians(lat1), np.radians(lat2)
    half = (
        np.sin((b - a) / 2) ** 2
        + np.cos(a) * np.cos(b) * np.sin(np.radians(np.subtract(lon2, lon1)) / 2) ** 2
    )
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(half)))


def on_sphere(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return points as x, y, z in km, for searches of the nearest."""
    a, b = np.radians(np.asarray(lon, dtype=float)), np.radians(np.asarray(lat, dtype=float))
    return EARTH_KM * np.column_stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])


@dataclass(frozen=True)
class Lines:
    """Lines between junctions.

    Attributes
    ----------
    tail, head
        First and last node of each line.
    length_km
        Length.
    segment
        One segment of each line, which speaks for its attributes.
    shape
        Nodes along all lines, one line after the other.
    start
        Where each line begins in ``shape``; one number more than lines.
    """

    tail: np.ndarray
    head: np.ndarray
    length_km: np.ndarray
    segment: np.ndarray
    shape: np.ndarray
    start: np.ndarray


def join_segments(
    tail: np.ndarray,
    head: np.ndarray,
    length_km: np.ndarray,
    group: np.ndarray,
    oneway: np.ndarray,
    anchors: np.ndarray,
    n_nodes: int,
) -> Lines:
    """Join segments into lines wherever just two of one kind meet.

    Parameters
    ----------
    tail, head
        Nodes of each segment.
    length_km
        Its length.
    group
        Number of its kind; lines hold segments of one kind only.
    oneway
        Whether it is passed from tail to head only; such lines run along the traffic.
    anchors
        Nodes that stay ends of lines.
    n_nodes
        How many nodes there are.

    Returns
    -------
    Lines
        Rings that nothing joins and lines that come back to where they began are left out.

    Examples
    --------
    >>> tail, head, every = np.array([0, 1, 2]), np.array([1, 2, 3]), np.zeros(3, dtype=int)
    >>> lines = join_segments(tail, head, np.ones(3), every, every > 0, np.array([2]), 4)
    >>> lines.tail.tolist(), lines.head.tolist(), lines.length_km.tolist()
    ([0, 2], [2, 3], [2.0, 1.0])
    """
    ends = np.concatenate([tail, head])
    order = np.argsort(ends, kind="stable")
    incident = order % max(len(tail), 1)
    first = np.searchsorted(ends[order], np.arange(n_nodes + 1))
    inner = np.diff(first) == 2
    inner[anchors] = False
    nodes = np.flatnonzero(inner)
    one, two = incident[first[nodes]], incident[first[nodes] + 1]
    alike = (group[one] == group[two]) & (oneway[one] == oneway[two]) & (one != two)
    # Along one-way traffic one segment must come in and the other go out.
    alike &= ~oneway[one] | ((head[one] == nodes) != (head[two] == nodes))
    inner[nodes[~alike]] = False
    return _walk(tail, head, length_km, oneway, inner, first, incident)


def _walk(
    tail: np.ndarray,
    head: np.ndarray,
    length_km: np.ndarray,
    oneway: np.ndarray,
    inner: np.ndarray,
    first: np.ndarray,
    incident: np.ndarray,
) -> Lines:
    tails, heads, lengths = tail.tolist(), head.tolist(), length_km.tolist()
    firsts, incidents, is_inner = first.tolist(), incident.tolist(), inner.tolist()
    is_oneway = oneway.tolist()
    seen = bytearray(len(tails))
    found: list[tuple[int, int, float, int]] = []
    shape: list[int] = []
    start = [0]
    for node in np.flatnonzero(~inner & (np.diff(first) > 0)).tolist():
        for segment in incidents[firsts[node] : firsts[node + 1]]:
            if seen[segment]:
                continue
            at, along, total, path = node, segment, 0.0, [node]
            backward = is_oneway[segment] and tails[segment] != node
            while True:
                seen[along] = 1
                total += lengths[along]
                at = heads[along] if tails[along] == at else tails[along]
                path.append(at)
                if not is_inner[at]:
                    break
                one, two = incidents[firsts[at]], incidents[firsts[at] + 1]
                along = two if one == along else one
            if at == node:
                continue
            if backward:
                path.reverse()
            found.append((path[0], path[-1], total, segment))
            shape += path
            start.append(len(shape))
    table = np.array(found, dtype=float).reshape(-1, 4)
    return Lines(
        table[:, 0].astype(np.int64),
        table[:, 1].astype(np.int64),
        table[:, 2],
        table[:, 3].astype(np.int64),
        np.array(shape, dtype=np.int64),
        np.array(start, dtype=np.int64),
    )
