"""Laws of the season model: order, monotonicity, width, leaving a season out, and names of seasons."""

from __future__ import annotations

import importlib
import itertools
from dataclasses import replace
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
from amurgeo.dataset.files import read_cells
from amurgeo.dataset.reading import table_of
from amurgeo.errors import InputError
from amurgeo.seasons.model import FIRST_SCALE_DAYS, SeasonModel, Turns
from amurgeo.seasons.turns import (
    DayDistribution,
    date_in,
    first_year,
    mode_of,
    part_of,
    season_name,
    season_span,
    season_year,
)

ROOT = Path(__file__).resolve().parents[2]
TABLES = {
    name: table_of(read_cells(ROOT / "data" / "geo" / f"{table}.csv", table), table)[0]
    for name, table in (
        ("record", "season_record"), ("windows", "windows"), ("eras", "eras"), ("services", "services")
    )
}  # fmt: skip
RECORD = TABLES["record"]
MODEL = SeasonModel(**TABLES)
MODES = ("ferry", "pontoon", "ice_road", "hovercraft")
SERVICES = [
    (crossing, traffic, part)
    for crossing in MODEL.crossings
    for traffic in MODEL.traffics(crossing)
    for part in MODEL.parts(crossing)
]


def ice_road(*opens: str, window: bool = False, **changes: object) -> SeasonModel:
    """Return the model of a record of openings of one ice road, with a window or without."""
    rows = [
        {
            "crossing": "here:ice_road", "traffic": "both", "event": "open", "date": day, "precision": "day",
            "evidence": "yes", "source": f"s{position}", "confidence": "reported",
        }
        for position, day in enumerate(opens)
    ]  # fmt: skip
    typical = {
        "crossing": "here:ice_road", "traffic": "both", "part": "", "valid_from": 2000, "valid_to": None,
        "open_md": "01-10", "open_sd_days": 6, "close_md": "03-20", "close_sd_days": 5, "source": "w",
        "source_date": "2020",
    }  # fmt: skip
    names = ["crossing", "traffic", "event", "date", "precision", "evidence", "source", "confidence"]
    record = pd.DataFrame([row | changes for row in rows], columns=names)
    windows = pd.DataFrame([typical]) if window else TABLES["windows"].iloc[:0]
    key = pd.MultiIndex.from_tuples([("here:ice_road", "cargo")], names=["crossing", "traffic"])
    services = pd.DataFrame(
        {"regular": [True], "all_year": [False], "opened": [pd.NaT], "retired": [pd.NaT]}, key
    )
    return SeasonModel(record, windows, TABLES["eras"].iloc[:0], services)


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
    shares = np.array([0.1, 0.5, 0.9])
    assert distribution.quantiles(shares) == pytest.approx(exact.ppf(shares), abs=1e-6)


def test_more_observations_narrow_the_interval() -> None:
    opens = ["2014-01-09", "2015-01-12", "2016-01-10", "2017-01-08", "2018-01-11", "2019-01-10"]
    widths = []
    for n in (1, 3, 6):
        found = ice_road(*opens[:n]).dates("here:ice_road", season="2019/20").open
        assert found is not None
        assert found.n == n
        widths.append((found.p90 - found.p10).days)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0]


def test_estimate_is_the_median_of_the_record() -> None:
    late = ice_road("2014-01-24", "2015-01-26", "2016-01-25", "2017-01-22", "2018-01-27", "2019-01-21")
    found = late.dates("here:ice_road", season="2019/20")
    assert abs((found.open.p50 - date(2020, 1, 24)).days) <= 1
    assert found.method == "open pooled, close none"


def test_a_turn_is_drawn_to_the_other_places() -> None:
    """The published formula: n m + k M over n + k, with k = s² / B²."""
    days = {
        ("a", "melt", 0): {2010: 270.0, 2011: 280.0},
        ("b", "melt", 0): {2010: 284.0},
        ("c", "melt", 0): {2011: 288.0},
        ("c", "thaw", 0): {2011: 200.0},
        ("d", "melt", 0): {2012: 286.0},
    }
    turns = Turns(days)
    worth = turns.scale**2 / np.var([284.0, 288.0, 286.0], ddof=1)
    found = turns.expect(("a", "melt", 0))
    assert found is not None
    assert found.center == pytest.approx((2 * 275.0 + worth * 286.0) / (2 + worth))
    assert found.scale == pytest.approx(turns.scale * np.sqrt(1 + 1 / (2 + worth)))
    assert found.n == 2
    unseen = turns.expect(("e", "melt", 0))
    assert unseen is not None
    assert (unseen.center, unseen.n) == (pytest.approx(np.mean([275.0, 284.0, 288.0, 286.0])), 0)
    assert turns.expect(("d", "freeze", 0)) is None


def test_the_spread_of_one_year_is_the_first() -> None:
    assert Turns({}).scale == Turns({("a", "melt", 0): {2010: 270.0}}).scale == FIRST_SCALE_DAYS


def test_a_window_goes_before_the_record_of_other_years() -> None:
    found = ice_road("2023-01-30", window=True).dates("here:ice_road", season="2024/25")
    assert found.open.p50 == date(2025, 1, 10)
    assert found.method == "window"
    assert found.open.sources == ("w",)


def test_an_era_begins_without_the_years_before() -> None:
    """The ice road of Blagoveshchensk has no years of the pontoon."""
    ice = MODEL.season("blagoveshchensk:ice_road", season="2010/11", traffic="cargo", blind=True)
    pontoon = MODEL.season("blagoveshchensk:pontoon", season="2016/17", traffic="cargo", blind=True)
    assert (ice.open.p50 - date(2011, 1, 1)).days > (pontoon.open.p50 - date(2017, 1, 1)).days + 20


