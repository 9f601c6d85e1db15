"""The report (two pages of A4, with a checksum of the inputs) and the briefing (one) as HTML files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo._version import __version__
from amurgeo.comparison.compare import Comparison, compare
from amurgeo.errors import InputError, check_made
from amurgeo.io import write_bytes_atomic
from amurgeo.maps import style
from amurgeo.network import Network, crossing_name, home_names
from amurgeo.report import pictures
from amurgeo.report.content import content, source_text, spans_of
from amurgeo.results import digest_of
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import LANGUAGES, check_language, day_text, listing, long_date, page_words, translate

if TYPE_CHECKING:
    from jinja2 import Template

    from amurgeo.scenario import ScenarioLike

#: Maximum number of alternatives on two pages.
MAX_ALTERNATIVES = 3
#: Rows of the table of a briefing at most, and least height in mm of the picture of a queue.
MAX_ROWS, _LEAST_MM = 9, 16.0
#: Tables of the season model besides those of the network.
_MODEL_TABLES = ("climate",)


def decision_sheet(
    given: Comparison | Network,
    scenarios: Sequence[ScenarioLike] | None = None,
    *,
    on: date | str | None = None,
    year: int | None = None,
    first: date | str | None = None,
    last: date | str | None = None,
    vehicle: str | None = None,
    besides: Iterable[Any] = (),
    lang: str = "en",
) -> str:
    """Return the report on a comparison: two pages of A4 to print and hand over.

    Parameters
    ----------
    given
        A comparison; or a network, with the scenarios to compare.
    scenarios
        With a network: the base and one to three alternatives; a single scenario is compared with the
        baseline.
    on, year, first, last, vehicle
        With a network: as in `amurgeo.compare`.
    besides
        Other results whose sentences stand below the answer.
    lang
        Language.

    Returns
    -------
    str
        A page in HTML that loads nothing and runs no scripts; the same input gives the same page.

    Raises
    ------
    InputError
        If the language is unknown, there are more than three alternatives, an alternative is the base itself,
        or `amurgeo.compare` raises it.

    Examples
    --------
    >>> import amurgeo as ag
    >>> towns = {"origins": ["Belogorsk"], "destinations": ["Heihe"]}
    >>> page = decision_sheet(ag.compare(ag.load(), ["frozen", "open"], **towns), lang="ru")
    >>> page.count('<section class="page"'), "<script" in page
    (2, False)
    """
    check_language(lang)
    if isinstance(given, Comparison):
        result = given
    else:
        check_made("given", given, Network, "amurgeo.load() or amurgeo.compare")
        names = list(scenarios or ())
        if not names:
            raise InputError("scenarios= is empty; expected one or more, for instance ['frozen', 'open']")
        check_number(len(names) - 1)
        names = names if len(names) > 1 else ["baseline", *names]
        result = compare(given, names, on=on, year=year, first=first, last=last, vehicle=vehicle)
    check_number(len(result.states))
    values = content(result, lang, besides) | {"checksum": checksum(result)}
    values["words"] = {key: texts[lang] for key, texts in page_words().items()}
    return _render("page.html", lang, values)


def write(result: Comparison, path: str | Path, *, besides: Iterable[Any] = (), lang: str = "en") -> None:
    """Write the report on a comparison to a file, atomically.

    Parameters
    ----------
    result
        The comparison.
    path
        The file, which ends in .html; its folder is created if needed.
    besides
        Other results whose sentences stand below the answer, such as queues.
    lang
        Language.

    Raises
    ------
    InputError
        If the file name or the language is invalid, the file cannot be written, or there are more than three
        alternatives.

    Examples
    --------
    >>> import amurgeo as ag
    >>> result = ag.compare(ag.load(), ["frozen", "open"], destinations=["Heihe"])
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "report.html")
    >>> ag.report.write(result, path, lang="zh")
    >>> os.path.getsize(path) > 100_000
    True
    """
    check_made("result", result, Comparison, "amurgeo.compare")
    check_path(path)
    write_bytes_atomic(Path(path), decision_sheet(result, besides=besides, lang=lang).encode("utf-8"))


def check_number(alternatives: int) -> None:
    """Raise InputError if there are more alternatives than fit on two pages."""
    if alternatives > MAX_ALTERNATIVES:
        raise InputError(
            f"the number of alternatives is invalid: {alternatives}; expected at most {MAX_ALTERNATIVES}"
        )


def check_path(path: str | Path) -> None:
    """Raise InputError if the name of a report does not end in .html."""
    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"the file name is invalid: '{path}'; expected one that ends in .html (print to PDF in a browser)"
        )


def checksum(result: Comparison) -> str:
    """Return the SHA-256 of the inputs: every table, and the scenarios with their changes."""
    digest = digest_of(result.net.base)
    for name in _MODEL_TABLES:
        folders = [folder for folder in (result.net.own, result.net.folder) if folder is not None]
        paths = [path for folder in folders if (path := folder / f"{name}.csv").is_file()]
        digest.update(f"{name}\n".encode() + b"".join(path.read_bytes() for path in paths[:1]))
    inputs = {
        "vehicle": result.vehicle,
        "stretch": result.stretch,
        "period": None if result.period is None else [day.isoformat() for day in result.period],
        "states": [
            [
                {
                    "on": state.on.isoformat(),
                    "name": state.scenario.name,
                    "title": [state.scenario.title.get(lang, "") for lang in LANGUAGES],
                    "regime": state.scenario.regime,
                    "world": state.scenario.world,
                    **({} if state.scenario.assume is None else {"assume": state.scenario.assume}),
                    "changes": [
                        change.model_dump(mode="json", by_alias=True) for change in state.scenario.changes
                    ],
                }
                for state in states
            ]
            for states in result.states
        ],
        "pairs": sorted({*result.pairs["origin"], *result.pairs["destination"]}),
    }
    digest.update(json.dumps(inputs, sort_keys=True, ensure_ascii=False).encode("utf-8"))
    return str(digest.hexdigest())


@cache
def _template(name: str) -> Template:
    """Return a template of this folder."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    how: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(loader=loader, autoescape=True, **how).get_template(name)


