"""Every word shown to a user, in English, Russian and Chinese; the words stand in ``words.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from amurgeo.errors import unknown

LANGUAGES = ("en", "ru", "zh")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return every text by key and language."""
    with open(Path(__file__).with_name("words.csv"), encoding="utf-8", newline="") as file:
        return {row.pop("key"): row for row in csv.DictReader(file)}


def say(key: str, lang: str = "en", **values: Any) -> str:
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
    >>> say("status.open", "ru"), say("reason.ice_drift", "zh")
    ('открыт', '流冰')
    """
    check_language(lang)
    text = words()[key][lang]
    return text.format(**values) if values else text


def check_language(lang: str) -> str:
    """Return the language when there is one of that name, else raise."""
    if lang not in LANGUAGES:
        raise unknown("language", lang, LANGUAGES)
    return lang


def name_of(row: Mapping[str, Any], lang: str = "en") -> str:
    """Return the name of a place, checkpoint or vehicle in a language.

    Examples
    --------
    >>> name_of({"name_en": "Heihe", "name_ru": "Хэйхэ", "name_zh": "黑河"}, "ru")
    'Хэйхэ'
    """
    return str(row[f"name_{check_language(lang)}"])
