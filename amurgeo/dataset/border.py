"""The border of a dataset: its sides and the defaults of questions, read from ``dataset.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amurgeo.dataset.schema import geo_dir
from amurgeo.errors import DataError, Fault

#: Name of the file in the folder of a dataset.
BORDER_FILE = "dataset.toml"
#: A day of the year, and days of the year from a first to a last one.
_MONTH_DAY = r"(02-(0[1-9]|[12]\d)|(0[469]|11)-(0[1-9]|[12]\d|30)|(0[13578]|1[02])-(0[1-9]|[12]\d|3[01]))"
_Span = Annotated[str, Field(pattern=rf"^{_MONTH_DAY}\.\.{_MONTH_DAY}$")]


class _Part(BaseModel):
    """A part of the file: immutable, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Side(_Part):
    """One side of the border."""

    country: str = Field(min_length=2, max_length=2)
    """ISO 3166 code of the country; both sides may lie in one."""
    regions: tuple[str, ...] = Field(min_length=1)
    """Ids of the regions, in regions.csv, that the dataset is about."""
    name: dict[str, str]
    """Name of the side by language, usually that of the country."""


class Far(Side):
    """The far side of the border."""

    id: str = Field("far", pattern="[a-z0-9_]+")
    """Id of the side in results: the kind of an exit over the border."""
    clock: str = ""
    """Words, joined by ``|``, that mark recorded hours by the clock of this side, not the home side."""


class Ice(_Part):
    """Parameters of the ice model of a river."""

    station: str
    """Station in climate.csv."""
    alpha_mean: float = Field(gt=0)
    """Growth in cm per root of a freezing degree-day: the mean cover."""
    alpha_thinnest: float = Field(gt=0)
    """Growth in cm per root of a freezing degree-day: the thinnest place of a crossing."""
    freeze_up_degree_days: float = Field(gt=0)
    """Freezing degree-days at which the river closes over."""


class Certainty(_Part):
    """Highest probability of being open on a day on which no dated row shows the service open."""

    covered: Annotated[float, Field(gt=0.5, lt=1)] = 0.9999
    """With a dated row of the service within half a year."""
    uncovered: dict[str, Annotated[float, Field(gt=0.5, lt=1)]] = {}
    """Without such a row, by mode; ``other`` for modes that are not listed."""
    stop_days: dict[str, Annotated[float, Field(ge=1)]] = {}
    """Mean length in days of a stop that no season or holiday explains, by mode; ``other`` for the rest."""
    common: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    """Share of the stops of a mode that all of its crossings have at once, as in a flood."""
    source: str | None = None
    """Id of the source in sources.csv."""

    def stops_of(self, mode: str) -> tuple[float, float]:
        """Return the mean length of a stop of a mode in days, and the share of stops that are common."""
        return self.stop_days.get(mode, self.stop_days.get("other", 3.0)), self.common.get(mode, 0.0)

    def highest(self, mode: str, *, covered: bool) -> float:
        """Return the highest probability for a mode."""
        if covered:
            return self.covered
        return self.uncovered.get(mode, self.uncovered.get("other", self.covered))


class Border(_Part):
    """The border of a dataset: its two sides, and the defaults of questions about it."""

    id: str = Field(pattern="[a-z0-9_]+")
    """Id of the dataset."""
    name: dict[str, str]
    """Name of the dataset by language."""
    languages: tuple[Literal["en", "ru", "zh"], ...] = Field(min_length=1)
    """Languages in which the tables give names."""
    bounds: tuple[float, float, float, float]
    """West, south, east and north in degrees: every place lies within."""
    projection: str
    """Projection in metres whose distances of some km are right within a percent, for PROJ."""
    currency: str = Field(pattern="[A-Z]{3}")
    """ISO 4217 code of the currency of all sums."""
    home: Side
    """The side from which the border is looked at."""
    far: Far
    """The other side."""
    vehicle: str
    """Id of the default vehicle."""
    destinations: tuple[str, ...] = Field(min_length=1)
    """Ids of the default destinations."""
    min_population: int = Field(ge=0)
    """Population from which a town of the home regions is a default origin."""
    ice: Ice | None = None
    """Parameters of the ice model; None if the dataset has no climate table."""
    closed_reasons: dict[str, tuple[tuple[str, _Span], ...]] = {}
    """Usual reasons of closed days, each with its days, by mode; ``other`` for modes without reasons."""
    other_exits: dict[str, str] = {}
    """Ways out that the dataset does not have, in words by language."""
    certainty: Certainty = Certainty()
    """Highest probabilities of being open."""

    @property
    def cost(self) -> str:
        """Name of the column of costs, for instance ``cost_rub``."""
        return f"cost_{self.currency.lower()}"


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: int) -> Border:
    try:
        with open(path, "rb") as file:
            return Border.model_validate(tomllib.load(file))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            [Fault(path.name, None, None, "toml", f"the file is not valid TOML: {error}")]
        ) from None
    except ValidationError as error:
        faults = [
            Fault(path.name, None, ".".join(str(part) for part in item["loc"]), "value", item["msg"])
            for item in error.errors()
        ]
        raise DataError(faults) from None


def read_border(folder: Path | None = None) -> Border:
    """Return the border of a dataset's folder, the shipped one by default; raise with all faults."""
    path = (geo_dir() if folder is None else folder) / BORDER_FILE
    if not path.is_file():
        text = "the file is missing; expected the border's sides and defaults, as in the shipped dataset"
        raise DataError([Fault(path.name, None, None, "missing-table", text)])
    return _read(path, path.stat().st_mtime_ns)


def languages_of(folder: Path) -> tuple[str, ...]:
    """Return the languages of a dataset's folder; those of the shipped dataset without a border file."""
    return read_border(folder if (folder / BORDER_FILE).is_file() else None).languages


def check_border(border: Border, tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Return a fault for every id in the border's file that its table does not have."""
    side, source = tables["regions"]["side"], border.certainty.source
    faults = []
    for key, ids, table, what in (
        ("home.regions", border.home.regions, side[side == "home"], "region of the home side in regions.csv"),
        ("far.regions", border.far.regions, side[side == "far"], "region of the far side in regions.csv"),
        ("vehicle", [border.vehicle], tables["vehicles"], "vehicle in vehicles.csv"),
        ("destinations", border.destinations, tables["places"], "place in places.csv"),
        ("certainty.source", [source] if source else [], tables["sources"], "source in sources.csv"),
    ):
        for id_ in (id_ for id_ in ids if id_ not in table.index):
            text = f"'{id_}' is not a {what}; expected one of its ids"
            faults.append(Fault(BORDER_FILE, None, key, "unknown-reference", text))
    return faults
