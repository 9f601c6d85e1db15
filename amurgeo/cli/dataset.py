"""Commands on the dataset: check, new, record, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import amurgeo
from amurgeo.cli import shared, types
from amurgeo.cli.shared import Request
from amurgeo.text import message_in

if TYPE_CHECKING:
    from amurgeo.dataset.checks import CheckResult


@click.command()
@shared.options("checked on_record strict table lang data dataset")
def check(request: Request, what: str | None, on: str | None, strict: bool) -> None:
    """List every fault of the dataset, of your tables or another dataset in DIR, or of a scenario file.

    Exit status 1 if there are faults (with --strict: or warnings).
    """
    result = amurgeo.check(what, own=request.data, dataset=request.dataset, on=on)
    table, faults = lambda: _print_result(request, result), result.to_dict()["faults"]
    request.emit(result, table, rows=faults, columns=result.to_frame().columns)
    if not result.passed(strict=strict):
        raise click.exceptions.Exit(1)


def _print_result(request: Request, result: CheckResult) -> None:
    on = result.on.isoformat()
    title = request.text("title.check", what=result.what, on=on)
    if result.faults:
        rows = [{**vars(x), "problem": message_in(x.problem, request.lang)} for x in result.faults]
        request.table(title, list(result.to_frame()), rows)
    else:
        request.say(title)
    if sums := result.sums:
        counts = ", ".join(f"{table} {count}" for table, count in sums["rows"].items())
        shares = (sums[f"{name}_share"] for name in ("published", "named", "estimated"))
        # Less than all is never 100 %.
        sourced, named, estimated = ("100 %" if x == 1 else f"{min(x * 100, 99.9):.1f} %" for x in shares)
        request.say(request.text("check_sums.rows", rows=counts))
        request.say(request.text("check_sums.sourced", share=sourced, n=sums["values"]))
        request.say(request.text("check_sums.named", share=named, n=sums["named"], m=sums["to_name"]))
        request.say(request.text("check_sums.estimated", share=estimated))
        request.say(request.text("check_sums.lapsed", n=sums["lapsed"], on=on))
    for text in result.notes:
        request.say(message_in(text, request.lang))
    request.say(request.text("check_sums.total", n=result.n_faults, m=result.n_warnings))


@click.command()
@shared.options("folder lang dataset")
def new(request: Request, folder: str) -> None:
    """Create DIR with a template of your tables, a scenario, a script and a description."""
    for path in amurgeo.new(folder, dataset=request.dataset):
        click.echo(str(path))
    request.note("new.next", folder=folder)


@click.command()
@shared.options("crossing event lang dataset")
def record(request: Request, crossing: str, event: str, date: str, **options: Any) -> None:
    """Add an event at CROSSING from DATE on to the season record in DIR."""
    folder = Path(str(request.data))
    own = folder if folder.is_dir() else None
    before = amurgeo.load(own, dataset=request.dataset).record_until.isoformat()
    row = amurgeo.record(folder, crossing, event, date, dataset=request.dataset, **options)
    path = folder / "season_record.csv"
    click.echo(request.text("word.recorded", id=row["id"], path=str(path)))
    click.echo(request.text("word.record_until", date=max(before, row["date"])))


@click.command()
@shared.options("formats on_record scenario vehicle files_of_all")
def export(request: Request, folder: str, formats: str | None, scenario: Any, **options: Any) -> None:
    """Write the network into DIR, or one FILE, for QGIS, Gephi or Excel; with --on also the state."""
    options["scenario"] = scenario if click.get_current_context().params["scenarios"] else None
    names = None if formats is None else types.listed(formats)
    for path in amurgeo.export.write(request.net, folder, formats=names, lang=request.lang, **options):
        click.echo(str(path))
