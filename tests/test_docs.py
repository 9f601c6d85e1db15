"""The site builds without warnings, its links resolve, and the commands and code on its pages run."""

from __future__ import annotations

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
TOOLS = ("sphinx", "myst_parser", "furo")
HOWTO = sorted(path for path in (DOCS / "howto").glob("*.md") if path.stem != "index")
BORDER = DOCS / "another-border.md"
#: Pages whose code blocks are run. How-tos, the start and the other border also have shell blocks.
PAGES = [
    DOCS / "start.md",
    *HOWTO,
    BORDER,
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
def test_every_command_and_option_is_documented(site: Path) -> None:
    ids = _Page((site / "reference" / "cli.html").read_text(encoding="utf-8")).ids
    for name in COMMANDS:
        assert f"amurgeo-{name}" in ids, name
    for option in ("compare-stretch", "dates-blind", "check-strict", "next-risk", "osm-fetch-corridor"):
        assert f"cmdoption-amurgeo-{option}" in ids, option


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

    tables = (site / "data" / "tables.html").read_text(encoding="utf-8")
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
def test_accuracy_is_computed(site: Path) -> None:
    text = (site / "data" / "accuracy.html").read_text(encoding="utf-8")
    assert "Used as input" in text
    assert "federal road" in text
    assert "earlier winters only" in text


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=page.stem, marks=pytest.mark.slow) for page in PAGES],
)
def test_code_on_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    kinds = {kind for kind, _ in blocks}
    with_commands = page in (*HOWTO, BORDER) or page.stem in ("start", "paper")
    assert kinds == ({"sh", "python"} if with_commands else {"python"})
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
    shown = re.findall(r"^```text\n\$ amurgeo (.*)\n((?:.*\n)*?)```$", text, re.MULTILINE)
    assert len(shown) >= 2
    for line, output in shown:
        with pytest.raises(SystemExit):
            main(shlex.split(line))
        assert capfd.readouterr().out == output, line


def test_every_example_is_named_in_a_how_to() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in HOWTO)
    for script in sorted((ROOT / "examples").glob("*.py")):
        assert f"examples/{script.name}" in text, script.name
    listed = (DOCS / "howto" / "index.md").read_text(encoding="utf-8")
    assert {page.stem for page in HOWTO} == set(re.findall(r"^([a-z-]+)$", listed, re.MULTILINE))


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
