"""The small dataset, and its network."""

from __future__ import annotations

from pathlib import Path

import pytest
import subset

import amurgeo as ag


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small dataset."""
    return subset.dataset(tmp_path_factory.mktemp("small") / "small")


@pytest.fixture(scope="session")
def net(dataset: Path) -> ag.Network:
    """The small network."""
    return ag.load(dataset=dataset)
