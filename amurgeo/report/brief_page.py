"""The page of a briefing: one A4 in HTML, and as PDF."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from amurgeo._version import __version__
from amurgeo.maps import style
from amurgeo.network import home_names
from amurgeo.report import pictures
from amurgeo.report.brief import Briefing
from amurgeo.report.page import template
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import long_date, translate


def render(given: Briefing, lang: str) -> str:
    """Return the page of a briefing in a language."""
    return template("brief.html").render(**_content(given, lang)) + "\n"


def as_pdf(page: str) -> bytes | None:
    """Return a page as PDF, the same for the same page; None without an engine."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        # It needs libraries of the system, which may be missing.
        return None
    found: bytes = HTML(string=page).write_pdf(pdf_identifier=hashlib.sha256(page.encode()).digest())
    return found


def _content(given: Briefing, lang: str) -> dict[str, Any]:
    """Return the values of the page template in a language."""
    net, say, shown = given.net, partial(translate, lang=lang), given.states[0]
    usual = given.frame[given.frame["in_use"]]
    open_first = usual[~counts_as_open(usual["status"])].index
    usual = usual.loc[[*usual.index.difference(open_first, sort=False), *open_first]]
    cited = dict.fromkeys(id_ for ids in usual["sources"] for id_ in ids.split(";") if id_)
    numbers = {id_: number for number, id_ in enumerate(cited, 1)}
    rows: dict[str, dict[str, Any]] = {}
    for row in usual.to_dict("records"):
        cells, kind = _cells(given, row, lang), say(f"traffic.{row['traffic']}")
        parts = {"traffic": [kind], "limits": _limits(given, row, lang)}
        parts["sources"] = [numbers[id_] for id_ in row["sources"].split(";") if id_]
        # Both kinds of traffic share a row if their days do.
        joined = rows.setdefault(json.dumps(cells), {**cells, **{name: [] for name in parts}})
        for name, values in parts.items():
            joined[name] += [value for value in values if value not in joined[name]]
    modes = net.base["crossings"]["mode"]
    for row in rows.values():
        look = style.mode_style(modes[row["id"]])
        row["sign"] = {"points": style.svg_points(look.shape), "colour": look.colour}
    unused = given.frame.loc[~given.frame["in_use"], "crossing"].drop_duplicates()
    unused = unused[~unused.isin(usual["crossing"])]
    away = shown.crossings.loc[
        ~shown.crossings.index.isin(
            list(given.frame[["crossing", "traffic"]].itertuples(index=False, name=None))
        )
    ]
    sources = net.sources.loc[list(cited)]
    digest = hashlib.sha256(json.dumps(given.to_dict(lang), sort_keys=True).encode()).hexdigest()
    return {
        "lang": lang,
        "say": say,
        "font": style.font_face() if lang == "zh" else "",
        "title": say("brief.title", day=long_date(given.on), home=home_names(net)),
        "sentences": given.sentences(lang),
        "warnings": given.warnings(lang) or [say("brief.sure")],
        "rows": list(rows.values()),
        "rule": say("word.safe_rule", risk=10, sure=90),
        "picture": pictures.map_picture(shown, lang=lang),
        "legend": pictures.legend(net, lang),
        "others": [
            say(
                "brief.unused", crossings=say("word.semicolon").join(given.name(id_, lang) for id_ in unused)
            ),
            say("brief.away", n=int(counts_as_open(away["status"]).sum()), m=len(away)),
        ],
        "sources": [
            f"[{numbers[id_]}] {row['title']}. {row['publisher']}, {row['published'] or row['retrieved']}."
            for id_, row in sources.iterrows()
        ],
        "record_until": say("word.record_until", date=given.day(net.record_until, lang)),
        "checksum": digest,
        "version": __version__,
    }


def _cells(given: Briefing, row: Mapping[Any, Any], lang: str) -> dict[str, Any]:
    """Return the cells of a service in the table of the page."""
    say = partial(translate, lang=lang)

    def span(first: Any, last: Any) -> list[str]:
        return [] if pd.isna(first) else [f"{given.day(first, lang)} –", given.day(last, lang)]

    is_open = bool(counts_as_open([row["status"]])[0])
    opens = span(row["opens_p10"], row["opens_p90"])
    if row["reason"] == "all_year" or is_open:
        opens = [say("reason.all_year" if row["season"] is None else "brief.now")]
    stops = [span(*stop.split("..")) for stop in (row["stops"] or "").split(";") if stop]
    return {
        "id": row["crossing"],
        "name": given.name(row["crossing"], lang),
        "status": say(f"status.{row['status']}"),
        "is_open": is_open,
        "reason": say(f"reason.{row['reason']}"),
        "opens": opens,
        "safe": [
            "–" if pd.isna(row[name]) else given.day(row[name], lang)
            for name in ("first_safe_day", "last_safe_day")
        ],
        "closes": span(row["closes_p10"], row["closes_p90"]),
        "stops": stops,
    }


def _limits(given: Briefing, row: Mapping[Any, Any], lang: str) -> list[str]:
    """Return the limits and the opening hours of a service."""
    say, limits = partial(translate, lang=lang), []
    if row["limited"]:
        limits.append(say(f"limited.{row['limited']}"))
    if not pd.isna(row["max_mass_t"]):
        mass = f"{row['max_mass_t']:g}"
        limits.append(say("brief.mass", mass=mass) if row["max_mass_t"] else say("word.no_vehicles"))
    if row["hours"]:
        limits += [row["hours"], say("brief.hours", since=given.day(row["hours_since"], lang))]
    return limits
