"""Public names: what they are, that they are documented in full, and that nothing else becomes public."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import amurgeo as ag

PACKAGE = Path(ag.__file__).parent
SCRIPT = Path(__file__).with_name("typing_script.py")
#: Names of each public module; a new one is a promise and is added here, to the reference and to
#: tests/typing_script.py.
PUBLIC = {
    "amurgeo": {
        "__version__", "access", "add_crossing", "add_road", "AmurgeoError", "border_hours", "brief",
        "Briefing", "calendar", "capacity", "catchments", "Change", "check", "CheckResult", "close",
        "compare", "Comparison", "criticality", "daily", "DataError", "Dates", "dates", "delay", "Dependence",
        "dependence", "Ensemble", "ensemble", "equity", "exits", "Exits", "Fault", "forecast", "gaps",
        "graph", "InputError", "limit", "load", "Measures", "measures", "Network", "new", "next_changes",
        "od_matrix", "open", "promise", "Promise", "queues", "Queues", "record", "redundancy", "Route",
        "Routes", "routes", "Scenario", "scenario_names",
        "score_forecasts", "show_versions", "speed", "state", "State", "States", "states", "sweep", "wait",
        "warming",
    },
    "amurgeo.export": {"write", "write_tables"},
    "amurgeo.figures": {
        "access_figure", "calendar_figure", "capacity_figure", "compare_figure", "critical_figure",
        "curve_figure", "dependence_figure", "equity_figure", "measures_figure", "network_figure",
        "promise_figure", "queue_figure", "routes_figure", "tcd_figure",
    },
    "amurgeo.flows": {"Queues", "capacity", "capacity_curve", "queues", "room", "room_sentence"},
    "amurgeo.maps": {
        "access_map", "critical_map", "page",
    },
    "amurgeo.osm": {"BuiltArea", "FetchError", "NODE_TAGS", "WAY_TAGS", "fetch", "read"},
    "amurgeo.report": {"decision_sheet", "write"},
    "amurgeo.seasons": {
        "Season", "bearing_mass_t", "ice_winter", "required_thickness_cm", "safe_days", "season",
        "season_shift", "winter_temperatures",
    },
}  # fmt: skip
#: Modules that are not public although their names do not begin with an underscore.
INNER = (
    "analysis", "cli", "comparison", "dataset", "errors", "io", "network", "results", "routing", "scenario",
    "text",
)  # fmt: skip
#: Methods that all results have, with the same arguments; the reference describes them once.
CONVERSIONS = (
    "to_frame", "to_gdf", "to_dict", "records", "sentences", "map", "figure", "graph", "state", "admission",
)  # fmt: skip
#: Values that users make and pass on, but do not read.
OPAQUE = ("Change",)
#: First words of a docstring that are no imperative.
_DESCRIPTIVE = re.compile(r"(The|An?|This|It|Returns|Gets?|Whether)\b")


def _modules() -> dict[str, ModuleType]:
    names = [name.partition(".")[2] for name in PUBLIC if "." in name]
    return {"amurgeo": ag} | {f"amurgeo.{name}": getattr(ag, name) for name in names}


def _members(class_: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties that a class defines."""
    for base in class_.__mro__:
        if not base.__module__.startswith("amurgeo"):
            continue
        for name, value in vars(base).items():
            kinds = (property, cached_property, classmethod, staticmethod)
            if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, kinds)):
                yield name, value


def _documented() -> dict[str, Any]:
    """Return the public functions, classes, methods and properties by their full names."""
    found: dict[str, Any] = {}
    for module_name, module in _modules().items():
        for name in sorted(PUBLIC[module_name]):
            value = getattr(module, name)
            if inspect.isclass(value):
                found[f"{module_name}.{name}"] = value
                if not issubclass(value, Exception) and name not in OPAQUE:
                    found |= {f"{module_name}.{name}.{key}": member for key, member in _members(value)}
            elif callable(value):
                found[f"{module_name}.{name}"] = value
    return found


DOCUMENTED = _documented()


def sections(text: str) -> dict[str, str]:
    """Split a numpy docstring into its sections; the summary is under an empty name."""
    parts = re.split(r"\n([A-Z][A-Za-z ]+)\n-+\n", "\n" + inspect.cleandoc(text) + "\n")
    return {"": parts[0].strip(), **dict(zip(parts[1::2], parts[2::2], strict=True))}


