"""Every text has three languages with the same placeholders."""

from __future__ import annotations

import string

from amurgeo.text import LANGUAGES, translate, words

#: Groups of short words that differ between all languages.
DISTINCT = ("status", "reason", "mode", "traffic", "change", "basis", "confidence")


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_text_has_three_languages_with_the_same_placeholders() -> None:
    faults = []
    for key, texts in words().items():
        complete = set(texts) == set(LANGUAGES) and all(text.strip() for text in texts.values())
        same = len({_placeholders(text) for text in texts.values()}) == 1
        distinct = key.partition(".")[0] not in DISTINCT or len(set(texts.values())) == 3
        if not (complete and same and distinct):
            faults.append(key)
    assert faults == []


def test_placeholders_are_filled() -> None:
    assert translate("because.record_open", "en", date="2026-02-04") == "opened on 2026-02-04"
