"""Files written whole or not at all: beside their place first, then moved into it."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import shutil
import struct
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError

#: What reading a broken file of arrays can raise.
BROKEN_ARRAYS = (
    OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError,
    SyntaxError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_error(path: str | Path, error: Exception) -> InputError:
    """Make the error for a file or folder that cannot be written.

    Examples
    --------
    >>> print(write_error("a.html", OSError(errno.ENOSPC, "No space left on device")))
    cannot write 'a.html': No space left on device; make room there, or give a path on another disk
    """
    said = getattr(error, "strerror", None) or error
    full = getattr(error, "errno", None) in _NO_ROOM
    right = (
        "make room there, or give a path on another disk"
        if full
        else "give a path in a folder you may write to"
    )
    return InputError(f"cannot write '{path}': {said}; {right}")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary file beside a path; it takes the path's place when the block ends well.

    Parameters
    ----------
    path
        The file to be written; its folder is made when missing.

    Yields
    ------
    Path
        Where to write: same folder, same ending. When the block fails the old file stays as it was.

    Raises
    ------
    InputError
        When the file cannot be written, is marked as not to be written, or is no ordinary file.

    Examples
    --------
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic_write(target) as beside:
    ...     _ = beside.write_text("whole")
    >>> target.read_text(), len(list(target.parent.iterdir()))
    ('whole', 1)
    """
    _refuse_unwritable(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".amurgeo-", dir=path.parent) as folder:
            beside = Path(folder) / path.name
            yield beside
            with open(beside, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(beside, path)
    except OSError as error:
        raise write_error(path, error) from error


def _refuse_unwritable(path: Path) -> None:
    """Raise for what a move would replace although nobody could write to it: devices, protected files."""
    if "\0" in str(path):
        raise InputError(f"cannot write '{path}': no file can have that name; give another one")
    if not os.path.lexists(path):
        return
    if os.path.isdir(path):
        raise InputError(f"cannot write '{path}': it is a folder; give the name of a file in it")
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"cannot write '{path}': it is no ordinary file; give the name of a file")
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise InputError(f"cannot write '{path}': the file is read-only; give another path, or allow writing")


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside a path; it takes the path's place when the block ends well.

    Parameters
    ----------
    folder
        The folder to be written; one that is there already is replaced as a whole.

    Yields
    ------
    Path
        Where to write. When the block fails the old folder stays as it was.

    Raises
    ------
    InputError
        When it cannot be written.

    Notes
    -----
    A folder cannot be replaced in one step. A program that is killed between the two moves leaves the old
    folder whole under a name beside its place; the next writer puts it back first.

    Examples
    --------
    >>> target = Path(tempfile.mkdtemp()) / "a"
    >>> with atomic_folder(target) as beside:
    ...     _ = (beside / "b.txt").write_text("whole")
    >>> [path.name for path in target.iterdir()], len(list(target.parent.iterdir()))
    (['b.txt'], 1)
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in sorted(folder.parent.glob(f".{escape(folder.name)}-*-old")):
            if os.path.lexists(folder):
                break
            os.replace(left, folder)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except (OSError, ValueError) as error:
        raise write_error(folder, error) from error
    old = fresh.with_name(f"{fresh.name}-old")
    try:
        yield fresh
        # A folder for one's own use: as readable as any other that one makes.
        fresh.chmod(0o755)
        if folder.exists():
            os.replace(folder, old)
        os.replace(fresh, folder)
    except BaseException as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            os.replace(old, folder)
        if isinstance(error, OSError):
            raise write_error(folder, error) from error
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    with atomic_write(path) as beside:
        beside.write_bytes(data)


