"""Commands on the state of the crossings: state, calendar, dates, next, forecast, queues, capacity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import click

from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.errors import InputError
from amurgeo.text import decimal_point

_RUN = ("crossing", "traffic", "status", "reason")
_NEXT = ("crossing", "traffic", "status", "change_next", "p10", "p50", "p90", "days_until", "last_safe_day",
         "next_stop")  # fmt: skip

_SUMMARY = ("crossing", "queue_max", "on", "gone", "wait_max_h", "wait_mean_h", "truck_days", "diverted",
            "lane_value")  # fmt: skip


@click.command()
@shared.on
@shared.scenario
@shared.assume
@shared.printed_with_lines
def state(request: Request, on: str | None, scenario: Any, assume: str | None) -> None:
    """Show the status of each crossing on a date and why: a row per crossing and kind of traffic."""
    state = request.net.state(on, scenario=scenario, assume=assume)
    rows = state.to_dict(request.lang)
    share = ["capacity_share"] if any(row["capacity_share"] < 1 for row in rows) else []
    columns = (*_RUN, "max_mass_t", *share, "probability_open", "evidence", "confidence", "because")
    lines = lambda: state.to_gdf(lang=request.lang).set_index("crossing")  # noqa: E731
    title = request.text("title.state", on=state.on.isoformat())
    table = lambda: request.table(title, columns, rows)  # noqa: E731
    request.emit(rows, table, net=state.net, lines=lines, unknown=state.unknown())


@click.command()
@click.argument("year", type=int)
@shared.scenario
@shared.assume
@click.option("--png", metavar="FILE", help="Draw the year into FILE.png, .svg or .pdf.")
@shared.printed
def calendar(request: Request, year: int, scenario: Any, assume: str | None, png: str | None) -> None:
    """Show the status of each crossing on every day of YEAR; the table has a row per period."""
    from amurgeo import calendar as calendar_of

    days = calendar_of(request.net, year, scenario=scenario, assume=assume)
    if png is not None:
        from amurgeo.figures import calendar_figure

        calendar_figure(days, year=year, lang=request.lang, net=request.net, path=png)
        shared.note(request.text("word.page_written", path=png))
    rows, columns = days.to_dict(), (*_RUN[:2], "first", "last", *_RUN[2:])
    title = request.text("title.calendar", year=year)
    table = lambda: request.table(title, columns, _runs(rows))  # noqa: E731
    request.emit(rows, table, net=request.net, unknown=days.unknown)


def _runs(days: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Join consecutive days of a service with the same status and reason, except closed ones."""
    for key, run in groupby(days, itemgetter(*_RUN)):
        dates = [day["date"] for day in run]
        if key[2] != "closed":
            yield {**dict(zip(_RUN, key, strict=True)), "first": dates[0], "last": dates[-1]}


@click.command()
@click.argument("crossing")
@click.option("--season", required=True, metavar="S", help="A winter as 2023/24; a ferry's season as 2024.")
@click.option("--traffic", type=click.Choice(["cargo", "passenger"]), help="Kind of traffic; else both.")
@click.option("--part", type=click.Choice(["autumn", "spring"]), help="Part of a hovercraft's season.")
@click.option("--blind", is_flag=True, help="Leave the season's records out.")
@shared.printed
def dates(request: Request, crossing: str, season: str, **options: Any) -> None:
    """Show when CROSSING opens and closes in a season: P10, P50, P90, and the observed days."""
    from amurgeo import dates as dates_of

    result = dates_of(request.net, crossing, season=season, **options)
    document = result.to_dict()
    rows = [{"event": event, **document[event]} for event in ("open", "close")]

    def table() -> None:
        request.table(f"{crossing}, {season}", list(rows[0]), rows)
        click.echo(request.text("word.evidence", n=result.n, method=_method(request, result.method)))

    request.emit(document, table, net=request.net, rows=rows)


def _method(request: Request, method: str) -> str:
    """Name the method; the two ends of a season may have different ones."""
    ends = [end.split() for end in method.split(", ")]
    if len(ends) == 1:
        return request.text(f"method.{method}")
    return ", ".join(
        f"{request.text(f'event.{event}')}: {request.text(f'method.{name}')}" for event, name in ends
    )


