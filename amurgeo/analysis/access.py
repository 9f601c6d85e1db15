"""Access: hours from settlements to what they need, days cut off, who gains by a change, and catchments."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from amurgeo.analysis import GOALS
from amurgeo.analysis.days import LOST_DAY_H
from amurgeo.analysis.exits import gini
from amurgeo.errors import InputError, check_number, shorten, unknown_name_error
from amurgeo.network import at_home, vehicle_id
from amurgeo.network.edges import PIECE
from amurgeo.network.snapping import Places, locate_all
from amurgeo.results import ResultFrame
from amurgeo.routing.engine import ShortestPaths, vehicle_network
from amurgeo.routing.ranges import two_digits
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.daily import period_scenario, series, year_days
from amurgeo.seasons.evaluation import scenario_of
from amurgeo.seasons.state import state as state_on
from amurgeo.text import check_language, large_text, name_of, number_text, translate

if TYPE_CHECKING:
    import folium

    from amurgeo.network import Network
    from amurgeo.seasons.state import State
    from amurgeo.text import Day

#: Kinds of places that are settlements.
SETTLEMENTS = ("city", "town", "village")
#: Hours at which catchments are cut into bands.
BANDS = (1.0, 2.0, 4.0, 8.0)
_MOST_H = 10_000.0
#: Change of hours below which a settlement neither gains nor loses: a minute.
_CHANGE_H = 1 / 60


class _Year(NamedTuple):
    """A year under a scenario: its first state; by day and place hours to all goals, nearest crossings."""

    net: Network
    state: State
    days: np.ndarray
    people: pd.Series
    hours: np.ndarray
    crossings: np.ndarray
    unknown: tuple[str, ...]


class AccessFrame(ResultFrame):
    """Hours from settlements to what they need, by month; ``state`` is that of the first day."""

    _metadata = [*ResultFrame._metadata, "state"]  # noqa: RUF012

    def map(self, *, lang: str = "en") -> folium.Map:
        """Draw the settlements; see `amurgeo.maps.access_map`."""
        import amurgeo

        return amurgeo.maps.access_map(self, lang=lang)


class EquityFrame(ResultFrame):
    """Settlements that gain and lose by a change, those who lose most first."""

    @property
    def summary(self) -> dict[str, float]:
        """People who lose and gain, their hours × people, and Gini coefficients of hours before and after.

        ``concentration`` is the coefficient of the changes: 0 if all people change alike, towards 1 if it
        falls on few. Settlements of unknown size are left out and counted in ``unsized``; a sum is NaN if
        settlements lose, or gain, and the size of none is known.
        """
        sized = self[self["people"] > 0]
        change, people = sized["change_h"], sized["people"]
        sums = {}
        for key, sign in (("lose", 1), ("gain", -1)):
            # Without any, the sum is zero; with unknown ones only, it is unknown.
            rows, least = sized[sign * change > 0], int((sign * self["change_h"] > 0).any())
            sums[key] = float(rows["people"].sum(min_count=least))
            sums[f"{key}_people_h"] = float(rows["people_h"].abs().sum(min_count=least))
        return {
            **{name: sums[name] for name in ("lose", "gain", "lose_people_h", "gain_people_h")},
            "gini_base": gini(sized["base_h"], people),
            "gini_alt": gini(sized["alt_h"], people),
            "concentration": gini(change.abs(), people),
            "unsized": float(len(self) - len(sized)),
        }

    @property
    def changed(self) -> pd.Series:
        """Whether a settlement has other hours on average, or other days without a way."""
        return (self["change_h"] != 0) | (self["base_cut"] != self["alt_cut"])

    def sentences(self, lang: str = "en") -> list[str]:
        """Return who loses, who gains, and how unequal hours are before and after."""
        lang, sums = check_language(lang), self.summary
        if not self.changed.any():
            return [translate("equity.none", lang)]
        found = []
        for key, sign in (("lose", 1), ("gain", -1)):
            rows = self[sign * self["change_h"] > 0]
            if rows.empty:
                continue
            most = rows.loc[rows["change_h"].abs().idxmax()]
            place = name_of(self.net.nodes.loc[most["place"]], lang)
            values = {"n": len(rows), "place": place, "days": ""}
            if most["base_cut"] or most["alt_cut"]:
                cut = {"base": int(most["base_cut"]), "alt": int(most["alt_cut"])}
                values["days"] = translate("equity.days", lang, **cut)
            hours = number_text(abs(most["change_h"]), lang, digits=1)
            found.append(translate(f"equity.{key}", lang, hours=hours, **values))
            if np.isnan(sums[key]):
                found.append(translate("equity.unknown_people", lang))
            else:
                texts = {key: number_text(sums[key], lang, digits=0)}
                texts[f"{key}_people_h"] = large_text(two_digits(sums[f"{key}_people_h"]), lang)
                found.append(translate(f"equity.{key}_people", lang, **texts))
        cut_only = self[self.changed & (self["change_h"] == 0)]
        if len(cut_only):
            most = cut_only.loc[(cut_only["alt_cut"] - cut_only["base_cut"]).abs().idxmax()]
            values = {"place": name_of(self.net.nodes.loc[most["place"]], lang), "n": len(cut_only)}
            cut = {"base": int(most["base_cut"]), "alt": int(most["alt_cut"])}
            found.append(translate("equity.cut_only", lang, **values, **cut))
        if not np.isnan(sums["gini_alt"]):
            numbers = ("gini_base", "gini_alt", "concentration")
            texts = {name: number_text(sums[name], lang, digits=2) for name in numbers}
            share = texts.pop("concentration")
            texts["changes"] = ""
            if not np.isnan(sums["concentration"]):
                texts["changes"] = translate("equity.changes", lang, concentration=share)
            found.append(translate("equity.gini", lang, **texts))
        if sums["unsized"]:
            found.append(translate("equity.unsized", lang, n=int(sums["unsized"])))
        return found


def access(
    net: Network,
    year: int,
    *,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    places: Places | None = None,
    centre: str | None = None,
) -> AccessFrame:
    """Return how long settlements take to reach what they need, and on how many days they are cut off.

    Parameters
    ----------
    net, year
        The network and the year.
    vehicle, scenario
        As in `amurgeo.routes`, but no regime.
    places
        Settlements as in `od_matrix`; by default all of the home regions.
    centre
        Name or id of the town that all must reach; by default the largest of the home regions.

    Returns
    -------
    DataFrame
        One row per place and month: place, month, to_centre_h, to_hospital_h (nearest town of the table
        ``hospitals``), to_railway_h (nearest place with a station), to_crossing_h (nearest open home
        crossing), to_far_h (far bank, control and waits included): medians of the days with a way, NaN if no
        day has one; crossing, the nearest on most days, None without one; days_cut, days without a way over
        land to the centre; people, inhabitants, NaN if unknown.

    Raises
    ------
    InputError
        If the year, a place, the vehicle or the scenario is invalid.

    Notes
    -----
    Hours are without the driver's rest. Settlements with the same ``crossing`` are its catchment; see
    `catchments`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> months = ag.access(ag.load(), 2026, places=["Ogodzha", "Tynda"])
    >>> months.groupby("place").days_cut.sum().gt(0).to_dict()
    {'ogodzha': True, 'tynda': False}
    """
    found = _year(net, year, vehicle, scenario, places, centre)
    of_month = found.days.astype("datetime64[M]").astype(int) % 12 + 1
    rows = []
    for (number, (place, people)), month in product(enumerate(found.people.items()), range(1, 13)):
        hours = found.hours[of_month == month, number]
        near = pd.Series(found.crossings[of_month == month, number]).dropna()
        medians = {f"to_{goal}_h": _median(hours[:, i]) for i, goal in enumerate(GOALS)}
        crossing = None if near.empty else near.mode().iloc[0]
        days_cut = int(np.isinf(hours[:, 0]).sum())
        about = {"crossing": crossing, "days_cut": days_cut, "people": people}
        rows.append({"place": place, "month": month, **medians, **about})
    result = AccessFrame.of(pd.DataFrame(rows), found.net, found.unknown)
    result.state = found.state
    return result


def equity(
    net: Network,
    year: int,
    *,
    scenario: ScenarioLike,
    base: ScenarioLike = None,
    to: str = "centre",
    vehicle: str | None = None,
    places: Places | None = None,
    centre: str | None = None,
) -> EquityFrame:
    """Return which settlements gain and lose by a change, in hours × people.

    Parameters
    ----------
    net, year
        The network and the year.
    scenario
        The change: scenario, name, file or inline changes; not a regime.
    base
        What it is compared with; the base case if omitted.
    to
        What settlements must reach: ``centre``, ``hospital``, ``railway``, ``crossing`` or ``far``.
    vehicle, places, centre
        As in `access`.

    Returns
    -------
    EquityFrame
        One row per settlement, those who lose most first: place, people (NaN if unknown), base_h and alt_h,
        hours on the average day, change_h, people_h (change × people), base_cut and alt_cut, days without a
        way. ``summary`` has the sums, ``sentences()`` say them.

    Raises
    ------
    InputError
        If an argument is invalid.

    Notes
    -----
    A day without a way counts as one of 24 hours, so that losing a way of 6 hours costs 18; `criticality`
    adds 24 hours. A way of more than 24 hours counts with its hours: to be cut off then counts as less than
    the long way, and ``base_cut`` and ``alt_cut`` tell both apart. A change of less than a minute is none.
    Inequality is measured by the Gini coefficient (`gini`).

    Examples
    --------
    >>> import amurgeo as ag
    >>> change = ag.Scenario("shut", changes=[ag.close("koboldo--ogodzha", "2026-12-01", "2026-12-20")])
    >>> table = ag.equity(ag.load(), 2026, scenario=change, places=["Ogodzha", "Tynda"])
    >>> table.loc[table["alt_cut"] > table["base_cut"], "place"].tolist()
    ['ogodzha']
    """
    if to not in GOALS:
        raise unknown_name_error("goal", str(to), GOALS)
    both = [_year(net, year, vehicle, one, places, centre) for one in (base, scenario)]
    daily = [one.hours[:, :, GOALS.index(to)] for one in both]
    cut = [(~np.isfinite(hours)).sum(axis=0) for hours in daily]
    base_h, alt_h = (np.where(np.isfinite(hours), hours, LOST_DAY_H).mean(axis=0) for hours in daily)
    change = np.where(np.abs(alt_h - base_h) < _CHANGE_H, 0.0, alt_h - base_h)
    people = both[1].people
    frame = pd.DataFrame(
        {
            "place": people.index,
            "people": people.to_numpy(),
            "base_h": base_h,
            "alt_h": alt_h,
            "change_h": change,
            "people_h": change * people.to_numpy(),
            "base_cut": cut[0],
            "alt_cut": cut[1],
        }
    )
    frame = frame.sort_values(["people_h", "change_h"], ascending=False, kind="stable", ignore_index=True)
    unknown = dict.fromkeys(both[0].unknown + both[1].unknown)
    return EquityFrame.of(frame, both[1].net, unknown)


def catchments(
    net: Network,
    *,
    on: Day | None = None,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    bands: Sequence[float] = BANDS,
) -> ResultFrame:
    """Return the settlements and roads from which each open home crossing is the nearest, by hours.

    Parameters
    ----------
    net
        The network.
    on, vehicle, scenario
        As in `amurgeo.routes`.
    bands
        Ascending hours; what is farther than the last is in the band of infinity.

    Returns
    -------
    DataFrame
        One row per settlement and road that reaches a crossing: crossing, kind (``settlement`` or ``road``),
        element (id), hours to the home bank, of a road from its farther end; band, the first of the hours
        that is not exceeded; people, inhabitants of a settlement.

    Raises
    ------
    InputError
        If the date, the vehicle, the scenario or a band is invalid.

    Notes
    -----
    A catchment is a set of settlements and of roads, reached over the roads that are open on the day. It is
    no area and includes no crossing of the border, so that no part of it lies across the river. A road whose
    ends have different nearest crossings belongs to none. Parallel crossings of a checkpoint share a bank:
    the first in the order of the table has the catchment.

    Examples
    --------
    >>> import amurgeo as ag
    >>> sets = ag.catchments(ag.load(), on="2026-02-10")
    >>> sets.set_index("element").crossing[["belogorsk", "poyarkovo"]].tolist()
    ['kani_kurgan:bridge', 'poyarkovo:ice_road']
    """
    given = list(bands) if isinstance(bands, Sequence | np.ndarray) else [bands]
    limits = np.array([check_number("bands", band, 0.0, _MOST_H, above=True) for band in given])
    if not len(limits) or not (np.diff(limits) > 0).all():
        raise InputError(f"bands is invalid: {shorten(bands)}; expected ascending positive hours")
    vehicle, parsed = vehicle_id(net, vehicle), scenario_of(net, scenario)
    state = state_on(net, on, scenario=parsed)
    net, network = state.net, vehicle_network(state.net, vehicle, state.roads)
    graph, costs = network.graph, network.price(state)[0]
    opened = np.flatnonzero(_leaves(net, network) & np.isfinite(costs[: graph.n_border]))
    crossing = network.border["edge"].to_numpy(dtype=object)[opened]
    seconds = graph.all_seconds(np.append(np.full(graph.n_border, np.inf), costs[graph.n_border :]))
    banks = graph.tail[graph.border][opened]
    paths = ShortestPaths(graph, seconds, banks.tolist(), reverse=True)
    hours = np.array([paths.all_seconds(bank) for bank in banks]).reshape(len(opened), graph.n_nodes) / 3600.0
    nearest, closest = np.full(graph.n_nodes, -1), np.full(graph.n_nodes, np.inf)
    if len(opened):
        closest = hours.min(axis=0)
        nearest = np.where(np.isfinite(closest), hours.argmin(axis=0), -1)
    settlements = _settlements(net)
    at = network.nodes(settlements.index)
    land = np.r_[: graph.n_static, graph.border.stop : len(graph.tail)]
    land = land[np.isfinite(seconds[land]) & (nearest[graph.tail[land]] == nearest[graph.head[land]])]
    rows = [
        pd.DataFrame(
            {"node": at, "kind": "settlement", "element": settlements.index, "hours": closest[at]}
        ).assign(people=settlements["population"].to_numpy(dtype=float)),
        pd.DataFrame(
            {
                "node": graph.tail[land],
                "kind": "road",
                "element": [str(id_).partition(PIECE)[0] for id_ in network.edges[land]],
                "hours": np.maximum(closest[graph.tail[land]], closest[graph.head[land]]),
            }
        ),
    ]
    frame = pd.concat(rows, ignore_index=True)
    frame = frame[nearest[frame["node"]] >= 0]
    # Both directions, and the pieces of a road.
    frame = frame.sort_values("hours", ascending=False).drop_duplicates(["kind", "element"])
    frame = frame.assign(
        crossing=crossing[nearest[frame["node"]]],
        band=np.append(limits, np.inf)[np.searchsorted(limits, frame["hours"])],
    )
    frame = frame.sort_values(["crossing", "kind", "hours", "element"], ignore_index=True)
    columns = ["crossing", "kind", "element", "hours", "band", "people"]
    return ResultFrame.of(frame[columns], net, state.unknown(vehicle))


def _year(
    net: Network,
    year: int,
    vehicle: str | None,
    scenario: ScenarioLike,
    places: Places | None,
    centre: str | None,
) -> _Year:
    """Return the hours from settlements to all goals on every day of a year."""
    days = year_days(year)
    parsed, vehicle = period_scenario(net, scenario), vehicle_id(net, vehicle)
    own = _settlements(net)
    if places is None and own.empty:
        raise InputError("the home regions have no settlement; give places=")
    town = own["population"].astype(float).fillna(0.0).idxmax() if centre is None else centre
    net, (starts, (town,)) = locate_all(
        net, places=list(own.index) if places is None else places, centre=[town]
    )
    run = series(net, parsed, days)
    known, groups = run.net.base["places"].index, [[town]]
    for table in ("hospitals", "stations"):
        groups.append([one for one in run.net.base[table]["place"].unique() if one in known])
    found = [_reach(run.net, state, vehicle, starts, groups) for state in run.states]
    hours, crossings = (np.array([answer[i] for answer in found])[run.which] for i in range(2))
    people = run.net.places["population"].reindex(starts).astype(float)
    return _Year(run.net, run.states[0], days, people, hours, crossings, run.unknown(vehicle))


def _settlements(net: Network) -> pd.DataFrame:
    """Return the settlements of the home regions."""
    places = net.base["places"]
    found: pd.DataFrame = places[
        places["kind"].isin(SETTLEMENTS) & places["region"].isin(net.border.home.regions)
    ]
    return found


def _median(hours: np.ndarray) -> float:
    reached = hours[np.isfinite(hours)]
    return float(np.median(reached)) if len(reached) else np.nan


def _leaves(net: Network, network: Any) -> np.ndarray:
    """Return which border arcs leave the home side by a home crossing: these are among the first half."""
    edge = network.border["edge"]
    home: np.ndarray = at_home(net).reindex(edge).to_numpy(dtype=bool)
    return home & (np.arange(len(edge)) < len(edge) // 2)


def _reach(
    net: Network, state: State, vehicle: str, starts: list[str], groups: list[list[str]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the hours of one state, places by `GOALS`, infinity for no way, and nearest crossings."""
    network = vehicle_network(net, vehicle, state.roads)
    distances = network.distances(starts, [*chain(*groups)], transit=False, drivers=2)
    costs = network.price(state)[0]
    n, n_ends, n_border = distances.n_origins, distances.n_destinations, distances.n_border
    land = distances.with_seasonal(costs)[:n]
    to_bank = np.where(_leaves(net, network) & np.isfinite(costs[:n_border]), land[:, n_ends:], np.inf)
    over = to_bank + costs[:n_border]
    goals = np.split(land[:, :n_ends], np.cumsum([len(group) for group in groups[:-1]]), axis=1)
    found = np.column_stack([goal.min(axis=1, initial=np.inf) for goal in (*goals, to_bank, over)])
    crossings = network.border["edge"].to_numpy(dtype=object)[to_bank.argmin(axis=1)]
    crossings[~np.isfinite(found[:, GOALS.index("crossing")])] = None
    return found / 3600.0, crossings
