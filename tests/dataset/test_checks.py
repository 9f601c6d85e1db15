"""Checks find all planted faults at once with file, row and column; a clean folder has none."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import pytest
import two_banks

import amurgeo as ag
from amurgeo.dataset.checks import CheckResult, check_tables, geography
from amurgeo.dataset.checks.geography import gcj02
from amurgeo.dataset.checks.rows import newest_source_day, repaired, sums, values_of
from amurgeo.dataset.reading import read_tables
from amurgeo.dataset.schema import TABLES, geo_dir, schema
from amurgeo.network import Network
from amurgeo.text import LANGUAGES, words

Rows = dict[str, list[dict[str, Any]]]

MADE = {"source": "estimate", "confidence": "estimated", "note": "Made up for a test"}


# -- rows that are right ----------------------------------------------------------------------------


def place(id_: str, **other: Any) -> Rows:
    """A village and its road to Belogorsk."""
    row = {
        "id": id_,
        "kind": "village",
        "country": "RU",
        "region": "amur_oblast",
        "name_en": f"Trial {id_}",
        "name_ru": f"Проба {id_.removeprefix('p_')}",
        "name_zh": f"试验{id_.removeprefix('p_')}",
        # Each at a spot of its own, north-east of Belogorsk.
        "lat": round(51.0 + crc32(id_.encode()) % 1000 * 0.0006, 4),
        "lon": round(128.6 + crc32(id_.encode()) // 1000 % 1000 * 0.0008, 4),
        **MADE,
    }
    return {"places": [{**row, **other}], **road("belogorsk", id_, length_km=110)}


def road(start: str, end: str, **other: Any) -> Rows:
    row = {
        "id": f"{start}--{end}",
        "from": start,
        "to": end,
        "class": "secondary",
        "surface": "asphalt",
        "length_km": 100,
        "length_source": "estimated",
        **MADE,
    }
    return {"roads": [{**row, **other}]}


def vehicle(id_: str, **other: Any) -> Rows:
    row = {
        "id": id_,
        "traffic": "cargo",
        "mass_t": 25,
        "name_en": "Lorry",
        "name_ru": "Грузовик",
        "name_zh": "货车",
    }
    return {"vehicles": [{**row, **MADE, **other}]}


def crossing(
    id_: str,
    mode: str = "ferry",
    *,
    ru: Mapping[str, Any] | None = None,
    cn: Mapping[str, Any] | None = None,
    over: Mapping[str, Any] | None = None,
    service: Mapping[str, Any] | None = None,
    checkpoint: Mapping[str, Any] | None = None,
) -> Rows:
    """A checkpoint with its two terminals, one crossing and its cargo service."""
    names = {
        "name_en": f"Trial {id_}",
        "name_ru": "Проба",
        "name_zh": "试验",
        "counterpart_name_en": "Trial port",
        "counterpart_name_ru": "Порт Проба",
        "counterpart_name_zh": "试验口岸",
    }
    site = {
        "id": id_,
        "place": "blagoveshchensk",
        "counterpart": "heihe",
        "kind": "river",
        "region": "amur_oblast",
    }
    terminal = {"checkpoint": id_, "access_km": 6, "access_class": "secondary", **MADE}
    way = {
        "id": f"{id_}:{mode}",
        "checkpoint": id_,
        "mode": mode,
        "from": f"{id_}_ru",
        "to": f"{id_}_cn",
        "length_km": 3,
        "travel_min": 20,
        "travel_confidence": "estimated",
        **MADE,
    }
    work = {
        "crossing": f"{id_}:{mode}",
        "traffic": "cargo",
        "regular": "yes",
        "all_year": "yes",
        "admits": "truck_20t",
        "times_confidence": "estimated",
        "times_source": "estimate",
        "times_note": "Made up for a test",
        **MADE,
    }
    return {
        "checkpoints": [{**site, **names, **MADE, **(checkpoint or {})}],
        "terminals": [
            {
                "id": f"{id_}_ru",
                "side": "home",
                "place": "blagoveshchensk",
                **BANKS["RU"],
                **terminal,
                **(ru or {}),
            },
            {"id": f"{id_}_cn", "side": "far", "place": "heihe", **BANKS["CN"], **terminal, **(cn or {})},
        ],
        "crossings": [{**way, **(over or {})}],
        "services": [{**work, **(service or {})}],
    }


#: Two points that face each other at Blagoveshchensk, a few hundred metres off the line.
BANKS = {"RU": {"lat": 50.2555, "lon": 127.5270}, "CN": {"lat": 50.2440, "lon": 127.5100}}


def record(id_: str, **other: Any) -> Rows:
    row = {
        "id": id_,
        "crossing": "ushakovo:ferry",
        "checkpoint": "ushakovo",
        "mode": "ferry",
        "traffic": "cargo",
        "event": "open",
        "date": "1991-05-10",
        "precision": "day",
        "evidence": "no",
        **MADE,
    }
    return {"season_record": [{**row, **other}]}


def window(id_: str, **other: Any) -> Rows:
    row = {
        "id": id_,
        "crossing": "ushakovo:ferry",
        "traffic": "cargo",
        "open_md": "05-10",
        "close_md": "10-20",
    }
    return {"windows": [{**row, "valid_from": 1990, "valid_to": 1999, **MADE, **other}]}


def rate(id_: str, **other: Any) -> Rows:
    row = {"id": id_, "what": "toll", "vehicle": "truck_20t", "per": "truck", "country": "RU"}
    price = {"mode": "ice_road", "value": 500, "unit": "RUB", "year": 2024}
    return {"rates": [{**row, **price, **MADE, **other}]}


def holiday(id_: str, days: str) -> Rows:
    row = {"id": id_, "crossings": "*", "modes": "*", "days": days, "chance_of_stop": 0.5, "title_en": "Days"}
    return {"holiday_rules": [{**row, **MADE}]}


def source(id_: str, **other: Any) -> Rows:
    """A source and a window that cites it."""
    row = {
        "id": id_,
        "title": "A notice",
        "publisher": "example.org",
        "address": "https://example.org/notice",
        "licence": "web page, facts only",
        "published": "2025-12-01",
        "retrieved": "2026-01",
    }
    return {"sources": [{**row, **other}], **window(f"w_{id_}", source=id_, confidence="reported")}


def service(**other: Any) -> Rows:
    """The passenger service of a shipped crossing that has none."""
    row = {
        "crossing": "ushakovo:ferry",
        "traffic": "passenger",
        "regular": "no",
        "all_year": "no",
        "times_confidence": "estimated",
        "times_source": "estimate",
        "times_note": "Made up for a test",
        **MADE,
    }
    return {"services": [{**row, **other}]}


def capacity(id_: str, **other: Any) -> Rows:
    row = {"id": id_, "crossing": "poyarkovo:ferry", "traffic": "cargo", "direction": "both"}
    return {"capacity": [{**row, "trucks_per_day": 20, "basis": "estimate", **MADE, **other}]}


def stream(id_: str, *, group: str, month: Mapping[str, Any] | None = None, **other: Any) -> Rows:
    """A stream of trucks that is the whole of its group, and the trucks a day of the group."""
    row = {"id": id_, "origin": "belogorsk", "destination": "heihe", "direction": "out", "group": group}
    row |= {"class": "grain", "share": 1, "wait_weight": 0.1}
    months = {"id": id_, "group": group, "trucks_per_day": 10, **MADE, **(month or {})}
    return {"demand": [{**row, **MADE, **other}], "demand_months": [months]}


def joined(*parts: Rows) -> Rows:
    made: Rows = {}
    for part in parts:
        for table, lines in part.items():
            made.setdefault(table, []).extend(lines)
    return made


# -- faults ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plant:
    """Rows with one fault, and where it is to be found: table, column, and which of the table's rows."""

    check: str
    table: str
    column: str
    rows: Callable[[], Rows]
    nth: int = 0
    says: str = ""
    severity: str = "fault"
    name: str = field(default="")


