"""The share of small faults in the core that its quick tests catch.

Each mutant is one change of one place of the source, drawn by a seed: an operator, a comparison, a number, a
condition or a returned value. The tests of its room run until one fails, those that execute the changed
statement first and the quickest of them first; nothing is written to the source. All tests run once without a
change to learn their times and the lines they execute. Processes are forked with everything imported and a
changed function is replaced in place, so that most mutants cost about a second; code that runs at import is
imported again with its change.

Survivors are printed with their lines. Read them, then add a test, or a row with a reason to
``mutants_equal.csv`` if no input shows the change: such mutants count neither as caught nor as survivors.

Run ``python benchmarks/mutants.py``, with ``--json`` for one document, ``--seed`` and ``--number`` for other
places, ``--only seasons/turns.py`` for those of one file, ``--slow`` to run the slow tests as well.
"""

from __future__ import annotations

import argparse
import ast
import copy
import csv
import gc
import importlib.machinery
import json
import os
import random
import resource
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from importlib import import_module
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: Rooms of the core, and the tests that belong to them.
TESTS = {
    "scenario": (
        "amurgeo/scenario", "tests/test_scenario.py", "tests/test_scenario_texts.py", "tests/test_changes.py",
        "tests/test_road_changes.py", "tests/seasons/test_state.py",
    ),
    "seasons": (
        "amurgeo/seasons", "tests/seasons", "tests/promises/test_ensemble.py", "tests/test_changes.py",
    ),
    "routing": ("amurgeo/routing", "tests/routing", "tests/test_laws.py"),
    "flows": ("amurgeo/flows", "tests/flows"),
}  # fmt: skip
#: Changes without an effect: file, text of the line, change, reason.
EQUAL = Path(__file__).with_name("mutants_equal.csv")
#: Times and lines of tests from earlier runs, to be deleted at will.
RECORDS = ROOT / ".pytest_cache" / "mutants.jsonl"
#: Least share of mutants to catch.
REQUIRED = 0.85
#: Limits of a test under a change, after which the mutant counts as caught: seconds of processor time beyond
#: ten times its usual time, and bytes of memory. Seconds for all tests of a room.
SPARE_S, MEMORY, LONGEST_S = 20.0, 8 << 30, 900.0
#: Mark of a mutant whose line no test executes.
NOT_REACHED = "no test executes it"
#: Imported once, for all processes.
SHARED = (
    "coverage", "pytest", "pandas", "scipy.special", "scipy.sparse.csgraph", "networkx",
    "geopandas", "click.testing", "matplotlib",
)  # fmt: skip
#: Keyword arguments that guard or spare work and do not change an answer.
_NEUTRAL = ("strict", "copy", "deep", "stacklevel", "maxsize", "frozen", "slots")
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
    """A place of a module to change."""

    path: str
    #: Number of the node in the order of `ast.walk`.
    node: int
    line: int
    kind: str
    #: First and last line of the innermost statement, or of its header.
    statement: tuple[int, int]

    @property
    def room(self) -> str:
        """Name of the room."""
        return self.path.partition("/")[0]

    @property
    def file(self) -> str:
        """Path of the module."""
        return str(ROOT / "amurgeo" / self.path)


