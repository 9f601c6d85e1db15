"""Figures of queues, capacity and measures: backlog and wait, room by month, other capacities, savings."""

from __future__ import annotations

from functools import partial
from textwrap import fill as wrapped
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.analysis.measures import Measures, measure_name
from amurgeo.errors import InputError, check_made, unknown_name_error
from amurgeo.figures.drawing import LINES, Canvas, Output, canvas, day_ticks, finish
from amurgeo.flows import Queues
from amurgeo.flows.demand import ON_ROAD
from amurgeo.maps import basemap
from amurgeo.network import check_network, crossing_name
from amurgeo.text import number_text, percent_text, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from amurgeo.network import Network

#: Fills and lines that differ in grey print as well.
_FILLS: tuple[dict[str, Any], ...] = (
    {"facecolor": "#1f5f7a", "hatch": ""}, {"facecolor": "#cfe3e8", "hatch": "////"},
    {"facecolor": "#f0c27b", "hatch": "...."}, {"facecolor": "#a0522d", "hatch": "xxxx"},
    {"facecolor": "#eeeeee", "hatch": "\\\\\\\\"}, {"facecolor": "#7f7f7f", "hatch": "++++"},
)  # fmt: skip
_EDGE: dict[str, Any] = {"edgecolor": "#222222", "linewidth": 0.5}
#: Columns of `Queues.classes` in the order of their bars.
_DOES = ("passes", "waits", "other", "round")


def queue_figure(
    queues: Queues, *, lang: str = "en", scenario: str | None = None, path: Output = None, dpi: int = 150
) -> Figure:
    """Draw queues at the home crossings: the backlog, who goes where, and the wait.

    Parameters
    ----------
    queues
        Queues as `amurgeo.queues` returns them.
    scenario
        Name of the scenario; the last if omitted.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        From top to bottom, by day: trucks that wait, with the part on the road, the base dashed, and P10 to
        P90 of draws; trucks by the crossing that they take, and the room of the home crossings; days of
        waiting of those who join. Below by class of load: who passes, waits, takes another crossing, goes
        round.

    Raises
    ------
    InputError
        If the scenario is unknown.

    Examples
    --------
    >>> import amurgeo as ag
    >>> q = ag.queues(ag.load(), start="2026-02-10", end="2026-02-28")
    >>> len(queue_figure(q).axes)
    4
    """
    check_made("queues", queues, Queues, "amurgeo.queues")
    names = [one.name for one in queues.scenarios]
    name = names[-1] if scenario is None else scenario
    if name not in names:
        raise unknown_name_error("scenario", str(name), names)
    net, home = queues.net, basemap.home_crossings(queues.net)
    days, streams, backlog = (
        {key: rows.set_index("date") for key, rows in frame.groupby("scenario")}
        for frame in (queues.days, queues.streams, queues.backlog)
    )
    with canvas(lang, path, dpi) as sheet:
        figure, say = sheet.figure(9.0, 10.2, layout="constrained"), partial(_say, sheet)
        top, middle, bottom, bars = figure.subplots(4, 1, height_ratios=(3, 3, 2.4, 2.2))
        _draw_backlog(top, backlog[name], None if name == names[0] else backlog[names[0]], sheet)
        taken = streams[name].pivot_table(index="date", columns="crossing", values="trucks", aggfunc="sum")
        taken = taken.reindex(backlog[name].index).fillna(0.0)
        taken = taken[taken.sum().loc[lambda sums: sums > 1.0].sort_values(ascending=False).index]
        most = [*(x for x in taken if x in home), *(x for x in taken if x not in home)][: len(_FILLS)]
        labels = [crossing_name(net, crossing, sheet.lang) for crossing in most]
        parts = middle.stackplot(taken.index, taken[most].T.to_numpy(), step="mid", labels=labels, **_EDGE)
        rows = days[name][days[name]["crossing"].isin(home)]
        room = rows.groupby("date")["capacity"].sum()
        middle.step(room.index, room, where="mid", color="black", label=say("room"))
        for crossing, part, fill, line in zip(most, parts, _FILLS, LINES, strict=False):
            part.set(**fill)
            own = rows[rows["crossing"] == crossing]
            if crossing in home and len(own):
                look: Any = {"color": "black" if fill["hatch"] else fill["facecolor"], "linestyle": line}
                label = crossing_name(net, crossing, sheet.lang)
                bottom.step(own.index, own["wait_h"] / 24.0, where="mid", label=label, **look)
                if queues.draws:
                    ends = (own[f"wait_h_{end}"].astype(float) / 24.0 for end in ("p10", "p90"))
                    bottom.fill_between(own.index, *ends, step="mid", color="#333333", alpha=0.15)
        for axes, key in ((top, "trucks"), (middle, "a_day"), (bottom, "wait")):
            finish(axes, sheet.lang, y=say(key))
            day_ticks(axes, backlog[name].index, sheet.lang)
        _draw_classes(bars, queues.classes().loc[name], sheet)
        title = next(one for one in queues.scenarios if one.name == name).title.get(sheet.lang, name)
        sheet.frame(title, queues.sentences(sheet.lang, alternative=name), sheet.say("queue.estimates"))
    return figure