def plant(check: str, at: str, rows: Callable[[], Rows], **other: Any) -> Plant:
    table, _, column = at.partition(".")
    return Plant(check, table, column, rows, **other)


def _shifted(id_: str) -> Rows:
    """The Chinese city of Heihe where a Chinese web map shows it."""
    base = read_tables(geo_dir(), names=["places"])[0]["places"].loc["heihe"]
    lat, lon = gcj02(base["lat"], base["lon"])
    names = {"name_en": "Heihe", "name_ru": "Хэйхэ", "name_zh": "黑河"}
    other = {"country": "CN", "region": "heilongjiang", **names}
    return {
        "places": [
            {**place(id_)["places"][0], **other, "id": "heihe", "lat": round(lat, 5), "lon": round(lon, 5)}
        ]
    }


PLANTS = [
    plant("value", "vehicles.mass_t", lambda: vehicle("v_text", mass_t="two"), says="expected a number"),
    plant("value", "vehicles.mass_t", lambda: vehicle("v_negative", mass_t=-2), says="0 to 200 t"),
    plant(
        "value", "vehicles.traffic", lambda: vehicle("v_choice", traffic="carggo"), says="cargo, passenger"
    ),
    plant("value", "vehicles.id", lambda: vehicle("Car 1"), says="small letters"),
    plant("required", "vehicles.mass_t", lambda: vehicle("v_empty", mass_t=""), says="is missing"),
    plant(
        "duplicate-id",
        "vehicles.id",
        lambda: joined(vehicle("v_twice"), vehicle("v_twice")),
        nth=1,
        says="duplicate id",
    ),
    plant("duplicate-id", "places.id", lambda: place("belogorsk_station"), says="stations.csv"),
    plant("unit", "vehicles.mass_t", lambda: vehicle("v_kg", mass_t=20000), says="20"),
    plant("unit", "roads.length_km", lambda: road("zeya", "svobodny", length_km=341000), says="341"),
    plant("unit", "roads.length_km", lambda: road("tynda", "zeya", length_km="1,412"), says="1.412 or 1412"),
    plant("unit", "places.lat", lambda: place("p_minutes", lat="51°12'"), says="decimal degrees"),
    plant("no-such-day", "season_record.date", lambda: record("r_30_february", date="1992-02-30")),
    plant(
        "no-such-day",
        "season_record.date",
        lambda: record("r_year", date="2991-05-10"),
        says="correct the year",
    ),
    plant("no-such-day", "windows.open_md", lambda: window("w_30_february", open_md="02-30")),
    plant(
        "value",
        "services.opened",
        lambda: service(crossing="konstantinovka:ferry", opened="2026-13-01"),
        says="a day that exists",
    ),
    plant(
        "unknown-reference", "roads.to", lambda: road("belogorsk", "svobodni"), says="did you mean svobodny"
    ),
    plant(
        "unknown-reference",
        "services.admits",
        lambda: crossing("c_admits", service={"admits": "truck_20t;truck_30t"}),
        says="truck_30t",
    ),
    plant("unknown-reference", "vehicles.source", lambda: vehicle("v_source", source="nowhere")),
    plant(
        "unknown-reference",
        "places.region",
        lambda: place("p_region", region="amur_oblest"),
        says="amur_oblast",
    ),
    plant(
        "unknown-reference",
        "roads.season",
        lambda: road("tynda", "svobodny", length_km=700, season="road:nowhere"),
    ),
    plant(
        "unknown-reference",
        "season_record.crossing",
        lambda: record("r_crossing", crossing="ushakova:ferry"),
        says="did you mean ushakovo:ferry",
    ),
    plant(
        "unknown-reference",
        "regions.timezone",
        lambda: {
            "regions": [
                {
                    "id": "r_zone",
                    "country": "RU",
                    "side": "home",
                    "name_en": "Zone",
                    "name_ru": "Пояс",
                    "name_zh": "区",
                    "timezone": "Asia/Blagoveshchensk",
                    "source": "estimate",
                }
            ]
        },
    ),
    plant(
        "date-order",
        "services.retired",
        lambda: crossing("c_retired", service={"opened": "2020-01-01", "retired": "2019-01-01"}),
    ),
    plant(
        "date-order",
        "season_record.until",
        lambda: record("r_until", event="suspend", date="1993-07-10", until="1993-07-01"),
    ),
    plant(
        "date-order",
        "sources.retrieved",
        lambda: source("s_order", published="2026-02-01", retrieved="2026-01"),
    ),
    plant("date-order", "windows.valid_to", lambda: window("w_order", valid_from=2010, valid_to=2005)),
    plant("region-country", "places.country", lambda: place("p_country", country="CN"), says="RU"),
    plant(
        "region-country",
        "checkpoints.region",
        lambda: crossing("c_region", checkpoint={"region": "primorsky_krai"}),
        says="amur_oblast",
    ),
    plant("loop", "roads.to", lambda: road("zeya", "zeya"), says="itself"),
    plant(
        "edge-id",
        "roads.id",
        lambda: road("zeya", "tynda", id="zeya_tynda", length_km=400),
        says="zeya--tynda",
    ),
    plant(
        "no-speed",
        "roads.surface",
        lambda: {"roads": [{**road("zeya", "belogorsk")["roads"][0], "length_km": 460, "class": "ice"}]},
    ),
    plant(
        "crossing-id", "crossings.id", lambda: crossing("c_id", over={"id": "c_id_ferry"}), says="c_id:ferry"
    ),
    plant(
        "same-bank",
        "crossings.to",
        lambda: crossing("c_bank", over={"to": "c_bank_ru"}),
        says="other side",
    ),
    plant(
        "same-bank",
        "crossings.from",
        lambda: crossing("c_back", over={"from": "c_back_cn", "to": "c_back_ru"}),
        says="from the far side to the home side",
    ),
    plant(
        "foreign-terminal",
        "crossings.to",
        lambda: crossing("c_foreign", over={"to": "blagoveshchensk_cn"}),
        says="belongs to blagoveshchensk",
    ),
    plant("no-service", "crossings.id", lambda: {**crossing("c_idle"), "services": []}, says="services.csv"),
    plant(
        "no-crossing",
        "checkpoints.id",
        lambda: {"checkpoints": crossing("c_none")["checkpoints"]},
        says="crossings.csv",
    ),
    plant(
        "no-counterpart",
        "terminals.side",
        lambda: {
            "terminals": crossing("c_half")["terminals"][:1],
            "checkpoints": crossing("c_half")["checkpoints"],
        },
        says="add one on the far side",
    ),
    plant(
        "traffic",
        "services.admits",
        lambda: crossing("c_car", service={"admits": "truck_20t;car"}),
        says="car is passenger traffic",
    ),
    plant(
        "no-window",
        "services.all_year",
        lambda: crossing("c_season", service={"all_year": "no"}),
        severity="warning",
    ),
    plant("record-crossing", "season_record.mode", lambda: record("r_mode", mode="pontoon"), says="ferry"),
    plant("record-crossing", "season_record.checkpoint", lambda: record("r_site", checkpoint="dzhalinda")),
    plant("record-value", "season_record.value", lambda: record("r_hours", event="hours", value="8-25")),
    plant(
        "record-season",
        "season_record.date",
        lambda: record("r_winter", date="1995-01-10"),
        severity="warning",
    ),
    plant(
        "record-stop",
        "season_record.until",
        lambda: record("r_long", event="suspend", date="1995-07-10", until="1998-07-01"),
        severity="warning",
    ),
    plant(
        "record-order",
        "season_record.date",
        lambda: joined(
            record("r_close", event="close", date="1996-05-01"), record("r_open", date="1996-06-01")
        ),
        says="before it opens",
    ),
    plant(
        "record-twice",
        "season_record.date",
        lambda: joined(record("r_first", date="1997-05-01"), record("r_second", date="1997-06-01")),
        nth=1,
        severity="warning",
    ),
    plant("value", "holiday_rules.days", lambda: holiday("h_days", "13-01..14-01"), says="or 'sunday'"),
    plant("half-window", "windows.close_md", lambda: window("w_half", close_md=""), says="expected both"),
    plant("value", "windows.open_sd_days", lambda: window("w_spread", open_sd_days=-3), says="0 to 120 day"),
    plant(
        "mojibake",
        "places.name_ru",
        lambda: place("p_cp1251", name_ru="РџРѕСЏСЂРєРѕРІРѕ"),
        says="'Поярково'",
    ),
    plant("mojibake", "places.name_zh", lambda: place("p_latin1", name_zh="é»‘æ²³"), says="'黑河'"),
    plant(
        "mojibake", "places.name_ru", lambda: place("p_lost", name_ru="Бел\ufffdгорск"), says="type it again"
    ),
    plant("mojibake", "places.name_zh", lambda: place("p_marks", name_zh="????")),
    plant("script", "places.name_zh", lambda: place("p_zh", name_zh="Proba"), says="Chinese letter"),
    plant("script", "places.name_ru", lambda: place("p_ru", name_ru="Proba"), says="Cyrillic letter"),
    plant("script", "places.name_en", lambda: place("p_en", name_en="Проба"), says="Latin letter"),
    plant("script", "places.name_ru", lambda: place("p_mixed", name_ru="Прoба"), says="mixes"),
    plant(
        "near-duplicate",
        "places.id",
        lambda: place("p_double", name_en="Zeya", name_ru="Зея", lat=53.735, lon=127.26),
        says="zeya",
    ),
    plant("rate", "rates.crossing", lambda: rate("t_nowhere", mode=""), says="either a crossing or a mode"),
    plant("rate", "rates.per", lambda: rate("t_per", per=""), says="no per"),
    plant("rate", "rates.vehicle", lambda: rate("t_whom", vehicle=""), says="no vehicle"),
    plant("rate", "rates.index", lambda: rate("t_index", index="exchange_cny"), says="not an index"),
    plant(
        "range-order",
        "capacity.trucks_per_day",
        lambda: capacity("q_low", low=30),
        says="of 'q_low' are outside 30",
    ),
    plant(
        "range-order",
        "demand_months.trucks_per_day",
        lambda: stream("d_high", group="g_high", month={"high": 5}),
        says="to 5",
    ),
    plant(
        "range-order",
        "demand.share_over_40t",
        lambda: stream("d_heavy", group="g_heavy", share_over_40t=0.5),
        says="above share_over_30t 0",
    ),
    plant(
        "mixed-directions",
        "capacity.direction",
        lambda: joined(
            capacity("q_both", crossing="ushakovo:ferry"),
            capacity("q_in", crossing="ushakovo:ferry", direction="in"),
        ),
    ),
    plant("shares", "demand.share", lambda: stream("d_half", group="g_half", share=0.5), says="0.500"),
    plant(
        "unknown-reference",
        "demand.group",
        lambda: {"demand": stream("d_alone", group="g_alone")["demand"]},
        says="demand_months.csv",
    ),
    plant("estimate-how", "places.note", lambda: place("p_silent", note=""), says="how it was made"),
    plant(
        "estimate-how",
        "services.times_note",
        lambda: crossing("c_silent", service={"border_h_out": 5, "times_note": ""}),
    ),
    plant("estimate-confidence", "places.confidence", lambda: place("p_sure", confidence="confirmed")),
    plant("no-address", "sources.address", lambda: source("s_nowhere", address="")),
    plant(
        "unused-source",
        "sources.id",
        lambda: {"sources": source("s_unused")["sources"]},
        severity="warning",
    ),
    plant(
        "lapsed",
        "services.valid_until",
        lambda: crossing("c_lapsed", service={"valid_until": "2025-12-31"}),
        severity="warning",
        says="2025-12-31",
    ),
    plant(
        "swapped-coordinates", "places.lat", lambda: place("p_swapped", lat=128.9, lon=51.2), says="swapped"
    ),
    plant(
        "swapped-coordinates",
        "roads.bends",
        lambda: road("tynda", "belogorsk", length_km=900, bends="51.5 127.9"),
        says="longitude first",
    ),
    plant("outside-region", "places.lon", lambda: place("p_moscow", lat=55.75, lon=37.62)),
    plant("gcj02", "places.lat", lambda: _shifted("p_gcj"), says="GCJ-02"),
    plant("unconnected", "places.id", lambda: {"places": place("p_alone")["places"]}, says="roads.csv"),
    plant(
        "too-short", "roads.length_km", lambda: road("shimanovsk", "zeya", length_km=30), says="straight line"
    ),
    plant("too-long", "roads.length_km", lambda: road("raychikhinsk", "belogorsk", length_km=1490)),
    plant(
        "wrong-bank",
        "terminals.lat",
        lambda: crossing("c_wrong", ru={"lat": 50.20, "lon": 127.44}),
        says="heilongjiang",
    ),
    plant(
        "outside-home",
        "places.region",
        lambda: place("p_outside", lat=50.5, lon=133.0),
        says="outside amur_oblast",
    ),
    plant(
        "outside-home",
        "places.region",
        lambda: joined(
            place("p_governed", region="jewish_ao", lat=48.6, lon=135.6),
            {"roads": [{**road("khabarovsk", "p_governed")["roads"][0], "length_km": 180}]},
        ),
        severity="warning",
        says="khabarovsk_krai",
    ),
    plant(
        "border-cuts",
        "crossings.to",
        lambda: crossing("c_cuts", cn={"lat": 50.2600, "lon": 127.5310}),
        says="0 times",
    ),
    plant(
        "far-from-border",
        "terminals.lat",
        lambda: crossing("c_far", ru={"lat": 50.36, "lon": 127.62, "access_km": 15}, over={"length_km": 14}),
        says="km from the border",
    ),
]

