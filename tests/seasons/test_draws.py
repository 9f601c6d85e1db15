"""Draws of a period, on six places with typical windows and little on record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from bare_network import BRIDGE, FERRY, ICE, ORIGIN, PONTOON, noted

import amurgeo as ag
from amurgeo.seasons.ensemble import BEFORE_DAYS, MOST_DRAWS, TAIL_DAYS, openings

HOVERCRAFT = "blagoveshchensk:hovercraft"
ALL = {"n": 250, "seed": 1}


@pytest.fixture(scope="module")
def bare(bare: ag.Network) -> ag.Network:
    return noted(bare, f"open 2012-01-05 crossing={PONTOON}")


@pytest.fixture(scope="module")
def year(bare: ag.Network) -> ag.Ensemble:
    return ag.ensemble(bare, start="2026-02-01", end="2026-12-31", **ALL)


def of(e: ag.Ensemble, crossing: str, traffic: str = "cargo") -> np.ndarray:
    """Return the openings of a service, draws by days."""
    found: np.ndarray = e.open[:, e.services.get_loc((crossing, traffic))]
    return found


def with_rules(net: ag.Network, *rules: dict[str, Any]) -> ag.Network:
    titles = {f"title_{lang}": "x" for lang in ("en", "ru", "zh")}
    usual = {"crossings": "*", "modes": "*", "evidence": "x", **titles, **ORIGIN}
    return net.with_rows({"holiday_rules": [{"id": f"r{n}"} | usual | rule for n, rule in enumerate(rules)]})


# Stops of which nobody knows yet.


def closed_runs(opened: np.ndarray) -> list[int]:
    """Return the lengths of stops that begin and end within the days."""
    lengths = []
    for row in opened:
        edges = np.flatnonzero(np.diff(np.concatenate([[1], row.astype(int), [1]])))
        starts, ends = edges[::2], edges[1::2]
        lengths += [int(b - a) for a, b in zip(starts, ends, strict=True) if a > 0 and b < len(row)]
    return lengths


def test_stops_have_their_share_and_their_length(year: ag.Ensemble) -> None:
    """Without a dated row 1.5 % of the days of a bridge, in stops of 2 days; 10 % of a ferry, in 10 days."""
    assert (BEFORE_DAYS, TAIL_DAYS, MOST_DRAWS) == (90, 200, 10_000)
    bridge, ferry = of(year, BRIDGE), of(year, FERRY)
    assert bridge.mean() == pytest.approx(0.985, abs=0.002)
    assert np.mean(closed_runs(bridge)) == pytest.approx(2.0, rel=0.1)
    summer = (year.days > np.datetime64("2026-05-20")) & (year.days < np.datetime64("2026-10-25"))
    assert ferry[:, summer].mean() == pytest.approx(0.9, abs=0.01)
    # Stops that overlap are one: 10 days and a little more.
    assert 9.0 < np.mean(closed_runs(ferry[:, summer])) < 13.0
    # No day has more stops than others, the first one neither.
    assert bridge[:, :60].mean() == pytest.approx(0.985, abs=0.006)
    assert ferry[:, summer][:, :20].mean() == pytest.approx(0.9, abs=0.03)
    # The two kinds of traffic of a crossing stop together.
    np.testing.assert_array_equal(of(year, BRIDGE, "passenger")[:, -30:], bridge[:, -30:])
    assert of(year, HOVERCRAFT, "passenger").shape == (250, 334)


def test_days_have_the_same_stops_in_every_period(bare: ag.Network, year: ag.Ensemble) -> None:
    later = ag.ensemble(bare, start="2026-07-20", end="2026-08-10", **ALL)
    where = np.isin(year.days, later.days)
    np.testing.assert_array_equal(of(later, BRIDGE), of(year, BRIDGE)[:, where])
    # So has the day before the period, on which a wait may have begun.
    before = openings(later, range(len(later.services)))[:, :, 0]
    on = list(year.days).index(later.days[0]) - 1
    np.testing.assert_array_equal(before, np.moveaxis(year.open[:, :, on], 0, 1))
    assert 0.85 < before[later.services.get_loc((FERRY, "cargo"))].mean() < 0.95
    few = ag.ensemble(bare, start="2026-07-20", end="2026-08-10", n=7, seed=1)
    np.testing.assert_array_equal(few.open, later.open[:7])
    more = ag.ensemble(bare, start="2026-07-20", end="2026-08-10", n=260, seed=1)
    np.testing.assert_array_equal(more.open[:250], later.open)
    other = ag.ensemble(bare, start="2026-07-20", end="2026-08-10", n=250, seed=2)
    assert not np.array_equal(other.open, later.open)


def test_a_row_of_a_service_makes_its_stops_rarer(bare: ag.Network) -> None:
    net = noted(bare, f"open 2026-07-01 crossing={BRIDGE}")
    bridge = of(ag.ensemble(net, start="2026-07-02", end="2026-12-30", **ALL), BRIDGE)
    assert bridge.mean() == pytest.approx(0.99, abs=0.002)


def test_shares_of_draws_are_the_chances_of_the_state(bare: ag.Network) -> None:
    """Also while a season begins or ends, and on a holiday: stops take no more than the state does."""
    wide = {"id": "ferry", "crossing": FERRY, "open_md": "05-10", "close_md": "11-01", "traffic": "both"}
    net = bare.with_rows({"windows": [wide | {"open_sd_days": 10.0, "close_sd_days": 10.0} | ORIGIN]})
    net = with_rules(net, {"days": "07-15", "chance_of_stop": 0.2})
    drawn = ag.ensemble(net, start="2026-03-20", end="2026-12-20", n=2000)
    frame = drawn.to_frame().dropna()
    assert (frame["probability_open"] - frame["expected"]).abs().max() < 0.04
    ferry = frame[frame["crossing"] == FERRY].set_index("date")
    for month in ("2026-05", "2026-06", "2026-10"):
        days = ferry.loc[month]
        assert days["probability_open"].mean() == pytest.approx(days["expected"].mean(), abs=0.01)


def test_stops_of_a_day_last_a_day(bare: ag.Network) -> None:
    certainty = bare.border.certainty.model_copy(update={"stop_days": {"bridge": 1.0}})
    border = bare.border.model_copy(update={"certainty": certainty})
    drawn = ag.ensemble(ag.Network(bare.base, border=border, folder=bare.folder), start="2026-02-01",
                        end="2026-06-30", **ALL)  # fmt: skip
    bridge = of(drawn, BRIDGE)
    assert bridge.mean() == pytest.approx(0.985, abs=0.003)
    # Two in a row begin one after the other.
    assert np.mean(closed_runs(bridge)) < 1.05


# What is on record.


def test_the_past_is_as_recorded_and_a_known_stop_of_the_future_too(bare: ag.Network) -> None:
    """The record ends on 10 January: until then the pontoon was open, and then stops are possible."""
    net = noted(
        bare,
        f"open 2027-01-05 crossing={PONTOON}",
        f"suspend 2027-01-10 until=2027-01-20 crossing={BRIDGE}",
        "suspend 2027-01-01 crossing=blagoveshchensk:hovercraft traffic=passenger",
    )
    drawn = ag.ensemble(net, start="2027-01-01", end="2027-02-28", **ALL)
    chance = drawn.chance()
    pontoon, bridge = chance[PONTOON, "cargo"], chance[BRIDGE, "cargo"]
    assert set(pontoon[:"2027-01-04"]) == {0.0}
    assert set(pontoon["2027-01-05":"2027-01-10"]) == {1.0}
    assert 0.95 < pontoon["2027-01-11":].mean() < 1.0
    assert set(bridge["2027-01-10":"2027-01-20"]) == {0.0}
    assert bridge["2027-01-09"] > 0.9 < bridge["2027-01-21"]
    # A stop without an end leaves a gap of the record, which counts as closed.
    assert set(chance[HOVERCRAFT, "passenger"][:"2027-01-20"]) == {0.0}
    assumed = ag.ensemble(net, start="2027-01-01", end="2027-02-28", assume="open", **ALL).chance()
    assert assumed[BRIDGE, "cargo"].equals(bridge)
    assert set(chance[ICE, "cargo"]) == {0.0}


def test_a_gap_is_open_in_its_season_if_that_is_assumed(bare: ag.Network) -> None:
    net = noted(bare, gaps=({"first": "2027-01-01", "until": "2027-12-31", "traffic": "both"},))
    asked = {"start": "2027-02-01", "end": "2027-03-31", **ALL}
    for assume, low, high in ((None, 0.0, 0.0), ("closed", 0.0, 0.0), ("open", 0.95, 0.999)):
        for crossing in (BRIDGE, PONTOON):
            chance = ag.ensemble(net, assume=assume, **asked).chance()[crossing, "cargo"]
            assert low <= chance.mean() <= high


# Holidays.


def test_a_holiday_stops_in_its_share_of_the_draws(bare: ag.Network) -> None:
    net = with_rules(bare, {"days": "02-12..02-14", "chance_of_stop": 0.6})
    drawn = ag.ensemble(net, start="2027-02-10", end="2027-02-16", **ALL)
    bridge, pontoon = of(drawn, BRIDGE), of(drawn, PONTOON)
    feast = bridge[:, 2:5]
    # Stops apart, all days of one holiday are one decision, and that of all crossings.
    assert (~feast).all(axis=1).mean() == pytest.approx(0.6, abs=0.07)
    assert (feast.all(axis=1) | (~feast).all(axis=1)).mean() > 0.95
    assert (bridge[:, 3] == pontoon[:, 3]).mean() > 0.94
    assert bridge[:, [1, 5]].mean() > 0.96
    # The next year it is another decision.
    again = of(ag.ensemble(net, start="2028-02-10", end="2028-02-16", **ALL), BRIDGE)
    assert 0.3 < (again[:, 3] == bridge[:, 3]).mean() < 0.75


def test_a_holiday_that_seldom_stops_is_a_decision_of_each_place(bare: ag.Network) -> None:
    net = with_rules(bare, {"days": "02-12", "chance_of_stop": 0.4}, {"days": "02-14", "chance_of_stop": 0.5})
    drawn = ag.ensemble(net, start="2027-02-10", end="2027-02-16", **ALL)
    bridge, pontoon = of(drawn, BRIDGE), of(drawn, PONTOON)
    assert (~bridge[:, 2]).mean() == pytest.approx(0.4, abs=0.07)
    assert (bridge[:, 2] == pontoon[:, 2]).mean() < 0.65
    assert (bridge[:, 4] == pontoon[:, 4]).mean() > 0.94


def test_a_holiday_on_record_is_no_draw(bare: ag.Network) -> None:
    net = noted(bare, f"suspend 2027-02-12 until=2027-02-12 reason=holiday crossing={BRIDGE}")
    net = with_rules(net, {"days": "02-12..02-14", "chance_of_stop": 1.0})
    drawn = ag.ensemble(net, start="2027-02-11", end="2027-02-15", **ALL)
    assert of(drawn, BRIDGE)[:, 1].max() == 0
    assert of(drawn, BRIDGE)[:, 2:4].mean() > 0.95
    assert of(drawn, PONTOON)[:, 1:4].max() == 0


def test_a_day_off_is_one_decision_for_all_weeks(bare: ag.Network) -> None:
    net = with_rules(
        bare, {"days": "sunday", "chance_of_stop": 0.5}, {"days": "monday", "chance_of_stop": 1.0}
    )
    drawn = ag.ensemble(net, start="2027-01-01", end="2027-02-28", **ALL)
    bridge, weekday = of(drawn, BRIDGE), (drawn.days.astype(int) + 3) % 7
    assert not bridge[:, weekday == 0].any()
    sundays = bridge[:, weekday == 6].mean(axis=1)
    assert ((sundays == 0) | (sundays > 0.7)).all()
    assert (sundays == 0).mean() == pytest.approx(0.5, abs=0.1)
    assert bridge[:, weekday == 3].mean() > 0.97


# Scenarios.


def test_a_service_that_works_like_another_has_its_draws_on_the_days_of_the_change(bare: ag.Network) -> None:
    asked = {"start": "2027-01-01", "end": "2027-01-31", **ALL}
    base = ag.ensemble(bare, **asked)
    change = ag.open(FERRY, "2027-01-05", "2027-01-20", like=PONTOON)
    drawn = ag.ensemble(bare, scenario=change, **asked)
    ferry, pontoon = of(drawn, FERRY), of(base, PONTOON)
    np.testing.assert_array_equal(ferry[:, 4:20], pontoon[:, 4:20])
    assert 0 < ferry[:, 4:20].mean() < 1
    assert not ferry[:, :4].any()
    assert not ferry[:, 20:].any()
    # Passengers of a crossing that takes cargo alone have its days.
    alone = ag.ensemble(bare, scenario=ag.open(FERRY, like=HOVERCRAFT, traffic="cargo"), **asked)
    np.testing.assert_array_equal(of(alone, FERRY), of(base, HOVERCRAFT, "passenger"))


def test_a_delay_moves_the_draws_of_one_service(bare: ag.Network) -> None:
    asked = {"start": "2027-01-01", "end": "2027-02-28", **ALL}
    base, late = (ag.ensemble(bare, scenario=one, **asked) for one in (None, ag.delay(PONTOON, 10)))
    key = ("blagoveshchensk", "winter", 2026)
    np.testing.assert_array_equal(late.days_of_turns[key], base.days_of_turns[key] + 10)
    np.testing.assert_array_equal(of(late, BRIDGE), of(base, BRIDGE))
    assert (
        late.chance()[PONTOON, "cargo"]["2027-01-15"] == 0.0 < base.chance()[PONTOON, "cargo"]["2027-01-15"]
    )


# Frames.


def test_frames_have_the_days_of_the_period_and_the_shares_of_the_draws(bare: ag.Network) -> None:
    drawn = ag.ensemble(bare, start="2026-12-30", end="2027-01-12", n=30, seed=5)
    assert drawn.days.astype(str)[[0, -1]].tolist() == ["2026-12-30", "2027-01-12"]
    assert len(drawn.states.days) == 1 + 14 + TAIL_DAYS
    assert drawn.open.shape == (30, len(bare.base["services"]), 14)
    chance = drawn.chance()
    assert chance.index.tolist() == list(pd.date_range("2026-12-30", "2027-01-12"))
    np.testing.assert_allclose(chance.to_numpy(), drawn.open.mean(axis=0).T)
    frame = drawn.to_frame()
    assert frame.columns.tolist() == ["date", "crossing", "traffic", "probability_open", "expected"]
    row = frame[(frame["crossing"] == PONTOON) & (frame["traffic"] == "cargo")].iloc[-1]
    state = ag.state(bare, "2027-01-12").crossings.loc[(PONTOON, "cargo")]
    assert row["expected"] == state["probability_open"]
    assert len(frame) == 14 * len(chance.columns) == len(drawn.to_dict())
    assert list(drawn.to_dict()[0]) == frame.columns.tolist()
    assert repr(drawn) == "Ensemble(2026-12-30 to 2027-01-12, baseline, 30 draws, seed 5)"
    turns = drawn.turns()
    assert turns.columns.tolist() == ["checkpoint", "turn", "ice_year", "draw", "date"]
    one = turns[(turns["turn"] == "winter") & (turns["ice_year"] == 2026)]
    assert one["draw"].tolist() == list(range(30))
    assert (one["date"] - pd.Timestamp("2027-01-10")).abs().max() <= pd.Timedelta(days=2)
    assert turns.dtypes["date"] == "datetime64[s]"


def test_a_winter_lasts_from_august_to_july(bare: ag.Network) -> None:
    drawn = ag.ensemble(bare, winter="2026/27", n=1)
    assert drawn.days.astype(str)[[0, -1]].tolist() == ["2026-08-01", "2027-07-31"]
    with pytest.raises(ag.InputError, match="expected winter="):
        ag.ensemble(bare, end="2026-11-01")
    with pytest.raises(ag.InputError, match="expected winter="):
        ag.ensemble(bare, winter="2026/27", end="2026-11-01")


def test_a_turn_known_not_to_have_come_is_named_by_crossing_or_turn(bare: ag.Network) -> None:
    asked = {"start": "2027-01-05", "end": "2027-01-20", "n": 50}
    late = ag.ensemble(bare, not_by={PONTOON: "2027-01-11"}, **asked)
    assert late.not_by == {("blagoveshchensk", "winter"): pd.Timestamp("2027-01-11").date()}
    again = ag.ensemble(bare, not_by={("blagoveshchensk", "winter"): "2027-01-11"}, **asked)
    np.testing.assert_array_equal(late.open, again.open)
    assert not of(late, PONTOON)[:, late.days <= np.datetime64("2027-01-11")].any()
    assert of(late, PONTOON)[:, -1].mean() > 0.9
    # A hovercraft opens its autumn, or its spring, on the day.
    for on, turn in (("2026-10-20", "freeze"), ("2027-04-20", "thaw")):
        found = ag.ensemble(bare, start=on, end=on, n=1, not_by={HOVERCRAFT: on})
        assert list(found.not_by) == [("blagoveshchensk", turn)]
    # The turn of another winter, or one on record, is no draw.
    for given in ({PONTOON: "2024-01-11"}, {("kani_kurgan", "winter"): "2027-01-11"}):
        with pytest.raises(ag.InputError, match="a turn that is not on record"):
            ag.ensemble(bare, not_by=given, **asked)
    seen = noted(bare, f"open 2027-01-08 crossing={PONTOON}")
    with pytest.raises(ag.InputError, match="a turn that is not on record"):
        ag.ensemble(seen, not_by={PONTOON: "2027-01-06"}, **asked)
