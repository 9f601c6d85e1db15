"""Crossings and roads that a scenario adds: a new network with the rows laid over the base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from amurgeo.dataset.reading import lay_over
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.tables import Network


class NewRoad(BaseModel):
    """A road that a scenario adds."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

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


class NewCrossing(BaseModel):
    """A crossing that a scenario adds between the terminals of a checkpoint; it works all year."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    kind: Literal["crossing"]
    """Always ``crossing``."""
    checkpoint: str
    """Checkpoint id."""
    mode: Literal["bridge", "ferry", "hovercraft", "pontoon", "ice_road", "cableway", "road"]
    """Mode."""
    length_km: float = Field(gt=0, le=300, allow_inf_nan=False)
    """Length in kilometres."""
    travel_min: float = Field(ge=0, le=600, allow_inf_nan=False)
    """Minutes under way."""
    admits: tuple[str, ...] = Field(min_length=1)
    """Vehicles that it takes."""
    max_mass_t: float | None = Field(None, gt=0, le=500, allow_inf_nan=False)
    """Gross mass in tonnes of the heaviest vehicle admitted."""
    border_h: float = Field(6.5, ge=0, le=500, allow_inf_nan=False)
    """Hours of control of both sides."""
    wait_h: float = Field(0.0, ge=0, le=500, allow_inf_nan=False)
    """Hours of waiting."""

    @property
    def id(self) -> str:
        """Id of the crossing: checkpoint and mode."""
        return f"{self.checkpoint}:{self.mode}"


class _Change(Protocol):
    @property
    def add(self) -> NewRoad | NewCrossing | None: ...
    @property
    def by(self) -> str: ...


class _Scenario(Protocol):
    """Anything with changes, such as `amurgeo.Scenario`."""

    @property
    def name(self) -> str: ...
    @property
    def changes(self) -> Sequence[_Change]: ...


def with_additions(net: Network, scenario: _Scenario) -> Network:
    """Return the network with what a scenario adds; the same network when it adds nothing.

    Parameters
    ----------
    net
        The network.
    scenario
        The scenario.

    Raises
    ------
    InputError
        When an addition names a place, checkpoint or vehicle that there is not, joins the two banks by an
        ordinary road, or repeats a crossing that there is.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> with_additions(net, ag.Scenario("none")) is net
    True
    """
    adds = [change for change in scenario.changes if change.add is not None]
    if not adds:
        return net
    own: dict[str, list[dict[str, Any]]] = {"roads": [], "crossings": [], "services": []}
    for change in adds:
        try:
            if isinstance(change.add, NewRoad):
                own["roads"].append(_road(net, change.add))
            elif isinstance(change.add, NewCrossing):
                crossing, services = _crossing(net, change.add)
                own["crossings"].append(crossing)
                own["services"].extend(services)
        except InputError as error:
            raise InputError(f"scenario '{change.by or scenario.name}', key 'add': {error}") from None
    keys = {"roads": ["id"], "crossings": ["id"], "services": ["crossing", "traffic"]}
    frames = {
        name: pd.DataFrame(rows).set_index(keys[name]).reindex(columns=net.base[name].columns)
        for name, rows in own.items()
        if rows
    }
    frames = {name: frame.astype(net.base[name].dtypes.to_dict()) for name, frame in frames.items()}
    return Network(lay_over(net.base, frames), own=net.own)


def _road(net: Network, new: NewRoad) -> dict[str, Any]:
    start, end = net.find(new.start), net.find(new.end)
    if start == end:
        raise InputError(f"the road joins '{new.start}' to itself; name two places")
    countries = set(net.nodes["country"].reindex([start, end]))
    if len(countries) > 1:
        raise InputError(
            f"'{new.start}' and '{new.end}' lie on two banks; add a crossing at a checkpoint instead"
        )
    return estimated_road(
        f"{start}--{end}:added",
        start,
        end,
        length_km=new.length_km,
        road_class=new.road_class,
        surface=new.surface,
    )


def estimated_road(
    id_: str, start: str, end: str, *, length_km: float, road_class: str, surface: str, ref: str = ""
) -> dict[str, Any]:
    """Return the row of a road that no source tells of, open all year and free of toll."""
    return {
        "id": id_,
        "from": start,
        "to": end,
        "ref": ref,
        "name": "",
        "class": road_class,
        "surface": surface,
        "length_km": length_km,
        "length_source": "estimated",
        "season": "",
        "toll": False,
        "bends": "",
        "used_pairs": (),
        "source": "estimate",
        "source_date": "",
        "confidence": "estimated",
        "note": "",
    }


def _crossing(net: Network, new: NewCrossing) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    tables = net.base
    if new.checkpoint not in tables["checkpoints"].index:
        raise unknown_name_error("checkpoint", new.checkpoint, tables["checkpoints"].index)
    id_ = new.id
    if id_ in tables["crossings"].index:
        raise InputError(f"'{id_}' is there already; open it with open = true, or add another mode")
    terminals = (
        tables["terminals"].query("checkpoint == @new.checkpoint").reset_index().set_index("country")["id"]
    )
    said = {"source": "estimate", "source_date": "", "confidence": "estimated", "note": ""}
    crossing = {
        "id": id_,
        "checkpoint": new.checkpoint,
        "mode": new.mode,
        "from": terminals["RU"],
        "to": terminals["CN"],
        "length_km": new.length_km,
        "travel_min": new.travel_min,
        "travel_confidence": "estimated",
        **said,
    }
    vehicles = tables["vehicles"]["traffic"]
    for vehicle in new.admits:
        if vehicle not in vehicles.index:
            raise unknown_name_error("vehicle", vehicle, vehicles.index)
    services = [
        {
            "crossing": id_,
            "traffic": traffic,
            "regular": True,
            "all_year": True,
            "limited": "",
            "max_mass_t": float("nan") if new.max_mass_t is None else new.max_mass_t,
            "admits": tuple(vehicle for vehicle in new.admits if vehicles[vehicle] == traffic),
            "border_h_out": new.border_h,
            "border_h_in": new.border_h,
            "wait_h": new.wait_h,
            "times_confidence": "estimated",
            "times_source": "estimate",
            "times_note": "",
            **said,
        }
        for traffic in dict.fromkeys(vehicles[vehicle] for vehicle in new.admits)
    ]
    return crossing, services
