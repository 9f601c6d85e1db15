"""An area attached to the dataset, and the folder in which it is written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from amurgeo.dataset.area import ARRAYS, Area
from amurgeo.dataset.schema import key_columns, schema
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.io import as_path, atomic_folder, check_folder_name, write_csv

#: With more roads an area is written as arrays instead of tables.
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


@dataclass(frozen=True)
class BuiltArea:
    """An area attached to the dataset.

    Attributes
    ----------
    graph
        Junctions and roads.
    tables
        Rows that replace rows of the dataset or are added to it, by table.
    attached
        By id of place or terminal: kind, country, osm_node, moved_km, how.
    not_attached
        Places and terminals in the area without a road of their bank.
    crossings
        Ways over the border: mode, ways, crossing (or None), away_km, length_km, season, max_mass_t, traffic,
        why.
    replaced
        Shipped roads in the area: road, shipped_km, osm_km, replaced, why.
    remarks
        Tags that were not read or not applied: way (one with it), key, text, problem, read, n_ways.
    counts
        Numbers of nodes, ways, junctions and roads.
    title, retrieved
        Name of the data, and the date on which they were retrieved.
    extent
        West, south, east, north in degrees.
    skipped
        Numbers of objects that were left out, by description.
    """

    graph: Area
    tables: Mapping[str, pd.DataFrame]
    attached: pd.DataFrame
    not_attached: tuple[str, ...]
    crossings: tuple[dict[str, Any], ...]
    replaced: tuple[dict[str, Any], ...]
    remarks: tuple[dict[str, Any], ...]
    counts: Mapping[str, int]
    title: str
    retrieved: str
    extent: tuple[float, float, float, float]
    skipped: Mapping[str, int]

    def __repr__(self) -> str:
        counts = f"{self.counts['roads']} roads, {self.counts['seasonal_roads']} with a season"
        return f"BuiltArea({self.title}, {counts}, {len(self.attached)} places and terminals attached)"

    def write(self, folder: str | Path, *, form: str = "auto") -> Path:
        """Write the area as a folder for `amurgeo.load`, atomically.

        Parameters
        ----------
        folder
            A new or empty folder, or one that holds an area already, which is replaced.
        form
            ``tables`` writes junctions and roads as rows of places.csv and roads.csv, ``arrays`` in a compact
            file for large areas; ``auto`` chooses by the number of roads.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            If the form is unknown, the folder has other files, or it cannot be written.

        Examples
        --------
        >>> import networkx as nx
        >>> import amurgeo as ag
        >>> streets = nx.MultiDiGraph(crs="EPSG:4326")
        >>> streets.add_nodes_from([(1, {"x": 127.51, "y": 50.28}), (2, {"x": 127.53, "y": 50.29})])
        >>> _ = streets.add_edge(1, 2, osmid=7, highway="primary", oneway=False, reversed=False)
        >>> import tempfile
        >>> folder = ag.osm.read(streets, retrieved="2026-11-01").write(tempfile.mkdtemp())
        >>> len(ag.load(folder).roads) - len(ag.load().roads)
        1
        """
        path = as_path("folder", folder)
        write_area(self, path, form=form)
        return path

    def to_dict(self, *, form: str = "auto") -> dict[str, Any]:
        """Return what was read, attached, replaced and not read, as in osm_report.json.

        Parameters
        ----------
        form
            Form in which the area is or will be written, see `write`.

        Returns
        -------
        dict
            title, licence, retrieved, form, extent (west, south, east, north in degrees), counts, attached,
            not_attached, crossings, roads, remarks, skipped (number of objects left out, by description).

        Raises
        ------
        InputError
            If the form is unknown.

        Examples
        --------
        >>> import networkx as nx
        >>> import amurgeo as ag
        >>> streets = nx.MultiDiGraph(crs="EPSG:4326")
        >>> streets.add_nodes_from([(1, {"x": 127.51, "y": 50.28}), (2, {"x": 127.53, "y": 50.29})])
        >>> _ = streets.add_edge(1, 2, osmid=7, highway="primary", oneway=False, reversed=False)
        >>> ag.osm.read(streets, retrieved="2026-11-01").to_dict()["form"]
        'tables'
        """
        return report_of(self, _form(self, form))

    def to_frame(self) -> pd.DataFrame:
        """Return the roads of the area as a frame.

        Returns
        -------
        DataFrame
            By road id: tail, head (positions of the junctions), length_km, class, surface, season, ref, name,
            toll, oneway, max_mass_t (tonnes), traffic, way (id of the OSM way).

        Examples
        --------
        >>> import networkx as nx
        >>> import amurgeo as ag
        >>> streets = nx.MultiDiGraph(crs="EPSG:4326")
        >>> streets.add_nodes_from([(1, {"x": 127.51, "y": 50.28}), (2, {"x": 127.53, "y": 50.29})])
        >>> _ = streets.add_edge(1, 2, osmid=7, highway="primary", oneway=False, reversed=False)
        >>> ag.osm.read(streets, retrieved="2026-11-01").to_frame()["class"].tolist()
        ['primary']
        """
        return self.graph.edges.copy()


def write_area(area: BuiltArea, folder: Path, *, form: str = "auto") -> str:
    """Write an area as a folder for ``amurgeo.load``, atomically."""
    folder = Path(folder)
    check_folder(folder)
    form = _form(area, form)
    tables = dict(area.tables)
    if form == "tables":
        for name, rows in (("places", area.graph.places()), ("roads", area.graph.roads())):
            tables[name] = pd.concat([tables[name], rows]) if name in tables else rows
        if "windows" in tables:
            # Some roads are left out of the table; so are their windows.
            key = tables["windows"]["crossing"]
            used = ~key.str.startswith("osm:") | key.isin(tables["roads"]["season"])
            tables["windows"] = tables["windows"][used]
    with atomic_folder(folder) as target:
        if form == "arrays":
            area.graph.write(target / ARRAYS)
        for name, rows in tables.items():
            columns = [column.name for column in schema(name)]
            cells = rows.sort_index().rename_axis(list(key_columns(name))).reset_index()
            if len(cells):
                write_csv(target / f"{name}.csv", cells, columns, bom=False, yes_no=True)
        (target / "NOTICE").write_text(NOTICE, encoding="utf-8", newline="\n")
        report = json.dumps(report_of(area, form), ensure_ascii=False, indent=1, allow_nan=False)
        (target / REPORT_FILE).write_text(report + "\n", encoding="utf-8", newline="\n")
    return form


def _form(area: BuiltArea, form: str) -> str:
    """Return the form in which an area is written; ``auto`` goes by its number of roads."""
    if form not in ("auto", "tables", "arrays"):
        raise unknown_name_error("form", form, ("auto", "tables", "arrays"))
    if form == "auto":
        return "tables" if len(area.graph.edges) <= TABLE_LIMIT else "arrays"
    return form


def check_folder(folder: Path) -> None:
    """Raise InputError if the folder is a file, or has files that `write_area` did not write."""
    check_folder_name(folder)
    if os.path.isdir(folder) and any(folder.iterdir()) and not (folder / REPORT_FILE).is_file():
        raise InputError(
            f"output folder is invalid: '{folder}' holds other files; expected a new folder, or one that "
            "holds an area"
        )


def report_of(area: BuiltArea, form: str) -> dict[str, Any]:
    """Return what was read, attached, replaced and not read, as in osm_report.json."""
    attached = area.attached.rename_axis("id").reset_index()
    attached["moved_km"] = attached["moved_km"].round(3)
    return {
        "title": area.title,
        "licence": "ODbL 1.0, (c) OpenStreetMap contributors",
        "retrieved": area.retrieved,
        "form": form,
        "extent": [round(value, 5) for value in area.extent],
        "counts": dict(area.counts),
        "attached": attached[["id", "kind", "country", "osm_node", "moved_km", "how"]].to_dict("records"),
        "not_attached": list(area.not_attached),
        "crossings": list(area.crossings),
        "roads": list(area.replaced),
        "remarks": list(area.remarks),
        "skipped": dict(area.skipped),
    }
