"""A comparison in at most five sentences: what changes, for how many people or tonnes, when, how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.comparison.pairs import own_open
from amurgeo.network import OBLAST
from amurgeo.text import name_of, translate

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.state import State

#: Sentences at most.
MOST = 5


@dataclass(frozen=True)
class _Fact:
    """A sentence that could be said, with the people or tonnes that it concerns."""

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
    period: str | None,
    lang: str,
) -> list[str]:
    """Say what an alternative changes.

    Parameters
    ----------
    net
        The network.
    base, alt
        The states, or those of the first day of a period.
    crossings, pairs
        The rows of the comparison that belong to the alternative.
    period
        The period as text, or None for a single day.
    lang
        Language.

    Returns
    -------
    list of str
        At most five, those that concern most people or tonnes first; nothing is said of what stays the same.
    """
    common = {
        "base": base.scenario.title.get(lang, base.scenario.name),
        "alt": alt.scenario.title.get(lang, alt.scenario.name),
        "when": period or alt.on.isoformat(),
    }
    facts = [
        *_own(net, base, alt, period),
        *_pairs(net, pairs, lang, period),
        *_crossings(net, alt, crossings, lang, period),
    ]
    ranked = sorted((fact for fact in facts if fact.weight > 0), key=lambda fact: -fact.weight)
    said = []
    for fact in ranked[:MOST]:
        sure = fact.values["confidence"]
        word = translate(
            f"basis.{sure}" if sure in ("observed", "expected", "scenario") else f"confidence.{sure}", lang
        )
        said.append(translate(fact.key, lang, **common, **{**fact.values, "confidence": word}))
    return said


def _people(net: Network, towns: list[str]) -> float:
    return float(net.nodes["population"].reindex(towns).sum())


def _own(net: Network, base: State, alt: State, period: str | None) -> list[_Fact]:
    """No crossing of the oblast's own is left for one kind of traffic."""
    if period is not None:
        return []
    facts = []
    everybody = float(net.nodes.loc[net.nodes["region"] == OBLAST, "population"].sum())
    for traffic in ("cargo", "passenger"):
        before, after = own_open(base.net, base, traffic), own_open(alt.net, alt, traffic)
        if before and not after:
            facts.append(
                _Fact(
                    everybody,
                    f"sentence.none_{traffic}",
                    {"n": before, "confidence": _sure(net, alt, traffic)},
                )
            )
    return facts


def _sure(net: Network, state: State, traffic: str) -> str:
    """Whether the record or only the usual windows say so."""
    checkpoints = net.base["checkpoints"]
    own = checkpoints.index[checkpoints["region"] == OBLAST]
    rows = state.crossings.xs(traffic, level="traffic")
    mine = rows[rows["checkpoint"].isin(own)]
    return "observed" if (mine["basis"] == "observed").all() else "expected"


def _pairs(net: Network, pairs: pd.DataFrame, lang: str, period: str | None) -> list[_Fact]:
    """Pairs lost, gained, slower, faster, and with fewer ways, by the towns of the oblast they begin in."""
    facts = []
    own = pairs[net.nodes["region"].reindex(pairs["origin"]).to_numpy() == OBLAST]
    for change in ("lost", "gained", "slower", "faster"):
        mine = own[own["change"] == change]
        if mine.empty:
            continue
        towns = mine["origin"].unique().tolist()
        values: dict[str, Any] = {
            "towns": len(towns),
            "people": _thousands(_people(net, towns)),
            "ends": ", ".join(name_of(net.nodes.loc[end], lang) for end in mine["destination"].unique()),
            "confidence": "estimated",
        }
        if change in ("slower", "faster"):
            delta = mine["delta_h"].abs()
            worst = mine.loc[delta.idxmax()]
            values |= {
                "hours": f"{delta.mean():.1f}",
                "most": f"{delta.max():.1f}",
                "start": name_of(net.nodes.loc[worst["origin"]], lang),
                "end": name_of(net.nodes.loc[worst["destination"]], lang),
            }
        key = f"sentence.{change}"
        if period is not None:
            days = mine[f"days_{change}"]
            values |= {
                "days": int(days.max()),
                "start": name_of(net.nodes.loc[mine.loc[days.idxmax(), "origin"]], lang),
            }
            key += "_days"
        facts.append(_Fact(_people(net, towns), key, values))
    fewer = own[own["alt_ways"] < own["base_ways"] if period is None else own["days_fewer_ways"] > 0]
    if not fewer.empty:
        towns = fewer["origin"].unique().tolist()
        values = {
            "n": len(fewer),
            "of": len(own),
            "before": f"{fewer['base_ways'].mean():.1f}",
            "after": f"{fewer['alt_ways'].mean():.1f}",
            "people": _thousands(_people(net, towns)),
            "confidence": "estimated",
        }
        key = "sentence.fewer_ways"
        if period is not None:
            values["days"] = int(fewer["days_fewer_ways"].max())
            key += "_days"
        # Half a weight: a way less hurts less than a way lost or slower.
        facts.append(_Fact(_people(net, towns) / 2, key, values))
    return facts


def _crossings(
    net: Network, alt: State, crossings: pd.DataFrame, lang: str, period: str | None
) -> list[_Fact]:
    """Tell which of the oblast's own crossings open or close, or lose days."""
    region = net.base["checkpoints"]["region"]
    flows = net.base["flows"].groupby("exit")["tonnes"].max()
    facts = []
    for (crossing, traffic), row in crossings.iterrows():
        if region[row["checkpoint"]] != OBLAST:
            continue
        checkpoint = name_of(net.base["checkpoints"].loc[row["checkpoint"]], lang)
        values = {
            "crossing": f"{checkpoint} – {translate('mode.' + row['mode'], lang)}",
            "traffic": translate(f"traffic.{traffic}", lang),
            "confidence": _confidence(alt, crossing, traffic),
        }
        weight = float(flows.get(crossing, 1000.0)) if traffic == "cargo" else 500.0
        if period is not None:
            gone = int(row["base_days"] - row["alt_days"])
            if gone:
                key = "sentence.days_fewer" if gone > 0 else "sentence.days_more"
                facts.append(
                    _Fact(
                        weight * abs(gone), key, {**values, "days": abs(gone), "left": int(row["alt_days"])}
                    )
                )
        elif "closed" in (row["base_status"], row["alt_status"]) and row["base_status"] != row["alt_status"]:
            key = "sentence.closes" if row["alt_status"] == "closed" else "sentence.opens"
            facts.append(
                _Fact(
                    weight,
                    key,
                    {
                        **values,
                        "reason": translate(
                            f"reason.{alt.crossings.at[(crossing, traffic), 'reason']}", lang
                        ),
                    },
                )
            )
    return facts


def _confidence(state: State, crossing: str, traffic: str) -> str:
    if (crossing, traffic) not in state.crossings.index:
        return "estimated"
    row = state.crossings.loc[(crossing, traffic)]
    # What a scenario supposes is not confirmed by the source of the service.
    return "scenario" if row["basis"] == "scenario" else str(row["confidence"])


def _thousands(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")