def capacity_figure(
    months: pd.DataFrame, net: Network, *, lang: str = "en", path: Output = None, dpi: int = 150
) -> Figure:
    """Draw what the home crossings can clear in each month, what limits the flow, and the demand.

    Parameters
    ----------
    months
        The frame that `amurgeo.capacity` returns.
    net
        The network, for the names.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        A stacked bar per month, of trucks a day by crossing; those in the minimum cut have a thick edge. The
        demand is a black mark.

    Raises
    ------
    InputError
        If the frame has no month.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> figure = capacity_figure(ag.capacity(net, 2026), net, lang="ru")
    >>> figure.axes[0].get_ylabel()
    'грузовиков в сутки'
    """
    check_network(net)
    if months.empty:
        raise InputError("months is invalid: 0; expected what amurgeo.capacity returns")
    with canvas(lang, path, dpi) as sheet:
        figure, say = sheet.figure(9.0, 4.8, layout="constrained"), partial(_say, sheet)
        axes, wide = figure.subplots(), months.pivot(index="month", columns="crossing").fillna(0)
        trucks, cut = wide["trucks_per_day"], wide["in_cut"].astype(bool)
        order = trucks.sum().sort_values(ascending=False)
        base, demand = pd.Series(0.0, index=trucks.index), wide["demand"].sum(axis=1)
        for crossing, fill in zip(order.index[order > 0], _FILLS, strict=False):
            look = [2.4 if held else 0.5 for held in cut[crossing]]
            bar: Any = fill | {"edgecolor": "#111111", "linewidth": look}
            label = crossing_name(net, str(crossing), sheet.lang)
            axes.bar(trucks.index, trucks[crossing], 0.72, base, label=label, **bar)
            base += trucks[crossing]
        ticks: dict[str, Any] = {"marker": "_", "markersize": 26, "markeredgewidth": 2.6, "linestyle": "none"}
        axes.plot(demand.index, demand, color="white", zorder=3, **(ticks | {"markeredgewidth": 6.0}))
        axes.plot(demand.index, demand, color="black", zorder=4, label=say("demand"), **ticks)
        axes.set_xticks(trucks.index)
        axes.set_ylim(top=1.12 * float(base.max()) if base.max() > 0 else 1.0)
        for month in trucks.index:
            share = demand[month] / base[month] if base[month] > 0 else float("nan")
            if share == share:
                text = percent_text(share, sheet.lang)
                axes.annotate(text, (month, base[month]), (0, 3), textcoords="offset points", ha="center")
        axes.plot([], [], marker="s", ls="", mfc="white", mec="#111111", mew=2.4, label=say("cut"))
        finish(axes, sheet.lang, y=say("a_day"), x=word("head.month", sheet.lang, "month"))
        sums = [(month, round(base[month]), round(demand[month])) for month in trucks.index]
        alt = "; ".join(say("month", month=month, n=n, demand=d) for month, n, d in sums)
        sheet.frame(say("months"), [alt], sheet.say("queue.estimates"))
    return figure


def curve_figure(
    curve: pd.DataFrame, net: Network, *, lang: str = "en", path: Output = None, dpi: int = 150
) -> Figure:
    """Draw the wait at a crossing against the trucks a day that it clears, with the demand marked.

    Parameters
    ----------
    curve
        The frame that `amurgeo.flows.capacity_curve` returns.
    net
        The network, for the names.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        Days of waiting above, mean and longest; trucks a day that take another crossing below. The demand
        and today's capacity are vertical lines.

    Raises
    ------
    InputError
        If the frame has no row.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> curve = ag.flows.capacity_curve(net, "kani_kurgan:bridge", start="2026-10-01", end="2026-10-20")
    >>> len(curve_figure(curve, net).axes)
    2
    """
    check_network(net)
    if curve.empty:
        raise InputError("curve is invalid: 0; expected what amurgeo.flows.capacity_curve returns")
    with canvas(lang, path, dpi) as sheet:
        figure, say = sheet.figure(8.0, 6.2, layout="constrained"), partial(_say, sheet)
        top, low = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        number, x, first = partial(number_text, lang=sheet.lang), curve["trucks_per_day"], curve.iloc[0]
        for key, mark, line in (("wait_max", "s", LINES[1]), ("wait_mean", "o", "-")):
            look: dict[str, Any] = {"color": "#1f5f7a", "markersize": 4, "linestyle": line, "marker": mark}
            top.plot(x, curve[f"{key}_h"] / 24.0, label=say(key), **look)
        low.plot(x, curve["diverted_per_day"], color="#a0522d", marker="o", markersize=4)
        for axes in (top, low):
            for key, dashes in (("demand", LINES[2]), ("today", "-")):
                label = f"{say(key)}: {number(first[key], digits=0)}"
                axes.axvline(first[key], color="black", linestyle=dashes, linewidth=1.3, label=label)
        finish(top, sheet.lang, y=say("wait"))
        finish(low, sheet.lang, y=say("away"), x=say("clears"), legend={})
        points = zip(x, curve["wait_mean_h"] / 24.0, strict=True)
        alt = "; ".join(f"{number(n, digits=0)}: {number(days, digits=1)}" for n, days in points)
        title = say("curve", crossing=crossing_name(net, str(first["crossing"]), sheet.lang))
        sheet.frame(title, [f"{say('wait_mean')}: {alt}"], sheet.say("queue.estimates"))
    return figure


