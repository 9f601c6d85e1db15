"""The international exits of a place, to China or by sea, and the dependence on those to China."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import OBLAST, vehicle_row
from amurgeo.network.snapping import locate
from amurgeo.routing.costs import TRANSFER_H, arc_costs, land_arcs
from amurgeo.routing.shortest import Paths
from amurgeo.text import translate

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State


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
        raise InputError(f"'{place}' lies in China; exits are those of a place in Russia")
    row = vehicle_row(net, vehicle)
    state = net.state(on, scenario=scenario)
    net = state.net
    land = land_arcs(net, vehicle, open_seasons=state.open_seasons)
    paths = Paths(land, [start])
    rows = [
        *_to_china(net, state, vehicle, str(row["traffic"]), start, land, paths),
        *_to_sea(net, vehicle, start, land, paths),
    ]
    columns = [
        "id",
        "kind",
        "crossing",
        "status",
        "reason",
        "length_km",
        "hours",
        "cost_rub",
        "estimated_share",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame["closed"] = frame["status"] == "closed"
    frame = (
        frame.sort_values(["closed", "hours", "length_km"], na_position="last")
        .drop(columns="closed")
        .set_index("id")
    )
    return Exits(start, state, vehicle, frame, dependence(net, state, frame, lang=lang))


def _to_china(
    net: Network, state: State, vehicle: str, traffic: str, start: str, land: pd.DataFrame, paths: Paths
) -> list[tuple[Any, ...]]:
    crossings, services = net.base["crossings"], net.base["services"]
    admitted = state.admitted(vehicle)
    here = net.nodes.at[start, "country"]
    rows = []
    for crossing, own in admitted.iterrows():
        if vehicle not in services.at[(crossing, traffic), "admits"] or here != "RU":
            continue
        table, service = crossings.loc[crossing], services.loc[(crossing, traffic)]
        way = land.iloc[paths.rows(start, table["from"])]
        if way.empty:
            continue
        drive = table["travel_min"] / 60.0
        border = np.nan_to_num([service["border_h_out"], own["wait_h"]]).sum()
        hours = way["seconds"].sum() / 3600.0 + drive + border
        guessed = way["estimated_h"].sum() + (border if service["times_confidence"] == "estimated" else 0.0)
        arcs = pd.concat(
            [
                way,
                pd.DataFrame(
                    {
                        "edge": [crossing],
                        "tail": [table["from"]],
                        "head": [table["to"]],
                        "length_km": [table["length_km"]],
                    }
                ),
            ]
        )
        status = state.crossings.at[(crossing, traffic), "status"] if own["usable"] else "closed"
        rows.append(
            (
                crossing,
                "china",
                crossing,
                status,
                own["reason"],
                round(float(arcs["length_km"].sum()), 1),
                round(float(hours), 2) if own["usable"] else None,
                _rubles(net, vehicle, arcs),
                round(min(1.0, guessed / hours), 3),
            )
        )
    return rows


def _to_sea(
    net: Network, vehicle: str, start: str, land: pd.DataFrame, paths: Paths
) -> list[tuple[Any, ...]]:
    rows = []
    nodes = net.nodes.index
    for port, row in net.base["ports"].iterrows():
        node = row["station"] if vehicle == "train" and row["station"] in nodes else row["place"]
        way = land.iloc[paths.rows(start, node)]
        if way.empty and node != start:
            continue
        hours = way["seconds"].sum() / 3600.0 + (TRANSFER_H if vehicle == "train" else 0.0)
        guessed = way["estimated_h"].sum() + (TRANSFER_H if vehicle == "train" else 0.0)
        share = round(min(1.0, guessed / hours), 3) if hours else 0.0
        rows.append(
            (
                port,
                "sea",
                None,
                "open",
                "in_season",
                round(float(way["length_km"].sum()), 1),
                round(float(hours), 2),
                _rubles(net, vehicle, way),
                share,
            )
        )
    return rows


def _rubles(net: Network, vehicle: str, arcs: pd.DataFrame) -> int | None:
    cost = arc_costs(net, vehicle, arcs)["cost_rub"]
    return None if cost.isna().any() else round(float(cost.sum()))


def dependence(net: Network, state: State, frame: pd.DataFrame, *, lang: str = "en") -> dict[str, Any]:
    """Say how far the oblast depends on exits to China, in three numbers with their ranges.

    Parameters
    ----------
    net
        The network.
    state
        What is open.
    frame
        The exits, as `exits` lists them.
    lang
        Language of the definitions.

    Returns
    -------
    dict
        ``share_of_exits``, ``share_of_tonnage`` and ``cost_of_avoiding``; each with its definition, a
        value, a range and what in it is estimated.
    """
    usable = frame[frame["status"] != "closed"]
    region = net.base["checkpoints"]["region"]
    checkpoint = net.base["crossings"]["checkpoint"]
    exists = [
        crossing
        for crossing in dict.fromkeys(state.crossings.index.get_level_values("crossing"))
        if (state.crossings.loc[crossing, "reason"] != "not_yet_open").any()
        and (state.crossings.loc[crossing, "reason"] != "retired").any()
    ]
    own = {checkpoint[crossing] for crossing in exists if region[checkpoint[crossing]] == OBLAST}
    if state.scenario.world:
        paper = net.base["checkpoints"]
        own |= set(paper.index[paper["paper_role"] != ""])
    china, sea = usable[usable["kind"] == "china"], usable[usable["kind"] == "sea"]
    reachable = len(china) / len(usable) if len(usable) else None
    tonnage = _tonnage(net, state)
    best = {
        kind: rows.sort_values("hours").iloc[0] if len(rows) else None
        for kind, rows in (("china", china), ("sea", sea))
    }
    extra_h = extra_rub = None
    by_china, by_sea = best["china"], best["sea"]
    if by_china is not None and by_sea is not None:
        extra_h = round(float(by_sea["hours"] - by_china["hours"]), 2)
        costs = [way["cost_rub"] for way in (by_sea, by_china)]
        extra_rub = (
            None if any(cost is None or cost != cost for cost in costs) else round(float(costs[0] - costs[1]))
        )
    spread = (
        sorted(float(a - b) for a in sea["hours"] for b in china["hours"].nsmallest(3))
        if len(china) and len(sea)
        else []
    )
    return {
        "share_of_exits": {
            "value": 1.0 if own else None,
            "range": [round(reachable, 3) if reachable is not None else None, 1.0 if own else None],
            "own_checkpoints": sorted(own),
            "definition": translate("definition.share_of_exits", lang),
            "estimated": translate("estimated.paper" if state.scenario.world else "word.nothing", lang),
        },
        "share_of_tonnage": {
            "value": tonnage["own"],
            "range": [tonnage["all"], tonnage["own"]],
            "definition": translate("definition.share_of_tonnage", lang),
            "estimated": translate("estimated.tonnage", lang),
        },
        "cost_of_avoiding": {
            "value": {"hours": extra_h, "rub": extra_rub},
            "range": [round(spread[0], 2), round(spread[-1], 2)] if spread else [None, None],
            "from": None if best["china"] is None else best["china"].name,
            "to": None if best["sea"] is None else best["sea"].name,
            "definition": translate("definition.cost_of_avoiding", lang),
            "estimated": translate("estimated.cost", lang),
        },
    }


def _tonnage(net: Network, state: State) -> dict[str, float | None]:
    flows = net.base["flows"]
    crossings, region = net.base["crossings"]["checkpoint"], net.base["checkpoints"]["region"]
    reasons = state.crossings["reason"].groupby(level="crossing").agg(set)
    yearly = flows["tonnes"] * 12.0 / flows["months"]
    seasonal = flows["exit"].isin(
        crossings.index[net.base["crossings"]["mode"].isin(["ice_road", "ferry", "pontoon"])]
    )
    yearly = yearly.where(~seasonal, flows["tonnes"])
    alive = np.array(
        [
            exit_ not in reasons.index or not reasons[exit_] <= {"not_yet_open", "retired"}
            for exit_ in flows["exit"]
        ],
        dtype=bool,
    )
    to_china = flows["exit"].isin(crossings.index).to_numpy()
    own = np.array(
        [exit_ in crossings.index and region[crossings[exit_]] == OBLAST for exit_ in flows["exit"]],
        dtype=bool,
    )
    every = float(yearly[alive].sum())
    return {
        "own": 1.0 if float(yearly[alive & own].sum()) > 0 else None,
        "all": round(float(yearly[alive & to_china].sum()) / every, 3) if every else None,
    }
