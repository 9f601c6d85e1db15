"""Results as files open again in their programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from amurgeo.io import FILE_TYPES

Call = Callable[..., tuple[int, str, str]]
LINES = {
    "state": "state --on 2026-02-10",
    "matrix": "matrix --origins Belogorsk --destinations Heihe,Harbin --on 2026-02-10",
    "exits": "exits Blagoveshchensk --on 2026-02-10",
    "compare": "compare frozen open --origins Belogorsk --destinations Heihe",
    "calendar": "calendar 2024",
    "routes": "routes Belogorsk Heihe --on 2026-02-10",
    "dates": "dates poyarkovo:ice_road --season 2023/24",
    "next": "next --on 2026-02-10",
    "critical": "critical --on 2026-07-15 --kind crossing --draws 2",
    "access": "access 2026 --places Ogodzha",
    "dependence": "dependence --from 2026",
    "measures": "measures 2026/27 --measure ice_night --draws 2",
    "redundancy": "redundancy 2026 --origins Belogorsk --destinations Heihe",
    "queues": "queues baseline --from 2026-02-14 --to 2026-02-18",
    "capacity": "capacity 2026",
}


@pytest.mark.slow
@pytest.mark.parametrize("ending", [pytest.param("xlsx", marks=pytest.mark.slow), "csv", "gpkg"])
def test_the_file_of_each_command_opens_again(call: Call, tmp_path: Path, ending: str) -> None:
    if ending == "xlsx":
        pytest.importorskip("openpyxl")
    for name, line in LINES.items():
        path = tmp_path / f"{name}.{ending}"
        code, out, err = call(f"{line} -o {path}")
        assert (code, out) == (0, ""), line
        assert str(path) in err, line
        if ending == "xlsx":
            sheets = pd.read_excel(path, sheet_name=None)
            assert len(sheets) >= 2, line
            assert all(len(frame) for frame in sheets.values()), line
        elif ending == "csv":
            assert path.read_bytes().startswith(b"\xef\xbb\xbf"), line
            assert len(pd.read_csv(path, encoding="utf-8-sig")), line
        else:
            layers = gpd.list_layers(path)["name"].tolist()
            assert "sources" in layers, line
            assert layers[0] == {"compare": "crossings", "queues": "days"}.get(name, name)
            frame = gpd.read_file(path, layer=layers[0])
            assert len(frame), line
            if name in ("state", "routes"):
                assert frame.geometry.notna().all()
    assert {path.suffix for path in tmp_path.iterdir()} == {f".{ending}"}, "no temporary file is left"


@pytest.mark.slow
def test_a_workbook_has_words_in_place_of_codes(call: Call, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    for lang, status in (("en", "open"), ("ru", "открыто"), ("zh", "开放")):
        path = tmp_path / f"{lang}.xlsx"
        assert call(f"state --on 2026-02-10 --lang {lang} -o {path}")[0] == 0
        cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[1].rows]
        assert status in cells[1]
        assert "kani_kurgan:bridge" in cells[1]


def test_only_the_endings_that_a_command_writes_are_taken(call: Call, tmp_path: Path) -> None:
    """Every other known ending is refused before anything is computed, in small and capital letters."""
    lines = {
        "state -o": {"xlsx", "csv", "gpkg"},
        "map network -o": {"html", "htm", "pdf", "png", "svg"},
        "map season --year 2026 -o": {"html", "htm", "pdf", "png", "svg"},
        "map compare frozen open -o": {"html", "htm", "pdf", "png", "svg"},
        "map routes Zeya Heihe -o": {"html", "htm"},
        "calendar 2026 --png": {"pdf", "png", "svg"},
        "compare frozen open --map": {"html", "htm"},
        "compare frozen open --report": {"html", "htm"},
        "report frozen -o": {"html", "htm"},
        "export": {"gpkg", "graphml", "xlsx"},
        "new": set(),
        "osm read banks.osm -o": set(),
    }
    for line, taken in lines.items():
        for suffix in (
            {*FILE_TYPES, "docx"}
            - taken
            - ({"docx"} if line in ("export", "new") or "osm" in line else set())
        ):
            for name in (f"карта.{suffix}", f"X.{suffix.upper()}"):
                code, out, err = call(*line.split(), name)
                assert (code, out) == (2, ""), (line, name)
                assert "expected" in err, (line, name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_map_is_drawn_as_a_figure(call: Call, tmp_path: Path) -> None:
    for line, name, start in (
        ("map network --on 2026-02-10 -o", "a.PDF", b"%PDF"),
        ("map compare frozen open -o", "b.png", b"\x89PNG"),
        ("map season --year 2026 -o", "c.svg", b"<?xml"),
    ):
        assert call(f"{line} {name}")[:2] == (0, "")
        assert (tmp_path / name).read_bytes().startswith(start)
    code, _, err = call("map compare baseline warm_2c warm_3c --on 2026-02-10 -o d.pdf")
    assert (code, "expected one or two" in err) == (2, True)


def test_json_and_csv_are_the_same_in_every_language(call: Call, tmp_path: Path) -> None:
    for form in ("json", "csv", "geojson"):
        answers = {
            call(f"state --on 2026-02-10 --format {form} --lang {lang}")[1] for lang in ("en", "ru", "zh")
        }
        assert len(answers) == 1
    files = []
    for lang in ("en", "zh"):
        assert call(f"state --on 2026-02-10 --lang {lang} -o {lang}.csv")[0] == 0
        files.append([path.read_bytes() for path in sorted(tmp_path.glob(f"{lang}*.csv"))])
    assert files[0] == files[1]


def test_exits_answer_first_and_count_the_closed_ones(call: Call) -> None:
    line = "exits Blagoveshchensk --on 2026-11-28"
    rows = json.loads(call(f"{line} --format json")[1])["exits"]
    usable = [row for row in rows if row["status"] in ("open", "limited")]
    for lang, names in (
        ("en", ["Kani-Kurgan", "Vanino", "China"]),
        ("ru", ["Кани-Курган", "Ванино", "Китай"]),
    ):
        lines = call(f"{line} --lang {lang}")[1].splitlines()
        start = next(n for n, text in enumerate(lines) if text.startswith("─")) + 1
        table = lines[start : lines.index("", start)]
        sentence = " ".join(lines[3 : start - 2])
        assert all(name in sentence for name in names)
        assert len(table) == len(usable)
        assert str(len(rows) - len(usable)) in lines[start + len(usable) + 1]
        assert not [port for port in ("vanino", "sovetskaya_gavan") if port in "".join(lines)]


@pytest.mark.slow
def test_all_exits_have_their_reasons(call: Call) -> None:
    everything = call("exits Blagoveshchensk --on 2026-11-28 --all")[1]
    assert "not yet" in everything or "out of season" in everything


@pytest.mark.slow
def test_routes_answer_first_and_fold_the_closed_crossings(call: Call) -> None:
    out = call("routes Zeya Harbin --on 2026-02-17 --vehicle car --lang ru")[1]
    lines = out.splitlines()
    fastest = next(n for n, line in enumerate(lines) if line.startswith("Быстрее всего:"))
    assert "не допускается ни на одном переходе" in " ".join(lines[1:fastest])
    assert "вероятность" in " ".join(lines[fastest : fastest + 3])
    assert "праздники" not in out
    assert "Хабаровск" not in out
    assert "Хабаровск" in call("routes Zeya Harbin --on 2026-02-17 --vehicle car --lang ru --all")[1]
    departing = call("routes Svobodny Heihe --depart 2027-01-20T14:00 --lang ru")
    assert departing[0] == 0
    assert "20.01.2027 14:00 (Амурская область, UTC+9)" in departing[1]
    assert "Р-297" in departing[1]


def test_routes_say_by_which_crossing_the_estimates_leave_no_room_for_trucks(call: Call) -> None:
    ferry = "routes Blagoveshchensk Heihe --on 2026-07-15 --scenario no_bridge"
    for lang, words in {
        "en": "Blagoveshchensk, ferry: by estimate no room for trucks (0–40 a day)",
        "ru": "Благовещенск, паром: по оценке, места для грузовиков нет (0–40 в сутки)",
        "zh": "布拉戈维申斯克轮渡：估计无货车通过能力（每日0–40辆）",
    }.items():
        assert call(f"{ferry} --lang {lang}")[1].count(words) == 1
    # Neither for passengers, nor without the ferry among the routes, nor when trucks went aboard.
    for other in (
        f"{ferry} --vehicle passenger",
        f"{ferry} --avoid blagoveshchensk:ferry",
        "routes Blagoveshchensk Heihe --on 2019-07-15",
    ):
        assert "no room for trucks" not in call(other)[1]


def test_the_table_of_a_single_scenario_has_queues_of_neighbours_and_diversions(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    alone, beside = (
        call(f"queues {names} --from 2026-07-06 --to 2026-07-12")[1].split("Without the bridge: queues")[1]
        for names in ("no_bridge", "baseline no_bridge")
    )
    rows = [
        [line.split("  ")[0], line.split()[-1]]
        for line in alone.splitlines()
        if "ferry" in line or "bridge" in line
    ]
    assert alone == beside
    assert [name for name, _ in rows] == [
        "Amurzet, ferry",
        "Kani-Kurgan, road bridge",
        "Nizhneleninskoye, ferry",
        "Pokrovka, ferry",
    ]
    assert int(rows[1][1].replace(",", "")) > 1000
