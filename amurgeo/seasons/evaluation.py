"""Evaluation of the services of a network on some days under a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.dataset.names import find_row
from amurgeo.dataset.schema import matches
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network import check_network
from amurgeo.network.additions import SEASONAL, added_road
from amurgeo.network.edges import LAND, RoadState
from amurgeo.network.tables import cached
from amurgeo.scenario import Change, NewCrossing, NewRoad, Scenario, ScenarioLike, as_scenario
from amurgeo.seasons.holidays import rules_for
from amurgeo.seasons.ice import IceShift, season_shift
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.observations import Observation, service_record
from amurgeo.seasons.rules import MAY_BE_OPEN, apply_rules
from amurgeo.seasons.service import OPEN_FROM, Service, ServiceDays, Table
from amurgeo.seasons.turns import PARTS, Season, Turn, day_in, mode_of, prob_open
from amurgeo.text import Day, parse_day

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Days around a dated row of a service that it covers, and of unknown status after a stop without an end.
COVERED_DAYS, STOP_DAYS = 183, 20


def evaluate(
    net: Network, scenario: Scenario, days: np.ndarray, services: Iterable[Service] | None = None
) -> list[ServiceDays]:
    """Return the status of every service, or of some, on some days (datetime64[D])."""
    check_targets(net, scenario)
    asked = list(services_of(net).values() if services is None else services)
    if not asked:
        return []
    world_days = world_days_of(scenario, days)
    table = Table(asked, scenario, days, world_days, net.border)
    seasons = (seasons_of(net, scenario, service, *_season_years(world_days)) for service in asked)
    rows = [ServiceDays(table, position, *given) for position, given in enumerate(seasons)]
    apply_rules(table, rows, partial(_undisturbed, net, scenario, days), is_dated=_is_dated(scenario))
    return rows


def _undisturbed(
    net: Network, scenario: Scenario, days: np.ndarray, crossing: str, traffic: str
) -> ServiceDays:
    """Return the status of a crossing without the changes of a scenario."""
    # A crossing that carries only the other kind of traffic still has the season.
    rows = [row for key, row in services_of(net).items() if key[0] == crossing]
    row = next((row for row in rows if row.traffic == traffic), rows[0])
    return evaluate(net, Scenario("baseline", assume=scenario.assume), days, [row])[0]


def _season_years(days: np.ndarray) -> tuple[int, int]:
    """Return the first and the last year in which a season of some days may start."""
    return days.min().item().year - 1, days.max().item().year


def _is_dated(scenario: Scenario) -> bool:
    """Return whether the record applies: on dated days, not on those of another world."""
    return scenario.regime is None and scenario.world is None


def world_days_of(scenario: Scenario, days: np.ndarray) -> np.ndarray:
    """Return the days in the year of the scenario's world."""
    if not scenario.world:
        return days
    moved = [day_in(scenario.world, day.month, day.day) for day in days.tolist()]
    return np.array(moved, dtype="datetime64[D]")


def seasons_of(
    net: Network, scenario: Scenario, service: Service, first: int, last: int
) -> tuple[list[Season] | None, bool]:
    """Return the seasons that start in some years (None: the scenario cancels them), and if it moves any."""
    if not service.is_seasonal:
        return [], False
    key = service.crossing, service.traffic
    seasons = season_model(net).seasons(*key, first, last, observed=_is_dated(scenario))
    if not scenario.changes:
        return seasons, False
    delay = sum(change.delay_days or 0 for change in scenario.changes if service.concerns(change))
    shifts = {part: _shift(net, scenario.warming_c, service.mode, part, delay) for part in PARTS}
    if shifts["autumn"] is None:
        return None, True
    if not any(shift and any(shift) for shift in shifts.values()):
        return seasons, False
    return [
        _with_blind_spread(net, season).shifted(*shift)
        for season in seasons
        if (shift := shifts[season.part or "autumn"]) is not None
    ], True


