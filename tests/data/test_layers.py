"""Map layers: the border follows the river, neighbours share their edges, the build is reproducible."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from types import ModuleType

import pytest
import shapely
from pyproj import Geod
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

ROOT = Path(__file__).resolve().parents[2]
GEO = ROOT / "data" / "geo"
LAYERS = ("border", "edges", "lakes", "land", "regions", "rivers", "railways_osm", "water")
REGIONS = {
    "amur_oblast",
    "heilongjiang",
    "inner_mongolia",
    "jewish_ao",
    "jilin",
    "khabarovsk_krai",
    "primorsky_krai",
    "sakha",
    "zabaykalsky_krai",
}
RUSSIAN = REGIONS - {"heilongjiang", "inner_mongolia", "jilin"}
GEOD = Geod(ellps="WGS84")


@cache
def layer(name: str) -> dict[str, tuple[dict, BaseGeometry]]:
    found = json.loads((GEO / "layers" / f"{name}.geojson").read_text(encoding="utf-8"))
    return {f["properties"]["id"]: (f["properties"], shape(f["geometry"])) for f in found["features"]}


@cache
def border() -> BaseGeometry:
    return shapely.line_merge(shapely.union_all([geometry for _, geometry in layer("border").values()]))


def km_to(line: BaseGeometry, lon: float, lat: float) -> float:
    near = line.interpolate(line.project(Point(lon, lat)))
    return GEOD.line_length([lon, near.x], [lat, near.y]) / 1000


def area_km2(geometry: BaseGeometry) -> float:
    parts = [orient(part) for part in shapely.get_parts(geometry)]
    return sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in parts) / 1e6


def stretches(lines: list[BaseGeometry]) -> set[frozenset[tuple[float, float]]]:
    parts = [part.coords for line in lines for part in shapely.get_parts(line)]
    return {frozenset(pair) for part in parts for pair in pairwise(part)}


def test_layers_are_valid_rounded_and_small() -> None:
    for name in LAYERS:
        path = GEO / "layers" / f"{name}.geojson"
        assert path.stat().st_size < 2_000_000, name
        text = path.read_text(encoding="utf-8")
        assert json.loads(text)["licence"], name
        assert not re.search(r"\d\.\d{5}", text), f"{name} has more than four decimals"
        assert len(layer(name)) > 0, name
        for id_, (_, geometry) in layer(name).items():
            assert geometry.is_valid, id_
            assert not geometry.is_empty, id_


def test_border_is_one_line_from_mongolia_to_korea() -> None:
    line = border()
    assert line.geom_type == "LineString"
    west, east = line.coords[0], line.coords[-1]
    assert west == pytest.approx((116.71, 49.85), abs=0.02)
    assert east == pytest.approx((130.64, 42.42), abs=0.02)
    assert 4000 < GEOD.geometry_length(line) / 1000 < 4400


def test_border_passes_the_landmarks() -> None:
    for lon, lat, km in [
        (127.6005, 50.2011, 0.15),  # the road bridge at Kani-Kurgan
        (127.5364, 50.2558, 0.7),  # the embankment of Blagoveshchensk
        (127.500, 50.245, 1.2),  # Heihe
        (123.90, 53.478, 0.9),  # Dzhalinda
        (121.49, 53.33, 0.6),  # Argun and Shilka meet
        (126.67, 51.72, 1.0),  # Huma
        (127.98, 49.617, 3.0),  # Konstantinovka stands back from the channel
        (128.68, 49.62, 6.0),  # Poyarkovo lies on a side arm
        (132.52, 47.72, 1.0),  # mouth of the Songhua
        (131.99, 45.265, 0.5),  # Turiy Rog
    ]:
        assert km_to(border(), lon, lat) < km, (lon, lat, km)


def test_towns_lie_on_their_side_of_the_border() -> None:
    regions = {id_: geometry for id_, (_, geometry) in layer("regions").items()}
    for id_, lon, lat in [
        ("amur_oblast", 127.536, 50.257),
        ("heilongjiang", 127.490, 50.244),
        ("amur_oblast", 128.650, 49.625),
        ("heilongjiang", 128.471, 49.563),
        ("amur_oblast", 127.256, 53.736),
        ("jewish_ao", 132.920, 48.793),
        ("khabarovsk_krai", 140.252, 49.098),
        ("primorsky_krai", 132.900, 42.850),
        ("zabaykalsky_krai", 117.327, 49.651),
        ("inner_mongolia", 117.433, 49.600),
        ("jilin", 130.357, 42.867),
        ("sakha", 129.922, 61.966),
    ]:
        assert regions[id_].contains(Point(lon, lat)), (id_, lon, lat)


def test_reaches_name_their_river() -> None:
    rows = [properties for properties, _ in layer("border").values()]
    assert {row["river"] for row in rows} >= {"land", "argun", "amur", "ussuri"}
    assert all(row["width_m"] for row in rows if row["river"] == "amur")
    assert all(row[f"name_{lang}"] for row in rows for lang in ("en", "ru", "zh") if row["river"] != "land")


def test_regions_are_the_nine_and_named_in_three_languages() -> None:
    assert set(layer("regions")) == REGIONS
    for name in ("regions", "land", "rivers", "lakes", "water"):
        for id_, (row, _) in layer(name).items():
            assert all(row[key] for key in ("name_en", "name_ru", "name_zh")), id_


def test_areas_agree_with_the_published_ones() -> None:
    for id_, km2, tolerance in [
        ("amur_oblast", 361_900, 0.01),
        ("heilongjiang", 452_600, 0.01),
        ("primorsky_krai", 164_700, 0.02),
    ]:
        assert area_km2(layer("regions")[id_][1]) == pytest.approx(km2, rel=tolerance), (id_, km2, tolerance)


def test_amur_oblast_and_heilongjiang_share_the_border_exactly() -> None:
    oblast, province = (layer("regions")[id_][1].boundary for id_ in ("amur_oblast", "heilongjiang"))
    shared = shapely.line_merge(oblast.intersection(province))
    assert shared.geom_type == "LineString"
    assert 1100 < GEOD.geometry_length(shared) / 1000 < 1300
    assert set(shared.coords) <= {point for _, part in layer("border").values() for point in part.coords}
    assert shapely.union_all([part for _, part in layer("border").values()]).covers(shared)


def test_regions_and_neighbours_tile_without_overlap() -> None:
    areas = [geometry for name in ("regions", "land") for _, geometry in layer(name).values()]
    assert sum(area.area for area in areas) == pytest.approx(shapely.union_all(areas).area, rel=1e-9)
    # A valid coverage: no two have a spot inside both, and laid over each other no edge is cut anew.
    assert not [pair for pair in combinations(areas, 2) if pair[0].relate_pattern(pair[1], "T********")]
    outlines = [area.boundary for area in areas]
    assert stretches([shapely.union_all(outlines)]) == stretches(outlines)


def test_border_separates_the_two_countries() -> None:
    regions = layer("regions")
    russia = shapely.union_all([regions[id_][1] for id_ in sorted(RUSSIAN)])
    china = shapely.union_all([regions[id_][1] for id_ in sorted(REGIONS - RUSSIAN)])
    shared = russia.boundary.intersection(china.boundary)
    assert shared.length == pytest.approx(border().length, rel=0.001)


def test_rivers_pass_their_towns() -> None:
    for river, lon, lat, km in [
        ("bureya", 130.335, 50.268, 1.8),  # Talakan
        ("bureya", 129.87, 49.79, 0.8),  # Novobureysky
        ("zeya", 128.16, 51.36, 3.0),  # Svobodny
        ("zeya", 127.31, 53.77, 2.5),  # the dam
        ("amur", 135.0, 48.54, 2.0),  # the railway bridge at Khabarovsk
        ("songhua", 130.35, 46.83, 2.0),  # Jiamusi
        ("nen", 125.20, 49.18, 3.0),  # Nenjiang
        ("selemdzha", 132.94, 53.07, 3.0),  # Ekimchan
    ]:
        assert km_to(layer("rivers")[river][1], lon, lat) < km, (river, lon, lat, km)


def test_every_river_ends_in_the_one_that_it_flows_into() -> None:
    rivers, reaches = layer("rivers"), layer("border").values()
    frame, sea = shapely.box(112, 41, 142, 63).boundary, set()
    for id_, (properties, line) in rivers.items():
        into, end = properties["into"], Point(line.coords[-1])
        targets = [part for row, part in reaches if row["river"] == into]
        targets += [rivers[into][1]] if into in rivers else []
        if into == "sea":
            sea.add(id_)
        elif not frame.dwithin(end, 1e-3):
            assert min(km_to(part, end.x, end.y) for part in targets) < 0.02, id_
    assert sea == {"amur", "lena", "tumen"}
    for id_, lon, lat, km in [
        ("zeya", 127.596, 50.242, 1.0),
        ("bureya", 129.5329, 49.4146, 1.5),
        ("amur", 140.73, 53.135, 8.0),  # the estuary at Nikolayevsk
        ("tumen", 130.70, 42.29, 3.0),
    ]:
        assert GEOD.line_length(*zip(rivers[id_][1].coords[-1], (lon, lat), strict=True)) / 1000 < km, id_


def test_the_lower_amur_is_an_area_of_water() -> None:
    water = layer("water")["amur_songhua"][1]
    assert 5_500 < area_km2(water) < 6_000
    assert water.contains(Point(134.985, 48.541))  # the bridge at Khabarovsk


def test_lakes_lie_where_they_should() -> None:
    assert layer("lakes")["khanka"][1].contains(Point(132.4, 44.95))
    assert area_km2(layer("lakes")["zeya_reservoir"][1]) > 1500


def _inputs() -> ModuleType:
    path = ROOT / "data" / "build" / "inputs.py"
    spec = importlib.util.spec_from_file_location("build_inputs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_packages_are_pinned_by_their_hash() -> None:
    text = (GEO / "SOURCES.md").read_text(encoding="utf-8")
    items = _inputs().INPUTS
    assert len({item.name for item in items}) == len(items)
    for item in items:
        assert re.fullmatch(r"[0-9a-f]{64}", item.sha256), item.name
        assert item.version in item.file
        assert item.members
        assert f"| {item.name} | {item.version} | `{item.sha256}` |" in text


def test_a_changed_package_is_refused(tmp_path: Path) -> None:
    inputs = _inputs()
    (tmp_path / inputs.INPUTS[0].file).write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"is not the file.*is missing"):
        inputs.verify(tmp_path)


def test_sources_describe_every_layer() -> None:
    text = (GEO / "SOURCES.md").read_text(encoding="utf-8")
    for path in sorted((GEO / "layers").glob("*.geojson")):
        assert f"## layers/{path.name}" in text, path.name
    assert "© OpenStreetMap contributors, ODbL 1.0" in text
    assert "P. Wessel and W. H. F. Smith" in text
