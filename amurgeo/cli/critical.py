"""The commands on what hurts most, whom it hits and what helps: critical, access, measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

import amurgeo
from amurgeo.analysis import GOALS, KINDS
from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.errors import InputError
from amurgeo.routing.ranges import two_digits
from amurgeo.text import day_text, inside, listing

_COLUMNS = ("rank", "element", "element_kind", "people_h", "people_cut", "truck_h", "truck_queue_h")
_SUMS = _COLUMNS[3:]
_REACH = ("place", "people", "days_cut", "to_centre_h", "to_hospital_h", "to_railway_h", "to_crossing_h")
_CHANGE = ("place", "people", "base_h", "alt_h", "people_h", "base_cut", "alt_cut")
_SAVES = (
    "rank",
    "measure",
    "benefit_h",
    "low_h",
    "high_h",
    "bad_winter_h",
    "regret_h",
    "cost_low",
    "cost_high",
)
_SHOWN = 12


@click.command()
@shared.options(
    "on period vehicle scenario weight kinds between drivers draws_of_hours queues_missed "
    "resume everything png_missed printed_with_map",
    kinds=KINDS,
)
def critical(request: Request, kinds: tuple[str, ...], **options: Any) -> None:
    """Rank crossings, checkpoints, bridges and roads by what is lost without them."""
    from amurgeo.network import vehicle_id
    from amurgeo.seasons.daily import asked_period

    vehicle = vehicle_id(request.net, options["vehicle"])
    if kinds:
        options["kinds"] = kinds
    frame = amurgeo.criticality(request.net, **options)
    asked = [options[name] for name in ("on", "year", "first", "last")]
    first, last = asked_period(*asked) or (options["on"],) * 2
    days = [day_text(day, request.data_lang) for day in dict.fromkeys((first, last))]
    name = inside(request.name(request.net.base["vehicles"], vehicle))
    title = request.text("title.critical", days="–".join(days), vehicle=name)

    def table() -> None:
        names = frame["element"] if request.ids else frame.names(request.lang)
        rows = [
            {**row, **_rounded(row), "element": name, "element_kind": row["kind"]}
            for row, name in zip(frame.to_dict(), names, strict=True)
        ]
        request.say(title, bold=True)
        for sentence in frame.sentences(request.lang):
            request.say(sentence)
        if frame.empty:
            return
        shown = rows if request.everything else rows[:_SHOWN]
        columns = [name for name in _COLUMNS if any(row.get(name) for row in rows)]
        request.table("", columns, shown)
        if len(shown) < len(rows):
            request.say(request.text("critical.rest", n=len(rows) - len(shown)))
        request.say(request.text("critical.rule"))

    about = {"title": title, "when": (first, last), "vehicle": vehicle, "scenario": options["scenario"]}
    # For people "kind" is that of an exit.
    is_book = str(request.output).lower().endswith(".xlsx")
    files = lambda: {"critical": frame.rename(columns={"kind": "element_kind"} if is_book else {})}  # noqa: E731
    request.draw("critical_figure", frame)
    request.emit(frame, table, files=files, **about)


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sums of a row with the two digits that the estimates deserve."""
    sums = {name: row[name] for name in _SUMS if row.get(name) is not None}
    return {name: two_digits(value) for name, value in sums.items()}


@click.command()
@shared.options(
    "year vehicle scenario settlements centre goal everything png_access printed_with_map", goal=GOALS
)
def access(request: Request, against: str | None, goal: str | None, **options: Any) -> None:
    """Show how long settlements take to what they need in YEAR, and on how many days they are cut off."""
    from amurgeo.network import vehicle_id

    if goal is not None and against is None:
        raise InputError(f"to is invalid: '{goal}'; expected none without against=, which compares")
    vehicle, year = vehicle_id(request.net, options["vehicle"]), options["year"]
    key, figure = ("access", "access_figure") if against is None else ("equity", "equity_figure")
    frame: Any = (
        amurgeo.access(request.net, **options)
        if against is None
        else amurgeo.equity(request.net, base=against, to=goal or GOALS[0], **options)
    )
    name = inside(request.name(request.net.base["vehicles"], vehicle))
    title = request.text(f"title.{key}", year=year, vehicle=name)
    about = {"title": title, "when": year, "vehicle": vehicle, "scenario": options["scenario"]}
    about["gaps"] = _sides(request)
    request.draw(figure, frame)
    _print = _print_access if against is None else _print_equity
    request.emit(frame, lambda: _print(request, frame, title), **about)


