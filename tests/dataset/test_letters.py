"""Letters and orders as sources, reasons and words in three languages, and dates outside a season."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo.dataset.checks.rows import sums
from amurgeo.dataset.files import Cells
from amurgeo.dataset.reading import read_tables
from amurgeo.dataset.schema import source_id_of
from amurgeo.errors import InputError

NOTICE = "https://example.org/n"
RECORD = "id,crossing,checkpoint,mode,traffic,event,date,precision,reason,evidence,source,confidence\n"
RECORD += (
    "a,kani_kurgan:bridge,kani_kurgan,bridge,грузы,suspend,2026-11-28,day,{reason},no,{source},reported\n"
)


@pytest.mark.parametrize(
    "letter",
    [
        "Письмо Росгранстроя № 15",
        "Order 7 of 01.12.2026",
        "黑河口岸 2026年第15号通知",
        "黑河海事局函〔2026〕15号",
        "黑河海事局函[2026]15号",
        "黑河海事局函第15号",
        "黑河海事局2026年11月27日函",
        "关于封航的通知（2026年11月27日）",
    ],
)
def test_a_letter_or_order_is_a_source(tmp_path: Path, letter: str) -> None:
    line = ag.record(
        tmp_path,
        "Кани-Курган мост",
        "suspend",
        "28.11.2026",
        until="02.12.2026",
        source=letter,
        reason="ремонт",
    )
    assert (line["crossing"], line["reason"]) == ("kani_kurgan:bridge", "repair")
    tables, faults = read_tables(tmp_path, languages=())
    assert faults == []
    assert tables["sources"].loc[line["source"], ["title", "address"]].to_list() == [letter, letter]


@pytest.mark.parametrize(
    "source",
    ["letter", "a call", "amur_inf", "№ 15", "黑河海事局函", "2026", "ftp://example.org/1", "http://[x"],
)
def test_a_source_without_a_number_or_address_is_refused_with_what_is_right(source: str) -> None:
    with pytest.raises(InputError, match=r"expected an address .* a letter or order with its number"):
        source_id_of(source)


def test_tables_name_letters_addresses_reasons_and_modes_in_full(tmp_path: Path) -> None:
    for source in ("Письмо Росгранстроя № 15", NOTICE):
        (tmp_path / "season_record.csv").write_text(
            RECORD.format(reason="авария", source=source), encoding="utf-8"
        )
        tables, faults = read_tables(tmp_path, languages=())
        assert faults == []
        row = tables["season_record"].loc["a"]
        assert row[["traffic", "reason"]].to_list() == ["cargo", "accident"]
        assert tables["sources"].at[row["source"], "address"] == source


@pytest.mark.parametrize(
    ("crossing", "event", "day"),
    [
        ("poyarkovo:ice_road", "open", "2027-07-15"),
        ("poyarkovo:ferry", "open", "2027-01-15"),
        ("blagoveshchensk:pontoon", "close", "2027-08-01"),
    ],
)
def test_a_date_outside_the_season_needs_to_be_confirmed(
    tmp_path: Path, crossing: str, event: str, day: str
) -> None:
    with pytest.raises(InputError, match=r"outside the season of the mode .* confirm=True"):
        ag.record(tmp_path, crossing, event, day, source=NOTICE)
    assert list(tmp_path.iterdir()) == []
    assert ag.record(tmp_path, crossing, event, day, source=NOTICE, confirm=True)["date"] == day


def test_only_names_that_are_given_count_and_estimates_are_told_apart() -> None:
    net = ag.load()
    places = net.tables["places"].iloc[:2].assign(confidence="estimated", source="estimate")
    names = {"name_en": ["Depot", "Yard"], "name_ru": ["База", ""], "name_zh": ["", ""]}
    counted = sums(
        {"places": places},
        net.tables,
        on=date(2026, 11, 28),
        cells={"places": Cells("places.csv", columns=names, lines=[2, 3])},
    )
    assert (counted["named"], counted["to_name"]) == (0, 2)
    assert counted["estimated_share"] > 0
    assert counted["published_share"] + counted["estimated_share"] <= 1
    assert counted["published_share"] < counted["sourced_share"] == 1
