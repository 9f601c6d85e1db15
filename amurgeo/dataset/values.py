"""Values of cells: numbers, days, and yes and no as people write them, by the type of their column."""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache, partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import Column, normalize_name
from amurgeo.io import Cached
from amurgeo.text import iso_day, page_words, words

_SPACES = " \u00a0\u2009\u202f'"
_YES_NO = {
    **dict.fromkeys(("yes", "y", "true", "1", "да", "истина", "是"), "yes"),
    **dict.fromkeys(("no", "n", "false", "0", "нет", "ложь", "否"), "no"),
}
#: Years of which holidays are known, and from which on their names are those of rules.
FIRST_YEAR, LAST_YEAR, NAMED_FROM = 1949, 2100, 1990
#: Numbers, days and words as this package writes them: nothing to rewrite.
_PLAIN = re.compile(r"|-?\d+(\.\d+)?|\d{4}-\d\d(-\d\d)?|\d\d-\d\d|yes|no").fullmatch
_DAY_AND_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})\.?")
_NUMBERS = ("number", "int")
_DAY_AND_WORD = re.compile(r"(\d{1,2})[. -]+([^\W\d]{3,9})\.?")
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
        "moment": _moment,
        "month_day": _month_day,
        "holiday": _holiday,
        "bool": lambda cell: (_YES_NO.get(cell.lower(), cell), "other words for yes and no"),
    }
    counts: Counter[str] = Counter()
    for column in columns:
        spelling = spellings.get(column.type)
        if column.type == "choice":
            spelling = partial(_choice, column)
        if spelling is None or column.name not in texts:
            continue
        for row, cell in enumerate(texts[column.name]):
            # A day may look like a number: 10.03 or 11.2026.
            plain = column.type != "bool" and _PLAIN(cell) and ("." not in cell or column.type in _NUMBERS)
            if plain or cell in column.choices:
                continue
            new, remark = spelling(cell)
            if new != cell:
                texts[column.name][row] = new
                counts[remark] += 1
    return [f"{remark} ({count})" for remark, count in sorted(counts.items())]


def _choice(column: Column, cell: str) -> tuple[str, str]:
    return choice_of(cell, column), "words in place of codes"


def choice_of(text: str, column: Column) -> str:
    """Return the code of a column's choice by its word in any language; other text as it is.

    >>> from amurgeo.dataset.schema import schema
    >>> columns = {column.name: column for column in schema("season_record")}
    >>> choice_of("Ремонт", columns["reason"]), choice_of("货运", columns["traffic"])
    ('repair', 'cargo')
    """
    return _choices(column).get(normalize_name(text), text) if text not in column.choices else text


@cache
def _choices(column: Column) -> dict[str, str]:
    """Return the choices of a column by folded code and word."""
    codes = {normalize_name(code): code for code in column.choices}
    for code in column.choices:
        also = words().get(f"alias.{code}", {}) if column.name == "mode" else {}
        # The confidence of some columns has a name with a prefix.
        kind = column.name.rpartition("_")[2]
        for text in (*words().get(f"{kind}.{code}", {}).values(), *also.values()):
            for word in (text, *text.split(",")):
                codes.setdefault(normalize_name(word), code)
    return codes


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
    """Return a month and day as 05-10, and what was changed.

    Excel makes a date of a month and day, and shows it as 10.май or 10-May.
    """
    if found := _DAY_AND_MONTH.fullmatch(cell):
        return f"{int(found[2]):02d}-{int(found[1]):02d}", "days of the year as 10.05"
    day, remark = iso_day(cell)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return day[5:], remark or "days of the year with a year"
    if found := _DAY_AND_WORD.fullmatch(cell.casefold()):
        for number in range(1, 13):
            names = page_words()[f"month.{number:02d}"].values()
            if found[2][:3] in ("май" if number == 5 else "", *(name.casefold()[:3] for name in names)):
                return f"{number:02d}-{int(found[1]):02d}", "days of the year as 10.май"
    return cell, ""


