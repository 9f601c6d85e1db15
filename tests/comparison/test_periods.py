"""Comparisons over a period: days open, first opening, last closing, days lost, days slower."""

from __future__ import annotations

from typing import Any

import pytest

import amurgeo as ag


def test_ten_days_without_the_bridge(six: ag.Network) -> None:
    result = ag.compare(
        six, ["baseline", "bridge_shut_10d"], year=2027, origins=["north"], destinations=["heihe"]
    )
    bridge = result.crossings.loc[("kani_kurgan:bridge", "cargo")]
    assert bridge["base_days"] - bridge["alt_days"] == 10
    # In mid November nothing else carries trucks here.
    assert result.pairs["days_lost"].tolist() == [10, 10]
    assert result.pairs["change"].tolist() == ["lost", "lost"]
    assert result.pairs["alt_ways"].tolist() == [0, 0]


def test_an_inline_change_gives_the_same_answer(six: ag.Network) -> None:
    ask = {"first": "2027-11-01", "last": "2027-11-30", "origins": ["north"], "destinations": ["heihe"]}
    by_name = ag.compare(six, ["baseline", "bridge_shut_10d"], **ask)
    inline = ag.compare(six, ["baseline", "kani_kurgan:bridge close 2027-11-10..2027-11-19"], **ask)
    assert by_name.pairs.drop(columns="alternative").equals(inline.pairs.drop(columns="alternative"))


@pytest.mark.slow
def test_late_ice_shortens_the_season_of_the_pontoon(net: ag.Network) -> None:
    result = ag.compare(
        net, ["baseline", "late_ice_3w"], year=2027, origins=["Belogorsk"], destinations=["Heihe"]
    )
    pontoon = result.crossings.loc[("blagoveshchensk:pontoon", "cargo")]
    assert pontoon["base_days"] - pontoon["alt_days"] == pytest.approx(21, abs=3)
    assert pontoon["first_open"] > pontoon["base_first_open"]
    ferry = result.crossings.loc[("blagoveshchensk:ferry", "cargo")]
    assert ferry["base_days"] == ferry["alt_days"]
    assert "blagoveshchensk:pontoon" in result.changed("late_ice_3w").index.get_level_values("crossing")
    # The bridge is shut at New Year, when a pontoon further east is not laid yet; else no hour is lost.
    assert result.pairs["days_slower"].tolist() == [2, 2]
    lost = pontoon["base_days"] - pontoon["alt_days"]
    assert result.pairs["days_fewer_ways"].tolist() == [lost + 2] * 2
    assert result.summary.at["late_ice_3w", "fewer_ways"] == 2


def test_the_change_of_a_period_is_that_of_most_days(six: ag.Network) -> None:
    # Without the bridge the ferry is slower; after its season there is no connection.
    known = dict.fromkeys(("kani_kurgan:bridge", "blagoveshchensk:ferry"), 6.5)
    ask = {"origins": ["north"], "destinations": ["heihe"], "year": 2027, "border_h": known}
    result = ag.compare(six, ["baseline", "kani_kurgan:bridge close 2027-09-25..2027-11-06"], **ask)
    assert (result.pairs["days_slower"] > result.pairs["days_lost"]).all()
    assert (result.pairs["days_lost"] > 0).all()
    assert result.pairs["change"].tolist() == ["slower", "slower"]
    # The ferry, the pontoon and the bridge each work on some day of the year.
    assert result.summary["base_own_cargo"].tolist() == [3]


def test_a_period_of_one_day_equals_the_day(net: ag.Network) -> None:
    ask = {"origins": ["Belogorsk"], "destinations": ["Heihe", "Harbin"]}
    day = ag.compare(net, ["baseline", "no_bridge"], on="2027-02-01", **ask)
    period = ag.compare(net, ["baseline", "no_bridge"], first="2027-02-01", last="2027-02-01", **ask)
    for name in ("base_h", "alt_h", "change", "base_ways", "alt_ways", "base_crossing", "alt_crossing"):
        assert day.pairs[name].tolist() == period.pairs[name].tolist()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"year": 2027, "on": "2027-01-01"}, "not several"),
    ({"first": "2027-01-01"}, "expected both ends"),
    ({"first": "2027-02-01", "last": "2027-01-01"}, "2027-02-01.*2027-01-01|2027-01-01.*2027-02-01"),
    ({"first": "2000-01-01", "last": "2027-01-01"}, "ten years"),
    ({"year": 3000}, "2100"),
]


def test_a_wrong_period_gives_a_hint(net: ag.Network) -> None:
    for arguments, hint in WRONG:
        with pytest.raises(ag.InputError, match=hint):
            ag.compare(net, ["baseline", "no_bridge"], **arguments)


def test_a_regime_has_no_period(net: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="regime"):
        ag.compare(net, ["frozen", "open"], year=2027)
