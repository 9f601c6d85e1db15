"""Time, cost and distance along a route, and the indicators of corridor monitoring."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.observations import trip_hours
from amurgeo.network import vehicle_row
from amurgeo.routing.money import arc_costs
from amurgeo.text import number_text, translate, word

if TYPE_CHECKING:
    from amurgeo.seasons.state import State

#: Columns of a profile.
PROFILE = (
    "part", "place", "crossing", "stretch_h", "low_h", "high_h", "length_km", "hours", "cost",
    "cost_complete",
)  # fmt: skip
#: The indicator of greenhouse gases.
EMISSIONS = "CO2E"
#: Columns of the indicators.
INDICATORS = ("indicator", "crossing", "value", "low", "high", "unit", "n", "cv", "basis", "definition")


#: Tiers of evidence of a status, the strongest first.
_EVIDENCE = ("observed", "scenario", "expected", "uncovered", "unknown")


def certainty(state: State, vehicle: str, crossings: Sequence[str]) -> dict[str, Any]:
    """Return the lowest probability of being open, and the weakest evidence, of crossings."""
    traffic = vehicle_row(state.net, vehicle)["traffic"]
    services = state.crossings.xs(traffic, level="traffic").loc[list(crossings)]
    chance = services["probability_open"].min(skipna=False)
    return {
        "probability_open": None if math.isnan(chance) else round(float(chance), 4),
        "evidence": max(services["evidence"], key=_EVIDENCE.index, default=None),
    }


def profile(route: Any, queue_h: Mapping[str, float]) -> pd.DataFrame:
    """Return the stretches of a route in order of travel, with cumulative kilometres, hours and costs."""
    costs = arc_costs(route.net, route.vehicle, route.arcs)
    # What does not depend on the length is paid at the place.
    fixed = arc_costs(route.net, route.vehicle, route.arcs.assign(length_km=0.0))
    rows: list[dict[str, Any]] = []
    km = hours = cost = 0.0
    complete, position = True, 0

    def add(part: str, leg: dict[str, Any], stretch_h: float, **values: Any) -> None:
        nonlocal km, hours, cost, complete
        km, hours = km + values.pop("km", 0.0), hours + stretch_h
        paid = values.pop("paid", pd.DataFrame({"known": [0.0], "missing": [""]}))
        cost, complete = cost + float(paid["known"].sum()), complete and not paid["missing"].any()
        ends = {"low_h": stretch_h, "high_h": stretch_h, "crossing": None} | values
        totals = {"length_km": km, "hours": hours, "cost": cost, "cost_complete": complete}
        rows.append({"part": part, "place": leg["to"], "stretch_h": stretch_h, **ends, **totals})

    for leg in route.legs:
        arcs = slice(position, position + leg["arcs"])
        position += leg["arcs"]
        arc = route.arcs.iloc[arcs.start] if leg["arcs"] else None
        if arc is None or arc["edge"] not in route.crossings:
            part = leg["mode"] if leg["mode"] in ("rest", "transfer") else "drive"
            add(part, leg, leg["hours"], km=leg["length_km"], paid=costs.iloc[arcs])
            continue
        if arc["edge"] in queue_h:
            add("queue", {"to": leg["from"]}, queue_h[arc["edge"]], crossing=arc["edge"])
        stretches = {"waiting": "wait_h", "border": "border_h"}
        taken = {
            part: float(arc[name]) if arc[name] == arc[name] else 0.0 for part, name in stretches.items()
        }
        for part, name in stretches.items():
            estimate = route.estimates.get((name, arc["edge"]))
            ends = {} if estimate is None else {"low_h": estimate.low_h, "high_h": estimate.high_h}
            toll = {"paid": fixed.iloc[arcs]} if part == "border" else {}
            add(part, {"to": leg["from"]}, taken[part], crossing=arc["edge"], **ends, **toll)
        driven = costs.iloc[arcs].assign(known=costs["known"] - fixed["known"])
        add("drive", leg, leg["hours"] - sum(taken.values()), km=leg["length_km"], paid=driven)
    return pd.DataFrame(rows, columns=list(PROFILE)).astype({"crossing": object})


def indicators(route: Any, lang: str = "en") -> pd.DataFrame:
    """Return the indicators of a route; see `Route.indicators`."""
    stretches, currency = profile(route, {}), route.net.border.currency
    rows: list[dict[str, Any]] = []
    for crossing in dict.fromkeys(route.crossings):
        here = stretches[stretches["crossing"] == crossing]
        mid = float(here["stretch_h"].sum())
        below, above = (math.hypot(*(here[end] - here["stretch_h"]).to_list()) for end in ("low_h", "high_h"))
        seen = _trips(route, crossing)
        rows.append(_row("TFI1", crossing, mid, mid - below, mid + above, "h", trip_hours(seen)))
        arcs = route.arcs[route.arcs["edge"] == crossing].assign(length_km=0.0)
        # Of the payments at the border the model has tolls and fares only.
        toll = float(arc_costs(route.net, route.vehicle, arcs)["known"].sum())
        rows.append(_row("TFI2", crossing, None, toll or None, None, currency, seen["paid"].dropna()))
    hours = route.hours
    moving = [estimate for key, estimate in route.estimates.items() if estimate.is_driving]
    driving_h = float(stretches.loc[stretches["part"] == "drive", "stretch_h"].sum())
    below, above = (math.hypot(*(estimate.shift(share) for estimate in moving)) for share in (-1.0, 1.0))
    for name, mid, low, high in (
        ("TFI4_SWD", hours["mid"], hours["low"], hours["high"]),
        ("TFI4_SWOD", driving_h, driving_h - below, driving_h + above),
    ):
        if mid > 0 and low > 0:
            value, slow, fast = (route.length_km / spent for spent in (mid, high, low))
            rows.append(_row(name, None, value, slow, fast, "km/h"))
    rows.append(_emissions(route))
    for row in rows:
        unknown = "_unknown" if row["indicator"] == EMISSIONS and row["value"] is None else ""
        row["definition"] = translate(f"formula.{row['indicator'].lower()}{unknown}", lang)
    frame = pd.DataFrame(rows, columns=list(INDICATORS)).astype({"crossing": object})
    numbers = ["value", "low", "high", "cv"]
    frame[numbers] = frame[numbers].astype(float).round(3)
    return frame


def _emissions(route: Any) -> dict[str, Any]:
    """Return the greenhouse gases of a route, those of one passenger for passengers without a vehicle."""
    factors = route.net.base["emissions"]
    row = factors[factors["vehicle"] == route.vehicle].head(1)
    mid, low, high = (
        route.length_km * row[name].item() if len(row) and row[name].notna().all() else None
        for name in ("kg_per_km", "low", "high")
    )
    return _row(EMISSIONS, None, mid, low, high, "kg")


def indicator_texts(route: Any, lang: str) -> dict[str, str]:
    """Return value, range and unit of each indicator of a route by name; those of crossings are joined."""
    texts: dict[str, list[str]] = {}
    for row in indicators(route, lang).to_dict("records"):
        low, value, high = (
            "" if row[end] != row[end] else number_text(row[end], lang, digits=0 if row[end] >= 100 else 1)
            for end in ("low", "value", "high")
        )
        span = f" ({low}–{high})" if high else ""
        shown = f"{value}{span}" if value else low and f"≥ {low}"
        unit = word(f"unit.{row['unit']}", lang, row["unit"])
        text = f"{shown} {unit}" if shown else translate("figure.unknown", lang)
        texts.setdefault(row["indicator"].replace("_", " "), []).append(text)
    return {name: "; ".join(values) for name, values in texts.items()}


def _trips(route: Any, crossing: str) -> pd.DataFrame:
    """Return the logged trips over a crossing, of the route's kind of traffic and direction."""
    tables, trips = route.net.base, route.net.base["trips"].reset_index()
    tail = route.arcs.loc[route.arcs["edge"] == crossing, "tail"].iloc[0]
    direction = "out" if route.net.nodes.at[tail, "side"] == "home" else "in"
    traffic = trips["vehicle"].map(tables["vehicles"]["traffic"])
    is_like = traffic == vehicle_row(route.net, route.vehicle)["traffic"]
    return trips[is_like & (trips["crossing"] == crossing) & (trips["direction"] == direction)]


def _row(
    name: str,
    crossing: str | None,
    value: float | None,
    low: float | None,
    high: float | None,
    unit: str,
    seen: Any = (),
) -> dict[str, Any]:
    """Return an indicator: of the trips seen, else a value of the model."""
    row = {"indicator": name, "crossing": crossing, "value": value, "low": low, "high": high, "unit": unit}
    row |= {"n": len(seen), "cv": None, "basis": "observed" if len(seen) else "model"}
    if len(seen):
        mean = float(seen.mean())
        row |= {"value": mean, "low": float(seen.min()), "high": float(seen.max())}
        if len(seen) > 1 and mean > 0:
            row["cv"] = float(seen.std(ddof=1)) / mean
    return row
