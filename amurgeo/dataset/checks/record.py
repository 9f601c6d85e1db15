"""Checks of crossings, checkpoints, services, operating windows and the season record."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from amurgeo.dataset.checks.rows import value_of
from amurgeo.dataset.reading import Tables, flag, ids, rows
from amurgeo.dataset.schema import pattern_names, schema
from amurgeo.dataset.values import is_day, read_hours, read_tonnes, unknown_holiday
from amurgeo.errors import Fault

#: Modes of seasonal river crossings.
RIVER_MODES = ("ferry", "hovercraft", "pontoon", "ice_road")
#: Bases of the rows of ``capacity`` that the model of queues uses, and tolerance of shares.
MODEL_BASES, SHARES_WITHIN = ("derived", "estimate"), 0.005
#: Days around a season on record that count as its season.
NEAR_SEASON_DAYS = 30
#: Days after which a suspension is doubtful.
LONG_STOP_DAYS = 366
#: Hours of the longest trip over the border.
MOST_TRIP_H = 1000


def check_counterparts(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find terminals without a counterpart on the other bank."""
    frame = rows(own, "terminals")
    banks = rows(merged, "terminals").groupby("checkpoint")["side"].nunique()
    single = frame[(frame["side"] != "") & (frame["checkpoint"].map(banks) == 1)]
    single = single.assign(other=["far" if side == "home" else "home" for side in single["side"]])
    text = "{checkpoint} has terminals on the {side} side only; add one on the {other} side"
    yield from flag("terminals", single, "side", "no-counterpart", text)


