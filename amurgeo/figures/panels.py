"""Figures for print: the network in one or two states, and the year as a chart; the same bytes every time."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.figures.drawing import Sheet, bold, draw_legend, draw_panel, extent_of
from amurgeo.io import write_bytes_atomic
from amurgeo.maps import files, journeys, payload, style
from amurgeo.network import OBLAST
from amurgeo.text import check_language, name_of, translate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from amurgeo.network import Network
    from amurgeo.seasons.state import State

log = logging.getLogger(__name__)

_FONTS = (
    "Noto Sans",
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
)
_HAN_FONTS = frozenset(_FONTS[2:])
_METADATA: Mapping[str, Mapping[str, str | None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}


def network_figure(
    net: Network,
    states: State | Sequence[State],
    *,
    lang: str = "en",
    path: str | Path | None = None,
    dpi: int = 150,
) -> Figure:
    """Draw the network in one state, or in two side by side.

    Parameters
    ----------
    net
        The network.
    states
        One state or two.
    lang
        Language of the text.
    path
        Where to write; the ending (png, svg, pdf) says how. None to write nothing.
    dpi
        Dots per inch of a PNG.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, to add to.

    Raises
    ------
    InputError
        For none or more than two states, an unknown language or ending, or a file that cannot be written.

    Notes
    -----
    Signs as on the pages: filled is open, pale with a dashed edge is limited, hollow is closed. Written
    again with the same data and library versions the file has the same bytes.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> figure = network_figure(net, [net.state(scenario="frozen"), net.state(scenario="open")])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Rivers frozen, 10 February 2026', 'Rivers open, 15 July 2026']
    """
    shown = list(states) if isinstance(states, Sequence) else [states]
    if not 1 <= len(shown) <= 2:
        raise InputError(f"a figure takes one state or two, {len(shown)} given")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _look(check_language(lang)) as used:
        figure = Figure(figsize=(6.4 * len(shown), 6.6))
        renderer = FigureCanvasAgg(figure).get_renderer()
        extent = extent_of(net)
        foot = 0.125 if len(shown) == 2 else 0.15
        for at, state in enumerate(shown):
            axes = figure.add_axes((0.012 + at / len(shown), foot, 1 / len(shown) - 0.024, 0.95 - foot))
            draw_panel(Sheet(axes, renderer, used, extent), net, state)
        draw_legend(figure, net, used)
        _save(figure, path, dpi)
    return figure


def calendar_figure(
    days: pd.DataFrame,
    *,
    year: int,
    lang: str = "en",
    net: Network | None = None,
    path: str | Path | None = None,
    dpi: int = 150,
) -> Figure:
    """Draw a year: a line per crossing, filled on the days it works, paler the less likely that is.

    Parameters
    ----------
    days
        A calendar as `amurgeo.calendar` returns it.
    year
        The year.
    lang
        Language of the text.
    net
        The network, for the names; without it crossings stand under their ids.
    path
        Where to write; the ending (png, svg, pdf) says how. None to write nothing.
    dpi
        Dots per inch of a PNG.

    Returns
    -------
    matplotlib.figure.Figure
        The figure: cargo on the left, passengers on the right; crossings that never work in the year are
        left out.

    Raises
    ------
    InputError
        When the calendar lacks a column or the year, for an unknown language or ending.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> figure = calendar_figure(ag.calendar(net, 2026), year=2026, net=net, lang="ru")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['грузы', 'пассажиры']
    """
    frame = journeys.year_frame(days, year=year)
    working = frame.loc[frame["status"] != "closed", "crossing"].unique()
    rows = _calendar_rows(sorted(working), net)
    from matplotlib.figure import Figure

    with _look(check_language(lang)) as used:
        figure = Figure(figsize=(11.0, 1.5 + 0.24 * max(len(rows), 4)))
        height = figure.get_figheight()
        body = (0.75 / height, 1.0 - 1.3 / height)
        labels = [_crossing_name(crossing, net, used) for crossing in rows]
        for at, traffic in enumerate(payload.TRAFFICS):
            axes = figure.add_axes((0.25 + at * 0.375, body[0], 0.36, body[1]))
            _calendar_panel(axes, frame[frame["traffic"] == traffic], rows, year, used)
            axes.set_title(
                translate(f"traffic.{traffic}", used), loc="left", fontsize=10, fontweight=bold(used)
            )
            axes.set_yticks(range(len(rows)), labels if at == 0 else [""] * len(rows), fontsize=8)
        figure.text(
            0.012,
            1.0 - 0.28 / height,
            files.fill("figure.year", year=year)[used],
            fontsize=12,
            fontweight=bold(used),
        )
        figure.text(0.25, 0.18 / height, _calendar_key(used), fontsize=8, color="#444444")
        _save(figure, path, dpi)
    return figure


# -- look and file -------------------------------------------------------------------------------------------


@contextmanager
def _look(lang: str) -> Iterator[str]:
    """Set fonts and what keeps files equal; yields the language that the machine's fonts can write."""
    import matplotlib
    from matplotlib import font_manager

    have = {font.name for font in font_manager.fontManager.ttflist}
    used = lang
    if lang == "zh" and not have & _HAN_FONTS:
        log.warning("no Chinese font on this machine: the figure is written in English")
        used = "en"
    families = [name for name in _FONTS if name in have and (used == "zh" or name not in _HAN_FONTS)]
    settings: dict[Any, Any] = {
        "font.family": families,
        "svg.hashsalt": "amurgeo",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "axes.unicode_minus": False,
    }
    with matplotlib.rc_context(settings):
        yield used


