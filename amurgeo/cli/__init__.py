"""The command line. Commands are loaded when they are called, so that ``--help`` is quick."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from amurgeo._version import __version__
from amurgeo.errors import AmurgeoError, DataError

#: Command, the module that holds it, and the line shown in the help.
COMMANDS = {
    "state": ("amurgeo.cli.states", "What is open on a day, and why."),
    "routes": ("amurgeo.cli.journeys", "The best way by each open crossing."),
    "matrix": ("amurgeo.cli.journeys", "Hours, km or cost between many places."),
    "map": ("amurgeo.cli.mapping", "Maps: one self-contained page each."),
    "calendar": ("amurgeo.cli.states", "What is open on every day of a year."),
    "dates": ("amurgeo.cli.states", "When a crossing opens and closes in a season, and how surely."),
    "next": ("amurgeo.cli.states", "What changes next, and the last safe day to dispatch."),
    "exits": ("amurgeo.cli.journeys", "The international exits of a place, to China or by sea."),
    "redundancy": ("amurgeo.cli.comparing", "Independent ways over the border, month by month."),
    "compare": ("amurgeo.cli.comparing", "Scenarios side by side: a table and a map."),
    "report": ("amurgeo.cli.reporting", "The decision sheet: two pages to print and hand over."),
    "check": ("amurgeo.cli.datasets", "Every fault of the data or of own tables, at once."),
    "new": ("amurgeo.cli.datasets", "A folder to start own tables from."),
    "record": ("amurgeo.cli.datasets", "Add one dated observation to an own season record."),
    "export": ("amurgeo.cli.datasets", "The network for QGIS, Gephi or Excel."),
    "osm": ("amurgeo.cli.openstreetmap", "OpenStreetMap roads as a folder for --data, seasons kept."),
}
#: Characters of a message; what was given may itself be very long.
_LONGEST = 2000


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; None when there is none of that name."""
        if name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[name][0]), f"{name}_" if name in ("next", "map") else name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is answered with the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from amurgeo.errors import unknown_name_error

            raise click.UsageError(str(unknown_name_error("command", args[0], COMMANDS)), ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="amurgeo")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Seasonal border crossings of Amur Oblast and their Chinese counterparts."""
    ctx.obj = {"debug": debug}


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 asked and answered no, 2 bad input."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    given = sys.argv[1:] if args is None else args
    if "--debug" in given:
        # Allowed anywhere on the line.
        given = ["--debug", *(word for word in given if word != "--debug")]
    try:
        # Outside of its standalone mode click returns the code of an early exit.
        code = cli.main(args=given, prog_name="amurgeo", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, a pager) has gone: what is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (AmurgeoError, OSError) as error:
        if "--debug" in given:
            raise
        lines = [str(fault) for fault in error.faults] if isinstance(error, DataError) else [str(error)]
        for line in lines:
            click.echo(f"amurgeo: {line if len(line) <= _LONGEST else line[:_LONGEST] + ' …'}", err=True)
        sys.exit(2)
