"""The briefing: what it says agrees with states and safe days, and its page is one A4."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.report import page as report_page
from amurgeo.text import LANGUAGES

ON, BEFORE = "2026-11-28", "2026-10-20"
#: Days with all crossings closed, with a new record, in the gaps, and far ahead; pages are fullest in winter.
DAYS = ("2010-12-15", "2026-02-10", "2026-02-17", "2026-04-20", "2027-01-28", "2031-09-01")


@pytest.fixture(scope="module")
def briefing(net: ag.Network) -> ag.Briefing:
    return ag.brief(net, ON, since=BEFORE)


@pytest.fixture(scope="module")
def page(briefing: ag.Briefing) -> str:
    return briefing.html(lang="ru")


def test_rows_are_the_state_and_the_safe_days_of_the_home_services(
    net: ag.Network, briefing: ag.Briefing
) -> None:
    rows = briefing.to_frame().set_index(["crossing", "traffic"])
    state = net.state(ON).crossings
    home = state["checkpoint"].map(net.checkpoints["region"]) == "amur_oblast"
    assert list(rows.index) == list(state.index[home])
    assert (rows["status"] == state["status"][home]).all()
    ahead = ag.seasons.safe_days(net, ON)
    for key in rows.index[rows["in_use"]]:
        assert rows.loc[key, "first_safe_day"] == ahead.loc[key, "first_safe_day"]


def test_what_has_changed_is_what_the_states_differ_in(net: ag.Network, briefing: ag.Briefing) -> None:
    now, before = (net.state(day).crossings["status"] for day in (ON, BEFORE))
    keys = briefing.frame[["crossing", "traffic"]].itertuples(index=False, name=None)
    changed = sorted(
        {crossing for crossing, traffic in keys if now[crossing, traffic] != before[crossing, traffic]}
    )
    (text,) = [text for text in briefing.sentences() if BEFORE in text]
    assert text.count("→") == len(changed) == 3
    assert ag.brief(net, ON, since=ON).sentences()[-1] == f"Since {ON}: no change."
    with pytest.raises(ag.InputError, match="since"):
        ag.brief(net, BEFORE, since=ON)


def test_a_stop_today_is_told_with_its_end(net: ag.Network) -> None:
    texts = ag.brief(net, "2026-02-17").sentences()
    assert texts[0] == "Cargo: none of 5 crossings is open."
    assert "Stopped until 2026-02-19: " in "\n".join(texts)
    assert not [text for text in texts if "about 2026-01" in text or "about 2026-02-04" in text]


def test_an_old_record_is_a_warning(net: ag.Network, briefing: ag.Briefing) -> None:
    assert "281 days" in briefing.warnings()[0]
    assert not [text for text in ag.brief(net, "2026-02-10").warnings() if "record ends" in text]


def test_a_page_loads_nothing_and_is_in_its_language(page: str) -> None:
    assert page.count('<section class="page') == 1
    assert not re.search(r"<script|(?:src|href)=\"(?!data:)", page)
    assert "28 ноября 2026 г." in page
    assert "Поярково, ледовая переправа" in page
    assert not re.search(r"\d{4}-\d\d-\d\d", page.split("<h2>")[0].partition("<body>")[2])


def test_without_an_engine_the_page_stands_beside_the_pdf(
    briefing: ag.Briefing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_page, "as_pdf", lambda page: None)
    monkeypatch.setattr(ag.Briefing, "html", lambda self, lang: "<html>")
    assert briefing.write(tmp_path / "a.pdf") == tmp_path / "a.html"
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    with pytest.raises(ag.InputError, match=r"\.html or \.pdf"):
        briefing.write(tmp_path / "a.docx")


@pytest.mark.slow
def test_a_pdf_has_one_page_and_the_same_bytes(net: ag.Network, page: str) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    again = ag.brief(net, ON, since=BEFORE).html(lang="ru")
    assert again == page
    assert report_page.as_pdf(again) == report_page.as_pdf(page)
    for day in DAYS:
        for lang in LANGUAGES:
            text = ag.brief(net, day, since="2009-07-01").html(lang=lang)
            assert len(weasyprint.HTML(string=text).render().pages) == 1, (day, lang)


@pytest.mark.browser
@pytest.mark.slow
def test_a_briefing_prints_on_one_page(net: ag.Network, browser: Any, tmp_path: Path) -> None:
    page = browser.new_page()
    for day in DAYS:
        for lang in LANGUAGES:
            path = ag.brief(net, day, since="2009-07-01").write(tmp_path / f"{day}-{lang}.html", lang=lang)
            page.goto(path.as_uri())
            page.emulate_media(media="print")
            printed = page.pdf(prefer_css_page_size=True, print_background=True)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, (day, lang)
            free = page.evaluate(
                "document.querySelector('footer').offsetTop - document.querySelector('.sources').offsetTop"
                " - document.querySelector('.sources').offsetHeight"
            )
            assert 0 <= free < 160, (day, lang)
    page.close()


def test_another_border_has_a_briefing() -> None:
    folder = Path(__file__).parent / "other_border" / "northwest_territories"
    result = ag.brief(ag.load(dataset=folder), "2020-11-28")
    assert pd.notna(result.to_frame()["first_safe_day"]).any()
    assert result.to_dict("en")["home"].startswith("North Slave")
