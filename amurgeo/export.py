"""The network and tables of results as files: GeoPackage, GeoJSON, GeoParquet, GraphML, CSV, Excel."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.dataset.schema import schema
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.io import atomic_write, flat, write_csv, write_error, write_workbook
from amurgeo.text import check_language, translate, words

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

    from amurgeo.network import Network
    from amurgeo.seasons.state import State

log = logging.getLogger(__name__)

#: Formats that a network can be written in.
FORMATS = ("gpkg", "geojson", "parquet", "graphml", "csv", "xlsx")
#: What a format needs beyond the usual installation.
_NEEDS = {"parquet": "pyarrow", "xlsx": "openpyxl"}
#: Digits of a coordinate in degrees: a centimetre.
_DIGITS = 7


def export_network(
    net: Network,
    folder: str | Path,
    *,
    formats: Iterable[str] = FORMATS,
    state: State | None = None,
    lang: str = "en",
) -> list[Path]:
    """Write the network for other programs.

    Parameters
    ----------
    net
        The network.
    folder
        Where to write; made when missing. Files of the same names are replaced.
    formats
        Some of `FORMATS`.
    state
        A state whose crossings are written too: as a layer and a table ``state``, and on the edges of the
        GraphML file.
    lang
        Language of the headings in the workbook.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        When a format is not known, or needs a package that is not installed; nothing is written then.

    Notes
    -----
    GeoPackage holds one layer for places, checkpoints, crossings, roads and railways, and the table of
    sources; GeoJSON and GeoParquet one file for each. The GraphML file is read back by
    ``osmnx.load_graphml(path, node_dtypes={"osmid": str})``; the id of a way stands there in ``edge_id``.
    The CSV files are the tables of the dataset, as ``--data`` reads them. Lists become text joined by ``;``.
    Every file is written whole or not at all.

    Examples
    --------
    >>> import tempfile
    >>> from amurgeo.network import load
    >>> written = export_network(load(), tempfile.mkdtemp(), formats=["csv"])
    >>> "crossings.csv" in [path.name for path in written]
    True
    """
    wanted = list(dict.fromkeys(formats))
    check_language(lang)
    if not wanted:
        raise InputError(f"no format is named; choose among {', '.join(FORMATS)}")
    for name in wanted:
        if name not in FORMATS:
            raise unknown_name_error("format", name, FORMATS)
        _require(name)
    target = Path(folder)
    if os.path.exists(target) and not target.is_dir():
        raise InputError(f"'{target}' is a file; give a folder")
    writers: dict[str, Callable[[], list[Path]]] = {
        "gpkg": lambda: _write_gpkg(
            target / "amurgeo.gpkg", {**layers(net, state), "sources": flat(net.sources)}
        ),
        "geojson": lambda: _write_geojson(target, layers(net, state)),
        "parquet": lambda: _write_parquet(target, layers(net, state)),
        "graphml": lambda: [_write_graphml(net, target / "amurgeo.graphml", state)],
        "csv": lambda: _write_dataset(net, target, state),
        "xlsx": lambda: write_tables(
            target / "amurgeo.xlsx", _sheets(net, state), lang=lang, sources=net.sources
        ),
    }
    written = []
    for name in wanted:
        log.info("writing %s", name)
        written += writers[name]()
    return written


def layers(net: Network, state: State | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Return the geographic layers of a network, flat: the id as a column, lists as text.

    Parameters
    ----------
    net
        The network.
    state
        A state whose crossings make a layer of their own.

    Examples
    --------
    >>> from amurgeo.network import load
    >>> list(layers(load()))
    ['places', 'checkpoints', 'crossings', 'roads', 'railways']
    """
    made = {
        name: flat(getattr(net, name)) for name in ("places", "checkpoints", "crossings", "roads", "railways")
    }
    if state is not None:
        lines = net.crossings.geometry
        table = _state_table(state)
        made["state"] = (
            lines.to_frame()
            .reindex(table["crossing"])
            .reset_index(drop=True)
            .join(table.reset_index(drop=True))
        )
    return made


