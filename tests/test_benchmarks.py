"""The benchmarks run on the package as it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.mark.slow
def test_the_engine_is_compared_in_one_document() -> None:
    command = [sys.executable, BENCHMARKS / "engine.py", "--json", "--rounds", "1", "--scenarios", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (network,) = json.loads(done.stdout)["networks"]
    assert {"amurgeo (numpy)", "scipy dijkstra"} <= {row["engine"] for row in network["engines"]}
    assert all(row["equal"] for row in network["engines"])
    assert network["sweep"]["days"] == 365
