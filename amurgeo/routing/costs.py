"""Costs: what a vehicle needs on an edge, in whole seconds, and which vehicle an edge admits."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network import vehicle_row

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Hours to change a container between truck and train; an estimate, no source gives one for the region.
TRANSFER_H = 12.0
#: Columns of every frame of arcs.
ARC_COLUMNS = ("edge", "tail", "head", "seconds", "drive_h", "border_h", "wait_h", "length_km", "estimated_h")


def arc_costs(net: Network, vehicle: str, arcs: pd.DataFrame) -> pd.DataFrame:
    """Return the money that arcs cost: carriage by the kilometre, fixed charges and tolls.

    Parameters
    ----------
    net
        The network.
    vehicle
        Id of the vehicle.
    arcs
        Arcs with the columns ``edge``, ``tail``, ``head`` and ``length_km``.

    Returns
    -------
    DataFrame
        One row per arc: ``cost_rub`` (NaN where no source gives a rate) and ``estimated`` (the rate is an
        estimate). Yuan are changed by the dated rate of the table.

    Notes
    -----
    Border fees other than tolls, the driver's waiting and customs duties are not in it: no source gives them.
    """
    rates = net.base["rates"]
    yuan = rates.loc[rates["what"] == "exchange", "value"]
    exchange = float(yuan.iloc[0]) if len(yuan) else np.nan
    mine = rates[np.array([vehicle in vehicles for vehicles in rates["vehicle"]], dtype=bool)]
    country = net.nodes["country"].reindex(arcs["tail"]).to_numpy()
    kind = net.edges["kind"].reindex(arcs["edge"]).fillna("drayage").to_numpy()
    cost, guessed = np.full(len(arcs), np.nan), np.zeros(len(arcs), dtype=bool)
    for rate in mine.sort_values(
        "what", key=lambda what: what.map({"per_km": 0, "fixed": 1, "toll": 2})
    ).to_dict("records"):
        value = rate["value"] * (exchange if rate["unit"] == "CNY" else 1.0)
        here = country == rate["country"]
        if rate["what"] == "per_km":
            where = here & (kind != "transfer")
            cost[where] = value * arcs["length_km"].to_numpy()[where]
        elif rate["what"] == "fixed":
            where = here & np.isin(kind, ("transfer", "drayage"))
            # Half at either end of the journey by rail.
            cost[where] = np.nan_to_num(cost[where]) + value / 2
        else:
            where = here & (arcs["edge"] == rate["crossing"]).to_numpy()
            cost[where] = np.nan_to_num(cost[where]) + value
        guessed |= where & (rate["confidence"] == "estimated")
    return pd.DataFrame({"cost_rub": cost, "estimated": guessed}, index=arcs.index)


def land_arcs(net: Network, vehicle: str, *, open_seasons: frozenset[str] | None = None) -> pd.DataFrame:
    """Return the arcs over land that a vehicle can use, both directions of each.

    Parameters
    ----------
    net
        The network.
    vehicle
        Id of the vehicle. Trucks, cars, buses and passengers take roads; ``train`` takes the railways in
        use (freight keeps off high-speed lines) and reaches a town by truck from its freight station.
    open_seasons
        Season keys of the seasonal roads that are open; None for none of them.

    Returns
    -------
    DataFrame
        Columns `ARC_COLUMNS`; ``estimated_h`` is the part of the time that rests on estimated lengths.

    Examples
    --------
    >>> import amurgeo as ag
    >>> arcs = land_arcs(ag.load(), "car")
    >>> bool((arcs.seconds > 0).all())
    True
    """
    edges = net.edges[net.edges["kind"] != "crossing"]
    seasonal = edges["season"] != ""
    edges = edges[~seasonal | edges["season"].isin(open_seasons or frozenset())]
    if vehicle == "train":
        rail = edges[
            (edges["kind"] == "railway") & (edges["status"] == "in_use") & (edges["class"] != "high_speed")
        ]
        hours = _hours(net, vehicle, rail.assign(**{"class": "rail_" + rail["class"]}))
        transfers = edges[edges["kind"] == "transfer"]
        edges = pd.concat([rail, transfers, _drayage(net, edges)])
        hours = np.concatenate(
            [hours, np.full(len(transfers), TRANSFER_H), edges["hours"].dropna().to_numpy(dtype=float)]
        )
    else:
        mass_t = float(vehicle_row(net, vehicle)["mass_t"])
        edges = edges[(edges["kind"] == "road") & ~(edges["max_mass_t"] < mass_t)]
        hours = _hours(net, vehicle, edges)
    forth = pd.DataFrame(
        {
            "edge": edges.index,
            "tail": edges["from_place"].to_numpy(),
            "head": edges["to_place"].to_numpy(),
            "seconds": np.maximum(1, np.rint(hours * 3600)).astype(np.int64),
            "drive_h": hours,
            "border_h": 0.0,
            "wait_h": 0.0,
            "length_km": edges["length_km"].to_numpy(dtype=float),
            "estimated_h": hours * edges["estimated"].to_numpy(dtype=bool),
        }
    )
    back = forth.assign(tail=forth["head"], head=forth["tail"])[~edges["oneway"].eq(True).to_numpy()]
    return pd.concat([forth, back], ignore_index=True)[list(ARC_COLUMNS)]


def _hours(net: Network, vehicle: str, edges: pd.DataFrame) -> np.ndarray:
    speeds = net.base["speeds"]["speed_kmh"].to_dict()
    # A large area has millions of roads of a few dozen kinds.
    (on_class, classes), (on_surface, surfaces) = (
        pd.factorize(edges[column], use_na_sentinel=False) for column in ("class", "surface")
    )
    kinds, kind = np.unique(on_class * len(surfaces) + on_surface, return_inverse=True)
    keys = [(vehicle, classes[at // len(surfaces)], surfaces[at % len(surfaces)]) for at in kinds.tolist()]
    missing = sorted(key[1:] for key in keys if key not in speeds)
    if missing:
        told = ", ".join(" ".join(key) for key in missing)
        raise InputError(f"speeds.csv has no speed of {vehicle} on {told}; add a row")
    speed_kmh = np.array([speeds[key] for key in keys], dtype=float)[kind]
    hours: np.ndarray = edges["length_km"].to_numpy(dtype=float) / speed_kmh
    return hours


def _drayage(net: Network, edges: pd.DataFrame) -> pd.DataFrame:
    """Ways by truck from each town without a freight station to the nearest one in its country."""
    import networkx as nx

    roads = edges[edges["kind"] == "road"]
    graph = nx.Graph()
    hours = _hours(net, "train", roads)
    for edge, spent in zip(roads.itertuples(), hours, strict=True):
        known = graph.get_edge_data(edge.from_place, edge.to_place)
        if known is None or spent < known["hours"]:
            graph.add_edge(
                edge.from_place, edge.to_place, hours=float(spent), length_km=float(edge.length_km)
            )
    transfers = edges[edges["kind"] == "transfer"]
    yards = dict(zip(transfers["from_place"], transfers["to_place"], strict=True))
    spent, paths = nx.multi_source_dijkstra(
        graph, [place for place in yards if place in graph], weight="hours"
    )
    kinds = net.nodes["kind"].to_dict()
    rows = {
        f"{place}--{yards[path[0]]}": {
            "kind": "drayage",
            "mode": "road",
            "from_place": place,
            "to_place": yards[path[0]],
            "length_km": sum(graph.edges[pair]["length_km"] for pair in itertools.pairwise(path)),
            "hours": spent[place] + TRANSFER_H,
            "estimated": True,
        }
        for place, path in paths.items()
        if len(path) > 1 and kinds[place] != "terminal"
    }
    return pd.DataFrame.from_dict(
        rows,
        orient="index",
        columns=["kind", "mode", "from_place", "to_place", "length_km", "hours", "estimated"],
    )


def crossing_arcs(
    net: Network, state: State, vehicle: str, *, border_h: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the arcs over the border that a vehicle can use in a state.

    Parameters
    ----------
    net
        The network.
    state
        What is open.
    vehicle
        Id of the vehicle.
    border_h
        Hours of border procedure by crossing that replace those of the table.

    Returns
    -------
    DataFrame
        Columns `ARC_COLUMNS`, one row per open crossing and direction; ``seconds`` include the control of
        both sides and the expected wait.
    """
    row = vehicle_row(net, vehicle)
    own = dict(border_h or {})
    for crossing in own:
        if crossing not in net.base["crossings"].index:
            raise unknown_name_error("crossing", crossing, net.base["crossings"].index)
    admitted = state.admitted(vehicle)
    services = net.base["services"].xs(row["traffic"], level="traffic")
    usable = admitted.index[admitted["usable"]]
    table = net.base["crossings"].reindex(usable)
    service = services.reindex(usable)
    drive = table["travel_min"].to_numpy(dtype=float) / 60.0
    waits = admitted.loc[usable, "wait_h"].to_numpy(dtype=float)
    parts = []
    for tail, head, column in (("from", "to", "border_h_out"), ("to", "from", "border_h_in")):
        border = np.array(
            [own.get(crossing, hours) for crossing, hours in zip(usable, service[column], strict=True)],
            dtype=float,
        )
        guessed = (
            np.array([crossing not in own for crossing in usable], dtype=bool)
            & (service["times_confidence"] == "estimated").to_numpy()
        )
        hours = drive + np.nan_to_num(border) + np.nan_to_num(waits)
        estimated = np.where(guessed, np.nan_to_num(border) + np.nan_to_num(waits), 0.0)
        estimated = estimated + np.where(table["travel_confidence"] == "estimated", drive, 0.0)
        parts.append(
            pd.DataFrame(
                {
                    "edge": usable,
                    "tail": table[tail].to_numpy(),
                    "head": table[head].to_numpy(),
                    "seconds": np.maximum(1, np.rint(hours * 3600)).astype(np.int64),
                    "drive_h": drive,
                    "border_h": border,
                    "wait_h": waits,
                    "length_km": table["length_km"].to_numpy(dtype=float),
                    "estimated_h": estimated,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[list(ARC_COLUMNS)]
