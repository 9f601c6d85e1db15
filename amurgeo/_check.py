"""Check tables and scenario files, every fault at once, and show what is installed."""

from __future__ import annotations

import platform
import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from amurgeo import network
from amurgeo._version import __version__
from amurgeo.analysis.measures import measure_scenario
from amurgeo.dataset.border import BORDER_FILE
from amurgeo.dataset.checks import CheckResult, check_tables, in_order
from amurgeo.dataset.reading import folder_cells, on_lines, require_folder, tables_of
from amurgeo.dataset.schema import geo_dir
from amurgeo.errors import AmurgeoError, DataError, Fault, InputError
from amurgeo.io import as_path
from amurgeo.seasons.evaluation import scenario_of
from amurgeo.text import parse_day


def check(
    path: str | Path | None = None,
    *,
    own: str | Path | None = None,
    dataset: str | Path | None = None,
    on: date | str | None = None,
) -> CheckResult:
    """Check tables, scenarios and the changes of measures, and return all faults at once.

    Parameters
    ----------
    path
        Folder of your tables, whose scenario files are checked too; folder of a dataset, with its
        ``dataset.toml``; or one scenario file (``.toml``). None for the dataset.
    own
        Folder of your tables that a scenario file refers to.
    dataset
        Folder of the dataset; the shipped one if omitted.
    on
        Date on which facts are expected to be valid; by default the date of the newest source.

    Returns
    -------
    CheckResult
        ``faults``, ``n_faults``, ``n_warnings``, ``passed()`` and totals in ``sums``.

    Raises
    ------
    InputError
        If the folder or file does not exist, a folder contains no table, the date is invalid, or an argument
        has no effect beside `path`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ag.check().n_faults
    0
    """
    path, own, dataset = (
        None if given is None else as_path(name, given)
        for name, given in (("path", path), ("own", own), ("dataset", dataset))
    )
    day = None if on is None else parse_day(on)
    if path is not None and path.name.endswith(".toml"):
        if not path.is_file():
            raise InputError(f"file not found: '{path}'; expected a scenario file or a folder of tables")
        day = day or network.load(own, dataset=dataset).record_until
        return CheckResult(str(path), day, tuple(_scenario_faults(path, own, dataset)))
    folder = own if path is None else path
    whole = folder is not None and (folder / BORDER_FILE).is_file()
    idle = {"own": path is not None and own is not None, "dataset": whole and dataset is not None}
    for name in (name for name in idle if idle[name]):
        raise InputError(f"{name}= has no effect beside the folder '{folder}'; leave one of them out")
    if whole:
        dataset, folder = folder, None
    result = check_tables(folder, on=day, dataset=None if dataset is None else require_folder(dataset))
    # Scenarios may refer to the tables, if these can be read.
    if folder is not None:
        files = sorted(folder.glob("*.toml"))
    else:
        files = [] if dataset is None or result.n_faults else sorted(dataset.glob("scenarios/*.toml"))
    tables = folder if result.n_faults == 0 else None
    faults = [fault for file in files for fault in _scenario_faults(file, tables, dataset)]
    faults += _measure_faults(result, folder, dataset)
    return replace(result, faults=in_order([*result.faults, *faults])) if faults else result


def _scenario_faults(path: Path, own: Path | None, dataset: Path | None) -> list[Fault]:
    """Return the faults of a scenario file, each with its key."""
    try:
        net = network.load(own, dataset=dataset)
        scenario = scenario_of(net, path)
        # A state checks that every target of a change exists.
        net.state(None if scenario.day else net.record_until, scenario=scenario)
    except InputError as error:
        faults = []
        for part in re.split(r"; (?=key ')", str(error).removeprefix(f"{path.name}: ")):
            key = re.search(r"key '([^']*)': ", part)
            line = re.search(r"at line (\d+)", part)
            problem = part.replace(key.group(0), "", 1) if key else part
            row, column = int(line.group(1)) if line else None, key.group(1) if key else None
            faults.append(Fault(path.name, row, column, "scenario", problem))
        return faults
    return []


def _measure_faults(result: CheckResult, own: Path | None, dataset: Path | None) -> list[Fault]:
    """Return the faults of the changes of measures in a folder of tables, or in a dataset."""
    cells = folder_cells(own or dataset or geo_dir(), ["measures"])
    if not cells:
        return []
    # Changes refer to all other tables.
    elsewhere = [fault for fault in result.faults if fault.file != cells["measures"].label]
    if any(fault.severity != "warning" for fault in elsewhere):
        return []
    try:
        net = network.load(own, dataset=dataset)
    except DataError:
        return []
    faults = []
    for row, measure in enumerate(tables_of(cells)[0]["measures"].index, 2):
        try:
            measure_scenario(net, measure)
        except InputError as error:
            faults.append(Fault("measures.csv", row, "changes", "scenario", str(error)))
    return on_lines(faults, cells)


# -- versions ----------------------------------------------------------------------------------------

_EXTRA = re.compile(r"extra == ['\"](fast|distributed|export)['\"]")


@dataclass(frozen=True)
class Versions:
    """Installed versions by package (None: not installed), and record and rows of the shipped data."""

    amurgeo: str
    python: str
    platform: str
    dependencies: dict[str, str | None]
    optional: dict[str, str | None]
    record_until: str | None
    rows: dict[str, int]
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        lines = {"amurgeo": self.amurgeo, "python": self.python, "platform": self.platform}
        packages = self.dependencies | {f"{name} (optional)": text for name, text in self.optional.items()}
        lines |= {name: text or "not installed" for name, text in packages.items()}
        lines["record up to"] = self.record_until or f"unknown: {self.problem}"
        lines |= {f"{name}.csv": f"{count} rows" for name, count in self.rows.items()}
        width = max(map(len, lines))
        return "\n".join(f"{name:{width}}  {text}" for name, text in lines.items())

    __repr__ = __str__


def show_versions() -> Versions:
    """Return the installed versions and the state of the shipped data; makes no network requests.

    Returns
    -------
    Versions
        Versions of the package, of Python and of the dependencies, the last date of the season record and
        the number of rows of each table. As text it is a list to paste into a report.

    Examples
    --------
    >>> versions = show_versions()
    >>> versions.rows["checkpoints"] > 0, versions.dependencies["pandas"] is not None
    (True, True)
    >>> str(versions).splitlines()[0].split()[0]
    'amurgeo'
    """
    until, rows, problem = None, {}, ""
    try:
        net = network.load()
        until, rows = net.record_until.isoformat(), {name: len(table) for name, table in net.base.items()}
    except (AmurgeoError, OSError) as error:
        problem = str(error).splitlines()[0]
    return Versions(
        amurgeo=__version__,
        python=f"{platform.python_version()} ({platform.python_implementation()})",
        platform=platform.platform(),
        dependencies=_installed(optional=False),
        optional=_installed(optional=True),
        record_until=until,
        rows=rows,
        problem=problem,
    )


def _installed(*, optional: bool) -> dict[str, str | None]:
    """Return the versions of the packages that amurgeo requires, or of those in its extras for users."""
    requirements = (line for package in distributions(name="amurgeo") for line in package.requires or ())
    names = [
        re.split(r"[^\w.-]", line)[0]
        for line in sorted(requirements)
        if (_EXTRA.search(line) if optional else "extra ==" not in line)
    ]
    return {name: next((package.version for package in distributions(name=name)), None) for name in names}
