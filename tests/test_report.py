"""The decision sheet: two pages that need nothing else, in three languages, the same every time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.comparison.compare import Comparison
from amurgeo.errors import InputError
from amurgeo.maps import files
from amurgeo.network import Network
from amurgeo.report import decision_sheet, write_sheet
from amurgeo.report.content import content
from amurgeo.report.names import short
from amurgeo.report.page import checksum
from amurgeo.report.tables import ranked_pairs
from amurgeo.scenario import as_scenario
from amurgeo.text import LANGUAGES, translate

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }} \u202e\u0007"
URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import""", re.IGNORECASE)


class Tags(HTMLParser):
    """Tags and attributes of a page, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.style = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.style += data


@pytest.fixture(scope="module")
def frozen_open(net: Network) -> Comparison:
    return ag.compare(net, ["frozen", "open"])


@pytest.fixture(scope="module")
def late_ice(net: Network) -> Comparison:
    return ag.compare(net, ["baseline", "late_ice_3w"], first="2027-01-01", last="2027-03-31")


@pytest.fixture(scope="module")
def sheets(net: Network, frozen_open: Comparison, late_ice: Comparison) -> dict[str, str]:
    """Every kind of sheet: a day in every language, a gap, a period, four regimes, hostile titles."""
    gap = ag.compare(net, ["paper_2010+open", "paper_2010+freeze_up"])
    four = ag.compare(net, ["frozen", "open", "freeze_up", "break_up"])
    made = {f"day-{lang}": decision_sheet(frozen_open, lang=lang) for lang in LANGUAGES}
    made |= {f"period-{lang}": decision_sheet(late_ice, lang=lang) for lang in ("en", "zh")}
    made |= {f"gap-{lang}": decision_sheet(gap, lang=lang) for lang in ("ru",)}
    return made | {"four-ru": decision_sheet(four, lang="ru"), "hostile-en": _hostile(net)}


def _hostile(net: Network) -> str:
    title = (HOSTILE * 9)[:900]
    scenario = as_scenario("kani_kurgan:bridge close 2026-11-10..2026-11-20")
    named = type(scenario)(HOSTILE, dict.fromkeys(LANGUAGES, title), {"en": title}, changes=scenario.changes)
    return decision_sheet(ag.compare(net, ["baseline", named], on="2026-11-15"))


def test_nothing_is_loaded_and_nothing_runs(sheets: dict[str, str]) -> None:
    for name, page in sheets.items():
        read = Tags(page)
        assert not read.tags & {"script", "link", "iframe", "object", "embed", "form", "base", "a"}, name
        names = {attribute for attribute, _ in read.attributes}
        assert not names & {"href", "srcset", "data", "action", "xlink:href"}, name
        assert not [attribute for attribute in names if attribute.startswith("on")], name
        targets = [value for attribute, value in read.attributes if attribute == "src"]
        styles = read.style + "".join(value for attribute, value in read.attributes if attribute == "style")
        targets += URL.findall(styles)
        assert len(targets) >= 3, name
        assert all(target.startswith("data:") for target in targets), name
        assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:" in page


def test_the_parts_are_there_in_every_language(
    sheets: dict[str, str], frozen_open: Comparison, net: Network
) -> None:
    for lang in LANGUAGES:
        page = sheets[f"day-{lang}"]
        assert f'<html lang="{lang}">' in page
        assert page.count('<section class="page"') == 2
        for key in ("question", "answer", "changes", "assumptions", "confidence", "sources", "checksum"):
            assert translate(f"sheet.{key}", lang) in page, (lang, key)
        for sentence in frozen_open.sentences(lang):
            assert sentence in page
        assert translate("word.record_until", lang, date=net.record_until.isoformat()) in page
        assert checksum(frozen_open) in page
        assert page.count("data:image/png;base64,") == 3
        assert ("AmurHan; unicode-range" in page) == (lang == "zh")


def test_a_period_counts_days_and_draws_both_years(sheets: dict[str, str], late_ice: Comparison) -> None:
    page = sheets["period-en"]
    changed = late_ice.changed("late_ice_3w").loc[("poyarkovo:ice_road", "cargo")]
    assert f"{changed['base_days']} → {changed['alt_days']} d" in page
    assert page.count("data:image/png;base64,") == 4
    assert translate("sheet.map_day", "en", day="")[2:] in page


def test_the_same_input_gives_the_same_bytes(frozen_open: Comparison, sheets: dict[str, str]) -> None:
    assert decision_sheet(frozen_open, lang="ru") == sheets["day-ru"]


def test_another_process_gives_the_same_bytes(tmp_path: Path, sheets: dict[str, str]) -> None:
    code = "import amurgeo.cli as c; c.main(['report', 'frozen', 'open', '-o', 'a.html'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Yakutsk"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "a.html").read_bytes()
    assert hashlib.sha256(written).digest() == hashlib.sha256(sheets["day-en"].encode()).digest()


def test_the_checksum_follows_tables_and_changes(net: Network, frozen_open: Comparison) -> None:
    tables = dict(net.tables)
    tables["speeds"] = tables["speeds"].assign(speed_kmh=tables["speeds"]["speed_kmh"] + 1)
    other = Comparison(
        Network(tables),
        frozen_open.vehicle,
        frozen_open.states,
        frozen_open.crossings,
        frozen_open.pairs,
    )
    first = ag.compare(net, ["baseline", "kani_kurgan:bridge wait_h 5"], on="2026-02-10")
    second = ag.compare(net, ["baseline", "kani_kurgan:bridge wait_h 6"], on="2026-02-10")
    sums = [checksum(result) for result in (frozen_open, other, first, second)]
    assert len(set(sums)) == 4
    assert all(re.fullmatch(r"[0-9a-f]{64}", text) for text in sums)


def test_hostile_text_stays_text(sheets: dict[str, str]) -> None:
    page = sheets["hostile-en"]
    assert "&lt;/style&gt;&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page
    assert not set("\u202e\u0007") & set(page)


def test_text_from_outside_is_cut_to_one_line() -> None:
    assert short("a\n\tb\u200b", 9) == "a b"
    assert short("x" * 50, 20) == "x" * 19 + "…"


def test_one_scenario_is_held_against_the_baseline(net: Network) -> None:
    page = decision_sheet(net, ["no_bridge"], on="2026-02-10", vehicle="truck_40t", lang="en")
    assert "Present world → " in page
    with pytest.raises(InputError, match="needs a scenario"):
        decision_sheet(net, [])


def test_more_alternatives_than_fit_are_refused(net: Network, frozen_open: Comparison) -> None:
    crowded = Comparison(net, "truck_20t", frozen_open.states * 4, frozen_open.crossings, frozen_open.pairs)
    with pytest.raises(InputError, match="at most 3 alternatives"):
        decision_sheet(crowded)
    with pytest.raises(InputError, match="unknown language 'de'"):
        decision_sheet(frozen_open, lang="de")


def test_nothing_changed_is_said(net: Network) -> None:
    page = decision_sheet(ag.compare(net, ["baseline", "baseline"], on="2026-07-15"))
    assert translate("sheet.nothing", "en") in page
    assert translate("sheet.no_change", "en") in page


def test_a_lapsed_fact_is_shown_loudly(frozen_open: Comparison) -> None:
    tables = dict(frozen_open.net.tables)
    until = pd.Series(pd.NaT, index=tables["services"].index, dtype="datetime64[s]")
    until.loc[("kani_kurgan:bridge", "cargo")] = pd.Timestamp("2026-01-31")
    tables["services"] = tables["services"].assign(valid_until=until)
    lapsed = Comparison(
        Network(tables), "truck_20t", frozen_open.states, frozen_open.crossings, frozen_open.pairs
    )
    said = content(lapsed, "en")["confidence"][0]
    assert said["alarm"]
    assert "2026-01-31" in said["text"]


def test_lost_pairs_lead_then_many_people(net: Network) -> None:
    pairs = pd.DataFrame(
        [
            ("heihe", "zeya", "slower", 9.0, 2, 2),
            ("zeya", "heihe", "slower", 8.0, 2, 2),
            ("blagoveshchensk", "heihe", "same", 0.0, 3, 1),
            ("belogorsk", "heihe", "lost", float("nan"), 1, 0),
            ("blagoveshchensk", "harbin", "slower", 1.0, 2, 2),
        ],
        columns=["origin", "destination", "change", "delta_h", "base_ways", "alt_ways"],
    )
    ranked = ranked_pairs(pairs, net.nodes)
    kinds = ranked["change"].tolist()
    assert kinds == ["lost", "slower", "slower", "same"]
    assert ("heihe", "zeya") in set(zip(ranked["origin"], ranked["destination"], strict=True))
    assert "zeya" not in set(ranked["origin"])


def test_a_sheet_is_a_page(frozen_open: Comparison, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.html"):
        write_sheet(frozen_open, tmp_path / "sheet.pdf")
    assert not list(tmp_path.iterdir())


def test_the_file_is_whole_or_the_old_one(
    tmp_path: Path, frozen_open: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "лист 决策" / "sheet.html"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("amurgeo.io.os.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            write_sheet(frozen_open, target)
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in target.parent.iterdir()] == ["sheet.html"]
    write_sheet(frozen_open, target)
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="cannot write"):
        write_sheet(frozen_open, target / "below.html")


def test_the_command_says_what_is_wrong_in_one_sentence(tmp_path: Path) -> None:
    for args, says in (
        (["frozne", "-o", "a.html"], "unknown scenario 'frozne'"),
        (["frozen", "open", "-o", "a.html", "--on", "2026-02-10"], "regime"),
        (["no_bridge", "-o", "a.html"], "--on"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "amurgeo", "report", *args], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert says in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


#: What runs over its page, or over the part of the page it stands in.
OVERRUN = """() => [...document.querySelectorAll('.page, .page section, .page table, .page div')]
  .filter(part => part.scrollHeight > part.clientHeight + 2 || part.scrollWidth > part.clientWidth + 2)
  .map(part => part.className + ' ' + part.textContent.trim().slice(0, 60))"""


@pytest.mark.browser
@pytest.mark.parametrize("family", ["", "DejaVu Sans"], ids=["usual", "wide"])
def test_every_sheet_prints_on_two_pages(
    browser: Any, sheets: dict[str, str], tmp_path: Path, family: str
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name, text in sheets.items():
        file = tmp_path / f"{name}.html"
        shown = text.replace('"Noto Sans", "Segoe UI"', f'"{family}"') if family else text
        file.write_text(shown, encoding="utf-8")
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        assert page.evaluate(OVERRUN) == [], name
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, name
        small = page.evaluate("document.querySelector('#page-1 .frame').clientHeight")
        assert small > 150, name
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.close()


def test_the_small_chinese_font_holds_every_character(sheets: dict[str, str]) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    known = ttlib.TTFont(files.FOLDER / "vendor" / "noto-sans-sc.woff2").getBestCmap()
    titles = [
        text["zh"]
        for name in ag.scenario_names()
        for text in (as_scenario(name).title, as_scenario(name).description)
    ]
    wanted = {char for text in (sheets["day-zh"], *titles) for char in text if "\u3400" <= char <= "\u9fff"}
    assert {char for char in wanted if ord(char) not in known} == set(), "run data/build/maps_assets.py"
