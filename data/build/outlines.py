"""Border, regions and neighbours: one net of lines, thinned line by line, so that neighbours share points."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import shapely
import shapes
from shapely import ops
from shapely.geometry import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

LOG = logging.getLogger(__name__)

#: Groups of time zones whose outer edges are used, and the provinces that divide each group.
GROUPS = {
    "yakutsk": (("Asia/Yakutsk", "Asia/Khandyga", "Asia/Ust-Nera"), ("RU-AMU", "RU-SA")),
    "chita": (("Asia/Chita",), ("RU-ZAB",)),
    "vladivostok": (("Asia/Vladivostok",), ("RU-KHA", "RU-YEV", "RU-PRI")),
    "russia_other": (("Asia/Irkutsk", "Asia/Sakhalin"), ("RU-OTHER",)),
    "china": (("Asia/Shanghai",), ("CN-HL", "CN-NM", "CN-JL", "CN-OTHER")),
    "mongolia": (("Asia/Ulaanbaatar",), ("MN",)),
    "north_korea": (("Asia/Pyongyang",), ("KP",)),
    "japan": (("Asia/Tokyo",), ("JP",)),
}
ZONES = [zone for zones, _ in GROUPS.values() for zone in zones]
#: Province of the source -> id in the layers.
IDS = {
    "RU-AMU": "amur_oblast",
    "RU-SA": "sakha",
    "RU-ZAB": "zabaykalsky_krai",
    "RU-KHA": "khabarovsk_krai",
    "RU-YEV": "jewish_ao",
    "RU-PRI": "primorsky_krai",
    "RU-OTHER": "russia_other",
    "CN-HL": "heilongjiang",
    "CN-NM": "inner_mongolia",
    "CN-JL": "jilin",
    "CN-OTHER": "china_other",
    "MN": "mongolia",
    "KP": "north_korea",
    "JP": "japan",
}
RUSSIA = {
    "amur_oblast",
    "sakha",
    "zabaykalsky_krai",
    "khabarovsk_krai",
    "jewish_ao",
    "primorsky_krai",
    "russia_other",
}
CHINA = {"heilongjiang", "inner_mongolia", "jilin", "china_other"}
NEIGHBOURS = ("china_other", "japan", "mongolia", "north_korea", "russia_other")
#: Tolerances in metres: the state border, edges between regions, coasts.
BORDER_M, INNER_M, COAST_M = 40.0, 150.0, 350.0
MIN_ISLAND_KM2 = 15.0
SLIVER_KM2 = 1.0
#: Ends of a province line that fall this near the outline of their group are drawn on to it (degrees).
REACH = 0.35


@dataclass(frozen=True)
class Outlines:
    """Polygons by id, the line between Russia and China, and the other inner edges, all from one net."""

    areas: dict[str, BaseGeometry]
    border: LineString
    edges: list[LineString]


def outlines(
    zones: dict[str, BaseGeometry], units: dict[str, BaseGeometry], land: list[BaseGeometry]
) -> Outlines:
    """Build the polygons of regions and neighbours and the state border.

    Notes
    -----
    Outer edges of each group come from OpenStreetMap, edges between provinces of one time zone and the coast
    from Natural Earth. Everything is noded into one net, the net is cut into arcs where three or more meet,
    and each arc is simplified once: that is why neighbours agree to the last digit.
    """
    groups = {
        name: shapely.set_precision(shapely.union_all([zones[zone] for zone in members]), 1e-6)
        for name, (members, _) in GROUPS.items()
    }
    provinces = _provinces(units)
    ground = shapely.set_precision(shapely.union_all(land), 1e-6)
    net = [ground.boundary, *(group.boundary for group in groups.values())]
    for name, (_, codes) in GROUPS.items():
        net.extend(_divides({code: provinces[code] for code in codes}, groups[name]))
    noded = shapely.union_all([shapely.set_precision(line, 1e-6) for line in net])
    faces: dict[str, list[BaseGeometry]] = {}
    small = []
    for face in shapes.polygons(shapely.polygonize([*shapes.lines(noded)])):
        code = _code(face, groups, provinces, ground)
        if code is not None and shapes.to_metres(face).area > SLIVER_KM2 * 1e6:
            faces.setdefault(IDS[code], []).append(face)
        elif ground.contains(face.representative_point()):
            small.append(face)
    whole = {id_: shapely.union_all(parts) for id_, parts in sorted(faces.items())}
    for face in small:  # islands of doubt in a border river go to the longer bank
        owner = max(whole, key=lambda id_: face.boundary.intersection(whole[id_].boundary).length)
        if face.boundary.intersection(whole[owner].boundary).length > 0:
            faces[owner].append(face)
    raw = {id_: _without_islets(shapely.union_all(parts)) for id_, parts in sorted(faces.items())}
    return _simplified(raw)


def _provinces(units: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    made = {code: units[code] for code in IDS if code in units}
    for code in IDS:
        if code not in made:
            country = code[:2]
            rest = [shape for key, shape in units.items() if key.startswith(country) and key not in IDS]
            made[code] = shapely.union_all(rest)
    return made


def _divides(provinces: dict[str, BaseGeometry], group: BaseGeometry) -> list[BaseGeometry]:
    """Return the lines between the provinces of one group, drawn on to the outline of the group."""
    codes = sorted(provinces)
    shared = [
        provinces[a].boundary.intersection(provinces[b].boundary)
        for i, a in enumerate(codes)
        for b in codes[i + 1 :]
    ]
    pieces = [line for part in shared for line in shapes.lines(_merged(part)) if line.length > 0.05]
    ends = [tuple(np.round(end, 6)) for line in pieces for end in (line.coords[0], line.coords[-1])]
    drawn: list[BaseGeometry] = []
    outline = group.boundary
    for line in pieces:
        free = [ends.count(tuple(np.round(end, 6))) == 1 for end in (line.coords[0], line.coords[-1])]
        inside = shapes.lines(_merged(line.intersection(group)))
        if not inside:
            continue
        coords = np.asarray(inside[0].coords)
        # A line that met the outline of the source is led on to the outline used here, and a little past it.
        if free[0]:
            coords = _led_on(coords[::-1], outline)[::-1]
        if free[1]:
            coords = _led_on(coords, outline)
        drawn.append(LineString(coords))
    return drawn


def _led_on(coords: np.ndarray, outline: BaseGeometry) -> np.ndarray:
    end = shapely.Point(coords[-1])
    target = np.asarray(ops.nearest_points(outline, end)[0].coords[0])
    away = float(np.hypot(*(target - coords[-1])))
    if away > REACH:
        return coords
    step = target - coords[-1] if away > 1e-5 else coords[-1] - coords[-2]
    return np.vstack([coords, target + step / np.hypot(*step) * 1e-4])


def _merged(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapes.lines(geometry)
    return shapely.line_merge(MultiLineString(parts)) if parts else geometry


def _code(
    face: Polygon, groups: dict[str, BaseGeometry], provinces: dict[str, BaseGeometry], ground: BaseGeometry
) -> str | None:
    """Return the province a face belongs to, None at sea."""
    spot = face.representative_point()
    if not ground.contains(spot):
        return None
    for name, (_, codes) in GROUPS.items():
        if groups[name].contains(spot):
            if len(codes) == 1:
                return codes[0]
            overlap = {code: face.intersection(provinces[code]).area for code in codes}
            return max(codes, key=lambda code: (overlap[code], -provinces[code].distance(spot)))
    return None


def _without_islets(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapes.polygons(geometry)
    large = [part for part in parts if shapes.to_metres(part).area > MIN_ISLAND_KM2 * 1e6]
    return shapely.union_all(large)


def _simplified(raw: dict[str, BaseGeometry]) -> Outlines:
    owners = list(raw)
    net = shapely.line_merge(shapely.union_all([shape.boundary for shape in raw.values()]))
    arcs, tolerance, state, inner = [], [], [], []
    tree = shapely.STRtree([shape.boundary for shape in raw.values()])
    for arc in shapes.lines(net):
        middle = arc.interpolate(0.5, normalized=True)
        near = {owners[i] for i in tree.query(middle, predicate="dwithin", distance=1e-7)}
        arcs.append(arc)
        state.append(bool(near & RUSSIA) and bool(near & CHINA))
        inner.append(len(near) > 1 and not state[-1])
        tolerance.append(BORDER_M if state[-1] else INNER_M if len(near) > 1 else COAST_M)
    thin = [shapes.rounded(shapes.thinned(arc, metres)) for arc, metres in zip(arcs, tolerance, strict=True)]
    for _ in range(8):
        # Thinning can make a bend cross itself or its neighbour: keep more of those.
        faulty = _crossing(thin)
        if not faulty:
            break
        for i in faulty:
            tolerance[i] /= 2
            thin[i] = shapes.rounded(shapes.thinned(arcs[i], tolerance[i]))
    border = [line for line, is_state in zip(thin, state, strict=True) if is_state]
    areas: dict[str, list[BaseGeometry]] = {}
    for face in shapes.polygons(shapely.polygonize([line for line in thin if line.length > 0])):
        spot = face.representative_point()
        owner = next((id_ for id_, shape in raw.items() if shape.contains(spot)), None)
        if owner is not None:
            areas.setdefault(owner, []).append(face)
    line = shapely.line_merge(MultiLineString(border))
    parts = shapes.lines(line)
    LOG.info(
        "state border: %s",
        [(round(shapes.length_km(part)), part.coords[0], part.coords[-1]) for part in parts],
    )
    edges = [edge for edge, is_inner in zip(thin, inner, strict=True) if is_inner]
    return Outlines({id_: shapely.union_all(parts) for id_, parts in sorted(areas.items())}, parts[0], edges)


def _crossing(lines: list[LineString]) -> list[int]:
    """Return the numbers of the lines that cross themselves or touch another one away from its ends."""
    found = {i for i, line in enumerate(lines) if not line.is_simple}
    tree = shapely.STRtree(lines)
    for i, j in tree.query(lines, predicate="intersects").T.tolist():
        if i < j:
            shared = lines[i].intersection(lines[j])
            if not shared.difference(lines[i].boundary.union(lines[j].boundary)).is_empty:
                found |= {i, j}
    return sorted(found)
