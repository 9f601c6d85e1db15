"""Tables and sentences for people: names for ids, numbers and dates of the language, lines that fit."""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import click

from amurgeo.text import (
    cell_width,
    chance_text,
    counted,
    dates_in_language,
    inside,
    listing,
    number_text,
    percent_text,
    translate,
    translate_count,
    words,
)

#: Width of a table that is not printed on a terminal, unless COLUMNS has one.
_WIDTH = 100
_GAP = "  "
#: Longer texts without spaces, such as addresses, may break anywhere.
_LONGEST = 40
#: Texts between which a line may break: words, parts of Chinese sentences, and what U+200B separates.
_PARTS = re.compile(r"[^ \u200b][^ \u200b，。；、：）]*[，。；、：）]* *\u200b?")
#: Stands for a space at which no line breaks.
_JOIN = "\ue000"
#: Spaces that join a number with its unit, and a month with its year.
_JOINED = re.compile(r"(?<=\d) (?=[^\W\d])|(?<=[^\W\d]) (?=\d{4}\b(?!-))")
_CROSSING = re.compile(r"\b[a-z]\w*:[a-z_]+\b")
#: How a column is printed: digits of a number or % for a share, kind of its codes, table of its ids.
with Path(__file__).with_name("columns.csv").open(encoding="utf-8", newline="") as _file:
    _COLUMNS = {row["column"]: row for row in csv.DictReader(_file)}
#: Names in the sentence on missing rates.
_MOST_NAMES = 3
#: Width of a range of hours from which on hours are whole.
_WIDE_H = 2.0


