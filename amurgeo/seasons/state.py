"""The status of every crossing on a date under a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network import vehicle_row
from amurgeo.network.additions import with_additions
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.holidays import LAST_YEAR, FestivalStop, festival_stop
from amurgeo.seasons.ice import IceShift, season_shift
from amurgeo.seasons.model import SeasonModel
from amurgeo.seasons.observations import service_record
from amurgeo.seasons.rules import (
    OPEN_FROM,
    Conditions,
    Service,
    ServiceDays,
    closed_reason,
    evaluate_service,
)
from amurgeo.seasons.turns import Season, day_in
from amurgeo.text import LANGUAGES, parse_day, translate

if TYPE_CHECKING:
    import networkx as nx

    from amurgeo.network import Network

#: Columns of ``State.crossings``; those from the status on are attributes of `ServiceDays`.
COLUMNS = (
    "checkpoint",
    "counterpart",
    "mode",
    "status",
    "reason",
    "because",
    "max_mass_t",
    "probability_open",
    "basis",
    "confidence",
    "sources",
    "limited",
    "wait_h",
    "capacity_share",
)
_T = TypeVar("_T")


@dataclass(frozen=True)
class State:
    """The status of every crossing on one date under one scenario.

    Attributes
    ----------
    net
        The network.
    on
        The date.
    scenario
        The scenario.
    crossings
        One row per crossing and traffic (``cargo`` or ``passenger``): checkpoint, counterpart, mode, status
        (``open``, ``limited``, ``closed``), reason, because (key and values of its explanation), max_mass_t
        (tonnes), probability_open, basis, confidence, sources, limited, wait_h (hours), capacity_share.
    """

    net: Network
    on: date
    scenario: Scenario
    crossings: pd.DataFrame

    def __repr__(self) -> str:
        n_open = int((self.crossings["status"] != "closed").sum())
        counts = f"{n_open} of {len(self.crossings)} services open"
        return f"State({self.on.isoformat()}, {self.scenario.name}, {counts})"

    @property
    def label(self) -> dict[str, str]:
        """Short label by language: the title of the scenario, or the date."""
        if self.scenario.name == "baseline":
            return dict.fromkeys(LANGUAGES, self.on.isoformat())
        return {lang: self.scenario.title.get(lang, self.scenario.name) for lang in LANGUAGES}

    @property
    def record_until(self) -> date:
        """Date of the newest observation of the record."""
        return self.net.record_until

    @cached_property
    def open_seasons(self) -> frozenset[str]:
        """Keys of the seasonal roads that are open on the date."""
        return open_seasons(self.net, self.scenario, np.array([self.on], dtype="datetime64[D]"))[0]

    def because(self, lang: str = "en") -> pd.Series:
        """Return the explanations in a language, one text per row of ``crossings``."""
        texts = [translate(key, lang, **values) for key, values in self.crossings["because"]]
        return pd.Series(texts, index=self.crossings.index, dtype=object)

    def records(self, lang: str = "en") -> list[dict[str, Any]]:
        """Return the state as a list of dictionaries, the JSON of the command line."""
        frame = self.crossings.assign(because=self.because(lang)).reset_index()
        frame["max_mass_t"] = frame["max_mass_t"].astype(object).where(frame["max_mass_t"].notna(), None)
        frame["probability_open"] = frame["probability_open"].astype(float).round(4)
        frame["sources"] = frame["sources"].map(list)
        names = ["crossing", "checkpoint", "counterpart", "mode", "traffic", *COLUMNS[3:11]]
        records: list[dict[str, Any]] = frame[names].to_dict("records")
        return records

    def checkpoint_of(self, crossing: str) -> str:
        """Return the checkpoint of a crossing."""
        return str(self.net.base["crossings"].at[crossing, "checkpoint"])

    def admitted(self, vehicle: str) -> pd.DataFrame:
        """Return which crossings a vehicle can use.

        Parameters
        ----------
        vehicle
            Id of the vehicle.

        Returns
        -------
        DataFrame
            By crossing: usable, admits, reason, because (key and values), wait_h (hours).
        """
        row = vehicle_row(self.net, vehicle)
        crossings = self.crossings.xs(row["traffic"], level="traffic")
        admits = cached(self.net, ("admits", vehicle), lambda: _admits(self.net, vehicle, row["traffic"]))
        admitted = admits.reindex(crossings.index, fill_value=False).to_numpy(dtype=bool)
        too_heavy = crossings["max_mass_t"].to_numpy(dtype=float) < float(row["mass_t"])
        is_open = (crossings["status"] != "closed").to_numpy()
        usable = is_open & admitted & ~too_heavy
        because = crossings["because"].to_list()
        for position in np.flatnonzero(is_open & ~usable):
            limit, mass = crossings["max_mass_t"].iloc[position], row["mass_t"]
            because[position] = (
                ("because.mass", {"limit": f"{limit:g}", "mass": f"{mass:g}"})
                if admitted[position]
                else ("because.not_admitted", {})
            )
        return pd.DataFrame(
            {
                "usable": usable,
                "admits": admitted,
                "reason": crossings["reason"].where(~is_open | usable, "vehicle_not_admitted"),
                "because": because,
                "wait_h": crossings["wait_h"],
            },
            index=crossings.index,
        )

    def closed_for(self, vehicle: str, *, lang: str = "en") -> list[dict[str, Any]]:
        """Return the crossings that a vehicle cannot use on the date.

        Parameters
        ----------
        vehicle
            Id of the vehicle.
        lang
            Language of the explanations.

        Returns
        -------
        list of dict
            crossing, reason, because, expected_open (ISO date of the next expected opening; None if it is
            unknown or the vehicle is never admitted).
        """
        traffic = vehicle_row(self.net, vehicle)["traffic"]
        admitted = self.admitted(vehicle)
        is_rail = self.net.base["crossings"]["mode"].reindex(admitted.index) == "rail"
        closed = []
        for crossing, row in admitted[~admitted["usable"] & (is_rail == (vehicle == "train"))].iterrows():
            key, values = row["because"]
            expected = None
            if row["reason"] != "vehicle_not_admitted":
                expected = next_opening(self, str(crossing), traffic)
            closed.append(
                {
                    "crossing": str(crossing),
                    "reason": row["reason"],
                    "because": translate(key, lang, **values),
                    "expected_open": None if expected is None else expected.isoformat(),
                }
            )
        return closed

    def graph(self, vehicle: str = "truck_20t") -> nx.MultiDiGraph:
        """Return the part of the network that a vehicle can use; see `amurgeo.graph`."""
        import amurgeo

        return amurgeo.graph(self, vehicle=vehicle)


def _admits(net: Network, vehicle: str, traffic: str) -> pd.Series:
    services = net.base["services"].xs(traffic, level="traffic")["admits"]
    return pd.Series([vehicle in vehicles for vehicles in services], index=services.index, dtype=bool)


def state(
    net: Network, on: date | str | None = None, *, scenario: Scenario | str | Iterable[str] | None = None
) -> State:
    """Return the status of every crossing on a date.

    Parameters
    ----------
    net
        The network.
    on
        The date; optional if the scenario has a date of its own.
    scenario
        Scenario, name, file or inline changes; None for the base case.

    Returns
    -------
    State
        ``crossings`` has one row per crossing and traffic.

    Raises
    ------
    InputError
        If the date is invalid, or neither `on` nor the scenario has one.

    Examples
    --------
    >>> import amurgeo as ag
    >>> winter = ag.state(ag.load(), "2024-01-20")
    >>> winter.crossings.loc[("poyarkovo:ice_road", "cargo"), "status"]
    'closed'
    """
    parsed = as_scenario(scenario)
    return state_on(with_additions(net, parsed), on, scenario=parsed)


def state_on(net: Network, on: date | str | None, *, scenario: Scenario) -> State:
    """Return the state of a network that has the additions of the scenario."""
    day = resolve_day(net, on, scenario)
    services = evaluate(net, scenario, np.array([day], dtype="datetime64[D]"))
    return State(net, day, scenario, state_frame(services, 0))


def state_frame(services: Sequence[ServiceDays], position: int) -> pd.DataFrame:
    """Return ``State.crossings`` for one position of the days of evaluated services."""
    columns = {name: [getattr(days.service, name) for days in services] for name in COLUMNS[:3]} | {
        name: [getattr(days, name)[position] for days in services] for name in COLUMNS[3:]
    }
    keys = [(days.service.crossing, days.service.traffic) for days in services]
    return pd.DataFrame(columns, index=pd.MultiIndex.from_tuples(keys, names=["crossing", "traffic"]))


def resolve_day(net: Network, on: date | str | None, scenario: Scenario) -> date:
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


def next_opening(state: State, crossing: str, traffic: str) -> date | None:
    """Return the next date on which a closed service is expected to open; None if it is unknown."""
    service = services_of(state.net)[crossing, traffic]
    reason = state.crossings.at[(crossing, traffic), "reason"]
    if not service.row["regular"] or reason in ("retired", "not_yet_open"):
        return None
    days = np.datetime64(state.on, "D") + np.arange(1, 500)
    (out,) = evaluate(state.net, state.scenario, days, [service])
    openings = np.flatnonzero(out.open)
    return None if not len(openings) else days[openings[0]].item()


def evaluate(
    net: Network, scenario: Scenario, days: np.ndarray, services: Iterable[Service] | None = None
) -> list[ServiceDays]:
    """Return the status of every service, or of some, on some days (datetime64[D])."""
    check_targets(net, scenario)
    is_dated = scenario.regime is None and scenario.world is None
    world_days = _in_year(days, scenario.world) if scenario.world else days
    modes = {service.mode for service in services_of(net).values()}
    reasons = {mode: closed_reason(mode, world_days) for mode in modes}
    festivals = _festivals(net, days) if is_dated else []
    conditions = Conditions(scenario, days, world_days, is_dated, festivals, reasons)

    def like(crossing: str) -> ServiceDays:
        # A crossing that carries only the other kind of traffic still has the season.
        rows = [row for key, row in services_of(net).items() if key[0] == crossing]
        row = next((row for row in rows if row.traffic == service.traffic), rows[0])
        return evaluate(net, Scenario("baseline"), days, [row])[0]

    evaluated = []
    for service in services_of(net).values() if services is None else services:
        seasons: list[Season] = []
        if service.is_seasonal and len(days):
            seasons = _seasons(net, conditions, service)
        # Observed days of a hovercraft move with its autumn season.
        shift = _shift(net, scenario, service, "autumn")
        evaluated.append(evaluate_service(service, conditions, seasons, shift, like))
    return evaluated


def _seasons(net: Network, conditions: Conditions, service: Service) -> list[Season]:
    """Return the seasons that may cover the days, moved by the scenario."""
    model, scenario = season_model(net), conditions.scenario
    first, last = _years(conditions.world_days)
    seasons = model.seasons(service.crossing, service.traffic, first - 1, last, observed=conditions.is_dated)
    shifts = {part: _shift(net, scenario, service, part) for part in {season.part for season in seasons}}
    return [season.shifted(*shift) for season in seasons if (shift := shifts[season.part]) is not None]


def _years(days: np.ndarray) -> tuple[int, int]:
    return days.min().item().year, days.max().item().year


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
    key = ("ice_shift", warming_c)
    return cached(net, key, lambda: season_shift(net.table("climate"), warming_c=warming_c))


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
        opened, planned, retired = (
            None if pd.isna(row[name]) else np.datetime64(row[name], "D")
            for name in ("opened", "planned", "retired")
        )
        services[key] = Service(
            crossing=crossing,
            traffic=traffic,
            mode=str(place["mode"]),
            checkpoint=place["checkpoint"],
            counterpart=place["counterpart"],
            row=row,
            opened=opened,
            planned=planned,
            retired=retired,
            record=service_record(
                observations.get(crossing, []), crossing, traffic, all_year=bool(row["all_year"])
            ),
        )
    return services


def _shift(net: Network, scenario: Scenario, service: Service, part: str) -> tuple[float, float] | None:
    """Return the days by which a scenario moves opening and closing; None if it cancels the season."""
    if not scenario.changes:
        return 0.0, 0.0
    delay = sum(change.delay_days or 0 for change in scenario.changes if service.concerns(change))
    opens, closes = float(delay), 0.0
    if scenario.warming_c:
        ice = ice_shift(net, scenario.warming_c)
        warm_open, warm_close = (ice.of(service.mode, event, part) for event in ("open", "close"))
        if warm_open is None or warm_close is None or (service.mode == "ice_road" and not ice.carries):
            return None
        opens, closes = opens + warm_open, closes + warm_close
    return opens, closes


def _festivals(net: Network, days: np.ndarray) -> list[FestivalStop]:
    """Return the Spring Festival stops of the years in whose January or February there are days."""
    months = days.astype("datetime64[M]").astype(int)
    years = sorted(set((months[months % 12 < 2] // 12 + 1970).tolist()))
    record = net.base["season_record"]
    # The calendar of festivals ends before the horizon of a forecast may.
    return [
        cached(net, ("festival", year), lambda year=year: festival_stop(year, record))  # type: ignore[misc]
        for year in years
        if year <= LAST_YEAR
    ]


def check_targets(net: Network, scenario: Scenario) -> None:
    """Raise if a change names an unknown crossing, checkpoint, mode or road."""
    tables = net.base
    known = {
        "crossing": tables["crossings"].index,
        "checkpoint": tables["checkpoints"].index,
        "mode": set(tables["crossings"]["mode"]) if scenario.changes else (),
        "road": tables["roads"].index,
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
    if not len(days):
        return []
    world_days = _in_year(days, scenario.world) if scenario.world else days
    first, last = _years(world_days)
    keys: list[set[str]] = [set() for _ in days]
    for key in cached(net, "seasonal_roads", lambda: sorted(set(net.edges["season"].unique()) - {""})):
        for season in season_model(net).seasons(key, "cargo", first - 1, last, observed=False):
            for position in np.flatnonzero(season.prob_open(world_days) >= OPEN_FROM):
                keys[position].add(key)
    return [frozenset(names) for names in keys]


def _in_year(days: np.ndarray, year: int) -> np.ndarray:
    """Return the days in another year."""
    moved = [day_in(year, day.month, day.day) for day in days.astype(object)]
    return np.array(moved, dtype="datetime64[D]")
