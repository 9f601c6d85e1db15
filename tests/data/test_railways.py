"""Railways of the dataset: connection, and agreement with published distances not used to build it."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from statistics import median

import networkx as nx
import pytest
from pyproj import Geod
from shapely.geometry import Point, shape

GEO = Path(__file__).resolve().parents[2] / "data" / "geo"
GEOD = Geod(ellps="WGS84")
BORDER_PAIRS = [
    ("zabaykalsk_station", "manzhouli_station"),
    ("grodekovo_station", "suifenhe_station"),
    ("makhalino_station", "hunchun_station"),
    ("nizhneleninskoye_station", "tongjiang_station"),
]
# Tracks that the source of the length gives and no open map shows.
STRAIGHT = {
    "zavitinsk_station--poyarkovo_station",
    "bureya_station--raychikhinsk_station",
    "skovorodino_station--dzhalinda_station",
    "fevralsk_station--ogodzha_station",
    "mudanjiang_station--jiamusi_station:mujia_hs",
}


def air_km(a: dict[str, str], b: dict[str, str]) -> float:
    return GEOD.line_length([float(a["lon"]), float(b["lon"])], [float(a["lat"]), float(b["lat"])]) / 1000


@cache
def table(name: str) -> dict[str, dict[str, str]]:
    with (GEO / f"{name}.csv").open(encoding="utf-8", newline="") as source:
        return {row["id"]: row for row in csv.DictReader(source)}


@cache
def drawn() -> dict[str, object]:
    found = json.loads((GEO / "layers" / "railways_osm.geojson").read_text(encoding="utf-8"))
    return {feature["properties"]["id"]: shape(feature["geometry"]) for feature in found["features"]}


def network(*, high_speed: bool = True, in_use: bool = False) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(table("stations"))
    for row in table("railways").values():
        if (row["kind"] == "high_speed" and not high_speed) or (in_use and row["status"] != "in_use"):
            continue
        km = float(row["length_km"])
        known = graph.get_edge_data(row["from"], row["to"])
        if known is None or km < known["km"]:
            graph.add_edge(row["from"], row["to"], km=km)
    return graph


def test_ids_are_unique_and_sorted() -> None:
    for name in ("stations", "railways", "reference_rail", "sources"):
        with (GEO / f"{name}.csv").open(encoding="utf-8", newline="") as source:
            ids = [row["id"] for row in csv.DictReader(source)]
        assert ids == sorted(set(ids)), name
    assert all(id_.endswith("_station") for id_ in table("stations"))


def test_stations_are_near_their_place() -> None:
    for id_, row in table("stations").items():
        # The border station of Tongjiang is at the bridge, far from the town.
        if row["place"] and row["place"] != "tongjiang":
            assert air_km(row, table("places")[row["place"]]) < 16, id_


def test_lengths_and_gauges_are_possible() -> None:
    stations = table("stations")
    for id_, row in table("railways").items():
        ends = [stations[row[end]] for end in ("from", "to")]
        assert 0.93 < float(row["length_km"]) / air_km(*ends) < 2.4, id_
        assert row["gauge_mm"] == ("1520" if ends[0]["country"] == "RU" else "1435"), id_


def test_no_railway_crosses_the_border() -> None:
    stations = table("stations")
    for id_, row in table("railways").items():
        assert stations[row["from"]]["country"] == stations[row["to"]]["country"], id_


def test_each_country_is_one_network_for_freight() -> None:
    # Two towns have a high-speed station only.
    high_speed_only = ("fangzheng_station", "yilan_station")
    for country in ("RU", "CN"):
        stations = [id_ for id_, row in table("stations").items() if row["country"] == country]
        freight = [id_ for id_ in stations if id_ not in high_speed_only]
        assert nx.is_connected(network(high_speed=False).subgraph(freight)), country
    assert nx.number_connected_components(network()) == 2


def test_border_stations_are_connected() -> None:
    graph = network(high_speed=False, in_use=True)
    for russian, chinese in BORDER_PAIRS:
        assert nx.has_path(graph, russian, "belogorsk_station"), russian
        assert nx.has_path(graph, chinese, "harbin_station"), chinese


def test_branches_out_of_use_are_marked() -> None:
    rows = table("railways")
    assert rows["skovorodino_station--dzhalinda_station"]["status"] == "out_of_use"
    assert rows["fevralsk_station--ogodzha_station"]["status"] == "under_construction"
    graph = network(in_use=True)
    assert graph.degree("dzhalinda_station") == 0


def test_freight_does_not_use_high_speed_lines() -> None:
    every, classic = (
        nx.shortest_path_length(network(high_speed=fast), "harbin_station", "jiamusi_station", weight="km")
        for fast in (True, False)
    )
    assert every == pytest.approx(342, abs=8)
    assert classic > every + 100


def test_railways_are_drawn_between_their_stations() -> None:
    stations = table("stations")
    assert set(drawn()) == set(table("railways")) - STRAIGHT
    for id_, line in drawn().items():
        row = table("railways")[id_]
        for end, coords in ((row["from"], line.coords[0]), (row["to"], line.coords[-1])):
            spot = (float(stations[end]["lon"]), float(stations[end]["lat"]))
            assert Point(spot).distance(Point(coords)) < 2e-4, id_


def _errors() -> dict[str, float]:
    graph = network()
    errors = {}
    for id_, row in table("reference_rail").items():
        if row["judged"] == "yes":
            km = nx.shortest_path_length(graph, row["from_place"], row["to_place"], weight="km")
            errors[id_] = km / float(row["km"]) - 1
    return errors


def test_independent_distances_agree() -> None:
    errors = _errors()
    assert len(errors) >= 25
    assert median(abs(error) for error in errors.values()) <= 0.015
    worst = max(errors, key=lambda id_: abs(errors[id_]))
    assert abs(errors[worst]) <= 0.04, (worst, errors[worst])


def test_distances_that_were_used_are_met() -> None:
    graph = network(high_speed=False)
    for id_, row in table("reference_rail").items():
        if row["used"] == "yes" and id_ != "mudanjiang--jiamusi:rail":  # that one is the high-speed line
            km = nx.shortest_path_length(graph, row["from_place"], row["to_place"], weight="km")
            assert km == pytest.approx(float(row["km"]), abs=0.6), id_


def test_reference_rows_are_consistent() -> None:
    reference, sources = table("reference_rail"), table("sources")
    used = {pair for row in table("railways").values() for pair in row["used_pairs"].split(";") if pair}
    assert used == {id_ for id_, row in reference.items() if row["used"] == "yes"}
    for id_, row in reference.items():
        assert row["source"] in sources, id_
        assert row["km"] or row["hours"], id_
        assert (row["judged"] == "yes") == (row["reason"] == ""), id_
        assert not (row["used"] == "yes" and row["judged"] == "yes"), id_
        for end in ("from_place", "to_place"):
            assert not row[end] or row[end] in table("stations"), id_
