"""What changes next: each service's next opening or closing, how surely, and until when to dispatch."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.additions import with_additions
from amurgeo.seasons.evaluation import evaluate, service_of
from amurgeo.seasons.state import resolve_day

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Days that are looked ahead.
HORIZON_DAYS = 500
#: Chance of finding it closed that a dispatcher takes, unless told otherwise.
RISK = 0.1


def next_changes(
    net: Network, *, on: date | str | None = None, scenario: Scenario | str | None = None, risk: float = RISK
) -> pd.DataFrame:
    """Say what changes next at every service with a season.

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
        By crossing and traffic: status, change (``opens`` or ``closes``), p10, p50, p90 (ISO days, None
        where nothing is known within the horizon), days_until (to p50), last_safe_day (the last day before
        the change on which the chance of finding it closed stays within the risk; None while it is closed),
        basis.

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
    for crossing, traffic in net.tables["services"].index:
        service = service_of(net, laid, crossing, traffic)
        if bool(service.row["all_year"]) or not bool(service.row["regular"]):
            continue
        out = evaluate(net, laid, service, days)
        if not out.open.any() and not out.open[0]:
            continue
        rows[crossing, traffic] = _ahead(out.open, out.probability, out.status, out.basis, days, risk)
    columns = ["status", "change", "p10", "p50", "p90", "days_until", "last_safe_day", "basis"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=object)
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
        return _row(status[0], is_open, None, None, None, None, None, basis[0])
    middle = int(np.argmax(turned))
    turning = 1.0 - smooth if is_open else smooth
    start = turning[0]
    # Conditional on not having happened yet, and read only up to the far side of the change.
    window = slice(0, min(len(days), middle + 120))
    done = np.maximum.accumulate((turning[window] - start) / max(1.0 - start, 1e-9))
    quantiles = [_first(done, share) for share in (0.1, 0.5, 0.9)]
    p10, p50, p90 = (None if at is None else str(days[at]) for at in quantiles)
    safe = None
    if is_open:
        within = np.flatnonzero((1.0 - smooth)[: middle + 1] <= risk)
        safe = str(days[within[-1]]) if len(within) else None
    return _row(status[0], is_open, p10, p50, p90, quantiles[1], safe, basis[0])


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


def _row(
    status: str,
    is_open: bool,
    p10: str | None,
    p50: str | None,
    p90: str | None,
    until: int | None,
    safe: str | None,
    basis: str,
) -> dict[str, Any]:
    return {
        "status": status,
        "change": "closes" if is_open else "opens",
        "p10": p10,
        "p50": p50,
        "p90": p90,
        "days_until": until,
        "last_safe_day": safe,
        "basis": basis,
    }
