"""Published travel hours beside those of the network."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from typing import Any

import pytest

import amurgeo as ag

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def accuracy() -> Any:
    spec = importlib.util.spec_from_file_location("accuracy", ROOT / "benchmarks" / "accuracy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_published_time_has_places_a_vehicle_and_a_source(net: ag.Network) -> None:
    with open(ROOT / "data" / "geo" / "reference_hours.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = [row["id"] for row in rows]
    assert ids == sorted(set(ids))
    for row in rows:
        assert {row["from_place"], row["to_place"]} <= set(net.places.index)
        assert row["vehicle"] in net.base["vehicles"].index
        assert row["source"] in net.sources.index
        assert (row["judged"] == "yes") == (not row["reason"])
        low, high = (float(row[name] or row["hours"]) for name in ("low", "high"))
        assert low <= float(row["hours"]) <= high


@pytest.mark.slow
def test_speeds_are_judged_by_pairs_that_did_not_set_them(net: ag.Network, accuracy: Any) -> None:
    found = accuracy.hours(net)
    sums = {row["vehicle"]: row for row in accuracy.hours_summary(net, found)}
    assert set(sums) == set(net.base["vehicles"].index)
    for vehicle, row in sums.items():
        judged = [pair for pair in found if pair["judged"] and pair["vehicle"] == vehicle]
        assert row["pairs"] == len(judged) == row["set_pairs"] + row["test_pairs"]
        assert (row["test_error_pct"] is None) == (len(judged) < accuracy.FEWEST)
    for vehicle in ("car", "bus"):
        assert sums[vehicle]["pairs"] >= accuracy.FEWEST
        assert abs(sums[vehicle]["test_bias_pct"]) <= 12
        assert sums[vehicle]["test_error_pct"] <= 20
