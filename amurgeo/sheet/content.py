"""What stands on the sheet: the question, the answer, tables that fit, assumptions, confidence, sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.provenance import ESTIMATE, lapsed, sums
from amurgeo.errors import InputError
from amurgeo.maps import files
from amurgeo.network import OBLAST
from amurgeo.seasons.year import calendar, period
from amurgeo.sheet import pictures
from amurgeo.text import check_language, name_of, say

if TYPE_CHECKING:
    from amurgeo.comparison import Comparison
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: Alternatives that two pages hold.
MOST = 3
#: What is printed as control in text that comes from outside.
_CONTROL = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_LETTERS = "ABCD"
_RANK = {"closed": 0, "limited": 1, "open": 2}
#: Where a crossing does not carry that kind of traffic.
_NONE = {"text": "–", "kind": "same"}
_CLASSES = ("motorway", "trunk", "primary", "secondary", "street", "winter", "ice")


def short(text: object, most: int) -> str:
    """Return text from outside on one line, without control characters, cut where it is too long.

    Examples
    --------
    >>> short("a\\nb", 10), short("abcdef", 4)
    ('a b', 'abc…')
    """
    line = " ".join(_CONTROL.sub(" ", str(text)).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def content(result: Comparison, lang: str) -> dict[str, Any]:
    """Gather what stands on the sheet.

    Parameters
    ----------
    result
        The comparison.
    lang
        Language.

    Raises
    ------
    InputError
        For an unknown language, or more alternatives than two pages hold.
    """
    check_language(lang)
    if len(result.states) > MOST:
        raise InputError(
            f"a sheet holds a base and at most {MOST} alternatives, {len(result.states)} given; "
            "make several sheets"
        )
    net = result.net
    on, shown = _shown(result)
    years = _years(result, shown, lang)
    scenarios = _scenarios(result, lang)
    alternatives = f" {say('sheet.or', lang)} ".join(card["letter"] for card in scenarios[1:])
    return {
        "lang": lang,
        "title": f"{scenarios[0]['title']} → {' / '.join(card['title'] for card in scenarios[1:])}",
        "scenarios": scenarios,
        "asks": say("sheet.asks", lang, alternatives=alternatives),
        "given": " · ".join(
            part for part in (_vehicle(net, result.vehicle, lang), _when(result, lang)) if part
        ),
        "days": result.period is not None,
        "answers": _answers(result, lang),
        "ways_note": say("sheet.ways_note", lang, stretch=f"{result.stretch:g}"),
        "maps": [
            {"letter": letter, "day": files.long_date(state.on)[lang], "picture": picture}
            for letter, state, picture in zip(
                _LETTERS, shown, (pictures.map_picture(state, lang=lang) for state in shown), strict=False
            )
        ],
        "map_note": ""
        if result.period is None
        else say("sheet.map_day", lang, day=files.long_date(on)[lang]),
        "legend": pictures.legend(net, lang),
        "sample": pictures.sample(),
        "changes": _changes(result, lang),
        "pairs": _pairs(result, lang, most=(9 if len(years) > 1 else 13) // len(result.states)),
        "years": years,
        "assumptions": _assumptions(result, lang),
        "confidence": _confidence(result, shown, lang),
        "sources": _sources(result, shown, lang),
        "record_until": say("word.record_until", lang, date=net.record_until.isoformat()),
    }


# -- question and answer -------------------------------------------------------------------------------------


def _title(scenario: Scenario, lang: str) -> str:
    return short(scenario.title.get(lang) or scenario.name, 90)


def _scenarios(result: Comparison, lang: str) -> list[dict[str, str]]:
    """Name every scenario with its letter, its day and what it is for."""
    days = {base.on for base, _ in result.states}
    cards = [
        (result.states[0][0].scenario, result.states[0][0].on if len(days) == 1 else None),
        *((alt.scenario, alt.on) for _, alt in result.states),
    ]
    return [
        {
            "letter": letter,
            "title": _title(scenario, lang),
            "day": "" if day is None or result.period else files.long_date(day)[lang],
            # A joined scenario has the description of one of its parts only.
            "about": ""
            if "+" in scenario.name
            else short(scenario.description.get(lang, ""), 150 if len(cards) < 3 else 90),
        }
        for letter, (scenario, day) in zip(_LETTERS, cards, strict=False)
    ]


def _when(result: Comparison, lang: str) -> str:
    if result.period is None:
        return ""
    return " – ".join(files.long_date(day)[lang] for day in result.period)


def _vehicle(net: Network, vehicle: str, lang: str) -> str:
    return say("sheet.vehicle", lang, name=short(name_of(net.tables["vehicles"].loc[vehicle], lang), 60))


def _answers(result: Comparison, lang: str) -> list[dict[str, Any]]:
    """Return the sentences of each alternative; several alternatives share the room of one."""
    most = {1: 5, 2: 3, 3: 2}[len(result.states)]
    return [
        {
            "letter": letter,
            "sentences": [
                short(sentence, 320) for sentence in result.sentences(lang, alternative=name)[:most]
            ]
            or [say("sheet.nothing", lang)],
            "counts": short(_summary(result, name, lang), 200),
        }
        for letter, name in zip(_LETTERS[1:], result.alternatives, strict=False)
    ]


def _summary(result: Comparison, alternative: str, lang: str) -> str:
    counts = result.summary.loc[alternative]
    if isinstance(counts, pd.DataFrame):
        counts = counts.iloc[0]
    names = ("lost", "gained", "slower", "faster", "same", "pairs")
    return say("word.summary", lang, **{name: int(counts[name]) for name in names})


# -- days shown ----------------------------------------------------------------------------------------------


def _shown(result: Comparison) -> tuple[date, tuple[State, State]]:
    """Return the two states that are drawn: those of the day, or of the day on which they differ most."""
    base, alt = result.states[0]
    if result.period is None:
        return alt.on, (base, alt)
    one, two = (period(result.net, state.scenario, *result.period) for state in (base, alt))
    keys = ["date", "crossing", "traffic"]
    both = one.merge(two, on=keys, how="outer", suffixes=("_base", "_alt"), sort=True)
    checkpoint = alt.net.tables["crossings"]["checkpoint"].reindex(both["crossing"])
    own = alt.net.tables["checkpoints"]["region"].reindex(checkpoint).to_numpy() == OBLAST
    # The oblast's own crossings count before all others.
    differs = (both["status_base"] != both["status_alt"]) * (1.0 + 1000.0 * own)
    day = differs.groupby(both["date"]).sum().idxmax().date()
    return day, (
        result.net.state(day, scenario=base.scenario),
        result.net.state(day, scenario=alt.scenario),
    )


def _years(result: Comparison, shown: Sequence[State], lang: str) -> list[dict[str, Any]]:
    """Draw the year of each world that is compared; regimes of one world share one."""
    made: list[dict[str, Any]] = []
    seen: set[tuple[Any, ...]] = set()
    for state in shown:
        world = replace(state.scenario, day=None, regime=None)
        key = (state.on.year, world.world, tuple(map(str, world.changes)))
        if key in seen:
            continue
        seen.add(key)
        year = pictures.year_picture(
            state.net, calendar(state.net, state.on.year, scenario=world), year=state.on.year, lang=lang
        )
        made.append(
            {
                "title": say("sheet.year", lang, year=year.year, what=_world(state.scenario, lang)),
                "rows": year.rows,
                "picture": year.picture,
                "empty": say("sheet.empty_year", lang, year=year.year),
                "months": pictures.months(year.year),
            }
        )
    return made


def _world(scenario: Scenario, lang: str) -> str:
    if scenario.changes:
        return short(scenario.title.get(lang) or scenario.name, 70)
    if scenario.world is not None:
        return say("sheet.world", lang, year=scenario.world)
    return say("sheet.present", lang)


# -- tables --------------------------------------------------------------------------------------------------


def _changes(result: Comparison, lang: str) -> dict[str, Any]:
    """Return what opens and closes: the oblast's own crossings first, cargo and passengers side by side."""
    region = result.net.tables["checkpoints"]["region"]
    changed = {name: result.changed(name) for name in result.alternatives}
    frame = pd.concat(list(changed.values()))
    order = {
        str(crossing): (region.get(checkpoint) != OBLAST, at)
        for at, (crossing, checkpoint) in enumerate(
            zip(frame.index.get_level_values("crossing"), frame["checkpoint"], strict=True)
        )
    }
    crossings = sorted(order, key=lambda crossing: order[crossing])
    most = 16 if len(result.states) == 1 else 8
    rows = []
    for crossing in crossings[:most]:
        cells = []
        for name in result.alternatives:
            mine = result.crossings[result.crossings["alternative"] == name]
            mine = mine[~mine.index.duplicated()]
            for traffic in ("cargo", "passenger"):
                known = (crossing, traffic) in mine.index
                cells.append(_cell(mine.loc[(crossing, traffic)], result, lang) if known else _NONE)
        rows.append({"name": _crossing(result, crossing, lang), "cells": cells})
    title = (
        say("sheet.changes", lang)
        if result.period is None
        else say("sheet.changes_days", lang, period=" – ".join(day.isoformat() for day in result.period))
    )
    half = (len(rows) + 1) // 2
    halves = [rows[:half], rows[half:]] if len(result.states) == 1 and len(rows) > 1 else [rows]
    more = len(crossings) - len(rows)
    return {
        "title": title,
        "halves": [part for part in halves if part],
        "letters": list(_LETTERS[1 : 1 + len(result.states)]),
        "more": say("sheet.and_more", lang, n=more) if more else "",
        "none": say("sheet.no_change", lang),
    }


