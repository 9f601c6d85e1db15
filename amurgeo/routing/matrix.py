"""Travel times between many places on one day, by the best way and by each open crossing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.costs import crossing_arcs, land_arcs
from amurgeo.routing.shortest import Paths

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State


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
        The open border arcs.
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
        ids = np.append(self.arcs["edge"].to_numpy(dtype=object), None)
        return pd.DataFrame(ids[self.first], index=list(self.origins), columns=list(self.destinations))


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
    arcs = crossing_arcs(net, state, vehicle, border_h=border_h)
    land = land_arcs(net, vehicle, open_seasons=state.open_seasons)
    heads, tails = arcs["head"].tolist(), arcs["tail"].tolist()
    starts = [*origins, *heads]
    row = {start: position for position, start in enumerate(dict.fromkeys(starts))}
    between = Paths(land, row).matrix([*destinations, *tails])[[row[start] for start in starts]]
    n, m = len(origins), len(destinations)
    direct, to_tail = between[:n, :m], between[:n, m:]
    from_head, head_tail = between[n:, :m], between[n:, m:]
    cost = arcs["seconds"].to_numpy(dtype=float)
    # rest[c, d]: from the head of arc c to d, crossing again as often as it pays.
    rest = from_head.copy()
    for _ in range(len(arcs)):
        again = (
            (head_tail[:, :, None] + (cost[:, None] + rest)[None, :, :]).min(axis=1) if len(arcs) else rest
        )
        better = np.minimum(rest, again)
        if np.array_equal(better, rest):
            break
        rest = better
    by_arc = to_tail[:, None, :] + (cost[:, None] + rest).T[None, :, :]
    best = np.concatenate([by_arc, direct[:, :, None]], axis=2)
    pick = best.argmin(axis=2)
    seconds = np.take_along_axis(best, pick[:, :, None], axis=2)[:, :, 0]
    first = np.where((pick == len(arcs)) | ~np.isfinite(seconds), -1, pick)
    same = np.array(
        [[origin == destination for destination in destinations] for origin in origins], dtype=bool
    ).reshape(n, m)
    return Matrix(
        tuple(origins),
        tuple(destinations),
        np.where(same, 0.0, seconds),
        np.where(same, -1, first),
        by_arc,
        arcs,
    )


def od_matrix(
    net: Network,
    origins: Iterable[str],
    destinations: Iterable[str],
    *,
    on: date | str | None = None,
    vehicle: str = "truck_20t",
    scenario: Scenario | str | None = None,
    border_h: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return the hours between many places on one day.

    Parameters
    ----------
    net
        The network.
    origins, destinations
        Places by name or id.
    on
        The day; may be left out when the scenario has one of its own.
    vehicle
        Id of the vehicle.
    scenario
        Scenario, name or file.
    border_h
        Hours of border procedure by crossing that replace those of the table.

    Returns
    -------
    DataFrame
        Hours, origins by destinations (place ids); border procedure and expected waits are in them; NaN
        where there is no way. There and back differ.

    Examples
    --------
    >>> import amurgeo as ag
    >>> hours = ag.od_matrix(ag.load(), ["Belogorsk"], ["Heihe"], on="2026-07-15")
    >>> hours.shape
    (1, 1)
    """
    state = net.state(on, scenario=scenario)
    net = state.net
    return solve(
        net,
        state,
        vehicle,
        [net.find(name) for name in origins],
        [net.find(name) for name in destinations],
        border_h=border_h,
    ).hours
