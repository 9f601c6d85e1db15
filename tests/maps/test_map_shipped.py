"""The pages of the shipped dataset: the fonts are whole, the year is drawn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo.figures import calendar_figure
from amurgeo.maps import style
from amurgeo.text import LANGUAGES

MANIFEST = json.loads((style.FOLDER / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["noto-sans-sc.woff2", "noto-sans-sc-page.woff2"])
def test_font_holds_every_chinese_name(net: ag.Network, name: str) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    known = ttlib.TTFont(style.FOLDER / "vendor" / name).getBestCmap()
    shown = style.shown_words() if "page" in name else style.all_words()
    words = "".join(text["zh"] for text in shown.values())
    names = "".join([*net.places["name_zh"], *net.checkpoints["name_zh"], words])
    missing = {char for char in names if "\u3400" <= char <= "\u9fff" and ord(char) not in known}
    lacking = set(str(MANIFEST[name]["lacking"]))
    assert missing <= lacking, "run data/build/maps_assets.py"
    assert len(lacking) <= 3


def test_every_word_has_the_languages_of_the_page() -> None:
    assert all(set(LANGUAGES) <= set(texts) for texts in style.all_words().values())


@pytest.mark.slow
def test_year_of_the_shipped_record_is_drawn(net: ag.Network, tmp_path: Path) -> None:
    days = ag.calendar(net, 2024)
    figure = calendar_figure(days, year=2024, net=net, lang="ru", path=tmp_path / "year.png", dpi=60)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows[0] == "Благовещенск, паром"
    assert (tmp_path / "year.png").stat().st_size > 10_000
