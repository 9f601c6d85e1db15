"""Tables are read by their schema, and all faults are reported at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.dataset import reading
from amurgeo.dataset.files import read_cells
from amurgeo.dataset.reading import load_tables, read_tables, table_of
from amurgeo.dataset.schema import TABLES, geo_dir, key_columns, schema
from amurgeo.errors import DataError
from amurgeo.io import CACHE_VARIABLE


@pytest.fixture
def vehicles(tmp_path: Path) -> Path:
    path = tmp_path / "vehicles.csv"
    shutil.copy(geo_dir() / "vehicles.csv", path)
    return path


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


#: Amounts whose unit another column or the dataset has.
UNIT_IN_A_COLUMN = {("rates", "value"), ("trips", "paid")}


def test_frames_have_the_columns_of_the_schema_and_numbers_have_units() -> None:
    for table in TABLES:
        frame, _ = table_of(read_cells(geo_dir() / f"{table}.csv", table), table)
        names = [column.name for column in schema(table)]
        assert [*frame.index.names, *frame.columns] == [
            *key_columns(table),
            *(name for name in names if name not in key_columns(table)),
        ]
        for column in schema(table):
            assert column.meaning
            assert column.type != "number" or column.unit or (table, column.name) in UNIT_IN_A_COLUMN, column


def test_types_of_columns() -> None:
    services, _ = table_of(read_cells(geo_dir() / "services.csv", "services"), "services")
    row = services.loc[("kani_kurgan:bridge", "cargo")]
    assert row["opened"] == pd.Timestamp("2022-06-10")
    assert pd.isna(row["retired"])
    assert row["admits"] == ("truck_20t", "truck_40t")
    assert row["all_year"] is True or bool(row["all_year"])
    assert pd.isna(row["max_mass_t"])


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "says"),
    [
        ("car,passenger,2,", "car,passenger,two,", 3, "mass_t", "invalid value 'two'; expected a number"),
        ("car,passenger,2,", "car,passenger,-2,", 3, "mass_t", "from 0 to 200 t"),
        ("car,passenger,2,", "car,passenger,,", 3, "mass_t", "is missing"),
        ("car,passenger,", "car,pasenger,", 3, "traffic", "one of cargo, passenger"),
        ("car,passenger,", "Car 1,passenger,", 3, "id", "small letters"),
        ("id,traffic,mass_t", "id,traffic,mas_t", 1, "mas_t", "did you mean 'mass_t'"),
        ("car,passenger,", "bus,passenger,", 3, "id", "duplicate id"),
    ],
)
def test_a_fault_names_file_row_and_column(
    vehicles: Path, old: str, new: str, row: int, column: str, says: str
) -> None:
    _edit(vehicles, old, new)
    _, faults = table_of(read_cells(vehicles, "vehicles"), "vehicles")
    mine = [fault for fault in faults if fault.column == column]
    assert mine, [str(fault) for fault in faults]
    assert mine[0].file == "vehicles.csv"
    assert mine[0].row == row
    assert says in mine[0].problem


@pytest.mark.parametrize(
    ("content", "check"),
    [
        (b"", "empty"),
        (bytes(range(128, 256)), "encoding"),
        (b'id,traffic\n"car,cargo\n', "csv"),
        (b"id,traffic\ncar,cargo,1,2,3\n", "csv"),
        (b"id,traffic,id\ncar,cargo,bus\n", "csv"),
    ],
)
def test_unreadable_files_are_faults(tmp_path: Path, content: bytes, check: str) -> None:
    path = tmp_path / "vehicles.csv"
    path.write_bytes(content)
    _, faults = table_of(read_cells(path, "vehicles"), "vehicles")
    assert check in {fault.check for fault in faults}


def test_all_faults_are_reported_at_once(vehicles: Path) -> None:
    _edit(vehicles, "car,passenger,2,", "car,pasenger,two,")
    with pytest.raises(ag.DataError) as caught:
        load_tables(geo_dir(), vehicles.parent)
    assert len(caught.value.faults) == 2
    assert "2 faults" in str(caught.value)


def test_own_rows_replace_and_add(tmp_path: Path) -> None:
    (tmp_path / "vehicles.csv").write_text(
        "\ufeffid,traffic,mass_t,name_en,name_ru,name_zh,source,confidence\n"
        "car,passenger,1.8,Car,Авто,车,estimate,estimated\n"
        "truck_25t,cargo,25,Truck,Грузовик,货车,estimate,estimated\n",
        encoding="utf-8",
    )
    net = ag.load(tmp_path)
    masses = net.tables["vehicles"]["mass_t"]
    assert masses["car"] == 1.8
    assert masses["truck_25t"] == 25
    assert masses["truck_20t"] == 20
    assert ag.load().tables["vehicles"]["mass_t"]["car"] == 2


ROADS = "id,from,to,class,surface,length_km,length_source,source,confidence\n"
PLACES = "id,kind,country,region,name_en,name_ru,name_zh,lat,lon,source,confidence\n"


@pytest.mark.parametrize(
    ("table", "row", "other"),
    [
        (
            "roads",
            "poyarkovo:ice_road,belogorsk,zeya,primary,gravel,14,estimated,estimate,estimated",
            "crossings",
        ),
        (
            "roads",
            "aldan_station--tommot_station,aldan,tommot,primary,gravel,9,estimated,estimate,estimated",
            "railways",
        ),
        (
            "roads",
            "kani_kurgan--kani_kurgan_ru,kani_kurgan,kani_kurgan_ru,primary,gravel,9,estimated,estimate,estimated",
            "terminals",
        ),
        ("places", "kani_kurgan_ru,village,RU,amur_oblast,A,А,甲,50.3,127.6,estimate,estimated", "terminals"),
        (
            "places",
            "belogorsk_station,village,RU,amur_oblast,A,А,甲,50.9,128.4,estimate,estimated",
            "stations",
        ),
    ],
)
def test_an_id_in_two_tables_of_a_network_is_a_fault(
    tmp_path: Path, table: str, row: str, other: str
) -> None:
    header = ROADS if table == "roads" else PLACES
    (tmp_path / f"{table}.csv").write_text(f"{header}{row}\n", encoding="utf-8")
    with pytest.raises(ag.DataError, match=f"row 2, column id.*is already an id of {other}.csv"):
        ag.load(tmp_path)


def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ag.InputError, match="is not a folder"):
        ag.load(tmp_path / "nothing")
    with pytest.raises(ag.InputError, match="contains no table"):
        ag.load(tmp_path)


def test_a_dataset_with_unknown_ids_is_refused_as_by_a_check(tmp_path: Path) -> None:
    """Every column that refers to another table is tried at once, each in a row of its own."""
    folder = tmp_path / "dataset"
    shutil.copytree(Path(__file__).parents[1] / "other_border" / "northwest_territories", folder)
    broken = set()
    for path in folder.glob("*.csv"):
        if path.stem not in TABLES:
            continue
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        references = [column.name for column in schema(path.stem) if column.type == "ref"]
        for row, column in enumerate(name for name in references if name in frame):
            if row < len(frame) and column not in key_columns(path.stem):
                frame.loc[row, column] = "nothing_of_the_kind"
                broken.add((path.name, row + 2, column))
        frame.to_csv(path, index=False)
    with pytest.raises(ag.DataError) as refused:
        ag.load(dataset=folder)
    faults = {fault for fault in ag.check(dataset=folder).faults if "nothing_of_the_kind" in fault.problem}
    unknown = {fault for fault in faults if fault.check == "unknown-reference"}
    assert {(fault.file, fault.row, fault.column) for fault in unknown} == broken
    assert unknown <= set(refused.value.faults)
    for fault in unknown:
        assert f"{fault.file}, row {fault.row}, column {fault.column}: {fault.problem}" in str(refused.value)


SMALL = Path(__file__).parents[1] / "other_border" / "northwest_territories"


def _fresh(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder as a new process reads them."""
    reading._cached.cache_clear()
    return reading.load_tables(folder)


