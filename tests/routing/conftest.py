"""What tests of routes share: the six places with round numbers."""

from __future__ import annotations

import pandas as pd
import pytest
from networks import BRIDGE, CONTROL, PONTOON, QUEUE

import amurgeo as ag


@pytest.fixture(scope="session")
def plain(six: ag.Network) -> ag.Network:
    """The six places with round numbers."""
    tables = {name: table.copy() for name, table in six.tables.items()}
    speeds, services, rates = tables["speeds"], tables["services"], tables["rates"]
    numbers = ["speed_kmh", "low_kmh", "high_kmh"]
    speeds.loc[("truck_20t", "trunk", "asphalt"), numbers] = (60.0, 40.0, 80.0)
    speeds.loc[("truck_20t", "trunk", "asphalt"), "confidence"] = "reported"
    speeds.loc[("truck_20t", "street", "asphalt"), numbers] = (30.0, 20.0, 30.0)
    rows = []
    for crossing in (BRIDGE, PONTOON):
        times = (CONTROL[crossing][1], 4.0, QUEUE[crossing][1])
        services.loc[(crossing, "cargo"), ["border_h_out", "border_h_in", "wait_h"]] = times
        layers = {"booth": CONTROL[crossing], "queue": QUEUE[crossing]}
        rows += [(crossing, "cargo", layer, *hours) for layer, hours in layers.items()]
    columns = ["crossing", "traffic", "layer", "low_h", "mid_h", "high_h"]
    tables["border_hours"] = pd.DataFrame(rows, columns=columns).reindex(
        columns=six.tables["border_hours"].columns
    )
    tables["crossings"].loc[[BRIDGE, PONTOON], ["length_km", "travel_min"]] = [(6.0, 12.0), (2.0, 6.0)]
    ends = ["kani_kurgan_ru", "kani_kurgan_cn", "blagoveshchensk_ru", "blagoveshchensk_cn"]
    tables["terminals"].loc[ends, "access_km"] = (3.0, 2.0, 3.0, 6.0)
    for name, value in (
        ("truck_km_ru_20t", 100.0),
        ("truck_km_cn_20t", 10.0),
        ("index_truck_cn_2025", 1.5),
        ("exchange_cny", 10.0),
        ("bridge_toll_from_russia", 5000.0),
        ("bridge_toll_from_china", 7000.0),
    ):
        rates.loc[name, "value"] = value
    tables["emissions"].loc["truck_20t", ["kg_per_km", "low", "high"]] = (1.0, 0.5, 2.0)
    return ag.Network(tables)
