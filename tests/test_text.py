"""Every word is there in three languages, with the same gaps."""

from __future__ import annotations

import string

import pytest

from amurgeo.text import LANGUAGES, translate, words


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(words()))
def test_a_text_has_three_languages_with_the_same_gaps(key: str) -> None:
    texts = words()[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    assert len({frozenset(_gaps(text)) for text in texts.values()}) == 1
    if key.partition(".")[0] in ("status", "reason", "mode", "traffic", "change", "basis", "confidence"):
        assert len(set(texts.values())) == 3


def test_gaps_are_filled() -> None:
    assert translate("because.record_open", "en", date="2026-02-04") == "opened on 2026-02-04"
