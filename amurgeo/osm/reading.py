"""OSM files as segments of ways."""

from __future__ import annotations

import bz2
import gzip
import logging
import os
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from amurgeo.errors import InputError
from amurgeo.osm.seasons import Remark, SeasonDates
from amurgeo.osm.tags import FORMER, NODE_TAGS, POINTS, Kind, barrier_limits, effect_of, kind_of

log = logging.getLogger(__name__)

SUFFIXES = (".osm", ".osm.xml", ".osm.bz2", ".osm.gz", ".osm.pbf", ".pbf", ".xml")
_EXPECTED = "expected .osm, .osm.bz2, .osm.gz or .osm.pbf"
#: Errors that osmium raises on damaged files.
_BROKEN = (RuntimeError, OSError, ValueError, LookupError, ArithmeticError, MemoryError)
_FILTER = ("highway", "route", "barrier", "amenity", "restriction", *FORMER)
#: XML up to this size (bytes) is read without a filter.
_SMALL = 20_000_000
#: A file may unpack to this number of bytes, and to this multiple of its size.
_FLOOR, _RATIO = 100_000_000, 100
_DELETED = re.compile(rb"""<(node|way|relation)\s[^<]*?\baction\s*=\s*["']delete["'][^<]*""")
_ID = re.compile(rb"""\sid\s*=\s*["'](-?\d+)["']""")
_NODE_KEYS = frozenset(NODE_TAGS)
_NO_ROAD = "carries no vehicles, or not yet or no longer; left out"
_NOWHERE = (float("nan"), float("nan"))


@dataclass(frozen=True)
class RawArea:
    """Ways that may carry vehicles, as straight segments between OSM nodes."""

    #: OSM ids of the nodes, ascending, and their degrees.
    node_id: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    #: Ends of each segment (positions of nodes, in the order of its way), and the position of its way.
    tail: np.ndarray
    head: np.ndarray
    way: np.ndarray
    #: OSM id and tags of each way.
    ways: tuple[tuple[int, Mapping[str, str]], ...]
    #: By position of the node: ``border_control`` or ``ferry_terminal``; tags of barriers and access.
    points: Mapping[int, str]
    barriers: Mapping[int, Mapping[str, str]]
    #: Date of the data (ISO), if the file has one, and number of nodes of ways that it lacks.
    asof: str = ""
    missing: int = 0
    #: Ways and remarks on tags in which the ways of one edge of a simplified graph differ.
    remarks: tuple[tuple[int, Remark], ...] = ()
    #: Numbers of objects that were left out, by description.
    skipped: Mapping[str, int] = field(default_factory=dict)


def read_osm(path: Path) -> RawArea:
    """Read an OSM file."""
    if not os.path.isfile(path):
        raise InputError(f"'{path}' is not a file; {_EXPECTED}")
    if not path.name.lower().endswith(SUFFIXES):
        raise InputError(f"'{path.name}' is not named as an OSM file; {_EXPECTED}")
    return _File(path).read()


