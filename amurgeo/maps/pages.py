"""The four pages: network, compare, season, routes; each a Folium map that saves itself as one file."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from amurgeo.errors import InputError
from amurgeo.maps import files, journeys, payload, style
from amurgeo.maps.ground import drawn_roads, ground
from amurgeo.maps.page import OfflineMap, PagePart
from amurgeo.text import LANGUAGES, check_language

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
    """Draw the network on one day: every crossing, open or closed, with reason and evidence.

    Parameters
    ----------
    net
        The network.
    state
        What is open on the day.
    lang
        Language the page opens in; the reader can change it.
    title
        Title of the page; by default the state's label.
    tiles
        An online background the reader can switch on: ``url`` (with ``{z}``, ``{x}``, ``{y}``) and
        ``attribution``. Without it the page asks for nothing.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network.

    Raises
    ------
    InputError
        For an unknown language, or tiles without a web address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> page = network_map(net, net.state(on="2026-02-10"), lang="ru")
    >>> "<title>Переправы через Амур" in page.to_html()
    True
    """
    heading = _titles(title, files.fill("title.network", label=payload.label(state)))
    return _page(
        net,
        [payload.state(state)],
        lang=lang,
        title=heading,
        tiles=tiles,
        file=f"network-{state.on.isoformat()}",
    )


def compare_map(
    net: Network,
    scenarios: Sequence[State],
    *,
    lang: str = "en",
    title: str | None = None,
    pairs: pd.DataFrame | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Lay scenarios side by side: a bar between two of them, and everything that differs marked and listed.

    Parameters
    ----------
    net
        The network.
    scenarios
        Two states or more; the first two are shown first, the reader can choose others.
    lang
        Language the page opens in.
    title
        Title of the page; by default the states' labels.
    pairs
        Journeys to list: origin, destination, alternative, base_h, alt_h, change.
    tiles
        An online background, as in `network_map`.

    Raises
    ------
    InputError
        With fewer than two states, for an unknown language, or tiles without a web address.

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
        raise InputError(f"compare_map takes at least two states, {len(states)} given")
    labels = {lang_: " – ".join(payload.label(state)[lang_] for state in states[:2]) for lang_ in LANGUAGES}
    heading = _titles(title, files.fill("title.compare", labels=labels))
    shown = [payload.state(state) for state in states]
    return _page(
        net, shown, lang=lang, title=heading, tiles=tiles, file="compare", pairs=payload.pairs(pairs, net)
    )


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
    """Draw a year: a slider over its days, and a bar per crossing that shows when it works.

    Parameters
    ----------
    net
        The network.
    days
        A calendar as `amurgeo.calendar` returns it, or one state per day.
    year
        The year.
    lang
        Language the page opens in.
    start
        Day on which the page opens, ISO; by default 10 February, with the rivers frozen.
    title
        Title of the page.
    tiles
        An online background, as in `network_map`.

    Raises
    ------
    InputError
        When the calendar lacks a column or the year, for an unknown language or day, or tiles without a web
        address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> season_map(net, ag.calendar(net, 2026), year=2026).page_title
    'Amur crossings through 2026'
    """
    season, state = journeys.year(net, journeys.year_frame(days, year=year))
    opening = start or f"{year}-02-10"
    if start is not None and start not in season["days"]:
        raise InputError(f"start '{start}' is no day of the calendar; give one such as {season['days'][0]}")
    season["start"] = season["days"].index(opening) if opening in season["days"] else 0
    heading = _titles(title, files.fill("title.season", year=year))
    return _page(
        net,
        [state],
        lang=lang,
        title=heading,
        tiles=tiles,
        file=f"season-{year}",
        parts=[PagePart("season", season)],
    )


def routes_map(
    net: Network,
    state: State,
    routes: Routes,
    *,
    lang: str = "en",
    title: str | None = None,
    tiles: Tiles | None = None,
) -> OfflineMap:
    """Draw the routes between two places, side by side, with their legs, hours at the border and waiting.

    Parameters
    ----------
    net
        The network.
    state
        What is open on the day.
    routes
        Routes as `amurgeo.routes` returns them; without any the page says what is closed.
    lang
        Language the page opens in.
    title
        Title of the page.
    tiles
        An online background, as in `network_map`.

    Raises
    ------
    InputError
        For an unknown language, or tiles without a web address.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> found = ag.routes(net, "Belogorsk", "Harbin", on="2026-02-10")
    >>> routes_map(net, found.state, found).page_title
    'Routes Belogorsk – Harbin'
    """
    data = journeys.routes(net, routes)
    ends = {name: end["name"] for name, end in zip(("origin", "destination"), data["ends"], strict=True)}
    heading = _titles(title, files.fill("title.routes", **ends))
    bounds = journeys.route_bounds(data, payload.view_bounds(net))
    file = f"routes-{routes.origin}-{routes.destination}"
    return _page(
        net,
        [payload.state(state)],
        lang=lang,
        title=heading,
        tiles=tiles,
        file=file,
        parts=[PagePart("routes", data)],
        bounds=bounds,
        traffic=_traffic(net, routes.vehicle),
        always=(routes.origin, routes.destination),
    )


def _traffic(net: Network, vehicle: str) -> str:
    tables = getattr(net, "tables", {})
    known = "vehicles" in tables and vehicle in tables["vehicles"].index
    return str(tables["vehicles"].at[vehicle, "traffic"]) if known else "cargo"


def _page(
    net: Network,
    shown: Sequence[Mapping[str, Any]],
    *,
    lang: str,
    title: Mapping[str, str],
    tiles: Tiles | None,
    file: str,
    pairs: Sequence[dict[str, Any]] = (),
    parts: Sequence[PagePart] = (),
    bounds: list[list[float]] | None = None,
    traffic: str = "cargo",
    always: Collection[str] = (),
) -> OfflineMap:
    check_language(lang)
    background = _tiles(tiles)
    bounds = bounds or payload.view_bounds(net)
    page = OfflineMap(
        page_title=title[lang],
        lang=lang,
        tile_host=background["host"] if background else "",
        location=[(bounds[0][axis] + bounds[1][axis]) / 2 for axis in (0, 1)],
        zoom_start=6,
        zoom_snap=0.5,
        min_zoom=4,
        max_zoom=13,
    )
    config = {
        "lang": lang,
        "traffic": traffic,
        "words": files.all_words(),
        "style": style.as_json(),
        "states": list(shown),
        "bounds": bounds,
        "attributions": [*(files.page_words()[key] for key in _ATTRIBUTIONS), *_left_out(net)],
    }
    crossings = {
        "steps": payload.STEPS,
        "checkpoints": payload.checkpoints(net),
        "crossings": payload.crossings(net),
        "sources": payload.sources(net, shown),
    }
    swipe = [PagePart("swipe", {})] if len(shown) > 1 else []
    panel = {"title": title, "file": f"amur-{file}", "tiles": background, "pairs": list(pairs)}
    made = [
        PagePart("core", config),
        PagePart("ground", ground(net)),
        PagePart("places", {"places": payload.places(net, always=always)}),
        PagePart("crossings", crossings),
        *swipe,
        *parts,
        PagePart("panel", panel),
    ]
    for part in made:
        page.add_child(part)
    return page


def _left_out(net: Network) -> list[dict[str, str]]:
    """Say how many roads a page of a large area draws."""
    drawn, every = len(drawn_roads(net)), len(net.roads)
    return [] if drawn == every else [files.fill("ground.left_out", drawn=str(drawn), roads=str(every))]


def _titles(own: str | None, usual: dict[str, str]) -> dict[str, str]:
    return usual if own is None else dict.fromkeys(LANGUAGES, own)


def _tiles(tiles: Tiles | None) -> dict[str, str] | None:
    if tiles is None:
        return None
    url = str(tiles.get("url", ""))
    parts = urlsplit(url)
    host = re.sub(r"\{s\}", "*", parts.netloc)
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[A-Za-z0-9.*:-]+", host):
        raise InputError(
            f"tiles: '{url}' is no address of tiles; give one such as https://tiles.example.org/{{z}}/{{x}}/{{y}}.png"
        )
    return {
        "url": url,
        "attribution": html.escape(str(tiles.get("attribution", ""))),
        "host": f"{parts.scheme}://{host}",
    }
