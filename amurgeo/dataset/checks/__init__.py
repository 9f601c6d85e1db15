"""Checks of the shipped dataset or of a user's tables: all faults at once, and totals."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from amurgeo.dataset.border import Border, check_border, read_border
from amurgeo.dataset.checks import provenance, record
from amurgeo.dataset.checks import rows as row_checks
from amurgeo.dataset.reading import (
    Tables,
    cached_tables,
    check_references,
    empty_table,
    no_table_error,
    overlay_tables,
    read_table,
    require_folder,
    suggestion,
)
from amurgeo.dataset.schema import OPTIONAL, TABLES, geo_dir, key_columns
from amurgeo.errors import DataError, Fault, unknown_name_error
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
        Totals, see `amurgeo.dataset.checks.provenance.sums`.
    notes
        Checks that could not run, and why.
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
        return self.n_faults == 0 and not (strict and self.n_warnings)

    def __repr__(self) -> str:
        return f"CheckResult({self.what}, {self.n_faults} faults, {self.n_warnings} warnings)"

    def _repr_html_(self) -> str:
        return str(self.to_frame()._repr_html_())

    def to_frame(self) -> pd.DataFrame:
        """Return the faults and warnings as a frame.

        Returns
        -------
        DataFrame
            One row each: severity, file, row (Int64, line in the file), column, check, problem.

        Examples
        --------
        >>> list(CheckResult("mydata", date(2026, 2, 1), (), {}).to_frame().columns)
        ['severity', 'file', 'row', 'column', 'check', 'problem']
        """
        rows = [[getattr(fault, name) for name in _FAULT_COLUMNS] for fault in self.faults]
        return pd.DataFrame(rows, columns=list(_FAULT_COLUMNS)).astype({"row": "Int64"})

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values.

        Returns
        -------
        dict
            what, on (ISO date), faults (a list with the columns of `to_frame`), sums, notes.

        Examples
        --------
        >>> list(CheckResult("mydata", date(2026, 2, 1), (), {}).to_dict())
        ['what', 'on', 'faults', 'sums', 'notes']
        """
        faults = [{key: getattr(fault, key) for key in _FAULT_COLUMNS} for fault in self.faults]
        return {**asdict(self), "on": self.on.isoformat(), "faults": faults, "notes": list(self.notes)}


def check_tables(
    own: Path | None = None, *, on: date | None = None, dataset: Path | None = None
) -> CheckResult:
    """Check a dataset, or a user's tables overlaid on it.

    Parameters
    ----------
    own
        Folder of the user's tables; only their rows are checked. None for the dataset.
    on
        Date on which facts are expected to be valid; by default the date of the newest source.
    dataset
        Folder of the dataset; the shipped one if omitted.

    Raises
    ------
    InputError
        If a folder does not exist or contains no table.
    DataError
        If ``dataset.toml`` is missing or invalid.
    """
    base = geo_dir() if dataset is None else require_folder(dataset)
    border = read_border(base)
    folder = require_folder(base if own is None else own)
    tables, cells, faults = _read(folder, border)
    shipped = {} if own is None else cached_tables(base)[0]
    merged = overlay_tables(shipped or tables, _unique(tables))
    if own is not None:
        faults += _unknown_tables(folder)
        if not tables and not faults:
            raise no_table_error(folder)
    faults += [
        Fault(f"{name}.csv", None, None, "missing-table", f"the dataset has no {name}.csv")
        for name in TABLES
        if name not in merged and name not in OPTIONAL
    ]
    if own is None and all(name in merged for name in ("regions", "places", "vehicles")):
        faults += check_border(border, merged)
    day = on or provenance.newest_source_day(merged)
    cited = provenance.cited_sources(folder) | provenance.cited_sources(base)
    row_faults, notes = _run(tables, merged, shipped, cells, day, cited, base, border)
    faults += [_on_line(fault, cells) for fault in row_faults]
    totals = provenance.sums(tables, merged, on=day, languages=border.languages)
    what = "amurgeo" if folder == geo_dir() else str(folder)
    return CheckResult(what, day, in_order(faults), totals, notes)


