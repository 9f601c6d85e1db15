"""Tables and figures of the validation and of the engine, computed when the site is built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Stored output of benchmarks that measure time, ``<benchmark>.json``.
RESULTS = ROOT / "benchmarks" / "results"

Table = Callable[..., str]


def distances(table: Table) -> str:
    """Compare published distances with those of the network, in groups and pair by pair."""
    document = _run("accuracy")
    if document is None:
        return ""
    words = {False: "no", True: "yes"}
    summary = [
        (row["group"], words[row["used"]], row["pairs"], row["median_error_pct"], row["largest_error_pct"])
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
            words[pair["used"]],
        )
        for pair in document["pairs"]
        if pair["judged"]
    ]
    headings = ("Pairs", "Used as input", "Number", "Median error, %", "Largest error, %")
    sums = table(headings, summary, right=(2, 3, 4))
    headings = ("Mode", "From", "To", "Published, km", "Network, km", "Error, %", "Used as input")
    every = table(headings, sorted(judged, key=lambda row: (row[0], row[-1], row)), right=(3, 4, 5))
    return f"{sums}\n## Every judged pair\n\n{every}"


def seasons(table: Table) -> str:
    """Compare dated openings and closings with the season model and with the medians of other winters."""
    document = _run("seasons")
    if document is None:
        return ""
    compared = document["compared"]
    rows = [
        ("Same events: model", compared["events"], *_intervals(compared["model"])),
        ("Same events: median of the era", compared["events"], *_intervals(compared["regime"])),
        ("Same events: difference", compared["events"], *_intervals(compared["difference"])),
        *(
            (title, document[name]["events"], *_intervals(document[name]))
            for title, name in (
                ("All that it answers: model", "model"),
                ("All that it answers: median of the era", "regime"),
                ("All that it answers: median of all years", "years"),
                ("Earlier winters only: model", "forward"),
            )
        ),
    ]
    headings = ("", "Events", "Mean absolute error, days", "CRPS, days", "Between P10 and P90")
    errors = table(headings, rows, right=(1, 2, 3, 4))
    places = [
        (f"`{name}`", part["events"], f"{part['model']:.1f}", f"{part['regime']:.1f}")
        for name, part in document["by_checkpoint"].items()
    ]
    headings = ("Checkpoint", "Events", "Model, days", "Median of the era, days")
    by_place = table(headings, places, right=(1, 2, 3))
    return (
        f"{document['events']} events of {document['ice_years']} ice years; "
        f"{document['without_another_year']} have no other winter of their era, so no median answers.\n\n"
        f"{errors}\n{by_place}\n{ice_checks(table)}"
    )


def hours(table: Table) -> str:
    """Compare published travel hours with those of the network, by vehicle and pair by pair."""
    document = _run("accuracy")
    if document is None:
        return ""

    def percent(value: float | None, form: str) -> str:
        return "" if value is None else f"{value:{form}}"

    forms = {"set_bias_pct": "+.1f", "set_error_pct": ".1f", "test_bias_pct": "+.1f", "test_error_pct": ".1f"}
    summary = [
        (
            f"`{row['vehicle']}`",
            f"n = {row['pairs']}",
            *(percent(row[name], form) for name, form in forms.items()),
        )
        for row in document["hours_summary"]
    ]
    judged = [
        (
            f"`{pair['vehicle']}`",
            pair["from"],
            pair["to"],
            f"{pair['published_h']:g}",
            f"{pair['network_h']:.1f}",
            f"{pair['error_pct']:+.0f}",
            pair["half"],
        )
        for pair in document["hours"]
        if pair["judged"]
    ]
    headings = (
        "Vehicle", "Pairs", "Bias, set half, %", "Median error, set half, %", "Bias, test half, %",
        "Median error, test half, %",
    )  # fmt: skip
    sums = table(headings, summary, right=(2, 3, 4, 5))
    headings = ("Vehicle", "From", "To", "Published, h", "Network, h", "Error, %", "Half")
    every = table(headings, sorted(judged, key=lambda row: (row[0], row)), right=(3, 4, 5))
    return f"{sums}\n## Every judged pair of hours\n\n{every}"


def queues(table: Table) -> str:
    """Compare queues on record with the queue model, in kinds and one by one."""
    document = _run("queues")
    if document is None:
        return ""
    summary = [
        (
            row["kind"],
            row["episodes"],
            row["within_2"],
            row["within_2_of_range"],
            "" if row["in_order"] is None else f"{row['in_order']:.0%}",
        )
        for row in document["summary"]
    ]
    every = [
        (
            row["place"],
            row["date"],
            row["kind"],
            f"{row['observed']:g}",
            f"{row['low']:g}–{row['high']:g}",
            f"{row['predicted']:.4g}",
            row["unit"],
            "" if row["within_2"] else "missed",
        )
        for row in document["episodes"]
    ]
    headings = ("Kind", "Episodes", "Within a factor 2", "Of the range", "Pairs in order")
    sums = table(headings, summary, right=(1, 2, 3, 4))
    headings = ("Place", "Date", "Kind", "Observed", "Range", "Model", "Unit", "")
    return f"{sums}\n{table(headings, every, right=(3, 4, 5))}"


def queue_floor(table: Table) -> str:
    """Return the stored costs beside the optimum, the enlarged crossings and the times."""
    path = RESULTS / "queues.json"
    if not path.is_file():
        return ""
    document = json.loads(path.read_text(encoding="utf-8"))
    rows = []
    for row in document["beside_optimum"]:
        hours = [f"{row[name]:,.0f}" for name in ("cost_h", "optimum_h")]
        rows.append((row["case"], *hours, f"{row['cost_h'] / row['optimum_h'] - 1:.1%}"))
    many, times = document["enlarged"], document["times"]
    text = (
        f"Of {many['cases']} enlarged crossings {many['dearer_by_0.1_pct']} made the sum dearer by more than "
        f"0.1 % (at most {many['largest_rise_pct']:.3f} %), {many['more_waiting']} made more trucks wait. "
        f"A scenario-year takes {times['scenario_year_s']:.1f} s, 100 draws of 60 days "
        f"{times['draws_100_of_60_days_s']:.0f} s of processor time."
    )
    crossing = [
        (row["by"], f"{row['truck_days']:,.0f}", "" if row["cpu_s"] is None else f"{row['cpu_s']:.3f}")
        for row in times["one_crossing"]
    ]
    costs = table(("Case", "Model, h", "Optimum, h", "More"), rows, right=(1, 2, 3))
    one = table(("One crossing shut for ten days", "Truck-days", "CPU, s"), crossing, right=(1, 2))
    return f"{costs}\n{text}\n\n{one}"


def _intervals(part: dict[str, list[float]]) -> list[str]:
    """Return the mean and the interval of each measure as text."""
    days = [
        f"{mean:.1f} [{low:.1f}, {high:.1f}]" for mean, low, high in map(part.get, ("mae_days", "crps_days"))
    ]
    inside = "{:.0%} [{:.0%}, {:.0%}]".format(*part["inside_p10_p90"])
    return [*days, inside]


def seasons_short(table: Table) -> str:
    """Return the overall errors of the season model and of the medians."""
    document = _run("seasons")
    if document is None:
        return ""
    compared = document["compared"]
    rows = [
        (title, *_intervals(compared[name])[:2])
        for title, name in (("Model", "model"), ("Median of the era", "regime"), ("Difference", "difference"))
    ]
    errors = table(("Method", "Mean absolute error, days", "CRPS, days"), rows, right=(1, 2))
    ahead = "{:.1f} [{:.1f}, {:.1f}]".format(*document["forward"]["mae_days"])
    inside = document["model"]["inside_p10_p90"][0]
    return (
        f"{errors}\n{compared['events']} events, with 90 % intervals over ice years. "
        f"With earlier winters only the error is {ahead} days. "
        f"{inside:.0%} fell between P10 and P90 (perfect: 80 %).\n"
    )


def ice_checks(table: Table) -> str:
    """Compare the ice model with published thicknesses, openings and the warming seen by satellites."""
    document = _run("seasons")
    ice = None if document is None else document.get("ice")
    if not ice:
        return ""
    off = max(abs(error) for error in ice["thickness_error_cm"].values())
    return (
        f"The ice model: thickness is off by at most {off:g} cm on the "
        f"{len(ice['thickness_error_cm'])} days for which one was published; the {ice['openings']} "
        "openings of the ice road at Blagoveshchensk that can be judged came "
        f"{ice['opening_lag_days']:g} days after it could carry 30 t, with a mean error "
        f"of {ice['opening_mae_days']:g} days; for 1 °C of warming the ice lasts "
        f"{ice['shorter_days_per_degree']:g} days less (satellites: 6.1).\n"
    )


def warming(table: Table) -> str:
    """Return by how many days a warming moves freeze-up, opening, closing and break-up."""
    import amurgeo
    from amurgeo.seasons.ice import season_shift

    climate = amurgeo.load().table("climate")
    rows = []
    for degrees in (1, 2, 3, 4):
        shift = season_shift(climate, warming_c=degrees)
        moved = (
            shift.freeze_up_shift_days,
            shift.open_shift_days,
            shift.close_shift_days,
            shift.break_up_shift_days,
        )
        rows.append(
            (
                f"{degrees} °C",
                *("" if days is None else f"{days:+.0f}" for days in moved),
                f"{shift.max_thickness_cm:.0f}",
            )
        )
    headings = (
        "Warmer by",
        "Freeze-up",
        "30 t carried",
        "Closed by thaw",
        "Break-up",
        "Thickest mean cover, cm",
    )
    return "Days by which each event moves:\n\n" + table(headings, rows, right=(1, 2, 3, 4, 5))


def engine(table: Table) -> str:
    """Compare the time of one state with other libraries, from the stored measurement."""
    if (document := _stored("engine")) is None:
        return ""
    parts = []
    for place in sorted(document.get("networks", ()), key=lambda network: network["nodes"]):
        rows = [
            (
                f"{engine['engine']} (scaled up)" if engine.get("scaled") else engine["engine"],
                f"{engine['state_ms']:.3g}"
                if engine["state_ms"] < 1000
                else f"{engine['state_ms']:,.0f}".replace(",", " "),
                "yes" if engine["equal"] else "no",
            )
            for engine in place["engines"]
        ]
        size = f"{place['nodes']:,}".replace(",", " ")
        parts.append(
            f"A network of {size} nodes, {place['origins']} origins × {place['destinations']} destinations:\n"
        )
        parts.append(table(("Engine", "One state, ms of processor time", "Same seconds"), rows, right=(1,)))
        done, path_ms = place.get("sweep"), place.get("path_ms")
        facts = [f"Preparation took {place['prepare_cpu_s']:.2g} s of processor time"]
        # The peak of the process belongs to its first network.
        if place is document["networks"][0] and place.get("peak_gb_after_prepare"):
            facts.append(f"memory never exceeded {place['peak_gb_after_prepare']:g} GB")
        if path_ms:
            facts.append(f"one path of {path_ms['nodes']:.0f} nodes {path_ms['median']:g} ms")
        if done:
            facts.append(
                f"{done['scenarios']} scenarios over {done['days']} days, {done['different_states']} of them "
                f"distinct, {done['cpu_s']:g} s"
            )
        parts.append(f"{'; '.join(facts)}.\n")
    return "### Measured\n\n" + "\n".join(parts) + _machine(document)


def growth(table: Table) -> str:
    """Return how times grow with the size of the network, from the stored measurement."""
    if (document := _stored("engine-growth")) is None:
        return ""
    names = {"nodes": "Nodes", "crossings": "Crossings", "terminals": "Origins and destinations"}
    headings = ("Axis", "Size", "Preparation, s", "One state, ms")
    rows = [
        (
            names[row["axis"]],
            f"{row['value']:,}".replace(",", " "),
            f"{row['prepare_cpu_s']:.2g}",
            f"{row['numpy_ms']:.2g}",
        )
        for row in document["growth"]
        if row["axis"] in names
    ]
    picture = '<img src="../_static/growth.png" alt="Milliseconds of one state by size, of each engine">'
    figure = f'<figure>\n<a href="../_static/growth.png">{picture}</a>\n</figure>'
    text = f"### How times grow\n\n{figure}\n\n{table(headings, rows, right=(1, 2, 3))}\n"
    return text + _machine(document)


def pages(table: Table) -> str:
    """Compare the page with pages of other libraries, from the stored measurement."""
    if (document := _stored("pages")) is None:
        return ""
    rows = [
        (row["page"], f"{row['write_cpu_s']:.2f}", f"{row['bytes'] / 1e6:.2f}", row["requests"], computes)
        for row in document["beside"]
        for computes in ["yes" if row["page"] == "amurgeo" else "no"]
    ]
    headings = ("Page", "Written in, s", "MB", "Files from the network", "Answers questions")
    return table(headings, rows, right=(1, 2, 3)) + "\n" + _machine(document)


def _stored(name: str) -> dict[str, Any] | None:
    """Return a stored measurement; None without the benchmarks."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _machine(document: dict[str, Any]) -> str:
    """Return the machine and libraries of a measurement."""
    about = document.get("machine")
    if not about:
        return ""
    libraries = ", ".join(f"{name} {version}" for name, version in about["libraries"].items())
    load = about.get("load") or 0.0
    busy = f"; other work ran beside (load {load:.0f})" if load > about["cores"] else ""
    return (
        f"\nProcessor time, medians; {about['cores']} cores, Python {about['python']}, {libraries}{busy}.\n"
    )


