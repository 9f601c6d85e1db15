"""The small network and its states, and pages that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from small import SmallNet, SmallState, small_states, small_year
from watching import Watched


@pytest.fixture(scope="session")
def net() -> SmallNet:
    return SmallNet()


@pytest.fixture(scope="session")
def states() -> list[SmallState]:
    return small_states()


@pytest.fixture(scope="session")
def year_days() -> pd.DataFrame:
    """A calendar of 2026 as `amurgeo.calendar` returns it."""
    return small_year()


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    page = Watched(browser)
    yield page
    page.context.close()
