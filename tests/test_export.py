"""Exported files are read back equal: ids, types, positions, scripts."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmnx as ox
import pandas as pd
import pyogrio
import pytest
import shapely

import amurgeo as ag
from amurgeo import export
from amurgeo.dataset.reading import read_tables
from amurgeo.export import headings, layers, write, write_tables
from amurgeo.network import Network

LAYERS = ("places", "checkpoints", "crossings", "roads", "railways")


@pytest.fixture(scope="module")
def written(net: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export 输出")
    write(net, folder, formats=export.FORMATS, on="2026-02-10", lang="ru")
    return folder


def same(read: gpd.GeoDataFrame, base: gpd.GeoDataFrame) -> None:
    """Compare a layer with what was read back: rows, values, kinds of values and positions."""
    key = "id" if "id" in base else "crossing"
    assert list(read[key]) == list(base[key])
    assert read.crs.to_epsg() == 4326
    for name in base.columns.drop("geometry"):
        one, two = read[name], base[name]
        if pd.api.types.is_datetime64_any_dtype(one) and not pd.api.types.is_datetime64_any_dtype(two):
            # Readers of GeoJSON take text that looks like a day for one.
            one = one.dt.strftime("%Y-%m-%d")
        assert (
            pd.api.types.is_bool_dtype(two)
            or pd.api.types.is_numeric_dtype(one) == pd.api.types.is_numeric_dtype(two)
            or two.isna().all()
        ), name
        if pd.api.types.is_bool_dtype(two):
            kinds = [None if pd.isna(cell) else bool(cell) for cell in one]
            assert kinds == [None if pd.isna(cell) else bool(cell) for cell in two], name
        elif pd.api.types.is_numeric_dtype(two):
            assert np.allclose(one.astype(float), two.astype(float), equal_nan=True), name
        elif pd.api.types.is_datetime64_any_dtype(two):
            assert pd.to_datetime(one).dt.tz_localize(None).equals(two.astype(pd.to_datetime(one).dtype)), (
                name
            )
        else:
            assert one.fillna("").tolist() == two.fillna("").tolist(), name
    shapes, read_shapes = base.geometry.to_numpy(), read.geometry.to_numpy()
    assert (shapely.get_num_coordinates(shapes) == shapely.get_num_coordinates(read_shapes)).all()
    assert np.abs(shapely.get_coordinates(shapes) - shapely.get_coordinates(read_shapes)).max() < 1e-5


@pytest.mark.parametrize("form", ["gpkg", "geojson", "parquet"])
def test_layers_are_read_back_equal(net: Network, written: Path, form: str) -> None:
    base = layers(net, net.state(on="2026-02-10"), lang="ru")
    assert list(base) == [*LAYERS, "state"]
    for name, frame in base.items():
        if form == "gpkg":
            read = gpd.read_file(written / "amurgeo.gpkg", layer=name)
        elif form == "geojson":
            read = gpd.read_file(written / f"{name}.geojson")
        else:
            read = gpd.read_parquet(written / f"{name}.parquet")
            assert list(read.columns) == list(frame.columns)
        same(read, frame)


def test_the_geopackage_contains_the_sources(net: Network, written: Path) -> None:
    sources = pyogrio.read_dataframe(written / "amurgeo.gpkg", layer="sources")
    assert list(sources["id"]) == list(net.sources.index)


def test_geojson_keeps_scripts_as_they_are(written: Path) -> None:
    text = (written / "places.geojson").read_text(encoding="utf-8")
    names = {feature["properties"]["name_zh"] for feature in json.loads(text)["features"]}
    assert "黑河" in names
    assert "Благовещенск" in text


def test_graphml_without_a_date_is_the_network(net: Network, tmp_path: Path) -> None:
    assert write(net, tmp_path / "all.graphml") == [tmp_path / "all.graphml"]
    read = ox.load_graphml(tmp_path / "all.graphml")
    base = net.graph
    assert set(read.nodes) == set(base.nodes)
    assert sorted((u, v, data["edge_id"]) for u, v, data in read.edges(data=True)) == sorted(
        (u, v, data["id"]) for u, v, data in base.edges(data=True)
    )
    lengths = {(u, v, data["id"]): data["length"] for u, v, data in base.edges(data=True)}
    for u, v, data in read.edges(data=True):
        assert data["length"] == pytest.approx(lengths[u, v, data["edge_id"]])
        assert "seconds" not in data
    for node in base.nodes:
        assert read.nodes[node]["x"] == pytest.approx(base.nodes[node]["x"], abs=1e-5)


@pytest.mark.parametrize("vehicle", [None, "passenger"])
def test_graphml_of_a_date_has_the_state_and_the_seconds_of_the_vehicle(
    net: Network, tmp_path: Path, vehicle: str | None
) -> None:
    state = net.state("2026-02-10")
    write(state, tmp_path / "day.graphml", vehicle=vehicle)
    read = ox.load_graphml(tmp_path / "day.graphml", edge_dtypes={"seconds": int})
    base = ag.graph(state, vehicle=vehicle)
    expected = {(u, v, data["id"]): data for u, v, data in base.edges(data=True)}
    assert {(u, v, data["edge_id"]) for u, v, data in read.edges(data=True)} == set(expected)
    assert not any(isinstance(value, list) for _, _, data in read.edges(data=True) for value in data.values())
    for u, v, data in read.edges(data=True):
        same = expected[u, v, data["edge_id"]]
        # Older releases of networkx leave out empty texts.
        values = data["seconds"], data.get("status", ""), data.get("reason", "")
        assert values == (same["seconds"], same["status"], same["reason"])
    assert read.graph["on"] == "2026-02-10"
    node = {place: node for node, place in read.nodes(data="id")}
    way = ox.routing.shortest_path(read, node["belogorsk"], node["heihe"], weight="seconds")
    assert (way[0], way[-1]) == (node["belogorsk"], node["heihe"])


def test_files_of_a_date_have_typed_columns_and_its_language(written: Path) -> None:
    state = pyogrio.read_dataframe(written / "amurgeo.gpkg", layer="state")
    assert pd.api.types.is_datetime64_any_dtype(state["on"])
    assert pd.api.types.is_float_dtype(state["probability_open"])
    assert "действует круглый год" in " ".join(state["because"])
    roads = pyogrio.read_info(written / "amurgeo.gpkg", layer="roads")
    kinds = dict(zip(roads["fields"], roads["dtypes"], strict=True))
    assert {kinds["toll"], kinds["oneway"], kinds["estimated"]} == {"bool"}
    railways = pyogrio.read_info(written / "amurgeo.gpkg", layer="railways")
    assert dict(zip(railways["fields"], railways["dtypes"], strict=True))["opened"].startswith("datetime64")


def test_csv_is_the_dataset_again(net: Network, written: Path) -> None:
    tables, faults = read_tables(written)
    assert faults == []
    for name, frame in net.tables.items():
        pd.testing.assert_frame_equal(tables[name], frame)
    assert (written / "places.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_workbook_is_read_back_equal(net: Network, written: Path) -> None:
    book = pd.read_excel(written / "amurgeo.xlsx", sheet_name=None, keep_default_na=False)
    assert next(iter(book)) == "Состояние"
    assert "Переход" in book["Состояние"].columns
    assert set(list(book)[1:]) == set(net.base)
    assert list(book["crossings"].iloc[:, 0]) == list(net.tables["crossings"].index)
    assert list(book["places"]["name_zh"]) == list(net.tables["places"]["name_zh"])
    lat = book["places"]["lat"].to_numpy(dtype=float)
    assert np.abs(lat - net.tables["places"]["lat"].to_numpy()).max() < 1e-5
    opened = book["services"]["opened"]
    opened = pd.to_datetime(opened[opened != ""]).to_numpy()
    assert (opened == net.tables["services"]["opened"].dropna().to_numpy()).all()


def test_invalid_formats_raise_before_anything_is_written(
    net: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ag.InputError, match="did you mean gpkg"):
        write(net, tmp_path / "out", formats=["csv", "gpgk"])
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(ag.InputError, match=r'pip install "amurgeo\[export\]"'):
        write(net, tmp_path / "out", formats=["csv", "parquet"])
    with pytest.raises(ag.InputError, match="no format is given"):
        write(net, tmp_path / "out", formats=[])
    with pytest.raises(ag.InputError, match=r"formats is invalid: csv; expected gpkg for .out\.gpkg"):
        write(net, tmp_path / "out.gpkg", formats="csv")
    with pytest.raises(ag.InputError, match="vehicle= is used for graphml with a date only"):
        write(net, tmp_path / "out", formats="gpkg", on="2026-02-10", vehicle="car")
    with pytest.raises(ag.InputError, match="unknown vehicle"):
        write(net, tmp_path / "out", on="2026-02-10", vehicle="zeppelin")
    with pytest.raises(ag.InputError, match="on= and scenario= are given with a state"):
        write(net.state("2026-02-10"), tmp_path / "out", on="2026-02-10")
    assert not (tmp_path / "out").exists()


def test_a_failed_write_leaves_the_old_file(
    net: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "amurgeo.gpkg"
    old.write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    with pytest.raises(ag.InputError, match=r"cannot write .*disk full"):
        write(net, tmp_path, formats=["gpkg"])
    assert old.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["amurgeo.gpkg"]


# -- tables of results -------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "crossing": ["kani_kurgan:bridge", "=1+1", "黑河\x07"],
        "length_km": [11.0, np.nan, 2.5],
        "open": [True, False, True],
        "sources": [("a", "b"), (), ("c",)],
        "date": pd.to_datetime(["2026-02-10", None, "2026-02-11"]),
        "own": ["x", "-y", None],
    }
)


def test_a_workbook_has_a_sheet_per_table_and_one_of_sources(net: Network, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "out.xlsx"
    tables = {"a/very:long*name of a sheet that no program takes": TABLE, "second": TABLE.head(1)}
    done = write_tables(
        path, tables, lang="zh", sources=net.sources.head(2), assumptions=["Border times are estimates"]
    )
    assert done == [path]
    book = load_workbook(path)
    assert book.sheetnames == ["概要", "a very long name of a sheet tha", "second", "来源"]
    sheet = book.worksheets[1]
    assert [cell.value for cell in sheet[1]] == ["通道", "公里", "open", "来源", "日期", "own"]
    assert sheet["A3"].value == "=1+1"
    assert sheet["A3"].data_type == "s"
    assert sheet["A4"].value == "黑河"
    assert sheet["B3"].value is None
    assert sheet["C2"].value == "是"
    assert sheet["D2"].value == "a;b"
    assert sheet["E2"].value.date().isoformat() == "2026-02-10"
    assert [cell.value for cell in book["概要"][2]] == ["假设", "Border times are estimates"]
    assert book["来源"].max_row == 3


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_headings_and_cells_that_look_like_formulas_are_text(tmp_path: Path, start: str) -> None:
    from openpyxl import load_workbook

    frame = pd.DataFrame({"base_h": [-1.5], f"{start}1": [f"{start}1+1"], "origin": ["x"]})
    path = tmp_path / "out.xlsx"
    write_tables(path, {f"{start}1": frame}, gaps={"base": f"{start}1+1"}, about={"question": f"{start}2"})
    cells = [cell for sheet in load_workbook(path) for row in sheet for cell in row]
    guarded = [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@\t\n"]
    assert len(guarded) == 4
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in guarded)
    assert [cell.value for cell in cells if cell.data_type == "n"] == [-1.5]
    with zipfile.ZipFile(path) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_a_workbook_is_for_readers_of_its_language(net: Network, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    rows = {
        "date": ["2026-02-10"], "arrives": ["2026-02-10T18:30+09:00"], "crossing": ["kani_kurgan:bridge"],
        "total_h": [20.3097], "probability_open": [0.0001], "because": ["до 2026-03-01 – 1.5 ч"],
        "sources": ["geonames"],
    }  # fmt: skip
    path = tmp_path / "out.xlsx"
    about = {"day": "2026-02-10", "sentence": ["a", "b"]}
    write_tables(path, {"state": pd.DataFrame(rows)}, lang="ru", sources=net.sources, about=about, net=net)
    book = load_workbook(path)
    assert book.sheetnames == ["Сводка", "Состояние", "Источники"]
    assert [[cell.value for cell in row] for row in book["Сводка"]][1:] == [
        ["День", "10.02.2026"], ["Ответ", "a"], ["Ответ", "b"],
    ]  # fmt: skip
    assert [cell.value for cell in book["Источники"]["A"]] == ["Код", "geonames"]
    sheet = book["Состояние"]
    assert [cell.value for cell in sheet[1]][2:4] == ["Переход", "Переход (код)"]
    values = [cell.value for cell in sheet[2]]
    assert values[0] == datetime(2026, 2, 10)
    assert values[1] == datetime(2026, 2, 10, 18, 30)
    assert values[2:5] == ["Кани-Курган, мост", "kani_kurgan:bridge", 20.3]
    assert values[5:7] == [0.0001, "до 01.03.2026 – 1,5 ч"]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats[:2] == ["dd.mm.yyyy", "dd.mm.yyyy hh:mm"]
    assert formats[4:6] == ["0.0", "0.00##"]


@pytest.mark.parametrize("ending", ["xlsx", "gpkg", "csv"])
def test_a_file_written_again_has_the_same_bytes(
    net: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    tables = {"crossings": net.crossings if ending == "gpkg" else TABLE}
    written = []
    for name, now in (("a", 1.7e9), ("b", 1.8e9)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        write_tables(tmp_path / f"{name}.{ending}", tables, sources=net.sources.head(3))
        written.append((tmp_path / f"{name}.{ending}").read_bytes())
    assert written[0] == written[1]


def test_a_folder_is_not_named_as_a_file(net: Network, tmp_path: Path) -> None:
    for name in ("out.pdf", "OUT.HTML", "out.geojson", "out.csv"):
        with pytest.raises(ag.InputError, match="is the name of a file; expected a folder"):
            write(net, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    assert write(net, tmp_path / "v1.2", formats="graphml") == [tmp_path / "v1.2" / "amurgeo.graphml"]


def test_csv_tables_are_files_side_by_side(net: Network, tmp_path: Path) -> None:
    done = write_tables(
        tmp_path / "out.csv", {"first": TABLE, "second": TABLE}, lang="ru", sources=net.sources
    )
    assert [path.name for path in done] == ["out.csv", "out-second.csv", "out-sources.csv"]
    with open(done[0], encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:2] == ["crossing", "length_km"]
    assert rows[1] == ["kani_kurgan:bridge", "11", "True", "a;b", "2026-02-10", "x"]
    assert rows[2][1] == ""


def test_tables_go_into_a_geopackage(net: Network, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_tables(path, {"crossings": net.crossings, "plain": TABLE.drop(columns="date")}, sources=net.sources)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["crossings", "plain", "sources"]
    assert list(gpd.read_file(path, layer="crossings")["id"]) == list(net.crossings.index)


def test_another_suffix_raises(tmp_path: Path) -> None:
    for name in ("out.xls", "out", "out.html"):
        with pytest.raises(ag.InputError, match=r"ends in \.xlsx, \.csv or \.gpkg"):
            write_tables(tmp_path / name, {"t": TABLE})


def test_placeholders_of_headings_are_filled() -> None:
    assert headings(["base_h", "alt_h"], "en", {"base": "Rivers open", "alt": "Rivers frozen"}) == [
        "Rivers open, h",
        "Rivers frozen, h",
    ]
    assert headings(["base_h"], "en") == ["base_h"]
