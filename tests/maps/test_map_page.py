"""The saved file: alone, always the same, written whole, and still a Folium map."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import pytest
from folium.plugins import MarkerCluster

import amurgeo as ag
from amurgeo.errors import InputError
from amurgeo.maps import basemap, compare_map, payload, state_map, style
from amurgeo.maps.offline_map import OfflineMap, to_json

LOADING = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "audio": "src",
    "video": "src",
    "object": "data",
    "embed": "src",
}


class References(HTMLParser):
    """Collects what a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.styles: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        values = dict(attrs)
        if tag in LOADING and values.get(LOADING[tag]):
            self.loaded.append(str(values[LOADING[tag]]))
        if values.get("style"):
            self.styles.append(str(values["style"]))

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.styles.append(data)


def references(page: str) -> list[str]:
    parser = References()
    parser.feed(page)
    inside = [
        target
        for text in parser.styles
        for target in re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+(\S+)", text)
    ]
    return [
        target
        for target in [*parser.loaded, *(one or two for one, two in inside)]
        if not target.startswith(("data:", "#"))
    ]


def test_page_loads_nothing(net: Any, states: list[Any]) -> None:
    assert references(state_map(states[0]).to_html()) == []
    assert references(compare_map(states).to_html()) == []


def test_gate_sees_a_reference() -> None:
    assert references(
        "<p><script src=//cdn.example/x.js></script><style>a{background:url(http://x/y.png)}</style>"
    ) == [
        "//cdn.example/x.js",
        "http://x/y.png",
    ]


def test_same_input_same_bytes(net: Any, states: list[Any]) -> None:
    assert compare_map(states).to_html() == compare_map(states).to_html()
    page = state_map(states[0])
    assert page.to_html() == page.to_html()


@pytest.mark.slow
def test_same_bytes_in_another_process(net: Any, states: list[Any], tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import small as c; from amurgeo.maps import compare_map;"
        "compare_map(c.small_states()).save(sys.argv[2])"
    )
    made = []
    for seed in ("0", "7"):
        target = tmp_path / f"{seed}.html"
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent), str(target)],
            check=True,
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(style.FOLDER).parents[2]),
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
            },
        )
        made.append(target.read_bytes())
    assert made[0] == made[1] == compare_map(states).to_html().encode()


def test_policy_names_every_script(net: Any, states: list[Any]) -> None:
    page = state_map(states[0]).to_html()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == page.count("<script") > 5
    for text in scripts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy.group(1)
    assert "default-src 'none'" in policy.group(1)
    assert "unsafe-inline" not in policy.group(1).split("script-src")[1].split(";")[0]


