"""The frame of a figure, and one map panel: base map, place names, crossing signs, scale bar and legend."""

from __future__ import annotations

import io
import logging
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, cos, radians
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
import pandas as pd
import shapely
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker, TextArea, VPacker
from matplotlib.patches import Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from amurgeo.errors import check_int
from amurgeo.figures import printed
from amurgeo.io import check_suffix, write_bytes_atomic
from amurgeo.maps import basemap, payload, style
from amurgeo.text import check_language, day_text, fill_placeholders, long_date, number_text, translate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from amurgeo.network import Network
    from amurgeo.seasons.state import State

log = logging.getLogger(__name__)

_LATIN_FONTS = ("Noto Sans", "DejaVu Sans")
_CHINESE_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
    *("Microsoft YaHei", "PingFang SC", "SimHei"),
)
#: Formats, with the metadata that would make files differ.
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}
#: Metadata that describe a figure to those who do not see it.
_ALT = {"pdf": "Subject"}
#: Size of a mark in points.
MARK = 7.0
_COLOURS = style.COLOURS
_HALO = [withStroke(linewidth=2.0, foreground="white")]
#: Dashes of lines.
_DASHES: dict[str, Any] = {"": "-", "border": "-.", "schematic": (0, (2.5, 1.5)), "winter": "--"}
#: Lines of the base map in the legend: colour and dashes.
_LINES = {
    "layer.roads": ("road", ""), "layer.schematic": ("road", "schematic"),
    "layer.winter": ("winter_road", "winter"), "layer.rails": ("railway", ""),
    "layer.border": ("border", "border"),
}  # fmt: skip
#: Lines that differ in grey print as well.
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 4)), (0, (1, 4)))
#: Place of a legend beside its axes.
BESIDE: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
Extent = tuple[float, float, float, float]
#: A file that is written, or none.
Output = str | FilePath | None


@dataclass
class Panel:
    """Axes of one map, with a renderer to measure text and the boxes that are already placed."""

    axes: Axes
    renderer: Any
    lang: str
    extent: Extent

    @cached_property
    def boxes(self) -> printed.Boxes:
        """The boxes that are already placed, in pixels."""
        return printed.Boxes(tuple(self.axes.bbox.extents), self.renderer.points_to_pixels(1.0))


@dataclass
class Canvas:
    """A figure in work: its language, its title, and its text for those who do not see it."""

    lang: str
    title: str | None = None
    alt: list[str] = field(default_factory=list)
    drawn: Figure = field(default_factory=Figure)

    def figure(self, width: float, height: float, **options: Any) -> Figure:
        """Begin the figure, so many inches wide and high."""
        self.drawn = Figure(figsize=(width, height), **options)
        return self.drawn

    def say(self, key: str, **values: Any) -> str:
        """Return a text in the language of the figure."""
        return translate(key, self.lang, **values)

    def map_panel(
        self, at: Extent, net: Network, state: State | None = None, extent: Extent | None = None
    ) -> tuple[Axes, str]:
        """Draw a map into axes at a place of the figure; return them and the title of the map."""
        axes, renderer = self.drawn.add_axes(at), FigureCanvasAgg(self.drawn).get_renderer()
        return axes, draw_panel(Panel(axes, renderer, self.lang, extent or extent_of(net)), net, state)

    def write_title(self, title: str) -> None:
        """Write the title at the top left."""
        self.title, height = title, self.drawn.get_figheight()
        self.drawn.text(0.012, 1.0 - 0.28 / height, title, fontsize=12, fontweight=bold(self.lang))

    def frame(self, title: str, alt: list[str], below: str) -> None:
        """Write the title at the top left, and a line below the figure."""
        self.title, self.alt = title, alt
        self.drawn.suptitle(textwrap.fill(title, 90), fontweight=bold(self.lang), x=0.01, ha="left")
        self.drawn.supxlabel(below, fontsize=8, color="#444444")


