"""A program killed at any step of writing leaves every file old or complete."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hostile import BANKS, NOTICE, inside, run, snapshots, visible
from mangling import quick_first

import amurgeo as ag

# Coverage would take a third of the time; the code is covered elsewhere.
pytestmark = pytest.mark.no_cover

#: Commands, and the minimum number of their steps on the disk.
WRITERS: dict[str, tuple[tuple[str, ...], int]] = {
    "record": (("record", "poyarkovo:ice_road", "close", "2027-03-15", "--source", f"{NOTICE}2",
                "--data", "own"), 10),
    "table": (("state", "--on", "2026-02-10", "-o", "out.csv"), 6),
    "workbook": (("matrix", "--origins", "Zeya", "--destinations", "Harbin", "--on", "2026-02-10",
                  "-o", "out.xlsx"), 5),
    "geopackage": (("state", "--on", "2026-02-10", "-o", "out.gpkg"), 4),
    "figure": (("calendar", "2026", "--png", "out.png"), 5),
    "page": (("map", "network", "--on", "2026-02-10", "-o", "out.html"), 5),
    "new folder": (("new", "fresh"), 20),
    "export": (("export", "out", "--formats", "graphml,geojson"), 30),
}  # fmt: skip


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A folder with an old version of every file that is written."""
    folder = tmp_path / "before"
    (folder / "out").mkdir(parents=True)
    for ending in ("csv", "xlsx", "gpkg", "png", "html"):
        (folder / f"out.{ending}").write_bytes(b"old")
    (folder / "out" / "places.geojson").write_bytes(b"old")
    ag.record(folder / "own", "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    (folder / "area").mkdir()
    (folder / "area" / "osm_report.json").write_text("{}", encoding="utf-8")
    (folder / "area" / "old.csv").write_bytes(b"old")
    return folder


def _runs(before: Path, name: str, words: tuple[str, ...], tmp_path: Path) -> tuple[Path, list[Path]]:
    """Run a command in a copy of a folder; return the copy, and its state before each step."""
    here = tmp_path / name
    shutil.copytree(before, here)
    return here, snapshots(*words, cwd=here, into=tmp_path / f"{name} steps")


@pytest.mark.slow
@pytest.mark.parametrize("name", quick_first(list(WRITERS)))
def test_every_file_is_old_or_complete(name: str, before: Path, tmp_path: Path) -> None:
    words, least = WRITERS[name]
    here, steps = _runs(before, "whole", words, tmp_path)
    old, whole = visible(before), visible(here)
    assert old != whole
    assert len(steps) >= least
    for step in steps:
        seen = visible(step)
        assert not old.keys() - seen.keys(), f"lost at step {step.name}"
        for path, data in seen.items():
            assert data in (old.get(path), whole[path]), (
                f"{path} is neither old nor complete at step {step.name}"
            )
    again = steps[len(steps) // 2]
    assert run(*words, cwd=again).code == 0
    mended = visible(again)
    assert mended.keys() == whole.keys()
    for path, data in mended.items():
        # Workbooks and GeoPackages contain the time of writing.
        assert data == whole[path] or (path.endswith((".xlsx", ".gpkg")) and data != old[path])


@pytest.mark.slow
def test_a_folder_is_replaced_as_a_whole_and_restored_by_the_next_run(before: Path, tmp_path: Path) -> None:
    """Between the two moves of a folder the old one is complete under a hidden name."""
    words = ("osm", "read", str(BANKS), "-o", "area")
    here, steps = _runs(before, "whole", words, tmp_path)
    old, whole = inside(before / "area"), inside(here / "area")
    assert "old.csv" in old.keys() - whole.keys()
    between = [step for step in steps if not (step / "area").exists()]
    assert len(steps) > 12
    assert len(between) == 1
    for step in steps:
        (kept,) = [step / "area"] if step not in between else step.glob(".area-*-old")
        assert inside(kept) in (old, whole), f"neither old nor complete at step {step.name}"
    assert run(*words, cwd=between[0]).code == 0
    assert visible(between[0]) == visible(here)


@pytest.mark.slow
def test_a_killed_program_leaves_its_snapshot(before: Path, tmp_path: Path) -> None:
    words, _ = WRITERS["record"]
    _, steps = _runs(before, "whole", words, tmp_path)
    at = len(steps) - 2
    killed = tmp_path / "killed"
    shutil.copytree(before, killed)
    snapshots(*words, cwd=killed, into=tmp_path / "killed steps", kill_at=at)
    assert visible(killed) == visible(steps[at - 1])
