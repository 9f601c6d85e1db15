"""Build an area from OSM data and the dataset: segments joined into roads between junctions."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from amurgeo.dataset.area import Area, edge_ids
from amurgeo.errors import InputError
from amurgeo.network.edges import great_circle_km
from amurgeo.osm.attaching import (
    CrossingWay,
    attach_all,
    bank_of,
    crossing_ways,
    mainland,
    match_crossings,
    on_sphere,
    with_sides,
)
from amurgeo.osm.folder import BuiltArea, Overlay
from amurgeo.osm.reading import RawArea, kinds_of
from amurgeo.osm.seasons import SeasonDates
from amurgeo.osm.tags import MAIN_CLASSES, Kind, way_name

log = logging.getLogger(__name__)

#: Attributes of ways; segments are joined if those of the first line are equal.
_JOINED = ["class", "surface", "season", "ref", "toll", "max_mass_t", "traffic"]


class Backbone(NamedTuple):
    """Tables of the dataset that an area is attached to, and the line of its border (None without one)."""

    tables: Mapping[str, pd.DataFrame]
    border: Any


def build_area(raw: RawArea, backbone: Backbone, *, retrieved: str, title: str = "an area") -> BuiltArea:
    """Build an area from OSM data and attach it to the dataset.

    Seasons without dates, such as *winter*, have the median dates of the dataset.
    """
    tables = backbone.tables
    raw, kinds, remarks = kinds_of(raw, _season_dates(tables))
    ways = _way_table(raw, kinds)
    segments = _open_segments(raw, ways)
    places = with_sides(tables)
    side = bank_of(raw.lon, raw.lat, backbone.border, places)
    log.info("%d segments, %d nodes", len(segments), len(side))

    over = crossing_ways(segments, side == "home")
    over = match_crossings(over, raw.lon, raw.lat, tables["crossings"], tables["terminals"])
    inner = np.ones(len(segments), dtype=bool)
    inner[[segment for way in over for segment in way.segments]] = False
    segments, oneway = _directed(segments[inner], ways)

    nodes = _node_table(raw, ways, segments, side)
    attached, not_attached = attach_all(tables, nodes, raw.points, over)
    landings = [node for way in over for node in (way.home, way.far)]
    lines = join_segments(
        segments["tail"].to_numpy(),
        segments["head"].to_numpy(),
        segments["length_km"].to_numpy(),
        ways["group"].to_numpy()[segments["way"]],
        oneway,
        np.array([*attached["node"], *landings], dtype=np.int64),
        len(nodes),
    )
    log.info("%d lines", len(lines.tail))
    graph = _graph(raw, ways, segments, oneway, lines, nodes, attached, places)
    crossings = tuple(_crossing_report(way, raw, kinds) for way in over)
    seasons = {season.key: season for kind in kinds if kind for season in kind.seasons}
    overlay, replaced = Overlay(graph, tables, attached, over, crossings, seasons, raw).rows()
    overlay["sources"] = overlay["sources"].assign(
        title=f"Roads of OpenStreetMap: {title}", retrieved=retrieved
    )
    dated = {*tables["windows"]["crossing"], *tables["season_record"]["crossing"]}
    remarks += [remark for row in crossings for remark in _limit_remarks(row, row["crossing"] in dated)]
    counts = {
        "osm_nodes": len(raw.node_id),
        "osm_ways": len(raw.ways),
        "missing_nodes": raw.missing,
        "junctions": len(graph.nodes),
        "roads": len(graph.edges),
        "seasonal_roads": int((graph.edges["season"] != "").sum()),
        "inner_ferries": int((graph.edges["class"] == "ferry").sum()),
        "one_way_roads": int(graph.edges["oneway"].sum()),
    }
    return BuiltArea(
        graph,
        {name: rows for name, rows in overlay.items() if len(rows)},
        attached.assign(osm_node=raw.node_id[attached["node"]]).drop(columns="node"),
        not_attached,
        crossings,
        replaced,
        tuple(remarks),
        counts,
        title,
        retrieved,
        (float(raw.lon.min()), float(raw.lat.min()), float(raw.lon.max()), float(raw.lat.max())),
        dict(sorted(raw.skipped.items())),
    )


def _season_dates(tables: Mapping[str, pd.DataFrame]) -> SeasonDates:
    """Return the median dates of winter roads and ferries: of windows, of other ferries on record."""
    windows, record = tables["windows"], tables["season_record"]
    ferries = tables["crossings"].index[tables["crossings"]["mode"] == "ferry"]
    seen = record[record["evidence"].astype(bool) & (record["precision"] != "month")]
    seen = seen[seen["crossing"].isin(ferries.difference(windows["crossing"]))]
    stated = windows.melt("crossing", ["open_md", "close_md"], "event", "day")
    stated = stated.assign(event=stated["event"].str.removesuffix("_md"))
    days = pd.concat([stated, seen[["crossing", "event"]].assign(day=seen["date"].astype(str).str[5:10])])
    medians = {}
    for season, is_season in (
        ("winter", days["crossing"].str.startswith("road:")), ("summer", days["crossing"].isin(ferries))
    ):  # fmt: skip
        # The year of the median begins in July.
        rows = days[is_season & (days["day"] != "")].groupby("event")["day"]
        ordered = {event: sorted(group, key=lambda day: (day < "07-01", day)) for event, group in rows}
        if {"open", "close"} <= set(ordered):
            opens, closes = (ordered[event][len(ordered[event]) // 2] for event in ("open", "close"))
            medians[season] = (opens, closes)
    return SeasonDates(**medians)


def _way_table(raw: RawArea, kinds: list[Kind | None]) -> pd.DataFrame:
    """Return a row per way and season of it (by mass, traffic and direction), and its group of like ones."""
    rows = [
        (
            *(position, id_, kind.class_, kind.surface, kind.mode, kind.toll),
            *(season.key, season.all_year, season.max_mass_t, season.traffic, season.oneway),
            *(tags.get("ref", ""), way_name(tags)),
        )
        for position, ((id_, tags), kind) in enumerate(zip(raw.ways, kinds, strict=True))
        if kind
        for season in kind.seasons
    ]
    columns = ["position", "way", "class", "surface", "mode", "toll", "season", "all_year", "max_mass_t"]
    ways = pd.DataFrame(rows, columns=[*columns, "traffic", "oneway", "ref", "name"])
    return ways.assign(group=ways.groupby(_JOINED, dropna=False, sort=False).ngroup())


def _open_segments(raw: RawArea, ways: pd.DataFrame) -> pd.DataFrame:
    """Return the segments of ways that are ever open."""
    mode = np.full(len(raw.ways), "", dtype=object)
    mode[ways["position"]] = ways["mode"]
    keep = (mode != "")[raw.way]
    if not keep.any():
        raise InputError("the OSM data contain no road or ferry that carries vehicles")
    way, tail, head = raw.way[keep], raw.tail[keep], raw.head[keep]
    km = great_circle_km(raw.lon[tail], raw.lat[tail], raw.lon[head], raw.lat[head])
    modes = pd.Categorical(mode)[way]
    return pd.DataFrame({"tail": tail, "head": head, "length_km": km, "way": way, "mode": modes})


def _directed(segments: pd.DataFrame, ways: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a segment per season of its way, in the direction of traffic, and whether they are one-way."""
    position = ways["position"].to_numpy()
    first, end = (np.searchsorted(position, segments["way"], side=side) for side in ("left", "right"))
    repeats = end - first
    segments = segments.loc[segments.index.repeat(repeats)].reset_index(drop=True)
    start = np.repeat(first - np.cumsum(repeats) + repeats, repeats)
    row = start + np.arange(len(segments))
    oneway = ways["oneway"].to_numpy()[row]
    against = oneway < 0
    tail = np.where(against, segments["head"], segments["tail"])
    head = np.where(against, segments["tail"], segments["head"])
    return segments.assign(tail=tail, head=head, way=row), oneway != 0


