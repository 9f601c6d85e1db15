"""Two states held side by side: services by crossing, and pairs of places with times and ways left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import OBLAST
from amurgeo.routing.matrix import Matrix, solve

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Below both, a change of time is none.
SAME_H, SAME_PCT = 0.1, 1.0


def own_open(net: Network, state: State, traffic: str) -> int:
    """Count the oblast's own crossings that are open for a kind of traffic."""
    return count_own(net, state.crossings, "status", traffic)


def count_own(net: Network, crossings: pd.DataFrame, status: str, traffic: str) -> int:
    """Count the rows of one kind of traffic, at checkpoints of the oblast, whose status is not closed.

    Parameters
    ----------
    net
        The network.
    crossings
        Services by crossing and traffic, with their checkpoint.
    status
        Name of the column of the status.
    traffic
        Kind of traffic.
    """
    region = net.base["checkpoints"]["region"]
    mine = crossings[crossings.index.get_level_values("traffic") == traffic]
    return int(((mine[status] != "closed") & (region.reindex(mine["checkpoint"]).to_numpy() == OBLAST)).sum())


def crossing_changes(base: State, alt: State) -> pd.DataFrame:
    """Hold the services of two states side by side, by crossing and traffic.

    Raises
    ------
    InputError
        When the states do not hold the same crossings: an empty or partial join is never silent.
    """
    one, two = base.crossings, alt.crossings
    index = one.index.append(two.index.difference(one.index))
    if len(one.index.intersection(two.index)) == 0:
        raise InputError(
            f"'{base.scenario.name}' and '{alt.scenario.name}' have no crossing in common; "
            "compare scenarios of one dataset"
        )
    one, two = one.reindex(index), two.reindex(index)
    return pd.DataFrame(
        {
            "alternative": alt.scenario.name,
            "checkpoint": one["checkpoint"].fillna(two["checkpoint"]),
            "mode": one["mode"].fillna(two["mode"]),
            # A crossing that only one of them has is closed in the other.
            "base_status": one["status"].fillna("closed"),
            "alt_status": two["status"].fillna("closed"),
            "base_reason": one["reason"].fillna("not_yet_open"),
            "alt_reason": two["reason"].fillna("not_yet_open"),
        }
    )


def pair_changes(
    net: Network,
    base: State,
    alt: State,
    vehicle: str,
    starts: list[str],
    ends: list[str],
    stretch: float,
    border_h: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Hold the pairs of two states side by side, there and back.

    Parameters
    ----------
    net
        The network.
    base, alt
        The states.
    vehicle
        Id of the vehicle.
    starts, ends
        Place ids; pairs are taken in both directions.
    stretch
        A way counts as left while it takes at most that multiple of the pair's best base time.
    border_h
        Hours of border procedure by crossing that replace those of the table.

    Returns
    -------
    DataFrame
        One row per pair: origin, destination, alternative, base_h, alt_h, delta_h, delta_pct, change,
        base_crossing, alt_crossing, and the ways left, all (``ways``) and the oblast's own (``ways_oblast``).
    """
    frames = []
    for origins, destinations in ((starts, ends), (ends, starts)):
        one = solve(base.net, base, vehicle, origins, destinations, border_h=border_h)
        two = solve(alt.net, alt, vehicle, origins, destinations, border_h=border_h)
        limit = stretch * np.where(np.isfinite(one.seconds), one.seconds, two.seconds)
        ways = {
            side: ways_left(state.net, matrix, limit)
            for side, state, matrix in (("base", base, one), ("alt", alt, two))
        }
        base_h, alt_h = one.hours.to_numpy().ravel(), two.hours.to_numpy().ravel()
        grid = pd.MultiIndex.from_product([origins, destinations], names=["origin", "destination"])
        frames.append(
            pd.DataFrame(
                {
                    "origin": grid.get_level_values(0),
                    "destination": grid.get_level_values(1),
                    "alternative": alt.scenario.name,
                    "base_h": base_h,
                    "alt_h": alt_h,
                    "delta_h": alt_h - base_h,
                    "delta_pct": 100.0
                    * np.divide(alt_h - base_h, base_h, out=np.full(len(base_h), np.nan), where=base_h > 0),
                    "base_crossing": one.crossing.to_numpy().ravel(),
                    "alt_crossing": two.crossing.to_numpy().ravel(),
                    **{
                        f"{side}_{name}": values.ravel()
                        for side, found in ways.items()
                        for name, values in found.items()
                    },
                }
            )
        )
    pairs = pd.concat(frames, ignore_index=True)
    pairs = pairs[pairs["origin"] != pairs["destination"]].reset_index(drop=True)
    pairs.insert(7, "change", classify(pairs["base_h"], pairs["alt_h"]))
    return pairs


def classify(base_h: pd.Series, alt_h: pd.Series) -> np.ndarray:
    """Name the change of each pair.

    Parameters
    ----------
    base_h, alt_h
        Hours; NaN where there is no way.

    Returns
    -------
    array of str
        ``gained``, ``lost``, ``slower``, ``faster``, or ``same`` (less than 0.1 h and less than 1 %, or no
        way in either).

    Examples
    --------
    >>> base, alt = pd.Series([5.0, np.nan, 5.0, 10.0, 10.0]), pd.Series([np.nan, 5.0, 5.02, 10.5, 9.0])
    >>> classify(base, alt).tolist()
    ['lost', 'gained', 'same', 'slower', 'faster']
    """
    delta = (alt_h - base_h).to_numpy()
    small = (np.abs(delta) < SAME_H) & (100.0 * np.abs(delta) < SAME_PCT * base_h.to_numpy())
    lost, gained = base_h.notna() & alt_h.isna(), base_h.isna() & alt_h.notna()
    neither = base_h.isna() & alt_h.isna()
    return np.select(
        [lost, gained, neither | small, delta > 0], ["lost", "gained", "same", "slower"], "faster"
    )


def ways_left(net: Network, matrix: Matrix, limit: np.ndarray) -> dict[str, np.ndarray]:
    """Count the open crossings by which each pair stays within a limit, all and the oblast's own.

    Parameters
    ----------
    net
        The network.
    matrix
        Travel times of a state.
    limit
        Seconds, origins by destinations.
    """
    near = matrix.by_arc <= limit[:, :, None]
    crossings = matrix.arcs["edge"].to_numpy()
    checkpoint = net.base["crossings"]["checkpoint"]
    region = net.base["checkpoints"]["region"]
    shape = near.shape[:2]
    counts = {"ways": np.zeros(shape, dtype=int), "ways_oblast": np.zeros(shape, dtype=int)}
    for crossing in dict.fromkeys(crossings):
        usable = near[:, :, crossings == crossing].any(axis=2)
        counts["ways"] += usable
        if region[checkpoint[crossing]] == OBLAST:
            counts["ways_oblast"] += usable
    return counts
