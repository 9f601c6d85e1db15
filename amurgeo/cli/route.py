"""Commands on routes: routes, matrix, daily."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

import amurgeo
from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.cli.state import Rows
from amurgeo.cli.tables import cost_cell, hours_range, print_costs, runs
from amurgeo.errors import InputError
from amurgeo.io import records
from amurgeo.network import home_names, road_ref, vehicle_row
from amurgeo.text import chance_text, decimal_point, listing, number_text

if TYPE_CHECKING:
    from amurgeo.routing.routes import Routes

#: Column of each --value of a matrix, and the format of its cells.
_VALUES: dict[str, tuple[Any, str]] = {
    "hours": ("hours", ".1f"),
    "km": ("length_km", ".0f"),
    "cost": ("cost", ".0f"),
}
_ROUTES = (
    "rank", "crossing", "total_h", "probability_open", "evidence", "drive_h", "border_h", "wait_h", "queue_h",
    "rest_h", "length_km", "cost",
)  # fmt: skip
#: Reasons of crossings that a vehicle can never use.
_NEVER = ("vehicle_not_admitted", "retired", "not_yet_open")


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


def find(
    request: Request, origin: str, destination: str, *, no_transit: bool, border_h: Any, **options: Any
) -> Routes:
    """Return the routes of a question."""
    from amurgeo.routing.departures import parse_departure

    typed = click.get_current_context().get_parameter_source("on") is ParameterSource.COMMANDLINE
    if options["depart_at"] is not None and not typed and parse_departure(options["depart_at"], None)[0]:
        options["on"] = None  # The departure has the day, not today.
    if options.pop("queues", False):
        on, scenario = options["on"] or (options["depart_at"] or "")[:10], options["scenario"]
        options["queues"] = amurgeo.queues(request.net, scenario, start=on, end=on, assume=options["assume"])
    options |= {name: request.names(options[name]) for name in ("via", "avoid")}
    options |= {"transit": not no_transit, "border_h": _border_hours(border_h), "lang": request.data_lang}
    return amurgeo.routes(request.net, origin, destination, **options)


@click.command()
@shared.options("question queues png_routes everything lines_of_all")
def routes(request: Request, origin: str, destination: str, tcd: str | None, **options: Any) -> None:
    """Find the best route from ORIGIN to DESTINATION by each open crossing, ranked by time."""
    result = find(request, origin, destination, **options)
    request.draw("routes_figure", result)
    request.draw("tcd_figure", result, path=tcd, option="--tcd")
    # Only JSON and files show the indicators.
    document = result.to_dict(indicators=request.format_ == "json")
    ends = {"origin": result.origin, "destination": result.destination}
    title = request.asked("routes", result.state, result.vehicle, **ends)
    request.emit(
        result,
        lambda: _print_routes(request, result, document, title),
        document,
        rows=document["routes"],
        columns=result.columns,
        files=lambda: _route_tables(result, document, request.data_lang),
        lines=lambda: result.to_gdf().drop(columns="crossings"),
        title=title,
        scenario=options["scenario"],
    )
    none = not result.routes if result.departure is None else result.departure.arrives is None
    if none:
        raise click.exceptions.Exit(1)


def _print_routes(request: Request, result: Any, document: dict[str, Any], title: str) -> None:
    net, nodes = result.state.net, result.state.net.nodes
    for side, join in document["joined"].items():
        place = request.name(nodes, getattr(result, side))
        request.say(request.text("word.joined", place=place, **join))
    request.say(title, bold=True)
    if result.origin == result.destination:
        request.say(request.text("word.same_place"))
        return
    rows = []
    for route in document["routes"]:
        mark = "~" if route["border_estimated"] else ""
        cells = {name: f"{mark}{route[name]:.1f}" for name in ("border_h", "wait_h")}
        cells["crossing"] = listing(route["crossings"], request.lang) or request.text("word.none")
        cells["total_h"] = hours_range(route["hours"])
        rows.append({**route, **cells, net.border.cost: cost_cell(route, net.border.cost, request.lang)})
    closed = _closed_home(request, result)
    abroad = nodes.loc[[result.origin, result.destination], "side"].nunique() > 1
    if abroad and _never_admitted(result, closed):
        names = {"vehicle": request.name(net.base["vehicles"], result.vehicle)}
        names["home"] = home_names(net)[request.lang]
        request.say(request.text("route.never_admitted", **names))
    departs = result.departure is not None and result.departure.arrives is not None
    if departs:
        _print_arrival(request, result, document["departure"])
    if rows:
        # The fastest of the day is the answer, unless the hour of departure decides.
        _print_answer(request, result, document, "at_any_hour" if departs else "fastest")
        asked = [name for name in _ROUTES if name != "queue_h" or result.queue_h is not None]
        shown = [net.border.cost if name == "cost" else name for name in asked]
        request.table("", shown, rows, spare=("drive_h",))
        print_costs(request, result.state, result.vehicle, rows)
        _print_sensitivity(request, document)
        if any(route["border_estimated"] for route in document["routes"]):
            request.say(request.text("word.estimates"))
    elif not departs:
        request.say(request.text("title.no_route"))
    if result.departure is not None:
        _print_departure(request, result, document["departure"])
    if closed.rows and (abroad or not rows or request.everything):
        click.echo()
        columns = ("crossing", "reason", "expected_open", "because")
        if closed.shown:
            request.table(request.text("title.closed"), columns, closed.shown)
        closed.say_rest()


def _closed_home(request: Request, result: Any) -> Rows:
    """Return the closed crossings: those at home and in use, and the rest."""
    kind = {"traffic": str(vehicle_row(result.state.net, result.vehicle)["traffic"]), "status": "closed"}
    rows = [{**row, **kind} for row in result.closed]
    return Rows(request, result.state.net, rows)


def _never_admitted(result: Any, closed: Rows) -> bool:
    """Return whether no home crossing that the vehicle's network leads to ever admits it."""
    reasons = {row["reason"] for row in closed.rows if closed.is_home(row)}
    admitted = result.state.admitted(result.vehicle)["usable"]
    usable = [id_ for id_ in admitted.index[admitted] if closed.is_home({"crossing": id_})]
    return not usable and "vehicle_not_admitted" in reasons and reasons <= set(_NEVER)


