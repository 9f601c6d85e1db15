"""Types of options: a date, a number, a year, a file to write; and options in messages."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click
from click.core import ParameterSource

from amurgeo.errors import InputError
from amurgeo.text import LANGUAGES, decimal_point, message_in, translate

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_NAME = re.compile(rf"\s*{_NUMBER}\s*,\s*{_NUMBER}\s*(?=,|$)|[^,]+")


def listed(text: str) -> list[str]:
    """Read names separated by commas; two consecutive numbers are one point.

    Examples
    --------
    >>> listed("Zeya, 50.45,127.62,Tynda")
    ['Zeya', '50.45,127.62', 'Tynda']
    """
    names = (re.sub(r"\s*,\s*", ",", name.group().strip()) for name in _NAME.finditer(text))
    return [name for name in names if name]


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

    def __init__(self, *suffixes: str) -> None:
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


NUMBER, FILE, TRAFFIC = _Number, _File, _Traffic
DAY, YEAR, PLACES = (click.types.FuncParamType(function) for function in (_day, _year, _places))
#: Endings of the files of pages and of figures.
PAGE_TYPES, FIGURE_TYPES = ("html", "htm"), ("pdf", "png", "svg")
