"""Figures of what is missed most, of access, of who gains and loses, and of promises; readable in grey."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from amurgeo.analysis import KINDS
from amurgeo.analysis.access import AccessFrame, EquityFrame
from amurgeo.analysis.criticality import CriticalityFrame
from amurgeo.analysis.promise import Promise, plan_name
from amurgeo.errors import check_made, unknown_name_error
from amurgeo.figures.drawing import LINES, Canvas, Output, canvas, day_ticks, finish
from amurgeo.maps.impact import class_labels, class_of, loss_of, place_rows
from amurgeo.network import crossing_name
from amurgeo.text import day_text, inside, name_of, number_text, translate, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: Bars of a figure at most, and width of the widest line in points.
_MOST, _WIDEST = 12, 9.0
#: Greys of the classes of hours, light to dark.
_GREYS = ("#ffffff", "#d0d0d0", "#9c9c9c", "#5c5c5c", "#000000")
#: Hatches of the kinds of elements.
_HATCHES = dict(zip(KINDS, ("", "////", "....", "xxxx", "----", "++++"), strict=True))
_BAR: dict[str, Any] = {"facecolor": "#cfe3e8", "edgecolor": "#222222", "linewidth": 0.6}
#: Circle around a rank on a map.
_CIRCLE = {"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": "#222222", "clip_on": True}
#: Marks of settlements that are cut off on some day, and of others.
_CUT: dict[str, Any] = {"ls": "none", "marker": "s", "mec": "black", "mew": 2.2}
_LINKED: dict[str, Any] = {"ls": "none", "marker": "o", "mec": "black", "mew": 0.7}
#: Hours at which the axis of a fan ends, as a multiple of the 99th percentile of P95.
_HEADROOM = 1.15
#: The same if no journey arrives, and the fill of days on which nine in ten do not.
_NO_HOURS = 24.0
_NEVER: dict[str, Any] = {"facecolor": "white", "hatch": "xxxx", "edgecolor": "#777777", "linewidth": 0.0}
#: Fills of a fan, which differ in grey print as well, by the upper percentile.
_SPANS: dict[str, dict[str, Any]] = {
    "p95_h": {"facecolor": "white", "hatch": "//////", "edgecolor": "#555555", "label": "P10–P95"},
    "p90_h": {"facecolor": "#9cc3d2", "edgecolor": "#1f5f7a", "label": "P10–P90"},
}
#: Most crossings in the strip of chances, and most plans.
_STRIPS = 8
#: Days after the departure that the curves of plans show.
_PLAN_DAYS = 14


def critical_figure(
    table: CriticalityFrame, *, lang: str = "en", path: Output = None, dpi: int = 150
) -> Figure:
    """Draw what is missed most: elements on a map, as wide as what is lost, and bars with their ranges.

    Parameters
    ----------
    table
        Elements as `amurgeo.criticality` returns them.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which may be modified further.

    Examples
    --------
    >>> import amurgeo as ag
    >>> table = ag.criticality(ag.load(), on="2026-07-15", kinds=["bridge"], draws=0)
    >>> len(critical_figure(table).axes)
    2
    """
    check_made("table", table, CriticalityFrame, "amurgeo.criticality")
    with canvas(lang, path, dpi) as sheet:
        axes, bars = _panels(sheet, table.net)
        loss = loss_of(table)
        widths = _WIDEST * np.sqrt(loss / max(loss.max(initial=0.0), 1.0))
        shapes = table.to_gdf().geometry
        for shape, width, rank in zip(shapes[::-1], widths[::-1], table["rank"][::-1], strict=True):
            for part in getattr(shape, "geoms", [shape]):
                x, y = part.xy
                look = {"marker": "o", "ms": 2 + width} if len(x) == 1 else {"linewidth": 0.5 + width}
                axes.plot(x, y, color="#222222", alpha=0.75, solid_capstyle="round", zorder=5, **look)
            if rank <= _MOST:
                is_line = shape.geom_type == "LineString"
                at = shape.interpolate(0.5, normalized=True) if is_line else shape.representative_point()
                look = {"fontsize": 6.5, "ha": "center", "va": "center", "zorder": 11, "clip_on": True}
                axes.text(at.x, at.y, str(rank), bbox=_CIRCLE, **look)
        top = table[:_MOST]
        named = [f"{rank}  {name}" for rank, name in zip(top["rank"], table.names(sheet.lang), strict=False)]
        middle, spans = loss[: len(top)], top[["low", "high"]].to_numpy(dtype=float)
        drawn = _bars(bars, named, middle, sheet.lang, [_HATCHES[kind] for kind in top["kind"]])
        errors = np.abs(spans.T - middle)
        bars.errorbar(middle, range(len(top)), xerr=errors, fmt="none", ecolor="black", lw=1, capsize=2)
        kinds = list(top["kind"])
        patches = {word(f"element_kind.{kind}", sheet.lang, kind): drawn[kinds.index(kind)]
                   for kind in KINDS if kind in kinds}  # fmt: skip
        if patches:
            bars.legend(patches.values(), patches, frameon=False, fontsize=8, loc="lower right")
        finish(bars, sheet.lang, x=sheet.say(f"figure.loss_{table.weight}"), legend={})
        sheet.frame(sheet.say("figure.critical"), table.sentences(sheet.lang), sheet.say("figure.loss_rule"))
    return sheet.drawn


def access_figure(table: AccessFrame, *, lang: str = "en", path: Output = None, dpi: int = 150) -> Figure:
    """Draw settlements on a map, as dark as their hours to the centre, and bars of the days cut off.

    Parameters
    ----------
    table
        Months as `amurgeo.access` returns them.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which may be modified further.

    Examples
    --------
    >>> import amurgeo as ag
    >>> months = ag.access(ag.load(), 2026, places=["Ogodzha", "Tynda"])
    >>> access_figure(months, lang="ru").axes[1].get_xlabel()
    'Дней без сообщения'
    """
    check_made("table", table, AccessFrame, "amurgeo.access")
    with canvas(lang, path, dpi) as sheet:
        axes, bars = _panels(sheet, table.net)
        rows = place_rows(table)
        for row in rows.itertuples():
            look = _CUT if row.days_cut else _LINKED
            axes.plot(row.lon, row.lat, ms=6, color=_GREYS[class_of(row.hours)], zorder=8, **look)
        marks = [*zip(_GREYS, class_labels(sheet.lang), strict=True), ("white", sheet.say("figure.cut"))]
        looks = [*[_LINKED] * len(_GREYS), _CUT]
        handles = [
            Line2D([], [], color=grey, label=label, **look)
            for (grey, label), look in zip(marks, looks, strict=True)
        ]
        beside: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (1.0, 0.0)}
        title = sheet.say("head.to_centre_h")
        axes.legend(handles=handles, fontsize=8, frameon=False, title=title, **beside)
        cut = rows[rows["days_cut"] > 0].sort_values("days_cut", ascending=False)[:_MOST]
        names = [name_of(table.net.nodes.loc[place], sheet.lang) for place in cut.index]
        _bars(bars, names, cut["days_cut"].to_numpy(dtype=float), sheet.lang)
        finish(bars, sheet.lang, x=sheet.say("head.days_cut"))
        alt = [f"{name}: {days}" for name, days in zip(names, cut["days_cut"], strict=True)]
        sheet.frame(sheet.say("figure.access"), alt, sheet.say("figure.access_rule"))
    return sheet.drawn


def equity_figure(table: EquityFrame, *, lang: str = "en", path: Output = None, dpi: int = 150) -> Figure:
    """Draw who gains and who loses: hours by settlement, and the Lorenz curves of hours over people.

    Parameters
    ----------
    table
        Settlements as `amurgeo.equity` returns them.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which may be modified further.

    Examples
    --------
    >>> import amurgeo as ag
    >>> table = ag.equity(ag.load(), 2026, scenario="no_bridge", to="crossing", places=["Tynda", "Zeya"])
    >>> len(equity_figure(table).axes)
    2
    """
    check_made("table", table, EquityFrame, "amurgeo.equity")
    with canvas(lang, path, dpi) as sheet:
        figure = sheet.figure(10.0, 5.2, layout="constrained")
        bars, curves = figure.subplots(1, 2, width_ratios=(1.3, 1.0))
        changed = table[table["change_h"] != 0]
        largest = changed["change_h"].abs().sort_values(ascending=False, kind="stable").index
        most = changed.loc[largest[:_MOST]]
        names = [name_of(table.net.nodes.loc[place], sheet.lang) for place in most["place"]]
        hatches = ["" if change > 0 else "////" for change in most["change_h"]]
        _bars(bars, names, most["change_h"], sheet.lang, hatches)
        bars.axvline(0.0, color="black", linewidth=0.8)
        finish(bars, sheet.lang, x=sheet.say("figure.change"))
        sized = table[table["people"] > 0]
        for column, line in zip(("base_h", "alt_h"), LINES, strict=False):
            look: dict[str, Any] = {"linestyle": line, "label": sheet.say(f"figure.{column}")}
            curves.plot(*_lorenz(sized[column], sized["people"]), color="black", **look)
        curves.plot((0, 100), (0, 100), color="#999999", linewidth=0.8)
        x, y = (sheet.say(f"figure.share_{what}") for what in ("people", "hours"))
        finish(curves, sheet.lang, x=x, y=y, legend={"loc": "upper left"})
        sheet.frame(sheet.say("figure.equity"), table.sentences(sheet.lang), sheet.say("equity.rule"))
    return sheet.drawn


def _panels(sheet: Canvas, net: Any) -> tuple[Axes, Axes]:
    """Begin a figure with a map of the network, and axes for bars beside it."""
    figure = sheet.figure(12.0, 6.6)
    axes, _ = sheet.map_panel((0.012, 0.06, 0.5, 0.86), net)
    return axes, figure.add_axes((0.72, 0.12, 0.265, 0.78))


def _bars(axes: Axes, names: Sequence[str], values: Any, lang: str, hatches: Sequence[str] = ()) -> Any:
    """Draw horizontal bars, the first at the top."""
    drawn = axes.barh(range(len(names)), np.asarray(values, dtype=float), hatch=hatches or None, **_BAR)
    axes.set_yticks(range(len(names)), [textwrap.fill(name, 30) for name in names], fontsize=8)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(lambda value, _: number_text(value, lang, digits=int(value % 1 > 0)))
    axes.tick_params(axis="x", labelsize=8)
    return drawn


def _lorenz(hours: pd.Series, people: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return cumulative shares of people, fewest hours first, and of their hours, in percent."""
    order = np.argsort(hours.to_numpy(), kind="stable")
    people_of, amount = people.to_numpy()[order], (hours * people).to_numpy()[order]
    x, y = (100.0 * np.append(0.0, np.cumsum(part)) / max(part.sum(), 1e-9) for part in (people_of, amount))
    return x, y


