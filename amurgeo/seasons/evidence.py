"""The dated observations of one service, ready to be looked up by season."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from amurgeo.seasons.spans import part_of, season_of

_TONNES = re.compile(r"(\d+(?:\.\d+)?) t\b")


@dataclass(frozen=True)
class Seen:
    """One dated observation: the day, its source, and how sure it is."""

    day: np.datetime64
    source: str
    confidence: str


@dataclass(frozen=True)
class Stop:
    """A suspension: first and last day, why, its source, and how sure it is."""

    first: np.datetime64
    last: np.datetime64
    reason: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Evidence:
    """What the record holds of one service.

    Attributes
    ----------
    opened, closed
        First day open and first day closed again, by season label and part.
    stops
        Suspensions.
    limits
        Gross mass admitted, by season label.
    short_days
        Days with short hours.
    since
        Openings and closings of a service that works all year, in order: day and whether it opened.
    """

    opened: dict[tuple[str, str], Seen]
    closed: dict[tuple[str, str], Seen]
    stops: tuple[Stop, ...]
    limits: dict[str, tuple[float, str]]
    short_days: tuple[Seen, ...]
    since: tuple[tuple[np.datetime64, bool, str], ...]


def evidence_of(record: pd.DataFrame, crossing: str, traffic: str) -> Evidence:
    """Collect what the record holds of one service.

    Parameters
    ----------
    record
        The table of dated observations.
    crossing, traffic
        The service; observations of both kinds of traffic, or of an unknown kind, speak for it too.
    """
    mine = record[(record["crossing"] == crossing) & record["traffic"].isin([traffic, "both", "unknown"])]
    mode = crossing.partition(":")[2]
    opened: dict[tuple[str, str], Seen] = {}
    closed: dict[tuple[str, str], Seen] = {}
    stops: list[Stop] = []
    limits: dict[str, tuple[float, str]] = {}
    short_days: list[Seen] = []
    since: list[tuple[np.datetime64, bool, str]] = []
    # The service's own kind of traffic speaks before observations of both.
    order = mine.assign(own=mine["traffic"] != traffic).sort_values(["own", "date"], kind="stable")
    for row in order.to_dict("records"):
        if row["precision"] == "month":
            continue
        day = np.datetime64(row["date"], "D")
        on: date = day.astype(date)
        label = season_of(on, mode)
        seen = Seen(day, row["source"], row["confidence"])
        key = (label, part_of(on, row["event"]) if mode == "hovercraft" else "")
        match row["event"]:
            case "open":
                opened.setdefault(key, seen)
                since.append((day, True, row["source"]))
            case "close":
                closed.setdefault(key, seen)
                since.append((day, False, row["source"]))
            case "suspend":
                until = row["until"]
                last = day if pd.isna(until) else np.datetime64(until, "D")
                stops.append(Stop(day, last, row["reason"] or "suspended", row["source"], row["confidence"]))
            case "weight_limit":
                tonnes = _TONNES.search(row["value"])
                if tonnes:
                    limits.setdefault(label, (float(tonnes.group(1)), row["source"]))
            case "hours" if row["value"].startswith("until"):
                short_days.append(seen)
    return Evidence(opened, closed, tuple(stops), limits, tuple(short_days), tuple(sorted(since)))
