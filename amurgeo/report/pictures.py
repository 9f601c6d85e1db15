"""Pictures of the report as SVG: the network in a state, and the calendar of a year; reproducible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import replace
from html import escape
from itertools import product
from math import ceil, cos, floor, log10, radians
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from amurgeo.figures.printed import (
    TRAFFICS,
    Boxes,
    Groups,
    bars_of_days,
    base_layers,
    border_stroke,
    nearest,
    sign_groups,
)
from amurgeo.flows.capacity import WORTH
from amurgeo.maps import basemap, style
from amurgeo.network import crossing_name
from amurgeo.network.tables import cached
from amurgeo.seasons.daily import year_days
from amurgeo.seasons.evaluation import evaluate, services_of
from amurgeo.text import day_text, fill_placeholders, heading, number_text, page_words

if TYPE_CHECKING:
    import pandas as pd

    from amurgeo.flows import Queues
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Width and height of a map in tenths of a millimetre as printed.
WIDTH, HEIGHT = 880.0, 870.0
#: Tenths of a millimetre in a point.
_POINT = 3.5
#: Share of the extent of the home crossings that is added on every side.
_MARGIN = 0.22
#: Heights of text and of a sign.
_TEXT, _NAME, _SIGN = 24.0, 30.0, 21.0
#: Width of a letter as a share of its height, on the safe side of the usual fonts.
_LETTER, _BOLD = 0.6, 1.08
#: Looks of dashed lines.
_DASHES = {"border": "12 4 3 4", "schematic": "8 5", "winter": "9 5"}
#: Rows of a calendar at most, and the height of a row.
_MAX_ROWS, _ROW = 8, 10
_COLOURS = style.COLOURS
#: Colours and dashes of the routes of the base and of the alternative, which differ in grey.
_PROFILES = (("#6a6a64", "14 8"), ("#0b4a6f", "none"))


def map_picture(state: State, *, lang: str) -> str:
    """Draw the network in one state as SVG; the counterpart of every checkpoint in use is named."""
    groups = sign_groups(state.net, state)
    key = ("report map", lang, *sorted(item["id"] for group in groups for item in group))
    ground, below, names = cached(state.net, key, lambda: _ground(state.net, groups, lang))
    drawn = copy(ground)
    drawn.boxes = deepcopy(ground.boxes)
    lines, signs = _signs(drawn, groups, lang)
    edge = {"fill": "none", "stroke": _COLOURS["ink"], "stroke_width": 3}
    frame = _tag("rect", width=f"{WIDTH:g}", height=f"{HEIGHT:g}", **edge)
    return _svg("map", WIDTH, HEIGHT, [*below, *lines, *names, *signs, frame], stroke_linejoin="round")


def _ground(net: Network, groups: Groups, lang: str) -> tuple[_Map, list[str], list[str]]:
    """Return what two maps share: the map with what is taken, the base map, and the names."""
    drawn = _Map(net)
    dots = [drawn.at(item["at"]) for group in groups for item in group]
    drawn.boxes.taken += [(x - 9, y - 9, x + 9, y + 9) for x, y in dots]
    checkpoints = [item["id"] for group in groups for item in group]
    far = set(net.base["checkpoints"].loc[checkpoints, "counterpart"])
    return drawn, _base_map(drawn, net), _names(drawn, net, lang, far)


class _Map:
    """A map in work: its projection, and the boxes that are taken."""

    def __init__(self, net: Network) -> None:
        (south, west), (north, east) = basemap.view_bounds(net)
        lat, lon = (south + north) / 2, (west + east) / 2
        self.narrow = cos(radians(lat))
        wide, high = max((east - west) * self.narrow, 1.0), max(north - south, 1.0)
        #: Tenths of a millimetre in a degree of latitude.
        self.scale = min(WIDTH / wide, HEIGHT / high) / (1 + 2 * _MARGIN)
        self.middle = np.array([lon, lat])
        self.boxes = Boxes((4.0, 4.0, WIDTH - 4.0, HEIGHT - 4.0), _POINT)

    def points(self, coordinates: np.ndarray) -> np.ndarray:
        """Return longitudes and latitudes as places on the map."""
        moves = (coordinates - self.middle) * (self.scale * self.narrow, -self.scale)
        return np.asarray(moves + np.array([WIDTH / 2, HEIGHT / 2]))

    def at(self, place: Sequence[float]) -> tuple[float, float]:
        """Return latitude and longitude as a place on the map."""
        x, y = self.points(np.array([place[::-1]]))[0]
        return float(x), float(y)

    def path(self, shapes: Iterable[Any], **look: Any) -> str:
        """Return the part of lines or areas that the map shows."""
        found = shapely.transform(shapely.force_2d(np.array(list(shapes), dtype=object)), self.points)
        found = shapely.simplify(shapely.clip_by_rect(found, -9, -9, WIDTH + 9, HEIGHT + 9), 0.8)
        found = shapely.get_parts(found)
        is_area = shapely.get_type_id(found) == shapely.GeometryType.POLYGON
        lines = [*shapely.get_rings(found[is_area]), *found[~is_area]]
        steps = [np.rint(shapely.get_coordinates(line)).astype(int) for line in lines]
        texts = ["M" + " ".join(f"{x} {y}" for x, y in line) for line in steps if len(line) > 1]
        return _tag("path", d="".join(texts), **{"fill": "none", **look}) if texts else ""


def _tag(name: str, /, **attributes: Any) -> str:
    """Return an SVG element with its `content`; numbers are rounded to a hundredth."""
    content, texts = attributes.pop("content", None), [f"<{name}"]
    for key, value in attributes.items():
        shown = round(value, 2) if isinstance(value, float) else value
        texts.append(f'{key.replace("_", "-")}="{shown}"')
    return " ".join(texts) + ("/>" if content is None else f">{content}</{name}>")


def _svg(name: str, width: float, height: float, parts: Iterable[str], **look: Any) -> str:
    """Return a picture, perhaps of a class, in a box of so many units."""
    box = {
        **({"class": name} if name else {}),
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {width:g} {height:g}",
    }
    return _tag("svg", **box, **look, font_size=f"{_TEXT:g}", content="".join(parts))


def _width(text: str, size: float) -> float:
    """Return the width of a text, estimated."""
    return sum(size * (1.0 if char >= "\u2e80" else _LETTER) for char in text)


def _text(text: str, x: float, y: float, size: float, **look: Any) -> str:
    """Return a text whose middle is at a height, with a white edge."""
    at = {"x": x, "y": y + 0.36 * size, **({} if size == _TEXT else {"font_size": size}), **look}
    edge = {"stroke": "#fff", "stroke_width": 7, "fill": "#fff"}
    return "".join(_tag("text", content=escape(text), **at, **more) for more in (edge, {}))


def _base_map(drawn: _Map, net: Network) -> list[str]:
    layers = list(base_layers(net))
    has_land = any(colour in ("land", "own", "counterpart") for colour, *_ in layers)
    ground = _COLOURS["sea" if has_land else "land"]
    parts = [_tag("rect", width=WIDTH, height=HEIGHT, fill=ground)]
    for colour, shapes, width, dashes in layers:
        if width:
            look = {"stroke": _COLOURS[colour], "stroke_width": _POINT * width}
            look |= {"stroke_dasharray": _DASHES[dashes]} if dashes else {}
        else:
            look = {"fill": _COLOURS[colour]}
            look |= {} if "water" in colour else {"stroke": _COLOURS["region_edge"], "stroke_width": 1.5}
        parts.append(drawn.path(shapes, **look))
    length = 100 / 111.32 * drawn.scale
    drawn.boxes.taken.append((20, HEIGHT - 60, 40 + length, HEIGHT))
    ink = {"stroke": _COLOURS["ink"], "stroke_width": 6}
    parts.append(_tag("path", d=f"M25 {HEIGHT - 22:g}h{length:.0f}", **ink))
    return parts


def _names(drawn: _Map, net: Network, lang: str, places: Collection[str]) -> list[str]:
    """Return the names of places that fit, most important first."""
    parts = [_text(fill_placeholders("figure.scale", km=100)[lang], 25, HEIGHT - 44, _TEXT)]
    for place in basemap.place_records(net, always=places):
        x, y = drawn.at(place["at"])
        if place["zoom"] > 6.5 or not (0 < x < WIDTH and 0 < y < HEIGHT):
            continue
        city = place["look"] == "city" and place["population"] > 100_000
        size, wide, weight = (_NAME, _BOLD, {"font_weight": "bold"}) if city else (_TEXT, 1, {})
        width = _width(place["name"][lang], size) * wide
        sides = [("start", 11.0), ("end", -11.0)][:: 1 if place["side"] == "home" else -1]
        for dy, (anchor, dx) in product((0.0, -0.8 * size, 0.8 * size), sides):
            left = x + dx if anchor == "start" else x + dx - width
            box = (left, y + dy - size / 2, left + width, y + dy + size / 2)
            if drawn.boxes.fits(box):
                drawn.boxes.taken += [box, (x - 5, y - 5, x + 5, y + 5)]
                parts.append(_text(place["name"][lang], x + dx, y + dy, size, text_anchor=anchor, **weight))
                parts.append(_tag("circle", cx=x, cy=y, r=6.0 if city else 4.5, fill=_COLOURS["ink"]))
                break
    return parts


def _signs(drawn: _Map, groups: Groups, lang: str) -> tuple[list[str], list[str]]:
    """Return a line and a box per group of checkpoints: cargo signs above passenger signs."""
    dots = [drawn.at(item["at"]) for group in groups for item in group]
    row, lines, boxes = 2 * _SIGN + 8, [], []
    for group in groups:
        names = [item["name"][lang] for item in group]
        left = max(_width(name, _TEXT) * _BOLD for name in names) + 14
        width = left + max(len(item["signs"]) for item in group) * (_SIGN + 6) + 6
        height = row * len(group) + 6
        start = drawn.at(group[0]["at"])
        box, _ = drawn.boxes.place(start, width, height, dots)
        drawn.boxes.taken.append(box)
        x, y = nearest(start, box)
        ink = _COLOURS["ink"]
        line = f"M{start[0]:.0f} {start[1]:.0f}L{x:.0f} {y:.0f}"
        lines.append(_tag("path", d=line, stroke="#fff", stroke_width=7))
        lines.append(_tag("path", d=line, stroke=ink, stroke_width=2.5, stroke_dasharray="2 5"))
        shape = {"x": box[0], "y": box[1], "width": width, "height": height, "rx": 7}
        boxes.append(_tag("rect", **shape, fill="#fff", stroke=ink, stroke_width=2))
        for number, item in enumerate(group):
            middle = box[1] + 3 + row * (number + 0.5)
            bold = {"text_anchor": "end", "font_weight": "bold"}
            boxes.append(_text(item["name"][lang], box[0] + left - 8, middle, _TEXT, **bold))
            for place, (mode, statuses) in enumerate(item["signs"]):
                x = box[0] + left + place * (_SIGN + 6) + _SIGN / 2
                for line_, traffic in enumerate(TRAFFICS):
                    if traffic in statuses:
                        y = middle + (line_ - 0.5) * (_SIGN + 3)
                        boxes.append(_sign(mode, statuses[traffic], x, y))
    marks = [
        _tag("circle", cx=x, cy=y, r=7, fill="#fff", stroke=_COLOURS["ink"], stroke_width=3) for x, y in dots
    ]
    return lines, [*marks, *boxes]


def _sign(mode: str, status: str, x: float, y: float) -> str:
    """Return the sign of a service: filled is open, pale and dashed limited, hollow closed."""
    look, half = style.mode_style(mode), _SIGN / 2
    points = " ".join(f"{x + half * dx:.1f},{y - half * dy:.1f}" for dx, dy in look.shape)
    paint: dict[str, dict[str, Any]] = {
        "open": {"fill": look.colour, "stroke": _COLOURS["ink"], "stroke_width": 1.5},
        "limited": {"fill": "#fff", "stroke": look.colour, "stroke_width": 4, "stroke_dasharray": "6 4"},
        "unknown": {"fill": _COLOURS["unknown"], "stroke": _COLOURS["closed"], "stroke_dasharray": "2 3"},
    }
    closed = {"fill": "#fff", "stroke": _COLOURS["closed"], "stroke_width": 3}
    return _tag("polygon", points=points, **paint.get(status, closed))


def profile_picture(profiles: Mapping[str, pd.DataFrame], value: str, *, lang: str) -> str:
    """Draw hours or costs (a column) of routes against distance as SVG, each with its letter at the end.

    Wait and control are thick strokes, with their range beside the hours; costs are dotted from the first
    missing rate on.
    """
    wide, high, left, foot, top = 880.0, 270.0, 110.0, 40.0, 20.0
    borders = {
        letter: _border_strokes(frame) if value == "hours" else [] for letter, frame in profiles.items()
    }
    most = [max([1.0, *(frame[name].max() for frame in profiles.values())]) for name in ("length_km", value)]
    most[1] = max([most[1], *(span[1] for strokes in borders.values() for _, _, span in strokes)])
    steps = ((wide - left - 84.0) / most[0], (high - foot - top) / most[1])

    def at(km: float, amount: float) -> tuple[float, float]:
        return left + km * steps[0], high - foot - amount * steps[1]

    def line(points: Sequence[tuple[float, float]], colour: str, width: float, dash: str = "none") -> str:
        path = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
        look = {"stroke": colour, "stroke_width": width, "stroke_dasharray": dash}
        return _tag("path", d=path, fill="none", **look)

    parts: list[str] = []
    ends: dict[tuple[float, ...], list[str]] = {}
    for km in _ticks(most[0]):
        parts.append(line([at(km, 0.0), (at(km, 0.0)[0], top)], "#ddd", 1.5))
        text = number_text(km, lang, digits=0)
        parts.append(_text(text, at(km, 0.0)[0], high - foot + 24, _TEXT, text_anchor="middle"))
    parts.append(_text(heading("length_km", lang), wide - 4, high - foot + 24, _TEXT, text_anchor="end"))
    for amount in _ticks(most[1]):
        x, y = at(0.0, amount)
        parts.append(line([(x, y), (wide - 84, y)], "#ddd", 1.5))
        parts.append(_text(number_text(amount, lang, digits=0), x - 12, y, _TEXT, text_anchor="end"))
    for (letter, frame), (colour, dash) in zip(profiles.items(), _PROFILES, strict=False):
        points = [at(0.0, 0.0), *(at(*row) for row in frame[["length_km", value]].to_numpy())]
        unknown = ~frame["cost_complete"].to_numpy(dtype=bool) & (value == "cost")
        known = int(unknown.argmax()) if unknown.any() else len(frame)
        parts.append(line(points[: known + 1], colour, 5, dash))
        parts.append(line(points[known:], colour, 5, "3 7"))
        for km, *spans in borders[letter]:
            for span, width in zip(spans, (14, 3), strict=True):
                parts.append(line([at(km, end) for end in span], colour, width))
        ends.setdefault(tuple(np.rint(points[-1])), []).append(letter)
    parts += [_text(", ".join(names), x + 10, y, _NAME, font_weight="bold") for (x, y), names in ends.items()]
    return _svg("tcd", wide, high, parts)


def _border_strokes(frame: pd.DataFrame) -> list[tuple[float, tuple[float, float], tuple[float, float]]]:
    """Return where a route crosses the border, from and to which hour, and between which hours it is over."""
    strokes = []
    for _, here in frame[frame["crossing"].notna()].groupby("crossing", sort=False):
        km, start, end, below, above = border_stroke(here)
        strokes.append((km, (start, end), (end - below, end + above)))
    return strokes


def _ticks(most: float) -> list[float]:
    """Return three to seven round numbers from 0 up to a maximum."""
    power = 10.0 ** floor(log10(most / 3.0))
    step = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= most / 3.0)
    return [step * number for number in range(int(most / step) + 1)]


def year_picture(state: State, *, lang: str) -> tuple[list[str], list[str]]:
    """Draw the year of a state without text; return the rows' names, and an SVG per traffic."""
    home, days = set(basemap.home_crossings(state.net)), year_days(state.on.year)
    services = [service for key, service in services_of(state.net).items() if key[0] in home]
    # A regime is a day; its year is that of its world.
    found = evaluate(state.net, replace(state.scenario, day=None, regime=None), days, services)
    opened = [out for out in found if (out.status != "closed").any()]
    rows = sorted({out.service.crossing for out in opened})[:_MAX_ROWS]
    pictures = []
    for traffic in TRAFFICS:
        lines = "".join(f"M0 {_ROW * (row + 0.5):g}H{len(days)}" for row in range(len(rows)))
        bars = [_tag("path", d=lines, stroke="#ccc", stroke_width=0.6)]
        for out in opened:
            crossing = out.service.crossing
            if out.service.traffic != traffic or crossing not in rows:
                continue
            top = rows.index(crossing) * _ROW + 1.5
            for start, end, status, colour, opacity in bars_of_days(crossing, out.status, out.chance):
                shape = {"x": start, "y": top, "width": end - start, "height": _ROW - 3}
                bars.append(_tag("rect", **shape, fill=colour, fill_opacity=opacity))
                if status in ("limited", "unknown"):
                    bars.append(_tag("rect", **shape, fill="url(#hatch)"))
        pictures.append(_svg("", len(days), _ROW * len(rows), bars, preserveAspectRatio="none"))
    return [crossing_name(state.net, crossing, lang) for crossing in rows], pictures


