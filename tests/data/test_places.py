"""The places: names, ids, positions, sources."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pyproj import Geod

GEO = Path(__file__).resolve().parents[2] / "data" / "geo"
FIXED_SOURCES = {"estimate", "geonames", "osm_highways", "osm_timezones"}
ELLIPSOID = Geod(ellps="WGS84")


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with (GEO / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def folded(name: str) -> str:
    """Return the name without case and diacritics."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return plain.casefold().strip()


PLACES = read("places.csv")
BY_ID = {row["id"]: row for row in PLACES}
REGIONS = {row["id"]: row for row in read("regions.csv")}
SOURCES = {row["id"] for row in read("sources.csv")} | FIXED_SOURCES
NAMED: dict[str, set[str]] = defaultdict(set)
for _row in PLACES:
    for _name in (_row["name_en"], _row["name_ru"], _row["name_zh"], *_row["aliases"].split(";")):
        if _name:
            NAMED[folded(_name)].add(_row["id"])

# Names people type, and the id of the place they mean.
MEANT = """
Aihui=aihui;Aldan=aldan;Amurzet=amurzet;Arkhara=arkhara;Bei'an=beian;Beian=beian;Bei-an=beian;Beiji=beiji
Beiji village=beiji;Arctic Village=beiji;Belogorsk=belogorsk;Berkakit=berkakit;Birobidzhan=birobidzhan
Blagoveshchensk=blagoveshchensk;Bureya=bureya;Chenqing=chenqing;Chita=chita;Chulman=chulman;Daqing=daqing
Dongning=dongning;Dzhalinda=dzhalinda;Fuyuan=fuyuan;Hailun=hailun;Harbin=harbin;Hegang=hegang;Heihe=heihe
Aihui District=heihe;Heishantou=heishantou;Hulin=hulin;Huma=huma;Hunchun=hunchun;Izvestkovy=izvestkovy
Jiagedaqi=jiagedaqi;Jiamusi=jiamusi;Jiansanjiang=jiansanjiang;Jiayin=jiayin;Jixian=jixian
Kani-Kurgan=kani_kurgan;Kanikurgan=kani_kurgan;Khabarovsk=khabarovsk;Komsomolsk-on-Amur=komsomolsk_on_amur
Konstantinovka=konstantinovka;Kraskino=kraskino;Lesozavodsk=lesozavodsk;Lianyin=lianyin;Lianyin port=lianyin
Xing'an=lianyin;Mohe port=lianyin;Longzhen=longzhen;Luobei=luobei;Mingshan=luobei;Magdagachi=magdagachi
Manzhouli=manzhouli;Markovo=markovo;Mishan=mishan;Mogocha=mogocha;Mohe=mohe;Mohe City=mohe;Xilinji=mohe
Mudanjiang=mudanjiang;Nagorny=nagorny;Nakhodka=nakhodka;Nehe=nehe;Nenjiang=nenjiang;Neryungri=neryungri
Never=never;Nizhneleninskoye=nizhneleninskoye;Leninskoye=nizhneleninskoye;Leninsk station=nizhneleninskoye
Nizhny Bestyakh=nizhny_bestyakh;Obluchye=obluchye;Pashkovo=pashkovo;Pogranichny=pogranichny;Pokrovka=pokrovka
Poltavka=poltavka;Poyarkovo=poyarkovo;Qiqihar=qiqihar;Raohe=raohe;Raychikhinsk=raychikhinsk
Raichikhinsk=raychikhinsk;Romny=romny;Shimanovsk=shimanovsk;Skovorodino=skovorodino;Solovyovsk=solovyovsk
Sovetskaya Gavan=sovetskaya_gavan;Suifenhe=suifenhe;Suihua=suihua;Sunwu=sunwu;Svobodny=svobodny
Svobodnyy=svobodny;Tahe=tahe;Tambovka=tambovka;Tommot=tommot;Tongjiang=tongjiang;Tsiolkovsky=tsiolkovsky
Uglegorsk=tsiolkovsky;Tumen=tumen;Turiy Rog=turiy_rog;Tygda=tygda;Tynda=tynda;Ushakovo=ushakovo
Ussuriysk=ussuriysk;Vanino=vanino;Vladivostok=vladivostok;Volochaevka=volochaevka;Vostochny=vostochny
Vrangel=vostochny;Wudalianchi=wudalianchi;Xunke=xunke;Qike=xunke;Yichun=yichun;Zabaykalsk=zabaykalsk
Zabaikalsk=zabaykalsk;Zavitinsk=zavitinsk;Zeya=zeya;Благовещенск=blagoveshchensk;Хэйхэ=heihe;Харбин=harbin
海兰泡=blagoveshchensk;布拉戈维申斯克=blagoveshchensk;海参崴=vladivostok;伯力=khabarovsk;黑河=heihe;漠河=mohe
""".strip().replace("\n", ";")
PAIRS = [tuple(pair.split("=")) for pair in MEANT.split(";")]

