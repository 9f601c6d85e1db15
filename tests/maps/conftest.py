"""One saved page that all browser tests open with links of their own, and pages that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import Watched

import amurgeo as ag


@pytest.fixture(scope="session")
def found(net: ag.Network) -> Any:
    """Routes with the bridge closed: the question of the saved page."""
    return ag.routes(net, "belogorsk", "heihe", on="2026-02-20", scenario="kani_kurgan:bridge close")


@pytest.fixture(scope="session")
def saved(found: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "routes.html"
    found.map().save(path)
    return path


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    page = Watched(browser)
    yield page
    page.context.close()
