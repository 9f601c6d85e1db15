"""Travel times of arcs by vehicle, in whole seconds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_number, shorten
from amurgeo.network import goes_by_rail, vehicle_row
from amurgeo.network.edges import RoadState, edited

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.daily import States
    from amurgeo.seasons.state import State

#: Without seasonal roads and without changes.
EVERY_YEAR = RoadState()
#: Hours to change a container between truck and train; an estimate, no source gives one for the region.
TRANSFER_H = 12.0
#: Longest border control in hours.
MAX_BORDER_H = 1000.0
#: Columns of every frame of arcs.
ARC_COLUMNS = ("edge", "tail", "head", "seconds", "drive_h", "border_h", "wait_h", "length_km", "estimated_h")
#: Numeric ones among them.
ARC_VALUES = ARC_COLUMNS[3:]


def land_arcs(net: Network, vehicle: str, roads: RoadState = EVERY_YEAR) -> pd.DataFrame:
    """Return the land arcs that a vehicle can use, both directions of each edge.

    Trucks, cars, buses and passengers use roads. A train uses the railways in use except high-speed lines,
    and trucks between a town and its freight station. ``estimated_h`` is the part of the time that is based
    on estimated lengths or speeds.

    >>> import amurgeo as ag
    >>> bool((land_arcs(ag.load(), "car").seconds > 0).all())
    True
    """
    edges = edited(net.edges[net.edges["kind"] != "crossing"], roads)
    edges = edges[edges["traffic"].isin(("both", vehicle_row(net, vehicle)["traffic"]))]
    if goes_by_rail(net, vehicle):
        rail = edges[
            (edges["kind"] == "railway") & (edges["status"] == "in_use") & (edges["class"] != "high_speed")
        ]
        hours, guessed = _hours(net, vehicle, rail)
        transfers = edges[edges["kind"] == "transfer"]
        edges = pd.concat([rail, transfers, _drayage(net, vehicle, edges)])
        hours = np.concatenate(
            [hours, np.full(len(transfers), TRANSFER_H), edges["hours"].dropna().to_numpy(dtype=float)]
        )
        guessed = np.append(guessed, np.zeros(len(edges) - len(rail), dtype=bool))
    else:
        mass_t = float(vehicle_row(net, vehicle)["mass_t"])
        edges = edges[(edges["kind"] == "road") & ~(edges["max_mass_t"] < mass_t)]
        hours, guessed = _hours(net, vehicle, edges)
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
            "estimated_h": hours * (guessed | edges["estimated"].to_numpy(dtype=bool)),
        }
    )
    back = forth.assign(tail=forth["head"], head=forth["tail"])[~edges["oneway"].eq(True).to_numpy()]
    return pd.concat([forth, back], ignore_index=True)[list(ARC_COLUMNS)]


def speed_rows(net: Network, vehicle: str, edges: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the speeds of a vehicle on the kinds of some edges, and the kind of each edge by position.

    A kind is a class with a surface; classes of railways begin with ``rail_``.
    """
    rail, class_ = edges["kind"] == "railway", edges["class"]
    if rail.any():
        class_ = class_.where(~rail, "rail_" + class_)
    # A large area has millions of roads of a few dozen kinds: look each kind up once.
    (on_class, classes), (on_surface, surfaces) = (
        pd.factorize(column, use_na_sentinel=False) for column in (class_, edges["surface"])
    )
    kinds, kind = np.unique(on_class * len(surfaces) + on_surface, return_inverse=True)
    keys = [(vehicle, classes[at // len(surfaces)], surfaces[at % len(surfaces)]) for at in kinds.tolist()]
    speeds = net.base["speeds"]
    missing = sorted(key[1:] for key in keys if key not in speeds.index)
    if missing:
        surfaces_missing = ", ".join(" ".join(key) for key in missing)
        raise InputError(f"speeds.csv has no speed of {vehicle} on {surfaces_missing}; add a row")
    return speeds.iloc[[speeds.index.get_loc(key) for key in keys]], kind


def _hours(net: Network, vehicle: str, edges: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the hours of a vehicle on each edge, and whether its speed there is an estimate."""
    rows, kind = speed_rows(net, vehicle, edges)
    speed_kmh = rows["speed_kmh"].to_numpy(dtype=float)[kind]
    if "speed_kmh" in edges:
        changed = edges["speed_kmh"].fillna(edges["speed_factor"] * speed_kmh).to_numpy(dtype=float)
        speed_kmh = np.where(np.isnan(changed), speed_kmh, changed)
    hours = edges["length_km"].to_numpy(dtype=float) / speed_kmh
    return hours, rows["confidence"].eq("estimated").to_numpy(dtype=bool)[kind]


def _drayage(net: Network, vehicle: str, edges: pd.DataFrame) -> pd.DataFrame:
    """Truck legs from each town without a freight station to the nearest one in its country."""
    import networkx as nx

    roads = edges[edges["kind"] == "road"]
    graph = nx.Graph()
    hours, _ = _hours(net, vehicle, roads)
    for edge, spent in zip(roads.itertuples(), hours, strict=True):
        known = graph.get_edge_data(edge.from_place, edge.to_place)
        if known is None or spent < known["hours"]:
            graph.add_edge(
                edge.from_place, edge.to_place, hours=float(spent), length_km=float(edge.length_km)
            )
    transfers = edges[edges["kind"] == "transfer"]
    yards = dict(zip(transfers["from_place"], transfers["to_place"], strict=True))
    towns = [place for place in yards if place in graph]
    spent, paths = nx.multi_source_dijkstra(graph, towns, weight="hours") if towns else ({}, {})
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


def border_arcs(net: Network, vehicle: str) -> pd.DataFrame:
    """Return every crossing that serves the traffic of a vehicle, both ways, whatever its status.

    ``border_h`` is the control on both sides. All arcs that leave the home side come first.
    """
    traffic = vehicle_row(net, vehicle)["traffic"]
    services = net.base["services"].xs(traffic, level="traffic")
    table, nodes = net.base["crossings"], net.nodes.index
    served = table.index.isin(services.index) & table["from"].isin(nodes) & table["to"].isin(nodes)
    table = table[served]
    services = services.reindex(table.index)
    directions = (("from", "to", "border_h_out"), ("to", "from", "border_h_in"))
    vehicles = net.base["vehicles"]["traffic"]
    logged = {
        (crossing, direction)
        for crossing, direction, by, *_ in net.base["trips"].index
        if vehicles[by] == traffic
    }
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "edge": table.index,
                    "tail": table[tail].to_numpy(),
                    "head": table[head].to_numpy(),
                    "drive_h": table["travel_min"].to_numpy(dtype=float) / 60.0,
                    "border_h": services[control].to_numpy(dtype=float),
                    "length_km": table["length_km"].to_numpy(dtype=float),
                    "drive_estimated": (table["travel_confidence"] == "estimated").to_numpy(),
                    "border_estimated": (services["times_confidence"] == "estimated").to_numpy()
                    & np.array([(id_, control.rpartition("_")[2]) not in logged for id_ in table.index]),
                }
            )
            for tail, head, control in directions
        ],
        ignore_index=True,
    )


def check_hours(
    net: Network, name: str, given: Mapping[str, float] | None, most: float = MAX_BORDER_H
) -> dict[str, float]:
    """Return the hours by crossing of an argument, or raise."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(
            f"{name} is invalid: {shorten(given)}; expected hours by crossing, as {{'kani_kurgan:bridge': 3}}"
        )
    try:
        ids = [net.names.crossing(crossing) for crossing in given]
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    return {
        crossing: check_number(f"{name}: hours of {crossing}", hours, 0, most)
        for crossing, hours in zip(ids, given.values(), strict=True)
    }


def price_crossings(
    arcs: pd.DataFrame, state: State, vehicle: str, border_h: Mapping[str, float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns `ARC_VALUES` of border arcs in a state, and which arcs the vehicle can use.

    Hours of border control in `border_h`, by crossing, replace those of the table.
    """
    edges = arcs["edge"].to_numpy()
    admission = state.admission(vehicle)
    position = admission.crossings.get_indexer(edges)
    given = np.where(position >= 0, admission.border_h[position], np.nan)
    for crossing, hours_given in check_hours(state.net, "border_h", border_h).items():
        given[edges == crossing] = hours_given
    border = np.where(np.isnan(given), arcs["border_h"], given)
    estimated = arcs["border_estimated"].to_numpy() & np.isnan(given)
    usable = (position >= 0) & admission.usable[position]
    wait = np.where(position >= 0, admission.wait_h[position], np.nan)
    drive = arcs["drive_h"].to_numpy()
    hours = drive + np.nan_to_num(border) + np.nan_to_num(wait)
    estimated_h = np.where(estimated, np.nan_to_num(border) + np.nan_to_num(wait), 0.0)
    estimated_h += np.where(arcs["drive_estimated"], drive, 0.0)
    seconds = np.maximum(1, np.rint(hours * 3600))
    return np.column_stack([seconds, drive, border, wait, arcs["length_km"], estimated_h]), usable


def usable_days(run: States, vehicle: str, crossings: Sequence[str], *, if_open: bool = False) -> np.ndarray:
    """Return on which days a vehicle can use crossings, or could if they were open: crossings by days."""
    admitted = [state.admission(vehicle) for state in run.states]
    at = admitted[0].crossings.get_indexer(list(crossings))
    usable = np.array([one.takes if if_open else one.usable for one in admitted])[run.which].T[at]
    return np.asarray(usable & (at >= 0)[:, None])


def crossing_arcs(
    net: Network, state: State, vehicle: str, *, border_h: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the border arcs that a vehicle can use in a state, control and expected wait included."""
    arcs = border_arcs(net, vehicle)
    values, usable = price_crossings(arcs, state, vehicle, border_h)
    priced = arcs.assign(**dict(zip(ARC_VALUES, values.T, strict=True))).astype({"seconds": np.int64})
    return priced.loc[usable, list(ARC_COLUMNS)].reset_index(drop=True)
