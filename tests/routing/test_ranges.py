"""Ranges of hours and the sensitivity of a route, against routes computed with other values."""

from __future__ import annotations

import math
import pickle

import pandas as pd
import pytest

import amurgeo as ag

ON = "2026-02-10"


@pytest.fixture(scope="module")
def winter(net: ag.Network) -> ag.Routes:
    return ag.routes(net, "Belogorsk", "Harbin", on=ON)


def test_the_table_of_border_hours_belongs_to_the_services(net: ag.Network) -> None:
    """Control and queue have a range around the hours taken; peaks are apart and have none."""
    table, services = net.base["border_hours"], net.base["services"]
    for layer, column in (("booth", "border_h_out"), ("queue", "wait_h")):
        rows = table[table["layer"] == layer].set_index(["crossing", "traffic"])
        taken = services[column].dropna()
        pd.testing.assert_series_equal(
            rows["mid_h"].sort_index(), taken.sort_index(), check_names=False, check_index_type=False
        )
        assert (rows["low_h"] <= rows["mid_h"]).all()
        assert (rows["mid_h"] <= rows["high_h"]).all()
    peaks = table[table["layer"] == "peak"]
    assert peaks["mid_h"].isna().all()
    assert len(peaks) >= 10


def test_every_speed_lies_in_its_range(net: ag.Network) -> None:
    speeds = net.base["speeds"].dropna(subset=["low_kmh"])
    assert {"car", "bus", "truck_20t"} <= set(speeds.index.get_level_values("vehicle"))
    assert (speeds["low_kmh"] < speeds["speed_kmh"]).all()
    assert (speeds["speed_kmh"] < speeds["high_kmh"]).all()


@pytest.mark.slow
def test_one_estimate_moves_the_hours_as_a_new_question_does(net: ag.Network, winter: ag.Routes) -> None:
    table = winter[0].sensitivity().set_index("estimate")
    row = table.loc["border_h"]
    for end in ("low", "high"):
        asked = ag.routes(net, "Belogorsk", "Harbin", on=ON, border_h={row["crossing"]: row[f"{end}_h"]})
        same = next(route for route in asked if route.crossings == winter[0].crossings)
        assert same.seconds / 3600.0 == pytest.approx(row[f"total_{end}_h"], abs=1e-3)
        # Hours that are given have no range.
        given = same.sensitivity().set_index("estimate").loc["border_h"]
        assert given["low_h"] == given["mid_h"] == given["high_h"]
    slow = net.base["speeds"].loc["truck_20t"]
    ratio = (slow["speed_kmh"] / slow["low_kmh"]).dropna().median()
    asked = ag.routes(net, "Belogorsk", "Harbin", on=ON, scenario=f"truck_20t speed_factor {1 / ratio:.6f}")
    same = next(route for route in asked if route.crossings == winter[0].crossings)
    assert same.seconds / 3600.0 == pytest.approx(table.at["speeds", "total_high_h"], abs=0.1)


def test_the_best_crossing_flips_at_the_switching_value(net: ag.Network, winter: ag.Routes) -> None:
    row = winter[0].sensitivity().set_index("estimate").loc["border_h"]
    for beyond, best in ((-0.01, winter[0].name), (0.01, row["against"])):
        hours = {row["crossing"]: row["switch_h"] + beyond}
        assert ag.routes(net, "Belogorsk", "Harbin", on=ON, border_h=hours)[0].name == best


def test_ranges_are_the_root_of_the_sum_of_squares(winter: ag.Routes) -> None:
    for rank, route in enumerate(winter, 1):
        table, hours = route.sensitivity(), route.hours
        for end, sign in (("low", -1), ("high", 1)):
            moved = math.hypot(*(table[f"total_{end}_h"] - hours["mid"]))
            assert hours[end] == pytest.approx(hours["mid"] + sign * moved, abs=0.01)
        assert table["spread_h"].is_monotonic_decreasing
        for other, rival in enumerate(winter, 1):
            apart = rival.hours["low"] > hours["high"] or rival.hours["high"] < hours["low"]
            assert (other in winter.tied_with(rank)) == (not apart and other != rank)
    for wrong in (0, len(winter) + 1):
        with pytest.raises(ag.InputError, match="rank"):
            winter.tied_with(wrong)


@pytest.mark.slow
def test_json_has_the_range_the_ties_and_the_sensitivity(winter: ag.Routes) -> None:
    document = winter.to_dict()
    for route, record in zip(winter, document["routes"], strict=True):
        assert record["hours"] == {end: round(hours, 3) for end, hours in route.hours.items()}
        assert record["hours"]["mid"] == record["total_h"]
        assert (record["low_h"], record["high_h"]) == (record["hours"]["low"], record["hours"]["high"])
    assert [row["estimate"] for row in document["sensitivity"]] == winter.sensitivity()["estimate"].tolist()
    assert pickle.loads(pickle.dumps(winter)).to_dict() == document


def test_the_estimated_share_counts_speeds(net: ag.Network) -> None:
    record = ag.routes(net, "Blagoveshchensk", "Belogorsk", on=ON).records()[0]
    assert record["estimated_share"] == 1.0


def test_a_dataset_without_ranges_has_none(six: ag.Network) -> None:
    tables = {**six.tables, "border_hours": six.tables["border_hours"].iloc[:0]}
    speeds = six.tables["speeds"].assign(low_kmh=float("nan"), high_kmh=float("nan"))
    plain = ag.Network({**tables, "speeds": speeds})
    route = ag.routes(plain, "north", "heihe", on=ON)[0]
    table = route.sensitivity()
    assert (table.loc[table["estimate"] != "access", "spread_h"] == 0).all()
