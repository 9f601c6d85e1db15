"""Measures: what they save over winters and the ranges of demand, and on what their order hinges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import DataError, Fault, InputError, as_names, check_int, unknown_name_error
from amurgeo.flows.demand import ASSUMED, Draw, Given, Rows, given_tables, is_home
from amurgeo.flows.model import Flows, Model, simulate
from amurgeo.network import check_network, crossing_name
from amurgeo.results import Result, rounded_records
from amurgeo.routing.ranges import tied, two_digits
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import period_scenario
from amurgeo.seasons.ensemble import TAIL_DAYS, Ensemble, ensemble, openings
from amurgeo.seasons.evaluation import scenario_of
from amurgeo.text import large_text, listing, name_of, translate

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from amurgeo.network import Network

#: Draws by default. The quantiles that are a range, and the share of the winters that are bad.
DRAWS, RANGE, BAD = 10, (0.1, 0.9), 0.1
#: Winters drawn; the draws of demand take some of them, at even steps of the room at home.
_WINTERS = 250
#: Measures whose order is asked about again with inputs at the ends of their ranges.
_LEADERS = 2
#: Columns of the table of results, but for money.
NUMBERS = ("benefit_h", "low", "high", "bad_winter_h", "regret_h")


@dataclass(frozen=True, eq=False)
class Measures(Result):
    """What measures save in one winter, over draws.

    Attributes
    ----------
    net, winter, scenario
        The network, the winter, and the scenario without measures.
    frame
        One row per measure, the most useful first: rank, measure (id), benefit_h (generalised truck-hours
        saved from August to July: the mean of the draws), low and high (P10 and P90), the benefit in money,
        bad_winter_h (the mean of the draws in the worst tenth of the winters), regret_h (the most by which
        another measure does better in a draw), rank_bad_winter, rank_regret, first_share (of the draws, in
        which it is the best), tied_with (measures whose ranges overlap, which are not told apart, joined by
        ``;``), cost_low, cost_high and cost_per (None: not known), and reason (``not_expressed`` if no change
        of a scenario expresses it: benefit and ranks are not known then).
    draws
        The benefit of each measure in each draw: measure, draw (the best winter first), benefit_h, and
        value_of_hour in the currency.
    hinges
        The leading measure if one input is at an end of its range and all others in the middle: input,
        crossing (of a capacity), end (``low`` or ``high``), measure, changes (whether it is another one than
        with all of them in the middle). Only the two leading measures are compared.
    seed
        Seed of the draws.
    """

    net: Network
    winter: str
    scenario: Scenario
    frame: pd.DataFrame
    draws: pd.DataFrame
    hinges: pd.DataFrame
    seed: int

    def __repr__(self) -> str:
        return f"Measures({self.winter}, {self.scenario.name}, {len(self.frame)} measures, {self.n} draws)"

    @property
    def n(self) -> int:
        """Number of draws."""
        return int(self.draws["draw"].nunique())

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Return the result as plain values, the JSON of the command ``measures``."""
        return {
            "winter": self.winter,
            "scenario": self.scenario.name,
            "draws": self.n,
            "seed": self.seed,
            "measures": rounded_records(self.frame),
            "hinges": rounded_records(self.hinges),
            "sentences": self.sentences(lang),
        }

    def sentences(self, lang: str = "en") -> list[str]:
        """Return the order of the measures in up to six sentences, and the draws.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.measures(ag.load(), "2026/27", names="store_at_bank", draws=2).sentences()[0]
        'No measure saves anything.'
        """
        say, known = partial(translate, lang=lang), self.frame[self.frame["rank"].notna()]
        names = {id_: measure_name(self.net, id_, lang) for id_ in self.frame["measure"]}
        hours = lambda value: large_text(two_digits(value), lang)  # noqa: E731
        texts = []
        if known.empty or known["benefit_h"].iloc[0] <= 0:
            texts.append(say("measures.none"))
        else:
            first = known.iloc[0]
            values = {name: hours(first[name]) for name in ("low", "high")}
            money = hours(first[_money(self.net)])
            values |= {"hours": hours(first["benefit_h"]), "money": f"{money} {self.net.border.currency}"}
            texts.append(say("measures.first", measure=names[first["measure"]], **values))
            if first["first_share"] == 1.0 and len(known) > 1:
                texts.append(say("measures.apart"))
            elif first["tied_with"]:
                tied = [names[id_] for id_ in first["tied_with"].split(";")]
                texts.append(say("measures.tied", measures=listing(tied, lang)))
            bad, least = (known[known[name] == 1].iloc[0] for name in ("rank_bad_winter", "rank_regret"))
            values = {"hours": hours(bad["bad_winter_h"]), "regret": hours(least["regret_h"])}
            values |= {"measure": names[bad["measure"]], "least": names[least["measure"]]}
            texts.append(say("measures.bad", **values))
            texts.extend(filter(None, [self._hinge_sentence(lang, names)]))
        unknown = [names[id_] for id_ in self.frame.loc[self.frame["rank"].isna(), "measure"]]
        if unknown:
            texts.append(say("measures.unknown", measures=listing(unknown, lang)))
        return [*texts, say("measures.draws", n=self.n, winter=self.winter)]

    def _hinge_sentence(self, lang: str, names: Mapping[str, str]) -> str:
        say, inputs = partial(translate, lang=lang), []
        for row in self.hinges[self.hinges["changes"]].to_dict("records"):
            crossing = "" if row["crossing"] is None else crossing_name(self.net, row["crossing"], lang)
            name = say(f"measures.input_{row['input']}", crossing=crossing)
            end, measure = say(f"measures.end_{row['end']}"), names[row["measure"]]
            inputs.append(say("measures.hinge", input=name, end=end, measure=measure))
        if not inputs:
            return "" if self.hinges.empty else say("measures.firm")
        return say("measures.hinges", inputs=say("word.semicolon").join(inputs))

    def figure(self, *, lang: str = "en", path: str | Path | None = None) -> Figure:
        """Draw the measures; see `amurgeo.figures.measures_figure`."""
        import amurgeo

        return amurgeo.figures.measures_figure(self, lang=lang, path=path)


