"""Words: three languages each, none missing, none left over."""

from __future__ import annotations

import re

import pytest

from amurgeo.maps import style
from amurgeo.text import LANGUAGES, page_words, words

PAGE_WORDS = page_words()
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted((style.FOLDER / "js").glob("*.js"))}
PYTHON = "\n".join(path.read_text(encoding="utf-8") for path in style.FOLDER.parents[1].rglob("*.py"))


def test_every_word_of_the_pages_has_three_languages() -> None:
    faults = []
    for key, texts in PAGE_WORDS.items():
        placeholders = {tuple(sorted(set(re.findall(r"\{\w+\}", texts[lang])))) for lang in LANGUAGES}
        if set(texts) != set(LANGUAGES) or not all(map(str.strip, texts.values())) or len(placeholders) != 1:
            faults.append(key)
    assert faults == []


#: Names of one border, which come from the dataset alone.
BORDER = re.compile(
    r"Amur|[Oo]blast|Russia|Chin(a|ese)|rouble|RUB|Амур|[Оо]бласт|Росси|Кита|рубл|阿穆尔|中国|俄|卢布"
)


def test_words_name_no_side_of_a_border() -> None:
    texts = {key: " ".join(texts.values()) for key, texts in {**PAGE_WORDS, **words()}.items()}
    # A fact is named by its key in a table of the dataset.
    named = {key for key, text in texts.items() if BORDER.search(text.replace("amurgeo", ""))}
    assert {key for key in named if not key.startswith("fact.")} == set()


def test_scripts_name_no_side_of_a_border() -> None:
    assert [name for name, text in SCRIPTS.items() if BORDER.search(text) or "'CN'" in text] == []


def test_every_word_in_the_scripts_exists() -> None:
    text = "\n".join(SCRIPTS.values())
    keys = set(re.findall(r"say\('([a-z_]+\.[\w.]*[a-zA-Z])'", text))
    assert len(keys) > 30
    assert keys <= set(style.all_words())
    prefixes = {*re.findall(r"say\('([a-z_]+\.)'", text), *re.findall(r"say\('([a-z_]+\.[a-z]+_)'", text)}
    known = tuple(style.all_words())
    assert [start for start in prefixes if not any(key.startswith(start) for key in known)] == []


def test_every_word_of_the_pages_is_used() -> None:
    text = "\n".join(SCRIPTS.values()) + PYTHON
    unused = []
    for key in PAGE_WORDS:
        group = key.partition(".")[0]
        uses = (f"'{key}'", f'"{key}"', f"'{group}.'", f"'{key.rpartition('_')[0]}_'", f'"{group}.{{')
        if not any(use in text for use in (*uses, f"'{group}.{{")):
            unused.append(key)
    assert unused == []


def test_every_mode_and_road_class_has_a_word() -> None:
    missing = [key for mode in style.MODES for key in (f"mode.{mode}",) if key not in words()]
    missing += [f"short.{mode}" for mode in style.MODES if f"short.{mode}" not in PAGE_WORDS]
    missing += [f"road.{road}" for road in style.ROADS if f"road.{road}" not in PAGE_WORDS]
    assert missing == []


def test_chinese_font_has_every_character_of_the_words() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    known = ttlib.TTFont(style.FOLDER / "vendor" / "noto-sans-sc.woff2").getBestCmap()
    text = "".join(texts["zh"] for texts in (*PAGE_WORDS.values(), *words().values()))
    missing = {char for char in text if "\u3400" <= char <= "\u9fff" and ord(char) not in known}
    assert missing == set(), "run data/build/maps_assets.py"
