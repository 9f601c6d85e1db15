"""What tests of seasons share: the six places with little on record."""

from __future__ import annotations

import pytest
from bare_network import bare_network

import amurgeo as ag


@pytest.fixture(scope="session")
def bare(six: ag.Network) -> ag.Network:
    """The six places with typical windows, a seasonal road, and nothing on record."""
    return bare_network(six)
