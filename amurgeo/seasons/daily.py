"""The status of every crossing on every day of a period: as a table, or as states that alike days share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_int
from amurgeo.network.additions import with_additions
from amurgeo.scenario import Scenario, ScenarioLike, as_scenario
from amurgeo.seasons.state import State, evaluate, open_seasons, state_frame
from amurgeo.text import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Longest period in days.
MAX_DAYS = 3660


@dataclass(frozen=True)
class DailyStates:
    """The states of a period.

    Attributes
    ----------
    days
        Days, datetime64[D].
    states
        The distinct states in order of their first day.
    which
        The position of its state for each day.
    """

    days: np.ndarray
    states: tuple[State, ...]
    which: np.ndarray

    def __iter__(self) -> Iterator[tuple[date, State]]:
        """Iterate over the days with their states."""
        for day, position in zip(self.days.astype(object), self.which, strict=True):
            yield day, self.states[position]


def series(net: Network, scenario: Scenario, first: date, last: date) -> DailyStates:
    """Return the states of a period from its first to its last day.

    Raise InputError if it ends before it starts or is longer than ten years, or the scenario is a regime.

    Examples
    --------
    >>> import amurgeo as ag
    >>> from amurgeo.scenario import as_scenario
    >>> year = series(ag.load(), as_scenario("baseline"), date(2026, 1, 1), date(2026, 12, 31))
    >>> len(year.days), len(year.states) < 60
    (365, True)
    """
    if last < first:
        raise InputError(f"the period is invalid: {first} to {last}; expected an end after the start")
    if (last - first).days >= MAX_DAYS:
        raise InputError(f"the period is invalid: {first} to {last}; expected at most ten years")
    refuse_regime(scenario)
    net = with_additions(net, scenario)
    days = _days(first, last)
    services = evaluate(net, scenario, days)
    roads = open_seasons(net, scenario, days)
    columns = [
        np.unique(column, return_inverse=True)[1]
        for out in services
        for column in (out.status, out.max_mass_t, out.wait_h, out.capacity_share, out.border_h)
    ]
    codes = {keys: code for code, keys in enumerate(dict.fromkeys(roads))}
    columns.append(np.array([codes[keys] for keys in roads]))
    _, starts, which = np.unique(np.column_stack(columns), axis=0, return_index=True, return_inverse=True)
    order = np.argsort(starts)
    states = tuple(
        State(net, days[position].item(), scenario, state_frame(services, position))
        for position in starts[order]
    )
    return DailyStates(days, states, np.argsort(order)[which.ravel()])


def refuse_regime(scenario: Scenario) -> None:
    """Raise if a scenario is a regime, which has one day and no period."""
    if scenario.day is not None:
        raise InputError(f"'{scenario.name}' is a regime with one day; expected a scenario without a regime")


def calendar(net: Network, year: int, *, scenario: ScenarioLike = None) -> pd.DataFrame:
    """Return the status of every service on every day of a year.

    Parameters
    ----------
    net
        The network.
    year
        The year, 1980 to 2100.
    scenario
        Scenario, name or file; not a regime, which has one day.

    Returns
    -------
    DataFrame
        One row per day, crossing and traffic: date (datetime64), crossing, traffic, status, reason,
        probability_open, basis.

    Raises
    ------
    InputError
        If the year is outside 1980 to 2100, or the scenario is a regime.

    Examples
    --------
    >>> import amurgeo as ag
    >>> days = ag.calendar(ag.load(), 2024)
    >>> opened = days[(days.crossing == "poyarkovo:ice_road") & (days.status == "open")]
    >>> str(opened.date.min().date())
    '2024-01-25'
    """
    year = check_int("year", year, FIRST_DAY.year, LAST_DAY.year)
    parsed = as_scenario(scenario)
    refuse_regime(parsed)
    return period(net, parsed, date(year, 1, 1), date(year, 12, 31))


def period(net: Network, scenario: Scenario, first: date, last: date) -> pd.DataFrame:
    """Return the status of every service on every day from the first to the last; see `calendar`."""
    days = _days(first, last)
    frames = [
        pd.DataFrame(
            {
                "date": days.astype("datetime64[s]"),
                "crossing": out.service.crossing,
                "traffic": out.service.traffic,
                **{name: getattr(out, name) for name in ("status", "reason", "probability_open", "basis")},
            }
        )
        for out in evaluate(with_additions(net, scenario), scenario, days)
    ]
    return pd.concat(frames, ignore_index=True)


def _days(first: date, last: date) -> np.ndarray:
    return np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)


#: The former name of `DailyStates`.
