"""Fetching from a local Overpass server that answers, refuses, fails or stops early."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pandas as pd
import pytest
import shapely

from amurgeo.cli import main as command
from amurgeo.errors import InputError
from amurgeo.osm.building import Backbone, build_area
from amurgeo.osm.fetching import FetchError, fetch_osm, way_filters
from amurgeo.osm.folder import BuiltArea

BANKS = Path(__file__).with_name("banks.osm")
AROUND = shapely.box(127.3, 50.15, 127.8, 50.4)


def _elements() -> list[dict[str, Any]]:
    import osmium

    found: list[dict[str, Any]] = []
    for entity in osmium.FileProcessor(str(BANKS)):
        element: dict[str, Any] = {"id": entity.id, "tags": {tag.k: tag.v for tag in entity.tags}}
        if isinstance(entity, osmium.osm.Node):
            element |= {"type": "node", "lat": entity.lat, "lon": entity.lon}
        elif isinstance(entity, osmium.osm.Way):
            element |= {"type": "way", "nodes": [node.ref for node in entity.nodes]}
        found.append(element)
    return found


class Overpass(ThreadingHTTPServer):
    """A server that answers from the banks, or as scripted."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.elements = _elements()
        self.asked: list[str] = []
        self.agents: set[str] = set()
        #: Scripted answers: status, headers, and body or None for the ordinary one.
        self.script: list[tuple[int, dict[str, str], bytes | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api"

    def answer(self, query: str) -> bytes:
        """Answer requests for ways by highway, and for ferries."""
        highway = re.search(r'"highway"~"\^\(([^)]*)\)\$"', query)
        values = set(highway.group(1).split("|")) if highway else set()
        ways = [
            element
            for element in self.elements
            if element["type"] == "way"
            and (
                element["tags"].get("highway") in values
                if highway
                else element["tags"].get("route") == "ferry"
            )
        ]
        wanted = {node for way in ways for node in way["nodes"]}
        nodes = [
            element for element in self.elements if element["type"] == "node" and element["id"] in wanted
        ]
        return json.dumps({"version": 0.6, "elements": [*ways, *nodes]}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Overpass

    def log_message(self, *_: Any) -> None:
        """Write no log."""

    def do_GET(self) -> None:
        """Answer that slots are free."""
        lines = [
            "Connected as: 1",
            "Current time: 2026-11-01T00:00:00Z",
            "Announced endpoint: none",
            "Rate limit: 2",
        ]
        self._send(200, {}, "\n".join([*lines, "2 slots available now.", ""]).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["data"][0]
        self.server.asked.append(query)
        self.server.agents.add(str(self.headers["User-Agent"]))
        status, headers, scripted = self.server.script.pop(0) if self.server.script else (200, {}, None)
        self._send(status, headers, self.server.answer(query) if scripted is None else scripted)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Overpass]:
    running = Overpass()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    if running.socket.fileno() >= 0:
        running.shutdown()
    thread.join()
    running.server_close()


class Waits(list[float]):
    """Recorded seconds, without waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_a_fetched_area_equals_the_file(
    server: Overpass, tmp_path: Path, area: BuiltArea, backbone: Backbone
) -> None:
    """Seasons, ferries and points are the same."""
    progress: list[tuple[int, int]] = []
    raw = fetch_osm(
        AROUND, server=server.url, cache=tmp_path, progress=lambda n, size: progress.append((n, size))
    )
    fetched = build_area(raw, backbone, retrieved="2026-11-01")
    pd.testing.assert_frame_equal(fetched.graph.nodes, area.graph.nodes)
    assert fetched.graph.edges.drop(columns="oneway").equals(area.graph.edges.drop(columns="oneway"))
    assert fetched.graph.edges["oneway"].tolist() == area.graph.edges["oneway"].tolist()
    assert fetched.crossings == area.crossings
    pd.testing.assert_frame_equal(fetched.attached, area.attached)
    assert len(progress) == len(server.asked) == len(way_filters())


def test_requests_name_the_package_and_are_not_repeated(server: Overpass, tmp_path: Path) -> None:
    fetch_osm(AROUND, server=server.url, cache=tmp_path)
    asked = len(server.asked)
    fetch_osm(AROUND, server=server.url, cache=tmp_path)
    assert len(server.asked) == asked
    assert all(agent.startswith("amurgeo/") for agent in server.agents)


def test_settings_of_osmnx_are_restored(server: Overpass, tmp_path: Path) -> None:
    import socket

    import osmnx as ox

    names = ("overpass_url", "cache_folder", "useful_tags_way", "requests_kwargs", "http_user_agent")
    before = [getattr(ox.settings, name) for name in names]
    resolve = socket.getaddrinfo
    fetch_osm(AROUND, server=server.url, cache=tmp_path)
    assert [getattr(ox.settings, name) for name in names] == before
    assert socket.getaddrinfo is resolve


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        ((429, {"Retry-After": "7"}, b"busy"), [7.0]),
        ((429, {}, b"busy"), [30.0]),
        ((504, {}, b"<html>gateway timeout</html>"), [30.0]),
        ((200, {}, b'{"elements": [{"type": "node", "id": 1, "la'), [30.0]),
        ((200, {}, b'{"elements": [], "remark": "runtime error: Query timed out in query"}'), [30.0]),
    ],
)
def test_temporary_failures_are_retried(
    server: Overpass, tmp_path: Path, answer: tuple[int, dict[str, str], bytes], waits: list[float]
) -> None:
    server.script = [answer]
    sleep = Waits()
    raw = fetch_osm(AROUND, server=server.url, cache=tmp_path, sleep=sleep)
    assert list(sleep) == waits
    assert len(raw.ways) == 21


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((429, {}, b"busy"), r"refuses more requests \(429\); tried 3 times"),
        ((504, {}, b"late"), r"overloaded or failing \(504\); tried 3 times"),
        ((200, {}, b'{"elements": [{"type": '), "incomplete JSON document; tried 3 times"),
        ((200, {}, b"<html>welcome</html>"), "without OpenStreetMap data; tried 3 times"),
        ((200, {}, b'{"answer": 42}'), "without OpenStreetMap data"),
        ((200, {}, b'{"elements": [{"type": "node", "id": 1}]}'), "elements of an unknown form"),
        ((400, {}, b"parse error"), r"refused the request \(400 Bad Request\); tried once"),
        ((429, {"Retry-After": "86400"}, b"tomorrow"), "tried once"),
        (
            (200, {}, b'{"elements": [], "remark": "runtime error: out of memory"}'),
            "stopped early: runtime error",
        ),
    ],
)
def test_lasting_failures_raise_and_keep_complete_answers(
    server: Overpass, tmp_path: Path, answer: tuple[int, dict[str, str], bytes], message: str
) -> None:
    # The first answer is complete, all others are faulty.
    server.script = [(200, {}, None), *[answer] * 20]
    with pytest.raises(FetchError, match=message) as caught:
        fetch_osm(AROUND, server=server.url, cache=tmp_path, pauses_s=(1.0, 2.0), sleep=Waits())
    assert "nothing was written" in str(caught.value)
    assert "\n" not in str(caught.value)
    server.script, asked = [], len(server.asked)
    fetch_osm(AROUND, server=server.url, cache=tmp_path, sleep=Waits())
    assert len(server.asked) - asked == len(way_filters()) - 1, "the first answer was kept"


def test_a_slow_server_times_out(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/api"
        with pytest.raises(FetchError, match=r"did not answer within 0\.3 seconds; nothing was written"):
            fetch_osm(AROUND, server=url, cache=tmp_path, timeout_s=0.3, pauses_s=(), sleep=Waits())


def test_an_unreachable_server_raises(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/api"
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch_osm(AROUND, server=url, cache=tmp_path, sleep=Waits())


def test_cached_answers_need_no_server(server: Overpass, tmp_path: Path) -> None:
    first = fetch_osm(AROUND, server=server.url, cache=tmp_path)
    url = server.url
    server.shutdown()
    server.server_close()
    again = fetch_osm(AROUND, server=url, cache=tmp_path, sleep=Waits())
    assert again.ways == first.ways


def test_an_area_without_roads_raises(server: Overpass, tmp_path: Path) -> None:
    server.elements = []
    with pytest.raises(InputError, match="no road and no ferry in that area"):
        fetch_osm(AROUND, server=server.url, cache=tmp_path)


def test_an_area_too_large_is_not_requested(server: Overpass, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fetch a smaller one"):
        fetch_osm(shapely.box(110, 40, 140, 60), server=server.url, cache=tmp_path)
    assert server.asked == []


def test_main_roads_include_ice_roads_but_no_streets() -> None:
    filters = way_filters(main_only=True)
    assert "residential" not in filters[0]
    assert any("ice_road" in text for text in filters)


def _run(*args: str) -> tuple[int, str, str]:
    """Run a command and return its exit code, output and error output."""
    code, out, err = 0, io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            command(list(args))
        except SystemExit as error:
            code = int(error.code or 0)
    return code, out.getvalue(), err.getvalue()


@pytest.mark.slow
def test_the_command_fetches_into_a_folder(server: Overpass, tmp_path: Path) -> None:
    where = ("--bbox", "127.3,50.15,127.8,50.4", "--server", server.url, "-o", str(tmp_path / "area"))
    code, out, _ = _run("osm", "fetch", *where, "--format", "json")
    assert code == 0
    report = json.loads(out)
    assert report["counts"]["roads"] == 22
    code, out, _ = _run(
        "routes",
        "Belogorsk",
        "Heihe",
        "--on",
        "2026-07-15",
        "--data",
        str(tmp_path / "area"),
        "--format",
        "json",
    )
    assert code == 0
    assert json.loads(out)["routes"]


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_the_command_reports_in_three_languages(tmp_path: Path, lang: str) -> None:
    code, out, err = _run("osm", "read", str(BANKS), "-o", str(tmp_path / "area"), "--lang", lang)
    assert (code, err) == (0, "")
    assert "kani_kurgan:bridge" in out
    assert {"en": "not attached", "ru": "нет привязки", "zh": "未附着"}[lang] in out


def test_a_refusal_is_one_sentence(server: Overpass, tmp_path: Path) -> None:
    server.script = [(403, {}, b"no")] * 9
    where = ("--bbox", "127.3,50.15,127.8,50.4", "--server", server.url, "-o", str(tmp_path / "area"))
    code, out, err = _run("osm", "fetch", *where)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "refused the request" in err
    assert not (tmp_path / "area").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("fetch", "-o", "x"), "give one of --around"),
        (("fetch", "--bbox", "1,2,3", "-o", "x"), "west,south,east,north"),
        (("fetch", "--bbox", "128,50,127,51", "-o", "x"), "west,south,east,north"),
        (("fetch", "--around", "Blagoveschensk", "-o", "x"), "did you mean Blagoveshchensk"),
        (("read", "nothing.osm", "-o", "x"), "is not a file"),
    ],
)
def test_invalid_input_is_one_sentence(args: tuple[str, ...], message: str) -> None:
    code, out, err = _run("osm", *args)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "where",
    [
        ("--around", "Blagoveshchensk", "--km", "20"),
        ("--corridor", "Blagoveshchensk", "Heihe", "--roads", "all"),
    ],
)
def test_areas_by_place_and_by_corridor(server: Overpass, tmp_path: Path, where: tuple[str, ...]) -> None:
    code, out, _ = _run(
        "osm", "fetch", *where, "--server", server.url, "-o", str(tmp_path / "area"), "--format", "json"
    )
    assert code == 0
    attached = {row["id"] for row in json.loads(out)["attached"]}
    assert {"blagoveshchensk", "heihe", "blagoveshchensk_ru"} <= attached
