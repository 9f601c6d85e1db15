"""The queue model on its own: conservation, the closed formula, slices, choice, seasons that end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.flows.demand import ASSUMED, Draw, given_tables, triangular
from amurgeo.flows.model import Flows, Model, _Curve, simulate
from amurgeo.scenario import as_scenario

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
    moments = [0.0, *(24.0 * (at + 0.5) / size for size in range(1, 7) for at in range(size))]
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
            # Streams come one after the other: a later one waits less of the same day.
            regret = [
                cost[row, server]
                + weight[row] * max(at_start[server] - late, 0.0)
                - (cost[row] + weight[row] * np.maximum(np.array(at_end) - late, 0.0)).min()
                for late in moments
            ]
            assert min(regret) <= 1e-6


def test_the_wait_until_a_queue_is_cleared() -> None:
    """Five trucks in each half of the first day, none on the second, five and ten a half on the others."""
    curve = _Curve(np.array([[10.0, 0.0, 10.0, 20.0]]), 2)
    for at, queue, hours in (
        (0, 0.0, 0.0), (0, 5.0, 12.0), (0, 7.5, 18.0), (1, 2.5, 6.0), (0, 10.0, 48.0), (0, 12.5, 54.0),
        (2, 0.0, 24.0), (3, 0.0, 12.0), (2, 5.0, 36.0), (4, 0.0, 0.0), (4, 15.0, 30.0), (0, 39.0, 94.8),
        (6, 20.0 - 1e-6, 24.0), (0, 40.0, np.inf), (6, 20.0, np.inf), (8, 0.0, np.inf),
    ):  # fmt: skip
        assert curve.wait(0, at, queue) == pytest.approx(hours, abs=1e-5), (at, queue)
    # The last part of a curve is as good as any other.
    assert _Curve(np.array([[10.0, 20.0]]), 1).wait(0, 0, 20.0) == pytest.approx(36.0)
    assert _Curve(np.zeros((1, 4)), 1).wait(0, 1, 0.0) == np.inf


def test_a_crossing_that_clears_millions_does_not_change_the_wait_beside_it() -> None:
    """A queue that ends with a day's capacity before closed days waits for the day after them."""
    curve = _Curve(np.array([[1e7, 1e7, 1e7, 1e7], [150.0, 0.0, 0.0, 150.0]]), 1)
    np.testing.assert_allclose(curve.waits(0, np.array([0.0, 150.0 - 1e-6])), [0.0, 24.0], atol=1e-5)
    np.testing.assert_allclose(curve.waits(0, np.array([0.0, 150.0])), [0.0, 72.0], atol=1e-5)
    # Where sums are too large for a queue of nothing, it still waits for the next opening.
    large = _Curve(np.array([[1e9, 0.0, 1e9]]), 1)
    assert [large.wait(0, at, 0.0) for at in (0, 1, 2)] == [0.0, 24.0, 0.0]


def test_four_days_by_hand() -> None:
    """Five trucks a day, none cleared on the first day, then ten: with one slice a day."""
    run = simulate(made([[0.0, 10.0, 10.0, 10.0]], [5.0], [[3.0]], weight=0.5), 3, slices=1)
    assert run.joined.tolist() == [[5.0, 5.0, 5.0]]
    assert run.passed.tolist() == [[0.0, 10.0, 5.0]]
    assert run.queue.tolist() == [[5.0, 0.0, 0.0]]
    assert run.left.tolist() == [[0.0, 0.0, 0.0]]
    # The middle truck of the first day is the third of ten on the next day.
    np.testing.assert_allclose(run.wait_h, [[18.0, 6.0, 0.0]], atol=1e-6)
    assert run.truck_days.tolist() == [[2.5, 2.5, 0.0]]
    assert run.streams.tolist() == [[[5.0, 5.0, 5.0]]]
    assert run.stranded.tolist() == [0.0]
    assert run.cost_h == pytest.approx(15 * 3.0 + 0.5 * 5 * (18.0 + 6.0))


