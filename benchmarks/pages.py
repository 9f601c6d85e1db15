"""Time and size of the map pages: building, files, first paint, and a step of the season slider.

Each page of the gallery is built from the loaded dataset, saved, and opened in a browser without a network,
and so is a page of 3,000 edges made by cutting roads into pieces. For comparison, plain Folium draws the
same layers as GeoJSON. Its page loads scripts from the internet, so only building time and size are
compared. It has no place names, symbols, panel, slider or routes.

Building time is the median of three runs after one warm-up, including saving, with the network, states,
calendar and routes already computed. First paint is the browser's first-contentful-paint, the median of
three openings. A step of the slider is timed from setting the value to the end of the next animation frame;
the handler is also timed alone.

Run ``python benchmarks/pages.py`` for a table, with ``--json`` for one document; needs playwright and a
Chromium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics as averages
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
import shapely
import shapely.ops

import amurgeo as ag
from amurgeo.maps import routes_map, season_map, state_map
from amurgeo.maps.basemap import TOLERANCE
from amurgeo.network import Network

ROUNDS, STEPS, EDGES, SLOWER = 3, 30, 3_000, 4
DAY = "2026-02-10"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Maximum size of pages in bytes; ``OTHERS`` is the limit of pages that are not listed.
BYTES = {"season": 900_000, "edges_3000": 2_000_000}
OTHERS = 1_200_000
LIMITS = {
    "build_s": 2.0,
    "paint_ms": 1_000.0,
    "paint_slow_ms": 3_000.0,
    "step_ms": 30.0,
    "step_worst_ms": 30.0,
}
#: A list of [handler, until the frame's end] in milliseconds, the slider moved as a reader moves it.
SLIDE = """async (steps) => {
  const range = document.querySelector('.ag-season input[type=range]');
  const took = [];
  for (let i = 1; i <= steps; i++) {
    const day = Math.floor((i * Number(range.max)) / steps);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    const started = performance.now();
    range.value = day;
    range.dispatchEvent(new Event('input', { bubbles: true }));
    const handled = performance.now();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    took.push([handled - started, performance.now() - started]);
  }
  return took;
}"""
PAINT = """async () => {
  for (;;) {
    const found = performance.getEntriesByName('first-contentful-paint');
    if (found.length) {
      return found[0].startTime;
    }
    await new Promise((done) => setTimeout(done, 10));
  }
}"""


def cut_roads(net: Network, n_edges: int) -> Network:
    """Return the network with roads cut into pieces at new places on their lines, so many edges in all.

    The ways to the terminals stay whole. Pieces follow the drawn line by its bends.
    """
    roads = net.tables["roads"]
    lines = net.roads.geometry.loc[roads.index]
    share = np.full(len(roads), (n_edges - len(net.edges)) / len(roads))
    pieces = 1 + np.diff(np.floor(np.concatenate([[0.0], share.cumsum() + 1e-9]))).astype(int)
    spots: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    sample = net.tables["places"].loc[roads["from"].iloc[0]].to_dict()
    for (id_, row), line, n in zip(roads.to_dict("index").items(), lines, pieces, strict=True):
        at = np.linspace(0.0, 1.0, n + 1)
        knots = [row["from"], *(f"{id_}~{number}" for number in range(1, n)), row["to"]]
        for knot, share_at in zip(knots[1:-1], at[1:-1], strict=True):
            point = line.interpolate(share_at, normalized=True)
            names = {f"name_{lang}": knot for lang in ("en", "ru", "zh")}
            spots.append({**sample, **names, "lon": point.x, "lat": point.y, "id": knot})
            spots[-1] |= {"kind": "junction", "population": np.nan, "aliases": ()}
        for number in range(n):
            part = shapely.ops.substring(line, at[number], at[number + 1], normalized=True)
            bends = ";".join(f"{lon:.5f} {lat:.5f}" for lon, lat in list(part.coords)[1:-1])
            piece = {"from": knots[number], "to": knots[number + 1], "bends": bends, "id": f"{id_}~{number}"}
            rows.append({**row, **piece, "length_km": row["length_km"] / n})
    places = pd.concat([net.tables["places"], pd.DataFrame(spots).set_index("id")])
    cut = pd.DataFrame(rows).set_index("id")[list(roads.columns)]
    return Network({**net.tables, "places": places[list(net.tables["places"].columns)], "roads": cut})


def pages(net: Network) -> dict[str, tuple[Network, Callable[[], Any]]]:
    """Return each page by name: its network, and how it is made from states that are at hand."""
    state, calendar = net.state(DAY), ag.calendar(net, 2026)
    found = ag.routes(net, "Belogorsk", "Harbin", on=DAY, k=4)
    compared = ag.compare(net, ["frozen", "open"])
    large = cut_roads(net, EDGES)
    large_state = large.state(DAY)
    return {
        "network": (net, lambda: state_map(state)),
        "season": (net, lambda: season_map(net, calendar, year=2026)),
        "compare": (net, compared.map),
        "routes": (net, lambda: routes_map(found)),
        "edges_3000": (large, lambda: state_map(large_state)),
    }


def plain(net: Network) -> folium.Map:
    """Return the layers of the pages as a user would draw them: GeoJSON, simplified as in the pages."""
    page = folium.Map(location=[51, 128], zoom_start=6)
    layers = {
        name: net.layer(name)[["geometry"]] for name in ("land", "regions", "rivers", "lakes", "border")
    }
    ways = {"roads": net.roads, "railways": net.railways, "crossings": net.crossings}
    finer = {"land": "far", "regions": "near", "roads": "ways", "railways": "ways"}
    for name, frame in {**layers, **{name: way[["geometry"]] for name, way in ways.items()}}.items():
        within = TOLERANCE.get(finer.get(name, name), 0.0)
        frame = frame.assign(
            geometry=frame.geometry.simplify(within, preserve_topology=False).set_precision(1e-4)
        )
        folium.GeoJson(json.loads(frame[~frame.geometry.is_empty].to_json()), name=name).add_to(page)
    return page


def made(make: Callable[[], Any], path: Path) -> dict[str, float]:
    """Make and save a page; seconds and bytes."""
    took = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        make().save(str(path))
        took.append(time.perf_counter() - started)
    return {"build_s": round(averages.median(took[1:]), 3), "bytes": path.stat().st_size}


def opened(browser: Any, path: Path, slower: int) -> dict[str, Any]:
    """Open a page once; what it took, what it asked for and what went wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    seen: dict[str, list[str]] = {"requests": [], "failed": [], "errors": [], "dialogs": []}

    def asked(request: Any) -> None:
        if not request.url.startswith(("data:", "blob:")) and not request.is_navigation_request():
            seen["requests"].append(request.url)

    def refused(dialog: Any) -> None:
        seen["dialogs"].append(dialog.message)
        dialog.dismiss()

    page.on("request", asked)
    page.on("requestfailed", lambda request: seen["failed"].append(request.url))
    page.on("pageerror", lambda error: seen["errors"].append(str(error)))
    page.on("console", lambda said: seen["errors"].append(said.text) if said.type == "error" else None)
    page.on("dialog", refused)
    if slower > 1:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(path.as_uri())
    page.wait_for_selector(".folium-map[data-ready=yes]", timeout=30_000)
    ready = page.evaluate("performance.now()")
    result: dict[str, Any] = {"paint": page.evaluate(PAINT), "ready": ready}
    if page.locator(".ag-season input[type=range]").count():
        result["steps"] = page.evaluate(SLIDE, STEPS)
    context.close()
    return result | {name: len(found) for name, found in seen.items()}


