"""Trucks that want to pass and crossings that clear them: the tables as arrays for the queue model."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from amurgeo.dataset.checks.record import MODEL_BASES, check_trucks
from amurgeo.dataset.checks.rows import check_rules
from amurgeo.dataset.files import Cells, read_cells
from amurgeo.dataset.reading import check_references, on_lines, table_of
from amurgeo.dataset.schema import ESTIMATED
from amurgeo.errors import DataError, InputError, check_bool, check_made, check_number, shorten
from amurgeo.network import at_home, vehicle_row
from amurgeo.seasons.daily import States
from amurgeo.seasons.service import ServiceDays, counts_as_open
from amurgeo.seasons.state import State
from amurgeo.seasons.turns import day_in

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Tables that the model needs.
TABLES = ("capacity", "demand", "demand_months")
#: Assumptions, low, mid and high. Roubles of an hour of a truck: waiting beyond the norm in a price list
#: of 2026. Hours of cost by which a crossing that trucks are not known to use looks worse than the usual
#: one, and of a change to a crossing of another region: carrier, permit and post. Estimates.
ASSUMED = {
    "value_of_hour": (1000.0, 2000.0, 3000.0),
    "unusual_h": (0.0, 2.0, 6.0),
    "region_h": (0.0, 48.0, 120.0),
}
#: Share of a backlog that queues on the road; the rest holds back at home. Fitted on three closings
#: with a published queue, from 0.02 to 0.27.
ON_ROAD = 0.16
#: Trucks a day by which a capacity differs.
DIFFERS = 0.5
#: Gross mass in tonnes of trucks above 30 t, and of those above 40 t: the legal most.
HEAVY_T, HEAVIEST_T = 40.0, 44.0
#: Most trucks a day, and the largest factor of demand.
MOST, MOST_FACTOR = 100_000.0, 100.0
#: Columns that rows given beside the tables may leave out.
_GIVEN = ESTIMATED | {"note": "Given with the question"}
#: Trucks a day of crossings given by name: a number, or least, middle and most.
Given = Mapping[str, float | Sequence[float]]
#: A table as a frame or a file; demand also as a factor.
Rows: TypeAlias = "pd.DataFrame | str | os.PathLike[str]"
_ROWS = (pd.DataFrame, str, os.PathLike)


def has_tables(net: Network) -> bool:
    """Return whether the dataset has capacity and demand, and the places of the demand."""
    places = pd.unique(net.base["demand"][["origin", "destination"]].to_numpy().ravel())
    return not any(net.base[name].empty for name in TABLES) and bool(np.isin(places, net.nodes.index).all())


def require_tables(net: Network) -> None:
    """Raise if the dataset has no capacity or demand."""
    missing = [name for name in TABLES if net.base[name].empty]
    if missing:
        names = ", ".join(f"{name}.csv" for name in missing)
        raise InputError(f"the dataset has no {names}; add rows of trucks a day, which queues need")
    faults = check_rules({name: net.base[name] for name in ("capacity", "demand_months")}, net.base)
    if wrong := [replace(fault, row=None) for fault in faults if fault.check == "range-order"]:
        raise DataError(wrong)


def _overlaid(net: Network, table: str, given: Rows) -> pd.DataFrame:
    """Return a table of rows given as a frame or a file, checked as tables are."""
    if isinstance(given, pd.DataFrame):
        frame = given.reset_index() if any(given.index.names) else given
        texts = {str(name): ["" if pd.isna(cell) else str(cell) for cell in frame[name]] for name in frame}
        cells = Cells(table, texts, list(range(2, len(frame) + 2)))
    else:
        cells = read_cells(Path(given), table)
    size = len(cells.lines)
    for name, text in _GIVEN.items():
        cells.columns.setdefault(name, [text] * size)
    cells.columns.setdefault("id", [f"given_{row}" for row in range(1, size + 1)])
    if table == "capacity":
        for name, text in (("traffic", "cargo"), ("direction", "both"), ("basis", "estimate")):
            cells.columns.setdefault(name, [text] * size)
    for name in ("origin", "destination"):
        if name in cells.columns:
            cells.columns[name] = [_place(net, text) for text in cells.columns[name]]
    frame, faults = table_of(cells, table, languages=())
    merged = {**net.base, table: frame}
    checks = (check_references, check_rules, check_trucks)
    found = [fault for check in checks for fault in check({table: frame}, merged)]
    faults += on_lines(found, {table: cells})
    if wrong := [fault for fault in faults if fault.severity == "fault"]:
        raise DataError(wrong)
    if frame.empty:
        raise InputError(f"{table} is invalid: {cells.label} has no rows; expected at least one")
    return frame


def _place(net: Network, name: str) -> str:
    try:
        return net.find(name)
    except InputError:
        return name


def given_tables(
    net: Network, demand: float | Rows | None, capacity: Given | Rows | None
) -> tuple[dict[str, pd.DataFrame], float]:
    """Return the tables of the model with what is given beside them, and the factor of demand.

    Rows of a crossing replace all its rows; a table of demand replaces the whole one.
    """
    require_tables(net)
    for name, given in (("demand", demand), ("capacity", capacity)):
        if isinstance(given, str | os.PathLike) and not Path(given).is_file():
            text = f"{name} is invalid: the file '{given}' does not exist"
            raise InputError(f"{text}; expected a number, a frame, or a file with the columns of {name}")
    tables = {name: net.base[name] for name in TABLES}
    factor = 1.0
    if capacity is not None:
        rows = capacity
        if isinstance(capacity, Mapping):
            rows = pd.DataFrame([_capacity_row(net, *item) for item in capacity.items()])
            if rows.empty:
                raise InputError("capacity is empty; expected trucks a day by crossing")
        elif not isinstance(capacity, _ROWS):
            raise InputError(
                f"capacity is invalid: {shorten(capacity)}; expected trucks a day by crossing, or a table"
            )
        frame = _overlaid(net, "capacity", rows)
        old = tables["capacity"]
        replaced = old["crossing"].isin(frame["crossing"])
        tables["capacity"] = pd.concat([old[~replaced], frame])
    if isinstance(demand, _ROWS):
        columns = (
            demand.columns if isinstance(demand, pd.DataFrame) else read_cells(Path(demand), "demand").columns
        )
        table = "demand" if "destination" in columns else "demand_months"
        tables[table] = _overlaid(net, table, demand)
    elif demand is not None:
        factor = check_number("demand", demand, 0.0, MOST_FACTOR)
    return tables, factor


def _capacity_row(net: Network, crossing: str, trucks: Any) -> dict[str, Any]:
    crossing = net.names.crossing(crossing, option="capacity")
    numbers = list(trucks) if isinstance(trucks, Sequence) and not isinstance(trucks, str) else [trucks]
    numbers = [check_number(f"capacity of {crossing}", n, 0.0, MOST) for n in numbers]
    if len(numbers) not in (1, 3) or numbers != sorted(numbers):
        text = "expected trucks a day, or the least, middle and most in this order"
        raise InputError(f"capacity of {crossing} is invalid: {shorten(trucks)}; {text}")
    low, mid, high = (numbers * 3)[:3] if len(numbers) == 1 else numbers
    id_ = f"given_{crossing.replace(':', '_')}"
    return {"id": id_, "crossing": crossing, "trucks_per_day": mid, "low": low, "high": high}


def triangular(low: Any, mid: Any, high: Any, u: Any) -> Any:
    """Return the quantile of a triangular distribution, the middle without one (None or NaN).

    >>> [float(triangular(0, 1, 4, u)) for u in (None, 0.0, 0.25, 1.0)]
    [1.0, 0.0, 1.0, 4.0]
    """
    low, mid, high = (np.asarray(end, dtype=float) for end in (low, mid, high))
    if u is None:
        return mid
    span = high - low
    peak = np.divide(mid - low, span, out=np.zeros_like(mid), where=span > 0)
    below = low + np.sqrt(u * span * (mid - low))
    drawn = np.where(u < peak, below, high - np.sqrt((1 - u) * span * (high - mid)))
    return np.where(np.isnan(u), mid, drawn)


@dataclass(frozen=True)
class Draw:
    """One draw of what is assumed: quantiles of capacities by server and of demand, and the assumptions."""

    capacity: Mapping[tuple[str, str], float] = field(default_factory=dict)
    demand: float | None = None
    assumed: Mapping[str, float] = field(
        default_factory=lambda: {name: mid for name, (_, mid, _) in ASSUMED.items()}
    )

    @classmethod
    def of(cls, seed: int, number: int, servers: Sequence[tuple[str, str]]) -> Draw:
        """Return a draw by its number, the same whatever the order of the servers."""
        rng = np.random.default_rng([seed, number])
        demand, *assumed = rng.random(1 + len(ASSUMED))
        ends = ((name, low, high) for name, (low, _, high) in ASSUMED.items())
        values = {name: low + u * (high - low) for (name, low, high), u in zip(ends, assumed, strict=True)}
        ordered = sorted(servers)
        return cls(dict(zip(ordered, rng.random(len(ordered)), strict=True)), demand, values)


def _valid(frame: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Return on which days the rows of a table hold, rows by days."""
    first, last = (
        frame[name].to_numpy(dtype="datetime64[D]")[:, None] for name in ("valid_from", "valid_to")
    )
    valid: np.ndarray = (np.isnat(first) | (days >= first)) & (np.isnat(last) | (days <= last))
    return valid


