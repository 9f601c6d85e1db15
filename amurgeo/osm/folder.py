"""An area attached to the dataset: the rows that it replaces, and the folder in which it is written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import ARRAYS, OSM_SOURCE, Area, in_schema
from amurgeo.dataset.schema import key_columns, schema
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.io import as_path, atomic_folder, check_folder_name, write_csv
from amurgeo.osm.attaching import CrossingWay, great_circle_km
from amurgeo.osm.reading import RawArea
from amurgeo.osm.seasons import WaySeason

#: With more roads an area is written as arrays instead of tables.
TABLE_LIMIT = 20_000
REPORT_FILE = "osm_report.json"
#: Season of shipped roads that OpenStreetMap replaces; its window has no days.
REPLACED = "osm:replaced"
#: A shipped road is replaced if the road in OpenStreetMap is at most this factor and distance (km) longer.
LONGEST = 1.3
LONGER_KM = 2.0
#: Standard deviation of dates stated in OSM (the smallest allowed), and of typical dates.
STATED_SD_DAYS, TYPICAL_SD_DAYS = 0.5, 15.0
#: Maximum length (km) of the road between a terminal and its place, and between a terminal and a landing.
ACCESS_KM, APPROACH_KM = 200.0, 30.0
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
        check_folder(path)
        form = self._form(form)
        tables = dict(self.tables)
        if form == "tables":
            for name, rows in (("places", self.graph.places()), ("roads", self.graph.roads())):
                tables[name] = pd.concat([tables[name], rows]) if name in tables else rows
            if "windows" in tables:
                # Some roads are left out of the table; so are their windows.
                key = tables["windows"]["crossing"]
                used = ~key.str.startswith("osm:") | key.isin(tables["roads"]["season"])
                tables["windows"] = tables["windows"][used]
        with atomic_folder(path) as target:
            if form == "arrays":
                self.graph.write(target / ARRAYS)
            for name, rows in tables.items():
                columns = [column.name for column in schema(name)]
                cells = rows.sort_index().rename_axis(list(key_columns(name))).reset_index()
                if len(cells):
                    write_csv(target / f"{name}.csv", cells, columns, bom=False, yes_no=True)
            report = json.dumps(self.to_dict(form=form), ensure_ascii=False, indent=1, allow_nan=False)
            for name, text in (("NOTICE", NOTICE), (REPORT_FILE, report + "\n")):
                (target / name).write_text(text, encoding="utf-8", newline="\n")
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
        attached = self.attached.rename_axis("id").reset_index()
        attached["moved_km"] = attached["moved_km"].round(3)
        return {
            "title": self.title,
            "licence": "ODbL 1.0, (c) OpenStreetMap contributors",
            "retrieved": self.retrieved,
            "form": self._form(form),
            "extent": [round(value, 5) for value in self.extent],
            "counts": dict(self.counts),
            "attached": attached[["id", "kind", "country", "osm_node", "moved_km", "how"]].to_dict("records"),
            "not_attached": list(self.not_attached),
            "crossings": list(self.crossings),
            "roads": list(self.replaced),
            "remarks": list(self.remarks),
            "skipped": dict(self.skipped),
        }

    def _form(self, form: str) -> str:
        """Return the form in which the area is written; ``auto`` goes by its number of roads."""
        if form not in ("auto", "tables", "arrays"):
            raise unknown_name_error("form", form, ("auto", "tables", "arrays"))
        if form == "auto":
            return "tables" if len(self.graph.edges) <= TABLE_LIMIT else "arrays"
        return form

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


def check_folder(folder: Path) -> None:
    """Raise InputError if the folder is a file, or has files that no area has."""
    check_folder_name(folder)
    if os.path.isdir(folder) and any(folder.iterdir()) and not (folder / REPORT_FILE).is_file():
        raise InputError(
            f"output folder is invalid: '{folder}' holds other files; expected a new folder, or one that "
            "holds an area"
        )


# -- rows that replace rows of the dataset ----------------------------------------------------------


def area_overlay(
    graph: Area,
    tables: Mapping[str, pd.DataFrame],
    attached: pd.DataFrame,
    ways: Sequence[CrossingWay],
    crossings: Sequence[Mapping[str, Any]],
    seasons: Mapping[str, WaySeason],
    raw: RawArea,
) -> tuple[dict[str, pd.DataFrame], tuple[dict[str, Any], ...]]:
    """Return rows that replace rows of the dataset or are added to it, and the report on shipped roads."""
    network = _Network(graph)
    roads, replaced = _replaced_roads(network, tables["roads"])
    overlay = {
        **_moved_points(network, tables, attached, raw),
        "crossings": _crossings(network, tables["crossings"], ways, raw),
        "roads": roads,
        "windows": _windows(graph, tables, crossings, seasons, bool(len(roads))),
        "speeds": _ferry_speeds(graph, tables),
    }
    for name in ("places", "terminals", "crossings"):
        overlay[name] = overlay[name].assign(source=OSM_SOURCE, source_date=raw.asof, confidence="reported")
    source = {
        "publisher": "OpenStreetMap contributors",
        "address": "https://www.openstreetmap.org/copyright",
        "licence": "ODbL 1.0",
        "published": raw.asof,
    }
    overlay["sources"] = in_schema(pd.DataFrame(source, index=[OSM_SOURCE]), "sources")
    return overlay, replaced


class _Network:
    """All-year roads of an area as a sparse matrix of km; positions of its attached nodes by id."""

    def __init__(self, graph: Area) -> None:
        from scipy.sparse import csr_array

        self.nodes = graph.nodes
        attached = np.flatnonzero(self.nodes["kind"] == "attached")
        self.position = dict(zip(self.nodes.index[attached].astype(str), attached.tolist(), strict=True))
        edges = graph.edges[(graph.edges["season"] == "") & (graph.edges["class"] != "ferry")]
        ends = np.sort(edges[["tail", "head"]].to_numpy(), axis=1)
        # An entry of zero would be no road, and parallel roads would be added.
        shortest = edges["length_km"].clip(lower=1e-4).groupby([ends[:, 0], ends[:, 1]]).min()
        pairs = [shortest.index.get_level_values(level).to_numpy(dtype=np.int32) for level in (0, 1)]
        one_way = csr_array((shortest.to_numpy(), tuple(pairs)), shape=(len(self.nodes), len(self.nodes)))
        self._matrix = csr_array(one_way + one_way.T)

    def km_from(self, position: int, limit: float) -> np.ndarray:
        """Return road distances to all nodes; infinite beyond the limit."""
        from scipy.sparse.csgraph import dijkstra

        return np.asarray(dijkstra(self._matrix, indices=position, limit=limit))


def _moved_points(
    network: _Network, tables: Mapping[str, pd.DataFrame], attached: pd.DataFrame, raw: RawArea
) -> dict[str, pd.DataFrame]:
    """Return the attached places and terminals at their nodes, with the access road's length in OSM."""
    moved = {}
    for table in ("places", "terminals"):
        rows = attached[attached["kind"] == table[:-1]]
        nodes = rows["node"].to_numpy()
        notes = [
            f"Moved {km:.2f} km onto OpenStreetMap: {how}"
            for km, how in zip(rows["moved_km"], rows["how"], strict=True)
        ]
        moved[table] = (
            tables[table]
            .loc[rows.index]
            .assign(lat=raw.lat[nodes].round(7), lon=raw.lon[nodes].round(7), note=notes)
        )
    terminals, position = moved["terminals"], network.position
    for id_, place in terminals["place"].items():
        if id_ in position and place in position:
            km = float(network.km_from(position[id_], ACCESS_KM)[position[place]])
            if np.isfinite(km):
                terminals.loc[id_, "access_km"] = round(km, 3)
    return moved


