"""Room by month, waits by room, and sentences, with exact answers from few rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

import amurgeo as ag
from amurgeo.flows.capacity import (
    _cut,
    _load,
    ahead_sentence,
    change_sentence,
    room_sentence,
    whole,
)
from amurgeo.scenario import as_scenario
from amurgeo.seasons.daily import series

BRIDGE, PONTOON, FERRY = "kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ferry"
SHUT = f"{BRIDGE} close 2026-11-10..2026-11-12"
NAN = float("nan")


def test_the_months_of_a_small_dataset(small: ag.Network) -> None:
    frame = ag.capacity(small, 2026, scenario=f"{BRIDGE} close 2026-12-01..2026-12-31")
    assert frame["month"].tolist() == [month for month in range(1, 13) for _ in range(3)]
    assert frame["crossing"].tolist() == [PONTOON, BRIDGE, FERRY] * 12
    rows = frame.set_index(["month", "crossing"])
    # Eight tonnes on a truck in July, and 500 t a day by barge on all days but four Sundays.
    assert rows.loc[(7, BRIDGE)].tolist() == [100.0, 800.0, 90.0, 0.9, True]
    assert rows.loc[(7, FERRY), ["trucks_per_day", "demand", "in_cut"]].tolist() == [0.0, 0.0, False]
    assert rows.loc[(7, FERRY), "tonnes_per_day"] == pytest.approx(500.0 * 27 / 31)
    assert rows.loc[(11, BRIDGE), ["trucks_per_day", "demand", "ratio"]].tolist() == [100.0, 60.0, 0.6]
    assert rows.loc[(3, PONTOON), ["trucks_per_day", "demand", "ratio"]].tolist() == [40.0, 10.0, 0.25]
    assert rows.loc[(3, PONTOON), "in_cut"]
    # Closed: trucks wish to pass, but there is no ratio.
    assert rows.loc[(12, BRIDGE), ["trucks_per_day", "demand", "in_cut"]].tolist() == [0.0, 60.0, False]
    assert np.isnan(rows.loc[(12, BRIDGE), "ratio"])
    # The load of other months is not known; of no truck it is none, whatever is carried beside trucks.
    assert np.isnan(rows.loc[(11, BRIDGE), "tonnes_per_day"])
    assert rows.loc[(12, BRIDGE), "tonnes_per_day"] == 0.0
    assert rows.loc[(1, FERRY), "tonnes_per_day"] == 0.0
    assert rows.loc[(6, FERRY), "tonnes_per_day"] == pytest.approx(500.0 * 26 / 30)


def test_the_directions_of_a_crossing_are_one_row(small: ag.Network) -> None:
    ways = pd.DataFrame({
        "crossing": [BRIDGE, BRIDGE, PONTOON],
        "direction": ["in", "out", "both"],
        "trucks_per_day": [70.0, 50.0, 30.0],
    })  # fmt: skip
    rows = ag.capacity(small, 2026, capacity=ways, demand=2).set_index(["month", "crossing"])
    assert rows.loc[(7, BRIDGE)].tolist() == [120.0, 960.0, 180.0, 1.5, True]
    assert rows.loc[(3, PONTOON), ["trucks_per_day", "demand"]].tolist() == [30.0, 20.0]


def test_a_dataset_without_room_at_home_has_no_rows(small: ag.Network) -> None:
    tables = dict(small.base)
    tables["capacity"] = tables["capacity"].loc[["away"]]
    tables["demand"] = tables["demand"].loc[["away"]]
    frame = ag.capacity(ag.Network(tables), 2026)
    assert len(frame) == 0


def test_what_some_stream_may_take_is_the_cut() -> None:
    admitted = np.array([[True, False, False, True], [True, True, False, False]])
    trucks = np.array([100.0, 0.25, 70.0, 0.0])
    assert _cut(admitted, trucks).tolist() == [True, True, False, False]
    assert _cut(admitted[1:], trucks).tolist() == [True, True, False, False]
    assert _cut(admitted[:1], trucks).tolist() == [True, False, False, False]
    assert _cut(admitted[:0], trucks).tolist() == [False] * 4


def test_the_load_is_that_of_the_groups_at_home_whose_tonnes_are_known() -> None:
    months = pd.DataFrame(
        [
            ("mine", 1.0, None, None, 10.0, 100.0),
            ("mine", 2.0, None, "2026-01-01", 10.0, 30.0),
            ("mine", 3.0, "2026-12-31", None, 10.0, 40.0),
            ("mine", 4.0, None, "2025-12-31", 10.0, 50.0),
            ("mine", 5.0, "2027-01-01", None, 10.0, 60.0),
            ("mine", 6.0, None, None, 0.0, 70.0),
            ("mine", 7.0, None, None, 10.0, NAN),
            ("away", 8.0, None, None, 10.0, 80.0),
            ("river", 1.0, None, None, 30.0, 180.0),
            ("river", 9.0, None, None, 0.5, 4.0),
        ],
        columns=["group", "month", "valid_from", "valid_to", "trucks_per_day", "tonnes_per_day"],
    )
    for name in ("valid_from", "valid_to"):
        months[name] = pd.to_datetime(months[name])
    rows = pd.DataFrame({"group": ["mine", "away", "river"]})
    model: Any = SimpleNamespace(rows=rows, at_home=np.array([True, False, True]))
    days = np.arange(np.datetime64("2026-01-01"), np.datetime64("2027-01-01"))
    found = _load(model, months, days)
    assert list(found) == list(range(1, 13))
    known = {month: load for month, load in found.items() if not np.isnan(load)}
    assert known == {1: 7.0, 2: 3.0, 3: 4.0, 9: 8.0}
    every = months.iloc[:1].assign(month=NAN)
    assert set(_load(model, every, days).values()) == {10.0}


def test_numbers_of_trucks_are_whole_and_from_a_hundred_on_in_tens() -> None:
    numbers = (0.4, 9.4, 99.4, 99.6, 100.6, 104.0, 106.0, 1234.6)
    assert [whole(number) for number in numbers] == [0, 9, 99, 100, 100, 100, 110, 1230]


def test_the_waits_of_a_crossing_follow_from_its_room(small: ag.Network) -> None:
    """60 trucks of the bridge and 10 of the pontoon come: all that is not cleared in 24 days stands."""
    days = {"start": "2026-10-01", "end": "2026-10-10"}
    curve = ag.flows.capacity_curve(small, BRIDGE, **days)
    assert curve["trucks_per_day"].tolist() == pytest.approx([*(60.0 * np.arange(6, 17) / 10), 100.0])
    assert set(curve["crossing"]) == {BRIDGE}
    assert set(curve["demand"]) == {60.0}
    assert set(curve["today"]) == {100.0}
    # At 36 a day some of the bridge take another crossing.
    assert curve["diverted_per_day"].iloc[0] > 0.0
    for row in curve.iloc[1:].itertuples():
        more = max(70.0 - row.trucks_per_day, 0.0)
        assert row.diverted_per_day == 0.0
        assert row.queue_max == pytest.approx(24.0 * more)
        assert row.truck_days == pytest.approx(190.0 * more)
        # Those who come last wait as the queue at the beginning of two halves of the day lets expect.
        hours = 24.0 * more / row.trucks_per_day
        assert row.wait_max_h == pytest.approx(23.25 * hours)
        assert 18.75 * hours <= row.wait_mean_h <= 19.0 * hours
    half = ag.flows.capacity_curve(small, BRIDGE, **days, scenario=f"{BRIDGE} capacity_share 0.5")
    assert set(half["today"]) == {50.0}
    assert len(half) == 12
    rows = half.drop(columns="today").set_index("trucks_per_day")
    both = curve.drop(columns="today").set_index("trucks_per_day")
    assert rows.loc[60.0, "truck_days"] == pytest.approx(both.loc[60.0, "truck_days"])
    assert rows.loc[50.0, "queue_max"] == pytest.approx(480.0)


@pytest.mark.parametrize("crossing", [FERRY, "poltavka:road", PONTOON, "blagoveshchensk:ferry"])
def test_only_a_crossing_with_room_and_demand_has_a_curve(small: ag.Network, crossing: str) -> None:
    week = {"start": "2026-10-01", "end": "2026-10-03"}
    if crossing == "poltavka:road":
        assert set(ag.flows.capacity_curve(small, crossing, **week)["demand"]) == {30.0}
    else:
        with pytest.raises(ag.InputError, match="expected one with capacity and demand in the period"):
            ag.flows.capacity_curve(small, crossing, **week)


def test_the_room_of_one_day_and_of_two_in_a_sentence(net: ag.Network, small: ag.Network) -> None:
    winter, summer = net.state("2026-02-10"), net.state("2026-07-15")
    assert room_sentence(winter) == (
        "Room for trucks at the home crossings: 690 trucks a day, without the largest crossing 190 "
        "(estimates)."
    )
    for base, alt, told in (
        (winter, summer, "500 trucks a day instead of 690; without the largest crossing 0 instead of 190."),
        (summer, winter, "690 trucks a day instead of 500; without the largest crossing 190 instead of 0."),
    ):
        assert room_sentence(base, alt) == f"Room for trucks at the home crossings: {told}"
    bare = ag.Network({**net.base, "capacity": net.base["capacity"].iloc[:0]})
    assert room_sentence(bare.state("2026-07-15")) is None
    march = room_sentence(small.state("2026-03-16"))
    assert march is not None
    assert "140 trucks a day, without the largest crossing 40 " in march


def made(
    net: ag.Network,
    capacity: list[float],
    queue: list[float],
    streams: list[tuple[int, str, float, float]] = (),  # type: ignore[assignment]
    first: str = "2026-11-10",
    **more: Any,
) -> ag.Queues:
    """Queues of a base without a queue, in which the bridge clears 100, and of one scenario.

    Streams are those of the bridge: day, crossing, trucks, hours of waiting.
    """
    dates, names = pd.date_range(first, periods=len(queue)), ["baseline", SHUT]
    ends = [f"_{label}" for label in ("p10", "p50", "p90")] if more.get("draws") else []
    base = pd.DataFrame({"scenario": "baseline", "date": dates, "queue": 0.0, "capacity": 100.0})
    alt = pd.DataFrame({"scenario": SHUT, "date": dates, "queue": queue, "capacity": capacity})
    both = pd.concat([base, alt], ignore_index=True)
    days = both.drop(columns="queue").assign(crossing=BRIDGE)
    neighbour = days.assign(crossing="poltavka:road", capacity=0.0)
    backlog = both[["scenario", "date", "queue"]].copy()
    for end, factor in zip(ends, (0.5, 1.0, 2.0), strict=False):
        backlog[f"queue{end}"] = backlog["queue"] * factor + more.get("spread", 0.0) * (factor - 0.5)
    columns = ["day", "crossing", "trucks", "wait_h"]
    told = pd.DataFrame(list(streams), columns=columns).assign(scenario=SHUT, usual=BRIDGE)
    told["date"] = dates[told.pop("day").to_numpy(dtype=int)]
    return ag.Queues(
        net,
        tuple(as_scenario(name) for name in names),
        (dates[0].date(), dates[-1].date()),
        pd.concat([days, neighbour], ignore_index=True),
        pd.DataFrame(),
        pd.DataFrame(),
        told,
        backlog,
        draws=more.get("draws", 0),
        without_capacity=more.get("without", ()),
    )


WAIT = [
    (0, BRIDGE, 60.0, 48.0), (1, BRIDGE, 20.0, 24.0), (1, PONTOON, 15.0, 6.0),
    (1, "poltavka:road", 5.0, 30.0), (3, BRIDGE, 20.0, 12.0), (3, BRIDGE, 900.0, 11.9),
]  # fmt: skip


def test_a_stop_and_its_backlog_in_sentences(net: ag.Network) -> None:
    q = made(net, [0, 0, 100, 100, 100], [60.0, 126.0, 80.0, 2.6, 2.5], WAIT)
    texts = q.sentences(alternative=SHUT)
    assert texts[:3] == [
        "Kani-Kurgan, road bridge: closed to trucks, 10–11 November 2026; by 11 November 2026 the queue "
        "grows to 130 trucks; about 20 stand on the road, the rest wait at home.",
        "Of the 100 trucks of these days 80 % wait, 15 % take another crossing (Amur Oblast), 5 % go round, "
        "most of them by Poltavka.",
        # 60 of 100 that wait half a day or more wait 2 days, 20 one and 20 half a day.
        "The wait is 1.5 days on average and 2.0 at most; the queue is gone by 14 November 2026.",
    ]
    assert len(texts) == 4
    assert texts[3].startswith("Capacity and demand are estimates")
    assert q.sentences()[1:] == texts
    assert q.sentences(alternative="baseline") == [
        "Base case: no truck waits for a day at the crossings of Amur Oblast.", texts[3]
    ]  # fmt: skip
    assert "，" in q.sentences("zh", alternative=SHUT)[1]


def test_a_queue_that_still_stands_and_crossings_without_a_row(net: ag.Network) -> None:
    q = made(net, [20, 40, 100], [60.0, 100.0, 3.0], without=("a:road", "b:road"))
    texts = q.sentences(alternative=SHUT)
    assert texts[0] == (
        "Kani-Kurgan, road bridge: at most 30 trucks a day instead of 100, 10–11 November 2026; by 11 "
        "November 2026 the queue grows to 100 trucks; about 16 stand on the road, the rest wait at home."
    )
    # Nothing is told of trucks if none come.
    assert texts[1].endswith("; the queue still stands on 12 November 2026.")
    assert texts[2] == "No capacity on record, counted as closed: a:road, b:road."
    with pytest.raises(ag.InputError, match="alternative"):
        q.sentences(alternative="nothing")


def test_a_stop_of_a_day_and_one_of_two_months(net: ag.Network) -> None:
    one = made(net, [0, 100], [9.9, 0.0]).sentences(alternative=SHUT)
    assert one[0] == (
        "Kani-Kurgan, road bridge: closed to trucks, 10 November 2026; no truck waits for a day at the "
        "crossings of Amur Oblast."
    )
    assert len(one) == 2
    assert made(net, [0, 100], [10.0, 0.0]).sentences(alternative=SHUT)[0].count("grows to 10 trucks") == 1
    two = made(net, [0, 0, 100], [30.0, 60.0, 0.0], first="2026-11-30").sentences(alternative=SHUT)[0]
    assert "closed to trucks, 30 November 2026 – 1 December 2026; by 1 December 2026" in two
    # Half a truck a day is no difference; the peak is then that of all days.
    same = made(net, [99.5, 100, 100], [30.0, 60.0, 0.0]).sentences(alternative=SHUT)[0]
    assert same.startswith(f"{SHUT}: by 11 November 2026 the queue grows to 60 trucks")
    less = made(net, [99.4, 100, 100], [30.0, 60.0, 0.0]).sentences(alternative=SHUT)[0]
    assert "by 10 November 2026 the queue grows to 30 trucks" in less


def test_draws_tell_a_range_and_whether_it_is_apart(net: ag.Network) -> None:
    apart = made(net, [0, 100], [60.0, 0.0], draws=2)
    assert apart.sentences(alternative=SHUT)[0].endswith(
        "P10–P90: 30–120. The difference from the base is firm: the ranges do not overlap."
    )
    near = made(net, [0, 100], [20.0, 0.0], draws=2, spread=8.0)
    # From 10 to 52, and from 0 to 12 in the base.
    assert near.sentences(alternative=SHUT)[0].endswith(
        "P10–P90: 10–52. The ranges of this scenario and of the base overlap: they are not told apart."
    )
    touching = made(net, [0, 100], [24.0, 0.0], draws=2, spread=8.0)
    assert "not told apart" in touching.sentences(alternative=SHUT)[0]
    first = made(net, [0, 100], [60.0, 0.0], draws=2)
    first.backlog.loc[first.backlog["scenario"] == "baseline", "queue"] = 40.0
    told = first.sentences(alternative="baseline")[0]
    assert told.endswith("P10–P90: 0–0.")


def test_a_change_and_what_lies_ahead_in_a_sentence(net: ag.Network) -> None:
    q = made(net, [0, 50, 100, 100], [60.0, 126.0, 2.6, 2.5])
    rooms = pd.DataFrame(
        {"base": [100.0, 100.0], "alt": [0.0, 50.0]}, [date(2026, 11, 10), date(2026, 11, 11)]
    )
    tail = (
        "by 11 November 2026 the queue grows to about 130 trucks and is gone by 13 November 2026 (estimates)."
    )
    assert change_sentence(q, rooms, "en") == (
        f"From 10 November 2026 on the home crossings clear 25 trucks a day instead of 100; {tail}"
    )
    ahead = ahead_sentence(q, "en")
    assert ahead.startswith("Trucks, ")
    assert ahead.endswith(f": {tail}")
    stays = ahead_sentence(made(net, [0, 0], [60.0, 50.0]), "en")
    assert stays.endswith(
        "by 10 November 2026 the queue grows to about 60 trucks and still stands on 11 November 2026 "
        "(estimates)."
    )
    assert ahead_sentence(made(net, [0, 0], [9.9, 0.0]), "en").endswith(
        "no truck waits for a day (estimates)."
    )


def test_a_curve_needs_room_and_demand_on_some_days_only(small: ag.Network) -> None:
    """Demand on two of three days, room on one."""
    months = pd.DataFrame({
        "group": ["mine", "river"],
        "trucks_per_day": [60.0, 30.0],
        "valid_from": ["2026-10-02", "2026-10-01"],
    })  # fmt: skip
    curve = ag.flows.capacity_curve(
        small,
        BRIDGE,
        start="2026-10-01",
        end="2026-10-03",
        scenario=f"{BRIDGE} close 2026-10-01..2026-10-02",
        demand=months,
    )
    assert set(curve["demand"]) == {40.0}
    assert set(curve["today"]) == {100.0}
    assert curve["trucks_per_day"].tolist() == pytest.approx([4.0 * at for at in range(6, 17)] + [100.0])
    # The pontoon is shut, so 30 of it come on the first day, and 90 on each of the others.
    row = curve.set_index("trucks_per_day").loc[100.0]
    assert row["queue_max"] == pytest.approx(120.0)
    assert row["truck_days"] == pytest.approx(15.0 + 75.0 + 115.0)
    assert row["wait_max_h"] > 24.0


@given(st.integers(0, 10_000).map(np.random.default_rng))
@settings(max_examples=10, deadline=None)
def test_the_trucks_of_the_cut_are_the_greatest_flow(rng: np.random.Generator) -> None:
    """An arc without a limit to each stream and on to who admits it, and those of the room."""
    streams, servers = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    admitted, trucks = rng.random((streams, servers)) < 0.4, rng.integers(0, 5, servers)
    arcs = np.zeros((streams + servers + 2,) * 2, dtype=np.int32)
    arcs[0, 1 : 1 + streams] = 10_000
    arcs[1 : 1 + streams, 1 + streams : -1] = 10_000 * admitted
    arcs[1 + streams : -1, -1] = trucks
    flow = maximum_flow(csr_array(arcs), 0, streams + servers + 1).flow_value
    cut = _cut(admitted, trucks.astype(float))
    assert trucks[cut].sum() == flow
    assert (trucks[cut] > 0).all()


def test_the_demand_of_a_crossing_is_that_of_the_groups_at_home(small: ag.Network) -> None:
    """Of the neighbours' 30 trucks ten usually take the bridge, and are no demand of it."""
    rows = small.base["demand"]
    more = rows.loc[["away"]].assign(usual=BRIDGE, share=0.25).rename(index={"away": "by_bridge"})
    split = pd.concat([rows.drop(index="away"), rows.loc[["away"]].assign(share=0.75), more])
    frame = ag.capacity(ag.Network({**small.base, "demand": split}), 2026)
    assert set(frame.loc[frame["crossing"] == BRIDGE, "demand"]) == {60.0, 90.0}


