"""One map of a figure: ground, names, signs of the crossings, scale and legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, radians, sin
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.maps import files, payload, style
from amurgeo.maps.ground import layer
from amurgeo.network import OBLAST
from amurgeo.text import translate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Degrees within which checkpoints share one box.
GATHER = 0.35
#: Size of a mark in points.
MARK = 7.0
Extent = tuple[float, float, float, float]


@dataclass
class Sheet:
    """Axes to draw on, with what is needed to measure text and the boxes that are already taken."""

    axes: Axes
    renderer: Any
    lang: str
    extent: Extent
    taken: list[Any] = field(default_factory=list)

    def holds(self, box: Any) -> bool:
        """Tell whether a box lies inside the axes."""
        frame = self.axes.bbox
        return bool(frame.contains(box.x0, box.y0) and frame.contains(box.x1, box.y1))

    def free(self, box: Any) -> bool:
        """Tell whether a box runs into nothing that stands already."""
        return not any(box.overlaps(other) for other in self.taken)

    def crossed(self, start: tuple[float, float], box: Any) -> int:
        """Count the boxes that stand already on the way from a point to a box."""
        end = (min(max(start[0], box.x0), box.x1), min(max(start[1], box.y0), box.y1))
        steps = np.linspace(start, end, 9)[1:-1]
        return sum(any(other.contains(x, y) for x, y in steps) for other in self.taken)


def bold(lang: str) -> str:
    """Return the weight of headings; Chinese fonts often come without a bold cut."""
    return "normal" if lang == "zh" else "bold"


def extent_of(net: Network) -> Extent:
    """Return west, east, south and north of what a figure shows: the oblast's crossings."""
    (south, west), (north, east) = payload.view_bounds(net)
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    half_lat = (north - south) / 2 + 0.75
    half_lon = max((east - west) / 2 + 1.2, half_lat / cos(radians(middle_lat)) * 1.02)
    return middle_lon - half_lon, middle_lon + half_lon, middle_lat - half_lat, middle_lat + half_lat


def draw_panel(sheet: Sheet, net: Network, state: State) -> None:
    """Draw the network in one state."""
    axes = sheet.axes
    west, east, south, north = sheet.extent
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1.0 / cos(radians((south + north) / 2)), adjustable="box", anchor="N")
    axes.set_facecolor(style.LAND)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.apply_aspect()
    label = payload.label(state)[sheet.lang]
    day = files.long_date(state.on)[sheet.lang]
    axes.set_title(
        label if label == day else f"{label}, {day}", loc="left", fontsize=11, fontweight=bold(sheet.lang)
    )
    _ground(axes, net)
    _names(sheet, net)
    _signs(sheet, net, state)
    _scale(sheet)


def _ground(axes: Axes, net: Network) -> None:
    fills = {OBLAST: style.OWN_LAND, "heilongjiang": style.COUNTERPART_LAND}
    for regions in (layer(net, "land"), layer(net, "regions")):
        if regions is None:
            continue
        axes.set_facecolor(style.SEA)
        ordered = regions.sort_values("id")
        colours = [fills.get(id_, style.LAND) for id_ in ordered["id"]]
        _areas(axes, list(ordered.geometry), colours, edgecolors=style.REGION_EDGE, linewidths=0.4, zorder=1)
    rivers = layer(net, "rivers")
    if rivers is not None:
        _lines(axes, list(rivers.geometry), color=style.RIVER, linewidth=0.6, zorder=2)
    lakes = layer(net, "lakes")
    if lakes is not None:
        colours = [style.WATER] * len(lakes)
        _areas(axes, list(lakes.geometry), colours, edgecolors=style.RIVER, linewidths=0.3, zorder=2)
    border = layer(net, "border")
    if border is not None:
        _lines(axes, list(border.geometry), color=style.WATER, linewidth=3.0, zorder=2.1)
        _lines(axes, list(border.geometry), color=style.BORDER, linewidth=0.8, linestyle="-.", zorder=2.2)
    if len(net.railways):
        _lines(axes, list(net.railways.geometry), color=style.RAILWAY, linewidth=0.9, alpha=0.6, zorder=3)
    winter = net.roads["class"].isin(["winter", "ice"]) | (net.roads["season"].fillna("") != "")
    for kind, (width, zoom) in style.ROADS.items():
        mine = net.roads[(net.roads["class"] == kind) & ~winter]
        if len(mine) and zoom < 10:
            _lines(axes, list(mine.geometry), color=style.ROAD, linewidth=width * 0.55, zorder=4)
    if winter.any():
        _lines(
            axes,
            list(net.roads[winter].geometry),
            color=style.WINTER_ROAD,
            linewidth=1.0,
            linestyle="--",
            zorder=4,
        )