def _node_table(raw: RawArea, ways: pd.DataFrame, segments: pd.DataFrame, side: np.ndarray) -> pd.DataFrame:
    """Return the nodes as `attach_all` needs them."""
    all_year = (ways["all_year"] & (ways["class"] != "ferry") & (ways["traffic"] == "both")).to_numpy()
    ends = segments[["tail", "head"]].to_numpy()
    flags = {}
    for name, of_way in (("on_road", all_year), ("main", all_year & ways["class"].isin(MAIN_CLASSES))):
        flags[name] = np.zeros(len(side), dtype=bool)
        flags[name][ends[np.asarray(of_way)[segments["way"]]]] = True
    roads = ends[all_year[segments["way"]]]
    usable = mainland(roads[:, 0], roads[:, 1], side)
    banks = pd.Categorical(side)
    return pd.DataFrame({"lon": raw.lon, "lat": raw.lat, "side": banks, "usable": usable, **flags})


class Lines(NamedTuple):
    """Lines between junctions: end nodes, length, one segment of each, and the nodes along all lines."""

    tail: np.ndarray
    head: np.ndarray
    length_km: np.ndarray
    segment: np.ndarray
    shape: np.ndarray
    start: np.ndarray


def join_segments(
    tail: np.ndarray,
    head: np.ndarray,
    length_km: np.ndarray,
    group: np.ndarray,
    oneway: np.ndarray,
    anchors: np.ndarray,
    n_nodes: int,
) -> Lines:
    """Join segments into lines at nodes where exactly two of one group and direction meet, except anchors.

    Isolated rings, and lines that return to their first node, are left out.
    """
    ends = np.concatenate([tail, head])
    order = np.argsort(ends, kind="stable")
    incident = order % max(len(tail), 1)
    first = np.searchsorted(ends[order], np.arange(n_nodes + 1))
    inner = np.diff(first) == 2
    inner[anchors] = False
    nodes = np.flatnonzero(inner)
    a, b = incident[first[nodes]], incident[first[nodes] + 1]
    alike = (group[a] == group[b]) & (oneway[a] == oneway[b]) & (a != b)
    # Of two one-way segments one must enter the node and the other leave it.
    alike &= ~oneway[a] | ((head[a] == nodes) != (head[b] == nodes))
    inner[nodes[~alike]] = False

    # Lists are faster than arrays in a loop.
    tails, heads, lengths, is_oneway = tail.tolist(), head.tolist(), length_km.tolist(), oneway.tolist()
    firsts, incidents, is_inner = first.tolist(), incident.tolist(), inner.tolist()
    seen = bytearray(len(tails))
    lines: list[tuple[int, int, float, int]] = []
    shape: list[int] = []
    start = [0]
    for node in np.flatnonzero(~inner & (np.diff(first) > 0)).tolist():
        for segment in incidents[firsts[node] : firsts[node + 1]]:
            if seen[segment]:
                continue
            at, along, total, path = node, segment, 0.0, [node]
            while True:
                seen[along] = 1
                total += lengths[along]
                at = heads[along] if tails[along] == at else tails[along]
                path.append(at)
                if not is_inner[at]:
                    break
                one, two = incidents[firsts[at]], incidents[firsts[at] + 1]
                along = two if one == along else one
            if at == node:
                continue
            if is_oneway[segment] and tails[segment] != node:
                path.reverse()
            lines.append((path[0], path[-1], total, segment))
            shape += path
            start.append(len(shape))
    tail, head, length_km, segments = np.array(lines, dtype=float).reshape(-1, 4).T
    integers = (np.array(values, dtype=np.int64) for values in (tail, head, segments, shape, start))
    a, b, c, *rest = integers
    return Lines(a, b, length_km, c, *rest)