def test_crossings_without_room_and_demand_are_left_out(small: ag.Network) -> None:
    closed = ag.capacity(small, 2026, scenario=f"{FERRY} close")
    assert set(closed["crossing"]) == {BRIDGE, PONTOON}
    little = ag.capacity(small, 2026, capacity={FERRY: 0.01}).set_index(["month", "crossing"])
    assert little.index.get_level_values(0).tolist() == [month for month in range(1, 13) for _ in range(3)]
    assert little.loc[(7, FERRY), ["trucks_per_day", "demand", "ratio"]].tolist() == pytest.approx(
        [0.01, 0.0, 0.0]
    )
    # The ferry is for barges and carries no truck of twenty tonnes.
    assert not little.loc[(7, FERRY), "in_cut"]


def test_the_unknown_crossings_of_a_year_are_those_of_its_rows(small: ag.Network) -> None:
    """The record of the bridge and of a ferry without a capacity has gaps in 2024."""
    year = np.arange(np.datetime64("2024-01-01"), np.datetime64("2025-01-01"))
    assert {BRIDGE, "pokrovka:ferry"} <= {*series(small, as_scenario("baseline"), year).unknown()}
    frame = ag.capacity(small, 2024)
    assert frame.unknown == (BRIDGE,)
    assert frame.index.tolist() == list(range(36))


