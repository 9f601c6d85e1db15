"""Prepared networks on disk: found again, never trusted blindly, written by many at once."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from networks import random_case

from amurgeo.errors import InputError
from amurgeo.routing import cache
from amurgeo.routing.cache import cache_folder, key_of, prepare_cached
from amurgeo.routing.paths import paths_by_crossing
from amurgeo.routing.statics import Arcs, SeasonalGraph, Statics, prepare

CASE = next(
    case
    for case in map(random_case, range(100))
    if len(case.graph.border) > 8 and len(case.origins) > 2 and case.graph.n_nodes > 40
)


def cached(folder: Path) -> Statics:
    return prepare_cached(CASE.graph, CASE.origins, CASE.destinations, folder=folder)


def assert_as_prepared(found: Statics) -> None:
    wanted = prepare(CASE.graph, CASE.origins, CASE.destinations)
    np.testing.assert_array_equal(found.overlay.between, wanted.overlay.between)
    for costs in CASE.costs:
        for o in range(len(CASE.origins)):
            for d in range(len(CASE.destinations)):
                assert paths_by_crossing(found, costs, o, d) == paths_by_crossing(wanted, costs, o, d)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The one file of a filled cache."""
    cached(tmp_path)
    (path,) = tmp_path.iterdir()
    return path


def test_what_is_read_is_what_was_prepared(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "prepare", lambda *_: pytest.fail("prepared again"))
    monkeypatch.setattr(cache, "_write", lambda *_: pytest.fail("written again"))
    found = cached(file.parent)
    monkeypatch.undo()
    assert_as_prepared(found)


def test_files_are_written_without_pickles_and_leave_nothing_behind(file: Path) -> None:
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with np.load(file, allow_pickle=False) as stored:
        assert sorted(stored) == ["arc", "before", "between", "last"]
        assert {stored[name].dtype for name in stored} == {np.dtype(np.int32)}


@pytest.mark.parametrize("size", [0, 1, 100, 0.5, -1])
def test_a_cut_off_file_is_noticed_and_made_anew(
    file: Path, caplog: pytest.LogCaptureFixture, size: float
) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(size * len(whole)) if isinstance(size, float) else size])
    with caplog.at_level(logging.WARNING):
        assert_as_prepared(cached(file.parent))
    assert "is broken" in caplog.text
    assert file.read_bytes() == whole


def test_no_changed_byte_does_harm(file: Path) -> None:
    whole = file.read_bytes()
    rng = np.random.default_rng(8)
    wanted = prepare(CASE.graph, CASE.origins, CASE.destinations)
    for position in rng.choice(len(whole), 300, replace=False).tolist():
        spoilt = bytearray(whole)
        spoilt[position] ^= int(rng.integers(1, 256))
        file.write_bytes(spoilt)
        found = cached(file.parent)
        np.testing.assert_array_equal(found.overlay.between, wanted.overlay.between)
        for name in ("arc", "before", "last"):
            np.testing.assert_array_equal(getattr(found.trees, name), getattr(wanted.trees, name))


def planted(name: str, array: np.ndarray) -> np.ndarray:
    if name == "loop":
        return np.arange(len(array), dtype=np.int32)
    if name == "pickle":
        return np.array([{"a": 1}], dtype=object)
    return array.astype(np.float64) if name == "float" else array[:-1] if name == "short" else array + 10**6


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("before", "loop"),
        ("between", "pickle"),
        ("between", "float"),
        ("between", "short"),
        ("arc", "beyond"),
        ("last", "beyond"),
        ("last", "short"),
    ],
)
def test_planted_content_is_refused(
    file: Path, caplog: pytest.LogCaptureFixture, field: str, kind: str
) -> None:
    with np.load(file) as stored:
        content = {name: stored[name] for name in stored}
    np.savez(file, **{**content, field: planted(kind, content[field])}, allow_pickle=True)
    with caplog.at_level(logging.WARNING):
        assert_as_prepared(cached(file.parent))
    assert "is broken" in caplog.text


