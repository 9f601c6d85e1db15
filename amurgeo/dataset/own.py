"""A user's own folder: made to start from, and a season record that grows by one line at a time."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pandas as pd

from amurgeo.dataset.files import write_whole
from amurgeo.dataset.paths import geo_dir
from amurgeo.dataset.reading import lay_over, load_tables
from amurgeo.dataset.record_checks import check_record, check_seasons
from amurgeo.dataset.rows import Tables, ids
from amurgeo.dataset.schema import schema
from amurgeo.errors import InputError, unknown
from amurgeo.text import LANGUAGES, say, words

#: Tables of a new folder.
OWN_TABLES = (
    "places", "terminals", "crossings", "services", "roads", "windows", "season_record", "sources",
)  # fmt: skip
EVENTS = ("open", "close", "suspend", "resume", "weight_limit", "hours")
_SEASONAL = ("ferry", "hovercraft", "pontoon", "ice_road")
_HOLIDAY = ("holiday", "suspended")

#: The example of a new folder: a depot and the road to it.
_EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "places": {
        "id": "example_depot",
        "kind": "village",
        "country": "RU",
        "region": "amur_oblast",
        "name_en": "Example depot",
        "name_ru": "Склад для примера",
        "name_zh": "示例仓库",
        "lat": "50.93",
        "lon": "128.6",
        "source": "estimate",
        "confidence": "estimated",
        "note": "An example made up to show the columns; put your own place here or delete the line",
    },
    "roads": {
        "id": "belogorsk--example_depot",
        "from": "belogorsk",
        "to": "example_depot",
        "class": "secondary",
        "surface": "asphalt",
        "length_km": "12",
        "length_source": "estimated",
        "source": "estimate",
        "confidence": "estimated",
        "note": "An example made up to show the columns; put your own road here or delete the line",
    },
}

_SCENARIO = """\
name = "my_scenario"
base = "baseline"

[title]
en = "Bridge shut for ten days"
ru = "Мост закрыт на десять дней"
zh = "大桥关闭十天"

[[change]]
crossing = "kani_kurgan:bridge"
close = true
days = "2026-11-10..2026-11-19"
"""

_SCRIPT = '''\
"""Ways from the example depot to Harbin, as usual and with the bridge shut."""

from pathlib import Path

import amurgeo as ag

here = Path(__file__).resolve().parent
net = ag.load(here)
for scenario in ("baseline", str(here / "scenario.toml")):
    found = ag.routes(net, "Example depot", "Harbin", on="2026-11-15", scenario=scenario)
    print(Path(scenario).stem)
    for route in found.to_dict()["routes"]:
        print(f"  {route['total_h']:.1f} h by {', '.join(route['crossings'])}")
'''

_README = ("tables", "lay_over", "check", "record", "scenario", "script")


def new_folder(folder: Path) -> list[Path]:
    """Make a folder to start from: own tables, a scenario, a script and a description.

    Parameters
    ----------
    folder
        A folder that does not exist yet or is empty.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        When the folder holds something already, or is a file.

    Examples
    --------
    >>> import tempfile
    >>> made = new_folder(Path(tempfile.mkdtemp()) / "mine")
    >>> sorted(path.name for path in made if path.suffix != ".csv")
    ['README.txt', 'scenario.toml', 'script.py']
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"'{folder}' is a file; give the name of a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"'{folder}' is not empty; give the name of a new folder")
    texts = {"scenario.toml": _SCENARIO, "script.py": _SCRIPT, "README.txt": _readme()}
    for table in OWN_TABLES:
        columns = [column.name for column in schema(table)]
        lines = [_EXAMPLES[table]] if table in _EXAMPLES else []
        # Excel tells UTF-8 by the byte-order mark.
        texts[f"{table}.csv"] = "\ufeff" + _csv_text(columns, lines)
    for name, text in texts.items():
        write_whole(folder / name, text.encode("utf-8"))
    return [folder / name for name in sorted(texts)]


def _readme() -> str:
    """Return the description of a new folder, in every language."""
    parts = []
    for lang in LANGUAGES:
        lines = [say("new.title", lang), "", *(f"- {say(f'new.{name}', lang)}" for name in _README)]
        parts.append("\n".join(lines))
    return "\n\n\n".join(parts) + "\n"


def _csv_text(columns: list[str], lines: list[Mapping[str, str]], *, header: bool = True) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n", extrasaction="ignore")
    if header:
        writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue()


