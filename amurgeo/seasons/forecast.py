"""Dates ahead: the next change of every service, and the opening and closing of a season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import check_bool, check_number
from amurgeo.io import plain
from amurgeo.network.additions import with_additions
from amurgeo.results import Result, ResultFrame
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.daily import period_scenario
from amurgeo.seasons.evaluation import evaluate, resolve_day, season_model, seasonal_crossing
from amurgeo.seasons.service import OPEN_FROM
from amurgeo.seasons.state import HORIZON_DAYS
from amurgeo.seasons.turns import Season, day_number

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.service import ServiceDays
    from amurgeo.text import Day

#: Longest stop, in days, that does not count as a change of season.
BRIDGED_DAYS = 6
#: Probability from which a turn counts as come without a record of it.
SURE_FROM = 0.9
#: Default risk of finding a service closed.
RISK = 0.1
#: Days ahead for which stops of services that work all year are listed.
STOPS_DAYS = 365
_QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_EVENTS = tuple(f"{event}_{name}" for event in ("opens", "closes") for name in _QUANTILES)
_SAFE = ("first_safe_day", "last_safe_day")
_COLUMNS = ("status", "change", *_QUANTILES, "days_until", "last_safe_day", "next_stop", "basis", "evidence",
            "first_safe_day", "stops", "season", *_EVENTS)  # fmt: skip
_SAFE_COLUMNS = ("status", "reason", "evidence", "season", *_EVENTS, *_SAFE, "stops")


def safe_days(
    net: Network, on: Day | None = None, *, scenario: ScenarioLike = None, risk: float = RISK
) -> pd.DataFrame:
    """Return the first and the last safe day of the coming season of every service, or of the present one.

    Parameters
    ----------
    net, on, scenario, risk
        As in `amurgeo.next_changes`.

    Returns
    -------
    DataFrame
        By crossing and traffic, for services that may work within the horizon of 500 days: status, reason
        and evidence of the date, season (``2026/27``; None if it works all year), opens_p10, opens_p50,
        opens_p90, closes_p10, closes_p50, closes_p90 (datetime64), first_safe_day, last_safe_day
        (datetime64; NaT if no day is safe; the last one is NaT too if no closing is known), stops (stops
        within the season, or within a year, as ``first..last`` joined with ``;``; None without any).

    Raises
    ------
    InputError
        If the date or the risk is invalid, or the scenario is a regime.

    Notes
    -----
    A day is safe if the season has opened in at least ``1 - risk`` of the draws of `amurgeo.ensemble`, and
    closed again in less than `risk`, outside stops. With a risk of 0.1 the first safe day is the P90 of the
    opening, and the last one is the day before the P10 of the closing. The quantiles are those of
    `amurgeo.dates`, and of ``Ensemble.turns()`` to the day.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ahead = ag.seasons.safe_days(ag.load(), "2026-11-28").loc[("poyarkovo:ice_road", "cargo")]
    >>> bool(ahead["first_safe_day"] == ahead["opens_p90"]), ahead["season"], ahead["stops"]
    (True, '2026/27', '2027-02-05..2027-02-08')
    """
    net, rows = _look_ahead(net, on, scenario, risk)
    return _by_service(rows, _SAFE_COLUMNS, net)


def next_changes(
    net: Network, on: Day | None = None, *, scenario: ScenarioLike = None, risk: float = RISK
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
        nothing is known within the horizon), days_until (Int64, days to p50), last_safe_day (datetime64),
        next_stop (the first of the stops while it is open), basis, evidence, first_safe_day
        (datetime64), stops, season, and opens_p10 to closes_p90 as in `safe_days`. Services that work all
        year are included while they are stopped or unknown, or if a stop is known; unknown ones have no
        change.

    Raises
    ------
    InputError
        If the date or the risk is invalid, or the scenario is a regime.

    Notes
    -----
    From the P10 of a change on its dates are conditional on its not having come, as with `not_by` of
    `amurgeo.ensemble`: a ferry that has not closed yet closes later than one of which nothing is known.
    Without a record a service counts as opened or closed only once that is 90 % likely; the status of
    `amurgeo.state` changes at the median.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ahead = ag.next_changes(ag.load(), "2026-02-25")
    >>> ahead.loc[("poyarkovo:ice_road", "cargo"), "change"]
    'closes'
    """
    net, rows = _look_ahead(net, on, scenario, risk)
    news = []
    for out, row in rows:
        row |= _next_change(out)
        if out.open[0] or out.reason[0] == "day_off":
            row["next_stop"] = (row["stops"] or "").partition(";")[0] or None
        is_news = row.get("next_stop") or row.get("p50") or out.status[0] == "unknown"
        if is_news or not out.service.row["all_year"]:
            news.append((out, row))
    frame = _by_service(news, _COLUMNS, net)
    return ResultFrame.of(frame.assign(days_until=frame["days_until"].astype("Int64")), net)