def test_a_crossing_with_room_in_part_of_a_month_is_in_its_cut(small: ag.Network) -> None:
    """A row that begins on the 21st of November: 90 trucks on ten of thirty days."""
    later = pd.DataFrame({"crossing": [BRIDGE], "trucks_per_day": [90.0], "valid_from": ["2026-11-21"]})
    rows = ag.capacity(small, 2026, capacity=later).set_index(["month", "crossing"])
    assert rows.loc[(11, BRIDGE), "trucks_per_day"] == pytest.approx(30.0)
    assert rows.loc[(11, BRIDGE), "in_cut"]
    assert rows.loc[(10, BRIDGE), ["trucks_per_day", "in_cut"]].tolist() == [0.0, False]


def test_a_curve_of_few_trucks(small: ag.Network) -> None:
    """A fifth of a truck a day from the second day on, on which the bridge is shut."""
    week: dict[str, Any] = {"start": "2026-10-01", "end": "2026-10-03"}
    months = pd.DataFrame({"group": ["mine"], "trucks_per_day": [0.2], "valid_from": ["2026-10-02"]})
    curve = ag.flows.capacity_curve(
        small, BRIDGE, **week, demand=months, scenario=f"{BRIDGE} close 2026-10-02"
    ).set_index("trucks_per_day")  # fmt: skip
    # 18 and 6 hours for the halves of the day, and of the 12 in which three tenths pass 2, 6 and 10 for the
    # middle of each tenth; the last of them come after 6.
    row = curve.loc[100.0]
    assert row["wait_max_h"] == pytest.approx((18 + 2 + 6 + 6) / 2)
    assert row["wait_mean_h"] == pytest.approx((18 + 2 + 6 + 6 + 10 - 6) / 4)
    assert row["queue_max"] == pytest.approx(0.2)
    # Nobody waits, though on the first day nobody comes.
    usual = ag.flows.capacity_curve(small, BRIDGE, **week, demand=months, capacity={BRIDGE: 0.5})
    assert set(usual["today"]) == {0.5}
    assert usual["demand"].iloc[0] == pytest.approx(0.4 / 3)
    assert usual.set_index("trucks_per_day").loc[0.5, "wait_max_h"] == 0.0


