"""Laws of the season model: order, monotonicity, width, leaving a season out, and names of seasons."""

from __future__ import annotations

import importlib
import itertools
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import amurgeo as ag
from amurgeo.errors import InputError
from amurgeo.seasons import model as pooling
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.turns import (
    DayDistribution,
    date_in,
    first_year,
    mode_of,
    part_of,
    read_windows,
    season_name,
    season_span,
    season_year,
)

ROOT = Path(__file__).resolve().parents[2]
RECORD = pd.read_csv(ROOT / "data" / "geo" / "season_record.csv")
WINDOWS = pd.read_csv(ROOT / "data" / "geo" / "windows.csv")
MODEL = SeasonModel(RECORD, WINDOWS)
MODES = ("ferry", "pontoon", "ice_road", "hovercraft")
SERVICES = [
    (crossing, traffic, part)
    for crossing in MODEL.crossings
    for traffic in MODEL.traffics(crossing)
    for part in MODEL.parts(crossing)
]


def ice_road(*opens: str, **changes: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a record of openings of one ice road, and its window."""
    rows = [
        {
            "crossing": "here:ice_road", "traffic": "both", "event": "open", "date": day, "precision": "day",
            "evidence": "yes", "source": f"s{position}", "confidence": "reported",
        }
        for position, day in enumerate(opens)
    ]  # fmt: skip
    window = {
        "crossing": "here:ice_road", "traffic": "both", "part": "", "valid_from": 2000, "valid_to": None,
        "open_md": "01-10", "open_sd_days": 6, "close_md": "03-20", "close_sd_days": 5, "source": "w",
        "source_date": "2020",
    } | changes  # fmt: skip
    columns = ["crossing", "traffic", "event", "date", "precision", "evidence", "source", "confidence"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame([window])


@settings(deadline=None)
@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(MODES))
def test_every_day_is_in_its_season(day: date, mode: str) -> None:
    name = season_name(first_year(day, mode), mode)
    first, last = season_span(season_year(name, mode), mode)
    assert first <= day <= last


@settings(deadline=None)
@given(st.integers(1950, 2150), st.sampled_from(MODES), st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_typical_day_is_in_its_season(year: int, mode: str, day: date) -> None:
    assert first_year(date_in(f"{day:%m-%d}", year, mode), mode) == year


def test_leap_day_in_a_year_without_one() -> None:
    assert date_in("02-29", 2023, "ice_road") == date(2024, 2, 29)
    assert date_in("02-29", 2024, "ice_road") == date(2025, 2, 28)
    assert date_in("02-29", 2024, "ferry") == date(2024, 2, 29)


def test_parts_of_a_hovercraft_season() -> None:
    parts = {
        ("2027-01-13", "open"): "autumn",
        ("2027-02-10", "open"): "spring",
        ("2027-02-10", "close"): "autumn",
        ("2027-03-01", "close"): "spring",
    }
    assert {key: part_of(date.fromisoformat(key[0]), key[1], "hovercraft") for key in parts} == parts


def test_error_of_a_season_names_its_form() -> None:
    for season, mode in (
        ("2024", "pontoon"),
        ("2023/24", "ferry"),
        ("2023/25", "ice_road"),
        ("23/24", "ice_road"),
        ("", "ferry"),
    ):
        with pytest.raises(InputError, match=r"as 20\d\d"):
            season_year(season, mode)


def test_distributions_are_in_order() -> None:
    for (crossing, traffic, part), year in itertools.product(SERVICES, (2012, 2019, 2026, 2040)):
        season = season_name(year, mode_of(crossing))
        found = MODEL.season(crossing, season=season, traffic=traffic, part=part)
        if found.open is None or found.close is None:
            assert found.method == "none"
            continue
        days = np.arange(f"{year - 1}-07-01", f"{year + 2}-07-01", dtype="datetime64[D]")
        for turn in (found.open, found.close):
            assert turn.p10 <= turn.p50 <= turn.p90
            by = turn.distribution.cdf(days)
            assert (np.diff(by) >= 0).all()
            assert by[0] < 0.01
            assert by[-1] > 0.99
        assert found.open.p50 < found.close.p50, (crossing, season)
        assert found.prob_open(days).max() <= 1.0


def test_quantiles_agree_with_the_distribution() -> None:
    found = MODEL.season("poyarkovo:ice_road", season="2028/29", traffic="cargo").open
    for day, p in ((found.p10, 0.1), (found.p50, 0.5), (found.p90, 0.9)):
        by = found.distribution.cdf(np.array([day - timedelta(days=1), day], dtype="datetime64[D]"))
        assert by[0] <= p <= by[1]


@settings(deadline=None)
@given(st.floats(-40, 40), st.floats(0.5, 60), st.sampled_from([1.5, 4.0, 12.0, np.inf]))
def test_distribution_is_that_of_scipy(center: float, scale: float, df: float) -> None:
    distribution = DayDistribution(center, scale, df)
    exact = stats.norm(center, scale) if np.isinf(df) else stats.t(df, center, scale)
    days = np.arange(-60, 60).astype("datetime64[D]")
    assert distribution.cdf(days) == pytest.approx(exact.cdf(np.arange(-60, 60) + 0.5), rel=1e-9, abs=1e-12)
    for p in (0.1, 0.5, 0.9):
        assert distribution.ppf(p) == pytest.approx(exact.ppf(p), abs=1e-6)


def test_uncertainty_grows_with_the_distance_from_the_record() -> None:
    for crossing, traffic, part in SERVICES:
        seasons = [
            MODEL.season(crossing, season=season_name(year, mode_of(crossing)), traffic=traffic, part=part)
            for year in (2028, 2035, 2045, 2060, 2090)
        ]
        for event in ("open", "close"):
            turns = [getattr(season, event) for season in seasons if getattr(season, event)]
            widths = [turn.distribution.scale for turn in turns]
            assert all(a < b for a, b in itertools.pairwise(widths))


def test_more_observations_narrow_the_interval() -> None:
    opens = ["2014-01-09", "2015-01-12", "2016-01-10", "2017-01-08", "2018-01-11", "2019-01-10"]
    widths = []
    for n in (0, 1, 3, 6):
        found = SeasonModel(*ice_road(*opens[:n])).dates("here:ice_road", season="2019/20").open
        assert found is not None
        assert found.n == n
        widths.append((found.p90 - found.p10).days)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0]


def test_estimate_follows_the_record() -> None:
    late = ice_road("2014-01-24", "2015-01-26", "2016-01-25", "2017-01-25", "2018-01-27", "2019-01-25")
    found = SeasonModel(*late).dates("here:ice_road", season="2019/20").open
    assert date(2020, 1, 18) <= found.p50 <= date(2020, 1, 27)


def test_pooling_is_gaussian_conditioning() -> None:
    """The textbook formula for the same turn: all but the error of the date is known."""
    (window,) = read_windows(ice_road()[1])["here:ice_road"]
    asked = pooling._features(window, "open", "cargo", pooling.WINDOW_YEAR, {})
    observed = asked | {"offset": 4.0, "noise": 0.25, "source": "s"}
    bias, traffic, anomaly = (pooling.BIAS_SCALE * 6.0) ** 2, pooling.TRAFFIC_SD_DAYS**2, 36.0
    total = bias + traffic + anomaly
    found, n = pooling.PooledModel([observed]).expect(asked)
    assert n == 1
    assert found.center == pytest.approx(4.0 * total / (total + 0.25), abs=1e-6)


def test_a_crossing_without_observations_follows_its_window() -> None:
    found = SeasonModel(*ice_road()).dates("here:ice_road", season="2024/25")
    assert found.open.p50 == date(2025, 1, 10)
    assert found.method == "window"
    assert found.open.sources == ("w",)


def test_no_dates_before_the_first_window(net: ag.Network) -> None:
    found = MODEL.season("blagoveshchensk:pontoon", season="2010/11", traffic="cargo")
    assert found.open is None
    assert found.close is None
    assert found.method == "none"
    assert not found.in_regime
    assert not found.prob_open(np.arange("2011-01-01", "2011-02-01", dtype="datetime64[D]")).any()
    dates = ag.dates(net, "blagoveshchensk:pontoon", season="2010/11")
    assert dates.frame.isna().all(axis=None)
    assert dates.to_dict()["open"] == {"p10": None, "p50": None, "p90": None, "observed": None}


def test_seasons_after_the_last_window_are_extrapolated() -> None:
    found = MODEL.season("blagoveshchensk:ice_road", season="2016/17", traffic="cargo", blind=True)
    assert found.method == "extrapolated"
    assert not found.in_regime


def test_blind_leaves_out_the_whole_season() -> None:
    """Removing the season from the record gives the same days."""
    days = pd.to_datetime(RECORD["date"], format="ISO8601")
    for crossing, season, traffic, part in (
        ("blagoveshchensk:pontoon", "2023/24", "cargo", ""),
        ("blagoveshchensk:ferry", "2024", "cargo", ""),
        ("blagoveshchensk:hovercraft", "2024/25", "passenger", "spring"),
    ):
        first, last = season_span(season_year(season, crossing.partition(":")[2]), crossing.partition(":")[2])
        less = SeasonModel(RECORD[(days < str(first)) | (days > f"{last} 23:59")], WINDOWS)
        by_hand = less.season(crossing, season=season, traffic=traffic, part=part)
        blind = MODEL.season(crossing, season=season, traffic=traffic, part=part, blind=True)
        assert (blind.open, blind.close) == (by_hand.open, by_hand.close)


def test_shift_moves_the_quantiles_and_the_distribution() -> None:
    plain = MODEL.season("poyarkovo:ice_road", season="2025/26", traffic="cargo", blind=True)
    moved = plain.shifted(7, -4)
    days = np.arange("2025-12-01", "2026-05-01", dtype="datetime64[D]")
    assert (moved.open.p50 - plain.open.p50).days == 7
    assert (moved.close.p90 - plain.close.p90).days == -4
    assert moved.opened_by(days[7:]) == pytest.approx(plain.opened_by(days[:-7]))
    assert moved.closed_by(days[:-4]) == pytest.approx(plain.closed_by(days[4:]))
    assert plain.shifted(0, 0) == plain


def test_both_kinds_of_traffic_give_the_first_opening_and_last_closing() -> None:
    both = MODEL.dates("blagoveshchensk:pontoon", season="2023/24")
    assert both.open.observed == date(2024, 1, 3)
    ships = MODEL.dates("blagoveshchensk:ferry", season="2016")
    assert ships.close.observed == date(2016, 10, 26)
    blind = [
        MODEL.dates("blagoveshchensk:pontoon", season="2017/18", traffic=traffic, blind=True).open
        for traffic in (None, "passenger", "cargo")
    ]
    assert blind[0].p50 == min(blind[1].p50, blind[2].p50)


def test_error_of_a_question_names_what_is_right() -> None:
    for crossing, options, message in (
        ("blagoveshchensk:hovercraft", {"season": "2023/24"}, "expected autumn or spring"),
        ("poyarkovo:ice_road", {"season": "2023/24", "part": "spring"}, "expected no part"),
        ("poyarkovo:ferry", {"season": "2024", "traffic": "passenger"}, "valid: cargo"),
        ("poyarkovo:icy_road", {"season": "2023/24"}, "did you mean poyarkovo:ice_road"),
        ("poyarkovo:ice_road", {"season": "2024"}, "as 2023/24"),
    ):
        with pytest.raises(InputError, match=message):
            MODEL.dates(crossing, **options)


def test_tables_with_text_and_with_times_give_the_same_model() -> None:
    typed = RECORD[RECORD["precision"] != "month"].assign(evidence=lambda t: t["evidence"] == "yes")
    typed = typed.assign(date=pd.to_datetime(typed["date"]))
    other = SeasonModel(typed, WINDOWS.set_index("id"))
    asked = {"season": "2026/27", "traffic": "cargo"}
    assert other.season("poyarkovo:ice_road", **asked) == MODEL.season("poyarkovo:ice_road", **asked)


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the module ``benchmarks/seasons.py``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        return importlib.import_module("seasons")


def test_crossings_open_within_days_of_the_ice(benchmark: ModuleType) -> None:
    lags = benchmark.opening_lags(RECORD, pd.read_csv(ROOT / "data" / "geo" / "climate.csv"))
    assert set(lags) >= {2006, 2007, 2011}
    assert -2.0 <= np.mean(list(lags.values())) <= 10.0
    assert np.ptp(list(lags.values())) <= 20.0


def test_measured_thickness_within_12_cm(benchmark: ModuleType) -> None:
    errors = benchmark.ice_summary(RECORD)["thickness_error_cm"]
    assert len(errors) >= 5
    assert {name: error for name, error in errors.items() if abs(error) > 12.0} == {}


@pytest.mark.slow
def test_better_than_the_medians(benchmark: ModuleType) -> None:
    """The errors are below those of medians, and the intervals cover what they state."""
    summary = benchmark.summarise(benchmark.run(RECORD, WINDOWS, strict=False))
    assert summary["mae_days"]["model"] <= 5.5
    assert summary["mae_days_supported"]["model"] < summary["mae_days_supported"]["regime_median"]
    assert summary["mae_days_supported"]["model"] < summary["mae_days_supported"]["median"]
    assert 0.7 <= summary["inside_p10_p90"] <= 0.9
    for crossing in summary["by_crossing"].values():
        assert crossing["events"] < 5 or crossing["model"] <= 10.0
