"""Time and size of the page that computes: building, bytes, first paint, questions, and moves of the reader.

The page of the loaded dataset is built, saved and opened in a browser without a network, and so are a page of
3,000 edges made by cutting roads into pieces and, with ``--area FOLDER``, that of a folder with an area of
OpenStreetMap. Building time is the median of three runs after one warm-up, saving included. First paint is
the browser's first-contentful-paint, and ready the moment at which the page takes questions, medians of three
openings, each in a window that has settled. Questions are put to the engine with nothing kept of earlier
ways; a move is the script that runs until the page shows the new state. Each is the median and the 95th
percentile of many.

Run ``python benchmarks/pages.py`` for a table of the values beside their bars, with ``--json`` for one
document; needs playwright and a Chromium. With ``--peers`` it needs neither: it writes the page, and the
same roads, places and crossings with stock Folium and with pydeck, in turn, and measures processor time and
bytes. The bars are those of the page of the dataset; the lines of code that make it have bars too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import re
import shutil
import statistics as averages
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops

import amurgeo as ag
from amurgeo.network import Network

ROUNDS, EDGES, SLOWER = 3, 3_000, 4
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
LIMITS = {
    "bytes": 700_000,
    "gzipped": 300_000,
    "payload": 400_000,
    "build_s": 4.0,
    "paint_ms": 600.0,
    "ready_ms": 1_000.0,
    "ready_slow_ms": 3_500.0,
    "pair_ms": 1.0,
    "matrix_ms": 2.0,
    "year_ms": 16.0,
    "day_ms": 16.0,
    "other_pair_ms": 60.0,
    **dict.fromkeys(("requests", "failed", "errors", "dialogs"), 0),
    "lines_engine": 900,
    "lines_js": 2_700,
    "lines_python": 1_530,
}
#: Milliseconds of questions and moves, medians and 95th percentiles, by a fixed random order.
QUESTIONS = """async () => {
  const { E, set } = window.pageApp, { data, index, caches } = E;
  const towns = data.towns.map((id) => index.get(id)), kinds = ['city', 'town', 'village'];
  const all = data.nodes.filter((node) => kinds.includes(node.k));
  const sides = ['home', 'far'].map((one) => all.filter((node) => node.side === one).map((node) => node.id));
  const ends = data.ends.map((id) => index.get(id)), laid = E.lay([]), vehicle = data.vehicle, found = {};
  let seed = 7, spent = 0;
  const any = (list) => list[(seed = (seed * 48271) % 2147483647) % list.length];
  const note = (name, took) => {
    took.sort((a, b) => a - b);
    found[name + '_ms'] = took[took.length >> 1];
    found[name + '_p95_ms'] = took[Math.floor(took.length * 0.95)];
  };
  const timed = (name, times, ask) => {
    const took = [];
    for (let k = 0; k < times; k++) {
      const pair = sides.map((side) => index.get(any(side)));
      caches.search.clear();
      const start = performance.now();
      ask(...pair, k % data.n);
      took.push(performance.now() - start);
    }
    note(name, took);
  };
  timed('pair', 200, (a, b, i) => E.pair(laid, vehicle, a, b, i));
  timed('matrix', 60, (a, b, i) => E.matrix(laid, vehicle, towns, ends, i));
  timed('year', 30, (a, b) => E.year(laid, vehicle, a, b));
  timed('lay', 30, (a, b, i) => E.lay([{ crossing: any(data.crossings).id, close: true, by: String(i) }]));
  const frame = window.requestAnimationFrame;
  window.requestAnimationFrame = (act) => frame((at) => {
    const start = performance.now();
    act(at);
    spent += performance.now() - start;
  });
  const moved = async (name, times, patch) => {
    const took = [];
    for (let k = 0; k < times; k++) {
      spent = 0;
      const start = performance.now();
      set(patch(k));
      spent += performance.now() - start;
      await new Promise((done) => frame(() => setTimeout(done)));
      took.push(spent);
    }
    note(name, took);
  };
  await moved('day', 60, (k) => ({ i: (k * 7) % data.n }));
  await moved('to_routes', 1, () => ({ view: 'routes', from: data.towns[0], to: data.ends[0] }));
  await moved('other_pair', 60, () => ({ from: any(sides[0]), to: any(sides[1]), way: 0 }));
  return found;
}"""
#: Notes the moment at which the page says that it is ready.
WATCH = """new MutationObserver(function (_, watch) {
  window.readyAt = performance.now();
  watch.disconnect();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-ready'] });"""
#: The window of a browser itself keeps the processors busy when it opens.
SETTLES_MS = 2_000
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


def made(net: Network, path: Path) -> dict[str, float]:
    """Make and save a page; seconds and bytes."""
    took = []
    for _ in range(ROUNDS + 1):
        forget(net)
        started = time.perf_counter()
        ag.maps.page(net, on=DAY, path=path)
        took.append(time.perf_counter() - started)
    page = path.read_bytes()
    rules = page.partition(b'id="page-data">')[2].partition(b"</script>")[0]
    sizes = {"bytes": len(page), "gzipped": len(gzip.compress(page)), "payload": len(rules)}
    return {"build_s": round(averages.median(took[1:]), 3), **sizes}


def folium_page(net: Network, path: Path) -> None:
    """Write the roads, places and crossings of a day with Folium as it is."""
    import folium

    page = folium.Map([50.3, 127.5], zoom_start=7)
    for frame, names in zip(drawn(net), TOOLTIPS, strict=True):
        folium.GeoJson(frame, tooltip=folium.GeoJsonTooltip(names)).add_to(page)
    page.save(path)


def pydeck_page(net: Network, path: Path, *, offline: bool) -> None:
    """Write the roads, places and crossings of a day with pydeck."""
    import pydeck

    view = pydeck.ViewState(latitude=50.3, longitude=127.5, zoom=6)
    layers = [
        pydeck.Layer("GeoJsonLayer", json.loads(frame.to_json()), pickable=True, get_point_radius=2000)
        for frame in drawn(net)
    ]
    deck = pydeck.Deck(layers, initial_view_state=view, map_style=None, map_provider=None)
    deck.to_html(path, offline=offline)


TOOLTIPS = (["ref", "class", "length_km"], ["name_en", "kind"], ["crossing", "status", "reason"])


def drawn(net: Network) -> list[gpd.GeoDataFrame]:
    """Return roads, places and crossings of a day with what their tooltips show."""
    frames = (net.roads, net.places, ag.state(net, DAY).to_gdf())
    return [frame[[*names, "geometry"]] for frame, names in zip(frames, TOOLTIPS, strict=True)]


def beside() -> list[dict[str, Any]]:
    """Return processor time and bytes of the page and of the same network in other libraries, in turn."""
    net = ag.load()
    pages: dict[str, Callable[[Path], object]] = {
        "amurgeo": lambda path: ag.maps.page(net, on=DAY, path=path),
        "folium": lambda path: folium_page(net, path),
    }
    if find_spec("pydeck"):
        pages["pydeck"] = lambda path: pydeck_page(net, path, offline=False)
        pages["pydeck, offline"] = lambda path: pydeck_page(net, path, offline=True)
    took: dict[str, list[float]] = {name: [] for name in pages}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS + 1):
            for name, write in pages.items():
                forget(net)
                started = time.process_time()
                write(Path(folder) / f"{name}.html")
                took[name].append(time.process_time() - started)
        for name, seconds in took.items():
            page = (Path(folder) / f"{name}.html").read_bytes()
            asked = set(re.findall(rb"""<(?:script|link)[^>]+(?:src|href)=["']?(https?://[^"'> ]+)""", page))
            cpu_s = round(averages.median(seconds[1:]), 3)
            sizes = {"bytes": len(page), "gzipped": len(gzip.compress(page)), "requests": len(asked)}
            rows.append({"page": name, "write_cpu_s": cpu_s, **sizes})
    return rows


def forget(net: Network) -> None:
    """Drop what the network keeps of the page before."""
    kept = {
        key: value
        for key, value in net.cache.items()
        if not (isinstance(key, tuple) and key[0] in ("page", "fastest_ways"))
    }
    net.cache.clear()
    net.cache.update(kept)


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
    page.add_init_script(WATCH)
    page.wait_for_timeout(SETTLES_MS)
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    result: dict[str, Any] = {"paint": page.evaluate(PAINT), "ready": page.evaluate("window.readyAt")}
    if slower == 1:
        result["questions"] = page.evaluate(QUESTIONS)
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
        **{name: round(took, 2) for name, took in usual[-1]["questions"].items()},
    }
    for name in ("requests", "failed", "errors", "dialogs"):
        result[name] = sum(one[name] for one in usual + slow)
    return result


