"""Seeded courses of the coming seasons: turns of every checkpoint, stops of which nobody knows yet, holidays.

What is on record, and what a scenario sets, is the same in every draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, check_int, shorten, unknown_name_error
from amurgeo.network import check_network
from amurgeo.results import Result, rounded_records
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import States, period_days, period_scenario, series
from amurgeo.seasons.evaluation import seasonal_crossing
from amurgeo.seasons.holidays import STOP_FROM
from amurgeo.seasons.model import DRAWS, SEED, Key, TurnSampler, key_of
from amurgeo.seasons.rules import is_on_record, years_around
from amurgeo.seasons.service import LOWEST, NONEXISTENT, ServiceDays
from amurgeo.seasons.turns import LIKELY, TURNS, Turn, day_number, ice_year, part_of, season_year, turn_of
from amurgeo.text import Day, parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Most draws, and days after the period in which a wait may end.
MOST_DRAWS, TAIL_DAYS = 10_000, 200
#: Days before the period in which a stop may begin.
BEFORE_DAYS = 90
NotBy = Mapping[str | tuple[str, str], Day]


@dataclass(frozen=True, eq=False)
class Ensemble(Result):
    """Courses of the seasons, equally likely, under one scenario.

    Attributes
    ----------
    states
        The states expected on the day before the period, on its days, and on those after it in which a wait
        may end.
    n_days
        Days of the period.
    n, seed
        Number of draws, and their seed: the first draws of a seed are the same for every number.
    not_by
        Days by whose end a turn had not come, by checkpoint and turn.
    """

    states: States
    n_days: int
    n: int
    seed: int
    not_by: Mapping[tuple[str, str], date]

    def __repr__(self) -> str:
        about = f"{self.days[0]} to {self.days[-1]}, {self.states.scenario.name}"
        return f"Ensemble({about}, {self.n} draws, seed {self.seed})"

    @property
    def net(self) -> Network:
        """The network."""
        return self.states.net

    @property
    def unknown(self) -> tuple[str, ...]:
        """Crossings whose status is unknown on some day of the states; they count as closed then."""
        return self.states.unknown()

    @property
    def days(self) -> np.ndarray:
        """Days of the period, datetime64[D]."""
        return self.states.days[self.period]

    @property
    def period(self) -> slice:
        """The period among the days of the states."""
        return slice(1, 1 + self.n_days)

    @property
    def services(self) -> pd.MultiIndex:
        """Crossing and traffic of each service, in the order of `open`."""
        pairs = ((out.service.crossing, out.service.traffic) for out in self.states.services)
        return pd.MultiIndex.from_tuples(pairs, names=["crossing", "traffic"])

    @cached_property
    def sampler(self) -> Sampler:
        """What draws the services."""
        return Sampler(self.states, self.seed, self.not_by)

    @cached_property
    def packed(self) -> dict[int, np.ndarray]:
        """Openings of the services that have been asked for, by position: draws by bytes along the days."""
        return {}

    @cached_property
    def days_of_turns(self) -> dict[Key, np.ndarray]:
        """Days since 1970-01-01 of the turns, int32, by checkpoint, turn and ice year."""
        turns = self.sampler.known
        return dict(zip(turns, self.sampler.days([*turns.items()], self.n), strict=True))

    @property
    def open(self) -> np.ndarray:
        """Whether a service is open: bool, draws by services by days of the period."""
        return np.moveaxis(openings(self, range(len(self.states.services)))[:, :, self.period], 0, 1)

    def chance(self) -> pd.DataFrame:
        """Return the share of the draws in which each service is open.

        Returns
        -------
        DataFrame
            By day (datetime64): a column of shares, 0 to 1, for each crossing and traffic.

        Examples
        --------
        >>> import amurgeo as ag
        >>> e = ag.ensemble(ag.load(), start="2027-01-10", end="2027-03-01", n=100, seed=1)
        >>> pontoon = e.chance()["blagoveshchensk:pontoon", "cargo"]
        >>> bool(pontoon["2027-01-10"] < 0.8 < pontoon["2027-03-01"])
        True
        """
        rows = range(len(self.states.services))
        openings(self, rows)
        shares = {row: openings(self, [row])[0, :, self.period].mean(axis=0) for row in rows}
        index = pd.DatetimeIndex(self.days.astype("datetime64[s]"), name="date")
        return pd.DataFrame(shares, index=index).set_axis(self.services, axis=1)

    def turns(self) -> pd.DataFrame:
        """Return the days of the turns in every draw.

        Returns
        -------
        DataFrame
            One row per checkpoint, turn (``freeze``, ``winter``, ``thaw``, ``melt``), ice year (the year in
            which it begins) and draw: checkpoint, turn, ice_year, draw, date (datetime64).

        Examples
        --------
        >>> import amurgeo as ag
        >>> e = ag.ensemble(ag.load(), winter="2026/27", n=100, seed=1)
        >>> turns = e.turns().query("checkpoint == 'poyarkovo' and ice_year == 2026")
        >>> turns.groupby("turn")["date"].median().sort_values().index.tolist()
        ['freeze', 'winter', 'thaw', 'melt']
        """
        days = pd.DataFrame(self.days_of_turns).T.rename_axis(["checkpoint", "turn", "ice_year"])
        frame = days.rename_axis(columns="draw").stack().rename("date").reset_index()
        return frame.assign(date=frame["date"].to_numpy("datetime64[D]").astype("datetime64[s]"))

    def to_frame(self) -> pd.DataFrame:
        """Return the chance of being open by day and service.

        Returns
        -------
        DataFrame
            date (datetime64), crossing, traffic, probability_open (share of the draws), expected (the
            probability without draws; NaN: unknown).
        """
        frame = self.chance().stack(["crossing", "traffic"], future_stack=True).rename("probability_open")
        expected = np.array([out.probability_open[self.period] for out in self.states.services])
        return frame.reset_index().assign(expected=expected.T.ravel())

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the rows of ``to_frame`` as plain records."""
        return rounded_records(self.to_frame())


