"""Readers return a value or a clear error for any file content."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import osmium
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mangling import ODD, mangled, no_hang, quick_first, tries

import amurgeo as ag
from amurgeo.dataset import layers
from amurgeo.dataset.checks import check_tables
from amurgeo.dataset.layers import read_layer
from amurgeo.dataset.reading import read_table
from amurgeo.dataset.schema import TABLES, geo_dir, schema
from amurgeo.errors import AmurgeoError, DataError, InputError
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.folder import write_area
from amurgeo.osm.reading import read_osm
from amurgeo.osm.seasons import SeasonDates, read_conditional
from amurgeo.osm.tags import read_limits
from amurgeo.scenario import Change, Span, as_scenario
from amurgeo.text import parse_day

BANKS = Path(__file__).parents[1] / "osm" / "banks.osm"
SCENARIO = b"""
name = "mine"
title = {en = "Mine", ru = "x", zh = "y"}
base = ["warm_2c", "no_bridge"]
world = 2026

[[change]]
crossing = "poyarkovo:ice_road"
traffic = "cargo"
delay_days = 14

[[change]]
mode = "ferry"
limit_t = 15.5
days = "07-01..08-15"

[[change]]
add = {kind = "road", from = "Zeya", to = "Fevralsk", length_km = 210, class = "secondary"}
"""
#: Values of all types of TOML.
VALUES = (
    st.sampled_from(ODD)
    | st.integers(-(10**6), 10**6)
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.lists(st.sampled_from(ODD), max_size=3)
    | st.dictionaries(st.sampled_from(["kind", "from", "to", "en", "ru"]), st.sampled_from(ODD), max_size=3)
)


def check_error(error: AmurgeoError, *, file: str = "", one_line: bool = False) -> None:
    """An error has a text, names the file, and contains no traceback."""
    text = str(error)
    assert text.strip()
    assert file in text
    assert not one_line or "\n" not in text
    assert "Traceback" not in text
    assert "<class" not in text


def _state_under(path: Path, net: ag.Network) -> None:
    """Read and apply a scenario file; an error is one line with the name of the file or scenario."""
    with no_hang():
        try:
            scenario = as_scenario(path)
        except InputError as error:
            check_error(error, file=path.name, one_line=True)
            return
        try:
            state = net.state(None if scenario.day else "2026-02-10", scenario=scenario)
        except InputError as error:
            check_error(error)
            return
        assert set(state.crossings["status"]) <= {"open", "limited", "closed"}


@tries(30)
@given(content=st.binary(max_size=60) | mangled(SCENARIO))
def test_scenario_files_of_any_bytes(content: bytes, net: ag.Network, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    _state_under(path, net)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value) if isinstance(value, str) else str(value)


@pytest.mark.slow
@tries(60)
@given(
    top=st.dictionaries(
        st.sampled_from(["name", "title", "description", "base", "regime", "day", "world"]), VALUES
    ),
    changes=st.lists(
        st.dictionaries(st.sampled_from(sorted(Change.model_fields)), VALUES, max_size=4), max_size=3
    ),
)
def test_scenario_files_of_any_values(
    top: dict[str, Any], changes: list[dict[str, Any]], net: ag.Network, tmp_path: Path
) -> None:
    lines = [f"{key} = {_toml(value)}" for key, value in {"name": "mine", **top}.items()]
    for change in changes:
        lines += ["[[change]]", *(f"{key} = {_toml(value)}" for key, value in change.items())]
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    _state_under(path, net)


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


@pytest.mark.parametrize("table", quick_first(TABLES))
@tries(12)
@given(data=st.data())
def test_tables_of_any_bytes(table: str, data: st.DataObject, tmp_path: Path) -> None:
    whole = (geo_dir() / f"{table}.csv").read_bytes()
    path = tmp_path / f"{table}.csv"
    head = b"\n".join(whole.split(b"\n")[:6])
    path.write_bytes(data.draw(mangled(head)))
    with no_hang():
        frame, faults = read_table(path, table)
    assert all(fault.file == path.name and fault.problem for fault in faults)
    assert set(frame.index.names) <= {column.name for column in schema(table)}


@pytest.mark.slow
@tries(12)
@given(data=st.data())
def test_own_tables_with_odd_cells_load_or_have_faults(data: st.DataObject, tmp_path: Path) -> None:
    """Rows of some tables with cells replaced, overlaid on the dataset and used in the usual functions."""
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for table in data.draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=3, unique=True)):
        lines = (geo_dir() / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        header = lines[0].split(",")
        rows = data.draw(st.lists(st.sampled_from(lines[1:]), min_size=1, max_size=3))
        cells = [row.split(",") for row in rows if '"' not in row]
        assume(cells)
        for row in cells:
            for _ in range(data.draw(st.integers(0, 3))):
                row[data.draw(st.integers(0, len(row) - 1))] = data.draw(st.sampled_from(ODD)).replace(
                    "\n", " "
                )
        text = "\n".join(",".join(row) for row in [header, *cells])
        (folder / f"{table}.csv").write_text(text, encoding="utf-8", newline="")
    with no_hang():
        result = check_tables(folder)
        assert json.dumps(result.to_dict(), allow_nan=False)
        try:
            net = ag.load(folder)
            state = net.state("2026-02-10")
            ag.routes(net, "Belogorsk", "Harbin", on="2026-02-10")
            ag.routes(net, "Skovorodino", "Heihe", on="2018-07-15", vehicle="train")
            assert state.records("ru")
        except (DataError, InputError) as error:
            check_error(error)


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
    monkeypatch.setattr(layers, "geo_dir", lambda: tmp_path)
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
            write_area(build_area(raw, backbone, title="fuzz", retrieved="2026-11-01"), path.parent / "area")
        except InputError as error:
            check_error(error)


@tries(15)
@given(
    content=mangled(
        BANKS.read_bytes(),
        (
            b'lat="x"',
            b'lat="91"',
            b"<node",
            b"</way>",
            b'v="no"',
            b'v="ice_road"',
            b'ref="1"',
            b"&lt;",
            b"&bad;",
        ),
    )
)
def test_extracts_as_xml_of_any_bytes(content: bytes, backbone: Backbone, tmp_path: Path) -> None:
    path = tmp_path / "area.osm"
    path.write_bytes(content)
    _read(path, backbone)


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
