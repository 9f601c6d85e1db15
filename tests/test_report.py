"""The report: two pages in one file, in three languages, reproducible."""

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
from amurgeo.cli import main
from amurgeo.comparison.compare import Comparison
from amurgeo.errors import InputError
from amurgeo.maps import style
from amurgeo.network import Network
from amurgeo.report import decision_sheet, write
from amurgeo.report.content import content, short
from amurgeo.report.page import checksum
from amurgeo.scenario import as_scenario
from amurgeo.text import LANGUAGES, counted, translate

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


def compared(six: Network, scenarios: list[Any], **days: str) -> Comparison:
    ends = {"origins": ["north", "blagoveshchensk"], "destinations": ["heihe", "south"]}
    return ag.compare(six, scenarios, **ends, **days)


@pytest.fixture(scope="module")
def result(six: Network) -> Comparison:
    return compared(six, ["frozen", "open"])


@pytest.fixture(scope="module")
def late_ice(six: Network) -> Comparison:
    return compared(six, ["baseline", "late_ice_3w"], first="2027-01-01", last="2027-03-31")


@pytest.fixture(scope="module")
def sheets(six: Network, result: Comparison, late_ice: Comparison) -> dict[str, str]:
    """Reports on the network of six places: a date in every language, a period, and hostile titles."""
    pages = {f"day-{lang}": decision_sheet(result, lang=lang) for lang in LANGUAGES}
    title = (HOSTILE * 9)[:900]
    scenario = as_scenario("kani_kurgan:bridge close 2026-11-10..2026-11-20")
    hostile = type(scenario)(
        HOSTILE, dict.fromkeys(LANGUAGES, title), {"en": title}, changes=scenario.changes
    )
    pages["hostile-en"] = decision_sheet(compared(six, ["baseline", hostile], on="2026-11-15"))
    pages["period-en"] = decision_sheet(late_ice, lang="en")
    return pages


@pytest.fixture(scope="module")
def shipped(net: Network) -> dict[str, str]:
    """Reports on the shipped network, where the two pages are fullest."""
    day = ag.compare(net, ["frozen", "open"])
    return {
        **{f"day-{lang}": decision_sheet(day, lang=lang) for lang in LANGUAGES},
        "four-ru": decision_sheet(ag.compare(net, ["frozen", "open", "freeze_up", "break_up"]), lang="ru"),
        "gap-ru": decision_sheet(ag.compare(net, ["paper_2010+open", "paper_2010+freeze_up"]), lang="ru"),
        "period-zh": decision_sheet(
            ag.compare(net, ["baseline", "late_ice_3w"], first="2027-01-01", last="2027-03-31"), lang="zh"
        ),
    }


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
        assert all(target.startswith("data:") for target in targets), name
        assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:" in page


def test_every_part_is_there_in_every_language(
    sheets: dict[str, str], result: Comparison, six: Network
) -> None:
    for lang in LANGUAGES:
        page = sheets[f"day-{lang}"]
        assert f'<html lang="{lang}">' in page
        assert page.count('<section class="page"') == 2
        for key in ("changes", "assumptions", "confidence", "sources", "checksum"):
            assert translate(f"sheet.{key}", lang) in page, (lang, key)
        sentences = result.findings().answer(lang)
        assert f"<h1>{short(sentences[0], 320)}</h1>" in page
        assert all(short(sentence, 320) in page for sentence in sentences)
        until = f"{six.record_until:%d.%m.%Y}" if lang == "ru" else six.record_until.isoformat()
        assert translate("word.record_until", lang, date=until) in page
        assert checksum(result) in page
        assert page.count('<svg class="map"') == 2
        assert page.count('<div class="bars"') == 1
        assert ("PageHan; unicode-range" in page) == (lang == "zh")


@pytest.mark.slow
def test_report_is_about_the_home_regions() -> None:
    net = ag.load(home=["primorsky_krai"])
    result = ag.compare(net, ["frozen", "open"], destinations=["Harbin"])
    page = decision_sheet(result, lang="ru")
    assert "Переходы: Приморский край – Китай" in page
    assert "Приморский край: когда работают переходы, 2026" in page
    assert "Амурская область" not in page


def test_a_period_counts_days_and_draws_both_years(sheets: dict[str, str], late_ice: Comparison) -> None:
    page = sheets["period-en"]
    changed = late_ice.changed("late_ice_3w").iloc[0]
    assert counted("days", changed["alt_days"]) in page
    assert page.count('<div class="bars"') == 2
    assert translate("sheet.map_day", "en") in page


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(sheets: dict[str, str], result: Comparison) -> None:
    assert decision_sheet(result, lang="ru") == sheets["day-ru"]