def openings(e: Ensemble, services: Sequence[int]) -> np.ndarray:
    """Return whether services, by position, are open on the days of the states: services, draws, days."""
    missing = [position for position in services if position not in e.packed]
    e.packed.update(zip(missing, e.sampler.draw(missing, e.n), strict=True))
    bits = np.array([e.packed[position] for position in services])
    return np.unpackbits(bits, axis=-1, count=len(e.states.days)).astype(bool)


def ensemble(
    net: Network,
    *,
    winter: str | None = None,
    start: Day | None = None,
    end: Day | None = None,
    n: int = DRAWS,
    seed: int = SEED,
    scenario: ScenarioLike = None,
    not_by: NotBy | None = None,
    assume: str | None = None,
) -> Ensemble:
    """Draw the courses of the seasons in a period.

    Parameters
    ----------
    net
        The network.
    winter
        The winter, as ``2026/27``: from August to July.
    start, end
        First and last day instead; at most 3660 days.
    n
        Number of draws, 1 to 10,000.
    seed
        Seed. Streams have names, so a scenario changes only the draws of what it changes.
    scenario
        Scenario, name, file or inline changes; not a regime. It moves, opens and closes in every draw.
    not_by
        Turns that had not come by the end of a day: by crossing, whose opening is meant, or by checkpoint
        and turn, as ``{("blagoveshchensk", "winter"): "2027-01-20"}``.
    assume
        Status of services on days of which the record has a gap, ``"open"`` (in season) or ``"closed"``; by
        default they count as closed.

    Returns
    -------
    Ensemble
        ``open`` (draws by services by days), ``chance()``, ``turns()``.

    Raises
    ------
    InputError
        If the period, the scenario or a number is invalid, or nothing is left to draw of a turn in `not_by`.

    Notes
    -----
    Days of a turn are Student days (`amurgeo.dates`). In each 250 draws they are its 250 equally likely days,
    so that their quantiles are those of `amurgeo.dates` and `amurgeo.next_changes` to the day (McKay, M. D.
    et al. (1979), Technometrics 21(2)). Their order is that of normal numbers of which one part, with a
    correlation of 0.3, is common to all checkpoints in one winter: a Gaussian copula (Nelsen, R. B. (2006),
    An Introduction to Copulas, 2.3). Stops begin at random, ``-ln(1 - share) / length`` a day, with geometric
    lengths; shares are those of `amurgeo.state`, by evidence. Roads with a season are as expected.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ag.ensemble(ag.load(), winter="2026/27", n=100, seed=1)
    Ensemble(2026-08-01 to 2027-07-31, baseline, 100 draws, seed 1)
    """
    check_network(net)
    n, seed = check_int("n", n, 1, MOST_DRAWS), check_int("seed", seed, 0, 2**32 - 1)
    period = _period(winter, start, end)
    parsed = period_scenario(net, scenario, period, assume)
    states = series(net, parsed, np.arange(period[0] - 1, period[-1] + TAIL_DAYS + 1))
    late = _truncations(states.net, {} if not_by is None else not_by)
    result = Ensemble(states, len(period), n, seed, late)
    if unused := late.keys() - result.sampler.truncated:
        raise InputError(
            f"not_by is invalid: {' '.join(min(unused))} {late[min(unused)]}; expected a turn that is not on "
            "record, and a day of a winter of the period"
        )
    return result


