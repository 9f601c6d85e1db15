"""User-facing texts in English, Russian and Chinese, from ``words.csv``, and dates."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from amurgeo.errors import InputError, shorten, unknown_name_error

if TYPE_CHECKING:
    import numpy as np

LANGUAGES = ("en", "ru", "zh")
#: First and last valid date.
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2100, 12, 31)
#: A date as users give it: text, date, datetime, Timestamp, or numpy.datetime64.
Day: TypeAlias = "str | date | np.datetime64"
#: Names in a sentence at most.
_SHOWN = 6
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: A placeholder; quoted text and the marks between clauses; a value that has a form by language.
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_QUOTED = r"(?:[^']|(?<=\w)'(?=\w))+?"
_MARKS = re.compile(r"(?<!\w)'.*?'(?!\w)|[;:] ", re.DOTALL)
#: The beginning of a hint, and the letters by which a name of a language is known.
_MEANT = "did you mean "
_LETTERS = {"ru": re.compile("[\u0400-\u04ff]"), "zh": re.compile("[\u4e00-\u9fff]")}
_VALUE = re.compile(r"[\d-]+|-?\d+\.\d+", re.ASCII)
_MONTH_DAY = re.compile(r"([01]\d)-([0-3]\d)", re.ASCII)
_ISO_DAY = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])", re.ASCII)


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return every text by key and language."""
    return _read_words(Path(__file__).with_name("words.csv"))


