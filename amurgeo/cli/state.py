"""Commands on the state of the crossings: state, calendar, dates, next, gaps, brief, forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

import amurgeo
from amurgeo.cli import shared
from amurgeo.cli.shared import Request
from amurgeo.cli.tables import runs
from amurgeo.errors import InputError
from amurgeo.text import listing, translate

_RUN = ("crossing", "traffic", "status", "reason")
_NEXT = ("crossing", "traffic", "status", "opens", "first_safe_day", "last_safe_day", "closes", "stops")


@click.command()
@shared.options("on scenario assume filters printed_with_lines")
def state(request: Request, on: str | None, scenario: Any, assume: str | None, **filters: Any) -> None:
    """Show the status of each crossing on a date and why: a row per crossing and kind of traffic."""
    import numpy as np

    from amurgeo.seasons.evaluation import road_edits

    state = request.net.state(on, scenario=scenario, assume=assume)
    chosen = Rows(request, state.net, state.to_dict(request.data_lang), **filters)
    more = ("evidence", "confidence") if request.everything else ()
    share = ["capacity_share"] if any(row["capacity_share"] != 1 for row in chosen.rows) else []
    title = request.text("title.state", on=state.on.isoformat())
    columns = (*_RUN, "because", "max_mass_t", *share, "probability_open", *more)

    def lines() -> Any:
        frame = state.to_gdf(lang=request.data_lang).set_index(["crossing", "traffic"], drop=False)
        kept = frame.loc[[(row["crossing"], row["traffic"]) for row in chosen.rows]]
        return kept.set_index("crossing")

    def table() -> None:
        chosen.say_open(state.on.isoformat())
        chosen.table("", columns, spare=("confidence", "evidence"))
        # The seasons of roads are not evaluated for that.
        days = np.array([state.on], dtype="datetime64[D]")
        for road, action, value in sorted(road_edits(state.net, state.scenario, days)[0]):
            number = "" if action in ("open", "close") else f" {value:g}"
            request.say(request.text("word.road_changed", road=road, change=f"{action}{number}"))

    about = {"title": title, "when": state.on.isoformat(), "scenario": scenario}
    request.emit(state, table, chosen.rows, lines=lines, **about)


class Rows:
    """Rows of services: those that the filters keep, and those that a table shows."""

    def __init__(
        self,
        request: Request,
        net: Any,
        rows: list[dict[str, Any]],
        *,
        crossings: tuple[str, ...] = (),
        only_open: bool = False,
    ) -> None:
        from amurgeo.network import at_home
        from amurgeo.seasons.service import NONEXISTENT

        self.request, self.net = request, net
        services = net.base["services"]["regular"]
        self._home = at_home(net)
        targets = {id_ for name in request.names(crossings) for id_ in _crossings(net, name)}
        home_only = "" in request.home
        rows = [row for row in rows if not crossings or row["crossing"] in targets]
        rows = [row for row in rows if not home_only or self.is_home(row)]
        self.rows = [row for row in rows if not only_open or is_open(row)]

        def is_shown(row: dict[str, Any]) -> bool:
            if crossings or only_open or request.everything or home_only:
                return True
            in_use = services[row["crossing"], row["traffic"]] and row.get("reason") not in NONEXISTENT
            return bool(in_use and self.is_home(row))

        order = sorted(self.rows, key=lambda row: (not self.is_home(row), not is_open(row)))
        self.shown = [row for row in order if is_shown(row)]
        self.rest = [row for row in order if not is_shown(row)]

    def is_home(self, row: Mapping[str, Any]) -> bool:
        """Return whether a crossing is in the home regions."""
        return bool(self._home[row["crossing"]])

    def say_open(self, on: str) -> None:
        """Print what is open on a day in the home regions, or in those of the crossings asked for."""
        import pandas as pd

        from amurgeo.network import home_names
        from amurgeo.seasons.service import open_sentences

        lang, tables = self.request.lang, self.net.base
        rows, home = [row for row in self.shown if self.is_home(row)], home_names(self.net)[lang]
        if not rows and self.shown:
            rows = self.shown
            checkpoints = tables["crossings"]["checkpoint"][[row["crossing"] for row in rows]]
            regions = tables["checkpoints"]["region"][checkpoints].unique()
            home = listing((self.request.name(tables["regions"], id_) for id_ in regions), lang)
        texts = open_sentences(pd.DataFrame(rows), lang, str) if rows else [translate("state.none", lang)]
        crossings = ("" if lang == "zh" else " ").join(texts)
        text = self.request.text("state.open", on=on, home=home, crossings=crossings)
        self.request.say(text, bold=True)

    def table(self, title: str, columns: Sequence[str], **options: Any) -> None:
        """Print the table, with kinds of traffic on one row if nothing else differs, and count the rest."""
        joined: dict[tuple[str, ...], list[str]] = {}
        for row in self.shown:
            cells = [self.request.cell(name, row[name]) for name in columns]
            kind, cells[1] = cells[1], ""
            joined.setdefault(tuple(cells), []).append(kind)
        rows = [[cells[0], listing(kinds, self.request.lang), *cells[2:]] for cells, kinds in joined.items()]
        self.request.table(title, columns, rows, **options)
        self.say_rest()

    def say_rest(self) -> None:
        """Count the rows that are not shown."""
        away = [row for row in self.rest if not self.is_home(row)]
        # That all are open says nothing: then only open ones were counted.
        now = sum(map(is_open, away)) % (len(away) or 1)
        counts = {"away": len(away), "open": now, "unused": len(self.rest) - len(away)}
        keys = {key: f"rest.{key}{'_alone' * (n == len(self.rest))}" for key, n in counts.items()}
        texts = {key: self.request.text(keys[key], n=n) if n else "" for key, n in counts.items()}
        parts = filter(None, (texts["away"] + texts["open"], texts["unused"]))
        if self.rest:
            joined = self.request.text("word.then").join(parts)
            self.request.say(self.request.text("word.rest", n=len(self.rest), parts=joined))


def is_open(row: Mapping[str, Any]) -> bool:
    """Return whether a service is open or limited."""
    return row["status"] in ("open", "limited")


def _crossings(net: Any, name: str) -> list[str]:
    """Return the crossings of a name: one, or all of a checkpoint or mode."""
    target, table = net.names.target(name), net.base["crossings"]
    if target is None or target.kind == "crossing":
        return [net.names.crossing(name)]
    return list(table.index[table[target.kind] == target.id])


@click.command()
@shared.options("year scenario assume png_year filters printed")
def calendar(request: Request, year: int, scenario: Any, assume: str | None, **filters: Any) -> None:
    """Show the status of each crossing on every day of YEAR; the table has a row per period."""
    days = amurgeo.calendar(request.net, year, scenario=scenario, assume=assume)
    request.draw("calendar_figure", days, year=year, net=request.net)
    title = request.text("title.calendar", year=year)
    rows = Rows(request, days.net, days.to_dict(), **filters).rows

    def table() -> None:
        used = [row for row in runs(rows, _RUN) if row["status"] != "closed"]
        Rows(request, days.net, used, **filters).table(title, (*_RUN[:2], "first", "last", *_RUN[2:]))

    files = lambda: {"calendar": rows, **_grids(rows)}  # noqa: E731
    request.emit(days, table, rows, files=files, title=title, when=year, scenario=scenario)


def _grids(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the status of every crossing by day, a table for each kind of traffic."""
    import pandas as pd

    grids = {}
    for traffic, days in pd.DataFrame(rows).groupby("traffic", sort=False):
        grid = days.pivot(index="date", columns="crossing", values="status")
        grids[str(traffic)] = grid[list(dict.fromkeys(days["crossing"]))].reset_index()
    return grids


