"""Reading of CSV tables by their schema, with all faults at once, and overlaying of tables."""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd

from amurgeo.dataset.border import languages_of
from amurgeo.dataset.schema import OPTIONAL, TABLES, Column, geo_dir, key_columns, schema
from amurgeo.errors import DataError, Fault, InputError, unknown_name_error
from amurgeo.text import LANGUAGES

#: Frames by table name.
Tables = Mapping[str, pd.DataFrame]
#: A column of names in a language.
_NAME = re.compile(r"((?:counterpart_)?name_)(\w\w)")


def read_table(
    path: Path, table: str, *, languages: Iterable[str] = LANGUAGES
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV file in UTF-8 by the schema of a table; also return its faults.

    The frame is indexed by the key. Text columns are str (empty if missing), numbers float (NaN if missing),
    dates datetime64 (NaT if missing), yes/no columns bool, lists tuples of str. Invalid values are read as
    missing. Names are required in the `languages` only; others are read as that in the first of them.
    """
    cells, faults = _read_text(path, table)
    size = max(map(len, cells.values()))
    languages = tuple(languages)
    columns = {column.name: column for column in schema(table)}
    for name, column in columns.items():
        if (named := _NAME.fullmatch(name)) and named[2] not in languages:
            columns[name] = replace(column, required=False)
    values = {}
    for name, column in columns.items():
        if name not in cells:
            if column.required:
                text = f"column '{name}' is missing; it contains: {column.meaning.lower()}"
                faults.append(Fault(path.name, 1, name, "missing-column", text))
            cells[name] = [""] * size
        values[name], wrong = _convert(cells[name], column)
        faults += [_value_fault(path, row, column, cells[name][row]) for row in wrong]
    for name in columns:
        if (named := _NAME.fullmatch(name)) and named[2] not in languages:
            values[name] = values[name].where(values[name] != "", values[f"{named[1]}{languages[0]}"])
    for name in sorted(set(cells) - set(columns)):
        near = get_close_matches(name, columns, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"expected some of {', '.join(columns)}"
        text = f"unknown column '{name}' in {table}; {hint}"
        faults.append(Fault(path.name, 1, name, "unknown-column", text))
    keys = list(key_columns(table))
    seen: set[tuple[str, ...]] = set()
    for line, key in enumerate(zip(*(cells[name] for name in keys), strict=True), start=2):
        if key in seen:
            text = f"duplicate id '{' '.join(key)}'; ids are unique"
            faults.append(Fault(path.name, line, keys[0], "duplicate-id", text))
        seen.add(key)
    return pd.DataFrame(values, index=pd.RangeIndex(size)).set_index(keys), faults


def read_tables(
    folder: Path, *, names: Iterable[str] = TABLES, languages: Iterable[str] | None = None
) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return the tables of a folder that have a file ``<table>.csv``, by name, and all their faults.

    Names are required in `languages`, by default those of the folder's own ``dataset.toml``.
    """
    languages = languages_of(folder) if languages is None else languages
    tables, faults = {}, []
    for name in names:
        path = folder / f"{name}.csv"
        if path.is_file():
            tables[name], table_faults = read_table(path, name, languages=languages)
            faults += table_faults
    return tables, faults


def cached_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return what `read_tables` does, read again only if a file changed; the frames are shared."""
    tables, faults = _cached(folder, file_signature(folder))
    return dict(tables), list(faults)


@lru_cache(maxsize=1)
def _cached(folder: Path, _signature: Any) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    return read_tables(folder)


def file_signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, modification time and size of every file of a folder that a network is read from."""
    paths = (folder / name for name in (*(f"{name}.csv" for name in TABLES), "dataset.toml"))
    stats = [(path.name, path.stat()) for path in paths if path.is_file()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def empty_table(table: str) -> pd.DataFrame:
    """Return a table without rows, with the columns and types of its schema."""
    keys = list(key_columns(table))
    return pd.DataFrame({column.name: _convert([], column)[0] for column in schema(table)}).set_index(keys)


def overlay_tables(base: Tables, rows: Tables) -> dict[str, pd.DataFrame]:
    """Return tables overlaid with rows: those with a known key replace, those with a new key are added.

    Examples
    --------
    >>> base = {"vehicles": pd.DataFrame({"mass_t": [2.0, 20.0]}, index=["car", "truck_20t"])}
    >>> rows = {"vehicles": pd.DataFrame({"mass_t": [25.0]}, index=["truck_25t"])}
    >>> overlay_tables(base, rows)["vehicles"].mass_t.to_dict()
    {'car': 2.0, 'truck_20t': 20.0, 'truck_25t': 25.0}
    """
    tables = dict(base)
    for name, frame in rows.items():
        if len(frame):
            kept = base[name].loc[~base[name].index.isin(frame.index)] if name in base else frame[:0]
            tables[name] = pd.concat([kept, frame]) if len(kept) else frame
    return tables


def load_tables(
    base: Path, own: Path | None = None, *, beside: Mapping[str, pd.DataFrame] | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of the dataset, overlaid with those of a user's folder and with more rows (`beside`).

    Raise InputError for a folder without tables, DataError with all faults of the files.
    """
    tables, faults = cached_tables(base)
    tables = {**{name: empty_table(name) for name in OPTIONAL}, **tables}
    if own is not None:
        user_tables, user_faults = read_tables(require_folder(own), languages=languages_of(base))
        if not user_tables and not user_faults:
            raise no_table_error(own)
        faults += user_faults
        tables = overlay_tables(tables, user_tables)
        for name, rows in (beside or {}).items():
            if name in user_tables:
                # A row that the user edited replaces the one of the area.
                rows = rows[~rows.index.isin(user_tables[name].index)]
            tables[name] = pd.concat([tables[name], rows])
        if not faults:
            references = check_references(user_tables, tables, sources=False)
            faults += [fault for fault in references if fault.severity == "fault"]
    faults += [
        Fault(f"{name}.csv", None, None, "missing-table", f"the dataset has no {name}.csv in {base}")
        for name in TABLES
        if name not in tables
    ]
    if faults:
        raise DataError(faults)
    return tables


def read_other_table(
    name: str, base: Path, own: Path | None = None, *, known: Iterable[str] = ()
) -> pd.DataFrame:
    """Return a table with a schema from the dataset's folder, overlaid with that of a user's folder.

    Raise InputError with the valid names, `known` ones among them, if neither has it; DataError with all
    faults.
    """
    folders = [folder for folder in (base, own) if folder is not None]
    names = {path.stem for path in (geo_dir() / "schema").glob("*.csv")}
    there = {table for table in names if any((folder / f"{table}.csv").is_file() for folder in folders)}
    if name not in there:
        raise unknown_name_error("table", name, {*known, *there})
    tables: dict[str, pd.DataFrame] = {}
    for folder in folders:
        frames, faults = read_tables(folder, names=[name], languages=languages_of(base))
        if faults:
            raise DataError(faults)
        tables = overlay_tables(tables, frames)
    return tables.get(name, empty_table(name))


def require_folder(folder: Path) -> Path:
    """Return a folder that exists; else raise InputError."""
    if not os.path.isdir(folder):
        raise InputError(
            f"'{folder}' is not a folder; expected a folder with tables such as services.csv, "
            "as made by amurgeo.new"
        )
    return folder


def no_table_error(folder: Path) -> InputError:
    """Return the error for a folder without tables."""
    names = ", ".join(f"{name}.csv" for name in TABLES)
    return InputError(f"'{folder}' contains no table; expected one of {names}, as made by amurgeo.new")


def _read_text(path: Path, table: str) -> tuple[dict[str, list[str]], list[Fault]]:
    """Return the stripped cells by column; a file that cannot be read is one fault.

    Empty lines and empty cells beyond the header are skipped; cells missing at the end of a line are empty.
    """
    line: int | None = None
    try:
        content = path.read_bytes()
        text = StringIO(content.decode("utf-8-sig"), newline="")
        reader = csv.reader(text, strict=True, skipinitialspace=True)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
        header = [*lines[0][1]] if lines else []
        while header and not header[-1]:
            header.pop()
        twice = [name for name in header if header.count(name) > 1]
        long = [number for number, row in lines if any(row[len(header) :])]
        if not header:
            line, check, problem = (
                1,
                "empty",
                "the file is empty; expected a first line with the column names",
            )
        elif twice:
            line, check, problem = 1, "csv", f"the column '{twice[0]}' is there twice; expected it once"
        elif long:
            line, check, problem = long[0], "csv", "the line has more cells than the header"
        else:
            width = len(header)
            rows = [row[:width] + [""] * (width - len(row)) for _, row in lines[1:]]
            return {name: [row[place] for row in rows] for place, name in enumerate(header)}, []
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        check, problem = "encoding", "the file is not UTF-8; save it as 'CSV UTF-8'"
    except csv.Error:
        line, check, problem = (
            reader.line_num,
            "csv",
            "the line is not valid CSV; expected every quote closed",
        )
    except OSError as error:
        check, problem = "file", f"the file cannot be read: {error.strerror}"
    return {column.name: [] for column in schema(table)}, [Fault(path.name, line, None, check, problem)]


def is_day(text: str) -> bool:
    """Return False for a full day that no calendar has; months and years pass, days have any year."""
    if len(text) not in (5, 10) or not re.fullmatch(r"(\d{4}-)?\d{2}-\d{2}", text):
        return True
    try:
        date.fromisoformat(text if len(text) == 10 else f"2000-{text}")
    except ValueError:
        return False
    return True


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?").fullmatch
_POINT = r"-?\d+(\.\d+)? -?\d+(\.\d+)?"
#: Pattern of a cell by column type, and its description.
_FORMATS = {
    "id": (r"[a-z0-9_]+", "small letters, digits and underscores"),
    "country": (r"[A-Z]{2}", "two capital letters, the ISO 3166 code of a country"),
    "currency": (r"[A-Z]{3}(/[A-Z]{3})?", "the ISO 4217 code of a currency, or two as RUB/CNY"),
    "bool": (r"yes|no", "yes or no"),
    "date": (r"(1[89]|2[01])\d{2}-\d{2}-\d{2}", "a day that exists, as 2026-02-10"),
    "partial_date": (
        r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
        "a day, month or year, as 2026-02-10, 2026-02 or 2026",
    ),
    "month_day": (r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a month and day, as 02-10"),
    "lonlats": (
        rf"\s*{_POINT}\s*(;\s*{_POINT}\s*)*",
        "points as '127.52 50.28;127.60 50.21' (longitude first)",
    ),
}


def _convert(cells: list[str], column: Column) -> tuple[pd.Series, list[int]]:
    """Return the values of a column of text, and the rows in which it is invalid."""
    if column.default:
        cells = [cell or column.default for cell in cells]
    values, dtype, valid = _valid_values(cells, column)
    wrong = [row for row, cell in enumerate(cells) if (not valid[row] if cell else column.required)]
    return pd.Series(values, dtype=dtype), wrong


def _valid_values(cells: list[str], column: Column) -> tuple[Any, Any, Sequence[bool]]:
    """Return the values of a column of text with their type, invalid ones as missing, and which are valid."""
    if column.type in ("number", "int"):
        low, high = (
            math.copysign(math.inf, side) if bound is None else bound
            for side, bound in zip((-1, 1), column.bounds, strict=True)
        )
        numbers = np.array([float(cell) if _NUMBER(cell) else math.nan for cell in cells])
        valid = np.isfinite(numbers) & (numbers >= low) & (numbers <= high)
        if column.type == "int":
            valid &= numbers % 1 == 0
        return np.where(valid, numbers, math.nan), float, valid
    if column.type == "list":
        parts = [tuple(part.strip() for part in cell.split(";") if part.strip()) for cell in cells]
        return parts, object, [True] * len(cells)
    valid = [True] * len(cells)
    if column.type == "choice":
        valid = [cell in column.choices for cell in cells]
        cells = [cell if known else "" for cell, known in zip(cells, valid, strict=True)]
    elif column.type in _FORMATS:
        match = re.compile(_FORMATS[column.type][0]).fullmatch
        valid = [match(cell) is not None and is_day(cell) for cell in cells]
    if column.type == "date":
        days = [cell if known else "NaT" for cell, known in zip(cells, valid, strict=True)]
        return np.array(days, dtype="datetime64[ns]"), None, valid
    if column.type == "bool":
        return [cell == "yes" for cell in cells], bool, valid
    return cells, str, valid


def _value_fault(path: Path, line: Any, column: Column, given: str) -> Fault:
    expected = _FORMATS[column.type][1] if column.type in _FORMATS else "text"
    if column.type == "choice":
        expected = "one of " + ", ".join(column.choices)
    elif column.type in ("number", "int"):
        expected = "a whole number" if column.type == "int" else "a number with a decimal point"
        low, high = column.bounds
        expected += f" from {low:g}" if low is not None else ""
        expected += f" to {high:g}" if high is not None else " or more" if low is not None else ""
        expected += f" {column.unit}" if column.unit and column.allowed else ""
    if given == "":
        text, check = f"the value is missing; expected {expected} ({column.meaning.lower()})", "required"
    else:
        text, check = f"invalid value '{given}'; expected {expected}", "value"
    return Fault(path.name, int(line) + 2, column.name, check, text)


# -- faults of rows, and references between tables --------------------------------------------------


def rows(tables: Tables, table: str) -> pd.DataFrame:
    """Return the rows of a table with the key as columns, indexed by line; the header is line 1.

    A missing table is an empty frame with the columns of its schema.

    Examples
    --------
    >>> frame = pd.DataFrame({"mass_t": [2.0]}, index=pd.Index(["car"], name="id"))
    >>> rows({"vehicles": frame}, "vehicles").to_dict("index")
    {2: {'id': 'car', 'mass_t': 2.0}}
    """
    if table not in tables:
        return pd.DataFrame(columns=[column.name for column in schema(table)], dtype=object)
    frame = tables[table].reset_index()
    return frame.set_axis(range(2, len(frame) + 2))


def ids(tables: Tables, table: str) -> set[str]:
    """Return the ids of a table, or the first column of its key."""
    return set(tables[table].index.get_level_values(0)) if table in tables else set()


def flag(
    table: str,
    frame: Any,
    column: str | None,
    check: str,
    text: str | Iterable[str | None],
    severity: str = "fault",
) -> list[Fault]:
    """Return a fault for every row of a frame or series that is indexed by line.

    `text` is a template that is filled with the values of the row, or one text per row (None: no fault).

    Examples
    --------
    >>> frame = pd.DataFrame({"id": ["v"], "mass_t": [-2.0]}, index=[7])
    >>> print(*flag("vehicles", frame[frame.mass_t < 0], "mass_t", "value", "{id} weighs {mass_t:g} t"))
    vehicles.csv, row 7, column mass_t: v weighs -2 t
    """
    if isinstance(text, str):
        text = [text.format_map(row) for row in frame.to_dict("records")] if len(frame) else []
    return [
        Fault(f"{table}.csv", int(line), column, check, problem, severity)
        for line, problem in zip(frame.index, text, strict=True)
        if problem
    ]


def suggestion(given: str, valid: Iterable[str], *, n: int = 3) -> str:
    """Return a hint at the nearest names, or at some if none is near.

    Examples
    --------
    >>> suggestion("poyarkova:ferry", ["poyarkovo:ferry", "khabarovsk:ferry"])
    'did you mean poyarkovo:ferry?'
    >>> suggestion("x", ["car", "bus"])
    'known are bus, car'
    """
    names = sorted(set(valid))
    close = get_close_matches(given, names, n=n, cutoff=0.75) or get_close_matches(given, names, n=n)
    if close:
        return f"did you mean {', '.join(close)}?"
    more = " and more" if len(names) > n else ""
    return f"known are {', '.join(names[:n])}{more}" if names else "none is known"


def check_references(own: Tables, merged: Tables, *, sources: bool = True) -> list[Fault]:
    """Find unknown ids, seasons, exits and time zones, roads from a place to itself, and roads without speed.

    A network cannot be built with these faults, except for unknown sources (skipped without `sources`).
    """
    faults = []
    for table in own:
        frame = rows(own, table)
        for column in schema(table):
            targets = set(column.choices) if column.type in ("ref", "list") else set()
            if targets and targets <= set(merged) and (sources or targets != {"sources"}):
                known = set[str]().union(*(ids(merged, name) for name in targets))
                where = " or ".join(f"{name}.csv" for name in column.choices)
                values = frame[column.name].explode().dropna()
                faults += _unknown(table, values, column.name, f"'{{}}' is not in {where}", known)
    crossings, checkpoints = ids(merged, "crossings"), ids(merged, "checkpoints")
    windows, seasons = set(rows(merged, "windows")["crossing"]), set(rows(merged, "roads")["season"])
    exits = crossings | checkpoints | ids(merged, "ports")
    for table, name, known, what, free in (
        ("roads", "season", windows, "window in windows.csv", "-"),
        ("windows", "crossing", crossings | seasons, "crossing or seasonal road", "-"),
        ("season_record", "crossing", crossings | windows, "crossing", "road:"),
        ("season_record", "checkpoint", checkpoints, "checkpoint", "other:"),
        ("flows", "exit", exits, "crossing, checkpoint or port", "-"),
        ("regions", "timezone", available_timezones(), "time zone", "-"),
    ):
        values = rows(own, table)[name]
        values = values[[not value.startswith(free) for value in values]]
        faults += _unknown(table, values, name, f"there is no {what} '{{}}'", known)
    for table in ("roads", "railways"):
        frame = rows(own, table)
        loops = frame[(frame["from"] != "") & (frame["from"] == frame["to"])]
        text = "the road joins {from} to itself; expected the place at its other end"
        faults += flag(table, loops, "to", "loop", text)
    speeds = {key[1:] for key in merged["speeds"].index} if "speeds" in merged else set()
    roads = rows(own, "roads")
    keys = zip(roads["class"], roads["surface"], strict=True)
    slow = roads[[bool(speeds and key[0]) and key not in speeds for key in keys]]
    text = "no vehicle has a speed on {class}, {surface}; expected another surface, or a row in speeds.csv"
    return faults + flag("roads", slow, "surface", "no-speed", text)


def _unknown(table: str, values: pd.Series, column: str, text: str, known: set[str]) -> list[Fault]:
    unknown = values[(values != "") & ~values.isin(known - {""})]
    texts = [f"{text.format(value)}; {suggestion(value, known)}" for value in unknown]
    faults = flag(table, unknown, column, "unknown-reference", texts)
    # The window of a road that the network does not contain yet is harmless.
    return [
        replace(fault, severity="warning") if table == "windows" and value.startswith("road:") else fault
        for fault, value in zip(faults, unknown, strict=True)
    ]
