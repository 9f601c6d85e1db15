"""Ice: hand-worked thickness and load, laws of warming, dated thickness, and input that makes no sense."""

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
from amurgeo.seasons.bearing import bearing_mass_t, gold_mass_t, required_thickness_cm
from amurgeo.seasons.climate import (
    check_weather,
    daily_normals,
    known_anomalies,
    monthly_normals,
    read_weather,
    winter_temperatures,
)

DATA = Path(__file__).resolve().parents[2] / "data" / "geo"
CLIMATE = pd.read_csv(DATA / "climate.csv")
RECORD = pd.read_csv(DATA / "season_record.csv")
PHENOLOGY = pd.read_csv(DATA / "ice_phenology.csv")
NORMALS = monthly_normals(CLIMATE)


def steady(cold_c: float, *, frost: str = "2021-11-01", thaw: str = "2022-04-01") -> pd.Series:
    """Return a winter of +5 °C, then one steady frost, then +10 °C."""
    days = pd.date_range("2021-10-01", "2022-05-31")
    return pd.Series(np.where(days < frost, 5.0, np.where(days < thaw, cold_c, 10.0)), days)


def weather(values: pd.Series) -> pd.DataFrame:
    """Return a series as a user's table."""
    return pd.DataFrame(
        {"date": values.index.strftime("%Y-%m-%d"), "temp_c": values.round(1).astype(str).to_numpy()}
    )


# What ice bears: published tables.


@pytest.mark.parametrize(
    ("mass_t", "thickness_cm"),
    [(3.5, 21), (5, 25), (10, 35), (15, 43), (20, 49), (25, 55), (30, 60), (40, 70)],
)
def test_norm_agrees_with_its_table(mass_t: float, thickness_cm: float) -> None:
    assert required_thickness_cm(mass_t) == pytest.approx(thickness_cm, abs=0.7)


@pytest.mark.parametrize(
    ("mass_t", "thickness_cm"),
    [(3.5, 26), (5, 31), (10, 43), (15, 53), (20, 61), (25, 69), (30, 75), (40, 87)],
)
def test_thaw_asks_for_a_quarter_more(mass_t: float, thickness_cm: float) -> None:
    assert required_thickness_cm(mass_t, thaw=True) == pytest.approx(thickness_cm, abs=0.7)


@pytest.mark.parametrize(
    ("vehicles", "factor"), [(0, 1.0), (499, 1.0), (500, 1.1), (1999, 1.1), (2000, 1.25), (9999, 1.25)]
)
def test_traffic_factor(vehicles: float, factor: float) -> None:
    assert required_thickness_cm(25, vehicles_per_day=vehicles) == pytest.approx(55 * factor)


@pytest.mark.parametrize(
    ("strength", "mass_t", "thickness_cm"),
    [(3.5, 10, 53), (3.5, 25, 85), (4, 30, 87), (5, 40, 89), (6, 25, 65), (17.6, 40, 48)],
)
def test_gold_agrees_with_published_thicknesses(strength: float, mass_t: float, thickness_cm: float) -> None:
    assert gold_mass_t(thickness_cm, strength_kg_cm2=strength) == pytest.approx(mass_t, rel=0.03)


@given(st.floats(0.1, 40.0), st.floats(0, 5000), st.booleans())
def test_norm_and_its_inverse(mass_t: float, vehicles: float, thaw: bool) -> None:
    needed = required_thickness_cm(mass_t, vehicles_per_day=vehicles, thaw=thaw)
    assert bearing_mass_t(needed, vehicles_per_day=vehicles, thaw=thaw) == pytest.approx(mass_t)


def test_white_ice_counts_by_half() -> None:
    assert bearing_mass_t(40, white_cm=20) == pytest.approx(bearing_mass_t(50))
    assert gold_mass_t(40, white_cm=20) == pytest.approx(gold_mass_t(50))


def test_norm_never_speaks_beyond_its_tables() -> None:
    assert bearing_mass_t(200) == 40.0
    assert bearing_mass_t(200, tracked=True) == 60.0
    for mass in (0.0, -3.0, 41.0, float("nan")):
        with pytest.raises(InputError, match="outside of the norm"):
            required_thickness_cm(mass)
    with pytest.raises(InputError, match="cannot be"):
        bearing_mass_t(-1)
    with pytest.raises(InputError, match=r"3\.5 to 17\.6"):
        gold_mass_t(50, strength_kg_cm2=40)


# Growth and decay: worked by hand.


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


def test_normals_give_the_published_days() -> None:
    winter = ice.ice_winter(winter_temperatures(CLIMATE))
    assert winter.day(winter.freeze_up) == date(2021, 11, 18)
    assert winter.day(winter.break_up) == date(2022, 4, 27)
    assert winter.day(winter.closing) == date(2022, 3, 25)
    opening = winter.day(winter.carries_from(30.0))
    assert opening is not None
    assert date(2021, 12, 30) <= opening <= date(2022, 1, 8)