@click.command()
@shared.options("crossing season printed_of_all")
def dates(request: Request, crossing: str, season: str, **options: Any) -> None:
    """Show when CROSSING opens and closes in a season: P10, P50, P90, and the observed days."""
    result = amurgeo.dates(request.net, crossing, season=season, **options)
    document = result.to_dict()
    rows = [{"event": event, **document[event]} for event in ("open", "close")]
    named = {"crossing": result.crossing, "season": result.season}

    def table() -> None:
        request.table(title, list(rows[0]), rows)
        request.say(request.text("word.evidence", n=result.n, method=_method(request, result.method)))

    def files() -> dict[str, Any]:
        import pandas as pd

        return {"dates": pd.DataFrame([named | row for row in rows])}

    title = request.text("title.dates", **named)
    request.emit(result, table, document, net=request.net, rows=rows, files=files, title=title)


def _method(request: Request, method: str) -> str:
    """Name the method; the two ends of a season may have different ones."""
    if ", " not in method:
        return request.text(f"method.{method}")
    ends = (end.split() for end in method.split(", "))
    return ", ".join(f"{request.text(f'event.{x}')}: {request.text(f'method.{name}')}" for x, name in ends)


@click.command("next")
@shared.options("on scenario risk filters printed")
def next_(request: Request, on: str | None, scenario: Any, risk: float, **filters: Any) -> None:
    """Show the coming season of each crossing: when it opens and closes, safe days, and stops."""
    frame = amurgeo.next_changes(request.net, on, scenario=scenario, risk=risk)
    chosen = Rows(request, frame.net, frame.to_dict(), **filters)

    def table() -> None:
        chosen.shown = [_season(request, row) for row in chosen.shown]
        chosen.table(title, _NEXT, spare=("closes",))
        request.say(request.text("word.safe_rule", risk=round(100 * risk), sure=round(100 - 100 * risk)))

    title = request.text("title.next", on=on)
    request.emit(frame, table, chosen.rows, title=title, when=on, scenario=scenario)


