"""Render the gallery in maps/: the page in three views, briefing, report and figures.

``python data/build/gallery.py`` writes every file of `FILES` into maps/, ``-o DIR`` into another folder. It
needs a Chromium and playwright.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from PIL import Image

import amurgeo as ag
from amurgeo.figures import promise_figure, queue_figure, tcd_figure

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
#: Size of the window: a page on a screen, a printed page at 96 dpi.
SCREEN, PAPER = (1440, 900), (794, 1123)
#: The page itself, which is one of the views.
PAGE = "gallery-frozen-vs-open.html"
#: Windows of the pages that are photographed, by name of the picture.
SHOTS = {
    "gallery-frozen-vs-open.png": SCREEN,
    "gallery-network.png": SCREEN,
    "gallery-routes-belogorsk-harbin.png": SCREEN,
    "gallery-briefing.png": PAPER,
    "gallery-report.png": PAPER,
}
FIGURES = ("gallery-tcd.png", "gallery-fan.png", "gallery-queue.png", "gallery-criticality.png")
#: Every file of maps/.
FILES = (PAGE, *SHOTS, *FIGURES)
#: Colours of a picture: enough for maps, a third of the bytes.
COLOURS = 160
SHUT = "kani_kurgan:bridge close 2026-01-25..2026-05-20"


def write_pages(net: ag.Network, folder: Path) -> None:
    """Write the pages that are photographed, each named after its picture."""
    compared = ag.compare(net, ["frozen", "open"])
    routes = ag.routes(net, "Belogorsk", "Harbin", on="2026-02-20", scenario=SHUT)
    pages = {
        "gallery-frozen-vs-open": compared.map(),
        "gallery-network": net.state("2026-02-10").map(),
        "gallery-routes-belogorsk-harbin": routes.map(),
    }
    for name, page in pages.items():
        page.save(str(folder / f"{name}.html"))
    ag.brief(net, "2026-11-28").write(folder / "gallery-briefing.html")
    ag.report.write(compared, folder / "gallery-report.html")


def photograph(pages: Path, folder: Path, shots: Mapping[str, tuple[int, int]] = SHOTS) -> None:
    """Take a picture of each page; of printed ones as a whole."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, (width, height) in shots.items():
            size = {"width": width, "height": height}
            page = browser.new_context(viewport=size, offline=True).new_page()
            page.goto((pages / name).with_suffix(".html").as_uri())
            if (width, height) == SCREEN:
                page.wait_for_selector("body[data-ready=yes]")
            page.wait_for_timeout(300)
            page.screenshot(path=folder / name, full_page=(width, height) == PAPER)
        browser.close()


def draw_figures(net: ag.Network, folder: Path) -> None:
    """Draw the figures."""
    tcd, fan, queue, critical = (folder / name for name in FIGURES)
    tcd_figure(ag.routes(net, "Belogorsk", "Harbin", on="2026-02-10"), path=tcd)
    draws = ag.ensemble(net, start="2026-12-01", end="2027-05-29", scenario="no_bridge")
    promise_figure(ag.promise(draws, "Blagoveshchensk", "Heihe"), path=fan)
    shut = "kani_kurgan:bridge close 2026-11-10..2026-11-19"
    queue_figure(ag.queues(net, ["baseline", shut], start="2026-11-01", end="2026-12-15"), path=queue)
    draw_critical(ag.criticality(net, on="2026-11-28", kinds=["crossing", "bridge"]), critical)


def draw_critical(table: object, path: Path) -> None:
    """Draw the elements that are missed most, with the range of their hours."""
    rows = table.iloc[::-1]  # type: ignore[attr-defined]
    figure, axes = plt.subplots(figsize=(7, 1 + 0.3 * len(rows)), layout="constrained")
    middle = rows["people_h"] + 24 * rows["people_cut"]
    axes.barh(rows["element"], middle / 1e6, color="#0072B2")
    axes.hlines(rows["element"], rows["low"] / 1e6, rows["high"] / 1e6, color="black")
    axes.set(xlabel="million person-hours lost without it (P10 – P90)")
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)


def shrink(path: Path) -> None:
    """Reduce a picture to a palette."""
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
    small.save(path, optimize=True)


def main() -> None:
    """Write all files of the gallery."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=MAPS, metavar="DIR", help="folder (maps)")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    net = ag.load()
    with TemporaryDirectory() as pages:
        write_pages(net, Path(pages))
        photograph(Path(pages), folder)
        shutil.copy(Path(pages) / PAGE, folder / PAGE)
    draw_figures(net, folder)
    for path in sorted(folder.glob("*.png")):
        shrink(path)


if __name__ == "__main__":
    main()