@pytest.mark.parametrize(
    "row",
    PHENOLOGY[(PHENOLOGY["event"] == "thickness") & (PHENOLOGY["place"] == "blagoveshchensk")].to_dict(
        "records"
    ),
    ids=lambda row: row["id"],
)
def test_dated_thickness_within_12_cm(row: dict) -> None:
    norm = pd.isna(row["date"])
    day = pd.Timestamp(f"2022-{row['month_day']}" if norm else row["date"])
    year = day.year - 1
    closed = PHENOLOGY[
        (PHENOLOGY["event"] == "freeze_up")
        & (PHENOLOGY["place"] == "blagoveshchensk")
        & PHENOLOGY["bound"].isna()
    ]
    seen = [pd.Timestamp(one).date() for one in closed["date"].dropna() if one.startswith(str(year))]
    anomalies = {} if norm else known_anomalies(CLIMATE, year=year)
    temperatures = winter_temperatures(CLIMATE, year=year, months_c=anomalies)
    winter = ice.ice_winter(temperatures, freeze_up=None if norm or not seen else seen[0])
    assert winter.days.at[day, "thickness_cm"] == pytest.approx(row["thickness_cm"], abs=12.0)


def test_openings_follow_the_ice_by_days() -> None:
    lag = ice.opening_lag(RECORD, CLIMATE)
    assert lag.n >= 3
    assert set(lag.by_winter) >= {2006, 2007, 2011}
    assert -2.0 <= lag.days <= 10.0
    assert lag.mae_days <= 8.0
    values = list(lag.by_winter.values())
    by_hand = [abs(one - np.mean(values[:k] + values[k + 1 :])) for k, one in enumerate(values)]
    assert lag.mae_days == pytest.approx(np.mean(by_hand))


# Warming.


def test_ice_season_shrinks_as_satellites_say() -> None:
    """Yang and others (2020) have 6.1 days for each 1 °C; magnitude, not equality."""
    shift = ice.season_shift(CLIMATE, warming_c=1.0)
    assert shift.freeze_up_shift_days is not None
    assert shift.break_up_shift_days is not None
    assert 4.0 <= shift.freeze_up_shift_days - shift.break_up_shift_days <= 9.0


