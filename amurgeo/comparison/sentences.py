"""A comparison in sentences for the vehicle asked: hours, alternatives left, waiting, crossings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.comparison.pairs import CHANGES, SIDES, change_of_ways, group, trips
from amurgeo.flows import room
from amurgeo.flows.capacity import change_sentence, room_sentence
from amurgeo.flows.demand import has_tables, room_changes
from amurgeo.flows.queues import Queues, queues_after
from amurgeo.network import at_home, crossing_name, home_names, vehicle_row
from amurgeo.seasons.evaluation import evaluate, services_of
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import (
    counted,
    inside,
    listing,
    long_date,
    name_of,
    number_text,
    translate,
    translate_count,
    words,
)

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.daily import States
    from amurgeo.seasons.state import State

MAX_SENTENCES = 5
#: Longest wait in days that is looked for.
_LONGEST_WAIT = 366
#: Least shares of the pairs by one crossing, and their texts.
_SHARES = ((1.0, "answer.all"), (0.8, "answer.nearly_all"), (0.5, "answer.most"))
#: Hours below which a difference is not worth a sentence.
_NOTABLE_H = 0.5
#: Names of places in a row at most; more are counted.
_MOST_NAMES = 3


@dataclass(frozen=True)
class Reopening:
    """The next opening of a home crossing (id) for a vehicle after an alternative has closed one."""

    crossing: str
    #: First day on which the crossing that most pairs used is closed in the alternative, open in the base.
    first: date
    #: Day on which it opens in the alternative.
    opens: date

    @property
    def days(self) -> int:
        """Days of waiting from the first day on."""
        return (self.opens - self.first).days


def reopening(base: States, alt: States, pairs: pd.DataFrame, vehicle: str) -> Reopening | None:
    """Return which home crossing opens next after the one closes that most lost or slower pairs used."""
    used = pairs.loc[pairs["change"].isin(["lost", "slower"]), "base_crossing"].dropna().mode()
    net = alt.net
    row = vehicle_row(net, vehicle)
    services = services_of(net)
    key = (str(used.iloc[0]) if len(used) else "", str(row["traffic"]))
    if key not in services or key not in services_of(base.net):
        return None

    def is_open(run: States, days: np.ndarray, key: tuple[str, str]) -> np.ndarray:
        out = evaluate(run.net, run.scenario, days, [services_of(run.net)[key]])[0]
        opened: np.ndarray = counts_as_open(np.asarray(out.status)) & ~(
            np.asarray(out.max_mass_t) < row["mass_t"]
        )
        return opened

    days = np.arange(alt.days[0], alt.days[-1] + np.timedelta64(_LONGEST_WAIT + 1, "D"))
    shut = np.flatnonzero(is_open(base, base.days, key) & ~is_open(alt, alt.days, key))
    if not len(shut):
        return None
    days = days[shut[0] :]
    home, found = at_home(net), []
    for other, service in services.items():
        if other[1] == key[1] and vehicle in service.row["admits"] and (home[other[0]] or other == key):
            opened = is_open(alt, days, other)
            if opened.any() and not opened[0]:
                found.append((int(opened.argmax()), other[0] != key[0], other[0]))
    if not found:
        return None
    wait, _, crossing = min(found)
    first = days[0].item()
    return Reopening(crossing, first, first + timedelta(days=wait))


@dataclass(frozen=True)
class Findings:
    """One alternative of a comparison: rows of crossings and pairs, and what they are about."""

    net: Network
    vehicle: str
    states: tuple[State, State]
    crossings: pd.DataFrame
    pairs: pd.DataFrame
    stretch: float
    period: tuple[date, date] | None
    reopening: Reopening | None
    runs: tuple[States, States] | None = None

    @cached_property
    def groups(self) -> pd.DataFrame:
        """The changed pairs, those that share a change in one row."""
        return group(self.net, self.pairs)

    @cached_property
    def room_changes(self) -> pd.DataFrame:
        """Days of a period on which the room at home differs, see `amurgeo.flows.demand.room_changes`."""
        return pd.DataFrame() if self.runs is None or not has_tables(self.net) else room_changes(*self.runs)

    @cached_property
    def queues(self) -> Queues | None:
        """Queues of the alternative from the first day on which the room at home differs."""
        days = self.room_changes.index.to_numpy(dtype="datetime64[D]")
        return queues_after(self.net, self.runs[1].scenario, days) if self.runs and len(days) else None

    def sentences(self, lang: str) -> list[str]:
        """Return up to five sentences: the answer, then what opens and closes for the vehicle's traffic."""
        return list(dict.fromkeys([*self.answer(lang), *self._changes(lang)]))[:MAX_SENTENCES]

    def answer(self, lang: str, *, backlog: bool = True) -> list[str]:
        """Return the sentences on hours, waiting, alternatives, room and days open.

        Without `backlog` those on room and days open of a period are left out.
        """
        texts = [*self._hours(lang), *self._wait(lang), *self._own(lang), *self._ways(lang)]
        if self.period is None:
            return [*texts, *self._room(lang)]
        return [*texts, *self._room(lang), *[*self._changes(lang)][:1]] if backlog else texts

    def changed(self) -> pd.DataFrame:
        """Return the rows of the crossings that open or close for the vehicle, those of the home first.

        Over a period: those that it can use on another number of days.
        """
        rows = self.crossings.xs(self._traffic, level="traffic")
        if self.period is None:
            usable = [state.admitted(self.vehicle)["usable"] for state in self.states]
            before, after = (of.reindex(rows.index, fill_value=False) for of in usable)
            status = (rows["base_status"] != rows["alt_status"]) & (before | after)
            rows = rows[(before != after) | status]
        else:
            takes = self._takes().reindex(rows.index, fill_value=False)
            rows = rows[(rows["base_days"] != rows["alt_days"]) & takes]
        rows = rows.assign(home=at_home(self.net, rows["checkpoint"]))
        return rows.sort_values("home", ascending=False, kind="stable")

    def example(self) -> pd.Series:
        """Return the pair that the answer is about: one with the usual change, else the first of all."""
        rows = self._trips
        changed = rows[rows["change"] != "same"]
        if changed.empty:
            return rows.iloc[0]
        counts = changed["change"].value_counts().reindex(list(CHANGES), fill_value=0)
        found = rows[rows["change"] == counts.idxmax()]
        # Of the pairs with most days the first, from the largest town.
        return found.loc[found["days"].idxmax()]

    def is_cut(self, crossing: str, side: str) -> bool:
        """Return whether the period begins or ends within a season of a crossing."""
        state = self.states[SIDES.index(side)]
        service = services_of(state.net).get((crossing, self._traffic))
        row = self.crossings.loc[(crossing, self._traffic)]
        prefix = "base_" if side == "base" else ""
        if self.period is None or service is None or not service.is_seasonal or not row[f"{side}_days"]:
            return False
        starts = row[f"{prefix}first_open"].date() == self.period[0]
        return bool(starts or pd.isna(row[f"{prefix}last_close"]))

    def sides(self, crossing: str, row: pd.Series, lang: str) -> list[str]:
        """Return the status, or the days open, of a row of `changed` in the base and in the alternative."""
        if self.period is None:
            return [translate(f"status.{row[f'{side}_status']}", lang) for side in SIDES]
        days = [counted("days", int(row[f"{side}_days"]), lang) for side in SIDES]
        return ["≥ " * self.is_cut(crossing, side) + text for side, text in zip(SIDES, days, strict=True)]

    @cached_property
    def _traffic(self) -> str:
        return str(vehicle_row(self.net, self.vehicle)["traffic"])

    @cached_property
    def _trips(self) -> pd.DataFrame:
        return trips(self.pairs)

    def _takes(self) -> pd.Series:
        """Return by crossing whether it takes the vehicle when it is open, by the first day of a period."""
        served = [state.admission(self.vehicle) for state in self.states]
        takes = [pd.Series(one.takes, index=one.crossings) for one in served]
        return takes[0].reindex(takes[0].index.union(takes[1].index), fill_value=False) | takes[1]

    def _subject(self, lang: str) -> str:
        row = vehicle_row(self.net, self.vehicle)
        name = name_of(row, lang)
        if lang != "en":
            return name
        subject = row.get("subject_en")
        return subject if isinstance(subject, str) and subject else f"The {inside(name)}"

    def _by(self, crossing: str, lang: str) -> str:
        """Return by which crossing, as a part of a sentence."""
        net = next(state.net for state in self.states[::-1] if crossing in state.net.base["crossings"].index)
        row = net.base["crossings"].loc[crossing]
        if f"by.{row['mode']}" not in words():
            return translate("by.other", lang, name=crossing_name(net, crossing, lang))
        return translate(
            f"by.{row['mode']}", lang, name=name_of(net.base["checkpoints"].loc[row["checkpoint"]], lang)
        )

    def _values(self, row: pd.Series, lang: str) -> dict[str, Any]:
        """Return the placeholder values of a sentence with this pair as its example."""
        nodes = self.net.nodes
        hours = {name: number_text(row[f"{side}_h"], lang, digits=_digits(row)) for side, name in
                 (("base", "before"), ("alt", "after"))}  # fmt: skip
        crossing = row["alt_crossing"]
        return {
            **hours,
            "start": name_of(nodes.loc[row["origin"]], lang),
            "end": name_of(nodes.loc[row["destination"]], lang),
            "by": translate("answer.it_goes", lang, by=self._by(crossing, lang))
            if isinstance(crossing, str)
            else "",
            "days": int(row["days"]),
        }

    def _hours(self, lang: str) -> list[str]:
        """Return the sentences on hours."""
        rows = self._trips
        vehicle = {"vehicle": self._subject(lang)}
        over = "" if self.period is None else "_days"
        if rows[["base_h", "alt_h"]].isna().all(axis=None):
            return [translate(f"answer.never{over}", lang, **vehicle)]
        counts = rows["change"].value_counts().reindex(list(CHANGES), fill_value=0)
        if counts.any():
            change = str(counts.idxmax())
            values = self._values(self.example(), lang)
            values |= {"n": int(counts[change]), "of": len(rows), "total": self._total(), **vehicle}
            found = [translate(f"answer.{change}{over}", lang, **values)]
            if len(rows) > 1:
                more = translate_count(f"answer.{change}_more", values["n"], lang, **values)
                found.append(f"{more[0].upper()}{more[1:]}")
            elif change != "lost" and isinstance(crossing := rows["alt_crossing"].iloc[0], str):
                by = self._by(crossing, lang)
                found.append(translate("answer.how", lang, how=f"{by[0].upper()}{by[1:]}"))
            return found
        used = rows["alt_crossing"].value_counts(normalize=True)
        share = used.iloc[0] if len(used) else 0.0
        which = next((key for least, key in _SHARES if share >= least), "")
        if len(used) and used.index[0] in self.changed().index:
            which = ""  # It is closed in the base, or on other days.
        how = which and translate(which, lang, by=self._by(str(used.index[0]), lang))
        column = "delta_h" if self.period is None else "largest_delta_h"
        notable = self.pairs.loc[self.pairs[column].abs() >= _NOTABLE_H, column].abs()
        values = {**vehicle, "how": how, "n": len(notable), "of": len(self.pairs)}
        if len(notable):
            values["hours"] = number_text(notable.max(), lang, digits=1)
        if 2 * len(notable) > len(self.pairs):
            way = [translate("answer.how", lang, how=f"{how[0].upper()}{how[1:]}")] if how else []
            return [translate("answer.within", lang, **values), *way]
        first = translate(f"answer.no_hour{over}{'_how' if how else ''}", lang, **values)
        return [first, *([translate("answer.within_some", lang, **values)] if len(notable) else [])]

    def _total(self) -> int:
        return 1 if self.period is None else (self.period[1] - self.period[0]).days + 1

    def _ways(self, lang: str) -> Iterator[str]:
        """Yield the sentence on the number of alternatives."""
        change = change_of_ways(self.pairs)
        values = {
            "before": number_text(self.pairs["base_ways"].mean(), lang, digits=1),
            "after": number_text(self.pairs["alt_ways"].mean(), lang, digits=1),
            "stretch": number_text(self.stretch, lang),
        }
        if self.period is not None:
            if (change == "fewer").any() and not self.pairs["change"].isin(["gained", "faster"]).any():
                days = counted("days_of", int(self.pairs["days_fewer_ways"].max()), lang)
                yield translate("answer.fewer_days", lang, days=days, stretch=values["stretch"])
        elif values["before"] != values["after"]:
            kind = "fewer" if self.pairs["alt_ways"].mean() < self.pairs["base_ways"].mean() else "more"
            yield translate(f"answer.{kind}", lang, **values)

    def _own(self, lang: str) -> Iterator[str]:
        """Yield a sentence if no crossing of the home regions takes the vehicle."""
        if self.period is not None:
            return
        usable = [
            int((state.admitted(self.vehicle)["usable"] & at_home(state.net)).sum()) for state in self.states
        ]
        if not usable[1]:
            key = "answer.own_lost" if usable[0] else "answer.own_never"
            vehicle = inside(self._subject(lang))
            yield translate(key, lang, home=home_names(self.net)[lang], n=usable[0], vehicle=vehicle)

    def _room(self, lang: str) -> Iterator[str]:
        """Yield what the home crossings can clear, if that changes; over a period with the backlog."""
        if self._traffic != "cargo" or vehicle_row(self.net, self.vehicle)["network"] == "rail":
            return
        if self.period is None:
            rooms = [room(state)["trucks_per_day"] for state in self.states]
            if rooms[0].to_dict() != rooms[1].to_dict():
                yield str(room_sentence(*self.states, lang))
        elif self.queues is not None:
            yield change_sentence(self.queues, self.room_changes, lang)

    def _wait(self, lang: str) -> Iterator[str]:
        """Yield the choice between waiting for the reopening of a crossing and the detour."""
        if self.reopening is None:
            return
        rows = self._trips
        worse = rows[rows["change"].isin(["lost", "slower"])]
        values = self._values(worse.loc[worse["days"].idxmax()], lang)
        key = "answer.wait" if np.isfinite(worse.loc[worse["days"].idxmax(), "alt_h"]) else "answer.wait_only"
        opens = long_date(self.reopening.opens)[lang]
        days = counted("days", self.reopening.days, lang)
        by = self._by(self.reopening.crossing, lang)
        yield translate(key, lang, **{**values, "days": days, "date": opens, "by": by})

    def _changes(self, lang: str) -> Iterator[str]:
        """Yield what home crossings do: open or close, or the days on which they are open."""
        rows = self.changed()
        rows = rows[rows["home"]]
        if self.period is not None:
            # A season that the period cuts changes because of its end.
            rows = rows.loc[(rows["alt_days"] - rows["base_days"]).abs().sort_values(ascending=False).index]
        for crossing, row in rows.iterrows():
            net = self.states[crossing in self.states[1].net.base["crossings"].index].net
            values = {"crossing": crossing_name(net, str(crossing), lang)}
            if self.period is not None:
                days = {"before": int(row["base_days"]), "after": counted("days", int(row["alt_days"]), lang)}
                yield translate("answer.days_open", lang, **values, **days)
                continue
            opens = counts_as_open(row["alt_status"])
            if opens != counts_as_open(row["base_status"]):
                reason = "" if opens else translate(f"reason.{row['alt_reason']}", lang)
                yield translate(f"answer.{'opens' if opens else 'closes'}", lang, **values, reason=reason)


