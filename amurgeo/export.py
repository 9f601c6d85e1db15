"""Write the network and tables of results: GeoPackage, GeoJSON, GeoParquet, GraphML, CSV, Excel."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.schema import schema
from amurgeo.errors import InputError, as_names, check_made, unknown_name_error
from amurgeo.io import (
    Sheet,
    as_path,
    atomic_write,
    check_folder_name,
    check_suffix,
    flat,
    together,
    write_csv,
    write_error,
    write_workbook,
)
from amurgeo.network import Network, crossing_name, vehicle_id
from amurgeo.results import NAME, for_readers, rounded
from amurgeo.routing.graph import graph
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.state import State
from amurgeo.seasons.state import state as state_of
from amurgeo.text import check_language, heading, in_language, translate, word, words

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

__all__ = ["write", "write_tables"]

log = logging.getLogger(__name__)

#: Formats of a network.
FORMATS = ("gpkg", "geojson", "parquet", "graphml", "csv", "xlsx")
#: Formats that need no further package, and formats that are one file.
DEFAULT, ONE_FILE = ("gpkg", "geojson", "graphml", "csv"), ("gpkg", "graphml", "xlsx")
#: Optional packages that formats need.
_NEEDS = {"parquet": "pyarrow", "xlsx": "openpyxl"}
_LAYERS = ("places", "checkpoints", "crossings", "roads", "railways")
_TITLED = {"scenario", "alternative"}
#: The moment that every GeoPackage names as that of its last change, so that its bytes are the same.
_STAMP = "2000-01-01T00:00:00.000Z"


def write(
    data: Network | State,
    path: str | Path,
    *,
    formats: str | Iterable[str] | None = None,
    on: date | str | None = None,
    scenario: ScenarioLike = None,
    vehicle: str | None = None,
    lang: str = "en",
) -> list[Path]:
    """Write the network, with the state of a date if one is given, for other programs.

    Parameters
    ----------
    data
        The network, or a state with its network.
    path
        Output folder, created if needed; or one file ending in ``.gpkg``, ``.graphml`` or ``.xlsx``. Files
        of the same names are replaced.
    formats
        Formats written into a folder: ``gpkg``, ``geojson``, ``graphml``, ``csv``, ``parquet``, ``xlsx``;
        the first four by default.
    on
        Date whose state is included, if `data` is a network.
    scenario
        Scenario, name or file of that state.
    vehicle
        Vehicle of the GraphML file of a date; that of the dataset by default.
    lang
        Language of explanations, and of the headings in the workbook.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If a format is unknown or needs a package that is not installed, an argument is invalid, or a file
        cannot be written; with invalid arguments nothing is written.

    Notes
    -----
    The GeoPackage has one layer each for places, checkpoints, crossings, roads and railways, and the table
    of sources; GeoJSON and GeoParquet are one file each; with a date there is a layer ``state`` with a row
    per crossing and traffic. The GraphML file is read by ``osmnx.load_graphml(path)``; ``edge_id`` is the id
    of an edge. Without a date it is the whole network. With one it is `amurgeo.graph`: the part that the
    vehicle can use, with ``seconds``, ``status`` and ``reason`` of every edge. The CSV files are the tables
    of the dataset, which `amurgeo.load` reads. Columns keep their types (booleans, dates); lists are joined
    with ``;``. Every file is written atomically.

    Examples
    --------
    >>> import tempfile
    >>> import amurgeo as ag
    >>> written = ag.export.write(ag.load(), tempfile.mkdtemp(), formats=["csv"])
    >>> "crossings.csv" in [path.name for path in written]
    True
    """
    check_made("data", data, (Network, State), "amurgeo.load() or amurgeo.state")
    check_language(lang)
    target = as_path("path", path)
    names, files = _formats(target, formats)
    for name in names:
        _check_package(name)
    if files is None:
        check_folder_name(target, "a folder, or a file that ends in .gpkg, .graphml or .xlsx")
    net, state = _parts(data, on, scenario)
    if vehicle is not None:
        vehicle_id(net, vehicle)
    if vehicle is not None and (state is None or "graphml" not in names):
        raise InputError("vehicle= is used for graphml with a date only; leave it out or pass on=")
    # Seven digits of a degree are a centimetre.
    geojson = partial(_write_layer, driver="GeoJSON", COORDINATE_PRECISION=7, RFC7946="YES")
    table = {} if state is None else {"state": _state_table(state, lang)}
    shapes = {} if not {"gpkg", "geojson", "parquet"} & set(names) else layers(net, state, lang=lang)
    file = {name: files or target / f"amurgeo.{name}" for name in names}
    writers: dict[str, Callable[[], list[Path]]] = {
        "gpkg": lambda: _write_gpkg(file["gpkg"], {**shapes, "sources": flat(net.sources)}),
        "geojson": lambda: _write_files(target, "geojson", shapes, geojson),
        "parquet": lambda: _write_files(
            target, "parquet", shapes, lambda frame, file, _: frame.to_parquet(file, index=False)
        ),
        "graphml": lambda: _write_graphml(
            file["graphml"], net.graph if state is None else graph(state, vehicle=vehicle), state
        ),
        "csv": lambda: _write_dataset(target, {**net.base, **table}),
        "xlsx": lambda: _write_workbook(file["xlsx"], {**table, **net.base}, lang),
    }
    paths = []
    with together():
        for name in names:
            log.info("writing %s", name)
            paths += writers[name]()
    return paths


def _formats(path: Path, formats: str | Iterable[str] | None) -> tuple[list[str], Path | None]:
    """Return the formats to write, and the path if it is one file."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix in ONE_FILE and not path.is_dir():
        names = [suffix] if formats is None else as_names("formats", formats)
        if names != [suffix]:
            raise InputError(f"formats is invalid: {', '.join(names)}; expected {suffix} for '{path.name}'")
        return names, path
    names = list(dict.fromkeys(DEFAULT if formats is None else as_names("formats", formats)))
    if not names:
        raise InputError(f"no format is given; expected one or more of {', '.join(FORMATS)}")
    for name in names:
        if name not in FORMATS:
            raise unknown_name_error("format", name, FORMATS)
    return names, None


