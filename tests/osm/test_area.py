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
from amurgeo.network.edges import great_circle_km
from amurgeo.osm.attaching import CrossingWay, bank_of, crossing_ways, with_sides
from amurgeo.osm.building import Backbone, build_area, join_segments
from amurgeo.osm.folder import REPLACED, BuiltArea
from amurgeo.osm.reading import RawArea, read_osm

BANKS = Path(__file__).with_name("banks.osm")


def _copy(source: Path, target: Path) -> Path:
    """Write the same data in another format."""
    import osmium

    with osmium.SimpleWriter(str(target)) as writer:
        for entity in osmium.FileProcessor(str(source)):
            writer.add(entity)
    return target


@pytest.mark.slow
def test_every_format_gives_the_same_graph(tmp_path: Path, area: BuiltArea, backbone: Backbone) -> None:
    for suffix in (".osm.pbf", ".osm.bz2", ".osm.gz", ".osm"):
        raw = read_osm(_copy(BANKS, tmp_path / f"banks{suffix}"))
        other = build_area(raw, backbone, retrieved="2026-11-01")
        pd.testing.assert_frame_equal(other.graph.nodes, area.graph.nodes)
        pd.testing.assert_frame_equal(other.graph.edges, area.graph.edges)
        assert np.array_equal(other.graph.shape, area.graph.shape)
        assert other.crossings == area.crossings


def test_footways_are_left_out(area: BuiltArea) -> None:
    ways = set(area.graph.edges["way"])
    assert 121 not in ways
    # Ways over the border are crossings, not roads.
    assert ways == {*range(101, 123)} - {103, 108, 110, 115, 121}


def test_roads_have_the_length_of_their_ways(area: BuiltArea, raw: RawArea) -> None:
    row = area.graph.edges[area.graph.edges["way"] == 113].iloc[0]
    at = {number: position for position, number in enumerate(raw.node_id.tolist())}
    chain = [at[node] for node in (1, 22, 21)]
    expected = great_circle_km(
        raw.lon[chain[:-1]], raw.lat[chain[:-1]], raw.lon[chain[1:]], raw.lat[chain[1:]]
    )
    assert row["length_km"] == pytest.approx(expected.sum(), abs=1e-3)


def test_no_road_crosses_the_border(area: BuiltArea, backbone: Backbone) -> None:
    edges = area.graph.edges
    countries = area.graph.nodes["country"].to_numpy()
    assert (countries[edges["tail"]] == countries[edges["head"]]).all()
    spots = area.graph.nodes
    places = with_sides(backbone.tables)
    banks = bank_of(spots["lon"].to_numpy(), spots["lat"].to_numpy(), backbone.border, places)
    sides = backbone.tables["regions"].groupby("country")["side"].first()
    assert (banks == spots["country"].map(sides)).all()


def test_ways_over_the_border_are_matched_with_crossings(area: BuiltArea) -> None:
    found = {tuple(row["ways"]): (row["mode"], row["crossing"]) for row in area.crossings}
    assert found == {
        (103,): ("bridge", "kani_kurgan:bridge"),
        (108,): ("ferry", "blagoveshchensk:ferry"),
        (110,): ("ice_road", "blagoveshchensk:ice_road"),
        (115,): ("ice_road", None),
    }
    assert all(row["why"] for row in area.crossings if row["crossing"] is None)


def test_terminals_are_at_the_border_control_of_their_bank(area: BuiltArea) -> None:
    attached = area.attached
    assert attached.loc["blagoveshchensk_ru", ["osm_node", "how"]].tolist() == [13, "border control"]
    assert attached.loc["blagoveshchensk_cn", ["osm_node", "how"]].tolist() == [17, "border control"]
    assert attached.loc["kani_kurgan_ru", "osm_node"] == 7
    assert attached.loc["kani_kurgan_cn", "osm_node"] == 9
    assert "verkhneblagoveshchensky_temporary_cn" in area.not_attached


def test_reported_moves_are_the_distances_moved(area: BuiltArea, backbone: Backbone) -> None:
    for id_, row in area.attached.iterrows():
        table = "terminals" if row["kind"] == "terminal" else "places"
        old, new = backbone.tables[table].loc[id_], area.tables[table].loc[id_]
        km = float(great_circle_km(old["lon"], old["lat"], new["lon"], new["lat"]))
        assert row["moved_km"] == pytest.approx(km, abs=0.01)
        place = old["place"] if row["kind"] == "terminal" else id_
        assert area.graph.nodes.loc[id_, "country"] == backbone.tables["places"].at[place, "country"]


