"""Options of the commands, from the rows of ``options.csv``, their types, and options in messages."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from amurgeo.errors import InputError
from amurgeo.text import LANGUAGES, decimal_point, message_in, translate

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_NAME = re.compile(rf"\s*{_NUMBER}\s*,\s*{_NUMBER}\s*(?=[,;]|$)|[^,;]+")
_SEPARATORS = str.maketrans("，、；", ",,;")


def listed(text: str, known: Callable[[str], bool] = lambda name: False) -> list[str]:
    """Read names separated by commas or semicolons; two consecutive numbers are one point.

    Parts that are a name only together, of which `known` tells, stay together.

    Examples
    --------
    >>> listed("Zeya, 50.45,127.62；Tynda"), listed("Zeya, ferry、Tynda", "Zeya, ferry".__eq__)
    (['Zeya', '50.45,127.62', 'Tynda'], ['Zeya, ferry', 'Tynda'])
    """
    names: list[str] = []
    for group in text.translate(_SEPARATORS).split(";"):
        found = (re.sub(r"\s*,\s*", ",", name.group().strip()) for name in _NAME.finditer(group))
        parts = [name for name in found if name]
        while parts:
            n = next((n for n in range(len(parts), 1, -1) if known(", ".join(parts[:n]))), 1)
            names.append(", ".join(parts[:n]))
            del parts[:n]
    return names


def with_options(message: str) -> str:
    """Translate a library error; its arguments, as in ``pass on=…``, become options of the command."""
    message = message_in(message, click.get_current_context().obj or "en")
    for param in click.get_current_context().command.params:
        if isinstance(param, click.Option):
            name = "own" if param.name == "data" else param.name
            names = f"(?:{name}|{param.opts[-1].strip('-').replace('-', '_')})"
            if param.is_flag:
                message = re.sub(rf"(?<![^\s(]){names}=True\b", param.opts[0], message)
            message = re.sub(rf"(?<![^\s(]){names}=(?=[^\s,;)])", f"{param.opts[0]} ", message)
            message = re.sub(rf"(?<![^\s(]){names}=|^{names}(?=: | is )", param.opts[0], message)
    # The functions that a message names are commands.
    return re.sub(r"\bamurgeo\.(new|brief|osm\.read)\b", lambda name: name[0].replace(".", " "), message)


def _day(value: Any) -> Any:
    """Return a date as it is given, or today for its word in any language."""
    today = {translate("word.today", lang) for lang in LANGUAGES}
    return date.today().isoformat() if str(value).strip().casefold() in today else value


def check_format(output: str | None, format_: str) -> None:
    """Raise if a format is given beside a file whose ending is another one."""
    typed = click.get_current_context().get_parameter_source("format_") is ParameterSource.COMMANDLINE
    if output is not None and typed and not output.lower().endswith(f".{format_}"):
        raise InputError(
            f"--format {format_} has no effect beside -o '{output}'; the ending of the file "
            "decides, so leave --format out"
        )


class _Number(click.FloatRange):
    """A number, with a decimal point or comma."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number: Any = decimal_point(value) if isinstance(value, str) else value
        return super().convert(number, param, ctx)


class _File(click.ParamType):
    """A file to write, with the endings that its name may have."""

    name = "file"

    def __init__(self, suffixes: Sequence[str]) -> None:
        self.suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from amurgeo.io import check_suffix

        check_suffix(value, *self.suffixes)
        return value


