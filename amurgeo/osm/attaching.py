"""Places and terminals of the dataset put onto nodes of OpenStreetMap, by bank and by class of road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from amurgeo.osm.lines import on_sphere

#: A point is moved at most that many km.
MOVE_KM = 5.0
#: A road between towns is taken instead of a street when it is at most that much farther, km.
DETOUR_TO_MAIN_KM = 1.0
#: Roads joined to less than this share of a bank's nodes are islands, to which nothing is attached.
ISLAND_SHARE = 0.2
#: Candidates looked at when the nearest node is taken already.
_NEIGHBOURS = 12


@dataclass(frozen=True)
class Nodes:
    """What attaching needs to know of the nodes.

    Attributes
    ----------
    lon, lat
        Degrees.
    country
        Bank of each node.
    usable
        Whether an all-year road passes it that belongs to no island.
    main
        Whether a road between towns passes it.
    """

    lon: np.ndarray
    lat: np.ndarray
    country: np.ndarray
    usable: np.ndarray
    main: np.ndarray


def mainland(tail: np.ndarray, head: np.ndarray, country: np.ndarray) -> np.ndarray:
    """Tell which nodes are joined to a good part of their bank's roads.

    Parameters
    ----------
    tail, head
        Segments of ordinary roads.
    country
        Bank of each node.

    Examples
    --------
    >>> banks = np.array(["RU"] * 11)
    >>> mainland(np.arange(8), np.arange(1, 9), banks).tolist()[-3:]
    [True, False, False]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(country)
    # The graph functions of scipy number nodes in 32 bits, older ones take nothing else.
    ends = tail.astype(np.int32), head.astype(np.int32)
    graph = coo_array((np.ones(len(tail), dtype=np.int8), ends), shape=(n, n))
    _, part = connected_components(graph, directed=False)
    size = np.bincount(part)
    on_road = np.zeros(n, dtype=bool)
    on_road[tail] = on_road[head] = True
    good = np.zeros(n, dtype=bool)
    for bank in np.unique(country):
        mine = on_road & (country == bank)
        sizes = size[part[mine]]
        if len(sizes):
            # A lone pier or yard must not draw places away from the town's roads.
            good |= mine & (size[part] >= min(sizes.max(), ISLAND_SHARE * mine.sum()))
    return good


def attach(
    points: pd.DataFrame, nodes: Nodes, *, taken: Sequence[int] = (), prefer_main: bool = True
) -> pd.DataFrame:
    """Put points onto the nearest nodes of their own bank.

    Parameters
    ----------
    points
        lat, lon and country, by id; points earlier in the frame choose first.
    nodes
        The nodes.
    taken
        Nodes that are no longer free.
    prefer_main
        Take a road between towns rather than a street when it is hardly farther.

    Returns
    -------
    DataFrame
        By id of the points that were attached: node, moved_km, how.
    """
    from scipy.spatial import KDTree

    used = set(taken)
    rows: dict[str, tuple[int, float, str]] = {}
    for bank in sorted(set(points["country"])):
        mine = points[points["country"] == bank]
        spots = on_sphere(mine["lon"].to_numpy(), mine["lat"].to_numpy())
        choices = []
        for wanted in (nodes.usable & nodes.main, nodes.usable):
            at = np.flatnonzero(wanted & (nodes.country == bank))
            if not len(at):
                choices.append((at, np.full((len(mine), 1), np.inf), np.zeros((len(mine), 1), dtype=int)))
                continue
            tree = KDTree(on_sphere(nodes.lon[at], nodes.lat[at]))
            away, which = tree.query(spots, k=min(_NEIGHBOURS, len(at)), distance_upper_bound=MOVE_KM)
            choices.append((at, away.reshape(len(mine), -1), which.reshape(len(mine), -1)))
        for row, id_ in enumerate(mine.index):
            free = [_first_free(*choice, row, used) for choice in choices]
            main, anything = free
            if anything is None:
                continue
            on_main = main is not None and prefer_main and main[1] <= anything[1] + DETOUR_TO_MAIN_KM
            node, km = main if on_main and main is not None else anything
            used.add(node)
            rows[str(id_)] = (node, km, "nearest main road" if on_main else "nearest road")
    return _frame({id_: rows[id_] for id_ in points.index if id_ in rows})


