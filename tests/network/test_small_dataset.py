"""A dataset of another border: small tables, some empty, give answers or a sentence that says why not."""

from __future__ import annotations

import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.comparison.pairs import own_open


def _with(net: ag.Network, **frames: pd.DataFrame) -> ag.Network:
    return ag.Network({**net.tables, **frames})


def test_without_rates_there_is_no_money_and_all_else(net: ag.Network) -> None:
    poor = _with(net, rates=net.tables["rates"].iloc[:0])
    route = ag.routes(poor, "Blagoveshchensk", "Heihe", on="2026-02-10").records()[0]
    assert route["cost_rub"] is None
    assert (
        route["total_h"]
        == ag.routes(net, "Blagoveshchensk", "Heihe", on="2026-02-10").records()[0]["total_h"]
    )
    found = ag.exits(poor, "Blagoveshchensk", on="2026-02-10")
    assert found.dependence["cost_of_avoiding"]["value"]["rub"] is None


def test_without_the_rate_of_the_yuan_tolls_in_yuan_are_not_known(net: ag.Network) -> None:
    rates = net.tables["rates"]
    route = ag.routes(
        _with(net, rates=rates[rates["what"] != "exchange"]), "Blagoveshchensk", "Harbin", on="2026-02-10"
    ).records()[0]
    assert route["total_h"] > 0


def test_a_record_without_a_day_is_said(net: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="has no dated row; expected at least one"):
        _ = _with(net, season_record=net.tables["season_record"].iloc[:0]).record_until


def test_a_dataset_for_cargo_alone_is_compared(net: ag.Network) -> None:
    services = net.tables["services"]
    cargo = services[services.index.get_level_values("traffic") == "cargo"]
    only = _with(net, services=cargo)
    result = ag.compare(only, ["frozen", "open"], destinations=["Heihe"])
    assert result.summary.loc["open", "base_own_passenger"] == 0
    assert result.summary.loc["open", "base_own_cargo"] == 3
    assert own_open(only, only.state("2026-02-10"), "passenger") == 0


def test_the_usual_destinations_may_be_missing(net: ag.Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amurgeo.comparison.compare.DESTINATIONS", ("nowhere_at_all",))
    with pytest.raises(ag.InputError, match="unknown place 'nowhere_at_all'"):
        ag.compare(net, ["frozen", "open"])
