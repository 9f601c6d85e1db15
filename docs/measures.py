"""Accuracy tables and figures of the site, worked out when it is built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Where the output of benchmarks that measure time is kept, ``<benchmark>.json``; may be missing.
RESULTS = ROOT / "benchmarks" / "results"

Table = Callable[..., str]


def distances(table: Table) -> str:
    """Hold published distances against those of the network, summed up and pair by pair, by its benchmark."""
    document = _run("accuracy")
    if document is None:
        return ""
    said = {False: "no", True: "yes"}
    summary = [
        (row["group"], said[row["used"]], row["pairs"], row["median_error_pct"], row["largest_error_pct"])
        for row in document["summary"]
    ]
    judged = [
        (
            pair["group"],
            pair["from"],
            pair["to"],
            f"{pair['published_km']:g}",
            f"{pair['network_km']:.0f}",
            f"{pair['error_pct']:+.1f}",
            said[pair["used"]],
        )
        for pair in document["pairs"]
        if pair["judged"]
    ]
    headings = ("Pairs", "Used for typing", "Number", "Median error, %", "Largest error, %")
    sums = table(headings, summary, right=(2, 3, 4))
    headings = ("Mode", "From", "To", "Published, km", "Network, km", "Error, %", "Used for typing")
    every = table(headings, sorted(judged, key=lambda row: (row[0], row[-1], row)), right=(3, 4, 5))
    return f"{sums}\n### Every judged pair\n\n{every}"


def seasons(table: Table) -> str:
    """Tell how near the season model comes to days that it has not seen, by its benchmark."""
    document = _run("seasons")
    if document is None:
        return ""
    methods = {
        "model": "Model",
        "strict": "Model, windows taken anew as well",
        "regime_median": "Median of the same regime",
        "median": "Median of all years",
    }
    names = [name for name in methods if name in document["mae_days"]]
    rows = [
        (
            f"`{crossing}`",
            part["events"],
            *("" if part.get(name) is None else f"{part[name]:.1f}" for name in names),
            f"{part['inside']:.0%}",
        )
        for crossing, part in document["by_crossing"].items()
    ]
    rows.append(
        (
            "**all**",
            document["events"],
            *(f"{document['mae_days'][name]:.1f}" for name in names),
            f"{document['inside_p10_p90']:.0%}",
        )
    )
    supported, kept = document["mae_days_supported"], document["inside_p10_p90_supported"]
    rows.append(
        (
            "**with others to learn from**",
            document["supported"],
            *(f"{supported[name]:.1f}" for name in names),
            f"{kept:.0%}",
        )
    )
    headings = ("Crossing", "Events", *(methods[name] for name in names), "Between P10 and P90")
    said = table(headings, rows, right=range(1, 3 + len(names)))
    ice = document.get("ice")
    if ice:
        off = max(abs(error) for error in ice["thickness_error_cm"].values())
        said += (
            f"\nThe ice model: thickness is off by at most {off:g} cm on the "
            f"{len(ice['thickness_error_cm'])} days for which one was published; the {ice['openings']} "
            "openings of the ice road at Blagoveshchensk that can be judged came "
            f"{ice['opening_lag_days']:g} days after the ice could carry 30 t, foretold within "
            f"{ice['opening_mae_days']:g} days; for 1 °C of warming the ice lasts "
            f"{ice['shorter_days_per_degree']:g} days less (satellites: 6.1).\n"
        )
    return said


def engine(table: Table) -> str:
    """Hold the time of one state against other libraries, where a measurement is kept."""
    path = RESULTS / "engine.json"
    if not path.is_file():
        return ""
    document = json.loads(path.read_text(encoding="utf-8"))
    parts = []
    for place in document.get("networks", ()):
        rows = [
            (one["engine"], f"{one['state_ms']:.3g}", "yes" if one["equal"] else "no")
            for one in place["engines"]
        ]
        size = f"{place['nodes']:,}".replace(",", " ")
        parts.append(
            f"A network of {size} nodes, {place['origins']} origins × {place['destinations']} destinations:\n"
        )
        parts.append(table(("Engine", "One state, ms of processor time", "Same seconds"), rows, right=(1,)))
    machine = document.get("machine", {})
    parts.append(f"Python {machine.get('python')}, {machine.get('cores')} cores.\n" if machine else "")
    return "### Measured\n\n" + "\n".join(parts)


#: Figures that pages show, by file in ``_static``.
FIGURES = ("frozen-open.png", "year.png")


def draw(app: Any, error: Exception | None) -> None:
    """Draw the figures beside the finished pages; called by Sphinx."""
    if error is not None or app.builder.format != "html":
        return
    import matplotlib

    matplotlib.use("Agg")
    import amurgeo
    from amurgeo.maps import calendar_figure, network_figure

    net = amurgeo.load()
    folder = Path(app.outdir) / "_static"
    states = [net.state(scenario=name) for name in ("frozen", "open")]
    network_figure(net, states, path=folder / FIGURES[0], dpi=110)
    year = net.record_until.year
    calendar_figure(amurgeo.calendar(net, year), year=year, net=net, path=folder / FIGURES[1], dpi=110)


def _run(benchmark: str) -> dict[str, Any] | None:
    """Run a benchmark whose figures depend on the data alone; None where the benchmarks are not there."""
    script = ROOT / "benchmarks" / f"{benchmark}.py"
    if not script.is_file():
        return None
    done = subprocess.run(
        [sys.executable, str(script), "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    return dict(json.loads(done.stdout))
