"""From the tables of a dataset to services, their gaps and seasons, and the roads of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from bare_network import BRIDGE, FERRY, ICE, PONTOON, noted
from one_service import day, days

import amurgeo as ag
from amurgeo.network import crossing_name
from amurgeo.scenario import Change, Scenario
from amurgeo.seasons.evaluation import (
    COVERED_DAYS,
    STOP_DAYS,
    assuming,
    evaluate,
    ice_shift,
    resolve_day,
    scenario_of,
    seasons_of,
    services_of,
)


def gaps_of(net: ag.Network, crossing: str = FERRY, traffic: str = "cargo") -> list[list[str]]:
    found: list[list[str]] = services_of(net)[crossing, traffic].gaps.astype(str).tolist()
    return found


# Services.


def test_a_row_covers_half_a_year_around_it(bare: ag.Network) -> None:
    service = services_of(noted(bare, "open 2021-05-12", "suspend 2021-07-01 until=2021-07-09"))[
        FERRY, "cargo"
    ]
    assert COVERED_DAYS == 183
    assert service.covered.tolist() == [
        [day("2021-05-12") - 183, day("2021-05-12") + 183], [day("2021-07-01") - 183, day("2021-07-09") + 183]
    ]  # fmt: skip
    assert len(services_of(bare)[FERRY, "cargo"].covered) == 0
    other = services_of(noted(bare, "open 2021-05-12 traffic=passenger"))
    assert [len(other[FERRY, traffic].covered) for traffic in ("cargo", "passenger")] == [0, 1]


def test_days_seen_open_are_known_to_a_day_and_openings_are_among_them(bare: ag.Network) -> None:
    """But not the openings of a service that works all year, whose closings are stops."""
    lines = [
        "open 2021-05-12",
        "seen_open 2021-06-01",
        "seen_open 2021-06-08 precision=week",
        "seen_closed 2021-06-10",
        "seen_closed 2021-06-12 precision=week",
        "close 2021-10-01",
    ]
    ferry = services_of(noted(bare, *lines))[FERRY, "cargo"]
    assert ferry.seen_open.astype(str).tolist() == ["2021-05-12", "2021-06-01"]
    assert ferry.seen_closed.astype(str).tolist() == ["2021-06-10"]
    bridge = services_of(noted(bare, *(f"{line} crossing={BRIDGE}" for line in lines)))[BRIDGE, "cargo"]
    assert bridge.seen_open.astype(str).tolist() == ["2021-06-01"]
    assert bridge.record.stops[0].last is None


def test_a_service_has_the_days_of_its_row(bare: ag.Network) -> None:
    services = services_of(bare)
    bridge, ice = services[BRIDGE, "cargo"], services[ICE, "cargo"]
    assert (bridge.opened, bridge.retired, bridge.planned) == (day("2022-06-10"), None, None)
    assert ice.retired == day("2012-04-01")
    assert (ice.mode, ice.checkpoint, ice.counterpart) == ("ice_road", "blagoveshchensk", "heihe")
    assert list(services) == list(bare.base["services"].index)


def test_a_stop_without_an_end_leaves_a_gap_until_work_is_resumed(bare: ag.Network) -> None:
    assert STOP_DAYS == 20
    for lines, expected in (
        (["suspend 2021-07-01"], [["2021-07-01", "2021-07-21"]]),
        (["suspend 2021-07-01", "resume 2021-07-10"], [["2021-07-01", "2021-07-09"]]),
        (["suspend 2021-07-01", "open 2021-07-10"], [["2021-07-01", "2021-07-09"]]),
        (["suspend 2021-07-01", "resume 2021-07-22"], [["2021-07-01", "2021-07-21"]]),
        (["suspend 2021-07-01", "resume 2021-07-23"], [["2021-07-01", "2021-07-21"]]),
        # Work resumed on the next day leaves the day itself; before it nothing ends.
        (["suspend 2021-07-01", "resume 2021-07-02"], [["2021-07-01", "2021-07-01"]]),
        (["open 2021-07-01", "suspend 2021-07-01"], [["2021-07-01", "2021-07-21"]]),
        (["suspend 2021-07-01", "close 2021-07-10"], [["2021-07-01", "2021-07-21"]]),
        (["suspend 2021-07-01 until=2021-07-05"], []),
        (["suspend 2021-07-01 traffic=passenger"], []),
    ):
        assert gaps_of(noted(bare, *lines)) == expected, lines


def test_a_gap_of_the_record_ends_before_an_opening_or_with_the_stop_of_its_first_day(
    bare: ag.Network,
) -> None:
    first, until = "2021-06-01", "2021-09-30"
    row = {"first": first, "until": until, "ends_with": "open_or_resume"}
    for lines, ends_with, last in (
        ([], "open_or_resume", until),
        (["open 2021-07-01"], "open_or_resume", "2021-06-30"),
        (["resume 2021-07-01"], "open_or_resume", "2021-06-30"),
        (["resume 2021-07-01"], "until", until),
        (["close 2021-07-01"], "open_or_resume", until),
        # Before its first day nothing ends it; an opening on the day after does.
        (["open 2021-06-01"], "open_or_resume", until),
        (["open 2021-06-02"], "open_or_resume", "2021-06-01"),
        (["suspend 2021-05-01 until=2021-07-15"], "open_or_resume", "2021-07-15"),
        (["suspend 2021-06-01 until=2021-07-15"], "open_or_resume", "2021-07-15"),
        (["suspend 2021-05-01 until=2021-06-01"], "open_or_resume", "2021-06-01"),
        (["suspend 2021-05-01 until=2021-05-31"], "open_or_resume", until),
        (["suspend 2021-06-02 until=2021-07-15"], "open_or_resume", until),
        (["suspend 2021-06-01 until=2022-07-15"], "open_or_resume", until),
        (["suspend 2021-06-01 until=2021-07-15", "open 2021-07-01"], "open_or_resume", "2021-06-30"),
    ):
        found = noted(bare, *lines, gaps=(row | {"ends_with": ends_with},))
        assert gaps_of(found)[-1] == [first, last], (lines, ends_with)


def test_a_gap_is_of_its_crossings_modes_and_traffic(bare: ag.Network) -> None:
    row = {"first": "2021-06-01", "until": "2021-09-30"}
    for values, expected in (
        ({}, True),
        ({"traffic": "both"}, True),
        ({"traffic": "passenger"}, False),
        ({"modes": "pontoon"}, False),
        ({"modes": "!ferry"}, False),
        ({"crossings": "kani_kurgan"}, False),
        ({"crossings": "blagoveshchensk"}, True),
        ({"crossings": FERRY}, True),
        ({"crossings": FERRY, "modes": "pontoon"}, False),
    ):
        assert bool(gaps_of(noted(bare, gaps=(row | values,)))) == expected, values


# Scenarios.


def test_a_date_is_that_of_the_question_or_of_the_regime(bare: ag.Network) -> None:
    net = noted(bare, "open 2021-05-12")
    assert resolve_day(net, "2026-02-10", Scenario("x")) == date(2026, 2, 10)
    regime = Scenario("mine", day=(2, 29))
    # The year is that of the newest row, or of the world.
    assert resolve_day(net, None, regime) == date(2021, 2, 28)
    assert resolve_day(net, "2021-02-28", regime) == date(2021, 2, 28)
    assert resolve_day(net, None, Scenario("mine", day=(2, 29), world=2016)) == date(2016, 2, 29)
    for on, scenario, text in (
        ("2021-02-27", regime, "the regime 'mine' has a date of its own, 02-29"),
        (None, Scenario("x"), "the scenario 'x' has no date of its own"),
    ):
        with pytest.raises(ag.InputError, match=text):
            resolve_day(net, on, scenario)


def test_an_assumption_is_for_dated_days_of_a_gap(bare: ag.Network) -> None:
    net = noted(bare, gaps=({"first": "2021-06-01", "until": "2021-06-03"},))
    plain, world = Scenario("x"), Scenario("y", world=2015)
    regime = Scenario("z", day=(6, 2))
    for first, last, scenarios, is_valid in (
        ("2021-05-31", "2021-05-31", [plain], False),
        ("2021-05-31", "2021-06-01", [plain], True),
        ("2021-06-03", "2021-06-09", [plain], True),
        ("2021-06-04", "2021-06-09", [plain], False),
        ("2021-06-01", "2021-06-03", [world], False),
        ("2021-06-01", "2021-06-03", [regime], False),
        ("2021-06-01", "2021-06-03", [regime, plain], True),
    ):
        assert assuming(net, scenarios, None, days(first, last)) == scenarios
        if is_valid:
            assumed = assuming(net, scenarios, "open", days(first, last))
            assert [one.assume for one in assumed] == ["open"] * len(scenarios)
        else:
            with pytest.raises(ag.InputError, match="no service is unknown"):
                assuming(net, scenarios, "open", days(first, last))


def test_a_scenario_of_a_world_has_the_services_of_its_year(bare: ag.Network) -> None:
    """In the world of 2011 the pontoon and the bridge are not there yet."""
    for world, reasons in ((None, ["all_year", "in_season"]), (2011, ["not_yet_open", "not_yet_open"])):
        found = ag.state(bare, "2024-02-29", scenario=Scenario("then", world=world))
        assert found.on == date(2024, 2, 29)
        assert found.crossings["reason"].xs("cargo", level="traffic")[[BRIDGE, PONTOON]].tolist() == reasons


def test_a_delay_moves_openings_and_warming_both_ends(bare: ag.Network) -> None:
    pontoon, ferry = services_of(bare)[PONTOON, "cargo"], services_of(bare)[FERRY, "cargo"]

    def ends(service: Any, *changes: Change) -> tuple[list[str], bool]:
        found, moved = seasons_of(bare, Scenario("x", changes=changes), service, 2020, 2020)
        assert found is not None
        (season,) = found
        return [str(turn.p50) for turn in (season.open, season.close) if turn], moved

    assert ends(pontoon) == (["2021-01-10", "2021-04-10"], False)
    assert ends(pontoon, ag.delay(PONTOON, 10)) == (["2021-01-20", "2021-04-10"], True)
    assert ends(pontoon, ag.delay(PONTOON, 10), ag.delay("pontoon", -3)) == (
        ["2021-01-17", "2021-04-10"],
        True,
    )
    # Changes of other services, and other changes, move nothing.
    assert ends(pontoon, ag.delay(FERRY, 10), ag.close(PONTOON)) == (["2021-01-10", "2021-04-10"], False)
    assert ends(pontoon, ag.delay(PONTOON, 0)) == (["2021-01-10", "2021-04-10"], False)
    assert ends(ferry, ag.delay(PONTOON, 10)) == (["2020-05-10", "2020-11-01"], False)
    shift = ice_shift(bare, 2.0)
    for service, opened, closed, delay in (
        (pontoon, "2021-01-10", "2021-04-10", 0),
        (pontoon, "2021-01-10", "2021-04-10", 10),
        (ferry, "2020-05-10", "2020-11-01", 0),
    ):
        moved = [
            str(day(on) + round(shift.of(service.mode, event) + later))
            for on, event, later in ((opened, "open", delay), (closed, "close", 0))
        ]
        changes = [ag.warming(2.0)] + [ag.delay(PONTOON, delay)] * bool(delay)
        assert ends(service, *changes) == (moved, True)


def test_a_warming_without_ice_cancels_the_seasons_on_it(bare: ag.Network) -> None:
    services = services_of(bare)
    for warming, cancelled in ((2.0, []), (10.0, ["ice_road"])):
        shift, scenario = ice_shift(bare, warming), Scenario("x", changes=[ag.warming(warming)])
        found = [
            mode
            for mode in ("ferry", "pontoon", "ice_road")
            if seasons_of(bare, scenario, services[f"blagoveshchensk:{mode}", "cargo"], 2009, 2009)[0] is None
        ]
        assert found == cancelled
        assert shift.carries != bool(cancelled)
    assert seasons_of(bare, scenario, services[ICE, "cargo"], 2009, 2009) == (None, True)
    assert seasons_of(bare, scenario, services[BRIDGE, "cargo"], 2009, 2009) == ([], False)


def test_a_moved_season_on_record_has_the_spread_of_an_unknown_one(bare: ag.Network) -> None:
    net = noted(bare, "open 2021-05-20 precision=week")
    scenario = Scenario("x", changes=[ag.delay(FERRY, 10)])
    (season,), moved = seasons_of(net, scenario, services_of(net)[FERRY, "cargo"], 2021, 2021)
    assert moved
    assert (season.open.p50, season.open.distribution.scale) == (date(2021, 5, 30), 0.5)
    assert (season.open.observed, season.open.precision) == (date(2021, 5, 20), "week")
    assert season.close.p50 == date(2021, 11, 1)
    assert season.close.observed is None


def test_a_dataset_without_ice_has_no_warming(bare: ag.Network) -> None:
    border = bare.border.model_copy(update={"ice": None})
    net = ag.Network(bare.base, border=border, folder=bare.folder)
    with pytest.raises(ag.InputError, match="no ice model"):
        net.state("2026-02-10", scenario=ag.warming(1.0))


def test_some_services_are_evaluated_alone(bare: ag.Network) -> None:
    on = days("2026-02-10", "2026-02-10")
    assert evaluate(bare, Scenario("x"), on, []) == []
    (one,) = evaluate(bare, Scenario("x"), on, [services_of(bare)[PONTOON, "cargo"]])
    assert (one.service.crossing, one.status[0]) == (PONTOON, "limited")
    assert len(evaluate(bare, Scenario("x"), on)) == len(bare.base["services"])


def test_a_service_works_like_a_crossing_with_the_other_kind_of_traffic(bare: ag.Network) -> None:
    """The hovercraft carries passengers alone; cargo follows their season."""
    on, hovercraft = "2026-07-15", "blagoveshchensk:hovercraft"
    for model, open_ in ((FERRY, True), (PONTOON, False)):
        found = bare.state(on, scenario=ag.open(hovercraft, like=model)).crossings
        assert (found.loc[(hovercraft, "passenger"), "status"] != "closed") == open_
    like = bare.state(on, scenario=Scenario("x", changes=[ag.open(PONTOON, like=hovercraft)]))
    assert like.crossings.loc[(PONTOON, "cargo"), "reason"] == "out_of_season"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (ag.delay(BRIDGE, 9), "it has no season"),
        (ag.delay("kani_kurgan", 9), "it has no season"),
        (ag.delay("blagoveshchensk", 9), None),
        (ag.limit(PONTOON, 40), "the heaviest vehicle has 40 t"),
        (ag.limit(PONTOON, 39.5), None),
        # Without a limit of its own that of the heaviest vehicle admitted counts: a bus of 18 t.
        (ag.limit(BRIDGE, 18, traffic="passenger"), "the heaviest vehicle has 18 t"),
        (ag.limit(BRIDGE, 17.5, traffic="passenger"), None),
        (ag.limit(BRIDGE, 18), None),
        (ag.close(BRIDGE, traffic="cargo"), None),
        (ag.close("blagoveshchensk:hovercraft", traffic="cargo"), "has no service for cargo traffic"),
        (ag.delay("north--blagoveshchensk", 9), "the road is open all year"),
        (ag.open("north--blagoveshchensk"), "the road is open all year"),
        (ag.open("north--blagoveshchensk", like="road:up"), None),
        (ag.close("north--blagoveshchensk"), None),
        (ag.delay("north--kani_kurgan", 9), None),
        (ag.open("north--kani_kurgan"), None),
        (ag.limit("north--kani_kurgan", 9), None),
        (ag.speed("truck_20t", factor=0.5), None),
        (ag.warming(1.0), None),
        (ag.open(PONTOON, like="road:up"), "unknown crossing"),
        (ag.open(PONTOON, like="nowhere"), "key 'like'"),
        (ag.close("nowhere:bridge"), "key 'crossing'"),
        (ag.speed("cart", factor=0.5), "key 'vehicle'"),
    ],
)  # fmt: skip
def test_a_change_acts_on_its_target_or_is_refused(
    bare: ag.Network, change: Change, text: str | None
) -> None:
    if text is None:
        assert bare.state("2026-02-10", scenario=change).scenario.changes == (change,)
        return
    with pytest.raises(ag.InputError, match=text):
        bare.state("2026-02-10", scenario=change)


def test_a_limit_on_record_is_the_usual_one_of_a_service(bare: ag.Network) -> None:
    net = noted(bare, f"weight_limit 2021-01-05 value=44 crossing={PONTOON}")
    assert net.state("2026-02-10", scenario=ag.limit(PONTOON, 42)).scenario.changes
    with pytest.raises(ag.InputError, match="the heaviest vehicle has 44 t"):
        net.state("2026-02-10", scenario=ag.limit(PONTOON, 44))
    # One that admits no vehicle has none.
    services = bare.base["services"].copy()
    services.at[(BRIDGE, "cargo"), "admits"] = ()
    empty = ag.Network({**bare.base, "services": services}, border=bare.border, folder=bare.folder)
    with pytest.raises(ag.InputError, match="the heaviest vehicle has 0 t"):
        empty.state("2026-02-10", scenario=ag.limit(BRIDGE, 0.5, traffic="cargo"))
    # A crossing that was once closed to all vehicles has the limit of those that it admits.
    net = noted(bare, f"weight_limit 2021-01-05 value=0 crossing={BRIDGE}")
    assert net.state("2026-02-10", scenario=ag.limit(BRIDGE, 39, traffic="cargo")).scenario.changes


def test_an_added_crossing_works_on_days_on_which_its_mode_may(bare: ag.Network) -> None:
    """The pontoon closes on 10 April; a day later the chance of 1 - Phi(3) is below a hundredth."""
    new: Any = {"length_km": 1, "travel_min": 1, "admits": ["truck_20t"]}
    for first, last, wrong in (
        ("2027-01-09", "2027-04-10", None),
        ("2027-01-09", "2027-04-11", "2027-04-11"),
        ("2027-01-08", "2027-04-10", "2027-01-08"),
        ("2027-02-01", "2029-02-01", "2027-04-11"),
        ("01-10", "04-10", None),
        ("01-10", "04-11", "2024-04-11"),
        # A range without years is looked at in a year that has all days.
        ("02-29", None, None),
    ):
        change = ag.add_crossing("kani_kurgan", "pontoon", first=first, last=last, **new)
        if wrong is None:
            assert bare.state("2027-02-10", scenario=change).scenario.changes == (change,)
        else:
            with pytest.raises(ag.InputError, match=f"no crossing of the mode 'pontoon' works on {wrong}"):
                bare.state("2027-02-10", scenario=change)
    always = ag.add_crossing("kani_kurgan", "cableway", **new)
    assert bare.state("2027-02-10", scenario=always).scenario.changes == (always,)


def test_names_become_ids_and_unknown_ones_name_their_key(bare: ag.Network) -> None:
    for text, expected in (
        ("Kani-Kurgan close 2026-02-10", ag.close("kani_kurgan", "2026-02-10")),
        (f"{BRIDGE} close 2026-02-10", ag.close(BRIDGE, "2026-02-10")),
        # The last word is a class of roads or belongs to the name.
        (
            "Truck of 20 t gross primary speed_factor 0.5",
            ag.speed("truck_20t", factor=0.5, road_class="primary"),
        ),
        ("Truck of 20 t gross speed_factor 0.5", ag.speed("truck_20t", factor=0.5)),
        ("truck_20t primary speed_factor 0.5", ag.speed("truck_20t", factor=0.5, road_class="primary")),
    ):
        assert scenario_of(bare, text).changes == (expected,)
    new: Any = {"length_km": 1, "travel_min": 1, "admits": ["Truck of 20 t gross"]}
    (added,) = scenario_of(bare, ag.add_crossing("Kani-Kurgan", "ferry", **new)).changes
    assert added.add is not None
    assert (added.add.id, getattr(added.add, "admits", ())) == ("kani_kurgan:ferry", ("truck_20t",))
    # The name of a crossing is none of a checkpoint.
    name = crossing_name(bare, BRIDGE, "en")
    (wrong,) = scenario_of(bare, ag.add_crossing(name, "ferry", **new)).changes
    assert getattr(wrong.add, "checkpoint", "") == name
    with pytest.raises(ag.InputError, match="scenario 'x', key 'vehicle': unknown vehicle"):
        scenario_of(bare, Scenario("x", changes=[ag.speed("Trolley", factor=0.5)]))