def test_a_season_that_ends_by_hand() -> None:
    """A queue of thirty is given back on the day after the last, and takes the other crossing."""
    seen, ends = np.full((2, 60), 5.0), np.full((2, 60), 5.0)
    seen[1] = ends[1] = 1000.0
    ends[0, 2:] = 0.0
    run = simulate(made(ends, [20.0], [[0.0, 1000.0]], known=[(0, seen), (2, ends)]), 4, slices=1)
    assert run.joined.tolist() == [[20.0, 20.0, 0.0, 0.0], [0.0, 0.0, 50.0, 20.0]]
    assert run.passed.tolist() == [[5.0, 5.0, 0.0, 0.0], [0.0, 0.0, 50.0, 20.0]]
    assert run.left.tolist() == [[0.0, 30.0, 0.0, 0.0], [0.0] * 4]
    assert run.queue.tolist() == [[15.0, 0.0, 0.0, 0.0], [0.0] * 4]
    assert run.truck_days.tolist() == [[7.5, 7.5, 0.0, 0.0], [0.0] * 4]
    assert run.streams[0].tolist() == run.joined.tolist()
    assert np.isnan(run.wait_h[0, 2:]).all()


@pytest.mark.parametrize(("shut", "given_back"), [(13, False), (14, True)])
def test_a_season_has_ended_if_nothing_opens_for_two_weeks(shut: int, given_back: bool) -> None:
    for slices in (1, 2):
        capacity = np.full((1, 60), 5.0)
        capacity[0, 3 : 3 + shut] = 0.0
        run = simulate(made(capacity, [20.0], [[0.0]]), 20, slices=slices)
        assert run.left[0].tolist() == [0.0, 0.0, 45.0 * given_back, *[0.0] * 17]


def test_a_queue_of_two_streams_is_given_back_to_both() -> None:
    seen, ends = np.full((3, 60), 5.0), np.full((3, 60), 5.0)
    seen[1:] = ends[1:] = 1000.0
    ends[0, 1:] = 0.0
    cost = [[0.0, 2000.0, 5000.0], [0.0, 5000.0, 2000.0]]
    run = simulate(made(ends, [10.0, 30.0], cost, known=[(0, seen), (1, ends)]), 2, slices=1)
    # Of each 40 that came 35 stand, in the shares of the streams.
    assert run.left[0].tolist() == [35.0, 0.0]
    np.testing.assert_allclose(run.streams[:, :, 1], [[0.0, 18.75, 0.0], [0.0, 0.0, 56.25]])


@given(problems)
@settings(max_examples=5, deadline=None)
def test_trucks_counted_in_thousands_wait_as_long(rng: np.random.Generator) -> None:
    flows = random_flows(rng, days=40)
    flows = replace(flows, rows=flows.rows.assign(wait_weight=0.01), trucks=flows.trucks * 2)
    few = replace(
        flows,
        capacity=flows.capacity / 1000,
        known=[(0, flows.capacity / 1000)],
        trucks=flows.trucks / 1000,
    )
    one, other = simulate(flows, 20, slices=2), simulate(few, 20, slices=2)
    for name in ("joined", "passed", "left", "queue", "truck_days", "streams", "stranded"):
        np.testing.assert_allclose(getattr(other, name) * 1000, getattr(one, name), atol=1e-4)
    np.testing.assert_allclose(other.wait_h, one.wait_h, atol=1e-3)
    assert other.cost_h * 1000 == pytest.approx(one.cost_h)


def test_a_price_holds_on_its_days() -> None:
    flows = made(np.full((2, 10), 100.0), [5.0], [[1.0, 2.0]])
    cost = np.array([[[1.0, 2.0]], [[4.0, 2.0]], [[np.inf, np.inf]]])
    flows = replace(flows, cost=cost, pricing=np.array([0, 1, 2, 0, 0, 0, 0, 0, 0, 0]))
    run = simulate(flows, 4)
    assert run.joined.tolist() == [[5.0, 0.0, 0.0, 5.0], [0.0, 5.0, 0.0, 0.0]]
    assert run.stranded.tolist() == [5.0]
    assert run.cost_h == pytest.approx(5.0 + 10.0 + 5.0)


BRIDGE, PONTOON, AWAY = "kani_kurgan:bridge", "blagoveshchensk:pontoon", "poltavka:road"


def model_of(net: ag.Network, scenario: str, first: str, days: int, **how: Any) -> Model:
    """A model of the tables of a network."""
    tables, _ = given_tables(net, None, None)
    return Model(net, as_scenario(scenario), np.datetime64(first) + np.arange(days), tables, **how)


