"""Exits of a place, over the border or by sea, and the dependence on those over the border."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import goes_by_rail, vehicle_id, vehicle_row
from amurgeo.network.snapping import Place, locate
from amurgeo.results import Result
from amurgeo.routing.costs import TRANSFER_H
from amurgeo.routing.engine import ShortestPaths
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.money import COST_COLUMNS, total_cost
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import translate

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network
    from amurgeo.scenario import ScenarioLike
    from amurgeo.seasons.state import State

#: Columns of ``Exits.frame``; ``cost`` is named by the currency, for instance ``cost_rub``.
COLUMNS = (
    "kind", "crossing", "status", "reason", "length_km", "hours", *COST_COLUMNS, "estimated_share",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Exits(Result):
    """The exits of one place on one day.

    Attributes
    ----------
    origin
        Place id.
    state
        State of the crossings.
    vehicle
        Id of the vehicle.
    frame
        One row per exit, usable ones first, by hours: kind (id of the far side, or sea), crossing, status,
        reason, length_km, hours (over the border, control and wait included; or to the port), cost (as
        ``cost_rub``) and estimated_share.
    dependence
        Three measures with their definitions and ranges.
    """

    origin: str
    state: State
    vehicle: str
    frame: pd.DataFrame
    dependence: dict[str, Any]

    def __repr__(self) -> str:
        n_usable = int(counts_as_open(self.frame["status"]).sum())
        counts = f"{n_usable} of {len(self.frame)} usable"
        return f"Exits({self.origin}, {self.state.on.isoformat()}, {self.vehicle}: {counts})"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Crossings whose status is unknown, and which count as closed."""
        return tuple(self.frame.index[self.frame["status"] == "unknown"])

    def to_frame(self) -> pd.DataFrame:
        """Return ``frame`` with the id of the exit as a column."""
        return self.frame.reset_index()

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return `to_frame` with points as a GeoDataFrame in EPSG:4326.

        Returns
        -------
        GeoDataFrame
            ``geometry`` is the near end of the crossing, or the place of the port.
        """
        import geopandas as gpd

        tables, points = self.state.net.base, self.state.net.places.geometry
        places = pd.concat([tables["crossings"]["from"], tables["ports"]["place"]])
        at = points.reindex(places.reindex(self.frame.index)).to_numpy()
        return gpd.GeoDataFrame(self.to_frame(), geometry=at, crs=points.crs)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        rows = self.frame.reset_index().astype(object)
        return {
            "origin": self.origin,
            "on": self.state.on.isoformat(),
            "vehicle": self.vehicle,
            "scenario": self.state.scenario.name,
            "exits": rows.where(rows.notna(), None).to_dict("records"),
            "dependence": self.dependence,
            "unknown": list(self.unknown),
            "record_until": self.state.record_until.isoformat(),
        }


def exits(
    net: Network,
    place: Place,
    *,
    on: date | str | None = None,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    assume: str | None = None,
    lang: str = "en",
) -> Exits:
    """Return the exits of a place by road or rail, over the border or by sea.

    Parameters
    ----------
    net
        The network.
    place
        A place on the home side, by name, or a point as ``"50.45,127.62"``.
    on
        The date; optional if the scenario has a date of its own.
    vehicle
        Id of the vehicle, that of the dataset if omitted; a train leaves by rail.
    scenario
        Scenario, name or file.
    assume
        Status of services on days of which the record has a gap, ``"open"`` (in season) or ``"closed"``; by
        default they are ``unknown`` and count as closed.
    lang
        Language of the definitions.

    Returns
    -------
    Exits
        ``frame`` has one row per exit, ``dependence`` three measures with definitions and ranges.

    Raises
    ------
    InputError
        If a place, vehicle, scenario or date is invalid, the place is on the far side, or no service is
        unknown for `assume`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.exits(ag.load(), "Blagoveshchensk", on="2018-11-10")
    >>> found.frame.loc["kani_kurgan:bridge", "status"]
    'closed'
    """
    vehicle = vehicle_id(net, vehicle)
    net, start, _ = locate(net, place)
    if net.nodes.at[start, "side"] != "home":
        raise InputError(
            f"the place is invalid: '{place}' is on the far side; expected a place on the home side"
        )
    state = net.state(on, scenario=scenario, assume=assume)
    rows = pd.DataFrame(_exits(state, vehicle, start), columns=["id", *COLUMNS]).set_index("id")
    rows = rows.rename(columns={"cost": net.border.cost})
    # Closed exits have no hours and come last.
    frame = rows.sort_values(["hours", "length_km"], na_position="last")
    return Exits(start, state, vehicle, frame, _dependence(state, frame, lang))


def _exits(state: State, vehicle: str, start: str) -> Iterator[tuple[Any, ...]]:
    """Yield the crossings that admit the vehicle, open or closed, and the seaports that it can reach."""
    net, state_graph = state.net, StateGraph(state, vehicle)
    network, graph, border = state_graph.network, state_graph.graph, state_graph.network.border
    (origin,) = network.nodes([start]).tolist()
    paths = ShortestPaths(graph, state_graph.land_seconds, [origin])
    admitted = state.admitted(vehicle)
    status = state.crossings["status"].xs(vehicle_row(net, vehicle)["traffic"], level="traffic")
    outward = (net.nodes["side"].reindex(border["tail"]) == "home").to_numpy()
    for arc, crossing in border.loc[outward, "edge"].items():
        path = paths.arcs(origin, int(graph.tail[graph.n_static + arc]))
        if path and admitted.at[crossing, "admits"]:
            usable = admitted.at[crossing, "usable"]
            arcs = state_graph.rows([*path, graph.n_static + arc])
            # Unlike in routes, the drive over the border does not count as estimated.
            arcs.loc[len(path), "estimated_h"] -= (
                border.at[arc, "drive_h"] * border.at[arc, "drive_estimated"]
            )
            sums = _sums(net, vehicle, arcs, usable=usable)
            shown = status[crossing] if usable or status[crossing] == "unknown" else "closed"
            yield crossing, net.border.far.id, crossing, shown, admitted.at[crossing, "reason"], *sums
    by_rail = goes_by_rail(net, vehicle)
    for port, row in net.base["ports"].iterrows():
        to_station = by_rail and row["station"] in network.names
        (node,) = network.nodes([row["station"] if to_station else row["place"]]).tolist()
        path = paths.arcs(origin, node) if node >= 0 else []
        if path or node == origin:
            transfer_h = TRANSFER_H if by_rail else 0.0
            charge = f"port:{port}"
            sums = _sums(net, vehicle, state_graph.rows(path), transfer_h=transfer_h, missing=(charge,))
            yield port, "sea", None, "open", "in_season", *sums


def _sums(
    net: Network,
    vehicle: str,
    arcs: pd.DataFrame,
    *,
    transfer_h: float = 0.0,
    usable: bool = True,
    missing: tuple[str, ...] = (),
) -> tuple[Any, ...]:
    """Return length, hours (None if closed), the values of `total_cost` and the estimated share."""
    hours = float(arcs["seconds"].sum()) / 3600.0 + transfer_h
    estimated_h = float(arcs["estimated_h"].sum()) + transfer_h
    return (
        round(float(arcs["length_km"].sum()), 1),
        round(hours, 2) if usable else None,
        *total_cost(net, vehicle, arcs, missing=missing).values(),
        round(min(1.0, estimated_h / hours), 3) if hours else 0.0,
    )


def _dependence(state: State, frame: pd.DataFrame, lang: str) -> dict[str, Any]:
    """Return three measures of the home side's dependence on exits over the border, with their ranges."""
    net = state.net
    region = net.base["checkpoints"]["region"]
    checkpoint = net.base["crossings"]["checkpoint"]
    reasons = state.crossings["reason"].groupby(level="crossing").agg(set)
    exists = [crossing for crossing, of in reasons.items() if of not in ({"not_yet_open"}, {"retired"})]
    checkpoints = {
        checkpoint[crossing] for crossing in exists if region[checkpoint[crossing]] in net.border.home.regions
    }
    if state.scenario.world:
        paper = net.base["checkpoints"]["paper_role"]
        checkpoints |= set(paper.index[paper != ""])
    usable = frame[counts_as_open(frame["status"])].sort_values("hours")
    sea = usable[usable["kind"] == "sea"]
    over = usable[usable["kind"] != "sea"]
    reachable = round(len(over) / len(usable), 3) if len(usable) else None
    whole = 1.0 if checkpoints else None
    by_far, by_all = _tonnage(net, reasons)
    extra_h = extra_cost = lowest = highest = None
    if len(over) and len(sea):
        extra_h = round(float(sea["hours"].iloc[0] - over["hours"].iloc[0]), 2)
        costs = [pd.to_numeric(exits[net.border.cost]).iloc[0] for exits in (sea, over)]
        extra_cost = None if np.isnan(costs).any() else round(float(costs[0] - costs[1]))
        extra = np.subtract.outer(sea["hours"].to_numpy(float), over["hours"].to_numpy(float)[:3])
        lowest, highest = (round(float(hours), 2) for hours in (extra.min(), extra.max()))
    measures: dict[str, dict[str, Any]] = {
        "share_of_exits": {
            "value": whole,
            "range": [reachable, whole],
            "own_checkpoints": sorted(checkpoints),
            "estimated": "estimated.paper" if state.scenario.world else "word.nothing",
        },
        "share_of_tonnage": {
            "value": by_far,
            "range": [by_all, by_far],
            "estimated": "estimated.tonnage",
        },
        "cost_of_avoiding": {
            "value": {"hours": extra_h, net.border.currency.lower(): extra_cost},
            "range": [lowest, highest],
            "from": over.index[0] if len(over) else None,
            "to": sea.index[0] if len(sea) else None,
            "estimated": "estimated.cost",
        },
    }
    for name, measure in measures.items():
        measure["definition"] = translate(f"definition.{name}", lang)
        measure["estimated"] = translate(measure["estimated"], lang)
    return measures


def _tonnage(net: Network, reasons: pd.Series) -> tuple[float | None, float | None]:
    """Return the share of tonnage over the border among the home regions' exits, and among all exits."""
    flows, crossings = net.base["flows"], net.base["crossings"]
    # The yearly tonnage of a seasonal crossing is that of its season.
    seasonal = flows["exit"].isin(crossings.index[crossings["mode"].isin(["ice_road", "ferry", "pontoon"])])
    yearly = flows["tonnes"].where(seasonal, flows["tonnes"] * 12.0 / flows["months"])
    gone = reasons.index[[of <= {"not_yet_open", "retired"} for of in reasons]]
    yearly = yearly[~flows["exit"].isin(gone)]
    over_border = yearly[flows["exit"].isin(crossings.index)].sum()
    region = net.base["checkpoints"]["region"].reindex(crossings["checkpoint"])
    at_home = region.isin(net.border.home.regions).to_numpy()
    own = yearly[flows["exit"].isin(crossings.index[at_home])].sum()
    total = yearly.sum()
    return 1.0 if own > 0 else None, round(float(over_border / total), 3) if total else None
