"""What a release consists of: wheel and sdist with reproducible bytes, a bill of materials, an audit.

Run ``python data/build/release.py FOLDER`` where the package and ``build`` are installed. The folder then has
the wheel, the sdist, ``sbom.json`` (CycloneDX 1.6, of what is installed without extras) and
``audit.json`` (pip-audit, where it is installed and its data can be had). With ``--twice`` both archives are
built again and must be equal byte for byte. A licence that asks to open what uses it ends the release.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
NAME = "amurgeo"
#: Licences that a run-time dependency must not have; the lesser one is none of them.
REFUSED = re.compile(r"(?<!L)\bA?GPL|(?<!Lesser )General Public License|Affero", re.IGNORECASE)
#: A licence is a text of at most this length; longer ones are the text of the licence itself.
_LONGEST = 60


def epoch() -> int:
    """Return the moment of the release: ``SOURCE_DATE_EPOCH``, else that of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        command = ["git", "log", "-1", "--format=%ct"]
        given = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return int(given)


def build(folder: Path, moment: int) -> list[Path]:
    """Build wheel and sdist from a copy of the sources; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        _copy(Path(work))
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(moment)}
        command = [sys.executable, "-m", "build", "--outdir", str(folder.resolve()), work]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    sdist.write_bytes(normalized(sdist.read_bytes(), moment))
    return [wheel, sdist]


def _copy(folder: Path) -> None:
    """Copy the sources with the same permissions everywhere, without what git does not hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        path = ROOT / name
        if path.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(path.read_bytes())
            (folder / name).chmod(0o644)


def normalized(archive: bytes, moment: int) -> bytes:
    """Return a packed archive with its files in order, of one moment and of no owner."""
    packed, plain = io.BytesIO(), io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as old,
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda member: member.name):
            content = old.extractfile(member) if member.isfile() else None
            member.mtime, member.uid, member.gid, member.uname, member.gname = moment, 0, 0, "", ""
            member.mode, member.pax_headers = 0o755 if member.isdir() else 0o644, {}
            new.addfile(member, content)
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=moment) as file:
        file.write(plain.getvalue())
    return packed.getvalue()


def needed(name: str = NAME) -> dict[str, tuple[Distribution, list[str]]]:
    """Return what a package needs at run time without extras: by name, with the names that each needs."""
    found: dict[str, tuple[Distribution, list[str]]] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    while waiting:
        name, extras = waiting.pop()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        requirements = [
            requirement
            for requirement in map(Requirement, package.requires or [])
            if requirement.marker is None
            or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
        ]
        key = _key(package.metadata["Name"])
        known = found.get(key, (package, []))[1]
        new = [one for one in requirements if _key(one.name) not in known]
        found[key] = (package, sorted({*known, *(_key(one.name) for one in requirements)}))
        waiting += [(one.name, frozenset(one.extras)) for one in new]
    return dict(sorted(found.items()))


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(package: Distribution) -> str:
    """Return the licence of an installed package, in the words of its metadata; empty if they have none."""
    fields: Any = package.metadata
    known = [fields.get("License-Expression"), fields.get("License")]
    listed = [line for line in fields.get_all("Classifier") or () if line.startswith("License :: ")]
    known += ["; ".join(line.rpartition(" :: ")[2] for line in listed)]
    return next((text for text in known if text and len(text) <= _LONGEST and "\n" not in text), "")


def bill(packages: dict[str, tuple[Distribution, list[str]]], moment: int) -> dict[str, Any]:
    """Return the bill of materials as a CycloneDX document; the same packages give the same document."""
    references = {key: f"pkg:pypi/{key}@{package.version}" for key, (package, _) in packages.items()}
    components = [
        {
            "type": "application" if key == NAME else "library",
            "bom-ref": references[key],
            "name": package.metadata["Name"],
            "version": package.version,
            "purl": references[key],
            "licenses": [{"license": {"name": licence(package) or "unknown"}}],
        }
        for key, (package, _) in packages.items()
    ]
    (root,) = (one for one in components if one["purl"] == references[NAME])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join(references.values()))}",
        "version": 1,
        "metadata": {"timestamp": datetime.fromtimestamp(moment, UTC).isoformat(), "component": root},
        "components": [one for one in components if one is not root],
        "dependencies": [
            {"ref": references[key], "dependsOn": [references[name] for name in names if name in references]}
            for key, (_, names) in packages.items()
        ],
    }


def refused(packages: Iterable[Distribution]) -> Iterator[str]:
    """Yield the packages whose licence asks to open what uses them, or which name none at all."""
    for package in packages:
        fields: Any = package.metadata
        texts = [licence(package), *(fields.get_all("Classifier") or ())]
        if any(REFUSED.search(text) for text in texts if text):
            yield f"{fields['Name']}: {licence(package)}"
        elif not licence(package) and not fields.get_all("License-File"):
            yield f"{fields['Name']}: no licence in its metadata"


def audit(packages: dict[str, tuple[Distribution, list[str]]]) -> dict[str, Any] | None:
    """Return the known weaknesses of packages by pip-audit; None where it, or its data, cannot be had."""
    if find_spec("pip_audit") is None:
        return None
    pinned = [f"{key}=={package.version}" for key, (package, _) in packages.items() if key != NAME]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(pinned))
        listed.flush()
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "--no-deps",
            "--disable-pip",
            "-f",
            "json",
            "-r",
            listed.name,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        return None
    return result


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--twice", action="store_true", help="build again and compare the bytes")
    options = parser.parse_args()
    moment, packages = epoch(), needed()
    archives = build(options.folder, moment)
    if options.twice:
        with tempfile.TemporaryDirectory() as again:
            for one, other in zip(archives, build(Path(again), moment), strict=True):
                if one.read_bytes() != other.read_bytes():
                    sys.exit(f"{one.name} is not the same when it is built again")
        print("built twice: the same bytes")
    text = json.dumps(bill(packages, moment), indent=1, ensure_ascii=False)
    (options.folder / "sbom.json").write_text(f"{text}\n", encoding="utf-8")
    for package, _ in packages.values():
        print(f"{package.metadata['Name']:24}{package.version:12}{licence(package)}")
    if wrong := list(refused(package for package, _ in packages.values())):
        sys.exit("licences that the package cannot ship beside: " + "; ".join(wrong))
    found = audit(packages)
    checked = [] if found is None else [one for one in found["dependencies"] if "vulns" in one]
    if not checked:
        print("no audit: pip-audit or its data cannot be had; the licences above were checked")
        return
    (options.folder / "audit.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    weak = [f"{one['name']} {one['version']}" for one in checked if one["vulns"]]
    print(f"{len(checked)} packages audited; with known weaknesses: {', '.join(weak) or 'none'}")


if __name__ == "__main__":
    main()
