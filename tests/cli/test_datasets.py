"""Check, new, record and export from the command line: documents, exit codes, one clear sentence."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from amurgeo.cli import main

NOTICE = "https://www.amur.info/news/2027/01/20"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run the command line in this process: exit code, stdout, stderr."""

    def run(*args: object) -> tuple[int, str, str]:
        code = 0
        try:
            main([str(arg) for arg in args])
        except SystemExit as done:
            code = int(done.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "vehicles.csv").write_text(
        "id,traffic,mass_t,name_en,name_ru,name_zh,source,confidence,note\n"
        "van,cargo,heavy,Van,Фургон,货车,estimate,estimated,Made up\n"
        "lorry,cargo,20000,Lorry,Грузовик,货车,estimat,estimated,Made up\n",
        encoding="utf-8",
    )
    return folder


def test_every_fault_at_once_as_json(call, faulty: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("check", faulty, "--format", "json")
    document = json.loads(out)
    assert (code, err) == (1, "")
    assert [(fault["row"], fault["column"], fault["check"]) for fault in document["faults"]] == [
        (2, "mass_t", "value"),
        (3, "mass_t", "unit"),
        (3, "source", "unknown-reference"),
    ]
    assert document["sums"]["rows"] == {"vehicles": 2}


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "3 faults, 0 warnings"), ("ru", "Ошибок: 3"), ("zh", "错误3个")],
)
def test_the_table_is_in_three_languages(call, faulty: Path, lang: str, words: str) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call("check", faulty, "--lang", lang)
    assert code == 1
    assert words in out
    assert "vehicles.csv" in out


def test_faults_as_csv(call, faulty: Path) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = call("check", faulty, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    assert [row["row"] for row in rows] == ["2", "3", "3"]
    assert out.startswith("\ufeff")


def test_warnings_fail_only_when_strict(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    call("new", tmp_path / "own")
    (tmp_path / "own" / "servces.csv").write_text("crossing\n", encoding="utf-8")
    assert call("check", tmp_path / "own")[0] == 0
    code, out, _ = call("check", tmp_path / "own", "--strict")
    assert code == 1
    assert "did you mean services" in out


def test_lapsed_facts_depend_on_the_day_asked(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "rates.csv").write_text(
        "id,what,value,unit,valid_until,source,confidence,note\n"
        "exchange_cny,exchange,11.2,RUB/CNY,2026-02-12,estimate,estimated,Made up\n",
        encoding="utf-8",
    )
    code, out, _ = call("check", folder, "--on", "2026-02-12", "--format", "json")
    assert (code, json.loads(out)["sums"]["lapsed"]) == (0, 0)
    code, out, _ = call("check", folder, "--on", "2026-02-13", "--format", "json")
    assert (code, json.loads(out)["faults"][0]["check"]) == (0, "lapsed")
    assert call("check", folder, "--on", "2026-02-13", "--strict")[0] == 1


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ('name = "mine"\nbse = "frozen"\n', "bse", "did you mean 'base'"),
        (
            'name = "mine"\n[[change]]\ncrossing = "kani_kurgan:brige"\nclose = true\n',
            "crossing",
            "kani_kurgan:bridge",
        ),
        ('name = "mine"\nbase = "frozn"\n', "base", "did you mean frozen"),
        ('name = "mine\n', None, "TOML"),
    ],
)
def test_a_scenario_file_is_checked(call, tmp_path: Path, text: str, column: str | None, says: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    code, out, _ = call("check", path, "--format", "json")
    faults = json.loads(out)["faults"]
    assert code == 1
    assert [(fault["file"], fault["check"]) for fault in faults] == [("mine.toml", "scenario")]
    assert faults[0]["column"] == column
    assert says in faults[0]["problem"]


def test_a_good_scenario_file_passes(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    call("new", tmp_path / "own")
    assert call("check", tmp_path / "own" / "scenario.toml")[0] == 0
    (tmp_path / "own" / "scenario.toml").write_text("name = 3\n", encoding="utf-8")
    code, out, _ = call("check", tmp_path / "own", "--format", "json")
    assert code == 1
    assert json.loads(out)["faults"][0]["file"] == "scenario.toml"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("check", "nowhere"), "is not a folder"),
        (("check", "nowhere.toml"), "there is no file"),
        (("check", "--on", "2026-02-30"), "does not exist"),
        (("new",), "DIR"),
        (("record", "poyarkovo:ice_road", "open", "2027-01-15", "--data", "x"), "--source"),
        (
            ("record", "poyarkovo", "open", "2027-01-15", "--source", NOTICE, "--data", "x"),
            "did you mean poyarkovo:ice_road",
        ),
        (("export", "x", "--formats", "shp"), "unknown format"),
    ],
)
def test_bad_input_is_exit_2_and_one_sentence(  # type: ignore[no-untyped-def]
    call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert says in err
    assert list(tmp_path.iterdir()) == []


def test_new_then_record_then_state(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "own"
    code, out, _ = call("new", own)
    assert code == 0
    assert str(own / "services.csv") in out
    assert call("new", own)[0] == 2
    code, out, _ = call(
        "record", "poyarkovo:ice_road", "open", "2027-01-15", "--source", NOTICE, "--data", own
    )
    assert code == 0
    assert "Record up to 2027-01-15" in out
    _, out, _ = call("state", "--on", "2027-01-16", "--data", own, "--format", "json")
    row = next(
        row for row in json.loads(out) if (row["crossing"], row["traffic"]) == ("poyarkovo:ice_road", "cargo")
    )
    assert (row["status"], row["basis"]) == ("open", "observed")


def test_export_writes_what_is_asked(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call(
        "export",
        tmp_path / "out",
        "--formats",
        "geojson,csv",
        "--on",
        "2026-02-10",
        "--scenario",
        "no_bridge",
    )
    assert code == 0
    assert str(tmp_path / "out" / "crossings.geojson") in out
    state = json.loads((tmp_path / "out" / "state.geojson").read_text(encoding="utf-8"))
    bridge = [
        f["properties"] for f in state["features"] if f["properties"]["crossing"] == "kani_kurgan:bridge"
    ]
    assert {row["status"] for row in bridge} == {"closed"}
    assert {row["scenario"] for row in bridge} == {"no_bridge"}
