"""OpenStreetMap data fetched through OSMnx, with retries, a cache and clear errors, and graphs of OSMnx."""

from __future__ import annotations

import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo._version import __version__
from amurgeo.errors import AmurgeoError, InputError
from amurgeo.osm.reading import RawArea, raw_area
from amurgeo.osm.seasons import Remark, read_mass
from amurgeo.osm.tags import CLASSES, NODE_TAGS, WAY_TAGS, effect_of

if TYPE_CHECKING:
    import networkx as nx

log = logging.getLogger(__name__)

#: Largest area that is requested, in square degrees.
LARGEST_DEG2 = 60.0
#: Seconds before the second, third and fourth attempt, unless the server sends ``Retry-After``.
PAUSES_S = (30.0, 60.0, 120.0)
#: With a longer pause (seconds) the fetch is given up.
LONGEST_PAUSE_S = 300.0

Progress = Callable[[int, int], None]


class FetchError(AmurgeoError):
    """The server cannot be reached, refuses the request, or sends an answer that cannot be read."""


class _ServerError(Exception):
    """An answer with an error, the pause that the server asks for, and whether a retry may help."""

    def __init__(self, problem: str, *, pause_s: float | None = None, retry: bool = True) -> None:
        super().__init__(problem)
        self.pause_s = pause_s
        self.retry = retry


def way_filters(*, main_only: bool = False) -> list[str]:
    """Return the filters of the requests: roads, or roads between towns and ice roads; and ferries."""
    values = [value for value, class_ in CLASSES.items() if class_ != "street" or not main_only]
    filters = [f'["highway"~"^({"|".join(values)})$"]["area"!~"yes"]', '["route"="ferry"]']
    # Ice roads may be mapped as tracks, which are not among the main roads.
    icy = ['["highway"]["ice_road"="yes"]', '["highway"]["winter_road"="yes"]']
    return filters + icy if main_only else filters


