"""Write SOURCES.md: what each layer is made of, under which licence, how good it is."""

from __future__ import annotations

import csv
from pathlib import Path

from inputs import INPUTS

HERE = Path(__file__).resolve().parent

HEAD = """# Sources of the layers

Built by `data/build` from the packages below and from typed tables. The sources of single rows are in
`sources.csv`. ODbL files are derivative databases and stay under the Open Database Licence
(https://opendatacommons.org/licenses/odbl/1-0/); GSHHG (source `wdbii`) stays under the LGPL; Natural Earth
(source `natural_earth`) is in the public domain. Whoever passes a file on gives the words required.
"""


def write_sources(geo: Path) -> None:
    """Write SOURCES.md into the dataset folder."""
    with (HERE / "layers.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    parts = [HEAD]
    for row in sorted(rows, key=lambda row: row["file"]):
        parts.append(
            f"## {row['file']}\n\n{row['what']}.\n\n"
            f"- made from: {row['made_from']}\n- licence: {row['licence']}\n"
            f"- words required: {row['words']}\n- accuracy: {row['accuracy']}\n"
        )
    listed = "\n".join(f"| {item.name} | {item.version} | `{item.sha256}` |" for item in INPUTS)
    parts.append(
        f"## Packages read\n\n| package | version | SHA-256 of the file |\n|---|---|---|\n{listed}\n"
    )
    (geo / "SOURCES.md").write_text("\n".join(parts), encoding="utf-8", newline="\n")
