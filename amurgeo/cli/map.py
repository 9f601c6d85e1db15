"""Commands that write maps: the views of one self-contained page that opens without a network."""

from __future__ import annotations

from functools import partial
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
    from amurgeo.figures import network_figure
    from amurgeo.maps import page

    state = request.net.state(on, **options)
    draw = partial(network_figure, state.net, state)
    request.write_page(lambda: page(state, lang=request.lang), path, figure=draw)


@map_.command()
@click.option("--year", type=types.YEAR, required=True, metavar="Y", help="The year.")
@shared.scenario
@_page(*types.FIGURE_TYPES)
def season(request: Request, year: int, scenario: Any, path: str) -> None:
    """Map a year, with a slider for the day and a bar per crossing."""
    from amurgeo import calendar
    from amurgeo.figures import calendar_figure
    from amurgeo.maps import page

    net = request.net
    request.write_page(
        lambda: page(net, year=year, scenario=scenario, lang=request.lang),
        path,
        figure=lambda **form: calendar_figure(
            calendar(net, year, scenario=scenario), year=year, net=net, **form
        ),
    )


@map_.command("compare")
@shared.compared
@shared.on
@shared.vehicle
@shared.assume
@_page(*types.FIGURE_TYPES)
def compare_(request: Request, scenarios: list[Any], path: str, **options: Any) -> None:
    """Map a scenario against a base case: what opens and closes, and hours between the main towns."""
    from amurgeo import compare
    from amurgeo.figures import network_figure
    from amurgeo.maps import page

    result = compare(request.net, scenarios, **options)
    states = [result.states[0][0], *(alternative for _, alternative in result.states)]
    draw = partial(network_figure, result.net, states)
    request.write_page(lambda: page(result, lang=request.lang), path, figure=draw)


@map_.command()
@route.question
@_page()
def routes(request: Request, origin: str, destination: str, path: str, **options: Any) -> None:
    """Map the routes between two places."""
    from amurgeo.maps import page

    result = route.find(request, origin, destination, **options)
    request.write_page(lambda: page(result, lang=request.lang), path)
    if not result.routes:
        raise click.exceptions.Exit(1)
