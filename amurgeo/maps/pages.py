"""The four map pages: network, comparison, season and routes."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.maps import basemap, payload, style
from amurgeo.maps.offline_map import OfflineMap, PagePart
from amurgeo.network import home_names, vehicle_row
from amurgeo.network.additions import with_additions
from amurgeo.seasons.daily import calendar
from amurgeo.seasons.evaluation import scenario_of
from amurgeo.text import LANGUAGES, fill_placeholders

if TYPE_CHECKING:
    import pandas as pd

    from amurgeo.comparison.compare import Comparison
    from amurgeo.network import Network
    from amurgeo.routing.routes import Routes
    from amurgeo.scenario import ScenarioLike
    from amurgeo.seasons.state import State

Tiles = Mapping[str, str]
#: Order of the changes in the list of journeys.
_CHANGES = ("lost", "gained", "slower", "faster", "same")


def page(
    result: State | Routes | Comparison | Network,
    *,
    year: int | None = None,
    scenario: ScenarioLike = None,
    path: str | Path | None = None,
    lang: str = "en",
    title: str | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw the map page of a result, and write it if a path is given.

    Parameters
    ----------
    result
        What the page shows: a state (`state_map`), routes (`routes_map`), a comparison (`compare_map`), or
        a network with `year` (`season_map`).
    year
        With a network: the year, 1980 to 2100.
    scenario
        With a network: scenario, name or file; not a regime, which has one day.
    path
        Output file; its folder is created if needed. None writes no file.
    lang
        Initial language of the page, one of the dataset's; the reader can change it.
    title
        Title of the page; by default it names the home regions and the result.
    tiles
        Optional online background: ``url`` (with ``{z}``, ``{x}``, ``{y}``) and ``attribution``. The page
        makes no requests until the reader switches it on.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network.

    Raises
    ------
    InputError
        If the result is of another type, `year` is missing or superfluous, the language is unknown, the
        tiles have no web address, or the file cannot be written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> page(net.state("2026-02-10"), lang="ru").page_title
    'Амурская область: переправы, 10 февраля 2026 г.'
    >>> page(net, year=2026).page_title
    'Amur Oblast: crossings through 2026'
    """
    from amurgeo.comparison.compare import Comparison
    from amurgeo.network import Network
    from amurgeo.routing.routes import Routes
    from amurgeo.seasons.state import State

    options: dict[str, Any] = {"lang": lang, "title": title, "tiles": tiles}
    if isinstance(result, Network):
        if year is None:
            raise InputError("year= is missing; expected the year of the page, such as 2026")
        days = calendar(result, year, scenario=scenario)
        drawn = season_map(with_additions(result, scenario_of(result, scenario)), days, year=year, **options)
    elif year is not None or scenario is not None:
        given = "year=" if year is not None else "scenario="
        raise InputError(
            f"{given} is for a network only; a {type(result).__name__} has a date and a scenario"
        )
    elif isinstance(result, State):
        drawn = state_map(result, **options)
    elif isinstance(result, Routes):
        drawn = routes_map(result, **options)
    elif isinstance(result, Comparison):
        drawn = compare_map(result, **options)
    else:
        expected = "a state, routes, a comparison, or a network with year="
        raise InputError(f"result is invalid: {type(result).__name__}; expected {expected}")
    if path is not None:
        drawn.save(Path(path))
    return drawn


def state_map(
    state: State, *, lang: str = "en", title: str | None = None, tiles: Tiles | None = None
) -> OfflineMap:
    """Draw the network on one date: every crossing with status, reason and evidence.

    Parameters
    ----------
    state
        Status of the crossings.
    lang
        Initial language of the page, one of the dataset's; the reader can change it.
    title
        Title of the page; the home regions and the state's label by default.
    tiles
        Optional online background: ``url`` (with ``{z}``, ``{x}``, ``{y}``) and ``attribution``. The page
        makes no requests until the reader switches it on.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network.

    Raises
    ------
    InputError
        If the language is unknown or the tiles have no web address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> drawn = state_map(ag.load().state("2026-02-10"), lang="ru")
    >>> "<title>Амурская область: переправы" in drawn.to_html()
    True
    """
    heading = fill_placeholders("title.network", home=home_names(state.net), label=payload.label(state))
    name = f"network-{state.on.isoformat()}"
    return _page(state.net, [payload.state_record(state)], name, heading, lang, title, tiles)


