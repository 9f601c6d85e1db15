"""The command that compares scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from amurgeo.cli import options
from amurgeo.cli.output import note, print_csv, print_json, print_table, with_lines, write_file, write_page


@click.command()
@click.argument("base")
@click.argument("alternatives", nargs=-1, required=True)
@options.on
@click.option("--year", type=int, metavar="Y", help="Compare every day of a year.")
@click.option("--from", "first", metavar="DATE", help="Compare every day from this one …")
@click.option("--to", "last", metavar="DATE", help="… to this one.")
@options.vehicle
@click.option("--origins", metavar="A,B,…", help="Places instead of the oblast's towns above 10,000 people.")
@click.option(
    "--destinations", metavar="A,B,…", help="Places instead of Heihe, Harbin, Suifenhe and Manzhouli."
)
@click.option(
    "--stretch",
    type=float,
    default=1.5,
    show_default=True,
    help="A way is left while it takes at most that multiple of the best base time.",
)
@click.option("--report", "report_file", metavar="FILE", help="Where the decision sheet is written.")
@click.option("--map", "map_file", metavar="FILE", help="Where the map is written.")
@options.lang
@options.data
@options.format_
@options.output
@click.pass_context
def compare(
    ctx: click.Context,
    base: str,
    alternatives: tuple[str, ...],
    on: str | None,
    year: int | None,
    first: str | None,
    last: str | None,
    vehicle: str,
    origins: str | None,
    destinations: str | None,
    stretch: float,
    report_file: str | None,
    map_file: str | None,
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Hold ALTERNATIVES against BASE: what opens and closes, the ways left, the times.

    Scenarios are built-in names, .toml files or changes, joined by +. With no options it also writes a map
    to maps/<base>-vs-<alternative>.html.
    """
    from amurgeo.scenario import as_scenario

    scenarios = [as_scenario(text) for text in (base, *alternatives)]
    if report_file is not None:
        from amurgeo.report.page import check_number, check_path

        check_number(len(alternatives))
        check_path(report_file)

    from amurgeo.comparison.compare import compare as compare_scenarios
    from amurgeo.network import load
    from amurgeo.text import translate

    net = load(data)
    result = compare_scenarios(
        net,
        scenarios,
        on=on,
        year=year,
        first=first,
        last=last,
        vehicle=vehicle,
        stretch=stretch,
        origins=_names(origins),
        destinations=_names(destinations),
    )
    if output is not None:
        tables = {
            "crossings": with_lines(result.crossings, _lines(result)),
            "pairs": result.pairs,
            "summary": result.summary.reset_index(),
        }
        gaps = {
            side: state.scenario.title.get(lang, state.scenario.name)
            for side, state in zip(("base", "alt"), result.states[0], strict=True)
        }
        if len(result.alternatives) > 1:
            # One column holds them all; the column "alternative" tells them apart.
            gaps["alt"] = translate("head.alternative", lang)
        write_file(output, tables, net, lang=lang, gaps=gaps)
    elif format_ == "json":
        print_json(result.to_dict())
    elif format_ == "csv":
        records = result.to_dict()["pairs"]
        print_csv(records, list(records[0]) if records else ["origin", "destination"])
    elif format_ == "geojson":
        click.echo(with_lines(result.crossings, _lines(result)).set_index("crossing").to_json())
    else:
        _print_comparison(result, lang)
    if report_file is not None:
        from amurgeo.report import write_sheet

        write_sheet(result, report_file, lang=lang)
        note(translate("sheet.written", lang, path=report_file))
    bare = not any(
        ctx.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE
        for name in ctx.params
        if name not in ("base", "alternatives")
    )
    if map_file or bare:
        path = (
            Path(map_file)
            if map_file
            else Path("maps")
            / f"{_file_name(result.base)}-vs-{_file_name('-'.join(result.alternatives))}.html"
        )
        write_page(result.map(lang=lang), path, lang, option="--map")


def _names(text: str | None) -> list[str] | None:
    return None if text is None else options.listed(text)


def _lines(result: Any) -> Any:
    """Return the line of each crossing; one that an alternative adds has it in that state's network."""
    import pandas as pd

    lines = pd.concat([state.net.crossings.geometry for states in result.states for state in states])
    return lines[~lines.index.duplicated()]


def _file_name(scenario: str) -> str:
    """Make a name that every file system takes."""
    return "".join(char if char.isalnum() or char in "+_.-" else "_" for char in scenario)[:80]


