"""Provenance of values: sources, estimates, facts that lapse, and the totals that a check prints."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from amurgeo.dataset.checks.rows import filled
from amurgeo.dataset.files import Cells
from amurgeo.dataset.reading import Tables, flag, ids, rows
from amurgeo.dataset.schema import key_columns, schema
from amurgeo.errors import Fault
from amurgeo.text import LANGUAGES

#: Id of the source of estimates made for the dataset.
ESTIMATE = "estimate"
#: Metadata columns.
_METADATA = ("source", "source_date", "confidence", "note", "valid_until", "evidence", "precision")
#: Prefix of the columns with a value's own source, confidence and note, by column of the value.
_PREFIXES = {
    "population": "population",
    "population_year": "population",
    "border_h_out": "times",
    "border_h_in": "times",
    "vehicles_until": "vehicles",
    "wait_h": "times",
    "handling_h": "times",
    "handling_low_h": "times",
    "handling_high_h": "times",
    "travel_min": "travel",
    "paper_role": "paper",
    "paper_working": "paper",
}


def _filled(column: pd.Series) -> pd.Series:
    return column.map(filled).astype(bool)


def _keys(table: str, frame: pd.DataFrame) -> pd.Series:
    """Return the key of each row as text."""
    keys = [" ".join(map(str, key)) for key in frame[list(key_columns(table))].itertuples(index=False)]
    return pd.Series(keys, index=frame.index, dtype=object)


def values_of(tables: Tables, table: str) -> pd.DataFrame:
    """Return every filled cell that is a value: key, column, source, confidence, note."""
    frame = rows(tables, table)
    keys = _keys(table, frame)
    parts = [pd.DataFrame(columns=["key", "column", "source", "confidence", "note"])]
    for name in frame.columns.difference([*key_columns(table), *_METADATA], sort=False):
        if name.endswith(("_source", "_confidence", "_note")):
            continue
        values = pd.DataFrame({"key": keys, "column": name})
        for part in ("source", "confidence", "note"):
            values[part] = frame.get(part, "")
            if (own := f"{_PREFIXES.get(name)}_{part}") in frame:
                values[part] = frame[own].where(_filled(frame[own]), values[part])
        parts.append(values[_filled(frame[name])])
    return pd.concat(parts[1:] or parts)


def sums(
    own: Tables,
    merged: Tables,
    *,
    on: date,
    languages: Iterable[str] = LANGUAGES,
    cells: Mapping[str, Cells] | None = None,
) -> dict[str, Any]:
    """Return counts of rows, values with a source, names, estimates and facts lapsed on a date.

    Keys: ``rows`` by table, ``values``, ``sourced_share`` (with a source, estimates included),
    ``published_share`` (without estimates), ``estimated_share``, ``named_share`` (places and checkpoints with
    a name in all languages), ``named``, ``to_name``, ``lapsed``. Names that reading filled in from another
    language do not count if the `cells` of the files are given.
    """
    values = pd.concat(
        [values_of(own, table) for table in own if table != "sources"] or [values_of({}, "rates")]
    )
    named, to_name = 0, 0
    for table in ("places", "checkpoints"):
        names = rows(own, table)
        if cells is not None and table in cells:
            blank = [""] * len(cells[table].lines)
            names = pd.DataFrame({name: cells[table].columns.get(name, blank) for name in names})
        names = names.filter(regex=rf"name_({'|'.join(languages)})$")
        named += int((names != "").all(axis=1).sum())
        to_name += len(names)
    count = len(values)
    sourced = values["source"].isin(ids(merged, "sources"))
    estimated = (values["confidence"] == "estimated") | (values["source"] == ESTIMATE)
    return {
        "rows": {table: len(frame) for table, frame in own.items()},
        "values": count,
        "sourced_share": float(sourced.mean()) if count else 1.0,
        "published_share": float((sourced & ~estimated).mean()) if count else 1.0,
        "estimated_share": float(estimated.mean()) if count else 0.0,
        "named": named,
        "to_name": to_name,
        "named_share": named / to_name if to_name else 1.0,
        "lapsed": len(lapsed(own, on)),
    }


def newest_source_day(tables: Tables) -> date:
    """Return the day of the newest source; a month or a year counts from its first day."""
    newest = date(2000, 1, 1)
    for frame in tables.values():
        for text in frame.get("source_date", ()):
            try:
                newest = max(newest, date.fromisoformat(f"{text}-01-01"[: max(10, len(text))]))
            except ValueError:
                continue
    return newest


def lapsed(tables: Tables, on: date) -> list[tuple[str, int, str, date]]:
    """Return facts that are no longer valid on a date: table, line, key of the row and last valid day."""
    facts = []
    for table, frame in tables.items():
        if "valid_until" in frame:
            old = rows(tables, table)
            old = old[old["valid_until"] < pd.Timestamp(on)]
            facts += [
                (table, int(line), key, until.date())
                for line, key, until in zip(old.index, _keys(table, old), old["valid_until"], strict=True)
            ]
    return facts


def check_lapsed(own: Tables, on: date) -> Iterator[Fault]:
    """Find facts that are no longer valid on a date."""
    for table, line, key, last in lapsed(own, on):
        text = f"{key} was valid until {last} and has lapsed on {on}; look for a newer figure"
        yield Fault(f"{table}.csv", line, "valid_until", "lapsed", text, "warning")


def check_estimates(own: Tables) -> Iterator[Fault]:
    """Find estimates without an explanation, and estimates that are marked as more."""
    for table in own:
        frame = rows(own, table)
        sure = frame["confidence"].isin(["confirmed", "reported"]) if "confidence" in frame else False
        text = "the source is an estimate, the confidence is {confidence}; expected estimated, or a source"
        estimates = frame[(frame["source"] == ESTIMATE) & sure] if "source" in frame else frame[:0]
        yield from flag(table, estimates, "confidence", "estimate-confidence", text)
        silent: dict[str, pd.Series] = {}
        for name in frame.columns:
            if name != "confidence" and not name.endswith("_confidence"):
                continue
            prefix = name.removesuffix("confidence")
            note = f"{prefix}note" if f"{prefix}note" in frame else "note"
            wrong = (frame[name] == "estimated") & ~_filled(frame[note])
            values = [value for value, own_prefix in _PREFIXES.items() if f"{own_prefix}_" == prefix]
            if prefix:
                # Without a value there is nothing to explain.
                wrong &= frame.reindex(columns=values).astype(object).map(filled).any(axis=1)
            silent[note] = silent.get(note, False) | wrong
        for note, wrong in silent.items():
            text = (
                "the row contains an estimate without an explanation; explain in this column how it was made"
            )
            yield from flag(table, frame[wrong], note, "estimate-how", text)


def check_sources(own: Tables, merged: Tables, *, cited: Iterable[str] = ()) -> Iterator[Fault]:
    """Find sources without an address, and sources that neither tables, notes nor `cited` cite."""
    frame = rows(own, "sources")
    silent = frame[(frame["address"] == "") & (frame["id"] != ESTIMATE) & (frame["publisher"] != "amurgeo")]
    text = (
        "the source has no address; expected one, a note on why there is none, "
        f"or '{ESTIMATE}' as the source of an estimate"
    )
    for severity, group in (
        ("warning", silent[silent["note"] != ""]),
        ("fault", silent[silent["note"] == ""]),
    ):
        yield from flag("sources", group, "address", "no-address", text, severity)
    used = set(cited)
    for table, rows_ in merged.items():
        for column in schema(table):
            if column.type in ("ref", "list") and "sources" in column.choices and column.name in rows_:
                used.update(rows_[column.name].explode().dropna())
            elif column.name.endswith("note") and column.name in rows_:
                used.update(re.findall(r"\w+", " ".join(rows_[column.name].dropna())))
    text = "nothing cites '{id}'; cite it or leave it out"
    yield from flag("sources", frame[~frame["id"].isin(used)], "id", "unused-source", text, "warning")


def cited_sources(folder: Path) -> set[str]:
    """Return the source ids cited by any CSV file of a folder."""
    cited: set[str] = set()
    for path in sorted(folder.glob("*.csv")):
        try:
            with open(path, encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    for name in row:
                        if name and (name == "source" or name.endswith(("_source", "sources"))):
                            cited.update((row[name] or "").split(";"))
        except (OSError, UnicodeDecodeError, csv.Error):
            continue
    return cited
