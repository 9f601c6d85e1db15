"""Every column of every table changes some answer, or its value is refused."""

from __future__ import annotations

import contextlib
import io
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
from amurgeo.cli import main
from amurgeo.dataset.schema import TABLES, Column, key_columns, schema
from amurgeo.text import LANGUAGES

#: Where columns are shown on which no answer depends: in the result of the check, in the layers of an export,
#: in the tables of an export or by a command; with the reason.
SHOWN: dict[str, tuple[str, str]] = {
    "note": ("tables", "free text for readers"),
    "source": ("check", "a known one is wanted"),
    "source_date": ("tables", "the age of a source, for readers"),
    "confidence": ("check", "counts estimates by it"),
    "bridges.road": ("critical", "fails with its only bridge"),
    "bridges.traffic": ("critical", "a road with another bridge does not fail with one"),
    "hospitals.place": ("access", "hours to the nearest one"),
    "bridges.river": ("tables", "for readers"),
    "bridges.name_en": ("critical", "the name of an element"),
    "bridges.name_ru": ("critical", "the name of an element"),
    "bridges.name_zh": ("critical", "the name of an element"),
    "capacity.confidence": ("tables", "the range of the row says how sure it is"),
    "demand.confidence": ("tables", "the range of the row says how sure it is"),
    "demand_months.confidence": ("tables", "the range of the row says how sure it is"),
    "emissions.confidence": ("tables", "for readers"),
    "measures.name_en": ("measures", "the name of a measure"),
    "measures.name_ru": ("measures", "the name of a measure"),
    "measures.name_zh": ("measures", "the name of a measure"),
    "measures.changes": ("measures", "what is valued"),
    "measures.cost_low": ("measures", "beside what a measure saves"),
    "measures.cost_high": ("measures", "beside what a measure saves"),
    "measures.cost_per": ("tables", "beside what a measure saves"),
    "measures.confidence": ("tables", "for readers"),
    "climate.source": ("tables", "for readers"),
    "climate.confidence": ("tables", "for readers"),
    "checkpoints.kind": ("layers", "words for readers; the modes of the crossings act"),
    "checkpoints.paper_role": ("layers", "what the founding paper counts"),
    "checkpoints.paper_working": ("layers", "what the founding paper counts"),
    "checkpoints.paper_confidence": ("layers", "what the founding paper counts"),
    "checkpoints.paper_source": ("layers", "what the founding paper counts"),
    "places.population_year": ("layers", "the year of a figure"),
    "places.geonameid": ("tables", "the key to GeoNames"),
    "places.population_source": ("check", "where the figure comes from"),
    "places.population_confidence": ("check", "counts estimates by it"),
    "roads.length_source": ("layers", "with the estimate of the length"),
    "roads.used_pairs": ("layers", "distances that were used to type the length"),
    "railways.length_source": ("layers", "with the estimate of the length"),
    "railways.used_pairs": ("layers", "distances that were used to type the length"),
    "services.valid_until": ("check", "counts what has lapsed"),
    "services.vehicles_until": ("check", "counts what has lapsed"),
    "services.vehicles_note": ("tables", "free text for readers"),
    "services.vehicles_confidence": ("check", "counts estimates by it"),
    "services.times_note": ("tables", "free text for readers"),
    "services.times_source": ("check", "a known one is wanted"),
    "sources.published": ("tables", "listed with the source"),
    "sources.retrieved": ("tables", "listed with the source"),
    "trips.source": ("check", "a known one is wanted"),
}
#: Refusals of a value that is no valid one by itself: they prove nothing. Rules on several values do.
UNPROVEN = re.compile(r"invalid value|is not in ")
#: Commands that show columns.
COMMANDS = {
    "critical": "critical --on 2026-02-10 --kind bridge --draws 0",
    "access": "access 2026 --all",
    "measures": "measures 2026/27 --draws 2 --measure ice_night --measure cableway",
}
Edit = Callable[[list[dict[str, str]]], list[dict[str, str]]]


def _each(**values: str) -> Edit:
    """Return an edit that sets cells of every row."""
    return lambda rows: [row | values for row in rows]


