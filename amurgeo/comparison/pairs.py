"""Crossings and origin-destination pairs of two scenarios, on one day or over a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import at_home
from amurgeo.routing.matrix import Matrix, solve
from amurgeo.routing.ranges import border_errors, speed_factors
from amurgeo.routing.rest import KEY
from amurgeo.scenario import Scenario
from amurgeo.seasons.evaluation import resolve_day
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import Day

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.daily import States

#: A difference in time below both counts as none.
SAME_H, SAME_PCT = 0.1, 1.0
#: Changes of a pair, those of equally many days in this order.
CHANGES = ("lost", "gained", "slower", "faster")
SIDES = ("base", "alt")
#: Columns of the services and pairs of one day; over a period both have others.
_DAY_COLUMNS = ["base_status", "alt_status", "base_reason", "alt_reason"]
_PERIOD_COLUMNS = ["base_days", "alt_days", "base_first_open", "base_last_close", "first_open", "last_close"]
_PERIOD_COLUMNS += ["base_status", "alt_status"]
PAIR_COLUMNS = ["origin", "destination", "alternative", "base_h", "alt_h", "delta_h", "delta_pct", "change"]
PAIR_COLUMNS += ["base_crossing", "alt_crossing", "base_ways", "base_ways_oblast", "alt_ways"]
PAIR_COLUMNS += ["alt_ways_oblast"]
#: Columns of which a group has the lowest and the highest value of its pairs.
_RANGES = ("base_h", "alt_h", "delta_h", "base_ways", "alt_ways")
GROUP_COLUMNS = [
    *("alternative", "origins", "destinations", "both_ways", "pairs", "change", "ways"),
    *("base_crossing", "alt_crossing", "days", "days_fewer_ways"),
    *(f"{name}_{end}" for name in _RANGES for end in ("min", "max")),
]


def count_own(net: Network, crossings: pd.DataFrame, status: str, traffic: str) -> int:
    """Count the rows of one kind of traffic, in the oblast, whose status (a column) counts as open."""
    rows = crossings[crossings.index.get_level_values("traffic") == traffic]
    return int((counts_as_open(rows[status]) & at_home(net, rows["checkpoint"])).sum())


def fewer_ways(pairs: pd.DataFrame) -> pd.Series:
    """Return whether each pair has fewer alternatives than in the base, on any day."""
    if "days_fewer_ways" in pairs:
        return pairs["days_fewer_ways"] > 0
    return pairs["alt_ways"] < pairs["base_ways"]


def compare_crossings(base: States, alt: States, *, period: bool) -> pd.DataFrame:
    """Compare the services of two scenarios, over the same days or on one day each.

    ``last_close`` is the first day closed again, NaT if open on the last day. A status over a period is
    ``limited`` unless the service is open or closed on every day; unknown days count as closed.
    """
    first, second = base.states[0].crossings, alt.states[0].crossings
    if first.index.intersection(second.index).empty:
        names = " and ".join(f"'{run.states[0].scenario.name}'" for run in (base, alt))
        raise InputError(f"{names} have no crossing in common; expected scenarios of one dataset")
    index = first.index.append(second.index.difference(first.index))
    columns: dict[str, Any] = {"alternative": alt.states[0].scenario.name}
    for name in ("checkpoint", "mode"):
        columns[name] = first[name].reindex(index).fillna(second[name].reindex(index))
    for side, run in zip(SIDES, (base, alt), strict=True):
        # A crossing that only one scenario has is closed in the other.
        status = [state.crossings["status"].reindex(index, fill_value="closed") for state in run.states]
        if not period:
            reason = run.states[0].crossings["reason"].reindex(index, fill_value="not_yet_open")
            columns |= {f"{side}_status": status[0], f"{side}_reason": reason}
            continue
        is_open = np.array([counts_as_open(values) for values in status])[run.which]
        share = is_open.mean(axis=0)
        first_open, last_close = _first_and_last(is_open, base.days)
        prefix = "base_" if side == "base" else ""
        columns |= {
            f"{side}_days": is_open.sum(axis=0),
            f"{prefix}first_open": first_open,
            f"{prefix}last_close": last_close,
            f"{side}_status": np.select([share == 0, share == 1], ["closed", "open"], "limited"),
        }
    shown = ["alternative", "checkpoint", "mode", *(_PERIOD_COLUMNS if period else _DAY_COLUMNS)]
    return pd.DataFrame(columns, index=index)[shown]


def _first_and_last(is_open: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, by service, the first open day and the day after the last one; NaT if there is none."""
    dates = np.append(days, np.datetime64("NaT")).astype("datetime64[s]")
    first = np.where(is_open.any(axis=0), is_open.argmax(axis=0), -1)
    after_last = np.where(first < 0, -1, len(days) - is_open[::-1].argmax(axis=0))
    return dates[first], dates[after_last]


