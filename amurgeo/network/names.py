"""Places by name: in any language of the dataset, by aliases, and whatever the spelling."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE
from amurgeo.errors import InputError
from amurgeo.text import LANGUAGES, normalize_name

NAME_COLUMNS = [f"name_{lang}" for lang in LANGUAGES]
#: Which place a name means if several share it.
_KIND_ORDER = ("city", "town", "port", "village", "junction", "station", "terminal", "point")


def ids_by_name(nodes: pd.DataFrame) -> dict[str, str]:
    """Return the best place of each normalized name."""
    # Junctions of OpenStreetMap have no names, and large areas have a million of them.
    unnamed = (nodes["kind"] == "junction") & (nodes["source"] == OSM_SOURCE)
    nodes = nodes[(nodes["kind"] != "terminal") & ~unnamed]
    order = nodes["kind"].map(_KIND_ORDER.index).sort_values(kind="stable").index
    ids: dict[str, str] = {}
    for id_, *names, aliases in nodes.loc[order, [*NAME_COLUMNS, "aliases"]].itertuples():
        for name in (id_, *names, *aliases):
            ids.setdefault(normalize_name(name), id_)
    return ids


def unknown_place(name: str, nodes: pd.DataFrame, ids: Mapping[str, str]) -> InputError:
    """Return the error for an unknown name of a place, with the most similar ones."""
    similar = get_close_matches(normalize_name(name), ids, n=6, cutoff=0.6)
    near = list(dict.fromkeys(ids[key] for key in similar))[:4]
    texts: dict[str, None] = {}
    for names in nodes.loc[near, NAME_COLUMNS].itertuples(index=False):
        # A town and its station have the same name; a dataset in one language has one name.
        first, *others = dict.fromkeys(names)
        texts[f"{first} ({', '.join(others)})" if others else first] = None
    hint = f"did you mean {'; '.join(texts)}?" if texts else "expected a name, an id, or 'latitude,longitude'"
    return InputError(f"unknown place '{name}'; {hint}")
