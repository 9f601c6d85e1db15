"""What stands on the sheet: the question, the answer, the days that are drawn, and all the rest together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.maps import files
from amurgeo.network import OBLAST
from amurgeo.report import pictures
from amurgeo.report.grounds import assumptions, confidence, sources
from amurgeo.report.names import LETTERS, check_number, short, title
from amurgeo.report.tables import changes_table, pair_tables
from amurgeo.seasons.calendar import calendar, period
from amurgeo.text import check_language, name_of, translate

if TYPE_CHECKING:
    from amurgeo.comparison.compare import Comparison
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario
    from amurgeo.seasons.state import State


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
    check_number(len(result.states))
    net = result.net
    on, shown = _shown(result)
    years = _years(result, shown, lang)
    scenarios = _scenarios(result, lang)
    alternatives = f" {translate('sheet.or', lang)} ".join(card["letter"] for card in scenarios[1:])
    return {
        "lang": lang,
        "title": f"{scenarios[0]['title']} → {' / '.join(card['title'] for card in scenarios[1:])}",
        "scenarios": scenarios,
        "asks": translate("sheet.asks", lang, alternatives=alternatives),
        "given": " · ".join(
            part for part in (_vehicle(net, result.vehicle, lang), _when(result, lang)) if part
        ),
        "days": result.period is not None,
        "answers": _answers(result, lang),
        "ways_note": translate("sheet.ways_note", lang, stretch=f"{result.stretch:g}"),
        "maps": [
            {"letter": letter, "day": files.long_date(state.on)[lang], "picture": picture}
            for letter, state, picture in zip(
                LETTERS, shown, (pictures.map_picture(state, lang=lang) for state in shown), strict=False
            )
        ],
        "map_note": ""
        if result.period is None
        else translate("sheet.map_day", lang, day=files.long_date(on)[lang]),
        "legend": pictures.legend(net, lang),
        "sample": pictures.sample(),
        "changes": changes_table(result, lang),
        "pairs": pair_tables(result, lang, most=(9 if len(years) > 1 else 13) // len(result.states)),
        "years": years,
        "assumptions": assumptions(result, lang),
        "confidence": confidence(result, shown, lang),
        "sources": sources(result, shown, lang),
        "record_until": translate("word.record_until", lang, date=net.record_until.isoformat()),
    }


# -- question and answer -------------------------------------------------------------------------------------


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
            "title": title(scenario, lang),
            "day": "" if day is None or result.period else files.long_date(day)[lang],
            # A joined scenario has the description of one of its parts only.
            "about": ""
            if "+" in scenario.name
            else short(scenario.description.get(lang, ""), 150 if len(cards) < 3 else 90),
        }
        for letter, (scenario, day) in zip(LETTERS, cards, strict=False)
    ]


def _when(result: Comparison, lang: str) -> str:
    if result.period is None:
        return ""
    return " – ".join(files.long_date(day)[lang] for day in result.period)


def _vehicle(net: Network, vehicle: str, lang: str) -> str:
    return translate("sheet.vehicle", lang, name=short(name_of(net.base["vehicles"].loc[vehicle], lang), 60))


def _answers(result: Comparison, lang: str) -> list[dict[str, Any]]:
    """Return the sentences of each alternative; several alternatives share the room of one."""
    most = {1: 5, 2: 3, 3: 2}[len(result.states)]
    return [
        {
            "letter": letter,
            "sentences": [
                short(sentence, 320) for sentence in result.sentences(lang, alternative=name)[:most]
            ]
            or [translate("sheet.nothing", lang)],
            "counts": short(_summary(result, name, lang), 200),
        }
        for letter, name in zip(LETTERS[1:], result.alternatives, strict=False)
    ]


def _summary(result: Comparison, alternative: str, lang: str) -> str:
    counts = result.summary.loc[alternative]
    if isinstance(counts, pd.DataFrame):
        counts = counts.iloc[0]
    names = ("lost", "gained", "slower", "faster", "same", "pairs")
    return translate("word.summary", lang, **{name: int(counts[name]) for name in names})


# -- days shown ----------------------------------------------------------------------------------------------


def _shown(result: Comparison) -> tuple[date, tuple[State, State]]:
    """Return the two states that are drawn: those of the day, or of the day on which they differ most."""
    base, alt = result.states[0]
    if result.period is None:
        return alt.on, (base, alt)
    one, two = (period(result.net, state.scenario, *result.period) for state in (base, alt))
    keys = ["date", "crossing", "traffic"]
    both = one.merge(two, on=keys, how="outer", suffixes=("_base", "_alt"), sort=True)
    checkpoint = alt.net.base["crossings"]["checkpoint"].reindex(both["crossing"])
    own = alt.net.base["checkpoints"]["region"].reindex(checkpoint).to_numpy() == OBLAST
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
                "title": translate("sheet.year", lang, year=year.year, what=_world(state.scenario, lang)),
                "rows": year.rows,
                "picture": year.picture,
                "empty": translate("sheet.empty_year", lang, year=year.year),
                "months": pictures.months(year.year),
            }
        )
    return made


def _world(scenario: Scenario, lang: str) -> str:
    if scenario.changes:
        return short(scenario.title.get(lang) or scenario.name, 70)
    if scenario.world is not None:
        return translate("sheet.world", lang, year=scenario.world)
    return translate("sheet.present", lang)
