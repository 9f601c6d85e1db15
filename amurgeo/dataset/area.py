"""Road network of an OpenStreetMap area: junctions, roads, their table rows, and the stored arrays."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.reading import Tables, overlay_tables
from amurgeo.dataset.schema import Column, key_columns, schema
from amurgeo.errors import InputError

#: Exceptions that reading a damaged file of arrays can raise.
_BROKEN_ARRAYS = (
    OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError,
    SyntaxError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
#: Id of OpenStreetMap in the table of sources.
OSM_SOURCE = "openstreetmap"
#: File with the junctions and roads of a large area, beside its tables.
ARRAYS = "osm_area.npz"
_SCALE = 1e7
#: Integers (i), floats (f) and booleans (b) that the file stores as they are.
_TYPES = {
    "node_osm": "i", "node_lon": "i", "node_lat": "i", "own": "i", "tail": "i", "head": "i", "way": "i",
    "shape_start": "i", "shape": "i", "length_km": "f", "max_mass_t": "f", "toll": "b", "oneway": "b",
}  # fmt: skip
_NODE_TEXTS = ("country", "region")
_EDGE_TEXTS = ("class", "surface", "season", "ref", "name", "traffic")


@dataclass(frozen=True)
class Area:
    """Junctions and roads of an area.

    ``nodes`` by id (of a place or terminal where one is attached, else ``osm_<node>``): lat, lon (degrees),
    country, region, osm_node, kind (``junction`` or ``attached``). ``edges`` by id: tail, head (positions in
    ``nodes``), length_km, class, surface, season (key of the window, empty: all year), ref, name, traffic
    (``cargo``, ``passenger`` or ``both``), toll, oneway (from tail to head only), max_mass_t, way (OSM id).
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    #: Position in ``shape`` at which the line of each edge begins, and the length of ``shape``.
    shape_start: np.ndarray
    #: Longitude and latitude along all lines, one after the other.
    shape: np.ndarray

    def places(self) -> pd.DataFrame:
        """Return the junctions as rows of the table of places; it already has the attached nodes."""
        junctions = self.nodes[self.nodes["kind"] == "junction"]
        number = junctions["osm_node"].astype(str)
        frame = junctions[["lat", "lon"]].assign(
            kind="junction",
            **{name: junctions[name].astype(object) for name in _NODE_TEXTS},
            name_en=("OSM node " + number).astype(object),
            name_ru=("Узел OSM " + number).astype(object),
            name_zh=("OSM节点" + number).astype(object),
            source=OSM_SOURCE,
            confidence="reported",
        )
        return in_schema(frame, "places")

    def roads(self, *, bends: bool = True) -> pd.DataFrame:
        """Return the edges as rows of the table of roads.

        Edges of a class or surface that the table does not allow are left out.
        """
        edges = self.edges
        ids = self.nodes.index.to_numpy(dtype=object)
        frame = edges[["length_km", "toll", "oneway", "max_mass_t"]].assign(
            **{"from": ids[edges["tail"]], "to": ids[edges["head"]]},
            **{name: edges[name].astype(object) for name in _EDGE_TEXTS},
            length_source="derived",
            bends=self._bends() if bends else "",
            source=OSM_SOURCE,
            confidence="reported",
        )
        choices = {column.name: column.choices for column in schema("roads")}
        allowed = frame["class"].isin(choices["class"]) & frame["surface"].isin(choices["surface"])
        return in_schema(frame[allowed.to_numpy()], "roads")

    def _bends(self) -> list[str]:
        points = [f"{lon:.5f} {lat:.5f}" for lon, lat in self.shape.tolist()]
        return [";".join(points[a + 1 : b - 1]) for a, b in pairwise(self.shape_start.tolist())]

    def write(self, path: Path) -> None:
        """Write the area as a file that `read_area` reads."""
        nodes, edges = self.nodes, self.edges
        attached = np.flatnonzero(nodes["kind"] == "attached")
        arrays: dict[str, Any] = {
            "node_osm": nodes["osm_node"].to_numpy(dtype=np.int64),
            "node_lon": np.rint(nodes["lon"].to_numpy() * _SCALE).astype(np.int32),
            "node_lat": np.rint(nodes["lat"].to_numpy() * _SCALE).astype(np.int32),
            "own": attached,
            "own_id": nodes.index[attached].to_numpy().astype("U"),
            **{name: edges[name].to_numpy(dtype=np.int32) for name in ("tail", "head")},
            **{name: edges[name].to_numpy() for name in ("length_km", "toll", "oneway", "max_mass_t", "way")},
            "shape_start": self.shape_start,
            "shape": np.rint(self.shape * _SCALE).astype(np.int32),
        }
        texts = {f"node_{name}": nodes[name] for name in _NODE_TEXTS} | {n: edges[n] for n in _EDGE_TEXTS}
        for name, values in texts.items():
            arrays[f"{name}_code"] = values.cat.codes.to_numpy(dtype=np.int32)
            arrays[f"{name}_word"] = values.cat.categories.to_numpy().astype("U")
        np.savez_compressed(path, **arrays)


def is_junction(places: pd.DataFrame) -> pd.Series:
    """Return which places are junctions of an area, which have numbers, no names."""
    return (places["kind"] == "junction") & (places.get("source") == OSM_SOURCE)


def read_area(folder: Path) -> Area | None:
    """Read the junctions and roads of a large area."""
    path = Path(folder) / ARRAYS
    if not path.is_file():
        return None
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        _check(arrays)
        return _area(arrays)
    except _BROKEN_ARRAYS as error:
        raise InputError(
            f"'{path}' is damaged ({error}); write the folder again with amurgeo.osm.read"
        ) from error