def _look_ahead(
    net: Network, on: Day | None, scenario: ScenarioLike, risk: float
) -> tuple[Network, list[tuple[ServiceDays, dict[str, Any]]]]:
    """Return the regular services that may work within the horizon, and their coming seasons."""
    risk = check_number("risk", risk, 0, 0.5, above=True)
    parsed = period_scenario(net, scenario)
    net = with_additions(net, parsed)
    days = np.datetime64(resolve_day(net, on, parsed), "D") + np.arange(HORIZON_DAYS)
    return net, [
        (out, _coming_season(out, risk))
        for out in evaluate(net, parsed, days)
        if out.service.row["regular"] and (out.status[0] == "unknown" or out.open.any())
    ]


def _by_service(
    rows: Sequence[tuple[ServiceDays, Mapping[str, Any]]], columns: Sequence[str], net: Network
) -> ResultFrame:
    """Return rows by crossing and traffic as a frame, with days as datetime64."""
    keys = [(out.service.crossing, out.service.traffic) for out, _ in rows]
    index = pd.MultiIndex.from_tuples(keys, names=["crossing", "traffic"])
    frame = pd.DataFrame([row for _, row in rows], index, list(columns), dtype=object)
    days = {*_QUANTILES, *_EVENTS, *_SAFE} & {*columns}
    dates = {name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in days}
    return ResultFrame.of(frame.assign(**dates), net)


def _coming_season(out: ServiceDays, risk: float) -> dict[str, Any]:
    """Return quantiles, safe days and stops of the season of the first day, or else of the next one."""
    found: dict[str, Any] = dict.fromkeys((*_EVENTS, *_SAFE, "season", "stops"))
    found |= {name: getattr(out, name)[0] for name in ("status", "reason", "basis", "evidence")}
    in_season = (out.seasonal >= OPEN_FROM) | out.open
    run = next((run for run in runs_of(in_season) if out.open[run].any()), None)
    if run is None:
        return found
    # Days of another world have its seasons.
    later = out.days[run[0]] - out.world_days[run[0]]
    axis = out.days - later
    opened, closed = out.seasonal >= 1.0 - risk, np.zeros(len(out.days), dtype=bool)
    for season in out.seasons:
        first, last = (axis[run[end]].item() for end in (0, -1))
        if season.open and season.close and season.open.p50 <= last and season.close.p50 > first:
            opened = axis.astype(int) >= season.open.distribution.quantile(1.0 - risk)
            closed = axis.astype(int) >= season.close.distribution.quantile(risk)
            turns = [getattr(turn, name) for turn in (season.open, season.close) for name in _QUANTILES]
            days = [np.datetime64(day, "D") + later for day in turns]
            found |= {"season": season.season, **dict(zip(_EVENTS, days, strict=True))}
            break
    # A stop makes a day unsafe, and so does the risk of one.
    safe = opened & ~closed & (out.chance > out.seasonal * (1.0 - risk))
    safe = np.where(out.reason == "scenario", out.chance >= 1.0 - risk, safe) & out.open
    safe_days = run[safe[run]]
    if len(safe_days):
        found["first_safe_day"] = out.days[safe_days[0]]
        found["last_safe_day"] = None if safe_days[-1] == len(out.days) - 1 else out.days[safe_days[-1]]
    if out.service.row["all_year"]:
        run = run[:STOPS_DAYS]
    stopped = ~out.open & (out.reason != "day_off") & np.isin(out.days, out.days[run])
    spans = [f"{out.days[stop[0]]}..{out.days[stop[-1]]}" for stop in runs_of(stopped)]
    return found | {"stops": ";".join(spans) or None}


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
        """Return the days as a frame: p10, p50, p90, observed (datetime64) by event (``open``, ``close``)."""
        return self.frame.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values.

        Keys: crossing, season, open and close (each p10, p50, p90, observed: ISO dates or None), n, method,
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
    blind = check_bool("blind", blind)
    crossing = seasonal_crossing(net, crossing)
    found = season_model(net).dates(crossing, season=season, traffic=traffic, part=part, blind=blind)
    names = (*_QUANTILES, "observed")
    days = [[getattr(turn, name, None) for name in names] for turn in (found.open, found.close)]
    index = pd.Index(["open", "close"], name="event")
    frame = pd.DataFrame(days, index=index, columns=list(names), dtype="datetime64[s]")
    return Dates(crossing, found.season, frame, found.n, found.method, net.record_until)