def _parts(text: str) -> list[str]:
    """Split a text where a line may break; each part keeps its spaces."""
    parts = []
    for part in _PARTS.findall(_JOINED.sub(_JOIN, text)):
        step = len(part) if cell_width(part.rstrip()) <= _LONGEST else _LONGEST // 2
        parts += [part[start : start + step] for start in range(0, len(part), step)]
    return parts


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines between words; a longer word makes a longer line.

    Examples
    --------
    >>> wrap("closed since 10 February", 12)
    ['closed since', '10 February']
    """
    lines = [""]
    for part in _parts(text):
        if lines[-1] and cell_width(lines[-1] + part.rstrip(" ")) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip(" \u200b").translate({ord(_JOIN): " ", 0x200B: ""}) for line in lines]


def layout(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    right: Container[int] = (),
    spare: Iterable[int] = (),
) -> tuple[list[str], list[str]]:
    """Return the lines of a table at most so wide, and the headings of columns left out.

    Cells break between words only. If the longest words do not fit beside each other, the columns at the
    positions `spare` are left out, then the last ones.

    Examples
    --------
    >>> layout(["Crossing", "h"], [["Heihe port", "7.2"], ["Xunke", "11.9"]], 14, right={1})[0]
    ['Crossing     h', '──────────────', 'Heihe      7.2', 'port', 'Xunke     11.9']
    """
    columns = [[heading, *(row[place] for row in rows)] for place, heading in enumerate(headings)]
    # The width of the longest cell, and of the longest word.
    longest = ([part.rstrip(" ") for text in column for part in _parts(text)] for column in columns)
    least = [max([1, *map(cell_width, parts)]) for parts in longest]
    most = [max([low, *map(cell_width, column[1:])]) for low, column in zip(least, columns, strict=True)]
    shown, missing = list(range(len(headings))), []
    leaving = [*spare, *reversed(shown)]
    while len(shown) > 1 and sum(least[place] + len(_GAP) for place in shown) - len(_GAP) > width:
        place = next(place for place in leaving if place in shown)
        shown.remove(place)
        missing.append(headings[place])
    room = width - len(_GAP) * (len(shown) - 1)
    while sum(most[place] for place in shown) > room:
        place = max(
            (place for place in shown if most[place] > least[place]), key=most.__getitem__, default=-1
        )
        if place < 0:
            break
        most[place] -= 1
    for _ in range(room - sum(most[place] for place in shown)):
        # The heading with most lines gets the room.
        heights = {place: len(wrap(headings[place], most[place])) for place in shown}
        most[max(heights, key=heights.__getitem__)] += 1

    cells = [[wrap(row[place], most[place]) for place in shown] for row in (headings, *rows)]
    widths = [
        max(cell_width(line) for cell in column for line in cell) for column in zip(*cells, strict=True)
    ]
    lines = []
    for row in cells:
        for number in range(max(map(len, row))):
            texts = []
            for place, width, cell in zip(shown, widths, row, strict=True):
                text = cell[number] if number < len(cell) else ""
                blank = " " * (width - cell_width(text))
                texts.append(blank + text if place in right else text + blank)
            lines.append(_GAP.join(texts).rstrip())
    lines.insert(max(map(len, cells[0])), "─" * (sum(widths) + len(_GAP) * (len(shown) - 1)))
    return lines, missing


def terminal_width() -> int:
    """Return the width of the terminal, or what COLUMNS has."""
    return max(20, shutil.get_terminal_size((_WIDTH, 24)).columns)


def sentence_lines(text: str) -> list[str]:
    """Return a text as lines for a terminal, or the width in COLUMNS; one line elsewhere."""
    fits = sys.stdout.isatty() or "COLUMNS" in os.environ
    return wrap(text, terminal_width()) if fits else [text.replace("\u200b", "")]


def shown(text: str, lang: str, names: Mapping[str, str]) -> str:
    """Return a text with names for the ids of crossings, and with numbers and dates of the language.

    Examples
    --------
    >>> shown("a:bridge, 2026-02-10, 7.2 h", "ru", {"a:bridge": "А, мост"})
    'А, мост, 10.02.2026, 7,2 h'
    """
    if names:
        text = _CROSSING.sub(lambda id_: names.get(id_.group(), id_.group()), text)
    return dates_in_language(text, lang) if lang == "ru" else text


def _column(name: str) -> dict[str, str]:
    """Return how a column is printed."""
    return _COLUMNS.get(name, {"digits": "", "codes": "", "ids": ""})


def is_number(name: str) -> bool:
    """Return whether a column has numbers, which are aligned to the right."""
    return name.startswith("cost_") or bool(_column(name)["digits"])


def cell_text(name: str, value: Any, lang: str, place_name: Callable[[str, str], str]) -> str:
    """Return the text of a cell: codes translated, numbers formatted, missing values empty.

    ``place_name`` gives the name of an id in a table.
    """
    if value is None or value != value:
        return ""
    column = _column(name)
    key = f"{column['codes'] or name}.{value}"
    if key in words():
        return translate(key, lang)
    if isinstance(value, list):
        return listing(value, lang)
    if name == "probability_open":
        return chance_text(value)
    if name == "max_mass_t":
        return translate("word.no_vehicles", lang) if value == 0 else f"{value:g}"
    if isinstance(value, str):
        return place_name(column["ids"], value) if column["ids"] else value
    if column["digits"] == "%":
        return percent_text(value, lang)
    digits = "0" if name.startswith("cost_") else column["digits"]
    text = number_text(value, lang, digits=int(digits) if digits else None)
    return f"+{text}" if name == "delta_h" and value > 0 else text


def hours_range(hours: Mapping[str, float]) -> str:
    """Return hours and their range with the digits that the range deserves.

    Examples
    --------
    >>> hours_range({"low": 23.6, "mid": 29.6, "high": 34.8}), hours_range({"low": 2, "mid": 2.3, "high": 3})
    ('30 (24–35)', '2.3 (2.0–3.0)')
    """
    places = 1 if hours["high"] - hours["low"] < _WIDE_H else 0
    low, mid, high = (f"{hours[end]:.{places}f}" for end in ("low", "mid", "high"))
    dash = "–" if hours["low"] >= 0 else " … "
    return f"{mid} ({low}{dash}{high})" if low != high else mid


def rounded(value: float) -> float:
    """Return a number with three significant digits, as many as an estimated sum deserves.

    Examples
    --------
    >>> rounded(72305), rounded(634.2)
    (72300.0, 634.0)
    """
    return float(f"{value:.3g}")


def whole_numbers(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return a row with some of its cells as whole numbers; those without a number stay."""
    return {**row, **{name: None if row[name] is None else round(row[name]) for name in names}}