def test_days_of_a_season_in_which_a_service_did_not_exist_are_extrapolated(net: ag.Network) -> None:
    before = ag.dates(net, "blagoveshchensk:pontoon", season="2010/11")
    after = ag.dates(net, "blagoveshchensk:ice_road", season="2016/17", traffic="cargo")
    assert (before.method, after.method) == ("extrapolated", "extrapolated")
    assert (
        ag.calendar(net, 2016)
        .set_index("crossing")
        .loc["blagoveshchensk:ice_road", "status"]
        .eq("closed")
        .all()
    )


def test_a_sighting_bounds_the_days_of_its_season() -> None:
    """A service seen closed opens later; one seen open has opened, and closes later."""
    opens = [f"{year}-01-{day:02d}" for year, day in ((2016, 8), (2017, 12), (2018, 10), (2019, 11))]
    plain = ice_road(*opens).season("here:ice_road", season="2020/21", traffic="cargo").open
    days = np.arange("2020-12-01", "2021-03-01", dtype="datetime64[D]")
    late = plain.truncated(after=float((date(2021, 1, 14) - date(1970, 1, 1)).days))
    assert late.distribution.cdf(days[days <= np.datetime64("2021-01-14")]).max() == 0.0
    assert plain.p50 < late.p10 <= late.p50 <= late.p90
    early = plain.truncated(by=float((plain.p50 - date(1970, 1, 1)).days))
    assert early.distribution.cdf(np.array([plain.p50], dtype="datetime64[D]"))[0] == pytest.approx(1.0)
    assert early.p90 <= plain.p50
    # Truncation is conditioning: (F(d) - F(D)) / (1 - F(D)).
    f = plain.distribution.cdf(days)
    at = plain.distribution.cdf(np.array(["2021-01-14"], dtype="datetime64[D]"))[0]
    assert late.distribution.cdf(days) == pytest.approx(np.clip((f - at) / (1 - at), 0, 1))


def test_blind_leaves_out_the_whole_ice_year() -> None:
    """Removing the ice year from the record gives the same days."""
    days = RECORD["date"].astype(str)
    for crossing, season, traffic, part in (
        ("blagoveshchensk:pontoon", "2023/24", "cargo", ""),
        ("blagoveshchensk:ferry", "2024", "cargo", ""),
        ("blagoveshchensk:hovercraft", "2024/25", "passenger", "spring"),
    ):
        blind = MODEL.season(crossing, season=season, traffic=traffic, part=part, blind=True)
        for event in ("open", "close"):
            winter = int(season[:4]) - int(crossing.endswith(":ferry") and event == "open")
            outside = (days < f"{winter}-08-01") | (days >= f"{winter + 1}-08-01")
            less = SeasonModel(**{**TABLES, "record": RECORD[outside]})
            by_hand = less.season(crossing, season=season, traffic=traffic, part=part)
            left_out, removed = (getattr(found, event) for found in (blind, by_hand))
            assert (left_out.p10, left_out.p50, left_out.p90) == (removed.p10, removed.p50, removed.p90)


def test_shift_moves_the_quantiles_and_the_distribution() -> None:
    plain = MODEL.season("poyarkovo:ice_road", season="2025/26", traffic="cargo", blind=True)
    moved = plain.shifted(7, -4)
    days = np.arange("2025-12-01", "2026-05-01", dtype="datetime64[D]")
    assert (moved.open.p50 - plain.open.p50).days == 7
    assert (moved.close.p90 - plain.close.p90).days == -4
    assert moved.opened_by(days[7:]) == pytest.approx(plain.opened_by(days[:-7]))
    assert moved.closed_by(days[:-4]) == pytest.approx(plain.closed_by(days[4:]))
    assert plain.shifted(0, 0) == plain
    for wrong in (float("nan"), float("inf"), 367, "7", True):
        with pytest.raises(ag.InputError, match=r"open_days is invalid.*from -366 to 366"):
            plain.shifted(wrong, 0)
        with pytest.raises(ag.InputError, match="close_days is invalid"):
            plain.shifted(0, wrong)


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
    text = pd.read_csv(ROOT / "data" / "geo" / "season_record.csv")
    typed = RECORD[RECORD["precision"] != "month"]
    other = SeasonModel(**{**TABLES, "record": typed.assign(date=pd.to_datetime(typed["date"]))})
    assert SeasonModel(**{**TABLES, "record": text}).observations.keys() == MODEL.observations.keys()
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
    """Paired with the median of the era the model has smaller errors, and its intervals cover their share."""
    summary = benchmark.run(TABLES)
    compared = summary["compared"]
    for measure in ("mae_days", "crps_days"):
        assert compared["model"][measure][0] < compared["regime"][measure][0]
    assert summary["model"]["mae_days"][0] <= 7.5
    assert 0.7 <= summary["model"]["inside_p10_p90"][0] <= 0.9


def test_a_season_of_which_nothing_is_known_has_no_probability() -> None:
    known = MODEL.season("poyarkovo:ice_road", season="2026/27", traffic="cargo")
    days = ["2027-02-20", "2027-03-01"]
    assert (known.prob_open(days) == known.prob_open(np.array(days, dtype="datetime64[D]"))).all()
    assert (known.prob_open(days) == known.prob_open(pd.DatetimeIndex(days))).all()
    for unknown in ({"open": None}, {"close": None}, {"open": None, "close": None}):
        assert np.isnan(replace(known, **unknown).prob_open(days)).all()
    assert replace(known, open=None, close=None).confidence == "unknown"