def _parts(
    data: Network | State, on: date | str | None, scenario: ScenarioLike
) -> tuple[Network, State | None]:
    """Return the network and the state to write."""
    if isinstance(data, State):
        if on is not None or scenario is not None:
            raise InputError("on= and scenario= are given with a state; expected a network")
        return data.net, data
    if on is None and scenario is None:
        return data, None
    day = state_of(data, on, scenario=scenario)
    return day.net, day


def layers(net: Network, state: State | None = None, *, lang: str = "en") -> dict[str, gpd.GeoDataFrame]:
    """Return the geographic layers of a network, with the id as a column and lists as text."""
    frames = {name: flat(getattr(net, name)) for name in _LAYERS}
    if state is not None:
        table = _state_table(state, lang)
        lines = net.crossings.geometry.to_frame().reindex(table["crossing"])
        frames["state"] = lines.reset_index(drop=True).join(table.reset_index(drop=True))
    return frames


def _state_table(state: State, lang: str) -> pd.DataFrame:
    table = pd.DataFrame(state.records(lang))
    return flat(table.assign(on=pd.Timestamp(state.on), scenario=state.scenario.name))


def _check_package(name: str) -> None:
    package = _NEEDS.get(name)
    if package is not None and find_spec(package) is None:
        raise InputError(f'{name} needs the package {package}: pip install "amurgeo[export]"')


def _write_workbook(path: Path, tables: Mapping[str, pd.DataFrame], lang: str) -> list[Path]:
    """Write the state for readers, and the tables of the dataset as they are, by the names that read them."""
    pages = []
    for name, table in tables.items():
        frame = flat(table)
        if name == "state":
            frame = for_readers(rounded(frame), {}, lang)
            pages.append(Sheet(translate("workbook.state", lang), frame, headings(frame, lang)))
        else:
            pages.append(Sheet(name, frame, list(frame.columns)))
    write_workbook(path, pages, lang=lang)
    return [path]


