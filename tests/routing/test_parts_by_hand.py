"""Arcs, lines, departures and alternatives on six places, each with its one right answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from networks import random_case

import amurgeo as ag
from amurgeo.network.edges import osm_number
from amurgeo.routing.costs import ARC_COLUMNS, border_arcs, crossing_arcs, land_arcs
from amurgeo.routing.engine import ShortestPaths, priced, vehicle_network
from amurgeo.routing.route import join_lines

WINTER, SUMMER = "2026-02-10", "2026-07-15"
BRIDGE, PONTOON, FERRY = "kani_kurgan:bridge", "blagoveshchensk:pontoon", "blagoveshchensk:ferry"


def leave(net: ag.Network, at: str, **how: Any) -> Any:
    found = ag.routes(net, "blagoveshchensk", "heihe", depart_at=at, scenario="no_bridge", **how).departure
    assert found is not None
    return found


# -- arcs --------------------------------------------------------------------------------------------


def test_arcs_of_crossings_are_those_that_are_open(six: ag.Network) -> None:
    arcs = crossing_arcs(six, six.state(WINTER), "truck_20t")
    assert tuple(arcs.columns) == ARC_COLUMNS
    assert arcs["edge"].tolist() == [BRIDGE, PONTOON, BRIDGE, PONTOON]
    assert arcs["tail"].str[-2:].tolist() == ["ru", "ru", "cn", "cn"]
    assert arcs["head"].str[-2:].tolist() == ["cn", "cn", "ru", "ru"]
    services = six.base["services"].xs("cargo", level="traffic").loc[[BRIDGE, PONTOON]]
    crossings = six.base["crossings"].loc[[BRIDGE, PONTOON]]
    hours = crossings["travel_min"] / 60 + services["wait_h"]
    out, back = (
        ((hours + services[name]) * 3600).round().tolist() for name in ("border_h_out", "border_h_in")
    )
    assert arcs["seconds"].tolist() == [*out, *back]
    assert arcs["wait_h"].tolist() == services["wait_h"].tolist() * 2
    assert arcs["length_km"].tolist() == crossings["length_km"].tolist() * 2
    # Control and queue are estimates, the time of the passage is reported.
    assert (services["times_confidence"] == "estimated").all()
    assert arcs["estimated_h"].tolist() == pytest.approx((arcs["border_h"] + arcs["wait_h"]).tolist())


def test_hours_that_a_scenario_gives_hold_at_every_crossing(six: ag.Network) -> None:
    """None of them is an estimate then; an hour given in the question goes before them."""
    cargo = border_arcs(six, "truck_20t")["edge"].unique()
    assert len(cargo) == 4
    state = six.state(SUMMER, scenario="+".join(f"{crossing} border_h 3" for crossing in cargo))
    arcs = crossing_arcs(six, state, "truck_20t")
    assert sorted(set(arcs["edge"])) == [FERRY, BRIDGE]
    assert (arcs["border_h"] == 3.0).all()
    assert (arcs["estimated_h"] == 0.0).all()
    given = crossing_arcs(six, state, "truck_20t", border_h={FERRY: 5.0}).set_index("edge")["border_h"]
    assert given[FERRY].tolist() == [5.0, 5.0]
    assert given[BRIDGE].tolist() == [3.0, 3.0]


def test_the_time_of_a_passage_is_an_estimate_where_the_table_says_so(six: ag.Network) -> None:
    arcs = border_arcs(six, "truck_20t").set_index("edge")
    assert arcs["drive_estimated"].groupby(level=0).all().to_dict() == {
        edge: six.base["crossings"].at[edge, "travel_confidence"] == "estimated" for edge in arcs.index
    }
    assert arcs["drive_estimated"].any()
    assert not arcs["drive_estimated"].all()


def test_roads_have_the_traffic_the_mass_and_the_direction_that_the_table_gives(six: ag.Network) -> None:
    roads = six.tables["roads"].copy()
    for column, value in (("oneway", False), ("max_mass_t", float("nan")), ("traffic", "both")):
        roads[column] = value
    roads.loc["north--blagoveshchensk", "oneway"] = True
    roads.loc["north--kani_kurgan", "max_mass_t"] = 20.0
    roads.loc["heihe--south", "traffic"] = "passenger"
    own = ag.Network({**six.tables, "roads": roads})
    for vehicle, on_limit, to_south in (("truck_20t", 2, 0), ("truck_40t", 0, 0), ("car", 2, 2)):
        arcs = land_arcs(own, vehicle)
        count = arcs["edge"].value_counts()
        assert count.get("north--kani_kurgan", 0) == on_limit
        assert count.get("heihe--south", 0) == to_south
        one = arcs[arcs["edge"] == "north--blagoveshchensk"]
        assert one[["tail", "head"]].to_numpy().tolist() == [["north", "blagoveshchensk"]]
        speed = six.base["speeds"].loc[(vehicle, "trunk", "asphalt"), "speed_kmh"]
        assert one["seconds"].item() == round(60 / speed * 3600)
        assert one["drive_h"].item() == pytest.approx(60 / speed)
        assert (arcs[["border_h", "wait_h"]] == 0).all().all()


def test_a_speed_that_is_missing_is_named(six: ag.Network) -> None:
    speeds = six.tables["speeds"].drop([("car", "trunk", "asphalt"), ("car", "street", "asphalt")])
    poor = ag.Network({**six.tables, "speeds": speeds})
    with pytest.raises(ag.InputError, match="no speed of car on street asphalt, trunk asphalt; add a row"):
        land_arcs(poor, "car")
    assert len(land_arcs(poor, "bus"))


def test_a_train_takes_trucks_to_the_nearest_station(net: ag.Network) -> None:
    """A town without a station has one leg by truck, all others have transfers of twelve hours."""
    arcs = land_arcs(net, "train")
    kinds = net.edges["kind"].reindex(arcs["edge"]).to_numpy()
    transfers, legs = arcs[kinds == "transfer"], arcs[pd.isna(kinds)]
    assert (transfers["drive_h"] == 12.0).all()
    assert (transfers["estimated_h"] == 12.0 * net.edges["estimated"][transfers["edge"]].to_numpy()).all()
    assert len(legs)
    forth = legs.drop_duplicates("edge")
    assert not forth["tail"].duplicated().any()
    assert set(forth["head"]) <= set(transfers["head"])
    assert (legs["estimated_h"] == legs["drive_h"]).all()
    station = net.edges[net.edges["kind"] == "transfer"].set_index("to_place")["from_place"]
    truck = vehicle_network(net, "truck_20t", net.state(SUMMER).roads)
    town, yard, hours, length_km = forth[["tail", "head", "drive_h", "length_km"]].iloc[0]
    start, end = truck.nodes([town, station[yard]])
    assert net.nodes["kind"][town] != "terminal"
    assert hours > 12.0
    assert length_km > 0
    assert start != end
    used = net.edges.loc[arcs.loc[kinds == "railway", "edge"]]
    assert set(used["status"]) == {"in_use"}
    assert "high_speed" not in set(used["class"])


# -- paths -------------------------------------------------------------------------------------------


def test_sums_along_paths_are_those_of_their_arcs() -> None:
    reached = 0
    for seed in range(30):
        case = random_case(seed, states=2)
        graph, costs = case.graph, case.costs[-1]
        values = np.random.default_rng(seed).integers(1, 100, len(graph.tail)).astype(float)
        ends = list(dict.fromkeys(case.origins.tolist()))
        for reverse in (False, True):
            paths = ShortestPaths(graph, graph.all_seconds(costs), ends, reverse=reverse)
            sums = paths.sums(values)
            assert sums.shape == (len(ends), graph.n_nodes)
            for row, end in enumerate(ends):
                seconds = paths.all_seconds(end)
                for node in range(graph.n_nodes):
                    assert seconds[node] == paths.seconds(end, node)
                    known = np.isfinite(seconds[node])
                    expected = values[paths.arcs(end, node)].sum() if known else np.inf
                    assert sums[row, node] == expected
                    reached += known and node != end
    assert reached > 500


def test_states_that_differ_for_no_truck_are_one(six: ag.Network) -> None:
    """Two summer days and two winter days are two states; told apart by all hours a change counts."""
    states = [six.state(day) for day in (SUMMER, "2026-07-16", WINTER, "2026-02-11")]
    assert [numbers for *_, numbers in priced(six, "truck_20t", states, range(4))] == [[0, 1], [2, 3]]
    assert [numbers for *_, numbers in priced(six, "truck_20t", states, [3, 1])] == [[3], [1]]
    slow = six.state(SUMMER, scenario=f"{PONTOON} border_h 9")
    both = [states[0], slow]
    (together,) = priced(six, "truck_20t", both, range(2))
    assert together[-1] == [0, 1]
    assert [numbers for *_, numbers in priced(six, "truck_20t", both, range(2), closed=True)] == [[0], [1]]
    network, costs, seconds, _ = together
    shut = ~np.isfinite(costs[: network.graph.n_border])
    assert set(network.border["edge"][shut]) == {PONTOON, "blagoveshchensk:ice_road"}
    assert np.isfinite(seconds).all()


def test_ways_of_equal_length_are_two_routes(six: ag.Network) -> None:
    direct, round_about = ag.routes(six, "north", "kani_kurgan", on=WINTER, k=5)
    assert direct.nodes == ("north", "kani_kurgan")
    assert round_about.nodes == ("north", "blagoveshchensk", "kani_kurgan")
    assert direct.length_km == round_about.length_km == 90
    assert direct.overlap(round_about) == 0.0
    assert len(ag.routes(six, "north", "kani_kurgan", on=WINTER, k=1)) == 1
    # A way that is twice as long is none.
    assert len(ag.routes(six, "blagoveshchensk", "kani_kurgan", on=WINTER, k=5)) == 1


def test_a_way_over_the_other_side_counts_up_to_half_as_long_again(six: ag.Network) -> None:
    """Without control and queues 2301 seconds lead over the other bank, 30 km of road along this one."""
    free = {BRIDGE: 0.0, PONTOON: 0.0}
    for speed, expected in (
        (65, [((), False), ((PONTOON, BRIDGE), True)]),
        (90, [((), False)]),
        (40, [((PONTOON, BRIDGE), True), ((), False)]),
    ):
        changes = [*(f"{crossing} wait_h 0" for crossing in free)]
        scenario = "+".join([*changes, f"blagoveshchensk--kani_kurgan speed_kmh {speed}"])
        ask = {"on": WINTER, "border_h": free, "scenario": scenario, "k": 5}
        found = ag.routes(six, "blagoveshchensk", "kani_kurgan", **ask)
        assert [(route.crossings, route.transit) for route in found] == expected
        assert {route.seconds for route in found if route.transit} <= {2301}
        (land,) = ag.routes(six, "blagoveshchensk", "kani_kurgan", transit=False, **ask)
        assert land.seconds == round(30 / speed * 3600)


def test_a_place_on_the_way_is_passed_and_a_place_to_avoid_is_not(six: ag.Network) -> None:
    # In small letters it is the checkpoint, which only a crossing passes.
    (over,) = ag.routes(six, "north", "kani_kurgan", on=WINTER, via=["blagoveshchensk"])
    assert over.crossings == (PONTOON, BRIDGE)
    passed = ag.routes(six, "north", "kani_kurgan", on=WINTER, via=["Blagoveshchensk"])
    assert [route.nodes for route in passed] == [("north", "blagoveshchensk", "kani_kurgan")]
    there = ag.routes(six, "blagoveshchensk", "kani_kurgan", on=WINTER, via=["north"])
    assert there[0].nodes == ("blagoveshchensk", "north", "kani_kurgan")
    assert there[0].length_km == 150
    none = ag.routes(six, "north", "north", on=WINTER, via=["Blagoveshchensk"])
    assert len(none) == 0
    cut = ag.routes(six, "north", "south", on=WINTER, avoid=["Blagoveshchensk", "changfatun"])
    assert len(cut) == 0
    assert cut.why_none == cut.closed
    assert cut.to_frame().empty
    assert cut.sensitivity().empty


def test_the_graph_has_hours_status_and_room_of_every_edge(six: ag.Network) -> None:
    room = pd.DataFrame({"trucks_per_day": [120.0]}, index=[BRIDGE])
    graph = ag.graph(six.state(WINTER), room=room)
    rows = {(u, data["id"]): data for u, _, data in graph.edges(data=True)}
    assert len(rows) == 2 * (9 + 2)
    bridge = rows[osm_number("kani_kurgan_ru"), BRIDGE]
    assert (bridge["crossing"], bridge["status"], bridge["trucks_per_day"]) == (BRIDGE, "open", 120.0)
    pontoon = rows[osm_number("blagoveshchensk_cn"), PONTOON]
    assert (pontoon["status"], pontoon["reason"], pontoon["trucks_per_day"]) == ("limited", "in_season", 0.0)
    road = rows[osm_number("heihe"), "heihe--south"]
    assert (road["crossing"], road["status"], road["reason"]) == ("", "", "")
    assert road["trucks_per_day"] == float("inf")
    assert road["seconds"] == round(120 / 65 * 3600)
    with pytest.raises(ag.InputError, match="room is invalid"):
        ag.graph(six.state(WINTER), room=room.rename(columns=str.upper))


# -- lines -------------------------------------------------------------------------------------------


def test_lines_join_where_they_touch_and_stay_apart_where_they_do_not() -> None:
    one, two = shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(1, 0), (1, 1)])
    near, far = shapely.LineString([(1.0005, 0), (1, 1)]), shapely.LineString([(1.01, 0), (1, 1)])
    assert shapely.get_coordinates(join_lines([one, two])).tolist() == [[0, 0], [1, 0], [1, 1]]
    assert shapely.get_coordinates(join_lines([one, near])).tolist() == [[0, 0], [1, 0], [1.0005, 0], [1, 1]]
    apart = join_lines([one, far, shapely.LineString([(1, 1), (2, 2)])])
    assert [list(part.coords) for part in apart.geoms] == [[(0, 0), (1, 0)], [(1.01, 0), (1, 1), (2, 2)]]
    assert join_lines([]).is_empty


def test_lines_of_a_route_lead_from_its_start_to_its_end(six: ag.Network) -> None:
    points = six.nodes[["lon", "lat"]]
    for ends in (("north", "south"), ("south", "north")):
        found = ag.routes(six, *ends, on=WINTER)
        for route, line in zip(found, found.to_gdf().geometry, strict=True):
            legs = route.to_gdf()
            assert legs["mode"].tolist() == [leg["mode"] for leg in route.legs]
            for leg, shape in zip(route.legs, legs.geometry, strict=True):
                coordinates = shapely.get_coordinates(shape)
                assert coordinates[0] == pytest.approx(points.loc[leg["from"]].to_numpy(), abs=1e-3)
                assert coordinates[-1] == pytest.approx(points.loc[leg["to"]].to_numpy(), abs=1e-3)
            assert line.geom_type == "LineString"
            assert shapely.length(legs.geometry.to_numpy()).sum() == pytest.approx(line.length, abs=1e-3)


# -- departures --------------------------------------------------------------------------------------


def test_a_departure_is_the_same_to_the_minute(six: ag.Network) -> None:
    """Four kilometres of street at 35 km/h take 411 seconds, three take 309."""
    journey = leave(six, f"{SUMMER}T22:00")
    legs = [(leg["mode"], leg["start"][5:16], leg["end"][5:16], leg["hours"]) for leg in journey.legs]
    assert legs == [
        ("road", "07-15T22:00", "07-15T22:06", 0.114),
        ("waiting", "07-15T22:06", "07-16T08:00", 9.886),
        ("ferry", "07-16T08:00", "07-16T16:27", 9.45),
        ("road", "07-16T16:27", "07-16T16:32", 0.086),
    ]
    assert [leg["ref"] for leg in journey.legs] == [None, FERRY, FERRY, None]
    assert [leg["length_km"] for leg in journey.legs] == [4.0, 0.0, 2.0, 3.0]
    document = journey.to_dict()
    assert document["leaves"] == "2026-07-15T22:00+09:00"
    assert document["arrives"] == "2026-07-16T16:32+08:00"
    assert document["arrives_origin_time"] == "2026-07-16T17:32+09:00"
    assert (document["total_h"], document["wait_h"], document["rest_h"]) == (19.536, 9.886, 0.0)
    assert document["crossings"] == [FERRY]


def test_a_holiday_of_four_days_is_waited_out(six: ag.Network) -> None:
    """The pontoon was shut from 16 to 19 February 2026; its hours and its times are those of the 20th."""
    usual = leave(six, f"{WINTER}T12:00")
    assert usual.wait_h == 0
    for at in ("2026-02-16T12:00", "2026-02-19T23:00"):
        journey = leave(six, at)
        (wait,) = [leg for leg in journey.legs if leg["mode"] == "waiting"]
        assert wait["end"][:10] == "2026-02-20"
        assert journey.crossings == (PONTOON,)
        assert journey.total_h - journey.wait_h == pytest.approx(usual.total_h, abs=1e-3)
    assert leave(six, "2026-02-16T12:00", max_wait_h=80).arrives is None
    # The last day before the holiday is an ordinary one.
    assert leave(six, "2026-02-15T12:00").total_h == usual.total_h


def test_from_a_place_to_itself_nothing_is_travelled(six: ag.Network) -> None:
    journey = ag.routes(six, "heihe", "heihe", depart_at=f"{WINTER}T08:00").departure
    assert journey is not None
    assert (journey.leaves, journey.legs, journey.crossings) == (journey.arrives, (), ())
    assert (journey.total_h, journey.wait_h, journey.rest_h) == (0.0, 0.0, 0.0)


def test_a_departure_takes_only_the_crossings_asked_for(six: ag.Network) -> None:
    ask = {"on": WINTER, "depart_at": "12:00"}
    for how, crossing in (
        ({"via": [PONTOON]}, PONTOON),
        ({"via": ["kani_kurgan"]}, BRIDGE),
        ({"avoid": [PONTOON]}, BRIDGE),
        ({"avoid": ["kani_kurgan"]}, PONTOON),
    ):
        found = ag.routes(six, "blagoveshchensk", "heihe", **ask, **how)
        assert found.departure is not None
        assert found.departure.crossings == (crossing,)
        assert [route.crossings for route in found] == [(crossing,)]
    with pytest.raises(ag.InputError, match="expected a crossing or checkpoint beside depart_at"):
        ag.routes(six, "blagoveshchensk", "heihe", via=["north"], **ask)
