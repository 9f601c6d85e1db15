"""Checks against the map layers: banks, regions, the border line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.geometry_checks import LATITUDES, LONGITUDES, in_region, points_of
from amurgeo.dataset.layers import layer_names, read_layer
from amurgeo.dataset.rows import NODE_TABLES, RIVER_MODES, Tables, by_id, fault, nodes, rows, warning
from amurgeo.errors import Fault

if TYPE_CHECKING:
    import geopandas as gpd

#: Distance in km within which a river terminal stands of the border line.
RIVER_KM = 1.5
#: A river crossing longer than this follows an arm or the river; its terminals may then stand farther off.
ARM_KM = 15.0
#: Share of its length within which a terminal of such a crossing stands of the border line.
ARM_SHARE = 0.38
OBLAST = "amur_oblast"
#: Distance in km by which a place may seem to lie outside its region, for what the outlines are worth.
OUTLINE_KM = {OBLAST: 0.5}
_OUTLINE_KM_ELSEWHERE = 5.0
#: Plane in which distances of some km are right within a percent over the whole region.
_PLANE = "+proj=lcc +lat_1=44 +lat_2=54 +lat_0=49 +lon_0=127 +datum=WGS84 +units=m"


@lru_cache(maxsize=8)
def plane_layer(name: str) -> gpd.GeoDataFrame | None:
    """Read a map layer of the dataset in a plane of metres; None when the dataset has none of that name."""
    return read_layer(name).to_crs(_PLANE) if name in layer_names() else None


def check_banks(own: Tables, merged: Tables, *, regions: gpd.GeoDataFrame) -> list[Fault]:
    """Find points on the other country's ground, and places outside their region.

    Parameters
    ----------
    own, merged
        The rows that are judged, and the whole dataset.
    regions
        Outlines of the regions by ``id``, in metres.
    """
    outlines = dict(zip(regions["id"], regions.geometry, strict=True))
    countries = by_id(merged, "regions").get("country", pd.Series(dtype=str)).to_dict()
    at = _points(own, merged)
    found = []
    for table in NODE_TABLES:
        for line, row in rows(own, table):
            point = at.get(row["id"])
            if point is None or not row["country"]:
                continue
            inside = [id_ for id_, outline in outlines.items() if outline.covers(point)]
            foreign = [id_ for id_ in inside if countries.get(id_, row["country"]) != row["country"]]
            if foreign:
                found.append(
                    fault(
                        table,
                        line,
                        "lat",
                        "wrong-bank",
                        f"lies in {foreign[0]} ({countries[foreign[0]]}), the row says {row['country']}; "
                        "move it to its own bank or correct the country",
                    )
                )
                continue
            region = row.get("region")
            outline = outlines.get(region)
            if outline is None:
                continue
            off = outline.distance(point) / 1000.0
            if off > OUTLINE_KM.get(str(region), _OUTLINE_KM_ELSEWHERE):
                # Elsewhere a town may be governed from a neighbour, as Jiagedaqi is.
                make = fault if OBLAST in (region, *inside) else warning
                found.append(
                    make(
                        table,
                        line,
                        "region",
                        "outside-oblast",
                        f"the point lies {off:.1f} km outside {region}; "
                        f"{f'it is in {inside[0]}' if inside else 'correct the coordinates or the region'}",
                    )
                )
    return found


def check_border_cuts(own: Tables, merged: Tables, *, border: gpd.GeoDataFrame) -> list[Fault]:
    """Find crossings whose line does not cut the border exactly once.

    Parameters
    ----------
    own, merged
        The rows that are judged, and the whole dataset.
    border
        The state border, in metres.
    """
    import geopandas as gpd
    import shapely

    line_of_border = border.geometry.union_all()
    at = _points(own, merged)
    found = []
    for line, row in rows(own, "crossings"):
        ends = (at.get(row["from"]), at.get(row["to"]))
        if ends[0] is None or ends[1] is None:
            continue
        # A point outside the region is a fault of its own and has no place in the plane.
        bends = [(lon, lat) for lon, lat in points_of(row["bends"]) if in_region(lat, lon)]
        via = (
            list(gpd.points_from_xy(*zip(*bends, strict=True), crs="EPSG:4326").to_crs(_PLANE))
            if bends
            else []
        )
        cut = shapely.LineString([ends[0], *via, ends[1]]).intersection(line_of_border)
        count = len(shapely.get_parts(cut)) if not cut.is_empty else 0
        if count != 1:
            found.append(
                fault(
                    "crossings",
                    line,
                    "to",
                    "border-cuts",
                    f"the line from {row['from']} to {row['to']} cuts the border {count} times, not once; "
                    "correct the terminals, or lead the line by bends",
                )
            )
    return found


def check_border_distance(own: Tables, merged: Tables, *, border: gpd.GeoDataFrame) -> list[Fault]:
    """Find river terminals too far from the border line; those of bridges, roads and railways are exempt.

    Parameters
    ----------
    own, merged
        The rows that are judged, and the whole dataset.
    border
        The state border, in metres.
    """
    line_of_border = border.geometry.union_all()
    at = _points(own, merged)
    allowed: dict[str, float] = {}
    for _, row in rows(merged, "crossings"):
        if row["mode"] in RIVER_MODES:
            km = ARM_SHARE * row["length_km"] if row["length_km"] > ARM_KM else RIVER_KM
            for end in (row["from"], row["to"]):
                allowed[end] = max(km, allowed.get(end, 0.0))
    found = []
    for line, row in rows(own, "terminals"):
        point = at.get(row["id"])
        if point is None or row["id"] not in allowed:
            continue
        off = line_of_border.distance(point) / 1000.0
        if off > allowed[row["id"]]:
            found.append(
                fault(
                    "terminals",
                    line,
                    "lat",
                    "far-from-border",
                    f"stands {off:.1f} km from the border line; a river terminal here stands within "
                    f"{allowed[row['id']]:.1f} km",
                )
            )
    return found


def _points(own: Tables, merged: Tables) -> Mapping[str, Any]:
    """Return the points of all nodes in the plane of the layers, by id; the user's rows come first."""
    import geopandas as gpd

    both = pd.concat([frame for frame in (nodes(own), nodes(merged)) if len(frame)] or [nodes(merged)])
    spots = both[~both.index.duplicated()].dropna(subset=["lat", "lon"])
    spots = spots[spots["lat"].between(*LATITUDES) & spots["lon"].between(*LONGITUDES)]
    points = gpd.GeoSeries(
        gpd.points_from_xy(spots["lon"].astype(float), spots["lat"].astype(float)),
        index=spots.index,
        crs="EPSG:4326",
    )
    return dict(points.to_crs(_PLANE))
