"""The shipped record and windows: observed days are returned exactly, and the tables are consistent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from amurgeo.dataset.files import read_cells
from amurgeo.dataset.reading import table_of
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.turns import first_year, mode_of, part_of, season_name

DATA = Path(__file__).resolve().parents[2] / "data" / "geo"
RECORD, WINDOWS, ERAS, SERVICES = (
    table_of(read_cells(DATA / f"{name}.csv", name), name)[0]
    for name in ("season_record", "windows", "eras", "services")
)
RECORD = RECORD.reset_index()
MODEL = SeasonModel(RECORD, WINDOWS, ERAS, SERVICES)
TURNS = RECORD[RECORD["event"].isin(["open", "close"]) & RECORD["precision"].isin(["day", "week"])]
SEASONAL = TURNS[TURNS["crossing"].isin(MODEL.crossings)]
#: Rows that are kept beside better ones: of each kind of traffic, or announced to a day.
REPLACED = {"khabarovsk_ferry_close_2024_10_19", "blagoveshchensk_pontoon_close_2025_04_15"}


def test_every_observed_turn_is_returned_exactly() -> None:
    wrong = []
    for row in SEASONAL[~SEASONAL["id"].isin(REPLACED)].to_dict("records"):
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
    rows = RECORD[RECORD["evidence"] & ~RECORD["crossing"].str.startswith("road:")]
    assert set(rows["event"]) == {"open", "close"}
    assert not rows["mode"].isin(["bridge", "rail", "road"]).any()
    here = rows["checkpoint"].isin(["blagoveshchensk", "poyarkovo"])
    assert not rows.loc[here, "date"].between("2020-01-31", "2022-06-10").any()


def test_typical_years() -> None:
    years = {
        ("poyarkovo:ferry", "cargo", "2027"): ("2027-05-08", "2027-10-31"),
        ("blagoveshchensk:ferry", "passenger", "2027"): ("2027-05-10", "2027-10-26"),
        ("blagoveshchensk:pontoon", "cargo", "2016/17"): ("2016-12-06", "2017-04-14"),
        ("blagoveshchensk:pontoon", "passenger", "2026/27"): ("2027-01-09", "2027-04-14"),
        ("poyarkovo:ice_road", "cargo", "2026/27"): ("2027-01-26", "2027-03-13"),
        ("blagoveshchensk:ice_road", "cargo", "2008/09"): ("2009-01-08", "2009-03-25"),
        ("nizhneleninskoye:ferry", "cargo", "2027"): ("2027-05-08", "2027-10-31"),
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
