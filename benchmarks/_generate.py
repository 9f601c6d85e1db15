"""A network of two countries on the two banks of a river, of any size, and its seasons.

Each bank is a jittered grid thinned to a random spanning tree and some more roads (about 2.7 roads meet at a
node, as in networks of OpenStreetMap); every fiftieth line of the grid is a trunk road that is kept whole.
Times differ there and back, and one road in twenty is one-way. A million nodes take a few seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from amurgeo.routing.engine import SeasonalGraph


@dataclass(frozen=True)
class World:
    """A generated network with the terminals to route between."""

    graph: SeasonalGraph
    origins: np.ndarray
    destinations: np.ndarray


def world(n_nodes: int, *, border: int = 12, winter: int = 30, terminals: int = 50, seed: int = 1) -> World:
    """Return a network of about so many nodes.

    Parameters
    ----------
    n_nodes
        Number of nodes on both banks together.
    border, winter
        Crossings and winter roads; each is an arc there and one back.
    terminals
        Origins, and as many destinations; nine in ten of the origins on the one bank, of the destinations on
        the other.
    seed
        Seed of everything random.
    """
    rng = np.random.default_rng(seed)
    side = max(2, round((n_nodes / 2) ** 0.5))
    half = side * side
    banks = [_bank(side, rng, first=bank * half) for bank in range(2)]
    static = np.concatenate(banks, axis=1)

    column = np.linspace(0, side - 1, border + 2)[1:-1].round().astype(int)
    near, far = (side - 1) * side + column, half + column
    over = rng.integers(600, 3_600, border)
    crossings = np.array([np.append(near, far), np.append(far, near), np.append(over, over)])

    begin = rng.choice(half, winter, replace=False) if winter <= half else rng.integers(0, half, winter)
    reach = max(1, side // 8)
    row, col = begin // side, begin % side
    to_row = np.clip(row + rng.integers(-reach, reach + 1, winter), 0, side - 1)
    to_col = np.clip(col + rng.integers(-reach, reach + 1, winter), 0, side - 1)
    end = np.where(to_row * side + to_col == begin, (begin + 1) % half, to_row * side + to_col)
    along = np.maximum(60, (np.hypot(to_row - row, to_col - col) * 1_000_000 / side / 70 * 3.6).astype(int))
    roads = np.array([np.append(begin, end), np.append(end, begin), np.append(along, along)])

    most = round(terminals * 0.9)
    origins = np.append(rng.integers(0, half, most), half + rng.integers(0, half, terminals - most))
    destinations = np.append(rng.integers(0, half, terminals - most), half + rng.integers(0, half, most))
    arcs = np.concatenate([static, crossings, roads], axis=1)
    tail, head = arcs[:2].astype(np.int32)
    graph = SeasonalGraph(2 * half, tail, head, arcs[2], static.shape[1], crossings.shape[1])
    return World(graph, origins, destinations)


def _bank(side: int, rng: np.random.Generator, *, first: int) -> np.ndarray:
    """Return tails, heads and seconds (rows) of one bank, 1,000 km wide."""
    number = np.arange(side * side).reshape(side, side)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    down = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    roads = np.concatenate([across, down])
    trunk = np.append(across[:, 0] // side % 50 == 25, down[:, 0] % side % 50 == 25)
    metres = 1_000_000 / side * rng.uniform(0.9, 1.6, len(roads))
    shuffle = np.where(trunk, 0.5, rng.uniform(1, 2, len(roads)))
    joined = csr_array((shuffle, (roads[:, 0], roads[:, 1])), shape=(side**2, side**2))
    tree = minimum_spanning_tree(joined).tocoo()
    pair = roads[:, 0] * side**2 + roads[:, 1]
    in_tree = np.isin(pair, tree.row.astype(np.int64) * side**2 + tree.col)
    more = (rng.random(len(roads)) < 0.37) | trunk
    kept = in_tree | more
    kmh = np.where(trunk, 90.0, rng.choice([30.0, 40.0, 60.0], len(roads), p=[0.4, 0.35, 0.25]))
    there = np.maximum(1, metres / kmh * 3.6)
    back = np.maximum(1, there * rng.uniform(0.95, 1.1, len(roads)))
    both = kept & (in_tree | (rng.random(len(roads)) > 0.17))
    a, b = roads.T + first
    seconds = np.append(there[kept], back[both]).round().astype(np.int64)
    return np.array([np.append(a[kept], b[both]), np.append(b[kept], a[both]), seconds])


def seasons(graph: SeasonalGraph, scenarios: int, *, days: int = 365, seed: int = 7) -> Iterator[np.ndarray]:
    """Yield the costs of every day of each scenario; infinity for closed arcs.

    Every third crossing is a bridge, open all year. The others are ice roads in winter and ferries in summer,
    with a gap in spring and autumn. Winter roads are open in winter and slow in its last ten days. Queues at
    the border are drawn for every month.

    Parameters
    ----------
    graph
        The network.
    scenarios
        How many.
    days
        Days in each.
    seed
        Seed of everything random.
    """
    rng = np.random.default_rng(seed)
    border, winter = graph.seconds[graph.border], graph.seconds[graph.seasonal]
    n_border, n_winter = len(border) // 2, len(winter) // 2
    over, along = border[:n_border], winter[:n_winter]
    day = np.arange(days)[:, None]
    month = day[:, 0] * 12 // days
    bridge = np.arange(n_border) % 3 == 0
    for _ in range(scenarios):
        queue = rng.gamma(1.5, 1_200, (12, n_border))[month]
        thaw = np.append(rng.normal(85, 10, n_border), rng.normal(80, 10, n_winter)).round()
        frost = rng.normal(345, 10, n_border + n_winter).round()
        ice = (day < thaw) | (day >= frost)
        ferry = (day >= rng.normal(130, 8, n_border).round()) & (day < rng.normal(305, 8, n_border).round())
        crossing = np.where(
            bridge,
            over + queue,
            np.where(ferry, over + 1_800 + queue, np.where(ice[:, :n_border], over + queue / 2, np.inf)),
        )
        road = np.where(ice[:, n_border:], np.where(day >= thaw[n_border:] - 10, along * 1.5, along), np.inf)
        yield np.rint(np.concatenate([crossing, crossing, road, road], axis=1))