#: Files that are wrong as a whole: name, content, check, row.
FILES = {
    "encoding": ("speeds.csv", b"vehicle,class,surface\n" + bytes(range(128, 256)), 2),
    "csv": ("flows.csv", b"id,exit\na,zabaikalsk:rail,1,2,3\n", None),
    "empty": ("ports.csv", b"", 1),
    "missing-column": ("railways.csv", b"id,from,source,confidence\n", 1),
    "unknown-column": (
        "stations.csv",
        b"id,country,region,name_en,name_ru,name_zh,lat,lon,source,confidence,lattitude\n",
        1,
    ),
    "unknown-table": ("servces.csv", b"crossing\n", None),
    "scenario": ("mine.toml", b'name = "mine"\nbse = "frozen"\n', None),
}

# -- machinery ---------------------------------------------------------------------------------------


def write(folder: Path, rows: Rows) -> Path:
    """Write rows as own tables, each with the columns that its rows fill and those that are required."""
    folder.mkdir(exist_ok=True)
    for table, lines in rows.items():
        given = {name for line in lines for name in line}
        columns = [column.name for column in schema(table) if column.name in given or column.required]
        with open(folder / f"{table}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
    return folder


CLEAN = joined(
    place("p_clean"),
    vehicle("v_clean"),
    crossing("c_clean"),
    record("r_clean"),
    window("w_clean"),
    source("s_clean"),
)


def found(result: CheckResult, plant: Plant, row: int) -> list[ag.Fault]:
    return [
        fault
        for fault in result.faults
        if (fault.file, fault.row, fault.column, fault.check)
        == (f"{plant.table}.csv", row, plant.column, plant.check)
    ]


@pytest.mark.slow
def test_a_clean_folder_has_no_fault(tmp_path: Path) -> None:
    result = check_tables(write(tmp_path / "own", CLEAN))
    assert [str(fault) for fault in result.faults] == []
    assert result.passed(strict=True)


def test_more_than_forty_different_faults_are_planted() -> None:
    assert len(PLANTS) + len(FILES) > 70
    assert len({plant.check for plant in PLANTS} | set(FILES)) > 40


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.check}-{plant.table}.{plant.column}")
def test_a_planted_fault_is_found_alone(plant: Plant, tmp_path: Path) -> None:
    made = plant.rows()
    clean = len(CLEAN.get(plant.table, []))
    result = check_tables(write(tmp_path / "own", joined(CLEAN, made)), on=date(2026, 2, 1))
    mine = found(result, plant, 2 + clean + plant.nth)
    assert len(mine) == 1, [f"{fault.check} {fault}" for fault in result.faults]
    assert plant.says in mine[0].problem
    assert mine[0].severity == plant.severity
    assert not [
        fault for fault in result.faults if fault.file == mine[0].file and fault.row in range(2, 2 + clean)
    ]


