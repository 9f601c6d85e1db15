"""Files of a dataset: tables as people save them, as cells of text, and map layers."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import TABLES, geo_dir, schema, table_names
from amurgeo.dataset.values import respell
from amurgeo.errors import DataError, Fault, InputError, unknown_name_error

if TYPE_CHECKING:
    import geopandas as gpd

#: Endings of files with tables: text, workbooks with a table per sheet, GeoPackages with a table per layer.
ENDINGS = (".csv", ".xlsx", ".gpkg")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: Encodings of Russian and Chinese Windows, told apart by their letters.
_OLD_ENCODINGS = ("cp1251", "gb18030")


@dataclass
class Cells:
    """The cells of a table as text."""

    #: Name of the file, with the sheet or layer.
    label: str
    #: The stripped cells by column, empty if missing, and the line in which each row begins.
    columns: dict[str, list[str]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    #: What separates the cells of a line.
    separator: str = ","
    #: How the file was read, where it is not written as this package writes it; why it cannot be read.
    remarks: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int | None, check: str, problem: str) -> Cells:
        """Return the cells with one more fault, without rows."""
        self.columns, self.lines = {}, []
        self.faults.append(Fault(self.label, line, None, check, problem))
        return self


def table_files(folder: Path) -> dict[str, list[tuple[Path, str]]]:
    """Return the files of a folder with a table, each with its sheet or layer (empty for CSV), by table.

    A file is named after its table in any letter case, and so is a sheet of any workbook or a layer of any
    GeoPackage. CSV files come first.

    >>> from amurgeo.dataset.schema import geo_dir
    >>> [(path.name, part) for path, part in table_files(geo_dir())["places"]]
    [('places.csv', '')]
    """
    found: dict[str, list[tuple[Path, str]]] = {}
    for path in files_with_tables(folder):
        ending, stem = path.suffix.lower(), path.stem.lower()
        if ending == ".csv":
            parts = [(stem, "")]
        else:
            parts = [(part.strip().lower(), part) for part in _parts(path)]
            if len(parts) == 1 and stem in TABLES:
                parts = [(stem, parts[0][1])]
        for table, part in parts:
            found.setdefault(table, []).append((path, part))
    return found


def tables_in(*folders: Path) -> set[str]:
    """Return the names of the tables with a schema that some folders have."""
    return table_names() & set().union(*map(table_files, folders))


def files_with_tables(folder: Path) -> list[Path]:
    """Return the files of a folder that may hold tables, CSV first; none is opened."""
    files = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    shown = [
        path for path in files if path.suffix.lower() in ENDINGS and not path.name.startswith(("~$", "."))
    ]
    return sorted(shown, key=lambda path: (ENDINGS.index(path.suffix.lower()), path))


def _parts(path: Path) -> list[str]:
    """Return the sheets or layers of a file; one without a name if it cannot be opened."""
    if path.suffix.lower() == ".xlsx":
        with suppress(Exception):
            import openpyxl

            book = openpyxl.load_workbook(path, read_only=True)
            try:
                return list(book.sheetnames)
            finally:
                book.close()
    else:
        with suppress(Exception):
            import pyogrio

            return [str(name) for name, _ in pyogrio.list_layers(path)]
    return [""]


def read_cells(path: Path, table: str, part: str = "") -> Cells:
    """Return the cells of a table's file; numbers, days, and yes and no in the spelling of the package."""
    cells = Cells(f"{path.name} ({part})" if part else path.name)
    try:
        if path.suffix.lower() == ".xlsx":
            _read_sheet(cells, path, part)
        elif path.suffix.lower() == ".gpkg":
            _read_layer(cells, path, part)
        else:
            _read_text(cells, path, [column.name for column in schema(table)])
    except OSError as error:
        cells.fault(None, "file", f"the file cannot be read: {error.strerror or error}")
    names = {column.name for column in schema(table)}
    cells.columns = {
        name.lower() if name.lower() in names - set(cells.columns) else name: texts
        for name, texts in cells.columns.items()
    }
    cells.remarks += respell(cells.columns, schema(table), comma=cells.separator == ";")
    return cells


