"""The state of every crossing on one day under one scenario, with a reason and a probability."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.costs import crossing_arcs, land_arcs, vehicle_row
from amurgeo.errors import InputError, unknown
from amurgeo.scenario import Change, Scenario
from amurgeo.seasons import services as rules
from amurgeo.seasons.evidence import evidence_of
from amurgeo.seasons.services import Service, ServiceDays
from amurgeo.seasons.windows import Season, typical_seasons
from amurgeo.text import LANGUAGES, say

if TYPE_CHECKING:
    import networkx as nx

    from amurgeo.network import Network

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Days for which a state is given.
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2100, 12, 31)
#: Columns of ``State.crossings``.
COLUMNS = (
    "checkpoint", "counterpart", "mode", "status", "reason", "because", "max_mass_t", "probability_open", "basis",
    "confidence", "sources", "limited", "wait_h", "capacity_share",
)  # fmt: skip


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
        return f"State({self.on.isoformat()}, {self.scenario.name}, {n_open} of {len(self.crossings)} services open)"

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
        return open_seasons(self.net, self.scenario, self.on)

    def because(self, lang: str = "en") -> pd.Series:
        """Return the reasons in a language, one text per row of ``crossings``."""
        return pd.Series([_explain(key, values, lang) for key, values in self.crossings["because"]], index=self.crossings.index, dtype=object)

    def records(self, lang: str = "en") -> list[dict[str, Any]]:
        """Return the state as plain records, the command line's JSON."""
        frame = self.crossings.assign(because=self.because(lang)).reset_index()
        records = []
        for row in frame.to_dict("records"):
            mass = row["max_mass_t"]
            records.append(
                {
                    **{name: row[name] for name in ("crossing", "checkpoint", "counterpart", "mode", "traffic", "status", "reason", "because")},
                    "max_mass_t": None if pd.isna(mass) else float(mass),
                    "probability_open": round(float(row["probability_open"]), 4),
                    **{name: row[name] for name in ("basis", "confidence")},
                    "sources": list(row["sources"]),
                }
            )
        return records

    def checkpoint_of(self, crossing: str) -> str:
        """Return the checkpoint of a crossing."""
        return str(self.net.tables["crossings"].at[crossing, "checkpoint"])

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
        admits = self.net.tables["services"].xs(row["traffic"], level="traffic")["admits"].reindex(mine.index)
        taken = np.array([vehicle in vehicles for vehicles in admits], dtype=bool)
        light = ~(mine["max_mass_t"].to_numpy(dtype=float) < float(row["mass_t"]))
        is_open = (mine["status"] != "closed").to_numpy()
        reason = mine["reason"].where(~is_open | (taken & light), "vehicle_not_admitted")
        because = [
            own if not opened or (takes and bears)
            else ("because.mass", {"limit": f"{limit:g}", "mass": f"{row['mass_t']:g}"}) if takes
            else ("because.not_admitted", {})
            for own, opened, takes, bears, limit in zip(mine["because"], is_open, taken, light, mine["max_mass_t"], strict=True)
        ]  # fmt: skip
        return pd.DataFrame({"usable": is_open & taken & light, "admits": taken, "reason": reason, "because": because, "wait_h": mine["wait_h"]}, index=mine.index)

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
        modes = self.net.tables["crossings"]["mode"]
        closed = []
        for crossing, row in admitted[~admitted["usable"]].iterrows():
            if (modes[crossing] == "rail") != (vehicle == "train"):
                continue
            key, values = row["because"]
            expected = None if row["reason"] == "vehicle_not_admitted" else next_opening(self, str(crossing), traffic)
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
        """Return the part of the network that a vehicle can use on the day.

        Parameters
        ----------
        vehicle
            Id of the vehicle.

        Returns
        -------
        networkx.MultiDiGraph
            Valid for OSMnx; edges carry ``seconds`` (control and expected wait included), ``length_km``,
            ``length`` in metres and ``crossing`` (the id, or None).
        """
        import networkx as nx

        base = self.net.graph
        graph = nx.MultiDiGraph(**base.graph)
        graph.add_nodes_from(base.nodes(data=True))
        drawn = {(u, v, data["id"]): data for u, v, data in base.edges(data=True)}
        arcs = crossing_arcs(self.net, self, vehicle).assign(is_crossing=True)
        land = land_arcs(self.net, vehicle, open_seasons=self.open_seasons).assign(is_crossing=False)
        for arc in pd.concat([land, arcs]).itertuples():
            common = drawn.get((arc.tail, arc.head, arc.edge), {"osmid": arc.edge, "id": arc.edge, "length": arc.length_km * 1000.0})
            graph.add_edge(
                arc.tail, arc.head, **{**common, "length_km": float(arc.length_km)},
                seconds=int(arc.seconds), crossing=arc.edge if arc.is_crossing else None,
            )  # fmt: skip
        return graph


