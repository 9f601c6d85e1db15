"""Rows that an area lays over the dataset: moved points, replaced roads, crossings, windows, speeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE, Area, in_schema
from amurgeo.osm.area import REPLACED
from amurgeo.osm.conditional import Season
from amurgeo.osm.crossing_ways import CrossingWay
from amurgeo.osm.lines import great_circle_km
from amurgeo.osm.opening import SeasonDates
from amurgeo.osm.reading import RawArea

#: A shipped road gives way when OpenStreetMap's is at most that many times as long, and that many km more.
LONGEST = 1.3
LONGER_KM = 2.0
#: Spread of windows whose dates OSM states; half a day is the smallest that the tables can tell.
STATED_SD_DAYS = 0.5
#: Ways farther than that between a terminal and a landing are taken for no approach.
APPROACH_KM = 30.0


def all_year_matrix(graph: Area) -> Any:
    """Return the all-year roads as a sparse matrix of km, both ways; of parallel ones the shortest."""
    from scipy.sparse import csr_array

    edges = graph.edges
    use = ((edges["season"] == "") & (edges["class"] != "ferry")).to_numpy()
    a, b = edges["tail"].to_numpy()[use], edges["head"].to_numpy()[use]
    # Lengths of nothing would be no edges at all.
    km = np.maximum(edges["length_km"].to_numpy()[use], 1e-4)
    tail, head, both = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([km, km])
    order = np.lexsort((both, head, tail))
    n = len(graph.nodes)
    keys = tail[order].astype(np.int64) * n + head[order]
    first = order[np.r_[True, keys[1:] != keys[:-1]]] if len(order) else order
    # The graph functions of scipy number nodes in 32 bits, older ones take nothing else.
    tail, head = tail[first].astype(np.int32), head[first].astype(np.int32)
    return csr_array((both[first], (tail, head)), shape=(n, n))


def _distances(matrix: Any, source: int, limit: float) -> np.ndarray:
    from scipy.sparse.csgraph import dijkstra

    return np.asarray(dijkstra(matrix, indices=source, limit=limit))


def moved_rows(
    graph: Area,
    tables: Mapping[str, pd.DataFrame],
    attached: pd.DataFrame,
    raw: RawArea,
    *,
    matrix: Any = None,
) -> dict[str, pd.DataFrame]:
    """Return the rows of places and terminals that were moved onto OSM nodes.

    Parameters
    ----------
    graph
        The area.
    tables
        The dataset.
    attached
        What was attached, by id: node, moved_km, how, kind.
    raw
        The OSM data.
    matrix
        `all_year_matrix` of the graph, where it is at hand.

    Returns
    -------
    dict of DataFrame
        ``places`` and ``terminals``; a terminal's way from its place has the length it has in OSM, where
        OSM joins them.
    """
    matrix = all_year_matrix(graph) if matrix is None else matrix
    where = graph.nodes.index.get_indexer(attached.index)
    position = {str(id_): int(at) for id_, at in zip(attached.index, where, strict=True) if at >= 0}
    made = {}
    for table, kind in (("places", "place"), ("terminals", "terminal")):
        ids = attached.index[attached["kind"] == kind]
        nodes = attached.loc[ids, "node"].to_numpy(dtype=np.int64)
        rows = tables[table].loc[ids].copy()
        rows["lat"], rows["lon"] = raw.lat[nodes].round(7), raw.lon[nodes].round(7)
        rows["source"], rows["source_date"], rows["confidence"] = OSM_SOURCE, raw.asof, "reported"
        rows["note"] = [
            f"Moved {km:.2f} km onto OpenStreetMap: {how}"
            for km, how in zip(attached.loc[ids, "moved_km"], attached.loc[ids, "how"], strict=True)
        ]
        if table == "terminals":
            for id_ in ids:
                place = rows.at[id_, "place"]
                if place in position and id_ in position:
                    km = float(_distances(matrix, position[id_], 200.0)[position[place]])
                    if np.isfinite(km):
                        rows.loc[id_, "access_km"] = round(km, 3)
        made[table] = rows
    return made


def replaced_rows(
    graph: Area, roads: pd.DataFrame, *, matrix: Any = None
) -> tuple[pd.DataFrame, tuple[dict[str, Any], ...]]:
    """Return the shipped roads that OpenStreetMap replaces, closed by their season.

    Parameters
    ----------
    graph
        The area.
    roads
        Roads of the dataset.
    matrix
        `all_year_matrix` of the graph, where it is at hand.

    Returns
    -------
    rows, report
        Rows laid over the table; and for each shipped road with both ends in the area what became of it.
        Seasonal roads of the dataset stay: their dates are observed.
    """
    own = graph.nodes.index[graph.nodes["kind"] == "attached"]
    position = {str(id_): int(at) for id_, at in zip(own, graph.nodes.index.get_indexer(own), strict=True)}
    mine = roads[roads["from"].isin(own) & roads["to"].isin(own)]
    matrix = all_year_matrix(graph) if matrix is None else matrix
    report: list[dict[str, Any]] = []
    gone = []
    for start, group in mine.groupby("from", sort=True):
        longest = LONGEST * float(group["length_km"].max()) + LONGER_KM
        away = _distances(matrix, position[str(start)], longest)
        for id_, road in group.iterrows():
            km = float(away[position[road["to"]]])
            fits = np.isfinite(km) and km <= LONGEST * road["length_km"] + LONGER_KM
            why = (
                "seasonal: the dataset's dates are kept"
                if road["season"]
                else ""
                if fits
                else "OpenStreetMap has no way of like length between its ends"
            )
            if not why:
                gone.append(id_)
            report.append(
                {
                    "road": str(id_),
                    "shipped_km": float(road["length_km"]),
                    "osm_km": round(km, 3) if np.isfinite(km) else None,
                    "replaced": not why,
                    "why": why,
                }
            )
    rows = roads.loc[gone].assign(
        season=REPLACED, note="Replaced by the roads of OpenStreetMap in this folder"
    )
    return rows, tuple(sorted(report, key=lambda row: str(row["road"])))


def crossing_rows(
    graph: Area,
    tables: Mapping[str, pd.DataFrame],
    over: Sequence[CrossingWay],
    matched: Sequence[tuple[str | None, float]],
    position: Mapping[int, int],
    raw: RawArea,
    *,
    matrix: Any = None,
) -> pd.DataFrame:
    """Return the crossings whose way stands in OpenStreetMap, with the length between their moved terminals.

    Parameters
    ----------
    graph
        The area.
    tables
        The dataset.
    over, matched
        Ways over the border, and the crossing of each.
    position
        Position in the graph of OSM nodes.
    raw
        The OSM data.
    matrix
        `all_year_matrix` of the graph, where it is at hand.

    Notes
    -----
    Where the terminals stand beside the landings, the ways to these are part of the crossing. Driving time
    goes with the length; ships keep theirs.
    """
    crossings = tables["crossings"]
    matrix = all_year_matrix(graph) if matrix is None else matrix
    terminals = list(dict.fromkeys([*crossings["from"], *crossings["to"]]))
    found = graph.nodes.index.get_indexer(terminals)
    where = {str(id_): int(at) for id_, at in zip(terminals, found, strict=True) if at >= 0}
    best: dict[str, float] = {}
    for one, (crossing, _) in zip(over, matched, strict=True):
        if crossing is None:
            continue
        total = one.length_km
        for side, landing in (("from", one.ru), ("to", one.cn)):
            terminal = where.get(str(crossings.at[crossing, side]))
            total += _approach(graph, matrix, terminal, position.get(landing), landing, raw)
        if np.isfinite(total):
            best[crossing] = min(total, best.get(crossing, np.inf))
    rows = crossings.loc[list(best)].copy()
    for id_, km in best.items():
        ratio = km / float(rows.at[id_, "length_km"]) if rows.at[id_, "length_km"] else 1.0
        rows.loc[id_, "length_km"] = round(km, 3)
        if rows.at[id_, "mode"] not in ("ferry", "hovercraft"):
            rows.loc[id_, "travel_min"] = round(max(1.0, float(rows.at[id_, "travel_min"]) * ratio), 1)
            rows.loc[id_, "travel_confidence"] = "estimated"
        rows.loc[id_, "note"] = "Length between the terminals on OpenStreetMap's way over the border"
    if "bends" in rows:
        rows["bends"] = ""
    return rows.assign(source=OSM_SOURCE, source_date=raw.asof, confidence="reported")


def _approach(
    graph: Area, matrix: Any, terminal: int | None, landing: int | None, node: int, raw: RawArea
) -> float:
    """Km from a terminal to a landing: by road, else as the crow flies."""
    if terminal is None:
        return float("nan")
    if landing is not None:
        km = float(_distances(matrix, terminal, APPROACH_KM)[landing])
        if np.isfinite(km):
            return km
    row = graph.nodes.iloc[terminal]
    return float(great_circle_km(row["lon"], row["lat"], raw.lon[node], raw.lat[node]))


def window_rows(
    graph: Area,
    tables: Mapping[str, pd.DataFrame],
    dates: SeasonDates,
    crossings: Sequence[Mapping[str, Any]],
    seasons: Mapping[str, Season],
    replaced: bool,
) -> pd.DataFrame:
    """Return the windows of the area's seasonal roads, and of crossings for which the dataset has none.

    Parameters
    ----------
    graph
        The area.
    tables
        The dataset.
    dates
        What *winter* and *summer* stand for.
    crossings
        What became of the ways over the border.
    seasons
        Every season by its key.
    replaced
        Whether shipped roads are replaced.
    """
    rows: dict[str, dict[str, Any]] = {}
    used = {key: key for key in sorted(set(graph.edges["season"].astype(object)) - {""})}
    known = set(tables["windows"]["crossing"])
    for told in crossings:
        # Observed windows of the dataset go before a mapper's.
        if told["crossing"] is not None and told["season"] and told["crossing"] not in known:
            used[told["crossing"]] = told["season"]
    for crossing, key in used.items():
        season = seasons[key]
        for number, (opens, closes) in enumerate(season.windows() or (("", ""),), 1):
            rows[f"{crossing}:{number}"] = {
                "crossing": crossing,
                "traffic": "both",
                "valid_from": np.nan if season.years is None else float(season.years[0]),
                "valid_to": np.nan if season.years is None else float(season.years[1]),
                "open_md": opens,
                "close_md": closes,
                "open_sd_days": dates.sd_days if season.typical else STATED_SD_DAYS,
                "close_sd_days": dates.sd_days if season.typical else STATED_SD_DAYS,
                "confidence": "estimated" if season.typical else "reported",
                "note": "OSM names no dates: the typical season of the dataset"
                if season.typical
                else "Dates stated in OSM; the spread is the smallest, not observed",
            }
    if replaced:
        rows[REPLACED] = {
            "crossing": REPLACED,
            "traffic": "both",
            "open_md": "",
            "close_md": "",
            "confidence": "reported",
            "note": "No days: shipped roads that OpenStreetMap replaces",
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return in_schema(frame.assign(source=OSM_SOURCE), "windows") if rows else tables["windows"].iloc[:0]


def ferry_speeds(graph: Area, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return speeds on ferries inside one country, where the area has such ferries.

    Notes
    -----
    The median speed of the dataset's ferries over the border (length by minutes under way); an estimate.
    """
    speeds = tables["speeds"]
    known = ("ferry", "water") in set(
        zip(*(speeds.index.get_level_values(level) for level in (1, 2)), strict=True)
    )
    ferries = tables["crossings"][tables["crossings"]["mode"] == "ferry"]
    if known or ferries.empty or not (graph.edges["class"] == "ferry").any():
        return speeds.iloc[:0]
    kmh = float((ferries["length_km"] / ferries["travel_min"] * 60.0).median())
    keys = pd.MultiIndex.from_product(
        [sorted(tables["vehicles"].index), ["ferry"], ["water"]], names=speeds.index.names
    )
    frame = pd.DataFrame({"speed_kmh": round(kmh, 1), "source": "estimate"}, index=keys)
    note = "Median of the ferries over the border, waiting left out"
    return in_schema(frame.assign(confidence="estimated", note=note), "speeds")
