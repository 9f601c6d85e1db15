"""Commands on routes: routes, matrix, exits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import click

from amurgeo.cli import shared, types
from amurgeo.cli.shared import Request
from amurgeo.cli.tables import about as about_file
from amurgeo.errors import InputError
from amurgeo.text import decimal_point, in_language, number_text

#: Column of each --value of a matrix, and the format of its cells.
_VALUES: dict[str, tuple[Any, str]] = {
    "hours": ("hours", ".1f"),
    "km": ("length_km", ".0f"),
    "cost": ("cost", ".0f"),
}
#: Digits of a measure by unit; others have none.
_DIGITS = {"share": 2, "index": 2, "h": 1}
#: Names in the sentence on missing rates.
_MOST_NAMES = 3
_EXITS = ("id", "kind", "status", "reason", "length_km", "total_h", "cost", "estimated_share")
_ROUTES = (
    "rank", "crossing", "total_h", "drive_h", "border_h", "wait_h", "queue_h", "rest_h",
    "length_km", "cost", "route",
)  # fmt: skip


def _border_hours(values: Sequence[str]) -> dict[str, float]:
    hours = {}
    for value in values:
        crossing, _, number = value.partition("=")
        try:
            hours[crossing] = float(decimal_point(number))
        except ValueError:
            hours[crossing] = -1.0
        if not 0 <= hours[crossing] <= 1000:
            raise InputError(f"--border-h is invalid: '{value}'; expected hours, as kani_kurgan:bridge=8")
    return hours


@click.command()
@shared.ends
@shared.on
@shared.k
@shared.vehicle
@shared.scenario
@shared.assume
@click.option(
    "--depart", "depart_at", metavar="TIME", help="Departure, local time, as 08:00 or 2026-02-10T08:00."
)
@click.option(
    "--max-wait-h",
    type=types.NUMBER(),
    metavar="H",
    help="With --depart: later openings count as closed; 120 by default.",
)
@click.option("--via", multiple=True, metavar="ID", help="Checkpoint, crossing or place on every route.")
@click.option("--avoid", multiple=True, metavar="ID", help="Checkpoint, crossing or place on no route.")
@shared.no_transit
@shared.drivers
@click.option(
    "--border-h",
    multiple=True,
    metavar="CROSSING=H",
    help="Hours of border procedure instead of the table's.",
)
@click.option("--queues", is_flag=True, help="Add the expected hours in the queues of the day.")
@shared.lines_of_all
def routes(
    request: Request, origin: str, destination: str, no_transit: bool, border_h: Any, **options: Any
) -> None:
    """Find the best route from ORIGIN to DESTINATION by each open crossing, ranked by time."""
    from amurgeo import queues as queues_of
    from amurgeo import routes as find_routes

    if options.pop("queues"):
        on, scenario = options["on"] or (options["depart_at"] or "")[:10], options["scenario"]
        options["queues"] = queues_of(request.net, scenario, start=on, end=on, assume=options["assume"])
    options |= {"transit": not no_transit, "border_h": _border_hours(border_h), "lang": request.data_lang}
    result = find_routes(request.net, origin, destination, **options)
    document = result.to_dict()
    request.emit(
        document,
        lambda: _print_routes(request, result, document),
        net=result.state.net,
        rows=document["routes"],
        columns=result.columns,
        files=lambda: _route_tables(result, document),
        lines=lambda: result.to_gdf().drop(columns="crossings"),
        unknown=result.unknown,
        about=about_file(
            request,
            _routes_title(request, result),
            result.state.on.isoformat(),
            result.vehicle,
            options["scenario"],
        ),
    )
    late = result.departure is not None and document["departure"]["arrives"] is None
    if late or not result.routes:
        raise click.exceptions.Exit(1)


def _routes_title(request: Request, result: Any) -> str:
    net = result.state.net
    return request.text(
        "title.routes",
        origin=request.name(net.nodes, result.origin),
        destination=request.name(net.nodes, result.destination),
        on=result.state.on.isoformat(),
        vehicle=request.name(net.base["vehicles"], result.vehicle),
    )


def _print_routes(request: Request, result: Any, document: dict[str, Any]) -> None:
    net, nodes = result.state.net, result.state.net.nodes
    for side, join in document["joined"].items():
        place = request.name(nodes, getattr(result, side))
        click.echo(request.text("word.joined", place=place, **join))
    title = _routes_title(request, result)
    if result.origin == result.destination:
        click.echo(f"{title}: {request.text('word.same_place')}")
        return
    rows = []
    for route in document["routes"]:
        mark = "~" if route["border_estimated"] else ""
        stops = [*(leg["from"] for leg in route["legs"]), result.destination]
        cells = {name: f"{mark}{route[name]:.1f}" for name in ("border_h", "wait_h")}
        cells["crossing"] = ", ".join(route["crossings"]) or request.text("word.none")
        cells["total_h"] = "{mid:.1f} ({low:.1f}–{high:.1f})".format(**route["hours"])
        cells["route"] = " → ".join(dict.fromkeys(request.name(nodes, stop) for stop in stops))
        rows.append({**route, **cells, net.border.cost: _cost_cell(route, net.border.cost, request.lang)})
    if rows:
        asked = [name for name in _ROUTES if name != "queue_h" or result.queue_h is not None]
        shown = [net.border.cost if name == "cost" else name for name in asked]
        request.table(title, shown, rows)
        _print_costs(request, result.state, result.vehicle, rows)
        if result.departure is not None:
            _print_departure(request, nodes, document["departure"])
        _print_estimates(request, document)
        for flip in document["break_even"]:
            click.echo(request.text("word.break_even", **flip))
        if any(route["border_estimated"] for route in document["routes"]):
            click.echo(request.text("word.estimates"))
    else:
        click.echo(f"{title}: {request.text('title.no_route')}")
    if result.closed:
        columns = ("crossing", "reason", "expected_open", "because")
        request.table(request.text("title.closed"), columns, result.closed)


def _print_estimates(request: Request, document: dict[str, Any]) -> None:
    """Print which routes are not told apart, and which estimate moves the answer most."""
    tied = {route["rank"]: route["tied_with"] for route in document["routes"] if route["tied_with"]}
    if 1 in tied:
        ranks = ", ".join(map(str, [1, *tied[1]]))
        click.echo(request.text("word.not_told_apart", ranks=ranks))
    for row in document["sensitivity"][:1]:
        if row["spread_h"]:
            name = " ".join([request.text(f"estimate.{row['estimate']}"), *filter(None, [row["crossing"]])])
            values = {key: f"{value:.1f}" for key, value in row.items() if isinstance(value, float)}
            click.echo(request.text("word.sensitivity", name=name, **values))
            if row["switch_h"] is not None:
                rival = row["against"] or request.text("word.none")
                click.echo(request.text("word.switch", name=name, switch_h=values["switch_h"], rival=rival))


def _cost_cell(row: Mapping[str, Any], cost: str, lang: str) -> str | float | None:
    """Return the cost of a row, or the least that an unknown one comes to."""
    least = row["cost_at_least"]
    unknown: str | None = (
        None if least is None or least != least else f"≥ {number_text(least, lang, digits=0)}"
    )
    value: float | None = row[cost]
    return unknown if value is None or value != value else value


def _print_costs(
    request: Request, state: Any, vehicle: str, rows: Iterable[Mapping[str, Any]], *, empty: bool = False
) -> None:
    """Print unit and years of the costs of a table, what unknown ones lack, and lapsed exchange rates."""
    from amurgeo.routing.money import lapsed_exchange

    rows = list(rows)
    currency = state.net.border.currency
    labels = {part for row in rows for part in row["cost_prices"].split("; ") if part}
    if labels:
        per, prices = request.text(f"per.{rows[0]['cost_per']}"), ", ".join(sorted(labels))
        click.echo(request.text("word.cost_basis", currency=currency, per=per, prices=prices))
    if empty:
        click.echo(request.text("word.cost_empty"))
    lacking: dict[str, dict[str, None]] = {}
    for code in (code for row in rows for code in row["cost_missing"].split(";") if code):
        what, _, name = code.partition(":")
        lacking.setdefault(what, {})[name] = None
    if lacking:
        parts = []
        for what, names in lacking.items():
            shown = ", ".join([*list(names)[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])])
            parts.append(request.text(f"missing.{what}", name=shown))
        click.echo(request.text("word.cost_unknown", missing="; ".join(parts)))
    if labels:
        for unit, last in lapsed_exchange(state.net, vehicle, state.on):
            if any(label.startswith(unit) for label in labels):
                click.echo(request.text("word.rate_lapsed", unit=unit, date=last.isoformat()))


def _print_departure(request: Request, nodes: Any, journey: dict[str, Any]) -> None:
    if journey["arrives"] is None:
        click.echo(request.text("word.no_departure", **journey))
        return
    rows = [
        {
            "leaves": leg["start"][5:16].replace("T", " "),
            "arrives": leg["end"][5:16].replace("T", " "),
            "origin": request.name(nodes, leg["from"]),
            "destination": request.name(nodes, leg["to"]),
            "mode": request.text(f"mode.{leg['mode']}") + (f" {leg['ref']}" if leg["ref"] else ""),
            "length_km": leg["length_km"],
            "total_h": leg["hours"],
        }
        for leg in journey["legs"]
    ]
    title = request.text("title.departure", wait=f"{journey['wait_h']:.1f}", **journey)
    request.table(title, list(rows[0]), rows)


def _route_tables(result: Any, document: dict[str, Any]) -> dict[str, Any]:
    """Return the routes with their lines, their legs, and closed crossings, as tables of a file."""
    legs = [{"rank": route["rank"], **leg} for route in document["routes"] for leg in route["legs"]]
    tables = {"routes": result.to_gdf()}
    return tables | {name: rows for name, rows in (("legs", legs), ("closed", document["closed"])) if rows}


@click.command()
@shared.places("--origins", "Places, separated by commas.", required=True)
@shared.places("--destinations", "Places, separated by commas.", required=True)
@shared.on
@shared.option(
    "--value",
    type=click.Choice(list(_VALUES)),
    default="hours",
    help="Hours, km or cost of the fastest route.",
)
@shared.no_transit
@shared.drivers
@shared.vehicle
@shared.scenario
@shared.assume
@shared.printed_of_all
def matrix(
    request: Request,
    on: str | None,
    value: str,
    no_transit: bool,
    drivers: int,
    vehicle: str | None,
    scenario: Any,
    assume: str | None,
    **places: Any,
) -> None:
    """Compute hours, km or cost between many places on a date; empty where there is no route."""
    from amurgeo import od_matrix
    from amurgeo.network import vehicle_id
    from amurgeo.network.snapping import locate_all
    from amurgeo.routing.money import cost_basis
    from amurgeo.seasons.state import resolve_day

    net, ids = locate_all(request.net, **places)
    column, digits = _VALUES[value]
    column = net.border.cost if column == "cost" else column
    options: dict[str, Any] = {"vehicle": vehicle, "value": column, "transit": not no_transit}
    options |= {"drivers": drivers, "assume": assume}
    cells = od_matrix(net, *ids, on=on, scenario=scenario, **options)

    by, day = vehicle_id(net, vehicle), resolve_day(net, on, scenario)
    title = request.text(
        "title.matrix",
        what=request.heading(column),
        on=day.isoformat(),
        vehicle=request.name(net.base["vehicles"], by),
    )

    def table() -> None:
        nodes = net.nodes
        ends = [request.name(nodes, end) for end in cells.columns]
        texts = [
            [request.name(nodes, origin), *("" if cell != cell else f"{cell:{digits}}" for cell in row)]
            for origin, row in cells.iterrows()
        ]
        request.table(title, ["origin", *ends], texts, right=ends)
        if value != "km":
            click.echo(request.text("word.matrix_estimates"))
        if value == "cost":
            basis = {**cost_basis(net, by), "cost_missing": ""}
            _print_costs(request, net.state(on, scenario=scenario), by, [basis], empty=True)

    about = about_file(request, title, day.isoformat(), by, scenario)
    request.emit(cells.to_dict(), table, net=net, unknown=cells.unknown, about=about)


@click.command()
@click.argument("origin")
@click.argument("destination")
@click.option("--from", "--start", "start", type=types.DAY, metavar="DATE", required=True, help="First day.")
@click.option("--to", "--end", "end", type=types.DAY, metavar="DATE", required=True, help="Last day.")
@click.option(
    "--scenario", "names", multiple=True, metavar="NAME_OR_FILE", help="Scenario; repeat to compare several."
)
@shared.no_transit
@shared.drivers
@shared.vehicle
@shared.assume
@shared.printed_of_all
def daily(
    request: Request, origin: str, destination: str, names: Any, no_transit: bool, **options: Any
) -> None:
    """Compute the hours from ORIGIN to DESTINATION on every day of a period; the table has a row per run."""
    from amurgeo import daily as daily_hours
    from amurgeo.network import vehicle_id
    from amurgeo.scenario import as_scenario

    scenarios = [as_scenario(name, folder=request.folder) for name in names or ("baseline",)]
    shared.note_room(request, scenarios)
    options |= {"scenarios": scenarios, "transit": not no_transit}
    result = daily_hours(request.net, [origin], [destination], **options)
    rows = result.to_dict()
    nodes = result.net.nodes
    ends = {side: request.name(nodes, rows[0][side]) for side in ("origin", "destination")}
    columns = ("scenario", "first", "last", "hours", "crossing", "probability_open")
    title = request.text("title.daily", **ends)
    if rows[0]["origin"] == rows[0]["destination"]:
        title += f": {request.text('word.same_place')}"
    table = lambda: request.table(title, columns, _runs(rows))  # noqa: E731
    by, used = (
        vehicle_id(result.net, options["vehicle"]),
        [as_scenario(name, folder=request.folder) for name in options["scenarios"]],
    )
    about = about_file(request, title, (rows[0]["date"], rows[-1]["date"]), by, used)
    request.emit(rows, table, net=result.net, unknown=result.unknown, about=about)


def _runs(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Join consecutive days with the same hours and crossing; the probability is the lowest of them."""
    for key, run in groupby(rows, itemgetter("scenario", "hours", "crossing")):
        days = list(run)
        chances = [day["probability_open"] for day in days if day["probability_open"] is not None]
        yield {
            **dict(zip(("scenario", "hours", "crossing"), key, strict=True)),
            "first": days[0]["date"],
            "last": days[-1]["date"],
            "probability_open": min(chances, default=None),
        }


