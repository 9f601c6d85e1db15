"""The seasonal engine beside what a user would take instead, on the same states, with equal answers.

All engines run in one process and one thread, in turn; a state's change is part of its time. Figures are
medians of CPU time. An engine that takes long solves some of the origins or pairs; its time is then scaled
up, and marked so.

Run ``python benchmarks/engine.py`` for a table, with ``--json`` for one document; ``--large`` for a hundred
thousand and a million nodes (some minutes, 5 GB); ``--growth`` for how times grow with nodes, crossings,
scenarios and terminals; ``--impact`` for a year of the shipped network without each crossing, without each
element, and of the access of its settlements.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics as averages
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from _generate import World, seasons, world
from _peers import Engine, Whole, peers

from amurgeo.analysis.days import PricedDays
from amurgeo.analysis.sweep import totals
from amurgeo.routing.engine import ShortestPaths, TerminalDistances

SMALL, MIDDLE, LARGE = 1_000, 100_000, 1_000_000
LIBRARIES = ("numpy", "scipy", "networkx", "osmnx", "rustworkx", "igraph", "routingkit-cch")


def cpu() -> float:
    """Return the CPU seconds of this process."""
    return time.process_time()


def peak_gb() -> float | None:
    """Return the most memory that this process has held, in gigabytes, where the system tells."""
    if find_spec("resource") is None:
        return None
    import resource

    unit = 1e9 if sys.platform == "darwin" else 1e6
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 2)


def own_engine(distances: TerminalDistances) -> Engine:
    """Return the engine of the package."""
    return Engine("amurgeo (numpy)", lambda costs: distances.solve(costs).seconds)


def drawn(states: np.ndarray, n: int) -> np.ndarray:
    return states[np.random.default_rng(5).choice(len(states), n, replace=len(states) < n)]


def compare(n_nodes: int, *, rounds: int, scenarios: int) -> dict[str, Any]:
    """Measure the engine and its peers on one network."""
    large = n_nodes >= 100_000
    started = cpu()
    place = world(n_nodes)
    generated, before = cpu() - started, peak_gb()
    started = cpu()
    distances = place.graph.distances(place.origins, place.destinations)
    prepared, after = cpu() - started, peak_gb()
    some = np.concatenate(list(seasons(place.graph, 20)))
    states = drawn(some, rounds)

    own = own_engine(distances)
    engines = [own, *peers(place, Whole.of(place.graph), large=large)]
    for costs in states:
        wanted = own.run(costs)
        for engine in engines:
            # Engines that take microseconds are repeated, so that the clock's steps do not show.
            times = 20 if engine is own else 1
            started = cpu()
            for _ in range(times):
                found = engine.run(costs)
            engine.seconds.append((cpu() - started) / times * engine.scale)
            engine.differs |= found is not None and not np.array_equal(found, wanted[: engine.n_rows])

    paths = paths_of(place, states)
    result: dict[str, Any] = {
        "nodes": place.graph.n_nodes,
        "arcs": place.graph.n_static,
        "changing_arcs": len(place.graph.tail) - place.graph.n_static,
        "origins": len(place.origins),
        "destinations": len(place.destinations),
        "rounds": rounds,
        "generate_cpu_s": round(generated, 2),
        "prepare_cpu_s": round(prepared, 3),
        "peak_gb_before_prepare": before,
        "peak_gb_after_prepare": after,
        "engines": [
            {
                "engine": engine.name,
                "state_ms": float(f"{averages.median(engine.seconds) * 1e3:.4g}"),
                "least_ms": float(f"{min(engine.seconds) * 1e3:.4g}"),
                "most_ms": float(f"{max(engine.seconds) * 1e3:.4g}"),
                "scaled": engine.scale > 1,
                "equal": not engine.differs,
                "times_numpy": float(f"{averages.median(engine.seconds) / averages.median(own.seconds):.4g}"),
            }
            for engine in engines
        ],
        "path_ms": paths,
        "sweep": sweep(place, distances, scenarios),
    }
    return result


def paths_of(place: World, states: np.ndarray) -> dict[str, float]:
    """Measure one pair's best path with all its arcs."""
    took, nodes = [], []
    for number, costs in enumerate(states):
        origin = int(place.origins[number % len(place.origins)])
        destination = int(place.destinations[-1 - number % len(place.destinations)])
        started = cpu()
        seconds = place.graph.all_seconds(costs)
        path = ShortestPaths(place.graph, seconds, [origin]).arcs(origin, destination)
        took.append(cpu() - started)
        nodes.append(len(path) + 1 if path else 0)
    return {"median": round(averages.median(took) * 1e3, 3), "nodes": float(averages.median(nodes))}


