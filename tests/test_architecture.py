"""The rooms import only from the left, importing is quick, and public names are as promised."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import amurgeo

PACKAGE = Path(amurgeo.__file__).parent
#: From left to right; a room may import from itself and from rooms to its left.
ROOMS = (
    "_version",
    "errors",
    "text",
    "io",
    "results",
    "dataset",
    "network",
    "osm",
    "scenario",
    "seasons",
    "routing",
    "flows",
    "analysis",
    "comparison",
    "maps",
    "figures",
    "report",
    "export",
    "_check",
    "cli",
    "__main__",
)
#: Rooms that nothing but the command line imports.
LEAVES = ("osm", "cli")


def _imported_rooms(tree: ast.AST) -> set[str]:
    """Return the rooms that a file imports, type-checking blocks and function bodies included."""
    rooms = set()
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the room"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "import_module",
            "__import__",
        ):
            names = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        rooms |= {name.split(".")[1] for name in names if name.startswith("amurgeo.")}
    return rooms


def _calls_public_function(function: ast.FunctionDef) -> bool:
    """True if a method is no more than ``import amurgeo; return amurgeo.f(self, ...)``."""
    body = [node for node in function.body if not isinstance(node, ast.Expr)]
    return len(body) == 2 and isinstance(body[0], ast.Import) and isinstance(body[1], ast.Return)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_rooms_import_only_from_the_left() -> None:
    upward = []
    for path in _files():
        room = _room(path)
        assert room in ROOMS, f"{room} is not a room of the design"
        for imported in _imported_rooms(_tree(path)) & set(ROOMS):
            if ROOMS.index(imported) > ROOMS.index(room) or (
                imported in LEAVES and room not in (imported, "cli", "__main__")
            ):
                upward.append(f"{path.relative_to(PACKAGE)} imports {imported}")
    assert upward == []


def test_whole_package_is_imported_only_by_commands_and_methods_that_call_a_public_function() -> None:
    for path in _files():
        if _room(path) == "cli":
            continue
        tree = _tree(path)
        allowed = {
            id(function.body[-2])
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and _calls_public_function(function)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and any(alias.name == "amurgeo" for alias in node.names):
                assert id(node) in allowed, f"{path.relative_to(PACKAGE)}, line {node.lineno}"


def test_modules_import_each_other_in_one_direction() -> None:
    graph: dict[str, set[str]] = {}
    modules = {
        ".".join(("amurgeo", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in _files()
    }
    for module, path in modules.items():
        names = set()
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        graph[module] = {name for name in names & set(modules) if name != module}
    # Raises CycleError, which names the circle.
    TopologicalSorter(graph).prepare()


def test_modules_are_of_a_readable_size() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert len(lengths) <= 122
    assert {str(path.relative_to(PACKAGE)): n for path, n in lengths.items() if n > 450} == {}


def test_no_module_has_the_name_of_a_public_function() -> None:
    modules = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not modules & set(amurgeo.__all__)


def test_every_public_name_and_submodule_is_there() -> None:
    submodules = {"export", "figures", "flows", "maps", "osm", "report", "seasons"}
    assert set(dir(amurgeo)) == set(amurgeo.__all__) | submodules
    for name in dir(amurgeo):
        value = getattr(amurgeo, name)
        assert isinstance(value, ModuleType) == (name in submodules)
    with pytest.raises(AttributeError, match="nothing"):
        _ = amurgeo.nothing


def test_importing_loads_no_heavy_library() -> None:
    heavy = (
        "pandas",
        "numpy",
        "geopandas",
        "folium",
        "networkx",
        "osmnx",
        "scipy",
        "pydantic",
        "matplotlib",
        "click",
    )
    code = f"import sys, amurgeo; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_no_heavy_library() -> None:
    heavy = (
        "pandas",
        "numpy",
        "geopandas",
        "folium",
        "networkx",
        "osmnx",
        "scipy",
        "pydantic",
        "matplotlib",
        "rich",
    )
    code = f"""
import sys
from amurgeo.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_a_state_loads_no_library_that_it_does_not_need() -> None:
    code = """
import sys
from amurgeo.cli import main
try:
    main(["state", "--on", "2026-02-10", "--format", "json"])
except SystemExit:
    pass
heavy = ("geopandas", "folium", "osmnx", "matplotlib", "networkx", "scipy", "shapely", "pyproj")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
