"""Queues at the crossings by day: who waits and how long, who goes round, when the backlog is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_int
from amurgeo.flows.capacity import WAITS_H, queue_sentences
from amurgeo.flows.demand import (
    ON_ROAD,
    TABLES,
    Draw,
    Given,
    Rows,
    check_assumed,
    gaps,
    given_tables,
    is_home,
    lane_trucks,
)  # fmt: skip
from amurgeo.flows.model import AHEAD_DAYS, EMPTY, LEAD_DAYS, SLICES, Flows, Model, Run, simulate
from amurgeo.results import Result, rounded_records
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import period_days, period_scenarios
from amurgeo.seasons.evaluation import assuming

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from amurgeo.network import Network
    from amurgeo.text import Day

#: Days after the period until trucks have passed, and most days of a difference that a comparison tells.
AFTER_DAYS, MOST_DAYS = 40, 60
#: Most draws, and the quantiles of them.
MOST_DRAWS, QUANTILES = 1000, {"p10": 0.1, "p50": 0.5, "p90": 0.9}
#: Slices of a day in draws, whose ranges are far wider; trucks up to which a backlog is gone.
DRAW_SLICES, GONE = 2, 1.0
#: Numbers of a day and of a summary; with draws each has its quantiles.
DAY_NUMBERS = ("capacity", "joined", "passed", "left", "queue", "on_road", "wait_h", "unused", "gate_h")
SUMMARY_NUMBERS = ("queue_max", "on", "gone", "wait_max_h", "wait_mean_h", "truck_days", "diverted")
_STREAM = ("origin", "destination", "class", "usual", "crossing")


@dataclass(frozen=True, eq=False)
class Queues(Result):
    """Queues of some scenarios over a period, the first scenario is the base.

    With draws every number of ``days``, ``summary`` and ``backlog`` also has quantiles: ``_p10``, ``_p50``
    and ``_p90``.

    Attributes
    ----------
    net
        The network.
    scenarios
        The scenarios.
    period
        First and last day.
    days
        One row per scenario, date and crossing: traffic, capacity, joined (on the first day with those who
        wait already), passed, left (at the end of a season), queue (at the end of the day), on_road (its part
        on the road), wait_h (mean hours of those who join; NaN without an opening in sight), unused (trucks),
        basis of the capacity, gate_h (mean hours until the post works, part of the usual wait).
    trucks
        One row per scenario, origin, destination, class and crossing: usual (crossing), trucks, waiting (of
        them 12 h and longer), wait_h, hours and length_km of the route without the queue, detour_h and
        detour_km beyond the usual crossing, and the known cost of the route.
    summary
        One row per scenario and crossing: queue_max (trucks), on (its day), gone (first day without backlog;
        both datetime64, NaT if none in the period), wait_max_h, wait_mean_h (of all that join), truck_days of
        waiting, diverted (trucks of this crossing that take another), lane_value (truck-days that one lane
        more saves).
    streams
        Trucks of the demand at home by scenario, date, usual and chosen crossing, and their wait_h.
    backlog
        Trucks that wait at all home crossings, by scenario and date: queue.
    draws
        Number of draws; 0 for none.
    unknown, without_capacity
        Crossings that count as closed: of unknown status on some day; for trucks without a row of capacity.
    """

    net: Network
    scenarios: tuple[Scenario, ...]
    period: tuple[date, date]
    days: pd.DataFrame
    trucks: pd.DataFrame
    summary: pd.DataFrame
    streams: pd.DataFrame
    backlog: pd.DataFrame
    draws: int = 0
    unknown: tuple[str, ...] = ()
    without_capacity: tuple[str, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(scenario.name for scenario in self.scenarios)
        return f"Queues({names}, {self.period[0]} to {self.period[1]}, {self.draws} draws)"

    def to_frame(self) -> pd.DataFrame:
        """Return ``days``."""
        return self.days.copy(deep=False)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Return the result as plain values, the JSON of the command ``queues``.

        Parameters
        ----------
        lang
            Language of the sentences.
        """
        frames = {name: rounded_records(getattr(self, name)) for name in ("days", "trucks", "summary")}
        return {**frames, "sentences": self.sentences(lang)}

    def classes(self) -> pd.DataFrame:
        """Return what the demand at home does, by class of load.

        Returns
        -------
        DataFrame
            By scenario and class: trucks, and the shares of them that wait 12 h and longer at their usual
            crossing (waits), take another one at home (other) or one elsewhere (round).

        Examples
        --------
        >>> import amurgeo as ag
        >>> q = ag.queues(ag.load(), start="2026-11-01", end="2026-11-03")
        >>> q.classes().columns.tolist()
        ['trucks', 'waits', 'other', 'round']
        """
        rows = self.trucks[is_home(self.net, self.trucks["usual"].tolist())]
        home, usual = is_home(self.net, rows["crossing"].tolist()), rows["crossing"] == rows["usual"]
        parts = {
            "trucks": rows["trucks"],
            "waits": rows["waiting"].where(usual, 0.0),
            "other": rows["trucks"].where(home & ~usual, 0.0),
            "round": rows["trucks"].where(~home, 0.0),
        }
        sums = rows[["scenario", "class"]].assign(**parts).groupby(["scenario", "class"], sort=False).sum()
        return sums.assign(**{name: sums[name] / sums["trucks"] for name in ("waits", "other", "round")})

    def sentences(self, lang: str = "en", *, alternative: str | None = None) -> list[str]:
        """Return what happens in up to four sentences per scenario, and that the numbers are estimates.

        Parameters
        ----------
        lang
            Language.
        alternative
            Name of a scenario: only that one. All if omitted.

        Returns
        -------
        list of str
            Sentences; the last one is on what is assumed.

        Raises
        ------
        InputError
            If the language is unknown or the scenario is not in the result.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.queues(ag.load(), start="2026-06-01", end="2026-06-05").sentences()[0].partition(": ")[2]
        'no truck waits for a day at the crossings of Amur Oblast.'
        """
        return queue_sentences(self, lang, alternative)

    def figure(self, *, lang: str = "en", path: str | Path | None = None) -> Figure:
        """Draw the queues; see `amurgeo.figures.queue_figure`."""
        import amurgeo

        return amurgeo.figures.queue_figure(self, lang=lang, path=path)


