"""Content of the report: answer, maps, what changes, assumptions, confidence and sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.comparison.pairs import SIDES
from amurgeo.comparison.sentences import group_texts
from amurgeo.dataset.checks.rows import lapsed
from amurgeo.dataset.schema import ESTIMATE
from amurgeo.figures.printed import in_use
from amurgeo.flows import Queues
from amurgeo.maps import style
from amurgeo.network import at_home, crossing_name, home_names, vehicle_row
from amurgeo.report import pictures
from amurgeo.routing.indicators import indicator_texts
from amurgeo.routing.routes import routes as find_routes
from amurgeo.seasons.daily import period_days
from amurgeo.seasons.evaluation import evaluate, services_of
from amurgeo.text import (
    counted,
    day_text,
    inside,
    listing,
    long_date,
    name_of,
    number_text,
    page_words,
    span_text,
    translate,
    unknown_text,
    word,
)

if TYPE_CHECKING:
    from amurgeo.comparison.compare import Comparison
    from amurgeo.comparison.sentences import Findings
    from amurgeo.network import Network
    from amurgeo.routing.route import Route
    from amurgeo.seasons.state import State

#: Letters of the base and of its alternatives.
LETTERS = "ABCD"
#: Age of the record in days from which it is a warning.
_OLD_DAYS = 30
#: Control and invisible characters.
_CONTROL = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
#: A space between a number and its unit.
_UNIT = re.compile(r"(?<=\d) (?=\w{1,3}\b)")
#: Letters by which a text is in a language.
_LETTERS = {"ru": re.compile("[а-яё]", re.IGNORECASE), "zh": re.compile("[\u4e00-\u9fff]")}
_STATUS_RANK = {"unknown": 0, "closed": 0, "limited": 1, "open": 2}
#: Rows of the tables and sources of a row at most.
_CROSSINGS, _GROUPS, _CITED, _FACTS = 16, 18, 2, 4


def content(result: Comparison, lang: str, besides: Iterable[Any] = ()) -> dict[str, Any]:
    """Return the values of the page template in a language."""
    say = partial(translate, lang=lang)
    cited: Cited = {}
    shown = _shown_states(result)
    cards = _scenario_cards(result, lang)
    tables = [_table(result, name, lang, shown, cited) for name in result.alternatives]
    assumptions = _assumptions(result, lang, cited)
    days = [] if result.period is None else [span_text(*result.period, lang)]
    others, vehicle = list(besides), name_of(vehicle_row(result.net, result.vehicle), lang)
    queues = [each for each in others if isinstance(each, Queues)]
    told = {name: _answer(result, name, queues, lang) for name in result.alternatives}
    said = {text for texts in told.values() for text in texts}
    return {
        "about": say("sheet.about", home=home_names(result.net), far_side=result.net.border.far.name),
        "title": " → ".join(card["title"] for card in cards),
        "scenarios": cards,
        "given": " · ".join([
            say("sheet.vehicle", name=short(inside(vehicle), 60)),
            *days,
        ]),
        "answers": [
            {"letter": letter, "sentences": [short(text, 320) for text in texts]}
            for letter, texts in zip(LETTERS[1:], told.values(), strict=False)
        ],
        "besides": [short(text, 320) for each in others for text in each.sentences(lang) if text not in said],
        "backlogs": [pictures.backlog_picture(each, lang=lang) for each in queues],
        "maps": [
            {"letter": letter, "day": long_date(state.on)[lang],
             "picture": pictures.map_picture(state, lang=lang)}
            for letter, state in zip(LETTERS, shown, strict=False)
        ],
        "legend": pictures.legend(result.net, lang),
        "sample": {
            "points": style.svg_points(style.MODES["ferry"].shape),
            "colour": style.MODES["ferry"].colour,
            "closed": style.COLOURS["closed"],
        },
        "tables": tables,
        "period": result.period is not None,
        # The maps of a fourth scenario leave no room for it.
        "route": _route(result, shown, lang) if len(result.states) < 3 else None,
        "years": _years(shown, lang),
        "assumptions": assumptions,
        "confidence": _confidence(result, shown, lang),
        "sources": [
            {"of": say("word.semicolon").join(things), **source_text(result.net.sources.loc[id_], lang)}
            for id_, things in cited.items()
        ],
        "record_until": say("word.record_until", date=day_text(result.net.record_until, lang)),
    }  # fmt: skip


def _answer(result: Comparison, name: str, queues: Sequence[Queues], lang: str) -> list[str]:
    """Return the answer on an alternative: its queue, where there is one, then the hours without it."""
    told = result.findings(name).answer(lang, backlog=not queues)
    waits = [
        text
        for each in queues
        if name in {scenario.name for scenario in each.scenarios}
        for text in each.sentences(lang, alternative=name)[:-1]
    ]
    return [*waits, translate("sheet.without_queue", lang, text=told[0]), *told[1:]] if waits else told


def short(text: object, most: int) -> str:
    r"""Return text on one line without control characters, its units kept with their numbers.

    Longer than a maximum it ends after a word.

    Examples
    --------
    >>> short("a\nb", 10), short("abc defg", 6), short("abcdef", 4)
    ('a b', 'abc…', 'abc…')
    """
    line = _UNIT.sub("\u00a0", re.sub("  +", " ", _CONTROL.sub(" ", str(text))).strip())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:") + "…"


def _crossing(result: Comparison, crossing: str, lang: str) -> str:
    """Return the name of a crossing, which a scenario may have added."""
    nets = (state.net for states in result.states for state in states)
    net = next(net for net in nets if crossing in net.base["crossings"].index)
    return short(crossing_name(net, crossing, lang), 60)


def _scenario_cards(result: Comparison, lang: str) -> list[dict[str, str]]:
    """Return letter, title, date and purpose of every scenario."""
    bases = {base.on for base, _ in result.states}
    states = [result.states[0][0], *(alt for _, alt in result.states)]
    cards = []
    for letter, state in zip(LETTERS, states, strict=False):
        dated = not result.period and (letter != "A" or len(bases) == 1)
        about = "" if "+" in state.scenario.name else state.scenario.description.get(lang, "")
        cards.append({
            "letter": letter,
            # No line is to break in a date.
            "title": re.sub(r"(?<=\d)-(?=\d)", "-\u2060", short(state.title[lang], 200)),
            "day": long_date(state.on)[lang] if dated else "",
            # A combined scenario has the description of one of its parts only.
            "about": short(about, 240 if len(states) < 3 else 90),
        })  # fmt: skip
    return cards


def _shown_states(result: Comparison) -> tuple[State, State]:
    """Return the states on the maps: those of the date, or of a day on which the change shows."""
    base, alt = result.states[0]
    if result.period is None:
        return base, alt
    day = _shown_day(result)
    return result.net.state(day, scenario=base.scenario), result.net.state(day, scenario=alt.scenario)


def _shown_day(result: Comparison) -> date:
    """Return the middle one of the days on which the home service differs whose days change most.

    Seasons that the period cuts come last: their days depend on the period.
    """
    findings, days = result.findings(), period_days(*result.period or ())
    rows = findings.changed().assign(cut=lambda rows: _cut(findings, rows))
    if rows.empty:
        # The change is about the other kind of traffic.
        rows = result.changed(result.alternatives[0]).droplevel("traffic").assign(home=True, cut=False)
    rows = rows.assign(size=(rows["base_days"] - rows["alt_days"]).abs())
    order = rows.sort_values(["home", "cut", "size"], ascending=[False, True, False])
    differs = np.zeros(len(days), dtype=int)
    for key in services_of(result.states[0][1].net):
        if key[0] in order.index[:1]:
            known = [(state, services_of(state.net).get(key)) for state in result.states[0]]
            sides = [evaluate(at.net, at.scenario, days, [one])[0].open for at, one in known if one]
            differs += sides[0] != sides[-1] if len(sides) == 2 else sides[0]
    found = np.flatnonzero(differs == differs.max())
    day: date = days[found[len(found) // 2]].item()
    return day


def _cut(findings: Findings, rows: pd.DataFrame) -> list[bool]:
    """Return at which crossings the period cuts a season."""
    return [any(findings.is_cut(str(crossing), side) for side in SIDES) for crossing in rows.index]


def _years(shown: Sequence[State], lang: str) -> list[dict[str, Any]]:
    """Return the calendar of each world that is compared; regimes of one world share a calendar."""
    years: dict[tuple[Any, ...], dict[str, Any]] = {}
    for state in shown:
        scenario, year = state.scenario, state.on.year
        key = (year, scenario.world, tuple(map(str, scenario.changes)))
        if key in years:
            continue
        key_of = "sheet.present" if scenario.world is None else "sheet.world"
        world = translate(key_of, lang, year=scenario.world)
        world = short(state.title[lang], 120) if scenario.changes else world
        rows, bars = pictures.year_picture(state, lang=lang)
        years[key] = {
            "title": translate("sheet.year", lang, year=year, what=world, home=home_names(state.net)),
            "rows": rows,
            "bars": bars,
            "empty": translate("sheet.empty_year", lang, year=year),
            "months": [(month, pd.Period(f"{year}-{month}").days_in_month) for month in range(1, 13)],
        }
    return list(years.values())


def _route(result: Comparison, shown: Sequence[State], lang: str) -> dict[str, Any] | None:
    """Return the fastest route of the pair that the answer is about, in the base and the alternative.

    Hours and costs against distance are pictures; the indicators are rows with a text for each scenario.
    """
    say, pair = partial(translate, lang=lang), result.findings().example()
    ends = (str(pair["origin"]), str(pair["destination"]))
    routes: dict[str, Route] = {}
    for letter, state in zip(LETTERS, shown, strict=False):
        asked = {"on": state.on, "scenario": state.scenario, "vehicle": result.vehicle, **result.how}
        if found := find_routes(result.net, *ends, k=1, **asked).routes:
            routes[letter] = found[0]
    if not routes:
        return None
    profiles, texts, by = {}, {}, []
    for letter, route in routes.items():
        profiles[letter], texts[letter] = route.profile(), indicator_texts(route, lang)
        by.append(f"{letter} – {listing([_crossing(result, id_, lang) for id_ in route.crossings], lang)}")
    names = dict.fromkeys(name for values in texts.values() for name in values)
    n = sum(int(route.indicators()["n"].max()) for route in routes.values())
    start, end = (short(name_of(result.net.nodes.loc[id_], lang), 40) for id_ in ends)
    pictured = {"hours": say("figure.hours"), "cost": say("head.cost", currency=result.net.border.currency)}
    return {
        "title": say("sheet.route", start=start, end=end),
        "letters": list(texts),
        "pictures": [
            (title, pictures.profile_picture(profiles, name, lang=lang)) for name, title in pictured.items()
        ],
        "rows": [(name, [texts[letter].get(name, "–") for letter in texts]) for name in names],
        "note": say("sheet.strokes", by=say("word.semicolon").join(by)),
        "indicators": say("sheet.indicators", n=n),
    }


Cited = dict[str, dict[str, None]]


def _cite(cited: Cited, ids: Iterable[str], of: str) -> list[int]:
    """Return the numbers of sources, which support a thing; estimates have none."""
    ids = [id_ for id_ in dict.fromkeys(ids) if id_ != ESTIMATE]
    for id_ in ids:
        cited.setdefault(id_, {})[of] = None
    return sorted(list(cited).index(id_) + 1 for id_ in ids)


def _table(
    result: Comparison, name: str, lang: str, shown: tuple[State, State], cited: Cited
) -> dict[str, Any]:
    """Return what one alternative changes: crossings of the vehicle's traffic, and groups of pairs."""
    position = result.alternatives.index(name)
    findings, traffic = result.findings(name), vehicle_row(result.net, result.vehicle)["traffic"]
    states = shown if position == 0 else result.states[position]
    changed = findings.changed()
    if len(result.states) > 1:
        # Several alternatives share the space of one.
        changed = changed[changed["home"]]
    if result.period is not None:
        # Days that the period cuts come last.
        changed = changed.iloc[np.lexsort((_cut(findings, changed), ~changed["home"]))]
    rows: list[dict[str, Any]] = []
    most = _CITED if len(result.states) == 1 else 1
    for crossing, row in changed[: _CROSSINGS // len(result.states)].iterrows():
        title = _crossing(result, str(crossing), lang)
        listed = [state.crossings["sources"].get((crossing, traffic), [])[:most] for state in states]
        known = [id_ for ids in listed for id_ in ids if id_ in result.net.sources.index]
        numbers = _cite(cited, known, title)
        rows.append({"name": title, "cells": _cells(row, findings, str(crossing), lang), "sources": numbers})
    groups = group_texts(result.net, result.groups(name), lang, period=result.period is not None)
    for texts in groups:
        if crossing := texts.get("compare.now_by"):
            texts["compare.now_by"] = _crossing(result, crossing, lang)
    unchanged, most = int(result.summary.at[name, "unchanged"]), _GROUPS // len(result.states)
    key = "sheet.rest" if groups else "sheet.rest_all" if unchanged > 1 else "compare.rest_only"
    return {
        "letter": LETTERS[position + 1],
        "rows": rows,
        "more": _more(len(changed) - len(rows), lang),
        "cut": any("≥" in text for row in rows for text, _ in row["cells"]),
        "groups": groups[:most],
        "more_groups": _more(len(groups) - most, lang),
        "rest": translate(key, lang, pairs=counted("pairs", unchanged, lang)) if unchanged else "",
    }


def _more(n: int, lang: str) -> str:
    return translate("sheet.and_more", lang, n=n) if n > 0 else ""


def _cells(row: pd.Series, findings: Findings, crossing: str, lang: str) -> list[tuple[str, str]]:
    """Return the status or days open in both scenarios, with whether it gets better or worse."""
    if findings.period is None:
        before, after = (_STATUS_RANK[row[f"{side}_status"]] for side in SIDES)
    else:
        before, after = (row[f"{side}_days"] for side in SIDES)
    kinds = ("same", "worse" if after < before else "better" if after > before else "same")
    return list(zip(findings.sides(crossing, row, lang), kinds, strict=True))


def _assumptions(result: Comparison, lang: str, cited: Cited) -> list[dict[str, Any]]:
    """Return the assumptions with the numbers of their sources: regimes, speeds, border hours, the rule."""
    say = partial(translate, lang=lang)
    scenarios = [result.states[0][0].scenario, *(alt.scenario for _, alt in result.states)]
    texts: list[tuple[str, list[int]]] = []
    if regimes := [letter for letter, each in zip(LETTERS, scenarios, strict=False) if each.regime]:
        texts.append((say("sheet.regime", name=", ".join(regimes)), []))
    texts += [*_speeds(result, lang, cited), *_border_hours(result, lang, cited)]
    rules = (say("compare.notes", stretch=number_text(result.stretch, lang)), say("sheet.expected"))
    texts += [(text, []) for text in rules]
    return [{"text": text, "sources": sources} for text, sources in texts]


def _speeds(result: Comparison, lang: str, cited: Cited) -> list[tuple[str, list[int]]]:
    """Return the speeds on asphalt by class of road."""
    speeds = result.net.base["speeds"].reset_index()
    speeds = speeds[(speeds["vehicle"] == result.vehicle) & (speeds["surface"] == "asphalt")]
    by_class = speeds.drop_duplicates("class").set_index("class")
    if by_class.empty:
        return []
    kmh = by_class["speed_kmh"].to_dict()
    classes = {class_: page_words()[f"road.{class_}"][lang] for class_ in style.ROADS if class_ in kmh}
    texts = [f"{name} {_short_number(kmh[class_], lang)}" for class_, name in classes.items()]
    levels = sorted(set(by_class["confidence"]))
    confidence = listing((translate(f"confidence.{name}", lang) for name in levels), lang)
    text = translate("sheet.speeds", lang, speeds=listing(texts, lang), confidence=confidence)
    return [(text, _cite(cited, by_class["source"], translate("sheet.of_speeds", lang)))]


def _border_hours(result: Comparison, lang: str, cited: Cited) -> list[tuple[str, list[int]]]:
    """Return the border hours of the three crossings that most pairs use."""
    services = result.net.base["services"]
    traffic = vehicle_row(result.net, result.vehicle)["traffic"]
    used = pd.concat([result.pairs["base_crossing"], result.pairs["alt_crossing"]]).value_counts().index
    texts = []
    for crossing in [id_ for id_ in used if (id_, traffic) in services.index][:3]:
        row, title = services.loc[(crossing, traffic)], _crossing(result, crossing, lang)
        both = [row["border_h_out"], row["border_h_in"]]
        hours = ["?" if pd.isna(value) else _short_number(value, lang) for value in both]
        values = {
            "crossing": title,
            "control": " / ".join(dict.fromkeys(hours)),
            "wait": _short_number(0.0 if pd.isna(row["wait_h"]) else row["wait_h"], lang),
            "confidence": translate(f"confidence.{row['times_confidence']}", lang),
        }
        texts.append((translate("sheet.border", lang, **values), _cite(cited, [row["times_source"]], title)))
    return texts


def _short_number(value: float, lang: str) -> str:
    return number_text(value, lang, digits=int(value % 1 > 0))


def lapsed_text(net: Network, on: date, lang: str) -> str:
    """Return the sentence on facts that are no longer valid on a date, or nothing.

    The printed pages have no sums of money, so a lapsed exchange rate does not concern them.
    """
    base, facts = net.base, []
    for _, _, key, last in lapsed({name: table for name, table in base.items() if name != "rates"}, on):
        fact = word(f"fact.{key}", lang, short(key, 60))
        facts.append(translate("sheet.held", lang, fact=fact, last=day_text(last, lang)))
    facts = [*facts[:_FACTS], *filter(None, [_more(len(facts) - _FACTS, lang)])]
    listed = translate("word.semicolon", lang).join(facts)
    return translate("sheet.lapsed", lang, day=day_text(on, lang), facts=listed) if facts else ""


def old_texts(net: Network, on: date, lang: str) -> list[str]:
    """Return the sentence on a record that ends long before a date, if it does."""
    age = (on - net.record_until).days
    values = {"date": day_text(net.record_until, lang), "days": counted("days", age, lang)}
    return [translate("brief.old", lang, **values)] if age > _OLD_DAYS else []


def _confidence(result: Comparison, shown: Sequence[State], lang: str) -> list[dict[str, Any]]:
    """Return how reliable the answer is; the age of the record is an alarm."""
    say = partial(translate, lang=lang)
    net, last_day = result.net, max(state.on for state in shown)
    alarms = old_texts(net, last_day, lang)
    evidence = []
    for state in shown:
        shown_rows = at_home(state.net, state.crossings["checkpoint"]) & in_use(state)
        evidence += state.crossings.loc[shown_rows, "evidence"].tolist()
    texts = [
        *alarms,
        say("sheet.basis", n=len(evidence), observed=evidence.count("observed")),
        lapsed_text(net, last_day, lang),
        unknown_text(result.unknown, lang) if result.unknown else "",
    ]
    return [{"text": text, "alarm": text in alarms} for text in texts if text]


def source_text(row: Any, lang: str) -> dict[str, str]:
    """Return publisher and date of a source, and its title in the language, else its address."""
    date, title = str(row["published"] or row["retrieved"]), str(row["title"])
    if lang == "ru":
        date = ".".join(reversed(date.split("-")))
    readable = lang == "en" or _LETTERS[lang].search(title) is not None
    address = str(row["address"] or "").partition("://")[2]
    found = title if readable or not address else address
    return {"publisher": short(row["publisher"], 50), "date": date, "found": short(found, 80)}


def spans_of(stops: str | None) -> list[tuple[str, str]]:
    """Return first and last day of each stop in a cell of a briefing."""
    spans = (span.split("..") for span in (stops or "").split(";") if span)
    return [(first, last) for first, last in spans]
