"""The queue model beside queues on record, beside the optimum of a single office, and beside simulators.

Run ``python benchmarks/queues.py`` for the queues on record (``--json`` for one document). ``--floor`` adds
the optimum (a linear program) and what enlarging a crossing does; ``--time`` adds times, with ciw and simpy
on one crossing if they are installed.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

import amurgeo as ag
from amurgeo.flows.demand import ON_ROAD, given_tables
from amurgeo.flows.model import EMPTY, Flows, Model, simulate
from amurgeo.scenario import as_scenario

DATA = Path(__file__).resolve().parents[1] / "data" / "geo"
BRIDGE = "kani_kurgan:bridge"
SHUT = f"{BRIDGE} close 2026-11-10..2026-11-19"
#: What each test of an episode proves: an identity of its figures, a share fitted on it, or a prediction.
KINDS = {
    "wait_from_length": "identity",
    "length_closing": "fitted",
    "clearing_days": "predicted",
    "length_closing_total": "predicted",
    "no_queue": "predicted",
    "diversion": "predicted",
    "diversion_queue": "predicted",
}


def cpu() -> float:
    """Return the CPU seconds of this process."""
    return time.process_time()


# -- queues on record -----------------------------------------------------------------------------------


def one_crossing(capacity: np.ndarray, trucks: np.ndarray) -> Flows:
    """Return the flows of one crossing without a choice; capacity and trucks by day."""
    rows, curve = pd.DataFrame({"wait_weight": [1.0]}), capacity[None].astype(float)
    servers = [("one", "both")]
    known = [(0, curve)]
    wanted = trucks[None].astype(float)
    pricing, cost = np.zeros(len(capacity), int), np.zeros((1, 1, 1))
    return Flows(servers, curve, known, rows, wanted, pricing, cost)


def predicted(row: dict[str, str], world: pd.DataFrame) -> float:
    """Return what the model answers to an episode; `world` has the days of 2010 at its crossing."""
    number = {
        name: float(row[name] or 0) for name in ("length", "capacity_per_day", "demand_per_day", "days")
    }
    length, k, q, n = number.values()
    match row["test"]:
        case "wait_from_length":
            # Posts of buses are asked for hours of a working day.
            hours = 13 if row["crossing"].endswith("pontoon") else 24
            return length / k * (hours if row["unit"] == "h" else 1)
        case "clearing_days":
            trucks = np.full(90, q)
            trucks[0] += length
            queue = simulate(one_crossing(np.full(90, k), trucks), 60).queue[0]
            last = int(np.flatnonzero(queue > EMPTY)[-1])
            return last + 1 + float(queue[last]) / (k - q)
        case "length_closing" | "length_closing_total":
            # Open again afterwards: else nobody would wait.
            capacity = np.append(np.full(int(n), k), np.full(90, 1e4))
            queue = simulate(one_crossing(capacity, np.full(len(capacity), q)), int(n)).queue[0, -1]
            # A total includes those who wait at home; a queue is on the road.
            return length + float(queue) * (1.0 if row["test"].endswith("total") else ON_ROAD)
        case "no_queue":
            return float(simulate(one_crossing(np.full(90, k), np.full(90, q)), int(n)).queue.max())
        case "diversion":
            return float(world["joined"]["2010-03-26":"2010-04-30"].mean())
        case _:
            return float(world["queue"]["2010-11-09"])


def episodes(net: ag.Network) -> list[dict[str, Any]]:
    """Return every episode with what was observed and what the model answers."""
    with open(DATA / "queue_episodes.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    q = ag.queues(net, start="2010-01-01", end="2010-12-31")
    worlds = {name: days.set_index("date") for name, days in q.days.groupby("crossing")}
    answers = []
    for row in rows:
        value = predicted(row, worlds.get(row["crossing"], worlds["pogranichny:road"]))
        observed, low, high = (float(row[name]) for name in ("observed", "low", "high"))
        answers.append(
            {
                **{name: row[name] for name in ("id", "place", "date", "test", "unit", "note")},
                "kind": KINDS[row["test"]],
                "observed": observed,
                "low": low,
                "high": high,
                "predicted": round(value, 2),
                "within_2": observed / 2 <= value <= observed * 2,
                "within_2_of_range": low / 2 <= value <= high * 2,
            }
        )
    return answers


def in_order(answers: list[dict[str, Any]]) -> float:
    """Return the share of pairs of episodes of one unit of which the larger is predicted to be larger."""
    scale = {"d": ("h", 24.0)}
    rows = []
    for row in answers:
        unit, factor = scale.get(row["unit"], (row["unit"], 1.0))
        rows.append((unit, row["observed"] * factor, row["predicted"] * factor))
    right = [c > d for unit, a, c in rows for other, b, d in rows if unit == other and a > b > 0]
    return round(sum(right) / len(right), 3)


def summary(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return counts of all episodes and of each kind."""
    groups = [("all", answers)]
    groups += [
        (kind, [row for row in answers if row["kind"] == kind]) for kind in dict.fromkeys(KINDS.values())
    ]
    return [
        {
            "kind": kind,
            "episodes": len(rows),
            "within_2": sum(row["within_2"] for row in rows),
            "within_2_of_range": sum(row["within_2_of_range"] for row in rows),
            "in_order": in_order(rows) if kind == "all" else None,
        }
        for kind, rows in groups
    ]


