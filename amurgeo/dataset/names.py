"""Places, crossings, checkpoints, vehicles and regions by name, in any language and spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from amurgeo.dataset.area import OSM_SOURCE
from amurgeo.dataset.schema import normalize_name, schema
from amurgeo.errors import InputError, shorten, unknown_name_error
from amurgeo.text import LANGUAGES, words

NAME_COLUMNS = [f"name_{lang}" for lang in LANGUAGES]
#: Which place a name means if several share it.
_KIND_ORDER = ("city", "town", "port", "village", "junction", "station", "terminal", "point")


class Target(NamedTuple):
    """A crossing, a checkpoint or a mode: its kind and its id."""

    kind: str
    id: str


class Names:
    """The crossings, checkpoints and modes of tables by name.

    A crossing is called by its checkpoint, either end of it or both, and its mode, in either order. A
    checkpoint is called by its names before those of its counterpart and places.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables

    def target(self, given: str) -> Target | None:
        """Return the crossing, checkpoint or mode of an id or name; None if it is none."""
        for kind in ("crossing", "checkpoint"):
            if given in self.tables[f"{kind}s"].index:
                return Target(kind, given)
        folded = normalize_name(given)
        if given not in _modes():
            for kind, names in self._targets:
                if len(ids := names.get(folded, {})) > 1:
                    raise InputError(f"unknown {kind} '{given:.80}'; did you mean {', '.join(ids)}?")
                if ids:
                    return Target(kind, next(iter(ids)))
        mode = _mode_names().get(folded)
        return None if mode is None else Target("mode", mode)

    def crossing(
        self, given: object, *, among: Iterable[str] | None = None, kind: str = "crossing", option: str = ""
    ) -> str:
        """Return the id of a crossing by its id or name, or by the name of what has only that one.

        Errors name the `option` that has the name.
        """
        try:
            return self._crossing(given, among, kind)
        except InputError as error:
            raise (InputError(f"{option}: {error}") if option else error) from None

    def _crossing(self, given: object, among: Iterable[str] | None, kind: str) -> str:
        valid: list[str] = list(self.tables["crossings"].index if among is None else among)
        if not isinstance(given, str):
            raise InputError(f"{kind} is invalid: {shorten(given)}; expected a name or id")
        if given in valid:
            return given
        target = self.target(given)
        here = [id_ for id_ in valid if target is not None and target.id in (id_, *id_.split(":"))]
        if len(here) > 1:
            raise InputError(f"unknown {kind} '{given:.80}'; did you mean {', '.join(here)}?")
        if not here:
            raise unknown_name_error(kind, given, valid)
        return here[0]

    @cached_property
    def _targets(self) -> list[tuple[str, dict[str, dict[str, None]]]]:
        """Return ids by folded name: of crossings and checkpoints, by own names before others."""
        crossings, places = self.tables["crossings"], self.tables["places"][NAME_COLUMNS]
        found: list[dict[str, dict[str, None]]] = [{}, {}, {}, {}]
        ends: dict[str, tuple[set[str], set[str]]] = {}
        for id_, row in self.tables["checkpoints"].to_dict("index").items():
            own = _folded(id_, *(row[name] for name in NAME_COLUMNS))
            home, far = (
                _folded(place, *(places.loc[place] if place in places.index else ()))
                for place in (row["place"], row["counterpart"])
            )
            far |= _folded(*(row[f"counterpart_{name}"] for name in NAME_COLUMNS))
            both = {pair for a in own | home for b in far for pair in (a + b, b + a)}
            ends[id_] = own, (home | far | both) - own
            for names, ids in zip(ends[id_], found[2:], strict=True):
                for name in names:
                    ids.setdefault(name, {})[id_] = None
        modes: dict[str, list[str]] = {}
        for name, mode in _mode_names().items():
            modes.setdefault(mode, []).append(name)
        for id_, checkpoint, mode in crossings[["checkpoint", "mode"]].itertuples():
            for names, ids in zip(ends.get(checkpoint, (set(), set())), found[:2], strict=True):
                for name in names:
                    for word in modes.get(mode, [mode]):
                        ids.setdefault(name + word, {})[id_] = None
                        ids.setdefault(word + name, {})[id_] = None
        return list(zip(("crossing", "crossing", "checkpoint", "checkpoint"), found, strict=True))


