"""Parts of a matrix, and the roads of a large area that some fastest way uses, on networks drawn by hand."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.routing import engine, matrix
from amurgeo.routing.departures import depart
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.matrix import fastest_ways, solve

WINTER, SUMMER = "2026-02-10", "2026-07-15"
BRIDGE, PONTOON = "kani_kurgan:bridge", "blagoveshchensk:pontoon"

#: Roads besides those of the six places: ends, km, what differs from a road for all, and whether it stays.
ROADS: tuple[tuple[str, str, float, dict[str, Any], bool], ...] = (
    # Trucks of 20 t save 20 km, those of 40 t may not: their longer road stays too.
    ("north", "osm_1", 20.0, {}, True),
    ("osm_1", "blagoveshchensk", 20.0, {"max_mass_t": 30.0}, True),
    # A longer road beside it, and one that ends at a junction.
    ("osm_1", "blagoveshchensk", 45.0, {}, False),
    ("osm_1", "osm_2", 5.0, {}, False),
    # Half the way in one direction; the way back needs the long road.
    ("heihe", "osm_3", 30.0, {"oneway": True}, True),
    ("osm_3", "south", 30.0, {"oneway": True}, True),
    # For passengers only: trucks need the long road.
    ("blagoveshchensk", "osm_4", 5.0, {"traffic": "passenger"}, True),
    ("osm_4", "kani_kurgan", 5.0, {"traffic": "passenger"}, True),
    # From the first place in one direction, for passengers only.
    ("north", "osm_11", 20.0, {"oneway": True, "traffic": "passenger"}, True),
    ("osm_11", "kani_kurgan", 20.0, {"oneway": True, "traffic": "passenger"}, True),
    # Two kilometres shorter, on streets, which take half as long again.
    ("heihe", "osm_10", 4.0, {"class": "street"}, False),
    ("osm_10", "changfatun", 4.0, {"class": "street"}, False),
    # A detour.
    ("heihe", "osm_5", 10.0, {}, False),
    ("osm_5", "changfatun", 10.0, {}, False),
    # Every seasonal road stays, however long; its ends are reached from everywhere. Two roads without length
    # take two seconds, the short one beside them at least three.
    ("heihe", "osm_6", 500.0, {"season": "winter"}, True),
    ("osm_6", "osm_7", 0.0, {}, True),
    ("osm_7", "heihe", 0.0, {}, True),
    ("osm_6", "heihe", 0.07, {}, False),
    # Trucks to a freight station use roads whatever their mass and direction, so that none needs the detour.
    ("south", "osm_8", 10.0, {"max_mass_t": 0.05, "oneway": True}, True),
    ("osm_8", "heihe", 10.0, {"max_mass_t": 0.05, "oneway": True}, True),
    ("south", "osm_9", 20.0, {"max_mass_t": 0.05}, False),
    ("osm_9", "heihe", 20.0, {"max_mass_t": 0.05}, False),
)


def name_of(number: int) -> str:
    return f"{ROADS[number][0]}--{ROADS[number][1]}:w{number}"


@pytest.fixture(scope="module")
def area(six: ag.Network) -> ag.Network:
    """The six places with junctions and roads of an area around them."""
    usual = six.tables["roads"].iloc[0]
    roads = six.tables["roads"].assign(oneway=False, max_mass_t=np.nan, traffic="both")
    # The sum of the two other roads would be a second way of the same time.
    roads.loc["north--kani_kurgan", "length_km"] = 80.0
    added = {
        name_of(number): {**usual, "oneway": False, "max_mass_t": np.nan, "traffic": "both"}
        | {"from": start, "to": end, "length_km": km, **how}
        for number, (start, end, km, how, _) in enumerate(ROADS)
    }
    places = six.tables["places"]
    own = {"kind": "junction", "source": "openstreetmap"}
    junctions = {f"osm_{number}": {**places.loc["north"], **own} for number in range(1, 12)}
    frames = {"roads": (roads, added), "places": (places, junctions)}
    tables = {
        name: pd.concat([frame, pd.DataFrame.from_dict(rows, orient="index")]).rename_axis("id")
        for name, (frame, rows) in frames.items()
    }
    return ag.Network({**six.tables, **tables})


@pytest.mark.parametrize("per_batch", [2, 1000])
def test_the_roads_that_some_fastest_way_uses_stay(
    area: ag.Network, monkeypatch: pytest.MonkeyPatch, per_batch: int
) -> None:
    monkeypatch.setattr(matrix, "BATCH_BYTES", 16 * len(area.nodes) * per_batch)
    thin = fastest_ways(area)
    stay = {name_of(number) for number, row in enumerate(ROADS) if row[-1]}
    # Of the five roads between the six places each is the fastest way of some vehicle.
    assert set(thin.base["roads"].index) == stay | {
        id_ for id_ in area.base["roads"].index if ":w" not in id_
    }
    assert set(area.nodes.index) - set(thin.nodes.index) == {"osm_2", "osm_5", "osm_9", "osm_10"}
    assert thin.border is area.border


def test_ways_to_further_places_stay_too(area: ag.Network) -> None:
    further = set(fastest_ways(area, ["osm_2", "osm_9"]).base["roads"].index)
    usual = set(fastest_ways(area).base["roads"].index)
    # Trucks of 40 t drive there from blagoveshchensk; the junction on the detour is joined from both ends.
    assert further - usual == {name_of(number) for number in (2, 3, 20, 21)}
    assert usual <= further


def test_a_pair_is_within_a_limit_by_a_group_of_crossings_up_to_the_last_second(six: ag.Network) -> None:
    """Two arcs out by bridge and pontoon, two back; the limit of the first pair is its time by the bridge."""
    found = solve(six.state(WINTER), "truck_20t", ["north", "heihe"], ["south", "heihe"])
    edges = found.arcs["edge"].to_numpy()
    seconds = {crossing: found.by_arc[:, :, edges == crossing].min(axis=2) for crossing in (BRIDGE, PONTOON)}
    by_bridge = seconds[BRIDGE][0, 0]
    late = float(seconds[PONTOON][0, 0] - by_bridge)
    assert late != 0
    groups = np.where(np.isin(edges, (BRIDGE, PONTOON)), edges, "other")
    names = list(dict.fromkeys(groups))
    for limit, expected in ((by_bridge, True), (by_bridge - 1, False), (np.inf, True)):
        limits = np.array([[limit, 0.0], [0.0, 0.0]])
        within = found.within(limits, groups)
        assert within.shape == (len(names), 2, 2)
        assert within[names.index(BRIDGE), 0, 0] == expected
        assert within[names.index(PONTOON), 0, 0] == (seconds[PONTOON][0, 0] <= limit)
        # What is closed is not within any limit.
        assert not within[names.index("other")].any()
    assert found.within(np.full((2, 2), np.inf), groups)[:, 0, 0].tolist() == [
        name in (BRIDGE, PONTOON) for name in names
    ]
    assert found.within(limits, np.array(["all"] * len(edges)))[0].tolist() == [[True, False], [False, False]]


def test_the_first_crossing_of_a_cell_has_its_id(six: ag.Network) -> None:
    hours = {BRIDGE: 0.0, PONTOON: 900.0}
    found = solve(six.state(WINTER), "truck_20t", ["north", "heihe"], ["heihe", "north"], border_h=hours)
    assert found.crossing.tolist() == [[BRIDGE, None], [None, BRIDGE]]
    assert np.isfinite(found.hours).all()
    none = solve(six.state("2018-11-10"), "truck_20t", ["north"], ["heihe", "north"])
    assert none.crossing.tolist() == [[None, None]]
    assert np.isnan(none.hours).tolist() == [[True, False]]


def test_without_transit_places_on_one_side_are_joined_on_it(six: ag.Network) -> None:
    """At 40 km/h the road along the bank takes 2700 seconds, the way over the other bank 2301."""
    ask: dict[str, Any] = {"on": WINTER, "border_h": {BRIDGE: 0.0, PONTOON: 0.0}}
    ask["scenario"] = f"{BRIDGE} wait_h 0+{PONTOON} wait_h 0+blagoveshchensk--kani_kurgan speed_kmh 40"
    ends = ["blagoveshchensk", "heihe"], ["kani_kurgan", "heihe"]
    over, along = (ag.od_matrix(six, *ends, transit=transit, **ask) for transit in (True, False))
    assert (over.iat[0, 0], along.iat[0, 0]) == (2301 / 3600, 2700 / 3600)
    # Pairs across the border are the same.
    assert over.iat[0, 1] == along.iat[0, 1]
    assert over.iat[1, 0] == along.iat[1, 0]
    pd.testing.assert_frame_equal(ag.od_matrix(six, *ends, **ask), over)
    state = six.state(WINTER, scenario=ask["scenario"])
    one_bank = solve(state, "truck_20t", *ends, border_h=ask["border_h"], transit=False)
    assert np.isinf(one_bank.by_arc[0, 0]).all()
    assert np.isfinite(one_bank.by_arc[0, 1]).any()
    assert one_bank.first[0].tolist()[0] == -1


def test_questions_have_one_driver_and_transit_unless_they_say_otherwise() -> None:
    for ask in (ag.routes, ag.od_matrix, solve, engine.VehicleNetwork.distances):
        defaults = {name: given.default for name, given in inspect.signature(ask).parameters.items()}
        assert (defaults["drivers"], defaults["transit"]) == (1, True)
    for ask in (StateGraph, depart):
        assert inspect.signature(ask).parameters["drivers"].default == 1
    assert inspect.signature(ag.routes).parameters["k"].default == 4


def test_answers_are_the_same_however_many_crossings_are_compared_at_a_time(
    six: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, ends = six.state(WINTER), list(six.places.index)
    usual = solve(state, "truck_20t", ends, ends)
    assert set(usual.first.ravel()) > {-1, 0}
    for pairs in (0, len(ends) ** 2, 3 * len(ends) ** 2):
        monkeypatch.setattr(engine, "BATCH_PAIRS", pairs)
        found = solve(state, "truck_20t", ends, ends)
        np.testing.assert_array_equal(found.seconds, usual.seconds)
        np.testing.assert_array_equal(found.first, usual.first)
