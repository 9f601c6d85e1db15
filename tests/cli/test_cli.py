"""The command line as planners and scripts use it: documents, exit codes, one sentence for an error."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

import amurgeo as ag
from amurgeo.cli import COMMANDS, cli
from amurgeo.cli.tables import cell_width
from amurgeo.errors import InputError
from amurgeo.io import records
from amurgeo.text import LANGUAGES, translate

Call = Callable[..., tuple[int, str, str]]
NOTICE = "https://www.amur.info/news/2027/01/20"
BANKS = Path(__file__).parents[1] / "osm" / "banks.osm"
#: Command lines with invalid input, and what their message contains.
INVALID = {
    "routes Blagoveschensk Heihe --on 2026-02-10": "Blagoveshchensk",
    "state --on 2026-02-30": "does not exist",
    "redundancy 2026 --home": "requires an argument",
    "state --crossing poyarkow": "Poyarkovo",
    "gaps 1900": "1981",
    "routes Blagoveshchensk Heihe --on 2026-02-10 --vehicle zeppelin": "truck_20t",
    "routes Blagoveshchensk Heihe --on 2026-02-10 -k 0": "1<=x<=50",
    "routes Blagoveshchensk Heihe --on 2026-02-10 --border-h bridge": "kani_kurgan:bridge=8",
    "compare frozen opne": "did you mean open",
    "compare frozen": "ALTERNATIVES",
    "compare frozen open --report r.txt": ".html",
    "matrix --origins , --destinations Heihe --on 2026-02-10": "--origins",
    "matrix --origins Zeya --destinations Heihe --on 2026-02-10 --format geojson": "'geojson' is not one of",
    "stat": "did you mean state",
    "state --on 2026-02-10 --data no-such-folder": "is not a folder",
    "state --on 2026-02-10 -o out.docx": ".xlsx, .csv or .gpkg",
    "check nowhere": "nowhere",
    "check nowhere.toml": "file not found",
    "check --on 2026-02-30": "does not exist",
    "new": "DIR",
    "record poyarkovo:ice_road open 2027-01-15 --data x": "--source",
    f"record poyarkovo open 2027-01-15 --source {NOTICE} --data x": "did you mean Poyarkovo, ice road",
    "export x --formats shp": "unknown format",
    "osm fetch -o x": "give one of --around, --bbox and --corridor",
    "osm fetch --bbox 4,3,2,1 -o x": "--bbox is invalid",
    "osm fetch --bbox 1,2 -o x": "127.3,50.1,127.8,50.4",
    "routes Zeya Heihe --on 2026-02-10 --max-wait-h 1": "--max-wait-h acts with --depart only",
    "state --on 2026-02-10 -o x.csv --format json": "leave --format out",
    "state --on 2026-02-10 -o x.csv --format table": "leave --format out",
    "check x --data x": "--data has no effect beside the folder 'x'",
    "check --home amur_oblast": "No such option",
    "record bus open 2027-01-15 --source https://example.org/1 --data x": "expected one of",
    "state --on 2026-02-10 --scenario \udc80": "unknown scenario",
}


def test_invalid_input_is_exit_2_and_one_sentence_and_writes_nothing(call: Call, tmp_path: Path) -> None:
    faults = []
    for line, text in INVALID.items():
        code, out, err = call(line)
        sentences = [row for row in err.splitlines() if row.startswith(("amurgeo: ", "Error: "))]
        if (code, out, len(sentences)) != (2, "", 1) or text not in err or [*tmp_path.iterdir()]:
            faults.append((line, code, out, err))
    assert faults == []


def test_a_broken_data_file_is_named_with_row_and_column(call: Call, tmp_path: Path) -> None:
    (tmp_path / "vehicles.csv").write_text(
        "id,traffic,mass_t,name_en,name_ru,name_zh,source,confidence\n"
        "van,cargo,heavy,Van,Фургон,货车,estimate,estimated\n",
        encoding="utf-8",
    )
    code, _, err = call(f"state --on 2026-02-10 --data {tmp_path}")
    assert code == 2
    assert "vehicles.csv, row 2, column mass_t" in err


def test_arguments_in_a_library_error_are_options_for_users(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("no date (on=None, scenario='x'); pass on=2026-02-10, or max_wait_h=…; a=1, b:on=2")

    monkeypatch.setattr(ag, "next_changes", refuse)
    message = "no date (--on None, --scenario 'x'); pass --on 2026-02-10, or max_wait_h=…; a=1, b:on=2"
    assert call("next --on 2026-02-10") == (2, "", f"amurgeo: {message}\n")


#: Command lines, and the function whose plain values are their JSON.
SHELLS: dict[str, Callable[[ag.Network], object]] = {
    "dates poyarkovo:ice_road --season 2026/27 --traffic cargo --blind": lambda net: ag.dates(
        net, "poyarkovo:ice_road", season="2026/27", traffic="cargo", blind=True
    ).to_dict(),
    "next --on 2026-10-20 --risk 0.2 --scenario late_ice_3w": lambda net: records(
        ag.next_changes(net, "2026-10-20", risk=0.2, scenario="late_ice_3w")
    ),
    "check": lambda net: ag.check().to_dict(),
    "state --on 2026-02-10": lambda net: ag.state(net, "2026-02-10").to_dict(),
    "calendar 2026": lambda net: ag.calendar(net, 2026).to_dict(),
    "routes Zeya Harbin --on 2026-02-10 -k 2": lambda net: ag.routes(
        net, "Zeya", "Harbin", on="2026-02-10", k=2
    ).to_dict(),
    "matrix --origins Zeya,Tynda --destinations Heihe --on 2026-02-10": lambda net: ag.od_matrix(
        net, ["Zeya", "Tynda"], ["Heihe"], on="2026-02-10"
    ).to_dict(),
    "daily Zeya Heihe --from 2026-02-10 --to 2026-02-12": lambda net: ag.daily(
        net, "Zeya", "Heihe", start="2026-02-10", end="2026-02-12"
    ).to_dict(),
    "exits Zeya --on 2026-02-10": lambda net: ag.exits(net, "Zeya", on="2026-02-10").to_dict(),
    "redundancy 2026 --origins Zeya --destinations Heihe": lambda net: ag.redundancy(
        net, 2026, origins=["Zeya"], destinations=["Heihe"]
    ).to_dict(),
    "compare open frozen --destinations Heihe": lambda net: ag.compare(
        net, ["open", "frozen"], destinations=["Heihe"]
    ).to_dict(),
    f"osm read {BANKS} -o area": lambda net: ag.osm.read(BANKS, net=net).to_dict(),
}


@pytest.mark.slow
@pytest.mark.parametrize("line", SHELLS)
def test_a_command_prints_what_its_function_returns(call: Call, net: ag.Network, line: str) -> None:
    code, out, _ = call(f"{line} --format json")
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(SHELLS[line](net)))


@pytest.mark.slow
def test_commands_write_what_their_functions_write(call: Call, net: ag.Network, tmp_path: Path) -> None:
    assert call("new", str(tmp_path / "a"))[0] == 0
    ag.new(tmp_path / "b")
    notice = ("poyarkovo:ice_road", "open", "2027-01-21")
    assert call("record", *notice, "--source", NOTICE, "--data", str(tmp_path / "a"))[0] == 0
    ag.record(tmp_path / "b", *notice, source=NOTICE)
    assert call("export", str(tmp_path / "a"), "--formats", "geojson", "--on", "2026-02-10")[0] == 0
    ag.export.write(net, tmp_path / "b", formats="geojson", on="2026-02-10")
    files = [sorted(path for path in (tmp_path / name).iterdir()) for name in "ab"]
    assert [path.name for path in files[0]] == [path.name for path in files[1]]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("next --on 2026-10-20 --risk 2", "--risk is invalid: 2.0"),
        ("dates poyarkovo:ice_road --season 2026", "--season is invalid: '2026'"),
        ("osm fetch --around Zeya --bbox 1,2,3,4 -o x", "give one of --around, --bbox and --corridor"),
        ("state --on 2026-02-10 --data nowhere", "as made by amurgeo new"),
        ("export x --formats csv --vehicle car", "--vehicle is used for graphml"),
    ],
)
def test_errors_name_options_and_commands(call: Call, line: str, message: str) -> None:
    code, _, err = call(line)
    assert code == 2
    assert message in err


@pytest.mark.parametrize(
    "line", ["routes Zeya Зея --on 2026-02-10", "daily Zeya Zeya --from 2026-02-10 --to 2026-02-11"]
)
def test_from_a_place_to_itself_one_sentence_says_so(call: Call, line: str) -> None:
    code, out, _ = call(line)
    assert code == 0
    assert "origin and destination are one place" in " ".join(out.split())


def test_every_command_has_help() -> None:
    def lines(group: click.Group) -> list[str]:
        ctx = click.Context(group)
        commands = [group.get_command(ctx, name) for name in group.list_commands(ctx)]
        assert all(commands)
        nested = [line for command in commands if isinstance(command, click.Group) for line in lines(command)]
        return [*nested, *(str(command.get_short_help_str()) for command in commands if command)]

    assert len(lines(cli)) >= len(COMMANDS)
    assert all(lines(cli))


@pytest.mark.slow
def test_compare_with_an_option_writes_only_the_pages_it_names(call: Call, tmp_path: Path) -> None:
    ends = ("--origins", "Zeya", "--destinations", "Heihe", "--format", "json")
    assert call("compare", "frozen", "open", *ends)[0] == 0
    assert [*tmp_path.iterdir()] == []
    assert call("compare", "frozen", "open", *ends, "--map", "карта 地图.html")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["карта 地图.html"]


def _run(*words: str, **env: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "amurgeo", *words], capture_output=True, env={**os.environ, **env}, timeout=120
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


@pytest.mark.slow
def test_a_russian_code_page_gets_utf_8() -> None:
    code, out, err = _run("routes", "Благовещенск", "Хэйхе", "--on", "2026-02-10", PYTHONIOENCODING="cp1251")
    assert (code, out) == (2, "")
    assert "Хэйхэ" in err


@pytest.mark.slow
def test_debug_shows_the_traceback() -> None:
    code, _, err = _run("state", "--on", "2026-02-30", "--debug")
    assert code == 1
    assert "Traceback" in err


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="asks a shell for a pipe")
def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m amurgeo calendar 2026 --format csv | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)


@pytest.mark.parametrize(
    "lang", [pytest.param(lang, marks=[pytest.mark.slow] * (lang != "en")) for lang in LANGUAGES]
)
def test_the_answer_stands_first_and_the_rest_is_counted(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    code, out, err = call(f"compare frozen open --lang {lang}")
    assert code == 0
    lines = out.splitlines()
    assert len(lines) <= 40
    assert lines[0].endswith("。" if lang == "zh" else ".")
    assert "│" not in out
    assert out.count(translate("change.same", lang)) + out.count("same") <= 3
    assert max(map(cell_width, lines)) <= 100
    assert not re.search(r"\w:(bridge|ferry|pontoon)", out)
    # An option that only changes the form does not stop the page.
    page = tmp_path / "maps" / "frozen-vs-open.html"
    assert str(Path("maps") / "frozen-vs-open.html") in err
    assert 0 < page.stat().st_size < 2_000_000