def check_services(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find services that admit vehicles of other traffic, and seasonal services without a season."""
    frame = rows(own, "services")
    traffic = value_of(merged, "vehicles", "traffic")
    admitted = frame.explode("admits").dropna(subset=["admits"])
    kind = admitted["admits"].map(traffic).fillna("")
    wrong = admitted.assign(kind=kind)[
        (kind != "") & (admitted["traffic"] != "") & (kind != admitted["traffic"])
    ]
    valid = {name: ", ".join(sorted(traffic.index[traffic == name])) for name in ("cargo", "passenger")}
    wrong = wrong.assign(valid=wrong["traffic"].map(valid))
    text = "{admits} is {kind} traffic, the service carries {traffic}; expected some of {valid}"
    yield from flag("services", wrong, "admits", "traffic", text)
    seasons: set[tuple[str, str]] = set()
    for table in ("windows", "season_record"):
        known = _by_traffic(rows(merged, table))
        seasons.update(zip(known["crossing"], known["traffic"], strict=True))
    seasonal = (
        frame["regular"].astype(bool)
        & ~frame["all_year"].astype(bool)
        & frame["retired"].isna()
        & frame["crossing"].map(value_of(merged, "crossings", "mode")).isin(RIVER_MODES)
    )
    keys = zip(frame["crossing"], frame["traffic"], strict=True)
    unknown = frame[seasonal & np.array([key not in seasons for key in keys], dtype=bool)]
    text = "the service is seasonal without a window or record: its days are those of other checkpoints"
    yield from flag("services", unknown, "all_year", "no-window", text, "warning")


def _by_traffic(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each kind of traffic that a row applies to."""
    kinds = {"both": ("cargo", "passenger"), "unknown": ("cargo", "passenger")}
    return frame.assign(traffic=[kinds.get(traffic, (traffic,)) for traffic in frame["traffic"]]).explode(
        "traffic"
    )


def check_trucks(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find capacities of mixed directions, and groups of trucks whose shares are not the whole."""
    frame, early, late = rows(own, "capacity"), pd.Timestamp.min, pd.Timestamp.max
    others = rows(merged, "capacity")
    pairs = frame.reset_index(names="line").merge(others, on="crossing", suffixes=("", "_2"))
    pairs = pairs[
        pairs["basis"].isin(MODEL_BASES)
        & pairs["basis_2"].isin(MODEL_BASES)
        & ((pairs["direction"] == "both") != (pairs["direction_2"] == "both"))
        & (pairs["valid_from"].fillna(early) <= pairs["valid_to_2"].fillna(late))
        & (pairs["valid_from_2"].fillna(early) <= pairs["valid_to"].fillna(late))
    ]
    text = "{crossing} has a row for both directions and one for a single direction on the same days"
    text += "; expected either"
    yield from flag("capacity", frame.loc[pairs["line"].unique()], "direction", "mixed-directions", text)
    frame = rows(own, "demand").drop_duplicates("group", keep="last")
    total = rows(merged, "demand").groupby("group")["share"].sum()
    frame = frame.assign(total=frame["group"].map(total).astype(float))
    text = "the shares of the group '{group}' add up to {total:.3f}; expected 1"
    yield from flag("demand", frame[(frame["total"] - 1).abs() > SHARES_WITHIN], "share", "shares", text)


def check_trips(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find trips that end before they begin or take impossibly long, and crossings without such traffic."""
    frame = rows(own, "trips")
    days = {name: pd.to_datetime(frame[name], errors="coerce") for name in ("arrived", "cleared")}
    hours = (days["cleared"] - days["arrived"]).dt.total_seconds() / 3600.0
    text = "cleared {cleared} is not after arrived {arrived}; correct one of them"
    yield from flag("trips", frame[hours <= 0], "cleared", "date-order", text)
    text = f"more than {MOST_TRIP_H} hours pass from {{arrived}} to {{cleared}}; correct one of them"
    yield from flag("trips", frame[hours > MOST_TRIP_H], "cleared", "too-long", text)
    services = rows(merged, "services")
    admitted = {
        (crossing, by)
        for crossing, admits in zip(services["crossing"], services["admits"], strict=True)
        for by in admits
    }
    alone = frame[[key not in admitted for key in zip(frame["crossing"], frame["vehicle"], strict=True)]]
    text = "{crossing} takes no {vehicle}; expected a vehicle that services.csv admits"
    yield from flag("trips", alone, "vehicle", "not-admitted", text)


def check_holidays(own: Tables) -> list[Fault]:
    """Find rules on holidays that no calendar has."""
    rules = rows(own, "holiday_rules")
    parts = rules["days"].str.partition(":")
    texts = [
        unknown_holiday(country, frozenset(name.strip() for name in names.split("|"))) if colon else None
        for country, colon, names in parts.itertuples(index=False)
    ]
    return flag("holiday_rules", rules, "days", "value", texts)


def check_patterns(own: Tables, merged: Tables, table: str) -> Iterator[Fault]:
    """Find patterns of gaps or holiday rules with names of no crossing, checkpoint or mode."""
    frame = rows(own, table)
    modes = next(column.choices for column in schema("crossings") if column.name == "mode")
    known = {"crossings": ids(merged, "crossings") | ids(merged, "checkpoints"), "modes": {*modes}}
    for column, names in known.items():
        unknown = [", ".join(sorted(pattern_names(cell) - names)) for cell in frame[column]]
        text = "unknown in a pattern: {unknown}; expected *, or ids joined by |"
        wrong = frame.assign(unknown=unknown)[[name != "" for name in unknown]]
        yield from flag(table, wrong, column, "unknown-reference", text)


def check_record(own: Tables) -> Iterator[Fault]:
    """Find observations whose hours or limit cannot be read, and suspensions of over a year."""
    frame = rows(own, "season_record")
    for event, read, right in (
        ("hours", read_hours, "hours such as 08:00-18:00, 20:00-06:00, until 13:00 or 00:00-24:00"),
        ("weight_limit", read_tonnes, "a limit in tonnes, such as 30 t"),
    ):
        # A note may explain why the value is missing.
        given = (frame["value"] != "") | (frame["note"] == "")
        values = frame.loc[(frame["event"] == event) & given, "value"]
        problems = [
            None if read(value) is not None else f"invalid value '{value:.60}'; expected {right}"
            for value in values
        ]
        yield from flag("season_record", values, "value", "record-value", problems)
    first = _full_days(frame)
    days = (pd.to_datetime(frame["until"]).dt.as_unit("s") - first).dt.days
    text = "the suspension lasts {days:.0f} days; correct the year, or retire the service in services.csv"
    long = frame.assign(days=days)[days > LONG_STOP_DAYS]
    yield from flag("season_record", long, "until", "record-stop", text, "warning")


def _full_days(frame: pd.DataFrame) -> pd.Series:
    """Return the days of observations; NaT for a month, a year or a day that does not exist."""
    days = pd.to_datetime(frame["date"].astype(str), format="%Y-%m-%d", errors="coerce")
    return days.where(frame["date"].map(len) == 10).dt.as_unit("s")


def check_seasons(own: Tables, merged: Tables) -> list[Fault]:
    """Find seasons that close before they open, and seasons that open twice."""
    # An observation of both kinds of traffic is reported once.
    reported: dict[tuple[int, str], Fault] = {}

    def add(line: int, check: str, text: str, severity: str = "fault") -> None:
        reported[line, check] = Fault("season_record.csv", line, "date", check, text, severity)

    for service, events in _events(own, merged).items():
        opened, closed = ([event for event in events if event[1] == kind] for kind in ("open", "close"))
        if opened and closed and closed[-1] < opened[0]:
            line = next((line for _, _, line in (closed[-1], opened[0], *events) if line), 0)
            text = f"{service}: closes on {closed[-1][0]} before it opens on {opened[0][0]}"
            add(line, "record-order", f"{text}; correct one of the days")
        for before, after in pairwise(opened):
            if not any(before[0] < day <= after[0] for day, _, _ in closed):
                text = f"{service}: opens on {before[0]} and again on {after[0]} without closing between"
                text += "; keep one, or record the second as resume"
                add(after[2] or before[2], "record-twice", text, "warning")
    return [fault for (line, _), fault in reported.items() if line]


def check_out_of_season(own: Tables, merged: Tables) -> Iterator[Fault]:
    """Find observations on days far from every season of the mode in the rest of the record."""
    frame = rows(own, "season_record")
    seasons = seasons_of_modes(merged, without=set(frame["id"]))
    frame = frame.assign(day=_full_days(frame)).dropna(subset=["day"])
    problems = []
    for crossing, event, day in frame[["crossing", "event", "day"]].itertuples(index=False):
        season = seasons.get(season_group(crossing))
        text = f"{event} of {day.date()} is outside the season of this mode; correct the day if it is wrong"
        problems.append(None if season is None or season[day_of_year(day)] else text)
    yield from flag("season_record", frame, "date", "record-season", problems, "warning")


def season_group(crossing: str) -> str:
    """Return the mode of a crossing, or ``winter road``: what has a season in common."""
    checkpoint, _, mode = crossing.partition(":")
    return "winter road" if checkpoint == "road" else mode


def day_of_year(day: date) -> int:
    """Return the number of a day in a leap year, from 0."""
    return date(2024, day.month, day.day).timetuple().tm_yday - 1


def day_of_leap_year(number: int) -> date:
    """Return the day of a leap year with a number; later and earlier years follow."""
    return date(2024, 1, 1) + timedelta(days=number % 366)


def seasons_of_modes(tables: Tables, *, without: Collection[str] = ()) -> dict[str, np.ndarray]:
    """Return the days of a leap year (bool, 366) near a season on record or a window, by mode."""
    seasons: dict[str, np.ndarray] = {}

    def mark(crossing: str, first: date, days: int) -> None:
        numbers = np.arange(-NEAR_SEASON_DAYS, max(days, 0) + NEAR_SEASON_DAYS + 1) + day_of_year(first)
        seasons.setdefault(season_group(crossing), np.zeros(366, dtype=bool))[numbers % 366] = True

    frame = rows(tables, "season_record")
    frame = frame[~frame["id"].isin(without) & frame["event"].isin(["open", "close"])]
    frame = frame.assign(day=_full_days(frame)).dropna(subset=["day"]).sort_values("day")
    for crossing, group in frame.groupby("crossing"):
        if season_group(crossing) in (*RIVER_MODES, "winter road"):
            events = list(zip(group["event"], group["day"].dt.date, strict=True))
            for (event, day), (later, end) in pairwise([*events, ("", date.max)]):
                days = (end - day).days
                mark(crossing, day, days if (event, later) == ("open", "close") and days < 300 else 0)
    for crossing, first, last in rows(tables, "windows")[["crossing", "open_md", "close_md"]].itertuples(
        index=False
    ):
        # Days in another form are separate faults.
        if all(re.fullmatch(r"\d\d-\d\d", day) and is_day(day) for day in (first, last)):
            start, end = (day_of_year(date.fromisoformat(f"2024-{day}")) for day in (first, last))
            mark(crossing, day_of_leap_year(start), (end - start) % 366)
    return seasons


def _events(own: Tables, merged: Tables) -> dict[str, list[tuple[str, str, int]]]:
    """Return openings and closings (day, event, line in the user's file or 0) by service and season."""
    lines = dict(zip(rows(own, "season_record")["id"], rows(own, "season_record").index, strict=True))
    frame = rows(merged, "season_record")
    frame["mode"] = frame["crossing"].map(value_of(merged, "crossings", "mode")).fillna(frame["mode"])
    frame = frame[_full_days(frame).notna() & frame["event"].isin(["open", "close"])]
    frame = frame[~frame["mode"].isin(["bridge", "road", "rail", "cableway"])]
    events: dict[str, list[tuple[str, str, int]]] = {}
    columns = ["id", "crossing", "traffic", "mode", "date", "event"]
    for id_, crossing, traffic, mode, day, event in _by_traffic(frame)[columns].itertuples(index=False):
        service = f"{crossing}, {traffic}, season of {_season(mode, day, event)}"
        events.setdefault(service, []).append((day, event, lines.get(id_, 0)))
    return {service: sorted(group) for service, group in events.items()}


def _season(mode: str, day: str, event: str) -> str:
    """Return the name of a season: a year of a ferry, July to June otherwise, in two parts for hovercraft."""
    year, month = int(day[:4]), int(day[5:7])
    if mode == "ferry":
        return str(year)
    first = year - int(month < 7)
    winter = f"{first}/{(first + 1) % 100:02d}"
    if mode != "hovercraft":
        return winter
    return f"{winter} {'autumn' if month >= 7 or (event == 'close' and month <= 2) else 'spring'}"
