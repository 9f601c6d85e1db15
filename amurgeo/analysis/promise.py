"""Promises: when a journey arrives, how surely, and the last day to leave for a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.analysis.days import QUANTILES, as_hours, by_day_of, quantiles
from amurgeo.analysis.reliability import CHOICE, FORESIGHT, border_of, free_hours, lands, rows_of
from amurgeo.errors import InputError, check_made, check_number, unknown_name_error
from amurgeo.io import plain
from amurgeo.network import Network, crossing_name, vehicle_id
from amurgeo.network.snapping import locate_all
from amurgeo.results import Result, rounded_records
from amurgeo.routing.departures import NEVER, parse_departure
from amurgeo.routing.rest import check_drivers
from amurgeo.seasons.ensemble import Ensemble, ensemble
from amurgeo.seasons.holidays import zones_of
from amurgeo.text import Day, check_language, day_text, name_of, number_text, parse_day, translate

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure


#: Hour of a deadline without one, at the destination.
EVENING = time(20)
#: Hours of waiting for an opening from which a journey does not go straight through.
STRAIGHT_H = 12.0


@dataclass(frozen=True, eq=False)
class Promise(Result):
    """Hours from ready to arrived, by day of departure, over the draws of an ensemble.

    Attributes
    ----------
    ensemble
        The draws.
    net
        The network, with the points of the journey.
    origin, destination, vehicle
        Ids of the places and of the vehicle.
    at
        Hour at which the journey is ready, by the clock of the origin.
    plan
        ``choice``, ``foresight`` or the id of a checkpoint.
    by, sure
        Deadline at the destination (None without one), and the sureness asked for.
    last_day, last_plan, crossing, chance
        Last day of departure on which a plan is in time with at least that chance (the last of ``days`` may
        not be the last day of all), the plan, its usual crossing and its chance. None and NaN if there is no
        such day, or no deadline.
    on
        Departure day of ``plans``.
    days
        By day of departure, as `to_frame` returns it.
    plans
        By plan, on one day of departure: p10_h to p95_h, mean_h, never, straight (share without a wait of
        12 h for an opening), drive_h and wait_h (means: hours less waits for an opening and queues, and these
        waits), within.
    plan_hours
        Hours of each draw on that day, a column per plan; infinity if it never arrives.
    hours
        Hours of every journey, float, draws by departure days; infinity if it never arrives.
    free_h
        Least hours with all crossings open and without waits.
    kept
        How often such promises were kept: row of the table ``promises``, or None.
    includes_queues
        Whether hours have those in queues; then ``days`` and ``plans`` have the means queue_h.
    """

    ensemble: Ensemble
    net: Network
    origin: str
    destination: str
    vehicle: str
    at: time
    plan: str
    by: datetime | None
    sure: float
    last_day: date | None
    last_plan: str | None
    crossing: str | None
    chance: float
    on: date
    days: pd.DataFrame
    plans: pd.DataFrame
    plan_hours: pd.DataFrame
    hours: np.ndarray
    free_h: float
    kept: dict[str, Any] | None
    includes_queues: bool = False

    def __repr__(self) -> str:
        last = "" if self.by is None else f", last day {self.last_day}"
        return f"Promise({self.origin} to {self.destination}, {self.ensemble.n} draws{last})"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Crossings for the vehicle's traffic whose status is unknown on some day: closed then."""
        return self.ensemble.states.unknown(self.vehicle)

    @property
    def pti(self) -> float:
        """Planning time index: P95 of all journeys over free hours (FHWA, Travel time reliability, 2006)."""
        return float(quantiles(self.hours.ravel(), [0.95])[0]) / self.free_h

    @property
    def tti(self) -> float:
        """Travel time index: mean of the journeys that arrive over free hours (FHWA, the same)."""
        arrived = self.hours[np.isfinite(self.hours)]
        return float(arrived.mean()) / self.free_h if arrived.size else np.nan

    def kept_within(self, hours: float) -> pd.Series:
        """Return the share of journeys that take at most some hours, by day of departure.

        Parameters
        ----------
        hours
            Hours from ready to arrived.

        Returns
        -------
        Series
            Shares by day (datetime64).

        Examples
        --------
        >>> import amurgeo as ag
        >>> promise = ag.promise(ag.load(), "Zeya", "Heihe", start="2027-01-08", end="2027-01-10", n=100)
        >>> bool((promise.kept_within(48.0) >= promise.kept_within(8.0)).all())
        True
        """
        hours = check_number("hours", hours, 0, 1e6)
        return pd.Series((self.hours <= hours).mean(axis=0), index=self.days["day"], name="kept")

    def to_frame(self) -> pd.DataFrame:
        """Return the hours by day of departure.

        Returns
        -------
        DataFrame
            day (datetime64), p10_h, p50_h, p90_h, p95_h (infinity: never), mean_h (of those that arrive),
            never (share that does not arrive within 200 days of departure), within (share in time; NaN
            without a deadline), crossing (the usual first one; None: none), share (of the draws that take
            it).
        """
        return self.days.copy(deep=False)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Return the result as plain values, the JSON of the command ``promise``."""
        e, kept = self.ensemble, self.kept or {}
        about = {
            **{name: getattr(self, name) for name in ("origin", "destination", "vehicle", "plan", "sure")},
            "scenario": e.states.scenario.name,
            **{"issued": e.days[0].item(), "draws": e.n, "seed": e.seed, "by": self.by},
            **{name: getattr(self, name) for name in ("last_day", "last_plan", "crossing", "chance", "on")},
            "kept_in_past": kept.get("kept"),
            **{f"kept_{name}": kept.get(name) for name in ("low", "high", "n")},
            **{name: getattr(self, name) for name in ("free_h", "tti", "pti")},
            **{"includes_queues": self.includes_queues, "unknown": list(self.unknown)},
        }
        tables = {"days": rounded_records(self.days), "plans": rounded_records(self.plans.reset_index())}
        return dict(plain({**about, **tables, "sentences": self.sentences(lang)}))

    def sentences(self, lang: str = "en") -> list[str]:
        """Return the answer, how often such promises were kept, and draws, seed and issue day.

        Examples
        --------
        >>> import amurgeo as ag
        >>> promise = ag.promise(ag.load(), "Zeya", "Heihe", start="2027-01-08", end="2027-01-09", n=20)
        >>> promise.sentences()[-1]
        '20 draws, seed 1, issued for 2027-01-08; season only, queues not in it.'
        """
        e, say = self.ensemble, partial(translate, lang=check_language(lang))
        percent = partial(number_text, lang=lang, digits=0)
        place, first = name_of(self.net.nodes.loc[self.destination], lang), day_text(e.days[0], lang)
        texts = []
        if self.by is not None:
            by = {"by": day_text(self.by.date(), lang), "hour": f"{self.by:%H:%M}", "first": first}
            if self.last_day is not None:
                chance = percent(min(100 * self.chance, 99)) if self.chance <= 0.995 else "> 99"
                crossing = self._by(self.crossing, lang)
                if self.last_plan == CHOICE:
                    crossing = say("promise.chosen", crossing=crossing)
                by |= {"day": day_text(self.last_day, lang), "crossing": crossing, "chance": chance}
            # Days after the last one were not looked at.
            is_end = self.last_day == e.days[-1].item() and self.last_day < self.by.date()
            key = "promise.by_end" if is_end else "promise.by" if self.last_day else "promise.none"
            texts.append(say(key, destination=place, sure=percent(100 * self.sure), **by))
        row = self.days[self.days["day"] == pd.Timestamp(self.on)].iloc[0]
        hours = {name: number_text(row[name], lang, digits=1).replace("inf", "∞") for name in QUANTILES}
        how = {"crossing": self._by(row["crossing"], lang), "share": percent(100 * row["share"])}
        key = "promise.day" if row["never"] < 1 else "promise.never"
        texts.append(say(key, destination=place, day=day_text(self.on, lang), **how, **hours))
        if self.kept is not None:
            kept = {name: percent(100 * self.kept[name]) for name in ("sure", "kept", "low", "high")}
            texts.append(say("promise.kept", **kept, n=self.kept["n"]))
        key = "promise.about_queues" if self.includes_queues else "promise.about"
        return [*texts, say(key, n=e.n, seed=e.seed, issued=first)]

    def _by(self, crossing: str | None, lang: str) -> str:
        """Return the name of a crossing, or words for a way without one."""
        if not isinstance(crossing, str):
            return translate("promise.no_crossing", lang)
        return crossing_name(self.net, crossing, lang)

    def figure(self, *, kind: str = "fan", lang: str = "en", path: str | Path | None = None) -> Figure:
        """Draw the promise; see `amurgeo.figures.promise_figure`."""
        import amurgeo

        return amurgeo.figures.promise_figure(self, kind=kind, lang=lang, path=path)


def plan_name(net: Network, plan: str, lang: str) -> str:
    """Return the name of a plan: that of the checkpoint, or of the choice on the day."""
    checkpoints = net.base["checkpoints"]
    known = plan in checkpoints.index
    return name_of(checkpoints.loc[plan], lang) if known else translate(f"promise.{plan}", lang)


def promise(
    given: Ensemble | Network,
    origin: Any,
    destination: Any,
    *,
    by: Day | datetime | None = None,
    sure: float = 0.9,
    vehicle: str | None = None,
    at: str | time = "08:00",
    plan: str = CHOICE,
    on: Day | None = None,
    drivers: int = 1,
    queues: Any = None,
    **drawn: Any,
) -> Promise:
    """Return when a journey arrives, how surely, and the last day to leave for a deadline.

    Parameters
    ----------
    given
        An ensemble, or a network from which `drawn` makes one.
    origin, destination
        Places, as for `routes`.
    by
        Deadline at the destination, as ``2027-04-30`` (20:00) or ``2027-04-30T12:00``, without a time zone. A
        datetime, Timestamp or datetime64 at midnight is a day, too; ``2027-04-30T00:00`` is midnight.
    sure
        Chance with which it is to be kept, 0.5 to 0.99.
    vehicle, drivers
        As in `amurgeo.routes`.
    at
        Hour at which the journey is ready, by the clock of the origin.
    plan
        ``"choice"``: on the morning of departure the traveller takes the crossing with the least mean hours
        given what is open; ``"foresight"``: the best crossing of each draw, a bound; or a checkpoint, where
        what opens first is taken.
    on
        Departure day of which the plans are compared; the last day for the deadline, or the first day.
    queues
        Result of `amurgeo.queues` that has the days and the scenario of the ensemble: adds the expected hours
        in the queue on the day of entry, the same in every draw. After its last day they stay the same; a
        crossing that does not open by then is not taken.
    drawn
        Arguments of `amurgeo.ensemble`, if a network is given.

    Returns
    -------
    Promise
        ``days``, ``plans``, ``last_day``, ``sentences()``.

    Raises
    ------
    InputError
        If a place, day, hour, vehicle, plan or number is invalid.

    Notes
    -----
    Hours are calendar time: road, rest, waits for an opening, usual queue, control and passage. Queues that
    build up are in it with `queues` only; on days on which a crossing is not expected to be open they are
    those of the next day on which it is. Percentiles are over the journeys of a day, without interpolation.

    Examples
    --------
    >>> import amurgeo as ag
    >>> e = ag.ensemble(ag.load(), start="2027-04-20", end="2027-05-10", n=200, scenario="no_bridge")
    >>> promise = ag.promise(e, "Blagoveshchensk", "Heihe", by="2027-05-09")
    >>> bool(promise.chance >= 0.9), promise.last_day.month
    (True, 5)
    """
    if isinstance(given, Ensemble):
        if drawn:
            raise InputError(f"{min(drawn)} is invalid beside an ensemble; expected it in amurgeo.ensemble")
        e = given
    else:
        check_made("given", given, Network, "amurgeo.load() or amurgeo.ensemble")
        e = ensemble(given, **drawn)
    sure, drivers = check_number("sure", sure, 0.5, 0.99), check_drivers(drivers)
    vehicle = vehicle_id(e.net, vehicle)
    net, (starts, ends) = locate_all(e.net, origin=[origin], destination=[destination])
    border, hour = border_of(e, vehicle, queues), _hour(at)
    ((start, end, land),) = lands(e, border, net, vehicle, starts, ends, at=hour, drivers=drivers)
    deadline = None if by is None else deadline_of(by, zones_of(net)[end])
    if deadline is not None and deadline.date() < e.days[0].item():
        raise InputError(
            f"by is invalid: {deadline.date()}; "
            f"expected a day from the first day of departure on, {e.days[0]}"
        )
    epoch = datetime.combine(e.states.days[0].item(), time(0), UTC)
    second = None if deadline is None else round((deadline - epoch).total_seconds())
    checkpoints = list(dict.fromkeys(border.checkpoints[land.arcs]))
    plan = plan if plan in (CHOICE, FORESIGHT) else _checkpoint(net, plan, checkpoints)
    arrivals = border.arrivals(land)
    names = [*checkpoints, CHOICE] if plan == CHOICE else [plan]
    rows = {name: rows_of(border, land, arrivals, name) for name in names}
    taken = {name: np.take_along_axis(arrivals, row[None], axis=0)[0] for name, row in rows.items()}
    days = pd.DataFrame(
        {"day": e.days.astype("datetime64[s]"), **by_day_of(border, land, arrivals, rows[plan], second)}
    )
    last: tuple[date | None, str | None, Any, float] = (None, None, None, np.nan)
    if second is not None:
        chances = pd.DataFrame({name: (one <= second).mean(axis=0) for name, one in taken.items()})
        safe = np.flatnonzero(chances.max(axis=1) >= sure)
        if len(safe):
            best = chances.iloc[safe[-1]]
            # Of plans with almost equal chances the choice on the day is the fastest.
            is_best = CHOICE in best and best[CHOICE] >= best.max() - 0.02
            name = CHOICE if is_best else str(best.idxmax())
            used = np.bincount(rows[name][:, safe[-1]], minlength=len(arrivals)).argmax()
            crossing = None if used == len(land.arcs) else border.crossings[land.arcs][used]
            last = e.days[safe[-1]].item(), name, crossing, float(best[name])
    day = (last[0] or e.days[0].item()) if on is None else parse_day(on)
    if not e.days[0].item() <= day <= e.days[-1].item():
        raise InputError(f"on is invalid: {day}; expected a day from {e.days[0]} to {e.days[-1]}")
    position = (day - e.days[0].item()).days
    parts = {"wait": border.arrivals(land.on(position), part="wait")[:, :, 0] / 3600.0}
    if queues is not None:
        queued = border.arrivals(land, part="queue")
        parts["queue"] = queued[:, :, position] / 3600.0
        own = np.take_along_axis(queued, rows[plan][None], axis=0)[0] / 3600.0
        arrived = taken[plan] < NEVER
        means = np.where(arrived, own, 0.0).sum(axis=0) / np.maximum(arrived.sum(axis=0), 1)
        days.insert(days.columns.get_loc("mean_h") + 1, "queue_h", means)
    by_plan = {name: as_hours(one[:, position], land.ready[position]) for name, one in taken.items()}
    plans = {
        name: {
            **_plan(hours, {of: by[rows[name][:, position], np.arange(e.n)] for of, by in parts.items()}),
            "within": np.nan if second is None else (taken[name][:, position] <= second).mean(),
        }
        for name, hours in by_plan.items()
    }
    frame = (
        pd.DataFrame.from_dict(plans, orient="index")
        .rename_axis("plan")
        .sort_values(["never", "mean_h"], kind="stable")
    )
    hours = as_hours(taken[plan], land.ready).astype(np.float32)
    return Promise(e, net, start, end, vehicle, hour, plan, deadline, sure, *last, day, days, frame,
                   pd.DataFrame(by_plan)[frame.index], hours, free_hours(land), _kept(net, sure),
                   queues is not None)  # fmt: skip


def _plan(hours: np.ndarray, parts: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the hours of a plan on one day, with those of waiting for an opening and in queues."""
    arrived = np.isfinite(hours)
    mean_h, *means = (
        values[arrived].mean() if arrived.any() else np.nan for values in (hours, *parts.values())
    )
    return {
        **dict(zip(QUANTILES, quantiles(hours, list(QUANTILES.values())), strict=True)),
        "mean_h": mean_h,
        "never": 1.0 - arrived.mean(),
        "straight": (arrived & (parts["wait"] < STRAIGHT_H)).mean(),
        "drive_h": mean_h - sum(means),
        **{f"{part}_h": mean for part, mean in zip(parts, means, strict=True)},
    }