def test_all_planted_faults_are_found_at_once(tmp_path: Path) -> None:
    everything, rows = CLEAN, []
    for plant in PLANTS:
        rows.append(2 + len(everything.get(plant.table, [])) + plant.nth)
        everything = joined(everything, plant.rows())
    folder = write(tmp_path / "own", everything)
    for name, content, _ in FILES.values():
        (folder / name).write_bytes(content)
    result = check_tables(folder, on=date(2026, 2, 1))
    for plant, row in zip(PLANTS, rows, strict=True):
        where = f"{plant.check} in {plant.table}.csv, row {row}, column {plant.column}"
        faults = found(result, plant, row)
        assert faults, where
        assert any(plant.says in fault.problem for fault in faults), (where, faults)
        assert {fault.severity for fault in faults} == {plant.severity}, where
    for check, (name, _, row) in FILES.items():
        lines = {fault.row for fault in result.faults if (fault.file, fault.check) == (name, check)}
        assert check == "scenario" or (lines and row in {None, *lines}), check
    assert not result.passed()


#: Cells that no table expects.
JUNK = (
    "", "x", "-1", "0", "nan", "-inf", "2026-02-30", "0000", "1850", "黑河", "Р", "???", "a;b;;c", ";", "yes",
    "blagoveshchensk", "ushakovo:ferry", ":", "1,5", "50°", "127.5 50.2;", "999 999", "nan nan", "'", "=1+1",
    "\x07", "x" * 3000, "road:", "other:", "estimate", "1_000", "٣", "½", "2024-02-29",
)  # fmt: skip


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_junk_does_not_crash_a_check(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    rows = {table: [dict(line) for line in lines] for table, lines in CLEAN.items()}
    for _ in range(40):
        table = rng.choice(sorted(rows))
        rng.choice(rows[table])[rng.choice(schema(table)).name] = rng.choice(JUNK)
    result = check_tables(write(tmp_path / "own", rows))
    assert result.n_faults > 5
    assert all(fault.row is None or fault.row >= 1 for fault in result.faults)


@pytest.mark.slow
def test_tables_without_rows_have_no_faults(tmp_path: Path) -> None:
    for table in TABLES:
        header = ",".join(column.name for column in schema(table))
        (tmp_path / f"{table}.csv").write_text(header, encoding="utf-8")
    result = check_tables(tmp_path)
    assert (result.faults, result.sums["values"]) == ((), 0)


@pytest.mark.parametrize("event", ["open", "close"])
def test_a_row_of_the_same_day_as_a_shipped_one_is_checked(event: str, net: Network, tmp_path: Path) -> None:
    shipped = net.tables["season_record"]
    row = shipped[(shipped["event"] == event) & (shipped["mode"] == "ice_road")].iloc[0]
    again = record("r_again", event=event, **row[["crossing", "checkpoint", "mode", "traffic", "date"]])
    result = check_tables(write(tmp_path / "own", again))
    assert {fault.check for fault in result.faults} <= {"record-twice"}


def test_every_check_has_a_name_in_three_languages() -> None:
    for check in {plant.check for plant in PLANTS} | set(FILES):
        assert all(words()[f"check.{check}"][lang] for lang in LANGUAGES), check


# -- other results of a check --------------------------------------------------------------------------


def test_rows_are_lines_of_the_file_if_cells_span_lines(tmp_path: Path) -> None:
    write(tmp_path / "own", vehicle("v_one", mass_t="two"))
    path = tmp_path / "own" / "vehicles.csv"
    head, line = path.read_text(encoding="utf-8").splitlines()
    first = (
        line.replace("v_one", "v_zero")
        .replace("two", "2")
        .replace("Made up for a test", '"Made up\nfor a test"')
    )
    path.write_text(f"{head}\n{first}\n\n{line}\n", encoding="utf-8")
    assert [fault.row for fault in check_tables(path.parent).faults] == [5]


def test_only_the_users_rows_are_checked(tmp_path: Path) -> None:
    result = check_tables(write(tmp_path / "own", vehicle("v_one")))
    assert {fault.file for fault in result.faults} <= {"vehicles.csv"}
    assert result.sums["rows"] == {"vehicles": 1}


@pytest.mark.slow
def test_a_missing_layer_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geography, "plane_layer", lambda *_: None)
    result = check_tables(write(tmp_path / "own", CLEAN))
    assert result.passed()
    assert len(result.notes) == 2
    assert "'border'" in result.notes[1]


