"""Checks of rows by themselves and against each other: units, days, regions, ids, names and encodings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from amurgeo.dataset.files import Cells
from amurgeo.dataset.reading import Tables, flag, rows
from amurgeo.dataset.schema import Column, schema
from amurgeo.dataset.values import is_day
from amurgeo.errors import Fault

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


def filled(cell: Any) -> bool:
    """Return True if a cell has a value."""
    return bool(cell == cell and cell != "" and cell != ())


def value_of(tables: Tables, table: str, column: str) -> pd.Series:
    """Return a column of a table by id; empty if the table is missing."""
    return rows(tables, table).set_index("id")[column]


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


def check_days(own: Tables) -> Iterator[Fault]:
    """Find days that no calendar has and years far outside the period of the dataset."""
    for table in own:
        for column in schema(table):
            if column.type in ("partial_date", "month_day", "date"):
                days = rows(own, table)[column.name]
                problems = [_wrong_day(_text(day), column.type) for day in days]
                yield from flag(table, days, column.name, "no-such-day", problems)


def _wrong_day(day: str, kind: str) -> str | None:
    if not is_day(day):
        return f"the day '{day}' does not exist; expected a day of the calendar"
    year = day[:4]
    if kind != "month_day" and year.isdigit() and not YEARS[0] <= int(year) <= YEARS[1]:
        return f"'{day}' is outside {YEARS[0]} to {YEARS[1]}; correct the year"
    return None


def _text(day: Any) -> str:
    """Return a day or year as text, empty if it is missing."""
    if not filled(day):
        return ""
    if isinstance(day, date):
        return day.isoformat()[:10]
    return f"{day:.0f}" if isinstance(day, float) else str(day)


def check_date_order(own: Tables) -> Iterator[Fault]:
    """Find periods that end before they begin."""
    for table, first, last, may_equal in (
        ("season_record", "date", "until", True),
        ("sources", "published", "retrieved", True),
        ("windows", "valid_from", "valid_to", True),
        ("record_gaps", "first", "until", True),
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


def check_regions(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find places outside the country of their region, and checkpoints outside the region of their place."""
    for table, key, column, right in (
        ("places", "region", "country", value_of(merged, "regions", "country")),
        ("stations", "region", "country", value_of(merged, "regions", "country")),
        ("checkpoints", "place", "region", value_of(merged, "places", "region")),
    ):
        frame = rows(own, table)
        expected = frame[key].map(right).fillna("")
        wrong = (expected != "") & (frame[column] != "") & (expected != frame[column])
        text = f"{{{key}}} is in {{expected}}, not in {{{column}}}; correct the {column} or the {key}"
        yield from flag(table, frame.assign(expected=expected)[wrong], column, "region-country", text)


def check_edge_ids(own: Tables) -> Iterator[Fault]:
    """Find roads and railways whose id does not name their ends."""
    for table in ("roads", "railways"):
        frame = rows(own, table)
        ends = frame["from"] + "--" + frame["to"]
        given = (frame["from"] != "") & (frame["to"] != "") & (frame["from"] != frame["to"])
        wrong = frame[given & (frame["id"].map(lambda id_: id_.partition(":")[0]) != ends)]
        text = "'{id}' does not name its ends; expected {from}--{to}, or {from}--{to}:name for a second one"
        yield from flag(table, wrong, "id", "edge-id", text)


# -- text --------------------------------------------------------------------------------------------


def check_mojibake(own: Tables) -> Iterator[Fault]:
    """Find text that was read in a wrong encoding, with the original text where it can be restored."""
    for table in own:
        for column in schema(table):
            if column.type in ("text", "list", "id", "ref"):
                cells = rows(own, table)[column.name]
                text = [";".join(cell) if isinstance(cell, tuple) else cell for cell in cells]
                yield from flag(table, cells, column.name, "mojibake", map(_broken, text))


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


def check_script(own: Tables, languages: Iterable[str] = tuple(_SCRIPTS)) -> Iterator[Fault]:
    """Find names in the wrong script, and words that mix Latin and Cyrillic letters."""
    for table in own:
        for column in schema(table):
            if column.name[-7:-2].endswith("name_") and column.name[-2:] in languages:
                names, others = rows(own, table)[column.name], rows(own, table)
                # A name that is not given in a language is read as that in another.
                copied = (others.filter(like=column.name[:-2]).eq(names, axis=0)).sum(axis=1) > 1
                names = names[(names != "") & ~copied]
                problems = [_wrong_script(name, column.name[-2:]) for name in names]
                yield from flag(table, names, column.name, "script", problems)


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