def _replaced_roads(
    network: _Network, roads: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[dict[str, Any], ...]]:
    """Return the shipped roads that are replaced, closed by their season, and the report on all."""
    position = network.position
    inside = roads[roads["from"].isin(list(position)) & roads["to"].isin(list(position))]
    report = {}
    for start, group in inside.groupby("from"):
        km_to = network.km_from(position[str(start)], LONGEST * float(group["length_km"].max()) + LONGER_KM)
        for id_, road in group.iterrows():
            km = float(km_to[position[road["to"]]])
            why = ""
            if road["season"]:
                why = "seasonal: the dataset's dates are kept"
            elif not km <= LONGEST * road["length_km"] + LONGER_KM:
                why = "OpenStreetMap has no way of like length between its ends"
            report[str(id_)] = {
                "road": str(id_),
                "shipped_km": float(road["length_km"]),
                "osm_km": round(km, 3) if np.isfinite(km) else None,
                "replaced": not why,
                "why": why,
            }
    replaced = [id_ for id_, row in report.items() if row["replaced"]]
    note = "Replaced by the roads of OpenStreetMap in this folder"
    return roads.loc[replaced].assign(season=REPLACED, note=note), tuple(
        report[id_] for id_ in sorted(report)
    )


def _crossings(
    network: _Network, crossings: pd.DataFrame, ways: Sequence[CrossingWay], raw: RawArea
) -> pd.DataFrame:
    """Return the crossings with a way in OSM, with the length between their terminals.

    The roads between terminals and landings belong to the crossing. Travel time is scaled with the length,
    except that of ships.
    """
    lengths: dict[str, float] = {}
    for way in ways:
        if way.crossing is not None:
            ends = crossings.loc[way.crossing, ["from", "to"]]
            landings = zip(ends, (way.home, way.far), strict=True)
            km = way.length_km + sum(
                _approach_km(network, terminal, node, raw) for terminal, node in landings
            )
            if np.isfinite(km):
                lengths[way.crossing] = min(km, lengths.get(way.crossing, np.inf))
    rows = crossings.loc[list(lengths)].copy()
    for id_, km in lengths.items():
        before = float(rows.at[id_, "length_km"])
        ratio = km / before if before else 1.0
        rows.loc[id_, "length_km"] = round(km, 3)
        if rows.at[id_, "mode"] not in ("ferry", "hovercraft"):
            rows.loc[id_, "travel_min"] = round(max(1.0, float(rows.at[id_, "travel_min"]) * ratio), 1)
            rows.loc[id_, "travel_confidence"] = "estimated"
    return rows.assign(note="Length between the terminals on OpenStreetMap's way over the border", bends="")


