"""The package's errors: one small family, each message a sentence that says what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral
from typing import Any


class AmurgeoError(Exception):
    """Base of every error that amurgeo raises on purpose."""


class InputError(AmurgeoError, ValueError):
    """A wrong argument, option, name or date given by the user."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a data file.

    Attributes
    ----------
    file
        Name of the file.
    row
        Line in the file (the header is line 1), or None when the whole file is meant.
    column
        Name of the column or key, or None.
    check
        Short name of the check that found it.
    problem
        What is wrong, and what would be right.
    severity
        ``"fault"``, or ``"warning"`` for something that lets the data still be used.

    Examples
    --------
    >>> print(Fault("places.csv", 7, "lat", "range", "'153.5' is no latitude; give -90 to 90"))
    places.csv, row 7, column lat: '153.5' is no latitude; give -90 to 90
    """

    file: str
    row: int | None
    column: str | None
    check: str
    problem: str
    severity: str = "fault"

    def __str__(self) -> str:
        where = self.file
        if self.row is not None:
            where += f", row {self.row}"
        if self.column is not None:
            where += f", column {self.column}"
        return f"{where}: {self.problem}"


class DataError(AmurgeoError, ValueError):
    """Data files with faults; all of them are in ``faults``.

    Parameters
    ----------
    faults
        Every fault found.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        lines = [str(fault) for fault in self.faults]
        super().__init__(lines[0] if len(lines) == 1 else f"{len(lines)} faults:\n  " + "\n  ".join(lines))


def unknown_name_error(
    kind: str, given: str, valid: Iterable[str], *, option: str | None = None, n: int = 5
) -> InputError:
    """Make the error for a name that is not known, with the nearest valid ones.

    Parameters
    ----------
    kind
        What the name was meant to be, for instance ``"vehicle"``.
    given
        What was given.
    valid
        The names that would be right.
    option
        The command-line option it came from.
    n
        How many names to offer at most when there are many.

    Examples
    --------
    >>> print(unknown_name_error("vehicle", "truck20", ["car", "truck_20t", "truck_40t"]))
    unknown vehicle 'truck20'; did you mean truck_20t, truck_40t? valid: car, truck_20t, truck_40t
    """
    given = str(given)
    names = sorted(set(valid))
    folded = {name.casefold(): name for name in names}
    near = [folded[name] for name in get_close_matches(given.casefold(), folded, n=n, cutoff=0.6)]
    message = f"unknown {kind} '{given}'"
    if option:
        message = f"{option}: {message}"
    if near:
        message += f"; did you mean {', '.join(near)}?"
    if len(names) <= 30:
        message += f"{'' if near else ';'} valid: {', '.join(names)}"
    return InputError(message)


def as_names(what: str, given: Any) -> list[str]:
    """Return names as a list; one name is a list of one.

    Raises
    ------
    InputError
        When it is neither text nor something that yields texts.

    Examples
    --------
    >>> as_names("origins", "Belogorsk"), as_names("origins", ("Zeya", "Tynda"))
    (['Belogorsk'], ['Zeya', 'Tynda'])
    """
    if isinstance(given, str):
        return [given]
    names = list(given) if isinstance(given, Iterable) else [given]
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{what}: {_shown(name)} is no name; give names as text, for instance ['Zeya']")
    return names


def check_int(what: str, given: Any, least: int, most: int) -> int:
    """Return a whole number within bounds.

    Raises
    ------
    InputError
        When it is none, or lies outside.

    Examples
    --------
    >>> check_int("k", 4, 1, 1000)
    4
    """
    if isinstance(given, Integral) and not isinstance(given, bool) and least <= int(given) <= most:
        return int(given)
    raise InputError(f"{what} is {_shown(given)}; give a whole number from {least} to {most}")


def _shown(given: Any) -> str:
    text = " ".join(repr(given).split())
    return text if len(text) <= 60 else text[:60] + " …"
