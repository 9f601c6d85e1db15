"""The command line. Commands are imported when called, so that ``--help`` is quick."""

from __future__ import annotations

import csv
import gc
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from locale import getlocale
from pathlib import Path
from typing import Any

import click

from amurgeo._version import __version__
from amurgeo.errors import AmurgeoError, DataError, unknown_name_error
from amurgeo.text import LANGUAGES, message_in

#: Module of each command, and its line in the help.
with Path(__file__).with_name("commands.csv").open(encoding="utf-8", newline="") as _file:
    COMMANDS = {row["command"]: (row["module"], row["help"]) for row in csv.DictReader(_file)}
#: Maximum length of an error message, which may quote input of any length.
_LONGEST = 2000


class LazyGroup(click.Group):
    """A group whose commands are imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; return None if it does not exist."""
        if name not in COMMANDS:
            return None
        module = import_module(f"amurgeo.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, f"{name}_" if name in ("next", "map") else name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; suggest the nearest for an unknown one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(str(unknown_name_error("command", args[0], COMMANDS)), ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="amurgeo")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Seasonal border crossings of Amur Oblast and their Chinese counterparts."""


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the answer is no, 2 invalid input."""
    if args is None:
        _prepare_process()
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    words = sys.argv[1:] if args is None else args
    debug = "--debug" in words
    if debug:
        # Allowed anywhere on the line.
        words = ["--debug", *(word for word in words if word != "--debug")]
    lang = _language(words)
    if words and words[0].startswith("--lang"):
        # An option of every command, which may also stand before it.
        n = 1 if "=" in words[0] else 2
        words = [*words[n:], *(words[:n] if words[n:] else [])]
    try:
        # Without its standalone mode click returns the code of an early exit.
        done = cli.main(args=words, prog_name="amurgeo", standalone_mode=False, obj=lang)
        sys.stdout.flush()
        code = done if isinstance(done, int) else 0
    except click.ClickException as error:
        with suppress(OSError):
            _show(error, lang)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _complain(message_in("stopped", lang))
        code = 130
    except BrokenPipeError:
        # The reader (head, a pager) has closed the pipe.
        code = 0
    except (AmurgeoError, OSError, UnicodeEncodeError) as error:
        if debug:
            raise
        for message in _messages(error):
            # One line that ends with the remedy, although it may quote input of any length.
            line = " ".join(message_in(message, lang).split("\n"))
            line = re.sub(r"(?<!\w)'(?![\s,;:.)])([^']{60})[^']{200,}'", r"'\1 …'", line)
            _complain(f"amurgeo: {line if len(line) <= _LONGEST else line[:_LONGEST] + ' …'}")
        code = 2
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # Discard the rest of the buffer, which Python would write again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _prepare_process() -> None:
    """Open closed standard streams, whose numbers files would take; let temporary files go when stopped.

    Let objects pile up longer before they are collected.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Most objects of a command live until it ends; looking through them every 700 takes a tenth of its time.
    gc.set_threshold(100_000)


def _complain(line: str) -> None:
    with suppress(OSError):
        click.echo(line, err=True)


def _messages(error: Exception) -> list[str]:
    """Return the sentences of an error, one for each fault."""
    if isinstance(error, DataError):
        return [str(fault) for fault in error.faults]
    if isinstance(error, OSError):
        path = "" if error.filename is None else f"'{error.filename!s:.60}': "
        return [f"{path}{error.strerror or error}; give another file or folder"]
    if isinstance(error, UnicodeEncodeError):
        return [f"{error.object!r:.60} is invalid: expected text in UTF-8"]
    return [str(error)]


def _language(words: Sequence[str]) -> str:
    """Return the language of errors: that of --lang, else of the locale, else English."""
    # Of several the last counts, as for every option.
    given = [
        word.removeprefix("--lang=")
        for before, word in pairwise(["", *words])
        if before == "--lang" or word.startswith("--lang=")
    ][::-1]
    set_ = [os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)]
    for name in (*given, *(set_ or [getlocale()[0] or ""])[:1]):
        # Windows names a locale "Russian_Russia" or "Chinese (Simplified)_China".
        code = name[:2].lower().replace("ch", "zh")
        if code in LANGUAGES:
            return code
    return "en"


def _show(error: click.ClickException, lang: str) -> None:
    """Print an error of the command line itself, in a language."""
    if lang == "en" or isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        error.show()
        return
    lines = [f"Error: {error.format_message()}"]
    if isinstance(error, click.UsageError) and error.ctx is not None:
        lines = [error.ctx.get_usage(), f"Try '{error.ctx.command_path} --help' for help.", "", *lines]
    for line in lines:
        click.echo(message_in(line, lang), err=True)
