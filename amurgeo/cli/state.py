"""Commands on the state of the crossings: state, calendar, dates, next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import click

from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.cli.tables import about as about_file

_RUN = ("crossing", "traffic", "status", "reason")
_NEXT = ("crossing", "traffic", "status", "change_next", "p10", "p50", "p90", "days_until", "last_safe_day",
         "next_stop")  # fmt: skip


@click.command()
@shared.on
@shared.scenario
@shared.assume
@shared.printed_with_lines
def state(request: Request, on: str | None, scenario: Any, assume: str | None) -> None:
    """Show the status of each crossing on a date and why: a row per crossing and kind of traffic."""
    state = request.net.state(on, scenario=scenario, assume=assume)
    rows = state.to_dict(request.data_lang)
    columns = (*_RUN, "max_mass_t", "probability_open", "evidence", "confidence", "because")
    lines = lambda: state.to_gdf(lang=request.data_lang).set_index("crossing")  # noqa: E731
    title = request.text("title.state", on=state.on.isoformat())
    table = lambda: request.table(title, columns, rows)  # noqa: E731
    about = about_file(request, title, state.on.isoformat(), scenario=scenario)
    request.emit(rows, table, net=state.net, lines=lines, unknown=state.unknown(), about=about)


@click.command()
@click.argument("year", type=int)
@shared.scenario
@shared.assume
@click.option(
    "--png",
    type=shared.FILE(*shared.FIGURE_TYPES),
    metavar="FILE",
    help="Draw the year into FILE.png, .svg or .pdf.",
)
@shared.printed
def calendar(request: Request, year: int, scenario: Any, assume: str | None, png: str | None) -> None:
    """Show the status of each crossing on every day of YEAR; the table has a row per period."""
    from amurgeo import calendar as calendar_of

    days = calendar_of(request.net, year, scenario=scenario, assume=assume)
    if png is not None:
        from amurgeo.figures import calendar_figure

        calendar_figure(days, year=year, lang=request.lang, net=request.net, path=png)
        request.note("word.page_written", path=png)
    rows, columns = days.to_dict(), (*_RUN[:2], "first", "last", *_RUN[2:])
    title = request.text("title.calendar", year=year)
    table = lambda: request.table(title, columns, _runs(rows))  # noqa: E731
    about = about_file(request, title, (f"{year}-01-01", f"{year}-12-31"), scenario=scenario)
    files = lambda: {"calendar": rows, **_grids(request, days)}  # noqa: E731
    request.emit(rows, table, net=request.net, unknown=days.unknown, about=about, files=files)


def _grids(request: Request, days: Any) -> dict[str, Any]:
    """Return the status of every crossing by day, a table for each kind of traffic."""
    grids = {}
    for traffic, rows in days.groupby("traffic", sort=False):
        grid = rows.pivot(index="date", columns="crossing", values="status")
        grids[str(traffic)] = grid[list(dict.fromkeys(rows["crossing"]))].reset_index()
    return grids


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

    about = about_file(request, f"{crossing}, {season}")
    request.emit(document, table, net=request.net, rows=rows, about=about)


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
    title = request.text("title.next", on=on)

    def table() -> None:
        texts = [
            {**row, "change_next": row["change"], "next_stop": (row["next_stop"] or "").replace("..", " – ")}
            for row in rows
        ]
        request.table(title, _NEXT, texts)

    request.emit(rows, table, net=request.net, about=about_file(request, title, on, scenario=scenario))


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
    from amurgeo.errors import InputError

    if (issue is None) != score:
        raise InputError("issue is invalid: expected issue= with a day, or score=, and not both")
    if issue is not None:
        frame = forecast_of(request.net, date.today() if issue == "today" else issue)
        request.note("word.file_written", path=ledger.issue(frame, Path(folder)))
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
    rows, title = frame.to_dict(), request.text("title.forecast")
    table = lambda: request.table(title, columns, rows)  # noqa: E731
    request.emit(rows, table, net=request.net, about=about_file(request, title))
