"""Exits by road and rail, and the dependence on those to China."""

from __future__ import annotations

import pytest

import amurgeo as ag


def test_by_rail_the_ports_and_the_rail_crossings_are_ranked(net: ag.Network) -> None:
    found = ag.exits(net, "Blagoveshchensk", vehicle="train", on="2026-02-10")
    expected = {
        "zabaikalsk:rail",
        "pogranichny:rail",
        "nizhneleninskoye:rail",
        "vostochny",
        "vladivostok",
        "vanino",
    }
    assert expected <= set(found.frame.index)
    usable = found.frame[found.frame["status"] != "closed"]
    assert usable["hours"].is_monotonic_increasing
    assert set(usable["kind"]) == {"china", "sea"}


def test_the_tongjiang_bridge_exists_since_november_2022(net: ag.Network) -> None:
    before = ag.exits(net, "Belogorsk", vehicle="train", on="2022-11-15").frame.loc["nizhneleninskoye:rail"]
    after = ag.exits(net, "Belogorsk", vehicle="train", on="2022-11-16").frame.loc["nizhneleninskoye:rail"]
    assert (before["status"], before["reason"]) == ("closed", "not_yet_open")
    assert before["hours"] is None or before["hours"] != before["hours"]
    assert after["status"] == "open"


@pytest.mark.parametrize(("scenario", "own"), [("paper_2010", 7), (None, 5)])
def test_dependence_is_three_numbers_with_ranges(net: ag.Network, scenario: str | None, own: int) -> None:
    figures = ag.exits(net, "Blagoveshchensk", on="2026-02-10", scenario=scenario).dependence
    assert set(figures) == {"share_of_exits", "share_of_tonnage", "cost_of_avoiding"}
    assert figures["share_of_exits"]["value"] == 1.0
    assert len(figures["share_of_exits"]["own_checkpoints"]) >= own
    low, high = figures["share_of_tonnage"]["range"]
    assert 0 < low < high <= 1
    assert figures["cost_of_avoiding"]["value"]["hours"] > 0
    assert all(figure["definition"] and figure["estimated"] for figure in figures.values())


def test_in_2010_the_oblast_has_seven_checkpoints(net: ag.Network) -> None:
    figures = ag.exits(net, "Blagoveshchensk", on="2026-02-10", scenario="paper_2010").dependence
    own = figures["share_of_exits"]["own_checkpoints"]
    assert len(own) == 7
    regions = net.nodes["region"].reindex(net.tables["ports"]["place"])
    assert "amur_oblast" not in set(regions)
    rail = net.tables["crossings"].query("mode == 'rail'")["checkpoint"]
    assert "amur_oblast" not in set(net.tables["checkpoints"]["region"].reindex(rail))


def test_costs_are_sums_of_sourced_rates(six: ag.Network) -> None:
    found = ag.exits(six, "north", on="2026-07-15").frame
    bridge = found.loc["kani_kurgan:bridge"]
    rates = six.tables["rates"]["value"]
    assert bridge["cost_rub"] == pytest.approx(
        rates["truck_km_ru_20t"] * bridge["length_km"] + rates["bridge_toll_from_russia"], rel=0.01
    )


def test_the_detour_in_a_gap_before_the_bridge(net: ag.Network) -> None:
    found = ag.routes(net, "Blagoveshchensk", "Heihe", on="2018-11-10", vehicle="truck_20t")
    first = found.records()[0]
    assert first["length_km"] > 1000
    assert net.tables["checkpoints"].at[first["checkpoint"], "region"] != "amur_oblast"
    assert {"blagoveshchensk:ferry", "blagoveshchensk:pontoon"} <= {item["crossing"] for item in found.closed}
    summer = ag.routes(net, "Blagoveshchensk", "Heihe", on="2018-07-15", vehicle="truck_20t")
    assert summer.routes[0].crossings == ("blagoveshchensk:ferry",)
