"""Comparisons on a day: crossings, alternatives and times, by hand and on the shipped network."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import amurgeo as ag
from amurgeo.comparison.pairs import classify
from amurgeo.network import large_towns


def _changes(result: ag.Comparison, alternative: str, traffic: str) -> tuple[set[str], set[str]]:
    changed = result.changed(alternative).xs(traffic, level="traffic")
    opens = changed[(changed["base_status"] == "closed")].index
    closes = changed[(changed["alt_status"] == "closed")].index
    return set(opens), set(closes)


def test_from_frozen_to_open(net: ag.Network) -> None:
    result = ag.compare(net, ["frozen", "open"])
    own = {"kani_kurgan", "blagoveshchensk", "poyarkovo"}
    opens, closes = _changes(result, "open", "cargo")
    assert {c for c in opens if c.partition(":")[0] in own} == {"blagoveshchensk:ferry", "poyarkovo:ferry"}
    assert {c for c in closes if c.partition(":")[0] in own} == {
        "blagoveshchensk:pontoon",
        "poyarkovo:ice_road",
    }
    opens, closes = _changes(result, "open", "passenger")
    assert {c for c in opens if c.partition(":")[0] in own} == {"blagoveshchensk:ferry"}
    assert {c for c in closes if c.partition(":")[0] in own} == {"blagoveshchensk:pontoon"}


def test_in_the_gap_of_2010_no_crossing_of_the_oblast_carries_cargo(net: ag.Network) -> None:
    result = ag.compare(net, ["paper_2010+open", "paper_2010+freeze_up"])
    summary = result.summary.loc["paper_2010+freeze_up"]
    assert summary["alt_own_cargo"] == 0
    assert summary["alt_own_passenger"] == 1
    assert (result.pairs["alt_ways_oblast"] == 0).all()
    assert set(result.pairs["change"]) <= {"lost", "slower", "same"}
    assert {"lost", "slower"} & set(result.pairs["change"])


def test_in_both_gaps_without_the_bridge_pairs_lose(net: ag.Network) -> None:
    for gap in ("freeze_up", "break_up"):
        result = ag.compare(net, ["baseline", f"{gap}+no_bridge"])
        changes = set(result.pairs["change"])
        assert {"lost", "slower"} & changes
        assert "gained" not in changes
        assert result.states[0][0].on == result.states[0][1].on


def test_six_places_by_hand(six: ag.Network) -> None:
    result = ag.compare(
        six, ["baseline", "no_bridge"], on="2026-07-15", origins=["north"], destinations=["south"]
    )
    pairs = result.pairs.set_index(["origin", "destination"])
    there = pairs.loc[("north", "south")]
    assert (there["base_ways"], there["alt_ways"]) == (2, 1)
    assert there["base_crossing"] == "kani_kurgan:bridge"
    assert there["alt_crossing"] == "blagoveshchensk:ferry"
    # The ferry takes longer, but not by more than the error of the estimates.
    assert there["delta_h"] > 1
    assert there["change"] == "same"
    assert there["delta_h"] == pytest.approx(there["alt_h"] - there["base_h"])
    assert there["delta_pct"] == pytest.approx(100 * there["delta_h"] / there["base_h"])
    known = {"kani_kurgan:bridge": 6.5, "blagoveshchensk:ferry": 6.5}
    sure = ag.compare(
        six,
        ["baseline", "no_bridge"],
        on="2026-07-15",
        origins=["north"],
        destinations=["south"],
        border_h=known,
    )
    assert sure.pairs["change"].tolist() == ["slower", "slower"]
    assert sure.pairs["delta_h"].tolist() == result.pairs["delta_h"].tolist()
    gap = ag.compare(six, ["open", "freeze_up+no_bridge"], origins=["north"], destinations=["south"])
    assert gap.pairs["change"].tolist() == ["lost", "lost"]
    assert gap.pairs["alt_h"].isna().all()
    assert gap.pairs["alt_crossing"].isna().all()
    assert gap.pairs["alt_ways"].tolist() == [0, 0]


def test_the_stretch_decides_which_alternatives_count(six: ag.Network) -> None:
    result = ag.compare(
        six,
        ["baseline", "no_bridge"],
        on="2026-07-15",
        origins=["kani_kurgan"],
        destinations=["heihe"],
        stretch=1.0,
    )
    assert result.pairs["base_ways"].tolist() == [1, 1]


def test_pairs_that_nothing_joins_have_no_alternatives(net: ag.Network) -> None:
    day = "2026-07-15"
    shut = [ag.close(crossing, day, day) for crossing in net.crossings.index]
    scenarios = [ag.Scenario(name, changes=shut) for name in ("shut", "shut_too")]
    pairs = ag.compare(net, scenarios, on=day, origins=["Zeya"], destinations=["Heihe"]).pairs
    assert pairs[["base_h", "alt_h"]].isna().all(axis=None)
    assert (pairs.filter(like="ways") == 0).all(axis=None)


def test_default_pairs_are_the_large_towns_in_both_directions(net: ag.Network) -> None:
    towns = large_towns(net)
    assert towns[0] == "blagoveshchensk"
    assert {"belogorsk", "svobodny", "zeya", "tynda", "raychikhinsk", "shimanovsk"} <= set(towns)
    pairs = ag.compare(net, ["frozen", "open"]).pairs
    assert len(pairs) == 2 * 4 * len(towns)
    assert set(pairs["origin"]) == {*towns, "heihe", "harbin", "suifenhe", "manzhouli"}


def test_more_than_two_scenarios_and_one_document(net: ag.Network) -> None:
    result = ag.compare(
        net, ["open", "frozen", "frozen+no_bridge"], origins=["Belogorsk"], destinations=["Heihe"]
    )
    assert result.alternatives == ("frozen", "frozen+no_bridge")
    assert list(result.summary.index) == list(result.alternatives)
    document = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert {"base", "alternatives", "crossings", "pairs", "summary"} <= set(document)
    keys = {
        *("origin", "destination", "alternative", "base_h", "alt_h", "delta_h", "delta_pct", "change"),
        *("base_crossing", "alt_crossing", "base_ways", "alt_ways", "base_ways_oblast", "alt_ways_oblast"),
    }
    assert all(keys == set(pair) for pair in document["pairs"])
    assert {"crossing", "traffic", "base_status", "alt_status"} <= set(document["crossings"][0])


def test_summary_counts_every_pair_once(net: ag.Network) -> None:
    summary = ag.compare(net, ["frozen", "open", "freeze_up+no_bridge"]).summary
    assert (summary[["gained", "lost", "slower", "faster", "same"]].sum(axis=1) == summary["pairs"]).all()


WRONG: list[tuple[list[str], dict[str, Any], str]] = [
    (["frozen"], {}, "at least one alternative"),
    (["frozen", "opne"], {}, "did you mean open"),
    (["baseline", "no_bridge"], {}, "baseline"),
    (["frozen", "open"], {"on": "2026-02-10"}, "own"),
    (["frozen", "open"], {"stretch": 0.5}, "stretch"),
    (["frozen", "open"], {"vehicle": "zeppelin"}, "truck_20t"),
    (["frozen", "open"], {"origins": ["Blagoveschensk"]}, "Blagoveshchensk"),
]


def test_wrong_arguments_give_a_hint(net: ag.Network) -> None:
    for scenarios, arguments, hint in WRONG:
        with pytest.raises(ag.InputError, match=hint):
            ag.compare(net, scenarios, **arguments)


def test_a_small_difference_is_no_change() -> None:
    base = np.array([10.0, 100.0, 5.0, np.nan])
    alt = np.array([10.09, 100.5, 5.06, np.nan])
    assert classify(base, alt).tolist() == ["same", "slower", "slower", "same"]


def test_a_difference_that_may_be_nought_is_no_change() -> None:
    base, alt = np.array([10.0, 10.0, 10.0, 10.0]), np.array([13.0, 13.0, 7.0, np.nan])
    assert classify(base, alt, below=np.array([2.9, 3.1, 9.0, 9.0]), above=2.0).tolist() == [
        *("slower", "same", "faster", "lost"),
    ]
