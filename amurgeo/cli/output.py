"""What the command line prints and writes: tables for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

#: Width of a table that is not printed on a terminal.
PIPE_WIDTH = 150


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
    for position, heading in enumerate(headings):
        table.add_column(Text(heading), justify="right" if position in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def note(text: str) -> None:
    """Say something on the side, on stderr."""
    click.echo(text, err=True)
