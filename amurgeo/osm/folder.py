"""Folders made from OpenStreetMap: written whole or not at all, and read back."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import ARRAYS
from amurgeo.dataset.schema import key_columns, schema
from amurgeo.errors import InputError
from amurgeo.io import atomic_folder
from amurgeo.osm.area import BuiltArea

#: Above that many roads the area is written as arrays instead of tables.
TABLE_LIMIT = 20_000
REPORT_FILE = "osm_report.json"
NOTICE = """Roads, junctions and restrictions in this folder come from OpenStreetMap:

  (c) OpenStreetMap contributors, Open Database License (ODbL) 1.0
  https://www.openstreetmap.org/copyright
  https://opendatacommons.org/licenses/odbl/1-0/

The folder is a derivative database and stays under the ODbL: whoever passes it on names
OpenStreetMap as above and keeps the licence. Rows of places, terminals, crossings and roads
that carry shipped ids come from the dataset of amurgeo, whose own NOTICE holds for them.
"""


def write_area(area: BuiltArea, folder: Path, *, form: str = "auto") -> str:
    """Write an area as a folder that can be laid over the dataset.

    Parameters
    ----------
    area
        The area.
    folder
        Where to; a folder made by this function before is replaced, any other must not hold anything.
    form
        ``tables`` (places.csv and roads.csv), ``arrays`` (`osm_area.npz`, for large areas), or ``auto``: by
        size.

    Returns
    -------
    str
        The form that was written.

    Raises
    ------
    InputError
        When the folder holds something else.

    Notes
    -----
    Everything is first written beside the folder and then put in its place, so a stop half-way leaves
    what was there.
    """
    folder = Path(folder)
    check_folder(folder)
    if form == "auto":
        form = "tables" if len(area.graph.edges) <= TABLE_LIMIT else "arrays"
    with atomic_folder(folder) as fresh:
        _write(area, fresh, form)
    return form


def check_folder(folder: Path) -> None:
    """Raise when a folder holds what must not be replaced.

    Raises
    ------
    InputError
        When it is a file, or holds files that are not an area written before.
    """
    if os.path.exists(folder) and not folder.is_dir():
        raise InputError(f"-o: '{folder}' is a file; give a folder")
    if os.path.isdir(folder) and any(folder.iterdir()) and not (folder / REPORT_FILE).is_file():
        raise InputError(
            f"-o: '{folder}' holds other files; give a new folder, or one written by 'amurgeo osm'"
        )


def _write(area: BuiltArea, folder: Path, form: str) -> None:
    tables = dict(area.tables)
    if form == "tables":
        for name, rows in (("places", area.graph.places()), ("roads", area.graph.roads())):
            tables[name] = pd.concat([tables[name], rows]) if name in tables else rows
        if "windows" in tables:
            key = tables["windows"]["crossing"]
            # Roads that the table cannot hold leave no window behind.
            tables["windows"] = tables["windows"][
                ~key.str.startswith("osm:") | key.isin(tables["roads"]["season"])
            ]
    else:
        area.graph.write(folder / ARRAYS)
    for name, rows in tables.items():
        if len(rows):
            write_table(rows.sort_index(), name, folder / f"{name}.csv")
    (folder / "NOTICE").write_text(NOTICE, encoding="utf-8", newline="\n")
    report = json.dumps(report_of(area, form), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / REPORT_FILE).write_text(report + "\n", encoding="utf-8", newline="\n")


def report_of(area: BuiltArea, form: str) -> dict[str, Any]:
    """Return what was read, attached, replaced and not read, as one document.

    Parameters
    ----------
    area
        The area.
    form
        The form that is written.
    """
    return {
        "title": area.title,
        "licence": "ODbL 1.0, (c) OpenStreetMap contributors",
        "retrieved": area.retrieved,
        "form": form,
        "extent": [round(value, 5) for value in area.extent],
        "counts": dict(area.counts),
        "attached": [
            {
                "id": str(id_),
                "kind": row["kind"],
                "country": row["country"],
                "osm_node": int(row["osm_node"]),
                "moved_km": round(float(row["moved_km"]), 3),
                "how": row["how"],
            }
            for id_, row in area.attached.iterrows()
        ],
        "not_attached": list(area.not_attached),
        "crossings": [dict(row) for row in area.crossings],
        "roads": [dict(row) for row in area.replaced],
        "remarks": [dict(row) for row in area.remarks],
    }


def write_table(rows: pd.DataFrame, table: str, path: Path) -> None:
    """Write rows as a CSV file in the schema of their table.

    Parameters
    ----------
    rows
        Rows as they are read: by the table's key.
    table
        Name of the table.
    path
        The file.
    """
    columns = schema(table)
    keys = key_columns(table)
    cells: dict[str, list[str]] = {}
    for column in columns:
        values = (
            rows.index.get_level_values(keys.index(column.name)) if column.name in keys else rows[column.name]
        )
        cells[column.name] = [_cell(value, column.type) for value in values]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(cells)
        writer.writerows(zip(*cells.values(), strict=True))


def _cell(value: Any, type_: str) -> str:
    if type_ == "list":
        return ";".join(value)
    if type_ == "bool":
        return "yes" if value else "no"
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if type_ == "int":
        return str(int(value))
    if type_ == "number":
        return f"{float(value):.10g}"
    if type_ == "date":
        return str(pd.Timestamp(value).date())
    return str(value)
