"""Every parameter of every public function and method changes what is returned, written or printed."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import subset
from matplotlib.figure import Figure

import amurgeo as ag
from amurgeo.dataset.schema import geo_dir
from amurgeo.osm.reading import read_osm

DAY, MONTH, GAP = "2026-02-10", ("2026-02-08", "2026-02-11"), "2020-03-15"
PAIR = {"origin": "belogorsk", "destination": "heihe"}
ENDS = {"origins": "belogorsk", "destinations": "heihe"}
BANKS = Path(__file__).parents[1] / "osm" / "banks.osm"
TERRITORIES = Path(__file__).parents[1] / "other_border" / "northwest_territories"


class Made:
    """Things that parameters are given, made once."""

    def __init__(self, dataset: Path, other: Path) -> None:
        self.dataset, self.folder = dataset, other

    @cache  # noqa: B019
    def __call__(self, name: str) -> Any:
        return MADE[name](self)


MADE: dict[str, Callable[[Made], Any]] = {
    "dataset": lambda m: m.dataset,
    "own": lambda m: m.folder / "own",
    "other": lambda m: m.folder / "other",
    "net": lambda m: ag.load(dataset=m.dataset),
    "net2": lambda m: ag.load(dataset=m.folder / "other"),
    "state": lambda m: m("net").state(DAY),
    "july": lambda m: m("net").state("2026-07-15"),
    "states": lambda m: ag.states(m("net"), *MONTH),
    "states2": lambda m: ag.states(m("net"), "2026-07-01", "2026-07-04"),
    "routes": lambda m: ag.routes(m("net"), **PAIR, on=DAY),
    "routes2": lambda m: ag.routes(m("net"), "zeya", "heihe", on=DAY, vehicle="car"),
    "year": lambda m: ag.calendar(m("net"), 2026),
    "year2": lambda m: ag.calendar(m("net"), 2026, scenario="no_bridge"),
    "result": lambda m: ag.compare(m("net"), ["baseline", "no_bridge", "warm_2c"], on=DAY, **ENDS),
    "wide": lambda m: ag.compare(m("net"), ["baseline", "no_bridge", "warm_2c"], on=DAY),
    "months": lambda m: ag.capacity(m("net"), 2026),
    "months2": lambda m: ag.capacity(m("net"), 2026, scenario="no_bridge"),
    "curve": lambda m: ag.flows.capacity_curve(m("net"), "kani_kurgan:bridge", start=MONTH[0], end=MONTH[1]),
    "curve2": lambda m: ag.flows.capacity_curve(
        m("net"), "kani_kurgan:bridge", start=MONTH[0], end=MONTH[1], demand=1.5
    ),
    "ensemble": lambda m: ag.ensemble(m("net"), winter="2026/27", n=3, seed=1),
    "ensemble2": lambda m: ag.ensemble(m("net"), winter="2026/27", n=3, seed=2, scenario="no_bridge"),
    "ensemble3": lambda m: ag.ensemble(m("net"), start=MONTH[0], end=MONTH[1], n=3),
    "months_of": lambda m: ag.access(m("net"), 2026, places=["zeya", "belogorsk"]),
    "months_of2": lambda m: ag.access(m("net"), 2026, places=["belogorsk"]),
    "elements": lambda m: ag.criticality(m("net"), on=DAY, draws=1, **ENDS),
    "elements2": lambda m: ag.criticality(m("net"), on=DAY, draws=1, kinds=["road"], **ENDS),
    "losers": lambda m: ag.equity(m("net"), 2026, scenario="no_bridge", to="crossing"),
    "losers2": lambda m: ag.equity(m("net"), 2026, scenario="poyarkovo close", to="far"),
    "promise": lambda m: ag.promise(m("ensemble"), **PAIR, by="2027-03-01"),
    "promise2": lambda m: ag.promise(m("ensemble2"), **PAIR, by="2027-03-01"),
    "dependence": lambda m: ag.dependence(m("net"), first=2026),
    "dependence2": lambda m: ag.dependence(m("net"), "no_bridge", first=2025),
    "measures": lambda m: ag.measures(m("net"), "2026/27", names=["ice_night", "pontoon_night"], draws=2),
    "measures2": lambda m: ag.measures(m("net"), "2025/26", names="ice_thicker", draws=2),
    "result2": lambda m: ag.compare(m("net"), ["baseline", "warm_2c"], on=DAY, **ENDS),
    "queues": lambda m: ag.queues(m("net"), ["baseline", "no_bridge"], start=MONTH[0], end=MONTH[1]),
    "queues2": lambda m: ag.queues(m("net"), start="2026-07-08", end="2026-07-11"),
    "climate": lambda m: m("net").table("climate"),
    "climate2": lambda m: m("net").table("climate").assign(value_c=lambda rows: rows["value_c"] + 3),
    "winter": lambda m: ag.seasons.winter_temperatures(m("climate")),
    "winter2": lambda m: ag.seasons.winter_temperatures(m("climate"), warming_c=3),
    "ledger": lambda m: ag.forecast(m("net"), "2022-11-28"),
    "ledger2": lambda m: ag.forecast(m("net"), "2021-11-28"),
    "briefing": lambda m: ag.brief(m("net"), DAY),
    "area": lambda m: ag.osm.read(BANKS, net=m("net")),
    "graph": lambda m: m("state").graph("truck_20t"),
    "room": lambda m: ag.flows.room(m("state")),
    "year2025": lambda m: ag.calendar(m("net"), 2025),
    "scenario": lambda m: ag.Scenario("mine", changes=[ag.close("poyarkovo", *MONTH)]),
    "change": lambda m: ag.close("poyarkovo", *MONTH),
    "checked": lambda m: ag.CheckResult(
        "own", date(2026, 2, 10), (ag.Fault("a.csv", 2, "id", "kind", "odd", severity="warning"),)
    ),
    "route": lambda m: m("routes").routes[0],
    "ice": lambda m: m("net").border.ice.model_copy(update={"alpha_mean": 1.0, "station": "zeya"}),
    "tables": lambda m: ag.load().tables,
    "tables2": lambda m: {**m("tables"), "eras": m("tables")["eras"].iloc[:0]},
    "border": lambda m: ag.load().border.model_copy(update={"vehicle": "car"}),
    "rows": lambda m: {
        "places": [
            {"id": "x", "kind": "town", "country": "RU", "region": "amur_oblast", "name_en": "X"}
            | {"lat": 50, "lon": 128}
        ]
    },
    "route2": lambda m: m("routes").routes[1],
    "unknown": lambda m: m("net").state("2021-06-01"),
    "unknowns": lambda m: ag.states(m("net"), "2021-06-01", "2021-06-01"),
    "station": lambda m: "zeya",
    "season": lambda m: ag.seasons.season(m("net"), "poyarkovo:ice_road", season="2026/27", traffic="cargo"),
}


@dataclasses.dataclass(frozen=True)
class Of:
    """A thing that is made, by its name, or a file in it."""

    name: str
    parts: tuple[str, ...] = ()

    def __truediv__(self, part: str) -> Of:
        return Of(self.name, (*self.parts, part))

    def of(self, made: Made) -> Any:
        """Return the thing."""
        value = made(self.name)
        return value.joinpath(*self.parts) if self.parts else value


@dataclasses.dataclass(frozen=True)
class Beside:
    """A value of a parameter that acts beside other ones only."""

    value: Any
    given: Mapping[str, Any]


NET, NET2, STATE, JULY = Of("net"), Of("net2"), Of("state"), Of("july")
UNKNOWN = Beside("open", {"on": GAP})
OPEN_YEAR = Beside("open", {"year": 2020})
MAP = {"lang": "ru", "title": "Another", "tiles": {"url": "https://example.org/{z}", "attribution": "x"}}
FIGURE = {"lang": "ru", "path": "a.svg", "dpi": Beside(90, {"path": "a.png"})}
CROSSING = {"first": "2026-02-01", "last": Beside("2026-03-01", {"first": "2026-02-01"}), "traffic": "cargo"}
WHERE = Beside((127, 50, 128, 51), {"around": None})
BOTH = {"target": "poyarkovo"}
JANUARY, MARCH, APRIL = (np.array([f"2027-{month}-15"], "M8[D]") for month in ("01", "03", "04"))


def METHOD(made: str, **others: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the case of a method of a thing that is made."""
    return {"self": Of(made)}, others


