"""Working hours of crossings in seconds, and rules on holidays from the rows of a table."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from bare_network import BRIDGE, FERRY, PONTOON, noted
from one_service import days

import amurgeo as ag
from amurgeo.seasons.holidays import (
    OBSERVED_DAYS,
    Clocks,
    HolidayRule,
    checkpoint_hours,
    clocks_of,
    moments,
    rules_for,
    working_seconds,
    zones_of,
)

NEVER = np.int32(2**31 - 1)
HOUR, DAY = 3600, 86_400


def test_moments_are_seconds_from_the_first_midnight_of_the_world_clock() -> None:
    """Yakutsk time is nine hours ahead; where the clock moves to summer time a day has 23 hours."""
    known: dict[tuple[str, int], np.ndarray] = {}
    found = moments(days("2026-02-10", "2026-02-12"), "Asia/Yakutsk", 90, known)
    assert found.tolist() == [-9 * HOUR + 5400 + number * DAY for number in range(3)]
    assert found.dtype == np.int32
    assert moments(days("2026-02-10", "2026-02-12"), "Asia/Yakutsk", 90, known) is found
    midnights = moments(days("2026-03-28", "2026-03-30"), "Europe/Helsinki", 0, known)
    assert np.diff(midnights).tolist() == [DAY, DAY - HOUR]
    assert set(known) == {("Asia/Yakutsk", 90), ("Europe/Helsinki", 0)}
    # A minute from 1440 on is of the next day.
    late = moments(days("2026-02-10", "2026-02-10"), "UTC", 1500, {})
    assert late.tolist() == [DAY + HOUR]


def test_places_and_crossings_have_the_clocks_of_their_regions(bare: ag.Network) -> None:
    zones = zones_of(bare)
    assert (zones["north"], zones["south"]) == ("Asia/Yakutsk", "Asia/Shanghai")
    clocks = clocks_of(bare, BRIDGE)
    assert (clocks.home, clocks.far) == ("Asia/Yakutsk", "Asia/Shanghai")
    assert clocks.word.startswith("Beijing|")
    assert clocks.ahead(date(2026, 2, 10)) == 60
    assert Clocks("Asia/Kolkata", "Asia/Tokyo", "").ahead(date(2026, 2, 10)) == -210


def test_crossings_work_in_their_hours_and_all_day_without_any(bare: ag.Network) -> None:
    net = noted(
        bare,
        f"hours 2026-02-11 value=8-12,13-20 crossing={BRIDGE}",
        f"hours 2026-02-13 value=until13:00 crossing={BRIDGE}",
        f"hours 2026-02-12 value=22:00-02:00 crossing={PONTOON}",
        f"hours 2026-02-20 value=9-10 crossing={PONTOON}",
        f"hours 2025-12-01 value=9-10 crossing={FERRY}",
    )
    on = days("2026-02-10", "2026-02-15")
    midnights, begin, end = working_seconds(net, [BRIDGE, PONTOON, FERRY], on, NEVER)
    assert begin.shape == end.shape == (3, 7, 2)
    home = -9 * HOUR
    assert midnights.tolist() == [[home + number * DAY for number in range(7)]] * 3

    def spans(row: int) -> list[list[tuple[float, float]]]:
        """Return the hours of each day by the clock at home."""
        return [
            [
                ((first - home) / HOUR - 24 * number, (last - home) / HOUR - 24 * number)
                for first, last in zip(begin[row, number], end[row, number], strict=True)
                if first != NEVER or last != NEVER
            ]
            for number in range(7)
        ]

    usual = [(8.0, 12.0), (13.0, 20.0)]
    # The short day is the fourth one; after the last day nothing begins.
    assert spans(0) == [[(0.0, 24.0)], usual, usual, [(0.0, 13.0)], usual, usual, []]
    # Hours over midnight end on the next day.
    assert spans(1) == [[(0.0, 24.0)]] * 2 + [[(22.0, 26.0)]] * 4 + [[]]
    assert spans(2) == [[(9.0, 10.0)]] * 6 + [[]]
    nothing = working_seconds(bare, [BRIDGE], on, NEVER)
    assert nothing[1].shape == (1, 7, 1)
    assert (nothing[2] - nothing[1])[0, :6].tolist() == [[DAY]] * 6


def hours(on: str, *rows: tuple[str, str], word: str = "Beijing") -> Any:
    frame = pd.DataFrame(
        [
            {"crossing": "x:road", "event": "hours", "date": day, "value": value, "source": "s"}
            for day, value in rows
        ]
        + [{"crossing": "y:road", "event": "hours", "date": "2026-01-01", "value": "1-2", "source": "s"}]
        + [{"crossing": "x:road", "event": "open", "date": "2026-01-01", "value": "1-2", "source": "s"}]
    )
    return checkpoint_hours(
        "x:road", date.fromisoformat(on), frame, Clocks("Asia/Yakutsk", "Asia/Shanghai", word)
    )


def test_the_newest_hours_hold_from_their_day_on() -> None:
    rows = [("2026-02-10", "9-18"), ("2026-02-01", "8-20"), ("2026-02-12", "soon")]
    assert hours("2026-01-31", *rows) is None
    for on, span, since in (
        ("2026-02-01", (480, 1200), "2026-02-01"),
        ("2026-02-09", (480, 1200), "2026-02-01"),
        ("2026-02-10", (540, 1080), "2026-02-10"),
        ("2026-02-13", (540, 1080), "2026-02-10"),
    ):
        found = hours(on, *rows)
        assert (found.spans, str(found.since), found.basis, found.short) == (
            (span,),
            since,
            "observed",
            False,
        )


def test_hours_are_expected_two_hundred_days_after_their_day() -> None:
    assert OBSERVED_DAYS == 200
    rows = [("2026-01-01", "9-18")]
    assert [hours(on, *rows).basis for on in ("2026-07-20", "2026-07-21")] == ["observed", "expected"]


def test_a_short_day_counts_on_its_date() -> None:
    rows = [("2026-02-01", "9-18"), ("2026-02-10", "until 13:00")]
    assert (hours("2026-02-10", *rows).spans, hours("2026-02-10", *rows).short) == (((0, 780),), True)
    assert hours("2026-02-11", *rows).spans == ((540, 1080),)
    assert hours("2026-02-11", rows[1]) is None


def test_any_word_of_the_far_clock_moves_the_hours() -> None:
    """Heihe is an hour behind; the hours of a short day and those without the word stay."""
    for value, word, start in (
        ("9-18 Beijing time", "Beijing|Pekin", 600),
        ("9-18 pekin time", "Beijing|Pekin", 600),
        ("9-18 beijing time", " Beijing ", 600),
        ("9-18 local", "Beijing|Pekin", 540),
        ("9-18 local", "", 540),
        ("9-18 local", "Beijing|", 540),
        ("until 13:00 Beijing time", "Beijing", 0),
    ):
        assert hours("2026-02-10", ("2026-02-10", value), word=word).spans[0][0] == start, value


# Rules.


def test_rows_are_for_crossings_and_modes_and_years() -> None:
    usual = {
        "crossings": "*", "modes": "*", "days": "sunday", "offset_days": np.nan, "valid_from": np.nan,
        "valid_to": np.nan, "chance_of_stop": 0.9, "title_en": "x", "title_ru": "", "title_zh": np.nan,
        "source": "s",
    }  # fmt: skip
    (rule,) = rules_for([usual], "here:bridge", "bridge")
    assert (rule.offset, rule.first, rule.last, rule.chance, rule.source) == (0, 1949, 2100, 0.9, "s")
    assert rule.title == {"en": "x"}
    for values, is_here in (
        ({"crossings": "here"}, True),
        ({"crossings": "here:bridge"}, True),
        ({"crossings": "there"}, False),
        ({"modes": "road"}, False),
        ({"modes": "!road"}, True),
        ({"crossings": "there", "modes": "road"}, False),
    ):
        assert bool(rules_for([{**usual, **values}], "here:bridge", "bridge")) == is_here
    rows = [usual, {**usual, "chance_of_stop": 0.1}, {**usual, "offset_days": 1}, {**usual, "days": "monday"}]
    found = rules_for(rows, "here:bridge", "bridge")
    assert [(one.days, one.offset, one.chance) for one in found] == [
        ("sunday", 0, 0.1), ("sunday", 1, 0.9), ("monday", 0, 0.9)
    ]  # fmt: skip
    years = {"valid_from": 2020, "valid_to": 2021}
    (rule,) = rules_for([{**usual, **years}], "here:bridge", "bridge")
    assert [len(rule.spans(year, year)) for year in (2019, 2020, 2021, 2022)] == [0, 52, 52, 0]


def test_days_of_the_week_are_all_of_a_year() -> None:
    for name, first, number in (
        ("monday", "2024-01-01", 53),
        ("sunday", "2024-01-07", 52),
        ("tuesday", "2024-01-02", 53),
    ):
        rule = HolidayRule(name, 0, 1949, 2100, 0.9, {}, "s")
        assert rule.is_weekly
        spans = rule.spans(2024, 2024)
        assert (str(spans[0, 0]), len(spans)) == (first, number)
        assert (np.diff(spans[:, 0]).astype(int) == 7).all()
        assert (spans[:, 0] == spans[:, 1]).all()
    assert not HolidayRule("01-01", 0, 1949, 2100, 0.9, {}, "s").is_weekly


def test_days_beside_a_span_follow_its_end_or_come_before_its_start() -> None:
    for offset, expected in ((1, "2025-01-04"), (3, "2025-01-06"), (-1, "2024-12-30"), (-2, "2024-12-29")):
        rule = HolidayRule("12-31..01-03", offset, 1949, 2100, 0.9, {}, "s")
        assert rule.spans(2024, 2024).astype(str).tolist() == [[expected, expected]]
    whole = HolidayRule("12-31..01-03", 0, 1949, 2100, 0.9, {}, "s")
    assert whole.spans(2023, 2024).astype(str).tolist() == [
        ["2023-12-31", "2024-01-03"], ["2024-12-31", "2025-01-03"]
    ]  # fmt: skip
    assert whole.spans(2024, 2023).shape == (0, 2)


def test_holidays_of_a_run_are_one_span_within_a_year() -> None:
    """Of the Russian calendar: 1 to 8 January; Christmas apart, 1 to 6 and 8."""
    names = "New Year Holidays|New Year's Day"
    for days_, expected in (
        (f"RU: {names}|Christmas Day", [["2019-01-01", "2019-01-08"]]),
        (f"RU: {names}", [["2019-01-01", "2019-01-06"], ["2019-01-08", "2019-01-08"]]),
    ):
        rule = HolidayRule(days_, 0, 1949, 2100, 0.9, {}, "s")
        assert rule.spans(2019, 2019).astype(str).tolist() == expected
