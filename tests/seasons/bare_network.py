"""A network of six places with typical windows, a seasonal road, and as much on record as a test needs."""

from __future__ import annotations

from typing import Any

import amurgeo as ag

FERRY, PONTOON, BRIDGE, ICE = (
    "blagoveshchensk:ferry", "blagoveshchensk:pontoon", "kani_kurgan:bridge", "blagoveshchensk:ice_road"
)  # fmt: skip
WINDOWS = [
    {"id": "ferry", "crossing": FERRY, "open_md": "05-10", "close_md": "11-01"},
    {"id": "pontoon", "crossing": PONTOON, "open_md": "01-10", "close_md": "04-10"},
    {"id": "up", "crossing": "road:up", "open_md": "12-01", "close_md": "04-01"},
]
ORIGIN = {"source": "estimate", "source_date": "2026", "confidence": "estimated", "note": "Made for a test"}


def bare_network(six: ag.Network) -> ag.Network:
    """Six places with typical windows, a seasonal road, and nothing on record."""
    names = ("season_record", "windows", "eras", "holiday_rules", "record_gaps", "road_limits")
    empty = {name: six.base[name].iloc[:0] for name in names}
    roads = six.base["roads"].copy()
    roads.loc["north--kani_kurgan", "season"] = "road:up"
    tables = {**six.base, **empty, "roads": roads}
    spread = {"traffic": "both", "open_sd_days": 0.5, "close_sd_days": 0.5, **ORIGIN}
    plain = ag.Network(tables, border=six.border, folder=six.folder)
    return plain.with_rows({"windows": [row | spread for row in WINDOWS]})


def noted(net: ag.Network, *lines: str, gaps: tuple[dict[str, Any], ...] = ()) -> ag.Network:
    """Return a network with lines such as ``open 2021-05-12 traffic=cargo`` on record; usually of a ferry."""
    rows = []
    for number, line in enumerate(lines, start=len(net.base["season_record"])):
        event, on, *more = line.split()
        row = {"id": f"r{number}", "crossing": FERRY, "traffic": "both", "event": event, "date": on}
        row |= {"precision": "day", "evidence": False, **ORIGIN} | dict(part.split("=") for part in more)
        rows.append(row | dict(zip(("checkpoint", "mode"), row["crossing"].split(":"), strict=True)))
    usual = {"crossings": "*", "modes": "*", "traffic": "cargo", "ends_with": "until", **ORIGIN}
    table = [{"id": f"gap{number}"} | usual | gap for number, gap in enumerate(gaps)]
    return net.with_rows({"season_record": rows, "record_gaps": table})
