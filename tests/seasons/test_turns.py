"""Seasons and their days: names, limits, distributions and typical windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_service import season, turn
from scipy import stats

from amurgeo.errors import InputError
from amurgeo.seasons.turns import (
    LIKELY,
    DayDistribution,
    Turn,
    cumulative,
    date_in,
    day_number,
    first_year,
    ice_year,
    mode_of,
    part_of,
    prob_open,
    read_windows,
    season_name,
    season_span,
    season_year,
    student_quantile,
    text_of,
    turn_of,
    winter_of,
)


def test_a_season_is_named_by_its_year_or_by_both_years_of_its_winter() -> None:
    for text, mode, year in (
        ("2024", "ferry", 2024),
        (" 2024 г. ", "ferry", 2024),
        ("2023/24", "ice_road", 2023),
        ("2023-2024", "pontoon", 2023),
        ("2023–24", "hovercraft", 2023),
        ("winter 2023 / 24", "ice_road", 2023),
        ("1999/00", "ice_road", 1999),
        ("1999/2000", "ice_road", 1999),
        ("1900", "ferry", 1900),
        ("2200", "ferry", 2200),
        ("2200/01", "ice_road", 2200),
    ):
        assert season_year(text, mode) == year
    for text, mode in (
        ("1899", "ferry"),
        ("2201", "ferry"),
        ("1899/00", "ice_road"),
        ("2023/23", "ice_road"),
        ("2023/2025", "ice_road"),
        ("2023", "ice_road"),
        ("2023/24", "ferry"),
        (2023, "ferry"),
        (None, "ice_road"),
    ):
        with pytest.raises(InputError, match=r"season is invalid"):
            season_year(text, mode)  # type: ignore[arg-type]
    assert [season_name(year, "ice_road") for year in (1999, 2008, 2023)] == ["1999/00", "2008/09", "2023/24"]
    assert season_name(2023, "ferry") == "2023"


def test_a_winter_changes_with_july_and_a_ferry_season_with_the_year() -> None:
    for mode, on, year in (
        ("ice_road", date(2024, 6, 30), 2023),
        ("ice_road", date(2024, 7, 1), 2024),
        ("ferry", date(2024, 1, 1), 2024),
        ("ferry", date(2024, 12, 31), 2024),
    ):
        assert first_year(on, mode) == year
        first, last = season_span(year, mode)
        assert on in (first, last)
        assert date_in(f"{on:%m-%d}", year, mode) == on
    assert [ice_year(date(2024, month, 31)) for month in (7, 8)] == [2023, 2024]
    assert ice_year(date(2024, 8, 1)) == 2024
    assert (mode_of("road:dep"), mode_of("here:ferry")) == ("ice_road", "ferry")


def test_services_open_and_close_with_the_turns_of_the_river() -> None:
    """Ferries melt to freeze, ice and pontoons winter to thaw, hovercraft in the two gaps between."""
    for mode, part, opens, closes in (
        ("ferry", "", "melt", "freeze"),
        ("ice_road", "", "winter", "thaw"),
        ("pontoon", "", "winter", "thaw"),
        ("hovercraft", "autumn", "freeze", "winter"),
        ("hovercraft", "spring", "thaw", "melt"),
    ):
        assert (turn_of(mode, "open", part), turn_of(mode, "close", part)) == (opens, closes)
        years = [winter_of(mode, event, 2024) for event in ("open", "close")]
        assert years == ([2023, 2024] if mode == "ferry" else [2024, 2024])


def test_parts_of_a_hovercraft_season_change_with_july_and_at_the_end_of_winter() -> None:
    for text, opens, closes in (
        ("2023-06-30", "spring", "spring"),
        ("2023-07-01", "autumn", "autumn"),
        ("2024-01-31", "autumn", "autumn"),
        ("2024-02-01", "spring", "autumn"),
        ("2024-02-29", "spring", "autumn"),
        ("2024-03-01", "spring", "spring"),
    ):
        on = date.fromisoformat(text)
        assert (part_of(on, "open", "hovercraft"), part_of(on, "close", "hovercraft")) == (opens, closes)
        assert part_of(on, "open", "ferry") == ""


# Distributions.


def test_days_are_counted_from_1970() -> None:
    for on in (date(1970, 1, 1), date(1969, 12, 31), date(2024, 2, 29)):
        assert day_number(on) == np.datetime64(on, "D").astype(int)


@given(
    center=st.floats(-30, 30),
    scale=st.floats(0.5, 30),
    df=st.sampled_from([3.0, 4.0, np.inf]),
    ends=st.lists(st.integers(-15, 15), min_size=2, max_size=2, unique=True).map(sorted),
)
def test_a_distribution_between_two_days_is_conditioned_on_them(
    center: float, scale: float, df: float, ends: list[int]
) -> None:
    """Of days after the end of the day `after` and by the end of the day `by`: (F - F(a)) / (F(b) - F(a))."""
    after, by = ends
    exact = stats.norm(center, scale) if np.isinf(df) else stats.t(df, center, scale)
    low, high = exact.cdf(after + 0.5), exact.cdf(by + 0.5)
    numbers = np.arange(-40, 41)
    expected = np.clip((exact.cdf(numbers + 0.5) - low) / max(high - low, 1e-12), 0.0, 1.0)
    known = DayDistribution(center, scale, df, float(after), float(by))
    found = known.cdf(numbers.astype("datetime64[D]"))
    if high - low > 1e-6:
        assert found == pytest.approx(expected, abs=1e-6)
        shares = np.array([0.1, 0.5, 0.9])
        assert known.quantiles(shares) == pytest.approx(exact.ppf(low + shares * (high - low)), abs=1e-3)
        assert after < known.likely[0] + 0.51
        assert known.likely[-1] <= by + 1


def test_a_day_without_a_spread_has_come_by_its_end() -> None:
    found = DayDistribution(100.0, 0.0).cdf(np.array([99, 100, 101]).astype("datetime64[D]"))
    assert found.tolist() == [0.0, 1.0, 1.0]
    assert set(DayDistribution(100.0, 0.0).likely) == {100}


def test_likely_days_have_the_shares_of_their_ranks() -> None:
    """Of 250 days the k-th is the quantile of k / 250, the last that of 0.998."""
    for df in (4.0, np.inf):
        known = DayDistribution(1000.0, 9.0, df)
        exact = stats.norm(1000, 9) if np.isinf(df) else stats.t(df, 1000, 9)
        assert len(known.likely) == LIKELY == 250
        assert known.likely[[0, 24, 124, 224]].tolist() == np.rint(exact.ppf([0.004, 0.1, 0.5, 0.9])).tolist()
        assert known.likely[-1] == np.rint(exact.ppf(0.998))
        for share, place in (
            (0.0, 0),
            (0.004, 0),
            (0.0041, 1),
            (0.1, 24),
            (0.101, 25),
            (0.9, 224),
            (1.0, 249),
        ):
            assert known.quantile(share) == known.likely[place]


def test_quantiles_of_four_degrees_of_freedom_are_those_of_scipy_in_the_tails() -> None:
    shares = np.array([1e-12, 1e-6, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-6])
    assert student_quantile(4.0, shares) == pytest.approx(stats.t(4).ppf(shares), rel=1e-6, abs=1e-12)
    assert student_quantile(np.inf, np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]
    assert student_quantile(np.inf, np.array([1e-12, 0.5])) == pytest.approx(stats.norm.ppf([1e-12, 0.5]))
    tails = cumulative([DayDistribution(0.0, 1.0, 4.0)], np.array([-10_000, -50, 50]).astype("datetime64[D]"))
    assert tails[0] == pytest.approx(stats.t(4).cdf([-9999.5, -49.5, 50.5]), rel=1e-9)


def test_distributions_of_several_kinds_are_cumulated_together() -> None:
    several = [DayDistribution(5.0, 2.0), DayDistribution(4.0, 3.0, 4.0), DayDistribution(6.0, 0.0)]
    on = np.arange(0, 12).astype("datetime64[D]")
    assert cumulative(several, on) == pytest.approx(np.array([one.cdf(on) for one in several]))
    assert cumulative([], on).shape == (0, 12)


# Turns.


def test_an_estimate_has_its_quantiles_and_its_sources_in_order() -> None:
    """1.2816 standard deviations of 10 days are 12.8 days."""
    found = Turn.estimate(DayDistribution(float(day_number(date(2021, 1, 20))), 10.0), {"b", "a"}, "x", 4)
    assert (found.p10, found.p50, found.p90) == (date(2021, 1, 7), date(2021, 1, 20), date(2021, 2, 2))
    assert (found.observed, found.precision, found.sources, found.n) == (None, "estimate", ("a", "b"), 4)


def test_a_moved_turn_keeps_what_is_known_of_it() -> None:
    known = turn("2021-01-20", 10.0).truncated(after=18_640.0, by=18_660.0)
    for by in (-3, 5):
        moved = known.shifted(by)
        assert (moved.p10, moved.p50, moved.p90) == tuple(
            one + timedelta(days=by) for one in (known.p10, known.p50, known.p90)
        )
        distribution = moved.distribution
        assert distribution.center == known.distribution.center + by
        assert (distribution.after, distribution.by) == (18_640.0 + by, 18_660.0 + by)
    assert known.shifted(0) is known


def test_a_turn_on_record_or_without_a_spread_is_not_truncated() -> None:
    spread, late = turn("2021-01-20", 10.0), {"after": float(day_number(date(2021, 1, 25)))}
    for known in (replace(spread, observed=date(2021, 1, 20)), turn("2021-01-20")):
        assert known.truncated(**late) is known
    once = spread.truncated(**late)
    assert once.p10 > date(2021, 1, 25)
    # The narrower bounds hold.
    assert once.truncated(after=0.0).distribution.after == late["after"]
    early = spread.truncated(by=late["after"])
    assert early.p90 <= date(2021, 1, 25)
    assert early.truncated(by=1e9).distribution.by == late["after"]
    assert early.truncated(by=late["after"] - 3).distribution.by == late["after"] - 3
    assert once.truncated(after=late["after"] + 3).distribution.after == late["after"] + 3
    # What contradicts the days known is left out, to the day.
    assert early.truncated(after=late["after"]) is early
    assert once.truncated(by=late["after"]) is once
    assert once.truncated(by=late["after"] + 1).p10 == date(2021, 1, 26)


@pytest.mark.parametrize("days_off", [20, 38, 60, 200])
def test_a_turn_far_from_its_typical_day_comes_soon_after_the_day_known(days_off: int) -> None:
    """With a standard deviation of 5 days nothing is left of a normal distribution after about 35."""
    spread = turn("2021-05-20", 5.0)
    known = float(day_number(date(2021, 5, 20)))
    late, early = spread.truncated(after=known + days_off), spread.truncated(by=known - days_off)
    first, last = (date(2021, 5, 20) + timedelta(days=sign * days_off) for sign in (1, -1))
    assert first < late.p10 <= late.p50 <= late.p90 < first + timedelta(days=10)
    assert last >= early.p90 >= early.p50 >= early.p10 > last - timedelta(days=10)
    by = [found.distribution.cdf(np.array([last, first, first + timedelta(days=20)], dtype="datetime64[D]"))
          for found in (late, early)]  # fmt: skip
    assert by[0] == pytest.approx([0.0, 0.0, 1.0], abs=1e-3)
    assert by[1] == pytest.approx([1.0, 1.0, 1.0], abs=1e-3)


def test_a_turn_within_a_range_has_its_quantiles_there() -> None:
    known = turn("2021-01-20", 10.0)
    inside = known.within(date(2021, 1, 15), date(2021, 1, 25))
    assert (inside.p10, inside.p50, inside.p90) == (date(2021, 1, 15), date(2021, 1, 20), date(2021, 1, 25))


# Seasons of two days.


def test_a_season_has_the_sources_and_the_weaker_confidence_of_both_days() -> None:
    levels = ["confirmed", "reported", "estimated", "unknown"]
    for first in levels:
        for second in levels:
            made = season("2020/21", "2021-01-10", "2021-03-20")
            made = replace(
                made,
                open=replace(made.open, confidence=first, sources=("b",)),
                close=replace(made.close, confidence=second, sources=("a", "b")),
            )
            assert made.confidence == max(first, second, key=levels.index)
            assert made.sources == ("a", "b")
            assert replace(made, close=None).confidence == first
            assert replace(made, open=None).sources == ("a", "b")
    assert replace(made, open=None, close=None).sources == ()


def test_a_season_is_open_if_it_has_opened_and_not_closed() -> None:
    made = season("2020/21", "2021-01-10", "2021-01-13", 2.0)
    on = np.arange("2021-01-01", "2021-01-31", dtype="datetime64[D]")
    opened, closed = made.opened_by(on), made.closed_by(on)
    assert made.prob_open(on) == pytest.approx(opened * (1 - closed))
    assert prob_open([made, replace(made, open=None), replace(made, close=None)], on) == pytest.approx(
        made.prob_open(on)[None]
    )
    moved = made.shifted(2.4, -1.6)
    assert (moved.open.p50, moved.close.p50) == (date(2021, 1, 12), date(2021, 1, 11))
    assert replace(made, open=None).shifted(2, 2).open is None
    assert replace(made, close=None).shifted(2, 2).close is None


# Typical windows.


def window(**values: Any) -> Any:
    row = {
        "crossing": "here:ice_road", "traffic": "both", "part": np.nan, "valid_from": np.nan,
        "valid_to": np.nan, "open_md": "01-10", "open_sd_days": 6, "close_md": "03-20", "close_sd_days": 5,
        "source": "w", "confidence": np.nan, "n_open": 3, "n_close": np.nan,
    }  # fmt: skip
    (found,) = read_windows(pd.DataFrame([row | values])).get("here:ice_road", [None])
    return found


def test_a_window_covers_its_traffic_part_and_years() -> None:
    assert window().covers("cargo", 1950, "")
    assert not window().covers("cargo", 1950, "spring")
    assert window(part="spring").covers("cargo", 1950, "spring")
    for traffic, covered in (("cargo", True), ("passenger", False), ("both", False)):
        assert window(traffic="cargo").covers(traffic, 2000, "") == covered
    assert [window(valid_from=2000).covers("cargo", year, "") for year in (1999, 2000, 2050)] == [
        False, True, True
    ]  # fmt: skip
    assert [window(valid_to=2000).covers("cargo", year, "") for year in (1950, 2000, 2001)] == [
        True, True, False
    ]  # fmt: skip
    assert window(open_md=np.nan) is window(close_md=np.nan) is None


def test_a_day_of_a_window_has_its_spread_its_observations_and_its_confidence() -> None:
    opened, closed = (window().turn(event, 2020) for event in ("open", "close"))
    assert (opened.p50, closed.p50) == (date(2021, 1, 10), date(2021, 3, 20))
    assert (opened.distribution.scale, closed.distribution.scale) == (6.0, 5.0)
    assert opened.distribution.df == np.inf
    assert (opened.n, closed.n, opened.confidence, opened.sources) == (3, 0, "estimated", ("w",))
    assert window(confidence="reported").turn("open", 2020).confidence == "reported"
    # Half a day at least, and fifteen days where none is given.
    for sd, scale in ((np.nan, 15.0), (0.0, 0.5), (0.4, 0.5), (0.6, 0.6)):
        assert window(open_sd_days=sd).turn("open", 2020).distribution.scale == scale


def test_a_missing_cell_is_an_empty_text() -> None:
    assert [text_of(value) for value in (None, np.nan, pd.NaT, pd.NA, "", "x", 3)] == [""] * 5 + ["x", "3"]
