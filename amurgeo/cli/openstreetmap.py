"""Commands that take OpenStreetMap in: fetch an area, or read an extract."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from amurgeo.cli import options
from amurgeo.cli.output import note, print_json, print_table
from amurgeo.errors import InputError

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.osm.reading import RawArea

#: Width of the strip around a corridor and of the circle around a place, km.
_CORRIDOR_KM = 15.0
_AROUND_KM = 25.0
_ROWS_SHOWN = 12

_SAID = {
    "written": (
        "{roads} roads, {junctions} junctions, {seasonal} of the roads with a season; written to {folder}",
        "дорог: {roads}, узлов: {junctions}, сезонных дорог: {seasonal}; записано в {folder}",
        "道路{roads}条，节点{junctions}个，季节性道路{seasonal}条；已写入{folder}",
    ),
    "use": (
        "Use it with --data {folder}. {licence}",
        "Используйте с --data {folder}. {licence}",
        "使用方法：--data {folder}。{licence}",
    ),
    "attached": (
        "Places and terminals put onto OpenStreetMap",
        "Пункты и терминалы, привязанные к OpenStreetMap",
        "已附着到OpenStreetMap的地点和口岸",
    ),
    "crossings": ("Ways over the border", "Пути через границу", "过境通道"),
    "roads": ("Shipped roads in the area", "Дороги набора в этом районе", "区域内的原有道路"),
    "remarks": (
        "Tags not read, or read and not applied",
        "Теги, которые не прочитаны или не применены",
        "未能读取或未采用的标签",
    ),
    "more": ("… and {n} more in {file}", "… и ещё {n} в {file}", "……另有{n}项，见{file}"),
    "none": ("not attached", "не привязан", "未附着"),
    "answers": ("answers", "ответов", "个响应"),
    "id": ("Id", "Код", "编号"),
    "moved": ("Moved, km", "Сдвиг, км", "移动，公里"),
    "how": ("Onto", "К чему", "附着于"),
    "mode": ("Mode", "Вид", "方式"),
    "ways": ("OSM ways", "Линии OSM", "OSM路径"),
    "crossing": ("Crossing", "Переход", "口岸通道"),
    "shipped": ("Dataset, km", "В наборе, км", "数据集，公里"),
    "osm": ("OSM, km", "OSM, км", "OSM，公里"),
    "outcome": ("Outcome", "Итог", "结果"),
    "replaced": ("replaced", "заменена", "已替换"),
    "tag": ("Tag", "Тег", "标签"),
    "problem": ("What is the matter", "В чём дело", "问题"),
}


def _say(key: str, lang: str, **values: Any) -> str:
    return _SAID[key][("en", "ru", "zh").index(lang)].format(**values)


_output = click.option(
    "-o", "--output", metavar="DIR", required=True, help="Folder to write, for --data DIR."
)
_form = click.option(
    "--form",
    type=click.Choice(["auto", "tables", "arrays"]),
    default="auto",
    show_default=True,
    help="CSV tables, or arrays for large areas.",
)
_format = click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How the report is printed.",
)


@click.group()
def osm() -> None:
    """OpenStreetMap roads, ice roads and ferries as a folder for --data DIR, their seasons kept."""


@osm.command()
@click.option("--around", metavar="PLACE", help="A circle around a place, --km wide.")
@click.option("--bbox", metavar="W,S,E,N", help="A frame in degrees, as 127.3,50.1,127.8,50.4.")
@click.option(
    "--corridor", nargs=2, metavar="A B", help="A strip along the way from A to B, --km to either side."
)
@click.option("--km", type=click.FloatRange(0.1, 500.0), help="Radius, or half the width of the strip.")
@click.option(
    "--roads",
    type=click.Choice(["all", "main"]),
    help="Every road, or those between towns; a corridor takes the main ones.",
)
@click.option("--server", metavar="URL", help="Overpass API to ask, instead of OSMnx's own.")
@click.option("--cache", metavar="DIR", help="Where answers are kept; else beside the folder written.")
@click.option(
    "--timeout", type=click.FloatRange(1.0, 3600.0), default=180.0, show_default=True, help="Seconds."
)
@_output
@_form
@options.lang
@options.data
@_format
def fetch(
    around: str | None,
    bbox: str | None,
    corridor: tuple[str, str] | None,
    km: float | None,
    roads: str | None,
    server: str | None,
    cache: str | None,
    timeout: float,
    output: str,
    form: str,
    lang: str,
    data: str | None,
    format_: str,
) -> None:
    """Fetch an area through OSMnx and attach it to the dataset.

    The server is asked one question at a time. When it refuses or fails, nothing is written and what it had
    answered is kept: the same command goes on from there.
    """
    if sum(given is not None for given in (around, bbox, corridor)) != 1:
        raise InputError("give one of --around PLACE, --bbox W,S,E,N and --corridor A B")
    from amurgeo.network import load
    from amurgeo.osm.fetching import FetchError, fetch_osm
    from amurgeo.osm.folder import check_folder

    folder = Path(output)
    check_folder(folder)
    net = load(data)
    if bbox is not None:
        polygon, title = _frame(bbox), f"frame {bbox}"
    elif around is not None:
        polygon, title = _circle(net, around, km or _AROUND_KM), f"around {around}, {km or _AROUND_KM:g} km"
    else:
        start, end = corridor or ("", "")
        polygon, title = _strip(net, start, end, km or _CORRIDOR_KM), f"corridor {start} - {end}"
    main_only = roads == "main" or (roads is None and corridor is not None)
    kept = Path(cache) if cache else folder.parent / f".{folder.name}-answers"
    try:
        raw = _with_progress(
            lambda tick: fetch_osm(
                polygon, server=server, cache=kept, main_only=main_only, timeout_s=timeout, progress=tick
            ),
            lang,
        )
    except FetchError as error:
        note(f"amurgeo: {error}")
        sys.exit(1)
    from datetime import UTC, datetime

    _finish(net, raw, folder, form, title, datetime.now(tz=UTC).date().isoformat(), lang, format_)


@osm.command()
@click.argument("file")
@_output
@_form
@options.lang
@options.data
@_format
def read(file: str, output: str, form: str, lang: str, data: str | None, format_: str) -> None:
    """Read FILE, an extract of OpenStreetMap: .osm, .osm.bz2, .osm.gz or .osm.pbf."""
    from datetime import UTC, datetime

    from amurgeo.osm.folder import check_folder
    from amurgeo.osm.reading import read_osm

    path, folder = Path(file), Path(output)
    check_folder(folder)
    raw = read_osm(path)
    from amurgeo.network import load

    # When the extract came here; a file does not say when it was fetched.
    day = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date().isoformat()
    _finish(load(data), raw, folder, form, path.name, day, lang, format_)


def _frame(bbox: str) -> Any:
    import shapely

    try:
        west, south, east, north = (float(part) for part in bbox.split(","))
    except ValueError:
        raise InputError(
            f"--bbox: '{bbox}' is no frame; give W,S,E,N in degrees, as 127.3,50.1,127.8,50.4"
        ) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            f"--bbox: '{bbox}' is empty or outside the world; give west,south,east,north in this order"
        )
    return shapely.box(west, south, east, north)


def _circle(net: Network, place: str, km: float) -> Any:
    import shapely

    row = net.nodes.loc[net.find(place)]
    return _widened(shapely.Point(row["lon"], row["lat"]), km)


def _strip(net: Network, start: str, end: str, km: float) -> Any:
    """Strip along the shortest way of the dataset, crossings of any season included."""
    import networkx as nx
    import shapely

    a, b = net.find(start), net.find(end)
    try:
        path = nx.shortest_path(net.graph, a, b, weight="length")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        raise InputError(f"--corridor: the dataset has no way from {start} to {end}") from None
    parts = [
        min(net.graph.get_edge_data(tail, head).values(), key=lambda edge: edge["length"])["geometry"]
        for tail, head in pairwise(path)
    ]
    return _widened(shapely.union_all(parts), km) if parts else _circle(net, start, km)


def _widened(shape: Any, km: float) -> Any:
    """Widen a shape by kilometres, in a projection of its own place."""
    import geopandas as gpd

    series = gpd.GeoSeries([shape], crs="EPSG:4326")
    metric = series.to_crs(series.estimate_utm_crs())
    return metric.buffer(km * 1000.0).simplify(km * 20.0).to_crs("EPSG:4326").iloc[0]


def _with_progress(run: Any, lang: str) -> RawArea:
    """Show the answers as they come, on stderr and only where somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    found: RawArea
    if not console.is_terminal:
        # Even a disabled bar of older rich ends with an empty line.
        found = run(None)
        return found
    columns = (
        TextColumn("OpenStreetMap"),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def tick(answers: int, size: int) -> None:
            bar.update(task, description=f"{answers} {_say('answers', lang)}, {size / 1e6:.1f} MB")

        found = run(tick)
        return found


def _finish(
    net: Network, raw: RawArea, folder: Path, form: str, title: str, retrieved: str, lang: str, format_: str
) -> None:
    from amurgeo.osm.building import Backbone, build_area
    from amurgeo.osm.folder import REPORT_FILE, report_of, write_area

    border = net.layer("border").geometry.union_all()
    area = build_area(raw, Backbone(net.base, border), title=title, retrieved=retrieved)
    form = write_area(area, folder, form=form)
    report = report_of(area, form)
    if format_ == "json":
        print_json(report)
        return
    _print_report(report, folder / REPORT_FILE, lang)
    counts = report["counts"]
    click.echo(
        _say(
            "written",
            lang,
            roads=counts["roads"],
            junctions=counts["junctions"],
            seasonal=counts["seasonal_roads"],
            folder=folder,
        )
    )
    click.echo(_say("use", lang, folder=folder, licence=report["licence"]))


def _print_report(report: dict[str, Any], file: Path, lang: str) -> None:
    head = {name: _say(name, lang) for name in ("id", "moved", "how", "mode", "ways", "crossing")}
    _table(
        _say("attached", lang),
        [head["id"], head["moved"], head["how"]],
        [
            *([row["id"], f"{row['moved_km']:.2f}", row["how"]] for row in report["attached"]),
            *([id_, "", _say("none", lang)] for id_ in report["not_attached"]),
        ],
        file,
        lang,
    )
    _table(
        _say("crossings", lang),
        [head["mode"], head["ways"], head["crossing"], ""],
        [
            [row["mode"], " ".join(map(str, row["ways"])), row["crossing"] or _say("none", lang), row["why"]]
            for row in report["crossings"]
        ],
        file,
        lang,
    )
    _table(
        _say("roads", lang),
        [head["id"], _say("shipped", lang), _say("osm", lang), _say("outcome", lang)],
        [
            [
                row["road"],
                f"{row['shipped_km']:.1f}",
                "" if row["osm_km"] is None else f"{row['osm_km']:.1f}",
                row["why"] or _say("replaced", lang),
            ]
            for row in report["roads"]
        ],
        file,
        lang,
    )
    remarks = sorted(report["remarks"], key=lambda row: row["read"])
    _table(
        _say("remarks", lang),
        [head["ways"], _say("tag", lang), _say("problem", lang)],
        [[str(row["way"]), f"{row['key']}={row['text']}", row["problem"]] for row in remarks],
        file,
        lang,
    )


def _table(title: str, headings: list[str], rows: list[list[str]], file: Path, lang: str) -> None:
    if not rows:
        return
    print_table(title, headings, rows[:_ROWS_SHOWN])
    if len(rows) > _ROWS_SHOWN:
        click.echo(_say("more", lang, n=len(rows) - _ROWS_SHOWN, file=file))