def test_streams_and_servers_of_a_small_dataset(small: ag.Network) -> None:
    model = model_of(small, "baseline", "2026-03-16", 3)
    assert model.servers == [(name, "both") for name in (PONTOON, BRIDGE, AWAY, "poyarkovo:ferry")]
    assert model.rows["stream"].tolist() == ["away", "in", "out", "river"]
    assert model.usual.tolist() == [2, 1, 1, 0]
    assert model.at_home.tolist() == [False, True, True, True]
    assert model.pricing.tolist() == [0, 0, 0]
    # In the other region: a neighbour at home, and those at home by the neighbour.
    assert model._elsewhere.tolist() == [[True, True, False, True], *[[False, False, True, False]] * 3]
    assert model.admitted.tolist() == [[[True, True, True, False]] * 4]
    flows = model.flows()
    assert flows.trucks.tolist() == [[30.0] * 3, [30.0] * 3, [30.0] * 3, [10.0] * 3]
    assert flows.capacity.tolist() == [[40.0] * 3, [100.0] * 3, [300.0] * 3, [0.0] * 3]
    assert len(flows.known) == 1
    assert flows.known[0][0] == 0
    assert flows.weight.tolist() == [0.5] * 4
    found = ag.routes(small, "Belogorsk", "Heihe", on="2026-03-16", k=5)
    by = {route.crossings: route for route in found}
    for name, server in ((PONTOON, 0), (BRIDGE, 1)):
        assert round(model.hours[0, 2, server] * 3600) == by[(name,)].seconds
        assert model.km[0, 2, server] == pytest.approx(by[(name,)].length_km)


def test_the_usual_crossing_looks_best_and_another_region_worse(small: ag.Network) -> None:
    model = model_of(small, "baseline", "2026-03-16", 3)
    assumed = {"value_of_hour": 1000.0, "unusual_h": 3.0, "region_h": 40.0}
    cost = model.flows(Draw(assumed=assumed, capacity={}, demand=None)).cost[0]
    plain = (model.hours + model.rub / 1000.0)[0]
    for row, usual in enumerate([2, 1, 1, 0]):
        assert cost[row, usual] == pytest.approx(plain[row, usual])
        for server in range(3):
            if server != usual:
                worse = max(plain[row, server], plain[row, usual] + 3.0)
                assert cost[row, server] == pytest.approx(worse + 40.0 * ((server == 2) != (usual == 2)))
        assert cost[row, 3] == np.inf
    # The pontoon is shorter than the usual bridge: the floor is what it costs.
    assert cost[2, 0] == pytest.approx(cost[2, 1] + 3.0)


def test_a_closed_usual_crossing_does_not_lift_the_others(small: ag.Network) -> None:
    model = model_of(small, f"{PONTOON} close", "2026-03-16", 1)
    plain = (model.hours + model.rub / 2000.0)[0]
    assert model.flows().capacity[0].tolist() == [0.0]
    cost = model.flows().cost[0]
    assert cost[3, 1] == pytest.approx(
        max(plain[3, 1], plain[3, 0] + 2.0 if model.admitted[0, 3, 0] else 0.0)
    )


def test_trucks_without_a_usual_crossing_see_the_plain_costs(small: ag.Network) -> None:
    tables, _ = given_tables(small, None, None)
    # Without the ferry the last server is one that admits them.
    tables["capacity"] = tables["capacity"].drop(index="barge")
    tables["demand"] = tables["demand"].assign(usual="")
    model = Model(small, as_scenario("baseline"), np.array(["2026-03-16"], dtype="datetime64[D]"), tables)
    assert model.usual.tolist() == [-1] * 4
    assert not model._elsewhere.any()
    assert model.at_home.all()
    np.testing.assert_allclose(model.flows().cost, model.hours + model.rub / 2000.0)


