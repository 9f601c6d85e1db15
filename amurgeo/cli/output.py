"""What the command line prints and writes: tables for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from amurgeo.network import Network

#: Width of a table that is not printed on a terminal.
PIPE_WIDTH = 170


def print_json(document: Any) -> None:
    """Print one JSON document and nothing else."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))


def print_csv(records: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print records as CSV with a byte-order mark, so that Excel reads Cyrillic and Chinese."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(columns), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(
        {
            name: ";".join(map(str, value)) if isinstance(value, list | tuple) else value
            for name, value in record.items()
        }
        for record in records
    )
    click.echo("\ufeff" + buffer.getvalue(), nl=False)


def print_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> None:
    """Print a table for people.

    Parameters
    ----------
    title
        Line above the table.
    headings
        Heading of each column.
    rows
        Cells as text.
    right
        Positions of the columns that are aligned to the right.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    table = Table(box=box.SIMPLE_HEAD, title=Text(title, style="bold"), title_justify="left", pad_edge=False)
    widths = _widths(headings, rows, console.width)
    for position, heading in enumerate(headings):
        table.add_column(
            Text(heading),
            justify="right" if position in right else "left",
            overflow="fold",
            width=widths[position] if widths else None,
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return widths at which no cell is broken and headings break between words; empty when room is short."""
    from rich.cells import cell_len

    widths = [
        max(map(cell_len, [" ", *heading.split(), *(row[position] for row in rows)]))
        for position, heading in enumerate(headings)
    ]
    spare = room - sum(widths) - 3 * len(widths)
    if spare < 0:
        return []
    for _ in range(spare):
        # The heading that is broken most gets the room.
        lines = [cell_len(heading) / width for heading, width in zip(headings, widths, strict=True)]
        if max(lines) > 1:
            widths[lines.index(max(lines))] += 1
    return widths


def write_file(
    path: str,
    tables: Mapping[str, pd.DataFrame],
    net: Network,
    *,
    lang: str,
    gaps: Mapping[str, str] | None = None,
) -> None:
    """Write tables to FILE.xlsx, .csv or .gpkg, with the sources and what the tables take for granted.

    Parameters
    ----------
    path
        The file.
    tables
        Frames by name; one with a crossing in a column gets the crossing's line in a GeoPackage.
    net
        The network that the tables come from.
    lang
        Language of the headings.
    gaps
        What is put into the gaps of headings.
    """
    from amurgeo.export import write_tables
    from amurgeo.text import translate

    drawn = path.lower().endswith(".gpkg")
    shown = {
        name: with_lines(frame, net.crossings.geometry)
        if drawn
        else frame.drop(columns="geometry", errors="ignore")
        for name, frame in tables.items()
    }
    assumptions = [
        translate("word.record_until", lang, date=net.record_until.isoformat()),
        translate("word.estimates_plain", lang),
    ]
    for written in write_tables(
        path, shown, lang=lang, sources=net.sources, assumptions=assumptions, gaps=gaps
    ):
        note(translate("word.file_written", lang, path=written))


def write_page(page: Any, path: str | Path, lang: str, *, option: str = "-o") -> None:
    """Write a map's page and say so.

    Parameters
    ----------
    page
        The map.
    path
        The file; its folder is made when missing.
    lang
        Language of what is said.
    option
        The option that named the file.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    from amurgeo.errors import InputError
    from amurgeo.text import translate

    try:
        page.save(Path(path))
    except InputError as error:
        raise InputError(f"{option}: {error}") from None
    note(translate("word.page_written", lang, path=path))


def with_lines(frame: pd.DataFrame, lines: gpd.GeoSeries) -> pd.DataFrame:
    """Give each row that names a crossing its line; other frames stay as they are.

    Parameters
    ----------
    frame
        A table; a crossing stands in a column or in the index.
    lines
        Lines by crossing.
    """
    import geopandas as gpd

    plain = frame.reset_index() if "crossing" in frame.index.names else frame
    if "crossing" not in plain.columns or isinstance(frame, gpd.GeoDataFrame):
        return frame
    return gpd.GeoDataFrame(plain, geometry=lines.reindex(plain["crossing"]).to_numpy(), crs=lines.crs)


def note(text: str) -> None:
    """Say something on the side, on stderr."""
    click.echo(text, err=True)
