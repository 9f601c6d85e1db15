"""Comparison of scenarios: crossings that open and close, pairs that gain, lose, slow down or speed up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.analysis.days import default_places
from amurgeo.analysis.redundancy import LARGEST_STRETCH, STRETCH
from amurgeo.comparison.pairs import (
    PAIR_COLUMNS,
    SIDES,
    asked_days,
    compare_crossings,
    compare_pairs,
    count_own,
    fewer_ways,
    group,
    trips,
)
from amurgeo.comparison.sentences import Findings, Reopening, reopening
from amurgeo.errors import InputError, check_bool, check_number, unknown_name_error
from amurgeo.io import records
from amurgeo.network import vehicle_id
from amurgeo.network.snapping import Places, require_pair
from amurgeo.results import Result, rounded_records, with_lines
from amurgeo.routing.rest import check_drivers
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import States, asked_period, check_each_once, period_days, refuse_regime, series
from amurgeo.seasons.evaluation import assuming, scenario_of
from amurgeo.seasons.state import State
from amurgeo.text import Day

if TYPE_CHECKING:
    import folium
    import geopandas as gpd

    from amurgeo.network import Network

_SUMMARY_CHANGES = ("gained", "lost", "slower", "faster", "same")


@dataclass(frozen=True, eq=False)
class Comparison(Result):
    """A base scenario compared with one or more alternatives.

    Methods raise InputError for the name of an alternative that it does not have.

    Attributes
    ----------
    net, vehicle
        The network, and the id of the vehicle.
    states
        For each alternative the state of the base (on that alternative's day) and of the alternative.
    crossings
        By crossing and traffic, and by alternative if there are several: alternative, checkpoint, mode,
        base_status, alt_status and the reasons; over a period base_days, alt_days and the first and last days
        (datetime64) instead of the reasons.
    pairs
        By origin, destination and alternative: hours (base_h, alt_h), delta_h, delta_pct, change (``lost``,
        ``gained``, ``slower``, ``faster``, ``same``), crossing, and number of alternatives, all (``ways``)
        and of the oblast (``ways_oblast``); over a period also days_lost, days_gained, days_slower,
        days_faster and days_fewer_ways.
    stretch
        Multiple of the fastest base time up to which an alternative counts.
    period
        First and last day, or None: ``crossings`` and ``pairs`` count days, ``states`` are of the first day.
    unknown
        Crossings for the vehicle's traffic whose status is unknown on some day; they count as closed then.
    reopenings
        For each alternative the next opening of the crossing whose closing costs most pairs time, or None.
    runs
        For each alternative the days of the base and of the alternative, if the comparison covers a period.
    how
        The options border_h, transit and drivers of `compare`.
    """

    net: Network
    vehicle: str
    states: tuple[tuple[State, State], ...]
    crossings: pd.DataFrame
    pairs: pd.DataFrame
    stretch: float = STRETCH
    period: tuple[date, date] | None = None
    unknown: tuple[str, ...] = ()
    reopenings: tuple[Reopening | None, ...] = ()
    runs: tuple[tuple[States, States], ...] = field(default=(), repr=False)
    how: Mapping[str, Any] = field(default_factory=dict)
    _findings: dict[str, Findings] = field(default_factory=dict, repr=False)

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
        """Counts by alternative: pairs gained, lost, slower, faster, same; open crossings of the oblast.

        ``unchanged`` counts pairs without any change, both directions once if alike; ``…_own_…`` the
        crossings open on the day; over a period, on any day.
        """
        rows = {}
        for name in self.alternatives:
            pairs, crossings = self._rows(self.pairs, name), self._rows(self.crossings, name)
            mean_delta_h = pairs["delta_h"].mean()
            rows[name] = {
                "pairs": len(pairs),
                **{change: int((pairs["change"] == change).sum()) for change in _SUMMARY_CHANGES},
                "fewer_ways": int(fewer_ways(pairs).sum()),
                "unchanged": len(trips(pairs)) - int(self.groups(name)["pairs"].sum()),
                "mean_delta_h": None if pd.isna(mean_delta_h) else round(float(mean_delta_h), 3),
                **{
                    f"{side}_own_{traffic}": count_own(self.net, crossings, f"{side}_status", traffic)
                    for side in SIDES
                    for traffic in ("cargo", "passenger")
                },
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("alternative")

    def _rows(self, frame: pd.DataFrame, alternative: str) -> pd.DataFrame:
        if alternative not in self.alternatives:
            raise unknown_name_error("alternative", alternative, self.alternatives)
        if "alternative" in frame.index.names:
            return frame.xs(alternative, level="alternative")
        return frame[frame["alternative"] == alternative]

    def changed(self, alternative: str) -> pd.DataFrame:
        """Return the services that open, close or become limited compared with the base.

        Parameters
        ----------
        alternative
            Name of the alternative.

        Returns
        -------
        DataFrame
            The rows of ``crossings`` that differ, over a period in their number of days.

        Examples
        --------
        >>> import amurgeo as ag
        >>> result = ag.compare(ag.load(), ["frozen", "open"], destinations=["Heihe"])
        >>> "blagoveshchensk:ferry" in result.changed("open").index.get_level_values("crossing")
        True
        """
        rows = self._rows(self.crossings, alternative)
        what = "status" if self.period is None else "days"
        return rows[rows[f"base_{what}"] != rows[f"alt_{what}"]]

    def findings(self, alternative: str | None = None) -> Findings:
        """Return what changes for the vehicle, as sentences and rows.

        Parameters
        ----------
        alternative
            Name of the alternative; None for the first.

        Returns
        -------
        Findings
            ``answer(lang)`` has the sentences without crossings, ``changed()`` the crossings that change.

        Examples
        --------
        >>> import amurgeo as ag
        >>> result = ag.compare(ag.load(), ["frozen", "open"], destinations=["Heihe"])
        >>> result.findings().changed().index[0]
        'blagoveshchensk:ferry'
        """
        name = self.alternatives[0] if alternative is None else alternative
        if name not in self._findings:
            rows, at = [self._rows(frame, name) for frame in (self.crossings, self.pairs)], self.alternatives
            per_period = zip(("reopening", "runs"), (self.reopenings, self.runs), strict=True)
            more: Any = {key: each[at.index(name)] if each else None for key, each in per_period}
            about = (self.net, self.vehicle, self.states[at.index(name)])
            self._findings[name] = Findings(*about, rows[0], rows[1], self.stretch, self.period, **more)
        return self._findings[name]

    def headline(self, lang: str = "en", *, alternative: str | None = None) -> str:
        """Return the answer for the vehicle in one sentence: what happens to its hours.

        Parameters
        ----------
        lang
            Language.
        alternative
            Name of the alternative; None for the first.

        Returns
        -------
        str
            The first of the sentences.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.compare(ag.load(), ["frozen", "open"], destinations=["Suifenhe"]).headline()
        'A 20 t truck loses no hour: all go by the Kani-Kurgan bridge.'
        """
        return self.sentences(lang, alternative=alternative)[0]

    def sentences(self, lang: str = "en", *, alternative: str | None = None) -> list[str]:
        """Summarise an alternative for the vehicle in up to five sentences, most important first.

        Parameters
        ----------
        lang
            Language.
        alternative
            Name of the alternative; None for the first.

        Returns
        -------
        list of str
            The headline, the alternatives left, waiting beside the detour, room, crossings that change.

        Examples
        --------
        >>> import amurgeo as ag
        >>> result = ag.compare(ag.load(), ["frozen", "open"], destinations=["Heihe"])
        >>> 1 <= len(result.sentences("ru")) <= 5
        True
        """
        return self.findings(alternative).sentences(lang)

    def groups(self, alternative: str | None = None, *, everything: bool = False) -> pd.DataFrame:
        """Return the changed pairs of an alternative, those that share a change in one row.

        Parameters
        ----------
        alternative
            Name of the alternative; None for the first.
        everything
            Return a row for each pair, unchanged ones too.

        Returns
        -------
        DataFrame
            origins and destinations (ids joined by ``;``), both_ways (whether the way back is
            included), pairs, change, ways (``fewer``, ``more`` or ``same`` alternatives), crossings, days
            with the change and days_fewer_ways (0 for a day), and the lowest and highest base_h, alt_h,
            delta_h, base_ways and alt_ways (``_min``, ``_max``).

        Examples
        --------
        >>> import amurgeo as ag
        >>> groups = ag.compare(ag.load(), ["frozen", "open"], destinations=["Heihe"]).groups()
        >>> groups[["destinations", "pairs", "change", "ways"]].values.tolist()
        [['heihe', 6, 'same', 'fewer']]
        """
        found, everything = self.findings(alternative), check_bool("everything", everything)
        return group(self.net, found.pairs, everything=True) if everything else found.groups.copy(deep=False)

    def to_frame(self) -> pd.DataFrame:
        """Return ``pairs``: one row per origin, destination and alternative."""
        return self.pairs.copy(deep=False)

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return ``crossings`` with the lines of the crossings as a GeoDataFrame in EPSG:4326.

        Returns
        -------
        GeoDataFrame
            One row per crossing, traffic and alternative: the columns of ``crossings`` and ``geometry``.
        """
        # The network of an alternative has the crossings that it adds.
        lines = pd.concat([state.net.crossings.geometry for states in self.states for state in states])
        return with_lines(self.crossings.reset_index(), lines[~lines.index.duplicated()])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        return {
            "base": self.base,
            "alternatives": list(self.alternatives),
            "vehicle": self.vehicle,
            "days": [[state.on.isoformat() for state in states] for states in self.states],
            "period": None if self.period is None else [day.isoformat() for day in self.period],
            "crossings": rounded_records(self.crossings),
            "pairs": rounded_records(self.pairs),
            "summary": records(self.summary),
            "headline": {name: self.headline("en", alternative=name) for name in self.alternatives},
            "sentences": {name: self.sentences("en", alternative=name) for name in self.alternatives},
            "groups": {name: rounded_records(self.groups(name)) for name in self.alternatives},
            "unknown": list(self.unknown),
            "record_until": self.net.record_until.isoformat(),
        }

    def map(self, *, lang: str = "en") -> folium.Map:
        """Draw the scenarios on one page that opens without internet access.

        Parameters
        ----------
        lang
            Language in which the page opens.
        """
        import amurgeo

        return amurgeo.maps.page(self, lang=lang)


def compare(
    net: Network,
    scenarios: Iterable[ScenarioLike],
    *,
    on: Day | None = None,
    year: int | None = None,
    first: Day | None = None,
    last: Day | None = None,
    vehicle: str | None = None,
    origins: Places | None = None,
    destinations: Places | None = None,
    stretch: float = STRETCH,
    border_h: Mapping[str, float] | None = None,
    transit: bool = True,
    drivers: int = 1,
    assume: str | None = None,
) -> Comparison:
    """Compare alternatives with a base scenario (the first).

    Parameters
    ----------
    net
        The network.
    scenarios
        At least two scenarios, names, files or inline changes.
    on
        The day. A regime has one; a scenario without a day takes that of the other.
    year
        Compare every day of a year instead of one day.
    first, last
        Compare every day from the first to the last instead of one day.
    vehicle, border_h, transit, drivers, assume
        As in `amurgeo.routes`.
    origins, destinations
        Places as in `od_matrix`, compared in both directions; by default those of the dataset.
    stretch
        An alternative counts if it takes at most this multiple of the fastest base time of the pair.

    Returns
    -------
    Comparison
        ``crossings``, ``pairs``, ``summary``, and methods for sentences, a map and JSON.

    Raises
    ------
    InputError
        For fewer than two scenarios, unknown names, if no day is given, or no service is unknown for
        `assume`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> result = ag.compare(ag.load(), ["frozen", "open"])
    >>> result.changed("open").loc[("blagoveshchensk:ferry", "cargo"), "alt_status"]
    'open'
    """
    transit = check_bool("transit", transit)
    if isinstance(scenarios, str | Scenario) or not isinstance(scenarios, Iterable):
        raise InputError("scenarios are given as a list, for instance ['frozen', 'open']")
    base, *alternatives = [scenario_of(net, name) for name in scenarios] or [scenario_of(net, None)]
    if not alternatives:
        raise InputError("expected a base and at least one alternative, for instance ['frozen', 'open']")
    check_each_once([base, *alternatives])
    stretch, vehicle = check_number("stretch", stretch, 1, LARGEST_STRETCH), vehicle_id(net, vehicle)
    net, (starts, ends) = default_places(net, origins, destinations)
    require_pair(net, starts, ends)
    period = asked_period(on, year, first, last)
    options: dict[str, Any] = {"border_h": border_h, "transit": transit, "drivers": check_drivers(drivers)}
    states, crossings, pairs, opens, runs = [], [], [], [], []
    unknown: dict[str, None] = {}
    for alternative in alternatives:
        if period is None:
            base_day, alt_day = asked_days(net, base, alternative, on)
            days = [np.array([day], dtype="datetime64[D]") for day in (base_day, alt_day)]
        else:
            refuse_regime(base)
            refuse_regime(alternative)
            days = [period_days(*period)] * 2
        assumed = assuming(net, [base, alternative], assume, np.concatenate(days))
        base_run, alt_run = (series(net, *run) for run in zip(assumed, days, strict=True))
        unknown |= dict.fromkeys((*base_run.unknown(vehicle), *alt_run.unknown(vehicle)))
        states.append((base_run.states[0], alt_run.states[0]))
        crossings.append(compare_crossings(base_run, alt_run, period=period is not None))
        pairs.append(compare_pairs(base_run, alt_run, vehicle, starts, ends, stretch, **options))
        opens.append(reopening(base_run, alt_run, pairs[-1], vehicle))
        runs += [] if period is None else [(base_run, alt_run)]
    frame = pd.concat(pairs, ignore_index=True)[PAIR_COLUMNS if period is None else list(pairs[0])]
    services = pd.concat(crossings)
    if len(alternatives) > 1:
        # Several alternatives have the same crossings; the index stays unique.
        services = services.set_index("alternative", append=True)
    parts = (stretch, period, tuple(unknown), tuple(opens), tuple(runs), options)
    return Comparison(net, vehicle, tuple(states), services, frame, *parts)
