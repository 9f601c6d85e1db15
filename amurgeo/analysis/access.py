"""Access: hours from settlements to the centre, the railway and the border; days that cut them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import at_home, vehicle_id
from amurgeo.network.snapping import Places, locate_all
from amurgeo.results import ResultFrame
from amurgeo.routing.engine import vehicle_network
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.daily import refuse_regime, series, year_days
from amurgeo.seasons.evaluation import scenario_of

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Kinds of places that are settlements.
SETTLEMENTS = ("city", "town", "village")
_HOURS = ("to_centre_h", "to_railway_h", "to_crossing_h", "to_far_h")


def access(
    net: Network,
    year: int,
    *,
    vehicle: str | None = None,
    scenario: ScenarioLike = None,
    places: Places | None = None,
    centre: str | None = None,
) -> pd.DataFrame:
    """Return how long settlements take to reach what they need, and on how many days they are cut off.

    Parameters
    ----------
    net
        The network.
    year
        The year.
    vehicle
        Id of the vehicle; that of the dataset if omitted.
    scenario
        Scenario, name, file or inline changes; not a regime.
    places
        Settlements as in `od_matrix`; by default all of the home regions.
    centre
        Name or id of the town that all must reach; by default the largest of the home regions.

    Returns
    -------
    DataFrame
        One row per place and month: place, month, to_centre_h, to_railway_h (nearest place with a station),
        to_crossing_h (nearest open home crossing), to_far_h (far bank, control and waits included): medians
        of the days with a way, NaN if no day has one; crossing, the nearest on most days, None without one;
        days_cut, days without a way over land to the centre; people, inhabitants, NaN if unknown.

    Raises
    ------
    InputError
        If the year, a place, the vehicle or the scenario is invalid, or a vehicle goes by rail.

    Notes
    -----
    Settlements with the same ``crossing`` are its catchment: sets of settlements, never an area, so that
    none lies across a river. Hours are without the driver's rest.

    Examples
    --------
    >>> import amurgeo as ag
    >>> months = ag.access(ag.load(), 2026, places=["Ogodzha", "Tynda"])
    >>> months.groupby("place").days_cut.sum().gt(0).to_dict()
    {'ogodzha': True, 'tynda': False}
    """
    days = year_days(year)
    parsed, vehicle = scenario_of(net, scenario), vehicle_id(net, vehicle)
    refuse_regime(parsed)
    own = _settlements(net)
    if places is None and own.empty:
        raise InputError("the home regions have no settlement; give places=")
    town = own["population"].astype(float).fillna(0.0).idxmax() if centre is None else centre
    net, (starts, (town,)) = locate_all(
        net, places=list(own.index) if places is None else places, centre=[town]
    )
    run = series(net, parsed, days)
    stations = run.net.base["stations"]["place"]
    railway = [place for place in dict.fromkeys(stations) if place in run.net.base["places"].index]
    found = [_reach(run.net, state, vehicle, starts, [town, *railway]) for state in run.states]
    hours, crossings = (np.array([answer[i] for answer in found])[run.which] for i in range(2))
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    people = run.net.places["population"].reindex(starts).astype(float)
    rows = []
    for number, place in enumerate(starts):
        for name in range(1, 13):
            of_days = hours[month == name, number]
            near = pd.Series(crossings[month == name, number]).dropna()
            rows.append(
                {
                    "place": place,
                    "month": name,
                    **{column: _median(of_days[:, i]) for i, column in enumerate(_HOURS)},
                    "crossing": None if near.empty else near.mode().iloc[0],
                    "days_cut": int(np.isinf(of_days[:, 0]).sum()),
                    "people": people[place],
                }
            )
    return ResultFrame.of(pd.DataFrame(rows), run.net, run.unknown(vehicle))


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


def _reach(
    net: Network, state: State, vehicle: str, starts: list[str], ends: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the hours of one state, places by `_HOURS` infinity for no way, and nearest crossings."""
    network = vehicle_network(net, vehicle, state.roads)
    distances = network.distances(starts, ends, transit=False, drivers=2)
    costs = network.price(state)[0]
    n, n_ends, n_border = distances.n_origins, distances.n_destinations, distances.n_border
    land = distances.with_seasonal(costs)[:n]
    edge = network.border["edge"]
    # The first half of the arcs leaves the home side.
    leaves = at_home(net).reindex(edge).to_numpy(dtype=bool) & (np.arange(n_border) < n_border // 2)
    to_bank = np.where(leaves & np.isfinite(costs[:n_border]), land[:, n_ends:], np.inf)
    over = to_bank + costs[:n_border]
    nearest = to_bank.argmin(axis=1)
    railway = land[:, 1:n_ends].min(axis=1, initial=np.inf)
    found = np.column_stack([land[:, 0], railway, to_bank.min(axis=1), over.min(axis=1)])
    crossings = edge.to_numpy(dtype=object)[nearest]
    crossings[~np.isfinite(found[:, 2])] = None
    return found / 3600.0, crossings
