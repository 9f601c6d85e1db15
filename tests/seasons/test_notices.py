"""Observations that a user adds to the record, and their effect on a state."""

from __future__ import annotations

from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo.errors import InputError

NOTICE = "https://example.org/notice"
BRIDGE, ICE, HOVERCRAFT = "kani_kurgan:bridge", "poyarkovo:ice_road", "blagoveshchensk:hovercraft"
TRAFFIC = {ICE: "cargo", HOVERCRAFT: "passenger"}


def _note(folder: Path, crossing: str, *lines: str) -> ag.Network:
    """Add lines such as ``close 2026-12-01`` or ``weight_limit 2027-02-01 25``; cargo for the ice."""
    for line in lines:
        event, day, *more = line.split()
        ag.record(
            folder,
            crossing,
            event,
            day,
            source=NOTICE,
            traffic=TRAFFIC.get(crossing, "both"),
            until=more[0] if more and event == "suspend" else None,
            value=more[0] if more and event == "weight_limit" else "",
        )
    return ag.load(folder)


def _open(net: ag.Network, crossing: str, days: list[str], traffic: str = "cargo") -> list[bool]:
    return [net.state(day).crossings.at[(crossing, traffic), "status"] != "closed" for day in days]


@pytest.mark.slow
def test_a_bridge_closed_without_an_end_stays_closed(tmp_path: Path) -> None:
    net = _note(tmp_path, BRIDGE, "close 2026-12-01")
    assert _open(net, BRIDGE, ["2026-11-30", "2026-12-01", "2027-03-01"]) == [True, False, False]
    row = net.state("2026-12-05").crossings.loc[(BRIDGE, "passenger")]
    assert row["basis"] == "observed"
    assert row["because"] == ("because.suspended_since", {"first": "2026-12-01"})


@pytest.mark.slow
@pytest.mark.parametrize("again", ["open", "resume"])
def test_a_bridge_opened_again_is_open_again(tmp_path: Path, again: str) -> None:
    net = _note(tmp_path, BRIDGE, "close 2026-12-01", f"{again} 2026-12-10")
    assert _open(net, BRIDGE, ["2026-12-01", "2026-12-09", "2026-12-10"]) == [False, False, True]


@pytest.mark.slow
def test_routes_avoid_a_closed_bridge(tmp_path: Path) -> None:
    net = _note(tmp_path, BRIDGE, "close 2026-12-01")
    found = ag.routes(net, "blagoveshchensk", "heihe", on="2026-12-05", k=3)
    assert len(found.routes) == 3
    assert all(BRIDGE not in route.crossings for route in found.routes)


@pytest.mark.slow
def test_limits_apply_until_the_next_one(tmp_path: Path) -> None:
    net = _note(tmp_path, ICE, "open 2027-01-19", "weight_limit 2027-01-22 12", "weight_limit 2027-03-01 25")
    limits = [
        net.state(day).crossings.at[(ICE, "cargo"), "max_mass_t"]
        for day in ("2027-01-20", "2027-01-22", "2027-02-28", "2027-03-01", "2028-02-01")
    ]
    assert limits == [30.0, 12.0, 12.0, 25.0, 30.0]


@pytest.mark.slow
def test_a_limit_of_a_bridge_has_no_season(tmp_path: Path) -> None:
    net = _note(tmp_path, BRIDGE, "weight_limit 2026-12-01 38")
    limits = [
        net.state(day).crossings.at[(BRIDGE, "cargo"), "max_mass_t"] for day in ("2026-12-01", "2028-07-01")
    ]
    assert limits == [38.0, 38.0]


@pytest.mark.slow
def test_work_resumed_early_ends_the_stop_and_the_festival(tmp_path: Path) -> None:
    net = _note(tmp_path, ICE, "open 2027-01-19", "suspend 2027-02-02 2027-02-20", "resume 2027-02-06")
    assert _open(net, ICE, ["2027-02-02", "2027-02-05", "2027-02-06", "2027-02-07"]) == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.slow
def test_a_stop_without_an_end_lasts_until_work_is_resumed(tmp_path: Path) -> None:
    net = _note(tmp_path, ICE, "open 2027-01-19", "suspend 2027-02-22", "resume 2027-02-26")
    assert _open(net, ICE, ["2027-02-21", "2027-02-22", "2027-02-25", "2027-02-26"]) == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.slow
def test_a_closing_after_which_work_is_resumed_does_not_end_the_season(tmp_path: Path) -> None:
    net = _note(tmp_path, ICE, "open 2027-01-19", "close 2027-02-22", "resume 2027-02-25", "close 2027-03-08")
    days = ["2027-02-22", "2027-02-24", "2027-02-25", "2027-03-07", "2027-03-08"]
    assert _open(net, ICE, days) == [False, False, True, True, False]
    dates = ag.dates(net, ICE, season="2026/27", traffic="cargo")
    assert dates.to_dict()["close"]["observed"] == "2027-03-08"


@pytest.mark.slow
def test_an_announced_crossing_opens_on_the_observed_day(tmp_path: Path) -> None:
    cableway = "blagoveshchensk_cableway:cableway"
    assert _open(ag.load(), cableway, ["2026-12-02"], "passenger") == [False]
    net = _note(tmp_path, cableway, "open 2026-12-01")
    assert _open(net, cableway, ["2026-11-30", "2026-12-01"], "passenger") == [False, True]


@pytest.mark.slow
def test_a_hovercraft_that_closes_in_february_is_closed_from_that_day(tmp_path: Path) -> None:
    net = _note(tmp_path, HOVERCRAFT, "open 2026-10-28", "close 2027-02-10")
    row = net.state("2027-02-10").crossings.loc[(HOVERCRAFT, "passenger")]
    assert (row["status"], row["basis"]) == ("closed", "observed")
    assert _open(net, HOVERCRAFT, ["2027-02-09", "2027-02-28"], "passenger") == [True, False]
    reopened = _note(tmp_path, HOVERCRAFT, "open 2027-02-20")
    days = ["2027-02-19", "2027-02-20", "2027-03-20"]
    assert _open(reopened, HOVERCRAFT, days, "passenger") == [False, True, True]


def test_a_hovercraft_that_opens_in_january_is_open_that_day(tmp_path: Path) -> None:
    net = _note(tmp_path, HOVERCRAFT, "open 2027-01-13")
    row = net.state("2027-01-13").crossings.loc[(HOVERCRAFT, "passenger")]
    assert (row["status"], row["basis"]) == ("open", "observed")


@pytest.mark.parametrize(
    ("crossing", "line", "said"),
    [
        ("konstantinovka:ferry", "open 2026-12-01", "set 'regular' to yes"),
        ("blagoveshchensk:ice_road", "open 2027-01-15", "is retired since 2012-04-01"),
        (BRIDGE, "close 2020-01-15", "opened on 2022-06-10 only"),
    ],
)
def test_an_event_that_contradicts_every_service_is_refused(
    tmp_path: Path, crossing: str, line: str, said: str
) -> None:
    folder = tmp_path / "mine"
    with pytest.raises(InputError, match=said):
        _note(folder, crossing, line)
    assert not folder.exists()
