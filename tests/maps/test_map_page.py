"""The saved file: alone, always the same, written whole, and still a Folium map."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import pickle
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
from amurgeo.maps import payload, style
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


@pytest.fixture(scope="module")
def page(net: ag.Network) -> OfflineMap:
    return ag.maps.page(net, on="2026-02-10")


@pytest.fixture(scope="module")
def text(page: OfflineMap) -> str:
    return page.to_html()


def test_page_loads_nothing(text: str) -> None:
    assert references(text) == []


def test_gate_sees_a_reference() -> None:
    assert references(
        "<p><script src=//cdn.example/x.js></script><style>a{background:url(http://x/y.png)}</style>"
    ) == [
        "//cdn.example/x.js",
        "http://x/y.png",
    ]


def test_same_input_same_bytes(page: OfflineMap, text: str, net: ag.Network) -> None:
    assert page.to_html() == text
    assert ag.maps.page(net, on="2026-02-10").to_html() == text
    popups = []
    for _ in range(2):
        drawn = OfflineMap(page_title="x")
        folium.Marker([50, 127], popup="a", tooltip="b", icon=folium.DivIcon(html="c")).add_to(drawn)
        folium.Circle([50, 127], popup=folium.Popup("<b>c</b>")).add_to(drawn)
        popups += [drawn.to_html(), drawn.to_html()]
    assert len(set(popups)) == 1


@pytest.mark.slow
def test_same_bytes_in_another_process(text: str, tmp_path: Path) -> None:
    program = "import sys, amurgeo as ag; ag.maps.page(ag.load(), on='2026-02-10', path=sys.argv[1])"
    for seed in ("0", "7"):
        target = tmp_path / f"{seed}.html"
        environment = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        environment["PYTHONPATH"] = str(Path(style.FOLDER).parents[2])
        subprocess.run([sys.executable, "-c", program, str(target)], check=True, env=environment)
        assert target.read_text(encoding="utf-8") == text


def test_policy_names_every_script(text: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == text.count("<script>") > 5
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy.group(1)
    assert "default-src 'none'" in policy.group(1)
    assert "unsafe-inline" not in policy.group(1).split("script-src")[1].split(";")[0]


def test_saved_whole_or_not_at_all(
    page: OfflineMap, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new" / "map.html"
    page.save(target)
    assert target.read_text(encoding="utf-8") == text
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
    with open(tmp_path / "map.html", "wb") as file:
        page.save(file, close_file=False)
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == text
    with pytest.raises(InputError, match="cannot write"):
        page.save(tmp_path / "map.html" / "map.html")


def test_plugin_from_the_network_is_refused(net: ag.Network) -> None:
    page = ag.maps.page(net, on="2026-02-10")
    assert isinstance(page, folium.Map)
    MarkerCluster().add_to(page)
    with pytest.raises(InputError, match=r"cannot be saved as one file: .* is loaded from"):
        page.to_html()


def test_no_text_of_the_user_is_read_as_a_template() -> None:
    drawn, text = OfflineMap(page_title="x"), "{{ 6 * 7 }}{% raw %}"
    folium.FeatureGroup(name=text).add_to(drawn)
    point = {"type": "Point", "coordinates": [127, 50]}
    folium.GeoJson({"type": "Feature", "properties": {"name": text}, "geometry": point}).add_to(drawn)
    folium.Marker([50, 127], tooltip=text, popup=text, icon=folium.DivIcon(html=text)).add_to(drawn)
    folium.LayerControl().add_to(drawn)
    page = drawn.to_html()
    assert page.count("{{ 6 * 7 }}{% raw %}") == 5
    assert "42{" not in page


@pytest.mark.parametrize(
    "markup", ["<script>ran = 1</script>", "<SCRIPT type=module>ran = 1</SCRIPT>", "<script>"]
)
def test_script_that_the_package_did_not_write_is_refused(markup: str) -> None:
    drawn = OfflineMap(page_title="x")
    drawn.get_root().html.add_child(folium.Element(markup))
    with pytest.raises(InputError, match="it has a script of its own"):
        drawn.to_html()


def test_in_a_notebook_it_is_a_frame_with_the_whole_page(page: OfflineMap) -> None:
    shown = page._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "Content-Security-Policy" in shown
    assert references(shown) == []


def test_tiles_are_asked_for_only_at_the_named_host(net: ag.Network) -> None:
    tiles = {"url": "https://{s}.tiles.example.org/{z}/{x}/{y}.png", "attribution": "<b>tiles & more</b>"}
    text = ag.maps.page(net, on="2026-02-10", tiles=tiles).to_html()
    assert "img-src data: blob: https://*.tiles.example.org;" in text
    assert "<b>tiles" not in text
    assert references(text) == []


@pytest.mark.parametrize(
    "url", ["", "file:///etc/{z}", "https://a b/{z}", "https://x' ; script-src *//{z}", "javascript:alert(1)"]
)
def test_tiles_without_an_address_are_refused(net: ag.Network, url: str) -> None:
    with pytest.raises(InputError, match="tiles"):
        ag.maps.page(net, on="2026-02-10", tiles={"url": url, "attribution": ""})


def question(page: OfflineMap) -> dict[str, Any]:
    """Return what the page opens with."""
    found = re.search(r'id="page-start">(.*?)</script>', page.to_html())
    assert found is not None
    return dict(json.loads(found[1]))


def test_page_opens_with_the_question_of_each_result(net: ag.Network, tmp_path: Path) -> None:
    compared = ag.compare(net, ["frozen", "open"], origins=["Belogorsk"], destinations=["Heihe"])
    asked = question(compared.map(lang="zh"))
    assert asked["state"]["base"] == "frozen"
    assert asked["state"]["items"] == [{"scenario": "open"}]
    path = tmp_path / "new" / "year.html"
    drawn = ag.maps.page(net, year=2026, scenario="no_bridge", vehicle="car", path=path)
    asked = question(drawn)["state"]
    assert (asked["view"], asked["vehicle"], asked["items"]) == ("season", "car", [{"scenario": "no_bridge"}])
    assert "<title>Amur Oblast: crossings, July 2025 to June 2026</title>" in path.read_text(encoding="utf-8")


def test_page_refuses_what_it_does_not_draw(net: ag.Network) -> None:
    with pytest.raises(InputError, match="on= and year= are both given"):
        ag.maps.page(net, on="2026-02-10", year=2026)
    with pytest.raises(InputError, match="destination= is missing"):
        ag.maps.page(net, origin="Belogorsk")
    with pytest.raises(InputError, match="year= is for a network only"):
        ag.maps.page(net.state("2026-02-10"), year=2026)
    with pytest.raises(InputError, match="result is invalid: str; expected a state, routes"):
        ag.maps.page("network")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="language"):
        ag.maps.page(net, on="2026-02-10", lang="fr")
    with pytest.raises(InputError, match="'frozen' is a regime with one day"):
        ag.maps.page(net, year=2026, scenario="frozen")
    with pytest.raises(InputError, match="year is invalid: 1900"):
        ag.maps.page(net, year=1900)


def test_page_of_a_scenario_that_adds_has_the_network_before(net: ag.Network) -> None:
    bridge = ag.add_crossing("dzhalinda", "bridge", length_km=2, travel_min=5, admits=["truck_20t"])
    scenario = ag.Scenario("mine", changes=[bridge, ag.speed("truck_20t", factor=0.5)])
    found = ag.routes(net, "50.45,127.62", "Harbin", on="2026-02-10", scenario=scenario)
    assert "dzhalinda:bridge" in found.state.net.crossings.index
    drawn = pickle.loads(pickle.dumps(found)).map()
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', drawn.to_html())[1])  # type: ignore[index]
    assert "dzhalinda:bridge" not in {crossing["id"] for crossing in data["crossings"]}
    assert (
        data["speeds"]["truck_20t"]["primary|asphalt"]
        == net.base["speeds"]["speed_kmh"]["truck_20t", "primary", "asphalt"]
    )
    assert question(drawn)["state"]["from"] in data["nodes"]["id"]


def test_dataset_in_english_without_layers(net: ag.Network, tmp_path: Path) -> None:
    border = net.border.model_copy(update={"languages": ("en",), "id": "other", "ice": None})
    other = ag.Network(net.tables, border=border, folder=tmp_path)
    drawn = ag.maps.page(other, on="2026-02-10")
    assert '"languages":["en"]' in drawn.to_html()
    with pytest.raises(InputError, match="unknown language 'ru'"):
        ag.maps.page(other, on="2026-02-10", lang="ru")


def test_credits_are_publisher_and_licence() -> None:
    assert payload.credit_lines(ag.load()) == [
        "Natural Earth (public domain)",
        "© Department for Energy Security and Net Zero (Open Government Licence 3.0)",
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
    manifest = json.loads((style.FOLDER / "manifest.json").read_text(encoding="utf-8"))
    for name, entry in manifest.items():
        content = (style.FOLDER / "vendor" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        assert len(content) == entry["bytes"]
    carried = {path.name for path in (style.FOLDER / "vendor").iterdir()}
    assert carried == set(manifest)
    notice = (style.FOLDER / "NOTICE").read_text(encoding="utf-8")
    for entry in manifest.values():
        assert f"{entry['package']} {entry['version']} ({entry['licence']})" in notice


def test_empty_map_saves() -> None:
    text = OfflineMap(page_title="a < b & c", location=[50, 127]).to_html()
    assert "<title>a &lt; b &amp; c</title>" in text


def test_page_is_small(text: str) -> None:
    # A page that carries a promise and queues has about 10 kB more.
    assert len(text.encode()) <= 690_000
    assert len(gzip.compress(text.encode())) <= 290_000
    data = re.search(r'id="page-data">(.*?)</script>', text)
    assert data is not None
    assert len(data[1].encode()) <= 400_000


OWN_SCRIPTS = sorted((style.FOLDER / "js").glob("*.js"))


def test_scripts_are_short() -> None:
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in OWN_SCRIPTS}
    assert lines["engine.js"] <= 900
    assert sum(lines.values()) <= 2_700
    # A formatter breaks neither markup nor comments.
    text = "\n".join(path.read_text(encoding="utf-8") for path in OWN_SCRIPTS).splitlines()
    long = [line for line in text if len(line) > 110 and not re.search(r"<|//|\$\{", line)]
    assert long == []


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
