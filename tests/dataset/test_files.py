"""Files are written whole or not at all, and what cannot be written to is said before anything is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo import io as files
from amurgeo.io import atomic_folder, atomic_write, write_bytes_atomic


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ag.InputError, match="it is a folder"):
        write_bytes_atomic(tmp_path, b"new")
    with pytest.raises(ag.InputError, match="no ordinary file"):
        write_bytes_atomic(Path(os.devnull), b"new")
    with pytest.raises(ag.InputError, match="no file can have that name"):
        write_bytes_atomic(tmp_path / "a\x00b", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_marked_as_read_only_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(b"old")
    monkeypatch.setattr(files.os, "access", lambda *_: False)
    with pytest.raises(ag.InputError, match="the file is read-only"):
        write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_file_in_the_way_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"old")
    with pytest.raises(ag.InputError, match="cannot write"):
        write_bytes_atomic(tmp_path / "taken" / "new.txt", b"new")
    with pytest.raises(ag.InputError, match="cannot write"), atomic_folder(tmp_path / "taken" / "new"):
        pass
    with pytest.raises(ag.InputError, match="cannot write"), atomic_folder(tmp_path / "a\x00b"):
        pass


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_block_that_fails_leaves_the_old_folder(tmp_path: Path, error: BaseException) -> None:
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


def test_a_second_move_that_fails_puts_the_old_folder_back(
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
