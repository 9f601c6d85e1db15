"""What files of OpenStreetMap may contain: order and life of objects, tags of ways and of nodes on them."""

from __future__ import annotations

import bz2
import gzip
import re
import struct
import zlib
from pathlib import Path

import pytest

from amurgeo.errors import InputError
from amurgeo.osm import reading
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.folder import BuiltArea
from amurgeo.osm.reading import read_osm

TEXT = Path(__file__).with_name("banks.osm").read_text(encoding="utf-8")
NODES = re.findall(r"  <node [^>]*/>\n|  <node [^>]*[^/]>\n.*?</node>\n", TEXT, re.S)
WAYS = re.findall(r"  <way .*?</way>\n", TEXT, re.S)


def _write(folder: Path, *objects: str) -> Path:
    path = folder / "area.osm"
    path.write_text(f"<osm version='0.6'>\n{''.join(objects)}</osm>\n", encoding="utf-8")
    return path


def _roads(path: Path, backbone: Backbone) -> BuiltArea:
    return build_area(read_osm(path), backbone, retrieved="2026-11-01")


@pytest.mark.parametrize("mark", ["action='delete'", 'visible="false"'])
def test_deleted_ways_are_left_out_and_counted(tmp_path: Path, mark: str) -> None:
    ways = [way.replace('id="103"', f'id="103" {mark}') for way in WAYS]
    raw = read_osm(_write(tmp_path, *NODES, *ways))
    assert 103 not in {id_ for id_, _ in raw.ways}
    assert raw.skipped["deleted ways"] == 1


def test_the_newest_version_of_a_way_counts(tmp_path: Path) -> None:
    old, new = (way for way in WAYS if 'id="101"' in way or 'id="102"' in way)
    footway = old.replace('version="1"', 'version="3"').replace('v="trunk"', 'v="footway"')
    gone = new.replace('version="1"', 'version="2"').replace('k="highway"', 'k="note"')
    raw = read_osm(_write(tmp_path, *NODES, footway, *WAYS, gone, WAYS[5]))
    ways = dict(raw.ways)
    assert len(ways) == len(raw.ways) == len(WAYS) - 1
    assert ways[101]["highway"] == "footway"
    assert 102 not in ways
    assert raw.skipped == {"older versions of ways": 2, "repeated ways": 1}


def test_order_ids_and_place_of_coordinates_do_not_matter(tmp_path: Path) -> None:
    expected = read_osm(_write(tmp_path, *NODES, *WAYS))
    spots = dict(re.findall(r'<node id="(\d+)" version="1" (.*?)/?>', "".join(NODES)))
    inline = [re.sub(r'ref="(\d+)"', lambda nd: f"{nd[0]} {spots[nd[1]]}", way) for way in WAYS]
    drawn = [re.sub(r'(id|ref)="(\d)', r'\1="-\2', each) for each in (*WAYS, *NODES)]
    for objects in ([*WAYS, *NODES], inline, drawn):
        raw = read_osm(_write(tmp_path, *objects))
        assert raw.missing == 0
        assert sorted(raw.lon) == sorted(expected.lon)
        assert len(raw.tail) == len(expected.tail)


def test_a_ferry_may_be_a_relation(tmp_path: Path, backbone: Backbone) -> None:
    bare = [re.sub(r"<tag .*/>\s*", "", way) if 'id="108"' in way else way for way in WAYS]
    relation = (
        '<relation id="1" version="1"><member type="way" ref="108" role=""/><tag k="type" v="route"/>'
        '<tag k="route" v="ferry"/><tag k="opening_hours" v="May 10-Oct 26"/></relation>'
    )
    area = _roads(_write(tmp_path, *NODES, *bare, relation), backbone)
    assert {row["mode"]: row["spans"] for row in area.crossings}["ferry"] == [["05-10", "10-26"]]


def _packed_block(raw: bytes) -> bytes:
    def number(value: int) -> bytes:
        return (bytes([value & 127 | 128]) + number(value >> 7)) if value > 127 else bytes([value])

    packed = zlib.compress(raw, 9)
    blob = b"\x10" + number(len(raw)) + b"\x1a" + number(len(packed)) + packed
    header = b"\x0a\x07OSMData\x18" + number(len(blob))
    return struct.pack(">I", len(header)) + header + blob


def test_files_that_unpack_without_bound_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_FLOOR", 1 << 20)
    blanks = b" " * (1 << 20)
    gzipped, pbf, bzipped = (tmp_path / f"area.osm{end}" for end in (".gz", ".pbf", ".bz2"))
    with gzip.open(gzipped, "wb", compresslevel=1) as file:
        file.writelines([blanks] * 3)
    bzipped.write_bytes(bz2.compress(blanks * 3))
    pbf.write_bytes(_packed_block(blanks * 3))
    for path in (gzipped, pbf, bzipped):
        with pytest.raises(InputError, match=r"unpacks to more than 100 times its size; expected"):
            read_osm(path)
