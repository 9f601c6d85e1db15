"""Figures for print: the network in one or two states, and a year as a chart; output is reproducible."""

from __future__ import annotations

import io
import logging
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from amurgeo.comparison.pairs import SIDES
from amurgeo.comparison.sentences import group_texts
from amurgeo.errors import InputError, check_int, unknown_name_error
from amurgeo.figures.drawing import BARS, Panel, bold, draw_bars, draw_legend, draw_panel, extent_of
from amurgeo.flows.demand import ON_ROAD
from amurgeo.io import check_suffix, write_bytes_atomic
from amurgeo.maps import basemap, payload, style
from amurgeo.network import crossing_name
from amurgeo.text import check_language, counted, fill_placeholders, page_words, translate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from amurgeo.comparison.compare import Comparison
    from amurgeo.flows import Queues
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

log = logging.getLogger(__name__)

_LATIN_FONTS = ("Noto Sans", "DejaVu Sans")
_CHINESE_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
    *("Microsoft YaHei", "PingFang SC", "SimHei"),
)
#: Texts of the figure of queues.
_QUEUE_TEXTS = ("waiting", "road", "base", "room", "trucks", "a_day", "wait")
#: Formats, with the metadata that would make files differ.
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}
#: Metadata that describe a figure to those who do not see it.
#: Rows of a part of the figure of a comparison at most.
_MOST = 14
#: Lengths of the bars of statuses.
_OPENNESS = {"open": 1.0, "limited": 0.5, "closed": 0.0, "unknown": 0.0}


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
        If `states` is empty or longer than two, the language or suffix is unknown, `dpi` is out of range, or
        the file cannot be written.

    Notes
    -----
    Signs as on the map pages: filled is open, pale with a dashed edge is limited, hollow is closed. The same
    data and library versions give the same bytes.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> figure = network_figure(net, [net.state(scenario="frozen"), net.state(scenario="open")])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Rivers frozen, 10 February 2026', 'Rivers open, 15 July 2026']
    """
    dpi = check_int("dpi", dpi, 10, 2400)
    shown = list(states) if isinstance(states, Sequence) else [states]
    if not 1 <= len(shown) <= 2:
        raise InputError(f"the number of states is invalid: {len(shown)}; expected one or two")
    with figure_style(check_language(lang)) as lang_used:
        figure = Figure(figsize=(6.4 * len(shown), 6.6))
        renderer = FigureCanvasAgg(figure).get_renderer()
        extent = extent_of(net)
        foot = 0.125 if len(shown) == 2 else 0.15
        for position, state in enumerate(shown):
            left, width = 0.012 + position / len(shown), 1 / len(shown) - 0.024
            axes = figure.add_axes((left, foot, width, 0.95 - foot))
            draw_panel(Panel(axes, renderer, lang_used, extent), net, state)
        draw_legend(figure, net, lang_used)
        save(figure, path, dpi)
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
    """Draw a year: a bar per crossing on its open days, paler where open is less likely.

    Parameters
    ----------
    days
        A calendar as `amurgeo.calendar` returns it.
    year
        The year.
    lang
        Language of the text.
    net
        The network, for the names; without it crossings are labelled with their ids.
    path
        Output file; its suffix (png, svg, pdf) selects the format. None writes no file.
    dpi
        Dots per inch of a PNG, 10 to 2400.

    Returns
    -------
    matplotlib.figure.Figure
        The figure: cargo on the left, passengers on the right, without crossings that are closed all year.

    Raises
    ------
    InputError
        If the calendar lacks a column or the year, the language or suffix is unknown, `dpi` is out of range,
        or the file cannot be written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> figure = calendar_figure(ag.calendar(net, 2026), year=2026, net=net, lang="ru")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['грузы', 'пассажиры']
    """
    dpi = check_int("dpi", dpi, 10, 2400)
    frame = payload.year_frame(days, year=year)
    crossings = sorted(frame.loc[frame["status"] != "closed", "crossing"].unique())
    if net is not None:
        home = basemap.home_crossings(net)
        crossings = sorted(
            net.crossings.index.intersection(crossings), key=lambda id_: (id_ not in home, id_)
        )
    with figure_style(check_language(lang)) as lang_used:
        figure = Figure(figsize=(11.0, 1.5 + 0.24 * max(len(crossings), 4)))
        height = figure.get_figheight()
        bottom, top = 0.75 / height, 1.0 - 1.3 / height
        labels = crossings if net is None else [crossing_name(net, id_, lang_used) for id_ in crossings]
        weight = bold(lang_used)
        for position, traffic in enumerate(payload.TRAFFICS):
            axes = figure.add_axes((0.25 + position * 0.375, bottom, 0.36, top))
            _draw_year(axes, frame[frame["traffic"] == traffic], crossings, year)
            title = translate(f"traffic.{traffic}", lang_used)
            axes.set_title(title, loc="left", fontsize=10, fontweight=weight)
            axes.set_yticks(range(len(crossings)), [""] * len(crossings) if position else labels, fontsize=8)
        title = fill_placeholders("figure.year", year=year)[lang_used]
        figure.text(0.012, 1.0 - 0.28 / height, title, fontsize=12, fontweight=weight)
        key = "; ".join(page_words()[f"figure.{name}"][lang_used] for name in ("expected", "hatched"))
        figure.text(0.25, 0.18 / height, key, fontsize=8, color="#444444")
        save(figure, path, dpi)
    return figure


def queue_figure(
    queues: Queues,
    *,
    lang: str = "en",
    scenario: str | None = None,
    path: str | Path | None = None,
    dpi: int = 150,
) -> Figure:
    """Draw queues at the home crossings: the backlog, who goes where, and the wait.

    Parameters
    ----------
    queues
        Queues as `amurgeo.queues` returns them.
    lang
        Language of the text.
    scenario
        Name of the scenario; the last if omitted.
    path
        Output file; its suffix (png, svg, pdf) selects the format. None writes no file.
    dpi
        Dots per inch of a PNG, 10 to 2400.

    Returns
    -------
    matplotlib.figure.Figure
        From top to bottom, by day: trucks that wait, with the part on the road, the base dashed, and P10 to
        P90 of draws; trucks by the crossing that they take, and the room of the home crossings; days of
        waiting of those who join.

    Raises
    ------
    InputError
        If the scenario, the language or suffix is unknown, `dpi` is out of range, or the file cannot be
        written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> q = ag.queues(ag.load(), start="2026-02-10", end="2026-02-28")
    >>> len(queue_figure(q).axes)
    3
    """
    dpi, names = check_int("dpi", dpi, 10, 2400), [one.name for one in queues.scenarios]
    name = names[-1] if scenario is None else scenario
    if name not in names:
        raise unknown_name_error("scenario", str(name), names)
    net, home = queues.net, basemap.home_crossings(queues.net)
    days, streams, backlog = (
        {key: rows.set_index("date") for key, rows in frame.groupby("scenario")}
        for frame in (queues.days, queues.streams, queues.backlog)
    )
    with figure_style(check_language(lang)) as lang_used:
        say = {key: translate(f"queue.figure_{key}", lang_used) for key in _QUEUE_TEXTS}
        figure = Figure(figsize=(9.0, 8.0), layout="constrained")
        top, middle, bottom = figure.subplots(3, 1, sharex=True)
        own = backlog[name]
        top.fill_between(own.index, own["queue"], step="mid", color="#8fb3b3", label=say["waiting"])
        top.fill_between(own.index, ON_ROAD * own["queue"], step="mid", color="#c0504d", label=say["road"])
        if queues.draws:
            ends = own["queue_p10"], own["queue_p90"]
            top.fill_between(own.index, *ends, step="mid", color="#333333", alpha=0.25, label="P10–P90")
        if name != names[0]:
            base = backlog[names[0]]
            top.step(base.index, base["queue"], where="mid", color="black", linestyle="--", label=say["base"])
        taken = streams[name].pivot_table(index="date", columns="crossing", values="trucks", aggfunc="sum")
        taken = taken.reindex(own.index).fillna(0.0)
        taken = taken[taken.sum().sort_values(ascending=False).index]
        most = [*(x for x in taken if x in home), *(x for x in taken if x not in home)]
        labels = [crossing_name(net, crossing, lang_used) for crossing in most]
        colours = matplotlib.colormaps["tab20"].colors  # type: ignore[attr-defined]
        middle.stackplot(taken.index, taken[most].T.to_numpy(), step="mid", labels=labels, colors=colours)
        rows = days[name][days[name]["crossing"].isin(home)]
        room = rows.groupby("date")["capacity"].sum()
        middle.step(room.index, room, where="mid", color="black", label=say["room"])
        for crossing, colour in zip(most, colours, strict=False):
            waits = rows.loc[rows["crossing"] == crossing, "wait_h"] / 24.0
            if crossing in home and len(waits):
                bottom.step(waits.index, waits, where="mid", color=colour)
        for axes, key in ((top, "trucks"), (middle, "a_day"), (bottom, "wait")):
            axes.set_ylabel(say[key])
            axes.set_ylim(bottom=0.0)
            axes.grid(axis="y", color="#dddddd", linewidth=0.6)
        for axes in (top, middle):
            axes.legend(frameon=False, fontsize=8, loc="upper right")
        title = next(one for one in queues.scenarios if one.name == name).title.get(lang_used, name)
        figure.suptitle(title, fontweight=bold(lang_used))
        figure.supxlabel(translate("queue.estimates", lang_used), fontsize=8, color="#444444")
        figure.autofmt_xdate()
        save(figure, path, dpi)
    return figure


def compare_figure(
    result: Comparison,
    *,
    lang: str = "en",
    alternative: str | None = None,
    path: str | Path | None = None,
    dpi: int = 150,
) -> Figure:
    """Draw what an alternative changes: crossings for the vehicle, and hours of the pairs.

    Parameters
    ----------
    result
        The comparison.
    lang
        Language of the text.
    alternative
        Name of the alternative; the first if omitted.
    path
        Output file; its suffix (png, svg, pdf) selects the format, and it has the sentences as its
        description. None writes no file.
    dpi
        Dots per inch of a PNG, 10 to 2400.

    Returns
    -------
    matplotlib.figure.Figure
        Above a row per crossing that changes: its status, or the days open; below a row per group of pairs:
        the hours from the least to the most. The base is pale, the alternative dark.

    Raises
    ------
    InputError
        If the alternative, the language or suffix is unknown, `dpi` is out of range, or the file cannot be
        written.

    Examples
    --------
    >>> import amurgeo as ag
    >>> figure = compare_figure(ag.compare(ag.load(), ["frozen", "open"], destinations=["Heihe"]))
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()][0]
    'Blagoveshchensk, ferry'
    """
    dpi, findings = check_int("dpi", dpi, 10, 2400), result.findings(alternative)
    rows, groups = findings.changed()[:_MOST], result.groups(alternative)[:_MOST]
    with figure_style(check_language(lang)) as lang_used:
        texts = group_texts(result.net, groups, lang_used, period=result.period is not None)
        figure = Figure(figsize=(10.0, 2.6 + 0.34 * (len(rows) + len(groups))), layout="constrained")
        sizes = [1.0 + len(rows), 1.0 + len(groups)]
        top, bottom = figure.subplots(2, 1, gridspec_kw={"height_ratios": sizes})
        nets = [state.net for state in findings.states]
        known = [nets[id_ in nets[1].base["crossings"].index] for id_ in rows.index]
        names = [crossing_name(net, str(id_), lang_used) for net, id_ in zip(known, rows.index, strict=True)]
        if result.period is None:
            ends = [rows[f"{side}_status"].map(_OPENNESS).map(lambda share: (0.0, share)) for side in SIDES]
            labels = [
                [translate(f"status.{text}", lang_used) for text in rows[f"{side}_status"]] for side in SIDES
            ]
        else:
            ends = [rows[f"{side}_days"].map(lambda days: (0.0, float(days))) for side in SIDES]
            labels = [
                [counted("days", int(days), lang_used) for days in rows[f"{side}_days"]] for side in SIDES
            ]
        draw_bars(top, names, ends, labels)
        if result.period is None:
            top.set_xticks([])
        else:
            top.set_xlabel(translate("compare.days", lang_used), fontsize=8)
        hours = [list(zip(groups[f"{side}_h_min"], groups[f"{side}_h_max"], strict=True)) for side in SIDES]
        about = ("compare.hours", "compare.ways", "compare.change")
        said = [[], [" · ".join(filter(None, map(row.get, about))) for row in texts]]
        draw_bars(bottom, [row["compare.from_to"] for row in texts], hours, said)
        bottom.set_xlabel(translate("compare.hours", lang_used), fontsize=8)
        titles = [textwrap.shorten(state.title[lang_used], 90, placeholder="…") for state in findings.states]
        keys = [Patch(label=title, **look) for title, look in zip(titles, BARS, strict=True)]
        figure.legend(handles=keys, loc="outside lower left", frameon=False, fontsize=8)
        sentences = findings.sentences(lang_used)
        figure.suptitle(textwrap.fill(sentences[0], 80), fontweight=bold(lang_used), x=0.01, ha="left")
        save(figure, path, dpi, alt=" ".join(sentences))
    return figure


@contextmanager
def figure_style(lang: str) -> Iterator[str]:
    """Set fonts and reproducible output; yields the language, English if the Chinese fonts are missing."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    if lang == "zh" and not installed.intersection(_CHINESE_FONTS):
        log.warning("no Chinese font is installed: the figure is in English")
        lang = "en"
    fonts = (*_LATIN_FONTS, *(_CHINESE_FONTS if lang == "zh" else ()))
    settings: dict[Any, Any] = {
        "font.family": [name for name in fonts if name in installed],
        "svg.hashsalt": "amurgeo",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "axes.unicode_minus": False,
    }
    with matplotlib.rc_context(settings):
        yield lang


