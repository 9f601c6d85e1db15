"""Ice worked out by hand: bounds of the input, sums of degree-days, and shifts of every mode."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_ice import CLIMATE, NORMALS, steady

import amurgeo as ag
from amurgeo.dataset.border import Ice
from amurgeo.errors import InputError
from amurgeo.seasons import ice
from amurgeo.seasons.ice import IceShift, IceWinter, bearing_mass_t, monthly_normals, winter_temperatures

#: A river that freezes after 100 degree-days; 1 cm² of ice at its thinnest place for each, 4 on the whole.
RIVER = Ice(station="x", alpha_mean=2.0, alpha_thinnest=1.0, freeze_up_degree_days=100.0)


def winter(**months: float) -> pd.Series:
    """Return temperatures from October to June, 0 °C unless a month has others, as ``m11=-20``."""
    days = pd.date_range("2021-10-01", "2022-06-30")
    return pd.Series([months.get(f"m{month}", 0.0) for month in days.month], days)


def test_ice_grows_with_the_root_of_the_degree_days_after_freeze_up() -> None:
    """-20 °C from 1 November on: frozen after 5 days, and 20 degree-days more a day."""
    found = ice.ice_winter(winter(m11=-20.0, m12=-20.0), ice=RIVER)
    assert found.freeze_up == pytest.approx(31 + 5)
    assert found.day(found.freeze_up) == date(2021, 11, 6)
    days = found.days
    assert (days["thickness_cm"][:"2021-11-05"] == 0.0).all()
    for number in (1, 2, 10, 25):
        row = days.iloc[35 + number]
        assert row["thickness_cm"] == pytest.approx(2.0 * np.sqrt(20.0 * number))
        assert row["thinnest_cm"] == pytest.approx(np.sqrt(20.0 * number))
        assert row["bearing_t"] == pytest.approx(20.0 * number / 121.0)
    assert found.max_thickness_cm == pytest.approx(2.0 * np.sqrt(20.0 * 56))
    # A sum that is reached by the end of a day, and stays, is reached.
    five = winter(m11=0.0)
    five["2021-11-01":"2021-11-05"] = -20.0
    assert ice.ice_winter(five, ice=RIVER).freeze_up == pytest.approx(31 + 5)
    # A tonne needs 11 cm: the root of 120 by the end of the sixth day, of 140 by that of the seventh.
    part = (11.0 - np.sqrt(120.0)) / (np.sqrt(140.0) - np.sqrt(120.0))
    assert found.carries_from(1.0) == pytest.approx(36 + 6 + part)
    assert found.carries_from(40.0) is None


def test_a_thaw_before_freeze_up_sets_the_sum_back_to_zero_at_least() -> None:
    """80 degree-days, then 5 days of +10 °C leave 30, so that 70 more are needed; twelve days leave none."""
    for thaw_days, more in ((5, 7.0), (8, 10.0), (12, 10.0)):
        temperatures = winter()
        temperatures["2021-11-01":"2021-11-08"] = -10.0
        temperatures.iloc[39 : 39 + thaw_days] = 10.0
        temperatures.iloc[39 + thaw_days :] = -10.0
        found = ice.ice_winter(temperatures, ice=RIVER)
        assert found.freeze_up == pytest.approx(39 + thaw_days + more)


def test_ice_rots_from_february_to_june_above_five_degrees_of_frost() -> None:
    """At -1 °C 4 degree-days a day melt 0.8 cm, less what freezes; the cover breaks at 265, by day 66.25."""
    assert (ice.ROT_BASE_C, ice.ROT_CM_PER_DEGREE_DAY, ice.BREAK_UP_DEGREE_DAYS) == (-5.0, 0.2, 265.0)
    frost = {f"m{month}": -20.0 for month in (11, 12, 1)}
    found = ice.ice_winter(winter(**frost, m2=-1.0, m3=-1.0, m4=-1.0), ice=RIVER)
    january, first = (float(found.days.at[day, "thickness_cm"]) for day in ("2022-01-31", "2022-02-01"))
    assert first == pytest.approx(np.sqrt(january**2 + 4.0) - 0.8)
    february = (pd.Timestamp("2022-02-01") - pd.Timestamp("2021-10-01")).days
    assert found.break_up == pytest.approx(february + 66.25)
    # It closes by degree-days above -8 °C: 31 / 7 days.
    assert found.closing == pytest.approx(february + 31 / 7)
    # At -5 °C nothing rots, and in November and January neither.
    cold = ice.ice_winter(winter(**{f"m{month}": -5.0 for month in (11, 12, 1, 2, 3, 4, 5, 6)}), ice=RIVER)
    assert cold.break_up is None
    assert (cold.days["thickness_cm"].diff()["2021-12-01":"2022-06-30"] > 0).all()
    mild = ice.ice_winter(winter(**{**frost, "m1": -1.0}), ice=RIVER)
    assert (mild.days["thickness_cm"].diff()["2022-01-01":"2022-01-31"] > 0).all()
    # June is the last month that counts.
    spring = {f"m{month}": -20.0 for month in (2, 3, 4, 5)}
    june = ice.ice_winter(winter(**frost, **spring, m6=5.0), ice=RIVER)
    assert june.break_up == pytest.approx(february + 28 + 31 + 30 + 31 + 26.5)


@pytest.mark.parametrize("month", range(2, 7))
def test_each_month_of_the_sun_breaks_the_ice(month: int) -> None:
    """At +5 °C in one month alone 10 degree-days a day: 265 on the 27th at noon; 31 / 13 days to close."""
    months = {f"m{other}": -20.0 for other in (11, 12, 1, 2, 3, 4, 5, 6)} | {f"m{month}": 5.0}
    found = ice.ice_winter(winter(**months), ice=RIVER)
    first = (pd.Timestamp(2022, month, 1) - pd.Timestamp(2021, 10, 1)).days
    assert (found.break_up, found.closing) == (pytest.approx(first + 26.5), pytest.approx(first + 31 / 13))


def test_a_load_is_carried_only_before_the_thaw_closes_the_road() -> None:
    days = pd.DataFrame({"thinnest_cm": [0.0, 10.0, 12.0]})
    # 11 cm are reached in the middle of the third day.
    for closing, expected in ((None, 2.5), (2.6, 2.5), (2.5, None), (1.0, None)):
        found = IceWinter(days, 0.0, closing, None).carries_from(1.0)
        assert found == (None if expected is None else pytest.approx(expected))
    # 30 t need 60.25 cm, unless another mass is asked for.
    for thickest, carried in ((60.2, False), (60.3, True)):
        found = IceWinter(pd.DataFrame({"thinnest_cm": [0.0, thickest]}), 0.0, None, None)
        assert (found.carries_from() is not None) == carried


def test_a_position_is_a_date_and_its_fraction_is_of_the_day() -> None:
    days = pd.DataFrame({"thickness_cm": [3.0, 7.0]}, index=pd.date_range("2021-10-01", periods=2))
    found = IceWinter(days, None, None, None)
    assert [found.day(position) for position in (None, 0.0, 0.99, 1.0)] == [
        None, date(2021, 10, 1), date(2021, 10, 1), date(2021, 10, 2)
    ]  # fmt: skip
    assert found.max_thickness_cm == 7.0


def test_temperatures_are_of_one_winter_that_starts_from_july_to_november() -> None:
    for start, periods, fault in (
        ("2021-07-01", 365, None),
        ("2023-07-01", 366, None),
        ("2021-07-01", 367, "367 days"),
        ("2021-11-01", 100, None),
        ("2021-11-02", 100, "start on 2021-11-02"),
        ("2021-06-30", 100, "start on 2021-06-30"),
        ("2021-10-01", 2, None),
        ("2021-10-01", 1, "consecutive days"),
    ):
        given = pd.Series(-5.0, pd.date_range(start, periods=periods))
        if fault is None:
            assert len(ice.ice_winter(given, ice=RIVER).days) == periods
        else:
            with pytest.raises(InputError, match=fault):
                ice.ice_winter(given, ice=RIVER)
    backwards = steady(-20.0)[::-1]
    with pytest.raises(InputError, match="consecutive days"):
        ice.ice_winter(backwards)


def test_a_freeze_up_is_observed_from_the_first_to_the_last_day() -> None:
    own = winter(m11=-20.0)
    for day, position in (("2021-10-01", 0.0), ("2022-06-30", 272.0)):
        assert ice.ice_winter(own, freeze_up=day, ice=RIVER).freeze_up == position
    for day in ("2021-09-30", "2022-07-01"):
        with pytest.raises(InputError, match="freeze_up is invalid"):
            ice.ice_winter(own, freeze_up=day, ice=RIVER)
    # On the day itself the whole day counts.
    found = ice.ice_winter(own, freeze_up="2021-11-10", ice=RIVER).days
    assert found.at["2021-11-10", "thickness_cm"] == pytest.approx(2.0 * np.sqrt(20.0))
    assert found.at["2021-11-09", "thickness_cm"] == 0.0


def test_daily_normals_of_a_wave_through_the_year_are_that_wave() -> None:
    """A day is its middle: half a day after midnight of 365; up to five waves a year."""
    angle = 2.0 * np.pi * (np.arange(365) + 0.5) / 365.0
    month = pd.date_range("2001-01-01", "2001-12-31").month.to_numpy()
    for wave in (np.full(365, -3.0), *(part(k * angle) for k in range(1, 6) for part in (np.cos, np.sin)),
                 np.sin(6 * angle)):  # fmt: skip
        means = np.array([wave[month == number].mean() for number in range(1, 13)])
        assert ice.daily_normals(means) == pytest.approx(wave, abs=1e-8)


def test_a_winter_is_warmer_as_a_whole_and_by_months() -> None:
    usual = winter_temperatures(CLIMATE, year=2021)
    assert (str(usual.index[0].date()), str(usual.index[-1].date()), usual.name) == (
        "2021-07-01", "2022-06-30", "temp_c"
    )  # fmt: skip
    assert (winter_temperatures(CLIMATE) == usual).all()
    warm = winter_temperatures(CLIMATE, year=2021, warming_c=1.5, months_c={1: -2.0, 12: 40})
    moved = (warm - usual).groupby(usual.index.month).mean()
    assert moved.round(9).to_dict() == {month: {1: -0.5, 12: 41.5}.get(month, 1.5) for month in range(1, 13)}
    assert usual.groupby(usual.index.month).mean().tolist() == pytest.approx(NORMALS.tolist(), abs=1e-6)
    # 29 February is as the 28th, and March begins as in other years.
    leap, plain = (winter_temperatures(CLIMATE, year=year) for year in (2023, 2022))
    assert leap["2024-02-29"] == leap["2024-02-28"] == plain["2023-02-28"]
    assert leap["2024-03-01"] == plain["2023-03-01"]
    assert leap["2024-06-30"] == plain["2023-06-30"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"year": 1979}, "year"),
        ({"year": 2101}, "year"),
        ({"warming_c": 10.1}, "warming_c"),
        ({"months_c": {0: 1.0}}, "month"),
        ({"months_c": {13: 1.0}}, "month"),
        ({"months_c": {1: 40.5}}, "months_c of month 1"),
        ({"months_c": {1: -40.5}}, "months_c of month 1"),
        ({"months_c": [1.0]}, "expected °C by month"),
        ({"station": "nowhere"}, "unknown station"),
    ],
)
def test_an_invalid_winter_names_its_fault(given: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=text):
        winter_temperatures(CLIMATE, **given)


def test_a_station_without_twelve_normals_is_unknown() -> None:
    rows = {"kind": "normal", "station": "here", "month": range(12, 0, -1), "value_c": range(12)}
    table = pd.DataFrame(rows)
    assert monthly_normals(table, "here").tolist() == list(range(11, -1, -1))
    with pytest.raises(InputError, match="unknown station"):
        monthly_normals(table.iloc[:11], "here")
    other = pd.concat([table, table.assign(kind="daily"), table.assign(station="there")])
    assert monthly_normals(other, "here").tolist() == list(range(11, -1, -1))


def test_masses_and_thicknesses_are_valid_up_to_their_bounds() -> None:
    assert bearing_mass_t(0) == 0.0
    assert bearing_mass_t(1000) == 40.0
    assert bearing_mass_t(55) == pytest.approx(25.0)
    assert bearing_mass_t(55, thaw=True) == pytest.approx(16.0)
    assert ice.required_thickness_cm(40) == pytest.approx(11.0 * np.sqrt(40.0))
    assert ice.required_thickness_cm(4, thaw=True) == pytest.approx(27.5)
    for wrong in (1000.5, -0.5):
        with pytest.raises(InputError, match="thickness_cm"):
            bearing_mass_t(wrong)


def test_every_event_of_a_mode_moves_with_its_turn() -> None:
    """Freeze-up 1, opening by load 2, closing by thaw 3, break-up 4 days."""
    shift = IceShift(1.0, 2.0, 3.0, 4.0, 50.0, True)
    for mode, part, opens, closes in (
        ("ferry", "", 4.0, 1.0),
        ("ice_road", "", 2.0, 3.0),
        ("pontoon", "", 1.0, 3.0),
        ("hovercraft", "autumn", 1.0, 1.0),
        ("hovercraft", "spring", 3.0, 4.0),
    ):
        assert (shift.of(mode, "open", part), shift.of(mode, "close", part)) == (opens, closes)


def test_a_shift_is_the_difference_of_two_winters() -> None:
    """By the parameters of a river and for a mass; the station is that of the river."""
    river = RIVER.model_copy(update={"station": "tynda"})
    elsewhere = {"station": "blagoveshchensk"}
    for given, station, mass in (
        ({}, "tynda", 30.0),
        (elsewhere, elsewhere["station"], 30.0),
        ({"mass_t": 5.0}, "tynda", 5.0),
    ):
        found = ice.season_shift(CLIMATE, ice=river, warming_c=1.5, **given)
        base, warm = (
            ice.ice_winter(winter_temperatures(CLIMATE, station=station, warming_c=warming), ice=river)
            for warming in (0.0, 1.5)
        )
        expected = [
            None if after is None or before is None else after - before
            for before, after in (
                (base.freeze_up, warm.freeze_up),
                (base.carries_from(mass), warm.carries_from(mass)),
                (base.closing, warm.closing),
                (base.break_up, warm.break_up),
            )
        ]
        assert [found.freeze_up_shift_days, found.open_shift_days, found.close_shift_days,
                found.break_up_shift_days] == expected  # fmt: skip
        assert found.max_thickness_cm == warm.max_thickness_cm
        assert found.carries == (warm.carries_from(mass) is not None)
    assert ag.seasons.season_shift(CLIMATE).carries
