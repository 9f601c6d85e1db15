"""Evaluation of the services of a network on some days under a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from amurgeo.dataset.patterns import matches
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.scenario import Scenario
from amurgeo.seasons.holidays import rules_for
from amurgeo.seasons.ice import IceShift, season_shift
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.observations import Observation, service_record
from amurgeo.seasons.rules import evaluate_service
from amurgeo.seasons.service import OPEN_FROM, Conditions, Service, ServiceDays, closed_reason
from amurgeo.seasons.turns import PARTS, Season, Turn, day_in

if TYPE_CHECKING:
    from amurgeo.network import Network

_T = TypeVar("_T")
#: Days around a dated row of a service that it covers: half a year.
COVERED_DAYS = 183
#: Events with which a service works.
_STARTS = ("open", "resume")
#: Days for which the status is unknown after a stop without an end.
STOP_DAYS = 20


def evaluate(
    net: Network, scenario: Scenario, days: np.ndarray, services: Iterable[Service] | None = None
) -> list[ServiceDays]:
    """Return the status of every service, or of some, on some days (datetime64[D])."""
    check_targets(net, scenario)
    is_dated = scenario.regime is None and scenario.world is None
    world_days = _in_year(days, scenario.world) if scenario.world else days
    modes = {service.mode for service in services_of(net).values()}
    reasons = {mode: closed_reason(mode, world_days, net.border.closed_reasons) for mode in modes}
    conditions = Conditions(scenario, days, world_days, is_dated, reasons, net.border.certainty)

    def like(crossing: str) -> ServiceDays:
        # A crossing that carries only the other kind of traffic still has the season.
        rows = [row for key, row in services_of(net).items() if key[0] == crossing]
        row = next((row for row in rows if row.traffic == service.traffic), rows[0])
        return evaluate(net, Scenario("baseline", assume=scenario.assume), days, [row])[0]

    first, last = world_days.min().item().year - 1, world_days.max().item().year
    evaluated = []
    for service in services_of(net).values() if services is None else services:
        seasons, moved = seasons_of(net, scenario, service, first, last)
        evaluated.append(evaluate_service(service, conditions, seasons, like, moved=moved))
    return evaluated


def seasons_of(
    net: Network, scenario: Scenario, service: Service, first: int, last: int
) -> tuple[list[Season] | None, bool]:
    """Return the seasons that start in some years (None: the scenario cancels them), and if it moves any."""
    if not service.is_seasonal:
        return [], False
    is_dated = scenario.regime is None and scenario.world is None
    seasons = season_model(net).seasons(service.crossing, service.traffic, first, last, observed=is_dated)
    return _moved(net, scenario, service, seasons) if scenario.changes else (seasons, False)


def _moved(
    net: Network, scenario: Scenario, service: Service, seasons: list[Season]
) -> tuple[list[Season] | None, bool]:
    """Return the seasons as a scenario moves them (None: it cancels them), and if it moves any."""
    shifts = {part: _shift(net, scenario, service, part) for part in PARTS}
    if shifts["autumn"] is None:
        return None, True
    if not any(shift and any(shift) for shift in shifts.values()):
        return seasons, False
    return [
        _with_blind_spread(net, season).shifted(*shift)
        for season in seasons
        if (shift := shifts[season.part or "autumn"]) is not None
    ], True


def _with_blind_spread(net: Network, season: Season) -> Season:
    """Return a season whose days on record have the spread that they have without the record."""
    if not any(turn is not None and turn.observed for turn in (season.open, season.close)):
        return season
    blind = season_model(net).season(
        season.crossing, season=season.season, traffic=season.traffic, part=season.part, blind=True
    )
    opened, closed = map(_spread_as, (season.open, season.close), (blind.open, blind.close))
    return replace(season, open=opened, close=closed)


def _spread_as(turn: Turn | None, blind: Turn | None) -> Turn | None:
    """Return a day on record with the spread of the same day without the record."""
    if turn is None or blind is None or not turn.observed:
        return turn
    return replace(turn, distribution=replace(blind.distribution, center=turn.distribution.center))


def assuming(
    net: Network, scenarios: Sequence[Scenario], assume: str | None, days: np.ndarray
) -> list[Scenario]:
    """Return scenarios with the status of unknown services; raise if no service is unknown on the days."""
    if assume is None:
        return list(scenarios)
    assumed = [replace(scenario, assume=assume) for scenario in scenarios]
    gaps = np.concatenate([service.gaps for service in services_of(net).values()])
    is_dated = any(scenario.regime is None and scenario.world is None for scenario in scenarios)
    if not is_dated or not ((days[:, None] >= gaps[:, 0]) & (days[:, None] <= gaps[:, 1])).any():
        raise InputError(
            f"assume is invalid: '{assume}'; expected none, since no service is unknown on the days asked for"
        )
    return assumed


def cached(net: Network, key: Any, make: Callable[[], _T]) -> _T:
    """Return a value that belongs to a network, computed once: its tables never change."""
    if key not in net.cache:
        net.cache[key] = make()
    value: _T = net.cache[key]
    return value


def season_model(net: Network) -> SeasonModel:
    """Return the season model of a network."""
    tables = [net.base[name] for name in ("season_record", "windows", "eras", "services")]
    return cached(net, "season_model", lambda: SeasonModel(*tables))


def ice_shift(net: Network, warming_c: float) -> IceShift:
    """Return the days by which a warming moves the turns of the river's year."""
    ice, key = net.border.ice, ("ice_shift", warming_c)
    if ice is None:
        raise InputError("warming_c is invalid: the dataset has no ice model; expected [ice] in dataset.toml")
    return cached(net, key, lambda: season_shift(net.table("climate"), ice=ice, warming_c=warming_c))