class _File:
    """Ways, nodes and ferry relations of an OSM file, in any order of its objects."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Compact arrays: a country has too many nodes for lists of Python objects.
        self.refs, self.spots, self.way_of = array("q"), array("d"), array("q")
        self.ways: list[tuple[int, dict[str, str]]] = []
        self.points: dict[int, dict[str, str]] = {}
        self.ferries: dict[int, dict[str, str]] = {}
        #: Newest version of each way and its position in ``ways``; -1: no road.
        self.newest: dict[int, tuple[int, int]] = {}
        self.deleted: frozenset[tuple[str, int]] = frozenset()
        self.skipped: Counter[str] = Counter()

    def read(self) -> RawArea:
        """Read the file; see `read_osm`."""
        import osmium

        self.deleted, size = survey(self.path)
        try:
            with osmium.io.Reader(str(self.path)) as reader:
                header = reader.header()
            processor = osmium.FileProcessor(str(self.path)).with_locations()
            # A filter drops a newer version without the tags. XML does not announce several versions.
            is_small = self.path.suffix.lower() != ".pbf" and size <= _SMALL
            if not header.has_multiple_object_versions and not is_small:
                processor = processor.with_filter(osmium.filter.KeyFilter(*_FILTER))
            for entity in processor:
                self._add(entity)
            self._add_ferries()
            self._locate(processor.node_location_storage)
        except (*_BROKEN, osmium.InvalidLocationError) as error:
            raise InputError(
                f"'{self.path.name}' cannot be read as OSM data: {error}; it may be cut off or of "
                "another kind, so download it again"
            ) from error
        if not self.ways:
            raise InputError(
                f"'{self.path.name}' holds no road and no ferry; expected highway=* or route=ferry"
            )
        return self._area(header.get("osmosis_replication_timestamp", "")[:10])

    def _add(self, entity: Any) -> None:
        """Add an object, unless it is deleted or older than one that was read."""
        tags = {tag.k: tag.v for tag in entity.tags}
        deleted = entity.deleted or (bool(self.deleted) and (entity.type_str(), entity.id) in self.deleted)
        if entity.is_node():
            # In a history the newest version is the last.
            self.points.pop(entity.id, None)
            if not deleted and any(key in tags for key in _NODE_KEYS):
                self.points[entity.id] = tags
        elif entity.is_way():
            self._add_way(entity, tags, deleted)
        elif entity.is_relation() and not deleted:
            if tags.get("route") == "ferry":
                self.ferries |= {member.ref: tags for member in entity.members if member.type == "w"}
            elif any(key.split(":")[0] == "restriction" for key in tags):
                self.skipped["turn restrictions"] += 1

    def _add_way(self, way: Any, tags: dict[str, str], deleted: bool) -> None:
        version = way.version
        if deleted:
            self.skipped["deleted ways"] += 1
        elif way.id in self.newest:
            same = version == self.newest[way.id][0]
            self.skipped["repeated ways" if same else "older versions of ways"] += 1
        if version < self.newest.get(way.id, (-1,))[0]:
            return
        self.newest[way.id] = (version, -1)
        if deleted or not ("highway" in tags or tags.get("route") == "ferry" or way.id in self.ferries):
            former = next((key for key in FORMER if key in tags), "")
            if former and not deleted:
                self.skipped[f"ways with {former} and without highway"] += 1
            return
        self.newest[way.id] = (version, len(self.ways))
        for node in way.nodes:
            location = node.location
            self.refs.append(node.ref)
            self.spots.extend((location.lon, location.lat) if location.valid() else _NOWHERE)
            self.way_of.append(len(self.ways))
        self.ways.append((way.id, {key: tags[key] for key in tags if effect_of(key)[0] != "other"}))

    def _add_ferries(self) -> None:
        """Read the untagged ways of ferry relations, and add the relation's tags to all of them."""
        import osmium

        absent = {id_ for id_ in self.ferries if self.newest.get(id_, (0, -1))[1] < 0}
        way: Any
        for way in osmium.FileProcessor(str(self.path), osmium.osm.WAY) if absent else ():
            if way.id in absent and not way.deleted:
                self.newest.pop(way.id, None)
                self._add(way)
        for position, (id_, tags) in enumerate(self.ways):
            if id_ in self.ferries and "highway" not in tags:
                self.ways[position] = (id_, self.ferries[id_] | tags)

    def _locate(self, store: Any) -> None:
        """Find nodes that come after their ways, have negative ids or are stored within the ways."""
        import osmium

        spots = np.array(self.spots).reshape(-1, 2)
        lost = np.flatnonzero(np.isnan(spots[:, 0]))
        known: dict[int, tuple[float, float]] = {}
        for ref in {self.refs[at] for at in lost.tolist()}:
            try:
                location = store.get(ref)
                known[ref] = (location.lon, location.lat)
            except (KeyError, TypeError, ValueError, osmium.InvalidLocationError):
                continue
        if any(self.refs[at] not in known for at in lost.tolist()):
            kinds = osmium.osm.WAY
            if min(self.refs) < 0:
                kinds |= osmium.osm.NODE
            entity: Any
            for entity in osmium.FileProcessor(str(self.path), kinds):
                nodes = ((node.ref, node.location) for node in entity.nodes) if entity.is_way() else ()
                for ref, location in nodes or [(entity.id, entity.location)]:
                    if location.valid():
                        known.setdefault(ref, (location.lon, location.lat))
        for at in lost.tolist():
            spots[at] = known.get(self.refs[at], _NOWHERE)
        self.lonlat = spots

    def _area(self, asof: str) -> RawArea:
        refs, way_of = np.array(self.refs), np.array(self.way_of)
        is_newest = np.zeros(len(self.ways), dtype=bool)
        is_newest[[position for _, position in self.newest.values() if position >= 0]] = True
        missing = np.isnan(self.lonlat[:, 0])
        usable = is_newest[way_of] & ~missing
        log.info("%s: %d ways, %d missing nodes", self.path.name, is_newest.sum(), missing.sum())
        node_id, first, where = np.unique(refs[usable], return_index=True, return_inverse=True)
        node = np.full(len(refs), -1)
        node[usable] = where
        # A way continues behind a missing node as another piece.
        at = np.flatnonzero((np.diff(way_of) == 0) & (np.diff(node) != 0) & usable[:-1] & usable[1:])
        number = np.cumsum(is_newest) - 1
        segments = np.column_stack([node[at], node[at + 1], number[way_of[at]]])
        ways = [way for way, newest in zip(self.ways, is_newest.tolist(), strict=True) if newest]
        raw = raw_area(node_id, self.lonlat[usable][first], segments, ways, self.points)
        n_missing = int((missing & is_newest[way_of]).sum())
        return replace(raw, asof=asof, missing=n_missing, skipped=self.skipped)