def _checkpoint(net: Network, plan: Any, checkpoints: Sequence[str]) -> str:
    """Return the checkpoint of a plan by its id, its name or that of its crossing."""
    target = net.names.target(plan) if isinstance(plan, str) else None
    table = net.base["crossings"]
    found = None if target is None else table["checkpoint"].get(target.id, target.id)
    if found not in checkpoints:
        raise unknown_name_error("plan", str(plan), [CHOICE, FORESIGHT, *checkpoints])
    return str(found)


def _hour(at: Any) -> time:
    day, hour = parse_departure(at, None, "at")
    if day is not None:
        raise InputError(f"at is invalid: '{at}'; expected an hour without a day, such as 08:00")
    return hour


def deadline_of(by: Day | datetime, zone: str) -> datetime:
    """Return a deadline by the clock of a zone; in the evening if it has no hour."""
    day, hour = by, EVENING
    is_moment = isinstance(by, datetime | np.datetime64) and by == by and pd.Timestamp(by).time() != time(0)
    if is_moment or (isinstance(by, str) and ":" in by):
        given, hour = parse_departure(by, None, "by")
        if given is None:
            raise InputError(f"by is invalid: '{by}'; expected a day, such as 2027-04-30 or 2027-04-30T12:00")
        day = given
    try:
        return datetime.combine(parse_day(day), hour, ZoneInfo(zone))
    except InputError as error:
        raise InputError(f"by: {error}") from None


def _kept(net: Network, sure: float) -> dict[str, Any] | None:
    """Return how often promises of that sureness, or of the next lower one on record, were kept."""
    try:
        table = net.table("promises")
    except InputError:
        return None
    # As looked at from each winter: what came later was not known.
    rows = table[(table["basis"] == "earlier") & (table["sure"] <= sure + 1e-9)].sort_values("sure")
    return None if rows.empty else {**rows.iloc[-1], "n": int(rows["n"].iloc[-1])}
