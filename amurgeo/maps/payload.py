"""Data of the page as plain values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from amurgeo._version import __version__
from amurgeo.dataset.schema import ESTIMATE
from amurgeo.maps import basemap, style
from amurgeo.maps.rules import Rules, scenario_record
from amurgeo.network import Network, home_names, large_towns
from amurgeo.network.tables import cached
from amurgeo.routing.matrix import fastest_ways
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    from amurgeo.scenario import Scenario

#: Roads that a page carries at most; of more it has those of the fastest ways.
MOST_ROADS = 5_000
#: Licence of sources that need no credit on a map begins like this.
_FACTS = "web page"


def languages(net: Network) -> tuple[str, ...]:
    """Return the languages of the pages: those in which the dataset gives names."""
    return tuple(lang for lang in LANGUAGES if lang in net.border.languages) or LANGUAGES[:1]


def credit_lines(net: Network) -> list[str]:
    """Return publisher and licence of the sources that are more than facts from a web page.

    The publisher of a copy, "A, copied by B", and remarks on a licence are left out.
    """
    sources = net.sources.drop(index=ESTIMATE, errors="ignore")
    sources = sources[~sources["licence"].str.startswith(_FACTS)]
    publishers, licences = (sources[name].str.split(",").str[0] for name in ("publisher", "licence"))
    mark = licences.map(lambda licence: "" if licence == "public domain" else "© ")
    return sorted(set(mark + publishers + " (" + licences + ")"))


def payload(
    net: Network,
    *,
    first: date,
    days: int = 365,
    scenarios: Sequence[Scenario] = (),
    places: Collection[str] = (),
) -> dict[str, Any]:
    """Return everything that a page computes and draws with, as plain values: rules, not answers.

    The page shows `days` from the `first` on, and offers `scenarios` beside those of the dataset. Of a large
    area it has only the roads of the fastest ways between its places, `places` (ids) among them.
    """
    if is_area := len(net.base["roads"]) > MOST_ROADS:
        whole, kept = net, frozenset(places)
        net = cached(net, ("fastest_ways", kept), lambda: fastest_ways(whole, kept))
    rules = Rules(net, first, days, scenarios)
    known = cached(net, ("page", first, days, *rules.blind_years), lambda: _content(net, rules))
    offered = {name: scenario_record(one) for name, one in rules.scenarios.items()}
    return known | {"scenarios": offered, "area": is_area}


def _content(net: Network, rules: Rules) -> dict[str, Any]:
    """Return everything that does not depend on the scenarios."""
    at = {id_: position for position, id_ in enumerate(net.nodes.index)}
    banks = {(row["checkpoint"], row["side"]): at[id_] for id_, row in net.base["terminals"].iterrows()}
    content = rules.all()
    shown = sorted(style.shown_words().items())
    return content | {
        "version": 2,
        "package": __version__,
        "id": net.border.id,
        "vehicle": net.border.vehicle,
        "currency": net.border.currency,
        "home": home_names(net),
        "languages": list(languages(net)),
        "towns": large_towns(net),
        "ends": list(net.border.destinations),
        "nodes": node_columns(net, rules),
        "crossings": [
            {"id": id_, "cp": row["checkpoint"], "mode": row["mode"], "km": float(row["length_km"]),
             "min": float(row["travel_min"]), "a": at[row["from"]], "b": at[row["to"]]}
            for id_, row in net.base["crossings"].iterrows()
            if row["from"] in at and row["to"] in at
        ],
        "checkpoints": {
            one["id"]: {
                "n": list(one["name"].values()), "cn": list(one["counterpart"].values()),
                "own": one["own"], "at": one["at"],
                **{end: banks.get((one["id"], side), -1) for end, side in (("a", "home"), ("b", "far"))},
            }
            for one in basemap.checkpoint_records(net)
        },
        "sources": source_texts(net, content["source_ids"]),
        "words": {key: [texts[lang] for lang in LANGUAGES] for key, texts in shown},
        "style": style.as_json(),
        "ground": basemap.base_map(net),
        "bounds": basemap.view_bounds(net),
        "credits": credit_lines(net),
    }  # fmt: skip


def node_columns(net: Network, rules: Rules) -> dict[str, Any]:
    """Return all nodes in their order as columns; those that the page names or finds have a zoom."""
    nodes, zones = net.nodes, net.base["regions"]["timezone"]
    drawn = {place["id"]: place for place in basemap.place_records(net)}
    unnamed: dict[str, Any] = {"aliases": [], "population": 0, "zoom": basemap.NEVER, "look": ""}
    places = [drawn.get(str(id_), unnamed) for id_ in nodes.index]
    coded_columns = {
        "c": nodes["country"],
        "side": nodes["side"],
        "k": nodes["kind"],
        "z": [place["zoom"] for place in places],
        "look": [place["look"] for place in places],
        "tz": [rules.zone_names.index(name) for name in nodes["region"].map(zones)],
    }
    return {
        "id": list(nodes.index),
        "at": basemap.pack_points([basemap.point_of(row) for _, row in nodes.iterrows()]),
        "n": nodes[[f"name_{lang}" for lang in LANGUAGES]].astype(str).to_numpy().tolist(),
        "al": [place["aliases"] for place in places],
        "pop": [place["population"] for place in places],
        **{key: basemap.coded(list(column)) for key, column in coded_columns.items()},
    }


def source_texts(net: Network, cited: Collection[str]) -> dict[str, dict[str, str]]:
    """Return title and web address of sources by id."""
    sources = net.sources[net.sources.index.isin(list(cited))].sort_index()
    linked = sources["address"].str.startswith(("https://", "http://"))
    return {
        str(id_): {"title": row["title"]} | ({"address": row["address"]} if linked[id_] else {})
        for id_, row in sources.iterrows()
    }