def _cell(row: pd.Series, result: Comparison, lang: str) -> dict[str, str]:
    """Say what a service does in both scenarios, and whether that is more or less."""
    if result.period is not None:
        before, after = int(row["base_days"]), int(row["alt_days"])
        words = [str(before), say("word.days", lang, n=after)]
    else:
        sides = [str(row[name]) for name in ("base_status", "alt_status")]
        before, after = (_RANK[side] for side in sides)
        words = [say(f"status.{side}", lang) for side in sides]
    if before == after:
        return {"text": words[1], "kind": "same"}
    # Several alternatives share the width: each says only what it comes to.
    text = " → ".join(words if len(result.states) == 1 else ["", words[1]]).strip()
    return {"text": text, "kind": "worse" if after < before else "better"}


def _pairs(result: Comparison, lang: str, *, most: int) -> list[dict[str, Any]]:
    """Return the pairs that change most, by the people of the oblast whom it concerns."""
    tables = []
    nodes = result.net.nodes
    for letter, name in zip(_LETTERS[1:], result.alternatives, strict=False):
        mine = result.pairs[result.pairs["alternative"] == name]
        ranked = _ranked(mine, nodes)
        tables.append(
            {
                "letter": letter,
                "title": say("sheet.pairs", lang, alt=letter),
                "rows": [_pair(row, nodes, result, lang) for row in ranked.head(most).to_dict("records")],
            }
        )
    return tables


