"""Departures at an hour: waits are separate legs, both time zones count, long closures are not waited for."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import amurgeo as ag
from amurgeo.cli import cli
from amurgeo.routing.departures import Departure
from amurgeo.scenario import as_scenario

HOURS = ("00:00", "07:30", "08:00", "12:00", "17:55", "18:30", "23:00")
WAITS = {"scenario": "no_bridge", "on": "2026-07-15"}


def _leave(net: ag.Network, at: str, **how: Any) -> Departure:
    found = ag.routes(net, "blagoveshchensk", "heihe", depart_at=at, **how).departure
    assert found is not None
    return found


def _routes(*args: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(
        cli, ["routes", "Blagoveshchensk", "Heihe", "--format", "json", *args], standalone_mode=False
    )
    return done.return_value or 0, json.loads(done.stdout)


def test_a_wait_is_a_separate_leg(six: ag.Network) -> None:
    # The ferry is entered from 08:00 to 21:00 by the clock of the Russian bank.
    journey = _leave(six, "22:00", **WAITS)
    waits = [leg for leg in journey.legs if leg["mode"] == "waiting"]
    assert len(waits) == 1
    assert waits[0]["from"] == waits[0]["to"]
    assert waits[0]["length_km"] == 0
    assert waits[0]["end"] == "2026-07-16T08:00+09:00"
    assert journey.wait_h == pytest.approx(waits[0]["hours"])
    assert not _leave(six, "09:00", **WAITS).wait_h


def test_legs_join_without_a_gap_on_two_clocks(six: ag.Network) -> None:
    journey = _leave(six, "22:00", **WAITS)
    assert journey.arrives is not None
    assert journey.leaves.utcoffset() == timedelta(hours=9)
    assert journey.arrives.utcoffset() == timedelta(hours=8)
    for one, two in zip(journey.legs, journey.legs[1:], strict=False):
        assert one["to"] == two["from"]
        assert one["end"] == two["start"]
    country = six.nodes["country"]
    for leg in journey.legs:
        for place, moment in ((leg["from"], leg["start"]), (leg["to"], leg["end"])):
            assert moment.endswith("+09:00" if country[place] == "RU" else "+08:00")
    assert sum(leg["hours"] for leg in journey.legs) == pytest.approx(journey.total_h, abs=0.01)
    document = journey.to_dict()
    there, here = (datetime.fromisoformat(document[key]) for key in ("arrives", "arrives_origin_time"))
    assert there == here
    assert (there.hour + 1) % 24 == here.hour


@pytest.mark.slow
def test_the_return_journey_swaps_time_zones(net: ag.Network) -> None:
    found = ag.routes(net, "Heihe", "Blagoveshchensk", on="2026-02-10", depart_at="08:00").departure
    assert found is not None
    assert found.arrives is not None
    assert found.leaves.isoformat() == "2026-02-10T08:00:00+08:00"
    assert found.arrives.utcoffset() == timedelta(hours=9)
    assert found.arrives > found.leaves


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["baseline", "no_bridge"])
def test_leaving_later_never_arrives_earlier(six: ag.Network, scenario: str) -> None:
    journeys = [_leave(six, at, on="2026-07-15", scenario=scenario) for at in HOURS]
    arrivals = [journey.arrives for journey in journeys if journey.arrives is not None]
    assert len(arrivals) == len(HOURS)
    assert arrivals == sorted(arrivals)
    assert all(one.arrives is not None and one.arrives > one.leaves for one in journeys)


def test_open_at_all_hours_it_is_the_best_route_and_no_wait(net: ag.Network) -> None:
    found = ag.routes(net, "Blagoveshchensk", "Heihe", on="2026-02-10", depart_at="03:00")
    assert found.departure is not None
    assert found.departure.wait_h == 0
    assert found.departure.crossings == found.routes[0].crossings
    assert found.departure.total_h == pytest.approx(found.routes[0].seconds / 3600.0)


def test_a_long_gap_is_closed_and_not_waited_out(six: ag.Network) -> None:
    found = ag.routes(six, "blagoveshchensk", "heihe", on="2018-11-10", depart_at="08:00", max_wait_h=336)
    assert found.departure is not None
    assert found.departure.arrives is None
    assert found.departure.legs == ()
    assert found.departure.to_dict()["total_h"] is None


def test_the_longest_wait_is_an_option(six: ag.Network) -> None:
    patient = _leave(six, "22:00", **WAITS)
    assert _leave(six, "22:00", max_wait_h=patient.wait_h + 0.01, **WAITS).arrives == patient.arrives
    hasty = _leave(six, "22:00", max_wait_h=1.0, **WAITS)
    assert hasty.arrives is None or hasty.wait_h <= 1.0
    for wrong in (-1.0, 400.0, float("nan")):
        with pytest.raises(ag.InputError, match="0 to 336"):
            _leave(six, "22:00", max_wait_h=wrong, **WAITS)


@pytest.mark.slow
def test_an_added_crossing_is_taken(net: ag.Network, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        "name = 'mine'\n[[change]]\nadd = {kind = 'crossing', checkpoint = 'blagoveshchensk', "
        "mode = 'bridge', length_km = 1.0, travel_min = 5, admits = ['truck_20t'], border_h = 1.0}\n",
        encoding="utf-8",
    )
    journey = _leave(net, "08:00", on="2026-02-10", scenario=as_scenario(path))
    assert journey.crossings == ("blagoveshchensk:bridge",)


@pytest.mark.slow
def test_the_command_line_takes_date_and_hour_together() -> None:
    code, document = _routes("--depart", "2026-07-15T22:00", "--scenario", "no_bridge")
    apart = _routes("--on", "2026-07-15", "--depart", "22:00", "--scenario", "no_bridge")
    assert (code, document) == apart
    assert document["departure"]["leaves"] == "2026-07-15T22:00+09:00"
    _, hasty = _routes("--depart", "2026-07-15T22:00", "--scenario", "no_bridge", "--max-wait-h", "1")
    assert hasty["departure"] != document["departure"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"depart_at": "8 h"}, "08:30"),
        ({"depart_at": "2026-02-10T25:00"}, "08:30"),
        ({"depart_at": "2026-02-30T08:00"}, "does not exist"),
        ({"depart_at": "2026-02-10T08:00", "on": "2026-02-11"}, "name the day once"),
    ],
)
def test_an_invalid_departure_raises(net: ag.Network, given: dict[str, str], says: str) -> None:
    with pytest.raises(ag.InputError, match=says):
        ag.routes(net, "Blagoveshchensk", "Heihe", **given)