def _shift(
    net: Network, warming_c: float, mode: str, part: str = "", delay_days: float = 0.0
) -> tuple[float, float] | None:
    """Return the days by which a scenario moves opening and closing; None if it cancels the season."""
    if not warming_c:
        return delay_days, 0.0
    ice = ice_shift(net, warming_c)
    opens, closes = (ice.of(mode, event, part) for event in ("open", "close"))
    if opens is None or closes is None or (mode == "ice_road" and not ice.carries):
        return None
    return opens + delay_days, closes


def _with_blind_spread(net: Network, season: Season) -> Season:
    """Return a season whose days on record have the spread that they have without the record."""
    turns: dict[str, Any] = {"open": season.open, "close": season.close}
    if not any(turn is not None and turn.observed for turn in turns.values()):
        return season
    blind = season_model(net).season(
        season.crossing, season=season.season, traffic=season.traffic, part=season.part, blind=True
    )
    for event, turn in turns.items():
        expected: Turn | None = getattr(blind, event)
        if turn is not None and expected is not None and turn.observed:
            spread = replace(expected.distribution, center=turn.distribution.center)
            moved = Turn.estimate(spread, turn.sources, turn.confidence, turn.n)
            turns[event] = replace(moved, observed=turn.observed, precision=turn.precision)
    return replace(season, **turns)


def assuming(
    net: Network, scenarios: Sequence[Scenario], assume: str | None, days: np.ndarray
) -> list[Scenario]:
    """Return scenarios with the status of unknown services; raise if no service is unknown on the days."""
    if assume is None:
        return list(scenarios)
    assumed = [replace(scenario, assume=assume) for scenario in scenarios]
    gaps = np.concatenate([service.gaps for service in services_of(net).values()])
    is_unknown = (days[:, None] >= gaps[:, 0]) & (days[:, None] <= gaps[:, 1])
    if not (any(map(_is_dated, scenarios)) and is_unknown.any()):
        raise InputError(
            f"assume is invalid: '{assume}'; expected none, since no service is unknown on the days asked for"
        )
    return assumed


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
    places = net.base["crossings"].join(net.base["checkpoints"]["counterpart"], on="checkpoint")
    places = places[["mode", "checkpoint", "counterpart"]].to_dict("index")
    holidays, gaps = (net.base[name].to_dict("records") for name in ("holiday_rules", "record_gaps"))
    services = {}
    for key, row in zip(table.index, table.to_dict("records"), strict=True):
        crossing, traffic = key
        place = places[crossing]
        limits: dict[str, Any] = {
            name: None if pd.isna(row[name]) else np.datetime64(row[name], "D")
            for name in ("opened", "planned", "retired", "vehicles_until")
        }
        rows = [one for one in observations.get(crossing, []) if one.applies_to(traffic)]
        near = [(one.day - COVERED_DAYS, (one.until or one.day) + COVERED_DAYS) for one in rows]
        services[key] = Service(
            crossing=crossing,
            traffic=traffic,
            **place,
            row=row,
            **limits,
            record=service_record(rows, crossing, traffic, all_year=bool(row["all_year"])),
            # An all-year service may open again on a day on which it does not work yet.
            seen_open=_seen(rows, "seen_open", *(() if row["all_year"] else ("open",))),
            seen_closed=_seen(rows, "seen_closed"),
            covered=_days(near, 2),
            gaps=_days(_gaps(gaps, rows, key, place["mode"]), 2),
            holidays=rules_for(holidays, crossing, place["mode"]),
        )
    return services


def _days(days: Sequence[Any], *columns: int) -> np.ndarray:
    return np.array(days, dtype="datetime64[D]").reshape(-1, *columns)


def _seen(rows: Iterable[Observation], *events: str) -> np.ndarray:
    """Return the days of events that are known to a day."""
    return _days([row.day for row in rows if row.event in events and row.precision == "day"])


