"""Commands that write maps: the views of one self-contained page that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import amurgeo
from amurgeo.cli import route, shared, types
from amurgeo.cli.shared import Request


def _is_page(path: str) -> bool:
    return Path(path).suffix.lower()[1:] in types.PAGE_TYPES


def _write(request: Request, path: str, given: Any, figure: str = "", *drawn: Any, **options: Any) -> None:
    """Write the page of a map, or the figure in its place."""
    if not _is_page(path):
        request.draw(figure, *drawn, path=path, option="-o")
        return
    options["lang"] = request.lang
    request.write_file(path, lambda path: amurgeo.maps.page(given, **options).save(Path(path)), kind="page")


@click.group("map")
def map_() -> None:
    """Write a map: one page that opens without a network, in the languages of the dataset."""


@map_.command()
@shared.options("on scenario assume page_or_figure common")
def network(request: Request, on: str | None, path: str, **options: Any) -> None:
    """Map the state of the crossings on a date."""
    state = request.net.state(on, **options)
    _write(request, path, state, "network_figure", state.net, state)


@map_.command()
@shared.options("map_year scenario page_or_figure common")
def season(request: Request, year: int, scenario: Any, path: str) -> None:
    """Map a year, with a slider for the day and a bar per crossing."""
    net = request.net
    if _is_page(path):
        _write(request, path, net, year=year, scenario=scenario)
    else:
        days = amurgeo.calendar(net, year, scenario=scenario)
        request.draw("calendar_figure", days, path=path, year=year, net=net, option="-o")


@map_.command("compare")
@shared.options("compared on vehicle assume page_or_figure common")
def compare_(request: Request, scenarios: list[Any], path: str, **options: Any) -> None:
    """Map a scenario against a base case: what opens and closes, and hours between the main towns."""
    result = amurgeo.compare(request.net, scenarios, **options)
    states = [result.states[0][0], *(alternative for _, alternative in result.states)]
    _write(request, path, result, "network_figure", result.net, states)


@map_.command()
@shared.options("question promised queues page common")
def routes(request: Request, origin: str, destination: str, path: str, **options: Any) -> None:
    """Map the routes between two places."""
    added = {name: options.pop(name) for name in ("promise", "by", "queues")}
    result = route.find(request, origin, destination, **options)
    _write(request, path, result, **added)
    if not result.routes:
        raise click.exceptions.Exit(1)
