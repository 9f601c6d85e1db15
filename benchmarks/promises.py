"""How often promises on a turn of the river were kept, and the table ``promises`` of it.

A promise of 90 % says that an opening has come by the P90 of its distribution, or that a closing has not come
by the day before its P10. Every dated turn is promised twice: *earlier* from what was on record before its
ice year, *left_out* with its whole ice year left out. Rows of one turn count once together; intervals are
those of 2,000 samples of whole ice years.

``python benchmarks/promises.py`` prints the table, and how often turns came within their P10 to P90;
``--write`` writes ``data/geo/promises.csv``. ``--replay`` drives past gaps again, the ice year left out.
``--speed`` times a pair, and 48 of them. ``--issue DAY`` freezes the hours of the coming winter in
``data/forecasts/promises``, beside the forecast of the seasons; ``--score`` compares them with the days that
the record has reached.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from seasons import SAMPLES, SEED, events_of, forward, modelled, read_tables

import amurgeo as ag
from amurgeo.analysis import ledger
from amurgeo.analysis.days import as_hours, quantiles
from amurgeo.analysis.reliability import border_of, lands
from amurgeo.io import csv_text
from amurgeo.network import Network
from amurgeo.seasons.ensemble import Ensemble, Sampler
from amurgeo.seasons.model import Key, SeasonModel
from amurgeo.seasons.service import NONEXISTENT
from amurgeo.seasons.turns import LIKELY, Turn, day_number, ice_year, mode_of, turn_of

TABLE = Path(__file__).resolve().parents[1] / "data" / "geo" / "promises.csv"
LEDGER = TABLE.parents[1] / "forecasts" / "promises"
#: Journeys and scenarios that are frozen, and draws of them.
JOURNEYS = (("blagoveshchensk", "heihe"), ("belogorsk", "harbin"))
SCENARIOS, DRAWS = ("baseline", "no_bridge"), 1000
#: Eight origins and six destinations, of which the speed is measured.
MANY = (
    "blagoveshchensk", "belogorsk", "svobodny", "zeya", "tynda", "raychikhinsk", "shimanovsk", "skovorodino",
    "heihe", "harbin", "suifenhe", "manzhouli", "qiqihar", "jiamusi",
)  # fmt: skip
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
#: Ends of the gaps that are driven again: the turns that must be on record, and departures of the ice year.
GAPS = {"autumn": (("freeze", "winter"), (75, 193)), "spring": (("thaw", "melt"), (203, 304))}
#: Most hours that count.
MOST_H = 1440.0
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
            limit = np.rint(answer.quantiles(level if comes else 1.0 - level))
            is_kept = day <= limit if comes else day >= limit
            rows.append((event.checkpoint, turn, event.year, level, float(is_kept)))
    frame = pd.DataFrame(rows, columns=["checkpoint", "turn", "year", "level", "kept"])
    return frame.pivot_table(index=["checkpoint", "turn", "year"], columns="level", values="kept")


def covered(events: pd.DataFrame, answers: list[Any]) -> pd.Series:
    """Return by turn and ice year the share of its rows within their P10 to P90."""
    rows: dict[Any, list[bool]] = {}
    for event, answer in zip(events.itertuples(), answers, strict=True):
        if answer is not None:
            turn = turn_of(mode_of(event.crossing), event.event, event.part)
            low, high = np.rint(answer.quantiles(np.array([0.1, 0.9])))
            inside = low <= day_number(event.date) <= high
            rows.setdefault((event.checkpoint, turn, event.year), []).append(inside)
    index = pd.MultiIndex.from_tuples(rows, names=["checkpoint", "turn", "year"])
    return pd.Series([float(np.mean(inside)) for inside in rows.values()], index=index)


class Expected(Sampler):
    """Draws of turns and stops, without what the record has of the days, and without holidays."""

    def _open(self, out: Any) -> np.ndarray:
        opened = self._in_season(out)
        self._stop(out, opened)
        opened[:, np.isin(out.reason, ("scenario", *NONEXISTENT))] = False
        return np.asarray(opened)


class Replay(Expected):
    """The seasons as they came: turns on record, those expected where none is, and no other stops."""

    came: Mapping[Key, int]

    def _days_of(self, key: Key, turn: Turn) -> np.ndarray:
        day = self.came.get(key, round(turn.distribution.center))
        return np.full(LIKELY, day, dtype=np.int32)

    def _stop(self, out: Any, opened: np.ndarray) -> None:
        """Close nothing."""


def hours_of(e: Ensemble, opened: np.ndarray, vehicle: str) -> np.ndarray:
    """Return the hours of the first journey by its best crossing, with given openings: draws by days."""
    given = replace(e, n=opened.shape[1])
    given.packed.update(enumerate(np.packbits(opened, axis=-1)))
    border = border_of(given, vehicle)
    origin, destination = JOURNEYS[0]
    ((*_, land),) = lands(given, border, e.net, vehicle, [origin], [destination])
    hours: np.ndarray = np.minimum(as_hours(border.arrivals(land).min(axis=0), land.ready), MOST_H)
    return hours


def replays(vehicle: str) -> Iterator[dict[str, Any]]:
    """Yield how the hours of past gaps fared, a gap at a time.

    The bridge is shut. Crossings whose turns of that gap are not on record are shut in what was expected and
    in what came.
    """
    net, events = ag.load(), events_of(SeasonModel(**read_tables()))
    turns = [turn_of(mode_of(row.crossing), row.event, row.part) for row in events.itertuples()]
    days = events.assign(turn=turns).groupby(["year", "checkpoint", "turn"])["day"].median()
    record = net.base["season_record"]
    for year, gap in ((year, gap) for year in sorted(set(events["year"])) for gap in GAPS):
        needed, (first, last) = GAPS[gap]
        seen = days[year].unstack().reindex(columns=needed).dropna()
        if JOURNEYS[0][0] not in seen.index:
            continue
        years = np.array([ice_year(pd.Timestamp(str(day)[:10]).date()) for day in record["date"]])
        tables = {**net.base, "season_record": record[years != year]}
        past = Network(tables, border=net.border, folder=net.folder, own=net.own)
        start = np.datetime64(date(year, 8, 1))
        e = ag.ensemble(
            past, start=(start + first).item(), end=(start + last).item(), n=DRAWS, scenario="no_bridge"
        )
        replay = Replay(e.states, e.seed, {})
        replay.came = {
            (place, turn, year): round(day + day_number(date(year, 8, 1)))
            for (place, turn), day in seen.stack().items()
        }
        said, came = (
            np.unpackbits(np.array(sampler.draw(range(len(e.states.services)), n)), axis=-1).astype(bool)
            for sampler, n in ((Expected(e.states, e.seed, {}), e.n), (replay, 1))
        )
        for row, out in enumerate(e.states.services):
            if out.service.is_seasonal and out.service.checkpoint not in seen.index:
                said[row] = came[row] = False
        one = said.mean(axis=1, keepdims=True) >= 0.5
        hours, single, seen_h = (hours_of(e, opened, vehicle) for opened in (said, one, came))
        single, seen_h = single[0], seen_h[0]
        p10, p90 = quantiles(hours, [0.1, 0.9])
        ranked, n = np.sort(hours, axis=0), len(hours)
        weights = (2 * np.arange(1, n + 1) - n - 1)[:, None]
        crps = np.abs(hours - seen_h).mean(axis=0) - (weights * ranked).sum(axis=0) / n**2
        yield {
            "vehicle": vehicle, "year": year, "gap": gap, "days": e.n_days,
            "inside_p10_p90": ((seen_h >= p10 - 0.01) & (seen_h <= p90 + 0.01)).mean(),
            "crps_h": crps.mean(), "one_number_h": np.abs(single - seen_h).mean(),
        }  # fmt: skip


def replay_table() -> pd.DataFrame:
    """Return the replayed gaps by vehicle: days, share within P10 to P90, CRPS and that of one number."""
    frame = pd.DataFrame([row for vehicle in ("truck_20t", "passenger") for row in replays(vehicle)])
    rows = []
    for vehicle, own in frame.groupby("vehicle"):
        means = {name: np.average(own[name], weights=own["days"]) for name in own.columns[4:]}
        # A day counts once; intervals are those of whole ice years.
        better = own.assign(value=(own["crps_h"] - own["one_number_h"]) * own["days"] / own["days"].mean())
        low, high = interval(better.set_index("year")["value"])
        about = {"vehicle": vehicle, "gaps": len(own), "winters": own["year"].nunique()}
        days = {"days": own["days"].sum()}
        rows.append({**about, **days, **means, "difference_low": low, "difference_high": high})
    print(frame.to_string(index=False))
    return pd.DataFrame(rows)


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


def promised() -> dict[str, tuple[pd.DataFrame, list[Any]]]:
    """Return the dated turns and their distributions by basis."""
    tables = read_tables()
    model = SeasonModel(**tables)
    events = events_of(model)
    left_out = [modelled(model, event) for event in events.itertuples()]
    return {"earlier": (events, forward(tables, events)), "left_out": (events, left_out)}


def table(answers: dict[str, tuple[pd.DataFrame, list[Any]]]) -> pd.DataFrame:
    """Return the rows of the table ``promises``."""
    rows, dates = [], read_tables()["record"]["date"].astype(str)
    for basis, (events, distributions) in answers.items():
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
                    "source_date": str(dates.str[:7].max()),
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


def speed() -> None:
    """Print the seconds of a pair and of 48 pairs by 365 days by 1,000 draws, and the memory."""
    net, last = ag.load(), date(2027, 11, 27)
    clock = time.perf_counter()
    e = ag.ensemble(net, start=date(2026, 11, 28), end=last, n=DRAWS, seed=SEED, scenario="no_bridge")
    ag.promise(e, *JOURNEYS[1])
    drawn = time.perf_counter()
    ag.promise(e, *JOURNEYS[0])
    warm = time.perf_counter()
    rows = len(ag.daily(net, MANY[:8], MANY[8:], ensemble=e))
    done = time.perf_counter()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"draws and first pair {drawn - clock:.2f} s, a pair {warm - drawn:.2f} s")
    print(f"{rows} days of {rows // 365} pairs by {DRAWS} draws {done - warm:.2f} s, {most:.0f} MB")


def main() -> None:
    """Print the table or write it; freeze hours, or score them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="write data/geo/promises.csv")
    parser.add_argument("--replay", action="store_true", help="drive past gaps again")
    parser.add_argument("--issue", type=date.fromisoformat, metavar="DAY", help="freeze hours from a day on")
    parser.add_argument("--speed", action="store_true", help="time a pair, and 48 pairs")
    parser.add_argument("--score", action="store_true", help="score the frozen hours against the record")
    given = parser.parse_args()
    if given.issue is not None or given.score:
        print(score().to_string(index=False) if given.score else issue(given.issue))
        return
    if given.speed:
        speed()
        return
    if given.replay:
        print(replay_table().to_string(index=False))
        return
    answers = promised()
    frame = table(answers)
    if given.write:
        TABLE.write_text(csv_text(frame), encoding="utf-8")
    print(frame.drop(columns=["id", "source", "source_date", "confidence", "note"]).to_string(index=False))
    for basis, (events, distributions) in answers.items():
        shares = covered(events, distributions)
        low, high = interval(shares)
        print(
            f"{basis}: within P10 to P90 {shares.mean():.3f} ({low:.3f} to {high:.3f}), {len(shares)} turns"
        )


if __name__ == "__main__":
    main()