def csv_text(
    columns: list[str], lines: Sequence[Mapping[str, str]], *, header: bool = True, end: str = "\n"
) -> str:
    """Return rows as CSV text; what a row does not hold is left empty.

    Examples
    --------
    >>> csv_text(["id", "note"], [{"id": "a"}]).splitlines()
    ['id,note', 'a,']
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator=end, extrasaction="ignore")
    if header:
        writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue()


#: Characters that no workbook can hold.
_UNHOLDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MAX_CELL, _MAX_SHEET, _MAX_ROWS = 32767, 31, 1_048_575


def flat(frame: Any) -> Any:
    """Return a frame with its index as columns and lists as text."""
    if isinstance(frame.index, pd.RangeIndex):
        named = frame.reset_index(drop=True)
    else:
        named = (frame.rename_axis("id") if frame.index.names == [None] else frame).reset_index()
    mixed = [name for name in named.columns if named[name].dtype == object and name != "geometry"]
    return named.assign(**{name: _plain(named[name]) for name in mixed})


def _plain(column: pd.Series) -> pd.Series:
    """Return a mixed column with lists as text, and one of yes, no and nothing as what it is."""
    filled = column.dropna()
    if len(filled) and filled.map(lambda cell: isinstance(cell, bool | np.bool_)).all():
        return column.astype("boolean")
    return column.map(_joined)


def _joined(cell: Any) -> Any:
    return ";".join(map(str, cell)) if isinstance(cell, list | tuple) else cell


def write_csv(path: Path, frame: pd.DataFrame, *, headings: Sequence[str]) -> None:
    """Write a table as CSV with a byte-order mark, so that Excel reads Cyrillic and Chinese."""
    with atomic_write(path) as beside, open(beside, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(
            [_cell_text(cell) for cell in row] for row in frame.itertuples(index=False, name=None)
        )


def _cell_text(cell: Any) -> str:
    if cell is None or (not isinstance(cell, str) and np.ndim(cell) == 0 and pd.isna(cell)):
        return ""
    if isinstance(cell, pd.Timestamp):
        return str(cell.date() if cell == cell.normalize() else cell.isoformat())
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell.wkt) if hasattr(cell, "wkt") else str(cell)


def write_workbook(path: Path, sheets: Sequence[tuple[str, pd.DataFrame, list[str]]]) -> None:
    """Write tables as sheets of a workbook: title, rows and headings of each.

    Raises
    ------
    InputError
        When a table has more rows than a workbook can hold.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for title, frame, heads in sheets:
        if len(frame) > _MAX_ROWS:
            raise InputError(
                f"'{title}' has {len(frame)} rows, a workbook holds {_MAX_ROWS}; write it as .csv"
            )
        sheet = book.create_sheet(_sheet_name(title, book.sheetnames))
        for column, text in enumerate(heads, 1):
            cell = sheet.cell(1, column, text)
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        widths = [len(text) for text in heads]
        for line, row in enumerate(frame.itertuples(index=False, name=None), 2):
            for column, value in enumerate(row, 1):
                held = _held(value)
                if held is None:
                    continue
                cell = sheet.cell(line, column)
                cell.value = held
                if isinstance(held, str):
                    # Text that begins with = is text and no formula.
                    cell.data_type = "s"
                elif isinstance(value, pd.Timestamp):
                    cell.number_format = "yyyy-mm-dd"
                widths[column - 1] = max(widths[column - 1], len(str(held)))
        for column, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = min(max(width + 2, 8), 60)
        sheet.freeze_panes = "A2"
        if len(frame):
            sheet.auto_filter.ref = sheet.dimensions
    with atomic_write(path) as beside:
        book.save(beside)


def _held(value: Any) -> Any:
    """Return what a workbook's cell can hold; None for nothing."""
    if value is None or (not isinstance(value, str) and np.ndim(value) == 0 and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.tz_localize(None).to_pydatetime() if value.tzinfo else value.to_pydatetime()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, bool | int | float):
        return value
    return _UNHOLDABLE.sub("", str(getattr(value, "wkt", value)))[:_MAX_CELL]


def _sheet_name(title: str, taken: Sequence[str]) -> str:
    """Return a name that every office program takes: short, without brackets and slashes, unique."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:_MAX_SHEET] or "1"
    name, number = plain, 2
    while name.casefold() in {other.casefold() for other in taken}:
        name = f"{plain[: _MAX_SHEET - 4]} {number}"
        number += 1
    return name
