"""Checks of what is written: broken encodings, names in the wrong script, the same place twice."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

from amurgeo.dataset.rows import Tables, fault, filled, rows
from amurgeo.dataset.schema import schema
from amurgeo.errors import Fault

_TEXT_TYPES = ("text", "list", "id", "ref")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SCRIPTS = {"en": ("Latin", _LATIN), "ru": ("Cyrillic", _CYRILLIC), "zh": ("Chinese", _CHINESE)}
#: UTF-8 Cyrillic read as Windows-1251: a Р or С before a sign that stands in no Russian word.
_CP1251 = re.compile(r"(?:[РС][\u00a0-\u00bf‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџЎўЈҐЁЄЇІіґёєјЅѕї]){2,}")
#: UTF-8 Cyrillic read as Latin-1 or Windows-1252.
_LATIN1 = re.compile(r"(?:[ÐÑ][\u0080-\u00bfŒœŠšŽžŸƒˆ˜‘’“”•–—™›‹„…†‡€‰]){2,}")
#: Distance in km within which two places of one name are taken for one.
SAME_PLACE_KM = 5.0
_SAME_SPOT_KM = 0.1


def check_mojibake(own: Tables) -> list[Fault]:
    """Find text whose encoding was broken on the way; where it can be undone the text is named."""
    found = []
    for table in own:
        columns = [column.name for column in schema(table) if column.type in _TEXT_TYPES]
        for line, row in rows(own, table):
            for name in columns:
                text = ";".join(row[name]) if isinstance(row[name], tuple) else str(row[name] or "")
                if text.isascii() and "???" not in text:
                    continue
                meant = repaired(text)
                if meant is not None:
                    hint = f"it was probably '{meant}'" if meant else "write it anew"
                    found.append(
                        fault(
                            table,
                            line,
                            name,
                            "mojibake",
                            f"'{text[:40]}' was read in a wrong encoding; {hint}, and save it as UTF-8",
                        )
                    )
    return found


def repaired(text: str) -> str | None:
    """Return what a broken text was; empty text when that cannot be told, None when it is not broken.

    Examples
    --------
    >>> repaired("РџРѕСЏСЂРєРѕРІРѕ"), repaired("é»‘æ²³"), repaired("????????"), repaired("Поярково")
    ('Поярково', '黑河', '', None)
    """
    if "\ufffd" in text or "???" in text:
        return ""
    for encoding, wanted in (
        ("cp1251", (_CYRILLIC, _CHINESE)),
        ("cp1252", (_CYRILLIC, _CHINESE)),
        ("latin-1", (_CYRILLIC, _CHINESE)),
        ("gbk", (_CHINESE,)),
    ):
        try:
            meant = text.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if meant != text and any(script.search(meant) for script in wanted):
            return meant
    return "" if _CP1251.search(text) or _LATIN1.search(text) else None


def check_script(own: Tables) -> list[Fault]:
    """Find names written in the wrong script, and words that mix Latin and Cyrillic letters."""
    found = []
    for table in own:
        columns = [column.name for column in schema(table) if re.search(r"name_(en|ru|zh)$", column.name)]
        for line, row in rows(own, table):
            for name in columns:
                problem = _wrong_script(str(row[name]), name[-2:]) if filled(row[name]) else None
                if problem:
                    found.append(fault(table, line, name, "script", problem))
    return found


def _wrong_script(text: str, lang: str) -> str | None:
    if repaired(text) is not None:
        return None
    script, letters = _SCRIPTS[lang]
    strange = [
        name
        for other, (name, pattern) in _SCRIPTS.items()
        # A Russian or Chinese name may hold a Latin abbreviation.
        if other != lang and other != "en" and pattern.search(text)
    ]
    if not letters.search(text):
        return f"'{text}' holds no {script} letter; give the name in {script} letters"
    if strange:
        return f"'{text}' holds {' and '.join(strange)} letters; give the name in {script} letters"
    for word in re.findall(r"\w+", text):
        if _LATIN.search(word) and _CYRILLIC.search(word):
            return f"'{word}' mixes Latin and Cyrillic letters that look alike; type it in one alphabet"
    return None


def check_near_duplicates(own: Tables, merged: Tables) -> list[Fault]:
    """Find places that stand in the dataset already under another id."""
    found = []
    for table in ("places", "stations"):
        known = [row for _, row in rows(merged, table)]
        for line, row in rows(own, table):
            twin = next((other for other in known if _same_place(row, other)), None)
            # Of two own rows the later one is the double.
            if twin is not None and not _stands_later(own, table, twin["id"], line):
                found.append(
                    fault(
                        table,
                        line,
                        "id",
                        "near-duplicate",
                        f"'{row['id']}' seems to be {twin['id']}, {_apart_km(row, twin):.1f} km away; "
                        "use that id, or another name",
                    )
                )
    return found


def _same_place(one: dict[str, Any], two: dict[str, Any]) -> bool:
    if one["id"] == two["id"]:
        return False
    apart = _apart_km(one, two)
    if not apart <= SAME_PLACE_KM:
        return False
    return apart <= _SAME_SPOT_KM or any(
        filled(one[name]) and _plain(one[name]) == _plain(two[name])
        for name in ("name_en", "name_ru", "name_zh")
    )


def _stands_later(own: Tables, table: str, id_: str, line: int) -> bool:
    return any(other["id"] == id_ and where > line for where, other in rows(own, table))


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text).casefold() if char.isalnum())


def _apart_km(one: dict[str, Any], two: dict[str, Any]) -> float:
    """Return the rough distance of two near places; NaN where a coordinate is missing."""
    scale = math.cos(math.radians(one["lat"])) if one["lat"] == one["lat"] else math.nan
    return 111.2 * math.hypot(one["lat"] - two["lat"], (one["lon"] - two["lon"]) * scale)
