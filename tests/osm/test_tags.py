"""What files of OpenStreetMap may contain: order and life of objects, tags of ways and of nodes on them."""

from __future__ import annotations

import bz2
import gzip
import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.errors import InputError
from amurgeo.osm import reading
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.folder import BuiltArea
from amurgeo.osm.reading import read_osm
from amurgeo.osm.seasons import SeasonDates
from amurgeo.osm.tags import effect_of, read_limits
from amurgeo.routing.costs import land_arcs

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


def _tagged(objects: list[str], id_: int, **tags: str) -> list[str]:
    """Add tags to the object with an id."""
    text = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    objects = [
        re.sub(r"/>\n$", "></node>\n", each) if "<node" in each and "</node>" not in each else each
        for each in objects
    ]
    return [
        re.sub(r"</(node|way)>", rf"{text}</\1>", each) if f'id="{id_}"' in each else each for each in objects
    ]


@pytest.mark.parametrize(
    ("tags", "traffic", "problem"),
    [
        ({"barrier": "block"}, None, "the road is cut there"),
        ({"barrier": "block", "access": "yes"}, "both", ""),
        ({"barrier": "gate"}, "both", "no access tag"),
        ({"barrier": "gate", "access": "no"}, None, "the road is cut there"),
        ({"barrier": "gate", "hgv": "no"}, "passenger", ""),
        ({"barrier": "height_restrictor", "maxheight": "2.5"}, "both", "no access tag"),
        ({"barrier": "moat"}, "both", "not a known barrier"),
    ],
)
def test_barriers_cut_the_road_or_limit_it(
    tmp_path: Path, backbone: Backbone, tags: dict[str, str], traffic: str | None, problem: str
) -> None:
    area = _roads(_write(tmp_path, *_tagged(NODES, 22, **tags), *WAYS), backbone)
    edges = area.graph.edges
    assert set(edges.loc[edges["way"] == 113, "traffic"]) == ({traffic} if traffic else set())
    problems = [row["problem"] for row in area.remarks if row["key"] == "barrier"]
    assert [problem in each for each in problems] == [True] * bool(problem)


def test_a_shut_border_control_gets_no_terminal(tmp_path: Path, backbone: Backbone) -> None:
    area = _roads(_write(tmp_path, *_tagged(NODES, 13, access="no"), *WAYS), backbone)
    assert area.attached.loc["blagoveshchensk_ru", "how"] != "border control"


def test_tags_that_are_not_applied_are_named_with_their_number(tmp_path: Path, backbone: Backbone) -> None:
    tags = {
        "maxheight": "3.5",
        "maxspeed:hgv": "60",
        "weight_restricted": "5",
        "lit": "yes",
        "hgv": "delivery",
    }
    ways = _tagged(_tagged(WAYS, 101, **tags), 102, maxheight="3.5", goods="no")
    area = _roads(_write(tmp_path, *NODES, *ways), backbone)
    rows = {row["key"]: (row["way"], row["text"], row["n_ways"]) for row in area.remarks}
    assert rows["maxheight"] == (101, "3.5", 2)
    assert {"maxspeed:hgv", "weight_restricted", "hgv", "goods"} <= rows.keys()
    assert rows["highway"] == (121, "footway", 1)
    assert "lit" not in rows
    # The limit and the dates of ways over the border.
    assert rows["maxweight"] == (110, "20 t", 1)
    assert rows["opening_hours"] == (108, "05-10..10-26", 1)


@pytest.mark.slow
def test_a_road_without_trucks_is_open_to_cars(tmp_path: Path, backbone: Backbone) -> None:
    area = _roads(_write(tmp_path, *NODES, *_tagged(WAYS, 118, hgv="no")), backbone)
    net = ag.load(area.write(tmp_path / "area", form="arrays"))
    roads = net.state("2026-02-10").roads
    for vehicle, is_open in (("car", True), ("truck_20t", False)):
        edges = land_arcs(net, vehicle, roads)["edge"]
        assert edges.str.endswith(":w118").any() == is_open, vehicle


def test_a_way_that_is_no_longer_a_road_is_counted(tmp_path: Path) -> None:
    ways = [way.replace('k="highway"', 'k="disused:highway"') if 'id="122"' in way else way for way in WAYS]
    raw = read_osm(_write(tmp_path, *NODES, *ways))
    assert raw.skipped == {"ways with disused:highway and without highway": 1}


@given(st.text(max_size=12) | st.sampled_from(ag.osm.WAY_TAGS), st.text(max_size=12))
def test_a_key_is_read_or_named_or_irrelevant(key: str, value: str) -> None:
    assert effect_of(key)[0] in ("read", "name", "named", "other")
    limits = read_limits({"highway": "primary", key: value}, SeasonDates())
    assert limits.mass_t.shape == (2, 2, 365)
    assert not (limits.mass_t < 0).any()
