"""Arguments of the wrong type give one sentence; equivalent arguments give the same answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag

DAY = "2026-02-10"
#: None of these is a day, a place, a name, a year or a number of routes.
INVALID = (None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), -5, [3], {}, b"", object(), True, 1e9)
CALLS: dict[str, Callable[[ag.Network, Any], Any]] = {
    "day": lambda net, given: net.state(on=given),
    "origin": lambda net, given: ag.routes(net, given, "Heihe", on=DAY),
    "destination": lambda net, given: ag.routes(net, "Zeya", given, on=DAY),
    "vehicle": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, vehicle=given),
    "k": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, k=given),
    "via": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, via=[given]),
    "avoid": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, avoid=[given]),
    "graph": lambda net, given: net.state(on=DAY).graph(given),
    "origins": lambda net, given: ag.od_matrix(net, [given], ["Heihe"], on=DAY),
    "calendar": lambda net, given: ag.calendar(net, given),
    "redundancy": lambda net, given: ag.redundancy(net, given),
    "exits": lambda net, given: ag.exits(net, given, on=DAY),
    "pairs": lambda net, given: ag.compare(net, ["frozen", "open"], origins=[given]),
    "executor": lambda net, given: ag.sweep(net, ["baseline"], [DAY], executor=given or "none"),
}


def test_an_invalid_argument_gives_one_sentence(net: ag.Network) -> None:
    failures = []
    for name, call in CALLS.items():
        for given in INVALID:
            if name == "executor" and (given is pd.NA or given is pd.NaT):
                continue
            try:
                call(net, given)
                failures.append((name, given, "no error"))
            except ag.InputError as error:
                if "\n" in str(error) or len(str(error)) >= 700:
                    failures.append((name, given, str(error)))
    assert failures == []


def test_scenarios_must_be_a_list(net: ag.Network) -> None:
    for given in ("frozen", 3, None, ag.Scenario("mine")):
        with pytest.raises(ag.InputError, match="given as a list"):
            ag.compare(net, given)
        with pytest.raises(ag.InputError, match="given as a list"):
            ag.sweep(net, given, [DAY])


def test_a_folder_must_be_a_path() -> None:
    with pytest.raises(ag.InputError, match="own is invalid: 3; expected the path"):
        ag.load(3)  # type: ignore[arg-type]


def test_days_of_every_type_are_equivalent(net: ag.Network) -> None:
    for day in (
        date(2026, 2, 10),
        datetime(2026, 2, 10, 8),
        pd.Timestamp(DAY),
        np.datetime64(DAY),
        np.str_(DAY),
    ):
        assert net.state(on=day).on == date(2026, 2, 10)


def test_names_may_be_any_iterable(net: ag.Network) -> None:
    expected = ag.od_matrix(net, ["Zeya", "Tynda"], ["Heihe"], on=DAY)
    for kind in (tuple, pd.Series, pd.Index, np.array, iter, dict.fromkeys):
        hours = ag.od_matrix(net, kind(["Zeya", "Tynda"]), ["Heihe"], on=DAY)
        pd.testing.assert_frame_equal(hours, expected)


def test_one_name_is_a_list_of_one(net: ag.Network) -> None:
    assert ag.od_matrix(net, "Zeya", "Heihe", on=DAY).shape == (1, 1)
    routes = ag.routes(net, "Zeya", "Heihe", on=DAY, avoid="kani_kurgan")
    assert all(route.crossings[0] != "kani_kurgan:bridge" for route in routes.routes)
    with ThreadPoolExecutor(1) as threads:
        assert (
            len(ag.sweep(net, ["baseline"], [DAY], origins="Zeya", destinations="Heihe", executor=threads))
            == 1
        )


POINT = "50.45,127.62"


@pytest.mark.parametrize(
    "ask",
    [
        lambda net, names: ag.od_matrix(net, names, "Heihe", on=DAY).index,
        lambda net, names: (
            ag.compare(net, ["frozen", "open"], origins=names, destinations="Heihe").pairs.origin
        ),
        lambda net, names: ag.sweep(net, ["baseline"], [DAY], origins=names, destinations="Heihe").origin,
        lambda net, names: ag.redundancy(net, 2026, origins=names, destinations="Heihe").origin,
    ],
    ids=["od_matrix", "compare", "sweep", "redundancy"],
)
def test_points_are_places_and_duplicates_count_once(net: ag.Network, ask: Any) -> None:
    places = list(ask(net, ["Zeya", POINT, "Зея"]))
    assert [name for name in dict.fromkeys(places) if name != "heihe"] == ["zeya", "point_50.45_127.62"]
    assert places.count("zeya") == places.count("point_50.45_127.62")
    with pytest.raises(ag.InputError, match="origins is empty"):
        ask(net, [])
    assert "point_50.45_127.62" not in net.nodes.index


def test_exits_of_a_point(net: ag.Network) -> None:
    assert ag.exits(net, POINT, on=DAY).frame.at["kani_kurgan:bridge", "hours"] > 7
