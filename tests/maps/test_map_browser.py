"""The page in a real browser with the network off: what it answers, every control, no request, no error."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import folium
import pytest
from watching import Watched

import amurgeo as ag
from amurgeo.scenario import as_scenario

pytestmark = pytest.mark.browser

PAIR = "#w=routes&f=belogorsk&t=heihe&v=truck_20t&d=2026-02-20"
CLOSED = "&c=kani_kurgan:bridge+close"
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
    "=1+1",
)
SIZES = ((1440, 900), (1024, 768), (390, 844))


def state(page: Any, name: str) -> Any:
    return page.evaluate(f"pageApp.S.{name}")


def settled(page: Any) -> None:
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def link(page: Any) -> str:
    """Return the address once it is that of the question: it is written a moment after the last change."""
    settled(page)
    return str(page.evaluate("new Promise((done) => setTimeout(() => done(location.href), 200))"))


def answer(page: Any) -> str:
    settled(page)
    return str(page.inner_text(".answer"))


def hours(routes: Any) -> list[str]:
    return [f"{route.seconds / 3600:.1f}\u00a0h" for route in routes]


def downloaded(page: Any, name: str) -> tuple[str, bytes]:
    with page.expect_download(timeout=30_000) as waiting:
        page.click(f'[data-do="{name}"]')
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_page_opens_with_the_question_and_gives_the_hours_of_the_library(
    saved: Path, found: Any, watched: Watched
) -> None:
    page = watched.open(saved)
    assert [state(page, name) for name in ("view", "from", "to")] == ["routes", "belogorsk", "heihe"]
    assert page.locator(".ways li b").all_inner_texts()[: len(found)] == hours(found)[:4]
    assert "within the error of the estimates" in answer(page)
    assert page.locator(".chips li").count() == 1
    assert "Kani-Kurgan" in page.inner_text(".chips")
    watched.check()


@pytest.mark.slow
def test_hold_shows_the_usual_and_lets_go(saved: Path, watched: Watched) -> None:
    page = watched.open(saved)
    closed = answer(page)
    page.locator(".hold").focus()
    page.keyboard.down("Space")
    assert "Kani-Kurgan, road bridge" in answer(page)
    page.keyboard.up("Space")
    assert answer(page) == closed
    watched.check()


@pytest.mark.slow
@pytest.mark.parametrize(
    "view", ["compare", *(pytest.param(v, marks=pytest.mark.slow) for v in ("network", "season", "routes"))]
)
def test_views_are_of_one_state(saved: Path, watched: Watched, view: str) -> None:
    page = watched.open(saved, PAIR + CLOSED)
    page.click(f'[data-view="{view}"]')
    assert f"w={view}" in link(page)
    assert page.locator('[data-crossing="kani_kurgan:bridge"]').get_attribute("data-status") == "closed"
    shown = {
        "network": ".reasons tr",
        "season": ".dates tr",
        "routes": ".ways li",
        "compare": "[data-change]",
    }
    assert page.locator(shown[view]).count() >= 1
    if view == "compare":
        changed = page.locator("[data-change]").evaluate_all("(all) => all.map((one) => one.dataset.change)")
        assert changed == ["kani_kurgan:bridge"]
    watched.check()


@pytest.mark.slow
def test_keyboard_alone_closes_moves_and_chooses(saved: Path, watched: Watched) -> None:
    page = watched.open(saved, PAIR + "&c=")
    page.locator(".crossings li select").first.focus()
    page.keyboard.press("ArrowDown")
    settled(page)
    assert state(page, "items") == [{"crossing": "kani_kurgan:bridge", "close": True}]
    day = state(page, "i")
    page.locator(".plot input").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert state(page, "i") == day + 1
    assert page.evaluate("document.activeElement.type") == "range"
    page.locator(".ways li > button").nth(1).focus()
    page.keyboard.press("Enter")
    settled(page)
    assert state(page, "way") == 1
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    watched.check()


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("сюньке", "xunke"),
        *(
            pytest.param(*pair, marks=pytest.mark.slow)
            for pair in (("Хэйхэ", "heihe"), ("哈尔滨", "harbin"), ("harb", "harbin"), ("Atlantis", None))
        ),
    ],
)
def test_place_is_found_in_any_language(saved: Path, watched: Watched, typed: str, place: str | None) -> None:
    page = watched.open(saved, PAIR)
    page.locator(".place.to input, .place input").nth(1).fill(typed)
    page.keyboard.press("Tab")
    settled(page)
    assert state(page, "to") == (place or "heihe")
    assert (page.locator("[role=alert]").count() == 1) == (place is None)
    watched.check()


@pytest.mark.slow
def test_click_on_the_map_offers_the_place(saved: Path, watched: Watched) -> None:
    page = watched.open(saved, PAIR)
    spot = page.evaluate(
        """() => {
          const box = document.getElementById('page-map').getBoundingClientRect();
          const at = pageApp.data.nodes.find((node) => node.id === 'belogorsk').at;
          const point = pageApp.map.map.latLngToContainerPoint(at);
          return [box.x + point.x, box.y + point.y + 24];
        }"""
    )
    page.mouse.click(*spot)
    assert "Belogorsk" in page.inner_text(".picker")
    page.keyboard.press("Escape")
    page.wait_for_selector(".picker", state="detached")
    watched.check()


@pytest.mark.slow
def test_link_brings_the_page_back(saved: Path, browser: Any, watched: Watched) -> None:
    page = watched.open(
        saved, PAIR + "&c=late_ice_3w%2Bkani_kurgan:bridge+close+2026-01-25..2026-05-20&crew=2"
    )
    page.click('[lang="ru"]')
    text = answer(page)
    again = Watched(browser)
    assert answer(again.open(saved, "#" + link(page).partition("#")[2])) == text
    words = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('c')")
    assert len(as_scenario(words).changes) == 3
    again.context.close()
    watched.check()


NONSENSE = [
    "#c=<img src=x onerror=alert(1)>&f=${alert(1)}&v=__proto__&d=9999-99-99&l=xx&w=constructor",
    '#a=[{"add":{"kind":"crossing","checkpoint":"__proto__"}}]&via=place=__proto__&avoid=constructor=x',
    '#a=[{"add":{"kind":"crossing","checkpoint":"poyarkovo","mode":"bridge","admits":["constructor"]}}]',
    "#c=kani_kurgan:bridge+close+2026-13-99..9%2Bx y z&b=toString&go=25:99&h=kani_kurgan:bridge=NaN",
    "#c=kani_kurgan:bridge+delay_days+1e9%2Bkani_kurgan:bridge+limit_t+NaN%2Bconstructor+close&d=%00",
]


@pytest.mark.parametrize(
    "fragment", [pytest.param(text, marks=[pytest.mark.slow] * (k > 0)) for k, text in enumerate(NONSENSE)]
)
def test_nonsense_in_the_link_is_ignored(saved: Path, watched: Watched, fragment: str) -> None:
    page = watched.open(saved, fragment)
    assert state(page, "items") in ([], [{"crossing": "kani_kurgan:bridge", "close": True}])
    assert page.locator(".answer b").count() == 1
    watched.check()


def test_scenario_file_gives_the_hours_of_the_page(
    saved: Path, net: ag.Network, watched: Watched, tmp_path: Path
) -> None:
    page = watched.open(saved, PAIR + CLOSED + "+2026-02-10..2026-03-01%2Bblagoveshchensk:pontoon+wait_h+3.5")
    name, content = downloaded(page, "toml")
    assert name == "scenario.toml"
    (tmp_path / name).write_bytes(content)
    found = ag.routes(net, "belogorsk", "heihe", on="2026-02-20", scenario=as_scenario(tmp_path / name))
    assert page.locator(".ways li b").all_inner_texts() == hours(found)
    watched.check()


@pytest.mark.slow
def test_view_is_saved_as_a_table_and_as_a_picture(saved: Path, watched: Watched) -> None:
    page = watched.open(saved, PAIR + CLOSED)
    name, content = downloaded(page, "csv")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert name == "amur-routes-belogorsk-heihe-2026-02-20.csv"
    assert {row["crossing"] for row in rows} >= {"blagoveshchensk:pontoon", "poyarkovo:ice_road"}
    assert all(float(row["total_h"]) > 0 for row in rows)
    name, content = downloaded(page, "png")
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(content) > 60_000
    watched.check()


@pytest.mark.slow
def test_colours_of_the_towns_are_the_changes_of_the_comparison(
    saved: Path, net: ag.Network, watched: Watched
) -> None:
    page = watched.open(saved, "#w=compare&v=truck_20t&d=2026-11-28&c=no_bridge")
    pairs = ag.compare(net, ["baseline", "no_bridge"], on="2026-11-28", vehicle="truck_20t").pairs
    asked = pairs.set_index(["origin", "destination"])["change"]
    shown = page.evaluate(
        "pageApp.V().matrix.flatMap((row, i) => row.map((cell, k) => "
        "[pageApp.data.towns[i], pageApp.data.ends[k], cell.change]))"
    )
    assert [asked[origin, destination] for origin, destination, _ in shown] == [cell[2] for cell in shown]
    assert {change for *_, change in shown} > {"same"}
    looks = {"slower": "worse", "lost": "worse", "faster": "better", "gained": "better", "same": ""}
    cells = page.locator(".matrix td:has(button)").evaluate_all("(all) => all.map((one) => one.className)")
    assert cells == [looks[change] for _, _, change in shown]
    watched.check()


@pytest.mark.slow
def test_added_road_is_a_change_of_the_scenario_file(
    saved: Path, net: ag.Network, watched: Watched, tmp_path: Path
) -> None:
    page = watched.open(saved, PAIR.replace("t=heihe", "t=harbin") + "&c=")
    page.locator(".crossings .fields summary").click()
    form = page.locator(".crossings .fields form")
    form.locator("[name=from]").fill("Belogorsk")
    form.locator("[name=to]").fill("Konstantinovka")
    form.locator("[name=km]").fill("20.5")
    form.locator("[name=look]").select_option("trunk")
    form.locator("button").click()
    settled(page)
    road = {"kind": "road", "from": "belogorsk", "to": "konstantinovka", "length_km": 20.5, "class": "trunk"}
    assert state(page, "items") == [{"add": road}]
    name, content = downloaded(page, "toml")
    (tmp_path / name).write_bytes(content)
    found = ag.routes(net, "belogorsk", "harbin", on="2026-02-20", scenario=as_scenario(tmp_path / name))
    assert page.locator(".ways li b").all_inner_texts()[: len(found)] == hours(found)
    watched.check()


@pytest.mark.slow
def test_added_bridge_changes_answer_and_differences(saved: Path, watched: Watched) -> None:
    page = watched.open(saved, PAIR + "&c=")
    before = answer(page)
    page.locator(".crossings .fields select").nth(2).select_option("konstantinovka:bridge")
    settled(page)
    page.click('[data-view="compare"]')
    settled(page)
    assert page.locator('[data-change="konstantinovka:bridge"]').count() == 1
    assert "Konstantinovka" in page.inner_text(".chips")
    assert answer(page) != before
    watched.check()


@pytest.mark.slow
def test_contradiction_is_refused_in_words(saved: Path, watched: Watched) -> None:
    page = watched.open(saved, PAIR + CLOSED)
    page.evaluate("pageApp.change([...pageApp.S.items, { crossing: 'kani_kurgan:bridge', open: true }])")
    settled(page)
    assert state(page, "items") == [{"crossing": "kani_kurgan:bridge", "close": True}]
    assert "Kani-Kurgan, road bridge" in page.inner_text("[role=alert]")
    watched.check()


@pytest.mark.slow
def test_details_give_reason_sources_and_range(saved: Path, watched: Watched) -> None:
    page = watched.open(saved, PAIR + "&c=")
    row = page.locator('[data-crossing="kani_kurgan:bridge"]')
    row.locator("button").click()
    settled(page)
    text = row.inner_text()
    for part in ("Reason", "Evidence", "Sources", "Vehicles", "Hours of work"):
        assert part in text
    assert row.locator('a[href^="https://"]').count() >= 1
    before = answer(page)
    slider = row.locator("input[type=range]")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert state(page, "items") == [{"crossing": "kani_kurgan:bridge", "border_h": pytest.approx(6.0)}]
    assert answer(page) != before
    watched.check()


@pytest.mark.slow
def test_departure_waits_for_the_hours_of_work(saved: Path, net: ag.Network, watched: Watched) -> None:
    page = watched.open(saved, PAIR + CLOSED + "&go=22:00")
    found = ag.routes(
        net, "belogorsk", "heihe", on="2026-02-20", scenario="kani_kurgan:bridge close", depart_at="22:00"
    )
    assert found.departure is not None
    assert f"{found.departure.total_h:.1f}\u00a0h" in answer(page)
    watched.check()


@pytest.mark.slow
@pytest.mark.parametrize("view", ["network", pytest.param("routes", marks=pytest.mark.slow)])
def test_unknown_is_hatched_and_never_open(
    net: ag.Network, watched: Watched, tmp_path: Path, view: str
) -> None:
    asked = net.state("2021-03-01")
    unknown = asked.unknown("truck_20t")
    assert unknown
    asked.map().save(tmp_path / "unknown.html")
    page = watched.open(tmp_path / "unknown.html", f"#w={view}&f=belogorsk&t=heihe")
    for crossing in unknown:
        shown = page.locator(f'[data-crossing="{crossing}"]')
        assert shown.count() == 0 or shown.get_attribute("data-status") == "unknown"
    assert page.locator('rect[fill="url(#page-unknown)"]').count() >= 1
    watched.check()


@pytest.mark.parametrize(
    "view", ["routes", *(pytest.param(v, marks=pytest.mark.slow) for v in ("network", "compare"))]
)
def test_print_is_one_sheet(saved: Path, watched: Watched, view: str) -> None:
    page = watched.open(saved, PAIR.replace("w=routes", f"w={view}") + "&l=ru" + CLOSED)
    content = page.pdf(prefer_css_page_size=True, print_background=True)
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == 1
    assert page.locator("body.printing").count() == 0
    watched.check()


#: Three languages in three views; without slow tests one of them at each size.
QUESTIONS = [
    f"{rest}&l={lang}"
    for rest in (PAIR + CLOSED, "#w=network&c=", "#w=season&c=")
    for lang in ("ru", "zh", "en")
]


@pytest.mark.parametrize(
    ("size", "fragment"),
    [
        pytest.param(size, question, marks=[pytest.mark.slow] * (k != place or k == 1))
        for k, size in enumerate(SIZES)
        for place, question in enumerate(QUESTIONS)
    ],
)
def test_no_barrier_and_no_sideways_scrolling(
    saved: Path, browser: Any, size: tuple[int, int], fragment: str
) -> None:
    watched = Watched(browser, width=size[0], height=size[1], bypass_csp=True)
    page = watched.open(saved, fragment)
    page.locator(".crossings li button").first.click()
    settled(page)
    page.evaluate((Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then((all) => all.violations.map((one) => [one.id, one.nodes[0].html]))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    watched.check()
    watched.context.close()


def hostile(net: ag.Network, text: Callable[[], str]) -> ag.Network:
    """Return the network with another hostile text before every name."""
    tables = {}
    for name, frame in net.tables.items():
        columns = [column for column in frame if column.startswith(("name_", "counterpart_name_", "title"))]
        columns += ["ref"] if "ref" in frame else []
        tables[name] = frame.assign(
            **{column: [text() + str(value) for value in frame[column]] for column in columns}
        )
    return ag.Network(tables, border=net.border, folder=net.folder)


def test_hostile_texts_are_shown_as_text(net: ag.Network, watched: Watched, tmp_path: Path) -> None:
    texts = iter(HOSTILE * 100_000)
    evil = hostile(net, lambda: next(texts))
    found = ag.routes(evil, "belogorsk", "heihe", on="2026-02-20")
    ag.maps.page(found, title="".join(HOSTILE), path=tmp_path / "hostile.html")
    page = watched.open(tmp_path / "hostile.html")
    assert page.locator("h1").text_content() == "".join(HOSTILE)
    for lang in ("ru", "zh", "en"):
        page.click(f'.tools [lang="{lang}"]')
    page.locator(".crossings li button").first.click()
    page.locator(".ways li > button").first.click()
    settled(page)
    assert "alert(1)" in page.inner_text(".right")
    assert page.locator("img[src=x]").count() == 0
    _, content = downloaded(page, "csv")
    assert not any(cell.startswith("=") for line in content.decode().splitlines() for cell in line.split(","))
    watched.check()


def test_layers_of_folium_lie_on_the_page_and_run_no_script(
    found: Any, watched: Watched, tmp_path: Path
) -> None:
    drawn = found.map()
    for place, text in enumerate(HOSTILE):
        marker = folium.Marker(
            [50.5, 127.0 + place / 10], tooltip=text, popup=folium.Popup(text, parse_html=True)
        )
        marker.add_to(drawn)
    line = {"type": "LineString", "coordinates": [[126, 49], [130, 51]]}
    folium.GeoJson({"type": "Feature", "properties": {}, "geometry": line}).add_to(drawn)
    drawn.save(tmp_path / "layers.html")
    page = watched.open(tmp_path / "layers.html")
    assert page.locator(".leaflet-overlay-pane path").count() == 1
    markers = page.locator(".leaflet-marker-pane img")
    assert markers.count() == len(HOSTILE)
    opened = page.evaluate(
        """() => Object.values(window).filter((one) => one instanceof L.Marker && one.getPopup())
          .map((one) => { one.openTooltip(); one.openPopup(); return one.getPopup().isOpen(); })"""
    )
    assert all(opened)
    # Markup of a user is shown as Folium shows it; what it would load or run is refused by the policy.
    assert [fault for fault in watched.faults if fault.startswith(("dialog", "error"))] == []


@pytest.mark.slow
def test_injected_script_is_stopped(saved: Path, watched: Watched) -> None:
    page = watched.open(saved)
    ran = page.evaluate(
        """() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1';
          document.body.append(one); return window.ran || 0; }"""
    )
    assert ran == 0


def test_joined_scenarios_and_options_come_from_python(
    net: ag.Network, watched: Watched, tmp_path: Path
) -> None:
    found = ag.routes(
        net, "belogorsk", "harbin", on="2026-07-15", vehicle="truck_40t", via=["poyarkovo"], drivers=2,
        scenario="late_ice_3w+kani_kurgan:bridge close", border_h={"poyarkovo:ferry": 3.0}, k=2,
    )  # fmt: skip
    found.map(lang="ru").save(tmp_path / "options.html")
    page = watched.open(tmp_path / "options.html")
    assert state(page, "items") == [
        {"scenario": "late_ice_3w"},
        {"crossing": "kani_kurgan:bridge", "close": True},
        {"crossing": "poyarkovo:ferry", "border_h": 3},
    ]
    assert state(page, "drivers") == 2
    shown = page.locator(".ways li b").all_inner_texts()
    assert [text.split("\u00a0")[0].replace(",", ".") for text in shown] == [
        f"{route.seconds / 3600:.1f}" for route in found
    ]
    assert quote("checkpoint=poyarkovo") in link(page)
    watched.check()
