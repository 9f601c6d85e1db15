"""Comparisons: what opens and closes, ways left, times; by hand and on the shipped network."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
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


def test_the_gap_of_2010_leaves_no_own_way_for_cargo(net: ag.Network) -> None:
    result = ag.compare(net, ["paper_2010+open", "paper_2010+freeze_up"])
    summary = result.summary.loc["paper_2010+freeze_up"]
    assert summary["alt_own_cargo"] == 0
    assert summary["alt_own_passenger"] == 1
    assert (result.pairs["alt_ways_oblast"] == 0).all()
    assert set(result.pairs["change"]) <= {"lost", "slower", "same"}
    assert {"lost", "slower"} & set(result.pairs["change"])


@pytest.mark.parametrize("gap", ["freeze_up", "break_up"])
def test_both_gaps_without_the_bridge(net: ag.Network, gap: str) -> None:
    result = ag.compare(net, ["baseline", f"{gap}+no_bridge"], vehicle="truck_20t")
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
    assert there["change"] == "slower"
    assert there["delta_h"] == pytest.approx(there["alt_h"] - there["base_h"])
    assert there["delta_pct"] == pytest.approx(100 * there["delta_h"] / there["base_h"])
    gap = ag.compare(six, ["open", "freeze_up+no_bridge"], origins=["north"], destinations=["south"])
    assert gap.pairs["change"].tolist() == ["lost", "lost"]
    assert gap.pairs["alt_h"].isna().all()
    assert gap.pairs["alt_crossing"].isna().all()
    assert gap.pairs["alt_ways"].tolist() == [0, 0]


def test_stretch_decides_which_ways_are_left(six: ag.Network) -> None:
    one = ag.compare(
        six,
        ["baseline", "no_bridge"],
        on="2026-07-15",
        origins=["kani_kurgan"],
        destinations=["heihe"],
        stretch=1.0,
    )
    assert one.pairs["base_ways"].tolist() == [1, 1]


def test_default_pairs_are_the_large_towns_both_ways(net: ag.Network) -> None:
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
        "origin",
        "destination",
        "alternative",
        "base_h",
        "alt_h",
        "delta_h",
        "delta_pct",
        "change",
        "base_crossing",
        "alt_crossing",
        "base_ways",
        "alt_ways",
        "base_ways_oblast",
        "alt_ways_oblast",
    }
    assert all(keys == set(pair) for pair in document["pairs"])
    assert {"crossing", "traffic", "base_status", "alt_status"} <= set(document["crossings"][0])


def test_summary_counts_every_pair_once(net: ag.Network) -> None:
    summary = ag.compare(net, ["frozen", "open", "freeze_up+no_bridge"]).summary
    assert (summary[["gained", "lost", "slower", "faster", "same"]].sum(axis=1) == summary["pairs"]).all()


@pytest.mark.parametrize(
    ("scenarios", "kwargs", "says"),
    [
        (["frozen"], {}, "at least one alternative"),
        (["frozen", "opne"], {}, "did you mean open"),
        (["baseline", "no_bridge"], {}, "pass on="),
        (["frozen", "open"], {"on": "2026-02-10"}, "date of its own"),
        (["frozen", "open"], {"stretch": 0.5}, "stretch"),
        (["frozen", "open"], {"vehicle": "zeppelin"}, "truck_20t"),
        (["frozen", "open"], {"origins": ["Blagoveschensk"]}, "Blagoveshchensk"),
    ],
)
def test_wrong_input_is_said(net: ag.Network, scenarios: list[str], kwargs: dict, says: str) -> None:
    with pytest.raises(ag.InputError, match=says):
        ag.compare(net, scenarios, **kwargs)


def test_small_changes_are_none() -> None:
    base = pd.Series([10.0, 100.0, 5.0, np.nan])
    alt = pd.Series([10.09, 100.5, 5.06, np.nan])
    assert classify(base, alt).tolist() == ["same", "slower", "slower", "same"]
