"""The exact seasonal engine applied to a network: which arcs of a vehicle never change, and which do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from amurgeo.costs import crossing_arcs, land_arcs, vehicle_row
from amurgeo.routing.overlay import INF
from amurgeo.routing.statics import Arcs, SeasonalGraph, Statics, prepare

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Prepared terminals that are remembered for a vehicle; enough for both directions of several questions.
REMEMBERED = 16


class VehicleNetwork:
    """A network as one vehicle meets it.

    Parameters
    ----------
    net
        The network.
    vehicle
        Id of the vehicle.

    Attributes
    ----------
    names
        Place ids; their positions number the nodes.
    arcs
        All arcs in the numbering of the engine: the unchanging ones, then every border crossing in either
        direction, then the seasonal roads.
    """

    def __init__(self, net: Network, vehicle: str) -> None:
        seasons = net.edges["season"]
        every = land_arcs(net, vehicle, open_seasons=frozenset(seasons) - {""})
        season = seasons.reindex(every["edge"]).fillna("").to_numpy()
        border = _border_arcs(net, vehicle)
        self.season = season[season != ""]
        self.arcs = pd.concat([every[season == ""], border, every[season != ""]], ignore_index=True)
        self.n_static, self.n_border = int((season == "").sum()), len(border)
        self.names = pd.Index(
            pd.unique(pd.concat([self.arcs["tail"], self.arcs["head"], net.nodes.index.to_series()]))
        )
        self._prepared: dict[tuple[tuple[str, ...], tuple[str, ...]], Statics] = {}

    @cached_property
    def graph(self) -> SeasonalGraph:
        """The arcs as the engine takes them."""
        parts = np.split(np.arange(len(self.arcs)), [self.n_static, self.n_static + self.n_border])
        return SeasonalGraph(len(self.names), *(self._arcs(self.arcs.iloc[part]) for part in parts))

    def _arcs(self, frame: pd.DataFrame) -> Arcs:
        tail, head = (self.names.get_indexer(frame[column]) for column in ("tail", "head"))
        return Arcs(tail, head, frame["seconds"].to_numpy(), frame["edge"].to_numpy(dtype=object))

    @cached_property
    def border(self) -> pd.DataFrame:
        """The border arcs; their positions are the engine's numbers of the crossings."""
        return self.arcs.iloc[self.n_static : self.n_static + self.n_border].reset_index(drop=True)

    def statics(self, origins: Sequence[str], destinations: Sequence[str]) -> Statics:
        """Return the distances over the unchanging part between places, remembered between questions."""
        key = (tuple(origins), tuple(destinations))
        if key not in self._prepared:
            if len(self._prepared) >= REMEMBERED:
                self._prepared.pop(next(iter(self._prepared)))
            ends = (self.names.get_indexer(list(places)) for places in key)
            self._prepared[key] = prepare(self.graph, *ends)
        return self._prepared[key]

    def priced(
        self, net: Network, state: State, vehicle: str, border_h: Mapping[str, float] | None = None
    ) -> tuple[np.ndarray, pd.DataFrame]:
        """Return what the arcs cost in a state.

        Parameters
        ----------
        net, state, vehicle
            Network, what is open, and the vehicle's id.
        border_h
            Hours of border procedure by crossing that replace those of the table.

        Returns
        -------
        costs
            Seconds on every arc that changes; the engine's `INF` on closed ones.
        arcs
            All arcs with what they take in the state.
        """
        usable = crossing_arcs(net, state, vehicle, border_h=border_h)
        number = {
            (edge, tail): position
            for position, (edge, tail) in enumerate(
                zip(self.border["edge"], self.border["tail"], strict=True)
            )
        }
        rows = np.array([number[key] for key in zip(usable["edge"], usable["tail"], strict=True)], dtype=int)
        costs = np.full(len(self.arcs) - self.n_static, INF, dtype=np.int32)
        costs[rows] = usable["seconds"].to_numpy()
        open_roads = np.isin(self.season, list(state.open_seasons))
        costs[self.n_border :][open_roads] = self.arcs["seconds"].to_numpy()[self.n_static + self.n_border :][
            open_roads
        ]
        arcs = self.arcs.copy()
        for column in ("seconds", "drive_h", "border_h", "wait_h", "length_km", "estimated_h"):
            values = arcs[column].to_numpy(copy=True)
            values[self.n_static + rows] = usable[column].to_numpy()
            arcs[column] = values
        return costs, arcs


_NETWORKS: WeakKeyDictionary[Network, dict[str, VehicleNetwork]] = WeakKeyDictionary()


def vehicle_network(net: Network, vehicle: str) -> VehicleNetwork:
    """Return the network of a vehicle; made once, since the tables never change.

    Examples
    --------
    >>> import amurgeo as ag
    >>> mine = vehicle_network(ag.load(), "truck_20t")
    >>> mine.n_border == len(mine.border)
    True
    """
    made = _NETWORKS.setdefault(net, {})
    if vehicle not in made:
        vehicle_row(net, vehicle)
        made[vehicle] = VehicleNetwork(net, vehicle)
    return made[vehicle]


def _border_arcs(net: Network, vehicle: str) -> pd.DataFrame:
    """Every crossing that serves the vehicle's kind of traffic, either way; priced only by a state."""
    traffic = vehicle_row(net, vehicle)["traffic"]
    crossings = net.tables["crossings"]
    mine = crossings.loc[[id_ for id_ in crossings.index if (id_, traffic) in net.tables["services"].index]]
    known = mine[mine["from"].isin(net.nodes.index) & mine["to"].isin(net.nodes.index)]
    parts = [
        pd.DataFrame(
            {
                "edge": known.index,
                "tail": known[tail].to_numpy(),
                "head": known[head].to_numpy(),
                "length_km": known["length_km"].to_numpy(),
            }
        )
        for tail, head in (("from", "to"), ("to", "from"))
    ]
    return pd.concat(parts, ignore_index=True).assign(
        seconds=1, drive_h=0.0, border_h=0.0, wait_h=0.0, estimated_h=0.0
    )
