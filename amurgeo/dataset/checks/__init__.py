"""Checks of the shipped dataset or of a user's tables: all faults at once, and totals."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from amurgeo.dataset.border import Border, check_border, read_border
from amurgeo.dataset.checks import record
from amurgeo.dataset.checks import rows as row_checks
from amurgeo.dataset.files import ENDINGS, Cells, table_files
from amurgeo.dataset.reading import (
    Tables,
    cached_tables,
    check_references,
    check_shared_ids,
    empty_table,
    folder_cells,
    missing_tables,
    no_table_error,
    on_lines,
    overlay_tables,
    require_folder,
    suggestion,
    tables_of,
)
from amurgeo.dataset.schema import (
    ESTIMATE,
    ESTIMATED,
    OPTIONAL,
    TABLES,
    estimate_row,
    geo_dir,
    key_columns,
)
from amurgeo.errors import DataError, Fault, InputError, check_bool, shorten, unknown_name_error
from amurgeo.io import flat, write_csv

_FAULT_COLUMNS = ("severity", "file", "row", "column", "check", "problem")
#: Checks of reading, and checks of the same cell that replace them because they say more.
_GENERAL, _SPECIFIC = ("value", "required"), ("unit", "no-such-day", "swapped-coordinates")


@dataclass(frozen=True)
class CheckResult:
    """Result of a check.

    Attributes
    ----------
    what
        What was checked: a folder, a file, or ``"amurgeo"`` for the shipped dataset.
    on
        Date on which facts are expected to be valid.
    faults
        All faults and warnings, ordered by file and line.
    sums
        Totals, see `amurgeo.dataset.checks.rows.sums`.
    notes
        Checks that could not run and why, and files in other spellings than the package's.
    """

    what: str
    on: date
    faults: tuple[Fault, ...]
    sums: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def n_faults(self) -> int:
        """Number of faults, without warnings."""
        return sum(fault.severity != "warning" for fault in self.faults)

    @property
    def n_warnings(self) -> int:
        """Number of warnings."""
        return len(self.faults) - self.n_faults

    def passed(self, *, strict: bool = False) -> bool:
        """Return True without faults and, if strict, without warnings.

        Parameters
        ----------
        strict
            Whether warnings count as faults.

        Returns
        -------
        bool
            True without faults.

        Examples
        --------
        >>> CheckResult("mydata", date(2026, 2, 1), (), {}).passed()
        True
        """
        return self.n_faults == 0 and not (check_bool("strict", strict) and self.n_warnings)

    def __repr__(self) -> str:
        return f"CheckResult({self.what}, {self.n_faults} faults, {self.n_warnings} warnings)"

    def _repr_html_(self) -> str:
        return str(self.to_frame()._repr_html_())

    def to_frame(self) -> pd.DataFrame:
        """Return the faults: severity, file, row (Int64, line in the file), column, check, problem."""
        return pd.DataFrame(map(vars, self.faults), columns=list(_FAULT_COLUMNS)).astype({"row": "Int64"})

    def to_dict(self) -> dict[str, Any]:
        """Return what, on (ISO date), faults (a list with the columns of `to_frame`), sums and notes."""
        faults = [{key: vars(fault)[key] for key in _FAULT_COLUMNS} for fault in self.faults]
        return {**vars(self), "on": self.on.isoformat(), "faults": faults, "notes": list(self.notes)}


def check_tables(
    own: Path | None = None, *, on: date | None = None, dataset: Path | None = None
) -> CheckResult:
    """Check a dataset, or a user's tables overlaid on it."""
    base = geo_dir() if dataset is None else require_folder(dataset)
    border = read_border(base)
    folder = require_folder(base if own is None else own)
    tables, cells, faults = _read(folder, border.languages if own is None else ())
    shipped = {} if own is None else cached_tables(base)[0]
    unique = {name: frame[~frame.index.duplicated(keep="last")] for name, frame in tables.items()}
    merged = overlay_tables(shipped or tables, unique)
    if own is not None:
        faults += _unread(folder)
        if not tables and not faults:
            raise no_table_error(folder)
    faults += missing_tables({*merged, *OPTIONAL})
    if own is None and all(name in merged for name in ("regions", "places", "vehicles")):
        faults += check_border(border, merged)
    day = on or row_checks.newest_source_day(merged)
    cited = set[str]().union(*map(row_checks.cited_sources, {folder, base}))
    row_faults, notes = _run(tables, merged, shipped, cells, day, cited, base, border)
    faults += on_lines(row_faults, cells)
    notes += tuple(
        f"{cell.label} is read as it is: {'; '.join(cell.remarks)}" for cell in cells.values() if cell.remarks
    )
    totals = row_checks.sums(tables, merged, on=day, languages=border.languages, cells=cells)
    what = "amurgeo" if folder == geo_dir() else str(folder)
    return CheckResult(what, day, in_order(faults), totals, notes)


