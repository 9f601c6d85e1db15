"""The site builds without warnings, its links resolve, and the commands and code on its pages run."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import amurgeo
from amurgeo.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))
generate = importlib.import_module("generate")
TOOLS = ("sphinx", "myst_parser", "furo")
HOWTO = sorted(path for path in (DOCS / "howto").glob("*.md") if path.stem != "index")
#: Pages whose code blocks are run.
PAGES = [
    DOCS / "start.md",
    *HOWTO,
    DOCS / "concepts" / "ice.md",
    DOCS / "concepts" / "paper.md",
    DOCS / "concepts" / "seasons.md",
    DOCS / "reference" / "scenario-file.md",
]
_BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; warnings are errors."""
    missing = [name for name in TOOLS if importlib.util.find_spec(name) is None]
    if missing:
        message = f"{', '.join(missing)} not installed: pip install -r docs/requirements.txt"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", str(out.with_name("doctrees")), str(DOCS), str(out)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return out


class _Page(HTMLParser):
    """Ids of a page, what it links to, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.update(value for name in ("id", "name") if (value := given.get(name)))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        loaded = given.get("src") or (
            given.get("href") if tag == "link" and given.get("rel") == "stylesheet" else None
        )
        if loaded:
            self.loads.append(loaded)


def _read(site: Path) -> dict[Path, _Page]:
    return {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


@pytest.mark.site
@pytest.mark.slow
def test_internal_links_resolve(site: Path) -> None:
    pages = _read(site)
    assert len(pages) > 30
    broken = []
    for path, page in pages.items():
        for address in (*page.links, *page.loads):
            parts = urlsplit(address)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = target.is_file() and (
                not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].ids
            )
            if not known:
                broken.append(f"{path.relative_to(site)}: {address}")
    assert not broken


@pytest.mark.site
@pytest.mark.slow
def test_pages_load_nothing_external(site: Path) -> None:
    for path, page in _read(site).items():
        assert not [one for one in page.loads if urlsplit(one).scheme not in ("", "data")], path
    for path in site.rglob("*.css"):
        outside = re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", path.read_text(encoding="utf-8"))
        assert not outside, path


@pytest.mark.site
@pytest.mark.slow
def test_every_command_has_an_anchor(site: Path) -> None:
    ids = _Page((site / "reference" / "commands.html").read_text(encoding="utf-8")).ids
    assert not {f"amurgeo-{name}" for name in COMMANDS if name not in ("map", "osm")} - ids
    assert {"amurgeo-map-season", "amurgeo-osm-fetch"} <= ids


@pytest.mark.site
@pytest.mark.slow
def test_every_public_name_is_documented(site: Path) -> None:
    pages = site / "reference" / "generated"
    ids = set().union(*(_Page(page.read_text(encoding="utf-8")).ids for page in pages.glob("*.html")))
    assert not {f"amurgeo.{name}" for name in amurgeo.__all__ if name != "__version__"} - ids


@pytest.mark.site
@pytest.mark.slow
def test_every_table_column_and_scenario_key_is_documented(site: Path) -> None:
    from amurgeo.dataset.schema import TABLES, schema
    from amurgeo.scenario import json_schema

    tables = (site / "reference" / "tables.html").read_text(encoding="utf-8")
    for name in TABLES:
        assert f'id="table-{name.replace("_", "-")}"' in tables, name
        assert all(column.name in tables for column in schema(name))
    keys = (site / "reference" / "scenario-file.html").read_text(encoding="utf-8")
    root = json_schema()
    for part in (root, *root["$defs"].values()):
        for key in part["properties"]:
            assert f'<span class="pre">{key}</span>' in keys, key


@pytest.mark.site
@pytest.mark.slow
def test_validation_is_computed(site: Path) -> None:
    for name, text in (
        ("distances", "federal road"),
        ("hours", "Every judged pair of hours"),
        ("dates", "Earlier winters only"),
        ("queues", "Within a factor 2"),
        ("promises", "turns of"),
        ("index", "median error"),
    ):
        assert text in (site / "validation" / f"{name}.html").read_text(encoding="utf-8"), name
        if name != "index":
            assert (site / "_static" / f"validation-{name}.png").stat().st_size > 5000


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=page.stem, marks=pytest.mark.slow) for page in PAGES],
)
def test_code_on_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    kinds = {kind for kind, _ in blocks}
    assert kinds in ({"sh", "python"}, {"python"})
    if page.stem == "osm":
        for needed in ("osmium", "opening_hours"):
            pytest.importorskip(needed)
        shutil.copy(ROOT / "tests" / "osm" / "banks.osm", tmp_path / "area.osm")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, object] = {"__name__": "page"}
    for kind, text in blocks:
        if kind == "python":
            exec(compile(text, str(page), "exec"), names)
            continue
        for line in text.splitlines():
            _run(line, capfd)


@pytest.mark.slow
def test_outputs_in_the_readme_are_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = generate.ANSWER.findall(text)
    assert len(shown) >= 3
    for line, output in shown:
        with pytest.raises(SystemExit):
            main(shlex.split(line))
        assert capfd.readouterr().out == output, line


def test_the_readme_is_short_and_names_existing_files() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 130
    compared = next(output for line, output in generate.ANSWER.findall(text) if line == "compare frozen open")
    assert len(compared.splitlines()) <= 40
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link


def test_stored_parts_are_current() -> None:
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        assert generate.stored(text) == text, f"{page.relative_to(ROOT)}: run python docs/generate.py"


def test_every_table_has_a_description() -> None:
    assert set(generate.ROW_MEANS) >= {path.stem for path in (generate.geo_dir() / "schema").glob("*.csv")}


def test_gallery_is_complete() -> None:
    script = ROOT / "data" / "build" / "gallery.py"
    spec = importlib.util.spec_from_file_location("gallery", script)
    assert spec is not None
    assert spec.loader is not None
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    listed = set(gallery.FILES)
    assert {path.name for path in (ROOT / "maps").glob("gallery-*")} == listed
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert set(re.findall(r"maps/(gallery-[\w-]+\.(?:png|html))", page)) == listed


def test_every_example_is_named_in_a_how_to() -> None:
    text = (DOCS / "howto" / "index.md").read_text(encoding="utf-8")
    for script in sorted((ROOT / "examples").glob("*.py")):
        assert f"`{script.name}`" in text, script.name
    assert {page.stem for page in HOWTO} == set(re.findall(r"^([a-z-]+)$", text, re.MULTILINE))
    assert {page.stem for page in HOWTO} <= set(re.findall(r"\]\(([a-z-]+)\.md\)", text))


def _run(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Run one command line; ``> FILE`` redirects, and a comment gives the exit code."""
    line, _, remark = line.partition("  # ")
    line, _, target = line.partition(" > ")
    program, *words = shlex.split(line)
    assert program == "amurgeo", line
    capfd.readouterr()
    try:
        main(words)
        code = 0
    except SystemExit as done:
        code = int(done.code or 0)
    out, err = capfd.readouterr()
    assert code == (1 if remark == "exit code 1" else 0), f"{line}: {err}"
    assert out or err, f"{line}: no output"
    if target:
        Path(target.strip()).write_text(out, encoding="utf-8")


def test_the_release_files_carry_the_version() -> None:
    changes = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert changes[0] == amurgeo.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [amurgeo.__version__]
    assert re.findall(r"^license: (\S+)$", citation, re.MULTILINE) == ["MIT"]
