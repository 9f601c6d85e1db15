"""Limits, gaps, coverage, existence and changes of a scenario, on services made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from one_service import BRIDGE, bridge, column, day, days, season, service, status, turn

import amurgeo as ag
from amurgeo.scenario import Scenario

WINTER = season("2020/21", "2021-01-10", "2021-03-20")


def test_a_limit_on_record_holds_until_the_next_and_adds_its_source() -> None:
    record = ["weight_limit 2021-01-20 value=12", "weight_limit 2021-02-01 value=25 source=table"]
    out = status(service(*record, max_mass_t=30.0), "2021-01-19", "2021-02-02", WINTER)
    assert column(out, "max_mass_t") == {"01-19": 30.0, "01-20": 12.0, "02-01": 25.0}
    assert column(out, "sources")["01-20"] == ("turn", "s0")
    # A source is there once.
    again = status(bridge("weight_limit 2021-02-01 value=25 source=table"), "2021-02-01", "2021-02-01")
    assert again.sources[0] == ("table",)
    world = status(service(*record, max_mass_t=30.0), "2021-01-20", "2021-01-20", WINTER, is_dated=False)
    assert world.max_mass_t[0] == 30.0


def test_a_service_takes_vehicles_until_a_day_of_its_world() -> None:
    made = bridge(vehicles_until=day("2021-02-01"))
    out = status(made, "2021-01-31", "2021-02-03")
    assert out.max_mass_t[2:].tolist() == [0.0, 0.0]
    assert np.isnan(out.max_mass_t[:2]).all()
    world = status(made, "2021-01-31", "2021-02-03", world_days=days("2011-01-31", "2011-02-03"))
    assert np.isnan(world.max_mass_t).all()


def test_a_gap_makes_days_unknown_unless_the_season_excludes_them() -> None:
    """From a chance of one in a hundred on: 2.33 standard deviations of 5 days are 11.6 days."""
    spread = season("2020/21", "2021-01-20", "2021-03-20", open=turn("2021-01-20", 5.0))
    made = service(gaps=np.array([["2021-01-01", "2021-02-01"]], dtype="datetime64[D]"))
    out = status(made, "2021-01-05", "2021-02-03", spread)
    # Phi((8 + 0.5 - 20) / 5) = Phi(-2.3) = 0.0107; a day before Phi(-2.5) = 0.0062.
    assert column(out, "status") == {"01-05": "closed", "01-08": "unknown", "02-02": "open"}
    assert np.isnan(out.probability_open[3])
    assert (out.reason[3], out.chance[3], bool(out.open[20])) == ("unknown", 0.0, False)
    assert out.because[3] == ("because.unknown", {"first": "2021-01-01", "last": "2021-02-01"})
    for assume, opened in (("open", True), ("closed", False)):
        told = status(made, "2021-01-31", "2021-02-01", spread, scenario=Scenario("x", assume=assume))
        assert told.open.tolist() == [opened] * 2
        assert set(told.status) == {"open" if opened else "closed"}
    world = status(made, "2021-01-31", "2021-02-01", spread, is_dated=False)
    assert world.open.all()


def test_a_sighting_is_observed_on_its_day_and_days_far_from_every_row_are_uncovered() -> None:
    covered = np.array([["2021-01-06", "2021-01-16"]], dtype="datetime64[D]")
    seen = {"seen_open": np.array([day("2021-01-08")]), "seen_closed": np.array([day("2021-01-12")])}
    out = status(service(covered=covered, **seen), "2021-01-05", "2021-01-17", WINTER)
    assert column(out, "evidence") == {
        "01-05": "uncovered", "01-06": "expected", "01-08": "observed", "01-09": "expected",
        "01-12": "observed", "01-13": "expected", "01-17": "uncovered",
    }  # fmt: skip
    assert (out.basis[0], out.basis[3], out.basis[12]) == ("expected", "observed", "expected")
    assert [out.probability_open[at] for at in (0, 1, 3, 5, 7, 12)] == [0.0001, 0.0001, 1.0, 0.99, 0.0, 0.9]
    assert [out.reason[at] for at in (3, 7)] == ["in_season", "ice_too_thin"]
    # A stop on record is not overridden.
    stopped = status(bridge("suspend 2021-01-08", seen_open=seen["seen_open"]), "2021-01-08", "2021-01-08")
    assert (stopped.status[0], stopped.reason[0]) == ("closed", "suspended")
    working = status(bridge(seen_open=seen["seen_open"]), "2021-01-07", "2021-01-08")
    assert (working.probability_open.tolist(), working.reason.tolist()) == ([0.99, 1.0], ["all_year"] * 2)


def test_within_a_season_on_record_a_stop_is_possible_except_on_days_seen_open() -> None:
    made = service("open 2021-01-15", "close 2021-03-10", seen_open=np.array([day("2021-01-20")]))
    out = status(made, "2021-01-14", "2021-01-21", WINTER)
    assert out.probability_open.tolist() == [0.0, *[0.99] * 5, 1.0, 0.99]


# Existence.


def test_a_service_exists_from_its_first_day_to_the_day_before_it_is_retired() -> None:
    made = bridge(opened=day("2021-02-02"), retired=day("2021-02-04"))
    out = status(made, "2021-02-01", "2021-02-05")
    assert out.reason.tolist() == ["not_yet_open", "all_year", "all_year", "retired", "retired"]
    assert out.probability_open.tolist() == [0.0, 0.99, 0.99, 0.0, 0.0]
    assert out.because[0] == ("because.not_yet_open", {"date": "2021-02-02"})
    assert out.because[4] == ("because.retired", {"date": "2021-02-04"})
    assert (out.sources[0], out.confidence[4]) == (("table",), "reported")
    world = status(made, "2021-02-02", "2021-02-02", world_days=days("2011-02-02", "2011-02-02"))
    assert world.reason[0] == "not_yet_open"


def test_a_planned_service_exists_once_it_is_seen_to_open() -> None:
    planned = {"planned": day("2021-06-01"), "crossing": BRIDGE, "all_year": True}
    out = status(service(**planned), "2021-08-01", "2021-08-01")
    assert out.because[0] == ("because.planned", {"date": "2021-06-01"})
    seen = status(service("open 2021-07-04", "open 2022-09-09", **planned), "2021-07-03", "2021-07-05")
    assert seen.reason.tolist() == ["not_yet_open", "all_year", "all_year"]
    known = status(
        service("open 2021-07-04", opened=day("2021-07-05"), **planned), "2021-07-03", "2021-07-05"
    )
    assert known.reason.tolist() == ["not_yet_open", "not_yet_open", "all_year"]


# Changes of a scenario.


def changed(*changes: Any, **values: Any) -> Any:
    return status(
        values.pop("service", None) or bridge(), "2021-02-01", "2021-02-03",
        scenario=Scenario("mine", changes=changes), **values,
    )  # fmt: skip


def test_a_share_of_the_capacity_limits_a_service_only_below_one() -> None:
    for share, state in ((0.5, "limited"), (1.0, "open"), (1.5, "open")):
        out = changed({"crossing": BRIDGE, "capacity_share": share, "days": "2021-02-02"})
        assert out.capacity_share.tolist() == [1.0, share, 1.0]
        assert out.status.tolist() == ["open", state, "open"]
        assert out.limited.tolist() == ["", "quota" if share < 1 else "", ""]
        assert out.evidence.tolist() == ["expected", "scenario", "expected"]


def test_changes_set_their_values_on_their_days() -> None:
    on = ("2021-02-02", "2021-02-02")
    wait, border = changed(ag.wait(BRIDGE, 7, *on)), changed(ag.border_hours("here", 3, *on))
    assert wait.wait_h.tolist() == [0.5, 7.0, 0.5]
    assert np.nan_to_num(border.border_h, nan=-1.0).tolist() == [-1.0, 3.0, -1.0]
    for usual, limit, expected in ((30.0, 20, 20.0), (10.0, 20, 10.0), (np.nan, 20, 20.0)):
        out = changed(ag.limit("bridge", limit, *on), service=bridge(max_mass_t=usual))
        assert out.max_mass_t[1] == expected
    assert wait.because[1] == (
        "because.scenario", {"name": "mine", "change": f"{BRIDGE} wait_h 7.0 2021-02-02"}
    )  # fmt: skip
    assert wait.sources.tolist() == [("table",), (), ("table",)]


def test_a_change_of_joined_scenarios_is_explained_by_its_own() -> None:
    joined = Scenario("one", changes=[ag.wait(BRIDGE, 7)]) + Scenario("two", changes=[ag.delay("ferry", 3)])
    out = status(bridge(), "2021-02-01", "2021-02-01", scenario=joined)
    assert out.because[0] == ("because.scenario", {"name": "one", "change": f"{BRIDGE} wait_h 7.0"})


def test_a_change_opens_and_closes_on_its_days_and_makes_the_status_known() -> None:
    gaps = np.array([["2021-02-01", "2021-02-03"]], dtype="datetime64[D]")
    on = ("2021-02-02", "2021-02-02")
    for made, change, states in (
        (bridge(), ag.close(BRIDGE, *on), ["open", "closed", "open"]),
        (service(), ag.open("here", *on), ["closed", "open", "closed"]),
        (bridge(gaps=gaps), ag.close(BRIDGE, *on), ["unknown", "closed", "unknown"]),
        (bridge(gaps=gaps), ag.open(BRIDGE, *on), ["unknown", "open", "unknown"]),
        (bridge(gaps=gaps), ag.wait(BRIDGE, 7, *on), ["unknown"] * 3),
        (bridge(gaps=gaps), ag.limit(BRIDGE, 7, *on), ["unknown"] * 3),
    ):
        out = changed(change, service=made)
        assert out.status.tolist() == states
        assert out.evidence[1] == ("unknown" if states[1] == "unknown" else "scenario")
        if states[1] != "unknown":
            assert (out.reason[1], out.probability_open[1]) == ("scenario", float(states[1] == "open"))
    # What is closed anyhow keeps its reason.
    closed = changed(ag.close("ice_road", *on), service=service())
    assert (closed.reason[1], closed.evidence[1]) == ("ice_too_thin", "expected")


def test_a_change_concerns_its_target_and_its_traffic() -> None:
    for change, concerned in (
        (ag.close(BRIDGE), True),
        (ag.close("here"), True),
        (ag.close("bridge"), True),
        (ag.close("there:bridge"), False),
        (ag.close("there"), False),
        (ag.close("ferry"), False),
        (ag.close(BRIDGE, traffic="cargo"), True),
        (ag.close(BRIDGE, traffic="passenger"), False),
        (ag.close("ferry", traffic="cargo"), False),
        (ag.warming(1.0), False),
    ):
        assert bridge().concerns(change) == concerned


def test_a_service_may_work_like_another_one_with_its_gaps() -> None:
    gaps = np.array([["2021-02-03", "2021-02-03"]], dtype="datetime64[D]")
    model = status(
        service(gaps=gaps), "2021-02-01", "2021-02-03", season("2020/21", "2021-02-02", "2021-03-01")
    )
    asked = []

    def like(crossing: str, traffic: str) -> Any:
        asked.append((crossing, traffic))
        return model

    out = changed(ag.open(BRIDGE, like="here:ice_road"), like=like, service=bridge(traffic="passenger"))
    assert asked == [("here:ice_road", "passenger")]
    assert out.status.tolist() == ["closed", "open", "unknown"]
    assert out.reason.tolist() == ["ice_too_thin", "scenario", "unknown"]
    assert out.evidence.tolist() == ["scenario", "scenario", "unknown"]
    assert out.open.tolist() == [False, True, False]


def test_an_added_service_works_on_its_days_alone() -> None:
    add: Any = {"length_km": 1, "travel_min": 1, "admits": ["truck"]}
    on = {"first": "2021-02-02", "last": "2021-02-02"}
    for mode, crossing, all_year in (("ice_road", "here:ice_road", False), ("bridge", BRIDGE, True)):
        made = service(crossing=crossing, all_year=all_year)
        out = changed(ag.add_crossing("here", mode, **add, **on), service=made)
        assert out.status.tolist() == ["closed", "open", "closed"]
        assert out.reason.tolist() == ["not_yet_open", "all_year" if all_year else "scenario", "not_yet_open"]
        assert set(out.evidence) == {"scenario"}
        always = changed(ag.add_crossing("here", mode, **add), service=made)
        assert always.status.tolist() == ["open" if all_year else "closed"] * 3
        assert set(always.evidence) == {"scenario"}
    other = changed(ag.add_crossing("there", "bridge", **add, **on))
    assert other.status.tolist() == ["open"] * 3
    assert set(other.evidence) == {"expected"}