def tables_to_json(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return tables as JSON: names of the key, and for each column its name, type and values."""
    return {
        name: [
            list(frame.index.names),
            [
                [
                    column,
                    str(cells.dtype),
                    (cells.astype("int64") if cells.dtype.kind == "M" else cells).tolist(),
                ]
                for column, cells in frame.reset_index().items()
            ],
        ]
        for name, frame in tables.items()
    }


def tables_from_json(document: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables of `tables_to_json`; their texts are parts of one array, which is quick to make."""
    columns = [column for _, table in document.values() for column in table]
    pool = pd.Series(
        [text for _, type_, cells in columns if type_ == "str" for text in cells], dtype=str
    ).array
    start, tables = 0, {}
    for name, (keys, table) in document.items():
        values: dict[str, Any] = {}
        for column, type_, cells in table:
            if type_ == "str":
                values[column] = pool[start : start + len(cells)]
                start += len(cells)
            elif type_ == "object":
                values[column] = np.empty(len(cells), dtype=object)
                values[column][:] = [tuple(cell) if isinstance(cell, list) else cell for cell in cells]
            else:
                whole = "int64" if type_.startswith("datetime") else type_
                values[column] = np.array(cells, dtype=whole).view(type_)
        index = [values.pop(key) for key in keys]
        key = pd.MultiIndex.from_arrays(index, names=keys) if index[1:] else pd.Index(index[0], name=keys[0])
        tables[name] = pd.DataFrame(values, index=key)
    return tables


# -- text, sheets, layers -------------------------------------------------------------------------------


def _read_text(cells: Cells, path: Path, names: list[str]) -> Cells:
    content = path.read_bytes()
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes

        best = from_bytes(content, cp_isolation=list(_OLD_ENCODINGS)).best()
        if best is None or encoding != "utf-8":
            line = content[: error.start].count(b"\n") + 1
            return cells.fault(line, "encoding", "the file is not UTF-8; save it as 'CSV UTF-8'")
        encoding, text = best.encoding, str(best)
    if encoding not in ("utf-8", "utf-8-sig"):
        cells.remarks.append(f"encoded in {encoding}")
    first, _, rest = text.partition("\n")
    skipped = 0
    if (named := re.fullmatch(r"\"?sep=(.)\"?,*;*\s*", first)) and named[1] in _SEPARATORS:
        separator, text, skipped = named[1], rest, 1
    else:
        known = {mark: len(set(_split(first, mark)) & set(names)) for mark in _SEPARATORS}
        separator = max(known, key=lambda mark: known[mark])
    cells.separator = separator
    if separator != ",":
        cells.remarks.append(f"separated by {_SEPARATORS[separator]}")
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    rows, last = [], skipped
    try:
        for row in reader:
            end = reader.line_num + skipped
            # A row may begin after blank lines, and end some lines further on.
            rows.append((max(end - sum(cell.count("\n") for cell in row), last + 1), row))
            last = end
    except csv.Error:
        problem = "the line is not valid CSV; expected every quote closed"
        return cells.fault(reader.line_num + skipped, "csv", problem)
    return _take(cells, rows)


def _split(line: str, separator: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.split(separator)]


def _read_sheet(cells: Cells, path: Path, part: str) -> Cells:
    try:
        import openpyxl
    except ImportError:
        problem = "a workbook needs openpyxl; install amurgeo[export], or save the sheet as 'CSV UTF-8'"
        return cells.fault(None, "file", problem)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book[part]
        rows = [(line, [_plain(value) for value in row]) for line, row in enumerate(sheet.values, start=1)]
        book.close()
    except Exception:  # openpyxl raises errors of many kinds for other files
        problem = "the file is not a workbook; save it as .xlsx again, or as 'CSV UTF-8'"
        return cells.fault(None, "file", problem)
    cells.remarks.append("a sheet of a workbook")
    return _take(cells, rows)


def _read_layer(cells: Cells, path: Path, part: str) -> Cells:
    import pyogrio

    try:
        frame = pyogrio.read_dataframe(path, layer=part or None)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError):
        problem = "the file is not a GeoPackage; save the layer again, or its table as 'CSV UTF-8'"
        return cells.fault(None, "file", problem)
    if "geometry" in frame:
        points = frame.geometry.to_crs("EPSG:4326") if frame.crs else frame.geometry
        if "lat" not in frame and set(points.geom_type) == {"Point"}:
            frame = frame.assign(lat=points.y.round(6), lon=points.x.round(6))
        frame = frame.drop(columns="geometry")
    cells.remarks.append("a layer of a GeoPackage")
    rows = [[_plain(value) for value in row] for row in frame.astype(object).itertuples(index=False)]
    return _take(cells, [(1, list(frame.columns)), *enumerate(rows, start=2)])