def services_of(net: Network) -> dict[tuple[str, str], Service]:
    """Return the services of a network with their observations, by crossing and traffic."""
    return cached(net, "services", lambda: _read_services(net))


def _read_services(net: Network) -> dict[tuple[str, str], Service]:
    observations, table = season_model(net).observations, net.base["services"]
    checkpoints = net.base["crossings"].join(net.base["checkpoints"]["counterpart"], on="checkpoint")
    services = {}
    for key, row in zip(table.index, table.to_dict("records"), strict=True):
        crossing, traffic = key
        place = checkpoints.loc[crossing]
        limits: dict[str, Any] = {
            name: None if pd.isna(row[name]) else np.datetime64(row[name], "D")
            for name in ("opened", "planned", "retired", "vehicles_until")
        }
        rows = [one for one in observations.get(crossing, []) if one.applies_to(traffic)]
        near = [(one.day - COVERED_DAYS, (one.until or one.day) + COVERED_DAYS) for one in rows]
        gaps = _gaps(net, rows, place, traffic)
        services[key] = Service(
            crossing=crossing,
            traffic=traffic,
            mode=str(place["mode"]),
            checkpoint=place["checkpoint"],
            counterpart=place["counterpart"],
            row=row,
            **limits,
            record=service_record(rows, crossing, traffic, all_year=bool(row["all_year"])),
            # An all-year service may open again on a day on which it does not work yet.
            seen_open=_seen(rows, "seen_open", *(() if row["all_year"] else ("open",))),
            seen_closed=_seen(rows, "seen_closed"),
            covered=np.array(near, dtype="datetime64[D]").reshape(-1, 2),
            gaps=np.array(gaps, dtype="datetime64[D]").reshape(-1, 2),
            holidays=rules_for(net.base["holiday_rules"], crossing, str(place["mode"])),
        )
    return services


def _seen(rows: Iterable[Observation], *events: str) -> np.ndarray:
    """Return the days of events that are known to a day."""
    days = [row.day for row in rows if row.event in events and row.precision == "day"]
    return np.array(days, dtype="datetime64[D]")


