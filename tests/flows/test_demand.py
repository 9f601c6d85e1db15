"""Tables of capacity and demand as arrays: exact answers from small tables, and tables given beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.flows.demand import (
    ASSUMED,
    Draw,
    cargo_days,
    check_assumed,
    daily_capacity,
    daily_demand,
    daily_room,
    gaps,
    given_tables,
    has_tables,
    is_home,
    lane_trucks,
    mass_classes,
    open_share,
    room,
    room_changes,
    servers_of,
    triangular,
)
from amurgeo.scenario import as_scenario
from amurgeo.seasons.daily import series

BRIDGE, PONTOON, FERRY = "kani_kurgan:bridge", "blagoveshchensk:pontoon", "blagoveshchensk:ferry"
NAN = float("nan")


def capacity_rows(*rows: dict[str, Any]) -> pd.DataFrame:
    """A table of capacity; what is left out is empty."""
    usual = {
        "crossing": "a", "direction": "both", "valid_from": None, "valid_to": None, "hours_per_day": NAN,
        "days_per_week": NAN, "lanes": NAN, "low": NAN, "high": NAN, "tonnes_per_day": NAN,
        "basis": "estimate",
    }  # fmt: skip
    frame = pd.DataFrame([usual | row for row in rows])
    for name in ("valid_from", "valid_to"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def days_from(first: str, number: int) -> np.ndarray:
    """A number of days in a row."""
    return np.datetime64(first) + np.arange(number)


def test_of_rows_that_hold_the_last_to_begin_counts() -> None:
    table = capacity_rows(
        {"trucks_per_day": 20.0, "valid_from": "2026-01-03", "valid_to": "2026-01-04", "low": 15.0},
        {"trucks_per_day": 10.0, "high": 12.0, "hours_per_day": 8.0, "basis": "derived"},
        {"trucks_per_day": 99.0, "crossing": "b", "valid_from": "2026-01-07"},
    )
    found = daily_capacity(table, [("a", "both")], days_from("2026-01-01", 6))
    assert found.mid.tolist() == [[10.0, 10.0, 20.0, 20.0, 10.0, 10.0]]
    assert found.low.tolist() == [[10.0, 10.0, 15.0, 15.0, 10.0, 10.0]]
    assert found.high.tolist() == [[12.0, 12.0, 20.0, 20.0, 12.0, 12.0]]
    seen = ["derived", "derived", "estimate", "estimate", "derived", "derived"]
    assert found.basis.tolist() == [seen]
    np.testing.assert_array_equal(found.hours_per_day, [[8.0, 8.0, NAN, NAN, 8.0, 8.0]])
    assert found.tonnes.tolist() == [[0.0] * 6]
    assert found.at(None).tolist() == found.mid.tolist()
    assert found.at(0.0).tolist() == found.low.tolist()
    assert found.at(1.0).tolist() == found.high.tolist()


def test_days_without_a_row_have_no_capacity() -> None:
    table = capacity_rows({"trucks_per_day": 7.0, "valid_from": "2026-01-02", "valid_to": "2026-01-02"})
    found = daily_capacity(table, [("a", "both"), ("b", "both")], days_from("2026-01-01", 3))
    np.testing.assert_array_equal(found.mid, [[NAN, 7.0, NAN], [NAN] * 3])
    np.testing.assert_array_equal(found.tonnes, [[NAN, 0.0, NAN], [NAN] * 3])
    assert found.basis.tolist() == [[None, "estimate", None], [None] * 3]


def test_a_week_of_five_days_begins_on_monday() -> None:
    # The first of January 2026 is a Thursday.
    table = capacity_rows({"trucks_per_day": 10.0, "days_per_week": 5.0, "tonnes_per_day": 30.0, "low": 4.0})
    found = daily_capacity(table, [("a", "both")], days_from("2026-01-01", 7))
    works = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    assert found.mid[0].tolist() == (10.0 * works).tolist()
    assert found.low[0].tolist() == (4.0 * works).tolist()
    assert found.tonnes[0].tolist() == (30.0 * works).tolist()


def test_a_flow_seen_is_a_lower_bound_and_goes_before_a_design() -> None:
    table = capacity_rows(
        {"trucks_per_day": 50.0, "low": 20.0, "high": 90.0},
        {"trucks_per_day": 30.0, "basis": "used", "valid_from": "2026-01-02", "valid_to": "2026-01-02"},
        {"trucks_per_day": 25.0, "basis": "used", "valid_from": "2026-01-02", "valid_to": "2026-01-02"},
        {"trucks_per_day": 40.0, "basis": "design", "valid_from": "2026-01-03", "valid_to": "2026-01-04"},
        {"trucks_per_day": 45.0, "basis": "design", "valid_from": "2026-01-03", "valid_to": "2026-01-04"},
        {"trucks_per_day": 60.0, "basis": "used", "valid_from": "2026-01-04", "valid_to": "2026-01-04"},
    )
    found = daily_capacity(table, [("a", "both")], days_from("2026-01-01", 4))
    assert found.low.tolist() == [[20.0, 30.0, 20.0, 60.0]]
    assert found.mid.tolist() == [[50.0, 50.0, 40.0, 60.0]]
    assert found.high.tolist() == [[90.0, 90.0, 40.0, 60.0]]


def test_a_flow_seen_is_no_bound_of_days_off() -> None:
    table = capacity_rows(
        {"trucks_per_day": 50.0, "days_per_week": 6.0}, {"trucks_per_day": 30.0, "basis": "used"}
    )
    # A Saturday and a Sunday.
    found = daily_capacity(table, [("a", "both")], days_from("2026-01-03", 2))
    assert found.low.tolist() == [[50.0, 0.0]]


def test_directions_have_their_own_rows_and_bounds() -> None:
    table = capacity_rows(
        {"trucks_per_day": 10.0, "direction": "in"},
        {"trucks_per_day": 20.0, "direction": "out"},
        {"trucks_per_day": 15.0, "direction": "out", "basis": "design"},
        {"trucks_per_day": 12.0, "direction": "in", "basis": "used"},
        {"trucks_per_day": 18.0, "direction": "both", "basis": "used"},
    )
    days = days_from("2026-01-01", 1)
    assert servers_of(table, days) == [("a", "in"), ("a", "out")]
    found = daily_capacity(table, [("a", "in"), ("a", "out")], days)
    # What both directions were seen to clear together is no bound of one.
    assert found.mid.tolist() == [[12.0], [15.0]]
    both = daily_capacity(
        capacity_rows(
            {"trucks_per_day": 10.0},
            {"trucks_per_day": 12.0, "direction": "in", "basis": "used"},
            {"trucks_per_day": 1.0, "direction": "in", "basis": "design"},
        ),
        [("a", "both")],
        days,
    )
    assert both.mid.tolist() == [[12.0]]


def test_servers_are_those_whose_rows_hold_on_some_day() -> None:
    table = capacity_rows(
        {"trucks_per_day": 1.0, "crossing": "b", "valid_from": "2026-01-03"},
        {"trucks_per_day": 1.0, "crossing": "a", "valid_to": "2026-01-01"},
        {"trucks_per_day": 1.0, "crossing": "c", "valid_to": "2025-12-31"},
        {"trucks_per_day": 1.0, "crossing": "d", "valid_from": "2026-01-04"},
        {"trucks_per_day": 1.0, "crossing": "e", "basis": "used"},
    )
    assert servers_of(table, days_from("2026-01-01", 3)) == [("a", "both"), ("b", "both")]


def demand_rows(*rows: dict[str, Any]) -> pd.DataFrame:
    """A table of streams; what is left out is empty."""
    usual = {
        "origin": "belogorsk", "destination": "heihe", "direction": "out", "group": "mine",
        "class": "grain", "share": 1.0, "usual": BRIDGE, "wait_weight": 0.5,
        "share_over_30t": NAN, "share_over_40t": NAN,
    }  # fmt: skip
    return pd.DataFrame([usual | row for row in rows], index=[f"s{at}" for at in range(len(rows))])


def month_rows(*rows: dict[str, Any]) -> pd.DataFrame:
    """A table of demand by month; what is left out is empty."""
    usual = {"month": NAN, "valid_from": None, "valid_to": None, "low": NAN, "high": NAN}
    frame = pd.DataFrame([usual | row for row in rows])
    for name in ("valid_from", "valid_to"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def test_a_month_goes_before_all_months_and_the_factor_is_for_the_home(net: ag.Network) -> None:
    tables = {
        "demand": demand_rows(
            {},
            {"group": "away", "usual": "zabaikalsk:road"},
            {"group": "free", "usual": ""},
            {"usual": "zabaikalsk:road"},
        ),
        "demand_months": month_rows(
            {"group": "mine", "month": 2.0, "trucks_per_day": 30.0, "low": 20.0, "high": 60.0},
            {"group": "mine", "trucks_per_day": 10.0, "high": 11.0},
            {"group": "away", "trucks_per_day": 5.0},
            {"group": "free", "trucks_per_day": 8.0, "valid_from": "2026-02-01", "valid_to": "2026-02-01"},
            {"group": "nobody", "trucks_per_day": 1000.0},
        ),
    }
    home, trucks = daily_demand(net, tables, days_from("2026-01-31", 3), factor=2.0)
    assert home.to_dict() == {"mine": True, "away": False, "free": True}
    assert trucks.mid.tolist() == [[20.0, 60.0, 60.0], [5.0] * 3, [0.0, 16.0, 0.0]]
    assert trucks.low.tolist() == [[20.0, 40.0, 40.0], [5.0] * 3, [0.0, 16.0, 0.0]]
    assert trucks.high.tolist() == [[22.0, 120.0, 120.0], [5.0] * 3, [0.0, 16.0, 0.0]]
    _, plain = daily_demand(net, tables, days_from("2026-12-31", 2))
    assert plain.mid.tolist() == [[10.0, 10.0], [5.0, 5.0], [0.0, 0.0]]


def test_streams_are_split_by_gross_mass(net: ag.Network) -> None:
    table = demand_rows(
        {"share": 0.4, "share_over_30t": 0.5, "share_over_40t": 0.25},
        {"share": 0.6},
        {"share": 1.0, "share_over_30t": 1.0},
        {"share": 1e-12},
    )
    rows = mass_classes(net, table)
    assert rows["stream"].tolist() == ["s0", "s0", "s0", "s1", "s2"]
    assert rows["mass_t"].tolist() == [20.0, 40.0, 44.0, 20.0, 40.0]
    assert rows["share"].tolist() == pytest.approx([0.2, 0.1, 0.1, 0.6, 1.0])
    assert rows.index.tolist() == [0, 1, 2, 3, 4]


def test_quantiles_of_a_range_are_exact() -> None:
    # Half as likely at a third: the middle of a range of 0, 1 and 4 is its quantile of a quarter.
    assert triangular(0, 1, 4, 0.25) == pytest.approx(1.0)
    assert triangular(0, 1, 4, 0.04) == pytest.approx(0.4)
    assert triangular(0, 1, 4, 0.75) == pytest.approx(4 - np.sqrt(0.25 * 4 * 3))
    assert triangular(2, 4, 6, 0.5) == pytest.approx(4.0)
    assert triangular(2, 2, 6, 0.19) == pytest.approx(6 - np.sqrt(0.81 * 16))
    assert triangular(3, 3, 3, 0.3) == 3.0
    assert triangular(0, 1, 4, NAN) == 1.0
    assert triangular(0, 1, 4, None) == 1.0
    np.testing.assert_allclose(triangular([0, 2], [1, 4], [4, 6], np.array([0.25, NAN])), [1.0, 4.0])


def test_a_draw_has_a_quantile_of_each_server_and_assumptions_in_their_range() -> None:
    draws = [Draw.of(5, number, [("a", "both"), ("b", "in")]) for number in range(60)]
    assert set(draws[0].capacity) == {("a", "both"), ("b", "in")}
    for name, (low, mid, high) in ASSUMED.items():
        values = [draw.assumed[name] for draw in draws]
        assert low <= min(values) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < max(values) <= high
        assert Draw().assumed[name] == mid
    values = [draw.demand or 0.0 for draw in draws]
    values += [value for draw in draws for value in draw.capacity.values()]
    assert all(0.0 < value < 1.0 for value in values)
    assert len({draw.demand for draw in draws}) == len(draws)
    assert Draw.of(5, 1, []).assumed == draws[1].assumed
    assert Draw().demand is None
    assert dict(Draw().capacity) == {}


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        (33, [33.0, 33.0, 33.0]),
        ([33.0], [33.0, 33.0, 33.0]),
        ((10, 20, 40), [10.0, 20.0, 40.0]),
        ((0, 0, 100_000), [0.0, 0.0, 100_000.0]),
    ],
)
def test_a_capacity_by_name_replaces_the_rows_of_its_crossing(
    net: ag.Network, given: Any, numbers: list[float]
) -> None:
    tables, factor = given_tables(net, None, {BRIDGE: given})
    assert factor == 1.0
    old, new = net.base["capacity"], tables["capacity"]
    assert tables["demand"] is net.base["demand"]
    assert tables["demand_months"] is net.base["demand_months"]
    pd.testing.assert_frame_equal(new[new["crossing"] != BRIDGE], old[old["crossing"] != BRIDGE])
    (row,) = new[new["crossing"] == BRIDGE].reset_index().to_dict("records")
    assert [row[name] for name in ("low", "trucks_per_day", "high")] == numbers
    assert row["id"] == "given_kani_kurgan_bridge"
    assert (row["direction"], row["traffic"], row["basis"]) == ("both", "cargo", "estimate")
    assert (row["source"], row["confidence"]) == ("estimate", "estimated")
    assert row["note"] == "Given with the question"


@pytest.mark.parametrize("given", [(1, 2), (1, 2, 3, 4), (), (3, 2, 4), "500", (1, 2, 100_001)])
def test_a_capacity_by_name_is_one_number_or_three_in_order(net: ag.Network, given: Any) -> None:
    with pytest.raises(ag.InputError, match=f"capacity of {BRIDGE}"):
        given_tables(net, None, {BRIDGE: given})


def test_a_mapping_without_a_crossing_is_refused(net: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="capacity is empty; expected trucks a day by crossing"):
        given_tables(net, None, {})


def test_a_table_may_have_its_ids_as_a_named_index_or_as_a_column(net: ag.Network) -> None:
    columns = {"id": ["mine", "other"], "crossing": [BRIDGE, PONTOON], "trucks_per_day": [33.0, 44.0]}
    plain = pd.DataFrame(columns)
    by_column, by_index, without = (
        given_tables(net, None, frame)[0]["capacity"]
        for frame in (plain, plain.set_index("id"), plain.drop(columns="id").set_index(pd.Index([7, 9])))
    )
    pd.testing.assert_frame_equal(by_column, by_index)
    assert by_index.index[-2:].tolist() == ["mine", "other"]
    assert without.index[-2:].tolist() == ["given_1", "given_2"]
    by_crossing = given_tables(net, None, plain.drop(columns="id").set_index("crossing"))[0]["capacity"]
    pd.testing.assert_frame_equal(by_crossing, without)
    assert by_index["trucks_per_day"].iloc[-2:].tolist() == [33.0, 44.0]
    assert by_index["low"].iloc[-2:].isna().all()


def test_faults_of_a_given_table_have_their_lines(net: ag.Network) -> None:
    wrong = pd.DataFrame({"crossing": [BRIDGE, "nowhere:bridge"], "trucks_per_day": [33.0, 44.0]})
    with pytest.raises(ag.DataError) as error:
        given_tables(net, None, wrong)
    assert [fault.row for fault in error.value.faults] == [3]
    with pytest.raises(ag.InputError, match=r"capacity is invalid: .* has no rows; expected at least one"):
        given_tables(net, None, wrong.iloc[:0])


def test_a_table_of_demand_is_told_by_its_columns(net: ag.Network, tmp_path: Path) -> None:
    months = pd.DataFrame({"group": ["bridge", "poltavka"], "trucks_per_day": [10.0, 20.0]})
    months.to_csv(tmp_path / "months.csv", index=False)
    for given in (months, tmp_path / "months.csv", str(tmp_path / "months.csv")):
        tables, factor = given_tables(net, given, None)
        assert factor == 1.0
        assert tables["demand"] is net.base["demand"]
        assert tables["demand_months"]["trucks_per_day"].tolist() == [10.0, 20.0]
    stream = demand_rows({"group": "bridge", "origin": "Белогорск"}).drop(
        columns=["share_over_30t", "share_over_40t"]
    )
    tables, _ = given_tables(net, stream, None)
    assert tables["demand"]["origin"].tolist() == ["belogorsk"]
    assert tables["demand_months"] is net.base["demand_months"]
    nowhere = stream.assign(origin="atlantis")
    with pytest.raises(ag.DataError, match="atlantis"):
        given_tables(net, nowhere, None)
    with pytest.raises(ag.InputError, match=r"demand is invalid: the file 'no\.csv' does not exist"):
        given_tables(net, "no.csv", None)


def test_a_number_is_the_factor_of_demand(net: ag.Network) -> None:
    assert given_tables(net, 2.5, None)[1] == 2.5
    assert [given_tables(net, end, None)[1] for end in (0.0, 100.0)] == [0.0, 100.0]
    with pytest.raises(ag.InputError, match="demand is invalid: 101"):
        given_tables(net, 101, None)


def test_the_trucks_of_a_lane_are_those_of_its_last_row(net: ag.Network) -> None:
    table = capacity_rows(
        {"trucks_per_day": 100.0, "crossing": BRIDGE, "lanes": 4.0},
        {"trucks_per_day": 90.0, "crossing": BRIDGE, "lanes": 3.0},
        {"trucks_per_day": 80.0, "crossing": BRIDGE},
        {"trucks_per_day": 70.0, "crossing": PONTOON, "lanes": 1.0},
    )
    assert lane_trucks(net, {"capacity": table}, BRIDGE) == {BRIDGE: 30.0}
    # Without lanes in the given rows those of the dataset count: 630 trucks on 16 lanes.
    assert lane_trucks(net, {"capacity": table.iloc[2:]}, BRIDGE) == {BRIDGE: 630.0 / 16.0}
    with pytest.raises(ag.InputError, match="lane: unknown crossing 'nowhere'"):
        lane_trucks(net, {"capacity": table}, "nowhere")


def test_a_dataset_has_its_tables_only_with_the_places_of_the_demand(
    net: ag.Network, six: ag.Network
) -> None:
    assert has_tables(net)
    assert not has_tables(six)
    assert not has_tables(ag.Network({**net.base, "capacity": net.base["capacity"].iloc[:0]}))
    lost = net.base["demand"].assign(origin="atlantis")
    assert not has_tables(ag.Network({**net.base, "demand": lost}))


def test_the_room_of_a_day_has_the_share_of_the_scenario(net: ag.Network) -> None:
    winter = room(net.state("2026-02-10", scenario=f"{PONTOON} capacity_share 0.5"))
    assert winter.index.tolist() == [BRIDGE, PONTOON, "poyarkovo:ice_road"]
    assert winter["trucks_per_day"].tolist() == [500.0, 75.0, 40.0]
    assert winter["low"].tolist() == [315.0, 55.0, 26.0]
    assert winter["high"].tolist() == [630.0, 100.0, 60.0]
    assert winter["basis"].tolist() == ["estimate", "derived", "estimate"]
    everywhere = room(net.state("2026-02-10"), everywhere=True)
    # Both directions of one crossing are added up.
    assert everywhere.loc["zabaikalsk:road", ["trucks_per_day", "low", "high"]].tolist() == [
        880.0,
        530.0,
        927.0,
    ]
    assert everywhere["trucks_per_day"].is_monotonic_decreasing
    # A crossing that clears none in the middle, but some at most, stays.
    summer = room(net.state("2026-07-15"))
    assert summer.loc[FERRY, ["trucks_per_day", "low", "high"]].tolist() == [0.0, 0.0, 40.0]


def test_the_room_changes_on_the_days_of_a_stop(net: ag.Network) -> None:
    days = days_from("2026-11-08", 5)
    base, half, slight = (
        series(net, as_scenario(text), days)
        for text in (
            "baseline",
            f"{BRIDGE} capacity_share 0.25 2026-11-10..2026-11-11",
            f"{BRIDGE} capacity_share 0.999 2026-11-10..2026-11-11",
        )
    )
    assert daily_room(base).tolist() == [500.0] * 5
    assert daily_room(half).tolist() == [500.0, 500.0, 125.0, 125.0, 500.0]
    changes = room_changes(base, half)
    assert changes.index.tolist() == [pd.Timestamp("2026-11-10"), pd.Timestamp("2026-11-11")]
    assert changes["base"].tolist() == [500.0, 500.0]
    assert changes["alt"].tolist() == [125.0, 125.0]
    # Half a truck a day is no difference.
    assert room_changes(base, slight).empty
    share = open_share(half, [(BRIDGE, "both"), (PONTOON, "in"), ("nowhere", "both")])
    assert share.tolist() == [[1.0, 1.0, 0.25, 0.25, 1.0], [0.0] * 5, [0.0] * 5]


def test_gaps_are_unknown_crossings_and_open_ones_without_a_row(net: ag.Network) -> None:
    run = series(net, as_scenario("baseline"), days_from("2026-02-10", 3))
    unknown, others = gaps(run, [BRIDGE, PONTOON], slice(0, 3))
    assert unknown == []
    # Trains are not trucks, and a ferry is closed in February.
    roads = ["zabaikalsk", "turiy_rog", "pogranichny", "poltavka", "kraskino"]
    pontoons = ["nizhneleninskoye", "amurzet", "pokrovka"]
    assert set(others) == {
        "poyarkovo:ice_road", *(f"{name}:road" for name in roads), *(f"{name}:pontoon" for name in pontoons)
    }  # fmt: skip
    with pytest.raises(ag.InputError, match="assume is invalid: 'open'; expected none"):
        check_assumed("open", run, [BRIDGE])
    check_assumed(None, run, [BRIDGE])


def test_a_gap_of_the_record_is_unknown_on_its_days(net: ag.Network) -> None:
    road = "kraskino:road"
    run = series(net, as_scenario("baseline"), days_from("2023-01-12", 8))
    status = cargo_days(run)[road].status.tolist()
    known = status.index("open")
    assert set(status[:known]) == {"unknown"}
    assert gaps(run, [road], slice(known - 1, known + 1))[0] == [road]
    assert gaps(run, [road], slice(known, 8))[0] == []
    # Who does not ask about it, hears of it only once it is open.
    assert road not in gaps(run, [], slice(0, known))[0] + gaps(run, [], slice(0, known))[1]
    assert road in gaps(run, [], slice(known - 1, known + 1))[1]
    check_assumed("open", run, [BRIDGE, road])
    with pytest.raises(ag.InputError, match="assume is invalid: 'closed'"):
        check_assumed("closed", run, [BRIDGE, "nowhere"])


def test_the_upper_and_lower_half_of_a_narrow_range() -> None:
    """A truck more or less: the lower eighth of a range from 0 to 1 begins at a quarter."""
    assert triangular(0.0, 0.5, 1.0, 0.125) == pytest.approx(0.25)
    assert triangular(0.0, 0.5, 1.0, 0.875) == pytest.approx(0.75)


def test_a_flow_seen_bounds_a_crossing_that_clears_less_than_one() -> None:
    table = capacity_rows({"trucks_per_day": 0.5}, {"trucks_per_day": 3.0, "basis": "used"})
    assert daily_capacity(table, [("a", "both")], days_from("2026-01-01", 1)).mid.tolist() == [[3.0]]


def test_only_crossings_of_the_home_regions_are_at_home(net: ag.Network) -> None:
    assert is_home(net, [BRIDGE, "zabaikalsk:road", "nowhere:road", ""]).tolist() == [True] + [False] * 3
    assert is_home(net, []).tolist() == []


def test_a_dataset_with_a_range_out_of_order_is_refused(net: ag.Network) -> None:
    for name, row in (("capacity", "bridge_2026"), ("demand_months", "bridge_07")):
        frame = net.base[name].copy()
        frame.loc[row, "low"] = frame.loc[row, "high"] + 1.0
        with pytest.raises(ag.DataError, match=row) as error:
            given_tables(ag.Network({**net.base, name: frame}), None, None)
        (fault,) = error.value.faults
        assert (fault.check, fault.row) == ("range-order", None)


def test_the_lane_of_several_rows_is_that_of_the_last(net: ag.Network) -> None:
    rows = [
        {"trucks_per_day": trucks, "crossing": BRIDGE, "lanes": lanes}
        for trucks, lanes in ((100.0, 4.0), (90.0, 3.0), (80.0, 2.0), (50.0, NAN))
    ]
    assert lane_trucks(net, {"capacity": capacity_rows(*rows)}, BRIDGE) == {BRIDGE: 40.0}


def test_a_crossing_that_clears_less_than_a_truck_a_day_has_room(net: ag.Network) -> None:
    frame = net.base["capacity"].copy()
    frame.loc["poyarkovo_ice", ["trucks_per_day", "low", "high"]] = [0.25, 0.0, 0.5]
    found = room(ag.Network({**net.base, "capacity": frame}).state("2026-02-10"))
    assert found["trucks_per_day"].to_dict() == {BRIDGE: 500.0, PONTOON: 150.0, "poyarkovo:ice_road": 0.25}


def test_crossings_that_clear_as_much_are_in_the_order_of_their_names(small: ag.Network) -> None:
    frame = small.base["capacity"].assign(trucks_per_day=40.0, low=NAN, high=NAN, days_per_week=7.0)
    found = room(ag.Network({**small.base, "capacity": frame}).state("2026-03-16"), everywhere=True)
    assert found.index.tolist() == [PONTOON, BRIDGE, "poltavka:road"]