def test_a_missing_part_is_noticed(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    np.savez(file, between=np.zeros((1, 1), np.int32))
    assert_as_prepared(cached(file.parent))
    assert "is broken" in caplog.text


def test_a_folder_that_cannot_be_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "taken").write_text("a file")
    assert_as_prepared(cached(tmp_path / "taken"))
    assert "going on without" in caplog.text


def test_a_full_disk_is_no_error_and_leaves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert_as_prepared(cached(tmp_path))
    assert "No space left" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_the_key_follows_distances_and_nothing_else() -> None:
    graph, origins, destinations = CASE.graph, CASE.origins, CASE.destinations
    key = key_of(graph, origins, destinations)
    road = graph.static
    slower = Arcs(road.tail, road.head, road.seconds + 1)
    dearer = Arcs(
        graph.border.tail,
        graph.border.head,
        graph.border.seconds + 5,
        [f"x{i}" for i in range(len(graph.border))],
    )
    assert key == key_of(replace(graph, border=dearer), origins.astype(np.int64), list(destinations))
    others = [
        key_of(replace(graph, static=slower), origins, destinations),
        key_of(replace(graph, n_nodes=graph.n_nodes + 1), origins, destinations),
        key_of(SeasonalGraph(graph.n_nodes, road, graph.winter, graph.border), origins, destinations),
        key_of(graph, [*origins, 0], destinations),
        key_of(graph, origins[:-1], [origins[-1], *destinations]),
    ]
    assert len({key, *others}) == 6


def test_only_the_newest_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEEP", 3)
    for age in range(5):
        old = tmp_path / f"old{age}.npz"
        old.write_bytes(b"")
        os.utime(old, (1000 - age, 1000 - age))
    (tmp_path / "another.txt").write_text("stays")
    cached(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    key = key_of(CASE.graph, CASE.origins, CASE.destinations)
    assert names == sorted([f"{key}.npz", "another.txt", "old0.npz", "old1.npz"])


def test_wrong_terminals_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="origins name nodes"):
        prepare_cached(CASE.graph, [10**6], [0], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def _write_and_read(folder: str) -> bytes:
    found = prepare_cached(CASE.graph, CASE.origins, CASE.destinations, folder=folder)
    return found.overlay.between.tobytes() + found.trees.last.tobytes()


def test_many_processes_may_write_at_once(tmp_path: Path) -> None:
    alone = _write_and_read(str(tmp_path / "alone"))
    shared = tmp_path / "shared"
    with get_context("spawn").Pool(3) as pool:
        found = pool.map(_write_and_read, [str(shared)] * 12, chunksize=1)
    assert set(found) == {alone}
    assert len(list(shared.iterdir())) == 1


@pytest.mark.parametrize(
    ("platform", "environment", "wanted"),
    [
        ("linux", {"XDG_CACHE_HOME": "/var/tmp/x"}, "/var/tmp/x/amurgeo"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/home/anna/.cache/amurgeo"),
        ("linux", {"XDG_CACHE_HOME": "not/absolute"}, "/home/anna/.cache/amurgeo"),
        ("linux", {"LOCALAPPDATA": "/var/tmp/local"}, "/home/anna/.cache/amurgeo"),
        ("win32", {"LOCALAPPDATA": "/var/tmp/local"}, "/var/tmp/local/amurgeo"),
        ("darwin", {}, "/home/anna/Library/Caches/amurgeo"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths of another system")
def test_the_folder_is_where_the_system_keeps_such_things(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], wanted: str
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**environment, "HOME": "/home/anna"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == Path(wanted)


def test_the_default_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    prepare_cached(CASE.graph, CASE.origins, CASE.destinations)
    assert len(list((tmp_path / "amurgeo").glob("*.npz"))) == 1