def _plain(value: Any) -> str:
    """Return a value of a workbook or layer as this package writes it."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def _take(cells: Cells, rows: Iterable[tuple[int, list[str]]]) -> Cells:
    """Fill the cells from rows with their lines, the header first; leave out empty rows and columns."""
    stripped = ((line, [cell.strip() for cell in row]) for line, row in rows)
    filled = [(line, row) for line, row in stripped if any(row)]
    if not filled:
        problem = "the file is empty; expected a first line with the column names"
        return cells.fault(1, "empty", problem)
    (top, header), *body = filled
    while not header[-1]:
        header.pop()
    if twice := [name for name in header if header.count(name) > 1]:
        return cells.fault(top, "csv", f"the column '{twice[0]}' is there twice; expected it once")
    width = len(header)
    if long := [line for line, row in body if any(row[width:])]:
        problem = "the line has more cells than the header; expected text with separators in quotes"
        return cells.fault(long[0], "csv", problem)
    short = [[*row[:width], *[""] * (width - len(row))] for _, row in body]
    cells.columns = {name: [row[place] for row in short] for place, name in enumerate(header)}
    cells.lines = [line for line, _ in body]
    return cells


# -- map layers --------------------------------------------------------------------------------------


def layer_names(folder: Path | None = None) -> list[str]:
    """Return the names of the map layers of a dataset's folder, by default of the shipped one."""
    return sorted(path.stem for path in _layers(folder).glob("*.geojson"))


def read_layer(name: str, folder: Path | None = None) -> gpd.GeoDataFrame:
    """Return a map layer in degrees, with a geometry and a unique ``id`` in every row.

    The file is read again only after it changes. Raise InputError for an unknown name, and DataError with all
    faults of the file.
    """
    if not (names := layer_names(folder)):
        raise InputError(f"the dataset has no layer '{name}'; add layers/{name}.geojson")
    if name not in names:
        raise unknown_name_error("layer", name, names)
    path = _layers(folder) / f"{name}.geojson"
    stat = path.stat() if path.exists() else None
    return _read(path, None if stat is None else (stat.st_mtime_ns, stat.st_size)).copy(deep=False)


@lru_cache(maxsize=32)
def _read(path: Path, stamp: tuple[int, int] | None) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import shapely
    from pyogrio.errors import DataLayerError, DataSourceError

    text = "the file is not readable GeoJSON; export the layer again"
    unreadable = Fault(path.name, None, None, "layer", text)
    try:
        # GDAL leaves out what it warns of.
        with warnings.catch_warnings(record=True) as omissions:
            warnings.simplefilter("always")
            frame = gpd.read_file(path, engine="pyogrio")
        if isinstance(frame, gpd.GeoDataFrame) and len(frame):
            frame = frame.to_crs("EPSG:4326")
    except (DataSourceError, DataLayerError, OSError, ValueError, shapely.GEOSException):
        raise DataError([unreadable]) from None
    if omissions:
        raise DataError([replace(unreadable, problem=f"{text} ({omissions[0].message})")])
    faults = [Fault(path.name, None, column, "layer", text) for column, text in _problems(frame)]
    if faults:
        raise DataError(faults)
    return frame.astype({"id": str}) if len(frame) else frame


def _layers(folder: Path | None) -> Path:
    return (geo_dir() if folder is None else folder) / "layers"


def _problems(frame: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the columns of a layer that are invalid, and why."""
    import geopandas as gpd
    import shapely

    if not len(frame):
        return []
    if not isinstance(frame, gpd.GeoDataFrame):
        return [("geometry", "no feature has a geometry; expected a line or polygon in every feature")]
    problems = []
    if "id" not in frame:
        problems.append(("id", "features have no property 'id'; expected a unique id in every feature"))
    else:
        repeated = frame["id"][frame["id"].duplicated() & frame["id"].notna()].unique()
        problems += [("id", f"duplicate id '{id_}'; give each feature another id") for id_ in repeated]
        if missing := int(frame["id"].isna().sum()):
            problems.append(("id", f"{missing} features have no id; expected a unique id in every feature"))
    empty = shapely.is_missing(frame.geometry.array) | shapely.is_empty(frame.geometry.array)
    if empty.any():
        problems.append(("geometry", f"{int(empty.sum())} features have no geometry; draw or delete them"))
    for row in np.flatnonzero(~empty & ~shapely.is_valid(frame.geometry.array)):
        name = f"'{frame['id'].iloc[row]}'" if "id" in frame else str(row + 1)
        reason = shapely.is_valid_reason(frame.geometry.iloc[row]).lower().replace("[", " at ").rstrip("]")
        text = (
            f"the shape of feature {name} is invalid: {reason}; draw it again, or repair it with make_valid"
        )
        problems.append(("geometry", text))
    west, south, east, north = shapely.bounds(frame.geometry.array).T
    outside = ~empty & ~((west >= -180) & (south >= -90) & (east <= 180) & (north <= 90))
    if outside.any():
        text = f"{int(outside.sum())} features are outside the globe; expected degrees, longitude first"
        problems.append(("geometry", text))
    return problems
