"""The schema of every table, itself a table: one CSV of columns in ``schema/`` of the dataset."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from amurgeo.dataset.paths import geo_dir

#: Tables that a dataset holds, in reading order: a table refers only to tables read with it.
TABLES = (
    "sources",
    "regions",
    "places",
    "stations",
    "checkpoints",
    "terminals",
    "crossings",
    "vehicles",
    "services",
    "roads",
    "railways",
    "windows",
    "season_record",
    "speeds",
    "rates",
    "ports",
    "flows",
)

#: Columns that together name a row, for the tables that have no ``id``.
KEYS = {"services": ("crossing", "traffic"), "speeds": ("vehicle", "class", "surface")}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, type, unit, required, allowed, default, meaning
        As in the schema file. ``allowed`` holds the choices of a ``choice``, the tables of a ``ref``,
        or the range ``low..high`` of a number.
    """

    name: str
    type: str
    unit: str
    required: bool
    allowed: str
    default: str
    meaning: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed words, or the tables referred to."""
        return tuple(word for word in self.allowed.split(";") if word)

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Lowest and highest number allowed; None where there is no bound."""
        low, _, high = self.allowed.partition("..")
        return (float(low) if low else None, float(high) if high else None)


@cache
def schema(table: str) -> tuple[Column, ...]:
    """Return the columns of a table.

    Parameters
    ----------
    table
        One of `TABLES`.

    Examples
    --------
    >>> [column.name for column in schema("vehicles")][:3]
    ['id', 'traffic', 'mass_t']
    >>> schema("terminals")[6].unit
    'km'
    """
    with open(geo_dir() / "schema" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return tuple(
            Column(
                row["column"],
                row["type"],
                row["unit"],
                row["required"] == "yes",
                row["allowed"],
                row["default"],
                row["meaning"],
            )
            for row in csv.DictReader(file)
        )


def key_columns(table: str) -> tuple[str, ...]:
    """Return the columns that name a row of the table.

    Examples
    --------
    >>> key_columns("places"), key_columns("services")
    (('id',), ('crossing', 'traffic'))
    """
    return KEYS.get(table, ("id",))
