"""The answer of a comparison: one sentence for the vehicle, what changes, and a count of the rest."""

from __future__ import annotations

import re
from datetime import date

import pytest

import amurgeo as ag
from amurgeo.text import LANGUAGES

SHUT = "kani_kurgan:bridge close 2026-11-10..2026-11-19"
PAIRS = {"origins": ["Blagoveshchensk", "Belogorsk"], "destinations": ["Heihe"]}


@pytest.fixture(scope="module")
def ten_days(net: ag.Network) -> ag.Comparison:
    """Ten days of November without the bridge."""
    return ag.compare(net, ["baseline", SHUT], first="2026-11-01", last="2026-11-30", **PAIRS)


def test_rivers_frozen_or_open_cost_a_truck_no_hour(net: ag.Network) -> None:
    result = ag.compare(net, ["frozen", "open"])
    assert result.headline() == "A 20 t truck loses no hour: nearly all go by the Kani-Kurgan bridge."
    ways = r"Fewer ways are left: [\d.]+ instead of [\d.]+ on average \(of at most 1\.5 times .*"
    assert re.fullmatch(ways, result.sentences()[1])
    assert result.sentences()[2].endswith("without the largest crossing 0 instead of 190.")
    assert result.headline("ru").endswith("по мосту Кани-Курган.")
    assert set(result.groups()["change"]) == {"same"}
    pairs = len(result.pairs) // 2
    assert result.groups()["pairs"].sum() + result.summary.at["open", "unchanged"] == pairs
    assert len(result.groups(everything=True)) == pairs


def test_a_single_pair_is_not_counted(net: ag.Network) -> None:
    """One of one pairs needs no number; the vehicle has its name where no crossing takes it."""
    pair = {"origins": ["Blagoveshchensk"], "destinations": ["Heihe"]}
    result = ag.compare(net, ["baseline", "kani_kurgan:bridge close"], on="2026-11-20", **pair)
    for lang in LANGUAGES:
        text = " ".join(result.sentences(lang))
        assert not re.search(r"1 of 1|1 из 1|1对起讫点中", text)
    assert "грузовик 20 т не проходит ни через один переход" in " ".join(result.sentences("ru"))


def test_over_a_period_hours_are_of_days_that_exist(ten_days: ag.Comparison) -> None:
    pairs = ten_days.pairs.set_index(["origin", "destination"])
    row = pairs.loc[("blagoveshchensk", "heihe")]
    assert row["base_usual_h"] == row["alt_usual_h"] == row["changed_base_h"] < 10
    assert row["changed_h"] > 40
    assert row["base_h"] < row["alt_h"] < row["changed_h"], "the mean of days is neither"
    headline = ten_days.headline()
    assert f"{row['changed_h']:.0f} h instead of {row['base_usual_h']:.0f} h" in headline
    assert "on 10 of 30 days" in headline
    group = ten_days.groups().iloc[0]
    assert (group["days"], group["alt_h_max"]) == (10, ten_days.pairs["changed_h"].max())


def test_waiting_stands_beside_the_detour(ten_days: ag.Comparison, net: ag.Network) -> None:
    opens = ten_days.reopenings[0]
    assert opens is not None
    assert (opens.crossing, opens.days) == ("kani_kurgan:bridge", 10)
    assert any("wait 10 days or drive" in sentence for sentence in ten_days.sentences())
    gap = ag.compare(net, ["paper_2010+open", "paper_2010+freeze_up"], **PAIRS).reopenings[0]
    assert gap is not None
    assert (gap.crossing, gap.first) == ("blagoveshchensk:ice_road", date(2010, 11, 15))


def test_sentences_are_about_the_traffic_of_the_vehicle(net: ag.Network) -> None:
    for vehicle, traffic in (("car", "passenger"), ("train", "cargo"), ("truck_20t", "cargo")):
        result = ag.compare(net, ["frozen", "open"], vehicle=vehicle, **PAIRS)
        changed = result.findings().changed()
        assert set(changed.index) <= set(result.changed("open").xs(traffic, level="traffic").index)
        # The ferry at Poyarkovo takes no vehicles, and no crossing of the oblast a car or a train.
        assert "poyarkovo:ferry" not in changed.index
        assert changed["home"].any() == (vehicle == "truck_20t")
        # Trains have no room for trucks; what most take in one case only is not told of both.
        assert any("Room for trucks" in text for text in result.sentences()) == (vehicle == "truck_20t")
    walk = ag.compare(net, ["frozen", "open"], vehicle="passenger", **PAIRS)
    assert walk.headline() == "A passenger without a vehicle loses no hour."


@pytest.mark.slow
def test_a_vehicle_without_any_way_gets_a_sentence(net: ag.Network) -> None:
    nothing = ag.Scenario("nothing", changes=[ag.close(crossing) for crossing in net.crossings.index])
    result = ag.compare(net, [nothing, "no_bridge"], on="2026-11-15", **{**PAIRS, "origins": ["Zeya"]})
    assert result.pairs["base_h"].isna().all()
    assert result.headline().startswith("A 20 t truck gets a way from Zeya to Heihe")
    back = ag.compare(net, ["no_bridge", nothing], on="2026-11-15", **{**PAIRS, "origins": ["Zeya"]})
    assert back.headline().startswith("A 20 t truck has no way left")
    both = ag.compare(net, [nothing, ag.Scenario("shut", changes=nothing.changes)], on="2026-11-15", **PAIRS)
    assert both.headline() == "A 20 t truck has no way in either case."
    assert (len(both.groups()), both.summary["unchanged"].tolist()) == (0, [2])


def test_both_worlds_stop_for_the_festival(net: ag.Network) -> None:
    """A day of the festival takes no way from the present that the world of 2010 has."""
    result = ag.compare(net, ["paper_2010", "baseline"], on="2026-02-17", **PAIRS)
    stops = result.crossings.xs("cargo", level="traffic")
    assert "holiday" in stops.loc["blagoveshchensk:ice_road", "base_reason"]
    assert "holiday" in stops.loc["blagoveshchensk:pontoon", "alt_reason"]
    assert set(result.pairs["change"]) == {"same"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_are_whole_in_each_language(ten_days: ag.Comparison, lang: str) -> None:
    for sentence in ten_days.sentences(lang):
        assert sentence.endswith(("。",) if lang == "zh" else (".",)), sentence
        assert not re.search(r"[{}]|\bnan\b|None|kani_kurgan", sentence)
        if lang == "ru":
            assert not re.search(r"\d\.\d", sentence)


def test_an_inline_scenario_has_a_name_in_words(ten_days: ag.Comparison) -> None:
    base, alt = ten_days.states[0]
    assert base.title["en"] == "Base case"
    assert alt.title["ru"] == "Кани-Курган, мост: закрыто 10.11.2026 – 19.11.2026"
    late = ag.delay("poyarkovo:ice_road", days=5)
    named = ag.load().state("2026-11-15", scenario=ag.Scenario("late", changes=[late]))
    assert named.title["en"] == "late"


def test_hours_that_differ_do_not_look_the_same(net: ag.Network) -> None:
    result = ag.compare(
        net, ["baseline", "blagoveshchensk--vladimirovka close"], on="2026-02-10", vehicle="truck_20t"
    )
    hours = re.findall(r"takes (\S+) h instead of (\S+) h", result.headline())
    assert hours
    assert all(after != before for after, before in hours)
