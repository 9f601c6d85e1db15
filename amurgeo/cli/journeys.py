"""Commands about single journeys and many at once."""

from __future__ import annotations

from typing import Any

import click

from amurgeo.cli import options
from amurgeo.cli.output import print_csv, print_json, print_table, write_file
from amurgeo.errors import InputError

#: What a matrix is asked for: its column, and digits after the point in a table.
_VALUES: dict[str, tuple[Any, int]] = {"hours": ("hours", 1), "km": ("length_km", 0), "cost": ("cost_rub", 0)}


def _border_hours(values: tuple[str, ...]) -> dict[str, float]:
    hours = {}
    for value in values:
        crossing, equals, number = value.partition("=")
        try:
            hours[crossing] = float(number)
        except ValueError:
            equals = ""
        if not equals or not 0 <= hours.get(crossing, -1) <= 1000:
            raise InputError(f"--border-h: '{value}' is wrong; write it as kani_kurgan:bridge=8")
    return hours


@click.command()
@click.argument("origin")
@click.argument("destination")
@options.on
@click.option(
    "-k", "k", type=click.IntRange(1, 50), default=4, show_default=True, help="How many routes at most."
)
@options.vehicle
@options.scenario
@click.option(
    "--depart", metavar="TIME", help="Departure by the clock of the origin, as 08:00 or 2026-02-10T08:00."
)
@click.option(
    "--max-wait-h",
    type=float,
    default=120.0,
    show_default=True,
    help="With --depart: a crossing that opens later counts as closed.",
)
@click.option(
    "--via", multiple=True, metavar="ID", help="Checkpoint, crossing or place that every route takes."
)
@click.option(
    "--avoid", multiple=True, metavar="ID", help="Checkpoint, crossing or place that no route takes."
)
@click.option(
    "--no-transit", is_flag=True, help="Leave out ways inside one country that lead through the other."
)
@click.option(
    "--border-h",
    multiple=True,
    metavar="CROSSING=H",
    help="Hours of border procedure instead of the table's.",
)
@options.lang
@options.data
@options.format_
@options.output
def routes(
    origin: str,
    destination: str,
    on: str | None,
    k: int,
    vehicle: str,
    scenarios: tuple[str, ...],
    depart: str | None,
    max_wait_h: float,
    via: tuple[str, ...],
    avoid: tuple[str, ...],
    no_transit: bool,
    border_h: tuple[str, ...],
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """The best way from ORIGIN to DESTINATION by each open crossing, ranked by time."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.network import load
    from amurgeo.routing.routes import ROUTE_COLUMNS
    from amurgeo.routing.routes import routes as find_routes

    net = load(data)
    found = find_routes(
        net,
        origin,
        destination,
        on=on,
        vehicle=vehicle,
        k=k,
        scenario=scenario,
        via=via,
        avoid=avoid,
        transit=not no_transit,
        border_h=_border_hours(border_h),
        depart_at=depart,
        max_wait_h=max_wait_h,
        lang=lang,
    )
    net = found.state.net
    document = found.to_dict()
    if output is not None:
        write_file(output, _route_tables(net, found, document), net, lang=lang)
    elif format_ == "json":
        print_json(document)
    elif format_ == "csv":
        print_csv(document["routes"], ROUTE_COLUMNS)
    elif format_ == "geojson":
        click.echo(_geojson(net, found, document))
    else:
        _print_routes(net, found, document, lang)
    late = found.departure is not None and document["departure"]["arrives"] is None
    if late or not found.routes:
        raise click.exceptions.Exit(1)


def _print_routes(net: Any, found: Any, document: dict[str, Any], lang: str) -> None:
    from amurgeo.text import name_of, translate

    for side, joint in document["joined"].items():
        click.echo(
            translate("word.joined", lang, place=name_of(net.nodes.loc[getattr(found, side)], lang), **joint)
        )
    title = translate(
        "title.routes",
        lang,
        origin=name_of(net.nodes.loc[found.origin], lang),
        destination=name_of(net.nodes.loc[found.destination], lang),
        on=document["on"],
        vehicle=name_of(net.base["vehicles"].loc[found.vehicle], lang),
    )
    columns = ["rank", "crossing", "total_h", "drive_h", "border_h", "wait_h", "length_km", "route"]
    rows = []
    nodes = net.nodes
    for record in document["routes"]:
        mark = "~" if record["border_estimated"] else ""
        way = " → ".join(
            dict.fromkeys(
                [name_of(nodes.loc[leg["from"]], lang) for leg in record["legs"]]
                + [name_of(nodes.loc[found.destination], lang)]
            )
        )
        rows.append(
            [
                str(record["rank"]),
                ", ".join(record["crossings"]) or translate("word.none", lang),
                f"{record['total_h']:.1f}",
                f"{record['drive_h']:.1f}",
                f"{mark}{record['border_h']:.1f}",
                f"{mark}{record['wait_h']:.1f}",
                f"{record['length_km']:.0f}",
                way,
            ]
        )
    if rows:
        print_table(
            title, [translate(f"head.{name}", lang) for name in columns], rows, right=(0, 2, 3, 4, 5, 6)
        )
        if found.departure is not None:
            _print_departure(net, document["departure"], lang)
        for flip in document["break_even"]:
            click.echo(translate("word.break_even", lang, **flip))
        if any("~" in row[4] for row in rows):
            click.echo(translate("word.estimates", lang))
    else:
        click.echo(f"{title}: {translate('title.no_route', lang)}")
    if found.closed:
        closed = [
            [
                item["crossing"],
                translate(f"reason.{item['reason']}", lang),
                item["expected_open"] or "",
                item["because"],
            ]
            for item in found.closed
        ]
        print_table(
            translate("title.closed", lang),
            [translate(f"head.{name}", lang) for name in ("crossing", "reason", "expected_open", "because")],
            closed,
        )
    click.echo(translate("word.record_until", lang, date=document["record_until"]))


def _print_departure(net: Any, journey: dict[str, Any], lang: str) -> None:
    from amurgeo.text import name_of, translate

    if journey["arrives"] is None:
        click.echo(translate("word.no_departure", lang, leaves=journey["leaves"]))
        return
    nodes = net.nodes
    rows = [
        [
            leg["start"][5:16].replace("T", " "),
            leg["end"][5:16].replace("T", " "),
            name_of(nodes.loc[leg["from"]], lang),
            name_of(nodes.loc[leg["to"]], lang),
            translate(f"mode.{leg['mode']}", lang) + (f" {leg['ref']}" if leg["ref"] else ""),
            f"{leg['length_km']:.0f}",
            f"{leg['hours']:.1f}",
        ]
        for leg in journey["legs"]
    ]
    names = ("leaves", "arrives", "origin", "destination", "mode", "length_km", "total_h")
    title = translate(
        "title.departure",
        lang,
        leaves=journey["leaves"],
        arrives=journey["arrives"],
        wait=f"{journey['wait_h']:.1f}",
    )
    print_table(title, [translate(f"head.{name}", lang) for name in names], rows, right=(5, 6))


def _route_tables(net: Any, found: Any, document: dict[str, Any]) -> dict[str, Any]:
    """Return the routes with their lines, their legs, and what is closed, as tables for a file."""
    import pandas as pd

    legs = [{"rank": route["rank"], **leg} for route in document["routes"] for leg in route["legs"]]
    tables = {
        "routes": _with_course(net, found, document),
        "legs": pd.DataFrame(legs),
        "closed": pd.DataFrame(document["closed"]),
    }
    return {name: table for name, table in tables.items() if len(table) or name == "routes"}


def _with_course(net: Any, found: Any, document: dict[str, Any]) -> Any:
    """Return the routes as a frame with the line of each."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    from amurgeo.routing.routes import ROUTE_COLUMNS

    shapes = pd.concat([net.roads.geometry, net.railways.geometry, net.crossings.geometry]).to_dict()
    lines = [
        shapely.MultiLineString([shapes[edge] for edge in route.arcs["edge"] if edge in shapes])
        for route in found.routes
    ]
    frame = pd.DataFrame(document["routes"], columns=list(ROUTE_COLUMNS))
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:4326")


def _geojson(net: Any, found: Any, document: dict[str, Any]) -> str:
    return str(_with_course(net, found, document).drop(columns="crossings", errors="ignore").to_json())


@click.command()
@click.option("--origins", required=True, metavar="A,B,…", help="Places, separated by commas.")
@click.option("--destinations", required=True, metavar="A,B,…", help="Places, separated by commas.")
@options.on
@click.option(
    "--value",
    type=click.Choice(list(_VALUES)),
    default="hours",
    show_default=True,
    help="Hours, or the length in km or the cost in RUB of the fastest way.",
)
@options.vehicle
@options.scenario
@options.lang
@options.data
@options.plain_format
@options.output
def matrix(
    origins: str,
    destinations: str,
    on: str | None,
    value: str,
    vehicle: str,
    scenarios: tuple[str, ...],
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Hours, km or cost between many places on a day; empty where there is no way."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.network import load
    from amurgeo.network.snapping import locate_all
    from amurgeo.routing.matrix import od_matrix
    from amurgeo.scenario import as_scenario
    from amurgeo.seasons.state import resolve_day
    from amurgeo.text import name_of, translate

    net = load(data)
    ends = [options.listed(text) for text in (origins, destinations)]
    for option, names in zip(("--origins", "--destinations"), ends, strict=True):
        if not names:
            raise InputError(f"{option} names no place; give places separated by commas")
    net, ends = locate_all(net, origins=ends[0], destinations=ends[1])
    column, digits = _VALUES[value]
    found = od_matrix(net, *ends, on=on, vehicle=vehicle, scenario=scenario, value=column)
    records = [
        {
            "origin": origin,
            "destination": destination,
            column: None if cell != cell else round(float(cell), 4),
        }
        for origin, row in found.iterrows()
        for destination, cell in row.items()
    ]
    if output is not None:
        import pandas as pd

        write_file(output, {"matrix": pd.DataFrame(records)}, net, lang=lang)
        return
    if format_ == "json":
        print_json(records)
    elif format_ == "csv":
        print_csv(records, ["origin", "destination", column])
    else:
        names = net.nodes
        rows = [
            [
                name_of(names.loc[origin], lang),
                *("" if cell != cell else f"{cell:.{digits}f}" for cell in row),
            ]
            for origin, row in found.iterrows()
        ]
        headings = [
            translate("head.origin", lang),
            *(name_of(names.loc[place], lang) for place in found.columns),
        ]
        title = translate(
            "title.matrix",
            lang,
            what=translate(f"head.{column}", lang),
            on=resolve_day(net, on, as_scenario(scenario)).isoformat(),
            vehicle=name_of(net.base["vehicles"].loc[vehicle], lang),
        )
        print_table(title, headings, rows, right=range(1, len(headings)))
        if value != "km":
            click.echo(translate("word.matrix_estimates", lang))
        click.echo(translate("word.record_until", lang, date=net.record_until.isoformat()))


@click.command()
@click.argument("place")
@options.on
@options.vehicle
@options.scenario
@options.lang
@options.data
@options.plain_format
@options.output
def exits(
    place: str,
    on: str | None,
    vehicle: str,
    scenarios: tuple[str, ...],
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """The international exits of PLACE by road or rail, to China or by sea, and the dependence on China."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.analysis.exits import exits as find_exits
    from amurgeo.network import load
    from amurgeo.text import name_of, translate

    net = load(data)
    found = find_exits(net, place, on=on, vehicle=vehicle, scenario=scenario, lang=lang)
    document = found.to_dict()
    if output is not None:
        tables = {"exits": found.frame.reset_index(), "dependence": _dependence(document)}
        write_file(output, tables, found.state.net, lang=lang)
        return
    if format_ == "json":
        print_json(document)
        return
    if format_ == "csv":
        print_csv(document["exits"], ["id", *found.frame.columns])
        return
    rows = [
        [
            row["id"],
            translate(f"exit.{row['kind']}", lang),
            translate(f"status.{row['status']}", lang),
            translate(f"reason.{row['reason']}", lang),
            f"{row['length_km']:.0f}",
            "" if row["hours"] is None else f"{row['hours']:.1f}",
            "" if row["cost_rub"] is None else f"{row['cost_rub']:,.0f}".replace(",", " "),
            f"{row['estimated_share']:.0%}",
        ]
        for row in document["exits"]
    ]
    names = ("id", "kind", "status", "reason", "length_km", "total_h", "cost_rub", "estimated_share")
    title = translate(
        "title.exits",
        lang,
        origin=name_of(found.state.net.nodes.loc[found.origin], lang),
        on=document["on"],
        vehicle=name_of(net.base["vehicles"].loc[vehicle], lang),
    )
    print_table(title, [translate(f"head.{name}", lang) for name in names], rows, right=(4, 5, 6, 7))
    figures = found.dependence
    for key in ("share_of_exits", "share_of_tonnage", "cost_of_avoiding"):
        value, span = figures[key]["value"], figures[key]["range"]
        if key == "cost_of_avoiding":
            shown = translate(
                "word.cost_of_avoiding",
                lang,
                hours=_number(value["hours"]),
                rub=_number(value["rub"], 0),
                low=_number(span[0]),
                high=_number(span[1]),
            )
        else:
            shown = f"{_number(value, 2)} ({_number(span[0], 2)} … {_number(span[1], 2)})"
        click.echo(f"{translate(f'dependence.{key}', lang)}: {shown}")
    click.echo(translate("word.record_until", lang, date=document["record_until"]))


def _dependence(document: dict[str, Any]) -> Any:
    """Return the figures of the dependence on China as a table."""
    import pandas as pd

    rows = []
    for figure, found in document["dependence"].items():
        value, (low, high) = found["value"], found["range"]
        if isinstance(value, dict):
            rows.append({"figure": figure, "unit": "h", "value": value["hours"], "low": low, "high": high})
            rows.append({"figure": figure, "unit": "RUB", "value": value["rub"], "low": None, "high": None})
        else:
            rows.append({"figure": figure, "unit": "share", "value": value, "low": low, "high": high})
    return pd.DataFrame(rows)


def _number(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", " ")
