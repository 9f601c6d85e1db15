"""Every key of a scenario changes some answer, from a file, on one line and in Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from subset import answers

import amurgeo as ag
from amurgeo.scenario import Change, NewCrossing, NewRoad, as_scenario
from amurgeo.scenario.model import ScenarioFile

BRIDGE, ICE = {"crossing": "kani_kurgan:bridge"}, {"crossing": "poyarkovo:ice_road"}
CABLE = {"kind": "crossing", "checkpoint": "poyarkovo", "mode": "bridge", "length_km": 3, "travel_min": 5,
         "admits": ["truck_20t"]}  # fmt: skip
ROAD = {"kind": "road", "from": "belogorsk", "to": "kani_kurgan", "length_km": 30}
#: Keys of a change: a change without it (or none, if it would be none), and the values that it adds.
CHANGES: dict[str, tuple[dict[str, Any] | None, dict[str, Any]]] = {
    "crossing": (None, {"crossing": "kani_kurgan:bridge", "close": True}),
    "checkpoint": (None, {"checkpoint": "kani_kurgan", "close": True}),
    "mode": (None, {"mode": "bridge", "close": True}),
    "road": (None, {"road": "kani_kurgan--kani_kurgan_ru", "close": True}),
    "vehicle": (None, {"vehicle": "truck_20t", "speed_factor": 0.5}),
    "road_class": ({"vehicle": "truck_20t", "speed_factor": 0.5}, {"road_class": "secondary"}),
    "traffic": ({**BRIDGE, "close": True}, {"traffic": "passenger"}),
    "days": ({**BRIDGE, "close": True}, {"days": "2026-07-01..2026-07-31"}),
    "known_days": ({**BRIDGE, "close": True, "days": "2026-02-20..2026-02-24"}, {"known_days": 9}),
    "open": (None, {"crossing": "blagoveshchensk:ice_road", "open": True}),
    "like": ({"crossing": "blagoveshchensk:ice_road", "open": True}, {"like": "poyarkovo:ice_road"}),
    "close": (None, {**BRIDGE, "close": True}),
    "delay_days": (None, {"mode": "ice_road", "delay_days": 21}),
    "limit_t": (None, {**BRIDGE, "limit_t": 10}),
    "capacity_share": (None, {**BRIDGE, "capacity_share": 0.5}),
    "wait_h": (None, {**BRIDGE, "wait_h": 30}),
    "border_h": (None, {**BRIDGE, "border_h": 30}),
    "speed_factor": (None, {"vehicle": "truck_20t", "speed_factor": 0.5}),
    "speed_kmh": (None, {"vehicle": "truck_20t", "speed_kmh": 20}),
    "warming_c": (None, {"warming_c": 4}),
    "add": (None, {"add": ROAD}),
}
#: Keys of an added crossing or road: those of the definition without it, and other values.
ADDITIONS: dict[type, tuple[dict[str, Any], dict[str, Any]]] = {
    NewRoad: (
        ROAD,
        {"start": {"from": "zeya"}, "end": {"to": "poyarkovo"}, "length_km": {"length_km": 300},
         "road_class": {"class": "street"}, "surface": {"surface": "gravel"}},
    ),
    NewCrossing: (
        CABLE,
        {"checkpoint": {"checkpoint": "blagoveshchensk"}, "mode": {"mode": "cableway"},
         "length_km": {"length_km": 30}, "travel_min": {"travel_min": 90}, "admits": {"admits": ["car"]},
         "max_mass_t": {"max_mass_t": 5}, "border_h": {"border_h": 1}, "wait_h": {"wait_h": 9}},
    ),
}  # fmt: skip
#: Keys of a scenario file: the file without it, and with it.
FILES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "name": ({"name": "one"}, {"name": "two"}),
    "title": ({"name": "one"}, {"title": "The first"}),
    "base": ({"name": "one"}, {"base": "no_bridge"}),
    "regime": ({"name": "one", "day": "07-15"}, {"regime": "frozen"}),
    "day": ({"name": "one"}, {"day": "07-15"}),
    "world": ({"name": "one"}, {"world": 2015}),
    "assume": ({"name": "one"}, {"assume": "open"}),
    "change": ({"name": "one"}, {"change": [{**BRIDGE, "close": True}]}),
}
#: Keys that change no answer, each with the reason.
SHOWN = {
    "description": "text for readers of the file",
    "kind": "tells an added road from a crossing",
    "by": "set by the package, no key of a file",
}


def _differ(net: ag.Network, one: Any, two: Any) -> str | None:
    for (name, first), (_, second) in zip(answers(net, one), answers(net, two), strict=True):
        if json.dumps(first, default=str) != json.dumps(second, default=str):
            return name
    return None


def test_every_key_has_a_case() -> None:
    assert set(Change.model_fields) == {*CHANGES, "by"}
    for definition, (_, others) in ADDITIONS.items():
        assert set(definition.model_fields) == {*others, "kind"}  # type: ignore[attr-defined]
    assert set(ScenarioFile.model_fields) == {*FILES, "description"}


CASES = [
    *(
        (f"change.{key}", [base] if base else [], [{**(base or {}), **more}])
        for key, (base, more) in CHANGES.items()
    ),
    *(
        (f"{definition.__name__}.{key}", [{"add": base}], [{"add": base | more}])
        for definition, (base, others) in ADDITIONS.items()
        for key, more in others.items()
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("key", "without", "with_it"), CASES, ids=[case[0] for case in CASES])
def test_a_key_of_a_change_acts(
    key: str, without: list[Any], with_it: list[Any], net: ag.Network, tmp_path: Path
) -> None:
    one, two = (ag.Scenario("x", changes=changes) for changes in (without, with_it))
    assert ag.Scenario.from_toml(_written(two, tmp_path)) == two
    (change,) = two.changes
    if change.add is None and change.like is None:
        assert as_scenario(str(change)).changes == two.changes
    assert _differ(net, one, two) is not None


def _written(scenario: ag.Scenario, folder: Path) -> Path:
    scenario.to_toml(folder / "x.toml")
    return folder / "x.toml"


@pytest.mark.slow
@pytest.mark.parametrize("key", FILES)
def test_a_key_of_a_file_acts(key: str, net: ag.Network) -> None:
    base, more = FILES[key]
    one, two = (ag.Scenario.from_dict(content, folder=net.folder) for content in (base, base | more))
    assert _differ(net, one, two) is not None
