"""Scenarios side by side, as an object: what opens and closes, which pairs gain, lose or slow down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.costs import vehicle_row
from amurgeo.errors import InputError
from amurgeo.network import OBLAST
from amurgeo.routing.matrix import Matrix, solve
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.state import State, resolve_day

if TYPE_CHECKING:
    import folium

    from amurgeo.network import Network

#: Towns of the oblast with at least that many people are the default ends of the pairs.
MIN_PEOPLE = 10_000
#: Chinese ends of the default pairs.
DESTINATIONS = ("heihe", "harbin", "suifenhe", "manzhouli")
#: A way counts as left while it takes at most that multiple of the pair's best base time.
STRETCH = 1.5
#: Below both, a change of time is none.
SAME_H, SAME_PCT = 0.1, 1.0


@dataclass(frozen=True)
class Comparison:
    """A base scenario beside one or more alternatives.

    Attributes
    ----------
    net
        The network.
    vehicle
        Id of the vehicle of the pairs.
    states
        For each alternative the state of the base (on that alternative's day) and its own.
    crossings
        By crossing and traffic: alternative, base_status, alt_status and the reasons.
    pairs
        By origin, destination and alternative: hours, difference, change, crossing and ways left.
    stretch
        Multiple of the best base time up to which a way counts as left.
    """

    net: Network
    vehicle: str
    states: tuple[tuple[State, State], ...]
    crossings: pd.DataFrame
    pairs: pd.DataFrame
    stretch: float = STRETCH

    def __repr__(self) -> str:
        return f"Comparison({self.base} against {', '.join(self.alternatives)}: {len(self.pairs)} pairs, {self.vehicle})"

    @property
    def base(self) -> str:
        """Name of the base scenario."""
        return self.states[0][0].scenario.name

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Names of the alternatives."""
        return tuple(state.scenario.name for _, state in self.states)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Counts by alternative: pairs gained, lost, slower, faster and the same, and ways of the oblast's own."""
        rows = {}
        for base, alt in self.states:
            mine = self.pairs[self.pairs["alternative"] == alt.scenario.name]
            counts = mine["change"].value_counts()
            rows[alt.scenario.name] = {
                "pairs": len(mine),
                **{change: int(counts.get(change, 0)) for change in ("gained", "lost", "slower", "faster", "same")},
                "fewer_ways": int((mine["alt_ways"] < mine["base_ways"]).sum()),
                "mean_delta_h": round(float(mine["delta_h"].mean()), 3) if mine["delta_h"].notna().any() else None,
                **{
                    f"{side}_own_{traffic}": own_open(self.net, state, traffic)
                    for side, state in (("base", base), ("alt", alt))
                    for traffic in ("cargo", "passenger")
                },
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("alternative")

    def changed(self, alternative: str) -> pd.DataFrame:
        """Return the services that open, close or become limited against the base."""
        mine = self.crossings[self.crossings["alternative"] == alternative]
        return mine[mine["base_status"] != mine["alt_status"]]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        return {
            "base": self.base,
            "alternatives": list(self.alternatives),
            "vehicle": self.vehicle,
            "days": [[base.on.isoformat(), alt.on.isoformat()] for base, alt in self.states],
            "crossings": _records(self.crossings.reset_index()),
            "pairs": _records(self.pairs),
            "summary": _records(self.summary.reset_index()),
            "record_until": self.net.record_until.isoformat(),
        }

    def map(self, *, lang: str = "en") -> folium.Map:
        """Draw the scenarios on one page that opens without a network.

        Parameters
        ----------
        lang
            Language in which the page opens.
        """
        from amurgeo.maps import compare_map

        shown = [self.states[0][0], *(alt for _, alt in self.states)]
        return compare_map(self.net, shown, lang=lang)


def compare(
    net: Network, scenarios: Sequence[Scenario | str], *, on: date | str | None = None, vehicle: str = "truck_20t",
    origins: Sequence[str] | None = None, destinations: Sequence[str] | None = None, stretch: float = STRETCH,
    border_h: Mapping[str, float] | None = None,
) -> Comparison:  # fmt: skip
    """Compare scenarios: the first is the base, the others are held against it.

    Parameters
    ----------
    net
        The network.
    scenarios
        At least two: scenarios, names, files or inline changes.
    on
        The day; a regime has its own, and a scenario without one takes the other's.
    vehicle
        Id of the vehicle of the pairs.
    origins, destinations
        Places by name; by default every town of the oblast above 10,000 people, and Heihe, Harbin,
        Suifenhe and Manzhouli. Pairs are taken in both directions.
    stretch
        A way counts as left while it takes at most that multiple of the pair's best base time.
    border_h
        Hours of border procedure by crossing that replace those of the table.

    Raises
    ------
    InputError
        For fewer than two scenarios, unknown names, or when nothing names a day.

    Examples
    --------
    >>> import amurgeo as ag
    >>> result = ag.compare(ag.load(), ["frozen", "open"])
    >>> sorted(result.changed("open").query("traffic == 'cargo' and alt_status == 'open'").index.get_level_values("crossing"))[0]
    'blagoveshchensk:ferry'
    """
    if len(scenarios) < 2:
        raise InputError("a comparison needs a base and at least one alternative, for instance: frozen open")
    if not (np.isfinite(stretch) and stretch >= 1):
        raise InputError(f"stretch is {stretch}; give a multiple of the best time of 1 or more, for instance 1.5")
    vehicle_row(net, vehicle)
    base, *others = [as_scenario(scenario) for scenario in scenarios]
    starts = [net.find(name) for name in origins] if origins else large_towns(net)
    ends = [net.find(name) for name in destinations] if destinations else list(DESTINATIONS)
    states, crossings, pairs = [], [], []
    for other in others:
        base_day, other_day = _days(net, base, other, on)
        one, two = net.state(base_day, scenario=base), net.state(other_day, scenario=other)
        states.append((one, two))
        crossings.append(_crossing_changes(one, two))
        pairs.append(_pair_changes(net, one, two, vehicle, starts, ends, stretch, border_h))
    return Comparison(net, vehicle, tuple(states), pd.concat(crossings), pd.concat(pairs, ignore_index=True), stretch)


def large_towns(net: Network) -> list[str]:
    """Return the ids of the oblast's towns with at least 10,000 people, largest first."""
    nodes = net.nodes
    towns = nodes[(nodes["region"] == OBLAST) & (nodes["population"] >= MIN_PEOPLE)]
    return towns.sort_values("population", ascending=False).index.tolist()


def own_open(net: Network, state: State, traffic: str) -> int:
    """Count the oblast's own crossings that are open for a kind of traffic."""
    region = net.tables["checkpoints"]["region"]
    mine = state.crossings.xs(traffic, level="traffic")
    return int(((mine["status"] != "closed") & (region.reindex(mine["checkpoint"]).to_numpy() == OBLAST)).sum())


def _days(net: Network, base: Scenario, other: Scenario, on: date | str | None) -> tuple[date | str | None, date | str | None]:
    """Give a scenario without a day of its own the other's."""
    days: list[date | str | None] = [on, on]
    for mine, theirs, side in ((base, other, 0), (other, base, 1)):
        if on is None and mine.day is None and theirs.day is not None:
            there = resolve_day(net, None, theirs)
            days[side] = date(net.record_until.year, there.month, there.day)
    return days[0], days[1]


def _crossing_changes(base: State, alt: State) -> pd.DataFrame:
    one, two = base.crossings, alt.crossings
    frame = pd.DataFrame(
        {
            "alternative": alt.scenario.name,
            "checkpoint": one["checkpoint"],
            "mode": one["mode"],
            "base_status": one["status"],
            "alt_status": two["status"].reindex(one.index),
            "base_reason": one["reason"],
            "alt_reason": two["reason"].reindex(one.index),
        }
    )
    if frame["alt_status"].isna().any():
        raise InputError(f"'{base.scenario.name}' and '{alt.scenario.name}' do not hold the same crossings; compare scenarios of one dataset")
    return frame


def _pair_changes(
    net: Network, base: State, alt: State, vehicle: str, starts: list[str], ends: list[str], stretch: float,
    border_h: Mapping[str, float] | None,
) -> pd.DataFrame:  # fmt: skip
    frames = []
    for origins, destinations in ((starts, ends), (ends, starts)):
        one = solve(net, base, vehicle, origins, destinations, border_h=border_h)
        two = solve(net, alt, vehicle, origins, destinations, border_h=border_h)
        limit = stretch * np.where(np.isfinite(one.seconds), one.seconds, two.seconds)
        ways = {side: _ways(net, matrix, limit) for side, matrix in (("base", one), ("alt", two))}
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
                    "delta_pct": 100.0 * np.divide(alt_h - base_h, base_h, out=np.full(len(base_h), np.nan), where=base_h > 0),
                    "base_crossing": one.crossing.to_numpy().ravel(),
                    "alt_crossing": two.crossing.to_numpy().ravel(),
                    **{f"{side}_{name}": values.ravel() for side, found in ways.items() for name, values in found.items()},
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
    return np.select([lost, gained, neither | small, delta > 0], ["lost", "gained", "same", "slower"], "faster")


def _ways(net: Network, matrix: Matrix, limit: np.ndarray) -> dict[str, np.ndarray]:
    """Count the open crossings by which each pair stays within the limit, all and the oblast's own."""
    near = matrix.by_arc <= limit[:, :, None]
    crossings = matrix.arcs["edge"].to_numpy()
    checkpoint = net.tables["crossings"]["checkpoint"]
    region = net.tables["checkpoints"]["region"]
    shape = near.shape[:2]
    counts = {"ways": np.zeros(shape, dtype=int), "ways_oblast": np.zeros(shape, dtype=int)}
    for crossing in dict.fromkeys(crossings):
        usable = near[:, :, crossings == crossing].any(axis=2)
        counts["ways"] += usable
        if region[checkpoint[crossing]] == OBLAST:
            counts["ways_oblast"] += usable
    return counts


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Plain records: no NaN, numbers rounded to a second."""
    records = []
    for row in frame.to_dict("records"):
        records.append({name: _plain(value) for name, value in row.items()})
    return records


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, np.integer):
        return int(value)
    return round(float(value), 4) if isinstance(value, float | np.floating) else value