def survey(path: Path) -> tuple[frozenset[tuple[str, int]], int]:
    """Return type and id of the objects that an editor has marked as deleted, and the unpacked size."""
    found: set[tuple[str, int]] = set()
    unpacked, rest = 0, b""
    with suppress(EOFError, OSError, zlib.error):
        for chunk, size, packed in _chunks(path):
            unpacked += size
            if unpacked > _FLOOR + _RATIO * packed:
                raise InputError(
                    f"'{path.name}' unpacks to more than {_RATIO} times its size; expected map data, which "
                    "unpack to 10 to 20 times"
                )
            rest += chunk
            if b"delete" in rest:
                for start in _DELETED.finditer(rest):
                    id_ = _ID.search(start[0])
                    found |= {(start[1][:1].decode(), int(id_[1]))} if id_ else set()
            rest = rest[max(rest.rfind(b"<"), len(rest) - 4096, 0) :]
    return frozenset(found), unpacked


def _chunks(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """Yield parts of the unpacked file (of PBF nothing), their sizes, and the packed bytes read so far."""
    unpack: Any = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix.lower(), nullcontext)
    with open(path, "rb") as file:
        if path.suffix.lower() == ".pbf":
            while size := file.read(4):
                length = _varints(file, int.from_bytes(size)).get(3, 0)
                yield b"", _varints(file, length).get(2, length), file.tell()
            return
        with unpack(file) as stream:
            while chunk := stream.read(1 << 20):
                yield chunk, len(chunk), file.tell()


def _varints(file: BinaryIO, length: int) -> dict[int, int]:
    """Return the integers of a protobuf message by field, and move to its end."""
    end, fields = file.tell() + length, {}
    while file.tell() < end:
        key, value = _varint(file), _varint(file)
        if key & 7 == 2:
            file.seek(value, os.SEEK_CUR)
        else:
            fields[key >> 3] = value
    file.seek(end)
    return fields


def _varint(file: BinaryIO) -> int:
    value = shift = 0
    while byte := file.read(1):
        value |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return value
    raise EOFError