def _approach_km(network: _Network, terminal: str, node: int, raw: RawArea) -> float:
    """Return the distance from a terminal to a landing: by road, else in a straight line."""
    position = network.position.get(terminal)
    if position is None:
        return float("nan")
    landing = int(np.searchsorted(network.nodes["osm_node"], raw.node_id[node]))
    if landing < len(network.nodes) and network.nodes["osm_node"].iloc[landing] == raw.node_id[node]:
        km = float(network.km_from(position, APPROACH_KM)[landing])
        if np.isfinite(km):
            return km
    point = network.nodes.iloc[position]
    return float(great_circle_km(point["lon"], point["lat"], raw.lon[node], raw.lat[node]))


def _windows(
    graph: Area,
    tables: Mapping[str, pd.DataFrame],
    crossings: Sequence[Mapping[str, Any]],
    seasons: Mapping[str, WaySeason],
    any_replaced: bool,
) -> pd.DataFrame:
    """Return the windows of seasonal roads, and of crossings without windows or record in the dataset."""
    known = {*tables["windows"]["crossing"], *tables["season_record"]["crossing"]}
    season_of = {key: key for key in sorted(set(graph.edges["season"].astype(object)) - {""})}
    season_of |= {
        row["crossing"]: row["season"]
        for row in crossings
        if row["crossing"] and row["season"] and row["crossing"] not in known
    }
    rows: dict[str, dict[str, Any]] = {}
    for crossing, key in season_of.items():
        season = seasons[key]
        sd = TYPICAL_SD_DAYS if season.typical else STATED_SD_DAYS
        note = "Dates stated in OSM; the spread is the smallest, not observed"
        if season.typical:
            note = "OSM names no dates: the typical season of the dataset"
        year = np.nan if season.year is None else float(season.year)
        for number, (opens, closes) in enumerate(season.windows() or (("", ""),), 1):
            rows[f"{crossing}:{number}"] = {
                "crossing": crossing,
                **{"valid_from": year, "valid_to": year, "open_md": opens, "close_md": closes},
                **{"open_sd_days": sd, "close_sd_days": sd, "note": note},
                "confidence": "estimated" if season.typical else "reported",
            }
    if any_replaced:
        note = "No days: shipped roads that OpenStreetMap replaces"
        rows[REPLACED] = {"crossing": REPLACED, "confidence": "reported", "note": note}
    if not rows:
        return tables["windows"].iloc[:0]
    frame = pd.DataFrame.from_dict(rows, orient="index").fillna({"open_md": "", "close_md": ""})
    return in_schema(frame.assign(traffic="both", source=OSM_SOURCE), "windows")


def _ferry_speeds(graph: Area, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return speeds of ferries within a country, if the area has any: the median of those over the border."""
    speeds, crossings = tables["speeds"], tables["crossings"]
    ferries = crossings[crossings["mode"] == "ferry"]
    known = {row[1:] for row in speeds.index}
    if ("ferry", "water") in known or ferries.empty or not (graph.edges["class"] == "ferry").any():
        return speeds.iloc[:0]
    kmh = round(float((ferries["length_km"] / ferries["travel_min"] * 60.0).median()), 1)
    keys = pd.MultiIndex.from_product(
        [sorted(tables["vehicles"].index), ["ferry"], ["water"]], names=speeds.index.names
    )
    note = "Median of the ferries over the border, waiting left out"
    frame = pd.DataFrame({"speed_kmh": kmh, "source": "estimate"}, index=keys)
    return in_schema(frame.assign(confidence="estimated", note=note), "speeds")