def _ranked(pairs: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
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
    names = [_crossing(result, way, lang) for way in dict.fromkeys(ways)]
    change = say(f"change.{row['change']}", lang)
    if result.period is not None and row["change"] != "same":
        change += f", {say('word.days', lang, n=int(row['days_' + row['change']]))}"
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


def _crossing(result: Comparison, crossing: str, lang: str) -> str:
    """Name a crossing, which may be one that a scenario adds."""
    nets = [state.net for states in result.states for state in states]
    net = next((net for net in nets if crossing in net.tables["crossings"].index), result.net)
    return short(pictures.crossing_name(net, crossing, lang), 45)


def _signed(hours: float) -> str:
    text = f"{hours:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "\u2212")


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.1f}"


# -- assumptions, confidence, sources ------------------------------------------------------------------------


def _assumptions(result: Comparison, lang: str) -> list[str]:
    said = [_changes_of(letter, scenario, lang) for letter, scenario in _named(result)]
    regimes = [letter for letter, scenario in _named(result) if scenario.regime]
    if regimes:
        said.append(say("sheet.regime", lang, name=", ".join(regimes)))
    said += [_speeds(result, lang), _border(result, lang), say("sheet.expected", lang)]
    return [text for text in said if text]


def _named(result: Comparison) -> list[tuple[str, Scenario]]:
    scenarios = [result.states[0][0].scenario, *(alt.scenario for _, alt in result.states)]
    return list(zip(_LETTERS, scenarios, strict=False))


def _changes_of(letter: str, scenario: Scenario, lang: str) -> str:
    if not scenario.changes:
        return ""
    most = 4
    said = [short(change, 70) for change in scenario.changes[:most]]
    if len(scenario.changes) > most:
        said.append(say("sheet.and_more", lang, n=len(scenario.changes) - most))
    return say("sheet.changed", lang, name=letter, changes="; ".join(said))


def _speeds(result: Comparison, lang: str) -> str:
    table = result.net.tables["speeds"]
    mine = table[table.index.get_level_values("vehicle") == result.vehicle].reset_index()
    asphalt = mine[mine["surface"] == "asphalt"].drop_duplicates("class").set_index("class")
    if asphalt.empty:
        return ""
    words = files.page_words()
    speeds = ", ".join(
        f"{words[f'road.{kind}'][lang]} {asphalt.at[kind, 'speed_kmh']:g}"
        for kind in _CLASSES
        if kind in asphalt.index
    )
    sure = ", ".join(say(f"confidence.{kind}", lang) for kind in sorted(set(asphalt["confidence"])))
    return say("sheet.speeds", lang, speeds=speeds, confidence=sure)