# -- the optimum, and enlarged crossings ---------------------------------------------------------------


def optimum(flows: Flows, days: int) -> float:
    """Return the least generalised hours if one office booked every slot: a time-expanded minimum-cost flow.

    A variable per row, server and day on which it clears, and per row and day of those who are kept; trucks
    of the first days are served by the last one.
    """
    n, (n_rows, n_servers) = len(flows.pricing), flows.cost.shape[1:]
    wanted = flows.trucks.copy()
    wanted[:, days:] = 0.0
    cost = flows.cost[flows.pricing]
    row, server, day = np.nonzero((np.moveaxis(cost, 0, -1) < np.inf) & (flows.capacity[None] > 0))
    n_moves, n_kept = len(row), n_rows * n
    kept = np.arange(n_kept)
    prices = np.concatenate([cost[day, row, server], np.repeat(flows.weight * 24.0, n)])
    last = kept % n == n - 1
    balance = coo_array(
        (
            np.concatenate([np.ones(n_moves), np.ones(n_kept), -np.ones((~last).sum())]),
            (
                np.concatenate([row * n + day, kept, kept[~last] + 1]),
                np.concatenate([np.arange(n_moves), n_moves + kept, n_moves + kept[~last]]),
            ),
        ),
        shape=(n_kept, n_moves + n_kept),
    )
    rooms = coo_array(
        (np.ones(n_moves), (server * n + day, np.arange(n_moves))), shape=(n_servers * n, n_moves + n_kept)
    )
    bounds = [(0, None)] * n_moves + [(0, 0 if end else None) for end in last]
    found = linprog(
        prices, A_ub=rooms.tocsr(), b_ub=flows.capacity.ravel(), A_eq=vstack([balance]).tocsr(),
        b_eq=wanted.ravel(), bounds=bounds, method="highs",
    )  # fmt: skip
    if not found.success:
        raise RuntimeError(found.message)
    return float(found.fun)


def problem(net: ag.Network, scenario: str, start: str, n: int, capacity: Any = None) -> Model:
    """Return the model of some days, with sixty more in which trucks pass."""
    days = np.datetime64(start) + np.arange(n + 60)
    tables, _ = given_tables(net, None, capacity)
    return Model(net, as_scenario(scenario, folder=net.folder), days, tables)


def with_capacity(flows: Flows, factors: np.ndarray) -> Flows:
    """Return flows with the capacity of each server times a factor."""
    known = [(start, curve * factors[:, None]) for start, curve in flows.known]
    return replace(flows, capacity=flows.capacity * factors[:, None], known=known)


def stopped(flows: Flows, days: int) -> Flows:
    """Return flows without demand after some days, so that everybody passes."""
    wanted = flows.trucks.copy()
    wanted[:, days:] = 0.0
    return replace(flows, trucks=wanted)


def floor(net: ag.Network, cases: int = 200) -> dict[str, Any]:
    """Return cost beside the optimum, and how often an enlarged crossing makes it dearer."""
    beside = []
    for name, scenario, capacity in (
        ("usual", "baseline", None), ("stop", SHUT, None), ("stop, 240 a day", SHUT, {BRIDGE: 240}),
        ("190 a day", "baseline", {BRIDGE: 190}),
    ):  # fmt: skip
        flows = stopped(problem(net, scenario, "2026-11-01", 40, capacity).flows(), 40)
        run = simulate(flows, 90)
        beside.append({"case": name, "cost_h": run.cost_h, "optimum_h": optimum(flows, 40)})
    rng = np.random.default_rng(7)
    base = {
        n: problem(net, SHUT if n else "baseline", "2026-11-01", 40, {BRIDGE: 240}).flows() for n in (0, 1)
    }
    worse, most, waiting = 0, 0.0, 0
    for _ in range(cases):
        flows = stopped(
            with_capacity(base[int(rng.integers(0, 2))], rng.uniform(0.5, 1.2, len(base[0].servers))), 40
        )
        up = np.ones(len(flows.servers))
        up[rng.integers(len(up))] += rng.uniform(0.05, 1.0)
        one, two = simulate(flows, 90), simulate(with_capacity(flows, up), 90)
        change = two.cost_h / one.cost_h - 1.0
        worse, most = worse + int(change > 0.001), max(most, float(change))
        waiting += int(two.truck_days.sum() > one.truck_days.sum() + 1)
    return {
        "beside_optimum": beside,
        "enlarged": {
            "cases": cases,
            "dearer_by_0.1_pct": worse,
            "largest_rise_pct": 100 * most,
            "more_waiting": waiting,
        },
    }


