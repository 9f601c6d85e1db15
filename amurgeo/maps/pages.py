"""One page that computes: crossings, the year, routes and comparisons as views of one question."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.maps import payload, style
from amurgeo.maps.offline_map import OfflineMap
from amurgeo.network import home_names, vehicle_id
from amurgeo.network.additions import with_additions
from amurgeo.network.snapping import Place, locate_each
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.daily import calendar
from amurgeo.seasons.evaluation import scenario_of
from amurgeo.text import FIRST_DAY, LANGUAGES, LAST_DAY, Day, fill_placeholders, parse_day

if TYPE_CHECKING:
    import pandas as pd

    from amurgeo.comparison.compare import Comparison
    from amurgeo.network import Network
    from amurgeo.routing.routes import Routes
    from amurgeo.scenario import ScenarioLike
    from amurgeo.seasons.state import State

Tiles = Mapping[str, str]
#: Month in which the season of a page starts, so that a winter is in one piece.
_SEASON_MONTH = 7
#: Day (month and day) at which the page of a year opens: the rivers are frozen.
_WINTER_DAY = (2, 10)
_SCRIPTS = ("scenario.js", "outlook.js", "engine.js", "map.js", "charts.js", "panels.js", "page.js")


def page(
    result: State | Routes | Comparison | Network,
    *,
    on: Day | None = None,
    year: int | None = None,
    scenario: ScenarioLike = None,
    origin: Place | None = None,
    destination: Place | None = None,
    vehicle: str | None = None,
    path: str | Path | None = None,
    lang: str = "en",
    title: str | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw the map page of a network or a result, and write it if a path is given.

    Parameters
    ----------
    result
        What the page opens with: a state (`state_map`), routes (`routes_map`), a comparison
        (`compare_map`), or a network.
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
    from amurgeo.comparison.compare import Comparison
    from amurgeo.network import Network
    from amurgeo.routing.routes import Routes
    from amurgeo.seasons.state import State

    options: dict[str, Any] = {"lang": lang, "title": title, "tiles": tiles}
    asked: dict[str, Any] = {
        "on": on,
        "year": year,
        "scenario": scenario,
        "origin": origin,
        "destination": destination,
    }
    asked["vehicle"] = vehicle
    if isinstance(result, Network):
        drawn = _network_page(result, **asked, **options)
    elif given := [name for name, value in asked.items() if value is not None]:
        raise InputError(
            f"{given[0]}= is for a network only; a {type(result).__name__} has a date and a scenario"
        )
    elif isinstance(result, State):
        drawn = state_map(result, **options)
    elif isinstance(result, Routes):
        drawn = routes_map(result, **options)
    elif isinstance(result, Comparison):
        drawn = compare_map(result, **options)
    else:
        expected = "a state, routes, a comparison, or a network"
        raise InputError(f"result is invalid: {type(result).__name__}; expected {expected}")
    if path is not None:
        drawn.save(Path(path))
    return drawn


def _network_page(
    net: Network,
    *,
    on: Any,
    year: Any,
    scenario: Any,
    origin: Any,
    destination: Any,
    vehicle: Any,
    **options: Any,
) -> OfflineMap:
    """Return the page of a network: of a year, of a route, or of a day."""
    if year is not None and on is not None:
        raise InputError("on= and year= are both given; pass on= for a day, or year= for a year")
    if (origin is None) != (destination is None):
        missing = "destination=" if destination is None else "origin="
        raise InputError(f"{missing} is missing; pass origin= and destination=, or leave out both")
    question: dict[str, Any] = {"vehicle": vehicle_id(net, vehicle)}
    view = "network" if year is None else "season"
    if origin is not None and destination is not None:
        net, (question["from"], question["to"]), _ = locate_each(net, [origin, destination])
        view = "routes"
    if year is not None:
        calendar(net, year, scenario=scenario)
        parsed = scenario_of(net, scenario)
        return _page(
            net, view, date(year, *_WINTER_DAY), scenario=parsed, state=question, year=True, **options
        )
    if on is None and scenario_of(net, scenario).day is None:
        on = date.today()
    state = net.state(on, scenario=scenario)
    return _page(state.net, view, state.on, scenario=state.scenario, state=question, **options)


def state_map(
    state: State, *, lang: str = "en", title: str | None = None, tiles: Tiles | None = None
) -> OfflineMap:
    """Draw the network on one date: every crossing with status, reason, evidence and sources.

    Parameters
    ----------
    state
        Status of the crossings: the day and the scenario with which the page opens.
    lang, title, tiles
        As in `page`.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network.

    Raises
    ------
    InputError
        As `page`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> drawn = state_map(ag.load().state("2026-02-10"), lang="ru")
    >>> "<title>Амурская область: переходы" in drawn.to_html()
    True
    """
    return _page(state.net, "network", state.on, scenario=state.scenario, lang=lang, title=title, tiles=tiles)


def compare_map(
    result: Comparison | Sequence[State],
    *,
    lang: str = "en",
    title: str | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw a scenario against a base case: what opens and closes, and hours between the main towns.

    Parameters
    ----------
    result
        A comparison, or two or more states. The page opens with the first two; the reader can choose
        others.
    lang, title, tiles
        As in `page`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `state_map`.

    Raises
    ------
    InputError
        If there are fewer than two states, the language is unknown or the tiles have no web address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> drawn = compare_map([net.state(scenario="frozen"), net.state(scenario="open")])
    >>> drawn.page_title
    'Amur Oblast: crossings'
    """
    if isinstance(result, Sequence):
        states, question = list(result), {}
    else:
        states = [result.states[0][0], *(alt for _, alt in result.states)]
        question = {"vehicle": result.vehicle}
    if len(states) < 2:
        raise InputError(f"the number of states is invalid: {len(states)}; expected at least two")
    # The network of the scenario that adds most.
    net = max((state.net for state in states), key=lambda net: len(net.crossings))
    base, alternative, *others = [state.scenario for state in states]
    scenarios: dict[str, Any] = {"base": base, "scenario": alternative, "others": others}
    options: dict[str, Any] = {"lang": lang, "title": title, "tiles": tiles}
    return _page(net, "compare", states[1].on, state=question, **scenarios, **options)