def lines_of_code() -> dict[str, int]:
    """Count the lines of the scripts and of the Python that make a page."""
    folder = Path(ag.maps.__file__).parent
    counts = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.rglob("*.[jp][sy]")}
    own = {path: count for path, count in counts.items() if path.parent.name != "vendor"}
    return {
        "lines_engine": sum(count for path, count in own.items() if path.name == "engine.js"),
        "lines_js": sum(count for path, count in own.items() if path.suffix == ".js"),
        "lines_python": sum(count for path, count in own.items() if path.suffix == ".py"),
    }


def run(chromium: str, area: Path | None) -> dict[str, Any]:
    """Measure every page."""
    from playwright.sync_api import sync_playwright

    started = time.perf_counter()
    net = ag.load()
    document: dict[str, Any] = {"load_s": round(time.perf_counter() - started, 3), "pages": {}}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, headless=True, args=list(FLAGS))
        document["chromium"] = browser.version
        networks = {"page": net, "edges_3000": cut_roads(net, EDGES)}
        for name, own in (networks | ({} if area is None else {"area": ag.load(area)})).items():
            path = Path(folder) / f"{name}.html"
            document["pages"][name] = {"edges": len(own.edges), **made(own, path), **watched(browser, path)}
        document["pages"]["page"] |= lines_of_code()
        browser.close()
    return document


