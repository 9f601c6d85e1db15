"""Routes at the edges of their rules: ties, limits, names and sums, each with its one right answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from networks import BRIDGE, PONTOON

import amurgeo as ag
from amurgeo.routing import graph as graph_module
from amurgeo.routing.graph import StateGraph, is_at, resolve_target, shut_crossings, stops_of
from amurgeo.routing.ranges import SENSITIVITY, Estimate
from amurgeo.routing.route import Route, _switch
from amurgeo.routing.routes import route_along

WINTER, SUMMER = "2026-02-10", "2026-07-15"
FERRY = "blagoveshchensk:ferry"
FREE: dict[str, Any] = {"on": WINTER, "border_h": {BRIDGE: 0.0, PONTOON: 0.0}}
NO_QUEUE = f"{BRIDGE} wait_h 0+{PONTOON} wait_h 0"


def on_banks(six: ag.Network) -> ag.Network:
    """Return the six places as two banks of a river inside one country, whose regions are of one side."""
    regions = six.tables["regions"].assign(side="home")
    border = six.border
    far = border.far.model_copy(update={"country": border.home.country})
    return ag.Network({**six.tables, "regions": regions}, border=border.model_copy(update={"far": far}))


# -- which routes count ------------------------------------------------------------------------------


def test_a_way_over_the_other_side_of_just_half_as_long_again_counts(six: ag.Network) -> None:
    """It takes 2301 seconds, and so may 1534 seconds along this bank have it, 1533 not."""
    for seconds, expected in ((1534, 2), (1533, 1)):
        road = f"blagoveshchensk--kani_kurgan speed_kmh {30 * 3600 / seconds:.6f}"
        found = ag.routes(six, "blagoveshchensk", "kani_kurgan", scenario=f"{NO_QUEUE}+{road}", **FREE)
        assert found[0].seconds == seconds
        assert [route.seconds for route in found[1:]] == [2301] * (expected - 1)
        assert [record["overlap"] for record in found.records(indicators=False)][1:] == [0.0] * (expected - 1)
        # Routes along the bank have no control, so that no hours of it change the order.
        assert found.break_even() == []
        assert found.records(indicators=False)[0]["checkpoint"] is None


def test_inside_one_country_roads_and_not_sides_tell_the_banks_apart(six: ag.Network) -> None:
    """Over the river the crossings are ranked as between countries; along it a way over it is a transit."""
    river = on_banks(six)
    graph = StateGraph(river.state(WINTER), "truck_20t")
    for state in (graph, StateGraph(six.state(WINTER), "truck_20t")):
        assert state.same_bank("north", "kani_kurgan")
        assert not state.same_bank("north", "heihe")
    # A bank without a road to the others is a bank of its own there, and one side between countries.
    graph.close(("place", "blagoveshchensk"))
    graph.seconds[np.isin(graph.network.edges, ["north--kani_kurgan"])] = np.inf
    assert not graph.same_bank("north", "kani_kurgan")
    for ends in (("north", "south"), ("south", "north")):
        over = [[route.crossings for route in ag.routes(net, *ends, on=WINTER)] for net in (river, six)]
        assert over[0] == over[1]
        assert len(over[0]) == 2
    scenario = f"{NO_QUEUE}+blagoveshchensk--kani_kurgan speed_kmh 40"
    found = ag.routes(river, "kani_kurgan", "blagoveshchensk", scenario=scenario, **FREE)
    assert [(route.crossings, route.transit) for route in found] == [((BRIDGE, PONTOON), True), ((), False)]


def test_from_the_other_bank_of_one_country_a_crossing_may_be_taken_back(six: ag.Network) -> None:
    """Without roads on this bank the way to a place on it leads over the river and back."""
    river = on_banks(six)
    close = "+".join(f"{road} close" for road in ("blagoveshchensk--kani_kurgan", "north--kani_kurgan"))
    (found,) = ag.routes(river, "north", "kani_kurgan", on=WINTER, scenario=close)
    assert found.crossings == (PONTOON, BRIDGE)
    assert not found.transit
    assert list(found.estimates)[:2] == [("border_h", PONTOON), ("border_h", BRIDGE)]
    (back,) = ag.routes(river, "kani_kurgan", "north", on=WINTER, scenario=close)
    # In order of travel.
    assert list(back.estimates)[:2] == [("border_h", BRIDGE), ("border_h", PONTOON)]
    assert back.nodes == found.nodes[::-1]


def test_a_way_over_the_other_side_to_the_near_terminal_is_a_transit(six: ag.Network) -> None:
    scenario = f"{NO_QUEUE}+blagoveshchensk--kani_kurgan close+north--kani_kurgan close"
    for ends in (("blagoveshchensk", "kani_kurgan_ru"), ("kani_kurgan_ru", "blagoveshchensk")):
        graph = StateGraph(six.state(WINTER, scenario=scenario), "truck_20t", FREE["border_h"])
        (path,) = graph.by_first_crossing(*ends)
        assert len(graph.crossings(path)) == 2
        graph.set_rest(0, 0)
        assert route_along(graph, path).transit
        assert [graph.network.names[node] for node in graph.nodes(path)][:: len(path)] == [*ends]


def test_alternatives_share_at_most_seven_tenths_and_take_half_as_long_again(six: ag.Network) -> None:
    """Beside the last 30 km, an hour, runs a slower road; 70 km before, an hour, are shared, 71 are too many.

    With 7200 seconds for the fastest route, 10 800 are the most: 7200 on the slower road.
    """
    roads = six.tables["roads"].drop("north--kani_kurgan")
    beside = roads.loc[["blagoveshchensk--kani_kurgan"]].rename(lambda _id: "kani_kurgan--beside")
    for shared_km, slow_s, expected in ((70, 4500, 2), (71, 4500, 1), (70, 7200, 2), (70, 7201, 1)):
        roads.loc["north--blagoveshchensk", "length_km"] = shared_km
        own = ag.Network({**six.tables, "roads": pd.concat([roads, beside])})
        speeds = {"north--blagoveshchensk": shared_km, "blagoveshchensk--kani_kurgan": 30}
        speeds["kani_kurgan--beside"] = 108_000 / slow_s
        scenario = "+".join(f"{road} speed_kmh {kmh:.7f}" for road, kmh in speeds.items())
        found = ag.routes(own, "north", "kani_kurgan", on=WINTER, scenario=scenario)
        assert [route.seconds for route in found] == [7200, 3600 + slow_s][:expected]


def test_a_search_for_an_alternative_makes_the_best_route_dearer_by_four_tenths(
    six: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One search finds a road of 2799 seconds beside one of 2000, a second one that of 2801."""
    roads = six.tables["roads"]
    beside = roads.loc[["north--kani_kurgan"]].rename(lambda _id: "kani_kurgan--beside")
    own = ag.Network({**six.tables, "roads": pd.concat([roads, beside]).drop("blagoveshchensk--kani_kurgan")})
    for searches, seconds, found in ((1, 2799, 1), (1, 2801, 0), (2, 2801, 1), (9, 3000, 1), (9, 3001, 0)):
        monkeypatch.setattr(graph_module, "SEARCHES", searches)
        speeds = {"north--kani_kurgan": 2000, "kani_kurgan--beside": seconds}
        changes = [f"{road} speed_kmh {90 * 3600 / taken:.6f}" for road, taken in speeds.items()]
        state = StateGraph(own.state(WINTER, scenario="+".join(changes)), "truck_20t")
        best, *_ = state.by_first_crossing("north", "kani_kurgan")
        assert [state.total(path) for path in state.further(best, 1)] == [float(seconds)] * found


