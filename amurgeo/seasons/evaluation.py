"""Every service evaluated on many days under a scenario: the one path that states and calendars share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.scenario import Change, NewCrossing, Scenario
from amurgeo.seasons import services as rules
from amurgeo.seasons.evidence import Evidence, evidence_of, observations
from amurgeo.seasons.holidays import LAST_YEAR, FestivalStop, festival_stop
from amurgeo.seasons.ice import IceShift, season_shift
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.services import Service, ServiceDays
from amurgeo.seasons.spans import mode_of, season_name
from amurgeo.seasons.windows import Season, shifted, typical_seasons

if TYPE_CHECKING:
    from amurgeo.network import Network


def evaluate_services(
    net: Network, scenario: Scenario, days: np.ndarray
) -> Iterator[tuple[Service, ServiceDays]]:
    """Evaluate every service on many days.

    Parameters
    ----------
    net
        The network.
    scenario
        The scenario laid over.
    days
        Days, datetime64[D].

    Yields
    ------
    service, days
        Each service with what it does.
    """
    check_targets(net, scenario)
    for crossing, traffic in net.base["services"].index:
        service = service_of(net, scenario, crossing, traffic)
        yield service, evaluate(net, scenario, service, days)


def service_of(net: Network, scenario: Scenario, crossing: str, traffic: str) -> Service:
    """Collect what the tables say of one service.

    Dated seasons come from the record's distribution; a regime, or the world of another year, takes the
    typical windows of that world.
    """
    row = net.base["services"].loc[(crossing, traffic)]
    own = net.base["crossings"].loc[crossing]
    mode = str(own["mode"])
    dated = scenario.regime is None and scenario.world is None
    delay = _delay(net, scenario, crossing, traffic)

    def seasons(first: int, last: int) -> Sequence[Season]:
        windows = net.base["windows"]
        found = (
            _dated_seasons(season_model(net), crossing, traffic, first, last)
            if dated
            else typical_seasons(windows, crossing, mode, traffic, first, last)
        )
        moved = (_moved(net, scenario, mode, season, delay) for season in found)
        return [season for season in moved if season is not None]

    evidence = _evidence(net)[crossing, traffic]
    return Service(crossing, traffic, mode, str(own["checkpoint"]), row, evidence, seasons)


_MODELS: WeakKeyDictionary[Network, SeasonModel] = WeakKeyDictionary()
_EVIDENCE: WeakKeyDictionary[Network, dict[tuple[str, str], Evidence]] = WeakKeyDictionary()
_SHIFTS: WeakKeyDictionary[Network, dict[float, IceShift]] = WeakKeyDictionary()


def season_model(net: Network) -> SeasonModel:
    """Return the season model of a network; made once, since the tables never change."""
    if net not in _MODELS:
        _MODELS[net] = SeasonModel(net.base["season_record"], net.base["windows"])
    return _MODELS[net]


def _evidence(net: Network) -> dict[tuple[str, str], Evidence]:
    """Return what the record holds of each service; read once, since the tables never change."""
    if net not in _EVIDENCE:
        seen = observations(net.base["season_record"].reset_index())
        _EVIDENCE[net] = {
            (crossing, traffic): evidence_of(
                seen.get(crossing, []), crossing, traffic, all_year=bool(all_year)
            )
            for (crossing, traffic), all_year in net.base["services"]["all_year"].items()
        }
    return _EVIDENCE[net]


def ice_shift(net: Network, warming_c: float) -> IceShift:
    """Return by how many days a warming moves freeze-up, opening, closing and break-up."""
    shifts = _SHIFTS.setdefault(net, {})
    if warming_c not in shifts:
        shifts[warming_c] = season_shift(net.table("climate"), warming_c=warming_c)
    return shifts[warming_c]


def _dated_seasons(model: SeasonModel, crossing: str, traffic: str, first: int, last: int) -> list[Season]:
    """Return the seasons of the record's distribution that begin in some years, those of a regime only."""
    if crossing not in model.crossings or traffic not in model.traffics(crossing):
        return []
    found = []
    for year in range(first, last + 1):
        for part in model.parts(crossing):
            dates = model.season(
                crossing, season=season_name(year, mode_of(crossing)), traffic=traffic, part=part
            )
            if dates.open is None or dates.close is None or not dates.in_regime:
                continue
            sources = tuple(sorted({*dates.open.sources, *dates.close.sources}))
            sure = (
                "estimated" if "estimated" in (dates.open.confidence, dates.close.confidence) else "reported"
            )
            found.append(
                Season(
                    dates.season,
                    part,
                    np.datetime64(dates.open.p50),
                    np.datetime64(dates.close.p50),
                    dates.prob_open_by,
                    dates.prob_closed_by,
                    dates.n,
                    sources,
                    sure,
                )
            )
    return found


def _moved(net: Network, scenario: Scenario, mode: str, season: Season, delay: int) -> Season | None:
    """Move a season by a scenario's delay and warming; None when the ice no longer comes or bears."""
    opens, closes = float(delay), 0.0
    if scenario.warming_c:
        shift = ice_shift(net, scenario.warming_c)
        if mode == "ice_road" and not shift.carries:
            return None
        moves = [shift.of(mode, event, season.part) for event in ("open", "close")]
        if moves[0] is None or moves[1] is None:
            return None
        opens, closes = opens + moves[0], closes + moves[1]
    return shifted(season, opens, closes) if opens or closes else season


