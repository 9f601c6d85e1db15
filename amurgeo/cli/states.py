"""Commands that say what is open."""

from __future__ import annotations

from typing import Any

import click

from amurgeo.cli import options
from amurgeo.cli.output import print_csv, print_json, print_table, write_file

_SHOWN = (
    "crossing",
    "traffic",
    "status",
    "reason",
    "max_mass_t",
    "probability_open",
    "basis",
    "confidence",
    "because",
)


@click.command()
@options.on
@options.scenario
@options.lang
@options.data
@options.format_
@options.output
def state(
    on: str | None, scenarios: tuple[str, ...], lang: str, data: str | None, format_: str, output: str | None
) -> None:
    """What is open on a day, and why: one row per crossing and kind of traffic."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.network import load
    from amurgeo.text import translate

    net = load(data)
    found = net.state(on, scenario=scenario)
    records = found.records(lang)
    if output is not None:
        import pandas as pd

        write_file(output, {"state": pd.DataFrame(records)}, found.net, lang=lang)
        return
    if format_ == "json":
        print_json(records)
    elif format_ == "csv":
        print_csv(records, list(records[0]))
    elif format_ == "geojson":
        shown = found.net.crossings[["geometry"]].join(
            found.crossings.drop(columns=["because", "sources"])
            .reset_index("traffic")
            .assign(because=found.because(lang).to_numpy())
        )
        click.echo(shown.to_json())
    else:
        rows = [
            [
                record["crossing"],
                translate(f"traffic.{record['traffic']}", lang),
                translate(f"status.{record['status']}", lang),
                translate(f"reason.{record['reason']}", lang),
                "" if record["max_mass_t"] is None else f"{record['max_mass_t']:g}",
                f"{record['probability_open']:.2f}",
                translate(f"basis.{record['basis']}", lang),
                translate(f"confidence.{record['confidence']}", lang),
                record["because"],
            ]
            for record in records
        ]
        print_table(
            translate("title.state", lang, on=found.on.isoformat()),
            [translate(f"head.{name}", lang) for name in _SHOWN],
            rows,
            right=(4, 5),
        )
        click.echo(translate("word.record_until", lang, date=net.record_until.isoformat()))


@click.command()
@click.argument("year", type=int)
@options.scenario
@click.option("--png", metavar="FILE", help="Draw the year into FILE.png, .svg or .pdf.")
@options.lang
@options.data
@options.plain_format
@options.output
def calendar(
    year: int,
    scenarios: tuple[str, ...],
    png: str | None,
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """What is open on every day of YEAR: the table shows each stretch of equal status."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.cli.output import note
    from amurgeo.network import load
    from amurgeo.seasons.calendar import calendar as make_calendar
    from amurgeo.text import translate

    net = load(data)
    days = make_calendar(net, year, scenario=scenario)
    if png is not None:
        from amurgeo.figures import calendar_figure

        calendar_figure(days, year=year, lang=lang, net=net, path=png)
        note(translate("word.page_written", lang, path=png))
    columns = ["date", "crossing", "traffic", "status", "reason", "probability_open"]
    frame = days.assign(
        date=days["date"].dt.strftime("%Y-%m-%d"), probability_open=days["probability_open"].round(4)
    )[columns]
    if output is not None:
        write_file(output, {"calendar": frame}, net, lang=lang)
        return
    if format_ in ("json", "csv"):
        (print_json if format_ == "json" else lambda records: print_csv(records, columns))(
            frame.to_dict("records")
        )
        return
    runs = _runs(days)
    rows = [
        [
            run["crossing"],
            translate(f"traffic.{run['traffic']}", lang),
            run["first"],
            run["last"],
            translate(f"status.{run['status']}", lang),
            translate(f"reason.{run['reason']}", lang),
        ]
        for run in runs
        if run["status"] != "closed"
    ]
    print_table(
        translate("title.calendar", lang, year=year),
        [
            translate(f"head.{name}", lang)
            for name in ("crossing", "traffic", "first", "last", "status", "reason")
        ],
        rows,
    )
    click.echo(translate("word.record_until", lang, date=net.record_until.isoformat()))


