"""The record of one service: what applies to it, what ended a season, and how long stops and limits last."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from one_service import BRIDGE, FERRY, HOVERCRAFT, ICE, day, observed

from amurgeo.seasons.observations import Span, best_turn, read_record, resumed, service_record


def test_a_row_applies_to_its_traffic_and_to_both() -> None:
    expected = {"cargo": "cargo both unknown", "passenger": "passenger both unknown"}
    for kind, traffics in expected.items():
        for traffic in ("cargo", "passenger", "both", "unknown"):
            (row,) = observed(f"open 2021-01-05 traffic={traffic}")
            assert row.applies_to(kind) == (traffic in traffics.split())
            assert row.applies_to("both")


def test_rows_are_read_in_order_of_their_days_without_those_of_a_month() -> None:
    rows = observed(
        "close 2021-03-05 evidence=no",
        "open 2021-01-05 evidence=True",
        "open 2021-01-01 precision=month",
        "suspend 2021-02-05 until=2021-02-09 evidence=YES precision=week",
        "seen_open 2021-02-20 evidence=maybe",
    )
    assert [(row.event, str(row.day), row.evidence) for row in rows] == [
        ("open", "2021-01-05", True),
        ("suspend", "2021-02-05", True),
        ("seen_open", "2021-02-20", False),
        ("close", "2021-03-05", False),
    ]
    assert [row.until for row in rows] == [None, day("2021-02-09"), None, None]
    # Missing cells are empty texts.
    assert (rows[0].value, rows[0].reason) == ("", "")
    assert rows[0].season == (2020, "")


def test_a_row_has_the_id_of_its_column_or_of_its_index() -> None:
    row = {"crossing": ICE, "traffic": "both", "event": "open", "date": "2021-01-05", "precision": "day"}
    for frame, expected in (
        (pd.DataFrame([{**row, "id": "own"}]), "own"),
        (pd.DataFrame([row], index=pd.Index(["named"], name="id")), "named"),
        (pd.DataFrame([row], index=["plain"]), "plain"),
    ):
        assert read_record(frame)[ICE][0].id == expected


def test_a_hovercraft_closes_its_autumn_until_february_and_opens_it_until_january() -> None:
    for line, part, closing in (
        ("open 2021-01-31", "autumn", "autumn"),
        ("open 2021-02-01", "spring", "autumn"),
        ("open 2021-03-01", "spring", "spring"),
        ("close 2021-02-28", "autumn", "autumn"),
        ("close 2021-03-01", "spring", "spring"),
        ("open 2021-07-01", "autumn", "autumn"),
        ("close 2021-06-30", "spring", "spring"),
    ):
        (row,) = observed(line, crossing=HOVERCRAFT)
        assert (row.part, row.closing_season[1]) == (part, closing), line
        assert row.closing_season[0] == row.year == (2020 if "07-01" not in line else 2021)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["close 2021-02-01", "resume 2021-02-05"], {"r0"}),
        (["close 2021-02-01", "close 2021-02-03", "resume 2021-02-05"], {"r0", "r1"}),
        # An opening or a suspension between both leaves nothing to resume.
        (["close 2021-02-01", "open 2021-02-03", "resume 2021-02-05"], set()),
        (["close 2021-02-01", "suspend 2021-02-03", "resume 2021-02-05"], set()),
        (["close 2021-02-01", "hours 2021-02-03", "resume 2021-02-05"], {"r0"}),
        # Neither does a resumption count twice, nor one of another season or kind of traffic.
        (["close 2021-02-01", "resume 2021-02-05", "close 2021-03-01", "resume 2022-02-05"], {"r0"}),
        (["close 2021-02-01 traffic=cargo", "resume 2021-02-05 traffic=passenger"], set()),
        (["close 2021-02-01 traffic=cargo", "open 2021-02-03 traffic=passenger", "resume 2021-02-05"],
         {"r0"}),
        (["resume 2021-02-05", "close 2021-03-01"], set()),
    ],
)  # fmt: skip
def test_a_closing_before_a_resumption_of_its_season_did_not_end_it(
    rows: list[str], expected: set[str]
) -> None:
    assert resumed(observed(*rows)) == expected


def test_the_best_day_is_of_the_traffic_itself_then_exact_then_outermost() -> None:
    rows = observed(
        "open 2021-01-05",
        "open 2021-01-09 traffic=cargo precision=week",
        "open 2021-01-12 traffic=cargo",
        "open 2021-01-11 traffic=cargo",
        "close 2021-03-11 traffic=cargo",
        "close 2021-03-12 traffic=cargo",
        "close 2021-03-20 traffic=passenger",
        "open 2022-01-01 traffic=cargo",
    )
    season = (2020, "")
    found = {
        (event, traffic): best_turn(rows, event, season, traffic)
        for event in ("open", "close")
        for traffic in ("cargo", "passenger")
    }
    assert {key: str(row.day) for key, row in found.items() if row} == {
        ("open", "cargo"): "2021-01-11",
        ("open", "passenger"): "2021-01-05",
        ("close", "cargo"): "2021-03-12",
        ("close", "passenger"): "2021-03-20",
    }
    assert best_turn(rows, "open", (2019, ""), "cargo") is None


def spans(found: list[Span]) -> list[tuple[str, str, str]]:
    return [(str(one.first)[5:], str(one.last)[5:] if one.last else "", one.reason) for one in found]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["suspend 2021-02-01"], [("02-01", "02-01", "suspended")]),
        (["suspend 2021-02-01 until=2021-02-09 reason=holiday"], [("02-01", "02-09", "holiday")]),
        # With an end the earlier of both days counts, without one the day before the resumption.
        (["suspend 2021-02-01 until=2021-02-09", "resume 2021-02-05"], [("02-01", "02-04", "suspended")]),
        (["suspend 2021-02-01 until=2021-02-09", "open 2021-02-05"], [("02-01", "02-04", "suspended")]),
        (["suspend 2021-02-01 until=2021-02-09", "resume 2021-02-20"], [("02-01", "02-09", "suspended")]),
        (["suspend 2021-02-01", "resume 2021-02-05"], [("02-01", "02-04", "suspended")]),
        (["suspend 2021-02-01", "open 2021-02-05"], [("02-01", "02-01", "suspended")]),
        # A later resumption no longer changes it.
        (
            ["suspend 2021-02-01", "resume 2021-02-05", "resume 2021-02-10"],
            [("02-01", "02-04", "suspended")],
        ),
        (["suspend 2021-02-01", "open 2021-02-05", "resume 2021-02-10"], [("02-01", "02-01", "suspended")]),
        # Neither does one of its first day or of another season.
        (["suspend 2021-02-01", "resume 2021-02-01"], [("02-01", "02-01", "suspended")]),
        (["suspend 2021-02-01", "resume 2022-02-05"], [("02-01", "02-01", "suspended")]),
        (["suspend 2021-02-01 until=2021-02-09", "resume 2022-02-05"], [("02-01", "02-09", "suspended")]),
        # A closing that was resumed is a stop; one that was not ends the season.
        (["close 2021-02-01", "resume 2021-02-05"], [("02-01", "02-04", "suspended")]),
        (["close 2021-02-01"], []),
        (["resume 2021-02-05", "open 2021-02-06"], []),
        (["hours 2021-02-05", "weight_limit 2021-02-05 value=3"], []),
    ],
)
def test_a_stop_ends_on_its_last_day_or_before_work_is_resumed(
    rows: list[str], expected: list[tuple[str, str, str]]
) -> None:
    assert spans(list(service_record(observed(*rows), ICE, "cargo").stops)) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["close 2021-02-01"], [("02-01", "", "suspended")]),
        (["close 2021-02-01", "open 2021-02-05"], [("02-01", "02-04", "suspended")]),
        # The seasons of a service that works all year do not matter.
        (["close 2021-02-01", "resume 2022-08-05"], [("02-01", "08-04", "suspended")]),
        (["close 2021-02-01", "resume 2021-08-05", "open 2021-08-01"], [("02-01", "07-31", "suspended")]),
        (["close 2021-02-01", "open 2021-02-05", "open 2021-03-01"], [("02-01", "02-04", "suspended")]),
        # Its suspensions have an end, or are of a day.
        (["suspend 2021-02-01"], [("02-01", "02-01", "suspended")]),
        (["suspend 2021-02-01", "open 2021-08-05"], [("02-01", "02-01", "suspended")]),
        (["suspend 2021-02-01 until=2021-03-01", "open 2021-08-05"], [("02-01", "03-01", "suspended")]),
    ],
)
def test_a_closing_of_a_service_that_works_all_year_lasts_until_it_is_open_again(
    rows: list[str], expected: list[tuple[str, str, str]]
) -> None:
    found = service_record(observed(*rows, crossing=BRIDGE), BRIDGE, "cargo", all_year=True)
    assert spans(list(found.stops)) == expected
    assert found.closed == {}


def test_a_limit_lasts_to_the_end_of_its_season_and_that_of_the_own_traffic_holds() -> None:
    rows = [
        "weight_limit 2021-01-20 value=12t traffic=cargo",
        "weight_limit 2021-01-20 value=25t",
        "weight_limit 2021-01-09 value=5t",
        "weight_limit 2021-02-01 value=heavy",
        "hours 2021-02-03 value=30",
    ]
    limits = service_record(observed(*rows), ICE, "cargo").limits
    assert [(str(one.first), str(one.last), one.max_mass_t, one.source) for one in limits] == [
        ("2021-01-09", "2021-06-30", 5.0, "s2"),
        ("2021-01-20", "2021-06-30", 25.0, "s1"),
        ("2021-01-20", "2021-06-30", 12.0, "s0"),
    ]
    passengers = service_record(observed(*rows[:2]), ICE, "passenger").limits
    assert [one.max_mass_t for one in passengers] == [12.0, 25.0]
    ferry = service_record(observed(rows[0], crossing=FERRY), FERRY, "cargo").limits
    assert str(ferry[0].last) == "2021-12-31"
    bridge = service_record(observed(rows[0], crossing=BRIDGE), BRIDGE, "cargo", all_year=True).limits
    assert bridge[0].last is None


def test_short_days_are_those_with_an_hour_of_the_end_alone() -> None:
    found = service_record(
        observed(
            "hours 2021-02-03 value=until13:00",
            "hours 2021-02-04 value=8-18",
            "hours 2021-02-05 value=none",
            "suspend 2021-02-06 value=until13:00",
            "resume 2021-02-07",
        ),
        ICE,
        "cargo",
    )
    assert [str(one) for one in found.short_days] == ["2021-02-03"]
    assert [str(one) for one in found.resumptions] == ["2021-02-07"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Autumn ends with January, spring begins with February.
        (["open 2020-10-28"], {"autumn": ("2020-07-01", "2021-01-31")}),
        (["open 2021-04-20"], {"spring": ("2021-02-01", "2021-06-30")}),
        (["close 2021-01-31", "open 2021-04-20"],
         {"autumn": ("2020-07-01", "2021-01-31"), "spring": ("2021-02-01", "2021-06-30")}),
        # A closing in February moves both ends to March, or to the opening in spring.
        (["close 2021-02-01"], {"autumn": ("2020-07-01", "2021-02-28")}),
        (["close 2021-02-10", "open 2021-02-20"],
         {"autumn": ("2020-07-01", "2021-02-19"), "spring": ("2021-02-20", "2021-06-30")}),
        (["close 2021-02-10", "open 2021-02-05"],
         {"autumn": ("2020-07-01", "2021-02-09"), "spring": ("2021-02-10", "2021-06-30")}),
        (["close 2021-02-10", "open 2021-03-20"],
         {"autumn": ("2020-07-01", "2021-02-28"), "spring": ("2021-03-01", "2021-06-30")}),
    ],
)  # fmt: skip
def test_the_parts_of_a_hovercraft_season_share_no_day(
    rows: list[str], expected: dict[str, tuple[str, str]]
) -> None:
    found = service_record(observed(*rows, crossing=HOVERCRAFT), HOVERCRAFT, "passenger").spans
    assert {part: tuple(map(str, ends)) for (year, part), ends in found.items()} == expected
    assert {year for year, _ in found} == {2020}


def test_a_season_of_one_part_has_the_days_of_its_year() -> None:
    ice = service_record(observed("close 2021-02-10"), ICE, "cargo").spans
    ferry = service_record(observed("open 2021-05-10", crossing=FERRY), FERRY, "cargo").spans
    assert ice == {(2020, ""): (np.datetime64("2020-07-01"), np.datetime64("2021-06-30"))}
    assert ferry == {(2021, ""): (np.datetime64("2021-01-01"), np.datetime64("2021-12-31"))}
