"""Periods and their states: what a question asks for, and which days share a state."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from bare_network import BRIDGE, FERRY, PONTOON, noted

import amurgeo as ag
from amurgeo.scenario import Scenario
from amurgeo.seasons.daily import (
    CALENDAR,
    asked_period,
    period_scenario,
    period_scenarios,
    refuse_regime,
    year_days,
)


def test_a_question_is_of_a_day_a_year_or_a_period() -> None:
    assert asked_period(None, None, None, None) is None
    assert asked_period("2026-02-10", None, None, None) is None
    assert asked_period(None, 2024, None, None) == (date(2024, 1, 1), date(2024, 12, 31))
    assert asked_period(None, None, "2026-02-10", "12.02.2026") == (date(2026, 2, 10), date(2026, 2, 12))
    for given, text in (
        (("2026-02-10", 2026, None, None), "ambiguous"),
        (("2026-02-10", None, "2026-02-10", None), "ambiguous"),
        (("2026-02-10", None, None, "2026-02-10"), "ambiguous"),
        ((None, 2026, "2026-02-10", "2026-02-11"), "ambiguous"),
        ((None, None, "2026-02-10", None), "expected both ends"),
        ((None, None, None, "2026-02-10"), "expected both ends"),
    ):
        with pytest.raises(ag.InputError, match=text):
            asked_period(*given)


def test_a_year_has_its_days_and_lies_in_the_calendar() -> None:
    for year, length in ((1980, 366), (2023, 365), (2100, 365)):
        days = year_days(year)
        assert (str(days[0]), str(days[-1]), len(days)) == (f"{year}-01-01", f"{year}-12-31", length)
    for year in (1979, 2101):
        with pytest.raises(ag.InputError, match="year"):
            year_days(year)


def test_scenarios_of_a_period_are_there_once_and_no_regimes(bare: ag.Network) -> None:
    shut = Scenario("shut", changes=[ag.close(BRIDGE)])
    assert [one.name for one in period_scenarios(bare, [None, shut])] == ["baseline", "shut"]
    for given in ([], [shut, shut], [None, shut, "baseline"]):
        with pytest.raises(ag.InputError, match="at least one, and each once"):
            period_scenarios(bare, given)
    with pytest.raises(ag.InputError, match="'mine' is a regime with one day"):
        period_scenarios(bare, [Scenario("mine", day=(2, 10))])
    refuse_regime(Scenario("then", world=2015))
    assert period_scenario(bare, shut).assume is None
    gap = noted(bare, gaps=({"first": "2021-06-01", "until": "2021-06-03"},))
    assert period_scenario(gap, shut, year_days(2021), "open").assume == "open"
    assert period_scenario(gap, shut, year_days(2021)).assume is None


def test_days_share_a_state_if_and_only_if_all_services_and_roads_are_alike(bare: ag.Network) -> None:
    """A stop of one day, a limit of a road, and a wait make three further states."""
    changes = [
        ag.wait(BRIDGE, 5, "2026-01-03", "2026-01-04"),
        ag.limit("north--blagoveshchensk", 9, "2026-01-06", "2026-01-06"),
        ag.close(BRIDGE, "2026-01-09", "2026-01-09"),
    ]
    run = ag.states(bare, "2026-01-01", "2026-01-12", scenario=Scenario("x", changes=changes))
    # The pontoon opens on the tenth.
    assert run.which.tolist() == [0, 0, 1, 1, 0, 2, 0, 0, 3, 4, 4, 4]
    assert [str(state.on)[8:] for state in run.states] == ["01", "03", "06", "09", "10"]
    assert [len(run), len(list(run))] == [12, 12]
    assert [state.on for state in run] == [date(2026, 1, number) for number in range(1, 13)]
    assert repr(run) == "States(2026-01-01 to 2026-01-12, x, 12 days)"


def test_a_state_is_found_by_its_own_date_alone(bare: ag.Network) -> None:
    run = ag.states(bare, ["2026-01-01", "2026-01-05", "2026-01-03"])
    assert [str(run[day].on) for day in ("2026-01-01", 1, -1)] == ["2026-01-01", "2026-01-03", "2026-01-05"]
    for day in ("2025-12-31", "2026-01-02", "2026-01-06"):
        with pytest.raises(ag.InputError, match="expected one of 3 days from 2026-01-01 on"):
            run[day]
    with pytest.raises(IndexError):
        run[3]


def test_probabilities_are_of_one_kind_of_traffic(bare: ag.Network) -> None:
    run = ag.states(bare, "2026-01-08", "2026-01-13")
    for traffic in ("cargo", "passenger"):
        found = run.probability_open(traffic)
        rows = run.to_frame().query("traffic == @traffic")
        assert list(found) == rows["crossing"].drop_duplicates().tolist()
        for crossing, chances in found.items():
            assert chances.tolist() == rows.loc[rows["crossing"] == crossing, "probability_open"].tolist()
    # With a standard deviation of half a day the opening is 0.84 likely on its day, and sure on the next.
    assert found[PONTOON].round(2).tolist() == [0.0, 0.16, 0.84, 0.98, 0.98, 0.98]
    with pytest.raises(ag.InputError, match="unknown traffic"):
        run.probability_open("both")


def test_unknown_crossings_are_those_of_some_day_and_of_the_traffic_of_a_vehicle(bare: ag.Network) -> None:
    gap = {"first": "2026-06-02", "until": "2026-06-02", "crossings": FERRY}
    net = noted(bare, gaps=(gap,))
    run = ag.states(net, "2026-06-01", "2026-06-03")
    assert run.unknown() == run.unknown("truck_20t") == (FERRY,)
    assert run.unknown("bus") == ()
    assert [state.unknown() for state in run] == [(), (FERRY,), ()]
    assert ag.states(net, "2026-06-01", "2026-06-01").unknown() == ()


def test_a_frame_has_the_days_of_each_service_in_a_row(bare: ag.Network) -> None:
    run = ag.states(bare, "2026-01-09", "2026-01-10")
    frame = run.to_frame()
    assert frame["date"].dt.day.tolist() == [9, 10] * len(bare.base["services"])
    keys = [*zip(frame["crossing"], frame["traffic"], strict=True)]
    assert keys == [key for key in bare.base["services"].index for _ in range(2)]
    assert list(run.to_dict()[0]) == list(CALENDAR)
    calendar = ag.calendar(bare, 2026)
    assert calendar.columns.tolist() == list(CALENDAR)
    assert len(calendar) == 365 * len(bare.base["services"])
    row = calendar[(calendar["crossing"] == PONTOON) & (calendar["traffic"] == "cargo")]
    opened = row.loc[row["status"] != "closed", "date"]
    # Open until the chance falls below a half: half a day after the median.
    assert opened.agg(["min", "max"]).tolist() == [pd.Timestamp("2026-01-10"), pd.Timestamp("2026-04-09")]
