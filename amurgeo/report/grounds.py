"""What the sheet's answer rests on: assumptions, how sure it is, lapsed facts, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.provenance import ESTIMATE, lapsed, sums
from amurgeo.maps import files
from amurgeo.network import OBLAST
from amurgeo.report.names import LETTERS, crossing, short
from amurgeo.text import translate, words

if TYPE_CHECKING:
    from amurgeo.comparison.compare import Comparison
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State

_CLASSES = ("motorway", "trunk", "primary", "secondary", "street", "winter", "ice")


def assumptions(result: Comparison, lang: str) -> list[str]:
    """Return what is taken for granted: changes, speeds, hours at the border."""
    said = [_changes_of(letter, scenario, lang) for letter, scenario in _named(result)]
    regimes = [letter for letter, scenario in _named(result) if scenario.regime]
    if regimes:
        said.append(translate("sheet.regime", lang, name=", ".join(regimes)))
    said += [_speeds(result, lang), _border(result, lang), translate("sheet.expected", lang)]
    return [text for text in said if text]


def _named(result: Comparison) -> list[tuple[str, Scenario]]:
    scenarios = [result.states[0][0].scenario, *(alt.scenario for _, alt in result.states)]
    return list(zip(LETTERS, scenarios, strict=False))


def _changes_of(letter: str, scenario: Scenario, lang: str) -> str:
    if not scenario.changes:
        return ""
    most = 4
    said = [short(change, 70) for change in scenario.changes[:most]]
    if len(scenario.changes) > most:
        said.append(translate("sheet.and_more", lang, n=len(scenario.changes) - most))
    return translate("sheet.changed", lang, name=letter, changes="; ".join(said))


def _speeds(result: Comparison, lang: str) -> str:
    table = result.net.base["speeds"]
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
    sure = ", ".join(translate(f"confidence.{kind}", lang) for kind in sorted(set(asphalt["confidence"])))
    return translate("sheet.speeds", lang, speeds=speeds, confidence=sure)


def _border(result: Comparison, lang: str) -> str:
    """Tell the hours at the border of the crossings that the pairs use."""
    used = pd.concat([result.pairs["base_crossing"], result.pairs["alt_crossing"]]).dropna()
    traffic = result.net.base["vehicles"].at[result.vehicle, "traffic"]
    services = result.net.base["services"]
    times: list[str] = []
    for id_ in used.value_counts(sort=True).index.tolist():
        if (id_, traffic) not in services.index or len(times) == 3:
            continue
        row = services.loc[(id_, traffic)]
        hours = [_hours(row[side], row["wait_h"]) for side in ("border_h_out", "border_h_in")]
        name = crossing(result, str(id_), lang)
        times.append(
            f"{name} {hours[0]} / {hours[1]} ({translate('confidence.' + row['times_confidence'], lang)})"
        )
    return translate("sheet.border", lang, times="; ".join(times)) if times else ""


def _hours(control: float, wait: float) -> str:
    return "?" if pd.isna(control) else f"{control:g}" + ("" if pd.isna(wait) or not wait else f" + {wait:g}")


def _fact(key: str, lang: str) -> str:
    """Name a fact: by its words where there are some, else by its id."""
    return translate(f"fact.{key}", lang) if f"fact.{key}" in words() else short(key, 60)


def confidence(result: Comparison, shown: Sequence[State], lang: str) -> list[dict[str, Any]]:
    """Tell how sure the answer is, lapsed facts first and loudly."""
    net = result.net
    days = sorted({state.on for state in shown})
    facts = [
        translate("sheet.held", lang, fact=_fact(key, lang), last=last.isoformat())
        for _, _, key, last in lapsed(net.base, days[-1])
    ]
    if len(facts) > 4:
        facts = [*facts[:4], translate("sheet.and_more", lang, n=len(facts) - 4)]
    day = files.long_date(days[-1])[lang]
    said = [
        translate("sheet.lapsed", lang, day=day, facts="; ".join(facts))
        if facts
        else translate("sheet.no_lapsed", lang, day=day)
    ]
    for letter, state in zip(LETTERS, shown, strict=False):
        basis, sure = (_counted(state.crossings[name], f"{name}.", lang) for name in ("basis", "confidence"))
        said.append(
            translate("sheet.basis", lang, name=letter, day=files.long_date(state.on)[lang], counts=basis)
            + " "
            + translate("sheet.sure", lang, counts=sure)
        )
    counted = sums(net.base, net.base, on=days[-1])
    said.append(
        translate(
            "sheet.estimates",
            lang,
            share=f"{100.0 * counted['estimated_share']:.0f}",
            n=f"{counted['values']:,}".replace(",", "\u202f"),
        )
    )
    said.append(translate("sheet.beyond", lang, date=net.record_until.isoformat()))
    return [{"text": text, "alarm": bool(facts) and text is said[0]} for text in said]


def _counted(values: pd.Series, prefix: str, lang: str) -> str:
    counts = values.value_counts()
    order = sorted(counts.index, key=lambda name: (-counts[name], name))
    return ", ".join(f"{translate(prefix + name, lang)} {counts[name]}" for name in order)


def sources(result: Comparison, shown: Sequence[State], lang: str) -> dict[str, Any]:
    """Return the sources that the answer rests on, those most cited first, as many as find room."""
    net = result.net
    changed = set(pd.concat([result.changed(name) for name in result.alternatives]).index)
    used = set(result.pairs["base_crossing"].dropna()) | set(result.pairs["alt_crossing"].dropna())
    region = net.base["checkpoints"]["region"]
    cited: Counter[str] = Counter()
    for state in shown:
        for key, row in state.crossings.iterrows():
            if key in changed or key[0] in used:
                # What the oblast's own crossings do weighs most.
                weight = 10 if region.get(row["checkpoint"]) == OBLAST else 1
                cited.update(dict.fromkeys(row["sources"], weight))
    services = net.base["services"]
    mine = services[services.index.get_level_values("crossing").isin(used)]
    speeds = net.base["speeds"]
    cited.update([*mine["source"], *mine["times_source"], net.base["vehicles"].at[result.vehicle, "source"]])
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
        dated = str(row["published"] or "") or translate("sheet.retrieved", lang, date=row["retrieved"])
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
        "more": translate("sheet.sources_more", lang, n=more) if more else "",
        "none": translate("sheet.no_sources", lang),
    }
