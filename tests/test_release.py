"""The release: archives of equal bytes, the bill of materials, and licences."""

from __future__ import annotations

import importlib.util
import io
import sys
import tarfile
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / "data" / "build" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["release"] = module
    spec.loader.exec_module(module)
    return module


def _archive(names: list[str], *, mtime: int, mode: int, owner: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode, member.uname = len(name), mtime, mode, owner
            archive.addfile(member, io.BytesIO(name.encode()))
    return file.getvalue()


def test_an_archive_is_the_same_whoever_packs_it_and_when(release: ModuleType) -> None:
    one = _archive(["a/b.py", "a/c.py"], mtime=5, mode=0o600, owner="one")
    other = _archive(["a/c.py", "a/b.py"], mtime=99, mode=0o664, owner="other")
    packed = release.normalized(one, 1_764_374_400)
    assert packed == release.normalized(other, 1_764_374_400)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = archive.getmembers()
        assert [member.name for member in members] == ["a/b.py", "a/c.py"]
        assert {member.mtime for member in members} == {1_764_374_400}
        content = archive.extractfile("a/c.py")
        assert content is not None
        assert content.read() == b"a/c.py"


def test_the_bill_has_what_the_package_needs_and_no_extras(release: ModuleType) -> None:
    packages = release.needed()
    assert {"amurgeo", "pandas", "geopandas", "markupsafe"} <= set(packages)
    assert not {"pytest", "weasyprint", "sphinx"} & set(packages)
    bill = release.bill(packages, 1_764_374_400)
    assert bill == release.bill(packages, 1_764_374_400)
    assert bill["metadata"]["component"]["name"] == "amurgeo"
    references = {one["bom-ref"] for one in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in bill["dependencies"]} == references
    assert set().union(*(one["dependsOn"] for one in bill["dependencies"])) <= references
    assert all(one["purl"].endswith(f"@{one['version']}") for one in bill["components"])


def test_no_dependency_asks_to_open_what_uses_it(release: ModuleType) -> None:
    assert list(release.refused(package for package, _ in release.needed().values())) == []


@pytest.mark.parametrize(
    ("fields", "is_refused"),
    [
        ({"License-Expression": "GPL-3.0-or-later"}, True),
        ({"License": "AGPLv3"}, True),
        ({"Classifier": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"}, True),
        ({"License-Expression": "LGPL-2.1-only"}, False),
        ({"Classifier": "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)"}, False),
        ({"License": "BSD License"}, False),
        ({}, True),
    ],
)
def test_a_licence_is_read_from_each_field(
    release: ModuleType, fields: dict[str, str], is_refused: bool
) -> None:
    metadata = Message()
    for name, value in {"Name": "other", **fields}.items():
        metadata[name] = value
    package = cast(Distribution, SimpleNamespace(metadata=cast(Any, metadata)))
    assert bool(list(release.refused([package]))) == is_refused
