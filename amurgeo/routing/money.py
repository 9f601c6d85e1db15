"""Costs of arcs and routes by vehicle, in the currency of the dataset; unknown if any rate is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.network import rows_of
from amurgeo.network.tables import cached

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Keys of `total_cost`; ``cost`` is named by the currency in results, for instance ``cost_rub``.
COST_COLUMNS = ("cost", "cost_estimated", "cost_per", "cost_prices", "cost_at_least", "cost_missing")
#: Kinds of rates that price arcs; each arc needs a rate of every kind that applies to it.
_PRICED = ("per_km", "fixed", "toll")


def priced_rates(net: Network, vehicle: str) -> pd.DataFrame:
    """Return the rates of a vehicle with ``price``, in the currency of the dataset and indexed.

    ``price`` is NaN if the exchange rate or the index is missing; ``prices`` has the years of the price and
    of its index, and the day of its exchange rate.

    >>> import amurgeo as ag
    >>> priced_rates(ag.load(), "truck_20t").loc["truck_km_ru_20t", "price"].item()
    79.5
    """
    return cached(net, ("priced_rates", vehicle), lambda: _priced(net, vehicle))


def _priced(net: Network, vehicle: str) -> pd.DataFrame:
    rates = net.base["rates"]
    exchange = rates[rates["what"] == "exchange"].set_index("unit")
    rows = rows_of(rates, vehicle)
    pairs = pd.Series(f"{net.border.currency}/", index=rows.index) + rows["unit"]
    foreign = (rows["unit"] != net.border.currency).to_numpy()
    indexed = (rows["index"] != "").to_numpy()
    factors = rates["value"].where(rates["what"] == "index").reindex(rows["index"]).to_numpy()
    price = rows["value"].to_numpy(dtype=float)
    price = price * np.where(foreign, exchange["value"].reindex(pairs).to_numpy(dtype=float), 1.0)
    year, index_year = rows["year"], rates["year"].reindex(rows["index"]).to_numpy()
    labels = []
    for of, to, pair, abroad in zip(year, index_year, pairs, foreign, strict=True):
        parts = [f"{of:.0f}→{to:.0f}" if to == to else f"{of:.0f}"] if of == of else []
        if abroad and pair in exchange.index:
            parts.append(f"{pair} {exchange.at[pair, 'source_date']}")
        labels.append("; ".join(parts))
    return rows.assign(price=price * np.where(indexed, factors, 1.0), prices=labels)


def arc_costs(net: Network, vehicle: str, arcs: pd.DataFrame) -> pd.DataFrame:
    """Return the cost of arcs, NaN if a rate that applies is missing.

    A kilometre needs a rate of its country, a change between truck and train a fixed charge (half of it at
    each end), and a crossing a fare or toll of the country that is left, for it or for its mode. No rate
    prices a toll road: its toll is missing. Other border fees, the driver's waiting time and customs duties
    are not included: no source gives them.

    Columns: ``cost``, ``known`` (the part with rates), ``missing`` (codes of the missing rates joined by
    semicolons, as ``toll:poyarkovo:ferry``), ``prices`` (years of the prices) and ``estimated`` (a rate is).
    """
    rates = priced_rates(net, vehicle)
    country = net.nodes["country"].reindex(arcs["tail"]).to_numpy()
    kind = net.edges["kind"].reindex(arcs["edge"]).fillna("drayage").to_numpy()
    mode = net.base["crossings"]["mode"].reindex(arcs["edge"]).to_numpy()
    edge, length_km = arcs["edge"].to_numpy(), arcs["length_km"].to_numpy(dtype=float)
    applies = {
        "per_km": kind != "transfer",
        "fixed": np.isin(kind, ("transfer", "drayage")),
        "toll": (kind == "crossing") | net.edges["toll"].reindex(arcs["edge"]).eq(True).to_numpy(),
    }
    quantity = {"per_km": length_km, "fixed": np.full(len(arcs), 0.5), "toll": np.ones(len(arcs))}
    parts = {what: np.where(where, np.nan, 0.0) for what, where in applies.items()}
    estimated = np.zeros(len(arcs), dtype=bool)
    prices = np.full(len(arcs), "", dtype=object)
    # A toll of one crossing goes before the toll of all crossings of a mode.
    for rate in rates.sort_values("crossing").to_dict("records"):
        what = rate["what"]
        where = applies[what] & (country == rate["country"])
        if what == "toll":
            where &= (edge == rate["crossing"]) if rate["crossing"] else (mode == rate["mode"])
        parts[what][where] = rate["price"] * quantity[what][where]
        estimated |= where & (rate["confidence"] == "estimated")
        prices[where] += f"{rate['prices']}; "
    columns = np.column_stack([parts[what] for what in _PRICED])
    names = np.column_stack([country, country, edge])
    missing = [
        ";".join(f"{what}:{name}" for what, name, part in zip(_PRICED, of, row, strict=True) if part != part)
        for row, of in zip(columns, names, strict=True)
    ]
    return pd.DataFrame(
        {
            "cost": columns.sum(axis=1),
            "known": np.nansum(columns, axis=1),
            "missing": missing,
            "prices": prices,
            "estimated": estimated,
        },
        index=arcs.index,
    )


def total_cost(
    net: Network, vehicle: str, arcs: pd.DataFrame, *, missing: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the cost of a route with its unit and the years of its prices, keys `COST_COLUMNS`.

    ``cost`` is None if the rate of any part is missing; ``cost_missing`` then has the codes of what is
    missing, `missing` among them, and ``cost_at_least`` the sum of the rest.
    """
    costs = arc_costs(net, vehicle, arcs)
    codes = [*(code for cell in costs["missing"].unique() for code in cell.split(";") if code), *missing]
    known = round(float(costs["known"].sum()))
    return {
        "cost": None if codes else known,
        "cost_estimated": bool(costs["estimated"].any()),
        **_basis(priced_rates(net, vehicle), costs["prices"]),
        "cost_at_least": known if codes and known > 0 else None,
        "cost_missing": ";".join(dict.fromkeys(codes)),
    }


def cost_basis(net: Network, vehicle: str) -> dict[str, str]:
    """Return the unit of the sums of a vehicle and the years of its prices: ``cost_per``, ``cost_prices``.

    >>> import amurgeo as ag
    >>> cost_basis(ag.load(), "train")
    {'cost_per': 'container_40ft', 'cost_prices': '2003→2018'}
    """
    rates = priced_rates(net, vehicle)
    return _basis(rates, rates["prices"])


def _basis(rates: pd.DataFrame, prices: pd.Series) -> dict[str, str]:
    labels = {label for cell in prices.unique() for label in cell.split("; ") if label}
    return {"cost_per": ";".join(rates["per"].unique()), "cost_prices": "; ".join(sorted(labels))}


def lapsed_exchange(net: Network, vehicle: str, on: date) -> list[tuple[str, date]]:
    """Return the exchange rates that the sums of a vehicle need and that have lapsed on a date.

    >>> import amurgeo as ag
    >>> [unit for unit, _ in lapsed_exchange(ag.load(), "truck_20t", date(2027, 1, 1))]
    ['RUB/CNY']
    """
    rates = net.base["rates"]
    needed = {f"{net.border.currency}/{unit}" for unit in priced_rates(net, vehicle)["unit"]}
    old = rates[rates["unit"].isin(needed) & (rates["valid_until"] < pd.Timestamp(on))]
    return [(unit, until.date()) for unit, until in zip(old["unit"], old["valid_until"], strict=True)]
