"""The network: the dataset loaded as tables, places by name, and the graph."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from amurgeo.dataset.area import ARRAYS, read_area
from amurgeo.dataset.border import BORDER_FILE, Border, check_border
from amurgeo.dataset.names import find_row
from amurgeo.dataset.observations import with_trips
from amurgeo.dataset.reading import file_signature, load_tables
from amurgeo.dataset.schema import geo_dir
from amurgeo.errors import DataError, InputError, as_names, check_made
from amurgeo.network.edges import CRS as CRS
from amurgeo.network.tables import Network as Network
from amurgeo.text import LANGUAGES, listing, name_of, page_words, translate, word


def load(
    own: str | Path | None = None,
    *,
    dataset: str | Path | None = None,
    home: str | Iterable[str] | None = None,
) -> Network:
    """Load a dataset as a network, optionally overlaid with your own tables.

    The files of the dataset are read again only after one of them changes.

    Parameters
    ----------
    own
        Folder of tables with the same names and columns as the shipped ones. A row with a known id
        replaces the shipped row, a new id is added. None for the dataset alone.
    dataset
        Folder of another dataset with a ``dataset.toml``; the shipped one if omitted.
    home
        Regions on the home side that questions are about, by id or name, for instance
        ``["primorsky_krai"]``; those of ``dataset.toml`` if omitted.

    Returns
    -------
    Network
        Tables, places by name and the graph.

    Raises
    ------
    InputError
        If a folder does not exist or has no table, or a region is unknown or on the far side.
    DataError
        If ``dataset.toml`` or tables have faults; the error lists all of them.

    Examples
    --------
    >>> net = load()
    >>> net.crossings.loc["kani_kurgan:bridge", "mode"]
    'bridge'
    """
    for argument, path in (("own", own), ("dataset", dataset)):
        if path is not None and not isinstance(path, str | os.PathLike):
            raise InputError(f"{argument} is invalid: {path!r}; expected the path of a folder of tables")
    base = dataset_folder(dataset)
    net = _load_base(base, file_signature(base))
    border = net.border if home is None else _with_home(net, as_names("home", home))
    if own is None:
        return net if home is None else Network(net.base, border=border, folder=base)
    folder = Path(own)
    area = read_area(folder)
    beside = {} if area is None else {"places": area.places(), "roads": area.roads(bends=False)}
    from amurgeo.dataset.checks import check_meaning

    tables = with_trips(load_tables(base, folder, beside=beside, check=check_meaning))
    if area is not None:
        attached = area.nodes.index[area.nodes["kind"] == "attached"]
        missing = attached.difference(tables["places"].index.union(tables["terminals"].index))
        if len(missing):
            raise InputError(
                f"{ARRAYS}: '{missing[0]}' is missing from places.csv and terminals.csv; "
                "make the folder again with amurgeo.osm.read"
            )
    return Network(tables, border=border, folder=base, own=folder)


def dataset_folder(dataset: str | Path | None) -> Path:
    """Return the folder of a dataset, by default the shipped one; raise InputError if there is none."""
    folder = geo_dir() if dataset is None else Path(dataset)
    if not folder.is_dir():
        raise InputError(f"dataset is invalid: '{folder}' is not a folder; expected one with a {BORDER_FILE}")
    return folder


@lru_cache(maxsize=2)
def _load_base(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Network:
    net = Network(with_trips(load_tables(folder)), folder=folder)
    if faults := check_border(net.border, net.base):
        raise DataError(faults)
    return net


def _with_home(net: Network, names: list[str]) -> Border:
    """Return the border with other home regions, given by id or by name in any language."""
    regions = net.base["regions"]
    regions = regions[regions["side"] == "home"]
    if not names:
        raise InputError("home is empty; expected at least one region, by id or by name")
    chosen = tuple(dict.fromkeys(find_row(regions, name, "home region") for name in names))
    home = net.border.home
    return net.border.model_copy(update={"home": home.model_copy(update={"regions": chosen})})


def check_network(net: Any) -> Network:
    """Return a network; raise if it is none."""
    return check_made("net", net, Network, "amurgeo.load()")


def vehicle_id(net: Network, vehicle: str | None) -> str:
    """Return the id of a vehicle by id or name, by default that of the dataset; raise if it is unknown."""
    check_network(net)
    return find_row(net.base["vehicles"], net.border.vehicle if vehicle is None else vehicle, "vehicle")


def vehicle_row(net: Network, vehicle: str | None) -> pd.Series:
    """Return the row of a vehicle, by default of that of the dataset, or raise with the valid ids."""
    return net.base["vehicles"].loc[vehicle_id(net, vehicle)]


def rows_of(table: pd.DataFrame, vehicle: str) -> pd.DataFrame:
    """Return the rows of a table whose column ``vehicle`` lists a vehicle."""
    return table.loc[[vehicle in listed for listed in table["vehicle"]]]


def goes_by_rail(net: Network, vehicle: str | None) -> bool:
    """Return whether a vehicle uses the railways, not the roads."""
    return bool(vehicle_row(net, vehicle)["network"] == "rail")


def large_towns(net: Network) -> list[str]:
    """Return the ids of the towns of the home regions that are default origins, largest first."""
    nodes = net.nodes
    at_home = nodes["region"].isin(net.border.home.regions)
    towns = nodes[at_home & (nodes["population"] >= net.border.min_population)]
    return [str(id_) for id_ in towns.sort_values("population", ascending=False).index]


def at_home(net: Network, checkpoints: pd.Series | None = None) -> pd.Series:
    """Return whether each crossing, or each of some checkpoints, is in the home regions.

    >>> at_home(load())[["kani_kurgan:bridge", "zabaikalsk:road"]].tolist()
    [True, False]
    """
    ids = net.base["crossings"]["checkpoint"] if checkpoints is None else checkpoints
    return ids.map(net.base["checkpoints"]["region"]).isin(net.border.home.regions)


def home_names(net: Network) -> dict[str, str]:
    """Return the names of the home regions by language, several joined by commas.

    >>> home_names(load(home=["amur_oblast", "primorsky_krai"]))["en"]
    'Amur Oblast, Primorsky Krai'
    """
    regions = net.base["regions"].loc[list(net.border.home.regions)]
    return {lang: listing((name_of(row, lang) for _, row in regions.iterrows()), lang) for lang in LANGUAGES}


def road_ref(ref: str, lang: str) -> str:
    """Return the number of a road with the letters of a language.

    >>> road_ref("R-297", "ru"), road_ref("G111", "ru")
    ('Р-297', 'G111')
    """
    latin, letters = (translate("road.letters", to) for to in ("en", lang))
    return ref.translate(str.maketrans(latin, letters)) if "-" in ref else ref


def crossing_name(net: Network, crossing: str, lang: str, *, before_mode: str = "") -> str:
    """Return checkpoint and mode of a crossing in a language, with a text before the mode.

    A checkpoint that is named after its mode stands alone. A crossing that is added has its name in its id.
    """
    rows, checkpoints = net.base["crossings"], net.base["checkpoints"]
    id_, _, kind = crossing.partition(":")
    if crossing in rows.index:
        id_, kind = rows.at[crossing, "checkpoint"], rows.at[crossing, "mode"]
    if id_ not in checkpoints.index:
        return crossing
    mode = page_words().get(f"short.{kind}", {}).get(lang, kind)
    checkpoint = name_of(checkpoints.loc[id_], lang)
    if checkpoint.casefold().startswith(mode.casefold()) or checkpoint.casefold().endswith(mode.casefold()):
        return checkpoint
    return translate("word.crossing", lang, checkpoint=checkpoint, mode=before_mode + mode)


def target_name(net: Network, target: str, lang: str) -> str:
    """Return the name of the crossing, checkpoint, mode or vehicle that a change is about."""
    if ":" in target:
        return crossing_name(net, target, lang)
    for table in ("checkpoints", "vehicles"):
        if target in net.base[table].index:
            return name_of(net.base[table].loc[target], lang)
    return word(f"mode.{target}", lang, target)