@pytest.mark.slow
def test_another_process_gives_the_same_bytes(tmp_path: Path, shipped: dict[str, str]) -> None:
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
    assert hashlib.sha256(written).digest() == hashlib.sha256(shipped["day-en"].encode()).digest()


def test_the_checksum_depends_on_tables_and_changes(six: Network, result: Comparison) -> None:
    tables = dict(six.tables)
    tables["speeds"] = tables["speeds"].assign(speed_kmh=tables["speeds"]["speed_kmh"] + 1)
    faster = Comparison(Network(tables), result.vehicle, result.states, result.crossings, result.pairs)
    waits = [
        compared(six, ["baseline", f"kani_kurgan:bridge wait_h {hours}"], on="2026-02-10") for hours in (5, 6)
    ]
    checksums = [checksum(comparison) for comparison in (result, faster, *waits)]
    assert len(set(checksums)) == 4
    assert all(re.fullmatch(r"[0-9a-f]{64}", text) for text in checksums)


def test_hostile_text_stays_text(sheets: dict[str, str]) -> None:
    page = sheets["hostile-en"]
    assert "&lt;/style&gt;&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page
    assert not set("\u202e\u0007") & set(page)


def test_long_text_is_cut_after_a_word() -> None:
    assert short("a\n\tb\u200b", 9) == "a b"
    assert short("long titles are wrapped", 13) == "long titles…"
    assert short("x" * 50, 20) == "x" * 19 + "…"


def test_both_maps_have_the_same_colours(result: Comparison) -> None:
    maps = [one["picture"] for one in content(result, "en")["maps"]]
    areas = [re.findall(r"<path[^>]* fill=\"#[^>]*>", picture) for picture in maps]
    assert areas[0] == areas[1]
    assert {style.COLOURS["own"], style.COLOURS["counterpart"]} <= set(re.findall(r"#[0-9a-f]{6}", maps[0]))


def test_the_map_of_a_period_shows_the_change(six: Network) -> None:
    shut = compared(
        six,
        ["baseline", "kani_kurgan:bridge close 2026-11-10..2026-11-12"],
        first="2026-10-01",
        last="2026-11-30",
    )
    assert [one["day"] for one in content(shut, "en")["maps"]] == ["11 November 2026"] * 2
    assert "закрыто 10.11.2026 – 12.11.2026" in decision_sheet(shut, lang="ru")


def test_changes_are_drawn_and_described(six: Network, tmp_path: Path) -> None:
    days = {"first": "2026-11-09", "last": "2026-11-13"}
    shut = compared(six, ["baseline", "kani_kurgan:bridge close 2026-11-10..2026-11-12"], **days)
    figure = ag.figures.compare_figure(shut, lang="ru", path=tmp_path / "a.svg")
    top, bottom = figure.axes
    assert [label.get_text() for label in top.get_yticklabels()] == ["Кани-Курган, мост"]
    assert [bar.get_width() for bar in top.patches] == [5.0, 2.0]
    assert len(bottom.get_yticklabels()) == len(shut.groups())
    # The bars of the base and the alternative differ in grey.
    greys = [sum(bar.get_facecolor()[:3]) / 3 for bar in top.patches]
    assert greys[0] - greys[1] > 0.3
    assert shut.headline("ru") in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_without_changes_a_figure_has_no_bars(six: Network) -> None:
    same = compared(six, ["baseline", "blagoveshchensk:pontoon close"], on="2026-07-15")
    assert not any(axes.patches for axes in ag.figures.compare_figure(same).axes)


def test_sentences_of_other_results_stand_below_the_answer(result: Comparison) -> None:
    class Queues:
        def sentences(self, lang: str) -> list[str]:
            return [f"A queue in {lang}."]

    assert "<li>A queue in ru.</li>" in decision_sheet(result, besides=[Queues()], lang="ru")


def test_a_scenario_compared_with_itself_raises(six: Network) -> None:
    with pytest.raises(InputError, match="each once"):
        decision_sheet(compared(six, ["baseline", "baseline"], on="2026-07-15"))


@pytest.mark.slow
def test_one_scenario_is_compared_with_the_baseline(net: Network) -> None:
    page = decision_sheet(net, ["no_bridge"], on="2026-02-10", vehicle="truck_40t", lang="en")
    assert "Base case → " in page
    with pytest.raises(InputError, match="scenarios= is empty"):
        decision_sheet(net, [])


