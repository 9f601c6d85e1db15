"""Distances and hours of the network beside published ones, pair by pair.

Every row of ``reference_road.csv`` and ``reference_rail.csv`` is looked up as the shortest way on the roads
or railways of the network; a way counts as a federal road when at least half of it is. Rows that are
not judged carry the reason; rows that gave an edge its length are set apart, for they prove nothing.

Hours come from ``reference_hours.csv``. Of the pairs of a vehicle, in the order of their ids, every second
one (from the first) may set its speeds; the others judge them.

Run ``python benchmarks/accuracy.py`` for tables, with ``--json`` for one document.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import re
import statistics
from pathlib import Path
from typing import Any

import networkx as nx

import amurgeo as ag

DATA = Path(__file__).resolve().parents[1] / "data" / "geo"
KINDS = {"reference_rail": "railway", "reference_road": "road"}
#: A day in summer, on which hours are compared.
HOURS_ON = "2025-07-15"
#: Vehicles with fewer published pairs have no error.
FEWEST = 8
#: Numbers of Russian federal roads; regional ones begin with the number of their subject.
FEDERAL = re.compile(r"(R-|A-|M-)\d")


def ways(net: ag.Network, kind: str) -> nx.Graph:
    """Return the roads or railways as a graph with the shortest edge between two places."""
    graph = nx.Graph()
    for edge in net.edges[net.edges["kind"] == kind].itertuples():
        known = graph.get_edge_data(edge.from_place, edge.to_place)
        if known is None or edge.length_km < known["km"]:
            federal = bool(FEDERAL.match(edge.ref or ""))
            graph.add_edge(edge.from_place, edge.to_place, km=float(edge.length_km), federal=federal)
    return graph


def pairs(net: ag.Network) -> list[dict[str, Any]]:
    """Return every published pair with the network's distance, the error in percent and how it was used."""
    found = []
    for name, kind in KINDS.items():
        graph = ways(net, kind)
        with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                ends = [end(graph, row[side]) for side in ("from_place", "to_place")]
                joined = None not in ends and nx.has_path(graph, *ends)
                path = nx.dijkstra_path(graph, *ends, weight="km") if joined else []
                km = nx.path_weight(graph, path, "km") if path else None
                published = float(row["km"]) if row["km"] else None
                found.append(
                    {
                        "id": row["id"],
                        "kind": kind,
                        "group": group(kind, graph, path),
                        "from": row["from"],
                        "to": row["to"],
                        "published_km": published,
                        "network_km": None if km is None else round(km, 1),
                        "error_pct": round(100 * (km / published - 1), 2) if km and published else None,
                        "used": row["used"] == "yes",
                        "judged": row["judged"] == "yes" and bool(km and published),
                        "reason": row["reason"],
                    }
                )
    return found


def group(kind: str, graph: nx.Graph, path: list[str]) -> str:
    """Return what a pair is judged as: railway, Russian federal road or other road."""
    if kind == "railway":
        return kind
    steps = [graph.edges[step] for step in itertools.pairwise(path)]
    federal = sum(step["km"] for step in steps if step["federal"])
    return "federal road" if steps and federal >= 0.5 * sum(step["km"] for step in steps) else "other road"


def end(graph: nx.Graph, place: str) -> str | None:
    """Return the node of a place: itself or its station."""
    return next((name for name in (place, f"{place}_station") if name and name in graph), None)


