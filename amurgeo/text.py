"""Every word shown to a user, in English, Russian and Chinese; the words stand in ``words.csv``."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from amurgeo.errors import InputError, unknown_name_error

LANGUAGES = ("en", "ru", "zh")
#: First and last day that a state can be asked for.
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2100, 12, 31)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return every text by key and language."""
    return _read_words(Path(__file__).with_name("words.csv"))


def _read_words(path: Path) -> Mapping[str, Mapping[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return {row.pop("key"): row for row in csv.DictReader(file)}


@cache
def page_words() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of the map pages by key and language.

    Examples
    --------
    >>> page_words()["ui.print"]["ru"]
    'Печать'
    """
    return _read_words(Path(__file__).parent / "maps" / "assets" / "words.csv")


def translate(key: str, lang: str = "en", **values: Any) -> str:
    """Say something in a language.

    Parameters
    ----------
    key
        Key of the text, for instance ``"status.open"``.
    lang
        One of `LANGUAGES`.
    values
        What is put into the text's gaps.

    Raises
    ------
    InputError
        When there is no such language.

    Examples
    --------
    >>> translate("status.open", "ru"), translate("reason.ice_drift", "zh")
    ('открыт', '流冰')
    """
    check_language(lang)
    text = words()[key][lang]
    return text.format(**values) if values else text


def fill_placeholders(key: str, **values: Mapping[str, str] | str | int) -> dict[str, str]:
    """Return a text of the map pages in every language with its placeholders filled.

    Parameters
    ----------
    key
        Key of the text in `page_words`.
    values
        Placeholder values; a mapping gives one value by language.

    Examples
    --------
    >>> fill_placeholders("title.season", year=2026)["en"]
    'Amur crossings through 2026'
    """
    texts = {}
    for lang in LANGUAGES:
        text = page_words()[key][lang]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value[lang] if isinstance(value, Mapping) else value))
        texts[lang] = text
    return texts


def long_date(day: date) -> dict[str, str]:
    """Return a date in words in every language.

    Examples
    --------
    >>> long_date(date(2026, 2, 10))
    {'en': '10 February 2026', 'ru': '10 февраля 2026 г.', 'zh': '2026年2月10日'}
    """
    month = page_words()[f"month.{day.month:02d}"]
    return fill_placeholders("date.long", day=day.day, month=month, year=day.year)


def check_language(lang: str) -> str:
    """Return the language when there is one of that name, else raise."""
    if lang not in LANGUAGES:
        raise unknown_name_error("language", lang, LANGUAGES)
    return lang


def name_of(row: Mapping[str, Any], lang: str = "en") -> str:
    """Return the name of a place, checkpoint or vehicle in a language.

    Examples
    --------
    >>> name_of({"name_en": "Heihe", "name_ru": "Хэйхэ", "name_zh": "黑河"}, "ru")
    'Хэйхэ'
    """
    return str(row[f"name_{check_language(lang)}"])


def parse_day(on: Any) -> date:
    """Read a day.

    Raises
    ------
    InputError
        When it is written otherwise than 2026-02-10, does not exist, or lies outside 1980 to 2100.

    Examples
    --------
    >>> parse_day("2026-02-10")
    datetime.date(2026, 2, 10)
    """
    if isinstance(on, str):
        text = on.strip()
        if not _DAY.fullmatch(text):
            raise InputError(f"'{on}' is no day; write it as 2026-02-10")
        try:
            on = date.fromisoformat(text)
        except ValueError:
            raise InputError(f"'{on}' does not exist; give a day of the calendar, as 2026-02-10") from None
    elif hasattr(on, "item"):
        # A datetime64; NaT becomes None. No numpy here: importing the words must stay cheap.
        on = on.astype("datetime64[D]").item()
    if not isinstance(on, date) or on != on:
        raise InputError(f"{on!r} is no day; give it as text, 2026-02-10, or as a date")
    day = date(on.year, on.month, on.day)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(
            f"'{day}' lies outside {FIRST_DAY.year} to {LAST_DAY.year}, for which the dataset can speak"
        )
    return day