def sweep(place: World, distances: TerminalDistances, scenarios: int) -> dict[str, Any]:
    """Measure a year of many scenarios, added up scenario by scenario."""
    batches = list(seasons(place.graph, scenarios))
    different = sum(len(np.unique(batch, axis=0)) for batch in batches)
    started, wall = cpu(), time.perf_counter()
    crossings = np.arange(distances.n_border).astype(str)
    days = sum(
        int(totals(PricedDays(crossings, which.ravel(), groups, {}))["days"].iloc[0])
        for batch in batches
        for states, which in [np.unique(batch, axis=0, return_inverse=True)]
        for groups in [[(distances, costs, [number]) for number, costs in enumerate(states)]]
    )
    took = cpu() - started
    return {
        "scenarios": scenarios,
        "days": days,
        "different_states": different,
        "cpu_s": round(took, 2),
        "wall_s": round(time.perf_counter() - wall, 2),
        "per_different_state_us": round(took / max(1, different) * 1e6, 1),
    }


def growth(*, large: bool) -> list[dict[str, Any]]:
    """Measure how times grow with nodes, crossings, terminals and scenarios."""
    rows = []
    sizes: dict[str, list[int]] = {
        "nodes": [1_000, 10_000, 100_000, *([LARGE] if large else [])],
        "crossings": [5, 12, 25, 50, 100, 150],
        "terminals": [10, 25, 50, 100, 200, 400],
    }
    for axis, values in sizes.items():
        for value in values:
            options = (
                {"border": value}
                if axis == "crossings"
                else {"terminals": value}
                if axis == "terminals"
                else {}
            )
            place = world(value if axis == "nodes" else 10_000, **options)
            started = cpu()
            distances = place.graph.distances(place.origins, place.destinations)
            row: dict[str, Any] = {"axis": axis, "value": value, "prepare_cpu_s": round(cpu() - started, 3)}
            states = drawn(np.concatenate(list(seasons(place.graph, 3))), 15)
            took = []
            for costs in states:
                started = cpu()
                for _ in range(4):
                    distances.solve(costs)
                took.append((cpu() - started) / 4)
            row["numpy_ms"] = round(averages.median(took) * 1e3, 4)
            rows.append(row)
    place = world(SMALL)
    distances = place.graph.distances(place.origins, place.destinations)
    for value in (10, 30, 100, 300, 1000):
        rows.append(
            {"axis": "scenarios", "value": value, "sweep_cpu_s": sweep(place, distances, value)["cpu_s"]}
        )
    return rows


def impact(year: int = 2026) -> dict[str, float]:
    """Return CPU seconds of a year without each crossing and each element, and of access and equity."""
    import amurgeo as ag

    net, found = ag.load(), {}
    questions: dict[str, Callable[[], Any]] = {
        "crossings": lambda: ag.criticality(net, year=year, kinds=["crossing"]),
        "elements": lambda: ag.criticality(net, year=year),
        "access": lambda: ag.access(net, year),
        "equity": lambda: ag.equity(net, year, scenario="no_bridge"),
    }
    for name, question in questions.items():
        start = cpu()
        question()
        found[name] = round(cpu() - start, 1)
    return found


