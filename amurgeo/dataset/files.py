"""Files written whole or not at all: beside their place first, then moved into it."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


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

    Examples
    --------
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with replacing(target) as beside:
    ...     _ = beside.write_text("whole")
    >>> target.read_text(), len(list(target.parent.iterdir()))
    ('whole', 1)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
        beside = Path(folder) / path.name
        yield beside
        with open(beside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
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
