"""Commands that compare scenarios: compare, redundancy, queues, capacity, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

import amurgeo
from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.cli.tables import print_comparison, print_redundancy
from amurgeo.results import rounded_records
from amurgeo.text import listing

#: Options that change the form of what is printed only.
_FORM = {"lang", "ids", "everything"}
_ENDS = ("origins", "destinations")
#: Columns of the table of queues.
_SUMMARY = (
    "crossing", "queue_max", "on", "gone", "wait_max_h", "wait_mean_h", "truck_days", "diverted",
    "lane_value",
)  # fmt: skip


@click.command()
@shared.options(
    "compared on period vehicle assume between_towns no_transit drivers stretch everything "
    "report_and_map png_changes printed_with_lines"
)
def compare(
    request: Request,
    scenarios: list[Any],
    report_file: str | None,
    map_file: str | None,
    no_transit: bool,
    **options: Any,
) -> None:
    """Compare ALTERNATIVES with BASE: crossings that open or close, routes left, times.

    Scenarios are built-in names, .toml files or changes, joined by +. Without options other than
    --lang, --ids and --all it also writes a map to maps/<base>-vs-<alternative>.html.
    """
    if report_file is not None:
        _check_report(scenarios, report_file)
    result = amurgeo.compare(request.net, scenarios, transit=not no_transit, **options)
    base, alt = (state.title[request.lang] for state in result.states[0])
    # A file has one column for all alternatives.
    gaps = {"base": base, "alt": alt if len(result.alternatives) == 1 else request.text("head.alternative")}
    if report_file is not None:
        _write_report(request, result, report_file)
    request.draw("compare_figure", result)
    ctx = click.get_current_context()
    typed = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if map_file or typed - _FORM == {"base", "alternatives"}:
        name = f"{_file_name(result.base)}-vs-{_file_name('-'.join(result.alternatives))}.html"
        path = map_file or str(Path("maps") / name)
        request.write_file(
            path, lambda path: result.map(lang=request.lang).save(Path(path)), kind="page", option="--map"
        )
    states = [result.states[0][0], *(after for _, after in result.states)]
    days = list(dict.fromkeys(str(state.on) for pair in result.states for state in pair))
    request.emit(
        result,
        lambda: print_comparison(request, result),
        rows="pairs",
        columns=list(result.pairs.columns),
        files=lambda: {
            "crossings": result.to_gdf(),
            "pairs": result.pairs,
            "summary": result.summary.reset_index(),
        },
        lines=lambda: result.to_gdf().set_index("crossing"),
        gaps=gaps,
        title=request.text("title.opens_closes", base=base, alt=alt),
        when=result.period or days,
        vehicle=result.vehicle,
        scenario=[state.scenario for state in states],
        sentence=lambda: result.sentences(request.data_lang),
    )


def _file_name(scenario: str) -> str:
    """Return a name that is valid in every file system."""
    return "".join(char if char.isalnum() or char in "+_.-" else "_" for char in scenario)[:80]


@click.command()
@shared.options("year vehicle scenario assume between stretch everything printed")
def redundancy(request: Request, year: int, **options: Any) -> None:
    """Count the checkpoints by which routes lead over the border in each month of YEAR."""
    from amurgeo.network import vehicle_id
    from amurgeo.network.snapping import locate_all

    places = {name: options.pop(name) for name in _ENDS}
    places = {name: names for name, names in places.items() if names is not None}
    net, ids = locate_all(request.net, **places)
    options |= zip(places, ids, strict=True)
    frame = amurgeo.redundancy(net, year, **options)
    about = {"vehicle": vehicle_id(net, options["vehicle"]), "scenario": options["scenario"], "when": year}
    table = lambda: print_redundancy(request, net, frame, year, options["stretch"])  # noqa: E731
    request.emit(frame, table, net=net, title=request.text("title.redundancy", year=year), **about)


@click.command()
@shared.options("reported on period vehicle assume queues_of_period common")
def report(request: Request, scenarios: list[Any], path: str, queues: bool, **options: Any) -> None:
    """Write the decision report: two pages to print on what up to three ALTERNATIVES to BASE change.

    A single scenario is compared with the baseline. Without any: open against frozen.
    """
    _check_report(scenarios, path)
    result = amurgeo.compare(request.net, scenarios, **options)
    waits = []
    if queues:
        if result.period is None:
            raise click.UsageError("--queues acts over a period only; expected --from and --to, or --year")
        start, end = result.period
        waits = [amurgeo.queues(request.net, scenarios, start=start, end=end, assume=options["assume"])]
    _write_report(request, result, path, besides=waits)


def _check_report(scenarios: list[Any], path: str) -> None:
    """Raise before the comparison if the report cannot be written."""
    from amurgeo.report.page import check_number, check_path

    check_number(len(scenarios) - 1)
    check_path(path)


def _write_report(request: Request, result: Any, path: str, *, besides: Sequence[Any] = ()) -> None:
    request.write_file(
        path,
        lambda path: amurgeo.report.write(result, path, besides=besides, lang=request.lang),
        kind="report",
    )


@click.command()
@shared.options("queued span given known_days draws_of_ranges assume png_queues printed")
def queues(request: Request, scenarios: list[Any], **options: Any) -> None:
    """Show queues day by day under BASE and ALTERNATIVES: who waits and how long, who goes round.

    CSV has a row per scenario, day and crossing; a file has these days, trucks by class and the summary.
    """
    from amurgeo.flows.demand import is_home

    result = amurgeo.queues(request.net, scenarios, **options)
    request.draw("queue_figure", result)
    document, names = result.to_dict(request.data_lang), [scenario.name for scenario in result.scenarios]

    first, last = (day.isoformat() for day in result.period)

    def table() -> None:
        for sentence in result.sentences(request.lang):
            request.say(f"• {sentence}")
        columns = _SUMMARY if options["lane"] else _SUMMARY[:-1]
        base = {
            row["crossing"]: row["queue_max"] for row in document["summary"] if row["scenario"] == names[0]
        }
        for scenario in result.scenarios:
            rows = [row for row in document["summary"] if row["scenario"] == scenario.name]
            # Of neighbours those at which trucks from home queue are shown, and those with another queue.
            home = is_home(result.net, [row["crossing"] for row in rows])
            taken = {*result.streams.loc[result.streams["scenario"] == scenario.name, "crossing"]}
            least = {crossing: 0.0 if crossing in taken else queue for crossing, queue in base.items()}
            rows = [
                row
                for row, own in zip(rows, home, strict=True)
                if own or abs(row["queue_max"] - least[row["crossing"]]) >= 1
            ]
            title = request.net.state(first, scenario=scenario).title[request.lang]
            request.table(request.text("title.queues", scenario=title, first=first, last=last), columns, rows)

    files = lambda: {name: getattr(result, name) for name in ("days", "trucks", "summary")}  # noqa: E731
    titles = listing([one.title.get(request.data_lang, one.name) for one in result.scenarios], request.lang)
    title = request.text("title.queues", scenario=titles, first=first, last=last)
    about: Any = {"title": title, "when": (first, last), "scenario": list(result.scenarios)}
    request.emit(result, table, document, rows=document["days"], files=files, **about)


@click.command()
@shared.options("year scenario given curve assume png_capacity printed")
def capacity(request: Request, year: int, curve: str | None, **options: Any) -> None:
    """Show what the home crossings can clear in each month of YEAR, beside the demand."""
    from amurgeo.seasons.daily import year_days

    if curve is None:
        found: Any = amurgeo.capacity(request.net, year, **options)
        title = request.text("title.capacity", year=year)
    else:
        start, end = year_days(year)[[0, -1]]
        found = amurgeo.flows.capacity_curve(request.net, curve, start=start, end=end, **options)
        title = request.text("title.capacity_curve", year=year, crossing=curve)
    document = rounded_records(found)

    def table() -> None:
        yes = {True: request.text("word.yes"), False: ""}
        rows = [{name: yes[x] if isinstance(x, bool) else x for name, x in row.items()} for row in document]
        same = () if curve is None else ("crossing", "demand", "today")
        columns = [name for name in document[0] if name not in same]
        request.table(title, columns, rows)
        request.say(request.text("queue.estimates"))

    request.draw("capacity_figure" if curve is None else "curve_figure", found, request.net)
    about = {"title": title, "when": year, "scenario": options["scenario"]}
    request.emit(found, table, document, net=request.net, **about)
