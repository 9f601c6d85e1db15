"""Tables of the command line fit the terminal and break no word, date or name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amurgeo.cli import COMMANDS, tables
from amurgeo.text import LANGUAGES
from tests.cli.test_formats import LINES

Call = Callable[..., tuple[int, str, str]]
#: Commands that print a table, once each or more often.
TABLES = LINES | {
    "routes_car": "routes Blagoveshchensk Heihe --on 2026-02-17 --vehicle car --all",
    "daily": "daily Belogorsk Heihe --from 2026-04-10 --to 2026-04-20 --scenario baseline --scenario warm_2c",
    "gaps_passenger": "gaps 2026 --vehicle passenger",
    "queues": "queues baseline no_bridge --from 2026-11-10 --to 2026-11-16",
    "capacity": "capacity 2026",
    "curve": "capacity 2026 --curve kani_kurgan:bridge",
    "critical": "critical --on 2026-02-10 --kind crossing --draws 0",
    "access": "access 2026 --places Tynda,Zeya --all",
    "dependence": "dependence baseline no_bridge --from 2026",
    "measures": "measures 2026/27 --draws 2",
    "promise": "promise Belogorsk Heihe --from 2027-01-10 --by 2027-02-05 --draws 20",
    "forecast": "forecast --issue 2026-11-01 --folder {folder}",
}
#: Commands that print lines on the files that they write.
WRITERS = {"map", "report", "new", "record", "export", "osm"}
#: Commands whose tables are looked at in the quick tests.
QUICK = {"state", "dates", "next", "cost", "gaps_passenger"}
CELLS = st.lists(
    st.sampled_from(["2026-02-10", "понтонный мост", "黑河公路口岸", "7.2 h", "", "x"]), max_size=4
)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS.map(" ".join), min_size=3, max_size=3), min_size=1, max_size=4),
    width=st.integers(12, 60),
)
def test_a_table_fits_and_keeps_every_word(rows: list[list[str]], width: int) -> None:
    headings = ["Crossing", "Days open", "h"]
    lines, missing = tables.layout(headings, rows, width, right={2})
    words = [word for row in rows for cell in row[: 3 - len(missing)] for word in cell.split()]
    assert all(any(word in line for line in lines) for word in words)
    assert lines == [line.rstrip() for line in lines]
    assert max(map(tables.cell_width, lines)) <= width or len(missing) == 2, "one column may be too wide"


def test_columns_that_may_be_left_out_go_first() -> None:
    headings, row = ["Crossing", "h", "Because"], ["bridge", "7.2", "explanation"]
    assert tables.layout(headings, [row], 18, spare=[0])[1] == ["Crossing"]
    assert tables.layout(headings, [row], 18)[1] == ["Because"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in TABLES]
)
def test_tables_of_commands_fit_100_columns(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str, lang: str, tmp_path: Path
) -> None:
    printed: list[str] = []
    layout = tables.layout

    def watched(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, **options: Any) -> Any:
        lines, missing = layout(headings, rows, width, **options)
        printed.extend(lines)
        shown = [place for place, heading in enumerate(headings) if heading not in missing]
        words = {word for row in (headings, *rows) for place in shown for word in row[place].split()}
        # A line may break after the marks of a Chinese sentence, and before the mode of a crossing.
        # Elsewhere it may break where U+200B allows it.
        split = tables._parts if lang == "zh" else lambda word: word.split("\u200b")
        whole = {part for word in words for part in split(word)}
        plain = {part.replace("\u200b", "").strip() for part in whole}
        assert not [word for word in plain if not any(word in line for line in lines)]
        return lines, missing

    monkeypatch.setattr(tables, "layout", watched)
    monkeypatch.setenv("COLUMNS", "100")
    code, out, _ = call(f"{TABLES[name].format(folder=tmp_path)} --lang {lang}")
    assert code == 0
    assert printed or name == "check"
    assert max(map(tables.cell_width, out.splitlines())) <= 100
    assert [line for line in printed if line != line.rstrip() or "│" in line] == []
    assert "\u200b" not in out


def test_every_command_with_a_table_is_looked_at() -> None:
    assert {line.split()[0] for line in TABLES.values()} == set(COMMANDS) - WRITERS


def test_ids_stand_in_place_of_names_on_demand(call: Call) -> None:
    line = "state --on 2026-02-10 --lang ru"
    assert "kani_kurgan:bridge" not in call(line)[1]
    assert "Кани-Курган, мост" in call(line)[1]
    assert "kani_kurgan:bridge" in call(f"{line} --ids")[1]