def _areas(axes: Axes, shapes: Sequence[Any], colours: Sequence[str], **look: Any) -> None:
    from matplotlib.collections import PolyCollection

    rings, fills = [], []
    for shape, colour in zip(shapes, colours, strict=True):
        for polygon in getattr(shape, "geoms", [shape]):
            rings.append(np.asarray(polygon.exterior.coords)[:, :2])
            fills.append(colour)
    # The extent is set: finding it from every ring would take most of the drawing's time.
    axes.add_collection(PolyCollection(rings, facecolors=fills, **look), autolim=False)


def _lines(axes: Axes, shapes: Sequence[Any], **look: Any) -> None:
    from matplotlib.collections import LineCollection

    parts = [
        np.asarray(part.coords)[:, :2]
        for shape in shapes
        for part in getattr(shape, "geoms", [shape])
        if not part.is_empty
    ]
    axes.add_collection(LineCollection(parts, **look), autolim=False)


def _halo(width: float = 2.0) -> list[Any]:
    from matplotlib import patheffects

    return [patheffects.withStroke(linewidth=width, foreground="white")]


def _names(sheet: Sheet, net: Network) -> None:
    """Name the places that find room, the most important first."""
    axes, lang = sheet.axes, sheet.lang
    west, east, south, north = sheet.extent
    for place in payload.places(net):
        lat, lon = place["at"]
        if place["zoom"] > 6.5 or not (west < lon < east and south < lat < north):
            continue
        city = place["look"] == "city"
        sides = (("left", 4), ("right", -4)) if place["country"] == "RU" else (("right", -4), ("left", 4))
        for align, shift in sides:
            text = axes.annotate(
                place["name"][lang],
                (lon, lat),
                xytext=(shift, 0),
                textcoords="offset points",
                ha=align,
                va="center",
                zorder=7,
                fontsize=8.5 if city else 7.0,
                fontweight=bold(lang) if city else "normal",
                path_effects=_halo(),
                annotation_clip=True,
            )
            box = text.get_window_extent(sheet.renderer)
            if sheet.free(box) and sheet.holds(box):
                sheet.taken.append(box)
                axes.plot(
                    lon,
                    lat,
                    marker="o",
                    markersize=3.2 if city else 2.2,
                    color=style.INK,
                    markeredgecolor="white",
                    markeredgewidth=0.5,
                    zorder=6,
                )
                break
            text.remove()


def _groups(net: Network, state: State) -> list[list[dict[str, Any]]]:
    """Gather the oblast's checkpoints in use; those too near each other share a box."""
    groups: list[list[dict[str, Any]]] = []
    for checkpoint in payload.checkpoints(net):
        mine = net.crossings[net.crossings["checkpoint"] == checkpoint["id"]]
        rows = {
            id_: part
            for id_ in mine.index
            if len(
                part := [
                    state.crossings.loc[key]
                    for key in ((id_, traffic) for traffic in payload.TRAFFICS)
                    if key in state.crossings.index
                ]
            )
        }
        used = {id_: part for id_, part in rows.items() if not all(payload.is_unused(row) for row in part)}
        if not checkpoint["own"] or not used:
            continue
        order = list(style.MODES)
        modes = sorted(
            used,
            key=lambda id_: (
                order.index(mine.at[id_, "mode"]) if mine.at[id_, "mode"] in order else len(order)
            ),
        )
        item = {**checkpoint, "crossings": [(mine.at[id_, "mode"], _best(used[id_])) for id_ in modes]}
        near = next(
            (
                group
                for group in groups
                if abs(group[0]["at"][0] - item["at"][0]) < GATHER
                and abs(group[0]["at"][1] - item["at"][1]) < GATHER
            ),
            None,
        )
        if near is None:
            groups.append([item])
        else:
            near.append(item)
    return groups


