"""Ranges of the estimates in a route: border control, waits, speeds and access roads; and what they move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.network import vehicle_row
from amurgeo.network.edges import great_circle_km
from amurgeo.network.tables import cached
from amurgeo.routing.costs import speed_rows

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Layers of the table ``border_hours`` whose ranges count, and the column of the arcs that they belong to.
LAYERS = {"booth": "border_h", "queue": "wait_h"}
#: Columns of a route's sensitivity.
SENSITIVITY = (
    "estimate", "crossing", "low_h", "mid_h", "high_h", "total_low_h", "total_high_h", "spread_h", "switch_h",
    "against",
)  # fmt: skip
#: Steps from a value to an end of its range in which the choice of a route is looked at.
STEPS = 100


@dataclass(frozen=True)
class Estimate:
    """One estimate in a route and its range: least, taken and most hours in the route."""

    #: ``border_h``, ``wait_h``, ``speeds`` (hours on the road) or ``access`` (hours to terminals).
    name: str
    #: Crossing of border control and waits; None for the others.
    crossing: str | None
    low_h: float
    mid_h: float
    high_h: float

    @property
    def key(self) -> tuple[str, str | None]:
        """The quantity that is estimated; routes with the same key share it."""
        return self.name, self.crossing

    @property
    def is_driving(self) -> bool:
        """Whether the hours are driving, on which rest depends."""
        return self.crossing is None

    def shift(self, share: float) -> float:
        """Return the change in hours at a share of the way to the high (1) or low (-1) end."""
        return share * (self.high_h - self.mid_h if share > 0 else self.mid_h - self.low_h)


def estimates(net: Network, vehicle: str, arcs: pd.DataFrame) -> dict[tuple[str, str | None], Estimate]:
    """Return the estimates in a route (`ARC_COLUMNS`) by key."""
    found = [*_at_borders(net, vehicle, arcs), *_on_land(net, vehicle, arcs)]
    return {estimate.key: estimate for estimate in found}


def _at_borders(net: Network, vehicle: str, arcs: pd.DataFrame) -> Iterator[Estimate]:
    crossed = arcs[arcs["edge"].isin(net.base["crossings"].index)]
    for column, table in _border_hours(net, vehicle):
        # A range belongs to one value, that of a direction; hours from elsewhere have none.
        ranges = {(crossing, mid): (low, high) for crossing, low, mid, high in table.itertuples()}
        for crossing, hours in crossed.groupby("edge", sort=False)[column]:
            values = hours.fillna(0.0)
            ends = [ranges.get((crossing, value), (value, value)) for value in values]
            lowest, highest = (sum(part) for part in zip(*ends, strict=True))
            yield Estimate(column, str(crossing), lowest, float(values.sum()), highest)


def _border_hours(net: Network, vehicle: str) -> list[tuple[str, pd.DataFrame]]:
    """Return the columns of the arcs with ranges, and low_h, mid_h and high_h by crossing."""
    traffic = str(vehicle_row(net, vehicle)["traffic"])
    return cached(net, ("border_hours", traffic), lambda: _hours_of(net.base["border_hours"], traffic))


def _hours_of(table: pd.DataFrame, traffic: str) -> list[tuple[str, pd.DataFrame]]:
    rows, columns = table[table["traffic"] == traffic].set_index("crossing"), ["low_h", "mid_h", "high_h"]
    rows = rows[~rows.reset_index().duplicated(["layer", "crossing", "mid_h"], keep="last").to_numpy()]
    return [(column, rows.loc[rows["layer"] == layer, columns]) for layer, column in LAYERS.items()]


def border_errors(net: Network, vehicle: str) -> pd.DataFrame:
    """Return how many hours less (``below``) and more (``above``) crossings may take than estimated.

    Control and waits are independent, so their errors add up as a root of the sum of squares.

    >>> import amurgeo as ag
    >>> border_errors(ag.load(), "truck_20t").loc["kani_kurgan:bridge"].round(1).to_dict()
    {'below': 5.8, 'above': 5.0}
    """
    squares = [
        pd.DataFrame({"below": hours["mid_h"] - hours["low_h"], "above": hours["high_h"] - hours["mid_h"]})
        .groupby(level=0)
        .max()
        ** 2
        for _, hours in _border_hours(net, vehicle)
    ]
    errors: pd.DataFrame = pd.concat(squares).groupby(level=0).sum() ** 0.5
    return errors


def speed_factors(net: Network, vehicle: str) -> tuple[float, float]:
    """Return by what factor hours of driving may be less and more: the medians over the vehicle's roads.

    >>> import amurgeo as ag
    >>> [round(factor, 2) for factor in speed_factors(ag.load(), "truck_20t")]
    [0.88, 1.14]
    """
    speeds = net.base["speeds"]
    speeds = speeds[speeds.index.get_level_values(0) == vehicle]
    if "low_kmh" not in speeds or speeds["low_kmh"].isna().all():
        return 1.0, 1.0
    least, most = (float((speeds["speed_kmh"] / speeds[name]).median()) for name in ("high_kmh", "low_kmh"))
    return least, most


def overlapping(low: Any, high: Any) -> np.ndarray:
    """Return which ranges overlap which others: n by n."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    return np.asarray((low[:, None] <= high) & (low <= high[:, None]) & ~np.eye(len(low), dtype=bool))


def tied(ids: Iterable[str], low: Any, high: Any) -> list[str]:
    """Return for each id those from which it is not told apart, joined by ``;``: their ranges overlap."""
    names = np.array([*ids], dtype=object)
    return [";".join(names[row]) for row in overlapping(low, high)]


def _on_land(net: Network, vehicle: str, arcs: pd.DataFrame) -> Iterator[Estimate]:
    edges = net.edges[["kind", "class", "surface", "estimated"]].reindex(arcs["edge"])
    on_land = edges["kind"].isin(["road", "railway"]).to_numpy()
    land, edges = arcs[on_land], edges[on_land]
    hours = land["drive_h"].to_numpy(dtype=float)
    speeds, kind = speed_rows(net, vehicle, edges)
    fastest, slowest = (
        np.nan_to_num((speeds["speed_kmh"] / speeds[name]).to_numpy(dtype=float)[kind], nan=1.0)
        if name in speeds
        else np.ones(len(land))
        for name in ("high_kmh", "low_kmh")
    )
    if len(land):
        yield Estimate("speeds", None, *(float((hours * f).sum()) for f in (fastest, 1.0, slowest)))
    nodes = net.nodes
    tail, head = (nodes["kind"].reindex(land[end]).eq("terminal").to_numpy() for end in ("tail", "head"))
    access = (tail | head) & edges["estimated"].eq(True).to_numpy()
    if access.any():
        mid, roads = hours[access], land[access]
        ends = [nodes[name].reindex(roads[end]) for end in ("tail", "head") for name in ("lon", "lat")]
        straight_km = great_circle_km(*(values.to_numpy(dtype=float) for values in ends))
        # No road is shorter than the straight line; it may be as much longer as it may be shorter.
        low = mid * np.minimum(1.0, straight_km / roads["length_km"].to_numpy(dtype=float))
        yield Estimate("access", None, *(float(part.sum()) for part in (low, mid, 2 * mid - low)))


def two_digits(value: float) -> float:
    """Return a number with two digits that count.

    >>> two_digits(12345.6), two_digits(-87.3), two_digits(0.4)
    (12000.0, -87.0, 0.0)
    """
    return float(f"{value:.1e}") if abs(value) >= 10 else float(round(value))
