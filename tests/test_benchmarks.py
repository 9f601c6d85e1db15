"""The scripts beside the package run on it as it is."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "benchmarks"
SCRIPTS = sorted(path for name in ("benchmarks", "data/build", "docs") for path in (ROOT / name).glob("*.py"))


@pytest.mark.slow
def test_the_engine_is_compared_in_one_document() -> None:
    command = [sys.executable, BENCHMARKS / "engine.py", "--json", "--rounds", "1", "--scenarios", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (network,) = json.loads(done.stdout)["networks"]
    assert {"amurgeo (numpy)", "scipy dijkstra"} <= {row["engine"] for row in network["engines"]}
    assert all(row["equal"] for row in network["engines"])
    assert network["sweep"]["days"] == 365


@pytest.mark.slow
def test_queues_cost_no_less_than_the_optimum_and_a_larger_crossing_costs_nobody() -> None:
    command = [sys.executable, BENCHMARKS / "queues.py", "--json", "--floor"]
    document = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert all(row["cost_h"] >= row["optimum_h"] for row in document["beside_optimum"])
    assert document["enlarged"]["cases"] == 200
    assert document["enlarged"]["dearer_by_0.1_pct"] == 0
    assert document["summary"][0]["within_2"] >= 13


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_scripts_import_only_names_that_exist(script: Path) -> None:
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "amurgeo":
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")
