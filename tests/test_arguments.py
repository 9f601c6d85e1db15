"""Arguments of the wrong type are said in a sentence; those that mean the same are taken alike."""

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
#: Nothing of this is a day, a place, a name, a year or a number of routes.
STRANGE = (None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), -5, [3], {}, b"", object(), True, 1e9)
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


@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_meant_is_one_sentence(name: str, net: ag.Network) -> None:
    for given in STRANGE:
        if name in ("executor",) and (given is pd.NA or given is pd.NaT):
            continue
        with pytest.raises(ag.InputError) as caught:
            CALLS[name](net, given)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 700


@pytest.mark.parametrize("given", ["frozen", 3, None, ag.Scenario("mine")])
def test_scenarios_are_a_list(net: ag.Network, given: Any) -> None:
    with pytest.raises(ag.InputError, match="given as a list"):
        ag.compare(net, given)
    with pytest.raises(ag.InputError, match="given as a list"):
        ag.sweep(net, given, [DAY])


def test_a_folder_is_a_path() -> None:
    with pytest.raises(ag.InputError, match="is no folder"):
        ag.load(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "day", [date(2026, 2, 10), datetime(2026, 2, 10, 8), pd.Timestamp(DAY), np.datetime64(DAY), np.str_(DAY)]
)
def test_days_of_every_kind_are_one_day(net: ag.Network, day: Any) -> None:
    assert net.state(on=day).on == date(2026, 2, 10)


@pytest.mark.parametrize("kind", [tuple, pd.Series, pd.Index, np.array, iter, dict.fromkeys])
def test_names_of_every_kind_are_a_list(net: ag.Network, kind: Callable[[list[str]], Any]) -> None:
    wanted = ag.od_matrix(net, ["Zeya", "Tynda"], ["Heihe"], on=DAY)
    pd.testing.assert_frame_equal(ag.od_matrix(net, kind(["Zeya", "Tynda"]), ["Heihe"], on=DAY), wanted)


def test_one_name_is_a_list_of_one(net: ag.Network) -> None:
    assert ag.od_matrix(net, "Zeya", "Heihe", on=DAY).shape == (1, 1)
    found = ag.routes(net, "Zeya", "Heihe", on=DAY, avoid="kani_kurgan")
    assert all(route.crossings[0] != "kani_kurgan:bridge" for route in found.routes)
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
def test_points_are_places_and_a_place_named_twice_counts_once(net: ag.Network, ask: Any) -> None:
    found = list(ask(net, ["Zeya", POINT, "Зея"]))
    assert [name for name in dict.fromkeys(found) if name != "heihe"] == ["zeya", "point_50.45_127.62"]
    assert found.count("zeya") == found.count("point_50.45_127.62")
    with pytest.raises(ag.InputError, match="origins: no place is named"):
        ask(net, [])
    assert "point_50.45_127.62" not in net.nodes.index


def test_exits_of_a_point(net: ag.Network) -> None:
    assert ag.exits(net, POINT, on=DAY).frame.at["kani_kurgan:bridge", "hours"] > 7
