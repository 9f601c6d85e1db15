"""Any terminal, locale, pipe or service gets a sentence or a clean end, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import two_banks
from hostile import ROOT

# Coverage would take a third of the time; the code is covered elsewhere.
pytestmark = [pytest.mark.no_cover, pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")]
STATE = "state --on 2026-02-01"
#: Lines of a shell that run the program ``$A``, the exit code of each, and what stderr contains.
LINES = {
    f"$A {STATE} | head -1": (0, ""),
    f"$A {STATE} >&-": (0, ""),
    f"$A {STATE} <&- >&- 2>&-": (0, ""),
    f"$A {STATE} 2>&-": (0, ""),
    f"$A {STATE} -o a.csv >&- 2>&- && test -s a.csv": (0, ""),
    f"$A {STATE} > /dev/full": (2, "No space left on device; give another"),
    f"$A {STATE} --format json > /dev/full": (2, "No space left on device; give another"),
    f"$A {STATE} -o /dev/full": (2, "expected|give the name|.xlsx, .csv or .gpkg"),
    "$A state --on never 2> /dev/full": (2, ""),
    "$A state --on never 2>&-": (2, ""),
    f"LANG=C LC_ALL=POSIX $A {STATE}": (0, ""),
    f"PYTHONIOENCODING=ascii $A {STATE} --lang ru": (0, ""),
    f"PYTHONIOENCODING=cp866 PYTHONUTF8=0 LC_ALL=C $A {STATE} --lang zh": (0, ""),
    f"PYTHONIOENCODING=cp1251:strict $A {STATE} --lang zh --format csv": (0, ""),
    f"COLUMNS=20 TERM=dumb NO_COLOR=1 $A {STATE}": (0, ""),
    f"env -i $A {STATE}": (0, ""),
    f"env -u HOME XDG_CACHE_HOME=/proc MPLCONFIGDIR=/proc $A {STATE}": (0, ""),
    f"mkdir shut && chmod 555 shut && cd shut && $A {STATE} --dataset ..": (0, ""),
    f"mkdir gone && cd gone && rmdir ../gone && $A {STATE} --dataset $D": (0, ""),
    "$A --help | head -1": (0, ""),
}


def _shell(line: str, folder: Path) -> tuple[int, str, str]:
    """Run a line of a shell on the dataset of a folder; return its exit code and output."""
    program = f"{sys.executable} -m amurgeo"
    line = line.replace("$A", program).replace("$D", str(folder))
    line = line if "--dataset" in line or "state" not in line else line.replace(STATE, f"{STATE} --dataset .")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    if "env -i" in line:
        line = line.replace("env -i", f"env -i PYTHONPATH={ROOT}")
    done = subprocess.run(
        ["sh", "-c", line], cwd=folder, env=env, capture_output=True, timeout=300, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the small dataset."""
    path = two_banks.write(tmp_path_factory.mktemp("streams"))
    yield path
    if (path / "shut").exists():
        (path / "shut").chmod(0o755)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_a_line_of_a_shell_ends_clean(line: str, folder: Path) -> None:
    expected, says = LINES[line]
    code, out, err = _shell(line, folder)
    assert code == expected, err
    assert "Traceback" not in out + err
    assert "Exception ignored" not in err
    assert not says or any(text in err for text in says.split("|")), err
    if code == 0:
        assert err == "" or "-o" in line


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_program_and_leaves_nothing(number: int, code: int, tmp_path: Path) -> None:
    """At work on a file; the signal comes at its first temporary folder."""
    two_banks.write(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    words = [sys.executable, "-m", "amurgeo", "export", "out", "--dataset", "."]
    running = subprocess.Popen(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 120
    while time.monotonic() < until and running.poll() is None and not (tmp_path / "out").exists():
        time.sleep(0.005)
    running.send_signal(number)
    _, err = running.communicate(timeout=120)
    assert running.returncode in (code, 0)
    assert "Traceback" not in err
    left = {path.name for path in tmp_path.iterdir()} - before
    assert left <= {"out"}
    assert not list((tmp_path / "out").glob(".amurgeo-*"))
