"""The packaging: tested oldest dependencies, and files of the package."""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import amurgeo
from amurgeo import DataError, Fault, show_versions

ROOT = Path(__file__).resolve().parents[1]
#: Extras for users; tools of the tests and of the site may be of any age.
EXTRAS = ("distributed", "export", "pdf")


def _bounds() -> dict[str, Requirement]:
    """Requirements of users by name of package."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = [config["options"]["install_requires"]]
    listed += [config["options.extras_require"][name] for name in EXTRAS]
    requirements = [Requirement(line) for text in listed for line in text.split("\n") if line]
    return {requirement.name: requirement for requirement in requirements}


def _pins() -> dict[str, Requirement]:
    lines = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if not line.startswith("#")]
    return {requirement.name: requirement for requirement in requirements}


BOUNDS, PINS = _bounds(), _pins()


def test_every_dependency_is_pinned_and_nothing_else() -> None:
    # The scheduler of dask has the same version.
    assert set(PINS) == set(BOUNDS) | {"distributed"}
    assert str(PINS["distributed"].specifier) == str(PINS["dask"].specifier)


def test_the_tested_release_is_the_oldest_allowed() -> None:
    for name, requirement in BOUNDS.items():
        (bound,), (pin,) = requirement.specifier, PINS[name].specifier
        assert (bound.operator, pin.operator) == (">=", "=="), name
        assert requirement.specifier.contains(pin.version), name
        oldest, tested = Version(bound.version), Version(pin.version)
        assert (tested.major, tested.minor) == (oldest.major, oldest.minor), name


def test_every_folder_of_modules_is_packaged() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    packages = set(config["options"]["packages"].split()) - {"amurgeo._geo"}
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "amurgeo").rglob("__init__.py")}
    assert {".".join(folder.parts) for folder in folders} == packages


def test_every_file_beside_the_modules_is_packaged() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    folders = {name: ROOT / name.replace(".", "/") for name in config["options"]["packages"].split()}
    folders["amurgeo._geo"] = ROOT / "data" / "geo"
    packaged = {
        path
        for name, patterns in config["options.package_data"].items()
        for pattern in patterns.split(", ")
        for path in folders[name].glob(pattern)
    }
    there = {path for path in (ROOT / "amurgeo").rglob("*") if path.is_file()}
    there |= {path for path in folders["amurgeo._geo"].rglob("*") if path.is_file()}
    left = {path for path in there - packaged if path.suffix not in (".py", ".pyc")}
    assert sorted(str(path.relative_to(ROOT)) for path in left) == []


def test_versions_are_those_of_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = show_versions()
    assert {"click", "osmium", "opening-hours-py", "pandas"} <= set(versions.dependencies)
    assert {"dask", "openpyxl", "pyarrow"} <= set(versions.optional)
    assert all(versions.dependencies.values())
    assert versions.rows == {name: len(table) for name, table in amurgeo.load().base.items()}
    assert versions.to_dict()["record_until"] == amurgeo.load().record_until.isoformat()
    assert str(ROOT) not in str(versions)


def test_versions_are_shown_if_data_or_packages_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise DataError([Fault("places.csv", 7, "lat", "range", "invalid latitude")])

    monkeypatch.setattr("amurgeo.network.load", broken)
    versions = show_versions()
    assert (versions.record_until, versions.rows) == (None, {})
    assert "unknown: places.csv, row 7" in str(versions)
    assert "not installed" in str(replace(versions, optional={"numba": None}))
