"""Arguments of the wrong type give one sentence; equivalent arguments give the same answer."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag

DAY = "2026-02-10"
NOTICE = "https://example.org/notice"
PACKAGE = Path(ag.__file__).parent
LIBRARY = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "cli"]
#: None of these is a day, a place, a name, a year or a number of routes.
INVALID = (None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), -5, [3], {}, b"", object(), True, 1e9)
CALLS: dict[str, Callable[[ag.Network, Any], Any]] = {
    "day": lambda net, given: net.state(on=given),
    "origin": lambda net, given: ag.routes(net, given, "Heihe", on=DAY),
    "destination": lambda net, given: ag.routes(net, "Zeya", given, on=DAY),
    "vehicle": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, vehicle=given),
    "k": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, k=given),
    "via": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, via=[given]),
    "avoid": lambda net, given: ag.routes(net, "Zeya", "Heihe", on=DAY, avoid=[given]),
    "graph": lambda net, given: net.state(on=DAY).graph(given),
    "origins": lambda net, given: ag.od_matrix(net, [given], ["Heihe"], on=DAY),
    "calendar": lambda net, given: ag.calendar(net, given),
    "redundancy": lambda net, given: ag.redundancy(net, given),
    "exits": lambda net, given: ag.exits(net, given, on=DAY),
    "pairs": lambda net, given: ag.compare(net, ["frozen", "open"], origins=[given]),
    "dates": lambda net, given: ag.dates(net, given, season="2026/27"),
    "season": lambda net, given: ag.dates(net, "poyarkovo:ice_road", season=given),
    "next_changes": lambda net, given: ag.next_changes(net, given),
    "risk": lambda net, given: ag.next_changes(net, DAY, risk=given),
    "new": lambda net, given: ag.new(given),
    "check": lambda net, given: ag.check("no such folder" if given is None else given),
    "record": lambda net, given: ag.record(given, "poyarkovo:ice_road", "open", DAY, source=NOTICE),
    "recorded crossing": lambda net, given: ag.record("x", given, "open", DAY, source=NOTICE),
    "recorded event": lambda net, given: ag.record("x", "poyarkovo:ice_road", given, DAY, source=NOTICE),
    "recorded day": lambda net, given: ag.record("x", "poyarkovo:ice_road", "open", given, source=NOTICE),
    "recorded source": lambda net, given: ag.record("x", "poyarkovo:ice_road", "open", DAY, source=given),
    "export": lambda net, given: ag.export.write(net, given),
    "formats": lambda net, given: ag.export.write(net, "x", formats=["csv", given]),
    "exported day": lambda net, given: ag.export.write(
        net, "x", formats="gpkg", on="none" if given is None else given
    ),
    "osm": lambda net, given: ag.osm.read(given, net=net),
    "executor": lambda net, given: ag.sweep(net, ["baseline"], [DAY], executor=given or "none"),
}


def test_an_invalid_argument_gives_one_sentence(
    net: ag.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failures = []
    for name, call in CALLS.items():
        for given in INVALID:
            if name == "executor" and (given is pd.NA or given is pd.NaT):
                continue
            if name in ("vehicle", "graph") and given is None:
                # The vehicle of the dataset.
                continue
            try:
                call(net, given)
                failures.append((name, given, "no error"))
            except ag.AmurgeoError as error:
                if "\n" in str(error) or len(str(error)) >= 700:
                    failures.append((name, given, str(error)))
    assert failures == []
    assert list(tmp_path.iterdir()) == []


def _strings(path: Path) -> Iterator[str]:
    """Yield the texts in a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_messages_of_the_library_name_no_option_or_command() -> None:
    """The command line translates arguments and functions into options and commands."""
    found = []
    for path in LIBRARY:
        if path.parent.name == "template":
            # The description of a new folder is for the command line.
            continue
        for text in _strings(path):
            if re.search(r"(^|[\s('\"`])--[a-z]|\bamurgeo (osm|new|check|record|state|export)\b", text):
                found.append(f"{path.name}: {text}")
    assert found == []


