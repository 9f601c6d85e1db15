"""Tables as files: they open again in their programs, and a wrong ending leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from amurgeo.cli import main

COMMANDS = {
    "state": ("state", "--on", "2026-02-10"),
    "matrix": ("matrix", "--origins", "Belogorsk", "--destinations", "Heihe,Harbin", "--on", "2026-02-10"),
    "exits": ("exits", "Blagoveshchensk", "--on", "2026-02-10"),
    "compare": ("compare", "frozen", "open", "--origins", "Belogorsk", "--destinations", "Heihe"),
    "calendar": ("calendar", "2024"),
    "routes": ("routes", "Belogorsk", "Heihe", "--on", "2026-02-10"),
    "dates": ("dates", "poyarkovo:ice_road", "--season", "2023/24"),
    "next": ("next", "--on", "2026-02-10"),
    "redundancy": ("redundancy", "2026", "--origins", "Belogorsk", "--destinations", "Heihe"),
}


def _run(*args: str) -> int:
    with pytest.raises(SystemExit) as done:
        main(list(args))
    return int(done.value.code or 0)


@pytest.mark.parametrize("ending", ["xlsx", "csv", "gpkg"])
@pytest.mark.parametrize("name", COMMANDS)
def test_the_file_opens_again(
    name: str, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"out.{ending}"
    code = _run(*COMMANDS[name], "-o", str(path))
    out, err = capsys.readouterr()
    assert (code, out) == (0, "")
    assert str(path) in err
    if ending == "xlsx":
        pytest.importorskip("openpyxl")
        sheets = pd.read_excel(path, sheet_name=None)
        assert len(sheets) >= 2
        assert all(len(frame) for frame in sheets.values())
    elif ending == "csv":
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert len(pd.read_csv(path, encoding="utf-8-sig"))
    else:
        layers = gpd.list_layers(path)["name"].tolist()
        assert "sources" in layers
        assert len(gpd.read_file(path, layer=layers[0]))
        if name in ("state", "routes"):
            assert gpd.read_file(path, layer=name).geometry.notna().all()
    # Nothing is left of what was written beside.
    assert {one.suffix for one in tmp_path.iterdir()} == {f".{ending}"}
    assert not [one for one in tmp_path.iterdir() if not one.name.startswith("out")]


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_ending_is_one_sentence_and_no_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run(*COMMANDS[name], "-o", str(tmp_path / "out.docx"))
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert ".xlsx, .csv or .gpkg" in err
    assert not list(tmp_path.iterdir())


def test_a_workbook_has_words_where_the_library_has_codes(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    for lang, status in (("en", "open"), ("ru", "открыто"), ("zh", "开放")):
        path = tmp_path / f"{lang}.xlsx"
        with pytest.raises(SystemExit):
            main(["state", "--on", "2026-02-10", "--lang", lang, "-o", str(path)])
        cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0].rows]
        assert status in cells[1]
        assert "kani_kurgan:bridge" in cells[1]


@pytest.mark.skipif(os.name != "posix", reason="asks a shell for a pipe")
def test_a_reader_that_leaves_early_is_no_fault() -> None:
    command = f"{sys.executable} -m amurgeo calendar 2026 --format csv | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
