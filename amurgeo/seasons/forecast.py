"""Dates ahead: the next change of every service, and the opening and closing of a season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import check_number
from amurgeo.io import plain
from amurgeo.network.additions import with_additions
from amurgeo.results import Result, ResultFrame
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.daily import refuse_regime
from amurgeo.seasons.evaluation import evaluate, scenario_of, season_model
from amurgeo.seasons.state import resolve_day
from amurgeo.seasons.turns import Season

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.service import ServiceDays

#: Days ahead that are evaluated.
HORIZON_DAYS = 500
#: Longest stop within a season, in days: holidays, repairs, high water.
STOP_DAYS = 10
#: Longest stop, in days, that does not count as a change of season.
BRIDGED_DAYS = 6
#: Probability from which a turn counts as come without a record of it.
SURE_FROM = 0.9
#: Default risk of finding a service closed.
RISK = 0.1
_QUANTILES = ("p10", "p50", "p90")
_DAYS = (*_QUANTILES, "last_safe_day")
_COLUMNS = ("status", "change", *_QUANTILES, "days_until", "last_safe_day", "next_stop", "basis", "evidence")


def next_changes(
    net: Network, on: date | str | None = None, *, scenario: ScenarioLike = None, risk: float = RISK
) -> pd.DataFrame:
    """Return the next change of every service with a season, and of others that are stopped or will be.

    Parameters
    ----------
    net
        The network.
    on
        The date from which to look ahead.
    scenario
        Scenario, name or file; not a regime.
    risk
        Accepted probability of finding the service closed, above 0 and up to 0.5.

    Returns
    -------
    DataFrame
        By crossing and traffic: status, change (``opens`` or ``closes``), p10, p50, p90 (datetime64; NaT if
        nothing is known within the horizon), days_until (Int64, days to p50), last_safe_day (datetime64,
        last day before the change on which the probability of finding it closed is within the risk, stops
        aside; NaT while it is closed), next_stop (next stop of a few days while it is open, as
        ``first..last``; None if none is known), basis, evidence. Services that work all year are included
        while they are stopped or unknown, or if a stop is known; unknown ones have no change.

    Raises
    ------
    InputError
        If the date or the risk is invalid, or the scenario is a regime.

    Notes
    -----
    The dates are conditional on the status on the date: a service that has not closed yet closes later than
    one of which nothing is known. Without a record a service counts as opened or closed only once that is
    90 % likely, so the status may differ from that of `amurgeo.state`, which changes at the median.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ahead = ag.next_changes(ag.load(), "2026-02-25")
    >>> ahead.loc[("poyarkovo:ice_road", "cargo"), "change"]
    'closes'
    """
    risk = check_number("risk", risk, 0, 0.5, above=True)
    parsed = scenario_of(net, scenario)
    refuse_regime(parsed)
    net = with_additions(net, parsed)
    days = np.datetime64(resolve_day(net, on, parsed), "D") + np.arange(HORIZON_DAYS)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for out in evaluate(net, parsed, days):
        service = out.service
        unknown = out.status[0] == "unknown"
        if not service.row["regular"] or not (unknown or out.open.any()):
            continue
        row = dict.fromkeys(_COLUMNS) | {"basis": out.basis[0], "evidence": out.evidence[0]}
        row |= _next_change(out, risk)
        row["next_stop"] = _next_stop(out.open | (out.reason == "day_off"), days)
        if not service.row["all_year"] or row["next_stop"] or row["p50"] or unknown:
            rows[service.crossing, service.traffic] = row
    index = pd.MultiIndex.from_tuples(list(rows), names=["crossing", "traffic"])
    frame = pd.DataFrame(list(rows.values()), index, list(_COLUMNS), dtype=object)
    days_of = {name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in _DAYS}
    return ResultFrame.of(frame.assign(**days_of, days_until=frame["days_until"].astype("Int64")), net)


@dataclass(frozen=True, eq=False)
class Dates(Result):
    """The opening and the closing day of one season of a crossing.

    Attributes
    ----------
    crossing, season
        The crossing and its season, ``2023/24`` or ``2024``.
    frame
        Indexed by event (``open``, ``close``): p10, p50, p90 and observed, datetime64; NaT if unknown.
    n
        Number of dated observations behind the days.
    method
        Origin of the days: ``observed``, ``pooled`` (record of other seasons), ``window`` (a typical day of
        the table), ``extrapolated`` (the service did not exist in the season) or ``none``.
    record_until
        Date of the newest observation of the record.
    """

    crossing: str
    season: str
    frame: pd.DataFrame
    n: int
    method: str
    record_until: date

    def __repr__(self) -> str:
        days = ", ".join(f"{event} {row['p50']}" for event, row in self._events().items())
        return f"Dates({self.crossing}, {self.season}: {days}, {self.method})"

    def to_frame(self) -> pd.DataFrame:
        """Return the days as a frame.

        Returns
        -------
        DataFrame
            Indexed by event (``open``, ``close``): p10, p50, p90, observed (datetime64).

        Examples
        --------
        >>> import amurgeo as ag
        >>> dates = ag.dates(ag.load(), "blagoveshchensk:ferry", season="2024")
        >>> list(dates.to_frame().columns)
        ['p10', 'p50', 'p90', 'observed']
        """
        return self.frame.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values.

        Returns
        -------
        dict
            crossing, season, open and close (each p10, p50, p90, observed: ISO dates or None), n, method,
            record_until.

        Examples
        --------
        >>> import amurgeo as ag
        >>> dates = ag.dates(ag.load(), "poyarkovo:ice_road", season="2023/24")
        >>> dates.to_dict()["open"]["observed"]
        '2024-01-25'
        """
        about = {"crossing": self.crossing, "season": self.season, **self._events()}
        return {**about, "n": self.n, "method": self.method, "record_until": self.record_until.isoformat()}

    def _events(self) -> dict[str, dict[str, str | None]]:
        return {str(event): plain(row.to_dict()) for event, row in self.frame.iterrows()}


