"""Scenarios: names, files, one-line changes, joins and contradictions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.scenario import Change, Span, as_scenario, json_schema, scenario_names
from amurgeo.scenario.model import ACTIONS

BUILT_IN = {
    *("baseline", "frozen", "open", "freeze_up", "break_up", "no_bridge", "bridge_only", "paper_2010"),
    *("all_planned", "warm_1c", "warm_2c", "warm_3c", "late_ice_3w", "bridge_shut_10d"),
}


def _errors(cases: Iterable[tuple[str, str]], read: Callable[[str], object], name: str = "") -> list[str]:
    """Return the cases that do not raise an InputError of one line with the expected text and the name."""
    failures = []
    for text, expected in cases:
        try:
            read(text)
            failures.append(f"{text[:80]!r}: no error")
        except ag.InputError as error:
            if expected not in str(error) or name not in str(error) or "\n" in str(error):
                failures.append(f"{text[:80]!r}: {error}")
    return failures


def test_every_built_in_scenario_has_a_state_and_titles_in_three_languages(net: ag.Network) -> None:
    assert set(scenario_names()) >= BUILT_IN
    for name in scenario_names():
        scenario = as_scenario(name)
        assert scenario.name == name
        assert len(set(scenario.title.values())) == len(set(scenario.description.values())) == 3, name
        state = net.state(None if scenario.day else "2026-02-10", scenario=scenario)
        assert len(state.crossings) == len(net.tables["services"]), name


def test_joined_scenarios_keep_their_order() -> None:
    assert as_scenario("freeze_up+no_bridge").name == "freeze_up+no_bridge"
    assert as_scenario("no_bridge+freeze_up").name == "no_bridge+freeze_up"
    assert as_scenario(["paper_2010", "frozen"]).name == "paper_2010+frozen"
    assert as_scenario("baseline+no_bridge").name == "no_bridge"


def test_an_inline_change_closes_on_its_days_only(net: ag.Network) -> None:
    scenario = as_scenario("kani_kurgan:bridge close 2026-11-10..2026-11-20")
    expected = {"2026-11-09": "open", "2026-11-10": "closed", "2026-11-20": "closed", "2026-11-21": "open"}
    for day, status in expected.items():
        row = net.state(day, scenario=scenario).crossings.loc[("kani_kurgan:bridge", "cargo")]
        assert row["status"] == status
        if status == "closed":
            assert (row["basis"], row["reason"]) == ("scenario", "scenario")


def test_a_delay_shifts_the_ice_and_nothing_else(net: ag.Network) -> None:
    usual, late = (net.state("2027-01-20", scenario=name).crossings for name in (None, "late_ice_3w"))
    assert usual.at[("blagoveshchensk:pontoon", "cargo"), "status"] == "limited"
    assert late.at[("blagoveshchensk:pontoon", "cargo"), "status"] == "closed"
    assert set(usual.loc[usual["status"] != late["status"], "mode"]) <= {"ice_road", "pontoon"}


def test_planned_crossings_follow_the_season_of_a_similar_one(net: ag.Network) -> None:
    state = net.state("2026-02-10", scenario="all_planned")
    assert state.crossings.at[("blagoveshchensk_cableway:cableway", "passenger"), "status"] == "open"
    assert state.crossings.at[("dzhalinda:ice_road", "cargo"), "status"] == "open"
    assert state.crossings.at[("dzhalinda:ferry", "cargo"), "status"] == "closed"


def test_a_load_limit_keeps_heavy_trucks_off(net: ag.Network) -> None:
    state = net.state("2026-02-10", scenario="blagoveshchensk:pontoon limit_t 15")
    assert not state.admitted("truck_20t").at["blagoveshchensk:pontoon", "usable"]


def _write(folder: Path, text: str, name: str = "bad.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


GOOD = '[[change]]\ncrossing = "poyarkovo:ice_road"\n'


BROKEN_FILES = [
    ("", "'name'"),
    ("name = 3", "'name'"),
    ("name = ''", "'name'"),
    ("base = 'x'\nbase = 'y'\n", "TOML"),
    ("\x00\x01", "TOML"),
    ("name = 'a'\nbase = 'bad.toml'\n", "circular base"),
    ("name = 'a'\nbase = 'nothing.toml'\n", "scenario file not found"),
    ("name = 'a'\nbase = 'frozn'\n", "did you mean frozen"),
    ("name = 'a'\nnmae = 'b'\n", "did you mean 'name'"),
    ("name = 'a'\nworld = 'now'\n", "'world'"),
    ("name = 'a'\nworld = 1066\n", "'world'"),
    ("name = 'a'\nday = '02-30'\n", "'day'"),
    ("name = 'a'\nregime = 'thaw'\n", "'regime'"),
    ("name = 'a'\nchange = 3\n", "'change'"),
    ("name = 'a'\n" + GOOD + "opne = true\n", "did you mean 'open'"),
    ("name = 'a'\n" + GOOD, "exactly one"),
    ("name = 'a'\n" + GOOD + "open = true\nclose = true\n", "exactly one"),
    ("name = 'a'\n" + GOOD + "open = 'yes'\n", "'change.1.open'"),
    ("name = 'a'\n" + GOOD + "open = false\n", "'change.1.open'"),
    ("name = 'a'\n" + GOOD + "limit_t = 'heavy'\n", "limit_t"),
    ("name = 'a'\n" + GOOD + "limit_t = -1\n", "limit_t"),
    ("name = 'a'\n" + GOOD + "limit_t = nan\n", "limit_t"),
    ("name = 'a'\n" + GOOD + "delay_days = 4000\n", "delay_days"),
    ("name = 'a'\n" + GOOD + "capacity_share = 20\n", "capacity_share"),
    (
        "name = 'a'\n" + GOOD + "close = true\ndays = '2026-11-20..2026-11-10'\n",
        "the period ends on",
    ),
    ("name = 'a'\n" + GOOD + "close = true\ndays = '2026-11-31'\n", "does not exist"),
    ("name = 'a'\n" + GOOD + "close = true\ndays = 'soon'\n", "expected 2026-11-10"),
    ("name = 'a'\n" + GOOD + "close = true\ndays = '2026-11-01..12-01'\n", "at both ends or at neither"),
    ("name = 'a'\n" + GOOD + "close = true\n" + GOOD + "open = true\n", "contradict"),
    ("name = 'a'\n" + GOOD + "limit_t = 20\n" + GOOD + "limit_t = 30\n", "contradict"),
    ("name = 'a'\n[[change]]\nclose = true\n", "needs exactly one of crossing"),
    (
        "name = 'a'\n[[change]]\nmode = 'ferry'\ncrossing = 'poyarkovo:ferry'\nclose = true\n",
        "needs exactly one of crossing",
    ),
    ("name = 'a'\n[[change]]\nwarming_c = 40\n", "warming_c"),
    ("name = 'a'\n" + GOOD + "close = true\nlike = 'poyarkovo:ferry'\n", "'like' does not go with 'close'"),
    ("name = 'a'\ndescription = '" + "x" * 1_000_001 + "'", "up to 1000 kB"),
]


def test_a_broken_file_gives_one_line_that_names_it(tmp_path: Path) -> None:
    assert _errors(BROKEN_FILES, lambda text: as_scenario(_write(tmp_path, text)), "bad.toml") == []


BROKEN_TEXTS = [
    ("frozn", "did you mean frozen"),
    ("frozen+open", "contradict"),
    ("warm_1c+warm_2c", "contradict"),
    ("nothing.toml", "scenario file not found"),
    ("no_bridge+kani_kurgan:bridge open", "contradict"),
    ("kani_kurgan:bridge opne", "after the target"),
    ("kani_kurgan:bridge limit_t", "needs a number"),
    ("poyarkovo close \udc80", "expected text in UTF-8"),
    ("poyar\udc80kovo close", "expected text in UTF-8"),
    ("kani_kurgan:bridge close 2026-02-30", "does not exist"),
    ("kani_kurgan:bridge close 2026-02-01 now", "expected 2026-11-10"),
    ("", "is empty"),
    ("+", "is empty"),
]


def test_a_wrong_name_or_inline_change_gives_one_line() -> None:
    assert _errors(BROKEN_TEXTS, as_scenario) == []


def test_changes_of_two_kinds_of_traffic_do_not_contradict_each_other() -> None:
    cargo = ag.close("kani_kurgan:bridge", traffic="cargo")
    opened = {kind: ag.open("kani_kurgan:bridge", traffic=kind) for kind in ("cargo", "passenger", None)}
    assert len(ag.Scenario("two", changes=[cargo, opened["passenger"]]).changes) == 2
    for kind in ("cargo", None):
        with pytest.raises(ag.InputError, match="contradict"):
            ag.Scenario("two", changes=[cargo, opened[kind]])


def test_a_dictionary_has_the_keys_of_a_file_and_only_those_with_a_value() -> None:
    road = {"kind": "road", "from": "Zeya", "to": "Fevralsk", "length_km": 210.0}
    (change,) = ag.Scenario.from_dict({"name": "new", "change": [{"add": road}]}).to_dict()["change"]
    assert change == {"add": {**road, "class": "primary", "surface": "asphalt"}}


def test_the_change_that_a_message_proposes_is_valid() -> None:
    numbers = [action for action in ACTIONS if action not in ("open", "close", "add")]
    for target in ("poyarkovo", "winter", "truck_20t", "ferry", "kani_kurgan:bridge"):
        for action in numbers:
            with pytest.raises(ag.InputError) as error:
                as_scenario(f"{target} {action}")
            proposal = str(error.value).rpartition("for instance ")[2].strip("'")
            assert as_scenario(proposal).changes[0].action == action


def test_a_change_of_an_unknown_crossing_names_its_scenario(net: ag.Network, tmp_path: Path) -> None:
    path = _write(tmp_path, "name = 'mine'\n[[change]]\ncrossing = 'poyarkovo:ice_raod'\nclose = true\n")
    with pytest.raises(ag.InputError, match=r"scenario 'mine', key 'crossing'.*poyarkovo:ice_road"):
        net.state("2026-02-10", scenario=path)


def test_a_file_may_have_a_base_in_its_folder(net: ag.Network, tmp_path: Path) -> None:
    _write(tmp_path, "name = 'one'\nbase = 'frozen'\n" + GOOD + "close = true\n", "one.toml")
    path = _write(
        tmp_path,
        "name = 'two'\nbase = 'one.toml'\n[[change]]\ncrossing = 'kani_kurgan:bridge'\nclose = true\n",
        "two.toml",
    )
    state = net.state(scenario=path)
    assert state.scenario.name == "two"
    assert [change.by for change in state.scenario.changes] == ["one", "two"]
    assert state.crossings.at[("kani_kurgan:bridge", "cargo"), "status"] == "closed"


def test_the_schema_for_editors_has_every_key() -> None:
    schema = json_schema()
    keys = set(schema["$defs"]["Change"]["properties"])
    assert keys == set(Change.model_fields) - {"by"}
    assert schema["additionalProperties"] is False


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 60))
def test_a_range_holds_its_days_and_no_others(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    span, one = Span.parse(f"{first}..{last}"), timedelta(days=1)
    days = np.array([first - one, first, last, last + one], dtype="datetime64[D]")
    assert span.holds_on(days).tolist() == [False, True, True, False]
    assert Span.parse(str(span)) == span


@pytest.mark.slow
def test_a_scenario_adds_a_bridge_and_a_road(net: ag.Network, tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        "name = 'planned'\n[[change]]\nadd = {kind = 'crossing', checkpoint = 'dzhalinda', mode = 'bridge', "
        "length_km = 2.0, travel_min = 5, admits = ['truck_20t'], border_h = 4.0}\n"
        "[[change]]\nadd = {kind = 'road', from = 'Zeya', to = 'Fevralsk', length_km = 210, "
        "class = 'secondary'}\n",
        "planned.toml",
    )
    result = ag.compare(
        net, ["baseline", path], on="2026-04-20", origins=["Skovorodino"], destinations=["Mohe"]
    )
    assert result.crossings.loc[("dzhalinda:bridge", "cargo"), ["base_status", "alt_status"]].tolist() == [
        "closed",
        "open",
    ]
    assert result.pairs["alt_crossing"].tolist() == ["dzhalinda:bridge"] * 2
    assert result.pairs["change"].tolist() == ["faster"] * 2
    assert "dzhalinda:bridge" not in net.tables["crossings"].index
    year = ag.compare(net, ["baseline", path], year=2027, origins=["Skovorodino"], destinations=["Mohe"])
    assert year.crossings.loc[("dzhalinda:bridge", "cargo"), ["base_days", "alt_days"]].tolist() == [
        0,
        365 - 4,
    ]
    assert result.sentences("ru")
    short = ag.routes(net, "Zeya", "Fevralsk", on="2026-04-20", scenario=path).records()[0]
    assert short["length_km"] == 210.0


WRONG_ADDITIONS = [
    ("{kind = 'tunnel'}", "'change.1.add.kind': expected \"road\" or \"crossing\", not 'tunnel'"),
    ("{length_km = 3}", '\'change.1.add.kind\': expected "road" or "crossing"'),
    ("{kind = 'road', from = 'Zeya', to = 'Heihe', length_km = 1}", "two banks"),
    ("{kind = 'road', from = 'Zeya', to = 'Zeya', length_km = 1}", "to itself"),
    ("{kind = 'road', from = 'Zeya', to = 'Nowhere', length_km = 1}", "unknown place"),
    ("{kind = 'road', from = 'Zeya', to = 'Tynda', length_km = -1}", "length_km"),
    (
        "{kind = 'crossing', checkpoint = 'poyarkovo', mode = 'ferry', "
        "length_km = 1, travel_min = 1, admits = ['car']}",
        "exists already",
    ),
    (
        "{kind = 'crossing', checkpoint = 'poyarkova', mode = 'bridge', "
        "length_km = 1, travel_min = 1, admits = ['car']}",
        "did you mean poyarkovo",
    ),
    (
        "{kind = 'crossing', checkpoint = 'poyarkovo', mode = 'bridge', "
        "length_km = 1, travel_min = 1, admits = ['cart']}",
        "did you mean car",
    ),
]


def test_a_wrong_addition_gives_one_line_with_its_scenario(net: ag.Network, tmp_path: Path) -> None:
    def read(add: str) -> None:
        path = _write(tmp_path, f"name = 'mine'\n[[change]]\nadd = {add}\n", "mine.toml")
        net.state("2026-04-20", scenario=path)

    assert _errors(WRONG_ADDITIONS, read, "mine") == []


SPANS = st.one_of(
    st.tuples(st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.integers(0, 900)).map(
        lambda drawn: f"{drawn[0]}..{drawn[0] + timedelta(days=drawn[1])}"
    ),
    st.tuples(st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.integers(0, 366)).map(
        lambda drawn: f"{drawn[0]:%m-%d}..{drawn[0] + timedelta(days=drawn[1]):%m-%d}"
    ),
    st.just("02-29"),
)
#: Every day on which two of them can meet.
DAYS = [date(2023, 1, 1) + timedelta(days=number) for number in range(7 * 366)]


def lies_in(span: Span, day: date) -> bool:
    """Return whether a day lies in a range, by its text."""
    text = day.isoformat()[-len(span.first) :]
    if span.first <= span.last:
        return span.first <= text <= span.last
    return text >= span.first or text <= span.last


@given(one=SPANS, other=SPANS)
def test_ranges_meet_if_a_day_lies_in_both(one: str, other: str) -> None:
    first, second = Span.parse(one), Span.parse(other)
    days = [[lies_in(span, day) for day in DAYS] for span in (first, second)]
    assert first.holds_on(np.array(DAYS, dtype="datetime64[D]")).tolist() == days[0]
    assert first.meets(second) == any(map(all, zip(*days, strict=True)))
    assert first.meets(second) == second.meets(first)


def test_a_leap_day_is_met_after_eight_years_without_one() -> None:
    leap_day = Span.parse("02-29")
    assert Span.parse("2096-03-01..2104-02-29").meets(leap_day)
    assert not Span.parse("2096-03-01..2104-02-28").meets(leap_day)
