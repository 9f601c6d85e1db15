"""Errors of the season model on events that it has not seen, beside the medians that a planner would use.

Every dated opening and closing of a seasonal border crossing is predicted with the observations of its whole
season left out. Run ``python benchmarks/seasons.py`` for a table, with ``--json`` for one document.

``strict`` is a stricter test than the shipped model: the typical days of the windows, which were derived from
the record, are derived from the other seasons only. Events whose window has no other observation are reported
separately.
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

from amurgeo.seasons.ice import ice_winter, monthly_normals, season_shift, winter_temperatures
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.observations import TRAFFICS
from amurgeo.seasons.turns import date_in, first_year, mode_of, part_of, season_name, season_span

DATA = Path(__file__).resolve().parents[1] / "data" / "geo"
#: Period in which traffic depended on other reasons than ice and water.
PANDEMIC = ("2020-01-31", "2022-06-10")


def read_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the record and the windows."""
    return pd.read_csv(DATA / "season_record.csv"), pd.read_csv(DATA / "windows.csv")


def events_of(record: pd.DataFrame) -> pd.DataFrame:
    """Return the dated openings and closings of border crossings that are evidence of ice or water."""
    mine = record[
        record["event"].isin(["open", "close"])
        & record["precision"].isin(["day", "week"])
        & ~record["crossing"].str.startswith("road:")
        & (record["mode"] != "bridge")
        & (record["evidence"] == "yes")
        & ~record["date"].between(*PANDEMIC)
    ]
    events = mine[["id", "crossing", "mode", "traffic", "event", "date", "precision"]].reset_index(drop=True)
    days = pd.to_datetime(events["date"]).dt.date
    years = [first_year(day, mode) for day, mode in zip(days, events["mode"], strict=True)]
    return events.assign(
        date=days,
        season=[season_name(year, mode) for year, mode in zip(years, events["mode"], strict=True)],
        year=years,
        part=[part_of(day, row.event, row.mode) for day, row in zip(days, events.itertuples(), strict=True)],
    )


def predict(model: SeasonModel, event: Any) -> tuple[date, date, date]:
    """Return P10, P50 and P90 of an event with its season left out."""
    season = model.dates(
        event.crossing,
        season=event.season,
        traffic=event.traffic if event.traffic in TRAFFICS else None,
        part=event.part or None,
        blind=True,
    )
    turn = getattr(season, event.event)
    return turn.p10, turn.p50, turn.p90


def other_days(events: pd.DataFrame, event: Any, windows: pd.DataFrame | None) -> list[int]:
    """Return the days after the start of the season at which the event fell in other seasons.

    With windows only those of the same regime and traffic count, else all years.
    """
    start, end = season_span(event.year, event.mode)
    mine = events[
        (events["crossing"] == event.crossing)
        & (events["event"] == event.event)
        & (events["part"] == event.part)
        & ~events["date"].between(start, end)
    ]
    if windows is not None:
        window = window_of(windows, event)
        if window is None:
            return []
        mine = mine[mine["year"].between(first_of(window), last_of(window))]
        if window["traffic"] != "both":
            mine = mine[mine["traffic"].isin([window["traffic"], "both", "unknown"])]
    return [(row.date - season_span(row.year, event.mode)[0]).days for row in mine.itertuples()]


def first_of(window: pd.Series) -> float:
    """Return the first year of a window."""
    return -np.inf if pd.isna(window["valid_from"]) else float(window["valid_from"])


def last_of(window: pd.Series) -> float:
    """Return the last year of a window."""
    return np.inf if pd.isna(window["valid_to"]) else float(window["valid_to"])


def window_of(windows: pd.DataFrame, event: Any) -> pd.Series | None:
    """Return the window in which an event falls, else the last one before it."""
    kinds = [event.traffic, "both"] if event.traffic in TRAFFICS else ["both", "cargo", "passenger"]
    mine = windows[
        (windows["crossing"] == event.crossing)
        & (windows["part"].fillna("") == event.part)
        & windows["traffic"].isin(kinds)
    ]
    begun = [window for _, window in mine.iterrows() if first_of(window) <= event.year]
    return next(
        (window for window in begun if event.year <= last_of(window)), max(begun, key=last_of, default=None)
    )