def _period(winter: str | None, start: Day | None, end: Day | None) -> np.ndarray:
    """Return the days of a period, given as a winter or by its ends."""
    if winter is not None and start is None and end is None:
        year = season_year(winter, "")
        start, end = date(year, 8, 1), date(year + 1, 7, 31)
    elif winter is not None or start is None or end is None:
        raise InputError("the period is invalid; expected winter=, as 2026/27, or start= and end=")
    return period_days(start, end)


def _truncations(net: Network, not_by: NotBy) -> dict[tuple[str, str], date]:
    """Return the days by whose end a turn had not come, by checkpoint and turn."""
    found: dict[tuple[str, str], date] = {}
    if not isinstance(not_by, Mapping):
        raise InputError(f"not_by is invalid: {shorten(not_by)}; expected days by crossing or turn")
    for name, day in not_by.items():
        on = parse_day(day)
        if isinstance(name, str):
            checkpoint, _, mode = seasonal_crossing(net, name).partition(":")
            turn = turn_of(mode, "open", part_of(on, "open", mode))
        elif isinstance(name, tuple) and len(name) == 2:
            checkpoint, turn = name
            if turn not in TURNS:
                raise unknown_name_error("turn", turn, TURNS)
        else:
            raise InputError(f"not_by is invalid: {shorten(name)}; expected a crossing or a pair with a turn")
        found[checkpoint, turn] = on
    return found


