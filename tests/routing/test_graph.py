"""OSMnx and networkx take the graph as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import osmnx as ox
import pytest

import amurgeo as ag
from amurgeo.network import CRS
from amurgeo.network.edges import EDGE_ATTRIBUTES, osm_number

VEHICLES = ("truck_20t", "train")


@pytest.fixture(scope="module", params=["net", *VEHICLES])
def graph(request: pytest.FixtureRequest) -> nx.MultiDiGraph:
    net = ag.load()
    return net.graph if request.param == "net" else net.state("2026-07-15").graph(request.param)


def valid(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    # Older osmnx has no such check.
    if hasattr(ox.convert, "validate_graph"):
        ox.convert.validate_graph(graph, strict=True)
    return graph


def edges(graph: nx.MultiDiGraph, *names: str) -> dict[tuple[int, int, int], tuple[Any, ...]]:
    return {(u, v, k): tuple(d[n] for n in names) for u, v, k, d in graph.edges(keys=True, data=True)}


def test_every_node_and_every_edge_has_the_same_typed_attributes(graph: nx.MultiDiGraph) -> None:
    valid(graph)
    assert nx.number_of_isolates(graph) == 0
    assert all(osm_number(id_) == node for node, id_ in graph.nodes(data="id"))
    assert len({frozenset(data) for _, data in graph.nodes(data=True)}) == 1
    (names,) = {frozenset(data) for _, _, data in graph.edges(data=True)}
    assert {"osmid", *EDGE_ATTRIBUTES} <= names
    types = {name: {type(data[name]) for _, _, data in graph.edges(data=True)} for name in names}
    assert {name: kind for name, kind in types.items() if len(kind) > 1} == {}
    kinds = {name: kind.__name__ for name, (kind,) in types.items()}
    assert [kinds[name] for name in ("osmid", "length", "length_km")] == ["int", "float", "float"]
    assert kinds["oneway"] == kinds["reversed"] == "bool"
    assert kinds.get("seconds", "int") == "int"


def test_lines_lead_from_tail_to_head(graph: nx.MultiDiGraph) -> None:
    for tail, head, data in graph.edges(data=True):
        for node, point in ((tail, data["geometry"].coords[0]), (head, data["geometry"].coords[-1])):
            place = graph.nodes[node]
            assert point == pytest.approx((place["x"], place["y"]), abs=0.1), data["id"]


def test_graphml_is_read_back(graph: nx.MultiDiGraph, tmp_path: Path) -> None:
    ox.save_graphml(graph, tmp_path / "day.graphml")
    numbers = {
        "length_km": float,
        **({"seconds": int} if "seconds" in next(iter(graph.edges(data=True)))[2] else {}),
    }
    read = valid(ox.load_graphml(tmp_path / "day.graphml", edge_dtypes=numbers))
    names = ("osmid", "kind", "highway", "oneway", "reversed", "length", *numbers)
    assert edges(read, *names) == edges(graph, *names)
    assert dict(read.nodes(data="id")) == dict(graph.nodes(data="id"))
    plain = valid(ox.load_graphml(tmp_path / "day.graphml"))
    assert set(plain.edges) == set(graph.edges)


def test_frames_and_back(graph: nx.MultiDiGraph) -> None:
    nodes, lines = ox.graph_to_gdfs(graph)
    assert nodes.crs == lines.crs == CRS
    back = valid(ox.graph_from_gdfs(nodes, lines, graph_attrs=graph.graph))
    assert edges(back, "id", "osmid", "length") == edges(graph, "id", "osmid", "length")
    assert dict(back.nodes(data="id")) == dict(graph.nodes(data="id"))


def test_nearest_nodes_and_shortest_path(net: ag.Network) -> None:
    graph = net.state("2026-07-15").graph()
    ends = net.places.loc[["zeya", "heihe"]]
    start, end = ox.distance.nearest_nodes(graph, ends["lon"].to_numpy(), ends["lat"].to_numpy())
    assert [graph.nodes[node]["id"] for node in (start, end)] == ["zeya", "heihe"]
    path = ox.routing.shortest_path(graph, start, end, weight="seconds")
    legs = ox.routing.route_to_gdf(graph, path, weight="seconds")
    hours = ag.od_matrix(net, "Zeya", "Heihe", on="2026-07-15", drivers=2).iloc[0, 0]
    assert legs["seconds"].sum() == round(hours * 3600)
    crossed = legs.loc[legs["crossing"] != "", ["crossing", "status"]].to_numpy().tolist()
    assert crossed == [["kani_kurgan:bridge", "open"]]


def test_parallel_crossings_are_separate_edges(net: ag.Network) -> None:
    graph = ag.graph(net.state("2026-07-15"))
    crossings = {data["crossing"] for _, _, data in graph.edges(data=True)}
    assert {"kani_kurgan:bridge", "blagoveshchensk:ferry"} <= crossings
    assert len(set(dict(graph.nodes(data="id")).values())) == len(graph)


def test_speeds_by_class_of_road(net: ag.Network) -> None:
    graph = ag.graph(net.state("2026-07-15"), vehicle="car")
    timed = ox.add_edge_travel_times(ox.add_edge_speeds(graph, hwy_speeds={"trunk": 90.0}, fallback=60.0))
    trunk = [data["speed_kph"] for _, _, data in timed.edges(data=True) if data["highway"] == "trunk"]
    assert set(trunk) == {90.0}


def test_edges_of_an_area_have_the_number_of_their_way() -> None:
    assert osm_number("osm_12--osm_13:w77") == osm_number("zeya--osm_13:w77:2") == 77
    assert osm_number("osm_12") == 12
    assert osm_number("zeya") >= 2**50
