"""The ground of the maps: land, water, borders, roads and railways, read from the network and its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amurgeo.dataset.area import OSM_SOURCE
from amurgeo.errors import InputError
from amurgeo.maps import payload
from amurgeo.network import OBLAST
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network

#: Degrees by which a drawn line may differ from the layer's. Land that meets at the Amur is kept finer, so
#: that its edge stays under the river.
TOLERANCE = {"near": 0.0012, "far": 0.004, "border": 0.0006, "rivers": 0.002, "lakes": 0.002, "ways": 0.0015}
_COUNTERPART = "heilongjiang"
#: Roads that a page draws at most; of a larger area the streets are left out, then the lesser roads.
MAX_ROADS = 20_000
_RANK = ("motorway", "trunk", "primary", "secondary", "street")


def layer(net: Network, name: str) -> gpd.GeoDataFrame | None:
    """Return a layer, or None where the dataset has none of that name."""
    try:
        frame = net.layer(name)
    except InputError:
        return None
    return frame if len(frame) else None


def ground(net: Network) -> dict[str, Any]:
    """Return everything that lies under the crossings.

    Parameters
    ----------
    net
        The network.

    Returns
    -------
    dict
        ``areas``, ``border``, ``rivers``, ``lakes``, ``roads`` and ``rails``, in whole steps that are packed
        into text; a layer that the dataset lacks is an empty list. ``bounds`` are the corners of the
        land, or None.
    """
    areas, bounds = _areas(net)
    return {
        "steps": payload.STEPS,
        "areas": areas,
        "bounds": bounds,
        "border": _border(net),
        "rivers": _rivers(net),
        "lakes": _lakes(net),
        "roads": _roads(net),
        "rails": _rails(net),
    }


def _lines(shape: Any, tolerance: float) -> list[str]:
    return payload.pack_lines(payload.encode_lines(shape, tolerance=tolerance))


def _rings(shape: Any, tolerance: float) -> list[list[str]]:
    return [payload.pack_lines(rings) for rings in payload.encode_rings(shape, tolerance=tolerance)]


def _areas(net: Network) -> tuple[list[dict[str, Any]], list[list[float]] | None]:
    """Return the neighbouring land first, the regions over it, and the corners of all."""
    areas: list[dict[str, Any]] = []
    corners: list[tuple[float, float, float, float]] = []
    for name in ("land", "regions"):
        frame = layer(net, name)
        if frame is None:
            continue
        west, south, east, north = (float(value) for value in frame.total_bounds)
        corners.append((west, south, east, north))
        for row in frame.sort_values("id").to_dict("records"):
            id_ = str(row["id"])
            role = "own" if id_ == OBLAST else "counterpart" if id_ == _COUNTERPART else "land"
            tolerance = TOLERANCE["far" if role == "land" else "near"]
            area: dict[str, Any] = {
                "role": role,
                "rings": _rings(row["geometry"], tolerance),
            }
            areas.append(area | (_named(row, row["geometry"]) if name == "regions" else {}))
    if not corners:
        return [], None
    west, south, east, north = (
        pick(corner[at] for corner in corners) for at, pick in enumerate((min, min, max, max))
    )
    return areas, [[south, west], [north, east]]


def _named(row: dict[str, Any], shape: Any) -> dict[str, Any]:
    """Return the names of a row and where to put them, where it has names."""
    if not all(isinstance(row.get(f"name_{lang}"), str) for lang in LANGUAGES):
        return {}
    spot = shape.representative_point()
    return {"name": payload.names_of(row), "at": [round(spot.y, 3), round(spot.x, 3)]}


def _border(net: Network) -> list[dict[str, Any]]:
    """Return the state border; where it runs in a river, with the river's name and width in metres."""
    frame = layer(net, "border")
    if frame is None:
        return []
    made = []
    for row in frame.to_dict("records"):
        lines = _lines(row["geometry"], TOLERANCE["border"])
        part = {"lines": lines, "river": str(row.get("river")) not in ("land", "None", "nan")}
        made.append(part | _named(row, row["geometry"]) | {"width_m": payload.number(row.get("width_m"))})
    return made


def _rivers(net: Network) -> list[dict[str, Any]]:
    frame = layer(net, "rivers")
    if frame is None:
        return []
    made = []
    for row in frame.to_dict("records"):
        lines = _lines(row["geometry"], TOLERANCE["rivers"])
        if lines:
            made.append({"lines": lines, "large": row.get("class") == "large"} | _named(row, row["geometry"]))
    return made


def _lakes(net: Network) -> list[dict[str, Any]]:
    frame = layer(net, "lakes")
    if frame is None:
        return []
    return [
        {"rings": _rings(row["geometry"], TOLERANCE["lakes"])} | _named(row, row["geometry"])
        for row in frame.to_dict("records")
    ]


def drawn_roads(net: Network) -> gpd.GeoDataFrame:
    """Return the roads that a page draws: all, or in a large area those of the higher classes.

    Notes
    -----
    At most `MAX_ROADS`; a class of OpenStreetMap's roads is drawn whole or not at all, the dataset's own
    roads always.
    """
    roads = net.roads
    if len(roads) <= MAX_ROADS:
        return roads
    keep = (roads["source"] != OSM_SOURCE).to_numpy()
    for class_ in _RANK:
        more = keep | (roads["class"] == class_).to_numpy()
        if more.sum() > MAX_ROADS:
            break
        keep = more
    return roads[keep]


def _roads(net: Network) -> list[dict[str, Any]]:
    made = []
    for row in drawn_roads(net).sort_index().reset_index().to_dict("records"):
        road = {
            "ends": [str(row["from_place"]), str(row["to_place"])],
            "class": str(row["class"]),
            "km": payload.number(row["length_km"], 1),
            "lines": _lines(row["geometry"], TOLERANCE["ways"]),
        }
        for key in ("ref", "surface", "season"):
            if isinstance(row[key], str) and row[key]:
                road[key] = row[key]
        if road["lines"]:
            made.append(road)
    return made


def _rails(net: Network) -> list[dict[str, Any]]:
    made = []
    for row in net.railways.sort_index().reset_index().to_dict("records"):
        rail = {
            "ends": [str(row["from_place"]), str(row["to_place"])],
            "km": payload.number(row["length_km"], 1),
            "lines": _lines(row["geometry"], TOLERANCE["ways"]),
        }
        for key in ("kind", "status", "line"):
            if isinstance(row.get(key), str) and row[key]:
                rail[key] = row[key]
        gauge = payload.number(row.get("gauge_mm"))
        if gauge:
            rail["gauge"] = gauge
        if rail["lines"]:
            made.append(rail)
    return made
