"""The four map pages: network, comparison, season and routes."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from amurgeo.errors import InputError
from amurgeo.maps import basemap, payload, style
from amurgeo.maps.offline_map import OfflineMap, PagePart
from amurgeo.network import vehicle_row
from amurgeo.text import LANGUAGES, check_language, fill_placeholders, page_words

if TYPE_CHECKING:
    import pandas as pd

    from amurgeo.network import Network
    from amurgeo.routing.routes import Routes
    from amurgeo.seasons.state import State

Tiles = Mapping[str, str]
_ATTRIBUTIONS = ("source.osm", "source.ne", "source.geonames", "source.gshhg")


def network_map(
    net: Network, state: State, *, lang: str = "en", title: str | None = None, tiles: Tiles | None = None
) -> OfflineMap:
    """Draw the network on one date: every crossing with status, reason and evidence.

    Parameters
    ----------
    net
        The network.
    state
        Status of the crossings.
    lang
        Initial language of the page; the reader can change it.
    title
        Title of the page; the state's label by default.
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
    >>> net = ag.load()
    >>> page = network_map(net, net.state(on="2026-02-10"), lang="ru")
    >>> "<title>Переправы через Амур" in page.to_html()
    True
    """
    heading = fill_placeholders("title.network", label=payload.label(state))
    name = f"network-{state.on.isoformat()}"
    return _page(net, [payload.state_record(state)], name, heading, lang, title, tiles)


def compare_map(
    net: Network,
    scenarios: Sequence[State],
    *,
    lang: str = "en",
    title: str | None = None,
    pairs: pd.DataFrame | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw scenarios side by side with a swipe bar; differences are marked and listed.

    Parameters
    ----------
    net
        The network.
    scenarios
        Two or more states; the page opens with the first two, the reader can choose others.
    lang
        Initial language of the page.
    title
        Title of the page; the states' labels by default.
    pairs
        Journeys to list: origin, destination, alternative, base_h, alt_h (hours), change.
    tiles
        Optional online background, as in `network_map`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `network_map`.

    Raises
    ------
    InputError
        If there are fewer than two states, the language is unknown or the tiles have no web address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> page = compare_map(net, [net.state(scenario="frozen"), net.state(scenario="open")])
    >>> page.page_title
    'Amur crossings: Rivers frozen – Rivers open'
    """
    states = list(scenarios)
    if len(states) < 2:
        raise InputError(f"the number of states is invalid: {len(states)}; expected at least two")
    labels = [payload.label(state) for state in states[:2]]
    joined = {code: " – ".join(label[code] for label in labels) for code in LANGUAGES}
    heading = fill_placeholders("title.compare", labels=joined)
    records = [payload.state_record(state) for state in states]
    journeys = payload.pair_records(pairs, net)
    return _page(net, records, "compare", heading, lang, title, tiles, pairs=journeys)


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
        Title of the page.
    tiles
        Optional online background, as in `network_map`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `network_map`.

    Raises
    ------
    InputError
        If the calendar lacks a column or the year, or the language, the start or the tiles are invalid.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> season_map(net, ag.calendar(net, 2026), year=2026).page_title
    'Amur crossings through 2026'
    """
    season, state = payload.year_records(net, payload.year_frame(days, year=year))
    opening = start or f"{year}-02-10"
    if start is not None and start not in season["days"]:
        raise InputError(f"start= is invalid: '{start}'; expected a date such as {season['days'][0]}")
    season["start"] = season["days"].index(opening) if opening in season["days"] else 0
    heading = fill_placeholders("title.season", year=year)
    parts = [PagePart("season", season)]
    return _page(net, [state], f"season-{year}", heading, lang, title, tiles, parts=parts)


def routes_map(
    net: Network,
    state: State,
    routes: Routes,
    *,
    lang: str = "en",
    title: str | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw alternative routes between two places with their legs, border hours and waiting hours.

    Parameters
    ----------
    net
        The network.
    state
        Status of the crossings.
    routes
        Routes as `amurgeo.routes` returns them; without a route the page lists the closed crossings.
    lang
        Initial language of the page.
    title
        Title of the page.
    tiles
        Optional online background, as in `network_map`.

    Returns
    -------
    OfflineMap
        A `folium.Map`, as in `network_map`.

    Raises
    ------
    InputError
        If the language is unknown or the tiles have no web address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> found = ag.routes(net, "Belogorsk", "Harbin", on="2026-02-10")
    >>> routes_map(net, found.state, found).page_title
    'Routes Belogorsk – Harbin'
    """
    records = payload.route_records(net, routes)
    origin, destination = (end["name"] for end in records["ends"])
    return _page(
        net,
        [payload.state_record(state)],
        f"routes-{routes.origin}-{routes.destination}",
        fill_placeholders("title.routes", origin=origin, destination=destination),
        lang,
        title,
        tiles,
        parts=[PagePart("routes", records)],
        bounds=payload.route_bounds(records, payload.view_bounds(net)),
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
    check_language(lang)
    heading = heading if title is None else dict.fromkeys(LANGUAGES, title)
    background = _background(tiles)
    (south, west), (north, east) = bounds = bounds or payload.view_bounds(net)
    page = OfflineMap(
        page_title=heading[lang],
        lang=lang,
        tile_host=background["host"] if background else "",
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=6,
        zoom_snap=0.5,
        min_zoom=4,
        max_zoom=13,
    )
    attributions = [page_words()[key] for key in _ATTRIBUTIONS]
    drawn, total = len(basemap.drawn_roads(net)), len(net.roads)
    if drawn < total:
        attributions.append(fill_placeholders("ground.left_out", drawn=drawn, roads=total))
    config = {
        "lang": lang,
        "traffic": traffic,
        "words": style.all_words(),
        "style": style.as_json(),
        "states": list(states),
        "bounds": bounds,
        "attributions": attributions,
    }
    crossings = {
        "steps": basemap.STEPS,
        "checkpoints": payload.checkpoint_records(net),
        "crossings": payload.crossing_records(net),
        "sources": payload.source_records(net, states),
    }
    panel = {"title": heading, "file": f"amur-{name}", "tiles": background, "pairs": list(pairs)}
    for part in (
        PagePart("core", config),
        PagePart("ground", basemap.base_map(net)),
        PagePart("places", {"places": payload.place_records(net, always=always)}),
        PagePart("crossings", crossings),
        *([PagePart("swipe", {})] if len(states) > 1 else []),
        *parts,
        PagePart("panel", panel),
    ):
        page.add_child(part)
    return page


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
