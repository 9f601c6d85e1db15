"""Errors of the season model on winters that it has not seen, beside the medians that a planner would use.

Every dated opening and closing that is evidence of ice or water is predicted with its whole ice year left
out: medians, spreads and the weights of other places are derived again. The same events are predicted by
the median of the other years of the same era (*regime*) and by that of all other years (*years*), both with a
Student spread found by leaving years out. *Forward* uses only what was on record before the ice year.

Means have 90 % intervals from 2,000 samples of whole ice years; differences are paired by event. An event
without any other year has no median: it is counted, not scored. Run ``python benchmarks/seasons.py`` for a
table, with ``--json`` for one document.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset import reading
from amurgeo.seasons.ice import ice_winter, monthly_normals, season_shift, winter_temperatures
from amurgeo.seasons.model import DF, LEVEL, SeasonModel
from amurgeo.seasons.turns import DayDistribution, Season, day_number, ice_year, mode_of, season_name

DATA = Path(__file__).resolve().parents[1] / "data" / "geo"
MEASURES = ("mae_days", "crps_days", "inside_p10_p90")
SAMPLES, SEED = 2_000, 1


def read_tables() -> dict[str, pd.DataFrame]:
    """Read the tables that the season model is made of."""
    names = {"record": "season_record", "windows": "windows", "eras": "eras", "services": "services"}
    tables, _ = reading.read_tables(DATA, names=names.values())
    return {key: tables[name] for key, name in names.items()}


def events_of(model: SeasonModel) -> pd.DataFrame:
    """Return the dated events that the model learns from."""
    rows = [
        {
            "id": row.id,
            "crossing": crossing,
            "checkpoint": crossing.partition(":")[0],
            "traffic": row.traffic
            if row.traffic in model.traffics(crossing)
            else model.traffics(crossing)[0],
            "event": row.event,
            "part": row.part,
            "season": season_name(row.year, mode_of(crossing)),
            "date": row.date,
            "year": ice_year(row.date),
        }
        for crossing, row in model.evidence()
    ]
    frame = pd.DataFrame(rows)
    frame["day"] = [
        (day - date(year, 8, 1)).days for day, year in zip(frame["date"], frame["year"], strict=True)
    ]
    frame["era"] = [model.era(row.crossing, row.event, row.part, row.year) for row in frame.itertuples()]
    return frame


def medians(events: pd.DataFrame, names: list[str]) -> list[DayDistribution | None]:
    """Return the median of the other years of each event's group, with one Student spread."""
    groups = [frame for _, frame in events.groupby(names)]
    residuals = []
    for frame in groups:
        for year, own in frame.groupby("year"):
            others = frame.loc[frame["year"] != year, "day"]
            n = frame["year"].nunique() - 1
            if n:
                residuals += [(year, abs(day - others.median()) / np.sqrt(1 + 1 / n)) for day in own["day"]]
    years, sizes = (np.array(column) for column in zip(*residuals, strict=True))
    unit = -float(DayDistribution(0.0, 1.0, DF).quantiles((1.0 - LEVEL) / 2.0))
    answers: dict[str, DayDistribution | None] = {}
    for frame in groups:
        for row in frame.itertuples():
            others = frame[frame["year"] != row.year]
            if others.empty:
                answers[row.id] = None
                continue
            scale = np.quantile(sizes[years != row.year], LEVEL) / unit
            center = day_number(date(row.year, 8, 1)) + float(others["day"].median())
            answers[row.id] = DayDistribution(
                center, float(scale * np.sqrt(1 + 1 / others["year"].nunique())), DF
            )
    return [answers[id_] for id_ in events["id"]]


def modelled(model: SeasonModel, event: Any) -> DayDistribution | None:
    """Return the distribution of an event with its ice year left out."""
    season: Season = model.season(
        event.crossing, season=event.season, traffic=event.traffic, part=event.part, blind=True
    )
    turn = getattr(season, event.event)
    return None if turn is None else turn.distribution


