"""Errors of the package, and checks of common arguments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, TypeVar

_T = TypeVar("_T")


class AmurgeoError(Exception):
    """Base class of the errors of amurgeo."""


class InputError(AmurgeoError, ValueError):
    """Invalid argument, name or date."""


@dataclass(frozen=True)
class Fault:
    """A fault in a data file.

    Attributes
    ----------
    file
        Name of the file.
    row
        Line in the file (the header is line 1); None if the fault concerns the whole file.
    column
        Name of the column or key, or None.
    check
        Short name of the failed check.
    problem
        Description, with the expected value.
    severity
        ``"fault"``, or ``"warning"`` if the data can still be used.

    Examples
    --------
    >>> print(Fault("places.csv", 7, "lat", "range", "invalid latitude '153.5'; expected -90 to 90"))
    places.csv, row 7, column lat: invalid latitude '153.5'; expected -90 to 90
    """

    file: str
    row: int | None
    column: str | None
    check: str
    problem: str
    severity: str = "fault"

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}{row}{column}: {self.problem}"


class DataError(AmurgeoError, ValueError):
    """Data files with faults, listed in the attribute ``faults``."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        lines = [str(fault) for fault in self.faults]
        super().__init__(lines[0] if len(lines) == 1 else f"{len(lines)} faults:\n  " + "\n  ".join(lines))


def unknown_name_error(kind: str, given: str, valid: Iterable[str], *, option: str = "") -> InputError:
    """Return the error for an unknown name, with the nearest valid names.

    >>> print(unknown_name_error("vehicle", "truck20", ["car", "truck_20t", "truck_40t"]))
    unknown vehicle 'truck20'; did you mean truck_20t, truck_40t? valid: car, truck_20t, truck_40t
    """
    names = sorted(set(valid))
    folded = {name.casefold(): name for name in names}
    near = [folded[name] for name in get_close_matches(str(given).casefold(), folded, n=5, cutoff=0.6)]
    message = f"{option}: " if option else ""
    message += f"unknown {kind} '{' '.join(str(given).split()):.80}'"
    if near:
        message += f"; did you mean {', '.join(near)}?"
    if len(names) <= 30:
        message += f"{'' if near else ';'} valid: {', '.join(names)}"
    elif not near:
        message += f"; expected one of {len(names)} names, such as {', '.join(names[:5])}"
    return InputError(message)


def as_names(what: str, given: Any) -> list[str]:
    """Return names as a list; a single name becomes a list of one."""
    if isinstance(given, str):
        return [given]
    names = list(given) if isinstance(given, Iterable) else [given]
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{what} is invalid: {shorten(name)}; expected names as text, such as ['Zeya']")
    return names


def check_int(what: str, given: Any, least: int, most: int) -> int:
    """Return a whole number within bounds."""
    if isinstance(given, Integral) and not isinstance(given, bool) and least <= int(given) <= most:
        return int(given)
    raise InputError(f"{what} is invalid: {shorten(given)}; expected a whole number from {least} to {most}")


def check_number(what: str, given: Any, low: float, high: float, *, above: bool = False) -> float:
    """Return a finite number within bounds as a float; with `above` the low one is excluded."""
    is_number = isinstance(given, Real) and not isinstance(given, bool)
    if is_number and math.isfinite(given) and low <= given <= high and not (above and given == low):
        return float(given)
    bounds = f"above {low:g} and up to {high:g}" if above else f"from {low:g} to {high:g}"
    raise InputError(f"{what} is invalid: {shorten(given)}; expected a number {bounds}")


def check_bool(what: str, given: Any) -> bool:
    """Return a truth value, of Python or numpy."""
    if isinstance(given, bool) or type(given).__name__ in ("bool", "bool_"):
        return bool(given)
    raise InputError(f"{what} is invalid: {shorten(given)}; expected True or False")


def check_made(what: str, given: Any, kind: type[_T] | tuple[type[_T], ...], by: str) -> _T:
    """Return what a public function returned; raise if it is something else."""
    if isinstance(given, kind):
        return given
    raise InputError(f"{what} is invalid: {shorten(given)}; expected what {by} returns")


def shorten(given: Any) -> str:
    """Return the representation of a value for a message: one line of at most 60 characters."""
    text = " ".join(repr(given).split())
    return text if len(text) <= 60 else text[:60] + " …"
