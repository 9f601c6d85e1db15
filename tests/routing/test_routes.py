"""Routes: by hand on six places, and against networkx on the shipped network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amurgeo as ag

TRUNK_KMH = 65.0


def test_six_places_by_hand(six: ag.Network) -> None:
    found = ag.routes(six, "north", "south", on="2026-07-15", k=5)
    assert [route.crossings for route in found.routes] == [
        ("kani_kurgan:bridge",),
        ("blagoveshchensk:ferry",),
    ]
    bridge = found.routes[0]
    crossing = six.tables["crossings"].loc["kani_kurgan:bridge"]
    terminals = six.tables["terminals"].set_index(["checkpoint", "side"])["access_km"]
    own = terminals["kani_kurgan", "home"] + terminals["kani_kurgan", "far"]
    assert bridge.length_km == pytest.approx(90 + own + crossing["length_km"] + 10 + 120)
    service = six.tables["services"].loc[("kani_kurgan:bridge", "cargo")]
    hours = (
        (90 + own + 130) / TRUNK_KMH
        + crossing["travel_min"] / 60
        + service["border_h_out"]
        + service["wait_h"]
    )
    assert bridge.seconds == pytest.approx(hours * 3600, abs=len(bridge.arcs))


def test_there_and_back_are_ranked_alike(six: ag.Network) -> None:
    there = ag.routes(six, "north", "heihe", on="2026-07-15")
    back = ag.routes(six, "heihe", "north", on="2026-07-15")
    assert [route.crossings for route in there.routes] == [route.crossings for route in back.routes]
    assert back.routes[0].nodes == there.routes[0].nodes[::-1]


def test_a_place_to_itself_is_one_route_of_no_length(six: ag.Network) -> None:
    found = ag.routes(six, "north", "north", on="2026-07-15")
    assert len(found) == 1
    record = found.records()[0]
    assert (record["length_km"], record["total_h"], record["crossing"], record["legs"]) == (
        0.0,
        0.0,
        None,
        [],
    )


def test_a_place_to_itself_is_no_pair_to_compare(six: ag.Network) -> None:
    pair = {"origins": "north", "destinations": ["north"]}
    for ask in (
        lambda: ag.compare(six, ["baseline", "no_bridge"], on="2026-07-15", **pair),
        lambda: ag.redundancy(six, 2026, **pair),
    ):
        with pytest.raises(ag.InputError, match="'north' is both origin and destination"):
            ask()
    assert ag.od_matrix(six, "north", "north", on="2026-07-15").iloc[0, 0] == 0.0


@pytest.mark.parametrize("length_km", [0.0, 0.0001])
def test_a_road_without_length_is_one_route(six: ag.Network, length_km: float) -> None:
    depot = {**six.base["places"].loc["north"].to_dict(), "id": "depot", "lat": 51.3001}
    road = {**six.base["roads"].iloc[0].to_dict(), "from": "north", "to": "depot", "length_km": length_km}
    near = six.with_rows({"places": [depot], "roads": [{**road, "id": "north--depot"}]})
    found = ag.routes(near, "north", "depot", on="2026-02-10", k=4)
    assert [route.nodes for route in found] == [("north", "depot")]
    assert [route.length_km for route in found] == [length_km]


def test_domestic_routes_stay_in_the_country_if_faster(six: ag.Network) -> None:
    found = ag.routes(six, "north", "kani_kurgan", on="2026-07-15")
    assert found.routes[0].crossings == ()
    assert not found.routes[0].transit
    assert (
        ag.routes(six, "north", "kani_kurgan", on="2026-07-15", transit=False).routes[0].nodes
        == found.routes[0].nodes
    )


def test_without_a_route_closed_crossings_are_listed_with_reasons(six: ag.Network) -> None:
    found = ag.routes(six, "north", "heihe", on="2018-11-10")
    assert found.routes == ()
    why = {item["crossing"]: item for item in found.why_none}
    assert why["blagoveshchensk:ferry"]["reason"] == "ice_forming"
    assert why["blagoveshchensk:pontoon"]["expected_open"].startswith("2018-12")
    assert why["kani_kurgan:bridge"]["reason"] == "not_yet_open"
    assert why["kani_kurgan:bridge"]["expected_open"] is None


def test_via_and_avoid(six: ag.Network) -> None:
    ask = {"on": "2026-07-15"}
    assert {
        r.crossings[0] for r in ag.routes(six, "north", "heihe", via=["blagoveshchensk:ferry"], **ask).routes
    } == {"blagoveshchensk:ferry"}
    assert {
        r.crossings[0] for r in ag.routes(six, "north", "heihe", avoid=["kani_kurgan"], **ask).routes
    } == {"blagoveshchensk:ferry"}
    assert all(
        "blagoveshchensk" not in r.nodes
        for r in ag.routes(
            six, "north", "heihe", avoid=["blagoveshchensk:ferry", "Blagoveshchensk"], **ask
        ).routes
    )
    with pytest.raises(ag.InputError, match="ends of the journey"):
        ag.routes(six, "north", "heihe", avoid=["north"], **ask)
    with pytest.raises(ag.InputError, match="did you mean blagoveshchensk:ferry"):
        ag.routes(six, "north", "heihe", via=["blagoveshchensk:fery"], **ask)


def test_given_border_hours_replace_the_estimate(six: ag.Network) -> None:
    usual = ag.routes(six, "north", "heihe", on="2026-07-15").routes[0]
    slow = ag.routes(six, "north", "heihe", on="2026-07-15", border_h={"kani_kurgan:bridge": 30.0})
    assert slow.routes[0].crossings == ("blagoveshchensk:ferry",)
    own = ag.routes(six, "north", "heihe", on="2026-07-15", border_h={"kani_kurgan:bridge": 1.0}).records()[0]
    assert own["border_h"] == 1.0
    assert own["border_estimated"] is False
    assert usual.arcs["border_h"].sum() > 1.0


@pytest.mark.slow
def test_winter_routes_blagoveshchensk_to_heihe(net: ag.Network) -> None:
    found = ag.routes(net, "Blagoveshchensk", "Heihe", on="2026-02-10", vehicle="truck_20t", k=4)
    crossings = [route.crossings[0] for route in found.routes]
    assert {"kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ice_road"} <= set(crossings)
    totals = [record["total_h"] for record in found.records()]
    assert totals == sorted(totals)
    assert all(record["border_estimated"] for record in found.records())
    heavy = ag.routes(net, "Blagoveshchensk", "Heihe", on="2026-02-10", vehicle="truck_40t", k=4)
    assert "poyarkovo:ice_road" not in [route.crossings[0] for route in heavy.routes]


def test_records_sum_up(net: ag.Network) -> None:
    for record in ag.routes(net, "Belogorsk", "Harbin", on="2026-02-10").records():
        assert record["total_h"] == pytest.approx(
            record["drive_h"] + record["border_h"] + record["wait_h"] + record["rest_h"], abs=0.02
        )
        assert sum(leg["hours"] for leg in record["legs"]) == pytest.approx(record["total_h"], abs=0.02)
        assert sum(leg["length_km"] for leg in record["legs"]) == pytest.approx(record["length_km"], abs=0.5)
        assert 0.0 <= record["estimated_share"] <= 1.0


def test_od_matrix_has_nan_without_a_route(six: ag.Network) -> None:
    hours = ag.od_matrix(six, ["north", "heihe"], ["south", "north"], on="2018-11-10")
    assert np.isnan(hours.at["north", "south"])
    assert hours.at["north", "north"] == 0.0
    assert hours.at["heihe", "south"] == pytest.approx(120 / TRUNK_KMH, abs=0.01)


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"origin": "Blagoveschensk"}, "did you mean Blagoveshchensk"),
        ({"vehicle": "zeppelin"}, "valid: bus"),
        ({"on": "2026-02-30"}, "does not exist"),
        ({"scenario": "frozn"}, "frozen"),
        ({"k": 0}, "from 1 to 10000"),
        ({"border_h": {"x:y": 1.0}}, "unknown crossing"),
    ],
)
def test_invalid_input_raises(net: ag.Network, kwargs: dict, says: str) -> None:
    ask = {"origin": "Blagoveshchensk", "destination": "Heihe", "on": "2026-02-10", **kwargs}
    with pytest.raises(ag.InputError, match=says):
        ag.routes(net, ask.pop("origin"), ask.pop("destination"), **ask)


def test_the_order_changes_at_break_even(six: ag.Network) -> None:
    found = ag.routes(six, "north", "heihe", on="2026-07-15")
    flip = found.to_dict()["break_even"][0]
    for hours, first in (
        (flip["break_even_h"] - 0.1, flip["crossing"]),
        (flip["break_even_h"] + 0.1, flip["against"]),
    ):
        again = ag.routes(six, "north", "heihe", on="2026-07-15", border_h={flip["crossing"]: hours})
        assert again.routes[0].crossings[0] == first


def test_alternatives_inside_a_country_differ_and_have_no_loops(net: ag.Network) -> None:
    found = ag.routes(net, "Blagoveshchensk", "Raychikhinsk", on="2026-07-15", k=4, transit=False)
    assert len(found) >= 2
    for position, route in enumerate(found.routes):
        assert not route.crossings
        assert len(set(route.nodes)) == len(route.nodes)
        assert route.seconds <= 1.5 * found.routes[0].seconds
        assert all(route.overlap(other) <= 0.7 for other in found.routes[:position])


def test_a_large_number_of_routes_ends(net: ag.Network) -> None:
    few, many = (ag.routes(net, "Blagoveshchensk", "Raychikhinsk", on="2026-07-15", k=k) for k in (4, 10_000))
    assert len(few) <= len(many) < 100


def test_via_a_place(net: ag.Network) -> None:
    found = ag.routes(net, "Belogorsk", "Harbin", on="2026-07-15", via=["Tambovka"])
    assert found.routes
    assert all("tambovka" in route.nodes for route in found.routes)
    usual = ag.routes(net, "Belogorsk", "Harbin", on="2026-07-15")
    assert found.routes[0].seconds >= usual.routes[0].seconds


@pytest.mark.slow
def test_points_are_joined_on_their_own_side(net: ag.Network) -> None:
    found = ag.routes(net, "50.45,127.62", "49.90,127.40", on="2026-07-15").to_dict()
    assert set(found["joined"]) == {"origin", "destination"}
    assert found["routes"][0]["crossing"]
    assert all(joint["distance_km"] < 30 for joint in found["joined"].values())
    for wrong, says in (("127.62,50.45", "did you mean 50.45,127.62"), ("0,0", "outside the region")):
        with pytest.raises(ag.InputError, match=says):
            ag.routes(net, wrong, "Heihe", on="2026-07-15")


@pytest.mark.slow
@given(
    ends=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)),
    k=st.integers(1, 10_000),
    vehicle=st.sampled_from(["truck_20t", "train"]),
    on=st.sampled_from(["2026-02-10", "2026-07-15"]),
)
@settings(max_examples=12, deadline=None)
def test_any_number_of_routes_is_found_distinct_and_in_order(
    net: ag.Network, ends: tuple[int, int], k: int, vehicle: str, on: str
) -> None:
    side = net.nodes[(net.nodes["side"] == "home") & (net.nodes["kind"] != "terminal")].index
    start, end = (side[number % len(side)] for number in ends)
    found = ag.routes(net, start, end, on=on, k=k, vehicle=vehicle)
    assert len(found) <= k
    seconds = [route.seconds for route in found]
    assert seconds == sorted(seconds)
    assert len({tuple(route.arcs["edge"]) for route in found}) == len(found)
    few = ag.routes(net, start, end, on=on, k=1, vehicle=vehicle)
    assert [route.seconds for route in few] == seconds[:1]


@pytest.mark.slow
def test_a_route_has_the_chance_and_the_evidence_of_its_weakest_crossing(net: ag.Network) -> None:
    order = ["observed", "scenario", "expected", "uncovered", "unknown"]
    for destination, by_land in (("Heihe", False), ("Belogorsk", True)):
        found = ag.routes(net, "Blagoveshchensk", destination, on="2026-02-10", k=2)
        services = found.state.crossings.xs("cargo", level="traffic")
        for row in found.records():
            used = services.loc[row["crossings"]]
            assert used.empty == by_land == (row["probability_open"] is None) == (row["evidence"] is None)
            if not by_land:
                assert row["probability_open"] == pytest.approx(used["probability_open"].min(), abs=1e-4)
                assert row["evidence"] == max(used["evidence"], key=order.index)
