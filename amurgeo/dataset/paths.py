"""Where the shipped dataset lies: inside the installed package, or in ``data/geo`` of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def geo_dir() -> Path:
    """Return the folder of the shipped dataset.

    Returns
    -------
    Path
        ``amurgeo/_geo`` of a regular install, else ``data/geo`` beside the package.

    Examples
    --------
    >>> (geo_dir() / "crossings.csv").is_file()
    True
    """
    inside = _PACKAGE / "_geo"
    return inside if (inside / "crossings.csv").is_file() else _PACKAGE.parent / "data" / "geo"
