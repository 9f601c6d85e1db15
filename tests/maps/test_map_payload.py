"""What goes into the pages: nothing lost, nothing invented."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from small import SmallNet, small_year

import amurgeo as ag
from amurgeo.errors import InputError
from amurgeo.figures import panels
from amurgeo.figures.printed import bars_of_days
from amurgeo.maps import basemap, style

degrees = st.tuples(st.floats(110, 140), st.floats(40, 60))


def decode(steps: list[int]) -> np.ndarray:
    return np.asarray(steps).reshape(-1, 2).cumsum(axis=0) / basemap.STEPS


@given(st.lists(degrees, min_size=2, max_size=30))
def test_line_comes_back_to_the_step(points: list[tuple[float, float]]) -> None:
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
    steps = basemap.encode_line(line, 0.02)
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


STATUSES = ("open", "limited", "unknown", "closed")


@given(st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(0, 10)), max_size=60))
def test_bars_cover_the_days_that_are_not_closed(days: list[tuple[str, int]]) -> None:
    bars = [*bars_of_days("a:ferry", [status for status, _ in days], [tenths / 10 for _, tenths in days])]
    covered = {day: bar[2:] for bar in bars for day in range(*bar[:2])}
    assert set(covered) == {day for day, (status, _) in enumerate(days) if status != "closed"}
    for day, (status, colour, opacity) in covered.items():
        known = status != "unknown"
        assert status == days[day][0]
        assert colour == (style.MODES["ferry"].colour if known else style.COLOURS["unknown"])
        assert opacity == pytest.approx(0.35 + 0.065 * days[day][1] if known else 1.0)
    assert sum(end - start for start, end, *_ in bars) == len(covered)
    assert all(a[1] < b[0] or a[2:] != b[2:] or a[2] == "unknown" for a, b in pairwise(bars))


def test_places_are_ranked_and_terminals_left_out() -> None:
    net: Any = SmallNet()
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


def test_view_is_that_of_the_home_crossings() -> None:
    net: Any = SmallNet()
    (south, west), (north, east) = basemap.view_bounds(net)
    assert 49 < south < 50 < 53 < north < 54
    assert 123 < west < 124 < 128 < east < 129


def test_calendar_of_another_year_or_shape_is_refused() -> None:
    year_days = small_year()
    with pytest.raises(InputError, match="no day of 2025"):
        panels.year_frame(year_days, year=2025)
    with pytest.raises(InputError, match="lacks reason"):
        panels.year_frame(year_days.drop(columns="reason"), year=2026)


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


def test_junctions_without_a_name_are_not_listed() -> None:
    net = ag.load()
    places = net.tables["places"]
    place = places.loc[["bureya"]].assign(kind="junction", source="openstreetmap").set_axis(["osm_1"])
    area = ag.Network({**net.tables, "places": pd.concat([places, place])})
    ids = {place["id"] for place in basemap.place_records(area)}
    assert "bureya" in ids
    assert "osm_1" not in ids