def measure_name(net: Network, measure: str, lang: str) -> str:
    """Return the name of a measure."""
    return name_of(net.base["measures"].loc[measure], lang)


def measure_scenario(net: Network, measure: str) -> Scenario | None:
    """Return what a measure changes, None if no change expresses it; raise InputError if it is invalid."""
    changes = net.base["measures"].at[measure, "changes"]
    if not changes:
        return None
    scenario = period_scenario(net, changes)
    # A state checks that every target of a change exists.
    net.state(net.record_until, scenario=scenario)
    return replace(scenario, name=measure)


def _money(net: Network) -> str:
    """Return the column of benefits in money, for instance ``benefit_rub``."""
    return f"benefit_{net.border.currency.lower()}"


@dataclass(frozen=True, eq=False)
class _Case:
    """A scenario: its queue model, and the share of their capacity that servers have on each day.

    ``shares`` is servers by winters by days.
    """

    model: Model
    shares: np.ndarray

    def flows(self, draw: Draw, winter: int) -> Flows:
        return self.model.flows(draw, share=self.shares[:, winter])


def measures(
    net: Network,
    winter: str,
    *,
    names: Iterable[str] | None = None,
    scenario: ScenarioLike = None,
    demand: float | Rows | None = None,
    capacity: Given | Rows | None = None,
    draws: int = DRAWS,
    seed: int = 1,
) -> Measures:
    """Rank measures by the truck-hours that they save in a winter, over draws of it and of the demand.

    Parameters
    ----------
    net
        The network; its dataset has the tables ``measures``, ``capacity``, ``demand`` and ``demand_months``.
    winter
        The winter, as ``2026/27``: from August to July.
    names
        Ids of measures; all of the table by default.
    scenario
        Scenario to which measures are added: a name, a file or inline changes; not a regime.
    demand, capacity
        As in `queues`.
    draws
        Number of draws, 2 to 250. The winters of the draws are spread over 250 drawn ones, from the one in
        which the home crossings clear most trucks to the one in which they clear fewest.
    seed
        Seed of the draws.

    Returns
    -------
    Measures
        ``frame``, ``draws``, ``hinges``, sentences and a figure.

    Raises
    ------
    InputError
        If the dataset lacks a table, or an argument is invalid.
    DataError
        If the changes of a measure or a given table are invalid.

    Notes
    -----
    The benefit is the difference of the generalised hours of all trucks without and with the measure, in the
    model of `queues` with one choice a day: hours, cost over the value of an hour, and weighted waits
    (generalised cost: Ortúzar and Willumsen, 2011, Modelling Transport, ISBN 978-0-470-76039-0). Draws are
    the same for all measures. The course of a winter is known to the trucks from its first day. A measure
    that only adds saves at least nothing. ``regret_h`` is the maximum regret of Savage (1951), The Theory of
    Statistical Decision, https://doi.org/10.1080/01621459.1951.10500768. A truck for which nothing opens
    counts as one that waits for 200 days.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.measures(ag.load(), "2026/27", names=["pontoon_earlier", "store_at_bank"], draws=2)
    >>> found.frame[["measure", "reason"]].to_dict("records")
    [{'measure': 'pontoon_earlier', 'reason': None}, {'measure': 'store_at_bank', 'reason': 'not_expressed'}]
    """
    check_network(net)
    draws, seed = check_int("draws", draws, 2, _WINTERS), check_int("seed", seed, 0, 2**32 - 1)
    table = net.base["measures"]
    if table.empty:
        raise InputError("the dataset has no measures.csv; add measures with the changes of a scenario")
    chosen = [*dict.fromkeys(as_names("names", names))] if names is not None else [*table.index]
    if not chosen:
        raise InputError("names is empty; expected at least one measure")
    for name in chosen:
        if name not in table.index:
            raise unknown_name_error("measure", str(name), table.index)
    tables, factor = given_tables(net, demand, capacity)
    base, kept = scenario_of(net, scenario), dict[Any, Any]()

    def case(parsed: Scenario, picked: Sequence[int] | None) -> tuple[_Case, Ensemble]:
        e = ensemble(net, winter=winter, n=_WINTERS, seed=seed, scenario=parsed)
        days = e.states.days[1:]
        model = Model(net, parsed, days, tables, factor=factor, simulated=e.n_days, kept=kept)
        return _Case(model, _shares(e, model, picked)), e

    whole, e = case(base, None)
    picked = _strata(whole, draws, e.n_days)
    usual, cases = replace(whole, shares=whole.shares[:, picked]), dict[str, _Case]()
    for name in chosen:
        try:
            if (added := measure_scenario(net, name)) is not None:
                cases[name], _ = case(base + added, picked)
        except InputError as error:
            fault = Fault("measures.csv", None, "changes", "scenario", f"'{name}': {error}")
            raise DataError([fault]) from error
    sample = [Draw.of(seed, number, usual.model.servers) for number in range(draws)]
    benefit = np.array([[*_benefits(usual, cases, draw, n, e.n_days)] for n, draw in enumerate(sample)])
    benefit = benefit.reshape(draws, len(cases)).T
    worth = np.array([draw.assumed["value_of_hour"] for draw in sample])
    frame = _ranked(net, chosen, [*cases], benefit, worth)
    long = pd.DataFrame({"measure": np.repeat([*cases], draws), "draw": [*range(draws)] * len(cases)})
    long = long.assign(benefit_h=benefit.ravel(), value_of_hour=np.tile(worth, len(cases)))
    leaders = [name for name in frame["measure"][:_LEADERS] if name in cases]
    hinges = _hinges(usual, {name: cases[name] for name in leaders}, e.n_days)
    return Measures(net, winter, base, frame, long, hinges, seed)


