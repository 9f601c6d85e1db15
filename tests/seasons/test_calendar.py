"""Clocks and holidays, against days and hours published for the two banks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amurgeo.errors import InputError
from amurgeo.seasons.holidays import (
    RULE_DAYS,
    checkpoint_hours,
    festival_stop,
    lunar_new_year,
    to_other_bank,
)

DATA = Path(__file__).resolve().parents[2] / "data" / "geo"
RECORD = pd.read_csv(DATA / "season_record.csv")
RULES = pd.read_csv(DATA / "holidays.csv").set_index("id")


@pytest.mark.parametrize(
    ("year", "first", "last"),
    [
        (2011, "2011-02-02", "2011-02-04"),
        (2023, "2023-01-21", "2023-01-23"),
        (2024, "2024-02-10", "2024-02-13"),
        (2025, "2025-01-28", "2025-01-31"),
        (2026, "2026-02-16", "2026-02-19"),
    ],
)
def test_recorded_stops(year: int, first: str, last: str) -> None:
    stop = festival_stop(year, RECORD)
    assert (stop.first.isoformat(), stop.last.isoformat(), stop.basis) == (first, last, "observed")
    assert stop.sources


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2004, "2004-01-22"),
        (2007, "2007-02-18"),
        (2012, "2012-01-23"),
        (2019, "2019-02-05"),
        (2026, "2026-02-17"),
        (2033, "2033-01-31"),
    ],
)
def test_lunar_new_year_against_published_dates(year: int, day: str) -> None:
    assert lunar_new_year(year).isoformat() == day


@given(st.integers(1950, 2099))
def test_lunar_new_year_lies_between_the_solstice_and_spring(year: int) -> None:
    assert date(year, 1, 20) <= lunar_new_year(year) <= date(year, 2, 21)
    assert (lunar_new_year(year + 1) - lunar_new_year(year)).days in {353, 354, 355, 383, 384, 385}


@given(st.integers(1980, 2099))
def test_expected_stop_holds_the_new_year(year: int) -> None:
    stop = festival_stop(year, RECORD)
    assert stop.first <= lunar_new_year(year) <= stop.last
    assert 3 <= (stop.last - stop.first).days + 1 <= 4


def test_rule_is_the_median_of_the_record() -> None:
    offsets = [
        (
            (festival_stop(year, RECORD).first - lunar_new_year(year)).days,
            (festival_stop(year, RECORD).last - lunar_new_year(year)).days,
        )
        for year in (2011, 2023, 2024, 2025, 2026)
    ]
    before, after = (sorted(column)[2] for column in zip(*offsets, strict=True))
    assert (before, after) == RULE_DAYS
    rule = RULES.loc["spring_festival_stop"]
    assert (rule["first_offset_days"], rule["last_offset_days"]) == RULE_DAYS
    without = festival_stop(2027, RECORD.iloc[:0])
    assert (without.first, without.last) == tuple(lunar_new_year(2027) + timedelta(days=n) for n in RULE_DAYS)
    assert without.basis == "expected"
    assert without.n == 0


def test_years_beyond_the_tables() -> None:
    with pytest.raises(InputError, match="1949 to 2100"):
        festival_stop(1800, RECORD)


@given(st.datetimes(datetime(2015, 1, 1), datetime(2099, 1, 1)))
def test_clock_of_the_other_bank_is_an_hour_behind(at: datetime) -> None:
    assert at - to_other_bank(at, country="RU") == timedelta(hours=1)
    assert to_other_bank(to_other_bank(at, country="RU"), country="CN") == at


@pytest.mark.parametrize(
    ("day", "hours"), [("2010-02-01", 1), ("2010-07-01", 2), ("2012-02-01", 2), ("2015-02-01", 1)]
)
def test_russian_clocks_went_their_own_way(day: str, hours: int) -> None:
    at = datetime.fromisoformat(f"{day}T12:00")
    assert at - to_other_bank(at, country="RU") == timedelta(hours=hours)


def test_hours_on_record() -> None:
    ships = checkpoint_hours("poyarkovo:ferry", date(2023, 6, 1), RECORD)
    assert (ships.opens, ships.closes, ships.open_h) == (time(8), time(21), 12.0)
    assert ships.basis == "observed"
    assert checkpoint_hours("poyarkovo:ferry", date(2026, 6, 1), RECORD).basis == "expected"
    assert checkpoint_hours("poyarkovo:ferry", date(2023, 5, 9), RECORD) is None
    assert checkpoint_hours("blagoveshchensk:pontoon", date(2026, 2, 10), RECORD).closes == time(21)


def test_hours_given_in_beijing_time_are_put_on_the_russian_clock() -> None:
    hours = checkpoint_hours("blagoveshchensk:pontoon", date(2019, 12, 20), RECORD)
    assert (hours.opens, hours.closes) == (time(8, 30), time(17, 30))


def test_short_day_speaks_for_itself_alone() -> None:
    short = checkpoint_hours("poyarkovo:ice_road", date(2024, 2, 9), RECORD)
    assert short.short
    assert short.closes == time(13)
    assert short.opens is None
    after = checkpoint_hours("poyarkovo:ice_road", date(2024, 2, 14), RECORD)
    assert not after.short
    assert after.closes == time(18)


def test_every_rule_is_sourced() -> None:
    sources = set(pd.read_csv(DATA / "sources.csv")["id"]) | {"estimate"}
    assert set(RULES["source"]) <= sources
    assert RULES["note"].notna().all()
