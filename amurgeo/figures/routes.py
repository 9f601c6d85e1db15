"""Figures of routes: their map, and time and cost against distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.lines import Line2D

from amurgeo.errors import InputError, check_made
from amurgeo.figures.drawing import Canvas, Output, bold, canvas, extent_of
from amurgeo.figures.printed import Stroke, border_strokes
from amurgeo.maps import style
from amurgeo.network import crossing_name
from amurgeo.routing.indicators import indicator_texts
from amurgeo.routing.routes import Routes
from amurgeo.text import inside, listing, long_date, name_of, number_text, translate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: Routes drawn at most, as many as there are looks.
_MOST = len(style.ROUTES)
#: The queue of the day within the stroke of a crossing.
_QUEUE: dict[str, Any] = {"color": "#b3001b", "linewidth": 3}
#: Degrees around the lines of routes on their map.
_PAD = 0.4


def routes_figure(routes: Routes, *, lang: str = "en", path: Output = None, dpi: int = 150) -> Figure:
    """Draw routes on a map, beside it hours and costs against distance, and indicators of the fastest.

    Parameters
    ----------
    routes
        Routes as `amurgeo.routes` returns them.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The map, the charts of `tcd_figure`, and a list of the routes.

    Raises
    ------
    InputError
        If there is no route to draw.

    Examples
    --------
    >>> import amurgeo as ag
    >>> figure = routes_figure(ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10", k=2))
    >>> len(figure.axes)
    3
    """
    check_made("routes", routes, Routes, "amurgeo.routes")
    _require_routes(routes)
    with canvas(lang, path, dpi) as sheet:
        figure, frame = sheet.figure(12.0, 7.4), routes.to_gdf()
        extent = _extent(routes, frame.total_bounds)
        axes, _ = sheet.map_panel((0.012, 0.21, 0.46, 0.69), routes.state.net, routes.state, extent)
        for position, shape in reversed([*enumerate(frame.geometry[:_MOST])]):
            for line in shapely.get_parts(shape):
                points = shapely.get_coordinates(line).T
                axes.plot(*points, color="white", linewidth=4.5, zorder=5.5)
                axes.plot(*points, linewidth=2.6 if position == 0 else 1.9, zorder=5.6, **_look(position))
        _draw_charts(sheet, routes, left=0.55, width=0.43)
    return figure


def tcd_figure(routes: Routes, *, lang: str = "en", path: Output = None, dpi: int = 150) -> Figure:
    """Draw cumulative hours and costs of routes against distance (UNESCAP's time/cost-distance chart).

    Parameters
    ----------
    routes
        Routes as `amurgeo.routes` returns them.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        Hours above, costs below; distance on the x axis. Waiting and border control are vertical strokes
        with their ranges, rests are open dots. Lines of costs are dotted from the first missing rate on.

    Raises
    ------
    InputError
        If there is no route to draw.

    Notes
    -----
    https://www.unescap.org/resources/timecost-distance-methodology

    Examples
    --------
    >>> import amurgeo as ag
    >>> figure = tcd_figure(ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10", k=2), lang="ru")
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['Часы от начала пути', 'Стоимость, RUB']
    """
    check_made("routes", routes, Routes, "amurgeo.routes")
    _require_routes(routes)
    with canvas(lang, path, dpi) as sheet:
        figure = sheet.figure(8.3, 8.0)
        _draw_charts(sheet, routes, left=0.11, width=0.86)
    return figure


def _require_routes(routes: Routes) -> None:
    """Raise if there is nothing to draw."""
    if not any(len(route.arcs) for route in routes):
        raise InputError("routes is invalid: 0; expected at least one to draw")


def _extent(routes: Routes, bounds: Sequence[float]) -> tuple[float, float, float, float]:
    """Return west, east, south and north of the map: the home crossings and the routes."""
    west, east, south, north = extent_of(routes.state.net)
    left, low, right, high = bounds
    return min(west, left - _PAD), max(east, right + _PAD), min(south, low - _PAD), max(north, high + _PAD)


def _look(position: int) -> dict[str, Any]:
    """Return colour and dashes of a route; the dashes differ in grey print as well."""
    colour, dashes = style.ROUTES[position]
    pattern = tuple(float(part) / 2.5 for part in dashes.split())
    return {"color": colour, "linestyle": (0, pattern) if pattern else "-"}


def _draw_charts(sheet: Canvas, routes: Routes, *, left: float, width: float) -> None:
    """Draw hours above and costs below, both against kilometres; title and list of the routes."""
    lang, net = sheet.lang, routes.state.net
    ends = {side: name_of(net.nodes.loc[getattr(routes, side)], lang) for side in ("origin", "destination")}
    vehicle = inside(name_of(net.base["vehicles"].loc[routes.vehicle], lang))
    sheet.write_title(sheet.say("title.routes", on=long_date(routes.on)[lang], vehicle=vehicle, **ends))
    sheet.alt = _lines(routes, lang)
    _draw_list(sheet, routes)
    figure, currency, bottom, height, gap = sheet.drawn, net.border.currency, 0.21, 0.69, 0.04
    top = figure.add_axes((left, bottom + height * 0.42 + gap / 2, width, height * 0.58 - gap / 2))
    low = figure.add_axes((left, bottom, width, height * 0.42 - gap / 2), sharex=top)
    labels: list[tuple[Axes, float, float, str, dict[str, Any]]] = []
    profiles = [route.profile(queue_h=routes.queue_h) for route in routes.routes[:_MOST]]
    for position, frame in reversed([*enumerate(profiles)]):
        km, hours = ([0.0, *frame[name]] for name in ("length_km", "hours"))
        look = _look(position) | {"linewidth": 2.2 if position == 0 else 1.5}
        top.plot(km, hours, **look, zorder=3)
        for stroke in border_strokes(frame):
            _draw_stroke(top, stroke, look["color"])
        rests = frame[frame["part"] == "rest"]
        top.plot(rests["length_km"], rests["hours"], "o", ms=4, mfc="white", mec=look["color"], zorder=4)
        known = frame["cost_complete"].to_numpy(dtype=bool)
        costs = [0.0, *frame["cost"]]
        last = int(np.argmin(known)) if not known.all() else len(known)
        low.plot(km[: last + 1], costs[: last + 1], **look)
        low.plot(km[last:], costs[last:], color=look["color"], linestyle=":", linewidth=1.2)
        least = "" if known.all() else "≥ "
        total = f"{position + 1}: {least}{number_text(float(f'{costs[-1]:.3g}'), lang, digits=0)}"
        labels += [(top, km[-1], hours[-1], f"{position + 1}", look), (low, km[-1], costs[-1], total, look)]
    _label_ends(labels, bold(lang))
    top.set_ylabel(sheet.say("figure.hours"))
    low.set_ylabel(sheet.say("head.cost", currency=currency))
    low.set_xlabel(sheet.say("figure.distance"), loc="right")
    top.tick_params(labelbottom=False)
    low.set_xlim(0.0, 1.13 * max(frame["length_km"].max() for frame in profiles))
    for axes in (top, low):
        axes.set_ylim(0.0, 1.1 * axes.get_ylim()[1])
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    for axis in (top.yaxis, low.yaxis, low.xaxis):
        axis.set_major_formatter(lambda value, _: number_text(value, lang, digits=0))
    grey: dict[str, Any] = {"color": "#444444"}
    looks: dict[str, dict[str, Any]] = {
        "stroke": {"linewidth": 5, "alpha": 0.45},
        **({} if routes.queue_h is None else {"queue": _QUEUE}),
        "rest": {"linestyle": "none", "marker": "o", "markerfacecolor": "white", "markersize": 4},
        "cost_unknown": {"linestyle": ":"},
    }
    handles = [Line2D([], [], label=sheet.say(f"figure.{key}"), **grey | look) for key, look in looks.items()]
    top.legend(handles=handles, frameon=False, fontsize=8, loc="upper left")


def _draw_stroke(axes: Axes, stroke: Stroke, colour: str) -> None:
    """Draw wait and control at a crossing as a thick stroke, and beside it where they may end."""
    at, butt = [stroke.km, stroke.km], dict[str, Any](solid_capstyle="butt")
    if stroke.queued > stroke.start:
        axes.plot(at, [stroke.start, stroke.queued], **_QUEUE, **butt, zorder=2.5)
    axes.plot(at, [stroke.start, stroke.end], linewidth=6, alpha=0.45, color=colour, **butt, zorder=2)
    look: dict[str, Any] = {"fmt": "none", "ecolor": "#333333", "elinewidth": 0.9, "capsize": 4, "zorder": 5}
    errors = [[stroke.end - stroke.earliest], [stroke.latest - stroke.end]]
    axes.errorbar(stroke.km, stroke.end, yerr=errors, **look)


def _label_ends(labels: list[tuple[Axes, float, float, str, dict[str, Any]]], weight: str) -> None:
    """Write a label at the end of each line, above those that are already there."""
    placed: list[tuple[Axes, float, float]] = []
    for axes, x, y, text, look in labels:
        x_high = max(one[1] for one in labels if one[0] is axes)
        y_high = max(one[2] for one in labels if one[0] is axes)
        near = sum(
            one is axes and abs(x - at) < 0.15 * x_high and abs(y - height) < 0.06 * y_high
            for one, at, height in placed
        )
        font = {"fontsize": 8, "fontweight": weight, "color": look["color"]}
        axes.annotate(text, (x, y), (4, 1 + 10 * near), textcoords="offset points", **font)
        placed.append((axes, x, y))


def _lines(routes: Routes, lang: str) -> list[str]:
    """Return a line for each route drawn, and the indicators of the fastest."""
    net, lines = routes.state.net, []
    for position, route in enumerate(routes.routes[:_MOST]):
        hours = route.hours
        names = listing((crossing_name(net, crossing, lang) for crossing in route.crossings), lang)
        values = {name: number_text(value, lang, digits=1) for name, value in hours.items()}
        km = number_text(route.length_km, lang, digits=0)
        name = names or translate("word.none", lang)
        lines.append(translate("figure.route", lang, rank=position + 1, name=name, km=km, **values))
    texts = [f"{name} {text}" for name, text in indicator_texts(routes[0], lang).items()]
    n = int(routes[0].indicators()["n"].max())
    return [*lines, translate("figure.indicators", lang, n=n), "; ".join(texts)]


def _draw_list(sheet: Canvas, routes: Routes) -> None:
    """List the routes with their looks, the indicators, and what the signs of a map mean."""
    *named, heading, values = sheet.alt
    handles = [Line2D([], [], label=text, linewidth=2, **_look(n)) for n, text in enumerate(named)]
    look = {"handlelength": 3.5, "frameon": False, "fontsize": 8, "labelspacing": 0.3}
    sheet.drawn.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 0.075), **look)
    notes = [heading, values, *([translate("figure.signs", sheet.lang)] if sheet.drawn.axes else [])]
    sheet.drawn.text(0.012, 0.012, "\n".join(notes), fontsize=7.5, va="bottom", color="#333333")
