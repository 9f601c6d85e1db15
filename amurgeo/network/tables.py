"""The network: the base tables, the places found by name, and the graph made of them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache, wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from amurgeo.dataset.area import ARRAYS, OSM_SOURCE, read_area
from amurgeo.dataset.layers import layer_names, read_layer
from amurgeo.dataset.paths import geo_dir
from amurgeo.dataset.reading import load_tables, read_table, stamp_of
from amurgeo.errors import DataError, InputError, unknown_name_error

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx


_T = TypeVar("_T")
CRS = "EPSG:4326"
LANGUAGES = ("en", "ru", "zh")
OBLAST = "amur_oblast"
#: Towns of the oblast with at least that many people are the default ends of the pairs.
MIN_PEOPLE = 10_000
#: Chinese ends of the default pairs.
DESTINATIONS = ("heihe", "harbin", "suifenhe", "manzhouli")
_KIND_ORDER = ("city", "town", "port", "village", "junction", "station", "terminal", "point")


def load(own: str | Path | None = None) -> Network:
    """Load the shipped dataset as a network, with a user's own tables laid over it.

    The shipped files are read once, as long as none of them changes.

    Parameters
    ----------
    own
        Folder with tables of the same names and columns; rows with a known id replace the shipped
        ones, new ids are added. None for the shipped dataset alone.

    Raises
    ------
    InputError
        When the folder does not exist or holds no table.
    DataError
        When a table has faults; the error holds all of them.

    Examples
    --------
    >>> net = load()
    >>> net.crossings.loc["kani_kurgan:bridge", "mode"]
    'bridge'
    """
    if not isinstance(own, str | os.PathLike | None):
        raise InputError(f"{own!r} is no folder; give the path of a folder with own tables")
    if own is None:
        # Never changed once made, so everyone may have the same one.
        return _shipped(geo_dir(), stamp_of(geo_dir()))
    folder = Path(own)
    beside, attached = {}, []
    area = read_area(folder)
    if area is not None:
        beside = {"places": area.places(), "roads": area.roads(bends=False)}
        attached = area.nodes.index[area.nodes["kind"] == "attached"].tolist()
    tables = load_tables(geo_dir(), folder, beside=beside)
    strange = set(attached).difference(tables["places"].index, tables["terminals"].index)
    if strange:
        raise InputError(
            f"{ARRAYS}: there is no '{min(strange)}' in places.csv or terminals.csv; make the folder again "
            "with 'amurgeo osm read'"
        )
    return Network(tables, own=folder)


@lru_cache(maxsize=1)
def _shipped(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Network:
    return Network(load_tables(folder))


def fold(name: str) -> str:
    """Fold a name for comparison: case, accents, hyphens, apostrophes and spaces do not count.

    Examples
    --------
    >>> fold("Bei'an") == fold("BEI-AN") == fold("bei an")
    True
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[^\w]|_", "", "".join(char for char in plain if not unicodedata.combining(char)))


# With copy-on-write, which pandas has since 3.0, a shallow copy is as safe as a deep one and costs nothing.
_DEEP = int(pd.__version__.partition(".")[0]) < 3


def _handed_out(make: Callable[[Network], _T]) -> Callable[[Network], _T]:
    """Make a frame or graph once and hand out copies of it."""
    name = make.__name__

    @wraps(make)
    def copied(net: Network) -> _T:
        if name not in net._made:
            net._made[name] = make(net)
        made: Any = net._made[name]
        copy: _T = made.copy(deep=_DEEP) if isinstance(made, pd.DataFrame) else made.copy()
        return copy

    return copied


