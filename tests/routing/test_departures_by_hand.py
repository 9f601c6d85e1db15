"""Departures and rest at the edges of days, clocks and limits, each with its one right answer."""

from __future__ import annotations

import math
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.routing import engine
from amurgeo.routing.departures import (
    Departure,
    _timed_legs,
    build_legs,
    depart,
    earliest_arrivals,
    parse_departure,
    round_leg,
)
from amurgeo.routing.rest import KEY, NO_RULE, Rest, door_to_door, rest_between, rest_rules
from amurgeo.scenario import Scenario

WINTER = "2026-02-10"
BRIDGE, PONTOON, FERRY = "kani_kurgan:bridge", "blagoveshchensk:pontoon", "blagoveshchensk:ferry"
NAN = float("nan")
INF = math.inf


# -- hours of departure ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "on", "day", "at"),
    [
        ("08:30", None, None, time(8, 30)),
        ("08:30", WINTER, WINTER, time(8, 30)),
        ("24:00", None, None, time(0, 0)),
        ("24:00", WINTER, date(2026, 2, 11), time(0, 0)),
        ("2026-02-10T24:00", WINTER, date(2026, 2, 11), time(0, 0)),
        ("2026-02-28 at 23:59", None, date(2026, 2, 28), time(23, 59)),
        ("10.02.2026, в 00:00", "10.02.2026", date(2026, 2, 10), time(0, 0)),
        (" ０８:３０ ", None, None, time(8, 30)),
    ],
)
def test_an_hour_may_have_its_date_and_ends_the_day_at_24(
    text: str, on: str | None, day: object, at: time
) -> None:
    assert parse_departure(text, on) == (day, at)


def test_an_hour_that_clocks_left_out_is_refused_and_one_shown_twice_is_the_first(six: ag.Network) -> None:
    """In Yakutsk time was put forward on 28 March 2010 at two, and back on 31 October 2010 at three."""
    ask: dict[str, Any] = {"vehicle": "truck_20t", "scenario": Scenario("baseline")}
    with pytest.raises(ag.InputError, match=r"put forward over 02:30 on 2010-03-28.* such as 03:30"):
        depart(six, "north", "kani_kurgan", on=date(2010, 3, 28), at=time(2, 30), **ask)
    for day, at, offset in (
        ((3, 28), time(3, 0), 10),
        ((3, 28), time(1, 59), 9),
        ((10, 31), time(2, 30), 10),
    ):
        journey = depart(six, "north", "kani_kurgan", on=date(2010, *day), at=at, **ask)
        assert journey.leaves.utcoffset() == timedelta(hours=offset)
    # 90 km at 65 km/h from half past two: the clocks go back on the way.
    assert journey.arrives is not None
    assert journey.total_h == pytest.approx(4985 / 3600)
    assert f"{journey.arrives:%H:%M %z}" == "02:53 +0900"


def test_a_journey_that_never_arrives_has_no_hours() -> None:
    leaves = datetime(2026, 2, 10, 8, tzinfo=UTC)
    none = Departure(leaves, None, (), ())
    assert math.isnan(none.total_h)
    assert (none.wait_h, none.rest_h) == (0.0, 0.0)
    document = none.to_dict()
    assert [document[name] for name in ("arrives", "arrives_origin_time", "total_h", "wait_h", "rest_h")] == [
        None
    ] * 5
    assert document["leaves"] == "2026-02-10T08:00+00:00"
    modes = ("waiting", "rest", "road", "waiting")
    legs = tuple({"mode": mode, "hours": hours} for mode, hours in zip(modes, (1, 2, 4, 8), strict=True))
    journey = Departure(leaves, leaves + timedelta(hours=15, seconds=1), legs, (BRIDGE,))
    assert (journey.total_h, journey.wait_h, journey.rest_h) == (15 + 1 / 3600, 9.0, 2.0)
    assert journey.to_dict()["total_h"] == 15.0
    assert journey.to_dict()["crossings"] == [BRIDGE]


