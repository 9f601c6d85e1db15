"""Folders made from OpenStreetMap: written whole or not at all, and read back."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import key_columns, schema
from amurgeo.errors import InputError
from amurgeo.io import BROKEN_ARRAYS, atomic_folder
from amurgeo.osm.area import Area, AreaGraph

#: Above that many roads the area is written as arrays instead of tables.
TABLE_LIMIT = 20_000
GRAPH_FILE = "osm_area.npz"
REPORT_FILE = "osm_report.json"
NOTICE = """Roads, junctions and restrictions in this folder come from OpenStreetMap:

  (c) OpenStreetMap contributors, Open Database License (ODbL) 1.0
  https://www.openstreetmap.org/copyright
  https://opendatacommons.org/licenses/odbl/1-0/

The folder is a derivative database and stays under the ODbL: whoever passes it on names
OpenStreetMap as above and keeps the licence. Rows of places, terminals, crossings and roads
that carry shipped ids come from the dataset of amurgeo, whose own NOTICE holds for them.
"""
_SCALE = 1e7
_TEXTS = ("class", "surface", "season", "ref", "name")


def write_area(area: Area, folder: Path, *, form: str = "auto") -> str:
    """Write an area as a folder that can be laid over the dataset.

    Parameters
    ----------
    area
        The area.
    folder
        Where to; a folder made by this function before is replaced, any other must not hold anything.
    form
        ``tables`` (places.csv and roads.csv), ``arrays`` (`GRAPH_FILE`, for large areas), or ``auto``: by
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


def _write(area: Area, folder: Path, form: str) -> None:
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
        _write_arrays(area.graph, folder / GRAPH_FILE)
    for name, rows in tables.items():
        if len(rows):
            write_table(rows.sort_index(), name, folder / f"{name}.csv")
    (folder / "NOTICE").write_text(NOTICE, encoding="utf-8", newline="\n")
    report = json.dumps(report_of(area, form), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / REPORT_FILE).write_text(report + "\n", encoding="utf-8", newline="\n")


def report_of(area: Area, form: str) -> dict[str, Any]:
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


def _write_arrays(graph: AreaGraph, path: Path) -> None:
    nodes, edges = graph.nodes, graph.edges
    own = np.flatnonzero((nodes["kind"] == "attached").to_numpy())
    arrays: dict[str, Any] = {
        "node_osm": nodes["osm_node"].to_numpy(dtype=np.int64),
        "node_lon": np.rint(nodes["lon"].to_numpy() * _SCALE).astype(np.int32),
        "node_lat": np.rint(nodes["lat"].to_numpy() * _SCALE).astype(np.int32),
        "own": own,
        "own_id": nodes.index[own].to_numpy().astype("U"),
        **_coded("node_country", nodes["country"]),
        **_coded("node_region", nodes["region"]),
        "tail": edges["tail"].to_numpy(dtype=np.int32),
        "head": edges["head"].to_numpy(dtype=np.int32),
        **{name: edges[name].to_numpy() for name in ("length_km", "toll", "oneway", "max_mass_t", "way")},
        "shape_start": graph.shape_start,
        "shape": np.rint(graph.shape * _SCALE).astype(np.int32),
    }
    for name in _TEXTS:
        arrays |= _coded(name, edges[name])
    np.savez_compressed(path, **arrays)


def _coded(name: str, values: pd.Series) -> dict[str, np.ndarray]:
    return {
        f"{name}_code": values.cat.codes.to_numpy(dtype=np.int32),
        f"{name}_word": values.cat.categories.to_numpy().astype("U"),
    }


def _decoded(arrays: Any, name: str) -> pd.Categorical:
    return pd.Categorical.from_codes(
        arrays[f"{name}_code"], categories=pd.Index(arrays[f"{name}_word"], dtype=object)
    )


def read_area(folder: Path) -> AreaGraph | None:
    """Read the road network of a folder that was written as arrays.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    AreaGraph or None
        None when the folder holds no such network: its roads, if any, are tables.

    Raises
    ------
    InputError
        When the file is damaged.
    """
    from amurgeo.osm.area import unique_ids

    path = Path(folder) / GRAPH_FILE
    if not path.is_file():
        return None
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        _refuse_impossible(arrays)
        numbers = arrays["node_osm"].tolist()
        ids = np.array([f"osm_{number}" for number in numbers], dtype=object)
        ids[arrays["own"]] = arrays["own_id"]
        kind = np.zeros(len(ids), dtype=np.int8)
        kind[arrays["own"]] = 1
        nodes = pd.DataFrame(
            {
                "lat": arrays["node_lat"] / _SCALE,
                "lon": arrays["node_lon"] / _SCALE,
                "country": _decoded(arrays, "node_country"),
                "region": _decoded(arrays, "node_region"),
                "osm_node": arrays["node_osm"],
                "kind": pd.Categorical.from_codes(kind, categories=["junction", "attached"]),
            },
            index=pd.Index(ids, name="id", dtype=object),
        )
        ends = (ids[arrays[end]].tolist() for end in ("tail", "head"))
        edges = pd.DataFrame(
            {
                "tail": arrays["tail"].astype(np.int64),
                "head": arrays["head"].astype(np.int64),
                "length_km": arrays["length_km"],
                **{name: _decoded(arrays, name) for name in _TEXTS},
                **{name: arrays[name] for name in ("toll", "oneway", "max_mass_t", "way")},
            },
            index=pd.Index(
                unique_ids(
                    f"{a}--{b}:w{way}" for a, b, way in zip(*ends, arrays["way"].tolist(), strict=True)
                ),
                name="id",
                dtype=object,
            ),
        )
        return AreaGraph(nodes, edges, arrays["shape_start"], arrays["shape"] / _SCALE)
    except BROKEN_ARRAYS as error:
        raise InputError(
            f"'{path}' is damaged ({error}); make the folder again with 'amurgeo osm read'"
        ) from error


def _refuse_impossible(arrays: dict[str, np.ndarray]) -> None:
    """Raise ValueError where positions lead nowhere, or figures cannot be."""
    n, m = len(arrays["node_osm"]), len(arrays["way"])
    for names, kinds in (
        (("node_osm", "node_lon", "node_lat", "own", "tail", "head", "way", "shape_start", "shape"), "iu"),
        (("length_km", "max_mass_t"), "f"),
        (("toll", "oneway"), "b"),
    ):
        for name in names:
            if arrays[name].dtype.kind not in kinds or arrays[name].ndim != 1 + (name == "shape"):
                raise ValueError(f"{name} is of the wrong kind")
    for name in ("own", "tail", "head"):
        if len(arrays[name]) and not 0 <= arrays[name].min() <= arrays[name].max() < n:
            raise ValueError(f"{name} names nodes that are not there")
    if np.abs(arrays["node_lat"]).max(initial=0) > 90 * _SCALE or arrays["shape"].shape[1] != 2:
        raise ValueError("points lie outside the world")
    starts = arrays["shape_start"]
    if (
        len(starts) != m + 1
        or starts[0] != 0
        or starts[-1] != len(arrays["shape"])
        or (np.diff(starts) < 2).any()
    ):
        raise ValueError("lines have no points")
    if not ((arrays["length_km"] >= 0) & (arrays["length_km"] < 40_000)).all():
        raise ValueError("lengths are no lengths")
    if (arrays["max_mass_t"] <= 0).any():
        raise ValueError("masses are no masses")
