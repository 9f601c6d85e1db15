"""Commands that read OpenStreetMap: fetch an area, or read an extract."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import amurgeo
from amurgeo.cli import shared, types
from amurgeo.cli.shared import Request
from amurgeo.text import message_in

if TYPE_CHECKING:
    from amurgeo.osm import BuiltArea

_ROWS_SHOWN = 12


@click.group()
def osm() -> None:
    """Convert OpenStreetMap roads, ice roads and ferries to a folder for --data DIR, with their seasons."""


@osm.command()
@shared.options("area area_written")
def fetch(
    request: Request, folder: str, form: str, roads: str | None, cache: str | None, **options: Any
) -> None:
    """Fetch an area through OSMnx and attach it to the dataset.

    The server gets one request at a time. If it refuses or fails, nothing is written and its answers so far
    are kept: the same command continues from there.
    """
    from amurgeo.osm.folder import check_folder

    target = Path(folder)
    check_folder(target)
    answers = request.text("area.answers")

    def progress(n: int, size: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"OpenStreetMap: {n} {answers}, {size / 1e6:.1f} MB\r", nl=False, err=True)

    try:
        area = amurgeo.osm.fetch(
            net=request.net,
            retrieved=datetime.now(tz=UTC).date(),
            cache=cache or target.parent / f".{target.name}-answers",
            main_only=None if roads is None else roads == "main",
            progress=progress,
            **options,
        )
    except amurgeo.osm.FetchError as error:
        shared.note(f"amurgeo: {types.with_options(str(error))}")
        raise click.exceptions.Exit(1) from None
    _write(request, area, target, form)


@osm.command()
@shared.options("file area_written")
def read(request: Request, file: str, folder: str, form: str) -> None:
    """Read FILE, an extract of OpenStreetMap: .osm, .osm.bz2, .osm.gz or .osm.pbf."""
    from amurgeo.osm.folder import check_folder

    check_folder(Path(folder))
    _write(request, amurgeo.osm.read(file, net=request.net), Path(folder), form)


def _write(request: Request, area: BuiltArea, folder: Path, form: str) -> None:
    """Write the area and print its report."""
    from amurgeo.osm.folder import REPORT_FILE

    area.write(folder, form=form)
    report = area.to_dict(form=form)

    def table() -> None:
        for name, columns, rows in _tables(request, report):
            if rows:
                headings = [request.text(column) if column else "" for column in columns.split(",")]
                request.table(request.text(f"area.{name}"), headings, rows[:_ROWS_SHOWN])
            if len(rows) > _ROWS_SHOWN:
                click.echo(request.text("area.more", n=len(rows) - _ROWS_SHOWN, file=folder / REPORT_FILE))
        counts = {"seasonal": report["counts"]["seasonal_roads"], **report["counts"]}
        click.echo(request.text("area.written", folder=folder, **counts))
        click.echo(request.text("area.use", folder=folder, licence=report["licence"]))

    request.emit(report, table, report)


def _tables(request: Request, report: dict[str, Any]) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Yield the title, the headings and the rows of each table of the report."""
    none, replaced = request.text("area.none"), request.text("area.replaced")
    told, km = partial(message_in, lang=request.lang), partial(request.cell, "osm_km")
    rows = [[x["id"], request.cell("moved_km", x["moved_km"]), told(x["how"])] for x in report["attached"]]
    rows += [[id_, "", none] for id_ in report["not_attached"]]
    yield "attached", "head.id,area.moved,area.how", rows
    rows = [
        [
            request.cell("mode", x["mode"]),
            " ".join(map(str, x["ways"])),
            x["crossing"] or none,
            told(x["why"]),
        ]
        for x in report["crossings"]
    ]
    yield "crossings", "head.mode,area.ways,area.crossing,", rows
    rows = [
        [x["road"], km(x["shipped_km"]), km(x["osm_km"]), told(x["why"]) or replaced] for x in report["roads"]
    ]
    yield "roads", "head.id,area.shipped,area.osm,area.outcome", rows
    rows = [
        [str(x["way"]), str(x["n_ways"]), f"{x['key']}={x['text']}", told(x["problem"])]
        for x in sorted(report["remarks"], key=lambda row: (row["read"], -row["n_ways"]))
    ]
    yield "remarks", "area.ways,area.n,area.tag,area.problem", rows
    yield "skipped", "area.problem,area.n", [[told(x), str(n)] for x, n in report["skipped"].items()]
