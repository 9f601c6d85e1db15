"""Base map of the pages: land, water, borders and ways as packed whole numbers, places and checkpoints."""

from __future__ import annotations

import string
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from amurgeo.dataset.area import is_junction
from amurgeo.errors import InputError
from amurgeo.maps import style
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network

#: Whole steps per degree in the coordinates of the pages: 28 m or less, two pixels at the largest zoom.
STEPS = 2_000
#: Digits of packed numbers, five bits each; none has a meaning in JSON or HTML.
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
#: Tolerance (degrees) of simplified lines. Land along the border is finer, so its edge stays under a river.
TOLERANCE = {"near": 0.003, "far": 0.012, "border": 0.001, "rivers": 0.006, "lakes": 0.006, "ways": 0.002}
TOLERANCE["water"] = TOLERANCE["rivers"]
#: Zoom from which so many places of a side are named, largest first; the home side is named more densely.
_NAMED_FROM = {
    "home": ((2, 4.0), (6, 4.5), (12, 5.5), (16, 6.0), (40, 6.5), (62, 7.5)),
    "far": ((1, 4.0), (3, 5.5), (13, 6.5), (31, 7.0), (53, 8.0)),
}
#: Zoom of places that the search finds but no page names.
NEVER = 99.0
#: Share of the population of the largest home place from which a name at a checkpoint is set large.
_CITY = 0.2
#: Least height and width of a view in degrees.
_VIEW = 0.6
_EDGE_COLUMNS = ("kind", "mode", "ref", "class", "surface", "status")


def encode_line(line: Any, tolerance: float = 0.0) -> list[int]:
    """Return a line, simplified to a tolerance in degrees: the first point, then the differences.

    >>> import shapely
    >>> encode_line(shapely.LineString([(127.5, 50.25), (127.6, 50.2)]))
    [255000, 100500, 200, -100]
    """
    if tolerance:
        line = line.simplify(tolerance, preserve_topology=False)
    steps = np.rint(np.asarray(line.coords)[:, :2] * STEPS).astype(np.int64)
    moves = np.concatenate([steps[:1], np.diff(steps, axis=0)])
    moves = moves[np.concatenate([[True], np.any(moves[1:] != 0, axis=1)])]
    return [int(value) for value in moves.ravel()]


def encode_lines(shape: Any, tolerance: float = 0.0) -> list[str]:
    """Return every line of a (multi-)line packed; parts that shrink to a point are dropped."""
    lines = (encode_line(part, tolerance) for part in shapely.get_parts(shape) if not part.is_empty)
    return [pack(line) for line in lines if len(line) >= 4]


def encode_rings(shape: Any, tolerance: float = 0.0) -> list[list[str]]:
    """Return the rings of every polygon packed, exterior first; specks are dropped."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    polygons = [[encode_line(ring, tolerance) for ring in shapely.get_rings(part)] for part in parts]
    return [[pack(ring) for ring in rings if len(ring) >= 8] for rings in polygons if len(rings[0]) >= 8]


def pack(steps: Iterable[int]) -> str:
    """Write whole numbers in groups of five bits, lowest first, the sign in the lowest bit.

    The sixth bit of a digit marks that more digits follow.

    >>> pack([0, -1, 15, 16, 1275000])
    'ABegBwn6tC'
    """
    digits = []
    for step in steps:
        rest = 2 * step if step >= 0 else -2 * step - 1
        while rest >= 32:
            digits.append(DIGITS[32 + rest % 32])
            rest //= 32
        digits.append(DIGITS[rest])
    return "".join(digits)


def pack_points(points: Sequence[Sequence[float]] | np.ndarray, steps: int = 10_000) -> str:
    """Return points (latitude, longitude, or number and day) packed as a line of whole steps.

    >>> pack_points([[50.25, 127.5], [50.2501, 127.5]])
    'wn6tCou1eAC'
    """
    whole = np.rint(np.asarray(points)[:, ::-1] * steps).astype(np.int64)
    return pack(np.diff(whole, axis=0, prepend=[[0, 0]]).ravel().tolist())


def names_of(row: Mapping[str, Any], prefix: str = "name_") -> dict[str, str]:
    """Return the names of a row by language."""
    return {lang: str(row[f"{prefix}{lang}"]) for lang in LANGUAGES}


def number(value: Any, digits: int = 4) -> float | None:
    """Return a rounded number for JSON, or None if it is missing.

    >>> number(float("nan")) is None, number(30.0)
    (True, 30)
    """
    if value is None or pd.isna(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def layer_frame(net: Network, name: str) -> gpd.GeoDataFrame | None:
    """Return a layer, or None if the dataset has no such layer or it is empty."""
    try:
        frame = net.layer(name)
    except InputError:
        return None
    return frame if len(frame) else None


def on_river(row: Mapping[Any, Any]) -> bool:
    """Return whether a part of the border runs in a river, which has a name or a width."""
    return number(row.get("width_m")) is not None or str(row.get("river")) not in ("land", "None", "nan")


def base_map(net: Network) -> dict[str, Any]:
    """Return everything below the crossings; layers that the dataset lacks are empty."""
    return {
        "steps": STEPS,
        **_areas(net),
        "border": _layer(
            net, "border", "lines", river=on_river, width_m=lambda row: number(row.get("width_m"))
        ),
        "rivers": _layer(net, "rivers", "lines", large=lambda row: row.get("class") == "large"),
        # Wide rivers lie under their line and have no label.
        "lakes": [*_layer(net, "water", "rings", pale=lambda row: True), *_layer(net, "lakes", "rings")],
    }


def _named(net: Network, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the names of a row and the point of its label, if it has names in the dataset's languages."""
    names = {lang: row.get(f"name_{lang}") for lang in net.border.languages}
    if not all(isinstance(name, str) for name in names.values()):
        return {}
    spot = row["geometry"].representative_point()
    return {"name": names, "at": [round(spot.y, 3), round(spot.x, 3)]}