def raw_area(
    node_id: np.ndarray,
    lonlat: np.ndarray,
    segments: np.ndarray,
    ways: list[tuple[int, dict[str, str]]],
    points: Mapping[int, Mapping[str, str]],
) -> RawArea:
    """Sort ways and segments by their ids, so that every source gives the same area."""
    order = np.argsort([id_ for id_, _ in ways], kind="stable")
    rank = np.empty(len(ways), dtype=np.int64)
    rank[order] = np.arange(len(ways))
    tail, head, way = segments[:, 0], segments[:, 1], rank[segments[:, 2]]
    by_way = np.lexsort((head, tail, way))
    known = np.flatnonzero(np.isin(node_id, np.array(list(points), dtype=np.int64))).tolist()
    tags_at = {at: points[int(node_id[at])] for at in known}
    kinds = {
        at: kind
        for at, tags in tags_at.items()
        for (key, value), kind in POINTS.items()
        if tags.get(key) == value
    }
    barriers = {at: tags for at, tags in tags_at.items() if tags.keys() - {"amenity"} & _NODE_KEYS}
    lon, lat = lonlat.T
    ordered = tuple(ways[at] for at in order.tolist())
    return RawArea(node_id, lon, lat, tail[by_way], head[by_way], way[by_way], ordered, kinds, barriers)


def kinds_of(raw: RawArea, dates: SeasonDates) -> tuple[RawArea, list[Kind | None], list[dict[str, Any]]]:
    """Return the area with barriers as separate ways, the kind of each way, and remarks on tags by way."""
    known: dict[tuple[tuple[str, str], ...], Kind | None] = {}
    remarks: dict[Remark, list[int]] = {}
    kinds = []
    for id_, tags in raw.ways:
        effects = [(key, *effect_of(key)) for key in tags]
        key = tuple((key, tags[key]) for key, effect, _ in effects if effect == "read")
        if key not in known:
            known[key] = kind_of(dict(key), dates)
        kind = known[key]
        kinds.append(kind)
        notes = [Remark(key, tags[key], why, read=True) for key, effect, why in effects if effect == "named"]
        if kind is None:
            name = "area" if tags.get("area") == "yes" else "highway"
            stage = [f"{name}={tags[name]}" for name in ("construction", "opening_date") if name in tags]
            notes = [Remark(name, "; ".join([tags.get(name, ""), *stage]), _NO_ROAD, read=True)]
        for remark in (*notes, *(kind.limits.remarks if kind else ())):
            remarks.setdefault(remark, []).append(id_)
    for id_, remark in raw.remarks:
        remarks.setdefault(remark, []).append(id_)
    raw, kinds = _cut_at_barriers(raw, kinds, dates, remarks)
    rows = [
        {"way": ways[0], **vars(remark), "n_ways": len(dict.fromkeys(ways))}
        for remark, ways in remarks.items()
    ]
    return raw, kinds, rows


def _cut_at_barriers(
    raw: RawArea, kinds: list[Kind | None], dates: SeasonDates, remarks: dict[Remark, list[int]]
) -> tuple[RawArea, list[Kind | None]]:
    """Give the segments at a barrier the limits of the barrier as well."""
    way_at = dict(zip(raw.tail.tolist(), raw.way.tolist(), strict=True))
    way_at |= zip(raw.head.tolist(), raw.way.tolist(), strict=True)
    limits, number = [barrier_limits({}, dates)], np.zeros(len(raw.node_id), dtype=np.int64)
    for at in sorted(raw.barriers.keys() & way_at.keys()):
        limit = barrier_limits(raw.barriers[at], dates)
        for remark in limit.remarks:
            remarks.setdefault(remark, []).append(raw.ways[way_at[at]][0])
        if np.isfinite(limit.mass_t).any():
            number[at] = len(limits)
            limits.append(limit)
    touched = np.flatnonzero(number[raw.tail] + number[raw.head])
    keys = np.column_stack([raw.way, number[raw.tail], number[raw.head]])[touched]
    unique, group = np.unique(keys, axis=0, return_inverse=True)
    way = raw.way.copy()
    way[touched] = len(raw.ways) + group.ravel()
    for of_way, tail, head in unique.tolist():
        kind = kinds[of_way]
        kinds.append(kind and replace(kind, limits=kind.limits & limits[tail] & limits[head]))
    ways = (*raw.ways, *(raw.ways[of_way] for of_way in unique[:, 0].tolist()))
    points = {at: kind for at, kind in raw.points.items() if limits[number[at]].mass_t.any()}
    return replace(raw, way=way, ways=ways, points=points), kinds