def checked_tables(tables: Tables, border: Border, folder: Path) -> dict[str, pd.DataFrame]:
    """Return frames as they read back from files, in the columns of their schemas.

    Raise DataError with all faults that `check_tables` finds in such files of a dataset.
    """
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary)
        for name, frame in tables.items():
            if name not in TABLES:
                raise unknown_name_error("table", name, TABLES)
            if any(level is None for level in frame.index.names):
                frame = frame.rename_axis(list(key_columns(name)))
            write_csv(target / f"{name}.csv", flat(frame.reset_index()), yes_no=True)
        read, cells, faults = _read(target, border)
    read = {**{name: empty_table(name) for name in OPTIONAL}, **read}
    faults += [
        Fault(f"{name}.csv", None, None, "missing-table", f"the dataset has no {name}.csv")
        for name in TABLES
        if name not in read
    ]
    if not faults:
        faults = check_border(border, read)
        day, cited = provenance.newest_source_day(read), provenance.cited_sources(folder)
        faults += _run(read, read, {}, cells, day, cited, folder, border)[0]
    if wrong := [fault for fault in faults if fault.severity != "warning"]:
        raise DataError(in_order(wrong))
    return read


def _run(
    own: Tables,
    merged: Tables,
    shipped: Tables,
    cells: Tables,
    on: date,
    cited: set[str],
    folder: Path,
    border: Border,
) -> tuple[list[Fault], tuple[str, ...]]:
    """Run all checks; also return which could not run."""
    from amurgeo.dataset.checks import geography

    faults = [
        *row_checks.check_units(cells),
        *row_checks.check_days(own),
        *check_references(own, merged),
        *row_checks.check_date_order(own),
        *row_checks.check_regions(own, merged),
        *row_checks.check_edge_ids(own),
        *row_checks.check_shared_ids(own, merged),
        *row_checks.check_mojibake(own),
        *row_checks.check_script(own, border.languages),
        *record.check_crossings(own, merged),
        *record.check_checkpoints(own, merged),
        *record.check_services(own, merged),
        *record.check_record(own, merged),
        *record.check_seasons(own, merged),
        *record.check_windows(own),
        *record.check_gaps(own, merged),
        *provenance.check_estimates(own),
        *provenance.check_sources(own, merged, cited=cited),
        *provenance.check_lapsed(own, on),
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
    folder: Path, border: Border
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], list[Fault]]:
    """Return the tables of a folder, their cells as text by line of the file, and the faults of reading."""
    tables, cells, faults = {}, {}, []
    for name in TABLES:
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        tables[name], table_faults = read_table(path, name, languages=border.languages)
        cells[name] = _cells(path)
        if len(cells[name]) != len(tables[name]):
            cells[name] = cells[name][:0]
        missing = {fault.column for fault in table_faults if fault.check == "missing-column"}
        # A missing column is one fault, not one in every row.
        faults += [
            _on_line(fault, cells)
            for fault in table_faults
            if fault.check != "required" or fault.column not in missing
        ]
    return tables, cells, faults


def _cells(path: Path) -> pd.DataFrame:
    """Return the text of all cells; column ``line`` is the first line of a row in the file."""
    table, last = [], 1
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            for row in reader:
                texts = {str(name).strip(): cell for name, cell in row.items() if isinstance(cell, str)}
                # A row may begin after blank lines, and end some lines further on.
                first = reader.line_num - sum(cell.count("\n") for cell in texts.values())
                table.append({**texts, "line": max(first, last + 1)})
                last = reader.line_num
    except (OSError, UnicodeDecodeError, csv.Error):
        table = []
    return pd.DataFrame(table, index=range(2, len(table) + 2), dtype=object).fillna("")


def _on_line(fault: Fault, cells: Mapping[str, pd.DataFrame]) -> Fault:
    """Return a fault with the line in the file, which cells of several lines and blank lines shift."""
    table = cells.get(fault.file.removesuffix(".csv"))
    if table is None or fault.row not in table.index:
        return fault
    return replace(fault, row=int(table.at[fault.row, "line"]))


def _unique(tables: Tables) -> dict[str, pd.DataFrame]:
    return {name: frame[~frame.index.duplicated(keep="last")] for name, frame in tables.items()}


def _unknown_tables(folder: Path) -> list[Fault]:
    """Return a warning for every CSV file that is not a table and therefore not read."""
    text = "unknown table '{}', the file is not read; {}"
    return [
        Fault(path.name, None, None, "unknown-table", text.format(name, suggestion(name, TABLES)), "warning")
        for path in sorted(folder.glob("*.csv"))
        if (name := path.stem) not in TABLES
    ]


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