def _graph(
    raw: RawArea,
    ways: pd.DataFrame,
    segments: pd.DataFrame,
    oneway: np.ndarray,
    lines: Lines,
    nodes: pd.DataFrame,
    attached: pd.DataFrame,
    places: pd.DataFrame,
) -> Area:
    used = np.unique(np.concatenate([lines.tail, lines.head]))
    number = raw.node_id[used]
    ids = np.array([f"osm_{id_}" for id_ in number.tolist()], dtype=object)
    kind = np.full(len(used), "junction", dtype=object)
    # The only road at an attached node may be a loop, which is left out.
    present = attached[np.isin(attached["node"], used)]
    at = np.searchsorted(used, present["node"])
    ids[at], kind[at] = present.index, "attached"
    junctions = nodes.loc[used, ["lat", "lon", "side"]].set_axis(pd.Index(ids, name="id", dtype=object))
    nearest = _nearest(junctions, places)
    junctions["country"] = pd.Categorical(nearest["country"])
    junctions["region"] = pd.Categorical(nearest["region"])
    junctions = junctions.drop(columns="side")
    junctions["osm_node"] = number
    junctions["kind"] = pd.Categorical(kind)
    tail, head = np.searchsorted(used, lines.tail), np.searchsorted(used, lines.head)
    rows = ways.iloc[segments["way"].to_numpy()[lines.segment]]
    edges = pd.DataFrame(
        {
            "tail": tail,
            "head": head,
            "length_km": lines.length_km.round(4),
            **{
                name: pd.Categorical(rows[name].astype(object))
                for name in ("class", "surface", "season", "ref", "name", "traffic")
            },
            "toll": rows["toll"].to_numpy(),
            "oneway": oneway[lines.segment],
            "max_mass_t": rows["max_mass_t"].to_numpy(),
            "way": rows["way"].to_numpy(),
        },
        index=edge_ids(ids, tail, head, rows["way"].to_numpy()),
    )
    shape = np.column_stack([raw.lon[lines.shape], raw.lat[lines.shape]])
    return Area(junctions, edges, lines.start, shape)


