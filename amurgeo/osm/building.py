"""From raw OSM data and the shipped dataset to an area: banks, crossings, attached points, joined lines."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import Area, edge_ids
from amurgeo.errors import InputError
from amurgeo.osm.area import BuiltArea, source_rows
from amurgeo.osm.attaching import MOVE_KM, Nodes, attach, attach_terminals, mainland
from amurgeo.osm.banks import bank_of
from amurgeo.osm.crossing_ways import CrossingWay, crossing_ways, match_crossings
from amurgeo.osm.laying import (
    all_year_matrix,
    crossing_rows,
    ferry_speeds,
    moved_rows,
    replaced_rows,
    window_rows,
)
from amurgeo.osm.lines import Lines, great_circle_km, join_segments, on_sphere
from amurgeo.osm.opening import SeasonDates, season_dates
from amurgeo.osm.reading import RawArea
from amurgeo.osm.tags import DECIDING, MAIN_CLASSES, Kind, kind_of, name_of_way

log = logging.getLogger(__name__)

#: A terminal shared by several ways over the border stands at the landing of the first of these.
_LANDING_ORDER = ("bridge", "road", "pontoon", "ferry", "ice_road", "hovercraft")


@dataclass(frozen=True)
class Backbone:
    """Tables of the shipped dataset that an area is attached to.

    Attributes
    ----------
    tables
        Frames by table name, as they are read.
    border
        Line of the state border, as a shapely geometry.
    """

    tables: Mapping[str, pd.DataFrame]
    border: Any


def build_area(
    raw: RawArea,
    backbone: Backbone,
    *,
    retrieved: str,
    title: str = "an area",
    dates: SeasonDates | None = None,
) -> BuiltArea:
    """Make an area from raw OSM data.

    Parameters
    ----------
    raw
        Ways and nodes.
    backbone
        The dataset that it is attached to.
    retrieved
        Day of reading (ISO), for the sources.
    title
        What was read.
    dates
        What *winter* and *summer* stand for; None: the medians of the dataset.

    Raises
    ------
    InputError
        When nothing in the data carries vehicles.
    """
    tables = backbone.tables
    dates = dates or season_dates(tables["windows"], tables["crossings"])
    kinds, remarks = _kinds(raw, dates)
    keep = np.array([bool(kind and kind.season.spans) for kind in kinds], dtype=bool)[raw.way]
    if not keep.any():
        raise InputError("the OSM data hold no road or ferry that carries vehicles")
    way = raw.way[keep]
    oneway = np.array([kind.oneway if kind else 0 for kind in kinds], dtype=np.int8)[way]
    tail = np.where(oneway < 0, raw.head[keep], raw.tail[keep])
    head = np.where(oneway < 0, raw.tail[keep], raw.head[keep])
    length = great_circle_km(raw.lon[tail], raw.lat[tail], raw.lon[head], raw.lat[head])
    country = bank_of(raw.lon, raw.lat, backbone.border, tables["places"])
    log.info("%d segments, %d nodes", len(tail), len(country))

    mode = np.array([kind.mode if kind else "" for kind in kinds], dtype="U10")
    over = crossing_ways(tail, head, length, way, mode[way], country == "RU")
    matched = match_crossings(over, raw.lon, raw.lat, tables["crossings"], tables["terminals"])
    inner = np.ones(len(tail), dtype=bool)
    inner[np.array([segment for one in over for segment in one.segments], dtype=np.int64)] = False
    tail, head, length, way, oneway = (values[inner] for values in (tail, head, length, way, oneway))

    attached, left = _attach_all(raw, tables, kinds, tail, head, way, country, over, matched)
    landings = [node for one in over for node in (one.ru, one.cn)]
    group, attributes = _groups(raw, kinds)
    anchors = np.unique(np.array([*attached["node"], *landings], dtype=np.int64))
    lines = join_segments(tail, head, length, group[way], oneway != 0, anchors, len(country))
    log.info("%d lines", len(lines.tail))

    graph = _graph(
        raw,
        lines,
        way[lines.segment],
        oneway[lines.segment] != 0,
        group,
        attributes,
        country,
        attached,
        tables,
    )
    position = {int(node): at for at, node in enumerate(_used(lines))}
    crossings = [
        _told(one, crossing, away, raw, kinds) for one, (crossing, away) in zip(over, matched, strict=True)
    ]
    matrix = all_year_matrix(graph)
    roads, replaced = replaced_rows(graph, tables["roads"], matrix=matrix)
    own = {
        **moved_rows(graph, tables, attached, raw, matrix=matrix),
        "crossings": crossing_rows(graph, tables, over, matched, position, raw, matrix=matrix),
        "roads": roads,
        "windows": window_rows(
            graph,
            tables,
            dates,
            crossings,
            {kind.season.key: kind.season for kind in kinds if kind},
            bool(len(roads)),
        ),
        "sources": source_rows(title=title, published=raw.asof, retrieved=retrieved),
        "speeds": ferry_speeds(graph, tables),
    }
    return BuiltArea(
        graph,
        {name: frame for name, frame in own.items() if len(frame)},
        attached.assign(osm_node=raw.node_id[attached["node"].to_numpy(dtype=np.int64)]).drop(columns="node"),
        left,
        tuple(crossings),
        replaced,
        remarks,
        {
            "osm_nodes": len(raw.node_id),
            "osm_ways": len(raw.ways),
            "missing_nodes": raw.missing,
            "junctions": len(graph.nodes),
            "roads": len(graph.edges),
            "seasonal_roads": int((graph.edges["season"] != "").sum()),
            "inner_ferries": int((graph.edges["class"] == "ferry").sum()),
            "one_way_roads": int(graph.edges["oneway"].sum()),
        },
        title,
        retrieved,
        (float(raw.lon.min()), float(raw.lat.min()), float(raw.lon.max()), float(raw.lat.max())),
    )


def _kinds(raw: RawArea, dates: SeasonDates) -> tuple[list[Kind | None], tuple[dict[str, Any], ...]]:
    """Judge every way; ways with the same tags are judged once."""
    known: dict[tuple[str | None, ...], Kind | None] = {}
    kinds: list[Kind | None] = []
    remarks: list[dict[str, Any]] = []
    for id_, tags in raw.ways:
        key = tuple(map(tags.get, DECIDING))
        if key not in known:
            known[key] = kind_of(tags, dates=dates)
        kind = known[key]
        kinds.append(kind)
        if kind is not None and kind.season.remarks:
            remarks += [
                {"way": id_, "key": told.key, "text": told.text, "problem": told.problem, "read": told.read}
                for told in kind.season.remarks
            ]
    return kinds, tuple(remarks)


def _groups(raw: RawArea, kinds: list[Kind | None]) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
    """Give a number to each kind of ways whose segments may be joined; also what the numbers stand for."""
    numbers: dict[tuple[Any, ...], int] = {}
    group = np.full(len(kinds), -1, dtype=np.int64)
    for at, (kind, (_, tags)) in enumerate(zip(kinds, raw.ways, strict=True)):
        if kind is None:
            continue
        mass = kind.season.max_mass_t
        key = (
            kind.class_,
            kind.surface,
            kind.season.key,
            tags.get("ref", ""),
            kind.toll,
            # NaN is not equal to itself and would split every line.
            None if np.isnan(mass) else mass,
        )
        group[at] = numbers.setdefault(key, len(numbers))
    return group, list(numbers)


def _attach_all(
    raw: RawArea,
    tables: Mapping[str, pd.DataFrame],
    kinds: list[Kind | None],
    tail: np.ndarray,
    head: np.ndarray,
    way: np.ndarray,
    country: np.ndarray,
    over: list[CrossingWay],
    matched: list[tuple[str | None, float]],
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    all_year = np.array([bool(kind and kind.season.all_year and kind.class_ != "ferry") for kind in kinds])[
        way
    ]
    is_main = np.array([bool(kind and kind.class_ in MAIN_CLASSES) for kind in kinds])[way] & all_year
    n = len(country)
    on_road, main = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    on_road[tail[all_year]] = on_road[head[all_year]] = True
    main[tail[is_main]] = main[head[is_main]] = True
    usable = mainland(tail[all_year], head[all_year], country)
    nodes = Nodes(raw.lon, raw.lat, country, usable, main)
    landings = _landings(over, matched, tables["crossings"])
    near = _near(tables["terminals"], nodes, on_road)
    wanted = tables["terminals"].loc[
        [id_ for id_ in tables["terminals"].index if id_ in landings or id_ in near]
    ]
    points = {node: kind for node, kind in raw.points.items() if on_road[node]}
    modes = _modes(tables["crossings"])
    first = [id_ for id_ in wanted.index if id_ in landings]
    landed = attach_terminals(wanted.loc[first], nodes, landings, points, modes)
    places = tables["places"].loc[_near(tables["places"], nodes, on_road)]
    # Towns before villages: who is first chooses first.
    places = places.sort_values("population", ascending=False, kind="stable", na_position="last")
    found = attach(places, nodes, taken=tuple(landed["node"]))
    used = (*landed["node"], *found["node"])
    others = attach_terminals(wanted.drop(index=first), nodes, {}, points, modes, taken=used)
    attached = pd.concat([landed, found, others])
    attached = attached.assign(
        kind=["terminal" if id_ in wanted.index else "place" for id_ in attached.index],
        country=[
            (tables["terminals"] if id_ in wanted.index else tables["places"]).at[id_, "country"]
            for id_ in attached.index
        ],
    )
    left = tuple(sorted({*wanted.index, *places.index} - set(attached.index)))
    return attached, left


def _modes(crossings: pd.DataFrame) -> dict[str, frozenset[str]]:
    ends = pd.concat([crossings.set_index(side)["mode"] for side in ("from", "to")])
    return {str(id_): frozenset(mine) for id_, mine in ends.groupby(level=0)}


def _near(points: pd.DataFrame, nodes: Nodes, on_road: np.ndarray) -> list[str]:
    """Ids of the points that lie in the area at all: some road of whatever bank is within reach."""
    from scipy.spatial import KDTree

    at = np.flatnonzero(on_road)
    if not len(at) or points.empty:
        return []
    tree = KDTree(on_sphere(nodes.lon[at], nodes.lat[at]))
    away, _ = tree.query(
        on_sphere(points["lon"].to_numpy(), points["lat"].to_numpy()), distance_upper_bound=MOVE_KM
    )
    return [str(id_) for id_, km in zip(points.index, away, strict=True) if np.isfinite(km)]


def _landings(
    over: list[CrossingWay], matched: list[tuple[str | None, float]], crossings: pd.DataFrame
) -> dict[str, int]:
    """Return the landing that each terminal stands at."""
    ranked = sorted(
        (
            (
                _LANDING_ORDER.index(one.mode) if one.mode in _LANDING_ORDER else 9,
                away,
                one.ru,
                one.cn,
                crossing,
            )
            for one, (crossing, away) in zip(over, matched, strict=True)
            if crossing is not None
        ),
    )
    found: dict[str, int] = {}
    for _, _, ru, cn, crossing in ranked:
        for side, node in (("from", ru), ("to", cn)):
            found.setdefault(str(crossings.at[crossing, side]), node)
    return found


def _used(lines: Lines) -> np.ndarray:
    return np.unique(np.concatenate([lines.tail, lines.head]))


def _graph(
    raw: RawArea,
    lines: Lines,
    way: np.ndarray,
    oneway: np.ndarray,
    group: np.ndarray,
    attributes: list[tuple[Any, ...]],
    country: np.ndarray,
    attached: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> Area:
    used = _used(lines)
    names = {int(node): str(id_) for id_, node in attached["node"].items()}
    ids = [
        names.get(node, f"osm_{number}")
        for node, number in zip(used.tolist(), raw.node_id[used].tolist(), strict=True)
    ]
    nodes = pd.DataFrame(
        {
            "lat": raw.lat[used],
            "lon": raw.lon[used],
            "country": pd.Categorical(country[used]),
            "region": pd.Categorical(_regions(raw.lon[used], raw.lat[used], country[used], tables["places"])),
            "osm_node": raw.node_id[used],
            "kind": pd.Categorical(["attached" if node in names else "junction" for node in used.tolist()]),
        },
        index=pd.Index(ids, name="id", dtype=object),
    )
    tail, head = np.searchsorted(used, lines.tail), np.searchsorted(used, lines.head)
    kind = group[way]
    columns = list(zip(*attributes, strict=True))
    ways = (
        raw.node_id[:0]
        if not len(way)
        else np.array([raw.ways[at][0] for at in way.tolist()], dtype=np.int64)
    )
    edges = pd.DataFrame(
        {
            "tail": tail,
            "head": head,
            "length_km": lines.length_km.round(4),
            **{
                name: pd.Categorical([columns[at][number] for number in kind.tolist()])
                for at, name in enumerate(("class", "surface", "season", "ref"))
            },
            "name": pd.Categorical([name_of_way(raw.ways[at][1]) for at in way.tolist()]),
            "toll": np.array([columns[4][number] for number in kind.tolist()], dtype=bool),
            "oneway": oneway,
            "max_mass_t": np.array([columns[5][number] for number in kind.tolist()], dtype=float),
            "way": ways,
        },
        index=edge_ids(np.array(ids, dtype=object), tail, head, ways),
    )
    shape = np.column_stack([raw.lon[lines.shape], raw.lat[lines.shape]])
    return Area(nodes, edges, lines.start, shape)


def _regions(lon: np.ndarray, lat: np.ndarray, country: np.ndarray, places: pd.DataFrame) -> np.ndarray:
    """Return the region of the nearest place of the same country."""
    from scipy.spatial import KDTree

    found = np.full(len(lon), "", dtype=object)
    for bank in np.unique(country):
        mine = places[places["country"] == bank]
        _, which = KDTree(on_sphere(mine["lon"].to_numpy(), mine["lat"].to_numpy())).query(
            on_sphere(lon[country == bank], lat[country == bank])
        )
        found[country == bank] = mine["region"].to_numpy(dtype=object)[which]
    return found


def _told(
    one: CrossingWay, crossing: str | None, away: float, raw: RawArea, kinds: list[Kind | None]
) -> dict[str, Any]:
    """Say what became of a way over the border."""
    first = kinds[one.ways[0]]
    season = first.season if first is not None else None
    return {
        "mode": one.mode,
        "ways": [raw.ways[at][0] for at in one.ways],
        "length_km": round(one.length_km, 3),
        "crossing": crossing,
        "away_km": None if crossing is None else round(away, 3),
        "season": "" if season is None else season.key,
        "spans": [] if season is None else [list(span) for span in season.spans],
        "typical": bool(season and season.typical),
        "why": "" if crossing else f"the dataset has no {one.mode} crossing near its landings",
    }