@click.command()
@click.argument("place")
@shared.on
@shared.drivers
@shared.vehicle
@shared.scenario
@shared.assume
@shared.printed_of_all
def exits(request: Request, place: str, **options: Any) -> None:
    """Show the exits of PLACE, over the border or by sea, and its dependence on those over the border."""
    from amurgeo import exits as find_exits

    result = find_exits(request.net, place, lang=request.data_lang, **options)
    document = result.to_dict()
    request.emit(
        document,
        lambda: _print_exits(request, result, document),
        net=result.state.net,
        rows=document["exits"],
        columns=["id", *result.frame.columns],
        unknown=result.unknown,
        about=about_file(
            request,
            _exits_title(request, result),
            result.state.on.isoformat(),
            result.vehicle,
            options["scenario"],
        ),
        files=lambda: {
            "exits": result.frame.reset_index(),
            "dependence": _dependence(document),
        },
    )


def _exits_title(request: Request, result: Any) -> str:
    net = result.state.net
    return request.text(
        "title.exits",
        origin=request.name(net.nodes, result.origin),
        on=result.state.on.isoformat(),
        vehicle=request.name(net.base["vehicles"], result.vehicle),
    )


def _print_exits(request: Request, result: Any, document: dict[str, Any]) -> None:
    net = result.state.net
    columns = [net.border.cost if name == "cost" else name for name in _EXITS]
    kinds = {net.border.far.id: in_language(net.border.far.name, request.lang)}
    rows = [
        {
            **row,
            "total_h": row["hours"],
            "kind": kinds.get(row["kind"], row["kind"]),
            net.border.cost: _cost_cell(row, net.border.cost, request.lang),
        }
        for row in document["exits"]
    ]
    request.table(_exits_title(request, result), columns, rows)
    _print_costs(request, result.state, result.vehicle, rows)
    for row in _dependence(document):
        label = "detour_cost" if row["unit"] == net.border.currency else row["figure"]
        low, value, high = (
            "–"
            if row[bound] is None
            else number_text(row[bound], request.lang, digits=_DIGITS.get(row["unit"], 0))
            for bound in ("low", "value", "high")
        )
        unit = "" if row["unit"] in ("share", "index", "days") else f" {row['unit']}"
        name = request.text(f"dependence.{label}", year=document["on"][:4])
        bounds = "" if row["low"] is None and row["high"] is None else f" ({low} … {high})"
        click.echo(f"{name}: {value}{bounds}{unit}")
    if document["not_included"]:
        click.echo(request.text("word.not_included", exits=document["not_included"]))


def _dependence(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the measures of dependence as rows."""
    columns = ("unit", "value", "low", "high", "formula")
    return [
        {"figure": figure, **{name: measure[name] for name in columns}}
        for figure, measure in document["dependence"].items()
    ]
