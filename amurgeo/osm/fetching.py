"""OpenStreetMap fetched through OSMnx: politely, with few questions, and with a clear word when it fails."""

from __future__ import annotations

import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from amurgeo._version import __version__
from amurgeo.errors import AmurgeoError, InputError
from amurgeo.osm.reading import RawArea, raw_from_osmnx
from amurgeo.osm.tags import CLASSES, MAIN, NODE_TAGS, WAY_TAGS

log = logging.getLogger(__name__)

#: The largest area that is asked for, in square degrees.
LARGEST_DEG2 = 60.0
#: Attempts, and the pause before each further one in seconds; a server that names a pause is obeyed.
PAUSES_S = (30.0, 60.0, 120.0)
#: A server that asks for a longer pause than that is not waited for.
LONGEST_PAUSE_S = 300.0

Progress = Callable[[int, int], None]


class FetchError(AmurgeoError):
    """The server could not be asked, refused, or answered what cannot be used."""


class _RefusedError(Exception):
    """The server answered with an error, or with an answer cut short by itself."""

    def __init__(self, why: str, *, pause_s: float | None, again: bool) -> None:
        super().__init__(why)
        self.pause_s = pause_s
        self.again = again


def way_filters(*, main_only: bool = False) -> list[str]:
    """Return the questions for OSMnx: roads, and ferries, which it leaves out by itself.

    Parameters
    ----------
    main_only
        Only roads between towns.

    Examples
    --------
    >>> way_filters(main_only=True)[1]
    '["route"="ferry"]'
    """
    values = MAIN if main_only else tuple(CLASSES)
    filters = [f'["highway"~"^({"|".join(values)})$"]["area"!~"yes"]', '["route"="ferry"]']
    # Ice roads may be mapped as tracks, which are not among the main roads.
    return (
        [*filters, '["highway"]["ice_road"="yes"]', '["highway"]["winter_road"="yes"]']
        if main_only
        else filters
    )


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
    """Fetch the roads, ice roads and ferries of an area through OSMnx.

    Parameters
    ----------
    polygon
        The area, as a shapely polygon in degrees.
    server
        Address of the Overpass API; None for the one OSMnx is set to.
    cache
        Folder in which answers are kept; a second attempt asks only for what is not there.
    main_only
        Only roads between towns.
    timeout_s
        How long one answer is waited for.
    pauses_s
        Pauses before the second attempt, the third and so on.
    progress
        Called after each answer with the number of answers and their bytes.
    sleep
        How to wait.

    Raises
    ------
    InputError
        When the area is too large, or holds no road.
    FetchError
        When the server cannot be reached, is too slow, refuses, or answers what cannot be used.

    Notes
    -----
    OSMnx asks one question at a time and asks the server for a free slot first. Its settings are put back
    afterwards.
    """
    west, south, east, north = polygon.bounds
    if (east - west) * (north - south) > LARGEST_DEG2:
        raise InputError(
            f"the area spans {east - west:.1f} by {north - south:.1f} degrees; fetch a smaller one, or read "
            "an extract with 'amurgeo osm read'"
        )
    import osmnx as ox
    import requests

    attempts = len(pauses_s) + 1
    with _settings(server, cache, timeout_s, progress) as host:
        if not any(cache.glob("*.json")):
            _check_reachable(host, timeout_s)
        for attempt in range(1, attempts + 1):
            try:
                graph = ox.graph_from_polygon(
                    polygon,
                    custom_filter=way_filters(main_only=main_only),
                    simplify=False,
                    retain_all=True,
                    truncate_by_edge=True,
                )
                return raw_from_osmnx(graph)
            except _RefusedError as error:
                problem, pause, again = str(error), error.pause_s, error.again
            except requests.exceptions.Timeout:
                problem, pause, again = f"did not answer within {timeout_s:g} seconds", None, True
            except requests.exceptions.RequestException as error:
                problem, pause, again = f"cannot be reached ({type(error).__name__})", None, False
            except OSError as error:
                # Another run that shares the folder may have dropped the answer just now.
                if not isinstance(error, FileNotFoundError):
                    raise InputError(
                        f"answers cannot be kept in '{cache}': {error.strerror or error}; name another "
                        "folder with --cache"
                    ) from error
                problem, pause, again = "gave an answer that is gone again", 0.0, True
            except (ox._errors.InsufficientResponseError, ValueError) as error:
                if "No data elements" in str(error) or "no graph nodes" in str(error):
                    raise InputError("OpenStreetMap holds no road and no ferry in that area") from error
                # A damaged answer that was kept, perhaps by a run under way, is no fault of the server.
                kept = _drop_damaged(cache)
                problem, pause, again = (
                    "answered what is no complete JSON document",
                    0.0 if kept else None,
                    True,
                )
            except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
                problem, pause, again = f"answered elements of another kind ({error!r})", None, False
                _drop_damaged(cache)
            usual = pauses_s[min(attempt, len(pauses_s)) - 1] if pauses_s else 0.0
            wait = usual if pause is None else pause
            if not again or attempt == attempts or wait > LONGEST_PAUSE_S:
                raise FetchError(
                    f"{host} {problem}; {_tried(attempt)}, nothing was written. What had been answered is "
                    f"kept in '{cache}': run the same command later, and it goes on from there"
                )
            log.warning("%s %s; trying again in %g seconds", host, problem, wait)
            sleep(wait)
    raise FetchError("nothing was asked")  # pragma: no cover