def _season(request: Request, row: dict[str, Any]) -> dict[str, Any]:
    """Return the cells of the coming season of a service."""
    # A line may break between two dates.
    ends = {
        event: "–\u200b".join([row[f"{event}_p10"], row[f"{event}_p90"]]) if row[f"{event}_p10"] else ""
        for event in ("opens", "closes")
    }
    if row["season"] is None:
        ends["opens"] = request.text("reason.all_year")
    elif is_open(row):
        ends["opens"] = ""
    stops = listing((row["stops"] or "").replace("..", "–\u200b").split(";"), request.lang)
    return {**row, **ends, "stops": stops}


@click.command()
@shared.options("gap_year scenario vehicle printed_of_all")
def gaps(request: Request, when: str | None, scenario: Any, vehicle: str | None) -> None:
    """Show the two gaps of the winter that begins in YEAR, this one by default, or of a WORLD.

    Of the cargo services, or with --vehicle of those for its kind of traffic.
    """
    from amurgeo.network import vehicle_row
    from amurgeo.results import rounded_records
    from amurgeo.scenario import as_scenario
    from amurgeo.seasons.model import DRAWS, SEED
    from amurgeo.seasons.turns import ice_year

    year = int(when) if when is not None and when.strip().isdecimal() else None
    if when is not None and year is None:
        text = when if scenario is None else f"{when}+{scenario.name}"
        scenario = as_scenario(text, folder=request.folder)
    if year is None and (scenario is None or scenario.world is None):
        year = ice_year(date.today())
    frame = amurgeo.gaps(request.net, year, scenario=scenario, vehicle=vehicle)
    rows = frame.to_dict()

    def table() -> None:
        span = "{p50} ({p10}–\u200b{p90})"
        spans = ("starts", "ends", "days")
        texts = [row | {name: span.format_map(row[name]) for name in spans} for row in rows]
        request.table(title, ("checkpoint", "gap", "starts", "ends", "days", "cost_h"), texts)
        request.say(request.text("word.gaps_rule", n=DRAWS, seed=SEED))

    kind = vehicle_row(frame.net, vehicle)["traffic"]
    title = request.text("title.gaps", traffic=request.text(f"traffic.{kind}"))
    flat = rounded_records(frame.to_frame())
    request.emit(frame, table, rows, rows=flat, title=title, scenario=scenario)


@click.command()
@shared.options("on brief common ids document")
def brief(request: Request, on: str, since: str | None, path: str | None) -> None:
    """Show what is open in the home regions, what comes next and what is uncertain; print it on one page."""
    from amurgeo.results import rounded_records

    result = amurgeo.brief(request.net, on, since=since)
    document = result.to_dict(request.lang)
    if path is not None:
        written = str(result.write(path, lang=request.lang))
        is_asked = Path(written) == Path(path)
        shared.note(request.text("word.file_written" if is_asked else "brief.no_pdf", path=written))

    def table() -> None:
        home = {"day": on, "home": document["home"]}
        request.say(request.text("brief.title", **home), bold=True)
        for text in document["sentences"]:
            request.say(text)
        click.echo()
        used = rounded_records(result.frame[result.frame["in_use"]])
        chosen = Rows(replace(request, everything=True), result.net, used)
        chosen.shown = [_season(request, row) for row in chosen.shown]
        chosen.table("", (*_NEXT, "hours"), spare=("hours", "closes"))
        for text in [request.text("word.safe_rule", risk=10, sure=90), *document["warnings"]]:
            request.say(text)

    # Unknown crossings are among the warnings.
    request.emit(result, table, document, unknown=())


@click.command()
@shared.options("forecasts printed_of_all")
def forecast(request: Request, issue: str | None, score: bool, folder: str) -> None:
    """Issue a forecast of every opening and closing of the winter, or score those issued before."""
    from amurgeo.analysis import ledger

    if (issue is None) != score:
        raise InputError("issue is invalid: expected issue= with a day, or score=, and not both")
    if issue is not None:
        frame = amurgeo.forecast(request.net, date.today() if issue == "today" else issue)
        request.note("word.file_written", path=ledger.issue(frame, Path(folder)))
        columns = "crossing traffic event p10 p50 p90 n_years baseline_p50"
    else:
        frame = amurgeo.score_forecasts(request.net, ledger.read_ledger(Path(folder)))
        columns = (
            "issued crossing traffic event outcome observed error_days inside crps_days "
            "baseline_error_days weight"
        )
    title = request.text("title.forecast")
    table = lambda: request.table(title, columns.split(), frame.to_dict())  # noqa: E731
    request.emit(frame, table, net=request.net, title=title)