#: Functions whose parameters are tried in the quick suite.
QUICK = {
    "add_crossing", "add_road", "border_hours", "close", "delay", "limit", "open", "speed", "wait", "warming",
    "seasons.bearing_mass_t", "seasons.required_thickness_cm",
}  # fmt: skip
#: Answers of calls that many parameters share.
ANSWERS: dict[str, Any] = {}
#: Arguments of every public function and method, and another value of each parameter.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "add_crossing": (
        {"checkpoint": "poyarkovo", "mode": "bridge", "length_km": 3, "travel_min": 5, "admits": ["car"]},
        {"checkpoint": "blagoveshchensk", "mode": "cableway", "length_km": 4, "travel_min": 9,
         "admits": ["truck_20t"], "max_mass_t": 5, "border_h": 1, "wait_h": 2, **CROSSING,
         "traffic": "passenger"},
    ),
    "add_road": (
        {"start": "zeya", "end": "belogorsk", "length_km": 9},
        {"start": "tynda", "end": "zavitinsk", "length_km": 8, "road_class": "street", "surface": "gravel",
         "first": "2026-02-01", "last": CROSSING["last"]},
    ),
    "border_hours": ({**BOTH, "hours": 3}, {"target": "kani_kurgan", "hours": 4, **CROSSING}),
    "close": (BOTH, {"target": "kani_kurgan", **CROSSING}),
    "delay": ({**BOTH, "days": 3}, {"target": "ice_road", "days": -3, "traffic": "cargo"}),
    "limit": ({**BOTH, "mass_t": 3}, {"target": "kani_kurgan", "mass_t": 4, **CROSSING}),
    "open": (BOTH, {"target": "kani_kurgan", **CROSSING, "like": "kani_kurgan"}),
    "speed": (
        {"vehicle": "car", "factor": 0.5},
        {"vehicle": "truck_20t", "factor": 0.6, "kmh": Beside(30, {"factor": None}),
         "road_class": "secondary", "road": Beside("belogorsk--kani_kurgan", {"vehicle": None}),
         "first": Beside("2026-02-01", {"vehicle": None, "road": "a--b"}),
         "last": Beside("2026-03-01", {"vehicle": None, "road": "a--b", "first": "2026-02-01"})},
    ),
    "wait": ({**BOTH, "hours": 3}, {"target": "kani_kurgan", "hours": 4, **CROSSING}),
    "warming": ({"degrees_c": 1}, {"degrees_c": 2}),
    "access": (
        {"net": NET, "year": 2026, "places": ["zeya", "tynda"]},
        {"net": NET2, "year": 2020, "vehicle": "car", "scenario": "no_bridge", "places": ["belogorsk"],
         "centre": "belogorsk"},
    ),
    "equity": (
        {"net": NET, "year": 2026, "scenario": "no_bridge", "to": "crossing",
         "places": ["zeya", "belogorsk"]},
        {"net": NET2, "year": 2020, "scenario": "blagoveshchensk close", "base": "blagoveshchensk close",
         "to": "far", "vehicle": "car", "places": ["belogorsk"],
         "centre": Beside("belogorsk", {"to": "centre"})},
    ),
    "catchments": (
        {"net": NET, "on": DAY},
        {"net": NET2, "on": "2026-07-15", "vehicle": "car", "scenario": "no_bridge", "bands": [1, 5]},
    ),
    "criticality": (
        {"net": NET, "on": DAY, "draws": 1, **ENDS},
        {"net": NET2, "on": "2026-07-15", "year": Beside(2026, {"on": None, "draws": 1}),
         "first": Beside("2025-12-01", {"on": None, "first": DAY, "last": DAY}),
         "last": Beside("2026-04-20", {"on": None, "first": DAY, "last": DAY}),
         "vehicle": "car", "scenario": "no_bridge", "weight": "trucks", "kinds": ["road"],
         "origins": "zeya", "destinations": "harbin", "drivers": 2, "draws": 2,
         "seed": 7, "queues": Beside(True, {"kinds": ["crossing"]}),
         "executor": ThreadPoolExecutor, "resume": "a.npz"},
    ),
    "dependence": (
        {"net": NET, "first": 2026},
        {"net": NET2, "scenarios": "no_bridge", "first": 2025, "last": Beside(2025, {"first": 2025}),
         "vehicle": "car", "on": DAY},
    ),
    "measures": (
        {"net": NET, "winter": "2026/27", "names": ["ice_night", "pontoon_night"], "draws": 2},
        {"net": NET2, "winter": "2025/26", "names": ["bridge_festival"], "scenario": "no_bridge",
         "demand": 1.5, "capacity": {"blagoveshchensk:pontoon": 50}, "draws": 3, "seed": 7},
    ),
    "ensemble": (
        {"net": NET, "winter": "2026/27", "n": 2},
        {"net": NET2, "winter": "2025/26", "start": Beside(MONTH[0], {"winter": None, "end": DAY}),
         "end": Beside(MONTH[1], {"winter": None, "start": DAY}), "n": 3, "seed": 7,
         "scenario": "no_bridge", "not_by": {"poyarkovo:ice_road": "2027-02-01"},
         "assume": Beside("open", {"winter": None, "start": GAP, "end": GAP})},
    ),
    "promise": (
        {"given": Of("ensemble"), **PAIR, "by": "2027-03-01"},
        {"given": Of("ensemble2"), "origin": "zeya", "destination": "harbin", "by": "2027-02-01",
         "sure": 0.6, "vehicle": "car", "at": "20:00", "plan": "kani_kurgan:bridge", "on": "2027-02-20",
         "drivers": 2, "queues": Beside(Of("queues"), {"given": Of("ensemble3"), "by": None})},
    ),
    "Promise.figure": METHOD("promise", kind="calendar", lang="ru", path="a.svg"),
    "Promise.kept_within": ({"self": Of("promise"), "hours": 12}, {"hours": 90}),
    "Promise.sentences": METHOD("promise", lang="ru"),
    "Promise.to_dict": METHOD("promise", lang="ru"),
    "Route.profile": METHOD("route", queue_h={"poyarkovo:ice_road": 9.0}),
    "brief": ({"net": NET, "on": DAY}, {"net": NET2, "on": "2026-07-15", "since": "2026-01-10"}),
    "calendar": (
        {"net": NET, "year": 2026},
        {"net": NET2, "year": 2020, "scenario": "no_bridge", "assume": OPEN_YEAR},
    ),
    "capacity": (
        {"net": NET, "year": 2026},
        {"net": NET2, "year": 2020, "scenario": "no_bridge", "demand": 1.2,
         "capacity": {"kani_kurgan:bridge": 5}, "assume": Beside("open", {"year": 2024})},
    ),
    "check": (
        {"path": None, "dataset": Of("dataset")},
        {"path": Of("own"), "dataset": Of("other"), "own": Of("own"), "on": "2040-01-01"},
    ),
    "compare": (
        {"net": NET, "scenarios": ["baseline", "no_bridge"], "on": DAY, **ENDS},
        {"net": NET2, "scenarios": ["baseline", "warm_2c"], "on": "2026-07-15",
         "year": Beside(2026, {"on": None}), "first": Beside(MONTH[0], {"on": None, "last": DAY}),
         "last": Beside(MONTH[1], {"on": None, "first": DAY}), "vehicle": "car", "origins": "zeya",
         "destinations": "harbin", "stretch": 3, "border_h": {"kani_kurgan:bridge": 20}, "drivers": 2,
         "transit": Beside(False, {"origins": "blagoveshchensk", "destinations": "vladivostok"}),
         "assume": UNKNOWN},
    ),
    "daily": (
        {"net": NET, **ENDS, "start": DAY, "end": DAY},
        {"net": NET2, "origins": "zeya", "destinations": "harbin", "start": MONTH[0], "end": MONTH[1],
         "scenarios": ["no_bridge"], "vehicle": "car", "drivers": 2, "executor": ThreadPoolExecutor,
         "transit": Beside(False, {"origins": "blagoveshchensk", "destinations": "vladivostok"}),
         "assume": Beside("open", {"start": GAP, "end": GAP}),
         "ensemble": Beside(Of("ensemble"), {"start": None, "end": None})},
    ),
    "dates": (
        {"net": NET, "crossing": "poyarkovo:ice_road", "season": "2022/23"},
        {"net": NET2, "crossing": "blagoveshchensk:ice_road", "season": "2021/22", "traffic": "passenger",
         "blind": True,
         "part": Beside("autumn", {"crossing": "blagoveshchensk:hovercraft", "traffic": "passenger"})},
    ),
    "exits": (
        {"net": NET, "place": "belogorsk", "on": DAY},
        {"net": NET2, "place": "zeya", "on": "2026-07-15", "vehicle": "car", "scenario": "no_bridge",
         "assume": UNKNOWN, "drivers": 2, "lang": "ru"},
    ),
    "forecast": ({"net": NET, "issued": "2023-11-28"}, {"net": NET2, "issued": "2022-11-28"}),
    "gaps": (
        {"net": NET, "year": 2026},
        {"net": NET2, "year": 2020, "scenario": "warm_2c", "vehicle": "car"},
    ),
    "graph": ({"state": STATE}, {"state": JULY, "vehicle": "car", "room": Of("room")}),
    "load": ({"dataset": Of("dataset")}, {"own": Of("own"), "dataset": Of("other"),
                                         "home": ["primorsky_krai"]}),
    "new": ({"folder": "a"}, {"folder": "b", "dataset": Of("dataset")}),
    "next_changes": (
        {"net": NET, "on": DAY},
        {"net": NET2, "on": "2026-07-15", "scenario": "no_bridge", "risk": 0.4},
    ),
    "od_matrix": (
        {"net": NET, **ENDS, "on": DAY},
        {"net": NET2, "origins": "zeya", "destinations": "harbin", "on": "2026-07-15", "vehicle": "car",
         "scenario": "poyarkovo close", "assume": UNKNOWN, "value": "length_km", "drivers": 2,
         "border_h": {"poyarkovo:ice_road": 0, "kani_kurgan:bridge": 50},
         "transit": Beside(False, {"origins": "blagoveshchensk", "destinations": "vladivostok"})},
    ),
    "queues": (
        {"net": NET, "start": MONTH[0], "end": MONTH[1]},
        {"net": NET2, "scenarios": ["no_bridge"], "start": DAY, "end": DAY, "demand": 1.2,
         "capacity": {"kani_kurgan:bridge": 5}, "lane": "kani_kurgan:bridge", "draws": 2,
         "seed": Beside(7, {"draws": 2}), "assume": Beside("open", {"start": GAP, "end": GAP}),
         "known_days": Beside(9, {
             "scenarios": ["kani_kurgan:bridge close 2026-02-10..2026-02-12"], "start": "2026-02-01",
             "end": "2026-02-12", "capacity": {"kani_kurgan:bridge": 60}, "demand": 3.0})},
    ),
    "record": (
        {"folder": "a", "crossing": "poyarkovo:ice_road", "event": "suspend", "on": "2027-01-15",
         "source": "https://example.org/1"},
        {"folder": "b", "crossing": Beside("poyarkovo:ferry", {"on": "2027-07-15"}), "event": "open",
         "on": "2027-01-16",
         "source": "https://example.org/2", "traffic": "cargo", "until": "2027-01-20",
         "value": Beside("20", {"event": "weight_limit"}), "reason": "holiday", "note": "seen",
         "confirm": Beside(True, {"event": "open", "on": "2027-07-15"}),
         "dataset": Beside(Of("other"), {"event": "open", "on": "2023-01-20", "traffic": "cargo"})},
    ),
    "redundancy": (
        {"net": NET, "year": 2026, **ENDS},
        {"net": NET2, "year": 2020, "vehicle": "car", "scenario": "no_bridge", "assume": OPEN_YEAR,
         "origins": "zeya", "destinations": "harbin", "stretch": 1.01},
    ),
    "routes": (
        {"net": NET, **PAIR, "on": DAY},
        {"net": NET2, "origin": "zeya", "destination": "harbin", "on": "2026-07-15", "vehicle": "car", "k": 1,
         "scenario": "no_bridge", "assume": UNKNOWN, "via": "blagoveshchensk", "avoid": "kani_kurgan",
         "transit": Beside(False, {"origin": "blagoveshchensk", "destination": "vladivostok"}),
         "border_h": {"kani_kurgan:bridge": 20}, "depart_at": "08:00",
         "max_wait_h": Beside(1, {
             "depart_at": "18:00", "on": "2023-02-01",
             "scenario": "kani_kurgan close+blagoveshchensk close"}),
         "drivers": 2, "queues": Of("queues"), "lang": Beside("ru", {"on": "2026-07-15"})},
    ),
    "scenario_names": ({}, {"folder": Of("dataset")}),
    "score_forecasts": (
        {"net": NET, "forecasts": Of("ledger")}, {"net": NET2, "forecasts": Of("ledger2")},
    ),
    "state": (
        {"net": NET, "on": DAY},
        {"net": NET2, "on": "2026-07-15", "scenario": "no_bridge", "assume": UNKNOWN},
    ),
    "states": (
        {"net": NET, "start": MONTH[0], "end": MONTH[1]},
        {"net": NET2, "start": DAY, "end": DAY, "scenario": "no_bridge",
         "assume": Beside("open", {"start": GAP, "end": GAP})},
    ),
    "sweep": (
        {"net": NET, "scenarios": ["baseline"], "days": [DAY], **ENDS},
        {"net": NET2, "scenarios": ["no_bridge"], "days": ["2026-07-15"],
         "assume": Beside("open", {"days": [GAP]}), "vehicle": "car", "origins": "zeya",
         "destinations": "harbin", "drivers": 2, "executor": ThreadPoolExecutor, "progress": True,
         "transit": Beside(False, {"origins": "blagoveshchensk", "destinations": "vladivostok"})},
    ),
    "export.write": (
        {"data": STATE, "path": "a", "formats": ["geojson"]},
        {"data": JULY, "path": "b", "formats": ["csv"], "on": Beside(DAY, {"data": NET}),
         "scenario": Beside("no_bridge", {"data": NET, "on": DAY}),
         "vehicle": Beside("car", {"data": NET, "on": DAY, "formats": "graphml"}), "lang": "ru"},
    ),
    "export.write_tables": (
        {"path": "a.xlsx", "tables": {"a": pd.DataFrame({"crossing": ["poyarkovo:ferry"], "alt_h": [1.25]})}},
        {"path": "b.csv", "tables": {"a": pd.DataFrame({"crossing": ["b"]})}, "lang": "ru", "net": NET,
         "sources": pd.DataFrame({"id": ["estimate"], "title": ["Estimates"]}), "assumptions": ["None"],
         "gaps": {"alt": "Another"}, "about": {"question": "Which?"}},
    ),
    "figures.access_figure": ({"table": Of("months_of")}, {"table": Of("months_of2"), **FIGURE}),
    "figures.critical_figure": ({"table": Of("elements")}, {"table": Of("elements2"), **FIGURE}),
    "figures.equity_figure": ({"table": Of("losers")}, {"table": Of("losers2"), **FIGURE}),
    "maps.access_map": ({"table": Of("months_of")}, {"table": Of("months_of2"), "lang": "ru"}),
    "maps.critical_map": ({"table": Of("elements")}, {"table": Of("elements2"), "lang": "ru"}),
    "figures.calendar_figure": (
        {"days": Of("year"), "year": 2026},
        {"days": Of("year2"), "year": Beside(2025, {"days": Of("year2025")}), "net": NET2, **FIGURE},
    ),
    "figures.capacity_figure": (
        {"months": Of("months"), "net": NET}, {"months": Of("months2"), "net": NET2, **FIGURE},
    ),
    "figures.curve_figure": (
        {"curve": Of("curve"), "net": NET}, {"curve": Of("curve2"), "net": NET2, **FIGURE},
    ),
    "figures.promise_figure": (
        {"promise": Of("promise")}, {"promise": Of("promise2"), "kind": "calendar", **FIGURE},
    ),
    "figures.compare_figure": (
        {"result": Of("result")}, {"result": Of("result2"), "alternative": "warm_2c", **FIGURE},
    ),
    "figures.dependence_figure": (
        {"dependence": Of("dependence")}, {"dependence": Of("dependence2"), **FIGURE},
    ),
    "figures.measures_figure": ({"measures": Of("measures")}, {"measures": Of("measures2"), **FIGURE}),
    "figures.network_figure": (
        {"net": NET, "states": [STATE]}, {"net": NET2, "states": [JULY], **FIGURE},
    ),
    "figures.queue_figure": (
        {"queues": Of("queues")}, {"queues": Of("queues2"), "scenario": "baseline", **FIGURE},
    ),
    "figures.routes_figure": ({"routes": Of("routes")}, {"routes": Of("routes2"), **FIGURE}),
    "figures.tcd_figure": ({"routes": Of("routes")}, {"routes": Of("routes2"), **FIGURE}),
    "flows.capacity_curve": (
        {"net": NET, "crossing": "kani_kurgan:bridge", "start": MONTH[0], "end": MONTH[1]},
        {"net": Beside(NET2, {"crossing": "pogranichny:road"}), "crossing": "pogranichny:road",
         "start": DAY, "end": DAY, "scenario": "kani_kurgan:bridge close 2026-02-09", "demand": 1.5,
         "capacity": {"kani_kurgan:bridge": 5},
         "assume": Beside("open", {"start": "2024-06-01", "end": "2024-06-02"})},
    ),
    "flows.room": ({"state": STATE}, {"state": JULY, "everywhere": True}),
    "flows.room_sentence": ({"base": STATE}, {"base": JULY, "alt": JULY, "lang": "ru"}),
    "osm.read": (
        {"source": BANKS, "net": NET},
        {"source": Beside(Of("graph"), {"retrieved": "2026-02-01"}), "net": NET2, "title": "Banks",
         "retrieved": "2026-01-01"},
    ),
    "report.decision_sheet": (
        {"given": Of("result")},
        {"given": Of("result2"), "besides": [Of("queues")], "lang": "ru",
         "scenarios": Beside(["baseline", "open"], {"given": NET}),
         "on": Beside("2026-02-11", {"given": NET, "scenarios": ["baseline", "no_bridge"]}),
         "year": Beside(2026, {"given": NET, "scenarios": ["baseline", "no_bridge"]}),
         "first": Beside(MONTH[0], {"given": NET, "scenarios": ["baseline", "no_bridge"], "last": DAY}),
         "last": Beside(MONTH[1], {"given": NET, "scenarios": ["baseline", "no_bridge"], "first": DAY}),
         "vehicle": Beside("car", {"given": NET, "scenarios": ["baseline", "no_bridge"], "on": DAY})},
    ),
    "report.write": (
        {"result": Of("result"), "path": "a.html"},
        {"result": Of("result2"), "path": "b.html", "besides": [Of("queues")], "lang": "ru"},
    ),
    "maps.page": (
        {"result": STATE},
        {"result": JULY, "year": Beside(2026, {"result": NET}), "path": "a.html",
         **{name: Beside(value, {"result": NET, "on": DAY})
            for name, value in {"on": "2026-07-15", "vehicle": "car"}.items()},
         "origin": Beside("zeya", {"result": NET, "on": DAY, **PAIR}),
         "destination": Beside("harbin", {"result": NET, "on": DAY, **PAIR}),
         "scenario": Beside("no_bridge", {"result": NET, "year": 2026}),
         "promise": Beside(True, {"result": NET, "on": DAY, **PAIR}),
         "by": Beside("2026-02-20", {"result": NET, "on": DAY, **PAIR, "promise": True}),
         "queues": Beside(True, {"result": NET, "on": DAY, **PAIR}), **MAP},
    ),
    "osm.fetch": (
        {"retrieved": "2026-01-01", "cache": "a", "around": "zeya", "net": NET},
        {"retrieved": "2026-01-02", "cache": "b", "around": "heihe", "bbox": WHERE, "km": 9,
         "corridor": Beside(("zeya", "tynda"), {"around": None}), "main_only": True,
         "server": "http://127.0.0.1:9", "timeout_s": 9.0, "progress": print, "net": NET2},
    ),
    "seasons.bearing_mass_t": ({"thickness_cm": 40}, {"thickness_cm": 50, "thaw": True}),
    "seasons.required_thickness_cm": ({"mass_t": 20}, {"mass_t": 30, "thaw": True}),
    "seasons.ice_winter": (
        {"temperatures": Of("winter")},
        {"temperatures": Of("winter2"), "freeze_up": date(2021, 12, 20), "ice": Of("ice")},
    ),
    "seasons.safe_days": (
        {"net": NET, "on": DAY}, {"net": NET2, "on": "2026-07-15", "scenario": "no_bridge", "risk": 0.4},
    ),
    "seasons.season": (
        {"net": NET, "crossing": "poyarkovo:ice_road", "season": "2022/23", "traffic": "cargo"},
        {"net": NET2, "crossing": "blagoveshchensk:ice_road", "season": "2021/22", "traffic": "passenger",
         "blind": True,
         "part": Beside("autumn", {"crossing": "blagoveshchensk:hovercraft", "traffic": "passenger"})},
    ),
    "seasons.season_shift": (
        {"climate": Of("climate"), "warming_c": 1},
        {"climate": Of("climate2"), "ice": Of("ice"), "station": Of("station"), "warming_c": 2, "mass_t": 10},
    ),
    "seasons.winter_temperatures": (
        {"climate": Of("climate")},
        {"climate": Of("climate2"), "station": Of("station"), "year": 2023, "warming_c": 2,
         "months_c": {1: 3.0}},
    ),
    "Briefing.html": METHOD("briefing", lang="ru"),
    "Briefing.sentences": METHOD("briefing", lang="ru"),
    "Briefing.to_dict": METHOD("briefing", lang="ru"),
    "Briefing.warnings": METHOD("briefing", lang="ru"),
    "Briefing.write": ({"self": Of("briefing"), "path": "a.html"}, {"path": "b.html", "lang": "ru"}),
    "Change.holds_on": (
        {"self": Of("change"), "days": pd.date_range(*MONTH)}, {"days": pd.date_range("2026-02-01", DAY)},
    ),
    "Change.check_against": (
        {"self": Of("change"), "other": ag.close("kani_kurgan")}, {"other": ag.open("poyarkovo", *MONTH)},
    ),
    "CheckResult.passed": METHOD("checked", strict=True),
    "Comparison.changed": METHOD("result", alternative="warm_2c"),
    "Comparison.findings": METHOD("result", alternative="warm_2c"),
    "Comparison.groups": METHOD("wide", alternative="warm_2c", everything=True),
    "Comparison.headline": METHOD("result", alternative="warm_2c", lang="ru"),
    "Comparison.map": METHOD("result", lang="ru"),
    "Comparison.sentences": METHOD("result", alternative="warm_2c", lang="ru"),
    "Dependence.figure": METHOD("dependence", lang="ru", path="a.svg"),
    "Dependence.sentences": METHOD("dependence", lang="ru"),
    "Measures.figure": METHOD("measures", lang="ru", path="a.svg"),
    "Measures.sentences": METHOD("measures", lang="ru"),
    "Measures.to_dict": METHOD("measures", lang="ru"),
    "Network.find": ({"self": NET, "name": "Zeya"}, {"name": "Harbin"}),
    "Network.from_folder": ({"folder": geo_dir()}, {"folder": TERRITORIES}),
    "Network.from_tables": (
        {"tables": Of("tables")}, {"tables": Of("tables2"), "border": Of("border"), "folder": Of("dataset")},
    ),
    "Network.layer": ({"self": NET, "name": "border"}, {"name": "regions"}),
    "Network.state": (
        {"self": NET, "on": DAY}, {"on": "2026-07-15", "scenario": "no_bridge", "assume": UNKNOWN},
    ),
    "Network.table": ({"self": NET, "name": "ports"}, {"name": "eras"}),
    "Network.with_rows": ({"self": NET, "rows": {}}, {"rows": Of("rows")}),
    "Queues.figure": METHOD("queues", lang="ru", path="a.svg"),
    "Queues.sentences": METHOD("queues", lang="ru", alternative="no_bridge"),
    "Queues.to_dict": METHOD("queues", lang="ru"),
    "Route.indicators": METHOD("route", lang="ru"),
    "Route.overlap": ({"self": Of("route"), "other": Of("route")}, {"other": Of("route2")}),
    "Routes.map": METHOD("routes", lang="ru"),
    "Routes.records": METHOD("routes", indicators=False),
    "Routes.to_dict": METHOD("routes", indicators=False),
    "Routes.tied_with": ({"self": Of("routes"), "rank": 1}, {"rank": 2}),
    "Scenario.from_dict": (
        {"content": {"name": "a", "base": "no_bridge"}}, {"content": {"name": "b"}, "folder": Of("other")},
    ),
    "Scenario.from_toml": (
        {"path": Of("other") / "mine.toml"},
        {"path": Of("other") / "scenarios" / "open.toml", "folder": Of("other")},
    ),
    "Scenario.to_toml": METHOD("scenario", path="a.toml"),
    "State.admission": METHOD("state", vehicle="car"),
    "State.admitted": METHOD("state", vehicle="car"),
    "State.because": METHOD("state", lang="ru"),
    "State.checkpoint_of": (
        {"self": STATE, "crossing": "poyarkovo:ferry"}, {"crossing": "kani_kurgan:bridge"},
    ),
    "State.closed_for": ({"self": STATE, "vehicle": "truck_20t"}, {"vehicle": "car", "lang": "ru"}),
    "State.graph": METHOD("state", vehicle="car"),
    "State.map": METHOD("state", lang="ru"),
    "State.to_dict": METHOD("state", lang="ru"),
    "State.to_frame": METHOD("state", lang="ru"),
    "State.to_gdf": METHOD("state", lang="ru"),
    "State.unknown": METHOD("unknown", vehicle="truck_20t"),
    "States.probability_open": METHOD("states", traffic="passenger"),
    "States.unknown": METHOD("unknowns", vehicle="truck_20t"),
    "osm.BuiltArea.to_dict": METHOD("area", form="arrays"),
    "osm.BuiltArea.write": ({"self": Of("area"), "folder": "a"}, {"folder": "b", "form": "arrays"}),
    "seasons.Season.closed_by": ({"self": Of("season"), "days": MARCH}, {"days": APRIL}),
    "seasons.Season.opened_by": ({"self": Of("season"), "days": JANUARY}, {"days": APRIL}),
    "seasons.Season.prob_open": ({"self": Of("season"), "days": JANUARY}, {"days": APRIL}),
    "seasons.Season.shifted": (
        {"self": Of("season"), "open_days": 0, "close_days": 0}, {"open_days": 3, "close_days": 3},
    ),
}  # fmt: skip
#: Refusals that depend on several values; others are of a value that is no valid one by itself.
REFUSED = re.compile("contradict each other|is already recorded")
#: Parameters that change nothing by intention, with the reason.
SHOWN = {"sweep.progress": "draws a bar on a terminal only"}


