"""Figures of what is missed most, of access, and of who gains and loses by a change; readable in grey."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from amurgeo.analysis import KINDS
from amurgeo.figures.drawing import LINES, Canvas, Panel, canvas, draw_panel, extent_of, finish
from amurgeo.maps.impact import class_labels, class_of, loss_of, place_rows
from amurgeo.text import name_of, number_text, translate, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from amurgeo.analysis.access import AccessFrame, EquityFrame
    from amurgeo.analysis.criticality import CriticalityFrame

#: Bars of a figure at most, and width of the widest line in points.
_MOST, _WIDEST = 12, 9.0
#: Greys of the classes of hours, light to dark.
_GREYS = ("#ffffff", "#d0d0d0", "#9c9c9c", "#5c5c5c", "#000000")
#: Hatches of the kinds of elements.
_HATCHES = dict(zip(KINDS, ("", "////", "....", "xxxx", "----", "++++"), strict=True))
_BAR: dict[str, Any] = {"facecolor": "#cfe3e8", "edgecolor": "#222222", "linewidth": 0.6}


def critical_figure(
    table: CriticalityFrame, *, lang: str = "en", path: str | Path | None = None, dpi: int = 150
) -> Figure:
    """Draw what is missed most: elements on a map, as wide as what is lost, and bars with their ranges.

    Parameters
    ----------
    table
        Elements as `amurgeo.criticality` returns them.
    lang
        Language of the text.
    path
        Output file; its suffix (png, svg, pdf) selects the format. None writes no file.
    dpi
        Dots per inch of a PNG, 10 to 2400.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which may be modified further.

    Raises
    ------
    InputError
        If the language or suffix is unknown, `dpi` is out of range, or the file cannot be written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> table = ag.criticality(ag.load(), on="2026-07-15", kinds=["bridge"], draws=0)
    >>> len(critical_figure(table).axes)
    2
    """
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
                box = {"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": "#222222"}
                look = {"fontsize": 6.5, "ha": "center", "va": "center", "zorder": 11, "clip_on": True}
                axes.text(at.x, at.y, str(rank), bbox=box | {"clip_on": True}, **look)
        top = table[:_MOST]
        named = [f"{rank}  {name}" for rank, name in zip(top["rank"], table.names(sheet.lang), strict=False)]
        middle, spans = loss[: len(top)], top[["low", "high"]].to_numpy(dtype=float)
        drawn = _bars(bars, named, middle, sheet.lang)
        for bar, kind in zip(drawn, top["kind"], strict=True):
            bar.set_hatch(_HATCHES[kind])
        errors = np.abs(spans.T - middle)
        bars.errorbar(middle, range(len(top)), xerr=errors, fmt="none", ecolor="black", lw=1, capsize=2)
        kinds = [kind for kind in KINDS if kind in set(top["kind"])]
        patches = [
            (drawn[list(top["kind"]).index(kind)], word(f"element_kind.{kind}", sheet.lang, kind))
            for kind in kinds
        ]
        if patches:
            bars.legend(*zip(*patches, strict=True), frameon=False, fontsize=8, loc="lower right")
        finish(bars, sheet.lang, x=translate(f"figure.loss_{table.weight}", sheet.lang), legend=False)
        title = translate("figure.critical", sheet.lang)
        sheet.frame(title, table.sentences(sheet.lang), translate("figure.loss_rule", sheet.lang))
    return sheet.drawn


def access_figure(
    table: AccessFrame, *, lang: str = "en", path: str | Path | None = None, dpi: int = 150
) -> Figure:
    """Draw settlements on a map, as dark as their hours to the centre, and bars of the days cut off.

    Parameters
    ----------
    table
        Months as `amurgeo.access` returns them.
    lang, path, dpi
        As in `critical_figure`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which may be modified further.

    Raises
    ------
    InputError
        If the language or suffix is unknown, `dpi` is out of range, or the file cannot be written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> months = ag.access(ag.load(), 2026, places=["Ogodzha", "Tynda"])
    >>> access_figure(months, lang="ru").axes[1].get_xlabel()
    'Дней без сообщения'
    """
    with canvas(lang, path, dpi) as sheet:
        axes, bars = _panels(sheet, table.net)
        rows = place_rows(table)
        for row in rows.itertuples():
            look: dict[str, Any] = {"mec": "black", "mew": 2.2 if row.days_cut else 0.7, "zorder": 8}
            axes.plot(
                row.lon,
                row.lat,
                "s" if row.days_cut else "o",
                ms=6,
                color=_GREYS[class_of(row.hours)],
                **look,
            )
        handles = [
            Line2D([], [], ls="none", marker="o", mec="black", mew=0.7, color=grey, label=label)
            for grey, label in zip(_GREYS, class_labels(sheet.lang), strict=True)
        ]
        cut_label = translate("figure.cut", sheet.lang)
        handles.append(
            Line2D([], [], ls="none", marker="s", mec="black", mew=2.2, color="white", label=cut_label)
        )
        axes.legend(
            handles=handles,
            fontsize=8,
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(1.0, 0.0),
            title=translate("head.to_centre_h", sheet.lang),
        )
        cut = rows[rows["days_cut"] > 0].sort_values("days_cut", ascending=False)[:_MOST]
        names = [name_of(table.net.nodes.loc[place], sheet.lang) for place in cut.index]
        _bars(bars, names, cut["days_cut"].to_numpy(dtype=float), sheet.lang)
        finish(bars, sheet.lang, x=translate("head.days_cut", sheet.lang), legend=False)
        alt = [f"{name}: {days}" for name, days in zip(names, cut["days_cut"], strict=True)]
        sheet.frame(translate("figure.access", sheet.lang), alt, translate("figure.access_rule", sheet.lang))
    return sheet.drawn


def equity_figure(
    table: EquityFrame, *, lang: str = "en", path: str | Path | None = None, dpi: int = 150
) -> Figure:
    """Draw who gains and who loses: hours by settlement, and the Lorenz curves of hours over people.

    Parameters
    ----------
    table
        Settlements as `amurgeo.equity` returns them.
    lang, path, dpi
        As in `critical_figure`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which may be modified further.

    Raises
    ------
    InputError
        If the language or suffix is unknown, `dpi` is out of range, or the file cannot be written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> table = ag.equity(ag.load(), 2026, scenario="no_bridge", to="crossing", places=["Tynda", "Zeya"])
    >>> len(equity_figure(table).axes)
    2
    """
    with canvas(lang, path, dpi) as sheet:
        figure = sheet.figure(10.0, 5.2, layout="constrained")
        bars, curves = figure.subplots(1, 2, width_ratios=(1.3, 1.0))
        changed = table[table["change_h"] != 0]
        most = changed.loc[
            changed["change_h"].abs().sort_values(ascending=False, kind="stable").index[:_MOST]
        ]
        names = [name_of(table.net.nodes.loc[place], sheet.lang) for place in most["place"]]
        for bar, change in zip(
            _bars(bars, names, most["change_h"], sheet.lang), most["change_h"], strict=True
        ):
            bar.set_hatch("" if change > 0 else "////")
        bars.axvline(0.0, color="black", linewidth=0.8)
        finish(bars, sheet.lang, x=translate("figure.change", sheet.lang), legend=False)
        sized = table[table["people"] > 0]
        for column, line in zip(("base_h", "alt_h"), LINES, strict=False):
            curves.plot(*_lorenz(sized[column], sized["people"]), color="black", linestyle=line,
                        label=translate(f"figure.{column}", sheet.lang))  # fmt: skip
        curves.plot((0, 100), (0, 100), color="#999999", linewidth=0.8)
        finish(curves, sheet.lang, y=translate("figure.share_hours", sheet.lang), legend=False)
        curves.set_xlabel(translate("figure.share_people", sheet.lang))
        curves.legend(frameon=False, fontsize=8, loc="upper left")
        sheet.frame(
            translate("figure.equity", sheet.lang),
            table.sentences(sheet.lang),
            translate("equity.rule", sheet.lang),
        )
    return sheet.drawn


def _panels(sheet: Canvas, net: Any) -> tuple[Axes, Axes]:
    """Begin a figure with a map of the network, and axes for bars beside it."""
    figure = sheet.figure(12.0, 6.6)
    axes, bars = figure.add_axes((0.012, 0.06, 0.5, 0.86)), figure.add_axes((0.72, 0.12, 0.265, 0.78))
    draw_panel(Panel(axes, sheet.renderer, sheet.lang, extent_of(net)), net)
    return axes, bars


def _bars(axes: Axes, names: Sequence[str], values: Any, lang: str) -> Any:
    """Draw horizontal bars, the first at the top."""
    drawn = axes.barh(range(len(names)), np.asarray(values, dtype=float), **_BAR)
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
