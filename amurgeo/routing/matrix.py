"""Travel times between many places on one day, by the best way and by each open crossing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from amurgeo.errors import unknown_name_error
from amurgeo.network.snapping import locate_all
from amurgeo.routing import overlay
from amurgeo.routing.costs import arc_costs, crossing_arcs, land_arcs
from amurgeo.routing.engine import vehicle_network
from amurgeo.routing.shortest import Paths

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

Value = Literal["hours", "length_km", "cost_rub"]
#: What a matrix can hold.
VALUES: tuple[str, ...] = get_args(Value)


@dataclass(frozen=True)
class Matrix:
    """Travel times between origins and destinations in one state.

    Attributes
    ----------
    origins, destinations
        Place ids.
    seconds
        Seconds by the best way, origins by destinations; infinity where there is no way.
    first
        Position in ``arcs`` of the first crossing of the best way; -1 when none is crossed.
    by_arc
        Seconds of the best way whose first crossing is that arc, origins by destinations by arcs.
    arcs
        The border arcs; closed ones are never the first.
    """

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    seconds: np.ndarray
    first: np.ndarray
    by_arc: np.ndarray
    arcs: pd.DataFrame

    @property
    def hours(self) -> pd.DataFrame:
        """Hours as a frame, origins by destinations; NaN where there is no way."""
        hours = np.where(np.isfinite(self.seconds), self.seconds / 3600.0, np.nan)
        return pd.DataFrame(
            hours,
            index=pd.Index(self.origins, name="origin"),
            columns=pd.Index(self.destinations, name="destination"),
        )

    @property
    def crossing(self) -> pd.DataFrame:
        """Id of the first crossing of the best way; None where none is crossed."""
        ids = np.array([*self.arcs["edge"], None], dtype=object)
        # As objects: among text, pandas would make NaN of None.
        return pd.DataFrame(
            ids[self.first], index=list(self.origins), columns=list(self.destinations), dtype=object
        )


def solve(
    net: Network,
    state: State,
    vehicle: str,
    origins: Sequence[str],
    destinations: Sequence[str],
    *,
    border_h: Mapping[str, float] | None = None,
) -> Matrix:
    """Compute the travel times of one state exactly.

    Only crossings change with the state, so the distances over land between origins, destinations and the
    ends of the crossings are found once and the crossings are closed over in a small matrix.

    Parameters
    ----------
    net, state, vehicle
        Network, what is open, and the vehicle's id.
    origins, destinations
        Place ids.
    border_h
        Hours of border procedure by crossing that replace those of the table.
    """
    mine = vehicle_network(net, vehicle).during(state.open_seasons)
    costs = mine.costs(net, state, vehicle, border_h)
    solution = overlay.solve(mine.statics(origins, destinations).overlay, costs)
    same = np.equal.outer(np.array(origins, dtype=object), np.array(destinations, dtype=object))
    seconds = np.where(same, 0.0, _infinite(solution.seconds))
    first = np.where(same, -1, solution.first)
    return Matrix(
        tuple(origins),
        tuple(destinations),
        seconds,
        first,
        _infinite(solution.by_crossing).transpose(0, 2, 1),
        mine.border,
    )


def _infinite(seconds: np.ndarray) -> np.ndarray:
    """Seconds as floats, infinity where there is no way."""
    return np.where(seconds < overlay.INF, seconds.astype(float), np.inf)


def od_matrix(
    net: Network,
    origins: Iterable[str],
    destinations: Iterable[str],
    *,
    on: date | str | None = None,
    vehicle: str = "truck_20t",
    scenario: Scenario | str | None = None,
    border_h: Mapping[str, float] | None = None,
    value: Value = "hours",
) -> pd.DataFrame:
    """Return the hours between many places on one day, or the length or cost of the fastest ways.

    Parameters
    ----------
    net
        The network.
    origins, destinations
        Places by name or id, or points as ``"50.45,127.62"``; one named twice counts once.
    on
        The day; may be left out when the scenario has one of its own.
    vehicle
        Id of the vehicle.
    scenario
        Scenario, name or file.
    border_h
        Hours of border procedure by crossing that replace those of the table.
    value
        ``"hours"``; or of the fastest way ``"length_km"`` or ``"cost_rub"`` (roubles, as in `routes`).

    Returns
    -------
    DataFrame
        Hours, origins by destinations (place ids); border procedure and expected waits are in them; NaN
        where there is no way, or no source gives a rate. There and back differ.

    Raises
    ------
    InputError
        For an unknown place, vehicle, scenario or value, or an impossible day.

    Examples
    --------
    >>> import amurgeo as ag
    >>> hours = ag.od_matrix(ag.load(), ["Belogorsk"], ["Heihe"], on="2026-07-15")
    >>> hours.shape
    (1, 1)
    """
    if value not in VALUES:
        raise unknown_name_error("value", str(value), VALUES)
    net, (starts, ends) = locate_all(net, origins=origins, destinations=destinations)
    state = net.state(on, scenario=scenario)
    net = state.net
    solved = solve(net, state, vehicle, starts, ends, border_h=border_h).hours
    return solved if value == "hours" else _along(net, state, vehicle, solved, value, border_h)


def _along(
    net: Network,
    state: State,
    vehicle: str,
    hours: pd.DataFrame,
    value: Value,
    border_h: Mapping[str, float] | None,
) -> pd.DataFrame:
    """Sum the length or cost of the arcs of the fastest ways."""
    land = land_arcs(net, vehicle, open_seasons=state.open_seasons)
    arcs = pd.concat([land, crossing_arcs(net, state, vehicle, border_h=border_h)], ignore_index=True)
    each = (arcs if value == "length_km" else arc_costs(net, vehicle, arcs))[value].to_numpy(dtype=float)
    paths = Paths(arcs, hours.index)
    sums = [[float(each[paths.rows(start, end)].sum()) for end in hours.columns] for start in hours.index]
    return pd.DataFrame(sums, index=hours.index, columns=hours.columns).where(hours.notna())
