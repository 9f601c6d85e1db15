"""The page itself: one file in HTML for two sheets of A4, and the sum by which its inputs are known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from amurgeo._version import __version__
from amurgeo.comparison.compare import Comparison, compare
from amurgeo.dataset.paths import geo_dir
from amurgeo.errors import InputError
from amurgeo.io import write_bytes_atomic
from amurgeo.maps import files
from amurgeo.report.content import content
from amurgeo.report.names import check_number, check_path
from amurgeo.text import LANGUAGES, check_language, translate

if TYPE_CHECKING:
    from jinja2 import Template

    from amurgeo.network import Network
    from amurgeo.scenario import Scenario

#: Tables that the season model reads beside those of the network.
_MODEL_TABLES = ("climate", "holidays", "ice_phenology")


def decision_sheet(
    given: Comparison | Network,
    scenarios: Sequence[Scenario | str] | None = None,
    *,
    on: date | str | None = None,
    year: int | None = None,
    first: date | str | None = None,
    last: date | str | None = None,
    vehicle: str = "truck_20t",
    lang: str = "en",
) -> str:
    """Write the decision sheet: two pages of A4 to print and hand over.

    Parameters
    ----------
    given
        A comparison; or a network, with the scenarios to compare on it.
    scenarios
        With a network: the base and one to three alternatives; a single one is held against the baseline.
    on, year, first, last, vehicle
        With a network: as in `amurgeo.compare`.
    lang
        Language.

    Returns
    -------
    str
        A page in HTML that loads nothing and runs nothing; the same input gives the same page.

    Raises
    ------
    InputError
        For an unknown language, more than three alternatives, or what `amurgeo.compare` refuses.

    Examples
    --------
    >>> import amurgeo as ag
    >>> page = decision_sheet(ag.compare(ag.load(), ["frozen", "open"]), lang="ru")
    >>> page.count('<section class="page"'), "<script" in page
    (2, False)
    """
    check_language(lang)
    if isinstance(given, Comparison):
        result = given
    else:
        named = list(scenarios or ())
        if not named:
            raise InputError("a sheet needs a scenario, for instance: frozen open")
        check_number(len(named) - 1)
        result = compare(
            given,
            named if len(named) > 1 else ["baseline", *named],
            on=on,
            year=year,
            first=first,
            last=last,
            vehicle=vehicle,
        )
    shown = content(result, lang)
    font = files.font_face() if lang == "zh" else ""
    return (
        _template().render(
            **shown,
            font=font,
            checksum=checksum(result),
            version=__version__,
            say=lambda key, **values: translate(key, lang, **values),
            words={key: text[lang] for key, text in files.page_words().items()},
        )
        + "\n"
    )


def write_sheet(result: Comparison, path: str | Path, *, lang: str = "en") -> None:
    """Write the decision sheet to a file, which appears whole or not at all.

    Parameters
    ----------
    result
        The comparison.
    path
        The file; its folder is made when missing.
    lang
        Language.

    Raises
    ------
    InputError
        When the file cannot be written or does not end in .html, and as `decision_sheet`.
    """
    check_path(path)
    write_bytes_atomic(Path(path), decision_sheet(result, lang=lang).encode("utf-8"))


def checksum(result: Comparison) -> str:
    """Return the SHA-256 of the inputs: every table, and what the scenarios ask.

    Parameters
    ----------
    result
        The comparison.
    """
    digest = hashlib.sha256()
    for name, table in sorted(result.net.base.items()):
        digest.update(f"{name}\n{table.to_csv(lineterminator=chr(10))}".encode())
    for name in _MODEL_TABLES:
        folders = [folder for folder in (result.net.own, geo_dir()) if folder is not None]
        found = [path for folder in folders if (path := folder / f"{name}.csv").is_file()]
        digest.update(f"{name}\n".encode() + b"".join(path.read_bytes() for path in found[:1]))
    asked = {
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
    digest.update(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode("utf-8"))
    return digest.hexdigest()


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
