"""Travel times between many places on one day, by the fastest route and by each open crossing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from amurgeo.dataset.area import is_junction
from amurgeo.errors import check_bool, unknown_name_error
from amurgeo.network import Network, check_network, vehicle_id
from amurgeo.network.snapping import Places, locate_all
from amurgeo.network.tables import with_tables
from amurgeo.results import ResultFrame, rounded_records
from amurgeo.routing.costs import speed_rows
from amurgeo.routing.engine import BATCH_BYTES, ShortestPaths, Solution, vehicle_network
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.money import arc_costs
from amurgeo.routing.rest import check_drivers

if TYPE_CHECKING:
    from amurgeo.scenario import ScenarioLike
    from amurgeo.seasons.state import State
    from amurgeo.text import Day

#: Quantity of a matrix: ``hours``, ``length_km``, or ``cost_`` and the currency.
Value = str


@dataclass(frozen=True, eq=False, kw_only=True)
class Matrix(Solution):
    """Travel times between origins and destinations (place ids) in one state."""

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    #: The border arcs, which `first` numbers.
    arcs: pd.DataFrame

    @property
    def hours(self) -> np.ndarray:
        """Hours, origins by destinations; NaN if there is no route."""
        return np.where(np.isfinite(self.seconds), self.seconds / 3600.0, np.nan)

    @property
    def crossing(self) -> np.ndarray:
        """Id of the first crossing of the fastest route; None if none is crossed."""
        return np.asarray(np.array([*self.arcs["edge"], None], dtype=object)[self.first])

    def within(self, limit: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Return whether pairs have a route within a limit (seconds) by each group of first crossings.

        `groups` has a name per arc; groups by origins by destinations.
        """
        seconds = self.by_arc
        usable = np.isfinite(seconds) & (seconds <= limit[:, :, None])
        found = [usable[:, :, groups == name].any(axis=2) for name in dict.fromkeys(groups)]
        return np.array(found, dtype=bool).reshape(-1, *limit.shape)


class MatrixFrame(ResultFrame):
    """A matrix of origins by destinations."""

    _metadata = ["net", "unknown", "value"]  # noqa: RUF012

    def _records(self) -> list[dict[str, Any]]:
        """Return one record per origin and destination."""
        columns = {
            "origin": np.repeat(self.index, self.shape[1]),
            "destination": np.tile(self.columns, len(self)),
            self.value: self.to_numpy().ravel(),
        }
        return rounded_records(pd.DataFrame(columns))


def solve(
    state: State,
    vehicle: str,
    origins: Sequence[str],
    destinations: Sequence[str],
    *,
    border_h: Mapping[str, float] | None = None,
    transit: bool = True,
    drivers: int = 1,
) -> Matrix:
    """Return the travel times between places (ids) in one state; options as in `od_matrix`."""
    network = vehicle_network(state.net, vehicle, state.roads)
    costs, _ = network.price(state, border_h)
    solution = network.distances(origins, destinations, transit=transit, drivers=drivers).solve(costs)
    places: Any = {"origins": tuple(origins), "destinations": tuple(destinations)}
    return Matrix(**vars(solution), **places, arcs=network.border)


def od_matrix(
    net: Network,
    origins: Places,
    destinations: Places,
    *,
    on: Day | None = None,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    assume: str | None = None,
    border_h: Mapping[str, float] | None = None,
    value: Value = "hours",
    transit: bool = True,
    drivers: int = 1,
) -> MatrixFrame:
    """Return the hours between many places on one day, or the length or cost of the fastest routes.

    Parameters
    ----------
    net
        The network.
    origins, destinations
        Places: names or ids, ``"50.45,127.62"``, ``(50.45, 127.62)``, shapely points, a GeoSeries or a
        GeoDataFrame; rows of ``net.places`` are the places of their index. Duplicates count once.
    on, vehicle, scenario, assume, border_h, transit, drivers
        As in `amurgeo.routes`.
    value
        ``"hours"``; or ``"length_km"`` or ``"cost_rub"`` of the fastest route (``cost_`` and the currency of
        the dataset, as in `routes`).

    Returns
    -------
    DataFrame
        Hours, origins by destinations (place ids), border control, expected waits and the driver's rest
        included; NaN if there is no route or no source gives a rate. The two directions differ.
        ``to_gdf()`` adds the points of the origins; ``unknown`` has the crossings whose status is unknown.

    Raises
    ------
    InputError
        If a place, vehicle, scenario, value or date is invalid, or no service is unknown for `assume`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> hours = ag.od_matrix(ag.load(), ["Belogorsk"], ["Heihe"], on="2026-07-15")
    >>> hours.shape
    (1, 1)
    """
    transit = check_bool("transit", transit)
    if value not in ("hours", "length_km", check_network(net).border.cost):
        raise unknown_name_error("value", str(value), ("hours", "length_km", net.border.cost))
    vehicle, drivers = vehicle_id(net, vehicle), check_drivers(drivers)
    net, (starts, ends) = locate_all(net, origins=origins, destinations=destinations)
    state = net.state(on, scenario=scenario, assume=assume)
    how: Any = {"border_h": border_h, "transit": transit, "drivers": drivers}
    matrix = solve(state, vehicle, starts, ends, **how)
    values = matrix.hours if value == "hours" else _along(state, vehicle, matrix, value, border_h)
    places = pd.Index(starts, name="origin"), pd.Index(ends, name="destination")
    frame = MatrixFrame.of(pd.DataFrame(values, *places), state.net, state.unknown(vehicle))
    frame.value = value
    return frame


