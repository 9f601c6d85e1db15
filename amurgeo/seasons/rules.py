"""The daily status of services: arrays of services by days, set rule by rule in order of precedence.

Seasons, record, stops, holidays, limits, gaps, existence, and the changes of a scenario: each rule overrides
those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.scenario import NewCrossing
from amurgeo.seasons.holidays import STOP_FROM
from amurgeo.seasons.service import LOWEST, OPEN_FROM, Because, ServiceDays, Table, as_cells
from amurgeo.seasons.turns import prob_open, season_name

if TYPE_CHECKING:
    from amurgeo.scenario import Change
    from amurgeo.seasons.holidays import HolidayRule
    from amurgeo.seasons.service import Service
    from amurgeo.seasons.turns import Season

#: Trust an observed opening until the probability of having closed again exceeds this.
MAX_CLOSED = 0.1
#: Probability from which a gap of the record matters.
MAY_BE_OPEN = 0.01
#: A holiday stop on record within this many days of a holiday goes before the rule.
NEAR_DAYS = 12


def apply_rules(
    table: Table, rows: Sequence[ServiceDays], like: Callable[[str, str], ServiceDays], *, is_dated: bool
) -> None:
    """Set the status of the services of a table; `like` evaluates a crossing without a scenario."""
    _apply_seasons(rows)
    for out in rows:
        if out.service.is_seasonal and is_dated and not out.is_cancelled:
            _apply_record(out)
    table.seasonal[:] = table.probability_open
    for out in rows:
        if table.scenario.regime is None:
            _apply_stops(out, observed=is_dated)
            _apply_holidays(out)
        _apply_limits(out, observed=is_dated)
        if is_dated:
            _apply_gaps(out)
    if is_dated:
        _apply_coverage(table)
    for out in rows:
        _apply_existence(out)
        for change in table.scenario.changes:
            if out.service.concerns(change):
                _apply_change(out, change, like)
            if isinstance(change.add, NewCrossing) and out.service.crossing == change.add.id:
                _apply_addition(out, change)
    table.finish()


def _apply_seasons(rows: Sequence[ServiceDays]) -> None:
    """Open services that work all year, and others by the distributions of their seasons."""
    seasons = [season for out in rows for season in out.seasons]
    probabilities = prob_open(seasons, rows[0].world_days) if seasons else np.zeros((0, len(rows[0].days)))
    # A season counts in its year and the next, so that a day has one chance in every period.
    years = np.array([int(season.season[:4]) - 1970 for season in seasons])
    ago = rows[0].world_days.astype("datetime64[Y]").astype(int) - years[:, None]
    probabilities = np.where((ago == 0) | (ago == 1), probabilities, 0.0)
    position = 0
    for out in rows:
        if not out.service.row["regular"]:
            out.set(out.everywhere, reason="suspended", because=("because.irregular", {}))
        elif out.service.row["all_year"]:
            because: Because = ("because.all_year_undated", {})
            if out.service.opened is not None:
                because = ("because.all_year", {"date": str(out.service.opened)})
            out.set(out.everywhere, open=True, reason="all_year", probability_open=1.0, because=because)
        else:
            found = probabilities[position : position + len(out.seasons)]
            position += len(out.seasons)
            evidence = "scenario" if out.is_cancelled else "expected"
            out.expect(out.everywhere, found.max(axis=0, initial=0.0), evidence=evidence)
            _explain_season(out)


def _explain_season(out: ServiceDays) -> None:
    """Explain a day by the season that covers it, else by the next one, else by the last.

    Seasons that start in a later year do not count, so that a day has one explanation in every period.
    """
    seasons = sorted(out.seasons, key=_first_open)
    closings = np.array([season.close and season.close.p50 for season in seasons], dtype="datetime64[D]")
    years = np.array([int(season.season[:4]) - 1970 for season in seasons])
    latest = np.searchsorted(years, out.world_days.astype("datetime64[Y]").astype(int), side="right") - 1
    positions = np.minimum(np.searchsorted(closings, out.world_days, side="right"), np.maximum(latest, 0))
    for position in set(positions.tolist()) if seasons else ():
        season = seasons[position]
        dates = {"first": str(_first_open(season)), "last": str(closings[position]), "n": season.n}
        origin = {"sources": season.sources, "confidence": season.confidence}
        out.set(positions == position, because=("because.window", dates), **origin)


def _first_open(season: Season) -> date:
    return season.open.p50 if season.open else date.max


def _apply_record(out: ServiceDays) -> None:
    """Apply observed openings and closings; if a scenario moved them, their seasons have them."""
    service, days = out.service, out.days
    by_name = {(season.season, season.part): season for season in out.seasons}
    for key, (first, last) in service.record.spans.items():
        within = out.within(first, last)
        if out.is_moved:
            out.set(within, evidence="scenario")
        if out.is_moved or within is None:
            continue
        season = by_name.get((season_name(key[0], service.mode), key[1]))
        opened, closed = service.record.opened.get(key), service.record.closed.get(key)
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
        where = out.within(stop.first, stop.last) if observed or stop.reason == "holiday" else None
        if where is None:
            continue
        key, values = "because.suspended", {"first": str(stop.first)}
        if stop.last is None:
            key = "because.suspended_since"
        elif stop.last != stop.first:
            key, values = "because.suspended_until", {**values, "last": str(stop.last)}
        evidence = "observed" if observed else "scenario"
        origin = {"evidence": evidence, "confidence": stop.confidence, "sources": (stop.source,)}
        out.close(where, stop.reason, (key, values), **origin)
    for day in out.service.record.short_days if observed else ():
        out.set(out.within(day, day), limited="short_hours")


def _apply_holidays(out: ServiceDays) -> None:
    """Close a service, or lower its chance of being open, on days of a rule without a stop on record."""
    service, days = out.service, out.days
    if not (service.holidays and (out.probability_open > 0.0).any()):
        return
    for rule in service.holidays:
        spans = rule.spans(*years_around(days))
        spans = spans[(spans[:, 1] >= out.first) & (spans[:, 0] <= out.last)]
        values = {"holiday": rule.title, "share": f"{100 * rule.chance:.0f}"}
        if rule.is_weekly:
            _stop(out, np.isin(days, spans[:, 0]), rule, "day_off", values)
            continue
        for first, last in spans:
            if is_on_record(service, first):
                continue
            resumed = [day - 1 for day in service.record.resumptions if first < day <= last]
            where = (days >= first) & (days <= min([last, *resumed]))
            _stop(out, where, rule, "holiday", values | {"first": str(first), "last": str(last)})


def years_around(days: np.ndarray) -> tuple[int, int]:
    """Return the years before and after days: a holiday of the next one may have its eve within them."""
    return days.min().item().year - 1, days.max().item().year + 1


def is_on_record(service: Service, holiday: Any) -> bool:
    """Return whether a stop on record goes before the rule on a holiday that begins on a day."""
    stops = (stop.first for stop in service.record.stops if stop.reason == "holiday")
    return any(abs((first - holiday).astype(int)) <= NEAR_DAYS for first in stops)


def _stop(out: ServiceDays, where: np.ndarray, rule: HolidayRule, reason: str, values: Any) -> None:
    """Take a holiday rule off the chance, and close an open service or add the risk to its explanation."""
    out.probability_open[where & ~out.open] *= 1.0 - rule.chance
    where = where & out.open
    if not where.any():
        return
    chance, tier = out.probability_open[where] * (1.0 - rule.chance), out.evidence[where]
    if rule.chance >= STOP_FROM:
        origin = {"confidence": "estimated", "sources": (rule.source,)}
        out.close(where, reason, (f"because.{reason}", values), **origin)
        out.probability_open[where] = np.minimum(chance, OPEN_FROM - LOWEST)
    else:
        risk = [("because.risk", {**values, "because": before}) for before in out.because[where]]
        out.because[where] = as_cells(risk)
        out.probability_open[where] = np.maximum(chance, OPEN_FROM)
    # A day that a scenario moved stays one.
    out.evidence[where] = np.where(tier == "scenario", tier, "expected")


def _apply_limits(out: ServiceDays, *, observed: bool) -> None:
    """Apply every observed mass limit until the next one or the end of its season."""
    if out.service.vehicles_until is not None:
        # No vehicle is light enough for a service that takes none.
        out.set(out.world_days > out.service.vehicles_until, max_mass_t=0.0)
    for limit in out.service.record.limits if observed else ():
        where, source = out.within(limit.first, limit.last), limit.source
        if where is not None:
            out.set(where, max_mass_t=limit.max_mass_t)
            ids = [known if source in known else (*known, source) for known in out.sources[where]]
            out.sources[where] = as_cells(ids)


def _apply_gaps(out: ServiceDays) -> None:
    """Make days in a gap of the record unknown, unless a row or the season closes the service."""
    for first, last in out.service.gaps:
        where = out.within(first, last)
        if where is None:
            continue
        where &= out.probability_open >= MAY_BE_OPEN
        because = ("because.unknown", {"first": str(first), "last": str(last)})
        out.set(where, evidence="unknown", probability_open=np.nan, reason="unknown", because=because)
        if out.scenario.assume != "open":
            out.set(where, open=False)


def _apply_coverage(table: Table) -> None:
    """Mark days of which a row says that the service works or not, and days far from every row."""
    open_reasons = as_cells([service.open_reason for service in table.services])[:, None]
    for is_open, name in ((False, "seen_closed"), (True, "seen_open")):
        seen = table.marked(name)
        if seen.any():
            seen &= table.evidence == "expected"
            usual = open_reasons if is_open else table.closed_reason
            reason = np.where(table.open == is_open, table.reason, usual)
            table.set(seen, evidence="observed", open=is_open, probability_open=float(is_open), reason=reason)
    table.set((table.evidence == "expected") & ~table.marked("covered"), evidence="uncovered")


def _apply_existence(out: ServiceDays) -> None:
    """Close a service before its first day and from its last day on."""
    service, days = out.service, out.world_days
    opened, planned = service.opened, service.planned
    if opened is None and planned is not None and service.record.opened:
        # An announced service that has an observed opening exists from that day on.
        opened = min(row.day for row in service.record.opened.values())
    row = service.row
    origin = {"evidence": "expected", "confidence": row["confidence"], "sources": (row["source"],)}
    if opened is not None:
        out.close(days < opened, "not_yet_open", ("because.not_yet_open", {"date": str(opened)}), **origin)
    elif planned is not None:
        out.close(out.everywhere, "not_yet_open", ("because.planned", {"date": str(planned)}), **origin)
    if service.retired is not None:
        because = ("because.retired", {"date": str(service.retired)})
        out.close(days >= service.retired, "retired", because, **origin)


def _apply_addition(out: ServiceDays, change: Change) -> None:
    """Mark an added service as part of the scenario; with days it works on these and no others."""
    out.set(out.everywhere, evidence="scenario")
    if change.days is not None:
        where, because = change.holds_on(out.days), _because(change)
        if out.service.is_seasonal:
            out.set(where, open=True, probability_open=1.0, reason="scenario", because=because)
        out.close(~where, "not_yet_open", because)


def _because(change: Change) -> Because:
    return "because.scenario", {"name": change.by, "change": str(change)}


def _apply_change(out: ServiceDays, change: Change, like: Callable[[str, str], ServiceDays]) -> None:
    """Apply one change of a scenario on the days on which it holds."""
    where = change.holds_on(out.days)
    unknown = out.evidence == "unknown"
    origin: dict[str, Any] = {"because": _because(change), "sources": (), "evidence": "scenario"}
    # Only opening and closing make the status known.
    part = {**origin, "evidence": np.where(unknown, "unknown", "scenario")}
    match change.action:
        case "open" if change.like is not None:
            model = like(change.like, out.service.traffic)
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
        case "wait_h" | "border_h":
            out.set(where, **part, **{change.action: getattr(change, change.action)})
        case "capacity_share" if change.capacity_share is not None:
            out.set(where, **part, capacity_share=change.capacity_share)
            if change.capacity_share < 1:
                out.set(where, limited="quota")
