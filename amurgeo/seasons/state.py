"""The state of every crossing on one day under one scenario, with a reason and a probability."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.network import vehicle_row
from amurgeo.network.additions import with_additions
from amurgeo.scenario import Scenario, as_scenario
from amurgeo.seasons.evaluation import evaluate, evaluate_services, open_seasons, service_of
from amurgeo.seasons.services import Service, ServiceDays
from amurgeo.text import LANGUAGES, parse_day, translate

if TYPE_CHECKING:
    import networkx as nx

    from amurgeo.network import Network

#: Columns of ``State.crossings``.
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


@dataclass(frozen=True)
class State:
    """What is open on one day under one scenario.

    Attributes
    ----------
    net
        The network.
    on
        The day.
    scenario
        The scenario laid over.
    crossings
        One row per crossing and traffic (``cargo`` or ``passenger``): checkpoint, counterpart, mode, status
        (``open``, ``limited``, ``closed``), reason, because, max_mass_t, probability_open, basis, confidence,
        sources.
    """

    net: Network
    on: date
    scenario: Scenario
    crossings: pd.DataFrame

    def __repr__(self) -> str:
        n_open = int((self.crossings["status"] != "closed").sum())
        of_all = f"{n_open} of {len(self.crossings)} services open"
        return f"State({self.on.isoformat()}, {self.scenario.name}, {of_all})"

    @property
    def label(self) -> dict[str, str]:
        """Short label by language: the scenario's title, or the day."""
        if self.scenario.name == "baseline":
            return dict.fromkeys(LANGUAGES, self.on.isoformat())
        return {lang: self.scenario.title.get(lang, self.scenario.name) for lang in LANGUAGES}

    @property
    def record_until(self) -> date:
        """Day of the newest observation of the record."""
        return self.net.record_until

    @cached_property
    def open_seasons(self) -> frozenset[str]:
        """Season keys of the seasonal roads that are open on the day."""
        return open_seasons(self.net, self.scenario, np.array([self.on], dtype="datetime64[D]"))[0]

    def because(self, lang: str = "en") -> pd.Series:
        """Return the reasons in a language, one text per row of ``crossings``."""
        return pd.Series(
            [_explain(key, values, lang) for key, values in self.crossings["because"]],
            index=self.crossings.index,
            dtype=object,
        )

    def records(self, lang: str = "en") -> list[dict[str, Any]]:
        """Return the state as plain records, the command line's JSON."""
        frame = self.crossings.assign(because=self.because(lang)).reset_index()
        records = []
        for row in frame.to_dict("records"):
            mass = row["max_mass_t"]
            records.append(
                {
                    **{
                        name: row[name]
                        for name in (
                            "crossing",
                            "checkpoint",
                            "counterpart",
                            "mode",
                            "traffic",
                            "status",
                            "reason",
                            "because",
                        )
                    },
                    "max_mass_t": None if pd.isna(mass) else float(mass),
                    "probability_open": round(float(row["probability_open"]), 4),
                    **{name: row[name] for name in ("basis", "confidence")},
                    "sources": list(row["sources"]),
                }
            )
        return records

    def checkpoint_of(self, crossing: str) -> str:
        """Return the checkpoint of a crossing."""
        return str(self.net.base["crossings"].at[crossing, "checkpoint"])

    def admitted(self, vehicle: str) -> pd.DataFrame:
        """Tell which crossings a vehicle can use.

        Parameters
        ----------
        vehicle
            Id of the vehicle.

        Returns
        -------
        DataFrame
            By crossing: usable, reason, because (key and values), wait_h.
        """
        row = vehicle_row(self.net, vehicle)
        mine = self.crossings.xs(row["traffic"], level="traffic")
        admits = self.net.base["services"].xs(row["traffic"], level="traffic")["admits"].reindex(mine.index)
        taken = np.array([vehicle in vehicles for vehicles in admits], dtype=bool)
        light = ~(mine["max_mass_t"].to_numpy(dtype=float) < float(row["mass_t"]))
        is_open = (mine["status"] != "closed").to_numpy()
        reason = mine["reason"].where(~is_open | (taken & light), "vehicle_not_admitted")
        because = [
            own
            if not opened or (takes and bears)
            else ("because.mass", {"limit": f"{limit:g}", "mass": f"{row['mass_t']:g}"})
            if takes
            else ("because.not_admitted", {})
            for own, opened, takes, bears, limit in zip(
                mine["because"], is_open, taken, light, mine["max_mass_t"], strict=True
            )
        ]
        return pd.DataFrame(
            {
                "usable": is_open & taken & light,
                "admits": taken,
                "reason": reason,
                "because": because,
                "wait_h": mine["wait_h"],
            },
            index=mine.index,
        )

    def closed_for(self, vehicle: str, *, lang: str = "en") -> list[dict[str, Any]]:
        """List the crossings that a vehicle cannot use on the day.

        Parameters
        ----------
        vehicle
            Id of the vehicle.
        lang
            Language of the reasons.

        Returns
        -------
        list of dict
            crossing, reason, because, expected_open (the next day on which it is expected to open, ISO, or
            None where nothing is known or the vehicle is never admitted).
        """
        traffic = vehicle_row(self.net, vehicle)["traffic"]
        admitted = self.admitted(vehicle)
        modes = self.net.base["crossings"]["mode"]
        closed = []
        for crossing, row in admitted[~admitted["usable"]].iterrows():
            if (modes[crossing] == "rail") != (vehicle == "train"):
                continue
            key, values = row["because"]
            expected = (
                None
                if row["reason"] == "vehicle_not_admitted"
                else next_opening(self, str(crossing), traffic)
            )
            closed.append(
                {
                    "crossing": str(crossing),
                    "reason": row["reason"],
                    "because": _explain(key, values, lang),
                    "expected_open": None if expected is None else expected.isoformat(),
                }
            )
        return closed

    def graph(self, vehicle: str = "truck_20t") -> nx.MultiDiGraph:
        """Return the part of the network that a vehicle can use; see `amurgeo.graph`."""
        import amurgeo

        return amurgeo.graph(self, vehicle=vehicle)


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
    """Return the state of a network that already holds the scenario's additions."""
    day = resolve_day(net, on, scenario)
    rows = list(evaluate_services(net, scenario, np.array([day], dtype="datetime64[D]")))
    return State(net, day, scenario, state_frame(net, rows, 0))


