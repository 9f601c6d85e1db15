"""Two scenarios over a period: days open, first opening, last closing, days lost and days slower."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.comparison.pairs import SAME_H, SAME_PCT, ways_left
from amurgeo.routing.matrix import Matrix, solve

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.daily import Series


def crossing_days(base: Series, alt: Series) -> pd.DataFrame:
    """Count the days on which each service is open, in both scenarios.

    Parameters
    ----------
    base, alt
        The states of the same period.

    Returns
    -------
    DataFrame
        By crossing and traffic: base_days, alt_days, base_first_open, base_last_close, first_open and
        last_close (of the alternative), ISO days or None; ``last_close`` is the first day closed again, None
        while it is open on the last day. base_status and alt_status are ``open`` or ``closed`` when that
        holds on every day, else ``limited``.
    """
    first, second = base.states[0].crossings, alt.states[0].crossings
    index = first.index.append(second.index.difference(first.index))
    one, two = (_open_by_day(series, index) for series in (base, alt))
    known = first.reindex(index).fillna(second.reindex(index)[["checkpoint", "mode"]])
    frame = pd.DataFrame(
        {
            "alternative": alt.states[0].scenario.name,
            "checkpoint": known["checkpoint"],
            "mode": known["mode"],
            "base_days": one.sum(axis=0),
            "alt_days": two.sum(axis=0),
        },
        index=index,
    )
    for prefix, opened in (("base_", one), ("", two)):
        spans = [_first_and_last(opened[:, column], base.days) for column in range(opened.shape[1])]
        frame[f"{prefix}first_open"] = pd.Series([span[0] for span in spans], index=frame.index, dtype=object)
        frame[f"{prefix}last_close"] = pd.Series([span[1] for span in spans], index=frame.index, dtype=object)
    statuses = {}
    for side, days in (("base", one), ("alt", two)):
        share = days.mean(axis=0)
        statuses[f"{side}_status"] = np.select([share == 0, share == 1], ["closed", "open"], "limited")
    return frame.assign(**statuses)


def _open_by_day(series: Series, index: pd.MultiIndex) -> np.ndarray:
    """Days by services: whether each is open; a service that the scenario does not have is closed."""
    by_state = [
        series_state.crossings["status"].reindex(index, fill_value="closed") for series_state in series.states
    ]
    opened: np.ndarray = np.array([(status != "closed").to_numpy() for status in by_state])[series.which]
    return opened


def _first_and_last(opened: np.ndarray, days: np.ndarray) -> tuple[str | None, str | None]:
    positions = np.flatnonzero(opened)
    if not len(positions):
        return None, None
    last = positions[-1]
    return str(days[positions[0]]), None if last == len(days) - 1 else str(days[last + 1])


def pair_days(
    net: Network,
    base: Series,
    alt: Series,
    vehicle: str,
    starts: list[str],
    ends: list[str],
    stretch: float,
    border_h: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Hold the pairs of two scenarios side by side over a period, there and back.

    Parameters
    ----------
    net
        The network.
    base, alt
        The states of the same period.
    vehicle
        Id of the vehicle.
    starts, ends
        Place ids.
    stretch
        A way counts as left while it takes at most that multiple of the pair's best base time of the day.
    border_h
        Hours of border procedure by crossing that replace those of the table.

    Returns
    -------
    DataFrame
        One row per pair: the mean hours of the days with a way (base_h, alt_h), days_lost, days_gained,
        days_slower, days_faster, days_fewer_ways, the change of most of those days (``same`` where there are
        none), mean_delta_h (over the days with a way in both), the crossing most used, and the fewest ways
        left on a day.
    """
    frames = []
    for origins, destinations in ((starts, ends), (ends, starts)):
        solved = {
            side: [
                solve(state.net, state, vehicle, origins, destinations, border_h=border_h)
                for state in series.states
            ]
            for side, series in (("base", base), ("alt", alt))
        }
        frames.append(_pairs(net, base, alt, solved, origins, destinations, stretch))
    pairs = pd.concat(frames, ignore_index=True)
    return pairs[pairs["origin"] != pairs["destination"]].reset_index(drop=True)