@contextmanager
def canvas(lang: str, path: Output, dpi: int) -> Iterator[Canvas]:
    """Check language, file and resolution, then set fonts; what has been drawn is written at the end.

    Output is reproducible. The language is English if the Chinese fonts are missing.
    """
    lang, dpi = check_language(lang), check_int("dpi", dpi, 10, 2400)
    suffix = "png" if path is None else check_suffix(path, *sorted(_METADATA))
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
        yield (sheet := Canvas(lang))
        if path is not None:
            texts = {"Title": sheet.title, _ALT.get(suffix, "Description"): " ".join(sheet.alt)}
            metadata = _METADATA[suffix] | {name: text for name, text in texts.items() if text}
            buffer = io.BytesIO()
            sheet.drawn.savefig(buffer, format=suffix, dpi=dpi, metadata=metadata, facecolor="white")
            write_bytes_atomic(FilePath(path), buffer.getvalue())


def page_word(key: str, lang: str, **values: Any) -> str:
    """Return a text that the map pages show as well."""
    return fill_placeholders(key, **values)[lang]


def bold(lang: str) -> str:
    """Return the weight of headings; Chinese fonts often lack a bold cut."""
    return "normal" if lang == "zh" else "bold"


def finish(axes: Axes, lang: str, *, y: str = "", x: str = "", legend: Mapping[str, Any] = BESIDE) -> None:
    """Set labels, grid and numbers as the language writes them, and a legend where `legend` places it."""
    axes.set_ylabel(y)
    axes.set_xlabel(x)
    if y:
        axes.set_ylim(bottom=0.0)
        axes.yaxis.set_major_formatter(lambda value, _: number_text(value, lang, digits=int(value % 1 > 0)))
    axes.grid(axis="y" if y else "x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if legend and axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8, **legend)


def day_ticks(axes: Axes, days: Iterable[Any], lang: str, *, year: bool = False) -> None:
    """Set the ends of an axis of days and its ticks, as the language writes days, with or without year."""
    dates, part = pd.DatetimeIndex(days), slice(0, 5) if lang == "ru" else slice(5, 10)
    axes.set_xlim(dates[0], dates[-1])
    most, each = 6 if year else 9, pd.date_range(dates[0].ceil("D"), dates[-1], freq="D")
    if len(each) <= 7 * most:
        # The locator restarts at each month, which leaves ticks side by side.
        axes.set_xticks(each[:: ceil(len(each) / most)])
    else:
        axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=most))
    axes.xaxis.set_major_formatter(
        lambda value, _: day_text(num2date(value).date(), lang)[slice(None) if year else part]
    )


def extent_of(net: Network) -> Extent:
    """Return west, east, south and north of a figure: the home crossings."""
    (south, west), (north, east) = basemap.view_bounds(net)
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    half_lat = (north - south) / 2 + 0.75
    half_lon = max((east - west) / 2 + 1.2, half_lat / cos(radians(middle_lat)) * 1.02)
    return middle_lon - half_lon, middle_lon + half_lon, middle_lat - half_lat, middle_lat + half_lat


def draw_panel(panel: Panel, net: Network, state: State | None = None) -> str:
    """Draw the network in one state, or its base map and places alone; return the title of the panel."""
    axes, lang = panel.axes, panel.lang
    west, east, south, north = panel.extent
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1.0 / cos(radians((south + north) / 2)), adjustable="box", anchor="N")
    axes.set(facecolor=_COLOURS["land"], xticks=[], yticks=[])
    axes.apply_aspect()
    _draw_base_map(axes, net)
    _draw_names(panel, net)
    _draw_scale(panel)
    if state is None:
        return ""
    label, day = str(state.label[lang]), long_date(state.on)[lang]
    title = day if label == state.on.isoformat() else f"{label}, {day}"
    axes.set_title(title, loc="left", fontsize=11, fontweight=bold(lang))
    _draw_signs(panel, net, state)
    return title