def forward(tables: dict[str, pd.DataFrame], events: pd.DataFrame) -> list[DayDistribution | None]:
    """Return the distribution of each event from what was on record before its ice year."""
    record = tables["record"]
    models = {
        year: SeasonModel(**{**tables, "record": record[record["date"].str[:10] < f"{year}-08-01"]})
        for year in sorted(set(events["year"]))
    }
    return [modelled(models[row.year], row) for row in events.itertuples()]


def scores(days: pd.Series, answers: list[DayDistribution | None]) -> pd.DataFrame:
    """Return absolute error and CRPS in days, and whether P10 to P90 hold the day; NaN without an answer."""
    rows = []
    for day, answer in zip(days, answers, strict=True):
        if answer is None:
            rows.append((np.nan, np.nan, np.nan))
            continue
        number = day_number(day)
        grid = np.arange(number - 250, number + 251).astype("datetime64[D]")
        step = grid.astype(int) >= number
        p10, p50, p90 = (round(float(answer.quantiles(p))) for p in (0.1, 0.5, 0.9))
        crps = float(np.square(answer.cdf(grid) - step).sum())
        rows.append((abs(number - p50), crps, float(p10 <= number <= p90)))
    return pd.DataFrame(rows, columns=list(MEASURES), index=days.index)


def interval(values: pd.DataFrame, years: pd.Series) -> dict[str, list[float]]:
    """Return mean and 90 % interval of each column, sampling whole ice years."""
    sums = values.groupby(years).agg(["sum", "count"])
    draws = np.random.default_rng(SEED).integers(len(sums), size=(SAMPLES, len(sums)))
    found = {}
    for name in values:
        total, count = (sums[name, what].to_numpy()[draws].sum(axis=1) for what in ("sum", "count"))
        low, high = np.quantile(total / count, [0.05, 0.95])
        found[str(name)] = [round(float(x), 2) for x in (values[name].mean(), low, high)]
    return found