# Where a name could mean another place, the place meant is near this point (longitude, latitude, km).
MEANT_NEAR = {
    "aihui": (127.48, 49.98, 8),
    "fuyuan": (134.29, 48.36, 8),
    "konstantinovka": (127.99, 49.62, 8),
    "lianyin": (123.883, 53.467, 5),
    "markovo": (133.4, 45.47, 30),
    "mohe": (122.53, 52.97, 8),
    "nagorny": (124.9, 55.96, 15),
    "pashkovo": (130.65, 48.88, 15),
    "pokrovka": (134.05, 46.81, 10),
    "poltavka": (131.32, 44.04, 10),
    "tongjiang": (132.5, 47.65, 8),
    "tumen": (129.84, 42.97, 8),
    "ushakovo": (126.69, 51.73, 10),
    "yichun": (128.88, 47.72, 8),
}
TOWNS_ABOVE_10000 = [
    "blagoveshchensk",
    "belogorsk",
    "svobodny",
    "zeya",
    "tynda",
    "raychikhinsk",
    "shimanovsk",
    "zavitinsk",
    "chigiri",
    "seryshevo",
    "yekaterinoslavka",
    "arkhara",
]


def test_ids_are_unique() -> None:
    """No id stands twice, and the rows are sorted by id."""
    ids = [row["id"] for row in PLACES]
    assert len(ids) == len(set(ids)) >= 200
    assert sorted(ids) == ids


@pytest.mark.parametrize(("typed", "place"), PAIRS, ids=[typed for typed, _ in PAIRS])
def test_name_finds_the_place_meant(typed: str, place: str) -> None:
    """A name leads to exactly the place meant, whatever its case."""
    assert NAMED[folded(typed.upper())] == {place}


@pytest.mark.parametrize("place", sorted(MEANT_NEAR))
def test_place_meant_lies_where_it_should(place: str) -> None:
    """Namesakes elsewhere are not taken for the place meant."""
    lon, lat, km = MEANT_NEAR[place]
    row = BY_ID[place]
    assert ELLIPSOID.inv(lon, lat, float(row["lon"]), float(row["lat"]))[2] / 1000 <= km


@pytest.mark.parametrize("row", PLACES, ids=[row["id"] for row in PLACES])
def test_place_row_is_sound(row: dict[str, str]) -> None:
    """Each row has an id, three names in their scripts, a known region and a known source."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", row["id"])
    assert row["kind"] in {"city", "town", "village", "junction", "port"}
    assert REGIONS[row["region"]]["country"] == row["country"]
    assert re.search(r"[A-Za-z]", row["name_en"])
    assert re.search(r"[А-Яа-яЁё]", row["name_ru"])
    assert re.search(r"[\u4e00-\u9fff]", row["name_zh"])
    assert row["source"] in SOURCES
    assert row["confidence"] in {"confirmed", "reported", "estimated", "unknown"}
    assert bool(row["population"]) == bool(row["population_source"]) == bool(row["population_confidence"])
    assert row["population_source"] in SOURCES | {""}
    assert row["geonameid"] or "±" in row["note"]


@pytest.mark.parametrize("row", PLACES, ids=[row["id"] for row in PLACES])
def test_place_lies_in_its_region(row: dict[str, str]) -> None:
    """Each place lies in a generous box around its region."""
    boxes = {
        "amur_oblast": (119.6, 48.8, 135.2, 57.1),
        "zabaykalsky_krai": (107.7, 49.1, 122.2, 58.5),
        "jewish_ao": (130.3, 47.6, 135.2, 49.5),
        "khabarovsk_krai": (130.2, 46.4, 147.2, 62.6),
        "primorsky_krai": (130.3, 42.2, 139.1, 48.5),
        "sakha": (105.5, 55.4, 163.0, 77.0),
        "heilongjiang": (121.1, 43.4, 135.1, 53.6),
        "inner_mongolia": (97.1, 37.4, 126.1, 53.4),
        "jilin": (121.6, 40.8, 131.4, 46.4),
    }
    west, south, east, north = boxes[row["region"]]
    assert west <= float(row["lon"]) <= east
    assert south <= float(row["lat"]) <= north


@pytest.mark.parametrize("place", TOWNS_ABOVE_10000)
def test_large_town_of_the_oblast_has_a_population(place: str) -> None:
    """The towns that comparisons start from carry their inhabitants."""
    row = BY_ID[place]
    assert row["region"] == "amur_oblast"
    assert int(row["population"]) > 10_000


def test_no_two_places_share_a_name() -> None:
    """Every name and spelling leads to one place only."""
    shared = {name: sorted(ids) for name, ids in NAMED.items() if len(ids) > 1}
    assert shared == {}


@pytest.mark.parametrize("row", list(REGIONS.values()), ids=list(REGIONS))
def test_region_row_is_sound(row: dict[str, str]) -> None:
    """Each region has three names and a time zone that exists."""
    assert ZoneInfo(row["timezone"]).key == row["timezone"]
    assert all(row[f"name_{lang}"] for lang in ("en", "ru", "zh"))
    assert row["source"] in SOURCES


@pytest.mark.parametrize("row", read("sources.csv"), ids=lambda row: row["id"])
def test_source_row_is_sound(row: dict[str, str]) -> None:
    """Each source tells what it is, whose it is and where it stands."""
    assert all(row[column] for column in ("title", "publisher", "licence", "retrieved"))
    assert row["address"].startswith("http") or row["note"] or row["id"] == "estimate"
