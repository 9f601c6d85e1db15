"""Data of the page as plain values, and what printed maps show of a state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo._version import __version__
from amurgeo.dataset.checks.rows import ESTIMATE
from amurgeo.maps import style
from amurgeo.maps.basemap import (
    NEVER,
    base_map,
    checkpoint_records,
    coded,
    pack_points,
    place_records,
    point_of,
    view_bounds,
)
from amurgeo.maps.rules import Rules, scenario_record
from amurgeo.maps.style import MODES
from amurgeo.network import Network, home_names, large_towns
from amurgeo.network.tables import cached
from amurgeo.routing.matrix import fastest_ways
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: Codes of the statuses in the page scripts.
STATUS_CODES = {"unknown": -1, "closed": 0, "open": 1, "limited": 2}
#: Roads that a page carries at most; of more it has those of the fastest ways.
MOST_ROADS = 5_000
TRAFFICS = ("cargo", "passenger")
#: Reasons of services that are out of use, not merely closed on the date.
UNUSED_REASONS = frozenset({"retired", "not_yet_open"})
#: Licence of sources that need no credit on a map begins like this.
_FACTS = "web page"
#: Degrees within which checkpoints share one box of a map without scripts.
_GATHER = 0.35


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


# -- the page that computes ----------------------------------------------------------------------------------


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
            {
                **{key: row[name] for key, name in {"id": "id", "cp": "checkpoint", "mode": "mode"}.items()},
                **{key: at[row[name]] for key, name in {"a": "from", "b": "to"}.items()},
                **{key: float(row[name]) for key, name in {"km": "length_km", "min": "travel_min"}.items()},
            }
            for row in net.base["crossings"].reset_index().to_dict("records")
            if row["from"] in at and row["to"] in at
        ],
        "checkpoints": {
            one["id"]: {
                **{key: list(one[name].values()) for key, name in {"n": "name", "cn": "counterpart"}.items()},
                **{key: one[key] for key in ("own", "at")},
                **{end: banks.get((one["id"], side), -1) for end, side in (("a", "home"), ("b", "far"))},
            }
            for one in checkpoint_records(net)
        },
        "sources": source_texts(net, content["source_ids"]),
        "words": {key: [texts[lang] for lang in LANGUAGES] for key, texts in shown},
        "style": style.as_json(),
        "ground": base_map(net),
        "bounds": view_bounds(net),
        "credits": credit_lines(net),
    }


def node_columns(net: Network, rules: Rules) -> dict[str, Any]:
    """Return all nodes in their order as columns; those that the page names or finds have a zoom."""
    nodes, zones = net.nodes, net.base["regions"]["timezone"]
    drawn = {place["id"]: place for place in place_records(net)}
    defaults: dict[str, Any] = {"aliases": [], "population": 0, "zoom": NEVER, "look": ""}
    places = [defaults | drawn.get(str(id_), {}) for id_ in nodes.index]
    coded_columns = {
        **{key: nodes[name] for key, name in {"c": "country", "side": "side", "k": "kind"}.items()},
        **{key: [place[name] for place in places] for key, name in {"z": "zoom", "look": "look"}.items()},
        "tz": [rules.zone_names.index(name) for name in nodes["region"].map(zones)],
    }
    return {
        "id": list(nodes.index),
        "at": pack_points([point_of(row) for _, row in nodes.iterrows()]),
        "n": nodes[[f"name_{lang}" for lang in LANGUAGES]].astype(str).to_numpy().tolist(),
        **{
            key: [place[name] for place in places]
            for key, name in {"al": "aliases", "pop": "population"}.items()
        },
        **{key: coded(list(column)) for key, column in coded_columns.items()},
    }


def source_texts(net: Network, cited: Collection[str]) -> dict[str, dict[str, str]]:
    """Return title and web address of sources by id."""
    sources = net.sources[net.sources.index.isin(list(cited))].sort_index()
    linked = sources["address"].str.startswith(("https://", "http://"))
    return {
        str(id_): {"title": row["title"]} | ({"address": row["address"]} if linked[id_] else {})
        for id_, row in sources.iterrows()
    }


# -- printed maps --------------------------------------------------------------------------------------------


def is_unused(row: Mapping[str, Any]) -> bool:
    """Return True if a service is out of use, not merely closed on the date."""
    because = row["because"]
    irregular = isinstance(because, tuple) and because[0] == "because.irregular"
    return bool(row["status"] == "closed" and (row["reason"] in UNUSED_REASONS or irregular))


def sign_groups(net: Network, state: State) -> list[list[dict[str, Any]]]:
    """Group the used home checkpoints; neighbours share a box."""
    order = list(MODES)
    crossings, services = net.crossings, state.crossings
    unused = services.apply(is_unused, axis=1)
    in_use = set(services.index[~unused].get_level_values(0))
    groups: list[list[dict[str, Any]]] = []
    for checkpoint in checkpoint_records(net):
        modes = crossings.loc[crossings["checkpoint"] == checkpoint["id"], "mode"]
        modes = modes[modes.index.isin(in_use)]
        if not checkpoint["own"] or modes.empty:
            continue
        ranks = modes.map(lambda mode: order.index(mode) if mode in order else len(order))
        signs = [
            (modes[id_], services.loc[[id_], "status"].droplevel(0).to_dict())
            for id_ in ranks.sort_values(kind="stable").index
        ]
        item = {**checkpoint, "signs": signs}
        distances = (np.abs(np.subtract(group[0]["at"], item["at"])).max() for group in groups)
        near = next((position for position, distance in enumerate(distances) if distance < _GATHER), None)
        if near is None:
            groups.append([item])
        else:
            groups[near].append(item)
    return groups


def runs_of(days: Sequence[int], *values: np.ndarray) -> list[int]:
    """Run-length encode days: first day and values of each run, flattened."""
    table = np.column_stack([days, *values])
    starts = np.append(True, (np.diff(table[:, 1:], axis=0) != 0).any(axis=1))
    return [int(value) for value in table[starts].ravel()]
