"""Where values come from: sources, estimates, facts that lapse, and the sums that a check prints."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from amurgeo.dataset.row_checks import key_of, share
from amurgeo.dataset.rows import Tables, fault, filled, ids, rows, warning
from amurgeo.dataset.schema import key_columns, schema
from amurgeo.errors import Fault

#: Id of the source of estimates made for the dataset.
ESTIMATE = "estimate"
#: Columns that tell of other columns and are no values themselves.
_ABOUT = ("source", "source_date", "confidence", "note", "valid_until", "evidence", "precision")
#: Values whose own source, confidence and note stand in columns of this prefix, by table and column.
_OWN_PROVENANCE = {
    "population": "population",
    "population_year": "population",
    "border_h_out": "times",
    "border_h_in": "times",
    "wait_h": "times",
    "travel_min": "travel",
    "paper_role": "paper",
    "paper_working": "paper",
}
_LANGUAGES = ("en", "ru", "zh")


def values_of(tables: Tables, table: str) -> pd.DataFrame:
    """List every value of a table with its source and confidence.

    Parameters
    ----------
    tables
        Frames by table name.
    table
        One of them.

    Returns
    -------
    DataFrame
        One row per filled cell that is a value: key, column, source, confidence, note.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"mass_t": [2.0], "source": ["estimate"], "confidence": ["estimated"], "note": ["By eye"]},
    ...     index=pd.Index(["car"], name="id"))
    >>> values_of({"vehicles": frame}, "vehicles").to_dict("records")
    [{'key': 'car', 'column': 'mass_t', 'source': 'estimate', 'confidence': 'estimated', 'note': 'By eye'}]
    """
    found = []
    for line, row in rows(tables, table):
        for column in schema(table):
            name = column.name
            if (
                name in key_columns(table)
                or name in _ABOUT
                or name.endswith(("_source", "_confidence", "_note"))
                or not filled(row.get(name))
            ):
                continue
            prefix = _OWN_PROVENANCE.get(name, "")
            own = {part: row.get(f"{prefix}_{part}") for part in ("source", "confidence", "note")}
            found.append(
                {
                    "key": key_of(table, (line, row)),
                    "column": name,
                    **{part: own[part] if filled(own[part]) else row.get(part, "") for part in own},
                }
            )
    return pd.DataFrame(found, columns=["key", "column", "source", "confidence", "note"])


def sums(own: Tables, merged: Tables, *, on: date) -> dict[str, Any]:
    """Count rows, values with a source, names, estimates and lapsed facts.

    Parameters
    ----------
    own
        The tables that are counted.
    merged
        The tables that they are laid over, for the ids of sources.
    on
        The day on which facts are asked to hold.

    Returns
    -------
    dict
        ``rows`` by table, ``values``, ``sourced_share``, ``estimated_share``, ``named_share`` (places and
        checkpoints with a name in three languages), ``named``, ``to_name``, ``lapsed``.
    """
    known = ids(merged, "sources")
    values = [values_of(own, table) for table in own if table != "sources"]
    all_values = pd.concat(values) if values else values_of({}, "vehicles")
    to_name = [row for table in ("places", "checkpoints") for _, row in rows(own, table)]
    named = sum(
        all(
            filled(value)
            for name, value in row.items()
            if name.rpartition("_")[2] in _LANGUAGES and "name_" in name
        )
        for row in to_name
    )
    count = len(all_values)
    return {
        "rows": {table: len(frame) for table, frame in own.items()},
        "values": count,
        "sourced_share": share(int(all_values["source"].isin(known).sum()), count),
        "estimated_share": share(int((all_values["confidence"] == "estimated").sum()), count)
        if count
        else 0.0,
        "named": named,
        "to_name": len(to_name),
        "named_share": share(named, len(to_name)),
        "lapsed": len(lapsed(own, on)),
    }


def newest_source_day(tables: Tables) -> date:
    """Return the day of the newest source in the data; a month or a year counts from its first day.

    Examples
    --------
    >>> frame = pd.DataFrame({"source_date": ["2026-02", "2025-12-24", ""]})
    >>> newest_source_day({"windows": frame})
    datetime.date(2026, 2, 1)
    """
    days = [
        _first_day(text)
        for frame in tables.values()
        if "source_date" in frame
        for text in frame["source_date"]
    ]
    return max((day for day in days if day is not None), default=date(2000, 1, 1))


def _first_day(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01"[:10])
    except ValueError:
        return None


def lapsed(tables: Tables, on: date) -> list[tuple[str, int, str, date]]:
    """List facts whose validity has run out on a day.

    Parameters
    ----------
    tables
        Frames by table name.
    on
        The day.

    Returns
    -------
    list of tuple
        Table, line in its file, key of the row, last day on which it held.
    """
    found = []
    for table, frame in tables.items():
        if "valid_until" not in frame:
            continue
        for line, row in rows(tables, table):
            if filled(row["valid_until"]) and row["valid_until"].date() < on:
                found.append((table, line, key_of(table, (line, row)), row["valid_until"].date()))
    return found


def check_lapsed(own: Tables, on: date) -> list[Fault]:
    """Find facts whose validity has run out on a day."""
    return [
        warning(
            table,
            line,
            "valid_until",
            "lapsed",
            f"{key} held until {last} and has lapsed on {on}; look for a newer figure",
        )
        for table, line, key, last in lapsed(own, on)
    ]


def check_estimates(own: Tables) -> list[Fault]:
    """Find estimates that do not say how they were made, and estimates that pass for more."""
    found = []
    for table in own:
        names = {column.name for column in schema(table)}
        prefixes = sorted(name.removesuffix("_confidence") for name in names if name.endswith("_confidence"))
        for line, row in rows(own, table):
            if row.get("confidence") == "estimated" and not filled(row.get("note")):
                found.append(_silent(table, line, "note"))
            if row.get("source") == ESTIMATE and row.get("confidence") in ("confirmed", "reported"):
                found.append(
                    fault(
                        table,
                        line,
                        "confidence",
                        "estimate-confidence",
                        f"the source is an estimate, so it cannot be {row['confidence']}; "
                        "write estimated, or name the source",
                    )
                )
            for prefix in prefixes:
                note = f"{prefix}_note" if f"{prefix}_note" in names else "note"
                # Without a value there is nothing to explain.
                given = any(
                    filled(row[name])
                    for name, own_prefix in _OWN_PROVENANCE.items()
                    if own_prefix == prefix and name in row
                )
                if row.get(f"{prefix}_confidence") == "estimated" and given and not filled(row.get(note)):
                    found.append(_silent(table, line, note))
    return list(dict.fromkeys(found))


def _silent(table: str, line: int, column: str) -> Fault:
    return fault(
        table,
        line,
        column,
        "estimate-how",
        "the row holds an estimate and does not say how it was made; say it in this column",
    )


def check_sources(own: Tables, merged: Tables, *, used: Iterable[str] = ()) -> list[Fault]:
    """Find sources without an address, and sources that nothing cites.

    Parameters
    ----------
    own, merged
        The user's tables and the whole dataset.
    used
        Ids cited by files that are no tables of the dataset.
    """
    cited = set(used)
    for table, frame in merged.items():
        columns = [
            column.name
            for column in schema(table)
            if column.type in ("ref", "list") and "sources" in column.choices and column.name in frame
        ]
        for name in columns:
            cited.update(
                id_ for cell in frame[name] for id_ in (cell if isinstance(cell, tuple) else (cell,))
            )
    found = []
    for line, row in rows(own, "sources"):
        if not row["address"] and row["id"] != ESTIMATE and row["publisher"] != "amurgeo":
            make = warning if filled(row["note"]) else fault
            found.append(
                make(
                    "sources",
                    line,
                    "address",
                    "no-address",
                    "the source has no address; give it, say in the note why there is none, "
                    f"or cite '{ESTIMATE}' where the figure is an estimate",
                )
            )
        if row["id"] not in cited:
            found.append(
                warning(
                    "sources",
                    line,
                    "id",
                    "unused-source",
                    f"nothing cites '{row['id']}'; cite it or leave it out",
                )
            )
    return found


def cited_elsewhere(folder: Path) -> set[str]:
    """Return the source ids cited by CSV files of a folder, whatever tables they are."""
    cited: set[str] = set()
    for path in sorted(folder.glob("*.csv")):
        if path.name.startswith("sources"):
            continue
        try:
            with open(path, encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    for name in row:
                        if name and (name == "source" or name.endswith(("_source", "sources"))):
                            cited.update((row[name] or "").split(";"))
        except (OSError, UnicodeDecodeError, csv.Error):
            continue
    return cited
