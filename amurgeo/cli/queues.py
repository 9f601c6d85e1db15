"""Commands on what crossings can clear: queues, capacity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.errors import InputError
from amurgeo.text import decimal_point

_SUMMARY = ("scenario", "crossing", "queue_max", "on", "gone", "wait_max_h", "wait_mean_h", "truck_days",
            "diverted")  # fmt: skip


def _demand(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    """Read a factor, as 1.2 or x1,2; other text is a file."""
    number = None if value is None else decimal_point(value.strip().lstrip("×xXхХ"))
    try:
        return number and float(number)
    except ValueError:
        return value


def _capacity(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> Any:
    """Read CROSSING=N or CROSSING=LOW:N:HIGH; other text is a file."""
    numbers: dict[str, Any] = {}
    for value in values:
        crossing, equals, text = value.rpartition("=")
        if not equals:
            if len(values) > 1:
                raise click.BadParameter(f"'{value}' is a file; expected one file, or only CROSSING=N")
            return value
        try:
            parts = [float(decimal_point(part)) for part in text.split(":")]
        except ValueError:
            raise click.BadParameter(
                f"'{value}' is invalid; expected CROSSING=N or CROSSING=LOW:N:HIGH"
            ) from None
        if crossing.strip() in numbers:
            raise click.BadParameter(f"'{crossing}' is given twice; expected each crossing once")
        numbers[crossing.strip()] = parts[0] if len(parts) == 1 else parts
    return numbers or None


given = shared.together(
    click.option(
        "--demand",
        callback=_demand,
        metavar="X_OR_FILE",
        help="Factor of the demand at home, or a table of demand that replaces it.",
    ),
    click.option(
        "--capacity",
        multiple=True,
        callback=_capacity,
        metavar="CROSSING=N",
        help="Trucks a day of a crossing, as N or LOW:N:HIGH, or a table; repeat for more crossings.",
    ),
)


@click.command()
@click.argument("base")
@click.argument("alternatives", nargs=-1)
@click.option("--from", "start", type=shared.DAY, required=True, metavar="DATE", help="First day.")
@click.option("--to", "end", type=shared.DAY, required=True, metavar="DATE", help="Last day.")
@given
@shared.option("--known-days", type=int, default=0, help="Days before it from which a dated change is known.")
@click.option("--lane", metavar="CROSSING", help="Value one lane more of a crossing.")
@shared.option(
    "--draws", type=int, default=0, help="Draws from the ranges of what is assumed, for P10 to P90."
)
@click.option("--seed", type=int, help="Seed of the draws.")
@shared.assume
@click.option("--png", metavar="FILE", help="Draw the last scenario into FILE.png, .svg or .pdf.")
@shared.printed
def queues(request: Request, scenarios: list[Any], png: str | None, **options: Any) -> None:
    """Show queues day by day under BASE and ALTERNATIVES: who waits and how long, who goes round.

    CSV has a row per scenario, day and crossing; a file has these days, trucks by class and the summary.
    """
    from amurgeo import queues as queues_of

    result = queues_of(request.net, scenarios, **options)
    if png is not None:
        try:
            result.figure(lang=request.lang, path=png)
        except InputError as error:
            raise InputError(f"--png: {error}") from None
        shared.note(request.text("word.file_written", path=png))
    document = result.to_dict(request.lang)

    def table() -> None:
        for sentence in document["sentences"]:
            click.echo(f"• {sentence}")
        columns = [*_SUMMARY, *(["lane_value"] if options["lane"] else [])]
        first, last = (day.isoformat() for day in result.period)
        rows = [{**row, **{name: _whole(row[name]) for name in columns[2:]}} for row in document["summary"]]
        request.table(request.text("title.queues", first=first, last=last), columns, rows, right=columns[2:])

    files = lambda: {name: getattr(result, name) for name in ("days", "trucks", "summary")}  # noqa: E731
    request.emit(document, table, net=result.net, rows=document["days"], files=files, unknown=result.unknown)


def _whole(value: Any) -> Any:
    """Return a number of trucks or hours without digits behind the point."""
    return f"{value:.0f}" if isinstance(value, float) else value


@click.command()
@click.argument("year", type=int)
@shared.scenario
@given
@shared.assume
@shared.printed
def capacity(request: Request, year: int, **options: Any) -> None:
    """Show what the home crossings can clear in each month of YEAR, beside the demand."""
    from amurgeo import capacity as capacity_of

    frame = capacity_of(request.net, year, **options)
    document = frame.to_dict()

    def table() -> None:
        yes = {True: request.text("word.yes"), False: ""}
        rows = [
            {
                **row,
                "in_cut": yes[row["in_cut"]],
                "ratio": "" if row["ratio"] is None else f"{row['ratio']:.2f}",
            }
            for row in document
        ]
        for row in rows:
            row |= {name: _whole(row[name]) for name in ("trucks_per_day", "tonnes_per_day", "demand")}
        columns = list(document[0])
        request.table(request.text("title.capacity", year=year), columns, rows, right=columns[2:6])
        click.echo(request.text("queue.estimates"))

    request.emit(document, table, net=request.net, unknown=frame.unknown)