def promise_figure(
    promise: Promise, *, kind: str = "fan", lang: str = "en", path: Output = None, dpi: int = 150
) -> Figure:
    """Draw a promise.

    Parameters
    ----------
    promise
        A promise as `amurgeo.promise` returns it.
    kind
        ``fan``: P10 to P95 by day of departure, and below it the chance that crossings are open;
        ``calendar``: the P90 of each day, months by days, hatched if it never arrives; ``plans``: the chance
        to have arrived by a moment, by the clock of the origin, a line per plan of the day of the plans.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; below it how often such promises were kept, draws, seed, issue day, and if queues are in
        it.

    Raises
    ------
    InputError
        If the kind is unknown.

    Examples
    --------
    >>> import amurgeo as ag
    >>> e = ag.ensemble(ag.load(), start="2027-01-01", end="2027-01-20", n=50)
    >>> len(ag.figures.promise_figure(ag.promise(e, "Belogorsk", "Harbin")).axes) >= 2
    True
    """
    check_made("promise", promise, Promise, "amurgeo.promise")
    kinds = {"fan": _fan, "calendar": _calendar, "plans": _plans}
    if kind not in kinds:
        raise unknown_name_error("kind", str(kind), kinds)
    with canvas(lang, path, dpi) as sheet:
        figure = sheet.figure(9.0, 6.0, layout="constrained")
        kinds[kind](figure, promise, sheet.lang)
        ends = promise.net.nodes.loc[[promise.origin, promise.destination]].to_dict("records")
        vehicle = inside(name_of(promise.net.base["vehicles"].loc[promise.vehicle], sheet.lang))
        title = " – ".join(name_of(place, sheet.lang) for place in ends) + f", {vehicle}"
        sentences = promise.sentences(sheet.lang)
        about = sentences[-1:] if promise.kept is None else sentences[-2:]
        sheet.frame(title, sentences, "\n".join(about))
    return figure


