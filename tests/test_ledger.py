"""The forecast ledger: only what was on record by its day, never edited, scored against the record."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.analysis.ledger import COLUMNS, issue, read_ledger

FOLDER = Path(__file__).resolve().parents[1] / "data" / "forecasts"


@pytest.fixture(scope="module")
def replayed(net: ag.Network) -> pd.DataFrame:
    return ag.forecast(net, "2024-11-28")


def test_a_forecast_knows_nothing_of_the_days_after_it(replayed: pd.DataFrame) -> None:
    assert list(replayed.columns) == list(COLUMNS)
    assert (replayed["p90"] > "2024-11-28").all()
    assert ((replayed["p10"] <= replayed["p50"]) & (replayed["p50"] <= replayed["p90"])).all()
    opened = replayed.set_index(["crossing", "traffic", "event"]).loc[("poyarkovo:ice_road", "cargo", "open")]
    # Two of the four years of the era had come.
    assert opened["n_years"] == 2
    assert not replayed.duplicated(["crossing", "traffic", "event"]).any()


def test_scores_are_those_of_the_record(net: ag.Network, replayed: pd.DataFrame) -> None:
    scores = ag.score_forecasts(net, replayed)
    scored = scores[scores["outcome"] == "scored"]
    row = scored.set_index(["crossing", "event"]).loc[("blagoveshchensk:pontoon", "open")].iloc[0]
    forecast = replayed[(replayed["crossing"] == "blagoveshchensk:pontoon") & (replayed["event"] == "open")]
    p50 = pd.Timestamp(forecast["p50"].iloc[0])
    assert row["error_days"] == (pd.Timestamp(row["observed"]) - p50).days
    assert (scored["crps_days"] <= scored["error_days"].abs() + 10).all()
    assert scores.loc[scores["outcome"] != "scored", ["error_days", "crps_days"]].isna().all(axis=None)
    # Services that follow one turn count once together.
    turns = {
        ("blagoveshchensk", "winter"): {"pontoon open", "hovercraft autumn_close"},
        ("blagoveshchensk", "thaw"): {"pontoon close", "hovercraft spring_open"},
    }
    for (place, _), events in turns.items():
        same = scored["crossing"].str.startswith(place) & (
            scored["crossing"].str.partition(":")[2] + " " + scored["event"]
        ).isin(events)
        assert scored.loc[same, "weight"].sum() == pytest.approx(1.0)


def test_a_certain_forecast_has_the_crps_of_its_distance(net: ag.Network, replayed: pd.DataFrame) -> None:
    row = replayed[(replayed["crossing"] == "poyarkovo:ice_road") & (replayed["event"] == "close")].iloc[:1]
    observed = pd.Timestamp("2025-03-13")
    middle = (observed - pd.Timestamp("2024-08-01")).days
    for late in (-7, 0, 12):
        sure = row.assign(middle=float(middle + late), scale=1e-6, df=np.inf)
        assert ag.score_forecasts(net, sure)["crps_days"].iloc[0] == pytest.approx(abs(late), abs=0.3)


def test_an_issue_is_written_once_and_an_edit_is_found(replayed: pd.DataFrame, tmp_path: Path) -> None:
    path = issue(replayed, tmp_path)
    assert path.name == "2024-11-28.csv"
    read = read_ledger(tmp_path)
    assert list(read.columns) == list(COLUMNS)
    assert read["p50"].tolist() == replayed["p50"].tolist()
    with pytest.raises(ag.InputError, match="2024-11-28 has a forecast"):
        issue(replayed, tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("2025", "2026", 1), encoding="utf-8")
    with pytest.raises(ag.InputError, match="as they were issued"):
        read_ledger(tmp_path)
    with pytest.raises(ag.InputError, match="no forecast"):
        read_ledger(tmp_path / "none")
    with pytest.raises(ag.InputError, match="no column"):
        ag.score_forecasts(ag.load(), replayed.drop(columns="middle"))
    for name in ("winter", "p50", "not_by", "scale"):
        with pytest.raises(ag.InputError, match=f"wrong values of {name}"):
            ag.score_forecasts(ag.load(), replayed.assign(**{name: "soon"}))


#: Digests of the forecasts issued so far; a new one is added here, none is ever changed.
ISSUED = {
    "2026-11-28.csv": "eff604fd28bdbf05aa3b9ef3e6efe0d5f7ac589f02e8b80498ee611d1e33f69c",
}


def test_no_issued_forecast_was_edited() -> None:
    texts = {path.name: path.read_bytes().replace(b"\r\n", b"\n") for path in FOLDER.glob("*.csv")}
    files = {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    assert files == ISSUED
