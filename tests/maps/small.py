"""A small network, states, a calendar and routes, with the attributes of the real ones that the maps use."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import pandas as pd
import shapely

from amurgeo.dataset.border import read_border
from amurgeo.errors import InputError
from amurgeo.network import Network
from amurgeo.network.edges import RoadState
from amurgeo.seasons.state import State

LANGUAGES = ("en", "ru", "zh")
CRS = "EPSG:4326"

PLACES = """
id,kind,country,region,name_en,name_ru,name_zh,lat,lon,population
blagoveshchensk,city,RU,amur_oblast,Blagoveshchensk,Благовещенск,布拉戈维申斯克,50.28,127.53,241000
heihe,city,CN,heilongjiang,Heihe,Хэйхэ,黑河,50.245,127.49,220000
belogorsk,town,RU,amur_oblast,Belogorsk,Белогорск,别洛戈尔斯克,50.92,128.47,61000
svobodny,town,RU,amur_oblast,Svobodny,Свободный,斯沃博德内,51.38,128.13,50000
poyarkovo,village,RU,amur_oblast,Poyarkovo,Поярково,波亚尔科沃,49.62,128.68,7000
xunke,town,CN,heilongjiang,Xunke,Сюнькэ,逊克,49.58,128.47,20000
kani_kurgan,village,RU,amur_oblast,Kani-Kurgan,Каникурган,卡尼库尔干,50.22,127.64,400
dzhalinda,village,RU,amur_oblast,Dzhalinda,Джалинда,加林达,53.48,123.9,700
mohe,town,CN,heilongjiang,Mohe,Мохэ,漠河,52.97,122.53,20000
harbin,city,CN,heilongjiang,Harbin,Харбин,哈尔滨,45.75,126.65,5200000
khabarovsk,city,RU,khabarovsk_krai,Khabarovsk,Хабаровск,哈巴罗夫斯克,48.48,135.07,616000
fuyuan,town,CN,heilongjiang,Fuyuan,Фуюань,抚远,48.36,134.29,40000
"""
TERMINALS = """
id,country,lat,lon
blagoveshchensk_ru,RU,50.25,127.545
blagoveshchensk_cn,CN,50.248,127.52
kani_kurgan_ru,RU,50.215,127.63
kani_kurgan_cn,CN,50.19,127.575
poyarkovo_ru,RU,49.612,128.645
poyarkovo_cn,CN,49.565,128.475
dzhalinda_ru,RU,53.478,123.904
dzhalinda_cn,CN,53.467,123.883
khabarovsk_ru,RU,48.474,135.05
khabarovsk_cn,CN,48.365,134.29
"""
CHECKPOINTS = """
id,counterpart,region,name_en,name_ru,name_zh,counterpart_name_en,counterpart_name_ru,counterpart_name_zh
blagoveshchensk,heihe,amur_oblast,Blagoveshchensk,Благовещенск,布拉戈维申斯克,Heihe port,порт Хэйхэ,黑河口岸
kani_kurgan,heihe,amur_oblast,Kani-Kurgan,Кани-Курган,卡尼库尔干,Heihe highway port,КПП Хэйхэ,黑河公路口岸
poyarkovo,xunke,amur_oblast,Poyarkovo,Поярково,波亚尔科沃,Xunke port,порт Сюнькэ,逊克口岸
dzhalinda,mohe,amur_oblast,Dzhalinda,Джалинда,加林达,Mohe port,порт Мохэ,漠河口岸
khabarovsk,fuyuan,khabarovsk_krai,Khabarovsk,Хабаровск,哈巴罗夫斯克,Fuyuan port,порт Фуюань,抚远口岸
"""
CROSSINGS = """
id,length_km
kani_kurgan:bridge,11
blagoveshchensk:ferry,2
blagoveshchensk:hovercraft,2
blagoveshchensk:pontoon,2
poyarkovo:ice_road,19
poyarkovo:ferry,19
dzhalinda:ferry,1.5
khabarovsk:ferry,65
"""
ROADS = """
from_place,to_place,ref,class,surface,length_km,season
blagoveshchensk,belogorsk,10K,trunk,asphalt,124,
belogorsk,svobodny,R-297,trunk,asphalt,60,
blagoveshchensk,kani_kurgan,,secondary,gravel,14,
blagoveshchensk,poyarkovo,,primary,mixed,150,
heihe,harbin,G1211,motorway,asphalt,570,
svobodny,dzhalinda,,winter,ice,610,road:svobodny--dzhalinda
"""
RAILWAYS = """
from_place,to_place,line,kind,status,gauge_mm,length_km
belogorsk,svobodny,Trans-Siberian,main,in_use,1520,57
heihe,harbin,Bei'an line,branch,out_of_use,1435,630
"""
REGIONS = """
id,name_en,name_ru,name_zh
amur_oblast,Amur Oblast,Амурская область,阿穆尔州
"""
VEHICLES = """
id,name_en,name_ru,name_zh,traffic
truck_20t,Truck,Грузовик,卡车,cargo
"""
BORDER = shapely.from_wkt(
    "LINESTRING (121.5 53.33, 123.9 53.48, 125.6 53.05, 126.1 52.2, 126.68 51.72, 127.3 50.7, 127.33 50.3, "
    "127.53 50.253, 127.59 50.2, 127.55 49.8, 128 49.6, 128.7 49.57, 130.2 48.88, 131 47.68, 132.6 47.93, "
    "134.6 48.38)"
)
SUMMER = {
    "kani_kurgan:bridge",
    "blagoveshchensk:ferry",
    "blagoveshchensk:hovercraft",
    "poyarkovo:ferry",
    "khabarovsk:ferry",
}
WINTER = {"kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ice_road"}


NAMES = ["name_en", "name_ru", "name_zh"]


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text.strip()), keep_default_na=False)


class SmallNet:
    """The attributes of `amurgeo.Network` that the maps use, over a dozen places."""

    # It passes for a network, as a mock with a specification does.
    __class__ = property(lambda self: Network)  # type: ignore[assignment]
    border = read_border()

    def __init__(self, hostile: str = "") -> None:
        self.hostile = hostile
        terminals = read(TERMINALS).assign(kind="terminal", region="", population=float("nan"))
        terminals = terminals.assign(**dict.fromkeys(NAMES, terminals["id"]))
        places = pd.concat([read(PLACES), terminals], ignore_index=True)
        side = places["country"].map({"RU": "home", "CN": "far"})
        self.places = self._points(places.assign(aliases=[()] * len(places), side=side), NAMES)
        checkpoints = read(CHECKPOINTS).assign(kind="mixed", place=lambda frame: frame["id"])
        spots = self.places[["lat", "lon"]].reindex(checkpoints["id"] + "_ru").reset_index(drop=True)
        counterparts = [f"counterpart_{name}" for name in NAMES]
        self.checkpoints = self._points(pd.concat([checkpoints, spots], axis=1), [*NAMES, *counterparts])
        crossings = read(CROSSINGS)
        crossings[["checkpoint", "mode"]] = crossings["id"].str.split(":", expand=True)
        ends = {"from_place": crossings["checkpoint"] + "_ru", "to_place": crossings["checkpoint"] + "_cn"}
        self.crossings = self._lines(crossings.assign(**ends), "")
        self.roads = self._lines(read(ROADS), "ref")
        self.railways = self._lines(read(RAILWAYS), "line")
        self.base = {
            "vehicles": read(VEHICLES).set_index("id"),
            "crossings": self.crossings,
            "checkpoints": self.checkpoints,
            "regions": read(REGIONS).set_index("id"),
        }
        self.sources = pd.DataFrame(
            {
                "title": [hostile or "A page", hostile or "A hostile address", "Own estimate"],
                "publisher": [hostile or "A site", "A site", "Own"],
                "licence": [hostile or "CC BY 4.0", "web page, facts only", "CC BY 4.0"],
                "address": ["https://example.org/a?b=1&c=2", "javascript:alert(1)", ""],
            },
            index=["page", "trap", "estimate"],
        )

    def _points(self, frame: pd.DataFrame, names: list[str]) -> gpd.GeoDataFrame:
        table = frame.set_index("id")
        if self.hostile:
            table = table.assign(**dict.fromkeys(names, self.hostile))
        return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=CRS)

    def _lines(self, frame: pd.DataFrame, text: str) -> gpd.GeoDataFrame:
        ends = list(zip(frame["from_place"], frame["to_place"], strict=True))
        if "id" not in frame:
            frame = frame.assign(id=["--".join(pair) for pair in ends])
        if self.hostile and text:
            frame = frame.assign(**{text: self.hostile})
        lines = [shapely.LineString(self.places.geometry[list(pair)].tolist()) for pair in ends]
        frame = frame.assign(course="schematic")
        return gpd.GeoDataFrame(frame, geometry=lines, crs=CRS).set_index("id")

    def layer(self, name: str) -> gpd.GeoDataFrame:
        if name != "border":
            raise InputError(f"unknown layer '{name}'")
        return gpd.GeoDataFrame({"width_m": [800.0]}, geometry=[BORDER], crs=CRS)


@dataclass
class SmallState:
    """The attributes of `amurgeo.State` that the maps use."""

    __class__ = property(lambda self: State)  # type: ignore[assignment]
    on: date
    name: str
    opened: set[str]
    hostile: str = ""
    net: SmallNet = field(default_factory=SmallNet)
    label: dict[str, str] = field(init=False)
    crossings: pd.DataFrame = field(init=False)
    roads: RoadState = field(default_factory=RoadState)

    def __post_init__(self) -> None:
        self.label = {lang: self.hostile or f"{self.name} ({lang})" for lang in LANGUAGES}
        rows = []
        for id_ in read(CROSSINGS)["id"]:
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
                row = {"crossing": id_, "traffic": traffic, "checkpoint": checkpoint, "mode": mode}
                row |= {
                    "status": status,
                    "reason": reason,
                    "max_mass_t": 30.0 if mode == "ice_road" else None,
                }
                rows.append(row | {"probability_open": 0.02 if status == "closed" else 0.97})
        frame = pd.DataFrame(rows).set_index(["crossing", "traffic"])
        self.crossings = frame.assign(
            basis="expected",
            evidence="expected",
            confidence="reported",
            sources=[["page", "trap"]] * len(frame),
            counterpart="heihe",
            because=[("because.window", {})] * len(frame),
        )

    def because(self, lang: str = "en") -> pd.Series:
        return pd.Series(
            [self.hostile or f"because in {lang}"] * len(self.crossings),
            index=self.crossings.index,
            dtype=object,
        )


def small_states(hostile: str = "") -> list[SmallState]:
    net = SmallNet(hostile)
    return [
        SmallState(date(2026, 2, 10), "Rivers frozen", WINTER, hostile, net),
        SmallState(date(2026, 7, 15), "Rivers open", SUMMER, hostile, net),
        SmallState(date(2026, 11, 15), "Ice forming", {"kani_kurgan:bridge"}, hostile, net),
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
