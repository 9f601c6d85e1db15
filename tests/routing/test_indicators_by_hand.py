"""Indicators of logged trips, their texts in three languages, and the certainty of crossings, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from networks import BRIDGE, PONTOON

import amurgeo as ag
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.indicators import certainty, indicator_texts
from amurgeo.routing.routes import route_along

ON = "2026-02-10"
NAN = float("nan")


def with_trips(net: ag.Network, rows: Sequence[tuple[str, str, str, float, float]]) -> ag.Network:
    """Return a network with trips: crossing, direction, vehicle, hours to clear and payment."""
    names = net.tables["trips"].index.names
    arrived = pd.Timestamp("2026-02-01 08:00")
    keys = [
        (
            crossing,
            direction,
            by,
            f"{arrived:%Y-%m-%dT%H:%M}",
            f"{arrived + pd.Timedelta(hours=h):%Y-%m-%dT%H:%M}",
        )
        for crossing, direction, by, h, _ in rows
    ]
    paid = [{"paid": row[-1], "source": "own", "note": ""} for row in rows]
    trips = pd.DataFrame(paid, index=pd.MultiIndex.from_tuples(keys, names=names))
    return ag.Network({**net.tables, "trips": trips})


def indicators_of(net: ag.Network, *ends: str, **how: Any) -> dict[str, tuple[Any, ...]]:
    frame = ag.routes(net, *ends, on=ON, via=[BRIDGE], **how)[0].indicators().astype(object)
    frame = frame.where(frame.notna(), None).set_index("indicator")
    columns = ["crossing", "value", "low", "high", "unit", "n", "cv", "basis"]
    return {name: tuple(row) for name, row in zip(frame.index, frame[columns].to_numpy(), strict=True)}


def test_trips_of_the_same_traffic_and_direction_go_before_the_model(plain: ag.Network) -> None:
    """Of 4, 6 and 11 hours the mean is 7, the standard deviation the root of 13."""
    trips = [
        (BRIDGE, "out", "truck_20t", 4.0, 100.0),
        (BRIDGE, "out", "truck_40t", 6.0, 300.0),
        (BRIDGE, "out", "truck_20t", 11.0, NAN),
        (BRIDGE, "out", "car", 1.0, 1.0),
        (BRIDGE, "in", "truck_20t", 9.0, 0.0),
        (PONTOON, "out", "truck_20t", 2.0, 50.0),
    ]
    net = with_trips(plain, trips)
    out = indicators_of(net, "north", "south")
    assert out["TFI1"] == (BRIDGE, 7.0, 4.0, 11.0, "h", 3, round(13**0.5 / 7, 3), "observed")
    # Two of them name what was paid: 100 and 300, whose deviation is the root of 20 000.
    assert out["TFI2"] == (BRIDGE, 200.0, 100.0, 300.0, "RUB", 2, round(20_000**0.5 / 200, 3), "observed")
    assert out["CO2E"][5:] == (0, None, "model")
    # Of one trip, and of one that cost nothing, there is no variation.
    back = indicators_of(net, "south", "north")
    assert back["TFI1"] == (BRIDGE, 9.0, 9.0, 9.0, "h", 1, None, "observed")
    assert back["TFI2"] == (BRIDGE, 0.0, 0.0, 0.0, "RUB", 1, None, "observed")
    free = with_trips(plain, [(BRIDGE, "out", "truck_20t", 4.0, 0.0), (BRIDGE, "out", "truck_20t", 5.0, 0.0)])
    assert indicators_of(free, "north", "south")["TFI2"][1:] == (0.0, 0.0, 0.0, "RUB", 2, None, "observed")


def test_texts_have_the_value_its_range_and_the_least_that_is_known(plain: ag.Network) -> None:
    """Above a hundred without decimals; nothing known is said so."""
    bridge = ag.routes(plain, "north", "south", on=ON, via=[BRIDGE])[0]
    # 8 hours, less the root of 4² + 1.5² and plus that of 3² + 3².
    expected = {"TFI1": "8.0 (3.7–12.2) h", "TFI2": "≥ 5,000 RUB"}
    texts = indicator_texts(bridge, "en")
    assert list(texts) == ["TFI1", "TFI2", "TFI4 SWD", "TFI4 SWOD", "CO2E"]
    assert {name: texts[name] for name in expected} == expected
    # 231 km in 11.95 hours, and in 3.95 hours of driving.
    assert texts["TFI4 SWD"].startswith("19.3 (")
    assert texts["TFI4 SWOD"].startswith("58.5 (")
    assert texts["TFI4 SWOD"].endswith(" km/h")
    assert indicator_texts(bridge, "ru")["TFI1"] == "8,0 (3,7–12,2) ч"
    pontoon = ag.routes(plain, "north", "south", on=ON, via=[PONTOON])[0]
    assert indicator_texts(pontoon, "en")["TFI2"] == "unknown"


def test_texts_of_two_crossings_are_joined_in_order(plain: ag.Network) -> None:
    queues = f"{BRIDGE} wait_h 0+{PONTOON} wait_h 0"
    ask: dict[str, Any] = {"on": ON, "border_h": {BRIDGE: 3.0, PONTOON: 2.0}}
    ask["scenario"] = f"{queues}+blagoveshchensk--kani_kurgan speed_kmh 1+north--kani_kurgan close"
    found = ag.routes(plain, "blagoveshchensk", "kani_kurgan", **ask)
    route, record = found[0], found.records(indicators=False)[0]
    assert route.crossings == (PONTOON, BRIDGE)
    # The first crossing names the route.
    assert record["crossings"] == [PONTOON, BRIDGE]
    assert (record["crossing"], record["checkpoint"], route.name) == (PONTOON, "blagoveshchensk", PONTOON)
    # Hours that are given have no range; the toll is that from China.
    texts = indicator_texts(route, "en")
    assert texts["TFI1"] == "2.0 (2.0–2.0) h; 3.0 (3.0–3.0) h"
    assert texts["TFI2"] == "unknown; ≥ 7,000 RUB"


def test_a_number_of_a_hundred_has_no_decimals(plain: ag.Network) -> None:
    for hours, text in ((100.0, "100"), (99.9, "99.9")):
        scenario = f"{BRIDGE} wait_h 0"
        route = ag.routes(
            plain, "north", "south", on=ON, via=[BRIDGE], border_h={BRIDGE: hours}, scenario=scenario
        )[0]
        assert indicator_texts(route, "en")["TFI1"] == f"{text} ({text}–{text}) h"


def test_greenhouse_gases_have_the_range_of_their_factor(plain: ag.Network) -> None:
    """Without a range there is the value alone; without a factor nothing, and the definition says why."""
    emissions = plain.tables["emissions"]
    alone = emissions.assign(low=NAN, high=NAN)
    for table, value, text in (
        (emissions, (231.0, 115.5, 462.0), "231 (116–462) kg"),
        (alone, (231.0, None, None), "231 kg"),
        (emissions.drop("truck_20t"), (None, None, None), "unknown"),
    ):
        own = ag.Network({**plain.tables, "emissions": table})
        route = ag.routes(own, "north", "south", on=ON, via=[BRIDGE])[0]
        row = route.indicators().set_index("indicator").loc["CO2E"].astype(object)
        assert tuple(row[["value", "low", "high"]].where(row.notna(), None)) == value
        assert ("no published factor" in row["definition"]) == (text == "unknown")
        assert indicator_texts(route, "en")["CO2E"] == text


def test_a_place_to_itself_has_no_speed(plain: ag.Network) -> None:
    frame = ag.routes(plain, "north", "north", on=ON)[0].indicators()
    assert frame["indicator"].tolist() == ["CO2E"]
    assert frame["value"].tolist() == [0.0]


def test_a_passage_that_may_take_no_time_has_no_speed(plain: ag.Network) -> None:
    """From terminal to terminal at once, with nothing but control of none to nine hours."""
    tables = {name: plain.tables[name].copy() for name in ("services", "crossings", "border_hours")}
    tables["services"].loc[(BRIDGE, "cargo"), "wait_h"] = NAN
    tables["crossings"].loc[BRIDGE, "travel_min"] = 0.0
    tables["border_hours"].loc[0, "low_h"] = 0.0
    graph = StateGraph(ag.Network({**plain.tables, **tables}).state(ON), "truck_20t")
    paths = graph.by_first_crossing("kani_kurgan_ru", "kani_kurgan_cn")
    (path,) = [path for path in paths if len(path) == 1]
    route = route_along(graph, path)
    assert route.hours == {"low": 0.0, "mid": 6.0, "high": 9.0}
    assert route.indicators()["indicator"].tolist() == ["TFI1", "TFI2", "CO2E"]


def test_crossings_are_as_certain_as_the_weakest(plain: ag.Network) -> None:
    chances = {
        "a": (0.98765, "observed"), "b": (0.5, "expected"), "c": (NAN, "unknown"), "d": (0.75, "scenario"),
        "e": (0.9, "uncovered"),
    }  # fmt: skip
    index = pd.MultiIndex.from_product([chances, ["cargo"]], names=["crossing", "traffic"])
    crossings = pd.DataFrame([*chances.values()], index=index, columns=["probability_open", "evidence"])
    state: Any = SimpleNamespace(net=plain, crossings=crossings)
    for ids, chance, evidence in (
        ("a", 0.9877, "observed"),
        ("ab", 0.5, "expected"),
        ("da", 0.75, "scenario"),
        ("ebd", 0.5, "uncovered"),
        ("ac", None, "unknown"),
        ("", None, None),
    ):
        found = certainty(state, "truck_20t", [*ids])
        assert found == {"probability_open": chance, "evidence": evidence}


def test_a_crossing_without_known_times_is_passed_at_once(plain: ag.Network) -> None:
    """The stretches of unknown control and queue take no time, and the passage is as it is."""
    services = plain.tables["services"].copy()
    services.loc[(BRIDGE, "cargo"), ["border_h_out", "wait_h"]] = NAN
    own = ag.Network({**plain.tables, "services": services})
    route = ag.routes(own, "north", "south", on=ON, via=[BRIDGE])[0]
    assert route.seconds == 3.95 * 3600
    profile = route.profile()
    taken = profile[profile["part"].isin(["waiting", "border"])]
    assert taken[["stretch_h", "low_h", "high_h"]].to_numpy().tolist() == [[0.0] * 3] * 2
    assert profile["stretch_h"].sum() == pytest.approx(3.95)
