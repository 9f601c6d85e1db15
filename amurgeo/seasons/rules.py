"""The daily status of a service: rules in increasing order of precedence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.scenario import NewCrossing
from amurgeo.seasons.holidays import STOP_FROM
from amurgeo.seasons.observations import Observation, ServiceRecord
from amurgeo.seasons.turns import season_name
from amurgeo.text import LANGUAGES, translate

if TYPE_CHECKING:
    from amurgeo.dataset.border import Certainty
    from amurgeo.scenario import Change, Scenario
    from amurgeo.seasons.holidays import HolidayRule
    from amurgeo.seasons.turns import Season

#: Key and placeholder values of an explanation.
Because = tuple[str, dict[str, Any]]
#: Probability from which a service counts as open.
OPEN_FROM = 0.5
#: Trust an observed opening until the probability of having closed again exceeds this.
MAX_CLOSED = 0.1
#: Lowest probability that is not observed, and that from which a gap of the record matters.
LOWEST, MAY_BE_OPEN = 0.0001, 0.01
#: Reasons of services that do not exist on a date.
NONEXISTENT = ("retired", "not_yet_open")
#: Days around a dated row of a service that it covers: half a year.
COVERED_DAYS = 183
#: A holiday stop on record within this many days of a holiday goes before the rule.
NEAR_DAYS = 12
#: Columns of ``State.crossings`` that depend on the date: attributes of `ServiceDays`.
DAILY = (
    "status", "reason", "because", "max_mass_t", "probability_open", "basis", "evidence", "confidence",
    "sources", "limited", "wait_h", "capacity_share", "border_h",
)  # fmt: skip


def counts_as_open(status: Any) -> np.ndarray:
    """Return where a status counts as open: where it is open or limited; unknown counts as closed.

    Examples
    --------
    >>> counts_as_open(["open", "limited", "closed", "unknown"]).tolist()
    [True, True, False, False]
    """
    return np.isin(np.asarray(status, dtype=object), ("open", "limited"))


@dataclass(frozen=True)
class Service:
    """A crossing for one kind of traffic, with its row of the table ``services`` and its observations.

    ``opened`` is the observed opening if it was announced only; dates are None if unknown. ``seen_open`` and
    ``seen_closed`` are the days of which a row says so, ``covered`` and ``gaps`` (first and last days) those
    near to a row, and those of which the record says nothing.
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
    vehicles_until: np.datetime64[date] | None
    record: ServiceRecord
    seen_open: np.ndarray
    seen_closed: np.ndarray
    covered: np.ndarray
    gaps: np.ndarray
    holidays: Sequence[HolidayRule] = ()

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

    status: np.ndarray
    basis: np.ndarray
    chance: np.ndarray

    def __init__(self, service: Service, conditions: Conditions) -> None:
        n, row = len(conditions.days), service.row
        self.service = service
        self.days, self.world_days = conditions.days, conditions.world_days
        self.scenario, self.certainty = conditions.scenario, conditions.certainty
        self.closed_reason = conditions.closed_reasons[service.mode]
        self.everywhere = np.ones(n, dtype=bool)
        self.open = np.zeros(n, dtype=bool)
        self.probability_open = np.zeros(n)
        self.max_mass_t = np.full(n, float(row["max_mass_t"]))
        if service.vehicles_until is not None:
            # No vehicle is light enough for a service that takes none.
            self.max_mass_t[self.world_days > service.vehicles_until] = 0.0
        self.wait_h = np.full(n, float(row["wait_h"]))
        self.capacity_share = np.ones(n)
        self.border_h = np.full(n, np.nan)
        self.reason = _filled(n, "out_of_season")
        self.because = _filled(n, ("because.no_window", {}))
        self.evidence = _filled(n, "expected")
        self.confidence = _filled(n, row["confidence"])
        self.sources = _filled(n, (row["source"],))
        self.limited = _filled(n, row["limited"])

    def finish(self) -> ServiceDays:
        """Derive the status and ``basis``, and limit the probabilities of days that no row shows.

        ``chance`` is the probability before. Within a season even a known opening does not exclude a stop.
        """
        status = np.where(self.open, np.where(self.limited != "", "limited", "open"), "closed")
        unknown = (self.evidence == "unknown") & (self.scenario.assume is None)
        self.status = np.where(unknown, "unknown", status).astype(object)
        uncovered, observed = self.evidence == "uncovered", self.evidence == "observed"
        self.basis = np.where(uncovered, "expected", self.evidence)
        self.chance = np.nan_to_num(self.probability_open)
        covered, limit = (self.certainty.highest(self.service.mode, covered=value) for value in (True, False))
        highest = np.where(uncovered, limit, covered)
        expected = (uncovered | (self.evidence == "expected")) & ~np.isin(self.reason, NONEXISTENT)
        self.set(expected, probability_open=np.clip(self.chance, LOWEST, highest))
        seen = np.isin(self.days, self.service.seen_open)
        self.set(observed & self.open & ~seen, probability_open=highest)
        return self

    def at(self, position: int) -> tuple[Any, ...]:
        """Return the values of one day by the names in `DAILY`."""
        values = (getattr(self, name)[position] for name in DAILY)
        return tuple(value.item() if isinstance(value, np.generic) else value for value in values)

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
            evidence="observed",
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

    ``world_days`` are the days in the year of the scenario's world. The record applies
    unless the scenario is a regime or the world of another year, holidays unless it is a regime.
    """

    scenario: Scenario
    days: np.ndarray
    world_days: np.ndarray
    is_dated: bool
    closed_reasons: Mapping[str, np.ndarray]
    certainty: Certainty


def evaluate_service(
    service: Service,
    conditions: Conditions,
    seasons: Sequence[Season] | None,
    like: Callable[[str], ServiceDays],
    *,
    moved: bool = False,
) -> ServiceDays:
    """Return the status of a service: every rule overrides those before it.

    ``seasons`` may cover the days; None if the scenario cancels them. If it has ``moved`` them, no day is
    observed. ``like`` returns the days of another crossing.
    """
    out = ServiceDays(service, conditions)
    if not service.row["regular"]:
        out.set(out.everywhere, reason="suspended", because=("because.irregular", {}))
    elif service.row["all_year"]:
        _apply_all_year(out)
    else:
        _apply_season(out, seasons or ())
        if seasons is None:
            out.set(out.everywhere, evidence="scenario")
        elif conditions.is_dated:
            _apply_record(out, seasons, moved)
    if conditions.scenario.regime is None:
        _apply_stops(out, observed=conditions.is_dated)
        _apply_holidays(out)
    if conditions.is_dated:
        _apply_limits(out)
        _apply_gaps(out)
        _apply_coverage(out)
    _apply_existence(out)
    for change in conditions.scenario.changes:
        if service.concerns(change):
            _apply_change(out, change, like)
        if isinstance(change.add, NewCrossing) and service.crossing == change.add.id:
            out.set(out.everywhere, evidence="scenario")
    return out.finish()


def _apply_all_year(out: ServiceDays) -> None:
    opened = out.service.opened
    because: Because = ("because.all_year_undated", {})
    if opened is not None:
        because = ("because.all_year", {"date": str(opened)})
    out.set(out.everywhere, open=True, reason="in_season", probability_open=1.0, because=because)


def _apply_gaps(out: ServiceDays) -> None:
    """Make days in a gap of the record unknown, unless a row or the season closes the service."""
    for first, last in out.service.gaps:
        where = (out.days >= first) & (out.days <= last) & (out.probability_open >= MAY_BE_OPEN)
        because = ("because.unknown", {"first": str(first), "last": str(last)})
        out.set(where, evidence="unknown", probability_open=np.nan, reason="unknown", because=because)
        if out.scenario.assume != "open":
            out.set(where, open=False)


def _apply_coverage(out: ServiceDays) -> None:
    """Mark days of which a row says that the service works or not, and days far from every row."""
    days, service = out.days[:, None], out.service
    for is_open, seen_days in ((False, service.seen_closed), (True, service.seen_open)):
        seen = np.isin(out.days, seen_days) & (out.evidence == "expected")
        reason = np.where(out.open == is_open, out.reason, "in_season" if is_open else out.closed_reason)
        out.set(seen, evidence="observed", open=is_open, probability_open=float(is_open), reason=reason)
    first, last = service.covered.T
    covered = ((days >= first) & (days <= last)).any(axis=1)
    out.set((out.evidence == "expected") & ~covered, evidence="uncovered")


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


def _apply_record(out: ServiceDays, seasons: Sequence[Season], moved: bool) -> None:
    """Apply observed openings and closings; if a scenario moved them, their seasons have them."""
    record, days = out.service.record, out.days
    by_name = {(season.season, season.part): season for season in seasons}
    for (year, part), (first, last) in record.spans.items():
        within = (days >= first) & (days <= last)
        if moved:
            out.set(within, evidence="scenario")
        if moved or not within.any():
            continue
        season = by_name.get((season_name(year, out.service.mode), part))
        opened, closed = record.opened.get((year, part)), record.closed.get((year, part))
        if opened is not None:
            out.observe(within & (days < opened.day), opened, False, "because.record_before")
            running = within & (days >= opened.day)
            if closed is not None:
                running &= days < closed.day
            elif season is not None:
                closed_by = season.closed_by(days)
                # The opening day itself is observed, however late it is.
                is_expected = running & (closed_by >= MAX_CLOSED) & (days > opened.day)
                out.expect(is_expected, 1.0 - closed_by, evidence="expected")
                running &= ~is_expected
            else:
                running[:] = False
            out.observe(running, opened, True, "because.record_open")
        elif closed is not None and season is not None:
            out.expect(within & (days < closed.day), season.opened_by(days))
        if closed is not None:
            out.observe(within & (days >= closed.day), closed, False, "because.record_closed")


def _apply_stops(out: ServiceDays, *, observed: bool) -> None:
    """Close a service during suspensions on record, and mark days with short hours.

    In the world of another year nothing is observed, but its days have the same holidays.
    """
    for stop in out.service.record.stops:
        if not observed and stop.reason != "holiday":
            continue
        because = ("because.suspended", {"first": str(stop.first)})
        if stop.last is None:
            because = ("because.suspended_since", {"first": str(stop.first)})
        elif stop.last != stop.first:
            because = ("because.suspended_until", {"first": str(stop.first), "last": str(stop.last)})
        evidence = "observed" if observed else "scenario"
        origin = {"evidence": evidence, "confidence": stop.confidence, "sources": (stop.source,)}
        out.close(stop.holds(out.days), stop.reason, because, **origin)
    for day in out.service.record.short_days if observed else ():
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


def _apply_holidays(out: ServiceDays) -> None:
    """Close a service, or lower its chance of being open, on days of a rule without a stop on record."""
    record, days = out.service.record, out.days
    if not len(days):
        return
    own = np.array([stop.first for stop in record.stops if stop.reason == "holiday"], dtype="datetime64[D]")
    years = (days.min().item().year - 1, days.max().item().year)
    for rule in out.service.holidays:
        spans = rule.spans(*years)
        spans = spans[(spans[:, 1] >= days.min()) & (spans[:, 0] <= days.max())]
        values = {"holiday": rule.title, "share": f"{100 * rule.chance:.0f}"}
        if rule.is_weekly:
            _stop(out, np.isin(days, spans[:, 0]), rule, "day_off", values)
            continue
        for first, last in spans:
            if (np.abs((own - first).astype(int)) <= NEAR_DAYS).any():
                continue
            resumed = [day - 1 for day in record.resumptions if first < day <= last]
            where = (days >= first) & (days <= min([last, *resumed]))
            _stop(out, where, rule, "holiday", values | {"first": str(first), "last": str(last)})


def _stop(out: ServiceDays, where: np.ndarray, rule: HolidayRule, reason: str, values: Any) -> None:
    """Close an open service by a holiday rule, or add the risk of a stop to its explanation."""
    where = where & (out.reason != "holiday")
    chance = out.probability_open * (1.0 - rule.chance)
    origin = {"probability_open": chance, "evidence": "expected"}
    if rule.chance >= STOP_FROM:
        because = (f"because.{reason}", values)
        closed = {"open": False, "reason": reason, "because": because, "confidence": "estimated"}
        out.set(where & out.open, **origin, **closed, sources=(rule.source,))
        return
    for position in np.flatnonzero(where & out.open):
        key, before = out.because[position]
        text = {lang: translate(key, lang, **before) for lang in LANGUAGES}
        out.because[position] = ("because.risk", {**values, "because": text})
    out.set(where & out.open, **origin)


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
    origin = {"evidence": "expected", "confidence": row["confidence"], "sources": (row["source"],)}
    for where, reason, key, day in cases:
        out.close(where, reason, (key, {"date": str(day)}), **origin)


def _apply_change(out: ServiceDays, change: Change, like: Callable[[str], ServiceDays]) -> None:
    """Apply one change of a scenario on the days on which it holds."""
    where, span = out.everywhere, change.span
    if span is not None:
        where = np.array([span.holds(day) for day in out.days.astype(object)], dtype=bool)
    because = ("because.scenario", {"name": change.by or out.scenario.name, "change": str(change)})
    unknown = out.evidence == "unknown"
    origin: dict[str, Any] = {"because": because, "sources": (), "evidence": "scenario"}
    # Only opening and closing make the status known.
    part = {**origin, "evidence": np.where(unknown, "unknown", "scenario")}
    match change.action:
        case "open" if change.like is not None:
            model = like(change.like)
            tier = np.where(model.evidence == "unknown", "unknown", "scenario")
            reason = np.where(model.open, "scenario", model.reason)
            values = {"open": model.open, "probability_open": model.probability_open, "reason": reason}
            out.set(where, **origin | {"evidence": tier}, **values)
        case "open":
            out.set(where, **origin, open=True, probability_open=1.0, reason="scenario")
        case "close":
            closes = where & (out.open | unknown)
            out.set(closes, **origin, open=False, probability_open=0.0, reason="scenario")
        case "limit_t" if change.limit_t is not None:
            out.set(where, **part, max_mass_t=np.fmin(out.max_mass_t, change.limit_t))
        case "wait_h":
            out.set(where, **part, wait_h=change.wait_h)
        case "border_h":
            out.set(where, **part, border_h=change.border_h)
        case "capacity_share":
            out.set(where, **part, capacity_share=change.capacity_share, limited="quota")
