"""Every example runs from an empty folder and prints its answer; the list of examples is complete."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import amurgeo as ag

EXAMPLES = Path(__file__).parent.parent / "examples"
#: Folder of the tested package.
HOME = str(Path(ag.__file__).parent.parent)
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
NUMBER = r"[+-]?\d+(?:\.\d+)?"

#: Patterns that each example must print, and the files that it writes.
ANSWERS: dict[str, tuple[str, ...]] = {
    "another_border": (
        r"With a typing error: \d faults\. crossings\.csv: 'strait_est' is not in terminals\.csv",
        r"Without it: 0 faults",
        rf"2027-02-15: strait:ice_road, {NUMBER} h, \d+ km",
        r"The lorry has no way left from Village to Harbour",
        r"strait:ferry is open on \d+ days of 2027",
    ),
    "bridge_shut": (
        rf"(?m)^ +blagoveshchensk +heihe +0 +10 +{NUMBER} +{NUMBER}$",
        rf"The most is {NUMBER} h more: \w+ - heihe",
        rf"(?m)^\w+:road: {NUMBER} h, \d+ km\.$",
        r"by 19 November 2026 the queue grows to [\d,]+ trucks",
        r"the queue is gone by \d+ \w+ 2026",
        r"poyarkovo:ice_road \(cargo\): opens 2027-\d\d-\d\d instead of 2027-\d\d-\d\d, \d+ days instead of",
    ),
    "briefing": (
        r"Cargo, 1 of 5 open: Kani-Kurgan, road bridge",
        r"Since 2026-11-14: no change",
        r"poyarkovo:ice_road \(cargo\) is closed; safe from 2027-\d\d-\d\d to 2027-\d\d-\d\d",
        r"1\. kani_kurgan:bridge: \d+ to \d+ h, \d+ km, open with a chance of 0\.\d\d",
        r"blagoveshchensk:pontoon \(cargo\) is closed: usually open from",
        r"Record up to 2026-\d\d-\d\d",
    ),
    "daily_study": (
        r"43,800 rows: date, scenario, origin, destination, hours, crossing, p_open",
        r"paper_2010: \d+ h in month \d+, \d+ in 11",
        rf"no_bridge: between the good and the bad days of a town \(P10, P90\) lie {NUMBER} h",
        r"baseline: most go by kani_kurgan:bridge",
        r"daily_study\.geojson with the 20 towns",
    ),
    "frozen_against_open": (
        r"frozen -> open: A 20 t truck loses no hour",
        r"Of 104 pairs of towns 0 lose every way, 0 get slower and \d+ have fewer ways",
        rf"paper_2010\+freeze_up: A 20 t truck takes {NUMBER} h instead of {NUMBER} h",
        r"Room for trucks at the home crossings: \d+ trucks a day instead of \d+",
        r"no_bridge: 0 to \d+ trucks a day; months without room: .*11",
        r"poyarkovo:ice_road +cargo +open +closed",
        r"Путей остаётся меньше",
        r"可选路径减少",
    ),
    "osm_area": (
        r"14 roads, 15 junctions, 2 with a season; \d+ places and terminals put onto them",
        rf"2026-07-15, streets: kani_kurgan:bridge {NUMBER} h, {NUMBER} km; blagoveshchensk:ferry",
        rf"(?m)^2026-01-25: {NUMBER} h, {NUMBER} km\.$",
        r"(?m)^2026-11-15: no way\.$",
    ),
    "own_tables": (
        r"0 faults and 0 warnings in my_tables",
        r"as shipped: .* is closed with a chance of 0\.\d\d \(expected\).* has 6\.5 h at the border",
        r"with my tables: .* is open with a chance of 0\.99 \(observed\).* 2027-01-19\. .* has 4\.5 h",
        rf"From the depot by kani_kurgan:bridge: {NUMBER} h, \d+ km",
    ),
    "promise": (
        r"To be in Heihe by 2027-04-30, 20:00, with 90 %, leave by 2027-04-\d\d",
        r"Leaving on 2027-04-05: P50 \d+ h, P90 \d+ h; mostly by blagoveshchensk:pontoon",
        r"50% sure: leave by 2027-05-\d\d",
        r"95% sure: leave by 2027-0[345]-\d\d",
        r"Promises of 90 % were kept in \d+% of \d+ past cases",
    ),
    "sweep_on_a_cluster": (
        r"One worker is lost; its tasks are solved again|Two processes of concurrent\.futures",
        r"6 scenarios over 181 days; the same as in this process: True",
        r"200 draws of 31 days; the same as in this process: True",
        r"no_bridge, \+2 °C: Belogorsk - Heihe takes .* by blagoveshchensk:pontoon",
        r"Leaving on 2026-12-20 without the bridge: P10 \d+ h, P50 \d+ h, P90 \d+ h",
    ),
    "warm_winter": (
        r"\+2 °C: freeze-up \+5 days, 30 t carried from \+7 days, closing by thaw -5 days",
        r"poyarkovo:ice_road +0 +\d+ +\d+ +\d+",
        r"poyarkovo:ice_road: \d+ days \(\d+ to \d+\); 2 °C warmer \d+ days",
        rf"At \+4 °C a truck from Blagoveshchensk takes \+0\.0 h with the bridge and \+{NUMBER} h without",
        rf"{NUMBER} days of ice for 1 °C where satellites saw 6\.1",
    ),
    "way_out": (
        r"paper_2010, train: \d of \d exits can be used",
        rf"paper_2010, train: .* the sea is nearer by {NUMBER} h",
        rf"baseline, truck_20t: .* to reach the sea instead costs {NUMBER} h \(\+{NUMBER} to \+{NUMBER} h",
        r"share over the border 1\.0, HHI 0\.\d+, days without one \d+ \(\d+ to \d+\)",
        r"hhi \[index\]: sum of s_i\^2",
    ),
}
FILES = {
    "another_border": {"strait"},
    "briefing": {"briefing-ru.html", "briefing-zh.html"},
    "daily_study": {"daily_study.png", "daily_study.geojson"},
    "frozen_against_open": {"frozen-vs-open.html"},
    "osm_area": {"area", "osm_area.html"},
    "own_tables": {"my_tables"},
}
#: Plain scripts; every other example is a notebook in percent format.
PLAIN = {"sweep_on_a_cluster"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """Run an example once, and return what it printed and its folder."""

    @cache
    def once(name: str) -> tuple[str, Path]:
        folder = tmp_path_factory.mktemp(name)
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / f"{name}.py")],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=180,
            env={
                **os.environ,
                "MPLBACKEND": "Agg",
                "PYTHONIOENCODING": "utf-8",
                "PYTHONPATH": os.pathsep.join(filter(None, [HOME, os.environ.get("PYTHONPATH")])),
            },
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout, folder

    return once


def test_every_example_has_expected_output() -> None:
    assert {path.stem for path in SCRIPTS} == set(ANSWERS)


@pytest.mark.slow
@pytest.mark.parametrize("script", [pytest.param(path, id=path.stem) for path in SCRIPTS])
def test_example_prints_its_answer(script: Path, run) -> None:
    output, folder = run(script.stem)
    for pattern in ANSWERS[script.stem]:
        assert re.search(pattern, output), f"{script.name} does not print: {pattern}\n{output}"
    assert {path.name for path in folder.iterdir()} == FILES.get(script.stem, set())


def _number(pattern: str, output: str) -> float:
    match = re.search(pattern, output)
    assert match, pattern
    return float(match[1])


@pytest.mark.slow
def test_printed_figures_equal_the_library(run) -> None:
    net = ag.load()
    shut = "kani_kurgan:bridge close 2026-11-10..2026-11-19"
    usual, round_about = (
        ag.routes(net, "Blagoveshchensk", "Heihe", on="2026-11-15", scenario=scenario).records()[0]["total_h"]
        for scenario in (None, shut)
    )
    printed = _number(rf"The most is ({NUMBER}) h more: blagoveshchensk - heihe", run("bridge_shut")[0])
    assert printed == round(round_about - usual, 1)

    days = ag.calendar(net, 2027)
    ice = days[(days["crossing"] == "poyarkovo:ice_road") & (days["traffic"] == "cargo")]
    opened = int((ice["status"] != "closed")[ice["date"] < "2027-07-01"].sum())
    assert _number(r"poyarkovo:ice_road: (\d+) days", run("warm_winter")[0]) == opened

    avoid = ag.exits(net, "Blagoveshchensk", on="2026-02-10").dependence["detour_h"]
    printed = _number(rf"baseline, truck_20t: .* costs ({NUMBER}) h", run("way_out")[0])
    assert printed == round(avoid["value"], 1)


def test_example_scenarios_are_valid() -> None:
    from amurgeo.scenario import as_scenario

    for file in sorted(EXAMPLES.glob("*.toml")):
        assert as_scenario(file).changes, file.name


def _cells(text: str) -> list[tuple[str, str]]:
    """Return the cells of a notebook in percent format with the text after each marker."""
    parts = re.split(r"(?m)^# %%(.*)\n", text)
    assert not parts[0].strip(), "text before the first cell"
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(
    "script", [path for path in SCRIPTS if path.stem not in PLAIN], ids=lambda path: path.stem
)
def test_notebooks_are_cells_without_output(script: Path) -> None:
    cells = _cells(script.read_text(encoding="utf-8"))
    kind, first = cells[0]
    assert kind == " [markdown]"
    assert re.match(r"# # .*\?\n", first), "a notebook begins with its question"
    assert any(kind == "" for kind, _ in cells)
    for kind, cell in cells:
        if kind == " [markdown]":
            assert all(line.startswith("#") for line in cell.splitlines() if line), cell
            continue
        assert not kind, f"unexpected marker '{kind}'"
        compile(cell, script.name, "exec")
        # Traces of a run in Jupyter or jupytext.
        assert not re.search(r"Out ?\[|data:image|execution_count|^# *\+\+\+", cell, re.MULTILINE)
        # A notebook has neither a file name nor arguments.
        assert "sys.argv" not in cell
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Name) and node.id == "__file__":
                assert 'if "__file__" in globals()' in cell


def test_at_least_three_notebooks_and_none_with_output() -> None:
    assert len(SCRIPTS) - len(PLAIN) >= 3
    assert not list(EXAMPLES.glob("*.ipynb"))


def test_list_of_examples_is_complete() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| `(\w+\.py)` \| (.+?) \|$", listed, re.MULTILINE)
    assert sorted(name for _, name, _ in rows) == [path.name for path in SCRIPTS]
    for question, name, _ in rows:
        assert question in (EXAMPLES / name).read_text(encoding="utf-8").partition("\n\n")[0], name
    for path in EXAMPLES.iterdir():
        if path.is_file() and path.name != "README.md":
            assert f"`{path.name}`" in listed, path.name