def servers_of(capacity: pd.DataFrame, days: np.ndarray) -> list[tuple[str, str]]:
    """Return crossing and direction of the rows that hold on some day, in the order of their ids."""
    held = capacity[capacity["basis"].isin(MODEL_BASES).to_numpy() & _valid(capacity, days).any(axis=1)]
    return sorted({*zip(held["crossing"], held["direction"], strict=True)})


@dataclass(frozen=True, eq=False)
class Range:
    """Least, middle and most trucks a day on each day: rows by days."""

    low: np.ndarray
    mid: np.ndarray
    high: np.ndarray

    def at(self, u: Any) -> np.ndarray:
        """Return the quantile of a number, or of one number a row; the middle without one."""
        trucks: np.ndarray = triangular(self.low, self.mid, self.high, u)
        return trucks


@dataclass(frozen=True, eq=False)
class Capacity(Range):
    """What servers clear on each day that they work, before status and scenario: servers by days.

    Trucks are NaN without a row, as is ``basis``; ``hours_per_day`` is NaN if not known; ``tonnes`` are those
    beside trucks.
    """

    basis: np.ndarray
    hours_per_day: np.ndarray
    tonnes: np.ndarray


def daily_capacity(capacity: pd.DataFrame, servers: Sequence[tuple[str, str]], days: np.ndarray) -> Capacity:
    """Return the capacity of servers by day.

    Of several rows the one that began last holds, then the last of the table. A design is an upper bound of
    the days for which it holds; a flow seen is a lower bound and goes before it.
    """
    shape = (len(servers), len(days))
    low, mid, high, hours, tonnes = (np.full(shape, np.nan) for _ in range(5))
    least, most, basis = np.zeros(shape), np.full(shape, np.inf), np.full(shape, None, dtype=object)
    weekday, valid = (days.astype(int) + 3) % 7, _valid(capacity, days)
    rows = capacity[valid.any(axis=1)].sort_values("valid_from", kind="stable", na_position="first")
    for row, held in zip(rows.to_dict("records"), _valid(rows, days), strict=True):
        way, trucks = row["direction"], row["trucks_per_day"]
        for at in [at for at, (crossing, _) in enumerate(servers) if crossing == row["crossing"]]:
            direction = servers[at][1]
            if row["basis"] == "used" and direction in (way, "both"):
                least[at, held] = np.maximum(least[at, held], trucks)
            elif row["basis"] == "design" and way in (direction, "both"):
                most[at, held] = np.minimum(most[at, held], trucks)
            elif row["basis"] in MODEL_BASES and way == direction:
                week = 7 if np.isnan(row["days_per_week"]) else row["days_per_week"]
                works = weekday[held] < week
                for part, end in ((low, row["low"]), (mid, trucks), (high, row["high"])):
                    part[at, held] = np.where(works, trucks if np.isnan(end) else end, 0.0)
                basis[at, held], hours[at, held] = row["basis"], row["hours_per_day"]
                tonnes[at, held] = np.nan_to_num(row["tonnes_per_day"]) * works
    least = np.where(mid > 0, least, 0.0)
    low, mid, high = (np.maximum(np.minimum(part, most), least) for part in (low, mid, high))
    return Capacity(low, mid, high, basis, hours, tonnes)