def validation(table: Table) -> str:
    """Return the chapter in five rows: what is compared, with how many cases, and the error."""
    accuracy, queue, season = _run("accuracy"), _run("queues"), _run("seasons")
    if accuracy is None or queue is None or season is None:
        return ""
    rows = [
        (
            f"[Distances](distances.md), {row['group']}",
            row["pairs"],
            f"median error {row['median_error_pct']} %, largest {row['largest_error_pct']} %",
        )
        for row in accuracy["summary"]
        if not row["used"]
    ]
    rows += [
        (
            f"[Hours](hours.md), `{row['vehicle']}`",
            row["test_pairs"],
            f"median error {row['test_error_pct']} %, bias {row['test_bias_pct']:+} %",
        )
        for row in accuracy["hours_summary"]
        if row["test_pairs"]
    ]
    forward = season["forward"]
    rows.append(
        ("[Dates](dates.md), earlier winters only", forward["events"], f"{forward['mae_days'][0]:.1f} days")
    )
    rows += [
        (
            f"[Queues](queues.md), {row['kind']}",
            row["episodes"],
            f"{row['within_2']} within a factor of 2, {row['within_2_of_range']} of the published range",
        )
        for row in queue["summary"]
        if row["kind"] != "all"
    ]
    rows += [
        (
            f"[Promises](promises.md) of {row['sure']:.0%}, earlier winters only",
            row["n"],
            f"kept in {row['kept']:.0%} ({row['low']:.0%}–{row['high']:.0%})",
        )
        for row in _promises("earlier")
        if row["sure"] in (0.8, 0.9)
    ]
    return table(("What", "Cases", "Error"), rows, right=(1,))


