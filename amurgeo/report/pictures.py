"""Pictures of the report: the network in a state, and the calendar of a year; output is reproducible."""

from __future__ import annotations

import base64
import io
from math import cos, radians
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from amurgeo.figures import drawing
from amurgeo.figures.panels import calendar_figure, figure_style
from amurgeo.maps import payload, style
from amurgeo.network import crossing_name
from amurgeo.text import page_words

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Height of a map in inches as drawn; it is printed at about four fifths of that.
_MAP_IN = 4.15
#: Share of width and height that is added to the usual extent on every side.
_MARGIN = 0.07
#: Width of the calendar and height of a row in inches.
_YEAR_IN, _ROW_IN = 5.4, 0.165
_MAX_ROWS = 8


def map_picture(state: State, *, lang: str) -> str:
    """Draw the network in one state; return a PNG as a ``data:`` address."""
    west, east, south, north = drawing.extent_of(state.net)
    # A small map needs more room for the boxes of checkpoints near its edge.
    more_lon, more_lat = _MARGIN * (east - west), _MARGIN * (north - south)
    west, east, south, north = extent = (west - more_lon, east + more_lon, south - more_lat, north + more_lat)
    shape = (east - west) * cos(radians((south + north) / 2)) / (north - south)
    with figure_style(lang) as lang_used:
        figure = Figure(figsize=(_MAP_IN * shape, _MAP_IN))
        renderer = FigureCanvasAgg(figure).get_renderer()
        axes = figure.add_axes((0.003, 0.003, 0.994, 0.994))
        drawing.draw_panel(drawing.Panel(axes, renderer, lang_used, extent), state.net, state)
        axes.set_title("", loc="left")
        return _png(figure, dpi=210)


def year_picture(net: Network, days: pd.DataFrame, *, year: int, lang: str) -> tuple[list[str], str]:
    """Draw the calendar of the home crossings without text; return the names of its rows and the PNG."""
    used = days.loc[(days["status"] != "closed") & (days["date"].dt.year == year), "crossing"]
    rows = sorted(set(used) & set(payload.home_crossings(net)))[:_MAX_ROWS]
    if not rows:
        return [], ""
    figure = calendar_figure(days[days["crossing"].isin(rows)], year=year, net=net)
    figure.set_size_inches(_YEAR_IN, _ROW_IN * len(rows))
    for text in list(figure.texts):
        text.remove()
    for position, axes in enumerate(figure.axes):
        axes.set_title("", loc="left")
        axes.tick_params(labelbottom=False, labelleft=False)
        axes.set_position((0.51 * position, 0.0, 0.49, 1.0))
    return [crossing_name(net, crossing, lang) for crossing in rows], _png(figure, dpi=220)


def legend(net: Network, lang: str) -> list[dict[str, str]]:
    """Return SVG points, colour and name of each mode of the home crossings."""
    modes = set(net.crossings.loc[payload.home_crossings(net), "mode"])
    return [
        {
            "points": style.svg_points(look.shape),
            "colour": look.colour,
            "name": page_words()[f"short.{mode}"][lang],
        }
        for mode, look in style.MODES.items()
        if mode in modes
    ]


def _png(figure: Figure, *, dpi: int) -> str:
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=dpi, metadata={"Software": None}, facecolor="white")
    with Image.open(full) as picture:
        # A palette takes a third of the bytes. Maximum coverage keeps the colours of small signs, which a
        # median cut would lose; k-means moves the other colours to those of the large areas.
        palette = picture.convert("RGB").quantize(
            128, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
        )
        palette.save(small, format="png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(small.getvalue()).decode("ascii")