def _fan(figure: Figure, promise: Promise, lang: str) -> None:
    given = promise.days.set_index("day")
    known = given["p95_h"][np.isfinite(given["p95_h"])]
    most = _HEADROOM * float(known.quantile(0.99)) if len(known) else _NO_HOURS
    # Journeys that never arrive reach beyond the axis.
    days = given.replace(np.inf, 10.0 * most)
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    for name, fill in _SPANS.items():
        top.fill_between(days.index, days["p10_h"], days[name], step="mid", linewidth=0.4, **fill)
    top.step(days.index, days["p50_h"], where="mid", color="black", linewidth=1.8, label="P50")
    # The end of the period is no last day.
    if promise.last_day is not None and pd.Timestamp(promise.last_day) < days.index[-1]:
        label = textwrap.fill(word("head.last_safe_day", lang, "last_safe_day"), 18)
        top.axvline(pd.Timestamp(promise.last_day), color="black", linestyle=(0, (5, 2)), label=label)
    finish(top, lang, y=translate("promise.hours", lang))
    top.set_ylim(0.0, most)
    traffic = promise.net.base["vehicles"].at[promise.vehicle, "traffic"]
    chance = promise.ensemble.chance().xs(traffic, axis=1, level="traffic")
    used = list(promise.days.groupby("crossing")["share"].sum().sort_values().index)[-_STRIPS:]
    noon = days.index.to_numpy(dtype="datetime64[D]").astype(float)
    image = below.imshow(
        100.0 * chance[used].T, aspect="auto", cmap="Greys", vmin=0.0, vmax=100.0, interpolation="nearest",
        extent=(noon[0] - 0.5, noon[-1] + 0.5, -0.5, len(used) - 0.5), origin="lower",
    )  # fmt: skip
    below.set_yticks(range(len(used)), [crossing_name(promise.net, name, lang) for name in used], fontsize=8)
    below.set_title(translate("promise.strip", lang), loc="left", fontsize=9)
    half = pd.Timedelta(hours=12)
    day_ticks(below, [days.index[0] - half, days.index[-1] + half], lang, year=True)
    figure.colorbar(image, cax=below.inset_axes((1.03, 0.0, 0.02, 1.0)), label="%")


