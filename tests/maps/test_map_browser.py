"""The pages in a real browser with the network off: every control, no request, no error."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small import SmallRoutes, small_routes, small_states
from watching import Watched

from amurgeo.maps import compare_map, routes_map, season_map, state_map, style

pytestmark = pytest.mark.browser

# What alert boxes, markup, template gaps and broken strings would do is tried in every text of the data.
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`);alert(1);(`",
    "</script><script>alert(1)</script>",
    "\\\\`+alert(1)+`",
    "</title><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}{# #}",
    "' onmouseover='alert(1)' \"x",
)


def marks(page: Any, crossing: str, side: int = 0) -> Any:
    return page.locator(f'.leaflet-ag-signs-{side}-pane [data-crossing="{crossing}"]')


def status(page: Any, crossing: str, side: int = 0) -> str:
    return str(marks(page, crossing, side).get_attribute("data-status"))


def center_of(page: Any) -> list[float]:
    found = "Object.values(window).find((one) => one && one.pageApp).getCenter()"
    return list(page.evaluate(f"(() => {{ const c = {found}; return [c.lat, c.lng]; }})()"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def compared(folder: Path, net: Any, states: list[Any]) -> Path:
    pairs = pd.DataFrame(
        {
            "origin": ["belogorsk"],
            "destination": ["harbin"],
            "base_h": [16.0],
            "alt_h": [19.5],
            "change": ["slower"],
        }
    )
    compare_map(states, pairs=pairs).save(folder / "compare.html")
    return folder / "compare.html"


def test_network_page_shows_what_is_open(folder: Path, net: Any, states: list[Any], watched: Watched) -> None:
    state_map(states[0], lang="ru").save(folder / "network.html")
    page = watched.open(folder / "network.html")
    assert page.evaluate("document.documentElement.lang") == "ru"
    assert status(page, "kani_kurgan:bridge") == "1"
    assert status(page, "blagoveshchensk:ferry") == "0"
    assert status(page, "blagoveshchensk:pontoon") == "2"
    assert page.locator('[data-crossing="blagoveshchensk:hovercraft"]').count() == 0
    page.click('[data-traffic="passenger"]')
    assert status(page, "blagoveshchensk:hovercraft") == "0"
    label = marks(page, "blagoveshchensk:pontoon").get_attribute("aria-label")
    assert label == "Благовещенск, понтонный мост: ограничено (действует)"
    watched.check()


def test_lines_without_a_course_are_dashed_and_named(
    folder: Path, net: Any, states: list[Any], watched: Watched
) -> None:
    state_map(states[0], lang="ru").save(folder / "dashed.html")
    page = watched.open(folder / "dashed.html")
    dashes = page.locator(".leaflet-ag-road-pane path").evaluate_all(
        "(paths) => paths.map((path) => path.getAttribute('stroke-dasharray'))"
    )
    assert set(dashes) == {"4 4", "7 4"}
    assert page.locator(".ag-schematic").inner_text() == "Пунктир: трасса неизвестна"
    watched.check()


def test_unknown_is_grey_and_counts_as_closed(
    folder: Path, net: Any, states: list[Any], watched: Watched
) -> None:
    unknown = {
        "status": "unknown",
        "reason": "unknown",
        "evidence": "unknown",
        "probability_open": float("nan"),
    }
    at = ("kani_kurgan:bridge", "cargo")
    frames = [state.crossings.copy() for state in states[:2]]
    for name, value in unknown.items():
        frames[0].loc[at, name] = value
        frames[1].loc[at, name] = value if name != "probability_open" else 0.9999
    frames[1].loc[at, "status"] = "open"
    shown = [copy(state) for state in states[:2]]
    for state, frame in zip(shown, frames, strict=True):
        state.crossings = frame
    compare_map(shown).save(folder / "unknown.html")
    page = watched.open(folder / "unknown.html")
    assert [status(page, at[0], side) for side in (0, 1)] == ["-1", "1"]
    assert marks(page, at[0]).get_attribute("aria-label").endswith("unknown (no record)")
    assert marks(page, at[0]).locator("polygon").first.get_attribute("fill") == style.COLOURS["unknown"]
    assert page.locator(".ag-key").inner_text().count("unknown") == 1
    assert page.locator(f'.ag-changes [data-change="{at[0]}"]').count() == 1
    marks(page, at[0], 1).click()
    text = page.locator(".leaflet-popup-content").inner_text()
    assert "> 99 %" in text
    assert "100 %" not in text
    assert "NaN" not in text
    watched.check()


@pytest.mark.slow
def test_unknown_days_of_a_year_are_grey(
    folder: Path, net: Any, year_days: pd.DataFrame, watched: Watched
) -> None:
    days = year_days.copy()
    rows = (days["crossing"] == "kani_kurgan:bridge") & (days["date"] < "2026-03-01")
    days.loc[rows, ["status", "reason", "probability_open"]] = ["unknown", "unknown", float("nan")]
    season_map(net, days, year=2026).save(folder / "unknown-year.html")
    page = watched.open(folder / "unknown-year.html")
    assert status(page, "kani_kurgan:bridge") == "-1"
    grey = page.locator(f'rect[fill="{style.COLOURS["unknown"]}"]')
    assert grey.count() == 1
    assert float(grey.get_attribute("width")) == 59.0
    watched.check()


@pytest.mark.slow
def test_popup_tells_reason_source_and_limit(
    folder: Path, net: Any, states: list[Any], watched: Watched
) -> None:
    state_map(states[0]).save(folder / "popup.html")
    page = watched.open(folder / "popup.html")
    marks(page, "poyarkovo:ice_road").click()
    text = page.locator(".leaflet-popup-content").inner_text()
    for part in ("Poyarkovo – Xunke port", "because in en", "30 t", "97 %", "19 km", "A page"):
        assert part in text
    assert page.locator('.leaflet-popup-content a[href="https://example.org/a?b=1&c=2"]').count() == 2
    assert page.locator('.leaflet-popup-content a[href^="javascript"]').count() == 0
    page.click('[data-lang="zh"]')
    assert "because in zh" in page.locator(".leaflet-popup-content").inner_text()
    page.keyboard.press("Escape")
    watched.check()


@pytest.mark.slow
def test_marks_open_with_the_keyboard(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    marks(page, "poyarkovo:ferry").focus()
    page.keyboard.press("Enter")
    assert "Rivers frozen (en)" in page.locator(".leaflet-popup-content").inner_text()
    assert "Rivers open (en)" in page.locator(".leaflet-popup-content").inner_text()
    watched.check()


@pytest.mark.slow
def test_languages_change_every_word(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    seen = {}
    for lang in ("en", "ru", "zh"):
        page.click(f'[data-lang="{lang}"]')
        assert page.locator(f'[data-lang="{lang}"]').get_attribute("aria-pressed") == "true"
        seen[lang] = (
            page.locator(".ag-panel").inner_text() + page.locator(".ag-head-left").inner_text() + page.title()
        )
    assert "What changes" in seen["en"]
    assert "Что меняется" in seen["ru"]
    assert "变化" in seen["zh"]
    assert "Rivers frozen (zh)" in seen["zh"]
    assert not any(char in seen["en"] for char in "Чж变")
    watched.check()


def test_swipe_shows_one_state_on_each_side(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    assert (status(page, "blagoveshchensk:ferry", 0), status(page, "blagoveshchensk:ferry", 1)) == ("0", "1")
    bar = page.locator(".ag-bar")
    clip = "document.querySelector('.leaflet-ag-signs-1-pane').style.clipPath"
    before, at = page.evaluate(clip), int(bar.get_attribute("aria-valuenow"))
    bar.focus()
    page.keyboard.press("ArrowRight")
    assert int(bar.get_attribute("aria-valuenow")) > at
    assert page.evaluate(clip) != before
    box = page.locator(".ag-grip").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(200, box["y"] + 14, steps=4)
    page.mouse.up()
    assert abs(int(bar.get_attribute("aria-valuenow")) - 16) <= 1
    center = center_of(page)
    page.mouse.move(400, 300)
    page.mouse.down()
    page.mouse.move(300, 300, steps=3)
    page.mouse.up()
    page.wait_for_timeout(300)
    assert center_of(page)[1] > center[1]
    watched.check()


@pytest.mark.slow
def test_what_changes_is_listed_and_marked(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    listed = {item.get_attribute("data-change") for item in page.locator("[data-change]").all()}
    assert listed == {
        "blagoveshchensk:ferry",
        "blagoveshchensk:pontoon",
        "poyarkovo:ferry",
        "poyarkovo:ice_road",
        "khabarovsk:ferry",
    }
    marked = {item.get_attribute("data-crossing") for item in page.locator(".ag-mark.ag-changed").all()}
    assert marked == listed
    page.click('[data-change="poyarkovo:ice_road"]')
    assert "Poyarkovo" in page.locator(".leaflet-popup-content").inner_text()
    page.select_option('[data-side="right"]', "0")
    assert page.locator("[data-change]").count() == 0
    assert "No crossing differs" in page.locator(".ag-part-changes").inner_text()
    watched.check()


@pytest.mark.slow
def test_third_scenario_and_single_views(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    page.select_option('[data-side="right"]', "2")
    assert status(page, "blagoveshchensk:ferry", 1) == "0"
    assert "Ice forming (en)" in page.locator(".ag-head-right").inner_text()
    page.click('[data-view="right"]')
    assert page.locator(".ag-bar").is_hidden()
    assert status(page, "poyarkovo:ice_road", 0) == "0"
    page.click('[data-view="left"]')
    assert status(page, "poyarkovo:ice_road", 0) == "1"
    watched.check()


@pytest.mark.slow
def test_counts_agree_with_the_states(compared: Path, states: list[Any], watched: Watched) -> None:
    page = watched.open(compared)
    rows = {
        row.locator("th").inner_text().strip(): row.locator("td").all_inner_texts()
        for row in page.locator(".ag-legend tbody tr").all()
    }
    frames = [state.crossings.xs("cargo", level="traffic") for state in states[:2]]
    mine = [frame[(frame["checkpoint"] != "khabarovsk") & (frame["reason"] != "retired")] for frame in frames]
    assert rows["Amur Oblast"] == [f"{(frame['status'] != 'closed').sum()}/{len(frame)}" for frame in mine]
    assert rows["ferry"] == ["0/2", "2/2"]
    assert rows["Elsewhere"] == ["0/1", "1/1"]
    assert "16" in page.locator(".ag-pairs").text_content()
    watched.check()


@pytest.mark.slow
def test_layers_and_modes_can_be_switched(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    for name, selector in (
        ("roads", ".leaflet-ag-road-pane path"),
        ("rails", ".leaflet-ag-rail-pane path"),
        ("labels", ".ag-name"),
        ("border", ".leaflet-ag-line-pane path"),
        ("mode_ferry", '[data-crossing="poyarkovo:ferry"]'),
        ("unused", '[data-crossing="dzhalinda:ferry"]'),
    ):
        before = page.locator(selector).count()
        page.click(f'[data-layer="{name}"]')
        assert page.locator(selector).count() < before, name
        page.click(f'[data-layer="{name}"]')
        assert page.locator(selector).count() == before, name
    watched.check()


@pytest.mark.parametrize(
    "words",
    [
        "哈巴罗夫斯克",
        *(pytest.param(w, marks=pytest.mark.slow) for w in ("Хабаровск", "khabarovsk", "Khabaro")),
    ],
)
def test_search_finds_a_place_in_any_language(compared: Path, watched: Watched, words: str) -> None:
    page = watched.open(compared)
    page.fill(".ag-search input", words)
    page.keyboard.press("Enter")
    assert center_of(page) == pytest.approx([48.48, 135.07], abs=0.01)
    watched.check()


@pytest.mark.slow
def test_search_says_when_nothing_is_found(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    page.fill(".ag-search input", "Atlantis")
    page.keyboard.press("Enter")
    assert page.locator(".ag-search input").get_attribute("aria-invalid") == "true"
    assert "Atlantis" in page.locator(".ag-hear").inner_text()
    watched.check()


@pytest.mark.slow
def test_permanent_link_brings_the_view_back(compared: Path, watched: Watched) -> None:
    page = watched.open(compared, "#z=9&c=49.6,128.6&l=zh&t=passenger&s=2,1,both&h=roads,mode_ferry")
    assert page.evaluate("document.documentElement.lang") == "zh"
    assert page.locator('[data-traffic="passenger"]').get_attribute("aria-pressed") == "true"
    assert page.locator('[data-side="left"]').input_value() == "2"
    assert not page.locator('[data-layer="roads"]').is_checked()
    assert page.locator('[data-crossing="poyarkovo:ferry"]').count() == 0
    page.click('[data-lang="en"]')
    assert "l=en" in page.url
    assert "s=2,1,both" in page.url
    page.click('[data-do="home"]')
    watched.check()


@pytest.mark.slow
def test_nonsense_in_the_link_is_ignored(compared: Path, watched: Watched) -> None:
    page = watched.open(compared, "#z=abc&c=9,9,9&l=xx&t=<b>&s=7,8,both&h=<img>,&d=1e9")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator('[data-side="left"]').input_value() == "0"
    watched.check()


@pytest.mark.slow
def test_picture_is_made_in_the_page(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    with page.expect_download(timeout=20_000) as waiting:
        page.click('[data-do="png"]')
    path = Path(waiting.value.path())
    assert waiting.value.suggested_filename == "amur-compare.png"
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert path.stat().st_size > 60_000
    watched.check()


@pytest.mark.slow
def test_print_is_one_sheet_without_controls(compared: Path, watched: Watched, tmp_path: Path) -> None:
    page = watched.open(compared)
    page.emulate_media(media="print")
    assert page.locator(".ag-tools").is_hidden()
    assert page.locator(".ag-legend").is_visible()
    page.emulate_media(media="screen")
    content = page.pdf(landscape=True, format="A4", prefer_css_page_size=True, print_background=True)
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == 1
    watched.check()


@pytest.mark.slow
def test_panel_folds(compared: Path, watched: Watched) -> None:
    page = watched.open(compared)
    page.click('[data-do="fold"]')
    assert page.locator(".ag-legend").count() == 0
    page.keyboard.press("Enter")
    assert page.locator(".ag-legend").count() == 1
    watched.check()


@pytest.mark.slow
def test_signs_do_not_overlap_each_other_or_the_pair_of_cities(compared: Path, watched: Watched) -> None:
    page = watched.open(compared, "#z=5&c=50.2,127.6&l=ru")
    boxes_of = """(all) => all.map((one) => one.getBoundingClientRect())
        .map((box) => [box.x, box.y, box.right, box.bottom])"""
    for zoom in (5, 6, 7, 8.5, 10, 12):
        page.evaluate(
            f"Object.values(window).find((one) => one && one.pageApp).setZoom({zoom}, {{animate: false}})"
        )
        boxes = page.eval_on_selector_all(".leaflet-ag-signs-0-pane .ag-sign, .ag-city span", boxes_of)
        assert len(boxes) >= 4
        for at, one in enumerate(boxes):
            for other in boxes[at + 1 :]:
                x, y = (min(one[2 + k], other[2 + k]) - max(one[k], other[k]) for k in (0, 1))
                assert x <= 1 or y <= 1, (zoom, one, other)
        russian = page.locator(".ag-city span", has_text="Благовещенск").bounding_box()
        chinese = page.locator(".ag-city span", has_text="Хэйхэ").bounding_box()
        assert chinese["x"] + chinese["width"] <= russian["x"]
    watched.check()


@pytest.mark.slow
def test_narrow_screen_starts_with_the_map(compared: Path, browser: Any) -> None:
    watched = Watched(browser, width=390, height=800)
    page = watched.open(compared)
    assert page.locator(".ag-legend").count() == 0
    page.click('[data-do="fold"]')
    box = page.locator(".ag-panel").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    watched.check()
    watched.context.close()


@pytest.mark.slow
def test_season_page_follows_the_slider(
    folder: Path, net: Any, year_days: pd.DataFrame, watched: Watched
) -> None:
    season_map(net, year_days, year=2026).save(folder / "season.html")
    page = watched.open(folder / "season.html")
    assert page.locator(".ag-date").inner_text() == "10 February 2026"
    assert (
        page.locator(".ag-counts").inner_text() == "Amur Oblast – cargo: 3 of 5 open; passengers: 3 of 6 open"
    )
    assert status(page, "poyarkovo:ice_road") == "1"
    marks(page, "poyarkovo:ferry").click()
    assert "10 %" in page.locator(".leaflet-popup-content").inner_text()
    page.locator(".ag-season input").evaluate(
        "(one) => { one.value = 195; one.dispatchEvent(new Event('input')); }"
    )
    assert page.locator(".ag-date").inner_text() == "15 July 2026"
    assert (status(page, "poyarkovo:ice_road"), status(page, "poyarkovo:ferry")) == ("0", "1")
    assert "80 %" in page.locator(".leaflet-popup-content").inner_text()
    page.click('[data-do="next"]')
    assert page.locator(".ag-date").inner_text() == "16 July 2026"
    page.click('[data-do="play"]')
    page.wait_for_timeout(500)
    page.click('[data-do="play"]')
    later = page.locator(".ag-season input").input_value()
    assert 197 < int(later) < 220
    assert f"d={later}" in page.url
    page.locator(".ag-season input").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator(".ag-season input").input_value() == str(int(later) - 1)
    page.click('[data-lang="ru"]')
    assert "Амурская область" in page.locator(".ag-counts").inner_text()
    assert page.locator(".ag-bar-labels div").count() == 5
    watched.check()


def test_routes_page_lists_and_draws_alternatives(
    folder: Path, net: Any, states: list[Any], watched: Watched
) -> None:
    routes_map(small_routes()).save(folder / "routes.html")
    page = watched.open(folder / "routes.html")
    assert page.title() == "Routes Belogorsk – Harbin"
    assert page.locator("[data-route]").count() == 2
    assert "16:27" in page.locator('[data-route="0"]').inner_text()
    assert page.locator(".ag-legs tr").count() == 3
    assert "Kani-Kurgan, road bridge" in page.locator(".ag-legs").inner_text()
    lines = page.locator(".leaflet-ag-routes-pane path").count()
    assert lines == 4
    page.click('[data-route="1"]')
    assert page.locator('[data-route="1"]').get_attribute("aria-pressed") == "true"
    assert "Blagoveshchensk, pontoon bridge" in page.locator(".ag-legs").inner_text()
    assert "r=1" in page.url
    watched.check()


@pytest.mark.slow
def test_no_route_says_what_is_closed(folder: Path, net: Any, states: list[Any], watched: Watched) -> None:
    closed = (
        {"crossing": "blagoveshchensk:ferry", "reason": "ice_drift", "because": "x", "expected_open": None},
    )
    routes_map(SmallRoutes((), closed=closed), lang="ru").save(folder / "none.html")
    page = watched.open(folder / "none.html")
    assert "проезда нет" in page.locator(".ag-part-routes").inner_text()
    assert "ледоход" in page.locator(".ag-part-routes").inner_text()
    watched.check()


# The texts together are tried below; one by one in the full checks.
@pytest.mark.parametrize(
    "payload", [pytest.param(text, marks=[pytest.mark.slow] * (text not in HOSTILE[:1])) for text in HOSTILE]
)
def test_hostile_texts_are_shown_as_text(folder: Path, browser: Any, payload: str) -> None:
    states = small_states(payload)
    target = folder / "hostile.html"
    compare_map(states, title=payload).save(target)
    watched = Watched(browser)
    page = watched.open(target)
    assert page.title() == " ".join(payload.split())
    assert page.locator(".ag-panel h1").text_content() == payload
    assert page.locator(".ag-head-left b").text_content() == payload
    assert page.locator(".ag-sign-name").first.text_content() == payload
    assert payload in page.locator(".ag-name span").all_text_contents()
    marks(page, "poyarkovo:ferry").click(force=True)
    text = page.locator(".leaflet-popup-content").text_content()
    assert text.count(payload) >= 4
    page.fill(".ag-search input", payload)
    page.keyboard.press("Enter")
    for path in ("road", "rail"):
        line = page.locator(f".leaflet-ag-{path}-pane path").first
        line.dispatch_event("click")
    for lang in ("ru", "zh"):
        page.click(f'[data-lang="{lang}"]')
    watched.check()
    watched.context.close()


@pytest.mark.slow
def test_hostile_texts_stay_text_without_the_policy(folder: Path, browser: Any) -> None:
    payload = "".join(HOSTILE)
    text = compare_map(small_states(payload), title=payload).to_html()
    start = text.index('<meta http-equiv="Content-Security-Policy"')
    target = folder / "open.html"
    target.write_text(text[:start] + text[text.index(">", start) + 1 :], encoding="utf-8")
    watched = Watched(browser)
    page = watched.open(target)
    marks(page, "poyarkovo:ferry").dispatch_event("click")
    assert page.locator(".ag-panel h1").text_content() == payload
    page.click('[data-lang="zh"]')
    watched.check()
    watched.context.close()