def compare_pairs(
    base: States,
    alt: States,
    vehicle: str,
    origins: list[str],
    destinations: list[str],
    stretch: float,
    **how: Any,
) -> pd.DataFrame:
    """Compare the travel times of two scenarios, in both directions: `PAIR_COLUMNS`, then counts of days.

    Options are those of `solve`. Hours are means over the reachable days, ``delta_h`` over those reachable in
    both scenarios; the usual hours are those of most days, ``changed_base_h`` and ``changed_h`` those of most
    days with the change. ``change`` is that of most days, the crossing the one most used, and the numbers of
    alternatives the lowest of a day, ``largest_delta_h`` the largest difference of a day.
    """
    ends = ((origins, destinations), (destinations, origins))
    pairs = pd.concat([_one_way(base, alt, vehicle, *pair, stretch, how) for pair in ends])
    return pairs[pairs["origin"] != pairs["destination"]].reset_index(drop=True)


def _one_way(
    base: States,
    alt: States,
    vehicle: str,
    origins: list[str],
    destinations: list[str],
    stretch: float,
    how: Mapping[str, Any],
) -> pd.DataFrame:
    # Days with the same two states are equal: each combination of states is weighted by its days.
    combinations, counts = np.unique(np.c_[base.which, alt.which], axis=0, return_counts=True)
    weights = counts[:, None, None]
    matrices, nets = {}, {}
    for side, run, positions in zip(SIDES, (base, alt), combinations.T, strict=True):
        solved = [solve(state, vehicle, origins, destinations, **how) for state in run.states]
        matrices[side] = [solved[position] for position in positions]
        nets[side] = run.net
    hours = {side: np.stack([matrix.hours for matrix in matrices[side]]) for side in SIDES}
    base_s, alt_s = (np.stack([matrix.seconds for matrix in matrices[side]]) for side in SIDES)
    limit = stretch * np.where(np.isfinite(base_s), base_s, alt_s)
    errors = _Errors.of(base.net, vehicle, how.get("border_h"))
    doubts = [errors.of_difference(*pair) for pair in zip(matrices["base"], matrices["alt"], strict=True)]
    below, above = (np.stack(part) for part in zip(*doubts, strict=True))
    changes = classify(hours["base"], hours["alt"], below, above)
    days = np.stack([(weights * (changes == change)).sum(axis=0) for change in CHANGES])
    means = {side: _mean(hours[side], weights) for side in SIDES}
    delta_h = _mean(hours["alt"] - hours["base"], weights)
    usual = np.where(days.any(axis=0), np.array(CHANGES)[days.argmax(axis=0)], "same")
    part = np.divide(delta_h, means["base"], out=np.full(usual.shape, np.nan), where=means["base"] > 0)
    # By side, then all and those of the oblast: combinations by pairs.
    ways = np.stack([
        np.stack([count_ways(nets[side], *pair) for pair in zip(matrices[side], limit, strict=True)], axis=1)
        for side in SIDES
    ])  # fmt: skip
    changed = weights * ((changes == usual) & (changes != "same"))
    columns: dict[str, np.ndarray] = {
        **{f"{side}_h": means[side] for side in SIDES},
        "delta_h": delta_h,
        "delta_pct": 100.0 * part,
        "change": usual,
        **{f"{side}_crossing": _most_used(matrices[side], weights) for side in SIDES},
        **{
            f"{side}_{name}": ways[at, kind].min(axis=0)
            for kind, name in enumerate(("ways", "ways_oblast"))
            for at, side in enumerate(SIDES)
        },
        **{f"days_{change}": values for change, values in zip(CHANGES, days, strict=True)},
        "days_fewer_ways": (weights * (ways[1, 0] < ways[0, 0])).sum(axis=0),
        **{f"{side}_usual_h": _usual(hours[side], weights) for side in SIDES},
        "largest_delta_h": np.nan_to_num(np.abs(hours["alt"] - hours["base"])).max(axis=0),
        "changed_crossing": _most_used(matrices["alt"], changed),
        "changed_base_h": _usual(hours["base"], changed),
        "changed_h": _usual(hours["alt"], changed),
        "mean_delta_h": delta_h,
    }
    pairs = pd.MultiIndex.from_product([origins, destinations], names=PAIR_COLUMNS[:2]).to_frame(index=False)
    columns = {name: values.ravel() for name, values in columns.items()}
    return pairs.assign(alternative=alt.states[0].scenario.name, **columns)


