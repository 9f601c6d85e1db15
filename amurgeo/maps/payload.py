"""What the pages are told: frames become plain lists and dicts, small and in a fixed order."""

from __future__ import annotations

import math
import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE
from amurgeo.maps.files import long_date
from amurgeo.network import OBLAST
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Whole steps per degree in the pages' coordinates: 4 decimals, 11 m or less.
STEPS = 10_000
#: Digits of packed numbers, five bits each; none of them means anything to JSON or HTML.
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
#: Codes of the three statuses, as the pages' scripts know them.
STATUS_CODES = {"closed": 0, "open": 1, "limited": 2}
TRAFFICS = ("cargo", "passenger")
_UNUSED = ("retired", "not_yet_open")
#: Zoom from which a place is named, by inhabitants; the Russian side is the emptier one.
_NAMED_FROM = {
    "RU": ((500_000, 4.0), (150_000, 4.5), (60_000, 5.5), (30_000, 6.0), (10_000, 6.5), (4_000, 7.5)),
    "CN": ((3_000_000, 4.0), (800_000, 5.5), (250_000, 6.5), (90_000, 7.0), (30_000, 8.0), (10_000, 8.5)),
}
#: Zoom that no page reaches: the place can be found, but its name is not written.
_NEVER = 99.0
#: Inhabitants from which a name is set large.
_CITY = 150_000


def encode_line(line: Any, *, tolerance: float = 0.0) -> list[int]:
    """Write a line as whole steps: the first point, then the differences.

    Parameters
    ----------
    line
        LineString or LinearRing in degrees.
    tolerance
        Points that change the line by less than this many degrees are left out.

    Examples
    --------
    >>> import shapely
    >>> encode_line(shapely.LineString([(127.5, 50.25), (127.6, 50.2)]))
    [1275000, 502500, 1000, -500]
    """
    if tolerance:
        line = line.simplify(tolerance, preserve_topology=False)
    steps = np.rint(np.asarray(line.coords)[:, :2] * STEPS).astype(np.int64)
    moved = np.concatenate([steps[:1], np.diff(steps, axis=0)])
    kept = np.concatenate([[True], np.any(moved[1:] != 0, axis=1)])
    return [int(value) for value in moved[kept].ravel()]


def encode_lines(shape: Any, *, tolerance: float = 0.0) -> list[list[int]]:
    """Write every line of a line or multi-line; parts that shrink to a point are left out."""
    parts = getattr(shape, "geoms", [shape])
    encoded = (encode_line(part, tolerance=tolerance) for part in parts if not part.is_empty)
    return [line for line in encoded if len(line) >= 4]


def encode_rings(shape: Any, *, tolerance: float = 0.0) -> list[list[list[int]]]:
    """Write the rings of every polygon of a shape, the outer one first."""
    polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    made = []
    for polygon in polygons:
        rings = [encode_line(ring, tolerance=tolerance) for ring in (polygon.exterior, *polygon.interiors)]
        if len(rings[0]) >= 8:
            made.append([rings[0], *(ring for ring in rings[1:] if len(ring) >= 8)])
    return made


def pack(steps: Iterable[int]) -> str:
    """Write whole numbers as text that is less than half as long as the numbers; nothing is lost.

    Each number is written in groups of five bits, the lowest first, its sign in the lowest bit; the sixth bit
    of a digit says that more follow.

    Examples
    --------
    >>> pack([0, -1, 15, 16, 1275000])
    'ABegBwn6tC'
    """
    text = []
    for step in steps:
        left = 2 * step if step >= 0 else -2 * step - 1
        while left >= 32:
            text.append(DIGITS[32 + left % 32])
            left //= 32
        text.append(DIGITS[left])
    return "".join(text)


def pack_lines(lines: Iterable[Iterable[int]]) -> list[str]:
    """Write every line, or every ring of a polygon, as text."""
    return [pack(line) for line in lines]


def names_of(row: Mapping[str, Any], prefix: str = "name_") -> dict[str, str]:
    """Return the names of a row by language."""
    return {lang: str(row[f"{prefix}{lang}"]) for lang in LANGUAGES}