@pytest.mark.slow
def test_the_line_of_a_crossing_follows_its_bends(tmp_path: Path) -> None:
    straight = crossing("c_cuts", cn={"lat": 50.2600, "lon": 127.5310})
    there_and_back = crossing("c_bends", over={"bends": "127.511 50.2445;127.5265 50.2545"})
    result = check_tables(write(tmp_path / "own", joined(straight, there_and_back)))
    cuts = {fault.row: fault.problem for fault in result.faults if fault.check == "border-cuts"}
    assert "0 times" in cuts[2]
    assert "3 times" in cuts[3]


def test_garbled_text_is_told_from_good_text() -> None:
    for text, original in (
        ("Поярково", None),
        ("Хэйхэ (Цикэ), № 7", None),
        ("黑河公路口岸", None),
        ("联通", None),
        ("Bei'an", None),
        ("São Paulo", None),
        ("Поярково".encode().decode("cp1251"), "Поярково"),
        ("Шимановск".encode().decode("cp1252", "replace"), ""),
        ("漠河".encode().decode("latin-1"), "漠河"),
        ("漠河市区".encode().decode("gbk"), "漠河市区"),
        ("Бел?горск", None),
        ("???", ""),
    ):
        assert repaired(text) == original, text


def test_gcj02_is_the_published_shift() -> None:
    # Reference points of the public formula: the Bund of Shanghai and Tiananmen in Peking.
    for wgs, gcj in (((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
                     ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657))):  # fmt: skip
        assert gcj02(*wgs) == pytest.approx(gcj, abs=1e-6)


