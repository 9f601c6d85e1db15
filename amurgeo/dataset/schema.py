"""The shipped dataset's folder and the schema of every table, one CSV file of columns per table."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

#: Tables of a dataset, in reading order.
TABLES = (
    "sources", "regions", "places", "stations", "checkpoints", "terminals", "crossings", "vehicles",
    "services", "border_hours", "roads", "railways", "windows", "eras", "season_record", "record_gaps",
    "holiday_rules", "speeds", "rest_rules", "rates", "ports", "flows",
    "capacity", "demand", "demand_months", "trips",
)  # fmt: skip

#: Tables that a dataset may leave out: they are empty then.
OPTIONAL = (
    "stations", "railways", "border_hours", "windows", "eras", "record_gaps", "holiday_rules", "rest_rules",
    "rates", "ports", "flows", "capacity", "demand", "demand_months", "trips",
)  # fmt: skip

#: Keys of the tables that have no ``id``.
KEYS = {
    "services": ("crossing", "traffic"),
    "speeds": ("vehicle", "class", "surface"),
    "trips": ("crossing", "direction", "vehicle", "arrived", "cleared"),
}


@dataclass(frozen=True)
class Column:
    """One column of a table, as in the schema file.

    ``allowed`` holds the choices of a ``choice``, the tables of a ``ref``, or the range ``low..high`` of a
    number.
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
        """Lowest and highest number allowed; None without a bound."""
        low, _, high = self.allowed.partition("..")
        return (float(low) if low else None, float(high) if high else None)


def geo_dir() -> Path:
    """Return the folder of the shipped dataset, ``data/geo`` beside the package if it is not installed.

    >>> (geo_dir() / "crossings.csv").is_file()
    True
    """
    package = Path(__file__).resolve().parent.parent
    installed = package / "_geo"
    return installed if (installed / "crossings.csv").is_file() else package.parent / "data" / "geo"


@cache
def schema(table: str) -> tuple[Column, ...]:
    """Return the columns of a table, one of `TABLES`.

    >>> [column.name for column in schema("vehicles")][:3]
    ['id', 'traffic', 'mass_t']
    >>> schema("terminals")[6].unit
    'km'
    """
    with open(geo_dir() / "schema" / f"{table}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return tuple(
        Column(name, type_, unit, required == "yes", allowed, default, meaning)
        for name, type_, unit, required, allowed, default, meaning in rows
    )


def key_columns(table: str) -> tuple[str, ...]:
    """Return the key columns of a table.

    >>> key_columns("places"), key_columns("services")
    (('id',), ('crossing', 'traffic'))
    """
    return KEYS.get(table, ("id",))


def matches(pattern: str, *names: str) -> bool:
    """Return whether a name of a thing fits a pattern: ``*``, any joined by ``|``, ``!`` for none of these.

    >>> matches("*", "rail"), matches("!rail", "road"), matches("!rail|road", "rail")
    (True, True, False)
    >>> matches("poyarkovo|khabarovsk:ferry", "poyarkovo:ice_road", "poyarkovo")
    True
    """
    listed = {name.strip() for name in pattern.removeprefix("!").split("|")}
    return ("*" in listed or not listed.isdisjoint(names)) != pattern.startswith("!")


def pattern_names(pattern: str) -> set[str]:
    """Return the names in a pattern.

    >>> sorted(pattern_names("!rail|road")), pattern_names("*")
    (['rail', 'road'], set())
    """
    return {name.strip() for name in pattern.removeprefix("!").split("|")} - {"*", ""}


#: Cyrillic and Greek letters that look like Latin ones, small or capital.
_LOOK_ALIKE = str.maketrans("авеіјкмнорстухѕһԁԛԝαβεηικμνορτυχζ", "abeijkmhopctyxshdqwabehikmhoptyxz")


@cache
def _simplified() -> dict[int, int]:
    """Return the simplified forms of traditional Chinese characters."""
    text = resources.files("amurgeo").joinpath("traditional.txt").read_text(encoding="utf-8")
    _, traditional, simplified = text.splitlines()
    return str.maketrans(traditional, simplified)


def normalize_name(name: str) -> str:
    """Return a name as all its spellings are looked up.

    Case, accents, hyphens, apostrophes and spaces do not count; full-width characters are as narrow ones,
    traditional characters as simplified ones, and Cyrillic letters as the Latin ones that look like them.

    >>> normalize_name("Bei'an") == normalize_name("BEI-AN") == normalize_name("ｂｅｉ an")
    True
    >>> normalize_name("綏芬河"), normalize_name("Хэйхэ") == normalize_name("Xэйxэ")
    ('绥芬河', True)
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = re.sub(r"[^\w]|_", "", "".join(char for char in plain if not unicodedata.combining(char)))
    return plain if plain.isascii() else plain.translate(_LOOK_ALIKE).translate(_simplified())