def _layer(
    net: Network, name: str, form: str, **columns: Callable[[Mapping[Any, Any]], Any]
) -> list[dict[str, Any]]:
    """Return the ``lines`` or ``rings`` of a layer with their names and further columns."""
    frame, encode = layer_frame(net, name), encode_lines if form == "lines" else encode_rings
    return [
        {form: shape} | _named(net, row) | {column: value(row) for column, value in columns.items()}
        for row in ([] if frame is None else frame.to_dict("records"))
        if (shape := encode(row["geometry"], TOLERANCE[name]))
    ]


def region_role(net: Network, region: str) -> str:
    """Return ``own`` or ``counterpart`` for the regions that the border is about, ``land`` for others."""
    if region in net.border.home.regions:
        return "own"
    return "counterpart" if region in net.border.far.regions else "land"


def _areas(net: Network) -> dict[str, Any]:
    """Return neighbouring land first, then the regions, and the corners of both."""
    areas: list[dict[str, Any]] = []
    frames = {name: frame for name in ("land", "regions") if (frame := layer_frame(net, name)) is not None}
    for name, frame in frames.items():
        for row in frame.sort_values("id").to_dict("records"):
            role = region_role(net, str(row["id"]))
            rings = encode_rings(row["geometry"], TOLERANCE["far" if role == "land" else "near"])
            areas.append({"role": role, "rings": rings} | (_named(net, row) if name == "regions" else {}))
    bounds = np.reshape([frame.total_bounds for frame in frames.values()], (-1, 2, 2))[..., ::-1]
    corners = [bounds[:, 0].min(axis=0).tolist(), bounds[:, 1].max(axis=0).tolist()] if frames else None
    return {"areas": areas, "bounds": corners}


def home_checkpoints(net: Network) -> pd.Index:
    """Return the ids of the checkpoints of the home regions, or of all if these have none."""
    checkpoints = net.checkpoints
    home = checkpoints.index[checkpoints["region"].isin(net.border.home.regions)]
    return home if len(home) else checkpoints.index


def home_crossings(net: Network) -> pd.Index:
    """Return the ids of the crossings at `home_checkpoints`."""
    crossings = net.crossings
    return crossings.index[crossings["checkpoint"].isin(home_checkpoints(net))]


def home_modes(net: Network) -> list[str]:
    """Return the modes of the home crossings in the order of the legends."""
    modes = set(net.crossings.loc[home_crossings(net), "mode"])
    return [mode for mode in style.MODES if mode in modes]


