"""Versions of the installed packages and of the shipped data, for bug reports."""

from __future__ import annotations

import platform
import re
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from typing import Any

from amurgeo._version import __version__
from amurgeo.errors import AmurgeoError

_EXTRA = re.compile(r"extra == ['\"](fast|distributed|export)['\"]")


@dataclass(frozen=True)
class Versions:
    """Installed versions and shipped data.

    Attributes
    ----------
    amurgeo, python, platform
        Versions of the package and of the interpreter, operating system.
    dependencies, optional
        Versions of required and of optional packages by name; None if not installed.
    record_until
        Date of the newest observation in the season record (ISO); None if the data cannot be read.
    rows
        Number of rows by table.
    problem
        Why the data cannot be read; else empty.
    """

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
    from amurgeo.network import load

    until, rows, problem = None, {}, ""
    try:
        net = load()
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