def test_draws_lanes_and_shares_change_the_room(small: ag.Network) -> None:
    model = model_of(small, "baseline", "2026-03-16", 2)
    for u, trucks, wanted in ((0.0, 50.0, 15.0), (1.0, 200.0, 45.0), (1 / 3, 100.0, 15.0 + 5.0 * np.sqrt(6))):
        draw = Draw(capacity=dict.fromkeys(model.servers, u), demand=u)
        flows = model.flows(draw)
        assert flows.capacity[1] == pytest.approx([trucks, trucks])
        assert flows.capacity[0].tolist() == [40.0, 40.0]
        assert flows.trucks[1] == pytest.approx([wanted, wanted])
    more = model.flows(more={BRIDGE: 25.0, "poyarkovo:ferry": 7.0})
    # A lane of a crossing that clears nothing clears nothing.
    assert more.capacity[:, 0].tolist() == [40.0, 125.0, 300.0, 0.0]
    share = np.array([[0.5, 1.0], [0.25, 0.0], [1.0, 1.0], [1.0, 1.0]])
    one = model.flows(share=share)
    assert one.capacity.tolist() == [[20.0, 40.0], [25.0, 0.0], [300.0] * 2, [0.0] * 2]
    assert [start for start, _ in one.known] == [0]


def test_a_dated_change_is_expected_from_its_days_on(small: ag.Network) -> None:
    dated = f"{BRIDGE} capacity_share 0.5 2026-11-05..2026-11-06 known_days 2"
    later = f"{dated}+{BRIDGE} capacity_share 0.2 2026-11-08"
    usual = [100.0] * 8
    half, both = [100.0] * 4 + [50.0] * 2 + [100.0] * 2, [100.0] * 4 + [50.0] * 2 + [100.0, 20.0]
    for scenario, known_days, expected in (
        ("baseline", 0, [(0, usual)]),
        (f"{BRIDGE} capacity_share 0.5", 0, [(0, [50.0] * 8)]),
        (dated, 7, [(0, usual), (2, half)]),
        (later, 0, [(0, usual), (2, half), (7, both)]),
        (later, 3, [(0, usual), (2, half), (4, both)]),
        (later, 5, [(0, usual), (2, both)]),
        (f"{BRIDGE} capacity_share 0.2 2026-11-08", 100, [(0, [100.0] * 7 + [20.0])]),
        (f"{BRIDGE} capacity_share 0.2 2026-12-08", 0, [(0, usual)]),
    ):
        flows = model_of(small, scenario, "2026-11-01", 8, known_days=known_days).flows()
        found = [(start, curve[1].round(9).tolist()) for start, curve in flows.known]
        assert found == expected, (scenario, known_days)
        assert flows.capacity[1].round(9).tolist() == expected[-1][1]


def test_streams_of_a_full_crossing_choose_one_after_the_other() -> None:
    """Six trucks each, of which ten are cleared: the first see a queue of three, those behind one of nine.

    That is 7.2 and 21.6 hours, less the six and eighteen after which they come. On the next day they change.
    """
    capacity = [[10.0] * 30, [1e6] * 30]
    for first, second, stay in ((1.25, 3.5, [6.0, 0.0]), (1.15, 3.5, [0.0, 6.0]), (1.25, 3.65, [6.0, 6.0])):
        run = simulate(made(capacity, [6.0, 6.0], [[0.0, first], [0.0, second]]), 2, slices=1)
        assert run.streams[:, 0, 0].tolist() == stay, (first, second)
        if stay == [6.0, 0.0]:
            assert run.streams[:, 0, 1].tolist() == [0.0, 6.0]


def test_trucks_that_go_at_once_are_in_the_queue_that_the_others_see() -> None:
    """Three trucks and half a lot of six are 14.4 hours at the other crossing, 8.4 from six on."""
    capacity = [[10.0] * 30, [10.0] * 30]
    cost = [[0.0, 1.0], [0.0, 99.0], [np.inf, 0.0]]
    run = simulate(made(capacity, [6.0, 6.0, 3.0], cost), 1, slices=1)
    # The first stream waits 1.2 hours where it is, and would move for one.
    assert run.streams[:, :, 0].tolist() == [[6.0, 0.0], [6.0, 0.0], [0.0, 3.0]]


def test_the_order_of_streams_moves_on_by_one_each_slice() -> None:
    """Of three streams of six trucks only the first finds a wait worth less than the other crossing."""
    capacity = [[7.0] * 30, [1e6] * 30]
    run = simulate(made(capacity, [6.0] * 3, [[0.0, 7.0]] * 3), 4, slices=1)
    assert run.streams[:, 0].tolist() == [[6.0, 0.0, 0.0, 6.0], [0.0, 6.0, 0.0, 0.0], [0.0, 0.0, 6.0, 0.0]]


