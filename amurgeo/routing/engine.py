"""The exact seasonal engine applied to a network: which arcs of a vehicle never change, and which do.

A network with few seasonal roads is prepared once for all states. A large area of OpenStreetMap may have
thousands, too many for a matrix between them; such a network is prepared once for every set of open seasons,
with the open roads among those that never change and without the closed ones. Both give the same times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from amurgeo.network import vehicle_row
from amurgeo.routing.costs import crossing_arcs, land_arcs
from amurgeo.routing.overlay import INF
from amurgeo.routing.statics import Arcs, SeasonalGraph, Statics, prepare

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Prepared terminals that are remembered for a vehicle; enough for both directions of several questions.
REMEMBERED = 16
#: With more seasonal arcs than that, a network is prepared for each set of open seasons.
FEW_SEASONAL = 600
#: Sets of open seasons whose networks are remembered: those of two scenarios, day after day.
REMEMBERED_SETS = 2


@dataclass(frozen=True, eq=False)
class VehicleNetwork:
    """A network as one vehicle meets it.

    Attributes
    ----------
    names
        Place ids; their positions number the nodes.
    arcs
        All arcs in the numbering of the engine: the unchanging ones, then every border crossing in either
        direction, then the seasonal roads.
    season
        Season key of each seasonal road.
    n_static, n_border
        How many arcs never change, and how many cross the border.
    """

    names: pd.Index
    arcs: pd.DataFrame
    season: np.ndarray
    n_static: int
    n_border: int
    _prepared: dict[tuple[tuple[str, ...], tuple[str, ...]], Statics] = field(default_factory=dict)
    _folded: dict[frozenset[str], VehicleNetwork] = field(default_factory=dict)

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

    def kind(self, open_seasons: frozenset[str]) -> frozenset[str]:
        """Return what tells the networks of states apart: nothing, where seasonal roads are few."""
        return open_seasons & frozenset(self.season) if len(self.season) > FEW_SEASONAL else frozenset()

    def during(self, open_seasons: frozenset[str]) -> VehicleNetwork:
        """Return the network on which states with just these seasons open are solved.

        Parameters
        ----------
        open_seasons
            Season keys of the seasonal roads that are open.
        """
        if len(self.season) <= FEW_SEASONAL:
            return self
        mine = self.kind(open_seasons)
        # The one asked for last is forgotten last.
        self._folded[mine] = self._folded.pop(mine) if mine in self._folded else self._fold(mine)
        while len(self._folded) > REMEMBERED_SETS:
            self._folded.pop(next(iter(self._folded)))
        return self._folded[mine]

    def _fold(self, opened: frozenset[str]) -> VehicleNetwork:
        variable = self.n_static + self.n_border
        added = variable + np.flatnonzero(np.isin(self.season, list(opened)))
        order = np.concatenate([np.arange(self.n_static), added, np.arange(self.n_static, variable)])
        arcs = self.arcs.take(order).reset_index(drop=True)
        return VehicleNetwork(self.names, arcs, self.season[:0], self.n_static + len(added), self.n_border)

    def statics(self, origins: Sequence[str], destinations: Sequence[str]) -> Statics:
        """Return the distances over the unchanging part between places, remembered between questions."""
        key = (tuple(origins), tuple(destinations))
        if key not in self._prepared:
            if len(self._prepared) >= REMEMBERED:
                self._prepared.pop(next(iter(self._prepared)))
            ends = (self.names.get_indexer(list(places)) for places in key)
            self._prepared[key] = prepare(self.graph, *ends)
        return self._prepared[key]

    def costs(
        self, net: Network, state: State, vehicle: str, border_h: Mapping[str, float] | None = None
    ) -> np.ndarray:
        """Return the seconds on every arc that changes, in a state; the engine's `INF` on closed ones.

        Parameters
        ----------
        net, state, vehicle
            Network, what is open, and the vehicle's id.
        border_h
            Hours of border procedure by crossing that replace those of the table.
        """
        usable = crossing_arcs(net, state, vehicle, border_h=border_h)
        costs = np.full(len(self.arcs) - self.n_static, INF, dtype=np.int32)
        costs[self._numbers(usable)] = usable["seconds"].to_numpy()
        open_roads = np.isin(self.season, list(state.open_seasons))
        roads = self.arcs["seconds"].to_numpy()[self.n_static + self.n_border :]
        costs[self.n_border :][open_roads] = roads[open_roads]
        return costs

    def priced(
        self, net: Network, state: State, vehicle: str, border_h: Mapping[str, float] | None = None
    ) -> pd.DataFrame:
        """Return all arcs with what they take in a state.

        Parameters
        ----------
        net, state, vehicle
            Network, what is open, and the vehicle's id.
        border_h
            Hours of border procedure by crossing that replace those of the table.
        """
        usable = crossing_arcs(net, state, vehicle, border_h=border_h)
        rows = self.n_static + self._numbers(usable)
        arcs = self.arcs.copy()
        for column in ("seconds", "drive_h", "border_h", "wait_h", "length_km", "estimated_h"):
            values = arcs[column].to_numpy(copy=True)
            values[rows] = usable[column].to_numpy()
            arcs[column] = values
        return arcs

    def _numbers(self, usable: pd.DataFrame) -> np.ndarray:
        """Numbers of border arcs."""
        ends = zip(self.border["edge"], self.border["tail"], strict=True)
        number = {end: position for position, end in enumerate(ends)}
        return np.array([number[key] for key in zip(usable["edge"], usable["tail"], strict=True)], dtype=int)


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
        made[vehicle] = _vehicle_network(net, vehicle)
    return made[vehicle]


def _vehicle_network(net: Network, vehicle: str) -> VehicleNetwork:
    seasons = net.edges["season"]
    every = land_arcs(net, vehicle, open_seasons=frozenset(seasons.unique()) - {""})
    season = seasons.reindex(every["edge"]).fillna("").to_numpy(dtype=object)
    changes = season != ""
    border = _border_arcs(net, vehicle)
    arcs = pd.concat([every[~changes], border, every[changes]], ignore_index=True)
    names = pd.Index(pd.unique(pd.concat([arcs["tail"], arcs["head"], net.nodes.index.to_series()])))
    return VehicleNetwork(names, arcs, season[changes], int((~changes).sum()), len(border))


def _border_arcs(net: Network, vehicle: str) -> pd.DataFrame:
    """Every crossing that serves the vehicle's kind of traffic, either way; priced only by a state."""
    traffic = vehicle_row(net, vehicle)["traffic"]
    crossings = net.base["crossings"]
    mine = crossings.loc[[id_ for id_ in crossings.index if (id_, traffic) in net.base["services"].index]]
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
