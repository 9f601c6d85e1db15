"""Names as users type them, in any language, and the words in which commands answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Call = Callable[..., tuple[int, str, str]]
BRIDGE, ICE = "Кани-Курган, мост", "Поярково, ледовая переправа"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are long enough not to be folded."""
    monkeypatch.setenv("COLUMNS", "300")


@pytest.mark.parametrize("names", [f"{ICE}, {BRIDGE}", f"{BRIDGE}；{ICE}", f"{ICE}、kani_kurgan:bridge"])
def test_a_name_with_a_comma_is_one_name_in_a_list(call: Call, names: str) -> None:
    code, out, _ = call("state", "--on", "2026-02-10", "--ids", "--format", "csv", "--crossing", names)
    found = {line.split(",")[0] for line in out.splitlines()[1:]}
    assert (code, found) == (0, {"kani_kurgan:bridge", "poyarkovo:ice_road"})


def test_a_list_of_stops_is_split_and_names_with_commas_are_kept(call: Call) -> None:
    words = ("routes", "Zeya", "哈尔滨", "--on", "2026-02-10", "-k", 1, "--format", "csv", "--via")
    code, out, err = call(*words, f"{BRIDGE}，Белогорск", "--avoid", f"{ICE};Благовещенск, понтонный мост")
    assert (code, err, "kani_kurgan:bridge" in out) == (0, "", True)


@pytest.mark.parametrize("name", [BRIDGE, "卡尼库尔干公路大桥", "kani_kurgan"])
def test_trucks_a_day_and_lanes_go_by_names(call: Call, name: str) -> None:
    days = ("queues", "baseline", "--from", "2026-02-14", "--to", "2026-02-15", "--format", "csv")
    asked = call(*days, "--capacity", f"{name}=600", "--lane", name)
    assert asked == call(*days, "--capacity", "kani_kurgan:bridge=600", "--lane", "kani_kurgan:bridge")
    assert asked[0] == 0


def test_names_that_several_crossings_have_are_answered_with_names(call: Call) -> None:
    _, _, err = call("dates", "Поярково", "--season", "2023/24", "--lang", "ru")
    assert "имелось в виду: Поярково, паром; Поярково, ледовая переправа?" in err
    _, _, err = call("next", "--crossing", "黑河", "--lang", "zh")
    assert "卡尼库尔干、布拉戈维申斯克" in err
    assert not re.search("[a-z]{4}", err.removeprefix("amurgeo"))
    assert "kani_kurgan, " in call("next", "--crossing", "黑河", "--ids")[2]


def test_the_language_may_stand_before_the_command(call: Call) -> None:
    assert call("--lang zh state --on 2026-02-10") == call("state --on 2026-02-10 --lang zh")
    _, out, err = call("--lang zh")
    assert "Commands:" in out + err


def test_messages_have_the_options_as_typed(call: Call) -> None:
    _, _, err = call("routes Zeya Heihe --on 2026-02-10 --depart 08:00 --avoid Белогорск --lang ru")
    assert err.startswith("amurgeo: --avoid: ")
    assert err.endswith("вместе с --depart\n")
    assert "a winter" in call("measures 2026")[2]
    assert "''" not in call("measures 2026")[2]
    ends = "период кончается 10.11.2026, раньше начала 20.11.2026"
    change = "kani_kurgan:bridge close 2026-11-20..2026-11-10"
    assert ends in call("state", "--scenario", change, "--lang", "ru")[2]
    assert ends in call("daily Zeya Heihe --from 2026-11-20 --to 2026-11-10 --lang ru")[2]


def test_with_an_hour_of_departure_the_first_to_arrive_is_the_answer(call: Call) -> None:
    code, out, _ = call("routes Свободный Харбин --vehicle truck_40t --depart 2027-02-06T08:00 --lang ru")
    lines = out.splitlines()
    assert code == 0
    assert lines[1].startswith("Раньше всего: Амурзет, понтонный мост, 89,6 ч")
    assert any(
        line.startswith("Выезд 06.02.2027 08:00") and "Амурзет, понтонный мост" in line for line in lines
    )


def test_stops_of_a_route_are_all_named_in_order(call: Call) -> None:
    _, out, _ = call("routes 斯沃博德内 哈尔滨 --on 2026-02-10 --via 绥芬河 -k 1 --lang zh")
    chain = next(line for line in out.splitlines() if " → " in line)
    assert " → 绥芬河 → " in chain
    assert chain.endswith(" → 哈尔滨。")


def test_the_headline_of_crossings_elsewhere_names_their_region(call: Call) -> None:
    _, out, _ = call("state --on 2026-11-29 --crossing pokrovka")
    assert "Khabarovsk Krai. Cargo: none of 2 crossings is open." in out.splitlines()[0]
    assert "more: in other regions (--all)." in call("calendar 2026")[1]


def test_measures_have_numbers_of_the_language_and_their_reasons(call: Call) -> None:
    words = "measures 2026/27 --draws 2 --measure bridge_festival --measure cableway --lang ru"
    out = call(words)[1].partition("Данные")[0]
    assert "мера не выражается изменением сценария: Канатная дорога" in out
    assert re.search(r"\d\d\xa0\d{3}  ", out)
    assert not re.search(r"\d{5}|\d\.\d", out)
    assert "RUB" in out.partition("Меры, зима")[2]


@pytest.mark.parametrize("lang", ["ru", "zh"])
@pytest.mark.parametrize(
    "line",
    [
        "queues baseline --from 2026-02-14 --to 2026-02-15",
        "compare frozen open --origins Belogorsk --destinations Heihe",
        "measures 2026/27 --measure ice_night --measure bridge_lanes --draws 2",
        "gaps 2026",
        "routes Belogorsk Heihe --on 2026-02-10 -k 1",
        "promise Belogorsk Heihe --from 2027-01-05 --days 2 --draws 20 --by 2027-01-08",
    ],
)
def test_a_workbook_is_in_its_language_and_its_numbers_are_rounded(
    call: Call, tmp_path: Path, line: str, lang: str
) -> None:
    pytest.importorskip("openpyxl")
    assert call(f"{line} --lang {lang} -o {tmp_path / 'a.xlsx'}")[0] == 0
    sheets = pd.read_excel(tmp_path / "a.xlsx", sheet_name=None)
    sheets.popitem()  # The sources are quoted as they are.
    english = re.compile(r"[^а-яё\u4e00-\u9fff]*[a-z]{3}[^а-яё\u4e00-\u9fff]*|.*\([a-z_]{3,}\).*")
    for title, frame in sheets.items():
        assert not english.fullmatch(title)
        for name, cells in frame.items():
            assert not english.fullmatch(str(name)), title
            texts = (
                []
                if re.search("код|编号|ID", str(name))
                else [cell for cell in cells if isinstance(cell, str)]
            )
            assert [text for text in texts if english.fullmatch(text)] == [], (title, name)
            numbers = [cell for cell in cells if isinstance(cell, float) and cell == cell]
            assert numbers == [round(number, 4) for number in numbers], (title, name)
