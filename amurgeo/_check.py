"""Check tables and scenario files: every fault at once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from amurgeo.dataset.border import BORDER_FILE
from amurgeo.dataset.checks import CheckResult, check_tables, in_order
from amurgeo.dataset.reading import require_folder
from amurgeo.errors import Fault, InputError
from amurgeo.io import as_path
from amurgeo.network import load
from amurgeo.seasons.evaluation import scenario_of
from amurgeo.text import parse_day


def check(
    path: str | Path | None = None,
    *,
    own: str | Path | None = None,
    dataset: str | Path | None = None,
    on: date | str | None = None,
) -> CheckResult:
    """Check tables and scenarios, and return all faults at once.

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
        day = day or load(own, dataset=dataset).record_until
        return CheckResult(str(path), day, tuple(_scenario_faults(path, own, dataset)))
    folder = own if path is None else path
    whole = folder is not None and (folder / BORDER_FILE).is_file()
    idle = {"own": path is not None and own is not None, "dataset": whole and dataset is not None}
    for name in (name for name in idle if idle[name]):
        raise InputError(f"{name}= has no effect beside the folder '{folder}'; leave one of them out")
    if whole:
        dataset, folder = folder, None
    result = check_tables(folder, on=day, dataset=None if dataset is None else require_folder(dataset))
    if folder is not None:
        files = sorted(folder.glob("*.toml"))
    else:
        files = [] if dataset is None else sorted(dataset.glob("scenarios/*.toml"))
    # Scenarios may refer to the tables, if these can be read.
    tables = folder if result.n_faults == 0 else None
    faults = [fault for file in files for fault in _scenario_faults(file, tables, dataset)]
    return replace(result, faults=in_order([*result.faults, *faults])) if faults else result


def _scenario_faults(path: Path, own: Path | None, dataset: Path | None) -> list[Fault]:
    """Return the faults of a scenario file, each with its key."""
    try:
        net = load(own, dataset=dataset)
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