# -- times ----------------------------------------------------------------------------------------------


def ciw_truck_days(a: float, b: float, horizon: float, lam: float, mu: float) -> float:
    """Return the truck-days of one crossing by ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Deterministic(1 / lam)],
        service_distributions=[ciw.dists.Deterministic(1 / mu)],
        number_of_servers=[
            ciw.Schedule(numbers_of_servers=[1, 0, 1], shift_end_dates=[a, b, 1000.0], preemption="resume")
        ],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(horizon)
    return float(
        sum(row.waiting_time for row in simulation.get_all_records() if row.record_type == "service")
    )


def simpy_truck_days(a: float, b: float, horizon: float, lam: float, mu: float) -> float:
    """Return the truck-days of one crossing by simpy."""
    import simpy

    env = simpy.Environment()
    queue, total = simpy.Store(env), [0.0]

    def trucks() -> Any:
        while True:
            queue.put(env.now)
            yield env.timeout(1 / lam)

    def post() -> Any:
        while True:
            came = yield queue.get()
            if a <= env.now < b:
                yield env.timeout(b - env.now)
            total[0] += env.now - came
            yield env.timeout(1 / mu)

    env.process(trucks())
    env.process(post())
    env.run(horizon)
    return total[0]


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return an answer and the median CPU seconds of three calls."""
    answers = []
    for _ in range(3):
        start = cpu()
        answers.append((call(), cpu() - start))
    return answers[0][0], statistics.median(seconds for _, seconds in answers)


def times(net: ag.Network) -> dict[str, Any]:
    """Return CPU seconds of a scenario-year and of draws, and of one crossing beside simulators."""
    year = partial(ag.queues, net, start="2026-01-01", end="2026-12-31")
    stop = partial(ag.queues, net, SHUT, start="2026-11-01", end="2026-12-30", draws=100, seed=1)
    lam, mu, a, b, horizon = 230.0, 500.0, 5.0, 15.0, 40
    capacity = np.full(horizon + 20, mu)
    capacity[int(a) : int(b)] = 0.0
    flows = one_crossing(capacity, np.full(horizon + 20, lam))
    peak = lam * (b - a)
    exact = peak * (b - a) / 2 + peak**2 / (mu - lam) / 2
    run, seconds = timed(lambda: simulate(flows, horizon))
    crossing = [{"by": "formula", "truck_days": exact, "cpu_s": None}]
    crossing.append({"by": "this model", "truck_days": float(run.truck_days.sum()), "cpu_s": seconds})
    for name, function in (("ciw", ciw_truck_days), ("simpy", simpy_truck_days)):
        if find_spec(name) is not None:
            total, seconds = timed(lambda function=function: function(a, b, float(horizon), lam, mu))
            crossing.append({"by": name, "truck_days": total, "cpu_s": seconds})
    start = cpu()
    stop()
    draws_s = cpu() - start
    return {"scenario_year_s": timed(year)[1], "draws_100_of_60_days_s": draws_s, "one_crossing": crossing}


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one document")
    parser.add_argument("--floor", action="store_true", help="compare with the optimum, enlarge crossings")
    parser.add_argument("--time", action="store_true", help="measure times")
    options = parser.parse_args()
    net = ag.load()
    answers = episodes(net)
    document: dict[str, Any] = {"episodes": answers, "summary": summary(answers)}
    if options.floor:
        document |= floor(net)
    if options.time:
        document["times"] = times(net)
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    for row in answers:
        mark = " " if row["within_2"] else "!"
        print(
            f"{mark} {row['id']:18} {row['kind']:10} {row['observed']:8g} {row['predicted']:8g} {row['unit']}"
        )
    for name in ("summary", "beside_optimum", "enlarged", "times"):
        if name in document:
            print(name, json.dumps(document[name], indent=1))


if __name__ == "__main__":
    main()
