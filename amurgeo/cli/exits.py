"""The commands on the ways out: exits of a place, dependence by region and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

import amurgeo
from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.cli.state import is_open
from amurgeo.cli.tables import cost_cell, hours_range, print_costs, rounded, whole_numbers
from amurgeo.text import in_language, inside, number_text

#: Digits of the measures that are printed, by unit.
_DIGITS = {"share": 2, "index": 2, "days": 0}
#: Hours below which tenths are printed.
_TENTHS_BELOW_H = 10
_INDICES = ("share", "hhi", "days_cut", "exits")
#: Digits of the indices that have a range.
_RANGES = {"hhi": 2, "days_cut": 0}
_AVOIDED = ("class", "detour_h", "time", "road")
_EXITS = ("exit", "kind", "status", "length_km", "total_h", "cost", "estimated_share")


@click.command()
@shared.options("place on drivers vehicle scenario assume everything printed_of_all")
def exits(request: Request, place: str, **options: Any) -> None:
    """Show the exits of PLACE, over the border or by sea, and its dependence on those over the border."""
    result = amurgeo.exits(request.net, place, lang=request.data_lang, **options)
    document = result.to_dict()
    title = request.asked("exits", result.state, result.vehicle, origin=result.origin)
    request.emit(
        result,
        lambda: _print_exits(request, result, document, title),
        document,
        rows=document["exits"],
        columns=["id", *result.frame.columns],
        title=title,
        scenario=options["scenario"],
        files=lambda: {"exits": result.frame.reset_index(), "dependence": _dependence(document)},
    )


@click.command()
@shared.options("depending years on_sea vehicle png_indices printed_of_all")
def dependence(request: Request, **options: Any) -> None:
    """Show how home regions depend on exits over the border, by year, and what avoiding them costs."""
    from amurgeo.analysis.dependence import default_place, region_name

    result = amurgeo.dependence(request.net, **options)
    document, net = result.to_dict(), result.net
    first, last = options["first"], options["last"]
    years = "–".join(dict.fromkeys(map(str, (first, last))))
    vehicle = inside(request.name(net.base["vehicles"], result.vehicle))
    title = request.text("title.dependence_years", vehicle=vehicle, years=years)

    def table() -> None:
        for sentence in result.sentences(request.lang):
            request.say(f"• {sentence}")
        home = set(net.border.home.regions)
        rows = []
        for row in (row for row in document["indices"] if row["region"] in home):
            region = row["region"] if request.ids else region_name(net, row["region"], request.lang)
            ranges = {name: _with_range(row, name, request.lang) for name in _RANGES}
            rows.append({**row, **ranges, "region": region})
        many = ("scenario",) if len(result.scenarios) > 1 else ()
        request.table(title, (*many, "region", "year", *_INDICES), rows)
        if document["avoided"]:
            place = request.name(net.nodes, default_place(net))
            columns = (*_AVOIDED, net.border.cost)
            rows = [whole_numbers(row, columns[1:]) for row in document["avoided"]]
            for row in rows:
                for name in ("time", "road"):
                    row[name] = "" if row[name] is None else number_text(row[name], request.lang, digits=0)
            request.table(request.text("dependence.avoid", place=place), columns, rows)

    files = lambda: {"dependence": result.frame, "avoided": result.avoided}  # noqa: E731
    period, shown = (f"{first}-01-01", f"{last}-12-31"), list(result.scenarios)
    about: Any = {"title": title, "when": period, "vehicle": result.vehicle, "scenario": shown}
    request.draw("dependence_figure", result)
    request.emit(result, table, document, rows=document["indices"], files=files, **about)


def _with_range(row: Mapping[str, Any], name: str, lang: str) -> str:
    """Return an index with its range, if it has one."""
    value, low, high = (
        "" if end is None else number_text(end, lang, digits=_RANGES[name])
        for end in (row[name], row[f"{name}_low"], row[f"{name}_high"])
    )
    return value if low == high else f"{value} ({low}–{high})"


def _print_exits(request: Request, result: Any, document: dict[str, Any], title: str) -> None:
    net = result.state.net
    kinds = {net.border.far.id: in_language(net.border.far.name, request.lang)}
    rows = [
        {
            **row,
            "exit": _exit_name(request, net, row["id"]),
            "total_h": None if row["hours"] is None else _hours(row["hours"]),
            "kind": kinds.get(row["kind"], row["kind"]),
            net.border.cost: cost_cell(row, net.border.cost, request.lang),
        }
        for row in document["exits"]
    ]
    usable = [row for row in rows if is_open(row)]
    request.say(title, bold=True)
    for sentence in (*_best(request, net, usable), _without(request, net, document)):
        request.say(sentence)
    shown = rows if request.everything else usable
    columns = [net.border.cost if name == "cost" else name for name in _EXITS]
    if request.everything:
        columns.insert(3, "reason")
    request.table("", columns, shown)
    if len(shown) < len(rows):
        request.say(request.text("exits.closed", n=len(rows) - len(shown)))
    print_costs(request, result.state, result.vehicle, shown)
    request.say(request.text("exits.scope"))
    if document["not_included"]:
        request.say(request.text("word.not_included", exits=document["not_included"]))
    for row in _dependence(document):
        # The detour is a sentence above.
        if (digits := _DIGITS.get(row["unit"])) is not None and row["value"] is not None:
            numbers = (row[bound] for bound in ("low", "value", "high"))
            low, value, high = (
                "" if x is None else number_text(x, request.lang, digits=digits) for x in numbers
            )
            name = request.text(f"dependence.{row['figure']}", year=document["on"][:4])
            span = f" ({low}–{high})" if low != high else ""
            request.say(f"{name}{request.text('word.colon')}{value}{span}")


def _exit_name(request: Request, net: Any, exit_: str) -> str:
    """Return the name of a port, the id of a crossing, which is printed as its name."""
    ports = net.base["ports"]
    return request.name(ports, exit_) if exit_ in ports.index and not request.ids else exit_


def _best(request: Request, net: Any, usable: list[dict[str, Any]]) -> Iterator[str]:
    """Yield which exit is the quickest and which the cheapest, as far as costs are known."""
    if not usable:
        yield request.text("exits.none")
        return
    first, cost = min(usable, key=lambda row: row["hours"]), net.border.cost
    km = number_text(first["length_km"], request.lang, digits=0)
    yield request.text("exits.quickest", exit=first["exit"], hours=first["total_h"], km=km)
    known = [row for row in usable if row["cost_at_least"] is None and row[cost] is not None]
    if known:
        cheapest = min(known, key=lambda row: row[cost])
        bounds = [row["cost_at_least"] for row in usable if row["cost_at_least"] is not None]
        sure = min(bounds, default=cheapest[cost]) >= cheapest[cost]
        values = {"exit": cheapest["exit"], "money": _money(request, net, cheapest[cost])}
        yield request.text("exits.cheapest" if sure else "exits.cheapest_known", **values)
    else:
        yield request.text("exits.cheapest_unknown")


def _without(request: Request, net: Any, document: dict[str, Any]) -> str:
    """Return what it takes to go by sea and not over the border, in a sentence."""
    detour = f"detour_{net.border.currency.lower()}"
    hours, money = document["dependence"]["detour_h"], document["dependence"][detour]
    far = in_language(net.border.far.name, request.lang)
    if hours["value"] is None:
        return request.text("exits.no_port" if hours["from"] else "exits.no_border", far=far)
    value, low, high = hours["value"], hours["low"], hours["high"]
    if value < 0:
        value, low, high = -value, -high, -low
    least = money["low"] is not None and money["value"] is None
    amount = money["value"] if money["value"] is not None else money["low"]
    key = "unknown" if amount is None else "gain" if amount < 0 else "least" if least else "known"
    cost = request.text(f"exits.cost_{key}", money=_money(request, net, abs(amount or 0)))
    ends = {side: _exit_name(request, net, hours[side]) for side in ("from", "to")}
    span = hours_range({"low": low, "mid": value, "high": high})
    key = "exits.without" if hours["value"] >= 0 else "exits.without_gain"
    return request.text(key, far=far, port=ends["to"], exit=ends["from"], hours=span, cost=cost)


def _hours(hours: float) -> str:
    """Return hours, whole ones from ten on: no estimate is better."""
    return f"{hours:.1f}" if hours < _TENTHS_BELOW_H else f"{hours:.0f}"


def _money(request: Request, net: Any, value: float) -> str:
    return f"{number_text(rounded(value), request.lang, digits=0)} {net.border.currency}"


def _dependence(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the measures of dependence as rows."""
    columns = ("unit", "value", "low", "high", "formula")
    return [
        {"figure": figure, **{name: measure[name] for name in columns}}
        for figure, measure in document["dependence"].items()
    ]
