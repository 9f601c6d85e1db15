"""Graph of a state for networkx and OSMnx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from amurgeo.routing.costs import crossing_arcs, land_arcs
from amurgeo.seasons.state import State

if TYPE_CHECKING:
    import networkx as nx


def graph(state: State, *, vehicle: str = "truck_20t") -> nx.MultiDiGraph:
    """Return the part of the network that a vehicle can use on the day.

    Parameters
    ----------
    state
        State of the crossings on the day.
    vehicle
        Id of the vehicle.

    Returns
    -------
    networkx.MultiDiGraph
        Valid for OSMnx; edges carry ``seconds`` (control and expected wait included), ``length_km``,
        ``length`` in metres and ``crossing`` (the id, or None).
    """
    import networkx as nx

    base = state.net.graph
    graph = nx.MultiDiGraph(**base.graph)
    graph.add_nodes_from(base.nodes(data=True))
    drawn = {(u, v, data["id"]): data for u, v, data in base.edges(data=True)}
    arcs = crossing_arcs(state.net, state, vehicle).assign(is_crossing=True)
    land = land_arcs(state.net, vehicle, open_seasons=state.open_seasons).assign(is_crossing=False)
    for arc in pd.concat([land, arcs]).itertuples():
        common = drawn.get(
            (arc.tail, arc.head, arc.edge),
            {"osmid": arc.edge, "id": arc.edge, "length": arc.length_km * 1000.0},
        )
        graph.add_edge(
            arc.tail,
            arc.head,
            **{**common, "length_km": float(arc.length_km)},
            seconds=int(arc.seconds),
            crossing=arc.edge if arc.is_crossing else None,
        )
    return graph
