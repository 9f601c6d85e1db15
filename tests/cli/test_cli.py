"""The command line as a planner and a script meet it: documents, exit codes, one clear sentence."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*args: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "amurgeo", *args],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=120,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def test_state_is_one_json_document() -> None:
    code, out, err = run("state", "--on", "2026-02-10", "--format", "json")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    keys = [
        "crossing",
        "checkpoint",
        "counterpart",
        "mode",
        "traffic",
        "status",
        "reason",
        "because",
        "max_mass_t",
        "probability_open",
        "basis",
        "confidence",
        "sources",
    ]
    assert list(rows[0]) == keys
    assert {row["basis"] for row in rows} <= {"observed", "expected", "scenario"}


def test_state_as_csv_has_a_byte_order_mark() -> None:
    code, out, _ = run("state", "--on", "2026-02-10", "--format", "csv", "--lang", "ru")
    assert code == 0
    assert out.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    assert rows[0]["crossing"] == "kani_kurgan:bridge"


def test_state_as_geojson() -> None:
    code, out, _ = run("state", "--on", "2026-02-10", "--format", "geojson")
    document = json.loads(out)
    assert code == 0
    assert document["type"] == "FeatureCollection"
    assert document["features"][0]["geometry"]["type"] == "LineString"


def test_a_russian_code_page_gets_utf_8() -> None:
    code, out, _ = run("state", "--on", "2026-02-10", "--lang", "zh", env={"PYTHONIOENCODING": "cp1251"})
    assert code == 0
    assert "开放" in out
    code, out, err = run(
        "routes", "Благовещенск", "Хэйхе", "--on", "2026-02-10", env={"PYTHONIOENCODING": "cp1251"}
    )
    assert code == 2
    assert "Хэйхэ" in err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("routes", "Blagoveschensk", "Heihe", "--on", "2026-02-10"), "Blagoveshchensk"),
        (("state", "--on", "2026-02-30"), "does not exist"),
        (("state",), "--on"),
        (("routes", "Blagoveshchensk", "Heihe", "--on", "2026-02-10", "--vehicle", "zeppelin"), "truck_20t"),
        (("routes", "Blagoveshchensk", "Heihe", "--on", "2026-02-10", "-k", "0"), "1<=x<=50"),
        (
            ("routes", "Blagoveshchensk", "Heihe", "--on", "2026-02-10", "--border-h", "bridge"),
            "kani_kurgan:bridge=8",
        ),
        (("compare", "frozen", "opne"), "did you mean open"),
        (("compare", "frozen"), "ALTERNATIVES"),
        (("matrix", "--origins", ",", "--destinations", "Heihe", "--on", "2026-02-10"), "--origins"),
        (("stat",), "did you mean state"),
        (("state", "--on", "2026-02-10", "--data", "no-such-folder"), "no folder"),
    ],
)
def test_bad_input_is_exit_2_and_one_sentence(args: tuple[str, ...], says: str) -> None:
    code, out, err = run(*args)
    assert code == 2
    assert out == ""
    assert says in err
    assert "Traceback" not in err


def test_a_broken_data_file_is_named_with_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "vehicles.csv").write_text(
        "id,traffic,mass_t,name_en,name_ru,name_zh,source,confidence\nvan,cargo,heavy,Van,Фургон,货车,estimate,estimated\n",
        encoding="utf-8",
    )
    code, _, err = run("state", "--on", "2026-02-10", "--data", str(tmp_path))
    assert code == 2
    assert "vehicles.csv, row 2, column mass_t" in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback() -> None:
    code, _, err = run("state", "--on", "2026-02-30", "--debug")
    assert code == 1
    assert "Traceback" in err


def test_routes_as_json(tmp_path: Path) -> None:
    code, out, err = run(
        "routes", "Благовещенск", "哈尔滨", "--on", "2026-02-10", "--format", "json", cwd=tmp_path
    )
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert {"origin", "destination", "on", "vehicle", "routes", "closed", "why_none"} <= set(document)
    keys = {
        "rank",
        "crossing",
        "crossings",
        "checkpoint",
        "transit",
        "total_h",
        "drive_h",
        "border_h",
        "wait_h",
        "length_km",
        "cost_rub",
        "detour_h",
        "overlap",
        "estimated_share",
        "legs",
    }
    assert keys <= set(document["routes"][0])
    assert {"from", "to", "mode", "ref", "length_km", "hours"} <= set(document["routes"][0]["legs"][0])


def test_compare_prints_the_table_and_writes_the_page(tmp_path: Path) -> None:
    code, out, err = run("compare", "frozen", "open", cwd=tmp_path)
    assert code == 0
    assert "blagoveshchensk:ferry" in out
    assert "closed → open" in out
    page = tmp_path / "maps" / "frozen-vs-open.html"
    assert page.is_file()
    assert str(Path("maps") / "frozen-vs-open.html") in err
    assert page.stat().st_size < 2_000_000


def test_compare_with_an_option_writes_no_page_unless_asked(tmp_path: Path) -> None:
    code, out, _ = run("compare", "frozen", "open", "--format", "json", cwd=tmp_path)
    assert code == 0
    assert json.loads(out)["base"] == "frozen"
    assert not (tmp_path / "maps").exists()
    code, _, _ = run(
        "compare", "frozen", "open", "--format", "json", "--map", "карта 地图.html", cwd=tmp_path
    )
    assert code == 0
    assert (tmp_path / "карта 地图.html").is_file()


def test_matrix_as_csv() -> None:
    code, out, _ = run(
        "matrix",
        "--origins",
        "Belogorsk,Zeya",
        "--destinations",
        "Heihe,Harbin",
        "--on",
        "2026-07-15",
        "--format",
        "csv",
    )
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    assert code == 0
    assert [(row["origin"], row["destination"]) for row in rows] == [
        ("belogorsk", "heihe"),
        ("belogorsk", "harbin"),
        ("zeya", "heihe"),
        ("zeya", "harbin"),
    ]
    assert all(float(row["hours"]) > 1 for row in rows)


@pytest.mark.parametrize(
    "args", [("--help",), ("state", "--help"), ("routes", "-h"), ("compare", "--help"), ("--version",)]
)
def test_help_is_there(args: tuple[str, ...]) -> None:
    code, out, _ = run(*args)
    assert code == 0
    assert "amurgeo" in out