def watched(browser: Any, path: Path) -> dict[str, Any]:
    """Open a page three times as it is and three times on a slower processor."""
    usual = [opened(browser, path, 1) for _ in range(ROUNDS)]
    slow = [opened(browser, path, SLOWER) for _ in range(ROUNDS)]
    result = {
        "paint_ms": round(averages.median(one["paint"] for one in usual)),
        "paint_slow_ms": round(averages.median(one["paint"] for one in slow)),
        "ready_ms": round(averages.median(one["ready"] for one in usual)),
        "ready_slow_ms": round(averages.median(one["ready"] for one in slow)),
    }
    if "steps" in usual[0]:
        handled, framed = zip(*usual[-1]["steps"], strict=True)
        result |= {
            "step_ms": round(averages.median(framed), 1),
            "step_worst_ms": round(max(framed), 1),
            "handler_ms": round(averages.median(handled), 1),
            "handler_worst_ms": round(max(handled), 1),
        }
    for name in ("requests", "failed", "errors", "dialogs"):
        result[name] = sum(one[name] for one in usual + slow)
    return result


def limits_of(name: str, found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each limit that a page has, and whether it is kept."""
    limits = {"bytes": BYTES.get(name, OTHERS), **LIMITS}
    limits |= dict.fromkeys(("requests", "failed", "errors", "dialogs"), 0)
    return {
        key: {"value": found[key], "limit": limit, "met": found[key] <= limit}
        for key, limit in limits.items()
        if key in found
    }


def run(chromium: str) -> dict[str, Any]:
    """Measure every page."""
    from playwright.sync_api import sync_playwright

    started = time.perf_counter()
    net = ag.load()
    document: dict[str, Any] = {"load_s": round(time.perf_counter() - started, 3), "pages": {}}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, headless=True, args=list(FLAGS))
        document["chromium"] = browser.version
        for name, (own, make) in pages(net).items():
            path = Path(folder) / f"{name}.html"
            found: dict[str, Any] = {"edges": len(own.edges), **made(make, path), **watched(browser, path)}
            found["plain_folium"] = made(lambda own=own: plain(own), Path(folder) / "plain.html")
            document["pages"][name] = found | {"limits": limits_of(name, found)}
        browser.close()
    return document


def table(document: dict[str, Any], write: Callable[[str], object]) -> None:
    """Write the figures beside their limits."""
    write(f"loading the dataset {document['load_s']} s; Chromium {document['chromium']}")
    for name, found in document["pages"].items():
        write(f"\n{name}, {found['edges']:,} edges")
        for key, row in found["limits"].items():
            write(
                f"  {key:16}{row['value']:>12,}{row['limit']:>14,.0f}  {'met' if row['met'] else 'NOT MET'}"
            )
        rest = ("ready_ms", "ready_slow_ms", "handler_ms", "handler_worst_ms")
        write("  " + ", ".join(f"{key} {found[key]:,}" for key in rest if key in found))
        other = found["plain_folium"]
        write(f"  plain folium: build_s {other['build_s']}, bytes {other['bytes']:,}; loads from the net")


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    parser.add_argument("--chromium", default=found, metavar="FILE", help="the browser (found on the path)")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    chosen = parser.parse_args(arguments)
    if not chosen.chromium:
        parser.error("no Chromium found; give one with --chromium")
    document = run(chosen.chromium)
    if chosen.json:
        print(json.dumps(document, indent=1))
    else:
        table(document, print)


if __name__ == "__main__":
    main()
