"""Map layers are read whole, and all faults of a layer are reported at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import amurgeo as ag
from amurgeo.dataset import files, schema
from amurgeo.dataset.files import layer_names, read_layer

LINE = {"type": "LineString", "coordinates": [[127.5, 50.2], [127.6, 50.3]]}
BOW_TIE = [[127, 50], [128, 51], [128, 50], [127, 51], [127, 50]]
SQUARE, FAR_SQUARE = ([[x, 50], [x + 1, 50], [x + 1, 51], [x, 51], [x, 50]] for x in (127, 130))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a dataset's layers, empty."""
    monkeypatch.setattr(files, "geo_dir", lambda: tmp_path)
    (tmp_path / "layers").mkdir()
    return tmp_path / "layers"


def _feature(id_: Any, shape: Any = LINE) -> dict[str, Any]:
    return {"type": "Feature", "properties": {} if id_ is None else {"id": id_}, "geometry": shape}


def _write(folder: Path, *features: Any, **more: Any) -> None:
    document = {"type": "FeatureCollection", "features": features, **more}
    (folder / "mine.geojson").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("name", layer_names())
def test_every_shipped_layer_has_no_fault(name: str) -> None:
    frame = read_layer(name)
    assert len(frame) > 0
    assert frame["id"].is_unique


@pytest.mark.parametrize(
    ("features", "says"),
    [
        ([_feature("a"), _feature("a")], ["duplicate id 'a'"]),
        ([_feature(None)], ["no property 'id'"]),
        ([_feature("a"), _feature(None)], ["1 features have no id"]),
        ([_feature("a", None)], ["1 features have no geometry"]),
        ([_feature("a", {"type": "Point", "coordinates": [500, 1e300]})], ["outside the globe"]),
        ([_feature("a", {"type": "Point", "coordinates": [50.2, 127.5]})], ["longitude first"]),
        ([_feature("a"), _feature("a", None), _feature(None)], ["duplicate id", "no id", "no geometry"]),
        ([_feature("a", {"type": "LineString", "coordinates": [[1, 1]]})], ["not readable GeoJSON"]),
        (
            [_feature("b"), _feature("a", {"type": "Polygon", "coordinates": [BOW_TIE]})],
            ["feature 'a' is invalid: self-intersection at 127.5 50.5; draw it again"],
        ),
        (
            [_feature("a", {"type": "Polygon", "coordinates": [SQUARE, FAR_SQUARE]})],
            ["feature 'a' is invalid: hole lies outside shell at 130 50"],
        ),
    ],
)
def test_all_faults_of_a_layer_are_reported_at_once(
    folder: Path, features: list[Any], says: list[str]
) -> None:
    _write(folder, *features)
    with pytest.raises(ag.DataError) as caught:
        read_layer("mine")
    assert {fault.file for fault in caught.value.faults} == {"mine.geojson"}
    assert len(caught.value.faults) == len(says)
    for text in says:
        assert text in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"[1, 2]", b"null", b"\xff\xfe\x00", b'{"type": "Topology"}']
)
def test_other_files_are_one_fault(folder: Path, content: bytes) -> None:
    (folder / "mine.geojson").write_bytes(content)
    with pytest.raises(ag.DataError, match=r"mine\.geojson: the file is not readable GeoJSON"):
        read_layer("mine")


def test_an_empty_layer_is_no_fault(folder: Path) -> None:
    _write(folder)
    assert len(read_layer("mine")) == 0


def test_numbers_become_ids_and_projections_become_degrees(folder: Path) -> None:
    far = {"type": "Point", "coordinates": [14194000.0, 6478000.0]}
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    _write(folder, _feature(3, far), crs=crs)
    frame = read_layer("mine")
    assert frame["id"].tolist() == ["3"]
    assert frame.geometry.x[0] == pytest.approx(127.5, abs=0.1)


def test_the_command_line_reports_a_broken_layer(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from amurgeo.cli import main

    dataset = folder.parent
    for file in schema.geo_dir().iterdir():
        if file.is_file():
            (dataset / file.name).write_bytes(file.read_bytes())
    (folder / "border.geojson").write_text("{", encoding="utf-8")
    page = str(tmp_path / "map.html")
    with pytest.raises(SystemExit) as done:
        main(["map", "network", "--on", "2026-02-10", "-o", page, "--dataset", str(dataset)])
    assert done.value.code == 2
    assert "amurgeo: border.geojson: the file is not readable GeoJSON" in capsys.readouterr().err
    assert not (tmp_path / "map.html").exists()


def test_an_invalid_position_is_a_fault(folder: Path) -> None:
    _write(folder, _feature("a", {"type": "Polygon", "coordinates": [[[1, 1], [2], [2, 2], [1, 1]]]}))
    with pytest.raises(ag.DataError, match=r"not readable GeoJSON.* \(.*dimension"):
        read_layer("mine")
