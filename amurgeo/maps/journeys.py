"""What the season page and the routes page are told: runs of days, and routes as chains of edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.errors import InputError
from amurgeo.maps import payload
from amurgeo.network import OBLAST
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.routing.routes import Routes
    from amurgeo.seasons.state import State

_COLUMNS = ("date", "crossing", "traffic", "status", "reason", "probability_open")
_UNUSED = frozenset({"retired", "not_yet_open"})


def year_frame(days: pd.DataFrame | Iterable[State], *, year: int) -> pd.DataFrame:
    """Return the days of a year in long form, sorted.

    Parameters
    ----------
    days
        A calendar as `amurgeo.calendar` returns it, or one state per day.
    year
        The year; other days are left out.

    Raises
    ------
    InputError
        When a column is missing, or the year has no day.
    """
    if isinstance(days, pd.DataFrame):
        frame = days if set(_COLUMNS) <= set(days.columns) else days.reset_index()
    else:
        parts = [state.crossings.reset_index().assign(date=pd.Timestamp(state.on)) for state in days]
        frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_COLUMNS))
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(f"the calendar lacks {', '.join(missing)}; give one as amurgeo.calendar returns it")
    frame = frame.assign(date=pd.to_datetime(frame["date"]))
    frame = frame[frame["date"].dt.year == year].sort_values(["crossing", "traffic", "date"], kind="stable")
    if frame.empty:
        raise InputError(f"the calendar has no day of {year}; give that year's calendar")
    return frame.reset_index(drop=True)


def year(net: Network, frame: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a year for the page: its services as runs of equal days, and the state of the first day.

    Parameters
    ----------
    net
        The network.
    frame
        Days in long form, as `year_frame` returns them.

    Returns
    -------
    season, state
        What the slider is given, and a state that it writes each day into.
    """
    days = sorted(frame["date"].unique())
    position = {day: at for at, day in enumerate(days)}
    reasons = sorted(frame["reason"].astype(str).unique())
    region = net.checkpoints["region"]
    any_own = bool((region == OBLAST).any())
    services = []
    rows: dict[str, dict[str, Any]] = {}
    for (crossing, traffic), part in frame.groupby(["crossing", "traffic"], sort=True):
        if crossing not in net.crossings.index:
            continue
        at = [position[day] for day in part["date"]]
        codes = part["status"].map(payload.STATUS_CODES).to_numpy(dtype=int)
        why = part["reason"].astype(str).map(reasons.index).to_numpy(dtype=int)
        chance = np.rint(part["probability_open"].to_numpy(dtype=float) * 100.0).astype(int)
        checkpoint = net.crossings.at[crossing, "checkpoint"]
        never = bool((codes == 0).all())
        services.append(
            {
                "crossing": str(crossing),
                "traffic": str(traffic),
                "own": bool(region[checkpoint] == OBLAST) or not any_own,
                "runs": runs_of(at, codes, why),
                "chance": runs_of(at, chance),
            }
        )
        rows.setdefault(str(crossing), {})[str(traffic)] = {
            "s": 0,
            "reason": reasons[0],
            "because": {},
            "unused": never
            and (set(part["reason"]) <= _UNUSED or bool((part["reason"] == "suspended").all())),
        }
    iso = [pd.Timestamp(day).date().isoformat() for day in days]
    state = {"label": dict.fromkeys(LANGUAGES, iso[0][:4]), "on": iso[0], "rows": rows, "seasons": None}
    return {"days": iso, "reasons": reasons, "services": services, "start": 0}, state


def runs_of(at: Sequence[int], *values: np.ndarray) -> list[int]:
    """Join days of equal values: day and values of the first of each run, one after the other."""
    runs: list[int] = []
    last: tuple[int, ...] | None = None
    for day, *found in zip(at, *(value.tolist() for value in values), strict=True):
        if tuple(found) != last:
            runs += [day, *found]
            last = tuple(found)
    return runs


