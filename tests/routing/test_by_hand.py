"""Two ways over the river worked out by hand: hours, ranges, costs, indicators and what would change them.

All numbers are round. Roads are driven at 60 km/h (40 to 80) and streets at 30 km/h (20 to 30). From north to
south the bridge takes 93 km, 6 km and 132 km, the pontoon 60 + 3 km, 2 km and 6 + 120 km.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from networks import BRIDGE, PONTOON, QUEUE

import amurgeo as ag
from amurgeo.routing.indicators import INDICATORS
from amurgeo.routing.ranges import border_errors, overlapping, tied, two_digits

ON = "2026-02-10"


@pytest.fixture(scope="module")
def asked(plain: ag.Network) -> ag.Routes:
    return ag.routes(plain, "north", "south", on=ON, k=5)


def rows_of(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a frame as tuples, None in place of NaN."""
    part = frame[list(columns)].astype(object)
    return [tuple(row) for row in part.where(part.notna(), None).itertuples(index=False)]


def test_records_have_the_sums_by_hand(asked: ag.Routes) -> None:
    sums = (
        "crossing", "total_h", "drive_h", "border_h", "wait_h", "rest_h", "queue_h", "length_km", "cost_rub",
        "cost_at_least", "cost_missing", "detour_h",
    )  # fmt: skip
    assert rows_of(pd.DataFrame(asked.records()), *sums) == [
        (PONTOON, 11.9, 3.4, 7.0, 1.5, 0.0, None, 191.0, None, 25400, f"toll:{PONTOON}", 0.0),
        (BRIDGE, 11.95, 3.95, 6.0, 2.0, 0.0, None, 231.0, 34700, None, "", 0.05),
    ]
    first, second = asked.records()
    assert [first["rank"], second["rank"]] == [1, 2]
    assert first["checkpoint"] == "blagoveshchensk"
    assert (first["border_estimated"], first["cost_estimated"], first["transit"]) == (True, True, False)
    # Roads to the terminals, control and queue are estimates, the main roads are not.
    assert first["estimated_share"] == round((0.3 + 8.5) / 11.9, 3)
    assert second["estimated_share"] == round((5 / 60 + 8.0) / 11.95, 3)
    assert (first["overlap"], second["overlap"]) == (1.0, round(120 / 231, 3))
    assert (first["tied_with"], second["tied_with"]) == ([2], [1])
    # The pontoon is on record on that day, the bridge has no season.
    assert (first["evidence"], second["evidence"]) == ("observed", "expected")
    assert (first["probability_open"], second["probability_open"]) == (0.99, 0.99)
    assert first["cost_prices"] == "2015→2025; 2025; RUB/CNY 2026-02-11"
    assert second["cost_prices"] == "2015→2025; 2022; 2025; RUB/CNY 2026-02-11"
    assert first["cost_per"] == "truck"


def test_the_range_of_hours_by_hand(asked: ag.Routes) -> None:
    """A slow drive by the bridge takes 5.625 hours, after four of which a break of 45 minutes falls due."""
    access = [abs(asked[0].estimates["access", None].shift(1.0)), asked[1].estimates["access", None].shift(1)]
    for route, below, above in (
        (asked[0], (2.0, 0.5, 0.75, access[0]), (1.0, 3.0, 1.65 + 0.75, access[0])),
        (asked[1], (4.0, 1.5, 0.9375, access[1]), (3.0, 3.0, 1.875 + 0.75, access[1])),
    ):
        mid = route.seconds / 3600.0
        assert route.hours["low"] == pytest.approx(mid - np.linalg.norm(below))
        assert route.hours["high"] == pytest.approx(mid + np.linalg.norm(above))


def test_the_sensitivity_by_hand(asked: ag.Routes) -> None:
    """On fast roads the bridge wins, from 3.097 hours of driving by the pontoon: its streets gain nothing."""
    columns = (
        "estimate", "crossing", "low_h", "mid_h", "high_h", "total_low_h", "total_high_h", "spread_h",
        "switch_h", "against",
    )  # fmt: skip
    first, second = (rows_of(route.sensitivity(), *columns) for route in asked)
    assert first[:3] == [
        ("wait_h", PONTOON, 1.0, 1.5, 4.5, 11.4, 14.9, 3.5, 1.55, BRIDGE),
        ("speeds", None, 2.55, 3.3, 4.95, 11.15, 14.3, 3.15, 3.097, BRIDGE),
        ("border_h", PONTOON, 5.0, 7.0, 8.0, 9.9, 12.9, 3.0, 7.05, BRIDGE),
    ]
    assert second[:3] == [
        ("border_h", BRIDGE, 2.0, 6.0, 9.0, 7.95, 14.95, 7.0, None, None),
        ("wait_h", BRIDGE, 0.5, 2.0, 5.0, 10.45, 14.95, 4.5, None, None),
        ("speeds", None, 2.812, 3.75, 5.625, 11.012, 14.575, 3.562, None, None),
    ]
    # No road to a terminal is shorter than the straight line: 1.09 and 3.16 km, 0.90 and 0.36 km.
    assert first[3][:5] == ("access", None, 0.208, 0.3, 0.392)
    assert second[3][:5] == ("access", None, 0.021, 0.083, 0.146)
    assert first[3][5:7] == (11.808, 11.992)


