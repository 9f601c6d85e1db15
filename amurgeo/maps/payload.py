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
    STEPS,
    base_map,
    checkpoint_records,
    coded,
    encode_line,
    encode_lines,
    home_crossings,
    names_of,
    number,
    pack,
    place_records,
    point_of,
    view_bounds,
)
from amurgeo.maps.rules import Rules
from amurgeo.maps.style import MODES
from amurgeo.network import home_names, large_towns, vehicle_row
from amurgeo.text import FIRST_DAY, LANGUAGES, LAST_DAY, long_date

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.routing.routes import Routes
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: Codes of the statuses in the page scripts.
STATUS_CODES = {"unknown": -1, "closed": 0, "open": 1, "limited": 2}
#: Labels of the buttons that change the language.
LABELS = {"en": "EN", "ru": "РУ", "zh": "中"}
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


def in_languages(data: Any, languages: Sequence[str]) -> Any:
    """Return plain data whose texts by language are reduced to some languages.

    Examples
    --------
    >>> in_languages([{"name": {"en": "Heihe", "ru": "Хэйхэ", "zh": "黑河"}}], ("en",))
    [{'name': {'en': 'Heihe'}}]
    """
    if isinstance(data, Mapping):
        keys = [lang for lang in languages if lang in data] if data.keys() <= set(LANGUAGES) else data
        return {key: in_languages(data[key], languages) for key in keys}
    if isinstance(data, list | tuple):
        return [in_languages(item, languages) for item in data]
    return data


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

    Parameters
    ----------
    net
        The network.
    first, days
        The first day shown and the number of days.
    scenarios
        Scenarios that the page offers beside those of the dataset.

    Returns
    -------
    dict
        Lists, texts and numbers without NaN, by key.
    """
    rules = Rules(net, first, days, scenarios)
    crossings, drawn = net.crossings, base_map(net)
    at = {id_: position for position, id_ in enumerate(net.nodes.index)}
    banks = {(row["checkpoint"], row["side"]): at[id_] for id_, row in net.base["terminals"].iterrows()}
    content = rules.all()
    for shown_by_rules in ("roads", "rails"):
        del drawn[shown_by_rules]
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
                "line": pack(encode_line(row["geometry"])),
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
            key: [texts[lang] for lang in LANGUAGES] for key, texts in sorted(style.all_words().items())
        },
        "style": style.as_json(),
        "ground": drawn,
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


# -- states --------------------------------------------------------------------------------------------------


def state_record(state: State) -> dict[str, Any]:
    """Return label and date of a state, and a row per crossing and traffic."""
    because = {lang: state.because(lang).tolist() for lang in LANGUAGES}
    rows: dict[str, dict[str, Any]] = {}
    for position, ((crossing, traffic), row) in enumerate(state.crossings.iterrows()):
        record = {
            "s": STATUS_CODES[row["status"]],
            "reason": str(row["reason"]),
            "because": {lang: str(because[lang][position]) for lang in LANGUAGES},
            "mass": number(row["max_mass_t"]),
            "p": number(row["probability_open"], 4),
            "evidence": str(row["evidence"]),
            "confidence": str(row["confidence"]),
            "sources": [str(source) for source in row["sources"]],
            "unused": is_unused(row),
        }
        if isinstance(row.get("limited"), str) and row["limited"]:
            record["limited"] = row["limited"]
        rows.setdefault(str(crossing), {})[str(traffic)] = record
    return {
        "label": label(state),
        "on": state.on.isoformat(),
        "rows": rows,
        "seasons": sorted(state.roads.seasons),
        "ways": {
            " ".join(state.net.edges.loc[id_, ["from_place", "to_place"]]): action == "open"
            for id_, action, _ in sorted(state.roads.edits)
            if action in ("open", "close")
        },
    }


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


def source_records(net: Network, states: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return title and web address of every source of the states (`state_record`)."""
    cited = {
        source
        for state in states
        for services in state["rows"].values()
        for row in services.values()
        for source in row.get("sources", ())
    }
    return source_texts(net, cited)


# -- a year --------------------------------------------------------------------------------------------------


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


