"""Places of the dataset: names, ids and positions beyond what `amurgeo check` finds."""

from __future__ import annotations

import csv
import unicodedata
from collections import defaultdict
from pathlib import Path

from pyproj import Geod

import amurgeo as ag

GEO = Path(__file__).resolve().parents[2] / "data" / "geo"
ELLIPSOID = Geod(ellps="WGS84")


def folded(name: str) -> str:
    """Return a name without case and diacritics."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return plain.casefold().strip()


with (GEO / "places.csv").open(encoding="utf-8", newline="") as _file:
    PLACES = {row["id"]: row for row in csv.DictReader(_file)}
NAMED: dict[str, set[str]] = defaultdict(set)
for _row in PLACES.values():
    for _name in (_row["name_en"], _row["name_ru"], _row["name_zh"], *_row["aliases"].split(";")):
        NAMED[folded(_name)].add(_row["id"])
del NAMED[""]

#: Names that people type, and the id of the place.
TYPED = """
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

#: Longitude, latitude and tolerance (km) of places with namesakes elsewhere.
POSITIONS = {
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
#: Boxes (west, south, east, north) around the regions.
BOXES = {
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
LARGE_TOWNS = (
    "blagoveshchensk", "belogorsk", "svobodny", "zeya", "tynda", "raychikhinsk", "shimanovsk", "zavitinsk",
    "chigiri", "seryshevo", "yekaterinoslavka", "arkhara",
)  # fmt: skip


def test_ids_are_sorted() -> None:
    assert sorted(PLACES) == list(PLACES)
    assert len(PLACES) >= 200


def test_every_name_leads_to_one_place() -> None:
    assert {name: sorted(ids) for name, ids in NAMED.items() if len(ids) > 1} == {}


def test_typed_names_find_their_place() -> None:
    pairs = dict(pair.split("=") for pair in TYPED.split(";"))
    assert len(pairs) > 120
    assert {typed: place for typed, place in pairs.items() if NAMED[folded(typed.upper())] != {place}} == {}


def test_places_with_namesakes_are_where_they_should_be() -> None:
    for id_, (lon, lat, km) in POSITIONS.items():
        row = PLACES[id_]
        assert ELLIPSOID.inv(lon, lat, float(row["lon"]), float(row["lat"]))[2] / 1000 <= km, id_


def test_places_are_in_the_box_of_their_region() -> None:
    for id_, row in PLACES.items():
        west, south, east, north = BOXES[row["region"]]
        assert west <= float(row["lon"]) <= east, id_
        assert south <= float(row["lat"]) <= north, id_


def test_populations_have_a_source_and_positions_a_precision() -> None:
    for id_, row in PLACES.items():
        given = {bool(row[name]) for name in ("population", "population_source", "population_confidence")}
        assert len(given) == 1, id_
        assert row["geonameid"] or "±" in row["note"], id_


def test_large_towns_of_the_oblast_have_a_recent_population() -> None:
    for id_ in LARGE_TOWNS:
        assert PLACES[id_]["region"] == "amur_oblast", id_
        assert int(PLACES[id_]["population"]) > 7_500, id_
        assert PLACES[id_]["population_year"] in {"2021", "2023"}, id_


def test_the_network_keeps_year_and_confidence_of_populations() -> None:
    places = ag.load().places
    known = places[places["population"].notna()]
    assert (known["population_confidence"] != "").all()
    assert (known["population_year"].isna() == (known["population_confidence"] == "estimated")).all()
    assert places.at["tynda", "population_year"] == 2021
