"""Figures of promises: a fan of hours, a calendar of a year, and the chance to be in time by plan."""

from __future__ import annotations

import textwrap
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from amurgeo.analysis.promise import plan_name
from amurgeo.errors import unknown_name_error
from amurgeo.figures.drawing import LINES, canvas, day_ticks, finish
from amurgeo.network import crossing_name
from amurgeo.text import day_text, inside, name_of, translate, word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from amurgeo.analysis.promise import Promise

#: Kinds of figures.
KINDS = ("fan", "calendar", "plans")
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


def promise_figure(
    promise: Promise,
    *,
    kind: str = "fan",
    lang: str = "en",
    path: str | Path | None = None,
    dpi: int = 150,
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
    lang
        Language of the text.
    path
        Output file; its suffix (png, svg, pdf) selects the format. None writes no file.
    dpi
        Dots per inch of a PNG, 10 to 2400.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; below it how often such promises were kept, draws, seed, issue day, and if queues are in
        it.

    Raises
    ------
    InputError
        If the kind, the language or suffix is unknown, `dpi` is out of range, or the file cannot be written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> e = ag.ensemble(ag.load(), start="2027-01-01", end="2027-01-20", n=50)
    >>> len(ag.figures.promise_figure(ag.promise(e, "Belogorsk", "Harbin")).axes) >= 2
    True
    """
    if kind not in KINDS:
        raise unknown_name_error("kind", str(kind), KINDS)
    with canvas(lang, path, dpi) as sheet:
        figure = sheet.figure(9.0, 6.0, layout="constrained")
        {"fan": _fan, "calendar": _calendar, "plans": _plans}[kind](figure, promise, sheet.lang)
        places = (promise.net.nodes.loc[place] for place in (promise.origin, promise.destination))
        vehicle = inside(name_of(promise.net.base["vehicles"].loc[promise.vehicle], sheet.lang))
        title = " – ".join(name_of(place, sheet.lang) for place in places) + f", {vehicle}"
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
    if promise.last_day is not None:
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
