"""Checks of crossings, checkpoints, terminals and services against each other."""

from __future__ import annotations

from typing import Any

import pandas as pd

from amurgeo.dataset.rows import RIVER_MODES, Tables, by_id, fault, filled, ids, nodes, rows, warning
from amurgeo.errors import Fault


def check_crossings(own: Tables, merged: Tables) -> list[Fault]:
    """Find crossings with a wrong id, with ends on one bank, at foreign terminals, or without a service."""
    country = nodes(merged)["country"].to_dict()
    home = by_id(merged, "terminals").get("checkpoint", pd.Series(dtype=str)).to_dict()
    served = ids(merged, "services")
    found = []
    for line, row in rows(own, "crossings"):
        right = f"{row['checkpoint']}:{row['mode']}"
        if row["checkpoint"] and row["mode"] and row["id"] != right:
            found.append(
                fault(
                    "crossings",
                    line,
                    "id",
                    "crossing-id",
                    f"'{row['id']}' must be <checkpoint>:<mode>, {right}",
                )
            )
        found.extend(_wrong_ends(line, row, country, home))
        if row["id"] not in served:
            found.append(
                fault(
                    "crossings",
                    line,
                    "id",
                    "no-service",
                    f"nothing says what {row['id']} carries; add a row to services.csv",
                )
            )
    return found


def _wrong_ends(line: int, row: dict[str, Any], country: dict[str, str], home: dict[str, str]) -> list[Fault]:
    found = []
    ends = (country.get(row["from"]), country.get(row["to"]))
    if all(ends) and ends[0] == ends[1]:
        found.append(
            fault(
                "crossings",
                line,
                "to",
                "same-bank",
                f"{row['from']} and {row['to']} both stand in {ends[0]}; give a terminal of the other bank",
            )
        )
    elif ends == ("CN", "RU"):
        found.append(
            fault(
                "crossings",
                line,
                "from",
                "same-bank",
                f"runs from China to Russia; put {row['to']} into 'from' and {row['from']} into 'to'",
            )
        )
    for column in ("from", "to"):
        theirs = home.get(row[column])
        if theirs and row["checkpoint"] and theirs != row["checkpoint"]:
            found.append(
                fault(
                    "crossings",
                    line,
                    column,
                    "foreign-terminal",
                    f"{row[column]} belongs to {theirs}; give a terminal of {row['checkpoint']}",
                )
            )
    return found


def check_checkpoints(own: Tables, merged: Tables) -> list[Fault]:
    """Find checkpoints without a crossing, and terminals without a counterpart on the other bank."""
    crossed = set(by_id(merged, "crossings").get("checkpoint", ()))
    terminals = by_id(merged, "terminals")
    banks: dict[str, set[str]] = {}
    for checkpoint, country in zip(
        terminals.get("checkpoint", ()), terminals.get("country", ()), strict=True
    ):
        banks.setdefault(checkpoint, set()).add(country)
    found = []
    for line, row in rows(own, "checkpoints"):
        if row["id"] not in crossed:
            found.append(
                fault(
                    "checkpoints",
                    line,
                    "id",
                    "no-crossing",
                    f"no crossing stands at {row['id']}; add {row['id']}:<mode> to crossings.csv",
                )
            )
    for line, row in rows(own, "terminals"):
        if row["country"] and banks.get(row["checkpoint"]) == {row["country"]}:
            other = "CN" if row["country"] == "RU" else "RU"
            found.append(
                fault(
                    "terminals",
                    line,
                    "country",
                    "no-counterpart",
                    f"{row['checkpoint']} has terminals in {row['country']} only; add one in {other}",
                )
            )
    return found


def check_services(own: Tables, merged: Tables) -> list[Fault]:
    """Find services that admit vehicles of the other traffic, and seasonal ones without a season."""
    traffic = by_id(merged, "vehicles").get("traffic", pd.Series(dtype=str)).to_dict()
    mode = by_id(merged, "crossings").get("mode", pd.Series(dtype=str)).to_dict()
    seasons = _spoken_for(merged, "windows") | _spoken_for(merged, "season_record")
    found = []
    for line, row in rows(own, "services"):
        for vehicle in row["admits"]:
            theirs = traffic.get(vehicle)
            if theirs and row["traffic"] and theirs != row["traffic"]:
                right = [name for name, kind in traffic.items() if kind == row["traffic"]]
                found.append(
                    fault(
                        "services",
                        line,
                        "admits",
                        "traffic",
                        f"{vehicle} is {theirs} traffic, the service carries {row['traffic']}; "
                        f"admit some of {', '.join(sorted(right))}",
                    )
                )
        seasonal = row["regular"] and not row["all_year"] and not filled(row["retired"])
        if (
            seasonal
            and mode.get(row["crossing"]) in RIVER_MODES
            and (row["crossing"], row["traffic"]) not in seasons
        ):
            found.append(
                warning(
                    "services",
                    line,
                    "all_year",
                    "no-window",
                    "works by seasons, but no window and no record says when, so it counts as closed; "
                    "add a row to windows.csv or season_record.csv",
                )
            )
    return found


def _spoken_for(tables: Tables, table: str) -> set[tuple[str, str]]:
    """Return the services of which a table of seasons speaks."""
    spoken: set[tuple[str, str]] = set()
    for _, row in rows(tables, table):
        kinds = ("cargo", "passenger") if row["traffic"] in ("both", "unknown") else (row["traffic"],)
        spoken.update((row["crossing"], kind) for kind in kinds)
    return spoken
