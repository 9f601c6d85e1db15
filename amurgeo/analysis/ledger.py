"""The forecast ledger: openings and closings forecast on a day, never edited, scored after the winter."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo._version import __version__
from amurgeo.errors import InputError
from amurgeo.io import csv_text, together, write_bytes_atomic
from amurgeo.network import check_network
from amurgeo.network.additions import SEASONAL
from amurgeo.results import ResultFrame
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.turns import DayDistribution, Turn, day_number, ice_year, mode_of, season_name, turn_of
from amurgeo.text import Day, parse_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amurgeo.network import Network

#: Columns of a forecast, in the order of its file.
COLUMNS = (
    "issued", "winter", "crossing", "traffic", "event", "p10", "p50", "p90", "middle", "scale", "df",
    "not_by", "n_years", "baseline_p50", "model", "data_sha256",
)  # fmt: skip
#: File with the digests of the forecasts of a folder.
DIGESTS = "SHA256SUMS"
#: How columns of a forecast are read before it is scored; not every row has a day in the last two.
_READ = {
    "winter": lambda text: int(text[:4]),
    **dict.fromkeys(("middle", "scale", "df"), float),
    **dict.fromkeys(("p10", "p50", "p90", "not_by", "baseline_p50"), date.fromisoformat),
}
_TABLES = ("season_record", "windows", "eras", "services")


def forecast(net: Network, issued: Day) -> pd.DataFrame:
    """Forecast the openings and closings of a winter from what was on record by a day.

    Parameters
    ----------
    net
        The network.
    issued
        The day; its winter runs from August to July.

    Returns
    -------
    DataFrame
        One row per service and turn of the winter that is still to come: issued, winter (``2026/27``),
        crossing, traffic, event (``open`` or ``close``, of hovercraft ``autumn_open`` and so on), p10, p50,
        p90 (ISO dates), middle (days after 1 August), scale (days) and df of the Student distribution, not_by
        (day by whose end it was seen not to have come, or None), n_years (years behind it), baseline_p50
        (median of the years of its era, or None), model, data_sha256 (of the tables used).

    Raises
    ------
    InputError
        If the day is invalid.

    Examples
    --------
    >>> import amurgeo as ag
    >>> rows = ag.forecast(ag.load(), "2026-11-28").set_index(["crossing", "traffic", "event"])
    >>> rows.loc[("poyarkovo:ice_road", "cargo", "open"), "winter"]
    '2026/27'
    """
    check_network(net)
    day = parse_day(issued)
    tables = [net.base[name] for name in _TABLES]
    tables[0] = tables[0][tables[0]["date"].astype(str).str[:10] <= day.isoformat()]
    # Of the services only what the model reads, so that a new fare does not look like new data.
    used = [*tables[:3], tables[3][["regular", "all_year", "opened", "retired"]]]
    digest = hashlib.sha256("".join(csv_text(table.reset_index()) for table in used).encode()).hexdigest()
    model, year = SeasonModel(*tables), ice_year(day)
    start, rows = date(year, 8, 1), []
    for crossing, traffic, name, turn in _turns(model, year):
        if turn.observed is not None or turn.p90 <= day:
            continue
        known = turn.distribution
        part, _, event = name.rpartition("_")
        baseline = _baseline(model, crossing, traffic, event, part, year)
        values = (
            day.isoformat(), season_name(year, ""), crossing, traffic, name,
            *(quantile.isoformat() for quantile in (turn.p10, turn.p50, turn.p90)),
            round(known.center - day_number(start), 2), round(known.scale, 2), known.df,
            None if np.isinf(known.after) else str(np.datetime64(int(known.after), "D")), turn.n,
            None if baseline is None else (start + timedelta(days=round(baseline))).isoformat(),
            f"amurgeo {__version__}", digest[:16],
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return ResultFrame.of(pd.DataFrame(rows, columns=list(COLUMNS)), net)


def _turns(model: SeasonModel, year: int) -> Iterator[tuple[str, str, str, Turn]]:
    """Yield crossing, traffic, event and turn of every service that exists in a winter."""
    for crossing in model.crossings:
        mode = mode_of(crossing)
        if mode not in SEASONAL or crossing.startswith("road:"):
            continue
        for traffic in model.traffics(crossing):
            for part in model.parts(crossing):
                for event in ("open", "close"):
                    # Ferries open in the year after that in which the winter begins.
                    first = year + (mode == "ferry" and event == "open")
                    found = model.season(
                        crossing, season=season_name(first, mode), traffic=traffic, part=part
                    )
                    turn = getattr(found, event)
                    if turn is not None and found.method != "extrapolated":
                        yield crossing, traffic, f"{part}_{event}" if part else event, turn


def _baseline(
    model: SeasonModel, crossing: str, traffic: str, event: str, part: str, year: int
) -> float | None:
    """Return the median of the years of an era, in days after 1 August."""
    era = model.era(crossing, event, part, year)
    days: dict[int, list[int]] = {}
    for other, row in model.evidence():
        if other == crossing and (row.event, row.part) == (event, part) and row.applies_to(traffic):
            own = ice_year(row.date)
            if model.era(crossing, event, part, own) == era:
                days.setdefault(own, []).append((row.date - date(own, 8, 1)).days)
    return float(median(map(median, days.values()))) if days else None


def score_forecasts(net: Network, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Score forecasts against the record.

    Parameters
    ----------
    net
        The network, whose record has the days that came.
    forecasts
        Rows of `amurgeo.forecast`, or of its files.

    Returns
    -------
    DataFrame
        One row per row of `forecasts`: issued, winter, crossing, traffic, event, outcome (``scored``,
        ``pending``: the record does not reach the end of the winter, ``none``: nothing came on record),
        observed (ISO date or None), error_days (observed less P50), inside (1 within P10 to P90, else 0),
        crps_days (continuous ranked probability score), baseline_error_days, weight (services that follow
        one turn of a checkpoint count once together). Numbers are NaN unless scored.

    Raises
    ------
    InputError
        If columns of `amurgeo.forecast` are missing, or values in them are of another kind.

    Notes
    -----
    CRPS after Gneiting, T. & Raftery, A. E. (2007), Strictly proper scoring rules, prediction, and
    estimation: the sum over days of (F(day) - 1[observed <= day])².

    Examples
    --------
    >>> import amurgeo as ag
    >>> net = ag.load()
    >>> scores = ag.score_forecasts(net, ag.forecast(net, "2025-11-28"))
    >>> set(scores["outcome"]) <= {"scored", "pending", "none"}
    True
    """
    check_network(net)
    missing = [name for name in COLUMNS if name not in forecasts]
    if missing:
        raise InputError(f"forecasts is invalid: no column {missing[0]}; expected those of amurgeo.forecast")
    for name, read in _READ.items():
        try:
            forecasts[name].replace("", np.nan).dropna().map(read)
        except (TypeError, ValueError):
            raise InputError(
                f"forecasts is invalid: wrong values of {name}; expected those of amurgeo.forecast"
            ) from None
    tables = [net.base[name] for name in _TABLES]
    model, rows = SeasonModel(*tables), []
    found: dict[int, dict[tuple[str, str, str], Turn]] = {}
    for row in forecasts.to_dict("records"):
        year = int(str(row["winter"])[:4])
        if year not in found:
            found[year] = {(at, kind, name): turn for at, kind, name, turn in _turns(model, year)}
        turn = found[year].get((row["crossing"], row["traffic"], row["event"]))
        observed = None if turn is None else turn.observed
        ended = net.record_until >= date(year + 1, 7, 31)
        part, _, event = str(row["event"]).rpartition("_")
        kind = turn_of(mode_of(row["crossing"]), event, part)
        rows.append(
            {
                **{name: row[name] for name in COLUMNS[:5]},
                "outcome": "scored" if observed else "none" if ended else "pending",
                "observed": observed and observed.isoformat(),
                **_scores(row, observed),
                "turn": f"{row['crossing'].partition(':')[0]} {kind}",
            }
        )
    frame = pd.DataFrame(rows)
    if not frame.empty:
        shares = frame.groupby(["issued", "turn", "outcome"])["turn"].transform("count")
        frame["weight"] = 1.0 / shares
    return ResultFrame.of(frame.drop(columns="turn", errors="ignore"), net)


