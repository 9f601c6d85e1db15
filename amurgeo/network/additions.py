"""Crossings and roads that a scenario adds to a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.tables import Network

#: Provenance of rows that no source gives.
ESTIMATE = {"source": "estimate", "confidence": "estimated"}


class Definition(BaseModel):
    """A part of a scenario file: immutable, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class NewRoad(Definition):
    """A road that a scenario adds."""

    kind: Literal["road"]
    """Always ``road``."""
    start: str = Field(alias="from", min_length=1)
    """Place at one end."""
    end: str = Field(alias="to", min_length=1)
    """Place at the other end."""
    length_km: float = Field(gt=0, le=3000, allow_inf_nan=False)
    """Length in kilometres."""
    road_class: Literal["motorway", "trunk", "primary", "secondary", "street"] = Field(
        "primary", alias="class"
    )
    """Class of the road."""
    surface: Literal["asphalt", "gravel", "mixed"] = "asphalt"
    """Surface."""

    @property
    def id(self) -> str:
        """Both ends, as the user named them."""
        return f"{self.start}--{self.end}"


class NewCrossing(Definition):
    """A crossing that a scenario adds between the terminals of a checkpoint; it works all year."""

    kind: Literal["crossing"]
    """Always ``crossing``."""
    checkpoint: str
    """Checkpoint id."""
    mode: Literal["bridge", "ferry", "hovercraft", "pontoon", "ice_road", "cableway", "road"]
    """Mode."""
    length_km: float = Field(gt=0, le=300, allow_inf_nan=False)
    """Length in kilometres."""
    travel_min: float = Field(ge=0, le=600, allow_inf_nan=False)
    """Travel time in minutes."""
    admits: tuple[str, ...] = Field(min_length=1)
    """Vehicles admitted."""
    max_mass_t: float | None = Field(None, gt=0, le=500, allow_inf_nan=False)
    """Gross mass in tonnes of the heaviest vehicle admitted."""
    border_h: float = Field(6.5, ge=0, le=500, allow_inf_nan=False)
    """Hours of border control on both sides."""
    wait_h: float = Field(0.0, ge=0, le=500, allow_inf_nan=False)
    """Hours of waiting."""

    @property
    def id(self) -> str:
        """Id of the crossing: checkpoint and mode."""
        return f"{self.checkpoint}:{self.mode}"


class _Scenario(Protocol):
    """The part of a scenario that is read here; changes have ``add`` and ``by``."""

    @property
    def name(self) -> str: ...
    @property
    def changes(self) -> Sequence[Any]: ...


def with_additions(net: Network, scenario: _Scenario) -> Network:
    """Return the network with the crossings and roads that a scenario adds; the same one if it adds none."""
    additions = [change for change in scenario.changes if change.add is not None]
    if not additions:
        return net
    rows: dict[str, list[dict[str, Any]]] = {"roads": [], "crossings": [], "services": []}
    for change in additions:
        try:
            if isinstance(change.add, NewRoad):
                rows["roads"].append(_road(net, change.add))
            else:
                rows["crossings"].append(_crossing(net, change.add))
                rows["services"] += _services(net, change.add)
        except InputError as error:
            raise InputError(f"scenario '{change.by or scenario.name}', key 'add': {error}") from None
    return net.with_rows(rows)


def _road(net: Network, road: NewRoad) -> dict[str, Any]:
    start, end = net.find(road.start), net.find(road.end)
    if start == end:
        raise InputError(f"the road joins '{road.start}' to itself; expected two places")
    if net.nodes.at[start, "country"] != net.nodes.at[end, "country"]:
        raise InputError(f"'{road.start}' and '{road.end}' lie on two banks; expected a crossing instead")
    columns = road.model_dump(include={"length_km", "road_class", "surface"}, by_alias=True)
    return estimated_road(start, end, {**columns, "id": f"{start}--{end}:added"})


def estimated_road(start: str, end: str, columns: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a road that no source gives, open all year and free of toll."""
    ends = {"id": f"{start}--{end}", "from": start, "to": end, "length_source": "estimated"}
    return {**ends, **ESTIMATE, **columns}


def _crossing(net: Network, crossing: NewCrossing) -> dict[str, Any]:
    checkpoints, terminals = net.base["checkpoints"], net.base["terminals"]
    if crossing.checkpoint not in checkpoints.index:
        raise unknown_name_error("checkpoint", crossing.checkpoint, checkpoints.index)
    if crossing.id in net.base["crossings"].index:
        raise InputError(
            f"crossing '{crossing.id}' exists already; open it with open = true, or add another mode"
        )
    terminals = terminals[terminals["checkpoint"] == crossing.checkpoint]
    banks = dict(zip(terminals["side"], terminals.index, strict=True))
    return {
        **crossing.model_dump(include={"checkpoint", "mode", "length_km", "travel_min"}),
        "id": crossing.id,
        "from": banks["home"],
        "to": banks["far"],
        "travel_confidence": "estimated",
        **ESTIMATE,
    }


def _services(net: Network, crossing: NewCrossing) -> list[dict[str, Any]]:
    """Return the services of a new crossing: one for each kind of traffic that it admits."""
    vehicles = net.base["vehicles"]["traffic"]
    admitted: dict[str, tuple[str, ...]] = {}
    for vehicle in crossing.admits:
        if vehicle not in vehicles.index:
            raise unknown_name_error("vehicle", vehicle, vehicles.index)
        admitted[vehicles[vehicle]] = (*admitted.get(vehicles[vehicle], ()), vehicle)
    return [
        {
            "crossing": crossing.id,
            "traffic": traffic,
            "regular": True,
            "all_year": True,
            "max_mass_t": crossing.max_mass_t,
            "admits": admits,
            "border_h_out": crossing.border_h,
            "border_h_in": crossing.border_h,
            "wait_h": crossing.wait_h,
            "times_confidence": "estimated",
            "times_source": "estimate",
            **ESTIMATE,
        }
        for traffic, admits in admitted.items()
    ]
