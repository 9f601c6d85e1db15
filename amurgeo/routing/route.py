"""One route: its arcs, their sums, and its legs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.network import CRS
from amurgeo.results import Result
from amurgeo.routing.departures import LEG_COLUMNS, round_leg
from amurgeo.routing.lines import arc_lines, join_lines

if TYPE_CHECKING:
    import geopandas as gpd

    from amurgeo.network import Network


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
    rest_s
        Seconds of the driver's rest.
    """

    net: Network
    arcs: pd.DataFrame
    crossings: tuple[str, ...]
    legs: tuple[dict[str, Any], ...]
    transit: bool = False
    rest_s: int = 0

    def __repr__(self) -> str:
        stops = " to ".join((*self.nodes[:1], *self.crossings, *self.nodes[-1:]))
        return f"Route({stops}: {self.seconds / 3600.0:.1f} h, {self.length_km:.0f} km)"

    @property
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
        """Return the legs with their lines as a GeoDataFrame in EPSG:4326.

        Returns
        -------
        GeoDataFrame
            The columns of `to_frame` and ``geometry``: lines along roads, railways and crossings.
        """
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
            "rest_h": round(self.rest_s / 3600.0, 3),
            "length_km": round(self.length_km, 1),
            "legs": [round_leg(leg) for leg in self.legs],
        }