def dates(
    net: Network,
    crossing: str,
    *,
    season: str,
    traffic: str | None = None,
    part: str | None = None,
    blind: bool = False,
) -> Dates:
    """Return the opening and the closing day of a season.

    Parameters
    ----------
    net
        The network.
    crossing
        Id of the crossing, or the key of a seasonal road.
    season
        ``2023/24``, or ``2024`` for a ferry.
    traffic
        ``cargo`` or ``passenger``; by default the first opening and the last closing of both, of the observed
        days if there are any.
    part
        ``autumn`` or ``spring`` for a hovercraft; other modes have none.
    blind
        Leave out the observations of that season.

    Returns
    -------
    Dates
        ``frame`` has the quantiles p10, p50, p90 and the observed day of both events. All are missing if
        nothing is known of such an event anywhere.

    Raises
    ------
    InputError
        If the crossing is unknown, the season has the wrong form, or the part is missing.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ag.dates(ag.load(), "poyarkovo:ice_road", season="2023/24")
    Dates(poyarkovo:ice_road, 2023/24: open 2024-01-25, close 2024-03-13, observed)
    """
    model = season_model(net)
    crossing = seasonal_crossing(net, crossing)
    found = model.dates(crossing, season=season, traffic=traffic, part=part, blind=blind)
    names = (*_QUANTILES, "observed")
    days = [[getattr(turn, name, None) for name in names] for turn in (found.open, found.close)]
    index = pd.Index(["open", "close"], name="event")
    frame = pd.DataFrame(days, index=index, columns=list(names), dtype="datetime64[s]")
    return Dates(crossing, found.season, frame, found.n, found.method, net.record_until)


def seasonal_crossing(net: Network, crossing: str) -> str:
    """Return the id of a crossing or road with a season by its id or name."""
    return net.names.crossing(crossing, among=season_model(net).crossings, kind="seasonal crossing")


