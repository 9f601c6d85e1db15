"""Regression test of the library's answers against the stored ones.

``python benchmarks/frozen.py`` computes the answers, compares them with ``frozen.json.xz`` and lists the
moved cells; it exits with 1 if there are any. ``--only SECTION`` restricts it to a section and can be
repeated, ``--all`` lists every moved cell, and ``--write`` stores the current answers.

Only stored answers are compared: new keys do not count, missing ones do. The length of a list is stored
under ``#``. A section is either flat, with an answer by key, or a table, whose rows have an answer for each
label of the axis, stored as runs: value, count, value, count.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from itertools import groupby, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import amurgeo as ag
from amurgeo.cli import main as command

KEPT = Path(__file__).with_suffix(".json.xz")
MISSING, SHOWN = "(missing)", 40
YEARS = range(2004, 2036)
VEHICLES = ("truck_20t", "truck_40t", "car", "train")
HOURS_YEARS = (2010, 2018, 2024, 2025, 2026, 2027)
#: A day on which all winter roads are open.
MIDWINTER = "02-15"
STATE_DAYS = [
    f"{year}-{month:02}-{day:02}" for year in (2010, 2026) for month in range(1, 13) for day in (1, 15)
]
DAYS = ("2026-02-10", "2026-07-15", "2026-11-15")
REGIMES = ("frozen", "open", "freeze_up", "break_up")
#: Kinds of nodes that are neither origins nor destinations.
NO_ENDS = ("station", "terminal", "junction", "point")
CITIES = ("heihe", "harbin", "suifenhe", "manzhouli", "jiayin", "fuyuan", "mohe", "jiamusi")
#: Compared scenarios and the options of the comparison.
COMPARED: list[tuple[list[str], dict[str, str]]] = [
    (["frozen", "open"], {}),
    (["frozen", "open"], {"vehicle": "train"}),
    (["frozen", "open", "frozen+no_bridge"], {"vehicle": "car"}),
    (["paper_2010+open", "paper_2010+freeze_up"], {}),
    (["paper_2010+frozen", "paper_2010+break_up"], {}),
    (["baseline", "freeze_up+no_bridge"], {}),
    (["baseline", "break_up+no_bridge"], {}),
    (["baseline", *REGIMES], {}),
    (["baseline", "all_planned", "bridge_only", "bridge_shut_10d"], {"on": "2026-11-15"}),
    (["baseline", "no_bridge", "paper_2010"], {"on": "2026-11-15"}),
    (["baseline", "late_ice_3w", "warm_1c", "warm_2c", "warm_3c"], {"on": "2026-12-18"}),
    (["baseline", "warm_2c"], {"first": "2026-11-01", "last": "2027-04-30"}),
    (["baseline", "kani_kurgan:bridge close 2026-11-10..2026-11-20"], {"on": "2026-11-15"}),
]
EXITS_FROM = ("blagoveshchensk", "belogorsk", "tynda")
ROUTES = {
    "blagoveshchensk": ("heihe", "khabarovsk"),
    "belogorsk": ("harbin",),
    "raychikhinsk": ("harbin",),
    "svobodny": ("suifenhe",),
    "tynda": ("manzhouli",),
    "zeya": ("heihe",),
    "harbin": ("blagoveshchensk",),
    "heihe": ("belogorsk", "jiayin"),
}
DEPARTURES = (
    ("blagoveshchensk", "heihe", "2026-02-10T06:30"),
    ("belogorsk", "harbin", "2026-07-17T17:00"),
    ("harbin", "svobodny", "2026-11-03T08:00"),
)

#: ``axis``, empty for a flat section, and ``rows``.
Section = dict[str, Any]


class Move(NamedTuple):
    """A changed answer, with the number of cells that it covers."""

    key: str
    before: Any
    after: Any
    cells: int = 1


# -- format of the answers ------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """Return a JSON value: None if missing, floats rounded to four digits."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if value is None or value is pd.NaT or value != value:
        return None
    return round(value, 4) if isinstance(value, float) else value