def _left_out(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield nodes without behaviour: annotations, docstrings, messages, texts for debugging."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert | ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef):
            yield from filter(None, [node.returns, *node.decorator_list])
            if node.name in ("__repr__", "__str__", "_repr_html_"):
                yield node
        elif isinstance(node, ast.ClassDef):
            yield from node.decorator_list
        elif isinstance(node, ast.keyword) and node.arg in _NEUTRAL:
            yield node.value
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield node


def _statements(node: ast.AST, lines: tuple[int, int] = (0, 0)) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield each node's id and the lines of its innermost statement."""
    body = getattr(node, "body", None)
    if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
        first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
        if isinstance(node, ast.Match):
            last = node.cases[0].pattern.lineno - 1
        else:
            last = body[0].lineno - 1 if isinstance(body, list) else getattr(node, "end_lineno", first)
        lines = first, max(first, last)
    yield id(node), lines
    for child in ast.iter_child_nodes(node):
        yield from _statements(child, lines)


@cache
def _source(file: str) -> str:
    """Return the text of a module as it was when the run began."""
    return Path(file).read_text(encoding="utf-8")


def places(path: Path) -> list[Place]:
    """Return the places of a module that can be changed."""
    tree = ast.parse(_source(str(path)))
    skipped = {id(part) for node in _left_out(tree) for part in ast.walk(node)}
    statements = dict(_statements(tree))
    found = []
    for number, node in enumerate(ast.walk(tree)):
        kind = "" if id(node) in skipped else _kind(node)
        if kind:
            name = path.relative_to(ROOT / "amurgeo").as_posix()
            found.append(Place(name, number, getattr(node, "lineno", 0), kind, statements[id(node)]))
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
    tree = ast.parse(_source(place.file))
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
            # The value is still named, so that the function closes over the same names.
            node.value = ast.IfExp(ast.Constant(False), node.value, ast.Constant(None))
            return ast.Return(ast.Constant(None))
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
        self.loader = Mutant(self.name, place.file)
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


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of the functions and methods of a module."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if part.co_flags & 1:  # CO_OPTIMIZED: a function, not the body of a class
                yield part
            else:
                yield from _functions(part)


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


class Profile:
    """Plugin of pytest that makes runs repeatable."""

    def pytest_configure(self) -> None:
        """Let hypothesis try the same examples each time, and stop at the first failure."""
        from hypothesis import Phase, settings

        options: dict[str, Any] = {"deadline": None, "database": None, "derandomize": True}
        settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), **options)
        settings.load_profile("mutants")


class Records:
    """Records of tests from earlier runs; valid while test file and measured rooms are unchanged."""

    def __init__(self, rooms: Iterable[str]) -> None:
        paths = sorted(str(path) for room in {*rooms} for path in (ROOT / "amurgeo" / room).glob("*.py"))
        self.rooms = sha256("".join(path + _source(path) for path in paths).encode())
        self.known: dict[str, Any] = {}
        if RECORDS.is_file():
            lines = RECORDS.read_text(encoding="utf-8").splitlines()
            self.known = dict(json.loads(line) for line in lines if line.endswith("]"))

    def __enter__(self) -> Records:
        RECORDS.parent.mkdir(exist_ok=True)
        self.file = open(RECORDS, "a", encoding="utf-8")
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def _key(self, item: Any) -> str:
        known = self.rooms.copy()
        known.update(f"{item.nodeid}\n{_source(str(item.path))}".encode())
        return known.hexdigest()

    def get(self, item: Any) -> dict[str, Any] | None:
        """Return the record of a test, if there is one."""
        answer: dict[str, Any] | None = self.known.get(self._key(item))
        return answer

    def keep(self, item: Any, answer: dict[str, Any]) -> None:
        """Store the record of a test."""
        if self._key(item) not in self.known:
            self.file.write(json.dumps([self._key(item), answer]) + "\n")
            self.file.flush()