# -- recording --------------------------------------------------------------------------------------


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
    if own.exists() and not own.is_dir():
        raise InputError(f"'{own}' is a file; give a folder for the own tables")
    has_tables = own.is_dir() and any((own / f"{name}.csv").is_file() for name in OWN_TABLES)
    tables = load_tables(geo_dir(), own if has_tables else None)
    mode = _mode(tables, crossing)
    _check_words(tables, crossing, event, traffic, reason)
    day, last = _parse_day(on, "DATE"), None if until is None else _parse_day(until, "--until")
    _check_span(event, day, last)
    value = _clean_value(event, value)
    known = ids(tables, "sources")
    source_id = source if source in known else source_id_of(source)
    line = {
        "id": _line_id(crossing, event, day, traffic),
        "crossing": crossing,
        "checkpoint": crossing.replace("road:", "other:") if crossing.startswith("road:") else crossing.partition(":")[0],
        "mode": mode,
        "traffic": traffic,
        "event": event,
        "date": day.isoformat(),
        "until": "" if last is None else last.isoformat(),
        "precision": "day",
        "value": value,
        "reason": reason,
        "evidence": "yes" if event in ("open", "close") and mode in _SEASONAL and reason not in _HOLIDAY else "no",
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
    'amur_info_b04a47'
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
    raise unknown("crossing", crossing, {*crossings.index, *seasons})


def _check_words(tables: Tables, crossing: str, event: str, traffic: str, reason: str) -> None:
    if event not in EVENTS:
        raise unknown("event", event, EVENTS)
    if traffic not in ("cargo", "passenger", "both"):
        raise unknown("traffic", traffic, ("cargo", "passenger", "both"), option="--traffic")
    reasons = {key.partition(".")[2] for key in words() if key.startswith("reason.")}
    if reason and reason not in reasons:
        raise unknown("reason", reason, reasons, option="--reason")
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
        raise InputError("--until goes with suspend only; record the end of anything else as an event of its own")
    if last < day:
        raise InputError(f"--until: {last} comes before {day}; give the last day of the suspension")


def _clean_value(event: str, value: str) -> str:
    """Write a limit as the record does, ``30 t``."""
    value = value.strip()
    if event == "weight_limit":
        number = re.fullmatch(r"(\d+(?:\.\d+)?)(?: ?t)?", value)
        if number is None or not 0 < float(number.group(1)) <= 500:
            raise InputError(f"--value: '{value}' is no limit in tonnes; give for instance --value 30")
        return f"{float(number.group(1)):g} t"
    if event == "hours" and not value:
        raise InputError("--value: hours needs the hours, for instance --value 08:00-18:00")
    return value


def _line_id(crossing: str, event: str, day: date, traffic: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", crossing)
    kind = "" if traffic == "both" else f"_{traffic}"
    return f"{plain}_{event}_{day.isoformat().replace('-', '_')}{kind}"


def _refuse_contradiction(tables: Tables, line: Mapping[str, str]) -> None:
    """Raise when a new line repeats the record or cannot stand beside it."""
    record = tables["season_record"]
    kinds = {"both", "unknown", line["traffic"]} if line["traffic"] != "both" else {"both", "unknown", "cargo", "passenger"}
    mine = record[(record["crossing"] == line["crossing"]) & record["traffic"].isin(kinds)]
    same = mine[(mine["date"] == line["date"]) & (mine["event"] == line["event"])]
    if len(same):
        raise InputError(f"{line['crossing']}: {line['event']} of {line['date']} is on record already ({same.index[0]})")
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
    merged = lay_over(tables, own)
    found = [*check_record(own, merged), *check_seasons(own, merged)]
    if found:
        raise InputError(f"not recorded: {found[0].problem}")


def _append(path: Path, table: str, line: Mapping[str, str]) -> None:
    """Add one line to a table; everything in the file stays as it is."""
    columns = [column.name for column in schema(table)]
    if not path.is_file() or not path.read_bytes().strip(b"\xef\xbb\xbf \r\n"):
        write_whole(path, _csv_text(columns, [line]).encode("utf-8"))
        return
    data = path.read_bytes()
    text = data.decode("utf-8-sig")
    header = [name.strip() for name in next(csv.reader(io.StringIO(text, newline="")))]
    lacking = [name for name, cell in line.items() if cell and name not in header]
    if lacking:
        # Columns that the file does not have yet: every row is written anew with them.
        rows = list(csv.DictReader(io.StringIO(text, newline=""), fieldnames=header, skipinitialspace=True))[1:]
        mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
        write_whole(path, mark + _csv_text([*header, *lacking], [*rows, line]).encode("utf-8"))
        return
    end = b"\r\n" if b"\r\n" in data else b"\n"
    added = _csv_text(header, [line], header=False).encode("utf-8").replace(b"\n", end)
    write_whole(path, data + (b"" if data.endswith(b"\n") else end) + added)
