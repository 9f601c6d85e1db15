"""Checks of single rows and of rows against each other: units, references, dates, crossings and services."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import pandas as pd

from amurgeo.dataset.rows import Row, Tables, by_id, fault, filled, ids, nearest, rows, warning
from amurgeo.dataset.schema import Column, key_columns, schema
from amurgeo.errors import Fault

#: Cells as they stand in the files, by table.
Cells = Mapping[str, Sequence[Mapping[str, str]]]

_COMMA = re.compile(r"-?\d+,\d+")
_FULL_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Years that a dated fact of this dataset can have.
YEARS = (1850, 2100)
#: Unit, what a number a thousand times too large was given in.
_THOUSANDTHS = {"t": "kilograms", "km": "metres"}
_SERVICE_ORDER = (("opened", "retired"), ("planned", "retired"))


def check_units(own: Cells) -> list[Fault]:
    """Find numbers in another unit or spelling: kilograms, metres, a decimal comma, degrees and minutes."""
    found = []
    for table, cells in own.items():
        for column in schema(table):
            if column.type not in ("number", "int"):
                continue
            for line, row in enumerate(cells, 2):
                problem = _wrong_unit((row.get(column.name) or "").strip(), column)
                if problem:
                    found.append(fault(table, line, column.name, "unit", problem))
    return found


def _wrong_unit(text: str, column: Column) -> str | None:
    if _COMMA.fullmatch(text):
        return f"'{text}' has a decimal comma; write {text.replace(',', '.')}"
    if column.unit == "degree" and re.search(r"[°'′\"NSEWСЮВЗ]", text):
        return f"'{text}' is not in decimal degrees; write for instance 50.2796"
    try:
        value = float(text)
    except ValueError:
        return None
    high = column.bounds[1]
    small = _THOUSANDTHS.get(column.unit)
    if small and high is not None and high < value <= high * 1000:
        return f"'{text}' looks like {small}; give {column.unit}: {value / 1000:g}"
    return None


def check_days(own: Tables) -> list[Fault]:
    """Find days that no calendar has (2026-02-30) and years far outside the dataset's time."""
    found = []
    for table in own:
        dated = [column for column in schema(table) if column.type in ("partial_date", "month_day", "date")]
        for line, row in rows(own, table) if dated else ():
            for column in dated:
                problem = _wrong_day(row.get(column.name), column.type)
                if problem:
                    found.append(fault(table, line, column.name, "no-such-day", problem))
    return found


def _wrong_day(value: Any, kind: str) -> str | None:
    if not filled(value):
        return None
    text = value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
    whole = f"2024-{text}" if kind == "month_day" else text
    if _FULL_DAY.fullmatch(whole):
        try:
            date.fromisoformat(whole)
        except ValueError:
            return f"there is no day '{text}'; give one that the calendar has"
    year = whole[:4]
    if kind != "month_day" and year.isdigit() and not YEARS[0] <= int(year) <= YEARS[1]:
        return f"'{text}' lies outside {YEARS[0]} to {YEARS[1]}; correct the year"
    return None


def check_references(own: Tables, merged: Tables) -> list[Fault]:
    """Find ids that no table has; the nearest ones are named."""
    found = []
    for table in own:
        columns = [
            column
            for column in schema(table)
            if column.type in ("ref", "list") and column.choices and set(column.choices) <= set(merged)
        ]
        known = {
            column.name: set().union(*(ids(merged, name) for name in column.choices)) for column in columns
        }
        for line, row in rows(own, table):
            for column in columns:
                value = row[column.name]
                for given in value if isinstance(value, tuple) else (value,):
                    if given and given not in known[column.name]:
                        where = " or ".join(f"{name}.csv" for name in column.choices)
                        found.append(
                            fault(
                                table,
                                line,
                                column.name,
                                "unknown-reference",
                                f"there is no '{given}' in {where}; {nearest(given, known[column.name])}",
                            )
                        )
    return found


def check_needs(own: Tables, merged: Tables) -> list[Fault]:
    """Find what makes a network of the tables impossible: ids and time zones that nothing has, loops."""
    faults = [*check_references(own, merged), *check_keys(own, merged), *check_edges(own, merged)]
    # A source that is not there can be told by a check; a place cannot be done without.
    cited = {
        (f"{table}.csv", column.name)
        for table in own
        for column in schema(table)
        if column.choices == ("sources",)
    }
    return [
        found
        for found in faults
        if found.severity == "fault" and found.check != "edge-id" and (found.file, found.column) not in cited
    ]


