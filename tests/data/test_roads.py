"""The roads: ends, lengths, connection, and their agreement with published distances."""

from __future__ import annotations

import csv
import json
import statistics
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from pyproj import Geod

GEO = Path(__file__).resolve().parents[2] / "data" / "geo"
FIXED_SOURCES = {"estimate", "geonames", "osm_highways", "osm_timezones"}
ELLIPSOID = Geod(ellps="WGS84")
# Places that only a road over ice reaches.
ICE_ONLY = {"beregovoy", "gilyuy_north", "ogodzha", "ust_nyukzha", "verkhnezeysk"}


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with (GEO / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


PLACES = {row["id"]: row for row in read("places.csv")}
ROADS = read("roads.csv")
REFERENCE = read("reference_road.csv")
SOURCES = {row["id"] for row in read("sources.csv")} | FIXED_SOURCES
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


@pytest.mark.parametrize("row", ROADS, ids=BY_ID)
def test_road_row_is_sound(row: dict[str, str]) -> None:
    """Both ends exist on one bank; class, surface, season and source are known."""
    assert row["id"] == f"{row['from']}--{row['to']}"
    assert row["from"] != row["to"]
    assert PLACES[row["from"]]["country"] == PLACES[row["to"]]["country"]
    assert row["class"] in {"motorway", "trunk", "primary", "secondary", "street", "winter", "ice"}
    assert row["surface"] in {"asphalt", "gravel", "mixed", "ice"}
    assert row["length_source"] in {"official_list", "km_post", "published", "derived", "estimated"}
    assert row["source"] in SOURCES
    assert row["season"] == (f"road:{row['id']}" if row["class"] in {"winter", "ice"} else "")
    assert row["length_source"] != "estimated" or (row["confidence"] == "estimated" and row["note"])


@pytest.mark.parametrize("row", ROADS, ids=BY_ID)
def test_length_is_physically_possible(row: dict[str, str]) -> None:
    """No road is shorter than the straight line or more than 2.2 times as long."""
    assert 0.98 <= float(row["length_km"]) / straight_km(row) <= 2.2


@pytest.mark.parametrize("row", ROADS, ids=BY_ID)
def test_drawn_line_fits_the_length(row: dict[str, str]) -> None:
    """The drawn line runs between the ends and is no longer than the road."""
    bends = [tuple(map(float, pair.split())) for pair in row["bends"].split(";") if pair]
    points = LINES.get(row["id"]) or [lonlat(row["from"]), *bends, lonlat(row["to"])]
    drawn = ELLIPSOID.line_length([p[0] for p in points], [p[1] for p in points]) / 1000
    assert drawn <= 1.04 * float(row["length_km"]) + 0.5
    for end, point in ((row["from"], points[0]), (row["to"], points[-1])):
        assert ELLIPSOID.inv(*lonlat(end), point[0], point[1])[2] < 50


def test_ids_are_unique_and_sorted() -> None:
    """No road stands twice, in either direction."""
    assert sorted(BY_ID) == BY_ID
    assert len({frozenset((row["from"], row["to"])) for row in ROADS}) == len(ROADS) >= 200


@pytest.mark.parametrize("country", ["RU", "CN"])
def test_each_bank_is_connected(country: str) -> None:
    """Each bank is one network, every place is on it, and no road joins the banks."""
    places = {place for place, row in PLACES.items() if row["country"] == country}
    components = [c for c in nx.connected_components(GRAPH) if c & places]
    assert components == [places]


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


@pytest.mark.parametrize("row", REFERENCE, ids=[row["id"] for row in REFERENCE])
def test_reference_row_is_sound(row: dict[str, str]) -> None:
    """A row is judged, or tells why not; its places, sources and use are true."""
    assert (row["judged"] == "yes") != bool(row["reason"])
    assert all(place in PLACES for place in (row["from_place"], row["to_place"]) if place)
    assert all(source in SOURCES for source in row["source"].split(";"))
    typed_from_it = any(row["id"] in road["used_pairs"].split(";") for road in ROADS)
    assert row["used"] == ("yes" if typed_from_it else "no")


def test_used_pairs_are_reference_rows() -> None:
    """Roads rest on rows that exist."""
    known = {row["id"] for row in REFERENCE}
    assert {pair for road in ROADS for pair in road["used_pairs"].split(";") if pair} <= known


JUDGED = [row for row in REFERENCE if row["judged"] == "yes"]


@pytest.mark.parametrize("row", JUDGED, ids=[row["id"] for row in JUDGED])
def test_published_distance_is_met(row: dict[str, str]) -> None:
    """The shortest way agrees with the published distance within 12 %."""
    error, _ = judged_error(row)
    assert abs(error) <= 12


@pytest.mark.parametrize(("federal", "bound"), [(True, 2.5), (False, 6.0)])
def test_median_error_of_independent_distances(federal: bool, bound: float) -> None:
    """Distances not used for typing: the median error stays small."""
    rows = [judged_error(row) for row in JUDGED if row["used"] == "no"]
    errors = [abs(error) for error, share in rows if (share > 0.5) == federal]
    assert len(errors) >= 7
    assert statistics.median(errors) <= bound
