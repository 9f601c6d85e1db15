"""The road network of an area: what a folder made from OpenStreetMap holds, as arrays and as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import schema

#: Id of OpenStreetMap among the sources.
SOURCE = "openstreetmap"
#: Season key of shipped roads that OpenStreetMap replaces: its window has no days, so they are never open.
REPLACED = "osm:replaced"


@dataclass(frozen=True)
class AreaGraph:
    """Junctions and roads of an area.

    Attributes
    ----------
    nodes
        By id (the id of a place or terminal where one is attached, else ``osm_<node>``): lat, lon, country,
        region, osm_node, kind (``junction``, or ``attached`` for a node of the dataset's own).
    edges
        By id: tail, head (positions in ``nodes``), length_km, class, surface, season (key of the window,
        empty: all year), ref, name, toll, oneway (from tail to head only), max_mass_t, way (id of the OSM
        way).
    shape_start
        Where the line of each edge begins in ``shape``; one number more than edges.
    shape
        Longitude and latitude along all lines, one after the other.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    shape_start: np.ndarray
    shape: np.ndarray

    def lines(self, positions: Sequence[int] | None = None) -> np.ndarray:
        """Return the lines of edges as shapely LineStrings.

        Parameters
        ----------
        positions
            Positions of the edges; None for all.
        """
        import shapely

        wanted = range(len(self.edges)) if positions is None else positions
        return np.array(
            [
                shapely.LineString(self.shape[self.shape_start[at] : self.shape_start[at + 1]])
                for at in wanted
            ],
            dtype=object,
        )

    def arcs(self) -> pd.DataFrame:
        """Return every permitted direction of every edge.

        Returns
        -------
        DataFrame
            edge, tail, head (ids), length_km, class, surface, season, ref, max_mass_t; a one-way road
            stands once, any other twice.
        """
        edges = self.edges
        ids = self.nodes.index.to_numpy(dtype=object)
        forth = edges[["length_km", "class", "surface", "season", "ref", "max_mass_t"]].assign(
            edge=edges.index, tail=ids[edges["tail"]], head=ids[edges["head"]]
        )
        back = forth[~edges["oneway"].to_numpy()]
        back = back.assign(tail=back["head"], head=back["tail"])
        columns = ["edge", "tail", "head", "length_km", "class", "surface", "season", "ref", "max_mass_t"]
        return pd.concat([forth, back], ignore_index=True)[columns]

    def places(self) -> pd.DataFrame:
        """Return the junctions as rows of the table of places; attached nodes stand there already."""
        mine = self.nodes[self.nodes["kind"] == "junction"]
        number = mine["osm_node"].astype(str)
        frame = pd.DataFrame(
            {
                "kind": "junction",
                "country": mine["country"].astype(object),
                "region": mine["region"].astype(object),
                "name_en": ("OSM node " + number).astype(object),
                "name_ru": ("Узел OSM " + number).astype(object),
                "name_zh": ("OSM节点" + number).astype(object),
                "lat": mine["lat"],
                "lon": mine["lon"],
                "source": SOURCE,
                "confidence": "reported",
            },
            index=mine.index,
        )
        return in_schema(frame, "places")

    def roads(self, *, bends: bool = True) -> pd.DataFrame:
        """Return the edges as rows of the table of roads.

        Parameters
        ----------
        bends
            Write the line of each road; without it roads are drawn straight, which is lighter.

        Notes
        -----
        Of one-way roads, mass limits and inner ferries the rows tell as much as the schema has columns and
        choices for.
        """
        edges = self.edges
        ids = self.nodes.index.to_numpy(dtype=object)
        frame = pd.DataFrame(
            {
                "from": ids[edges["tail"]],
                "to": ids[edges["head"]],
                **{
                    name: edges[name].astype(object) for name in ("ref", "name", "class", "surface", "season")
                },
                "length_km": edges["length_km"],
                "length_source": "derived",
                "toll": edges["toll"],
                "oneway": edges["oneway"],
                "max_mass_t": edges["max_mass_t"],
                "bends": self._bends() if bends else "",
                "source": SOURCE,
                "confidence": "reported",
            },
            index=edges.index,
        )
        choices = {column.name: column.choices for column in schema("roads")}
        known = frame["class"].isin(choices["class"]) & frame["surface"].isin(choices["surface"])
        return in_schema(frame[known.to_numpy()], "roads")

    def _bends(self) -> list[str]:
        starts = self.shape_start.tolist()
        points = [f"{lon:.5f} {lat:.5f}" for lon, lat in self.shape.tolist()]
        return [";".join(points[a + 1 : b - 1]) for a, b in pairwise(starts)]


@dataclass(frozen=True)
class Area:
    """Everything that a folder made from OpenStreetMap holds.

    Attributes
    ----------
    graph
        Junctions and roads.
    tables
        Rows laid over the dataset's tables, by table: moved places and terminals, crossings with their
        length in OpenStreetMap, shipped roads that are replaced, windows, sources, speeds.
    attached
        By id of place or terminal: kind, country, osm_node, moved_km, how.
    not_attached
        Places and terminals in the area that found no road of their bank.
    crossings
        Ways over the border: mode, ways, crossing (or None), away_km, length_km, season, why.
    replaced
        Shipped roads inside the area: id, shipped_km, osm_km, replaced, why.
    remarks
        Tags that were not read, or not applied: way, key, text, problem, read.
    counts
        Figures of the area.
    """

    graph: AreaGraph
    tables: Mapping[str, pd.DataFrame]
    attached: pd.DataFrame
    not_attached: tuple[str, ...]
    crossings: tuple[dict[str, Any], ...]
    replaced: tuple[dict[str, Any], ...]
    remarks: tuple[dict[str, Any], ...]
    counts: Mapping[str, int]
    title: str = ""
    retrieved: str = ""
    extent: tuple[float, float, float, float] = field(default=(0.0, 0.0, 0.0, 0.0))


def in_schema(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Bring rows into the columns of a table; what the table does not know is left out.

    Parameters
    ----------
    frame
        Rows, by the table's key.
    table
        Name of the table.

    Examples
    --------
    >>> cars = pd.DataFrame({"mass_t": [2.0], "wheels": [4]}, index=["car"])
    >>> in_schema(cars, "vehicles").columns.tolist()[:3]
    ['traffic', 'mass_t', 'name_en']
    """
    columns = [column for column in schema(table) if column.name not in frame.index.names]
    if frame.index.names == [None]:
        columns = columns[1:]
    made: dict[str, Any] = {}
    for column in columns:
        if column.name in frame:
            made[column.name] = frame[column.name]
        elif column.type == "list":
            made[column.name] = pd.Series([()] * len(frame), index=frame.index, dtype=object)
        elif column.type in ("number", "int"):
            made[column.name] = np.nan
        elif column.type == "bool":
            made[column.name] = column.default == "yes"
        elif column.type == "date":
            made[column.name] = pd.NaT
        else:
            made[column.name] = column.default
    return pd.DataFrame(made, index=frame.index)


def source_rows(*, title: str, published: str, retrieved: str) -> pd.DataFrame:
    """Return the row of OpenStreetMap for the table of sources.

    Parameters
    ----------
    title
        What was read.
    published
        Day of the data, or empty.
    retrieved
        Day of reading.
    """
    row = {
        "title": f"Roads of OpenStreetMap: {title}",
        "publisher": "OpenStreetMap contributors",
        "address": "https://www.openstreetmap.org/copyright",
        "licence": "ODbL 1.0",
        "published": published,
        "retrieved": retrieved,
    }
    return in_schema(pd.DataFrame(row, index=[SOURCE]), "sources")


def unique_ids(parts: Iterable[str]) -> list[str]:
    """Give ids that occur more than once a number.

    Examples
    --------
    >>> unique_ids(["a", "b", "a"])
    ['a', 'b', 'a:2']
    """
    seen: dict[str, int] = {}
    made = []
    for part in parts:
        count = seen[part] = seen.get(part, 0) + 1
        made.append(part if count == 1 else f"{part}:{count}")
    return made