def test_trucks_that_fit_go_at_once() -> None:
    """Two and eight trucks fill a crossing of ten; in turn, those behind the eight would go round."""
    capacity = [[10.0] * 30, [1e6] * 30]
    run = simulate(made(capacity, [2.0, 8.0], [[0.0, 1.0]] * 2), 4, slices=1)
    assert run.joined.tolist() == [[10.0] * 4, [0.0] * 4]
    one_more = simulate(made(capacity, [2.0, 8.5], [[0.0, 1.0]] * 2), 4, slices=1)
    assert one_more.joined[1].sum() > 0.0


@given(problems)
@settings(max_examples=5, deadline=None)
def test_a_stream_without_trucks_changes_nothing(rng: np.random.Generator) -> None:
    flows = random_flows(rng, days=30)
    none = made(
        flows.capacity,
        np.append(0.0, flows.trucks[:, 0]),
        np.vstack([flows.cost[0].min(axis=0), flows.cost[0]]),
        np.append(1.0, flows.weight),
    )
    before, after = (simulate(one, 20, slices=2) for one in (flows, none))
    np.testing.assert_allclose(after.streams[1:], before.streams, atol=1e-9)
    np.testing.assert_allclose(after.joined, before.joined, atol=1e-9)


def test_trucks_that_nothing_clears_in_sight_stay_at_a_crossing_that_admits_them() -> None:
    """One a day is cleared for a month, and forty come: the other crossing does not admit them."""
    flows = made([[1000.0] * 30, [1.0] * 30], [20.0, 20.0], [[np.inf, 1.0]] * 2)
    run = simulate(flows, 1, slices=1)
    assert run.streams[:, :, 0].tolist() == [[0.0, 20.0]] * 2
    assert run.cost_h == pytest.approx(40.0 + 20.0 * run.wait_h[1, 0] * 2)


def test_four_slices_a_day_are_the_default() -> None:
    """Nobody joins: the mean of 24, 18, 12 and 6 hours until the opening."""
    run = simulate(made([[0.0, 10.0, 10.0]], [0.0], [[1.0]]), 2)
    np.testing.assert_allclose(run.wait_h, [[15.0, 0.0]])


def test_a_queue_is_given_back_once_though_its_season_is_far() -> None:
    """Shut for twenty days: who chooses again and waits is not asked again on the next day."""
    capacity = np.full((1, 60), 0.5)
    capacity[0, 3:23] = 0.0
    run = simulate(made(capacity, [0.8], [[0.0]]), 20, slices=1)
    np.testing.assert_allclose(run.left[0], [0.0, 0.0, 0.9] + [0.0] * 17)
    assert run.queue[0, 4] == pytest.approx(0.9 + 0.8 * 2)


def test_a_season_has_not_ended_if_the_last_day_in_sight_is_open() -> None:
    capacity = np.full((1, 20), 5.0)
    capacity[0, 8:19] = 0.0
    run = simulate(made(capacity, [6.0], [[0.0]]), 12, slices=1)
    assert run.left.sum() == 0.0
    capacity[0, 19] = 0.0
    # Those of the last day before the stop come no more, as the seven before them are not cleared.
    assert simulate(made(capacity, [6.0], [[0.0]]), 12, slices=1).left[0, 7] == 2.0


def test_trucks_that_come_on_the_last_day_wait_as_any_others() -> None:
    """Twenty come on the third day, of which ten are cleared: the middle truck waits half a day."""
    flows = made([[10.0] * 9], [20.0], [[0.0]])
    flows = replace(flows, trucks=np.array([[0.0, 0.0, 20.0] + [0.0] * 6]))
    run = simulate(flows, 3, slices=1)
    assert run.joined.tolist() == [[0.0, 0.0, 20.0]]
    np.testing.assert_allclose(run.wait_h, [[0.0, 0.0, 12.0]], atol=1e-6)


def test_a_wait_of_minutes_counts() -> None:
    curve = _Curve(np.array([[10.0, 10.0]]), 2)
    assert curve.wait(0, 0, 0.2) == pytest.approx(0.48)
    assert curve.wait(0, 0, 0.002) == pytest.approx(0.0048)


