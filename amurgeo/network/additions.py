"""Crossings and roads that a scenario adds: a new network with the rows laid over the base."""

from __future__ import annotations

from typing import Any

import pandas as pd

from amurgeo.dataset.reading import lay_over
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network import Network
from amurgeo.scenario import Change, NewCrossing, NewRoad, Scenario


def with_additions(net: Network, scenario: Scenario) -> Network:
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
    >>> from amurgeo.scenario import as_scenario
    >>> with_additions(ag.load(), as_scenario("frozen")) is not None
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
            raise InputError(f"scenario '{_by(change, scenario)}', key 'add': {error}") from None
    keys = {"roads": ["id"], "crossings": ["id"], "services": ["crossing", "traffic"]}
    frames = {
        name: pd.DataFrame(rows).set_index(keys[name]).reindex(columns=net.base[name].columns)
        for name, rows in own.items()
        if rows
    }
    frames = {name: frame.astype(net.base[name].dtypes.to_dict()) for name, frame in frames.items()}
    return Network(lay_over(net.base, frames), own=net.own)


def _by(change: Change, scenario: Scenario) -> str:
    return change.by or scenario.name


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