def summary(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return number, median and largest error of every group, apart for pairs used for typing."""
    rows = []
    for used in (False, True):
        for name in ("railway", "federal road", "other road"):
            errors = [
                abs(pair["error_pct"])
                for pair in found
                if pair["judged"] and pair["used"] is used and pair["group"] == name
            ]
            if errors:
                rows.append(
                    {
                        "group": name,
                        "used": used,
                        "pairs": len(errors),
                        "median_error_pct": round(statistics.median(errors), 2),
                        "largest_error_pct": max(errors),
                    }
                )
    return rows


def hours(net: ag.Network) -> list[dict[str, Any]]:
    """Return every published pair of hours with the network's hours, the error in percent and its half.

    Published hours of long coach lines are of two drivers, and travellers' hours have no daily rest, so the
    network's have none either.
    """
    found: list[dict[str, Any]] = []
    with open(DATA / "reference_hours.csv", encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["id"])
    for row in rows:
        judged, border = row["judged"] == "yes", row["border"] == "yes"
        before = sum(pair["judged"] and pair["vehicle"] == row["vehicle"] for pair in found)
        how: dict[str, Any] = {"vehicle": row["vehicle"], "drivers": 2, "transit": border}
        times = ag.od_matrix(net, row["from_place"], row["to_place"], on=HOURS_ON, **how)
        published, spent = float(row["hours"]), float(times.iloc[0, 0])
        found.append(
            {
                "id": row["id"],
                "vehicle": row["vehicle"],
                "from": row["from_place"],
                "to": row["to_place"],
                "published_h": published,
                "network_h": round(spent, 2),
                "error_pct": round(100 * (spent / published - 1), 1),
                "border": border,
                "judged": judged,
                "half": ("set", "test")[before % 2] if judged else None,
                "reason": row["reason"],
            }
        )
    return found


def hours_summary(net: ag.Network, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the errors of the hours by vehicle: pairs, bias and median error of each half."""
    rows = []
    for vehicle in net.base["vehicles"].index:
        errors = {
            half: [pair["error_pct"] for pair in found if pair["vehicle"] == vehicle and pair["half"] == half]
            for half in ("set", "test")
        }
        n = sum(map(len, errors.values()))
        row: dict[str, Any] = {"vehicle": vehicle, "pairs": n}
        for half, values in errors.items():
            row[f"{half}_pairs"] = len(values)
            row[f"{half}_bias_pct"] = round(statistics.median(values), 1) if n >= FEWEST else None
            absolute = [abs(value) for value in values]
            row[f"{half}_error_pct"] = round(statistics.median(absolute), 1) if n >= FEWEST else None
        rows.append(row)
    return rows


def main() -> None:
    """Print every pair and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one document instead of tables")
    options = parser.parse_args()
    net = ag.load()
    found = pairs(net)
    sums = summary(found)
    timed = hours(net)
    timed_sums = hours_summary(net, timed)
    if options.json:
        document = {"summary": sums, "pairs": found, "hours_summary": timed_sums, "hours": timed}
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print(f"{'pair':52} {'published':>9} {'network':>9} {'error':>7}  used  judged")
    for pair in sorted(found, key=lambda pair: (pair["kind"], not pair["judged"], pair["used"], pair["id"])):
        cells = (
            "–" if pair[name] is None else f"{pair[name]:{form}}"
            for name, form in (("published_km", ".0f"), ("network_km", ".0f"), ("error_pct", "+.1f"))
        )
        published, network, error = cells
        used, judged = ("yes" if pair[name] else "no" for name in ("used", "judged"))
        figures = f"{pair['id'][:52]:52} {published:>9} {network:>9} {error:>7}"
        print(f"{figures}  {used:4}  {judged} {pair['reason']}".rstrip())
    print()
    for row in sums:
        said = "used for typing" if row["used"] else "not used for typing"
        print(
            f"{row['group']}, {said}: {row['pairs']} pairs, median error {row['median_error_pct']:.1f} %, "
            f"largest {row['largest_error_pct']:.1f} %"
        )
    print()
    for pair in timed:
        figures = f"{pair['published_h']:9.2f} {pair['network_h']:9.2f} {pair['error_pct']:+7.1f}"
        print(f"{pair['id'][:52]:52} {figures}  {pair['half'] or 'not judged'} {pair['reason']}".rstrip())
    print()
    for row in timed_sums:
        print(f"{row['vehicle']}: n = {row['pairs']}", end="")
        for half in ("set", "test") if row["test_error_pct"] is not None else ():
            print(
                f"; {half} half ({row[f'{half}_pairs']}): bias {row[f'{half}_bias_pct']:+.1f} %, "
                f"median error {row[f'{half}_error_pct']:.1f} %",
                end="",
            )
        print()


if __name__ == "__main__":
    main()