#: Modules whose ValueErrors are caught: validators of definitions, and checks of stored arrays.
CONVERTED = ("scenario/model.py", "scenario/files.py", "network/additions.py", "dataset/area.py")


def test_what_is_raised_on_purpose_is_an_error_of_the_package() -> None:
    found = []
    for path in LIBRARY:
        if path.relative_to(PACKAGE).as_posix() in CONVERTED:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        caught = {
            id(node)
            for attempt in ast.walk(tree)
            if isinstance(attempt, ast.Try)
            for statement in attempt.body
            for node in ast.walk(statement)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None and id(node) not in caught:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                name = getattr(raised, "id", getattr(raised, "attr", ""))
                if name in vars(builtins) and name not in ("AssertionError", "NotImplementedError"):
                    found.append(f"{path.name}, line {node.lineno}: {name}")
    assert found == []


def test_scenarios_must_be_a_list(net: ag.Network) -> None:
    for given in ("frozen", 3, None, ag.Scenario("mine")):
        with pytest.raises(ag.InputError, match="given as a list"):
            ag.compare(net, given)
        with pytest.raises(ag.InputError, match="given as a list"):
            ag.sweep(net, given, [DAY])


def test_a_folder_must_be_a_path() -> None:
    with pytest.raises(ag.InputError, match="own is invalid: 3; expected the path"):
        ag.load(3)  # type: ignore[arg-type]


def test_days_of_every_type_are_equivalent(net: ag.Network) -> None:
    for day in (
        date(2026, 2, 10),
        datetime(2026, 2, 10, 8),
        pd.Timestamp(DAY),
        np.datetime64(DAY),
        np.str_(DAY),
    ):
        assert net.state(on=day).on == date(2026, 2, 10)


def test_names_may_be_any_iterable(net: ag.Network) -> None:
    expected = ag.od_matrix(net, ["Zeya", "Tynda"], ["Heihe"], on=DAY)
    for kind in (tuple, pd.Series, pd.Index, np.array, iter, dict.fromkeys):
        hours = ag.od_matrix(net, kind(["Zeya", "Tynda"]), ["Heihe"], on=DAY)
        pd.testing.assert_frame_equal(hours, expected)


def test_one_name_is_a_list_of_one(net: ag.Network) -> None:
    assert ag.od_matrix(net, "Zeya", "Heihe", on=DAY).shape == (1, 1)
    routes = ag.routes(net, "Zeya", "Heihe", on=DAY, avoid="kani_kurgan")
    assert all(route.crossings[0] != "kani_kurgan:bridge" for route in routes.routes)
    with ThreadPoolExecutor(1) as threads:
        assert (
            len(ag.sweep(net, ["baseline"], [DAY], origins="Zeya", destinations="Heihe", executor=threads))
            == 1
        )


POINT = "50.45,127.62"


@pytest.mark.parametrize(
    "ask",
    [
        lambda net, names: ag.od_matrix(net, names, "Heihe", on=DAY).index,
        lambda net, names: (
            ag.compare(net, ["frozen", "open"], origins=names, destinations="Heihe").pairs.origin
        ),
        lambda net, names: ag.sweep(net, ["baseline"], [DAY], origins=names, destinations="Heihe").origin,
        lambda net, names: ag.redundancy(net, 2026, origins=names, destinations="Heihe").origin,
    ],
    ids=["od_matrix", "compare", "sweep", "redundancy"],
)
def test_points_are_places_and_duplicates_count_once(net: ag.Network, ask: Any) -> None:
    places = list(ask(net, ["Zeya", POINT, "Зея"]))
    assert [name for name in dict.fromkeys(places) if name != "heihe"] == ["zeya", "point_50.45_127.62"]
    assert places.count("zeya") == places.count("point_50.45_127.62")
    with pytest.raises(ag.InputError, match="origins is empty"):
        ask(net, [])
    assert "point_50.45_127.62" not in net.nodes.index


def test_exits_of_a_point(net: ag.Network) -> None:
    assert ag.exits(net, POINT, on=DAY).frame.at["kani_kurgan:bridge", "hours"] > 7