def table(document: dict[str, Any], write: Callable[[str], object]) -> None:
    """Write the figures beside their limits."""
    write(f"loading the dataset {document['load_s']} s; Chromium {document['chromium']}")
    for name, found in document["pages"].items():
        write(f"\n{name}, {found['edges']:,} edges")
        for key, bar in LIMITS.items():
            if key in found:
                met = ("met" if found[key] <= bar else "NOT MET") if name == "page" else ""
                write(f"  {key:16}{found[key]:>12,}{bar:>14,.0f}  {met}".rstrip())
        write("  " + ", ".join(f"{key} {value:,}" for key, value in found.items() if key.endswith("p95_ms")))


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    parser.add_argument("--chromium", default=found, metavar="FILE", help="the browser (found on the path)")
    parser.add_argument("--area", type=Path, metavar="FOLDER", help="an area of OpenStreetMap as well")
    parser.add_argument("--peers", action="store_true", help="beside Folium and pydeck, instead; no browser")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    chosen = parser.parse_args(arguments)
    if chosen.peers:
        libraries = {name: version(name) for name in ("folium", "pydeck") if find_spec(name)}
        about = {"python": platform.python_version(), "cores": os.cpu_count(), "libraries": libraries}
        print(json.dumps({"machine": about, "beside": beside()}, indent=1))
        return
    if not chosen.chromium:
        parser.error("no Chromium found; give one with --chromium")
    document = run(chosen.chromium, chosen.area)
    if chosen.json:
        print(json.dumps(document, indent=1))
    else:
        table(document, print)


if __name__ == "__main__":
    main()
