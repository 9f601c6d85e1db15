"""Generated input of every kind: each call ends with 0, 1 or 2, soon, and an error says what would be right.

An input is made from its number alone; ``GENERATED=4000:4500 python -m pytest tests/robustness`` runs others.
"""

from __future__ import annotations

import html
import os
import random
import re
import shutil
import signal
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import openpyxl
import pandas as pd
import pyogrio
import pytest
import two_banks
from mangling import ODD

from amurgeo.cli import cli, main
from amurgeo.osm import NODE_TAGS, WAY_TAGS
from amurgeo.scenario import Change
from amurgeo.scenario.model import ScenarioFile

BANKS = (Path(__file__).parents[1] / "osm" / "banks.osm").read_bytes()
#: Words of an error that tell what to do.
REMEDY = re.compile(
    r"\b(expected|did you mean|valid: |such as|for instance|leave|pass|give|use|choose|correct|save|add|set|"
    r"write|shorten|make room|draw|repair|clear|replace|install|pip install|allow|open it|join some|"
    r"raise|lower|retire|delete|export the layer again|the keys are|it goes with|needs exactly one of|"
    r"takes no target|must not be|should be|known are|requires an argument|record|try|download)\b"
)
#: Longest processor time of a call in seconds.
SLOWEST_S = 10
#: Valid calls of all commands on the small dataset.
CALLS = (
    "state --on 2026-02-01", "state --on 2026-02-01 --format json", "next --on 2026-02-01",
    "dates strait:ferry --season 2026", "routes Upby Farby --on 2026-02-01",
    "matrix --origins Upby --destinations Farby --on 2026-02-01", "check mine.toml",
    "state --on 2026-02-01 -o a.csv", "daily Upby Farby --from 2026-01-08 --to 2026-01-12",
    "exits Upby --on 2026-02-01", "new fresh",
    "record strait:ferry open 2026-05-21 --source https://example.org/1 --data fresh",
    "calendar 2026", "gaps 2026", "redundancy 2026", "access 2026",
    "critical --on 2026-02-01 --draws 2", "dependence --from 2026", "measures 2025/26 --draws 2",
    "promise Upby Farby --from 2026-02-01 --days 3 --draws 5",
    "brief --on 2026-02-01 -o a.html", "capacity 2026",
    "queues baseline --from 2026-02-01 --to 2026-02-03", "forecast --issue 2026-03-01 --folder ledger",
    "check",
    "check own", "compare baseline mine.toml --on 2026-02-01", "compare baseline mine.toml --year 2026",
    "report baseline mine.toml --on 2026-02-01 -o a.html", "map network --on 2026-02-01 -o a.html",
    "map season --year 2026 -o a.html", "map compare baseline mine.toml --on 2026-02-01 -o a.html",
    "map routes Upby Farby --on 2026-02-01 -o a.html", "export out --formats csv,geojson,graphml",
    "calendar 2026 --png a.png", "osm read area.osm -o area", "state --on 2026-02-01 -o a.xlsx",
    "osm fetch --around Upby --km 1 --server http://127.0.0.1:9 -o area",
)  # fmt: skip
#: Words for a place, a crossing, a date, a scenario or a file, valid and invalid.
WORDS = (
    "Upby", "farby", "Хомби", "黑河", "65.3,25.0", "91,181", "Nowhere", "strait:ferry", "strait",
    "strait:ferry=3", "strait:ice_road", "car", "lorry", "train", "zeppelin", "2026-02-01", "2026-02-30",
    "10.02.2026",
    "1949-01-01", "2026", "1066", "2025/26", "2024", "08:00", "25:00", "baseline", "mine.toml", "none.toml",
    "strait close 2026-02-01..2026-03-01", "strait:ferry limit_t 9", "winter warming_c 2", "ferry open",
    "road close", "own", "nowhere", "0", "1", "3", "-1", "0.5", "nan", "1e9", "8,5", "", " ", ",", "a,b",
    "--", "-", "\udcff", "strait close \udcff", "Ё'\"", "\u202e", "https://example.org/1", "close", "resume",
    "8:5", "24:00", "20:00-06:00", "08:00-18:00, break 12:00-13:00", "2 h", "PT1H", "1d", "8.00",
    "01.02.2026..05.02.2026", "2026-2027", "сегодня", "今天", "1 000", "1.000,5", "30 t", "x1,2", "+5",
    "strait:ferry=5:10:20", "strait=5", "２０２６-０２-０１", "2026/02/01", "2026-2-1", "1 февраля 2026",
    "strait speed_factor 0,5", "strait close 01.02.2026", "{ferry}", "100%", "-0", "1e-9",
    "strait open+ferry close",
    "geojson", "json", "csv", "en", "ru", "zh", "cargo", "both", "north", "today", "a" * 5000, "\ud83d\ude00",
)  # fmt: skip
FILES = (
    "a.csv", "b.xlsx", "c.gpkg", "d.html", "e.png", "out", "own", "имя 名.csv", "own/x.html",
    "mine.toml/x.csv", "", "\udcff", "/dev/full", "/proc/x.csv", "x" * 300 + ".csv", "a\nb.csv",
)  # fmt: skip
#: Values of OpenStreetMap tags.
TAGS = (
    "yes",
    "no",
    "7.5",
    "7,5 t",
    "16000 lbs",
    "3.5 m",
    "12'6\"",
    "60",
    "RU:urban",
    "40 mph",
    "00:20",
    "PT20M",
    "20",
    "Mo-Fr 08:00-18:00; PH off",
    "Nov-Mar",
    "no @ (Dec 15-Mar 31)",
    "yes @ (weight<5)",
    "24/7",
    "sunrise-sunset",
    "winter",
    "seasonal",
    "-1",
    "reversible",
    "ferry",
    "ice_road",
    "private;customers",
    "designated",
    "destination",
)
#: Characters that XML cannot contain.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WRITES = {"-o", "--output", "--png", "--map", "--report", "--cache", "--data", "--folder"}
SCENARIO = b"""
name = "mine"
title = {en = "Mine", ru = "x", zh = "y"}
base = ["baseline"]
world = 2026

[[change]]
crossing = "strait:ice_road"
traffic = "cargo"
delay_days = 14

[[change]]
mode = "ferry"
limit_t = 15.5
days = "07-01..08-15"

[[change]]
add = {kind = "road", from = "Upby", to = "Homeby", length_km = 21, class = "secondary"}
"""
TARGETS = ("strait", "strait:ferry", "ferry", "ice_road", "car", "homeby--upby", "nowhere")