def _area(arrays: Mapping[str, np.ndarray]) -> Area:
    def text(name: str) -> pd.Categorical:
        words = pd.Index(arrays[f"{name}_word"], dtype=object)
        return pd.Categorical.from_codes(arrays[f"{name}_code"], categories=words)

    # Files of earlier versions have no kinds of traffic.
    every = {"traffic_code": np.zeros(len(arrays["way"]), np.int32), "traffic_word": np.array(["both"])}
    arrays = every | dict(arrays)
    number = arrays["node_osm"]
    ids = np.array([f"osm_{id_}" for id_ in number.tolist()], dtype=object)
    ids[arrays["own"]] = arrays["own_id"]
    attached = np.zeros(len(ids), dtype=np.int8)
    attached[arrays["own"]] = 1
    nodes = pd.DataFrame(
        {
            "lat": arrays["node_lat"] / _SCALE,
            "lon": arrays["node_lon"] / _SCALE,
            **{name: text(f"node_{name}") for name in _NODE_TEXTS},
            "osm_node": number,
            "kind": pd.Categorical.from_codes(attached, categories=["junction", "attached"]),
        },
        index=pd.Index(ids, name="id", dtype=object),
    )
    tail, head, way = (arrays[name].astype(np.int64) for name in ("tail", "head", "way"))
    edges = pd.DataFrame(
        {
            "tail": tail,
            "head": head,
            "length_km": arrays["length_km"],
            **{name: text(name) for name in _EDGE_TEXTS},
            **{name: arrays[name] for name in ("toll", "oneway", "max_mass_t")},
            "way": way,
        },
        index=edge_ids(ids, tail, head, way),
    )
    return Area(nodes, edges, arrays["shape_start"], arrays["shape"] / _SCALE)


def _check(arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError for arrays of another type, positions that do not exist and values out of range."""
    for name, kind in _TYPES.items():
        if arrays[name].dtype.kind != kind or arrays[name].ndim != 1 + (name == "shape"):
            raise ValueError(f"{name} has the wrong type")
    for name in ("own", "tail", "head"):
        values = arrays[name]
        if len(values) and not 0 <= values.min() <= values.max() < len(arrays["node_osm"]):
            raise ValueError(f"{name} refers to nodes that do not exist")
    starts, shape = arrays["shape_start"], arrays["shape"]
    ends = [starts[0], starts[-1], len(starts)] if len(starts) else []
    if ends != [0, len(shape), len(arrays["way"]) + 1] or (np.diff(starts) < 2).any():
        raise ValueError("shape_start does not fit the lines")
    in_range = {
        "node_lat": np.abs(arrays["node_lat"]) <= 90 * _SCALE,
        "shape": shape.shape[1] == 2,
        "length_km": (arrays["length_km"] >= 0) & (arrays["length_km"] < 40_000),
        "max_mass_t": ~(arrays["max_mass_t"] <= 0),
    }
    for name, valid in in_range.items():
        if not np.all(valid):
            raise ValueError(f"{name} is out of range")


def edge_ids(ids: np.ndarray, tail: np.ndarray, head: np.ndarray, way: np.ndarray) -> pd.Index:
    """Return the ids of edges, made of their nodes and OSM way; repeated ids are numbered.

    >>> one = np.array([0, 0])
    >>> edge_ids(np.array(["a", "b"]), one, one + 1, one + 5).tolist()
    ['a--b:w5', 'a--b:w5:2']
    """
    ends = zip(ids[tail].tolist(), ids[head].tolist(), way.tolist(), strict=True)
    names = pd.Series([f"{a}--{b}:w{number}" for a, b, number in ends], dtype=object)
    repeat = names.groupby(names).cumcount()
    again = repeat[repeat > 0]
    names[again.index] = [f"{names[at]}:{number + 1}" for at, number in again.items()]
    return pd.Index(names, name="id", dtype=object)


def in_schema(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return rows in the columns of a table: missing ones have their default, others are left out.

    >>> cars = pd.DataFrame({"mass_t": [2.0], "wheels": [4]}, index=["car"])
    >>> in_schema(cars, "vehicles").columns.tolist()[:3]
    ['traffic', 'mass_t', 'name_en']
    """
    columns = [column for column in schema(table) if column.name not in key_columns(table)]
    cells = {column.name: _default(column, frame.index) for column in columns}
    for name in cells.keys() & {*frame.columns}:
        empty = frame[name].isna()
        cells[name] = frame[name].where(~empty, cells[name]) if empty.any() else frame[name]
    return pd.DataFrame(cells, index=frame.index)


def overlay_rows(base: Tables, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, pd.DataFrame]:
    """Return tables overlaid with rows that are known to be valid; missing columns have their defaults."""
    frames = {
        name: in_schema(pd.DataFrame(added).set_index(list(key_columns(name))), name)
        .reindex(columns=base[name].columns)
        .astype(base[name].dtypes.to_dict())
        for name, added in rows.items()
        if added
    }
    return overlay_tables(base, frames)


def _default(column: Column, index: pd.Index) -> Any:
    if column.type == "list":
        return pd.Series([()] * len(index), index=index, dtype=object)
    fixed = {"number": np.nan, "int": np.nan, "bool": column.default == "yes", "date": pd.NaT}
    return fixed.get(column.type, column.default)