def _along(
    state: State, vehicle: str, matrix: Matrix, value: Value, border_h: Mapping[str, float] | None
) -> np.ndarray:
    """Sum the length or cost of the arcs of the fastest routes; NaN if there is none."""
    graph = StateGraph(state, vehicle, border_h)
    network, arcs = graph.network, graph.rows(np.arange(len(graph.seconds)))
    column = arcs["length_km"] if value == "length_km" else arc_costs(state.net, vehicle, arcs)["cost"]
    each = column.to_numpy(dtype=float)
    starts, ends = network.nodes(matrix.origins), network.nodes(matrix.destinations)
    first, tail, head = matrix.first + network.graph.n_static, network.graph.tail, network.graph.head
    crosses = matrix.first >= 0
    on_land = ShortestPaths(network.graph, graph.land_seconds, starts)
    onward = ShortestPaths(network.graph, graph.keys, np.unique(head[first[crosses]]).tolist())

    def total(row: int, column: int) -> float:
        start, end, arc = int(starts[row]), int(ends[column]), int(first[row, column])
        if not crosses[row, column]:
            return float(each[on_land.arcs(start, end)].sum())
        return float(
            each[[*on_land.arcs(start, int(tail[arc])), arc, *onward.arcs(int(head[arc]), end)]].sum()
        )

    sums = [[total(row, column) for column in range(len(ends))] for row in range(len(starts))]
    return np.where(np.isfinite(matrix.seconds), sums, np.nan)


# -- a large area ------------------------------------------------------------------------------------


def fastest_ways(net: Network, places: Collection[str] = ()) -> Network:
    """Return a network with all seasonal roads, and of others those that some fastest way uses.

    These are the ways of any vehicle between places with a name, stations, terminals, ends of seasonal roads
    and some further places. Between all these its times are those of the whole network, whichever crossings
    and seasonal roads are open; without one of its other roads they may be longer than those.
    """
    nodes, roads = net.nodes, net.edges[net.edges["kind"] == "road"]
    seasonal = roads[roads["season"] != ""]
    roads = roads[roads["season"] == ""]
    ends = [*places, *seasonal["from_place"], *seasonal["to_place"]]
    stops = np.flatnonzero(~is_junction(nodes) | nodes.index.isin(ends))
    tail, head = (nodes.index.get_indexer(roads[name]) for name in ("from_place", "to_place"))
    used = np.zeros(len(roads), dtype=bool)
    known: set[bytes] = set()
    for vehicle, row in net.base["vehicles"].iterrows():
        speeds, kind = speed_rows(net, str(vehicle), roads)
        seconds = 3600.0 * roads["length_km"].to_numpy() / speeds["speed_kmh"].to_numpy(dtype=float)[kind]
        usable, both = roads["traffic"].isin(("both", row["traffic"])), ~roads["oneway"]
        if row["network"] == "rail":
            # Trucks to the freight station, whatever the mass and the direction.
            both |= True
        else:
            seconds = np.maximum(1.0, np.rint(seconds))
            usable &= ~(roads["max_mass_t"] < row["mass_t"])
        arcs = pd.DataFrame({"a": tail, "b": head, "s": seconds, "road": np.arange(len(roads))})
        back = arcs.rename(columns={"a": "b", "b": "a"})[(usable & both).to_numpy()]
        arcs = pd.concat([arcs[usable.to_numpy()], back]).sort_values("s", kind="stable")
        arcs = arcs.drop_duplicates(["a", "b"]).set_index(["a", "b"])
        if (key := arcs.to_numpy().tobytes()) not in known:
            known.add(key)
            used[arcs.loc[_tree_arcs(arcs["s"], len(nodes), stops), "road"]] = True
    kept = net.base["roads"].index.isin([*seasonal.index, *roads.index[used]])
    table = net.base["roads"][kept]
    shown = net.base["places"]
    shown = shown[shown.index.isin([*nodes.index[stops], *table["from"], *table["to"]])]
    tables = {**net.base, "roads": table, "places": shown}
    return with_tables(net, tables)


def _tree_arcs(seconds: pd.Series, n_nodes: int, stops: np.ndarray) -> pd.MultiIndex:
    """Return the arcs, by both ends, of the fastest ways between stops."""
    # Older versions of scipy number nodes with 32 bits.
    ends = tuple(np.array([seconds.index.get_level_values(level) for level in (0, 1)], dtype=np.int32))
    matrix = csr_array((seconds.to_numpy(), ends), shape=(n_nodes, n_nodes))
    pairs: list[np.ndarray] = []
    batch = max(1, BATCH_BYTES // (16 * n_nodes))
    for start in range(0, len(stops), batch):
        _, before = dijkstra(matrix, indices=stops[start : start + batch], return_predecessors=True)
        seen = np.zeros(before.shape, dtype=bool)
        rows, column = (at.ravel() for at in np.meshgrid(np.arange(len(before)), stops, indexing="ij"))
        while len(rows):
            # One step back from every stop that no way has passed yet.
            rows, column = (at[~seen[rows, column] & (before[rows, column] >= 0)] for at in (rows, column))
            seen[rows, column] = True
            earlier = before[rows, column].astype(np.int64)
            pairs.append(np.unique(earlier * n_nodes + column))
            rows, column = np.divmod(np.unique(rows * n_nodes + earlier), n_nodes)
    return pd.MultiIndex.from_arrays(np.divmod(np.unique(np.concatenate(pairs)), n_nodes))
