"""Safe days, changes ahead and gaps agree with the dates of a season, and with the draws of an ensemble."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag

DAY = pd.Timedelta(days=1)
ICE = ("poyarkovo:ice_road", "cargo")
BRIDGE = ("kani_kurgan:bridge", "cargo")


@pytest.fixture(scope="module")
def ahead(net: ag.Network) -> pd.DataFrame:
    return ag.seasons.safe_days(net, "2026-11-28")


@pytest.fixture(scope="module")
def winter(net: ag.Network) -> ag.Ensemble:
    return ag.ensemble(net, start="2026-11-28", end="2026-11-28")


@pytest.fixture(scope="module")
def late(net: ag.Network) -> ag.Ensemble:
    return ag.ensemble(net, start="2026-11-28", end="2026-11-28", scenario="late_ice_3w")


def test_safe_days_lie_inside_the_quantiles_that_dates_returns(net: ag.Network, ahead: pd.DataFrame) -> None:
    rows = ahead[ahead["season"].notna()]
    assert len(rows) > 15
    for (crossing, traffic), row in rows.iterrows():
        part = None
        if "hovercraft" in crossing:
            part = "autumn" if row["opens_p50"].month > 7 else "spring"
        dates = ag.dates(net, crossing, season=row["season"], traffic=traffic, part=part).frame
        for event, name in (("opens", "open"), ("closes", "close")):
            quantiles = [row[f"{event}_{p}"] for p in ("p10", "p50", "p90")]
            assert quantiles == dates.loc[name, ["p10", "p50", "p90"]].tolist(), (crossing, traffic)
        assert row["last_safe_day"] == row["closes_p10"] - DAY, "no stop ends a season"
        assert row["first_safe_day"] == max(row["opens_p90"], pd.Timestamp("2026-11-28"))


def test_a_smaller_risk_leaves_fewer_safe_days(net: ag.Network, ahead: pd.DataFrame) -> None:
    careful = ag.seasons.safe_days(net, "2026-11-28", risk=0.02)
    seasonal = ahead["season"].notna() & (ahead["status"] == "closed")
    assert (careful["first_safe_day"] > ahead["first_safe_day"])[seasonal].all()
    assert (careful["last_safe_day"] < ahead["last_safe_day"])[seasonal].all()


def test_next_and_safe_days_are_one(net: ag.Network, ahead: pd.DataFrame) -> None:
    changes = ag.next_changes(net, "2026-11-28")
    names = ["first_safe_day", "last_safe_day", "stops", "opens_p50", "closes_p90"]
    pd.testing.assert_frame_equal(pd.DataFrame(changes[names]), pd.DataFrame(ahead.loc[changes.index, names]))
    for change in ("opens", "closes"):
        rows = changes[(changes["change"] == change) & changes["season"].notna()]
        # Before the P10 of a change its quantiles are those of the season.
        rows = rows[rows[f"{change}_p10"] > pd.Timestamp("2026-11-28")]
        assert len(rows)
        for p in ("p10", "p50", "p90"):
            assert (rows[p] == rows[f"{change}_{p}"]).all()


def test_a_stop_of_a_scenario_is_no_safe_day(net: ag.Network, ahead: pd.DataFrame) -> None:
    row = ahead.loc[ICE]
    last = row["last_safe_day"].date()
    closed = f"poyarkovo:ice_road close {last}..{last}"
    moved = ag.seasons.safe_days(net, "2026-11-28", scenario=closed).loc[ICE]
    assert moved["last_safe_day"] == row["last_safe_day"] - DAY
    assert moved["stops"] == f"{row['stops']};{last}..{last}"


def test_a_crossing_that_works_all_year_is_safe_until_a_scenario_closes_it(
    net: ag.Network, ahead: pd.DataFrame
) -> None:
    row = ahead.loc[BRIDGE]
    assert (row["reason"], row["season"], row["first_safe_day"]) == (
        "all_year",
        None,
        pd.Timestamp("2026-11-28"),
    )
    assert row["last_safe_day"] is pd.NaT
    shut = ag.seasons.safe_days(net, "2026-11-28", scenario="kani_kurgan:bridge close 2026-12-10..2028-12-31")
    assert shut.loc[BRIDGE, "last_safe_day"] == pd.Timestamp("2026-12-09")


def test_no_day_is_safe_once_a_season_may_be_over(net: ag.Network, ahead: pd.DataFrame) -> None:
    on = ahead.loc[ICE, "closes_p10"] + DAY
    row = ag.seasons.safe_days(net, on).loc[ICE]
    assert row["season"] == "2026/27"
    assert row[["first_safe_day", "last_safe_day"]].isna().all()


def _quantiles(days: np.ndarray) -> list[int]:
    """Return P10, P50 and P90 of drawn days, without interpolation."""
    return [int(day) for day in np.quantile(days, (0.1, 0.5, 0.9), method="inverted_cdf")]


def _numbers(row: pd.Series, name: str) -> list[int]:
    return [(row[f"{name}_{p}"] - pd.Timestamp(0)).days for p in ("p10", "p50", "p90")]


@pytest.mark.parametrize("scenario", [None, "late_ice_3w"])
def test_the_last_safe_day_is_that_of_the_draws(
    net: ag.Network, winter: ag.Ensemble, late: ag.Ensemble, scenario: str | None
) -> None:
    drawn = (winter if scenario is None else late).days_of_turns
    safe = ag.seasons.safe_days(net, "2026-11-28", scenario=scenario)
    seasonal = safe[(safe["season"] == "2026/27") & (safe["status"] == "closed")]
    checked = 0
    for (crossing, _), row in seasonal.iterrows():
        place, _, mode = crossing.partition(":")
        if mode not in ("pontoon", "ice_road"):
            continue
        opens, closes = drawn[place, "winter", 2026], drawn[place, "thaw", 2026]
        assert _numbers(row, "opens") == _quantiles(opens)
        assert _numbers(row, "closes") == _quantiles(closes)
        first, last = ((row[f"{end}_safe_day"] - pd.Timestamp(0)).days for end in ("first", "last"))
        assert (opens <= first).mean() >= 0.9
        assert (closes <= last).mean() < 0.1 <= (closes <= last + 1).mean()
        # A holiday may put the first safe day off.
        assert (opens <= first - 1).mean() < 0.9 or scenario is not None
        checked += 1
    assert checked >= 5


def test_gaps_are_those_of_the_draws(net: ag.Network, winter: ag.Ensemble) -> None:
    drawn = winter.days_of_turns
    for (place, gap), row in ag.gaps(net, 2026).iterrows():
        turns = ("freeze", "winter") if gap == "autumn" else ("thaw", "melt")
        starts, ends = (drawn[place, turn, 2026] for turn in turns)
        assert _numbers(row, "starts") == _quantiles(starts)
        assert _numbers(row, "ends") == _quantiles(ends)
        assert row[["days_p10", "days_p50", "days_p90"]].tolist() == _quantiles(np.maximum(ends - starts, 0))


def test_a_change_that_has_not_come_is_that_of_draws_that_know_it(net: ag.Network) -> None:
    on, name = "2027-01-12", "blagoveshchensk:pontoon"
    row = ag.next_changes(net, on).loc[(name, "cargo")]
    drawn = ag.ensemble(net, start=on, end=on, not_by={name: on}).days_of_turns
    quantiles = [(row[p] - pd.Timestamp(0)).days for p in ("p10", "p50", "p90")]
    assert quantiles == _quantiles(drawn["blagoveshchensk", "winter", 2026])


@pytest.mark.slow
def test_gaps_follow_the_world_and_the_scenario(net: ag.Network) -> None:
    now, shut, then = (
        ag.gaps(net, year, scenario=scenario)
        for year, scenario in ((2026, None), (2026, "no_bridge"), (None, "paper_2010"))
    )
    gap = ("blagoveshchensk", "autumn")
    assert now.loc[gap, "cost_h"] == 0 < 20 < shut.loc[gap, "cost_h"]
    assert then.loc[gap, "starts_p50"].year == 2010
    assert then.loc[gap, "cost_h"] > 20
    # The pontoon of Pokrovka is younger than that world.
    assert [("pokrovka", "spring") in table.index for table in (now, then)] == [True, False]
    row = now.to_dict()[0]
    assert list(row) == ["checkpoint", "gap", "traffic", "starts", "ends", "days", "cost_h"]
    assert row["days"]["p10"] < row["days"]["p50"] < row["days"]["p90"]
    for year, scenario, message in ((None, None, "year"), (2026, "frozen", "regime")):
        with pytest.raises(ag.InputError, match=message):
            ag.gaps(net, year, scenario=scenario)


def test_stops_are_the_runs_of_closed_days(net: ag.Network, ahead: pd.DataFrame) -> None:
    days = ag.states(net, "2026-11-28", "2027-11-27").to_frame()
    works = days["status"].isin(["open", "limited"]) | (days["reason"] == "day_off")
    stopped = days[~works].groupby(["crossing", "traffic"])["date"].agg(list)
    found = 0
    for key, row in ahead[ahead["season"].isna()].iterrows():
        spans: list[list[pd.Timestamp]] = []
        for day in stopped.get(key, []):
            if spans and day - spans[-1][1] == DAY:
                spans[-1][1] = day
            else:
                spans.append([day, day])
        text = ";".join(f"{first.date()}..{last.date()}" for first, last in spans)
        assert row["stops"] == (text or None), key
        found += len(spans)
    assert found > 3


@pytest.mark.parametrize("on", ["2027-02-04", "2027-02-08"])
def test_the_status_beside_a_change_is_that_of_the_day(net: ag.Network, on: str) -> None:
    shut = ag.close(BRIDGE[0], "2027-02-05", "2027-02-08")
    row = ag.next_changes(net, on, scenario=shut).loc[BRIDGE]
    assert row["status"] == net.state(on, scenario=shut).crossings.loc[BRIDGE, "status"]
    if row["status"] == "closed":
        assert (row["change"], row["p50"]) == ("opens", pd.Timestamp("2027-02-09"))