@pytest.mark.slow
def test_sums_count_values_sources_and_names(net: Network) -> None:
    vehicles = net.tables["vehicles"]
    assert len(values_of(net.tables, "vehicles")) == int(
        sum(
            vehicles[name].notna().sum()
            for name in ("traffic", "mass_t", "name_en", "name_ru", "name_zh", "subject_en", "network")
        )
    )
    counted = sums(net.tables, net.tables, on=date(2026, 2, 1))
    assert counted["rows"]["vehicles"] == len(vehicles)
    assert counted["sourced_share"] == 1
    assert counted["named_share"] == 1
    without = {**net.tables, "sources": net.tables["sources"].drop(index="estimate")}
    assert 0 < sums(net.tables, without, on=date(2026, 2, 1))["sourced_share"] < 1


def test_the_provenance_of_a_value_precedes_that_of_its_row(net: Network) -> None:
    values = values_of(net.tables, "places").set_index(["key", "column"])
    place = net.tables["places"].loc["blagoveshchensk"]
    assert values.at[("blagoveshchensk", "population"), "source"] == place["population_source"]
    assert values.at[("blagoveshchensk", "lat"), "source"] == place["source"]


@pytest.mark.slow
def test_the_date_of_a_check_is_that_of_the_newest_source(tmp_path: Path, net: Network) -> None:
    result = check_tables(write(tmp_path / "own", vehicle("v_one", source_date="2031-05")))
    assert result.on == date(2031, 5, 1)
    assert newest_source_day(net.tables) < result.on