def _gaps(
    table: Iterable[Mapping[str, Any]], rows: Sequence[Observation], service: tuple[str, str], mode: str
) -> list[tuple[Any, Any]]:
    """Return the first and last days of the gaps in the record of a service, from the rows of a table."""
    crossing, traffic = service
    # A gap ends before the first opening or resumption on record, or after the stop with which it began.
    # A stop without an end leaves a gap too.
    starts = [row.day - 1 for row in rows if row.event in ("open", "resume")]
    gaps = [
        (row.day, min([row.day + STOP_DAYS, *(day for day in starts if day >= row.day)]))
        for row in rows
        if row.event == "suspend" and row.until is None
    ]
    for gap in table:
        is_here = matches(gap["crossings"], crossing, crossing.partition(":")[0])
        if not (is_here and matches(gap["modes"], mode) and gap["traffic"] in (traffic, "both")):
            continue
        first, last = (np.datetime64(gap[name], "D") for name in ("first", "until"))
        if gap["ends_with"] == "open_or_resume":
            stops = [row.until for row in rows if row.until is not None and row.day <= first <= row.until]
            last = min([last, *(day for day in starts if day >= first), *stops])
        gaps.append((first, last))
    return gaps


def seasonal_crossing(net: Network, crossing: str) -> str:
    """Return the id of a crossing or road with a season by its id or name."""
    find = check_network(net).names.crossing
    return find(crossing, among=season_model(net).crossings, kind="seasonal crossing")


def scenario_of(net: Network, given: ScenarioLike) -> Scenario:
    """Return a scenario as `as_scenario` does, with the ids of a network in place of names."""
    scenario = as_scenario(given, folder=check_network(net).folder)
    changes = tuple(_with_ids(net, change) for change in scenario.changes)
    return scenario if changes == scenario.changes else replace(scenario, changes=changes)


def _with_ids(net: Network, change: Change) -> Change:
    """Return a change of a scenario with ids in place of the names of crossings, checkpoints and vehicles."""
    values: dict[str, Any] = {}
    key = ""
    try:
        for key in ("crossing", "checkpoint", "mode", "like"):
            name = getattr(change, key)
            if name is not None and (target := net.names.target(name)) is not None and target.id != name:
                is_crossing = key in ("crossing", "like")
                kind, id_ = (key, net.names.crossing(name)) if is_crossing else target
                values |= {key: None, kind: id_}
        key, vehicles = "vehicle", net.base["vehicles"]
        if change.vehicle is not None and change.vehicle not in vehicles.index:
            # The last word may belong to the name.
            name = " ".join(filter(None, (change.vehicle, change.road_class)))
            try:
                values |= {"vehicle": find_row(vehicles, name, "vehicle"), "road_class": None}
            except InputError:
                values["vehicle"] = find_row(vehicles, change.vehicle, "vehicle")
        key = "add"
        if isinstance(change.add, NewCrossing):
            target = net.names.target(change.add.checkpoint)
            added = {
                "checkpoint": target.id if target and target.kind == "checkpoint" else change.add.checkpoint,
                "admits": tuple(find_row(vehicles, vehicle, "vehicle") for vehicle in change.add.admits),
            }
            values["add"] = change.add.model_copy(update=added)
    except InputError as error:
        raise InputError(f"scenario '{change.by}', key '{key}': {error}") from None
    content = {name: getattr(change, name) for name in type(change).model_fields} | values
    return Change.model_validate(content) if values else change