def machine() -> dict[str, Any]:
    """Return what figures depend on."""
    libraries = {}
    for name in LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            print(f"{name} is not installed: left out of the comparison", file=sys.stderr)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": load,
        "libraries": libraries,
    }


def table(document: dict[str, Any], write: Callable[[str], object]) -> None:
    """Write the document as tables."""
    about = document["machine"]
    write(
        f"Python {about['python']}, {about['cores']} cores, load {about['load']}; "
        + ", ".join(f"{k} {v}" for k, v in about["libraries"].items())
    )
    for network in document.get("networks", ()):
        write(
            f"\n{network['nodes']} nodes, {network['arcs']} arcs, {network['changing_arcs']} that change, "
            f"{network['origins']} x {network['destinations']} pairs; "
            f"prepared in {network['prepare_cpu_s']} s, memory at most {network['peak_gb_after_prepare']} GB"
        )
        own = [key for key in network["engines"][0] if key.startswith("times_")]
        write(
            f"{'engine':32}{'ms a state':>14}{'least':>12}{'most':>12}"
            + "".join(f"{key.replace('times_', 'x '):>14}" for key in own)
            + "  answers"
        )
        for row in network["engines"]:
            write(
                f"{row['engine']:32}{row['state_ms']:14,.4g}{row['least_ms']:12,.4g}{row['most_ms']:12,.4g}"
                + "".join(f"{row[key]:14,.4g}" for key in own)
                + ("  equal" if row["equal"] else "  DIFFERENT")
                + (", scaled" if row["scaled"] else "")
            )
        write(f"one path with {network['path_ms']['nodes']:.0f} nodes: {network['path_ms']['median']} ms")
        done = network["sweep"]
        write(
            f"{done['scenarios']} scenarios, {done['days']} days, {done['different_states']} unlike states: "
            f"{done['cpu_s']} s ({done['per_different_state_us']} us each)"
        )
    for name, seconds in document.get("impact", {}).items():
        write(f"a year of {name}: {seconds} s")
    for row in document.get("growth", ()):
        rest = ", ".join(f"{key} {value}" for key, value in row.items() if key not in ("axis", "value"))
        write(f"{row['axis']:>12} {row['value']:>10,}: {rest}")


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw how times grow."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    axes = list(dict.fromkeys(row["axis"] for row in rows))
    figure, panels = pyplot.subplots(1, len(axes), figsize=(4 * len(axes), 3.5), layout="constrained")
    for panel, axis in zip(panels, axes, strict=True):
        mine = [row for row in rows if row["axis"] == axis]
        for key in [key for key in mine[0] if key not in ("axis", "value")]:
            panel.loglog([row["value"] for row in mine], [row[key] for row in mine], marker="o", label=key)
        panel.set_xlabel(axis)
        panel.legend(fontsize="small")
    figure.savefig(path)
    pyplot.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", action="store_true", help="100,000 and a million nodes as well")
    parser.add_argument("--growth", action="store_true", help="how times grow, instead of the comparison")
    parser.add_argument("--impact", action="store_true", help="a year without each element, instead")
    parser.add_argument("--rounds", type=int, default=15, help="states on the small network (15)")
    parser.add_argument("--scenarios", type=int, default=1000, help="scenarios in the sweep (1000)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="with --growth: a figure as well")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    chosen = parser.parse_args(arguments)
    document: dict[str, Any] = {"machine": machine()}
    if chosen.growth:
        document["growth"] = growth(large=chosen.large)
        if chosen.plot:
            plot(document["growth"], chosen.plot)
    elif chosen.impact:
        document["impact"] = impact()
    else:
        # The large network comes first, so that the peak of memory belongs to it.
        sizes = ([(LARGE, 3), (MIDDLE, 5)] if chosen.large else []) + [(SMALL, chosen.rounds)]
        document["networks"] = [
            compare(size, rounds=rounds, scenarios=chosen.scenarios) for size, rounds in sizes
        ]
    if chosen.json:
        json.dump(document, sys.stdout, indent=1)
        print()
    else:
        table(document, print)


if __name__ == "__main__":
    main()
