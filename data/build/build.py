"""Build the layers, the railway tables and SOURCES.md of ``data/geo``.

``python data/build/build.py WORK`` fetches the packages of ``inputs.py`` into the folder WORK, checks
their hashes and writes into ``data/geo`` (or the folder given with ``--out``). The same packages give
the same bytes.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import inputs
import layers
import notices
import railtables

GEO = Path(__file__).resolve().parent.parent / "geo"


def build(work: Path, geo: Path) -> None:
    """Fetch and check the packages, then write the layers and tables."""
    inputs.fetch(work)
    inputs.verify(work)
    folders = inputs.unpack(work)
    (geo / "layers").mkdir(parents=True, exist_ok=True)
    layers.write_layers(folders, geo / "layers")
    railtables.write_railways(folders, geo)
    notices.write_sources(geo)


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work", type=Path, help="folder for the packages")
    parser.add_argument("--out", type=Path, default=GEO, help="folder of the dataset")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build(given.work, given.out)


if __name__ == "__main__":
    main()
