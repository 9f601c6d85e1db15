"""Figures of the network in one or two states, of a year, of dependence by year and of a comparison."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.patches import Patch

from amurgeo.analysis.dependence import Dependence, region_name
from amurgeo.comparison.compare import Comparison
from amurgeo.comparison.pairs import SIDES
from amurgeo.comparison.sentences import group_texts
from amurgeo.errors import InputError, check_int, check_made
from amurgeo.figures.drawing import LINES, Output, bold, canvas, draw_legend, finish, page_word
from amurgeo.figures.printed import TRAFFICS, bars_of_days
from amurgeo.maps import basemap, style
from amurgeo.network import check_network, crossing_name
from amurgeo.seasons.service import open_sentences
from amurgeo.seasons.state import State
from amurgeo.text import FIRST_DAY, LAST_DAY, counted, inside, name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from amurgeo.network import Network

#: Rows of a part of the figure of a comparison at most.
_MOST = 14
#: Columns of a calendar that are drawn.
_CALENDAR = ("date", "crossing", "traffic", "status", "reason", "probability_open")
#: Lengths of the bars of statuses.
_OPENNESS = {"open": 1.0, "limited": 0.5, "closed": 0.0, "unknown": 0.0}
#: Hatches of the bars of a year.
_HATCHES = {"limited": "////", "unknown": "...."}
#: Bars of a base and an alternative, which differ in grey.
_BARS: tuple[dict[str, Any], ...] = tuple(
    {"facecolor": colour, "edgecolor": style.COLOURS["ink"], "linewidth": 0.8}
    for colour in ("#d9d9d9", "#1f5f7a")
)


def network_figure(
    net: Network,
    states: State | Sequence[State],
    *,
    lang: str = "en",
    path: Output = None,
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
    check_network(net)
    given: Any = states if isinstance(states, Sequence) and not isinstance(states, str) else [states]
    shown = [check_made("states", each, State, "amurgeo.state") for each in given]
    if not 1 <= len(shown) <= 2:
        raise InputError(f"the number of states is invalid: {len(shown)}; expected one or two")
    with canvas(lang, path, dpi) as sheet:
        figure = sheet.figure(6.4 * len(shown), 6.6)
        titles, name = [], partial(crossing_name, net, lang=sheet.lang)
        foot = 0.125 if len(shown) == 2 else 0.15
        for position, state in enumerate(shown):
            left, width = 0.012 + position / len(shown), 1 / len(shown) - 0.024
            _, title = sheet.map_panel((left, foot, width, 0.95 - foot), net, state)
            titles.append(title)
            sheet.alt += [f"{title}:", *open_sentences(state.crossings.reset_index(), sheet.lang, name)]
        sheet.title = " – ".join(titles)
        draw_legend(figure, net, sheet.lang)
    return figure


def dependence_figure(
    dependence: Dependence, *, lang: str = "en", path: Output = None, dpi: int = 150
) -> Figure:
    """Draw the dependence of the home regions by year: days cut off and the concentration of exits.

    Parameters
    ----------
    dependence
        Indices as `amurgeo.dependence` returns them.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The figure: a line per scenario and region, with its range as a band.

    Examples
    --------
    >>> import amurgeo as ag
    >>> len(dependence_figure(ag.dependence(ag.load(), first=2025)).axes)
    2
    """
    check_made("dependence", dependence, Dependence, "amurgeo.dependence")
    net, titles = dependence.net, {one.name: one.title for one in dependence.scenarios}
    with canvas(lang, path, dpi) as sheet:
        figure, say = sheet.figure(8.0, 5.4, layout="constrained"), sheet.say
        panels = figure.subplots(2, 1, sharex=True)
        home = dependence.frame[dependence.frame["region"].isin(net.border.home.regions)]
        for number, ((scenario, region), rows) in enumerate(home.groupby(["scenario", "region"], sort=False)):
            look: dict[str, Any] = {"linestyle": LINES[number % len(LINES)], "marker": "."}
            grey = f"{0.25 * (number % 3):.2f}"
            label = f"{region_name(net, region, sheet.lang)}, {titles[scenario].get(sheet.lang, scenario)}"
            for axes, name in zip(panels, ("days_cut", "hhi"), strict=True):
                ends = (rows[f"{name}_{end}"].astype(float) for end in ("low", "high"))
                axes.fill_between(rows["year"], *ends, color=grey, alpha=0.15, linewidth=0)
                axes.plot(rows["year"], rows[name], color=grey, label=label, **look)
        finish(panels[0], sheet.lang, y=say("dependence.days"))
        finish(panels[1], sheet.lang, y=say("dependence.index"), legend={})
        panels[1].xaxis.get_major_locator().set_params(integer=True)
        vehicle = name_of(net.base["vehicles"].loc[dependence.vehicle], sheet.lang)
        years = "–".join(dict.fromkeys(str(home["year"].agg(end)) for end in ("min", "max")))
        title = say("title.dependence_years", vehicle=inside(vehicle), years=years)
        sheet.frame(title, dependence.sentences(sheet.lang), say("dependence.note"))
    return figure


def calendar_figure(
    days: pd.DataFrame,
    *,
    year: int,
    lang: str = "en",
    net: Network | None = None,
    path: Output = None,
    dpi: int = 150,
) -> Figure:
    """Draw a year: a bar per crossing on its open days, paler where open is less likely.

    Parameters
    ----------
    days
        A calendar as `amurgeo.calendar` returns it.
    year
        The year.
    net
        The network, for the names; without it crossings are labelled with their ids.
    lang, path, dpi
        As in `network_figure`, with its errors.

    Returns
    -------
    matplotlib.figure.Figure
        The figure: cargo on the left, passengers on the right, without crossings that are closed all year.

    Raises
    ------
    InputError
        If the calendar lacks a column or the year.

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> figure = calendar_figure(ag.calendar(net, 2026), year=2026, net=net, lang="ru")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['грузы', 'пассажиры']
    """
    if net is not None:
        check_network(net)
    frame = year_frame(days, year=year)
    crossings = sorted(frame.loc[frame["status"] != "closed", "crossing"].unique())
    if net is not None:
        home = basemap.home_crossings(net)
        crossings = sorted(
            net.crossings.index.intersection(crossings), key=lambda id_: (id_ not in home, id_)
        )
    with canvas(lang, path, dpi) as sheet:
        height = 1.5 + 0.24 * max(len(crossings), 4)
        figure = sheet.figure(11.0, height)
        bottom, top = 0.75 / height, 1.0 - 1.3 / height
        labels = crossings if net is None else [crossing_name(net, id_, sheet.lang) for id_ in crossings]
        for position, traffic in enumerate(TRAFFICS):
            axes = figure.add_axes((0.25 + position * 0.375, bottom, 0.36, top))
            title = sheet.say(f"traffic.{traffic}")
            services = frame[frame["traffic"] == traffic]
            _draw_year(axes, services, crossings, year)
            axes.set_title(title, loc="left", fontsize=10, fontweight=bold(sheet.lang))
            axes.set_yticks(range(len(crossings)), [""] * len(crossings) if position else labels, fontsize=8)
            open_days = services[services["status"] != "closed"].groupby("crossing").size()
            texts = [
                f"{label}: {counted('days', int(open_days[crossing]), sheet.lang)}"
                for label, crossing in zip(labels, crossings, strict=True)
                if crossing in open_days.index
            ]
            sheet.alt.append(f"{title}: {'; '.join(texts)}.")
        sheet.write_title(page_word("figure.year", sheet.lang, year=year))
        key = "; ".join(page_word(f"figure.{name}", sheet.lang) for name in ("expected", "hatched"))
        figure.text(0.25, 0.18 / height, key, fontsize=8, color="#444444")
    return figure


def compare_figure(
    result: Comparison,
    *,
    lang: str = "en",
    alternative: str | None = None,
    path: Output = None,
    dpi: int = 150,
) -> Figure:
    """Draw what an alternative changes: crossings for the vehicle, and hours of the pairs.

    Parameters
    ----------
    result
        The comparison.
    alternative
        Name of the alternative; the first if omitted.
    lang, path, dpi
        As in `network_figure`, with its errors; the file has the sentences as its description.

    Returns
    -------
    matplotlib.figure.Figure
        Above a row per crossing that changes: its status, or the days open; below a row per group of pairs:
        the hours from the least to the most. The base is pale, the alternative dark.

    Raises
    ------
    InputError
        If the alternative is unknown.

    Examples
    --------
    >>> import amurgeo as ag
    >>> figure = compare_figure(ag.compare(ag.load(), ["frozen", "open"], destinations=["Heihe"]))
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()][0]
    'Blagoveshchensk, ferry'
    """
    check_made("result", result, Comparison, "amurgeo.compare")
    findings, is_day = result.findings(alternative), result.period is None
    rows, groups = findings.changed()[:_MOST], result.groups(alternative)[:_MOST]
    with canvas(lang, path, dpi) as sheet:
        texts = group_texts(result.net, groups, sheet.lang, period=not is_day)
        figure = sheet.figure(10.0, 2.6 + 0.34 * (len(rows) + len(groups)), layout="constrained")
        sizes = [1.0 + len(rows), 1.0 + len(groups)]
        top, bottom = figure.subplots(2, 1, gridspec_kw={"height_ratios": sizes})
        nets = [state.net for state in findings.states]
        known = [nets[id_ in nets[1].base["crossings"].index] for id_ in rows.index]
        names = [crossing_name(net, str(id_), sheet.lang) for net, id_ in zip(known, rows.index, strict=True)]
        column, amount = ("status", _OPENNESS.__getitem__) if is_day else ("days", float)
        ends = [[(0.0, amount(value)) for value in rows[f"{side}_{column}"]] for side in SIDES]
        texts_of = [findings.sides(str(id_), row, sheet.lang) for id_, row in rows.iterrows()]
        _draw_bars(top, sheet.lang, names, ends, [[texts[n] for texts in texts_of] for n in (0, 1)])
        if is_day:
            top.set_xticks([])
        else:
            top.set_xlabel(sheet.say("compare.days"), fontsize=8)
        hours = [list(zip(groups[f"{side}_h_min"], groups[f"{side}_h_max"], strict=True)) for side in SIDES]
        about = ("compare.hours", "compare.ways", "compare.change")
        said = [[], [" · ".join(filter(None, map(row.get, about))) for row in texts]]
        _draw_bars(bottom, sheet.lang, [row["compare.from_to"] for row in texts], hours, said)
        bottom.set_xlabel(sheet.say("compare.hours"), fontsize=8)
        titles = [textwrap.shorten(state.title[sheet.lang], 90, placeholder="…") for state in findings.states]
        keys = [Patch(label=title, **look) for title, look in zip(titles, _BARS, strict=True)]
        figure.legend(handles=keys, loc="outside lower left", frameon=False, fontsize=8)
        sheet.alt = findings.sentences(sheet.lang)
        figure.suptitle(textwrap.fill(sheet.alt[0], 80), fontweight=bold(sheet.lang), x=0.01, ha="left")
    return figure


def _draw_bars(
    axes: Axes,
    lang: str,
    names: Sequence[str],
    ends: Sequence[Iterable[tuple[float, float]]],
    labels: Sequence[Sequence[str]],
) -> None:
    """Draw two bars per row, of the base above that of the alternative, with texts at their ends."""
    if not names:
        axes.set_axis_off()
        return
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.5, -0.5)
    most = max((last for side in ends for _, last in side if last == last), default=1.0)
    # Room for the texts on the right.
    axes.set_xlim(0.0, 1.35 * most)
    for shift, side, texts, look in zip((-0.2, 0.2), ends, labels, _BARS, strict=True):
        for row, (first, last) in enumerate(side):
            if first == first and last > 0:
                axes.barh(row + shift, max(last - first, 0.004 * most), 0.36, first, **look)
            if texts:
                at = (last if last == last else 0.0, row + shift)
                axes.annotate(texts[row], at, (4, 0), textcoords="offset points", va="center", fontsize=7)
    axes.tick_params(labelsize=8)
    finish(axes, lang)


def year_frame(days: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Return a year of a calendar (`amurgeo.calendar`) in long form."""
    year = check_int("year", year, FIRST_DAY.year, LAST_DAY.year)
    frame = days if set(_CALENDAR) <= set(days.columns) else days.reset_index()
    missing = [name for name in _CALENDAR if name not in frame.columns]
    if missing:
        raise InputError(f"the calendar lacks {', '.join(missing)}; pass one from amurgeo.calendar")
    frame = frame.assign(date=pd.to_datetime(frame["date"]))
    frame = frame[frame["date"].dt.year == year].sort_values(["crossing", "traffic", "date"], kind="stable")
    if frame.empty:
        raise InputError(f"the calendar has no day of {year}; pass the calendar of that year")
    return frame.reset_index(drop=True)


def _draw_year(axes: Axes, frame: pd.DataFrame, crossings: Sequence[str], year: int) -> None:
    months = pd.date_range(f"{year}-01-01", periods=13, freq="MS")
    starts = (months - months[0]).days.tolist()
    axes.set_xlim(0, starts[12])
    axes.set_ylim(len(crossings) - 0.5, -0.5)
    axes.set_xticks(starts[:12], [str(month) for month in range(1, 13)], fontsize=7.5, ha="left")
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for position, crossing in enumerate(crossings):
        axes.plot([0, starts[12]], [position, position], color="#e3e3e3", linewidth=1.2, zorder=1)
        rows = frame[frame["crossing"] == crossing]
        days = (rows["date"] - months[0]).dt.days.tolist()
        days += [day + 1 for day in days[-1:]]
        bars = bars_of_days(crossing, rows["status"], rows["probability_open"])
        for start, end, status, colour, opacity in bars:
            hatch = _HATCHES.get(status)
            axes.broken_barh(
                [(days[start], days[end] - days[start])], (position - 0.33, 0.66), facecolor=colour,
                edgecolor="white" if hatch else "none", alpha=opacity, linewidth=0, zorder=2, hatch=hatch,
            )  # fmt: skip