def checked_tables(tables: Tables, border: Border, folder: Path) -> dict[str, pd.DataFrame]:
    """Return frames as they read back from files, in the columns of their schemas.

    Raise DataError with all faults that `check_tables` finds in such files of a dataset.
    """
    read, cells, faults = _read_back(tables, border.languages)
    read = {**{name: empty_table(name) for name in OPTIONAL}, **read}
    faults += missing_tables(read)
    if not faults:
        if folder == geo_dir() and not {*read_border(folder).home.regions} <= {*read["regions"].index}:
            raise InputError("the tables are those of another dataset; expected its border= and folder=")
        faults = check_border(border, read)
        day, cited = row_checks.newest_source_day(read), row_checks.cited_sources(folder)
        faults += _run(read, read, {}, cells, day, cited, folder, border)[0]
    _refuse(faults)
    return read


def checked_rows(rows: Mapping[str, Sequence[Mapping[str, Any]]], base: Tables) -> dict[str, pd.DataFrame]:
    """Return tables overlaid with rows as they read back from files; rows without a source are estimates.

    Raise DataError with all faults for which own tables are not loaded.
    """
    frames = {}
    for name, added in _by_table("rows", rows):
        if not isinstance(added, list | tuple) or not all(isinstance(row, Mapping) for row in added):
            raise InputError(f"rows is invalid: {name}={shorten(added)}; expected a list of dictionaries")
        origin = {column: text for column, text in ESTIMATED.items() if column in base[name].columns}
        frames[name] = pd.DataFrame([origin | dict(row) for row in added])
    used = {source for frame in frames.values() for source in frame.get("source", ())}
    own_sources = frames.get("sources", pd.DataFrame())
    if ESTIMATE in used and ESTIMATE not in {*base["sources"].index, *own_sources.get("id", ())}:
        row = estimate_row(row_checks.newest_source_day(base).isoformat())
        frames["sources"] = pd.concat([own_sources, pd.DataFrame([row])])
    own, _, faults = _read_back({name: frame for name, frame in frames.items() if len(frame)}, ())
    merged = overlay_tables(base, own)
    if not faults:
        faults = [*check_references(own, merged), *check_shared_ids(own, merged)]
    if not faults:
        faults = check_meaning(own, merged)
    _refuse(faults)
    return merged


def _read_back(
    tables: Tables, languages: Iterable[str]
) -> tuple[dict[str, pd.DataFrame], dict[str, Cells], list[Fault]]:
    """Return what `_read` does of a folder to which frames were written."""
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary)
        for name, frame in _by_table("tables", tables):
            if not isinstance(frame, pd.DataFrame):
                raise InputError(f"tables is invalid: {name}={shorten(frame)}; expected a DataFrame")
            keys = list(key_columns(name))
            if {*keys} <= {*frame.columns}:
                frame = frame.reset_index(drop=True)
            elif list(frame.index.names) == [None] * len(keys) and not isinstance(frame.index, pd.RangeIndex):
                frame = frame.rename_axis(keys)
            write_csv(target / f"{name}.csv", flat(frame), yes_no=True)
        return _read(target, languages)


