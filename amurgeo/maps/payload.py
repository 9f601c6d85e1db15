"""Data of the map pages: places, crossings, states, comparisons, a year, and routes as plain records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo._version import __version__
from amurgeo.dataset.checks.rows import ESTIMATE
from amurgeo.errors import InputError, check_int
from amurgeo.maps import style
from amurgeo.maps.basemap import (
    NEVER,
    base_map,
    checkpoint_records,
    coded,
    encode_line,
    number,
    place_records,
    point_of,
    view_bounds,
)
from amurgeo.maps.rules import Rules, scenario_record
from amurgeo.maps.style import MODES
from amurgeo.network import home_names, large_towns
from amurgeo.network.tables import cached
from amurgeo.text import FIRST_DAY, LANGUAGES, LAST_DAY, long_date

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: Codes of the statuses in the page scripts.
STATUS_CODES = {"unknown": -1, "closed": 0, "open": 1, "limited": 2}
TRAFFICS = ("cargo", "passenger")
#: Reasons of services that are out of use, not merely closed on the date.
UNUSED_REASONS = frozenset({"retired", "not_yet_open"})
#: Licence of sources that need no credit on a map begins like this.
_FACTS = "web page"
#: Degrees within which checkpoints share one box of a map without scripts.
_GATHER = 0.35
_CALENDAR_COLUMNS = ("date", "crossing", "traffic", "status", "reason", "probability_open")


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
    net: Network, *, first: date, days: int = 365, scenarios: Sequence[Scenario] = ()
) -> dict[str, Any]:
    """Return everything that a page computes and draws with, as plain values: rules, not answers.

    The page shows `days` from the `first` on, and offers `scenarios` beside those of the dataset.
    """
    rules = Rules(net, first, days, scenarios)
    known = cached(net, ("page", first, days, *rules.blind_years), lambda: _content(net, rules))
    return known | {"scenarios": {name: scenario_record(one) for name, one in rules.scenarios.items()}}


def _content(net: Network, rules: Rules) -> dict[str, Any]:
    """Return everything that does not depend on the scenarios."""
    crossings = net.crossings
    at = {id_: position for position, id_ in enumerate(net.nodes.index)}
    banks = {(row["checkpoint"], row["side"]): at[id_] for id_, row in net.base["terminals"].iterrows()}
    content = rules.all()
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
                "id": str(id_),
                "cp": row["checkpoint"],
                "mode": row["mode"],
                "a": at[row["from_place"]],
                "b": at[row["to_place"]],
                "km": float(row["length_km"]),
                "min": float(net.base["crossings"].at[id_, "travel_min"]),
            }
            for id_, row in crossings.iterrows()
            if row["from_place"] in at and row["to_place"] in at
        ],
        "checkpoints": {
            one["id"]: {
                "n": list(one["name"].values()),
                "cn": list(one["counterpart"].values()),
                "own": one["own"],
                "at": one["at"],
                **{end: banks.get((one["id"], side), -1) for end, side in (("a", "home"), ("b", "far"))},
            }
            for one in checkpoint_records(net)
        },
        "sources": source_texts(net, content["source_ids"]),
        "words": {
            key: [texts[lang] for lang in LANGUAGES] for key, texts in sorted(style.shown_words().items())
        },
        "style": style.as_json(),
        "ground": base_map(net),
        "bounds": view_bounds(net),
        "credits": credit_lines(net),
    }


def node_columns(net: Network, rules: Rules) -> dict[str, Any]:
    """Return all nodes in their order as columns; those that the page names or finds have a zoom."""
    nodes, zones = net.nodes, net.base["regions"]["timezone"]
    drawn = {place["id"]: place for place in place_records(net)}
    places = [drawn.get(str(id_), {}) for id_ in nodes.index]
    return {
        "id": list(nodes.index),
        "at": [point_of(row) for _, row in nodes.iterrows()],
        "n": nodes[[f"name_{lang}" for lang in LANGUAGES]].astype(str).to_numpy().tolist(),
        "al": [place.get("aliases", []) for place in places],
        "pop": [place.get("population", 0) for place in places],
        "c": coded(nodes["country"].tolist()),
        "side": coded(nodes["side"].tolist()),
        "k": coded(nodes["kind"].tolist()),
        "tz": coded([rules.zone_names.index(name) for name in nodes["region"].map(zones)]),
        "z": coded([place.get("zoom", NEVER) for place in places]),
        "look": coded([place.get("look", "") for place in places]),
    }


def source_texts(net: Network, cited: Collection[str]) -> dict[str, dict[str, str]]:
    """Return title and web address of sources by id."""
    records = {}
    for id_, row in net.sources[net.sources.index.isin(list(cited))].sort_index().iterrows():
        records[str(id_)] = {"title": str(row["title"])}
        if str(row["address"]).startswith(("https://", "http://")):
            records[str(id_)]["address"] = str(row["address"])
    return records


# -- network -------------------------------------------------------------------------------------------------


def crossing_records(net: Network) -> list[dict[str, Any]]:
    """Return the crossings with their lines."""
    return [
        {
            "id": str(id_),
            "checkpoint": str(row["checkpoint"]),
            "mode": str(row["mode"]),
            "km": number(row["length_km"], 2),
            "line": encode_line(row["geometry"]),
        }
        for id_, row in net.crossings.sort_index().iterrows()
    ]


def label(state: State) -> dict[str, str]:
    """Return the label of a state by language; a label that is only the date is written in words."""
    labels = {lang: str(state.label[lang]) for lang in LANGUAGES}
    return long_date(state.on) if set(labels.values()) == {state.on.isoformat()} else labels


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


def year_frame(days: pd.DataFrame | Iterable[State], *, year: int) -> pd.DataFrame:
    """Return a year of a calendar (`amurgeo.calendar`), or of one state per day, in long form."""
    year = check_int("year", year, FIRST_DAY.year, LAST_DAY.year)
    if isinstance(days, pd.DataFrame):
        frame = days if set(_CALENDAR_COLUMNS) <= set(days.columns) else days.reset_index()
    else:
        parts = [state.crossings.reset_index().assign(date=pd.Timestamp(state.on)) for state in days]
        frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_CALENDAR_COLUMNS)
    missing = [name for name in _CALENDAR_COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(f"the calendar lacks {', '.join(missing)}; pass one from amurgeo.calendar")
    frame = frame.assign(date=pd.to_datetime(frame["date"]))
    frame = frame[frame["date"].dt.year == year].sort_values(["crossing", "traffic", "date"], kind="stable")
    if frame.empty:
        raise InputError(f"the calendar has no day of {year}; pass the calendar of that year")
    return frame.reset_index(drop=True)


def runs_of(days: Sequence[int], *values: np.ndarray) -> list[int]:
    """Run-length encode days: first day and values of each run, flattened."""
    table = np.column_stack([days, *values])
    starts = np.append(True, (np.diff(table[:, 1:], axis=0) != 0).any(axis=1))
    return [int(value) for value in table[starts].ravel()]