def year_records(net: Network, frame: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a year for the page: runs of equal days per service, and the state of the first day."""
    days = sorted(frame["date"].unique())
    position = {day: index for index, day in enumerate(days)}
    reasons = sorted(frame["reason"].astype(str).unique())
    home = home_crossings(net)
    services = []
    rows: dict[str, dict[str, Any]] = {}
    frame = frame[frame["crossing"].isin(net.crossings.index)]
    for (crossing, traffic), part in frame.groupby(["crossing", "traffic"], sort=True):
        dates = [position[day] for day in part["date"]]
        statuses = part["status"].map(STATUS_CODES).to_numpy(dtype=int)
        reason_codes = part["reason"].astype(str).map(reasons.index).to_numpy(dtype=int)
        chance = part["probability_open"].to_numpy(dtype=float)
        # Thousandths; 5 and 995 are below 0.01 and above 0.99, which are never rounded to 0 or 1.
        cases = [np.isnan(chance), (chance > 0) & (chance < 0.01), (chance > 0.99) & (chance < 1)]
        thousandths = np.select(cases, [-1, 5, 995], 10 * np.rint(np.nan_to_num(chance) * 100.0)).astype(int)
        services.append(
            {
                "crossing": str(crossing),
                "traffic": str(traffic),
                "own": crossing in home,
                "runs": runs_of(dates, statuses, reason_codes),
                "chance": runs_of(dates, thousandths),
            }
        )
        always = set(part["reason"])
        rows.setdefault(str(crossing), {})[str(traffic)] = {
            "s": 0,
            "reason": reasons[0],
            "because": {},
            "unused": not statuses.any() and (always <= UNUSED_REASONS or always == {"suspended"}),
        }
    iso = [pd.Timestamp(day).date().isoformat() for day in days]
    state = {
        "label": dict.fromkeys(LANGUAGES, iso[0][:4]),
        "on": iso[0],
        "rows": rows,
        "seasons": None,
        "ways": {},
    }
    return {"days": iso, "reasons": reasons, "services": services, "start": 0}, state


def runs_of(days: Sequence[int], *values: np.ndarray) -> list[int]:
    """Run-length encode days: first day and values of each run, flattened."""
    table = np.column_stack([days, *values])
    starts = np.append(True, (np.diff(table[:, 1:], axis=0) != 0).any(axis=1))
    return [int(value) for value in table[starts].ravel()]


# -- routes --------------------------------------------------------------------------------------------------


def route_records(net: Network, routes: Routes) -> dict[str, Any]:
    """Return routes for the page: each edge's line once, each route as a chain of edges."""
    ways = [net.roads, net.railways, net.crossings]
    shapes = pd.concat([way.geometry for way in ways])
    shapes = shapes[~shapes.index.duplicated()]
    starts = pd.concat([way["from_place"] for way in ways]).to_dict()
    places = net.places
    edges: dict[str, list[int]] = {}
    records: list[dict[str, Any]] = []
    for route, record in zip(routes.routes, routes.records(), strict=True):
        chain = []
        for arc in route.arcs.itertuples():
            if arc.edge not in edges and (line := _arc_line(shapes, places, arc)):
                edges[arc.edge] = line
            if arc.edge in edges:
                forward = starts.get(arc.edge, arc.tail) == arc.tail
                chain.append([list(edges).index(arc.edge), 1 if forward else -1])
        hours = ("total_h", "drive_h", "border_h", "wait_h", "rest_h", "length_km")
        records.append(
            {
                "edges": chain,
                "crossings": [str(crossing) for crossing in record["crossings"]],
                "transit": bool(record["transit"]),
                "legs": [_leg_record(leg, net) for leg in record["legs"]],
                **{name: number(record[name], 3) for name in hours},
            }
        )
    stops = {leg[end] for route in records for leg in route["legs"] for end in ("from", "to")}
    ends = [places.loc[end] for end in (routes.origin, routes.destination)]
    return {
        "steps": STEPS,
        "edges": [{"line": line} for line in edges.values()],
        "routes": records,
        "names": {stop: names_of(places.loc[stop]) for stop in sorted(stops) if stop in places.index},
        "ends": [{"id": str(row.name), "name": names_of(row), "at": point_of(row)} for row in ends],
        "on": routes.on.isoformat(),
        "vehicle": names_of(vehicle_row(net, routes.vehicle)),
        "closed": [{"crossing": str(row["crossing"]), "reason": str(row["reason"])} for row in routes.closed],
        "estimated": any(float(record["estimated_share"] or 0.0) > 0.0 for record in routes.records()),
    }


def _leg_record(leg: Mapping[str, Any], net: Network) -> dict[str, Any]:
    return {
        "from": str(leg["from"]),
        "to": str(leg["to"]),
        "mode": str(leg["mode"]),
        "ref": None if leg["mode"] == "transfer" else leg["ref"],
        "crossing": leg["ref"] if leg["ref"] in net.crossings.index else None,
        "length_km": number(leg["length_km"], 1),
        "hours": number(leg["hours"], 3),
    }


def _arc_line(shapes: pd.Series, places: pd.DataFrame, arc: Any) -> list[int] | None:
    """Return the line of an edge; of one without geometry (a link to a terminal) the straight line."""
    import shapely

    if arc.edge in shapes.index:
        return encode_lines(shapes[arc.edge], tolerance=0.001)[0]
    if arc.tail in places.index and arc.head in places.index:
        ends = places.loc[[arc.tail, arc.head], ["lon", "lat"]].to_numpy(dtype=float)
        if (ends[0] != ends[1]).any():
            return encode_line(shapely.LineString(ends))
    return None


def route_bounds(routes: Mapping[str, Any], default: list[list[float]]) -> list[list[float]]:
    """Return the corners of all routes (`route_records`), or the default without a route."""
    if not routes["edges"]:
        return default
    lines = [np.asarray(edge["line"]).reshape(-1, 2).cumsum(axis=0) / STEPS for edge in routes["edges"]]
    points = np.vstack([*lines, *(end["at"][::-1] for end in routes["ends"])])
    return [points.min(axis=0)[::-1].tolist(), points.max(axis=0)[::-1].tolist()]