def _read_words(path: Path) -> Mapping[str, Mapping[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return {row.pop("key"): row for row in csv.DictReader(file)}


@cache
def page_words() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of the map pages by key and language."""
    return _read_words(Path(__file__).parent / "maps" / "assets" / "words.csv")


def translate(key: str, lang: str = "en", **values: Any) -> str:
    """Return the translation of a key; the stop of an abbreviation at its end is that of the sentence."""
    text = words()[key][check_language(lang)]
    if not values:
        return text
    text = text.format(**{name: in_language(value, lang) for name, value in values.items()})
    return text[:-1] if text.endswith("..") and not text.endswith("...") else text


def word(key: str, lang: str, default: str) -> str:
    """Return the translation of a key, or the default if there is none."""
    return translate(key, lang) if key in words() else default


def cell_width(text: str) -> int:
    """Return the columns of a terminal that a text takes; Chinese characters take two, U+200B none."""
    shown = (char for char in text if char != "\u200b" and not unicodedata.combining(char))
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in shown)


def heading(name: str, lang: str = "en", **values: Any) -> str:
    """Return the heading of a column; the name of a column without a text."""
    if f"head.{name}" in words():
        return translate(f"head.{name}", lang, **values)
    start, _, end = name.rpartition("_")
    if start in ("cost", "benefit"):
        return translate(f"head.{start}", lang, currency=end.upper())
    if end in _ENDS and f"head.{start}" in words():
        return translate("word.comma", lang).join((heading(start, lang), heading(end, lang)))
    return name


#: Ends of the names of columns that are quantiles and bounds of another one.
_ENDS = ("p10", "p50", "p90", "low", "high")


#: Digits after the point of a column, by the end of its name: those that its estimates deserve.
_DIGITS = {
    **dict.fromkeys(("_h", "hours", "_km", "_pct", "_days"), 1),
    **dict.fromkeys(("_share", "overlap", "crps_days", "value", "low", "high"), 2),
    **dict.fromkeys(("lat", "lon"), 5),
    "probability_open": 4,
    "at_least": 0,
}


def digits(column: str) -> int | None:
    """Return the digits after the point that numbers of a column have; None if they are shown as they are.

    >>> digits("total_h"), digits("cost_rub"), digits("rank")
    (1, 0, None)
    """
    if column.startswith(("cost_", "benefit_")):
        return 0
    return next((places for end, places in reversed(_DIGITS.items()) if column.endswith(end)), None)


def dates_in_language(text: str, lang: str) -> str:
    """Return a text with its ISO dates, and decimal numbers, in the form of a language.

    >>> dates_in_language("с 2026-02-10, 18.4 ч", "ru"), dates_in_language("自2026-02-10", "zh")
    ('с 10.02.2026, 18,4 ч', '自2026年2月10日')
    """
    if lang == "zh":
        return _ISO_DAY.sub(lambda day: f"{day[1]}年{int(day[2])}月{int(day[3])}日", text)
    if lang == "ru":
        text = re.sub(r"(?<![\w.:-])(\d+)\.(\d+)(?![\w.:-])", r"\1,\2", text)
        return _ISO_DAY.sub(r"\3.\2.\1", text)
    return text


@cache
def _messages() -> Sequence[tuple[list[str], Mapping[str, str]]]:
    """Return the templates of messages as texts between placeholders, those with most text first."""
    with open(Path(__file__).with_name("messages.csv"), encoding="utf-8", newline="") as file:
        rows = [(_PLACEHOLDER.split(row["en"]), row) for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: -len("".join(row[0][::2])))


def message_in(message: str, lang: str) -> str:
    """Return an English message of the package, or of the command line, in another language.

    A message is a row of ``messages.csv``, or clauses joined by ``; `` or ``: `` that are. Values in its
    placeholders are translated likewise, except quoted ones, which the user wrote.

    >>> message_in("k is invalid: 0; expected a whole number from 1 to 50", "ru")
    'k: недопустимое значение 0; ожидается целое число от 1 до 50'
    """
    if check_language(lang) == "en":
        return message
    if message.startswith(_MEANT) and message.endswith("?"):
        # Names of places have semicolons between them.
        near = "; ".join(_own_name_first(one, lang) for one in message[len(_MEANT) : -1].split("; "))
        return str(_from_template(f"{_MEANT}{near}?", lang, _QUOTED))
    for mark in ("; ", ": "):
        if mark == ": " and (text := _from_template(message, lang, _QUOTED)) is not None:
            return text
        ends = [found.start() for found in _MARKS.finditer(message) if found[0] == mark]
        if ends:
            head, tail = message[: ends[0]], message[ends[0] + 2 :]
            joint = "；" if lang == "zh" and mark == "; " else mark
            return f"{message_in(head, lang)}{joint}{message_in(tail, lang)}"
    if (text := _from_template(message, lang, ".+?")) is not None:
        return text
    if (day := _MONTH_DAY.fullmatch(message)) is not None:
        return f"{day[2]}.{day[1]}" if lang == "ru" else f"{int(day[1])}月{int(day[2])}日"
    return dates_in_language(message, lang) if _VALUE.fullmatch(message) else message


def _own_name_first(names: str, lang: str) -> str:
    """Return the names of a place, ``Zeya (Зея, 结雅)``, with that in the letters of the language first.

    >>> _own_name_first("Zeya (Зея, 结雅)", "zh")
    '结雅 (Zeya, Зея)'
    """
    found = re.fullmatch(r"([^()]+) \(([^()]+)\)", names)
    if not found:
        return names
    own = sorted([found[1], *found[2].split(", ")], key=lambda name: not _LETTERS[lang].search(name))
    return f"{own[0]} ({', '.join(own[1:])})"


def _from_template(message: str, lang: str, quoted: str) -> str | None:
    """Return a clause by the first template that it follows; `quoted` is the pattern of quoted values."""
    for parts, row in _messages():
        if not all(part in message for part in parts[::2]):
            continue
        in_quotes = {name for name in parts[1::2] if f"'{{{name}}}'" in row["en"]}
        groups = [f"(?P<{name}>{quoted if name in in_quotes else '.+?'})" for name in parts[1::2]]
        texts = [re.escape(part) for part in parts[::2]]
        pattern = "".join(chain.from_iterable(zip_longest(texts, groups, fillvalue="")))
        found = re.fullmatch(pattern, message, re.DOTALL)
        # A value that ends with a colon, or a first one with a colon in it, is the clause before.
        first = found[1] if found and parts[1:] and not parts[0] else ""
        if found and ": " not in first and not any(value.endswith(":") for value in found.groups()):
            values = found.groupdict()
            for name in values.keys() - in_quotes:
                # The name of an argument stays; the command line names its option.
                if name != "what" or " " in values[name]:
                    values[name] = message_in(values[name], lang)
            return row[lang].format(**values)
    return None


def chance_text(p: float | None) -> str:
    """Return a probability with two digits; one that is not certain is never rounded to 0.00 or 1.00.

    >>> chance_text(0.9999), chance_text(0.0001), chance_text(0.985), chance_text(1.0), chance_text(None)
    ('> 0.99', '< 0.01', '0.98', '1.00', '')
    """
    if p is None or p != p:
        return ""
    if 0.0 < p < 0.01:
        return "< 0.01"
    return "> 0.99" if 0.99 < p < 1.0 else f"{p:.2f}"


def number_text(value: float, lang: str = "en", *, digits: int | None = None) -> str:
    r"""Return a number with the separators of a language; without digits as it is.

    >>> number_text(11514.3, "ru", digits=1), number_text(11514, "zh", digits=0), number_text(2)
    ('11\xa0514,3', '11,514', '2')
    """
    text = f"{value}" if digits is None else f"{value:,.{digits}f}"
    if text.strip("-0.") == "":
        text = text.strip("-")
    return text.translate({44: "\xa0", 46: ","}) if lang == "ru" else text


def percent_text(share: float, lang: str = "en") -> str:
    """Return a share in percent as the language writes it.

    >>> percent_text(0.984), percent_text(0.984, "ru")
    ('98%', '98 %')
    """
    return f"{number_text(100 * share, lang, digits=0)}{' ' * (lang == 'ru')}%"


def large_text(value: float, lang: str = "en") -> str:
    r"""Return a large number as the language writes it: in Chinese in units of 10 thousand and 100 million.

    >>> large_text(93_000_000), large_text(93_000_000, "ru"), large_text(93_000_000, "zh")
    ('93,000,000', '93\xa0000\xa0000', '9300万')
    """
    if lang == "zh" and abs(value) >= 10_000:
        unit, name = (1e8, "亿") if abs(value) >= 1e8 else (1e4, "万")
        return f"{value / unit:g}{name}"
    return number_text(value, lang, digits=0)


def counted(what: str, n: int, lang: str = "en") -> str:
    """Return a number with its noun, ``days``, ``towns``, ``places``, ``pairs`` or ``crossings``.

    >>> [counted("towns", n, "ru") for n in (1, 3, 12, 21)], counted("days", 1)
    (['1 город', '3 города', '12 городов', '21 город'], '1 day')
    """
    return translate_count(f"count.{what}", n, lang, n=number_text(n, lang, digits=0))


def translate_count(key: str, n: int, lang: str = "en", /, **values: Any) -> str:
    """Return the translation of a key in the form that a number asks for; ``|`` is between the forms.

    >>> [translate_count("answer.lost_more", n, n=n, of=9) for n in (1, 2)]
    ['1 of 9 pairs has no way.', '2 of 9 pairs have no way.']
    """
    forms = words()[key][check_language(lang)].split("|")
    last, teens = n % 10, 10 < n % 100 < 20
    form = 0 if n == 1 or (lang == "ru" and last == 1 and not teens) else 1
    if lang == "ru" and form and (teens or not 2 <= last <= 4):
        form = 2
    return forms[min(form, len(forms) - 1)].format(**values)


def listing(parts: Iterable[str], lang: str) -> str:
    """Join the parts of a list as the language does, by semicolons if parts have commas of their own.

    Examples
    --------
    >>> listing(["黑河", "逊克"], "zh"), listing(["Heihe", "Xunke"], "en")
    ('黑河、逊克', 'Heihe, Xunke')
    >>> listing(["Kani-Kurgan, road bridge", "Poyarkovo, ferry"], "en")
    'Kani-Kurgan, road bridge; Poyarkovo, ferry'
    """
    texts = list(parts)
    if lang == "zh":
        return ("；" if any(mark in text for text in texts for mark in "，、,") else "、").join(texts)
    return ("; " if any(", " in text for text in texts) else ", ").join(texts)


def unknown_text(names: Sequence[str], lang: str = "en") -> str:
    """Return a sentence on the crossings whose status is unknown and which count as closed.

    >>> unknown_text(["kraskino:road"])[:42]
    'Unknown and counted as closed: 1 crossing '
    """
    shown = listing([*names[:_SHOWN], *["…"][: len(names) - _SHOWN]], lang)
    return translate_count("word.unknown", len(names), lang, n=len(names), names=shown)


def in_language(value: Any, lang: str) -> Any:
    """Return the value of a mapping by language, in its first language if it lacks this one; others as is."""
    return value.get(lang, next(iter(value.values()), "")) if isinstance(value, Mapping) else value


def fill_placeholders(key: str, **values: Mapping[str, str] | str | int) -> dict[str, str]:
    """Return a text of the map pages in every language with its placeholders filled.

    >>> fill_placeholders("figure.year", year=2026)["en"]
    'Operating seasons, 2026'
    """
    texts = {}
    for lang in LANGUAGES:
        text = page_words()[key][lang]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(in_language(value, lang)))
        texts[lang] = text
    return texts


def long_date(day: date) -> dict[str, str]:
    """Return a date in words in every language.

    >>> long_date(date(2026, 2, 10))
    {'en': '10 February 2026', 'ru': '10 февраля 2026 г.', 'zh': '2026年2月10日'}
    """
    month = page_words()[f"month.{day.month:02d}"]
    return fill_placeholders("date.long", day=day.day, month=month, year=day.year)


def day_text(day: object, lang: str = "en") -> str:
    """Return a day, given as a date or ISO text, as a language writes it.

    >>> day_text(date(2026, 2, 10), "ru"), day_text("2026-02-10", "zh")
    ('10.02.2026', '2026-02-10')
    """
    year, month, number = str(day)[:10].split("-")
    return f"{number}.{month}.{year}" if lang == "ru" else f"{year}-{month}-{number}"


def span_text(first: object, last: object, lang: str = "en") -> str:
    """Return a period as tables have it; one day if it has only one.

    >>> span_text("2026-02-10", "2026-02-12", "ru"), span_text("2026-02-10", "2026-02-10", "ru")
    ('10.02.2026 – 12.02.2026', '10.02.2026')
    """
    days = [day_text(day, lang) for day in (first, last)]
    return days[0] if days[0] == days[1] else translate("word.span", lang, first=days[0], last=days[1])


def check_language(lang: str) -> str:
    """Return the language; raise if it is unknown."""
    if lang not in LANGUAGES:
        raise unknown_name_error("language", lang, LANGUAGES)
    return lang


def name_of(row: Mapping[str, Any], lang: str = "en") -> str:
    """Return the name of a place, checkpoint or vehicle in a language."""
    return str(row[f"name_{check_language(lang)}"])


def inside(name: str) -> str:
    """Return the name of a kind of thing as it stands after a comma or a colon; an abbreviation stays.

    >>> inside("Truck of 20 t gross"), inside("SUV")
    ('truck of 20 t gross', 'SUV')
    """
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


#: Spellings of a day that can only be one day.
_DAYS = tuple(
    (re.compile(pattern + r"(?: 0?0:00(?::00)?)?"), spelling)
    for pattern, spelling in (
        (r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})", "days as 28.11.2026"),
        (r"(?P<year>\d{4})[./年-](?P<month>\d{1,2})[./月-](?P<day>\d{1,2})日?", "days as 2026/11/28"),
        (r"(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{1,2})/(?P<year>\d{4})", "days as 28/11/2026"),
        (r"(?P<month>\d{1,2})/(?P<day>1[3-9]|2\d|3[01]|(?P=month))/(?P<year>\d{4})", "days as 11/28/2026"),
    )
)


def iso_day(text: str) -> tuple[str, str]:
    """Return a day as 2026-02-10 and the spelling it had; text that may be two days, or none, as it is.

    >>> iso_day("28.11.2026"), iso_day("2026年2月10日")[0], iso_day("02/03/2026")[0]
    (('2026-11-28', 'days as 28.11.2026'), '2026-02-10', '02/03/2026')
    """
    for pattern, spelling in () if _DAY.fullmatch(text) else _DAYS:
        if found := pattern.fullmatch(unicodedata.normalize("NFKC", text)):
            return f"{found['year']}-{int(found['month']):02d}-{int(found['day']):02d}", spelling
    return text, ""


def decimal_point(text: str) -> str:
    """Return a number with a point in place of a decimal comma; other text as it is.

    >>> decimal_point("8,5"), decimal_point("1,000,000")
    ('8.5', '1,000,000')
    """
    return text.replace(",", ".") if re.fullmatch(r"\s*[+-]?\d+,\d+\s*", text) else text


def refuse_zone(given: Any) -> None:
    """Raise if a time has a time zone: days and hours are those of the place."""
    if getattr(given, "tzinfo", None) is not None:
        raise InputError(f"'{given}' has a time zone; expected a local day or hour without one")


def parse_day(on: Any) -> date:
    """Return the date of text, a date, a datetime, a Timestamp or a ``datetime64``.

    Text is a day such as ``2026-02-10``, ``10.02.2026`` or ``2026年2月10日``. The time of day, if any, is
    dropped; a time zone is refused, since the day elsewhere may be another.

    >>> parse_day("2026-02-10")
    datetime.date(2026, 2, 10)
    """
    if isinstance(on, str):
        text, _ = iso_day(on.strip())
        if not _DAY.fullmatch(text):
            raise InputError(f"invalid date '{on}'; expected YYYY-MM-DD, such as 2026-02-10, or 10.02.2026")
        try:
            on = date.fromisoformat(text)
        except ValueError:
            raise InputError(f"the date '{on}' does not exist; expected a day such as 2026-02-10") from None
    elif getattr(getattr(on, "dtype", None), "kind", "") == "M" and getattr(on, "ndim", 1) == 0:
        # A datetime64; NaT becomes None. Importing numpy here would slow the import of the package.
        on = on.astype("datetime64[D]").item()
    if not isinstance(on, date) or on != on:
        raise InputError(f"invalid date {shorten(on)}; expected text such as 2026-02-10, or a date")
    refuse_zone(on)
    day = date(on.year, on.month, on.day)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(
            f"the date {day} is out of range; expected a year from {FIRST_DAY.year} to {LAST_DAY.year}"
        )
    return day