def _frame(rows: Mapping[str, tuple[int, float, str]]) -> pd.DataFrame:
    nodes, away, how = zip(*rows.values(), strict=True) if rows else ((), (), ())
    return pd.DataFrame(
        {
            "node": np.array(nodes, dtype=np.int64),
            "moved_km": np.array(away, dtype=float),
            "how": np.array(how, dtype=object),
        },
        index=pd.Index(list(rows), dtype=object),
    )


def _first_free(
    at: np.ndarray, away: np.ndarray, which: np.ndarray, row: int, used: set[int]
) -> tuple[int, float] | None:
    for km, position in zip(away[row].tolist(), which[row].tolist(), strict=True):
        if np.isfinite(km) and int(at[position]) not in used:
            return int(at[position]), km
    return None


def attach_terminals(
    terminals: pd.DataFrame,
    nodes: Nodes,
    landings: Mapping[str, int],
    points: Mapping[int, str],
    modes: Mapping[str, frozenset[str]],
    *,
    taken: Sequence[int] = (),
) -> pd.DataFrame:
    """Put terminals onto border controls, landings of crossing ways, ferry terminals or roads, in this order.

    Parameters
    ----------
    terminals
        lat, lon and country, by id.
    nodes
        The nodes.
    landings
        Node at which a crossing way of the terminal lands on its bank.
    points
        ``border_control`` and ``ferry_terminal`` by node.
    modes
        How one crosses from each terminal: a cableway has no border control on a road.
    taken
        Nodes that are no longer free.

    Returns
    -------
    DataFrame
        By id of the terminals that were attached: node, moved_km, how.
    """
    rows: dict[str, tuple[int, float, str]] = {}
    used = set(taken)
    special = {
        kind: np.array(sorted(node for node, what in points.items() if what == kind), dtype=int)
        for kind in ("border_control", "ferry_terminal")
    }
    for id_ in terminals.index:
        terminal = terminals.loc[id_]
        mine = modes.get(id_, frozenset())
        spot = on_sphere(np.array([terminal["lon"]]), np.array([terminal["lat"]]))
        landing = landings.get(id_)
        centre = spot if landing is None else on_sphere(nodes.lon[[landing]], nodes.lat[[landing]])
        choice, how = None, "border control"
        if mine - {"cableway", "rail"}:
            choice = _nearest(special["border_control"], centre, terminal["country"], nodes, used)
        if choice is None and landing is not None and landing not in used:
            choice, how = landing, "landing of the way over the border"
        if choice is None and mine & {"ferry", "hovercraft"}:
            choice = _nearest(special["ferry_terminal"], centre, terminal["country"], nodes, used)
            how = "ferry terminal"
        if choice is not None:
            used.add(choice)
            km = float(np.linalg.norm(on_sphere(nodes.lon[[choice]], nodes.lat[[choice]]) - spot))
            rows[str(id_)] = (choice, km, how)
    rest = attach(terminals.drop(index=list(rows)), nodes, taken=tuple(used), prefer_main=False)
    return pd.concat([_frame(rows), rest])


def _nearest(
    candidates: np.ndarray, centre: np.ndarray, country: str, nodes: Nodes, used: set[int]
) -> int | None:
    mine = np.array(
        [node for node in candidates.tolist() if nodes.country[node] == country and node not in used],
        dtype=int,
    )
    if not len(mine):
        return None
    away = np.linalg.norm(on_sphere(nodes.lon[mine], nodes.lat[mine]) - centre, axis=1)
    return int(mine[away.argmin()]) if away.min() <= MOVE_KM else None
