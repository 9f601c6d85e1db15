"""What is installed and which data are loaded, for reports of what went wrong and for notes of method."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from amurgeo._version import __version__
from amurgeo.errors import AmurgeoError

#: What the package needs, as `install_requires` of the packaging names it.
DEPENDENCIES = (
    "branca",
    "click",
    "folium",
    "geopandas",
    "holidays",
    "jinja2",
    "matplotlib",
    "networkx",
    "numpy",
    "osmnx",
    "pandas",
    "pydantic",
    "pyproj",
    "rich",
    "scipy",
    "shapely",
)
#: What some functions use where it is there.
OPTIONAL = ("dask", "numba", "openpyxl", "opening-hours-py", "osmium", "pyarrow")


@dataclass(frozen=True)
class Versions:
    """What is installed and which data are loaded.

    Attributes
    ----------
    amurgeo, python, platform
        Version of the package, version and kind of the interpreter, operating system.
    dependencies, optional
        Versions by name of package; None where it is not installed.
    record_until
        Day of the newest observation in the shipped season record, ISO; None when the data cannot be read.
    rows
        Rows by name of table.
    problem
        Why the shipped data cannot be read; empty when they can.
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
        lines = [("amurgeo", self.amurgeo), ("python", self.python), ("platform", self.platform)]
        lines += [(name, found or "not installed") for name, found in self.dependencies.items()]
        lines += [(f"{name} (optional)", found or "not installed") for name, found in self.optional.items()]
        lines += [("record up to", self.record_until or f"unknown: {self.problem}")]
        lines += [(f"{name}.csv", f"{count} rows") for name, count in self.rows.items()]
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:{width}}  {found}" for name, found in lines)

    __repr__ = __str__


def show_versions() -> Versions:
    """Return what is installed and which data are loaded; nothing is asked of a network.

    Returns
    -------
    Versions
        Versions of the package, of Python and of the dependencies, the day up to which the season record
        goes, and the rows of every table. As text it is a list to paste into a report.

    Examples
    --------
    >>> found = show_versions()
    >>> found.rows["checkpoints"] > 0, found.dependencies["pandas"] is not None
    (True, True)
    >>> str(found).splitlines()[0].split()[0]
    'amurgeo'
    """
    until, rows, problem = _data()
    return Versions(
        amurgeo=__version__,
        python=f"{platform.python_version()} ({platform.python_implementation()})",
        platform=platform.platform(),
        dependencies={name: _version_of(name) for name in DEPENDENCIES},
        optional={name: _version_of(name) for name in OPTIONAL},
        record_until=until,
        rows=rows,
        problem=problem,
    )


def _version_of(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _data() -> tuple[str | None, dict[str, int], str]:
    """Day and rows of the shipped data; broken data must not stop the report that tells of them."""
    from amurgeo.network import load

    try:
        net = load()
    except (AmurgeoError, OSError) as error:
        return None, {}, str(error).splitlines()[0]
    return net.record_until.isoformat(), {name: len(frame) for name, frame in net.base.items()}, ""
