"""Rebuild the third-party assets of the maps: Leaflet, Preact, htm, subsets of a Chinese font.

``npm pack`` fetches the packages at the pinned versions, and every extracted file is checked against the
hash below. One font has the characters of all texts and of the Chinese names in the tables, for the reports;
a smaller one has those of the pages.
Needs npm and fonttools with brotli.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from amurgeo.maps import style
from amurgeo.text import words

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "amurgeo" / "maps" / "assets" / "vendor"
HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
FONT_FILE = "package/files/noto-sans-sc-chinese-simplified-400-normal.woff2"

PACKAGES: dict[str, dict[str, Any]] = {
    "leaflet": {
        "version": "1.9.4",
        "licence": "BSD-2-Clause",
        "tarball": "84c65a256e50657896f54c33bd857b6849ebe94c817803be818bf32a3dde0b77",
        "files": {
            "leaflet.js": "package/dist/leaflet.js",
            "leaflet.css": "package/dist/leaflet.css",
            "leaflet.LICENSE": "package/LICENSE",
        },
    },
    # The bundle of htm with the hooks of Preact: one file without a module loader.
    "htm": {
        "version": "3.1.1",
        "licence": "Apache-2.0",
        "tarball": "2425b9bee11409177bcabc7f32e319926fc6690c1701c0b257c88bdff2d5ba90",
        "files": {"htm-preact.js": "package/preact/standalone.umd.js", "htm.LICENSE": "package/LICENSE"},
    },
    "preact": {
        "version": "10.5.13",
        "licence": "MIT",
        "tarball": "f78000436433ff738354fa36dfa232bf7ceafb8025b07469d7197c411be54aec",
        "files": {"preact.LICENSE": "package/LICENSE"},
    },
    "@fontsource/noto-sans-sc": {
        "version": "5.3.0",
        "licence": "OFL-1.1",
        "tarball": "05a7abac78a6cac4bd1361e7b24c680ee820fcc2f22cf5cc92673f4cd12771c5",
        "files": {
            "noto-sans-sc.woff2": FONT_FILE,
            "noto-sans-sc-page.woff2": FONT_FILE,
            "noto-sans-sc.LICENSE": "package/LICENSE",
        },
    },
}


def fetch(name: str, version: str, folder: Path) -> Path:
    """Fetch a package's tarball into a folder."""
    made = subprocess.run(
        ["npm", "pack", f"{name}@{version}", "--json", "--silent"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / json.loads(made.stdout)[0]["filename"]


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """Take one file out of a package."""
    opened = archive.extractfile(name)
    if opened is None:
        raise SystemExit(f"the package holds no file {name}")
    return opened.read()


def text_of(name: str, content: bytes, archive: tarfile.TarFile) -> bytes:
    """Return a self-contained script or style: no source map, the images of the layer control embedded."""
    text = content.decode("utf-8")
    text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", text)

    def inline(match: re.Match[str]) -> str:
        target = match.group(1)
        if not target.startswith("images/layers"):
            return "url(data:,)"
        picture = member(archive, f"package/dist/{target}")
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode()})"

    if name.endswith(".css"):
        text = re.sub(r"url\(([^)]*)\)", inline, text)
    return (text.replace("\r\n", "\n").rstrip("\n") + "\n").encode("utf-8")


#: Tables whose Chinese names the pages show.
PAGE_TABLES = ("places", "checkpoints", "vehicles", "regions", "terminals", "stations", "crossings")


def characters(*, page: bool) -> str:
    """Return the Chinese characters of the words and of the names in the tables and scenarios.

    Of the pages: those of the words and the tables that they show.
    """
    # Spaces as well: engines that make PDF take them from the font of the letters before.
    found = {" ", "\u00a0"}
    with open(ROOT / "amurgeo" / "words.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not page:
                found.update(HAN.findall(row["zh"]))
    shown = style.shown_words() if page else style.all_words()
    # Sentences of a promise are written in Python.
    promised = [texts for key, texts in words().items() if key.startswith("promise.")]
    found.update(HAN.findall("".join(texts["zh"] for texts in (*shown.values(), *promised))))
    for path in sorted((ROOT / "data" / "geo").glob("*.csv")):
        if page and path.stem not in PAGE_TABLES:
            continue
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column, value in row.items():
                    if column and column.endswith("_zh"):
                        found.update(HAN.findall(value or ""))
    for path in sorted((ROOT / "data" / "geo").rglob("*.toml")):
        found.update(HAN.findall(path.read_text(encoding="utf-8")))
    return "".join(sorted(found))


#: Units per em of the font of the pages: an eighth of a pixel at the size of its texts.
PAGE_UNITS = 128


def subset(font: bytes, letters: str, folder: Path, *, page: bool) -> tuple[bytes, str]:
    """Cut a font down to some characters; return it and the characters that it does not have."""
    from fontTools import subset as cutter
    from fontTools.ttLib.scaleUpem import scale_upem

    whole, part = folder / "whole.woff2", folder / "part.woff2"
    whole.write_bytes(font)
    options = cutter.Options(
        flavor="woff2", layout_features=[], notdef_outline=True, hinting=False, desubroutinize=True
    )
    loaded = cutter.load_font(str(whole), options)
    chosen = cutter.Subsetter(options)
    chosen.populate(text=letters)
    chosen.subset(loaded)
    known = loaded.getBestCmap()
    if page:
        for table in {"GSUB", "GPOS", "BASE", "STAT", "vhea", "vmtx"} & set(loaded.keys()):
            del loaded[table]
        scale_upem(loaded, PAGE_UNITS)
    cutter.save_font(loaded, str(part), options)
    return part.read_bytes(), "".join(letter for letter in letters if ord(letter) not in known)


def build(cache: Path | None) -> None:
    """Write every file and the manifest."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {}
    notice: list[str] = ["The maps carry parts of these works.", ""]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, package in PACKAGES.items():
            flat = name.lstrip("@").replace("/", "-") + f"-{package['version']}.tgz"
            tarball = (
                cache / flat
                if cache and (cache / flat).is_file()
                else fetch(name, package["version"], folder)
            )
            digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
            if digest != package["tarball"]:
                raise SystemExit(
                    f"{name} {package['version']}: hash is {digest}, expected {package['tarball']}"
                )
            notice += [f"{name} {package['version']} ({package['licence']})", "-" * 60, ""]
            with tarfile.open(tarball) as archive:
                for target, source in package["files"].items():
                    content = member(archive, source)
                    if target.endswith(".LICENSE"):
                        text = content.decode("utf-8").replace("\r\n", "\n")
                        notice += ["\n".join(line.rstrip() for line in text.strip().splitlines()), "", ""]
                        continue
                    if target.endswith(".woff2"):
                        small = "-page" in target
                        content, lacking = subset(content, characters(page=small), folder, page=small)
                    else:
                        content = text_of(target, content, archive)
                    (VENDOR / target).write_bytes(content)
                    manifest[target] = {
                        "package": name,
                        "version": package["version"],
                        "licence": package["licence"],
                        "from": source.removeprefix("package/"),
                        "bytes": len(content),
                        "sha256": hashlib.sha256(content).hexdigest(),
                    }
                    if target.endswith(".woff2"):
                        manifest[target]["lacking"] = lacking
    (VENDOR.parent / "manifest.json").write_text(
        json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    (VENDOR.parent / "NOTICE").write_text("\n".join(notice).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, help="folder with the tarballs, if they are there already")
    build(parser.parse_args().cache)
