"""Commands that write maps: self-contained pages that open without a network."""

from __future__ import annotations

from typing import Any

import click

from amurgeo.cli import shared
from amurgeo.cli.shared import Request

_page = shared.together(
    click.option("-o", "--output", "path", required=True, metavar="FILE", help="Where the page is written."),
    shared.common,
)


@click.group("map")
def map_() -> None:
    """Write a map: one page that opens without a network, in the languages of the dataset."""


@map_.command()
@shared.on
@shared.scenario
@shared.assume
@_page
def network(request: Request, on: str | None, path: str, **options: Any) -> None:
    """Map the state of the crossings on a date."""
    from amurgeo.maps import page

    request.write_page(page(request.net.state(on, **options), lang=request.lang), path)


@map_.command()
@click.option("--year", type=shared.YEAR, required=True, metavar="Y", help="The year.")
@shared.scenario
@_page
def season(request: Request, year: int, scenario: Any, path: str) -> None:
    """Map a year, with a slider for the day."""
    from amurgeo.maps import page

    request.write_page(page(request.net, year=year, scenario=scenario, lang=request.lang), path)


@map_.command("compare")
@shared.compared
@shared.on
@shared.vehicle
@shared.assume
@_page
def compare_(request: Request, scenarios: list[Any], path: str, **options: Any) -> None:
    """Map scenarios side by side, with a bar to swipe between them."""
    from amurgeo import compare
    from amurgeo.maps import page

    request.write_page(page(compare(request.net, scenarios, **options), lang=request.lang), path)


@map_.command()
@shared.ends
@shared.on
@shared.k
@shared.vehicle
@shared.scenario
@shared.assume
@_page
def routes(request: Request, origin: str, destination: str, path: str, **options: Any) -> None:
    """Map the routes between two places."""
    from amurgeo import routes as find_routes
    from amurgeo.maps import page

    result = find_routes(request.net, origin, destination, lang=request.lang, **options)
    request.write_page(page(result, lang=request.lang), path)
    if not result.routes:
        raise click.exceptions.Exit(1)