def number(value: Any, digits: int = 4) -> float | None:
    """Return a number that JSON can hold, or None where there is none.

    Examples
    --------
    >>> number(float("nan")) is None, number(30.0)
    (True, 30)
    """
    if value is None or pd.isna(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def places(net: Network, *, always: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the places that are named and found, the most important first.

    Parameters
    ----------
    net
        The network.
    always
        Ids of places that are named at every zoom.
    """
    frame = net.places
    if "source" in frame:
        # Junctions of OpenStreetMap have numbers, no names.
        frame = frame[~((frame["kind"] == "junction") & (frame["source"] == OSM_SOURCE))]
    checkpoints = net.checkpoints
    own = (
        checkpoints[checkpoints["region"] == OBLAST]
        if (checkpoints["region"] == OBLAST).any()
        else checkpoints
    )
    towns = set(own["place"]) | set(own["counterpart"])
    others = (set(checkpoints["place"]) | set(checkpoints["counterpart"])) - towns
    town_names = set(frame.loc[~frame["kind"].isin(["terminal", "point", "station"]), "name_en"])
    made = []
    for id_, row in frame[~frame["kind"].isin(["terminal", "point"])].iterrows():
        inhabitants = number(row["population"])
        steps = _NAMED_FROM.get(str(row["country"]), _NAMED_FROM["CN"])
        zoom = next((zoom for least, zoom in steps if (inhabitants or 0) >= least), 9.0)
        if row["kind"] == "station" and row["name_en"] in town_names:
            zoom = _NEVER
        elif row["kind"] in ("station", "junction"):
            zoom = 10.5
        elif id_ in towns:
            zoom = min(zoom - 1.0, 7.0) if (inhabitants or 0) < _CITY else 4.0
        elif id_ in others:
            zoom = min(zoom, 7.5)
        if id_ in always:
            zoom = 3.0
        aliases = row["aliases"] if "aliases" in frame.columns else ()
        place = {
            "id": str(id_),
            "kind": str(row["kind"]),
            "country": str(row["country"]),
            "name": names_of(row),
            "at": [round(float(row["lat"]), 4), round(float(row["lon"]), 4)],
            "zoom": zoom,
            "look": "city"
            if (id_ in towns or id_ in always) and (inhabitants or 0) >= _CITY
            else "town"
            if zoom <= 7.0
            else "village",
        }
        if inhabitants:
            place["population"] = inhabitants
        if isinstance(aliases, (tuple, list)) and aliases:
            place["aliases"] = [str(alias) for alias in aliases]
        made.append(place)
    return sorted(made, key=lambda place: (place["zoom"], -place.get("population", 0), place["id"]))


def checkpoints(net: Network) -> list[dict[str, Any]]:
    """Return the checkpoints with both their names; those of the oblast come first."""
    frame = net.checkpoints
    crossings = net.crossings
    any_own = bool((frame["region"] == OBLAST).any())
    made = []
    for id_, row in frame.iterrows():
        lines = crossings.loc[crossings["checkpoint"] == id_, "geometry"]
        middle = [line.interpolate(0.5, normalized=True) for line in lines]
        points = middle or [row["geometry"]]
        lat = sum(point.y for point in points) / len(points)
        lon = sum(point.x for point in points) / len(points)
        if math.isnan(lat) or math.isnan(lon):
            continue
        made.append(
            {
                "id": str(id_),
                "name": names_of(row),
                "counterpart": names_of(row, "counterpart_name_"),
                "own": bool(row["region"] == OBLAST) or not any_own,
                "at": [round(lat, 4), round(lon, 4)],
            }
        )
    return sorted(made, key=lambda checkpoint: (not checkpoint["own"], checkpoint["id"]))


def crossings(net: Network) -> list[dict[str, Any]]:
    """Return the crossings with their lines."""
    return [
        {
            "id": str(id_),
            "checkpoint": str(row["checkpoint"]),
            "mode": str(row["mode"]),
            "km": number(row["length_km"], 2),
            "line": encode_line(row["geometry"]),
        }
        for id_, row in net.crossings.sort_index().iterrows()
    ]


def state(one: State) -> dict[str, Any]:
    """Return a state: its label, its day, and a row per crossing and traffic."""
    frame = one.crossings
    because = {lang: one.because(lang) for lang in LANGUAGES}
    rows: dict[str, dict[str, Any]] = {}
    for position, (key, row) in enumerate(frame.iterrows()):
        crossing, traffic = key
        rows.setdefault(str(crossing), {})[str(traffic)] = {
            "s": STATUS_CODES[row["status"]],
            "reason": str(row["reason"]),
            "because": {lang: str(because[lang].iloc[position]) for lang in LANGUAGES},
            "mass": number(row["max_mass_t"]),
            "p": number(row["probability_open"], 3),
            "basis": str(row["basis"]),
            "confidence": str(row["confidence"]),
            "sources": [str(source) for source in row.get("sources", ())],
            "unused": is_unused(row),
        }
        if isinstance(row.get("limited"), str) and row["limited"]:
            rows[str(crossing)][str(traffic)]["limited"] = row["limited"]
    seasons = getattr(one, "open_seasons", None)
    return {
        "label": label(one),
        "on": one.on.isoformat(),
        "rows": rows,
        "seasons": None if seasons is None else sorted(seasons),
    }


def label(one: State) -> dict[str, str]:
    """Return the label of a state by language; where it is the bare day, the day in words."""
    words = {lang: str(one.label[lang]) for lang in LANGUAGES}
    return long_date(one.on) if set(words.values()) == {one.on.isoformat()} else words


def is_unused(row: Mapping[str, Any]) -> bool:
    """Tell whether a service is out of use altogether, not merely closed on the day."""
    if row["status"] != "closed":
        return False
    because = row["because"]
    irregular = isinstance(because, tuple) and because[0] == "because.irregular"
    return row["reason"] in _UNUSED or irregular


def sources(net: Network, states: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return title and address of every source that the states name; only web addresses are kept."""
    wanted = {
        source
        for one in states
        for rows in one["rows"].values()
        for row in rows.values()
        for source in row.get("sources", ())
    }
    frame = net.sources
    made = {}
    for id_ in sorted(wanted):
        if id_ not in frame.index:
            continue
        address = str(frame.at[id_, "address"])
        made[id_] = {"title": str(frame.at[id_, "title"])}
        if address.startswith(("https://", "http://")):
            made[id_]["address"] = address
    return made


def view_bounds(net: Network) -> list[list[float]]:
    """Return the corners (south-west, north-east) of what a page shows first: the oblast's crossings."""
    shown = [checkpoint["at"] for checkpoint in checkpoints(net) if checkpoint["own"]]
    if not shown:
        shown = [place["at"] for place in places(net)]
    lats, lons = [at[0] for at in shown], [at[1] for at in shown]
    return [[min(lats), min(lons)], [max(lats), max(lons)]]


def pairs(frame: pd.DataFrame | None, net: Network) -> Sequence[dict[str, Any]]:
    """Return the journeys of a comparison, the largest change first.

    Parameters
    ----------
    frame
        Columns origin, destination, alternative, base_h, alt_h, delta_h, change; or None.
    net
        The network, for the names.
    """
    if frame is None:
        return []
    known = net.places
    made: list[dict[str, Any]] = []
    for row in frame.to_dict("records"):
        ends = [row["origin"], row["destination"]]
        if not all(end in known.index for end in ends):
            continue
        made.append(
            {
                "ends": [
                    {
                        "name": names_of(known.loc[end]),
                        "at": [number(known.at[end, "lat"]), number(known.at[end, "lon"])],
                    }
                    for end in ends
                ],
                "alternative": str(row.get("alternative", "")),
                "hours": [number(row["base_h"], 2), number(row["alt_h"], 2)],
                "change": str(row["change"]),
            }
        )
    order = {"lost": 0, "gained": 1, "slower": 2, "faster": 3, "same": 4}
    delta = [abs((pair["hours"][0] or 0.0) - (pair["hours"][1] or 0.0)) for pair in made]
    ranked = sorted(range(len(made)), key=lambda at: (order.get(made[at]["change"], 5), -delta[at], at))
    return [made[at] for at in ranked]