def lane_trucks(net: Network, tables: Mapping[str, pd.DataFrame], crossing: str) -> dict[str, float]:
    """Return the trucks a day of one lane of a crossing, by its id; raise if no row has their number."""
    crossing = net.names.crossing(crossing, option="lane")
    for frame in (tables["capacity"], net.base["capacity"]):
        rows = frame[(frame["crossing"] == crossing) & frame["lanes"].notna()]
        if len(rows):
            return {crossing: float(rows["trucks_per_day"].iloc[-1] / rows["lanes"].iloc[-1])}
    raise InputError(f"lane is invalid: capacity.csv has no number of lanes of {crossing}; add it to a row")


def is_home(net: Network, crossings: Sequence[str]) -> np.ndarray:
    """Return whether crossings are in the home regions."""
    home: np.ndarray = at_home(net).reindex(crossings, fill_value=False).to_numpy(dtype=bool)
    return home


def daily_demand(
    net: Network, tables: Mapping[str, pd.DataFrame], days: np.ndarray, factor: float = 1.0
) -> tuple[pd.Series, Range]:
    """Return which groups are the demand at home, and the trucks a day of all groups.

    A row of a month goes before a row of all months. The factor applies to groups whose usual crossing is at
    home: others are the own traffic of neighbours.
    """
    months, demand = tables["demand_months"], tables["demand"]
    usual = demand.groupby("group", sort=False)["usual"].first()
    home = pd.Series(is_home(net, usual.tolist()) | (usual == "").to_numpy(), index=usual.index)
    low, mid, high = (np.zeros((len(home), len(days))) for _ in range(3))
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    rows = months.sort_values("month", kind="stable", na_position="first")
    for row, held in zip(rows.to_dict("records"), _valid(rows, days), strict=True):
        if row["group"] in home.index:
            at = home.index.get_loc(row["group"]), held & (np.isnan(row["month"]) | (month == row["month"]))
            for part, end in ((low, row["low"]), (mid, row["trucks_per_day"]), (high, row["high"])):
                trucks = row["trucks_per_day"] if np.isnan(end) else end
                part[at] = trucks * (factor if home[row["group"]] else 1.0)
    return home, Range(low, mid, high)


