"""The share of small faults in the core that its tests catch.

Each mutant is one change of one place of the source, drawn by a seed: an operator, a comparison, a number, a
condition or a returned value. It is compiled in memory and imported in place of its module; the tests of its
room then run until one fails. What survives is printed with its line: read it, then add a test, or see that
the change makes no difference.

Run ``python benchmarks/mutants.py`` (about half a minute a mutant), with ``--json`` for one document,
``--seed`` and ``--number`` for others, ``--only seasons/turns.py`` for the places of one file.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.machinery
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: Rooms of the core, and the tests that belong to them, the quickest first.
TESTS = {
    "scenario": (
        "test_scenario.py", "test_changes.py", "test_road_changes.py", "seasons/test_state.py",
    ),
    "seasons": (
        "seasons/test_record.py", "seasons/test_holidays.py", "seasons/test_ice.py", "seasons/test_state.py",
        "seasons/test_evidence.py", "seasons/test_notices.py", "seasons/test_record_data.py", "seasons",
        "promises/test_ensemble.py", "test_changes.py",
    ),
    "routing": (
        "routing/test_engine.py", "routing/test_rest.py", "routing/test_money.py", "routing/test_ranges.py",
        "routing/test_graph.py", "routing", "test_laws.py",
    ),
    "flows": ("flows/test_model.py", "flows"),
}  # fmt: skip
#: Least share of mutants to catch.
REQUIRED = 0.85
#: Seconds after which the tests of a mutant are stopped: it counts as caught.
LONGEST = 900
#: What the tests import besides the package, loaded once.
SHARED = ("pandas", "scipy.special", "scipy.sparse.csgraph", "networkx", "geopandas", "click.testing")
_COMPARED: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COMPUTED: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Mod: ast.Mult,
}  # fmt: skip
_CALLED = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any",
    "argmin": "argmax", "argmax": "argmin", "floor": "ceil", "ceil": "floor", "fmin": "fmax", "fmax": "fmin",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A place of a module to change: the number of the node in the order of `ast.walk`, and how."""

    path: str
    node: int
    line: int
    kind: str


