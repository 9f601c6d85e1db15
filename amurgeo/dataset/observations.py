"""The season record of a user, one line per observation."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.checks.record import (
    RIVER_MODES,
    check_record,
    check_seasons,
    check_trips,
    day_of_leap_year,
    day_of_year,
    season_group,
    seasons_of_modes,
)
from amurgeo.dataset.checks.rows import check_rules
from amurgeo.dataset.files import read_cells, table_files
from amurgeo.dataset.names import Names
from amurgeo.dataset.reading import Tables, ids, load_tables, overlay_tables, require_folder
from amurgeo.dataset.schema import TABLES, geo_dir, schema, source_id_of, source_row
from amurgeo.dataset.values import choice_of, read_hours, read_tonnes, unread_hours
from amurgeo.errors import DataError, InputError, check_bool, unknown_name_error
from amurgeo.io import as_path, check_folder_name, csv_text, together, write_bytes_atomic
from amurgeo.text import parse_day

EVENTS = ("open", "close", "suspend", "resume", "weight_limit", "hours")
TRAFFIC = ("cargo", "passenger", "both")
#: Trips below which the range of the estimate counts, too.
FEW_TRIPS = 3


def record(
    folder: str | Path,
    crossing: str,
    event: str,
    on: date | str,
    *,
    source: str,
    traffic: str = "both",
    until: date | str | None = None,
    value: Any = "",
    reason: str = "",
    note: str = "",
    confirm: bool = False,
    dataset: str | Path | None = None,
) -> dict[str, str]:
    """Add an observation to the season record of a folder of your tables.

    Parameters
    ----------
    folder
        Folder of your tables; it and its files are created if missing.
    crossing
        Id or name of a crossing, or the season key of a road.
    event
        ``open``, ``close``, ``suspend``, ``resume``, ``weight_limit`` or ``hours``.
    on
        First day of the event.
    source
        Address of the notice, a letter or order with its number or date, or the id of a known source.
    traffic
        ``cargo``, ``passenger`` or ``both``.
    until
        Last day of a suspension.
    value
        The limit (``"30 t"``, or a number of tonnes) or the hours (``"08:00-18:00"``).
    reason
        Reason of a suspension or closing, for instance ``"holiday"`` or ``"repair"``.
    note
        Remark.
    confirm
        Whether an event outside the season of the mode is meant, such as an ice road that opens in July.
    dataset
        Folder of the dataset that your tables add to; the shipped one if omitted.

    Returns
    -------
    dict
        The line as written, by column: id, crossing, checkpoint, mode, traffic, event, date, until,
        precision, value, reason, evidence, source, source_date, confidence, note; all text.

    Raises
    ------
    InputError
        If an argument is invalid or contradicts the record; then nothing is written.
    DataError
        If the tables of the folder have faults.

    Notes
    -----
    The files are replaced atomically. The retrieval date of a new source is the day of the event.

    Examples
    --------
    >>> import tempfile
    >>> import amurgeo as ag
    >>> folder = tempfile.mkdtemp()
    >>> notice = "https://www.amur.info/news/1"
    >>> ag.record(folder, "poyarkovo:ice_road", "open", "2027-01-15", source=notice)["id"]
    'poyarkovo_ice_road_open_2027_01_15'
    >>> ag.load(folder).record_until.isoformat()
    '2027-01-15'
    """
    confirm = check_bool("confirm", confirm)
    own = check_folder_name(folder)
    base = geo_dir() if dataset is None else require_folder(as_path("dataset", dataset))
    if isinstance(value, Real) and not isinstance(value, bool):
        value = f"{float(value):.12g}"
    texts = {"crossing": crossing, "event": event, "source": source, "traffic": traffic}
    for name, text in (texts | {"value": value, "reason": reason, "note": note}).items():
        if not isinstance(text, str):
            raise InputError(f"{name} is invalid: {text!r:.60}; expected text")
    tables = load_tables(base, own if set(table_files(own)) & set(TABLES) else None)
    crossing, mode = _mode(tables, crossing)
    columns = {column.name: column for column in schema("season_record")}
    event, traffic, reason = (
        choice_of(text, columns[name])
        for name, text in (("event", event), ("traffic", traffic), ("reason", reason))
    )
    _check_words(tables, crossing, event, traffic, reason, columns["reason"].choices)
    day, last = parse_day(on), None if until is None else parse_day(until)
    _check_until(event, day, last)
    _check_service(tables, crossing, event, day, traffic)
    if not confirm:
        _check_season(tables, crossing, event, day)
    value = _clean_value(event, value)
    known = ids(tables, "sources")
    source_id = source if source in known else source_id_of(source)
    seasonal = event in ("open", "close") and mode in RIVER_MODES and reason not in ("holiday", "suspended")
    line = {
        "id": re.sub(r"[^a-z0-9]+", "_", f"{crossing}_{event}_{day}" + f"_{traffic}".removesuffix("_both")),
        "crossing": crossing,
        "checkpoint": re.sub("^road:", "other:", crossing).removesuffix(f":{mode}"),
        "mode": mode,
        "traffic": traffic,
        "event": event,
        "date": day.isoformat(),
        "until": "" if last is None else last.isoformat(),
        "precision": "day",
        "value": value,
        "reason": reason,
        "evidence": "yes" if seasonal else "no",
        "source": source_id,
        "source_date": day.isoformat(),
        "confidence": "reported",
        "note": note.strip(),
    }
    _check_contradictions(tables, line)
    with together():
        if source_id not in known:
            title = f"{line['crossing']}: {line['event']} of {line['date']}"
            _append(own / "sources.csv", "sources", source_row(source, title, line["date"]))
        _append(own / "season_record.csv", "season_record", line)
    return line


def _mode(tables: Tables, crossing: str) -> tuple[str, str]:
    """Return the id and the mode of a crossing or seasonal road."""
    seasons = {key for key in tables["windows"]["crossing"] if key.startswith("road:")}
    known = tables["crossings"]["mode"]
    id_ = Names(tables).crossing(crossing, among=[*known.index, *seasons])
    return id_, str(known.get(id_, "ice_road"))


def _check_words(
    tables: Tables, crossing: str, event: str, traffic: str, reason: str, reasons: Sequence[str]
) -> None:
    for what, given, valid in (
        ("event", event, EVENTS),
        ("traffic", traffic, TRAFFIC),
        ("reason", reason, ("", *reasons)),
    ):
        if given not in valid:
            raise unknown_name_error(what, given, filter(None, valid))
    carried = {kind for name, kind in tables["services"].index if name == crossing}
    if carried and traffic not in ("both", *carried):
        raise InputError(
            f"traffic is invalid: {traffic}; {crossing} carries {', '.join(sorted(carried))} only"
        )


def _check_until(event: str, day: date, last: date | None) -> None:
    if last is not None and event != "suspend":
        raise InputError(
            f"until is invalid for {event}; record the end of a suspension only, or another event"
        )
    if last is not None and last < day:
        raise InputError(f"until is invalid: {last} is before {day}; expected the last day of the suspension")


def _check_service(tables: Tables, crossing: str, event: str, day: date, traffic: str) -> None:
    """Raise if the event contradicts every service of the crossing."""
    if crossing not in tables["crossings"].index:
        return
    problems = []
    for kind, row in tables["services"].loc[crossing].iterrows():
        if traffic not in ("both", kind):
            continue
        if row["retired"] <= pd.Timestamp(day):
            problems.append(f"{kind} traffic is retired since {row['retired'].date()}; clear 'retired'")
        elif row["opened"] > pd.Timestamp(day):
            problems.append(f"{kind} traffic opened on {row['opened'].date()} only; correct 'opened'")
        elif not row["regular"] and event == "open":
            problems.append(
                f"{kind} traffic is not regular, so the length of the season is unknown; "
                "set 'regular' to yes and give its hours"
            )
        else:
            return
    if problems:
        raise InputError(f"{crossing}: {problems[0]} in a services.csv of your folder first")


def _check_season(tables: Tables, crossing: str, event: str, day: date) -> None:
    """Raise if a day lies outside the season of the mode of a crossing."""
    services, group = tables["services"], season_group(crossing)
    season = seasons_of_modes(tables).get(group)
    of_crossing = services[services.index.get_level_values(0) == crossing]
    if season is None or (len(of_crossing) and of_crossing["all_year"].all()):
        return
    turned = np.roll(season, -day_of_year(day))
    if not turned[0]:
        last, first = (
            day_of_leap_year(day_of_year(day) + int(step))
            for step in (np.flatnonzero(turned)[-1] - len(season), np.flatnonzero(turned)[0])
        )
        raise InputError(
            f"{crossing}: {event} of {day} is outside the season of the mode {group}; expected a day up to "
            f"{last:%m-%d} or from {first:%m-%d} on, or confirm=True if the date is right"
        )


def _clean_value(event: str, value: str) -> str:
    """Return a limit and hours as in the record, ``30 t`` and ``08:00-18:00``; other values as they are."""
    value = value.strip()
    if event == "weight_limit":
        tonnes = read_tonnes(value)
        if tonnes is None or not 0 < tonnes <= 500:
            raise InputError(f"value is invalid: '{value}'; expected a limit in tonnes, such as 30")
        return f"{tonnes:g} t"
    if value and event != "hours":
        raise InputError(
            f"value is invalid for {event}: '{value}'; record a limit or hours as an event of its own, "
            "weight_limit or hours"
        )
    if event == "hours":
        hours = read_hours(value)
        if hours is None:
            raise InputError(
                f"value is invalid: '{value:.80}'; expected hours such as 08:00-18:00, 20:00-06:00, "
                "'08:00-20:00, break 12:00-13:00', 'until 13:00' or 00:00-24:00"
            )
        if unread := unread_hours(hours):
            raise InputError(
                f"value is invalid: '{unread:.80}' in it is not read; expected the hours of every day, "
                "and the rest in note="
            )
        return ", ".join(filter(None, (str(hours), hours.rest)))
    return value


def _check_contradictions(tables: Tables, line: Mapping[str, str]) -> None:
    """Raise if a line repeats or contradicts the record."""
    record = tables["season_record"]
    kinds = TRAFFIC if line["traffic"] == "both" else ("both", line["traffic"])
    same = record[(record["crossing"] == line["crossing"]) & record["traffic"].isin([*kinds, "unknown"])]
    again = same[(same["date"] == line["date"]) & (same["event"] == line["event"])]
    what = f"{line['crossing']}: {line['event']} of {line['date']}"
    if len(again):
        raise InputError(f"{what} is already recorded ({again.index[0]})")
    stops = same[same["event"].isin(["suspend", "close"]) & (same["date"] <= line["date"])]
    if line["event"] == "resume" and stops.empty:
        raise InputError(f"{what} has no suspension before it; record the suspension first, or use open")
    until = pd.NaT if not line["until"] else pd.Timestamp(line["until"])
    row = {**line, "until": until, "evidence": line["evidence"] == "yes"}
    own = {"season_record": pd.DataFrame([row]).set_index("id")[record.columns]}
    merged = overlay_tables(tables, own)
    for fault in [*check_rules(own, merged), *check_record(own), *check_seasons(own, merged)]:
        raise InputError(f"the event was not recorded: {fault.problem}")


def _append(path: Path, table: str, line: Mapping[str, str]) -> None:
    """Add a line to a table; the rest of the file stays as it is."""
    for other, part in table_files(path.parent).get(table, [])[:1]:
        if other != path or read_cells(other, table, part).remarks:
            raise InputError(
                f"a line cannot be added to {other.name}; save it as 'CSV UTF-8' with commas, as {path.name}"
            )
    data = path.read_bytes() if path.is_file() else b""
    text = data.decode("utf-8-sig")
    try:
        cells = [row for row in csv.reader(io.StringIO(text, newline=""), skipinitialspace=True) if row]
    except csv.Error as error:
        raise InputError(f"{path.name}: a line cannot be added: {error}; shorten that cell") from None
    end = "\r\n" if "\r\n" in text else "\n"
    header = [name.strip() for name in cells[0]] if cells else [column.name for column in schema(table)]
    missing = [name for name, cell in line.items() if cell and name not in header]
    if missing or not cells:
        rows = [dict(zip(header, row, strict=False)) for row in cells[1:]]
        bom = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
        data, added = b"", bom + csv_text([*rows, line], [*header, *missing])
    else:
        added = ("" if text.endswith("\n") else "\n") + csv_text([line], header, header=False)
    write_bytes_atomic(path, data + added.replace("\n", end).encode("utf-8"))


def with_trips(tables: Tables) -> dict[str, pd.DataFrame]:
    """Return tables in which logged trips replace the estimates of the hours at their crossings.

    The hours of control become the mean of the trips in that direction, from arrival to clearing; the wait
    is in them. Their range is that of the trips, below `FEW_TRIPS` of them that of the estimate, too. A
    direction without trips keeps its estimate. Raise DataError if trips are invalid.
    """
    if not len(tables["trips"]):
        return dict(tables)
    if faults := list(check_trips(tables, tables)):
        raise DataError(faults)
    trips, services, ranges = tables["trips"].reset_index(), tables["services"].copy(), tables["border_hours"]
    trips = trips.assign(traffic=trips["vehicle"].map(tables["vehicles"]["traffic"]), hours=trip_hours(trips))
    for key, rows in trips.groupby(["crossing", "traffic"]):
        service = dict(zip(("crossing", "traffic"), key, strict=True))
        of_service = ranges[list(service)].eq(service).all(axis=1)
        layers = ranges[of_service & ranges["layer"].isin(["booth", "queue"])]
        wait_h = float(np.nan_to_num(services.at[key, "wait_h"]))
        cited = {"source": rows["source"].iloc[-1], "source_date": rows["cleared"].max()[:10]}
        new = {}
        for direction in ("out", "in"):
            seen, column = rows.loc[rows["direction"] == direction, "hours"], f"border_h_{direction}"
            mid = float(np.nan_to_num(services.at[key, column])) + wait_h
            low, high = layers[["low_h", "high_h"]].sum() if len(layers) else (mid, mid)
            if len(seen):
                mid = round(float(seen.mean()), 4)
                span = [*seen, low, high] if len(seen) < FEW_TRIPS else seen
                low, high = min(span), max(span)
            services.at[key, column] = mid
            new[f"trips_{'_'.join(key).replace(':', '_')}_{direction}"] = {
                **service,
                **cited,
                **{"layer": "booth", "low_h": low, "mid_h": mid, "high_h": high},
                "confidence": "reported" if len(seen) else "estimated",
                "note": f"Trips {direction}: {len(seen)}",
            }
        services.at[key, "wait_h"] = 0.0
        if rows["direction"].nunique() == 2:
            services.at[key, "times_confidence"] = "reported"
        added = pd.DataFrame.from_dict(new, orient="index").rename_axis(ranges.index.name)
        ranges = pd.concat([ranges.drop(layers.index), added])
    return {**tables, "services": services, "border_hours": ranges}


def trip_hours(trips: pd.DataFrame) -> pd.Series:
    """Return the hours from arrival to clearing of trips."""
    spent = pd.to_datetime(trips["cleared"]) - pd.to_datetime(trips["arrived"])
    return spent.dt.total_seconds() / 3600.0