def test_the_shipped_dataset_has_no_fault() -> None:
    result = check_tables()
    assert [str(fault) for fault in result.faults if fault.severity == "fault"] == []
    assert result.sums["sourced_share"] == 1
    assert result.sums["named_share"] == 1
    assert set(result.sums["rows"]) == set(TABLES) - {"trips"}, "a log of trips is the user's"
    assert result.notes == ()


def test_ids_of_optional_tables_are_checked_without_such_a_table(tmp_path: Path) -> None:
    folder = two_banks.write(tmp_path)
    crossings = folder / "crossings.csv"
    crossings.write_text(crossings.read_text("utf-8").replace("strait_home", "strait_hom"), "utf-8")
    assert not (folder / "stations.csv").exists()
    assert "from" in {fault.column for fault in ag.check(folder).faults}


def test_the_changes_of_measures_are_checked_row_by_row(tmp_path: Path) -> None:
    changes = {
        "fine": "kani_kurgan:bridge cargo capacity_share 1.5",
        "nothing_expresses_it": "",
        "no_target": "atlantis close",
        "no_number": "kani_kurgan:bridge cargo capacity_share x",
        "regime": "frozen",
    }
    names = {f"name_{lang}": text for lang, text in (("en", "Night shift"), ("ru", "Смена"), ("zh", "夜班"))}
    about = {**names, "source": "estimate", "confidence": "estimated"}
    lines = [{"id": id_, "changes": text, **about} for id_, text in changes.items()]
    result = ag.check(write(tmp_path / "own", {"measures": lines}))
    wrong = [fault.row for fault in result.faults if (fault.column, fault.check) == ("changes", "scenario")]
    assert wrong == [4, 5, 6]
    assert {fault.column for fault in result.faults} == {"changes", "note"}
