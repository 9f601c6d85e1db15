"""One route: its arcs, their sums, and its legs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.network import CRS
from amurgeo.results import Result
from amurgeo.routing.costs import check_hours
from amurgeo.routing.departures import LEG_COLUMNS, round_leg
from amurgeo.routing.indicators import indicators, profile
from amurgeo.routing.ranges import SENSITIVITY, STEPS, Estimate, estimates
from amurgeo.routing.rest import Rest

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network

#: Longest time in a queue in hours: a year.
MOST_QUEUE_H = 8784.0
#: Lines that end so near to each other touch: the ends of drawn lines are rounded.
GAP_DEGREES = 1e-3


@dataclass(frozen=True, eq=False)
class Route(Result):
    """One route: its arcs in order of travel, and their sums.

    Attributes
    ----------
    net
        The network.
    arcs
        Rows of arcs (`amurgeo.routing.costs.ARC_COLUMNS`) in order of travel.
    crossings
        Crossings in order of travel.
    legs
        Legs of one mode and road number: from, to, mode, ref, length_km and hours.
    transit
        Whether a route between two places on one side leads over the other.
    vehicle
        Id of the vehicle.
    rest
        Rest of the driver as a function of the driving; None if there is none.
    rest_s
        Seconds of the driver's rest.
    alternatives
        All routes of the same question, this one among them.
    """

    net: Network
    arcs: pd.DataFrame
    crossings: tuple[str, ...]
    legs: tuple[dict[str, Any], ...]
    transit: bool = False
    vehicle: str = ""
    rest: Rest | None = None
    rest_s: int = 0
    alternatives: list[Route] = field(default_factory=list)

    def __repr__(self) -> str:
        stops = " to ".join((*self.nodes[:1], *self.crossings, *self.nodes[-1:]))
        return f"Route({stops}: {self.seconds / 3600.0:.1f} h, {self.length_km:.0f} km)"

    @cached_property
    def seconds(self) -> int:
        """Seconds from door to door, control, expected waits and rest included."""
        return int(self.arcs["seconds"].sum()) + self.rest_s

    @property
    def length_km(self) -> float:
        """Kilometres from door to door."""
        return float(self.arcs["length_km"].sum())

    @property
    def nodes(self) -> tuple[str, ...]:
        """Place ids along the route."""
        return () if self.arcs.empty else (self.arcs["tail"].iloc[0], *self.arcs["head"])

    @property
    def name(self) -> str | None:
        """The first crossing; None on land."""
        return self.crossings[0] if self.crossings else None

    @cached_property
    def estimates(self) -> dict[tuple[str, str | None], Estimate]:
        """The estimates of the route by name and crossing, with their ranges."""
        return estimates(self.net, self.vehicle, self.arcs)

    @cached_property
    def hours(self) -> Mapping[str, float]:
        """Hours from door to door: ``mid`` as ranked, and a range from ``low`` to ``high``.

        Estimates move independently of each other, so what each moves alone is added up as a root of the sum
        of squares (JCGM 100:2008, Guide to the expression of uncertainty in measurement, 5.1.2).
        """
        mid = self.seconds / 3600.0
        below, above = (
            math.hypot(*(self._moved_h(key, share) - mid for key in self.estimates)) for share in (-1.0, 1.0)
        )
        return MappingProxyType({"low": mid - below, "mid": mid, "high": mid + above})

    def _moved_h(self, key: tuple[str, str | None], share: float) -> float:
        """Return the hours with one estimate at a share of the way to its high (1) or low (-1) end."""
        estimate = self.estimates.get(key)
        shift = 0.0 if estimate is None else 3600.0 * estimate.shift(share)
        seconds = self.seconds + shift
        if self.rest is not None and key[1] is None:
            seconds += self.rest.between(self.driven, self.driven + shift)
        return seconds / 3600.0

    @cached_property
    def driven(self) -> float:
        """Seconds of driving; the passage of a crossing is none."""
        return float(self.arcs.loc[~self.arcs["edge"].isin(self.crossings), "seconds"].sum())

    def sensitivity(self) -> pd.DataFrame:
        """Return how far each estimate moves the hours of the route when it alone moves.

        Returns
        -------
        DataFrame
            One row per estimate, the most important first: estimate (``border_h``, ``wait_h``, ``speeds`` for
            the hours on the road, ``access`` for those on roads to terminals of estimated length), crossing
            (None for the last two), low_h, mid_h and high_h (hours of the estimate in this route, as taken
            and at the ends of its range), total_low_h and total_high_h (hours of the route at these ends),
            spread_h (their difference), switch_h (hours of the estimate at which another route becomes
            faster; for speeds and access: and stays so to the end of the range; NaN if none does) and against
            (the first crossing of that route).

        Notes
        -----
        One at a time, the others as taken. Routes that use the same crossing, and all routes' speeds, move
        together. A range is low and high of ``border_hours`` (layers booth and queue), or of ``speeds``; an
        access road may be as short as the straight line, and as much longer.

        Examples
        --------
        >>> import amurgeo as ag
        >>> route = ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10")[0]
        >>> route.sensitivity().loc[0, ["estimate", "crossing"]].tolist()
        ['border_h', 'kani_kurgan:bridge']
        """
        return _sensitivity(self, [route for route in self.alternatives if route is not self])

    def profile(self, *, queue_h: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Return time, cost and distance along the route.

        Parameters
        ----------
        queue_h
            Hours in the queue of the day by crossing, such as ``Routes.queue_h``: stretches before the usual
            wait.

        Returns
        -------
        DataFrame
            One row per stretch in order of travel: part (``drive``, ``queue``, ``waiting``, ``border``,
            ``rest`` or ``transfer``), place (id of its end), crossing (of queue, waiting and border; else
            None), stretch_h, low_h and high_h (its hours and their range), and at its end, from the origin
            on, length_km, hours, cost (of what has a rate) and cost_complete (False from the first missing
            rate on).

        Raises
        ------
        InputError
            If a crossing or its hours are invalid.

        Notes
        -----
        These are the values of a time/cost-distance chart (UNESCAP,
        https://www.unescap.org/resources/timecost-distance-methodology): distance against cumulative time or
        cost, in which waiting and control are vertical strokes.

        Examples
        --------
        >>> import amurgeo as ag
        >>> route = ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10")[0]
        >>> route.profile()["part"].tolist()[-5:]
        ['waiting', 'border', 'drive', 'drive', 'drive']
        """
        return profile(self, check_hours(self.net, "queue_h", queue_h, MOST_QUEUE_H))

    def indicators(self, *, lang: str = "en") -> pd.DataFrame:
        """Return trade facilitation indicators of the route, by the names of CAREC's CPMM.

        Parameters
        ----------
        lang
            Language of the definitions.

        Returns
        -------
        DataFrame
            One row per indicator: indicator (``TFI1``: hours taken to clear a border crossing point, wait
            and control of both sides; ``TFI2``: cost incurred there; ``TFI4_SWD`` and ``TFI4_SWOD``: speed
            along the route with and without delay; ``CO2E``: kilograms of greenhouse gases, as CO2
            equivalent), crossing (None for the route), value, low, high, unit,
            n (trips behind it), cv (coefficient of variation of the trips), basis (``model`` or
            ``observed``) and definition. Of the cost at a crossing the model knows the toll or fare only:
            its value is NaN and ``low`` the toll. ``CO2E`` is NaN for a vehicle without a factor, which its
            definition says then.

        Notes
        -----
        Names and the definition of TFI1: CAREC, Corridor Performance Measurement and Monitoring,
        https://cpmm.carecprogram.org/2023-report; speeds with and without delay:
        https://cpmm.carecprogram.org/2020-report/road-transport. Without delay is driving alone, with delay
        everything from door to door. TFI3, the cost of a corridor section, is left out: the section and the
        load to which it is scaled are in no source that was at hand.

        ``CO2E`` is kilometres by a factor of the table ``emissions``: Department for Energy Security and Net
        Zero, Greenhouse gas reporting: conversion factors 2025,
        https://www.gov.uk/government/publications/greenhouse-gas-reporting-conversion-factors-2025, of the
        fuel that is burnt, for the average load (low: empty, high: full).

        Examples
        --------
        >>> import amurgeo as ag
        >>> route = ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10")[0]
        >>> route.indicators()["indicator"].tolist()
        ['TFI1', 'TFI2', 'TFI4_SWD', 'TFI4_SWOD', 'CO2E']
        """
        return indicators(self, lang)

    def overlap(self, other: Route) -> float:
        """Return the share of this route's length that it has in common with another.

        Parameters
        ----------
        other
            The other route.

        Returns
        -------
        float
            0 to 1.

        Examples
        --------
        >>> import amurgeo as ag
        >>> routes = ag.routes(ag.load(), "Belogorsk", "Heihe", on="2026-02-10")
        >>> routes[0].overlap(routes[0])
        1.0
        """
        if self.length_km == 0:
            return 1.0 if self.arcs.empty and other.arcs.empty else 0.0
        shared = self.arcs["edge"].isin(set(other.arcs["edge"]))
        return float(self.arcs.loc[shared, "length_km"].sum()) / self.length_km

    def to_frame(self) -> pd.DataFrame:
        """Return the legs in order of travel: from, to, mode, ref, length_km and hours."""
        return pd.DataFrame(map(round_leg, self.legs), columns=list(LEG_COLUMNS))

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return the legs with their lines as a GeoDataFrame in EPSG:4326; a rest has an empty line."""
        import geopandas as gpd

        lines = arc_lines(self.net, self.arcs)
        breaks = np.cumsum([leg["arcs"] for leg in self.legs])[:-1]
        shapes = [join_lines(part) for part in np.split(lines, breaks)] if self.legs else []
        return gpd.GeoDataFrame(self.to_frame(), geometry=shapes, crs=CRS)

    def to_dict(self) -> dict[str, Any]:
        """Return sums and legs as plain values."""
        return {
            "crossings": list(self.crossings),
            "transit": self.transit,
            "total_h": round(self.seconds / 3600.0, 3),
            "hours": {end: round(hours, 3) for end, hours in self.hours.items()},
            "rest_h": round(self.rest_s / 3600.0, 3),
            "length_km": round(self.length_km, 1),
            "legs": [round_leg(leg) for leg in self.legs],
        }


def _sensitivity(route: Route, others: Sequence[Route]) -> pd.DataFrame:
    """Return what each estimate moves."""
    rows: list[dict[str, Any]] = []
    for key, estimate in route.estimates.items():
        low_h, high_h = route._moved_h(key, -1.0), route._moved_h(key, 1.0)
        rows.append(
            {
                **dict(zip(SENSITIVITY, key, strict=False)),
                **{name: getattr(estimate, name) for name in ("low_h", "mid_h", "high_h")},
                "total_low_h": low_h,
                "total_high_h": high_h,
                "spread_h": high_h - low_h,
                **_switch(route, estimate, others),
            }
        )
    frame = pd.DataFrame(rows, columns=list(SENSITIVITY)).sort_values(
        "spread_h", ascending=False, kind="stable"
    )
    number = [name for name in SENSITIVITY if name.endswith("_h")]
    frame[number] = frame[number].astype(float).round(3)
    names = frame[["crossing", "against"]].astype(object)
    frame[["crossing", "against"]] = names.where(names.notna(), None)
    return frame.reset_index(drop=True)


def _switch(route: Route, estimate: Estimate, others: Sequence[Route]) -> dict[str, Any]:
    """Return the hours at which another route becomes faster, and the first crossing of that one."""
    rivals = [other for other in others if other.seconds >= route.seconds]
    if not estimate.is_driving:
        # Hours that two routes share move both.
        rivals = [other for other in rivals if estimate.key not in other.estimates]
        best = min(rivals, key=lambda other: other.seconds, default=None)
        if best is None:
            return {}
        hours = estimate.mid_h + (best.seconds - route.seconds) / 3600.0
        return {"switch_h": hours, "against": best.name}
    flips = []
    for end in (-1.0, 1.0):
        flip = None
        # From the end of the range inwards, as far as a rival is faster: a rest that falls due at slightly
        # different hours flips the choice for minutes only.
        for share in np.linspace(end, 0.0, STEPS + 1):
            best = min(rivals, key=lambda other: other._moved_h(estimate.key, share), default=None)
            if best is None or best._moved_h(estimate.key, share) >= route._moved_h(estimate.key, share):
                break
            flip = (abs(share), estimate.mid_h + estimate.shift(share), best.name)
        if flip is not None:
            flips.append(flip)
    if not flips:
        return {}
    _, hours, name = min(flips)
    return {"switch_h": hours, "against": name}


def arc_lines(net: Network, arcs: pd.DataFrame) -> np.ndarray:
    """Return the line of each arc in the direction of travel; straight where no line is known."""
    import shapely

    points = net.nodes[["lon", "lat"]]
    ends = [points.reindex(arcs[column]).to_numpy(dtype=float) for column in ("tail", "head")]
    lines = shapely.linestrings(np.stack(ends, axis=1))
    for frame in (net.roads, net.railways, net.crossings):
        position = frame.index.get_indexer(arcs["edge"])
        known = position >= 0
        drawn = frame.geometry.to_numpy()[position[known]]
        reverse = frame["from_place"].to_numpy()[position[known]] != arcs["tail"].to_numpy()[known]
        lines[known] = np.where(reverse, shapely.reverse(drawn), drawn)
    return np.asarray(lines)


def join_lines(lines: Sequence[Any] | np.ndarray) -> Any:
    """Return lines as one line, or as several where they do not touch; an empty line if there are none."""
    import shapely

    joined: list[np.ndarray] = []
    for line in lines:
        points = shapely.get_coordinates(line)
        if joined and np.abs(joined[-1][-1] - points[0]).max() <= GAP_DEGREES:
            same = np.array_equal(joined[-1][-1], points[0])
            joined[-1] = np.vstack([joined[-1], points[1:] if same else points])
        else:
            joined.append(points)
    if len(joined) == 1:
        return shapely.LineString(joined[0])
    return shapely.MultiLineString(joined) if joined else shapely.LineString()