def test_on_the_way_back_the_ranges_of_the_way_out_do_not_hold(plain: ag.Network) -> None:
    """Control into Russia takes four hours, of which the table has no range; the queue is the same."""
    back = ag.routes(plain, "south", "north", on=ON)
    assert [(route.crossings, route.seconds / 3600.0) for route in back] == [
        ((PONTOON,), 8.9),
        ((BRIDGE,), 9.95),
    ]
    for route, queue in zip(back, (QUEUE[PONTOON], QUEUE[BRIDGE]), strict=True):
        table = route.sensitivity().set_index("estimate")
        assert table.loc["border_h", ["low_h", "mid_h", "high_h"]].tolist() == [4.0, 4.0, 4.0]
        assert table.loc["wait_h", ["low_h", "mid_h", "high_h"]].tolist() == [*queue]
    assert back.to_frame()["cost_rub"].tolist()[1] == 132 * 150 + 7000 + 6 * 150 + 93 * 100


def test_the_profile_by_hand(asked: ag.Routes) -> None:
    columns = ("part", "place", "stretch_h", "low_h", "high_h", "length_km", "hours", "cost", "cost_complete")
    found = [tuple(np.round(v, 9) if isinstance(v, float) else v for v in row) for row in rows_of(
        asked[1].profile(queue_h={BRIDGE: 3.0}), *columns
    )]  # fmt: skip
    assert found == [
        ("drive", "kani_kurgan_ru", 1.55, 1.55, 1.55, 93.0, 1.55, 9300.0, True),
        ("queue", "kani_kurgan_ru", 3.0, 3.0, 3.0, 93.0, 4.55, 9300.0, True),
        ("waiting", "kani_kurgan_ru", 2.0, 0.5, 5.0, 93.0, 6.55, 9300.0, True),
        ("border", "kani_kurgan_ru", 6.0, 2.0, 9.0, 93.0, 12.55, 14300.0, True),
        ("drive", "kani_kurgan_cn", 0.2, 0.2, 0.2, 99.0, 12.75, 14900.0, True),
        ("drive", "south", 2.2, 2.2, 2.2, 231.0, 14.95, 34700.0, True),
    ]
    by_pontoon = asked[0].profile()
    assert by_pontoon["cost_complete"].tolist() == [True, True, False, False, False]
    assert by_pontoon["cost"].round(6).tolist() == [6300.0, 6300.0, 6300.0, 6500.0, 25400.0]
    assert rows_of(by_pontoon, "crossing") == [(None,), (PONTOON,), (PONTOON,), (None,), (None,)]


def test_the_indicators_by_hand(asked: ag.Routes) -> None:
    first, second = (rows_of(route.indicators(), *INDICATORS[:-1]) for route in asked)
    assert [row[0] for row in first] == ["TFI1", "TFI2", "TFI4_SWD", "TFI4_SWOD", "CO2E"]
    low, high = 8.5 - np.hypot(2.0, 0.5), 8.5 + np.hypot(1.0, 3.0)
    assert first[0][1:] == (PONTOON, 8.5, round(low, 3), round(high, 3), "h", 0, None, "model")
    # No source gives the toll of the pontoon; that of the bridge is the least that is paid there.
    assert first[1][1:5] == (PONTOON, None, None, None)
    assert second[1][1:] == (BRIDGE, None, 5000.0, None, "RUB", 0, None, "model")
    hours = asked[0].hours
    speeds = [round(191 / hours[end], 3) for end in ("mid", "high", "low")]
    assert first[2][1:] == (None, *speeds, "km/h", 0, None, "model")
    access = asked[0].estimates["access", None].shift(1.0)
    low, high = 3.4 - np.hypot(0.75, access), 3.4 + np.hypot(1.65, access)
    assert first[3][1:5] == (None, round(191 / 3.4, 3), round(191 / high, 3), round(191 / low, 3))
    assert first[4][1:6] == (None, 191.0, 95.5, 382.0, "kg")