def save(
    figure: Figure, path: str | Path | None, dpi: int, *, title: str | None = None, alt: str | None = None
) -> None:
    """Write a figure, with its title and its text for those who do not see it as metadata."""
    if path is None:
        return
    suffix = check_suffix(path, *sorted(_METADATA))
    dpi = check_int("dpi", dpi, 10, 2400)
    buffer = io.BytesIO()
    texts = {"Title": title, "Subject" if suffix == "pdf" else "Description": alt}
    metadata = _METADATA[suffix] | {name: text for name, text in texts.items() if text}
    figure.savefig(buffer, format=suffix, dpi=dpi, metadata=metadata, facecolor="white")
    write_bytes_atomic(Path(path), buffer.getvalue())


def _draw_year(axes: Axes, frame: pd.DataFrame, crossings: Sequence[str], year: int) -> None:
    first = pd.Timestamp(year=year, month=1, day=1)
    days = 366 if first.is_leap_year else 365
    months = (pd.date_range(first, periods=12, freq="MS") - first).days
    axes.set_xlim(0, days)
    axes.set_ylim(len(crossings) - 0.5, -0.5)
    axes.set_xticks(months, [str(month) for month in range(1, 13)], fontsize=7.5, ha="left")
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.tick_params(length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    for position, crossing in enumerate(crossings):
        axes.plot([0, days], [position, position], color="#e3e3e3", linewidth=1.2, zorder=1)
        rows = frame[frame["crossing"] == crossing]
        if rows.empty:
            continue
        dates = (rows["date"] - first).dt.days.tolist()
        statuses = rows["status"].map(payload.STATUS_CODES).to_numpy(dtype=int)
        tenths = np.rint(rows["probability_open"].fillna(0.0).to_numpy(dtype=float) * 10.0).astype(int)
        runs = np.reshape(payload.runs_of(dates, statuses, tenths), (-1, 3)).tolist()
        ends = [*(start for start, _, _ in runs[1:]), dates[-1] + 1]
        for (start, status, shade), end in zip(runs, ends, strict=True):
            if status != payload.STATUS_CODES["closed"]:
                unknown = status == payload.STATUS_CODES["unknown"]
                hatch = {
                    payload.STATUS_CODES["limited"]: "////",
                    payload.STATUS_CODES["unknown"]: "....",
                }.get(status)
                colour = (
                    style.COLOURS["unknown"]
                    if unknown
                    else style.mode_style(crossing.partition(":")[2]).colour
                )
                axes.broken_barh(
                    [(start, end - start)],
                    (position - 0.33, 0.66),
                    facecolor=colour,
                    edgecolor="white" if hatch else "none",
                    alpha=1.0 if unknown else 0.35 + 0.065 * shade,
                    linewidth=0,
                    zorder=2,
                    hatch=hatch,
                )
