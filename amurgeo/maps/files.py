"""The files the pages are made of: scripts, styles, other people's work with its hashes."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from amurgeo.text import LANGUAGES, words

FOLDER = Path(__file__).with_name("assets")


@cache
def manifest() -> Mapping[str, Mapping[str, str | int]]:
    """Return what is carried of other people's work, by file: package, version, licence, hash.

    Examples
    --------
    >>> manifest()["leaflet.js"]["version"]
    '1.9.4'
    """
    found: dict[str, dict[str, str | int]] = json.loads(
        (FOLDER / "manifest.json").read_text(encoding="utf-8")
    )
    return found


@cache
def script(name: str) -> str:
    """Return one of the pages' own scripts, for instance ``"crossings.js"``."""
    return (FOLDER / "js" / name).read_text(encoding="utf-8")


@cache
def stylesheet(name: str) -> str:
    """Return one of the pages' own style sheets."""
    return (FOLDER / "css" / name).read_text(encoding="utf-8")


@cache
def vendored(name: str) -> str:
    """Return a carried script or style sheet, ready to stand inside a page."""
    text = (FOLDER / "vendor" / name).read_text(encoding="utf-8")
    return re.sub(r"</(script|style)", r"<\\/\1", text, flags=re.IGNORECASE)


@cache
def font_face() -> str:
    """Return the style rule with the small Chinese font for machines that have none."""
    font = base64.b64encode((FOLDER / "vendor" / "noto-sans-sc.woff2").read_bytes()).decode("ascii")
    return (
        "@font-face { font-family: AmurHan; unicode-range: U+3000-303F, U+3400-9FFF, U+FF00-FFEF; "
        f"src: url(data:font/woff2;base64,{font}) format('woff2'); }}"
    )


@cache
def page_words() -> Mapping[str, Mapping[str, str]]:
    """Return the words of the pages by key and language.

    Examples
    --------
    >>> page_words()["ui.print"]["ru"]
    'Печать'
    """
    with open(FOLDER / "words.csv", encoding="utf-8", newline="") as file:
        return {row.pop("key"): row for row in csv.DictReader(file)}


@cache
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Return the words of the pages together with the package's words for modes, statuses and reasons."""
    kept = (
        "mode.",
        "status.",
        "reason.",
        "traffic.",
        "basis.",
        "confidence.",
        "limited.",
        "change.",
        "word.",
    )
    common = {key: text for key, text in words().items() if key.startswith(kept)}
    return {**common, **page_words()}


def long_date(day: date) -> dict[str, str]:
    """Write a day in every language.

    Examples
    --------
    >>> long_date(date(2026, 2, 10))
    {'en': '10 February 2026', 'ru': '10 февраля 2026 г.', 'zh': '2026年2月10日'}
    """
    return fill("date.long", day=day.day, month=page_words()[f"month.{day.month:02d}"], year=day.year)


def fill(key: str, **values: Mapping[str, str] | str | int) -> dict[str, str]:
    """Fill the gaps of a text in every language; a value may itself be given by language.

    Examples
    --------
    >>> fill("title.season", year=2026)["en"]
    'Amur crossings through 2026'
    """
    made = {}
    for lang in LANGUAGES:
        text = page_words()[key][lang]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value[lang] if isinstance(value, Mapping) else value))
        made[lang] = text
    return made
