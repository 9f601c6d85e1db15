"""Draws of the seasons: streams by name, what is fixed, and what a scenario moves."""

from __future__ import annotations

import pickle
from datetime import date

import numpy as np
import pytest

import amurgeo as ag

WINTER = {"start": "2026-11-28", "end": "2027-05-31"}


@pytest.fixture(scope="module")
def base(net: ag.Network) -> ag.Ensemble:
    return ag.ensemble(net, **WINTER, n=250, seed=1)


def _of(e: ag.Ensemble, crossing: str, traffic: str = "cargo") -> np.ndarray:
    return e.open[:, e.services.get_loc((crossing, traffic))]


@pytest.mark.slow
def test_the_first_draws_are_the_same_for_every_number(net: ag.Network, base: ag.Ensemble) -> None:
    few = ag.ensemble(net, **WINTER, n=40, seed=1)
    np.testing.assert_array_equal(few.open, base.open[:40])
    assert not np.array_equal(ag.ensemble(net, **WINTER, n=40, seed=2).open, few.open)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(few)).open, few.open)


@pytest.mark.slow
def test_a_longer_period_has_the_same_days(net: ag.Network, base: ag.Ensemble) -> None:
    later = ag.ensemble(net, start="2027-01-10", end="2027-03-31", n=40)
    where = np.isin(base.days, later.days)
    # Stops that began more than ninety days before are not in the shorter one.
    assert (later.open != base.open[:40][:, :, where]).mean() < 1e-3


@pytest.mark.slow
def test_a_scenario_changes_only_what_it_touches(net: ag.Network, base: ag.Ensemble) -> None:
    name = "poyarkovo:ice_road"
    closed = ag.close("kani_kurgan:bridge", "2027-01-01", "2027-01-31")
    both = ag.Scenario("mine", changes=[closed, ag.delay(name, days=10)])
    other = ag.ensemble(net, **WINTER, n=250, scenario=both)
    touched = base.services.get_level_values("crossing").isin([name, "kani_kurgan:bridge"])
    np.testing.assert_array_equal(other.open[:, ~touched], base.open[:, ~touched])
    january = (other.days >= np.datetime64("2027-01-01")) & (other.days <= np.datetime64("2027-01-31"))
    assert not _of(other, "kani_kurgan:bridge")[:, january].any()
    np.testing.assert_array_equal(
        _of(other, "kani_kurgan:bridge")[:, ~january], _of(base, "kani_kurgan:bridge")[:, ~january]
    )
    key = ("poyarkovo", "winter", 2026)
    np.testing.assert_array_equal(other.days_of_turns[key], base.days_of_turns[key] + 10)


def test_warming_moves_every_draw(net: ag.Network, base: ag.Ensemble) -> None:
    warm = ag.ensemble(net, **WINTER, n=250, scenario=ag.Scenario("warm", changes=[ag.warming(2)]))
    for turn, later in (("freeze", True), ("winter", True), ("thaw", False), ("melt", False)):
        moved = warm.days_of_turns["poyarkovo", turn, 2026] - base.days_of_turns["poyarkovo", turn, 2026]
        assert len(set(moved.tolist())) == 1
        assert (moved[0] > 0) == later


def test_shares_are_the_chances_of_the_states(base: ag.Ensemble) -> None:
    frame = base.to_frame()
    # On a day off that may fall out of season the state keeps the chance of the season.
    week = frame["date"].dt.day_of_week != 6
    difference = (frame["probability_open"] - frame["expected"].fillna(0.0))[week].abs()
    assert difference.mean() < 0.01
    assert difference.quantile(0.99) < 0.1


def test_each_block_has_the_quantiles_of_every_turn(net: ag.Network, base: ag.Ensemble) -> None:
    dates = ag.dates(net, "poyarkovo:ice_road", season="2026/27", traffic="cargo").frame
    turns = base.turns().query("checkpoint == 'poyarkovo' and ice_year == 2026").groupby("turn")["date"]
    for event, turn in (("open", "winter"), ("close", "thaw")):
        for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
            # The value itself: no interpolation.
            assert turns.quantile(share, interpolation="lower")[turn] == dates.at[event, name]
    season = ag.seasons.season(net, "poyarkovo:ice_road", season="2026/27", traffic="cargo")
    drawn = base.days_of_turns["poyarkovo", "winter", 2026]
    for share in (0.001, 0.03, 0.1, 0.234, 0.5, 0.999):
        day = np.quantile(drawn, share, method="inverted_cdf")
        assert season.open is not None
        assert season.open.distribution.quantile(share) == day