@click.command("next")
@shared.on
@shared.scenario
@shared.option("--risk", type=shared.NUMBER(), default=0.1, help="Accepted chance of finding it closed.")
@shared.printed
def next_(request: Request, on: str | None, scenario: Any, risk: float) -> None:
    """Show the next change of each crossing, with quantiles, and the last safe day to dispatch."""
    from amurgeo import next_changes

    rows = next_changes(request.net, on, scenario=scenario, risk=risk).to_dict()

    def table() -> None:
        texts = [
            {**row, "change_next": row["change"], "next_stop": (row["next_stop"] or "").replace("..", " – ")}
            for row in rows
        ]
        request.table(request.text("title.next", on=on), _NEXT, texts)

    request.emit(rows, table, net=request.net)


@click.command()
@click.option(
    "--issue", metavar="[DAY]", is_flag=False, flag_value="today", help="Issue a forecast on a day."
)
@click.option("--score", is_flag=True, help="Score the forecasts of the folder against the record.")
@shared.option("--folder", default="data/forecasts", metavar="FOLDER", help="Folder of the forecasts.")
@shared.printed
def forecast(request: Request, issue: str | None, score: bool, folder: str) -> None:
    """Issue a forecast of every opening and closing of the winter, or score those issued before."""
    from datetime import date
    from pathlib import Path

    from amurgeo import forecast as forecast_of
    from amurgeo import score_forecasts
    from amurgeo.analysis import ledger

    if (issue is None) != score:
        raise InputError("issue is invalid: expected issue= with a day, or score=, and not both")
    if issue is not None:
        frame = forecast_of(request.net, date.today() if issue == "today" else issue)
        shared.note(request.text("word.file_written", path=ledger.issue(frame, Path(folder))))
        columns: tuple[str, ...] = (
            "crossing",
            "traffic",
            "event",
            "p10",
            "p50",
            "p90",
            "n_years",
            "baseline_p50",
        )
    else:
        frame = score_forecasts(request.net, ledger.read_ledger(Path(folder)))
        columns = ("issued", "crossing", "traffic", "event", "outcome", "observed", "error_days", "inside",
                   "crps_days", "baseline_error_days", "weight")  # fmt: skip
    rows = frame.to_dict()
    request.emit(rows, lambda: request.table(request.text("title.forecast"), columns, rows), net=request.net)


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
@click.option("--from", "--start", "start", type=shared.DAY, required=True, metavar="DATE", help="First day.")
@click.option("--to", "--end", "end", type=shared.DAY, required=True, metavar="DATE", help="Last day.")
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
    from amurgeo.flows.demand import is_home

    result = queues_of(request.net, scenarios, **options)
    if png is not None:
        try:
            result.figure(lang=request.lang, path=png)
        except InputError as error:
            raise InputError(f"--png: {error}") from None
        shared.note(request.text("word.file_written", path=png))
    document, names = result.to_dict(request.lang), [scenario.name for scenario in result.scenarios]

    def table() -> None:
        for sentence in document["sentences"]:
            request.say(f"• {sentence}")
        columns = _SUMMARY if options["lane"] else _SUMMARY[:-1]
        first, last = (day.isoformat() for day in result.period)
        base = {
            row["crossing"]: row["queue_max"] for row in document["summary"] if row["scenario"] == names[0]
        }
        for scenario in result.scenarios:
            rows = [row for row in document["summary"] if row["scenario"] == scenario.name]
            # Neighbours whose queue is that of the base are left out.
            home = is_home(result.net, [row["crossing"] for row in rows])
            rows = [
                row
                for row, own in zip(rows, home, strict=True)
                if own or abs(row["queue_max"] - base[row["crossing"]]) >= 1
            ]
            title = scenario.title.get(request.lang, scenario.name)
            request.table(request.text("title.queues", scenario=title, first=first, last=last), columns, rows)

    files = lambda: {name: getattr(result, name) for name in ("days", "trucks", "summary")}  # noqa: E731
    request.emit(document, table, net=result.net, rows=document["days"], files=files, unknown=result.unknown)


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
        rows = [{**row, "in_cut": yes[row["in_cut"]]} for row in document]
        request.table(request.text("title.capacity", year=year), list(document[0]), rows)
        request.say(request.text("queue.estimates"))

    request.emit(document, table, net=request.net, unknown=frame.unknown)
