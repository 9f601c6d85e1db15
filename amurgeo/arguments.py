"""Arguments of public functions: what has the wrong type is said in one sentence, as a wrong value is."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

from amurgeo.errors import InputError


def listed(what: str, given: Any) -> list[str]:
    """Return names as a list; one name is a list of one.

    Raises
    ------
    InputError
        When it is neither text nor something that yields texts.

    Examples
    --------
    >>> listed("origins", "Belogorsk"), listed("origins", ("Zeya", "Tynda"))
    (['Belogorsk'], ['Zeya', 'Tynda'])
    """
    if isinstance(given, str):
        return [given]
    names = list(given) if isinstance(given, Iterable) else [given]
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{what}: {_shown(name)} is no name; give names as text, for instance ['Zeya']")
    return names


def whole(what: str, given: Any, least: int, most: int) -> int:
    """Return a whole number within bounds.

    Raises
    ------
    InputError
        When it is none, or lies outside.

    Examples
    --------
    >>> whole("k", 4, 1, 1000)
    4
    """
    if isinstance(given, Integral) and not isinstance(given, bool) and least <= int(given) <= most:
        return int(given)
    raise InputError(f"{what} is {_shown(given)}; give a whole number from {least} to {most}")


def _shown(given: Any) -> str:
    text = " ".join(repr(given).split())
    return text if len(text) <= 60 else text[:60] + " …"
