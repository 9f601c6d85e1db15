"""The daily status of a service: rules in increasing order of precedence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.scenario import NewCrossing
from amurgeo.seasons.holidays import NEAR_DAYS
from amurgeo.seasons.observations import Observation, ServiceRecord
from amurgeo.seasons.turns import season_name

if TYPE_CHECKING:
    from amurgeo.scenario import Change, Scenario
    from amurgeo.seasons.holidays import HolidayStop
    from amurgeo.seasons.turns import Season

#: Key and placeholder values of an explanation.
Because = tuple[str, dict[str, Any]]
#: Probability from which a service counts as open.
OPEN_FROM = 0.5
#: Trust an observed opening until the probability of having closed again exceeds this.
MAX_CLOSED = 0.1


@dataclass(frozen=True)
class Service:
    """A crossing for one kind of traffic, with its row of the table ``services`` and its observations.

    ``opened`` is the observed opening if it was announced only; dates are None if unknown.
    """

    crossing: str
    traffic: str
    mode: str
    checkpoint: str
    counterpart: str
    row: Mapping[str, Any]
    opened: np.datetime64[date] | None
    planned: np.datetime64[date] | None
    retired: np.datetime64[date] | None
    record: ServiceRecord

    @property
    def is_seasonal(self) -> bool:
        """Whether it works in seasons: regularly, and not all year."""
        return bool(self.row["regular"]) and not self.row["all_year"]

    def concerns(self, change: Change) -> bool:
        """Return whether a change of a scenario applies to the service."""
        is_target = (
            change.crossing == self.crossing
            or change.checkpoint == self.checkpoint
            or change.mode == self.mode
        )
        return is_target and change.traffic in (None, self.traffic)


class ServiceDays:
    """The status of one service on some days, set rule by rule."""

    def __init__(self, service: Service, conditions: Conditions) -> None:
        n, row = len(conditions.days), service.row
        self.service = service
        self.days, self.world_days = conditions.days, conditions.world_days
        self.scenario = conditions.scenario
        self.closed_reason = conditions.closed_reasons[service.mode]
        self.everywhere = np.ones(n, dtype=bool)
        self.open = np.zeros(n, dtype=bool)
        self.probability_open = np.zeros(n)
        self.max_mass_t = np.full(n, float(row["max_mass_t"]))
        self.wait_h = np.full(n, float(row["wait_h"]))
        self.capacity_share = np.ones(n)
        self.border_h = np.full(n, np.nan)
        self.reason = _filled(n, "out_of_season")
        self.because = _filled(n, ("because.no_window", {}))
        self.basis = _filled(n, "expected")
        self.confidence = _filled(n, row["confidence"])
        self.sources = _filled(n, (row["source"],))
        self.limited = _filled(n, row["limited"])

    @property
    def status(self) -> np.ndarray:
        """``open``, ``limited`` or ``closed``, one per day."""
        return np.where(self.open, np.where(self.limited != "", "limited", "open"), "closed")

    def at(self, position: int) -> tuple[Any, ...]:
        """Return the values of one day, in the order of the columns of ``State.crossings``."""
        limited = self.limited[position]
        status = ("limited" if limited != "" else "open") if self.open[position] else "closed"
        return (
            status,
            self.reason[position],
            self.because[position],
            float(self.max_mass_t[position]),
            float(self.probability_open[position]),
            self.basis[position],
            self.confidence[position],
            self.sources[position],
            limited,
            float(self.wait_h[position]),
            float(self.capacity_share[position]),
            float(self.border_h[position]),
        )

    def set(self, where: np.ndarray, **values: Any) -> None:
        """Set values on the days of a mask; arrays are taken on the same days."""
        if where.any():
            for name, value in values.items():
                is_array = isinstance(value, np.ndarray)
                getattr(self, name)[where] = value[where] if is_array else _cell(value)

    def expect(self, where: np.ndarray, probability: np.ndarray, **values: Any) -> None:
        """Set the days of a mask by their probability of being open."""
        is_open = probability >= OPEN_FROM
        reason = np.where(is_open, "in_season", self.closed_reason)
        self.set(where, open=is_open, probability_open=probability, reason=reason, **values)

    def close(self, where: np.ndarray, reason: str, because: Because, **origin: Any) -> None:
        """Close the days of a mask."""
        self.set(where, open=False, probability_open=0.0, reason=reason, because=because, **origin)

    def observe(self, where: np.ndarray, row: Observation, is_open: bool, key: str) -> None:
        """Set the days of a mask by an observation."""
        self.set(
            where,
            open=is_open,
            probability_open=float(is_open),
            basis="observed",
            reason="in_season" if is_open else self.closed_reason,
            confidence=row.confidence,
            because=(key, {"date": str(row.day)}),
            sources=(row.source,),
        )


def _cell(value: Any) -> Any:
    """Return a value that NumPy puts into cells as a whole."""
    if not isinstance(value, tuple):
        return value
    cell = np.empty((), dtype=object)
    cell[()] = value
    return cell


def _filled(n: int, value: Any) -> np.ndarray:
    array = np.empty(n, dtype=object)
    array[:] = _cell(value)
    return array


def closed_reason(mode: str, days: np.ndarray, usual: Mapping[str, Sequence[tuple[str, str]]]) -> np.ndarray:
    """Return why a crossing is usually closed on each day (datetime64[D]).

    `usual` are the reasons by mode, each with its days as ``MM-DD..MM-DD``; other days are out of season.
    """
    months = days.astype("datetime64[M]")
    month_day = (months.astype(int) % 12 + 1) * 100 + (days - months.astype("datetime64[D]")).astype(int) + 1
    reasons = np.full(len(days), "out_of_season", dtype=object)
    for reason, span in usual.get(mode, usual.get("other", ())):
        first, last = (int(end.replace("-", "")) for end in span.split(".."))
        after, before = month_day >= first, month_day <= last
        reasons[after & before if first <= last else after | before] = reason
    return reasons


@dataclass(frozen=True)
class Conditions:
    """What all services have in common on some days under a scenario.

    ``world_days`` are the days in the year of the scenario's world. The record and the holidays apply
    unless the scenario is a regime or the world of another year.
    """

    scenario: Scenario
    days: np.ndarray
    world_days: np.ndarray
    is_dated: bool
    stops: Sequence[HolidayStop]
    closed_reasons: Mapping[str, np.ndarray]


def evaluate_service(
    service: Service,
    conditions: Conditions,
    seasons: Sequence[Season],
    shift: tuple[float, float] | None,
    like: Callable[[str], ServiceDays],
) -> ServiceDays:
    """Return the status of a service: every rule overrides those before it.

    ``seasons`` may cover the days and are moved by the scenario; ``shift`` moves the observed days, None
    cancels the season; ``like`` returns the days of another crossing.
    """
    out = ServiceDays(service, conditions)
    if not service.row["regular"]:
        out.set(out.everywhere, reason="suspended", because=("because.irregular", {}))
    elif service.row["all_year"]:
        _apply_all_year(out)
    else:
        _apply_season(out, seasons)
        if conditions.is_dated and shift is not None:
            _apply_record(out, seasons, shift)
    if conditions.is_dated:
        _apply_stops(out)
        _apply_limits(out)
        _apply_holidays(out, conditions.stops)
    _apply_existence(out)
    for change in conditions.scenario.changes:
        if service.concerns(change):
            _apply_change(out, change, like)
        if isinstance(change.add, NewCrossing) and service.crossing == change.add.id:
            out.set(out.everywhere, basis="scenario")
    return out


def _apply_all_year(out: ServiceDays) -> None:
    opened, probability = out.service.opened, 1.0
    because: tuple[str, dict[str, str]] = ("because.all_year_undated", {})
    if opened is not None:
        because = ("because.all_year", {"date": str(opened)})
        probability -= _stopped_share(out.service.record, opened)
    out.set(out.everywhere, open=True, reason="in_season", probability_open=probability, because=because)


def _apply_season(out: ServiceDays, seasons: Sequence[Season]) -> None:
    """Open a service by the distributions of its seasons."""
    days = out.world_days
    probability = np.zeros(len(days))
    for season in seasons:
        probability = np.maximum(probability, season.prob_open(days))
    out.expect(out.everywhere, probability)
    if not seasons:
        return
    # A day is explained by the season that covers it, else by the next one, else by the last; seasons that
    # start in a later year do not count, so that a day has one explanation in every period.
    seasons = sorted(seasons, key=_first_open)
    closings = np.array([season.close and season.close.p50 for season in seasons], dtype="datetime64[D]")
    years = np.array([int(season.season[:4]) for season in seasons])
    latest = np.searchsorted(years, days.astype("datetime64[Y]").astype(int) + 1970, side="right") - 1
    positions = np.minimum(np.searchsorted(closings, days, side="right"), np.maximum(latest, 0))
    for position in set(positions.tolist()):
        season = seasons[position]
        dates = {"first": str(_first_open(season)), "last": str(closings[position]), "n": season.n}
        out.set(
            positions == position,
            because=("because.window", dates),
            sources=season.sources,
            confidence=season.confidence,
        )


def _first_open(season: Season) -> date:
    return season.open.p50 if season.open else date.max


def _stopped_share(record: ServiceRecord, opened: np.datetime64[date]) -> float:
    """Return the share of observed days on which a service was stopped, holidays aside."""
    ended = [(stop.first, stop.last, stop.reason) for stop in record.stops if stop.last is not None]
    if not ended:
        return 0.0
    stopped = sum(int((last - first).astype(int)) + 1 for first, last, reason in ended if reason != "holiday")
    observed = int((max(last for _, last, _ in ended) - opened).astype(int)) + 1
    return min(0.5, stopped / max(observed, 1))


def _apply_record(out: ServiceDays, seasons: Sequence[Season], shift: tuple[float, float]) -> None:
    """Apply observed openings and closings, moved by a scenario."""
    record, days = out.service.record, out.days
    by_name = {(season.season, season.part): season for season in seasons}
    for (year, part), (first, last) in record.spans.items():
        within = (days >= first) & (days <= last)
        if not within.any():
            continue
        season = by_name.get((season_name(year, out.service.mode), part))
        opened = _moved(record.opened.get((year, part)), shift[0])
        closed = _moved(record.closed.get((year, part)), shift[1])
        if opened is not None:
            out.observe(within & (days < opened.day), opened, False, "because.record_before")
            running = within & (days >= opened.day)
            if closed is not None:
                running &= days < closed.day
            elif season is not None:
                closed_by = season.closed_by(days)
                is_expected = running & (closed_by >= MAX_CLOSED)
                if shift == (0.0, 0.0):
                    # The opening day itself is observed, however late it is.
                    is_expected &= days > opened.day
                out.expect(is_expected, 1.0 - closed_by, basis="expected")
                running &= ~is_expected
            else:
                running[:] = False
            out.observe(running, opened, True, "because.record_open")
        elif closed is not None and season is not None:
            out.expect(within & (days < closed.day), season.opened_by(days))
        if closed is not None:
            out.observe(within & (days >= closed.day), closed, False, "because.record_closed")


def _moved(row: Observation | None, days: float) -> Observation | None:
    return row if row is None or not days else replace(row, day=row.day + round(days))


def _apply_stops(out: ServiceDays) -> None:
    """Close a service during observed suspensions, and mark days with short hours."""
    for stop in out.service.record.stops:
        because = ("because.suspended", {"first": str(stop.first)})
        if stop.last is None:
            because = ("because.suspended_since", {"first": str(stop.first)})
        elif stop.last != stop.first:
            because = ("because.suspended_until", {"first": str(stop.first), "last": str(stop.last)})
        origin = {"basis": "observed", "confidence": stop.confidence, "sources": (stop.source,)}
        out.close(stop.holds(out.days), stop.reason, because, **origin)
    for day in out.service.record.short_days:
        out.set(out.days == day, limited="short_hours")


def _apply_limits(out: ServiceDays) -> None:
    """Apply every observed mass limit until the next one or the end of its season."""
    for limit in out.service.record.limits:
        where = out.days >= limit.first
        if limit.last is not None:
            where &= out.days <= limit.last
        out.set(where, max_mass_t=limit.max_mass_t)
        for position in np.flatnonzero(where):
            if limit.source not in out.sources[position]:
                out.sources[position] = (*out.sources[position], limit.source)


def _apply_holidays(out: ServiceDays, stops: Sequence[HolidayStop]) -> None:
    """Close an open service during holiday stops, unless a stop or a resumption is on record."""
    observed = [stop.first for stop in out.service.record.stops if stop.reason == "holiday"]
    for stop in stops:
        first, last = np.datetime64(stop.first, "D"), np.datetime64(stop.last, "D")
        if any(abs((day - first).astype(int)) <= NEAR_DAYS for day in observed):
            continue
        resumptions = [day for day in out.service.record.resumptions if first < day <= last]
        last = min([last, *(day - 1 for day in resumptions)])
        because = ("because.holiday", {"first": str(first), "last": str(last), "holiday": stop.title})
        origin = {"basis": "expected", "confidence": "estimated", "sources": stop.sources}
        out.close((out.days >= first) & (out.days <= last) & out.open, "holiday", because, **origin)


def _apply_existence(out: ServiceDays) -> None:
    """Close a service before its first day and from its last day on."""
    service, days = out.service, out.world_days
    opened, planned = service.opened, service.planned
    if opened is None and planned is not None and service.record.opened:
        # An announced service that has an observed opening exists from that day on.
        opened = min(row.day for row in service.record.opened.values())
    cases = []
    if opened is not None:
        cases.append((days < opened, "not_yet_open", "because.not_yet_open", opened))
    elif planned is not None:
        cases.append((out.everywhere, "not_yet_open", "because.planned", planned))
    if service.retired is not None:
        cases.append((days >= service.retired, "retired", "because.retired", service.retired))
    row = service.row
    origin = {"basis": "expected", "confidence": row["confidence"], "sources": (row["source"],)}
    for where, reason, key, day in cases:
        out.close(where, reason, (key, {"date": str(day)}), **origin)


def _apply_change(out: ServiceDays, change: Change, like: Callable[[str], ServiceDays]) -> None:
    """Apply one change of a scenario on the days on which it holds."""
    where, span = out.everywhere, change.span
    if span is not None:
        where = np.array([span.holds(day) for day in out.days.astype(object)], dtype=bool)
    origin: dict[str, Any] = {
        "basis": "scenario",
        "because": ("because.scenario", {"name": change.by or out.scenario.name, "change": str(change)}),
        "sources": (),
    }
    match change.action:
        case "open" if change.like is not None:
            model = like(change.like)
            reason = np.where(model.open, "scenario", model.reason)
            out.set(where, **origin, open=model.open, probability_open=model.probability_open, reason=reason)
        case "open":
            out.set(where, **origin, open=True, probability_open=1.0, reason="scenario")
        case "close":
            out.set(where & out.open, **origin, open=False, probability_open=0.0, reason="scenario")
        case "limit_t" if change.limit_t is not None:
            out.set(where, **origin, max_mass_t=np.fmin(out.max_mass_t, change.limit_t))
        case "wait_h":
            out.set(where, **origin, wait_h=change.wait_h)
        case "border_h":
            out.set(where, **origin, border_h=change.border_h)
        case "capacity_share":
            out.set(where, **origin, capacity_share=change.capacity_share, limited="quota")
