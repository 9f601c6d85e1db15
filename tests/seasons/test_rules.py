"""The rules by which a service is open or closed, one by one on services made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from one_service import BRIDGE, FERRY, bridge, column, day, keys, runs, season, service, status, turn

from amurgeo.scenario import Scenario
from amurgeo.seasons.holidays import HolidayRule

WINTER = season("2020/21", "2021-01-10", "2021-03-20")


# Seasons.


def test_a_service_is_open_from_the_first_day_of_its_season_to_the_day_before_its_last() -> None:
    out = status(service(), "2021-01-01", "2021-03-31", WINTER)
    assert column(out, "status") == {"01-01": "closed", "01-10": "open", "03-20": "closed"}
    assert column(out, "reason") == {"01-01": "ice_too_thin", "01-10": "in_season", "03-20": "out_of_season"}
    assert column(out, "seasonal") == {"01-01": 0.0, "01-10": 1.0, "03-20": 0.0}
    assert column(out, "chance") == column(out, "seasonal")
    # Nothing that is not on record is certain.
    assert column(out, "probability_open") == {"01-01": 0.0001, "01-10": 0.99, "03-20": 0.0001}
    assert column(out, "evidence") == {"01-01": "expected"}
    explained = ("because.window", {"first": "2021-01-10", "last": "2021-03-20", "n": 6})
    assert all(because == explained for because in out.because)
    assert set(out.sources) == {("turn",)}
    assert set(out.confidence) == {"estimated"}


def test_a_probability_of_half_is_open() -> None:
    """On the median day of a closing the chance of having closed is a half and half a day more."""
    spread = season("2020/21", "2020-12-01", "2021-03-20", close=turn("2021-03-20", 5.0))
    out = status(service(), "2021-03-10", "2021-03-30", spread)
    # Half a day beyond the centre of the day before: Phi(-0.1) = 0.46; of the day: Phi(0.1) = 0.54.
    assert column(out, "status") == {"03-10": "open", "03-20": "closed"}
    assert out.chance[9:11].round(3).tolist() == [0.540, 0.460]
    # Half a day after the centre, which may be between two days, the chance is a half.
    between = turn("2021-01-20", 5.0)
    between = replace(between, distribution=replace(between.distribution, center=18_647.5))
    half = season("2020/21", "2021-01-20", "2021-03-20", open=between)
    out = status(service(), "2021-01-19", "2021-01-21", half)
    assert day("2021-01-20").astype(int) == 18_647
    assert (out.chance[1], out.open.tolist()) == (0.5, [False, True, True])


def test_a_season_counts_in_the_year_in_which_it_starts_and_in_the_next() -> None:
    long = season("2020/21", "2019-06-01", "2023-06-01")
    out = status(service(), "2019-12-31", "2022-01-01", long)
    assert out.seasonal.tolist() == [0.0, *[1.0] * (366 + 365), 0.0]


def test_of_two_seasons_the_likelier_counts() -> None:
    spring = season("2020/21", "2021-04-01", "2021-05-01")
    out = status(service(), "2021-01-01", "2021-05-31", WINTER, spring)
    assert column(out, "status") == {
        "01-01": "closed", "01-10": "open", "03-20": "closed", "04-01": "open", "05-01": "closed"
    }  # fmt: skip


def test_each_service_has_its_own_seasons_and_a_service_that_works_all_year_has_none() -> None:
    both = [service(), service(crossing=BRIDGE, all_year=True), service(crossing=FERRY)]
    rows = status(both, "2021-02-01", "2021-02-02", WINTER)
    assert [out.reason[0] for out in rows] == ["in_season", "all_year", "in_season"]
    assert [out.chance[0] for out in rows] == [1.0, 1.0, 1.0]


def test_a_day_is_explained_by_its_season_or_the_next_unless_that_starts_in_a_later_year() -> None:
    following = season("2021/22", "2022-01-12", "2022-03-22")
    out = status(service(), "2020-12-01", "2022-12-31", following, WINTER)
    firsts = runs([because[1]["first"] for because in out.because], out.days)
    assert firsts == {"12-01": "2021-01-10", "03-20": "2022-01-12"}
    alone = status(
        service(), "2021-03-19", "2021-12-31", WINTER, season("2022/23", "2023-01-12", "2023-03-22")
    )
    assert {because[1]["first"] for because in alone.because} == {"2021-01-10"}


def test_services_without_seasons() -> None:
    irregular = status(service(regular=False), "2021-02-01", "2021-02-01", WINTER)
    assert (irregular.status[0], irregular.reason[0], keys(irregular)) == (
        "closed", "suspended", {"02-01": "irregular"}
    )  # fmt: skip
    assert (irregular.chance[0], irregular.probability_open[0]) == (0.0, 0.0001)
    undated = status(service(crossing=BRIDGE, all_year=True), "2021-02-01", "2021-02-01")
    assert (undated.status[0], undated.reason[0], keys(undated)) == (
        "open", "all_year", {"02-01": "all_year_undated"}
    )  # fmt: skip
    dated = status(
        service(crossing=BRIDGE, all_year=True, opened=day("2019-05-01")), "2021-02-01", "2021-02-01"
    )
    assert dated.because[0] == ("because.all_year", {"date": "2019-05-01"})
    nothing = status(service(), "2021-02-01", "2021-02-01")
    assert (nothing.status[0], nothing.chance[0], keys(nothing)) == ("closed", 0.0, {"02-01": "no_window"})
    cancelled = status(service("open 2021-01-05"), "2021-02-01", "2021-02-01", cancelled=True)
    assert (cancelled.status[0], cancelled.evidence[0]) == ("closed", "scenario")


# Record.


def test_an_opening_on_record_is_observed_until_it_may_have_closed_again() -> None:
    """With a standard deviation of 5 days a tenth is reached 6.4 days before the median, less half a day."""
    spread = season("2020/21", "2021-01-10", "2021-03-20", close=turn("2021-03-20", 5.0))
    out = status(service("open 2021-01-15"), "2021-01-01", "2021-03-31", spread)
    assert column(out, "evidence") == {"01-01": "observed", "03-14": "expected"}
    assert keys(out) == {"01-01": "record_before", "01-15": "record_open", "03-14": "window"}
    assert column(out, "open") == {"01-01": False, "01-15": True, "03-20": False}
    # Phi(-1.3) = 0.097 on the 13th, Phi(-1.1) = 0.136 on the 14th.
    place = int((day("2021-03-14") - out.days[0]).astype(int))
    assert out.seasonal[place - 1 : place + 1].round(3).tolist() == [1.0, 0.864]
    assert out.sources[0] == ("s0",)
    assert out.confidence[0] == "reported"


def test_an_opening_after_the_expected_closing_is_observed_on_its_own_day() -> None:
    out = status(service("open 2021-03-25"), "2021-03-24", "2021-03-27", WINTER)
    assert column(out, "open") == {"03-24": False, "03-25": True, "03-26": False}
    assert column(out, "evidence") == {"03-24": "observed", "03-26": "expected"}


@pytest.mark.parametrize(
    ("rows", "with_season", "opened", "evidence"),
    [
        (["open 2021-01-15", "close 2021-03-10"], True, {"01-01": False, "01-15": True, "03-10": False},
         {"01-01": "observed"}),
        (["open 2021-01-15", "close 2021-03-10"], False, {"01-01": False, "01-15": True, "03-10": False},
         {"01-01": "observed"}),
        # Without a season nothing tells how long an opening lasts, nor what was before a closing.
        (["open 2021-01-15"], False, {"01-01": False}, {"01-01": "observed", "01-15": "expected"}),
        (["close 2021-03-10"], False, {"01-01": False}, {"01-01": "expected", "03-10": "observed"}),
        (["close 2021-03-10"], True, {"01-01": False, "01-10": True, "03-10": False},
         {"01-01": "expected", "03-10": "observed"}),
        # Until it closed it was open, however late that was.
        (["close 2021-03-28"], True, {"01-01": False, "01-10": True, "03-28": False},
         {"01-01": "expected", "03-28": "observed"}),
    ],
)  # fmt: skip
def test_days_between_the_turns_on_record(
    rows: list[str], with_season: bool, opened: dict[str, bool], evidence: dict[str, str]
) -> None:
    out = status(service(*rows), "2021-01-01", "2021-03-31", *([WINTER] if with_season else []))
    assert column(out, "open") == opened
    assert column(out, "evidence") == evidence
    if "close 2021-03-10" in rows:
        assert out.because[-1] == ("because.record_closed", {"date": "2021-03-10"})


def test_a_record_holds_in_its_season_and_not_in_a_world_or_with_a_moved_season() -> None:
    record = service("open 2021-01-15", "close 2021-03-10")
    after = status(record, "2021-06-29", "2021-07-02", WINTER)
    assert column(after, "evidence") == {"06-29": "observed", "07-01": "expected"}
    before = status(record, "2020-06-29", "2020-07-02", WINTER)
    assert column(before, "evidence") == {"06-29": "expected", "07-01": "observed"}
    world = status(record, "2021-01-12", "2021-01-12", WINTER, is_dated=False)
    assert (world.evidence[0], bool(world.open[0])) == ("expected", True)
    moved = status(record, "2021-06-29", "2021-07-02", WINTER, moved=True)
    assert column(moved, "evidence") == {"06-29": "scenario", "07-01": "expected"}
    on = status(record, "2021-01-12", "2021-01-12", WINTER, moved=True)
    assert bool(on.open[0])


# Stops, holidays and short days on record.


def test_a_stop_on_record_is_observed_and_explained_by_its_days() -> None:
    out = status(
        service(
            "open 2021-01-05", "suspend 2021-02-01", "resume 2021-02-02",
            "suspend 2021-02-10 until=2021-02-12 reason=weather"
        ),
        "2021-01-31", "2021-02-14", WINTER,
    )  # fmt: skip
    assert column(out, "status") == {
        "01-31": "open", "02-01": "closed", "02-02": "open", "02-10": "closed", "02-13": "open"
    }  # fmt: skip
    assert out.because[1] == ("because.suspended", {"first": "2021-02-01"})
    assert out.because[11] == ("because.suspended_until", {"first": "2021-02-10", "last": "2021-02-12"})
    assert (out.reason[1], out.reason[11], out.sources[11], out.evidence[11]) == (
        "suspended", "weather", ("s3",), "observed"
    )  # fmt: skip
    bridge = status(service("close 2021-02-01", crossing=BRIDGE, all_year=True), "2021-01-31", "2021-02-14")
    assert keys(bridge) == {"01-31": "all_year_undated", "02-01": "suspended_since"}


def test_a_world_has_the_holidays_on_record_and_no_other_stop() -> None:
    made = service("suspend 2021-02-01 until=2021-02-02 reason=holiday", "suspend 2021-02-05 reason=weather",
                   "hours 2021-02-07 value=until13:00")  # fmt: skip
    dated = status(made, "2021-01-31", "2021-02-08", WINTER)
    assert column(dated, "status") == {
        "01-31": "open", "02-01": "closed", "02-03": "open", "02-05": "closed", "02-06": "open",
        "02-07": "limited", "02-08": "open",
    }  # fmt: skip
    assert dated.limited[7] == "short_hours"
    world = status(made, "2021-01-31", "2021-02-08", WINTER, is_dated=False)
    assert column(world, "status") == {"01-31": "open", "02-01": "closed", "02-03": "open"}
    assert world.evidence[1:4].tolist() == ["scenario", "scenario", "expected"]
    regime = Scenario("mine", day=(2, 1))
    assert status(made, "2021-02-01", "2021-02-01", WINTER, scenario=regime, is_dated=False).open[0]


def holiday(chance: float, on: str = "02-12..02-14", **values: Any) -> HolidayRule:
    given = {"offset": 0, "first": 1949, "last": 2100, "title": {"en": "Fest"}, "source": "rule"}
    return HolidayRule(on, chance=chance, **given | values)


@pytest.mark.parametrize(
    ("chance", "closed", "left"),
    [(0.5, True, 0.4999), (0.49, False, 0.51), (0.92, True, 0.08), (0.2, False, 0.8)],
)
def test_a_holiday_stops_a_service_from_a_chance_of_half_on(chance: float, closed: bool, left: float) -> None:
    out = status(bridge(holidays=[holiday(chance)]), "2021-02-11", "2021-02-15")
    assert column(out, "open") == (
        {"02-11": True, "02-12": False, "02-15": True} if closed else {"02-11": True}
    )
    assert out.chance.round(4).tolist() == [1.0, left, left, left, 1.0]
    values = {"holiday": {"en": "Fest"}, "share": f"{100 * chance:.0f}", "first": "2021-02-12"}
    values |= {"last": "2021-02-14"}
    if closed:
        assert out.because[1] == ("because.holiday", values)
        assert (out.reason[1], out.sources[1], out.confidence[1]) == ("holiday", ("rule",), "estimated")
    else:
        assert out.because[1] == (
            "because.risk", {**values, "because": ("because.all_year_undated", {})}
        )  # fmt: skip
        assert (out.reason[1], out.sources[1]) == ("all_year", ("table",))
    assert set(out.evidence) == {"expected"}


def test_a_risk_leaves_a_service_open() -> None:
    """0.6 of the season times 0.7 are below a half, and are told as a half."""
    spread = season("2020/21", "2021-01-10", "2021-03-20", close=turn("2021-03-19", 4.0))
    out = status(service(holidays=[holiday(0.3, "03-18")]), "2021-03-17", "2021-03-18", spread)
    # Phi((18 + 0.5 - 19) / 4) = Phi(-0.125) = 0.450 have closed.
    assert out.seasonal[1].round(3) == 0.55
    assert (bool(out.open[1]), out.chance[1]) == (True, 0.5)


def test_a_holiday_on_record_or_resumed_goes_before_the_rule() -> None:
    """Within twelve days of the holiday, by its first day, and only stops that are holidays."""
    made = [holiday(0.9)]
    for rows, closed in (
        (["suspend 2021-02-24 reason=holiday"], 0),
        (["suspend 2021-01-31 reason=holiday"], 0),
        (["suspend 2021-02-25 reason=holiday"], 3),
        (["suspend 2021-01-30 reason=holiday"], 3),
        (["suspend 2021-02-10 reason=weather"], 3),
        # Work resumed on the second day leaves the first, on the third two, on the first or after it all.
        (["resume 2021-02-13"], 1),
        (["resume 2021-02-14"], 2),
        (["resume 2021-02-14", "resume 2021-02-13"], 1),
        (["resume 2021-02-12"], 3),
        (["resume 2021-02-15"], 3),
    ):
        out = status(bridge(*rows, holidays=made), "2021-02-11", "2021-02-15")
        assert (out.reason == "holiday").sum() == closed, rows


def test_a_rule_holds_at_both_ends_of_a_period_and_of_a_holiday() -> None:
    made = bridge(holidays=[holiday(0.9, "12-30..01-02")])
    for first, last, closed in (
        ("2021-01-02", "2021-01-03", 1),
        ("2021-01-03", "2021-01-04", 0),
        ("2020-12-29", "2020-12-30", 1),
        ("2020-12-28", "2020-12-29", 0),
        ("2020-12-31", "2021-01-01", 2),
    ):
        out = status(made, first, last)
        assert (out.reason == "holiday").sum() == closed, first


def test_a_day_off_closes_an_open_service_and_keeps_a_scenario() -> None:
    made = service(holidays=[holiday(0.9, "sunday")])
    out = status(made, "2021-01-01", "2021-01-31", WINTER)
    days_off = [str(on)[5:] for on in out.days[out.reason == "day_off"]]
    # 3 January is before the season.
    assert days_off == ["01-10", "01-17", "01-24", "01-31"]
    assert out.because[9] == ("because.day_off", {"holiday": {"en": "Fest"}, "share": "90"})
    moved = status(service("open 2021-01-05", holidays=[holiday(0.9, "sunday")]),
                   "2021-01-09", "2021-01-11", WINTER, moved=True)  # fmt: skip
    assert moved.evidence.tolist() == ["scenario"] * 3