def _best(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(row.name[1]): str(row["status"]) for row in rows}  # type: ignore[attr-defined]


#: Where a box may stand as seen from its point, the best first.
_DIRECTIONS = tuple(
    (cos(radians(angle)), sin(radians(angle)))
    for angle in (0, 180, -25, 25, -155, 155, -50, 50, -130, 130, -75, 75, -105, 105)
)


def _signs(sheet: Sheet, net: Network, state: State) -> None:
    """Put a box per group: a row per checkpoint, a column of marks for cargo and one for passengers."""
    from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea, VPacker

    axes, lang = sheet.axes, sheet.lang
    groups = _groups(net, state)
    points = [axes.transData.transform((item["at"][1], item["at"][0])) for group in groups for item in group]
    for group in groups:
        rows: list[Any] = []
        for item in group:
            parts: list[Any] = [
                TextArea(item["name"][lang], textprops={"fontsize": 7.5, "fontweight": bold(lang)})
            ]
            parts += [_mark(mode, statuses) for mode, statuses in item["crossings"]]
            rows.append(HPacker(children=parts, align="center", pad=0, sep=3))
        content = VPacker(children=rows, align="right", pad=0, sep=2)
        lat, lon = group[0]["at"]
        best: tuple[float, AnnotationBbox, Any] | None = None
        for distance in (16.0, 30.0, 48.0, 70.0, 95.0):
            for x, y in _DIRECTIONS:
                box = AnnotationBbox(
                    content,
                    (lon, lat),
                    xybox=(x * distance, y * distance),
                    boxcoords="offset points",
                    box_alignment=(0.0 if x > 0 else 1.0, 0.5),
                    pad=0.25,
                    zorder=9,
                    arrowprops={
                        "arrowstyle": "-",
                        "linewidth": 0.8,
                        "color": style.INK,
                        "shrinkA": 0,
                        "shrinkB": 0,
                    },
                    bboxprops={
                        "boxstyle": "round,pad=0.25,rounding_size=0.3",
                        "edgecolor": style.INK,
                        "facecolor": "white",
                        "linewidth": 0.7,
                    },
                )
                axes.add_artist(box)
                box.update_positions(sheet.renderer)
                bounds = box.patch.get_window_extent(sheet.renderer)
                cost = (
                    distance
                    + sum(400.0 for other in sheet.taken if bounds.overlaps(other))
                    + sum(150.0 for point in points if bounds.contains(*point))
                    + 150.0 * sheet.crossed(tuple(axes.transData.transform((lon, lat))), bounds)
                )
                cost += 0.0 if sheet.holds(bounds) else 2000.0
                box.remove()
                if best is None or cost < best[0]:
                    best = (cost, box, bounds)
        if best is not None:
            axes.add_artist(best[1])
            sheet.taken.append(best[2])
        for item in group:
            axes.plot(
                item["at"][1],
                item["at"][0],
                marker="o",
                markersize=3.4,
                color="white",
                markeredgecolor=style.INK,
                markeredgewidth=0.9,
                zorder=8,
            )


def _mark(mode: str, statuses: Mapping[str, str]) -> Any:
    """Draw the mark of a crossing twice where both are carried: cargo above, passengers below."""
    from matplotlib.offsetbox import DrawingArea
    from matplotlib.patches import Polygon

    area = DrawingArea(MARK * 1.2, MARK * 2.5)
    look = style.mode_style(mode)
    for at, traffic in enumerate(payload.TRAFFICS):
        status = statuses.get(traffic)
        if status is None:
            continue
        middle = (MARK * 0.6, MARK * (1.85 - 1.25 * at))
        corners = [(middle[0] + x * MARK * 0.5, middle[1] + y * MARK * 0.5) for x, y in look.shape]
        area.add_artist(Polygon(corners, closed=True, **_paint(look.colour, status)))
    return area


