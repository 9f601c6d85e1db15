"""One service (a crossing for one kind of traffic) over many days: status, reason, probability, evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.seasons.evidence import Evidence, Seen
from amurgeo.seasons.windows import Season

if TYPE_CHECKING:
    from amurgeo.scenario import Change

#: Probability from which a service counts as open.
OPEN_FROM = 0.5
#: While the chance of having closed again is below this, a recorded opening still speaks.
STILL_OPEN = 0.1


@dataclass(frozen=True)
class Service:
    """What the tables say of one service.

    Attributes
    ----------
    crossing, traffic, mode, checkpoint
        The service.
    row
        Its row in the table of services.
    evidence
        Its dated observations.
    seasons
        Gives its seasons that begin in a range of years, shifted by days of delay.
    """

    crossing: str
    traffic: str
    mode: str
    checkpoint: str
    row: pd.Series
    evidence: Evidence
    seasons: Callable[[int, int], Sequence[Season]]


class ServiceDays:
    """What one service does on some days; filled rule by rule, the strongest last.

    Parameters
    ----------
    service
        The service.
    days
        Days, datetime64[D].
    """

    def __init__(self, service: Service, days: np.ndarray) -> None:
        n = len(days)
        row = service.row
        self.service = service
        self.days = days
        self.open = np.zeros(n, dtype=bool)
        self.probability = np.zeros(n)
        self.reason = _filled(n, "out_of_season")
        self.basis = _filled(n, "expected")
        self.confidence = _filled(n, str(row["confidence"]))
        self.because = _filled(n, ("because.no_window", {}))
        self.sources = _filled(n, (str(row["source"]),))
        self.limited = _filled(n, str(row["limited"]))
        self.max_mass_t = np.full(n, float(row["max_mass_t"]))
        self.wait_h = np.full(n, float(row["wait_h"]))
        self.capacity_share = np.ones(n)

    @property
    def status(self) -> np.ndarray:
        """``open``, ``limited`` or ``closed``, one per day."""
        return np.where(self.open, np.where(self.limited != "", "limited", "open"), "closed")

    def set(self, where: np.ndarray, **values: Any) -> None:
        """Set values on the days that a mask picks; arrays are picked by the same mask."""
        for name, value in values.items():
            own = getattr(self, name)
            if isinstance(value, np.ndarray):
                own[where] = value[where]
            elif isinstance(value, tuple | dict):
                for position in np.flatnonzero(where):
                    own[position] = value
            else:
                own[where] = value


def fill_all_year(out: ServiceDays) -> None:
    """Open a service that knows no season; its openings and closings in the record still count."""
    row, evidence = out.service.row, out.service.evidence
    opened = row["opened"]
    out.set(
        np.ones(len(out.days), dtype=bool),
        open=True,
        reason="in_season",
        probability=1.0 - _stopped_share(evidence, opened),
        because=("because.all_year_undated", {})
        if pd.isna(opened)
        else ("because.all_year", {"date": opened.date().isoformat()}),
    )


def _stopped_share(evidence: Evidence, opened: Any) -> float:
    """Share of the recorded days on which the service stood still for other reasons than holidays."""
    if pd.isna(opened):
        return 0.0
    ended = [(stop.first, stop.last, stop.reason) for stop in evidence.stops if stop.last is not None]
    if not ended:
        return 0.0
    stopped = sum(int((last - first).astype(int)) + 1 for first, last, reason in ended if reason != "holiday")
    seen = int((max(last for _, last, _ in ended) - np.datetime64(opened, "D")).astype(int)) + 1
    return min(0.5, stopped / max(seen, 1))


def fill_seasons(
    out: ServiceDays, days: np.ndarray, *, use_record: bool, moved: tuple[float, float] | None = (0.0, 0.0)
) -> None:
    """Fill in the operating windows and, over them, the observed openings and closings.

    Parameters
    ----------
    out
        What is filled.
    days
        The days in the world that holds (a scenario may put them into another year).
    use_record
        Whether dated observations speak.
    moved
        Days by which a scenario moves observed openings and closings; None when the season falls away.
    """
    if not len(days):
        return
    years = days.astype("datetime64[Y]").astype(int) + 1970
    chance = np.zeros(len(days))
    nearest: list[Season] = list(out.service.seasons(int(years.min()) - 1, int(years.max())))
    for season in nearest:
        held = season.opened_by(days) * (1.0 - season.closed_by(days))
        chance = np.maximum(chance, held)
    opened = chance >= OPEN_FROM
    every = np.ones(len(days), dtype=bool)
    out.set(
        every,
        open=opened,
        probability=chance,
        reason=np.where(opened, "in_season", closed_reason(out.service.mode, days)).astype(object),
    )
    for position, current in enumerate(_season_at(nearest, days)):
        if current is not None:
            out.because[position] = (
                "because.window",
                {"first": _text(current.open_p50), "last": _text(current.close_p50), "n": current.n},
            )
            out.sources[position] = current.sources
            out.confidence[position] = current.confidence
    if use_record and moved is not None:
        _fill_observed(out, nearest, days, moved)


def _season_at(seasons: Sequence[Season], days: np.ndarray) -> list[Season | None]:
    """Return for each day the season that holds it, else the next one, else the last."""
    if not seasons:
        return [None] * len(days)
    ordered = sorted(seasons, key=lambda season: season.open_p50)
    closes = np.array([season.close_p50 for season in ordered], dtype="datetime64[D]")
    positions = np.minimum(np.searchsorted(closes, days, side="right"), len(ordered) - 1)
    return [ordered[position] for position in positions]


def _fill_observed(
    out: ServiceDays, seasons: Sequence[Season], days: np.ndarray, moved: tuple[float, float]
) -> None:
    evidence = out.service.evidence
    mode = out.service.mode
    for key in sorted({*evidence.opened, *evidence.closed}):
        start, end = _span(key, mode)
        within = (days >= start) & (days <= end)
        if not within.any():
            continue
        season = next((one for one in seasons if (one.label, one.part) == key), None)
        opened, closed = evidence.opened.get(key), evidence.closed.get(key)
        opened, closed = (_later(seen, days_) for seen, days_ in zip((opened, closed), moved, strict=True))
        if opened is not None:
            _observed(out, within & (days < opened.day), opened, False, "because.record_before")
            running = within & (days >= opened.day)
            if closed is not None:
                running &= days < closed.day
            elif season is not None:
                gone = season.closed_by(days)
                guess = running & (gone >= STILL_OPEN)
                chance = 1.0 - gone
                still = chance >= OPEN_FROM
                out.set(
                    guess,
                    open=still,
                    probability=chance,
                    basis="expected",
                    reason=np.where(still, "in_season", closed_reason(mode, days)).astype(object),
                )
                running &= gone < STILL_OPEN
            else:
                running[:] = False
            _observed(out, running, opened, True, "because.record_open")
        elif closed is not None and season is not None:
            before = within & (days < closed.day)
            chance = season.opened_by(days)
            still = chance >= OPEN_FROM
            out.set(
                before,
                open=still,
                probability=chance,
                reason=np.where(still, "in_season", closed_reason(mode, days)).astype(object),
            )
        if closed is not None:
            _observed(out, within & (days >= closed.day), closed, False, "because.record_closed")


def _later(seen: Seen | None, days: float) -> Seen | None:
    if seen is None or not days:
        return seen
    return Seen(seen.day + np.timedelta64(round(days), "D"), seen.source, seen.confidence)


def _observed(out: ServiceDays, where: np.ndarray, seen: Seen, is_open: bool, key: str) -> None:
    out.set(
        where,
        open=is_open,
        probability=float(is_open),
        basis="observed",
        confidence=seen.confidence,
        because=(key, {"date": _text(seen.day)}),
        sources=(seen.source,),
    )
    out.set(where, reason="in_season" if is_open else closed_reason(out.service.mode, out.days))


def _span(key: tuple[str, str], mode: str) -> tuple[np.datetime64, np.datetime64]:
    """First and last day for which the observations of a season speak."""
    label, part = key
    year = int(label[:4])
    if mode == "ferry":
        return np.datetime64(date(year, 1, 1)), np.datetime64(date(year, 12, 31))
    if part == "autumn":
        return np.datetime64(date(year, 7, 1)), np.datetime64(date(year + 1, 1, 31))
    if part == "spring":
        return np.datetime64(date(year + 1, 2, 1)), np.datetime64(date(year + 1, 6, 30))
    return np.datetime64(date(year, 7, 1)), np.datetime64(date(year + 1, 6, 30))


def fill_stops(out: ServiceDays) -> None:
    """Close a service on the days of its recorded suspensions; mark its short days."""
    for stop in out.service.evidence.stops:
        key, values = "because.suspended", {"first": _text(stop.first)}
        if stop.last is None:
            key, values = "because.suspended_since", {"first": _text(stop.first)}
        elif stop.last != stop.first:
            key, values = "because.suspended_until", {"first": _text(stop.first), "last": _text(stop.last)}
        out.set(
            stop.holds(out.days),
            open=False,
            probability=0.0,
            basis="observed",
            reason=stop.reason,
            confidence=stop.confidence,
            because=(key, values),
            sources=(stop.source,),
        )
    for seen in out.service.evidence.short_days:
        out.set(out.days == seen.day, limited="short_hours")


def fill_festival(
    out: ServiceDays, first: np.datetime64, last: np.datetime64, sources: tuple[str, ...]
) -> None:
    """Close an open service over an expected Spring Festival stop, until work is resumed by the record."""
    again = [day for day in out.service.evidence.resumptions if first < day <= last]
    last = min([last, *(day - 1 for day in again)])
    where = (out.days >= first) & (out.days <= last) & out.open & (out.basis != "scenario")
    out.set(
        where,
        open=False,
        probability=0.0,
        basis="expected",
        reason="holiday",
        confidence="estimated",
        because=("because.festival", {"first": _text(first), "last": _text(last)}),
        sources=sources,
    )


def fill_existence(out: ServiceDays, days: np.ndarray) -> None:
    """Close a service before its first day and after its last."""
    row = out.service.row
    opened, planned, retired = (row[name] for name in ("opened", "planned", "retired"))
    seen = out.service.evidence.opened.values()
    if pd.isna(opened) and not pd.isna(planned) and seen:
        # What was announced has opened since, by the record.
        opened = pd.Timestamp(min(one.day for one in seen))
    base = {
        "open": False,
        "probability": 0.0,
        "basis": "expected",
        "confidence": str(row["confidence"]),
        "sources": (str(row["source"]),),
    }
    if not pd.isna(opened):
        where = days < np.datetime64(opened, "D")
        out.set(
            where,
            **base,
            reason="not_yet_open",
            because=("because.not_yet_open", {"date": opened.date().isoformat()}),
        )
    elif not pd.isna(planned):
        out.set(
            np.ones(len(days), dtype=bool),
            **base,
            reason="not_yet_open",
            because=("because.planned", {"date": planned.date().isoformat()}),
        )
    if not pd.isna(retired):
        where = days >= np.datetime64(retired, "D")
        out.set(
            where, **base, reason="retired", because=("because.retired", {"date": retired.date().isoformat()})
        )


def fill_limits(out: ServiceDays) -> None:
    """Set each recorded load limit from its day on, until the next one or the end of its season."""
    for limit in out.service.evidence.limits:
        where = out.days >= limit.day
        if limit.season:
            where &= out.days <= _span((limit.season, ""), out.service.mode)[1]
        out.set(where, max_mass_t=limit.max_mass_t)
        for position in np.flatnonzero(where):
            if limit.source not in out.sources[position]:
                out.sources[position] = (*out.sources[position], limit.source)


def apply_change(out: ServiceDays, change: Change, name: str, like: ServiceDays | None) -> None:
    """Apply one change of a scenario on the days on which it holds.

    Parameters
    ----------
    out
        What is changed.
    change
        The change.
    name
        Name of the scenario, for the reason.
    like
        For ``open ... like``: what the other crossing does on the same days.
    """
    where = (
        np.array([change.holds(day) for day in out.days.astype(object)], dtype=bool)
        if change.days
        else np.ones(len(out.days), dtype=bool)
    )
    because = ("because.scenario", {"name": name, "change": str(change)})
    said = {"basis": "scenario", "because": because, "sources": ()}
    match change.action:
        case "open" if like is not None:
            reason = np.where(like.open, "scenario", like.reason).astype(object)
            out.set(where, **said, open=like.open, probability=like.probability, reason=reason)
        case "open":
            out.set(where, **said, open=True, probability=1.0, reason="scenario")
        case "close":
            out.set(where & out.open, **said, open=False, probability=0.0, reason="scenario")
        case "limit_t":
            lower = np.fmin(out.max_mass_t, change.limit_t) if change.limit_t is not None else out.max_mass_t
            out.set(where, **said, max_mass_t=lower)
        case "wait_h":
            out.set(where, **said, wait_h=change.wait_h)
        case "capacity_share":
            out.set(where, **said, capacity_share=change.capacity_share, limited="quota")


def closed_reason(mode: str, days: np.ndarray) -> np.ndarray:
    """Say why a crossing rests on some days, by the usual course of the river's year.

    Freeze-up at Blagoveshchensk is on 18 November and break-up on 27 April by the long-term norms; slush
    runs from late October, and ships wait for the drift to end in the first half of May.

    Examples
    --------
    >>> days = np.array(["2026-11-10", "2026-02-10", "2026-04-20"], dtype="datetime64[D]")
    >>> closed_reason("ferry", days).tolist()
    ['ice_forming', 'out_of_season', 'ice_drift']
    >>> closed_reason("ice_road", days).tolist()
    ['ice_forming', 'ice_too_thin', 'ice_drift']
    """
    months = days.astype("datetime64[M]")
    month_day = (months.astype(int) % 12 + 1) * 100 + (days - months.astype("datetime64[D]")).astype(int) + 1
    autumn = (month_day >= 1015) & (month_day < 1128)
    winter = (month_day >= 1128) | (month_day < 301)
    spring = (month_day >= 301) & (month_day < 511)
    if mode == "ferry":
        drift = (month_day >= 410) & (month_day < 611)
        return np.select([autumn, drift], ["ice_forming", "ice_drift"], "out_of_season").astype(object)
    if mode == "hovercraft":
        return np.full(len(days), "out_of_season", dtype=object)
    thin = "ice_too_thin" if mode == "ice_road" else "ice_forming"
    return np.select([autumn, winter, spring], ["ice_forming", thin, "ice_drift"], "out_of_season").astype(
        object
    )


def _filled(n: int, value: Any) -> np.ndarray:
    array = np.empty(n, dtype=object)
    for position in range(n):
        array[position] = value
    return array


def _text(day: np.datetime64) -> str:
    return str(day.astype("datetime64[D]"))
