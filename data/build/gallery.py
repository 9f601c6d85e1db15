"""Render the gallery in maps/: the pages of the README and their pictures; needs a Chromium and playwright.

Run ``python data/build/gallery.py``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import amurgeo as ag
from amurgeo.figures import calendar_figure, network_figure

MAPS = Path(__file__).resolve().parents[2] / "maps"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE = {"width": 1440, "height": 900}


def pages(net: ag.Network) -> dict[str, object]:
    """Make the pages of the gallery by file name."""
    state = net.state("2026-02-10")
    shut = "kani_kurgan:bridge close 2026-01-25..2026-05-20"
    found = ag.routes(net, "Belogorsk", "Harbin", on="2026-02-20", scenario=shut)
    return {
        "gallery-frozen-vs-open": ag.compare(net, ["frozen", "open"]).map(),
        "gallery-network": state.map(),
        "gallery-season-2026": ag.maps.page(net, year=2026),
        "gallery-routes-belogorsk-harbin": found.map(),
    }


def shoot(names: list[str]) -> None:
    """Take a picture of each page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in names:
            page = browser.new_context(viewport=SIZE, offline=True).new_page()
            page.goto((MAPS / f"{name}.html").as_uri())
            page.wait_for_selector("body[data-ready=yes]")
            page.wait_for_timeout(300)
            page.screenshot(path=MAPS / f"{name}.png")
        browser.close()


def main() -> None:
    """Write pages, pictures and figures."""
    net = ag.load()
    made = pages(net)
    for name, page in made.items():
        page.save(str(MAPS / f"{name}.html"))
    shoot(list(made))
    calendar_figure(ag.calendar(net, 2026), year=2026, net=net, path=MAPS / "calendar-2026.png")
    states = [net.state(scenario=name) for name in ("paper_2010+frozen", "frozen")]
    network_figure(net, states, path=MAPS / "frozen-2010-and-now.png")


if __name__ == "__main__":
    main()
