"""The sheet's pictures: the network in two states, and the seasons of a year; the same bytes every time."""

from __future__ import annotations

import base64
import calendar
import io
from dataclasses import dataclass
from math import cos, radians
from typing import TYPE_CHECKING

import pandas as pd

from amurgeo.maps import files, style
from amurgeo.network import OBLAST
from amurgeo.report.names import crossing_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Side of a map in inches as it is drawn; on paper it is about four fifths of that.
_SIDE_IN = 4.15
#: Share of width and height that is shown beyond the usual view, at every side.
_MARGIN = 0.07
#: Width of both halves of the year in inches, and the height of one row.
_YEAR_IN, _ROW_IN = 5.4, 0.165
#: Rows of the year at most.
_MOST_ROWS = 8


@dataclass(frozen=True)
class Year:
    """The seasons of a year: the names of its rows, and a picture without any text."""

    year: int
    rows: tuple[str, ...]
    picture: str


def map_picture(state: State, *, lang: str) -> str:
    """Draw the network in one state.

    Parameters
    ----------
    state
        The state.
    lang
        Language of the names; English where the machine has no font for it.

    Returns
    -------
    str
        A PNG as a ``data:`` address.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from amurgeo.figures import drawing
    from amurgeo.figures import panels as figures

    west, east, south, north = drawing.extent_of(state.net)
    # So small a map needs more room for the boxes of checkpoints near its edge.
    more_lon, more_lat = _MARGIN * (east - west), _MARGIN * (north - south)
    west, east, south, north = extent = (west - more_lon, east + more_lon, south - more_lat, north + more_lat)
    shape = (east - west) * cos(radians((south + north) / 2)) / (north - south)
    with figures._look(lang) as used:
        figure = Figure(figsize=(_SIDE_IN * shape, _SIDE_IN))
        renderer = FigureCanvasAgg(figure).get_renderer()
        axes = figure.add_axes((0.003, 0.003, 0.994, 0.994))
        drawing.draw_panel(drawing.Sheet(axes, renderer, used, extent), state.net, state)
        axes.set_title("", loc="left")
        return _png(figure, dpi=210)


def year_picture(net: Network, days: pd.DataFrame, *, year: int, lang: str) -> Year:
    """Draw when the oblast's own crossings work in a year; names and months are left to the page.

    Parameters
    ----------
    net
        The network.
    days
        A calendar as `amurgeo.calendar` returns it.
    year
        The year.
    lang
        Language of the names.
    """
    from amurgeo.figures.panels import calendar_figure

    checkpoint = net.base["crossings"]["checkpoint"]
    region = net.base["checkpoints"]["region"].reindex(checkpoint).set_axis(checkpoint.index)
    known = region[region == OBLAST].index if (region == OBLAST).any() else region.index
    working = days[(days["status"] != "closed") & (days["date"].dt.year == year)]
    rows = sorted(set(working["crossing"]) & set(known))[:_MOST_ROWS]
    if not rows:
        return Year(year, (), "")
    figure = calendar_figure(days[days["crossing"].isin(rows)], year=year, net=net)
    figure.set_size_inches(_YEAR_IN, _ROW_IN * len(rows))
    for text in list(figure.texts):
        text.remove()
    for at, axes in enumerate(figure.axes):
        axes.set_title("", loc="left")
        axes.tick_params(labelbottom=False, labelleft=False)
        axes.set_position((0.51 * at, 0.0, 0.49, 1.0))
    return Year(year, tuple(crossing_name(net, crossing, lang) for crossing in rows), _png(figure, dpi=220))


def months(year: int) -> list[tuple[int, int]]:
    """Return the months with their numbers of days, which are the widths of their columns."""
    return [(month, calendar.monthrange(year, month)[1]) for month in range(1, 13)]


def legend(net: Network, lang: str) -> list[dict[str, str]]:
    """Return the signs of the map: colour, corners and name of each mode of the oblast's crossings."""
    regions = net.base["checkpoints"]["region"].reindex(net.base["crossings"]["checkpoint"])
    modes = set(net.base["crossings"]["mode"].to_numpy()[(regions == OBLAST).to_numpy()])
    return [
        {
            "points": style.svg_points(look.shape),
            "colour": look.colour,
            "name": files.page_words()[f"short.{mode}"][lang],
        }
        for mode, look in style.MODES.items()
        if mode in modes
    ]


def sample() -> dict[str, str]:
    """Return the sign on which the legend explains open, limited and closed."""
    look = style.MODES["ferry"]
    return {"points": style.svg_points(look.shape), "colour": look.colour, "closed": style.CLOSED}


def _png(figure: Figure, *, dpi: int) -> str:
    from PIL import Image

    made, small = io.BytesIO(), io.BytesIO()
    figure.savefig(made, format="png", dpi=dpi, metadata={"Software": None}, facecolor="white")
    with Image.open(made) as picture:
        # A palette is a third of the bytes. The widest cover of colours keeps those of small signs, which the
        # median cut mixes into their surroundings.
        few = picture.convert("RGB").quantize(
            128, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        few.save(small, format="png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(small.getvalue()).decode("ascii")
