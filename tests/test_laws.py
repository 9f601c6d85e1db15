"""Laws: closing never helps, opening and adding never hurt, every way in gives the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.network.edges import osm_number

VEHICLES = ("truck_20t", "car", "bus", "train")
DAYS = ("2024-07-15", "2026-02-10", "2026-10-20", "2027-04-20")
ENDS = (
    ["belogorsk", "svobodny", "zeya", "tynda", "blagoveshchensk", "raychikhinsk"],
    ["heihe", "harbin", "xunke", "khabarovsk", "ogodzha", "manzhouli"],
)
#: Share of the generated scenarios that change a pair at least; else the law would be tested on nothing.
CHANGING = 0.7

Case = tuple[str, str, ag.Scenario]


def _hours(net: ag.Network, day: str, vehicle: str, scenario: ag.Scenario | None = None) -> np.ndarray:
    """Return the hours of all pairs, infinity without a route."""
    hours = ag.od_matrix(net, *ENDS, on=day, vehicle=vehicle, scenario=scenario, assume=None)
    return hours.fillna(np.inf).to_numpy()


def _used(net: ag.Network, day: str, vehicle: str, rng: np.random.Generator) -> list[str]:
    """Return the edges of the fastest route of a random pair."""
    for _ in range(20):
        pair = [str(rng.choice(side)) for side in ENDS]
        found = ag.routes(net, *pair, on=day, vehicle=vehicle, k=1)
        if found.routes:
            return [edge for edge in found[0].arcs["edge"] if edge in net.edges.index]
    raise AssertionError("no pair has a route")


def _closings(net: ag.Network, rng: np.random.Generator) -> Iterator[Case]:
    """Yield scenarios that close what the fastest route of some pair uses."""
    while True:
        vehicle, day = str(rng.choice(VEHICLES)), str(rng.choice(DAYS))
        kinds = net.edges["kind"]
        used = [edge for edge in _used(net, day, vehicle, rng) if kinds[edge] != "transfer"]
        # Prefer crossings to the many roads.
        crossings = [edge for edge in used if kinds[edge] == "crossing"]
        edge = str(rng.choice(crossings if crossings and rng.random() < 0.5 else used))
        yield vehicle, day, ag.Scenario("closed", changes=[ag.close(edge)])


def _openings(net: ag.Network, rng: np.random.Generator) -> Iterator[Case]:
    """Yield scenarios that open a crossing or a winter road that is closed on the day."""
    seasonal = net.edges.index[net.edges["season"] != ""]
    while True:
        vehicle, day = str(rng.choice(VEHICLES[:3])), str(rng.choice(DAYS))
        admitted = net.state(day).admitted(vehicle)
        targets = list(admitted.index[~admitted["usable"] & admitted["admits"]])
        if day == "2026-10-20" and rng.random() < 0.3:
            targets = [id_ for id_ in seasonal if "ogodzha" in id_]
        yield vehicle, day, ag.Scenario("opened", changes=[ag.open(str(rng.choice(targets)))])


def _additions(net: ag.Network, rng: np.random.Generator) -> Iterator[Case]:
    """Yield scenarios that add a straight road between two towns of one side."""
    nodes = net.nodes
    towns = [
        nodes.index[nodes.index.isin([*ENDS[0], *ENDS[1]]) & (nodes["side"] == side)]
        for side in ("home", "far")
    ]
    while True:
        vehicle, day = str(rng.choice(VEHICLES[:3])), str(rng.choice(DAYS))
        start, end = (str(place) for place in rng.choice(towns[int(rng.integers(2))], 2, replace=False))
        road = ag.add_road(start, end, length_km=float(rng.integers(20, 200)))
        yield vehicle, day, ag.Scenario("added", changes=[road])


@pytest.mark.parametrize("number", [3, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("generate", "sign"),
    [(_closings, 1.0), (_openings, -1.0), (_additions, -1.0)],
    ids=["close", "open", "add"],
)
def test_closing_never_helps_and_opening_or_adding_never_hurts(
    net: ag.Network, generate: Callable[..., Iterator[Case]], sign: float, number: int
) -> None:
    rng = np.random.default_rng(20)
    changed, wrong = 0, []
    for (vehicle, day, scenario), _ in zip(generate(net, rng), range(number), strict=False):
        before, after = _hours(net, day, vehicle), _hours(net, day, vehicle, scenario)
        changed += bool((before != after).any())
        if (sign * after < sign * before).any():
            wrong.append((vehicle, day, str(scenario.changes[0])))
    assert wrong == []
    assert changed >= int(CHANGING * number)


@pytest.mark.parametrize(
    "day",
    [
        "2026-02-10",
        *(pytest.param(day, marks=pytest.mark.slow) for day in ("2010-02-01", "2018-11-10", "2026-10-20")),
    ],
)
@pytest.mark.parametrize(
    "change", [None, pytest.param("blagoveshchensk--vladimirovka close", marks=pytest.mark.slow)]
)
def test_routes_equal_the_matrix_and_networkx(net: ag.Network, day: str, change: str | None) -> None:
    asked: dict[str, Any] = {"on": day, "scenario": change, "drivers": 2}
    origins, destinations = ENDS[0][2:5], ENDS[1][:3]
    different = []
    for vehicle in VEHICLES:
        matrix = ag.od_matrix(net, origins, destinations, vehicle=vehicle, **asked)
        graph = ag.graph(net.state(day, scenario=change), vehicle=vehicle)
        for origin in origins:
            seconds = nx.single_source_dijkstra_path_length(graph, osm_number(origin), weight="seconds")
            for destination in destinations:
                reference = seconds.get(osm_number(destination), np.nan)
                fastest = ag.routes(net, origin, destination, vehicle=vehicle, k=1, **asked)
                found = [
                    fastest[0].seconds if len(fastest) else np.nan,
                    matrix.at[origin, destination] * 3600,
                ]
                if not np.allclose(found, reference, rtol=0, atol=1e-6, equal_nan=True):
                    different.append((vehicle, origin, destination, *found, reference))
    assert different == []


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [None, "warm_2c+late_ice_3w"])
def test_every_day_of_three_decades_is_the_same_alone_or_in_any_period(
    net: ag.Network, scenario: str | None
) -> None:
    rng = np.random.default_rng(4)
    years = pd.concat([ag.calendar(net, year, scenario=scenario) for year in range(2004, 2036)])
    days = pd.date_range("2004-01-01", "2035-12-31")
    cuts = np.cumsum(rng.choice([1, 2, 30, 90, 180], size=len(days)))
    parts = np.split(np.arange(len(days)), cuts[cuts < len(days)])
    runs = [ag.states(net, days[part], scenario=scenario).to_frame() for part in parts]
    key = ["date", "crossing", "traffic"]
    apart, whole = (
        frame[[*years.columns]].sort_values(key, ignore_index=True)
        for frame in (pd.concat(runs), pd.DataFrame(years))
    )
    pd.testing.assert_frame_equal(apart, whole)