def _shares(e: Ensemble, model: Model, picked: Sequence[int] | None) -> np.ndarray:
    """Return the share of their capacity that servers have: servers by winters by days."""
    services = e.states.services
    at = {out.service.crossing: n for n, out in enumerate(services) if out.service.traffic == "cargo"}
    known = [(number, at[crossing]) for number, (crossing, _) in enumerate(model.servers) if crossing in at]
    opened = openings(e, [position for _, position in known])[:, :, 1:]
    opened = opened if picked is None else opened[:, picked]
    shares = np.zeros((len(model.servers), *opened.shape[1:]), dtype=np.float32)
    for (number, position), of in zip(known, opened, strict=True):
        shares[number] = of * services[position].capacity_share[1:]
    return shares


def _strata(case: _Case, draws: int, n_days: int) -> list[int]:
    """Return winters at even steps from the one with the most room at home to the one with the least."""
    trucks = np.nan_to_num(case.model.works.mid)[:, :n_days]
    home = is_home(case.model.net, [crossing for crossing, _ in case.model.servers])
    room = np.einsum("swd,sd->w", case.shares[home, :, :n_days], trucks[home])
    order = np.argsort(-room, kind="stable")
    return [int(order[int((step + 0.5) * len(order) / draws)]) for step in range(draws)]


def _benefits(
    usual: _Case, cases: Mapping[str, _Case], draw: Draw, winter: int, n_days: int
) -> Iterator[float]:
    """Yield the generalised hours that each measure saves in a draw.

    One that only adds saves at least nothing: trucks that choose one after the other may lose a little by
    more room, which they need not take.
    """
    before = usual.flows(draw, winter)
    usually, costs = _cost(before, n_days), before.cost[before.pricing]
    for case in cases.values():
        after = case.flows(draw, winter)
        adds = (after.capacity >= before.capacity).all() and (after.cost[after.pricing] <= costs).all()
        yield max(usually - _cost(after, n_days), 0.0 if adds else -np.inf)


