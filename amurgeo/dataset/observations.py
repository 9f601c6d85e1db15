"""A user's own season record, that grows by one line at a time."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pandas as pd

from amurgeo.dataset.checks.record import RIVER_MODES, check_record, check_seasons
from amurgeo.dataset.reading import Tables, ids, load_tables, overlay_tables
from amurgeo.dataset.schema import TABLES, geo_dir, schema
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.io import csv_text, write_bytes_atomic
from amurgeo.text import words

EVENTS = ("open", "close", "suspend", "resume", "weight_limit", "hours")
#: Hours, or until when on a short day; a word may follow.
_HOURS = re.compile(r"(([01]\d|2[0-4]):[0-5]\d-|until )([01]\d|2[0-4]):[0-5]\d\b")
_HOLIDAY = ("holiday", "suspended")


def record_event(
    own: Path,
    crossing: str,
    event: str,
    on: str,
    *,
    source: str,
    traffic: str = "both",
    until: str | None = None,
    value: str = "",
    reason: str = "",
    note: str = "",
) -> dict[str, str]:
    """Add one observation to a user's season record.

    Parameters
    ----------
    own
        The user's folder; it and its files are made when missing.
    crossing
        Id of a crossing, or the season key of a road.
    event
        ``open``, ``close``, ``suspend``, ``resume``, ``weight_limit`` or ``hours``.
    on
        First day of the event, ISO.
    source
        Address of the notice, or the id of a source that is known.
    traffic
        ``cargo``, ``passenger`` or ``both``.
    until
        Last day of a suspension, ISO.
    value
        The limit (``"30 t"``) or the hours (``"08:00-18:00"``).
    reason
        Reason code of a suspension or closing, for instance ``"holiday"``.
    note
        What a reader should know.

    Returns
    -------
    dict
        The line as it was written, by column.

    Raises
    ------
    InputError
        When something is not known, does not exist, or contradicts the record; nothing is written then.
    DataError
        When the user's tables have faults already.

    Notes
    -----
    The files are written beside their place and moved into it, so a stopped program loses nothing. The
    retrieval date of a new source is the day of the event: nothing here asks a clock.
    """
    if os.path.exists(own) and not own.is_dir():
        raise InputError(f"'{own}' is a file; give a folder for the own tables")
    has_tables = os.path.isdir(own) and any((own / f"{name}.csv").is_file() for name in TABLES)
    tables = load_tables(geo_dir(), own if has_tables else None)
    mode = _mode(tables, crossing)
    _check_words(tables, crossing, event, traffic, reason)
    day, last = _parse_day(on, "DATE"), None if until is None else _parse_day(until, "--until")
    _check_span(event, day, last)
    _check_service(tables, crossing, event, day, traffic)
    value = _clean_value(event, value)
    known = ids(tables, "sources")
    source_id = source if source in known else source_id_of(source)
    line = {
        "id": _line_id(crossing, event, day, traffic),
        "crossing": crossing,
        "checkpoint": crossing.replace("road:", "other:")
        if crossing.startswith("road:")
        else crossing.partition(":")[0],
        "mode": mode,
        "traffic": traffic,
        "event": event,
        "date": day.isoformat(),
        "until": "" if last is None else last.isoformat(),
        "precision": "day",
        "value": value,
        "reason": reason,
        "evidence": "yes"
        if event in ("open", "close") and mode in RIVER_MODES and reason not in _HOLIDAY
        else "no",
        "source": source_id,
        "source_date": day.isoformat(),
        "confidence": "reported",
        "note": note.strip(),
    }
    _refuse_contradiction(tables, line)
    if source_id not in known:
        _append(own / "sources.csv", "sources", _source_line(source_id, source, line))
    _append(own / "season_record.csv", "season_record", line)
    return line


def source_id_of(address: str) -> str:
    """Return the id of a source by its address: host and a short hash.

    Raises
    ------
    InputError
        When it is no address.

    Examples
    --------
    >>> source_id_of("https://www.amur.info/news/1")
    'amur_info_92e468'
    """
    address = address.strip()
    parts = urlparse(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            f"--source: '{address}' is no address and no known source; give the page of the notice, https://…"
        )
    host = re.sub(r"^(www|m|amp)\.", "", parts.hostname)
    slug = re.sub(r"[^a-z0-9]+", "_", host.lower()).strip("_")[:28]
    return f"{slug}_{hashlib.sha1(address.encode()).hexdigest()[:6]}"


def _source_line(source_id: str, address: str, line: Mapping[str, str]) -> dict[str, str]:
    return {
        "id": source_id,
        "title": f"{line['crossing']}: {line['event']} of {line['date']}",
        "publisher": urlparse(address.strip()).hostname or "",
        "address": address.strip(),
        "licence": "web page, facts only",
        "published": line["date"],
        "retrieved": line["date"],
        "note": "",
    }


def _mode(tables: Tables, crossing: str) -> str:
    crossings = tables["crossings"]
    if crossing in crossings.index:
        return str(crossings.at[crossing, "mode"])
    seasons = {key for key in tables["windows"]["crossing"] if key.startswith("road:")}
    if crossing in seasons:
        return "ice_road"
    typed = crossing.partition(":")[0].strip().casefold()
    checkpoints = tables["checkpoints"]
    names = checkpoints.filter(regex=r"^(place|counterpart|(counterpart_)?name_\w\w)$").reset_index()
    named = names.apply(lambda column: column.astype(str).str.casefold() == typed).any(axis=1).to_numpy()
    here = crossings.index[crossings["checkpoint"].isin(checkpoints.index[named])]
    if len(here):
        raise InputError(f"'{crossing}' is no crossing; did you mean {' or '.join(here)}?")
    raise unknown_name_error("crossing", crossing, {*crossings.index, *seasons})


def _check_words(tables: Tables, crossing: str, event: str, traffic: str, reason: str) -> None:
    if event not in EVENTS:
        raise unknown_name_error("event", event, EVENTS)
    if traffic not in ("cargo", "passenger", "both"):
        raise unknown_name_error("traffic", traffic, ("cargo", "passenger", "both"), option="--traffic")
    reasons = {key.partition(".")[2] for key in words() if key.startswith("reason.")}
    if reason and reason not in reasons:
        raise unknown_name_error("reason", reason, reasons, option="--reason")
    carried = {kind for name, kind in tables["services"].index if name == crossing}
    if carried and traffic != "both" and traffic not in carried:
        raise InputError(f"--traffic: {crossing} carries {', '.join(sorted(carried))} only, not {traffic}")


def _parse_day(text: str, what: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
        raise InputError(f"{what}: '{text}' is no day; write it as 2026-02-10")
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{what}: '{text}' does not exist; give a day of the calendar") from None
    if not 1980 <= day.year <= 2100:
        raise InputError(f"{what}: '{text}' lies outside 1980 to 2100; correct the year")
    return day


def _check_span(event: str, day: date, last: date | None) -> None:
    if last is None:
        return
    if event != "suspend":
        raise InputError(
            "--until goes with suspend only; record the end of anything else as an event of its own"
        )
    if last < day:
        raise InputError(f"--until: {last} comes before {day}; give the last day of the suspension")


def _check_service(tables: Tables, crossing: str, event: str, day: date, traffic: str) -> None:
    """Raise when no service of the crossing could follow what is recorded."""
    if crossing not in tables["crossings"].index:
        return
    services = tables["services"].loc[crossing]
    wrong = []
    for kind, row in services.iterrows():
        if traffic not in ("both", kind):
            continue
        opened, retired = (None if pd.isna(row[name]) else row[name].date() for name in ("opened", "retired"))
        if retired and day >= retired:
            wrong.append(f"{kind} traffic is retired since {retired}; empty 'retired'")
        elif opened and day < opened:
            wrong.append(f"{kind} traffic opened on {opened} only; correct 'opened'")
        elif not row["regular"] and event == "open":
            wrong.append(
                f"no regular {kind} traffic is known, so nothing tells how long it stays open; "
                "set 'regular' to yes and give its hours"
            )
        else:
            return
    if wrong:
        raise InputError(f"{crossing}: {wrong[0]} in a services.csv of your folder first")


def _clean_value(event: str, value: str) -> str:
    """Write a limit as the record does, ``30 t``."""
    value = value.strip()
    if event == "weight_limit":
        number = re.fullmatch(r"(\d+(?:\.\d+)?)(?: ?t)?", value)
        if number is None or not 0 < float(number.group(1)) <= 500:
            raise InputError(f"--value: '{value}' is no limit in tonnes; give for instance --value 30")
        return f"{float(number.group(1)):g} t"
    if event == "hours" and not _HOURS.match(value):
        raise InputError(f"--value: hours needs the hours, not '{value}'; for instance --value 08:00-18:00")
    return value


def _line_id(crossing: str, event: str, day: date, traffic: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", crossing)
    kind = "" if traffic == "both" else f"_{traffic}"
    return f"{plain}_{event}_{day.isoformat().replace('-', '_')}{kind}"


def _refuse_contradiction(tables: Tables, line: Mapping[str, str]) -> None:
    """Raise when a new line repeats the record or cannot stand beside it."""
    record = tables["season_record"]
    kinds = (
        {"both", "unknown", line["traffic"]}
        if line["traffic"] != "both"
        else {"both", "unknown", "cargo", "passenger"}
    )
    mine = record[(record["crossing"] == line["crossing"]) & record["traffic"].isin(kinds)]
    same = mine[(mine["date"] == line["date"]) & (mine["event"] == line["event"])]
    if len(same):
        raise InputError(
            f"{line['crossing']}: {line['event']} of {line['date']} is on record already ({same.index[0]})"
        )
    if line["event"] == "resume":
        stops = mine[mine["event"].isin(["suspend", "close"])]
        if not (stops["date"] <= line["date"]).any():
            raise InputError(
                f"{line['crossing']}: nothing on record was suspended before {line['date']}; "
                "record the suspension first, or use open"
            )
    row: dict[str, Any] = {name: text for name, text in line.items() if name != "id"}
    row["until"] = pd.NaT if not line["until"] else pd.Timestamp(line["until"])
    row["evidence"] = line["evidence"] == "yes"
    frame = pd.DataFrame([row], index=pd.Index([line["id"]], name="id")).reindex(columns=record.columns)
    own = {"season_record": frame}
    merged = overlay_tables(tables, own)
    found = [*check_record(own, merged), *check_seasons(own, merged)]
    if found:
        raise InputError(f"not recorded: {found[0].problem}")


def _append(path: Path, table: str, line: Mapping[str, str]) -> None:
    """Add one line to a table; everything in the file stays as it is."""
    columns = [column.name for column in schema(table)]
    if not path.is_file() or not path.read_bytes().strip(b"\xef\xbb\xbf \r\n"):
        write_bytes_atomic(path, csv_text([line], columns).encode("utf-8"))
        return
    data = path.read_bytes()
    text = data.decode("utf-8-sig")
    try:
        written = [row for row in csv.reader(io.StringIO(text, newline=""), skipinitialspace=True) if row]
    except csv.Error as error:
        raise InputError(f"{path.name}: a line cannot be added, {error}; shorten that cell") from None
    # Blank lines may stand above the header.
    header = [name.strip() for name in written[0]]
    lacking = [name for name, cell in line.items() if cell and name not in header]
    end = "\r\n" if "\r\n" in text else "\n"
    if lacking:
        # Columns that the file does not have yet: every row is written anew with them.
        rows = [dict(zip(header, row, strict=False)) for row in written[1:]]
        mark = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
        whole = mark + csv_text([*rows, line], [*header, *lacking]).replace("\n", end)
        write_bytes_atomic(path, whole.encode("utf-8"))
        return
    added = csv_text([line], header, header=False).replace("\n", end)
    write_bytes_atomic(path, data + (b"" if text.endswith("\n") else end.encode()) + added.encode("utf-8"))
