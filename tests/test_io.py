"""Atomic files and folders, CSV and plain values."""

from __future__ import annotations

import csv
import json
import os
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

import amurgeo as ag
from amurgeo import io as files
from amurgeo.cli import main
from amurgeo.io import (
    atomic_folder,
    atomic_write,
    csv_text,
    plain,
    records,
    together,
    write_bytes_atomic,
    write_csv,
)  # fmt: skip


def test_folders_devices_and_bad_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ag.InputError, match="it is a folder"):
        write_bytes_atomic(tmp_path, b"new")
    with pytest.raises(ag.InputError, match="not a regular file"):
        write_bytes_atomic(Path(os.devnull), b"new")
    with pytest.raises(ag.InputError, match="NUL character"):
        write_bytes_atomic(tmp_path / "a\x00b", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(b"old")
    monkeypatch.setattr(files.os, "access", lambda *_: False)
    with pytest.raises(ag.InputError, match="the file is read-only"):
        write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"old")
    with pytest.raises(ag.InputError, match="cannot write"):
        write_bytes_atomic(tmp_path / "taken" / "new.txt", b"new")
    with pytest.raises(ag.InputError, match="cannot write"), atomic_folder(tmp_path / "taken" / "new"):
        pass
    with pytest.raises(ag.InputError, match="cannot write"), atomic_folder(tmp_path / "a\x00b"):
        pass
    for taken in (tmp_path / "taken", Path(os.devnull)):
        with pytest.raises(ag.InputError, match="is not a folder"), atomic_folder(taken):
            pass
    assert (tmp_path / "taken").read_bytes() == b"old"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_keeps_the_old_folder(tmp_path: Path, error: BaseException) -> None:
    folder = tmp_path / "area"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"old")
    wanted = ag.InputError if isinstance(error, OSError) else KeyboardInterrupt

    def write() -> None:
        with atomic_folder(folder) as fresh:
            (fresh / "a.csv").write_bytes(b"half")
            raise error

    with pytest.raises(wanted):
        write()
    assert (folder / "a.csv").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["area"]


def test_a_failed_second_move_restores_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "area"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"old")
    move, moves = os.replace, []

    def second_fails(start: Path, end: Path) -> None:
        moves.append(end)
        if len(moves) == 2:
            raise PermissionError(13, "Permission denied")
        move(start, end)

    monkeypatch.setattr(files.os, "replace", second_fails)
    with pytest.raises(ag.InputError, match="Permission denied"), atomic_folder(folder) as fresh:
        (fresh / "b.csv").write_bytes(b"new")
    assert [path.name for path in folder.iterdir()] == ["a.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["area"]


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with atomic_write(path) as one, atomic_write(path) as two:
        one.write_bytes(b"1" * 1000)
        two.write_bytes(b"2" * 10)
    assert path.read_bytes() in (b"1" * 1000, b"2" * 10)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_plain_values_are_json_and_keep_what_json_can_hold() -> None:
    cases = [
        (None, None), (np.nan, None), (pd.NaT, None), (pd.NA, None), (np.inf, None),
        (np.float32("nan"), None),
        (np.datetime64("NaT"), None), (True, True), (np.bool_(False), False), (3, 3), (np.int64(3), 3),
        (3.0, 3.0), (np.float64(1 / 3), 1 / 3), ("a", "a"), (np.str_("a"), "a"),
        (date(2026, 2, 10), "2026-02-10"), (pd.Timestamp("2026-02-10"), "2026-02-10"),
        (np.datetime64("2026-02-10T06:30"), "2026-02-10T06:30:00"),
        (datetime(2026, 2, 10, tzinfo=UTC), "2026-02-10T00:00:00+00:00"),
        (Point(127.5, 50.25), "POINT (127.5 50.25)"), (("a", np.nan), ["a", None]),
        (np.array([1, 2]), [1, 2]), ({"a": {"b": np.int8(1)}}, {"a": {"b": 1}}),
    ]  # fmt: skip
    for value, expected in cases:
        found = plain(value)
        assert (found, type(found)) == (expected, type(expected)), value
        json.dumps(found, allow_nan=False)


def test_records_hold_named_index_levels_and_plain_values() -> None:
    frame = pd.DataFrame(
        {"n": pd.array([1, None], dtype="Int64"), "on": pd.to_datetime(["2026-02-10", None])}
    )
    assert records(frame) == [{"n": 1, "on": "2026-02-10"}, {"n": None, "on": None}]
    index = pd.MultiIndex.from_tuples([("a", "cargo"), ("b", "cargo")], names=["crossing", "traffic"])
    assert records(frame[["n"]].set_index(index))[1] == {"crossing": "b", "traffic": "cargo", "n": None}
    assert records(frame.iloc[:0]) == []


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_csv_text_reads_back(rows: list[list[str]]) -> None:
    text = csv_text(pd.DataFrame(rows, columns=["a", "b"], dtype=object))
    assert list(csv.reader(StringIO(text, newline=""))) == [
        ["a", "b"],
        *([cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows),
    ]


def test_csv_cells_headings_and_byte_order_mark(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "n": 2.0, "open": True, "on": date(2026, 2, 10), "list": ("x", "y"), "other": 1},
        {"n": np.nan},
    ]
    columns = ["id", "n", "open", "on", "list"]
    assert csv_text(rows, columns, header=False) == "a,2,True,2026-02-10,x;y\n,,,,\n"
    assert csv_text(rows[:1], ["open"], headings=["Open?"], yes_no=True) == "Open?\nyes\n"
    assert csv_text([]) == "\n"
    write_csv(tmp_path / "a.csv", pd.DataFrame(rows), columns)
    assert (tmp_path / "a.csv").read_text("utf-8-sig") == csv_text(rows, columns)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    write_csv(tmp_path / "a.csv", rows, ["id"], bom=False)
    assert (tmp_path / "a.csv").read_bytes() == b'id\na\n""\n'


def test_files_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_bytes(b"old")

    def write(*paths: Path) -> None:
        with together():
            for path in paths:
                write_bytes_atomic(path, b"new")

    for path, problem in ((tmp_path, "it is a folder"), (tmp_path / "." / "one.txt", "given for two files")):
        with pytest.raises(ag.InputError, match=problem):
            write(one, two, path)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one.txt": b"old"}
    with together(), atomic_folder(tmp_path / "area") as area:
        write_bytes_atomic(area / "a.csv", b"whole when the folder is moved")
    write(one, two)
    assert {path.name for path in tmp_path.iterdir()} == {"one.txt", "two.txt", "area"}
    assert one.read_bytes() == two.read_bytes() == b"new"
    assert [path.name for path in (tmp_path / "area").iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    "words",
    [
        "calendar 2026 --png a.png -o {no}/x.csv", "compare frozen open --png a.png --map {no}/x.html",
        "routes Zeya Heihe --on 2026-02-10 --png a.png --tcd a.png", "export a --formats csv,gpkg",
    ],
)  # fmt: skip
@pytest.mark.slow
def test_a_command_writes_all_its_files_or_none(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_bytes(b"")
    (tmp_path / "a" / "amurgeo.gpkg").mkdir(parents=True)
    with pytest.raises(SystemExit) as done:
        main(words.format(no="taken").split())
    out, err = capsys.readouterr()
    assert (done.value.code, out) == (2, "")
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["taken"]