def routes(net: Network, found: Routes) -> dict[str, Any]:
    """Return routes for the page: each edge's line once, each route as a chain of edges.

    Parameters
    ----------
    net
        The network.
    found
        Routes as `amurgeo.routes` returns them.
    """
    ways = [net.roads, net.railways, net.crossings]
    shapes = pd.concat([way.geometry for way in ways])
    shapes = shapes[~shapes.index.duplicated()]
    starts = pd.concat([way["from_place"] for way in ways]).to_dict()
    spots = net.places
    edges: list[dict[str, Any]] = []
    number: dict[str, int] = {}
    made: list[dict[str, Any]] = []
    for route, record in zip(found.routes, found.records(), strict=True):
        chain = []
        for arc in route.arcs.itertuples():
            if arc.edge not in number:
                line = _line(shapes, spots, arc)
                if line is None:
                    continue
                number[arc.edge] = len(edges)
                edges.append({"line": line})
            chain.append([number[arc.edge], 1 if starts.get(arc.edge, arc.tail) == arc.tail else -1])
        legs = [
            {
                "from": str(leg["from"]),
                "to": str(leg["to"]),
                "mode": str(leg["mode"]),
                "ref": None if leg["mode"] == "transfer" else leg["ref"],
                "crossing": leg["ref"] if leg["ref"] in net.crossings.index else None,
                "length_km": payload.number(leg["length_km"], 1),
                "hours": payload.number(leg["hours"], 3),
            }
            for leg in record["legs"]
        ]
        made.append(
            {
                "edges": chain,
                "crossings": [str(crossing) for crossing in record["crossings"]],
                "transit": bool(record["transit"]),
                "legs": legs,
                **{
                    name: payload.number(record[name], 3)
                    for name in ("total_h", "drive_h", "border_h", "wait_h", "length_km")
                },
            }
        )
    stops = {leg[end] for route in made for leg in route["legs"] for end in ("from", "to")}
    known = [stop for stop in sorted(stops) if stop in spots.index]
    return {
        "steps": payload.STEPS,
        "edges": edges,
        "routes": made,
        "names": {stop: payload.names_of(spots.loc[stop]) for stop in known},
        "ends": [_end(spots, end) for end in (found.origin, found.destination)],
        "on": found.on.isoformat(),
        "vehicle": _vehicle(net, found.vehicle),
        "closed": [{"crossing": str(one["crossing"]), "reason": str(one["reason"])} for one in found.closed],
        "estimated": any(float(record["estimated_share"] or 0.0) > 0.0 for record in found.records()),
    }


def _line(shapes: pd.Series, spots: pd.DataFrame, arc: Any) -> list[int] | None:
    if arc.edge in shapes.index:
        return payload.encode_lines(shapes[arc.edge], tolerance=0.001)[0]
    if arc.tail in spots.index and arc.head in spots.index:
        ends = [(float(spots.at[end, "lon"]), float(spots.at[end, "lat"])) for end in (arc.tail, arc.head)]
        if ends[0] != ends[1]:
            import shapely

            return payload.encode_line(shapely.LineString(ends))
    return None


def _end(spots: pd.DataFrame, id_: str) -> dict[str, Any]:
    row = spots.loc[id_]
    return {
        "id": id_,
        "name": payload.names_of(row),
        "at": [round(float(row["lat"]), 4), round(float(row["lon"]), 4)],
    }


def _vehicle(net: Network, id_: str) -> Mapping[str, str]:
    tables = getattr(net, "tables", {})
    if "vehicles" in tables and id_ in tables["vehicles"].index:
        return payload.names_of(tables["vehicles"].loc[id_])
    return dict.fromkeys(LANGUAGES, id_)


def route_bounds(data: Mapping[str, Any], usual: list[list[float]]) -> list[list[float]]:
    """Return the corners of all routes, or the usual ones where there is no route."""
    corners = []
    for edge in data["edges"]:
        steps = np.asarray(edge["line"]).reshape(-1, 2).cumsum(axis=0) / payload.STEPS
        corners += [steps.min(axis=0), steps.max(axis=0)]
    ends = [end["at"][::-1] for end in data["ends"]]
    if not corners:
        return usual
    every = np.vstack([*corners, *ends])
    low, high = every.min(axis=0), every.max(axis=0)
    return [[float(low[1]), float(low[0])], [float(high[1]), float(high[0])]]