def mass_classes(net: Network, demand: pd.DataFrame) -> pd.DataFrame:
    """Return the streams by gross mass: up to 30 t as the vehicle asked for, above it, and above 40 t.

    Columns are those of ``demand``, with ``stream`` (its id), ``share`` of the part and ``mass_t``.
    """
    over_30, over_40 = (demand[name].fillna(0.0) for name in ("share_over_30t", "share_over_40t"))
    light_t = float(vehicle_row(net, None)["mass_t"])
    parts = [
        demand.assign(share=demand["share"] * part, mass_t=mass, stream=demand.index)
        for part, mass in ((1.0 - over_30, light_t), (over_30 - over_40, HEAVY_T), (over_40, HEAVIEST_T))
    ]
    rows = pd.concat(parts)
    return rows[rows["share"] > 1e-12].sort_values("stream", kind="stable").reset_index(drop=True)


def cargo_days(run: States) -> dict[str, ServiceDays]:
    """Return the days of the cargo services by crossing."""
    return {out.service.crossing: out for out in run.services if out.service.traffic == "cargo"}


def check_assumed(assume: str | None, run: States, crossings: Iterable[str]) -> None:
    """Raise if an assumption on unknown services changes none of some crossings."""
    days_of = cargo_days(run)
    unknown = (days_of[crossing].evidence == "unknown" for crossing in crossings if crossing in days_of)
    if assume is not None and not any(days.any() for days in unknown):
        raise InputError(
            f"assume is invalid: '{assume}'; expected none, since no crossing of the answer is unknown"
        )


