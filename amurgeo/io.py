"""Atomic writing of files and folders, CSV and Excel, the user's cache, and values as JSON."""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo._version import __version__
from amurgeo.errors import InputError
from amurgeo.text import cell_width, digits

#: Characters that XML, and so a workbook, cannot contain.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MAX_CELL, _MAX_SHEET, _MAX_ROWS = 32767, 31, 1_048_575
#: How text begins that a spreadsheet takes for a formula when it is typed in again.
_FORMULAS = ("=", "+", "-", "@", "\t", "\n")
#: Excel's format of a date by language.
_DAY_FORMATS = {"en": "yyyy-mm-dd", "ru": "dd.mm.yyyy", "zh": "yyyy-mm-dd"}
#: Endings of a name that is meant as a file.
FILE_TYPES = (
    "csv", "geojson", "gpkg", "graphml", "html", "htm", "json", "ods", "parquet", "pdf", "png", "shp", "svg",
    "toml", "txt", "xls", "xlsx", "xml", "zip",
)  # fmt: skip
#: Variable with the folder of the cache, empty for none; the folder of other programs' caches by platform.
CACHE_VARIABLE = "AMURGEO_CACHE"
_CACHES = {"win32": "~/AppData/Local", "darwin": "~/Library/Caches"}
#: Number of cached values to keep of a kind.
_KEPT = 4
#: Files that are written together: what moves or removes them at the end, and their paths.
_TOGETHER: ContextVar[tuple[ExitStack, set[str]] | None] = ContextVar("together", default=None)


def as_path(what: str, given: Any) -> Path:
    """Return a path given as text or as a path; raise InputError for anything else."""
    if not isinstance(given, str | os.PathLike) or not str(given):
        raise InputError(f"{what} is invalid: {given!r:.60}; expected a path")
    return Path(given)


def check_suffix(path: str | Path, *suffixes: str) -> str:
    """Return the ending of a file name in small letters; raise InputError if it is another one."""
    suffix = as_path("path", path).suffix.lower().removeprefix(".")
    if suffix not in suffixes:
        *first, last = (f".{name}" for name in suffixes)
        valid = f"{', '.join(first)} or {last}" if first else last
        raise InputError(f"the file name is invalid: '{Path(path).name}'; expected one that ends in {valid}")
    return suffix


def check_folder_name(folder: str | Path, expected: str = "a folder") -> Path:
    """Return the path of a folder to write; raise InputError if it is a file, or named as one."""
    path = as_path("folder", folder)
    if os.path.exists(path) and not path.is_dir():
        raise InputError(f"the folder is invalid: '{path}' is a file; expected {expected}")
    if path.suffix.lower().removeprefix(".") in FILE_TYPES and not path.is_dir():
        raise InputError(f"the folder is invalid: '{path.name}' is the name of a file; expected {expected}")
    return path


def write_error(path: str | Path, error: Exception) -> InputError:
    """Return the error for a file or folder that could not be written."""
    reason = getattr(error, "strerror", None) or error
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return InputError(f"cannot write '{path}': {reason}; make room there, or give a path on another disk")
    return InputError(f"cannot write '{path}': {reason}; give a path in a folder you may write to")


@contextmanager
def together() -> Iterator[None]:
    """Move the files written in the block to their places when it ends well; write none if it fails.

    Those of a block within another one move when the outer block ends.
    """
    if _TOGETHER.get() is not None:
        yield
        return
    with ExitStack() as stack, _set_together((stack, set())):
        yield


