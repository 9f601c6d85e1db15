"""Every command works offline in a folder of any name, and reports a folder that it may not write to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import ASKED, CALLS, WRITERS, inside, run
from mangling import quick_first

from amurgeo.cli import COMMANDS

# Coverage would take a third of the time; the code is covered elsewhere.
pytestmark = pytest.mark.no_cover


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A read-only folder with one file."""
    folder = tmp_path / "только чтение 只读"
    folder.mkdir()
    (folder / "мой файл.txt").write_text("stays", encoding="utf-8")
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def test_every_command_is_tested() -> None:
    assert set(CALLS) == set(COMMANDS)
    assert len(WRITERS) == len(set(WRITERS))


@pytest.mark.slow
@pytest.mark.parametrize("name", quick_first(list(CALLS)))
def test_a_command_works_offline_in_a_folder_of_any_name(name: str, tmp_path: Path, locked: Path) -> None:
    """No network, no writable home, a C locale, and a name outside every Windows code page."""
    folder = tmp_path / "Отчёты 报告 é ’"
    folder.mkdir()
    nowhere = {"HOME": str(locked), "XDG_CACHE_HOME": str(locked), "MPLCONFIGDIR": str(locked)}
    done = run(*CALLS[name], cwd=folder, env={**nowhere, "LC_ALL": "C"})
    assert done.code == 0, done.err
    assert done.out or done.err
    written = inside(folder)
    assert bool(written) == (name in WRITERS)
    assert all(written.values())
    assert not [path for path in written if Path(path).name.startswith(".")], "a temporary file was left"


@pytest.mark.slow
@pytest.mark.parametrize("name", quick_first(list(WRITERS)))
def test_a_read_only_folder_is_one_error(name: str, locked: Path) -> None:
    before = inside(locked)
    done = run(*CALLS[name], cwd=locked)
    assert done.code == 2, done.err
    lines = [line for line in done.err.splitlines() if line.startswith("amurgeo: ")]
    assert len(lines) == 1, done.err
    assert re.search("cannot write|无法写入", lines[0])
    assert re.search("you may write to|可写文件夹", lines[0])
    assert "Traceback" not in done.err
    assert inside(locked) == before


@pytest.mark.slow
def test_only_fetching_uses_the_network(tmp_path: Path) -> None:
    """The watch works: fetching uses the network."""
    done = run(
        "osm", "fetch", "--around", "Heihe", "--km", "1", "--server", "http://127.0.0.1:9/api",
        "-o", "район", cwd=tmp_path,
    )  # fmt: skip
    assert done.code == ASKED, done.err
    assert "used the network" in done.err