def _holiday(cell: str) -> tuple[str, str]:
    """Return days of the year or a day of the week as 12-31..01-02 and sunday, and what was changed."""
    if cell.isalpha():
        return cell.lower(), "days of the week in small letters"
    parts = [(part, "") if ":" in cell else _month_day(part) for part in re.split(r"(\.\.|\|)", cell)]
    return "".join(text for text, _ in parts), next((remark for _, remark in parts if remark), "")


def _day(cell: str) -> tuple[str, str]:
    """Return a day or month in ISO form, and what was changed; a day that may be two days as it is."""
    if found := _MONTH.fullmatch(cell):
        return f"{found[2]}-{int(found[1]):02d}", "months as 11.2026"
    return iso_day(cell)


def _moment(cell: str) -> tuple[str, str]:
    """Return a day and time as 2026-02-10 14:30, and what was changed."""
    day, _, clock = " ".join(cell.replace("T", " ").split()).partition(" ")
    minute = read_clock(re.sub(r"(?<=:\d\d):\d\d$", "", clock))
    if minute is None or minute == DAY_MINUTES:
        return cell, ""
    text = f"{iso_day(day)[0]} {clock_text(minute)}"
    return text, "days and times in another form"


def is_day(text: str) -> bool:
    """Return False for a full day that no calendar has; months and years pass, days have any year."""
    text = text.partition(" ")[0]
    if len(text) not in (5, 10) or not re.fullmatch(r"(\d{4}-)?\d{2}-\d{2}", text):
        return True
    try:
        date.fromisoformat(text if len(text) == 10 else f"2000-{text}")
    except ValueError:
        return False
    return True


#: The days of a span or of several.
_ENDS = re.compile(r"\.\.|\|").split
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?").fullmatch
#: Pattern of a cell by column type, and its description.
with Path(__file__).with_name("formats.csv").open(encoding="utf-8", newline="") as _file:
    _FORMATS = {row["type"]: (row["pattern"], row["expected"]) for row in csv.DictReader(_file)}


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
        valid = [match(cell) is not None and all(map(is_day, _ENDS(cell))) for cell in cells]
    if column.type == "date":
        days = [cell if known else "NaT" for cell, known in zip(cells, valid, strict=True)]
        return np.array(days, dtype="datetime64[ns]"), None, valid
    if column.type == "bool":
        return [cell == "yes" for cell in cells], bool, valid
    return cells, str, valid


def text_of(value: Any) -> str:
    """Return a cell as text; empty if it is missing."""
    return "" if value is None or pd.isna(value) else str(value)


@cache
def holidays_of(country: str) -> dict[date, frozenset[str]]:
    """Return the names of a country's holidays by day, in order of days; empty if it has no calendar."""
    # The library takes a tenth of a second: it imports the calendars of all countries for that of one.
    library = find_spec("holidays")
    version = [Path(str(library.origin)).with_name("version.py")] if library else []
    cached = Cached(f"holidays-{country}", [Path(__file__), *version])
    if (found := cached.read()) is None:
        from holidays import country_holidays

        years = range(FIRST_YEAR, LAST_YEAR + 1)
        try:
            calendar = country_holidays(country, years=years, language="en_US")
        except NotImplementedError:
            return {}
        found = {day.isoformat(): text for day, text in sorted(calendar.items())}
        cached.write(lambda: found)
    return {date.fromisoformat(day): frozenset(text.split("; ")) for day, text in found.items()}


@cache
def unknown_holiday(country: str, names: frozenset[str]) -> str | None:
    """Return what is wrong with names of holidays of a country, and what would be right, or None."""
    known = {name for day, there in holidays_of(country).items() if day.year >= NAMED_FROM for name in there}
    if not known:
        return f"'{country}' has no calendar of holidays; expected the code of a country"
    wrong = sorted(names - known)
    if not wrong:
        return None
    return f"'{wrong[0]}' is no holiday of '{country}'; expected a name such as '{min(known)}'"


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


