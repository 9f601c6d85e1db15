"""Scenarios side by side, as an object: what opens and closes, which pairs gain, lose or slow down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.comparison.pairs import count_own, crossing_changes, pair_changes
from amurgeo.comparison.periods import crossing_days, pair_days
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network import DESTINATIONS, large_towns, vehicle_row
from amurgeo.network.snapping import locate_all
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.daily import series
from amurgeo.seasons.state import State, day_in, resolve_day
from amurgeo.text import parse_day

if TYPE_CHECKING:
    import folium

    from amurgeo.network import Network

#: A way counts as left while it takes at most that multiple of the pair's best base time.
STRETCH = 1.5
LARGEST_STRETCH = 1000.0


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
    period
        First and last day, when the comparison runs over a period: ``crossings`` and ``pairs`` then count
        days, and ``states`` are those of the first day.
    """

    net: Network
    vehicle: str
    states: tuple[tuple[State, State], ...]
    crossings: pd.DataFrame
    pairs: pd.DataFrame
    stretch: float = STRETCH
    period: tuple[date, date] | None = None

    def __repr__(self) -> str:
        alternatives = ", ".join(self.alternatives)
        return f"Comparison({self.base} against {alternatives}: {len(self.pairs)} pairs, {self.vehicle})"

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
        """Counts by alternative: pairs gained, lost, slower, faster, the same, and the oblast's own ways.

        The own ways are its crossings open on the day; over a period, on any of its days.
        """
        rows = {}
        for _, alt in self.states:
            mine = self.pairs[self.pairs["alternative"] == alt.scenario.name]
            services = self.crossings[self.crossings["alternative"] == alt.scenario.name]
            counts = mine["change"].value_counts()
            rows[alt.scenario.name] = {
                "pairs": len(mine),
                **{
                    change: int(counts.get(change, 0))
                    for change in ("gained", "lost", "slower", "faster", "same")
                },
                "fewer_ways": int(
                    (
                        mine["alt_ways"] < mine["base_ways"]
                        if self.period is None
                        else mine["days_fewer_ways"] > 0
                    ).sum()
                ),
                "mean_delta_h": round(float(mine["delta_h"].mean()), 3)
                if mine["delta_h"].notna().any()
                else None,
                **{
                    f"{side}_own_{traffic}": count_own(self.net, services, f"{side}_status", traffic)
                    for side in ("base", "alt")
                    for traffic in ("cargo", "passenger")
                },
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("alternative")

    def changed(self, alternative: str) -> pd.DataFrame:
        """Return the services that open, close or become limited against the base.

        Raises
        ------
        InputError
            When there is no such alternative.
        """
        if alternative not in self.alternatives:
            raise unknown_name_error("alternative", alternative, self.alternatives)
        mine = self.crossings[self.crossings["alternative"] == alternative]
        if self.period is not None:
            return mine[(mine["base_days"] != mine["alt_days"])]
        return mine[mine["base_status"] != mine["alt_status"]]

    def sentences(self, lang: str = "en", *, alternative: str | None = None) -> list[str]:
        """Say in at most five sentences what an alternative changes, the weightiest first.

        Parameters
        ----------
        lang
            Language.
        alternative
            Name of the alternative; the first when left out.
        """
        from amurgeo.comparison.sentences import sentences

        name = self.alternatives[0] if alternative is None else alternative
        if name not in self.alternatives:
            raise unknown_name_error("alternative", name, self.alternatives)
        base, alt = self.states[self.alternatives.index(name)]
        period = None if self.period is None else " – ".join(day.isoformat() for day in self.period)
        return sentences(
            self.net,
            base,
            alt,
            self.crossings[self.crossings["alternative"] == name],
            self.pairs[self.pairs["alternative"] == name],
            period=period,
            lang=lang,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        return {
            "base": self.base,
            "alternatives": list(self.alternatives),
            "vehicle": self.vehicle,
            "days": [[base.on.isoformat(), alt.on.isoformat()] for base, alt in self.states],
            "period": None if self.period is None else [day.isoformat() for day in self.period],
            "crossings": _records(self.crossings.reset_index()),
            "pairs": _records(self.pairs),
            "summary": _records(self.summary.reset_index()),
            "sentences": {name: self.sentences("en", alternative=name) for name in self.alternatives},
            "record_until": self.net.record_until.isoformat(),
        }

    def map(self, *, lang: str = "en") -> folium.Map:
        """Draw the scenarios on one page that opens without a network.

        Parameters
        ----------
        lang
            Language in which the page opens.
        """
        import amurgeo

        return amurgeo.maps.compare_map(self.states[0][1].net, self._shown, lang=lang, pairs=self._map_pairs)

    @property
    def _shown(self) -> list[State]:
        return [self.states[0][0], *(alt for _, alt in self.states)]

    @property
    def _map_pairs(self) -> pd.DataFrame | None:
        """Pairs to list on the map: those of one alternative on one day."""
        return self.pairs if len(self.states) == 1 and self.period is None else None


def compare(
    net: Network,
    scenarios: Sequence[Scenario | str],
    *,
    on: date | str | None = None,
    year: int | None = None,
    first: date | str | None = None,
    last: date | str | None = None,
    vehicle: str = "truck_20t",
    origins: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
    stretch: float = STRETCH,
    border_h: Mapping[str, float] | None = None,
) -> Comparison:
    """Compare scenarios: the first is the base, the others are held against it.

    Parameters
    ----------
    net
        The network.
    scenarios
        At least two: scenarios, names, files or inline changes.
    on
        The day; a regime has its own, and a scenario without one takes the other's.
    year
        Compare every day of a year instead of one day.
    first, last
        Compare every day from the first to the last instead of one day.
    vehicle
        Id of the vehicle of the pairs.
    origins, destinations
        Places by name, or points as ``"50.45,127.62"``; by default every town of the oblast above 10,000
        people, and Heihe, Harbin, Suifenhe and Manzhouli. Pairs are taken in both directions.
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
    >>> result.changed("open").loc[("blagoveshchensk:ferry", "cargo"), "alt_status"]
    'open'
    """
    if isinstance(scenarios, str | Scenario) or not isinstance(scenarios, Iterable):
        raise InputError("scenarios are given as a list, for instance ['frozen', 'open']")
    scenarios = list(scenarios)
    if len(scenarios) < 2:
        raise InputError("a comparison needs a base and at least one alternative, for instance: frozen open")
    if not 1 <= stretch <= LARGEST_STRETCH:
        raise InputError(
            f"stretch is {stretch:g}; give a multiple of the best time from 1 to {LARGEST_STRETCH:g}, "
            "for instance 1.5"
        )
    vehicle_row(net, vehicle)
    base, *others = [as_scenario(scenario) for scenario in scenarios]
    net, (starts, ends) = locate_all(
        net,
        origins=large_towns(net) if origins is None else origins,
        destinations=DESTINATIONS if destinations is None else destinations,
    )
    span = _period(on, year, first, last)
    parts = []
    for other in others:
        if span is None:
            base_day, other_day = _days(net, base, other, on)
            one, two = net.state(base_day, scenario=base), net.state(other_day, scenario=other)
            changes = crossing_changes(one, two)
            pairs = pair_changes(net, one, two, vehicle, starts, ends, stretch, border_h)
        else:
            run, other_run = series(net, base, *span), series(net, other, *span)
            one, two = run.states[0], other_run.states[0]
            changes = crossing_days(run, other_run)
            pairs = pair_days(net, run, other_run, vehicle, starts, ends, stretch, border_h)
        parts.append(((one, two), changes, pairs))
    states, crossings, frames = zip(*parts, strict=True)
    return Comparison(
        net, vehicle, states, pd.concat(crossings), pd.concat(frames, ignore_index=True), stretch, span
    )


def _period(
    on: date | str | None, year: int | None, first: date | str | None, last: date | str | None
) -> tuple[date, date] | None:
    """Return the period that is meant, or None for a single day."""
    if sum((on is not None, year is not None, first is not None or last is not None)) > 1:
        raise InputError("name a day, or a year, or a first and last day; not several of them")
    if year is not None:
        return parse_day(f"{year:04d}-01-01"), parse_day(f"{year:04d}-12-31")
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise InputError(
            "a period needs its first and its last day, for instance --from 2026-11-01 --to 2026-12-15"
        )
    return parse_day(first), parse_day(last)


def _days(
    net: Network, base: Scenario, other: Scenario, on: date | str | None
) -> tuple[date | str | None, date | str | None]:
    """Give a scenario without a day of its own the other's."""
    days: list[date | str | None] = [on, on]
    for mine, theirs, side in ((base, other, 0), (other, base, 1)):
        if on is None and mine.day is None and theirs.day is not None:
            there = resolve_day(net, None, theirs)
            days[side] = day_in(net.record_until.year, there.month, there.day)
    return days[0], days[1]


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
