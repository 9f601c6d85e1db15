"""What every check needs: the rows of a table with their lines, and a short way to name a fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import pandas as pd

from amurgeo.errors import Fault

#: Frames by table name.
Tables = Mapping[str, pd.DataFrame]
#: A row: the line it stands on when no cell before it spans lines, and its values by column, key included.
Row = tuple[int, dict[str, Any]]

#: Modes of river crossings.
RIVER_MODES = ("ferry", "hovercraft", "pontoon", "ice_road")
#: Tables of nodes.
NODE_TABLES = ("places", "stations", "terminals")

_NODE_COLUMNS = ["country", "region", "lat", "lon", "place"]


def rows(tables: Tables, table: str) -> Iterator[Row]:
    """Yield the rows of a table in file order, each with its line (the header is line 1).

    Examples
    --------
    >>> frame = pd.DataFrame({"mass_t": [2.0]}, index=pd.Index(["car"], name="id"))
    >>> list(rows({"vehicles": frame}, "vehicles"))
    [(2, {'id': 'car', 'mass_t': 2.0})]
    """
    frame = tables.get(table)
    if frame is None:
        return
    keys = {str(name): frame.index.get_level_values(name).tolist() for name in frame.index.names}
    cells = {**keys, **{str(name): frame[name].tolist() for name in frame.columns}}
    for line, values in enumerate(zip(*cells.values(), strict=True), 2):
        yield line, dict(zip(cells, values, strict=True))


def ids(tables: Tables, table: str) -> set[str]:
    """Return the ids of a table: its key, or the first column of its key.

    Examples
    --------
    >>> ids({"vehicles": pd.DataFrame(index=pd.Index(["car"], name="id"))}, "vehicles")
    {'car'}
    """
    frame = tables.get(table)
    return set() if frame is None else set(frame.index.get_level_values(0).tolist())


def by_id(tables: Tables, table: str) -> pd.DataFrame:
    """Return a table with unique ids; of doubles the last stays. A missing table is an empty frame."""
    frame = tables.get(table)
    if frame is None:
        return pd.DataFrame()
    return frame[~frame.index.duplicated(keep="last")]


def nodes(tables: Tables) -> pd.DataFrame:
    """Return places, stations and terminals by id: country, region, lat, lon and the place of a terminal."""
    places = by_id(tables, "places")
    terminals = by_id(tables, "terminals")
    if len(terminals) and len(places):
        region = places["region"].reindex(terminals["place"]).set_axis(terminals.index)
        terminals = terminals.assign(region=region)
    parts = [
        frame.reindex(columns=_NODE_COLUMNS)
        for frame in (places, by_id(tables, "stations"), terminals)
        if len(frame)
    ]
    if not parts:
        return pd.DataFrame(columns=_NODE_COLUMNS)
    joined = pd.concat(parts)
    return joined[~joined.index.duplicated(keep="last")]


def fault(table: str, line: int | None, column: str | None, check: str, problem: str) -> Fault:
    """Name a fault of a table."""
    return Fault(f"{table}.csv", line, column, check, problem)


def warning(table: str, line: int | None, column: str | None, check: str, problem: str) -> Fault:
    """Name something that lets the table still be used."""
    return Fault(f"{table}.csv", line, column, check, problem, "warning")


def nearest(given: str, valid: Iterable[str], *, n: int = 3) -> str:
    """Return a hint of the nearest names, or of some when none is near.

    Examples
    --------
    >>> nearest("poyarkova:ferry", ["poyarkovo:ferry", "khabarovsk:ferry"])
    'did you mean poyarkovo:ferry?'
    >>> nearest("x", ["car", "bus"])
    'known are bus, car'
    """
    names = sorted(set(valid))
    close = get_close_matches(given, names, n=n, cutoff=0.75) or get_close_matches(given, names, n=n)
    if close:
        return f"did you mean {', '.join(close)}?"
    return (
        f"known are {', '.join(names[:n])}{' and more' if len(names) > n else ''}"
        if names
        else "none is known"
    )


def filled(value: Any) -> bool:
    """Tell whether a cell holds something.

    Examples
    --------
    >>> filled(""), filled(float("nan")), filled(0.0), filled(())
    (False, False, True, False)
    """
    if isinstance(value, str | tuple):
        return len(value) > 0
    return not pd.isna(value)
