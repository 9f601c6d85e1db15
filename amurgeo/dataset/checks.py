"""Every fault of a dataset, or of a user's own tables, at once; and the sums that go with it."""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from amurgeo.dataset import (
    border_checks,
    crossing_checks,
    provenance,
    record_checks,
    row_checks,
    text_checks,
)
from amurgeo.dataset import geometry_checks as geometry
from amurgeo.dataset.paths import geo_dir
from amurgeo.dataset.reading import kept_tables, lay_over, read_table
from amurgeo.dataset.rows import Tables, nearest
from amurgeo.dataset.schema import TABLES
from amurgeo.errors import Fault, InputError

log = logging.getLogger(__name__)

#: Faults of reading that a more telling check of the same cell replaces.
_GENERIC = ("value", "required")
_TELLING = ("unit", "no-such-day", "swapped-coordinates")


@dataclass(frozen=True)
class CheckResult:
    """What a check found.

    Attributes
    ----------
    what
        What was checked: a folder, a file, or ``"amurgeo"`` for the shipped dataset.
    on
        The day on which facts were asked to hold.
    faults
        Every fault and warning, in the order of files and lines.
    sums
        What `amurgeo.dataset.provenance.sums` counts.
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
        """Number of faults, warnings not counted."""
        return sum(fault.severity != "warning" for fault in self.faults)

    @property
    def n_warnings(self) -> int:
        """Number of warnings."""
        return len(self.faults) - self.n_faults

    def passed(self, *, strict: bool = False) -> bool:
        """Tell whether nothing is wrong; when strict, warnings are wrong too."""
        return self.n_faults == 0 and not (strict and self.n_warnings)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as one document of plain values."""
        return {
            "what": self.what,
            "on": self.on.isoformat(),
            "faults": [
                {
                    "severity": fault.severity,
                    "file": fault.file,
                    "row": fault.row,
                    "column": fault.column,
                    "check": fault.check,
                    "problem": fault.problem,
                }
                for fault in self.faults
            ],
            "sums": self.sums,
            "notes": list(self.notes),
        }


def check_tables(own: Path | None = None, *, on: date | None = None) -> CheckResult:
    """Check the shipped dataset, or a user's tables laid over it.

    Parameters
    ----------
    own
        Folder of the user's tables: only their rows are judged. None for the shipped dataset.
    on
        Day on which facts are asked to hold; the day of the newest source in the data when left out.

    Raises
    ------
    InputError
        When the folder does not exist or holds no table.

    Examples
    --------
    >>> check_tables().n_faults
    0
    """
    base = geo_dir()
    folder = base if own is None else own
    mine, cells, faults = _read(folder)
    if own is None:
        shipped = mine
        faults += [
            Fault(f"{name}.csv", None, None, "missing-table", f"the dataset has no {name}.csv")
            for name in TABLES
            if name not in mine
        ]
    else:
        shipped, _ = kept_tables(base)
        faults += _strange_files(folder)
        if not mine and not faults:
            raise InputError(
                f"'{folder}' holds no table; expected one of {', '.join(f'{name}.csv' for name in TABLES)}, "
                "or make a folder with: amurgeo new DIR"
            )
    merged = lay_over(shipped, {name: _unique(frame) for name, frame in mine.items()})
    day = on or provenance.newest_source_day(merged)
    used = provenance.cited_elsewhere(folder) | provenance.cited_elsewhere(base)
    found, notes = _run(mine, merged, shipped if own is not None else {}, cells, day, used)
    faults += [_on_line(fault, cells) for fault in found]
    return CheckResult(
        "amurgeo" if own is None else str(own),
        day,
        in_order(faults),
        provenance.sums(mine, merged, on=day),
        notes,
    )