def evaluate(net: Network, scenario: Scenario, service: Service, days: np.ndarray) -> ServiceDays:
    """Evaluate one service: existence and window first, the record over them, the scenario last."""
    out = ServiceDays(service, days)
    dated = scenario.regime is None and scenario.world is None
    world_days = _in_year(days, scenario.world) if scenario.world else days
    if not bool(service.row["regular"]):
        out.set(np.ones(len(days), dtype=bool), reason="suspended", because=("because.irregular", {}))
    elif bool(service.row["all_year"]):
        rules.fill_all_year(out)
    else:
        rules.fill_seasons(
            out,
            world_days,
            use_record=dated,
            moved=_moved_days(net, scenario, service),
        )
    if dated:
        rules.fill_stops(out)
        rules.fill_limits(out)
        _fill_festivals(out, net, days)
    rules.fill_existence(out, world_days)
    for change in scenario.changes:
        if _concerns(net, change, service.crossing, service.traffic):
            like = None
            if change.like is not None:
                # A neighbour that carries only the other kind of traffic still tells the season.
                kinds = net.base["services"].loc[change.like].index
                kind = service.traffic if service.traffic in kinds else kinds[0]
                like = evaluate(
                    net, Scenario("baseline"), service_of(net, Scenario("baseline"), change.like, kind), days
                )
            rules.apply_change(out, change, change.by or scenario.name, like)
        if isinstance(change.add, NewCrossing) and service.crossing == change.add.id:
            out.set(np.ones(len(days), dtype=bool), basis="scenario")
    return out


def _fill_festivals(out: ServiceDays, net: Network, days: np.ndarray) -> None:
    """Stop a service over the Spring Festivals that the days hold."""
    months = days.astype("datetime64[M]").astype(int) % 12
    for year in sorted(set((days[months < 2].astype("datetime64[Y]").astype(int) + 1970).tolist())):
        if year > LAST_YEAR:
            # The calendar of festivals ends there; what looks ahead may look beyond.
            continue
        stop = festival_of(net, year)
        rules.fill_festival(out, np.datetime64(stop.first), np.datetime64(stop.last), stop.sources)


_FESTIVALS: WeakKeyDictionary[Network, dict[int, FestivalStop]] = WeakKeyDictionary()


def festival_of(net: Network, year: int) -> FestivalStop:
    """Return the stop of the Spring Festival of a year, recorded or expected."""
    stops = _FESTIVALS.setdefault(net, {})
    if year not in stops:
        stops[year] = festival_stop(year, net.base["season_record"])
    return stops[year]


def check_targets(net: Network, scenario: Scenario) -> None:
    """Raise when a change names a crossing, checkpoint, mode or road that there is not."""
    tables = net.base
    known = {
        "crossing": tables["crossings"].index,
        "checkpoint": tables["checkpoints"].index,
        "mode": set(tables["crossings"]["mode"]),
        "road": tables["roads"].index,
        "like": tables["crossings"].index,
    }
    for change in scenario.changes:
        for kind, names in known.items():
            given = getattr(change, kind)
            if given is not None and given not in names:
                error = unknown_name_error("crossing" if kind == "like" else kind, given, names)
                raise InputError(f"scenario '{change.by or scenario.name}', key '{kind}': {error}")


def _concerns(net: Network, change: Change, crossing: str, traffic: str) -> bool:
    if change.traffic is not None and change.traffic != traffic:
        return False
    row = net.base["crossings"].loc[crossing]
    return change.crossing == crossing or change.checkpoint == row["checkpoint"] or change.mode == row["mode"]


def _delay(net: Network, scenario: Scenario, crossing: str, traffic: str) -> int:
    return sum(
        change.delay_days
        for change in scenario.changes
        if change.delay_days is not None and _concerns(net, change, crossing, traffic)
    )


def _moved_days(net: Network, scenario: Scenario, service: Service) -> tuple[float, float] | None:
    """Days by which a scenario moves what was observed; None when the season falls away."""
    opens, closes = float(_delay(net, scenario, service.crossing, service.traffic)), 0.0
    if scenario.warming_c:
        shift = ice_shift(net, scenario.warming_c)
        moves = [shift.of(service.mode, event, "autumn") for event in ("open", "close")]
        if moves[0] is None or moves[1] is None or (service.mode == "ice_road" and not shift.carries):
            return None
        opens, closes = opens + moves[0], closes + moves[1]
    return opens, closes


def _in_year(days: np.ndarray, year: int) -> np.ndarray:
    """Put days into a year, 29 February onto the 28th where the year has none."""
    put = []
    for day in days.astype(object):
        try:
            put.append(day.replace(year=year))
        except ValueError:
            put.append(day.replace(year=year, day=28))
    return np.array(put, dtype="datetime64[D]")


def open_seasons(net: Network, scenario: Scenario, days: np.ndarray) -> list[frozenset[str]]:
    """Return, day by day, the season keys of the roads that are open.

    Parameters
    ----------
    net
        The network.
    scenario
        The scenario laid over.
    days
        Days, datetime64[D].
    """
    world_days = _in_year(days, scenario.world) if scenario.world else days
    if not len(days):
        return []
    years = world_days.astype("datetime64[Y]").astype(int) + 1970
    found: list[set[str]] = [set() for _ in days]
    for key in sorted(set(net.edges["season"].unique()) - {""}):
        seasons = typical_seasons(
            net.base["windows"], key, "ice_road", "cargo", int(years.min()) - 1, int(years.max())
        )
        for season in seasons:
            chance = season.opened_by(world_days) * (1.0 - season.closed_by(world_days))
            for position in np.flatnonzero(chance >= rules.OPEN_FROM):
                found[position].add(key)
    return [frozenset(keys) for keys in found]
