"""Prepared networks kept on disk, so that distances over the unchanging network are found once.

A file's name is a hash of everything its content follows from. Files are written beside their place and then
moved there, so that a reader never sees half of one and writers do not disturb each other; a file that is
broken all the same is noticed and made anew. Without a place to write to, nothing is kept and all works.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from amurgeo.io import BROKEN_ARRAYS
from amurgeo.routing.overlay import INF
from amurgeo.routing.statics import SeasonalGraph, Statics, Trees, ends, nodes, overlay_of, prepare, starts

if TYPE_CHECKING:
    Arrays = Mapping[str, npt.NDArray[Any]]

log = logging.getLogger(__name__)

#: Raised by one whenever the content of the files changes.
FORMAT = 1
#: Files kept; the oldest go first.
KEEP = 16


def cache_folder() -> Path:
    """Return the folder in which the user's system keeps what can be made anew.

    Returns
    -------
    Path
        ``amurgeo`` in ``XDG_CACHE_HOME`` if that is set; else in ``LOCALAPPDATA`` on Windows, in
        ``~/Library/Caches`` on macOS, in ``~/.cache`` elsewhere. It need not exist.

    Examples
    --------
    >>> cache_folder().name
    'amurgeo'
    """
    given = os.environ.get("XDG_CACHE_HOME")
    if not given and sys.platform == "win32":
        given = os.environ.get("LOCALAPPDATA")
    if given and Path(given).is_absolute():
        return Path(given) / "amurgeo"
    home = Path(os.path.expanduser("~"))
    return (home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache") / "amurgeo"


def prepare_cached(
    graph: SeasonalGraph, origins: npt.ArrayLike, destinations: npt.ArrayLike, *,
    folder: str | os.PathLike[str] | None = None,
) -> Statics:  # fmt: skip
    """Read a prepared network from disk, or prepare it and keep it there.

    Parameters
    ----------
    graph
        The network.
    origins, destinations
        Numbers of the nodes between which states will be solved.
    folder
        Where to keep it; `cache_folder` when left out.

    Returns
    -------
    Statics
        The same as from `prepare`.

    Raises
    ------
    InputError
        As `prepare` does. A folder that cannot be read or written is no error; the log tells.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from amurgeo.routing.statics import Arcs
    >>> graph = SeasonalGraph(2, Arcs([0], [1], [60]))
    >>> with TemporaryDirectory() as folder:
    ...     first = prepare_cached(graph, [0], [1], folder=folder)
    ...     again = prepare_cached(graph, [0], [1], folder=folder)
    >>> again.overlay.between.tolist()
    [[60]]
    """
    start_nodes = nodes("origins", origins, graph)
    end_nodes = nodes("destinations", destinations, graph)
    path = Path(folder or cache_folder()) / f"{key_of(graph, start_nodes, end_nodes)}.npz"
    try:
        if path.exists():
            between, trees = _read(path, graph, start_nodes, end_nodes)
            log.info("read distances from %s", path)
            overlay = overlay_of(graph, between, len(start_nodes), len(end_nodes))
            return Statics(graph, start_nodes, end_nodes, overlay, trees)
    except BROKEN_ARRAYS as error:
        log.warning("%s is broken (%s); making it anew", path, error)
    statics = prepare(graph, start_nodes, end_nodes)
    try:
        _write(path, statics)
        _forget_oldest(path.parent)
    except OSError as error:
        log.warning("cannot keep distances in %s (%s); going on without", path.parent, error)
    return statics


def key_of(graph: SeasonalGraph, origins: npt.ArrayLike, destinations: npt.ArrayLike) -> str:
    """Return the hash of everything that distances and paths between terminals follow from.

    The ordinary costs of arcs that change are not part of it, nor are ids.

    Parameters
    ----------
    graph, origins, destinations
        As for `prepare`.

    Examples
    --------
    >>> from amurgeo.routing.statics import Arcs
    >>> road, slower = SeasonalGraph(2, Arcs([0], [1], [60])), SeasonalGraph(2, Arcs([0], [1], [61]))
    >>> key_of(road, [0], [1]) == key_of(road, [0], [1]), key_of(road, [0], [1]) == key_of(slower, [0], [1])
    (True, False)
    """
    digest = hashlib.sha256(f"amurgeo {FORMAT} {graph.n_nodes}".encode())
    parts = (
        graph.static.tail, graph.static.head, graph.static.seconds,
        graph.border.tail, graph.border.head, graph.winter.tail, graph.winter.head,
        np.asarray(origins), np.asarray(destinations),
    )  # fmt: skip
    for part in parts:
        digest.update(f"|{part.size}|".encode())
        digest.update(np.ascontiguousarray(part, dtype="<i4").data)
    return digest.hexdigest()[:40]


def _write(path: Path, statics: Statics) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    trees = statics.trees
    handle, name = tempfile.mkstemp(prefix=f"{path.stem}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file, between=statics.overlay.between, arc=trees.arc, before=trees.before, last=trees.last
            )
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path, graph: SeasonalGraph, origins: Any, destinations: Any) -> tuple[Any, Trees]:
    """Read one file; raise one of `BROKEN_ARRAYS` unless everything in it can be used without harm."""
    rows, cols = starts(graph, origins), ends(graph, destinations)
    pairs = (len(np.unique(rows)), len(np.unique(cols)))
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        found = {name: stored[name] for name in ("between", "arc", "before", "last")}
    between, arc, before, last = found.values()
    if any(array.dtype != np.int32 for array in found.values()):
        raise ValueError("not of whole numbers")
    shapes = [array.shape for array in found.values()]
    if shapes != [(len(rows), len(cols)), (arc.size,), (arc.size,), pairs]:
        raise ValueError("of the wrong shape")
    # A chain of entries must end and name arcs that are there, whatever the file says.
    if (
        not _within(between, 0, INF)
        or not _within(arc, 0, len(graph.static) - 1)
        or not _within(last, -1, len(arc) - 1)
        or (before < -1).any()
        or (before >= np.arange(len(before))).any()
    ):
        raise ValueError("numbers out of range")
    return between, Trees(arc, before, last)


def _within(array: npt.NDArray[Any], least: int, most: int) -> bool:
    return not array.size or bool(array.min() >= least and array.max() <= most)


def _forget_oldest(folder: Path) -> None:
    """Remove all but the newest files; one that is in use or gone already stays as it is."""
    aged = []
    for path in folder.glob("*.npz"):
        try:
            aged.append((path.stat().st_mtime_ns, path))
        except OSError:
            continue
    for _, path in sorted(aged, reverse=True)[KEEP:]:
        try:
            path.unlink()
        except OSError as error:
            log.debug("%s stays (%s)", path, error)
