"""The shipped record and windows: observed days are returned exactly, and the tables are consistent."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pandas as pd

from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.turns import first_year, mode_of, part_of, season_name

DATA = Path(__file__).resolve().parents[2] / "data" / "geo"
RECORD = pd.read_csv(DATA / "season_record.csv", keep_default_na=False)
WINDOWS = pd.read_csv(DATA / "windows.csv")
MODEL = SeasonModel(RECORD, WINDOWS)
TURNS = RECORD[RECORD["event"].isin(["open", "close"]) & RECORD["precision"].isin(["day", "week"])]
SEASONAL = TURNS[TURNS["crossing"].isin(MODEL.crossings)]


def test_every_observed_turn_is_returned_exactly() -> None:
    wrong = []
    for row in SEASONAL.to_dict("records"):
        day, crossing = date.fromisoformat(row["date"]), row["crossing"]
        mode = mode_of(crossing)
        traffics = MODEL.traffics(crossing)
        asked = {
            "season": season_name(first_year(day, mode), mode),
            "traffic": row["traffic"] if row["traffic"] in traffics else traffics[0],
            "part": part_of(day, row["event"], mode),
        }
        turn = getattr(MODEL.season(crossing, **asked), row["event"])
        blind = getattr(MODEL.season(crossing, **asked, blind=True), row["event"])
        if not turn.observed == turn.p10 == turn.p50 == turn.p90 == day or blind.observed is not None:
            wrong.append(row["id"])
    assert wrong == []


def test_record_of_the_pandemic_is_no_evidence_of_ice() -> None:
    rows = RECORD[(RECORD["evidence"] == "yes") & ~RECORD["crossing"].str.startswith("road:")]
    assert set(rows["event"]) == {"open", "close"}
    assert not rows["mode"].isin(["bridge", "rail", "road"]).any()
    assert not rows["date"].between("2020-01-31", "2022-06-10").any()


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


def test_typical_years() -> None:
    years = {
        ("poyarkovo:ferry", "cargo", "2027"): ("2027-05-10", "2027-11-03"),
        ("blagoveshchensk:ferry", "passenger", "2027"): ("2027-05-10", "2027-10-26"),
        ("blagoveshchensk:pontoon", "cargo", "2016/17"): ("2016-12-10", "2017-04-05"),
        ("blagoveshchensk:pontoon", "passenger", "2026/27"): ("2027-01-09", "2027-04-07"),
        ("poyarkovo:ice_road", "cargo", "2026/27"): ("2027-01-26", "2027-03-13"),
        ("blagoveshchensk:ice_road", "cargo", "2008/09"): ("2009-01-08", "2009-03-25"),
    }
    for (crossing, traffic, season), days in years.items():
        found = MODEL.season(crossing, season=season, traffic=traffic, blind=True)
        for turn, day in zip((found.open, found.close), days, strict=True):
            assert abs((turn.p50 - date.fromisoformat(day)).days) <= 6, (crossing, season)


def test_ferries_stop_before_the_river_freezes() -> None:
    for year in range(2005, 2041):
        for crossing in ("poyarkovo:ferry", "blagoveshchensk:ferry"):
            close = MODEL.season(crossing, season=str(year), traffic="cargo", blind=True).close
            assert close.p50 < date(year, 11, 10)
