"""Tables as people save them: any separator, encoding, spelling of numbers and days, workbooks, layers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

import amurgeo as ag
from amurgeo.dataset.checks import check_tables
from amurgeo.dataset.files import read_cells
from amurgeo.dataset.reading import table_of
from amurgeo.dataset.schema import TABLES, geo_dir

PLACES = (
    "id,kind,country,region,name_en,name_ru,lat,lon,population,source,source_date,confidence,note\n"
    'my_depot,village,RU,amur_oblast,,Мой склад,"50.82",128.55,1200,mine,2026-11-28,estimated,made up\n'
    "my_yard,village,CN,heilongjiang,,Мой двор,49.7,127.3,800,mine,2026-11-28,estimated,made up\n"
)
ROADS = (
    "id,from,to,class,surface,length_km,length_source,source,confidence,note\n"
    "belogorsk--my_depot,belogorsk,my_depot,secondary,gravel,14,estimated,mine,estimated,made up\n"
    "heihe--my_yard,heihe,my_yard,secondary,asphalt,75,estimated,mine,estimated,made up\n"
)
SOURCES = (
    "id,title,publisher,address,licence,published,retrieved,note\n"
    "mine,Test notes,tester,https://example.org/a,CC0,2026,2026-11,made up\n"
)


def _russian(text: str) -> str:
    """Return a table as a Russian spreadsheet saves it, before encoding."""
    rows = [line.replace('"', "").split(",") for line in text.splitlines()]
    return "\r\n".join(
        ";".join(
            cell.replace(".", ",").replace("1200", "1 200")
            if cell.replace(".", "").isdigit()
            else ".".join(reversed(cell.split("-")))
            if cell.startswith("2026-11-")
            else cell
            for cell in row
        )
        for row in rows
    )


def _workbook(path: Path) -> None:
    frame = pd.read_csv(pd.io.common.StringIO(PLACES), parse_dates=["source_date"])
    with pd.ExcelWriter(path) as book:
        frame.to_excel(book, sheet_name="Places", index=False)


def _geopackage(path: Path) -> None:
    frame = pd.read_csv(pd.io.common.StringIO(PLACES))
    points = gpd.GeoSeries([Point(xy) for xy in zip(frame.lon, frame.lat, strict=True)], crs=4326)
    layer = gpd.GeoDataFrame(frame.drop(columns=["lat", "lon"]), geometry=points.to_crs(3857))
    layer.to_file(path, layer="places", driver="GPKG")


def _text(encoding: str, write: Callable[[str], str] = str) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(write(PLACES).encode(encoding))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "save", "remark"),
    [
        pytest.param("Places.CSV", _text("utf-8"), None, marks=pytest.mark.slow),
        pytest.param("places.csv", _text("utf-16"), "utf-16", marks=pytest.mark.slow),
        ("places.csv", _text("cp1251", _russian), "semicolons"),
        pytest.param("places.csv", _text("gb18030"), None, marks=pytest.mark.slow),
        ("places.csv", _text("utf-8-sig", lambda text: "sep=;\n" + _russian(text)), "days as 28.11.2026 (2)"),
        ("places.csv", _text("utf-8", lambda text: text.replace('"', "").replace(",", "\t")), "tabs"),
        ("places.xlsx", _workbook, "workbook"),
        ("mine.gpkg", _geopackage, "GeoPackage"),
    ],
)
def test_a_table_is_the_same_however_it_is_saved(
    tmp_path: Path, name: str, save: Callable[[Path], None], remark: str | None
) -> None:
    (tmp_path / "sources.csv").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "roads.csv").write_text(ROADS, encoding="utf-8")
    save(tmp_path / name)
    net = ag.load(tmp_path)
    depot = net.base["places"].loc["my_depot"]
    assert (depot["lat"], depot["lon"], depot["population"]) == (50.82, 128.55, 1200)
    assert depot["name_zh"] == depot["name_en"] == depot["name_ru"]
    assert depot["source_date"] == "2026-11-28"
    result = check_tables(tmp_path, on=date(2026, 11, 28))
    assert result.n_faults == 0, [str(fault) for fault in result.faults]
    assert remark is None or any(remark in note for note in result.notes), result.notes


def test_shipped_tables_read_without_remark() -> None:
    for table in TABLES:
        assert read_cells(geo_dir() / f"{table}.csv", table).remarks == []


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("51,38", 51.38),
        ("1 234,5", 1234.5),
        ("1\u00a0234", 1234),
        ("1,234.5", 1234.5),
        ("1.234.567,8", 1234567.8),
        ("0,125", 0.125),
        ("1,234", None),
        ("12 km", None),
        ("1_000", None),
    ],
)
def test_numbers_are_read_where_they_mean_one_thing(tmp_path: Path, cell: str, value: float | None) -> None:
    path = tmp_path / "vehicles.csv"
    text = (geo_dir() / "vehicles.csv").read_text(encoding="utf-8")
    path.write_text(text.replace("car,passenger,2,", f'car,passenger,"{cell}",', 1), encoding="utf-8")
    frame, faults = table_of(read_cells(path, "vehicles"), "vehicles")
    wrong = [fault.check for fault in faults if fault.column == "mass_t"]
    if value is None or value > 200:
        assert wrong == ["value"]
    else:
        assert frame["mass_t"]["car"] == value
        assert wrong == []


@given(st.dates(date(1990, 1, 1), date(2035, 12, 31)))
def test_days_are_read_where_they_mean_one_day(day: date) -> None:
    from amurgeo.dataset.values import _day

    for text in (
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%Y/%m/%d}",
        f"{day:%d.%m.%Y} 0:00",
    ):
        assert _day(text)[0] == day.isoformat()
    slashed = _day(f"{day:%d/%m/%Y}")[0]
    assert slashed == (day.isoformat() if day.day > 12 or day.day == day.month else f"{day:%d/%m/%Y}")


def test_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "sources.csv").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "places.csv").write_text(PLACES, encoding="utf-8")
    (tmp_path / "roads.ods").write_bytes(b"")
    (tmp_path / "place.csv").write_text(PLACES, encoding="utf-8")
    _workbook(tmp_path / "more.xlsx")
    warned = {
        fault.file: fault.problem for fault in check_tables(tmp_path).faults if fault.check == "unknown-table"
    }
    assert set(warned) == {"roads.ods", "place.csv", "more.xlsx"}
    assert "also in places.csv" in warned["more.xlsx"]


def test_a_record_is_not_added_to_a_file_of_another_form(tmp_path: Path) -> None:
    text = (geo_dir() / "season_record.csv").read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "season_record.csv"
    path.write_text(text.replace(",", ";") + "\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(ag.InputError, match="with commas"):
        ag.record(
            tmp_path,
            "kani_kurgan:bridge",
            "suspend",
            "2026-11-28",
            until="2026-11-30",
            source="https://example.org/n",
        )
    assert path.read_bytes() == before
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("name", ["places.xlsx", "places.gpkg"])
def test_files_that_only_look_like_tables_are_faults(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not a table")
    with pytest.raises(ag.DataError, match="save"):
        ag.load(tmp_path)