def _assert_read(folder: Path) -> None:
    fresh = _fresh(folder)
    for name, frame in read_tables(folder)[0].items():
        pd.testing.assert_frame_equal(fresh[name], frame, check_exact=True)


def test_cached_tables_equal_those_read_and_follow_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, folder = tmp_path / "cache", tmp_path / "data"
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))
    shutil.copytree(SMALL, folder)
    _fresh(folder)
    (kept,) = cache.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_tables", None)  # the second time nothing is read
        _fresh(folder)
    _assert_read(folder)
    content = kept.read_bytes()
    for damaged in (b"", content[:-9], content.replace(b"Yellowknife", b"Yellowknive"), b"\xff\n{}"):
        kept.write_bytes(damaged)
        assert "Yellowknife" in _fresh(folder)["places"]["name_en"].tolist()
        assert kept.read_bytes() == content
    vehicles = folder / "vehicles.csv"
    for number in range(5):
        vehicles.write_text(vehicles.read_text("utf-8").replace("usual car", f"usual car {number}"), "utf-8")
        _fresh(folder)
    _assert_read(folder)
    assert len(list(cache.iterdir())) == 4
    roads = folder / "roads.csv"
    elsewhere = roads.read_text("utf-8").replace("yellowknife", "nowhere")
    for path, text in ((roads, elsewhere), (vehicles, "x,y\n")):
        path.write_text(text, "utf-8")
        for _ in range(2):
            with pytest.raises(DataError):  # faults are found again
                _fresh(folder)


@pytest.mark.parametrize("place", ["", "a file/cache"])
def test_without_a_cache_folder_tables_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(CACHE_VARIABLE, place)
    _assert_read(SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]