def _run(
    own: Tables,
    merged: Tables,
    shipped: Tables,
    cells: Mapping[str, _Cells],
    on: date,
    used: set[str],
) -> tuple[list[Fault], tuple[str, ...]]:
    """Run every check; also say which could not run."""
    checks: list[Callable[[], list[Fault]]] = [
        lambda: row_checks.check_units({name: made.rows for name, made in cells.items()}),
        lambda: row_checks.check_days(own),
        lambda: row_checks.check_references(own, merged),
        lambda: row_checks.check_keys(own, merged),
        lambda: row_checks.check_date_order(own),
        lambda: row_checks.check_regions(own, merged),
        lambda: row_checks.check_edges(own, merged),
        lambda: crossing_checks.check_crossings(own, merged),
        lambda: crossing_checks.check_checkpoints(own, merged),
        lambda: crossing_checks.check_services(own, merged),
        lambda: row_checks.check_doubles(own, merged),
        lambda: record_checks.check_record(own, merged),
        lambda: record_checks.check_seasons(own, merged),
        lambda: record_checks.check_windows(own),
        lambda: text_checks.check_mojibake(own),
        lambda: text_checks.check_script(own),
        lambda: text_checks.check_near_duplicates(own, merged),
        lambda: provenance.check_estimates(own),
        lambda: provenance.check_sources(own, merged, used=used),
        lambda: provenance.check_lapsed(own, on),
        lambda: geometry.check_coordinates(own),
        lambda: geometry.check_gcj02(own, shipped),
        lambda: geometry.check_connected(own, merged),
        lambda: geometry.check_lengths(own, merged),
    ]
    notes = []
    regions, border = border_checks.plane_layer("regions"), border_checks.plane_layer("border")
    if regions is not None:
        checks.append(lambda: border_checks.check_banks(own, merged, regions=regions))
    else:
        notes.append("not checked: banks and regions of points, the dataset has no layer 'regions'")
    if border is not None:
        checks.append(lambda: border_checks.check_border_cuts(own, merged, border=border))
        checks.append(lambda: border_checks.check_border_distance(own, merged, border=border))
    else:
        notes.append(
            "not checked: crossings and terminals at the border line, the dataset has no layer 'border'"
        )
    found = [fault for check in checks for fault in check()]
    log.debug("%d checks, %d findings", len(checks), len(found))
    return found, tuple(notes)


@dataclass(frozen=True)
class _Cells:
    """The cells of a file as they stand there, and the line of each row."""

    rows: list[dict[str, str]]
    lines: list[int]


def _read(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, _Cells], list[Fault]]:
    """Read the tables of a folder by their schema and as plain cells."""
    if not os.path.isdir(folder):
        raise InputError(
            f"'{folder}' is no folder; give a folder with tables such as services.csv, "
            "or make one with: amurgeo new DIR"
        )
    tables: dict[str, pd.DataFrame] = {}
    cells: dict[str, _Cells] = {}
    faults: list[Fault] = []
    for name in TABLES:
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        tables[name], found = read_table(path, name)
        cells[name] = _plain_cells(path)
        if len(cells[name].rows) != len(tables[name]):
            cells[name] = _Cells([], [])
        missing = {fault.column for fault in found if fault.check == "missing-column"}
        # A missing column is one fault, not one in every row.
        faults += [
            _on_line(fault, cells)
            for fault in found
            if not (fault.check == "required" and fault.column in missing)
        ]
    return tables, cells, faults


def _plain_cells(path: Path) -> _Cells:
    made = _Cells([], [])
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            last = 1
            for row in reader:
                # A row is named by its first line; blank lines before it do not count as its own.
                first = reader.line_num - sum(
                    (cell or "").count("\n") for cell in row.values() if isinstance(cell, str)
                )
                made.lines.append(max(first, last + 1))
                last = reader.line_num
                made.rows.append(
                    {str(name).strip(): cell or "" for name, cell in row.items() if isinstance(cell, str)}
                )
    except (OSError, UnicodeDecodeError, csv.Error):
        return _Cells([], [])
    return made


def _on_line(fault: Fault, cells: Mapping[str, _Cells]) -> Fault:
    """Put a fault on the line of its row: cells that span lines and blank lines shift the rows after them."""
    made = cells.get(fault.file.removesuffix(".csv"))
    if made is None or fault.row is None or not 2 <= fault.row < 2 + len(made.lines):
        return fault
    line = made.lines[fault.row - 2]
    return Fault(fault.file, line, fault.column, fault.check, fault.problem, fault.severity)


def _unique(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~frame.index.duplicated(keep="last")]


def _strange_files(folder: Path) -> list[Fault]:
    """Find CSV files whose names are no tables; they are not read."""
    return [
        Fault(
            path.name,
            None,
            None,
            "unknown-table",
            f"there is no table '{path.stem}', so the file is not read; {nearest(path.stem, TABLES)}",
            "warning",
        )
        for path in sorted(folder.glob("*.csv"))
        if path.stem not in TABLES
    ]


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Sort faults by file, line and column; of a general and a telling one of a cell the latter stays."""
    told = {(fault.file, fault.row, fault.column) for fault in faults if fault.check in _TELLING}
    kept = [
        fault
        for fault in dict.fromkeys(faults)
        if not (fault.check in _GENERIC and (fault.file, fault.row, fault.column) in told)
    ]
    order = {f"{name}.csv": position for position, name in enumerate(TABLES)}
    return tuple(
        sorted(
            kept,
            key=lambda fault: (order.get(fault.file, 99), fault.file, fault.row or 0, fault.column or ""),
        )
    )
