"""Scenarios at the edges: words of one line, ranges of days, contradictions, files and bases."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import amurgeo as ag
from amurgeo.scenario import Change, Scenario, Span, as_scenario, json_schema, scenario_names
from amurgeo.scenario.model import MAX_CHANGES, ScenarioFile, by_language, month_day, parse_change, target_key

# One line.


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # Names may have several words, also those of a kind of traffic.
        ("Poyarkovo ferry close", {"checkpoint": "Poyarkovo ferry", "close": True}),
        ("Poyarkovo ferry cargo close", {"checkpoint": "Poyarkovo ferry", "close": True, "traffic": "cargo"}),
        ("cargo close", {"checkpoint": "cargo", "close": True}),
        ("ferry passenger open like a b",
         {"mode": "ferry", "open": True, "traffic": "passenger", "like": "a b"}),
        ("a b open like c d 11-10", {"checkpoint": "a b", "open": True, "like": "c d", "days": "11-10"}),
        ("a:b open 11-10..11-12", {"crossing": "a:b", "open": True, "days": "11-10..11-12"}),
        ("a--b close", {"road": "a--b", "close": True}),
        ("a--b speed_kmh 40", {"road": "a--b", "speed_kmh": 40}),
        ("car speed_kmh 40", {"vehicle": "car", "speed_kmh": 40}),
        ("big car trunk speed_factor 0,5",
         {"vehicle": "big car", "road_class": "trunk", "speed_factor": 0.5}),
        ("winter warming_c -1,5", {"warming_c": -1.5}),
        ("ferry delay_days -3", {"mode": "ferry", "delay_days": -3}),
        ("ferry close 11-10 known_days 0",
         {"mode": "ferry", "close": True, "days": "11-10", "known_days": 0}),
        ("ferry wait_h 2 10.11.2026", {"mode": "ferry", "wait_h": 2, "days": "2026-11-10"}),
    ],
)  # fmt: skip
def test_a_line_has_target_traffic_action_value_model_and_days(text: str, values: dict[str, Any]) -> None:
    change = parse_change(text)
    assert change == Change(**values)
    assert change.by == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("close", "expected an action after the target"),
        ("close ferry", "expected an action after the target"),
        ("ferry add road", "expected an action after the target"),
        ("ferry wait_h", "needs a number, for instance 'ferry wait_h 10'"),
        ("ferry capacity_share", "needs a number, for instance 'ferry capacity_share 5'"),
        ("ferry warming_c", "needs a number, for instance 'winter warming_c 5'"),
        ("winter wait_h", "needs a number, for instance 'ice_road wait_h 10'"),
        ("winter warming_c", "needs a number, for instance 'winter warming_c 5'"),
        ("car speed_factor", "needs a number, for instance 'car speed_factor 2.5'"),
        ("ferry wait_h long", "'wait_h': expected a number"),
        ("ferry close 11-10 known_days", "known_days"),
    ],
)
def test_a_wrong_line_says_what_is_right(text: str, says: str) -> None:
    with pytest.raises(ag.InputError) as error:
        parse_change(text)
    assert says in str(error.value)
    assert f"change '{text}'" in str(error.value)


def test_a_change_is_written_as_a_line() -> None:
    for change, text in (
        (ag.close("ferry", "11-10", "11-10"), "ferry close 11-10"),
        (ag.wait("ferry", 0, traffic="cargo"), "ferry cargo wait_h 0.0"),
        (ag.open("a:b", "11-10", like="c:d", traffic="cargo"), "a:b cargo open like c:d 11-10"),
        (Change(mode="ferry", close=True, days="11-10", known_days=0), "ferry close 11-10 known_days 0"),
        (ag.speed("car", kmh=40, road_class="trunk"), "car trunk speed_kmh 40.0"),
        (ag.add_road("a", "b", length_km=3, first="11-10"), "add road a--b 11-10"),
        (
            ag.add_crossing("a", "ferry", length_km=1, travel_min=1, admits=["car"], traffic="passenger"),
            "add crossing a:ferry passenger",
        ),
    ):
        assert str(change) == text
        assert repr(change) == f"Change({text})"
    assert Change(mode="ferry", close=True) != "ferry close"


def test_a_target_is_a_road_a_crossing_a_mode_or_a_checkpoint() -> None:
    targets = {"a--b": "road", "a:b--c": "road", "a:b": "crossing", "ice_road": "mode", "rail": "mode"}
    targets |= {"ice": "checkpoint"}
    assert {target: target_key(target) for target in targets} == targets
    with pytest.raises(ag.InputError, match="target is invalid: 3"):
        target_key(3)  # type: ignore[arg-type]


# Days.


def test_a_range_is_of_one_or_two_days() -> None:
    for given, expected in (
        ("11-10", "11-10"),
        ("11-10..11-10", "11-10"),
        (["2026-11-10"], "2026-11-10"),
        (("2026-11-10", date(2026, 11, 12)), "2026-11-10..2026-11-12"),
        ("10.11.2026..12.11.2026", "2026-11-10..2026-11-12"),
        # Without a year a range may last over the new year.
        ("12-20..01-05", "12-20..01-05"),
        ("02-29", "02-29"),
    ):
        assert str(Span.of(given)) == expected
    backwards, mixed = "2026-11-12..2026-11-10", "11-10..2026-11-12"
    for wrong in ([], ["11-10"] * 3, mixed, "2025-02-29", "11-31", "11", ""):
        with pytest.raises(ValueError, match="invalid days"):
            Span.of(wrong)
    with pytest.raises(ValueError, match="ends on 2026-11-10, before it begins on 2026-11-12"):
        Span.of(backwards)


def test_a_change_holds_on_its_days_or_always() -> None:
    days = np.arange("2026-11-08", "2026-11-12", dtype="datetime64[D]")
    assert ag.close("ferry").holds_on(days).tolist() == [True] * 4
    assert ag.close("ferry", "11-09", "11-10").holds_on(days).tolist() == [False, True, True, False]
    assert ag.close("ferry").span is None


def test_ranges_of_years_far_apart_meet_where_both_are() -> None:
    """From the later of both beginnings on."""
    long, late = Span.parse("2020-01-01..2041-01-01"), Span.parse("2041-01-01..2041-01-05")
    assert long.meets(late)
    assert late.meets(long)
    assert not Span.parse("2020-01-01..2040-12-31").meets(late)
    assert Span.parse("2041-01-05..2060-01-01").meets(late)


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        (ag.close("a:b"), ag.open("a:b"), True),
        (ag.close("a:b"), ag.open("c:b"), False),
        (ag.close("a:b", "11-10", "11-12"), ag.open("a:b", "11-13"), False),
        (ag.close("a:b", "11-10", "11-12"), ag.open("a:b", "11-12"), True),
        (ag.close("a:b", "11-10"), ag.open("a:b"), True),
        (ag.close("a:b"), ag.open("a:b", "11-10"), True),
        (ag.close("a:b"), ag.close("a:b", "11-10"), False),
        (ag.close("a:b"), ag.wait("a:b", 3), False),
        (ag.wait("a:b", 2), ag.wait("a:b", 3), True),
        (ag.wait("a:b", 2, "11-10"), ag.wait("a:b", 3, "11-11"), False),
        (ag.wait("a:b", 2, traffic="cargo"), ag.wait("a:b", 3, traffic="passenger"), False),
        (ag.wait("a:b", 2, traffic="cargo"), ag.wait("a:b", 3), True),
        (ag.wait("a:b", 2), ag.border_hours("a:b", 3), False),
        (ag.speed("car", kmh=40), ag.speed("car", factor=0.5), True),
        (ag.speed("car", kmh=40), ag.speed("car", factor=0.5, road_class="trunk"), False),
        (ag.warming(1.0), ag.warming(2.0), True),
    ],
)
def test_changes_contradict_each_other_on_days_that_they_share(
    first: Change, second: Change, contradict: bool
) -> None:
    for changes in ([first, second], [second, first]):
        if contradict:
            with pytest.raises(ag.InputError, match="'x' and 'x' contradict each other"):
                Scenario("x", changes=changes)
        else:
            assert Scenario("x", changes=changes).changes == tuple(changes)


def test_constructors_and_keys_have_their_texts() -> None:
    makers = (
        ag.close,
        ag.open,
        ag.delay,
        ag.limit,
        ag.wait,
        ag.border_hours,
        ag.speed,
        ag.warming,
        ag.add_road,
    )
    for maker in (*makers, ag.add_crossing):
        parts = (maker.__doc__ or "").split("\n----")
        assert [part.splitlines()[-1] for part in parts[:-1]] == [
            "Parameters",
            "Returns",
            "Raises",
            "Examples",
        ]
        assert parts[0][0].isupper()
    schema = json_schema()
    assert schema["properties"]["base"]["description"] == "Scenario, or scenarios, that this one adds to."
    for name in ("Change", "NewRoad", "NewCrossing"):
        for key, value in schema["$defs"][name]["properties"].items():
            assert value["description"], (name, key)
    assert schema["$defs"]["Change"]["properties"]["close"]["description"] == "Close the target."


# Scenarios.


def test_a_scenario_has_up_to_a_thousand_changes() -> None:
    changes = [ag.close(f"place{number}") for number in range(MAX_CHANGES)]
    assert len(Scenario("x", changes=[*changes, changes[0]]).changes) == MAX_CHANGES == 1000
    with pytest.raises(ag.InputError, match="1001 changes are too many; expected up to 1000"):
        Scenario("x", changes=[*changes, ag.close("ferry")])
    text = "+".join(["no_bridge"] * MAX_CHANGES)
    assert len(as_scenario(text).changes) == len(as_scenario("no_bridge").changes)
    with pytest.raises(ag.InputError, match="the scenario has 1001 parts; expected up to 1000"):
        as_scenario(f"{text}+no_bridge")


def test_a_change_keeps_the_scenario_that_it_came_from() -> None:
    first = Scenario("one", changes={"mode": "ferry", "close": True})
    assert [change.by for change in Scenario("two", changes=first.changes).changes] == ["one"]
    assert [change.by for change in Scenario("two", changes=ag.close("ferry")).changes] == ["two"]
    assert as_scenario(first.changes[0]).name == "one"
    assert as_scenario(ag.close("ferry")).name == "ferry close"
    assert as_scenario({"name": "three"}).name == "three"
    for wrong in (3, 4.5):
        with pytest.raises(ag.InputError, match=f"scenario is invalid: {wrong}"):
            as_scenario(wrong)  # type: ignore[arg-type]


def test_texts_are_of_known_languages() -> None:
    assert by_language("x", "one", "name") == {"en": "one", "ru": "one", "zh": "one"}
    assert by_language("x", {"ru": "два", "en": ""}, "name") == {"en": "два", "ru": "два", "zh": "два"}
    for nothing in ({}, "", {"ru": ""}):
        assert by_language("x", nothing, "name") == {"en": "name", "ru": "name", "zh": "name"}
    for wrong in (3, ["a"], {"en": 3}, {"en": "a", "ru": 3}):
        with pytest.raises(ag.InputError, match="expected text"):
            by_language("title", wrong, "name")
    with pytest.raises(ag.InputError, match="unknown language 'de'"):
        by_language("title", {"en": "a", "de": "b"}, "name")


def test_a_day_of_a_regime_is_a_month_and_a_day() -> None:
    for given in ((2, 9), [2, 9], "02-09"):
        assert month_day("x", given) == (2, 9)
    for wrong in ((2,), (2, 30), "2-9", "2026-02-09", "soon", 209, (13, 1), ("02", "09")):
        with pytest.raises(ag.InputError, match="day= is invalid"):
            month_day("x", wrong)
    for wrong in ("2026-02-10", "2-10", "02-30"):
        with pytest.raises(ValueError, match="day"):
            ScenarioFile.model_validate({"name": "x", "day": wrong})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"name": " "}, "name of a scenario is invalid"),
        ({"name": ""}, "name of a scenario is invalid"),
        ({"name": "x", "regime": "mine"}, "expected a name, with day="),
        ({"name": "x", "regime": 3, "day": (2, 10)}, "expected a name, with day="),
        ({"name": "x", "assume": "ajar"}, "expected open or closed"),
        ({"name": "x", "world": 2015.5}, "world"),
    ],
)
def test_an_invalid_attribute_of_a_scenario_is_named(values: dict[str, Any], text: str) -> None:
    with pytest.raises(ag.InputError, match=text):
        Scenario(**values)


def test_a_dictionary_leaves_out_what_is_usual() -> None:
    assert Scenario("x").to_dict() == {"name": "x"}
    assert Scenario("x", title="x", description="").to_dict() == {"name": "x"}
    full = Scenario("x", {"en": "X"}, "About", (2, 9), "mine", 2015, assume="open")
    texts = {"title": {"en": "X", "ru": "X", "zh": "X"}}
    texts |= {"description": {"en": "About", "ru": "About", "zh": "About"}}
    assert full.to_dict() == {
        "name": "x", **texts, "day": "02-09", "regime": "mine", "world": 2015, "assume": "open"
    }  # fmt: skip
    assert Scenario("x", day=(2, 9)).to_dict() == {"name": "x", "day": "02-09"}


# Files.


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_has_up_to_fifty_bases_in_a_row(tmp_path: Path) -> None:
    for number in range(51):
        base = f"base = '{number + 1}.toml'" if number < 50 else ""
        write(tmp_path, f"{number}.toml", f"name = 'n{number}'\n{base}\n")
    assert as_scenario(tmp_path / "1.toml").name == "n1"
    with pytest.raises(ag.InputError, match="more than 50 bases in a row"):
        as_scenario(tmp_path / "0.toml")


def test_a_file_may_be_a_base_twice_but_not_its_own(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", "name = 'a'\n[[change]]\nmode = 'ferry'\nclose = true\n")
    for name in "bc":
        write(tmp_path, f"{name}.toml", f"name = '{name}'\nbase = 'a.toml'\n")
    both = as_scenario(write(tmp_path, "d.toml", "name = 'd'\nbase = ['b.toml', 'c.toml + no_bridge']\n"))
    assert both.changes == (ag.close("ferry"), *as_scenario("no_bridge").changes)
    assert both.title["en"] == "d"
    write(tmp_path, "e.toml", "name = 'e'\nbase = 'f.toml'\n")
    with pytest.raises(ag.InputError, match=r"f.toml -> e.toml -> f.toml"):
        as_scenario(write(tmp_path, "f.toml", "name = 'f'\nbase = 'e.toml'\n"))


def test_a_file_has_up_to_a_megabyte_of_text(tmp_path: Path) -> None:
    text = "name = 'x'\n# "
    assert as_scenario(write(tmp_path, "full.toml", text + "x" * (1_000_000 - len(text)))).name == "x"
    with pytest.raises(ag.InputError, match="too large; expected up to 1000 kB"):
        as_scenario(write(tmp_path, "more.toml", text + "x" * (1_000_001 - len(text))))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ag.InputError, match=r"folder.toml: the file is unreadable"):
        as_scenario(tmp_path / "folder.toml")
    (tmp_path / "bytes.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(ag.InputError, match="expected UTF-8"):
        as_scenario(tmp_path / "bytes.toml")
    # A mark of the byte order, and a plus sign in the name, are no faults.
    (tmp_path / "a+b.toml").write_bytes(b"\xef\xbb\xbfname = 'marked'")
    assert as_scenario(str(tmp_path / "a+b.toml")).name == "marked"
    assert as_scenario(f"no_bridge+{tmp_path / 'full.toml'}").name == "no_bridge+x"


def test_a_dataset_may_have_a_baseline_and_titles_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    assert scenario_names(tmp_path) == ("baseline",)
    own = tmp_path / "own"
    (own / "scenarios").mkdir(parents=True)
    write(own / "scenarios", "baseline.toml", "name = 'baseline'\n[[change]]\nmode = 'ferry'\nclose = true\n")
    write(own / "scenarios", "one.toml", "name = 'one'\ntitle = {en = 'First', ru = 'two'}\n")
    write(own / "scenarios", "two.toml", "name = 'two'\n")
    assert scenario_names(own) == ("baseline", "one", "two")
    assert as_scenario(None, folder=own).changes == (ag.close("ferry"),)
    assert as_scenario("FIRST", folder=own).name == "one"
    # A name goes before the title of another scenario.
    assert as_scenario("Two", folder=own).name == "two"
    assert as_scenario(None).changes == ()


def test_a_regime_of_a_file_is_a_base_or_defines_itself(tmp_path: Path) -> None:
    frozen = as_scenario("frozen")
    based = as_scenario(write(tmp_path, "based.toml", "name = 'based'\nregime = 'frozen'\n"))
    assert (based.day, based.regime, based.name) == (frozen.day, frozen.regime, "based")
    own = as_scenario(write(tmp_path, "own.toml", "name = 'own'\nregime = 'mine'\nday = '02-09'\n"))
    assert (own.day, own.regime) == ((2, 9), "mine")
    plain = as_scenario(write(tmp_path, "plain.toml", "name = 'plain'\nday = '02-09'\n"))
    assert (plain.day, plain.regime) == ((2, 9), "plain")
    twice = "".join(f"[[change]]\nmode = 'ferry'\nwait_h = {hours}\n" for hours in (1, 2))
    with pytest.raises(ag.InputError, match=r"key 'change'.*contradict"):
        as_scenario(write(tmp_path, "bad.toml", f"name = 'bad'\n{twice}"))
