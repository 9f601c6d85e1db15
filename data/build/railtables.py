"""Write the tables of stations, railways and reference distances, and the drawn railways."""

from __future__ import annotations

import csv
import hashlib
import logging
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlparse

import networkx as nx
import railgraph
import shapely
import shapes
from layers import ODBL
from shapely.geometry import LineString

LOG = logging.getLogger(__name__)
HERE = Path(__file__).resolve().parent
READ = "2026-11"
OSM_DATE = "2024-04"
#: A leg no longer than this shows where the track lies: the station is put on it.
DENSE_KM = 6.0
ON_TRACK_KM = 2.0

STATION_COLUMNS = [
    "id",
    "place",
    "country",
    "region",
    "name_en",
    "name_ru",
    "name_zh",
    "aliases",
    "lat",
    "lon",
    "source",
    "source_date",
    "confidence",
    "transshipment",
    "note",
]
RAILWAY_COLUMNS = [
    "id",
    "from",
    "to",
    "line",
    "gauge_mm",
    "kind",
    "status",
    "opened",
    "length_km",
    "length_source",
    "used_pairs",
    "bends",
    "source",
    "source_date",
    "confidence",
    "note",
]
REFERENCE_COLUMNS = [
    "id",
    "from",
    "to",
    "mode",
    "ref",
    "km",
    "hours",
    "surface",
    "precision",
    "from_place",
    "to_place",
    "used",
    "judged",
    "reason",
    "source",
    "note",
]


#: Sources that are not pages: id -> title, publisher, address, licence, published, note.
@dataclass(frozen=True)
class Row:
    """One stretch of railway on its way to the table."""

    line: dict[str, str]
    a: str
    b: str
    way: railgraph.Stretch | None
    air_km: float
    anchor: dict[str, str] | None = None
    share: float = 1.0  # of the anchor's length
    whole: bool = False  # the anchor is this stretch alone

    @property
    def id(self) -> str:
        """Id of the stretch; high-speed lines carry the line as well, for they run beside another."""
        base = f"{self.a}_station--{self.b}_station"
        return f"{base}:{self.line['id']}" if self.line["kind"] == "high_speed" else base

    @property
    def winding(self) -> float:
        """How much longer than the air line the track is, as a share."""
        return max(0.0, self.way.km / self.air_km - 1.0) if self.way else 0.0


def source_id(address: str) -> str:
    """Return the id of a source: its host and six hex digits of the SHA-1 of its address."""
    host = urlparse(address).hostname or address
    host = re.sub(r"^www\.|^m\.|^amp\.", "", host)
    slug = re.sub(r"[^a-z0-9]+", "_", host.lower()).strip("_")[:28]
    return f"{slug}_{hashlib.sha1(address.encode()).hexdigest()[:6]}"


