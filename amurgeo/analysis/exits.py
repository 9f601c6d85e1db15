"""International exits of a place, to China or by sea, and the dependence on those to China."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import OBLAST, vehicle_row
from amurgeo.network.snapping import locate
from amurgeo.routing.costs import TRANSFER_H, arc_costs
from amurgeo.routing.engine import ShortestPaths, VehicleNetwork, vehicle_network
from amurgeo.text import translate

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: Columns of ``Exits.frame``.
COLUMNS = ("kind", "crossing", "status", "reason", "length_km", "hours", "cost_rub", "estimated_share")


@dataclass(frozen=True)
class Exits:
    """The exits of one place on one day.

    Attributes
    ----------
    origin
        Place id.
    state
        What was open.
    vehicle
        Id of the vehicle.
    frame
        One row per exit, the usable ones first, by hours: kind (china or sea), crossing, status, reason,
        length_km, hours (to the far bank, control and wait included; to the port), cost_rub, estimated_share.
    dependence
        Three numbers with their definitions and ranges.
    """

    origin: str
    state: State
    vehicle: str
    frame: pd.DataFrame
    dependence: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        rows = []
        for id_, row in self.frame.iterrows():
            plain = {name: None if value is None or value != value else value for name, value in row.items()}
            rows.append({"id": id_, **plain})
        return {
            "origin": self.origin,
            "on": self.state.on.isoformat(),
            "vehicle": self.vehicle,
            "scenario": self.state.scenario.name,
            "exits": rows,
            "dependence": self.dependence,
            "record_until": self.state.record_until.isoformat(),
        }


def exits(
    net: Network,
    place: str,
    *,
    on: date | str | None = None,
    vehicle: str = "truck_20t",
    scenario: Scenario | str | None = None,
    lang: str = "en",
) -> Exits:
    """List the international exits of a place by road or rail, to China or by sea.

    Parameters
    ----------
    net
        The network.
    place
        A place in Russia, by name, or a point as ``"50.45,127.62"``.
    on
        The day; may be left out when the scenario has one of its own.
    vehicle
        Id of the vehicle; ``train`` leaves by rail.
    scenario
        Scenario, name or file.
    lang
        Language of the definitions.

    Raises
    ------
    InputError
        For an unknown place, vehicle or scenario, a place in China, or an impossible day.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.exits(ag.load(), "Blagoveshchensk", on="2018-11-10")
    >>> found.frame.loc["kani_kurgan:bridge", "status"]
    'closed'
    """
    net, start, _ = locate(net, place)
    if net.nodes.at[start, "country"] != "RU":
        raise InputError(f"the place is invalid: '{place}' is in China; expected a place in Russia")
    state = net.state(on, scenario=scenario)
    rows = [*_to_china(state, vehicle, start), *_to_sea(state, vehicle, start)]
    frame = pd.DataFrame(rows, columns=["id", *COLUMNS])
    frame["closed"] = frame["status"] == "closed"
    frame = (
        frame.sort_values(["closed", "hours", "length_km"], na_position="last")
        .drop(columns="closed")
        .set_index("id")
    )
    return Exits(start, state, vehicle, frame, dependence(state.net, state, frame, lang=lang))


def _land_paths(network: VehicleNetwork, state: State, start: str) -> tuple[int, ShortestPaths, np.ndarray]:
    """Return the node of a place, paths over land from it, and the values of the border crossings."""
    costs, values = network.price(state)
    costs[: network.graph.n_border] = np.inf
    (origin,) = network.nodes([start]).tolist()
    return origin, ShortestPaths(network.graph, network.graph.all_seconds(costs), [origin]), values


def _to_china(state: State, vehicle: str, start: str) -> Iterator[dict[str, Any]]:
    """Yield the crossings that admit the vehicle, open or closed."""
    network = vehicle_network(state.net, vehicle)
    origin, paths, values = _land_paths(network, state, start)
    admitted = state.admitted(vehicle)
    status = state.crossings["status"].xs(vehicle_row(state.net, vehicle)["traffic"], level="traffic")
    country = state.net.nodes["country"].reindex(network.border["tail"])
    outward = network.border["edge"][(country == "RU").to_numpy()]
    for arc, crossing in outward[outward.isin(admitted.index[admitted["admits"]])].items():
        number = network.graph.n_static + arc
        path = paths.arcs(origin, int(network.graph.tail[number]))
        if path:
            usable = admitted.at[crossing, "usable"]
            arcs = network.rows([*path, number], values)
            yield {
                "id": crossing,
                "kind": "china",
                "crossing": crossing,
                "status": status[crossing] if usable else "closed",
                "reason": admitted.at[crossing, "reason"],
                **_sums(state.net, vehicle, arcs, hours_known=usable),
            }


def _to_sea(state: State, vehicle: str, start: str) -> Iterator[dict[str, Any]]:
    """Yield the seaports that the vehicle can reach; by rail the cargo is transferred there."""
    network = vehicle_network(state.net, vehicle)
    origin, paths, values = _land_paths(network, state, start)
    transfer_h = TRANSFER_H if vehicle == "train" else 0.0
    for port, row in state.net.base["ports"].iterrows():
        by_rail = vehicle == "train" and row["station"] in network.names
        (node,) = network.nodes([row["station"] if by_rail else row["place"]]).tolist()
        path = paths.arcs(origin, node) if node >= 0 else []
        if path or node == origin:
            yield {
                "id": port,
                "kind": "sea",
                "crossing": None,
                "status": "open",
                "reason": "in_season",
                **_sums(state.net, vehicle, network.rows(path, values), transfer_h=transfer_h),
            }


def _sums(
    net: Network, vehicle: str, arcs: pd.DataFrame, *, transfer_h: float = 0.0, hours_known: bool = True
) -> dict[str, Any]:
    """Return length, hours, cost and estimated share of a route."""
    hours = float(arcs["seconds"].sum()) / 3600.0 + transfer_h
    estimated_h = float(arcs["estimated_h"].sum()) + transfer_h
    cost = arc_costs(net, vehicle, arcs)["cost_rub"]
    return {
        "length_km": round(float(arcs["length_km"].sum()), 1),
        "hours": round(hours, 2) if hours_known else None,
        "cost_rub": None if cost.isna().any() else round(float(cost.sum())),
        "estimated_share": round(min(1.0, estimated_h / hours), 3) if hours else 0.0,
    }


def dependence(net: Network, state: State, frame: pd.DataFrame, *, lang: str = "en") -> dict[str, Any]:
    """Return three measures of the oblast's dependence on exits to China, with their ranges.

    Parameters
    ----------
    net
        The network.
    state
        State of the crossings.
    frame
        The exits, as in ``Exits.frame``.
    lang
        Language of the definitions.

    Returns
    -------
    dict
        ``share_of_exits``, ``share_of_tonnage`` and ``cost_of_avoiding``; each with its definition, a
        value, a range and the part that is estimated.
    """
    region = net.base["checkpoints"]["region"]
    checkpoint = net.base["crossings"]["checkpoint"]
    reasons = state.crossings["reason"].groupby(level="crossing").agg(set)
    exists = [crossing for crossing, of in reasons.items() if of not in ({"not_yet_open"}, {"retired"})]
    checkpoints = {checkpoint[crossing] for crossing in exists if region[checkpoint[crossing]] == OBLAST}
    if state.scenario.world:
        paper = net.base["checkpoints"]["paper_role"]
        checkpoints |= set(paper.index[paper != ""])
    usable = frame[frame["status"] != "closed"].sort_values("hours")
    china, sea = usable[usable["kind"] == "china"], usable[usable["kind"] == "sea"]
    reachable = round(len(china) / len(usable), 3) if len(usable) else None
    whole = 1.0 if checkpoints else None
    by_china, by_all = _tonnage(net, reasons)
    extra: dict[str, float | None] = {"hours": None, "rub": None}
    spread: list[float | None] = [None, None]
    if len(china) and len(sea):
        extra["hours"] = round(float(sea["hours"].iloc[0] - china["hours"].iloc[0]), 2)
        cost_rub = float(pd.to_numeric(sea["cost_rub"]).iloc[0] - pd.to_numeric(china["cost_rub"]).iloc[0])
        extra["rub"] = None if np.isnan(cost_rub) else round(cost_rub)
        differences = np.subtract.outer(sea["hours"].to_numpy(float), china["hours"].to_numpy(float)[:3])
        spread = [round(float(differences.min()), 2), round(float(differences.max()), 2)]
    return {
        "share_of_exits": {
            "value": whole,
            "range": [reachable, whole],
            "own_checkpoints": sorted(checkpoints),
            "definition": translate("definition.share_of_exits", lang),
            "estimated": translate("estimated.paper" if state.scenario.world else "word.nothing", lang),
        },
        "share_of_tonnage": {
            "value": by_china,
            "range": [by_all, by_china],
            "definition": translate("definition.share_of_tonnage", lang),
            "estimated": translate("estimated.tonnage", lang),
        },
        "cost_of_avoiding": {
            "value": extra,
            "range": spread,
            "from": china.index[0] if len(china) else None,
            "to": sea.index[0] if len(sea) else None,
            "definition": translate("definition.cost_of_avoiding", lang),
            "estimated": translate("estimated.cost", lang),
        },
    }


def _tonnage(net: Network, reasons: pd.Series) -> tuple[float | None, float | None]:
    """Return the share of tonnage to China among the oblast's own exits, and among all exits."""
    flows, crossings = net.base["flows"], net.base["crossings"]
    # The yearly tonnage of a seasonal crossing is that of its season.
    seasonal = flows["exit"].isin(crossings.index[crossings["mode"].isin(["ice_road", "ferry", "pontoon"])])
    yearly = flows["tonnes"].where(seasonal, flows["tonnes"] * 12.0 / flows["months"])
    gone = reasons.index[[of <= {"not_yet_open", "retired"} for of in reasons]]
    yearly = yearly[~flows["exit"].isin(gone)]
    to_china = yearly[flows["exit"].isin(crossings.index)].sum()
    region = net.base["checkpoints"]["region"].reindex(crossings["checkpoint"])
    own = yearly[flows["exit"].isin(crossings.index[(region == OBLAST).to_numpy()])].sum()
    total = yearly.sum()
    return 1.0 if own > 0 else None, round(float(to_china / total), 3) if total else None
