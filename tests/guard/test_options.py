"""Every option and argument of every command changes what the command prints or writes."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import click
import pytest
import subset

import amurgeo as ag
from amurgeo.analysis import ledger
from amurgeo.cli import cli, main
from amurgeo.osm import BuiltArea

BANKS = Path(__file__).parents[1] / "osm" / "banks.osm"
PAIR, FAR, DAY = "Belogorsk heihe", "Blagoveshchensk Vladivostok", "--on 2026-02-10"
#: A call of each command; it writes into the working directory.
CALLS = {
    "state": f"state {DAY}",
    "routes": f"routes {PAIR} {DAY}",
    "matrix": f"matrix --origins Belogorsk --destinations heihe {DAY}",
    "daily": f"daily {PAIR} --from 2026-02-08 --to 2026-02-12",
    "map network": f"map network {DAY} -o a.html",
    "map season": "map season --year 2026 -o a.html",
    "map compare": f"map compare baseline no_bridge {DAY} -o a.html",
    "map routes": f"map routes {PAIR} {DAY} -o a.html",
    "calendar": "calendar 2026",
    "dates": "dates poyarkovo:ice_road --season 2023/24",
    "next": f"next {DAY}",
    "forecast": "forecast --issue 2025-11-28 --folder ledger",
    "gaps": "gaps 2026",
    "brief": f"brief {DAY} -o a.html",
    "exits": f"exits Belogorsk {DAY}",
    "critical": "critical --on 2026-07-15 --draws 2",
    "access": "access 2026",
    "dependence": "dependence --from 2025",
    "measures": "measures 2026/27 --measure pontoon_earlier --draws 2",
    "redundancy": "redundancy 2026",
    "queues": "queues baseline --from 2026-02-14 --to 2026-02-20",
    "capacity": "capacity 2026",
    "promise": f"promise {PAIR} --from 2027-01-05 --days 4 --draws 20",
    "compare": f"compare baseline no_bridge {DAY}",
    "report": f"report baseline no_bridge {DAY} -o a.html",
    "check": "check",
    "new": "new fresh",
    "record": "record poyarkovo:ice_road suspend 2027-01-15 --source https://example.org/1 --data fresh",
    "export": "export out --formats csv",
    "osm fetch": "osm fetch --around Heihe --km 9 -o area",
    "osm read": f"osm read {BANKS} -o area",
}
#: Words that change the answer, by option or argument; for one command only, its name stands before. If the
#: usual call is none that the option changes, another one stands before ``|``.
WORDS = {
    "--on": "--on 2026-07-15",
    "--scenario": "--scenario no_bridge",
    "--vehicle": "--vehicle car",
    "--lang": "--lang ru",
    "--data": "--data own",
    "--dataset": "--dataset other",
    "--home": "--home primorsky_krai",
    "--format": "--format json",
    "-o": "-o b.csv",
    "--assume": "--assume open",
    "--from": "--from 2026-07-08",
    "--to": "--to 2026-07-12",
    "--no-transit": "--no-transit",
    "--drivers": "--drivers 2",
    "-k": "-k 1",
    "--year": "--year 2020",
    "--ids": "--ids",
    "--crossing": "--crossing poyarkovo",
    "--open": "--open",
    "--all": "--all",
    "gaps when": "gaps 2025",
    "record --confirm": "record poyarkovo:ice_road open 2027-07-15 --source https://example.org/1 "
    "--data fresh | --confirm",
    "daily --from": "--from 2026-02-09",
    "daily --to": "--to 2026-02-14",
    "report -o": "-o b.html",
    "map network -o": "-o b.html",
    "map season -o": "-o b.html",
    "map compare -o": "-o b.html",
    "map routes -o": "-o b.html",
    "--origins": "--origins Zeya",
    "--destinations": "--destinations Harbin",
    "routes origin": f"routes Zeya heihe {DAY}",
    "routes destination": f"routes Belogorsk Harbin {DAY}",
    "daily origin": "daily Zeya heihe --from 2026-02-08 --to 2026-02-12",
    "daily destination": "daily Belogorsk Harbin --from 2026-02-08 --to 2026-02-12",
    "map routes origin": f"map routes Zeya heihe {DAY} -o a.html",
    "map routes destination": f"map routes Belogorsk Harbin {DAY} -o a.html",
    "map compare base": f"map compare no_bridge baseline {DAY} -o a.html",
    "map compare alternatives": f"map compare baseline warm_2c {DAY} -o a.html",
    "calendar year": "calendar 2025",
    "dates crossing": "dates blagoveshchensk:pontoon --season 2023/24",
    "exits place": f"exits Zeya {DAY}",
    "access year": "access 2025",
    "access --scenario": "access 2026 --all | --scenario no_bridge",
    "access --against": "access 2026 --all --scenario no_bridge | --against baseline",
    "access --to": "access 2026 --all --scenario no_bridge --against baseline | --to crossing",
    "access --png": "--png a.png",
    "critical --png": "--png c.png",
    "critical --queues": "critical --on 2026-11-20 --kind crossing --draws 0 --format json | --queues",
    "--places": "--places Tynda",
    "--centre": "--centre Tynda",
    "critical --on": "--on 2026-02-10",
    "critical --year": "critical --kind bridge --draws 0 | --year 2026",
    "critical --from": "critical --to 2026-07-16 --kind bridge --draws 0 --from 2026-07-15 "
    "| --from 2026-04-20",
    "critical --to": "critical --from 2026-04-20 --kind bridge --draws 0 --to 2026-04-21 | --to 2026-07-15",
    "--weight": "--weight trucks",
    "--kind": "--kind bridge",
    "critical --draws": "critical --on 2026-07-15 --draws 2 --format csv | --draws 3",
    "critical --seed": "critical --on 2026-07-15 --draws 2 --format csv | --seed 2",
    "--resume": "--resume kept.jsonl",
    "dependence base": "dependence no_bridge --from 2025",
    "dependence alternatives": "dependence baseline no_bridge --from 2025",
    "dependence --from": "--from 2024",
    "dependence --to": "dependence --from 2024 --to 2025 | dependence --from 2024",
    "dependence --png": "--png d.png",
    "measures winter": "measures 2025/26 --measure pontoon_earlier --draws 2",
    "--measure": "--measure bridge_festival",
    "measures --demand": "--demand 1.5",
    "measures --draws": "--draws 3",
    "measures --seed": "--seed 7",
    "measures --png": "--png m.png",
    "redundancy year": "redundancy 2025",
    "capacity year": "capacity 2025",
    "capacity --demand": "--demand 1.2",
    "--capacity": "--capacity kani_kurgan:bridge=150",
    "queues base": "queues no_bridge --from 2026-02-14 --to 2026-02-20",
    "queues alternatives": "queues baseline no_bridge --from 2026-02-14 --to 2026-02-20",
    "queues --from": "--from 2026-02-10",
    "queues --to": "--to 2026-02-22",
    "queues --demand": "--demand 1,2",
    # Only where a queue stands when the closing begins.
    "queues --known-days": "queues 'kani_kurgan:bridge close 2026-02-20..2026-02-24' --from 2026-02-14 "
    "--to 2026-02-28 | --known-days 9",
    "dependence --on": "--on 2026-02-10",
    "queues --lane": "--lane kani_kurgan:bridge",
    "queues --draws": "--draws 2",
    "queues --seed": "queues baseline --from 2026-02-14 --to 2026-02-20 --draws 2 | --seed 7",
    "queues --assume": "queues baseline --from 2020-03-15 --to 2020-03-16 | --assume open",
    "queues --png": "--png q.png",
    "promise origin": "promise Zeya heihe --from 2027-01-05 --days 4 --draws 20",
    "promise destination": "promise Belogorsk Harbin --from 2027-01-05 --days 4 --draws 20",
    "promise --by": "--by 2027-01-08",
    "promise --sure": f"promise {PAIR} --from 2027-01-05 --days 4 --draws 20 --by 2027-01-08 | --sure 0.6",
    "promise --from": "--from 2027-01-06",
    "promise --days": "--days 12",
    "promise --on": "--on 2027-01-07",
    "promise --at": "--at 23:00",
    "promise --plan": "--plan poyarkovo",
    "promise --not-by": "--not-by poyarkovo:ice_road=2027-01-08",
    "promise --draws": "--draws 30",
    "promise --seed": "--seed 2",
    "promise --assume": f"promise {PAIR} --from 2020-03-15 --days 2 --draws 20 | --assume open",
    "promise --queues": "--queues",
    "promise --png": "--png p.png",
    "promise --figure": f"promise {PAIR} --from 2027-01-05 --days 4 --draws 20 --png p.png "
    "| --figure calendar",
    "capacity --assume": "capacity 2024 | --assume open",
    "capacity --curve": "--curve kani_kurgan:bridge",
    "capacity --png": "--png c.png",
    "compare base": f"compare warm_2c no_bridge {DAY}",
    "report base": f"report warm_2c no_bridge {DAY} -o a.html",
    "report alternatives": f"report baseline warm_2c {DAY} -o a.html",
    "brief --since": "--since 2026-01-10",
    "brief -o": "-o b.html",
    "compare --png": "--png a.png",
    "new folder": "new second",
    "record crossing": "record poyarkovo:ferry suspend 2027-07-15 --source https://e.org/1 --data fresh",
    "record event": "record poyarkovo:ice_road open 2027-01-15 --source https://example.org/1 --data fresh",
    "record date": "record poyarkovo:ice_road suspend 2027-01-16 --source https://example.org/1 --data fresh",
    "export folder": "export second --formats csv",
    "osm fetch --around": "--around Zeya",
    "osm fetch --bbox": "osm fetch --bbox 127,50,128,51 -o area | --bbox 127,50,128,52",
    "osm fetch --corridor": "osm fetch --corridor Zeya Tynda -o area | --corridor Zeya Heihe",
    "osm fetch --km": "--km 3",
    "osm fetch --roads": "--roads main",
    "osm fetch --server": "--server http://127.0.0.1:9",
    "osm fetch --cache": "--cache answers",
    "osm fetch --timeout": "--timeout 9",
    "osm fetch --form": "--form arrays",
    "state --assume": "state --on 2020-03-15 | --assume open",
    "routes --assume": f"routes {PAIR} --on 2020-03-15 | --assume open",
    "matrix --assume": "matrix --origins Belogorsk --destinations heihe --on 2020-03-15 | --assume open",
    "daily --assume": f"daily {PAIR} --from 2020-03-15 --to 2020-03-16 | --assume open",
    "map network --assume": "map network --on 2020-03-15 -o a.html | --assume open",
    "map compare --assume": "map compare baseline no_bridge --on 2020-03-15 -o a.html | --assume open",
    "map routes --assume": f"map routes {PAIR} --on 2020-03-15 -o a.html | --assume open",
    "calendar --assume": "calendar 2020 | --assume open",
    "exits --assume": "exits Belogorsk --on 2020-03-15 | --assume open",
    "redundancy --assume": "redundancy 2020 | --assume open",
    "compare --assume": "compare baseline no_bridge --on 2020-03-15 | --assume open",
    "report --assume": "report baseline no_bridge --on 2020-03-15 -o a.html | --assume open",
    "compare --year": "compare baseline no_bridge --year 2025 | --year 2026",
    "compare --from": "compare baseline no_bridge --to 2026-02-20 --from 2026-02-10 | --from 2026-01-10",
    "compare --to": "compare baseline no_bridge --from 2026-02-10 --to 2026-02-11 | --to 2026-02-20",
    "report --year": "report baseline no_bridge --from 2026-02-10 --to 2026-02-11 -o a.html "
    "| report baseline no_bridge --year 2026 -o a.html",
    "report --from": "report baseline no_bridge --from 2026-02-10 --to 2026-02-11 -o a.html "
    "| --from 2026-02-01",
    "report --queues": "report baseline no_bridge --from 2026-02-10 --to 2026-02-11 -o a.html | --queues",
    "report --to": "report baseline no_bridge --from 2026-02-10 --to 2026-02-11 -o a.html | --to 2026-02-15",
    "routes --via": "--via blagoveshchensk",
    "routes --avoid": "--avoid kani_kurgan",
    "routes --border-h": "--border-h kani_kurgan:bridge=20",
    "routes --depart": "--depart 08:00",
    "routes --queues": f"routes {PAIR} --on 2026-02-12 | --queues",
    "routes --max-wait-h": f"routes {PAIR} --on 2023-02-01 --depart 18:00 --scenario "
    "'kani_kurgan close+blagoveshchensk close' | --max-wait-h 1",
    "routes --png": "--png a.pdf",
    "routes --tcd": "--tcd a.svg",
    **{
        f"map routes {option}": f"map routes {ends} {DAY} -o a.html | {option} {value}"
        for option, ends, value in (
            ("--depart", PAIR, "08:00"),
            ("--via", PAIR, "blagoveshchensk"),
            ("--avoid", PAIR, "kani_kurgan"),
            ("--border-h", PAIR, "kani_kurgan:bridge=20"),
            ("--promise", PAIR, ""),
            ("--queues", PAIR, ""),
        )
    },
    "map routes --by": f"map routes {PAIR} {DAY} -o a.html --promise | --by 2026-04-30",
    "map routes --max-wait-h": f"map routes {PAIR} --on 2023-02-01 --depart 18:00 -o a.html --scenario "
    "'kani_kurgan close+blagoveshchensk close' | --max-wait-h 1",
    "routes --no-transit": f"routes {FAR} {DAY} | --no-transit",
    "matrix --no-transit": f"matrix --origins Blagoveshchensk --destinations Vladivostok {DAY} "
    "| --no-transit",
    "daily --no-transit": f"daily {FAR} --from 2026-02-08 --to 2026-02-09 | --no-transit",
    "matrix --value": "--value km",
    "calendar --png": "--png a.png",
    "dates --data": "dates poyarkovo:ice_road --season 2022/23 | --data own",
    "dates --dataset": "dates poyarkovo:ice_road --season 2022/23 | --dataset other",
    "dates --season": "--season 2022/23",
    "dates --traffic": "--traffic cargo",
    "dates --part": "dates blagoveshchensk:hovercraft --season 2023/24 --part spring | --part autumn",
    "dates --blind": "--blind",
    "next --risk": "--risk 0.4",
    "forecast --issue": "--issue 2025-12-28",
    "forecast --score": "forecast --issue 2025-11-28 --folder issued | forecast --score --folder issued",
    "forecast --folder": "--folder second",
    "compare --stretch": "--stretch 3",
    "redundancy --stretch": "--stretch 3",
    "compare --no-transit": f"compare baseline no_bridge {DAY} --origins Blagoveshchensk "
    "--destinations Vladivostok | --no-transit",
    "compare --report": "--report r.html",
    "compare --map": "--map m.html",
    "compare alternatives": "compare baseline frozen | compare baseline open",
    "check --strict": "check own | --strict",
    "osm fetch -o": "-o second",
    "osm read -o": "-o second",
    "osm read file": "osm read own/second.osm -o area",
    "check --on": "--on 2030-01-01",
    "check what": "check own",
    "record --dataset": "record poyarkovo:ice_road suspend 2026-01-15 --source https://example.org/1 "
    "--data fresh | --dataset other",
    "record --source": "--source https://example.org/2",
    "record --traffic": "--traffic cargo",
    "record --until": "--until 2027-01-20",
    "record --value": "record poyarkovo:ice_road weight_limit 2027-01-15 --source https://example.org/1 "
    "--data fresh --value 20 | --value 25",
    "record --reason": "--reason holiday",
    "record --note": "--note seen",
    "export --formats": "--formats geojson",
    "export --scenario": f"export out --formats csv {DAY} | --scenario no_bridge",
    "export --lang": f"export out --formats csv {DAY} | --lang ru",
    "export --vehicle": f"export out --formats graphml {DAY} | --vehicle car",
    "osm read --form": "--form arrays",
}


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
PARAMS = [
    (name, param.opts[0] if isinstance(param, click.Option) else param.name or "")
    for name, command in LEAVES.items()
    for param in command.params
]


def words_of(command: str, param: str) -> tuple[str, str]:
    """Return a call of a command, and the same with an option or argument that changes the answer."""
    words = WORDS.get(f"{command} {param}", WORDS.get(param))
    assert words is not None, f"{command} {param} has no words that change an answer"
    base, bar, more = words.rpartition("|")
    if not bar:
        base = CALLS[command]
    return base.strip(), f"{base} {more}" if more.strip().startswith("-") else more.strip()


Answer = tuple[int, str, str, dict[str, bytes]]
#: Answers of calls, of which many options share one.
ANSWERS: dict[str, Answer] = {}


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of own tables and of another dataset, in which a crossing is shut and a place has moved."""
    folder = tmp_path_factory.mktemp("tables")
    subset.others(subset.dataset(folder / "small"), folder)
    shutil.copy(BANKS, folder / "own" / "second.osm")
    (folder / "own" / "warehouses.csv").write_text(
        "id,name_en\nstore,Store\n"
    )  # no table: a warning of `check`
    ledger.issue(ag.forecast(ag.load(dataset=folder / "small"), "2022-11-28"), folder / "issued")
    return folder