@dataclass(frozen=True)
class _Errors:
    """Errors of the estimates behind the hours of a vehicle."""

    #: Hours less (``below``) and more (``above``) by crossing.
    border: pd.DataFrame
    #: Factors of the hours of driving, fast and slow.
    factors: tuple[float, float]
    #: Sides of the border by place.
    side: pd.Series

    @classmethod
    def of(cls, net: Network, vehicle: str, given: Mapping[str, float] | None) -> _Errors:
        border = border_errors(net, vehicle)
        border = border.drop(index=list(given or ()), errors="ignore")
        return cls(border, speed_factors(net, vehicle), net.nodes["side"])

    def of_difference(self, base: Matrix, alt: Matrix) -> tuple[np.ndarray, np.ndarray]:
        """Return how many hours less, and more, the difference in hours of each pair may be.

        Both routes have the same speeds, and the same hours at a crossing that both use; what else moves
        the difference is added up as a root of the sum of squares, as for the hours of a route.
        """
        mid = _moved(alt, 1.0) - _moved(base, 1.0)
        shifts = np.stack([_moved(alt, factor) - _moved(base, factor) - mid for factor in self.factors])
        shifts = np.nan_to_num(shifts) / 3600.0
        crossings = [matrix.crossing for matrix in (base, alt)]
        sides = (self.side[list(ends)].to_numpy() for ends in (base.origins, base.destinations))
        # Between places on one side a second crossing is used, which may be another one.
        differ = (crossings[0] != crossings[1]) | np.equal.outer(*sides)
        base_less, base_more, alt_less, alt_more = (
            np.where(
                differ, self.border[name].reindex(ids.ravel()).fillna(0.0).to_numpy().reshape(ids.shape), 0.0
            )
            for ids in crossings
            for name in ("below", "above")
        )
        below = np.sqrt(base_more**2 + alt_less**2 + np.maximum(0.0, -shifts.min(axis=0)) ** 2)
        above = np.sqrt(base_less**2 + alt_more**2 + np.maximum(0.0, shifts.max(axis=0)) ** 2)
        return below, above


def _moved(matrix: Matrix, factor: float) -> np.ndarray:
    """Return the seconds of the fastest routes if driving takes a multiple of its time; NaN if none is."""
    first, rest = matrix.first, matrix.rest
    rows, columns = np.indices(first.shape)
    keys = matrix.entry[rows, first] + matrix.onward[first, columns]
    keys = np.where((first >= 0) & np.isfinite(keys), keys, np.nan)
    if rest is None:
        at_border = 3600.0 * matrix.arcs["border_h"].fillna(0.0).to_numpy()
        moved: np.ndarray = keys + (factor - 1.0) * np.maximum(0.0, keys - at_border[first])
        return moved
    driven = np.nan_to_num(keys) % KEY
    total: np.ndarray = np.floor(keys / KEY) + (factor - 1.0) * driven + rest.seconds(factor * driven)
    return total