def promises(table: Table) -> str:
    """Compare promised shares with those that were kept, from the table ``promises``."""
    rows = [
        (
            f"{one['sure']:.0%}",
            *(f"{row['kept']:.0%} ({row['low']:.0%}–{row['high']:.0%})" for row in (one, other)),
        )
        for one, other in zip(_promises("earlier"), _promises("left_out"), strict=True)
    ]
    counts = [f"{rows_[0]['n']} turns of {rows_[0]['winters']} winters" for rows_ in map(_promises, BASES)]
    shown = table(
        ("Promised", "Kept, earlier winters only", "Kept, the winter left out"), rows, right=(0, 1, 2)
    )
    return (
        f"{shown}\n{counts[0]} with earlier winters only, {counts[1]} with the winter left out; "
        "90 % intervals by whole winters.\n"
    )


#: How the record was restricted for a promise.
BASES = ("earlier", "left_out")


def _promises(basis: str) -> list[dict[str, Any]]:
    """Return the rows of one basis, by sureness."""
    import amurgeo

    frame = amurgeo.load().table("promises")
    return list(frame[frame["basis"] == basis].sort_values("sure").to_dict("records"))


# -- figures -----------------------------------------------------------------------------------------


def _scatter(axes: Any, points: list[dict[str, Any]], x: str, y: str, kind: str, unit: str) -> None:
    """Draw published against computed values on logarithmic axes, with the line of no error."""
    for name, marker in zip(sorted({str(point[kind]) for point in points}), "o^sDv", strict=False):
        some = [point for point in points if str(point[kind]) == name]
        axes.plot([p[x] for p in some], [p[y] for p in some], marker, label=name, alpha=0.7, markersize=5)
    ends = [f(point[key] for point in points for key in (x, y)) for f in (min, max)]
    axes.plot(ends, ends, color="black", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel=f"published, {unit}", ylabel=f"network, {unit}")
    axes.legend(frameon=False)


