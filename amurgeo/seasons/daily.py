"""The status of every crossing on every day of a period: as a table, or as states that alike days share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_int, unknown_name_error
from amurgeo.network import check_network
from amurgeo.network.additions import with_additions
from amurgeo.results import Result, ResultFrame, rounded_records
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.evaluation import assuming, evaluate, road_states, scenario_of
from amurgeo.seasons.observations import TRAFFICS
from amurgeo.seasons.service import ServiceDays
from amurgeo.seasons.state import State, values_on
from amurgeo.text import FIRST_DAY, LAST_DAY, Day, parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Longest period in days.
MAX_DAYS = 3660
#: Columns of a calendar; those from the status on are attributes of `ServiceDays`.
CALENDAR = ("date", "crossing", "traffic", "status", "reason", "probability_open", "basis", "evidence")


@dataclass(frozen=True, eq=False)
class States(Result):
    """The status of every crossing on some days under one scenario.

    ``len(states)`` is the number of days; ``states["2026-07-15"]`` is the `State` of a day, ``states[0]``
    that of the first; iteration gives the state of each day.

    Attributes
    ----------
    net
        The network.
    scenario
        The scenario.
    days
        Days in ascending order, datetime64[D].
    services
        The evaluated services.
    """

    net: Network
    scenario: Scenario
    days: np.ndarray
    services: tuple[ServiceDays, ...]

    def __repr__(self) -> str:
        return f"States({self.days[0]} to {self.days[-1]}, {self.scenario.name}, {len(self.days)} days)"

    def __len__(self) -> int:
        return len(self.days)

    def __iter__(self) -> Iterator[State]:
        """Iterate over the states of the days."""
        return map(self._at, range(len(self.days)))

    def __getitem__(self, day: Day | SupportsIndex) -> State:
        """Return the state of a day, given as a date or by its position."""
        if isinstance(day, slice):
            raise InputError("a slice of states is invalid; expected a day or a position")
        if isinstance(day, SupportsIndex):
            return self._at(range(len(self.days))[day])
        on = parse_day(day)
        position = int(np.searchsorted(self.days, np.datetime64(on, "D")))
        if position == len(self.days) or self.days[position] != np.datetime64(on, "D"):
            raise InputError(f"no state of {on}; expected one of {len(self)} days from {self.days[0]} on")
        return self._at(position)

    def _at(self, position: int) -> State:
        day = self.days[position].item()
        return State(self.net, day, self.scenario, values_on(self.services, position))

    def _column(self, name: str) -> np.ndarray:
        """Return an attribute of all services, day by day."""
        return np.concatenate([getattr(out, name) for out in self.services])

    @cached_property
    def _distinct(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions of the first day of each distinct state, and the number of its state for each day."""
        roads = road_states(self.net, self.scenario, self.days)
        codes = {keys: code for code, keys in enumerate(dict.fromkeys(roads))}
        columns = [np.array([[codes[keys] for keys in roads]])]
        for name in ("status", "max_mass_t", "wait_h", "capacity_share", "border_h"):
            values = pd.factorize(self._column(name), use_na_sentinel=False)[0].reshape(-1, len(self))
            columns.append(values[(values != values[:, :1]).any(axis=1)])
        table = np.vstack(columns).T
        _, starts, which = np.unique(table, axis=0, return_index=True, return_inverse=True)
        order = np.argsort(starts)
        return starts[order], np.argsort(order)[which.ravel()]

    @cached_property
    def states(self) -> tuple[State, ...]:
        """The distinct states in order of their first day."""
        return tuple(self._at(position) for position in self._distinct[0])

    @property
    def which(self) -> np.ndarray:
        """The position of its state in ``states`` for each day."""
        return self._distinct[1]

    def probability_open(self, traffic: str) -> dict[str, np.ndarray]:
        """Return the probability of being open on each day.

        Parameters
        ----------
        traffic
            ``cargo`` or ``passenger``.

        Returns
        -------
        dict of ndarray
            By crossing: probabilities, float, one per day.

        Raises
        ------
        InputError
            If the traffic is unknown.

        Examples
        --------
        >>> import amurgeo as ag
        >>> winter = ag.states(ag.load(), "2027-01-01", "2027-01-31")
        >>> winter.probability_open("cargo")["poyarkovo:ice_road"].shape
        (31,)
        """
        if traffic not in TRAFFICS:
            raise unknown_name_error("traffic", traffic, TRAFFICS)
        days_of = [out for out in self.services if out.service.traffic == traffic]
        return {out.service.crossing: out.probability_open for out in days_of}

    def unknown(self, vehicle: str | None = None) -> tuple[str, ...]:
        """Return the crossings whose status is unknown on some day, and which count as closed then.

        Parameters
        ----------
        vehicle
            Id of a vehicle: only crossings for its kind of traffic; all if omitted.

        Returns
        -------
        tuple of str
            Ids of crossings.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.states(ag.load(), "2026-06-01", "2026-06-30").unknown()
        ()
        """
        return tuple(dict.fromkeys(id_ for state in self.states for id_ in state.unknown(vehicle)))

    def to_frame(self) -> pd.DataFrame:
        """Return the status of every service on every day: one row per crossing, traffic and day.

        Columns: date (datetime64), crossing, traffic, status, reason, probability_open, basis, evidence,
        confidence, max_mass_t (tonnes), wait_h (hours), capacity_share.
        """
        columns = {"date": np.tile(self.days.astype("datetime64[s]"), len(self.services))}
        for name in CALENDAR[1:3]:
            ids = np.array([getattr(out.service, name) for out in self.services], dtype=object)
            columns[name] = np.repeat(ids, len(self))
        names = (*CALENDAR[3:], "confidence", "max_mass_t", "wait_h", "capacity_share")
        return pd.DataFrame(columns | {name: self._column(name) for name in names})

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the rows as plain records, the JSON of the command ``calendar``."""
        return rounded_records(self.to_frame()[list(CALENDAR)])


def states(
    net: Network,
    start: Day | Iterable[Day],
    end: Day | None = None,
    *,
    scenario: ScenarioLike = None,
    assume: str | None = None,
) -> States:
    """Return the status of every crossing on every day of a period.

    Parameters
    ----------
    net
        The network.
    start
        First day, as text (``2026-07-01``), date, datetime, Timestamp or datetime64; or all days, as a
        DatetimeIndex or a list: duplicates count once, the order does not matter.
    end
        Last day; omitted if `start` has all days.
    scenario, assume
        As in `amurgeo.state`; not a regime, which has one day.

    Returns
    -------
    States
        Its ``to_frame()`` has one row per day, crossing and traffic; ``states[day]`` is the state of a day.

    Raises
    ------
    InputError
        If a day is invalid, the period ends before it starts or has more than 3660 days, the scenario is
        a regime, or no service is unknown for `assume`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> summer = ag.states(ag.load(), "2026-07-01", "2026-08-31")
    >>> len(summer), summer["2026-07-15"]
    (62, State(2026-07-15, baseline, 28 of 59 services open))
    """
    check_network(net)
    days = period_days(start, end)
    return series(net, period_scenario(net, scenario, days, assume), days)


def series(net: Network, scenario: Scenario, days: np.ndarray) -> States:
    """Return the states of ascending days (datetime64[D])."""
    net = with_additions(net, scenario)
    return States(net, scenario, days, tuple(evaluate(net, scenario, days)))


def period_days(start: Day | Iterable[Day], end: Day | None = None) -> np.ndarray:
    """Return the days from a first to a last one, or given ones in ascending order, as datetime64[D]."""
    is_list = isinstance(start, Iterable) and not isinstance(start, str)
    if is_list and end is None:
        given = sorted({parse_day(day) for day in start})  # type: ignore[union-attr]
        days = np.array(given, dtype="datetime64[D]")
    elif is_list or end is None:
        raise InputError(
            f"the period is invalid: {start!r:.60} to {end}; expected start= and end=, or only a list of days"
        )
    else:
        first, last = parse_day(start), parse_day(end)
        if last < first:
            raise InputError(f"the period ends on {last}, before it begins on {first}")
        days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    if not 0 < len(days) <= MAX_DAYS:
        raise InputError(f"the period is invalid: {len(days)} days; expected 1 to {MAX_DAYS}, ten years")
    return days


def asked_period(
    on: Day | None, year: int | None, first: Day | None, last: Day | None
) -> tuple[date, date] | None:
    """Return the first and last day of the period; None for a single day."""
    if sum((on is not None, year is not None, first is not None or last is not None)) > 1:
        raise InputError(
            "the period is ambiguous; expected a day (on=), a year (year=), or first= and last=, not several"
        )
    if year is not None:
        days = year_days(year)
        return days[0].item(), days[-1].item()
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise InputError(f"the period is invalid: first={first}, last={last}; expected both ends")
    return parse_day(first), parse_day(last)


def year_days(year: int) -> np.ndarray:
    """Return the days of a year as datetime64[D]."""
    year = check_int("year", year, FIRST_DAY.year, LAST_DAY.year)
    return period_days(date(year, 1, 1), date(year, 12, 31))


def refuse_regime(scenario: Scenario) -> None:
    """Raise if a scenario is a regime, which has one day and no period."""
    if scenario.day is not None:
        raise InputError(f"'{scenario.name}' is a regime with one day; expected a scenario without a regime")


def period_scenario(
    net: Network, given: ScenarioLike, days: np.ndarray | None = None, assume: str | None = None
) -> Scenario:
    """Return a scenario for a period, with what is assumed of services unknown on its days.

    Raise if it is a regime.
    """
    scenarios = period_scenarios(net, [given])
    return (scenarios if days is None else assuming(net, scenarios, assume, days))[0]


def period_scenarios(net: Network, given: Iterable[ScenarioLike]) -> list[Scenario]:
    """Return scenarios for a period; raise if one is a regime, or unless each is there once."""
    scenarios = [scenario_of(net, scenario) for scenario in given]
    for scenario in scenarios:
        refuse_regime(scenario)
    check_each_once(scenarios)
    return scenarios


def check_each_once(scenarios: Sequence[Scenario]) -> None:
    """Raise unless there are scenarios, and each name once."""
    if len({scenario.name for scenario in scenarios}) < max(1, len(scenarios)):
        raise InputError("scenarios are invalid: expected at least one, and each once")


def calendar(
    net: Network, year: int, *, scenario: ScenarioLike = None, assume: str | None = None
) -> pd.DataFrame:
    """Return the status of every service on every day of a year.

    Parameters
    ----------
    net
        The network.
    year
        The year, 1980 to 2100.
    scenario, assume
        As in `amurgeo.states`.

    Returns
    -------
    DataFrame
        One row per day, crossing and traffic: date (datetime64), crossing, traffic, status, reason,
        probability_open (NaN: unknown), basis, evidence (see `State.crossings`). Its ``to_gdf()``
        adds the lines of the crossings, ``unknown`` has those whose status is unknown on some day.

    Raises
    ------
    InputError
        If the year is outside 1980 to 2100, the scenario is a regime, or no service is unknown for `assume`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> days = ag.calendar(ag.load(), 2024)
    >>> opened = days[(days.crossing == "poyarkovo:ice_road") & (days.status == "open")]
    >>> str(opened.date.min().date())
    '2024-01-25'
    """
    found = states(net, year_days(year), scenario=scenario, assume=assume)
    return ResultFrame.of(found.to_frame()[list(CALENDAR)], found.net, found.unknown())