class Sampler(TurnSampler):
    """Draws of the services of some days, in blocks."""

    def __init__(self, states: States, seed: int, not_by: Mapping[tuple[str, str], date]) -> None:
        super().__init__(seed)
        self.states, self.not_by = states, not_by
        # An expected stop is one decision for all.
        rules = [rule for out in states.services for rule in out.service.holidays]
        self._common = {rule.days for rule in rules if rule.chance >= STOP_FROM and not rule.is_weekly}
        #: Turns of which it is known that they had not come by a day.
        self.truncated: set[tuple[str, str]] = set()
        # The turns of a checkpoint are those of its first service, not of one that works between seasons.
        self.known: dict[Key, Turn] = {}
        for out in sorted(states.services, key=lambda out: any(season.part for season in out.seasons)):
            for key, turn in chain.from_iterable(self._seasons(out)):
                self.known.setdefault(key, turn)

    def draw(self, services: Sequence[int], n: int) -> list[np.ndarray]:
        """Return the packed openings of services, by position: draws by bytes along the days."""
        rows = self.states.services
        return self._in_blocks(services, n, lambda place: np.packbits(self._open(rows[place]), axis=-1))

    def _open(self, out: ServiceDays) -> np.ndarray:
        """Return whether a service is open: draws by days."""
        recorded = np.datetime64(self.states.net.record_until, "D")
        fixed = (out.evidence == "observed") & ((out.status == "closed") | (out.days <= recorded))
        fixed |= np.isin(out.reason, ("scenario", "suspended", *NONEXISTENT))
        if out.scenario.assume != "open":
            fixed |= out.evidence == "unknown"
        expected, alike = out.open & (out.status != "unknown"), np.full(len(out.days), None, dtype=object)
        for change in out.scenario.changes:
            if change.action in ("open", "close") and out.service.concerns(change):
                where = change.holds_on(out.days)
                expected[where], fixed[where] = change.action == "open", change.like is None
                alike[where] = change.like
        opened = self._in_season(out)
        self._stop(out, opened)
        self._close_on_holidays(out, opened)
        opened[:, fixed] = expected[fixed]
        for like in {*alike} - {None}:
            opened[:, alike == like] = self._like(like, out)[:, alike == like]
        return opened

    def _like(self, crossing: str, out: ServiceDays) -> np.ndarray:
        """Return whether another crossing is open in the base case: draws by days."""
        base = series(self.states.net, Scenario("baseline", assume=out.scenario.assume), out.days)
        rows = [one for one in base.services if one.service.crossing == crossing]
        return self._open(next((one for one in rows if one.service.traffic == out.service.traffic), rows[0]))

    def _in_season(self, out: ServiceDays) -> np.ndarray:
        """Return whether the season of a service has opened and not closed again: draws by days."""
        if out.service.row["all_year"]:
            return np.ones((LIKELY, len(out.days)), dtype=bool)
        opened, numbers = np.zeros((LIKELY, len(out.days)), dtype=bool), out.world_days.astype(np.int32)
        for ends in self._seasons(out):
            first, last = (self._days_of(*end) for end in ends)
            opened |= (numbers >= first[:, None]) & (numbers < last[:, None])
        return opened

    def _seasons(self, out: ServiceDays) -> Iterator[list[tuple[Key, Turn]]]:
        """Yield both ends of the seasons of a service: keys and turns, as far as they are still to come."""
        for season in out.seasons:
            if season.open is None or season.close is None:
                continue
            ends = []
            for event, turn in (("open", season.open), ("close", season.close)):
                key = key_of(season, event)
                late = self.not_by.get(key[:2])
                if late is not None and ice_year(late) == key[2] and turn.distribution.scale:
                    turn = turn.truncated(after=float(day_number(late)))
                    self.truncated.add(key[:2])
                ends.append((key, turn))
            yield ends

    def _stop(self, out: ServiceDays, opened: np.ndarray) -> None:
        """Close a service on the days of stops of which nobody knows yet."""
        mode, certainty = out.service.mode, out.certainty
        length, common = certainty.stops_of(mode)
        limits = [certainty.highest(mode, covered=covered) for covered in (False, True)]
        limit = np.where(out.evidence == "uncovered", *limits)
        # Stops may overlap: this many starts a day leave exactly that share of days without one.
        starts = np.pad(-np.log(limit) / length, (BEFORE_DAYS, 0), mode="edge")
        # A day has as many of them as its state takes off the chance: none where the season is less sure.
        left = np.clip(out.probability_open / np.maximum(out.chance, LOWEST), limit, 1.0)
        reach = np.where(out.evidence == "unknown", 1.0, np.log(left) / np.log(limit))
        kinds = ((f"stops of {mode}", common), (f"stops of {out.service.crossing}", 1.0 - common))
        for name, part in (kind for kind in kinds if kind[1]):
            begins, lasts = self._by_day(name, out.days)
            day, draw = np.nonzero(begins < (starts * part)[:, None])
            days_of = np.log1p(-lasts[day, draw]) / np.log1p(-1.0 / max(length, 1.0 + 1e-9))
            end = day - BEFORE_DAYS + np.maximum(np.ceil(days_of), 1).astype(int)
            first = np.maximum(day - BEFORE_DAYS, 0)
            lasting = np.clip(end, 0, len(out.days)) - first
            stop = np.repeat(np.arange(len(day)), lasting)
            place = np.arange(len(stop)) - np.repeat(lasting.cumsum() - lasting - first, lasting)
            closes = (begins[day, draw] / (starts * part)[day])[stop] < reach[place]
            opened[draw[stop[closes]], place[closes]] = False

    def _by_day(self, name: str, days: np.ndarray) -> np.ndarray:
        """Return two random numbers of each day and draw; those of a day are the same in every period."""
        if name not in self._numbers:
            begin, end, parts = days[0] - BEFORE_DAYS, days[-1], []
            for year in range(ice_year(begin.item()), ice_year(end.item()) + 1):
                numbers = self._rng(f"{name} {year}").random((2, 366, LIKELY), dtype=np.float32)
                first, last = np.datetime64(date(year, 8, 1)), np.datetime64(date(year + 1, 7, 31))
                lower, upper = ((day - first).astype(int) for day in (max(begin, first), min(end, last)))
                parts.append(numbers[:, lower : upper + 1])
            self._numbers[name] = np.concatenate(parts, axis=1)
        return self._numbers[name]

    def _close_on_holidays(self, out: ServiceDays, opened: np.ndarray) -> None:
        """Close a service on the holidays of each draw, except those of which the record knows."""
        days, place = out.days, out.service.checkpoint
        years = years_around(days)
        for rule in out.service.holidays:
            whose = "" if rule.days in self._common else place
            if rule.is_weekly:
                stopped = self._each(f"{place} {rule.days}") < rule.chance
                opened[np.ix_(stopped, np.isin(days, rule.spans(*years)[:, 0]))] = False
                continue
            for year in range(years[0], years[1] + 1):
                for number, (first, last) in enumerate(rule.spans(year, year)):
                    where = (days >= first) & (days <= last)
                    if where.any() and not is_on_record(out.service, first):
                        stopped = self._each(f"{whose} {rule.days} {year} {number}") < rule.chance
                        opened[np.ix_(stopped, where)] = False
