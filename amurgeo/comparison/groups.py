"""Texts of the groups of pairs that share a change, for tables of people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from amurgeo.text import counted, name_of, number_text, translate

if TYPE_CHECKING:
    from typing import Any

    from amurgeo.network import Network

#: Names of places in a row at most; more are counted.
_MOST_NAMES = 3


def places_text(net: Network, ids: str, lang: str, *, name: Callable[[str], str] | None = None) -> str:
    """Return the names of up to three places, whose ids semicolons join, or the number of more."""
    found, nodes = ids.split(";"), net.nodes
    if len(found) > _MOST_NAMES:
        towns = nodes.loc[found, "kind"].isin(["town", "city"]).all()
        return counted("towns" if towns else "places", len(found), lang)
    names = map(name or (lambda id_: name_of(nodes.loc[id_], lang)), found)
    return ("、" if lang == "zh" else ", ").join(names)


def group_texts(
    net: Network, groups: pd.DataFrame, lang: str, *, period: bool, name: Callable[[str], str] | None = None
) -> list[dict[str, str]]:
    """Return groups as texts by key of their heading; the crossing is an id.

    `name` returns the name of a place in other words than the language's. Columns without a value in any
    row, and the number of alternatives over a period, are left out.
    """

    def places(ids: str) -> str:
        return places_text(net, ids, lang, name=name)

    def span(row: Any, name: str, digits: int) -> str:
        ends = (row[f"{name}_min"], row[f"{name}_max"])
        texts = ["–" if end != end else number_text(end, lang, digits=digits) for end in ends]
        return "–".join(dict.fromkeys(texts))

    rows = []
    for row in groups.to_dict("records"):
        arrow = "↔" if row["both_ways"] else "→"
        sides = ("base_h", "alt_h") if row["change"] != "same" else ("base_h",)
        changed = f"change.{row['change']}"
        if row["change"] == "same" and row["ways"] != "same":
            changed = f"compare.ways_{row['ways']}"
        ways = " → ".join(dict.fromkeys(span(row, name, 0) for name in ("base_ways", "alt_ways")))
        rows.append({
            "compare.from_to": f"{places(row['origins'])} {arrow} {places(row['destinations'])}",
            "compare.count": str(row["pairs"]),
            "compare.change": translate(changed, lang),
            "compare.days": str(row["days"] or row["days_fewer_ways"] or ""),
            "compare.hours": " → ".join(span(row, name, 1) for name in sides),
            "compare.ways": ways,
            "compare.now_by": row["alt_crossing"] if isinstance(row["alt_crossing"], str) else "",
        })  # fmt: skip
    leave = {"compare.ways" if period else "compare.days"}
    if not any(row["compare.now_by"] for row in rows):
        leave.add("compare.now_by")
    return [{key: text for key, text in row.items() if key not in leave} for row in rows]
