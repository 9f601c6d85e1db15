"""A program killed at any step of its writing leaves every file as it was or as it should be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hostile import BANKS, NOTICE, inside, run, snapshots, visible

from amurgeo.dataset.observations import record_event

# Counting lines would take a third of the time; what is run here is counted elsewhere.
pytestmark = pytest.mark.no_cover

#: A command, and the least number of steps that it takes on the disk.
WRITERS: dict[str, tuple[tuple[str, ...], int]] = {
    "table": (("state", "--on", "2026-02-10", "-o", "out.csv"), 6),
    "workbook": (("matrix", "--origins", "Zeya", "--destinations", "Harbin", "--on", "2026-02-10",
                  "-o", "out.xlsx"), 5),
    "geopackage": (("state", "--on", "2026-02-10", "-o", "out.gpkg"), 4),
    "figure": (("calendar", "2026", "--png", "out.png"), 5),
    "page": (("map", "network", "--on", "2026-02-10", "-o", "out.html"), 5),
    "record": (("record", "poyarkovo:ice_road", "close", "2027-03-15", "--source", f"{NOTICE}2",
                "--data", "own"), 10),
    "new folder": (("new", "fresh"), 20),
    "export": (("export", "out", "--formats", "graphml,geojson"), 30),
}  # fmt: skip


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A folder in which everything that is written has been written before."""
    folder = tmp_path / "before"
    (folder / "out").mkdir(parents=True)
    for ending in ("csv", "xlsx", "gpkg", "png", "html"):
        (folder / f"out.{ending}").write_bytes(b"old")
    (folder / "out" / "places.geojson").write_bytes(b"old")
    record_event(folder / "own", "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    (folder / "area").mkdir()
    (folder / "area" / "osm_report.json").write_text("{}", encoding="utf-8")
    (folder / "area" / "old.csv").write_bytes(b"old")
    return folder


def _runs(before: Path, name: str, words: tuple[str, ...], tmp_path: Path) -> tuple[Path, list[Path]]:
    """Run in a copy of a folder; the copy, and what lay in it before each step."""
    here = tmp_path / name
    shutil.copytree(before, here)
    return here, snapshots(*words, cwd=here, into=tmp_path / f"{name} steps")


@pytest.mark.parametrize("name", WRITERS)
def test_every_file_is_old_or_whole(name: str, before: Path, tmp_path: Path) -> None:
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
                f"{path} is neither old nor whole at step {step.name}"
            )
    again = steps[len(steps) // 2]
    assert run(*words, cwd=again).code == 0
    mended = visible(again)
    assert mended.keys() == whole.keys()
    for path, data in mended.items():
        # Workbooks and GeoPackages hold the time at which they were made.
        assert data == whole[path] or (path.endswith((".xlsx", ".gpkg")) and data != old[path])


def test_a_folder_is_replaced_as_a_whole_and_put_back_by_the_next_run(before: Path, tmp_path: Path) -> None:
    """A folder takes two moves: between them the old one is whole under a hidden name."""
    words = ("osm", "read", str(BANKS), "-o", "area")
    here, steps = _runs(before, "whole", words, tmp_path)
    old, whole = inside(before / "area"), inside(here / "area")
    assert "old.csv" in old.keys() - whole.keys()
    between = [step for step in steps if not (step / "area").exists()]
    assert len(steps) > 12
    assert len(between) == 1
    for step in steps:
        (kept,) = [step / "area"] if step not in between else step.glob(".area-*-old")
        assert inside(kept) in (old, whole), f"neither old nor whole at step {step.name}"
    assert run(*words, cwd=between[0]).code == 0
    assert visible(between[0]) == visible(here)


def test_a_killed_program_leaves_what_its_snapshot_shows(before: Path, tmp_path: Path) -> None:
    words, _ = WRITERS["record"]
    _, steps = _runs(before, "whole", words, tmp_path)
    at = len(steps) - 2
    killed = tmp_path / "killed"
    shutil.copytree(before, killed)
    snapshots(*words, cwd=killed, into=tmp_path / "killed steps", kill_at=at)
    assert visible(killed) == visible(steps[at - 1])