class _Copies(Mapping[str, pd.DataFrame]):
    """Tables by name, each a copy."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._tables[name].copy(deep=_DEEP)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


class Network:
    """Tables of one dataset and the graph made of them; never changed once made.

    What it hands out may be changed: frames and the graph are copies, which share data until then. ``base``
    are the tables themselves, for code that reads them in loops and leaves them alone.

    Parameters
    ----------
    tables
        Frames by table name, as `amurgeo.dataset.reading.load_tables` returns them.
    own
        Folder of the user's tables that were laid over, or None.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], *, own: Path | None = None) -> None:
        self.base: Mapping[str, pd.DataFrame] = MappingProxyType(dict(tables))
        self.tables: Mapping[str, pd.DataFrame] = _Copies(self.base)
        self.own = own
        self._made: dict[str, Any] = {}

    def __repr__(self) -> str:
        n_crossings = len(self.base["crossings"])
        return f"Network({len(self.nodes)} places, {len(self.edges)} edges, {n_crossings} crossings)"

    # -- plain tables -------------------------------------------------------------------------------

    @property
    @_handed_out
    def nodes(self) -> pd.DataFrame:
        """Places, stations and terminals without geometry, by id: the nodes of the graph."""
        stations = self.base["stations"].assign(kind="station")
        terminals = self._terminals()
        columns = [
            "kind",
            "country",
            "region",
            "name_en",
            "name_ru",
            "name_zh",
            "aliases",
            "lat",
            "lon",
            "population",
            "confidence",
            "source",
        ]
        return pd.concat(
            [frame.reindex(columns=columns) for frame in (self.base["places"], stations, terminals)]
        )

    def _terminals(self) -> pd.DataFrame:
        terminals, checkpoints, places = (
            self.base["terminals"],
            self.base["checkpoints"],
            self.base["places"],
        )
        own = checkpoints.reindex(terminals["checkpoint"]).set_index(terminals.index)
        russian = terminals["country"] == "RU"
        names = {
            f"name_{lang}": own[f"name_{lang}"].where(russian, own[f"counterpart_name_{lang}"])
            for lang in LANGUAGES
        }
        region = places["region"].reindex(terminals["place"]).set_axis(terminals.index)
        empty = pd.Series([()] * len(terminals), index=terminals.index, dtype=object)
        return terminals.assign(kind="terminal", region=region, aliases=empty, population=np.nan, **names)

    @property
    @_handed_out
    def edges(self) -> pd.DataFrame:
        """Every way between two nodes, by id, without geometry and without direction.

        Columns: ``kind`` (road, railway, transfer, crossing), ``from_place``, ``to_place``, ``mode``,
        ``ref``, ``class``, ``surface``, ``length_km``, ``season``, ``estimated`` (the length is an
        estimate), ``status``, ``opened``, ``source``, ``oneway`` and ``max_mass_t``.
        """
        columns = [
            "kind",
            "from_place",
            "to_place",
            "mode",
            "ref",
            "class",
            "surface",
            "length_km",
            "season",
            "estimated",
            "status",
            "opened",
            "source",
            "oneway",
            "max_mass_t",
        ]
        parts = [
            self._road_edges(),
            self._access_edges(),
            self._rail_edges(),
            self._transfer_edges(),
            self._crossing_edges(),
        ]
        edges = pd.concat([part.reindex(columns=columns) for part in parts])
        texts = {
            name: edges[name].fillna("").astype(object)
            for name in ("ref", "class", "surface", "season", "status")
        }
        return edges.assign(
            **texts, oneway=edges["oneway"].eq(True), max_mass_t=edges["max_mass_t"].astype(float)
        )

    def _road_edges(self) -> pd.DataFrame:
        roads = self.base["roads"]
        return roads.rename(columns={"from": "from_place", "to": "to_place"}).assign(
            kind="road",
            mode="road",
            estimated=(roads["length_source"] == "estimated") | (roads["confidence"] == "estimated"),
        )

    def _access_edges(self) -> pd.DataFrame:
        terminals = self.base["terminals"]
        access = pd.DataFrame(
            {
                "kind": "road",
                "mode": "road",
                "from_place": terminals["place"],
                "to_place": terminals.index,
                "class": terminals["access_class"],
                "surface": "asphalt",
                "length_km": terminals["access_km"],
                "estimated": terminals["confidence"] == "estimated",
                "source": terminals["source"],
            }
        )
        return access.set_axis(terminals["place"] + "--" + terminals.index)

    def _rail_edges(self) -> pd.DataFrame:
        rail = self.base["railways"]
        return rail.rename(
            columns={"from": "from_place", "to": "to_place", "line": "ref", "kind": "class"}
        ).assign(kind="railway", mode="rail", surface="rail", estimated=rail["length_source"] == "estimated")

    def _transfer_edges(self) -> pd.DataFrame:
        stations = self.base["stations"]
        yards = stations[stations["transshipment"] & (stations["place"] != "")]
        frame = pd.DataFrame(
            {
                "kind": "transfer",
                "mode": "transfer",
                "from_place": yards["place"],
                "to_place": yards.index,
                "length_km": 0.0,
                "estimated": True,
                "source": yards["source"],
            }
        )
        return frame.set_axis(yards["place"] + "--" + yards.index)

    def _crossing_edges(self) -> pd.DataFrame:
        crossings = self.base["crossings"]
        return crossings.rename(columns={"from": "from_place", "to": "to_place"}).assign(
            kind="crossing", **{"class": crossings["mode"]}, estimated=crossings["confidence"] == "estimated"
        )

    @property
    @_handed_out
    def sources(self) -> pd.DataFrame:
        """Every source by id: title, publisher, address, licence, dates."""
        return self.base["sources"]

    def table(self, name: str) -> pd.DataFrame:
        """Read a table that is needed only now and then, such as ``climate`` or ``ice_phenology``.

        Raises
        ------
        InputError
            When neither the user's folder nor the dataset has it.
        DataError
            With every fault of the file, when there is one.
        """
        for folder in (self.own, geo_dir()):
            if folder is not None and (folder / f"{name}.csv").is_file():
                frame, faults = read_table(folder / f"{name}.csv", name)
                if faults:
                    raise DataError(faults)
                return frame
        raise unknown_name_error("table", name, (path.stem for path in geo_dir().glob("*.csv")))

    @cached_property
    def record_until(self) -> date:
        """Day of the newest dated observation of the season record."""
        days = pd.to_datetime(self.base["season_record"]["date"], format="ISO8601")
        if days.isna().all():
            raise InputError(
                "season_record.csv holds no dated row; give at least one, "
                "since every output says up to which day the record goes"
            )
        return date.fromisoformat(days.max().date().isoformat())

    # -- frames with geometry -----------------------------------------------------------------------

    @property
    @_handed_out
    def places(self) -> gpd.GeoDataFrame:
        """Places, stations and terminals: the nodes of the graph, by id."""
        return _points(self.nodes)

    @property
    @_handed_out
    def checkpoints(self) -> gpd.GeoDataFrame:
        """Checkpoints by id, at their first terminal on the Russian side."""
        checkpoints = self.base["checkpoints"]
        terminals = self.base["terminals"]
        russian = (
            terminals[terminals["country"] == "RU"].drop_duplicates("checkpoint").set_index("checkpoint")
        )
        spots = russian.reindex(checkpoints.index)[["lat", "lon"]]
        at_place = self.nodes.reindex(checkpoints["place"])[["lat", "lon"]].set_axis(checkpoints.index)
        return _points(checkpoints.join(spots.fillna(at_place)))

    @property
    @_handed_out
    def crossings(self) -> gpd.GeoDataFrame:
        """Crossings by id: checkpoint, mode, the terminals they join, length, line."""
        return self._lines(self.base["crossings"].rename(columns={"from": "from_place", "to": "to_place"}))

    @property
    @_handed_out
    def roads(self) -> gpd.GeoDataFrame:
        """Roads by id, the ways to the terminals among them."""
        roads = self.base["roads"].rename(columns={"from": "from_place", "to": "to_place"})
        access = (
            self._access_edges().drop(columns=["kind", "mode"]).assign(season="", ref="", name="", bends="")
        )
        return self._lines(pd.concat([roads, access]).rename_axis("id"), layer="roads_osm")

    @property
    @_handed_out
    def railways(self) -> gpd.GeoDataFrame:
        """Stretches of railway by id."""
        return self._lines(
            self.base["railways"].rename(columns={"from": "from_place", "to": "to_place"}),
            layer="railways_osm",
        )

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Read a map layer of the dataset.

        Parameters
        ----------
        name
            Name of the layer, for instance ``"border"``, ``"regions"``, ``"rivers"`` or ``"lakes"``.

        Raises
        ------
        InputError
            When the dataset has no such layer; the message names those there are.
        DataError
            With every fault of the layer's file, when there is one.
        """
        if name not in layer_names():
            raise unknown_name_error("layer", name, layer_names())
        return read_layer(name)

    def _lines(self, frame: pd.DataFrame, *, layer: str | None = None) -> gpd.GeoDataFrame:
        """Add the line of each row: from the layer where it has one, else through the bends."""
        import geopandas as gpd
        import shapely

        spots = self.nodes[["lon", "lat"]]
        start = spots.reindex(frame["from_place"]).to_numpy(dtype=float)
        end = spots.reindex(frame["to_place"]).to_numpy(dtype=float)
        bends = frame["bends"].fillna("") if "bends" in frame else pd.Series("", index=frame.index)
        lines = [
            shapely.LineString([a, *_bends(text), b])
            for a, text, b in zip(start.tolist(), bends, end.tolist(), strict=True)
        ]
        shapes = pd.Series(lines, index=frame.index, dtype=object)
        if layer is not None and layer in layer_names():
            drawn = self.layer(layer).set_index("id").geometry
            known = drawn.index.intersection(shapes.index)
            shapes.loc[known] = drawn.loc[known]
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=CRS))

    # -- the graph ----------------------------------------------------------------------------------

    @property
    @_handed_out
    def graph(self) -> nx.MultiDiGraph:
        """The whole network as a directed multigraph, valid for OSMnx.

        Nodes are place ids with ``x`` and ``y``; every way stands in both directions with its own ``id``,
        ``length`` in metres and ``geometry``; parallel crossings are separate edges. The graph knows no
        season: ``state.graph(vehicle)`` is the part that can be used on a day. Ids are text: what
        ``osmnx.save_graphml`` wrote is read with ``node_dtypes`` and ``edge_dtypes`` of ``{"osmid": str}``.
        """
        import networkx as nx
        import shapely

        graph = nx.MultiDiGraph(crs=CRS, name="amurgeo", simplified=True)
        for id_, node in self.nodes.iterrows():
            graph.add_node(
                id_,
                x=float(node["lon"]),
                y=float(node["lat"]),
                kind=node["kind"],
                country=node["country"],
                name=node["name_en"],
            )
        shapes = pd.concat([self.roads.geometry, self.railways.geometry, self.crossings.geometry]).to_dict()
        for edge in self.edges.itertuples():
            line = shapes.get(edge.Index)
            common = {
                "osmid": edge.Index,
                "id": edge.Index,
                "kind": edge.kind,
                "mode": edge.mode,
                "ref": edge.ref,
                "length": float(edge.length_km) * 1000.0,
                "length_km": float(edge.length_km),
            }
            for tail, head, back in (
                (edge.from_place, edge.to_place, False),
                (edge.to_place, edge.from_place, True),
            ):
                shape = line if line is not None else _straight(graph, tail, head)
                graph.add_edge(
                    tail,
                    head,
                    **common,
                    reversed=back,
                    geometry=shapely.reverse(shape) if back and line is not None else shape,
                )
        degrees = nx.MultiGraph(graph.to_undirected(as_view=True)).degree()
        nx.set_node_attributes(graph, dict(degrees), "street_count")
        return graph

    # -- places by name -----------------------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        # Junctions of OpenStreetMap have numbers, no names; large areas have a million.
        nameless = (self.nodes["kind"] == "junction") & (self.nodes["source"] == OSM_SOURCE)
        ordered = self.nodes[(self.nodes["kind"] != "terminal") & ~nameless].copy()
        ordered["order"] = ordered["kind"].map({kind: rank for rank, kind in enumerate(_KIND_ORDER)})
        for id_, node in ordered.sort_values("order", kind="stable").iterrows():
            for name in (str(id_), *(node[f"name_{lang}"] for lang in LANGUAGES), *node["aliases"]):
                ids = found.setdefault(fold(name), [])
                if str(id_) not in ids:
                    ids.append(str(id_))
        return found

    def find(self, name: str) -> str:
        """Find a place by its id, a name in English, Russian or Chinese, or a usual spelling.

        Parameters
        ----------
        name
            What a user typed.

        Returns
        -------
        str
            The id of the place.

        Raises
        ------
        InputError
            When nothing of that name is known; the message offers the nearest names.

        Examples
        --------
        >>> net = load()
        >>> net.find("Хэйхэ"), net.find("布拉戈维申斯克"), net.find("Bei-an")
        ('heihe', 'blagoveshchensk', 'beian')
        """
        if not isinstance(name, str):
            raise InputError(f"{name!r} is no place; give a name or id as text, or 'latitude,longitude'")
        if name in self.nodes.index:
            return name
        ids = self._names.get(fold(name), [])
        if not ids:
            raise self._unknown_place(name)
        return ids[0]

    def _unknown_place(self, name: str) -> InputError:
        from difflib import get_close_matches

        near = get_close_matches(fold(name), self._names, n=6, cutoff=0.6)
        ids = list(dict.fromkeys(self._names[key][0] for key in near))[:4]
        # A town and its station bear one name.
        shown = dict.fromkeys(
            f"{node['name_en']} ({node['name_ru']}, {node['name_zh']})"
            for node in self.nodes.loc[ids].to_dict("records")
        )
        hint = (
            f"did you mean {'; '.join(shown)}?"
            if shown
            else "give a place by its English, Russian or Chinese name, its id, or as 'latitude,longitude'"
        )
        return InputError(f"unknown place '{name}'; {hint}")

    # -- to the right -------------------------------------------------------------------------------

    def state(self, on: date | str | None = None, *, scenario: Any = None) -> Any:
        """Return the status of every crossing on a date; see `amurgeo.state`."""
        import amurgeo

        return amurgeo.state(self, on, scenario=scenario)


def vehicle_row(net: Network, vehicle: str) -> pd.Series:
    """Return the row of a vehicle.

    Parameters
    ----------
    net
        The network.
    vehicle
        Id of the vehicle.

    Raises
    ------
    InputError
        When there is no such vehicle; the message names those there are.

    Examples
    --------
    >>> import amurgeo as ag
    >>> float(vehicle_row(ag.load(), "truck_20t")["mass_t"])
    20.0
    """
    vehicles = net.base["vehicles"]
    if not isinstance(vehicle, str) or vehicle not in vehicles.index:
        raise unknown_name_error("vehicle", vehicle, vehicles.index)
    return vehicles.loc[vehicle]


def large_towns(net: Network) -> list[str]:
    """Return the ids of the oblast's towns with at least 10,000 people, largest first."""
    nodes = net.nodes
    towns = nodes[(nodes["region"] == OBLAST) & (nodes["population"] >= MIN_PEOPLE)]
    return [str(id_) for id_ in towns.sort_values("population", ascending=False).index]


def _bends(text: str) -> list[tuple[float, float]]:
    return [
        (float(lon), float(lat)) for lon, lat in (point.split() for point in text.split(";") if point.strip())
    ]


def _points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=CRS)


def _straight(graph: nx.MultiDiGraph, tail: str, head: str) -> Any:
    import shapely

    return shapely.LineString([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in (tail, head)])
