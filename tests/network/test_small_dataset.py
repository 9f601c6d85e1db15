"""A dataset of another border: with small or empty tables there are answers, or errors with the reason."""

from __future__ import annotations

import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.comparison.pairs import count_own


def _with(net: ag.Network, **frames: pd.DataFrame) -> ag.Network:
    return ag.Network({**net.tables, **frames})


@pytest.mark.slow
def test_without_rates_only_the_cost_is_missing(net: ag.Network) -> None:
    poor = _with(net, rates=net.tables["rates"].iloc[:0])
    route = ag.routes(poor, "Blagoveshchensk", "Heihe", on="2026-02-10").records()[0]
    assert route["cost_rub"] is None
    assert (
        route["total_h"]
        == ag.routes(net, "Blagoveshchensk", "Heihe", on="2026-02-10").records()[0]["total_h"]
    )
    exits = ag.exits(poor, "Blagoveshchensk", on="2026-02-10")
    assert exits.dependence["detour_rub"]["value"] is None


@pytest.mark.slow
def test_without_an_exchange_rate_routes_still_have_hours(net: ag.Network) -> None:
    rates = net.tables["rates"]
    route = ag.routes(
        _with(net, rates=rates[rates["what"] != "exchange"]), "Blagoveshchensk", "Harbin", on="2026-02-10"
    ).records()[0]
    assert route["total_h"] > 0


def test_a_record_without_a_date_is_an_error(net: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="has no dated row; expected at least one"):
        _ = _with(net, season_record=net.tables["season_record"].iloc[:0]).record_until


def test_a_dataset_of_cargo_services_only_can_be_compared(net: ag.Network) -> None:
    services = net.tables["services"]
    cargo = services[services.index.get_level_values("traffic") == "cargo"]
    only = _with(net, services=cargo)
    result = ag.compare(only, ["frozen", "open"], destinations=["Heihe"])
    assert result.summary.loc["open", "base_own_passenger"] == 0
    assert result.summary.loc["open", "base_own_cargo"] == 3
    assert count_own(only, only.state("2026-02-10").crossings, "status", "passenger") == 0


def test_a_place_without_a_road_is_named_by_the_question(net: ag.Network) -> None:
    depot = net.tables["places"].loc[["svobodny"]].rename(index={"svobodny": "depot"})
    alone = _with(net, places=pd.concat([net.tables["places"], depot]))
    for ask in (ag.routes, lambda *args, **day: ag.od_matrix(*args[:1], [args[1]], [args[2]], **day)):
        with pytest.raises(ag.InputError, match="depot is not connected to the rest of the network"):
            ask(alone, "depot", "Heihe", on="2026-02-10")


def test_missing_default_destinations_are_an_error(net: ag.Network) -> None:
    border = net.border.model_copy(update={"destinations": ("nowhere_at_all",)})
    with pytest.raises(ag.InputError, match="unknown place 'nowhere_at_all'"):
        ag.compare(ag.Network(net.base, border=border), ["frozen", "open"])


@pytest.mark.slow
def test_a_point_beside_a_limited_or_toll_road_is_reached_both_ways(net: ag.Network) -> None:
    """The street to the point is neither one-way nor a toll road."""
    roads = net.base["roads"].assign(toll=True)
    taxed = ag.Network({**net.tables, "roads": roads}, border=net.border, folder=net.folder)
    for ends in (("50,45; 127,62", "chigiri"), ("chigiri", "50.45,127.62")):
        journey = ag.routes(taxed, *ends, on="2026-02-10", k=1).records()[0]
        assert "toll:chigiri--natalyino" in journey["cost_missing"]
        assert "toll:point" not in journey["cost_missing"]
        assert (journey["cost_rub"], journey["cost_at_least"] > 0) == (None, True)
