"""The coming season and the next change of a service, worked out from normal days of its turns.

A standard deviation of 5 days puts P10 and P90 6.4 days before and after the median; by the end of a day the
chance is that of half a day later.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from one_service import bridge, season, service, status, turn
from scipy import stats

import amurgeo as ag
from amurgeo.scenario import Scenario
from amurgeo.seasons.forecast import _coming_season, _next_change, runs_of
from amurgeo.seasons.holidays import HolidayRule

WINTER = season("2020/21", "2021-01-20", "2021-03-20", 5.0)
LAST = "2021-04-30"


def coming(out: Any, risk: float = 0.1) -> dict[str, str | None]:
    """Return what is known of the coming season, days as text."""
    return {name: None if value is None else str(value) for name, value in _coming_season(out, risk).items()}


def safe(out: Any, risk: float = 0.1) -> tuple[str | None, str | None]:
    found = coming(out, risk)
    return found["first_safe_day"], found["last_safe_day"]


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("", []),
        ("000", []),
        ("1", [[0]]),
        ("0110", [[1, 2]]),
        ("11011", [[0, 1], [3, 4]]),
        ("101", [[0], [2]]),
    ],
)
def test_runs_are_the_positions_of_true_values_in_a_row(mask: str, expected: list[list[int]]) -> None:
    found = runs_of(np.array([one == "1" for one in mask], dtype=bool))
    assert [run.tolist() for run in found] == expected


# Safe days.


def test_the_coming_season_has_its_quantiles_and_the_days_between_them_are_safe() -> None:
    found = coming(status(service(), "2020-12-01", LAST, WINTER))
    assert found == {
        "opens_p10": "2021-01-14", "opens_p50": "2021-01-20", "opens_p90": "2021-01-26",
        "closes_p10": "2021-03-14", "closes_p50": "2021-03-20", "closes_p90": "2021-03-26",
        "first_safe_day": "2021-01-26", "last_safe_day": "2021-03-13", "season": "2020/21", "stops": None,
        "status": "closed", "reason": "ice_too_thin", "basis": "expected", "evidence": "expected",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("risk", "first", "last"),
    [
        (0.5, "2021-01-20", "2021-03-19"),
        (0.1, "2021-01-26", "2021-03-13"),
        (0.02, "2021-01-30", "2021-03-09"),
    ],
)
def test_safe_days_lie_within_the_risk(risk: float, first: str, last: str) -> None:
    """2.05 standard deviations of 5 days are 10.3 days."""
    assert safe(status(service(), "2020-12-01", LAST, WINTER), risk) == (first, last)


def test_the_season_of_the_first_day_is_meant_until_its_median_closing() -> None:
    following = season("2021/22", "2022-01-20", "2022-03-20", 5.0)
    for first, name in (
        ("2021-02-01", "2020/21"),
        ("2021-03-19", "2020/21"),
        ("2021-03-20", "2021/22"),
        ("2021-06-01", "2021/22"),
    ):
        assert coming(status(service(), first, "2022-04-30", WINTER, following))["season"] == name
    # Within the season the first safe day is today; past the P10 of its closing none is.
    assert safe(status(service(), "2021-02-01", LAST, WINTER)) == ("2021-02-01", "2021-03-13")
    assert safe(status(service(), "2021-03-13", LAST, WINTER)) == ("2021-03-13", "2021-03-13")
    assert safe(status(service(), "2021-03-14", LAST, WINTER)) == (None, None)
    # Its last day is known only if it lies within the days asked for.
    assert safe(status(service(), "2021-02-01", "2021-03-13", WINTER)) == ("2021-02-01", None)
    assert safe(status(service(), "2021-02-01", "2021-03-14", WINTER)) == ("2021-02-01", "2021-03-13")


def test_a_service_that_never_opens_has_no_season() -> None:
    out = status(service(), "2020-12-01", "2021-01-19", WINTER)
    found = coming(out)
    assert (found["status"], found["season"], found["first_safe_day"], found["stops"]) == (
        "closed", None, None, None
    )  # fmt: skip
    assert coming(status(service(), "2020-12-01", "2021-01-20", WINTER))["season"] == "2020/21"


def test_stops_are_listed_and_no_safe_days() -> None:
    lines = ("2021-01-20 until=2021-01-28", "2021-02-03", "2021-03-13 until=2021-03-16")
    made = service("open 2021-01-15", *(f"suspend {line}" for line in lines))
    known = season("2020/21", "2021-01-15", "2021-03-20", close=turn("2021-03-20", 5.0))
    found = coming(status(made, "2021-01-16", LAST, known))
    assert found["stops"] == "2021-01-20..2021-01-28;2021-02-03..2021-02-03;2021-03-13..2021-03-16"
    assert (found["first_safe_day"], found["last_safe_day"]) == ("2021-01-16", "2021-03-12")
    # On a stop the first safe day comes after it.
    assert safe(status(made, "2021-01-20", LAST, known)) == ("2021-01-29", "2021-03-12")


def holiday(chance: float, on: str = "02-12..02-14") -> HolidayRule:
    return HolidayRule(on, 0, 1949, 2100, chance, {"en": "Fest"}, "rule")


def test_a_service_that_works_all_year_is_safe_apart_from_its_stops_of_a_year() -> None:
    out = status(bridge(holidays=[holiday(0.9)]), "2021-02-10", "2022-06-30")
    found = coming(out)
    assert (found["first_safe_day"], found["last_safe_day"], found["season"]) == ("2021-02-10", None, None)
    # The festival of the next year begins 367 days later.
    assert found["stops"] == "2021-02-12..2021-02-14"
    later = status(bridge(holidays=[holiday(0.9)]), "2021-02-13", "2022-06-30")
    # Of the next one a day lies within 365 days.
    assert coming(later)["stops"] == "2021-02-13..2021-02-14;2022-02-12..2022-02-12"
    days_off = status(bridge(holidays=[holiday(0.9, "sunday")]), "2021-02-13", "2021-02-20")
    assert (coming(days_off)["stops"], safe(days_off)) == (None, ("2021-02-13", None))


def test_the_risk_of_a_stop_makes_a_day_unsafe() -> None:
    for chance, first in ((0.09, "2021-02-12"), (0.1, "2021-02-15"), (0.3, "2021-02-15")):
        out = status(bridge(holidays=[holiday(chance)]), "2021-02-12", "2021-03-01")
        assert safe(out) == (first, None)


def test_days_that_a_scenario_opens_are_safe_if_they_are_sure() -> None:
    opened = Scenario("x", changes=[ag.open("here:ice_road", "2021-05-01", "2021-05-03")])
    out = status(service(), "2021-04-25", "2021-05-10", WINTER, scenario=opened)
    assert safe(out) == ("2021-05-01", "2021-05-03")
    # Like another crossing a day is safe from its own probability on.
    model = status(service(), "2021-01-15", "2021-02-10", WINTER)
    like = Scenario("x", changes=[ag.open("here:bridge", like="here:ice_road")])
    out = status(bridge(), "2021-01-15", "2021-02-10", scenario=like, like=lambda *_: model)
    # Phi(1.1) = 0.864 on the 25th, Phi(1.3) = 0.903 on the 26th.
    assert safe(out) == ("2021-01-26", None)


def test_days_of_another_world_have_the_quantiles_of_its_seasons() -> None:
    then = np.arange("2020-12-01", "2021-05-01", dtype="datetime64[D]")
    out = status(service(), "2026-12-01", "2027-04-30", WINTER, is_dated=False, world_days=then)
    found = coming(out)
    assert (found["opens_p50"], found["closes_p10"], found["season"]) == (
        "2027-01-20",
        "2027-03-14",
        "2020/21",
    )
    assert (found["first_safe_day"], found["last_safe_day"]) == ("2027-01-26", "2027-03-13")
    change = _next_change(out)
    assert (change["p10"], change["p50"], change["days_until"]) == ("2027-01-14", "2027-01-20", 50)
    # What is left of a turn that may have come is that of the same day of the world.
    dated = _next_change(status(service(), "2021-01-22", LAST, WINTER))
    moved = status(service(), "2027-01-22", "2027-04-30", WINTER, is_dated=False, world_days=then[52:])
    assert str(then[52]) == "2021-01-22"
    found = _next_change(moved)
    assert [found[name] for name in ("p10", "p90")] == [
        dated[name].replace("2021", "2027") for name in ("p10", "p90")
    ]


# The next change.


def change(out: Any) -> str:
    """Return status, change and quantiles in one line, days without the year."""
    found = _next_change(out)
    ends = [str(found[name])[5:] for name in ("p10", "p50", "p90") if name in found]
    return " ".join(
        [found["status"], found.get("change", "-"), *ends, str(found.get("days_until", ""))]
    ).strip()


@pytest.mark.parametrize(
    ("first", "says", "median", "known"),
    [
        ("2020-12-31", "closed opens", "2021-01-20", False),
        ("2021-01-13", "closed opens", "2021-01-20", False),
        # From P10 on an opening that is not on record is pending, until it is nine tenths likely.
        ("2021-01-14", "closed opens", "2021-01-20", True),
        ("2021-01-22", "closed opens", "2021-01-20", True),
        ("2021-01-25", "closed opens", "2021-01-20", True),
        ("2021-01-26", "open closes", "2021-03-20", False),
        ("2021-03-13", "open closes", "2021-03-20", False),
        # So is a closing.
        ("2021-03-22", "open closes", "2021-03-20", True),
        ("2021-03-25", "open closes", "2021-03-20", True),
        ("2021-03-26", "closed -", "2021-03-20", False),
    ],
)
def test_a_change_is_pending_until_it_is_nine_tenths_likely(
    first: str, says: str, median: str, known: bool
) -> None:
    """From Phi(-1.1) = 0.136, on 14 January, to Phi(1.1) = 0.864, on the 25th; quantiles of what is left."""
    found = _next_change(status(service(), first, LAST, WINTER))
    assert f"{found['status']} {found.get('change', '-')}" == says
    if says == "closed -":
        assert found == {"status": "closed"}
        return
    centre = np.datetime64(median)
    low = stats.norm.cdf(((np.datetime64(first) - centre).astype(int) + 0.5) / 5.0) if known else 0.0
    days = np.rint(5.0 * stats.norm.ppf(low + np.array([0.1, 0.5, 0.9]) * (1.0 - low))).astype(int)
    assert [found[name] for name in ("p10", "p50", "p90")] == (centre + days).astype(str).tolist()
    assert found["days_until"] == (np.datetime64(found["p50"]) - np.datetime64(first)).astype(int)


def test_a_status_on_record_is_that_of_the_next_change() -> None:
    opened = status(service("open 2021-01-16"), "2021-01-18", LAST, WINTER)
    assert change(opened) == "open closes 03-14 03-20 03-26 61"
    closed = status(service("close 2021-03-10"), "2021-03-12", LAST, WINTER)
    assert change(closed) == "closed -"
    limited = status(service(limited="alternating"), "2021-03-22", LAST, WINTER)
    assert _next_change(limited)["status"] == "limited"
    gap = np.array([["2021-01-01", "2021-03-01"]], dtype="datetime64[D]")
    unknown = status(service(gaps=gap), "2021-02-01", LAST, WINTER)
    assert _next_change(unknown) == {"status": "unknown"}


def test_the_status_is_that_of_the_first_day_alone() -> None:
    """Unknown, seen open or with short hours today, and not tomorrow."""
    first, second = "2021-01-22", "2021-01-23"
    for on, is_first in ((first, True), (second, False)):
        gap = np.array([[on, on]], dtype="datetime64[D]")
        unknown = status(service(gaps=gap), first, LAST, WINTER)
        assert (_next_change(unknown) == {"status": "unknown"}) == is_first
        # On the 22nd the opening has come with Phi(0.5) = 0.69 only.
        seen = status(service(seen_open=gap[0, :1]), first, LAST, WINTER)
        says = "open closes" if is_first else "closed opens"
        assert change(seen).startswith(says)
        assert coming(seen)["evidence"] == ("observed" if is_first else "expected")
    for on, expected in (("2021-03-22", "limited"), ("2021-03-23", "open")):
        short = status(service(f"hours {on} value=until13:00"), "2021-03-22", LAST, WINTER)
        assert _next_change(short)["status"] == expected


def test_a_stop_of_up_to_six_days_is_no_change_of_season() -> None:
    for until, expected in (("2021-02-07", "open -"), ("2021-02-08", "open closes 02-02 02-02 02-02 1")):
        stop = f"suspend 2021-02-02 until={until}"
        assert change(status(bridge(stop), "2021-02-01", "2021-03-01")) == expected
        # One that has begun ends; one that lasts to the end of the days is a change.
        opens = str(np.datetime64(until) + 1)[5:]
        begun = change(status(bridge(stop), "2021-02-02", "2021-03-01"))
        assert begun.startswith(f"closed opens {opens} {opens} {opens}")
        assert change(status(bridge(stop), "2021-02-01", until)).startswith("open closes 02-02")
        assert change(status(bridge(stop), "2021-02-01", str(np.datetime64(until) + 1))) == expected
    inside = status(
        service("open 2021-01-16", "suspend 2021-02-02 until=2021-02-07"), "2021-02-01", LAST, WINTER
    )
    assert change(inside) == "open closes 03-14 03-20 03-26 47"


def test_a_change_of_a_scenario_is_counted_from_its_least_likely_day() -> None:
    """A bridge that works like an ice road; in the beginning the season before may not be over."""
    before = season("2020/21", "2020-12-01", "2020-12-20", 5.0)
    model = status(service(), "2020-12-22", LAST, before, WINTER)
    like = Scenario("x", changes=[ag.open("here:bridge", like="here:ice_road")])
    out = status(bridge(), "2020-12-22", LAST, scenario=like, like=lambda *_: model)
    assert change(out) == "closed opens 01-14 01-20 01-26 29"
    # The turn of an own season counts if it is that of the day.
    for days_off, matches in ((0, True), (1, True), (-1, True), (2, False), (-2, False)):
        own = season("2020/21", str(np.datetime64("2021-01-20") + days_off), "2021-03-20", 2.0)
        like = Scenario("x", changes=[ag.open("here:ferry", like="here:ice_road")])
        out = status(
            service(crossing="here:ferry"), "2020-12-22", LAST, own, scenario=like, like=lambda *_: model
        )
        p90 = 26 if not matches else 20 + days_off + 3
        assert _next_change(out)["p90"] == f"2021-01-{p90}", days_off


def test_a_risk_that_leaves_nine_tenths_is_no_change() -> None:
    out = status(bridge(holidays=[holiday(0.1)]), "2021-02-14", "2021-03-01")
    assert out.chance[0] == 0.9
    assert _next_change(out) == {"status": "open"}


def test_a_season_that_closes_on_the_first_day_is_over() -> None:
    over = season("2020/21", "2021-01-20", "2021-03-20")
    opened = Scenario("x", changes=[ag.open("here:ice_road", "2021-03-20", "2021-03-25")])
    assert coming(status(service(), "2021-03-20", LAST, over, scenario=opened))["season"] is None
    assert coming(status(service(), "2021-03-19", LAST, over, scenario=opened))["season"] == "2020/21"


def test_a_change_beyond_the_days_is_not_known() -> None:
    out = status(service(), "2021-02-01", "2021-03-01", WINTER)
    assert _next_change(out) == {"status": "open"}
    assert _next_change(status(bridge(), "2021-02-01", "2021-03-01")) == {"status": "open"}
    certain = season("2020/21", "2021-01-20", "2021-03-20", open=turn("2021-01-20"))
    assert change(status(service(), "2021-01-10", LAST, certain)) == "closed opens 01-20 01-20 01-20 10"