def _print_arrival(request: Request, result: Any, journey: dict[str, Any]) -> None:
    """Print by which crossings the journey of the given hour arrives first, and when."""
    arrives = _moment(request, result.state.net, journey["arrives"], result.destination)
    hours = {name: f"{journey[name]:.1f}" for name in ("total_h", "wait_h")}
    by = listing(journey["crossings"], request.lang)
    request.say(request.text("route.arrives" + "_land" * (not by), by=by, arrives=arrives, **hours))


def _print_answer(request: Request, result: Any, document: dict[str, Any], key: str) -> None:
    """Print the fastest route, those not told apart from it, and the border hours that change the order."""
    first, net = document["routes"][0], result.state.net
    stops = [*(leg["from"] for leg in first["legs"]), result.destination]
    key = f"route.{key}" if first["crossings"] else f"route.{key}_land"
    values = {
        "crossing": listing(first["crossings"], request.lang),
        "hours": hours_range(first["hours"]),
        "km": number_text(first["length_km"], request.lang, digits=0),
        "chance": chance_text(first["probability_open"]) or request.text("word.not_applicable"),
        "evidence": request.text(f"evidence.{first['evidence']}") if first["evidence"] else "",
        "stops": " → ".join(name for name, _ in groupby(request.name(net.nodes, stop) for stop in stops)),
    }
    request.say(request.text(key, **values))
    if first["tied_with"]:
        ranks = listing(map(str, [1, *first["tied_with"]]), request.lang)
        request.say(request.text("word.not_told_apart", ranks=ranks))
    for crossing, trucks in _without_room(result).items():
        request.say(request.text("route.no_room", crossing=crossing, trucks=trucks))
    for flip in document["break_even"][: None if request.everything else 1]:
        request.say(request.text("word.break_even", **flip))


def _without_room(result: Any) -> dict[str, str]:
    """Return the range of trucks a day of the crossings on routes of a truck that by estimate clear none."""
    from amurgeo.flows.demand import rooms

    vehicle = vehicle_row(result.state.net, result.vehicle)
    if vehicle["traffic"] != "cargo" or vehicle["network"] == "rail":
        return {}
    found, used = rooms(result.state), {crossing for route in result for crossing in route.crossings}
    found = found[(found["trucks_per_day"] == 0) & found.index.isin(used)]
    return {row.Index: f"{row.low:.0f}–{row.high:.0f}" for row in found.itertuples()}


def _print_sensitivity(request: Request, document: dict[str, Any]) -> None:
    """Print which estimate moves the answer most, and from where on another route is faster."""
    for row in document["sensitivity"][:1]:
        if row["spread_h"]:
            name = " ".join([request.text(f"estimate.{row['estimate']}"), *filter(None, [row["crossing"]])])
            values = {key: f"{value:.1f}" for key, value in row.items() if isinstance(value, float)}
            request.say(request.text("word.sensitivity", name=name, **values))
            # Hours of control at which the order changes are in the answer.
            if row["switch_h"] is not None and row["estimate"] != "border_h":
                rival = row["against"] or request.text("word.none")
                request.say(request.text("word.switch", name=name, switch_h=values["switch_h"], rival=rival))


