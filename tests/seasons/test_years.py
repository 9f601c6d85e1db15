"""Every day from 2004 to 2035: a status of every service, and the next changes."""

from __future__ import annotations

from calendar import isleap

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag

SERVICE = ["crossing", "traffic"]


#: Before the pontoon, with it, in the pandemic, with the bridge, and ahead; and all.
YEARS = [
    pytest.param((2008, 2016, 2021, 2024, 2030, 2031, 2032), id="some"),
    pytest.param(range(2004, 2036), id="all", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=YEARS)
def days(net: ag.Network, request: pytest.FixtureRequest) -> pd.DataFrame:
    return pd.concat([ag.calendar(net, year) for year in request.param], ignore_index=True)


def test_every_day_and_service_has_a_status_a_reason_and_a_probability(
    net: ag.Network, days: pd.DataFrame
) -> None:
    n_days = sum(366 if isleap(year) else 365 for year in days["date"].dt.year.unique())
    assert len(days) == n_days * len(net.tables["services"])
    assert days[["status", "reason", "basis", "evidence"]].notna().all().all()
    assert set(days["status"]) == {"open", "limited", "closed", "unknown"}
    unknown = days["status"] == "unknown"
    assert (unknown == days["probability_open"].isna()).all()
    assert days.loc[~unknown, "probability_open"].between(0, 1).all()
    assert (days["status"].isin(["open", "limited"]) == (days["probability_open"] >= 0.5)).all()


def test_services_are_closed_outside_the_years_of_their_existence(
    net: ag.Network, days: pd.DataFrame
) -> None:
    services = net.tables["services"]
    key = pd.MultiIndex.from_frame(days[SERVICE])
    opened, retired = (services[name].reindex(key).to_numpy() for name in ("opened", "retired"))
    is_open = (days["status"] != "closed").to_numpy()
    when = days["date"].to_numpy()
    assert not (is_open & (when < opened)).any()
    assert not (is_open & (when >= retired)).any()


def test_ferry_and_ice_at_one_checkpoint_are_never_both_certain(days: pd.DataFrame) -> None:
    wide = days.pivot_table(index="date", columns=SERVICE, values="probability_open").fillna(0.0)
    for place in ("blagoveshchensk", "poyarkovo", "amurzet", "nizhneleninskoye", "pokrovka"):
        ferry = wide[(f"{place}:ferry", "cargo")]
        for mode in ("ice_road", "pontoon"):
            if (f"{place}:{mode}", "cargo") in wide:
                assert (np.minimum(ferry, wide[(f"{place}:{mode}", "cargo")]) < 0.9).all()


def test_leap_days_and_new_year_are_like_their_neighbours(days: pd.DataFrame) -> None:
    for crossing in ("blagoveshchensk:pontoon", "poyarkovo:ice_road"):
        rows = days[(days["crossing"] == crossing) & (days["traffic"] == "cargo")]
        mine = rows.set_index("date")["probability_open"]
        for first, second in (
            ("2032-02-28", "2032-02-29"),
            ("2032-02-29", "2032-03-01"),
            ("2030-12-31", "2031-01-01"),
        ):
            assert abs(mine[second] - mine[first]) < 0.15


def test_the_calendar_agrees_with_the_state(net: ag.Network) -> None:
    year = ag.calendar(net, 2025)
    for day in ("2025-01-14", "2025-04-20", "2025-10-27", "2025-12-25"):
        state = net.state(day).crossings
        mine = year[year["date"] == day].set_index(SERVICE)
        assert mine["status"].to_dict() == state["status"].to_dict()


def test_a_calendar_of_a_regime_is_refused(net: ag.Network) -> None:
    for scenario, message in (("frozen", "regime"), ("frozn", "did you mean")):
        with pytest.raises(ag.InputError, match=message):
            ag.calendar(net, 2026, scenario=scenario)


@pytest.mark.slow
def test_warmer_winters_shorten_the_ice_season_step_by_step(net: ag.Network) -> None:
    days = []
    for scenario in (None, "warm_1c", "warm_2c", "warm_3c"):
        year = ag.calendar(net, 2028, scenario=scenario)
        mine = year[(year["crossing"] == "poyarkovo:ice_road") & (year["traffic"] == "cargo")]
        days.append(float(mine["probability_open"].sum()))
    assert days == sorted(days, reverse=True)
    assert 3 < days[0] - days[2] < 40


def test_early_in_a_season_the_change_is_its_end(net: ag.Network) -> None:
    """On 12 February the ice may not have opened yet; that does not count as closed again."""
    ice = ag.next_changes(net, "2027-02-12").loc[("poyarkovo:ice_road", "cargo")]
    assert (ice["status"], ice["change"]) == ("open", "closes")
    assert pd.Timestamp("2027-02-20") < ice["last_safe_day"] < ice["p10"] < ice["p50"] < ice["p90"]


@pytest.mark.slow
def test_an_opening_that_is_not_on_record_is_pending_beyond_its_median(net: ag.Network) -> None:
    """Without a record the next change stays the opening until it is 90 % likely, later day by day."""
    expected = ag.dates(net, "blagoveshchensk:pontoon", season="2026/27", traffic="cargo").frame.loc["open"]
    medians = []
    for day in (-8, -2, 2, 6, 12):
        on = expected["p50"] + pd.Timedelta(days=day)
        row = ag.next_changes(net, on.date()).loc[("blagoveshchensk:pontoon", "cargo")]
        assert (row["status"], row["change"]) == (("closed", "opens") if day < 9 else ("limited", "closes"))
        medians.append(row["p50"])
        assert on < row["p10"] <= row["p50"] <= row["p90"]
    assert medians == sorted(medians)
    assert medians[0] < medians[2] < expected["p50"] + pd.Timedelta(days=10)


def test_services_of_a_checkpoint_turn_together(net: ag.Network) -> None:
    """Hovercraft end when the pontoon opens, start when it closes, and end when the ferries start."""
    for place in ("blagoveshchensk", "nizhneleninskoye"):

        def days(mode: str, season: str, part: str | None = None, place: str = place) -> pd.DataFrame:
            crossing = f"{place}:{mode}"
            return ag.dates(net, crossing, season=season, traffic="passenger", part=part).frame[
                ["p10", "p50", "p90"]
            ]

        autumn, spring = (days("hovercraft", "2026/27", part) for part in ("autumn", "spring"))
        pontoon = days("pontoon", "2026/27")
        assert autumn.loc["close"].equals(pontoon.loc["open"])
        assert spring.loc["open"].equals(pontoon.loc["close"])
        assert spring.loc["close"].equals(days("ferry", "2027").loc["open"])
        assert autumn.loc["open"].equals(days("ferry", "2026").loc["close"])


def test_the_next_stop_of_every_crossing(net: ag.Network) -> None:
    ahead = ag.next_changes(net, "2026-01-20")
    stops = ahead["next_stop"].dropna()
    assert {"kani_kurgan:bridge", "blagoveshchensk:pontoon"} <= set(stops.index.get_level_values("crossing"))
    assert stops["kani_kurgan:bridge", "cargo"] == "2026-02-16..2026-02-19"
    assert stops.str.startswith(("2026-02-16", "2026-02-17")).all()
    bridge = ahead.loc[("kani_kurgan:bridge", "cargo")]
    assert bridge[["change", "p10", "p50", "p90", "days_until", "last_safe_day"]].isna().all()
    assert ahead.loc[ahead["status"] == "closed", "next_stop"].isna().all()


def test_the_next_change_is_in_order_and_safe(net: ag.Network) -> None:
    ahead = ag.next_changes(net, "2026-02-25")
    ice = ahead.loc[("poyarkovo:ice_road", "cargo")]
    assert ice["change"] == "closes"
    assert ice["p10"] <= ice["p50"] <= ice["p90"]
    assert pd.Timestamp("2026-02-25") < ice["last_safe_day"] < ice["p50"]
    assert ice["days_until"] == (ice["p50"] - pd.Timestamp("2026-02-25")).days
    bolder = ag.next_changes(net, "2026-02-25", risk=0.3).loc[
        ("poyarkovo:ice_road", "cargo"), "last_safe_day"
    ]
    assert bolder > ice["last_safe_day"]
    ferry = ahead.loc[("blagoveshchensk:ferry", "cargo")]
    assert ferry["change"] == "opens"
    assert ferry["p90"] == ferry["first_safe_day"] < ferry["last_safe_day"], "of the season to come"
    with pytest.raises(ag.InputError, match="risk"):
        ag.next_changes(net, "2026-02-25", risk=0.9)
