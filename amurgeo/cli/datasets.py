"""Commands about the dataset: check it, start an own one, record an event, export."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from amurgeo.cli import options
from amurgeo.cli.output import note, print_csv, print_json, print_table

if TYPE_CHECKING:
    from datetime import date

    from amurgeo.dataset.checks import CheckResult
    from amurgeo.errors import Fault

_FORMATS = ("gpkg", "geojson", "parquet", "graphml", "csv", "xlsx")
_EVENTS = ("open", "close", "suspend", "resume", "weight_limit", "hours")
_COLUMNS = ("severity", "file", "row", "column", "check", "problem")


@click.command()
@click.argument("what", metavar="[DIR|FILE.toml]", required=False)
@options.on
@click.option("--strict", is_flag=True, help="Warnings count as faults.")
@options.plain_format
@options.lang
@options.data
def check(what: str | None, on: str | None, strict: bool, format_: str, lang: str, data: str | None) -> None:
    """Find every fault at once: of the shipped dataset, of own tables in DIR, or of a scenario file.

    Exit status 1 when there are faults (with --strict: or warnings).
    """
    day = _day(on)
    if what is not None and what.endswith(".toml"):
        result = _check_file(Path(what), data, day)
    else:
        folder = what or data
        result = _check_folder(None if folder is None else Path(folder), day)
    document = result.to_dict()
    if format_ == "json":
        print_json(document)
    elif format_ == "csv":
        print_csv(document["faults"], _COLUMNS)
    else:
        _print_result(result, lang)
    if not result.passed(strict=strict):
        sys.exit(1)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    from amurgeo.text import parse_day

    return parse_day(text)


def _check_folder(folder: Path | None, day: date | None) -> CheckResult:
    """Check tables and, in a folder of one's own, the scenario files beside them."""
    from dataclasses import replace

    from amurgeo.dataset.checks import check_tables, in_order

    result = check_tables(folder, on=day)
    if folder is None:
        return result
    readable = result.n_faults == 0
    faults = [
        fault
        for path in sorted(folder.glob("*.toml"))
        for fault in _scenario_faults(path, folder if readable else None)
    ]
    return replace(result, faults=in_order([*result.faults, *faults]))


def _check_file(path: Path, data: str | None, day: date | None) -> CheckResult:
    from amurgeo.dataset.checks import CheckResult
    from amurgeo.errors import InputError
    from amurgeo.network import load

    if not os.path.isfile(path):
        raise InputError(f"there is no file '{path}'; give a scenario file or a folder of tables")
    return CheckResult(
        str(path),
        day or load(data).record_until,
        tuple(_scenario_faults(path, None if data is None else Path(data))),
    )


def _scenario_faults(path: Path, own: Path | None) -> list[Fault]:
    """Return what is wrong in a scenario file, each key by its name."""
    from amurgeo.errors import Fault, InputError
    from amurgeo.network import load
    from amurgeo.scenario import as_scenario

    try:
        scenario = as_scenario(path)
        net = load(own)
        # A state names every target that there is not.
        net.state(None if scenario.day else net.record_until, scenario=scenario)
    except InputError as error:
        said = str(error).removeprefix(f"{path.name}: ")
        faults = []
        for part in re.split(r"; (?=key ')", said):
            key = re.search(r"key '([^']*)': ", part)
            line = re.search(r"at line (\d+)", part)
            faults.append(
                Fault(
                    path.name,
                    int(line.group(1)) if line else None,
                    key.group(1) if key else None,
                    "scenario",
                    part.replace(key.group(0), "", 1) if key else part,
                )
            )
        return faults
    return []


