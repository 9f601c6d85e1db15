"""One winter ahead of the record at six places: every status, every date and every share has one value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag

FERRY, PONTOON, BRIDGE, HOVERCRAFT = (
    "blagoveshchensk:ferry", "blagoveshchensk:pontoon", "kani_kurgan:bridge", "blagoveshchensk:hovercraft"
)  # fmt: skip
ON = "2026-11-28"


def runs(days: pd.DataFrame, crossing: str, traffic: str) -> list[tuple[str, str, str, float]]:
    """Return the first day of every status and reason, with its probability."""
    rows = days[(days["crossing"] == crossing) & (days["traffic"] == traffic)]
    about = rows["status"] + rows["reason"]
    changed = rows[about != about.shift()]
    return [
        (str(row.date.date()), row.status, row.reason, round(row.probability_open, 4))
        for row in changed.itertuples()
    ]


def texts(row: pd.Series, *names: str) -> list[Any]:
    """Return values of a row, days as text and None for what is missing."""
    return [
        None if pd.isna(row[name]) else str(row[name].date()) if hasattr(row[name], "date") else row[name]
        for name in names
    ]


@pytest.fixture(scope="module")
def days(six: ag.Network) -> pd.DataFrame:
    return ag.states(six, "2026-09-01", "2027-06-30").to_frame()


@pytest.fixture(scope="module")
def drawn(six: ag.Network) -> ag.Ensemble:
    return ag.ensemble(six, winter="2026/27", n=250, seed=1)


def test_the_status_of_every_day_of_a_winter(days: pd.DataFrame) -> None:
    for traffic in ("cargo", "passenger"):
        assert runs(days, FERRY, traffic) == [
            ("2026-09-01", "open", "in_season", 0.9),
            ("2026-10-27", "closed", "ice_forming", 0.4617),
            ("2026-11-28", "closed", "out_of_season", 0.0013),
            ("2027-04-10", "closed", "ice_drift", 0.0027),
            ("2027-05-09", "open", "in_season", 0.5729),
        ]
        assert runs(days, PONTOON, traffic) == [
            ("2026-09-01", "closed", "out_of_season", 0.0001),
            ("2026-10-15", "closed", "ice_forming", 0.0001),
            ("2027-01-09", "limited", "in_season", 0.5355),
            ("2027-02-05", "closed", "holiday", 0.0797),
            ("2027-02-09", "limited", "in_season", 0.6985),
            ("2027-04-14", "closed", "ice_drift", 0.462),
            ("2027-05-11", "closed", "out_of_season", 0.0025),
        ]
        assert runs(days, BRIDGE, traffic) == [
            ("2026-09-01", "open", "all_year", 0.985),
            ("2027-01-01", "closed", "holiday", 0.4999),
            ("2027-01-03", "open", "all_year", 0.985),
            ("2027-02-05", "closed", "holiday", 0.08),
            ("2027-02-09", "open", "all_year", 0.7),
        ]
    assert runs(days, HOVERCRAFT, "passenger") == [
        ("2026-09-01", "closed", "out_of_season", 0.0002),
        ("2026-10-27", "open", "in_season", 0.5383),
        ("2027-01-09", "closed", "out_of_season", 0.4645),
        ("2027-04-14", "open", "in_season", 0.5354),
        ("2027-05-08", "closed", "out_of_season", 0.4981),
    ]
    retired = days[days["crossing"] == "blagoveshchensk:ice_road"]
    assert set(retired["reason"]) == {"retired"}
    assert (retired["probability_open"] == 0).all()
    assert set(days.loc[days["crossing"] == FERRY, "evidence"]) == {"uncovered"}


def test_the_next_changes_before_a_winter(six: ag.Network) -> None:
    ahead = ag.next_changes(six, ON)
    names = ("status", "change", "p10", "p50", "p90", "days_until", "last_safe_day", "next_stop", "season")
    for traffic in ("cargo", "passenger"):
        assert texts(ahead.loc[(FERRY, traffic)], *names) == [
            "closed", "opens", "2027-05-01", "2027-05-08", "2027-05-16", 161, "2027-10-19", None, "2027"
        ]  # fmt: skip
        assert texts(ahead.loc[(PONTOON, traffic)], *names) == [
            "closed", "opens", "2027-01-01", "2027-01-09", "2027-01-17", 42, "2027-04-05", None, "2026/27"
        ]  # fmt: skip
        assert texts(ahead.loc[(BRIDGE, traffic)], *names) == [
            "open", None, None, None, None, None, None, "2027-01-01..2027-01-02", None
        ]  # fmt: skip
    assert texts(ahead.loc[(HOVERCRAFT, "passenger")], *names) == [
        "open", "closes", "2027-01-01", "2027-01-09", "2027-01-17", 42, "2026-12-31", None, "2026/27"
    ]  # fmt: skip
    assert "blagoveshchensk:ice_road" not in ahead.index.get_level_values("crossing")


def test_safe_days_before_a_winter(six: ag.Network) -> None:
    names = ("opens_p10", "opens_p90", "closes_p10", "closes_p90", "first_safe_day", "last_safe_day", "stops")
    safe = ag.seasons.safe_days(six, ON)
    expected = {
        FERRY: ["2027-05-01", "2027-05-16", "2027-10-20", "2027-11-03", "2027-05-16", "2027-10-19", None],
        PONTOON: [
            "2027-01-01", "2027-01-17", "2027-04-06", "2027-04-22", "2027-01-17", "2027-04-05",
            "2027-02-05..2027-02-08",
        ],
        BRIDGE: [None] * 4 + [ON, None, "2027-01-01..2027-01-02;2027-02-05..2027-02-08"],
        HOVERCRAFT: ["2026-10-20", "2026-11-03", "2027-01-01", "2027-01-17", ON, "2026-12-31", None],
    }  # fmt: skip
    for crossing, row in expected.items():
        assert texts(safe.loc[(crossing, "passenger")], *names) == row


def test_a_change_that_is_late_or_moved_is_expected_later(six: ag.Network) -> None:
    """On 24 October the ferry has not closed yet; on 5 November it surely has."""
    names = ("status", "change", "p10", "p50", "p90", "days_until", "last_safe_day", "next_stop")
    shut, moved, late = f"{BRIDGE} close 2026-12-10..2026-12-20", f"{PONTOON} delay_days 10", "2026-10-24"
    for on, scenario, crossing, expected in (
        (
            "2026-11-05",
            None,
            FERRY,
            ["closed", "opens", "2027-05-01", "2027-05-08", "2027-05-16", 184, "2027-10-19", None],
        ),
        (late, None, FERRY, ["open", "closes", "2026-10-25", "2026-10-29", "2026-11-05", 5, None, None]),
        (
            ON,
            shut,
            BRIDGE,
            ["open", "closes", "2026-12-10", "2026-12-10", "2026-12-10", 12, None, "2026-12-10..2026-12-20"],
        ),
        (
            ON,
            moved,
            PONTOON,
            ["closed", "opens", "2027-01-11", "2027-01-19", "2027-01-27", 52, "2027-04-05", None],
        ),
        (
            ON,
            "warm_2c",
            PONTOON,
            ["closed", "opens", "2027-01-06", "2027-01-14", "2027-01-22", 47, "2027-03-31", None],
        ),
    ):
        row = ag.next_changes(six, on, scenario=scenario).loc[(crossing, "cargo")]
        assert texts(row, *names) == expected


def test_shares_of_250_draws(drawn: ag.Ensemble) -> None:
    chance = drawn.chance()
    days = ["2026-10-15", "2026-11-05", "2027-01-05", "2027-02-06", "2027-04-10", "2027-05-10"]
    expected = {
        BRIDGE: [0.992, 0.988, 0.992, 0.072, 0.980, 0.968],
        FERRY: [0.9, 0.064, 0.0, 0.0, 0.0, 0.640],
        PONTOON: [0.0, 0.0, 0.268, 0.072, 0.744, 0.004],
        HOVERCRAFT: [0.036, 0.936, 0.732, 0.0, 0.256, 0.356],
    }
    for crossing, shares in expected.items():
        assert chance.loc[days, (crossing, "passenger")].tolist() == pytest.approx(shares)
    frame = drawn.to_frame()
    assert frame["probability_open"].to_numpy() == pytest.approx(chance.to_numpy().ravel())
    assert frame["crossing"].iloc[0] == BRIDGE
    assert frame["expected"].iloc[0] == 0.99
    assert drawn.open.shape == (250, 9, 365)
    np.testing.assert_allclose(drawn.open.mean(axis=0).T, chance.to_numpy())


def test_every_turn_has_its_250_likely_days(six: ag.Network, drawn: ag.Ensemble) -> None:
    turns = drawn.turns().set_index(["turn", "ice_year"])
    assert set(turns["checkpoint"]) == {"blagoveshchensk"}
    for turn, year, crossing, season, event in (
        ("freeze", 2026, FERRY, "2026", "close"),
        ("winter", 2026, PONTOON, "2026/27", "open"),
        ("thaw", 2026, PONTOON, "2026/27", "close"),
        ("melt", 2026, FERRY, "2027", "open"),
    ):
        found = ag.seasons.season(six, crossing, season=season, traffic="cargo")
        likely = getattr(found, event).distribution.likely
        drawn_days = turns.loc[(turn, year), "date"].to_numpy("datetime64[D]").astype(int)
        assert np.sort(drawn_days).tolist() == likely.tolist()
    # The winter that is on record began on 9 January.
    assert set(turns.loc[("winter", 2025), "date"]) == {pd.Timestamp("2026-01-09")}


def test_a_turn_known_not_to_have_come_is_drawn_after_that_day(six: ag.Network) -> None:
    late = ag.ensemble(
        six, start="2027-01-01", end="2027-02-28", n=250, seed=1, not_by={PONTOON: "2027-01-15"}
    )
    turns = late.turns().query("turn == 'winter' and ice_year == 2026")
    assert turns["date"].min() == pd.Timestamp("2027-01-16")
    assert late.not_by == {("blagoveshchensk", "winter"): pd.Timestamp("2027-01-15").date()}
    chance = late.chance()[PONTOON, "cargo"]
    assert (chance[:"2027-01-15"] == 0).all()
    assert chance["2027-02-28"] > 0.9


def test_a_scenario_opens_and_closes_in_every_draw(six: ag.Network) -> None:
    shut = f"{BRIDGE} close 2027-01-10..2027-01-12+{FERRY} open 2027-01-11..2027-01-20"
    chance = ag.ensemble(six, start="2027-01-08", end="2027-01-22", n=250, seed=1, scenario=shut).chance()
    bridge, ferry = chance[BRIDGE, "cargo"], chance[FERRY, "cargo"]
    assert (bridge == 0).tolist() == [False] * 2 + [True] * 3 + [False] * 10
    assert (ferry == 1).tolist() == [False] * 3 + [True] * 10 + [False] * 2
    assert ferry[["2027-01-10", "2027-01-21"]].tolist() == [0.0, 0.0]