def test_as_many_further_routes_are_searched_as_are_missing(
    six: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[tuple[list[int], int]] = []

    def note(_graph: StateGraph, best: list[int], n: int) -> list[list[int]]:
        searched.append((best, n))
        return []

    monkeypatch.setattr(StateGraph, "further", note)
    graph = StateGraph(six.state(WINTER), "truck_20t")
    (only,) = graph.routes("north", "kani_kurgan", [], 4, transit=True)
    assert searched == [(only, 3)]
    # Neither over the border nor by way of something.
    graph.routes("north", "heihe", [], 4, transit=True)
    graph.routes("north", "kani_kurgan", [("place", "blagoveshchensk")], 4, transit=True)
    assert len(searched) == 1


def test_of_routes_that_cross_more_than_twice_only_the_fastest_counts(
    six: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = StateGraph(six.state(WINTER), "truck_20t")
    start = graph.graph.n_static
    names = [(edge, side) for side in ("out", "back") for edge in graph.network.border["edge"].unique()]
    arc = {name: start + number for number, name in enumerate(names)}
    bridge, pontoon, back = arc[BRIDGE, "out"], arc[PONTOON, "out"], arc[PONTOON, "back"]
    thrice, twice = [bridge, back, bridge], [bridge, arc[BRIDGE, "back"]]
    graph.seconds[[bridge, back, twice[1]]] = (5.0, 1.0, 20.0)
    monkeypatch.setattr(graph, "through", lambda _stops: [twice, [pontoon], thrice])
    # 5 + 1 + 5 seconds and 5 + 20.
    for seconds, expected in ((10.0, [[pontoon], twice]), (40.0, [thrice, [pontoon]])):
        graph.seconds[pontoon] = seconds
        assert graph.routes("north", "heihe", [], 5, transit=True) == expected


def test_what_is_avoided_is_closed_and_nothing_else(six: ag.Network) -> None:
    for avoid, expected in (
        ("changfatun", [(PONTOON,)]),
        ("bridge", [(PONTOON,)]),
        ("blagoveshchensk", [(BRIDGE,)]),
        (["bridge", "pontoon"], []),
    ):
        found = ag.routes(six, "north", "south", on=WINTER, avoid=avoid)
        assert [route.crossings for route in found] == expected
    state = StateGraph(six.state(WINTER), "truck_20t")
    state.close(("place", "changfatun"))
    ends = state.network.names[state.graph.tail], state.network.names[state.graph.head]
    assert (np.isinf(state.seconds) >= ((ends[0] == "changfatun") | (ends[1] == "changfatun"))).all()
    usual = StateGraph(six.state(WINTER), "truck_20t").seconds
    assert (np.isinf(state.seconds) & np.isfinite(usual)).sum() == 4


def test_driving_at_a_crossing_is_none_and_a_second_too_much_needs_a_break(plain: ag.Network) -> None:
    """By the pontoon 3.3 hours are driven, passage apart; a limit of as much needs no break anywhere."""
    rules = plain.tables["rest_rules"]
    for seconds, rest_s in ((11_880, 0), (11_879, 2700)):
        own = rules.assign(continuous_h=seconds / 3600)
        net = ag.Network({**plain.tables, "rest_rules": own})
        found = ag.routes(net, "north", "south", on=WINTER, via=[PONTOON], depart_at="09:00")
        assert (found[0].rest_s, found[0].seconds) == (rest_s, 42_840 + rest_s)
        assert [leg["mode"] for leg in found[0].legs].count("rest") == (rest_s > 0)
        assert found.departure is not None
        assert found.departure.rest_h == rest_s / 3600
        assert found.departure.total_h == pytest.approx((42_840 + rest_s) / 3600)
        closed = f"{BRIDGE} close"
        hours = ag.od_matrix(net, "north", "south", on=WINTER, scenario=closed).iat[0, 0]
        assert hours == (42_840 + rest_s) / 3600
        record = found.records(indicators=False)[0]
        # Rest is no part of the time of which estimates have a share.
        assert record["estimated_share"] == round((0.3 + 8.5) / 11.9, 3)


# -- names -------------------------------------------------------------------------------------------


def test_names_of_via_and_avoid_are_crossings_checkpoints_modes_and_places(six: ag.Network) -> None:
    for name, target in (
        (BRIDGE, ("crossing", BRIDGE)),
        ("kani_kurgan", ("checkpoint", "kani_kurgan")),
        ("bridge", ("mode", "bridge")),
        ("north", ("place", "north")),
    ):
        assert resolve_target(six, name, "via") == target
    for name, says in (
        (5, "avoid is invalid: 5; expected crossings, checkpoints or places by name"),
        ("nowhere", "avoid: "),
        ("kani_kurgan:brigde", "avoid: .*did you mean kani_kurgan:bridge"),
    ):
        with pytest.raises(ag.InputError, match=says):
            resolve_target(six, name, "avoid")  # type: ignore[arg-type]
    assert stops_of(six, ["north", "50.2,127.6"]) == ["north", (50.2, 127.6)]
    with pytest.raises(ag.InputError, match="via: "):
        stops_of(six, 5)  # type: ignore[arg-type]


def test_a_crossing_is_at_its_checkpoint_and_of_its_mode() -> None:
    for name, expected in ((BRIDGE, True), ("kani_kurgan", True), ("bridge", True), ("kani", False)):
        assert is_at(BRIDGE, ("checkpoint", name)) == expected
    assert not is_at(BRIDGE, ("place", "kani_kurgan"))
    every, bridge, at_city = [BRIDGE, PONTOON, FERRY], ("mode", "bridge"), ("checkpoint", "blagoveshchensk")
    assert shut_crossings(every, [], []) == set()
    assert shut_crossings(every, [bridge], []) == {PONTOON, FERRY}
    assert shut_crossings(every, [], [bridge]) == {BRIDGE}
    # At any of two that are asked for.
    assert shut_crossings(every, [bridge, ("mode", "ferry")], []) == {PONTOON}
    assert shut_crossings(every, [at_city], [("mode", "ferry")]) == {BRIDGE, FERRY}


def test_questions_that_contradict_themselves_are_refused(six: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="max_wait_h= acts with depart_at= only"):
        ag.routes(six, "north", "heihe", on=WINTER, max_wait_h=5.0)
    places = six.tables["places"]
    alone = {**six.tables, "places": pd.concat([places.loc[["north"]].rename({"north": "alone"}), places])}
    # No train runs at all there.
    for vehicle in ("truck_20t", "train"):
        with pytest.raises(ag.InputError, match="alone is not connected to the rest of the network"):
            ag.od_matrix(ag.Network(alone), "alone", "heihe", on=WINTER, vehicle=vehicle)


def test_a_question_keeps_its_options(six: ag.Network) -> None:
    usual = {"k": 4, "via": [], "avoid": [], "transit": True, "border": {}, "drivers": 1, "depart": ""}
    assert ag.routes(six, "north", "heihe", on=WINTER).asked == {**usual, "max_wait_h": 120.0}
    ask: dict[str, Any] = {
        "k": 2,
        "via": ["bridge"],
        "transit": False,
        "border_h": {BRIDGE: 1.0},
        "drivers": 2,
    }
    found = ag.routes(six, "north", "heihe", on=WINTER, depart_at="08:05", max_wait_h=0, **ask)
    assert found.asked == {
        "k": 2, "via": [("mode", "bridge")], "avoid": [], "transit": False, "border": {BRIDGE: 1.0},
        "drivers": 2, "depart": "08:05", "max_wait_h": 0.0,
    }  # fmt: skip


def test_a_map_is_the_page_of_the_routes(six: ag.Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ag, "maps", SimpleNamespace(page=lambda found, lang: (found, lang)), raising=False)
    found = ag.routes(six, "north", "heihe", on=WINTER)
    assert found.map(lang="ru") == (found, "ru")
    assert found.map() == (found, "en")


# -- sums and shares ---------------------------------------------------------------------------------


def test_a_share_of_estimates_is_none_at_home_and_never_above_one(six: ag.Network) -> None:
    """40 m at 60 km/h take 2.4 seconds, which count as two."""
    speed = "north--blagoveshchensk speed_kmh 60"
    roads = six.tables["roads"].copy()
    roads.loc["north--blagoveshchensk", ["length_km", "length_source"]] = [0.04, "estimated"]
    short = ag.Network({**six.tables, "roads": roads})
    (route,) = found = ag.routes(short, "north", "blagoveshchensk", on=WINTER, scenario=speed, k=1)
    assert route.seconds == 2
    record = found.to_dict()["routes"][0]
    assert record["estimated_share"] == 1.0
    assert record["indicators"][-1]["indicator"] == "CO2E"
    # Speeds with and without delay are those of less than an hour.
    speeds = route.indicators().set_index("indicator")["value"]
    assert speeds["TFI4_SWD"] == pytest.approx(0.04 / (2 / 3600))
    assert speeds["TFI4_SWOD"] == pytest.approx(0.04 / (2 / 3600))
    home = ag.routes(six, "north", "north", on=WINTER).records(indicators=False)[0]
    assert home["estimated_share"] == 0.0
    assert "indicators" not in home
    assert "indicators" not in found.to_dict(indicators=False)["routes"][0]


def test_a_delay_of_a_hundred_hours_is_added_up_to_the_second(plain: ag.Network) -> None:
    """11.9 hours by the pontoon with 7 of control, and 11.95 + 100 by the bridge."""
    found = ag.routes(plain, "north", "south", on=WINTER, border_h={BRIDGE: 106.0})
    assert [record["detour_h"] for record in found.records(indicators=False)] == [0.0, 100.05]
    assert found.break_even()[0]["break_even_h"] == 107.05
    # A quarter of the speed: a night and three breaks (test_by_hand).
    slow = ag.routes(plain, "north", "south", on=WINTER, scenario="truck_20t speed_factor 0.25")
    assert [record["rest_h"] for record in slow.records(indicators=False)] == [13.25, 13.25]


def test_control_of_half_an_hour_is_an_estimate_and_none_is_not(plain: ag.Network) -> None:
    for hours, expected in ((0.5, True), (0.0, False)):
        services = plain.tables["services"].copy()
        services.loc[(BRIDGE, "cargo"), "border_h_out"] = hours
        own = ag.Network({**plain.tables, "services": services})
        (record,) = ag.routes(own, "north", "heihe", on=WINTER, via=[BRIDGE], k=1).records(indicators=False)
        assert (record["border_h"], record["border_estimated"]) == (hours, expected)


def test_a_route_alone_has_no_transit_no_rest_and_no_alternatives(six: ag.Network) -> None:
    arcs = ag.routes(six, "north", "blagoveshchensk", on=WINTER, k=1)[0].arcs
    route = Route(six, arcs, (), ())
    assert (route.transit, route.vehicle, route.rest_s, route.alternatives) == (False, "", 0, [])
    assert route.seconds == arcs["seconds"].sum()
    assert (route.name, route.nodes) == (None, ("north", "blagoveshchensk"))
    assert route.to_gdf().empty


def test_routes_of_no_length_have_all_or_nothing_in_common(six: ag.Network) -> None:
    at_home = ag.routes(six, "north", "north", on=WINTER)[0]
    away = ag.routes(six, "north", "heihe", on=WINTER)[0]
    assert (at_home.overlap(at_home), at_home.overlap(away), away.overlap(at_home)) == (1.0, 0.0, 0.0)
    roads = six.tables["roads"].assign(length_km=0.0)
    flat = ag.Network({**six.tables, "roads": roads})
    graph = StateGraph(flat.state(WINTER), "truck_20t")
    arc = {edge: number for number, edge in enumerate(graph.network.edges)}
    one, two = [arc["north--blagoveshchensk"]], [arc["north--kani_kurgan"]]
    assert (graph.overlap(one, one), graph.overlap(one, two)) == (1.0, 0.0)
    assert graph.overlap([*one, *two], one) == 0.0


def test_a_queue_of_a_year_is_the_longest(plain: ag.Network) -> None:
    route = ag.routes(plain, "north", "south", on=WINTER, via=[BRIDGE])[0]
    profile = route.profile(queue_h={BRIDGE: 8784.0})
    assert profile["hours"].iloc[-1] == pytest.approx(11.95 + 8784.0)
    with pytest.raises(ag.InputError, match=r"queue_h: hours of kani_kurgan:bridge.*0 to 8784"):
        route.profile(queue_h={BRIDGE: 8784.1})


# -- what would change the choice --------------------------------------------------------------------


def rival(name: str | None, hours: float, per_share: float = 0.0, *keys: Any) -> Any:
    """Return a route whose hours grow with the share of an estimate."""
    return SimpleNamespace(
        name=name,
        seconds=3600 * hours,
        estimates=dict.fromkeys(keys),
        _moved_h=lambda _key, share: hours + per_share * share,
    )


def test_of_two_rivals_the_one_counts_that_is_faster_nearer_to_the_value_taken() -> None:
    """One is faster below 40.5 % of the way to the low end, one above 70.5 % of that to the high end."""
    speeds = Estimate("speeds", None, 2.0, 4.0, 10.0)
    route = rival("own", 10.0)
    near, far = rival("near", 10.405, 1.0), rival("far", 10.705, -1.0)
    assert _switch(route, speeds, [near, far]) == {"switch_h": pytest.approx(4 - 0.41 * 2), "against": "near"}
    near, far = rival("near", 10.405, -1.0), rival("far", 10.705, 1.0)
    assert _switch(route, speeds, [far, near]) == {"switch_h": pytest.approx(4 + 0.41 * 6), "against": "near"}
    assert _switch(route, speeds, [far]) == {"switch_h": pytest.approx(4 - 0.71 * 2), "against": "far"}
    # As fast is not faster, and what is faster anyhow is no rival.
    assert _switch(route, speeds, [rival("equal", 11.0, -1.0), rival("first", 9.0, -5.0)]) == {}
    assert _switch(route, speeds, []) == {}


def test_a_rival_that_is_as_fast_wins_with_any_hour_more() -> None:
    key = ("border_h", BRIDGE)
    control = Estimate(*key, 2.0, 6.0, 9.0)
    route, equal, slow = rival(BRIDGE, 10.0), rival(PONTOON, 10.0), rival(FERRY, 10.5)
    assert _switch(route, control, [slow, equal]) == {"switch_h": 6.0, "against": PONTOON}
    assert _switch(route, control, [slow]) == {"switch_h": 6.5, "against": FERRY}
    # Neither what is faster nor what has the same control to pass is a rival.
    same = rival(PONTOON, 10.0, 0.0, key)
    assert _switch(route, control, [same, rival(None, 9.9), slow]) == {"switch_h": 6.5, "against": FERRY}
    assert _switch(route, control, [same]) == {}


def test_an_estimate_of_another_crossing_moves_nothing(plain: ag.Network) -> None:
    first, second = ag.routes(plain, "north", "south", on=WINTER)
    assert first._moved_h(("border_h", BRIDGE), 1.0) == first._moved_h(("border_h", BRIDGE), -1.0) == 11.9
    assert second._moved_h(("border_h", BRIDGE), 1.0) == pytest.approx(11.95 + 3.0)
    table = second.sensitivity()
    assert tuple(table) == SENSITIVITY
    assert table.index.tolist() == [*range(len(second.estimates))]
