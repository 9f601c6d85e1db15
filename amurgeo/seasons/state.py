"""The status of every crossing on a date under a scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from amurgeo.errors import unknown_name_error
from amurgeo.io import records
from amurgeo.network import goes_by_rail, target_name, vehicle_id, vehicle_row
from amurgeo.network.additions import with_additions
from amurgeo.network.edges import RoadState
from amurgeo.network.tables import cached
from amurgeo.results import Result, with_lines
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.evaluation import assuming, evaluate, resolve_day, road_states, scenario_of, services_of
from amurgeo.seasons.service import DAILY, NONEXISTENT, Because, ServiceDays, counts_as_open
from amurgeo.text import LANGUAGES, Day, translate, words

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import networkx as nx

    from amurgeo.network import Network

#: A day of a change.
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")
#: Days ahead that are evaluated for the next opening.
HORIZON_DAYS = 500
#: Reasons of services of which no next opening is expected.
_NEVER_OPENS = (*NONEXISTENT, "unknown", "vehicle_not_admitted")
#: Columns of ``State.crossings``.
COLUMNS = ("checkpoint", "counterpart", "mode", *DAILY)


class Admission(NamedTuple):
    """Which crossings take a vehicle, and which are open to it; a value per crossing of its traffic."""

    #: Positions of the crossings' services in ``State.services``.
    positions: list[int]
    crossings: pd.Index
    admits: np.ndarray
    takes: np.ndarray
    usable: np.ndarray
    wait_h: np.ndarray
    border_h: np.ndarray


@dataclass(frozen=True, eq=False)
class State(Result):
    """The status of every crossing on one date under one scenario.

    Attributes
    ----------
    net
        The network.
    on
        The date.
    scenario
        The scenario.
    services
        Values of the columns of ``crossings`` from the status on, one per crossing and traffic.
    """

    net: Network
    on: date
    scenario: Scenario
    services: Mapping[str, Sequence[Any]]

    def __repr__(self) -> str:
        status = self.services["status"]
        counts = f"{counts_as_open(status).sum()} of {len(status)} services open"
        return f"State({self.on.isoformat()}, {self.scenario.name}, {counts})"

    @property
    def crossings(self) -> pd.DataFrame:
        """The status of every service, by crossing and traffic (``cargo`` or ``passenger``); a copy.

        Columns: checkpoint, counterpart, mode, status (``open``, ``limited``, ``closed``, ``unknown``),
        reason, because (key and values of its explanation), max_mass_t (tonnes), probability_open (NaN:
        unknown), basis (``evidence`` with ``expected`` for ``uncovered``), evidence (``observed``: a dated
        row holds the day; ``scenario``; ``expected``: a dated row of the service within half a year;
        ``uncovered``: no such row; ``unknown``: in a gap of the record), confidence, sources, limited (why
        the status is limited), wait_h (hours), capacity_share, border_h (hours of control set by the
        scenario; NaN: those of the table ``services``).
        """
        # Copy-on-write keeps the copy apart.
        return self._crossings.copy(deep=False)

    @cached_property
    def _crossings(self) -> pd.DataFrame:
        places, keys = cached(self.net, "service_places", lambda: _service_places(self.net))
        daily = {name: list(values) for name, values in self.services.items()}
        return pd.DataFrame({**places, **daily}, index=keys)

    @property
    def label(self) -> dict[str, str]:
        """Short label by language: the title of the scenario, or the date."""
        if self.scenario.name == "baseline":
            return dict.fromkeys(LANGUAGES, self.on.isoformat())
        return self.title

    @cached_property
    def title(self) -> dict[str, str]:
        """Title of the scenario by language; changes without a title are described.

        Examples
        --------
        >>> import amurgeo as ag
        >>> shut = ag.close("kani_kurgan:bridge", "2026-11-10", "2026-11-19")
        >>> ag.load().state("2026-11-15", scenario=shut).title["en"]
        'Kani-Kurgan, road bridge: closed 2026-11-10 – 2026-11-19'
        """
        titles = {lang: self.scenario.title.get(lang, self.scenario.name) for lang in LANGUAGES}
        return {lang: self._described(title, lang) for lang, title in titles.items()}

    def _described(self, text: str, lang: str) -> str:
        """Return a text with the changes of the scenario in words."""
        for change in self.scenario.changes:
            key = f"act.{change.action}"
            if key not in words():
                continue
            days = (change.days or "").replace("..", " – ")
            if lang == "ru":
                # The year may be missing.
                days = _DAY.sub(lambda day: ".".join(filter(None, (day[3], day[2], day[1]))), days)
            act = f"{translate(key, lang, value=getattr(change, change.action))} {days}".rstrip()
            target = change.target and target_name(self.net, change.target, lang)
            described = f"{target}{translate('word.colon', lang)}{act}" if target else act
            text = text.replace(str(change), described)
        return text

    def _explanation(self, because: Because, lang: str) -> str:
        """Return an explanation in a language, with changes in words."""
        key, values = because
        if key == "because.scenario":
            name, change = (self._described(values[part], lang) for part in ("name", "change"))
            if values["name"] == self.scenario.name:
                name = self.title[lang]
            if name == change:
                return translate("because.change", lang, change=change)
            values = {"name": name, "change": change}
        return translate(key, lang, **values)

    @property
    def record_until(self) -> date:
        """Date of the newest observation of the record."""
        return self.net.record_until

    @cached_property
    def roads(self) -> RoadState:
        """Open seasons of roads, and changes of single roads and railway sections by the scenario."""
        return road_states(self.net, self.scenario, np.array([self.on], dtype="datetime64[D]"))[0]

    @property
    def open_seasons(self) -> frozenset[str]:
        """Keys of the seasonal roads that are open on the date."""
        return self.roads.seasons

    def because(self, lang: str = "en") -> pd.Series:
        """Return the explanations in a language.

        Parameters
        ----------
        lang
            Language.

        Returns
        -------
        Series
            One text per row of ``crossings``.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.load().state("2026-02-10").because()["poyarkovo:ice_road", "cargo"]
        'opened on 2026-02-04'
        """
        texts = [self._explanation(because, lang) for because in self.services["because"]]
        return pd.Series(texts, index=self._crossings.index, dtype=object)

    def to_frame(self, *, lang: str = "en") -> pd.DataFrame:
        """Return ``crossings`` with ids as columns, because as text and sources joined by ``;``.

        Examples
        --------
        >>> import amurgeo as ag
        >>> frame = ag.state(ag.load(), "2024-01-20").to_frame()
        >>> frame.loc[frame.crossing == "poyarkovo:ice_road", ["traffic", "status"]].values.tolist()
        [['cargo', 'closed'], ['passenger', 'closed']]
        """
        sources = [";".join(sources) for sources in self.services["sources"]]
        return self.crossings.assign(because=self.because(lang), sources=sources).reset_index()

    def to_gdf(self, *, lang: str = "en") -> gpd.GeoDataFrame:
        """Return ``to_frame`` with the lines of the crossings as a GeoDataFrame in EPSG:4326."""
        return with_lines(self.to_frame(lang=lang), self.net.crossings.geometry)

    def to_dict(self, lang: str = "en") -> list[dict[str, Any]]:
        """Return the state as a list of dictionaries, the JSON of the command line, in a language."""
        names = ["crossing", "checkpoint", "counterpart", "mode", "traffic", *DAILY[:9], "capacity_share"]
        frame = self.to_frame(lang=lang)[names].assign(sources=self.services["sources"])
        return records(frame.round({"probability_open": 4}))

    #: As ``Routes.records`` returns its routes.
    records = to_dict

    def map(self, *, lang: str = "en") -> folium.Map:
        """Draw the state on one page that opens without internet access; see `amurgeo.maps.page`."""
        import amurgeo

        return amurgeo.maps.page(self, lang=lang)

    def unknown(self, vehicle: str | None = None) -> tuple[str, ...]:
        """Return the crossings whose status is unknown, and which count as closed.

        Parameters
        ----------
        vehicle
            Id of a vehicle: only crossings for its kind of traffic; all if omitted.

        Returns
        -------
        tuple of str
            Ids of crossings.

        Examples
        --------
        >>> import amurgeo as ag
        >>> "kraskino:road" in ag.state(ag.load(), "2021-06-01").unknown("bus")
        True
        """
        traffic = None if vehicle is None else vehicle_row(self.net, vehicle)["traffic"]
        keys = zip(services_of(self.net), self.services["status"], strict=True)
        found = [id_ for (id_, kind), status in keys if status == "unknown" and traffic in (kind, None)]
        return tuple(dict.fromkeys(found))

    def checkpoint_of(self, crossing: str) -> str:
        """Return the checkpoint of a crossing.

        Parameters
        ----------
        crossing
            Id of the crossing.

        Returns
        -------
        str
            Id of the checkpoint.

        Raises
        ------
        InputError
            If the crossing is unknown.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.load().state("2026-02-10").checkpoint_of("kani_kurgan:bridge")
        'kani_kurgan'
        """
        places = self.net.base["crossings"]["checkpoint"]
        if crossing not in places.index:
            raise unknown_name_error("crossing", crossing, places.index)
        return str(places[crossing])

    def admitted(self, vehicle: str | None = None) -> pd.DataFrame:
        """Return which crossings a vehicle can use.

        Parameters
        ----------
        vehicle
            Id of the vehicle; that of the dataset if omitted.

        Returns
        -------
        DataFrame
            By crossing: usable, admits, reason, because (key and values), wait_h (hours), border_h (hours;
            NaN: those of the table).

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.load().state("2026-02-10").admitted("truck_40t").loc["poyarkovo:ice_road", "reason"]
        'vehicle_not_admitted'
        """
        vehicle = vehicle_id(self.net, vehicle)
        served, mass = self.admission(vehicle), vehicle_row(self.net, vehicle)["mass_t"]
        explained = []
        for position, admits, takes in zip(served.positions, served.admits, served.takes, strict=True):
            reason, because, limit = (self.services[name][position] for name in DAILY[1:4])
            # What the vehicle can never use is not explained by a holiday or the season.
            if not takes and reason not in NONEXISTENT:
                reason, because = "vehicle_not_admitted", ("because.not_admitted", {})
                if admits and limit > 0:
                    because = ("because.mass", {"limit": f"{limit:g}", "mass": f"{mass:g}"})
            explained.append((reason, because))
        columns: dict[str, Any] = {"usable": served.usable, "admits": served.admits}
        columns |= {name: [row[at] for row in explained] for at, name in enumerate(DAILY[1:3])}
        columns |= {"wait_h": served.wait_h, "border_h": served.border_h}
        return pd.DataFrame(columns, index=served.crossings)

    def admission(self, vehicle: str) -> Admission:
        """Return which crossings a vehicle can use, as arrays; see `admitted`."""
        positions, crossings, admits = cached(
            self.net, ("served", vehicle), lambda: _served(self.net, vehicle)
        )
        status, limits, wait_h, border_h = (
            np.array([self.services[name][position] for position in positions])
            for name in ("status", "max_mass_t", "wait_h", "border_h")
        )
        takes = admits & ~(limits < vehicle_row(self.net, vehicle)["mass_t"])
        is_open = counts_as_open(status)
        return Admission(positions, crossings, admits, takes, takes & is_open, wait_h, border_h)

    def closed_for(self, vehicle: str | None = None, *, lang: str = "en") -> list[dict[str, Any]]:
        """Return the crossings that a vehicle cannot use on the date.

        Parameters
        ----------
        vehicle
            Id of the vehicle; that of the dataset if omitted.
        lang
            Language of the explanations.

        Returns
        -------
        list of dict
            crossing, reason, because, expected_open (ISO date of the next expected opening; None if it is
            unknown or the vehicle is never admitted).

        Examples
        --------
        >>> import amurgeo as ag
        >>> closed = ag.load().state("2026-02-10").closed_for("truck_20t")
        >>> "blagoveshchensk:ferry" in [row["crossing"] for row in closed]
        True
        """
        traffic = vehicle_row(self.net, vehicle)["traffic"]
        admitted = self.admitted(vehicle)
        is_rail = self.net.base["crossings"]["mode"].reindex(admitted.index) == "rail"
        is_closed = ~admitted["usable"] & (is_rail == goes_by_rail(self.net, vehicle))
        closed = admitted.loc[is_closed, ["reason", "because"]]
        may_open = closed.index[~closed["reason"].isin(_NEVER_OPENS)]
        services = [services_of(self.net)[crossing, traffic] for crossing in may_open]
        opening = [service for service in services if service.row["regular"]]
        days = np.datetime64(self.on, "D") + np.arange(1, HORIZON_DAYS)
        opens = {
            out.service.crossing: str(days[np.argmax(out.open)])
            for out in evaluate(self.net, self.scenario, days, opening)
            if out.open.any()
        }
        return [
            {
                "crossing": crossing,
                "reason": reason,
                "because": self._explanation(because, lang),
                "expected_open": opens.get(crossing),
            }
            for crossing, reason, because in closed.itertuples()
        ]

    def graph(self, vehicle: str | None = None) -> nx.MultiDiGraph:
        """Return the part of the network that a vehicle can use; see `amurgeo.graph`."""
        import amurgeo

        return amurgeo.graph(self, vehicle=vehicle)


def _served(net: Network, vehicle: str) -> tuple[list[int], pd.Index, np.ndarray]:
    """Return positions and crossings of a vehicle's services, and whether they admit it."""
    traffic, services = vehicle_row(net, vehicle)["traffic"], list(services_of(net).values())
    positions = [position for position, service in enumerate(services) if service.traffic == traffic]
    crossings = pd.Index([services[position].crossing for position in positions], name="crossing")
    admits = [vehicle in services[position].row["admits"] for position in positions]
    return positions, crossings, np.array(admits, dtype=bool)


