"""How the sheet names things: letters for scenarios, crossings by checkpoint and mode, text that fits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from amurgeo.errors import InputError
from amurgeo.maps import files
from amurgeo.text import name_of

if TYPE_CHECKING:
    from amurgeo.comparison.compare import Comparison
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario

#: Letters of the base and of its alternatives.
LETTERS = "ABCD"
#: Alternatives that two pages hold.
MOST = 3
#: What is no letter in text that comes from outside.
_CONTROL = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_SPACES = re.compile("  +")


def check_number(alternatives: int) -> None:
    """Raise when there are more alternatives than two pages hold."""
    if alternatives > MOST:
        raise InputError(
            f"a sheet holds a base and at most {MOST} alternatives, {alternatives} given; make several sheets"
        )


def check_path(path: str | Path) -> None:
    """Raise when a sheet's file would not be opened as a page."""
    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"'{path}': the sheet is a page, to be printed to PDF from the browser; "
            "give a name that ends in .html"
        )


def short(text: object, most: int) -> str:
    r"""Return text from outside on one line, without control characters, cut where it is too long.

    Examples
    --------
    >>> short("a\nb", 10), short("abcdef", 4)
    ('a b', 'abc…')
    """
    line = _SPACES.sub(" ", _CONTROL.sub(" ", str(text))).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def title(scenario: Scenario, lang: str) -> str:
    """Return the title of a scenario, or its name."""
    return short(scenario.title.get(lang) or scenario.name, 90)


def crossing_name(net: Network, crossing: str, lang: str) -> str:
    """Return checkpoint and mode of a crossing as a sheet names them."""
    row = net.base["crossings"].loc[crossing]
    mode = str(row["mode"])
    short = files.page_words().get(f"short.{mode}", {}).get(lang, mode)
    return f"{name_of(net.base['checkpoints'].loc[row['checkpoint']], lang)}, {short}"


def crossing(result: Comparison, id_: str, lang: str) -> str:
    """Name a crossing, which may be one that a scenario adds."""
    nets = [state.net for states in result.states for state in states]
    net = next((net for net in nets if id_ in net.base["crossings"].index), result.net)
    return short(crossing_name(net, id_, lang), 45)
