"""The commands on what hurts most, whom it hits and what helps: critical, access, measures."""

from __future__ import annotations

from typing import Any

import click

from amurgeo.cli import shared, types
from amurgeo.cli.compare import given
from amurgeo.cli.shared import Request
from amurgeo.text import day_text, listing, name_of

_COLUMNS = ("rank", "element", "element_kind", "people_h", "people_cut", "truck_h")
_REACH = ("place", "people", "days_cut", "to_centre_h", "to_railway_h", "to_crossing_h", "crossing")
_SAVES = ("rank", "measure", "benefit_h", "low", "high", "bad_winter_h", "regret_h", "cost_low", "cost_high")
_SHOWN = 12
#: Elements to name in a sentence.
_MOST = 5


@click.command()
@shared.on
@shared.period
@shared.vehicle
@shared.scenario
@shared.option(
    "--weight", type=click.Choice(["people", "trucks"]), default="people", help="What ranks the elements."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["crossing", "checkpoint", "pair", "bridge", "road", "railway"]),
    help="Kinds of elements; by default all but pairs of checkpoints. Repeat for several.",
)
@shared.places("--origins", "Places instead of the home side's larger towns.")
@shared.places("--destinations", "Places instead of the dataset's destinations.")
@shared.drivers
@shared.option("--draws", type=click.IntRange(0, 1000), default=20, help="Draws within the ranges of hours.")
@shared.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Seed of the draws.")
@click.option("--resume", metavar="FILE", help="File of the states done, from which a stopped run goes on.")
@shared.everything
@shared.printed
def critical(request: Request, kinds: tuple[str, ...], everything: bool, **options: Any) -> None:
    """Rank crossings, checkpoints, bridges and roads by what is lost without them."""
    from amurgeo import criticality
    from amurgeo.network import vehicle_id
    from amurgeo.seasons.daily import asked_period

    vehicle = vehicle_id(request.net, options["vehicle"])
    if kinds:
        options["kinds"] = kinds
    frame = criticality(request.net, **options)
    asked = [options[name] for name in ("on", "year", "first", "last")]
    first, last = asked_period(*asked) or (options["on"],) * 2
    days = [day_text(day, request.data_lang) for day in dict.fromkeys((first, last))]
    title = request.text(
        "title.critical", days="–".join(days), vehicle=request.name(request.net.base["vehicles"], vehicle)
    )

    def table() -> None:
        names = [(row["kind"], row["element"]) for row in frame.to_dict()]
        rows = [
            {**row, "element": _name(request, *name), "element_kind": name[0]}
            for row, name in zip(frame.to_dict(), names, strict=True)
        ]
        request.say(title, bold=True)
        for sentence in _sentences(request, frame):
            request.say(sentence)
        if frame.empty:
            return
        shown = rows if everything else rows[:_SHOWN]
        columns = [name for name in _COLUMNS if any(row[name] for row in rows)]
        request.table("", columns, shown)
        if len(shown) < len(rows):
            request.say(request.text("critical.rest", n=len(rows) - len(shown)))
        request.say(request.text("critical.rule"))

    about = {"title": title, "when": (first, last), "vehicle": vehicle, "scenario": options["scenario"]}
    request.emit(frame.to_dict(), table, net=frame.net, unknown=frame.unknown, **about)


def _name(request: Request, kind: str, id_: str) -> str:
    """Return the name of an element."""
    net = request.net
    if request.ids or kind == "crossing":
        return id_
    if kind in ("checkpoint", "bridge"):
        return request.name(net.base[f"{kind}s"], id_)
    if kind == "pair":
        return listing([_name(request, "checkpoint", part) for part in id_.split("+")], request.lang)
    edge = net.edges.loc[id_]
    ends = (name_of(net.nodes.loc[edge[end]], request.lang) for end in ("from_place", "to_place"))
    return " – ".join(ends)


def _sentences(request: Request, frame: Any) -> list[str]:
    """Print the most critical element, and those that are tied with it."""
    if frame.empty:
        return [request.text("critical.none")]
    first = frame.iloc[0]
    name = _name(request, first["kind"], first["element"])
    sentences = [request.text("critical.first", element=name)]
    kind_of = dict(zip(frame["element"], frame["kind"], strict=True))
    tied = [_name(request, kind_of[id_], id_) for id_ in filter(None, first["tied_with"].split(";"))]
    if tied:
        names = listing([*tied[:_MOST], *["…"][: len(tied) - _MOST]], request.lang)
        sentences.append(request.text("critical.tied", elements=names))
    return sentences