def compare_map(
    result: Comparison | Sequence[State],
    *,
    lang: str = "en",
    title: str | None = None,
    pairs: pd.DataFrame | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw scenarios side by side with a swipe bar; differences are marked and listed.

    Parameters
    ----------
    result
        A comparison, or two or more states. The page opens with the first two; the reader can choose
        others.
    lang
        Initial language of the page.
    title
        Title of the page; the home regions and the states' labels by default.
    pairs
        Journeys to list: origin, destination, base_h, alt_h (hours), change; by default those of a
        comparison of one alternative on one date.
    tiles
        Optional online background, as in `state_map`.

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
    'Amur Oblast: crossings, Rivers frozen – Rivers open'
    """
    if isinstance(result, Sequence):
        states = list(result)
    else:
        states = [result.states[0][0], *(alt for _, alt in result.states)]
        if pairs is None and len(result.states) == 1 and result.period is None:
            pairs = result.pairs
    if len(states) < 2:
        raise InputError(f"the number of states is invalid: {len(states)}; expected at least two")
    # The network of the scenario that adds most.
    net = max((state.net for state in states), key=lambda net: len(net.crossings))
    labels = [payload.label(state) for state in states[:2]]
    joined = {code: " – ".join(label[code] for label in labels) for code in LANGUAGES}
    heading = fill_placeholders("title.compare", home=home_names(net), labels=joined)
    records = [payload.state_record(state) for state in states]
    journeys = pair_records(pairs, net)
    return _page(net, records, "compare", heading, lang, title, tiles, pairs=journeys)


def pair_records(frame: pd.DataFrame | None, net: Network) -> Sequence[dict[str, Any]]:
    """Return the journeys of a comparison, largest change first."""
    if frame is None:
        return []
    places = net.places
    known = frame["origin"].isin(places.index) & frame["destination"].isin(places.index)
    records = [
        {
            "ends": [
                {
                    "name": basemap.names_of(places.loc[end]),
                    "at": [basemap.number(places.at[end, "lat"]), basemap.number(places.at[end, "lon"])],
                }
                for end in (row["origin"], row["destination"])
            ],
            "alternative": str(row.get("alternative", "")),
            "hours": [basemap.number(row["base_h"], 2), basemap.number(row["alt_h"], 2)],
            "change": str(row["change"]),
        }
        for row in frame[known].to_dict("records")
    ]

    def rank(pair: dict[str, Any]) -> tuple[int, float]:
        base_h, alt_h = (hours or 0.0 for hours in pair["hours"])
        order = _CHANGES.index(pair["change"]) if pair["change"] in _CHANGES else len(_CHANGES)
        return order, -abs(base_h - alt_h)

    return sorted(records, key=rank)


def season_map(
    net: Network,
    days: pd.DataFrame | Iterable[State],
    *,
    year: int,
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
        A calendar as `amurgeo.calendar` returns it, or one state per day.
    year
        The year.
    lang
        Initial language of the page.
    start
        Initial date, ISO; 10 February by default, when the rivers are frozen.
    title
        Title of the page; the home regions and the year by default.
    tiles
        Optional online background, as in `state_map`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `state_map`.

    Raises
    ------
    InputError
        If the calendar lacks a column or the year, or the language, the start or the tiles are invalid.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> season_map(net, ag.calendar(net, 2026), year=2026).page_title
    'Amur Oblast: crossings through 2026'
    """
    season, state = payload.year_records(net, payload.year_frame(days, year=year))
    opening = start or f"{year}-02-10"
    if start is not None and start not in season["days"]:
        raise InputError(f"start= is invalid: '{start}'; expected a date such as {season['days'][0]}")
    season["start"] = season["days"].index(opening) if opening in season["days"] else 0
    heading = fill_placeholders("title.season", home=home_names(net), year=year)
    parts = [PagePart("season", season)]
    return _page(net, [state], f"season-{year}", heading, lang, title, tiles, parts=parts)


def routes_map(
    routes: Routes, *, lang: str = "en", title: str | None = None, tiles: Tiles | None = None
) -> OfflineMap:
    """Draw alternative routes between two places with their legs, border hours and waiting hours.

    Parameters
    ----------
    routes
        Routes as `amurgeo.routes` returns them; without a route the page lists the closed crossings.
    lang
        Initial language of the page.
    title
        Title of the page; origin and destination by default.
    tiles
        Optional online background, as in `state_map`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `state_map`.

    Raises
    ------
    InputError
        If the language is unknown or the tiles have no web address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.routes(ag.load(), "Belogorsk", "Harbin", on="2026-02-10")
    >>> routes_map(found).page_title
    'Routes Belogorsk – Harbin'
    """
    net = routes.state.net
    records = payload.route_records(net, routes)
    origin, destination = (end["name"] for end in records["ends"])
    return _page(
        net,
        [payload.state_record(routes.state)],
        f"routes-{routes.origin}-{routes.destination}",
        fill_placeholders("title.routes", origin=origin, destination=destination),
        lang,
        title,
        tiles,
        parts=[PagePart("routes", records)],
        bounds=payload.route_bounds(records, basemap.view_bounds(net)),
        traffic=str(vehicle_row(net, routes.vehicle)["traffic"]),
        always=(routes.origin, routes.destination),
    )


def _page(
    net: Network,
    states: Sequence[Mapping[str, Any]],
    name: str,
    heading: Mapping[str, str],
    lang: str,
    title: str | None,
    tiles: Tiles | None,
    *,
    pairs: Sequence[dict[str, Any]] = (),
    parts: Sequence[PagePart] = (),
    bounds: list[list[float]] | None = None,
    traffic: str = "cargo",
    always: Collection[str] = (),
) -> OfflineMap:
    """Assemble a page of the parts that all pages share and those of its kind."""
    languages = payload.languages(net)
    if lang not in languages:
        raise unknown_name_error("language", lang, languages)
    heading = heading if title is None else dict.fromkeys(LANGUAGES, title)
    background = _background(tiles)
    (south, west), (north, east) = bounds = bounds or basemap.view_bounds(net)
    drawn_map = OfflineMap(
        page_title=heading[lang],
        lang=lang,
        tile_host=background["host"] if background else "",
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=6,
        zoom_snap=0.5,
        min_zoom=4,
        max_zoom=13,
    )
    attributions = [dict.fromkeys(LANGUAGES, html.escape(text)) for text in payload.credit_lines(net)]
    drawn, total = len(basemap.drawn_roads(net)), len(net.roads)
    if drawn < total:
        attributions.append(fill_placeholders("ground.left_out", drawn=drawn, roads=total))
    config = {
        "lang": lang,
        "traffic": traffic,
        "languages": {code: payload.LABELS[code] for code in languages},
        "home": home_names(net),
        "words": style.all_words(),
        "style": style.as_json(),
        "states": list(states),
        "bounds": bounds,
        "attributions": attributions,
    }
    crossings = {
        "steps": basemap.STEPS,
        "checkpoints": basemap.checkpoint_records(net),
        "crossings": payload.crossing_records(net),
        "sources": payload.source_records(net, states),
    }
    panel = {"title": heading, "file": f"{net.border.id}-{name}", "tiles": background, "pairs": list(pairs)}
    for part in (
        PagePart("core", config),
        PagePart("ground", basemap.base_map(net)),
        PagePart("places", {"places": basemap.place_records(net, always=always)}),
        PagePart("crossings", crossings),
        *([PagePart("swipe", {})] if len(states) > 1 else []),
        *parts,
        PagePart("panel", panel),
    ):
        if len(languages) < len(LANGUAGES):
            part.data = payload.in_languages(part.data, languages)
        drawn_map.add_child(part)
    return drawn_map


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