def _draw_base_map(axes: Axes, net: Network) -> None:
    for number, (colour, shapes, width, dashes) in enumerate(printed.base_layers(net)):
        if colour in ("land", "own", "counterpart"):
            axes.set_facecolor(_COLOURS["sea"])
        # Older versions of shapely want an array that they may write.
        parts = shapely.get_parts(shapely.force_2d(np.array(shapes)))
        parts = parts[~shapely.is_empty(parts)]
        look: dict[str, Any] = {"zorder": 1.0 + number / 20.0}
        if width:
            look |= {"linewidths": width, "color": _COLOURS[colour], "linestyle": _DASHES[dashes]}
        else:
            parts = shapely.get_exterior_ring(parts)
            look |= {"linewidths": 0.4 * ("water" not in colour), "edgecolors": _COLOURS["region_edge"]}
            look |= {"facecolors": _COLOURS[colour]}
        if len(parts):
            collection = LineCollection if width else PolyCollection
            lines = [shapely.get_coordinates(part) for part in parts]
            # The extent is set; deriving it from every ring would take most of the drawing time.
            axes.add_collection(collection(lines, **look), autolim=False)


def _draw_names(panel: Panel, net: Network) -> None:
    """Label the places that fit, most important first."""
    axes, lang = panel.axes, panel.lang
    west, east, south, north = panel.extent
    look: dict[str, Any] = {"textcoords": "offset points", "zorder": 7, "annotation_clip": True}
    for place in basemap.place_records(net):
        lat, lon = place["at"]
        if place["zoom"] > 6.5 or not (west < lon < east and south < lat < north):
            continue
        city = place["look"] == "city"
        font = {"fontsize": 8.5, "fontweight": bold(lang)} if city else {"fontsize": 7.0}
        sides = (("left", 4), ("right", -4))
        for align, shift in sides if place["side"] == "home" else sides[::-1]:
            text = axes.annotate(place["name"][lang], (lon, lat), (shift, 0), ha=align, va="center", **look)
            text.set(path_effects=_HALO, **font)
            box = tuple(text.get_window_extent(panel.renderer).extents)
            if panel.boxes.fits(box):
                panel.boxes.taken.append(box)
                size = 3.2 if city else 2.2
                axes.plot(lon, lat, "o", ms=size, color=_COLOURS["ink"], mec="white", mew=0.5, zorder=6)
                break
            text.remove()


def _draw_signs(panel: Panel, net: Network, state: State) -> None:
    """Place a box per group: a row per checkpoint, cargo marks above passenger marks."""
    groups = printed.sign_groups(net, state)
    points = [panel.axes.transData.transform(item["at"][::-1]) for group in groups for item in group]
    font = {"fontsize": 7.5, "fontweight": bold(panel.lang)}
    for group in groups:
        rows: list[Any] = []
        for item in group:
            name = TextArea(item["name"][panel.lang], textprops=font)
            marks = [_mark(mode, statuses) for mode, statuses in item["signs"]]
            rows.append(HPacker(children=[name, *marks], align="center", pad=0, sep=3))
        _place_box(panel, VPacker(children=rows, align="right", pad=0, sep=2), group[0]["at"][::-1], points)
        for item in group:
            lat, lon = item["at"]
            panel.axes.plot(lon, lat, "o", ms=3.4, color="white", mec=_COLOURS["ink"], mew=0.9, zorder=8)


def _place_box(panel: Panel, content: Any, at: tuple[float, float], points: Sequence[Any]) -> None:
    """Place a box near its point where it covers the least."""
    box, bounds = _add_box(panel, content, at, (0.0, 0.0), 0.0)
    box.remove()
    start = tuple(panel.axes.transData.transform(at))
    _, shift = panel.boxes.place(start, bounds.width, bounds.height, points)
    _, bounds = _add_box(panel, content, at, shift, 0.0 if shift[0] > 0 else 1.0)
    panel.boxes.taken.append(tuple(bounds.extents))