@contextmanager
def _set_together(files: tuple[ExitStack, set[str]] | None) -> Iterator[None]:
    token = _TOGETHER.set(files)
    try:
        yield
    finally:
        _TOGETHER.reset(token)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside `path` that replaces it on success; on failure the old file stays."""
    if problem := _not_replaceable(path):
        raise InputError(f"cannot write '{path}': {problem}")
    try:
        with ExitStack() as own:
            stack, paths = _TOGETHER.get() or (own, set())
            path.parent.mkdir(parents=True, exist_ok=True)
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=".amurgeo-", dir=path.parent))
            paths.add(os.path.realpath(path))
            temporary = Path(folder) / path.name
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())

            def move(failed: type[BaseException] | None, *_: Any) -> None:
                if failed is None:
                    try:
                        os.replace(temporary, path)
                    except OSError as error:
                        raise write_error(path, error) from error

            stack.push(move)
    except OSError as error:
        raise write_error(path, error) from error


def _not_replaceable(path: Path) -> str | None:
    """Return why a path must not be replaced, although moving a file over it would succeed."""
    if "\0" in str(path):
        return "the name contains a NUL character; give another name"
    if os.path.isdir(path):
        return "it is a folder; give the name of a file in it"
    if os.path.exists(path) and not os.path.isfile(path):
        return "it is not a regular file; give the name of a file"
    if os.path.realpath(path) in (_TOGETHER.get() or (None, ()))[1]:
        return "it is given for two files; give each another name"
    if os.path.exists(path) and not os.access(path, os.W_OK):
        return "the file is read-only; give another path, or allow writing"
    return None


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that replaces `folder` as a whole on success; raise InputError otherwise.

    Replacing a folder takes two moves. A program killed between them leaves the old folder whole under a
    temporary name; the next writer restores it first.
    """
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise InputError(f"cannot write '{folder}': it is not a folder; give the name of a new folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for backup in sorted(folder.parent.glob(f".{escape(folder.name)}-*-old")):
            if os.path.lexists(folder):
                break
            os.replace(backup, folder)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except (OSError, ValueError) as error:
        raise write_error(folder, error) from error
    backup = temporary.with_name(f"{temporary.name}-old")
    try:
        with _set_together(None):
            yield temporary
        temporary.chmod(0o755)  # mkdtemp makes folders that only their owner may read
        if folder.exists():
            os.replace(folder, backup)
        os.replace(temporary, folder)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if backup.exists() and not folder.exists():
            os.replace(backup, folder)
        if isinstance(error, OSError):
            raise write_error(folder, error) from error
        raise
    shutil.rmtree(backup, ignore_errors=True)


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write a file atomically; raise InputError if it cannot be written."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(data)


class Cached:
    """A JSON value in the user's cache, derived from files by this version of the package.

    The name of its file has the digest of the files, its first line that of its content: what is stale or
    damaged is not found. JSON cannot run code, whoever writes it.
    """

    def __init__(self, kind: str, paths: Iterable[Path]) -> None:
        usual = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser(_CACHES.get(sys.platform, "~/.cache"))
        own = os.path.join(usual, "amurgeo") if os.path.isabs(usual) else ""
        self._folder, digest = os.environ.get(CACHE_VARIABLE, own), sha256(f"{__version__} ".encode())
        try:
            for path in paths if self._folder else ():
                digest.update(f"{path.name} {sha256(path.read_bytes()).hexdigest()} ".encode())
        except OSError:
            self._folder = ""
        self._kind, self._path = kind, Path(self._folder, f"{kind}-{digest.hexdigest()[:32]}.json")

    def read(self) -> Any:
        """Return the value; None if there is none."""
        with suppress(OSError, ValueError):
            checksum, _, content = (self._path.read_bytes() if self._folder else b"").partition(b"\n")
            if checksum == sha256(content).hexdigest().encode():
                return json.loads(content)
        return None

    def write(self, make: Callable[[], Any]) -> None:
        """Keep what a function returns, if the folder can be written; remove the oldest of the kind."""
        with suppress(OSError, ValueError), _set_together(None):
            if self._folder:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                content = json.dumps(make(), ensure_ascii=False, separators=(",", ":")).encode()
                write_bytes_atomic(self._path, b"\n".join([sha256(content).hexdigest().encode(), content]))
                paths = self._path.parent.glob(f"{self._kind}-*.json")
                for old in sorted(paths, key=lambda path: path.stat().st_mtime)[:-_KEPT]:
                    old.unlink(missing_ok=True)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; missing and infinite numbers become None."""
    if isinstance(value, np.generic) and not isinstance(value, np.datetime64):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray | pd.Series | pd.Index):
        return [plain(item) for item in value]
    if hasattr(value, "wkt"):
        return str(value.wkt)
    if pd.isna(value) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, pd.Timestamp) and value.tzinfo is None and value == value.normalize():
        value = value.date()
    return value.isoformat() if isinstance(value, date) else value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries of `plain` values; named index levels come first."""
    levels = [name for name in frame.index.names if name is not None]
    columns = [frame.index.get_level_values(name) for name in levels]
    columns += [frame.iloc[:, position] for position in range(frame.shape[1])]
    names = [*levels, *frame.columns]
    return [dict(zip(names, map(plain, row), strict=True)) for row in zip(*columns, strict=True)]


def csv_text(
    rows: pd.DataFrame | Iterable[Mapping[str, Any]],
    columns: Sequence[str] | None = None,
    *,
    headings: Sequence[str] | None = None,
    header: bool = True,
    yes_no: bool = False,
) -> str:
    r"""Return rows as CSV text: missing cells empty, lists joined with ``;``, integers without point.

    With `yes_no`, booleans are yes and no, as in the dataset, instead of True and False.

    >>> csv_text([{"id": "a", "hours": 2.0, "sources": ["s1", "s2"]}], ["id", "hours", "sources", "note"])
    'id,hours,sources,note\na,2,s1;s2,\n'
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), dtype=object)
    columns = list(frame.columns if columns is None else columns)
    cells = frame.reindex(columns=columns).itertuples(index=False, name=None)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(columns if headings is None else headings)
    writer.writerows([_cell_text(value, yes_no) for value in row] for row in cells)
    return text.getvalue()


def _cell_text(value: Any, yes_no: bool) -> str:
    if yes_no and isinstance(value, float) and math.isinf(value):
        return str(value)
    value = plain(value)
    if isinstance(value, list):
        return ";".join(_cell_text(item, yes_no) for item in value)
    if isinstance(value, bool) and yes_no:
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else re.sub("\r\n?", "\n", str(value))  # csv does not quote a lone "\r"


def toml_lines(table: Mapping[str, Any]) -> str:
    """Return keys and values as lines of TOML; mappings are inline tables.

    >>> print(toml_lines({"days": "11-10", "limit_t": 20.0, "add": {"kind": "road"}}), end="")
    days = "11-10"
    limit_t = 20.0
    add = {kind = "road"}
    """
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in table.items())


def _toml_value(value: Any) -> str:
    """Return a value in TOML; its strings are those of JSON, but for one character."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml_value(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_csv(
    path: Path,
    rows: pd.DataFrame | Iterable[Mapping[str, Any]],
    columns: Sequence[str] | None = None,
    *,
    bom: bool = True,
    **options: Any,
) -> None:
    """Write `csv_text` to a file atomically, with a byte-order mark by which Excel recognises UTF-8."""
    write_bytes_atomic(path, csv_text(rows, columns, **options).encode("utf-8-sig" if bom else "utf-8"))