def spaces() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public function and method of a public class, each once, with its name."""
    seen: set[Any] = set()
    modules = {name: getattr(ag, name) for name in {*dir(ag)} - {*ag.__all__}}
    for prefix, space in [("", ag), *((f"{name}.", module) for name, module in sorted(modules.items()))]:
        for name in sorted(space.__all__):
            value = getattr(space, name)
            members = {name: value}
            if inspect.isclass(value):
                members = {f"{name}.{key}": getattr(value, key) for key in vars(value) if key[0] != "_"}
            for key, function in members.items():
                if (inspect.isfunction(function) or inspect.ismethod(function)) and function not in seen:
                    seen.add(function)
                    yield f"{prefix}{key}", function


FUNCTIONS = dict(spaces())
PARAMETERS = [
    (name, parameter)
    for name, function in FUNCTIONS.items()
    for parameter, kind in inspect.signature(function).parameters.items()
    if parameter != "self" and kind.kind is not kind.VAR_KEYWORD
]


class _Counted(ThreadPoolExecutor):
    """Threads that print that they were used."""

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        print("submitted")
        return super().submit(*args, **kwargs)


def _fetched(polygon: Any, **how: Any) -> Any:
    """Return a small area instead of asking the server, and print what would be asked."""
    print(polygon.wkt, how)
    return read_osm(BANKS)


def _shown(value: Any, folder: Path) -> Any:
    """Return a result as text that is the same for equal results."""
    if isinstance(value, Figure):
        buffer = io.BytesIO()
        value.savefig(buffer, format="raw", dpi=40)
        return buffer.getvalue()
    if isinstance(value, nx.Graph):
        return (
            sorted(map(repr, value.nodes(data=True))),
            sorted(map(repr, value.edges(data=True))),
            value.graph,
        )
    if hasattr(value, "to_html") and hasattr(value, "save"):
        value.save(folder / "shown.html")
        page = (folder / "shown.html").read_bytes()
        (folder / "shown.html").unlink()
        return page
    if isinstance(value, ag.Network):
        tables = {name: table.to_csv() for name, table in value.tables.items()}
        return tables, value.border, str(value.folder)
    if isinstance(value, pd.DataFrame | pd.Series):
        return value.to_csv(), getattr(value, "unknown", ())
    if isinstance(value, ag.States):
        return _shown(value.to_frame(), folder)
    if isinstance(value, tuple | list):
        return [_shown(item, folder) for item in value]
    if isinstance(value, ag.Change):
        return value.model_dump_json()
    if hasattr(value, "to_dict"):
        return json.dumps(value.to_dict(), default=str)
    if dataclasses.is_dataclass(value):
        return [_shown(getattr(value, field.name), folder) for field in dataclasses.fields(value)]
    return repr(value)


def answer(name: str, given: dict[str, Any], made: Made, folder: Path) -> Any:
    """Call a function in a new folder; return its result, what it wrote and what it printed."""
    with contextlib.ExitStack() as stack:

        def value_of(value: Any) -> Any:
            if value is ThreadPoolExecutor:
                return stack.enter_context(_Counted(1))
            if isinstance(value, Of):
                return value.of(made)
            return [value_of(item) for item in value] if isinstance(value, list) else value

        given = {key: value_of(value) for key, value in given.items()}
        printed = io.StringIO()
        with (
            contextlib.chdir(folder),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            try:
                shown = _shown(FUNCTIONS[name](**given), folder)
            except ag.InputError as error:
                if not REFUSED.search(str(error)):
                    raise
                shown = str(error)
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return shown, files, printed.getvalue()


@pytest.fixture(scope="session")
def made(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Things made once, of the small dataset and of another one with own tables."""
    folder = tmp_path_factory.mktemp("others")
    subset.others(dataset, folder)
    return Made(dataset, folder)