def without_season(windows: pd.DataFrame, events: pd.DataFrame, event: Any) -> pd.DataFrame:
    """Return the windows with typical days derived from all other seasons."""
    columns: dict[str, list[str]] = {
        "open_md": list(windows["open_md"]),
        "close_md": list(windows["close_md"]),
    }
    start, end = season_span(event.year, event.mode)
    others = events[~events["date"].between(start, end)]
    for position, (_, window) in enumerate(windows.iterrows()):
        mode = mode_of(window["crossing"])
        kinds = ["both", "unknown", *(TRAFFICS if window["traffic"] == "both" else [window["traffic"]])]
        mine = others[
            (others["crossing"] == window["crossing"])
            & (others["part"] == ("" if pd.isna(window["part"]) else window["part"]))
            & others["year"].between(first_of(window), last_of(window))
            & others["traffic"].isin(kinds)
        ]
        for name, kind in (("open_md", "open"), ("close_md", "close")):
            days = [
                (row.date - season_span(row.year, mode)[0]).days
                for row in mine[mine["event"] == kind].itertuples()
            ]
            if days:
                columns[name][position] = str(
                    pd.Timestamp(season_span(2022, mode)[0]) + pd.Timedelta(days=int(np.median(days)))
                )[5:10]
    return windows.assign(**columns)


def run(record: pd.DataFrame, windows: pd.DataFrame, *, strict: bool = True) -> pd.DataFrame:
    """Return every event with its predictions.

    Parameters
    ----------
    record, windows
        The tables.
    strict
        Whether to predict as well with windows derived from other seasons; slower.
    """
    events = events_of(record)
    model = SeasonModel(record, windows)
    rows = []
    for event in events.itertuples():
        p10, p50, p90 = predict(model, event)
        regime, everything = other_days(events, event, windows), other_days(events, event, None)
        window = window_of(windows, event)
        start = season_span(event.year, event.mode)[0]
        answers = {"model": (p50 - event.date).days}
        if regime:
            answers["regime_median"] = int(np.median(regime)) - (event.date - start).days
        elif window is not None:
            answers["regime_median"] = (
                date_in(window[f"{event.event}_md"], event.year, event.mode) - event.date
            ).days
        if everything:
            answers["median"] = int(np.median(everything)) - (event.date - start).days
        if strict:
            own = SeasonModel(record, without_season(windows, events, event))
            answers["strict"] = (predict(own, event)[1] - event.date).days
        rows.append(
            {
                "id": event.id,
                "crossing": event.crossing,
                "event": event.event,
                "date": event.date,
                "p10": p10,
                "p50": p50,
                "p90": p90,
                "inside": p10 <= event.date <= p90,
                "supported": bool(regime or everything),
                **answers,
            }
        )
    return pd.DataFrame(rows)


def summarise(found: pd.DataFrame) -> dict[str, Any]:
    """Return mean absolute errors in days, overall and by crossing, and the share inside P10 to P90."""
    methods = [name for name in ("model", "strict", "regime_median", "median") if name in found]
    comparable = found[found["median"].notna()]

    def mae(frame: pd.DataFrame) -> dict[str, float | None]:
        means = {name: float(frame[name].abs().mean()) for name in methods}
        return {name: None if np.isnan(mean) else round(mean, 2) for name, mean in means.items()}

    return {
        "events": len(found),
        "supported": int(found["supported"].sum()),
        "mae_days": mae(found),
        "mae_days_supported": mae(comparable),
        "inside_p10_p90": round(float(found["inside"].mean()), 3),
        "inside_p10_p90_supported": round(float(comparable["inside"].mean()), 3),
        "bias_days": round(float(found["model"].mean()), 2),
        "by_crossing": {
            str(name): {"events": len(part), **mae(part), "inside": round(float(part["inside"].mean()), 2)}
            for name, part in found.groupby("crossing")
        },
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
    methods = list(summary["mae_days"])
    write(
        f"{summary['events']} events, {summary['supported']} with other observations; "
        "mean absolute error in days"
    )
    write(f"{'':32}{'events':>7}" + "".join(f"{name:>15}" for name in methods) + f"{'in P10-P90':>12}")
    for name, part in summary["by_crossing"].items():
        write(
            f"{name:32}{part['events']:7}"
            + "".join(f"{'-':>15}" if part[method] is None else f"{part[method]:15.1f}" for method in methods)
            + f"{part['inside']:12.0%}"
        )
    for title, key, inside in (
        ("all", "mae_days", "inside_p10_p90"),
        ("supported", "mae_days_supported", "inside_p10_p90_supported"),
    ):
        n = summary["events"] if title == "all" else summary["supported"]
        write(
            f"{title:32}{n:7}"
            + "".join(f"{summary[key][method]:15.2f}" for method in methods)
            + f"{summary[inside]:12.0%}"
        )
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
    record, windows = read_tables()
    summary = summarise(run(record, windows)) | {"ice": ice_summary(record)}
    out = sys.stdout
    if chosen.json:
        json.dump(summary, out, indent=1)
        out.write("\n")
    else:
        table(summary, lambda line: out.write(line + "\n"))


if __name__ == "__main__":
    main()