def runs(values: Iterable[Any]) -> list[Any]:
    """Return values as runs: value, count, value, count."""
    result: list[Any] = []
    for value, same in groupby(values):
        result += [value, len(list(same))]
    return result


def unrolled(row: Sequence[Any]) -> list[Any]:
    """Return the values of runs."""
    return [value for value, count in zip(row[::2], row[1::2], strict=True) for _ in range(count)]


def flat(answer: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of an answer with its key; list items are keyed by position and ids."""
    if isinstance(answer, dict) and answer:
        for name, value in answer.items():
            yield from flat(value, f"{key}/{name}" if key else str(name))
    elif isinstance(answer, tuple | list):
        yield f"{key}/#", len(answer)
        for position, value in enumerate(answer):
            yield from flat(value, f"{key}/{position}{_named(value)}")
    else:
        yield key, plain(answer)


def _named(value: Any) -> str:
    names = ("id", "crossing", "traffic", "from", "to", "origin", "destination", "alternative", "month")
    ids = [str(value[name]) for name in names if name in value] if isinstance(value, dict) else []
    return f" {' '.join(ids)}" if ids else ""


def flat_section(answers: Iterable[tuple[str, Any]]) -> Section:
    """Return a flat section from answers by name."""
    return {
        "axis": [],
        "rows": {key: value for name, answer in answers for key, value in flat({name: answer})},
    }


def of_frame(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as records."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def calendar_section(
    net: ag.Network, years: Iterable[int], scenarios: Sequence[str | None] = (None,)
) -> Section:
    """Return the status of every service by day and scenario."""
    rows, axis = {}, []
    columns = ("status", "reason", "basis", "probability_open")
    for scenario in scenarios:
        every = pd.concat([ag.calendar(net, year, scenario=scenario) for year in years])
        for (crossing, traffic), service in every.groupby(["crossing", "traffic"], sort=False):
            axis = service["date"].dt.strftime("%Y-%m-%d").tolist()
            for column in columns:
                values = service[column].round(4) if column == "probability_open" else service[column]
                key = " ".join(filter(None, (scenario, crossing, traffic, column)))
                rows[key] = runs(map(plain, values.tolist()))
    return {"axis": axis, "rows": rows}


# -- sections -------------------------------------------------------------------------------------------


def statuses(net: ag.Network, _: list[str] | None) -> Section:
    """Return the status of every service on every day in the base case."""
    return calendar_section(net, YEARS)


def scenarios(net: ag.Network, _: list[str] | None) -> Section:
    """Return the status of every service in one year under each scenario without a date."""
    return calendar_section(
        net, [2026], [name for name in ag.scenario_names() if name not in (*REGIMES, "baseline")]
    )


def states(net: ag.Network, _: list[str] | None) -> Section:
    """Return all columns of the state, twice a month in two years."""
    rows: dict[str, list[Any]] = {}
    for position, day in enumerate(STATE_DAYS):
        state = net.state(on=day)
        frame = state.crossings.assign(because=state.because("en"))
        for (crossing, traffic), row in zip(frame.index, of_frame(frame), strict=True):
            for column, value in row.items():
                values = rows.setdefault(f"{crossing} {traffic} {column}", [MISSING] * position)
                values.append(plain(value))
    return {"axis": STATE_DAYS, "rows": {key: runs(values) for key, values in rows.items()}}


def distinct_days(net: ag.Network) -> list[str]:
    """Return the first day of each distinct set of statuses, and a day of each winter."""
    days, seen = [], set()
    for year in HOURS_YEARS:
        frame = ag.calendar(net, year)
        grid = frame.pivot(index="date", columns=["crossing", "traffic"], values="status")
        for day, row in zip(grid.index.strftime("%Y-%m-%d"), grid.to_numpy().tolist(), strict=True):
            if tuple(row) not in seen or day[5:] == MIDWINTER:
                seen.add(tuple(row))
                days.append(day)
    return days


def hours(net: ag.Network, kept: list[str] | None) -> Section:
    """Return seconds and the first crossing from every town of the oblast to every Chinese place, by day.

    The stored days are used again, so that a moved status does not move them.
    """
    places = net.places
    towns = places.index[(places["region"] == "amur_oblast") & places["kind"].isin(["city", "town"])].tolist()
    far = places.index[(places["country"] == "CN") & ~places["kind"].isin(NO_ENDS)].tolist()
    days = kept or distinct_days(net)
    rows = {}
    for vehicle in VEHICLES:
        frames = [
            ag.sweep(net, ["baseline"], [day], vehicle=vehicle, origins=towns, destinations=far)
            for day in days
        ]
        seconds = [whole_seconds(frame["mean_h"]) for frame in frames]
        first = [[plain(value) for value in frame["main_crossing"]] for frame in frames]
        pairs = zip(frames[0]["origin"], frames[0]["destination"], strict=True)
        for pair, times, crossings in zip(
            pairs, zip(*seconds, strict=True), zip(*first, strict=True), strict=True
        ):
            key = f"{vehicle} {pair[0]}>{pair[1]}"
            rows[f"{key} seconds"], rows[f"{key} first"] = runs(times), runs(crossings)
    return {"axis": days, "rows": rows}


def whole_seconds(values: pd.Series) -> list[int | None]:
    """Return hours as whole seconds."""
    return [None if value != value else round(value * 3600) for value in values.tolist()]


def years(net: ag.Network, _: list[str] | None) -> Section:
    """Return yearly statistics of the default pairs of a sweep in the opposite direction."""
    default = ag.sweep(net, ["baseline"], ["2026-07-15"])
    ends = {
        "origins": default["destination"].unique().tolist(),
        "destinations": default["origin"].unique().tolist(),
    }
    frames = ((name, ag.sweep(net, ["baseline"], 2026, vehicle=name, **ends)) for name in VEHICLES)
    return flat_section((name, of_frame(frame)) for name, frame in frames)


def matrices(net: ag.Network, _: list[str] | None) -> Section:
    """Return hours, length and cost from every place of the oblast to some cities, in winter and summer."""
    places = net.places
    home = places.index[(places["region"] == "amur_oblast") & ~places["kind"].isin(NO_ENDS)].tolist()
    answers = []
    for vehicle, day, value in product(VEHICLES, DAYS[:2], ("hours", "length_km", "cost_rub")):
        matrix = ag.od_matrix(net, home, CITIES, on=day, vehicle=vehicle, value=value)
        by_pair = {f"{start}>{end}": row[end] for start, row in matrix.iterrows() for end in matrix.columns}
        answers.append((f"{vehicle} {day} {value}", by_pair))
    return flat_section(answers)


def comparisons(net: ag.Network, _: list[str] | None) -> Section:
    """Return whole comparisons, with their sentences in three languages."""
    answers = []
    for names, asked in COMPARED:
        result = ag.compare(net, names, **asked)
        sentences = {
            lang: [result.sentences(lang, alternative=name) for name in result.alternatives]
            for lang in ("ru", "zh")
        }
        answers.append((" ".join((*names, *asked.values())), {**result.to_dict(), "translated": sentences}))
    return flat_section(answers)


def exits(net: ag.Network, _: list[str] | None) -> Section:
    """Return the exits of three towns and the dependence on them."""
    return flat_section(
        (f"{town} {day} {vehicle}", ag.exits(net, town, on=day, vehicle=vehicle).to_dict())
        for town, day, vehicle in product(EXITS_FROM, DAYS, ("truck_20t", "train"))
    )


def routes(net: ag.Network, _: list[str] | None) -> Section:
    """Return routes with legs and closed crossings, and journeys with a departure time."""
    pairs = [(start, end) for start, ends in ROUTES.items() for end in ends]
    asked: list[tuple[tuple[str, str], dict[str, str]]] = [
        (pair, {"on": day, "vehicle": vehicle})
        for pair, day, vehicle in product(pairs, DAYS, ("truck_20t", "train"))
    ]
    asked += [((start, end), {"depart_at": clock}) for start, end, clock in DEPARTURES]
    return flat_section(
        (" ".join((*pair, *more.values())), ag.routes(net, *pair, k=4, **more).to_dict())
        for pair, more in asked
    )


def redundancy(net: ag.Network, _: list[str] | None) -> Section:
    """Return the redundancy of the default pairs by month."""
    return flat_section(
        (vehicle, of_frame(ag.redundancy(net, 2026, vehicle=vehicle))) for vehicle in ("truck_20t", "train")
    )


def outlook(net: ag.Network, _: list[str] | None) -> Section:
    """Return the next changes, from the command line."""
    answers = []
    for day in (*DAYS, "2026-10-20"):
        with redirect_stdout(io.StringIO()) as out, suppress(SystemExit):
            command(["next", "--on", day, "--format", "json"])
        answers.append((day, json.loads(out.getvalue())))
    return flat_section(answers)


_ALL = (statuses, scenarios, states, outlook, hours, years, matrices, comparisons, exits, routes, redundancy)
SECTIONS: dict[str, Callable[[ag.Network, list[str] | None], Section]] = {
    make.__name__: make for make in _ALL
}


# -- comparison -----------------------------------------------------------------------------------------


def cells(section: Section) -> int:
    """Return the number of answers of a section."""
    return len(section["rows"]) * (len(section["axis"]) or 1)


def moved(before: Section, after: Section) -> Iterator[Move]:
    """Yield changed answers; equal changes of neighbours along the axis are one move."""
    axis = before["axis"]
    same_axis = axis == after["axis"]
    for key, row in before["rows"].items():
        now = after["rows"].get(key, MISSING)
        if same_axis and same(row, now):
            continue
        if not axis:
            yield Move(key, row, now)
            continue
        labelled = {} if now is MISSING else dict(zip(after["axis"], unrolled(now), strict=False))
        triples = [
            (label, old, labelled.get(label, MISSING)) for label, old in zip(axis, unrolled(row), strict=True)
        ]
        for (old, new), group in groupby(triples, key=lambda triple: triple[1:]):
            if not same(old, new):
                labels = [label for label, *_ in group]
                span = labels[0] if len(labels) == 1 else f"{labels[0]}..{labels[-1]}"
                yield Move(f"{key} {span}", old, new, len(labels))


def same(before: Any, after: Any) -> bool:
    """Return whether two answers are equal; True differs from 1."""
    return type(before) is type(after) and before == after


def read(path: Path) -> dict[str, Section]:
    """Return the stored sections."""
    return json.loads(lzma.decompress(path.read_bytes())) if path.is_file() else {}


def write(path: Path, sections: dict[str, Section]) -> None:
    """Store sections; the same sections give the same bytes."""
    text = json.dumps(sections, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    path.write_bytes(lzma.compress(text.encode(), preset=9))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, then compare or write; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="store the current answers")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="a section; can be repeated")
    parser.add_argument("--all", action="store_true", help="list every move")
    asked = parser.parse_args(arguments)
    kept, total = read(KEPT), 0
    net = ag.load()
    for name in asked.only or SECTIONS:
        begin = time.process_time()
        if not asked.write and name not in kept:
            sys.exit(f"{KEPT.name} has no section '{name}'; store it with --write --only {name}")
        now = SECTIONS[name](net, None if asked.write else kept[name]["axis"])
        # The stored side went through JSON too.
        now = json.loads(json.dumps(now))
        took = time.process_time() - begin
        moves = [] if asked.write else list(moved(kept[name], now))
        kept[name] = now if asked.write else kept[name]
        count = sum(move.cells for move in moves)
        print(f"{name:12} {cells(kept[name]):9,} cells {count:9,} moved {took:6.1f} s of CPU", flush=True)
        for move in moves if asked.all else moves[:SHOWN]:
            print(f"  {name}: {move.key}: {move.before!r} -> {move.after!r}")
        if not asked.all and len(moves) > SHOWN:
            print(f"  ... and {len(moves) - SHOWN} more; --all lists them")
        total += count
    if asked.write:
        write(KEPT, kept)
        print(f"{KEPT.name}: {KEPT.stat().st_size:,} bytes")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
