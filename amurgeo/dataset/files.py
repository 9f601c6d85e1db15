"""Files written whole or not at all: beside their place first, then moved into it."""

from __future__ import annotations

import csv
import errno
import io
import os
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

from amurgeo.errors import InputError

#: What reading a broken file of arrays can raise.
BROKEN_ARRAYS = (
    OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError,
    SyntaxError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def cannot_write(path: str | Path, error: Exception) -> InputError:
    """Make the error for a file or folder that cannot be written.

    Examples
    --------
    >>> print(cannot_write("a.html", OSError(errno.ENOSPC, "No space left on device")))
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
def replacing(path: Path) -> Iterator[Path]:
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
    >>> with replacing(target) as beside:
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
        raise cannot_write(path, error) from error


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
def replacing_folder(folder: Path) -> Iterator[Path]:
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
    >>> with replacing_folder(target) as beside:
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
        raise cannot_write(folder, error) from error
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
            raise cannot_write(folder, error) from error
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    with replacing(path) as beside:
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
