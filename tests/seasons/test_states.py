"""The states of a period are those of its days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag

SLOW = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario", [None, pytest.param("late_ice_3w", marks=SLOW), pytest.param("paper_2010", marks=SLOW)]
)
def test_a_period_is_its_days_one_by_one(net: ag.Network, scenario: str | None) -> None:
    days = pd.to_datetime(["2024-12-20", "2026-02-15", "2026-02-17", "2026-04-26", "2026-11-15"])
    run = ag.states(net, days, scenario=scenario)
    assert len(run) == len(days)
    for day, state in zip(days, run, strict=True):
        alone = ag.state(net, day, scenario=scenario)
        assert state.to_dict() == alone.to_dict()
        assert run.states[run.which[list(days).index(day)]].graph().number_of_edges() == (
            alone.graph().number_of_edges()
        )


def test_a_state_is_found_by_date_or_position(net: ag.Network) -> None:
    run = ag.states(net, "2026-07-01", "2026-07-31")
    assert run["2026-07-15"].to_dict() == run[14].to_dict() == run[-17].to_dict()
    assert run[date(2026, 7, 15)].on == run[pd.Timestamp("2026-07-15 08:30")].on == date(2026, 7, 15)
    with pytest.raises(ag.InputError, match="2026-08-01"):
        run["2026-08-01"]
    frame = run.to_frame()
    assert len(frame) == 31 * len(run[0].crossings)
    assert not frame.duplicated(["date", "crossing", "traffic"]).any()
    assert frame["date"].dtype.kind == "M"


def test_equal_days_share_a_state(net: ag.Network) -> None:
    run = ag.states(net, "2026-01-01", "2026-12-31")
    assert len(run.states) < 60
    assert (np.diff([state.on.toordinal() for state in run.states]) > 0).all()


@pytest.mark.parametrize(
    "on",
    [date(2026, 2, 10), datetime(2026, 2, 10, 9), pd.Timestamp("2026-02-10"), np.datetime64("2026-02-10")],
)
def test_a_day_is_given_in_any_type(net: ag.Network, on: Any) -> None:
    assert ag.state(net, on).on == date(2026, 2, 10)


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (("2026-02-10", "2026-02-09"), "before it begins"),
        (("2026-02-10",), "list of days"),
        ((["2026-02-10"], "2026-02-11"), "list of days"),
        (([],), "1 to 3660"),
        (("2000-01-01", "2020-01-01"), "ten years"),
        ((pd.NaT, "2026-02-10"), "date"),
    ],
)
def test_invalid_periods_raise(net: ag.Network, days: Any, says: str) -> None:
    with pytest.raises(ag.InputError, match=says):
        ag.states(net, *days)
    if len(days) == 2:
        with pytest.raises(ag.InputError, match="regime"):
            ag.states(net, "2026-02-10", "2026-02-11", scenario="frozen")


def test_a_day_has_one_chance_in_every_period(net: ag.Network) -> None:
    warm = ag.Scenario("warm", changes=[ag.warming(2.0)])
    alone = net.state("2025-12-09", scenario=warm).crossings
    within = ag.states(net, "2025-12-09", "2026-01-02", scenario=warm)["2025-12-09"].crossings
    assert within["probability_open"].tolist() == alone["probability_open"].tolist()
