"""The queue model on its own: conservation, the closed formula, slices, choice, seasons that end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amurgeo.flows.demand import Draw, triangular
from amurgeo.flows.model import Flows, simulate

FIRST = np.datetime64("2026-01-01")


def made(
    capacity: Any, trucks: Any, cost: Any, weight: Any = 1.0, known: list[tuple[int, Any]] | None = None
) -> Flows:
    """Flows of servers a, b, …, with one pricing; trucks are by row, the same on every day."""
    capacity, cost = np.asarray(capacity, dtype=float), np.asarray(cost, dtype=float)
    n = capacity.shape[1]
    rows = pd.DataFrame({"wait_weight": np.broadcast_to(np.asarray(weight, dtype=float), len(cost))})
    trucks = np.broadcast_to(np.asarray(trucks, dtype=float)[:, None], (len(cost), n))
    servers = [(name, "both") for name in "abcdefgh"[: len(capacity)]]
    curves = [(start, np.asarray(curve, dtype=float)) for start, curve in known or [(0, capacity)]]
    return Flows(servers, capacity, curves, rows, trucks, np.zeros(n, int), cost[None])


problems = st.integers(0, 10_000).map(np.random.default_rng)


def random_flows(rng: np.random.Generator, servers: int = 4, rows: int = 6, days: int = 60) -> Flows:
    """Crossings with seasons and stops, one of them always open."""
    capacity = rng.uniform(5, 60, (servers, 1)) * (rng.random((servers, days)) < 0.9)
    for server in range(1, servers):
        start, end = np.sort(rng.integers(0, days, 2))
        capacity[server, start:end] = 0.0
    cost = rng.uniform(1, 60, (rows, servers))
    return made(capacity, rng.uniform(1, 12, rows), cost, rng.uniform(0.05, 1.0, rows))


@given(problems)
@settings(max_examples=8, deadline=None)
def test_no_truck_is_lost(rng: np.random.Generator) -> None:
    flows = random_flows(rng)
    run = simulate(flows, 40)
    before = np.hstack([np.zeros((4, 1)), run.queue[:, :-1]])
    assert np.abs(before + run.joined - run.passed - run.left - run.queue).max() <= 1e-6
    assert np.all(run.passed <= flows.capacity[:, :40] + 1e-9)
    came = flows.trucks[:, :40].sum() - run.stranded.sum() + run.left.sum()
    # Trucks that are given back on the last day choose no more.
    assert run.joined.sum() <= came + 1e-6
    assert run.streams.sum() == pytest.approx(run.joined.sum(), abs=1e-6)
    again = simulate(flows, 40)
    assert all(
        np.array_equal(getattr(run, name), getattr(again, name), equal_nan=True)
        for name in ("joined", "passed", "left", "queue", "wait_h")
    )


@given(st.floats(50, 240), st.floats(1.3, 3.0), st.integers(2, 12))
@settings(max_examples=8, deadline=None)
def test_a_stop_follows_the_closed_formula(q: float, ratio: float, n: int) -> None:
    """A backlog of n q is gone after n q / (k - q) days, and costs n² q / 2 · k / (k - q) truck-days."""
    k, days = ratio * q, 120
    capacity = np.full((1, days), k)
    capacity[0, 5 : 5 + n] = 0.0
    run = simulate(made(capacity, [q], [[1.0]]), 100)
    assert run.queue.max() == pytest.approx(n * q, rel=0.005)
    assert run.truck_days.sum() == pytest.approx(n**2 * q / 2 * k / (k - q), rel=0.005)
    gone = np.flatnonzero(run.queue[0] > 1e-6).max() + 1
    assert gone == np.ceil(5 + n + n * q / (k - q) - 1e-9) - 1
    # The first truck waits for all of the stop.
    assert run.wait_h[0, 5] == pytest.approx(24 * (n - 0.5) + 12 * q / k, rel=0.01)


def test_four_slices_a_day_are_enough() -> None:
    capacity = np.vstack([np.full(45, 500.0), np.full(45, 20.0), np.full(45, 600.0)])
    capacity[0, 3:13] = 0.0
    costs = np.column_stack([np.full(6, 10.0), np.full(6, 14.0), np.linspace(20, 140, 6)])
    flows = made(capacity, np.linspace(10, 70, 6), costs, np.linspace(1.0, 0.1, 6))
    coarse, fine = (simulate(flows, 30, slices=slices) for slices in (4, 48))
    for server in (0, 1):
        assert coarse.queue[server].max() == pytest.approx(fine.queue[server].max(), rel=0.03)
        assert coarse.wait_h[server].max() == pytest.approx(fine.wait_h[server].max(), rel=0.03)
    assert coarse.cost_h == pytest.approx(fine.cost_h, rel=0.03)


def test_trucks_go_round_once_the_wait_costs_more() -> None:
    """The wait of a queue stops to grow where it equals the detour, in hours of cost."""
    capacity = np.vstack([np.full(60, 10.0), np.full(60, 1000.0)])
    flows = made(capacity, np.full(24, 1.25), [[5.0, 29.0]] * 24, weight=0.5)
    run = simulate(flows, 50)
    # Within a slice of a day, in which all see the queue at its beginning.
    assert run.wait_h[0, -1] == pytest.approx(24.0 / 0.5, abs=6.5)
    assert run.joined[0, -1] == pytest.approx(10.0, rel=0.1)


def test_waiting_for_an_opening_is_the_same_choice() -> None:
    capacity = np.zeros((2, 60))
    capacity[0, 20:] = 100.0
    capacity[1] = 100.0
    # One hour of waiting costs one: 48 hours of detour are worth the last two days of waiting.
    run = simulate(made(capacity, [10.0], [[0.0, 48.0]]), 40)
    assert np.flatnonzero(run.joined[0] > 0)[0] == 18
    assert run.joined[1, :17].sum() == pytest.approx(170.0)


def test_an_accident_is_not_foreseen_and_an_announced_stop_is() -> None:
    usual = np.vstack([np.full(80, 12.0), np.full(80, 1000.0)])
    shut = usual.copy()
    shut[0, 10:20] = 0.0
    sudden = simulate(made(shut, [20.0], [[0.0, 40.0]], known=[(0, usual), (10, shut)]), 40)
    announced = simulate(made(shut, [20.0], [[0.0, 40.0]]), 40)
    assert sudden.queue[0, 9] > announced.queue[0, 9] + 1


def test_a_queue_chooses_again_when_its_season_ends() -> None:
    capacity = np.zeros((2, 120))
    capacity[0, :10] = 5.0
    capacity[1] = 1000.0
    # Nobody foresees the end before it has come.
    long = capacity.copy()
    long[0] = 5.0
    run = simulate(made(capacity, [20.0], [[0.0, 100.0]], known=[(0, long), (10, capacity)]), 60)
    assert run.left.sum() > 10
    assert run.queue[0, 10:].max() == 0.0


def test_streams_without_an_opening_are_counted() -> None:
    run = simulate(made(np.zeros((1, 30)), [7.0], [[1.0]]), 20)
    assert run.stranded.sum() == pytest.approx(140.0)
    assert np.isnan(run.wait_h).all()


def test_a_heavy_truck_never_takes_what_does_not_admit_it() -> None:
    run = simulate(made(np.full((2, 30), 100.0), [5.0, 5.0], [[1.0, 2.0], [np.inf, 2.0]]), 20)
    assert run.streams[1, 0].sum() == 0.0
    assert run.streams[1, 1].sum() == pytest.approx(100.0)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_draws_of_a_range_stay_in_it_and_have_its_mean(a: float, b: float, c: float) -> None:
    low, mid, high = sorted((a, b, c))
    values = triangular(low, mid, high, np.linspace(0.0005, 0.9995, 1000))
    assert low - 1e-9 <= values.min() <= values.max() <= high + 1e-9
    assert values.mean() == pytest.approx((low + mid + high) / 3, abs=0.01 * (high - low) + 1e-9)


def test_a_draw_does_not_depend_on_the_order_of_servers() -> None:
    servers = [("a", "both"), ("b", "in"), ("b", "out")]
    assert Draw.of(1, 2, servers) == Draw.of(1, 2, servers[::-1])
    assert Draw.of(1, 2, servers) != Draw.of(1, 3, servers)


@given(problems)
@settings(max_examples=12, deadline=None)
def test_more_room_costs_next_to_nothing(rng: np.random.Generator) -> None:
    """Trucks that choose one after the other may lose by more room, but hardly."""
    flows = random_flows(rng)
    capacity = flows.capacity.copy()
    capacity[rng.integers(4), rng.integers(60) :] += rng.uniform(1, 40)
    wider = replace(flows, capacity=capacity, known=[(0, capacity)])
    before, after = (simulate(one, 40, slices=1) for one in (flows, wider))
    assert after.cost_h <= 1.005 * before.cost_h
    assert after.stranded.sum() <= before.stranded.sum() + 1e-9


def hours_until_clear(capacity: np.ndarray, day: int, queue: float) -> float:
    """Hours from the start of a day until the capacity has cleared a queue, day by day."""
    left = queue + 1e-9
    for at in range(day, len(capacity)):
        if left <= capacity[at]:
            return 24.0 * (at - day + left / capacity[at])
        left -= capacity[at]
    return np.inf


def hours_of_the_middle(joined: np.ndarray, passed: np.ndarray, day: int) -> float | None:
    """Hours that the middle truck of a day waits if the first to come is the first to pass."""
    due = joined[:day].sum() + joined[day] / 2
    for at, gone in enumerate(passed):
        if gone > 0 and due <= gone + 1e-9:
            return 24.0 * max(at + due / gone - day - 0.5, 0.0)
        due -= gone
    return None


@given(problems)
@settings(max_examples=6, deadline=None)
def test_the_numbers_of_a_run_follow_from_each_other(rng: np.random.Generator) -> None:
    """With one slice a day: queues, waits in the order of coming, costs, and choices nobody regrets."""
    flows, n = random_flows(rng, days=30), 20
    run = simulate(flows, n, slices=1)
    cost, weight = flows.cost[0], flows.weight
    before = np.hstack([np.zeros((4, 1)), run.queue[:, :-1]])
    np.testing.assert_allclose(run.passed, np.minimum(before + run.joined, flows.capacity[:, :n]), atol=1e-9)
    np.testing.assert_allclose(run.truck_days, (before + run.queue) / 2, atol=1e-9)
    np.testing.assert_allclose(run.streams.sum(axis=0), run.joined, atol=1e-9)
    if not run.left.any():
        np.testing.assert_allclose(run.streams.sum(axis=1), flows.trucks[:, :n], atol=1e-9)
    paid = (run.streams * cost[:, :, None]).sum()
    waited = (run.streams * weight[:, None, None] * np.nan_to_num(run.wait_h)).sum()
    assert run.cost_h == pytest.approx(paid + waited)
    lot = flows.trucks.max()
    for day in range(n):
        at_start = [hours_until_clear(flows.capacity[x], day, before[x, day]) for x in range(4)]
        at_end = [
            hours_until_clear(flows.capacity[x], day, before[x, day] + run.joined[x, day] + lot)
            for x in range(4)
        ]
        for server in range(4):
            if run.joined[server, day] <= 0:
                expected: float | None = at_start[server]
            else:
                expected = hours_of_the_middle(run.joined[server], run.passed[server], day)
            if expected is None or run.left[server].any():
                continue
            found = run.wait_h[server, day]
            assert found == pytest.approx(expected, abs=1e-4) or (np.isnan(found) and np.isinf(expected))
        for row, server in np.argwhere(run.streams[:, :, day] > 0):
            best = (cost[row] + weight[row] * np.array(at_end)).min()
            assert cost[row, server] + weight[row] * at_start[server] <= best + 1e-6