def _print_access(request: Request, frame: Any, title: str) -> None:
    """Print one row per settlement: days of the year, medians of the months."""
    groups = frame.to_frame().groupby("place", sort=False)
    rows = groups[[name for name in _REACH if name.startswith("to_")]].median()
    rows = rows.assign(days_cut=groups["days_cut"].sum(), people=groups["people"].first())
    rows = rows.reset_index().sort_values(["days_cut", "to_centre_h"], ascending=False)
    cut = rows[rows["days_cut"] > 0]
    request.say(title, bold=True)
    names = [
        request.text("access.place", place=request.cell("place", place), n=int(days))
        for place, days in zip(cut["place"], cut["days_cut"], strict=True)
    ]
    request.say(
        request.text("access.cut", places=listing(names, request.lang))
        if names
        else request.text("access.none")
    )
    _print_rows(request, _REACH, rows, cut, "access")


def _print_equity(request: Request, frame: Any, title: str) -> None:
    """Print who gains and who loses, in sentences and as a table."""
    request.say(title, bold=True)
    for sentence in frame.sentences(request.lang):
        request.say(sentence)
    rows = frame.to_frame()
    _print_rows(request, _CHANGE, rows, rows[frame.changed], "equity")


def _sides(request: Request) -> dict[str, str]:
    """Return the headings of hours before and after."""
    return {side: request.text(f"figure.{side}_h") for side in ("base", "alt")}


def _print_rows(request: Request, columns: Sequence[str], rows: Any, most: Any, key: str) -> None:
    """Print the rows that matter, or all; how many are left out; and what the numbers mean."""
    shown = rows if request.everything else most
    if len(shown):
        request.table("", columns, shown.to_dict("records"), **_sides(request))
    if len(shown) < len(rows):
        request.say(request.text(f"{key}.rest", n=len(rows) - len(shown)))
    request.say(request.text(f"{key}.rule"))


@click.command()
@shared.options("winter measures scenario given draws_of_winter png_measures printed_of_all")
def measures(request: Request, winter: str, names: tuple[str, ...], **options: Any) -> None:
    """Rank measures by the truck-hours that they save in a WINTER, as 2026/27."""
    from amurgeo.analysis.measures import measure_name

    result = amurgeo.measures(request.net, winter, names=names or None, **options)
    document = result.to_dict(request.data_lang)
    title = request.text("title.measures", winter=winter)
    gaps = {"currency": result.net.border.currency}

    def table() -> None:
        for sentence in document["sentences"]:
            request.say(f"• {sentence}")
        name = lambda id_: id_ if request.ids else measure_name(result.net, id_, request.lang)  # noqa: E731
        rows = [
            {**row, "measure": name(row["measure"]), "low_h": row["low"], "high_h": row["high"]}
            for row in document["measures"]
        ]
        columns = [column for column in _SAVES if any(row[column] is not None for row in rows)]
        request.table(title, columns, rows, spare=("cost_low", "cost_high", "regret_h"), **gaps)

    files = lambda: {"measures": result.frame, "draws": result.draws, "hinges": result.hinges}  # noqa: E731
    about: Any = {"title": title, "when": winter, "scenario": [result.scenario]}
    parts: Any = {
        "rows": document["measures"],
        "files": files,
        "sentence": document["sentences"],
        "gaps": gaps,
    }
    request.draw("measures_figure", result)
    request.emit(result, table, document, **parts, **about)