def table(name: str) -> list[dict[str, str]]:
    """Read one of the typed tables beside this file."""
    with (HERE / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def write_table(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    """Write rows sorted by id."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row["id"]))


def write_railways(folders: dict[str, Path], geo: Path) -> None:
    """Write the three tables and the drawn lines into the dataset folder."""
    graph = railgraph.mended(*shapes.rail_graph(folders["scgraph-data"], railgraph.CLIP))
    typed = {row["id"]: row for row in table("rail_stations.csv")}
    spots, on_track = _positions(graph, typed)
    made = railgraph.with_stations(graph, spots, _splits())
    rows = _rows(made, spots)
    rows = _anchored(rows)
    slope = winding_slope(rows)
    LOG.info("winding lines gain %.3f of their winding", slope)
    railways = [_railway(row, slope) for row in rows]
    reference = _reference()
    write_table(
        geo / "stations.csv",
        STATION_COLUMNS,
        [_station(typed[id_], spots[id_], id_ in on_track) for id_ in typed],
    )
    write_table(geo / "railways.csv", RAILWAY_COLUMNS, railways)
    write_table(geo / "reference_rail.csv", REFERENCE_COLUMNS, reference)
    drawn = [
        ({"id": row.id}, _drawn(row, spots))
        for row in rows
        if row.way is not None and not (row.anchor or {}).get("bends")
    ]
    shapes.write_geojson(geo / "layers/railways_osm.geojson", drawn, notice=ODBL)


def _positions(
    graph: nx.Graph, typed: dict[str, dict[str, str]]
) -> tuple[dict[str, railgraph.Point], set[str]]:
    """Put stations on the track where the track is drawn finely enough to know it."""
    spots, moved = {}, set()
    for id_, row in typed.items():
        spot = (float(row["lon"]), float(row["lat"]))
        for away, share, a, b in railgraph.near_legs(graph, spot)[:1]:
            ends = graph.nodes[a]["at"], graph.nodes[b]["at"]
            if away <= ON_TRACK_KM and shapes.distance_km(*ends) <= DENSE_KM:
                spot = railgraph.between(graph, a, b, share)
                moved.add(id_)
        spots[id_] = (round(spot[0], 4), round(spot[1], 4))
    return spots, moved


def _splits() -> list[railgraph.Split]:
    return [
        railgraph.Split(
            row["station"],
            (float(row["from_lon"]), float(row["from_lat"])),
            (float(row["to_lon"]), float(row["to_lat"])),
            float(row["km"]),
        )
        for row in table("rail_splits.csv")
    ]


def _rows(graph: nx.Graph, spots: dict[str, railgraph.Point]) -> list[Row]:
    rows = []
    for line in table("rail_lines.csv"):
        for a, b in pairwise(line["stations"].split()):
            rows.append(
                Row(line, a, b, railgraph.stretch(graph, a, b), shapes.distance_km(spots[a], spots[b]))
            )
    return rows


def _anchored(rows: list[Row]) -> list[Row]:
    """Give each stretch between two points of known distance its share of that distance."""
    made = list(rows)
    for anchor in table("rail_lengths.csv"):
        places = [i for i, row in enumerate(made) if row.line["id"] == anchor["line"]]
        first = next(i for i in places if made[i].a == anchor["from"])
        last = next(i for i in places if made[i].b == anchor["to"])
        part = made[first : last + 1]
        if len(part) > 1 and any(row.way is None for row in part):
            raise ValueError(f"{anchor['from']} - {anchor['to']}: a stretch between them has no track")
        total = sum(row.way.km if row.way else 1.0 for row in part)
        for i, row in enumerate(part, start=first):
            share = (row.way.km if row.way else 1.0) / total
            made[i] = replace(row, anchor=anchor, share=share, whole=len(part) == 1)
    loose = [row.id for row in made if row.anchor is None and row.way is None]
    if loose:
        raise ValueError(f"neither track nor typed length: {', '.join(loose)}")
    return made


def winding_slope(rows: list[Row]) -> float:
    """Return how much of its winding a stretch loses in the graph, fitted to the typed distances.

    Notes
    -----
    The legs of the graph were thinned before they were measured, so winding lines come out short and
    straight ones do not. With ``w`` the length of the track over the air line less one, the published length
    is taken to be the length of the track times ``1 + s * w``; ``s`` is the least-squares fit over the typed
    distances, weighted by length.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.anchor is not None and row.way is not None and row.line["kind"] != "high_speed":
            groups.setdefault((row.anchor["line"], row.anchor["from"], row.anchor["to"]), []).append(row)
    above = below = 0.0
    for part in groups.values():
        track = sum(row.way.km for row in part if row.way)
        turn = sum(row.way.km * row.winding for row in part if row.way)
        km = float(part[0].anchor["km"]) if part[0].anchor else 0.0
        above += (km - track) * turn / track
        below += turn * turn / track
    return above / below


def _railway(row: Row, slope: float) -> dict[str, str]:
    made = {
        "id": row.id,
        "from": f"{row.a}_station",
        "to": f"{row.b}_station",
        "line": row.line["name"],
        "gauge_mm": row.line["gauge_mm"],
        "kind": row.line["kind"],
        "status": row.line["status"],
        "opened": "",
        "bends": "",
    }
    if row.anchor is None:
        km = row.way.km * (1 + slope * row.winding) if row.way else 0.0
        note = f"Track in OpenStreetMap {row.way.km:.1f} km, corrected for winding" if row.way else ""
        return made | {
            "length_km": f"{km:.1f}",
            "length_source": "osm",
            "used_pairs": "",
            "source": "osm_railways",
            "source_date": OSM_DATE,
            "confidence": "reported",
            "note": note,
        }
    anchor = row.anchor
    ends = f"{anchor['from']}_station - {anchor['to']}_station"
    note = anchor["note"] if row.whole else f"Share of the {anchor['km']} km {ends}. {anchor['note']}".strip()
    return made | {
        "length_km": f"{float(anchor['km']) * row.share:.1f}",
        "length_source": anchor["kind"] if row.whole else "derived",
        "used_pairs": anchor["pairs"],
        "bends": anchor["bends"],
        "source": source_id(anchor["source"]),
        "source_date": anchor["date"],
        "confidence": "reported",
        "note": note,
    }


def _station(typed: dict[str, str], spot: railgraph.Point, on_track: bool) -> dict[str, str]:
    source = ("osm_railways", OSM_DATE, "reported") if on_track else ("estimate", READ, "estimated")
    made = {
        key: typed[key]
        for key in ("place", "country", "region", "name_en", "name_ru", "name_zh", "aliases", "transshipment")
    }
    note = typed["note"]
    if not on_track:
        note = f"{note}. Position typed, about ±2 km".lstrip(". ")
    return made | {
        "id": f"{typed['id']}_station",
        "lat": f"{spot[1]:.4f}",
        "lon": f"{spot[0]:.4f}",
        "source": source[0],
        "source_date": source[1],
        "confidence": source[2],
        "note": note,
    }


def _drawn(row: Row, spots: dict[str, railgraph.Point]) -> LineString:
    inner = list(row.way.points[1:-1]) if row.way else []
    line = LineString([spots[row.a], *inner, spots[row.b]])
    return shapes.rounded(shapely.remove_repeated_points(line))


def _reference() -> list[dict[str, str]]:
    used = {pair for anchor in table("rail_lengths.csv") for pair in anchor["pairs"].split(";")}
    rows = []
    for row in table("rail_reference.csv"):
        made = {key: row[key] for key in REFERENCE_COLUMNS if key in row}
        made |= {"used": "yes" if row["id"] in used else "no", "source": source_id(row["address"])}
        rows.append(made)
    missing = sorted(used - {row["id"] for row in rows})
    if missing:
        raise ValueError(f"lengths are typed from pairs that are not in the reference: {', '.join(missing)}")
    return rows
