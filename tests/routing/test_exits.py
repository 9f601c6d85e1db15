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


MEASURES = ("share", "share_of_tonnage", "hhi", "detour_h", "detour_rub", "days_cut")


@pytest.fixture(scope="module")
def measured(net: ag.Network) -> dict[tuple[str, str], ag.Exits]:
    asked = (("Blagoveshchensk", "truck_20t"), ("Blagoveshchensk", "train"), ("Vladivostok", "truck_20t"))
    return {ask: ag.exits(net, ask[0], vehicle=ask[1], on="2027-03-20") for ask in asked}


@pytest.mark.slow
def test_every_measure_has_a_value_a_range_of_it_and_a_formula(
    measured: dict[tuple[str, str], ag.Exits],
) -> None:
    for found in measured.values():
        assert tuple(found.dependence) == MEASURES
        assert found.not_included
        for name, measure in found.dependence.items():
            assert measure["formula"], name
            assert measure["unit"], name
            low, value, high = (measure[bound] for bound in ("low", "value", "high"))
            assert value is None or (low is None) == (high is None), name
            assert None in (low, value, high) or low <= value <= high, name


def test_shares_and_index_are_computed_from_the_days_of_the_year(
    net: ag.Network, measured: dict[tuple[str, str], ag.Exits]
) -> None:
    found = measured["Vladivostok", "truck_20t"]
    region = net.nodes["region"]
    run = ag.states(net, "2027-01-01", "2027-12-31")
    days: dict[str, int] = {}
    for exit_, row in found.frame.iterrows():
        if row["kind"] == "sea":
            if region[net.base["ports"].at[exit_, "place"]] == "primorsky_krai":
                days[str(exit_)] = 365
        elif net.checkpoints.at[net.crossings.at[exit_, "checkpoint"], "region"] == "primorsky_krai":
            usable = [bool(state.admitted("truck_20t").at[exit_, "usable"]) for state in run.states]
            days[str(exit_)] = sum(usable[position] for position in run.which)
    total = sum(days.values())
    over = sum(count for exit_, count in days.items() if ":" in exit_)
    assert set(found.dependence["share"]["exits"]) == set(days)
    assert found.dependence["share"]["value"] == pytest.approx(over / total, abs=6e-4)
    assert found.dependence["hhi"]["value"] == pytest.approx(
        sum((count / total) ** 2 for count in days.values()), abs=6e-4
    )


def test_measures_differ_by_region_and_by_vehicle(measured: dict[tuple[str, str], ag.Exits]) -> None:
    by_truck, by_rail, coast = (found.dependence for found in measured.values())
    assert by_truck["share"]["value"] == 1.0
    assert 0 < coast["share"]["value"] < 1
    assert coast["hhi"]["value"] < by_truck["hhi"]["value"]
    # No railway crosses the oblast's border.
    assert by_rail["share"]["value"] is None
    assert by_rail["days_cut"]["value"] == 365
    assert by_truck["days_cut"]["value"] < 30
    assert coast["detour_h"]["value"] < 0 < by_truck["detour_h"]["value"]


def test_money_of_a_detour_is_a_lower_bound_while_port_charges_are_unknown(
    measured: dict[tuple[str, str], ag.Exits],
) -> None:
    by_truck = measured["Blagoveshchensk", "truck_20t"]
    measure = by_truck.dependence["detour_rub"]
    assert (measure["value"], measure["high"]) == (None, None)
    port, crossing = by_truck.frame.loc[measure["to"]], by_truck.frame.loc[measure["from"]]
    assert measure["low"] == port["cost_at_least"] - crossing["cost_rub"]
    assert port["cost_missing"] == f"port:{measure['to']}"


@pytest.mark.slow
def test_without_the_bridge_the_oblast_is_cut_off_for_longer(net: ag.Network) -> None:
    usual, before = (
        ag.exits(net, "Blagoveshchensk", on="2027-03-20", scenario=scenario).dependence
        for scenario in (None, "paper_2010")
    )
    assert before["days_cut"]["value"] > usual["days_cut"]["value"] + 30
    assert before["days_cut"]["low"] < before["days_cut"]["value"] < before["days_cut"]["high"]
    assert before["share"]["value"] == 1.0


def test_in_2010_the_oblast_has_seven_checkpoints_and_no_other_exit(net: ag.Network) -> None:
    paper = net.checkpoints["paper_role"].value_counts()
    assert (paper["road"], paper["river"]) == (1, 6)
    regions = net.nodes["region"].reindex(net.tables["ports"]["place"])
    assert "amur_oblast" not in set(regions)
    rail = net.tables["crossings"].query("mode == 'rail'")["checkpoint"]
    assert "amur_oblast" not in set(net.tables["checkpoints"]["region"].reindex(rail))


def test_hours_to_a_port_are_those_of_the_route_and_of_handling(net: ag.Network) -> None:
    port = ag.exits(net, "Blagoveshchensk", on="2026-07-15").frame.loc["vanino"]
    route = ag.routes(net, "Blagoveshchensk", "Vanino", on="2026-07-15", k=1).records()[0]
    assert port["hours"] == pytest.approx(
        route["total_h"] + net.base["ports"].at["vanino", "handling_h"], abs=0.01
    )
    assert port["length_km"] == route["length_km"]


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