def test_routes_say_what_they_are(asked: ag.Routes) -> None:
    assert repr(asked) == "Routes(north to south, 2026-02-10, truck_20t: 2 routes)"
    assert repr(asked[0]) == f"Route(north to {PONTOON} to south: 11.9 h, 191 km)"
    document = asked[0].to_dict()
    assert (document["total_h"], document["rest_h"], document["length_km"]) == (11.9, 0.0, 191.0)
    assert document["crossings"] == [PONTOON]
    assert not document["transit"]
    assert asked[0].driven == 3600.0 * 3.3
    assert asked[0].name == PONTOON
    assert rows_of(asked[0].to_frame(), "from", "to", "mode", "ref", "length_km", "hours") == [
        ("north", "blagoveshchensk_ru", "road", None, 63.0, 1.1),
        ("blagoveshchensk_ru", "blagoveshchensk_cn", "pontoon", PONTOON, 2.0, 8.6),
        ("blagoveshchensk_cn", "south", "road", None, 126.0, 2.2),
    ]
    assert asked.break_even() == [
        {"crossing": PONTOON, "border_h": 7.0, "against": BRIDGE, "break_even_h": 7.05}
    ]
    assert asked.asked["k"] == 5


def test_answers_are_rounded_and_sums_are_not(plain: ag.Network) -> None:
    """A second more or less is 0.0003 hours: hours have three decimals, kilometres one."""
    crossings = plain.tables["crossings"].copy()
    crossings.loc[[BRIDGE, PONTOON], "length_km"] = (6.04, 2.04)
    crossings.loc[[BRIDGE, PONTOON], "travel_min"] = (12 + 1 / 60, 6 + 4 / 60)
    uneven = ag.Network({**plain.tables, "crossings": crossings})
    found = ag.routes(uneven, "north", "south", on=ON, border_h={PONTOON: 7.0011, BRIDGE: 6.0011})
    first, second = found.records(indicators=False)
    assert (first["total_h"], second["total_h"]) == (11.902, 11.951)
    assert (first["border_h"], second["border_h"]) == (7.001, 6.001)
    assert (first["drive_h"], second["drive_h"]) == (3.401, 3.95)
    assert (first["length_km"], second["length_km"]) == (191.0, 231.0)
    assert first["hours"]["mid"] == 11.902
    assert second["detour_h"] == 0.049
    assert found.break_even()[0] == {
        "crossing": PONTOON,
        "border_h": 7.001,
        "against": BRIDGE,
        "break_even_h": 7.05,
    }
    document = found[0].to_dict()
    assert (document["total_h"], document["hours"]["mid"]) == (11.902, 11.902)
    assert [leg["hours"] for leg in document["legs"]] == [1.1, 8.602, 2.2]
    assert [leg["length_km"] for leg in document["legs"]] == [63.0, 2.0, 126.0]


def test_a_drive_of_thirteen_hours_rests_where_it_falls_due(plain: ag.Network) -> None:
    """At a quarter of the speeds: a break after four hours, two more and a night after nine of driving."""
    first, second = ag.routes(plain, "north", "south", on=ON, scenario="truck_20t speed_factor 0.25")
    legs = [(leg["from"], leg["to"], leg["mode"], leg["hours"]) for leg in first.legs]
    assert [(*leg[:3], round(leg[3], 9)) for leg in legs] == [
        ("north", "blagoveshchensk", "road", 4.0),
        ("blagoveshchensk", "blagoveshchensk", "rest", 0.75),
        ("blagoveshchensk", "blagoveshchensk_ru", "road", 0.4),
        ("blagoveshchensk_ru", "blagoveshchensk_cn", "pontoon", 8.6),
        ("blagoveshchensk_cn", "heihe", "road", 0.8),
        ("heihe", "heihe", "rest", 12.5),
        ("heihe", "south", "road", 8.0),
    ]
    assert (first.rest_s, first.driven, first.seconds) == (47_700, 47_520, 126_180)
    assert second.seconds == 54_000 + 47_700 + 29_520
    parts = rows_of(second.profile(), "part", "place", "stretch_h")
    assert parts[:2] == [("rest", "north", 0.75), ("drive", "kani_kurgan_ru", pytest.approx(6.2))]
    assert parts[-2:] == [("rest", "heihe", 12.5), ("drive", "south", 8.0)]
    assert first.to_dict()["rest_h"] == 13.25