@click.command()
@click.argument("crossing")
@click.option("--season", required=True, metavar="S", help="A winter as 2023/24; a ferry's season as 2024.")
@click.option(
    "--traffic", type=click.Choice(["cargo", "passenger"]), help="Kind of traffic; both when left out."
)
@click.option(
    "--part", type=click.Choice(["autumn", "spring"]), help="Part of the season, for the hovercraft."
)
@click.option("--blind", is_flag=True, help="Leave that season's own records out.")
@options.lang
@options.data
@options.plain_format
@options.output
def dates(
    crossing: str,
    season: str,
    traffic: str | None,
    part: str | None,
    blind: bool,
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """When CROSSING opens and closes in a season: P10, P50, P90, and the observed days."""
    from amurgeo.network import load
    from amurgeo.seasons.record import dates_table
    from amurgeo.text import translate

    net = load(data)
    found = dates_table(
        net.base["season_record"],
        net.base["windows"],
        crossing,
        season=season,
        traffic=traffic,
        part=part,
        blind=blind,
    )
    records = [{"event": event, **found[event]} for event in ("open", "close")]
    if output is not None:
        import pandas as pd

        write_file(output, {"dates": pd.DataFrame(records)}, net, lang=lang)
        return
    if format_ == "json":
        print_json({**found, "record_until": net.record_until.isoformat()})
        return
    if format_ == "csv":
        print_csv(records, ["event", "p10", "p50", "p90", "observed"])
        return
    rows = [
        [
            translate(f"event.{row['event']}", lang),
            *(row[name] or "" for name in ("p10", "p50", "p90", "observed")),
        ]
        for row in records
    ]
    names = [translate("head.event", lang), "P10", "P50", "P90", translate("head.observed", lang)]
    print_table(f"{crossing}, {season}", names, rows)
    click.echo(translate("word.evidence", lang, n=found["n"], method=_method(found["method"], lang)))
    click.echo(translate("word.record_until", lang, date=net.record_until.isoformat()))


def _method(method: str, lang: str) -> str:
    """Say how the days were found; the ends of a season may have been found differently."""
    from amurgeo.text import translate

    ends = [end.split() for end in method.split(", ")]
    if len(ends) == 1:
        return translate(f"method.{method}", lang)
    return ", ".join(
        f"{translate(f'event.{event}', lang)}: {translate(f'method.{how}', lang)}" for event, how in ends
    )


@click.command("next")
@options.on
@options.scenario
@click.option(
    "--risk", type=float, default=0.1, show_default=True, help="Chance of finding it closed that you take."
)
@options.lang
@options.data
@options.plain_format
@options.output
def next_(
    on: str | None,
    scenarios: tuple[str, ...],
    risk: float,
    lang: str,
    data: str | None,
    format_: str,
    output: str | None,
) -> None:
    """What changes next at every crossing, when, how surely, and the last safe day to dispatch."""
    scenario = options.joined_scenario(scenarios)

    from amurgeo.network import load
    from amurgeo.seasons.forecast import next_changes
    from amurgeo.text import translate

    net = load(data)
    frame = next_changes(net, on=on, scenario=scenario, risk=risk).reset_index()
    if output is not None:
        write_file(output, {"next": frame}, net, lang=lang)
        return
    records = [
        {name: None if value is None or value != value else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    for record in records:
        record["days_until"] = None if record["days_until"] is None else int(record["days_until"])
    if format_ == "json":
        print_json(records)
        return
    if format_ == "csv":
        print_csv(records, list(frame.columns))
        return
    rows = [
        [
            str(record["crossing"]),
            translate(f"traffic.{record['traffic']}", lang),
            translate(f"status.{record['status']}", lang),
            "" if record["change"] is None else translate(f"word.{record['change']}", lang),
            *(str(record[name] or "") for name in ("p10", "p50", "p90")),
            "" if record["days_until"] is None else str(record["days_until"]),
            str(record["last_safe_day"] or ""),
            str(record["next_stop"] or "").replace("..", " – "),
        ]
        for record in records
    ]
    names = [
        "crossing",
        "traffic",
        "status",
        "change_next",
        "p10",
        "p50",
        "p90",
        "days_until",
        "last_safe_day",
        "next_stop",
    ]
    print_table(
        translate("title.next", lang, on=on),
        [translate(f"head.{name}", lang) for name in names],
        rows,
        right=(7,),
    )
    click.echo(translate("word.record_until", lang, date=net.record_until.isoformat()))


def _runs(days: Any) -> list[dict[str, str]]:
    """Join consecutive days of one service with the same status and reason."""
    runs: list[dict[str, str]] = []
    for row in days.itertuples():
        key = {"crossing": row.crossing, "traffic": row.traffic, "status": row.status, "reason": row.reason}
        day = row.date.date().isoformat()
        if runs and key.items() <= runs[-1].items():
            runs[-1]["last"] = day
        else:
            runs.append({**key, "first": day, "last": day})
    return runs