def _state_table(state: State, lang: str = "en") -> pd.DataFrame:
    table = pd.DataFrame(state.records(lang))
    return flat(table.assign(on=state.on.isoformat(), scenario=state.scenario.name))


def _sheets(net: Network, state: State | None) -> dict[str, pd.DataFrame]:
    sheets = {name: flat(frame) for name, frame in net.base.items() if name != "sources"}
    return sheets if state is None else {"state": _state_table(state), **sheets}


def _require(name: str) -> None:
    """Refuse a format whose package is not installed."""
    package = _NEEDS.get(name)
    if package is not None and find_spec(package) is None:
        raise InputError(
            f'{name} needs the package {package}; install it with: pip install "amurgeo[export]"'
        )


# -- geographic formats -----------------------------------------------------------------------------


def _write_gpkg(path: Path, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    with atomic_write(path) as beside:
        for name, frame in tables.items():
            _write_layer(frame, beside, path, layer=name, driver="GPKG")
    return [path]


def _write_layer(frame: pd.DataFrame, beside: Path, path: Path, **options: Any) -> None:
    """Write a layer with GDAL, whose own errors (a full disk, a name it cannot take) become one sentence."""
    from pyogrio import write_dataframe

    try:
        write_dataframe(frame, beside, **options)
    except (RuntimeError, UnicodeError) as error:
        raise write_error(path, error) from error


def _write_geojson(folder: Path, tables: Mapping[str, gpd.GeoDataFrame]) -> list[Path]:
    written = []
    for name, frame in tables.items():
        written.append(folder / f"{name}.geojson")
        with atomic_write(written[-1]) as beside:
            _write_layer(
                frame, beside, written[-1], driver="GeoJSON", COORDINATE_PRECISION=_DIGITS, RFC7946="YES"
            )
    return written


def _write_parquet(folder: Path, tables: Mapping[str, gpd.GeoDataFrame]) -> list[Path]:
    written = []
    for name, frame in tables.items():
        written.append(folder / f"{name}.parquet")
        with atomic_write(written[-1]) as beside:
            frame.to_parquet(beside, index=False)
    return written


def _write_graphml(net: Network, path: Path, state: State | None) -> Path:
    import osmnx

    with atomic_write(path) as beside:
        osmnx.save_graphml(_plain_graph(net.graph, state), beside)
    return path


def _plain_graph(graph: nx.MultiDiGraph, state: State | None) -> nx.MultiDiGraph:
    """Return a copy of the graph that can be read back; with a state its crossings say their status."""
    status = {} if state is None else state.crossings["status"].to_dict()
    made = graph.copy()
    for _, _, data in made.edges(data=True):
        # OSMnx takes the osmid of an edge for a number and drops "id" on reading.
        data.pop("osmid", None)
        data["edge_id"] = data.pop("id")
        for traffic in ("cargo", "passenger"):
            if (data["edge_id"], traffic) in status:
                data[f"status_{traffic}"] = status[data["edge_id"], traffic]
    if state is not None:
        made.graph.update({"on": state.on.isoformat(), "scenario": state.scenario.name})
    return made


def _write_dataset(net: Network, folder: Path, state: State | None) -> list[Path]:
    """Write the tables as ``--data`` reads them, each a CSV file with a byte-order mark."""
    written = []
    for name, frame in net.base.items():
        table = flat(frame)
        columns = [column.name for column in schema(name)]
        # A date of the dataset is a day; yes and no are words.
        for column in table.columns:
            if table[column].dtype == bool:
                table[column] = np.where(table[column], "yes", "no")
        written.append(folder / f"{name}.csv")
        write_csv(written[-1], table.reindex(columns=columns), headings=columns)
    if state is not None:
        table = _state_table(state)
        written.append(folder / "state.csv")
        write_csv(written[-1], table, headings=list(table.columns))
    return written


# -- tables -----------------------------------------------------------------------------------------


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
        Frames by name: a sheet or a layer each. Several tables in CSV become ``FILE.csv`` for the first and
        ``FILE-<name>.csv`` for the others.
    lang
        Language of the headings: ``head.<column>`` of the words where there is one, else the column's name.
    sources
        Sources of what is written; the last sheet.
    assumptions
        What the tables take for granted; they stand above the sources.
    gaps
        What is put into the gaps of headings such as ``{base}``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        When the ending is another one, no table is given, or a package is missing.

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
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("xlsx", "csv", "gpkg"):
        raise InputError(f"--output: '{path.name}' is no file of tables; end it in .xlsx, .csv or .gpkg")
    if not tables:
        raise InputError("there is no table to write")
    check_language(lang)
    _require(kind)
    plain = {name: flat(frame) for name, frame in tables.items()}
    grounds = _grounds(sources, assumptions, lang)
    if kind == "gpkg":
        extra = {} if grounds.empty else {"sources": grounds}
        return _write_gpkg(path, {**plain, **extra})
    titles = {name: _title(name, lang) for name in plain}
    if kind == "xlsx":
        write_workbook(
            path,
            [
                (titles[name], _told(frame, lang), headings(frame.columns, lang, gaps))
                for name, frame in plain.items()
            ]
            + (
                []
                if grounds.empty
                else [(translate("workbook.sources", lang), grounds, headings(grounds.columns, lang))]
            ),
        )
        return [path]
    written: list[Path] = []
    extra = {} if grounds.empty else {"sources": grounds}
    for name, frame in {**plain, **extra}.items():
        written.append(path.with_name(f"{path.stem}-{name}{path.suffix}") if written else path)
        write_csv(written[-1], frame, headings=headings(frame.columns, lang, gaps))
    return written


#: Columns of codes, with what the words of a code begin with.
_CODES = {
    **dict.fromkeys(("status", "base_status", "alt_status"), "status"),
    **dict.fromkeys(("reason", "base_reason", "alt_reason"), "reason"),
    **{name: name for name in ("traffic", "mode", "change", "basis", "confidence")},
}


def _told(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Put words in place of codes, for readers of a workbook; English ones keep the codes of the library."""
    if lang == "en":
        return frame
    known = words()
    shown = {
        column: frame[column].map(
            lambda code, prefix=prefix: known.get(f"{prefix}.{code}", {lang: code})[lang]
        )
        for column, prefix in _CODES.items()
        if column in frame.columns
    }
    return frame.assign(**shown)


def headings(columns: Iterable[Any], lang: str = "en", gaps: Mapping[str, str] | None = None) -> list[str]:
    """Return headings of columns in a language; equal ones are told apart by the column's name.

    Examples
    --------
    >>> headings(["origin", "id", "kind", "destination"], "en")
    ['From', 'Id', 'To (kind)', 'To (destination)']
    """
    names = [str(name) for name in columns]
    shown = []
    for name in names:
        text = words()[f"head.{name}"][lang] if f"head.{name}" in words() else name
        if gaps:
            for gap, value in gaps.items():
                text = text.replace(f"{{{gap}}}", value)
        shown.append(name if "{" in text else text)
    return [
        f"{text} ({name})" if shown.count(text) > 1 else text for name, text in zip(names, shown, strict=True)
    ]


def _title(name: str, lang: str) -> str:
    return translate(f"workbook.{name}", lang) if f"workbook.{name}" in words() else name


def _grounds(sources: pd.DataFrame | None, assumptions: Sequence[str], lang: str) -> pd.DataFrame:
    """Return assumptions and sources as one table."""
    rows = [{"id": translate("word.assumption", lang), "title": text} for text in assumptions]
    taken = pd.DataFrame(rows, columns=["id", "title"], dtype=object)
    if sources is None or sources.empty:
        return taken
    return pd.concat([taken, flat(sources)], ignore_index=True).fillna("") if rows else flat(sources)