def test_a_curve_leaves_the_room_of_other_crossings(small: ag.Network) -> None:
    """120 trucks of the bridge and 20 of the pontoon: at 72 a day 28 more come than both clear."""
    curve = ag.flows.capacity_curve(small, BRIDGE, start="2026-03-10", end="2026-03-13", demand=2)
    row = curve.iloc[0]
    assert (row["trucks_per_day"], row["demand"]) == (pytest.approx(72.0), 120.0)
    # The pontoon has its part of the queue: both share it in proportion to what they clear.
    assert row["queue_max"] == pytest.approx(28 * 18 * 72 / 112, rel=0.1)
    assert 15.0 < row["diverted_per_day"] < 45.0


def test_a_curve_of_an_unknown_crossing_is_refused(small: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="unknown crossing 'kani_kurgan:brige'; did you mean"):
        ag.flows.capacity_curve(small, "kani_kurgan:brige", start="2026-10-01", end="2026-10-03")


def test_edges_of_what_is_told(net: ag.Network) -> None:
    # Gone on the day with a fiftieth of the most, or one truck for each crossing at home.
    for queue in ([100.0, 2.0, 0.0], [40.0, 1.0, 0.0]):
        assert "gone by 11 November" in made(net, [0, 100, 100], queue).sentences(alternative=SHUT)[-2]
    stands = made(net, [0, 0, 0], [60.0, 50.0, 40.0]).sentences(alternative=SHUT)
    assert stands[-2].endswith("still stands on 12 November 2026.")
    # Nobody waits for half a day.
    assert "The wait is 0.0 days on average and 0.0 at most" in stands[-2]
    # Half a truck a day is no room.
    assert "closed to trucks" in made(net, [0.5, 100], [60.0, 0.0]).sentences(alternative=SHUT)[0]
    assert "at most 1 truck a day" in made(net, [0.6, 100], [60.0, 0.0]).sentences(alternative=SHUT)[0]
    for streams, who in (
        ([(0, BRIDGE, 1.5, 24.0)], "Of the 2 trucks of these days 100 % wait."),
        ([(0, BRIDGE, 99.0, 24.0), (0, PONTOON, 1.0, 0.0)], "99 % wait, 1 % take another crossing"),
        ([(0, BRIDGE, 99.6, 24.0), (0, PONTOON, 0.4, 0.0)], "Of the 100 trucks of these days 100 % wait."),
    ):
        assert who in made(net, [0, 100], [60.0, 0.0], streams).sentences(alternative=SHUT)[1]


