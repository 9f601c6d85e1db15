"""Reading of CSV tables by their schema, with all faults at once, and overlaying of tables."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import pandas as pd

from amurgeo.dataset.border import BORDER_FILE, languages_of
from amurgeo.dataset.files import (
    Cells,
    files_with_tables,
    read_cells,
    table_files,
    tables_from_json,
    tables_in,
    tables_to_json,
)
from amurgeo.dataset.schema import OPTIONAL, TABLES, geo_dir, key_columns, schema, source_row
from amurgeo.dataset.values import convert, value_problem
from amurgeo.errors import DataError, Fault, InputError, unknown_name_error
from amurgeo.io import Cached
from amurgeo.text import LANGUAGES

#: Frames by table name.
Tables = Mapping[str, pd.DataFrame]
#: Tables of nodes, and tables of edges: terminals and stations also have an edge to their place.
NODE_TABLES = ("places", "stations", "terminals")
EDGE_TABLES = ("roads", "railways", "crossings", "terminals", "stations")
#: A column of names in a language.
_NAME = re.compile(r"((?:counterpart_)?name_)(\w\w)")


def table_of(
    cells: Cells, table: str, *, languages: Iterable[str] = LANGUAGES
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the values of cells by the schema of a table, and their faults.

    The frame is indexed by the key. Text columns are str (empty if missing), numbers float (NaN if
    missing), dates datetime64 (NaT if missing), yes/no columns bool, lists tuples of str. Invalid values
    are read as missing. Names are required in the `languages`, or in any language if none is given; a name
    that is missing is read as the first that is there.
    """
    faults, size, texts = list(cells.faults), len(cells.lines), dict(cells.columns)
    columns = {column.name: column for column in schema(table)}
    languages = tuple(languages)
    names = {name: named for name in columns if (named := _NAME.fullmatch(name))}
    values = {}
    for name, column in columns.items():
        if name in names and names[name][2] not in languages:
            column = replace(column, required=False)
        if name not in texts:
            if column.required and not cells.faults:
                text = f"column '{name}' is missing; add it: {column.meaning[0].lower()}{column.meaning[1:]}"
                faults.append(Fault(cells.label, 1, name, "missing-column", text))
            texts[name] = [""] * size
        values[name], wrong = convert(texts[name], column)
        problems = [(cells.lines[row], *value_problem(texts[name][row], column)) for row in wrong]
        faults += [Fault(cells.label, line, name, check, text) for line, check, text in problems]
    for group in {named[1] for named in names.values()}:
        there = [
            f"{group}{lang}" for lang in dict.fromkeys((*languages, *LANGUAGES)) if f"{group}{lang}" in names
        ]
        first = [next(filter(None, row), "") for row in zip(*(texts[name] for name in there), strict=True)]
        if not languages and columns[there[0]].required:
            text = f"the name is missing; expected one in {', '.join(there)}"
            nameless = [line for line, name in zip(cells.lines, first, strict=True) if not name]
            faults += [Fault(cells.label, line, there[0], "required", text) for line in nameless]
        for name in there:
            values[name] = pd.Series(
                [own or other for own, other in zip(texts[name], first, strict=True)], dtype=str
            )
    for name in sorted(set(cells.columns) - set(columns)):
        near = get_close_matches(name, columns, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"expected some of {', '.join(columns)}"
        text = f"unknown column '{name}' in {table}; {hint}"
        faults.append(Fault(cells.label, 1, name, "unknown-column", text))
    keys = list(key_columns(table))
    given = pd.Index(list(zip(*(texts[name] for name in keys), strict=True)), tupleize_cols=False)
    for row in np.flatnonzero(given.duplicated()):
        text = f"duplicate id '{' '.join(given[row])}'; give each row another id"
        faults.append(Fault(cells.label, cells.lines[row], keys[0], "duplicate-id", text))
    return pd.DataFrame(values, index=pd.RangeIndex(size)).set_index(keys), faults


def folder_cells(folder: Path, names: Iterable[str] = TABLES) -> dict[str, Cells]:
    """Return the cells of the tables that a folder has, by name; of two files, CSV goes before others."""
    found = table_files(folder)
    return {name: read_cells(found[name][0][0], name, found[name][0][1]) for name in names if name in found}


def on_lines(faults: Iterable[Fault], cells: Mapping[str, Cells]) -> list[Fault]:
    """Return faults of the rows of `rows` with the file and line of each row.

    Cells of several lines and empty lines shift a row in its file.
    """
    located = []
    for fault in faults:
        table = cells.get(fault.file.removesuffix(".csv"))
        if table is not None:
            line = fault.row
            if line is not None and 0 <= line - 2 < len(table.lines):
                line = table.lines[line - 2]
            fault = replace(fault, file=table.label, row=line)
        located.append(fault)
    return located


def read_tables(
    folder: Path, *, names: Iterable[str] = TABLES, languages: Iterable[str] | None = None
) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return the tables that a folder has, by name, and all their faults.

    Names are required in `languages`, by default those of the folder's own ``dataset.toml``.
    """
    languages = languages_of(folder) if languages is None else languages
    return tables_of(folder_cells(folder, names), languages=languages)


def tables_of(
    cells: Mapping[str, Cells], *, languages: Iterable[str] = LANGUAGES
) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return the tables of cells by name, and all their faults, as `table_of` does."""
    tables, faults = {}, []
    for name in cells:
        tables[name], table_faults = table_of(cells[name], name, languages=languages)
        faults += table_faults
    return _with_cited(tables), faults


def _with_cited(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables whose sources also have the addresses, letters and orders that cells name in full."""
    cited: dict[str, dict[str, str]] = {}
    for name, frame in tables.items():
        for column in schema(name):
            if column.type != "ref" or column.choices != ("sources",):
                continue
            for text in frame[column.name].drop_duplicates():
                if re.fullmatch(r"[a-z0-9_]*", text):
                    continue
                with suppress(InputError):
                    days = frame.loc[frame[column.name] == text].get("source_date", pd.Series([""]))
                    cited[text] = source_row(text, text, str(days.iloc[0]))
            if cited:
                ids_ = {text: row["id"] for text, row in cited.items()}
                tables[name] = tables[name].assign(
                    **{column.name: tables[name][column.name].replace(ids_).astype(str)}
                )
    known = tables.get("sources", empty_table("sources"))
    new = [row for row in cited.values() if row["id"] not in known.index]
    if new:
        blank = dict.fromkeys(known.columns, "")
        added = pd.DataFrame([blank | row for row in new], dtype=str).drop_duplicates("id").set_index("id")
        tables["sources"] = pd.concat([known, added[known.columns]])
    return tables


def cached_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Fault], Cached | None]:
    """Return what `read_tables` does, read once for each state of the files; and where to keep new tables."""
    tables, faults, unchecked = _cached(folder, file_signature(folder))
    return dict(tables), list(faults), unchecked


@lru_cache(maxsize=1)
def _cached(folder: Path, _signature: Any) -> tuple[dict[str, pd.DataFrame], list[Fault], Cached | None]:
    # All that the frames depend on, the code that makes them included.
    made_by = [*Path(__file__).parent.glob("*.py"), *(geo_dir() / "schema").glob("*.csv")]
    borders = [path / BORDER_FILE for path in (geo_dir(), folder) if (path / BORDER_FILE).is_file()]
    cached = Cached("tables", [*sorted(made_by), *borders, *files_with_tables(folder)])
    if (document := cached.read()) is not None:
        return tables_from_json(document), [], None
    return *read_tables(folder), cached


def file_signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, modification time and size of every file of a folder that a network is read from."""
    paths = (*files_with_tables(folder), folder / "dataset.toml")
    stats = [(path, path.stat()) for path in paths if path.is_file()]
    return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def empty_table(table: str) -> pd.DataFrame:
    """Return a table without rows, with the columns and types of its schema."""
    keys = list(key_columns(table))
    return pd.DataFrame({column.name: convert([], column)[0] for column in schema(table)}).set_index(keys)


def overlay_tables(base: Tables, rows: Tables) -> dict[str, pd.DataFrame]:
    """Return tables overlaid with rows: those with a known key replace, those with a new key are added."""
    tables = dict(base)
    for name, frame in rows.items():
        if len(frame):
            kept = base[name].loc[~base[name].index.isin(frame.index)] if name in base else frame[:0]
            tables[name] = pd.concat([kept, frame]) if len(kept) else frame
    return tables


def load_tables(
    base: Path,
    own: Path | None = None,
    *,
    beside: Mapping[str, pd.DataFrame] | None = None,
    check: Callable[[Tables, Tables], Iterable[Fault]] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables of the dataset, overlaid with those of a user's folder and with more rows (`beside`).

    Raise InputError for a folder without tables, DataError with all faults, also those that `check` finds.
    """
    tables, faults, unchecked = cached_tables(base)
    tables |= {name: empty_table(name) for name in OPTIONAL if name not in tables}
    user_tables = tables
    if own is not None:
        cells = folder_cells(require_folder(own))
        user_tables, user_faults = tables_of(cells, languages=())
        if not cells and not tables_in(own):
            raise no_table_error(own)
        faults += user_faults
        tables = overlay_tables(tables, user_tables)
        for name, rows in (beside or {}).items():
            if name in user_tables:
                # A row that the user edited replaces the one of the area.
                rows = rows[~rows.index.isin(user_tables[name].index)]
            tables[name] = pd.concat([tables[name], rows])
    if not faults and (own is not None or unchecked):
        found = check_references(user_tables, tables, sources=own is None)
        found += check_shared_ids(user_tables, tables)
        if check is not None and not any(fault.severity == "fault" for fault in found):
            found += check(user_tables, tables)
        if found := [fault for fault in found if fault.severity == "fault"]:
            faults += on_lines(found, folder_cells(base) if own is None else cells)
    if faults := [*faults, *missing_tables(tables, f" in {base}")]:
        raise DataError(faults)
    if own is None and unchecked:
        unchecked.write(lambda: tables_to_json(tables))
    return tables


def missing_tables(tables: Container[str], where: str = "") -> list[Fault]:
    """Return a fault for every table that is missing, with the place where it is."""
    return [
        Fault(f"{name}.csv", None, None, "missing-table", f"the dataset has no {name}.csv{where}; add it")
        for name in TABLES
        if name not in tables
    ]


def read_other_table(
    name: str, base: Path, own: Path | None = None, *, known: Iterable[str] = ()
) -> pd.DataFrame:
    """Return a table with a schema from the dataset's folder, overlaid with that of a user's folder.

    Raise InputError with the valid names, `known` ones among them, if neither has it; DataError with all
    faults.
    """
    folders = [folder for folder in (base, own) if folder is not None]
    if name not in (there := tables_in(*folders)):
        raise unknown_name_error("table", name, {*known, *there})
    tables: dict[str, pd.DataFrame] = {}
    for folder in folders:
        frames, faults = read_tables(
            folder, names=[name], languages=languages_of(base) if folder == base else ()
        )
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


# -- faults of rows, and references between tables --------------------------------------------------


def rows(tables: Tables, table: str) -> pd.DataFrame:
    """Return the rows of a table with the key as columns, indexed by line; the header is line 1.

    A missing table is an empty frame with the columns of its schema.
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
    """
    if isinstance(text, str):
        text = [text.format_map(row) for row in frame.to_dict("records")] if len(frame) else []
    return [
        Fault(f"{table}.csv", int(line), column, check, problem, severity)
        for line, problem in zip(frame.index, text, strict=True)
        if problem
    ]


def suggestion(given: str, valid: Iterable[str]) -> str:
    """Return a hint at the nearest names, or at some if none is near.

    >>> suggestion("poyarkova:ferry", ["poyarkovo:ferry", "khabarovsk:ferry"])
    'did you mean poyarkovo:ferry?'
    >>> suggestion("x", ["car", "bus"])
    'known are bus, car'
    """
    names = sorted(set(valid))
    if close := get_close_matches(given, names, cutoff=0.75) or get_close_matches(given, names):
        return f"did you mean {', '.join(close)}?"
    more = " and more" if len(names) > 3 else ""
    return f"known are {', '.join(names[:3])}{more}" if names else "none is known"


def check_references(own: Tables, merged: Tables, *, sources: bool = True) -> list[Fault]:
    """Find unknown ids, seasons, exits and time zones, roads from a place to itself, and roads without speed.

    A network cannot be built with these faults, except for unknown sources (skipped without `sources`).
    """
    faults = []
    for table in own:
        for column in schema(table):
            targets = set(column.choices) if column.type in ("ref", "list") else set()
            if targets and targets <= {*merged, *OPTIONAL} and (sources or targets != {"sources"}):
                known = set[str]().union(*(ids(merged, name) for name in targets))
                where = " or ".join(f"{name}.csv" for name in column.choices)
                faults += _unknown(own, table, column.name, f"'{{}}' is not in {where}", known)
    crossings, checkpoints = ids(merged, "crossings"), ids(merged, "checkpoints")
    windows, seasons = _values(merged, "windows", "crossing"), _values(merged, "roads", "season")
    exits = crossings | checkpoints | ids(merged, "ports")
    for table, name, known, what, free in (
        ("roads", "season", windows, "window in windows.csv", ()),
        ("windows", "crossing", crossings | seasons, "crossing or seasonal road", ()),
        ("season_record", "crossing", crossings | windows, "crossing", "road:"),
        ("season_record", "checkpoint", checkpoints, "checkpoint", "other:"),
        ("flows", "exit", exits, "crossing, checkpoint or port", ()),
        ("regions", "timezone", _time_zones(_values(own, "regions", "timezone")), "time zone", ()),
    ):
        faults += _unknown(own, table, name, f"there is no {what} '{{}}'", known, free)
    for table in [name for name in ("roads", "railways") if name in own]:
        loops = (own[table]["from"] != "") & (own[table]["from"] == own[table]["to"])
        text = "the road joins {from} to itself; expected the place at its other end"
        faults += flag(table, rows(own, table)[loops.to_numpy()], "to", "loop", text) if loops.any() else []
    speeds = {key[1:] for key in merged["speeds"].index} if "speeds" in merged else set()
    if speeds and "roads" in own:
        keys = list(zip(own["roads"]["class"], own["roads"]["surface"], strict=True))
        slow = [bool(key[0]) and key not in speeds for key in keys]
        text = (
            "no vehicle has a speed on {class}, {surface}; expected another surface, or a row in speeds.csv"
        )
        faults += flag("roads", rows(own, "roads")[slow], "surface", "no-speed", text) if any(slow) else []
    return faults


def _values(tables: Tables, table: str, column: str) -> set[str]:
    """Return the distinct words in a column, those of lists one by one."""
    if table not in tables:
        return set()
    frame = tables[table]
    cells = frame.index.get_level_values(column) if column in frame.index.names else frame[column]
    return {word for cell in cells.unique() for word in (cell if isinstance(cell, tuple) else (cell,))}


def _time_zones(names: set[str]) -> set[str]:
    """Return names if all of them are time zones, else all time zones, whose list takes long to read."""
    try:
        return {name for name in names if not name or ZoneInfo(name)}
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return available_timezones()


def _unknown(
    own: Tables, table: str, column: str, text: str, known: set[str], free: str | tuple[str, ...] = ()
) -> list[Fault]:
    """Find words in a column that are not known and do not begin with what is free."""
    wrong = {word for word in _values(own, table, column) - known - {""} if not word.startswith(free)}
    if not wrong:
        return []
    unknown = rows(own, table)[column].explode()
    unknown = unknown[unknown.isin(wrong)]
    texts = [f"{text.format(value)}; {suggestion(value, known - {''})}" for value in unknown]
    faults = flag(table, unknown, column, "unknown-reference", texts)
    # The window of a road that the network does not contain yet is harmless.
    return [
        replace(fault, severity="warning") if table == "windows" and value.startswith("road:") else fault
        for fault, value in zip(faults, unknown, strict=True)
    ]


def check_shared_ids(own: Tables, merged: Tables) -> list[Fault]:
    """Find ids that two tables of nodes, or two tables of edges, have in common."""
    faults = []
    for group in (NODE_TABLES, EDGE_TABLES):
        known = {name: _ids_in(merged, name, group) for name in group if name in merged}
        # An area has a million roads, and hardly ever an id twice.
        if not known or not pd.concat(list(known.values())).duplicated().any():
            continue
        for table, other in permutations(known, 2):
            frame = rows(own, table)
            given = _ids_in({table: frame}, table, group)
            clashes = known[other][known[other].isin(given)]
            shared = frame.assign(shared=given)[given.isin(clashes).to_numpy()]
            text = f"'{{shared}}' is already an id of {other}.csv; choose another"
            faults += flag(table, shared, "id", "duplicate-id", text)
    return faults


def _ids_in(tables: Tables, table: str, group: Sequence[str]) -> pd.Series:
    """Return the ids of the nodes or edges of a table; terminals and stations have an edge to a place."""
    frame = tables[table] if "id" in tables[table] else tables[table].reset_index()
    joined = group == EDGE_TABLES and table in NODE_TABLES
    return frame["place"] + "--" + frame["id"] if joined else frame["id"]