@pytest.mark.slow
def test_a_crossing_seen_closed_opens_later(net: ag.Network, base: ag.Ensemble) -> None:
    name, day = "blagoveshchensk:pontoon", np.datetime64("2027-01-20")
    late = ag.ensemble(net, **WINTER, n=250, not_by={name: "2027-01-20"})
    again = ag.ensemble(net, **WINTER, n=250, not_by={("blagoveshchensk", "winter"): date(2027, 1, 20)})
    np.testing.assert_array_equal(late.open, again.open)
    assert not _of(late, name)[:, late.days <= day].any()
    assert _of(base, name)[:, base.days <= day].any()
    # Hovercraft end with the same turn.
    assert (
        _of(late, "blagoveshchensk:hovercraft", "passenger").sum()
        > _of(base, "blagoveshchensk:hovercraft", "passenger").sum()
    )


@pytest.mark.slow
def test_the_past_on_record_is_the_same_in_every_draw(net: ag.Network) -> None:
    past = ag.ensemble(net, start="2024-01-01", end="2024-03-31", n=50)
    states = ag.states(net, "2024-01-01", "2024-03-31")
    for place, out in enumerate(states.services):
        seen = out.evidence == "observed"
        expected = np.isin(out.status, ("open", "limited"))
        assert (past.open[:, place][:, seen] == expected[seen]).all()
    assert past.turns()["date"].notna().all()


def test_a_festival_is_one_decision_with_nested_days(base: ag.Ensemble) -> None:
    first, after = (base.days == np.datetime64(day) for day in ("2027-02-06", "2027-02-09"))
    shut = [~_of(base, crossing)[:, first][:, 0] for crossing in ("kani_kurgan:bridge", "pogranichny:road")]
    # Both stop together, stops of other kinds aside.
    assert (shut[0] == shut[1]).mean() > 0.95
    assert 0.85 < shut[0].mean() < 0.99
    next_day = ~_of(base, "pogranichny:road")[:, after][:, 0]
    assert (next_day & ~shut[1]).mean() < 0.03
    assert 0.6 < next_day.mean() < 0.9


@pytest.mark.slow
def test_a_crossing_may_open_like_another_one(net: ag.Network, base: ag.Ensemble) -> None:
    change = ag.open("poyarkovo:ferry", like="blagoveshchensk:ferry")
    other = ag.ensemble(net, **WINTER, n=250, scenario=ag.Scenario("like", changes=[change]))
    np.testing.assert_array_equal(_of(other, "poyarkovo:ferry"), _of(base, "blagoveshchensk:ferry"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "expected winter="),
        ({"winter": "2026/27", "start": "2026-11-01"}, "expected winter="),
        ({"start": "2026-11-01"}, "expected winter="),
        ({"winter": "2026"}, "expected"),
        ({**WINTER, "n": 0}, "n"),
        ({**WINTER, "seed": -1}, "seed"),
        ({**WINTER, "scenario": "frozen"}, "regime"),
        ({**WINTER, "assume": "open"}, "no service is unknown"),
        ({**WINTER, "not_by": {"kani_kurgan:bridge": "2027-01-01"}}, "seasonal crossing"),
        ({**WINTER, "not_by": {"blagoveshchensk:pontoon": "2024-01-01"}}, "a turn that is not on record"),
        ({**WINTER, "not_by": {("blagoveshchensk", "opening"): "2027-01-01"}}, "turn"),
        ({**WINTER, "not_by": ["blagoveshchensk:pontoon"]}, "days by crossing or turn"),
        ({**WINTER, "not_by": {("blagoveshchensk", "winter", 1): "2027-01-20"}}, "a pair with a turn"),
        ({**WINTER, "not_by": {7: "2027-01-20"}}, "a pair with a turn"),
    ],
)
def test_faults_are_refused(net: ag.Network, given: dict[str, object], says: str) -> None:
    with pytest.raises(ag.InputError, match=says):
        ag.ensemble(net, **given)