def open_share(run: States, servers: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return the share of their capacity that servers have by status and scenario, servers by days."""
    days_of, shares = cargo_days(run), np.zeros((len(servers), len(run.days)))
    for at, (crossing, _) in enumerate(servers):
        if (out := days_of.get(crossing)) is not None:
            shares[at] = counts_as_open(out.status) * out.capacity_share
    return shares


def room(state: State, *, everywhere: bool = False) -> pd.DataFrame:
    """Return the trucks a day that the home crossings can clear on the day of a state.

    Parameters
    ----------
    state
        State of the crossings.
    everywhere
        Include the crossings of other regions.

    Returns
    -------
    DataFrame
        By crossing, largest first: trucks_per_day, low, high, basis; without those that clear none. Empty if
        the dataset has no table ``capacity``.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ag.flows.room(ag.state(ag.load(), "2026-02-10")).trucks_per_day.to_dict()
    {'kani_kurgan:bridge': 500.0, 'blagoveshchensk:pontoon': 150.0, 'poyarkovo:ice_road': 40.0}
    """
    check_made("state", state, State, "amurgeo.state")
    frame, everywhere = rooms(state), check_bool("everywhere", everywhere)
    shown = (frame["high"] > 0) & (is_home(state.net, frame.index.tolist()) | everywhere)
    return frame[shown].sort_values("trucks_per_day", ascending=False, kind="stable")


def rooms(state: State) -> pd.DataFrame:
    """Return what `room` has of all crossings with a capacity, those that clear none included, by id."""
    world, on = state.scenario.world, state.on
    day = np.array([day_in(world, on.month, on.day) if world else on], dtype="datetime64[D]")
    table, services = state.net.base["capacity"], state.crossings.xs("cargo", level="traffic")
    servers = [server for server in servers_of(table, day) if server[0] in services.index]
    works, names = daily_capacity(table, servers, day), [crossing for crossing, _ in servers]
    rows = services.loc[names]
    share = rows["capacity_share"].to_numpy() * counts_as_open(rows["status"])
    numbers = {"trucks_per_day": works.mid, "low": works.low, "high": works.high}
    frame = pd.DataFrame({name: part[:, 0] * share for name, part in numbers.items()})
    frame["basis"] = works.basis[:, 0]
    return frame.groupby(pd.Index(names, name="crossing", dtype=object)).agg(
        {**dict.fromkeys(numbers, "sum"), "basis": "first"}
    )


def daily_room(run: States) -> np.ndarray:
    """Return the trucks a day that the home crossings can clear on each day."""
    table, days = run.net.base["capacity"], run.services[0].world_days
    servers = servers_of(table, days)
    trucks = np.nan_to_num(daily_capacity(table, servers, days).mid) * open_share(run, servers)
    total: np.ndarray = trucks[is_home(run.net, [crossing for crossing, _ in servers])].sum(axis=0)
    return total


def room_changes(base: States, alt: States) -> pd.DataFrame:
    """Return the trucks a day that the home crossings clear in both, by day on which that differs."""
    rooms = pd.DataFrame({"base": daily_room(base), "alt": daily_room(alt)}, base.days)
    return rooms[(rooms["base"] - rooms["alt"]).abs() > DIFFERS]


def gaps(run: States, crossings: Sequence[str], days: slice) -> tuple[list[str], list[str]]:
    """Return the crossings whose status is unknown on some days, and those for trucks without a capacity."""
    vehicles = run.net.base["vehicles"]
    trucks = set(vehicles.index[(vehicles["traffic"] == "cargo") & (vehicles["network"] != "rail")])
    services, known = cargo_days(run), {*crossings}
    unknown = [x for x in services if x in known and (services[x].status[days] == "unknown").any()]
    others = [x for x in services if x not in known and services[x].open[days].any()]
    return unknown, [x for x in others if trucks & {*services[x].service.row["admits"]}]
