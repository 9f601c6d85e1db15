"""The small network and its states, and one browser for the whole session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from small import SmallNet, SmallState, small_states, small_year
from watching import FLAGS, Watched, chromium


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium for all tests; skipped where there is none, but not in CI."""
    path = chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        why = "needs Chromium and playwright: install both to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    page = Watched(browser)
    yield page
    page.context.close()
