"""How often promises on a turn of the river were kept, and the table ``promises`` of it.

A promise of 90 % says that an opening has come by the P90 of its distribution, or that a closing has not come
by the day before its P10. Every dated turn is promised twice: *earlier* from what was on record before its
ice year, *left_out* with its whole ice year left out. Rows of one turn count once together; intervals are
those of 2,000 samples of whole ice years.

``python benchmarks/promises.py`` prints the table; ``--write`` writes ``data/geo/promises.csv``.
``--issue DAY`` freezes the hours of the coming winter in ``data/forecasts/promises``, beside the forecast of
the seasons; ``--score`` compares them with the days that the record has reached.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from seasons import SAMPLES, SEED, events_of, forward, modelled, read_tables

import amurgeo as ag
from amurgeo.analysis import ledger
from amurgeo.io import csv_text
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.turns import day_number, ice_year, mode_of, turn_of

TABLE = Path(__file__).resolve().parents[1] / "data" / "geo" / "promises.csv"
LEDGER = TABLE.parents[1] / "forecasts" / "promises"
#: Journeys and scenarios that are frozen, and draws of them.
JOURNEYS = (("blagoveshchensk", "heihe"), ("belogorsk", "harbin"))
SCENARIOS, DRAWS = ("baseline", "no_bridge"), 1000
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
#: Turns that are promised to have come; the others are promised not to have come yet.
COMES = ("winter", "melt")


def kept(events: pd.DataFrame, answers: list[Any]) -> pd.DataFrame:
    """Return by turn and ice year the share of its rows whose promise was kept, a column per level."""
    rows = []
    for event, answer in zip(events.itertuples(), answers, strict=True):
        if answer is None:
            continue
        turn, day = turn_of(mode_of(event.crossing), event.event, event.part), day_number(event.date)
        comes = turn in COMES
        for level in LEVELS:
            limit = np.rint(answer.ppf(level if comes else 1.0 - level))
            is_kept = day <= limit if comes else day >= limit
            rows.append((event.checkpoint, turn, event.year, level, float(is_kept)))
    frame = pd.DataFrame(rows, columns=["checkpoint", "turn", "year", "level", "kept"])
    return frame.pivot_table(index=["checkpoint", "turn", "year"], columns="level", values="kept")


def interval(values: pd.Series) -> tuple[float, float]:
    """Return a 90 % interval of the mean from samples of whole ice years."""
    groups = [own.to_numpy() for _, own in values.groupby("year")]
    numbers = np.random.default_rng(SEED)
    means = [
        np.concatenate([groups[place] for place in numbers.integers(len(groups), size=len(groups))]).mean()
        for _ in range(SAMPLES)
    ]
    low, high = np.quantile(means, [0.05, 0.95])
    return float(low), float(high)


def table() -> pd.DataFrame:
    """Return the rows of the table ``promises``."""
    tables = read_tables()
    model = SeasonModel(**tables)
    events = events_of(model)
    answers = {
        "earlier": forward(tables, events),
        "left_out": [modelled(model, event) for event in events.itertuples()],
    }
    rows = []
    for basis, distributions in answers.items():
        shares = kept(events, distributions)
        for level in LEVELS:
            low, high = interval(shares[level])
            rows.append(
                {
                    "id": f"{basis}_{round(100 * level)}",
                    "basis": basis,
                    "sure": level,
                    "kept": round(float(shares[level].mean()), 3),
                    "low": round(low, 3),
                    "high": round(high, 3),
                    "n": len(shares),
                    "winters": shares.index.get_level_values("year").nunique(),
                    "source": "estimate",
                    "source_date": str(tables["record"]["date"].astype(str).str[:7].max()),
                    "confidence": "estimated",
                    "note": "Computed from season_record.csv by benchmarks/promises.py",
                }
            )
    return pd.DataFrame(rows)


def issue(day: date) -> Path:
    """Freeze the hours of every pair and scenario from a day to the end of its winter."""
    net, last = ag.load(), date(ice_year(day) + 1, 7, 31)
    frames = []
    for scenario in SCENARIOS:
        e = ag.ensemble(net, start=day, end=last, n=DRAWS, seed=SEED, scenario=scenario)
        for origin, destination in JOURNEYS:
            found = ag.promise(e, origin, destination)
            ends = {"origin": found.origin, "destination": found.destination, "vehicle": found.vehicle}
            number = ag.daily(
                net, [origin], [destination], start=day, end=last, scenarios=[scenario], vehicle=found.vehicle
            )
            days = found.days.drop(columns="within")
            numbers = days.select_dtypes("floating")
            days = days.assign(**{name: numbers[name].round(4) for name in numbers})
            about = {"issued": day.isoformat(), "scenario": scenario, **ends}
            frames.append(
                days.assign(
                    **about,
                    one_number_h=number["hours"].round(4).to_numpy(),
                    draws=DRAWS,
                    seed=SEED,
                    model=f"amurgeo {ag.__version__}",
                )
            )
    frame = pd.concat(frames, ignore_index=True)
    first = ["issued", "scenario", "origin", "destination", "vehicle"]
    return ledger.issue(frame[[*first, *(name for name in frame if name not in first)]], LEDGER)


def score() -> pd.DataFrame:
    """Return how the frozen hours fared on the days that the record has reached.

    What came are the hours of the same journey over the record, by the crossing that is best in hindsight;
    crossings that are not on record on a day are drawn, and the median counts.
    """
    net, rows = ag.load(), ledger.read_ledger(LEDGER)
    scores = []
    for key, own in rows.groupby(["issued", "scenario", "origin", "destination", "vehicle"]):
        own = own[pd.to_datetime(own["day"]) <= pd.Timestamp(net.record_until)]
        if own.empty:
            scores.append((*key, 0, *[np.nan] * 4))
            continue
        days = own["day"].min(), own["day"].max()
        e = ag.ensemble(net, start=days[0], end=days[1], n=100, seed=SEED, scenario=key[1])
        came = ag.promise(e, key[2], key[3], vehicle=key[4], plan="foresight").days["p50_h"].to_numpy()
        inside = (came >= own["p10_h"] - 0.01) & (came <= own["p90_h"] + 0.01)
        errors = [(came - own[name]).abs().mean() for name in ("p50_h", "one_number_h")]
        scores.append((*key, len(own), inside.mean(), (came <= own["p90_h"] + 0.01).mean(), *errors))
    names = ["issued", "scenario", "origin", "destination", "vehicle", "days", "inside_p10_p90", "p90_kept"]
    return pd.DataFrame(scores, columns=[*names, "p50_error_h", "one_number_error_h"])


def main() -> None:
    """Print the table or write it; freeze hours, or score them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="write data/geo/promises.csv")
    parser.add_argument("--issue", type=date.fromisoformat, metavar="DAY", help="freeze hours from a day on")
    parser.add_argument("--score", action="store_true", help="score the frozen hours against the record")
    given = parser.parse_args()
    if given.issue is not None or given.score:
        print(score().to_string(index=False) if given.score else issue(given.issue))
        return
    frame = table()
    if given.write:
        TABLE.write_text(csv_text(frame), encoding="utf-8")
    print(frame.drop(columns=["id", "source", "source_date", "confidence", "note"]).to_string(index=False))


if __name__ == "__main__":
    main()