def _print_comparison(result: Any, lang: str) -> None:
    from amurgeo.text import name_of, translate

    net, nodes = result.net, result.net.nodes
    titles = {}
    for base, alt in result.states:
        for state in (base, alt):
            titles[state.scenario.name] = (
                state.label[lang] if result.period is None else state.scenario.title[lang]
            )
    base_title = titles[result.base]
    for alternative in result.alternatives:
        alt_title = titles[alternative]
        both = {"base": base_title, "alt": alt_title}
        changed = result.changed(alternative)
        rows = []
        for crossing in dict.fromkeys(changed.index.get_level_values("crossing")):
            cells = [crossing]
            for traffic in ("cargo", "passenger"):
                mine = result.crossings[result.crossings["alternative"] == alternative]
                row = mine.loc[(crossing, traffic)] if (crossing, traffic) in mine.index else None
                if row is None:
                    cells.append(translate("word.not_applicable", lang))
                else:
                    words = _side_words(result, row, lang)
                    cells.append(words[0] if words[0] == words[1] else f"{words[0]} → {words[1]}")
            rows.append(cells)
        headings = [
            translate("head.crossing", lang),
            translate("traffic.cargo", lang),
            translate("traffic.passenger", lang),
        ]
        print_table(
            translate("title.opens_closes", lang, **_dated(result, alternative, both)), headings, rows
        )
        pairs = result.pairs[result.pairs["alternative"] == alternative]
        columns = ["origin", "destination", "base_ways", "alt_ways", "base_h", "alt_h", "delta_h", "change"]
        columns += (
            ["base_crossing", "alt_crossing"]
            if result.period is None
            else ["days_lost", "days_slower", "days_fewer_ways"]
        )
        shown = [[_cell(nodes, pair, name, lang) for name in columns] for pair in pairs.to_dict("records")]
        vehicle = name_of(net.base["vehicles"].loc[result.vehicle], lang)
        print_table(
            translate("title.pairs", lang, vehicle=vehicle),
            [translate(f"head.{name}", lang, **both) for name in columns],
            _there_and_back(shown),
            right=(2, 3, 4, 5, 6) if result.period is None else (2, 3, 4, 5, 6, 8, 9, 10),
        )
        click.echo(translate("word.pairs_notes", lang))
        summary = dict(result.summary.loc[alternative].items())
        click.echo(
            translate(
                "word.summary",
                lang,
                **{
                    name: int(summary[name])
                    for name in ("lost", "gained", "slower", "faster", "same", "pairs")
                },
            )
        )
        for sentence in result.sentences(lang, alternative=alternative):
            click.echo(f"• {sentence}")
        click.echo(
            translate(
                "word.cargo_ways" if result.period is None else "word.cargo_ways_days",
                lang,
                n=int(summary["fewer_ways"]),
                m=int(summary["pairs"]),
                **both,
            )
        )
    click.echo(translate("word.record_until", lang, date=net.record_until.isoformat()))


def _dated(result: Any, alternative: str, titles: dict[str, str]) -> dict[str, str]:
    """Add to the titles of both sides the day, or the days, for which they are asked."""
    if result.period is not None:
        days = [" – ".join(day.isoformat() for day in result.period)] * 2
    else:
        days = [state.on.isoformat() for state in result.states[result.alternatives.index(alternative)]]
    return {
        side: title if day in title else f"{title} ({day})"
        for (side, title), day in zip(titles.items(), days, strict=True)
    }


def _there_and_back(rows: list[list[str]]) -> list[list[str]]:
    """Show a pair once where there and back are alike."""
    cells = {(start, end): rest for start, end, *rest in rows}
    made: dict[tuple[str, str], list[str]] = {}
    for start, end, *rest in rows:
        if start != end and cells.get((end, start)) == rest:
            if (end, start) not in made:
                made[start, end] = [start, f"↔ {end}", *rest]
        else:
            made[start, end] = [start, end, *rest]
    return list(made.values())


def _side_words(result: Any, row: Any, lang: str) -> list[str]:
    """Say what a service does in the base and in the alternative: its status, or its days."""
    from amurgeo.text import translate

    if result.period is not None:
        return [translate("word.days", lang, n=int(row[name])) for name in ("base_days", "alt_days")]
    return [translate(f"status.{row[name]}", lang) for name in ("base_status", "alt_status")]


def _cell(nodes: Any, pair: dict[str, Any], name: str, lang: str) -> str:
    from amurgeo.text import name_of, translate

    value = pair[name]
    match name:
        case "origin" | "destination":
            return name_of(nodes.loc[value], lang)
        case "base_ways" | "alt_ways":
            return f"{value} ({pair[name + '_oblast']})"
        case "change":
            return translate(f"change.{value}", lang)
        case "base_h" | "alt_h" | "delta_h":
            return "" if value != value else f"{value:+.1f}" if name == "delta_h" else f"{value:.1f}"
    return "" if value is None else str(value)


@click.command()
@click.argument("year", type=int)
@options.vehicle
@options.scenario
@click.option("--origins", metavar="A,B,…", help="Places instead of the oblast's towns above 10,000 people.")
@click.option("--destinations", metavar="A,B,…", help="Places instead of the four Chinese cities.")
@options.lang
@options.data
@options.plain_format
@options.output
def redundancy(
    year: int,
    vehicle: str,
    scenarios: tuple[str, ...],
    origins: str | None,
    destinations: str | None,
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Independent ways over the border in YEAR, month by month: ways that share no edge, no checkpoint."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.analysis.redundancy import redundancy as count_ways
    from amurgeo.network import load
    from amurgeo.network.snapping import locate_all
    from amurgeo.text import name_of, translate

    given = {"origins": _names(origins), "destinations": _names(destinations)}
    named = {what: names for what, names in given.items() if names is not None}
    net, places = locate_all(load(data), **named)
    ways = count_ways(net, year, vehicle=vehicle, scenario=scenario, **dict(zip(named, places, strict=True)))
    if output is not None:
        write_file(output, {"redundancy": ways}, net, lang=lang)
        return
    records = ways.to_dict("records")
    if format_ == "json":
        print_json(records)
        return
    if format_ == "csv":
        print_csv(records, list(ways.columns))
        return
    table = ways.pivot_table(
        index=["origin", "destination"], columns="month", values="ways_checkpoint", sort=False
    )
    nodes = net.nodes
    rows = [
        [*(name_of(nodes.loc[place], lang) for place in pair), *(f"{value:.0f}" for value in row)]
        for pair, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    headings = [
        translate("head.origin", lang),
        translate("head.destination", lang),
        *(str(month) for month in range(1, 13)),
    ]
    print_table(translate("title.redundancy", lang, year=year), headings, rows, right=range(2, 14))
    click.echo(translate("word.record_until", lang, date=net.record_until.isoformat()))
