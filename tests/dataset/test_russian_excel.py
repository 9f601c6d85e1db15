"""A spreadsheet as Russian Excel saves it: a depot, an ice crossing with its days, and a closing."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from amurgeo.cli import cli

LETTER = "Письмо Росгранстроя № 15"
#: Tables with the headings of the template; Excel begins a line with a capital and adds blank rows.
TABLES = {
    "places": [
        "Id;kind;country;region;name_ru;lat;lon;population;source;source_date;confidence",
        "sklad_zeya;village;RU;amur_oblast;Склад на Зее;51,38;128,13;1 200;Приказ № 7 от 01.11.2026;"
        "01.11.2026;подтверждено",
        ";;;;;;;;;;",
    ],
    "roads": [
        "id;from;to;class;surface;length_km;length_source;source;source_date;confidence;note",
        "svobodny--sklad_zeya;svobodny;sklad_zeya;secondary;asphalt;4,2;estimated;"
        "Приказ № 7 от 01.11.2026;"
        "01.11.2026;оценка;По карте",
    ],
    "crossings": [
        "id;checkpoint;mode;from;to;length_km;travel_min;travel_confidence;source;source_date;"
        "confidence;note",
        f"konstantinovka:ice_road;konstantinovka;ледовая переправа;{{home}};{{far}};1,8;7,5;оценка;"
        f"{LETTER};15.11.2026;по сообщениям;По длине",
    ],
    "services": [
        "crossing;traffic;regular;all_year;max_mass_t;admits;border_h_out;border_h_in;wait_h;"
        "times_confidence;times_source;times_note;source;source_date;confidence",
        f"konstantinovka:ice_road;грузы;да;нет;25,0;truck_20t;6,5;6,5;0;оценка;{LETTER};"
        f"Как в Поярково;{LETTER};15.11.2026;по сообщениям",
    ],
    "windows": [
        "id;crossing;traffic;open_md;open_sd_days;close_md;close_sd_days;source;source_date;confidence",
        f"konst_led;konstantinovka:ice_road;грузы;15.янв;5,5;10.03;7,5;{LETTER};15.11.2026;по сообщениям",
    ],
    "season_record": [
        "id;crossing;checkpoint;mode;traffic;event;date;until;precision;reason;evidence;source;"
        "source_date;confidence",
        f"most_remont;kani_kurgan:bridge;kani_kurgan;bridge;грузы;приостановка;28.11.2026;"
        f"02.12.2026;day;ремонт;нет;{LETTER};"
        "15.11.2026;подтверждено",
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import amurgeo as ag

    terminals = ag.load().tables["terminals"]
    ends = terminals[terminals["checkpoint"] == "konstantinovka"]
    ids = {side: ends.index[ends["side"] == side][0] for side in ("home", "far")}
    folder = tmp_path_factory.mktemp("excel") / "Мои таблицы"
    folder.mkdir()
    for table, lines in TABLES.items():
        text = "\r\n".join(lines).format(**ids) + "\r\n"
        # Letters that the code page lacks are lost by Excel too; the number sign is in it.
        (folder / f"{table.capitalize()}.CSV").write_bytes(text.encode("cp1251"))
    return folder


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Path:
    """The same tables as sheets of one workbook, with numbers and dates as Excel keeps them."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for path in sorted(folder.iterdir()):
        sheet = book.create_sheet(path.stem)
        for line in path.read_bytes().decode("cp1251").splitlines():
            sheet.append([_value(text) for text in line.split(";")])
    own = tmp_path_factory.mktemp("workbook")
    book.save(own / "Мои таблицы.xlsx")
    return own


def _value(text: str) -> Any:
    """Return a cell as Excel keeps it."""
    if re.fullmatch(r"\d\d\.\d\d\.\d{4}", text):
        return datetime.strptime(text, "%d.%m.%Y")
    return float(text.replace(",", ".")) if re.fullmatch(r"\d+(,\d+)?", text) else text or None


def _run(*args: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, list(args), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def test_check_accepts_it_and_says_how_it_was_read(folder: Path) -> None:
    said = _run("check", str(folder))
    assert "Faults: 0, warnings: 0" in said
    for remark in (
        "encoded in cp1251",
        "separated by semicolons",
        "numbers with a decimal comma",
        "days as 28.11.2026",
    ):
        assert remark in said
    assert "named in all languages: 0.0 % (0 of 1)" in said


def _routes(folder: Path, *args: str) -> Any:
    return json.loads(_run("routes", *args, "--data", str(folder), "--format", "json"))


@pytest.mark.slow
def test_a_workbook_is_read_as_the_tables_of_text_are(workbook: Path) -> None:
    assert "Faults: 0, warnings: 0" in _run("check", str(workbook))
    for day, is_open in (("15.02.2027", True), ("15.07.2027", False)):
        routes = _routes(workbook, "Склад на Зее", "Суньу", "--on", day)["routes"]
        assert ("konstantinovka:ice_road" in {route["crossing"] for route in routes}) == is_open
    assert "closed" in _run(
        "state", "--on", "30.11.2026", "--crossing", "kani_kurgan:bridge", "--data", str(workbook)
    )


@pytest.mark.slow
def test_routes_leave_from_the_depot_by_the_ice_and_not_by_the_closed_bridge(folder: Path) -> None:
    crossings = {
        day: {route["crossing"] for route in _routes(folder, "Склад на Зее", "Суньу", "--on", day)["routes"]}
        for day in ("30.11.2026", "15.02.2027", "15.07.2027")
    }
    assert "kani_kurgan:bridge" not in crossings["30.11.2026"]
    assert "kani_kurgan:bridge" in crossings["15.02.2027"]
    assert "konstantinovka:ice_road" in crossings["15.02.2027"]
    assert "konstantinovka:ice_road" not in crossings["15.07.2027"]


def test_the_closing_has_its_reason_and_its_letter(folder: Path) -> None:
    rows = json.loads(_run("state", "--on", "30.11.2026", "--data", str(folder), "--format", "json"))
    (bridge,) = [row for row in rows if (row["crossing"], row["traffic"]) == ("kani_kurgan:bridge", "cargo")]
    assert (bridge["status"], bridge["reason"], bridge["evidence"]) == ("closed", "repair", "observed")


@pytest.mark.slow
def test_the_map_is_written(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "карта.html"
    _run("map", "network", "--on", "15.02.2027", "--data", str(folder), "-o", str(page))
    text = page.read_text(encoding="utf-8")
    assert "konstantinovka:ice_road" in text
    assert LETTER in text