def test_the_winter_roads_of_a_journey_are_those_of_its_own_day(
    net: ag.Network, six: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A winter road of 10 km beside one of 60 km, on the last day before its season and on its first."""
    roads = six.tables["roads"].copy()
    season = net.edges.loc[net.edges["season"] != "", "season"].iloc[0]
    roads.loc["beside"] = roads.loc["north--blagoveshchensk"]
    roads.loc["beside", ["length_km", "season"]] = [10.0, season]
    own = ag.Network({**six.tables, "roads": roads})
    days = [date(2025, 11, 1) + timedelta(days=number) for number in range(90)]
    # Closed in November, it opens once by the end of January.
    first = bisect_left(days, True, key=lambda day: season in own.state(day).roads.seasons)
    assert 0 < first < len(days)
    # The same if the network is prepared for each set of open roads.
    for most in (engine.FEW_SEASONAL, 0):
        monkeypatch.setattr(engine, "FEW_SEASONAL", most)
        same = ag.Network(own.tables)
        for day, seconds in ((days[first - 1], 3323), (days[first], 554)):
            journey = ag.routes(same, "north", "blagoveshchensk", on=day, depart_at="12:00", k=1).departure
            assert journey is not None
            # 60 and 10 km at 65 km/h.
            assert journey.total_h == pytest.approx(seconds / 3600)


def test_hours_at_the_border_are_those_of_the_day_of_departure(plain: ag.Network) -> None:
    """On that day alone control takes 20 hours in place of 6: 11.95 hours by the bridge are 25.95."""
    scenario = f"{PONTOON} close+{BRIDGE} border_h 20 {WINTER}..{WINTER}"
    for day, hours in (("2026-02-09", 11.95), (WINTER, 25.95), ("2026-02-11", 11.95)):
        found = ag.routes(plain, "north", "south", on=day, depart_at="23:30", scenario=scenario)
        assert found.departure is not None
        assert found.departure.total_h == pytest.approx(hours)
        assert found.to_dict()["departure"] == found.departure.to_dict()


def test_a_journey_enters_crossings_until_the_end_of_its_twenty_first_day(plain: ag.Network) -> None:
    """Two drivers at half a km an hour reach the bridge after 186 hours; it opens on 3 March or a day later.

    Within 14 days of that it would open either way.
    """
    speeds = plain.tables["speeds"].copy()
    speeds["speed_kmh"] /= 120
    slow = ag.Network({**plain.tables, "speeds": speeds})
    ask: dict[str, Any] = {"on": WINTER, "depart_at": "20:00", "max_wait_h": 336, "drivers": 2}
    for last, enters in (("2026-03-02", True), ("2026-03-03", False)):
        scenario = f"{PONTOON} close+{BRIDGE} close {WINTER}..{last}"
        found = ag.routes(slow, "north", "changfatun", scenario=scenario, **ask).departure
        assert found is not None
        assert (found.arrives is not None) == enters
        if enters:
            # From 20:00 to midnight and 20 days, less 186 hours.
            assert found.wait_h == pytest.approx(4 + 20 * 24 - 186)


def test_a_crossing_that_opens_on_the_way_has_the_hours_of_its_first_open_day(plain: ag.Network) -> None:
    """Shut on the day of departure, it is entered the next midnight, when control takes 20 hours."""
    scenario = (
        f"{PONTOON} close+{BRIDGE} close {WINTER}..{WINTER}+{BRIDGE} border_h 20 2026-02-11..2026-02-11"
    )
    found = ag.routes(plain, "north", "south", on=WINTER, depart_at="12:00", scenario=scenario).departure
    assert found is not None
    # 93 km to the terminal, twelve hours of which are left of the day; 25.95 hours less that drive.
    assert found.total_h == pytest.approx(12.0 + 25.95 - 1.55)
    assert found.wait_h == pytest.approx(12.0 - 1.55)


def test_a_wait_of_just_the_longest_is_waited() -> None:
    land, costs = np.array([[INF, 10.0], [5.0, INF]]), np.array([3.0])
    for limit, expected in ((90.0, 108), (89.0, None), (INF, 108)):
        (arrival,) = earliest_arrivals(land, costs, openings={0: [(100, 200)]}, max_wait=limit)
        assert (arrival and arrival.second) == expected
    # Reached when it closes, it is entered at the next opening.
    for opens, expected in (([(0, 10), (30, 31)], 38), ([(0, 11)], 18), ([(0, 10)], None)):
        (arrival,) = earliest_arrivals(land, costs, openings={0: opens})
        assert (arrival and arrival.second) == expected


# -- legs --------------------------------------------------------------------------------------------


def test_legs_end_at_the_minute_of_their_last_second(six: ag.Network) -> None:
    """Of 3599 and of 3601 seconds on; hours are rounded to seconds before they are added."""
    epoch = datetime(2026, 2, 10, 0, 0, tzinfo=UTC)
    usual = {"ref": None, "length_km": 1.26, "mode": "road", "arcs": 1}
    legs = [
        {**usual, "from": "north", "to": "kani_kurgan", "hours": 3599 / 3600},
        {**usual, "from": "kani_kurgan", "to": "heihe", "hours": 3600.6 / 3600},
        {**usual, "from": "heihe", "to": "south", "hours": 100.0},
    ]
    timed = _timed_legs(six, legs, epoch)
    clocks = [(leg["start"], leg["end"]) for leg in timed]
    assert clocks == [
        ("2026-02-10T09:00+09:00", "2026-02-10T09:59+09:00"),
        ("2026-02-10T09:59+09:00", "2026-02-10T10:00+08:00"),
        ("2026-02-10T10:00+08:00", "2026-02-14T14:00+08:00"),
    ]
    assert [leg["hours"] for leg in timed] == [1.0, 1.0, 100.0]
    assert set(timed[0]) == {"from", "to", "mode", "ref", "length_km", "hours", "start", "end"}
    assert round_leg({**legs[0], "hours": 0.12345}) == {
        "from": "north", "to": "kani_kurgan", "mode": "road", "ref": None, "length_km": 1.3, "hours": 0.123
    }  # fmt: skip


def test_roads_of_one_number_are_one_leg_and_waits_and_rests_part_them(plain: ag.Network) -> None:
    """Two hours by road A, one by road B; a rest falls due after two and a half hours."""
    roads = plain.tables["roads"].copy()
    roads.loc["north--blagoveshchensk", "ref"] = roads.loc["blagoveshchensk--kani_kurgan", "ref"] = "A"
    roads.loc["north--kani_kurgan", "ref"] = "B"
    own = ag.Network({**plain.tables, "roads": roads})
    ends = ("north", "blagoveshchensk", "kani_kurgan", "north")
    edges = ("north--blagoveshchensk", "blagoveshchensk--kani_kurgan", "north--kani_kurgan")
    arcs = pd.DataFrame(
        {"edge": edges, "tail": ends[:-1], "head": ends[1:], "seconds": 3600, "length_km": 60.0}
    )
    whole, rests = (
        [("road", "A", 2.0, 2), ("road", "B", 1.0, 1)],
        Rest(*map(np.array, (9000.0, 900.0, 1e9, 0.0))),
    )
    half = ("road", "A", 1.0, 1)
    for rest, waits, expected in (
        (None, None, whole),
        (None, [0, 1800, 0], [half, ("waiting", edges[1], 0.5, 0), half, whole[1]]),
        (rests, None, [whole[0], ("rest", None, 0.25, 0), whole[1]]),
    ):
        legs = build_legs(own, arcs, waits, rest=rest)
        assert [(leg["mode"], leg["ref"], leg["hours"], leg["arcs"]) for leg in legs] == expected
        assert sum(leg["length_km"] for leg in legs) == 180.0
        assert (legs[0]["from"], legs[-1]["to"]) == ("north", "north")


# -- rest --------------------------------------------------------------------------------------------


def test_rules_of_rest_are_those_of_the_table_in_seconds(six: ag.Network) -> None:
    """An empty cell is no limit, and no rest."""
    ru = (4.5 * 3600, 45 * 60, 9 * 3600, 11 * 3600)
    truck, bus = rest_rules(six, "truck_20t"), rest_rules(six, "bus")
    assert truck["RU"] == bus["RU"] == ru
    assert bus["CN"] == (4 * 3600, 20 * 60, 8 * 3600, 0.0)
    assert truck["CN"][:2] == (4 * 3600, 20 * 60)
    assert truck["CN"][3] == 0.0
    assert rest_rules(six, "car") == {}
    table = six.tables["rest_rules"].assign(continuous_h=NAN, break_min=NAN)
    own = rest_rules(ag.Network({**six.tables, "rest_rules": table}), "truck_20t")
    assert own["RU"][1:] == (0.0, *ru[2:])
    century = np.array(100 * 366 * 86_400.0)
    assert Rest(*map(np.array, own["CN"])).seconds(century) == 0.0


def test_a_place_without_a_rule_adds_no_rest() -> None:
    rules = {"A": (100.0, 0.0, 200.0, 0.0)}
    for ends in ((["A"], ["B"]), (["B"], ["A"]), (["A"], ["A"])):
        rest = rest_between(rules, *ends)
        assert rest is not None
        assert [float(part.item()) for part in rest] == [*rules["A"]]
    both = rest_between(rules, ["B"], ["B"])
    assert both is not None
    assert tuple(float(part.item()) for part in both) == NO_RULE
    assert both.seconds(np.array(1e9)).tolist() == [[0.0]]


def test_keys_of_seventeen_years_are_exact_to_the_second_of_driving() -> None:
    """A break of a second after each second but the last: the rest is the driving less one."""
    rest = Rest(*map(np.array, (1.0, 1.0, 2.0**40, 0.0)))
    for seconds, driven in ((2**29 - 1, 2**24 - 1), (2**29 - 2, 2**24 - 2), (10, 10), (10, 3)):
        key = np.array([seconds * KEY + driven, INF])
        assert door_to_door(key, rest).tolist() == [seconds + driven - 1, INF]
    assert door_to_door(np.array([7.0, INF]), None).tolist() == [7.0, INF]
    assert door_to_door(np.array([INF]), rest).tolist() == [INF]


def test_rest_between_two_times_of_driving_is_what_falls_due_there() -> None:
    rest = Rest(*map(np.array, (4.0, 1.0, 9.0, 11.0)))
    # A break after 4 and 8 hours, a night after 9, breaks after 13 and 17.
    due = [rest.between(hour, hour + 1) for hour in range(18)]
    assert [hour for hour, seconds in enumerate(due) if seconds] == [4, 8, 9, 13, 17]
    assert [due[hour] for hour in (4, 8, 9, 13, 17)] == [1, 1, 11, 1, 1]
    assert rest.between(0.0, 18.0) == 15
    assert rest.total(np.array([4.0, 5.0, INF])).tolist() == [4.0, 6.0, INF]
