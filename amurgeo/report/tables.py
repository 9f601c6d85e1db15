"""The sheet's two tables: what opens and closes, and the pairs that change most; no more rows than fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.network import OBLAST
from amurgeo.report.names import LETTERS, crossing, short
from amurgeo.text import name_of, translate

if TYPE_CHECKING:
    from amurgeo.comparison.compare import Comparison

_RANK = {"closed": 0, "limited": 1, "open": 2}
#: Where a crossing does not carry that kind of traffic.
_NONE = {"text": "–", "kind": "same"}


def changes_table(result: Comparison, lang: str) -> dict[str, Any]:
    """Return what opens and closes: the oblast's own crossings first, cargo and passengers side by side."""
    region = result.net.base["checkpoints"]["region"]
    changed = {name: result.changed(name) for name in result.alternatives}
    frame = pd.concat(list(changed.values()))
    order = {
        str(id_): (region.get(checkpoint) != OBLAST, at)
        for at, (id_, checkpoint) in enumerate(
            zip(frame.index.get_level_values("crossing"), frame["checkpoint"], strict=True)
        )
    }
    crossings = sorted(order, key=lambda id_: order[id_])
    most = 16 if len(result.states) == 1 else 8
    rows = []
    for id_ in crossings[:most]:
        cells = []
        for name in result.alternatives:
            mine = result.crossings[result.crossings["alternative"] == name]
            mine = mine[~mine.index.duplicated()]
            for traffic in ("cargo", "passenger"):
                known = (id_, traffic) in mine.index
                cells.append(_cell(mine.loc[(id_, traffic)], result, lang) if known else _NONE)
        rows.append({"name": crossing(result, id_, lang), "cells": cells})
    title = (
        translate("sheet.changes", lang)
        if result.period is None
        else translate(
            "sheet.changes_days", lang, period=" – ".join(day.isoformat() for day in result.period)
        )
    )
    half = (len(rows) + 1) // 2
    halves = [rows[:half], rows[half:]] if len(result.states) == 1 and len(rows) > 1 else [rows]
    more = len(crossings) - len(rows)
    return {
        "title": title,
        "halves": [part for part in halves if part],
        "letters": list(LETTERS[1 : 1 + len(result.states)]),
        "more": translate("sheet.and_more", lang, n=more) if more else "",
        "none": translate("sheet.no_change", lang),
    }


def _cell(row: pd.Series, result: Comparison, lang: str) -> dict[str, str]:
    """Say what a service does in both scenarios, and whether that is more or less."""
    if result.period is not None:
        before, after = int(row["base_days"]), int(row["alt_days"])
        words = [str(before), translate("word.days", lang, n=after)]
    else:
        sides = [str(row[name]) for name in ("base_status", "alt_status")]
        before, after = (_RANK[side] for side in sides)
        words = [translate(f"status.{side}", lang) for side in sides]
    if before == after:
        return {"text": words[1], "kind": "same"}
    # Several alternatives share the width: each says only what it comes to.
    text = " → ".join(words if len(result.states) == 1 else ["", words[1]]).strip()
    return {"text": text, "kind": "worse" if after < before else "better"}


def pair_tables(result: Comparison, lang: str, *, most: int) -> list[dict[str, Any]]:
    """Return the pairs that change most, by the people of the oblast whom it concerns."""
    tables = []
    nodes = result.net.nodes
    for letter, name in zip(LETTERS[1:], result.alternatives, strict=False):
        mine = result.pairs[result.pairs["alternative"] == name]
        ranked = ranked_pairs(mine, nodes)
        tables.append(
            {
                "letter": letter,
                "title": translate("sheet.pairs", lang, alt=letter),
                "rows": [_pair(row, nodes, result, lang) for row in ranked.head(most).to_dict("records")],
            }
        )
    return tables


def ranked_pairs(pairs: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Sort pairs by what changes and for how many people; of each pair one direction stays."""
    people = (
        pairs[["origin", "destination"]]
        .apply(
            lambda ends: (
                nodes["population"].where(nodes["region"] == OBLAST).reindex(ends).fillna(0.0).to_numpy()
            )
        )
        .max(axis=1)
    )
    weight = people.clip(lower=1.0)
    kind = pairs["change"].map({"lost": 0, "gained": 0, "slower": 1, "faster": 1}).fillna(3)
    fewer = (pairs["base_ways"] - pairs["alt_ways"]).abs()
    kind = kind.where((kind != 3) | (fewer == 0), 2)
    size = pd.Series(1.0, index=pairs.index).where(kind != 1, pairs["delta_h"].abs()).where(kind != 2, fewer)
    ranked = pairs.assign(
        kind=kind,
        weight=-(weight * size.fillna(0.0)).round(3),
        pair=[" ".join(sorted(ends)) for ends in zip(pairs["origin"], pairs["destination"], strict=True)],
    ).sort_values(["kind", "weight"], kind="stable")
    return ranked.drop_duplicates("pair")


def _pair(row: Mapping[Any, Any], nodes: pd.DataFrame, result: Comparison, lang: str) -> dict[str, Any]:
    ways = [str(row[side]) for side in ("base_crossing", "alt_crossing") if isinstance(row[side], str)]
    names = [crossing(result, way, lang) for way in dict.fromkeys(ways)]
    change = translate(f"change.{row['change']}", lang)
    if result.period is not None and row["change"] != "same":
        change += f", {translate('word.days', lang, n=int(row['days_' + row['change']]))}"
    return {
        "name": short(
            " – ".join(name_of(nodes.loc[row[end]], lang) for end in ("origin", "destination")), 60
        ),
        "hours": [_number(row[side]) for side in ("base_h", "alt_h")],
        "delta": "–" if pd.isna(row["delta_h"]) else _signed(row["delta_h"]),
        "ways": [str(int(row[side])) for side in ("base_ways", "alt_ways")],
        "by": " → ".join(names) or "–",
        "change": change,
        "kind": {"lost": "worse", "slower": "worse", "gained": "better", "faster": "better"}.get(
            row["change"], "same"
        ),
    }


def _signed(hours: float) -> str:
    text = f"{hours:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "\u2212")


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.1f}"
