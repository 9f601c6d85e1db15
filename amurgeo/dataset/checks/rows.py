"""Checks of rows: the rules of ``rules.csv``, units, days, names, encodings and sources; totals of values."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.files import Cells
from amurgeo.dataset.reading import Tables, flag, ids, rows
from amurgeo.dataset.schema import ESTIMATE, Column, key_columns, schema
from amurgeo.dataset.values import is_day
from amurgeo.errors import Fault
from amurgeo.text import LANGUAGES

#: Years of dated facts.
YEARS = (1850, 2100)
_SCRIPTS = {
    "en": ("Latin", re.compile(r"[A-Za-zÀ-ɏ]")),
    "ru": ("Cyrillic", re.compile(r"[Ѐ-ӿ]")),
    "zh": ("Chinese", re.compile(r"[\u3400-\u9fff]")),
}
#: UTF-8 Cyrillic read as Windows-1251: Р or С before a sign that no Russian word has there.
_CP1251 = re.compile(r"(?:[РС][\u00a0-\u00bf‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџЎўЈҐЁЄЇІіґёєјЅѕї]){2,}")
#: UTF-8 Cyrillic read as Latin-1 or Windows-1252.
_LATIN1 = re.compile(r"(?:[ÐÑ][\u0080-\u00bfŒœŠšŽžŸƒˆ˜‘’“”•–—™›‹„…†‡€‰]){2,}")
#: Endings of files whose text may cite a source.
_TEXTS = (".csv", ".geojson", ".md", ".toml", ".txt")
#: Metadata columns.
_METADATA = ("source", "source_date", "confidence", "note", "valid_until", "evidence", "precision")
#: Prefix of the columns with a value's own source, confidence and note, by column of the value.
_PREFIXES = {
    **dict.fromkeys(("population", "population_year"), "population"),
    **dict.fromkeys(("border_h_out", "border_h_in", "wait_h"), "times"),
    **dict.fromkeys(("handling_h", "handling_low_h", "handling_high_h"), "times"),
    **dict.fromkeys(("paper_role", "paper_working"), "paper"),
    **{"vehicles_until": "vehicles", "travel_min": "travel"},
}


def filled(cell: Any) -> bool:
    """Return True if a cell has a value."""
    return bool(cell == cell and cell != "" and cell != ())


def value_of(tables: Tables, table: str, column: str) -> pd.Series:
    """Return a column of a table by id; empty if the table is missing."""
    return rows(tables, table).set_index("id")[column]


@cache
def _rules() -> list[dict[str, str]]:
    with open(Path(__file__).with_name("rules.csv"), encoding="utf-8", newline="") as file:
        return [row | {"table": name} for row in csv.DictReader(file) for name in row["table"].split("|")]


def check_rules(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find the rows that fit a rule of ``rules.csv``.

    `when` is an expression of pandas on the columns of the table (``from_`` and ``class_`` for words of
    Python), on values of the row that a column refers to (``from__side``), and on columns of another table
    (``services__crossing``). The text is filled with the same names.
    """
    for rule in _rules():
        if rule["table"] not in own or own[rule["table"]].empty:
            continue
        frame = rows(own, rule["table"])
        names = re.findall(r"[a-z_0-9]+", f"{rule['when']} {rule['text']}")
        values = {
            name: _operand(name, rule["table"], frame, merged)
            for name in names
            if "__" in name or name.rstrip("_") in frame
        }
        fits = pd.eval(rule["when"], engine="python", resolvers=[values])
        found = frame.assign(**{name: values[name] for name in values if f"{{{name}}}" in rule["text"]})
        found = found[np.asarray(fits, dtype=bool)]
        yield from flag(rule["table"], found, rule["column"], rule["check"], rule["text"], rule["severity"])


def _operand(name: str, table: str, frame: pd.DataFrame, merged: Tables) -> pd.Series:
    """Return the values of a name in a rule."""
    column, _, attribute = name.partition("__")
    if not attribute:
        return frame[name.rstrip("_")]
    if column not in frame:
        return rows(merged, column)[attribute]
    target = next(known.choices for known in schema(table) if known.name == column) or (f"{column}s",)
    return frame[column].map(value_of(merged, target[0], attribute)).fillna("")


def check_units(cells: Mapping[str, Cells]) -> Iterator[Fault]:
    """Find numbers in another unit or spelling, in the text of the cells."""
    for table, text in cells.items():
        for column in schema(table):
            if column.type in ("number", "int") and column.name in text.columns:
                for row, cell in enumerate(text.columns[column.name], start=2):
                    if problem := _wrong_unit(cell, column):
                        yield Fault(f"{table}.csv", row, column.name, "unit", problem)


def _wrong_unit(text: str, column: Column) -> str | None:
    if re.fullmatch(r"-?\d+,\d+", text):
        with_point, without = text.replace(",", "."), text.replace(",", "")
        return f"'{text}' may be {with_point} or {without}; expected a decimal point, or no comma"
    if column.unit == "degree" and re.search(r"[°'′\"NSEWСЮВЗ]", text):
        return f"'{text}' is not in decimal degrees; expected a number such as 50.2796"
    smaller = {"t": "kilograms", "km": "metres"}.get(column.unit)
    high = column.bounds[1]
    try:
        value = float(text)
    except ValueError:
        return None
    if smaller and high is not None and high < value <= high * 1000:
        return f"'{text}' looks like {smaller}; expected {column.unit}: {value / 1000:g}"
    return None