def test_directions_have_their_own_queues_and_the_hours_of_both(small: ag.Network) -> None:
    tables, _ = given_tables(small, None, None)
    both = Model(small, as_scenario("baseline"), np.array(["2026-03-16"], dtype="datetime64[D]"), tables)
    frame = tables["capacity"]
    ways = [frame.loc[["bridge"]].assign(direction=way) for way in ("out", "in")]
    tables["capacity"] = pd.concat([*ways, frame.drop(index="bridge")])
    model = Model(small, as_scenario("baseline"), np.array(["2026-03-16"], dtype="datetime64[D]"), tables)
    assert model.servers[1:3] == [(BRIDGE, "in"), (BRIDGE, "out")]
    # Rows are away (out), in, out and river (in).
    assert model.usual.tolist() == [3, 1, 2, 0]
    for row, way in enumerate(["out", "in", "out", "in"]):
        own, other = (1, 2) if way == "in" else (2, 1)
        for mine, theirs in ((model.hours, both.hours), (model.km, both.km), (model.rub, both.rub)):
            assert mine[0, row, own] == theirs[0, row, 1]
            assert np.isposinf(mine[0, row, other])
            assert mine[0, row, 0] == theirs[0, row, 0]
    assert np.isposinf(model.flows().cost[0, 1, 2])
    inward = ag.routes(small, "Heihe", "Belogorsk", on="2026-03-16", k=5)
    by = {route.crossings: route for route in inward}
    assert round(both.hours[0, 1, 1] * 3600) == by[(BRIDGE,)].seconds
    assert both.km[0, 1, 1] == pytest.approx(by[(BRIDGE,)].length_km)
    costs = {tuple(row["crossings"]): row["cost_rub"] for row in inward.records()}
    assert round(both.rub[0, 1, 1]) == costs[(BRIDGE,)]


def test_hours_of_a_long_way_have_the_rests_of_the_driver(small: ag.Network) -> None:
    tables, _ = given_tables(small, None, None)
    tables["demand"] = tables["demand"].loc[["out", "in"]].assign(
        origin=["skovorodino", "harbin"], destination=["harbin", "skovorodino"]
    )  # fmt: skip
    model = Model(small, as_scenario("baseline"), np.array(["2026-03-16"], dtype="datetime64[D]"), tables)
    for row, ends in ((1, ("skovorodino", "harbin")), (0, ("harbin", "skovorodino"))):
        found = ag.routes(small, *ends, on="2026-03-16", k=20)
        (route,) = [route for route in found if route.crossings == (BRIDGE,)]
        assert round(model.hours[0, row, 1] * 3600) == route.seconds
        assert model.hours[0, row, 1] > 24.0


def test_a_limit_of_mass_admits_what_is_as_heavy(small: ag.Network) -> None:
    """The pontoon carries 40 t: trucks above it pass elsewhere, whatever their usual crossing is."""
    tables, _ = given_tables(small, None, None)
    tables["demand"] = tables["demand"].loc[["river"]].assign(share_over_30t=0.75, share_over_40t=0.25)
    model = Model(small, as_scenario("baseline"), np.array(["2026-03-16"], dtype="datetime64[D]"), tables)
    assert model.rows["mass_t"].tolist() == [20.0, 40.0, 44.0]
    assert model.admitted[0, :, 0].tolist() == [True, True, False]
    assert model.admitted[0, :, 1].tolist() == [True, True, True]
    cost, plain = model.flows().cost[0], (model.hours + model.rub / 2000.0)[0]
    assert cost[:, 0].tolist() == [plain[0, 0], plain[1, 0], np.inf]
    assert cost[2, 1] == pytest.approx(plain[2, 1])
    assert model.flows().trucks[:, 0].tolist() == pytest.approx([2.5, 5.0, 2.5])


def test_the_first_server_may_be_the_usual_one(small: ag.Network) -> None:
    """From Belogorsk the bridge takes less time than the pontoon, which those that use it do not know."""
    tables, _ = given_tables(small, None, None)
    tables["demand"] = tables["demand"].assign(usual=PONTOON)
    model = Model(small, as_scenario("baseline"), np.array(["2026-03-16"], dtype="datetime64[D]"), tables)
    assumed = {"value_of_hour": 1e12, "unusual_h": 2.0, "region_h": 0.0}
    cost = model.flows(Draw(assumed=assumed)).cost[0]
    assert model.hours[0, 2, 1] < model.hours[0, 2, 0]
    assert cost[2, 1] == pytest.approx(model.hours[0, 2, 0] + 2.0)