def read_tonnes(text: str) -> float | None:
    """Return the tonnes of a limit such as 30 t, 12,5 т or 30; None if there are none.

    >>> read_tonnes("30 t"), read_tonnes("до 12,5 тонн"), read_tonnes("30"), read_tonnes("heavy")
    (30.0, 12.5, 30.0, None)
    """
    number = r"(?<![\d.,])(\d+(?:[.,]\d+)?)"
    found = re.search(rf"{number} ?(?:t\b|т\b|ton|тонн|吨|噸)", text.casefold()) or re.fullmatch(
        number, text.strip()
    )
    return None if found is None else float(found[1].replace(",", "."))


# -- hours of the day ------------------------------------------------------------------------------------

#: Minutes from midnight, from the first to the last of a span; of the next day from 1440 on.
Minutes = tuple[int, int]
DAY_MINUTES = 1440
_HALF = r"(?: ?([ap])\.?m\b\.?)?"
_CLOCK = (
    r"(?<![\d:.])(\d{1,2})(?:(?:[:.]|h(?=\d)| ?(?:часов|часа|час|ч\b\.?|时|點|点) ?)(\d{2}(?!\d)|))?"
    rf"(?: ?мин\w*| ?分|h\b)?{_HALF}(?![\d:])"
)
_TO = r" ?(?:-|~|\bto\b|\btill\b|\buntil\b|\bдо\b|\bпо\b|至|到) ?"
_SPAN = rf"(?<![\d-])(?:(?:\bfrom|\bс|从|自) ?)?{_CLOCK}{_TO}{_CLOCK}(?!-\d)"
_PAUSE = r"(?:\b(?:break|lunch|перерыв\w*|обед\w*)|午休|休息)"
_BREAK = re.compile(rf"{_PAUSE}(?: на обед)?:? ?{_SPAN}|{_SPAN}[ )]*{_PAUSE}")
_SPANS, _TIME = re.compile(_SPAN), re.compile(_CLOCK)
_UNTIL = re.compile(rf"(?:(?:until|till|до|по|至) ?{_CLOCK}|{_CLOCK} ?(?:前|止))")
_ALL_DAY = re.compile(
    r"24 ?/ ?7|\b24 ?(?:hours|h\b|час\w*|ч\b\.?|小时|小時)|(?:a?round|all)[ -](?:the[ -])?(?:clock|day)"
    r"|круглые сутки|круглосуточн\w*|全天|昼夜|晝夜"
)
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun|week)(?:day)?s?|пн|вт|ср|чт|пт|сб|вс"
    r"|понедел\w*|вторник\w*|сред[аыу]|четверг\w*|пятниц\w*|суббот\w*|воскрес\w*|будн\w*|выходн\w*)\b"
    r"|周|週|星期|工作日"
)
_DASH = str.maketrans("‐‑‒–—―−〜～", "-------~~")


class WorkingHours(NamedTuple):
    """Hours of the day in which a crossing can be entered, and the rest of the text.

    `spans` are ascending; `until` is the minute up to which a short day lasts, in place of spans.
    """

    spans: tuple[Minutes, ...]
    until: int | None = None
    rest: str = ""

    def __str__(self) -> str:
        if self.until is not None:
            return f"until {clock_text(self.until)}"
        ends = [f"{clock_text(start)}-{clock_text(end)}" for start, end in self.spans]
        breaks = [f"break {clock_text(a)}-{clock_text(b)}" for (_, a), (b, _) in pairwise(self.spans)]
        whole = f"{clock_text(self.spans[0][0])}-{clock_text(self.spans[-1][1])}"
        return ", ".join([whole, *breaks] if breaks else ends)


def clock_text(minute: int) -> str:
    """Return a minute of the day, or of the next one, as 08:30; the end of the day is 24:00."""
    hour, minute = divmod(minute if minute <= DAY_MINUTES else minute - DAY_MINUTES, 60)
    return f"{hour:02d}:{minute:02d}"