def _nearest(points: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return the nearest place on the same side of each point."""
    from scipy.spatial import KDTree

    rows = np.zeros(len(points), dtype=int)
    for side in points["side"].unique():
        here = (points["side"] == side).to_numpy()
        at = np.flatnonzero(places["side"] == side)
        near = places.iloc[at]
        _, nearest = KDTree(on_sphere(near["lon"], near["lat"])).query(
            on_sphere(points["lon"][here], points["lat"][here])
        )
        rows[here] = at[nearest]
    return places.iloc[rows]


def _crossing_report(way: CrossingWay, raw: RawArea, kinds: list[Kind | None]) -> dict[str, Any]:
    kind = kinds[way.ways[0]]
    season = kind.seasons[0] if kind and kind.seasons else None
    seasons = [season for at in way.ways if (of_way := kinds[at]) for season in of_way.seasons]
    masses = [season.max_mass_t for season in seasons]
    return {
        "mode": way.mode,
        "ways": [raw.ways[at][0] for at in way.ways],
        "length_km": round(way.length_km, 3),
        "crossing": way.crossing,
        "away_km": None if way.crossing is None else round(way.away_km, 3),
        "season": season.key if season else "",
        "spans": [list(span) for span in season.spans] if season else [],
        "typical": bool(season and season.typical),
        "max_mass_t": None if np.isnan(masses).all() else float(np.nanmin(masses)),
        "traffic": sorted({season.traffic for season in seasons}),
        "why": "" if way.crossing else f"the dataset has no {way.mode} crossing near its landings",
    }


def _limit_remarks(row: Mapping[str, Any], is_dated: bool) -> list[dict[str, Any]]:
    """Return remarks on the limits of a way over the border, which are not applied."""
    limits = {
        "maxweight": "" if row["max_mass_t"] is None else f"{row['max_mass_t']:g} t",
        "access": "" if row["traffic"] == ["both"] else " and ".join(row["traffic"]),
        "opening_hours": ", ".join(map("..".join, row["spans"])) if is_dated and not row["typical"] else "",
    }
    problem = "on a way over the border; what the dataset has for the crossing is used"
    return [
        {
            **{"way": row["ways"][0], "key": key, "text": text, "problem": problem},
            **{"read": True, "n_ways": len(row["ways"])},
        }
        for key, text in limits.items()
        if text and row["crossing"] and text != "01-01..12-31"
    ]
