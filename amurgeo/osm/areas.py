"""Read an area of OpenStreetMap from a file, an OSMnx graph or a server, and attach it to a dataset."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amurgeo.dataset.files import layer_names
from amurgeo.errors import InputError, check_bool, check_number
from amurgeo.io import as_path
from amurgeo.network import Network, check_network, load
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.fetching import Progress, fetch_osm, raw_from_osmnx
from amurgeo.osm.folder import BuiltArea
from amurgeo.osm.reading import RawArea, read_osm
from amurgeo.text import parse_day

if TYPE_CHECKING:
    import networkx as nx

#: Radius of the circle around a place and half the width of the strip along a corridor, km.
AROUND_KM, CORRIDOR_KM = 25.0, 15.0
_BBOX = "west,south,east,north in degrees, as 127.3,50.1,127.8,50.4"


def read(
    source: str | Path | nx.MultiDiGraph,
    *,
    net: Network | None = None,
    title: str | None = None,
    retrieved: date | str | None = None,
) -> BuiltArea:
    """Read roads, ice roads and ferries of OpenStreetMap and attach them to a dataset.

    Parameters
    ----------
    source
        Path of an extract (``.osm``, ``.osm.bz2``, ``.osm.gz``, ``.osm.pbf``), or a graph of OSMnx in
        degrees, simplified or not.
    net
        The network to attach to; the shipped one if omitted.
    title
        Name of the data; by default the name of the file or of the graph.
    retrieved
        Date on which the data were retrieved; by default that of the file, or the date of creation that
        OSMnx stores in the graph.

    Returns
    -------
    BuiltArea
        The area; ``write`` makes a folder of it that `amurgeo.load` reads.

    Raises
    ------
    InputError
        If the source cannot be read, contains no road or ferry that carries vehicles, or a graph is
        projected or without a date.

    Notes
    -----
    A graph has only the tags that the settings of OSMnx name. Set ``osmnx.settings.useful_tags_way`` to
    ``list(ag.osm.WAY_TAGS)`` and ``useful_tags_node`` to ``list(ag.osm.NODE_TAGS)`` before it is made, or ice
    roads, mass limits and positions of terminals are missing. Where an edge of a
    simplified graph joins ways with different tags, the lowest class of road and the smallest mass limit
    hold for all of it, and of other tags the first value: a road joined with an ice road has its season.
    ``osmnx.simplify_graph(graph, edge_attrs_differ=["osmid"])`` keeps ways apart; the report lists
    the edges that do not.

    Examples
    --------
    >>> import networkx as nx
    >>> import amurgeo as ag
    >>> streets = nx.MultiDiGraph(crs="EPSG:4326")
    >>> streets.add_node(1, x=127.51, y=50.28)
    >>> streets.add_node(2, x=127.53, y=50.29)
    >>> _ = streets.add_edge(1, 2, osmid=7, highway="primary", oneway=False, reversed=False)
    >>> area = ag.osm.read(streets, retrieved="2026-11-01")
    >>> area.counts["roads"]
    1
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        raw = read_osm(path)
        name, day = path.name, datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()
    else:
        raw = raw_from_osmnx(source)
        name = str(source.graph.get("name") or "a graph of OSMnx")
        created = str(source.graph.get("created_date", ""))[:10]
        if retrieved is None and not created:
            raise InputError("the graph has no created_date; pass retrieved=, for instance 2026-11-01")
        day = parse_day(created if retrieved is None else retrieved)
    return _attach(raw, net, title or name, day if retrieved is None else parse_day(retrieved))