def _wrong_day(day: str, kind: str) -> str | None:
    if not is_day(day):
        return f"the day '{day}' does not exist; expected a day of the calendar"
    year = day[:4]
    if kind != "month_day" and year.isdigit() and not YEARS[0] <= int(year) <= YEARS[1]:
        return f"'{day}' is outside {YEARS[0]} to {YEARS[1]}; correct the year"
    return None


def _text(cell: Any) -> str:
    """Return a cell of days, years or words as text, empty if it is missing."""
    if not filled(cell):
        return ""
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    if isinstance(cell, tuple):
        return ";".join(cell)
    return f"{cell:.0f}" if isinstance(cell, float) else str(cell)


def check_date_order(own: Tables) -> Iterator[Fault]:
    """Find periods that end before they begin."""
    for table, first, last, may_equal in (
        ("season_record", "date", "until", True),
        ("sources", "published", "retrieved", True),
        ("windows", "valid_from", "valid_to", True),
        ("record_gaps", "first", "until", True),
        ("road_limits", "first", "until", True),
        ("capacity", "valid_from", "valid_to", True),
        ("demand_months", "valid_from", "valid_to", True),
        ("services", "opened", "retired", False),
        ("services", "planned", "retired", False),
    ):
        frame = rows(own, table)
        problems = []
        for start, end in zip(frame[first].map(_text), frame[last].map(_text), strict=True):
            # Only the common part of two dates of different precision can be compared.
            size = min(len(start), len(end))
            wrong = size and (start[:size] > end[:size] or (start == end and not may_equal))
            text = f"{last} {end} is not after {first} {start}; correct one of them"
            problems.append(text if wrong else None)
        yield from flag(table, frame, last, "date-order", problems)


# -- text --------------------------------------------------------------------------------------------


def check_cells(own: Tables, languages: Iterable[str] = tuple(_SCRIPTS)) -> Iterator[Fault]:
    """Find days that no calendar has, text in a wrong encoding, and names in a wrong script."""
    for table in own:
        frame = rows(own, table)
        for column in schema(table):
            name, cells = column.name, frame[column.name]
            texts = list(map(_text, cells))
            if column.type in ("partial_date", "month_day", "date"):
                problems = [_wrong_day(text, column.type) for text in texts]
                yield from flag(table, cells, name, "no-such-day", problems)
            if column.type in ("text", "list", "id", "ref"):
                yield from flag(table, cells, name, "mojibake", map(_broken, texts))
            if name[-7:-2].endswith("name_") and name[-2:] in languages:
                # A name that is not given in a language is read as that in another.
                copied = (frame.filter(like=name[:-2]).eq(cells, axis=0)).sum(axis=1) > 1
                names = cells[(cells != "") & ~copied]
                problems = [_wrong_script(text, name[-2:]) for text in names]
                yield from flag(table, names, name, "script", problems)


def _broken(text: str) -> str | None:
    original = None if text.isascii() and "???" not in text else repaired(text)
    if original is None:
        return None
    hint = f"it was probably '{original}'" if original else "type it again"
    return f"'{text[:40]}' was read in a wrong encoding; {hint}, and save the file as UTF-8"


def repaired(text: str) -> str | None:
    """Return what a garbled text was; empty if it cannot be restored, None if it is not garbled.

    >>> repaired("РџРѕСЏСЂРєРѕРІРѕ"), repaired("é»‘æ²³"), repaired("????????"), repaired("Поярково")
    ('Поярково', '黑河', '', None)
    """
    if "\ufffd" in text or "???" in text:
        return ""
    for encoding in ("cp1251", "cp1252", "latin-1", "gbk"):
        try:
            original = text.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        scripts = ("zh",) if encoding == "gbk" else ("ru", "zh")
        if original != text and any(_SCRIPTS[lang][1].search(original) for lang in scripts):
            return original
    return "" if _CP1251.search(text) or _LATIN1.search(text) else None


def _wrong_script(text: str, lang: str) -> str | None:
    if repaired(text) is not None:
        return None
    script, letters = _SCRIPTS[lang]
    # A Russian or Chinese name may contain a Latin abbreviation.
    foreign = [
        name for code, (name, other) in _SCRIPTS.items() if code not in (lang, "en") and other.search(text)
    ]
    if not letters.search(text):
        return f"'{text}' has no {script} letter; expected a name in {script} letters"
    if foreign:
        return f"'{text}' has {' and '.join(foreign)} letters; expected a name in {script} letters"
    for word in re.findall(r"\w+", text):
        if _SCRIPTS["en"][1].search(word) and _SCRIPTS["ru"][1].search(word):
            return f"'{word}' mixes Latin and Cyrillic letters that look alike; expected one alphabet"
    return None


# -- provenance -------------------------------------------------------------------------------------


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


def check_cited(own: Tables, merged: Tables, *, cited: Iterable[str] = ()) -> Iterator[Fault]:
    """Find sources that neither tables, notes nor `cited` cite."""
    frame = rows(own, "sources")
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
    """Return the words in the text files and layers of a folder; ids of sources among them are cited."""
    words: set[str] = set()
    for path in (*folder.glob("*.*"), *folder.glob("layers/*.geojson")):
        if path.suffix.lower() in _TEXTS and path.name.lower() != "sources.csv":
            with suppress(OSError):
                words.update(re.findall(r"\w+", path.read_text(encoding="utf-8", errors="ignore")))
    return words
