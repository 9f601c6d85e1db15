"""Every text exists in three languages, with the same placeholders."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

import amurgeo
from amurgeo.errors import InputError
from amurgeo.text import FIRST_DAY, LANGUAGES, LAST_DAY, long_date, parse_day, translate, words

#: Texts that differ in every language.
_CODES = ("status", "reason", "mode", "traffic", "change", "basis", "confidence")


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def test_each_text_has_three_languages_with_the_same_placeholders() -> None:
    faults = []
    for key, texts in words().items():
        distinct = len(set(texts.values())) == 3 or key.partition(".")[0] not in _CODES
        same = len({_placeholders(text) for text in texts.values()}) == 1
        if (
            set(texts) != set(LANGUAGES)
            or not all(map(str.strip, texts.values()))
            or not same
            or not distinct
        ):
            faults.append(key)
    assert faults == []


def test_placeholders_are_filled() -> None:
    assert translate("because.record_open", "en", date="2026-02-04") == "opened on 2026-02-04"
    with pytest.raises(InputError, match="did you mean en"):
        translate("status.open", "e")


def test_the_keys_in_the_code_exist() -> None:
    package = Path(amurgeo.__file__).parent
    key = re.compile(r"(?:translate|request\.text)\(\s*\"([a-z_]+\.[a-z_0-9]+)\"")
    used = {name for path in package.rglob("*.py") for name in key.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 40
    assert used - set(words()) == set()


def test_dates_are_read_from_text_and_from_numpy() -> None:
    day = date(2026, 2, 10)
    spellings = (" 2026-02-10 ", "10.02.2026", "10.2.2026", "2026/2/10", "2026年2月10日", "２０２６-02-10")
    assert {parse_day(given) for given in spellings} == {day}
    assert {parse_day(given) for given in (day, np.datetime64("2026-02-10T08:00"))} == {day}
    assert (parse_day(str(FIRST_DAY)), parse_day(LAST_DAY)) == (FIRST_DAY, LAST_DAY)
    for given, message in (
        ("28.11.26", "invalid date '28.11.26'; expected YYYY-MM-DD"),
        ("2026-02-30", "does not exist"),
        ("30.02.2026", "does not exist"),
        ("02/03/2026", "invalid date"),
        ("1979-12-31", "expected a year from 1980 to 2100"),
        (np.datetime64("NaT"), "invalid date"),
        (7, "invalid date 7"),
    ):
        with pytest.raises(InputError, match=message):
            parse_day(given)


def test_a_sentence_that_ends_with_an_abbreviation_has_one_stop() -> None:
    gone = {"mean": "4,5", "most": "9,7", "day": long_date(date(2026, 11, 26))}
    assert translate("queue.gone", "ru", **gone).endswith("к 26 ноября 2026 г.")
    assert translate("queue.gone", "en", **gone).endswith("by 26 November 2026.")
