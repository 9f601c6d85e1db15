"""Laws of the season model: order, monotony, width, blindness, and the days of the calendar."""

from __future__ import annotations

import importlib
import itertools
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from amurgeo.errors import InputError
from amurgeo.seasons import pooling
from amurgeo.seasons.pooling import Event, Pooled
from amurgeo.seasons.record import SeasonModel, dates_table, model_dates, season_dates, season_of
from amurgeo.seasons.spans import date_in, season_name, season_span, season_year

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


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(MODES))
def test_every_day_lies_in_the_season_it_is_given(day: date, mode: str) -> None:
    first, last = season_span(season_year(season_of(day, mode), mode), mode)
    assert first <= day <= last


@given(st.integers(1950, 2150), st.sampled_from(MODES), st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_typical_day_falls_into_its_season(year: int, mode: str, day: date) -> None:
    assert season_of(date_in(f"{day:%m-%d}", year, mode), mode) == season_name(year, mode)


def test_leap_day_in_a_year_without_one() -> None:
    assert date_in("02-29", 2023, "ice_road") == date(2024, 2, 29)
    assert date_in("02-29", 2024, "ice_road") == date(2025, 2, 28)
    assert date_in("02-29", 2024, "ferry") == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("season", "mode"),
    [
        ("2024", "pontoon"),
        ("2023/24", "ferry"),
        ("2023/25", "ice_road"),
        ("23/24", "ice_road"),
        ("", "ferry"),
    ],
)
def test_misspelt_season_names_the_right_shape(season: str, mode: str) -> None:
    with pytest.raises(InputError, match=r"as 20\d\d"):
        season_year(season, mode)


@pytest.mark.parametrize(("crossing", "traffic", "part"), SERVICES)
@pytest.mark.parametrize("year", [2012, 2019, 2026, 2040])
def test_distribution_is_in_order(crossing: str, traffic: str, part: str, year: int) -> None:
    season = season_name(year, crossing.partition(":")[2])
    if crossing.startswith("road:"):
        season = season_name(year, "ice_road")
    found = MODEL.season(crossing, season=season, traffic=traffic, part=part)
    if found.open is None or found.close is None:
        assert found.method == "none"
        return
    days = np.arange(f"{year - 1}-07-01", f"{year + 2}-07-01", dtype="datetime64[D]")
    for end in (found.open, found.close):
        assert end.p10 <= end.p50 <= end.p90
        by = end.probability_by(days)
        assert (np.diff(by) >= 0).all()
        assert by[0] < 0.01
        assert by[-1] > 0.99
    assert found.open.p50 < found.close.p50
    assert found.prob_open(days).max() <= 1.0


def test_quantiles_agree_with_the_distribution() -> None:
    found = MODEL.season("poyarkovo:ice_road", season="2028/29", traffic="cargo").open
    assert found is not None
    for day, p in ((found.p10, 0.1), (found.p50, 0.5), (found.p90, 0.9)):
        by = found.probability_by(np.array([day - timedelta(days=1), day], dtype="datetime64[D]"))
        assert by[0] <= p <= by[1]


def test_probability_is_that_of_student() -> None:
    found = MODEL.season("blagoveshchensk:ferry", season="2030", traffic="cargo").close
    assert found is not None
    day = np.datetime64(found.p90, "D")
    expected = stats.t.cdf((day.astype(float) + 0.5 - found.middle) / found.scale_days, found.df)
    assert found.probability_by(np.array([day]))[0] == pytest.approx(expected, rel=1e-12)


def test_uncertainty_grows_with_the_distance_from_the_record() -> None:
    for crossing, traffic, part in SERVICES:
        mode = crossing.partition(":")[2] if not crossing.startswith("road:") else "ice_road"
        scales = [
            MODEL.season(crossing, season=season_name(year, mode), traffic=traffic, part=part)
            for year in (2028, 2035, 2045, 2060, 2090)
        ]
        for event in ("open", "close"):
            widths = [getattr(found, event).scale_days for found in scales if getattr(found, event)]
            assert all(a < b for a, b in itertools.pairwise(widths))


def test_more_observations_narrow_the_interval() -> None:
    opens = ["2014-01-09", "2015-01-12", "2016-01-10", "2017-01-08", "2018-01-11", "2019-01-10"]
    widths = []
    for n in (0, 1, 3, 6):
        found = season_dates(*ice_road(*opens[:n]), "here:ice_road", season="2019/20").open
        assert found is not None
        assert found.n == n
        widths.append((found.p90 - found.p10).days)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0]


def test_estimate_goes_where_the_record_goes() -> None:
    late = ice_road("2014-01-24", "2015-01-26", "2016-01-25", "2017-01-25", "2018-01-27", "2019-01-25")
    found = season_dates(*late, "here:ice_road", season="2019/20").open
    assert found is not None
    assert date(2020, 1, 18) <= found.p50 <= date(2020, 1, 27)


