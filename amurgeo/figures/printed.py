"""Contents of printed maps and calendars: layers, signs, boxes that find room, and bars of days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import cos, hypot, pi, sin
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.maps import style
from amurgeo.maps.basemap import checkpoint_records, layer_frame, on_river, region_role
from amurgeo.seasons.service import NONEXISTENT

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Left, low, right and high end (four numbers) of a box on a map, in any unit.
Box = tuple[float, ...]
#: Checkpoints that share a box, with their signs.
Groups = list[list[dict[str, Any]]]
TRAFFICS = ("cargo", "passenger")
#: Degrees within which checkpoints share one box.
_GATHER = 0.35
#: Shifts in points of a box from its point: distances and directions, best first.
_SHIFTS = tuple(
    (away * cos(pi * angle / 180), away * sin(pi * angle / 180))
    for away in (16.0, 30.0, 48.0, 70.0, 95.0)
    for angle in (0, 180, -25, 25, -155, 155, -50, 50, -130, 130, -75, 75, -105, 105)
)


def base_layers(net: Network) -> Iterator[tuple[str, gpd.GeoSeries, float, str]]:
    """Yield layers of a map from the bottom up: colour, shapes, width in points (0: areas) and dashes.

    Dashes are ``border``, ``schematic`` (the course is not known) or ``winter``.
    """
    colours = {"land": "", "regions": "", "water": "pale_water", "lakes": "water", "rivers": "river"}
    for name, colour in colours.items():
        if (frame := layer_frame(net, name)) is not None:
            roles = [colour] * len(frame) if colour else [region_role(net, id_) for id_ in frame["id"]]
            for role, shapes in frame.geometry.groupby(np.asarray(roles)):
                yield str(role), shapes, 0.6 * (colour == "river"), ""
    if (border := layer_frame(net, "border")) is not None:
        yield "water", border.geometry[border.apply(on_river, axis=1)], 2.7, ""
        yield "border", border.geometry, 0.85, "border"
    roads, rails = net.roads, net.railways
    winter = roads["class"].isin(["winter", "ice"]) | (roads["season"].fillna("") != "")
    for dashes in ("", "schematic"):
        on_rails, on_roads = ((ways["course"] == "schematic") == bool(dashes) for ways in (rails, roads))
        yield "railway", rails.geometry[on_rails], 0.7, dashes
        for class_, (width, zoom) in style.ROADS.items():
            if zoom < 10:
                drawn = (roads["class"] == class_) & ~winter & on_roads
                yield "road", roads.geometry[drawn], 0.53 * width, dashes
    yield "winter_road", roads.geometry[winter], 1.0, "winter"


def in_use(state: State) -> pd.Series:
    """Return which services are in use, even if they are closed on the date."""
    services = state.crossings
    unused = services["reason"].isin(NONEXISTENT) | (services["because"].str[0] == "because.irregular")
    return (services["status"] != "closed") | ~unused


def sign_groups(net: Network, state: State) -> Groups:
    """Group the home checkpoints in use with the signs of their crossings; neighbours share a box."""
    ranks = {mode: rank for rank, mode in enumerate(style.MODES)}
    services = state.crossings
    crossings = net.crossings[net.crossings.index.isin(services.index[in_use(state)].get_level_values(0))]
    order = crossings["mode"].map(lambda mode: ranks.get(mode, len(ranks))).sort_values(kind="stable").index
    groups: Groups = []
    for checkpoint in checkpoint_records(net):
        signs = [
            (crossings.at[id_, "mode"], services.loc[[id_], "status"].droplevel(0).to_dict())
            for id_ in order
            if crossings.at[id_, "checkpoint"] == checkpoint["id"]
        ]
        if checkpoint["own"] and signs:
            near = next((group for group in groups if _distance(group[0], checkpoint) < _GATHER), None)
            if near is None:
                groups.append(near := [])
            near.append({**checkpoint, "signs": signs})
    return groups


def _distance(one: dict[str, Any], other: dict[str, Any]) -> float:
    return float(np.abs(np.subtract(one["at"], other["at"])).max())


class Boxes:
    """Boxes on a map, in a frame; `unit` is the length of a point."""

    def __init__(self, frame: Box, unit: float = 1.0) -> None:
        self.frame, self.unit = frame, unit
        self.taken: list[Box] = []

    def fits(self, box: Box) -> bool:
        """Return whether a box lies inside the frame and overlaps no other."""
        return self._holds(box) and not self._overlaps(box)

    def _holds(self, box: Box) -> bool:
        return all(low < box[n] and box[n + 2] < self.frame[n + 2] for n, low in enumerate(self.frame[:2]))

    def _overlaps(self, box: Box) -> int:
        return sum(
            all(box[n] < other[n + 2] and other[n] < box[n + 2] for n in (0, 1)) for other in self.taken
        )

    def place(
        self, start: tuple[float, float], width: float, height: float, dots: Sequence[Any]
    ) -> tuple[Box, tuple[float, float]]:
        """Return the box near a point that covers the least, and its shift from the point in points."""

        def box_at(shift: tuple[float, float]) -> Box:
            x, y = (start[n] + shift[n] * self.unit for n in (0, 1))
            left = x if shift[0] > 0 else x - width
            return (left, y - height / 2, left + width, y + height / 2)

        def cost(shift: tuple[float, float]) -> float:
            box = box_at(shift)
            end = nearest(start, box)
            steps = [[a + (b - a) * n / 8 for a, b in zip(start, end, strict=True)] for n in range(1, 8)]
            crossed = sum(any(_inside(step, other) for step in steps) for other in self.taken)
            covered = 400.0 * self._overlaps(box) + 150.0 * sum(_inside(dot, box) for dot in dots)
            return hypot(*shift) + covered + 30.0 * crossed + 2000.0 * (not self._holds(box))

        shift = min(_SHIFTS, key=cost)
        return box_at(shift), shift


def nearest(point: Sequence[float], box: Box) -> list[float]:
    """Return the place of a box that is nearest to a point."""
    return [min(max(value, box[n]), box[n + 2]) for n, value in enumerate(point)]


def _inside(point: Sequence[float], box: Box) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def border_stroke(stretches: pd.DataFrame) -> tuple[float, float, float, float, float]:
    """Return where a route waits at the border: km, first and last hour, and how much the end may differ."""
    end, spent = float(stretches["hours"].iloc[-1]), stretches["stretch_h"]
    below, above = (float(np.hypot.reduce(stretches[name] - spent)) for name in ("low_h", "high_h"))
    hours = float(spent.sum())
    return float(stretches["length_km"].iloc[0]), end - hours, end, min(below, hours), above


def bars_of_days(
    crossing: str, statuses: Iterable[str], chances: Any
) -> Iterator[tuple[int, int, str, str, float]]:
    """Yield runs of days on which a crossing is not closed: start, end, status, colour and opacity.

    Start and end are positions in the days; the opacity follows the probability to be open in tenths.
    """
    tenths = np.rint(10.0 * np.nan_to_num(np.asarray(chances, dtype=float))).astype(int).tolist()
    colour, start = style.mode_style(crossing.partition(":")[2]).colour, 0
    for (status, tenth), run in groupby(zip(statuses, tenths, strict=True)):
        end = start + len([*run])
        if status == "unknown":
            yield start, end, status, style.COLOURS["unknown"], 1.0
        elif status != "closed":
            yield start, end, status, colour, 0.35 + 0.065 * tenth
        start = end
