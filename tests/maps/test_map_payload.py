"""What goes into the pages: nothing lost, nothing invented."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.errors import InputError
from amurgeo.maps import basemap, pages, payload, style
from amurgeo.maps.pages import state_map

degrees = st.tuples(st.floats(110, 140), st.floats(40, 60))


def decode(steps: list[int]) -> np.ndarray:
    return np.asarray(steps).reshape(-1, 2).cumsum(axis=0) / basemap.STEPS


@given(st.lists(degrees, min_size=2, max_size=30))
def test_line_comes_back_to_eleven_metres(points: list[tuple[float, float]]) -> None:
    line = shapely.LineString(points)
    back = decode(basemap.encode_line(line))
    kept = [tuple(np.rint(np.array(point) * basemap.STEPS)) for point in points]
    distinct = [point for at, point in enumerate(kept) if at == 0 or point != kept[at - 1]]
    assert np.allclose(back, np.array(distinct) / basemap.STEPS, atol=1e-9)


def unpack(text: str) -> list[int]:
    groups = [basemap.DIGITS.index(digit) for digit in text]
    made, value, shift = [], 0, 0
    for bits in groups:
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            made.append(-((value + 1) // 2) if value & 1 else value // 2)
            value, shift = 0, 0
    return made


@given(st.lists(st.integers(-1_800_000, 1_800_000), max_size=40))
def test_packed_steps_come_back(steps: list[int]) -> None:
    assert unpack(basemap.pack(steps)) == steps


def test_simplified_line_stays_within_the_tolerance() -> None:
    rng = np.random.default_rng(3)
    line = shapely.LineString(np.column_stack([np.linspace(120, 130, 400), 50 + rng.normal(0, 0.01, 400)]))
    steps = basemap.encode_line(line, tolerance=0.02)
    assert len(steps) < 400
    assert shapely.hausdorff_distance(line, shapely.LineString(decode(steps))) < 0.025


def test_rings_keep_holes_and_drop_specks() -> None:
    square = shapely.box(120, 50, 121, 51)
    shape = shapely.MultiPolygon(
        [square.difference(shapely.box(120.4, 50.4, 120.6, 50.6)), shapely.box(130, 50, 130.00001, 50.00001)]
    )
    rings = basemap.encode_rings(shape)
    assert len(rings) == 1
    assert len(rings[0]) == 2


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=60))
def test_runs_come_back(days: list[tuple[int, int]]) -> None:
    codes, why = (np.array(values) for values in zip(*days, strict=True))
    runs = np.array(payload.runs_of(range(len(days)), codes, why)).reshape(-1, 3)
    back = [tuple(runs[np.searchsorted(runs[:, 0], day, side="right") - 1][1:]) for day in range(len(days))]
    assert back == days
    assert all(tuple(a[1:]) != tuple(b[1:]) for a, b in pairwise(runs))


def test_state_says_what_the_frame_says(states: list[Any]) -> None:
    made = payload.state_record(states[0])
    frame = states[0].crossings
    assert {(crossing, traffic) for crossing, rows in made["rows"].items() for traffic in rows} == set(
        frame.index
    )
    row = made["rows"]["poyarkovo:ice_road"]["cargo"]
    assert (row["s"], row["mass"], row["reason"], row["p"]) == (1, 30, "in_season", 0.97)
    assert row["because"]["ru"] == "because in ru"
    assert made["rows"]["blagoveshchensk:ferry"]["cargo"]["mass"] is None
    assert made["rows"]["dzhalinda:ferry"]["cargo"]["unused"]
    assert not made["rows"]["blagoveshchensk:ferry"]["cargo"]["unused"]
    assert made["on"] == "2026-02-10"


def test_only_web_addresses_are_carried(net: Any, states: list[Any]) -> None:
    made = payload.source_records(net, [payload.state_record(states[0])])
    assert made == {
        "page": {"title": "A page", "address": "https://example.org/a?b=1&c=2"},
        "trap": {"title": "A hostile address"},
    }


def test_places_are_ranked_and_terminals_left_out(net: Any) -> None:
    made = basemap.place_records(net)
    ids = [place["id"] for place in made]
    assert set(ids) == {
        place_id for place_id in net.places.index if net.places.at[place_id, "kind"] != "terminal"
    }
    assert [place["zoom"] for place in made] == sorted(place["zoom"] for place in made)
    assert {place["id"] for place in made if place["look"] == "city"} == {"blagoveshchensk", "heihe"}
    assert (
        next(place for place in basemap.place_records(net, always=("mohe",)) if place["id"] == "mohe")["zoom"]
        == 3.0
    )


def test_view_is_that_of_the_home_crossings(net: Any) -> None:
    (south, west), (north, east) = basemap.view_bounds(net)
    assert 49 < south < 50 < 53 < north < 54
    assert 123 < west < 124 < 128 < east < 129


def test_pairs_largest_change_first(net: Any) -> None:
    frame = pd.DataFrame(
        {
            "origin": ["belogorsk", "svobodny", "belogorsk", "nowhere"],
            "destination": ["harbin", "heihe", "heihe", "heihe"],
            "base_h": [16.0, 9.0, 8.0, 1.0],
            "alt_h": [19.5, 9.5, float("nan"), 1.0],
            "change": ["slower", "slower", "lost", "same"],
        }
    )
    made = pages.pair_records(frame, net)
    assert [pair["change"] for pair in made] == ["lost", "slower", "slower"]
    assert made[0]["hours"] == [8, None]
    assert [pair["hours"] for pair in made[1:]] == [[16, 19.5], [9, 9.5]]
    assert pages.pair_records(None, net) == []


def test_year_comes_back_day_by_day(net: Any, year_days: pd.DataFrame) -> None:
    frame = payload.year_frame(year_days, year=2026)
    season, state = payload.year_records(net, frame)
    assert len(season["days"]) == 365
    assert season["days"][40] == "2026-02-10"
    for service in season["services"]:
        mine = frame[(frame["crossing"] == service["crossing"]) & (frame["traffic"] == service["traffic"])]
        runs = np.array(service["runs"]).reshape(-1, 3)
        at = np.searchsorted(runs[:, 0], np.arange(365), side="right") - 1
        assert runs[at, 1].tolist() == mine["status"].map(payload.STATUS_CODES).tolist()
        assert [season["reasons"][code] for code in runs[at, 2]] == mine["reason"].tolist()
        chance = np.array(service["chance"]).reshape(-1, 2)
        at = np.searchsorted(chance[:, 0], np.arange(365), side="right") - 1
        assert np.abs(chance[at, 1] / 1000 - mine["probability_open"].to_numpy()).max() <= 0.010001
    assert state["rows"]["dzhalinda:ferry"]["cargo"]["unused"]
    assert not state["rows"]["blagoveshchensk:ferry"]["cargo"]["unused"]


def test_year_from_states(net: Any, states: list[Any]) -> None:
    frame = payload.year_frame(states, year=2026)
    assert sorted({day.date() for day in frame["date"]}) == [
        date(2026, 2, 10),
        date(2026, 7, 15),
        date(2026, 11, 15),
    ]
    season, _ = payload.year_records(net, frame)
    assert season["days"] == ["2026-02-10", "2026-07-15", "2026-11-15"]


def test_calendar_of_another_year_or_shape_is_refused(year_days: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="no day of 2025"):
        payload.year_frame(year_days, year=2025)
    with pytest.raises(InputError, match="lacks reason"):
        payload.year_frame(year_days.drop(columns="reason"), year=2026)


def test_inputs_are_not_changed(net: Any, states: list[Any], year_days: pd.DataFrame) -> None:
    before = (states[0].crossings.copy(deep=True), year_days.copy(deep=True), net.roads.copy(deep=True))
    payload.state_record(states[0])
    payload.year_records(net, payload.year_frame(year_days, year=2026))
    pd.testing.assert_frame_equal(before[0], states[0].crossings)
    pd.testing.assert_frame_equal(before[1], year_days)
    pd.testing.assert_frame_equal(pd.DataFrame(before[2]), pd.DataFrame(net.roads))


def test_modes_differ_in_shape_and_the_river_modes_in_colour_too() -> None:
    shapes = {mode: look.shape for mode, look in style.MODES.items()}
    assert len(set(shapes.values())) == len(shapes)
    river = [
        style.MODES[mode].colour
        for mode in ("bridge", "ferry", "hovercraft", "pontoon", "ice_road", "cableway")
    ]
    assert len(set(river)) == len(river)
    for shape in shapes.values():
        assert all(-1 <= x <= 1 and -1 <= y <= 1 for x, y in shape)


@pytest.mark.slow
def test_a_large_area_is_drawn_by_its_main_roads_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    net = ag.load()
    roads = net.tables["roads"].assign(source="openstreetmap")
    own = {"koboldo--ogodzha"}
    roads.loc[list(own), "source"] = "estimate"
    area = ag.Network({**net.tables, "roads": roads})
    assert len(basemap.drawn_roads(area)) == len(area.roads)
    main = roads.index[roads["class"].isin(["motorway", "trunk"])]
    access = set(area.roads.index) - set(roads.index)
    monkeypatch.setattr(basemap, "MAX_ROADS", len({*main, *own, *access}))
    drawn = basemap.drawn_roads(area)
    assert set(drawn.index) == {*main, *own, *access}
    page = state_map(area.state("2026-02-10")).to_html()
    assert f"Roads drawn: {len(drawn)} of {len(area.roads)}" in page


def test_junctions_without_a_name_are_not_listed() -> None:
    net = ag.load()
    places = net.tables["places"]
    place = places.loc[["bureya"]].assign(kind="junction", source="openstreetmap").set_axis(["osm_1"])
    area = ag.Network({**net.tables, "places": pd.concat([places, place])})
    ids = {place["id"] for place in basemap.place_records(area)}
    assert "bureya" in ids
    assert "osm_1" not in ids
