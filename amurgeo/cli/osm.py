"""Commands that read OpenStreetMap: fetch an area, or read an extract."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.errors import InputError

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.osm.reading import RawArea

#: Width of the strip around a corridor and of the circle around a place, km.
_CORRIDOR_KM, _AROUND_KM = 15.0, 25.0
_ROWS_SHOWN = 12

_written = shared.together(
    click.option(
        "-o", "--output", "folder", metavar="DIR", required=True, help="Folder to write, for --data DIR."
    ),
    shared.option(
        "--form",
        type=click.Choice(["auto", "tables", "arrays"]),
        default="auto",
        help="Tables, or arrays if large.",
    ),
    shared.lang,
    shared.data,
    shared.format_("table", "json", text="How the report is printed."),
    shared.shared,
)


@click.group()
def osm() -> None:
    """Convert OpenStreetMap roads, ice roads and ferries to a folder for --data DIR, with their seasons."""


@osm.command()
@click.option("--around", metavar="PLACE", help="A circle around a place, --km wide.")
@click.option("--bbox", metavar="W,S,E,N", help="A frame in degrees, as 127.3,50.1,127.8,50.4.")
@click.option(
    "--corridor", nargs=2, metavar="A B", help="A strip along the route from A to B, --km to either side."
)
@click.option("--km", type=click.FloatRange(0.1, 500.0), help="Radius, or half the width of the strip.")
@click.option(
    "--roads", type=click.Choice(["all", "main"]), help="Every road, or main ones (as for a corridor) only."
)
@click.option("--server", metavar="URL", help="Overpass API to ask, instead of OSMnx's own.")
@click.option("--cache", metavar="DIR", help="Folder of kept answers; by default beside the folder written.")
@shared.option("--timeout", "timeout_s", type=click.FloatRange(1.0, 3600.0), default=180.0, help="Seconds.")
@_written
def fetch(
    request: Request, folder: str, form: str, roads: str | None, cache: str | None, **options: Any
) -> None:
    """Fetch an area through OSMnx and attach it to the dataset.

    The server gets one request at a time. If it refuses or fails, nothing is written and its answers so far
    are kept: the same command continues from there.
    """
    area = {name: options.pop(name) for name in ("around", "bbox", "corridor", "km")}
    if sum(area[name] is not None for name in ("around", "bbox", "corridor")) != 1:
        raise InputError("give one of --around PLACE, --bbox W,S,E,N and --corridor A B")
    from amurgeo.osm.fetching import FetchError, fetch_osm
    from amurgeo.osm.folder import check_folder

    target = Path(folder)
    check_folder(target)
    polygon, title = _area(request.net, **area)
    options["main_only"] = roads == "main" or (roads is None and area["corridor"] is not None)
    options["cache"] = Path(cache) if cache else target.parent / f".{target.name}-answers"
    answers = request.text("area.answers")

    def progress(n: int, size: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"OpenStreetMap: {n} {answers}, {size / 1e6:.1f} MB\r", nl=False, err=True)

    try:
        raw = fetch_osm(polygon, progress=progress, **options)
    except FetchError as error:
        shared.note(f"amurgeo: {error}")
        raise click.exceptions.Exit(1) from None
    _finish(request, raw, target, form, title, datetime.now(tz=UTC))


@osm.command()
@click.argument("file")
@_written
def read(request: Request, file: str, folder: str, form: str) -> None:
    """Read FILE, an extract of OpenStreetMap: .osm, .osm.bz2, .osm.gz or .osm.pbf."""
    from amurgeo.osm.folder import check_folder
    from amurgeo.osm.reading import read_osm

    path, target = Path(file), Path(folder)
    check_folder(target)
    raw = read_osm(path)
    # A file does not contain the date of its retrieval; the date of the file is used.
    _finish(request, raw, target, form, path.name, datetime.fromtimestamp(path.stat().st_mtime, tz=UTC))


def _area(net: Network, around: str | None, bbox: str | None, corridor: Any, km: float | None) -> Any:
    """Return the polygon of the area and its title."""
    if bbox is not None:
        return _frame(bbox), f"frame {bbox}"
    if around is not None:
        km = km or _AROUND_KM
        return _widened(_point(net, net.find(around)), km), f"around {around}, {km:g} km"
    start, end = corridor
    return _widened(_line(net, start, end), km or _CORRIDOR_KM), f"corridor {start} - {end}"


def _frame(bbox: str) -> Any:
    import shapely

    try:
        west, south, east, north = map(float, bbox.split(","))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError
    except ValueError:
        example = "west,south,east,north in degrees, as 127.3,50.1,127.8,50.4"
        raise InputError(f"--bbox is invalid: '{bbox}'; expected {example}") from None
    return shapely.box(west, south, east, north)


def _point(net: Network, place: str) -> Any:
    import shapely

    return shapely.Point(*net.nodes.loc[place, ["lon", "lat"]])


def _line(net: Network, start: str, end: str) -> Any:
    """Return the shortest route of the dataset, with crossings of any season."""
    import networkx as nx
    import shapely

    graph, a, b = net.graph, net.find(start), net.find(end)
    try:
        path = nx.shortest_path(graph, a, b, weight="length")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        raise InputError(f"--corridor is invalid: the dataset has no route from {start} to {end}") from None
    legs = [min(graph[tail][head].values(), key=lambda leg: leg["length"]) for tail, head in pairwise(path)]
    return shapely.union_all([leg["geometry"] for leg in legs]) if legs else _point(net, a)


def _widened(shape: Any, km: float) -> Any:
    """Widen a shape by kilometres, in the UTM zone of its place."""
    import geopandas as gpd

    series = gpd.GeoSeries([shape], crs="EPSG:4326")
    metric = series.to_crs(series.estimate_utm_crs())
    return metric.buffer(km * 1000.0).simplify(km * 20.0).to_crs("EPSG:4326").iloc[0]


def _finish(request: Request, raw: RawArea, folder: Path, form: str, title: str, retrieved: datetime) -> None:
    """Attach the area to the dataset, write the folder and print its report."""
    from amurgeo.dataset.layers import layer_names
    from amurgeo.osm.building import Backbone, build_area
    from amurgeo.osm.folder import REPORT_FILE, report_of, write_area

    net = request.net
    border = net.layer("border").geometry.union_all() if "border" in layer_names(net.folder) else None
    area = build_area(raw, Backbone(net.base, border), title=title, retrieved=retrieved.date().isoformat())
    report = report_of(area, write_area(area, folder, form=form))

    def table() -> None:
        for name, columns, rows in _tables(request, report):
            if rows:
                headings = [column and request.text(column) for column in columns]
                request.table(request.text(name), headings, rows[:_ROWS_SHOWN])
            if len(rows) > _ROWS_SHOWN:
                click.echo(request.text("area.more", n=len(rows) - _ROWS_SHOWN, file=folder / REPORT_FILE))
        counts = {"seasonal": report["counts"]["seasonal_roads"], **report["counts"]}
        click.echo(request.text("area.written", folder=folder, **counts))
        click.echo(request.text("area.use", folder=folder, licence=report["licence"]))

    request.emit(report, table)


def _tables(request: Request, report: dict[str, Any]) -> list[tuple[str, tuple[str, ...], list[Any]]]:
    """Return the title, the headings and the rows of each table of the report."""
    none, replaced = request.text("area.none"), request.text("area.replaced")
    attached = [
        [row["id"], request.cell("moved_km", row["moved_km"]), row["how"]] for row in report["attached"]
    ]
    attached += [[id_, "", none] for id_ in report["not_attached"]]
    crossings = [
        [row["mode"], " ".join(map(str, row["ways"])), row["crossing"] or none, row["why"]]
        for row in report["crossings"]
    ]
    roads = [
        [
            row["road"],
            *(request.cell("osm_km", row[name]) for name in ("shipped_km", "osm_km")),
            row["why"] or replaced,
        ]
        for row in report["roads"]
    ]
    remarks = [
        [str(row["way"]), f"{row['key']}={row['text']}", row["problem"]]
        for row in sorted(report["remarks"], key=lambda row: row["read"])
    ]
    return [
        ("area.attached", ("head.id", "area.moved", "area.how"), attached),
        ("area.crossings", ("head.mode", "area.ways", "area.crossing", ""), crossings),
        ("area.roads", ("head.id", "area.shipped", "area.osm", "area.outcome"), roads),
        ("area.remarks", ("area.ways", "area.tag", "area.problem"), remarks),
    ]