def _usual(hours: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the hours (to a tenth) that hold on most days, NaN if none do."""
    weights = np.broadcast_to(weights, hours.shape) * np.isfinite(hours)
    rounded = np.where(weights > 0, hours, np.nan).round(1)
    same = rounded[:, None] == rounded[None]
    days = (same * weights[None]).sum(axis=1)
    usual: np.ndarray = np.take_along_axis(rounded, days.argmax(axis=0)[None], axis=0)[0]
    return np.where(days.any(axis=0), usual, np.nan)


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean of the finite values along the first axis; NaN where there is none."""
    finite = np.isfinite(values)
    total, weight = (weights * np.where(finite, values, 0.0)).sum(axis=0), (weights * finite).sum(axis=0)
    mean: np.ndarray = np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
    return mean


def classify(base_h: np.ndarray, alt_h: np.ndarray, below: Any = 0.0, above: Any = 0.0) -> np.ndarray:
    """Return the change of each pair, one of `CHANGES` or ``same``, from hours (NaN: unreachable).

    A difference that may be nought is none: ``below`` and ``above`` are the hours by which it may be less
    and more.

    >>> base, alt = np.array([5.0, np.nan, 5.0, 10.0, 10.0]), np.array([np.nan, 5.0, 5.02, 10.5, 9.0])
    >>> classify(base, alt).tolist()
    ['lost', 'gained', 'same', 'slower', 'faster']
    """
    delta, in_base, in_alt = alt_h - base_h, np.isfinite(base_h), np.isfinite(alt_h)
    differs = (np.abs(delta) >= SAME_H) | (100.0 * np.abs(delta) >= SAME_PCT * base_h)
    slower, faster = differs & (delta > below), differs & (delta < -above)
    conditions = [in_base & ~in_alt, ~in_base & in_alt, slower, faster]
    return np.select(conditions, CHANGES, "same")


def _most_used(matrices: list[Matrix], weights: np.ndarray) -> np.ndarray:
    """Return the crossing used on most days, by pair; None where none is."""
    crossings = np.stack([matrix.crossing for matrix in matrices])
    names = [*sorted({name for name in crossings.ravel() if name is not None}), None]
    days = np.stack([(weights * (crossings == name)).sum(axis=0) for name in names])
    days[-1] = 0
    used: np.ndarray = np.array(names, dtype=object)[np.where(days.any(axis=0), days.argmax(axis=0), -1)]
    return used


def count_ways(net: Network, matrix: Matrix, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the open crossings by which each pair stays within a limit (seconds): all, and the oblast's."""
    within = matrix.within(limit, matrix.arcs["edge"].to_numpy())
    home = at_home(net)[matrix.arcs["edge"].unique()].to_numpy(dtype=bool)
    return within.sum(axis=0), within[home].sum(axis=0)


def asked_days(net: Network, base: Scenario, alternative: Scenario, on: Day | None) -> tuple[date, date]:
    """Return the day of each scenario; one without a day takes that of the other."""

    def day(scenario: Scenario, other: Scenario) -> date:
        if on is None and scenario.day is None and other.day is not None:
            scenario = Scenario(scenario.name, day=other.day)
        return resolve_day(net, on, scenario)

    return day(base, alternative), day(alternative, base)


def change_of_ways(pairs: pd.DataFrame) -> pd.Series:
    """Return whether each pair has ``fewer`` or ``more`` alternatives than in the base, or the ``same``."""
    more = np.sign(pairs["alt_ways"] - pairs["base_ways"])
    change = more.map({-1: "fewer", 0: "same", 1: "more"})
    if "days_fewer_ways" in pairs:
        # The numbers of a period are the lowest of its days.
        change = change.mask(pairs["days_fewer_ways"] > 0, "fewer")
    return change


def trips(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs with both directions in one row if their hours and change are alike.

    Hours are those of the day; over a period those of most days, or of most days with the change.
    ``both_ways`` is whether a row has both directions, ``ways`` the change of the number of alternatives.
    """
    rows = pairs.assign(ways=change_of_ways(pairs), days=0, both_ways=False)
    if "days_lost" in pairs:
        rows["days"] = sum(rows[f"days_{change}"].where(rows["change"] == change, 0) for change in CHANGES)
        for side, changed in zip(SIDES, ("changed_base_h", "changed_h"), strict=True):
            rows[f"{side}_h"] = rows[changed].where(rows["change"] != "same", rows[f"{side}_usual_h"])
        rows["alt_crossing"] = rows["changed_crossing"].where(rows["change"] != "same", rows["alt_crossing"])
        rows["delta_h"] = rows["alt_h"] - rows["base_h"]
    else:
        rows["days_fewer_ways"] = 0
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.to_dict("records"):
        hours = [None if row[name] != row[name] else round(row[name], 1) for name in ("base_h", "alt_h")]
        row["alike"] = (*hours, row["change"], row["days"])
        back = kept.get((row["destination"], row["origin"]))
        if back is None or back["alike"] != row["alike"]:
            kept[row["origin"], row["destination"]] = row
            continue
        back["both_ways"] = True
        back |= {name: min(back[name], row[name]) for name in ("base_ways", "alt_ways")}
        if row["ways"] == "fewer" or back["ways"] == "same":
            back["ways"] = row["ways"]
    return pd.DataFrame(kept.values()).drop(columns="alike")


def group(net: Network, pairs: pd.DataFrame, *, everything: bool = False) -> pd.DataFrame:
    """Return the changed pairs of one alternative (`GROUP_COLUMNS`), those that share a change in one row.

    Pairs share a change if they have the same place on the far side, change, days and, where hours change,
    crossings. Places are ids joined by ``;``. With `everything` each pair has a row, unchanged ones too.
    """
    rows = trips(pairs)
    if not everything:
        rows = rows[(rows["change"] != "same") | (rows["ways"] != "same")]
    if rows.empty:
        return pd.DataFrame(columns=GROUP_COLUMNS)
    leaves = rows["origin"].map(net.nodes["side"]).eq("home")
    moved = rows["change"] != "same"
    keys = pd.DataFrame({
        "each": rows.index if everything else 0,
        "end": rows["destination"].where(leaves, rows["origin"]),
        "leaves": leaves,
        "both": rows["both_ways"],
        "change": rows["change"],
        "ways": rows["ways"].mask(moved, ""),
        "days": rows["days"],
        **{
            name: rows[name].astype(object).where(moved & rows[name].notna(), "")
            for name in ("base_crossing", "alt_crossing")
        },
    })  # fmt: skip
    crossings = {name: rows[name].where(moved, None) for name in ("base_crossing", "alt_crossing")}
    groups = rows.assign(**crossings).groupby([keys[name] for name in keys], sort=False)
    shared = ("alternative", "both_ways", "change", "days", *crossings)
    found = groups.agg(
        **{name: (name, lambda cells: cells.iloc[0]) for name in shared},
        **{f"{end}s": (end, lambda ids: ";".join(dict.fromkeys(ids))) for end in ("origin", "destination")},
        **{f"{name}_{end}": (name, end) for name in _RANGES for end in ("min", "max")},
        days_fewer_ways=("days_fewer_ways", "max"),
        pairs=("change", "size"),
        ways=("ways", lambda ways: "fewer" if ways.eq("fewer").any() else ways.iloc[0]),
    )
    for name in crossings:
        found[name] = [None if cell != cell else cell for cell in found[name]]
    return found.reset_index(drop=True)[GROUP_COLUMNS]