def test_ranges_below_that_of_the_base_are_apart(net: ag.Network) -> None:
    """From 30 to 120 in the scenario."""
    for low, firm in ((121.0, True), (120.0, False)):
        q = made(net, [0, 100], [60.0, 0.0], draws=2)
        base = q.backlog["scenario"] == "baseline"
        q.backlog.loc[base, ["queue_p10", "queue_p90"]] = [low, 500.0]
        assert ("is firm" in q.sentences(alternative=SHUT)[0]) is firm


def test_one_scenario_has_the_sentences_of_the_last_of_two(net: ag.Network) -> None:
    q = made(net, [0, 50, 100, 100], [60.0, 126.0, 2.6, 2.5])
    rooms = pd.DataFrame({"base": [100.0], "alt": [0.0]}, [date(2026, 11, 10)])
    three = replace(q, scenarios=(*q.scenarios[:1], *q.scenarios))
    for other in (replace(q, scenarios=q.scenarios[1:]), three):
        assert ahead_sentence(other, "en") == ahead_sentence(q, "en")
        assert change_sentence(other, rooms, "en") == change_sentence(q, rooms, "en")


def test_a_curve_looks_two_hundred_days_ahead(small: ag.Network) -> None:
    """Trucks of the second day wait for a bridge that opens on the last day in sight, and for none beyond."""
    tables = dict(small.base)
    tables["demand"] = tables["demand"].drop(index="away").assign(wait_weight=1e-6)
    tables["capacity"] = tables["capacity"].drop(index="away")
    lone = ag.Network(tables)
    for last, waiting in (("2027-04-18", 60.0 + 10.0), ("2027-04-19", 0.0)):
        shut = f"{BRIDGE} close 2026-10-02..{last}+{PONTOON} close"
        curve = ag.flows.capacity_curve(lone, BRIDGE, start="2026-10-01", end="2026-10-02", scenario=shut)
        assert curve.set_index("trucks_per_day").loc[100.0, "queue_max"] == pytest.approx(waiting), last


def test_the_room_of_a_former_world(net: ag.Network) -> None:
    """The temporary checkpoint of the bridge cleared 260 trucks a day."""
    then = ag.Scenario("then", world=2024)
    assert ag.flows.room(net.state("2026-07-15", scenario=then)).trucks_per_day[BRIDGE] == 260.0
    assert ag.flows.room(net.state("2026-07-15")).trucks_per_day[BRIDGE] == 500.0