def backlog_picture(queues: Queues, *, lang: str, width: float = 1820.0, height: float = 300.0) -> str:
    """Draw the trucks that wait at home by day as SVG, the base dashed; nothing if there are hardly any."""
    if queues.backlog["queue"].max() < WORTH:
        return ""
    frames = [rows["queue"].to_numpy() for _, rows in queues.backlog.groupby("scenario", sort=False)]
    dates, most = queues.backlog["date"].to_numpy()[: len(frames[0])], max(1.0, *map(np.max, frames))
    step = next(x for x in (n * 10**k for k in range(9) for n in (1, 2, 5)) if most <= 4 * x)
    left, low, wide = 3.2 * _TEXT, height - 1.6 * _TEXT, (width - 3.2 * _TEXT) / len(frames[0])
    scale = (low - 0.8 * _TEXT) / (step * ceil(most / step))
    parts = []
    for value in range(0, step * ceil(most / step) + 1, step):
        y = low - scale * value
        parts.append(_tag("path", d=f"M{left:.0f} {y:.1f}H{width:.0f}", stroke="#ccc", stroke_width=1.5))
        text = number_text(value, lang, digits=0)
        parts.append(_text(text, left - 8, y, _TEXT, text_anchor="end"))
    for at in range(0, len(dates) - floor(2.5 * _TEXT / wide), max(1, ceil(4.5 * _TEXT / wide))):
        day = day_text(dates[at].astype("datetime64[D]").item(), lang)
        text = day[:5] if lang == "ru" else day[5:]
        parts.append(_text(text, left + wide * at, low + 0.8 * _TEXT, _TEXT))
    dashes = ("14 8", None, "4 5", "14 5 4 5") if len(frames) > 1 else (None,)
    for number, (queue, dash) in enumerate(zip(frames, dashes, strict=False)):
        steps = [
            f"L{left + wide * (i + k):.1f} {low - scale * q:.1f}" for i, q in enumerate(queue) for k in (0, 1)
        ]
        line = f"M{left:.1f} {low:.1f}{''.join(steps)}L{width:.1f} {low:.1f}"
        fill = "#cfe3e8" if number == min(1, len(frames) - 1) else "none"
        more = {} if dash is None else {"stroke_dasharray": dash}
        parts.append(_tag("path", d=line, fill=fill, stroke=_COLOURS["ink"], stroke_width=2.5, **more))
    parts = sorted(parts, key=lambda part: 'fill="#cfe3e8"' not in part)
    return _svg("backlog", width, height, parts)


def legend(net: Network, lang: str) -> list[dict[str, str]]:
    """Return SVG points, colour and name of each mode of the home crossings."""
    looks = {page_words()[f"short.{mode}"][lang]: style.MODES[mode] for mode in basemap.home_modes(net)}
    return [
        {"points": style.svg_points(look.shape), "colour": look.colour, "name": name}
        for name, look in looks.items()
    ]
