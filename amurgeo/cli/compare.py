"""Commands that compare scenarios: compare, redundancy, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.text import counted, number_text

#: Options that change the form of what is printed only.
_FORM = {"lang", "ids", "everything"}
_ENDS = ("origins", "destinations")
#: Names of places in a row at most; more are counted.
_MOST_NAMES = 3
_stretch = shared.option(
    "--stretch",
    type=shared.NUMBER(),
    default=1.5,
    help="Multiple of the fastest time up to which a route counts.",
)


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
@_stretch
@shared.everything
@click.option("--report", "report_file", metavar="FILE", help="Where the report is written.")
@click.option("--map", "map_file", metavar="FILE", help="Where the map is written.")
@shared.printed_with_lines
def compare(
    request: Request,
    scenarios: list[Any],
    report_file: str | None,
    map_file: str | None,
    no_transit: bool,
    everything: bool,
    **options: Any,
) -> None:
    """Compare ALTERNATIVES with BASE: crossings that open or close, routes left, times.

    Scenarios are built-in names, .toml files or changes, joined by +. Without options other than
    --lang, --ids and --all it also writes a map to maps/<base>-vs-<alternative>.html.
    """
    from amurgeo import compare as compare_scenarios

    if report_file is not None:
        _check_report(scenarios, report_file)
    result = compare_scenarios(request.net, scenarios, transit=not no_transit, **options)
    base, alt = (state.title[request.lang] for state in result.states[0])
    # A file has one column for all alternatives.
    gaps = {"base": base, "alt": alt if len(result.alternatives) == 1 else request.text("head.alternative")}
    document = result.to_dict()
    request.emit(
        document,
        lambda: _print_comparison(request, result, everything=everything),
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
    )
    if report_file is not None:
        _write_report(request, result, report_file)
    ctx = click.get_current_context()
    typed = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if map_file or typed - _FORM == {"base", "alternatives"}:
        name = f"{_file_name(result.base)}-vs-{_file_name('-'.join(result.alternatives))}.html"
        page = result.map(lang=request.lang)
        request.write_page(page, map_file or str(Path("maps") / name), option="--map")


def _file_name(scenario: str) -> str:
    """Return a name that is valid in every file system."""
    return "".join(char if char.isalnum() or char in "+_.-" else "_" for char in scenario)[:80]


def _print_comparison(request: Request, result: Any, *, everything: bool) -> None:
    """Print the answer in sentences, what changes, and a line that counts the rest."""
    for alternative, states in zip(result.alternatives, result.states, strict=True):
        titles = [request.shown(state.title[request.lang]) for state in states]
        findings = result.findings(alternative)
        for number, sentence in enumerate(findings.answer(request.lang)):
            named = number == 0 and len(result.alternatives) > 1
            request.say(f"{titles[1]}: {sentence}" if named else sentence, bold=number == 0)
        click.echo()
        if result.period is None:
            days = [state.on.isoformat() for state in states]
            if days[0] == days[1]:
                title = f"{titles[0]} → {titles[1]}, {days[0]}"
            else:
                title = " → ".join(f"{title}, {day}" for title, day in zip(titles, days, strict=True))
        else:
            title = f"{titles[0]} → {titles[1]}, {' – '.join(day.isoformat() for day in result.period)}"
        title = title.replace(", ", "，") if request.lang == "zh" else title
        request.say(request.shown(title), bold=True)
        sides = dict(zip(("base", "alt"), titles, strict=True))
        _print_crossings(request, findings, sides, everything)
        _print_pairs(request, result, alternative, everything)
    request.say(request.text("compare.notes", stretch=number_text(result.stretch, request.lang)))


def _print_crossings(request: Request, findings: Any, titles: dict[str, str], everything: bool) -> None:
    """Print the status, or the days open, of the crossings that change for the vehicle."""
    changed = findings.changed()
    shown = changed if everything else changed[changed["home"]]
    columns = [f"{side}_status" for side in titles]
    rows = []
    for crossing, row in shown.iterrows():
        if findings.period is None:
            cells = [request.text(f"status.{row[name]}") for name in columns]
        else:
            days = {side: counted("days", int(row[f"{side}_days"]), request.lang) for side in titles}
            cells = ["≥ " * findings.is_cut(crossing, side) + text for side, text in days.items()]
        rows.append([crossing, *cells])
    if rows:
        request.table("", ["crossing", *columns], rows, **titles)
        if any("≥" in cell for row in rows for cell in row):
            request.say(request.text("compare.cut"))
    if len(shown) < len(changed):
        crossings = counted("crossings", len(changed) - len(shown), request.lang)
        request.say(request.text("compare.elsewhere", crossings=crossings))


def _places(request: Request, nodes: Any, ids: str) -> str:
    """Name up to three places (ids joined by semicolons), or count them."""
    found = ids.split(";")
    if len(found) > _MOST_NAMES:
        towns = nodes.loc[found, "kind"].isin(["town", "city"]).all()
        return counted("towns" if towns else "places", len(found), request.lang)
    names = [id_ if request.ids else request.name(nodes, id_) for id_ in found]
    return ("、" if request.lang == "zh" else ", ").join(names)


def _print_pairs(request: Request, result: Any, alternative: str, everything: bool) -> None:
    """Print the pairs that change, those that share a change in one row."""
    lang, nodes = request.lang, result.net.nodes

    def span(row: Any, name: str, digits: int) -> str:
        ends = (row[f"{name}_min"], row[f"{name}_max"])
        texts = ["–" if end != end else number_text(end, lang, digits=digits) for end in ends]
        return "–".join(dict.fromkeys(texts))

    period = result.period is not None
    rows = []
    for row in result.groups(alternative, everything=everything).to_dict("records"):
        arrow = " ↔ " if row["both_ways"] else " → "
        sides = ("base_h", "alt_h") if row["change"] != "same" else ("base_h",)
        changed = f"change.{row['change']}"
        if row["change"] == "same" and row["ways"] != "same":
            changed = f"compare.ways_{row['ways']}"
        ways = " → ".join(dict.fromkeys(span(row, name, 0) for name in ("base_ways", "alt_ways")))
        days = row["days"] or row["days_fewer_ways"]
        rows.append({
            "compare.from_to": arrow.join(_places(request, nodes, row[name]) for name in _ENDS),
            "compare.count": str(row["pairs"]),
            "compare.change": request.text(changed),
            "compare.days": str(days or ""),
            "compare.hours": " → ".join(span(row, name, 1) for name in sides),
            "compare.ways": ways,
            "compare.now_by": row["alt_crossing"] if isinstance(row["alt_crossing"], str) else "",
        })  # fmt: skip
    if rows:
        leave = {"compare.days"} if not period else {"compare.ways"}
        if all(not row["compare.now_by"] for row in rows):
            leave.add("compare.now_by")
        columns = [name for name in rows[0] if name not in leave]
        headings = [request.text(name) for name in columns]
        right = {request.text(name) for name in ("compare.count", "compare.days")}
        request.table("", headings, [[row[name] for name in columns] for row in rows], right=right)
    unchanged = int(result.summary.at[alternative, "unchanged"])
    if unchanged and not everything:
        key = "compare.rest" if rows else "compare.rest_all"
        request.say(request.text(key, pairs=counted("pairs", unchanged, lang)))


@click.command()
@click.argument("year", type=shared.YEAR)
@shared.vehicle
@shared.scenario
@shared.assume
@shared.places("--origins", "Places instead of the home side's larger towns.")
@shared.places("--destinations", "Places instead of the dataset's destinations.")
@_stretch
@shared.everything
@shared.printed
def redundancy(request: Request, year: int, everything: bool, **options: Any) -> None:
    """Count the checkpoints by which routes lead over the border in each month of YEAR."""
    from amurgeo import redundancy as redundancy_of
    from amurgeo.network.snapping import locate_all

    places = {name: options.pop(name) for name in _ENDS}
    places = {name: names for name, names in places.items() if names is not None}
    net, ids = locate_all(request.net, **places)
    options |= zip(places, ids, strict=True)
    frame = redundancy_of(net, year, **options)
    stretch = number_text(options["stretch"], request.lang)
    table = lambda: _print_redundancy(request, net, frame, year, stretch, everything)  # noqa: E731
    request.emit(frame.to_dict(), table, net=net, unknown=frame.unknown)


def _print_redundancy(
    request: Request, net: Any, frame: Any, year: int, stretch: str, everything: bool
) -> None:
    """Print the fewest routes in a sentence, then pairs with the same numbers as one row."""
    pair, months = ["origin", "destination"], [str(month) for month in range(1, 13)]
    wide = frame.pivot_table(index=pair, columns="month", values="ways", sort=False).astype(int)
    fewest = int(wide.to_numpy().min())
    among = wide[(wide == fewest).any(axis=1)]
    when = [str(month) for month in wide.columns if (wide[month] == fewest).any()]
    texts = {"n": len(among), "of": len(wide), "months": ", ".join(when), "stretch": stretch}
    ways = counted("ways", fewest, request.lang)
    request.say(request.text("redundancy.fewest", ways=ways, year=str(year), **texts), bold=True)
    click.echo()
    keys = [wide.index.get_level_values("destination"), *(wide[month].to_numpy() for month in wide.columns)]
    if everything:
        keys.append(wide.index.get_level_values("origin"))
    rows = []
    for _, found in wide.groupby(keys, sort=False):
        start = _places(request, net.nodes, ";".join(found.index.get_level_values("origin")))
        end = _places(request, net.nodes, found.index[0][1])
        rows.append([f"{start} → {end}", *map(str, found.iloc[0])])
    columns = [request.text("compare.from_to"), *months]
    request.table(request.text("title.redundancy", year=str(year)), columns, rows, right=months)
    request.say(request.text("redundancy.rule", stretch=stretch))


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
    shared.note(request.text("sheet.written", path=path))
