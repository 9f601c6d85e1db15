"""Colours, shapes, line styles and asset files, shared by the map pages, the figures and the report.

The colours follow Okabe and Ito and stay distinct under the common forms of colour blindness. Each mode also
has a shape. Open is filled, limited is pale with a dashed edge, closed is hollow and grey.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin
from pathlib import Path
from typing import Any

from amurgeo.text import page_words, words

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ModeStyle:
    """Fill of an open crossing, and corners of its sign in a square from -1 to 1, y upwards."""

    colour: str
    shape: Points


def _polygon(corners: int, *, turn: float = 0.0, radius: float = 1.0) -> Points:
    angles = (pi * (0.5 + turn) + 2.0 * pi * corner / corners for corner in range(corners))
    return tuple((round(radius * cos(angle), 3), round(radius * sin(angle), 3)) for angle in angles)


_SQUARE: Points = ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85))
_FLAT: Points = ((-1.0, -0.5), (1.0, -0.5), (1.0, 0.5), (-1.0, 0.5))
_UP: Points = ((-1.0, -0.85), (1.0, -0.85), (0.0, 1.0))
_DOWN: Points = ((-1.0, 0.85), (0.0, -1.0), (1.0, 0.85))
_PLUS: Points = (
    *((-0.35, -1.0), (0.35, -1.0), (0.35, -0.35), (1.0, -0.35), (1.0, 0.35), (0.35, 0.35)),
    *((0.35, 1.0), (-0.35, 1.0), (-0.35, 0.35), (-1.0, 0.35), (-1.0, -0.35), (-0.35, -0.35)),
)

#: Modes in the order of the legends.
MODES: dict[str, ModeStyle] = {
    "bridge": ModeStyle("#000000", _SQUARE),
    "ferry": ModeStyle("#0072b2", _polygon(24, radius=0.95)),
    "hovercraft": ModeStyle("#cc79a7", _UP),
    "pontoon": ModeStyle("#d55e00", _polygon(4)),
    "ice_road": ModeStyle("#56b4e9", _polygon(6, turn=1 / 6)),
    "cableway": ModeStyle("#009e73", _DOWN),
    "road": ModeStyle("#4a4a4a", _FLAT),
    "rail": ModeStyle("#4a4a4a", _PLUS),
}
#: Style of every other mode.
OTHER_MODE = ModeStyle("#4a4a4a", _polygon(5))

COLOURS = {
    "closed": "#8a8a8a",
    "unknown": "#cfcfcf",
    "changed": "#f0e442",
    "border": "#7b3f98",
    "winter_road": "#009e73",
    "road": "#6b6b6b",
    "street": "#8d8d8d",
    "railway": "#333333",
    "river": "#7fb6d9",
    "water": "#a9cfe6",
    "pale_water": "#d3e6f1",
    "land": "#f6f4ec",
    "own": "#eef3e2",
    "counterpart": "#fbeedd",
    "sea": "#dcebf3",
    "outside": "#e6e6e3",
    "region_edge": "#a99f8f",
    "ink": "#1f1f1f",
}

#: Colour and dash pattern of route alternatives, best first; the dashes differ in greyscale as well.
ROUTES: tuple[tuple[str, str], ...] = (
    ("#b2182b", ""),
    ("#0072b2", "10 5"),
    ("#e69f00", "3 5"),
    ("#7b3f98", "12 4 3 4"),
    ("#009e73", "6 6"),
    ("#4a4a4a", "2 6"),
)

#: Line width in pixels by class of road, and the zoom from which it is drawn.
ROADS: dict[str, tuple[float, float]] = {
    "motorway": (2.4, 0),
    "trunk": (2.2, 0),
    "primary": (1.7, 0),
    "secondary": (1.2, 6.5),
    "street": (1.0, 10),
    "winter": (1.6, 0),
    "ice": (1.6, 0),
}


def mode_style(mode: str) -> ModeStyle:
    """Return the style of a mode."""
    return MODES.get(mode, OTHER_MODE)


def as_json() -> dict[str, Any]:
    """Return the styles as the page scripts read them, with shapes as SVG points in a box of 24 units."""
    return {
        "modes": {
            mode: {"colour": style.colour, "points": svg_points(style.shape), "rank": rank}
            for rank, (mode, style) in enumerate({**MODES, "other": OTHER_MODE}.items())
        },
        "roads": {name: {"weight": weight, "zoom": zoom} for name, (weight, zoom) in ROADS.items()},
        "routes": [{"colour": colour, "dash": dash} for colour, dash in ROUTES],
        "colours": COLOURS,
    }


def svg_points(shape: Points, *, size: float = 24.0, margin: float = 3.0) -> str:
    """Return the ``points`` of an SVG polygon in a square box.

    >>> svg_points(((-1.0, -1.0), (1.0, -1.0), (0.0, 1.0)))
    '3,21 21,21 12,3'
    """
    half, scale = size / 2.0, size / 2.0 - margin
    return " ".join(f"{round(half + scale * x, 2):g},{round(half - scale * y, 2):g}" for x, y in shape)


FOLDER = Path(__file__).with_name("assets")
#: Groups of the package's words that the pages use.
_SHARED_WORDS = ("mode", "status", "reason", "traffic", "evidence", "confidence", "limited", "change",
                 "because", "act", "refuse")  # fmt: skip


@cache
def asset(name: str) -> str:
    """Return a script or style sheet that is safe inside its element."""
    return re.sub(r"</(script|style)", r"<\\/\1", (FOLDER / name).read_text("utf-8"), flags=re.IGNORECASE)


@cache
def compact(name: str) -> str:
    """Return a script or style sheet without indentation and comments; scripts have these on own lines."""
    text = asset(name)
    if name.endswith(".css"):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"\s*([{};,])\s*|(?<=:)\s+", r"\1", text)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


@cache
def font_face(*, page: bool = False) -> str:
    """Return the style rule that embeds the small Chinese font, or the smaller one of the pages."""
    name = f"noto-sans-sc{'-page' if page else ''}.woff2"
    font = base64.b64encode((FOLDER / "vendor" / name).read_bytes()).decode("ascii")
    return (
        "@font-face { font-family: PageHan; unicode-range: U+3000-303F, U+3400-9FFF, U+FF00-FFEF; "
        f"src: url(data:font/woff2;base64,{font}) format('woff2'); }}"
    )


@cache
def shown_words() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of the pages that a script names, by their key or by the beginning of their keys."""
    scripts = "".join(path.read_text("utf-8") for path in sorted((FOLDER / "js").iterdir()))
    named = {*re.findall(r"'([a-z]+\.\w*)'", scripts)}
    starts = tuple(key for key in named if key.endswith((".", "_")))
    return {key: texts for key, texts in all_words().items() if key in named or key.startswith(starts)}


@cache
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of the pages, including the package's words for modes, statuses and reasons."""
    shared = {key: texts for key, texts in words().items() if key.partition(".")[0] in _SHARED_WORDS}
    single = {key: words()[key] for key in ("word.yes", "word.room_only", "promise.day")}
    return {**shared, **single, **page_words()}
