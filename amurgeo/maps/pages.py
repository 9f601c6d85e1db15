"""One page that computes: crossings, the year, routes and comparisons as views of one question."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from amurgeo.analysis.promise import promise as promise_of
from amurgeo.comparison.compare import Comparison
from amurgeo.errors import InputError, check_bool, check_int, unknown_name_error
from amurgeo.flows.queues import queues as queues_of
from amurgeo.maps import payload, style
from amurgeo.maps.basemap import pack_points
from amurgeo.maps.offline_map import OfflineMap, script_tag
from amurgeo.network import Network, home_names, vehicle_id
from amurgeo.network.snapping import Place, locate_each
from amurgeo.routing.routes import Routes, queue_hours
from amurgeo.scenario import Change, Scenario, ScenarioLike, as_scenario
from amurgeo.seasons.daily import refuse_regime
from amurgeo.seasons.ensemble import ensemble
from amurgeo.seasons.evaluation import scenario_of
from amurgeo.seasons.service import counts_as_open
from amurgeo.seasons.state import State
from amurgeo.text import FIRST_DAY, LANGUAGES, LAST_DAY, Day, fill_placeholders

#: Month in which the season of a page starts, so that a winter is in one piece.
_SEASON_MONTH = 7
#: Day (month and day) at which the page of a year opens: the rivers are frozen.
_WINTER_DAY = (2, 10)
_SCRIPTS = ("scenario", "outlook", "engine", "map", "charts", "panels", "page")


class _Start(NamedTuple):
    """What a page opens with; without a base scenario things are as usual."""

    net: Network
    view: str
    day: date
    scenario: Scenario
    question: Mapping[str, Any] = {}
    base: Scenario | None = None
    others: Iterable[Scenario] = ()
    #: Answers to the question that the package computes for the page (`_carried`).
    carried: Mapping[str, Any] = {}


def page(
    result: State | Routes | Comparison | Network,
    *,
    on: Day | None = None,
    year: int | None = None,
    scenario: ScenarioLike = None,
    origin: Place | None = None,
    destination: Place | None = None,
    vehicle: str | None = None,
    promise: bool = False,
    by: Day | datetime | None = None,
    queues: bool = False,
    path: str | Path | None = None,
    lang: str = "en",
    title: str | None = None,
    tiles: Mapping[str, str] | None = None,
) -> OfflineMap:
    """Draw the map page of a network or a result, and write it if a path is given.

    Parameters
    ----------
    result
        What the page opens with: a state (every crossing with status, reason, evidence and sources), routes,
        a comparison (of its first two scenarios), or a network.
    on
        With a network: the day, today by default.
    year
        With a network: the year, 1980 to 2100, instead of the day.
    scenario
        With a network: scenario, name or file; not a regime with `year`, which has one day.
    origin, destination
        With a network: places of the route that the page opens with; both or none.
    vehicle
        With a network: id of the vehicle; that of the dataset if omitted.
    promise
        With routes: add, for their question on every day of the page, the hours that half and nine in ten of
        the journeys take at most, by `amurgeo.promise`.
    by
        With `promise`: deadline at the destination, for the last day to leave that is in time with 90 %.
    queues
        With routes: add the expected hours in the queue of each crossing on every day on which it is open, by
        `amurgeo.queues`; they are in the promise as well.
    path
        Output file; its folder is created if needed. None writes no file.
    lang
        Initial language of the page, one of the dataset's; the reader can change it.
    title
        Title of the page; by default it names the home regions.
    tiles
        Optional online background: ``url`` (with ``{z}``, ``{x}``, ``{y}``) and ``attribution``. The page
        makes no requests until the reader switches it on.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network and computes the answer
        to every other question in it.

    Raises
    ------
    InputError
        If the result is of another type, an argument is superfluous or invalid, the language is unknown,
        the tiles have no web address, or the file cannot be written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> page(net.state("2026-02-10"), lang="ru").page_title
    'Амурская область: переходы'
    >>> page(net, on="2026-02-10", origin="Belogorsk", destination="Harbin").page_title
    'Amur Oblast: crossings'
    """
    promise, queues = check_bool("promise", promise), check_bool("queues", queues)
    asked: dict[str, Any] = {"on": on, "year": year, "scenario": scenario}
    asked |= {"origin": origin, "destination": destination, "vehicle": vehicle}
    if isinstance(result, Network):
        start = _of_network(result, **asked)
    elif given := [name for name, value in asked.items() if value is not None]:
        raise InputError(
            f"{given[0]}= is for a network only; a {type(result).__name__} has a date and a scenario"
        )
    else:
        start = _of_result(result)
    first, last = _days_of(start.day)
    carried = _carried(start, first, last, promise, by, queues)
    drawn = _draw(start._replace(carried=carried), first, last, lang, title, tiles)
    if path is not None:
        drawn.save(Path(path))
    return drawn


def _of_network(
    net: Network, *, on: Any, year: Any, scenario: Any, origin: Any, destination: Any, vehicle: Any
) -> _Start:
    """Return the start of the page of a network: of a year, of a route, or of a day."""
    if year is not None and on is not None:
        raise InputError("on= and year= are both given; pass on= for a day, or year= for a year")
    if (origin is None) != (destination is None):
        missing = "destination=" if destination is None else "origin="
        raise InputError(f"{missing} is missing; pass origin= and destination=, or leave out both")
    question: dict[str, Any] = {"vehicle": vehicle_id(net, vehicle)}
    view = "network" if year is None else "season"
    if origin is not None:
        net, (question["from"], question["to"]), _ = locate_each(net, [origin, destination])
        view = "routes"
    if year is not None:
        refuse_regime(scenario_of(net, scenario))
        on = date(check_int("year", year, FIRST_DAY.year, LAST_DAY.year), *_WINTER_DAY)
    elif on is None and scenario_of(net, scenario).day is None:
        on = date.today()
    state = net.state(on, scenario=scenario)
    return _Start(net, view, state.on, state.scenario, question)


def _of_result(result: Any) -> _Start:
    """Return the start of the page of a result; the page itself makes the additions of its scenarios."""
    if isinstance(result, State):
        return _Start(result.net.before or result.net, "network", result.on, result.scenario)
    if isinstance(result, Routes):
        state, ends = result.state, {"from": result.origin, "to": result.destination}
        question = {**ends, "vehicle": result.vehicle, **result.asked}
        return _Start(state.net.before or state.net, "routes", result.on, state.scenario, question)
    if isinstance(result, Comparison):
        states = [result.states[0][0], *(alternative for _, alternative in result.states)]
        base, scenario, *others = [state.scenario for state in states]
        net, question = states[0].net, {"vehicle": result.vehicle}
        return _Start(net.before or net, "compare", states[1].on, scenario, question, base, others)
    expected = "a state, routes, a comparison, or a network"
    raise InputError(f"result is invalid: {type(result).__name__}; expected {expected}")


def _days_of(day: date) -> tuple[date, date]:
    """Return the first and last day that a page of a day shows: two seasons."""
    year = day.year - (day.month < _SEASON_MONTH)
    last = min(date(year + 2, _SEASON_MONTH, 1) - timedelta(days=1), LAST_DAY)
    return max(date(year, _SEASON_MONTH, 1), FIRST_DAY), last


def _carried(start: _Start, first: date, last: date, promise: bool, by: Any, queues: bool) -> dict[str, Any]:
    """Return the promise of a question, and hours in queues, by day.

    Each is a packed line of days, counted from the first of the page, and whole numbers from these days on:
    seconds, shares in percent, -1 for never or unknown.
    """
    asked, net = start.question, start.net
    if not promise and by is not None:
        raise InputError("by= acts with promise= only; pass promise=True as well, or leave it out")
    if not (promise or queues):
        return {}
    if "from" not in asked:
        raise InputError("promise= and queues= are for routes only; expected origin= and destination=")
    passing = [name for name in ("via", "avoid", "transit") if asked.get(name) not in (None, [], True)]
    if promise and passing:
        raise InputError(f"promise= is invalid with {passing[0]}=; expected a question without it")
    hours = [Change(crossing=id_, border_h=value) for id_, value in asked.get("border", {}).items()]
    scenario = replace(start.scenario, changes=(*start.scenario.changes, *hours))
    e, found = ensemble(net, start=first, end=last, scenario=scenario), dict[str, Any]()
    waits = queues_of(net, scenario, start=first, end=e.states.days[-1].item()) if queues else None
    if waits is not None:
        index = pd.DatetimeIndex(e.days)
        known = queue_hours(waits, net, scenario, index, asked["vehicle"]).loc[index]
        for out in e.states.services:
            if out.service.traffic == "cargo" and out.service.crossing in known:
                values = known[out.service.crossing].where(counts_as_open(out.status)[e.period])
                found.setdefault("queues", {})[out.service.crossing] = _line(3600 * values)
    if promise:
        drivers, at = asked.get("drivers", 1), asked.get("depart") or "08:00"
        how: dict[str, Any] = {"vehicle": asked["vehicle"], "drivers": drivers, "at": at, "queues": waits}
        result = promise_of(e, asked["from"], asked["to"], by=by, **how)
        days = result.days
        taken = [*dict.fromkeys(days["crossing"].dropna())]
        numbers = {"p50": 3600 * days["p50_h"], "p90": 3600 * days["p90_h"], "share": 100 * days["share"]}
        numbers["taken"] = days["crossing"].map({id_: at for at, id_ in enumerate(taken)}).astype(float)
        # The page itself writes the sentence on a day.
        day = 0 if by is None else 1
        texts = {lang: result.sentences(lang) for lang in payload.languages(net)}
        found["promise"] = {name: _line(values) for name, values in numbers.items()} | {
            "by": result.by and f"{result.by:%Y-%m-%dT%H:%M}",
            "crossings": taken,
            "sentences": {lang: " ".join(text[:day] + text[day + 1 :]) for lang, text in texts.items()},
        }
    return found


def _line(values: pd.Series) -> str:
    """Return days on which a number changes, and the number, packed as the lines of the map are."""
    whole = np.rint(values.where(np.isfinite(values), -1.0)).to_numpy()
    days = np.flatnonzero(np.diff(whole, prepend=np.inf))
    return pack_points(np.column_stack([whole[days], days]), 1)


def _draw(
    start: _Start, first: date, last: date, lang: str, title: str | None, tiles: Mapping[str, str] | None
) -> OfflineMap:
    """Assemble the page: rules, question, scripts."""
    net, day = start.net, start.day
    languages = payload.languages(net)
    if lang not in languages:
        raise unknown_name_error("language", lang, languages)
    years = {"first": first.year, "last": first.year + 1} if start.view == "season" else {}
    heading = fill_placeholders(f"title.{'season' if years else 'page'}", home=home_names(net), **years)
    if title is not None:
        heading = dict.fromkeys(LANGUAGES, title)
    if tiles is not None:
        credit = html.escape(str(tiles.get("attribution", "")))
        tiles = {"url": str(tiles.get("url", "")), "attribution": credit}
    base = start.base or as_scenario(None, folder=net.folder)
    scenarios = [_named(net, one) for one in (base, start.scenario, *start.others)]
    names = ["" if _is_plain(one) else one.name for one in scenarios]
    items: list[Any] = [{"scenario": name} for name in names[1:2] if name]
    items += [{"crossing": id_, "border_h": value} for id_, value in start.question.get("border", {}).items()]
    opened = {
        "title": heading,
        "state": {"view": start.view, "base": names[0], "items": items, **start.question},
        "day": (day - date(1970, 1, 1)).days,
        "tiles": tiles,
    }
    if start.carried:
        opened["carried"] = start.carried
    stops = [start.question.get(end) for end in ("from", "to")]
    stops += [name for kind, name in start.question.get("via", ()) if kind == "place"]
    period: dict[str, Any] = {"first": first, "days": (last - first).days + 1}
    data = payload.payload(net, **period, scenarios=scenarios, places=[stop for stop in stops if stop])
    if data["area"]:
        _refuse_detours(net, scenarios, start.question)
    drawn = OfflineMap(
        page_title=heading[lang],
        lang=lang,
        tile_url=None if tiles is None else tiles["url"],
        location=np.mean(data["bounds"], axis=0),
        zoom_start=6,
        zoom_snap=0.25,
        zoom_control=False,
        attribution_control=False,
    )
    drawn.parts += [
        f"<style>{style.compact('css/page.css')}</style>",
        f'<style id="page-font">{style.font_face(page=True)}</style>',
        # Seen before the script has computed anything.
        f'<div id="page"><header><h1>{html.escape(heading[lang])}</h1></header></div>',
    ]
    drawn.add_data("page-data", data)
    drawn.add_data("page-start", opened)
    drawn.parts.append(script_tag(style.asset("vendor/htm-preact.js")))
    drawn.parts += [script_tag(style.compact(f"js/{name}.js")) for name in _SCRIPTS]
    return drawn


def _refuse_detours(net: Network, scenarios: list[Scenario], question: Mapping[str, Any]) -> None:
    """Raise if a question needs roads of a large area that its page does not carry."""
    edges = net.edges
    fixed = set(edges.index[(edges["kind"] == "road") & (edges["season"] == "")])
    changes = [change for one in scenarios for change in one.changes]
    asked = [one.vehicle or one.road for one in changes if one.vehicle or one.road in fixed]
    asked += [name for kind, name in question.get("avoid", ()) if kind == "place"]
    if asked:
        raise InputError(
            f"the page of a large area cannot show a change of '{asked[0]}', which may need roads that it "
            "does not carry; expected changes of crossings and of roads with a season"
        )


def _is_plain(scenario: Scenario) -> bool:
    return not (scenario.changes or scenario.day or scenario.world or scenario.assume)


def _named(net: Network, scenario: Scenario) -> Scenario:
    """Return a scenario under a name that no other scenario of the dataset has."""
    try:
        known = as_scenario(scenario.name, folder=net.folder)
    except InputError:
        return scenario
    same = _is_plain(scenario) or known.to_dict() == scenario.to_dict()
    return scenario if same else replace(scenario, name=f"{scenario.name}*")
