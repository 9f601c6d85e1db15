"""How often promises on a turn of the river were kept, and the table ``promises`` of it.

A promise of 90 % says that an opening has come by the P90 of its distribution, or that a closing has not come
by the day before its P10. Every dated turn is promised twice: *earlier* from what was on record before its
ice year, *left_out* with its whole ice year left out. Rows of one turn count once together; intervals are
those of 2,000 samples of whole ice years.

``python benchmarks/promises.py`` prints the table; ``--write`` writes ``data/geo/promises.csv``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from seasons import SAMPLES, SEED, events_of, forward, modelled, read_tables

from amurgeo.io import csv_text
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.turns import day_number, mode_of, turn_of

TABLE = Path(__file__).resolve().parents[1] / "data" / "geo" / "promises.csv"
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


def main() -> None:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="write data/geo/promises.csv")
    frame = table()
    if parser.parse_args().write:
        TABLE.write_text(csv_text(frame), encoding="utf-8")
    print(frame.drop(columns=["id", "source", "source_date", "confidence", "note"]).to_string(index=False))


if __name__ == "__main__":
    main()
