"""Sentences on queues: what closes, who waits and goes round, how long, and how sure that is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from amurgeo.errors import unknown_name_error
from amurgeo.flows.demand import ON_ROAD, is_home
from amurgeo.network import crossing_name, home_names
from amurgeo.text import fill_placeholders, long_date, number_text, page_words, translate

#: Trucks a day by which a capacity differs, backlog from which a sentence is worth it, and hours of waiting
#: from which a truck counts as one that waits.
DIFFERS, WORTH, WAITS_H = 0.5, 10.0, 12.0


def whole_text(value: float, lang: str) -> str:
    """Return a number of trucks, from 100 on in tens.

    >>> whole_text(1234.6, "en"), whole_text(99.6, "en"), whole_text(9.4, "en")
    ('1,230', '100', '9')
    """
    return number_text(round(value, -1 if value >= 100 else None), lang, digits=0)


def queue_sentences(q: Any, lang: str, alternative: str | None = None) -> list[str]:
    """Return the sentences of `Queues.sentences`."""
    names = [scenario.name for scenario in q.scenarios]
    if alternative is not None and alternative not in names:
        raise unknown_name_error("alternative", alternative, names)
    texts = []
    for scenario in q.scenarios:
        if alternative in (None, scenario.name):
            texts += _Story(q, scenario.name, scenario.title.get(lang, scenario.name), lang).sentences()
    if q.without_capacity:
        texts.append(translate("queue.without", lang, names=", ".join(q.without_capacity)))
    return [*texts, translate("queue.estimates", lang)]


class _Story:
    """The numbers of one scenario in words."""

    def __init__(self, q: Any, name: str, title: str, lang: str) -> None:
        self.q, self.name, self.lang = q, name, lang
        self.common = {"scenario": title, "home": home_names(q.net)[lang]}
        home = q.days[is_home(q.net, q.days["crossing"].tolist())]
        capacity = home.pivot_table(
            index=["scenario", "date"], columns="crossing", values="capacity", sort=False
        )
        self.capacity, self.base = capacity.loc[name], capacity.loc[q.scenarios[0].name]

    def say(self, key: str, **values: Any) -> str:
        return translate(f"queue.{key}", self.lang, **self.common, **values)

    def number(self, value: float) -> str:
        return whole_text(value, self.lang)

    def day(self, day: Any) -> str:
        return long_date(pd.Timestamp(day).date())[self.lang]

    def span(self, first: pd.Timestamp, last: pd.Timestamp) -> str:
        """Return two days, in one month as one date."""
        if first == last or (first.year, first.month) != (last.year, last.month):
            return self.day(first) if first == last else f"{self.day(first)} – {self.day(last)}"
        month = page_words()[f"month.{last.month:02d}"]
        days = f"{first.day}–{last.day}"
        return fill_placeholders("date.long", day=days, month=month, year=last.year)[self.lang]

    def sentences(self) -> list[str]:
        """Return what closes and how many wait, who waits and goes round, and how long it lasts."""
        backlog = self.q.backlog.set_index("scenario").loc[[self.name]].set_index("date")
        lost = (self.base - self.capacity).clip(lower=0.0)
        crossing = str(lost.sum().idxmax()) if len(lost.columns) else ""
        short = lost.index[lost[crossing] > DIFFERS] if crossing else lost.index[:0]
        during = backlog.loc[short] if len(short) else backlog
        peak = during["queue"].idxmax()
        most = float(backlog.at[peak, "queue"])
        values: dict[str, Any] = {
            "n": self.number(most),
            "road": self.number(ON_ROAD * most),
            "on": self.day(peak),
        }
        if len(short):
            rooms = {"before": self.base.loc[short, crossing], "after": self.capacity.loc[short, crossing]}
            values |= {name: self.number(trucks.mean()) for name, trucks in rooms.items()}
            values |= {"span": self.span(short[0], short[-1])}
            values |= {"crossing": crossing_name(self.q.net, crossing, self.lang)}
        if most < WORTH:
            return [self.say("closes_none", **values) if len(short) else self.say("none")]
        texts = [self.say("closes" if len(short) else "backlog", **values) + self._range(backlog.loc[peak])]
        rows = self.q.streams[self.q.streams["scenario"] == self.name]
        if len(short):
            rows = rows[rows["date"].isin(short)]
            texts.append(self._who(rows[rows["usual"] == crossing]))
        waits = rows[is_home(self.q.net, rows["crossing"].tolist())]
        if not len(short):
            waits = waits[waits["wait_h"] >= WAITS_H]
        mean = float(np.average(waits["wait_h"], weights=waits["trucks"])) if len(waits) else 0.0
        numbers = {"mean": mean, "most": waits["wait_h"].max() if len(waits) else 0.0}
        later = backlog.loc[peak:, "queue"]
        gone = later.index[later <= len(self.base.columns)]
        key, day = ("gone", gone[0]) if len(gone) else ("stays", later.index[-1])
        hours = {name: number_text(value / 24.0, self.lang, digits=1) for name, value in numbers.items()}
        return [*texts, self.say(key, day=self.day(day), **hours)]

    def _who(self, rows: pd.DataFrame) -> str:
        """Return who waits, takes another crossing and goes round."""
        home = is_home(self.q.net, rows["crossing"].tolist())
        usual, total = (rows["crossing"] == rows["usual"]).to_numpy(), float(rows["trucks"].sum())
        shares = {"waits": home & usual, "other": home & ~usual, "round": ~home}
        parts = {
            name: 100.0 * rows["trucks"][where].sum() / max(total, 1.0) for name, where in shares.items()
        }
        texts = {name: self.number(value) for name, value in parts.items()}
        away = rows[~home].groupby("crossing")["trucks"].sum()
        if not len(away):
            return self.say("who", trucks=self.number(total), **texts)
        names = {"away": crossing_name(self.q.net, str(away.idxmax()), self.lang)}
        return self.say("who_round", trucks=self.number(total), **texts, **names)

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