def _items(section: str) -> set[str]:
    """Return the names that a section of parameters lists."""
    heads = re.findall(r"^(\S.*?)(?: : .*)?$", section, re.MULTILINE)
    return {name.strip(" *") for head in heads for name in head.split(",")}


def _function(member: Any) -> Callable[..., Any] | None:
    """Return the function of a method or function; None for a property."""
    if isinstance(member, classmethod | staticmethod):
        return member.__func__
    return member if inspect.isfunction(member) else None


def _raises(function: Callable[..., Any]) -> bool:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(isinstance(node, ast.Raise) for node in ast.walk(tree))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_docstring_is_complete(name: str) -> None:
    member = DOCUMENTED[name]
    doc = inspect.getdoc(member)
    assert doc, "no docstring"
    parts = sections(doc)
    summary = parts[""].splitlines()[0]
    assert summary.endswith("."), "the first line is no sentence"
    function = _function(member)
    if function is None:
        return
    assert not _DESCRIPTIVE.match(summary), "the first line is no imperative"
    if name.rpartition(".")[2] in CONVERSIONS and name.count(".") > 1:
        return
    signature = inspect.signature(function)
    missing = {name for name in signature.parameters if name not in ("self", "cls")}
    missing -= _items(parts.get("Parameters", ""))
    assert not missing, f"parameters without a description: {sorted(missing)}"
    if signature.return_annotation not in ("None", None):
        assert "Returns" in parts, "no section Returns"
    if _raises(function):
        assert "Raises" in parts, "no section Raises"
    assert doctest.DocTestParser().get_examples(doc), "no example"


def test_public_names_are_the_listed_ones() -> None:
    modules = _modules()
    submodules = {name.partition(".")[2] for name in PUBLIC if "." in name}
    assert set(dir(ag)) == PUBLIC["amurgeo"] | submodules
    for name, module in modules.items():
        assert set(module.__all__) == PUBLIC[name], name
        assert set(dir(module)) >= PUBLIC[name]


def test_every_module_is_public_or_inner() -> None:
    rooms = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    public = {name.partition(".")[2] for name in PUBLIC if "." in name}
    assert {room for room in rooms if not room.startswith("_")} == public | set(INNER)
    text = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.search(r"^Inner modules: (.*?)\.", text, re.MULTILINE | re.DOTALL)
    assert listed
    assert set(re.findall(r"`(\w+)`", listed.group(1))) == set(INNER)


def test_the_reference_lists_every_public_name() -> None:
    text = (PACKAGE.parent / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   (amurgeo[\w.]+)$", text, re.MULTILINE))
    # Names of a submodule that are also those of the package are listed once.
    expected = {
        f"{module}.{name}"
        for module, names in PUBLIC.items()
        for name in names
        if module == "amurgeo" or name not in PUBLIC["amurgeo"]
    }
    assert expected - listed == {"amurgeo.__version__"}
    assert listed <= expected


def test_pages_and_examples_use_public_names_only() -> None:
    """Whoever copies an example relies on names that stay; those who write a dataset need more."""
    root = PACKAGE.parent
    pages = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "examples").glob("*.py")]
    pages = [page for page in pages if page.stem not in ("another-border", "scenario-file")]
    inner = []
    for page in pages:
        for line in re.findall(
            r"^(?:from|import) amurgeo\.\S+.*$", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found = re.match(r"from (\S+) import (.+)", line)
            names = found.group(2).split(", ") if found else [line]
            module = PUBLIC.get(found.group(1), set()) if found else set()
            inner += [f"{page.name}: {line}" for name in names if name not in module]
    assert inner == []


def test_the_typed_script_uses_every_public_name() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = {f"{module}.{name}" for module, public in PUBLIC.items() for name in public}
    assert {name.replace("amurgeo", "ag", 1) for name in names} - used == set()


@pytest.mark.slow
def test_the_typed_script_passes_the_strict_type_checker(tmp_path: Path) -> None:
    """As for a user who has installed the package: its annotations are all that mypy sees."""
    shutil.copy(SCRIPT, tmp_path / "script.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "script.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
