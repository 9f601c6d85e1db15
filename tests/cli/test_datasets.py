"""The commands check, new, record and export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]
NOTICE = "https://www.amur.info/news/2027/01/20"


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    folder = tmp_path / "faulty"
    folder.mkdir()
    (folder / "vehicles.csv").write_text(
        "id,traffic,mass_t,name_en,name_ru,name_zh,source,confidence,note\n"
        "van,cargo,heavy,Van,Фургон,货车,estimate,estimated,Made up\n"
        "lorry,cargo,20000,Lorry,Грузовик,货车,estimat,estimated,Made up\n",
        encoding="utf-8",
    )
    return folder


@pytest.mark.slow
def test_faults_are_listed_at_once_in_every_format(call: Call, faulty: Path) -> None:
    code, out, err = call("check", faulty, "--format", "json")
    document = json.loads(out)
    assert (code, err) == (1, "")
    assert [(fault["row"], fault["column"], fault["check"]) for fault in document["faults"]] == [
        (2, "mass_t", "value"),
        (3, "mass_t", "unit"),
        (3, "source", "unknown-reference"),
    ]
    assert document["sums"]["rows"] == {"vehicles": 2}
    code, out, _ = call("check", faulty, "--format", "csv")
    rows = csv.DictReader(io.StringIO(out.removeprefix("\ufeff")))
    assert (code, [row["row"] for row in rows]) == (1, ["2", "3", "3"])
    for lang, total in (("en", "Faults: 3, warnings: 0"), ("ru", "Ошибок: 3"), ("zh", "错误3个")):
        code, out, _ = call("check", faulty, "--lang", lang)
        assert code == 1
        assert total in out
        assert "vehicles.csv" in out


@pytest.mark.slow
def test_warnings_fail_only_with_strict(call: Call, tmp_path: Path) -> None:
    call("new own")
    (tmp_path / "own" / "servces.csv").write_text("crossing\n", encoding="utf-8")
    assert call("check own")[0] == 0
    code, out, _ = call("check own --strict")
    assert code == 1
    assert "did you mean services" in " ".join(out.split())


@pytest.mark.slow
def test_lapsed_facts_depend_on_the_date(call: Call, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(
        "id,what,value,unit,valid_until,source,confidence,note\n"
        "exchange_cny,exchange,11.2,RUB/CNY,2026-02-12,estimate,estimated,Made up\n",
        encoding="utf-8",
    )
    code, out, _ = call("check . --on 2026-02-12 --format json")
    assert (code, json.loads(out)["sums"]["lapsed"]) == (0, 0)
    code, out, _ = call("check . --on 2026-02-13 --format json")
    assert (code, json.loads(out)["faults"][0]["check"]) == (0, "lapsed")
    assert call("check . --on 2026-02-13 --strict")[0] == 1


def test_faults_of_a_scenario_file_are_listed(call: Call, tmp_path: Path) -> None:
    change = '[[change]]\ncrossing = "kani_kurgan:brige"\nclose = true\n'
    for text, column, problem in (
        ('name = "mine"\nbse = "frozen"\n', "bse", "did you mean 'base'"),
        (f'name = "mine"\n{change}', "crossing", "kani_kurgan:bridge"),
        ('name = "mine"\nbase = "frozn"\n', "base", "did you mean frozen"),
        ('name = "mine\n', None, "TOML"),
    ):
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        code, out, _ = call("check mine.toml --format json")
        (fault,) = json.loads(out)["faults"]
        assert (code, fault["file"], fault["check"]) == (1, "mine.toml", "scenario"), text
        assert fault["column"] == column, text
        assert problem in fault["problem"], text


@pytest.mark.slow
def test_a_folder_is_checked_with_its_scenarios(call: Call, tmp_path: Path) -> None:
    call("new own")
    assert call("check own/scenario.toml")[0] == 0
    (tmp_path / "own" / "scenario.toml").write_text("name = 3\n", encoding="utf-8")
    code, out, _ = call("check own --format json")
    assert (code, json.loads(out)["faults"][0]["file"]) == (1, "scenario.toml")


def test_new_then_record_then_state(call: Call) -> None:
    code, out, _ = call("new own")
    assert code == 0
    assert str(Path("own") / "services.csv") in out
    assert call("new own")[0] == 2, "the folder exists"
    code, out, _ = call(f"record poyarkovo:ice_road open 2027-01-15 --source {NOTICE} --data own")
    assert code == 0
    assert "Record up to 2027-01-15" in out
    rows = json.loads(call("state --on 2027-01-16 --data own --format json")[1])
    (row,) = [row for row in rows if (row["crossing"], row["traffic"]) == ("poyarkovo:ice_road", "cargo")]
    assert (row["status"], row["basis"]) == ("open", "observed")


@pytest.mark.slow
def test_export_writes_the_formats_and_the_state(call: Call, tmp_path: Path) -> None:
    code, out, _ = call("export out --formats geojson,csv --on 2026-02-10 --scenario no_bridge")
    assert code == 0
    assert str(Path("out") / "crossings.geojson") in out
    state = json.loads((tmp_path / "out" / "state.geojson").read_text(encoding="utf-8"))
    rows = [feature["properties"] for feature in state["features"]]
    bridge = [row for row in rows if row["crossing"] == "kani_kurgan:bridge"]
    assert {(row["status"], row["scenario"]) for row in bridge} == {("closed", "no_bridge")}