def _gaps(net: Network, rows: Sequence[Observation], place: pd.Series, traffic: str) -> list[tuple[Any, Any]]:
    """Return the first and last days of the gaps in the record of a service."""
    # A gap ends before the first opening or resumption on record, or after the stop with which it began.
    # A stop without an end leaves a gap too.
    starts = [row.day - 1 for row in rows if row.event in _STARTS]
    gaps = [
        (row.day, min([row.day + STOP_DAYS, *(day for day in starts if day >= row.day)]))
        for row in rows
        if row.event == "suspend" and row.until is None
    ]
    for gap in net.base["record_gaps"].itertuples():
        is_here = matches(gap.crossings, place.name, place["checkpoint"]) and matches(
            gap.modes, place["mode"]
        )
        if not is_here or gap.traffic not in (traffic, "both"):
            continue
        first, last = np.datetime64(gap.first, "D"), np.datetime64(gap.until, "D")
        if gap.ends_with == "open_or_resume":
            stops = [row.until for row in rows if row.until is not None and row.day <= first <= row.until]
            last = min([last, *(day for day in starts if day >= first), *stops])
        gaps.append((first, last))
    return gaps


def _shift(net: Network, scenario: Scenario, service: Service, part: str) -> tuple[float, float] | None:
    """Return the days by which a scenario moves opening and closing; None if it cancels the season."""
    delay = sum(change.delay_days or 0 for change in scenario.changes if service.concerns(change))
    opens, closes = float(delay), 0.0
    if scenario.warming_c:
        ice = ice_shift(net, scenario.warming_c)
        warm_open, warm_close = (ice.of(service.mode, event, part) for event in ("open", "close"))
        if warm_open is None or warm_close is None or (service.mode == "ice_road" and not ice.carries):
            return None
        opens, closes = opens + warm_open, closes + warm_close
    return opens, closes


def check_targets(net: Network, scenario: Scenario) -> None:
    """Raise if a change names an unknown crossing, checkpoint, mode or vehicle."""
    tables = net.base
    known = {
        "crossing": tables["crossings"].index,
        "checkpoint": tables["checkpoints"].index,
        "mode": set(tables["crossings"]["mode"]) if scenario.changes else (),
        "vehicle": tables["vehicles"].index,
        "like": tables["crossings"].index,
    }
    for change in scenario.changes:
        for kind, names in known.items():
            name = getattr(change, kind)
            if name is not None and name not in names:
                error = unknown_name_error("crossing" if kind == "like" else kind, name, names)
                raise InputError(f"scenario '{change.by or scenario.name}', key '{kind}': {error}")


def open_seasons(net: Network, scenario: Scenario, days: np.ndarray) -> list[frozenset[str]]:
    """Return the keys of the seasonal roads that are open on each day (datetime64[D])."""
    world_days = _in_year(days, scenario.world) if scenario.world else days
    return [
        cached(net, ("road_seasons", day.year), partial(_road_seasons, net, day.year))[day]
        for day in world_days.tolist()
    ]


def _road_seasons(net: Network, year: int) -> dict[date, frozenset[str]]:
    """Return the keys of the seasonal roads that are open on each day of a year."""
    days = np.arange(f"{year:04d}-01-01", f"{year + 1:04d}-01-01", dtype="datetime64[D]")
    keys: list[set[str]] = [set() for _ in days]
    for key in sorted(set(net.edges["season"].unique()) - {""}):
        for season in season_model(net).seasons(key, "cargo", year - 1, year, observed=False):
            for position in np.flatnonzero(season.prob_open(days) >= OPEN_FROM):
                keys[position].add(key)
    return dict(zip(days.tolist(), map(frozenset, keys), strict=True))


def _in_year(days: np.ndarray, year: int) -> np.ndarray:
    """Return the days in another year."""
    return np.array([day_in(year, day.month, day.day) for day in days.tolist()], dtype="datetime64[D]")