def place_records(net: Network, *, always: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the places, most important first; those in `always` are named at every zoom."""
    places = net.places
    places = places[~places["kind"].isin(["terminal", "point"]) & ~is_junction(places)]
    at_border = net.checkpoints[["place", "counterpart"]]
    home_towns = set(at_border.loc[home_checkpoints(net)].to_numpy().ravel())
    other_towns = set(at_border.to_numpy().ravel()) - home_towns
    town_names = set(places.loc[places["kind"] != "station", "name_en"])
    ranks = places.groupby("side")["population"].rank(method="first", ascending=False)
    city = _CITY * places.loc[places["side"] == "home", "population"].max()

    def zoom_of(id_: Any, row: pd.Series, large: bool) -> float:
        if id_ in always:
            return 3.0
        if row["kind"] in ("station", "junction"):
            return NEVER if row["kind"] == "station" and row["name_en"] in town_names else 10.5
        steps = _NAMED_FROM.get(str(row["side"]), _NAMED_FROM["far"])
        zoom = next((zoom for most, zoom in steps if ranks[id_] <= most), 9.0)
        if id_ in home_towns:
            return 4.0 if large else min(zoom - 1.0, 7.0)
        return min(zoom, 7.5) if id_ in other_towns else zoom

    records = []
    for id_, row in places.iterrows():
        population = number(row["population"]) or 0
        large = population >= city
        zoom = zoom_of(id_, row, large)
        is_city = large and (id_ in home_towns or id_ in always)
        look = "city" if is_city else "town" if zoom <= 7.0 else "village"
        record: dict[str, Any] = {"id": str(id_), "kind": str(row["kind"]), "side": str(row["side"])}
        record |= {"name": names_of(row), "at": point_of(row), "zoom": zoom, "look": look}
        aliases = row["aliases"].split(";") if row["aliases"] else []
        records.append(record | {"population": population, "aliases": aliases})
    return sorted(records, key=lambda place: (place["zoom"], -place["population"], place["id"]))


def point_of(row: Mapping[str, Any]) -> list[float]:
    """Return latitude and longitude of a row."""
    return [round(float(row["lat"]), 4), round(float(row["lon"]), 4)]


def checkpoint_records(net: Network) -> list[dict[str, Any]]:
    """Return the checkpoints with the names of both sides, home checkpoints first."""
    home, lines = home_checkpoints(net), net.crossings.groupby("checkpoint")["geometry"]
    middles = {
        id_: shapely.line_interpolate_point(row.to_numpy(), 0.5, normalized=True) for id_, row in lines
    }
    records = []
    for id_, row in net.checkpoints.iterrows():
        points = shapely.get_coordinates(middles.get(id_, row["geometry"]))
        if len(points) and not np.isnan(points).any():
            spot = [round(degrees, 4) for degrees in points.mean(axis=0)[::-1].tolist()]
            names = {"name": names_of(row), "counterpart": names_of(row, "counterpart_name_")}
            records.append({"id": str(id_), **names, "own": id_ in home, "at": spot})
    return sorted(records, key=lambda checkpoint: (not checkpoint["own"], checkpoint["id"]))


def view_bounds(net: Network) -> list[list[float]]:
    """Return the corners (south-west, north-east) of the initial view: the home crossings."""
    shown = [checkpoint["at"] for checkpoint in checkpoint_records(net) if checkpoint["own"]]
    points = np.array(shown or [place["at"] for place in place_records(net)])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.maximum(_VIEW - (high - low), 0.0) / 2
    return [(low - margin).round(4).tolist(), (high + margin).round(4).tolist()]


def coded(values: Sequence[Any]) -> Any:
    """Return a column with its repeated values written once, and the position of each, if few as a digit.

    >>> coded(["road", "road", "rail"])
    {'of': ['rail', 'road'], 'at': 'BBA'}
    """
    kinds = {value: at for at, value in enumerate(sorted(set(values), key=lambda one: (one is None, one)))}
    at = [kinds[value] for value in values]
    return {"of": list(kinds), "at": at if len(kinds) > len(DIGITS) else "".join(DIGITS[k] for k in at)}


def road_keys(net: Network) -> list[str]:
    """Return the keys of the seasonal roads."""
    return sorted(set(net.edges["season"].unique()) - {""})


def edge_columns(net: Network) -> dict[str, Any]:
    """Return roads, railways and transfers as columns."""
    edges = net.edges[net.edges["kind"] != "crossing"]
    at = {id_: position for position, id_ in enumerate(net.nodes.index)}
    keys = road_keys(net)
    ways = pd.concat([frame[["geometry", "course"]] for frame in (net.roads, net.railways)])
    lines = {
        id_: lines[0]
        for id_, shape in ways["geometry"].items()
        if (lines := encode_lines(shape, TOLERANCE["ways"]))
    }
    ends = edges[["from_place", "to_place"]].itertuples()
    courses = ways["course"].to_dict()
    return {
        # Most ids are those of both ends.
        "id": ["" if id_ == f"{a}--{b}" else id_ for id_, a, b in ends],
        "a": [at[id_] for id_ in edges["from_place"]],
        "b": [at[id_] for id_ in edges["to_place"]],
        "km": [number(km, 9) for km in edges["length_km"]],
        "mass": coded([number(mass, 9) for mass in edges["max_mass_t"]]),
        "line": [lines.get(id_, "") for id_ in edges.index],
        **{name: coded(edges[name].tolist()) for name in _EDGE_COLUMNS},
        "traffic": coded(edges["traffic"].where(edges["traffic"] != "both", "").tolist()),
        "season": coded([keys.index(key) if key else -1 for key in edges["season"]]),
        "oneway": coded(edges["oneway"].astype(int).tolist()),
        "est": coded(edges["estimated"].astype(int).tolist()),
        "course": coded([courses.get(id_, "") for id_ in edges.index]),
    }
