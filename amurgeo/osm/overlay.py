"""Rows by which an area of OpenStreetMap replaces rows of the dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE, Area, in_schema
from amurgeo.osm.attaching import CrossingWay, great_circle_km
from amurgeo.osm.reading import RawArea
from amurgeo.osm.seasons import WaySeason

#: Season of shipped roads that OpenStreetMap replaces; its window has no days.
REPLACED = "osm:replaced"
#: A shipped road is replaced if the road in OpenStreetMap is at most this factor and distance (km) longer.
LONGEST = 1.3
LONGER_KM = 2.0
#: Standard deviation of dates stated in OSM (the smallest allowed), and of typical dates.
STATED_SD_DAYS, TYPICAL_SD_DAYS = 0.5, 15.0
#: Maximum length (km) of the road between a terminal and its place, and between a terminal and a landing.
ACCESS_KM, APPROACH_KM = 200.0, 30.0


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
