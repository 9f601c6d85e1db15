"""The network: base tables, frames of places and edges, places by name, and the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property, wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from amurgeo.dataset.border import Border, read_border
from amurgeo.dataset.files import read_layer
from amurgeo.dataset.names import NAME_COLUMNS, Names, ids_by_name, unknown_place
from amurgeo.dataset.observations import with_trips
from amurgeo.dataset.reading import load_tables, read_other_table, require_folder
from amurgeo.dataset.schema import geo_dir, normalize_name
from amurgeo.errors import DataError, InputError, shorten
from amurgeo.network.edges import (
    access_roads,
    both_ways,
    build_graph,
    draw_lines,
    edge_attributes,
    edge_table,
    ends,
    transfers,
    with_points,
)
from amurgeo.text import Day

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

_T = TypeVar("_T")
_Frame = TypeVar("_Frame", bound=pd.DataFrame)
_NODE_COLUMNS = ["kind", "country", "side", "region", *NAME_COLUMNS, "aliases", "lat", "lon"]
_NODE_COLUMNS += ["population", "population_year", "population_confidence", "confidence", "source"]


def cached(net: Network, key: Any, make: Callable[[], _T]) -> _T:
    """Return a value that belongs to a network, computed once: its tables never change."""
    if key not in net.cache:
        net.cache[key] = make()
    value: _T = net.cache[key]
    return value


def _cached(compute: Callable[[Network], _Frame]) -> Callable[[Network], _Frame]:
    """Compute a frame once; return shallow copies, which copy-on-write keeps apart."""

    @wraps(compute)
    def copy(net: Network) -> _Frame:
        frame: _Frame = cached(net, compute.__name__, lambda: compute(net)).copy(deep=False)
        return frame

    return copy


def with_tables(net: Network, tables: Mapping[str, pd.DataFrame]) -> Network:
    """Return a network of other tables with the border and the folders of this one."""
    return Network(tables, border=net.border, folder=net.folder, own=net.own)


class Network:
    """Tables of one dataset and the graph built from them; immutable.

    Returned frames and graphs are copies and may be modified; ``base`` gives the tables themselves.

    Parameters
    ----------
    tables
        Frames by table name. They are not validated: use `from_tables` for frames of your own.
    border
        Sides of the border and defaults of questions; those of the shipped dataset if omitted.
    folder
        Folder of the dataset, for its layers, scenarios and other tables; the shipped one if omitted.
    own
        Folder of the user's tables that were overlaid, or None.
    before
        The network to which this one adds the roads, crossings and speeds of a scenario, or None.
    """

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        border: Border | None = None,
        folder: Path | None = None,
        own: Path | None = None,
        before: Network | None = None,
    ) -> None:
        self.base: Mapping[str, pd.DataFrame] = MappingProxyType(dict(tables))
        self.folder = geo_dir() if folder is None else folder
        self.border = read_border(self.folder) if border is None else border
        self.own, self.before = own, before
        #: Values computed from the tables, by key: frames, season model, engines.
        self.cache: dict[object, Any] = {}

    @classmethod
    def from_tables(
        cls, tables: Mapping[str, pd.DataFrame], *, border: Border | None = None, folder: Path | None = None
    ) -> Network:
        """Return a network of frames, validated as `amurgeo check` validates files.

        Parameters
        ----------
        tables
            Frames by table name, indexed by their key, as in ``net.tables``; tables that do not apply may be
            left out.
        border, folder
            As for `Network`.

        Returns
        -------
        Network
            The network.

        Raises
        ------
        DataError
            If tables have faults; the error lists all of them.

        Examples
        --------
        >>> import amurgeo as ag
        >>> tables = {name: table for name, table in ag.load().tables.items() if name != "roads"}
        >>> ag.Network.from_tables(tables)
        Traceback (most recent call last):
        amurgeo.errors.DataError: roads.csv: the dataset has no roads.csv; add it
        """
        from amurgeo.dataset.checks import checked_tables

        base = geo_dir() if folder is None else Path(folder)
        border = read_border(base) if border is None else border
        return cls(with_trips(checked_tables(tables, border, base)), border=border, folder=base)

    @classmethod
    def from_folder(cls, folder: str | Path) -> Network:
        """Return the network of a dataset's folder, validated as `amurgeo check` validates files.

        Parameters
        ----------
        folder
            Folder with ``dataset.toml`` and the tables.

        Returns
        -------
        Network
            The network.

        Raises
        ------
        InputError
            If the folder does not exist.
        DataError
            If tables have faults; the error lists all of them.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.Network.from_folder(ag.load().folder).find("Heihe")
        'heihe'
        """
        from amurgeo.dataset.checks import check_tables

        path = require_folder(Path(folder))
        if faults := [one for one in check_tables(dataset=path).faults if one.severity != "warning"]:
            raise DataError(faults)
        return cls(with_trips(load_tables(path)), folder=path)

    def __repr__(self) -> str:
        n_crossings = len(self.base["crossings"])
        return f"Network({len(self.nodes)} places, {len(self.edges)} edges, {n_crossings} crossings)"

    def __getstate__(self) -> dict[str, Any]:
        kept = {name: getattr(self, name) for name in ("border", "folder", "own", "before")}
        return {"tables": dict(self.base), **kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def with_rows(self, rows: Mapping[str, list[dict[str, Any]]]) -> Network:
        """Return a network overlaid with rows, validated as `amurgeo check` validates files.

        Parameters
        ----------
        rows
            Rows by table; missing columns have the defaults of the schema, a missing source is an estimate.

        Returns
        -------
        Network
            A new network; this one stays as it is.

        Raises
        ------
        DataError
            If rows have faults; the error lists all of them.

        Examples
        --------
        >>> import amurgeo as ag
        >>> depot = {"id": "depot", "kind": "village", "country": "RU", "region": "amur_oblast",
        ...          "name_en": "Depot", "lat": 50.8, "lon": 128.5}
        >>> ag.load().with_rows({"places": [depot]}).find("Depot")
        'depot'
        """
        from amurgeo.dataset.checks import checked_rows

        return with_tables(self, with_trips(checked_rows(rows, self.base)))

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The base tables by name, as copies."""
        return MappingProxyType({name: table.copy(deep=False) for name, table in self.base.items()})

    @property
    @_cached
    def nodes(self) -> pd.DataFrame:
        """Places, stations and terminals without geometry, by id: the nodes of the graph."""
        terminals = self.base["terminals"]
        checkpoints = self.base["checkpoints"].reindex(terminals["checkpoint"]).set_index(terminals.index)
        abroad = checkpoints[[f"counterpart_{name}" for name in NAME_COLUMNS]].set_axis(NAME_COLUMNS, axis=1)
        names = checkpoints[NAME_COLUMNS].where(terminals["side"] == "home", abroad, axis=0)
        terminals = terminals.assign(
            kind="terminal",
            country=terminals["place"].map(self.base["places"]["country"]),
            region=terminals["place"].map(self.base["places"]["region"]),
            aliases=pd.Series([()] * len(terminals), index=terminals.index, dtype=object),
            population=float("nan"),
            population_confidence="",
            **names,
        )
        frames = (self.base["places"], self.base["stations"].assign(kind="station"), terminals)
        nodes = pd.concat([frame.reindex(columns=_NODE_COLUMNS) for frame in frames])
        # The side of a terminal is in its row, that of a place is that of its region.
        return nodes.assign(side=nodes["side"].fillna(nodes["region"].map(self.base["regions"]["side"])))

    @property
    @_cached
    def edges(self) -> pd.DataFrame:
        """Every edge between two nodes, by id, without geometry and without direction.

        Columns: ``kind`` (road, railway, transfer, crossing), ``from_place``, ``to_place``, ``mode``,
        ``ref``, ``class``, ``surface``, ``length_km``, ``season``, ``estimated`` (the length is an
        estimate), ``status``, ``opened``, ``source``, ``oneway``, ``toll``, ``max_mass_t``, ``traffic``.
        """
        return edge_table(self.base)

    @property
    def sources(self) -> pd.DataFrame:
        """Sources by id: title, publisher, address, licence, dates."""
        return self.base["sources"].copy(deep=False)

    def table(self, name: str) -> pd.DataFrame:
        """Read a table, also one that is not among ``tables``, such as ``climate``.

        The user's rows overlay those of the dataset.

        Parameters
        ----------
        name
            Name of the table.

        Returns
        -------
        DataFrame
            The table by id, with the columns of its schema; a copy.

        Raises
        ------
        InputError
            If neither the user's folder nor the dataset has it; the message lists the tables there are.
        DataError
            If the file has faults; the error lists all of them.

        Examples
        --------
        >>> import amurgeo as ag
        >>> "station" in ag.load().table("climate").columns
        True
        """
        if name in self.base:
            return self.base[name].copy(deep=False)
        return read_other_table(name, self.folder, self.own, known=self.base)

    @cached_property
    def record_until(self) -> date:
        """Date of the latest observation in the season record."""
        days = pd.to_datetime(self.base["season_record"]["date"], format="ISO8601")
        if days.isna().all():
            raise InputError(
                "season_record.csv has no dated row; expected at least one, "
                "because every answer gives the last date of the record"
            )
        return date.fromisoformat(days.max().date().isoformat())

    @property
    @_cached
    def places(self) -> gpd.GeoDataFrame:
        """Places, stations and terminals by id: the nodes of the graph; aliases are joined with ``;``."""
        return with_points(self.nodes.assign(aliases=self.nodes["aliases"].map(";".join)))

    @property
    @_cached
    def checkpoints(self) -> gpd.GeoDataFrame:
        """Checkpoints by id, at their first terminal on the home side."""
        checkpoints, terminals = self.base["checkpoints"], self.base["terminals"]
        home = terminals[terminals["side"] == "home"].drop_duplicates("checkpoint")
        points = home.set_index("checkpoint").reindex(checkpoints.index)[["lat", "lon"]]
        towns = self.nodes.reindex(checkpoints["place"])[["lat", "lon"]].set_axis(checkpoints.index)
        return with_points(checkpoints.join(points.fillna(towns)))

    @property
    @_cached
    def crossings(self) -> gpd.GeoDataFrame:
        """Crossings by id: checkpoint, mode, terminals at both ends, length, line."""
        return draw_lines(self, ends(self.base, "crossings"))

    @property
    @_cached
    def roads(self) -> gpd.GeoDataFrame:
        """Roads by id, including the access roads of terminals; pairs that use them are joined with ``;``.

        ``course``: ``surveyed`` (a line of OpenStreetMap), ``via`` (through known points) or ``schematic``
        (a straight line between the ends; do not measure on it).
        """
        access = access_roads(self.base).assign(season="", ref="", name="", bends="")
        roads = pd.concat([ends(self.base, "roads"), access]).rename_axis("id")
        flags = {name: roads[name].eq(True) for name in ("toll", "oneway") if name in roads}
        pairs = roads["used_pairs"].map(";".join, na_action="ignore").fillna("")
        estimated = self.edges["estimated"].reindex(roads.index).astype(bool)
        roads = roads.assign(**flags, estimated=estimated, used_pairs=pairs)
        return draw_lines(self, roads, layer="roads_osm")

    @property
    @_cached
    def railways(self) -> gpd.GeoDataFrame:
        """Railway sections by id, with ``course`` as for roads; pairs that use them are joined by ``;``."""
        pairs = self.base["railways"]["used_pairs"].map(";".join)
        return draw_lines(self, ends(self.base, "railways").assign(used_pairs=pairs), layer="railways_osm")

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Read a map layer of the dataset.

        Parameters
        ----------
        name
            Name of the layer, for instance ``"border"``, ``"regions"``, ``"rivers"`` or ``"water"``.

        Returns
        -------
        GeoDataFrame
            Columns of the layer and ``geometry``, EPSG:4326.

        Raises
        ------
        InputError
            If the dataset has no such layer; the message lists the valid names.
        DataError
            If the layer's file has faults; the error lists all of them.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.load().layer("border").crs.to_epsg()
        4326
        """
        return read_layer(name, self.folder)

    @property
    @_cached
    def links(self) -> pd.DataFrame:
        """Attributes of the edges in the graph, by id: kind, mode, highway, ref, name, oneway, geometry."""
        frames = (self.roads, self.railways, draw_lines(self, transfers(self.base)), self.crossings)
        return edge_attributes(self.edges, self.base["roads"]["name"], [frame.geometry for frame in frames])

    @property
    def graph(self) -> nx.MultiDiGraph:
        """The whole network as a directed multigraph that OSMnx takes as it is.

        Nodes have integer keys, with the place id as the attribute ``id``, and ``x`` and ``y`` in degrees.
        Edges have ``id``, ``osmid`` (an integer; the way in an area of OpenStreetMap), ``kind``, ``mode``,
        ``highway``, ``ref``, ``name``, ``oneway``, ``reversed``, ``length`` in metres, ``length_km`` and
        ``geometry``. Every edge without ``oneway`` exists in both directions; parallel crossings are separate
        edges; places without any edge are left out. The graph has no season: ``state.graph()`` is the part
        that is usable on a date.
        """
        graph = cached(self, "graph", lambda: build_graph(self.nodes, both_ways(self.edges, self.links)))
        return graph.copy()

    @cached_property
    def names(self) -> Names:
        """Crossings, checkpoints and modes by name."""
        return Names(self.base)

    @property
    def area(self) -> str:
        """The extent of the places in degrees."""
        west, south, east, north = self.border.bounds
        return f"latitude {south:g} to {north:g}, longitude {west:g} to {east:g}"

    @cached_property
    def node_ids(self) -> pd.Index:
        """Ids of the nodes."""
        return self.nodes.index

    def find(self, name: str) -> str:
        """Find a place by its id, its name in any language, or a common spelling.

        Parameters
        ----------
        name
            Name or id, as a user types it.

        Returns
        -------
        str
            The id of the place.

        Raises
        ------
        InputError
            If no place has that name; the message offers the most similar ones.

        Examples
        --------
        >>> import amurgeo as ag
        >>> net = ag.load()
        >>> net.find("Хэйхэ"), net.find("布拉戈维申斯克"), net.find("Bei-an")
        ('heihe', 'blagoveshchensk', 'beian')
        """
        if not isinstance(name, str):
            raise InputError(f"place is invalid: {shorten(name)}; expected a name or id")
        if name in self.node_ids:
            return name
        ids = cached(self, "ids_by_name", lambda: ids_by_name(self.nodes))
        if (id_ := ids.get(normalize_name(name))) is None:
            raise unknown_place(name, self.nodes, ids, self.area)
        return id_

    def state(self, on: Day | None = None, *, scenario: Any = None, assume: str | None = None) -> Any:
        """Return the status of every crossing on a date; see `amurgeo.state`."""
        import amurgeo

        return amurgeo.state(self, on, scenario=scenario, assume=assume)
