"""Independent ways over the border: how many crossings could fail before a pair is cut off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, maximum_flow

from amurgeo.errors import check_int
from amurgeo.network import DESTINATIONS, large_towns
from amurgeo.network.snapping import locate_all
from amurgeo.routing.costs import crossing_arcs, land_arcs
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.daily import series
from amurgeo.text import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State


def redundancy(
    net: Network,
    year: int,
    *,
    vehicle: str = "truck_20t",
    scenario: Scenario | str | None = None,
    origins: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Count the independent ways between places on both banks, month by month.

    Parameters
    ----------
    net
        The network.
    year
        The year.
    vehicle
        Id of the vehicle.
    scenario
        Scenario, name or file; not a regime.
    origins, destinations
        Places by name; by default the oblast's towns above 10,000 people and the four Chinese cities of a
        comparison.

    Returns
    -------
    DataFrame
        One row per pair and month: origin, destination, month, ways_edge (ways that share no road, railway
        or crossing), ways_checkpoint (ways that share no checkpoint), both on the usual (median) day of the
        month, the fewest of each on any day of it (fewest_edge, fewest_checkpoint), and days_cut, the days
        without any way.

    Raises
    ------
    InputError
        For an unknown place, vehicle or scenario, or a year outside 1980 to 2100.

    Notes
    -----
    By Menger's theorem the number of edge-disjoint ways is a maximum flow with one unit per edge; ways that
    share no checkpoint are a maximum flow with one unit per checkpoint and free roads, which is the number
    of checkpoints that join the two places.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ways = ag.redundancy(ag.load(), 2026, origins=["Belogorsk"], destinations=["Heihe"])
    >>> len(ways), bool((ways.ways_checkpoint >= ways.ways_edge).all())
    (12, True)
    """
    days = daily_redundancy(
        net,
        year,
        vehicle=vehicle,
        scenario=scenario,
        origins=origins if origins is not None else large_towns(net),
        destinations=destinations if destinations is not None else list(DESTINATIONS),
    )
    grouped = days.assign(month=days["date"].dt.month).groupby(["origin", "destination", "month"], sort=False)
    usual = grouped[["ways_edge", "ways_checkpoint"]].median().astype(int)
    fewest = grouped[["ways_edge", "ways_checkpoint"]].min()
    cut = grouped["ways_edge"].agg(lambda ways: int((ways == 0).sum())).rename("days_cut")
    fewest = fewest.set_axis(["fewest_edge", "fewest_checkpoint"], axis=1)
    return pd.concat([usual, fewest, cut], axis=1).reset_index()


def daily_redundancy(
    net: Network,
    year: int,
    *,
    origins: Sequence[str],
    destinations: Sequence[str],
    vehicle: str = "truck_20t",
    scenario: Scenario | str | None = None,
) -> pd.DataFrame:
    """Count the independent ways on every day of a year; see `redundancy`.

    Returns
    -------
    DataFrame
        One row per pair and day: origin, destination, date (datetime64), ways_edge, ways_checkpoint.
    """
    year = check_int("year", year, FIRST_DAY.year, LAST_DAY.year)
    net, (starts, ends) = locate_all(net, origins=origins, destinations=destinations)
    run = series(net, as_scenario(scenario), date(year, 1, 1), date(year, 12, 31))
    counted = [ways_between(state.net, state, vehicle, starts, ends) for state in run.states]
    by_day = pd.concat(
        [
            counted[position].assign(date=day)
            for day, position in zip(run.days.astype("datetime64[s]"), run.which, strict=True)
        ],
        ignore_index=True,
    )
    order = {
        pair: rank
        for rank, pair in enumerate(zip(counted[0]["origin"], counted[0]["destination"], strict=True))
    }
    rank = [order[pair] for pair in zip(by_day["origin"], by_day["destination"], strict=True)]
    return by_day.assign(rank=rank).sort_values(["rank", "date"]).drop(columns="rank").reset_index(drop=True)


def ways_between(
    net: Network, state: State, vehicle: str, starts: Sequence[str], ends: Sequence[str]
) -> pd.DataFrame:
    """Count the independent ways between places in one state.

    Parameters
    ----------
    net, state, vehicle
        Network, what is open, and the vehicle's id.
    starts, ends
        Place ids.

    Returns
    -------
    DataFrame
        One row per pair: origin, destination, ways_edge, ways_checkpoint.
    """
    arcs = crossing_arcs(net, state, vehicle)
    land = land_arcs(net, vehicle, open_seasons=state.open_seasons)
    every = pd.concat([land, arcs], ignore_index=True)
    names = pd.Index(
        pd.unique(pd.concat([every["tail"], every["head"], pd.Series([*starts, *ends], dtype=object)]))
    )
    flows = _unit_flow(every, names)
    bank = _banks(land, names)
    checkpoints = net.base["crossings"]["checkpoint"].reindex(arcs["edge"]).to_numpy()
    tails, heads = (bank[names.get_indexer(arcs[column])] for column in ("tail", "head"))
    rows = []
    for start in starts:
        for end in ends:
            source, sink = names.get_loc(start), names.get_loc(end)
            if source == sink:
                continue
            joins = (tails == bank[source]) & (heads == bank[sink])
            edge = int(maximum_flow(flows, source, sink).flow_value)
            by_checkpoint = len(set(checkpoints[joins])) if bank[source] != bank[sink] else 1
            rows.append((start, end, edge, by_checkpoint))
    return pd.DataFrame(rows, columns=["origin", "destination", "ways_edge", "ways_checkpoint"])


def _unit_flow(arcs: pd.DataFrame, names: pd.Index) -> coo_array:
    """One unit on every arc; parallel arcs add up, as they are independent of each other."""
    return _joined(arcs, names, np.int32).tocsr()


def _banks(land: pd.DataFrame, names: pd.Index) -> np.ndarray:
    """Give each node the number of the part of the network that it hangs together with over land."""
    return np.asarray(connected_components(_joined(land, names, np.int8), directed=False)[1])


def _joined(arcs: pd.DataFrame, names: pd.Index, kind: type[np.integer]) -> coo_array:
    """Make the sparse matrix of ones where arcs are."""
    # The graph functions of scipy number nodes in 32 bits, older ones take nothing else.
    tail, head = (names.get_indexer(arcs[column]).astype(np.int32) for column in ("tail", "head"))
    return coo_array((np.ones(len(arcs), dtype=kind), (tail, head)), shape=(len(names), len(names)))
