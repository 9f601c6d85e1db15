"""The command that writes the decision sheet."""

from __future__ import annotations

import click

from amurgeo.cli import options
from amurgeo.cli.output import note


@click.command()
@click.argument("scenarios", nargs=-1)
@click.option("-o", "--output", required=True, metavar="FILE", help="Where the sheet is written.")
@options.on
@click.option("--year", type=int, metavar="Y", help="Compare every day of a year.")
@click.option("--from", "first", metavar="DATE", help="Compare every day from this one …")
@click.option("--to", "last", metavar="DATE", help="… to this one.")
@options.vehicle
@options.lang
@options.data
def report(
    scenarios: tuple[str, ...],
    output: str,
    on: str | None,
    year: int | None,
    first: str | None,
    last: str | None,
    vehicle: str,
    lang: str,
    data: str | None,
) -> None:
    """Write the decision sheet: two printed pages on what SCENARIOS change, in one file.

    The first scenario is the base, up to three others are held against it; a single one is held against the
    baseline. Without any: frozen against open.
    """
    from amurgeo.scenario import as_scenario

    given = [as_scenario(text) for text in scenarios or ("frozen", "open")]
    if len(given) == 1:
        given.insert(0, as_scenario("baseline"))

    from amurgeo.comparison.compare import compare
    from amurgeo.network import load
    from amurgeo.report import write_sheet
    from amurgeo.report.page import check_number, check_path
    from amurgeo.text import translate

    check_number(len(given) - 1)
    check_path(output)
    result = compare(load(data), given, on=on, year=year, first=first, last=last, vehicle=vehicle)
    write_sheet(result, output, lang=lang)
    note(translate("sheet.written", lang, path=output))