def _save(figure: Figure, path: str | Path | None, dpi: int) -> None:
    if path is None:
        return
    target = Path(path)
    form = target.suffix.lstrip(".").lower()
    if form not in _METADATA:
        raise InputError(
            f"'{target.name}': a figure is written as {', '.join(sorted(_METADATA))}; "
            "end the name with one of them"
        )
    made = io.BytesIO()
    figure.savefig(made, format=form, dpi=dpi, metadata=dict(_METADATA[form]), facecolor="white")
    write_bytes_atomic(target, made.getvalue())


# -- the calendar --------------------------------------------------------------------------------------------


def _calendar_rows(crossings: Sequence[str], net: Network | None) -> list[str]:
    """Put the oblast's own crossings first."""
    if net is None:
        return list(crossings)
    region = net.checkpoints["region"].reindex(net.crossings["checkpoint"]).set_axis(net.crossings.index)
    return sorted(
        (crossing for crossing in crossings if crossing in region.index),
        key=lambda crossing: (region[crossing] != OBLAST, crossing),
    )


def _crossing_name(crossing: str, net: Network | None, lang: str) -> str:
    mode = crossing.partition(":")[2]
    if net is None:
        return crossing
    row = net.checkpoints.loc[net.crossings.at[crossing, "checkpoint"]]
    return (
        f"{name_of(row, lang)}, {files.page_words()[f'short.{mode}'][lang] if mode in style.MODES else mode}"
    )


def _calendar_panel(axes: Axes, frame: pd.DataFrame, rows: Sequence[str], year: int, lang: str) -> None:
    first = pd.Timestamp(year=year, month=1, day=1)
    days = 366 if first.is_leap_year else 365
    axes.set_xlim(0, days)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    starts = [(pd.Timestamp(year=year, month=month, day=1) - first).days for month in range(1, 13)]
    axes.set_xticks(starts, [str(month) for month in range(1, 13)], fontsize=7.5, ha="left")
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.tick_params(length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    for at, crossing in enumerate(rows):
        axes.plot([0, days], [at, at], color="#e3e3e3", linewidth=1.2, zorder=1)
        mine = frame[frame["crossing"] == crossing]
        if mine.empty:
            continue
        colour = style.mode_style(crossing.partition(":")[2]).colour
        position = (mine["date"] - first).dt.days.to_numpy()
        codes = mine["status"].map(payload.STATUS_CODES).to_numpy(dtype=int)
        shade = np.rint(mine["probability_open"].to_numpy(dtype=float) * 10.0).astype(int)
        runs = np.asarray(journeys.runs_of(position.tolist(), codes, shade)).reshape(-1, 3)
        ends = [*runs[1:, 0], int(position[-1]) + 1]
        for (start, code, tenths), end in zip(runs.tolist(), ends, strict=True):
            if code:
                look: dict[str, Any] = (
                    {"hatch": "////", "edgecolor": "white"}
                    if code == payload.STATUS_CODES["limited"]
                    else {"edgecolor": "none"}
                )
                axes.broken_barh(
                    [(start, end - start)],
                    (at - 0.33, 0.66),
                    facecolor=colour,
                    alpha=0.35 + 0.065 * tenths,
                    linewidth=0,
                    zorder=2,
                    **look,
                )


def _calendar_key(lang: str) -> str:
    return f"{files.page_words()['figure.expected'][lang]}; {files.page_words()['figure.hatched'][lang]}"