def _minute(hour: str, minute: str | None, half: str | None) -> int:
    """Return the minute of a clock; raise ValueError if no clock shows it."""
    hours, minutes = int(hour), int(minute or 0)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half == "p" else 0)
    elif half:
        raise ValueError
    if minutes > 59 or hours * 60 + minutes > DAY_MINUTES:
        raise ValueError
    return hours * 60 + minutes


def read_clock(text: str) -> int | None:
    """Return the minute of the day of a time such as 08:30, 8.30, 8 ч 30 мин or 8:30 pm, or None."""
    found = _TIME.fullmatch(_plain_hours(text))
    try:
        return None if found is None else _minute(*found.groups())
    except ValueError:
        return None


def _plain_hours(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_DASH)
    plain = re.sub(r" ?([-~]) ?", r"\1", " ".join(plain.split()))
    plain = re.sub(r"\b([01]\d|2[0-4])([0-5]\d)-([01]\d|2[0-4])([0-5]\d)\b", r"\1:\2-\3:\4", plain)
    plain = re.sub(r"\b(?:часов|часа) (?=утра|дня|вечера)", "", plain)
    return re.sub(r"\b(?:дня|вечера)\b", "pm", re.sub(r"\bутра\b", "am", plain))


@lru_cache(maxsize=4096)
def read_hours(text: str) -> WorkingHours | None:
    """Return hours of the day as people write them; None if there are none or no clock shows them.

    A span that ends before it begins ends on the next day.

    >>> read_hours("8-20").spans, read_hours("с 8.00 до 24.00").spans, read_hours("круглосуточно").spans
    (((480, 1200),), ((480, 1440),), ((0, 1440),))
    >>> str(read_hours("20:00–06:00")), str(read_hours("08:00-12:00, 13:00-20:00"))
    ('20:00-06:00', '08:00-20:00, break 12:00-13:00')
    """
    plain = _plain_hours(text)
    try:
        if until := _UNTIL.match(plain):
            return WorkingHours((), _minute(*_first(until.groups())), plain[until.end() :].strip(" ,;."))
        breaks = [_span(found.groups()) for found in _BREAK.finditer(plain)]
        plain = _BREAK.sub("", plain)
        spans = sorted(_span(found.groups()) for found in _SPANS.finditer(plain))
        plain = _SPANS.sub("", plain)
    except ValueError:
        return None
    if not spans and _ALL_DAY.search(plain):
        spans = [(0, DAY_MINUTES)]
    plain = _ALL_DAY.sub("", plain)
    for pause in breaks:
        spans = [part for span in spans for part in _without(span, pause)]
    if not spans or any(after[0] < before[1] for before, after in pairwise(spans)):
        return None
    return WorkingHours(tuple(spans), None, " ".join(plain.split()).strip(" ,;.()"))


def _first(groups: Sequence[str | None]) -> tuple[str, str | None, str | None]:
    """Return the groups of the alternative that matched."""
    start = next(place for place in range(0, len(groups), 3) if groups[place] is not None)
    return str(groups[start]), groups[start + 1], groups[start + 2]


def _span(groups: Sequence[str | None]) -> Minutes:
    """Return the minutes of a span of two clocks; raise ValueError if it has no length."""
    first = next(place for place in range(0, len(groups), 6) if groups[place] is not None)
    start, end = (_minute(*_first(groups[place : place + 3])) for place in (first, first + 3))
    if start in (end, DAY_MINUTES):
        raise ValueError
    return start, end if end > start else end + DAY_MINUTES


def _without(span: Minutes, pause: Minutes) -> list[Minutes]:
    """Return the parts of a span outside a pause, which may be after midnight."""
    (start, end), (first, last) = span, pause
    if first < start and last + DAY_MINUTES <= end:
        first, last = first + DAY_MINUTES, last + DAY_MINUTES
    if not (start < first and last < end):
        return [span]
    return [(start, first), (last, end)]


def unread_hours(hours: WorkingHours) -> str:
    """Return what of a text of hours has a meaning that is not read: other times, and days of the week."""
    return hours.rest if re.search(r"\d", hours.rest) or _WEEKDAY.search(hours.rest) else ""