def test_every_parameter_has_a_case() -> None:
    assert {*CASES} == {name for name, _ in PARAMETERS}
    missing = [
        f"{name}.{parameter}"
        for name, parameter in PARAMETERS
        if parameter not in CASES[name][1] and f"{name}.{parameter}" not in SHOWN
    ]
    assert missing == []


@pytest.mark.parametrize(("name", "parameter"), [
    pytest.param(name, parameter, marks=() if name in QUICK else pytest.mark.slow)
    for name, parameter in PARAMETERS
])  # fmt: skip
def test_a_parameter_changes_the_answer(
    name: str, parameter: str, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (reason := SHOWN.get(f"{name}.{parameter}")) is not None:
        pytest.skip(reason)
    base, others = CASES[name]
    other = others[parameter]
    changed = base
    if isinstance(other, Beside):
        changed, other = {**base, **other.given}, other.value
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    if name == "osm.fetch":
        monkeypatch.setattr("amurgeo.osm.areas.fetch_osm", _fetched)
    usual = _usual(name, changed, made, tmp_path / "one") or _usual(name, base, made, tmp_path / "one")
    assert answer(name, {**changed, parameter: other}, made, tmp_path / "two") != usual


def _usual(name: str, given: dict[str, Any], made: Made, folder: Path) -> Any:
    """Return the answer of a call, which parameters share; None if it is refused."""
    key = repr((name, given))
    if key not in ANSWERS:
        try:
            ANSWERS[key] = answer(name, given, made, folder)
        except (ag.AmurgeoError, TypeError):
            ANSWERS[key] = None
    return ANSWERS[key]
