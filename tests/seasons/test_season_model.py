"""The season model on records of a few rows: turns, eras, links between services, and sightings."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from one_service import COLUMNS

from amurgeo.errors import InputError
from amurgeo.seasons.model import (
    FIRST_SCALE_DAYS,
    LEVEL,
    LINKED_SCALE_DAYS,
    RHO,
    WIDENING,
    SeasonModel,
    Turns,
    TurnSampler,
    key_of,
)
from amurgeo.seasons.turns import DayDistribution, Turn

ICE = "here:ice_road"
#: P90 of a Student distribution of four degrees of freedom.
T90 = 1.5332062740589438


def model(
    *lines: str,
    services: dict[tuple[str, str], dict[str, Any]] | None = None,
    eras: tuple[tuple[str, str, int], ...] = (),
    windows: tuple[dict[str, Any], ...] = (),
) -> SeasonModel:
    """Return the model of lines such as ``here:ice_road open 2021-01-05 traffic=cargo``."""
    rows = []
    for number, line in enumerate(lines):
        crossing, event, on, *more = line.split()
        row = {"id": f"r{number}", "crossing": crossing, "traffic": "both", "event": event, "date": on}
        row |= {"precision": "day", "source": f"s{number}", "confidence": "reported", "evidence": "yes"}
        rows.append(row | dict(part.split("=") for part in more))
    names = dict.fromkeys([ICE, *(row["crossing"] for row in rows)])
    usual = {"regular": True, "all_year": False, "opened": pd.NaT, "retired": pd.NaT}
    given = services or {(name, traffic): {} for name in names for traffic in ("cargo", "passenger")}
    index = pd.MultiIndex.from_tuples([*given], names=["crossing", "traffic"])
    table = pd.DataFrame([usual | values for values in given.values()], index)
    columns = ("crossing", "traffic", "part", "valid_from", "valid_to", "open_md", "open_sd_days", "close_md",
               "close_sd_days", "source")  # fmt: skip
    return SeasonModel(
        pd.DataFrame(rows, columns=[*COLUMNS]),
        pd.DataFrame([*windows], columns=[*columns]),
        pd.DataFrame([*eras], columns=["checkpoint", "turn", "first_year"]),
        table,
    )


WINDOW = {
    "crossing": ICE, "traffic": "both", "part": "", "open_md": "01-20", "open_sd_days": 5,
    "close_md": "03-20", "close_sd_days": 5, "source": "w",
}  # fmt: skip


# The spread of all turns.


def test_the_spread_is_fitted_to_years_left_out() -> None:
    """Two years at one place: each is left out once, and the other one foretells it.

    Both errors are 10 days, over the root of 1 + 1 / 1; four fifths of them are below themselves.
    """
    turns = Turns({("a", "melt", 0): {2010: 270.0, 2011: 280.0}})
    assert turns.scale == pytest.approx(WIDENING * 10.0 / np.sqrt(2.0) / T90)
    assert (WIDENING, LEVEL, FIRST_SCALE_DAYS) == (1.15, 0.8, 7.0)


def test_a_left_out_year_is_foretold_by_the_other_years_and_places() -> None:
    """Years of a: 0 and 4; b and c have 1 and 3, whose variance of 2 is worth 49 / 2 years."""
    days = {
        ("a", "melt", 0): {2010: 0.0, 2011: 4.0},
        ("b", "melt", 0): {2010: 1.0},
        ("c", "melt", 0): {2010: 3.0},
    }
    errors = [
        # Two other places do not outweigh own years.
        abs(0.0 - 4.0) / np.sqrt(2.0),
        abs(4.0 - 0.0) / np.sqrt(2.0),
        # A place without other years has the mean of the two others (2 and 3; 2 and 1).
        abs(1.0 - 2.5) / np.sqrt(1.0 + 1.0 / (49.0 / 1.0)),
        abs(3.0 - 1.5) / np.sqrt(1.0 + 1.0 / (49.0 / 1.0)),
    ]
    expected = WIDENING * float(np.quantile(errors, LEVEL)) / T90
    assert Turns(days).scale == pytest.approx(expected)


def test_places_that_agree_to_a_day_are_worth_as_if_they_differed_by_one() -> None:
    days = {(place, "melt", 0): {2010: day} for place, day in zip("abc", (10.0, 10.1, 10.2), strict=True)}
    turns = Turns(days)
    found = turns.expect(("d", "melt", 0))
    assert found is not None
    assert found.center == pytest.approx(10.1)
    assert found.scale == pytest.approx(turns.scale * np.sqrt(1.0 + 1.0 / turns.scale**2))
    # Of one other place nothing is concluded, and eras of one place count as places.
    assert Turns({("a", "melt", 0): {2010: 10.0}}).expect(("d", "melt", 0)) is None
    eras = {("a", "melt", 0): {2010: 10.0}, ("a", "melt", 1): {2020: 20.0}, ("a", "thaw", 1): {2020: 20.0}}
    both = Turns(eras).expect(("d", "melt", 0))
    assert both is not None
    assert (both.center, both.n) == (15.0, 0)


def test_turns_without_a_winter_have_all_other_winters() -> None:
    turns = Turns({("a", "melt", 0): {2010: 270.0, 2011: 280.0, 2012: 290.0}})
    less = turns.without(2011)
    assert less.years == {("a", "melt", 0): {2010: 270.0, 2012: 290.0}}
    assert less.scale == Turns(less.years).scale != turns.scale


# Evidence.


def test_a_turn_of_a_winter_is_the_median_of_its_services() -> None:
    """The newer of two rows on one event counts; rows that are no evidence do not."""
    found = model(
        f"{ICE} open 2021-01-10 traffic=cargo",
        f"{ICE} open 2021-01-12 traffic=cargo",
        f"{ICE} open 2021-01-16 traffic=passenger",
        "here:hovercraft close 2021-01-20",
        f"{ICE} open 2021-01-30 traffic=unknown evidence=no",
    )
    # 1 August is day 0: 12, 16 and 20 January are days 164, 168 and 172.
    assert found._turns[None].years == {("here", "winter", 0): {2020: 168.0}}
    asked = found.season(ICE, season="2021/22", traffic="cargo").open
    assert (asked.p50, asked.n, asked.confidence) == (date(2022, 1, 16), 1, "estimated")
    assert asked.sources == ("s0", "s1", "s2", "s3")


def test_only_seasonal_services_are_evidence() -> None:
    services = {
        (ICE, "cargo"): {}, ("here:bridge", "cargo"): {}, ("far:ice_road", "cargo"): {"all_year": True},
        ("old:ice_road", "cargo"): {"regular": False},
    }  # fmt: skip
    found = model(
        f"{ICE} open 2021-01-10", "here:bridge open 2021-01-11", "far:ice_road open 2021-01-12",
        "old:ice_road open 2021-01-13", f"{ICE} suspend 2021-01-20", f"{ICE} close 2021-02-01",
        f"{ICE} resume 2021-02-03", f"{ICE} close 2021-03-10", services=services,
    )  # fmt: skip
    rows = [(crossing, row.event, str(row.date)) for crossing, row in found.evidence()]
    assert rows == [(ICE, "open", "2021-01-10"), (ICE, "close", "2021-03-10")]
    assert found.crossings == ("here:bridge", ICE)
    assert found.season("here:bridge", season="2021/22", traffic="cargo").open is None


def test_an_era_begins_with_its_first_year() -> None:
    eras = (("here", "winter", 2012), ("here", "winter", 2015), ("here", "thaw", 1990))
    found = model(f"{ICE} open 2021-01-10", eras=eras)
    assert [found.era(ICE, "open", "", year) for year in (2011, 2012, 2014, 2015, 2030)] == [0, 1, 1, 2, 2]
    assert found.era("there:ice_road", "open", "", 2020) == 0


def test_a_turn_without_own_sources_has_those_of_the_other_places() -> None:
    found = model(
        f"{ICE} open 2021-01-10", "far:ice_road open 2021-01-14", f"{ICE} close 2021-03-10",
        "new:ice_road seen_open 2019-01-14",
    )  # fmt: skip
    asked = found.season("new:ice_road", season="2022/23", traffic="cargo")
    # The mean of 10 and 14 January.
    assert (asked.open.p50, asked.open.sources) == (date(2023, 1, 12), ("s0", "s1"))
    # One other place is not enough.
    assert asked.close is None
    assert asked.method == "open pooled, close none"


# Seasons.


def test_kinds_of_traffic_and_parts_of_a_crossing() -> None:
    found = model(
        f"{ICE} open 2021-01-10",
        services={(ICE, "cargo"): {}, ("here:hovercraft", "passenger"): {}},
        windows=(
            {**WINDOW, "crossing": "road:up"},
            {**WINDOW, "crossing": "there:ferry", "traffic": "passenger"},
        ),
    )
    assert found.traffics(ICE) == ("cargo",)
    assert found.traffics("road:up") == ("cargo", "passenger")
    assert found.traffics("there:ferry") == ("passenger",)
    assert found.traffics("nowhere:ferry") == ()
    assert found.crossings == ("here:hovercraft", ICE, "road:up", "there:ferry")
    assert found.parts("here:hovercraft") == ("autumn", "spring")
    assert found.parts(ICE) == ("",)
    assert found.seasons(ICE, "passenger", 2019, 2021) == []
    assert [one.season for one in found.seasons("road:up", "cargo", 2019, 2021)] == [
        "2019/20", "2020/21", "2021/22"
    ]  # fmt: skip


def test_a_season_outside_the_life_of_a_service_is_extrapolated() -> None:
    """A winter lasts from July to June: on its last day the service may open, on its first be retired."""
    for opened, retired, method in (
        ("2021-06-30", None, "window"),
        ("2021-07-01", None, "extrapolated"),
        (None, "2020-07-02", "window"),
        (None, "2020-07-01", "extrapolated"),
        (None, None, "window"),
    ):
        life = {"opened": pd.Timestamp(opened), "retired": pd.Timestamp(retired)}
        found = model(services={(ICE, "cargo"): life}, windows=(WINDOW,))
        assert found.season(ICE, season="2020/21", traffic="cargo").method == method


def test_a_road_has_a_season_for_each_of_its_windows() -> None:
    two = ({**WINDOW, "crossing": "road:up"}, {**WINDOW, "crossing": "road:up", "open_md": "11-01"})
    found = model(windows=(*two, {**WINDOW, "crossing": "road:up", "valid_from": 2025}))
    opened = {year: [str(one.open.p50)[5:] for one in found.seasons("road:up", "cargo", year, year)]
              for year in (2024, 2025)}  # fmt: skip
    assert opened == {2024: ["01-20", "11-01"], 2025: ["01-20", "11-01", "01-20"]}


def test_an_expected_day_stays_a_day_from_the_one_on_record() -> None:
    for line, event, moved in (
        (f"{ICE} open 2021-03-20", "close", date(2021, 3, 21)),
        (f"{ICE} close 2021-01-20", "open", date(2021, 1, 19)),
    ):
        found = model(line, windows=(WINDOW,)).season(ICE, season="2020/21", traffic="cargo")
        expected = getattr(found, event)
        assert expected.observed is None
        assert (expected.p10 if event == "close" else expected.p90) == moved
        assert found.n == 0


def test_a_turn_on_record_is_that_day() -> None:
    found = model(f"{ICE} open 2021-01-10 precision=week confidence=confirmed")
    seen = found.season(ICE, season="2020/21", traffic="cargo").open
    assert seen.p10 == seen.p50 == seen.p90 == seen.observed == date(2021, 1, 10)
    assert (seen.precision, seen.sources, seen.confidence, seen.n) == ("week", ("s0",), "confirmed", 0)
    assert seen.distribution == DayDistribution(18_637.0, 0.0)


def test_a_record_of_a_blind_season_is_left_out_and_that_of_an_unobserved_one_counts() -> None:
    lines = [f"{ICE} open 2019-01-10", f"{ICE} open 2021-01-30", f"{ICE} close 2019-03-10"]
    found = model(*lines)
    blind = found.season(ICE, season="2020/21", traffic="cargo", blind=True).open
    assert (blind.p50, blind.n) == (date(2021, 1, 10), 1)
    (usual,) = model(*lines, f"{ICE} close 2021-03-10").seasons(ICE, "cargo", 2020, 2020)
    assert usual.open.observed == date(2021, 1, 30)
    # Without its own record a season still rests on all years.
    (season,) = model(*lines, f"{ICE} close 2021-03-10").seasons(ICE, "cargo", 2020, 2020, observed=False)
    assert (season.open.observed, season.open.p50, season.open.n) == (None, date(2021, 1, 20), 2)


# Other services of the same turn.


def test_passengers_follow_the_passengers_of_another_service_of_the_turn() -> None:
    """A hovercraft ends its autumn when the ice road opens, within a day."""
    services: dict[tuple[str, str], dict[str, Any]] = {(ICE, "cargo"): {}, (ICE, "passenger"): {}}
    services |= {("here:hovercraft", traffic): {} for traffic in ("cargo", "passenger")}
    asked = {"season": "2020/21", "part": "autumn"}

    def closing(line: str, traffic: str = "passenger") -> Turn | None:
        return model(line, services=services).season("here:hovercraft", traffic=traffic, **asked).close

    linked = closing(f"{ICE} open 2021-01-10")
    assert linked is not None
    assert (linked.p50, linked.sources, linked.confidence, linked.n) == (
        date(2021, 1, 10),
        ("s0",),
        "reported",
        1,
    )
    assert (linked.distribution.scale, linked.distribution.df) == (LINKED_SCALE_DAYS, 4.0) == (1.0, 4.0)
    for line, traffic in (
        (f"{ICE} open 2021-01-10", "cargo"),
        (f"{ICE} open 2021-01-10 traffic=cargo", "passenger"),
        (f"{ICE} open 2020-01-10", "passenger"),
        (f"{ICE} open 2021-01-10 evidence=no", "passenger"),
        (f"{ICE} close 2021-03-10", "passenger"),
        ("there:ice_road open 2021-01-10", "passenger"),
    ):
        found = closing(line, traffic)
        assert found is None or found.distribution.scale > 2.0, line


# Sightings.


@pytest.mark.parametrize(
    ("lines", "opened", "closed"),
    [
        # Seen open the season has begun and lasts; seen closed it has not begun, or is over.
        (["seen_open 2021-01-15"], (None, "2021-01-15"), ("2021-01-15", None)),
        (["seen_closed 2021-01-25"], ("2021-01-25", None), (None, None)),
        (["seen_closed 2021-03-15"], (None, None), (None, "2021-03-15")),
        # Half way, on 18 February and a half, from an opening to a closing.
        (["seen_closed 2021-02-18"], ("2021-02-18", None), (None, None)),
        (["seen_closed 2021-02-19"], (None, None), (None, "2021-02-19")),
        # A service that was open before, or is open later, was stopped.
        (["seen_open 2021-01-15", "seen_closed 2021-01-25"], (None, "2021-01-15"), ("2021-01-15", None)),
        (["seen_closed 2021-03-10", "seen_open 2021-03-15"], (None, "2021-03-15"), ("2021-03-15", None)),
        # Rows of other seasons and kinds of traffic, and other events, tell nothing.
        (["seen_open 2022-01-15", "seen_closed 2020-01-25"], (None, None), (None, None)),
        (["seen_open 2021-01-15 traffic=passenger"], (None, None), (None, None)),
        (["suspend 2021-01-15", "hours 2021-01-25"], (None, None), (None, None)),
    ],
)  # fmt: skip
def test_a_sighting_bounds_the_days_of_its_season(
    lines: list[str], opened: tuple[str | None, str | None], closed: tuple[str | None, str | None]
) -> None:
    found = model(*(f"{ICE} {line}" for line in lines), windows=(WINDOW,))
    season = found.season(ICE, season="2020/21", traffic="cargo")
    for turn, (after, by) in ((season.open, opened), (season.close, closed)):
        numbers = [np.datetime64(day, "D").astype(float) if day else None for day in (after, by)]
        known = turn.distribution
        assert (known.after, known.by) == (
            -np.inf if numbers[0] is None else numbers[0], np.inf if numbers[1] is None else numbers[1]
        )  # fmt: skip
        assert turn.p10 <= turn.p50 <= turn.p90
    blind = found.season(ICE, season="2020/21", traffic="cargo", blind=True)
    assert (blind.open.p50, blind.close.p50) == (date(2021, 1, 20), date(2021, 3, 20))


# Both kinds of traffic together.


def test_both_kinds_of_traffic_have_the_outermost_days_of_the_observed_ones() -> None:
    found = model(
        f"{ICE} open 2021-01-12 traffic=cargo",
        f"{ICE} close 2021-03-12 traffic=cargo",
        f"{ICE} close 2021-03-22 traffic=passenger",
        f"{ICE} open 2022-01-12 traffic=cargo",
        f"{ICE} open 2022-01-10 traffic=passenger",
    )
    both = found.dates(ICE, season="2020/21")
    assert (both.open.observed, both.close.observed) == (date(2021, 1, 12), date(2021, 3, 22))
    assert (both.traffic, both.method) == ("", "observed")
    assert found.dates(ICE, season="2021/22").open.observed == date(2022, 1, 10)
    one = found.dates(ICE, season="2020/21", traffic="cargo")
    assert (one.traffic, one.close.observed) == ("cargo", date(2021, 3, 12))
    # Passengers have the days of two winters, as cargo; the greater number is that of both.
    later = found.dates(ICE, season="2024/25")
    assert later.n == max(
        found.dates(ICE, season="2024/25", traffic=kind).n for kind in ("cargo", "passenger")
    )
    for crossing in (None, 3, "nowhere:ferry"):
        with pytest.raises(InputError, match="unknown seasonal crossing"):
            found.dates(crossing, season="2020/21")  # type: ignore[arg-type]


def test_the_turns_of_a_season_have_their_ice_years() -> None:
    found = model(
        windows=(WINDOW, {**WINDOW, "crossing": "here:ferry", "open_md": "05-10", "close_md": "11-01"})
    )
    ice = found.season(ICE, season="2020/21", traffic="cargo")
    ferry = found.season("here:ferry", season="2021", traffic="cargo")
    assert [key_of(ice, event) for event in ("open", "close")] == [
        ("here", "winter", 2020), ("here", "thaw", 2020)
    ]  # fmt: skip
    assert [key_of(ferry, event) for event in ("open", "close")] == [
        ("here", "melt", 2020), ("here", "freeze", 2021)
    ]  # fmt: skip


# Draws.


def test_draws_of_a_turn_are_its_likely_days_in_every_block() -> None:
    known = Turn.estimate(DayDistribution(18_637.0, 6.0, 4.0), (), "estimated", 3)
    keys = [(place, "winter", 2020) for place in "abcdefgh"]
    drawn = TurnSampler(3).days([(key, known) for key in keys], 500)
    for days in drawn:
        assert len(days) == 500
        for block in (days[:250], days[250:]):
            assert np.sort(block).tolist() == known.distribution.likely.tolist()
        assert not np.array_equal(days[:250], days[250:])
    few = TurnSampler(3).days([(keys[1], known)], 260)[0]
    assert few.tolist() == drawn[1][:260].tolist()
    assert TurnSampler(4).days([(keys[1], known)], 260)[0].tolist() != few.tolist()
    assert TurnSampler().days([]) == []
    assert len(TurnSampler().days([(keys[0], known)])[0]) == 1000
    # Normal numbers with a correlation of 0.3: ranks have 0.29.
    ranks = np.corrcoef(np.argsort(np.argsort(np.array(drawn)[:, :250], axis=1), axis=1))
    assert RHO == 0.3
    assert 0.15 < ranks[np.triu_indices(8, 1)].mean() < 0.4
    other = TurnSampler(3).days([(("a", "winter", 2021), known), (("a", "thaw", 2020), known)], 250)
    assert all(abs(np.corrcoef(days, drawn[0][:250])[0, 1]) < 0.15 for days in other)
