"""The report as one HTML file for two pages of A4, with a checksum of the inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amurgeo._version import __version__
from amurgeo.comparison.compare import Comparison, compare
from amurgeo.errors import InputError
from amurgeo.io import write_bytes_atomic
from amurgeo.maps import style
from amurgeo.report.content import content
from amurgeo.results import digest_of
from amurgeo.text import LANGUAGES, check_language, page_words, translate

if TYPE_CHECKING:
    from jinja2 import Template

    from amurgeo.network import Network
    from amurgeo.scenario import ScenarioLike

#: Maximum number of alternatives on two pages.
MAX_ALTERNATIVES = 3
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
        names = list(scenarios or ())
        if not names:
            raise InputError("scenarios= is empty; expected one or more, for instance ['frozen', 'open']")
        check_number(len(names) - 1)
        names = names if len(names) > 1 else ["baseline", *names]
        result = compare(given, names, on=on, year=year, first=first, last=last, vehicle=vehicle)
    _check(result)
    page = template("page.html").render(
        **content(result, lang, besides),
        font=style.font_face() if lang == "zh" else "",
        checksum=checksum(result),
        version=__version__,
        say=partial(translate, lang=lang),
        words={key: texts[lang] for key, texts in page_words().items()},
    )
    return f"{page}\n"


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
    check_path(path)
    write_bytes_atomic(Path(path), decision_sheet(result, besides=besides, lang=lang).encode("utf-8"))


def check_number(alternatives: int) -> None:
    """Raise InputError if there are more alternatives than fit on two pages."""
    if alternatives > MAX_ALTERNATIVES:
        raise InputError(
            f"the number of alternatives is invalid: {alternatives}; expected at most {MAX_ALTERNATIVES}"
        )


def _check(result: Comparison) -> None:
    """Raise InputError if a comparison does not fit, or compares a scenario with itself."""
    check_number(len(result.states))
    for base, alt in result.states:
        if base.scenario == alt.scenario and base.on == alt.on:
            raise InputError(
                f"alternatives is invalid: '{alt.scenario.name}'; expected another scenario than the base "
                "(amurgeo.brief describes a single date)"
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
def template(name: str) -> Template:
    """Return a template of this folder."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
