"""Every command that prints data prints it as a table, as CSV and as one JSON document."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo.cli import main
from amurgeo.routing.routes import ROUTE_COLUMNS

CALLS = {
    "state": "state --on 2026-02-10",
    "routes": "routes Belogorsk Harbin --on 2026-02-10",
    "departure": "routes Belogorsk Heihe --on 2026-02-10 --depart 08:00",
    "point": "routes 50.45,127.62 Heihe --on 2026-02-10",
    "home": "routes Belogorsk Zeya --on 2026-02-10",
    "matrix": "matrix --origins Belogorsk,Zeya --destinations Heihe --on 2026-02-10",
    "km": "matrix --origins Belogorsk --destinations Heihe --on 2026-02-10 --value km",
    "cost": "matrix --origins Belogorsk --destinations Heihe --on 2026-02-10 --value cost",
    "calendar": "calendar 2026",
    "dates": "dates poyarkovo:ice_road --season 2023/24",
    "next": "next --on 2026-02-10",
    "exits": "exits Blagoveshchensk --on 2026-02-10",
    "redundancy": "redundancy 2026 --origins Belogorsk --destinations Heihe",
    "compare": "compare baseline no_bridge --on 2026-02-10 --origins Belogorsk --destinations Heihe",
    "period": "compare baseline no_bridge --from 2026-11-01 --to 2026-11-20 --origins Belogorsk",
    "check": "check",
}
#: What stands in the words of a Russian table only as a proper name, an id or a unit.
LATIN = re.compile(r"[A-Za-z]{4,}")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run the command line in this process: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(text: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(text.split())
        return int(done.value.code or 0), *capsys.readouterr()

    return run


@pytest.mark.parametrize("name", CALLS)
def test_json_is_one_document_and_nothing_else(call, name: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call(f"{CALLS[name]} --format json")
    assert (code, err) == (0, "")
    assert json.loads(out)


@pytest.mark.parametrize("name", CALLS)
def test_csv_has_a_byte_order_mark_and_rows(call, name: str) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call(f"{CALLS[name]} --format csv")
    assert code == 0
    assert out.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("lang", ["ru", "zh"])
@pytest.mark.parametrize("name", [name for name in CALLS if name != "check"])
def test_headings_of_a_table_are_in_its_language(call, name: str, lang: str) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call(f"{CALLS[name]} --lang {lang}")
    assert code == 0
    heading = out.splitlines()[1]
    assert not [word for word in LATIN.findall(heading) if word not in ("Heihe", "Harbin")], heading


def test_geometry_is_geojson_and_no_geometry_is_said(call) -> None:  # type: ignore[no-untyped-def]
    for name in ("state", "routes", "compare", "period"):
        code, out, _ = call(f"{CALLS[name]} --format geojson")
        document = json.loads(out)
        assert (code, document["type"]) == (0, "FeatureCollection")
        assert all(feature["geometry"] for feature in document["features"])
    for name in ("matrix", "calendar", "dates", "next", "exits", "redundancy"):
        code, out, err = call(f"{CALLS[name]} --format geojson")
        assert (code, out) == (2, "")
        assert "'geojson' is not one of" in err


def test_the_columns_of_a_matrix_say_their_unit(call) -> None:  # type: ignore[no-untyped-def]
    columns = {}
    for name in ("matrix", "km", "cost"):
        _, out, _ = call(f"{CALLS[name]} --format json")
        columns[name] = {key for key in json.loads(out)[0] if key not in ("origin", "destination")}
    assert columns == {"matrix": {"hours"}, "km": {"length_km"}, "cost": {"cost_rub"}}


def test_a_departure_that_finds_no_way_in_time_is_no(call) -> None:  # type: ignore[no-untyped-def]
    """The pontoon has closed for the night; the day itself has a route by it."""
    text = "routes Blagoveshchensk Heihe --on 2026-02-10 --depart 22:00 --max-wait-h 1 --via blagoveshchensk"
    code, out, _ = call(f"{text} --format json")
    document = json.loads(out)
    assert "blagoveshchensk:pontoon" in {route["crossing"] for route in document["routes"]}
    assert document["departure"]["arrives"] is None
    assert code == 1
    assert call(text)[0] == 1
    code, out, _ = call(text.replace("--max-wait-h 1", "--max-wait-h 24") + " --format json")
    assert code == 0
    assert json.loads(out)["departure"]["crossings"] == ["blagoveshchensk:pontoon"]


def test_a_departure_keeps_to_what_is_named_and_avoided(call) -> None:  # type: ignore[no-untyped-def]
    text = "routes Blagoveshchensk Heihe --on 2026-02-10 --depart 10:00 --format json"
    for more, taken in (
        ("--via kani_kurgan", "kani_kurgan:bridge"),
        ("--via blagoveshchensk:pontoon", "blagoveshchensk:pontoon"),
        ("--avoid blagoveshchensk", "kani_kurgan:bridge"),
    ):
        assert json.loads(call(f"{text} {more}")[1])["departure"]["crossings"] == [taken]
    code, out, err = call(f"{text} --via Belogorsk")
    assert (code, out) == (2, "")
    assert "give a crossing or checkpoint" in err


@pytest.mark.parametrize("name", ["compare", "period", "routes"])
def test_no_cell_of_a_table_is_cut(call, name: str) -> None:  # type: ignore[no-untyped-def]
    """Headings are longer than cells; they break, and every crossing stands whole."""
    code, out, _ = call(f"{CALLS[name]} --lang ru".replace("baseline no_bridge", "frozen open+no_bridge"))
    if code == 2:
        code, out, _ = call(f"{CALLS[name]} --lang ru")
    assert code == 0
    assert "kani_kurgan:bridge" in out
    lines = out.splitlines()
    assert max(map(len, lines)) <= 170
    pairs = [line for line in lines if "Белогорск" in line and "kani_kurgan" in line]
    assert all("kani_kurgan:bridge" in line or name == "routes" for line in pairs)


def test_a_file_of_no_route_has_its_columns_and_no_shapes(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    avoided = " ".join(f"--avoid {crossing}" for crossing in ag.load().crossings.index)
    told = f"routes Blagoveshchensk Heihe --on 2026-02-10 {avoided}"
    code, out, _ = call(f"{told} --format csv")
    assert (code, out.removeprefix("\ufeff").strip()) == (1, ",".join(ROUTE_COLUMNS))
    code, _, _ = call(f"{told} -o {tmp_path}/none.csv")
    assert code == 1
    assert len((tmp_path / "none.csv").read_text(encoding="utf-8-sig").splitlines()) == 1
    call(f"routes Blagoveshchensk Heihe --on 2026-02-10 -o {tmp_path}/some.csv")
    assert "LINESTRING" not in (tmp_path / "some.csv").read_text(encoding="utf-8-sig")
    assert tuple(ag.routes(ag.load(), "Zeya", "Heihe", on="2026-02-10").records()[0]) == (
        *ROUTE_COLUMNS,
        "legs",
    )


def test_a_crossing_that_a_scenario_adds_has_its_line_and_says_so(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "second.toml"
    path.write_text(
        'name = "second"\n[[change]]\nadd = {kind = "crossing", checkpoint = "poyarkovo", mode = "bridge", '
        'length_km = 5, travel_min = 10, admits = ["truck_20t"]}\n',
        encoding="utf-8",
    )
    asked = "baseline {0} --on 2026-04-20 --origins Zeya --destinations Heihe"
    code, out, _ = call(f"compare {asked.format(path)} --format geojson")
    lines = [one["geometry"] for one in json.loads(out)["features"] if one["id"] == "poyarkovo:bridge"]
    assert (code, [line["type"] for line in lines]) == (0, ["LineString"])
    row = ag.load().state("2026-04-20", scenario=str(path)).crossings.loc[("poyarkovo:bridge", "cargo")]
    assert (row["status"], row["basis"]) == ("open", "scenario")
