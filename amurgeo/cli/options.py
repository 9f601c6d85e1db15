"""Options that commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from amurgeo.text import LANGUAGES

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

scenario: Decorator = click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME_OR_FILE",
    help="Scenario: a built-in name, a .toml file or a change such as "
    "'kani_kurgan:bridge close 2026-11-10..2026-11-20'; repeat or join with +.",
)
vehicle: Decorator = click.option(
    "--vehicle", default="truck_20t", show_default=True, metavar="ID", help="Vehicle."
)
lang: Decorator = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language."
)
data: Decorator = click.option(
    "--data", metavar="DIR", help="Folder with own tables to lay over the shipped ones."
)
on: Decorator = click.option("--on", metavar="DATE", help="The day, as 2026-02-10.")


def _formats(*formats: str) -> Decorator:
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default="table",
        show_default=True,
        help="What is printed.",
    )


format_ = _formats("table", "csv", "json", "geojson")
#: Of what has no geometry.
plain_format = _formats("table", "csv", "json")
output: Decorator = click.option(
    "-o", "--output", metavar="FILE", help="Write to FILE.xlsx, .csv or .gpkg instead."
)


def listed(text: str) -> list[str]:
    """Read names separated by commas; two numbers that follow each other are one point.

    Examples
    --------
    >>> listed("Zeya, 50.45,127.62,Tynda")
    ['Zeya', '50.45,127.62', 'Tynda']
    """
    names: list[str] = []
    half = False
    for name in (part.strip() for part in text.split(",")):
        number = _NUMBER.fullmatch(name) is not None
        if half and number:
            names[-1] += f",{name}"
        elif name:
            names.append(name)
        half = number and not half
    return names


def joined_scenario(scenarios: tuple[str, ...]) -> Any:
    """Read the scenarios of the command line as one; they are read before other options are judged."""
    from amurgeo.scenario import as_scenario

    return as_scenario("+".join(scenarios) if scenarios else None)
