"""Another border from data alone: ferries and ice roads of the Northwest Territories, inside one country."""

from __future__ import annotations

import re
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo.cli import main

FOLDER = Path(__file__).parent / "northwest_territories"
#: Words of the shipped border. The package's own name may occur, and the JSON keys ``*_ways_oblast``, on
#: whose names scripts rely.
FOREIGN = re.compile(
    r"amur(?!geo)|russia|\bchina\b|chinese|blagoveshchensk|heihe|harbin|heilongjiang|(?<!ways_)oblast"
    r"|spring festival"
    r"|\bRUB\b|\bCNY\b|росси|\bкита|\bамур|благовещенск|俄罗斯|中国|黑河|阿穆尔",
    re.IGNORECASE,
)
#: A line for every command; ``OUT`` is a new path.
COMMANDS = """
check
state --on 2024-02-01
state --on 2024-07-15 --format json
routes Yellowknife "Hay River" --on 2010-02-10
routes "Fort Simpson" "Hay River" --depart 2024-07-25T08:00 --format json
matrix --origins "Yellowknife,Fort Simpson" --destinations "Hay River" --on 2010-02-10
calendar 2024
dates liard_river:ice_road --season 2023/24
next --on 2024-02-01
exits Inuvik --on 2024-02-01
exits Inuvik --on 2024-02-01 --format json
critical --on 2024-07-15 --draws 2
access 2024
redundancy 2024
daily Yellowknife "Hay River" --start 2010-11-01 --end 2011-01-31
compare frozen open
compare frozen open --format json
compare baseline no_bridge --year 2024
state --on 2024-02-01 -o OUT.xlsx
map network --on 2024-02-01 -o OUT.html
map season --year 2024 -o OUT.html
map compare frozen open -o OUT.html
map routes Yellowknife "Hay River" --on 2024-02-01 -o OUT.html
report frozen open -o OUT.html
brief --on 2024-02-01 -o OUT.html
queues baseline no_bridge --from 2024-07-01 --to 2024-07-03 --data trucks
capacity 2024 --data trucks --format json
export OUT --on 2024-02-01
""".strip().splitlines()

#: Invented trucks for the commands of queues; the dataset has none.
TRUCKS = {
    "capacity": "id,crossing,traffic,direction,trucks_per_day,basis\n"
    "a,fort_providence:bridge,cargo,both,40,estimate\nb,liard_river:ferry,cargo,both,20,estimate\n",
    "demand": "id,origin,destination,direction,group,class,share,usual,wait_weight\n"
    "a,yellowknife,hay_river,out,all,general,0.5,fort_providence:bridge,0.5\n"
    "b,hay_river,yellowknife,in,all,general,0.5,fort_providence:bridge,0.5\n",
    "demand_months": "id,group,trucks_per_day\na,all,30\n",
}


@pytest.fixture(scope="module")
def other() -> ag.Network:
    return ag.load(dataset=FOLDER)


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts of a file or of all files of a folder, those in workbooks included."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                yield from ((name, book.read(name).decode("utf-8")) for name in book.namelist())
        elif file.is_file() and file.suffix != ".gpkg":
            yield file.name, file.read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_every_command_runs_and_says_no_word_of_another_border(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trucks").mkdir()
    for name, text in TRUCKS.items():
        head, *rows = text.splitlines()
        filled = [
            f"{head},source,source_date,confidence,note",
            *(f"{x},estimate,2026-11,estimated," for x in rows),
        ]
        (tmp_path / "trucks" / f"{name}.csv").write_text("\n".join(filled), encoding="utf-8")
    failures = []
    for number, line in enumerate(COMMANDS):
        words = [word.replace("OUT", f"{tmp_path.name}_{number}") for word in shlex.split(line)]
        with pytest.raises(SystemExit) as done:
            main([*words, "--dataset", str(FOLDER)])
        out, err = capsys.readouterr()
        texts = {"stdout": out, "stderr": err}
        for path in tmp_path.glob(f"{tmp_path.name}_{number}*"):
            texts |= dict(_texts(path))
        if done.value.code:
            failures.append(f"{line}: exit {done.value.code}: {err or out}")
        for where, text in texts.items():
            found = {text[max(0, match.start() - 30) : match.end() + 30] for match in FOREIGN.finditer(text)}
            failures += [f"{line}: {where}: {part!r}" for part in sorted(found)[:5]]
    assert failures == []


def test_states_agree_with_the_published_dates(other: ag.Network) -> None:
    status = {
        (crossing, day): other.state(day).crossings.loc[(crossing, "passenger"), "status"]
        for crossing, day in (
            ("fort_providence:bridge", "2012-11-29"),
            ("fort_providence:bridge", "2012-11-30"),
            ("liard_river:ferry", "2024-07-15"),
            ("liard_river:ice_road", "2023-12-10"),
        )
    }
    assert list(status.values()) == ["closed", "open", "closed", "closed"]


def test_the_bridge_ends_the_weeks_without_a_crossing(other: ag.Network) -> None:
    hours = ag.od_matrix(other, ["Yellowknife"], ["Hay River"], on="2024-05-10", vehicle="car")
    without = ag.od_matrix(
        other, ["Yellowknife"], ["Hay River"], on="2024-05-01", vehicle="car", scenario="no_bridge"
    )
    assert 4 < hours.iat[0, 0] < 8
    assert without.isna().all(axis=None)


def test_a_chain_of_crossings_within_one_country_is_one_route(other: ag.Network) -> None:
    (route, *_) = ag.routes(other, "Inuvik", "Dawson City", on="2024-02-10", vehicle="car").routes
    assert route.crossings == ("tsiigehtchic:ice_road", "peel_river:ice_road")
    assert not route.transit


def test_the_regimes_of_another_dataset_are_unknown(other: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="unknown scenario 'paper_2010'"):
        other.state(scenario="paper_2010")
