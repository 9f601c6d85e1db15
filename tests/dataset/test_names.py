"""Whatever has a name is found by it in three languages and in any spelling."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.dataset.names import NAME_COLUMNS
from amurgeo.dataset.schema import normalize_name
from amurgeo.errors import InputError
from amurgeo.network import vehicle_id
from amurgeo.scenario import as_scenario

NET = ag.load()
_, TRADITIONAL, SIMPLIFIED = (
    (Path(ag.__file__).with_name("traditional.txt")).read_text(encoding="utf-8").splitlines()
)
_TO_TRADITIONAL = dict(zip(SIMPLIFIED, TRADITIONAL, strict=True))
_TO_LATIN = str.maketrans("асеорухкмтвнАСЕОРУХКМТВН", "aceopyxkmtbhACEOPYXKMTBH")
_TO_CYRILLIC = str.maketrans("aceopyxACEOPXKMTBH", "асеорухАСЕОРХКМТВН")
#: Other spellings of a name: people and keyboards make them.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "small letters": str.lower,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "full width": lambda name: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name),
    "Latin letters in Cyrillic words": lambda name: name.translate(_TO_LATIN),
    "Cyrillic letters in Latin words": lambda name: name.translate(_TO_CYRILLIC),
    "traditional characters": lambda name: "".join(_TO_TRADITIONAL.get(c, c) for c in name),
    "without the dots of ё": lambda name: name.replace("ё", "е").replace("Ё", "Е"),
    "dashes": lambda name: name.replace("-", "–").replace(" ", "—"),
    "hyphens": lambda name: name.replace(" ", "-").replace("_", "\u2011"),
    "spaces": lambda name: "\u00a0" + name.replace("-", "  ").replace("_", "\u3000") + " ",
}
MODES = {"bridge": ("bridge", "мост", "大桥"), "ice_road": ("ice road", "ледовая переправа", "冰上通道")}


def _crossing_names() -> list[tuple[str, str]]:
    """Return names of crossings in three languages: the checkpoint, and the mode where that is needed."""
    names = []
    checkpoints = NET.base["checkpoints"]
    for id_, checkpoint, mode in NET.base["crossings"][["checkpoint", "mode"]].itertuples():
        for column, word in zip(NAME_COLUMNS, MODES.get(mode, ()), strict=False):
            name = checkpoints.at[checkpoint, column]
            names += [(f"{name} {word}", id_), (f"{word} {name}", id_)]
    return names


PLACES = [
    (name, id_)
    for id_, *names in NET.base["places"][NAME_COLUMNS].itertuples()
    for name in names
    if NET.find(name) == id_
]
VEHICLES = [(name, id_) for id_, *names in NET.base["vehicles"][NAME_COLUMNS].itertuples() for name in names]
SCENARIOS = [
    (title, name)
    for name in ag.scenario_names()
    for title in {name, *as_scenario(name, folder=NET.folder).title.values()}
]
CASES = (
    [(NET.find, *case) for case in PLACES]
    + [(lambda name: vehicle_id(NET, name), *case) for case in VEHICLES]
    + [(NET.names.crossing, *case) for case in _crossing_names()]
    + [(lambda name: as_scenario(name).name, *case) for case in SCENARIOS]
)


@given(st.sampled_from(CASES), st.lists(st.sampled_from(list(SPELLINGS)), unique=True, max_size=3))
@example((NET.find, "Суйфэньхэ", "suifenhe"), ["decomposed", "Latin letters in Cyrillic words"])
@example((NET.find, "绥芬河", "suifenhe"), ["traditional characters"])
def test_a_name_is_found_in_any_spelling(
    case: tuple[Callable[[str], str], str, str], spellings: list[str]
) -> None:
    find, name, id_ = case
    for spelling in spellings:
        name = SPELLINGS[spelling](name)
    assert find(name) == id_


def test_different_places_have_different_folded_names() -> None:
    # Folding look-alike letters joins no two places of the dataset.
    ids: dict[str, set[str]] = {}
    for name, id_ in PLACES:
        ids.setdefault(normalize_name(name), set()).add(id_)
    assert [name for name, places in ids.items() if len(places) > 1] == []


@pytest.mark.parametrize("name", ["Moscow", "Москва", "Beijing", "北京", "Shanghai", "Омск", "Чикаго"])
def test_a_place_outside_the_area_is_said_to_be_outside(name: str) -> None:
    with pytest.raises(InputError, match=r"outside the area .* the area is latitude 37 to 68") as error:
        NET.find(name)
    assert "did you mean" not in str(error.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Благовещинск", "Благовещенск"), ("Белогорс", "Белогорск"), ("Сюньке", "Сюнькэ"), ("Zyea", "Zeya")],
)
def test_a_name_near_in_spelling_is_suggested(typed: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"did you mean .*{meant}"):
        NET.find(typed)


def test_coordinates_outside_say_what_the_area_is() -> None:
    with pytest.raises(InputError, match="outside the region of the network; the area is latitude"):
        ag.routes(NET, (55.75, 37.62), "Heihe", on="2026-02-10")


def test_coordinates_in_a_country_without_roads_are_refused(tmp_path: Path) -> None:
    NET.tables["regions"].assign(country="FI").to_csv(tmp_path / "regions.csv", index_label="id")
    with pytest.raises(InputError, match="has no road that is open all year"):
        ag.routes(ag.load(tmp_path), (50.45, 127.62), "Heihe", on="2026-02-10")


def test_a_name_of_several_crossings_names_them() -> None:
    for name in ("Поярково", "ледовая дорога"):
        with pytest.raises(InputError, match=r"did you mean .*poyarkovo:ice_road"):
            ag.dates(NET, name, season="2023/24")
    with pytest.raises(InputError, match="did you mean truck_20t, truck_40t"):
        vehicle_id(NET, "грузовик")


@pytest.mark.slow
def test_names_stand_for_ids_wherever_a_crossing_is_named() -> None:
    by_name = ag.routes(
        NET,
        "Белогорск",
        "黑河",
        on="10.02.2026",
        vehicle="Грузовик 20 т",
        avoid=["Кани-Курган мост"],
        border_h={"понтон Благовещенск": 2.5},
    )
    by_id = ag.routes(
        NET,
        "belogorsk",
        "heihe",
        on="2026-02-10",
        vehicle="truck_20t",
        avoid=["kani_kurgan:bridge"],
        border_h={"blagoveshchensk:pontoon": 2.5},
    )
    assert by_name.to_dict() == by_id.to_dict()
    assert ag.dates(NET, "Поярково ледовая дорога", season="2023-2024").to_dict() == (
        ag.dates(NET, "poyarkovo:ice_road", season="2023/24").to_dict()
    )


@pytest.mark.parametrize(
    ("named", "ids"),
    [
        ("Кани-Курган мост close 10.11.2026..20.11.2026", "kani_kurgan:bridge close 2026-11-10..2026-11-20"),
        ("мост close", "bridge close"),
        ("Поярково cargo delay_days 10", "poyarkovo cargo delay_days 10"),
        ("Грузовик 20 т primary speed_factor 0,8", "truck_20t primary speed_factor 0.8"),
        ("20吨货车 speed_factor 0.8", "truck_20t speed_factor 0.8"),
    ],
)
def test_inline_changes_take_names(named: str, ids: str) -> None:
    state = ag.state(NET, "2026-11-12", scenario=named)
    assert [str(change) for change in state.scenario.changes] == [ids]


def test_every_question_over_a_period_takes_names() -> None:
    named, ids = "Кани-Курган мост close", "kani_kurgan:bridge close"
    months = [ag.capacity(NET, 2026, scenario=text)["trucks_per_day"].tolist() for text in (named, ids)]
    assert months[0] == months[1]


def test_scenario_files_take_names(tmp_path: Path) -> None:
    path = tmp_path / "named.toml"
    path.write_text(
        "name = 'named'\nbase = 'Без моста'\n"
        "[[change]]\ncrossing = 'Поярково ледовая дорога'\nlimit_t = 20\n"
        "[[change]]\n[change.add]\nkind = 'crossing'\ncheckpoint = 'Константиновка'\nmode = 'bridge'\n"
        "length_km = 2\ntravel_min = 5\nadmits = ['Грузовик 20 т']\n",
        encoding="utf-8",
    )
    changes = ag.state(NET, "2026-11-12", scenario=path).scenario.changes
    assert [str(change) for change in changes] == [
        "kani_kurgan:bridge close",
        "poyarkovo:ice_road limit_t 20.0",
        "add crossing konstantinovka:bridge",
    ]


@pytest.mark.parametrize(
    "season",
    ["2026/27", "2026-27", "2026–2027", "2026/2027", "2026 - 2027 гг.", "зима 2026/27", "２０２６/27"],
)
def test_a_winter_is_named_in_any_of_its_forms(season: str) -> None:
    assert ag.dates(NET, "poyarkovo:ice_road", season=season).season == "2026/27"


@pytest.mark.parametrize(
    ("crossing", "season"),
    [("poyarkovo:ice_road", "2026"), ("poyarkovo:ice_road", "2026-28"), ("poyarkovo:ferry", "2026/27")],
)
def test_a_season_of_another_form_is_refused_with_the_right_one(crossing: str, season: str) -> None:
    with pytest.raises(InputError, match=r"expected a (year|winter), as"):
        ag.dates(NET, crossing, season=season)
