"""Commands on the dataset: check, new, record, export."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.errors import Fault, InputError

if TYPE_CHECKING:
    from amurgeo.dataset.checks import CheckResult

_COLUMNS = ("severity", "file", "row", "column", "check", "problem")


@click.command()
@click.argument("what", metavar="[DIR|FILE.toml]", required=False)
@shared.on
@click.option("--strict", is_flag=True, help="Warnings count as faults.")
@shared.format_("table", "csv", "json")
@shared.common
def check(request: Request, what: str | None, on: str | None, strict: bool) -> None:
    """List every fault of the dataset, of your tables or another dataset in DIR, or of a scenario file.

    Exit status 1 if there are faults (with --strict: or warnings).
    """
    from dataclasses import replace

    from amurgeo.dataset.border import BORDER_FILE
    from amurgeo.dataset.checks import CheckResult, check_tables, in_order
    from amurgeo.text import parse_day

    day = None if on is None else parse_day(on)
    if what is not None and what.endswith(".toml"):
        if not os.path.isfile(what):
            raise InputError(f"file not found: '{what}'; expected a scenario file or a folder of tables")
        day = day or request.net.record_until
        result = CheckResult(what, day, tuple(_scenario_faults(Path(what), request, request.data)))
    else:
        folder = what or request.data
        if folder is not None and os.path.isfile(os.path.join(folder, BORDER_FILE)):
            request.dataset, folder = folder, None
        dataset = None if request.dataset is None else request.folder
        result = check_tables(None if folder is None else Path(folder), on=day, dataset=dataset)
        if folder is not None or dataset is not None:
            # Scenarios may refer to the tables, if these can be read.
            data = folder if result.n_faults == 0 else None
            files = sorted(
                (dataset or Path()).glob("scenarios/*.toml")
                if folder is None
                else Path(folder).glob("*.toml")
            )
            faults = [fault for path in files for fault in _scenario_faults(path, request, data)]
            result = replace(result, faults=in_order([*result.faults, *faults]))
    document = result.to_dict()
    request.emit(document, lambda: _print_result(request, result), rows=document["faults"], columns=_COLUMNS)
    if not result.passed(strict=strict):
        raise click.exceptions.Exit(1)


def _scenario_faults(path: Path, request: Request, data: str | None) -> list[Fault]:
    """Return the faults of a scenario file, each with its key."""
    from amurgeo import load
    from amurgeo.scenario import as_scenario

    try:
        scenario = as_scenario(path, folder=request.folder)
        net = load(data, dataset=request.dataset)
        # A state checks that every target of a change exists.
        net.state(None if scenario.day else net.record_until, scenario=scenario)
    except InputError as error:
        faults = []
        for part in re.split(r"; (?=key ')", str(error).removeprefix(f"{path.name}: ")):
            key = re.search(r"key '([^']*)': ", part)
            line = re.search(r"at line (\d+)", part)
            problem = part.replace(key.group(0), "", 1) if key else part
            row, column = int(line.group(1)) if line else None, key.group(1) if key else None
            faults.append(Fault(path.name, row, column, "scenario", problem))
        return faults
    return []


def _print_result(request: Request, result: CheckResult) -> None:
    on = result.on.isoformat()
    title = request.text("title.check", what=result.what, on=on)
    if result.faults:
        request.table(title, _COLUMNS, [vars(fault) for fault in result.faults])
    else:
        click.echo(title)
    sums = result.sums
    if sums:
        rows = ", ".join(f"{table} {count}" for table, count in sums["rows"].items())
        shares = [sums[f"{name}_share"] for name in ("sourced", "named", "estimated")]
        # Less than all is never 100 %.
        sourced, named, estimated = (
            "100 %" if share == 1 else f"{min(share * 100, 99.9):.1f} %" for share in shares
        )
        click.echo(request.text("check_sums.rows", rows=rows))
        click.echo(request.text("check_sums.sourced", share=sourced, n=sums["values"]))
        click.echo(request.text("check_sums.named", share=named, n=sums["named"], m=sums["to_name"]))
        click.echo(request.text("check_sums.estimated", share=estimated))
        click.echo(request.text("check_sums.lapsed", n=sums["lapsed"], on=on))
    for text in result.notes:
        click.echo(text)
    click.echo(request.text("check_sums.total", n=result.n_faults, m=result.n_warnings))


@click.command()
@click.argument("folder", metavar="DIR")
@shared.lang
@shared.dataset
@shared.shared
def new(request: Request, folder: str) -> None:
    """Create DIR with a template of your tables, a scenario, a script and a description."""
    from amurgeo.dataset.template import new_folder

    for path in new_folder(Path(folder), dataset=None if request.dataset is None else request.folder):
        click.echo(str(path))
    shared.note(request.text("new.next", folder=folder))


@click.command()
@click.argument("crossing")
@click.argument("event", metavar="[open|close|suspend|resume|weight_limit|hours]")
@click.argument("date", metavar="DATE")
@click.option("--source", required=True, metavar="URL", help="Address of the notice, or a known source's id.")
@click.option("--data", required=True, metavar="DIR", help="Folder of your tables; created if missing.")
@shared.option(
    "--traffic", type=click.Choice(["cargo", "passenger", "both"]), default="both", help="Kind of traffic."
)
@click.option("--until", metavar="DATE", help="Last day of a suspension.")
@click.option("--value", default="", metavar="TEXT", help="Limit in tonnes, or the hours.")
@click.option("--reason", default="", metavar="CODE", help="Reason code, for instance holiday or high_water.")
@click.option("--note", default="", metavar="TEXT", help="Note for readers.")
@shared.lang
@shared.dataset
@shared.shared
def record(request: Request, crossing: str, event: str, date: str, **options: Any) -> None:
    """Add an event at CROSSING from DATE on to the season record in DIR."""
    from amurgeo.dataset.observations import record_event

    folder = Path(str(request.data))
    row = record_event(folder, crossing, event, date, dataset=request.folder, **options)
    click.echo(request.text("word.recorded", id=row["id"], path=str(folder / "season_record.csv")))
    click.echo(request.text("word.record_until", date=request.net.record_until.isoformat()))


@click.command()
@click.argument("folder", metavar="DIR")
@shared.option(
    "--formats", default="gpkg,geojson,graphml,csv", metavar="F,F,…", help="Formats; also parquet, xlsx."
)
@shared.on
@shared.scenario
@shared.common
def export(request: Request, folder: str, formats: str, on: str | None, scenario: Any) -> None:
    """Write the network into DIR for QGIS, Gephi or Excel; with --on or --scenario the state too."""
    from amurgeo.export import export_network

    state = None
    if on is not None or click.get_current_context().params["scenarios"]:
        state = request.net.state(on, scenario=scenario)
    names = shared.listed(formats)
    for path in export_network(request.net, folder, formats=names, state=state, lang=request.lang):
        click.echo(str(path))
