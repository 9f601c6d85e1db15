"""A small network, states, a calendar and routes, with the attributes of the real ones that the maps use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from amurgeo.errors import InputError

LANGUAGES = ("en", "ru", "zh")
CRS = "EPSG:4326"

PLACES = [
    (
        "blagoveshchensk",
        "city",
        "RU",
        "amur_oblast",
        "Blagoveshchensk",
        "Благовещенск",
        "布拉戈维申斯克",
        50.28,
        127.53,
        241_000,
    ),
    ("heihe", "city", "CN", "heilongjiang", "Heihe", "Хэйхэ", "黑河", 50.245, 127.49, 220_000),
    (
        "belogorsk",
        "town",
        "RU",
        "amur_oblast",
        "Belogorsk",
        "Белогорск",
        "别洛戈尔斯克",
        50.92,
        128.47,
        61_000,
    ),
    ("svobodny", "town", "RU", "amur_oblast", "Svobodny", "Свободный", "斯沃博德内", 51.38, 128.13, 50_000),
    (
        "poyarkovo",
        "village",
        "RU",
        "amur_oblast",
        "Poyarkovo",
        "Поярково",
        "波亚尔科沃",
        49.62,
        128.68,
        7_000,
    ),
    ("xunke", "town", "CN", "heilongjiang", "Xunke", "Сюнькэ", "逊克", 49.58, 128.47, 20_000),
    (
        "kani_kurgan",
        "village",
        "RU",
        "amur_oblast",
        "Kani-Kurgan",
        "Каникурган",
        "卡尼库尔干",
        50.22,
        127.64,
        400,
    ),
    ("dzhalinda", "village", "RU", "amur_oblast", "Dzhalinda", "Джалинда", "加林达", 53.48, 123.9, 700),
    ("mohe", "town", "CN", "heilongjiang", "Mohe", "Мохэ", "漠河", 52.97, 122.53, 20_000),
    ("harbin", "city", "CN", "heilongjiang", "Harbin", "Харбин", "哈尔滨", 45.75, 126.65, 5_200_000),
    (
        "khabarovsk",
        "city",
        "RU",
        "khabarovsk_krai",
        "Khabarovsk",
        "Хабаровск",
        "哈巴罗夫斯克",
        48.48,
        135.07,
        616_000,
    ),
    ("fuyuan", "town", "CN", "heilongjiang", "Fuyuan", "Фуюань", "抚远", 48.36, 134.29, 40_000),
]
TERMINALS = [
    ("blagoveshchensk_ru", "RU", 50.25, 127.545),
    ("blagoveshchensk_cn", "CN", 50.248, 127.52),
    ("kani_kurgan_ru", "RU", 50.215, 127.63),
    ("kani_kurgan_cn", "CN", 50.19, 127.575),
    ("poyarkovo_ru", "RU", 49.612, 128.645),
    ("poyarkovo_cn", "CN", 49.565, 128.475),
    ("dzhalinda_ru", "RU", 53.478, 123.904),
    ("dzhalinda_cn", "CN", 53.467, 123.883),
    ("khabarovsk_ru", "RU", 48.474, 135.05),
    ("khabarovsk_cn", "CN", 48.365, 134.29),
]
CHECKPOINTS = [
    (
        "blagoveshchensk",
        "blagoveshchensk",
        "heihe",
        "amur_oblast",
        ("Blagoveshchensk", "Благовещенск", "布拉戈维申斯克"),
        ("Heihe port", "порт Хэйхэ", "黑河口岸"),
    ),
    (
        "kani_kurgan",
        "kani_kurgan",
        "heihe",
        "amur_oblast",
        ("Kani-Kurgan", "Кани-Курган", "卡尼库尔干"),
        ("Heihe highway port", "КПП Хэйхэ", "黑河公路口岸"),
    ),
    (
        "poyarkovo",
        "poyarkovo",
        "xunke",
        "amur_oblast",
        ("Poyarkovo", "Поярково", "波亚尔科沃"),
        ("Xunke port", "порт Сюнькэ", "逊克口岸"),
    ),
    (
        "dzhalinda",
        "dzhalinda",
        "mohe",
        "amur_oblast",
        ("Dzhalinda", "Джалинда", "加林达"),
        ("Mohe port", "порт Мохэ", "漠河口岸"),
    ),
    (
        "khabarovsk",
        "khabarovsk",
        "fuyuan",
        "khabarovsk_krai",
        ("Khabarovsk", "Хабаровск", "哈巴罗夫斯克"),
        ("Fuyuan port", "порт Фуюань", "抚远口岸"),
    ),
]
CROSSINGS = [
    ("kani_kurgan:bridge", 11.0),
    ("blagoveshchensk:ferry", 2.0),
    ("blagoveshchensk:hovercraft", 2.0),
    ("blagoveshchensk:pontoon", 2.0),
    ("poyarkovo:ice_road", 19.0),
    ("poyarkovo:ferry", 19.0),
    ("dzhalinda:ferry", 1.5),
    ("khabarovsk:ferry", 65.0),
]
ROADS = [
    ("blagoveshchensk", "belogorsk", "10K", "trunk", "asphalt", 124.0, ""),
    ("belogorsk", "svobodny", "R-297", "trunk", "asphalt", 60.0, ""),
    ("blagoveshchensk", "kani_kurgan", "", "secondary", "gravel", 14.0, ""),
    ("blagoveshchensk", "poyarkovo", "", "primary", "mixed", 150.0, ""),
    ("heihe", "harbin", "G1211", "motorway", "asphalt", 570.0, ""),
    ("svobodny", "dzhalinda", "", "winter", "ice", 610.0, "road:svobodny--dzhalinda"),
]
BORDER = [
    (121.5, 53.33),
    (123.9, 53.48),
    (125.6, 53.05),
    (126.1, 52.2),
    (126.68, 51.72),
    (127.3, 50.7),
    (127.33, 50.3),
    (127.53, 50.253),
    (127.59, 50.2),
    (127.55, 49.8),
    (128.0, 49.6),
    (128.7, 49.57),
    (130.2, 48.88),
    (131.0, 47.68),
    (132.6, 47.93),
    (134.6, 48.38),
]
SUMMER = {
    "kani_kurgan:bridge",
    "blagoveshchensk:ferry",
    "blagoveshchensk:hovercraft",
    "poyarkovo:ferry",
    "khabarovsk:ferry",
}
WINTER = {"kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ice_road"}


class SmallNet:
    """The attributes of `amurgeo.Network` that the maps use, over a dozen places."""

    def __init__(self, hostile: str = "") -> None:
        self.hostile = hostile
        names = ["name_en", "name_ru", "name_zh"]
        columns = ["id", "kind", "country", "region", *names, "lat", "lon", "population"]
        places = pd.DataFrame(PLACES, columns=columns).assign(aliases=[()] * len(PLACES))
        terminals = pd.DataFrame(
            [
                (id_, "terminal", country, "", id_, id_, id_, lat, lon, float("nan"))
                for id_, country, lat, lon in TERMINALS
            ],
            columns=columns,
        ).assign(aliases=[()] * len(TERMINALS))
        self.places = self._frame(pd.concat([places, terminals]), names)
        rows = [
            (id_, place, other, "mixed", region, *own, *theirs)
            for id_, place, other, region, own, theirs in CHECKPOINTS
        ]
        counterpart = [f"counterpart_{name}" for name in names]
        frame = pd.DataFrame(
            rows, columns=["id", "place", "counterpart", "kind", "region", *names, *counterpart]
        )
        spots = self.places[["lat", "lon"]].reindex(frame["id"] + "_ru").reset_index(drop=True)
        self.checkpoints = self._frame(pd.concat([frame, spots], axis=1), [*names, *counterpart])
        self.crossings = self._lines(
            [
                (
                    id_,
                    id_.split(":")[0],
                    id_.split(":")[1],
                    f"{id_.split(':')[0]}_ru",
                    f"{id_.split(':')[0]}_cn",
                    km,
                )
                for id_, km in CROSSINGS
            ],
            ["id", "checkpoint", "mode", "from_place", "to_place", "length_km"],
        )
        self.roads = self._lines(
            [
                (f"{a}--{b}", a, b, hostile or ref, kind, surface, km, season)
                for a, b, ref, kind, surface, km, season in ROADS
            ],
            ["id", "from_place", "to_place", "ref", "class", "surface", "length_km", "season"],
        )
        self.railways = self._lines(
            [
                (
                    "belogorsk--svobodny",
                    "belogorsk",
                    "svobodny",
                    hostile or "Trans-Siberian",
                    "main",
                    "in_use",
                    1520,
                    57.0,
                ),
                ("heihe--harbin", "heihe", "harbin", "Bei'an line", "branch", "out_of_use", 1435, 630.0),
            ],
            ["id", "from_place", "to_place", "line", "kind", "status", "gauge_mm", "length_km"],
        )
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
        lines = [
            shapely.LineString([spots[a], spots[b]])
            for a, b in zip(frame["from_place"], frame["to_place"], strict=True)
        ]
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
                rows.append(
                    (
                        id_,
                        traffic,
                        checkpoint,
                        mode,
                        status,
                        reason,
                        mass,
                        chance,
                        "expected",
                        "reported",
                        ["page", "trap"],
                    )
                )
        columns = [
            "crossing",
            "traffic",
            "checkpoint",
            "mode",
            "status",
            "reason",
            "max_mass_t",
            "probability_open",
            "basis",
            "confidence",
            "sources",
        ]
        frame = pd.DataFrame(rows, columns=columns).set_index(["crossing", "traffic"])
        self.crossings = frame.assign(counterpart="heihe", because=[("because.window", {})] * len(frame))

    def because(self, lang: str = "en") -> pd.Series:
        return pd.Series(
            [self.hostile or f"because in {lang}"] * len(self.crossings),
            index=self.crossings.index,
            dtype=object,
        )


def small_states(hostile: str = "") -> list[SmallState]:
    return [
        SmallState(date(2026, 2, 10), "Rivers frozen", WINTER, hostile),
        SmallState(date(2026, 7, 15), "Rivers open", SUMMER, hostile),
        SmallState(date(2026, 11, 15), "Ice forming", {"kani_kurgan:bridge"}, hostile),
    ]


def small_year() -> pd.DataFrame:
    """A calendar of 2026 as `amurgeo.calendar` returns it: winter until April, summer from May to October."""
    days = pd.date_range("2026-01-01", "2026-12-31")
    base = small_states()[0].crossings.reset_index()[["crossing", "traffic"]]
    rows = []
    for service in base.itertuples():
        for day in days:
            opened = WINTER if day.month <= 3 else SUMMER if 5 <= day.month <= 10 else {"kani_kurgan:bridge"}
            if service.crossing == "dzhalinda:ferry":
                rows.append((day, service.crossing, service.traffic, "closed", "retired", 0.0))
            elif service.crossing in opened:
                sure = 1.0 if service.crossing == "kani_kurgan:bridge" else 0.6 + 0.013 * min(day.day, 30)
                rows.append((day, service.crossing, service.traffic, "open", "in_season", sure))
            else:
                rows.append((day, service.crossing, service.traffic, "closed", "out_of_season", 0.1))
    return pd.DataFrame(rows, columns=["date", "crossing", "traffic", "status", "reason", "probability_open"])


@dataclass
class SmallRoutes:
    """The attributes of `amurgeo.routing.routes.Routes` that the map uses."""

    routes: tuple[Any, ...]
    closed: tuple[dict[str, Any], ...] = ()
    origin: str = "belogorsk"
    destination: str = "harbin"
    vehicle: str = "truck_20t"
    on: date = date(2026, 2, 10)

    def records(self) -> list[dict[str, Any]]:
        return [route.record for route in self.routes]


def small_routes() -> SmallRoutes:
    made = []
    for crossing, hours in (("kani_kurgan:bridge", 16.45), ("blagoveshchensk:pontoon", 17.15)):
        checkpoint = crossing.split(":")[0]
        chain = [
            ("belogorsk", "blagoveshchensk", "blagoveshchensk--belogorsk"),
            ("blagoveshchensk", f"{checkpoint}_ru", f"blagoveshchensk--{checkpoint}_ru"),
            (f"{checkpoint}_ru", f"{checkpoint}_cn", crossing),
            (f"{checkpoint}_cn", "heihe", f"{checkpoint}_cn--heihe"),
            ("heihe", "harbin", "heihe--harbin"),
        ]
        legs = [
            {
                "from": "belogorsk",
                "to": f"{checkpoint}_ru",
                "mode": "road",
                "ref": "10K",
                "length_km": 124.0,
                "hours": 2.0,
            },
            {
                "from": f"{checkpoint}_ru",
                "to": f"{checkpoint}_cn",
                "mode": crossing.split(":")[1],
                "ref": crossing,
                "length_km": 2.0,
                "hours": 7.0,
            },
            {
                "from": f"{checkpoint}_cn",
                "to": "harbin",
                "mode": "road",
                "ref": "G1211",
                "length_km": 570.0,
                "hours": hours - 9.0,
            },
        ]
        record = {
            "crossings": [crossing],
            "transit": False,
            "legs": legs,
            "total_h": hours,
            "drive_h": hours - 7.0,
            "border_h": 6.0,
            "wait_h": 1.0,
            "length_km": 696.0,
            "estimated_share": 0.4,
        }
        made.append(
            SimpleNamespace(arcs=pd.DataFrame(chain, columns=["tail", "head", "edge"]), record=record)
        )
    return SmallRoutes(tuple(made))
