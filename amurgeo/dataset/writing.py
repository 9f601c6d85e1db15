"""Tables out: flat frames as CSV files and workbooks that every office program opens."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.files import replacing
from amurgeo.errors import InputError

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
    with replacing(path) as beside, open(beside, "w", encoding="utf-8-sig", newline="") as file:
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
    with replacing(path) as beside:
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
