"""What changes next: each service's next opening or closing, how surely, and until when to dispatch."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network.additions import with_additions
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.evaluation import evaluate, service_of
from amurgeo.seasons.state import resolve_day

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Days that are looked ahead.
HORIZON_DAYS = 500
#: The longest rest that is a stop within a season, in days: holidays, repairs, high water.
STOP_DAYS = 10
#: Chance of finding it closed that a dispatcher takes, unless told otherwise.
RISK = 0.1
_COLUMNS = ("status", "change", "p10", "p50", "p90", "days_until", "last_safe_day", "next_stop", "basis")


def next_changes(
    net: Network, *, on: date | str | None = None, scenario: Scenario | str | None = None, risk: float = RISK
) -> pd.DataFrame:
    """Say what changes next at every service with a season, and at others that are stopped or will be.

    Parameters
    ----------
    net
        The network.
    on
        The day from which to look ahead.
    scenario
        Scenario, name or file; not a regime.
    risk
        Chance of finding the service closed that is taken, 0 to 0.5.

    Returns
    -------
    DataFrame
        By crossing and traffic: status, change (``opens`` or ``closes``), p10, p50, p90 (ISO days; all None
        where nothing is known within the horizon), days_until (to p50), last_safe_day (the last day before
        the change on which the chance of finding it closed stays within the risk, stops aside; None while it
        is closed), next_stop (the next rest of a few days while it is open, as ``first..last``; None where
        none is known), basis. Services that work all year are there while they rest or when a stop is known.

    Raises
    ------
    InputError
        For an impossible day or risk, or when the scenario is a regime.

    Notes
    -----
    The days are conditional on what is known on the day: a service that has not closed yet closes later than
    one of which nothing is known.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ahead = next_changes(ag.load(), on="2026-02-25")
    >>> ahead.loc[("poyarkovo:ice_road", "cargo"), "change"]
    'closes'
    """
    if not 0 < risk <= 0.5:
        raise InputError(f"the risk is {risk:g}; give a chance above 0 and up to 0.5, for instance 0.1")
    laid = as_scenario(scenario)
    if laid.day is not None:
        raise InputError(
            f"'{laid.name}' is a regime with one day; a look ahead needs a scenario without a regime"
        )
    net = with_additions(net, laid)
    day = resolve_day(net, on, laid)
    days = np.datetime64(day, "D") + np.arange(HORIZON_DAYS)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for crossing, traffic in net.base["services"].index:
        service = service_of(net, laid, crossing, traffic)
        if not bool(service.row["regular"]):
            continue
        out = evaluate(net, laid, service, days)
        if not out.open.any():
            continue
        row = _ahead(out.open, out.probability, out.status, out.basis, days, risk)
        row["next_stop"] = _next_stop(out.open, days)
        if not bool(service.row["all_year"]) or row["next_stop"] or row["p50"]:
            rows[crossing, traffic] = row
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(_COLUMNS), dtype=object)
    frame.index = pd.MultiIndex.from_tuples(list(rows), names=["crossing", "traffic"])
    return frame


def _ahead(
    opened: np.ndarray,
    chance: np.ndarray,
    status: np.ndarray,
    basis: np.ndarray,
    days: np.ndarray,
    risk: float,
) -> dict[str, Any]:
    """Read the next change off the chance of being open, day by day."""
    is_open = bool(opened[0])
    # Short stops (holidays, repairs) are no change of season: the chance is bridged over them.
    smooth = _bridged(chance, basis)
    turned = smooth < 0.5 if is_open else smooth >= 0.5
    if not turned.any():
        return dict.fromkeys(_COLUMNS) | {"status": status[0], "basis": basis[0]}
    middle = int(np.argmax(turned))
    turning = 1.0 - smooth if is_open else smooth
    # Early in a season the chance of being closed is that of not having opened yet: the change is counted
    # from the day on which it is least likely, and is conditional on not having happened by then.
    least = int(np.argmin(turning[: middle + 1]))
    start = turning[least]
    window = slice(0, min(len(days), middle + 120))
    done = (turning[window] - start) / max(1.0 - start, 1e-9)
    done[:least] = 0.0
    done = np.maximum.accumulate(done)
    quantiles = [_first(done, share) for share in (0.1, 0.5, 0.9)]
    p10, p50, p90 = (None if at is None else str(days[at]) for at in quantiles)
    safe = None
    if is_open:
        within = np.flatnonzero((1.0 - smooth)[: middle + 1] <= risk)
        safe = str(days[within[-1]]) if len(within) else None
    return {
        "status": status[0],
        "change": "closes" if is_open else "opens",
        "p10": p10,
        "p50": p50,
        "p90": p90,
        "days_until": quantiles[1],
        "last_safe_day": safe,
        "basis": basis[0],
    }


def _next_stop(opened: np.ndarray, days: np.ndarray) -> str | None:
    """Return the next rest of a few days, ``first..last``, before the season ends; None where none is."""
    if not opened[0]:
        return None
    turns = np.flatnonzero(np.diff(opened.astype(np.int8))) + 1
    if len(turns) < 2 or turns[1] - turns[0] > STOP_DAYS:
        return None
    return f"{days[turns[0]]}..{days[turns[1] - 1]}"


def _bridged(chance: np.ndarray, basis: np.ndarray, longest: int = 6) -> np.ndarray:
    """Fill dips to zero of a few days with the chance before them."""
    filled = chance.copy()
    zero = np.flatnonzero(filled == 0.0)
    if not len(zero) or zero[0] == 0:
        return filled
    runs = np.split(zero, np.flatnonzero(np.diff(zero) > 1) + 1)
    for run in runs:
        after = run[-1] + 1
        if len(run) <= longest and after < len(filled) and filled[after] > 0.05 and filled[run[0] - 1] > 0.05:
            filled[run] = filled[run[0] - 1]
    return filled


def _first(done: np.ndarray, share: float) -> int | None:
    reached = np.flatnonzero(done >= share)
    return int(reached[0]) if len(reached) else None
