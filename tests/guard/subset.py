"""A small part of the shipped dataset: four checkpoints, the roads and railways to them, and one seaport."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amurgeo as ag
from amurgeo.dataset.schema import TABLES, geo_dir, key_columns, pattern_names, schema
from amurgeo.text import LANGUAGES

CHECKPOINTS = {"kani_kurgan", "blagoveshchensk", "poyarkovo", "pogranichny"}
_PLACES = """
aihui arkhara arkhara_jn artyom beian belogorsk belogorsk_jn bereya bikin bira birobidzhan
blagoveshchensk bureya changfatun chenqing chigiri dalnerechensk gomelevka hailin hailun harbin
heihe izvestkovy kani_kurgan khabarovsk kirovsky kundur lesozavodsk longzhen lozovoye luchegorsk
magdagachi_jn mikhaylovka_amur moskvitino mudanjiang natalyino never novobureysky obluchye
obluchye_jn pogranichny poyarkovo pozdeyevka priamursky razdolnoye romny_jn shangzhi shimanovsk_jn
sivaki_jn smidovich solovyovsk spassk_dalny staraya_raychikha suifenhe suihua suiyang sunwu
sunwu_port svobodny svobodny_jn taldan_jn tambovka tsiolkovsky_jn tygda tygda_jn tynda ushumun
ussuriysk vladimirovka vladivostok volkovo volochaevka vozzhayevka vvedenovka vyazemsky xunke
yekaterinoslavka yekaterinoslavka_jn zavitinsk zavitinsk_jn zelvino zeya
"""
PLACES = {*_PLACES.split()}
_STATIONS = """
arkhara baranovsky belogorsk bikin bira birobidzhan bureya dalnerechensk dezhnevka grodekovo harbin
izvestkovy khabarovsk kundur lesozavodsk luchegorsk mudanjiang obluchye pozdeyevka priamursky
razdolnoye sibirtsevo smidovich spassk_dalny suifenhe suiyang ugolnaya ussuriysk vladivostok
volochaevka vozzhayevka vyazemsky yekaterinoslavka zavitinsk
"""
STATIONS = {f"{name}_station" for name in _STATIONS.split()}
SEASONS = {"road:svobodny--vvedenovka"}
LAYERS = ("border", "regions")
SCENARIOS = ("frozen", "open", "no_bridge", "warm_2c")
Rows = list[dict[str, str]]
#: A log of trips, which the shipped dataset does not have.
TRIPS = [
    {
        "crossing": "poyarkovo:ice_road", "direction": "out", "vehicle": "truck_20t", "paid": "900",
        "arrived": "2026-02-10 08:00", "cleared": f"2026-02-10 1{n}:00", "source": "estimate", "note": "",
    }
    for n in range(3)
]  # fmt: skip
#: Limits of roads about the days that are asked for.
ROAD_LIMITS = [
    {
        "id": road, "road": road, "max_mass_t": "19", "first": first, "until": until, "source": "estimate",
        "source_date": "2026", "confidence": "estimated", "note": "",
    }
    for road, first, until in (
        ("natalyino--moskvitino", "2026-02-08", "2026-02-12"),
        ("blagoveshchensk--vladimirovka", "2025-01-01", "2026-02-09"),
    )
]  # fmt: skip
OWN = {"trips": TRIPS, "road_limits": ROAD_LIMITS}


def read(name: str, folder: Path | None = None) -> Rows:
    """Return the rows of a table as text."""
    with open((folder or geo_dir()) / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return [*csv.DictReader(file)]


def write(path: Path, rows: Rows, columns: list[str] | None = None) -> None:
    """Write rows as CSV."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def answers(net: ag.Network, scenario: Any = None) -> Iterator[tuple[str, Any]]:
    """Yield answers of a network, quick ones first."""
    day = (
        {"scenario": scenario}
        if getattr(scenario, "day", None)
        else {"on": "2026-02-10", "scenario": scenario}
    )
    days = ["2026-02-10", "2026-07-15", "2021-07-15"] if "on" in day else [None]
    for on in days:
        state = net.state(on, scenario=scenario)
        yield f"state {on}", state.to_dict("ru")
    yield "label", state.label
    for vehicle, ends in (("truck_20t", ("belogorsk", "heihe")), ("train", ("belogorsk", "vladivostok"))):
        yield vehicle, ag.routes(net, *ends, vehicle=vehicle, k=9, **day).to_dict()
    yield "to harbin", ag.routes(net, "belogorsk", "harbin", k=9, **day).to_dict()
    yield "departure", ag.routes(net, "svobodny", "harbin", depart_at="08:00", **day).to_dict()
    yield "exits", ag.exits(net, "belogorsk", **day).to_dict()
    if "on" in day:
        yield "states", ag.states(net, "2026-01-01", "2027-12-31", scenario=scenario).to_frame().to_csv()
        week: Any = {"start": "2026-02-08", "end": "2026-02-20", "lane": "kani_kurgan:bridge", "draws": 1}
        yield "queues", ag.queues(net, scenario or "baseline", **week).to_dict()
        yield "capacity", ag.capacity(net, 2026, scenario=scenario).to_dict()
    if scenario is None:
        for crossing in ("poyarkovo:ice_road", "blagoveshchensk:pontoon"):
            yield crossing, ag.dates(net, crossing, season="2026/27").to_dict()
    if scenario is None:
        point = ag.routes(net, "50.45,127.62", "heihe", on="2026-02-10", k=1)
        yield "point", point.to_dict()
        result = ag.compare(net, ["baseline", "no_bridge"], on="2026-02-10")
        for lang in LANGUAGES:
            yield f"sheet {lang}", ag.report.decision_sheet(result, lang=lang)
    yield "names", net.nodes.filter(like="name").to_csv()
    with tempfile.TemporaryDirectory() as folder:
        # A page in memory has random names of its elements; a saved one has not.
        ag.maps.page(state).save(Path(folder) / "page.html")
        yield "page", (Path(folder) / "page.html").read_text(encoding="utf-8")


