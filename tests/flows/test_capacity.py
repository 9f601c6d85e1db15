"""Room by month, waits by room, and sentences, with exact answers from few rows."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

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
    # The load of other months is not known.
    assert rows.loc[(11, BRIDGE), "tonnes_per_day"] == 0.0


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
    assert texts[2].endswith("; the queue still stands on 12 November 2026.")
    assert texts[3] == "No capacity on record, counted as closed: a:road, b:road."
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
