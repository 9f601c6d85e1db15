"""Content of the report: question, answer, tables, assumptions, confidence and sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.checks.provenance import ESTIMATE, lapsed, sums
from amurgeo.maps import style
from amurgeo.network import crossing_name, home_names, vehicle_row
from amurgeo.report import pictures
from amurgeo.seasons.daily import calendar, period_days, series
from amurgeo.text import long_date, name_of, page_words, translate, unknown_text, words

if TYPE_CHECKING:
    from amurgeo.comparison.compare import Comparison
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

#: Letters of the base and of its alternatives.
LETTERS = "ABCD"
#: Control and invisible characters.
_CONTROL = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_STATUS_RANK = {"unknown": 0, "closed": 0, "limited": 1, "open": 2}
_CHANGES = ("lost", "gained", "slower", "faster", "same")
_CHANGE_KIND = {"lost": "worse", "slower": "worse", "gained": "better", "faster": "better"}
#: Cell of a crossing without that kind of traffic.
_NO_SERVICE = {"text": "–", "kind": "same"}


def content(result: Comparison, lang: str) -> dict[str, Any]:
    """Return the values of the page template in a language."""
    say = partial(translate, lang=lang)
    border = result.net.border
    day, shown = _shown_states(result)
    years = _years(shown, lang)
    cards = _scenario_cards(result, lang)
    titles = [card["title"] for card in cards]
    alternatives = f" {say('sheet.or')} ".join(card["letter"] for card in cards[1:])
    vehicle = short(name_of(vehicle_row(result.net, result.vehicle), lang), 60)
    dates = [] if result.period is None else [" – ".join(long_date(end)[lang] for end in result.period)]
    ferry = style.MODES["ferry"]
    # Two crossings in a cell take two lines.
    most = 9 if len(years) > 1 or len(result.states) > 2 else 13
    return {
        "lang": lang,
        "about": say("sheet.about", home=home_names(result.net), far_side=border.far.name),
        "title": f"{titles[0]} → {' / '.join(titles[1:])}",
        "scenarios": cards,
        "asks": say("sheet.asks", alternatives=alternatives),
        "given": " · ".join([say("sheet.vehicle", name=vehicle), *dates]),
        "days": result.period is not None,
        "answers": _answers(result, lang),
        "ways_note": say("sheet.ways_note", stretch=_local(result.stretch, lang)),
        "maps": [
            {
                "letter": letter,
                "day": long_date(state.on)[lang],
                "picture": pictures.map_picture(state, lang=lang),
            }
            for letter, state in zip(LETTERS, shown, strict=False)
        ],
        "map_note": say("sheet.map_day", day=long_date(day)[lang]) if result.period else "",
        "legend": pictures.legend(result.net, lang),
        "sample": {
            "points": style.svg_points(ferry.shape),
            "colour": ferry.colour,
            "closed": style.COLOURS["closed"],
        },
        "changes": _changes_table(result, lang),
        "pairs": _pair_tables(result, lang, most=most // len(result.states)),
        "years": years,
        "assumptions": _assumptions(result, lang),
        "confidence": _confidence(result, shown, lang),
        "sources": _sources(result, shown, lang),
        "record_until": say("word.record_until", date=_local(result.net.record_until, lang)),
    }


def short(text: object, most: int) -> str:
    r"""Return text on one line without control characters, cut to a maximum length.

    Examples
    --------
    >>> short("a\nb", 10), short("abcdef", 4)
    ('a b', 'abc…')
    """
    line = re.sub("  +", " ", _CONTROL.sub(" ", str(text))).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _local(value: date | float, lang: str, form: str = "g") -> str:
    """Return a date or a number as a language writes it."""
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}" if lang == "ru" else value.isoformat()
    return format(value, form).replace(".", "," if lang == "ru" else ".")


def _crossing(result: Comparison, crossing: str, lang: str) -> str:
    """Return the name of a crossing, which a scenario may have added."""
    nets = [state.net for states in result.states for state in states]
    net = next((net for net in nets if crossing in net.base["crossings"].index), result.net)
    return short(crossing_name(net, crossing, lang), 45)


def _used_crossings(result: Comparison) -> pd.Series:
    return pd.concat([result.pairs["base_crossing"], result.pairs["alt_crossing"]]).dropna()


# -- question and answer -------------------------------------------------------------------------------------


def _lettered(result: Comparison) -> list[tuple[str, Scenario]]:
    """Return the letter of every scenario, the base first."""
    scenarios = [result.states[0][0].scenario, *(alt.scenario for _, alt in result.states)]
    return list(zip(LETTERS, scenarios, strict=False))


def _scenario_cards(result: Comparison, lang: str) -> list[dict[str, str]]:
    """Return letter, title, date and purpose of every scenario."""
    base_days = {base.on for base, _ in result.states}
    days = [base_days.pop() if len(base_days) == 1 else None, *(alt.on for _, alt in result.states)]
    most = 150 if len(days) < 3 else 90
    return [
        {
            "letter": letter,
            "title": short(scenario.title.get(lang) or scenario.name, 90),
            "day": "" if day is None or result.period else long_date(day)[lang],
            # A combined scenario has the description of one of its parts only.
            "about": "" if "+" in scenario.name else short(scenario.description.get(lang, ""), most),
        }
        for (letter, scenario), day in zip(_lettered(result), days, strict=True)
    ]


def _answers(result: Comparison, lang: str) -> list[dict[str, Any]]:
    """Return the sentences and counts of each alternative; several share the space of one."""
    most = {1: 5, 2: 3, 3: 2}[len(result.states)]
    answers = []
    for letter, name in zip(LETTERS[1:], result.alternatives, strict=False):
        sentences = [short(sentence, 320) for sentence in result.sentences(lang, alternative=name)[:most]]
        counts = result.summary.loc[[name]].iloc[0][[*_CHANGES, "pairs"]].astype(int)
        answers.append(
            {
                "letter": letter,
                "sentences": sentences or [translate("sheet.nothing", lang)],
                "counts": short(translate("word.summary", lang, **counts.to_dict()), 200),
            }
        )
    return answers


# -- dates and years -----------------------------------------------------------------------------------------


def _shown_states(result: Comparison) -> tuple[date, tuple[State, State]]:
    """Return the states on the maps: those of the date, or of the day on which they differ most."""
    base, alt = result.states[0]
    if result.period is None:
        return alt.on, (base, alt)
    days = period_days(*result.period)
    base_days, alt_days = (series(result.net, state.scenario, days).to_frame() for state in (base, alt))
    keys = ["date", "crossing", "traffic"]
    both = base_days.merge(alt_days, on=keys, how="outer", suffixes=("_base", "_alt"), sort=True)
    checkpoint = alt.net.base["crossings"]["checkpoint"].reindex(both["crossing"])
    region = alt.net.base["checkpoints"]["region"].reindex(checkpoint)
    at_home = region.isin(alt.net.border.home.regions).to_numpy()
    # Home crossings outweigh all others.
    differs = (both["status_base"] != both["status_alt"]) * (1.0 + 1000.0 * at_home)
    day = differs.groupby(both["date"]).sum().idxmax().date()
    return day, (
        result.net.state(day, scenario=base.scenario),
        result.net.state(day, scenario=alt.scenario),
    )


def _years(shown: Sequence[State], lang: str) -> list[dict[str, Any]]:
    """Return the calendar of each world that is compared; regimes of one world share a calendar."""
    years: dict[tuple[Any, ...], dict[str, Any]] = {}
    for state in shown:
        scenario = replace(state.scenario, day=None, regime=None)
        year = state.on.year
        key = (year, scenario.world, tuple(map(str, scenario.changes)))
        if key in years:
            continue
        if scenario.changes:
            world = short(scenario.title.get(lang) or scenario.name, 70)
        elif scenario.world is not None:
            world = translate("sheet.world", lang, year=scenario.world)
        else:
            world = translate("sheet.present", lang)
        days = calendar(state.net, year, scenario=scenario)
        rows, picture = pictures.year_picture(state.net, days, year=year, lang=lang)
        years[key] = {
            "title": translate("sheet.year", lang, year=year, what=world, home=home_names(state.net)),
            "rows": rows,
            "picture": picture,
            "empty": translate("sheet.empty_year", lang, year=year),
            "months": [
                (month, pd.Period(year=year, month=month, freq="M").days_in_month) for month in range(1, 13)
            ],
        }
    return list(years.values())


# -- tables --------------------------------------------------------------------------------------------------


def _changes_table(result: Comparison, lang: str) -> dict[str, Any]:
    """Return the crossings that open or close, home crossings first, cargo beside passengers."""
    say = partial(translate, lang=lang)
    region = result.net.base["checkpoints"]["region"]
    changed = pd.concat([result.changed(name) for name in result.alternatives]).reset_index()
    changed = changed.drop_duplicates("crossing", keep="last")
    abroad = ~changed["checkpoint"].map(region).isin(result.net.border.home.regions)
    crossings = changed.loc[abroad.sort_values(kind="stable").index, "crossing"].tolist()
    single = len(result.states) == 1
    services = result.crossings.reset_index().set_index(["crossing", "alternative", "traffic"])
    rows = []
    for crossing in crossings[: 16 if single else 8]:
        keys = [
            (crossing, name, traffic) for name in result.alternatives for traffic in ("cargo", "passenger")
        ]
        cells = [
            _change_cell(services.loc[key], result, lang) if key in services.index else _NO_SERVICE
            for key in keys
        ]
        rows.append({"name": _crossing(result, crossing, lang), "cells": cells})
    title = say("sheet.changes")
    if result.period is not None:
        title = say("sheet.changes_days", period=" – ".join(_local(day, lang) for day in result.period))
    half = (len(rows) + 1) // 2
    halves = [rows[:half], rows[half:]] if single else [rows]
    more = len(crossings) - len(rows)
    return {
        "title": title,
        "halves": [part for part in halves if part],
        "letters": list(LETTERS[1 : 1 + len(result.states)]),
        "more": say("sheet.and_more", n=more) if more else "",
        "none": say("sheet.no_change"),
    }


def _change_cell(row: pd.Series, result: Comparison, lang: str) -> dict[str, str]:
    """Return the text of a service in both scenarios, and whether it gets better or worse."""
    if result.period is not None:
        before, after = int(row["base_days"]), int(row["alt_days"])
        texts = [str(before), translate("word.days", lang, n=after)]
    else:
        sides = [str(row[name]) for name in ("base_status", "alt_status")]
        before, after = (_STATUS_RANK[side] for side in sides)
        texts = [translate(f"status.{side}", lang) for side in sides]
    if before == after:
        return {"text": texts[1], "kind": "same"}
    # Several alternatives share the width: each has only its result.
    text = " → ".join(texts) if len(result.states) == 1 else f"→ {texts[1]}"
    return {"text": text, "kind": "worse" if after < before else "better"}


def _pair_tables(result: Comparison, lang: str, *, most: int) -> list[dict[str, Any]]:
    """Return the pairs of each alternative that change most."""
    nodes = result.net.nodes
    tables = []
    for letter, name in zip(LETTERS[1:], result.alternatives, strict=False):
        pairs = ranked_pairs(result.pairs[result.pairs["alternative"] == name], result.net)
        rows = [_pair_row(row, nodes, result, lang) for row in pairs.head(most).to_dict("records")]
        tables.append({"letter": letter, "title": translate("sheet.pairs", lang, alt=letter), "rows": rows})
    return tables


def ranked_pairs(pairs: pd.DataFrame, net: Network) -> pd.DataFrame:
    """Sort pairs by kind of change, then by its size times population; keep one direction of each pair."""
    population = net.nodes["population"].where(net.nodes["region"].isin(net.border.home.regions))
    people = pairs[["origin", "destination"]].apply(lambda ends: ends.map(population)).max(axis=1)
    fewer = (pairs["base_ways"] - pairs["alt_ways"]).abs()
    kind = pairs["change"].map({"lost": 0, "gained": 0, "slower": 1, "faster": 1})
    kind = kind.fillna((fewer == 0) + 2)
    size = pd.Series(1.0, index=pairs.index).where(kind != 1, pairs["delta_h"].abs()).where(kind != 2, fewer)
    weight = people.fillna(0.0).clip(lower=1.0) * size.fillna(0.0)
    return (
        pairs.assign(
            kind=kind,
            weight=-weight.round(3),
            pair=[" ".join(sorted(ends)) for ends in zip(pairs["origin"], pairs["destination"], strict=True)],
        )
        .sort_values(["kind", "weight"], kind="stable")
        .drop_duplicates("pair")
    )


def _pair_row(row: Mapping[Any, Any], nodes: pd.DataFrame, result: Comparison, lang: str) -> dict[str, Any]:
    crossings = [row[side] for side in ("base_crossing", "alt_crossing") if isinstance(row[side], str)]
    names = [_crossing(result, crossing, lang) for crossing in dict.fromkeys(crossings)]
    ends = " – ".join(name_of(nodes.loc[row[end]], lang) for end in ("origin", "destination"))
    change = translate(f"change.{row['change']}", lang)
    if result.period is not None and row["change"] != "same":
        change += f", {translate('word.days', lang, n=int(row['days_' + row['change']]))}"
    delta = _local(row["delta_h"], lang, "+.1f").replace("-", "\u2212")
    return {
        "name": short(ends, 60),
        "hours": [
            "–" if pd.isna(row[side]) else _local(row[side], lang, ".1f") for side in ("base_h", "alt_h")
        ],
        "delta": "–" if pd.isna(row["delta_h"]) else delta[1:] if delta[1:] in ("0.0", "0,0") else delta,
        "ways": [str(int(row[side])) for side in ("base_ways", "alt_ways")],
        "by": " → ".join(names) or "–",
        "change": change,
        "kind": _CHANGE_KIND.get(row["change"], "same"),
    }


# -- assumptions, confidence, sources ------------------------------------------------------------------------


def _assumptions(result: Comparison, lang: str) -> list[str]:
    """Return the assumptions: changes, regimes, speeds, border hours, and the rule for expected days."""
    say = partial(translate, lang=lang)
    texts = []
    for letter, scenario in _lettered(result):
        changes = [short(change, 70) for change in scenario.changes[:4]]
        if len(scenario.changes) > len(changes):
            changes.append(say("sheet.and_more", n=len(scenario.changes) - len(changes)))
        if changes:
            texts.append(say("sheet.changed", name=letter, changes="; ".join(changes)))
    if regimes := [letter for letter, scenario in _lettered(result) if scenario.regime]:
        texts.append(say("sheet.regime", name=", ".join(regimes)))
    texts += [_speeds(result, lang), _border_hours(result, lang), say("sheet.expected")]
    return [text for text in texts if text]


def _speeds(result: Comparison, lang: str) -> str:
    """Return the speeds on asphalt by class of road."""
    speeds = result.net.base["speeds"].reset_index()
    speeds = speeds[(speeds["vehicle"] == result.vehicle) & (speeds["surface"] == "asphalt")]
    by_class = speeds.drop_duplicates("class").set_index("class")
    if by_class.empty:
        return ""
    texts = [
        f"{page_words()[f'road.{class_}'][lang]} {by_class.at[class_, 'speed_kmh']:g}"
        for class_ in style.ROADS
        if class_ in by_class.index
    ]
    confidence = [translate(f"confidence.{name}", lang) for name in sorted(set(by_class["confidence"]))]
    return translate("sheet.speeds", lang, speeds=", ".join(texts), confidence=", ".join(confidence))


def _border_hours(result: Comparison, lang: str) -> str:
    """Return the border hours of the three crossings that most pairs use."""
    services = result.net.base["services"]
    traffic = vehicle_row(result.net, result.vehicle)["traffic"]
    used = _used_crossings(result).value_counts(sort=True).index
    texts = []
    for crossing in [id_ for id_ in used if (id_, traffic) in services.index][:3]:
        row = services.loc[(crossing, traffic)]
        wait = "" if pd.isna(row["wait_h"]) or not row["wait_h"] else f" + {_local(row['wait_h'], lang)}"
        hours = [row["border_h_out"], row["border_h_in"]]
        text = " / ".join("?" if pd.isna(control) else f"{_local(control, lang)}{wait}" for control in hours)
        confidence = translate(f"confidence.{row['times_confidence']}", lang)
        texts.append(f"{_crossing(result, crossing, lang)} {text} ({confidence})")
    if not texts:
        return ""
    sides = {"home_side": result.net.border.home.name, "far_side": result.net.border.far.name}
    return translate("sheet.border", lang, times="; ".join(texts), **sides)


def _confidence(result: Comparison, shown: Sequence[State], lang: str) -> list[dict[str, Any]]:
    """Return how reliable the answer is, with an alarm for facts that have lapsed."""
    say = partial(translate, lang=lang)
    base, last_day = result.net.base, max(state.on for state in shown)
    facts = []
    # The report has no sums of money, so a lapsed exchange rate does not concern it.
    for _, _, key, last in lapsed({**base, "rates": base["rates"].iloc[:0]}, last_day):
        fact = say(f"fact.{key}") if f"fact.{key}" in words() else short(key, 60)
        facts.append(say("sheet.held", fact=fact, last=_local(last, lang)))
    if len(facts) > 4:
        facts = [*facts[:4], say("sheet.and_more", n=len(facts) - 4)]
    alarm = "sheet.lapsed" if facts else "sheet.no_lapsed"
    texts = [say(alarm, day=long_date(last_day)[lang], facts="; ".join(facts))]
    for letter, state in zip(LETTERS, shown, strict=False):
        basis, sure = (_counts(state.crossings[name], name, lang) for name in ("evidence", "confidence"))
        services = say("sheet.basis", name=letter, day=long_date(state.on)[lang], counts=basis)
        texts.append(f"{services} {say('sheet.sure', counts=sure)}")
    totals = sums(base, base, on=last_day)
    share, n = f"{100.0 * totals['estimated_share']:.0f}", f"{totals['values']:,}".replace(",", "\u202f")
    texts.append(say("sheet.estimates", share=share, n=n))
    if result.unknown:
        texts.append(unknown_text(result.unknown, lang))
    texts.append(say("sheet.beyond", date=_local(result.net.record_until, lang)))
    return [{"text": text, "alarm": bool(facts) and position == 0} for position, text in enumerate(texts)]


def _counts(values: pd.Series, prefix: str, lang: str) -> str:
    counts = values.value_counts()
    order = sorted(counts.index, key=lambda name: (-counts[name], name))
    return ", ".join(f"{translate(f'{prefix}.{name}', lang)} {counts[name]}" for name in order)


def _sources(result: Comparison, shown: Sequence[State], lang: str) -> dict[str, Any]:
    """Return the sources of the answer, most cited first, as many as fit."""
    say = partial(translate, lang=lang)
    net = result.net
    changed = set(pd.concat([result.changed(name) for name in result.alternatives]).index)
    used = set(_used_crossings(result))
    region = net.base["checkpoints"]["region"]
    cited: Counter[str] = Counter()
    for state in shown:
        for key, row in state.crossings.iterrows():
            if key in changed or key[0] in used:
                weight = 10 if region.get(row["checkpoint"]) in net.border.home.regions else 1
                cited.update(dict.fromkeys(row["sources"], weight))
    services = net.base["services"]
    services = services[services.index.get_level_values("crossing").isin(used)]
    speeds = net.base["speeds"]
    cited.update([*services["source"], *services["times_source"]])
    cited.update([vehicle_row(net, result.vehicle)["source"]])
    cited.update(set(speeds["source"][speeds.index.get_level_values("vehicle") == result.vehicle]))
    known = [id_ for id_ in cited if id_ != ESTIMATE and id_ in net.sources.index]
    rows: list[dict[str, str]] = []
    # Lines in both columns.
    room = 22 if len(result.states) == 1 else 12
    for id_ in sorted(known, key=lambda id_: (-cited[id_], id_)):
        row = net.sources.loc[id_]
        dated = str(row["published"] or "") or say("sheet.retrieved", date=row["retrieved"])
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
    more = len(known) - len(rows)
    return {
        "rows": rows,
        "more": say("sheet.sources_more", n=more) if more else "",
        "none": say("sheet.no_sources"),
    }