def fetch(
    *,
    retrieved: date | str,
    cache: str | Path,
    around: str | None = None,
    bbox: Sequence[float] | None = None,
    corridor: tuple[str, str] | None = None,
    km: float | None = None,
    main_only: bool | None = None,
    server: str | None = None,
    timeout_s: float = 180.0,
    net: Network | None = None,
    progress: Progress | None = None,
) -> BuiltArea:
    """Fetch an area from a server of OpenStreetMap through OSMnx and attach it to a dataset.

    Parameters
    ----------
    retrieved
        Today's date, for the sources of the area.
    cache
        Folder in which answers are kept; after a failure the same call continues from there.
    around
        A place; the area is a circle around it.
    bbox
        West, south, east and north in degrees.
    corridor
        Two places; the area is a strip along the shortest route between them.
    km
        Radius of the circle (25 km by default), or half the width of the strip (15 km), above 0 and up to
        500.
    main_only
        Only roads between towns, ice roads and ferries; by default for a corridor only.
    server
        Address of the Overpass API; that of OSMnx if omitted.
    timeout_s
        Timeout of one request in seconds.
    net
        The network to attach to, with the places; the shipped one if omitted.
    progress
        Called after each answer with the number of answers and their bytes.

    Returns
    -------
    BuiltArea
        The area; ``write`` makes a folder of it that `amurgeo.load` reads.

    Raises
    ------
    InputError
        If not exactly one of `around`, `bbox` and `corridor` is given, one is invalid, or the area has no
        road.
    FetchError
        If the server cannot be reached, refuses, or sends an answer that cannot be read.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ag.osm.fetch(retrieved="2026-11-01", cache="answers")
    Traceback (most recent call last):
    ...
    amurgeo.errors.InputError: the area is missing; give one of around=, bbox= and corridor=
    """
    main_only = None if main_only is None else check_bool("main_only", main_only)
    if sum(given is not None for given in (around, bbox, corridor)) != 1:
        raise InputError("the area is missing; give one of around=, bbox= and corridor=")
    day, net = parse_day(retrieved), load() if net is None else check_network(net)
    if km is not None:
        km = check_number("km", km, 0, 500, above=True)
        if bbox is not None:
            raise InputError(f"km is invalid: {km:g}; expected none, since bbox= gives the area")
    timeout_s = check_number("timeout_s", timeout_s, 0, 3600, above=True)
    if bbox is not None:
        polygon, title = _frame(bbox), f"frame {','.join(map(str, bbox))}"
    elif around is not None:
        km = km or AROUND_KM
        polygon, title = _widened(_point(net, net.find(around)), km), f"around {around}, {km:g} km"
    else:
        start, end = corridor or ("", "")
        polygon, title = _widened(_line(net, start, end), km or CORRIDOR_KM), f"corridor {start} - {end}"
    raw = fetch_osm(
        polygon,
        server=server,
        cache=as_path("cache", cache),
        main_only=corridor is not None if main_only is None else main_only,
        timeout_s=timeout_s,
        progress=progress,
    )
    return _attach(raw, net, title, day)


def _attach(raw: RawArea, net: Network | None, title: str, retrieved: date) -> BuiltArea:
    net = load() if net is None else check_network(net)
    border = net.layer("border").geometry.union_all() if "border" in layer_names(net.folder) else None
    return build_area(raw, Backbone(net.base, border), title=title, retrieved=retrieved.isoformat())


def _frame(bbox: Sequence[float]) -> Any:
    import shapely

    try:
        west, south, east, north = map(float, bbox)
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError
    except (TypeError, ValueError):
        given = ",".join(map(str, bbox)) if isinstance(bbox, Sequence) and not isinstance(bbox, str) else bbox
        raise InputError(f"bbox is invalid: '{given}'; expected {_BBOX}") from None
    return shapely.box(west, south, east, north)


def _point(net: Network, place: str) -> Any:
    import shapely

    return shapely.Point(*net.nodes.loc[place, ["lon", "lat"]])


def _line(net: Network, start: str, end: str) -> Any:
    """Return the shortest route of the dataset, with crossings of any season."""
    import networkx as nx
    import shapely

    graph, a, b = net.graph, net.find(start), net.find(end)
    node = {data.get("id", key): key for key, data in graph.nodes(data=True)}
    try:
        path = nx.shortest_path(graph, node.get(a, a), node.get(b, b), weight="length")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        raise InputError(f"corridor is invalid: the dataset has no route from {start} to {end}") from None
    legs = [min(graph[tail][head].values(), key=lambda leg: leg["length"]) for tail, head in pairwise(path)]
    return shapely.union_all([leg["geometry"] for leg in legs]) if legs else _point(net, a)


def _widened(shape: Any, km: float) -> Any:
    """Widen a shape by kilometres, in the UTM zone of its place."""
    import geopandas as gpd

    series = gpd.GeoSeries([shape], crs="EPSG:4326")
    metric = series.to_crs(series.estimate_utm_crs())
    return metric.buffer(km * 1000.0).simplify(km * 20.0).to_crs("EPSG:4326").iloc[0]