def _scores(row: dict[str, Any], observed: date | None) -> dict[str, float]:
    names = ("error_days", "inside", "crps_days", "baseline_error_days")
    if observed is None:
        return dict.fromkeys(names, np.nan)
    p10, p50, p90 = (date.fromisoformat(str(row[name])) for name in ("p10", "p50", "p90"))
    center = day_number(date(int(row["winter"][:4]), 8, 1)) + float(row["middle"])
    not_by, baseline = row["not_by"], row["baseline_p50"]
    after = -np.inf if pd.isna(not_by) or not not_by else day_number(date.fromisoformat(str(not_by)))
    known = DayDistribution(center, float(row["scale"]), float(row["df"]), after)
    days = np.arange(day_number(observed) - 250, day_number(observed) + 251).astype("datetime64[D]")
    crps = np.square(known.cdf(days) - (days >= np.datetime64(observed, "D"))).sum()
    other = (
        np.nan if pd.isna(baseline) or not baseline else (observed - date.fromisoformat(str(baseline))).days
    )
    values = ((observed - p50).days, float(p10 <= observed <= p90), round(float(crps), 3), other)
    return dict(zip(names, values, strict=True))


def issue(rows: pd.DataFrame, folder: Path) -> Path:
    """Write a forecast to ``<issue day>.csv`` with its digest; raise InputError if that day has one."""
    path = folder / f"{rows['issued'].iloc[0]}.csv" if len(rows) else folder / "none"
    if rows.empty or path.exists():
        raise InputError(
            f"issue is invalid: {path.stem} has a forecast or no turn ahead; expected another day"
        )
    data, sums = csv_text(rows).encode("utf-8"), folder / DIGESTS
    before = sums.read_text(encoding="utf-8") if sums.is_file() else ""
    with together():
        write_bytes_atomic(path, data)
        write_bytes_atomic(sums, f"{before}{_digest(data)}  {path.name}\n".encode())
    return path


def read_ledger(folder: Path) -> pd.DataFrame:
    """Return all forecasts of a folder; raise InputError if one was edited after its issue."""
    sums = folder / DIGESTS
    lines = sums.read_text(encoding="utf-8").split("\n") if sums.is_file() else []
    digests = {name: digest for digest, _, name in (line.partition("  ") for line in lines if line)}
    paths = sorted(folder.glob("*.csv"))
    edited = [path.name for path in paths if digests.get(path.name) != _digest(path.read_bytes())]
    missing = sorted(set(digests) - {path.name for path in paths})
    if edited or missing or not paths:
        names = ", ".join([*edited, *missing]) or "no forecast"
        raise InputError(f"folder is invalid: {names} in {folder}; expected forecasts as they were issued")
    return pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)


def _digest(data: bytes) -> str:
    # The same with the line ends of any system.
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()