def _distances(axes: Any) -> None:
    points = [pair for pair in (_run("accuracy") or {})["pairs"] if pair["judged"] and not pair["used"]]
    _scatter(axes, points, "published_km", "network_km", "group", "km")


def _hours(axes: Any) -> None:
    points = [pair for pair in (_run("accuracy") or {})["hours"] if pair["judged"]]
    _scatter(axes, points, "published_h", "network_h", "vehicle", "hours")


def _dates(axes: Any) -> None:
    places = (_run("seasons") or {})["by_checkpoint"]
    at = range(len(places))
    for shift, (name, label) in zip(
        (-0.2, 0.2), (("model", "model"), ("regime", "median of the era")), strict=True
    ):
        axes.barh([row + shift for row in at], [part[name] for part in places.values()], 0.38, label=label)
    axes.set_yticks(list(at), [f"{name} (n = {part['events']})" for name, part in places.items()])
    axes.set_xlabel("mean absolute error, days")
    axes.legend(frameon=False)


def _queues(axes: Any) -> None:
    rows = [row for row in (_run("queues") or {})["episodes"] if row["low"] > 0]
    at = list(range(len(rows)))
    for row, spot in zip(rows, at, strict=True):
        axes.plot(
            [row["low"] / row["observed"], row["high"] / row["observed"]],
            [spot, spot],
            color="#999999",
            linewidth=5,
        )
    axes.plot([row["predicted"] / row["observed"] for row in rows], at, "o", color="black")
    axes.axvspan(0.5, 2, color="#0072B2", alpha=0.12)
    axes.set_yticks(at, [f"{row['place']}, {row['kind']}" for row in rows], fontsize=7)
    axes.set(xscale="log", xlabel="model (dot), published range (bar); published = 1; blue: factor of 2")
    axes.set_xticks([0.25, 0.5, 1, 2], ["¼", "½", "1", "2"])
    axes.set_xticks([], minor=True)


