"""Schemas of the tables, one CSV file of columns each, and how names, patterns and sources are written."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import urlparse

from amurgeo.errors import InputError

with Path(__file__).with_name("tables.csv").open(encoding="utf-8", newline="") as _file:
    _TABLES = {row["table"]: row for row in csv.DictReader(_file)}
#: Tables of a dataset, in reading order.
TABLES = tuple(_TABLES)
#: Tables that a dataset may leave out: they are empty then.
OPTIONAL = tuple(table for table, row in _TABLES.items() if row["required"] == "no")
#: Id of the source of estimates made for the dataset.
ESTIMATE = "estimate"
#: Origin of a row that no source gives.
ESTIMATED = {"source": ESTIMATE, "confidence": "estimated"}


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
    """Return the folder of the shipped dataset, ``data/geo`` beside the package if it is not installed."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_geo"
    return installed if (installed / "crossings.csv").is_file() else package.parent / "data" / "geo"


@cache
def schema(table: str) -> tuple[Column, ...]:
    """Return the columns of a table, one of `TABLES`."""
    with open(geo_dir() / "schema" / f"{table}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return tuple(
        Column(name, type_, unit, required == "yes", allowed, default, meaning)
        for name, type_, unit, required, allowed, default, meaning in rows
    )


def key_columns(table: str) -> tuple[str, ...]:
    """Return the key columns of a table."""
    return tuple(_TABLES[table]["key"].split()) if table in _TABLES else ("id",)


def table_names() -> set[str]:
    """Return the names of all tables with a schema."""
    return {path.stem for path in (geo_dir() / "schema").glob("*.csv")}


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


def source_id_of(text: str) -> str:
    """Return the id of a source by its address, or by the name of a letter or order; raise InputError.

    >>> source_id_of("https://www.amur.info/news/1"), source_id_of("Письмо Росгранстроя № 15")
    ('amur_info_92e468', 'letter_15_feb97e')
    """
    text = _source_text(text)
    host = _host(text)
    # A letter or order has a number or a date; Chinese ones are written without blanks.
    named = re.search(r"[^\W\d]", text) and re.search(r"\d.* | .*\d|\d[号年]", text)
    if not host and not named:
        raise InputError(
            f"source is invalid: '{text:.80}'; expected an address such as https://…, a letter or order with "
            "its number or date, such as 'Letter of the border agency № 15', or the id of a known source"
        )
    name = re.sub(r"^(www|m|amp)\.", "", host) if host else f"letter_{' '.join(re.findall(r'[0-9]+', text))}"
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:28]
    return f"{slug}_{hashlib.sha1(text.encode()).hexdigest()[:6]}"


def _source_text(text: str) -> str:
    """Return a source without needless blanks, and an address with its scheme."""
    text = " ".join(text.split())
    return f"https://{text}" if re.fullmatch(r"(?:www\.\S+|(?:[\w-]+\.)+[a-z]{2,}/\S*)", text) else text


def _host(text: str) -> str:
    """Return the host of a web address; empty for other text."""
    try:
        parts = urlparse(text)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") and " " not in text else ""


def estimate_row(day: str) -> dict[str, str]:
    """Return the row of ``sources`` for own estimates, as of a day."""
    about = {"title": "Own estimates; how is said in the row's note", "publisher": "own estimate"}
    return {"id": ESTIMATE, **about, "licence": "own estimate", "retrieved": day}


def source_row(text: str, title: str, day: str) -> dict[str, str]:
    """Return the row of ``sources`` for an address, letter or order that was read on a day."""
    text = _source_text(text)
    host = _host(text)
    return {
        "id": source_id_of(text),
        "title": title if host else text,
        "publisher": host or text,
        "address": text,
        "licence": "web page, facts only" if host else "letter or order, facts only",
        "published": day,
        "retrieved": day,
    }