def state_on(net: Network, on: date | str | None, *, scenario: Scenario) -> State:
    """Evaluate every service on one day; see `amurgeo.Network.state`."""
    day = resolve_day(net, on, scenario)
    rows = [(service, out) for service, out in evaluate_services(net, scenario, np.array([day], dtype="datetime64[D]"))]
    counterparts = net.tables["checkpoints"]["counterpart"]
    frame = pd.DataFrame(
        [
            (
                service.checkpoint, counterparts[service.checkpoint], service.mode, out.status[0], out.reason[0], out.because[0],
                out.max_mass_t[0], out.probability[0], out.basis[0], out.confidence[0], out.sources[0], out.limited[0],
                out.wait_h[0], out.capacity_share[0],
            )
            for service, out in rows
        ],
        columns=list(COLUMNS),
        index=pd.MultiIndex.from_tuples([(service.crossing, service.traffic) for service, _ in rows], names=["crossing", "traffic"]),
    )  # fmt: skip
    return State(net, day, scenario, frame)


def resolve_day(net: Network, on: date | str | None, scenario: Scenario) -> date:
    """Return the day that is meant: the given one, or the scenario's own.

    Raises
    ------
    InputError
        When the day does not exist, when nothing names one, or when a regime has its own and another is given.
    """
    if scenario.day is not None:
        if on is not None and parse_day(on) != _regime_day(net, scenario):
            raise InputError(
                f"'{scenario.name}' is a regime with a day of its own, {scenario.day[0]:02d}-{scenario.day[1]:02d}; "
                "leave the day out, or name a scenario that is no regime"
            )
        return _regime_day(net, scenario)
    if on is None:
        raise InputError(f"nothing names the day of '{scenario.name}'; give one with --on, for instance --on 2026-02-10")
    return parse_day(on)


def _regime_day(net: Network, scenario: Scenario) -> date:
    month, day = scenario.day or (1, 1)
    return date(scenario.world or net.record_until.year, month, day)


def parse_day(on: date | str) -> date:
    """Read a day.

    Raises
    ------
    InputError
        When it is written otherwise than 2026-02-10, does not exist, or lies outside 1980 to 2100.

    Examples
    --------
    >>> parse_day("2026-02-10")
    datetime.date(2026, 2, 10)
    """
    if isinstance(on, str):
        text = on.strip()
        if not _DAY.fullmatch(text):
            raise InputError(f"'{on}' is no day; write it as 2026-02-10")
        try:
            on = date.fromisoformat(text)
        except ValueError:
            raise InputError(f"'{on}' does not exist; give a day of the calendar, as 2026-02-10") from None
    day = date(on.year, on.month, on.day)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(f"'{day}' lies outside {FIRST_DAY.year} to {LAST_DAY.year}, for which the dataset can speak")
    return day


def evaluate_services(net: Network, scenario: Scenario, days: np.ndarray) -> Iterator[tuple[Service, ServiceDays]]:
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
    for crossing, traffic in net.tables["services"].index:
        service = service_of(net, scenario, crossing, traffic)
        yield service, evaluate(net, scenario, service, days)


