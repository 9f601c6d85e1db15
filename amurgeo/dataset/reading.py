"""Tables in: CSV files read by their schema, with every fault found at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import TABLES, Column, key_columns, schema
from amurgeo.errors import DataError, Fault, InputError

_PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_DAY = re.compile(r"(1[89]|2[01])\d{2}-\d{2}-\d{2}")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_ID = re.compile(r"[a-z0-9_]+")
_LONLAT = re.compile(r"-?\d+(\.\d+)? -?\d+(\.\d+)?")


def read_table(path: Path, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read one CSV file by the schema of its table.

    Parameters
    ----------
    path
        The file: CSV in UTF-8 (with or without a byte-order mark), with a header.
    table
        Name of the table whose schema holds.

    Returns
    -------
    frame
        The rows, indexed by the table's key; text columns are str (empty text for nothing), numbers are
        float (NaN for nothing), dates are datetime64 (NaT for nothing), yes/no columns are bool, lists
        are tuples of str.
    faults
        What is wrong in the file; values at fault are read as nothing.
    """
    raw, faults = _read_text(path, table)
    columns = {column.name: column for column in schema(table)}
    frame = pd.DataFrame(index=raw.index)
    for name, column in columns.items():
        if name not in raw.columns:
            if column.required:
                faults.append(
                    Fault(
                        path.name,
                        1,
                        name,
                        "missing-column",
                        f"column '{name}' is missing; it holds: {column.meaning.lower()}",
                    )
                )
            raw[name] = ""
        values, wrong = _convert(raw[name], column)
        frame[name] = values
        faults.extend(_fault(path, index, column, raw[name].iloc[index]) for index in wrong)
    for name in raw.columns.difference(list(columns)):
        near = get_close_matches(str(name), columns, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; the columns are {', '.join(columns)}"
        faults.append(
            Fault(path.name, 1, str(name), "unknown-column", f"there is no column '{name}' in {table}{hint}")
        )
    keys = list(key_columns(table))
    frame = frame.set_index(keys, drop=False)
    frame.index.names = keys
    for index in np.flatnonzero(frame.index.duplicated()):
        given = " ".join(str(raw[key].iloc[index]) for key in keys)
        faults.append(
            Fault(
                path.name,
                int(index) + 2,
                keys[0],
                "duplicate-id",
                f"'{given}' stands here a second time; ids are unique",
            )
        )
    return frame.drop(columns=keys), faults


def read_tables(
    folder: Path, *, names: Iterable[str] = TABLES
) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Read the tables that a folder holds.

    Parameters
    ----------
    folder
        Folder with ``<table>.csv`` files.
    names
        Tables to look for; those without a file are left out.

    Returns
    -------
    tables, faults
        Frames by table name, and everything wrong in them.
    """
    tables: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    for name in names:
        path = folder / f"{name}.csv"
        if path.is_file():
            tables[name], found = read_table(path, name)
            faults.extend(found)
    return tables, faults


def kept_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Read the tables of a folder as `read_tables` does, once as long as no file changes.

    The frames are shared by everyone who asks: they are read, never changed.
    """
    tables, faults = _kept(folder, stamp_of(folder))
    return dict(tables), list(faults)


@lru_cache(maxsize=1)
def _kept(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> tuple[dict[str, Any], list[Fault]]:
    return read_tables(folder)


def stamp_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, time of change and size of the tables of a folder: equal stamps, equal tables."""
    paths = (folder / f"{name}.csv" for name in TABLES)
    stats = [(path.name, path.stat()) for path in paths if path.is_file()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def lay_over(base: Mapping[str, pd.DataFrame], own: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Lay tables over others: rows with a known key replace, new keys are added.

    Parameters
    ----------
    base, own
        Frames by table name; neither is changed.

    Examples
    --------
    >>> base = {"vehicles": pd.DataFrame({"mass_t": [2.0, 20.0]}, index=["car", "truck_20t"])}
    >>> own = {"vehicles": pd.DataFrame({"mass_t": [25.0]}, index=["truck_25t"])}
    >>> lay_over(base, own)["vehicles"].mass_t.to_dict()
    {'car': 2.0, 'truck_20t': 20.0, 'truck_25t': 25.0}
    """
    laid = dict(base)
    for name, rows in own.items():
        if rows.empty:
            continue
        kept = base[name].loc[~base[name].index.isin(rows.index)] if name in base else None
        laid[name] = rows if kept is None or kept.empty else pd.concat([kept, rows])
    return laid


def load_tables(
    base: Path, own: Path | None = None, *, beside: Mapping[str, pd.DataFrame] | None = None
) -> dict[str, pd.DataFrame]:
    """Read the dataset and, laid over it, a user's own tables.

    Parameters
    ----------
    base
        Folder of the dataset.
    own
        Folder of the user's tables, or None.
    beside
        Rows to add that the user's folder holds in another form, by table.

    Raises
    ------
    InputError
        When the user's folder does not exist or holds no table.
    DataError
        With every fault of the files, when there is one.
    """
    tables, faults = kept_tables(base)
    if own is not None:
        if not os.path.isdir(own):
            raise InputError(
                f"'{own}' is no folder; give a folder with tables such as services.csv or season_record.csv"
            )
        mine, found = read_tables(own)
        if not mine and not found:
            raise InputError(
                f"'{own}' holds no table; expected one of {', '.join(f'{name}.csv' for name in TABLES)}"
            )
        faults += found
        tables = lay_over(tables, mine)
        for name, rows in (beside or {}).items():
            tables[name] = pd.concat([tables[name], rows])
        if not faults:
            from amurgeo.dataset.row_checks import check_needs

            faults += check_needs(mine, tables)
    missing = [name for name in TABLES if name not in tables]
    faults += [
        Fault(f"{name}.csv", None, None, "missing-table", f"the dataset has no {name}.csv in {base}")
        for name in missing
    ]
    if faults:
        raise DataError(faults)
    return tables


def _read_text(path: Path, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read every cell as stripped text; a file that cannot be read at all is one fault."""
    empty = pd.DataFrame({column.name: [] for column in schema(table)}, dtype=str)
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return empty, [
            Fault(path.name, line, None, "encoding", "the file is not UTF-8; save it as 'CSV UTF-8'")
        ]
    except pd.errors.EmptyDataError:
        return empty, [
            Fault(path.name, 1, None, "empty", "the file is empty; its first line names the columns")
        ]
    except pd.errors.ParserError as error:
        found = re.search(r"line (\d+)", str(error))
        row = int(found.group(1)) if found else None
        return empty, [
            Fault(
                path.name,
                row,
                None,
                "csv",
                "the line has more cells than the header, or a quote is not closed",
            )
        ]
    except OSError as error:
        return empty, [Fault(path.name, None, None, "file", f"cannot be read: {error.strerror}")]
    raw.columns = [str(name).strip() for name in raw.columns]
    if isinstance(raw.index, pd.RangeIndex):
        return raw.apply(lambda column: column.str.strip()) if len(raw) else raw.astype(str), []
    return empty, [Fault(path.name, 2, None, "csv", "the lines have more cells than the header")]


def _convert(text: pd.Series, column: Column) -> tuple[pd.Series, np.ndarray]:
    """Turn one column of text into values; also the positions at fault."""
    if column.default:
        text = text.where(text != "", column.default)
    filled = (text != "").to_numpy(dtype=bool)
    wrong = ~filled if column.required else np.zeros(len(text), dtype=bool)
    values: pd.Series = text
    match column.type:
        case "number" | "int":
            values = pd.to_numeric(text.where(text != "", None), errors="coerce").astype(float)
            low, high = column.bounds
            values = values.where(np.isfinite(values))
            bad = values.isna().to_numpy()
            if low is not None:
                bad = bad | (values < low).to_numpy()
            if high is not None:
                bad = bad | (values > high).to_numpy()
            if column.type == "int":
                bad = bad | (values.fillna(0.0) % 1 != 0).to_numpy()
            wrong = wrong | (bad & filled)
            values = values.mask(bad)
        case "date":
            good = _full(text, _DAY) & np.array([_exists(cell) for cell in text], dtype=bool)
            values = pd.to_datetime(text.where(good, None), format="%Y-%m-%d").astype("datetime64[ns]")
            wrong = wrong | (~good & filled)
        case "bool":
            bad = ~text.isin(["yes", "no", ""]).to_numpy()
            wrong, values = wrong | bad, text == "yes"
        case "choice":
            bad = ~text.isin([*column.choices, ""]).to_numpy()
            wrong, values = wrong | bad, text.mask(bad, "")
        case "list":
            values = pd.Series(
                [tuple(part.strip() for part in cell.split(";") if part.strip()) for cell in text],
                index=text.index,
                dtype=object,
            )
        case "id":
            wrong = wrong | ~_full(text, _ID)
        case "partial_date":
            good = _full(text, _PARTIAL_DATE) & np.array([_exists(cell) for cell in text], dtype=bool)
            wrong = wrong | (~good & filled)
        case "month_day":
            good = _full(text, _MONTH_DAY) & np.array([_exists(f"2000-{cell}") for cell in text], dtype=bool)
            wrong = wrong | (~good & filled)
        case "lonlats":
            good = np.array(
                [all(_LONLAT.fullmatch(part.strip()) for part in cell.split(";")) for cell in text],
                dtype=bool,
            )
            wrong = wrong | (~good & filled)
    return values, np.flatnonzero(wrong)


def _exists(day: str) -> bool:
    """Tell whether a day is one of the calendar; a month or a year alone is."""
    if len(day) < 10:
        return True
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _full(text: pd.Series, pattern: re.Pattern[str]) -> np.ndarray:
    return np.array([pattern.fullmatch(cell) is not None for cell in text], dtype=bool)


_RIGHT = {
    "number": "a number with a decimal point",
    "int": "a whole number",
    "date": "a day that exists, as 2026-02-10",
    "partial_date": "a day, month or year, as 2026-02-10, 2026-02 or 2026",
    "month_day": "a month and day, as 02-10",
    "bool": "yes or no",
    "id": "small letters, digits and underscores",
    "lonlats": "points as '127.52 50.28;127.60 50.21' (longitude first)",
}


def _fault(path: Path, index: int, column: Column, given: str) -> Fault:
    """Say what is wrong with one cell and what would be right."""
    right = _RIGHT.get(column.type, "some text")
    if column.type == "choice":
        right = "one of " + ", ".join(column.choices)
    elif column.type in ("number", "int") and column.allowed:
        low, high = column.bounds
        unit = f" {column.unit}" if column.unit else ""
        right += f" from {low:g}" if low is not None else ""
        right += f" to {high:g}{unit}" if high is not None else f" or more{unit}"
    if given == "":
        problem, check = f"is empty; give {right} ({column.meaning.lower()})", "required"
    else:
        problem, check = f"'{given}' is wrong; give {right}", "value"
    return Fault(path.name, int(index) + 2, column.name, check, problem)
