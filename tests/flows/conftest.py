"""A dataset with few rows of capacity and demand, on the shipped roads."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import amurgeo as ag

_METADATA = {"source": "estimate", "confidence": "estimated"}


@pytest.fixture(scope="session")
def small(net: ag.Network) -> ag.Network:
    """The bridge with 100 trucks a day and the pontoon with 40, half open from Tuesday to Sunday.

    At home want to pass: 60 trucks a day of the bridge, 90 in July, half of them each way, and 10 inward of
    the pontoon. A neighbour with 300 trucks a day has 30 of its own.
    """
    capacity = [
        {
            "id": "bridge", "crossing": "kani_kurgan:bridge", "trucks_per_day": 100.0, "low": 50.0,
            "high": 200.0, "hours_per_day": 12.0, "lanes": 4,
        },
        {"id": "pontoon", "crossing": "blagoveshchensk:pontoon", "trucks_per_day": 40.0},
        {
            "id": "barge", "crossing": "poyarkovo:ferry", "trucks_per_day": 0.0, "tonnes_per_day": 500.0,
            "days_per_week": 6.0,
        },
        {"id": "away", "crossing": "poltavka:road", "trucks_per_day": 300.0},
    ]  # fmt: skip
    stream = {"wait_weight": 0.5, "usual": "kani_kurgan:bridge", "class": "general", "group": "mine"}
    demand = [
        {"id": "out", "origin": "belogorsk", "destination": "heihe", "direction": "out", "share": 0.5},
        {"id": "in", "origin": "heihe", "destination": "belogorsk", "direction": "in", "share": 0.5},
        {
            "id": "river", "origin": "heihe", "destination": "blagoveshchensk", "direction": "in",
            "share": 1.0, "group": "river", "usual": "blagoveshchensk:pontoon", "class": "perishable",
        },
        {
            "id": "away", "origin": "ussuriysk", "destination": "dongning", "direction": "out",
            "share": 1.0, "group": "away", "usual": "poltavka:road",
        },
    ]  # fmt: skip
    months = [
        {"id": "mine", "group": "mine", "trucks_per_day": 60.0, "low": 30.0, "high": 90.0},
        {"id": "mine_7", "group": "mine", "month": 7, "trucks_per_day": 90.0, "tonnes_per_day": 720.0},
        {"id": "river", "group": "river", "trucks_per_day": 10.0},
        {"id": "away", "group": "away", "trucks_per_day": 30.0, "tonnes_per_day": 9000.0},
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "capacity": [
            {"traffic": "cargo", "direction": "both", "basis": "estimate", **_METADATA, **row}
            for row in capacity
        ],
        "demand": [{**stream, **_METADATA, **row} for row in demand],
        "demand_months": [{**_METADATA, **row} for row in months],
    }
    bare: dict[str, pd.DataFrame] = {name: net.base[name].iloc[:0] for name in rows}
    return ag.Network({**net.base, **bare}).with_rows(rows)