def test_a_crossing_includes_the_roads_to_its_landings(area: BuiltArea) -> None:
    """From the border control in Heihe to the pier, over the river, and on to the other border control."""
    lengths = {
        frozenset(pair): float(km)
        for pair, km in zip(
            zip(*(area.graph.nodes.index[area.graph.edges[end]] for end in ("tail", "head")), strict=True),
            area.graph.edges["length_km"],
            strict=True,
        )
    }
    ferry = next(row for row in area.crossings if row["mode"] == "ferry")
    total = ferry["length_km"] + lengths[frozenset({"blagoveshchensk_ru", "osm_14"})]
    pier = next(id_ for id_ in area.graph.nodes.index if area.graph.nodes.at[id_, "osm_node"] == 16)
    total += lengths[frozenset({"blagoveshchensk_cn", pier})]
    row = area.tables["crossings"].loc["blagoveshchensk:ferry"]
    assert row["length_km"] == pytest.approx(total, abs=0.002)
    # A ship takes as long as before, a truck on a bridge goes by the length.
    assert row["travel_min"] == 15
    assert area.tables["crossings"].loc["kani_kurgan:bridge", "travel_min"] < 20


def test_shipped_roads_are_replaced_where_osm_connects_their_ends(area: BuiltArea) -> None:
    report = {row["road"]: row for row in area.replaced}
    assert report["blagoveshchensk--vladimirovka"]["replaced"]
    kept = report["blagoveshchensk--verkhneblagoveshchenskoye"]
    assert not kept["replaced"]
    assert "no way of like length" in kept["why"]
    assert set(area.tables["roads"]["season"]) == {REPLACED}
    assert set(area.tables["roads"].index) == {row["road"] for row in area.replaced if row["replaced"]}


def test_windows_have_the_dates_of_the_tags(area: BuiltArea) -> None:
    windows = area.tables["windows"]
    dates = {
        key: sorted(zip(group["open_md"], group["close_md"], strict=True))
        for key, group in windows.groupby("crossing")
    }
    assert dates["osm:1220-0325"] == [("12-20", "03-26")]
    assert dates["osm:0511-0414"] == [("05-11", "06-30"), ("07-01", "04-15")]
    assert dates[REPLACED] == [("", "")]
    assert windows.loc["osm:1220-0325:1", "open_sd_days"] == 0.5
    # The crossings have observed windows.
    assert not any(key.startswith("blagoveshchensk:") for key in dates)


def test_unreadable_tags_are_reported(area: BuiltArea) -> None:
    assert [(row["way"], row["key"]) for row in area.remarks if not row["read"]] == [
        (119, "access:conditional")
    ]


def test_one_way_streets_may_run_against_their_nodes(area: BuiltArea) -> None:
    row = area.graph.edges[area.graph.edges["way"] == 120].iloc[0]
    ends = area.graph.nodes["osm_node"].to_numpy()
    assert (ends[row["tail"]], ends[row["head"]], bool(row["oneway"])) == (2, 31, True)


def _ferry(home: list[bool]) -> list[CrossingWay]:
    """A ferry over nodes 0 to 3 in two ways, with a road at either end."""
    segments = pd.DataFrame(
        {
            "tail": [0, 1, 2, 4, 3],
            "head": [1, 2, 3, 0, 5],
            "length_km": 0.5,
            "way": [0, 1, 1, 2, 3],
            "mode": ["ferry", "ferry", "ferry", "road", "road"],
        }
    )
    return crossing_ways(segments, np.array(home))


def test_a_ferry_that_returns_to_its_bank_is_no_crossing() -> None:
    assert _ferry([True, False, False, True, True, True]) == []


def test_a_ferry_mapped_in_two_ways_is_one_crossing() -> None:
    [ferry] = _ferry([True, True, False, False, True, False])
    assert (ferry.home, ferry.far, ferry.ways, ferry.length_km) == (0, 3, (0, 1), 1.5)
    assert ferry.segments == (0, 1, 2)


def test_parallel_roads_over_the_border_are_one_crossing() -> None:
    segments = pd.DataFrame(
        {"tail": [0, 1], "head": [1, 0], "length_km": [0.5, 0.4], "way": [0, 1], "mode": "road"}
    )
    [road] = crossing_ways(segments, np.array([True, False]))
    assert (road.segments, road.ways, road.length_km) == ((0, 1), (0, 1), 0.4)


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
    """Distances between the ends of lines are those over the segments; anchors are ends."""
    segments = [segment for segment in segments if segment[0] != segment[1]]
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


def test_every_shipped_place_is_on_its_bank(net: Network, backbone: Backbone) -> None:
    places = with_sides(net.tables)
    banks = bank_of(places["lon"].to_numpy(), places["lat"].to_numpy(), backbone.border, places)
    assert places.index[banks != places["side"]].tolist() == []


def test_banks_of_a_winding_river() -> None:
    river = shapely.LineString([(126, 50), (127, 50.4), (127.5, 49.8), (128, 50.4), (129, 50)])
    places = pd.DataFrame({"lat": [51.0, 49.0], "lon": [127.5, 127.5], "side": ["home", "far"]})
    lon, lat = np.array([127.0, 127.0, 127.5, 127.5]), np.array([50.5, 50.3, 49.9, 49.7])
    assert bank_of(lon, lat, river, places).tolist() == ["home", "far", "home", "far"]