def test_invalid_arguments_raise(six: Network, result: Comparison) -> None:
    crowded = Comparison(six, "truck_20t", result.states * 4, result.crossings, result.pairs)
    with pytest.raises(InputError, match="alternatives is invalid: 4; expected at most 3"):
        decision_sheet(crowded)
    with pytest.raises(InputError, match="unknown language 'de'"):
        decision_sheet(result, lang="de")


@pytest.mark.slow
def test_a_comparison_without_changes_has_its_sentence(six: Network) -> None:
    page = decision_sheet(compared(six, ["baseline", "blagoveshchensk:pontoon close"], on="2026-07-15"))
    assert translate("sheet.no_change", "en") in page


def test_the_age_of_the_record_is_the_alarm(result: Comparison) -> None:
    tables = dict(result.net.tables)
    until = pd.Series(pd.NaT, index=tables["services"].index, dtype="datetime64[s]")
    until.loc[("kani_kurgan:bridge", "cargo")] = pd.Timestamp("2026-01-31")
    tables["services"] = tables["services"].assign(valid_until=until)
    lapsed = Comparison(Network(tables), "truck_20t", result.states, result.crossings, result.pairs)
    facts = content(lapsed, "en")["confidence"]
    assert [fact["alarm"] for fact in facts] == [True, False, False]
    assert "The record ends" in facts[0]["text"]
    assert "2026-01-31" in facts[2]["text"]


@pytest.mark.slow
def test_the_file_is_replaced_atomically(
    tmp_path: Path, result: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"ends in \.html"):
        write(result, tmp_path / "sheet.pdf")
    assert not list(tmp_path.iterdir())
    target = tmp_path / "лист 决策" / "sheet.html"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("amurgeo.io.os.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            write(result, target)
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in target.parent.iterdir()] == ["sheet.html"]
    write(result, target)
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="cannot write"):
        write(result, target / "below.html")


def test_the_command_reports_an_error_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for args, part in (
        (["frozne", "-o", "a.html"], "unknown scenario 'frozne'"),
        (["frozen", "open", "-o", "a.html", "--on", "2026-02-10"], "regime"),
        (["baseline", "-o", "a.html"], "scenarios are invalid: expected at least one, and each once"),
        (["frozen", "open", "-o", "a.pdf"], "ends in .html"),
    ):
        with pytest.raises(SystemExit) as done:
            main(["report", *args])
        error = capsys.readouterr().err
        assert done.value.code == 2
        assert part in error
        assert len(error.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


#: Parts that overflow their page or their container.
OVERRUN = """() => [...document.querySelectorAll('.page, .page section, .page table, .page div')]
  .filter(part => part.scrollHeight > part.clientHeight + 2 || part.scrollWidth > part.clientWidth + 2)
  .map(part => part.className + ' ' + part.textContent.trim().slice(0, 60))"""


@pytest.mark.browser
@pytest.mark.parametrize(
    "family", [pytest.param("", id="usual"), pytest.param("DejaVu Sans", id="wide", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("reports", ["sheets", pytest.param("shipped", marks=pytest.mark.slow)])
def test_every_report_prints_on_two_pages(
    request: pytest.FixtureRequest, browser: Any, reports: str, tmp_path: Path, family: str
) -> None:
    page = browser.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for name, text in request.getfixturevalue(reports).items():
        file = tmp_path / f"{name}.html"
        shown = text.replace('"Noto Sans", "Segoe UI"', f'"{family}"') if family else text
        file.write_text(shown, encoding="utf-8")
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        page.evaluate("document.fonts.ready.then(() => 0)")
        assert page.evaluate(OVERRUN) == [], name
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, name
        small = page.evaluate("document.querySelector('#page-1 svg.map').clientHeight")
        assert small > 150, name
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    page.close()


def test_the_small_chinese_font_has_every_character(sheets: dict[str, str]) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    known = ttlib.TTFont(style.FOLDER / "vendor" / "noto-sans-sc.woff2").getBestCmap()
    scenarios = [as_scenario(name) for name in ag.scenario_names()]
    titles = [text["zh"] for scenario in scenarios for text in (scenario.title, scenario.description)]
    used = {char for text in (sheets["day-zh"], *titles) for char in text if "\u3400" <= char <= "\u9fff"}
    assert {char for char in used if ord(char) not in known} == set(), "run data/build/maps_assets.py"