def dataset(folder: Path) -> Path:
    """Write the dataset into a new folder: rows whose references are all in it."""
    (folder / "layers").mkdir(parents=True)
    (folder / "scenarios").mkdir()
    kept: dict[str, set[str]] = {"checkpoints": CHECKPOINTS, "places": PLACES, "stations": STATIONS}
    cited, groups = {"estimate"}, set[str]()
    for name in (*TABLES[1:], "climate", "sources"):
        shipped, key = OWN.get(name) or read(name), key_columns(name)[0]
        rows = [row for row in shipped if row[key] in kept.get(name, {row[key]})]
        for column in schema(name):
            if column.type == "ref" and column.choices[0] not in ("sources", "rates"):
                known = set().union(*(kept.get(table, ()) for table in column.choices), {""})
                rows = [row for row in rows if row.get(column.name, "") in known]
        if name in ("flows", "season_record"):
            known = kept["crossings"] | CHECKPOINTS | {"vladivostok"}
            rows = [row for row in rows if row["exit" if name == "flows" else "crossing"] in known]
        if name in ("holiday_rules", "record_gaps"):
            known = kept["crossings"] | CHECKPOINTS
            rows = [row for row in rows if pattern_names(row["crossings"]) <= known]
        if name == "demand_months":
            rows = [row for row in rows if row["group"] in groups]
        if name == "measures":
            rows = [row for row in rows if not row["changes"].startswith("dzhalinda")]
        if name == "windows":
            rows = [row for row in rows if row["crossing"] in SEASONS]
        if name == "sources":
            rows = [row for row in rows if row["id"] in cited]
        if name == "demand":
            groups = {row["group"] for row in rows}
        kept[name] = {row[key] for row in rows}
        sources = [column.name for column in schema(name) if column.allowed == "sources"]
        cited |= {row.get(column, "") for row in rows for column in sources}
        write(folder / f"{name}.csv", rows, [*shipped[0]])
    text = (geo_dir() / "dataset.toml").read_text(encoding="utf-8")
    text = text.replace('["heihe", "harbin", "suifenhe", "manzhouli"]', '["heihe", "harbin"]')
    (folder / "dataset.toml").write_text(text, encoding="utf-8")
    for layer in LAYERS:
        shutil.copy(geo_dir() / "layers" / f"{layer}.geojson", folder / "layers")
    for scenario in SCENARIOS:
        shutil.copy(geo_dir() / "scenarios" / f"{scenario}.toml", folder / "scenarios")
    return folder


#: Rows of the own tables and of the other dataset; other cells are those of the shipped rows.
EDITS: dict[str, dict[tuple[str, ...], dict[str, str]]] = {
    "services": {
        ("kani_kurgan:bridge", "cargo"): {
            "border_h_out": "9",
            "border_h_in": "9",
            "all_year": "no",
            "regular": "no",
        },
        ("poyarkovo:ice_road", "cargo"): {"max_mass_t": "17"},
    },
    "checkpoints": {("kani_kurgan",): {"name_en": "Kani-Kurgan, new"}},
    "capacity": {("pogranichny",): {"trucks_per_day": "450"}},
    "places": {("belogorsk",): {"name_en": "Belogorsk town", "population": ""}},
    "roads": {
        ("belogorsk--belogorsk_jn",): {"length_km": "33"},
        ("blagoveshchensk--vladimirovka",): {"length_km": "33"},
    },
    "season_record": {
        ("poyarkovo_ice_road_open_2023_01_26_cargo",): {"date": "2023-01-20"},
        ("kani_kurgan_bridge_resume_2026_02_20",): {"date": "2026-02-21"},
    },
}


def others(small: Path, folder: Path) -> None:
    """Write own tables and another dataset: a crossing is shut, a place has moved, a date is another one."""
    shutil.copytree(small, folder / "other")
    scenario = folder / "other" / "scenarios" / "no_bridge.toml"
    scenario.write_text(
        scenario.read_text(encoding="utf-8").replace("kani_kurgan:bridge", "poyarkovo:ice_road")
    )
    (folder / "other" / "mine.toml").write_text('name = "mine"\nbase = "no_bridge"\n')
    (folder / "own").mkdir()
    for name, edits in EDITS.items():
        keys = key_columns(name)
        rows = read(name, small)
        edited = [row | edits[key] for row in rows if (key := tuple(row[name] for name in keys)) in edits]
        write(folder / "own" / f"{name}.csv", edited)
        rest = [row for row in rows if tuple(row[name] for name in keys) not in edits]
        write(folder / "other" / f"{name}.csv", [*rest, *edited])