def _digits(row: pd.Series) -> int:
    """Return the digits of hours: none from 20 hours on, but as many as tell both apart."""
    before, after = row["base_h"], row["alt_h"]
    least = int(np.nanmax([before, after]) < 20)
    return next((n for n in (least, 1, 2) if round(before, n) != round(after, n)), least)


def places_text(net: Network, ids: str, lang: str, *, name: Callable[[str], str] | None = None) -> str:
    """Return the names of up to three places, whose ids semicolons join, or the number of more."""
    found, nodes = ids.split(";"), net.nodes
    if len(found) > _MOST_NAMES:
        towns = nodes.loc[found, "kind"].isin(["town", "city"]).all()
        return counted("towns" if towns else "places", len(found), lang)
    names = map(name or (lambda id_: name_of(nodes.loc[id_], lang)), found)
    return listing(names, lang)


def group_texts(
    net: Network, groups: pd.DataFrame, lang: str, *, period: bool, name: Callable[[str], str] | None = None
) -> list[dict[str, str]]:
    """Return groups as texts by key of their heading; the crossing is an id.

    `name` returns the name of a place in other words than the language's. Columns without a value in any
    row, and the number of alternatives over a period, are left out.
    """

    def places(ids: str) -> str:
        return places_text(net, ids, lang, name=name)

    def span(row: Any, name: str, digits: int) -> str:
        ends = (row[f"{name}_min"], row[f"{name}_max"])
        texts = ["–" if end != end else number_text(end, lang, digits=digits) for end in ends]
        return "–".join(dict.fromkeys(texts))

    rows = []
    for row in groups.to_dict("records"):
        arrow = "↔" if row["both_ways"] else "→"
        sides = ("base_h", "alt_h") if row["change"] != "same" else ("base_h",)
        changed = f"change.{row['change']}"
        if row["change"] == "same" and row["ways"] != "same":
            changed = f"compare.ways_{row['ways']}"
        ways = " → ".join(dict.fromkeys(span(row, name, 0) for name in ("base_ways", "alt_ways")))
        rows.append({
            "compare.from_to": f"{places(row['origins'])} {arrow} {places(row['destinations'])}",
            "compare.count": str(row["pairs"]),
            "compare.change": translate(changed, lang),
            "compare.days": str(row["days"] or row["days_fewer_ways"] or ""),
            "compare.hours": " → ".join(span(row, name, 1) for name in sides),
            "compare.ways": ways,
            "compare.now_by": row["alt_crossing"] if isinstance(row["alt_crossing"], str) else "",
        })  # fmt: skip
    leave = {"compare.ways" if period else "compare.days"}
    if not any(row["compare.now_by"] for row in rows):
        leave.add("compare.now_by")
    return [{key: text for key, text in row.items() if key not in leave} for row in rows]