class _Traffic(click.Choice):
    """A kind of traffic, by its code or its word in any language."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        codes = {translate(f"traffic.{code}", lang): code for code in self.choices for lang in LANGUAGES}
        return super().convert(codes.get(str(value).strip().casefold(), value), param, ctx)


def _year(value: Any) -> int:
    """Read a year, as 2026 or 2026 with the word for a year."""
    found = re.fullmatch(r"\s*(\d{1,9})\s*(?:г\.?|год|年)?\s*", str(value))
    if found is None:
        raise click.BadParameter(f"{value!r} is not a year; expected one such as 2026.")
    return int(found[1])


def _places(value: Any) -> list[str]:
    """Read places, separated by commas."""
    names = listed(value)
    if not names:
        raise click.BadParameter("expected places separated by commas")
    return names


def _demand(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    """Read a factor, as 1.2 or x1,2; other text is a file."""
    number = None if value is None else decimal_point(value.strip().lstrip("×xXхХ"))
    try:
        return number and float(number)
    except ValueError:
        return value


def _capacity(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> Any:
    """Read CROSSING=N or CROSSING=LOW:N:HIGH; other text is a file."""
    numbers: dict[str, Any] = {}
    for value in values:
        crossing, equals, text = value.rpartition("=")
        if not equals:
            if len(values) > 1:
                raise click.BadParameter(f"'{value}' is a file; expected one file, or only CROSSING=N")
            return value
        try:
            parts = [float(decimal_point(part)) for part in text.split(":")]
        except ValueError:
            raise click.BadParameter(
                f"'{value}' is invalid; expected CROSSING=N or CROSSING=LOW:N:HIGH"
            ) from None
        if crossing.strip() in numbers:
            raise click.BadParameter(f"'{crossing}' is given twice; expected each crossing once")
        numbers[crossing.strip()] = parts[0] if len(parts) == 1 else parts
    return numbers or None


def _not_by(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str] | None:
    """Read days by whose end crossings had not opened."""
    days: dict[str, str] = {}
    for value in values:
        crossing, equals, day = (part.strip() for part in value.rpartition("="))
        if not equals or not crossing or crossing in days:
            raise click.BadParameter(f"'{value}' is invalid; expected CROSSING=DATE, each crossing once")
        days[crossing] = day
    return days or None


def _base_too(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the alternatives; a single scenario is one of the baseline, without any open is of frozen."""
    if value:
        return value
    base, ctx.params["base"] = ctx.params["base"], None
    if base is None:
        base, ctx.params["base"] = "open", "frozen"
    return (base,)


#: Endings of the files of pages and of figures.
PAGE_TYPES, FIGURE_TYPES = ("html", "htm"), ("pdf", "png", "svg")
#: The day of a command that is asked without one.
TODAY: Any = object()
_LISTS = {"pages": PAGE_TYPES, "figures": FIGURE_TYPES, "languages": LANGUAGES}
_DAY = click.types.FuncParamType(_day)
#: Arguments of click by type, as a word of ``options.csv``.
_TYPES: dict[str, dict[str, Any]] = {
    "flag": {"is_flag": True},
    "day": {"type": _DAY},
    "today": {"type": _DAY, "default": lambda: TODAY},
    "year": {"type": click.types.FuncParamType(_year)},
    "places": {"type": click.types.FuncParamType(_places)},
    "bbox": {"callback": lambda ctx, param, value: None if value is None else value.split(",")},
    **{
        word: {"callback": reader}
        for word, reader in {
            "demand": _demand, "capacity": _capacity, "not_by": _not_by, "base": _base_too
        }.items()
    },
}  # fmt: skip


def _type(text: str, choices: Sequence[str]) -> dict[str, Any]:
    """Return the arguments of click for a type and what it allows, as ``int 1..50`` or ``choice a|b``."""
    word, _, allowed = text.partition(" ")
    if word in ("int", "number"):
        low, high = (float(bound) for bound in allowed.split("..")) if allowed else (None, None)
        if word == "number":
            return {"type": _Number(low, high)}
        return {"type": click.INT if low is None or high is None else click.IntRange(int(low), int(high))}
    kinds: dict[str, Any] = {"choice": click.Choice, "traffic": _Traffic, "file": _File}
    kind = kinds.get(word)
    if kind is None:
        return _TYPES.get(word, {})
    return {
        "type": kind([name for part in allowed.split("|") for name in choices or _LISTS.get(part, [part])])
    }


def option(row: dict[str, str], choices: Sequence[str]) -> Callable[..., Any]:
    """Return the option or argument of a row of ``options.csv``; two quotes are an empty text."""
    names, cells = row["names"].split(), {name: cell.strip("'") for name, cell in row.items() if cell}
    about = _type(row["type"], choices) | {key: cells[key] for key in ("default", "metavar") if key in cells}
    if "required" in cells:
        about["required"] = cells["required"] == "yes"
    if not names[0].startswith("-"):
        about |= {"nargs": -1} if "many" in cells else {}
        return click.argument(*names, **about)
    if "many" in cells:
        about |= {"multiple": True} if cells["many"] == "yes" else {"nargs": int(cells["many"])}
    if "alone" in cells:
        about |= {"is_flag": False, "flag_value": cells["alone"]}
    return click.option(*names, help=row["help"], show_default=bool(cells.get("default")), **about)


@cache
def _groups() -> dict[str, list[dict[str, str]]]:
    """Return the rows of ``options.csv`` by group."""
    groups: dict[str, list[dict[str, str]]] = {}
    with Path(__file__).with_name("options.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups.setdefault(row["group"], []).append(row)
    return groups


def option_rows(groups: str) -> Iterator[dict[str, str]]:
    """Yield the rows of ``options.csv`` in groups, some of which are made of other groups."""
    for row in (row for group in groups.split() for row in _groups()[group]):
        yield from option_rows(row["names"]) if row["type"] == "groups" else [row]
