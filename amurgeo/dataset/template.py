"""A folder for a user to start from: own tables, a scenario, a script, a description."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from amurgeo.dataset.schema import schema
from amurgeo.errors import InputError
from amurgeo.io import atomic_folder, csv_text, write_bytes_atomic
from amurgeo.text import LANGUAGES, translate

#: Tables of a new folder.
OWN_TABLES = (
    "places", "terminals", "crossings", "services", "roads", "windows", "season_record", "sources",
)  # fmt: skip
#: The example of a new folder: a depot and the road to it.
_EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "places": {
        "id": "example_depot",
        "kind": "village",
        "country": "RU",
        "region": "amur_oblast",
        "name_en": "Example depot",
        "name_ru": "Склад для примера",
        "name_zh": "示例仓库",
        "lat": "50.93",
        "lon": "128.6",
        "source": "estimate",
        "confidence": "estimated",
        "note": "An example made up to show the columns; put your own place here or delete the line",
    },
    "roads": {
        "id": "belogorsk--example_depot",
        "from": "belogorsk",
        "to": "example_depot",
        "class": "secondary",
        "surface": "asphalt",
        "length_km": "12",
        "length_source": "estimated",
        "source": "estimate",
        "confidence": "estimated",
        "note": "An example made up to show the columns; put your own road here or delete the line",
    },
}

_SCENARIO = """\
name = "my_scenario"
base = "baseline"

[title]
en = "Bridge shut for ten days"
ru = "Мост закрыт на десять дней"
zh = "大桥关闭十天"

[[change]]
crossing = "kani_kurgan:bridge"
close = true
days = "2026-11-10..2026-11-19"
"""

_SCRIPT = '''\
"""Ways from the example depot to Harbin, as usual and with the bridge shut."""

from pathlib import Path

import amurgeo as ag

here = Path(__file__).resolve().parent
net = ag.load(here)
for scenario in ("baseline", str(here / "scenario.toml")):
    found = ag.routes(net, "Example depot", "Harbin", on="2026-11-15", scenario=scenario)
    print(Path(scenario).stem)
    for route in found.to_dict()["routes"]:
        print(f"  {route['total_h']:.1f} h by {', '.join(route['crossings'])}")
'''

_README = ("tables", "lay_over", "check", "record", "scenario", "script")


def new_folder(folder: Path) -> list[Path]:
    """Make a folder to start from: own tables, a scenario, a script and a description.

    Parameters
    ----------
    folder
        A folder that does not exist yet or is empty.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        When the folder holds something already, or is a file.

    Examples
    --------
    >>> import tempfile
    >>> made = new_folder(Path(tempfile.mkdtemp()) / "mine")
    >>> sorted(path.name for path in made if path.suffix != ".csv")
    ['README.txt', 'scenario.toml', 'script.py']
    """
    if os.path.exists(folder) and not folder.is_dir():
        raise InputError(f"'{folder}' is a file; give the name of a new folder")
    if os.path.isdir(folder) and any(folder.iterdir()):
        raise InputError(f"'{folder}' is not empty; give the name of a new folder")
    texts = {"scenario.toml": _SCENARIO, "script.py": _SCRIPT, "README.txt": _readme()}
    for table in OWN_TABLES:
        columns = [column.name for column in schema(table)]
        lines = [_EXAMPLES[table]] if table in _EXAMPLES else []
        # Excel tells UTF-8 by the byte-order mark.
        texts[f"{table}.csv"] = "\ufeff" + csv_text(lines, columns)
    if os.path.isdir(folder):
        # It may be the folder that one works in, which must stay the same.
        _fill(folder, texts)
    else:
        with atomic_folder(folder) as fresh:
            _fill(fresh, texts)
    return [folder / name for name in sorted(texts)]


def _fill(folder: Path, texts: Mapping[str, str]) -> None:
    """Write all files or none."""
    try:
        for name, text in texts.items():
            write_bytes_atomic(folder / name, text.encode("utf-8"))
    except BaseException:
        for name in texts:
            (folder / name).unlink(missing_ok=True)
        raise


def _readme() -> str:
    """Return the description of a new folder, in every language."""
    parts = []
    for lang in LANGUAGES:
        lines = [
            translate("new.title", lang),
            "",
            *(f"- {translate(f'new.{name}', lang)}" for name in _README),
        ]
        parts.append("\n".join(lines))
    return "\n\n\n".join(parts) + "\n"
