"""Words: three languages each, none missing, none left over."""

from __future__ import annotations

import re

import pytest

from amurgeo.maps import files, style
from amurgeo.text import LANGUAGES, words

PAGE_WORDS = files.page_words()
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted((files.FOLDER / "js").glob("*.js"))}
PYTHON = "\n".join(path.read_text(encoding="utf-8") for path in sorted(files.FOLDER.parent.glob("*.py")))


@pytest.mark.parametrize("key", sorted(PAGE_WORDS))
def test_every_word_has_three_languages(key: str) -> None:
    texts = PAGE_WORDS[key]
    assert set(texts) == set(LANGUAGES)
    assert all(texts[lang].strip() for lang in LANGUAGES)
    gaps = {lang: set(re.findall(r"\{\w+\}", texts[lang])) for lang in LANGUAGES}
    assert gaps["en"] == gaps["ru"] == gaps["zh"]


def test_every_word_the_scripts_say_exists() -> None:
    said = {key for text in SCRIPTS.values() for key in re.findall(r"say\('([a-z_]+\.[\w.]*[a-zA-Z])'", text)}
    assert len(said) > 30
    assert said <= set(files.all_words())
    begun = {key for text in SCRIPTS.values() for key in re.findall(r"say\('([a-z_]+\.)'", text)}
    begun |= {key for text in SCRIPTS.values() for key in re.findall(r"say\('([a-z_]+\.[a-z]+_)'", text)}
    for start in begun:
        assert any(key.startswith(start) for key in files.all_words()), start


def test_no_word_is_left_over() -> None:
    text = "\n".join(SCRIPTS.values()) + PYTHON
    for key in PAGE_WORDS:
        group = key.partition(".")[0]
        begun = (f"'{group}.'", f"'{key.rpartition('_')[0]}_'", f'"{group}.{{', f"'{group}.{{")
        assert f"'{key}'" in text or f'"{key}"' in text or any(part in text for part in begun), key


def test_every_mode_and_status_has_a_word() -> None:
    for mode in style.MODES:
        assert f"mode.{mode}" in words()
        assert f"short.{mode}" in PAGE_WORDS
    for road in style.ROADS:
        assert f"road.{road}" in PAGE_WORDS


def test_chinese_font_holds_every_character_of_the_words() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    font = ttlib.TTFont(files.FOLDER / "vendor" / "noto-sans-sc.woff2")
    known = font.getBestCmap()
    wanted = {
        char
        for texts in (*PAGE_WORDS.values(), *words().values())
        for char in texts["zh"]
        if "\u3400" <= char <= "\u9fff"
    }
    assert {char for char in wanted if ord(char) not in known} == set(), "run data/build/maps_assets.py"
