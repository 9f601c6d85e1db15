"""Commands that write maps: the views of one self-contained page that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from amurgeo.cli import route, shared, types
from amurgeo.cli.shared import Request


def _page(*figures: str) -> shared.Decorator:
    """Return the options of a page, which may be drawn as a figure instead."""
    text = f"FILE.html for the page{' (or .' + ', .'.join(figures) + ' for a figure)' if figures else ''}."
    file_type = types.FILE(*types.PAGE_TYPES, *figures)
    option = click.option("-o", "--output", "path", type=file_type, required=True, metavar="FILE", help=text)
    return shared.together(option, shared.common)


def _is_page(path: str) -> bool:
    return Path(path).suffix.lower()[1:] in types.PAGE_TYPES


def _write(request: Request, path: str, given: Any, figure: str = "", *drawn: Any, **options: Any) -> None:
    """Write the page of a map, or the figure in its place."""
    from amurgeo.maps import page

    if not _is_page(path):
        request.draw(path, figure, *drawn, option="-o")
        return
    options["lang"] = request.lang
    request.write_file(path, lambda path: page(given, **options).save(Path(path)), kind="page")


@click.group("map")
def map_() -> None:
    """Write a map: one page that opens without a network, in the languages of the dataset."""


@map_.command()
@shared.on
@shared.scenario
@shared.assume
@_page(*types.FIGURE_TYPES)
def network(request: Request, on: str | None, path: str, **options: Any) -> None:
    """Map the state of the crossings on a date."""
    state = request.net.state(on, **options)
    _write(request, path, state, "network_figure", state.net, state)


@map_.command()
@click.option("--year", type=types.YEAR, required=True, metavar="Y", help="The year.")
@shared.scenario
@_page(*types.FIGURE_TYPES)
def season(request: Request, year: int, scenario: Any, path: str) -> None:
    """Map a year, with a slider for the day and a bar per crossing."""
    from amurgeo import calendar

    net = request.net
    if _is_page(path):
        _write(request, path, net, year=year, scenario=scenario)
    else:
        days = calendar(net, year, scenario=scenario)
        request.draw(path, "calendar_figure", days, year=year, net=net, option="-o")


@map_.command("compare")
@shared.compared
@shared.on
@shared.vehicle
@shared.assume
@_page(*types.FIGURE_TYPES)
def compare_(request: Request, scenarios: list[Any], path: str, **options: Any) -> None:
    """Map a scenario against a base case: what opens and closes, and hours between the main towns."""
    from amurgeo import compare

    result = compare(request.net, scenarios, **options)
    states = [result.states[0][0], *(alternative for _, alternative in result.states)]
    _write(request, path, result, "network_figure", result.net, states)


@map_.command()
@route.question
@click.option("--promise", is_flag=True, help="Add by day of departure when the journey arrives, how surely.")
@click.option("--by", metavar="DATE", help="With --promise: deadline, as 2027-04-30 or 2027-04-30T12:00.")
@click.option("--queues", is_flag=True, help="Add the hours in the queues by day.")
@_page()
def routes(request: Request, origin: str, destination: str, path: str, **options: Any) -> None:
    """Map the routes between two places."""
    added = {name: options.pop(name) for name in ("promise", "by", "queues")}
    result = route.find(request, origin, destination, **options)
    _write(request, path, result, **added)
    if not result.routes:
        raise click.exceptions.Exit(1)
