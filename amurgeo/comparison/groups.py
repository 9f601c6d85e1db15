"""Pairs of a comparison that share a change, as one row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.comparison.pairs import SIDES
from amurgeo.text import counted, name_of, number_text, translate

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Names of places in a row at most; more are counted.
_MOST_NAMES = 3
#: Columns of which a group has the lowest and the highest value of its pairs.
_RANGES = ("base_h", "alt_h", "delta_h", "base_ways", "alt_ways")
#: Columns in which both directions of a pair are alike.
_ALIKE = ["base_h", "alt_h", "change"]
GROUP_COLUMNS = [
    *("alternative", "origins", "destinations", "both_ways", "pairs", "change", "ways"),
    *("base_crossing", "alt_crossing", "days", "days_fewer_ways"),
    *(f"{name}_{end}" for name in _RANGES for end in ("min", "max")),
]


def change_of_ways(pairs: pd.DataFrame) -> pd.Series:
    """Return whether each pair has ``fewer`` or ``more`` alternatives than in the base, or the ``same``."""
    change = (pairs["alt_ways"] - pairs["base_ways"]).map(
        lambda n: "fewer" if n < 0 else "more" if n else "same"
    )
    if "days_fewer_ways" in pairs:
        # The numbers of a period are the lowest of its days.
        change = change.mask(pairs["days_fewer_ways"] > 0, "fewer")
    return change


def trips(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs with both directions in one row if their hours and change are alike.

    Hours are those of the day; over a period those of most days, or of most days with the change.
    ``both_ways`` is whether a row has both directions, ``ways`` the change of the number of alternatives.
    """
    rows = pairs.assign(ways=change_of_ways(pairs), days=0, both_ways=False)
    if "days_lost" in pairs:
        rows["days"] = [
            0 if row["change"] == "same" else row[f"days_{row['change']}"] for row in rows.to_dict("records")
        ]
        for side, changed in zip(SIDES, ("changed_base_h", "changed_h"), strict=True):
            rows[f"{side}_h"] = rows[changed].where(rows["change"] != "same", rows[f"{side}_usual_h"])
        rows["alt_crossing"] = rows["changed_crossing"].where(rows["change"] != "same", rows["alt_crossing"])
        rows["delta_h"] = rows["alt_h"] - rows["base_h"]
    else:
        rows["days_fewer_ways"] = 0
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.to_dict("records"):
        key = [None if row[name] != row[name] else row[name] for name in _ALIKE]
        alike = [round(value, 1) if isinstance(value, float) else value for value in key]
        back = kept.get((row["destination"], row["origin"]))
        if back is None or back["alike"] != [*alike, row["days"]]:
            kept[row["origin"], row["destination"]] = {**row, "alike": [*alike, row["days"]]}
            continue
        back["both_ways"] = True
        back["base_ways"], back["alt_ways"] = (
            min(back[name], row[name]) for name in ("base_ways", "alt_ways")
        )
        if row["ways"] == "fewer" or back["ways"] == "same":
            back["ways"] = row["ways"]
    return pd.DataFrame(kept.values()).drop(columns="alike")


def group(net: Network, pairs: pd.DataFrame, *, everything: bool = False) -> pd.DataFrame:
    """Return the changed pairs of one alternative (`GROUP_COLUMNS`), those that share a change in one row.

    Pairs share a change if they have the same place on the far side, change, days and, where hours change,
    crossings. Places are ids joined by ``;``. With `everything` each pair has a row, unchanged ones too.
    """
    rows = trips(pairs)
    if not everything:
        rows = rows[(rows["change"] != "same") | (rows["ways"] != "same")]
    if rows.empty:
        return pd.DataFrame(columns=GROUP_COLUMNS)
    at_home = rows["origin"].map(net.nodes["side"]).eq("home")
    moved = rows["change"] != "same"
    keys = pd.DataFrame({
        "each": rows.index if everything else 0,
        "end": rows["destination"].where(at_home, rows["origin"]),
        "leaves": at_home,
        "both": rows["both_ways"],
        "change": rows["change"],
        "ways": rows["ways"].mask(moved, ""),
        "days": rows["days"],
        **{
            name: rows[name].astype(object).where(moved & rows[name].notna(), "")
            for name in ("base_crossing", "alt_crossing")
        },
    })  # fmt: skip
    groups = []
    for _, found in rows.groupby([keys[name] for name in keys], sort=False):
        first = found.iloc[0]
        same = {name: first[name] for name in ("alternative", "both_ways", "change", "days")}
        crossings = {
            name: first[name] if first["change"] != "same" else None
            for name in ("base_crossing", "alt_crossing")
        }
        ends = {f"{end}s": ";".join(dict.fromkeys(found[end])) for end in ("origin", "destination")}
        ways = "fewer" if (found["ways"] == "fewer").any() else first["ways"]
        ranges = {f"{name}_{end}": getattr(found[name], end)() for name in _RANGES for end in ("min", "max")}
        most = {"days_fewer_ways": found["days_fewer_ways"].max()}
        groups.append({**same, **crossings, **ends, **ranges, **most, "pairs": len(found), "ways": ways})
    return pd.DataFrame(groups)[GROUP_COLUMNS]


def group_texts(
    net: Network, groups: pd.DataFrame, lang: str, *, period: bool, name: Callable[[str], str] | None = None
) -> list[dict[str, str]]:
    """Return groups as texts by key of their heading; the crossing is an id.

    `name` returns the name of a place in other words than the language's. Columns without a value in any
    row, and the number of alternatives over a period, are left out.
    """
    nodes = net.nodes
    name = name or (lambda id_: name_of(nodes.loc[id_], lang))

    def places(ids: str) -> str:
        names = list(map(name, ids.split(";")))
        if len(names) <= _MOST_NAMES:
            return ("、" if lang == "zh" else ", ").join(names)
        towns = nodes.loc[ids.split(";"), "kind"].isin(["town", "city"]).all()
        return counted("towns" if towns else "places", len(names), lang)

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
