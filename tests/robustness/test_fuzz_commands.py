"""Any command line ends with 0, 1 or 2, explains an error, and leaves no partial file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangling import no_hang, tries

from amurgeo.cli import COMMANDS, cli, main

#: Words for a place, a crossing, a date, a scenario or a file, valid and invalid.
WORDS = (
    "Belogorsk", "heihe", "Харбин", "黑河", "50.45,127.62", "91,181", "Nowhere", "poyarkovo:ice_road",
    "kani_kurgan", "kani_kurgan:bridge", "kani_kurgan:bridge=3", "car", "truck_20t", "train", "zeppelin",
    "2026-02-10", "2026-02-30", "10.02.2026", "2010-07-15", "2026", "1066", "2023/24", "2024", "08:00",
    "25:00", "frozen", "open", "no_bridge", "frozen+open", "paper_2010+frozen",
    "kani_kurgan:bridge close 2026-02-01..2026-03-01", "mine.toml", "none.toml", "own", "nowhere", "0",
    "1", "3", "-1", "0.5", "nan", "1e9", "", " ", ",", "a,b", "--", "-", "\udcff", "Ё'\"", "\u202e",
    "https://example.org/1", "close", "resume", "geojson", "json", "csv", "en", "ru", "zh", "cargo",
    "both",
)  # fmt: skip
#: Names of files to write, in the test's folder or in no folder.
FILES = (
    "a.csv", "b.xlsx", "c.gpkg", "d.html", "e.png", "out", "own", "имя 名.csv", "own/x.html",
    "mine.toml/x.csv", "", "\udcff",
)  # fmt: skip
_WRITES = {"-o", "--output", "--png", "--map", "--report", "--cache", "--data"}
BANKS = Path(__file__).parents[1] / "osm" / "banks.osm"


def _leaves(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _leaves(command, (*path, name))
        else:
            yield (*path, name), command


LEAVES = dict(_leaves(cli))

#: A valid call of each command; the tests change a few of its words.
VALID = {
    "state": "state --on 2026-02-10",
    "routes": "routes Belogorsk Харбин --on 2026-02-10 -k 2",
    "matrix": "matrix --origins Belogorsk,Zeya --destinations heihe --on 2026-02-10",
    "map network": "map network --on 2026-02-10 -o d.html",
    "map season": "map season --year 2026 -o d.html",
    "map compare": "map compare frozen open -o d.html",
    "map routes": "map routes Belogorsk 黑河 --on 2026-02-10 -o d.html",
    "calendar": "calendar 2026",
    "daily": "daily Belogorsk heihe --from 2026-11-01 --to 2026-11-05",
    "dates": "dates poyarkovo:ice_road --season 2023/24",
    "next": "next --on 2026-02-10",
    "gaps": "gaps 2026",
    "brief": "brief --on 2026-02-10 -o d.html",
    "forecast": "forecast --issue 2025-11-28 --folder ledger",
    "exits": "exits Belogorsk --on 2026-02-10",
    "redundancy": "redundancy 2026",
    "compare": "compare baseline no_bridge --on 2026-02-10 --origins Belogorsk --destinations heihe",
    "report": "report frozen open -o d.html",
    "check": "check own",
    "new": "new out",
    "record": "record poyarkovo:ice_road open 2027-01-15 --source https://example.org/1 --data own",
    "export": "export out --formats csv,geojson",
    "osm read": "osm read area.osm -o area",
    "osm fetch": "osm fetch --around heihe --km 1 --server http://127.0.0.1:9 -o out",
}
#: Usual values of options.
USUAL = {
    "--on": ("2026-02-10", "2018-07-15", "2010-11-15"), "--from": ("2026-11-01",),
    "--to": ("2026-11-05",), "--year": ("2026",),
    "--vehicle": ("car", "truck_40t", "train", "passenger", "van"), "--data": ("own",),
    "--scenario": ("no_bridge", "mine.toml", "warm_2c", "poyarkovo:ice_road close"),
    "--depart": ("08:00",), "--drivers": ("2",),
    "--via": ("poyarkovo", "Zeya"), "--avoid": ("kani_kurgan:bridge",),
    "--border-h": ("kani_kurgan:bridge=3",), "--origins": ("Zeya,Belogorsk",),
    "--destinations": ("Harbin",), "--traffic": ("cargo",), "--since": ("2026-01-10",), "--risk": ("0.2",),
    "--assume": ("open", "closed"), "--crossing": ("poyarkovo", "kani_kurgan:bridge"),
}  # fmt: skip


@st.composite
def typed(draw: st.DrawFn, path: tuple[str, ...], command: click.Command) -> list[str]:
    """Draw a valid call with up to three words changed, left out or added."""
    words = VALID[" ".join(path)].split()
    options = [param for param in command.params if isinstance(param, click.Option) and param.name != "help"]
    word = st.sampled_from(WORDS) | st.text(st.characters(exclude_characters="\x00"), max_size=8)
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.sampled_from(("change", "leave", "add", "add", "add"))):
            case "change" if len(words) > len(path):
                at = draw(st.integers(len(path), len(words) - 1))
                words[at] = draw(st.sampled_from(FILES) if words[at - 1] in _WRITES else word)
            case "leave" if len(words) > len(path):
                words.pop(draw(st.integers(len(path), len(words) - 1)))
            case "add":
                option = draw(st.sampled_from(options))
                name = draw(st.sampled_from(option.opts))
                words.append(name)
                choices = (
                    option.type.choices if isinstance(option.type, click.Choice) else USUAL.get(name, ())
                )
                value = st.sampled_from(list(choices)) if choices and draw(st.integers(0, 4)) else word
                value = st.sampled_from(FILES) if name in _WRITES - {"--data"} else value
                words += [] if option.is_flag else [draw(value) for _ in range(option.nargs)]
    return words


@pytest.mark.slow
def test_every_command_has_a_valid_call(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(VALID) == {" ".join(path) for path in LEAVES}
    codes = {name: _call(text.split(), capsys)[0] for name, text in VALID.items()}
    assert {name for name, code in codes.items() if code} == {"osm fetch"}, "its server does not exist"


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with tables and a scenario of a user."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "vehicles.csv").write_text(
        "id,traffic,mass_t,name_en,name_ru,name_zh,source,confidence,note\n"
        "van,cargo,3.5,Van,Фургон,货车,estimate,estimated,Made up\n",
        encoding="utf-8",
    )
    shutil.copy(BANKS, tmp_path / "area.osm")
    (tmp_path / "mine.toml").write_text('name = "mine"\nbase = "no_bridge"\n', encoding="utf-8")
    return tmp_path


def _call(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as done:
        main(words)
    return int(done.value.code or 0), *capsys.readouterr()


@pytest.mark.slow
@tries(60)
@given(data=st.data())
def test_a_command_with_any_words(
    data: st.DataObject, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = data.draw(st.sampled_from(sorted(LEAVES)))
    words = data.draw(typed(path, LEAVES[path]))
    before = _files(desk)
    with no_hang():
        code, out, err = _call(words, capsys)
    assert code in (0, 1, 2), words
    assert "Traceback" not in err
    if code == 2:
        messages = [line for line in err.splitlines() if line.startswith(("amurgeo: ", "Error: "))]
        assert messages, (words, err)
        assert out == "", words
        assert _files(desk) == before, words
    if code == 0 and "json" in words and not {"-o", "--output"} & {*words}:
        at = words.index("json")
        if words[at - 1] == "--format":
            json.loads(out, parse_constant=_refuse)
    assert not [name for name in _files(desk) if "/.amurgeo-" in name]


def _refuse(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


@tries(20)
@given(words=st.lists(st.sampled_from([*COMMANDS, *WORDS, "--on", "--lang", "--format", "--help", "-k"])))
def test_any_words_at_all(words: list[str], desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with no_hang():
        code, _, err = _call(words, capsys)
    assert code in (0, 1, 2), words
    assert "Traceback" not in err
