"""The rules of the daily status of a service, in increasing order of precedence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.scenario import NewCrossing
from amurgeo.seasons.holidays import STOP_FROM
from amurgeo.seasons.service import LOWEST, OPEN_FROM, Because, Conditions, Service, ServiceDays
from amurgeo.seasons.turns import season_name
from amurgeo.text import LANGUAGES, translate

if TYPE_CHECKING:
    from amurgeo.scenario import Change
    from amurgeo.seasons.holidays import HolidayRule
    from amurgeo.seasons.turns import Season

#: Trust an observed opening until the probability of having closed again exceeds this.
MAX_CLOSED = 0.1
#: Probability from which a gap of the record matters.
MAY_BE_OPEN = 0.01
#: A holiday stop on record within this many days of a holiday goes before the rule.
NEAR_DAYS = 12


def evaluate_service(
    service: Service,
    conditions: Conditions,
    seasons: Sequence[Season] | None,
    like: Callable[[str], ServiceDays],
    *,
    moved: bool = False,
) -> ServiceDays:
    """Return the status of a service: every rule overrides those before it."""
    # The seasons are None if the scenario cancels them; if it has moved them, no day is observed.
    out = ServiceDays(service, conditions)
    out.seasons = seasons or ()
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
    out.seasonal = out.probability_open.copy()
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
            _apply_addition(out, change)
    return out.finish()


def _apply_all_year(out: ServiceDays) -> None:
    opened = out.service.opened
    because: Because = ("because.all_year_undated", {})
    if opened is not None:
        because = ("because.all_year", {"date": str(opened)})
    out.set(out.everywhere, open=True, reason="all_year", probability_open=1.0, because=because)


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
    if not (out.evidence == "expected").any():
        return
    for is_open, seen_days in ((False, service.seen_closed), (True, service.seen_open)):
        seen = (days == seen_days).any(axis=1) & (out.evidence == "expected")
        if not seen.any():
            continue
        reason = np.where(
            out.open == is_open, out.reason, service.open_reason if is_open else out.closed_reason
        )
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
    """Close a service during suspensions on record, and mark days with short hours."""
    # In the world of another year nothing is observed, but its days have the same holidays.
    for stop in out.service.record.stops:
        where = stop.holds(out.days)
        if not where.any() or not (observed or stop.reason == "holiday"):
            continue
        because = ("because.suspended", {"first": str(stop.first)})
        if stop.last is None:
            because = ("because.suspended_since", {"first": str(stop.first)})
        elif stop.last != stop.first:
            because = ("because.suspended_until", {"first": str(stop.first), "last": str(stop.last)})
        evidence = "observed" if observed else "scenario"
        origin = {"evidence": evidence, "confidence": stop.confidence, "sources": (stop.source,)}
        out.close(where, stop.reason, because, **origin)
    for day in out.service.record.short_days if observed else ():
        out.set(out.days == day, limited="short_hours")


def _apply_limits(out: ServiceDays) -> None:
    """Apply every observed mass limit until the next one or the end of its season."""
    for limit in out.service.record.limits:
        where = limit.holds(out.days)
        out.set(where, max_mass_t=limit.max_mass_t)
        for position in np.flatnonzero(where):
            if limit.source not in out.sources[position]:
                out.sources[position] = (*out.sources[position], limit.source)


def _apply_holidays(out: ServiceDays) -> None:
    """Close a service, or lower its chance of being open, on days of a rule without a stop on record."""
    record, days = out.service.record, out.days
    if not (out.service.holidays and out.open.any()):
        return
    own = np.array([stop.first for stop in record.stops if stop.reason == "holiday"], dtype="datetime64[D]")
    start, end = days.min(), days.max()
    for rule in out.service.holidays:
        spans = rule.spans(start.item().year - 1, end.item().year)
        spans = spans[(spans[:, 1] >= start) & (spans[:, 0] <= end)]
        if not len(spans):
            continue
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
    where = where & out.open
    chance = out.probability_open * (1.0 - rule.chance)
    # A day that a scenario moved stays one.
    evidence = np.where(out.evidence == "scenario", out.evidence, "expected")
    if rule.chance >= STOP_FROM:
        values = {"because": (f"because.{reason}", values), "reason": reason, "sources": (rule.source,)}
        chance = np.minimum(chance, OPEN_FROM - LOWEST)
        out.set(
            where, **values, open=False, probability_open=chance, evidence=evidence, confidence="estimated"
        )
        return
    for position in np.flatnonzero(where):
        key, before = out.because[position]
        text = {lang: translate(key, lang, **before) for lang in LANGUAGES}
        out.because[position] = ("because.risk", {**values, "because": text})
    out.set(where, probability_open=np.maximum(chance, OPEN_FROM), evidence=evidence)


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


def _apply_addition(out: ServiceDays, change: Change) -> None:
    """Mark an added service as part of the scenario; with days it works on these and no others."""
    out.set(out.everywhere, evidence="scenario")
    if change.days is not None:
        where, because = change.holds_on(out.days), _because(out, change)
        if out.service.is_seasonal:
            out.set(where, open=True, probability_open=1.0, reason="scenario", because=because)
        out.close(~where, "not_yet_open", because)


def _because(out: ServiceDays, change: Change) -> Because:
    return "because.scenario", {"name": change.by or out.scenario.name, "change": str(change)}


def _apply_change(out: ServiceDays, change: Change, like: Callable[[str], ServiceDays]) -> None:
    """Apply one change of a scenario on the days on which it holds."""
    where, because = change.holds_on(out.days), _because(out, change)
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