def _cells(column: str, after: dict[str, str], changed: str | None = None) -> Edit:
    """Return an edit that sets cells, by default of the same column, by the value of a column."""
    name = changed or column
    return lambda rows: [row | {name: after.get(row[column], row[name])} for row in rows]


#: Edits of columns whose usual edit changes nothing.
EDITS: dict[str, Edit] = {
    "bridges.road": _each(road="belogorsk--belogorsk_jn"),
    "demand.group": _each(group="pogranichny"),
    "demand_months.group": _each(group="bridge"),
    "roads.traffic": _each(traffic="passenger"),
    "hospitals.place": _each(place="zeya"),
    "measures.changes": _each(changes="poyarkovo:ice_road cargo capacity_share 3"),
    "season_record.event": _cells("event", {"open": "close", "close": "open"}),
    "season_record.value": _cells("event", {"hours": "09:30-16:00", "weight_limit": "11 t"}, "value"),
}


def edited(table: str, column: Column, rows: list[dict[str, str]], dataset: Path) -> list[dict[str, str]]:
    """Return rows with the cells of a column changed to other valid values."""
    key = f"{table}.{column.name}"
    if key in EDITS:
        return EDITS[key](rows)
    if column.allowed == "sources":
        return [row | {column.name: "no_such_source"} for row in rows]
    used = sorted({row[column.name] for row in rows} - {""})
    if column.type == "ref" and len(used) == 1:
        known = (row[key_columns(name)[0]] for name in column.choices for row in subset.read(name, dataset))
        used.append(next(other for other in known if other not in used))
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
        case "country":
            return "FI"
        case "currency":
            return "EUR" if "/" not in cell else "EUR/CNY"
        case "holiday":
            return "02-09..02-11"
        case "lonlats":
            return "127.9 50.1"
        case "choice" if column.name.endswith("confidence"):
            return "reported" if cell == "estimated" else "estimated"
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


def shown(where: str, table: str, own: Path, dataset: Path) -> Any:
    """Return what shows a column: the result of the check, the layers or tables of an export, a command."""
    if where == "check":
        return ag.check(own, dataset=dataset, on="2026-11-28").to_dict()
    if where in COMMANDS:
        words = f"{COMMANDS[where]} --data {own} --dataset {dataset} --lang"
        printed = io.StringIO()
        for lang in LANGUAGES:
            with (
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
                pytest.raises(SystemExit) as ended,
            ):
                main([*words.split(), lang])
            if ended.value.code:
                raise ag.InputError(printed.getvalue())
        return printed.getvalue()
    net = ag.load(own, dataset=dataset)
    if where == "tables":
        return net.table(table).to_csv()
    return {name: layer.to_csv() for name, layer in ag.export.layers(net).items()}


@pytest.mark.slow
@pytest.mark.parametrize("table", [*TABLES, "climate"])
def test_every_column_acts_or_is_shown(
    table: str, dataset: Path, usual: dict[str, Any], tmp_path: Path
) -> None:
    ignored = []
    columns = [column.name for column in schema(table)]
    rows = [{name: row.get(name, "") for name in columns} for row in subset.read(table, dataset)]
    before: dict[str, Any] = {}
    for column in schema(table):
        if column.name in key_columns(table) or (column.type == "choice" and len(column.choices) == 1):
            # Nothing else can be written there.
            continue
        where, _ = SHOWN.get(f"{table}.{column.name}", SHOWN.get(column.name, ("", "")))
        if where and where not in before:
            subset.write(tmp_path / f"{table}.csv", rows)
            before[where] = shown(where, table, tmp_path, dataset)
        subset.write(tmp_path / f"{table}.csv", edited(table, column, rows, dataset))
        try:
            if where:
                acts = shown(where, table, tmp_path, dataset) != before[where]
            else:
                acts = differs(ag.load(tmp_path, dataset=dataset), usual) is not None
            if not acts:
                ignored.append(column.name)
        except ag.AmurgeoError as error:
            if UNPROVEN.search(str(error)):
                ignored.append(f"{column.name}: {str(error).splitlines()[-1]}")
    assert ignored == []