def _leaves(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


LEAVES = dict(_leaves(cli))


def _odd(chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return "".join(chr(chance.randrange(1, 0x3000)) for _ in range(chance.randrange(9)))
    return chance.choice(WORDS if kind == 1 else ODD).replace("\x00", "")


def _disguised(chance: random.Random, text: str) -> str:
    """Return a text in look-alike letters, full-width digits, another case or another normal form."""
    forms: tuple[Callable[[str], str], ...] = (
        lambda given: given.translate(str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")),
        lambda given: given.translate({ord(char): ord(char) + 0xFEE0 for char in "0123456789:.,-"}),
        lambda given: unicodedata.normalize("NFD", given),
        str.upper,
        lambda given: f"\u00a0{given}\u200b",
        lambda given: given.replace(".", ","),
    )
    return chance.choice(forms)(text)


def _mangled(chance: random.Random, data: bytes) -> bytes:
    """Return bytes with some pieces cut, repeated or replaced."""
    for _ in range(chance.randrange(1, 5)):
        at, cut = chance.randrange(len(data) + 1), chance.choice((0, 1, 5, 60, len(data)))
        begin = chance.randrange(len(data) + 1)
        put = chance.choice(
            (
                _odd(chance).encode(errors="replace"),
                chance.randbytes(4),
                data[begin : begin + 40],
                b"\x00",
                b"",
            )
        )
        data = data[:at] + put + data[at + cut :]
    return data


def _value(chance: random.Random) -> str:
    """Return a value as TOML."""
    text = '"' + re.sub(r'[\\"\x00-\x1f\x7f\ud800-\udfff]', "", chance.choice((*TARGETS, _odd(chance)))) + '"'
    return chance.choice(
        (text, text, f"{chance.randrange(-100, 1000)}", f"{chance.uniform(-9, 99):.3f}", "true", "nan",
         "1e400", "07:32:00", "1979-05-27T07:32:00Z", "[[1, 2], [3]]", "{}", "[]", "0x1F", "-0.0", '"8,5"',
         f'"{_disguised(chance, chance.choice((*TARGETS, "2026-02-10", "8.5")))}"', _addition(chance),
         "2026-02-10", f"[{text}]", f"{{en = {text}}}", "'2026-02-10..2026-03-10'", "'11-10..01-10'",
         '{kind = "road", from = "Upby", to = "Homeby", length_km = 9}',
         '{kind = "crossing", checkpoint = "strait", mode = "bridge", length_km = 2, travel_min = 1, '
         'admits = ["lorry"]}')
    )  # fmt: skip


def _addition(chance: random.Random) -> str:
    """Return an added road or crossing as TOML: a valid one with some values replaced or missing."""
    valid: dict[str, str] = chance.choice(
        (
            {"kind": '"road"', "from": '"Upby"', "to": '"Homeby"', "length_km": "9", "class": '"primary"',
             "surface": '"gravel"'},
            {"kind": '"crossing"', "checkpoint": '"strait"', "mode": '"bridge"', "length_km": "2",
             "travel_min": "1", "admits": '["lorry"]', "max_mass_t": "20", "border_h": "1", "wait_h": "2"},
        )
    )  # fmt: skip
    odd = ("nan", "-1", '"x"', "[]", "true", "2026-02-10", "1e9", '"8,5"', '"Nowhere"', '["car", "zeppelin"]')
    keys = chance.sample([*valid], len(valid) - chance.choice((0, 0, 1)))
    values = {key: chance.choice(odd) if chance.random() < 0.2 else valid[key] for key in keys}
    return "{" + ", ".join(f"{key} = {value}" for key, value in values.items()) + "}"


def _tagged(chance: random.Random, data: bytes) -> bytes:
    """Return an area whose objects have more tags, of the keys that are read, with valid and odd values."""
    keys = (*WAY_TAGS, *NODE_TAGS, "maxspeed", "maxheight", "access:conditional", "maxweight:conditional")
    for _ in range(chance.randrange(1, 5)):
        key = chance.choice(keys) + chance.choice(("", "", "", ":hgv", ":forward", ":conditional"))
        value = html.escape(
            re.sub(r"[\x00-\x1f\ud800-\udfff\ufffe]", "", chance.choice((*TAGS, _odd(chance))))
        )
        end = chance.choice([match.start() for match in re.finditer(rb"</way>|</relation>", data)] or [0])
        data = data[:end] + f'<tag k="{key}" v="{value}"/>'.encode() + data[end:]
    return data


def _scenario(chance: random.Random) -> bytes:
    """Return a scenario file: a damaged one, or one of random keys and values."""
    if chance.random() < 0.4:
        return _mangled(chance, SCENARIO)
    lines = [
        f"{key} = {_value(chance)}"
        for key in chance.sample(sorted(ScenarioFile.model_fields), chance.randrange(3))
        if key not in ("name", "change")
    ]
    for _ in range(chance.randrange(3)):
        lines += ["[[change]]", f'{chance.choice(("crossing", "checkpoint", "mode", "road"))} = '
                  f'"{chance.choice(TARGETS)}"']  # fmt: skip
        keys = chance.sample(sorted(Change.model_fields), chance.randrange(1, 4))
        lines += [f"{key} = {_value(chance)}" for key in keys]
    return "\n".join(['name = "mine"', *lines]).encode("utf-8", errors="replace")


def _table(chance: random.Random) -> tuple[str, bytes]:
    """Return the name and content of a table: rows of the dataset with odd cells, or damaged bytes."""
    name = chance.choice(sorted(two_banks.ROWS))
    rows = [{**row, **two_banks.PROVENANCE} for row in two_banks.ROWS[name]]
    rows = chance.choices(rows, k=chance.randrange(1, 4))
    columns = chance.sample([*rows[0]], len(rows[0]) - chance.choice((0, 0, 0, 1)))
    comma = chance.choice((",", ",", ",", ";", "\t", "|"))
    cells = [[str(row[column]) for column in columns] for row in rows]
    for _ in range(chance.randrange(4)):
        row, place = chance.choice(cells), chance.randrange(len(columns))
        row[place] = _disguised(chance, row[place]) if chance.random() < 0.4 else _odd(chance)
    if chance.random() < 0.15:
        return _workbook(chance, name, [columns, *cells])
    quoted = [
        ['"' + cell.replace('"', '""') + '"' if comma in cell else cell for cell in row] for row in cells
    ]
    text = "\n".join(comma.join(row) for row in [columns, *quoted])
    coding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1251", "gb18030"))
    data = text.encode(coding, errors="replace")
    ending = chance.choice((".csv", ".csv", ".csv", ".CSV", ".xlsx", ".gpkg", ".txt"))
    return f"{name}{ending}", _mangled(chance, data) if chance.random() < 0.3 else data


def _workbook(chance: random.Random, name: str, cells: list[list[str]]) -> tuple[str, bytes]:
    """Return a workbook or a GeoPackage of a table: numbers as numbers, one or several sheets or layers."""
    title = chance.choice((name, name, name.upper(), "Лист1", "places", "note"))
    rows = [cells[0]] + [[float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else cell for cell in row]
                         for row in cells[1:]]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        if chance.random() < 0.3:
            path = Path(folder) / f"{name}.gpkg"
            clean = [[_NOT_XML.sub("", cell) for cell in row] for row in cells[1:]]
            frame = pd.DataFrame(clean, columns=cells[0])
            pyogrio.write_dataframe(frame, path, layer=title)
        else:
            path = Path(folder) / f"{name}.xlsx"
            book = openpyxl.Workbook()
            for sheet in (title, *chance.choice(((), ("Лист2",), (f"{name} ",)))):
                page = book.create_sheet(sheet)
                for row in rows:
                    page.append([_NOT_XML.sub("", cell) if isinstance(cell, str) else cell for cell in row])
            if chance.random() < 0.7:
                del book["Sheet"]
            book.save(path)
        return path.name, path.read_bytes()


def made(number: int, folder: Path) -> list[str]:
    """Write the files of an input into a folder and return the words of its call."""
    chance = random.Random(number)
    (folder / "mine.toml").write_bytes(_scenario(chance) if chance.random() < 0.5 else SCENARIO)
    area = chance.random()
    change = _mangled if area < 0.4 else _tagged
    (folder / "area.osm").write_bytes(change(chance, BANKS) if area < 0.9 else BANKS)
    (folder / "own").mkdir()
    for _ in range(chance.randrange(1, 3)):
        name, data = _table(chance)
        (folder / "own" / name).write_bytes(data)
    words = chance.choice(CALLS).split()
    (path,) = (name for name in LEAVES if words[: len(name.split())] == name.split())
    start = len(path.split())
    options = [option for option in LEAVES[path].params if isinstance(option, click.Option)]
    if chance.random() < 0.3 and "--data" in {name for option in options for name in option.opts}:
        words += ["--data", "own"]
    if chance.random() < 0.3 and "--scenario" in {name for option in options for name in option.opts}:
        words += ["--scenario", chance.choice(("mine.toml", *WORDS[24:34]))]
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        kind = chance.randrange(5)
        if kind == 0 and len(words) > start:
            at = chance.randrange(start, len(words))
            words[at] = chance.choice(FILES) if words[at - 1] in _WRITES else _odd(chance)
        elif kind == 1 and len(words) > start:
            words.pop(chance.randrange(start, len(words)))
        else:
            option = chance.choice(options)
            name = chance.choice(option.opts)
            choices = option.type.choices if isinstance(option.type, click.Choice) else ()
            words.append(name)
            for _ in range(0 if option.is_flag else option.nargs):
                valid = [*map(str, choices), str(option.default)] if choices else [*WORDS[:30]]
                word = chance.choice(valid) if chance.random() < 0.7 else _odd(chance)
                word = _disguised(chance, word) if chance.random() < 0.1 else word
                words.append(chance.choice(FILES) if name in _WRITES else word)
    if "--lang" in words:
        # Errors are judged in English.
        words += ["--lang", "en"]
    return words if "--dataset" in words else [*words, "--dataset", "../small"]


@contextmanager
def _limited() -> Iterator[None]:
    """Fail after some seconds of processor time, on systems with such timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: object) -> None:
        raise AssertionError(f"hung for {SLOWEST_S} s")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _whole(name: str, data: bytes) -> bool:
    """Return whether a written file is complete."""
    if name.endswith(".html"):
        return data.rstrip().endswith(b"</html>")
    if name.endswith(".xlsx"):
        return data.rstrip(b"\0")[:2] == b"PK" and zipfile.is_zipfile(name)
    return bool(data)


def faults(code: int, out: str, err: str, before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[str]:
    """Yield what is wrong with the end of a call."""
    if code not in (0, 1, 2):
        yield f"exit code {code}"
    if "Traceback" in out + err:
        yield "a traceback"
    if code == 2:
        messages = re.findall(r"^(?:amurgeo|Error): (.*)$", err, re.MULTILINE)
        if not messages:
            yield "an error without a message"
        usage = "' for help" in err
        yield from (f"no remedy: {text:.200}" for text in messages if not usage and not REMEDY.search(text))
        if out:
            yield "an error after output"
        if before != after:
            yield "an error after writing"
    written = {name: data for name, data in after.items() if before.get(name) != data}
    yield from (f"a partial file: {name}" for name in written if "/.amurgeo-" in name)
    yield from (f"half-written: {name}" for name, data in written.items() if not _whole(name, data))


def check(
    numbers: range,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[int, Path], list[str]] = made,
) -> list[Any]:
    """Run inputs and return the faults of each."""
    found: list[Any] = []
    monkeypatch.setenv("LC_ALL", "C")
    (folder / "small").mkdir()
    two_banks.write(folder / "small")
    for number in numbers:
        desk = folder / str(number)
        desk.mkdir()
        monkeypatch.chdir(desk)
        words = make(number, desk)
        before = _contents(desk)
        code, problem = -1, ""
        try:
            with _limited():
                main(words)
        except SystemExit as done:
            code = int(done.code or 0)
        except BaseException as error:
            problem = f"{type(error).__name__}: {error}"
        out, err = capsys.readouterr()
        problems = [problem] if problem else [*faults(code, out, err, before, _contents(desk))]
        if problems:
            found.append((number, words, problems))
        monkeypatch.chdir(folder)
        shutil.rmtree(desk)
    return found


def plain(number: int, folder: Path) -> list[str]:
    """Write valid files into a folder and return the words of a call as it stands."""
    (folder / "mine.toml").write_bytes(SCENARIO)
    (folder / "area.osm").write_bytes(BANKS)
    (folder / "own").mkdir()
    return [*CALLS[number].split(), "--dataset", "../small"]


def test_every_call_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(range(len(CALLS)), tmp_path, capsys, monkeypatch, plain) == []


def test_generated_input_is_answered_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(range(300), tmp_path, capsys, monkeypatch) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_much_generated_input_is_answered_or_refused(
    part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _, last = os.environ.get("GENERATED", f"{part * 500}:{part * 500 + 500}").partition(":")
    assert check(range(int(first), int(last)), tmp_path, capsys, monkeypatch) == []


def test_every_command_is_generated() -> None:
    calls = [call.split() for call in CALLS]
    assert {
        name for name in LEAVES if any(call[: len(name.split())] == name.split() for call in calls)
    } == set(LEAVES)