def test_saved_whole_or_not_at_all(
    net: Any, states: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new" / "map.html"
    page = state_map(states[0])
    page.save(target)
    assert target.read_text(encoding="utf-8") == page.to_html()
    assert [path.name for path in target.parent.iterdir()] == ["map.html"]
    target.write_text("before")
    monkeypatch.setattr(
        "amurgeo.io.os.replace",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    with pytest.raises(InputError, match="No space left"):
        page.save(target)
    assert target.read_text() == "before"
    assert [path.name for path in target.parent.iterdir()] == ["map.html"]


def test_save_to_an_open_file(net: Any, states: list[Any], tmp_path: Path) -> None:
    page = state_map(states[0])
    with open(tmp_path / "map.html", "wb") as file:
        page.save(file, close_file=False)
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == page.to_html()


def test_save_into_a_file_as_folder(net: Any, states: list[Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        state_map(states[0]).save(tmp_path / "file" / "map.html")


def test_is_a_folium_map_that_takes_more(net: Any, states: list[Any]) -> None:
    page = state_map(states[0])
    assert isinstance(page, folium.Map)
    folium.CircleMarker([50.0, 127.0], radius=4, popup="warehouse").add_to(page)
    folium.GeoJson({"type": "Point", "coordinates": [127.0, 50.0]}).add_to(page)
    text = page.to_html()
    assert "warehouse" in text
    assert references(text) == []


def test_plugin_from_the_network_is_refused(net: Any, states: list[Any]) -> None:
    page = state_map(states[0])
    MarkerCluster().add_to(page)
    with pytest.raises(InputError, match=r"cannot be saved as one file: .* is loaded from"):
        page.to_html()


def test_in_a_notebook_it_is_a_frame_with_the_whole_page(net: Any, states: list[Any]) -> None:
    shown = state_map(states[0])._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "Content-Security-Policy" in shown
    assert references(shown) == []


def test_tiles_are_asked_for_only_at_the_named_host(net: Any, states: list[Any]) -> None:
    tiles = {"url": "https://{s}.tiles.example.org/{z}/{x}/{y}.png", "attribution": "<b>tiles & more</b>"}
    text = state_map(states[0], tiles=tiles).to_html()
    assert "img-src data: blob: https://*.tiles.example.org;" in text
    assert "<b>tiles" not in text
    assert references(text) == []


@pytest.mark.parametrize(
    "url", ["", "file:///etc/{z}", "https://a b/{z}", "https://x' ; script-src *//{z}", "javascript:alert(1)"]
)
def test_tiles_without_an_address_are_refused(net: Any, states: list[Any], url: str) -> None:
    with pytest.raises(InputError, match="tiles"):
        state_map(states[0], tiles={"url": url, "attribution": ""})


def test_unknown_language_and_too_few_states(net: Any, states: list[Any]) -> None:
    with pytest.raises(InputError, match="language"):
        state_map(states[0], lang="fr")
    with pytest.raises(InputError, match="at least two"):
        compare_map(states[:1])


@pytest.mark.slow
def test_page_draws_each_kind_of_result(tmp_path: Path) -> None:
    net = ag.load()
    state = net.state("2026-02-10")
    found = ag.routes(net, "Belogorsk", "Heihe", on="2026-02-10", k=1)
    compared = ag.compare(net, ["frozen", "open"], origins=["Belogorsk"], destinations=["Heihe"])
    for result, title in (
        (state, "Amur Oblast: crossings, 10 February 2026"),
        (found, "Routes Belogorsk – Heihe"),
        (compared, "Amur Oblast: crossings, Rivers frozen – Rivers open"),
    ):
        assert ag.maps.page(result).page_title == title
    assert compared.map().page_title == ag.maps.page(compared).page_title
    drawn = ag.maps.page(net, year=2026, scenario="no_bridge", path=tmp_path / "new" / "year.html")
    assert drawn.page_title == "Amur Oblast: crossings through 2026"
    assert "<title>Amur Oblast" in (tmp_path / "new" / "year.html").read_text(encoding="utf-8")


def test_page_refuses_what_it_does_not_draw() -> None:
    net = ag.load()
    with pytest.raises(InputError, match="year= is missing"):
        ag.maps.page(net)
    with pytest.raises(InputError, match="year= is for a network only"):
        ag.maps.page(net.state("2026-02-10"), year=2026)
    with pytest.raises(InputError, match="result is invalid: str; expected a state, routes"):
        ag.maps.page("network")


def test_page_is_centred_on_the_home_regions() -> None:
    net = ag.load(home=["primorsky_krai"])
    drawn = ag.maps.page(net.state("2026-02-10"), lang="ru")
    assert drawn.page_title == "Приморский край: переправы, 10 февраля 2026 г."
    own = [checkpoint for checkpoint in basemap.checkpoint_records(net) if checkpoint["own"]]
    assert {checkpoint["id"] for checkpoint in own} == set(
        net.checkpoints.index[net.checkpoints["region"] == "primorsky_krai"]
    )
    (south, west), (north, east) = basemap.view_bounds(net)
    assert all(south <= lat <= north and west <= lon <= east for lat, lon in (one["at"] for one in own))
    assert east - west < 5


def test_dataset_in_english_without_layers(tmp_path: Path) -> None:
    shipped = ag.load()
    border = shipped.border.model_copy(update={"languages": ("en",), "id": "other"})
    net = ag.Network(shipped.tables, border=border, folder=tmp_path)
    drawn = ag.maps.page(net.state("2026-02-10"))
    text = "".join(to_json(part.data) for part in drawn._children.values() if hasattr(part, "data"))
    assert '"languages":{"en":"EN"}' in text
    assert '"file":"other-network-2026-02-10"' in text
    aliases = re.sub(r'"aliases":\[[^]]*\]', "", text)
    assert not re.search(r'"(ru|zh)":', aliases)
    assert not re.search(r"[\u0400-\u04ff\u4e00-\u9fff]", re.sub(r'"sources":.*', "", aliases))
    with pytest.raises(InputError, match="unknown language 'ru'"):
        ag.maps.page(net.state("2026-02-10"), lang="ru")


def test_credits_are_publisher_and_licence() -> None:
    assert payload.credit_lines(ag.load()) == [
        "Natural Earth (public domain)",
        "© GeoNames (CC BY 4.0)",
        "© OpenStreetMap contributors (ODbL 1.0)",
        "© P. Wessel and W. H. F. Smith (LGPL-3.0-or-later)",
    ]


def test_json_cannot_end_a_script() -> None:
    text = to_json({"a": "</script><!--\u2028", "b": [1, None]})
    assert "<" not in text
    assert "\u2028" not in text
    with pytest.raises(ValueError, match="JSON"):
        to_json(float("nan"))


def test_carried_files_are_those_of_the_manifest() -> None:
    for name, entry in style.manifest().items():
        content = (style.FOLDER / "vendor" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        assert len(content) == entry["bytes"]
    carried = {path.name for path in (style.FOLDER / "vendor").iterdir()}
    assert carried == set(style.manifest())
    notice = (style.FOLDER / "NOTICE").read_text(encoding="utf-8")
    for entry in style.manifest().values():
        assert f"{entry['package']} {entry['version']} ({entry['licence']})" in notice


def test_small_page_is_small(net: Any, states: list[Any]) -> None:
    fixed = len(compare_map(states).to_html().encode())
    assert fixed < 480_000


def test_empty_map_saves() -> None:
    text = OfflineMap(page_title="a < b & c", location=[50, 127]).to_html()
    assert "<title>a &lt; b &amp; c</title>" in text


OWN_SCRIPTS = sorted((style.FOLDER / "js").glob("*.js"))


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_scripts_never_write_markup(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text
    )
    assert "'use strict'" in text


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_well_formed(path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node to check the scripts")
    subprocess.run([node, "--check", str(path)], check=True)