def measures_figure(measures: Measures, *, lang: str = "en", path: Output = None, dpi: int = 150) -> Figure:
    """Draw what measures save: a bar each with its range, and what it saves in a bad winter.

    Parameters
    ----------
    measures
        Measures as `amurgeo.measures` returns them; those of unknown benefit are left out.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.measures(ag.load(), "2026/27", names="ice_thicker", draws=2)
    >>> len(measures_figure(found).axes)
    1
    """
    check_made("measures", measures, Measures, "amurgeo.measures")
    rows = measures.frame[measures.frame["rank"].notna()]
    with canvas(lang, path, dpi) as sheet:
        figure = sheet.figure(8.0, 1.6 + 0.55 * max(1, len(rows)), layout="constrained")
        axes, at, say = figure.subplots(), np.arange(len(rows)), sheet.say
        benefit, bar = rows["benefit_h"], _FILLS[1] | _EDGE | {"hatch": ""}
        axes.barh(at, benefit, 0.6, label=say("measures.mean"), **bar)
        ends = np.abs(rows[["low", "high"]].sub(benefit, axis=0).to_numpy(dtype=float).T)
        look: Any = {"fmt": "none", "ecolor": "black", "capsize": 4, "linewidth": 1.3, "label": "P10–P90"}
        axes.errorbar(benefit.clip(rows["low"], rows["high"]), at, xerr=ends, **look)
        axes.plot(rows["bad_winter_h"], at, "kD", markersize=5, label=say("measures.bad_winter"))
        names = [measure_name(measures.net, name, sheet.lang) for name in rows["measure"]]
        axes.set_yticks(at, [wrapped(name, 34) for name in names])
        axes.invert_yaxis()
        finish(axes, sheet.lang, x=say("measures.hours"))
        sentences = measures.sentences(sheet.lang)
        sheet.frame(say("title.measures", winter=measures.winter), sentences, sentences[-1])
    return figure


def _draw_backlog(axes: Axes, own: pd.DataFrame, base: pd.DataFrame | None, sheet: Canvas) -> None:
    """Draw trucks that wait by day, the part on the road, the base dashed, and P10 to P90 of draws."""
    waiting: Any = {"facecolor": "#cfe3e8", "label": _say(sheet, "waiting"), **_EDGE}
    axes.fill_between(own.index, own["queue"], step="mid", **waiting)
    road: Any = {"facecolor": "#1f5f7a", "label": _say(sheet, "road")}
    axes.fill_between(own.index, ON_ROAD * own["queue"], step="mid", **road)
    if "queue_p10" in own:
        look: Any = {"facecolor": "none", "hatch": "....", "edgecolor": "#555555", "linewidth": 0.4}
        axes.fill_between(own.index, own["queue_p10"], own["queue_p90"], step="mid", label="P10–P90", **look)
    if base is not None:
        axes.step(base.index, base["queue"], "k--", where="mid", label=_say(sheet, "base"))


def _draw_classes(axes: Axes, classes: pd.DataFrame, sheet: Canvas) -> None:
    """Draw a bar per class of load: the shares that pass, wait, take another crossing and go round."""
    shares = classes[list(_DOES[1:])].assign(passes=1.0 - classes[list(_DOES[1:])].sum(axis=1))
    shares = 100.0 * shares[list(_DOES)].clip(lower=0.0).sort_values("passes")
    left = pd.Series(0.0, index=shares.index)
    fills = (_FILLS[4] | {"hatch": ""}, _FILLS[0], _FILLS[1], _FILLS[2])
    for key, fill in zip(_DOES, fills, strict=True):
        axes.barh(range(len(shares)), shares[key], 0.7, left, label=_say(sheet, key), **fill, **_EDGE)
        for row, (start, value) in enumerate(zip(left, shares[key], strict=True)):
            if value >= 6.0:
                box: Any = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
                text = percent_text(value / 100.0, sheet.lang)
                axes.text(start + value / 2, row, text, fontsize=7, ha="center", va="center", bbox=box)
        left += shares[key]
    axes.set_yticks(
        range(len(shares)), [word(f"class.{name}", sheet.lang, str(name)) for name in shares.index]
    )
    axes.set_xlim(0.0, 100.0)
    axes.invert_yaxis()
    above = {"ncols": 4, "loc": "lower left", "bbox_to_anchor": (0.0, 1.0)}
    finish(axes, sheet.lang, x=_say(sheet, "share"), legend=above)


def _say(sheet: Canvas, key: str, **values: Any) -> str:
    return sheet.say(f"queue.figure_{key}", **values)
