"""Parts of pages that are generated from the schema, the tables and the commands.

A line ``<!-- generated: name argument -->`` in a page is replaced by the part while Sphinx reads it. Parts
that are short to compute (``STORED``) are also in the pages themselves, up to ``<!-- end -->``, so that the
reference can be read without a build. ``python docs/generate.py`` writes these and the answers in the README.
"""

from __future__ import annotations

import inspect
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

import click
import measures

import amurgeo
from amurgeo.cli import cli
from amurgeo.dataset.schema import TABLES, geo_dir, key_columns, schema
from amurgeo.network import Network
from amurgeo.scenario import json_schema, scenario_names
from amurgeo.text import words

ROOT = Path(__file__).resolve().parent.parent
_ASKED = re.compile(
    r"^<!-- generated: (?P<part>\w+)(?: (?P<argument>.+?))? -->$"
    r"(?P<stored>\n(?:(?!<!-- ).*\n)*<!-- end -->$)?",
    re.MULTILINE,
)
#: A command in the README with its answer.
ANSWER = re.compile(r"^```text\n\$ amurgeo (.*)\n((?:.*\n)*?)```$", re.MULTILINE)
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
    "hospitals": "A row is a hospital with beds of a district or of the region, and its town.",
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
    source[0] = _ASKED.sub(lambda asked: _part(asked), source[0])


def _part(asked: re.Match[str]) -> str:
    return PARTS[asked["part"]](*([asked["argument"]] if asked["argument"] else []))


def stored(text: str) -> str:
    """Return a page with its stored parts computed again."""

    def renew(asked: re.Match[str]) -> str:
        line = asked[0].partition("\n")[0]
        if asked["part"] not in STORED:
            return line
        return f"{line}\n\n{_part(asked).strip()}\n\n<!-- end -->"

    return _ASKED.sub(renew, text)


def answers(text: str) -> str:
    """Return the README with the answers that its commands print now."""
    return ANSWER.sub(lambda found: f"```text\n$ amurgeo {found[1]}\n{printed(found[1])}```", text)


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
        summary = f"{ROW_MEANS.get(name, '')} Key: {', '.join(map(_code, keys))}.".strip()
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


def rows_of(name: str) -> str:
    """List the rows of a table, without its notes."""
    frame = network().table(name).reset_index(drop=False)
    frame = frame[[column.name for column in schema(name) if column.name in frame and column.name != "note"]]
    return table([_code(column) for column in frame], frame.to_numpy(dtype=object).tolist())


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
        since, until, vehicles_until = (
            "" if value != value or value is None else value.date().isoformat()
            for value in (row["opened"], row["retired"], row["vehicles_until"])
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
                ", ".join(map(_code, row["admits"])) + (vehicles_until and f" until {_code(vehicles_until)}"),
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


def printed(line: str) -> str:
    """Run a command at a width of 100 columns and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "amurgeo", *shlex.split(line)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"},
    )
    return done.stdout


def output(asked: str) -> str:
    """Run a command and return the first lines of its output, for instance ``12 state --on DAY``."""
    most, _, line = asked.partition(" ")
    lines = [line.rstrip() for line in printed(line).rstrip().splitlines()]
    shown = lines[: int(most)] + (["…"] if len(lines) > int(most) else [])
    return "```{code-block} text\n:class: printed\n\n" + "\n".join(shown) + "\n```\n"


def commands() -> str:
    """List every command with its options; options that most commands share come first."""
    found = list(_walk(cli, "amurgeo"))
    every = [option for _, command in found for option in _options(command)]
    counts = Counter(map(_described, every))
    shared = {key for key, count in counts.items() if count > len(found) / 3}
    first = {_described(option): option for option in every if _described(option) in shared}
    parts = ["### Options of many commands\n\n" + _option_table(first.values())]
    for path, command in found:
        usage = command.collect_usage_pieces(click.Context(command))
        text = [f"(amurgeo-{'-'.join(path.split()[1:])})=", f"### {path}", ""]
        text += ["```text", " ".join([path, *usage]), "```", "", inspect.cleandoc(command.help or ""), ""]
        special = [option for option in _options(command) if _described(option) not in shared]
        also = [f"`{option.opts[-1]}`" for option in _options(command) if option not in special]
        if special:
            text.append(_option_table(special))
        if also:
            text.append(f"Also {', '.join(also)}.\n")
        parts.append("\n".join(text))
    return "\n".join(parts)


def _walk(command: click.Command, path: str) -> Iterable[tuple[str, click.Command]]:
    """Yield the commands that do something, with what is typed for each."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from _walk(inner, f"{path} {name}")


def _options(command: click.Command) -> list[click.Option]:
    return [option for option in command.params if isinstance(option, click.Option) and not option.hidden]


def _described(option: click.Option) -> tuple[str, str, str, str]:
    """Return names, value, default and meaning of an option."""
    value = "" if option.is_flag else option.make_metavar(click.Context(cli)).strip("[]")
    if isinstance(option.type, click.IntRange):
        value = f"{option.type.min} to {option.type.max}"
    default = option.to_info_dict()["default"]
    shown = "" if option.is_flag or callable(default) or default in (None, "") else str(default)
    text = option.help or ""
    many = " Repeat it for several." if option.multiple and "repeat" not in text.lower() else ""
    return ", ".join(map(_code, option.opts)), _code(value), _code(shown), text + many


def _option_table(options: Iterable[click.Option]) -> str:
    return table(("Option", "Value", "Default", "Meaning"), map(_described, options))


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


#: Parts that the pages contain.
STORED = frozenset(
    {
        "builtin_scenarios",
        "commands",
        "crossings",
        "data_tables",
        "scenario_keys",
        "table",
        "vehicles",
        "words",
    }
)
PARTS: dict[str, Callable[..., str]] = {
    "builtin_scenarios": builtin_scenarios,
    "commands": commands,
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
    "pages": lambda: measures.pages(table),
    "promises": lambda: measures.promises(table),
    "queue_floor": lambda: measures.queue_floor(table),
    "queues": lambda: measures.queues(table),
    "scenario_keys": scenario_keys,
    "seasons": lambda: measures.seasons(table),
    "seasons_short": lambda: measures.seasons_short(table),
    "table": rows_of,
    "validation": lambda: measures.validation(table),
    "vehicles": vehicles,
    "warming": lambda: measures.warming(table),
    "words": word_list,
}


def main() -> None:
    """Write the stored parts of all pages and the answers in the README."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        path.write_text(stored(text), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(answers(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