def _write_gpkg(path: Path, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    from pyogrio import set_gdal_config_options

    set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        with atomic_write(path) as temporary:
            for name, frame in tables.items():
                _write_layer(frame, temporary, path, layer=name, driver="GPKG")
    finally:
        set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return [path]


def _write_layer(frame: pd.DataFrame, temporary: Path, path: Path, **options: Any) -> None:
    """Write a layer with GDAL; its errors (a full disk, an unusable name) become one sentence."""
    from pyogrio import write_dataframe

    try:
        write_dataframe(frame, temporary, **options)
    except (RuntimeError, UnicodeError) as error:
        raise write_error(path, error) from error


def _write_files(
    folder: Path, suffix: str, tables: Mapping[str, gpd.GeoDataFrame], write: Callable[..., None]
) -> list[Path]:
    paths = {folder / f"{name}.{suffix}": frame for name, frame in tables.items()}
    for path, frame in paths.items():
        with atomic_write(path) as temporary:
            write(frame, temporary, path)
    return list(paths)


def _write_graphml(path: Path, graph: nx.MultiDiGraph, state: State | None) -> list[Path]:
    """Write a graph that OSMnx reads back."""
    import osmnx

    for _, _, data in graph.edges(data=True):
        # OSMnx drops "id" on reading.
        data["edge_id"] = data.pop("id")
    if state is not None:
        graph.graph.update({"on": state.on.isoformat(), "scenario": state.scenario.name})
    with atomic_write(path) as temporary:
        osmnx.save_graphml(graph, temporary)
    return [path]


def _write_dataset(folder: Path, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Write the tables of the dataset, with the columns of their schema, and the state."""
    paths = {folder / f"{name}.csv": name for name in tables}
    for path, name in paths.items():
        columns = None if name == "state" else [column.name for column in schema(name)]
        write_csv(path, flat(tables[name]), columns, yes_no=name != "state")
    return list(paths)


def write_tables(
    path: str | Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    lang: str = "en",
    sources: pd.DataFrame | None = None,
    assumptions: Sequence[str] = (),
    gaps: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
    net: Network | None = None,
) -> list[Path]:
    """Write tables of results to a workbook, to CSV files or to a GeoPackage, with their sources.

    Parameters
    ----------
    path
        File ending in ``.xlsx``, ``.csv`` or ``.gpkg``.
    tables
        Frames by name: a sheet or a layer each. CSV files are ``FILE.csv`` for the first table and
        ``FILE-<name>.csv`` for each further table. Further tables without rows are left out.
    lang
        Language of a workbook: its headings (the text ``head.<column>`` if there is one, else the column's
        name), codes and dates. CSV and GeoPackage have the names of the columns and the codes.
    sources
        Sources of the tables; the last sheet. With `net` only those that the tables use.
    assumptions
        Assumptions of the tables.
    gaps
        Placeholder values of headings such as ``{base}``.
    about
        Question, day, vehicle, scenarios (titles by name) and sentences, by the key ``about.<name>`` of
        their label: the first sheet of a workbook, with the assumptions; the table ``about`` of other files.
    net
        Network, whose names are written beside ids in a workbook.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the suffix is another one, `tables` is empty, or a package is missing.

    Examples
    --------
    >>> import tempfile
    >>> frame = pd.DataFrame({"crossing": ["kani_kurgan:bridge"], "length_km": [11.04]})
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = write_tables(path, {"crossings": frame}, lang="ru")
    >>> path.read_text(encoding="utf-8-sig").splitlines()
    ['crossing,length_km', 'kani_kurgan:bridge,11']
    """
    path = Path(path)
    suffix = check_suffix(path, "xlsx", "csv", "gpkg")
    if not tables:
        raise InputError("tables= is empty; expected at least one table")
    check_language(lang)
    _check_package(suffix)
    answer = next(iter(tables))
    frames = {
        name: rounded(flat(frame)) for name, frame in tables.items() if name == answer or not frame.empty
    }
    about = {**(about or {}), "assumption": assumptions}
    lines = _about(about, lang if suffix == "xlsx" else "en")
    front = {"about": lines} if len(lines) else {}
    if sources is not None:
        sources = flat(sources if net is None else _used(sources, {**frames, **front}, net))
    extra = {} if sources is None or sources.empty else {"sources": sources}
    if suffix == "gpkg":
        return _write_gpkg(path, {**frames, **front, **extra})
    if suffix == "csv":
        paths: list[Path] = []
        with together():
            for name, frame in {**frames, **front, **extra}.items():
                paths.append(path.with_name(f"{path.stem}-{name}{path.suffix}") if paths else path)
                write_csv(paths[-1], frame)
        return paths
    names, titles = {} if net is None else _names(net, lang), dict(about.get("scenario", {}))
    sheets = [
        Sheet(
            translate("workbook.about", lang),
            for_readers(frame, {}, lang),
            headings(frame, lang),
            plain=True,
        )
        for frame in front.values()
    ]
    for name, frame in {**frames, **extra}.items():
        titled = {
            column: frame[column].map(lambda id_: titles.get(id_, id_)) for column in _TITLED & {*frame}
        }
        table = for_readers(frame.assign(**titled), names, lang)
        title = word(f"workbook.{name}", lang, word(f"title.{name}", lang, name))
        sheets.append(Sheet(title if "{" not in title else name, table, headings(table, lang, gaps, names)))
    write_workbook(path, sheets, lang=lang)
    return [path]


def _about(rows: Mapping[str, Any], lang: str) -> pd.DataFrame:
    """Return the first sheet: labels and texts."""
    lines = []
    for name, given in rows.items():
        texts = [given] if isinstance(given, str) else given.values() if isinstance(given, Mapping) else given
        lines += [{"item": translate(f"about.{name}", lang), "text": text} for text in texts]
    return pd.DataFrame(lines, columns=["item", "text"], dtype=object)


def _used(sources: pd.DataFrame, frames: Mapping[str, pd.DataFrame], net: Network) -> pd.DataFrame:
    """Return the sources that the tables name, and those of the rows of the dataset that they name."""
    cells = {
        part
        for frame in frames.values()
        for name in frame.columns.difference(["geometry", "because", "note", "title"])
        if not pd.api.types.is_numeric_dtype(frame[name])
        and not pd.api.types.is_datetime64_dtype(frame[name])
        for cell in frame[name].dropna().unique()
        for part in re.split("[;,] ?", str(cell))
    } | {str(name) for frame in frames.values() for name in frame.columns}
    used = cells & set(sources.index)
    for table in () if used else net.base.values():
        rows = table.reset_index()
        for name in {"id", "crossing"} & set(rows.columns) if "source" in rows else ():
            used |= set(rows.loc[rows[name].isin(cells), "source"])
    return sources[sources.index.isin(used)]


def _names(net: Network, lang: str) -> dict[str, str]:
    """Return the names of places, checkpoints, vehicles and crossings in a language, by id."""
    column = f"name_{lang}"
    names = {id_: name for table in (net.nodes, net.base["vehicles"]) for id_, name in table[column].items()}
    names |= {plan: translate(f"promise.{plan}", lang) for plan in ("choice", "foresight")}
    for table in ("checkpoints", "regions", "measures", "ports"):
        names |= net.base[table][column].to_dict()
    names |= {net.border.far.id: str(in_language(net.border.far.name, lang))}
    names |= {key.removeprefix("exit."): translate(key, lang) for key in words() if key.startswith("exit.")}
    return names | {id_: crossing_name(net, id_, lang) for id_ in net.base["crossings"].index}


def headings(
    columns: Iterable[Any],
    lang: str = "en",
    gaps: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the headings of columns in a language; equal ones have the column's name appended.

    >>> headings(["origin", "id", "kind", "destination"], "en")
    ['From', 'Id', 'To (kind)', 'To (destination)']
    >>> headings(["crossing name", "crossing", "heihe"], "en", names={"heihe": "Heihe"})
    ['Crossing', 'Crossing (id)', 'Heihe']
    """
    columns = [str(name) for name in columns]
    texts = []
    for name in columns:
        text = heading(name.removesuffix(NAME) if name != f"id{NAME}" else "title", lang)
        for placeholder, value in (gaps or {}).items():
            text = text.replace(f"{{{placeholder}}}", value)
        text = name if "{" in text else text
        if f"{name}{NAME}" in columns:
            text = f"{text} ({translate('word.id', lang)})"
        texts.append((names or {}).get(text, text))
    return [
        f"{text} ({name})" if texts.count(text) > 1 else text
        for name, text in zip(columns, texts, strict=True)
    ]
