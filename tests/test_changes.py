"""Changes and scenarios made in Python, in files and on one line are the same, and act in every question."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.network import crossing_name
from amurgeo.scenario import Change, NewCrossing, NewRoad, as_scenario, scenario_names
from amurgeo.scenario.model import ACTIONS, parse_change

TRUCK = ("truck_20t",)
BRIDGE = {"checkpoint": "poyarkovo", "mode": "bridge"}
#: The same change from a constructor, as a table of a file and, if it fits, on one line.
FORMS: list[tuple[Change, dict[str, Any], str | None]] = [
    (
        ag.close("kani_kurgan:bridge", "2026-11-10", date(2026, 11, 20)),
        {"crossing": "kani_kurgan:bridge", "close": True, "days": "2026-11-10..2026-11-20"},
        "kani_kurgan:bridge close 2026-11-10..2026-11-20",
    ),
    (
        ag.open("poyarkovo", "05-01", "06-01", traffic="cargo"),
        {"checkpoint": "poyarkovo", "traffic": "cargo", "open": True, "days": "05-01..06-01"},
        "poyarkovo cargo open 05-01..06-01",
    ),
    (
        ag.open("dzhalinda:ferry", like="poyarkovo:ferry"),
        {"crossing": "dzhalinda:ferry", "open": True, "like": "poyarkovo:ferry"},
        "dzhalinda:ferry open like poyarkovo:ferry",
    ),
    (ag.delay("ice_road", days=21), {"mode": "ice_road", "delay_days": 21}, "ice_road delay_days 21"),
    (
        ag.limit("blagoveshchensk:pontoon", mass_t=20),
        {"crossing": "blagoveshchensk:pontoon", "limit_t": 20},
        "blagoveshchensk:pontoon limit_t 20",
    ),
    (ag.wait("ferry", hours=8.5), {"mode": "ferry", "wait_h": 8.5}, "ferry wait_h 8,5"),
    (ag.border_hours("poyarkovo", 3), {"checkpoint": "poyarkovo", "border_h": 3}, "poyarkovo border_h 3"),
    (ag.speed("car", factor=0.8), {"vehicle": "car", "speed_factor": 0.8}, "car speed_factor 0.8"),
    (
        ag.speed("car", kmh=50, road_class="trunk"),
        {"vehicle": "car", "road_class": "trunk", "speed_kmh": 50},
        "car trunk speed_kmh 50",
    ),
    (ag.warming(2.0), {"warming_c": 2}, "winter warming_c 2"),
    (
        ag.speed(road="aldan--tommot", kmh=40, first="04-10", last="05-10"),
        {"road": "aldan--tommot", "speed_kmh": 40, "days": "04-10..05-10"},
        "aldan--tommot speed_kmh 40 04-10..05-10",
    ),
    (
        ag.delay("koboldo--ogodzha", 9),
        {"road": "koboldo--ogodzha", "delay_days": 9},
        "koboldo--ogodzha delay_days 9",
    ),
    (ag.speed("car", kmh=40), {"vehicle": "car", "speed_kmh": 40}, "car speed_kmh 40.0"),
    (
        ag.add_road("Zeya", "Fevralsk", length_km=210, road_class="secondary"),
        {"add": {"kind": "road", "from": "Zeya", "to": "Fevralsk", "length_km": 210, "class": "secondary"}},
        None,
    ),
    (
        ag.add_crossing("poyarkovo", "bridge", length_km=3, travel_min=5, admits=TRUCK),
        {"add": {"kind": "crossing", **BRIDGE, "length_km": 3, "travel_min": 5, "admits": TRUCK}},
        None,
    ),
]


@pytest.mark.parametrize("change", FORMS, ids=[str(form[0]) for form in FORMS])
def test_a_change_is_the_same_from_every_way_in(change: tuple[Change, dict[str, Any], str | None]) -> None:
    made, table, text = change
    assert made == Change(**table) == ag.Scenario("x", changes=[table]).changes[0]
    assert hash(made) == hash(Change(**table))
    assert ag.Scenario.from_dict({"name": "x", "change": [table]}) == ag.Scenario("x", changes=[made])
    assert as_scenario(made).changes == as_scenario([made]).changes == (made,)
    if text is not None:
        assert as_scenario(text).changes == (made,)
        assert as_scenario(str(made)).changes == (made,)


def test_the_forms_cover_every_action() -> None:
    assert {form[0].action for form in FORMS} == set(ACTIONS) - {"capacity_share"}


def test_parts_are_named_as_in_python_or_as_in_a_file() -> None:
    road = NewRoad(start="Zeya", end="Tynda", length_km=9, road_class="trunk")
    assert road == NewRoad(
        **{"from": "Zeya", "to": "Tynda", "length_km": 9, "class": "trunk", "kind": "road"}
    )
    assert road == NewRoad(from_="Zeya", to="Tynda", length_km=9.0, road_class="trunk")
    crossing = NewCrossing(checkpoint="poyarkovo", mode="bridge", length_km=1, travel_min=2, admits=TRUCK)
    assert (road.id, crossing.id) == ("Zeya--Tynda", "poyarkovo:bridge")


@pytest.mark.parametrize(
    "days",
    [
        ("2026-11-10", "2026-11-20"),
        [date(2026, 11, 10), datetime(2026, 11, 20, 8)],
        (pd.Timestamp("2026-11-10"), np.datetime64("2026-11-20")),
        "2026-11-10..2026-11-20",
    ],
)
def test_days_are_dates_or_text(days: Any) -> None:
    assert Change(mode="ferry", close=True, days=days).days == "2026-11-10..2026-11-20"
    assert Change(mode="ferry", close=True, days=date(2026, 11, 10)).days == "2026-11-10"


INVALID_CHANGES: list[tuple[Callable[[], Any], str]] = [
    (lambda: ag.Scenario("x", changes=[3]), "expected a change"),
    (lambda: ag.Scenario("x", changes="ferry close"), "expected a list of changes"),
    (lambda: ag.Scenario("x", changes=[{"crosing": "a:b"}]), "did you mean 'crossing'"),
    (lambda: ag.Scenario(3), "name of a scenario"),
    (lambda: ag.Scenario("x", title={"de": "x"}), "unknown language"),
    (lambda: ag.Scenario("x", regime="frozen"), "with day="),
    (lambda: ag.Scenario("x", day=(2, 30)), "month and day"),
    (lambda: ag.Scenario("x", changes=[ag.close("a:b"), ag.open("a:b")]), "contradict"),
    (lambda: ag.Scenario("x", changes=[ag.speed("car", factor=1), ag.speed("car", kmh=9)]), "contradict"),
    (lambda: ag.Scenario.from_dict([1]), "expected a dictionary"),
    (lambda: ag.Scenario.from_toml(3), "expected the path"),
    (lambda: Change(road="a--b", close=True, traffic="cargo"), "a road carries both kinds of traffic"),
    (lambda: Change(road="a--b", speed_kmh=9, road_class="trunk"), "a road has one class"),
    (lambda: Change(road="a--b", wait_h=1), "needs exactly one of crossing, checkpoint, mode"),
    (lambda: Change(road="a--b", vehicle="car", speed_kmh=9), "needs exactly one of road, vehicle"),
    (lambda: ag.speed("car", kmh=9, first="11-10"), "hold on all days"),
    (lambda: Change(mode="ferry", capacity_share=15), "less than or equal to 10"),
    (lambda: as_scenario("ferry wait_h"), "needs a number"),
    (lambda: Change(vehicle="car", close=True), "needs exactly one of crossing"),
    (lambda: Change(mode="ferry", speed_kmh=5), "needs exactly one of road, vehicle"),
    (lambda: Change(warming_c=1, days="11-10"), "'days' does not go with 'warming_c'"),
    (lambda: Change(mode="ferry", delay_days=1, days="11-10"), "'days' does not go with 'delay_days'"),
    (lambda: Change(vehicle="car", speed_kmh=9, traffic="cargo"), "'traffic' does not go with"),
    (lambda: Change(mode="ferry", close=True, road_class="trunk"), "'road_class' does not go with"),
    (lambda: Change(mode="ferry", close=True, days=[1, 2, 3]), "a first and a last date"),
    (lambda: Change(mode="ferry", close=True, days=3.5), "invalid date"),
    (lambda: ag.close("ferry", last="2026-11-10"), "first is missing"),
    (lambda: ag.close(None), "target is invalid"),
    (lambda: ag.speed("car"), "exactly one action"),
    (lambda: ag.add_crossing("x", "tunnel", length_km=1, travel_min=1, admits=TRUCK), "mode"),
    (lambda: ag.add_road("x", "y", length_km=1, road_class="path"), "class"),
    (lambda: NewRoad(start="Zeya", length_km=1), "'to': is missing"),
]


def test_an_invalid_change_gives_one_sentence_of_the_package() -> None:
    failures = []
    for number, (make, expected) in enumerate(INVALID_CHANGES):
        try:
            failures.append((number, expected, make()))
        except ag.InputError as error:
            if expected not in str(error) or "\n" in str(error) or "pydantic" in str(error):
                failures.append((number, expected, str(error)))
    assert failures == []
    with pytest.raises(ag.InputError) as error:
        Change(mode="ferry", limit_t=-1, wait_h=-2)
    assert "limit_t" in str(error.value)
    assert "wait_h" in str(error.value)
    assert "pydantic" not in str(error.value)


#: Least and greatest number of each action; the least share of a capacity is above 0.
BOUNDS = {
    "delay_days": (-120, 120),
    "limit_t": (0, 500),
    "capacity_share": (1e-9, 10),
    "wait_h": (0, 1000),
    "border_h": (0, 1000),
    "speed_factor": (0.05, 5),
    "speed_kmh": (1, 300),
    "warming_c": (-10, 10),
}


@pytest.mark.parametrize("action", BOUNDS)
def test_a_number_is_valid_up_to_its_bounds(action: str) -> None:
    target = {"warming_c": {}, "speed_kmh": {"road": "a--b"}, "speed_factor": {"vehicle": "car"}}
    where = target.get(action, {"mode": "ice_road"})
    step = 1 if action == "delay_days" else 0.001
    for bound, beyond in zip(BOUNDS[action], (-step, step), strict=True):
        (change,) = ag.Scenario("x", changes=[{**where, action: bound}]).changes
        assert (change.action, getattr(change, action)) == (action, bound)
        with pytest.raises(ag.InputError, match=action):
            Change(**where, **{action: bound + beyond})


#: Actions of each kind of target; only additions and warming have none.
ON_CROSSINGS = "open close delay_days limit_t capacity_share wait_h border_h"
ON_TARGETS = {
    **dict.fromkeys(("crossing", "checkpoint", "mode"), ON_CROSSINGS),
    "road": "open close delay_days limit_t speed_factor speed_kmh",
    "vehicle": "speed_factor speed_kmh",
}


def test_each_action_is_for_its_targets_alone() -> None:
    for action in (*ON_CROSSINGS.split(), "speed_factor", "speed_kmh", "warming_c"):
        value = True if action in ("open", "close") else 1
        for target, actions in ON_TARGETS.items():
            if action in actions.split():
                assert Change(**{target: "x", action: value}).target == "x"
            else:
                with pytest.raises(ag.InputError, match=action):
                    Change(**{target: "x", action: value})
        if action == "warming_c":
            assert Change(warming_c=1).target == "winter"
        else:
            with pytest.raises(ag.InputError, match="has none"):
                Change(**{action: value})


def test_days_known_before_go_with_dated_changes_of_crossings() -> None:
    for values in ({"open": True}, {"close": True}, {"capacity_share": 0.5}):
        change = Change(mode="ferry", days="2026-11-10..2026-11-12", known_days=3660, **values)
        assert as_scenario(str(change)).changes == (change,)
    for values in (
        {"mode": "ferry", "close": True, "known_days": 3},
        {"mode": "ferry", "close": True, "days": "11-10", "known_days": 3661},
        {"mode": "ferry", "wait_h": 1, "days": "11-10", "known_days": 3},
        {"road": "a--b", "close": True, "days": "11-10", "known_days": 3},
    ):
        with pytest.raises(ag.InputError, match="known_days"):
            Change(**values)


def test_unknown_names_of_new_targets_name_their_scenario(net: ag.Network) -> None:
    for change, expected in (
        (ag.speed("truck", factor=0.5), "did you mean truck_"),
        (ag.speed("car", factor=0.5, road_class="prime"), "did you mean primary"),
        (ag.speed("car", factor=0.5, road_class="rail_main"), "unknown class of road"),
        (ag.close("poyarkova"), "did you mean poyarkovo"),
    ):
        with pytest.raises(ag.InputError, match=f"scenario 'mine'.*{expected}"):
            net.state("2026-02-10", scenario=ag.Scenario("mine", changes=[change]))


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
TARGETS = st.sampled_from(["kani_kurgan:bridge", "poyarkovo", "ice_road", "ferry"])
HOURS = st.floats(0, 1000) | st.integers(0, 1000)
ENDS = st.tuples(st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.integers(0, 500)).map(
    lambda drawn: (drawn[0], drawn[0] + timedelta(days=drawn[1]))
)
ONE_CHANGE = st.one_of(
    st.builds(lambda target, ends: ag.close(target, *ends), TARGETS, ENDS),
    st.builds(lambda ends: ag.close("aldan--tommot", *ends), ENDS),
    st.builds(ag.delay, TARGETS, st.integers(-120, 120)),
    st.builds(ag.limit, TARGETS, st.floats(0, 500)),
    st.builds(ag.wait, TARGETS, HOURS),
    st.builds(ag.border_hours, TARGETS, HOURS),
    st.builds(lambda factor: ag.speed("car", factor=factor), st.floats(0.05, 5)),
    st.builds(ag.warming, st.floats(-10, 10)),
    st.builds(
        lambda start, end, km: ag.add_road(start, end, length_km=km), NAMES, NAMES, st.floats(0.001, 3000)
    ),
    st.sampled_from([form[0] for form in FORMS]),
)
TEXTS = st.one_of(NAMES, st.dictionaries(st.sampled_from(["en", "ru", "zh"]), st.text(max_size=9)))


@st.composite
def scenarios(draw: st.DrawFn) -> ag.Scenario:
    values = {
        "title": draw(TEXTS),
        "description": draw(TEXTS),
        "day": draw(st.none() | st.dates().map(lambda day: (day.month, day.day))),
        "world": draw(st.none() | st.integers(1980, 2100)),
    }
    if values["day"] is not None:
        values["regime"] = draw(st.none() | NAMES)
    changes: list[Change] = []
    for change in draw(st.lists(ONE_CHANGE, max_size=4)):
        try:
            ag.Scenario("x", changes=[*changes, change])
        except ag.InputError:
            continue
        changes.append(change)
    return ag.Scenario(draw(NAMES), changes=changes, **values)


def test_days_of_notice_stand_after_a_model_of_several_words() -> None:
    text = "dzhalinda:ferry open like Poyarkovo ferry 2026-05-01..2026-06-01 known_days 5"
    change = parse_change(text)
    assert (change.like, change.days, change.known_days) == ("Poyarkovo ferry", "2026-05-01..2026-06-01", 5)
    assert str(change) == text


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_a_scenario_is_read_back_from_its_text_and_from_its_dictionary(scenario: ag.Scenario) -> None:
    assert ag.Scenario.from_dict(scenario.to_dict()) == scenario
    assert ag.Scenario.from_dict(tomllib.loads(scenario.to_toml())) == scenario


def test_built_in_and_joined_scenarios_are_read_back_from_files(tmp_path: Path) -> None:
    names = [
        *scenario_names(),
        "freeze_up+no_bridge",
        "paper_2010+open",
        "warm_2c+kani_kurgan:bridge wait_h 8",
    ]
    for name in names:
        scenario = as_scenario(name)
        assert (scenario.to_toml(tmp_path / "s.toml")) == (tmp_path / "s.toml").read_text(encoding="utf-8")
        assert ag.Scenario.from_toml(tmp_path / "s.toml") == scenario, name


def test_a_joined_scenario_has_what_either_has() -> None:
    whole = {"day": (2, 10), "regime": "mine", "world": 2015, "assume": "open"}
    texts = {"title": {"en": "Cold", "ru": "Холод"}, "description": "D"}
    cold, plain = ag.Scenario("cold", **whole, **texts), ag.Scenario("plain", {"en": "Plain"})
    for joined, name in ((cold + plain, "cold+plain"), (plain + cold, "plain+cold")):
        assert joined.name == name
        assert {key: getattr(joined, key) for key in whole} == whole
        assert joined.description == dict.fromkeys(("en", "ru", "zh"), "D")
    # A text that is missing in a language is the first of them.
    assert (cold + plain).title == {"en": "Cold + Plain", "ru": "Холод + Plain", "zh": "Cold + Plain"}
    assert (as_scenario("baseline") + cold).name == (cold + as_scenario("baseline")).name == "cold"
    for key, other in (("world", 2016), ("assume", "closed"), ("regime", "other")):
        values = {key: other} if key != "regime" else {key: other, "day": (2, 10)}
        with pytest.raises(ag.InputError, match=f"contradict each other: {key}"):
            _ = cold + ag.Scenario("other", **values)
    warm = ag.Scenario("a", changes=[ag.warming(1.5)]) + ag.Scenario("b", changes=[ag.close("ferry")])
    assert (warm.warming_c, plain.warming_c) == (1.5, 0)
    assert ag.Scenario("x", day="02-10").regime == "x"
    assert (ag.Scenario("x", world=1980).world, ag.Scenario("x", world=2100).world) == (1980, 2100)
    for world in (1979, 2101):
        with pytest.raises(ag.InputError, match="world"):
            ag.Scenario("x", world=world)


def test_a_scenario_is_a_path_a_title_or_several_in_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    scenario = ag.Scenario("mine", changes=[ag.close("ferry"), ag.close("pontoon")])
    scenario.to_toml(path)
    assert as_scenario(path) == as_scenario(str(path)) == ag.Scenario.from_toml(path) == scenario
    frozen = as_scenario("frozen")
    for title in frozen.title.values():
        assert as_scenario(title) == frozen
    assert as_scenario(None).name == "baseline"
    assert as_scenario([frozen, ag.close("ferry")]).changes == (*frozen.changes, ag.close("ferry"))
    # A dataset may have scenarios of its own.
    (tmp_path / "scenarios").mkdir()
    scenario.to_toml(tmp_path / "scenarios" / "mine.toml")
    assert scenario_names(tmp_path) == ("baseline", "mine")
    assert as_scenario("mine", folder=tmp_path) == scenario
    based = {"name": "more", "base": "mine", "change": [{"mode": "ice_road", "close": True}]}
    assert ag.Scenario.from_dict(based, folder=tmp_path).changes[:2] == scenario.changes
    chained = tmp_path / "chain.toml"
    chained.write_text("name = 'chain'\nbase = ['mine', 'baseline']\n", encoding="utf-8")
    assert ag.Scenario.from_toml(chained, folder=tmp_path).changes == scenario.changes
    with pytest.raises(ag.InputError, match="unknown scenario 'mine'"):
        as_scenario("mine")


def test_scenarios_are_immutable_and_joined_by_plus() -> None:
    shut, late = ag.Scenario("shut", changes=[ag.close("poyarkovo")]), as_scenario("late_ice_3w")
    assert (shut + late).changes == shut.changes + late.changes
    assert (shut + shut).changes == shut.changes
    assert [change.by for change in (shut + late).changes] == ["shut", "late_ice_3w", "late_ice_3w"]
    with pytest.raises(AttributeError):
        shut.name = "open"  # type: ignore[misc]
    with pytest.raises(TypeError):
        _ = shut + "open"  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "hours"),
    [
        (
            ag.border_hours("kani_kurgan", 1, "2026-11-01", "2026-11-30"),
            lambda usual: usual["drive_h"] + usual["wait_h"] + 1.0,
        ),
        (ag.speed("truck_20t", factor=0.5), lambda usual: usual["total_h"] + _over_land(usual)),
    ],
    ids=["border_hours", "speed"],
)
def test_a_change_of_hours_or_speeds_acts_in_every_question(
    net: ag.Network, change: Change, hours: Callable[[dict[str, Any]], float]
) -> None:
    day, ends = "2026-11-15", ("Belogorsk", "Heihe")
    # In November only the bridge carries cargo.
    usual = ag.routes(net, *ends, on=day, drivers=2).records()[0]
    expected = pytest.approx(hours(usual), abs=0.01)
    pair = {"origins": ends[0], "destinations": ends[1], "drivers": 2}
    assert ag.routes(net, *ends, on=day, scenario=change, drivers=2).records()[0]["total_h"] == expected
    assert ag.od_matrix(net, *ends, on=day, scenario=change, drivers=2).iloc[0, 0] == expected
    assert ag.sweep(net, [change], [day], **pair)["mean_h"].tolist() == [expected]
    compared = ag.compare(net, ["baseline", change], on=day, **pair).pairs.iloc[0]
    assert [compared["base_h"], compared["alt_h"]] == [pytest.approx(usual["total_h"], abs=0.01), expected]
    month = ag.compare(net, ["baseline", change], first="2026-11-14", last="2026-11-16", **pair).pairs.iloc[0]
    assert month["alt_h"] == expected
    at_noon = {"on": day, "depart_at": "12:00", "scenario": change, "drivers": 2}
    assert ag.routes(net, *ends, **at_noon).departure.total_h == expected
    exits = ag.exits(net, ends[0], on=day, scenario=change).frame
    before = ag.exits(net, ends[0], on=day).frame
    moved = exits.at["kani_kurgan:bridge", "hours"] - before.at["kani_kurgan:bridge", "hours"]
    assert moved == pytest.approx(hours(usual) - usual["total_h"], abs=0.35)
    graph = ag.graph(net.state(day, scenario=change))
    node = {place: node for node, place in graph.nodes(data="id")}
    seconds = nx.shortest_path_length(graph, node["belogorsk"], node["heihe"], weight="seconds")
    assert seconds / 3600 == expected


def _over_land(usual: dict[str, Any]) -> float:
    """Hours on roads: those of legs that are no crossing."""
    return sum(leg["hours"] for leg in usual["legs"] if leg["mode"] == "road")


def test_hours_of_control_hold_on_their_days_only(net: ag.Network) -> None:
    change = ag.border_hours("kani_kurgan:bridge", 1, "2026-11-10", "2026-11-12")
    for day, hours in (
        ("2026-11-09", np.nan),
        ("2026-11-10", 1.0),
        ("2026-11-12", 1.0),
        ("2026-11-13", np.nan),
    ):
        row = net.state(day, scenario=change).crossings.loc[("kani_kurgan:bridge", "cargo")]
        assert row["border_h"] == hours or (np.isnan(hours) and np.isnan(row["border_h"]))
    pair = {"origins": "Belogorsk", "destinations": "Heihe"}
    days = [f"2026-11-{day:02d}" for day in range(9, 14)]
    swept = ag.sweep(net, [change], days, **pair).iloc[0]
    assert swept["max_h"] - swept["min_h"] == pytest.approx(5.5, abs=0.01)


ICE = {"length_km": 3, "travel_min": 9, "admits": ("truck_20t", "car")}


def test_an_addition_works_on_its_days_or_in_the_season_of_its_mode(net: ag.Network) -> None:
    target = "konstantinovka:ice_road"
    cases = [
        (
            ag.add_crossing("konstantinovka", "ice_road", **ICE),
            {"2027-02-10": "open", "2027-07-15": "closed"},
        ),
        (
            ag.add_crossing("konstantinovka", "ice_road", first="2027-01-15", last="2027-03-10", **ICE),
            {"2027-01-14": "closed", "2027-01-15": "open", "2027-03-10": "open", "2028-02-10": "closed"},
        ),
    ]
    for change, expected in cases:
        run = ag.states(net, list(expected), scenario=change)
        found = {str(state.on): state.crossings.at[(target, "cargo"), "status"] for state in run}
        assert found == expected
        assert set(run.to_frame().query("crossing == @target").evidence) == {"scenario"}
    only = ag.add_crossing("konstantinovka", "ice_road", traffic="passenger", **ICE)
    state = net.state("2027-02-10", scenario=only)
    assert [traffic for crossing, traffic in state.crossings.index if crossing == target] == ["passenger"]


def test_an_added_road_is_there_on_its_days_only(net: ag.Network) -> None:
    road = ag.add_road("Zeya", "Fevralsk", length_km=210, first="2026-11-15", last="2026-11-16")
    hours = ag.daily(net, "Zeya", "Fevralsk", start="2026-11-14", end="2026-11-17", scenarios=[road]).hours
    assert hours[0] == hours[3] > 2 * hours[1] == 2 * hours[2]


def test_names_of_targets_are_read_in_any_language(net: ag.Network) -> None:
    ferry, pontoon = "poyarkovo:ferry", "blagoveshchensk:pontoon"
    vehicles = net.base["vehicles"]
    for lang in ("en", "ru", "zh"):
        changes = [
            {"crossing": crossing_name(net, pontoon, lang), "close": True},
            {"crossing": ferry, "open": True, "like": crossing_name(net, pontoon, lang)},
            {"checkpoint": net.base["checkpoints"].at["kani_kurgan", f"name_{lang}"], "wait_h": 9},
            {"vehicle": vehicles.at["truck_20t", f"name_{lang}"], "speed_factor": 0.5},
        ]
        found = net.state("2026-02-10", scenario=ag.Scenario("x", changes=changes)).scenario.changes
        assert [change.target for change in found] == [pontoon, ferry, "kani_kurgan", "truck_20t"]
        assert (found[1].like, found[3].road_class) == (pontoon, None)


NO_EFFECT = [
    (ag.open("aldan--tommot"), "open all year"),
    (ag.delay("aldan--tommot", 9), "open all year"),
    (ag.limit("acheng_station--maoershan_station", 9), "no mass limit applies to a railway"),
    (ag.delay("kani_kurgan:bridge", 9), "it has no season"),
    (ag.limit("zabaikalsk:rail", 9), "the heaviest vehicle has 0 t"),
    (ag.limit("blagoveshchensk:pontoon", 400), "the heaviest vehicle has"),
    (ag.wait("zabaikalsk:rail", 9, traffic="passenger"), "has no service for passenger traffic"),
    (ag.close("aldan--tomot"), "did you mean aldan--tommot"),
    (
        ag.add_crossing("konstantinovka", "ice_road", first="07-01", last="07-10", **ICE),
        "works on 2024-07-01",
    ),
    (ag.add_crossing("konstantinovka", "pontoon", first="2027-03-01", last="2027-08-01", **ICE), "works on"),
    (
        ag.add_crossing("konstantinovka", "hovercraft", first="2027-02-09", last="2027-04-04", **ICE),
        "works on",
    ),
    (
        ag.add_crossing(
            "konstantinovka", "bridge", length_km=3, travel_min=5, admits=TRUCK, traffic="passenger"
        ),
        "admits no vehicle for passenger traffic",
    ),
]


def test_a_change_that_cannot_act_is_refused(net: ag.Network) -> None:
    for change, expected in NO_EFFECT:
        with pytest.raises(ag.InputError, match=f"scenario 'mine'.*{expected}"):
            net.state("2026-02-10", scenario=ag.Scenario("mine", changes=[change]))
    # Other changes act on the same targets.
    road = "aldan--tommot"
    for change in (ag.close(road), ag.limit(road, 9), ag.open(road, like="poyarkovo:ice_road")):
        assert net.state("2026-02-10", scenario=change).scenario.changes == (change,)
    twice = [ag.add_road("Zeya", "Tynda", length_km=9), ag.add_road("zeya", "Тында", length_km=8)]
    with pytest.raises(ag.InputError, match="added twice"):
        net.state("2026-02-10", scenario=ag.Scenario("mine", changes=twice))
