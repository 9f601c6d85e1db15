"""Costs are sums of dated rates with a unit, and unknown as soon as one rate is missing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.routing.money import COST_COLUMNS, arc_costs, lapsed_exchange

#: Journeys whose costs need every rate of the shipped table between them.
JOURNEYS = (
    ("Belogorsk", "Harbin", "truck_20t"),
    ("Belogorsk", "Harbin", "truck_40t"),
    ("Harbin", "Belogorsk", "truck_20t"),
    ("Belogorsk", "Tynda", "train"),
)
ON = "2026-02-10"


def _needed(net: ag.Network, arcs: pd.DataFrame, vehicle: str) -> set[str]:
    """Return the rates that a route needs, found arc by arc."""
    rates, country = net.base["rates"], net.nodes["country"]
    needed = set()
    for arc in arcs.itertuples():
        kind = net.edges["kind"].get(arc.edge, "drayage")
        for rate in rates[[vehicle in vehicles for vehicles in rates["vehicle"]]].itertuples():
            mode = net.base["crossings"]["mode"].get(arc.edge, "")
            toll = kind == "crossing" and (
                rate.crossing == arc.edge or (not rate.crossing and rate.mode == mode)
            )
            applies = {
                "per_km": kind != "transfer",
                "fixed": kind in ("transfer", "drayage"),
                "toll": toll,
            }
            if rate.country == country[arc.tail] and applies[rate.what]:
                needed |= {rate.Index, rate.index} - {""}
                exchange = rates.index[rates["unit"] == f"{net.border.currency}/{rate.unit}"]
                needed |= set(exchange)
    return needed


@pytest.fixture(scope="module")
def journeys(net: ag.Network) -> list[tuple[str, ag.Routes]]:
    found = [(by, ag.routes(net, start, end, vehicle=by, on=ON, k=2)) for start, end, by in JOURNEYS]
    # By the road over the border, for whose mode there is one rate.
    return [*found, ("truck_20t", ag.routes(net, "Vladivostok", "Suifenhe", on=ON, k=2))]


@pytest.mark.slow
def test_without_any_one_rate_the_sums_that_need_it_are_unknown(
    net: ag.Network, journeys: list[tuple[str, ag.Routes]]
) -> None:
    known = [
        (by, route, cost)
        for by, found in journeys
        for route, cost in zip(found, found.to_frame()["cost_rub"], strict=True)
        if cost == cost
    ]
    needs = [_needed(net, route.arcs, by) for by, route, _ in known]
    rates = net.tables["rates"]
    for name in rates.index:
        poor = ag.Network({**net.tables, "rates": rates.drop(name)})
        touched = 0
        for (by, route, before), need in zip(known, needs, strict=True):
            after = arc_costs(poor, by, route.arcs)["cost"].sum(min_count=1, skipna=False)
            assert np.isnan(after) if name in need else round(after) == before, (name, route)
            touched += name in need
        assert touched, name


@pytest.mark.slow
def test_a_crossing_without_a_fare_has_no_cost(net: ag.Network) -> None:
    fares = net.base["rates"].query("what == 'toll'")
    modes, priced = set(fares["mode"]), set(fares["crossing"])
    for vehicle, day in (("truck_20t", "2026-07-15"), ("train", ON)):
        frame = ag.routes(net, "Blagoveshchensk", "Harbin", vehicle=vehicle, on=day).to_frame()
        mode = frame["crossing"].str.partition(":")[2]
        free = ~frame["crossing"].isin(priced) & ~mode.isin(modes)
        assert free.any()
        assert frame.loc[free, "cost_rub"].isna().all()
        assert frame.loc[free, "cost_missing"].str.contains("toll:").all()
        assert (frame["cost_rub"].isna() == (frame["cost_missing"] != "")).all()


def test_every_known_cost_has_a_unit_and_the_years_of_its_prices(
    journeys: list[tuple[str, ag.Routes]],
) -> None:
    frames = pd.concat([found.to_frame() for _, found in journeys])
    known = frames[frames["cost_rub"].notna()]
    assert set(known["cost_per"]) == {"truck", "container_40ft"}
    assert known["cost_prices"].str.contains(r"\d{4}").all()
    assert known["cost_at_least"].isna().all()
    unknown = frames[frames["cost_rub"].isna()]
    assert (unknown["cost_missing"] != "").all()
    assert {name.replace("cost", "cost_rub") if name == "cost" else name for name in COST_COLUMNS} <= set(
        frames
    )


def test_a_cell_of_a_matrix_is_empty_without_a_fare(net: ag.Network) -> None:
    without = ag.od_matrix(
        net, ["Belogorsk"], ["Heihe"], on=ON, value="cost_rub", scenario="kani_kurgan:bridge close"
    )
    assert without.isna().all().all()


def test_exchange_rates_lapse_only_for_sums_that_need_them(net: ag.Network) -> None:
    assert not lapsed_exchange(net, "truck_20t", date(2026, 2, 11))
    assert lapsed_exchange(net, "truck_20t", date(2026, 2, 12)) == [("RUB/CNY", date(2026, 2, 11))]
    assert not lapsed_exchange(net, "train", date(2027, 1, 1))
