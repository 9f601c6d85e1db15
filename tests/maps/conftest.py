"""A small network with the attributes of the real one, a browser for the whole session, and a page in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from amurgeo.errors import InputError

LANGUAGES = ("en", "ru", "zh")
CRS = "EPSG:4326"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

PLACES = [
    ("blagoveshchensk", "city", "RU", "amur_oblast", "Blagoveshchensk", "Благовещенск", "布拉戈维申斯克", 50.28, 127.53, 241_000),
    ("heihe", "city", "CN", "heilongjiang", "Heihe", "Хэйхэ", "黑河", 50.245, 127.49, 220_000),
    ("belogorsk", "town", "RU", "amur_oblast", "Belogorsk", "Белогорск", "别洛戈尔斯克", 50.92, 128.47, 61_000),
    ("svobodny", "town", "RU", "amur_oblast", "Svobodny", "Свободный", "斯沃博德内", 51.38, 128.13, 50_000),
    ("poyarkovo", "village", "RU", "amur_oblast", "Poyarkovo", "Поярково", "波亚尔科沃", 49.62, 128.68, 7_000),
    ("xunke", "town", "CN", "heilongjiang", "Xunke", "Сюнькэ", "逊克", 49.58, 128.47, 20_000),
    ("kani_kurgan", "village", "RU", "amur_oblast", "Kani-Kurgan", "Каникурган", "卡尼库尔干", 50.22, 127.64, 400),
    ("dzhalinda", "village", "RU", "amur_oblast", "Dzhalinda", "Джалинда", "加林达", 53.48, 123.9, 700),
    ("mohe", "town", "CN", "heilongjiang", "Mohe", "Мохэ", "漠河", 52.97, 122.53, 20_000),
    ("harbin", "city", "CN", "heilongjiang", "Harbin", "Харбин", "哈尔滨", 45.75, 126.65, 5_200_000),
    ("khabarovsk", "city", "RU", "khabarovsk_krai", "Khabarovsk", "Хабаровск", "哈巴罗夫斯克", 48.48, 135.07, 616_000),
    ("fuyuan", "town", "CN", "heilongjiang", "Fuyuan", "Фуюань", "抚远", 48.36, 134.29, 40_000),
]
TERMINALS = [
    ("blagoveshchensk_ru", "RU", 50.25, 127.545), ("blagoveshchensk_cn", "CN", 50.248, 127.52),
    ("kani_kurgan_ru", "RU", 50.215, 127.63), ("kani_kurgan_cn", "CN", 50.19, 127.575),
    ("poyarkovo_ru", "RU", 49.612, 128.645), ("poyarkovo_cn", "CN", 49.565, 128.475),
    ("dzhalinda_ru", "RU", 53.478, 123.904), ("dzhalinda_cn", "CN", 53.467, 123.883),
    ("khabarovsk_ru", "RU", 48.474, 135.05), ("khabarovsk_cn", "CN", 48.365, 134.29),
]  # fmt: skip
CHECKPOINTS = [
    ("blagoveshchensk", "blagoveshchensk", "heihe", "amur_oblast", ("Blagoveshchensk", "Благовещенск", "布拉戈维申斯克"), ("Heihe port", "порт Хэйхэ", "黑河口岸")),
    ("kani_kurgan", "kani_kurgan", "heihe", "amur_oblast", ("Kani-Kurgan", "Кани-Курган", "卡尼库尔干"), ("Heihe highway port", "КПП Хэйхэ", "黑河公路口岸")),
    ("poyarkovo", "poyarkovo", "xunke", "amur_oblast", ("Poyarkovo", "Поярково", "波亚尔科沃"), ("Xunke port", "порт Сюнькэ", "逊克口岸")),
    ("dzhalinda", "dzhalinda", "mohe", "amur_oblast", ("Dzhalinda", "Джалинда", "加林达"), ("Mohe port", "порт Мохэ", "漠河口岸")),
    ("khabarovsk", "khabarovsk", "fuyuan", "khabarovsk_krai", ("Khabarovsk", "Хабаровск", "哈巴罗夫斯克"), ("Fuyuan port", "порт Фуюань", "抚远口岸")),
]
CROSSINGS = [
    ("kani_kurgan:bridge", 11.0), ("blagoveshchensk:ferry", 2.0), ("blagoveshchensk:hovercraft", 2.0), ("blagoveshchensk:pontoon", 2.0),
    ("poyarkovo:ice_road", 19.0), ("poyarkovo:ferry", 19.0), ("dzhalinda:ferry", 1.5), ("khabarovsk:ferry", 65.0),
]  # fmt: skip
ROADS = [
    ("blagoveshchensk", "belogorsk", "10K", "trunk", "asphalt", 124.0, ""), ("belogorsk", "svobodny", "R-297", "trunk", "asphalt", 60.0, ""),
    ("blagoveshchensk", "kani_kurgan", "", "secondary", "gravel", 14.0, ""), ("blagoveshchensk", "poyarkovo", "", "primary", "mixed", 150.0, ""),
    ("heihe", "harbin", "G1211", "motorway", "asphalt", 570.0, ""), ("svobodny", "dzhalinda", "", "winter", "ice", 610.0, "road:svobodny--dzhalinda"),
]  # fmt: skip
BORDER = [
    (121.5, 53.33), (123.9, 53.48), (125.6, 53.05), (126.1, 52.2), (126.68, 51.72), (127.3, 50.7), (127.33, 50.3),
    (127.53, 50.253), (127.59, 50.2), (127.55, 49.8), (128.0, 49.6), (128.7, 49.57), (130.2, 48.88), (131.0, 47.68),
    (132.6, 47.93), (134.6, 48.38),
]  # fmt: skip
SUMMER = {"kani_kurgan:bridge", "blagoveshchensk:ferry", "blagoveshchensk:hovercraft", "poyarkovo:ferry", "khabarovsk:ferry"}
WINTER = {"kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ice_road"}


class SmallNet:
    """The attributes of `amurgeo.Network` that the maps use, over a dozen places."""

    def __init__(self, hostile: str = "") -> None:
        self.hostile = hostile
        names = ["name_en", "name_ru", "name_zh"]
        columns = ["id", "kind", "country", "region", *names, "lat", "lon", "population"]
        places = pd.DataFrame(PLACES, columns=columns).assign(aliases=[()] * len(PLACES))
        terminals = pd.DataFrame(
            [(id_, "terminal", country, "", id_, id_, id_, lat, lon, float("nan")) for id_, country, lat, lon in TERMINALS], columns=columns
        ).assign(aliases=[()] * len(TERMINALS))
        self.places = self._frame(pd.concat([places, terminals]), names)
        rows = [
            (id_, place, other, "mixed", region, *own, *theirs)
            for id_, place, other, region, own, theirs in CHECKPOINTS
        ]
        counterpart = [f"counterpart_{name}" for name in names]
        frame = pd.DataFrame(rows, columns=["id", "place", "counterpart", "kind", "region", *names, *counterpart])
        spots = self.places[["lat", "lon"]].reindex(frame["id"] + "_ru").reset_index(drop=True)
        self.checkpoints = self._frame(pd.concat([frame, spots], axis=1), [*names, *counterpart])
        self.crossings = self._lines(
            [(id_, id_.split(":")[0], id_.split(":")[1], f"{id_.split(':')[0]}_ru", f"{id_.split(':')[0]}_cn", km) for id_, km in CROSSINGS],
            ["id", "checkpoint", "mode", "from_place", "to_place", "length_km"],
        )
        self.roads = self._lines(
            [(f"{a}--{b}", a, b, hostile or ref, kind, surface, km, season) for a, b, ref, kind, surface, km, season in ROADS],
            ["id", "from_place", "to_place", "ref", "class", "surface", "length_km", "season"],
        )
        self.railways = self._lines(
            [("belogorsk--svobodny", "belogorsk", "svobodny", hostile or "Trans-Siberian", "main", "in_use", 1520, 57.0),
             ("heihe--harbin", "heihe", "harbin", "Bei'an line", "branch", "out_of_use", 1435, 630.0)],
            ["id", "from_place", "to_place", "line", "kind", "status", "gauge_mm", "length_km"],
        )  # fmt: skip
        self.sources = pd.DataFrame(
            {
                "title": [hostile or "A page", hostile or "A hostile address", "Own estimate"],
                "address": ["https://example.org/a?b=1&c=2", "javascript:alert(1)", ""],
            },
            index=["page", "trap", "estimate"],
        )

    def _frame(self, frame: pd.DataFrame, names: list[str]) -> gpd.GeoDataFrame:
        made = frame.set_index("id")
        if self.hostile:
            made = made.assign(**dict.fromkeys(names, self.hostile))
        return gpd.GeoDataFrame(made, geometry=gpd.points_from_xy(made["lon"], made["lat"]), crs=CRS)

    def _lines(self, rows: list[tuple[Any, ...]], columns: list[str]) -> gpd.GeoDataFrame:
        frame = pd.DataFrame(rows, columns=columns).set_index("id")
        spots = self.places.geometry
        lines = [shapely.LineString([spots[a], spots[b]]) for a, b in zip(frame["from_place"], frame["to_place"], strict=True)]
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines, index=frame.index, crs=CRS))

    def layer(self, name: str) -> gpd.GeoDataFrame:
        if name != "border":
            raise InputError(f"unknown layer '{name}'")
        return gpd.GeoDataFrame({"width_m": [800.0]}, geometry=[shapely.LineString(BORDER)], crs=CRS)


@dataclass
class SmallState:
    """The attributes of `amurgeo.State` that the maps use."""

    on: date
    name: str
    opened: set[str]
    hostile: str = ""
    label: dict[str, str] = field(init=False)
    crossings: pd.DataFrame = field(init=False)
    open_seasons: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.label = {lang: self.hostile or f"{self.name} ({lang})" for lang in LANGUAGES}
        rows = []
        for id_, _ in CROSSINGS:
            checkpoint, mode = id_.split(":")
            for traffic in ("cargo", "passenger"):
                if traffic == "cargo" and mode == "hovercraft":
                    continue
                if id_ == "dzhalinda:ferry":
                    status, reason = "closed", "retired"
                elif id_ in self.opened:
                    status, reason = ("limited" if mode == "pontoon" else "open"), "in_season"
                else:
                    status, reason = "closed", "out_of_season"
                chance = 0.02 if status == "closed" else 0.97
                mass = 30.0 if mode == "ice_road" else float("nan")
                rows.append((id_, traffic, checkpoint, mode, status, reason, mass, chance, "expected", "reported", ["page", "trap"]))
        columns = ["crossing", "traffic", "checkpoint", "mode", "status", "reason", "max_mass_t", "probability_open", "basis", "confidence", "sources"]
        frame = pd.DataFrame(rows, columns=columns).set_index(["crossing", "traffic"])
        self.crossings = frame.assign(counterpart="heihe", because=[("because.window", {})] * len(frame))

    def because(self, lang: str = "en") -> pd.Series:
        return pd.Series([self.hostile or f"because in {lang}"] * len(self.crossings), index=self.crossings.index, dtype=object)


def small_states(hostile: str = "") -> list[SmallState]:
    return [
        SmallState(date(2026, 2, 10), "Rivers frozen", WINTER, hostile),
        SmallState(date(2026, 7, 15), "Rivers open", SUMMER, hostile),
        SmallState(date(2026, 11, 15), "Ice forming", {"kani_kurgan:bridge"}, hostile),
    ]


@pytest.fixture(scope="session")
def net() -> SmallNet:
    return SmallNet()


@pytest.fixture(scope="session")
def states() -> list[SmallState]:
    return small_states()


# -- the browser ------------------------------------------------------------------------------------------


def chromium() -> str | None:
    """Return the path of a Chromium, if there is one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or ("/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium for all tests; skipped where there is none, unless continuous integration runs."""
    path = chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        why = "needs Chromium and playwright: install both to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield launched
        launched.close()


class Watched:
    """A page with the network off that remembers everything that should not happen."""

    def __init__(self, browser: Any, *, width: int = 1280, height: int = 800) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, offline=True, accept_downloads=True)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url) if not request.url.startswith(("data:", "blob:")) else None)
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed {request.url[:80]}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error {str(error)[:200]}"))
        self.page.on("console", lambda message: self.faults.append(f"console {message.text[:200]}") if message.type == "error" else None)
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def open(self, path: Path, fragment: str = "") -> Any:
        self.page.goto(f"file://{path}{fragment}")
        self.page.wait_for_selector(".folium-map[data-ready=yes]", timeout=15_000)
        return self.page

    def check(self) -> None:
        """Nothing was asked for but the file itself, and nothing went wrong."""
        outside = [url for url in self.requests if not url.startswith("file:")]
        assert outside == []
        assert len(set(url.split("#")[0] for url in self.requests)) == 1
        assert self.faults == []


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    page = Watched(browser)
    yield page
    page.context.close()
