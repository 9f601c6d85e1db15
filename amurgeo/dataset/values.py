"""Values of cells: numbers, days, and yes and no as people write them, by the type of their column."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import Column
from amurgeo.text import iso_day

_SPACES = " \u00a0\u2009\u202f'"
_YES_NO = {
    **dict.fromkeys(("yes", "y", "true", "1", "да", "истина", "是"), "yes"),
    **dict.fromkeys(("no", "n", "false", "0", "нет", "ложь", "否"), "no"),
}
#: Numbers, days and words as this package writes them: nothing to rewrite.
_PLAIN = re.compile(r"|-?\d+(\.\d+)?|\d{4}-\d\d(-\d\d)?|\d\d-\d\d|yes|no").fullmatch
_DAY_AND_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})\.?")
_MONTH = re.compile(r"(\d{1,2})\.(\d{4})")


def respell(texts: dict[str, list[str]], columns: Iterable[Column], *, comma: bool) -> list[str]:
    """Rewrite numbers, days, and yes and no in place, and return what was rewritten.

    With `comma`, a comma in a number is always a decimal comma.
    """
    spellings: Mapping[str, Callable[[str], tuple[str, str]]] = {
        "number": lambda cell: _number(cell, comma),
        "int": lambda cell: _number(cell, comma),
        "date": _day,
        "partial_date": _day,
        "month_day": _month_day,
        "bool": lambda cell: (_YES_NO.get(cell.lower(), cell), "other words for yes and no"),
    }
    counts: Counter[str] = Counter()
    for column in columns:
        spelling = spellings.get(column.type)
        if spelling is None or column.name not in texts:
            continue
        for row, cell in enumerate(texts[column.name]):
            if column.type != "bool" and _PLAIN(cell):
                continue
            new, remark = spelling(cell)
            if new != cell:
                texts[column.name][row] = new
                counts[remark] += 1
    return [f"{remark} ({count})" for remark, count in sorted(counts.items())]


def _number(cell: str, comma: bool) -> tuple[str, str]:
    """Return a number with a decimal point and without separators of thousands, and what was changed.

    A single comma before three digits is a decimal comma only in a file separated by semicolons; else it may
    be either, and the cell is returned as it is.
    """
    text, remark = cell, "numbers with a decimal comma"
    if re.fullmatch(rf"[+-]?\d{{1,3}}([{_SPACES}]\d{{3}})+([.,]\d+)?", text):
        text, remark = re.sub(f"[{_SPACES}]", "", text), "numbers with separated thousands"
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}", text):
        return text.replace(",", ""), "numbers with separated thousands"
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d{1,3}(\.\d{3}){2,}", text):
        return text.replace(".", "").replace(",", "."), "numbers with separated thousands"
    if re.fullmatch(r"[+-]?\d+,\d+", text) and (comma or not re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text)):
        return text.replace(",", "."), remark
    return text, remark


def _month_day(cell: str) -> tuple[str, str]:
    """Return a month and day as 05-10, and what was changed."""
    if found := _DAY_AND_MONTH.fullmatch(cell):
        return f"{int(found[2]):02d}-{int(found[1]):02d}", "days of the year as 10.05"
    return cell, ""


def _day(cell: str) -> tuple[str, str]:
    """Return a day or month in ISO form, and what was changed; a day that may be two days as it is."""
    if found := _MONTH.fullmatch(cell):
        return f"{found[2]}-{int(found[1]):02d}", "months as 11.2026"
    return iso_day(cell)


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


def convert(cells: list[str], column: Column) -> tuple[pd.Series, list[int]]:
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


def value_problem(given: str, column: Column) -> tuple[str, str]:
    """Return the name of the failed check of a cell, and what is wrong and would be right."""
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
    return check, text
