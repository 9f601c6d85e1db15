"""The edges between the nodes of a network, from its tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

_EDGE_COLUMNS = ["kind", "from_place", "to_place", "mode", "ref", "class", "surface", "length_km", "season"]
_EDGE_COLUMNS += ["estimated", "status", "opened", "source", "oneway", "toll", "max_mass_t", "traffic"]
#: Kinds of edges that a scenario can change one by one.
LAND = ("road", "railway")
#: Between the id of a road that is split at a point and the ends of a piece.
PIECE = "//"
_TEXT_COLUMNS = ["ref", "class", "surface", "season", "status"]


def edge_table(base: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every edge between two nodes, by id; see ``Network.edges``."""
    roads, crossings = ends(base, "roads"), ends(base, "crossings")
    rail = ends(base, "railways").rename(columns={"line": "ref", "kind": "class"})
    parts = (
        roads.assign(kind="road", mode="road", estimated=_estimated(roads, "length_source", "confidence")),
        access_roads(base).assign(kind="road", mode="road"),
        rail.assign(kind="railway", mode="rail", surface="rail", estimated=_estimated(rail, "length_source")),
        transfers(base).assign(kind="transfer", mode="transfer"),
        crossings.assign(
            kind="crossing", estimated=_estimated(crossings, "confidence"), **{"class": crossings["mode"]}
        ),
    )
    edges = pd.concat([part.reindex(columns=_EDGE_COLUMNS) for part in parts])
    return edges.assign(
        **{name: edges[name].fillna("").astype(object) for name in _TEXT_COLUMNS},
        oneway=edges["oneway"].eq(True),
        toll=edges["toll"].eq(True),
        max_mass_t=edges["max_mass_t"].astype(float),
        traffic=edges["traffic"].astype(object).where(edges["traffic"].notna(), "both"),
    )


class RoadState(NamedTuple):
    """Keys of the open seasons of roads, and changes of single edges: id, action, value (tonnes, km/h)."""

    seasons: frozenset[str] = frozenset()
    edits: frozenset[tuple[str, str, float]] = frozenset()


def edited(edges: pd.DataFrame, roads: RoadState) -> pd.DataFrame:
    """Return the edges that can be used, with their changes; those of a road hold for its pieces too.

    A change of speed adds the columns ``speed_factor`` and ``speed_kmh``, NaN where the usual speed holds.
    """
    seasonal = edges["season"] != ""
    is_open = ~seasonal | edges["season"].isin(roads.seasons)
    if not roads.edits:
        return edges[is_open]
    edges = edges.assign(speed_factor=float("nan"), speed_kmh=float("nan"))
    closed = pd.Series(False, index=edges.index)
    for id_, action, value in sorted(roads.edits):
        here = (edges.index == id_) | edges.index.str.startswith(id_ + PIECE)
        if action == "close":
            closed |= here
        elif action == "open":
            edges.loc[here, "season"] = ""
            is_open |= here
        elif action == "limit_t":
            edges.loc[here, "max_mass_t"] = edges.loc[here, "max_mass_t"].fillna(value).clip(upper=value)
        else:
            edges.loc[here, action] = value
    return edges[is_open & ~closed]


def ends(base: Mapping[str, pd.DataFrame], table: str) -> pd.DataFrame:
    """Return a table of edges with its ends as from_place and to_place."""
    return base[table].rename(columns={"from": "from_place", "to": "to_place"})


def access_roads(base: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the roads from places to their terminals."""
    terminals = base["terminals"]
    roads = terminals[["place", "access_class", "access_km", "source"]].assign(
        to_place=terminals.index, surface="asphalt", estimated=_estimated(terminals, "confidence")
    )
    columns = {"place": "from_place", "access_class": "class", "access_km": "length_km"}
    return roads.rename(columns=columns).set_axis(terminals["place"] + "--" + terminals.index)


def transfers(base: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the edges of no length between places and their transshipment yards."""
    stations = base["stations"]
    yards = stations[stations["transshipment"] & (stations["place"] != "")]
    edges = yards[["place", "source"]].rename(columns={"place": "from_place"})
    edges = edges.assign(to_place=yards.index, length_km=0.0, estimated=True)
    return edges.set_axis(yards["place"] + "--" + yards.index)


def _estimated(frame: pd.DataFrame, *columns: str) -> pd.Series:
    return frame[list(columns)].eq("estimated").any(axis=1)
