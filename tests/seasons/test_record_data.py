"""The shipped record and windows: every row is answered as it stands, and the tables hold together."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from amurgeo.seasons.record import SeasonModel
from amurgeo.seasons.spans import mode_of, part_of, season_of

DATA = Path(__file__).resolve().parents[2] / "data" / "geo"
RECORD = pd.read_csv(DATA / "season_record.csv", keep_default_na=False)
WINDOWS = pd.read_csv(DATA / "windows.csv")
MODEL = SeasonModel(RECORD, WINDOWS)
SOURCES = set(pd.read_csv(DATA / "sources.csv")["id"]) | {"estimate"}
TURNS = RECORD[RECORD["event"].isin(["open", "close"]) & RECORD["precision"].isin(["day", "week"])]
SEASONAL = TURNS[TURNS["crossing"].isin(MODEL.crossings)]


@pytest.mark.parametrize("row", SEASONAL.to_dict("records"), ids=lambda row: row["id"])
def test_dated_turn_is_answered_exactly(row: dict) -> None:
    day = date.fromisoformat(row["date"])
    mode = mode_of(row["crossing"])
    part = part_of(day, row["event"]) if mode == "hovercraft" else ""
    kinds = MODEL.traffics(row["crossing"])
    traffic = row["traffic"] if row["traffic"] in kinds else kinds[0]
    season = season_of(day, mode)
    found = getattr(MODEL.season(row["crossing"], season=season, traffic=traffic, part=part), row["event"])
    assert found.observed == found.p10 == found.p50 == found.p90 == day
    blind = MODEL.season(row["crossing"], season=season, traffic=traffic, part=part, blind=True)
    assert getattr(blind, row["event"]).observed is None


@pytest.mark.parametrize("row", RECORD.to_dict("records"), ids=lambda row: row["id"])
def test_row_is_well_formed(row: dict) -> None:
    day = pd.Timestamp(row["date"])
    assert row["source"] in SOURCES
    assert len(row["date"]) == (7 if row["precision"] == "month" else 10)
    assert row["crossing"].startswith("road:") == row["checkpoint"].startswith("other:")
    if row["until"]:
        assert row["event"] == "suspend"
        assert pd.Timestamp(row["until"]) >= day
    if row["event"] == "suspend":
        assert row["reason"]
    if row["evidence"] == "yes":
        assert row["event"] in ("open", "close")
        assert row["mode"] not in ("bridge", "rail", "road")
        pandemic = date(2020, 1, 31) <= day.date() <= date(2022, 6, 10)
        assert row["crossing"].startswith("road:") or not pandemic


def test_ids_are_unique_and_rows_sorted() -> None:
    for table in (RECORD, WINDOWS):
        assert table["id"].is_unique
    assert RECORD["date"].is_monotonic_increasing
    assert WINDOWS["id"].is_monotonic_increasing
    assert set(WINDOWS["source"]) <= SOURCES


def test_windows_of_one_service_never_overlap() -> None:
    for crossing in MODEL.crossings:
        for traffic in MODEL.traffics(crossing):
            for part in MODEL.parts(crossing):
                mine = WINDOWS[
                    (WINDOWS["crossing"] == crossing)
                    & WINDOWS["traffic"].isin([traffic, "both"])
                    & (WINDOWS["part"].fillna("") == part)
                ]
                years = sorted(zip(mine["valid_from"].fillna(0), mine["valid_to"].fillna(9999), strict=True))
                assert all(end < start for (_, end), (start, _) in itertools.pairwise(years))


@pytest.mark.parametrize(
    ("crossing", "traffic", "season", "opens", "closes"),
    [
        ("poyarkovo:ferry", "cargo", "2027", (5, 10), (11, 3)),
        ("blagoveshchensk:ferry", "passenger", "2027", (5, 10), (10, 26)),
        ("blagoveshchensk:pontoon", "cargo", "2016/17", (12, 10), (4, 5)),
        ("blagoveshchensk:pontoon", "passenger", "2026/27", (1, 9), (4, 7)),
        ("poyarkovo:ice_road", "cargo", "2026/27", (1, 26), (3, 13)),
        ("blagoveshchensk:ice_road", "cargo", "2008/09", (1, 8), (3, 25)),
    ],
)
def test_typical_year(
    crossing: str, traffic: str, season: str, opens: tuple[int, int], closes: tuple[int, int]
) -> None:
    found = MODEL.season(crossing, season=season, traffic=traffic, blind=True)
    for day, (month, of_month) in ((found.open, opens), (found.close, closes)):
        assert day is not None
        assert abs((day.p50 - date(day.p50.year, month, of_month)).days) <= 6


@pytest.mark.parametrize("year", range(2005, 2041))
def test_ships_are_gone_when_the_river_freezes(year: int) -> None:
    for crossing in ("poyarkovo:ferry", "blagoveshchensk:ferry"):
        close = MODEL.season(crossing, season=str(year), traffic="cargo", blind=True).close
        assert close is not None
        assert close.p50 < date(year, 11, 10)