def _next_change(out: ServiceDays) -> dict[str, Any]:
    """Return status, and quantiles of the next change, conditional on its not having come yet."""
    # A turn that is not on record counts as come from `SURE_FROM` on, not from its median.
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
    ahead = _turn_ahead(out, "close" if is_open else "open", middle)
    if ahead is None:
        # A scenario: the change is counted from the day on which it is least likely.
        least = int(np.argmin(changing[: middle + 1]))
        done = changing[: middle + 120] - changing[least]
        done[:least] = 0.0
        done = np.maximum.accumulate(done)
        done /= max(done[-1], 1e-9)
        ahead = days[[int(np.argmax(done >= p)) for p in _QUANTILES.values()]]
    return {
        "status": status,
        "change": "closes" if is_open else "opens",
        **dict(zip(_QUANTILES, ahead.astype(str).tolist(), strict=True)),
        "days_until": (ahead[1] - days[0]).astype(int),
    }


def _turn_ahead(out: ServiceDays, event: str, position: int) -> np.ndarray | None:
    """Return the quantiles of the turn of a position, given that it has not come yet if it may have."""
    later = out.days[position] - out.world_days[position]
    today, then = ((out.days[at] - later).astype(int) for at in (0, position))
    for season in out.seasons:
        turn = season.open if event == "open" else season.close
        if turn is None:
            continue
        known, late = turn.distribution, then - day_number(turn.p50)
        come = known.cdf(out.days[:1] - later)[0]
        if come < SURE_FROM and late >= -1 and (position == 0 or late <= 1):
            # Before its P10 the quantiles are those of `dates`.
            if come >= 1.0 - SURE_FROM:
                known = replace(known, after=max(known.after, float(today)))
            days = np.array([known.quantile(p) for p in _QUANTILES.values()]).astype("datetime64[D]")
            return np.asarray(days + later)
    return None


def _bridged(out: ServiceDays) -> np.ndarray:
    """Return the probability of being open, in stops of a few days that of the season."""
    filled = out.chance.copy()
    for run in runs_of(filled < out.seasonal):
        if len(run) <= BRIDGED_DAYS and run[0] > 0 and run[-1] + 1 < len(filled):
            filled[run] = out.seasonal[run]
    return filled


def runs_of(mask: np.ndarray) -> list[np.ndarray]:
    """Return the positions of each run of true values."""
    positions = np.flatnonzero(mask)
    return [run for run in np.split(positions, np.flatnonzero(np.diff(positions) > 1) + 1) if len(run)]


def season(
    net: Network, crossing: str, *, season: str, traffic: str, part: str | None = None, blind: bool = False
) -> Season:
    """Return the season of a crossing for one kind of traffic, with the distributions of both days.

    Parameters
    ----------
    net, crossing, season, part, blind
        As in `amurgeo.dates`.
    traffic
        ``cargo`` or ``passenger``.

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
    blind = check_bool("blind", blind)
    crossing = seasonal_crossing(net, crossing)
    return season_model(net).dates(crossing, season=season, traffic=traffic, part=part, blind=blind)