def _by_table(argument: str, given: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    if not isinstance(given, Mapping):
        raise InputError(f"{argument} is invalid: {shorten(given)}; expected values by table name")
    for name in given:
        if name not in TABLES:
            raise unknown_name_error("table", name, TABLES)
    return given.items()


def _refuse(faults: Iterable[Fault]) -> None:
    """Raise DataError with the faults that are no warnings, if any."""
    if wrong := [fault for fault in faults if fault.severity != "warning"]:
        raise DataError(in_order(wrong))


def check_meaning(own: Tables, merged: Tables) -> list[Fault]:
    """Find values that mean nothing beside the others: own tables with such values are not loaded."""
    return [
        *row_checks.check_date_order(own),
        *row_checks.check_rules(own, merged),
        *record.check_services(own, merged),
        *record.check_record(own),
        *record.check_patterns(own, merged, "record_gaps"),
        *record.check_patterns(own, merged, "holiday_rules"),
        *record.check_holidays(own),
        *record.check_trips(own, merged),
    ]


def _run(
    own: Tables,
    merged: Tables,
    shipped: Tables,
    cells: Mapping[str, Cells],
    on: date,
    cited: set[str],
    folder: Path,
    border: Border,
) -> tuple[list[Fault], tuple[str, ...]]:
    """Run all checks; also return which could not run."""
    from amurgeo.dataset.checks import geography

    faults = [
        *row_checks.check_units(cells),
        *check_references(own, merged),
        *check_meaning(own, merged),
        *check_shared_ids(own, merged),
        *row_checks.check_cells(own, border.languages),
        *record.check_counterparts(own, merged),
        *record.check_seasons(own, merged),
        *record.check_out_of_season(own, merged),
        *record.check_trucks(own, merged),
        *row_checks.check_estimates(own),
        *row_checks.check_cited(own, merged, cited=cited),
        *row_checks.check_lapsed(own, on),
        *geography.check_coordinates(own, border),
        *geography.check_gcj02(own, shipped),
        *geography.check_near_duplicates(own, merged, border),
        *geography.check_connected(own, merged),
        *geography.check_lengths(own, merged),
    ]
    notes = []
    regions, line = (geography.plane_layer(name, folder, border.projection) for name in ("regions", "border"))
    if regions is not None:
        faults += geography.check_banks(own, merged, regions, border)
    else:
        notes.append("not checked: banks and regions of points, the dataset has no layer 'regions'")
    if line is not None:
        faults += geography.check_border_cuts(own, merged, line, border)
        faults += geography.check_border_distance(own, merged, line, border)
    else:
        notes.append("not checked: crossings and terminals at the border, the dataset has no layer 'border'")
    return faults, tuple(notes)


def _read(
    folder: Path, languages: Iterable[str]
) -> tuple[dict[str, pd.DataFrame], dict[str, Cells], list[Fault]]:
    """Return the tables of a folder, their cells, and the faults of reading."""
    cells = folder_cells(folder)
    tables, faults = tables_of(cells, languages=languages)
    # A missing column is one fault, not one in every row.
    missing = {(fault.file, fault.column) for fault in faults if fault.check == "missing-column"}
    kept = [
        fault for fault in faults if fault.check != "required" or (fault.file, fault.column) not in missing
    ]
    return tables, cells, kept


def _unread(folder: Path) -> list[Fault]:
    """Return a warning for every file, sheet or layer that looks like a table and is not read."""
    faults = []
    for table, files in table_files(folder).items():
        for path, part in files if table not in TABLES else files[1:]:
            text = f"unknown table '{part or path.stem}', the file is not read; {suggestion(table, TABLES)}"
            if table in TABLES:
                text = f"the table '{table}' is also in {files[0][0].name}; this one is not read"
            faults.append(Fault(path.name, None, None, "unknown-table", text, "warning"))
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in ENDINGS and path.stem.lower() in TABLES and path.is_file():
            text = f"the file is not read; save it as {path.stem.lower()}.csv or .xlsx"
            faults.append(Fault(path.name, None, None, "unknown-table", text, "warning"))
    return faults


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults by file, line and column; a specific fault of a cell replaces a general one."""
    faults = list(dict.fromkeys(faults))
    specific = {(fault.file, fault.row, fault.column) for fault in faults if fault.check in _SPECIFIC}
    kept = [
        fault
        for fault in faults
        if fault.check not in _GENERAL or (fault.file, fault.row, fault.column) not in specific
    ]
    order = {f"{name}.csv": position for position, name in enumerate(TABLES)}
    return tuple(
        sorted(
            kept,
            key=lambda fault: (order.get(fault.file, 99), fault.file, fault.row or 0, fault.column or ""),
        )
    )