def check_keys(own: Tables, merged: Tables) -> list[Fault]:
    """Find season keys, recorded crossings, exits and time zones that nothing else knows."""
    crossings = ids(merged, "crossings")
    seasons = set(by_id(merged, "windows").get("crossing", ()))
    keyed = {season for season in by_id(merged, "roads").get("season", ()) if season}
    exits = crossings | ids(merged, "checkpoints") | ids(merged, "ports")
    checkpoints = ids(merged, "checkpoints")
    known = {
        ("roads", "season"): (seasons, "window in windows.csv", None),
        ("windows", "crossing"): (crossings | keyed, "crossing or seasonal road", None),
        ("season_record", "crossing"): (crossings | seasons, "crossing", "road:"),
        ("season_record", "checkpoint"): (checkpoints, "checkpoint", "other:"),
        ("flows", "exit"): (exits, "crossing, checkpoint or port", None),
        ("regions", "timezone"): (available_timezones(), "time zone", None),
    }
    found = []
    for (table, column), (valid, kind, free) in known.items():
        for line, row in rows(own, table):
            given = row[column]
            if given and given not in valid and not (free and given.startswith(free)):
                # A season of a road that the network does not hold yet does no harm.
                idle = table == "windows" and given.startswith("road:")
                found.append(
                    (warning if idle else fault)(
                        table,
                        line,
                        column,
                        "unknown-reference",
                        f"there is no {kind} '{given}'; {nearest(given, valid)}",
                    )
                )
    return found


def check_date_order(own: Tables) -> list[Fault]:
    """Find spans that end before they begin."""
    pairs = [
        ("season_record", "date", "until", True),
        ("sources", "published", "retrieved", True),
        ("windows", "valid_from", "valid_to", True),
        *(("services", first, last, False) for first, last in _SERVICE_ORDER),
    ]
    found = []
    for table, first, last, may_equal in pairs:
        for line, row in rows(own, table):
            one, two = _day_text(row[first]), _day_text(row[last])
            if not one or not two:
                continue
            # Of two dates of different precision only the common part can be compared.
            size = min(len(one), len(two))
            if one[:size] > two[:size] or (one == two and not may_equal):
                found.append(
                    fault(
                        table,
                        line,
                        last,
                        "date-order",
                        f"{last} {two} does not come after {first} {one}; correct one of them",
                    )
                )
    return found


def _day_text(value: Any) -> str:
    if not filled(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return str(value.date().isoformat())
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def check_regions(own: Tables, merged: Tables) -> list[Fault]:
    """Find places whose country, and checkpoints whose region, is not that of what they belong to."""
    countries = by_id(merged, "regions").get("country", pd.Series(dtype=str))
    regions = by_id(merged, "places").get("region", pd.Series(dtype=str))
    found = []
    for table in ("places", "stations"):
        for line, row in rows(own, table):
            right = countries.get(row["region"])
            if right and row["country"] and right != row["country"]:
                found.append(
                    fault(
                        table,
                        line,
                        "country",
                        "region-country",
                        f"{row['region']} lies in {right}, not in {row['country']}; correct one of them",
                    )
                )
    for line, row in rows(own, "checkpoints"):
        right = regions.get(row["place"])
        if right and row["region"] and right != row["region"]:
            found.append(
                fault(
                    "checkpoints",
                    line,
                    "region",
                    "region-country",
                    f"its place {row['place']} lies in {right}; give that region",
                )
            )
    return found


def check_edges(own: Tables, merged: Tables) -> list[Fault]:
    """Find roads and railways that join a place to itself, bear a wrong id, or that nothing can drive."""
    speeds = merged.get("speeds")
    driven = set() if speeds is None else {(key[1], key[2]) for key in speeds.index}
    found = []
    for table in ("roads", "railways"):
        for line, row in rows(own, table):
            start, end = row["from"], row["to"]
            if start and start == end:
                found.append(
                    fault(
                        table, line, "to", "loop", f"joins {start} to itself; give the place at its other end"
                    )
                )
            elif start and end and row["id"].partition(":")[0] != f"{start}--{end}":
                found.append(
                    fault(
                        table,
                        line,
                        "id",
                        "edge-id",
                        f"'{row['id']}' does not name its ends; write {start}--{end}, "
                        f"or {start}--{end}:name for a second one between them",
                    )
                )
            if table == "roads" and driven and row["class"] and (row["class"], row["surface"]) not in driven:
                surfaces = sorted({surface for class_, surface in driven if class_ == row["class"]})
                found.append(
                    fault(
                        table,
                        line,
                        "surface",
                        "no-speed",
                        f"no vehicle has a speed on {row['class']}, {row['surface'] or 'no surface'}; "
                        f"give {' or '.join(surfaces) or 'another class'}, or add the speeds to speeds.csv",
                    )
                )
    return found


def check_doubles(own: Tables, merged: Tables) -> list[Fault]:
    """Find ids that another table of nodes uses already, as a place and a station of one id."""
    found = []
    for table in ("places", "stations", "terminals"):
        others = {
            id_: name
            for name in ("places", "stations", "terminals")
            if name != table
            for id_ in ids(merged, name)
        }
        for line, row in rows(own, table):
            if row["id"] in others:
                found.append(
                    fault(
                        table,
                        line,
                        "id",
                        "duplicate-id",
                        f"'{row['id']}' is an id of {others[row['id']]}.csv already; choose another",
                    )
                )
    return found


def share(part: float, whole: float) -> float:
    """Return a share; of nothing it is 1.

    Examples
    --------
    >>> share(3, 4), share(0, 0)
    (0.75, 1.0)
    """
    return 1.0 if math.isclose(whole, 0.0) else part / whole


def key_of(table: str, row: Row) -> str:
    """Return the key of a row as text, for messages."""
    return " ".join(str(row[1][name]) for name in key_columns(table))
