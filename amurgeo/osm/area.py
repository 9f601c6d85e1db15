"""The road network of an area: what a folder made from OpenStreetMap holds, as arrays and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE, Area, in_schema

#: Season key of shipped roads that OpenStreetMap replaces: its window has no days, so they are never open.
REPLACED = "osm:replaced"


@dataclass(frozen=True)
class BuiltArea:
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

    graph: Area
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
    return in_schema(pd.DataFrame(row, index=[OSM_SOURCE]), "sources")
