"""What results have in common: frames, frames with geometry, JSON values, tables in notebooks, pickling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from amurgeo.errors import InputError
from amurgeo.io import records
from amurgeo.text import dates_in_language, digits, translate, word

if TYPE_CHECKING:
    import geopandas as gpd

#: Prefix of the words for each column of codes.
_CODES = {
    **dict.fromkeys(("status", "base_status", "alt_status"), "status"),
    **dict.fromkeys(("reason", "base_reason", "alt_reason"), "reason"),
    **{name: name for name in ("traffic", "mode", "change", "basis", "evidence", "confidence", "event")},
    **{name: name for name in ("unit", "gap", "class", "element_kind")},
    "cost_per": "per",
    "figure": "dependence",
    "input": "measures.input",
    "end": "measures.end",
}
#: Columns of text for people, and the end of the name of a column with names.
_TEXTS, NAME = ("because", "next_stop", "formula", "cost_prices", "text"), " name"
#: A date, or a moment with or without a zone.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:[+-]\d\d:\d\d|Z)?)?")
#: Rows of a table in a notebook, and digits of numbers in JSON.
_SHOWN_ROWS, _DIGITS = 20, 4


class Result:
    """Base class of results; a result is a frozen dataclass with a ``frame`` or a method `to_frame`."""

    net: Any
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the result as a frame of scalars."""
        return self.frame.copy(deep=False)

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return ``to_frame`` with the lines of the crossings, in EPSG:4326; raise if it has none."""
        return _with_lines(self)

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(max_rows=_SHOWN_ROWS, show_dimensions=True, border=0, na_rep="")
        return f"<p>{escape(repr(self))}</p>{table}"

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes without cached properties, so that pickles are small."""
        return {field.name: self.__dict__[field.name] for field in fields(self)}  # type: ignore[arg-type]


class ResultFrame(pd.DataFrame):  # type: ignore[misc]
    """A frame that a function returns: a DataFrame that also has geometry and JSON values.

    Whatever is computed from it is a plain DataFrame. ``unknown`` has the ids of the crossings whose status
    is unknown on some day of the question; they count as closed then.
    """

    _metadata = ["net", "unknown"]  # noqa: RUF012

    @classmethod
    def of(cls, frame: pd.DataFrame, net: Any, unknown: Iterable[str] = ()) -> Self:
        """Return a frame as a result on a network, with the crossings whose status is unknown."""
        result = cls(frame)
        result.net, result.unknown = net, tuple(unknown)
        return result

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return a plain DataFrame."""
        return pd.DataFrame(self)

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return the rows with the point of the origin or place, the line of the crossing, or the checkpoint.

        Returns
        -------
        GeoDataFrame
            Columns of the frame and ``geometry``, in EPSG:4326.
        """
        import geopandas as gpd

        names = {*self.columns, *self.index.names}
        place = next((name for name in ("origin", "place", "crossing", "checkpoint") if name in names), None)
        if place in (None, "crossing"):
            return _with_lines(self)
        # An index of places becomes a column, so that files keep it.
        rows = self.to_frame() if place in self.columns else self.to_frame().reset_index()
        points = (self.net.checkpoints if place == "checkpoint" else self.net.places).geometry
        return gpd.GeoDataFrame(rows, geometry=points.reindex(rows[place]).to_numpy(), crs=points.crs)

    def to_dict(self, orient: str = "json", **options: Any) -> Any:
        """Return the rows as the command line prints them as JSON, or in an orientation of pandas.

        Parameters
        ----------
        orient
            ``"json"`` for a list of dictionaries: numbers rounded to four digits, dates as text, unknown
            values as None; others as in `pandas.DataFrame.to_dict`.
        options
            Options of `pandas.DataFrame.to_dict`.
        """
        return self._records() if orient == "json" else super().to_dict(orient, **options)

    def _records(self) -> list[dict[str, Any]]:
        """Return the rows as JSON values."""
        return rounded_records(self.to_frame())