def _print_departure(request: Request, result: Any, journey: dict[str, Any]) -> None:
    net, nodes = result.state.net, result.state.net.nodes
    ends = {"leaves": result.origin, "arrives": result.destination}
    moments = {name: _moment(request, net, journey[name], at) for name, at in ends.items() if journey[name]}
    if journey["arrives"] is None:
        request.say(request.text("word.no_departure", **journey | moments))
        return
    rows = [
        {
            "leaves": _clock(leg["start"]),
            "arrives": _clock(leg["end"]),
            "origin": request.name(nodes, leg["from"]),
            "destination": request.name(nodes, leg["to"]),
            "mode": request.text(f"mode.{leg['mode']}")
            + (f" {road_ref(leg['ref'], request.lang)}" if leg["ref"] else ""),
            "length_km": leg["length_km"],
            "total_h": leg["hours"],
        }
        for leg in journey["legs"]
    ]
    by = listing(journey["crossings"], request.lang) or request.text("word.none")
    title = request.text("title.departure", by=by, wait=f"{journey['wait_h']:.1f}", **journey | moments)
    request.table(title, list(rows[0]), rows)


def _clock(moment: str) -> str:
    """Return day and time of a moment."""
    return moment[:16].replace("T", " ")


def _moment(request: Request, net: Any, moment: str, place: str) -> str:
    """Return a moment with the region whose clock it has."""
    regions, region = net.base["regions"], net.nodes["region"][place]
    zone = f"{request.name(regions, region)}, " if region in regions.index else ""
    offset = f"{moment[-6]}{int(moment[-5:-3])}{moment[-3:].replace(':00', '')}"
    return f"{_clock(moment)} ({zone}UTC{offset})"


def _route_tables(result: Any, document: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return the routes with their lines, their legs, and closed crossings, as tables of a file."""
    for route, row in zip(result, document["routes"], strict=True):
        row["indicators"] = records(route.indicators(lang=lang))
    parts = {
        name: [{"rank": route["rank"], **row} for route in document["routes"] for row in route[name]]
        for name in ("legs", "indicators")
    }
    tables = {"routes": result.to_gdf()}
    return tables | {name: rows for name, rows in {**parts, "closed": document["closed"]}.items() if rows}


@click.command()
@shared.options("between_places on value no_transit drivers vehicle scenario assume printed_of_all")
def matrix(
    request: Request, value: str, no_transit: bool, origins: Any, destinations: Any, **options: Any
) -> None:
    """Compute hours, km or cost between many places on a date; empty where there is no route."""
    from amurgeo.network import vehicle_id
    from amurgeo.network.snapping import locate_all
    from amurgeo.routing.money import cost_basis

    net, ends = locate_all(request.net, origins=origins, destinations=destinations)
    column, digits = _VALUES[value]
    column = net.border.cost if column == "cost" else column
    cells = amurgeo.od_matrix(net, *ends, value=column, transit=not no_transit, **options)

    scenario, by = options["scenario"], vehicle_id(net, options["vehicle"])
    state = net.state(options["on"], scenario=scenario)
    title = request.asked("matrix", state, by, what=request.heading(column))

    def table() -> None:
        name = str if request.ids else partial(request.name, net.nodes)
        towns = [name(end) for end in cells.columns]
        texts = [
            [name(origin), *("" if cell != cell else f"{cell:{digits}}" for cell in row)]
            for origin, row in cells.iterrows()
        ]
        request.table(title, ["origin", *towns], texts, right=towns)
        if value != "km":
            request.say(request.text("word.matrix_estimates"))
        if value == "cost":
            basis = {**cost_basis(net, by), "cost_missing": ""}
            print_costs(request, state, by, [basis], empty=True)

    about = {"title": title, "when": state.on.isoformat(), "vehicle": by, "scenario": scenario}
    request.emit(cells, table, net=net, **about)


@click.command()
@shared.options("ends span scenario_names no_transit drivers vehicle assume printed_of_all")
def daily(
    request: Request, origin: str, destination: str, names: Any, no_transit: bool, **options: Any
) -> None:
    """Compute the hours from ORIGIN to DESTINATION on every day of a period; the table has a row per run."""
    from amurgeo.network import vehicle_id
    from amurgeo.scenario import as_scenario

    scenarios = [as_scenario(name, folder=request.folder) for name in names or ("baseline",)]
    shared.note_room(request, scenarios)
    options |= {"scenarios": scenarios, "transit": not no_transit}
    result = amurgeo.daily(request.net, [origin], [destination], **options)
    rows = result.to_dict()
    ends = {side: request.name(result.net.nodes, rows[0][side]) for side in ("origin", "destination")}
    columns = ("scenario", "first", "last", "hours", "crossing", "probability_open")
    title = request.text("title.daily", **ends)
    if rows[0]["origin"] == rows[0]["destination"]:
        title += f": {request.text('word.same_place')}"
    table = lambda: request.table(title, columns, runs(rows, ("scenario", "hours", "crossing")))  # noqa: E731
    about: Any = {"scenario": scenarios, "vehicle": vehicle_id(result.net, options["vehicle"])}
    request.emit(result, table, rows, title=title, when=(rows[0]["date"], rows[-1]["date"]), **about)
