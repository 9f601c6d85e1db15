"""Exits of a place, over the border or by sea, and the dependence on those over the border."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import goes_by_rail, vehicle_id, vehicle_row
from amurgeo.network.snapping import Place, locate
from amurgeo.results import Result
from amurgeo.routing.costs import TRANSFER_H, usable_days
from amurgeo.routing.engine import ShortestPaths
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.money import COST_COLUMNS, total_cost
from amurgeo.routing.rest import check_drivers
from amurgeo.routing.route import Route
from amurgeo.routing.routes import route_along
from amurgeo.seasons.daily import series, year_days
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import Day, in_language, translate

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network
    from amurgeo.scenario import ScenarioLike
    from amurgeo.seasons.daily import States
    from amurgeo.seasons.state import State

#: Columns of ``Exits.frame``; ``cost`` is named by the currency, for instance ``cost_rub``.
COLUMNS = (
    "kind", "crossing", "status", "reason", "length_km", "hours", *COST_COLUMNS, "estimated_share",
)  # fmt: skip
#: Probabilities of being open from which a day surely, or possibly, counts as open.
SURE, POSSIBLE = 0.9, 0.1


@dataclass(frozen=True, eq=False)
class Exits(Result):
    """The exits of one place on one day.

    Attributes
    ----------
    origin
        Place id.
    state
        State of the crossings.
    vehicle
        Id of the vehicle.
    frame
        One row per exit, usable ones first, by hours: kind (id of the far side, or sea), crossing, status,
        reason, length_km, hours (over the border, control, wait and rest included; or to the port), cost (as
        ``cost_rub``) and estimated_share.
    dependence
        Measures of the dependence of the place's home region on exits over the border, for this vehicle: each
        has value, low, high, unit and formula.
    not_included
        Ways out that the dataset does not have, in words.
    """

    origin: str
    state: State
    vehicle: str
    frame: pd.DataFrame
    dependence: dict[str, Any]
    not_included: str = ""

    def __repr__(self) -> str:
        n_usable = int(counts_as_open(self.frame["status"]).sum())
        counts = f"{n_usable} of {len(self.frame)} usable"
        return f"Exits({self.origin}, {self.state.on.isoformat()}, {self.vehicle}: {counts})"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Crossings whose status is unknown, and which count as closed."""
        return tuple(self.frame.index[self.frame["status"] == "unknown"])

    def to_frame(self) -> pd.DataFrame:
        """Return ``frame`` with the id of the exit as a column."""
        return self.frame.reset_index()

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return `to_frame` with the near ends of crossings and the ports as a GeoDataFrame in EPSG:4326."""
        import geopandas as gpd

        tables, points = self.state.net.base, self.state.net.places.geometry
        places = pd.concat([tables["crossings"]["from"], tables["ports"]["place"]])
        at = points.reindex(places.reindex(self.frame.index)).to_numpy()
        return gpd.GeoDataFrame(self.to_frame(), geometry=at, crs=points.crs)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        rows = self.frame.reset_index().astype(object)
        return {
            "origin": self.origin,
            "on": self.state.on.isoformat(),
            "vehicle": self.vehicle,
            "scenario": self.state.scenario.name,
            "exits": rows.where(rows.notna(), None).to_dict("records"),
            "dependence": self.dependence,
            "not_included": self.not_included or None,
            "unknown": list(self.unknown),
            "record_until": self.state.record_until.isoformat(),
        }


def exits(
    net: Network,
    place: Place,
    *,
    on: Day | None = None,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    assume: str | None = None,
    drivers: int = 1,
    lang: str = "en",
) -> Exits:
    """Return the exits of a place by road or rail, over the border or by sea.

    Parameters
    ----------
    net
        The network.
    place
        A place on the home side, by name, or a point as ``"50.45,127.62"``.
    on
        The date; optional if the scenario has a date of its own.
    vehicle
        Id of the vehicle, that of the dataset if omitted; a train leaves by rail.
    scenario, assume, drivers
        As in `amurgeo.routes`.
    lang
        Language of the definitions.

    Returns
    -------
    Exits
        ``frame`` has one row per exit; costs are unknown where a fare or port charge is. ``dependence`` has
        the measures below.

    Raises
    ------
    InputError
        If a place, vehicle, scenario or date is invalid, the place is on the far side, or no service is
        unknown for `assume`.

    Notes
    -----
    With d_i the days of the year on which the vehicle can use exit i of the home region, and s_i = d_i /
    sum(d): ``share`` is the sum of s_i over exits over the border, ``hhi`` the Herfindahl-Hirschman index,
    the sum of s_i^2 over all of them (Hirschman 1964, The American Economic Review 54, 761), and ``days_cut``
    the days on which none over the border can be used. Their ``low`` and ``high`` count a day as open from a
    probability of 0.9 or 0.1. ``detour_h`` and ``detour_rub`` are the extra hours and money from the place to
    the nearest seaport instead of the nearest usable exit over the border, on the date. Hours include the
    rest of one driver; their range is the root of the sum of squares of what each estimate moves: border
    control, waits, speeds and handling in the port. ``share_of_tonnage`` is the share of the recorded
    tonnage.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.exits(ag.load(), "Blagoveshchensk", on="2018-11-10")
    >>> found.frame.loc["kani_kurgan:bridge", "status"]
    'closed'
    >>> found.dependence["share"]["value"]
    1.0
    """
    vehicle = vehicle_id(net, vehicle)
    net, start, _ = locate(net, place)
    if net.nodes.at[start, "side"] != "home":
        raise InputError(
            f"the place is invalid: '{place}' is on the far side; expected a place on the home side"
        )
    given, state = net, net.state(on, scenario=scenario, assume=assume)
    exits_ = _exits(state, vehicle, start, check_drivers(drivers))
    found = pd.DataFrame(exits_, columns=["id", *COLUMNS, "route"]).set_index("id")
    rows, routes = found.drop(columns="route"), found["route"]
    rows = rows.rename(columns={"cost": net.border.cost})
    # Closed exits have no hours and come last.
    frame = rows.sort_values(["hours", "length_km"], na_position="last")
    measures = _dependence(given, state, vehicle, frame, start, routes)
    for name, measure in measures.items():
        formula = "detour_cost" if name == f"detour_{net.border.currency.lower()}" else name
        measure["formula"] = translate(f"formula.{formula}", lang)
    return Exits(start, state, vehicle, frame, measures, in_language(net.border.other_exits, lang) or "")


def _exits(state: State, vehicle: str, start: str, drivers: int) -> Iterator[tuple[Any, ...]]:
    """Yield the crossings that admit the vehicle, open or closed, and the seaports that it can reach."""
    net, state_graph = state.net, StateGraph(state, vehicle, drivers=drivers)
    network, graph, border = state_graph.network, state_graph.graph, state_graph.network.border
    (origin,) = network.nodes([start]).tolist()
    paths = ShortestPaths(graph, state_graph.land_seconds, [origin])
    admitted = state.admitted(vehicle)
    status = state.crossings["status"].xs(vehicle_row(net, vehicle)["traffic"], level="traffic")
    outward = (net.nodes["side"].reindex(border["tail"]) == "home").to_numpy()
    for arc, crossing in border.loc[outward, "edge"].items():
        path = paths.arcs(origin, int(graph.tail[graph.n_static + arc]))
        if path and admitted.at[crossing, "admits"]:
            usable = admitted.at[crossing, "usable"]
            route = _route(state_graph, [*path, graph.n_static + arc], origin)
            arcs = route.arcs
            # Unlike in routes, the drive over the border does not count as estimated.
            arcs.loc[len(path), "estimated_h"] -= (
                border.at[arc, "drive_h"] * border.at[arc, "drive_estimated"]
            )
            sums = _sums(route, usable=usable)
            shown = status[crossing] if usable or status[crossing] == "unknown" else "closed"
            yield crossing, net.border.far.id, crossing, shown, admitted.at[crossing, "reason"], *sums, route
    by_rail = goes_by_rail(net, vehicle)
    handled = _handling(net, vehicle)["handling_h"]
    for port, row in net.base["ports"].iterrows():
        to_station = by_rail and row["station"] in network.names
        (node,) = network.nodes([row["station"] if to_station else row["place"]]).tolist()
        path = paths.arcs(origin, node) if node >= 0 else []
        if path or node == origin:
            handling_h = float(handled[port])
            transfer_h = TRANSFER_H if by_rail else handling_h
            charge = f"port:{port}"
            route = _route(state_graph, path, origin)
            sums = _sums(route, transfer_h=transfer_h, missing=(charge,))
            reason = "in_season" if transfer_h else "without_handling"
            yield port, "sea", None, "open", reason, *sums, route


def _route(state_graph: StateGraph, path: list[int], origin: int) -> Route:
    """Return the route to an exit, with the rest of its driver."""
    state_graph.set_rest(origin, int(state_graph.graph.head[path[-1]]) if path else origin)
    return route_along(state_graph, path)


def _sums(
    route: Route, *, transfer_h: float = 0.0, usable: bool = True, missing: tuple[str, ...] = ()
) -> tuple[Any, ...]:
    """Return length, hours (None if closed), the values of `total_cost` and the estimated share."""
    arcs, hours = route.arcs, route.seconds / 3600.0 + transfer_h
    moving_h = hours - route.rest_s / 3600.0
    estimated_h = float(arcs["estimated_h"].sum()) + transfer_h
    return (
        round(float(arcs["length_km"].sum()), 1),
        round(hours, 2) if usable else None,
        *total_cost(route.net, route.vehicle, arcs, missing=missing).values(),
        round(min(1.0, estimated_h / moving_h), 3) if moving_h else 0.0,
    )


def _dependence(
    net: Network, state: State, vehicle: str, frame: pd.DataFrame, start: str, routes: pd.Series
) -> dict[str, Any]:
    """Return the measures of dependence on exits over the border, by name, without their formulas."""
    tables, region = state.net.base, state.net.nodes["region"]
    home = net.border.home.regions
    own_regions = home if region[start] in (*home, "") else (region[start],)
    of_checkpoint = tables["crossings"]["checkpoint"].map(tables["checkpoints"]["region"])
    at = pd.concat([of_checkpoint, tables["ports"]["place"].map(region)])
    own = frame[at.reindex(frame.index).isin(own_regions).to_numpy()]
    over, sea = (own.index[(own["kind"] == "sea") == by_sea] for by_sea in (False, True))
    run = series(net, replace(state.scenario, regime=None, day=None), year_days(state.on.year))
    figures = indices(open_days(run, vehicle, over), len(sea))
    return {
        "share": {**figures["share"], "unit": "share", "exits": [*over, *sea], "regions": list(own_regions)},
        "share_of_tonnage": _tonnage(state, over, sea),
        "hhi": {**figures["hhi"], "unit": "index"},
        **_detour(state, vehicle, frame, routes),
        "days_cut": {**figures["days_cut"], "unit": "days", "year": state.on.year},
    }


def indices(days: Sequence[np.ndarray], n_sea: int) -> dict[str, dict[str, Any]]:
    """Return share, index and days cut off, each as value, low and high.

    `days` are ways out by days as `open_days` returns them; seaports work all days.
    """
    shares, concentrations, cut = [], [], []
    for is_open in days:
        weights = np.array([*is_open.sum(axis=1), *[is_open.shape[1]] * n_sea], dtype=float)
        total = weights.sum()
        shares.append(round(float(weights[: len(is_open)].sum() / total), 3) if total else None)
        concentrations.append(round(float(((weights / total) ** 2).sum()), 3) if total else None)
        cut.append(int((~is_open.any(axis=0)).sum()))
    return {"share": _range(shares), "hhi": _range(concentrations), "days_cut": _range(cut)}


def _range(values: list[Any]) -> dict[str, Any]:
    """Return the first value, and the lowest and highest of all."""
    known = [value for value in values if value is not None]
    bounds = {"low": min(known, default=None), "high": max(known, default=None)}
    return {"value": values[0], **bounds}


def open_days(run: States, vehicle: str, exits: pd.Index) -> tuple[np.ndarray, ...]:
    """Return on which days the checkpoints of exits can be used, as checkpoints by days.

    Crossings of one checkpoint, which take turns, are one way out. Once as in the states, once from P(open)
    of `SURE`, once from `POSSIBLE`. A day of unknown status counts as closed in the first two and as open in
    the last.
    """
    usable, taken = (usable_days(run, vehicle, list(exits), if_open=either) for either in (False, True))
    by_crossing = run.probability_open(str(vehicle_row(run.net, vehicle)["traffic"]))
    p_open = np.array([by_crossing[exit_] for exit_ in exits], dtype=float).reshape(usable.shape)
    possible = usable | (taken & ((p_open >= POSSIBLE) | np.isnan(p_open)))
    of, checkpoints = pd.factorize(run.net.base["crossings"]["checkpoint"].reindex(exits))
    at = of == np.arange(len(checkpoints))[:, None]
    return tuple((at @ days) for days in (usable, usable & (p_open >= SURE), possible))


def _tonnage(state: State, over: pd.Index, sea: pd.Index) -> dict[str, Any]:
    """Return the share of the recorded tonnage of exits that crosses the border."""
    flows = state.net.base["flows"]
    flows = flows[flows["exit"].isin([*over, *sea])]
    # The tonnage of a part of the year is brought to a year, but for crossings that work in a season only.
    mode = state.net.base["crossings"]["mode"].reindex(flows["exit"]).to_numpy()
    in_season = np.isin(mode, ["ice_road", "ferry", "pontoon"])
    yearly = flows["tonnes"].where(in_season, flows["tonnes"] * 12.0 / flows["months"])
    total = yearly.sum()
    # A side whose tonnage nobody recorded has an unknown share, not none.
    recorded = all(not len(side) or flows["exit"].isin(side).any() for side in (over, sea))
    share = round(float(yearly[flows["exit"].isin(over)].sum() / total), 3) if total and recorded else None
    years = sorted({int(year) for year in flows["year"]})
    return {"value": share, "low": None, "high": None, "unit": "share", "years": years}


def _detour(state: State, vehicle: str, frame: pd.DataFrame, routes: pd.Series) -> dict[str, dict[str, Any]]:
    """Return the extra hours and money to the nearest seaport instead of the nearest exit over the border."""
    currency, cost = state.net.border.currency, state.net.border.cost
    usable = frame[counts_as_open(frame["status"])].sort_values("hours")
    over, sea = usable[usable["kind"] != "sea"], usable[usable["kind"] == "sea"]
    hours: dict[str, Any] = dict.fromkeys(("value", "low", "high"))
    extra, least = None, None
    if len(over) and len(sea):
        value = float(sea["hours"].iloc[0] - over["hours"].iloc[0])
        handled = _handling(state.net, vehicle).loc[sea.index[0]]
        moves = _moves(routes[sea.index[0]], routes[over.index[0]])
        moves.append(tuple(handled[end] - handled["handling_h"] for end in handled.index[1:]))
        below, above = (math.hypot(*(end(0.0, *move) for move in moves)) for end in (min, max))
        hours = {"value": value, "low": value - below, "high": value + above}
        hours = {end: round(h, 2) for end, h in hours.items()}
        known, at_least = (pd.to_numeric(sea[name]).iloc[0] for name in (cost, "cost_at_least"))
        spent = pd.to_numeric(over[cost]).iloc[0]
        extra = None if np.isnan(known - spent) else round(float(known - spent))
        least = None if np.isnan(at_least - spent) else round(float(at_least - spent))
    ends = {"from": over.index[0] if len(over) else None, "to": sea.index[0] if len(sea) else None}
    money = {"value": extra, "low": extra if least is None else least, "high": extra, "unit": currency}
    return {
        "detour_h": {**hours, "unit": "h", **ends},
        f"detour_{currency.lower()}": {**money, **ends},
    }


def _moves(route: Route, other: Route) -> list[tuple[float, ...]]:
    """Return by how many hours each estimate moves the difference of two routes, to its low and high end."""
    return [
        tuple(
            sum(
                sign * one.estimates[key].shift(share)
                for sign, one in ((1, route), (-1, other))
                if key in one.estimates
            )
            for share in (-1.0, 1.0)
        )
        for key in {**route.estimates, **other.estimates}
    ]


def _handling(net: Network, vehicle: str) -> pd.DataFrame:
    """Return the hours of handling at the ports: value, lowest, highest; 0 where unknown or not needed.

    The change from train to truck at a port is `TRANSFER_H`, so only cargo by road is handled.
    """
    columns = ["handling_h", "handling_low_h", "handling_high_h"]
    handled = net.base["ports"][columns].fillna(0.0)
    by_road = not goes_by_rail(net, vehicle) and vehicle_row(net, vehicle)["traffic"] == "cargo"
    return handled * float(by_road)


def gini(hours: Any, people: Any) -> float:
    """Return the Gini coefficient of hours over people: half the mean difference of two people by the mean.

    0 if all have the same hours, towards 1 if few have all; NaN without hours or people. The measure of
    Delbosc and Currie (2011), https://doi.org/10.1016/j.jtrangeo.2011.02.008, for hours.

    >>> gini([2.0, 2.0], [100, 300]), gini([0.0, 4.0], [100, 100])
    (0.0, 0.5)
    """
    hours, people = np.asarray(hours, dtype=float), np.asarray(people, dtype=float)
    total = people.sum() * (hours * people).sum()
    if not total > 0:
        return np.nan
    apart = np.abs(hours[:, None] - hours) * people[:, None] * people
    return float(apart.sum() / (2.0 * total))
