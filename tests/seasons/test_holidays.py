"""Rules on holidays and days off, and working hours, against published dates and hours."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.dataset.files import read_cells
from amurgeo.dataset.reading import table_of
from amurgeo.dataset.values import FIRST_YEAR, LAST_YEAR, holidays_of
from amurgeo.errors import InputError
from amurgeo.io import CACHE_VARIABLE
from amurgeo.seasons.holidays import Clocks, HolidayRule, Hours, checkpoint_hours, rules_for

DATA = Path(__file__).resolve().parents[2] / "data" / "geo"
RECORD = pd.read_csv(DATA / "season_record.csv")
RULES = table_of(read_cells(DATA / "holiday_rules.csv", "holiday_rules"), "holiday_rules")[0].to_dict(
    "records"
)
CLOCKS = Clocks("Asia/Yakutsk", "Asia/Shanghai", "Beijing")
FESTIVAL = rules_for(RULES, "kani_kurgan:bridge", "bridge")[0]


def rule(days: str, offset: int = 0, **other: Any) -> HolidayRule:
    return HolidayRule(
        days, offset, **{"first": 1949, "last": 2100, "chance": 0.9, "title": {}, "source": "s", **other}
    )


def days_of(found: HolidayRule, year: int) -> list[tuple[str, str]]:
    return [(str(first), str(last)) for first, last in found.spans(year, year)]


def hours_of(crossing: str, on: date, record: pd.DataFrame = RECORD) -> Hours | None:
    return checkpoint_hours(crossing, on, record, CLOCKS)


def test_the_festival_is_the_statutory_holiday() -> None:
    """Against the stops on record: eve and two days, three days, or eve and three days."""
    for year, days in (
        (2008, ("2008-02-06", "2008-02-08")),
        (2013, ("2013-02-09", "2013-02-11")),
        (2024, ("2024-02-10", "2024-02-12")),
        (2025, ("2025-01-28", "2025-01-31")),
        (2026, ("2026-02-16", "2026-02-19")),
        (2027, ("2027-02-05", "2027-02-08")),
    ):
        assert days_of(FESTIVAL, year) == [days]


def test_kept_calendars_are_those_of_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    library = country_holidays("RU", years=range(FIRST_YEAR, LAST_YEAR + 1), language="en_US")
    expected = {day: frozenset(text.split("; ")) for day, text in sorted(library.items())}
    for _ in ("computed", "read"):
        holidays_of.cache_clear()
        assert list(holidays_of("RU").items()) == list(expected.items())
        (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"damaged")
    holidays_of.cache_clear()
    assert holidays_of("RU") == expected
    assert holidays_of("XX") == {}
    assert [*tmp_path.iterdir()] == [kept]


@settings(deadline=None, max_examples=40)
@given(st.integers(1950, 2099))
def test_the_festival_is_between_solstice_and_spring(year: int) -> None:
    (span,) = days_of(FESTIVAL, year)
    first, last = map(date.fromisoformat, span)
    assert date(year, 1, 20) <= first <= last <= date(year, 2, 24)
    assert 3 <= (last - first).days + 1 <= 4


def test_years_outside_the_calendars_have_no_holiday() -> None:
    assert [year for year in range(1945, 2106) if days_of(FESTIVAL, year)] == [*range(1950, 2101)]


def test_days_of_the_year_of_the_week_and_beside_a_holiday() -> None:
    assert days_of(rule("12-31..01-02|01-07"), 2025) == [
        ("2025-12-31", "2026-01-02"),
        ("2025-01-07", "2025-01-07"),
    ]
    assert days_of(rule("CA: Christmas Day", 1), 2026) == [("2026-12-26", "2026-12-26")]
    assert days_of(rule("CA: Christmas Day", -1), 2026) == [("2026-12-24", "2026-12-24")]
    sundays = days_of(rule("sunday"), 2026)
    assert (sundays[0][0], sundays[-1][0], len(sundays)) == ("2026-01-04", "2026-12-27", 52)
    assert days_of(rule("sunday", first=2027), 2026) == []
    with pytest.raises(InputError, match="'Nothing Day' is no holiday of 'CA'"):
        days_of(rule("CA: Nothing Day"), 2026)
    with pytest.raises(InputError, match="'XX' has no calendar"):
        days_of(rule("XX: Christmas Day"), 2026)


def test_a_rule_on_29_february_is_about_the_28th_in_other_years() -> None:
    for days, first in (("02-29", "02-29"), ("02-27..02-29", "02-27"), ("12-30..02-29", "12-30")):
        for year in (2023, 2024, 2026):
            (span,) = days_of(rule(days), year)
            end = year + (first == "12-30")
            last = f"{end}-02-{29 if end % 4 == 0 else 28}"
            assert span == (last if first == "02-29" else f"{year}-{first}", last)


def test_the_eve_of_a_holiday_of_the_next_year_stops_a_service(tmp_path: Path) -> None:
    """In a period that ends with the year as in one that does not, and in draws."""
    header = ("id", "crossings", "modes", "days", "offset_days", "chance_of_stop")
    texts = {f"title_{lang}": "eve" for lang in ag.text.LANGUAGES}
    row = dict(zip(header, ("eve", "kani_kurgan", "*", "01-01", -1, 1.0), strict=True)) | texts
    origin = {
        "evidence": "x",
        "source": "estimate",
        "source_date": "2026",
        "confidence": "estimated",
        "note": "x",
    }
    pd.DataFrame([row | origin]).to_csv(tmp_path / "holiday_rules.csv", index=False)
    net, key = ag.load(tmp_path), ("kani_kurgan:bridge", "cargo")
    assert ag.state(net, "2026-12-31").crossings.loc[key, "reason"] == "holiday"
    assert ag.state(net, "2026-12-30").crossings.loc[key, "reason"] == "all_year"
    drawn = ag.ensemble(net, start="2026-12-30", end="2026-12-31", n=250)
    assert drawn.chance()[key].iloc[1] == 0.0 < drawn.chance()[key].iloc[0]


def test_a_later_row_on_the_same_days_replaces_an_earlier_one() -> None:
    tail = {
        crossing: next(found.chance for found in rules_for(RULES, crossing, mode) if found.offset == 1)
        for crossing, mode in (("pogranichny:road", "road"), ("kani_kurgan:bridge", "bridge"))
    }
    assert tail == {"pogranichny:road": 0.75, "kani_kurgan:bridge": 0.3}
    assert rules_for(RULES, "pogranichny:rail", "rail") == []
    assert rules_for(RULES, "zabaikalsk:road", "road")[0].chance == 0.2


def test_a_rule_stops_a_service_or_is_told_as_a_risk(net: ag.Network) -> None:
    days = ag.states(net, "2027-02-04", "2027-02-10").to_frame().set_index(["crossing", "traffic"])
    for crossing, closed in (("kani_kurgan:bridge", 4), ("pogranichny:road", 5), ("zabaikalsk:road", 0)):
        rows = days.loc[crossing, "cargo"]
        assert (rows["reason"] == "holiday").sum() == closed, crossing
        assert rows["probability_open"].between(0.001, 0.999).all()
    risky = ag.state(net, "2027-02-09")
    assert risky.because()["kani_kurgan:bridge", "cargo"].endswith(
        "a stop for Spring Festival is possible: 30 %"
    )
    assert risky.because("zh")["kani_kurgan:bridge", "cargo"].startswith("自2022-06-10起全年通行")


def test_a_stop_on_record_goes_before_the_rule(net: ag.Network) -> None:
    row = ag.state(net, "2024-02-13").crossings.loc[("kani_kurgan:bridge", "cargo")]
    assert (row["status"], row["evidence"]) == ("closed", "observed")
    for day, status in (("2023-01-23", "closed"), ("2023-01-24", "open")):
        assert ag.state(net, day).crossings.loc[("kani_kurgan:bridge", "cargo"), "status"] == status


def test_a_weekly_day_off(net: ag.Network) -> None:
    sunday = ag.state(net, "2027-01-17").crossings.loc[("pokrovka:pontoon", "cargo")]
    assert (sunday["status"], sunday["reason"]) == ("closed", "day_off")
    assert ag.state(net, "2027-01-18").crossings.loc[("pokrovka:pontoon", "cargo"), "status"] != "closed"


def test_a_weekly_day_off_lowers_the_chance_of_a_day_before_the_season_too(net: ag.Network) -> None:
    """The pontoon at Nizhneleninskoye rests on Sundays and opens in December."""
    key = ("nizhneleninskoye:pontoon", "cargo")
    days = [net.state(f"2026-12-{day}").crossings.loc[key] for day in (12, 13, 14)]
    assert [day["reason"] for day in days] == ["ice_forming", "ice_forming", "in_season"]
    rule = net.table("holiday_rules").loc["sundays"]
    season = (days[0]["probability_open"] + days[2]["probability_open"]) / 2.0
    assert days[1]["probability_open"] == pytest.approx(season * (1.0 - rule["chance_of_stop"]), abs=0.005)


def test_hours_on_record() -> None:
    hours = hours_of("poyarkovo:ferry", date(2023, 6, 1))
    assert (hours.spans, hours.basis) == (((480, 750), (810, 1260)), "observed")
    assert hours_of("poyarkovo:ferry", date(2026, 6, 1)).basis == "expected"
    assert hours_of("poyarkovo:ferry", date(2023, 5, 9)) is None
    assert hours_of("blagoveshchensk:pontoon", date(2026, 2, 10)).spans[-1][1] == 21 * 60


def test_hours_in_beijing_time_are_converted_to_the_home_clock() -> None:
    hours = hours_of("blagoveshchensk:pontoon", date(2019, 12, 20))
    assert (hours.spans[0][0], hours.spans[-1][1]) == (510, 1050)
    # The home clock was ahead by two hours in summer, and all year from 2011 to 2014.
    for day, ahead in (("2010-02-01", 1), ("2010-07-01", 2), ("2012-02-01", 2), ("2015-02-01", 1)):
        row = {"crossing": "x:ferry", "event": "hours", "value": "09:00-18:00 Beijing time", "source": "s"}
        hours = hours_of("x:ferry", date.fromisoformat(day), pd.DataFrame([{**row, "date": day}]))
        assert hours.spans[0][0] == (9 + ahead) * 60


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Asia/Bangkok", "Europe/Moscow", "Asia/Kolkata"])
def test_hours_by_the_clock_of_the_far_side_begin_on_the_day_at_home(zone: str) -> None:
    """West of the far side a day may begin before midnight at home: then it is that of the next evening."""
    day = date(2026, 2, 10)
    for opens in ("00:00", "00:30", "01:00", "02:30", "05:00", "09:00"):
        row = {"crossing": "x:road", "event": "hours", "value": f"{opens}-22:00 Beijing", "source": "s"}
        clocks = Clocks(zone, "Asia/Shanghai", "Beijing")
        found = checkpoint_hours("x:road", day, pd.DataFrame([{**row, "date": str(day)}]), clocks)
        far = datetime.combine(day, time.fromisoformat(opens), ZoneInfo("Asia/Shanghai"))
        home = far.astimezone(ZoneInfo(zone))
        assert found.spans[0][0] == 60 * home.hour + home.minute
        assert found.spans[0][1] - found.spans[0][0] == 60 * (22 - far.hour) - far.minute


def test_short_day_applies_to_itself_only() -> None:
    short = hours_of("poyarkovo:ice_road", date(2024, 2, 9))
    assert (short.spans, short.short) == (((0, 780),), True)
    after = hours_of("poyarkovo:ice_road", date(2024, 2, 14))
    assert (after.spans[-1][1], after.short) == (18 * 60, False)


@pytest.mark.slow
def test_a_day_of_a_stop_that_is_not_on_record_is_not_called_surely_open(net: ag.Network) -> None:
    """Of every stop on record, each asked with its row left out, none is open with more than 0.99."""
    record = net.tables["season_record"]
    stops = record[(record["event"] == "suspend") & (record["precision"] == "day")]
    stops = stops[stops["crossing"].isin(net.tables["crossings"].index)]
    sure, turn = [], stops.groupby("crossing").cumcount()
    # Crossings are independent: one stop of each is left out at a time.
    for _, left_out in stops.groupby(turn):
        less = ag.Network({**net.base, "season_record": record.drop(index=left_out.index)}, folder=net.folder)
        for id_, row in left_out.iterrows():
            until = row["date"] if pd.isna(row["until"]) else row["until"]
            days = ag.states(less, pd.date_range(row["date"], until, freq="4D")).to_frame()
            days = days[(days["crossing"] == row["crossing"]) & days["status"].isin(["open", "limited"])]
            if row["traffic"] in ("cargo", "passenger"):
                days = days[days["traffic"] == row["traffic"]]
            sure += [id_] * int((days["probability_open"] > 0.99).any())
    assert len(stops) > 80
    assert sure == []
