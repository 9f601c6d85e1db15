"""A small dataset of another border: a ferry and an ice road inside one country."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

BORDER = """
id = "two_banks"
languages = ["en"]
bounds = [20, 60, 30, 70]
projection = "EPSG:3067"
currency = "EUR"
vehicle = "lorry"
destinations = ["farby"]
min_population = 100

[name]
en = "Two banks"

[home]
country = "FI"
regions = ["north"]
name = { en = "the north bank" }

[far]
country = "FI"
regions = ["south"]
name = { en = "the south bank" }
id = "south"

[closed_reasons]
ice_road = [["ice_too_thin", "11-01..12-31"]]
"""
#: Rows of a border with a ferry and an ice road inside one country; columns that are left out are empty.
ROWS: dict[str, list[dict[str, Any]]] = {
    "sources": [
        {"id": "estimate", "title": "Made up", "publisher": "amurgeo", "licence": "none", "retrieved": "2026",
         "note": "Made up"}],
    "regions": [
        {"id": "north", "country": "FI", "side": "home", "name_en": "North", "timezone": "Europe/Helsinki"},
        {"id": "south", "country": "FI", "side": "far", "name_en": "South", "timezone": "Europe/Helsinki"},
    ],
    "places": [
        {"id": "homeby", "region": "north", "name_en": "Homeby", "lat": 65.1, "lon": 25, "population": 900},
        {"id": "upby", "region": "north", "name_en": "Upby", "lat": 65.40, "lon": 25.0, "population": 200},
        {"id": "farby", "region": "south", "name_en": "Farby", "lat": 64.90, "lon": 25.0, "population": 500},
    ],
    "checkpoints": [
        {"id": "strait", "place": "homeby", "counterpart": "farby", "kind": "river",
         "region": "north", "name_en": "Strait", "counterpart_name_en": "Farby pier"},
    ],
    "terminals": [
        {"id": "strait_home", "checkpoint": "strait", "side": "home", "place": "homeby", "lat": 65.01,
         "lon": 25.0, "access_km": 11, "access_class": "secondary"},
        {"id": "strait_far", "checkpoint": "strait", "side": "far", "place": "farby", "lat": 64.99,
         "lon": 25.0, "access_km": 11, "access_class": "secondary"},
    ],
    "crossings": [
        {"id": f"strait:{mode}", "checkpoint": "strait", "mode": mode, "from": "strait_home",
         "to": "strait_far", "length_km": 2.5, "travel_min": 10, "travel_confidence": "estimated"}
        for mode in ("ferry", "ice_road")
    ],
    "vehicles": [
        {"id": "lorry", "traffic": "cargo", "mass_t": 40, "name_en": "Lorry", "network": "road"},
        {"id": "car", "traffic": "passenger", "mass_t": 2, "name_en": "Car", "network": "road"},
    ],
    "services": [
        {"crossing": f"strait:{mode}", "traffic": traffic, "regular": "yes", "all_year": "no",
         "admits": admits, "border_h_out": 0, "border_h_in": 0, "wait_h": 0.1,
         "times_confidence": "estimated", "times_source": "estimate", "times_note": "Made up"}
        for mode in ("ferry", "ice_road")
        for traffic, admits in (("cargo", "lorry"), ("passenger", "car"))
    ],
    "roads": [
        {"id": "homeby--upby", "from": "homeby", "to": "upby", "class": "secondary", "surface": "asphalt",
         "length_km": 36, "length_source": "estimated"},
    ],
    "holiday_rules": [
        {
            "id": "christmas",
            "crossings": "*",
            "modes": "*",
            "days": "FI: Christmas Day|Christmas Eve|Second Day of Christmas",
            "chance_of_stop": 0.9,
            "title_en": "Christmas",
        }
    ],
    "windows": [
        {"id": "strait_ferry", "crossing": "strait:ferry", "traffic": "both", "open_md": "05-20",
         "open_sd_days": 5, "close_md": "11-20", "close_sd_days": 5},
        {"id": "strait_ice", "crossing": "strait:ice_road", "traffic": "both", "open_md": "01-10",
         "open_sd_days": 5, "close_md": "04-10", "close_sd_days": 5},
    ],
    "season_record": [
        {"id": "first", "crossing": "strait:ferry", "checkpoint": "strait", "mode": "ferry",
         "traffic": "both", "event": "open", "date": "2025-05-19", "precision": "day", "evidence": "yes"},
    ],
    "speeds": [
        {"vehicle": vehicle, "class": kind, "surface": "asphalt", "speed_kmh": 70}
        for vehicle in ("lorry", "car")
        for kind in ("secondary", "primary")
    ],
}  # fmt: skip
PROVENANCE = {"source": "estimate", "confidence": "estimated", "note": "Made up"}


def write(folder: Path) -> Path:
    """Write the dataset into a folder: no rail, ports, flows, rates, layers or scenarios."""
    (folder / "dataset.toml").write_text(BORDER, encoding="utf-8")
    for table, rows in ROWS.items():
        extra = {} if table == "sources" else PROVENANCE
        place = {"country": "FI", "kind": "town"} if table == "places" else {}
        if table == "regions":
            extra = {"source": "estimate"}
        frame = pd.DataFrame([{**place, **row, **extra} for row in rows])
        frame.to_csv(folder / f"{table}.csv", index=False)
    return folder