def check_targets(net: Network, scenario: Scenario) -> None:
    """Raise if a change names something unknown, or cannot act on its target."""
    if not scenario.changes:
        return
    tables, edges = net.base, net.edges
    crossings, seasons = tables["crossings"].index, _road_seasons(net)
    known = {
        "crossing": crossings,
        "checkpoint": tables["checkpoints"].index,
        "mode": set(tables["crossings"]["mode"]),
        "road": edges.index[edges["kind"].isin(LAND)],
        "vehicle": tables["vehicles"].index,
    }
    for change in scenario.changes:
        where = f"scenario '{change.by}', key"
        for kind, names in (known | {"like": [*crossings, *(seasons if change.road else ())]}).items():
            name = getattr(change, kind)
            if name is not None and name not in names:
                error = unknown_name_error("crossing" if kind == "like" else kind, name, names)
                raise InputError(f"{where} '{kind}': {error}")
        why = _why_no_effect(net, change)
        if why is not None:
            raise InputError(f"{where} '{change.action}': '{change}' has no effect: {why}")


def _why_no_effect(net: Network, change: Change) -> str | None:
    """Return why a change cannot act on its target; None if it can."""
    if change.road is not None:
        edge = net.edges.loc[change.road]
        if change.action == "limit_t" and edge["kind"] == "railway":
            return "no mass limit applies to a railway"
        needs_season = change.action == "delay_days" or (change.action == "open" and change.like is None)
        return "the road is open all year" if needs_season and not edge["season"] else None
    if isinstance(change.add, NewCrossing):
        return _why_never_works(net, change, change.add)
    if change.target == "winter" or change.vehicle is not None or change.add is not None:
        return None
    services = [service for service in services_of(net).values() if service.concerns(change)]
    if not services:
        return f"'{change.target}' has no service{f' for {change.traffic} traffic' if change.traffic else ''}"
    if change.action == "delay_days" and not any(service.is_seasonal for service in services):
        return "it has no season"
    if change.limit_t is not None:
        usual_t = max(_heaviest(net, service) for service in services)
        if change.limit_t >= usual_t:
            return f"the heaviest vehicle has {usual_t:g} t; expected a lower limit"
    return None


def _heaviest(net: Network, service: Service) -> float:
    """Return the usual mass limit of a service, or the mass of the heaviest vehicle that it admits."""
    limits = [service.row["max_mass_t"], *(limit.max_mass_t for limit in service.record.limits)]
    known = [limit for limit in limits if limit > 0]
    admitted = net.base["vehicles"]["mass_t"].reindex(list(service.row["admits"])).to_list()
    return float(max(known or admitted, default=0.0))


def _why_never_works(net: Network, change: Change, crossing: NewCrossing) -> str | None:
    """Return why an added crossing has no season, or works on days far from every season of its mode."""
    if crossing.mode not in SEASONAL:
        return None
    days, model = np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]"), season_model(net)
    if change.span is not None and len(change.span.first) > len("MM-DD"):
        first, last = np.array([change.span.first, change.span.last], dtype="datetime64[D]")
        days = np.arange(first, min(last, first + 366) + 1)
    known = {
        key: model.seasons(*key, *_season_years(days), observed=False)
        for key, service in services_of(net).items()
        if service.mode == crossing.mode and service.is_seasonal
    }
    if change.days is None:
        is_missing = any(not seasons for key, seasons in known.items() if key[0] == crossing.id)
        why = f"no season of the mode '{crossing.mode}' is on record there; expected days"
        return why if is_missing else None
    # What a scenario adds is on no record.
    on_record = (net.before or net).base["crossings"].index
    usual = chain(*(seasons for key, seasons in known.items() if key[0] in on_record))
    chance = prob_open(usual, days).max(axis=0, initial=0.0)
    wrong = days[change.holds_on(days) & (chance < MAY_BE_OPEN)]
    if not len(wrong):
        return None
    return f"no crossing of the mode '{crossing.mode}' works on {wrong[0]}, by the seasons on record"


def road_states(net: Network, scenario: Scenario, days: np.ndarray) -> list[RoadState]:
    """Return the open seasons of roads and the changes of single edges on each day (datetime64[D])."""
    opened_keys = _open_roads(net, world_days_of(scenario, days), scenario.warming_c)
    return [
        RoadState(frozenset(key for key, is_open in opened_keys.items() if is_open[position]), edits)
        for position, edits in enumerate(road_edits(net, scenario, days))
    ]


