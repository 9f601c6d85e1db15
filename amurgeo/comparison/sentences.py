"""A comparison in up to five sentences: what changes, for how many people or tonnes, when, how reliably."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from amurgeo.comparison.pairs import CHANGES, fewer_ways, own_open
from amurgeo.network import home_names
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import name_of, translate

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

MAX_SENTENCES = 5
#: Tonnes a year of a cargo crossing without a known flow, and the weight of a passenger crossing beside it.
USUAL_TONNES, PASSENGER_WEIGHT = 1000.0, 500.0


class _Fact(NamedTuple):
    """A candidate sentence, weighted by the people or tonnes concerned."""

    weight: float
    key: str
    values: dict[str, Any]


def sentences(
    net: Network,
    base: State,
    alt: State,
    crossings: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    period: tuple[date, date] | None,
    lang: str,
) -> list[str]:
    """Return up to five sentences on an alternative, from the states (of the first day) and its rows."""
    facts = [*_pair_facts(net, pairs, lang), *_crossing_facts(net, alt, crossings, lang)]
    if period is None:
        facts = [*_own_facts(net, base, alt), *facts]
    facts = sorted((fact for fact in facts if fact.weight > 0), key=lambda fact: -fact.weight)
    common = {
        "home": home_names(net),
        "base": base.scenario.title.get(lang, base.scenario.name),
        "alt": alt.scenario.title.get(lang, alt.scenario.name),
        "when": alt.on.isoformat() if period is None else " – ".join(day.isoformat() for day in period),
    }
    texts = []
    for fact in facts[:MAX_SENTENCES]:
        confidence = fact.values["confidence"]
        kind = "basis" if confidence in ("observed", "expected", "scenario") else "confidence"
        values = {**common, **fact.values, "confidence": translate(f"{kind}.{confidence}", lang)}
        texts.append(translate(fact.key, lang, **values))
    return texts


def _own_facts(net: Network, base: State, alt: State) -> Iterator[_Fact]:
    """Yield kinds of traffic for which the last home crossing closes."""
    population = float(net.nodes.loc[net.nodes["region"].isin(net.border.home.regions), "population"].sum())
    region = net.base["checkpoints"]["region"]
    for traffic in ("cargo", "passenger"):
        before = own_open(base.net, base, traffic)
        if before and not own_open(alt.net, alt, traffic):
            rows = alt.crossings.xs(traffic, level="traffic")
            basis = rows.loc[rows["checkpoint"].map(region).isin(net.border.home.regions), "basis"]
            confidence = "observed" if (basis == "observed").all() else "expected"
            yield _Fact(population, f"sentence.none_{traffic}", {"n": before, "confidence": confidence})


def _pair_facts(net: Network, pairs: pd.DataFrame, lang: str) -> Iterator[_Fact]:
    """Yield pairs lost, gained, slower, faster, and with fewer alternatives, by their home towns."""
    nodes, over_days = net.nodes, "days_lost" in pairs
    suffix = "_days" if over_days else ""
    own = pairs[pairs["origin"].map(nodes["region"]).isin(net.border.home.regions)]

    def name(place: str) -> str:
        return name_of(nodes.loc[place], lang)

    def people(rows: pd.DataFrame) -> float:
        return float(nodes["population"].reindex(rows["origin"].unique()).sum())

    for change in CHANGES:
        rows = own[own["change"] == change]
        if rows.empty:
            continue
        values: dict[str, Any] = {
            "towns": rows["origin"].nunique(),
            "people": _thousands(people(rows)),
            "ends": ", ".join(name(place) for place in rows["destination"].unique()),
            "confidence": "estimated",
        }
        if change in ("slower", "faster"):
            delta = rows["delta_h"].abs()
            start, end = rows.loc[delta.idxmax(), ["origin", "destination"]]
            values |= {"hours": f"{delta.mean():.1f}", "most": f"{delta.max():.1f}"}
            values |= {"start": name(start), "end": name(end)}
        if over_days:
            days = rows[f"days_{change}"]
            values |= {"days": int(days.max()), "start": name(rows.loc[days.idxmax(), "origin"])}
        yield _Fact(people(rows), f"sentence.{change}{suffix}", values)
    rows = own[fewer_ways(own)]
    if not rows.empty:
        values = {
            "n": len(rows),
            "of": len(own),
            "before": f"{rows['base_ways'].mean():.1f}",
            "after": f"{rows['alt_ways'].mean():.1f}",
            "people": _thousands(people(rows)),
            "confidence": "estimated",
        }
        if over_days:
            values["days"] = int(rows["days_fewer_ways"].max())
        # Half the weight: one alternative fewer matters less than a lost or slower connection.
        yield _Fact(people(rows) / 2, f"sentence.fewer_ways{suffix}", values)


def _crossing_facts(net: Network, alt: State, crossings: pd.DataFrame, lang: str) -> Iterator[_Fact]:
    """Yield home crossings that open or close, or gain or lose days."""
    checkpoints = net.base["checkpoints"]
    tonnes = net.base["flows"].groupby("exit")["tonnes"].max()
    own = crossings[crossings["checkpoint"].map(checkpoints["region"]).isin(net.border.home.regions)]
    for (crossing, traffic), row in own.iterrows():
        checkpoint = name_of(checkpoints.loc[row["checkpoint"]], lang)
        service = (
            alt.crossings.loc[(crossing, traffic)] if (crossing, traffic) in alt.crossings.index else None
        )
        values = {
            "crossing": f"{checkpoint} – {translate('mode.' + row['mode'], lang)}",
            "traffic": translate(f"traffic.{traffic}", lang),
            "confidence": _confidence(service),
        }
        weight = float(tonnes.get(crossing, USUAL_TONNES)) if traffic == "cargo" else PASSENGER_WEIGHT
        if "base_days" in row:
            lost = int(row["base_days"] - row["alt_days"])
            key = "sentence.days_fewer" if lost > 0 else "sentence.days_more"
            yield _Fact(weight * abs(lost), key, {**values, "days": abs(lost), "left": int(row["alt_days"])})
        elif (opened := counts_as_open(row["alt_status"])) != counts_as_open(row["base_status"]):
            key = "sentence.opens" if opened else "sentence.closes"
            reason = translate(f"reason.{row['alt_reason']}", lang)
            yield _Fact(weight, key, {**values, "reason": reason})


def _confidence(service: pd.Series | None) -> str:
    if service is None:
        return "estimated"
    # The source of a service does not confirm what a scenario assumes.
    return "scenario" if service["basis"] == "scenario" else str(service["confidence"])


def _thousands(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")
