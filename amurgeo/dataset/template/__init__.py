"""The folder that `amurgeo new` writes: example tables from a dataset, a scenario and a script."""

from __future__ import annotations

import math
import os
import tomllib
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from amurgeo.dataset.border import Border, read_border
from amurgeo.dataset.reading import Tables, load_tables, require_folder
from amurgeo.dataset.schema import ESTIMATE, ESTIMATED, estimate_row, geo_dir, schema
from amurgeo.errors import InputError
from amurgeo.io import as_path, atomic_folder, check_folder_name, csv_text, together, write_bytes_atomic

#: Tables of a new folder.
TABLES = (
    "places", "roads", "checkpoints", "terminals", "crossings", "services", "windows", "season_record",
    "trips", "sources",
)  # fmt: skip
_TITLE = {"en": "Closed for ten days", "ru": "Закрыт на десять дней", "zh": "关闭十天"}
_NOTE = "An invented example of the columns; replace it with a row of your own or delete the line"
_ORIGIN = ESTIMATED | {"note": _NOTE}
#: Distance in degrees between the example depot and its town.
_AWAY_DEG = 0.05


def new(folder: str | Path, *, dataset: str | Path | None = None) -> list[Path]:
    """Create a folder to start from, with a depot, a checkpoint, its crossing and a closing as example rows.

    The example crossing is planned for a later year, so that it changes no answer.

    Parameters
    ----------
    folder
        A new or empty folder.
    dataset
        Folder of the dataset that the tables add to; the shipped one if omitted.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the folder is a file or not empty, or the dataset has no crossing of its home regions.
    DataError
        If the dataset has faults.

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
    folder = check_folder_name(folder)
    if os.path.isdir(folder) and any(folder.iterdir()):
        raise InputError(f"'{folder}' is not empty; expected the name of a new folder")
    base = geo_dir() if dataset is None else require_folder(as_path("dataset", dataset))
    files = {
        name: text.encode("utf-8")
        for name, text in _files(load_tables(base), read_border(base), dataset).items()
    }
    # An existing folder may be the working directory, which must not be replaced.
    with nullcontext(folder) if os.path.isdir(folder) else atomic_folder(folder) as target, together():
        for name, data in files.items():
            write_bytes_atomic(target / name, data)
    return [folder / name for name in files]


def _files(tables: Tables, border: Border, dataset: str | Path | None) -> dict[str, str]:
    """Return the text of each file by name."""
    values = _values(tables, border) | {
        "load": "" if dataset is None else f", dataset={str(dataset)!r}",
        "options": "" if dataset is None else f" --dataset {dataset}",
    }
    texts = {
        name: Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").format_map(values)
        for name in ("rows", "scenario", "script", "README")
    }
    rows = tomllib.loads(texts["rows"])
    if ESTIMATE not in tables["sources"].index:
        rows["sources"] = [estimate_row(values["until"].isoformat()) | {"note": ""}]
    files = {}
    for name in TABLES:
        columns = [column.name for column in schema(name)]
        unnamed = [c for c in columns if c[-7:-2] == "name_" and c[-2:] not in border.languages]
        cells = [_ORIGIN | row | dict.fromkeys(unnamed, "") for row in rows.get(name, [])]
        # The byte-order mark lets Excel read Cyrillic and Chinese.
        files[f"{name}.csv"] = "\ufeff" + csv_text(cells, columns)
    return files | {
        "scenario.toml": texts["scenario"],
        "script.py": texts["script"],
        "README.txt": texts["README"],
    }


def _model_crossing(tables: Tables, border: Border) -> str:
    """Return the crossing of the home regions that the example resembles, of all year if there is one."""
    crossings, services, terminals = tables["crossings"], tables["services"], tables["terminals"].index
    region = crossings["checkpoint"].map(tables["checkpoints"]["region"])
    ends = crossings["from"].isin(terminals) & crossings["to"].isin(terminals)
    own = crossings.index[region.isin(border.home.regions) & ends]
    admits = services["admits"].map(lambda vehicles: border.vehicle in vehicles).astype(bool)
    at_home = services.index.get_level_values("crossing").isin(own)
    used = services[at_home & services["regular"] & admits & services["retired"].isna()]
    if used.empty:
        raise InputError(
            "the dataset has no crossing of its home regions that admits its vehicle; expected one"
        )
    return str(used.sort_values("all_year", ascending=False, kind="stable").index[0][0])


def _values(tables: Tables, border: Border) -> dict[str, Any]:
    """Return the placeholder values of the files: what the example takes from the dataset."""
    crossing = _model_crossing(tables, border)
    days = tables["season_record"]["date"]
    until = date.fromisoformat(days[days.str.len() == 10].max())
    model = tables["crossings"].loc[crossing]
    home, far = (tables["terminals"].loc[model[end]] for end in ("from", "to"))
    town = tables["places"].loc[home["place"]]
    # Inland: away from the other side.
    north, east = home["lat"] - far["lat"], home["lon"] - far["lon"]
    scale = _AWAY_DEG / max(math.hypot(north, east), 1e-6)
    north, east = north * scale, east * scale
    straight_km = 111.2 * math.hypot(north, east * math.cos(math.radians(town["lat"])))
    road_class, surface = next(
        key[1:]
        for key in tables["speeds"].index
        if key[0] == border.vehicle and key[1] in ("trunk", "primary", "secondary")
    )
    destination = border.destinations[min(1, len(border.destinations) - 1)]
    return {
        "crossing": crossing,
        "model": model,
        "checkpoint": tables["checkpoints"].loc[model["checkpoint"]],
        "home": home,
        "far": far,
        "town": town,
        "lat": round(town["lat"] + north, 4),
        "lon": round(town["lon"] + east, 4),
        "road_class": road_class,
        "surface": surface,
        "road_km": round(1.3 * straight_km, 1),
        "travel_min": round(model["length_km"] * 1.2, 1),
        "vehicle": border.vehicle,
        "traffic": tables["vehicles"].at[border.vehicle, "traffic"],
        "until": until,
        "last": until + timedelta(days=9),
        "year": until.year,
        "year_planned": until.year + 10,
        "on": f"{until.year}-11-15",
        "destination": tables["places"].at[destination, "name_en"],
        "titles": "\n".join(f'{lang} = "{_TITLE[lang]}"' for lang in border.languages),
        "note": _NOTE,
    }
