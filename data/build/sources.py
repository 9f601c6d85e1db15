"""Merge the sources that the parts of the dataset cite into data/geo/sources.csv.

Each part has a list in ``sources/``. An id is derived from the host and the address, so the same page has
the same id everywhere. Run ``python data/build/sources.py``; the same input gives the same bytes.
"""

from __future__ import annotations

import csv
from pathlib import Path

BUILD = Path(__file__).resolve().parent
COLUMNS = ["id", "title", "publisher", "address", "licence", "published", "retrieved", "note"]
#: Lists in order of precedence.
ORDER = ("typed", "roads", "rail", "seasons")


def merge() -> list[dict[str, str]]:
    """Return every source once, sorted by id."""
    found: dict[str, dict[str, str]] = {}
    for part in ORDER:
        with open(BUILD / "sources" / f"{part}.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["id"], {name: row.get(name, "") for name in COLUMNS})
    return [found[id_] for id_ in sorted(found)]


def main() -> None:
    """Write data/geo/sources.csv."""
    with open(BUILD.parent / "geo" / "sources.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(merge())


if __name__ == "__main__":
    main()