def _folded(*names: str) -> set[str]:
    return {normalize_name(name) for name in names} - {""}


def _modes() -> tuple[str, ...]:
    return next(column.choices for column in schema("crossings") if column.name == "mode")


def _mode_names() -> dict[str, str]:
    """Return the modes by folded name: ids, words of the languages, and what they are also called."""
    names: dict[str, str] = {}
    for mode in _modes():
        texts = [text for key in ("mode", "alias") for text in words().get(f"{key}.{mode}", {}).values()]
        for name in (mode, *(part for text in texts for part in re.split(r"[,，、()（）]", text))):
            if normalize_name(name):
                names.setdefault(normalize_name(name), mode)
    return names


def find_row(rows: pd.DataFrame, given: object, kind: str) -> str:
    """Return the id of a row of a table by its id or its name in any language; raise InputError.

    >>> names = {"name_en": "Private car", "name_ru": "Легковой автомобиль", "name_zh": "私家车"}
    >>> find_row(pd.DataFrame([names], index=["car"]), "легковой автомобиль", "vehicle")
    'car'
    """
    if isinstance(given, str) and given in rows.index:
        return given
    ids = _ids_by_name(rows.assign(aliases=[()] * len(rows)))
    folded = normalize_name(given) if isinstance(given, str) else ""
    if folded in ids:
        return ids[folded]
    near = dict.fromkeys(id_ for name, id_ in ids.items() if folded[2:] and folded in name)
    if near:
        raise InputError(f"unknown {kind} '{given!s:.80}'; did you mean {', '.join(near)}?")
    raise unknown_name_error(kind, str(given), rows.index)


def ids_by_name(nodes: pd.DataFrame) -> dict[str, str]:
    """Return the best place of each normalized name."""
    # Junctions of OpenStreetMap have no names, and large areas have a million of them.
    unnamed = (nodes["kind"] == "junction") & (nodes["source"] == OSM_SOURCE)
    nodes = nodes[(nodes["kind"] != "terminal") & ~unnamed]
    return _ids_by_name(nodes.loc[nodes["kind"].map(_KIND_ORDER.index).sort_values(kind="stable").index])


def _ids_by_name(rows: pd.DataFrame) -> dict[str, str]:
    """Return the id of the first row with each normalized name."""
    ids: dict[str, str] = {}
    for id_, *names, aliases in rows[[*NAME_COLUMNS, "aliases"]].itertuples():
        for name in (id_, *names, *aliases):
            ids.setdefault(normalize_name(name), id_)
    return ids


def unknown_place(name: str, nodes: pd.DataFrame, ids: Mapping[str, str], area: str) -> InputError:
    """Return the error for an unknown name of a place: the most similar names, or what the `area` is."""
    folded = normalize_name(name)
    similar = get_close_matches(folded, ids, n=30, cutoff=0.6)
    # Long names may have more wrong letters; names of two letters, as many Chinese ones, have none.
    most = max(1, len(folded) // 5) if len(folded) > 2 else 0
    similar = [key for key in similar if edits(folded, key) <= most]
    similar += [key for key in ids if len(folded) > 3 and key.startswith(folded)]
    near = list(dict.fromkeys(ids[key] for key in similar))[:4]
    texts: dict[str, None] = {}
    for names in nodes.loc[near, NAME_COLUMNS].itertuples(index=False):
        # A town and its station have the same name; a dataset in one language has one name.
        first, *others = dict.fromkeys(names)
        texts[f"{first} ({', '.join(others)})" if others else first] = None
    if texts:
        return InputError(f"unknown place '{name}'; did you mean {'; '.join(texts)}?")
    return InputError(
        f"unknown place '{name}', which is outside the area or not in its tables; the area is {area}; "
        "expected a name, an id, or 'latitude,longitude'"
    )


def edits(one: str, other: str) -> int:
    """Return how many letters have to be inserted, deleted, replaced or swapped with the next one.

    >>> edits("сюньке", "сюнькэ"), edits("zeya", "zyea"), edits("moscow", "bamovskaya")
    (1, 1, 7)
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        row = [i + 1]
        for j, opposite in enumerate(other):
            row.append(min(last[j] + (letter != opposite), last[j + 1] + 1, row[j] + 1))
            if i and j and letter == other[j - 1] and opposite == one[i - 1]:
                row[-1] = min(row[-1], before[j - 1] + 1)
        before, last = last, row
    return last[-1]
