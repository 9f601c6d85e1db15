"""The border of a dataset: ``dataset.toml``, which says what no table can."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amurgeo.dataset.schema import geo_dir
from amurgeo.errors import DataError, Fault

#: Name of the file in the folder of a dataset.
BORDER_FILE = "dataset.toml"


class _Part(BaseModel):
    """A part of the file: immutable, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Side(_Part):
    """One side of the border."""

    country: str = Field(min_length=2, max_length=2)
    """ISO 3166 code of the country; both sides may lie in one."""
    regions: tuple[str, ...] = Field(min_length=1)
    """Ids of the regions, in regions.csv, that the dataset is about."""
    name: dict[str, str]
    """Name of the side by language, usually that of the country."""


class Ice(_Part):
    """What the ice model needs to know about the river."""

    station: str
    """Station in climate.csv."""
    alpha_mean: float = Field(gt=0)
    """Growth in cm per root of a freezing degree-day: the mean cover."""
    alpha_thinnest: float = Field(gt=0)
    """Growth in cm per root of a freezing degree-day: the thinnest place of a crossing."""
    freeze_up_degree_days: float = Field(gt=0)
    """Freezing degree-days at which the river closes over."""


class Border(_Part):
    """The border of a dataset: its two sides, and the defaults of questions about it."""

    id: str = Field(pattern="[a-z0-9_]+")
    """Id of the dataset."""
    name: dict[str, str]
    """Name of the dataset by language."""
    languages: tuple[str, ...] = Field(min_length=1)
    """Languages in which the tables give names."""
    bounds: tuple[float, float, float, float]
    """West, south, east and north in degrees: every place lies within."""
    projection: str
    """Projection in metres whose distances of some km are right within a percent, for PROJ."""
    currency: str = Field(pattern="[A-Z]{3}")
    """ISO 4217 code of the currency of all sums."""
    home: Side
    """The side from which the border is looked at."""
    far: Side
    """The other side."""
    vehicle: str
    """Id of the default vehicle."""
    destinations: tuple[str, ...] = Field(min_length=1)
    """Ids of the default destinations."""
    min_population: int = Field(ge=0)
    """Population from which a town of the home regions is a default origin."""
    ice: Ice | None = None
    """Parameters of the ice model; None if the dataset has no climate table."""


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
    """Return the border of a dataset's folder, by default the shipped one; raise DataError with all faults.

    Examples
    --------
    >>> read_border().home.regions
    ('amur_oblast',)
    """
    path = (geo_dir() if folder is None else folder) / BORDER_FILE
    if not path.is_file():
        text = "the file is missing; expected the border's sides and defaults, as in the shipped dataset"
        raise DataError([Fault(path.name, None, None, "missing-table", text)])
    return _read(path, path.stat().st_mtime_ns)