def _paint(colour: str, status: str) -> dict[str, Any]:
    if status == "open":
        return {"facecolor": colour, "edgecolor": style.INK, "linewidth": 0.5}
    if status == "limited":
        from matplotlib.colors import to_rgba

        return {
            "facecolor": to_rgba(colour, 0.3),
            "edgecolor": colour,
            "linewidth": 1.0,
            "linestyle": (0, (2.0, 1.2)),
        }
    return {"facecolor": "white", "edgecolor": style.CLOSED, "linewidth": 0.8}


def _scale(sheet: Sheet) -> None:
    axes, lang = sheet.axes, sheet.lang
    west, east, south, north = sheet.extent
    km = 100
    # One degree of longitude is 111.32 km times the cosine of the latitude.
    width = km / (111.32 * cos(radians((south + north) / 2)))
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.03
    axes.plot([x, x + width], [y, y], color=style.INK, linewidth=2.2, solid_capstyle="butt", zorder=10)
    axes.text(
        x,
        y + (north - south) * 0.012,
        files.fill("figure.scale", km=km)[lang],
        fontsize=7,
        zorder=10,
        path_effects=_halo(),
    )


def draw_legend(figure: Figure, net: Network, lang: str) -> None:
    """Explain the signs below the maps, and name the sources."""
    from matplotlib.lines import Line2D
    from matplotlib.path import Path as Shape

    regions = net.checkpoints["region"]
    own = (
        net.crossings[(regions.reindex(net.crossings["checkpoint"]) == OBLAST).to_numpy()]
        if (regions == OBLAST).any()
        else net.crossings
    )
    modes = [mode for mode in style.MODES if (own["mode"] == mode).any()]

    def handle(shape: style.Points, label: str, paint: Mapping[str, Any]) -> Line2D:
        return Line2D(
            [],
            [],
            linestyle="none",
            marker=Shape(np.array(shape), closed=False),
            markersize=8,
            label=label,
            markerfacecolor=paint["facecolor"],
            markeredgecolor=paint["edgecolor"],
            markeredgewidth=paint["linewidth"],
        )

    handles = [
        handle(
            style.MODES[mode].shape,
            files.page_words()[f"short.{mode}"][lang],
            _paint(style.MODES[mode].colour, "open"),
        )
        for mode in modes
    ]
    sample = style.MODES["ferry"]
    handles += [
        handle(sample.shape, translate(f"status.{status}", lang), _paint(sample.colour, status))
        for status in ("open", "limited", "closed")
    ]
    handles.append(
        Line2D([], [], color=style.ROAD, linewidth=1.3, label=files.page_words()["layer.roads"][lang])
    )
    handles.append(
        Line2D(
            [],
            [],
            color=style.WINTER_ROAD,
            linewidth=1.2,
            linestyle="--",
            label=files.page_words()["layer.winter"][lang],
        )
    )
    handles.append(
        Line2D(
            [],
            [],
            color=style.RAILWAY,
            alpha=0.6,
            linewidth=1.0,
            label=files.page_words()["layer.rails"][lang],
        )
    )
    handles.append(
        Line2D(
            [],
            [],
            color=style.BORDER,
            linewidth=0.9,
            linestyle="-.",
            label=files.page_words()["layer.border"][lang],
        )
    )
    columns = 7 if figure.get_figwidth() > 8 else 5
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.028),
        ncols=columns,
        frameon=False,
        fontsize=8,
        handletextpad=0.4,
        columnspacing=1.4,
    )
    words = files.page_words()
    sources = "; ".join(words[f"source.{key}"][lang] for key in ("osm", "ne", "geonames", "gshhg"))
    figure.text(
        0.012,
        0.012,
        f"{words['figure.rows'][lang]}   {sources}",
        fontsize=6,
        color="#555555",
    )