def test_a_crossing_without_cargo_clears_none(small: ag.Network) -> None:
    cableway = "blagoveshchensk_cableway:cableway"
    tables, _ = given_tables(small, None, None)
    plain = model_of(small, "baseline", "2026-03-16", 2)
    row = tables["capacity"].loc[["bridge"]].assign(crossing=cableway)
    tables["capacity"] = pd.concat([tables["capacity"], row.rename(index={"bridge": "cableway"})])
    model = Model(small, as_scenario("baseline"), np.datetime64("2026-03-16") + np.arange(2), tables)
    at = model.servers.index((cableway, "both"))
    assert not model.admitted[:, :, at].any()
    assert np.isposinf(model.hours[:, :, at]).all()
    assert model.flows().capacity[at].tolist() == [0.0, 0.0]
    np.testing.assert_array_equal(np.delete(model.flows().cost, at, axis=2), plain.flows().cost)
    state = ag.Network({**small.base, "capacity": tables["capacity"]}).state("2026-03-16")
    assert ag.flows.room(state).index.tolist() == [BRIDGE, PONTOON]


def test_a_lane_of_a_crossing_that_clears_little_is_added(small: ag.Network) -> None:
    tables, _ = given_tables(small, None, {BRIDGE: 0.5})
    model = Model(small, as_scenario("baseline"), np.array(["2026-07-15"], dtype="datetime64[D]"), tables)
    found = model.flows(more={BRIDGE: 25.0, "poyarkovo:ferry": 7.0})
    # The ferry runs, but clears no trucks.
    assert found.capacity[[server[0] for server in model.servers].index(BRIDGE)].tolist() == [25.5]
    assert found.capacity[[server[0] for server in model.servers].index("poyarkovo:ferry")].tolist() == [0.0]


def test_a_dated_change_without_days_of_notice_is_an_accident(small: ag.Network) -> None:
    model = model_of(small, f"{BRIDGE} close 2026-11-05..2026-11-06", "2026-11-01", 8)
    assert [start for start, _ in model.shares] == [0, 4]


def test_prices_change_on_the_days_on_which_roads_or_services_do(small: ag.Network) -> None:
    """Of three days the service waits five hours longer on the second."""
    scenario = f"{BRIDGE} border_h 9 2026-03-17"
    model = model_of(small, scenario, "2026-03-16", 3)
    assert model.pricing.tolist() == [0, 1, 0]
    plain = model_of(small, "baseline", "2026-03-16", 3)
    np.testing.assert_allclose(model.hours[0], plain.hours[0])
    assert (model.hours[1, :, 1] > model.hours[0, :, 1]).all()
    np.testing.assert_allclose(np.delete(model.hours[1], 1, axis=1), np.delete(model.hours[0], 1, axis=1))


def test_the_assumptions_are_those_on_record() -> None:
    """An hour of a truck for 1000 to 3000 roubles; reluctance of six hours, and of five days, at most."""
    assert ASSUMED == {
        "value_of_hour": (1000.0, 2000.0, 3000.0),
        "unusual_h": (0.0, 2.0, 6.0),
        "region_h": (0.0, 48.0, 120.0),
    }
    assert Draw().assumed == {"value_of_hour": 2000.0, "unusual_h": 2.0, "region_h": 48.0}


def test_models_that_share_what_they_keep_have_their_own_roads(small: ag.Network) -> None:
    """With a new road of twenty kilometres, where the old one has more than a hundred."""
    kept: dict[Any, Any] = {}
    road = ag.Scenario("road", changes=[ag.add_road("Belogorsk", "Blagoveshchensk", length_km=20)])
    tables, day = given_tables(small, None, None)[0], np.array(["2026-03-16"], dtype="datetime64[D]")
    plain = Model(small, as_scenario("baseline"), day, tables, kept=kept)
    after, alone = Model(small, road, day, tables, kept=kept), Model(small, road, day, tables)
    for name in ("hours", "km", "rub"):
        np.testing.assert_array_equal(getattr(after, name), getattr(alone, name))
    assert (after.km[0, 1:3, 0] < plain.km[0, 1:3, 0] - 50.0).all()