def run(tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the scores of the model, of both medians and forward in time, and the paired differences."""
    model = SeasonModel(**tables)
    events = events_of(model)
    service = ["crossing", "event", "part"]
    answers = {
        "model": [modelled(model, row) for row in events.itertuples()],
        "regime": medians(events, [*service, "era"]),
        "years": medians(events, service),
        "forward": forward(tables, events),
    }
    found = {name: scores(events["date"], given) for name, given in answers.items()}
    both = found["model"].notna().all(axis=1) & found["regime"].notna().all(axis=1)
    summary: dict[str, Any] = {
        "events": len(events),
        "ice_years": int(events["year"].nunique()),
        "without_another_year": int(found["regime"].isna().any(axis=1).sum()),
    }
    for name, score in found.items():
        scored = score.notna().all(axis=1)
        summary[name] = {"events": int(scored.sum()), **interval(score[scored], events["year"][scored])}
    compared = {"events": int(both.sum())}
    for name in ("model", "regime"):
        compared[name] = interval(found[name][both], events["year"][both])
    compared["difference"] = interval((found["model"] - found["regime"])[both], events["year"][both])
    by_checkpoint = {
        str(name): {
            "events": len(rows),
            **{
                kind: round(float(found[kind].loc[rows.index, "mae_days"].mean()), 1)
                for kind in ("model", "regime")
            },
        }
        for name, rows in events.groupby("checkpoint")
    }
    return {
        **summary,
        "compared": compared,
        "by_checkpoint": by_checkpoint,
        "ice": ice_summary(tables["record"]),
    }


def known_anomalies(
    climate: pd.DataFrame, *, station: str = "blagoveshchensk", year: int
) -> dict[int, float]:
    """Return the known anomalies in °C, by month, of the winter that starts in a year."""
    normals = monthly_normals(climate, station)
    rows = climate[climate["station"] == station]
    anomalies = {}
    for kind in ("anomaly", "month"):
        for row in rows[rows["kind"] == kind].to_dict("records"):
            month = int(row["month"])
            if int(row["year"]) == (year if month >= 7 else year + 1):
                normal = float(normals[month - 1]) if kind == "month" else 0.0
                anomalies[month] = float(row["value_c"]) - normal
    return anomalies


def opening_lags(record: pd.DataFrame, climate: pd.DataFrame) -> dict[int, float]:
    """Return the days between 30 t of bearing capacity and the opening of an ice road, by winter to 2011."""
    dated = record[record["precision"].isin(["day", "week"]) & (record["event"] == "open")]
    lags = {}
    for opened in pd.to_datetime(dated.loc[dated["crossing"] == "blagoveshchensk:ice_road", "date"]):
        year = opened.year - int(opened.month < 7)
        anomalies = known_anomalies(climate, year=year)
        winter = ice_winter(winter_temperatures(climate, year=year, months_c=anomalies))
        carries = winter.carries_from(30.0)
        if year < 2012 and carries is not None:
            lags[year] = float((opened - winter.days.index[0]).days) - carries
    return lags


def ice_summary(record: pd.DataFrame) -> dict[str, Any]:
    """Return the errors of the ice model for dated openings and measured thicknesses."""
    climate, phenology = (pd.read_csv(DATA / name) for name in ("climate.csv", "ice_phenology.csv"))
    lags = np.array(list(opening_lags(record, climate).values()))
    left_out_means = (lags.sum() - lags) / (len(lags) - 1)
    here = phenology[phenology["place"] == "blagoveshchensk"]
    closed = here[(here["event"] == "freeze_up") & here["bound"].isna() & here["date"].notna()]
    seen = {int(day[:4]): date.fromisoformat(day) for day in closed["date"]}
    errors = {}
    for row in here[here["event"] == "thickness"].to_dict("records"):
        norm = pd.isna(row["date"])
        day = pd.Timestamp(f"2022-{row['month_day']}" if norm else row["date"])
        year = day.year - 1
        anomalies = {} if norm else known_anomalies(climate, year=year)
        temperatures = winter_temperatures(climate, year=year, months_c=anomalies)
        winter = ice_winter(temperatures, freeze_up=None if norm else seen.get(year))
        errors[row["id"]] = round(float(winter.days.at[day, "thickness_cm"]) - row["thickness_cm"], 1)
    warmer = season_shift(climate, warming_c=1.0)
    shorter = (warmer.freeze_up_shift_days or 0.0) - (warmer.break_up_shift_days or 0.0)
    return {
        "opening_lag_days": round(float(lags.mean()), 1),
        "opening_mae_days": round(float(np.abs(lags - left_out_means).mean()), 1),
        "openings": len(lags),
        "thickness_error_cm": errors,
        "shorter_days_per_degree": round(shorter, 1),
    }


def table(summary: dict[str, Any], write: Callable[[str], object]) -> None:
    """Write the summary as a table."""

    def line(title: str, n: int, part: dict[str, list[float]]) -> None:
        cells = "".join(f"{'{:.2f} [{:.2f}, {:.2f}]'.format(*part[name]):>24}" for name in MEASURES)
        write(f"{title:34}{n:7}{cells}")

    write(
        f"{summary['events']} events of {summary['ice_years']} ice years, "
        f"{summary['without_another_year']} without another year; means with 90 % intervals"
    )
    write(f"{'':34}{'events':>7}" + "".join(f"{name:>24}" for name in MEASURES))
    compared = summary["compared"]
    for name in ("model", "regime", "difference"):
        line(f"same events: {name}", compared["events"], compared[name])
    for name in ("model", "regime", "years", "forward"):
        line(f"all that answer: {name}", summary[name]["events"], summary[name])
    for name, part in summary["by_checkpoint"].items():
        write(f"{name:34}{part['events']:7}  MAE model {part['model']:.1f}, regime {part['regime']:.1f}")
    ice = summary["ice"]
    off_cm = max(abs(error) for error in ice["thickness_error_cm"].values())
    write(
        f"ice: {ice['openings']} openings, predicted within {ice['opening_mae_days']} days; "
        f"thickness off by up to {off_cm} cm; "
        f"{ice['shorter_days_per_degree']} days less ice for 1 °C (satellites: 6.1)"
    )


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    chosen = parser.parse_args(arguments)
    summary = run(read_tables())
    out = sys.stdout
    if chosen.json:
        json.dump(summary, out, indent=1)
        out.write("\n")
    else:
        table(summary, lambda line: out.write(line + "\n"))


if __name__ == "__main__":
    main()
