"""The commands that write maps: self-contained pages that open without a network."""

from __future__ import annotations

import click

from amurgeo.cli import options
from amurgeo.cli.output import write_page

output = click.option("-o", "--output", required=True, metavar="FILE", help="Where the page is written.")


@click.group("map")
def map_() -> None:
    """Write a map: one page that opens without a network, in three languages."""


@map_.command()
@options.on
@options.scenario
@output
@options.lang
@options.data
def network(on: str | None, scenarios: tuple[str, ...], output: str, lang: str, data: str | None) -> None:
    """What is open on one day."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.maps import network_map
    from amurgeo.network import load

    state = load(data).state(on, scenario=scenario)
    write_page(network_map(state.net, state, lang=lang), output, lang)


@map_.command()
@click.option("--year", type=int, required=True, metavar="Y", help="The year.")
@options.scenario
@output
@options.lang
@options.data
def season(year: int, scenarios: tuple[str, ...], output: str, lang: str, data: str | None) -> None:
    """A year with a slider over its days."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.maps import season_map
    from amurgeo.network import load
    from amurgeo.network.additions import with_additions
    from amurgeo.seasons.calendar import calendar

    net = with_additions(load(data), scenario)
    write_page(season_map(net, calendar(net, year, scenario=scenario), year=year, lang=lang), output, lang)


@map_.command("compare")
@click.argument("base")
@click.argument("alternatives", nargs=-1, required=True)
@options.on
@options.vehicle
@output
@options.lang
@options.data
def compare_(
    base: str,
    alternatives: tuple[str, ...],
    on: str | None,
    vehicle: str,
    output: str,
    lang: str,
    data: str | None,
) -> None:
    """Scenarios side by side, with a bar to swipe between them."""
    from amurgeo.scenario import as_scenario

    scenarios = [as_scenario(text) for text in (base, *alternatives)]

    from amurgeo.comparison.compare import compare
    from amurgeo.network import load

    write_page(compare(load(data), scenarios, on=on, vehicle=vehicle).map(lang=lang), output, lang)


@map_.command()
@click.argument("origin")
@click.argument("destination")
@options.on
@click.option(
    "-k", "k", type=click.IntRange(1, 50), default=4, show_default=True, help="How many routes at most."
)
@options.vehicle
@options.scenario
@output
@options.lang
@options.data
def routes(
    origin: str,
    destination: str,
    on: str | None,
    k: int,
    vehicle: str,
    scenarios: tuple[str, ...],
    output: str,
    lang: str,
    data: str | None,
) -> None:
    """The alternatives between two places."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.maps import routes_map
    from amurgeo.network import load
    from amurgeo.routing.routes import routes as find_routes

    found = find_routes(
        load(data), origin, destination, on=on, k=k, vehicle=vehicle, scenario=scenario, lang=lang
    )
    write_page(routes_map(found.state.net, found.state, found, lang=lang), output, lang)
    if not found.routes:
        raise click.exceptions.Exit(1)
