"""The maps of the shipped dataset: small enough, whole, and quiet in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from watching import Watched

import amurgeo as ag
from amurgeo.figures import calendar_figure
from amurgeo.maps import compare_map, routes_map, season_map, state_map, style

LIMIT = 1_200_000
#: Distance from the last point of the Zeya to the nearest point of the border rivers, both as drawn.
ZEYA_TO_AMUR_DEGREES = """() => {
    const ground = Object.values(window).find((item) => item && item.pageApp).pageApp.parts.ground;
    const points = (river) => river.lines.map(ground.decode).flat();
    const end = points(ground.rivers.find((river) => river.name.en === 'Zeya')).pop();
    const near = ground.rivers.filter((river) => river.width_m).flatMap(points);
    return Math.min(...near.map((point) => Math.hypot(point[0] - end[0], point[1] - end[1])));
}"""


@pytest.fixture(scope="module")
def shipped() -> ag.Network:
    return ag.load()


def network(net: ag.Network) -> Any:
    return state_map(net.state(on="2026-02-10"), lang="ru")


def compared(net: ag.Network) -> Any:
    return compare_map([net.state(scenario=name) for name in ("frozen", "open", "freeze_up", "break_up")])


def season(net: ag.Network) -> Any:
    return season_map(net, ag.calendar(net, 2026), year=2026, lang="zh")


def travelled(net: ag.Network) -> Any:
    found = ag.routes(net, "Belogorsk", "Harbin", on="2026-02-10")
    return routes_map(found)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize(
    "draw", [compared, *(pytest.param(draw, marks=pytest.mark.slow) for draw in (network, season, travelled))]
)
def test_page_is_small_and_quiet(
    shipped: ag.Network, tmp_path: Path, watched: Watched, draw: Callable[[ag.Network], Any]
) -> None:
    target = tmp_path / "page.html"
    draw(shipped).save(target)
    assert target.stat().st_size <= LIMIT
    page = watched.open(target)
    for crossing in ("kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ice_road"):
        assert page.locator(f'[data-crossing="{crossing}"]').count() >= 1
    assert page.locator(f'.leaflet-ag-water-pane path[fill="{style.COLOURS["pale_water"]}"]').count() >= 1
    assert page.evaluate(ZEYA_TO_AMUR_DEGREES) < 0.02
    for lang in ("zh", "en", "ru"):
        page.click(f'[data-lang="{lang}"]')
    watched.check()


@pytest.mark.slow
@pytest.mark.browser
def test_frozen_and_open_differ_where_the_states_say_so(
    shipped: ag.Network, tmp_path: Path, watched: Watched
) -> None:
    states = [shipped.state(scenario=name) for name in ("frozen", "open")]
    compare_map(states).save(tmp_path / "page.html")
    page = watched.open(tmp_path / "page.html")
    one, two = (state.crossings.xs("cargo", level="traffic")["status"] for state in states)
    listed = {item.get_attribute("data-change") for item in page.locator("[data-change]").all()}
    assert listed == set(one.index[one != two])
    watched.check()


def test_font_holds_every_chinese_name(shipped: ag.Network) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    known = ttlib.TTFont(style.FOLDER / "vendor" / "noto-sans-sc.woff2").getBestCmap()
    names = "".join([*shipped.places["name_zh"], *shipped.checkpoints["name_zh"]])
    missing = {char for char in names if "\u3400" <= char <= "\u9fff" and ord(char) not in known}
    lacking = set(str(style.manifest()["noto-sans-sc.woff2"]["lacking"]))
    assert missing <= lacking, "run data/build/maps_assets.py"
    assert len(lacking) <= 3


@pytest.mark.slow
def test_year_of_the_shipped_record_is_drawn(shipped: ag.Network, tmp_path: Path) -> None:
    days = ag.calendar(shipped, 2024)
    figure = calendar_figure(days, year=2024, net=shipped, lang="ru", path=tmp_path / "year.png", dpi=60)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows[0] == "Благовещенск, паром"
    assert (tmp_path / "year.png").stat().st_size > 10_000
