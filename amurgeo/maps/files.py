"""Asset files of the pages: scripts, style sheets, and third-party files with checksums."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from amurgeo.text import page_words, words

FOLDER = Path(__file__).with_name("assets")
#: Groups of the package's words that the pages use.
_SHARED_WORDS = ("mode", "status", "reason", "traffic", "basis", "confidence", "limited", "change", "word")


@cache
def manifest() -> Mapping[str, Mapping[str, str | int]]:
    """Return package, version, licence and checksum of each third-party file.

    Examples
    --------
    >>> manifest()["leaflet.js"]["version"]
    '1.9.4'
    """
    entries: dict[str, dict[str, str | int]] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    return entries


@cache
def asset(name: str) -> str:
    """Return a script or style sheet, for instance ``"js/core.js"``, that is safe inside its element."""
    return re.sub(r"</(script|style)", r"<\\/\1", (FOLDER / name).read_text("utf-8"), flags=re.IGNORECASE)


@cache
def font_face() -> str:
    """Return the style rule that embeds the small Chinese font."""
    font = base64.b64encode((FOLDER / "vendor" / "noto-sans-sc.woff2").read_bytes()).decode("ascii")
    return (
        "@font-face { font-family: AmurHan; unicode-range: U+3000-303F, U+3400-9FFF, U+FF00-FFEF; "
        f"src: url(data:font/woff2;base64,{font}) format('woff2'); }}"
    )


@cache
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of the pages, including the package's words for modes, statuses and reasons."""
    shared = {key: texts for key, texts in words().items() if key.partition(".")[0] in _SHARED_WORDS}
    return {**shared, **page_words()}
