"""Processor time of cold commands, of two versions in interleaved pairs.

    python benchmarks/start.py OLD NEW [--pairs 9] [--only state]

OLD and NEW are the `amurgeo` programs of two environments. Each pair runs both, in alternating order;
printed are the medians of user and system time of the whole process, and the median ratio of the pairs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile

#: Commands that both versions have; the files of `compare` go to a temporary folder.
COMMANDS = {
    "state": ("state", "--on", "2026-02-10"),
    "routes": ("routes", "Belogorsk", "Harbin", "--on", "2026-02-10"),
    "compare": ("compare", "open", "frozen", "--vehicle", "truck_20t"),
    "help": ("--help",),
}


def seconds(program: str, arguments: tuple[str, ...], folder: str) -> float:
    """Return user and system time of one run, in s."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": os.path.join(tempfile.gettempdir(), "amurgeo-start")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(
        [program, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{program} {' '.join(arguments)} ends with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print one line per command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--only", choices=COMMANDS, nargs="*", default=list(COMMANDS))
    options = parser.parse_args()
    print(f"{options.pairs} pairs, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for name in options.only:
        pairs = []
        with tempfile.TemporaryDirectory() as folder:
            for turn in range(-1, options.pairs):
                programs = (options.old, options.new) if turn % 2 else (options.new, options.old)
                times = {program: seconds(program, COMMANDS[name], folder) for program in programs}
                if turn >= 0:  # the first pair compiles, and fills caches
                    pairs.append((times[options.old], times[options.new]))
        old, new = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(late / early for early, late in pairs)
        print(f"{name:8} {old:6.2f} s {new:6.2f} s   ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