def queues(
    net: Network,
    scenarios: ScenarioLike | Iterable[ScenarioLike] = ("baseline",),
    *,
    start: Day,
    end: Day,
    demand: float | Rows | None = None,
    capacity: Given | Rows | None = None,
    known_days: int = 0,
    lane: str | None = None,
    draws: int = 0,
    seed: int | None = None,
    assume: str | None = None,
) -> Queues:
    """Return the queues of trucks at the crossings on every day of a period under some scenarios.

    Parameters
    ----------
    net
        The network; its dataset has the tables ``capacity``, ``demand`` and ``demand_months``.
    scenarios
        Scenarios, names, files or inline changes, the first is the base; no regimes, which have one day.
    start, end
        First and last day. Begin before the last stop: a run begins two weeks earlier with empty queues.
    demand
        Factor of the demand at home, or a frame or file like ``demand`` or ``demand_months`` in its place.
    capacity
        Trucks a day by crossing, both directions: a number, or least, middle and most; or a table like
        ``capacity``. It replaces the rows of its crossings.
    known_days
        Days before its first from which a dated change without ``known_days`` is expected; 0: an accident.
    lane
        Crossing of which one lane more is valued.
    draws
        Number of draws from the ranges of capacity, demand and assumptions, at most 1000; 0 for the middle.
    seed
        Seed of the draws; 0 if omitted. Equal seeds give equal draws to all scenarios.
    assume
        Status of services of which the record has a gap, ``"open"`` (in season) or ``"closed"``, the default.

    Returns
    -------
    Queues
        The days, trucks and summary as frames, sentences and a figure.

    Raises
    ------
    InputError
        If the dataset lacks a table, or an argument is invalid.
    DataError
        If a given table has faults.

    Notes
    -----
    A fluid point queue at each crossing. Each slice of a day a stream of trucks takes the crossing with the
    least ``hours + cost / value of an hour + weight x wait``. ``gate_h``, ``(24 - h)**2 / 48 * m / (m - q)``,
    is that of a post that works h hours a day, with m trucks an hour cleared then and q an hour that come.

    Examples
    --------
    >>> import amurgeo as ag
    >>> shut = ag.Scenario("shut", changes=[ag.close("kani_kurgan:bridge", "2026-11-10", "2026-11-19")])
    >>> q = ag.queues(ag.load(), ["baseline", shut], start="2026-11-05", end="2026-12-05")
    >>> row = q.summary.set_index(["scenario", "crossing"]).loc[("shut", "kani_kurgan:bridge")]
    >>> str(row["on"].date()), str(row["gone"].date())
    ('2026-11-19', '2026-11-26')
    """
    several = isinstance(scenarios, Iterable) and not isinstance(scenarios, str | Scenario)
    given: Any = scenarios if several else [scenarios]
    parsed = period_scenarios(net, given)
    draws = check_int("draws", draws, 0, MOST_DRAWS)
    known_days = check_int("known_days", known_days, 0, 3660)
    changes = [change for scenario in parsed for change in scenario.changes]
    if known_days and not any(change.days is not None and change.known_days is None for change in changes):
        raise InputError(
            f"known_days is invalid: {known_days}; expected a scenario with a dated change for it"
        )
    if seed is not None and not draws:
        raise InputError(f"seed is invalid: {seed}; expected none without draws=, which it is for")
    seed = check_int("seed", seed or 0, 0, 2**32)
    tables, factor = given_tables(net, demand, capacity)
    more = None if lane is None else lane_trucks(net, tables, lane)
    period = period_days(start, end)
    parsed = assuming(net, parsed, assume, period)
    how: Any = {"draws": draws, "seed": seed, "assume": assume, "known_days": known_days, "factor": factor}
    return _answer(net, parsed, period, tables, more=more, **how)


