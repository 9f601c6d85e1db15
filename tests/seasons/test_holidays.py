"""Spring Festival stops and working hours, against published dates and hours."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amurgeo.dataset.border import Holiday, read_border
from amurgeo.errors import InputError
from amurgeo.seasons.holidays import Clocks, HolidayStop, Hours, checkpoint_hours, holiday_day, holiday_stop

RECORD = pd.read_csv(Path(__file__).resolve().parents[2] / "data" / "geo" / "season_record.csv")
[RULE] = read_border().holiday
CLOCKS = Clocks("Asia/Yakutsk", "Asia/Shanghai", "Beijing")
STOPS = {
    2011: ("2011-02-02", "2011-02-04"),
    2023: ("2023-01-22", "2023-01-26"),
    2024: ("2024-02-10", "2024-02-13"),
    2025: ("2025-01-28", "2025-01-31"),
    2026: ("2026-02-16", "2026-02-19"),
}


def lunar_new_year(year: int) -> date:
    day = holiday_day(RULE.country, RULE.name, year)
    assert day is not None
    return day


def festival_stop(year: int, record: pd.DataFrame) -> HolidayStop:
    stop = holiday_stop(RULE, year, record)
    assert stop is not None
    return stop


def hours_of(crossing: str, on: date, record: pd.DataFrame = RECORD) -> Hours | None:
    return checkpoint_hours(crossing, on, record, CLOCKS)


def test_a_rule_of_another_country_and_a_holiday_that_its_calendar_lacks() -> None:
    rule = Holiday(country="CA", name="Christmas Day", title={"en": "Christmas"}, first=0, last=1)
    stop = holiday_stop(rule, 2026, RECORD.iloc[:0])
    assert stop is not None
    assert (stop.first, stop.last, stop.basis) == (date(2026, 12, 25), date(2026, 12, 26), "expected")
    assert holiday_stop(rule.model_copy(update={"name": "Nothing Day"}), 2026, RECORD) is None
    with pytest.raises(InputError, match="country is invalid: 'XX'"):
        holiday_stop(rule.model_copy(update={"country": "XX"}), 2026, RECORD)


def test_observed_stops() -> None:
    for year, days in STOPS.items():
        stop = festival_stop(year, RECORD)
        assert (stop.first.isoformat(), stop.last.isoformat()) == days
        assert stop.basis == "observed"
        assert stop.sources


def test_lunar_new_year_against_published_dates() -> None:
    published = ("2004-01-22", "2007-02-18", "2012-01-23", "2019-02-05", "2026-02-17", "2033-01-31")
    assert tuple(lunar_new_year(int(day[:4])).isoformat() for day in published) == published


@settings(deadline=None)
@given(st.integers(1950, 2099))
def test_lunar_new_year_is_between_solstice_and_spring(year: int) -> None:
    assert date(year, 1, 20) <= lunar_new_year(year) <= date(year, 2, 21)
    assert (lunar_new_year(year + 1) - lunar_new_year(year)).days in {353, 354, 355, 383, 384, 385}


@settings(deadline=None)
@given(st.integers(1980, 2099))
def test_expected_stop_includes_the_new_year(year: int) -> None:
    stop = festival_stop(year, RECORD)
    assert stop.first <= lunar_new_year(year) <= stop.last
    assert 2 <= (stop.last - stop.first).days + 1 <= (9 if year == 2021 else 7)


def test_default_rule_is_the_median_of_the_record() -> None:
    offsets = [
        [(day - lunar_new_year(year)).days for day in map(date.fromisoformat, days)]
        for year, days in STOPS.items()
    ]
    assert tuple(np.median(offsets, axis=0)) == (RULE.first, RULE.last)
    stop = festival_stop(2027, RECORD.iloc[:0])
    days = (RULE.first, RULE.last)
    assert (stop.first, stop.last) == tuple(lunar_new_year(2027) + timedelta(days=n) for n in days)
    assert (stop.basis, stop.sources) == ("expected", ())


def test_years_without_a_known_new_year() -> None:
    with pytest.raises(InputError, match="expected 1949 to 2100"):
        festival_stop(1800, RECORD)


def test_hours_on_record() -> None:
    hours = hours_of("poyarkovo:ferry", date(2023, 6, 1))
    assert (hours.opens, hours.closes, hours.basis) == (time(8), time(21), "observed")
    assert hours_of("poyarkovo:ferry", date(2026, 6, 1)).basis == "expected"
    assert hours_of("poyarkovo:ferry", date(2023, 5, 9)) is None
    assert hours_of("blagoveshchensk:pontoon", date(2026, 2, 10)).closes == time(21)


def test_hours_in_beijing_time_are_converted_to_the_home_clock() -> None:
    hours = hours_of("blagoveshchensk:pontoon", date(2019, 12, 20))
    assert (hours.opens, hours.closes) == (time(8, 30), time(17, 30))
    # The home clock was ahead by two hours in summer, and all year from 2011 to 2014.
    for day, ahead in (("2010-02-01", 1), ("2010-07-01", 2), ("2012-02-01", 2), ("2015-02-01", 1)):
        row = {"crossing": "x:ferry", "event": "hours", "value": "09:00-18:00 Beijing time", "source": "s"}
        opens = hours_of("x:ferry", date.fromisoformat(day), pd.DataFrame([{**row, "date": day}])).opens
        assert opens == time(9 + ahead)


def test_short_day_applies_to_itself_only() -> None:
    short = hours_of("poyarkovo:ice_road", date(2024, 2, 9))
    assert (short.opens, short.closes, short.short) == (None, time(13), True)
    after = hours_of("poyarkovo:ice_road", date(2024, 2, 14))
    assert (after.closes, after.short) == (time(18), False)