def road_edits(net: Network, scenario: Scenario, days: np.ndarray) -> list[frozenset[tuple[str, str, float]]]:
    """Return the changes of single edges on each day (datetime64[D]): edge, action and value."""
    world_days = world_days_of(scenario, days)
    edits: list[tuple[np.ndarray, tuple[str, str, float]]] = []
    for change in scenario.changes:
        id_, on_days = change.road, change.holds_on(days)
        if isinstance(change.add, NewRoad) and change.days is not None:
            edits.append((~on_days, (added_road(net, change.add), "close", 0.0)))
        elif id_ is not None and (change.action == "delay_days" or change.like is not None):
            opened = _opened(net, change, scenario, days, world_days)
            edits += [(on_days & opened, (id_, "open", 0.0)), (on_days & ~opened, (id_, "close", 0.0))]
        elif id_ is not None:
            is_switch = change.action in ("open", "close")
            value = 0.0 if is_switch else float(getattr(change, change.action))
            edits.append((on_days, (id_, change.action, value)))
    if _is_dated(scenario):
        edits += _limits(net, days)
    return [frozenset(edit for holds, edit in edits if holds[position]) for position in range(len(days))]


def _limits(net: Network, days: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[str, str, float]]]:
    """Yield the days of each mass limit on record, and the change of the road; 0 t closes it."""
    for row in net.base["road_limits"].itertuples():
        holds = (days >= np.datetime64(row.first, "D")) & (days <= np.datetime64(row.until, "D"))
        if holds.any():
            yield holds, (row.road, "limit_t" if row.max_mass_t else "close", float(row.max_mass_t))


def _opened(
    net: Network, change: Change, scenario: Scenario, days: np.ndarray, world_days: np.ndarray
) -> np.ndarray:
    """Return on which days a road with another season is open."""
    if change.like in net.base["crossings"].index:
        return _undisturbed(net, scenario, days, str(change.like), "").open
    key = change.like or str(net.edges.at[change.road, "season"])
    opened = _open_roads(net, world_days, scenario.warming_c, change.delay_days or 0)
    return opened.get(key, np.zeros(len(days), dtype=bool))


def _open_roads(
    net: Network, days: np.ndarray, warming_c: float, delay_days: int = 0
) -> dict[str, np.ndarray]:
    """Return on which days each seasonal road is open, by key of its season."""
    years = _season_years(days)
    opened: dict[str, np.ndarray] = {}
    for key in _road_seasons(net):
        shift = _shift(net, warming_c, mode_of(key), delay_days=delay_days)
        seasons = season_model(net).seasons(key, "cargo", *years, observed=False)
        if shift is not None and seasons:
            moved = [season.shifted(*shift) for season in seasons]
            opened[key] = np.any(prob_open(moved, days) >= OPEN_FROM, axis=0)
    return opened


def _road_seasons(net: Network) -> list[str]:
    """Return the keys of seasonal roads."""
    return cached(net, "road_seasons", lambda: sorted(set(net.edges["season"].unique()) - {""}))


def resolve_day(net: Network, on: Day | None, scenario: Scenario) -> date:
    """Return the date that is meant, the given one or that of the scenario; raise if there is none."""
    if scenario.day is None:
        if on is None:
            raise InputError(
                f"the scenario '{scenario.name}' has no date of its own; pass on=, for instance 2026-02-10"
            )
        return parse_day(on)
    regime_day = day_in(scenario.world or net.record_until.year, *scenario.day)
    if on is not None and parse_day(on) != regime_day:
        raise InputError(
            f"on is invalid: {on}; expected none, since the regime '{scenario.name}' has a date of its own, "
            f"{scenario.day[0]:02d}-{scenario.day[1]:02d}"
        )
    return regime_day
