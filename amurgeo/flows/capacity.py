"""Room at the crossings by month and on a day, and sentences on room and queues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_made, unknown_name_error
from amurgeo.flows.demand import (
    DIFFERS,
    ON_ROAD,
    Given,
    Rows,
    check_assumed,
    given_tables,
    is_home,
    room,
)  # fmt: skip
from amurgeo.flows.model import AHEAD_DAYS, LEAD_DAYS, Model, simulate
from amurgeo.network import check_network, crossing_name, home_names
from amurgeo.results import ResultFrame
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import period_days, period_scenario, year_days
from amurgeo.seasons.state import State
from amurgeo.text import (
    counted,
    fill_placeholders,
    listing,
    long_date,
    name_of,
    number_text,
    page_words,
    span_text,
    translate,
)

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.text import Day

#: Backlog from which a sentence is worth it, and hours of waiting
#: from which a truck counts as one that waits; trucks or share of the largest backlog with which it is gone.
WORTH, WAITS_H, GONE_TRUCKS, GONE_SHARE = 10.0, 12.0, 1.0, 0.02


def capacity(
    net: Network,
    year: int,
    *,
    scenario: ScenarioLike = None,
    demand: float | Rows | None = None,
    capacity: Given | Rows | None = None,
    assume: str | None = None,
) -> ResultFrame:
    """Return what the home crossings can clear in each month of a year, beside what wants to pass.

    Parameters
    ----------
    net
        The network; its dataset has the tables ``capacity``, ``demand`` and ``demand_months``.
    year
        The year, 1980 to 2100.
    scenario
        Scenario, name, file or inline changes; not a regime, which has one day.
    demand, capacity, assume
        As in `queues`.

    Returns
    -------
    DataFrame
        One row per month and home crossing with capacity or demand in the year: month, crossing,
        trucks_per_day (mean of the month, both directions), tonnes_per_day (on trucks and beside them; NaN if
        the load is not known), demand (trucks a day that usually take it), ratio (demand to trucks; NaN if
        closed), in_cut (whether the crossing limits the greatest flow). The trucks of the rows in the cut add
        up to the greatest flow of the month.

    Raises
    ------
    InputError
        If the dataset lacks a table, or an argument is invalid.
    DataError
        If a given table has faults.

    Notes
    -----
    Maximum flow and minimum cut (Ford and Fulkerson, 1956) from the streams of the demand at home, each
    unlimited, over the crossings that admit them and that roads reach.

    Examples
    --------
    >>> import amurgeo as ag
    >>> months = ag.capacity(ag.load(), 2026)
    >>> float(months[(months.month == 7) & months.in_cut].trucks_per_day.sum())
    500.0
    """
    days = year_days(year)
    parsed = period_scenario(net, scenario, days, assume)
    tables, factor = given_tables(net, demand, capacity)
    model = Model(net, parsed, days, tables, factor=factor)
    flows, names = model.flows(), np.array([crossing for crossing, _ in model.servers], dtype=object)
    home = np.flatnonzero(is_home(net, names.tolist()))
    check_assumed(assume, model.run, names[home])
    beside = np.nan_to_num(model.works.tonnes) * model.shares[-1][1]
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    load = _load(model, tables["demand_months"], days)
    usual = np.where(model.usual >= 0, names[model.usual], "")
    parts = []
    for number in range(1, 13):
        held = month == number
        trucks = flows.capacity[:, held].mean(axis=1)
        open_ways = np.isfinite(flows.cost[np.unique(flows.pricing[held])]).any(axis=0)[model.at_home]
        loaded = np.where(trucks > 0, trucks * load[number], 0.0)
        wanted = flows.trucks[:, held].mean(axis=1) * model.at_home
        numbers = {
            "month": number,
            "crossing": names[home],
            "trucks_per_day": trucks[home],
            "tonnes_per_day": loaded[home] + beside[:, held].mean(axis=1)[home],
            "demand": [float(wanted[usual == crossing].sum()) for crossing in names[home]],
            "in_cut": _cut(open_ways[:, home], trucks[home]),
        }
        parts.append(pd.DataFrame(numbers))
    # The demand of a crossing is that of all its directions.
    tonnes = partial(pd.Series.sum, skipna=False)
    sums: Any = {"trucks_per_day": "sum", "demand": "first", "in_cut": "any", "tonnes_per_day": tonnes}
    rows = pd.concat(parts).groupby(["month", "crossing"])
    frame = rows.agg(sums).reset_index()
    used = frame.groupby("crossing")[["trucks_per_day", "demand", "tonnes_per_day"]].transform("sum")
    frame["ratio"] = frame["demand"] / frame["trucks_per_day"].where(frame["trucks_per_day"] > 0)
    columns = ["month", "crossing", "trucks_per_day", "tonnes_per_day", "demand", "ratio", "in_cut"]
    unknown = [x for x in model.run.unknown() if x in set(frame["crossing"])]
    return ResultFrame.of(frame.loc[used.sum(axis=1) > 0, columns].reset_index(drop=True), net, unknown)


def capacity_curve(
    net: Network,
    crossing: str,
    *,
    start: Day,
    end: Day,
    scenario: ScenarioLike = None,
    demand: float | Rows | None = None,
    capacity: Given | Rows | None = None,
    assume: str | None = None,
) -> pd.DataFrame:
    """Return the waits at a crossing over a period if it cleared fewer or more trucks a day.

    Parameters
    ----------
    net
        The network; its dataset has the tables ``capacity``, ``demand`` and ``demand_months``.
    crossing
        Id of the crossing.
    start, end
        First and last day.
    scenario
        Scenario, name, file or inline changes; not a regime, which has one day.
    demand, capacity, assume
        As in `queues`.

    Returns
    -------
    DataFrame
        One row per capacity from 0.6 to 1.6 times the demand, and of today: crossing, trucks_per_day (on
        its open days), wait_mean_h and wait_max_h (of those who join), queue_max, truck_days of waiting,
        diverted_per_day (trucks of this crossing that take another), demand and today (trucks a day, the
        same in all rows).

    Raises
    ------
    InputError
        If the dataset lacks a table, an argument is invalid, or the crossing has no capacity or demand.
    DataError
        If a given table has faults.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> curve = ag.flows.capacity_curve(net, "kani_kurgan:bridge", start="2026-10-01", end="2026-10-20")
    >>> bool(curve.wait_mean_h.is_monotonic_decreasing)
    True
    """
    check_network(net)
    crossing = net.names.crossing(crossing, option="crossing")
    period = period_days(start, end)
    parsed, n = period_scenario(net, scenario, period, assume), LEAD_DAYS + len(period)
    tables, factor = given_tables(net, demand, capacity)
    days = np.arange(period[0] - LEAD_DAYS, period[-1] + AHEAD_DAYS)
    model = Model(net, parsed, days, tables, factor=factor, simulated=n)
    check_assumed(assume, model.run, [name for name, _ in model.servers])
    flows = model.flows()
    own = np.array([name == crossing for name, _ in flows.servers])
    usual = np.isin(model.usual, np.flatnonzero(own))
    room = flows.capacity[own][:, LEAD_DAYS:n].sum(axis=0)
    wanted = flows.trucks[usual, LEAD_DAYS:n].sum(axis=0)
    if not room.any() or not wanted.any():
        raise InputError(
            f"crossing is invalid: '{crossing}'; expected one with capacity and demand in the period"
        )
    today, mean = float(room[room > 0].mean()), float(wanted.mean())
    rows = []
    for trucks in sorted({*(mean * np.linspace(0.6, 1.6, 11)), today}):
        factors = np.where(own, trucks / today, 1.0)[:, None]
        known = [(since, curve * factors) for since, curve in flows.known]
        run = simulate(replace(flows, capacity=flows.capacity * factors, known=known), n, slices=2)
        joined, wait = run.joined[own, LEAD_DAYS:], np.nan_to_num(run.wait_h[own, LEAD_DAYS:])
        rows.append({
            "crossing": crossing,
            "trucks_per_day": trucks,
            "wait_mean_h": float((joined * wait).sum() / max(joined.sum(), 1e-9)),
            "wait_max_h": float(np.where(joined > 1e-9, wait, 0.0).max()),
            "queue_max": float(run.queue[own, LEAD_DAYS:].sum(axis=0).max()),
            "truck_days": float(run.truck_days[own, LEAD_DAYS:].sum()),
            "diverted_per_day": float(run.streams[usual][:, ~own, LEAD_DAYS:].sum() / len(period)),
            "demand": mean,
            "today": today,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _load(model: Model, months: pd.DataFrame, days: np.ndarray) -> dict[int, float]:
    """Return tonnes on a truck by month, of the groups whose load is known; NaN if none is."""
    known = months[months["tonnes_per_day"].notna() & (months["trucks_per_day"] > 0)]
    known = known[known["group"].isin(model.rows["group"][model.at_home])]
    first, last = pd.Timestamp(days[0]), pd.Timestamp(days[-1])
    known = known[~(known["valid_from"] > last) & ~(known["valid_to"] < first)]
    loads = {}
    for month in range(1, 13):
        rows = known[known["month"].isna() | (known["month"] == month)]
        trucks = rows["trucks_per_day"].sum()
        loads[month] = float(rows["tonnes_per_day"].sum() / trucks) if trucks > 0 else np.nan
    return loads


def _cut(admitted: np.ndarray, trucks: np.ndarray) -> np.ndarray:
    """Return which servers are in the minimum cut between streams and the far side, given who admits whom.

    Streams are unlimited, so that they fill every server that admits one of them.
    """
    return admitted.any(axis=0) & (trucks > 0)


def room_sentence(base: State, alt: State | None = None, lang: str = "en") -> str | None:
    """Return a sentence on the trucks a day of one or two states, with and without the largest crossing.

    Parameters
    ----------
    base, alt
        States of the crossings; without `alt` the sentence is on one day.
    lang
        Language.

    Returns
    -------
    str or None
        The sentence; None if the dataset has no capacity.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> winter, summer = (ag.state(net, day) for day in ("2026-02-10", "2026-07-15"))
    >>> ag.flows.room_sentence(winter, summer).partition(";")[0]
    'Room for trucks at the home crossings: 500 trucks a day instead of 690'
    """
    for what, state in (("base", base), *(() if alt is None else (("alt", alt),))):
        check_made(what, state, State, "amurgeo.state")
    if base.net.base["capacity"].empty:
        return None
    values = {}
    for name, state in (("base", base), ("alt", base if alt is None else alt)):
        trucks = room(state)["trucks_per_day"]
        values[name] = number_text(whole(trucks.sum()), lang, digits=0)
        values[f"{name}_rest"] = number_text(whole(trucks.iloc[1:].sum()), lang, digits=0)
        values |= {"alt": counted("trucks", whole(trucks.sum()), lang)} if name == "alt" else {}
    return translate("queue.room" if alt is not None else "queue.room_day", lang, **values)


def whole(value: float) -> int:
    """Return a number of trucks, from 100 on in tens.

    >>> whole(1234.6), whole(99.6), whole(9.4)
    (1230, 100, 9)
    """
    return int(round(value, -1 if value >= 100 else 0))


def queue_sentences(q: Any, lang: str, alternative: str | None = None) -> list[str]:
    """Return the sentences of `Queues.sentences`."""
    names = [scenario.name for scenario in q.scenarios]
    if alternative is not None and alternative not in names:
        raise unknown_name_error("alternative", alternative, names)
    told = [scenario for scenario in q.scenarios if alternative in (None, scenario.name)]
    texts = [text for scenario in told for text in _Story(q, scenario, lang).sentences()]
    if q.without_capacity:
        texts.append(translate("queue.without", lang, names=listing(q.without_capacity, lang)))
    return [*texts, translate("queue.estimates", lang)]


def change_sentence(q: Any, changes: pd.DataFrame, lang: str) -> str:
    """Return what the home crossings clear on days of `room_changes`, and the backlog."""
    story, means = _Story(q, q.scenarios[-1], lang), changes.mean()
    values = {"day": story.day(changes.index[0]), "alt": story.trucks(means["alt"])}
    text = story.say("room_from", base=story.number(means["base"]), **values)
    return text + translate("word.semicolon", lang) + story.short_text()


def ahead_sentence(q: Any, lang: str) -> str:
    """Return the largest backlog in the period of queues."""
    story = _Story(q, q.scenarios[-1], lang)
    return (
        story.say("ahead", days=span_text(q.period[0], q.period[1], lang))
        + translate("word.colon", lang)
        + story.short_text()
    )


class _Story:
    """The numbers of one scenario in words."""

    def __init__(self, q: Any, scenario: Scenario, lang: str) -> None:
        self.q, self.name, self.lang = q, scenario.name, lang
        self.title = scenario.title.get(lang, scenario.name)
        self.backlog = q.backlog[q.backlog["scenario"] == self.name].set_index("date")
        home = q.days[is_home(q.net, q.days["crossing"].tolist())]
        capacity = home.pivot_table(index=["scenario", "date"], columns="crossing", values="capacity")
        self.base, self.capacity = (
            capacity.loc[scenario] if len(capacity) else pd.DataFrame(index=self.backlog.index)
            for scenario in (q.scenarios[0].name, self.name)
        )
        #: The crossing that loses most, what it loses, and on which days.
        lost = (self.base - self.capacity).clip(lower=0.0)
        self.crossing = str(lost.sum().idxmax()) if len(capacity) else ""
        self.lost = lost[self.crossing] if len(capacity) else pd.Series(dtype=float)
        self.lost = self.lost[self.lost > DIFFERS]
        self.short = self.lost.index
        queue = self.backlog["queue"]
        self.peak = (queue.loc[self.short] if len(self.short) else queue).idxmax()
        self.most = float(queue[self.peak])
        low = queue.index[queue <= max(GONE_TRUCKS, GONE_SHARE * self.most)]
        before, after = low[low <= self.peak], low[low >= self.peak]
        #: The days of that queue: the last one without a queue, and the first one.
        self.begin = before[-1] if len(before) else queue.index[0]
        self.gone, self.end = len(after) > 0, after[0] if len(after) else queue.index[-1]

    def say(self, key: str, **values: Any) -> str:
        return translate(f"queue.{key}", self.lang, **values)

    def number(self, value: float) -> str:
        return number_text(whole(value), self.lang, digits=0)

    def trucks(self, value: float, case: str = "trucks") -> str:
        return counted(case, whole(value), self.lang)

    def day(self, day: Any) -> str:
        return long_date(pd.Timestamp(day).date())[self.lang]

    def span(self) -> str:
        """Return the first and last short day, in one month as one date."""
        first, last = self.short[0], self.short[-1]
        if first == last or (first.year, first.month) != (last.year, last.month):
            return " – ".join(dict.fromkeys([self.day(first), self.day(last)]))
        month = page_words()[f"month.{last.month:02d}"]
        days = f"{first.day}–{last.day}"
        return fill_placeholders("date.long", day=days, month=month, year=last.year)[self.lang]

    def short_text(self) -> str:
        """Return the largest backlog and its end in one sentence."""
        if self.most < WORTH:
            return self.say("tail_none")
        # Two digits, which the number of slices of a day does not change.
        trucks = counted("trucks_of", int(float(f"{self.most:.2g}")), self.lang)
        key = "tail_gone" if self.gone else "tail_stays"
        return self.say(key, on=self.day(self.peak), day=self.day(self.end), trucks=trucks)

    def sentences(self) -> list[str]:
        """Return what closes and how many wait, who waits and goes round, and how long it lasts."""
        what, colon = self.title, translate("word.colon", self.lang)
        if len(self.short):
            after = self.capacity.loc[self.short, self.crossing].mean()
            before = self.number(after + self.lost.mean())
            values = {"span": self.span(), "crossing": crossing_name(self.q.net, self.crossing, self.lang)}
            less = {"after": self.trucks(after, "trucks_of"), "before": before}
            what = self.say("less", **values, **less) if after > DIFFERS else self.say("shut", **values)
            colon = translate("word.semicolon", self.lang)
        rows = self.q.streams[self.q.streams["scenario"] == self.name]
        days, dates = rows, rows["date"]
        if len(self.short):
            days = rows[dates.isin(self.short) & (rows["usual"] == self.crossing)]
        if self.most < WORTH:
            texts = [what + colon + self.say("none", home=home_names(self.q.net)[self.lang])]
            return texts + self._who(days, ("other", "round"))
        values = {"on": self.day(self.peak), "road": self.number(ON_ROAD * self.most)}
        grows = self.say("grows", **values, trucks=self.trucks(self.most, "trucks_of"))
        texts = [what + colon + grows + self._range(self.backlog.loc[self.peak])]
        texts += self._who(days, ("waits", "other", "round")) if len(self.short) else []
        waits = rows[dates.between(self.begin, self.end) & (rows["wait_h"] >= WAITS_H)]
        waits = waits[is_home(self.q.net, waits["crossing"].tolist())]
        mean = float(np.average(waits["wait_h"], weights=waits["trucks"])) if len(waits) else 0.0
        hours = {"mean": mean, "most": waits["wait_h"].max() if len(waits) else 0.0}
        days = {name: number_text(value / 24.0, self.lang, digits=1) for name, value in hours.items()}
        return [*texts, self.say("gone" if self.gone else "stays", day=self.day(self.end), **days)]

    def _who(self, rows: pd.DataFrame, told: Sequence[str]) -> list[str]:
        """Return which shares of trucks wait, take another crossing and go round, as far as they are told."""
        home = is_home(self.q.net, rows["crossing"].tolist())
        usual, total = (rows["crossing"] == rows["usual"]).to_numpy(), float(rows["trucks"].sum())
        away = rows[~home].groupby("crossing")["trucks"].sum()
        names = {"home": home_names(self.q.net)[self.lang], "away": ""}
        if len(away):
            far = self.q.net.base["crossings"]["checkpoint"][away.idxmax()]
            names["away"] = name_of(self.q.net.base["checkpoints"].loc[far], self.lang)
        shares = {"waits": home & usual, "other": home & ~usual, "round": ~home}
        parts = {key: 100.0 * rows["trucks"][where].sum() / max(total, 1.0) for key, where in shares.items()}
        texts = [
            self.say(f"who_{key}", n=self.number(parts[key]), **names) for key in told if parts[key] >= 0.5
        ]
        comma = translate("word.comma", self.lang)
        return [self.say("who", trucks=self.trucks(total), parts=comma.join(texts))] if texts else []

    def _range(self, row: pd.Series) -> str:
        """Return the range of the draws on a day, and whether it is apart from that of the base."""
        if not self.q.draws:
            return ""
        low, high = row["queue_p10"], row["queue_p90"]
        text = f" {self.say('range', low=self.number(low), high=self.number(high))}"
        if self.name == self.q.scenarios[0].name:
            return text
        other = self.q.backlog[self.q.backlog["date"] == row.name].iloc[0]
        apart = low > other["queue_p90"] or high < other["queue_p10"]
        return f"{text} {self.say('firm' if apart else 'not_apart')}"
