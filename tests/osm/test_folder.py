"""The folder of an area: atomic, one network with the dataset, the same as tables and as arrays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.dataset.area import ARRAYS, read_area
from amurgeo.dataset.reading import read_tables
from amurgeo.errors import InputError
from amurgeo.network import Network
from amurgeo.osm.folder import REPLACED, BuiltArea
from amurgeo.osm.reading import read_osm


@pytest.fixture(scope="module")
def joined(folder: Path) -> Network:
    return ag.load(folder)


def test_the_tables_are_valid(folder: Path) -> None:
    tables, faults = read_tables(folder)
    assert faults == []
    assert {"places", "roads", "terminals", "crossings", "windows", "sources"} <= set(tables)


def test_the_folder_has_notice_and_report(folder: Path) -> None:
    assert "(c) OpenStreetMap contributors" in (folder / "NOTICE").read_text(encoding="utf-8")
    report = json.loads((folder / "osm_report.json").read_text(encoding="utf-8"))
    assert "ODbL" in report["licence"]
    assert {row["id"] for row in report["attached"]} >= {"blagoveshchensk", "heihe", "kani_kurgan_ru"}


def test_seasonal_roads_are_used_in_their_season(joined: Network) -> None:
    """The hamlet behind the arm of the river is reached over the ice, and by ferry in summer if at all."""
    winter = ag.routes(joined, "vladimirovka", "osm_29", on="2026-01-25", vehicle="car")
    used = [edge for route in winter.routes for edge in route.arcs["edge"]]
    assert any(edge.endswith(":w116") for edge in used)
    summer = ag.routes(joined, "vladimirovka", "osm_29", on="2026-07-15", vehicle="car")
    assert not any(edge.endswith(":w116") for route in summer.routes for edge in route.arcs["edge"])


def test_routes_use_the_crossings_that_are_open(joined: Network) -> None:
    def crossings(day: str) -> set[str]:
        found = ag.routes(joined, "Blagoveshchensk", "Heihe", on=day)
        return {route.crossings[0] for route in found.routes}

    winter, summer = crossings("2026-01-25"), crossings("2026-07-15")
    assert "blagoveshchensk:ferry" in summer - winter
    assert "kani_kurgan:bridge" in summer & winter


def test_a_road_closed_in_spring_opens_again(joined: Network) -> None:
    def is_open(day: str) -> bool:
        return "osm:0511-0414" in joined.state(on=day).open_seasons

    assert [
        is_open(day) for day in ("2026-01-25", "2026-04-20", "2026-05-05", "2026-05-20", "2026-07-15")
    ] == [
        True,
        False,
        False,
        True,
        True,
    ]


def test_routes_use_shipped_and_osm_roads(joined: Network, net: Network) -> None:
    for day in ("2026-01-25", "2026-07-15"):
        through = ag.routes(joined, "Belogorsk", "Harbin", on=day)
        plain = ag.routes(net, "Belogorsk", "Harbin", on=day)
        edges = set(through.routes[0].arcs["edge"])
        assert any(":w" in edge for edge in edges), "the way leads through the area"
        assert any(edge in net.tables["roads"].index for edge in edges), "and through the shipped network"
        assert through.routes[0].crossings == plain.routes[0].crossings
        assert through.routes[0].length_km == pytest.approx(plain.routes[0].length_km, rel=0.1)


def test_replaced_roads_are_never_open(joined: Network) -> None:
    for day in ("2026-01-25", "2026-04-20", "2026-07-15", "2026-11-15"):
        assert REPLACED not in joined.state(on=day).open_seasons


def test_arrays_contain_the_same_graph(area: BuiltArea, tmp_path: Path) -> None:
    area.write(tmp_path / "arrays", form="arrays")
    read = read_area(tmp_path / "arrays")
    assert read is not None
    pd.testing.assert_frame_equal(read.edges, area.graph.edges, check_dtype=False, check_categorical=False)
    pd.testing.assert_frame_equal(read.nodes, area.graph.nodes, check_dtype=False, check_categorical=False)
    assert np.abs(read.shape - area.graph.shape).max() < 1e-6
    roads, places = read.roads(), read.places()
    pd.testing.assert_frame_equal(roads, area.graph.roads())
    pd.testing.assert_frame_equal(
        places.drop(columns=["lat", "lon"]), area.graph.places().drop(columns=["lat", "lon"])
    )


def test_arrays_give_the_tables_that_are_read_from_csv(area: BuiltArea, folder: Path) -> None:
    tables, _ = read_tables(folder)
    for name, rows in (("roads", area.graph.roads()), ("places", area.graph.places())):
        read = tables[name].loc[rows.index]
        assert list(read.columns) == list(rows.columns)
        for column in ("lat", "lon", "length_km"):
            if column in rows:
                assert np.allclose(read[column], rows[column])
        for column in ("from", "to", "season", "class", "bends", "country", "region", "name_zh"):
            if column in rows:
                assert read[column].tolist() == rows[column].tolist()


@pytest.mark.slow
def test_arrays_and_tables_give_the_same_routes(area: BuiltArea, joined: Network, tmp_path: Path) -> None:
    area.write(tmp_path / "arrays", form="arrays")
    loaded = ag.load(tmp_path / "arrays")
    for day in ("2026-01-25", "2026-07-15"):
        routes = [ag.routes(net, "Belogorsk", "Harbin", on=day).routes for net in (joined, loaded)]
        from_tables, from_arrays = ([(route.crossings, route.seconds) for route in found] for found in routes)
        assert from_tables == from_arrays


def test_large_areas_are_arrays(area: BuiltArea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amurgeo.osm.folder.TABLE_LIMIT", 5)
    assert (area.write(tmp_path / "large") / "osm_area.npz").is_file()
    assert (tmp_path / "large" / ARRAYS).is_file()
    assert read_area(tmp_path) is None


def test_a_folder_with_other_files_is_not_replaced(area: BuiltArea, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        area.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_area_replaces_an_area(area: BuiltArea, tmp_path: Path) -> None:
    area.write(tmp_path / "banks", form="arrays")
    area.write(tmp_path / "banks", form="tables")
    assert not (tmp_path / "banks" / ARRAYS).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["banks"]


def test_a_failed_write_leaves_the_old_folder(
    area: BuiltArea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    area.write(tmp_path / "banks", form="tables")
    before = {path.name: path.read_bytes() for path in (tmp_path / "banks").iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("amurgeo.osm.folder.write_csv", full)
    with pytest.raises(InputError, match="no space"):
        area.write(tmp_path / "banks", form="tables")
    assert {path.name: path.read_bytes() for path in (tmp_path / "banks").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["banks"]


def test_damaged_arrays_are_rejected(area: BuiltArea, tmp_path: Path) -> None:
    area.write(tmp_path / "banks", form="arrays")
    path = tmp_path / "banks" / ARRAYS
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match="damaged"):
        read_area(tmp_path / "banks")


def test_files_that_cannot_be_read_give_the_reason(tmp_path: Path) -> None:
    cut = b'<?xml version="1.0"?><osm version="0.6"><node id="1" lat="50" lon="127"'
    empty = b'<?xml version="1.0"?><osm version="0.6"></osm>'
    for name, content, message in (
        ("missing.osm", None, "is not a file"),
        ("map.shp", b"x", "is not named as an OSM file"),
        ("cut.osm", cut, "cannot be read"),
        ("other.osm.pbf", b"not protocol buffers at all", "cannot be read"),
        ("empty.osm", empty, "holds no road"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=message):
            read_osm(tmp_path / name)


def test_missing_nodes_cut_a_way(tmp_path: Path) -> None:
    """A way is cut at missing nodes, and is not joined to the next way."""
    nodes = "".join(f'<node id="{n}" version="1" lat="50.{n}" lon="127.5"/>' for n in (1, 2, 4, 5, 8))
    ways = "".join(
        f'<way id="{id_}" version="1">{refs}<tag k="highway" v="trunk"/></way>'
        for id_, refs in (
            (number, "".join(f'<nd ref="{n}"/>' for n in chain))
            for number, chain in ((9, (1, 2, 3, 4, 5)), (10, (2, 6, 7, 8)), (11, (1, 4)))
        )
    )
    path = tmp_path / "cut.osm"
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    raw = read_osm(path)
    pairs = [(int(raw.node_id[a]), int(raw.node_id[b])) for a, b in zip(raw.tail, raw.head, strict=True)]
    assert (raw.missing, sorted(pairs)) == (3, [(1, 2), (1, 4), (4, 5)])


def test_impossible_arrays_are_rejected(area: BuiltArea, tmp_path: Path) -> None:
    area.write(tmp_path / "banks", form="arrays")
    path = tmp_path / "banks" / ARRAYS
    with np.load(path, allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored}
    changes: list[tuple[str, Callable[[np.ndarray], np.ndarray], str]] = [
        ("tail", lambda array: array.astype(float), "tail has the wrong type"),
        ("oneway", lambda array: array.astype(np.int8), "oneway has the wrong type"),
        ("head", lambda array: array + 10**6, "head refers to nodes that do not exist"),
        ("node_lat", lambda array: np.full_like(array, 2_000_000_000), "node_lat is out of range"),
        ("shape_start", lambda array: array[:-1], "shape_start does not fit"),
        ("shape_start", lambda array: array[:0], "shape_start does not fit"),
        ("length_km", lambda array: -array, "length_km is out of range"),
        ("max_mass_t", lambda array: array * 0 - 1, "max_mass_t is out of range"),
    ]
    for name, change, message in changes:
        np.savez(path, **{**arrays, name: change(arrays[name])})
        with pytest.raises(InputError, match=message):
            read_area(tmp_path / "banks")
