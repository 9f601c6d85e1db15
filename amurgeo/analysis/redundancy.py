"""Redundancy: how many crossings could fail before a pair is cut off, and the network without each part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, maximum_flow

from amurgeo.analysis.days import default_places
from amurgeo.errors import check_number
from amurgeo.network import vehicle_id, vehicle_row
from amurgeo.network.edges import PIECE
from amurgeo.network.snapping import Places, require_pair
from amurgeo.results import ResultFrame
from amurgeo.routing.engine import TerminalDistances, VehicleNetwork
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.matrix import solve
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.daily import states, year_days

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: A route counts if it takes at most this multiple of the fastest time of the pair.
STRETCH = 1.5
LARGEST_STRETCH = 1000.0


def redundancy(
    net: Network,
    year: int,
    *,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    assume: str | None = None,
    origins: Places | None = None,
    destinations: Places | None = None,
    stretch: float = STRETCH,
) -> pd.DataFrame:
    """Count the independent routes between places on both banks, month by month.

    Parameters
    ----------
    net, year
        The network and the year.
    vehicle, assume, origins, destinations
        As in `amurgeo.daily`.
    scenario
        Scenario, name or file; not a regime.
    stretch
        A route counts for ``ways`` if it takes at most this multiple of the fastest time in the year.

    Returns
    -------
    DataFrame
        One row per pair and month: origin, destination, month, ways_edge (routes that share no road, railway
        or crossing), ways_checkpoint (routes that share no checkpoint), ways (open checkpoints with a route
        within the stretch), all as medians over the days of the month, their minima (fewest_edge,
        fewest_checkpoint, fewest_ways), and days_cut, the days without any route. ``unknown`` has the
        crossings whose status is unknown on some day.

    Raises
    ------
    InputError
        If a place, vehicle or scenario is invalid, the year outside 1980 to 2100, or no service is unknown
        for `assume`.

    Notes
    -----
    By Menger's theorem the number of edge-disjoint routes is a maximum flow with one unit per edge. Routes
    that share no checkpoint are a maximum flow with one unit per checkpoint and unlimited roads: the number
    of checkpoints that join the two places.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ways = ag.redundancy(ag.load(), 2026, origins=["Belogorsk"], destinations=["Heihe"])
    >>> len(ways), bool((ways.ways_checkpoint >= ways.ways_edge).all())
    (12, True)
    """
    days = year_days(year)
    stretch = check_number("stretch", stretch, 1, LARGEST_STRETCH)
    vehicle = vehicle_id(net, vehicle)
    net, (starts, ends) = default_places(net, origins, destinations)
    require_pair(net, starts, ends)
    run = states(net, days, scenario=scenario, assume=assume)
    ways = [ways_between(state.net, state, vehicle, starts, ends) for state in run.states]
    for frame, counts in zip(ways, _within(run.states, vehicle, starts, ends, stretch), strict=True):
        frame["ways"] = counts
    counted = pd.concat(ways, keys=range(len(ways)), names=["state", "pair"]).reset_index()
    months = pd.DataFrame({"state": run.which, "month": days.astype("datetime64[M]").astype(int) % 12 + 1})
    grouped = months.merge(counted, on="state").groupby(["pair", "origin", "destination", "month"])
    daily_ways = grouped[["ways_edge", "ways_checkpoint", "ways"]]
    fewest = daily_ways.min().set_axis(["fewest_edge", "fewest_checkpoint", "fewest_ways"], axis=1)
    cut = grouped["ways_edge"].agg(lambda ways: int((ways == 0).sum())).rename("days_cut")
    table = pd.concat([daily_ways.median().astype(int), fewest, cut], axis=1)
    return ResultFrame.of(table.reset_index().drop(columns="pair"), net, run.unknown(vehicle))


def _within(
    states: Sequence[State], vehicle: str, starts: Sequence[str], ends: Sequence[str], stretch: float
) -> list[np.ndarray]:
    """Count in each state the checkpoints by which a pair stays within the stretch; one value per pair."""
    matrices = [solve(state, vehicle, starts, ends) for state in states]
    limit = stretch * np.min([matrix.seconds for matrix in matrices], axis=0)
    distinct = np.array([[start != end for end in ends] for start in starts], dtype=bool)
    counts = []
    for state, matrix in zip(states, matrices, strict=True):
        checkpoints = state.net.base["crossings"]["checkpoint"].reindex(matrix.arcs["edge"]).to_numpy()
        counts.append(matrix.within(limit, checkpoints).sum(axis=0)[distinct])
    return counts


def ways_between(
    net: Network, state: State, vehicle: str, starts: Sequence[str], ends: Sequence[str]
) -> pd.DataFrame:
    """Return the independent routes between places (ids) in one state, one row per pair."""
    state_graph = StateGraph(state, vehicle)
    network, graph = state_graph.network, state_graph.graph
    opened = np.isfinite(state_graph.seconds)
    crossing = np.zeros_like(opened)
    crossing[graph.border] = opened[graph.border]
    # Parallel arcs add up: they are independent of each other.
    capacity, land = (
        csr_array(
            (np.ones(arcs.sum(), dtype=np.int32), (graph.tail[arcs], graph.head[arcs])),
            shape=(graph.n_nodes, graph.n_nodes),
        )
        for arcs in (opened, opened & ~crossing)
    )
    banks = connected_components(land, directed=False)[1]
    checkpoints = net.base["crossings"]["checkpoint"].reindex(network.edges[crossing]).to_numpy()
    tails, heads = banks[graph.tail[crossing]], banks[graph.head[crossing]]
    rows = []
    for start, source in zip(starts, network.nodes(starts), strict=True):
        for end, sink in zip(ends, network.nodes(ends), strict=True):
            if source == sink:
                continue
            joining = checkpoints[(tails == banks[source]) & (heads == banks[sink])]
            by_edge = int(maximum_flow(capacity, source, sink).flow_value)
            by_checkpoint = len(set(joining)) if banks[source] != banks[sink] else 1
            if not by_checkpoint and by_edge:
                by_checkpoint = _chained(tails, heads, checkpoints, (banks[source], banks[sink]))
            rows.append((start, end, by_edge, by_checkpoint))
    return pd.DataFrame(rows, columns=["origin", "destination", "ways_edge", "ways_checkpoint"])


def _chained(tails: np.ndarray, heads: np.ndarray, checkpoints: np.ndarray, ends: tuple[int, int]) -> int:
    """Return the routes without a common checkpoint between parts of land that no crossing joins directly."""
    names, which = np.unique(checkpoints, return_inverse=True)
    n, m = int(max(tails.max(), heads.max(), *ends)) + 1, len(names)
    # Every checkpoint is an arc of one unit between its entry and its exit.
    entry, exit_ = n + which, n + m + which
    inner = np.arange(n, n + m)
    # Older versions of scipy number nodes with 32 bits.
    arcs = np.hstack([[tails, entry], [inner, inner + m], [exit_, heads]]).astype(np.int32)
    graph = csr_array((np.ones(arcs.shape[1], dtype=np.int32), tuple(arcs)), shape=(n + 2 * m, n + 2 * m))
    return int(maximum_flow(graph, *ends).flow_value)


class Removals(NamedTuple):
    """Elements taken out of a network: border arcs closed, seasonal roads left, and land without each."""

    usual: TerminalDistances
    names: list[tuple[str, str]]
    closed: np.ndarray
    open_roads: np.ndarray
    land: list[TerminalDistances]


def removals_of(
    net: Network,
    network: VehicleNetwork,
    places: tuple[tuple[str, ...], tuple[str, ...]],
    kinds: tuple[str, ...],
    drivers: int,
) -> Removals:
    """Return the elements that can be removed from a network."""
    graph, edge = network.graph, network.border["edge"].to_numpy()
    starts, ends = map(network.nodes, places)
    usual = network.distances(*places, drivers=drivers)
    checkpoint = net.base["crossings"]["checkpoint"].reindex(edge).to_numpy()
    closed = {("crossing", str(name)): edge == name for name in dict.fromkeys(edge)}
    closed |= {("checkpoint", str(name)): checkpoint == name for name in dict.fromkeys(checkpoint)}
    for a, b in combinations(dict.fromkeys(checkpoint), 2):
        closed["pair", f"{a}+{b}"] = (checkpoint == a) | (checkpoint == b)
    # Two checkpoints are compared with each alone.
    also = "checkpoint" if "pair" in kinds else None
    closed = {name: arcs for name, arcs in closed.items() if name[0] in (*kinds, also)}
    seasonal = slice(graph.border.stop, None)
    opened = dict.fromkeys(closed, np.ones(len(graph.tail[seasonal]), dtype=bool))
    land = dict.fromkeys(closed, usual)
    roads = np.array([str(id_).partition(PIECE)[0] for id_ in network.edges], dtype=object)
    traffic = str(vehicle_row(net, network.vehicle)["traffic"])
    for name, road in _on_land(net, roads, traffic, kinds):
        out = roads == road
        distances = replace(graph, seconds=np.where(out, np.inf, graph.seconds)).distances(starts, ends)
        if out[seasonal].any() or not np.array_equal(distances.land, usual.land):
            closed[name] = np.zeros(graph.n_border, dtype=bool)
            opened[name], land[name] = ~out[seasonal], replace(usual, land=distances.land)
    return Removals(
        usual, list(land), np.array([*closed.values()]), np.array([*opened.values()]), [*land.values()]
    )


def _on_land(
    net: Network, roads: np.ndarray, traffic: str, kinds: Sequence[str]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield kind and id of the bridges, roads and railways of a network, with the id of the edge.

    A road that only one bridge carries fails with it.
    """
    kind_of, bridges = net.edges["kind"], net.base["bridges"]
    carried = bridges[bridges["traffic"].isin(("both", traffic))].drop_duplicates("road", keep=False)
    bridge_of = dict(zip(carried["road"], carried.index, strict=True))
    for road in dict.fromkeys(roads):
        name = ("bridge", bridge_of[road]) if road in bridge_of else (str(kind_of.get(road, "")), road)
        if name[0] in kinds:
            yield name, road