def _left_out(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield nodes that are no behaviour: annotations, docstrings, messages, texts for debugging."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert | ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef):
            yield from filter(None, [node.returns, *node.decorator_list])
            if node.name in ("__repr__", "__str__", "_repr_html_"):
                yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield node


def places(path: Path) -> list[Place]:
    """Return the places of a module that can be changed."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(part) for node in _left_out(tree) for part in ast.walk(node)}
    found = []
    for number, node in enumerate(ast.walk(tree)):
        kind = "" if id(node) in skipped else _kind(node)
        if kind:
            name = path.relative_to(ROOT / "amurgeo").as_posix()
            found.append(Place(name, number, getattr(node, "lineno", 0), kind))
    return found


def _kind(node: ast.AST) -> str:
    """Return the name of the change of a node; empty for none."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        return "comparison"
    if isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED:
        return "operator"
    if isinstance(node, ast.BoolOp):
        return "and or"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        return "sign"
    if isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
        return "constant"
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        return "condition"
    if isinstance(node, ast.Call) and _called(node) in _CALLED:
        return "function"
    if isinstance(node, ast.Return) and not (node.value is None or isinstance(node.value, ast.Constant)):
        return "return"
    return ""


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def mutated(place: Place) -> tuple[ast.Module, str]:
    """Return the module with the change, and the changed code before and after."""
    tree = ast.parse((ROOT / "amurgeo" / place.path).read_text(encoding="utf-8"))
    node: Any = next(node for number, node in enumerate(ast.walk(tree)) if number == place.node)
    shown = node.test if place.kind == "condition" else node
    before = ast.unparse(shown)
    after = _change(node, place.kind)
    return ast.fix_missing_locations(tree), f"{before[:90]}  ->  {ast.unparse(after)[:90]}"


def _change(node: Any, kind: str) -> ast.AST:
    """Change a node in place; return what to show of it."""
    match kind:
        case "comparison":
            node.ops[0] = _COMPARED[type(node.ops[0])]()
        case "operator":
            node.op = _COMPUTED[type(node.op)]()
        case "and or":
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case "sign":
            node.op = ast.UAdd() if isinstance(node.op, ast.USub) else node.op
            if not isinstance(node.op, ast.UAdd):
                node.operand = ast.UnaryOp(node.op, node.operand)
        case "constant":
            node.value = not node.value if isinstance(node.value, bool) else node.value + 1
        case "condition":
            node.test = ast.UnaryOp(ast.Not(), copy.deepcopy(node.test))
            return node.test
        case "function":
            if isinstance(node.func, ast.Attribute):
                node.func.attr = _CALLED[node.func.attr]
            else:
                node.func.id = _CALLED[node.func.id]
        case "return":
            node.value = ast.Constant(None)
    return node


class Mutant(importlib.machinery.SourceFileLoader):
    """Loads a module from a changed tree."""

    tree: ast.Module

    def get_code(self, fullname: str) -> Any:
        """Return the changed code; no file of bytecode is read or written."""
        return compile(self.tree, self.path, "exec", dont_inherit=True)


class Finder:
    """Finds one module, with a change."""

    def __init__(self, place: Place, tree: ast.Module) -> None:
        parts = ("amurgeo", *Path(place.path).with_suffix("").parts)
        self.package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.package else parts)
        self.loader = Mutant(self.name, str(ROOT / "amurgeo" / place.path))
        self.loader.tree = tree

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the module if it is the one."""
        if name != self.name:
            return None
        where = [str(Path(self.loader.path).parent)] if self.package else None
        spec = importlib.machinery.ModuleSpec(
            name, self.loader, origin=self.loader.path, is_package=self.package
        )
        spec.submodule_search_locations = where
        spec.has_location = True
        return spec


def passes(tests: Sequence[str], place: Place | None, marked: str = "not slow") -> bool:
    """Return whether the tests pass with a change, or with none, in a process of its own."""
    finders = [] if place is None else [Finder(place, mutated(place)[0])]
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        with open(os.devnull, "w") as nowhere:
            for stream in (1, 2):
                os.dup2(nowhere.fileno(), stream)
        sys.meta_path[:0] = finders
        import pytest

        options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", f"{marked} and not browser"]
        os._exit(int(pytest.main([*options, *(f"tests/{name}" for name in tests)])))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--number", type=int, default=48, help="mutants, as many of each room (48)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the places (1)")
    parser.add_argument("--only", help="a room, or a file as seasons/turns.py")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for name in SHARED:
        import_module(name)
    rooms = [room for room in TESTS if options.only is None or options.only.startswith(room)]
    drawn: list[Place] = []
    for room in rooms:
        files = sorted((ROOT / "amurgeo" / room).glob("*.py"))
        known = [
            place for path in files for place in places(path) if options.only in (None, room, place.path)
        ]
        number = min(len(known), options.number // len(rooms))
        drawn += random.Random(f"{options.seed} {room}").sample(known, number)
    random.Random(options.seed).shuffle(drawn)
    if broken := [room for room in rooms if not passes(TESTS[room], None)]:
        sys.exit(f"the tests of {', '.join(broken)} fail without any change; mend them first")
    rows = []
    for place in drawn:
        started = time.perf_counter()
        tests = TESTS[place.path.partition("/")[0]]
        survived = all(passes(tests, place, marked) for marked in ("not slow", "slow"))
        row = {"file": place.path, "line": place.line, "kind": place.kind, "change": mutated(place)[1]}
        rows.append({**row, "caught": not survived})
        mark = "SURVIVED" if survived else "caught"
        text = f"{mark:9}{place.path}:{place.line} ({place.kind}) {rows[-1]['change']}"
        print(text, f"{time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    caught = sum(row["caught"] for row in rows)
    share = caught / max(1, len(rows))
    if options.json:
        json.dump(
            {"seed": options.seed, "mutants": len(rows), "caught": caught, "rows": rows}, sys.stdout, indent=1
        )
        print()
    else:
        by_room = {
            room: [row["caught"] for row in rows if str(row["file"]).startswith(f"{room}/")] for room in rooms
        }
        for room, results in by_room.items():
            print(f"{room:10}{sum(results):4} of {len(results)}")
        print(f"{'all':10}{caught:4} of {len(rows)}: {share:.0%} (required: {REQUIRED:.0%})")
    sys.exit(share < REQUIRED)


if __name__ == "__main__":
    main()
