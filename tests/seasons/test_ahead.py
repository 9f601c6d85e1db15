"""What is ahead of the services of a network: which are listed, their next stop, and dates of a season."""

from __future__ import annotations

import pandas as pd
import pytest
from bare_network import BRIDGE, FERRY, ORIGIN, PONTOON, noted

import amurgeo as ag
from amurgeo.scenario import Scenario


def test_changes_ahead_are_of_regular_services_that_may_open_within_five_hundred_days(
    bare: ag.Network,
) -> None:
    rows = ag.next_changes(bare, "2026-11-28")
    found = {crossing for crossing, _ in rows.index}
    # The bridge has no change ahead, the ice road is retired.
    assert {FERRY, PONTOON} <= found
    assert not {BRIDGE, "blagoveshchensk:ice_road"} & found
    safe_rows = ag.seasons.safe_days(bare, "2026-11-28")
    assert {FERRY, PONTOON, BRIDGE} <= {crossing for crossing, _ in safe_rows.index}
    assert rows.dtypes[["days_until", "p50", "last_safe_day"]].astype(str).tolist() == [
        "Int64", "datetime64[s]", "datetime64[s]"
    ]  # fmt: skip
    opens = ag.open("blagoveshchensk:ice_road", "2028-04-10", "2028-04-12")
    for on, is_ahead in (("2026-11-28", True), ("2026-11-26", False)):
        scenario = Scenario("x", changes=[opens])
        assert (
            ("blagoveshchensk:ice_road", "cargo") in ag.seasons.safe_days(bare, on, scenario=scenario).index
        ) == (is_ahead)


def test_a_service_that_is_unknown_today_alone_is_ahead(bare: ag.Network) -> None:
    net = noted(bare, gaps=({"first": "2026-11-28", "until": "2026-11-28", "crossings": BRIDGE},))
    shut = ag.close(BRIDGE, "2026-11-29", "2029-01-01")
    for on, is_ahead in (("2026-11-27", True), ("2026-11-28", True), ("2026-11-29", False)):
        found = ag.seasons.safe_days(net, on, scenario=shut)
        assert ((BRIDGE, "cargo") in found.index) == is_ahead


def test_a_stopped_or_unknown_service_that_works_all_year_is_listed(bare: ag.Network) -> None:
    key = (BRIDGE, "cargo")
    stop = f"suspend 2026-12-01 until=2026-12-20 crossing={BRIDGE}"
    for net, on, expected in (
        (noted(bare, stop), "2026-12-05", ("closed", "opens", None)),
        (noted(bare, stop), "2026-11-28", ("open", "closes", "2026-12-01..2026-12-20")),
        (noted(bare, f"suspend 2026-12-01 crossing={BRIDGE}"), "2026-12-05", ("unknown", None, None)),
    ):
        row = ag.next_changes(net, on).loc[key]
        found = [None if pd.isna(row[name]) else row[name] for name in ("status", "change", "next_stop")]
        assert tuple(found) == expected
    short = noted(bare, f"suspend 2026-12-01 until=2026-12-02 crossing={BRIDGE}")
    row = ag.next_changes(short, "2026-11-28").loc[key]
    assert pd.isna(row["change"])
    assert row["next_stop"] == "2026-12-01..2026-12-02"


def test_a_day_off_has_the_next_stop_as_an_open_day(bare: ag.Network) -> None:
    titles = {f"title_{lang}": "x" for lang in ("en", "ru", "zh")}
    origin = {"crossings": BRIDGE, "modes": "*", "evidence": "x", **titles, **ORIGIN}
    net = bare.with_rows(
        {
            "holiday_rules": [
                {"id": "week", "days": "sunday", "chance_of_stop": 0.9, **origin},
                {"id": "feast", "days": "12-01..12-02", "chance_of_stop": 0.9, **origin},
            ]
        }
    )
    # 29 November 2026 is a Sunday.
    for on in ("2026-11-28", "2026-11-29"):
        row = ag.next_changes(net, on).loc[(BRIDGE, "cargo")]
        assert row["next_stop"] == "2026-12-01..2026-12-02"


def test_a_risk_is_above_zero_and_up_to_a_half(bare: ag.Network) -> None:
    for ask in (ag.next_changes, ag.seasons.safe_days):
        for risk in (0.5, 0.001):
            assert len(ask(bare, "2026-11-28", risk=risk))
        for risk in (0, 0.501, -0.1, 1):
            with pytest.raises(ag.InputError, match="risk"):
                ask(bare, "2026-11-28", risk=risk)


def test_a_season_has_its_record_unless_it_is_asked_for_without(bare: ag.Network) -> None:
    net = noted(bare, f"open 2027-01-05 crossing={PONTOON}")
    asked = {"season": "2026/27", "traffic": "cargo"}
    found, blind = (ag.seasons.season(net, PONTOON, **asked, **given) for given in ({}, {"blind": True}))
    assert found.open is not None
    assert blind.open is not None
    assert (str(found.open.observed), blind.open.observed) == ("2027-01-05", None)
    days = [ag.dates(net, PONTOON, **asked, **given).to_dict()["open"] for given in ({}, {"blind": True})]
    assert [one["p50"] for one in days] == ["2027-01-05", "2027-01-10"]


def test_dates_of_a_season_are_plain_values(bare: ag.Network) -> None:
    found = ag.dates(noted(bare, "open 2021-05-12"), PONTOON, season="2026/27")
    assert found.to_dict() == {
        "crossing": PONTOON,
        "season": "2026/27",
        "open": {"p10": "2027-01-09", "p50": "2027-01-10", "p90": "2027-01-11", "observed": None},
        "close": {"p10": "2027-04-09", "p50": "2027-04-10", "p90": "2027-04-11", "observed": None},
        "n": 0,
        "method": "window",
        "record_until": "2021-05-12",
    }
    frame = found.to_frame()
    frame.loc["open", "p50"] = None
    assert str(found.frame.at["open", "p50"].date()) == "2027-01-10"