def _print_result(result: CheckResult, lang: str) -> None:
    from amurgeo.text import translate, words

    if result.faults:
        rows = [
            [
                translate(f"severity.{fault.severity}", lang),
                fault.file,
                "" if fault.row is None else str(fault.row),
                fault.column or "",
                translate(f"check.{fault.check}", lang) if f"check.{fault.check}" in words() else fault.check,
                fault.problem,
            ]
            for fault in result.faults
        ]
        print_table(
            translate("title.check", lang, what=result.what, on=result.on.isoformat()),
            [translate(f"head.{name}", lang) for name in _COLUMNS],
            rows,
            right=(2,),
        )
    else:
        click.echo(translate("title.check", lang, what=result.what, on=result.on.isoformat()))
    sums = result.sums
    if sums:
        counted = ", ".join(f"{table} {count}" for table, count in sums["rows"].items())
        click.echo(translate("check_sums.rows", lang, rows=counted))
        click.echo(
            translate("check_sums.sourced", lang, share=_percent(sums["sourced_share"]), n=sums["values"])
        )
        click.echo(
            translate(
                "check_sums.named",
                lang,
                share=_percent(sums["named_share"]),
                n=sums["named"],
                m=sums["to_name"],
            )
        )
        click.echo(translate("check_sums.estimated", lang, share=_percent(sums["estimated_share"])))
        click.echo(translate("check_sums.lapsed", lang, n=sums["lapsed"], on=result.on.isoformat()))
    for text in result.notes:
        click.echo(text)
    click.echo(translate("check_sums.total", lang, n=result.n_faults, m=result.n_warnings))


def _percent(share: float) -> str:
    """Write a share in percent; only a whole one is 100."""
    percent = share * 100
    return "100 %" if share == 1 else f"{min(percent, 99.9):.1f} %"


@click.command()
@click.argument("folder", metavar="DIR")
@options.lang
def new(folder: str, lang: str) -> None:
    """Make DIR, a folder to start from: own tables, a scenario, a script and a description."""
    from amurgeo.dataset.template import new_folder
    from amurgeo.text import translate

    for path in new_folder(Path(folder)):
        click.echo(str(path))
    note(translate("new.next", lang, folder=folder))


@click.command()
@click.argument("crossing")
@click.argument("event", metavar=f"[{'|'.join(_EVENTS)}]")
@click.argument("date_", metavar="DATE")
@click.option("--source", required=True, metavar="URL", help="Address of the notice, or a known source's id.")
@click.option("--data", required=True, metavar="DIR", help="Folder with own tables; made when missing.")
@click.option(
    "--traffic",
    type=click.Choice(["cargo", "passenger", "both"]),
    default="both",
    show_default=True,
    help="Kind of traffic.",
)
@click.option("--until", metavar="DATE", help="Last day of a suspension.")
@click.option("--value", default="", metavar="TEXT", help="Limit in tonnes, or the hours.")
@click.option("--reason", default="", metavar="CODE", help="Reason code, for instance holiday or high_water.")
@click.option("--note", "remark", default="", metavar="TEXT", help="What a reader should know.")
@options.lang
def record(
    crossing: str,
    event: str,
    date_: str,
    source: str,
    data: str,
    traffic: str,
    until: str | None,
    value: str,
    reason: str,
    remark: str,
    lang: str,
) -> None:
    """Add one line to the season record in DIR: what happened at CROSSING from DATE on."""
    from amurgeo.dataset.observations import record_event
    from amurgeo.network import load
    from amurgeo.text import translate

    line = record_event(
        Path(data),
        crossing,
        event,
        date_,
        source=source,
        traffic=traffic,
        until=until,
        value=value,
        reason=reason,
        note=remark,
    )
    click.echo(translate("word.recorded", lang, id=line["id"], path=str(Path(data) / "season_record.csv")))
    click.echo(translate("word.record_until", lang, date=load(data).record_until.isoformat()))


@click.command()
@click.argument("folder", metavar="DIR")
@click.option(
    "--formats",
    default="gpkg,geojson,graphml,csv",
    show_default=True,
    metavar="F,F,…",
    help=f"Some of {','.join(_FORMATS)}.",
)
@options.on
@options.scenario
@options.lang
@options.data
def export(
    folder: str, formats: str, on: str | None, scenarios: tuple[str, ...], lang: str, data: str | None
) -> None:
    """Write the network into DIR for QGIS, Gephi or Excel; with --on or --scenario the state too."""
    scenario: Any = options.joined_scenario(scenarios) if scenarios else None

    from amurgeo.export import export_network
    from amurgeo.network import load

    net = load(data)
    state = None if on is None and scenario is None else net.state(on, scenario=scenario)
    wanted = options.listed(formats)
    for path in export_network(net, folder, formats=wanted, state=state, lang=lang):
        click.echo(str(path))