def rounded_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as JSON values, numbers rounded to four digits."""
    numbers = frame.select_dtypes("floating")
    return records(frame.assign(**{name: numbers[name].round(_DIGITS) for name in numbers}))


def digest_of(tables: Mapping[str, pd.DataFrame]) -> Any:
    """Return a SHA-256 digest of tables by name, to which more can be added."""
    digest = sha256()
    for name, table in sorted(tables.items()):
        digest.update(f"{name}\n{table.to_csv(lineterminator=chr(10))}".encode())
    return digest


def nested(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a row whose columns of quantiles, as ``days_p10``, are joined into one value each.

    Examples
    --------
    >>> nested({"gap": "autumn", "days_p10": 60, "days_p90": 80}, ["days"])
    {'gap': 'autumn', 'days': {'p10': 60, 'p90': 80}}
    """
    joined: dict[str, Any] = {}
    for key, value in row.items():
        name, _, quantile = key.rpartition("_")
        if name in names:
            joined.setdefault(name, {})[quantile] = value
        else:
            joined[key] = value
    return joined


def _with_lines(result: Any) -> gpd.GeoDataFrame:
    """Return the rows of a result with the lines of its crossings; raise if it has none."""
    frame, net = result.to_frame(), getattr(result, "net", None)
    if net is None or "crossing" not in {*frame.columns, *frame.index.names}:
        raise InputError(f"a result of the type {type(result).__name__} has no places; take to_frame()")
    return with_lines(frame, net.crossings.geometry)


def with_lines(frame: Any, lines: gpd.GeoSeries) -> Any:
    """Give each row with a crossing its line; return other frames as they are."""
    import geopandas as gpd

    rows = frame.reset_index() if "crossing" in frame.index.names else frame
    if "crossing" not in rows.columns or isinstance(frame, gpd.GeoDataFrame):
        return frame
    return gpd.GeoDataFrame(rows, geometry=lines.reindex(rows["crossing"]).to_numpy(), crs=lines.crs)


def rounded(frame: Any) -> Any:
    """Round the numbers of a result to the digits of their column."""
    places = {name: digits(str(name)) for name in frame.select_dtypes("floating").columns}
    return frame.assign(
        **{name: frame[name].round(_DIGITS if n is None else n) for name, n in places.items()}
    )


def for_readers(frame: pd.DataFrame, names: Mapping[str, str], lang: str) -> pd.DataFrame:
    """Return a table with dates as dates, codes translated, and names beside ids."""
    columns: dict[str, Any] = {}
    for column in frame.columns:
        cells = frame[column]
        if pd.api.types.is_bool_dtype(cells) and lang != "en":
            cells = cells.map({True: translate("word.yes", lang), False: translate("word.no", lang)})
        texts = [cell for cell in cells if isinstance(cell, str) and cell]
        if texts and all(cell in names for cell in texts):
            columns[f"{column}{NAME}"] = [names.get(cell) for cell in cells]
        elif texts and all(map(_MOMENT.fullmatch, texts)):
            cells = pd.Series([_moment(cell) for cell in cells], dtype=object)
        elif column in _TEXTS:
            cells = [
                dates_in_language(cell.replace("..", " – "), lang) if isinstance(cell, str) else cell
                for cell in cells
            ]
        elif prefix := "status" if column in names else _CODES.get(column):
            # The English workbook has the codes of the library.
            cells = [_code_text(prefix, code, lang) if lang != "en" else code for code in cells]
        elif column == "ref":
            cells = [names.get(cell, cell) for cell in cells]
        elif column == "cost_missing" and names:
            cells = [_missing_text(cell or "", names, lang) for cell in cells]
        columns[column] = cells
    return pd.DataFrame({name: pd.Series(list(cells), dtype=object) for name, cells in columns.items()})


def _code_text(prefix: str, code: Any, lang: str) -> Any:
    """Return the words for a code; the code itself if it has none."""
    if prefix == "dependence" and str(code).startswith("detour_") and code != "detour_h":
        code = "detour_cost"
    text = word(f"{prefix}_{code}", lang, "") or word(f"{prefix}.{code}", lang, code)
    # The crossing has a column of its own.
    return text.replace("{crossing}", "").strip(" :") if isinstance(text, str) else text


def _missing_text(codes: str, names: Mapping[str, str], lang: str) -> str:
    """Return what a cost lacks, as ``port:vanino;toll:amurzet:ferry``, in words."""
    parts = (code.partition(":") for code in codes.split(";") if code)
    texts = (translate(f"missing.{what}", lang, name=names.get(id_, id_)) for what, _, id_ in parts)
    return translate("word.semicolon", lang).join(texts)


def _moment(text: Any) -> Any:
    """Return a date or a local time; nothing for an empty cell."""
    if not isinstance(text, str) or not text:
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).replace(tzinfo=None)
