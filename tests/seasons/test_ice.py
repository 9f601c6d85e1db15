"""Ice: thickness and bearing capacity worked by hand, laws of warming, invalid input."""

from __future__ import annotations

import calendar as clock
import itertools
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amurgeo.errors import InputError
from amurgeo.seasons import ice
from amurgeo.seasons.ice import (
    bearing_mass_t,
    daily_normals,
    monthly_normals,
    required_thickness_cm,
    winter_temperatures,
)

DATA = Path(__file__).resolve().parents[2] / "data" / "geo"
CLIMATE = pd.read_csv(DATA / "climate.csv")
NORMALS = monthly_normals(CLIMATE)


def steady(cold_c: float, *, frost: str = "2021-11-01", thaw: str = "2022-04-01") -> pd.Series:
    """Return a winter of +5 °C, then one steady frost, then +10 °C."""
    days = pd.date_range("2021-10-01", "2022-05-31")
    return pd.Series(np.where(days < frost, 5.0, np.where(days < thaw, cold_c, 10.0)), days)


# Bearing capacity: published tables.


def test_thickness_by_the_norm_agrees_with_its_tables() -> None:
    table = {3.5: (21, 26), 5: (25, 31), 10: (35, 43), 15: (43, 53), 20: (49, 61), 25: (55, 69)}
    for mass_t, (frost_cm, thaw_cm) in (table | {30: (60, 75), 40: (70, 87)}).items():
        assert required_thickness_cm(mass_t) == pytest.approx(frost_cm, abs=0.7)
        assert required_thickness_cm(mass_t, thaw=True) == pytest.approx(thaw_cm, abs=0.7)


@settings(deadline=None)
@given(st.floats(0.1, 40.0), st.booleans())
def test_thickness_and_mass_are_inverse(mass_t: float, thaw: bool) -> None:
    assert bearing_mass_t(required_thickness_cm(mass_t, thaw=thaw), thaw=thaw) == pytest.approx(mass_t)


def test_norm_is_limited_to_its_tables() -> None:
    assert bearing_mass_t(200) == 40.0
    for mass in (0.0, -3.0, 41.0, float("nan")):
        with pytest.raises(InputError, match="above 0 and up to 40"):
            required_thickness_cm(mass)
    with pytest.raises(InputError, match="expected a number from 0 to 1000"):
        bearing_mass_t(-1)


# Growth and decay, worked by hand.


def test_steady_frost_by_hand() -> None:
    """-20 °C from 1 November: 144 degree-days after 7.2 days, then 2.28 sqrt(20 n)."""
    winter = ice.ice_winter(steady(-20.0))
    assert winter.freeze_up == pytest.approx(31 + 7.2)
    assert winter.day(winter.freeze_up) == date(2021, 11, 8)
    for day, after in (("2021-11-30", 22.8), ("2021-12-31", 53.8), ("2022-01-31", 84.8)):
        assert winter.days.at[day, "thickness_cm"] == pytest.approx(2.28 * np.sqrt(20.0 * after))
        assert winter.days.at[day, "thinnest_cm"] == pytest.approx(2.04 * np.sqrt(20.0 * after))
    # 60.25 cm at the thinnest place: (60.25 / 2.04)^2 = 872.3 degree-days, 43.6 days.
    assert winter.carries_from(30.0) == pytest.approx(31 + 7.2 + 43.6, abs=0.1)


def test_thaw_by_hand() -> None:
    """+10 °C from 1 April: 15 degree-days over -5 °C take 3 cm a day; the cover breaks at 265."""
    winter = ice.ice_winter(steady(-20.0))
    march = winter.days.at["2022-03-31", "thickness_cm"]
    assert winter.days.at["2022-04-10", "thickness_cm"] == pytest.approx(march - 30.0)
    assert winter.day(winter.break_up) == date(2022, 4, 18)


def test_thaw_lowers_the_load() -> None:
    winter = ice.ice_winter(steady(-12.0))
    wet = winter.days.loc["2022-04-05"]
    assert wet["thaw"]
    assert wet["bearing_t"] == pytest.approx(min((wet["thinnest_cm"] / 11.0 / 1.25) ** 2, 40.0))


def test_normals_reproduce_the_published_days() -> None:
    winter = ice.ice_winter(winter_temperatures(CLIMATE))
    assert winter.day(winter.freeze_up) == date(2021, 11, 18)
    assert winter.day(winter.break_up) == date(2022, 4, 27)
    assert winter.day(winter.closing) == date(2022, 3, 25)
    opening = winter.day(winter.carries_from(30.0))
    assert opening is not None
    assert date(2021, 12, 30) <= opening <= date(2022, 1, 8)


# Warming.


def test_ice_season_shrinks_as_seen_by_satellites() -> None:
    """Yang and others (2020) have 6.1 days for each 1 °C; magnitude, not equality."""
    shift = ice.season_shift(CLIMATE, warming_c=1.0)
    assert shift.freeze_up_shift_days is not None
    assert shift.break_up_shift_days is not None
    assert 4.0 <= shift.freeze_up_shift_days - shift.break_up_shift_days <= 9.0