def test_pooling_is_gaussian_conditioning() -> None:
    """The same turn asked again: all but the day's own error is known, by the textbook formula."""
    asked = Event("r", "p", "cargo", "open", "winter", "e", 2020, 6.0)
    seen = Event("r", "p", "cargo", "open", "winter", "e", 2020, 6.0, offset_days=4.0)
    bias, traffic, anomaly = (pooling.BIAS_SCALE * 6.0) ** 2, pooling.TRAFFIC_SD_DAYS**2, 36.0
    total = bias + traffic + anomaly
    expected = 4.0 * total / (total + 0.25)
    found = Pooled([seen]).expect(asked)
    assert found.n == 1
    assert found.offset_days == pytest.approx(expected, abs=1e-6)


def test_what_has_no_record_takes_its_window() -> None:
    found = season_dates(*ice_road(), "here:ice_road", season="2024/25")
    assert found.open is not None
    assert found.open.p50 == date(2025, 1, 10)
    assert found.method == "window"
    assert found.open.sources == ["w"]


def test_nothing_before_the_first_regime() -> None:
    found = MODEL.season("blagoveshchensk:pontoon", season="2010/11", traffic="cargo")
    assert found.open is None
    assert found.close is None
    assert found.method == "none"
    assert not found.in_regime
    assert not found.prob_open(np.arange("2011-01-01", "2011-02-01", dtype="datetime64[D]")).any()
    table = dates_table(RECORD, WINDOWS, "blagoveshchensk:pontoon", season="2010/11")
    assert table["open"] == {"p10": None, "p50": None, "p90": None, "observed": None}


def test_after_the_last_regime_the_answer_says_so() -> None:
    found = MODEL.season("blagoveshchensk:ice_road", season="2016/17", traffic="cargo", blind=True)
    assert found.method == "extrapolated"
    assert not found.in_regime


def test_blind_hears_nothing_of_the_whole_season() -> None:
    """Taking the span out of the record by hand gives the same answer as asking blindly."""
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


def test_as_of_forgets_the_future() -> None:
    early = MODEL.season("poyarkovo:ice_road", season="2023/24", traffic="cargo", as_of=date(2024, 1, 1))
    later = MODEL.season("poyarkovo:ice_road", season="2023/24", traffic="cargo", as_of=date(2024, 2, 1))
    assert early.open is not None
    assert later.open is not None
    assert early.open.observed is None
    assert later.open.observed == date(2024, 1, 25)


def test_shift_moves_every_quantile_and_unsees_the_observed() -> None:
    asked = {"season": "2025/26", "traffic": "cargo"}
    plain = MODEL.season("poyarkovo:ice_road", blind=True, **asked)
    moved = MODEL.season("poyarkovo:ice_road", blind=True, open_shift_days=7, close_shift_days=-4, **asked)
    assert plain.open is not None
    assert moved.open is not None
    assert plain.close is not None
    assert moved.close is not None
    assert (moved.open.p50 - plain.open.p50).days == 7
    assert (moved.close.p90 - plain.close.p90).days == -4
    seen = MODEL.season("poyarkovo:ice_road", open_shift_days=7, **asked).open
    assert seen is not None
    assert seen.observed is None


def test_without_traffic_the_earliest_opening_and_the_latest_closing() -> None:
    both = model_dates(MODEL, "blagoveshchensk:pontoon", season="2023/24")
    assert both.open is not None
    assert both.open.observed == date(2024, 1, 3)
    ships = model_dates(MODEL, "blagoveshchensk:ferry", season="2016")
    assert ships.close is not None
    assert ships.close.observed == date(2016, 10, 26)
    blind = [
        model_dates(MODEL, "blagoveshchensk:pontoon", season="2017/18", traffic=traffic, blind=True).open
        for traffic in (None, "passenger", "cargo")
    ]
    assert blind[0].p50 == min(blind[1].p50, blind[2].p50)


@pytest.mark.parametrize(
    ("crossing", "options", "says"),
    [
        ("blagoveshchensk:hovercraft", {"season": "2023/24"}, "--part autumn or --part spring"),
        ("poyarkovo:ice_road", {"season": "2023/24", "part": "spring"}, "leave --part out"),
        ("poyarkovo:ferry", {"season": "2024", "traffic": "passenger"}, "valid: cargo"),
        ("poyarkovo:icy_road", {"season": "2023/24"}, "did you mean poyarkovo:ice_road"),
        ("poyarkovo:ice_road", {"season": "2024"}, "as 2023/24"),
    ],
)
def test_bad_question_says_what_would_be_right(crossing: str, options: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        model_dates(MODEL, crossing, **options)


def test_tables_of_text_and_of_times_read_alike() -> None:
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
