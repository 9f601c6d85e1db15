"""Every column of every table changes some answer, or its value is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import subset
from subset import answers

import amurgeo as ag
from amurgeo.dataset.schema import TABLES, Column, key_columns, schema

#: Columns that no answer depends on, with the reason. They are shown by `amurgeo check` or in exports.
SHOWN: dict[str, str] = {
    "capacity.traffic": "has one value",
    "note": "free text for readers",
    "trips.source": "shown in the table of border hours that the log makes",
    "source": "where values come from: the check wants a known one, and exports list it",
    "source_date": "the age of a source: the check counts what has lapsed",
    "confidence": "the check counts estimates by it",
    "services.vehicles_note": "free text for readers",
    "services.times_note": "free text for readers",
    "services.valid_until": "the check counts what has lapsed",
    "places.population_year": "the year of a figure, listed in exports",
    "places.geonameid": "the key to GeoNames, listed in exports",
    **dict.fromkeys(
        (
            "services.vehicles_confidence",
            "services.times_source",
            "places.population_source",
            "places.population_confidence",
        ),
        "where values come from, as source and confidence",
    ),
    "sources.published": "listed with the source in exports",
    "sources.retrieved": "listed with the source in exports",
    **{
        f"{table}.{name}": "shown by the check, whose totals count estimates"
        for table in ("capacity", "demand", "demand_months")
        for name in ("confidence", "source_date")
    },
}
#: Refusals of a value that is no valid one by itself: they prove nothing. Rules on several values do.
UNPROVEN = re.compile(r"invalid value|is not in ")
Edit = Callable[[list[dict[str, str]]], list[dict[str, str]]]


def _each(**values: str) -> Edit:
    """Return an edit that sets cells of every row."""
    return lambda rows: [row | values for row in rows]


#: Edits of columns whose usual edit changes nothing.
EDITS: dict[str, Edit] = {
    "demand.group": _each(group="pogranichny"),
    "demand_months.group": _each(group="bridge"),
    "regions.country": _each(country="FI"),
    "places.country": _each(country="FI"),
}


def edited(table: str, column: Column, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return rows with the cells of a column changed to other valid values."""
    key = f"{table}.{column.name}"
    if key in EDITS:
        return EDITS[key](rows)
    used = sorted({row[column.name] for row in rows} - {""})
    if column.type in ("ref", "list") and len(used) > 1:
        after = dict(zip(used, [*used[1:], used[0]], strict=True))
        return [row | {column.name: after.get(row[column.name], used[0])} for row in rows]
    return [row | {column.name: _other(column, row[column.name])} for row in rows]


def _other(column: Column, cell: str) -> str:
    """Return another valid value of a cell."""
    match column.type:
        case "number" | "int":
            low, high = column.bounds
            value = float(cell or low or 1)
            value = value / 2 if high is not None and value * 1.5 + 1 > high else value * 1.5 + 1
            value = max(value, low or 0)
            return f"{round(value)}" if column.type == "int" else f"{value}"
        case "partial_date":
            return "2001-02-03"
        case "lonlats":
            return "127.9 50.1"
        case "choice":
            choices = column.choices
            return choices[(choices.index(cell) + 1) % len(choices)] if cell in choices else choices[0]
        case "bool":
            return "no" if cell == "yes" else "yes"
        case "moment":
            return f"{cell[:11]}{int(cell[11:13]) + 1:02d}:30"
        case "date":
            return str(date.fromisoformat(cell) + timedelta(days=400)) if cell else "2026-02-01"
        case "month_day":
            return "01-05" if cell != "01-05" else "03-05"
        case _:
            return f"{cell} x".strip()


def differs(net: ag.Network, usual: dict[str, Any]) -> str | None:
    """Return the name of the first answer that differs from the usual one, or None."""
    for name, answer in answers(net):
        if json.dumps(answer, default=str) != usual[name]:
            return name
    return None


@pytest.fixture(scope="session")
def usual(dataset: Path) -> dict[str, Any]:
    """The answers of the small dataset."""
    return {name: json.dumps(answer, default=str) for name, answer in answers(ag.load(dataset=dataset))}


@pytest.mark.slow
@pytest.mark.parametrize("table", [*TABLES, "climate"])
def test_every_column_acts(table: str, dataset: Path, usual: dict[str, Any], tmp_path: Path) -> None:
    ignored = []
    columns = [column.name for column in schema(table)]
    rows = [{name: row.get(name, "") for name in columns} for row in subset.read(table, dataset)]
    for column in schema(table):
        if column.name in key_columns(table) or {column.name, f"{table}.{column.name}"} & {*SHOWN}:
            continue
        subset.write(tmp_path / f"{table}.csv", edited(table, column, rows))
        try:
            if differs(ag.load(tmp_path, dataset=dataset), usual) is None:
                ignored.append(column.name)
        except ag.AmurgeoError as error:
            if UNPROVEN.search(str(error)):
                ignored.append(f"{column.name}: {str(error).splitlines()[-1]}")
    print(table, "IGNORED", ignored, flush=True)
    assert ignored == []