@click.command()
@click.argument("year", type=types.YEAR)
@shared.vehicle
@shared.scenario
@shared.places("--places", "Settlements instead of all of the home regions.")
@click.option("--centre", metavar="PLACE", help="Town that all must reach; by default the largest.")
@shared.everything
@shared.printed
def access(request: Request, everything: bool, **options: Any) -> None:
    """Show how long settlements take to what they need in YEAR, and on how many days they are cut off."""
    from amurgeo import access as access_of
    from amurgeo.network import vehicle_id

    vehicle, year = vehicle_id(request.net, options["vehicle"]), options["year"]
    frame = access_of(request.net, **options)
    title = request.text(
        "title.access", year=year, vehicle=request.name(request.net.base["vehicles"], vehicle)
    )
    about = {"title": title, "when": year, "vehicle": vehicle, "scenario": options["scenario"]}
    table = lambda: _print_access(request, frame, title, everything)  # noqa: E731
    request.emit(frame.to_dict(), table, net=frame.net, unknown=frame.unknown, **about)


def _print_access(request: Request, frame: Any, title: str, everything: bool) -> None:
    """Print one row per settlement: days of the year, medians of the months."""
    groups = frame.to_frame().groupby("place", sort=False)
    rows = groups[["to_centre_h", "to_railway_h", "to_crossing_h"]].median()
    rows = rows.assign(days_cut=groups["days_cut"].sum(), people=groups["people"].first())
    rows["crossing"] = groups["crossing"].agg(lambda near: next(iter(near.mode()), None))
    rows = rows.reset_index().sort_values(["days_cut", "to_centre_h"], ascending=False)
    cut = rows[rows["days_cut"] > 0]
    request.say(title, bold=True)
    names = [
        request.text("access.place", place=request.cell("place", place), n=int(days))
        for place, days in zip(cut["place"], cut["days_cut"], strict=True)
    ]
    request.say(
        request.text("access.cut", places=listing(names, request.lang))
        if names
        else request.text("access.none")
    )
    shown = rows if everything else cut
    if len(shown):
        request.table("", _REACH, shown.to_dict("records"))
    if not everything and len(cut) < len(rows):
        request.say(request.text("access.rest", n=len(rows) - len(cut)))
    request.say(request.text("access.rule"))


@click.command()
@click.argument("winter")
@click.option("--measure", "names", multiple=True, metavar="ID", help="Only this measure; repeat for more.")
@shared.scenario
@given
@shared.option("--draws", type=click.IntRange(1, 250), default=10, help="Draws of winter and demand.")
@shared.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Seed of the draws.")
@shared.drawing("--png", text="Draw what measures save")
@shared.printed_of_all
def measures(request: Request, winter: str, names: tuple[str, ...], png: str | None, **options: Any) -> None:
    """Rank measures by the truck-hours that they save in a WINTER, as 2026/27."""
    from amurgeo import measures as measures_of
    from amurgeo.analysis.measures import NUMBERS

    result = measures_of(request.net, winter, names=names or None, **options)
    document = result.to_dict(request.data_lang)
    title = request.text("title.measures", winter=winter)

    def table() -> None:
        for sentence in document["sentences"]:
            request.say(f"• {sentence}")
        name = lambda id_: id_ if request.ids else result.name(id_, request.lang)  # noqa: E731
        whole = lambda row: {key: row[key] and round(row[key]) for key in NUMBERS}  # noqa: E731
        rows = [{**row, **whole(row), "measure": name(row["measure"])} for row in document["measures"]]
        columns = [column for column in _SAVES if any(row[column] is not None for row in rows)]
        request.table(title, columns, rows, spare=("cost_low", "cost_high", "regret_h"))

    files = lambda: {"measures": result.frame, "draws": result.draws, "hinges": result.hinges}  # noqa: E731
    about: Any = {"title": title, "when": winter, "scenario": [result.scenario]}
    rows: Any = {"rows": document["measures"], "files": files, **about}
    request.emit(document, table, net=result.net, sentence=document["sentences"], **rows)
    request.draw(png, "measures_figure", result)