def season_map(
    net: Network,
    days: pd.DataFrame | Iterable[State],
    *,
    year: int,
    scenario: ScenarioLike = None,
    lang: str = "en",
    start: str | None = None,
    title: str | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw a year: a slider over its days, and a bar of the open days per crossing.

    Parameters
    ----------
    net
        The network.
    days
        A calendar as `amurgeo.calendar` returns it, or one state per day; the page computes the same days.
    year
        The year.
    scenario
        The scenario of the calendar, which states have themselves; not a regime.
    start
        Initial date, ISO; 10 February by default, when the rivers are frozen.
    lang, title, tiles
        As in `page`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `state_map`.

    Raises
    ------
    InputError
        If the calendar lacks a column or the year, or is not that of the network under the scenario, or
        the language, the start or the tiles are invalid.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> season_map(net, ag.calendar(net, 2026), year=2026).page_title
    'Amur Oblast: crossings'
    """
    import pandas as pd

    if not isinstance(days, pd.DataFrame) and (days := list(days)) and scenario is None:
        scenario = days[0].scenario
    frame = payload.year_frame(days, year=year)
    parsed = scenario_of(net, scenario)
    keys = ["date", "crossing", "traffic"]
    computed = calendar(net, year, scenario=parsed).set_index(keys)["status"]
    given = frame.set_index(keys)["status"]
    if not (np.asarray(computed.reindex(given.index)) == np.asarray(given)).all():
        raise InputError(
            f"the calendar of {year} is not that of the network under '{parsed.name}'; pass scenario= of the "
            "calendar"
        )
    if start is not None and parse_day(start) not in set(frame["date"].dt.date):
        first = frame["date"].min().date()
        raise InputError(f"start= is invalid: '{start}'; expected a date such as {first}")
    day = parse_day(start) if start is not None else date(year, *_WINTER_DAY)
    options: dict[str, Any] = {"lang": lang, "title": title, "tiles": tiles}
    return _page(with_additions(net, parsed), "season", day, scenario=parsed, year=True, **options)


def routes_map(
    routes: Routes, *, lang: str = "en", title: str | None = None, tiles: Tiles | None = None
) -> OfflineMap:
    """Draw alternative routes between two places with their legs, border hours and waiting hours.

    Parameters
    ----------
    routes
        Routes as `amurgeo.routes` returns them: the question with which the page opens.
    lang, title, tiles
        As in `page`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `state_map`.

    Raises
    ------
    InputError
        As `page`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.routes(ag.load(), "Belogorsk", "Harbin", on="2026-02-10")
    >>> routes_map(found).page_title
    'Amur Oblast: crossings'
    """
    question = {"from": routes.origin, "to": routes.destination, "vehicle": routes.vehicle, **routes.asked}
    options: dict[str, Any] = {"lang": lang, "title": title, "tiles": tiles}
    state = routes.state
    return _page(state.net, "routes", routes.on, scenario=state.scenario, state=question, **options)


def _page(
    net: Network,
    view: str,
    day: date,
    *,
    scenario: Scenario,
    base: Scenario | None = None,
    others: Iterable[Scenario] = (),
    state: Mapping[str, Any] | None = None,
    year: bool = False,
    lang: str,
    title: str | None,
    tiles: Tiles | None,
) -> OfflineMap:
    """Assemble the page: rules, question, scripts."""
    languages = payload.languages(net)
    if lang not in languages:
        raise unknown_name_error("language", lang, languages)
    background = _background(tiles)
    base_case = base or as_scenario(None, folder=net.folder)
    scenarios = [_named(net, one) for one in (base_case, scenario, *others)]
    first, last = _season(day.year - 1 if year or day.month < _SEASON_MONTH else day.year)
    data = payload.payload(net, first=first, days=(last - first).days + 1, scenarios=scenarios)
    heading = fill_placeholders("title.page", home=home_names(net))
    if title is not None:
        heading = dict.fromkeys(LANGUAGES, title)
    names = [one.name for one in scenarios]
    question = {
        "view": view,
        "base": "" if _is_plain(scenarios[0]) else names[0],
        "items": [] if _is_plain(scenarios[1]) else [{"scenario": names[1]}],
        **(state or {}),
    }
    start = {"title": heading, "state": question, "day": (day - date(1970, 1, 1)).days, "tiles": background}
    (south, west), (north, east) = data["bounds"]
    drawn = OfflineMap(
        page_title=heading[lang],
        lang=lang,
        tile_host=background["host"] if background else "",
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=6,
        zoom_snap=0.25,
        min_zoom=4,
        max_zoom=13,
        zoom_control=False,
        attribution_control=False,
    )
    drawn.add_style(style.compact("css/page.css"))
    drawn.add_style(f'<style id="page-font">{style.font_face(page=True)}</style>')
    drawn.add_html('<div id="page"></div>')
    drawn.add_data("page-data", data)
    drawn.add_data("page-start", start)
    drawn.add_script(style.asset("vendor/htm-preact.js"))
    for name in _SCRIPTS:
        drawn.add_script(style.compact(f"js/{name}"))
    return drawn


def _season(year: int) -> tuple[date, date]:
    """Return the first and the last day of two seasons, from July of a year."""
    first, last = date(year, _SEASON_MONTH, 1), date(year + 2, _SEASON_MONTH, 1) - timedelta(days=1)
    return max(first, FIRST_DAY), min(last, LAST_DAY)


def _is_plain(scenario: Scenario) -> bool:
    return not (scenario.changes or scenario.day or scenario.world or scenario.assume)


def _named(net: Network, scenario: Scenario) -> Scenario:
    """Return a scenario under a name that no other scenario of the dataset has."""
    try:
        known = as_scenario(scenario.name, folder=net.folder)
    except InputError:
        return scenario
    if _is_plain(scenario) or known.to_dict() == scenario.to_dict():
        return scenario
    return replace(scenario, name=f"{scenario.name}*")


def _background(tiles: Tiles | None) -> dict[str, str] | None:
    if tiles is None:
        return None
    url = str(tiles.get("url", ""))
    address = urlsplit(url)
    host = address.netloc.replace("{s}", "*")
    if address.scheme not in ("http", "https") or not re.fullmatch(r"[A-Za-z0-9.*:-]+", host):
        example = "https://tiles.example.org/{z}/{x}/{y}.png"
        raise InputError(f"the address of the tiles is invalid: '{url}'; expected one such as {example}")
    attribution = html.escape(str(tiles.get("attribution", "")))
    return {"url": url, "attribution": attribution, "host": f"{address.scheme}://{host}"}