def _calendar(figure: Figure, promise: Promise, lang: str) -> None:
    days = promise.days.set_index("day")["p90_h"]
    months, extent = days.index.to_period("M"), (0.5, 31.5)
    grid = days.groupby([months, days.index.day]).first().unstack().reindex(columns=range(1, 32))
    axes = figure.subplots()
    image = axes.imshow(
        grid.replace(np.inf, np.nan), aspect="auto", cmap="viridis_r", interpolation="nearest",
        extent=(*extent, len(grid) - 0.5, -0.5),
    )  # fmt: skip
    for row, column in np.argwhere(np.isinf(grid)):
        axes.add_patch(Rectangle((column + 0.5, row - 0.5), 1.0, 1.0, **_NEVER))
    if np.isinf(grid).any(axis=None):
        figure.legend([Rectangle((0, 0), 1, 1, **_NEVER)], [word("head.never", lang, "never")],
                      loc="outside lower right", frameon=False)  # fmt: skip
    names = [f"{month.month:02d}.{month.year}" if lang == "ru" else str(month) for month in grid.index]
    axes.set_yticks(range(len(grid)), names)
    axes.set_xlabel(translate("promise.day_of_month", lang))
    figure.colorbar(image, ax=axes, label=translate("promise.p90", lang))


def _plans(figure: Figure, promise: Promise, lang: str) -> None:
    axes, start = figure.subplots(), pd.Timestamp(datetime.combine(promise.on, promise.at))
    for plan, line in zip(promise.plan_hours.columns[:_STRIPS], cycle(LINES)):
        hours = np.sort(promise.plan_hours[plan][np.isfinite(promise.plan_hours[plan])])
        moments, name = start + pd.to_timedelta(hours, unit="h"), plan_name(promise.net, str(plan), lang)
        shares = 100.0 * np.arange(1, len(hours) + 1) / promise.ensemble.n
        axes.step(moments, shares, where="post", linestyle=line, label=textwrap.fill(name, 22))
    axes.axhline(100.0 * promise.sure, color="black", linewidth=0.8)
    axes.set_title(translate("promise.arrived", lang, day=day_text(promise.on, lang)), loc="left", fontsize=9)
    finish(axes, lang, y="%")
    axes.set_ylim(0.0, 102.0)
    day_ticks(axes, [start, start + pd.Timedelta(days=_PLAN_DAYS)], lang, year=True)
