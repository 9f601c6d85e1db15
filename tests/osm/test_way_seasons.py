"""Opening hours and conditional restrictions, valid and invalid, with the expected days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amurgeo.osm.seasons import (
    ALL_YEAR,
    SeasonDates,
    WaySeason,
    mask_of,
    read_conditional,
    read_hours,
    read_mass,
    spans_of,
)
from amurgeo.osm.tags import Limits, read_limits

DATES = SeasonDates(("12-10", "04-05"), ("05-08", "10-30"))
HOURS, WEEKDAYS = "only at certain hours", "only on certain weekdays"
HOLIDAYS, VARY = "holidays are not applied", "days that differ from year to year"


READABLE_HOURS = [
    ("24/7", ALL_YEAR, ()),
    ("Jan-Dec", ALL_YEAR, ()),
    ("Nov-Apr", (("11-01", "04-30"),), ()),
    ("Dec 01-Mar 31", (("12-01", "03-31"),), ()),
    ("Dec 15-31", (("12-15", "12-31"),), ()),
    ("Apr 15-May 10", (("04-15", "05-10"),), ()),
    ("Dec 1 - Mar 15", (("12-01", "03-15"),), ()),
    ("Dec - Mar", (("12-01", "03-31"),), ()),
    ("Dec 1–Mar 15", (("12-01", "03-15"),), ()),
    ("december-march", (("12-01", "03-31"),), ()),
    ("dec-mar", (("12-01", "03-31"),), ()),
    ("Feb 29", (), ()),
    ("Dec 15+", (("12-15", "12-31"),), ()),
    ("Dec 1-Mar 15,May 1-Oct 1", (("05-01", "10-01"), ("12-01", "03-15")), ()),
    ("May 10-Oct 26; Jul 1-3 off", (("05-10", "06-30"), ("07-04", "10-26")), ()),
    ("Dec 1-Mar 15 || Apr open", (("04-01", "04-30"), ("12-01", "03-15")), ()),
    ("Nov-Mar: off", (), ()),
    ("off", (), ()),
    ("Mo-Fr 08:00-18:00", ALL_YEAR, (HOURS, WEEKDAYS)),
    ("Sa,Su", ALL_YEAR, (WEEKDAYS,)),
    ("Jan-Feb Mo[1]", (("01-01", "01-07"), ("02-01", "02-07")), (WEEKDAYS,)),
    ("Nov 15-Apr 15: Mo-Su 08:00-20:00", (("11-15", "04-15"),), (HOURS,)),
    ("Jan 10-Mar 20 07:00-19:00", (("01-10", "03-20"),), (HOURS,)),
    ("sunrise-sunset", ALL_YEAR, (HOURS,)),
    ("dusk-dawn", ALL_YEAR, (HOURS,)),
    ("Dec-Mar (sunrise+01:00)-(sunset-01:00)", (("12-01", "03-31"),), (HOURS,)),
    ("22:00-06:00", ALL_YEAR, (HOURS,)),
    ("Dec-Mar Mo-Fr 08:00-18:00; PH off", (("12-01", "03-31"),), (HOURS, WEEKDAYS, HOLIDAYS)),
    ("week 48-50", (("11-22", "12-19"),), (VARY,)),
    ('Dec-Mar "if the ice bears"', (("12-01", "03-31"),), ("comment: if the ice bears",)),
    ("winter", (("12-10", "04-04"),), ("'winter' is taken from 12-10 to 04-04",)),
    ("Summer", (("05-08", "10-29"),), ("'summer' is taken from 05-08 to 10-29",)),
]


def test_valid_hours_give_days_and_remarks() -> None:
    for text, spans, remarks in READABLE_HOURS:
        reading = read_hours(text, DATES)
        assert (reading.problem, spans_of(reading.days), reading.remarks) == ("", spans, remarks), text


UNREADABLE_HOURS = [
    ("", "empty"),
    ("when the ice is thick", "not OSM's syntax"),
    ("Nov 1-", "not OSM's syntax"),
    ("Nov-Apr,", "not OSM's syntax"),
    ("24:00-25:00", "not OSM's syntax"),
    ("01.12-31.03", "not OSM's syntax"),
    ("дек-мар", "not OSM's syntax"),
    ("Okt-Apr", "not OSM's syntax"),
    ("1 Dec-15 Mar", "not OSM's syntax"),
    ("Dec 15-Mar 31 foo", "not OSM's syntax"),
    ("Apr 31", "there is no Apr 31"),
    ("Nov 1-Feb 30", "there is no Feb 30"),
    ("Jan 32", "there is no Jan 32"),
    ('"by appointment"', "a comment without a time"),
    ("spring", "'spring' has no dates"),
    ("PH", "names holidays only"),
    ("SH", "names holidays only"),
    ("unknown", "states that the hours are unknown"),
    ("2024+", "names more years"),
    ("2020-2030 Jan-Feb", "names more years"),
]


def test_invalid_hours_give_a_problem() -> None:
    for text, problem in UNREADABLE_HOURS:
        reading = read_hours(text, DATES)
        assert problem in reading.problem, text
        assert not reading.days.any(), text


def test_years_name_the_winter_they_mean() -> None:
    assert read_hours("2024 Dec 01-2025 Mar 15").year == 2024
    assert read_hours("2025 Jan 10-2025 Mar 15").year == 2024
    assert read_hours("Dec 01-Mar 15").year is None


def test_only_whole_days_of_all_weekdays_are_whole() -> None:
    assert not read_hours("22:00-06:00").whole.any()
    assert not read_hours("Mo-Fr").whole.any()
    assert spans_of(read_hours("Apr 15-May 10").whole) == (("04-15", "05-10"),)


NAN = float("nan")


READABLE_CONDITIONS: list[tuple[str, list[Any]]] = [
    ("no @ (Apr 15-May 10)", [("no", (("04-15", "05-10"),), NAN, NAN)]),
    ("no @ Apr 15-May 10", [("no", (("04-15", "05-10"),), NAN, NAN)]),
    ("no @ (weight>10)", [("no", None, 10.0, NAN)]),
    ("no @ (weight >= 7.5 t)", [("no", None, 7.499, NAN)]),
    ("yes @ (maxweight<=5000 kg)", [("yes", None, NAN, 5.0)]),
    ("no @ (weight>5 AND Apr 1-May 15)", [("no", (("04-01", "05-15"),), 5.0, NAN)]),
    ("no @ (Apr-May and weight > 5)", [("no", (("04-01", "05-31"),), 5.0, NAN)]),
    ("no @ winter", [("no", (("12-10", "04-04"),), NAN, NAN)]),
    (
        "10 @ (Dec 15-Jan 15); 30 @ (Jan 16-Mar 20)",
        [("10", (("12-15", "01-15"),), NAN, NAN), ("30", (("01-16", "03-20"),), NAN, NAN)],
    ),
    ("no @ (Nov-Dec; Mar-Apr)", [("no", (("03-01", "04-30"), ("11-01", "12-31")), NAN, NAN)]),
    ("no @ Nov-Dec; Mar-Apr", [("no", (("03-01", "04-30"), ("11-01", "12-31")), NAN, NAN)]),
    ("no @ (Mo-Fr AND Dec-Feb)", [("no", (("12-01", "02-28"),), NAN, NAN)]),
]


def test_valid_conditions_give_value_days_and_mass() -> None:
    for text, expected in READABLE_CONDITIONS:
        clauses = read_conditional(text, DATES)
        assert [clause.problem for clause in clauses] == [""] * len(expected), text
        for clause, (value, spans, over, under) in zip(clauses, expected, strict=True):
            assert clause.value == value, text
            assert (None if clause.time is None else spans_of(clause.time.days)) == spans, text
            assert np.array_equal([clause.over_t, clause.under_t], [over, under], equal_nan=True), text


UNREADABLE_CONDITIONS = [
    ("no", "value @ condition"),
    ("@ (Dec-Mar)", "value @ condition"),
    ("no @", "value @ condition"),
    ("no @ (Dec-Mar", "a bracket is not closed"),
    ("no @ (when flooded)", "not OSM's syntax"),
    ("no @ (weight>x)", "not OSM's syntax"),
    ("no @ (Apr 31-May 10)", "there is no Apr 31"),
    ("no @ (wet AND Dec-Mar)", "'wet': not OSM's syntax"),
]


def test_invalid_conditions_give_a_problem() -> None:
    for text, problem in UNREADABLE_CONDITIONS:
        assert problem in read_conditional(text)[0].problem, text


SEASONS: list[tuple[dict[str, str], tuple[tuple[str, str], ...]]] = [
    ({"highway": "primary"}, ALL_YEAR),
    ({"highway": "track", "ice_road": "yes"}, (("12-10", "04-04"),)),
    ({"highway": "track", "winter_road": "yes"}, (("12-10", "04-04"),)),
    ({"highway": "track", "seasonal": "winter"}, (("12-10", "04-04"),)),
    ({"highway": "track", "seasonal": "summer"}, (("05-08", "10-29"),)),
    ({"highway": "track", "seasonal": "spring;summer;autumn"}, (("04-05", "12-09"),)),
    ({"highway": "track", "seasonal": "no"}, ALL_YEAR),
    ({"highway": "track", "seasonal": "yes"}, ALL_YEAR),
    ({"route": "ferry"}, (("05-08", "10-29"),)),
    ({"route": "ferry", "opening_hours": "08:00-18:00"}, (("05-08", "10-29"),)),
    ({"route": "ferry", "opening_hours": "24/7"}, ALL_YEAR),
    ({"route": "ferry", "seasonal": "no"}, ALL_YEAR),
    ({"highway": "track", "ice_road": "yes", "opening_hours": "24/7"}, (("12-10", "04-04"),)),
    (
        {"highway": "track", "ice_road": "yes", "access:conditional": "yes @ (Dec 15-Mar 31)"},
        (("12-15", "03-31"),),
    ),
    ({"route": "ferry", "opening_hours": "May 1-Oct 15 08:00-18:00"}, (("05-01", "10-15"),)),
    ({"ice_road": "yes", "highway": "track", "opening_hours": "Dec 20-Mar 25"}, (("12-20", "03-25"),)),
    ({"highway": "primary", "access:conditional": "no @ (Apr 15-May 10)"}, (("05-11", "04-14"),)),
    (
        {"highway": "primary", "access": "no", "access:conditional": "yes @ (Dec-Mar)"},
        (("12-01", "03-31"),),
    ),
    (
        {
            "highway": "track",
            "ice_road": "yes",
            "access": "no",
            "motor_vehicle:conditional": "yes @ (Jan 5-Mar 20)",
        },
        (("01-05", "03-20"),),
    ),
    (
        {
            "highway": "track",
            "ice_road": "yes",
            "seasonal": "winter",
            "access:conditional": "no @ (Mar 20-May 10)",
        },
        (("12-10", "03-19"),),
    ),
    ({"highway": "primary", "access": "no"}, ()),
    ({"highway": "primary", "access": "no", "motor_vehicle": "yes"}, ALL_YEAR),
    ({"highway": "primary", "access:conditional": "no @ (22:00-06:00)"}, ALL_YEAR),
    (
        {"highway": "primary", "access:conditional": "no @ (Dec-Feb); yes @ (Jan)"},
        (("01-01", "01-31"), ("03-01", "11-30")),
    ),
]


def _only(limits: Limits) -> WaySeason:
    """Return the only season; without open days if there is none."""
    [season] = limits.seasons() or [WaySeason(())]
    return season


def test_season_of_a_way() -> None:
    seasons = [_only(read_limits(tags, DATES)).spans for tags, _ in SEASONS]
    assert [
        (tags, spans) for (tags, expected), spans in zip(SEASONS, seasons, strict=True) if spans != expected
    ] == []


LIMITS: list[tuple[dict[str, str], list[tuple[Any, ...]]]] = [
    ({"maxweight": "10 t"}, [("both", 0, 10.0, ALL_YEAR)]),
    (
        {"maxweight": "20", "maxweightrating:hgv": "7.5"},
        [("cargo", 0, 7.5, ALL_YEAR), ("passenger", 0, 20.0, ALL_YEAR)],
    ),
    ({"access:conditional": "no @ (weight>7.5)"}, [("both", 0, 7.5, ALL_YEAR)]),
    ({"access:conditional": "no @ (weight>=20)"}, [("both", 0, 19.999, ALL_YEAR)]),
    ({"access": "no", "vehicle:conditional": "yes @ (weight<=5 t)"}, [("both", 0, 5.0, ALL_YEAR)]),
    (
        {"maxweight:conditional": "5 @ (Apr 1-May 15)"},
        [("both", 0, 5.0, (("04-01", "05-15"),)), ("both", 0, NAN, (("05-16", "03-31"),))],
    ),
    (
        {"access:conditional": "no @ (weight>5 AND Apr)"},
        [("both", 0, 5.0, (("04-01", "04-30"),)), ("both", 0, NAN, (("05-01", "03-31"),))],
    ),
    *(({key: "no"}, [("passenger", 0, NAN, ALL_YEAR)]) for key in ("hgv", "access:hgv")),
    ({"motorcar": "no"}, [("cargo", 0, NAN, ALL_YEAR)]),
    ({"access": "no", "hgv": "designated"}, [("cargo", 0, NAN, ALL_YEAR)]),
    ({"hgv": "no", "motor_vehicle": "yes", "access": "private"}, [("passenger", 0, NAN, ALL_YEAR)]),
    (
        {"hgv:conditional": "no @ (Apr 15-May 20)"},
        [("cargo", 0, NAN, (("05-21", "04-14"),)), ("passenger", 0, NAN, ALL_YEAR)],
    ),
    ({"oneway": "-1"}, [("both", -1, NAN, ALL_YEAR)]),
    ({"motor_vehicle:forward": "no"}, [("both", -1, NAN, ALL_YEAR)]),
    ({"junction": "circular"}, [("both", 1, NAN, ALL_YEAR)]),
    ({"highway": "motorway"}, [("both", 1, NAN, ALL_YEAR)]),
    ({"highway": "motorway", "oneway": "no"}, [("both", 0, NAN, ALL_YEAR)]),
    ({"oneway": "yes", "oneway:hgv": "no"}, [("cargo", 0, NAN, ALL_YEAR), ("passenger", 1, NAN, ALL_YEAR)]),
    (
        {"oneway:conditional": "yes @ (Dec-Mar)"},
        [("both", 1, NAN, ALL_YEAR), ("both", -1, NAN, (("04-01", "11-30"),))],
    ),
    *(({key: "yes"}, []) for key in ("disused", "abandoned", "razed", "construction", "proposed")),
    ({"construction": "minor"}, [("both", 0, NAN, ALL_YEAR)]),
]


def test_limits_hold_for_their_traffic_direction_and_days() -> None:
    for tags, expected in LIMITS:
        found = read_limits({"highway": "primary", **tags}, DATES).seasons()
        rows = [(season.traffic, season.oneway, season.max_mass_t, season.spans) for season in found]
        assert sorted(map(repr, rows)) == sorted(map(repr, expected)), tags


MASSES = [
    ("5", 5.0), ("5.5", 5.5), ("5,5 t", 5.5), ("5000 kg", 5.0), ("7,500 kg", 7.5), ("7.500 kg", 7.5),
    ("1,000 kg", 1.0), ("7 500 кг", 7.5), ("7,5", 7.5), ("12t", 12.0), ("３０", 30.0), ("10 st", 9.0718474),
    ("20 cwt", 1.0160469088), ("16,000 lbs", 7.25747792), ("30 т", 30.0), ("7.5;20", 7.5),
    *((text, NAN) for text in ("none", "heavy", "7500", "0", "10 tons", "5-10", "1.2.3", "")),
]  # fmt: skip


def test_masses_are_read_in_any_unit() -> None:
    for text, mass in MASSES:
        assert read_mass(text) == pytest.approx(mass, nan_ok=True), text


REMARKS = [
    ({"opening_hours": "if cold"}, "not OSM's syntax", False),
    ({"seasonal": "yes"}, "does not name the season", False),
    ({"seasonal": "monsoon"}, "not OSM's syntax", False),
    ({"maxweight": "heavy"}, "not a mass", False),
    ({"maxweight:conditional": "much @ (Dec-Mar)"}, "not a mass", False),
    ({"access:conditional": "maybe @ (Dec-Mar)"}, "not a known access value", False),
    ({"access:conditional": "no @ (2024 Apr 15-2024 May 10)"}, "names years", True),
    ({"access:conditional": "no @ (weight<5)"}, "on the lighter vehicles", True),
    ({"access:conditional": "yes @ (Dec-Mar)"}, "has no effect", True),
    ({"oneway": "reversible"}, "direction changes", True),
    ({"hgv": "destination"}, "not for everyone", True),
    ({"ice_road": "yes", "seasonal": "no"}, "ice does not last", True),
    ({"ice_road": "yes", "opening_hours": "24/7"}, "ice does not last", True),
]


def test_tags_that_are_not_applied_are_remarks() -> None:
    for tags, problem, read in REMARKS:
        remarks = read_limits({"highway": "track", **tags}, DATES).remarks
        assert any(problem in remark.problem and remark.read is read for remark in remarks), tags


@pytest.mark.slow
@given(st.lists(st.booleans(), min_size=365, max_size=365))
def test_spans_and_masks_are_inverse(days: list[bool]) -> None:
    assert mask_of(spans_of(days)).tolist() == days


@given(first=st.integers(0, 364), length=st.integers(1, 365))
def test_windows_lie_within_one_winter_and_lose_the_last_of_june_at_most(first: int, length: int) -> None:
    days = np.zeros(365, dtype=bool)
    days[np.arange(first, first + length) % 365] = True
    season = WaySeason(spans_of(days))
    covered = np.zeros(365, dtype=bool)
    for opens, closes in season.windows():
        span = mask_of(((opens, closes),))
        # The closing day is closed; counted from July, it comes after the opening day.
        assert (opens < "07-01", opens) < (closes < "07-01", closes)
        span[mask_of(((closes, closes),))] = False
        covered |= span
    missed = {day for span in spans_of(days & ~covered) for day in span}
    assert missed <= {"06-30"}
    assert not (covered & ~days).any()