@pytest.mark.parametrize("station", ["blagoveshchensk", "poyarkovo", "skovorodino", "zeya", "tynda"])
def test_warmer_is_later_thinner_and_sooner_gone(station: str) -> None:
    shifts = [
        ice.season_shift(CLIMATE, station=station, warming_c=step) for step in np.arange(-4.0, 10.01, 0.5)
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
        # Once there is no season left, none comes back.
        assert values[: len(known)] == known
    thickness = [shift.max_thickness_cm for shift in shifts]
    assert thickness == sorted(thickness, reverse=True)
    nothing = ice.season_shift(CLIMATE, station=station)
    assert nothing.open_shift_days == nothing.close_shift_days == nothing.freeze_up_shift_days == 0.0


@settings(max_examples=25, deadline=None)
@given(st.floats(-9, 9), st.floats(0.05, 1.0))
def test_early_warmth_delays_and_late_warmth_hastens(warming: float, more: float) -> None:
    plain = ice.season_shift(CLIMATE, warming_c=warming)
    early = ice.season_shift(CLIMATE, warming_c=warming, early_c=more)
    late = ice.season_shift(CLIMATE, warming_c=warming, late_c=more)
    assert early.freeze_up_shift_days > plain.freeze_up_shift_days
    assert early.break_up_shift_days == plain.break_up_shift_days
    assert late.freeze_up_shift_days == pytest.approx(plain.freeze_up_shift_days)
    assert late.break_up_shift_days < plain.break_up_shift_days


def test_each_mode_follows_its_own_turn_of_the_year() -> None:
    shift = ice.season_shift(CLIMATE, warming_c=2.0)
    assert (
        shift.of("ferry", "close") == shift.of("hovercraft", "open", "autumn") == shift.freeze_up_shift_days
    )
    assert shift.of("ferry", "open") == shift.break_up_shift_days
    assert shift.of("ice_road", "open") == shift.open_shift_days
    assert shift.of("pontoon", "open") == shift.freeze_up_shift_days
    assert shift.of("ice_road", "close") == shift.of("hovercraft", "open", "spring") == shift.close_shift_days


def test_ice_too_thin_is_said_and_not_dated() -> None:
    shift = ice.season_shift(CLIMATE, warming_c=10.0)
    assert not shift.carries
    assert shift.open_shift_days is None
    assert shift.reason == "ice_too_thin"


@pytest.mark.parametrize("warming", [40.0, -40.0, float("nan"), float("inf")])
def test_absurd_warming(warming: float) -> None:
    with pytest.raises(InputError, match="give a change between -10 and 10"):
        ice.season_shift(CLIMATE, warming_c=warming)


def test_unknown_station_names_the_nearest() -> None:
    with pytest.raises(InputError, match="blagoveshchensk"):
        ice.season_shift(CLIMATE, station="blagoveschensk")


# Temperatures.


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


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_leap_years_have_every_day(year: int) -> None:
    temperatures = winter_temperatures(CLIMATE, year=year)
    assert len(temperatures) == (366 if clock.isleap(year + 1) else 365)
    assert abs(temperatures.diff().dropna()).max() < 0.7


def test_single_months_come_from_the_table() -> None:
    assert known_anomalies(CLIMATE, year=2011) == pytest.approx({10: 3.1, 11: 1.3})
    assert known_anomalies(CLIMATE, year=2022)[1] == pytest.approx(-24.0 + 21.8)


def test_own_weather_is_read(tmp_path: Path) -> None:
    own = winter_temperatures(CLIMATE, year=2024)["2024-10-01":"2025-05-31"]
    path = tmp_path / "own.csv"
    weather(own).to_csv(path, index=False, encoding="utf-8-sig")
    read = read_weather(path, normals_c=NORMALS)
    assert len(read) == len(own)
    winter = ice.ice_winter(read)
    assert winter.day(winter.freeze_up) == date(2024, 11, 18)


def test_short_gap_is_bridged_and_long_gap_refused() -> None:
    own = weather(winter_temperatures(CLIMATE)["2021-10-01":"2022-05-31"])
    bridged = check_weather(own.drop(range(60, 65)))
    assert len(bridged) == len(own)
    assert bridged.iloc[62] == pytest.approx(float(own["temp_c"].iloc[62]), abs=0.5)
    with pytest.raises(InputError, match=r"own\.csv: 30 days are missing before 2021-12-30"):
        check_weather(own.drop(range(60, 90)), name="own.csv")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda t: t.rename(columns={"temp_c": "temp"}),
            r"row 1: the column temp_c is missing \(there: date, temp\)",
        ),
        (
            lambda t: t.assign(date=t["date"].where(t.index != 4, "2021-13-05")),
            "row 6, column date: 2021-13-05 is no day",
        ),
        (
            lambda t: t.assign(temp_c=t["temp_c"].where(t.index != 7, "cold")),
            "row 9, column temp_c: cold is no temperature",
        ),
        (
            lambda t: t.assign(temp_c=t["temp_c"].where(t.index != 7, "71")),
            "row 9, column temp_c: 71 is outside -60 to 48",
        ),
        (lambda t: pd.concat([t, t.iloc[[3]]]), "column date: 2021-10-04 stands twice"),
        (lambda t: t.iloc[:0], "there is no day in it"),
    ],
)
def test_fault_in_own_weather_is_named(change, says: str) -> None:  # type: ignore[no-untyped-def]
    table = weather(winter_temperatures(CLIMATE)["2021-10-01":"2022-05-31"]).reset_index(drop=True)
    with pytest.raises(InputError, match=says):
        check_weather(change(table), name="own.csv")


@pytest.mark.parametrize("noise_c", [0.0, 6.0])
def test_fahrenheit_is_found_out(noise_c: float) -> None:
    own = winter_temperatures(CLIMATE)["2021-11-01":"2022-03-31"]
    own = own + np.random.default_rng(7).normal(0.0, noise_c, len(own))
    assert len(check_weather(weather(own), normals_c=NORMALS)) == len(own)
    with pytest.raises(InputError, match="Fahrenheit"):
        check_weather(weather(own * 1.8 + 32.0), normals_c=NORMALS)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_weather(tmp_path / "none.csv")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="no CSV file in UTF-8"):
        read_weather(bad)


def test_winter_without_frost_has_no_ice_season() -> None:
    winter = ice.ice_winter(steady(3.0))
    assert winter.reason == "no_freeze_up"
    assert winter.freeze_up is None
    assert winter.break_up is None
    assert winter.carries_from(1.0) is None
    assert winter.max_thickness_cm == 0.0


def test_temperatures_that_cannot_be_a_winter() -> None:
    own = steady(-20.0)
    with pytest.raises(InputError, match="consecutive days"):
        ice.ice_winter(own.drop(own.index[40]))
    with pytest.raises(InputError, match="begin on 2021-12-20"):
        ice.ice_winter(own["2021-12-20":])
    with pytest.raises(InputError, match="a temperature is missing"):
        ice.ice_winter(own.where(own.index != "2022-01-01"))
    with pytest.raises(InputError, match="span 730 days"):
        ice.ice_winter(pd.Series(-5.0, pd.date_range("2021-10-01", periods=730)))


def test_series_that_ends_early_leaves_the_spring_open() -> None:
    winter = ice.ice_winter(winter_temperatures(CLIMATE)["2021-10-01":"2022-02-10"])
    assert winter.freeze_up is not None
    assert winter.carries_from(30.0) is not None
    assert winter.break_up is None