def _next_change(out: ServiceDays, risk: float) -> dict[str, Any]:
    """Return status, and quantiles of the next change, from the daily probability of being open."""
    # A turn that is not on record counts as come from `SURE_FROM` on, not from its median; the quantiles of a
    # pending one are conditional on it not having come yet.
    if out.status[0] == "unknown":
        return {"status": "unknown"}
    probability, days = _bridged(out), out.days
    moves = np.flatnonzero(probability != probability[0])
    rising = bool(len(moves)) and probability[moves[0]] > probability[0]
    is_open = probability[0] >= (SURE_FROM if rising else 1.0 - SURE_FROM)
    if out.evidence[0] in ("observed", "scenario") or not len(moves):
        is_open = bool(out.open[0])
    status = out.status[0] if is_open == out.open[0] else "closed"
    if is_open and not out.open[0]:
        status = "limited" if out.limited[0] else "open"
    changing = 1.0 - probability if is_open else probability
    changed = changing >= 0.5
    if not changed.any():
        return {"status": status}
    middle = int(np.argmax(changed))
    # Early in a season the probability of being closed is that of not having opened yet: the change is
    # counted from the day on which it is least likely.
    least = int(np.argmin(changing[: middle + 1]))
    done = (changing[: middle + 120] - changing[least]) / max(1.0 - changing[least], 1e-9)
    done[:least] = 0.0
    done = np.maximum.accumulate(done)
    done /= max(done[-1], 1e-9)
    positions = [int(np.argmax(done >= p)) for p in (0.1, 0.5, 0.9)]
    safe = np.flatnonzero((changing[: middle + 1] <= risk) & is_open)
    return {
        "status": status,
        "change": "closes" if is_open else "opens",
        **dict(zip(_QUANTILES, days[positions].astype(str).tolist(), strict=True)),
        "days_until": positions[1],
        "last_safe_day": str(days[safe[-1]]) if len(safe) else None,
    }


def _next_stop(is_open: np.ndarray, days: np.ndarray) -> str | None:
    """Return the next stop of a few days within the season as ``first..last``; None if there is none."""
    changes = np.flatnonzero(np.diff(is_open.astype(np.int8))) + 1
    if not is_open[0] or len(changes) < 2 or changes[1] - changes[0] > STOP_DAYS:
        return None
    return f"{days[changes[0]]}..{days[changes[1] - 1]}"


def _bridged(out: ServiceDays) -> np.ndarray:
    """Return the probability of being open, in stops of a few days that of the season."""
    filled = out.chance.copy()
    stopped = np.flatnonzero(filled < out.seasonal)
    for run in np.split(stopped, np.flatnonzero(np.diff(stopped) > 1) + 1):
        if len(run) and len(run) <= BRIDGED_DAYS and run[0] > 0 and run[-1] + 1 < len(filled):
            filled[run] = out.seasonal[run]
    return filled


def season(
    net: Network,
    crossing: str,
    *,
    season: str,
    traffic: str,
    part: str | None = None,
    blind: bool = False,
) -> Season:
    """Return the season of a crossing for one kind of traffic, with the distributions of both days.

    Parameters
    ----------
    net
        The network.
    crossing
        Id of the crossing, or the key of a seasonal road.
    season
        ``2023/24``, or ``2024`` for a ferry.
    traffic
        ``cargo`` or ``passenger``.
    part
        ``autumn`` or ``spring`` for a hovercraft; other modes have none.
    blind
        Leave out the observations of that season.

    Returns
    -------
    Season
        ``open`` and ``close`` with quantiles, ``prob_open(days)``, ``n``, ``method``.

    Raises
    ------
    InputError
        If the crossing is unknown, the season has the wrong form, or the part is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import amurgeo as ag
    >>> ice = ag.seasons.season(ag.load(), "poyarkovo:ice_road", season="2026/27", traffic="cargo")
    >>> days = np.array(["2027-01-10", "2027-02-20"], dtype="datetime64[D]")
    >>> (ice.prob_open(days) > 0.5).tolist()
    [False, True]
    """
    crossing = seasonal_crossing(net, crossing)
    return season_model(net).dates(crossing, season=season, traffic=traffic, part=part, blind=blind)