def _add_box(
    panel: Panel, content: Any, at: tuple[float, float], offset: tuple[float, float], side: float
) -> tuple[Any, Any]:
    """Add a box beside a point; return it and its bounds in pixels."""
    ink = _COLOURS["ink"]
    line = {"arrowstyle": "-", "linewidth": 0.8, "color": ink, "shrinkA": 0, "shrinkB": 0}
    look = {"boxstyle": "round,pad=0.25,rounding_size=0.3", "edgecolor": ink, "facecolor": "white"}
    box = AnnotationBbox(
        content, at, xybox=offset, boxcoords="offset points", box_alignment=(side, 0.5), pad=0.25, zorder=9,
        arrowprops=line, bboxprops=look | {"linewidth": 0.7},
    )  # fmt: skip
    panel.axes.add_artist(box)
    box.update_positions(panel.renderer)
    return box, box.patch.get_window_extent(panel.renderer)


def _mark(mode: str, statuses: Mapping[str, str]) -> Any:
    """Draw the marks of a crossing: cargo above, passengers below."""
    area = DrawingArea(MARK * 1.2, MARK * 2.5)
    look = style.mode_style(mode)
    for position, traffic in enumerate(printed.TRAFFICS):
        if traffic in statuses:
            centre = np.array([MARK * 0.6, MARK * (1.85 - 1.25 * position)])
            corners = centre + MARK * 0.5 * np.array(look.shape)
            area.add_artist(Polygon(corners, closed=True, **_paint(look.colour, statuses[traffic])))
    return area


def _paint(colour: str, status: str) -> dict[str, Any]:
    fill, edge, width, dashes = {
        "open": (colour, _COLOURS["ink"], 0.5, "-"),
        "limited": (to_rgba(colour, 0.3), colour, 1.0, (0, (2.0, 1.2))),
        "unknown": (_COLOURS["unknown"], _COLOURS["closed"], 0.8, ":"),
        "closed": ("white", _COLOURS["closed"], 0.8, "-"),
    }[status]
    return {"facecolor": fill, "edgecolor": edge, "linewidth": width, "linestyle": dashes}


def _draw_scale(panel: Panel) -> None:
    west, east, south, north = panel.extent
    km = 100
    # One degree of longitude is 111.32 km times the cosine of the latitude.
    width = km / (111.32 * cos(radians((south + north) / 2)))
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.03
    ink = _COLOURS["ink"]
    panel.axes.plot([x, x + width], [y, y], color=ink, linewidth=2.2, solid_capstyle="butt", zorder=10)
    text = page_word("figure.scale", panel.lang, km=km)
    panel.axes.text(x, y + (north - south) * 0.012, text, fontsize=7, zorder=10, path_effects=_HALO)


def draw_legend(figure: Figure, net: Network, lang: str) -> None:
    """Add the legend of the signs and lines below the maps, with the sources."""
    signs = [(mode, page_word(f"short.{mode}", lang), "open") for mode in basemap.home_modes(net)]
    statuses = ("open", "limited", "closed", "unknown")
    signs += [("ferry", translate(f"status.{status}", lang), status) for status in statuses]
    handles = []
    for mode, label, status in signs:
        look, paint = style.MODES[mode], _paint(style.MODES[mode].colour, status)
        handles.append(Line2D(
            [], [], label=label, linestyle="none", marker=Path(np.array(look.shape), closed=False), ms=8,
            mfc=paint["facecolor"], mec=paint["edgecolor"], mew=paint["linewidth"],
        ))  # fmt: skip
    drawn = {(colour, dashes) for colour, shapes, _, dashes in printed.base_layers(net) if len(shapes)}
    for key, line in _LINES.items():
        if line in drawn:
            colour, dashes = _COLOURS[line[0]], _DASHES[line[1]]
            handles.append(
                Line2D([], [], label=page_word(key, lang), color=colour, linestyle=dashes, linewidth=1.1)
            )
    figure.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, 0.018), frameon=False, fontsize=8,
        ncols=8 if figure.get_figwidth() > 8 else 4, handletextpad=0.4, columnspacing=1.4, labelspacing=0.25,
    )  # fmt: skip
    sources = "; ".join(payload.credit_lines(net))
    figure.text(0.012, 0.012, f"{page_word('figure.rows', lang)}   {sources}", fontsize=6, color="#555555")