def _border(result: Comparison, lang: str) -> str:
    """Tell the hours at the border of the crossings that the pairs use."""
    used = pd.concat([result.pairs["base_crossing"], result.pairs["alt_crossing"]]).dropna()
    traffic = result.net.tables["vehicles"].at[result.vehicle, "traffic"]
    services = result.net.tables["services"]
    times = []
    for crossing in used.value_counts(sort=True).index.tolist():
        if (crossing, traffic) not in services.index or len(times) == 3:
            continue
        row = services.loc[(crossing, traffic)]
        hours = [_hours(row[side], row["wait_h"]) for side in ("border_h_out", "border_h_in")]
        name = _crossing(result, str(crossing), lang)
        times.append(f"{name} {hours[0]} / {hours[1]} ({say('confidence.' + row['times_confidence'], lang)})")
    return say("sheet.border", lang, times="; ".join(times)) if times else ""


def _hours(control: float, wait: float) -> str:
    return "?" if pd.isna(control) else f"{control:g}" + ("" if pd.isna(wait) or not wait else f" + {wait:g}")


def _confidence(result: Comparison, shown: Sequence[State], lang: str) -> list[dict[str, Any]]:
    """Tell how sure the answer is, lapsed facts first and loudly."""
    net = result.net
    days = sorted({state.on for state in shown})
    facts = [
        say("sheet.held", lang, fact=short(key, 60), last=last.isoformat())
        for _, _, key, last in lapsed(net.tables, days[-1])
    ]
    if len(facts) > 4:
        facts = [*facts[:4], say("sheet.and_more", lang, n=len(facts) - 4)]
    day = files.long_date(days[-1])[lang]
    said = [
        say("sheet.lapsed", lang, day=day, facts="; ".join(facts))
        if facts
        else say("sheet.no_lapsed", lang, day=day)
    ]
    for letter, state in zip(_LETTERS, shown, strict=False):
        basis, sure = (_counted(state.crossings[name], f"{name}.", lang) for name in ("basis", "confidence"))
        said.append(
            say("sheet.basis", lang, name=letter, day=files.long_date(state.on)[lang], counts=basis)
            + " "
            + say("sheet.sure", lang, counts=sure)
        )
    counted = sums(net.tables, net.tables, on=days[-1])
    said.append(
        say(
            "sheet.estimates",
            lang,
            share=f"{100.0 * counted['estimated_share']:.0f}",
            n=f"{counted['values']:,}".replace(",", "\u202f"),
        )
    )
    said.append(say("sheet.beyond", lang, date=net.record_until.isoformat()))
    return [{"text": text, "alarm": bool(facts) and text is said[0]} for text in said]


def _counted(values: pd.Series, prefix: str, lang: str) -> str:
    counts = values.value_counts()
    order = sorted(counts.index, key=lambda name: (-counts[name], name))
    return ", ".join(f"{say(prefix + name, lang)} {counts[name]}" for name in order)


def _sources(result: Comparison, shown: Sequence[State], lang: str) -> dict[str, Any]:
    """Return the sources that the answer rests on, those most cited first, as many as find room."""
    net = result.net
    changed = pd.concat([result.changed(name) for name in result.alternatives]).index
    used = set(result.pairs["base_crossing"].dropna()) | set(result.pairs["alt_crossing"].dropna())
    region = net.tables["checkpoints"]["region"]
    cited: Counter[str] = Counter()
    for state in shown:
        for key, row in state.crossings.iterrows():
            if key in changed or key[0] in used:
                # What the oblast's own crossings do weighs most.
                weight = 10 if region.get(row["checkpoint"]) == OBLAST else 1
                cited.update(dict.fromkeys(row["sources"], weight))
    services = net.tables["services"]
    mine = services[services.index.get_level_values("crossing").isin(used)]
    speeds = net.tables["speeds"]
    cited.update(
        [*mine["source"], *mine["times_source"], net.tables["vehicles"].at[result.vehicle, "source"]]
    )
    cited.update(set(speeds["source"][speeds.index.get_level_values("vehicle") == result.vehicle]))
    ids = [
        id_
        for id_ in sorted(cited, key=lambda id_: (-cited[id_], id_))
        if id_ != ESTIMATE and id_ in net.sources.index
    ]
    rows: list[dict[str, str]] = []
    # Lines of both columns.
    room = 22 if len(result.states) == 1 else 14
    for id_ in ids:
        row = net.sources.loc[id_]
        dated = str(row["published"] or "") or say("sheet.retrieved", lang, date=row["retrieved"])
        entry = {
            "title": short(row["title"], 110),
            "publisher": short(row["publisher"], 50),
            "date": short(dated, 30),
            "address": short(row["address"], 150),
        }
        room -= 1 + sum(map(len, entry.values())) // 72
        if room < 0:
            break
        rows.append(entry)
    more = len(ids) - len(rows)
    return {
        "rows": rows,
        "more": say("sheet.sources_more", lang, n=more) if more else "",
        "none": say("sheet.no_sources", lang),
    }
