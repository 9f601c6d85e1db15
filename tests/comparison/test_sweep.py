"""A sweep equals a loop over days and scenarios, on every executor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.routing.matrix import solve
from amurgeo.scenario import Scenario, as_scenario

DAYS = ["2026-02-10", "2026-02-11", "2018-11-10", "2026-07-15", "2026-04-20", "2026-11-20"]
SCENARIOS = ["baseline", "no_bridge"]
ORIGINS, DESTINATIONS = ["north", "heihe"], ["heihe", "south"]


def _by_hand(six: ag.Network, scenarios: Iterable[str | Scenario]) -> pd.DataFrame:
    rows = []
    for scenario in scenarios:
        states = [six.state(day, scenario=scenario) for day in DAYS]
        matrices = [solve(state, "truck_20t", ORIGINS, DESTINATIONS) for state in states]
        for i, origin in enumerate(ORIGINS):
            for j, destination in enumerate(DESTINATIONS):
                seconds = [m.seconds[i, j] for m in matrices if np.isfinite(m.seconds[i, j])]
                used = Counter(c for m in matrices if pd.notna(c := m.crossing[i, j]))
                best = min(used, key=lambda name: (-used[name], name)) if used else None
                rows.append(
                    {
                        "scenario": as_scenario(scenario).name,
                        "origin": origin,
                        "destination": destination,
                        "days": len(DAYS),
                        "days_reachable": len(seconds),
                        "mean_h": sum(seconds) / len(seconds) / 3600.0 if seconds else np.nan,
                        "min_h": min(seconds) / 3600.0 if seconds else np.nan,
                        "max_h": max(seconds) / 3600.0 if seconds else np.nan,
                        "main_crossing": best,
                        "main_share": used[best] / len(seconds) if used else np.nan,
                    }
                )
    return pd.DataFrame(rows)


def _sweep(six: ag.Network, scenarios: Iterable[str | Scenario] = SCENARIOS, **how: Any) -> pd.DataFrame:
    return ag.sweep(six, scenarios, DAYS, origins=ORIGINS, destinations=DESTINATIONS, **how)


@pytest.fixture(scope="module")
def serial(six: ag.Network) -> pd.DataFrame:
    return _sweep(six)


def _same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    # Whole seconds are added up, so that nothing is left to the order of the sums.
    columns = list(one.columns)
    assert list(other.columns) == columns
    pd.testing.assert_frame_equal(
        one.astype({"main_crossing": object}), other.astype({"main_crossing": object}), check_exact=True
    )


def test_a_sweep_is_the_loop_by_hand(six: ag.Network, serial: pd.DataFrame) -> None:
    _same(serial, _by_hand(six, SCENARIOS))
    assert serial["days_reachable"].nunique() > 1


@pytest.mark.slow
def test_threads_and_processes_give_the_same_bits(six: ag.Network, serial: pd.DataFrame) -> None:
    with ThreadPoolExecutor(2) as threads:
        _same(serial, _sweep(six, executor=threads))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        _same(serial, _sweep(six, executor=processes))


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_bits(six: ag.Network, serial: pd.DataFrame) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        _same(serial, _sweep(six, executor=executor))


@pytest.mark.slow
def test_a_scenario_may_add_a_crossing(six: ag.Network, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        "name = 'mine'\n[[change]]\nadd = {kind = 'crossing', checkpoint = 'blagoveshchensk', "
        "mode = 'bridge', length_km = 1.0, travel_min = 5, admits = ['truck_20t'], border_h = 1.0}\n",
        encoding="utf-8",
    )
    mixed = ["baseline", as_scenario(path), "no_bridge"]
    found = _sweep(six, mixed)
    _same(found, _by_hand(six, mixed))
    with ThreadPoolExecutor(2) as threads:
        _same(found, _sweep(six, mixed, executor=threads))
    mine = found[(found["scenario"] == "mine") & (found["origin"] == "north")]
    assert set(mine["main_crossing"]) == {"blagoveshchensk:bridge"}


def test_days_count_once_in_any_order(six: ag.Network) -> None:
    ends = {"origins": ["north"], "destinations": ["south"]}
    one = ag.sweep(six, ["baseline"], [date(2026, 2, 11), "2026-02-10", "2026-02-11"], **ends)
    two = ag.sweep(six, ["baseline"], ["2026-02-10", "2026-02-11"], progress=True, **ends)
    _same(one, two)
    assert one["days"].tolist() == [2]


def test_places_of_a_comparison_are_the_default(net: ag.Network) -> None:
    found = ag.sweep(net, ["baseline"], ["2026-02-10"])
    assert set(found["destination"]) == {"heihe", "harbin", "suifenhe", "manzhouli"}
    assert len(found) == found["origin"].nunique() * 4


@pytest.mark.parametrize(
    ("scenarios", "days", "says"),
    [
        ("baseline", 2026, "as a list"),
        ([], 2026, "at least one, and each once"),
        (["baseline", "baseline"], 2026, "each once"),
        (["baseline"], [], "expected at least one"),
        (["baseline"], 1066, "1980 to 2100"),
        (["baseline"], "2026-02-10", "list of days"),
        (["baseline"], [1066], "1980 to 2100"),
        (["baseline"], ["2026-02-30"], "does not exist"),
        (["frozen"], 2026, "regime"),
        (["opne"], 2026, "did you mean open"),
    ],
)
def test_invalid_input_raises(net: ag.Network, scenarios: Any, days: Any, says: str) -> None:
    with pytest.raises(ag.InputError, match=says):
        ag.sweep(net, scenarios, days)
    with pytest.raises(ag.InputError, match="at least one place"):
        ag.sweep(net, ["baseline"], ["2026-02-10"], origins=[])
