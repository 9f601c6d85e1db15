"""First and last days, and the numbers at which an answer changes."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from test_record import ice_road

import amurgeo as ag
from amurgeo.seasons import ice_winter
from amurgeo.seasons.daily import MAX_DAYS, period_days
from amurgeo.seasons.evaluation import services_of


def test_an_expected_day_stays_on_its_side_of_an_observed_one() -> None:
    """The window opens on 10 January and closes on 20 March; one of both days was seen outside of it."""
    asked = {"season": "2020/21", "traffic": "cargo"}
    early = ice_road("2021-01-05", window=True, event="close").season("here:ice_road", **asked)
    assert early.close.observed == date(2021, 1, 5)
    assert early.open.observed is None
    assert early.open.p10 < early.open.p50 == early.open.p90 == date(2021, 1, 4)
    assert early.method == "open window, close observed"
    late = ice_road("2021-03-22", window=True).season("here:ice_road", **asked)
    assert late.open.observed == date(2021, 3, 22)
    assert late.close.p10 == late.close.p50 == date(2021, 3, 23) < late.close.p90
    assert late.method == "open observed, close window"
    # What is on record is not changed by what is known besides.
    assert late.open.truncated(after=1e6) is late.open
    usual = ice_road(window=True).season("here:ice_road", **asked)
    assert (usual.open.p50, usual.close.p50) == (date(2021, 1, 10), date(2021, 3, 20))
    assert usual.method == "window"


def test_a_crossing_without_a_season_has_no_days() -> None:
    found = ice_road("2021-01-05").season("here:bridge", season="2020/21", traffic="cargo")
    assert (found.open, found.close, found.n, found.method) == (None, None, 0, "none")


def test_a_gap_ends_before_the_opening_or_after_twenty_days(net: ag.Network) -> None:
    """Stops without an end of 2017 and 2021; from January 2020 on until the ferry opened on 20 May."""
    ferry = ("blagoveshchensk:ferry", "cargo")
    for last, status, first_open in (
        ("2017-09-22", "unknown", "2017-09-23"),
        ("2021-07-14", "unknown", "2021-07-15"),
        ("2020-05-19", "closed", "2020-05-20"),
    ):
        found = [net.state(day).crossings.loc[ferry, "status"] for day in (last, first_open)]
        assert found == [status, "open"]
    gaps = services_of(net)[ferry].gaps.astype(str).tolist()
    assert gaps == [["2017-09-02", "2017-09-22"], ["2021-06-24", "2021-07-14"], ["2020-01-31", "2020-05-19"]]


def test_a_limit_of_a_road_holds_on_its_first_and_its_last_day(net: ag.Network) -> None:
    for row in net.base["road_limits"].head(3).itertuples():
        edit = (row.road, "limit_t" if row.max_mass_t else "close", float(row.max_mass_t))
        first, last = pd.Timestamp(row.first), pd.Timestamp(row.until)
        days = [first - pd.Timedelta(days=1), first, last, last + pd.Timedelta(days=1)]
        found = [edit in state.roads.edits for state in ag.states(net, days)]
        assert found == [False, True, True, False]


def test_ice_thaws_above_zero_on_the_mean_of_three_days() -> None:
    days = pd.date_range("2021-10-01", "2022-05-31")
    own = pd.Series(-20.0, days)
    own["2022-02-10":"2022-02-16"] = [-1.0, 0.0, 1.0, 0.5, -1.0, 0.5, 2.0]
    thaw = ice_winter(own).days["thaw"]["2022-02-10":"2022-02-17"]
    # Means: -41/3, -7, 0, 0.5, 1/6, 0, 0.5, -17.5/3.
    assert thaw.tolist() == [False, False, False, True, True, False, True, False]


def test_numbers_of_an_ensemble_are_valid_up_to_their_bounds(six: ag.Network) -> None:
    ask = {"start": "2027-01-01", "end": "2027-01-02"}
    for name, valid, wrong in (("seed", (0, 2**32 - 1), (-1, 2**32)), ("n", (1, 10_000), (0, 10_001))):
        for number in valid:
            assert getattr(ag.ensemble(six, **ask, **{name: number}), name) == number
        for number in wrong:
            with pytest.raises(ag.InputError, match=name):
                ag.ensemble(six, **ask, **{name: number})


def test_a_period_has_at_most_ten_years() -> None:
    first = date(2020, 1, 1)
    last = date.fromordinal(first.toordinal() + MAX_DAYS - 1)
    assert len(period_days(first, last)) == MAX_DAYS == 3660
    assert len(period_days(first, first)) == 1
    with pytest.raises(ag.InputError, match="3661 days"):
        period_days(first, date.fromordinal(last.toordinal() + 1))
    with pytest.raises(ag.InputError, match="before it begins on"):
        period_days(last, first)
    assert period_days(["2020-01-03", "2020-01-01", "2020-01-03"]).astype(str).tolist() == [
        "2020-01-01",
        "2020-01-03",
    ]
