"""The two banks at Blagoveshchensk and Heihe, and the dataset they are attached to."""

from __future__ import annotations

from pathlib import Path

import pytest

from amurgeo.network import Network
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.folder import BuiltArea
from amurgeo.osm.reading import RawArea, read_osm

BANKS = Path(__file__).with_name("banks.osm")


@pytest.fixture(scope="session")
def backbone(net: Network) -> Backbone:
    """The shipped dataset with its border."""
    return Backbone(net.tables, net.layer("border").geometry.union_all())


@pytest.fixture(scope="session")
def raw() -> RawArea:
    """The banks as read from the file."""
    return read_osm(BANKS)


@pytest.fixture(scope="session")
def area(raw: RawArea, backbone: Backbone) -> BuiltArea:
    """The banks attached to the dataset."""
    return build_area(raw, backbone, title="banks.osm", retrieved="2026-11-01")


@pytest.fixture(scope="session")
def folder(area: BuiltArea, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The banks as a folder of tables."""
    path = tmp_path_factory.mktemp("osm") / "banks"
    area.write(path, form="tables")
    return path
