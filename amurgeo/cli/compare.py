"""Commands that compare scenarios: compare, redundancy, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from amurgeo.cli import shared, types
from amurgeo.cli.shared import Request
from amurgeo.cli.tables import about as about_file


@click.command()
@shared.compared
@shared.on
@shared.period
@shared.vehicle
@shared.assume
@shared.places("--origins", "Places instead of the home side's larger towns.")
@shared.places("--destinations", "Places instead of Heihe, Harbin, Suifenhe and Manzhouli.")
@shared.no_transit
@shared.drivers
@shared.option(
    "--stretch",
    type=types.NUMBER(),
    default=1.5,
    help="Multiple of the fastest base time up to which a route counts.",
)
@click.option("--report", "report_file", metavar="FILE", help="Where the report is written.")
@click.option(
    "--map",
    "map_file",
    type=types.FILE(*types.PAGE_TYPES),
    metavar="FILE",
    help="Where the map is written.",
)
@shared.printed_with_lines
def compare(
    request: Request,
    scenarios: list[Any],
    report_file: str | None,
    map_file: str | None,
    no_transit: bool,
    **options: Any,
) -> None:
    """Compare ALTERNATIVES with BASE: crossings that open or close, routes left, times.

    Scenarios are built-in names, .toml files or changes, joined by +. With no options it also writes a map
    to maps/<base>-vs-<alternative>.html.
    """
    from amurgeo import compare as compare_scenarios

    if report_file is not None:
        _check_report(scenarios, report_file)
    result = compare_scenarios(request.net, scenarios, transit=not no_transit, **options)
    base, alt = (state.scenario.title.get(request.lang, state.scenario.name) for state in result.states[0])
    # A file has one column for all alternatives.
    gaps = {"base": base, "alt": alt if len(result.alternatives) == 1 else request.text("head.alternative")}
    document = result.to_dict()
    request.emit(
        document,
        lambda: _print_comparison(request, result),
        net=result.net,
        rows=document["pairs"],
        columns=list(result.pairs.columns),
        files=lambda: {
            "crossings": result.to_gdf(),
            "pairs": result.pairs,
            "summary": result.summary.reset_index(),
        },
        lines=lambda: result.to_gdf().set_index("crossing"),
        gaps=gaps,
        unknown=result.unknown,
        about=about_file(
            request,
            request.text("title.opens_closes", base=base, alt=alt),
            result.period
            or list(dict.fromkeys(str(state.on) for states in result.states for state in states)),
            result.vehicle,
            [state.scenario for state in (result.states[0][0], *(after for _, after in result.states))],
            sentence=result.sentences(request.data_lang),
        ),
    )
    if report_file is not None:
        _write_report(request, result, report_file)
    ctx = click.get_current_context()
    typed = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if map_file or typed == {"base", "alternatives"}:
        name = f"{_file_name(result.base)}-vs-{_file_name('-'.join(result.alternatives))}.html"
        path = map_file or str(Path("maps") / name)
        request.write_page(lambda: result.map(lang=request.lang), path, option="--map")


def _file_name(scenario: str) -> str:
    """Return a name that is valid in every file system."""
    return "".join(char if char.isalnum() or char in "+_.-" else "_" for char in scenario)[:80]


def _print_comparison(request: Request, result: Any) -> None:
    for alternative, states in zip(result.alternatives, result.states, strict=True):
        if result.period is None:
            titles = [state.label[request.lang] for state in states]
            days = [state.on.isoformat() for state in states]
        else:
            titles = [state.scenario.title[request.lang] for state in states]
            days = [" – ".join(day.isoformat() for day in result.period)] * 2
        sides = dict(zip(("base", "alt"), titles, strict=True))
        dated = {
            side: title if day in title else f"{title} ({day})"
            for (side, title), day in zip(sides.items(), days, strict=True)
        }
        _print_crossings(request, result, alternative, request.text("title.opens_closes", **dated))
        _print_pairs(request, result, alternative, sides)
        click.echo(request.text("word.pairs_notes"))
        summary = result.summary.loc[alternative]
        counts = ("lost", "gained", "slower", "faster", "same", "pairs")
        click.echo(request.text("word.summary", **{name: int(summary[name]) for name in counts}))
        for sentence in result.sentences(request.lang, alternative=alternative):
            click.echo(f"• {sentence}")
        key = "word.cargo_ways" if result.period is None else "word.cargo_ways_days"
        click.echo(request.text(key, n=int(summary["fewer_ways"]), m=int(summary["pairs"]), **sides))


def _print_crossings(request: Request, result: Any, alternative: str, title: str) -> None:
    """Print the status, or the days of work, of each changed crossing in the base and the alternative."""

    def texts(service: Any) -> list[str]:
        if result.period is None:
            return [request.text(f"status.{service[f'{side}_status']}") for side in ("base", "alt")]
        return [request.text("word.days", n=int(service[f"{side}_days"])) for side in ("base", "alt")]

    services = result.crossings.reset_index("traffic").reset_index()
    services = services[services["alternative"] == alternative].set_index(["crossing", "traffic"])
    rows = []
    for crossing in dict.fromkeys(result.changed(alternative).index.get_level_values("crossing")):
        row = [crossing]
        for service in ((crossing, "cargo"), (crossing, "passenger")):
            if service in services.index:
                row.append(" → ".join(dict.fromkeys(texts(services.loc[service]))))
            else:
                row.append(request.text("word.not_applicable"))
        rows.append(row)
    columns = ("crossing", request.text("traffic.cargo"), request.text("traffic.passenger"))
    request.table(title, columns, rows)


def _print_pairs(request: Request, result: Any, alternative: str, titles: dict[str, str]) -> None:
    """Print the pairs, once where both directions are alike."""
    columns = ["origin", "destination", "base_ways", "alt_ways", "base_h", "alt_h", "delta_h", "change"]
    if result.period is None:
        columns += ["base_crossing", "alt_crossing"]
    else:
        columns += ["days_lost", "days_slower", "days_fewer_ways"]
    nodes = result.net.nodes
    cells: dict[tuple[str, str], list[str]] = {}
    for pair in result.pairs[result.pairs["alternative"] == alternative].to_dict("records"):
        for name in ("base_ways", "alt_ways"):
            pair[name] = f"{pair[name]} ({pair[f'{name}_oblast']})"
        start, end = (request.name(nodes, pair[side]) for side in ("origin", "destination"))
        cells[start, end] = [request.cell(name, pair[name]) for name in columns[2:]]
    rows: dict[tuple[str, str], list[str]] = {}
    for (start, end), row in cells.items():
        if start == end or cells.get((end, start)) != row:
            rows[start, end] = [start, end, *row]
        elif (end, start) not in rows:
            rows[start, end] = [start, f"↔ {end}", *row]
    vehicle = request.name(result.net.base["vehicles"], result.vehicle)
    request.table(request.text("title.pairs", vehicle=vehicle), columns, rows.values(), **titles)


@click.command()
@click.argument("year", type=types.YEAR)
@shared.vehicle
@shared.scenario
@shared.assume
@shared.places("--origins", "Places instead of the home side's larger towns.")
@shared.places("--destinations", "Places instead of the dataset's destinations.")
@shared.printed
def redundancy(
    request: Request, year: int, vehicle: str | None, scenario: Any, assume: str | None, **places: Any
) -> None:
    """Count independent routes over the border in each month of YEAR, by edge and by checkpoint."""
    from amurgeo import redundancy as redundancy_of
    from amurgeo.network import vehicle_id
    from amurgeo.network.snapping import locate_all

    places = {name: names for name, names in places.items() if names is not None}
    net, ids = locate_all(request.net, **places)
    ends: dict[str, Any] = dict(zip(places, ids, strict=True))
    frame = redundancy_of(net, year, vehicle=vehicle, scenario=scenario, assume=assume, **ends)

    def table() -> None:
        pair, nodes = ["origin", "destination"], net.nodes
        wide = frame.pivot_table(index=pair, columns="month", values="ways_checkpoint", sort=False)
        rows = [
            [*(request.name(nodes, place) for place in places), *(f"{value:.0f}" for value in row)]
            for places, row in zip(wide.index, wide.to_numpy(), strict=True)
        ]
        months = [str(month) for month in range(1, 13)]
        request.table(request.text("title.redundancy", year=year), [*pair, *months], rows, right=months)

    about = about_file(
        request,
        request.text("title.redundancy", year=year),
        (f"{year}-01-01", f"{year}-12-31"),
        vehicle_id(net, vehicle),
        scenario,
    )
    request.emit(frame.to_dict(), table, net=net, unknown=frame.unknown, about=about)


@click.command()
@click.argument("texts", nargs=-1, metavar="[SCENARIOS]...")
@click.option("-o", "--output", "path", required=True, metavar="FILE", help="Where the report is written.")
@shared.on
@shared.period
@shared.vehicle
@shared.assume
@shared.common
def report(request: Request, texts: tuple[str, ...], path: str, **options: Any) -> None:
    """Write the decision report: two pages to print on the changes under SCENARIOS, in one file.

    The first scenario is the base of up to three alternatives; a single one is compared with the baseline.
    Without any: open against frozen.
    """
    from amurgeo import compare as compare_scenarios
    from amurgeo.scenario import as_scenario

    scenarios = [as_scenario(text, folder=request.folder) for text in texts or ("frozen", "open")]
    if len(scenarios) == 1:
        scenarios.insert(0, as_scenario(None, folder=request.folder))
    _check_report(scenarios, path)
    _write_report(request, compare_scenarios(request.net, scenarios, **options), path)


def _check_report(scenarios: list[Any], path: str) -> None:
    """Raise before the comparison if the report cannot be written."""
    from amurgeo.report.page import check_number, check_path

    check_number(len(scenarios) - 1)
    check_path(path)


def _write_report(request: Request, result: Any, path: str) -> None:
    from amurgeo.report import write

    write(result, path, lang=request.lang)
    request.note("sheet.written", path=path)