@pytest.mark.parametrize("station", ["blagoveshchensk", "tynda"])
def test_warmer_ice_is_later_thinner_and_gone_earlier(station: str) -> None:
    shifts = [
        ice.season_shift(CLIMATE, station=station, warming_c=step) for step in np.arange(-4.0, 10.01, 1.0)
    ]
    for name, sign in (
        ("freeze_up_shift_days", 1),
        ("open_shift_days", 1),
        ("close_shift_days", -1),
        ("break_up_shift_days", -1),
    ):
        values = [getattr(shift, name) for shift in shifts]
        known = [value for value in values if value is not None]
        assert all(sign * a < sign * b for a, b in itertools.pairwise(known))
        # With no season left at some warming, there is none at a larger one.
        assert values[: len(known)] == known
    thickness = [shift.max_thickness_cm for shift in shifts]
    assert thickness == sorted(thickness, reverse=True)
    nothing = ice.season_shift(CLIMATE, station=station)
    assert nothing.open_shift_days == nothing.close_shift_days == nothing.freeze_up_shift_days == 0.0


def test_each_mode_follows_its_own_turn_of_the_year() -> None:
    shift = ice.season_shift(CLIMATE, warming_c=2.0)
    assert (
        shift.of("ferry", "close") == shift.of("hovercraft", "open", "autumn") == shift.freeze_up_shift_days
    )
    assert shift.of("ferry", "open") == shift.break_up_shift_days
    assert shift.of("ice_road", "open") == shift.open_shift_days
    assert shift.of("pontoon", "open") == shift.freeze_up_shift_days
    assert shift.of("hovercraft", "close", "autumn") == shift.freeze_up_shift_days
    assert shift.of("ice_road", "close") == shift.of("hovercraft", "open", "spring") == shift.close_shift_days


def test_ice_too_thin_has_no_opening() -> None:
    shift = ice.season_shift(CLIMATE, warming_c=10.0)
    assert not shift.carries
    assert shift.open_shift_days is None


def test_absurd_warming() -> None:
    for warming in (40.0, -40.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="expected a number from -10 to 10"):
            ice.season_shift(CLIMATE, warming_c=warming)


def test_error_of_an_unknown_station_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="blagoveshchensk"):
        ice.season_shift(CLIMATE, station="blagoveschensk")


# Temperatures.


@settings(deadline=None)
@given(st.lists(st.floats(-40, 30), min_size=12, max_size=12))
def test_daily_normals_keep_every_monthly_mean(monthly: list[float]) -> None:
    days = daily_normals(np.array(monthly))
    start = 0
    for month, mean in enumerate(monthly, start=1):
        length = clock.monthrange(2001, month)[1]
        assert days[start : start + length].mean() == pytest.approx(mean, abs=1e-8)
        start += length
    assert len(days) == 365


def test_normals_are_smooth_through_the_year() -> None:
    days = daily_normals(NORMALS)
    assert np.abs(np.diff(np.append(days, days[0]))).max() < 0.7


def test_leap_years_have_every_day() -> None:
    for year in (2022, 2023):
        temperatures = winter_temperatures(CLIMATE, year=year)
        assert len(temperatures) == (366 if clock.isleap(year + 1) else 365)
        assert abs(temperatures.diff().dropna()).max() < 0.7


def test_winter_without_frost_has_no_ice_season() -> None:
    winter = ice.ice_winter(steady(3.0))
    assert winter.freeze_up is None
    assert winter.break_up is None
    assert winter.carries_from(1.0) is None
    assert winter.max_thickness_cm == 0.0


def test_invalid_temperatures() -> None:
    own = steady(-20.0)
    with pytest.raises(InputError, match="consecutive days"):
        ice.ice_winter(own.drop(own.index[40]))
    with pytest.raises(InputError, match="start on 2021-12-20"):
        ice.ice_winter(own["2021-12-20":])
    with pytest.raises(InputError, match="a value is missing"):
        ice.ice_winter(own.where(own.index != "2022-01-01"))
    with pytest.raises(InputError, match="730 days"):
        ice.ice_winter(pd.Series(-5.0, pd.date_range("2021-10-01", periods=730)))
    with pytest.raises(InputError, match="consecutive days"):
        ice.ice_winter(own[:0])
    for wrong in (
        [-20.0, -20.0],
        own.astype(str) + " C",
        own.set_axis([f"day {n}" for n in range(len(own))]),
    ):
        with pytest.raises(InputError, match="a Series of numbers by day"):
            ice.ice_winter(wrong)


def test_an_observed_freeze_up_is_one_of_the_days() -> None:
    own = steady(-20.0)
    assert ice.ice_winter(own, freeze_up="2021-11-20").freeze_up == 50.0
    for day in ("1990-01-01", "2030-01-01", "soon"):
        with pytest.raises(InputError, match=r"freeze_up is invalid|invalid date"):
            ice.ice_winter(own, freeze_up=day)


def test_temperatures_that_end_early_have_no_break_up() -> None:
    winter = ice.ice_winter(winter_temperatures(CLIMATE)["2021-10-01":"2022-02-10"])
    assert winter.freeze_up is not None
    assert winter.carries_from(30.0) is not None
    assert winter.break_up is None
