"""Every command that prints data prints a table, CSV and one JSON document."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo.routing.routes import ROUTE_COLUMNS

Call = Callable[..., tuple[int, str, str]]
LINES = {
    "state": "state --on 2026-02-10",
    "routes": "routes Belogorsk Harbin --on 2026-02-10",
    "departure": "routes Belogorsk Heihe --on 2026-02-10 --depart 08:00",
    "point": "routes 50.45,127.62 Heihe --on 2026-02-10",
    "home": "routes Belogorsk Zeya --on 2026-02-10",
    "matrix": "matrix --origins Belogorsk,Zeya --destinations Heihe,Harbin --on 2026-02-10",
    "km": "matrix --origins Belogorsk --destinations Heihe --on 2026-02-10 --value km",
    "cost": "matrix --origins Belogorsk --destinations Heihe --on 2026-02-10 --value cost",
    "calendar": "calendar 2026",
    "dates": "dates poyarkovo:ice_road --season 2023/24",
    "next": "next --on 2026-02-10",
    "gaps": "gaps 2026",
    "brief": "brief --on 2026-02-10 --since 2026-01-10",
    "exits": "exits Blagoveshchensk --on 2026-02-10",
    "critical": "critical --on 2026-07-15 --kind crossing --draws 2",
    "access": "access 2026 --places Ogodzha",
    "dependence": "dependence --from 2026",
    "measures": "measures 2026/27 --measure ice_night --draws 2",
    "redundancy": "redundancy 2026 --origins Belogorsk --destinations Heihe",
    "compare": "compare baseline no_bridge --on 2026-02-10 --origins Belogorsk --destinations Heihe",
    "period": "compare baseline no_bridge --from 2026-11-01 --to 2026-11-20 --origins Belogorsk",
    "queues": "queues baseline no_bridge --from 2026-02-14 --to 2026-02-18",
    "capacity": "capacity 2026",
    "curve": "capacity 2026 --curve poyarkovo:ice_road",
    "check": "check",
}
#: Keys of JSON documents, or of their rows, that other people's scripts read.
KEYS = {
    "state": "crossing checkpoint counterpart mode traffic status reason because max_mass_t probability_open "
    "basis confidence sources",
    "routes": "origin destination on vehicle scenario routes closed why_none break_even sensitivity joined "
    "record_until",
    "matrix": "origin destination hours",
    "km": "origin destination length_km",
    "cost": "origin destination cost_rub",
    "calendar": "date crossing traffic status reason probability_open",
    "dates": "open close n method record_until",
    "next": "crossing traffic status change p10 p50 p90 days_until last_safe_day next_stop basis",
    "gaps": "checkpoint gap starts ends days cost_h",
    "brief": "on since home crossings warnings sentences",
    "exits": "exits dependence",
    "critical": "rank element kind people_h",
    "access": "place month to_centre_h to_railway_h",
    "dependence": "vehicle indices avoided",
    "measures": "winter scenario draws seed measures hinges sentences",
    "redundancy": "origin destination month ways_checkpoint",
    "queues": "days trucks summary sentences",
    "capacity": "month crossing trucks_per_day tonnes_per_day demand ratio in_cut",
    "curve": "crossing trucks_per_day wait_mean_h wait_max_h queue_max truck_days diverted_per_day demand",
    "compare": "base alternatives vehicle days period crossings pairs summary sentences record_until",
}
ROUTE_KEYS = (
    "rank crossing crossings checkpoint transit total_h low_h high_h hours tied_with drive_h border_h wait_h "
    "rest_h length_km cost_rub "
    "detour_h overlap estimated_share legs probability_open evidence queue_h"
)
#: Commands whose JSON is read in the quick tests.
QUICK = {"state", "routes", "matrix", "exits", "compare"}
#: Latin letters in a Russian or Chinese heading belong to a proper name, an id or a unit.
LATIN = re.compile(r"[A-Za-z]{4,}")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in LINES]
)
def test_json_is_one_document_with_its_keys(call: Call, name: str) -> None:
    code, out, err = call(f"{LINES[name]} --format json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    keys = set(document if isinstance(document, dict) else document[0])
    assert set(KEYS.get(name, "").split()) <= keys
    if name == "routes":
        route = document["routes"][0]
        assert set(ROUTE_KEYS.split()) <= set(route)
        assert {"from", "to", "mode", "ref", "length_km", "hours"} <= set(route["legs"][0])
    if name == "matrix":
        ends = [(row["origin"], row["destination"]) for row in document]
        assert ends[:3] == [("belogorsk", "heihe"), ("belogorsk", "harbin"), ("zeya", "heihe")]
        assert all(row["hours"] > 1 for row in document)


@pytest.mark.slow
def test_csv_has_a_byte_order_mark_and_rows(call: Call) -> None:
    for line in (line for name, line in LINES.items() if name != "brief"):
        code, out, _ = call(f"{line} --format csv")
        rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
        assert (code, out[0]) == (0, "\ufeff"), line
        assert len(rows) > 1, line
        assert len({len(row) for row in rows}) == 1, line


def test_numbers_are_the_same_in_csv_and_json(call: Call) -> None:
    rows = json.loads(call(f"{LINES['matrix']} --format json")[1])
    out = call(f"{LINES['matrix']} --format csv")[1]
    assert [row["hours"] for row in csv.DictReader(io.StringIO(out))] == [str(row["hours"]) for row in rows]


@pytest.mark.slow
def test_headings_of_a_table_are_in_its_language(call: Call) -> None:
    faults = []
    for line in (line for line in LINES.values() if line != "check"):
        for lang in ("ru", "zh"):
            code, out, _ = call(f"{line} --lang {lang}")
            words = set(LATIN.findall(out.splitlines()[1])) - {"Heihe", "Harbin"}
            if code or words:
                faults.append((line, lang, code, words))
    assert faults == []


@pytest.mark.slow
def test_geojson_has_a_geometry_for_each_feature(call: Call) -> None:
    for name in ("state", "routes", "compare", "period"):
        code, out, _ = call(f"{LINES[name]} --format geojson")
        document = json.loads(out)
        assert (code, document["type"]) == (0, "FeatureCollection")
        assert all(feature["geometry"] for feature in document["features"])


@pytest.mark.slow
def test_a_departure_without_a_route_in_time_is_exit_1(call: Call) -> None:
    """The pontoon has closed for the night; the day itself has a route by it."""
    line = "routes Blagoveshchensk Heihe --on 2026-02-10 --depart 22:00 --max-wait-h 1 --via blagoveshchensk"
    code, out, _ = call(f"{line} --format json")
    document = json.loads(out)
    assert "blagoveshchensk:pontoon" in {route["crossing"] for route in document["routes"]}
    assert (code, document["departure"]["arrives"]) == (1, None)
    assert call(line)[0] == 1
    code, out, _ = call(line.replace("--max-wait-h 1", "--max-wait-h 24") + " --format json")
    assert (code, json.loads(out)["departure"]["crossings"]) == (0, ["blagoveshchensk:pontoon"])


@pytest.mark.slow
def test_a_departure_obeys_via_and_avoid(call: Call) -> None:
    line = "routes Blagoveshchensk Heihe --on 2026-02-10 --depart 10:00 --format json"
    for options, crossing in (
        ("--via kani_kurgan", "kani_kurgan:bridge"),
        ("--via blagoveshchensk:pontoon", "blagoveshchensk:pontoon"),
        ("--avoid blagoveshchensk", "kani_kurgan:bridge"),
    ):
        assert json.loads(call(f"{line} {options}")[1])["departure"]["crossings"] == [crossing]
    code, out, err = call(f"{line} --via Belogorsk")
    assert (code, out) == (2, "")
    assert "crossing or checkpoint" in err


@pytest.mark.slow
def test_a_file_without_routes_has_columns_and_no_shapes(call: Call, tmp_path: Path) -> None:
    line = "routes Blagoveshchensk Heihe --on 2026-02-10"
    avoided = " ".join(f"--avoid {crossing}" for crossing in ag.load().crossings.index)
    code, out, _ = call(f"{line} {avoided} --format csv")
    assert (code, out.removeprefix("\ufeff").strip()) == (
        1,
        ",".join(ROUTE_COLUMNS).replace(",cost,", ",cost_rub,"),
    )
    assert call(f"{line} {avoided} -o none.csv")[0] == 1
    assert len((tmp_path / "none.csv").read_text(encoding="utf-8-sig").splitlines()) == 1
    assert call(f"{line} -o some.csv")[0] == 0
    assert "LINESTRING" not in (tmp_path / "some.csv").read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_a_crossing_added_by_a_scenario_has_its_line(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "second.toml"
    path.write_text(
        'name = "second"\n[[change]]\nadd = {kind = "crossing", checkpoint = "poyarkovo", mode = "bridge", '
        'length_km = 5, travel_min = 10, admits = ["truck_20t"]}\n',
        encoding="utf-8",
    )
    line = f"compare baseline {path} --on 2026-04-20 --origins Zeya --destinations Heihe --format geojson"
    code, out, _ = call(line)
    lines = [feature for feature in json.loads(out)["features"] if feature["id"] == "poyarkovo:bridge"]
    assert (code, [line["geometry"]["type"] for line in lines]) == (0, ["LineString"])
