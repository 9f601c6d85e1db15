"""States day by day over a period; days that are alike share one state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from amurgeo.errors import InputError
from amurgeo.network.additions import with_additions
from amurgeo.seasons.evaluation import evaluate_services, open_seasons
from amurgeo.seasons.state import State, state_frame

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario

#: Longest period that is taken day by day.
MAX_DAYS = 3660


@dataclass(frozen=True)
class Series:
    """The states of a period.

    Attributes
    ----------
    days
        Days, datetime64[D].
    states
        The distinct states, in order of their first day.
    which
        For each day the position of its state.
    """

    days: np.ndarray
    states: tuple[State, ...]
    which: np.ndarray

    def __iter__(self) -> Iterator[tuple[date, State]]:
        """Go through the days with their states."""
        for day, position in zip(self.days.astype(object), self.which, strict=True):
            yield day, self.states[position]


def series(net: Network, scenario: Scenario, first: date, last: date) -> Series:
    """Evaluate a period day by day.

    Parameters
    ----------
    net
        The network.
    scenario
        The scenario laid over; a regime has one day and no period.
    first, last
        First and last day, both included.

    Raises
    ------
    InputError
        When the period ends before it begins, is longer than ten years, or the scenario is a regime.

    Examples
    --------
    >>> import amurgeo as ag
    >>> from amurgeo.scenario import as_scenario
    >>> year = series(ag.load(), as_scenario("baseline"), date(2026, 1, 1), date(2026, 12, 31))
    >>> len(year.days), len(year.states) < 60
    (365, True)
    """
    if last < first:
        raise InputError(f"the period ends on {last} before it begins on {first}")
    if (last - first).days >= MAX_DAYS:
        raise InputError(f"the period from {first} to {last} is longer than ten years; take it in parts")
    if scenario.day is not None:
        raise InputError(
            f"'{scenario.name}' is a regime with one day; a period needs scenarios without a regime"
        )
    net = with_additions(net, scenario)
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    rows = list(evaluate_services(net, scenario, days))
    roads = open_seasons(net, scenario, days)
    seen: dict[tuple[object, ...], int] = {}
    which = np.empty(len(days), dtype=int)
    states: list[State] = []
    columns = [(out.status, out.max_mass_t, out.wait_h, out.capacity_share) for _, out in rows]
    for position in range(len(days)):
        key = (roads[position], *(str(array[position]) for group in columns for array in group))
        if key not in seen:
            seen[key] = len(states)
            states.append(
                State(net, days[position].astype(object), scenario, state_frame(net, rows, position))
            )
        which[position] = seen[key]
    return Series(days, tuple(states), which)
