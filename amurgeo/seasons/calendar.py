"""The calendar: every service on every day of a year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_int
from amurgeo.network.additions import with_additions
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.evaluation import evaluate_services
from amurgeo.text import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from amurgeo.network import Network


def calendar(net: Network, year: int, *, scenario: Scenario | str | None = None) -> pd.DataFrame:
    """Say what is open on every day of a year.

    Parameters
    ----------
    net
        The network.
    year
        The year.
    scenario
        Scenario, name or file; a regime has a day and no year.

    Returns
    -------
    DataFrame
        One row per day, crossing and traffic: date (datetime64), crossing, traffic, status, reason,
        probability_open, basis.

    Raises
    ------
    InputError
        For a year outside 1980 to 2100, or a scenario that is a regime.

    Examples
    --------
    >>> import amurgeo as ag
    >>> days = ag.calendar(ag.load(), 2024)
    >>> opened = days[(days.crossing == "poyarkovo:ice_road") & (days.status == "open")]
    >>> str(opened.date.min().date())
    '2024-01-25'
    """
    year = check_int("year", year, FIRST_DAY.year, LAST_DAY.year)
    laid = as_scenario(scenario)
    if laid.day is not None:
        raise InputError(
            f"'{laid.name}' is a regime with one day; a calendar needs a scenario without a regime"
        )
    return period(net, laid, date(year, 1, 1), date(year, 12, 31))


def period(net: Network, scenario: Scenario, first: date, last: date) -> pd.DataFrame:
    """Say what is open on every day from the first to the last, both included; see `calendar`."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    frames = [
        pd.DataFrame(
            {
                "date": days.astype("datetime64[s]"),
                "crossing": service.crossing,
                "traffic": service.traffic,
                "status": out.status,
                "reason": out.reason,
                "probability_open": out.probability,
                "basis": out.basis,
            }
        )
        for service, out in evaluate_services(with_additions(net, scenario), scenario, days)
    ]
    return pd.concat(frames, ignore_index=True)
