"""Commands run without network, without root rights, and in folders that are read-only."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BANKS = ROOT / "tests" / "osm" / "banks.osm"
NOTICE = "https://www.amur.info/news/2027/01/20"
#: Exit code of a command that used the network.
ASKED = 97
#: A call of each command; it writes into the working directory.
CALLS: dict[str, tuple[str, ...]] = {
    "state": ("state", "--on", "2026-02-10", "-o", "состояние 状态.csv"),
    "routes": ("routes", "Благовещенск", "哈尔滨", "--on", "2026-02-10", "--depart", "08:00",
               "--drivers", "2"),
    "matrix": ("matrix", "--origins", "Zeya", "--destinations", "Харбин", "--on", "2026-02-10",
               "-o", "м.csv"),
    "map": ("map", "network", "--on", "2026-02-10", "-o", "карта 地图.html"),
    "calendar": ("calendar", "2026", "--png", "год 年.png"),
    "daily": ("daily", "Zeya", "Харбин", "--from", "2026-02-10", "--to", "2026-02-12"),
    "dates": ("dates", "poyarkovo:ice_road", "--season", "2023/24"),
    "next": ("next", "--on", "2026-02-10", "--ids"),
    "gaps": ("gaps", "paper_2010", "-o", "перерывы 中断.csv"),
    "brief": ("brief", "--on", "2026-02-10", "--since", "2026-01-10", "-o", "справка 简报.html"),
    "forecast": ("forecast", "--issue", "2025-11-28", "--folder", "прогноз 预测"),
    "exits": ("exits", "Белогорск", "--on", "2026-02-10", "-o", "выходы.xlsx"),
    "critical": ("critical", "--on", "2026-02-10", "--draws", "2", "-o", "важное 关键.html",
                 "--png", "важное 关键.png"),
    "access": ("access", "2026", "--places", "Огоджа,腾达", "-o", "доступ.xlsx"),
    "dependence": ("dependence", "no_bridge", "--from", "2026", "-o", "зависимость 依赖.xlsx"),
    "measures": ("measures", "2026/27", "--measure", "ice_night", "--draws", "2", "-o", "меры 措施.xlsx"),
    "redundancy": ("redundancy", "2026"), "capacity": ("capacity", "2026"),
    "queues": ("queues", "baseline", "--from", "2026-11-10", "--to", "2026-11-12",
               "--png", "очередь 排队.png"),
    "promise": ("promise", "Белогорск", "哈尔滨", "--by", "2027-02-03", "--from", "2027-02-01",
                "--draws", "20", "--png", "обещание 承诺.png"),
    "compare": ("compare", "frozen", "open", "--map", "сравнение 比较.html",
                "--png", "сравнение 比较.png"),
    "report": ("report", "frozen", "open", "-o", "лист 决策.html", "--lang", "zh"), "check": ("check",),
    "new": ("new", "таблицы 表格"),
    "record": ("record", "poyarkovo:ice_road", "open", "2027-01-15", "--source", NOTICE,
               "--data", "своё 自有"),
    "export": ("export", "вывод 输出", "--formats", "gpkg,geojson,parquet,graphml,csv,xlsx"),
    "osm": ("osm", "read", str(BANKS), "-o", "район 区域"),
}  # fmt: skip
#: Commands that write files.
WRITERS = tuple(
    name
    for name, words in CALLS.items()
    if {"-o", "--png", "--map", "--data", "--folder", "new", "export"} & {*words}
)

_WATCHED = f"""
import os, sys
ASKS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
def watch(event, args):
    if event in ASKS:
        print("used the network:", event, args, file=sys.stderr, flush=True)
        os._exit({ASKED})
sys.addaudithook(watch)
from amurgeo.cli import main
main(sys.argv[1:])
"""


class Done(NamedTuple):
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


def run(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Done:
    """Run a command without root rights; it ends at once if it uses the network."""
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        timeout=300,
        preexec_fn=_no_override if sys.platform == "linux" else None,
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def _no_override() -> None:
    """Drop the right to override permissions (PR_CAPBSET_DROP of CAP_DAC_OVERRIDE)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def inside(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder, also of hidden ones."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


#: Runs a command and copies its folder before each operation on the disk: this is what remains if the
#: program is killed at that moment.
_SNAPSHOTS = """
import os, shutil, signal, sys

into, kill_at, *words = sys.argv[1:]
STEPS = ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod")
here, taken, busy = os.getcwd(), 0, False

def is_step(event, args):
    if event not in STEPS or isinstance(args[0], int):
        return False
    if event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR):
        return False
    return os.path.abspath(os.fsdecode(args[0])).startswith(here)

def watch(event, args):
    global taken, busy
    if busy or not is_step(event, args):
        return
    taken += 1
    if taken == int(kill_at):
        os.kill(os.getpid(), signal.SIGKILL)
    busy = True
    shutil.copytree(here, os.path.join(into, str(taken)))
    busy = False

sys.addaudithook(watch)
from amurgeo.cli import main
main(words)
"""


def snapshots(*words: str, cwd: Path, into: Path, kill_at: int = 0) -> list[Path]:
    """Run a command; return copies of its folder from before each operation on the disk, in order.

    With ``kill_at`` the command is killed before that operation.
    """
    into.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", _SNAPSHOTS, str(into), str(kill_at), *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == (-signal.SIGKILL if kill_at else 0), done.stderr
    return sorted(into.iterdir(), key=lambda path: int(path.name))


def visible(folder: Path) -> dict[str, bytes]:
    """Return the visible files; a killed program leaves partial files in hidden folders only."""
    return {
        name: data
        for name, data in inside(folder).items()
        if not any(part.startswith(".") for part in Path(name).parts)
    }
