"""Write the network and tables of results: GeoPackage, GeoJSON, GeoParquet, GraphML, CSV, Excel."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.schema import schema
from amurgeo.errors import InputError, as_names, unknown_name_error
from amurgeo.io import as_path, atomic_write, flat, write_csv, write_error, write_workbook
from amurgeo.network import Network, vehicle_id
from amurgeo.routing.graph import graph
from amurgeo.scenario import ScenarioLike
from amurgeo.seasons.state import State
from amurgeo.seasons.state import state as state_of
from amurgeo.text import check_language, heading, translate, words

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
#: Prefix of the words for each column of codes.
_CODES = {
    **dict.fromkeys(("status", "base_status", "alt_status"), "status"),
    **dict.fromkeys(("reason", "base_reason", "alt_reason"), "reason"),
    **{name: name for name in ("traffic", "mode", "change", "basis", "evidence", "confidence")},
}


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
    check_language(lang)
    target = as_path("path", path)
    names, files = _formats(target, formats)
    for name in names:
        _check_package(name)
    if files is None and os.path.exists(target) and not target.is_dir():
        raise InputError(f"the folder is invalid: '{target}' is a file; expected a folder")
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
        "xlsx": lambda: write_tables(
            file["xlsx"],
            {**table, **{name: frame for name, frame in net.base.items() if name != "sources"}},
            lang=lang,
            sources=net.sources,
        ),
    }
    paths = []
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
    """Return the geographic layers of a network, with the id as a column and lists as text.

    Examples
    --------
    >>> from amurgeo.network import load
    >>> list(layers(load()))
    ['places', 'checkpoints', 'crossings', 'roads', 'railways']
    """
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


def _write_gpkg(path: Path, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    with atomic_write(path) as temporary:
        for name, frame in tables.items():
            _write_layer(frame, temporary, path, layer=name, driver="GPKG")
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
) -> list[Path]:
    """Write tables to a workbook, to CSV files or to a GeoPackage, with their sources.

    Parameters
    ----------
    path
        File ending in ``.xlsx``, ``.csv`` or ``.gpkg``.
    tables
        Frames by name: a sheet or a layer each. CSV files are ``FILE.csv`` for the first table and
        ``FILE-<name>.csv`` for each further table.
    lang
        Language of the headings: the text ``head.<column>`` if there is one, else the column's name.
    sources
        Sources of the tables; the last sheet.
    assumptions
        Assumptions of the tables; listed above the sources.
    gaps
        Placeholder values of headings such as ``{base}``.

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
    >>> frame = pd.DataFrame({"crossing": ["kani_kurgan:bridge"], "length_km": [11.0]})
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = write_tables(path, {"crossings": frame}, lang="ru")
    >>> path.read_text(encoding="utf-8-sig").splitlines()[0]
    'Переход,км'
    """
    path = Path(path)
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in ("xlsx", "csv", "gpkg"):
        raise InputError(f"the file name is invalid: '{path.name}'; expected .xlsx, .csv or .gpkg at the end")
    if not tables:
        raise InputError("tables= is empty; expected at least one table")
    check_language(lang)
    _check_package(suffix)
    frames = {name: flat(frame) for name, frame in tables.items()}
    sources = _source_table(sources, assumptions, lang)
    extra = {} if sources.empty else {"sources": sources}
    if suffix == "gpkg":
        return _write_gpkg(path, {**frames, **extra})
    if suffix == "xlsx":
        sheets = {**{name: _translate_codes(frame, lang) for name, frame in frames.items()}, **extra}
        titles = {name: _word(f"workbook.{name}", lang, name) for name in sheets}
        write_workbook(
            path, [(titles[name], sheet, headings(sheet, lang, gaps)) for name, sheet in sheets.items()]
        )
        return [path]
    paths: list[Path] = []
    for name, frame in {**frames, **extra}.items():
        paths.append(path.with_name(f"{path.stem}-{name}{path.suffix}") if paths else path)
        write_csv(paths[-1], frame, headings=headings(frame, lang, gaps))
    return paths


def _word(key: str, lang: str, default: str) -> str:
    return translate(key, lang) if key in words() else default


def _translate_codes(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Translate codes for readers of a workbook; the English one has the codes of the library."""
    if lang == "en":
        return frame
    columns = {
        column: frame[column].map(lambda code, prefix=prefix: _word(f"{prefix}.{code}", lang, code))
        for column, prefix in _CODES.items()
        if column in frame.columns
    }
    return frame.assign(**columns)


def headings(columns: Iterable[Any], lang: str = "en", gaps: Mapping[str, str] | None = None) -> list[str]:
    """Return the headings of columns in a language; equal ones have the column's name appended.

    Examples
    --------
    >>> headings(["origin", "id", "kind", "destination"], "en")
    ['From', 'Id', 'To (kind)', 'To (destination)']
    """
    names = [str(name) for name in columns]
    texts = []
    for name in names:
        text = heading(name, lang)
        for placeholder, value in (gaps or {}).items():
            text = text.replace(f"{{{placeholder}}}", value)
        texts.append(name if "{" in text else text)
    return [
        f"{text} ({name})" if texts.count(text) > 1 else text for name, text in zip(names, texts, strict=True)
    ]


def _source_table(sources: pd.DataFrame | None, assumptions: Sequence[str], lang: str) -> pd.DataFrame:
    """Return assumptions and sources as one table."""
    rows = [{"id": translate("word.assumption", lang), "title": text} for text in assumptions]
    table = pd.DataFrame(rows, columns=["id", "title"], dtype=object)
    if sources is None or sources.empty:
        return table
    return pd.concat([table, flat(sources)], ignore_index=True).fillna("") if rows else flat(sources)
