"""Figures of promises: a fan of hours, a calendar of a year, and the chance to be in time by plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.analysis.promise import plan_name
from amurgeo.errors import unknown_name_error
from amurgeo.figures.drawing import canvas
from amurgeo.network import crossing_name
from amurgeo.text import day_text, inside, name_of, translate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from amurgeo.analysis.promise import Promise

#: Kinds of figures.
KINDS = ("fan", "calendar", "plans")
#: Hours at which the axis of a fan ends, as a multiple of the 99th percentile of P95.
_HEADROOM = 1.15
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
        ``calendar``: the P90 of each day, months by days; ``plans``: the chance to have arrived by a moment,
        by the clock of the origin, a line per plan of the day of the plans.
    lang
        Language of the text.
    path
        Output file; its suffix (png, svg, pdf) selects the format. None writes no file.
    dpi
        Dots per inch of a PNG, 10 to 2400.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; below it draws, seed, issue day, and that queues are not in it.

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
        sheet.title = " – ".join(name_of(place, sheet.lang) for place in places) + f", {vehicle}"
        sheet.alt = promise.sentences(sheet.lang)
        figure.suptitle(sheet.title, fontweight=sheet.bold)
        figure.supxlabel(sheet.alt[-1], fontsize=8, color="#444444")
    return figure


def _fan(figure: Figure, promise: Promise, lang: str) -> None:
    days = promise.days.set_index("day").replace(np.inf, np.nan)
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    spans: dict[str, Any] = {"step": "mid", "color": "#1f5f7a", "linewidth": 0}
    top.fill_between(days.index, days["p10_h"], days["p95_h"], alpha=0.2, label="P10–P95", **spans)
    top.fill_between(days.index, days["p10_h"], days["p90_h"], alpha=0.35, label="P10–P90", **spans)
    top.step(days.index, days["p50_h"], where="mid", color="#10333f", label="P50")
    if promise.last_day is not None:
        top.axvline(pd.Timestamp(promise.last_day), color="#c0504d", linestyle="--")
    top.set_ylim(0.0, _HEADROOM * float(np.nanquantile(days["p95_h"], 0.99)))
    top.set_ylabel(translate("promise.hours", lang))
    top.grid(axis="y", color="#dddddd", linewidth=0.6)
    top.legend(frameon=False, fontsize=8, loc="upper right")
    traffic = promise.net.base["vehicles"].at[promise.vehicle, "traffic"]
    chance = promise.ensemble.chance().xs(traffic, axis=1, level="traffic")
    used = list(promise.days.groupby("crossing")["share"].sum().sort_values().index)[-_STRIPS:]
    below.imshow(
        chance[used].T, aspect="auto", cmap="Greens", vmin=0.0, vmax=1.0, interpolation="nearest",
        extent=(*_ends(chance.index), -0.5, len(used) - 0.5), origin="lower",
    )  # fmt: skip
    below.set_yticks(range(len(used)), [crossing_name(promise.net, name, lang) for name in used], fontsize=8)
    below.set_title(translate("promise.strip", lang), loc="left", fontsize=9)
    below.xaxis_date()
    figure.autofmt_xdate()


def _ends(days: pd.DatetimeIndex) -> tuple[float, float]:
    """Return the ends of an axis on which days are bars, as matplotlib numbers days."""
    numbers = days.to_numpy(dtype="datetime64[D]").astype(float)
    return float(numbers[0]) - 0.5, float(numbers[-1]) + 0.5


def _calendar(figure: Figure, promise: Promise, lang: str) -> None:
    days = promise.days.set_index("day")["p90_h"].replace(np.inf, np.nan)
    months = days.index.to_period("M")
    grid = days.groupby([months, days.index.day]).first().unstack().reindex(columns=range(1, 32))
    axes = figure.subplots()
    image = axes.imshow(
        grid,
        aspect="auto",
        cmap="viridis_r",
        interpolation="nearest",
        extent=(0.5, 31.5, len(grid) - 0.5, -0.5),
    )
    axes.set_yticks(
        range(len(grid)),
        [f"{month.month:02d}.{month.year}" if lang == "ru" else str(month) for month in grid.index],
    )
    axes.set_xlabel(translate("promise.day_of_month", lang))
    figure.colorbar(image, ax=axes, label=translate("promise.p90", lang))


def _plans(figure: Figure, promise: Promise, lang: str) -> None:
    axes, start = (
        figure.subplots(),
        pd.Timestamp(promise.on) + pd.Timedelta(hours=promise.at.hour, minutes=promise.at.minute),
    )
    for plan in promise.plan_hours.columns[:_STRIPS]:
        hours = np.sort(promise.plan_hours[plan][np.isfinite(promise.plan_hours[plan])])
        moments, names = start + pd.to_timedelta(hours, unit="h"), plan_name(promise.net, str(plan), lang)
        axes.step(moments, np.arange(1, len(hours) + 1) / promise.ensemble.n, where="post", label=names)
    axes.axhline(promise.sure, color="black", linestyle="--", linewidth=0.8)
    axes.set_xlim(start, start + pd.Timedelta(days=_PLAN_DAYS))
    axes.set_ylim(0.0, 1.02)
    axes.set_title(translate("promise.arrived", lang, day=day_text(promise.on, lang)), loc="left", fontsize=9)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    figure.autofmt_xdate()
