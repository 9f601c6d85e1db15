"""An area with many seasonal roads is solved per set of open seasons, with the same times to the second."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.routing import engine
from amurgeo.routing.matrix import Matrix, solve

ORIGINS = ["blagoveshchensk", "ust_nyukzha", "vvedenovka", "heihe"]
DESTINATIONS = ["harbin", "heihe", "yuktali", "ogodzha"]
DAYS = [f"2026-{month:02d}-{day}" for month in (1, 3, 4, 7, 10, 11, 12) for day in ("05", "20")]


@pytest.fixture
def many(net: ag.Network, monkeypatch: pytest.MonkeyPatch) -> ag.Network:
    """The shipped network, treated as one with too many seasonal roads."""
    monkeypatch.setattr(engine, "FEW_SEASONAL", 0)
    return ag.Network(net.tables)


def _few(net: ag.Network, day: str) -> Matrix:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW_SEASONAL", 10_000)
        return solve(net, net.state(day), "truck_20t", ORIGINS, DESTINATIONS)


def test_every_day_has_the_same_times_and_crossings(net: ag.Network, many: ag.Network) -> None:
    answers = set()
    for day in DAYS:
        few = _few(net, day)
        found = solve(many, many.state(day), "truck_20t", ORIGINS, DESTINATIONS)
        np.testing.assert_array_equal(found.seconds, few.seconds)
        np.testing.assert_array_equal(found.first, few.first)
        np.testing.assert_array_equal(found.by_arc, few.by_arc)
        answers.add(found.seconds.tobytes())
    assert len(answers) >= 3


def test_distances_are_kept_per_set_of_open_seasons(
    many: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "KEPT", 2)
    network = engine.vehicle_network(many, "truck_20t")
    seasons = {network.folded(many.state(day).open_seasons): many.state(day).open_seasons for day in DAYS}
    assert len(seasons) > engine.KEPT
    for opened in seasons.values():
        distances = network.distances(ORIGINS, DESTINATIONS, opened)
        assert network.distances(ORIGINS, DESTINATIONS, opened) is distances
        # Open roads are part of the static network, closed ones are left out.
        assert distances.land.shape == (
            len(ORIGINS) + distances.n_border,
            len(DESTINATIONS) + distances.n_border,
        )
    assert len(network._kept) == engine.KEPT


def test_a_sweep_adds_up_what_the_sets_of_open_seasons_give(net: ag.Network, many: ag.Network) -> None:
    # The same scenario twice stays two scenarios.
    scenarios = ["baseline", "no_bridge", "no_bridge"]
    found = ag.sweep(many, scenarios, DAYS, origins=ORIGINS, destinations=DESTINATIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW_SEASONAL", 10_000)
        few = ag.sweep(net, scenarios, DAYS, origins=ORIGINS, destinations=DESTINATIONS)
    pd.testing.assert_frame_equal(found, few)
    assert len(found) == 3 * len(ORIGINS) * len(DESTINATIONS)


@pytest.mark.parametrize("day", ["2026-02-10", "2026-04-10", "2026-11-20"])
def test_a_departure_arrives_at_the_same_minute(net: ag.Network, many: ag.Network, day: str) -> None:
    found = ag.routes(many, "ust_nyukzha", "harbin", depart_at=f"{day}T08:00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW_SEASONAL", 10_000)
        few = ag.routes(net, "ust_nyukzha", "harbin", depart_at=f"{day}T08:00")
    assert found.departure is not None
    assert found.departure == few.departure