def flat(frame: Any) -> Any:
    """Return a frame with its index as columns (an unnamed one is ``id``) and lists as text."""
    if isinstance(frame.index, pd.RangeIndex):
        table = frame.reset_index(drop=True)
    else:
        table = (frame.rename_axis("id") if frame.index.names == [None] else frame).reset_index()
    mixed = [name for name in table.columns if table[name].dtype == object and name != "geometry"]
    return table.assign(**{name: _typed(table[name]) for name in mixed})


def _typed(column: pd.Series) -> pd.Series:
    """Return an object column with lists as text; as nullable booleans if it holds nothing else."""
    filled = column.dropna()
    if len(filled) and filled.map(lambda cell: isinstance(cell, bool | np.bool_)).all():
        return column.astype("boolean")
    return column.map(lambda cell: ";".join(map(str, cell)) if isinstance(cell, list | tuple) else cell)


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its title, rows, and headings of their columns; `plain` ones have no filter."""

    title: str
    frame: pd.DataFrame
    headings: Sequence[str]
    plain: bool = False


def write_workbook(path: Path, sheets: Sequence[Sheet], *, lang: str = "en") -> None:
    """Write an Excel workbook; the same sheets give the same bytes.

    Text is never a formula. Dates are dates in the form of the language, numbers have the digits of their
    column.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for page in sheets:
        title, frame = page.title, page.frame
        if len(frame) > _MAX_ROWS:
            raise InputError(f"'{title}' has {len(frame)} rows, a sheet holds {_MAX_ROWS}; write it as .csv")
        sheet = book.create_sheet(_sheet_name(title, book.sheetnames))
        formats = [_number_format(name) for name in frame.columns]
        widths = [max(map(cell_width, text.split()), default=0) for text in page.headings]
        for line, row in enumerate([page.headings, *frame.itertuples(index=False, name=None)], 1):
            for position, value in enumerate(map(_workbook_value, row)):
                if value is None:
                    continue
                cell = sheet.cell(line, position + 1)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula, even if it begins with =
                    cell.quotePrefix = value.startswith(_FORMULAS)
                elif isinstance(value, date):
                    cell.number_format = _DAY_FORMATS[lang] + _clock(value)
                elif isinstance(value, float):
                    cell.number_format = formats[position]
                if line == 1 or page.plain:
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
                if line == 1:
                    cell.font = Font(bold=True)
                if line > 1:
                    widths[position] = max(
                        widths[position], cell_width(f"{value:%x}" if isinstance(value, date) else str(value))
                    )
        for position, most in enumerate(widths, 1):
            limit = 100 if page.plain else 60
            sheet.column_dimensions[get_column_letter(position)].width = min(max(most + 2, 8), limit)
        sheet.freeze_panes = "A2"
        if len(frame) and not page.plain:
            sheet.auto_filter.ref = sheet.dimensions
    stream = io.BytesIO()
    book.save(stream)
    write_bytes_atomic(path, _without_stamps(stream.getvalue()))


def _clock(value: date) -> str:
    return " hh:mm" if isinstance(value, datetime) and value.time() != time() else ""


def _number_format(name: Any) -> str:
    places = digits(str(name))
    return "General" if places is None else f"0.{'0' * min(places, 2)}{'#' * (places - 2)}".rstrip(".")


def _without_stamps(data: bytes) -> bytes:
    """Return a workbook without the moments at which it and its parts were written."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = re.sub(rb"(<dcterms:\w+ [^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _workbook_value(value: Any) -> Any:
    if isinstance(value, pd.Timestamp) and not pd.isna(value):
        return value.tz_localize(None).to_pydatetime()
    if isinstance(value, date) and not pd.isna(value):
        return value
    value = plain(value)
    if isinstance(value, list):
        value = ";".join(map(str, value))
    return re.sub("\r\n?", "\n", _NOT_XML.sub("", value))[:_MAX_CELL] if isinstance(value, str) else value


def _sheet_name(title: str, existing: Sequence[str]) -> str:
    stem = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:_MAX_SHEET] or "1"
    name, number = stem, 2
    while name.casefold() in {sheet.casefold() for sheet in existing}:
        name = f"{stem[: _MAX_SHEET - 4]} {number}"
        number += 1
    return name
