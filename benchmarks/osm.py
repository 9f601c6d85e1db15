"""Time and memory for reading an OpenStreetMap extract of a million nodes.

The extract is generated: every place of the dataset becomes a town of winding streets, every road a line with
a node each hundred metres, with names, references, one-way streets, surfaces, ice roads, mass limits and
conditional restrictions. Run ``python benchmarks/osm.py`` for a table, with ``--queries`` for queries of the
library on the area, with ``--json`` for one document.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import read_area
from amurgeo.network import Network, load
from amurgeo.osm.attaching import bank_of, with_sides
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.reading import read_osm

#: Side of a block in degrees of latitude and longitude, and nodes of a street between two corners.
BLOCK = (0.001, 0.0016)
BENDS = 3
ROAD_NODE_KM = 0.1
STREETS = ("residential", "residential", "unclassified", "service", "tertiary", "living_street")
HIGHWAY = {
    "motorway": "motorway",
    "trunk": "trunk",
    "primary": "primary",
    "secondary": "secondary",
    "street": "tertiary",
}


def write_extract(net: Network, path: Path, n_nodes: int, *, seed: int = 7) -> int:
    """Write a generated extract and return how many nodes it has."""
    import osmium

    rng = np.random.default_rng(seed)
    border = net.layer("border").geometry.union_all()
    places, roads = with_sides(net.tables), net.roads
    lines = [
        (road, _points(road["geometry"], rng)) for _, road in roads.iterrows() if road["class"] in HIGHWAY
    ]
    left = max(0, n_nodes - sum(len(points) for _, points in lines))
    corners = max(2, int(np.sqrt(left / (1 + 2 * BENDS) / len(places))) + 1)
    nodes: list[np.ndarray] = []
    ways: list[tuple[list[int], dict[str, str]]] = []
    count = 0
    centre: dict[str, int] = {}
    for id_, place in places.iterrows():
        spots, streets = _town(place, corners, rng, str(id_))
        side = bank_of(spots[:, 0], spots[:, 1], border, places)
        at_home = side == place["side"]
        for members, tags in streets:
            # A street ends at the river.
            kept = [node for node in members if at_home[node]]
            if len(kept) == len(members):
                ways.append(([node + count for node in kept], tags))
        middle = (corners // 2) * corners + corners // 2
        centre[str(id_)] = count + middle
        nodes.append(spots)
        count += len(spots)
    for road, points in lines:
        inner = list(range(count, count + len(points)))
        ends = (centre.get(road["from_place"]), centre.get(road["to_place"]))
        if None in ends:
            continue
        tags = {"highway": HIGHWAY[road["class"]], "ref": str(road["ref"] or ""), "surface": "asphalt"}
        chain = [ends[0], *inner, ends[1]]
        ways += [(chain[at : at + 101], {**tags, **_rare(rng)}) for at in range(0, len(chain) - 1, 100)]
        nodes.append(points)
        count += len(points)
    spots = np.concatenate(nodes)
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, (lon, lat) in enumerate(spots.tolist(), 1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
        for number, (members, tags) in enumerate(ways, 1):
            given = {key: value for key, value in tags.items() if value}
            writer.add_way(
                osmium.osm.mutable.Way(
                    id=number, nodes=[node + 1 for node in members if node is not None], tags=given
                )
            )
    return count


def _points(line: Any, rng: np.random.Generator) -> np.ndarray:
    """Return points along a road, with noise."""
    degrees = ROAD_NODE_KM / 90.0
    at = np.arange(degrees, line.length, degrees)
    points = np.array([line.interpolate(distance).coords[0] for distance in at]).reshape(-1, 2)
    return (points + rng.normal(0.0, 0.0002, points.shape)).round(7)


def _town(
    place: pd.Series, corners: int, rng: np.random.Generator, name: str
) -> tuple[np.ndarray, list[tuple[list[int], dict[str, str]]]]:
    rows, columns = np.divmod(np.arange(corners * corners), corners)
    spots = np.column_stack(
        [
            place["lon"] + (columns - corners // 2) * BLOCK[1],
            place["lat"] + (rows - corners // 2) * BLOCK[0],
        ]
    ) + rng.normal(0.0, 0.0001, (corners * corners, 2))
    parts = [spots]
    count = len(spots)
    ways: list[tuple[list[int], dict[str, str]]] = []
    for across in (True, False):
        for street in range(corners):
            line = [street * corners + step if across else step * corners + street for step in range(corners)]
            tags = {
                "highway": STREETS[int(rng.integers(len(STREETS)))],
                "name": f"{name} {street}",
                **_rare(rng),
            }
            members = [line[0]]
            for a, b in pairwise(line):
                share = np.linspace(0, 1, BENDS + 2)[1:-1, None]
                between = spots[a] * (1 - share) + spots[b] * share + rng.normal(0.0, 0.00005, (BENDS, 2))
                parts.append(between)
                members += [*range(count, count + BENDS), b]
                count += BENDS
            step = (BENDS + 1) * 5
            ways += [(members[at : at + step + 1], tags) for at in range(0, len(members) - 1, step)]
    return np.concatenate(parts).round(7), ways


def _rare(rng: np.random.Generator) -> dict[str, str]:
    """Return tags that some ways have."""
    luck = rng.random()
    for share, tags in (
        (0.06, {"oneway": "yes"}),
        (0.08, {"surface": "gravel"}),
        (0.09, {"maxweight": "10"}),
        (0.095, {"motor_vehicle:conditional": "no @ (Apr 15-May 10)"}),
        (0.1, {"ice_road": "yes", "opening_hours": "Dec 20-Mar 25"}),
        (0.101, {"access:conditional": "no @ (when wet)"}),
    ):
        if luck < share:
            return tags
    return {}


def run_queries(folder: Path) -> dict[str, float]:
    """Run queries of the library on an area; return the seconds of each."""
    import amurgeo as ag

    day, pair = "2026-02-10", ("blagoveshchensk", "harbin")
    seconds: dict[str, float] = {}
    clock = time.perf_counter()
    net = ag.load(folder)
    seconds["load"] = round(time.perf_counter() - clock, 2)
    queries: dict[str, Any] = {
        "state": lambda: net.state(day),
        "routes": lambda: ag.routes(net, *pair, on=day),
        "routes, with a departure": lambda: ag.routes(net, *pair, depart_at=f"{day}T08:00"),
        "matrix of 2 by 2": lambda: ag.od_matrix(net, pair[:1] * 2, ["heihe", "sunwu"], on=day),
        "exits by road": lambda: ag.exits(net, pair[0], on=day),
        "exits by rail": lambda: ag.exits(net, pair[0], on=day, vehicle="train"),
        "redundancy of a year": lambda: ag.redundancy(net, 2026),
        "calendar of a year": lambda: ag.calendar(net, 2026),
        "frozen against open": lambda: ag.compare(net, ["frozen", "open"]),
        "a year without the bridge": lambda: ag.compare(net, ["baseline", "no_bridge"], year=2026),
        "sweep of a year": lambda: ag.sweep(net, ["baseline", "no_bridge"], 2026),
        "page of the network": lambda: ag.maps.page(net, on=day).to_html(),
    }
    for name, query in queries.items():
        clock = time.perf_counter()
        query()
        seconds[name] = round(time.perf_counter() - clock, 2)
    return seconds


def peak_gb() -> float:
    """Return the peak memory of the process so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=1_000_000, help="OSM nodes of the extract")
    parser.add_argument("--json", action="store_true", help="one document on stdout")
    parser.add_argument("--file", type=Path, help="an extract to read instead of a generated one")
    parser.add_argument("--queries", action="store_true", help="run queries on the area as well")
    given = parser.parse_args()
    net = load()
    with tempfile.TemporaryDirectory() as scratch:
        path = given.file or Path(scratch) / "generated.osm.pbf"
        if given.file is None:
            write_extract(net, path, given.nodes)
        before = peak_gb()
        steps: dict[str, float] = {}
        clock = time.perf_counter()

        def done(step: str) -> None:
            nonlocal clock
            now = time.perf_counter()
            steps[step], clock = round(now - clock, 2), now

        raw = read_osm(path)
        done("read the file")
        area = build_area(
            raw, Backbone(net.tables, net.layer("border").geometry.union_all()), retrieved="2026-11"
        )
        done("banks, crossings, attaching, joining")
        folder = Path(scratch) / "area"
        area.write(folder)
        done(f"write the folder ({area.to_dict()['form']})")
        graph = read_area(folder)
        done("read the folder back")
        document = {
            "osm_nodes": len(raw.node_id),
            "osm_ways": len(raw.ways),
            "junctions": len(area.graph.nodes),
            "roads": len(area.graph.edges),
            "attached": len(area.attached),
            "replaced": sum(row["replaced"] for row in area.replaced),
            "remarks": len(area.remarks),
            "same_when_read_back": graph is None or graph.edges.index.equals(area.graph.edges.index),
            "folder_mb": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 1),
            "seconds": steps,
            "total_s": round(sum(steps.values()), 1),
            "peak_gb": round(peak_gb(), 2),
            "peak_gb_before": round(before, 2),
        }
        if given.queries:
            document["queries"] = run_queries(folder)
            document["peak_gb_with_queries"] = round(peak_gb(), 2)
    if given.json:
        json.dump(document, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    for name, value in document.items():
        if isinstance(value, dict):
            for step, seconds in value.items():
                sys.stdout.write(f"  {step:<44}{seconds:>12} s\n")
        else:
            sys.stdout.write(f"{name:<46}{value!s:>12}\n")


if __name__ == "__main__":
    main()
