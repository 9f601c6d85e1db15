"""The banks at Blagoveshchensk and Heihe: what becomes a road, what a crossing, what is attached to what."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from amurgeo.network import Network
from amurgeo.osm.area import REPLACED, BuiltArea
from amurgeo.osm.banks import bank_of
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.crossing_ways import crossing_ways
from amurgeo.osm.lines import great_circle_km, join_segments
from amurgeo.osm.reading import RawArea, read_osm

BANKS = Path(__file__).with_name("banks.osm")


def _copy(source: Path, target: Path) -> Path:
    """Write the same data in another format."""
    import osmium

    with osmium.SimpleWriter(str(target)) as writer:
        for entity in osmium.FileProcessor(str(source)):
            writer.add(entity)
    return target


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm.bz2", ".osm.gz", ".osm"])
def test_every_format_gives_the_same_graph(
    tmp_path: Path, suffix: str, area: BuiltArea, backbone: Backbone
) -> None:
    other = build_area(read_osm(_copy(BANKS, tmp_path / f"banks{suffix}")), backbone, retrieved="2026-11-01")
    pd.testing.assert_frame_equal(other.graph.nodes, area.graph.nodes)
    pd.testing.assert_frame_equal(other.graph.edges, area.graph.edges)
    assert np.array_equal(other.graph.shape, area.graph.shape)
    assert other.crossings == area.crossings


def test_footways_are_left_out_and_the_rest_is_there(area: BuiltArea) -> None:
    ways = set(area.graph.edges["way"])
    assert 121 not in ways
    # Ways over the border are crossings, no roads.
    assert ways == {*range(101, 123)} - {103, 108, 110, 115, 121}


def test_lengths_are_those_of_the_ways(area: BuiltArea, raw: RawArea) -> None:
    row = area.graph.edges[area.graph.edges["way"] == 113].iloc[0]
    at = {number: position for position, number in enumerate(raw.node_id.tolist())}
    chain = [at[node] for node in (1, 22, 21)]
    expected = great_circle_km(
        raw.lon[chain[:-1]], raw.lat[chain[:-1]], raw.lon[chain[1:]], raw.lat[chain[1:]]
    )
    assert row["length_km"] == pytest.approx(expected.sum(), abs=1e-3)


def test_a_way_over_the_border_becomes_no_road(area: BuiltArea, backbone: Backbone) -> None:
    edges = area.graph.edges
    countries = area.graph.nodes["country"].to_numpy()
    assert (countries[edges["tail"]] == countries[edges["head"]]).all()
    spots = area.graph.nodes
    banks = bank_of(
        spots["lon"].to_numpy(), spots["lat"].to_numpy(), backbone.border, backbone.tables["places"]
    )
    assert (banks == spots["country"]).all()


def test_ways_over_the_border_go_to_their_crossings_or_are_listed(area: BuiltArea) -> None:
    found = {tuple(told["ways"]): (told["mode"], told["crossing"]) for told in area.crossings}
    assert found == {
        (103,): ("bridge", "kani_kurgan:bridge"),
        (108,): ("ferry", "blagoveshchensk:ferry"),
        (110,): ("ice_road", "blagoveshchensk:ice_road"),
        (115,): ("ice_road", None),
    }
    assert all(told["why"] for told in area.crossings if told["crossing"] is None)


def test_terminals_stand_at_the_border_control_of_their_bank(area: BuiltArea) -> None:
    attached = area.attached
    assert attached.loc["blagoveshchensk_ru", ["osm_node", "how"]].tolist() == [13, "border control"]
    assert attached.loc["blagoveshchensk_cn", ["osm_node", "how"]].tolist() == [17, "border control"]
    assert attached.loc["kani_kurgan_ru", "osm_node"] == 7
    assert attached.loc["kani_kurgan_cn", "osm_node"] == 9
    assert "verkhneblagoveshchensky_temporary_cn" in area.not_attached


def test_how_far_each_point_was_moved_is_told(area: BuiltArea, backbone: Backbone) -> None:
    for id_, row in area.attached.iterrows():
        table = "terminals" if row["kind"] == "terminal" else "places"
        old, new = backbone.tables[table].loc[id_], area.tables[table].loc[id_]
        km = float(great_circle_km(old["lon"], old["lat"], new["lon"], new["lat"]))
        assert row["moved_km"] == pytest.approx(km, abs=0.01)
        assert area.graph.nodes.loc[id_, "country"] == old["country"]


def test_a_crossing_is_as_long_as_its_way_and_the_ways_to_it(area: BuiltArea) -> None:
    """From the border control in Heihe to the pier, over the river, and on to the other border control."""
    lengths = {
        frozenset(pair): float(km)
        for pair, km in zip(
            zip(*(area.graph.nodes.index[area.graph.edges[end]] for end in ("tail", "head")), strict=True),
            area.graph.edges["length_km"],
            strict=True,
        )
    }
    ferry = next(told for told in area.crossings if told["mode"] == "ferry")
    total = ferry["length_km"] + lengths[frozenset({"blagoveshchensk_ru", "osm_14"})]
    pier = next(id_ for id_ in area.graph.nodes.index if area.graph.nodes.at[id_, "osm_node"] == 16)
    total += lengths[frozenset({"blagoveshchensk_cn", pier})]
    row = area.tables["crossings"].loc["blagoveshchensk:ferry"]
    assert row["length_km"] == pytest.approx(total, abs=0.002)
    # A ship takes as long as before, a truck on a bridge goes by the length.
    assert row["travel_min"] == 15
    assert area.tables["crossings"].loc["kani_kurgan:bridge", "travel_min"] < 20


def test_shipped_roads_give_way_where_osm_joins_their_ends(area: BuiltArea) -> None:
    told = {row["road"]: row for row in area.replaced}
    assert told["blagoveshchensk--vladimirovka"]["replaced"]
    kept = told["blagoveshchensk--verkhneblagoveshchenskoye"]
    assert not kept["replaced"]
    assert "no way of like length" in kept["why"]
    assert set(area.tables["roads"]["season"]) == {REPLACED}
    assert set(area.tables["roads"].index) == {row["road"] for row in area.replaced if row["replaced"]}


def test_windows_have_the_dates_of_the_tags(area: BuiltArea) -> None:
    windows = area.tables["windows"]
    dates = {
        key: sorted(zip(mine["open_md"], mine["close_md"], strict=True))
        for key, mine in windows.groupby("crossing")
    }
    assert dates["osm:1220-0325"] == [("12-20", "03-26")]
    assert dates["osm:0511-0414"] == [("05-11", "06-30"), ("07-01", "04-15")]
    assert dates[REPLACED] == [("", "")]
    assert windows.loc["osm:1220-0325:1", "open_sd_days"] == 0.5
    # The crossings have observed windows of their own.
    assert not any(key.startswith("blagoveshchensk:") for key in dates)


def test_what_cannot_be_read_is_listed(area: BuiltArea) -> None:
    assert [(row["way"], row["key"]) for row in area.remarks if not row["read"]] == [
        (119, "access:conditional")
    ]


def test_one_way_streets_run_against_their_nodes_where_the_tag_says_so(area: BuiltArea) -> None:
    row = area.graph.edges[area.graph.edges["way"] == 120].iloc[0]
    ends = area.graph.nodes["osm_node"].to_numpy()
    assert (ends[row["tail"]], ends[row["head"]], bool(row["oneway"])) == (2, 31, True)


def test_a_ferry_that_only_strays_over_the_line_is_no_crossing() -> None:
    """Landings 0 and 3 in Russia, the line leads over nodes 1 and 2 in China."""
    tail, head = np.array([0, 1, 2, 4, 3]), np.array([1, 2, 3, 0, 5])
    mode = np.array(["ferry", "ferry", "ferry", "road", "road"])
    russian = np.array([True, False, False, True, True, True])
    assert crossing_ways(tail, head, np.ones(5), np.array([0, 0, 0, 1, 2]), mode, russian) == []


def test_a_ferry_mapped_in_two_ways_is_one_crossing() -> None:
    """The line is cut in the river, at node 1; landings 0 and 3."""
    tail, head = np.array([0, 1, 2, 4, 3]), np.array([1, 2, 3, 0, 5])
    mode = np.array(["ferry", "ferry", "ferry", "road", "road"])
    russian = np.array([True, True, False, False, True, False])
    [one] = crossing_ways(tail, head, np.full(5, 0.5), np.array([0, 1, 1, 2, 3]), mode, russian)
    assert (one.ru, one.cn, one.ways, one.length_km) == (0, 3, (0, 1), 1.5)
    assert set(one.segments) == {0, 1, 2}


@given(
    st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(0, 1), st.booleans()),
        min_size=1,
        max_size=30,
    ),
    st.sets(st.integers(0, 11)),
)
def test_joining_segments_changes_no_distance(
    segments: list[tuple[int, int, int, bool]], anchors: set[int]
) -> None:
    """Between the ends of lines every shortest way is as long as over the bare segments; anchors are ends."""
    segments = [one for one in segments if one[0] != one[1]]
    if not segments:
        return
    tail, head, group, oneway = (np.array(values) for values in zip(*segments, strict=True))
    group = group * 2 + oneway
    length = 1.0 + np.arange(len(tail)) * 0.37
    lines = join_segments(
        tail, head, length, group, oneway.astype(bool), np.array(sorted(anchors), dtype=int), 12
    )
    bare, joined = nx.MultiDiGraph(), nx.MultiDiGraph()
    for a, b, km, single in zip(tail, head, length, oneway, strict=True):
        bare.add_edge(int(a), int(b), km=km)
        if not single:
            bare.add_edge(int(b), int(a), km=km)
    for at, (a, b, km) in enumerate(zip(lines.tail, lines.head, lines.length_km, strict=True)):
        joined.add_edge(int(a), int(b), km=km)
        if not oneway[lines.segment[at]]:
            joined.add_edge(int(b), int(a), km=km)
        shape = lines.shape[lines.start[at] : lines.start[at + 1]]
        assert (shape[0], shape[-1]) == (a, b)
        assert not anchors & set(shape[1:-1].tolist())
    for node in joined:
        expected = nx.single_source_dijkstra_path_length(bare, node, weight="km")
        found = nx.single_source_dijkstra_path_length(joined, node, weight="km")
        assert found == pytest.approx({at: km for at, km in expected.items() if at in joined})


def test_every_shipped_place_lies_on_its_own_bank(net: Network, backbone: Backbone) -> None:
    places = net.tables["places"]
    found = bank_of(places["lon"].to_numpy(), places["lat"].to_numpy(), backbone.border, places)
    assert places.index[found != places["country"]].tolist() == []


def test_banks_of_a_winding_river() -> None:
    river = shapely.LineString([(126, 50), (127, 50.4), (127.5, 49.8), (128, 50.4), (129, 50)])
    places = pd.DataFrame({"lat": [51.0, 49.0], "lon": [127.5, 127.5], "country": ["RU", "CN"]})
    lon, lat = np.array([127.0, 127.0, 127.5, 127.5]), np.array([50.5, 50.3, 49.9, 49.7])
    assert bank_of(lon, lat, river, places).tolist() == ["RU", "CN", "RU", "CN"]