def service_of(net: Network, scenario: Scenario, crossing: str, traffic: str) -> Service:
    """Collect what the tables say of one service."""
    row = net.tables["services"].loc[(crossing, traffic)]
    own = net.tables["crossings"].loc[crossing]
    delay = _delay(net, scenario, crossing, traffic)

    def seasons(first: int, last: int) -> Sequence[Season]:
        found = typical_seasons(net.tables["windows"], crossing, own["mode"], traffic, first, last)
        return [_shifted(season, delay) for season in found] if delay else found

    evidence = evidence_of(net.tables["season_record"], crossing, traffic)
    return Service(crossing, traffic, str(own["mode"]), str(own["checkpoint"]), row, evidence, seasons)


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
        rules.fill_seasons(out, world_days, use_record=dated, delayed_days=_delay(net, scenario, service.crossing, service.traffic))
    if dated:
        rules.fill_stops(out)
        rules.fill_limits(out, days)
    rules.fill_existence(out, world_days)
    for change in scenario.changes:
        if _concerns(net, change, service.crossing, service.traffic):
            like = None
            if change.like is not None:
                # A neighbour that carries only the other kind of traffic still tells the season.
                kinds = net.tables["services"].loc[change.like].index
                kind = service.traffic if service.traffic in kinds else kinds[0]
                like = evaluate(net, Scenario("baseline"), service_of(net, Scenario("baseline"), change.like, kind), days)
            rules.apply_change(out, change, change.by or scenario.name, like)
    return out


def check_targets(net: Network, scenario: Scenario) -> None:
    """Raise when a change names a crossing, checkpoint, mode or road that there is not."""
    tables = net.tables
    known = {
        "crossing": set(tables["crossings"].index),
        "checkpoint": set(tables["checkpoints"].index),
        "mode": set(tables["crossings"]["mode"]),
        "road": set(tables["roads"].index),
        "like": set(tables["crossings"].index),
    }
    for change in scenario.changes:
        for kind, names in known.items():
            given = getattr(change, kind)
            if given is not None and given not in names:
                error = unknown("crossing" if kind == "like" else kind, given, names)
                raise InputError(f"scenario '{change.by or scenario.name}', key '{kind}': {error}")


def _concerns(net: Network, change: Change, crossing: str, traffic: str) -> bool:
    if change.traffic is not None and change.traffic != traffic:
        return False
    row = net.tables["crossings"].loc[crossing]
    return change.crossing == crossing or change.checkpoint == row["checkpoint"] or change.mode == row["mode"]


def _delay(net: Network, scenario: Scenario, crossing: str, traffic: str) -> int:
    return sum(change.delay_days for change in scenario.changes if change.delay_days is not None and _concerns(net, change, crossing, traffic))


def _shifted(season: Season, days: int) -> Season:
    from dataclasses import replace

    delta = np.timedelta64(days, "D")
    return replace(season, open_p50=season.open_p50 + delta, opened_by=lambda at: season.opened_by(at - delta))


def _in_year(days: np.ndarray, year: int) -> np.ndarray:
    """Put days into a year, 29 February onto the 28th where the year has none."""
    put = []
    for day in days.astype(object):
        try:
            put.append(day.replace(year=year))
        except ValueError:
            put.append(day.replace(year=year, day=28))
    return np.array(put, dtype="datetime64[D]")


def open_seasons(net: Network, scenario: Scenario, on: date) -> frozenset[str]:
    """Return the season keys of the roads that are open on a day."""
    days = np.array([on], dtype="datetime64[D]")
    if scenario.world:
        days = _in_year(days, scenario.world)
    found = set()
    for key in sorted({key for key in net.edges["season"] if key}):
        for season in typical_seasons(net.tables["windows"], key, "ice_road", "cargo", on.year - 1, on.year):
            if float((season.opened_by(days) * (1.0 - season.closed_by(days)))[0]) >= rules.OPEN_FROM:
                found.add(key)
    return frozenset(found)


def next_opening(state: State, crossing: str, traffic: str) -> date | None:
    """Return the next day on which a closed service is expected to open; None where nothing is known."""
    net, scenario = state.net, state.scenario
    service = service_of(net, scenario, crossing, traffic)
    if not bool(service.row["regular"]) or state.crossings.at[(crossing, traffic), "reason"] in ("retired", "not_yet_open"):
        return None
    start = np.datetime64(state.on, "D")
    days = start + np.arange(1, 500)
    opens = np.flatnonzero(evaluate(net, scenario, service, days).open)
    return None if not len(opens) else days[opens[0]].astype(date)


def _explain(key: str, values: dict[str, Any], lang: str) -> str:
    return say(key, lang, **values)
