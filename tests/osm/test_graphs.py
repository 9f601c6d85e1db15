"""Graphs of OSMnx are read as the file that they were made from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import osmnx as ox
import pytest

import amurgeo as ag
from amurgeo.network import Network
from amurgeo.osm.folder import BuiltArea

BANKS = Path(__file__).with_name("banks.osm")


@pytest.fixture(scope="module")
def streets() -> Iterator[nx.MultiDiGraph]:
    """The banks as OSMnx reads them, with the tags that the reader needs."""
    kept = ox.settings.useful_tags_way, ox.settings.useful_tags_node
    ox.settings.useful_tags_way, ox.settings.useful_tags_node = list(ag.osm.WAY_TAGS), list(ag.osm.NODE_TAGS)
    try:
        yield ox.graph_from_xml(BANKS, simplify=False, retain_all=True)
    finally:
        ox.settings.useful_tags_way, ox.settings.useful_tags_node = kept


def _crossings(area: BuiltArea) -> list[tuple[str, str, str]]:
    return sorted((row["mode"], row["crossing"] or "", row["season"]) for row in area.crossings)


def test_an_unsimplified_graph_gives_the_roads_of_the_file(
    net: Network, area: BuiltArea, streets: nx.MultiDiGraph
) -> None:
    made = ag.osm.read(streets, net=net, retrieved="2026-11-01")
    assert _crossings(made) == _crossings(area)
    assert list(made.to_frame().index) == list(area.to_frame().index)
    assert set(made.attached.index) == set(area.attached.index)


def test_a_simplified_graph_gives_the_same_network(
    net: Network, area: BuiltArea, streets: nx.MultiDiGraph
) -> None:
    """Lengths, seasons and crossings, if the simplification keeps ways apart."""
    simple = ox.simplify_graph(streets, edge_attrs_differ=["osmid"])
    made = ag.osm.read(simple, net=net, retrieved="2026-11-01")
    assert _crossings(made) == _crossings(area)
    roads, expected = made.to_frame(), area.to_frame()
    assert roads["length_km"].sum() == pytest.approx(expected["length_km"].sum(), rel=1e-3)
    for season, km in expected.groupby("season", observed=True)["length_km"].sum().items():
        assert roads.loc[roads["season"] == season, "length_km"].sum() == pytest.approx(km, rel=1e-3)
    assert set(made.attached.index) == set(area.attached.index)
    assert made.remarks == area.remarks


def test_edges_that_join_different_ways_are_restricted_and_reported(
    net: Network, area: BuiltArea, streets: nx.MultiDiGraph
) -> None:
    made = ag.osm.read(ox.simplify_graph(streets), net=net, retrieved="2026-11-01")
    assert {row[:2] for row in _crossings(made)} <= {row[:2] for row in _crossings(area)}
    text = "the edge joins ways that differ; track is used for all of it"
    assert text in [row["problem"] for row in made.to_dict()["remarks"] if row["key"] == "highway"]
    limits = made.to_frame()["max_mass_t"].min(), area.to_frame()["max_mass_t"].min()
    assert limits[0] == limits[1] == 10.0


def test_a_graph_read_from_graphml_is_the_same(
    net: Network, streets: nx.MultiDiGraph, tmp_path: Path
) -> None:
    simple = ox.simplify_graph(streets)
    ox.save_graphml(simple, tmp_path / "streets.graphml")
    read = ag.osm.read(ox.load_graphml(tmp_path / "streets.graphml"), net=net, retrieved="2026-11-01")
    made = ag.osm.read(simple, net=net, retrieved="2026-11-01")
    assert read.to_frame().equals(made.to_frame())


def test_the_date_of_a_graph_is_its_own(net: Network, streets: nx.MultiDiGraph) -> None:
    assert ag.osm.read(streets, net=net).retrieved == streets.graph["created_date"][:10]
    undated = streets.copy()
    del undated.graph["created_date"]
    with pytest.raises(ag.InputError, match="pass retrieved="):
        ag.osm.read(undated, net=net)


def test_a_written_area_is_what_the_command_prints(area: BuiltArea, tmp_path: Path) -> None:
    import json

    folder = area.write(tmp_path / "area")
    assert json.loads((folder / "osm_report.json").read_text(encoding="utf-8")) == area.to_dict()
    assert repr(area).startswith("BuiltArea(banks.osm, ")
    with pytest.raises(ag.InputError, match="unknown form 'table'"):
        area.write(tmp_path / "area", form="table")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (nx.Graph(), "expected the path of an extract, or a MultiDiGraph"),
        (nx.MultiDiGraph(), "the graph is empty"),
        (nx.MultiDiGraph([("a", "b")]), "node 'a'; expected a whole number"),
        (3, "int; expected the path"),
    ],
)
def test_another_source_than_a_file_or_a_graph_raises(source: object, message: str) -> None:
    with pytest.raises(ag.InputError, match=message):
        ag.osm.read(source, retrieved="2026-11-01")  # type: ignore[arg-type]


def test_a_projected_graph_raises(streets: nx.MultiDiGraph) -> None:
    with pytest.raises(ag.InputError, match="to_latlong"):
        ag.osm.read(ox.project_graph(streets), retrieved="2026-11-01")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give one of around=, bbox= and corridor="),
        ({"around": "Zeya", "bbox": (1, 2, 3, 4)}, "give one of"),
        ({"bbox": (4, 3, 2, 1)}, "bbox is invalid: '4,3,2,1'"),
        ({"bbox": "here"}, "bbox is invalid: 'here'"),
        ({"bbox": (float("nan"), 1, 2, 3)}, "bbox is invalid"),
        *(({"around": "Zeya", "km": km}, "km is invalid") for km in (0, -1, True, "5", float("nan"), 501)),
        ({"around": "Nowhere"}, "unknown place"),
    ],
)
def test_an_invalid_area_raises_before_anything_is_fetched(
    net: Network, tmp_path: Path, options: dict, message: str
) -> None:
    with pytest.raises(ag.InputError, match=message):
        ag.osm.fetch(net=net, retrieved="2026-11-01", cache=tmp_path / "cache", **options)
    assert not (tmp_path / "cache").exists()
