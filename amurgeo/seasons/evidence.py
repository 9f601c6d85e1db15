"""The dated observations of one service, ready to be looked up by season."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.seasons.spans import mode_of, part_of, season_of

#: Observations that speak for every kind of traffic.
_ALL_TRAFFIC = ("both", "unknown")
#: One row of the record, its id among them and its date a datetime64[D].
Observation = dict[str, Any]
_TONNES = re.compile(r"(\d+(?:\.\d+)?) t\b")


@dataclass(frozen=True)
class Seen:
    """One dated observation: the day, its source, and how sure it is."""

    day: np.datetime64
    source: str
    confidence: str


@dataclass(frozen=True)
class Stop:
    """A suspension: first and last day (None while no end is on record), why, its source, how sure it is."""

    first: np.datetime64
    last: np.datetime64 | None
    reason: str
    source: str
    confidence: str

    def holds(self, days: np.ndarray) -> np.ndarray:
        """Tell on which days, datetime64[D], it lasts."""
        begun = days >= self.first
        return begun if self.last is None else begun & (days <= self.last)


@dataclass(frozen=True)
class Limit:
    """A gross mass admitted from a day on, in tonnes; in its season alone where there is one."""

    day: np.datetime64
    season: str
    max_mass_t: float
    source: str


@dataclass(frozen=True)
class Evidence:
    """What the record holds of one service.

    Attributes
    ----------
    opened, closed
        First day open and first day closed again, by season label and part.
    stops
        Suspensions; of a service that works all year, closings too.
    limits
        Gross masses admitted, in order of their days.
    short_days
        Days with short hours.
    resumptions
        Days on which work was resumed, in order.
    """

    opened: dict[tuple[str, str], Seen]
    closed: dict[tuple[str, str], Seen]
    stops: tuple[Stop, ...]
    limits: tuple[Limit, ...]
    short_days: tuple[Seen, ...]
    resumptions: tuple[np.datetime64, ...]


def observations(record: pd.DataFrame) -> dict[str, list[Observation]]:
    """Return what is dated to a day or a week, in order of the days, by crossing.

    Parameters
    ----------
    record
        The table of dated observations.
    """
    found: dict[str, list[Observation]] = defaultdict(list)
    for row in record[record["precision"] != "month"].to_dict("records"):
        found[row["crossing"]].append({**row, "date": np.datetime64(row["date"], "D")})
    return {crossing: sorted(rows, key=itemgetter("date")) for crossing, rows in found.items()}


def evidence_of(
    seen: Iterable[Observation], crossing: str, traffic: str, *, all_year: bool = False
) -> Evidence:
    """Collect what the record holds of one service.

    Parameters
    ----------
    seen
        The observations of its crossing, in order of their days, as `observations` gives them.
    crossing, traffic
        The service; observations of both kinds of traffic, or of an unknown kind, speak for it too.
    all_year
        Whether it works all year: it has no season then that could end a closing or a limit.
    """
    mine = [row for row in seen if _alike(row["traffic"], traffic)]
    mode = crossing.partition(":")[2]
    paused = {row["id"] for row in mine if row["event"] == "close"} if all_year else _resumed(mine, mode)
    opened: dict[tuple[str, str], Seen] = {}
    closed: dict[tuple[str, str], Seen] = {}
    limits: list[Limit] = []
    short_days: list[Seen] = []
    # The service's own kind of traffic speaks before observations of both.
    for row in sorted(mine, key=lambda row: row["traffic"] != traffic):
        noted = Seen(row["date"], row["source"], row["confidence"])
        label, part = _season_key(row["date"], row["event"], mode)
        match row["event"]:
            case "open":
                opened.setdefault((label, part), noted)
            case "close" if row["id"] not in paused:
                closed.setdefault((label, part), noted)
            case "weight_limit":
                tonnes = _TONNES.search(row["value"])
                if tonnes:
                    season = "" if all_year else label
                    limits.append(Limit(row["date"], season, float(tonnes[1]), row["source"]))
            case "hours" if row["value"].startswith("until"):
                short_days.append(noted)
    # Of two limits of one day the service's own comes last, and holds.
    limits.reverse()
    limits.sort(key=lambda limit: limit.day)
    again = tuple(row["date"] for row in mine if row["event"] == "resume")
    return Evidence(
        opened, closed, _stops(mine, mode, paused, all_year), tuple(limits), tuple(short_days), again
    )


def resumed(record: pd.DataFrame) -> set[str]:
    """Return the ids of closings that did not end a season, since work was resumed in it.

    Parameters
    ----------
    record
        The table of dated observations.

    Examples
    --------
    >>> record = pd.DataFrame({
    ...     "crossing": "poyarkovo:ice_road", "traffic": "cargo", "precision": "day",
    ...     "event": ["open", "close", "resume", "close"],
    ...     "date": ["2027-01-19", "2027-02-25", "2027-02-28", "2027-03-09"],
    ... }, index=pd.Index(list("abcd"), name="id"))
    >>> resumed(record)
    {'b'}
    """
    again = set(record.loc[record["event"] == "resume", "crossing"])
    mine = record[record["crossing"].isin(again)].reset_index()
    return {id_ for crossing, rows in observations(mine).items() for id_ in _resumed(rows, mode_of(crossing))}


def _resumed(rows: Iterable[Observation], mode: str) -> set[str]:
    found: set[str] = set()
    waiting: dict[str, Observation] = {}
    for row in rows:
        key = _season_key(row["date"], "close", mode)
        same = {
            id_
            for id_, shut in waiting.items()
            if _season_key(shut["date"], "close", mode) == key and _alike(shut["traffic"], row["traffic"])
        }
        if row["event"] == "resume":
            found |= same
        if row["event"] in ("open", "resume", "suspend"):
            waiting = {id_: shut for id_, shut in waiting.items() if id_ not in same}
        elif row["event"] == "close":
            waiting[row["id"]] = row
    return found


def _alike(one: str, other: str) -> bool:
    return one == other or one in _ALL_TRAFFIC or other in _ALL_TRAFFIC


def _season_key(day: np.datetime64, event: str, mode: str) -> tuple[str, str]:
    on: date = day.astype(date)
    return season_of(on, mode), part_of(on, event) if mode == "hovercraft" else ""


def _stops(rows: Iterable[Observation], mode: str, paused: set[str], all_year: bool) -> tuple[Stop, ...]:
    """Collect suspensions and paused closings, each ended by the resumption that follows it."""
    stops: list[Stop] = []
    dated = True
    for row in rows:
        day = row["date"]
        match row["event"]:
            case "suspend":
                dated = not pd.isna(row["until"])
                stops.append(_stop(row, np.datetime64(row["until"], "D") if dated else day))
            case "close" if row["id"] in paused:
                dated = False
                stops.append(_stop(row, None if all_year else day))
            case "open" | "resume" if stops and stops[-1].first < day:
                first, last = stops[-1].first, stops[-1].last
                if not all_year and _season_key(first, "close", mode) != _season_key(day, "close", mode):
                    continue
                if dated and last is not None:
                    stops[-1] = replace(stops[-1], last=min(last, day - 1))
                elif row["event"] == "resume" or last is None:
                    stops[-1] = replace(stops[-1], last=day - 1)
                dated = True
    return tuple(stops)


def _stop(row: Observation, last: np.datetime64 | None) -> Stop:
    return Stop(row["date"], last, row["reason"] or "suspended", row["source"], row["confidence"])
