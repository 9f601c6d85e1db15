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
DAYS = ["2026-01-05", "2026-03-20", "2026-04-05", "2026-07-20", "2026-12-05"]


@pytest.fixture
def many(net: ag.Network, monkeypatch: pytest.MonkeyPatch) -> ag.Network:
    """The shipped network, treated as one with too many seasonal roads."""
    monkeypatch.setattr(engine, "FEW_SEASONAL", 0)
    return ag.Network(net.tables)


def _few(net: ag.Network, day: str) -> Matrix:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW_SEASONAL", 10_000)
        return solve(net.state(day), "truck_20t", ORIGINS, DESTINATIONS)


@pytest.mark.slow
def test_every_day_has_the_same_times_and_crossings(net: ag.Network, many: ag.Network) -> None:
    answers = set()
    for day in DAYS:
        few = _few(net, day)
        found = solve(many.state(day), "truck_20t", ORIGINS, DESTINATIONS)
        np.testing.assert_array_equal(found.seconds, few.seconds)
        np.testing.assert_array_equal(found.first, few.first)
        np.testing.assert_array_equal(found.by_arc, few.by_arc)
        answers.add(found.seconds.tobytes())
    assert len(answers) >= 3


def test_networks_are_kept_per_set_of_open_seasons(many: ag.Network) -> None:
    seasons = {many.state(day).roads for day in DAYS}
    assert len(seasons) > engine.KEPT_LARGE
    sizes = set()
    for opened in seasons:
        network = engine.vehicle_network(many, "truck_20t", opened)
        assert engine.vehicle_network(many, "truck_20t", opened) is network
        # Open roads are part of the static network, closed ones are left out.
        assert not len(network.season)
        sizes.add(network.graph.n_static)
    assert len(sizes) > 1
    assert len(many.cache["vehicle_network", "truck_20t"]) == engine.KEPT_LARGE


def test_trains_use_no_truck_legs_over_closed_winter_roads(net: ag.Network) -> None:
    summer, winter = (
        ag.od_matrix(net, ["ust_nyukzha", "Tynda"], ["Harbin"], on=day, vehicle="train")["harbin"]
        for day in ("2026-07-15", "2026-02-10")
    )
    assert summer.notna().tolist() == [False, True]
    assert winter.notna().all()


@pytest.mark.slow
def test_a_sweep_adds_up_what_the_sets_of_open_seasons_give(net: ag.Network, many: ag.Network) -> None:
    scenarios = ["baseline", "no_bridge"]
    found = ag.sweep(many, scenarios, DAYS, origins=ORIGINS, destinations=DESTINATIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW_SEASONAL", 10_000)
        few = ag.sweep(net, scenarios, DAYS, origins=ORIGINS, destinations=DESTINATIONS)
    pd.testing.assert_frame_equal(found, few)
    assert len(found) == 2 * len(ORIGINS) * len(DESTINATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("day", ["2026-02-10", "2026-04-10"])
def test_a_departure_arrives_at_the_same_minute(net: ag.Network, many: ag.Network, day: str) -> None:
    found = ag.routes(many, "ust_nyukzha", "harbin", depart_at=f"{day}T08:00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW_SEASONAL", 10_000)
        few = ag.routes(net, "ust_nyukzha", "harbin", depart_at=f"{day}T08:00")
    assert found.departure is not None
    assert found.departure == few.departure


def test_one_more_entry_has_room_once_the_oldest_is_forgotten() -> None:
    for most, left in ((4, [1, 2, 3]), (3, [2, 3]), (1, [])):
        cache = dict.fromkeys((1, 2, 3))
        engine._make_room(cache, most)
        assert list(cache) == left


def test_days_share_a_network_if_its_seasonal_roads_are_arcs_that_change(net: ag.Network) -> None:
    winter, summer = (net.state(day).roads for day in ("2026-02-10", "2026-07-15"))
    assert winter != summer
    truck = engine.vehicle_network(net, "truck_20t", winter)
    assert engine.vehicle_network(net, "truck_20t", summer) is truck
    assert engine.vehicle_network(net, "train", summer) is not engine.vehicle_network(net, "train", winter)
    assert len(truck.season) > 0
    assert truck.graph.n_static + truck.graph.n_border + len(truck.season) == len(truck.edges)
    assert set(truck.season) <= set(net.edges["season"]) - {""}
    assert not truck.alone.any()
