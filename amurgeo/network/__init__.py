"""The network: the dataset loaded as tables, places by name, and the graph."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pandas as pd

from amurgeo.dataset.area import ARRAYS, read_area
from amurgeo.dataset.reading import file_signature, load_tables
from amurgeo.dataset.schema import geo_dir
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.tables import CRS, OBLAST, Network

__all__ = ["CRS", "DESTINATIONS", "OBLAST", "Network", "large_towns", "load", "vehicle_row"]

#: Minimum population of the towns of the oblast that are default origins.
MIN_PEOPLE = 10_000
#: Default destinations in China.
DESTINATIONS = ("heihe", "harbin", "suifenhe", "manzhouli")


def load(own: str | Path | None = None) -> Network:
    """Load the shipped dataset as a network, optionally overlaid with your own tables.

    The shipped files are read again only after one of them changes.

    Parameters
    ----------
    own
        Folder of tables with the same names and columns as the shipped ones. A row with a known id
        replaces the shipped row, a new id is added. None for the shipped dataset alone.

    Returns
    -------
    Network
        Tables, places by name and the graph.

    Raises
    ------
    InputError
        If the folder does not exist or has no table.
    DataError
        If tables have faults; the error lists all of them.

    Examples
    --------
    >>> net = load()
    >>> net.crossings.loc["kani_kurgan:bridge", "mode"]
    'bridge'
    """
    if own is None:
        return _load_shipped(geo_dir(), file_signature(geo_dir()))
    if not isinstance(own, str | os.PathLike):
        raise InputError(f"own is invalid: {own!r}; expected the path of a folder of tables")
    folder = Path(own)
    area = read_area(folder)
    beside = {} if area is None else {"places": area.places(), "roads": area.roads(bends=False)}
    tables = load_tables(geo_dir(), folder, beside=beside)
    if area is not None:
        attached = area.nodes.index[area.nodes["kind"] == "attached"]
        missing = attached.difference(tables["places"].index.union(tables["terminals"].index))
        if len(missing):
            raise InputError(
                f"{ARRAYS}: '{missing[0]}' is missing from places.csv and terminals.csv; "
                "make the folder again with 'amurgeo osm read'"
            )
    return Network(tables, own=folder)


@lru_cache(maxsize=1)
def _load_shipped(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Network:
    return Network(load_tables(folder))


def vehicle_row(net: Network, vehicle: str) -> pd.Series:
    """Return the row of a vehicle, or raise with the valid ids."""
    vehicles = net.base["vehicles"]
    if not isinstance(vehicle, str) or vehicle not in vehicles.index:
        raise unknown_name_error("vehicle", vehicle, vehicles.index)
    return vehicles.loc[vehicle]


def large_towns(net: Network) -> list[str]:
    """Return the ids of the oblast's towns with at least 10,000 people, largest first."""
    nodes = net.nodes
    towns = nodes[(nodes["region"] == OBLAST) & (nodes["population"] >= MIN_PEOPLE)]
    return [str(id_) for id_ in towns.sort_values("population", ascending=False).index]
