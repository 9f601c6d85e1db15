"""An area attached to the dataset: the rows that it replaces, and the folder in which it is written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import ARRAYS, OSM_SOURCE, Area, in_schema
from amurgeo.dataset.schema import key_columns, schema
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.io import as_path, atomic_folder, check_folder_name, write_csv
from amurgeo.network.edges import great_circle_km
from amurgeo.osm.attaching import CrossingWay
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
NOTICE = Path(__file__).with_name("NOTICE.txt").read_text(encoding="utf-8")


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
        """Return what was read, attached, replaced or not read, as in osm_report.json, in a form of `write`.

        Keys: title, licence, retrieved, form, extent (west, south, east, north in degrees), counts, attached,
        not_attached, crossings, roads, remarks, skipped (numbers of objects left out, by description).
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
        """Return the roads of the area by id.

        Columns: tail, head (positions of the junctions), length_km, class, surface, season, ref, name, toll,
        oneway, max_mass_t (tonnes), traffic, way (id of the OSM way).
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


@dataclass(frozen=True)
class Overlay:
    """Rows by which an area replaces rows of the dataset, or adds to them.

    `attached` has node, moved_km, how and kind of places and terminals by id; `reports` are those on the
    `ways` over the border.
    """

    graph: Area
    tables: Mapping[str, pd.DataFrame]
    attached: pd.DataFrame
    ways: Sequence[CrossingWay]
    reports: Sequence[Mapping[str, Any]]
    seasons: Mapping[str, WaySeason]
    raw: RawArea

    @cached_property
    def position(self) -> dict[str, int]:
        """Positions of attached nodes by id."""
        at = np.flatnonzero(self.graph.nodes["kind"] == "attached")
        return dict(zip(self.graph.nodes.index[at].astype(str), at.tolist(), strict=True))

    @cached_property
    def _km(self) -> Any:
        """Lengths of the all-year roads between nodes."""
        from scipy.sparse import csr_array

        edges = self.graph.edges
        edges = edges[(edges["season"] == "") & (edges["class"] != "ferry")]
        ends = np.sort(edges[["tail", "head"]].to_numpy(), axis=1)
        # An entry of zero would be no road, and parallel roads would be added.
        shortest = edges["length_km"].clip(lower=1e-4).groupby([ends[:, 0], ends[:, 1]]).min()
        pairs = [shortest.index.get_level_values(level).to_numpy(dtype=np.int32) for level in (0, 1)]
        one_way = csr_array((shortest.to_numpy(), tuple(pairs)), shape=(len(self.graph.nodes),) * 2)
        return csr_array(one_way + one_way.T)

    def km_from(self, position: int, limit: float) -> np.ndarray:
        """Return distances to all nodes on all-year roads; infinite beyond the limit."""
        from scipy.sparse.csgraph import dijkstra

        return np.asarray(dijkstra(self._km, indices=position, limit=limit))

    def rows(self) -> tuple[dict[str, pd.DataFrame], tuple[dict[str, Any], ...]]:
        """Return the rows by table, and the report on shipped roads."""
        roads, replaced = self._replaced_roads()
        rows = {
            "places": self._moved_points("places"),
            "terminals": self._terminals(),
            "crossings": self._crossings(),
            "roads": roads,
            "windows": self._windows(any_replaced=bool(len(roads))),
            "speeds": self._ferry_speeds(),
        }
        cited = {"source": OSM_SOURCE, "source_date": self.raw.asof, "confidence": "reported"}
        rows |= {name: rows[name].assign(**cited) for name in ("places", "terminals", "crossings")}
        source = {
            "publisher": "OpenStreetMap contributors",
            "address": "https://www.openstreetmap.org/copyright",
            "licence": "ODbL 1.0",
            "published": self.raw.asof,
        }
        rows["sources"] = in_schema(pd.DataFrame(source, index=[OSM_SOURCE]), "sources")
        return rows, replaced

    def _moved_points(self, table: str) -> pd.DataFrame:
        """Return the attached places or terminals at their nodes."""
        rows = self.attached[self.attached["kind"] == table[:-1]]
        lat, lon = (degrees[rows["node"]].round(7) for degrees in (self.raw.lat, self.raw.lon))
        moves = zip(rows["moved_km"], rows["how"], strict=True)
        notes = [f"Moved {km:.2f} km onto OpenStreetMap: {how}" for km, how in moves]
        return self.tables[table].loc[rows.index].assign(lat=lat, lon=lon, note=notes)

    def _terminals(self) -> pd.DataFrame:
        """Return the attached terminals, with the access road's length in OpenStreetMap."""
        terminals, position = self._moved_points("terminals"), self.position
        for id_, place in terminals["place"].items():
            if id_ in position and place in position:
                km = float(self.km_from(position[id_], ACCESS_KM)[position[place]])
                if np.isfinite(km):
                    terminals.loc[id_, "access_km"] = round(km, 3)
        return terminals

    def _replaced_roads(self) -> tuple[pd.DataFrame, tuple[dict[str, Any], ...]]:
        """Return the shipped roads that are replaced, closed by their season, and the report on all."""
        roads, position = self.tables["roads"], self.position
        inside = roads[roads["from"].isin(list(position)) & roads["to"].isin(list(position))]
        report = {}
        for start, group in inside.groupby("from"):
            longest_km = LONGEST * float(group["length_km"].max()) + LONGER_KM
            km_to = self.km_from(position[str(start)], longest_km)
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
        replaced = roads.loc[[id_ for id_, row in report.items() if row["replaced"]]]
        note = "Replaced by the roads of OpenStreetMap in this folder"
        return replaced.assign(season=REPLACED, note=note), tuple(report[id_] for id_ in sorted(report))

    def _crossings(self) -> pd.DataFrame:
        """Return the crossings with a way in OSM, with the length between their terminals.

        The roads between terminals and landings belong to the crossing. Travel time is scaled with the
        length, except that of ships.
        """
        crossings, lengths = self.tables["crossings"], dict[str, float]()
        for way in self.ways:
            if way.crossing is not None:
                ends = zip(crossings.loc[way.crossing, ["from", "to"]], (way.home, way.far), strict=True)
                km = way.length_km + sum(self._approach_km(*end) for end in ends)
                if np.isfinite(km):
                    lengths[way.crossing] = min(km, lengths.get(way.crossing, np.inf))
        rows = crossings.loc[list(lengths)]
        km = pd.Series(lengths, dtype=float)
        minutes = rows["travel_min"] * (km / rows["length_km"]).where(rows["length_km"] > 0, 1.0)
        scaled = ~rows["mode"].isin(["ferry", "hovercraft"])
        return rows.assign(
            length_km=km.round(3),
            travel_min=rows["travel_min"].mask(scaled, minutes.clip(lower=1.0).round(1)),
            travel_confidence=rows["travel_confidence"].mask(scaled, "estimated"),
            note="Length between the terminals on OpenStreetMap's way over the border",
            bends="",
        )

    def _approach_km(self, terminal: str, node: int) -> float:
        """Return the distance from a terminal to a landing: by road, else in a straight line."""
        position, nodes = self.position.get(terminal), self.graph.nodes
        if position is None:
            return float("nan")
        landing = np.flatnonzero(nodes["osm_node"] == self.raw.node_id[node])
        if len(landing):
            km = float(self.km_from(position, APPROACH_KM)[landing[0]])
            if np.isfinite(km):
                return km
        point = nodes.iloc[position]
        return float(great_circle_km(point["lon"], point["lat"], self.raw.lon[node], self.raw.lat[node]))

    def _windows(self, *, any_replaced: bool) -> pd.DataFrame:
        """Return the windows of seasonal roads, and of crossings without windows or record in the dataset."""
        known = {*self.tables["windows"]["crossing"], *self.tables["season_record"]["crossing"]}
        season_of = {key: key for key in sorted(set(self.graph.edges["season"].astype(object)) - {""})}
        season_of |= {
            row["crossing"]: row["season"]
            for row in self.reports
            if row["crossing"] and row["season"] and row["crossing"] not in known
        }
        rows: dict[str, dict[str, Any]] = {}
        for crossing, key in season_of.items():
            season = self.seasons[key]
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
            return self.tables["windows"].iloc[:0]
        frame = pd.DataFrame.from_dict(rows, orient="index").fillna({"open_md": "", "close_md": ""})
        return in_schema(frame.assign(traffic="both", source=OSM_SOURCE), "windows")

    def _ferry_speeds(self) -> pd.DataFrame:
        """Return speeds of ferries within a country, if any: the median of those over the border."""
        speeds, crossings = self.tables["speeds"], self.tables["crossings"]
        ferries = crossings[crossings["mode"] == "ferry"]
        known = {row[1:] for row in speeds.index}
        inner = (self.graph.edges["class"] == "ferry").any()
        if ("ferry", "water") in known or ferries.empty or not inner:
            return speeds.iloc[:0]
        kmh = round(float((ferries["length_km"] / ferries["travel_min"] * 60.0).median()), 1)
        vehicles = sorted(self.tables["vehicles"].index)
        keys = pd.MultiIndex.from_product([vehicles, ["ferry"], ["water"]], names=speeds.index.names)
        note = "Median of the ferries over the border, waiting left out"
        frame = pd.DataFrame({"speed_kmh": kmh, "source": "estimate"}, index=keys)
        return in_schema(frame.assign(confidence="estimated", note=note), "speeds")
