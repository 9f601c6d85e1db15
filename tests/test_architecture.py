"""The rooms import only from the left, importing is quick, and public names are as promised."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import amurgeo

PACKAGE = Path(amurgeo.__file__).parent
#: From left to right; a room may import from itself and from rooms to its left.
ROOMS = (
    "_version",
    "errors",
    "arguments",
    "text",
    "dataset",
    "osm",
    "network",
    "scenario",
    "costs",
    "seasons",
    "routing",
    "analysis",
    "comparison",
    "maps",
    "sheet",
    "export",
    "_versions",
    "cli",
    "__main__",
)
#: The only imports to the right; each stands inside a method.
TO_THE_RIGHT = {("network", "scenario"), ("network", "seasons"), ("comparison", "maps")}


def _imports(path: Path) -> set[tuple[str, bool]]:
    """Rooms of amurgeo that a file imports, and whether the import stands inside a function."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    typing_only = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and getattr(test.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(test)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        names = (
            [node.module]
            if isinstance(node, ast.ImportFrom) and node.module
            else [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        for name in names:
            parts = name.split(".")
            if parts[0] == "amurgeo" and len(parts) > 1:
                found.add((parts[1], id(node) in inside))
    return found


def _files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_the_left(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert room in ROOMS, f"{room} is no room of the design"
    for other, inside in _imports(path):
        allowed = ROOMS.index(other) <= ROOMS.index(room) or ((room, other) in TO_THE_RIGHT and inside)
        assert allowed, f"{room} imports {other} from its right"


def test_no_module_bears_the_name_of_a_public_function() -> None:
    modules = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not modules & set(amurgeo.__all__)


def test_every_public_name_is_there() -> None:
    for name in amurgeo.__all__:
        assert getattr(amurgeo, name) is not None
    assert set(dir(amurgeo)) == set(amurgeo.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
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


def test_state_and_compare_load_no_library_that_they_do_not_need() -> None:
    code = """
import sys
from amurgeo.cli import main
try:
    main(["state", "--on", "2026-02-10", "--format", "json"])
except SystemExit:
    pass
print([name for name in ("geopandas", "folium", "osmnx", "matplotlib", "networkx") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
