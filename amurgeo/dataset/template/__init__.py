"""The example folder that `amurgeo new` copies: tables, a scenario, a script and a description."""

from __future__ import annotations

import os
from pathlib import Path

from amurgeo.errors import InputError
from amurgeo.io import as_path, atomic_folder, write_bytes_atomic


def new(folder: str | Path) -> list[Path]:
    """Create a folder to start from: a template of your tables, a scenario, a script and a description.

    Parameters
    ----------
    folder
        A new folder, or an empty one.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the folder is a file or has files, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import amurgeo as ag
    >>> folder = tempfile.mkdtemp()
    >>> "scenario.toml" in [path.name for path in ag.new(folder)]
    True
    >>> ag.check(folder).passed()
    True
    """
    folder = as_path("folder", folder)
    if os.path.exists(folder) and not folder.is_dir():
        raise InputError(f"'{folder}' is a file; expected the name of a new folder")
    if os.path.isdir(folder) and any(folder.iterdir()):
        raise InputError(f"'{folder}' is not empty; expected the name of a new folder")
    examples = sorted(path for path in Path(__file__).parent.iterdir() if not path.name.startswith("__"))
    files = {path.name.removesuffix("-tpl"): path.read_bytes() for path in examples}
    if os.path.isdir(folder):
        # It may be the working directory, which must not be replaced.
        _write(folder, files)
    else:
        with atomic_folder(folder) as temporary:
            _write(temporary, files)
    return [folder / name for name in files]


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Write all files or none."""
    try:
        for name, data in files.items():
            write_bytes_atomic(folder / name, data)
    except BaseException:
        for name in files:
            (folder / name).unlink(missing_ok=True)
        raise
