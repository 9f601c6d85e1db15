"""The command line. Commands are imported when called, so that ``--help`` is quick."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from amurgeo._version import __version__
from amurgeo.errors import AmurgeoError, DataError, unknown_name_error

#: Module of each command, and its line in the help.
COMMANDS = {
    "state": ("state", "Status of each crossing on a date, with reasons."),
    "routes": ("route", "The best route by each open crossing."),
    "matrix": ("route", "Hours, km or cost between many places."),
    "daily": ("route", "Hours between two places on every day of a period."),
    "map": ("map", "Maps: one self-contained page each."),
    "calendar": ("state", "Status of each crossing on every day of a year."),
    "dates": ("state", "When a crossing opens and closes in a season, with quantiles."),
    "next": ("state", "The coming season of each crossing, with the first and the last safe day."),
    "gaps": ("state", "The two gaps of a winter: when, how long, how surely, and their cost in hours."),
    "brief": ("state", "One page on a date: what is open, what comes next, what is uncertain."),
    "forecast": ("state", "Issue a forecast of the winter, or score those issued before."),
    "exits": ("route", "The international exits of a place, to China or by sea."),
    "redundancy": ("compare", "Independent routes over the border, by month."),
    "compare": ("compare", "Scenarios side by side: a table and a map."),
    "report": ("compare", "The decision report: two pages to print and hand over."),
    "check": ("dataset", "Every fault of the dataset or of your tables, at once."),
    "new": ("dataset", "A template folder for your tables."),
    "record": ("dataset", "Add one dated observation to your season record."),
    "export": ("dataset", "The network for QGIS, Gephi or Excel."),
    "osm": ("osm", "OpenStreetMap roads as a folder for --data, with seasons."),
}
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
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    words = sys.argv[1:] if args is None else args
    debug = "--debug" in words
    if debug:
        # Allowed anywhere on the line.
        words = ["--debug", *(word for word in words if word != "--debug")]
    try:
        # Without its standalone mode click returns the code of an early exit.
        code = cli.main(args=words, prog_name="amurgeo", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, a pager) has closed the pipe: discard the rest of the buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (AmurgeoError, OSError) as error:
        if debug:
            raise
        lines = [str(fault) for fault in error.faults] if isinstance(error, DataError) else [str(error)]
        for line in lines:
            click.echo(f"amurgeo: {line if len(line) <= _LONGEST else line[:_LONGEST] + ' …'}", err=True)
        sys.exit(2)