def queues_after(net: Network, scenario: Scenario, days: np.ndarray) -> Queues:
    """Return the backlog of a scenario from the first of some days on, without the trucks by class.

    Coarser than `queues`, for a line in a comparison.
    """
    last = min(days[-1], days[0] + MOST_DAYS)
    tables = {name: net.base[name] for name in TABLES}
    return _answer(net, [scenario], np.arange(days[0], last + AFTER_DAYS), tables, slices=1, after=0)


def _answer(
    net: Network,
    scenarios: Sequence[Scenario],
    period: np.ndarray,
    tables: Mapping[str, pd.DataFrame],
    *,
    more: Mapping[str, float] | None = None,
    draws: int = 0,
    seed: int = 0,
    assume: str | None = None,
    slices: int = SLICES,
    after: int = AFTER_DAYS,
    **how: Any,
) -> Queues:
    """Return the queues of scenarios; trucks are followed for some days after the period."""
    days = np.arange(period[0] - LEAD_DAYS, period[-1] + after + AHEAD_DAYS)
    how |= {"simulated": LEAD_DAYS + len(period) + after, "kept": {}}
    parts, titled = [], []
    for scenario in scenarios:
        model = Model(net, scenario, days, tables, **how)
        check_assumed(assume, model.run, [crossing for crossing, _ in model.servers])
        parts.append(_Answer(model, len(period), more, slices).frames(draws, seed))
        titled.append(replace(scenario, title=model.run[0].title))
    frames = {name: pd.concat([part[0][name] for part in parts], ignore_index=True) for name in parts[0][0]}
    # Crossings that under every scenario clear nothing, have no trucks and divert none are left out.
    is_busy = (frames["days"]["capacity"] > 0) | (frames["days"]["joined"] > EMPTY)
    diverts = frames["summary"]["diverted"] > EMPTY
    busy = {*frames["days"].loc[is_busy, "crossing"], *frames["summary"].loc[diverts, "crossing"]}
    for name in ("days", "summary"):
        frames[name] = frames[name][frames[name]["crossing"].isin(busy)].reset_index(drop=True)
    unknown, without = (tuple(sorted({x for part in parts for x in part[1][at]})) for at in (0, 1))
    about: Any = {"draws": draws, "unknown": unknown, "without_capacity": without}
    return Queues(net, tuple(titled), (period[0].item(), period[-1].item()), **frames, **about)


