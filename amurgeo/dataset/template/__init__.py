"""The folder that `amurgeo new` writes: example tables from a dataset, a scenario and a script."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from amurgeo.dataset.border import Border, read_border
from amurgeo.dataset.reading import Tables, load_tables, require_folder
from amurgeo.dataset.schema import geo_dir, schema
from amurgeo.errors import InputError
from amurgeo.io import as_path, atomic_folder, check_folder_name, csv_text, together, write_bytes_atomic

#: Tables of a new folder.
TABLES = (
    "places", "roads", "checkpoints", "terminals", "crossings", "services", "windows", "season_record",
    "trips", "sources",
)  # fmt: skip
_DEPOT = {"en": "Example depot", "ru": "Склад для примера", "zh": "示例仓库"}
_CHECKPOINT = {"en": "Example checkpoint", "ru": "Пункт для примера", "zh": "示例口岸"}
_COUNTERPART = {"en": "Example counterpart", "ru": "Встречный пункт для примера", "zh": "示例对应口岸"}
_TITLE = {"en": "Closed for ten days", "ru": "Закрыт на десять дней", "zh": "关闭十天"}
_NOTE = "An invented example of the columns; replace it with a row of your own or delete the line"
_ESTIMATE = {"source": "estimate", "confidence": "estimated", "note": _NOTE}
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
    crossing = _model_crossing(tables, border)
    days = tables["season_record"]["date"]
    until = date.fromisoformat(days[days.str.len() == 10].max())
    rows = _rows(tables, border, crossing, until)
    columns = {name: [column.name for column in schema(name)] for name in TABLES}
    # The byte-order mark lets Excel read Cyrillic and Chinese.
    files = {f"{name}.csv": "\ufeff" + csv_text(rows.get(name, []), columns[name]) for name in TABLES}
    on = f"{until.year}-11-15"
    destination = tables["places"].at[border.destinations[min(1, len(border.destinations) - 1)], "name_en"]
    option = "" if dataset is None else f", dataset={str(dataset)!r}"
    values = {
        "crossing": crossing,
        "on": on,
        "destination": destination,
        "load": option,
        "options": "" if dataset is None else f" --dataset {dataset}",
    }
    readme = Path(__file__).with_name("README.txt").read_text(encoding="utf-8")
    files |= {
        "scenario.toml": _SCENARIO.format(titles=_titles(border), year=until.year, **values),
        "script.py": _SCRIPT.format(**values),
        "README.txt": readme.format(**values),
    }
    return files


def _titles(border: Border) -> str:
    return "\n".join(f'{lang} = "{_TITLE[lang]}"' for lang in border.languages)


def _model_crossing(tables: Tables, border: Border) -> str:
    """Return the crossing of the home regions that the example resembles, of all year if there is one."""
    crossings, services, terminals = tables["crossings"], tables["services"], tables["terminals"].index
    region = crossings["checkpoint"].map(tables["checkpoints"]["region"])
    ends = crossings["from"].isin(terminals) & crossings["to"].isin(terminals)
    own = crossings.index[region.isin(border.home.regions) & ends]
    used = services[services.index.get_level_values("crossing").isin(own) & services["regular"]]
    used = used[
        [border.vehicle in admitted for admitted in used["admits"]] & used["retired"].isna().to_numpy()
    ]
    if used.empty:
        raise InputError(
            "the dataset has no crossing of its home regions that admits its vehicle; expected one"
        )
    names = used.sort_values("all_year", ascending=False, kind="stable").index
    return str(names[0][0])


def _named(prefix: str, texts: Mapping[str, str], border: Border) -> dict[str, str]:
    return {f"{prefix}_{lang}": texts[lang] for lang in border.languages}


def _rows(tables: Tables, border: Border, crossing: str, until: date) -> dict[str, list[dict[str, Any]]]:
    """Return the example rows by table."""
    model = tables["crossings"].loc[crossing]
    checkpoint = tables["checkpoints"].loc[model["checkpoint"]]
    home, far = (tables["terminals"].loc[model[end]] for end in ("from", "to"))
    town = tables["places"].loc[home["place"]]
    # Inland: away from the other side.
    north, east = home["lat"] - far["lat"], home["lon"] - far["lon"]
    scale = _AWAY_DEG / max(math.hypot(north, east), 1e-6)
    north, east = north * scale, east * scale
    straight_km = 111.2 * math.hypot(north, east * math.cos(math.radians(town["lat"])))
    kind, surface = next(
        key[1:]
        for key in tables["speeds"].index
        if key[0] == border.vehicle and key[1] in ("trunk", "primary", "secondary")
    )
    terminals = [
        {
            "id": f"example_checkpoint_{side}",
            "checkpoint": "example_checkpoint",
            **row[["side", "place", "lat", "lon", "access_km", "access_class"]].to_dict(),
            **_ESTIMATE,
        }
        for side, row in (("home", home), ("far", far))
    ]
    traffic = tables["vehicles"].at[border.vehicle, "traffic"]
    rows: dict[str, list[dict[str, Any]]] = {
        "places": [
            {
                "id": "example_depot",
                "kind": "village",
                **town[["country", "region"]].to_dict(),
                **_named("name", _DEPOT, border),
                "lat": round(town["lat"] + north, 4),
                "lon": round(town["lon"] + east, 4),
                **_ESTIMATE,
            }
        ],
        "roads": [
            {
                "id": f"{home['place']}--example_depot",
                "from": home["place"],
                "to": "example_depot",
                "class": kind,
                "surface": surface,
                "length_km": round(1.3 * straight_km, 1),
                "length_source": "estimated",
                **_ESTIMATE,
            }
        ],
        "checkpoints": [
            {
                "id": "example_checkpoint",
                **checkpoint[["place", "counterpart", "kind", "region"]].to_dict(),
                **_named("name", _CHECKPOINT, border),
                **_named("counterpart_name", _COUNTERPART, border),
                **_ESTIMATE,
            }
        ],
        "terminals": terminals,
        "crossings": [
            {
                "id": "example_checkpoint:bridge",
                "checkpoint": "example_checkpoint",
                "mode": "bridge",
                "from": "example_checkpoint_home",
                "to": "example_checkpoint_far",
                "length_km": model["length_km"],
                "travel_min": round(model["length_km"] * 1.2, 1),
                "travel_confidence": "estimated",
                "bends": model["bends"],
                **_ESTIMATE,
            }
        ],
        "services": [
            {
                "crossing": "example_checkpoint:bridge",
                "traffic": traffic,
                "regular": "yes",
                "planned": f"{until.year + 10}-01-01",
                "all_year": "yes",
                "admits": border.vehicle,
                "border_h_out": 1,
                "border_h_in": 1,
                "wait_h": 0,
                "times_confidence": "estimated",
                "times_source": "estimate",
                "times_note": _NOTE,
                **_ESTIMATE,
            }
        ],
        "season_record": [
            {
                "id": "example_checkpoint_bridge_suspend",
                "crossing": "example_checkpoint:bridge",
                "checkpoint": "example_checkpoint",
                "mode": "bridge",
                "traffic": traffic,
                "event": "suspend",
                "date": until.isoformat(),
                "until": (until + timedelta(days=9)).isoformat(),
                "precision": "day",
                "reason": "suspended",
                "evidence": "no",
                **_ESTIMATE,
            }
        ],
    }
    rows["trips"] = [
        {
            "crossing": "example_checkpoint:bridge",
            "direction": "out",
            "vehicle": border.vehicle,
            "arrived": f"{until} 08:00",
            "cleared": f"{until} 09:00",
            "source": "estimate",
            "note": _NOTE,
        }
    ]
    if "estimate" not in tables["sources"].index:
        rows["sources"] = [{"id": "estimate", "title": "Estimates", "licence": "CC BY 4.0", "note": _NOTE}]
    return rows


_SCENARIO = """name = "my_scenario"
base = "baseline"

[title]
{titles}

[[change]]
crossing = "{crossing}"
close = true
days = "{year}-11-10..{year}-11-19"
"""

_SCRIPT = '''"""Routes from the example depot to {destination}, with and without {crossing}."""

from pathlib import Path

import amurgeo as ag

folder = Path(__file__).resolve().parent
net = ag.load(folder{load})
for scenario in ("baseline", str(folder / "scenario.toml")):
    result = ag.routes(net, "Example depot", "{destination}", on="{on}", scenario=scenario)
    print(Path(scenario).stem)
    for route in result.to_dict()["routes"]:
        print(f"  {{route['total_h']:.1f}} h by {{', '.join(route['crossings'])}}")
'''