def state_frame(net: Network, rows: Sequence[tuple[Service, ServiceDays]], position: int) -> pd.DataFrame:
    """Make the frame of a state from the evaluated services, for one of their days.

    Parameters
    ----------
    net
        The network.
    rows
        Services with what they do, as `amurgeo.seasons.evaluation.evaluate_services` gives them.
    position
        Position of the day.
    """
    counterparts = net.base["checkpoints"]["counterpart"].to_dict()
    values = [
        (
            service.checkpoint,
            counterparts[service.checkpoint],
            service.mode,
            out.status[position],
            out.reason[position],
            out.because[position],
            out.max_mass_t[position],
            out.probability[position],
            out.basis[position],
            out.confidence[position],
            out.sources[position],
            out.limited[position],
            out.wait_h[position],
            out.capacity_share[position],
        )
        for service, out in rows
    ]
    keys = [(service.crossing, service.traffic) for service, _ in rows]
    index = pd.MultiIndex.from_tuples(keys, names=["crossing", "traffic"])
    return pd.DataFrame(values, columns=list(COLUMNS), index=index)


def resolve_day(net: Network, on: date | str | None, scenario: Scenario) -> date:
    """Return the day that is meant: the given one, or the scenario's own.

    Raises
    ------
    InputError
        When the day does not exist, when nothing names one, or when a regime has another.
    """
    if scenario.day is not None:
        if on is not None and parse_day(on) != _regime_day(net, scenario):
            raise InputError(
                f"'{scenario.name}' is a regime with a day of its own, {scenario.day[0]:02d}-"
                f"{scenario.day[1]:02d}; leave the day out, or name a scenario that is no regime"
            )
        return _regime_day(net, scenario)
    if on is None:
        raise InputError(
            f"nothing names the day of '{scenario.name}'; give one with --on, for instance --on 2026-02-10"
        )
    return parse_day(on)


def _regime_day(net: Network, scenario: Scenario) -> date:
    return day_in(scenario.world or net.record_until.year, *(scenario.day or (1, 1)))


def day_in(year: int, month: int, day: int) -> date:
    """Return a day of a year; 29 February is the 28th in years that have none.

    Examples
    --------
    >>> day_in(2026, 2, 29), day_in(2024, 2, 29)
    (datetime.date(2026, 2, 28), datetime.date(2024, 2, 29))
    """
    return date(year, month, min(day, monthrange(year, month)[1]))


def next_opening(state: State, crossing: str, traffic: str) -> date | None:
    """Return the next day on which a closed service is expected to open; None where nothing is known."""
    net, scenario = state.net, state.scenario
    service = service_of(net, scenario, crossing, traffic)
    if not bool(service.row["regular"]) or state.crossings.at[(crossing, traffic), "reason"] in (
        "retired",
        "not_yet_open",
    ):
        return None
    start = np.datetime64(state.on, "D")
    days = start + np.arange(1, 500)
    opens = np.flatnonzero(evaluate(net, scenario, service, days).open)
    return None if not len(opens) else days[opens[0]].astype(date)


def _explain(key: str, values: dict[str, Any], lang: str) -> str:
    return translate(key, lang, **values)
