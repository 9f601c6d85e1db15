"""The command on the ways out of a place: exits."""

from __future__ import annotations

from typing import Any

import click

from amurgeo.cli import shared
from amurgeo.cli.route import cost_cell, print_costs
from amurgeo.cli.shared import Request
from amurgeo.cli.tables import about as about_file
from amurgeo.text import in_language, number_text

#: Digits of a measure by unit; others have none.
_DIGITS = {"share": 2, "index": 2, "h": 1}
_EXITS = ("id", "kind", "status", "reason", "length_km", "total_h", "cost", "estimated_share")


@click.command()
@click.argument("place")
@shared.on
@shared.drivers
@shared.vehicle
@shared.scenario
@shared.assume
@shared.printed_of_all
def exits(request: Request, place: str, **options: Any) -> None:
    """Show the exits of PLACE, over the border or by sea, and its dependence on those over the border."""
    from amurgeo import exits as find_exits

    result = find_exits(request.net, place, lang=request.data_lang, **options)
    document = result.to_dict()
    request.emit(
        document,
        lambda: _print_exits(request, result, document),
        net=result.state.net,
        rows=document["exits"],
        columns=["id", *result.frame.columns],
        unknown=result.unknown,
        about=about_file(
            request,
            _exits_title(request, result),
            result.state.on.isoformat(),
            result.vehicle,
            options["scenario"],
        ),
        files=lambda: {
            "exits": result.frame.reset_index(),
            "dependence": _dependence(document),
        },
    )


def _exits_title(request: Request, result: Any) -> str:
    net = result.state.net
    return request.text(
        "title.exits",
        origin=request.name(net.nodes, result.origin),
        on=result.state.on.isoformat(),
        vehicle=request.name(net.base["vehicles"], result.vehicle),
    )


def _print_exits(request: Request, result: Any, document: dict[str, Any]) -> None:
    net = result.state.net
    columns = [net.border.cost if name == "cost" else name for name in _EXITS]
    kinds = {net.border.far.id: in_language(net.border.far.name, request.lang)}
    rows = [
        {
            **row,
            "total_h": row["hours"],
            "kind": kinds.get(row["kind"], row["kind"]),
            net.border.cost: cost_cell(row, net.border.cost, request.lang),
        }
        for row in document["exits"]
    ]
    request.table(_exits_title(request, result), columns, rows)
    print_costs(request, result.state, result.vehicle, rows)
    for row in _dependence(document):
        label = "detour_cost" if row["unit"] == net.border.currency else row["figure"]
        low, value, high = (
            "–"
            if row[bound] is None
            else number_text(row[bound], request.lang, digits=_DIGITS.get(row["unit"], 0))
            for bound in ("low", "value", "high")
        )
        unit = "" if row["unit"] in ("share", "index", "days") else f" {row['unit']}"
        name = request.text(f"dependence.{label}", year=document["on"][:4])
        bounds = "" if row["low"] is None and row["high"] is None else f" ({low} … {high})"
        click.echo(f"{name}: {value}{bounds}{unit}")
    if document["not_included"]:
        click.echo(request.text("word.not_included", exits=document["not_included"]))


def _dependence(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the measures of dependence as rows."""
    columns = ("unit", "value", "low", "high", "formula")
    return [
        {"figure": figure, **{name: measure[name] for name in columns}}
        for figure, measure in document["dependence"].items()
    ]