def _pairs(
    net: Network,
    base: Series,
    alt: Series,
    solved: dict[str, list[Matrix]],
    origins: list[str],
    destinations: list[str],
    stretch: float,
) -> pd.DataFrame:
    shape = (len(origins), len(destinations))
    # Days that pair the same two states are alike: each kind of day is weighed by how often it comes.
    kinds, counts = np.unique(np.c_[base.which, alt.which], axis=0, return_counts=True)
    sums = {name: np.zeros(shape) for name in ("base_h", "alt_h", "delta_h")}
    days = {
        name: np.zeros(shape, dtype=int)
        for name in ("base", "alt", "both", "lost", "gained", "slower", "faster", "fewer_ways")
    }
    fewest = {
        name: np.full(shape, np.iinfo(np.int64).max)
        for name in ("base_ways", "alt_ways", "base_ways_oblast", "alt_ways_oblast")
    }
    used: dict[str, dict[str | None, np.ndarray]] = {"base": {}, "alt": {}}
    for (one, two), n in zip(kinds, counts, strict=True):
        matrices = {"base": solved["base"][one], "alt": solved["alt"][two]}
        hours = {side: matrix.hours.to_numpy() for side, matrix in matrices.items()}
        there = {side: np.isfinite(values) for side, values in hours.items()}
        both = there["base"] & there["alt"]
        delta = np.where(both, hours["alt"] - hours["base"], 0.0)
        with np.errstate(invalid="ignore"):
            small = (np.abs(delta) < SAME_H) & (100 * np.abs(delta) < SAME_PCT * hours["base"])
        for side in ("base", "alt"):
            sums[f"{side}_h"] += n * np.where(there[side], hours[side], 0.0)
            days[side] += n * there[side]
            crossing = matrices[side].crossing.to_numpy()
            for name in {value for value in crossing.ravel() if value is not None}:
                used[side].setdefault(name, np.zeros(shape, dtype=int))
                used[side][name] += n * (crossing == name)
        sums["delta_h"] += n * delta
        days["both"] += n * both
        days["lost"] += n * (there["base"] & ~there["alt"])
        days["gained"] += n * (~there["base"] & there["alt"])
        days["slower"] += n * (both & ~small & (delta > 0))
        days["faster"] += n * (both & ~small & (delta < 0))
        best = matrices["base"].seconds
        limit = stretch * np.where(np.isfinite(best), best, matrices["alt"].seconds)
        nets = {"base": base.states[one].net, "alt": alt.states[two].net}
        left = {side: ways_left(nets[side], matrix, limit) for side, matrix in matrices.items()}
        days["fewer_ways"] += n * (left["alt"]["ways"] < left["base"]["ways"])
        for side, counted in left.items():
            for name, ways in counted.items():
                fewest[f"{side}_{name}"] = np.minimum(fewest[f"{side}_{name}"], ways)
    grid = pd.MultiIndex.from_product([origins, destinations])
    mean = {
        name: np.divide(total, days[over], out=np.full(shape, np.nan), where=days[over] > 0)
        for (name, total), over in zip(sums.items(), ("base", "alt", "both"), strict=True)
    }
    kinds_of_change = ("lost", "gained", "slower", "faster")
    changed = np.stack([days[name] for name in kinds_of_change])
    change = np.where(changed.any(axis=0), np.array(kinds_of_change)[changed.argmax(axis=0)], "same")
    return pd.DataFrame(
        {
            "origin": grid.get_level_values(0),
            "destination": grid.get_level_values(1),
            "alternative": alt.states[0].scenario.name,
            "base_h": mean["base_h"].ravel(),
            "alt_h": mean["alt_h"].ravel(),
            "delta_h": mean["delta_h"].ravel(),
            "delta_pct": 100.0 * (mean["delta_h"] / mean["base_h"]).ravel(),
            "change": change.ravel(),
            "base_crossing": _most_used(used["base"], shape).ravel(),
            "alt_crossing": _most_used(used["alt"], shape).ravel(),
            **{name: values.ravel() for name, values in fewest.items()},
            **{f"days_{name}": days[name].ravel() for name in days if name not in ("base", "alt", "both")},
            "mean_delta_h": mean["delta_h"].ravel(),
        }
    )


def _most_used(used: dict[str | None, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Crossing used on most days, by pair; None where none is."""
    names = sorted(name for name in used if name is not None)
    if not names:
        return np.full(shape, None, dtype=object)
    days = np.stack([used[name] for name in names])
    picked = np.array(names, dtype=object)[days.argmax(axis=0)]
    picked[days.max(axis=0) == 0] = None
    return np.asarray(picked)