def test_a_break_of_fifty_minutes_is_five_sixths_of_an_hour(plain: ag.Network) -> None:
    rules = plain.tables["rest_rules"].copy()
    rules.loc["road_ru", "break_min"] = 50.0
    own = ag.Network({**plain.tables, "rest_rules": rules})
    ask = {"on": ON, "scenario": "truck_20t speed_factor 0.5", "depart_at": "09:00", "via": [PONTOON]}
    found = ag.routes(own, "north", "south", **ask)
    assert found.records(indicators=False)[0]["rest_h"] == found[0].to_dict()["rest_h"] == 0.833
    assert found.departure is not None
    document = found.departure.to_dict()
    assert (document["rest_h"], document["total_h"]) == (0.833, round(found.departure.total_h, 3))
    two = ag.routes(own, "north", "south", drivers=2, **ask)
    assert two[0].rest_s == 0
    assert two[0].seconds == found[0].seconds - 3000


def test_hours_in_queues_stand_beside_the_others(plain: ag.Network) -> None:
    """Of the bridge a queue is known, of the pontoon none; another day or scenario is refused."""
    rows = {"scenario": ["baseline"], "date": [pd.Timestamp(ON)], "crossing": [BRIDGE], "wait_h": [2.34567]}
    known = SimpleNamespace(days=pd.DataFrame(rows))
    found = ag.routes(plain, "north", "south", on=ON, queues=known)
    records = found.records(indicators=False)
    assert [record["queue_h"] for record in records] == [None, 2.346]
    assert [record["total_h"] for record in records] == [11.9, 11.95]
    for queues, how, says in (
        (5, {}, "expected what amurgeo.queues returns"),
        (SimpleNamespace(days=known.days.drop(columns="wait_h")), {}, "expected what amurgeo.queues returns"),
        (known, {"vehicle": "car"}, "expected a vehicle of cargo"),
        (known, {"on": "2026-02-11"}, "it has no 2026-02-11 under the scenario 'baseline'"),
        (known, {"scenario": "no_bridge"}, "it has no 2026-02-10 under the scenario 'no_bridge'"),
    ):
        with pytest.raises(ag.InputError, match=says):
            ag.routes(plain, "north", "south", **{"on": ON, **how}, queues=queues)


def test_matrices_by_hand(plain: ag.Network) -> None:
    ends = ["north", "blagoveshchensk", "south"], ["north", "heihe", "south"]
    hours, length, cost = (
        ag.od_matrix(plain, *ends, on=ON, value=value) for value in ("hours", "length_km", "cost_rub")
    )
    assert hours.round(9).to_numpy().tolist() == [[0.0, 9.9, 11.9], [1.0, 8.9, 10.9], [8.9, 2.0, 0.0]]
    assert length.to_numpy().tolist() == [[0.0, 71.0, 191.0], [60.0, 11.0, 131.0], [191.0, 120.0, 0.0]]
    nan = float("nan")
    np.testing.assert_array_equal(cost, [[0.0, nan, nan], [6000.0, nan, nan], [nan, 18000.0, 0.0]])
    over = ag.od_matrix(plain, "north", "changfatun", on=ON, value="cost_rub").iloc[0, 0]
    assert over == 93 * 100 + 5000 + 6 * 100 + 2 * 150
    assert hours.to_dict()[1] == {"origin": "north", "destination": "heihe", "hours": 9.9}
    assert (hours.index.name, hours.columns.name) == ("origin", "destination")


def test_ranges_of_crossings_and_of_speeds(plain: ag.Network) -> None:
    errors = border_errors(plain, "truck_20t")
    assert errors.loc[BRIDGE].tolist() == [np.hypot(4.0, 1.5), np.hypot(3.0, 3.0)]
    assert errors.loc[PONTOON].tolist() == [np.hypot(2.0, 0.5), np.hypot(1.0, 3.0)]
    assert list(errors.index) == [PONTOON, BRIDGE]
    assert overlapping([0, 1, 3], [1, 2, 4]).tolist() == [
        [False, True, False], [True, False, False], [False, False, False]
    ]  # fmt: skip
    assert tied("abc", [0, 1, 2], [1, 2, 4]) == ["b", "a;c", "b"]
    assert [two_digits(value) for value in (-12.4, 9.6, 10.4, -9.4, 125.0)] == [
        -12.0,
        10.0,
        10.0,
        -9.0,
        120.0,
    ]