def _service_places(net: Network) -> tuple[dict[str, list[str]], pd.MultiIndex]:
    """Return the columns of ``State.crossings`` that never change, and their index."""
    services = services_of(net)
    keys = pd.MultiIndex.from_tuples(list(services), names=["crossing", "traffic"])
    return {name: [getattr(row, name) for row in services.values()] for name in COLUMNS[:3]}, keys


def state(
    net: Network, on: Day | None = None, *, scenario: ScenarioLike = None, assume: str | None = None
) -> State:
    """Return the status of every crossing on a date.

    Parameters
    ----------
    net
        The network.
    on
        The date, as text (``2026-01-20``), date, datetime, Timestamp or datetime64; optional if the scenario
        has a date of its own.
    scenario
        Scenario, name, file or inline changes; None for the base case.
    assume
        Status of services on days of which the record has a gap, ``"open"`` (in season) or ``"closed"``; by
        default they are ``unknown`` and count as closed.

    Returns
    -------
    State
        ``crossings`` has one row per crossing and traffic.

    Raises
    ------
    InputError
        If the date is invalid, neither `on` nor the scenario has one, or no service is unknown for `assume`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> winter = ag.state(ag.load(), "2024-01-20")
    >>> winter.crossings.loc[("poyarkovo:ice_road", "cargo"), "status"]
    'closed'
    """
    parsed = scenario_of(net, scenario)
    day = resolve_day(net, on, parsed)
    days = np.array([day], dtype="datetime64[D]")
    (parsed,) = assuming(net, [parsed], assume, days)
    net = with_additions(net, parsed)
    return State(net, day, parsed, values_on(evaluate(net, parsed, days), 0))


def values_on(services: Sequence[ServiceDays], position: int) -> dict[str, tuple[Any, ...]]:
    """Return ``State.services`` for one position of the days of evaluated services."""
    values = {name: tuple(getattr(days, name).item(position) for days in services) for name in DAILY}
    return values | {"because": tuple(map(_explained, values["because"]))}


def _explained(because: Because) -> Because:
    """Return an explanation with the one in its values, if any, in all languages."""
    key, values = because
    if not isinstance(inner := values.get("because"), tuple):
        return because
    inner_key, inner_values = _explained(inner)
    texts = {lang: translate(inner_key, lang, **inner_values) for lang in LANGUAGES}
    return key, {**values, "because": texts}
