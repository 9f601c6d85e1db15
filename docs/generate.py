"""Parts of pages that are generated from the schema, the tables and the commands when the site is built.

A line ``<!-- generated: name argument -->`` in a page is replaced by the part while Sphinx reads the page.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import measures

import amurgeo
from amurgeo.dataset.schema import TABLES, geo_dir, key_columns, schema
from amurgeo.network import Network
from amurgeo.scenario import json_schema, scenario_names
from amurgeo.text import words

ROOT = Path(__file__).resolve().parent.parent
_ASKED = re.compile(r"^<!-- generated: (\w+)(?: (.+?))? -->$", re.MULTILINE)
#: Code in a table cell, or a ``<`` to escape.
_CODE_OR_TAG = re.compile(r"(`[^`]*`)|<")

#: What one row of each table describes.
ROW_MEANS = {
    "border_hours": "A row is a range of hours at a crossing: of control, of the usual queue, or of a peak.",
    "bridges": "A row is a road bridge that has a name, and the road that fails with it.",
    "capacity": "A row is the trucks a day that a crossing can clear, was seen to clear, or is built for.",
    "checkpoints": "A row is a border checkpoint with its counterpart.",
    "climate": "A row is a monthly normal of a station, or by how much a known month differed from it.",
    "crossings": "A row is one way over the border, at one checkpoint in one mode.",
    "demand": "A row is a stream of trucks between two places, as a share of its group.",
    "demand_months": "A row is the number of trucks a day of a group, in a month or in all of them.",
    "emissions": "A row is what a vehicle emits on a kilometre.",
    "eras": "A row is the first winter of a new arrangement at a checkpoint, for one turn of the river.",
    "flows": "A row is the recorded tonnage of one exit.",
    "holiday_rules": "A row is a kind of days on which crossings stop, with the chance of it.",
    "ice_phenology": "A row is a dated freeze-up, break-up or thickness, to judge the ice model by.",
    "measures": "A row is a measure: a change of a scenario, and what it costs as far as a source says.",
    "places": "A row is a town, village, port or road junction: a node of the network.",
    "ports": "A row is a seaport, the way out that does not lead to China.",
    "promises": "A row is how often promises of a sureness were kept, computed from the record.",
    "railways": "A row is a stretch of railway between two stations.",
    "rates": "A row is a price: of a kilometre, a toll, a fixed charge, or the rate of the yuan.",
    "record_gaps": "A row is a period without record of some services, whose status is unknown.",
    "regions": "A row is a province, krai or oblast.",
    "rest_rules": "A row is a country's rule on driving and rest, for some vehicles.",
    "road_limits": "A row is a mass limit of a road, or its closure, from a first day to a last one.",
    "roads": "A row is a road between two places or junctions.",
    "season_record": "A row is a dated event at a crossing: opened, closed, stopped, limited.",
    "services": "A row is a crossing for one kind of traffic: since when, whom it takes, how long it takes.",
    "sources": "A row is a page or package that other rows cite.",
    "speeds": "A row is the speed of one vehicle on one class and surface.",
    "stations": "A row is a railway station.",
    "terminals": "A row is a pier, ramp or yard of a checkpoint on one bank.",
    "trips": "A row is a trip over the border that you logged; it replaces the estimates of its crossing.",
    "vehicles": "A row is a kind of vehicle that can be asked for.",
    "windows": "A row is the typical season of a winter road or crossing, for the years in which it held.",
}


def fill(app: Any, docname: str, source: list[str]) -> None:
    """Replace the placeholders of a page; connected to ``source-read``."""
    source[0] = _ASKED.sub(lambda found: PARTS[found[1]](*([found[2]] if found[2] else [])), source[0])


@cache
def network() -> Network:
    """Return the shipped network."""
    return amurgeo.load()


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = ()) -> str:
    """Return a Markdown table; columns in ``right`` are right-aligned."""
    ruler = ["---:" if column in right else ":---" for column in range(len(headings))]
    lines = [headings, ruler, *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: Any) -> str:
    text = "" if value is None or value != value else str(value)
    text = text.replace("|", "\\|").replace("\n", " ")
    return _CODE_OR_TAG.sub(lambda found: found[1] or "&lt;", text)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


# -- the data -----------------------------------------------------------------------------------------


def data_tables() -> str:
    """List every table with its columns, from the schema."""
    parts = []
    named = {path.stem for path in (geo_dir() / "schema").glob("*.csv")}
    for name in [*TABLES, *sorted(named - set(TABLES))]:
        if name not in named:
            continue
        columns = schema(name)
        keys = [key for key in key_columns(name) if key in {column.name for column in columns}]
        rows = [
            (
                _code(column.name),
                column.type,
                column.unit,
                "yes" if column.required else "",
                _allowed(column.type, column.allowed),
                _code(column.default),
                column.meaning,
            )
            for column in columns
        ]
        summary = f"{ROW_MEANS[name]} {_rows_of(name)} rows. Key: {', '.join(map(_code, keys))}."
        headings = ("Column", "Type", "Unit", "Required", "Allowed", "Default", "Meaning")
        parts.append(f"(table-{name})=\n## {name}.csv\n\n{summary}\n\n{table(headings, rows)}")
    return "\n".join(parts)


def _allowed(kind: str, allowed: str) -> str:
    if kind == "ref" or (kind == "list" and allowed):
        return "id of " + " or ".join(f"[{name}](#table-{name})" for name in allowed.split(";"))
    if ".." in allowed:
        low, _, high = allowed.partition("..")
        return f"{low} to {high}" if high else f"{low} or more"
    return ", ".join(map(_code, allowed.split(";"))) if allowed else ""


def _rows_of(name: str) -> int:
    path = geo_dir() / f"{name}.csv"
    return 0 if not path.is_file() else len(read_rows(path))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file as text."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def confidence() -> str:
    """Count the rows of each table by confidence."""
    levels = ("confirmed", "reported", "estimated", "unknown")
    rows = []
    for name, frame in network().tables.items():
        if "confidence" in frame:
            counts = Counter(frame["confidence"])
            rows.append([f"[{name}](#table-{name})", len(frame), *(counts.get(level, 0) for level in levels)])
    return table(("Table", "Rows", *levels), rows, right=range(1, 6))


def licences() -> str:
    """Return the notice of the dataset and the number of sources by licence."""
    counts = Counter(network().sources["licence"])
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    notice = (geo_dir() / "NOTICE").read_text(encoding="utf-8").rstrip()
    shown = table(("Licence or terms of the source", "Sources"), rows, right=(1,))
    return f"```text\n{notice}\n```\n\n{shown}"


def layer_sources() -> str:
    """Return the sources of the map layers."""
    path = geo_dir() / "SOURCES.md"
    if not path.is_file():
        return ""
    text = re.sub(r"^# .*\n", "", path.read_text(encoding="utf-8"))
    return re.sub(r"^## ", "### ", text, flags=re.MULTILINE)


def crossings() -> str:
    """List every service of the dataset: crossing, traffic, vehicles, limit, first and last day."""
    services = network().tables["services"].reset_index()
    rows = []
    for row in services.to_dict("records"):
        since, until = (
            "" if value != value or value is None else value.date().isoformat()
            for value in (row["opened"], row["retired"])
        )
        season = "none known" if not row["regular"] else "all year" if row["all_year"] else "seasonal"
        mass = row["max_mass_t"]
        rows.append(
            (
                _code(row["crossing"]),
                row["traffic"],
                season,
                _code(since),
                _code(until),
                "" if mass != mass else f"{mass:g}",
                ", ".join(map(_code, row["admits"])),
                row["confidence"],
            )
        )
    headings = ("Crossing", "Traffic", "Season", "Since", "Retired", "Limit, t", "Vehicles", "Confidence")
    return table(headings, rows, right=(5,))


def vehicles() -> str:
    """List the vehicles."""
    frame = network().tables["vehicles"]
    rows = [
        (
            _code(str(id_)),
            row["name_en"],
            row["name_ru"],
            row["name_zh"],
            row["traffic"],
            f"{row['mass_t']:g}",
        )
        for id_, row in frame.iterrows()
    ]
    return table(("Id", "English", "Russian", "Chinese", "Traffic", "Gross mass, t"), rows, right=(5,))


def word_list(prefix: str) -> str:
    """List the codes of one kind and the words that users see."""
    rows = [
        (_code(key.partition(".")[2]), text["en"], text["ru"], text["zh"])
        for key, text in sorted(words().items())
        if key.startswith(f"{prefix}.")
    ]
    return table(("Code", "English", "Russian", "Chinese"), rows)


# -- scenarios ----------------------------------------------------------------------------------------


def builtin_scenarios() -> str:
    """List the built-in scenarios, from their files."""
    rows = []
    for name in scenario_names():
        content = tomllib.loads((geo_dir() / "scenarios" / f"{name}.toml").read_text(encoding="utf-8"))
        rows.append(
            (_code(name), content["title"]["en"], content["description"]["en"], content.get("day", ""))
        )
    return table(("Name", "Title", "Meaning", "Date"), rows)


def scenario_keys() -> str:
    """List the keys of a scenario file, from its JSON Schema."""
    root = json_schema()
    heads = {"": "At the top of the file", "Change": "In a `[[change]]`"}
    parts = []
    for name, part in [("", root), ("Change", root["$defs"]["Change"]), *sorted(root["$defs"].items())]:
        if name == "Change" and any("In a `[[change]]`" in done for done in parts):
            continue
        rows = [
            (
                _code(key),
                _kind(value),
                "yes" if key in part.get("required", ()) else "",
                value.get("description", ""),
            )
            for key, value in part["properties"].items()
        ]
        head = heads.get(name, f"In `add`, to add a {part['properties'].get('kind', {}).get('const', name)}")
        parts.append(f"### {head}\n\n{table(('Key', 'Value', 'Required', 'Meaning'), rows)}")
    return "\n".join(parts)


def _kind(value: dict[str, Any]) -> str:
    """Describe the valid values of a key."""
    if "anyOf" in value or "oneOf" in value:
        kinds = [
            _kind(option)
            for option in value.get("anyOf", value.get("oneOf", ()))
            if option.get("type") != "null"
        ]
        return " or ".join(dict.fromkeys(kinds))
    if "const" in value:
        return _code(str(value["const"]).lower() if isinstance(value["const"], bool) else str(value["const"]))
    if "enum" in value:
        return ", ".join(_code(str(option)) for option in value["enum"])
    if "$ref" in value:
        kind = (
            json_schema()["$defs"][value["$ref"].rpartition("/")[2]]["properties"]
            .get("kind", {})
            .get("const")
        )
        return f"a {kind}, see below" if kind else "see below"
    kind = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "array": "list",
        "object": "table",
    }
    text = kind.get(value.get("type", ""), "")
    low, high = (
        value.get(a, value.get(b))
        for a, b in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
    )
    if low is not None or high is not None:
        start = "above" if "exclusiveMinimum" in value else "from"
        text += ", " + " ".join(
            bound
            for bound in (
                f"{start} {low:g}" if low is not None else "",
                f"to {high:g}" if high is not None else "",
            )
            if bound
        )
    if "additionalProperties" in value and "propertyNames" in value:
        text += " with the keys " + _kind(value["propertyNames"])
    if value.get("default") not in (None, "", []):
        text += f" (default {_code(str(value['default']))})"
    return text


# -- commands ----------------------------------------------------------------------------------------


def output(asked: str) -> str:
    """Run a command and return the first lines of its output, for instance ``12 state --on DAY``."""
    most, _, line = asked.partition(" ")
    command = [sys.executable, "-m", "amurgeo", *shlex.split(line)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    lines = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
    shown = lines[: int(most)] + (["…"] if len(lines) > int(most) else [])
    return "```{code-block} text\n:class: printed\n\n" + "\n".join(shown) + "\n```\n"


def dependence() -> str:
    """Show the dependence of the oblast on its exits, in the world of the paper and today."""
    shown = ("share", "hhi", "days_cut", "detour_h")
    rows = []
    for scenario in ("paper_2010", "baseline"):
        for vehicle in ("truck_20t", "train"):
            asked = {"on": "2026-02-10", "scenario": scenario, "vehicle": vehicle}
            measures_of = amurgeo.exits(network(), "Blagoveshchensk", **asked).dependence
            cells = [
                "none" if measure["value"] is None else "{value} ({low} to {high})".format(**measure)
                for measure in map(measures_of.__getitem__, shown)
            ]
            rows.append([_code(scenario), _code(vehicle), *cells])
    return table(("Scenario", "Vehicle", *map(_code, shown)), rows)


PARTS: dict[str, Callable[..., str]] = {
    "builtin_scenarios": builtin_scenarios,
    "confidence": confidence,
    "crossings": crossings,
    "data_tables": data_tables,
    "dependence": dependence,
    "distances": lambda: measures.distances(table),
    "engine": lambda: measures.engine(table),
    "growth": lambda: measures.growth(table),
    "hours": lambda: measures.hours(table),
    "ice_checks": lambda: measures.ice_checks(table),
    "layer_sources": layer_sources,
    "licences": licences,
    "output": output,
    "queue_floor": lambda: measures.queue_floor(table),
    "queues": lambda: measures.queues(table),
    "scenario_keys": scenario_keys,
    "seasons": lambda: measures.seasons(table),
    "seasons_short": lambda: measures.seasons_short(table),
    "vehicles": vehicles,
    "warming": lambda: measures.warming(table),
    "words": word_list,
}
