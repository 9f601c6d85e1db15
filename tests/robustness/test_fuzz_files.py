"""Readers return a value or a clear error for any file content."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangling import ODD, mangled, no_hang, quick_first, tries

import amurgeo as ag
from amurgeo.dataset import files
from amurgeo.dataset.files import read_cells, read_layer, tables_in
from amurgeo.dataset.reading import table_of
from amurgeo.dataset.schema import geo_dir, schema
from amurgeo.errors import AmurgeoError, DataError, InputError
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.reading import read_osm
from amurgeo.osm.seasons import SeasonDates, read_conditional
from amurgeo.osm.tags import read_limits
from amurgeo.scenario import Span
from amurgeo.text import parse_day

BANKS = Path(__file__).parents[1] / "osm" / "banks.osm"


def check_error(error: AmurgeoError, *, file: str = "", one_line: bool = False) -> None:
    """An error has a text, names the file, and contains no traceback."""
    text = str(error)
    assert text.strip()
    assert file in text
    assert not one_line or "\n" not in text
    assert "Traceback" not in text
    assert "<class" not in text


@tries(100)
@given(
    text=st.text(max_size=30)
    | st.sampled_from(ODD)
    | st.from_regex(r"\A\d{4}-\d\d-\d\d(\.\.(\d{4}-)?\d\d-\d\d)?\Z")
)
def test_days_and_ranges_of_any_text(text: str) -> None:
    try:
        assert isinstance(parse_day(text), date)
    except InputError as error:
        check_error(error)
    try:
        span = Span.parse(text)
    except ValueError:
        return
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize("table", quick_first(sorted(tables_in(geo_dir()))))
@tries(12)
@given(data=st.data())
def test_tables_of_any_bytes(table: str, data: st.DataObject, tmp_path: Path) -> None:
    whole = (geo_dir() / f"{table}.csv").read_bytes()
    path = tmp_path / f"{table}.csv"
    head = b"\n".join(whole.split(b"\n")[:6])
    path.write_bytes(data.draw(mangled(head)))
    with no_hang():
        frame, faults = table_of(read_cells(path, table), table)
    assert all(fault.file == path.name and fault.problem for fault in faults)
    assert set(frame.index.names) <= {column.name for column in schema(table)}


@pytest.mark.parametrize("name", quick_first(["border", "regions", "roads_osm"]))
@tries(15)
@given(data=st.data())
def test_layers_of_any_bytes(
    name: str, data: st.DataObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (geo_dir() / "layers" / f"{name}.geojson").read_bytes()
    (tmp_path / "layers").mkdir(exist_ok=True)
    junk = (b"null", b"{}", b'"id":', b"[[", b"1e999", b'"coordinates"', b"\xff")
    (tmp_path / "layers" / f"{name}.geojson").write_bytes(
        data.draw(mangled(whole[:4000], junk) | mangled(whole, junk))
    )
    monkeypatch.setattr(files, "geo_dir", lambda: tmp_path)
    with no_hang():
        try:
            frame = read_layer(name)
        except DataError as error:
            check_error(error, file=f"{name}.geojson")
            return
    assert not len(frame) or frame["id"].is_unique


# -- OpenStreetMap -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def backbone(net: ag.Network) -> Backbone:
    return Backbone(net.tables, net.layer("border").geometry.union_all())


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The banks as a PBF file."""
    path = tmp_path_factory.mktemp("packed") / "banks.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for entity in osmium.FileProcessor(str(BANKS)):
            writer.add(entity)
    return path.read_bytes()


def _read(path: Path, backbone: Backbone) -> None:
    with no_hang():
        try:
            raw = read_osm(path)
        except InputError as error:
            check_error(error, file=path.name)
            return
        try:
            build_area(raw, backbone, title="fuzz", retrieved="2026-11-01").write(path.parent / "area")
        except InputError as error:
            check_error(error)


@pytest.mark.slow
@tries(25)
@given(data=st.data())
def test_packed_extracts_of_any_bytes(
    data: st.DataObject, packed: bytes, backbone: Backbone, tmp_path: Path
) -> None:
    path = tmp_path / "area.osm.pbf"
    path.write_bytes(data.draw(mangled(packed)))
    _read(path, backbone)


HOURS = (
    "Dec 15-Mar 20",
    "Mo-Fr 08:00-17:00",
    "off",
    "no @ (Apr 01-May 10)",
    ";",
    "||",
    "2026",
    "PH",
    "week 01-10",
    "24/7",
)


@tries(100)
@given(text=st.text(max_size=25) | st.lists(st.sampled_from([*HOURS, *ODD]), max_size=4).map(" ".join))
def test_season_tags_of_any_text(text: str) -> None:
    """Hours, conditions and seasons are read or become a remark."""
    with no_hang():
        clauses = read_conditional(text)
        keys = ("opening_hours", "access:conditional", "seasonal", "maxweight", "oneway", "hgv:conditional")
        seasons = read_limits({"highway": "tertiary", **dict.fromkeys(keys, text)}, SeasonDates()).seasons()
        windows = [window for season in seasons for window in season.windows()]
    assert len(clauses) >= bool(text.strip())
    assert all(opens != closes for opens, closes in windows)