def _kept(axes: Any) -> None:
    for basis, label in zip(BASES, ("earlier winters only", "the winter left out"), strict=True):
        rows = _promises(basis)
        sure, kept, low, high = ([row[name] for row in rows] for name in ("sure", "kept", "low", "high"))
        axes.plot(sure, kept, "o-", label=label)
        axes.fill_between(sure, low, high, alpha=0.15)
    axes.plot([0.5, 0.95], [0.5, 0.95], color="black", linewidth=0.8)
    axes.set(xlabel="promised", ylabel="kept")
    axes.legend(frameon=False)


def _growth(panels: Any) -> None:
    """Draw one state of every engine by nodes, and of the own engine by crossings and terminals."""
    networks = sorted((_stored("engine") or {})["networks"], key=lambda network: network["nodes"])
    engines = [row["engine"] for row in networks[-1]["engines"]]
    for name in engines:
        times = [
            row["state_ms"] for network in networks for row in network["engines"] if row["engine"] == name
        ]
        panels[0].loglog([network["nodes"] for network in networks], times, "o-", label=name)
    panels[0].set(xlabel="nodes", ylabel="one state, ms of processor time")
    panels[0].legend(frameon=False, fontsize=7)
    growth_rows = (_stored("engine-growth") or {})["growth"]
    for axis, label in (("crossings", "crossings"), ("terminals", "origins and destinations")):
        rows = [row for row in growth_rows if row["axis"] == axis]
        sizes = [row["value"] for row in rows]
        panels[1].loglog(sizes, [row["numpy_ms"] for row in rows], "o-", label=label)
    panels[1].set(xlabel="number, on 10,000 nodes", ylabel="one state, ms of processor time")
    panels[1].legend(frameon=False, fontsize=7)


#: Figures of the validation, by name of the file in ``_static``.
VALIDATION = {"distances": _distances, "hours": _hours, "dates": _dates, "queues": _queues, "promises": _kept}


def draw(app: Any, error: Exception | None) -> None:
    """Draw the figures of the finished pages; called by Sphinx."""
    if error is not None or app.builder.format != "html":
        return
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    import amurgeo
    from amurgeo.figures import calendar_figure, network_figure

    net = amurgeo.load()
    folder = Path(app.outdir) / "_static"
    states = [net.state(scenario=name) for name in ("frozen", "open")]
    network_figure(net, states, path=folder / "frozen-open.png", dpi=110)
    year = net.record_until.year
    calendar_figure(amurgeo.calendar(net, year), year=year, net=net, path=folder / "year.png", dpi=110)
    if not (ROOT / "benchmarks").is_dir():
        return
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    _growth(panels)
    figure.savefig(folder / "growth.png", dpi=120, metadata={"Software": None})
    plt.close(figure)
    for name, paint in VALIDATION.items():
        figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
        paint(axes)
        figure.savefig(folder / f"validation-{name}.png", dpi=120, metadata={"Software": None})
        plt.close(figure)


@cache
def _run(benchmark: str) -> dict[str, Any] | None:
    """Run a benchmark whose figures depend on the data alone; None without the benchmarks."""
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
