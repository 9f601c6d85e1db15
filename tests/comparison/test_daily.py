"""Hours by day are those of a matrix of each day, and add up to a sweep."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag

DAYS = ["2026-02-10", "2026-04-20", "2026-07-15", "2026-11-20"]
SCENARIOS = ["baseline", "no_bridge"]
ENDS: dict[str, Any] = {"origins": ["north", "heihe"], "destinations": ["heihe", "south", "kani_kurgan"]}


@pytest.fixture(scope="module")
def days(six: ag.Network) -> pd.DataFrame:
    return ag.daily(six, **ENDS, start=DAYS, scenarios=SCENARIOS)


def test_hours_are_those_of_a_matrix_of_each_day(six: ag.Network, days: pd.DataFrame) -> None:
    for (scenario, day), rows in days.groupby(["scenario", "date"]):
        matrix = ag.od_matrix(six, **ENDS, on=day, scenario=scenario)
        assert np.array_equal(rows["hours"].to_numpy(), matrix.to_numpy().ravel(), equal_nan=True)
        state = ag.state(six, day, scenario=scenario).crossings
        for row in rows.itertuples():
            if isinstance(row.crossing, str):
                assert row.p_open == state.at[(row.crossing, "cargo"), "probability_open"]
            else:
                assert np.isnan(row.p_open)
    assert list(days.columns) == ["date", "scenario", "origin", "destination", "hours", "crossing", "p_open"]
    assert len(days) == len(SCENARIOS) * len(DAYS) * 6
    assert days["hours"].isna().any()
    assert days["date"].dtype.kind == "M"


def test_the_days_add_up_to_a_sweep(six: ag.Network, days: pd.DataFrame) -> None:
    swept = ag.sweep(six, SCENARIOS, DAYS, **ENDS)
    hours = days.groupby(["scenario", "origin", "destination"], sort=False)["hours"]
    for column, values in {"mean_h": hours.mean(), "min_h": hours.min(), "max_h": hours.max()}.items():
        assert swept[column].to_numpy() == pytest.approx(values.to_numpy(), nan_ok=True)
    assert swept["days_reachable"].tolist() == hours.count().tolist()


@pytest.mark.slow
def test_without_transit_a_pair_on_one_side_takes_no_crossing(net: ag.Network) -> None:
    # Zabaykalsk and Vladivostok are joined through China and, more slowly, through Russia.
    ends: dict[str, Any] = {"origins": ["Zabaykalsk", "Zeya"], "destinations": ["Vladivostok", "Harbin"]}
    both = {transit: ag.od_matrix(net, **ends, on=DAYS[0], transit=transit) for transit in (True, False)}
    assert both[True].at["zabaykalsk", "vladivostok"] < both[False].at["zabaykalsk", "vladivostok"]
    assert both[True].at["zeya", "harbin"] == both[False].at["zeya", "harbin"]
    for transit, matrix in both.items():
        for origin, destination in (("zabaykalsk", "vladivostok"), ("zeya", "harbin")):
            best = ag.routes(net, origin, destination, on=DAYS[0], k=1, transit=transit)[0]
            assert matrix.at[origin, destination] == best.seconds / 3600.0
    found = ag.daily(net, **ends, start=DAYS[:1], transit=False)
    assert found["hours"].tolist() == both[False].to_numpy().ravel().tolist()
    km = ag.od_matrix(net, **ends, on=DAYS[0], transit=False, value="length_km")
    best = ag.routes(net, "Zabaykalsk", "Vladivostok", on=DAYS[0], k=1, transit=False)[0]
    assert km.at["zabaykalsk", "vladivostok"] == pytest.approx(best.length_km)
    compared = ag.compare(net, ["baseline", "no_bridge"], on=DAYS[0], **ends, transit=False).pairs
    pair = compared[(compared["origin"] == "zabaykalsk") & (compared["destination"] == "vladivostok")].iloc[0]
    assert pair["base_h"] == both[False].at["zabaykalsk", "vladivostok"]
    assert pd.isna(pair["base_crossing"])
    assert pair["base_ways"] == 0


@pytest.mark.slow
def test_four_years_of_twenty_towns_take_seconds(net: ag.Network) -> None:
    towns = net.places[net.places["side"] == "home"].nlargest(20, "population")
    started = time.perf_counter()
    days = ag.daily(
        net,
        towns,
        ["Harbin"],
        start="2024-01-01",
        end="2027-12-31",
        scenarios=["baseline", "no_bridge", "paper_2010"],
    )
    assert time.perf_counter() - started < 15
    assert len(days) == 20 * 1461 * 3
    places = days.to_gdf()
    winter = places[(places["date"] == "2026-01-20") & (places["scenario"] == "baseline")]
    assert len(winter) == 20
    assert winter.geometry.is_valid.all()
