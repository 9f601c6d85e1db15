"""Roads of the dataset: connection, and agreement with published distances and drawn lines."""

from __future__ import annotations

import csv
import json
import statistics
from itertools import pairwise
from pathlib import Path

import networkx as nx
from pyproj import Geod

import amurgeo as ag

GEO = Path(__file__).resolve().parents[2] / "data" / "geo"
ELLIPSOID = Geod(ellps="WGS84")
#: Places that only a winter road reaches.
ICE_ONLY = {"beregovoy", "gilyuy_north", "ogodzha", "ust_nyukzha", "verkhnezeysk"}


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with (GEO / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


PLACES = {row["id"]: row for row in read("places.csv")}
ROADS = read("roads.csv")
REFERENCE = read("reference_road.csv")
SOURCES = {row["id"] for row in read("sources.csv")}
LINES = {
    feature["properties"]["id"]: feature["geometry"]["coordinates"]
    for feature in json.loads((GEO / "layers" / "roads_osm.geojson").read_text(encoding="utf-8"))["features"]
}
BY_ID = [row["id"] for row in ROADS]


def road_graph(*, seasonal: bool = True) -> nx.Graph:
    """Return the roads as an undirected graph."""
    graph = nx.Graph()
    graph.add_nodes_from({end for row in ROADS for end in (row["from"], row["to"])})
    for row in ROADS:
        if seasonal or not row["season"]:
            federal = row["ref"].startswith(("R-297", "A-3"))
            graph.add_edge(row["from"], row["to"], km=float(row["length_km"]), federal=federal)
    return graph


GRAPH = road_graph()


def lonlat(place: str) -> tuple[float, float]:
    """Return the position of a place."""
    return float(PLACES[place]["lon"]), float(PLACES[place]["lat"])


def straight_km(row: dict[str, str]) -> float:
    """Return the straight line between the ends of a road."""
    return float(ELLIPSOID.inv(*lonlat(row["from"]), *lonlat(row["to"]))[2]) / 1000


def judged_error(row: dict[str, str]) -> tuple[float, float]:
    """Return the error in percent of a reference row and the federal share of its way."""
    path = nx.dijkstra_path(GRAPH, row["from_place"], row["to_place"], weight="km")
    legs = [GRAPH[a][b] for a, b in pairwise(path)]
    km = sum(leg["km"] for leg in legs)
    federal = sum(leg["km"] for leg in legs if leg["federal"]) / km
    return 100 * (km / float(row["km"]) - 1), federal


def test_seasonal_roads_have_a_season_of_their_own() -> None:
    for row in ROADS:
        assert row["season"] == (f"road:{row['id']}" if row["class"] in {"winter", "ice"} else ""), row["id"]


def test_lengths_are_physically_possible() -> None:
    """No road is shorter than the straight line or more than 2.2 times as long."""
    ratios = {row["id"]: float(row["length_km"]) / straight_km(row) for row in ROADS}
    assert {id_: ratio for id_, ratio in ratios.items() if not 0.98 <= ratio <= 2.2} == {}


def test_drawn_lines_fit_ends_and_lengths() -> None:
    for row in ROADS:
        bends = [tuple(map(float, pair.split())) for pair in row["bends"].split(";") if pair]
        points = LINES.get(row["id"]) or [lonlat(row["from"]), *bends, lonlat(row["to"])]
        drawn = ELLIPSOID.line_length([p[0] for p in points], [p[1] for p in points]) / 1000
        assert drawn <= 1.04 * float(row["length_km"]) + 0.5, row["id"]
        for end, point in ((row["from"], points[0]), (row["to"], points[-1])):
            assert ELLIPSOID.inv(*lonlat(end), point[0], point[1])[2] < 50, row["id"]


def test_every_line_says_how_its_course_is_known() -> None:
    net = ag.load()
    roads, rails = net.roads, net.railways
    assert set(roads.index[roads["course"] == "surveyed"]) == set(LINES)
    bent = {row["id"] for row in ROADS if row["bends"]}
    assert set(roads.index[roads["course"] == "via"]) == bent - set(LINES)
    assert (roads[roads["course"] == "schematic"].geometry.count_coordinates() == 2).all()
    assert (rails["course"] == "surveyed").mean() > 0.8
    assert roads.geometry.is_valid.all()


def test_roads_of_an_openstreetmap_area_are_surveyed() -> None:
    road = {
        "id": "belogorsk--svobodny",
        "from": "belogorsk",
        "to": "svobodny",
        "class": "trunk",
        "source": "openstreetmap",
    }
    road |= {"surface": "asphalt", "length_km": 60.0, "length_source": "derived", "bends": ""}
    source = {"id": "openstreetmap", "title": "OpenStreetMap", "publisher": "OpenStreetMap contributors"}
    source |= {
        "address": "https://www.openstreetmap.org/copyright",
        "licence": "ODbL 1.0",
        "retrieved": "2026",
    }
    net = ag.load().with_rows({"roads": [road], "sources": [source]})
    assert net.roads.loc["belogorsk--svobodny", "course"] == "surveyed"


def test_ids_are_unique_and_sorted() -> None:
    """No road stands twice, in either direction."""
    assert sorted(BY_ID) == BY_ID
    assert len({frozenset((row["from"], row["to"])) for row in ROADS}) == len(ROADS) >= 200


def test_each_bank_is_connected() -> None:
    """Each bank is one network with all its places, and no road joins the banks."""
    banks = [{id_ for id_, row in PLACES.items() if row["country"] == country} for country in ("RU", "CN")]
    assert sorted(nx.connected_components(GRAPH), key=len) == sorted(banks, key=len)


def test_only_ice_places_are_lost_in_summer() -> None:
    """Without the seasonal roads just the known places fall off."""
    summer = road_graph(seasonal=False)
    lost = {place for place in summer if not nx.has_path(summer, place, "harbin")}
    lost = {place for place in lost if not nx.has_path(summer, place, "blagoveshchensk")}
    assert lost == ICE_ONLY


def test_drawn_layer_names_roads_only() -> None:
    """Every line of the layer belongs to a road of the table."""
    assert set(LINES) <= set(BY_ID)
    assert len(LINES) >= 50


def test_reference_rows_are_consistent() -> None:
    """A row is judged or has a reason; its places, sources and use exist."""
    used = {pair for road in ROADS for pair in road["used_pairs"].split(";") if pair}
    assert used <= {row["id"] for row in REFERENCE}
    for row in REFERENCE:
        assert (row["judged"] == "yes") != bool(row["reason"]), row["id"]
        assert {row["from_place"], row["to_place"]} <= {*PLACES, ""}, row["id"]
        assert set(row["source"].split(";")) <= SOURCES, row["id"]
        assert row["used"] == ("yes" if row["id"] in used else "no"), row["id"]


JUDGED = [row for row in REFERENCE if row["judged"] == "yes"]


def test_published_distances_agree_within_12_percent() -> None:
    errors = {row["id"]: judged_error(row)[0] for row in JUDGED}
    assert {id_: error for id_, error in errors.items() if abs(error) > 12} == {}


def test_median_error_of_independent_distances() -> None:
    errors = [judged_error(row) for row in JUDGED if row["used"] == "no"]
    for federal, bound in ((True, 2.5), (False, 6.0)):
        group = [abs(error) for error, share in errors if (share > 0.5) == federal]
        assert len(group) >= 7
        assert statistics.median(group) <= bound