class Trial(Profile):
    """Plugin of pytest that runs the collected tests once for each mutant, in forked processes.

    `send` gets one record for each mutant: the test that fails, or all tests if they need a new import.
    """

    def __init__(
        self, drawn: Sequence[Place], coverage: Any, send: Callable[[dict[str, Any]], None], jobs: int
    ) -> None:
        self.drawn, self.coverage, self.send, self.jobs = drawn, coverage, send, jobs
        self.seconds: dict[str, float] = defaultdict(float)
        self.lines: dict[str, set[tuple[str, int]]] = {}
        self.error = ""
        #: Places of code that also runs at import, and the tests of their rooms.
        self.anew: dict[Place, list[str]] = {}

    def pytest_collection_finish(self) -> None:
        """Load the dataset, which forks share, and collect the lines that run before any test."""
        import_module("amurgeo").load()
        self.coverage.stop()
        self.lines["import"] = self._executed()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add up the time of a test and its fixtures."""
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.error = str(report.longrepr)

    def pytest_runtestloop(self, session: Any) -> bool:
        """Run the tests without a change, then with each."""
        broken = ["the collection"] if session.testsfailed else self._record(session)
        self.send({"broken": broken})
        if not broken:
            for place, by in _forked(self._trials(session), self.jobs):
                if place in self.anew and by in ("", NOT_REACHED):
                    self.send({"place": place, "tests": self.anew[place]})
                    continue
                self.send(
                    {"place": place, "by": "a test that ran out of time or memory" if by is None else by}
                )
        return True

    def _record(self, session: Any) -> list[str]:
        """Learn the time of each test and the lines that it executes; return the tests that fail."""
        failed = []
        with Records(place.room for place in self.drawn) as records:
            known = [(item, records.get(item)) for item in session.items]
            # A process for each, so that no test finds what another has cached.
            tasks = [(item, partial(self._measured, session, item)) for item, answer in known if not answer]
            for item, answer in chain(filter(itemgetter(1), known), _forked(tasks, self.jobs)):
                if answer is None or answer["failed"]:
                    failed.append(f"{item.nodeid}: {answer and answer['error']}")
                    continue
                records.keep(item, answer)
                self.seconds[item.nodeid] = answer["seconds"]
                self.lines[item.nodeid] = {(name, line) for name, line in answer["lines"]}
        return failed

    def _trials(self, session: Any) -> Iterator[tuple[Place, Callable[[], Any]]]:
        """Yield the mutants, and what runs their tests with a change in place."""
        functions: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and "/amurgeo/" in thing.__code__.co_filename:
                functions[_key(thing.__code__)].append(thing)
        for place in self.drawn:
            own = [item for item in session.items if item.nodeid.startswith(TESTS[place.room])]
            own.sort(key=lambda item: self.seconds[item.nodeid])
            codes, name = _changed_functions(place, functions), _constant(place)
            where = set() if codes else _mentions(name)
            where |= {(place.file, line) for line in range(place.statement[0], place.statement[1] + 1)}
            if not name and where & self.lines["import"]:
                self.anew[place] = [item.nodeid for item in own]
            own = [item for item in own if where & self.lines[item.nodeid]]
            yield place, partial(self._tested, session, own, place, codes, name)

    def _measured(self, session: Any, item: Any) -> dict[str, Any]:
        self.coverage.erase()
        self.coverage.start()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        self.coverage.stop()
        seconds, failed = self.seconds[item.nodeid], session.testsfailed
        lines = [*self._executed()]
        return {"failed": failed, "error": self.error, "seconds": seconds, "lines": lines}

    def _executed(self) -> set[tuple[str, int]]:
        """Return files and lines of the measured rooms."""
        data = self.coverage.get_data()
        return {(name, line) for name in data.measured_files() for line in data.lines(name)}

    def _tested(
        self, session: Any, items: Sequence[Any], place: Place, codes: Sequence[Any], name: str
    ) -> str:
        """Return the id of the first test that fails with a change; empty if none does."""
        for function, code in codes:
            function.__code__ = code
        if not items or not (codes or name):
            return NOT_REACHED
        if name and not codes:
            _set_constant(place, name)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for item, following in zip(items, [*items[1:], None], strict=True):
            signal.setitimer(signal.ITIMER_PROF, SPARE_S + 10 * self.seconds[item.nodeid])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return str(item.nodeid)
        return ""


def _forked(tasks: Iterable[tuple[Any, Callable[[], Any]]], jobs: int) -> Iterator[tuple[Any, Any]]:
    """Yield keys and answers of tasks, each in a separate process; None for a process that dies."""
    waiting, running = iter(tasks), {}
    while True:
        for key, task in islice(waiting, jobs - len(running)):
            answer = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
            child = os.fork()
            if child == 0:
                try:
                    json.dump(task(), answer)
                    answer.flush()
                finally:
                    os._exit(0)
            running[child] = key, answer
        if not running:
            return
        child, _ = os.wait()
        key, answer = running.pop(child)
        with answer:
            answer.seek(0)
            text = answer.read()
        try:
            yield key, json.loads(text)
        except ValueError:
            yield key, None


def _changed_functions(
    place: Place, functions: dict[tuple[str, str, int], list[FunctionType]]
) -> list[tuple[FunctionType, CodeType]]:
    """Return the functions that a change concerns, and their new code; empty for code at import."""
    codes = [
        {_key(code): code for code in _functions(compile(tree, place.file, "exec", dont_inherit=True))}
        for tree in (_tree(place.file), mutated(place)[0])
    ]
    return [
        (function, code)
        for key, code in codes[1].items()
        if code != codes[0].get(key)
        for function in functions.get(key, ())
    ]


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(_source(file))


def _constant(place: Place) -> str:
    """Return the name of the constant of a module that a change concerns, if only functions read it."""
    for node in _tree(place.file).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno <= place.line <= (
            node.end_lineno or 0
        ):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id not in _read_at_import():
                return target.id
    return ""


@cache
def _read_at_import() -> set[str]:
    """Return the names that modules read outside of functions."""
    names = set()
    waiting: list[ast.AST] = [_tree(str(path)) for path in (ROOT / "amurgeo").rglob("*.py")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        if isinstance(node, ast.FunctionDef):
            waiting += [*node.decorator_list, node.args]
        else:
            waiting += ast.iter_child_nodes(node)
    return names


def _mentions(name: str) -> set[tuple[str, int]]:
    """Return files and lines of the core in which functions read a constant."""
    return {
        (str(path), node.lineno)
        for room in TESTS
        for path in (ROOT / "amurgeo" / room).glob("*.py")
        for node in ast.walk(_tree(str(path)))
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    }


def _set_constant(place: Place, name: str) -> None:
    """Change a constant in its module and in those that import it."""
    changed = mutated(place)[0]
    for node in changed.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno <= place.line <= (
            node.end_lineno or 0
        ):
            module = sys.modules[Finder(place, changed).name]
            old = getattr(module, name)
            new: dict[str, Any] = dict(vars(module))
            exec(compile(ast.Module([node], []), place.file, "exec"), new)
            for other in [*sys.modules.values()]:
                if getattr(other, "__dict__", {}).get(name) is old:
                    setattr(other, name, new[name])


def pytest_options(tests: Sequence[str], slow: bool) -> list[str]:
    marked = "not browser" if slow else "not slow and not browser"
    return ["-q", "-n", "0", "-p", "no:cacheprovider", "-m", marked, *tests]


def in_place(drawn: Sequence[Place], slow: bool, jobs: int) -> Iterator[dict[str, Any]]:
    """Yield the record of each mutant, or the tests to run for those that need a new import."""
    pipe_out, pipe_in = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(pipe_out)
        pipe = open(pipe_in, "w", encoding="utf-8")  # noqa: SIM115

        def send(record: dict[str, Any]) -> None:
            pipe.write(json.dumps(record, default=lambda place: drawn.index(place)) + "\n")
            pipe.flush()

        try:
            _silence()
            import coverage
            import pytest

            rooms = {place.room for place in drawn}
            measured = coverage.Coverage(
                data_file=None, include=[f"{ROOT}/amurgeo/{room}/*" for room in rooms], config_file=False
            )
            # A test may execute no line of the rooms.
            measured.set_option("run:disable_warnings", ["no-data-collected"])
            measured.start()
            tests = dict.fromkeys(name for room in sorted(rooms) for name in TESTS[room])
            code = pytest.main(pytest_options([*tests], slow), plugins=[Trial(drawn, measured, send, jobs)])
            if code:
                send({"broken": [f"pytest ended with {code!r}"]})
        except BaseException as error:
            send({"broken": [repr(error)]})
        finally:
            os._exit(0)
    os.close(pipe_in)
    with open(pipe_out, encoding="utf-8") as pipe:
        for line in pipe:
            yield json.loads(line)
    os.waitpid(child, 0)


def _silence() -> None:
    with open(os.devnull, "w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)


class Ordered(Profile):
    """Plugin of pytest that runs tests in a given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.tests = {name: number for number, name in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Sort the tests."""
        items.sort(key=lambda item: self.tests.get(item.nodeid, len(self.tests)))


def imported_anew(place: Place, tests: Sequence[str], slow: bool) -> bool:
    """Return whether the tests fail with a change that is in place before the package is imported."""
    signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
    _silence()
    sys.meta_path[:0] = [Finder(place, mutated(place)[0])]
    import pytest

    options = pytest_options(TESTS[place.room], slow)
    return bool(pytest.main(["-x", *options], plugins=[Ordered(tests)]))


def equal_changes() -> dict[tuple[str, str, str], str]:
    """Return the reasons of changes without an effect, by file, text of the line and change."""
    with open(EQUAL, encoding="utf-8", newline="") as file:
        return {(row["file"], row["line"], row["change"]): row["reason"] for row in csv.DictReader(file)}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--number", type=int, default=100, help="mutants, as many of each room (100)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the places (1)")
    parser.add_argument("--only", help="a room, or a file as seasons/turns.py")
    parser.add_argument("--slow", action="store_true", help="run the slow tests as well")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (2)")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
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
    reasons = equal_changes()
    rows: dict[Place, dict[str, Any]] = {}
    for place in drawn:
        line = _source(place.file).splitlines()[place.line - 1].strip()
        change = mutated(place)[1]
        row = {"file": place.path, "line": place.line, "kind": place.kind, "text": line, "change": change}
        rows[place] = {**row, "equal": reasons.get((place.path, line, change))}
    tried = [place for place in drawn if not rows[place]["equal"]]
    later = []
    for record in in_place(tried, options.slow, options.jobs):
        if record.get("broken"):
            sys.exit(f"tests fail without any change; mend them first: {', '.join(record['broken'])}")
        if "tests" in record:
            later.append((tried[record["place"]], record["tests"]))
        elif "place" in record:
            _note(rows[tried[record["place"]]], record["by"])
    anew = [(place, partial(imported_anew, place, tests, options.slow)) for place, tests in later]
    for place, caught in _forked(anew, options.jobs):
        _note(rows[place], "tests after a new import" if caught in (True, None) else "")
    _report([*rows.values()], options)


def _note(row: dict[str, Any], by: str) -> None:
    """Add the outcome to the row of a mutant, and print it."""
    caught = by not in ("", NOT_REACHED)
    row |= {"caught": caught, "by": by}
    text = f"{row['file']}:{row['line']} ({row['kind']}) {row['change']} [{by}]"
    print("caught  " if caught else "SURVIVED", text, file=sys.stderr, flush=True)


def _report(rows: Sequence[dict[str, Any]], options: argparse.Namespace) -> None:
    """Print the shares and exit with 1 if too few mutants are caught."""
    judged = [row for row in rows if not row["equal"]]
    caught, equal = sum(row["caught"] for row in judged), len(rows) - len(judged)
    share = caught / max(1, len(judged))
    if options.json:
        answer = {
            "seed": options.seed,
            "mutants": len(judged),
            "caught": caught,
            "equal": equal,
            "rows": rows,
        }
        json.dump(answer, sys.stdout, indent=1)
        print()
    else:
        total, of = Counter[str](), Counter[str]()
        for row in judged:
            room = row["file"].partition("/")[0]
            total[room] += row["caught"]
            of[room] += 1
        for room in of:
            print(f"{room:10}{total[room]:4} of {of[room]:4}: {total[room] / of[room]:.0%}")
        print(f"{'all':10}{caught:4} of {len(judged):4}: {share:.0%} (required: {REQUIRED:.0%})")
        print(f"without an effect: {equal}")
    sys.exit(share < REQUIRED)


if __name__ == "__main__":
    main()