def _cost(flows: Flows, n_days: int) -> float:
    """Return the generalised hours of all trucks."""
    run = simulate(flows, n_days, slices=1)
    return run.cost_h + 24.0 * TAIL_DAYS * float(flows.weight @ run.stranded)


def _ranked(
    net: Network, chosen: Sequence[str], valued: Sequence[str], benefit: np.ndarray, worth: np.ndarray
) -> pd.DataFrame:
    """Return the rows of all measures, from benefits by measure and draw and the value of an hour."""
    bad = max(1, round(BAD * benefit.shape[1]))
    low, high = np.quantile(benefit, RANGE, axis=1) if len(valued) else np.zeros((2, 0))
    best = benefit.max(axis=0, initial=0.0)
    frame = pd.DataFrame(
        {
            "measure": valued,
            "benefit_h": benefit.mean(axis=1),
            "low": low,
            "high": high,
            _money(net): (benefit * worth).mean(axis=1),
            # The draws are in the order of their winters, the worst last.
            "bad_winter_h": benefit[:, -bad:].mean(axis=1),
            "regret_h": (best - benefit).max(axis=1, initial=0.0),
            "first_share": ((benefit == best) & (best > 0)).mean(axis=1),
        }
    )
    frame["rank_bad_winter"] = frame["bad_winter_h"].rank(method="first", ascending=False)
    frame["rank_regret"] = frame["regret_h"].rank(method="first")
    frame = frame.sort_values("benefit_h", ascending=False, kind="stable").reset_index(drop=True)
    frame.insert(0, "rank", range(1, len(frame) + 1))
    frame["tied_with"] = tied(frame["measure"], frame["low"].to_numpy(), frame["high"].to_numpy())
    others = pd.DataFrame({"measure": [name for name in chosen if name not in valued]}, dtype=object)
    frame = pd.concat([frame.assign(reason=None), others.assign(reason="not_expressed", tied_with="")])
    costs = net.base["measures"][["cost_low", "cost_high", "cost_per"]].reindex(frame["measure"])
    frame = frame.reset_index(drop=True).join(costs.reset_index(drop=True))
    whole = ["rank", "rank_bad_winter", "rank_regret"]
    frame[whole] = frame[whole].astype("Int64")
    frame["cost_per"] = frame["cost_per"].replace("", None)
    columns = ["rank", "measure", *NUMBERS[:3], _money(net), *NUMBERS[3:], *whole[1:]]
    columns += ["first_share", "tied_with", *costs.columns, "reason"]
    return frame[columns]


def _hinges(usual: _Case, cases: Mapping[str, _Case], n_days: int) -> pd.DataFrame:
    """Return the best measure with one input at an end of its range, the others in the middle."""
    columns = ["input", "crossing", "end", "measure", "changes"]
    if len(cases) < 2:
        return pd.DataFrame(columns=columns, dtype=object)
    servers, works = usual.model.servers, usual.model.works
    middle = usual.shares.shape[1] // 2
    # The capacities that the measures change.
    moved = np.any([case.shares != usual.shares for case in cases.values()], axis=(0, 2, 3))
    wide = moved & (np.nan_to_num(works.high - works.low)[:, :n_days] > 0).any(axis=1)
    as_taken = Draw(dict.fromkeys(servers, np.nan), np.nan)

    def best(draw: Draw, winter: int = middle) -> str:
        return [*cases][int(np.argmax([*_benefits(usual, cases, draw, winter, n_days)]))]

    def rows() -> Iterator[tuple[str, str | None, str, str]]:
        for end, u in (("low", 0.0), ("high", 1.0)):
            yield "demand", None, end, best(replace(as_taken, demand=u))
            for name, ends in ASSUMED.items():
                assumed = {**as_taken.assumed, name: ends[0] if end == "low" else ends[-1]}
                yield name, None, end, best(replace(as_taken, assumed=assumed))
            for crossing in dict.fromkeys(servers[at][0] for at in np.flatnonzero(wide)):
                drawn = {server: u if server[0] == crossing else np.nan for server in servers}
                yield "capacity", crossing, end, best(replace(as_taken, capacity=drawn))
            yield "winter", None, end, best(as_taken, -1 if end == "low" else 0)

    frame = pd.DataFrame([*rows()], columns=columns[:-1], dtype=object)
    usually = best(as_taken)
    return frame.assign(changes=frame["measure"] != usually)
