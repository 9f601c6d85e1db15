"""Seasonal roads, and changes and limits of single roads, day by day."""

from __future__ import annotations

from typing import Any

import numpy as np
from bare_network import FERRY, ORIGIN
from one_service import days

import amurgeo as ag
from amurgeo.scenario import Scenario
from amurgeo.seasons.evaluation import road_states, scenario_of


def test_a_seasonal_road_is_open_in_its_season_and_moves_with_it(bare: ag.Network) -> None:
    road = "north--kani_kurgan"

    def opened(scenario: Any, *on: str) -> list[tuple[bool, set[str]]]:
        given = np.array(on, dtype="datetime64[D]")
        found = road_states(bare, scenario_of(bare, scenario), given)
        return [
            (
                "road:up" in one.seasons,
                {action for id_, action, value in one.edits if id_ == road and value == 0},
            )
            for one in found
        ]

    usual = ("2026-11-30", "2026-12-01", "2027-03-31", "2027-04-01")
    assert [is_open for is_open, _ in opened(None, *usual)] == [False, True, True, False]
    late = opened(ag.delay(road, 10), "2026-12-01", "2026-12-10", "2026-12-11", "2027-04-01")
    # Its own season stays; the road opens and closes by itself.
    assert [edits for _, edits in late] == [{"close"}, {"close"}, {"open"}, {"close"}]
    assert opened(ag.open(road, "2026-07-01", "2026-07-02"), "2026-07-01", "2026-07-03") == [
        (False, {"open"}), (False, set())
    ]  # fmt: skip
    assert opened(ag.open(road, like=FERRY), "2026-07-01", "2027-01-01") == [
        (False, {"open"}), (True, {"close"})
    ]  # fmt: skip
    other = scenario_of(bare, ag.open("north--blagoveshchensk", like="road:up"))
    edits = [one.edits for one in road_states(bare, other, np.array(usual, dtype="datetime64[D]"))]
    assert [action for one in edits for _, action, _ in one] == ["close", "open", "open", "close"]
    world = opened(Scenario("x", world=2012), "2026-07-01", "2027-01-01")
    assert world == [(False, set()), (True, set())]


def test_changes_of_roads_have_their_values_on_their_days(bare: ag.Network) -> None:
    road, on = "north--kani_kurgan", ("2026-02-10", "2026-02-10")
    for change, edit in (
        (ag.close(road, *on), ("close", 0.0)),
        (ag.limit(road, 12, *on), ("limit_t", 12.0)),
        (ag.speed(road=road, kmh=30, first=on[0], last=on[1]), ("speed_kmh", 30.0)),
        (ag.speed(road=road, factor=0.5, first=on[0], last=on[1]), ("speed_factor", 0.5)),
    ):
        found = road_states(bare, Scenario("x", changes=[change]), days("2026-02-09", "2026-02-11"))
        assert [one.edits for one in found] == [frozenset(), frozenset({(road, *edit)}), frozenset()]


def test_an_added_road_is_closed_on_other_days(bare: ag.Network) -> None:
    added = ag.add_road("heihe", "south", length_km=5, first="2026-02-10")
    found = road_states(bare, Scenario("x", changes=[added]), days("2026-02-09", "2026-02-11"))
    (closed,) = found[0].edits
    assert closed[1:] == ("close", 0.0)
    assert [len(one.edits) for one in found] == [1, 0, 1]
    always = Scenario("x", changes=[ag.add_road("heihe", "south", length_km=5)])
    assert not road_states(bare, always, days("2026-02-09", "2026-02-09"))[0].edits


def test_a_limit_of_a_road_on_record_holds_on_dated_days(bare: ag.Network) -> None:
    road = "north--kani_kurgan"
    rows = [
        {"id": f"l{tonnes}", "road": road, "max_mass_t": tonnes, "first": first, "until": last, **ORIGIN}
        for tonnes, first, last in ((12.0, "2026-02-10", "2026-02-11"), (0.0, "2026-02-12", "2026-02-12"))
    ]
    net = bare.with_rows({"road_limits": rows})
    on = days("2026-02-09", "2026-02-13")
    limit, closed = frozenset({(road, "limit_t", 12.0)}), frozenset({(road, "close", 0.0)})
    found = [one.edits for one in road_states(net, Scenario("x"), on)]
    assert found == [frozenset(), limit, limit, closed, frozenset()]
    for scenario in (Scenario("x", world=2012), Scenario("x", day=(2, 10))):
        assert not any(one.edits for one in road_states(net, scenario, on))