def runs(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Join consecutive days with the same cells in columns; the probability is the lowest of the days."""
    for key, run in groupby(rows, itemgetter(*columns)):
        days = list(run)
        chances = [day["probability_open"] for day in days if day.get("probability_open") is not None]
        yield {
            **dict(zip(columns, key, strict=True)),
            **{"first": days[0]["date"], "last": days[-1]["date"]},
            "probability_open": min(chances, default=None),
        }


def cost_cell(row: Mapping[str, Any], cost: str, lang: str) -> str | float | None:
    """Return the cost of a row, or the least that an unknown one comes to."""
    least = row["cost_at_least"]
    value: float | None = row[cost]
    if value is not None and value == value:
        return rounded(value)
    return None if least is None or least != least else f"≥ {number_text(rounded(least), lang, digits=0)}"


def print_costs(
    request: Any, state: Any, vehicle: str, rows: Iterable[Mapping[str, Any]], *, empty: bool = False
) -> None:
    """Print unit and years of the costs of a table, what unknown ones lack, and lapsed exchange rates."""
    from amurgeo.routing.money import lapsed_exchange

    rows = list(rows)
    currency = state.net.border.currency
    labels = {part for row in rows for part in row["cost_prices"].split("; ") if part}
    if labels:
        per, prices = request.text(f"per.{rows[0]['cost_per']}"), listing(sorted(labels), request.lang)
        request.say(request.text("word.cost_basis", currency=currency, per=per, prices=prices))
    if empty:
        request.say(request.text("word.cost_empty"))
    lacking: dict[str, dict[str, None]] = {}
    for code in (code for row in rows for code in row["cost_missing"].split(";") if code):
        what, _, name = code.partition(":")
        # Names now, since their commas decide what stands between them.
        name = request.name(state.net.base["ports"], name) if what == "port" else request.shown(name)
        lacking.setdefault(what, {})[name] = None
    parts = []
    for what, names in lacking.items():
        some = listing([*list(names)[:_MOST_NAMES], *["…"][: len(names) - _MOST_NAMES]], request.lang)
        parts.append(request.text(f"missing.{what}", name=some))
    if parts:
        request.say(request.text("word.cost_unknown", missing=request.text("word.semicolon").join(parts)))
    for unit, last in lapsed_exchange(state.net, vehicle, state.on):
        if any(label.startswith(unit) for label in labels):
            request.say(request.text("word.rate_lapsed", unit=unit, date=last.isoformat()))


def about(
    request: Any, title: str, when: Any = None, vehicle: str | None = None, scenario: Any = None, **texts: Any
) -> dict[str, Any]:
    """Return what a file is about; days are one, a list, a year, or a period as a pair.

    Texts may be functions, called only for a file.
    """
    from amurgeo.network import crossing_name
    from amurgeo.scenario import as_scenario
    from amurgeo.seasons.daily import asked_period

    lang, net = request.data_lang, request.net
    names = {id_: crossing_name(net, id_, lang) for id_ in net.base["crossings"].index}
    when = asked_period(None, when, None, None) if isinstance(when, int) else when
    period = isinstance(when, tuple)
    days = [" – ".join(map(str, when))] if period else when if isinstance(when, list) else [when]
    scenarios = (
        scenario if isinstance(scenario, list) else [scenario or as_scenario(None, folder=request.folder)]
    )
    return {
        "question": shown(title, lang, names).replace("\u200b", ""),
        "period" if period else "day": [str(day) for day in days if day is not None],
        "vehicle": [] if vehicle is None else request.name(request.net.base["vehicles"], vehicle),
        "scenario": {item.name: item.title.get(request.data_lang, item.name) for item in scenarios},
        **{name: text() if callable(text) else text for name, text in texts.items()},
    }


def print_comparison(request: Any, result: Any) -> None:
    """Print the answer in sentences, what changes, and a line that counts the rest."""
    for alternative, states in zip(result.alternatives, result.states, strict=True):
        titles = [request.shown(state.title[request.lang]) for state in states]
        findings = result.findings(alternative)
        for number, sentence in enumerate(findings.answer(request.lang)):
            named = number == 0 and len(result.alternatives) > 1
            start = f"{titles[1]}{request.text('word.colon')}" if named else ""
            request.say(f"{start}{inside(sentence) if named else sentence}", bold=number == 0)
        click.echo()
        days = [state.on.isoformat() for state in states]
        if result.period is not None:
            days = [" – ".join(day.isoformat() for day in result.period)] * 2
        parts = [f"{titles[0]}, {days[0]}" if days[0] != days[1] else titles[0], f"{titles[1]}, {days[1]}"]
        title = " → ".join(parts)
        title = title.replace(", ", "，") if request.lang == "zh" else title
        request.say(request.shown(title), bold=True)
        sides = dict(zip(("base", "alt"), titles, strict=True))
        _print_crossings(request, findings, sides)
        _print_pairs(request, result, alternative)
    request.say(request.text("compare.notes", stretch=number_text(result.stretch, request.lang)))


def _print_crossings(request: Any, findings: Any, titles: dict[str, str]) -> None:
    """Print the status, or the days open, of the crossings that change for the vehicle."""
    changed = findings.changed()
    shown = changed if request.everything else changed[changed["home"]]
    columns = [f"{side}_status" for side in titles]
    rows = [[id_, *findings.sides(id_, row, request.lang)] for id_, row in shown.iterrows()]
    if rows:
        request.table("", ["crossing", *columns], rows, **titles)
    if any("≥" in cell for row in rows for cell in row):
        request.say(request.text("compare.cut"))
    if len(shown) < len(changed):
        n = len(changed) - len(shown)
        crossings = counted("crossings", n, request.lang)
        request.say(translate_count("compare.elsewhere", n, request.lang, crossings=crossings))


def _print_pairs(request: Any, result: Any, alternative: str) -> None:
    """Print the pairs that change, those that share a change in one row."""
    from amurgeo.comparison.sentences import group_texts

    groups, lang = result.groups(alternative, everything=request.everything), request.lang
    name = str if request.ids else None
    rows = group_texts(result.net, groups, lang, period=result.period is not None, name=name)
    if rows:
        columns = list(rows[0])
        headings = [request.text(name) for name in columns]
        right = {request.text(name) for name in ("compare.count", "compare.days")}
        request.table("", headings, [[row[name] for name in columns] for row in rows], right=right)
    unchanged = int(result.summary.at[alternative, "unchanged"])
    if unchanged and not request.everything:
        key = "compare.rest" if rows else "compare.rest_all" if unchanged > 1 else "compare.rest_only"
        request.say(request.text(key, pairs=counted("pairs", unchanged, lang)))


def print_redundancy(request: Any, net: Any, frame: Any, year: int, stretch: float) -> None:
    """Print the fewest routes in a sentence, then pairs with the same numbers as one row."""
    from amurgeo.comparison.sentences import places_text

    pair, months = ["origin", "destination"], [str(month) for month in range(1, 13)]
    wide = frame.pivot_table(index=pair, columns="month", values="ways", sort=False).astype(int)
    fewest = int(wide.to_numpy().min())
    among = wide[(wide == fewest).any(axis=1)]
    when = [str(month) for month in wide.columns if (wide[month] == fewest).any()]
    texts = {"n": len(among), "of": len(wide), "months": listing(when, request.lang)}
    key, ways = "fewest" if fewest else "none", counted("ways", fewest, request.lang)
    request.say(request.text(f"redundancy.{key}", ways=ways, year=str(year), **texts), bold=True)
    click.echo()
    keys = [wide.index.get_level_values("destination"), *(wide[month].to_numpy() for month in wide.columns)]
    if request.everything:
        keys.append(wide.index.get_level_values("origin"))
    rows, name = [], str if request.ids else None
    for _, found in wide.groupby(keys, sort=False):
        start = places_text(net, ";".join(found.index.get_level_values("origin")), request.lang, name=name)
        end = places_text(net, found.index[0][1], request.lang, name=name)
        rows.append([f"{start} → {end}", *map(str, found.iloc[0])])
    columns = [request.text("compare.from_to"), *months]
    request.table(request.text("title.redundancy", year=str(year)), columns, rows, right=months)
    request.say(request.text("redundancy.rule", stretch=number_text(stretch, request.lang)))
