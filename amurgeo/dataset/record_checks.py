"""Checks of the season record and of the operating windows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from operator import itemgetter
from typing import Any

import pandas as pd

from amurgeo.dataset.rows import Tables, by_id, fault, filled, rows, warning
from amurgeo.errors import Fault

#: Days after which a suspension is doubted.
LONG_STOP_DAYS = 366

#: An observation: day, event, line in the own file (None in the shipped one), id.
_Seen = tuple[date, str, int | None, str]


def check_record(own: Tables, merged: Tables) -> list[Fault]:
    """Find observations that contradict the table of crossings, each other, or the calendar."""
    modes = by_id(merged, "crossings").get("mode", pd.Series(dtype=str)).to_dict()
    found = []
    for line, row in rows(own, "season_record"):
        crossing, checkpoint = row["crossing"], row["checkpoint"]
        mode = modes.get(crossing)
        if mode and row["mode"] and row["mode"] != mode:
            found.append(
                fault(
                    "season_record",
                    line,
                    "mode",
                    "record-crossing",
                    f"{crossing} is no {row['mode']}; write {mode}",
                )
            )
        if mode and checkpoint and checkpoint != crossing.partition(":")[0]:
            found.append(
                fault(
                    "season_record",
                    line,
                    "checkpoint",
                    "record-crossing",
                    f"{crossing} is not at {checkpoint}; write {crossing.partition(':')[0]}",
                )
            )
        first = _day(row["date"])
        if first and filled(row["until"]) and (row["until"].date() - first).days > LONG_STOP_DAYS:
            found.append(
                warning(
                    "season_record",
                    line,
                    "until",
                    "record-stop",
                    f"lasts {(row['until'].date() - first).days} days, more than a year; "
                    "check the year, or retire the service in services.csv",
                )
            )
    return found


def check_seasons(own: Tables, merged: Tables) -> list[Fault]:
    """Find seasons that close before they open, and seasons that open twice."""
    found: list[Fault] = []
    for (crossing, traffic, season), seen in _by_season(own, merged).items():
        if not any(line for _, _, line, _ in seen):
            continue
        opened, closed = (
            sorted((item for item in seen if item[1] == event), key=itemgetter(0))
            for event in ("open", "close")
        )
        what = f"{crossing}, {traffic}, season of {season}"
        if opened and closed and closed[-1][0] < opened[0][0]:
            guilty = next(item for item in (closed[-1], opened[0], *seen) if item[2])
            found.append(
                fault(
                    "season_record",
                    guilty[2],
                    "date",
                    "record-order",
                    f"{what}: closes on {closed[-1][0]} before it opens on {opened[0][0]}; "
                    "correct one of the days",
                )
            )
        for before, after in pairwise(opened):
            guilty = after if after[2] else before
            if guilty[2] and not any(before[0] < day <= after[0] for day, *_ in closed):
                found.append(
                    warning(
                        "season_record",
                        guilty[2],
                        "date",
                        "record-twice",
                        f"{what}: opens on {before[0]} and again on {after[0]} without closing between; "
                        "keep one, or write the second as resume",
                    )
                )
    # An observation of both kinds of traffic is met once for each.
    return list({(item.row, item.check): item for item in found}.values())


def _by_season(own: Tables, merged: Tables) -> dict[tuple[str, str, str], list[_Seen]]:
    """Group openings and closings of seasonal crossings by crossing, traffic and season."""
    modes = by_id(merged, "crossings").get("mode", pd.Series(dtype=str)).to_dict()
    lines = {row["id"]: line for line, row in rows(own, "season_record")}
    seasons: dict[tuple[str, str, str], list[_Seen]] = defaultdict(list)
    for _, row in rows(merged, "season_record"):
        day = _day(row["date"])
        mode = modes.get(row["crossing"], row["mode"])
        if (
            day is None
            or row["event"] not in ("open", "close")
            or mode in ("bridge", "road", "rail", "cableway")
        ):
            continue
        season = _season(mode, day, row["event"])
        kinds = ("cargo", "passenger") if row["traffic"] == "both" else (row["traffic"],)
        for kind in kinds:
            seasons[row["crossing"], kind, season].append(
                (day, row["event"], lines.get(row["id"]), row["id"])
            )
    return seasons


def _season(mode: str, day: date, event: str) -> str:
    """Name a season: one year of a ferry, July to June of everything else, halved for hovercraft."""
    if mode == "ferry":
        return str(day.year)
    first = day.year - int(day.month < 7)
    if mode != "hovercraft":
        return f"{first}/{(first + 1) % 100:02d}"
    midwinter = 2 if event == "close" else 1
    part = "autumn" if day.month >= 7 or day.month <= midwinter else "spring"
    return f"{first}/{(first + 1) % 100:02d} {part}"


def check_windows(own: Tables) -> list[Fault]:
    """Find windows with one end only."""
    found = []
    for line, row in rows(own, "windows"):
        for given, lacking in (("open_md", "close_md"), ("close_md", "open_md")):
            if row[given] and not row[lacking]:
                found.append(
                    fault(
                        "windows",
                        line,
                        lacking,
                        "half-window",
                        f"has {given} {row[given]} and no {lacking}; give both days",
                    )
                )
    return found


def _day(value: Any) -> date | None:
    """Return a full day; None for a month, a year or a day that does not exist."""
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