@pytest.fixture
def answer(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Answer]:
    """Run a command in a new folder; return its exit code, what it printed and the files it wrote."""

    def fetch(*, net: ag.Network, progress: object, retrieved: date, **options: object) -> BuiltArea:
        print(options)
        return ag.osm.read(BANKS, net=net)

    monkeypatch.setattr(ag.osm, "fetch", fetch)

    def run(words: str) -> Answer:
        if words in ANSWERS:
            return ANSWERS[words]
        folder = tmp_path / str(len([*tmp_path.iterdir()]))
        shutil.copytree(tables / "own", folder / "own")
        shutil.copytree(tables / "issued", folder / "issued")
        for name in ("small", "other"):
            (folder / name).symlink_to(tables / name)
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as done:
            main(shlex.split(words) + ([] if "--dataset" in words else ["--dataset", "small"]))
        written = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        ANSWERS[words] = int(done.value.code or 0), *capsys.readouterr(), written
        return ANSWERS[words]

    return run


def test_every_option_and_argument_has_a_case() -> None:
    assert set(CALLS) == set(LEAVES)
    assert [
        f"{command} {param}" for command, param in PARAMS if not {f"{command} {param}", param} & {*WORDS}
    ] == []


@pytest.mark.slow
@pytest.mark.parametrize(("command", "param"), PARAMS)
def test_an_option_changes_the_answer(command: str, param: str, answer: Callable[[str], Answer]) -> None:
    call, changed = words_of(command, param)
    usual, other = answer(call), answer(changed)
    assert {usual[0], other[0]} <= {0, 1} or param == "--confirm", usual[2] + other[2]
    assert other != usual