def fetch_osm(
    polygon: Any,
    *,
    server: str | None = None,
    cache: Path,
    main_only: bool = False,
    timeout_s: float = 180.0,
    pauses_s: tuple[float, ...] = PAUSES_S,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> RawArea:
    """Fetch the roads, ice roads and ferries of an area (a polygon in degrees) through OSMnx.

    Answers are kept in the cache, so that later calls request only what is missing. Raise InputError for an
    area that is too large or has no road, FetchError for a server that does not answer as it should.

    OSMnx sends one request at a time and waits for a free slot. Its settings are restored afterwards.
    """
    west, south, east, north = polygon.bounds
    if (east - west) * (north - south) > LARGEST_DEG2:
        raise InputError(
            f"the area spans {east - west:.1f} by {north - south:.1f} degrees; fetch a smaller one, or read "
            "an extract with amurgeo.osm.read"
        )
    import osmnx as ox
    import requests

    with _settings(server, cache, timeout_s, progress) as host:
        if not any(cache.glob("*.json")):
            _check_reachable(host, timeout_s)
        for attempt in range(len(pauses_s) + 1):
            pause, retry = None, True
            try:
                graph = ox.graph_from_polygon(
                    polygon,
                    custom_filter=way_filters(main_only=main_only),
                    simplify=False,
                    retain_all=True,
                    truncate_by_edge=True,
                )
                return raw_from_osmnx(graph)
            except _ServerError as error:
                problem, pause, retry = str(error), error.pause_s, error.retry
            except requests.exceptions.Timeout:
                problem = f"did not answer within {timeout_s:g} seconds"
            except requests.exceptions.RequestException as error:
                problem, retry = f"cannot be reached ({type(error).__name__})", False
            except FileNotFoundError:
                # Another process that shares the cache has dropped the file.
                problem, pause = "sent an answer that is no longer in the cache", 0.0
            except OSError as error:
                raise InputError(
                    f"cache is invalid: cannot write in '{cache}': {error.strerror or error}; expected a "
                    "folder that is writable"
                ) from error
            except (ox._errors.InsufficientResponseError, ValueError) as error:
                if "No data elements" in str(error) or "no graph nodes" in str(error):
                    raise InputError("OpenStreetMap has no road and no ferry in that area") from error
                problem = "sent an incomplete JSON document"
                # Without a damaged file in the cache the server itself is at fault.
                pause = 0.0 if _drop_damaged(cache) else None
            except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
                problem, retry = f"sent elements of an unknown form ({error!r})", False
                _drop_damaged(cache)
            wait = [*pauses_s, 0.0][attempt] if pause is None else pause
            if not retry or attempt == len(pauses_s) or wait > LONGEST_PAUSE_S:
                tried = "tried once" if attempt == 0 else f"tried {attempt + 1} times"
                raise FetchError(
                    f"{host} {problem}; {tried}, nothing was written. Complete answers are kept in "
                    f"'{cache}': ask again later to continue"
                )
            log.warning("%s %s; trying again in %g seconds", host, problem, wait)
            sleep(wait)
    raise AssertionError("the last attempt returns or raises")  # pragma: no cover


def _check_reachable(host: str, timeout_s: float) -> None:
    """Raise for a server that does not answer; OSMnx would wait a minute for its status."""
    import requests

    try:
        requests.get(f"{host.rstrip('/')}/status", timeout=timeout_s)
    except requests.exceptions.Timeout:
        raise FetchError(f"{host} did not answer within {timeout_s:g} seconds; nothing was written") from None
    except requests.exceptions.RequestException as error:
        raise FetchError(
            f"{host} cannot be reached ({type(error).__name__}); nothing was written. Without internet, read "
            "an extract with amurgeo.osm.read"
        ) from None


def _drop_damaged(cache: Path) -> int:
    """Remove the answers that cannot be read from the cache and return their number."""
    dropped = 0
    for path in sorted(cache.glob("*.json")):
        if not re.fullmatch(r"[0-9a-f]{40}", path.stem):
            continue
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            usable = all(map(_is_usable, document["elements"]))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            usable = False
        if not usable:
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def _is_usable(element: Mapping[str, Any]) -> bool:
    """Return whether an element is a complete node or way, or of another type."""
    kind = element["type"]
    if kind not in ("node", "way"):
        return True
    if not isinstance(element.get("tags", {}), dict):
        return False
    numbers = [element["id"], *(element["nodes"] if kind == "way" else [])]
    if not all(isinstance(number, int) and abs(number) < 2**63 for number in numbers):
        return False
    return kind == "way" or (abs(float(element["lat"])) <= 90.0 and abs(float(element["lon"])) <= 180.0)


@contextmanager
def _settings(server: str | None, cache: Path, timeout_s: float, progress: Progress | None) -> Iterator[str]:
    """Change the settings of OSMnx, yield the server's address, and restore them."""
    import osmnx as ox

    settings = ox.settings
    wanted: dict[str, Any] = {
        "useful_tags_way": list(WAY_TAGS),
        "useful_tags_node": list(NODE_TAGS),
        "use_cache": True,
        "cache_folder": str(cache),
        "requests_timeout": timeout_s,
        "overpass_rate_limit": True,
        # Resolve the server's name without another server.
        "doh_url_template": None,
        "http_user_agent": f"amurgeo/{__version__} (OSMnx {ox.__version__})",
        "requests_kwargs": {**settings.requests_kwargs, "hooks": {"response": _watch(progress)}},
    }
    if server is not None:
        wanted["overpass_url"] = server.rstrip("/").removesuffix("/interpreter")
    before = {name: getattr(settings, name) for name in wanted}
    resolve = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield str(settings.overpass_url)
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        # OSMnx pins the server's address for the whole process.
        socket.getaddrinfo = resolve


def _watch(progress: Progress | None) -> Callable[..., None]:
    """Return a hook that raises for errors that OSMnx retries for ever or does not notice."""
    total = {"answers": 0, "bytes": 0}

    def check(response: Any, *_: Any, **__: Any) -> None:
        status, body = response.status_code, response.content
        header = str(response.headers.get("Retry-After", "")).strip()
        pause = float(header) if header.isdigit() else None
        if status == 429:
            raise _ServerError("is busy and refuses more requests (429)", pause_s=pause)
        if status >= 500:
            raise _ServerError(f"is overloaded or failing ({status})", pause_s=pause)
        if status >= 400:
            raise _ServerError(f"refused the request ({status} {response.reason})", retry=False)
        if not str(response.url).split("?")[0].endswith("/interpreter"):
            return
        if not body.lstrip().startswith(b"{") or b'"elements"' not in body:
            raise _ServerError("sent an answer without OpenStreetMap data")
        if b'"remark"' in body:
            try:
                remark = response.json().get("remark")
            except (ValueError, AttributeError):
                remark = None
            if remark:
                raise _ServerError(f"stopped early: {remark}", retry="timed out" in str(remark))
        total["answers"] += 1
        total["bytes"] += len(body)
        if progress is not None:
            progress(total["answers"], total["bytes"])

    return check


def raw_from_osmnx(graph: nx.MultiDiGraph) -> RawArea:
    """Convert a graph of OSMnx, simplified or not; raise InputError if it is something else.

    OSMnx turns ways against whose direction traffic runs, so their ``oneway`` becomes ``yes``. The points
    along a simplified edge are numbered above the nodes of the graph.
    """
    _check_graph(graph)
    lonlat = {id_: (float(node["x"]), float(node["y"])) for id_, node in graph.nodes(data=True)}
    points = {
        id_: {key: node[key] for key in NODE_TAGS if isinstance(node.get(key), str)}
        for id_, node in graph.nodes(data=True)
    }
    ways: dict[Any, tuple[int, dict[str, str]]] = {}
    number: dict[Any, int] = {}
    along: dict[tuple[float, float], int] = {}
    drawn: set[tuple[int, tuple[int, ...]]] = set()
    rows: list[tuple[int, int, int]] = []
    remarks: list[tuple[int, Remark]] = []
    last = max(lonlat)
    for tail, head, data in graph.edges(data=True):
        oneway, reverse = (True in _values(data.get(name, False)) for name in ("oneway", "reversed"))
        if data.get("reversed") is True:
            # The same segments are an edge in the direction of the way.
            continue
        ids = _values(data.get("osmid", 0))
        way = (int(min(ids)), _tags(data, oneway))
        key = (way[0], *way[1].items())
        if key not in ways:
            ways[key], number[key] = way, len(number)
        path = [tail, head]
        if "geometry" in data:
            inner = data["geometry"].coords[1:-1]
            path[1:1] = [along.setdefault((x, y), last + 1 + len(along)) for x, y, *_ in inner]
        if not oneway and reverse:
            # Merged edges may be reversed in part: both directions are in the graph.
            line = (number[key], min(tuple(path), tuple(path[::-1])))
            if line in drawn:
                continue
            drawn.add(line)
        remarks += _remarks(way, data)
        rows += [(*pair, number[key]) for pair in pairwise(path) if pair[0] != pair[1]]
    lonlat |= {id_: point for point, id_ in along.items()}
    node_id = np.array(sorted(lonlat), dtype=np.int64)
    segments = np.array(rows, dtype=np.int64).reshape(-1, 3)
    segments[:, :2] = np.searchsorted(node_id, segments[:, :2])
    positions = np.array([lonlat[id_] for id_ in node_id.tolist()], dtype=float).reshape(-1, 2)
    raw = raw_area(node_id, positions, segments, list(ways.values()), points)
    return replace(raw, remarks=tuple(remarks))


def _remarks(way: tuple[int, dict[str, str]], data: Mapping[str, Any]) -> list[tuple[int, Remark]]:
    """Return the tags in which the ways of an edge differ, with the value that is used."""
    problem = "the edge joins ways that differ; {} is used for all of it"
    return [
        (way[0], Remark(key, ";".join(map(str, data[key])), problem.format(used), read=True))
        for key, used in way[1].items()
        if effect_of(key)[0] == "read" and len(_values(data[key])) > 1
    ]


def _check_graph(graph: Any) -> None:
    """Raise unless an object is a graph of OSMnx in degrees."""
    import networkx as nx

    expected = "expected the path of an extract, or a MultiDiGraph of OSMnx"
    if not isinstance(graph, nx.MultiDiGraph):
        raise InputError(f"the source is invalid: {type(graph).__name__}; {expected}")
    if not graph.number_of_edges():
        raise InputError("the graph is empty; expected at least one edge")
    for id_, node in graph.nodes(data=True):
        if isinstance(id_, bool) or not isinstance(id_, int) or not {"x", "y"} <= set(node):
            raise InputError(f"the graph is invalid: node {id_!r}; expected a whole number with x and y")
        if not (abs(node["x"]) <= 180.0 and abs(node["y"]) <= 90.0):
            raise InputError(
                "the graph is projected; expected degrees, see osmnx.project_graph(graph, to_latlong=True)"
            )


def _values(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _tags(data: Mapping[str, Any], oneway: bool) -> dict[str, str]:
    """Return the tags of an edge; where it joins several ways, those of the most restricted."""
    tags = {}
    for key in WAY_TAGS:
        values = [str(value) for value in _values(data.get(key)) if value is not None and value == value]
        if not values or key == "oneway":
            continue
        if key == "highway":
            order = list(CLASSES)
            values.sort(key=lambda value: order.index(value) if value in order else len(order), reverse=True)
        elif key == "maxweight":
            values.sort(key=lambda value: np.nan_to_num(read_mass(value), nan=np.inf))
        tags[key] = values[0]
    return {**tags, "oneway": "yes"} if oneway else tags