def _check_reachable(host: str, timeout_s: float) -> None:
    """Ask once before OSMnx does, which waits a minute for a server that is not there."""
    import requests

    try:
        requests.get(f"{host.rstrip('/')}/status", timeout=timeout_s)
    except requests.exceptions.Timeout:
        raise FetchError(f"{host} did not answer within {timeout_s:g} seconds; nothing was written") from None
    except requests.exceptions.RequestException as error:
        raise FetchError(
            f"{host} cannot be reached ({type(error).__name__}); nothing was written. Without internet, read "
            "an extract with 'amurgeo osm read'"
        ) from None


def _tried(attempt: int) -> str:
    return "tried once" if attempt == 1 else f"tried {attempt} times"


def _drop_damaged(cache: Path) -> int:
    """Remove kept answers that cannot be used, so that the next attempt asks anew; tell how many."""
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
    """Tell whether an element is a whole node or way, or of a kind that is not asked for."""
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
    """Set OSMnx up for one fetch, and put everything back."""
    import osmnx as ox

    settings = ox.settings
    wanted: dict[str, Any] = {
        "useful_tags_way": list(WAY_TAGS),
        "useful_tags_node": list(NODE_TAGS),
        "use_cache": True,
        "cache_folder": str(cache),
        "requests_timeout": timeout_s,
        "overpass_rate_limit": True,
        # No other server is asked for the address of this one.
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
    """Look at every answer before OSMnx, which waits for ever and takes half an answer for a whole one."""
    count = {"answers": 0, "bytes": 0}

    def look(response: Any, *_: Any, **__: Any) -> None:
        status, url = response.status_code, str(response.url)
        if status == 429:
            raise _RefusedError(
                "is busy and refuses more questions (429)", pause_s=_pause(response), again=True
            )
        if status >= 500:
            raise _RefusedError(f"is overloaded or failing ({status})", pause_s=_pause(response), again=True)
        if status >= 400:
            raise _RefusedError(
                f"refused the question ({status} {response.reason})", pause_s=None, again=False
            )
        if not url.split("?")[0].endswith("/interpreter"):
            return
        if not response.content.lstrip().startswith(b"{") or b'"elements"' not in response.content:
            raise _RefusedError("answered what is no data of OpenStreetMap", pause_s=None, again=True)
        if b'"remark"' in response.content:
            try:
                remark = response.json().get("remark")
            except (ValueError, AttributeError):
                remark = None
            if remark:
                raise _RefusedError(f"broke off: {remark}", pause_s=None, again="timed out" in str(remark))
        count["answers"] += 1
        count["bytes"] += len(response.content)
        if progress is not None:
            progress(count["answers"], count["bytes"])

    return look


def _pause(response: Any) -> float | None:
    told = str(response.headers.get("Retry-After", "")).strip()
    return float(told) if told.isdigit() else None