def _render(name: str, lang: str, values: Mapping[str, Any]) -> str:
    """Return a page from its template, its values, and what all pages have."""
    font = style.font_face() if lang == "zh" else ""
    say = partial(translate, lang=lang)
    return _template(name).render(lang=lang, say=say, font=font, version=__version__, **values) + "\n"


def as_pdf(page: str) -> bytes | None:
    """Return a page as PDF, the same for the same page; None without an engine."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        # It needs libraries of the system, which may be missing.
        return None
    found: bytes = HTML(string=page).write_pdf(pdf_identifier=hashlib.sha256(page.encode()).digest())
    return found


def brief_page(given: Any, lang: str) -> str:
    """Return the page of a briefing in a language."""
    net, say, shown = given.net, partial(translate, lang=lang), given.states[0]
    in_use = given.frame["in_use"].to_numpy()
    usual = given.frame[in_use]
    usual = usual.iloc[np.argsort(~counts_as_open(usual["status"]), kind="stable")]
    joined: dict[str, dict[str, Any]] = {}
    for row in usual.to_dict("records"):
        cells = _cells(given, row, lang)
        parts = {
            "traffic": [say(f"traffic.{row['traffic']}")],
            "limits": _limits(given, row, lang),
            "sources": [id_ for id_ in row["sources"].split(";") if id_],
        }
        # Both kinds of traffic share a row if their days do.
        one = joined.setdefault(json.dumps(cells), {**cells, **{name: [] for name in parts}})
        for name, values in parts.items():
            one[name] += [value for value in values if value not in one[name]]
    rows = list(joined.values())[:MAX_ROWS]
    cited = list(dict.fromkeys(id_ for row in rows for id_ in row["sources"]))
    for row in rows:
        look = style.mode_style(net.base["crossings"].at[row["id"], "mode"])
        row["sign"] = {"points": style.svg_points(look.shape), "colour": look.colour}
        row["traffic"] = listing(row["traffic"], lang)
        row["numbers"] = [cited.index(id_) + 1 for id_ in row["sources"]]
    unused = dict.fromkeys(given.frame.loc[~in_use, "crossing"])
    unused_names = [crossing_name(net, id_, lang) for id_ in unused if id_ not in set(usual["crossing"])]
    services = shown.crossings
    near = net.base["crossings"].loc[given.frame["crossing"], "checkpoint"]
    away, others = services[~services["checkpoint"].isin(near)], []
    if unused_names:
        others.append(say("brief.unused", crossings=say("word.semicolon").join(unused_names)))
    if len(away):
        others.append(say("brief.away", n=int(counts_as_open(away["status"]).sum()), m=len(away)))
    sentences, warnings = given.sentences(lang), given.warnings(lang) or [say("brief.sure")]
    map_mm = _map_mm(sentences, rows, len(cited))
    texts = {
        "title": say("brief.title", day=long_date(given.on), home=home_names(net)),
        "sentences": sentences,
        "map_shape": pictures.HEIGHT / pictures.WIDTH,
        "map_mm": map_mm,
        "warnings": warnings,
        "rows": rows,
        "more": say("sheet.and_more", n=len(joined) - len(rows)) if len(joined) > len(rows) else "",
        "rule": say("word.safe_rule", risk=10, sure=90),
        "picture": pictures.map_picture(shown, lang=lang),
        "backlog": _backlog(given, map_mm, [*warnings, *others], lang),
        "legend": pictures.legend(net, lang),
        "others": others,
        "sources": [
            "[{}] {publisher}, {date}. {found}".format(number, **source_text(row, lang))
            for number, row in enumerate(net.sources.loc[cited].to_dict("records"), 1)
        ],
        "record_until": say("word.record_until", date=day_text(net.record_until, lang)),
        "checksum": hashlib.sha256(json.dumps(given.to_dict(lang), sort_keys=True).encode()).hexdigest(),
    }
    return _render("brief.html", lang, texts)


def _map_mm(sentences: Sequence[str], rows: Sequence[Mapping[str, Any]], n_sources: int) -> int:
    """Return the width of the map that fills the page beside all else, in mm."""
    height = sum(0.5 + 3.8 * _lines(text, 118) for text in sentences) + 5.8 * ceil(n_sources / 3)
    for row in rows:
        limits = sum(_lines(text, 20) for text in row["limits"])
        height += 1.4 + 3.3 * max(_lines(row["name"], 19) + 1, limits, 2 * len(row["stops"]), 2)
    # Header, titles, heads of tables, notes, legend and footer take the rest.
    return round(min(max(216.0 - height, 45.0), 118.0))


def _backlog(given: Any, map_mm: int, texts: Sequence[str], lang: str) -> str:
    """Return the picture of the queue ahead if there is one, and room for it below texts beside the map."""
    column = 185.0 - map_mm
    room = map_mm * pictures.HEIGHT / pictures.WIDTH - 19.0
    room -= sum(3.6 * _lines(text, round(column / 1.45)) for text in texts)
    if given.queues is None or room < _LEAST_MM:
        return ""
    return pictures.backlog_picture(given.queues, lang=lang, width=10 * column, height=10 * min(room, 34.0))


def _lines(text: str, width: int) -> int:
    """Return about how many lines a text takes in a column of so many Latin letters."""
    return ceil(sum(2 if char > "\u2e80" else 1 for char in text) / width)


def _cells(given: Any, row: Mapping[Any, Any], lang: str) -> dict[str, Any]:
    """Return the cells of a service in the table of the page."""
    say = partial(translate, lang=lang)

    def span(first: Any, last: Any) -> list[str]:
        days = [] if pd.isna(first) else [day_text(first, lang), day_text(last, lang)]
        return days[:1] if len(set(days)) == 1 else [f"{day} –" for day in days[:1]] + days[1:]

    is_open = bool(counts_as_open([row["status"]])[0])
    opens = span(row["opens_p10"], row["opens_p90"])
    if row["reason"] == "all_year" or is_open:
        opens = [say("reason.all_year" if row["season"] is None else "brief.now")]
    days = [row[name] for name in ("first_safe_day", "last_safe_day")]
    return {
        "id": row["crossing"],
        "name": crossing_name(given.net, row["crossing"], lang),
        "status": say(f"status.{row['status']}"),
        "is_open": is_open,
        "reason": say(f"reason.{row['reason']}"),
        "opens": opens,
        "safe": ["–" if pd.isna(day) else day_text(day, lang) for day in days],
        "closes": span(row["closes_p10"], row["closes_p90"]),
        "stops": [span(*stop) for stop in spans_of(row["stops"])],
    }


def _limits(given: Any, row: Mapping[Any, Any], lang: str) -> list[str]:
    """Return the limits and the opening hours of a service."""
    say, limits = partial(translate, lang=lang), []
    if row["limited"]:
        limits.append(say(f"limited.{row['limited']}"))
    if not pd.isna(row["max_mass_t"]):
        mass = f"{row['max_mass_t']:g}"
        limits.append(say("brief.mass", mass=mass) if row["max_mass_t"] else say("word.no_vehicles"))
    if row["hours"]:
        since = say("brief.hours", since=day_text(row["hours_since"], lang))
        limits += [row["hours"].replace("-", "–"), since]
    return limits