class _Answer:
    """The frames of one scenario."""

    def __init__(self, model: Model, n: int, more: Mapping[str, float] | None, slices: int) -> None:
        self.model, self.n, self.more, self.slices = model, n, more, slices
        self.name = model.run.scenario.name
        self.days = slice(LEAD_DAYS, LEAD_DAYS + n)
        self.dates = pd.DatetimeIndex(model.run.days[self.days].astype("datetime64[s]"), name="date")
        self.crossings = list(dict.fromkeys(crossing for crossing, _ in model.servers))
        owner = np.array([crossing for crossing, _ in model.servers])
        self.member = (np.array(self.crossings)[:, None] == owner).astype(float)

    def numbers(self, flows: Flows, run: Run) -> dict[str, np.ndarray]:
        """Return the numbers of each day, crossings by days."""
        names = ("joined", "passed", "left", "queue", "truck_days")
        sums = {name: self.member @ getattr(run, name)[:, self.days] for name in names}
        hours = np.nan_to_num(run.wait_h) * run.joined
        waited = (self.member @ hours[:, self.days]) / np.maximum(sums["joined"], EMPTY)
        least = [np.nanmin(np.where(own, run.wait_h.T, np.inf), axis=1) for own in self.member > 0]
        expected = np.array(least)[:, self.days]
        wait = np.where(sums["joined"] > EMPTY, waited, expected)
        before = (self.member @ run.queue[:, LEAD_DAYS - 1])[:, None]
        capacity = self.member @ flows.capacity[:, self.days]
        post = np.array([self.model.works.hours_per_day[own > 0][0] for own in self.member])[:, self.days]
        # Trucks an hour that are cleared while the post works, and that come.
        works, come = capacity / np.maximum(post, EMPTY), sums["passed"] / 24.0
        busy = np.divide(works, works - come, out=np.full_like(works, np.nan), where=works > come + EMPTY)
        return {
            **sums,
            "joined": sums["joined"] + (np.arange(self.n) == 0) * before,
            "capacity": capacity,
            "on_road": ON_ROAD * sums["queue"],
            "wait_h": np.where(np.isfinite(wait), wait, np.nan),
            "unused": np.maximum(capacity - sums["passed"], 0.0),
            "gate_h": (24.0 - post) ** 2 / 48.0 * busy,
        }

    def totals(self, run: Run, numbers: Mapping[str, np.ndarray], saved: float) -> dict[str, Any]:
        """Return the numbers of the summary, by crossing; days as positions, NaN for none."""
        queue, joined, wait = numbers["queue"], numbers["joined"], np.nan_to_num(numbers["wait_h"])
        peak = queue.argmax(axis=1)
        is_gone = (queue <= GONE) & (np.arange(self.n) > peak[:, None]) & (queue.max(axis=1) > GONE)[:, None]
        usual = np.maximum(self.model.usual, 0)
        joining = run.streams[:, :, self.days].sum(axis=2)
        own = self.member.argmax(axis=0)[usual]
        away = joining.sum(axis=1) - (joining @ self.member.T)[np.arange(len(usual)), own]
        away = np.where(self.model.usual >= 0, away, 0.0)
        return {
            "queue_max": queue.max(axis=1),
            # A backlog that outlasts the period is gone after every other.
            "on": np.where(queue.max(axis=1) > GONE, peak, self.n),
            "gone": np.where(is_gone.any(axis=1), is_gone.argmax(axis=1), self.n),
            "wait_max_h": np.where(joined > EMPTY, wait, 0.0).max(axis=1),
            "wait_mean_h": (joined * wait).sum(axis=1) / np.maximum(joined.sum(axis=1), EMPTY),
            "truck_days": numbers["truck_days"].sum(axis=1),
            "diverted": self.member @ np.bincount(usual, weights=away, minlength=self.member.shape[1]),
            "lane_value": np.where(np.isin(self.crossings, [*(self.more or ())]), saved, np.nan),
        }

    def solve(self, draw: Draw | None = None) -> tuple[Run, dict[str, np.ndarray], dict[str, Any]]:
        """Return the run, the numbers of the days and those of the summary of a draw."""
        n, flows = self.model.simulated, self.model.flows(draw)
        slices = self.slices if draw is None else DRAW_SLICES
        run, saved = simulate(flows, n, slices=slices), np.nan
        if self.more is not None:
            wider = simulate(self.model.flows(draw, more=self.more), n, slices=slices)
            saved = float((run.truck_days - wider.truck_days)[:, self.days].sum())
        numbers = self.numbers(flows, run)
        return run, numbers, self.totals(run, numbers, saved)

    def frames(self, draws: int, seed: int) -> tuple[dict[str, pd.DataFrame], tuple[list[str], list[str]]]:
        """Return the frames of `Queues`, and the crossings that are unknown or without capacity."""
        run, numbers, totals = self.solve()
        drawn = [self.solve(Draw.of(seed, number, self.model.servers))[1:] for number in range(draws)]
        days = pd.DataFrame({"scenario": self.name, "date": np.repeat(self.dates, len(self.crossings))})
        days = days.assign(crossing=self.crossings * self.n, traffic="cargo")
        basis = self.model.works.basis[self.member.argmax(axis=1)][:, self.days]
        for name in DAY_NUMBERS:
            _put(days, name, numbers[name].T.ravel(), [one[name].T.ravel() for one, _ in drawn])
            if name == "unused":
                days["basis"] = basis.T.ravel()
        summary = pd.DataFrame({"scenario": self.name, "crossing": self.crossings})
        for name in (*SUMMARY_NUMBERS, "lane_value"):
            _put(summary, name, totals[name], [one[name] for _, one in drawn])
        for name in summary.columns[summary.columns.str.match("on|gone")]:
            at = summary[name].round().to_numpy().astype(int)
            summary[name] = self.dates.append(pd.DatetimeIndex([pd.NaT]))[np.minimum(at, self.n)]
        is_line = self.slices == 1
        trucks, streams = (days[:0], days[:0]) if is_line else self._trucks(run)
        home, backlog = is_home(self.model.net, self.crossings), days[["scenario", "date"]].drop_duplicates()
        waiting = [one["queue"][home].sum(axis=0) for one in (numbers, *(one for one, _ in drawn))]
        _put(backlog, "queue", waiting[0], waiting[1:])
        frames = {"days": days, "trucks": trucks, "summary": summary, "streams": streams, "backlog": backlog}
        return frames, gaps(self.model.run, self.crossings, self.days)

    def _trucks(self, run: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the trucks of the period, and the demand at home by day."""
        model = self.model
        joined = run.streams[:, :, self.days]
        row, server, day = np.nonzero(joined > EMPTY)
        number, wait = joined[row, server, day], np.nan_to_num(run.wait_h[:, self.days])[server, day]
        usual, at = model.usual[row], model.pricing[self.days][day]
        table = pd.DataFrame({name: model.rows[name].to_numpy()[row] for name in _STREAM[:4]})
        table["crossing"] = np.array([crossing for crossing, _ in model.servers])[server]
        table = table.assign(trucks=number, waiting=np.where(wait >= WAITS_H, number, 0.0))
        each = {"wait_h": wait, "hours": model.hours[at, row, server], "length_km": model.km[at, row, server]}
        for name, of in (("detour_h", model.hours), ("detour_km", model.km)):
            least = np.where(usual >= 0, of[at, row, np.maximum(usual, 0)], np.inf)
            nearest = np.where(np.isfinite(least), least, of[at, row].min(axis=1))
            each[name] = of[at, row, server] - nearest
        each[model.net.border.cost] = model.rub[at, row, server]
        table = table.assign(**{name: values * number for name, values in each.items()})
        sums = table.groupby(list(_STREAM), sort=True, as_index=False).sum()
        sums[list(each)] = sums[list(each)].div(sums["trucks"], axis=0)
        sums.insert(0, "scenario", self.name)
        daily = table.assign(date=self.dates[day])[model.at_home[row]]
        daily = daily.groupby(["date", "usual", "crossing"], as_index=False)[["trucks", "wait_h"]].sum()
        daily["wait_h"] /= daily["trucks"]
        daily.insert(0, "scenario", self.name)
        return sums, daily


def _put(frame: pd.DataFrame, name: str, values: np.ndarray, drawn: Sequence[np.ndarray]) -> None:
    """Set a column of a frame, and its quantiles over draws."""
    frame[name] = values + 0.0
    for label, q in QUANTILES.items() if drawn else ():
        frame[f"{name}_{label}"] = np.quantile(drawn, q, axis=0) + 0.0
