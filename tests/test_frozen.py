"""The comparison of stored answers finds moved cells and ignores equal ones."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "frozen.py"
DAYS = ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]


@pytest.fixture(scope="module")
def frozen() -> ModuleType:
    spec = importlib.util.spec_from_file_location("frozen", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(frozen: ModuleType, *values: object) -> dict[str, object]:
    return {"axis": DAYS, "rows": {"bridge cargo status": frozen.runs(values)}}


def test_equal_answers_do_not_move(frozen: ModuleType) -> None:
    answers = [("exits", [{"id": "bridge", "hours": 2.5, "open": True}, {"id": "ferry", "hours": None}])]
    assert not list(frozen.moved(frozen.flat_section(answers), frozen.flat_section(answers)))
    days = table(frozen, "open", "open", "closed", None)
    assert not list(frozen.moved(days, table(frozen, "open", "open", "closed", None)))
    assert frozen.cells(days) == 4


def test_days_that_move_alike_come_as_one_move(frozen: ModuleType) -> None:
    before = table(frozen, "open", "open", "open", "closed")
    after = table(frozen, "open", "closed", "closed", "closed")
    key = "bridge cargo status 2026-11-02..2026-11-03"
    assert list(frozen.moved(before, after)) == [(key, "open", "closed", 2)]


def test_days_are_compared_by_name_when_the_axis_moves(frozen: ModuleType) -> None:
    before = table(frozen, "open", "open", "open", "closed")
    after = {"axis": DAYS[1:], "rows": {"bridge cargo status": ["open", 2, "closed", 1]}}
    moves = list(frozen.moved(before, after))
    assert moves == [("bridge cargo status 2026-11-01", "open", frozen.MISSING, 1)]


def test_a_missing_row_moves_on_all_its_days(frozen: ModuleType) -> None:
    before = table(frozen, "open", "open", "open", "open")
    (move,) = frozen.moved(before, {"axis": DAYS, "rows": {}})
    assert (move.after, move.cells) == (frozen.MISSING, 4)


@pytest.mark.parametrize(
    ("after", "key", "now"),
    [
        ([{"id": "bridge", "hours": 2.6}], "exits/0 bridge/hours", 2.6),
        ([{"id": "bridge"}], "exits/0 bridge/hours", "(missing)"),
        ([{"id": "bridge", "hours": 2.5}, {"id": "ferry", "hours": 1.0}], "exits/#", 2),
    ],
)
def test_a_planted_difference_is_found(
    frozen: ModuleType, after: list[dict[str, object]], key: str, now: object
) -> None:
    before = frozen.flat_section([("exits", [{"id": "bridge", "hours": 2.5}])])
    (move,) = frozen.moved(before, frozen.flat_section([("exits", after)]))
    assert (move.key, move.after) == (key, now)


def test_names_added_beside_old_ones_do_not_move(frozen: ModuleType) -> None:
    before = frozen.flat_section([("state", {"basis": "expected"})])
    after = frozen.flat_section([("state", {"basis": "expected", "known_by": "expected"})])
    assert not list(frozen.moved(before, after))


def test_equal_sections_are_written_as_equal_bytes(frozen: ModuleType, tmp_path: Path) -> None:
    section = table(frozen, "open", None, "closed", "closed")
    frozen.write(tmp_path / "one.xz", {"a": section, "b": section})
    frozen.write(tmp_path / "two.xz", {"b": section, "a": section})
    assert (tmp_path / "one.xz").read_bytes() == (tmp_path / "two.xz").read_bytes()
    assert frozen.read(tmp_path / "one.xz") == {"a": section, "b": section}


def test_the_script_exits_with_one_when_something_moved(
    frozen: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {"days": 3}
    monkeypatch.setattr(frozen, "ag", SimpleNamespace(load=lambda: None))
    monkeypatch.setattr(frozen, "KEPT", tmp_path / "kept.xz")
    monkeypatch.setattr(frozen, "SECTIONS", {"made": lambda net, axis: frozen.flat_section(answers.items())})
    assert frozen.main(["--write"]) == 0
    assert frozen.main([]) == 0
    answers["days"] = 4
    assert frozen.main(["--only", "made"]) == 1
    assert "made: days: 3 -> 4" in capsys.readouterr().out
