"""Options, printing and writing that the commands share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial, reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import amurgeo
from amurgeo.cli import tables
from amurgeo.cli.types import PAGE_TYPES, TODAY, check_format, listed, option, option_rows, with_options
from amurgeo.errors import InputError
from amurgeo.text import heading, inside, listing, name_of, number_text, translate, unknown_text

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.scenario import Scenario

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
#: Options that make up a `Request`.
_REQUEST = ("lang", "data", "dataset", "home", "ids", "format_", "output", "everything", "png")
#: Commands whose answers depend on keys that act on queues alone.
_KNOW_ROOM = {"capacity_share": ("capacity", "measures", "queues", "state"), "known_days": ("queues",)}
#: Placeholders of paths, which are printed as they are.
_PATHS = ("path", "file", "folder")
#: What may be a list of ids of crossings and checkpoints in a message, not quoted and no part of a word.
_IDS = re.compile(r"(?<![\w'=/.:])[a-z]\w*(?::[a-z_]+)?(?:, [a-z]\w*(?::[a-z_]+)?)*(?![\w'=/:(]|\.\w)")


@dataclass
class Request:
    """The options that commands share: language, own tables, format, extent and files of the result."""

    lang: str = "en"
    data: str | None = None
    dataset: str | None = None
    home: tuple[str, ...] = ()
    ids: bool = False
    format_: str = "table"
    output: str | None = None
    everything: bool = False
    png: str | None = None
    #: Network, and names of its crossings, that replace ids in what is printed for people.
    names_of: Network | None = None
    crossings: Mapping[str, str] = field(default_factory=dict)
    #: The scenarios asked for, and the one that is named below a table.
    scenarios: Sequence[Scenario] = ()
    scenario: Scenario | None = None
    #: Notes on the files that were written.
    written: list[str] = field(default_factory=list)

    @cached_property
    def net(self) -> Network:
        """The network of --dataset, with the tables of --data and the regions of --home."""
        home = [name for names in self.home for name in listed(names)]
        return amurgeo.load(self.data, dataset=self.dataset, home=home or None)

    @property
    def folder(self) -> Path:
        """The folder of --dataset, or that of the shipped dataset."""
        from amurgeo.network import dataset_folder

        return dataset_folder(self.dataset)

    @property
    def data_lang(self) -> str:
        """The language of texts in a result: JSON, GeoJSON and CSV are the same in every language."""
        neutral = self.format_ if self.output is None else self.output.lower()
        return "en" if neutral.endswith(("json", "csv")) else self.lang

    def names(self, given: Iterable[str]) -> list[str]:
        """Read lists of crossings, checkpoints or places; the name of a crossing may have a comma."""

        def known(text: str) -> bool:
            try:
                target = self.net.names.target(text)
            except InputError:
                return True  # Several crossings have that name.
            return target is not None and target.kind == "crossing"

        return [name for text in given for name in listed(text, known)]

    def named(self, message: str, lang: str) -> str:
        """Return a message with the names of the crossings and checkpoints whose ids it suggests."""
        from amurgeo.network import target_name

        def names(found: re.Match[str]) -> str:
            net = self.__dict__.get("net") or amurgeo.load(dataset=self.dataset)
            known = {*net.base["crossings"].index, *net.base["checkpoints"].index}
            ids = found[0].split(", ")
            return (
                listing((target_name(net, id_, lang) for id_ in ids), lang) if known >= {*ids} else found[0]
            )

        return message if self.ids else _IDS.sub(names, message)

    def text(self, key: str, **values: Any) -> str:
        """Return the translation of a key; values have names for ids, numbers and dates of the language."""
        for name, value in values.items():
            if isinstance(value, float):
                values[name] = number_text(value, self.data_lang, digits=1)
            elif isinstance(value, str) and name not in _PATHS:
                values[name] = self.shown(value).replace("\u200b", "")
        return translate(key, self.data_lang, **values)

    def note(self, key: str, **values: Any) -> None:
        """Print a translated note on stderr."""
        note(translate(key, self.lang, **values))

    def heading(self, name: str, **values: Any) -> str:
        """Return the heading of a column; its name if it has none."""
        return heading(name, self.data_lang, **values)

    def name(self, rows: Any, id_: str) -> str:
        """Return the name of a row of places, checkpoints or vehicles."""
        return name_of(rows.loc[id_], self.data_lang)

    def asked(self, kind: str, state: Any, vehicle: str, *, what: str = "", **places: str) -> str:
        """Return the title of a question on a vehicle, a day and places."""
        names = {side: self.name(state.net.nodes, id_) for side, id_ in places.items()}
        by = inside(self.name(state.net.base["vehicles"], vehicle))
        return self.text(f"title.{kind}", on=state.on.isoformat(), vehicle=by, what=what, **names)

    def emit(
        self,
        result: Any,
        table: Callable[[], None],
        document: Any = None,
        *,
        net: Network | None = None,
        rows: str | Iterable[Mapping[str, Any]] | None = None,
        columns: Sequence[str] | None = None,
        files: Callable[[], Mapping[str, Any]] | None = None,
        lines: Callable[[], Any] | None = None,
        gaps: Mapping[str, str] | None = None,
        unknown: Sequence[str] | None = None,
        **about: Any,
    ) -> None:
        """Print or write a result in the format asked for.

        JSON is `document`, by default the result as plain values; CSV its `rows`, given or by their key (by
        default all of it); GeoJSON what `lines` returns. A page is the map of the result. Another file has
        the frames of `files` (by default the rows), with `gaps` in their headings, and what it is about, see
        `about`. For people `table` prints, followed by the last day of the record of the result's network, or
        of `net`. Crossings of unknown status are named, below a table or on stderr.
        """
        from amurgeo.network import crossing_name

        state = getattr(result, "state", result)
        net = net or getattr(state, "net", None)
        if unknown is None:
            found = getattr(result, "unknown", ())
            unknown = found() if callable(found) else found
        for_people = self.output is None and self.format_ == "table"
        if document is None and not for_people:
            document = result.to_dict() if hasattr(result, "to_dict") else result
        if state is not result:
            about = {"when": state.on.isoformat(), "vehicle": getattr(result, "vehicle", None), **about}
        if unknown and not for_people:
            note(unknown_text(unknown, self.lang))
        data: Any = document if rows is None else rows
        if isinstance(data, str) and not for_people:
            data = document[data]
        if self.output is not None and self.output.lower().endswith(PAGE_TYPES):
            page = result.map(lang=self.lang)
            self.write_file(self.output, lambda path: page.save(Path(path)), kind="page")
        elif self.output is not None:
            name = str(click.get_current_context().command.name)
            self._write(
                {name: data} if files is None else files(), net, gaps, unknown, tables.about(self, **about)
            )
        elif self.format_ == "json":
            click.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        elif self.format_ == "csv":
            from amurgeo.io import csv_text

            # Numbers are printed with the digits that JSON shows.
            cells = [{key: str(x) if isinstance(x, float) else x for key, x in row.items()} for row in data]
            # The byte-order mark lets Excel read Cyrillic and Chinese.
            click.echo("\ufeff" + csv_text(cells, columns), nl=False)
        elif self.format_ == "geojson" and lines is not None:
            from amurgeo.io import plain

            click.echo(lines().to_json(default=plain))
        else:
            if net is not None and not self.ids:
                self.names_of = net
                # A line may break before the mode also where names have no spaces.
                added = [change.add for each in self.scenarios for change in each.changes if change.add]
                ids = [*net.base["crossings"].index, *(one.id for one in added if one.kind == "crossing")]
                self.crossings = {
                    id_: crossing_name(net, id_, self.lang, before_mode="\u200b") for id_ in ids
                }
            table()
            if unknown:
                self.say(self.shown(unknown_text(unknown, self.lang)))
            if self.scenario is not None:
                title = self.scenario.title.get(self.data_lang, self.scenario.name)
                titled = getattr(state, "title", None)
                title = titled[self.data_lang] if isinstance(titled, dict) else title
                self.say(f"{self.text('head.scenario')}{self.text('word.colon')}{title}")
            if net is not None:
                self.say(self.text("word.record_until", date=net.record_until.isoformat()))

    def say(self, text: str, *, bold: bool = False) -> None:
        """Print a sentence, on a terminal in lines that break between words."""
        for line in tables.sentence_lines(text):
            click.echo(click.style(line, bold=True) if bold else line)

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Iterable[Any],
        *,
        right: Container[str] = (),
        spare: Sequence[str] = (),
        **gaps: str,
    ) -> None:
        """Print mappings, or lists of cells, as a table; an untranslated column is a heading as it is.

        Columns for which the width does not suffice are left out and named, those in `spare` first.
        """
        headings = [self.shown(self.heading(name, **gaps)) for name in columns]
        cells = [
            [self.shown(cell) for cell in row]
            if isinstance(row, list)
            else [self.cell(name, row[name]) for name in columns]
            for row in rows
        ]
        lines, missing = tables.layout(
            headings,
            cells,
            tables.terminal_width(),
            right={place for place, name in enumerate(columns) if name in right or tables.is_number(name)},
            spare=[columns.index(name) for name in spare if name in columns],
        )
        if title:
            self.say(self.shown(title), bold=True)
        for line in lines:
            click.echo(line)
        if missing:
            self.say(self.text("word.left_out", columns=listing(missing, self.lang)))
        click.echo()

    def cell(self, name: str, value: Any) -> str:
        """Return the text of a cell in the language, with names unless ids are asked for."""
        if name == "scenario" and not self.ids:
            value = {one.name: one.title.get(self.data_lang, one.name) for one in self.scenarios}.get(
                value, value
            )
        return self.shown(tables.cell_text(name, value, self.lang, self._name))

    def shown(self, text: str) -> str:
        """Return a text with names for the ids of crossings, numbers and dates in the language."""
        return tables.shown(text, self.data_lang, self.crossings)

    def _name(self, table: str, id_: str) -> str:
        """Return the name of an id in a table, the id itself if the table lacks it."""
        net = self.names_of
        rows = None if net is None else net.nodes if table == "nodes" else net.base[table]
        return id_ if rows is None or id_ not in rows.index else self.name(rows, id_)

    def _write(
        self,
        tables: Mapping[str, Any],
        net: Any,
        gaps: Mapping[str, str] | None,
        unknown: Sequence[str],
        about: Mapping[str, Any],
    ) -> None:
        """Write tables to FILE.xlsx, .csv or .gpkg, with what they are about, sources and assumptions."""
        import pandas as pd

        from amurgeo.export import write_tables
        from amurgeo.results import with_lines

        path, lang = str(self.output), self.data_lang
        frames = {
            name: pd.DataFrame(rows) if isinstance(rows, list) else rows for name, rows in tables.items()
        }
        if path.lower().endswith(".gpkg"):
            lines = net.crossings.geometry
            frames = {name: with_lines(frame, lines) for name, frame in frames.items()}
        else:
            frames = {name: frame.drop(columns="geometry", errors="ignore") for name, frame in frames.items()}
        assumptions = [
            translate("word.record_until", lang, date=net.record_until.isoformat()),
            translate("word.estimates_plain", lang),
            *([unknown_text(unknown, lang)] if unknown else []),
        ]
        texts: dict[str, Any] = {"assumptions": assumptions, "gaps": gaps, "about": about}
        for written in write_tables(path, frames, lang=lang, sources=net.sources, net=net, **texts):
            self.written.append(translate("word.file_written", lang, path=written))

    def write_file(
        self, path: str | None, write: Callable[[str], Any], *, kind: str = "file", option: str = "-o"
    ) -> None:
        """Write a file, if there is a path, and announce it; an error names the option of the path."""
        if path is None:
            return
        try:
            write(path)
        except InputError as error:
            raise InputError(f"{option}: {error}") from None
        self.written.append(translate(f"word.{kind}_written", self.lang, path=path))

    def draw(
        self, name: str, *given: Any, path: str | None = None, option: str = "--png", **options: Any
    ) -> None:
        """Draw a figure of `amurgeo.figures` into the file of an option, if that is given."""

        def write(path: str) -> None:
            getattr(amurgeo.figures, name)(*given, lang=self.lang, path=path, **options)

        self.write_file(self.png if option == "--png" else path, write, kind="figure", option=option)


note = partial(click.echo, err=True)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Pass the shared options as a `Request`, and scenarios as such; they are read before other options."""

    @wraps(function)
    def command(**values: Any) -> None:
        from amurgeo.io import together

        options = {name: values.pop(name) for name in _REQUEST if name in values}
        request = Request(**options)
        try:
            check_format(request.output, request.format_)
            if {"scenarios", "alternatives"} & set(values):
                from amurgeo.scenario import as_scenario

                if "alternatives" in values:
                    names = (values.pop("base"), *values.pop("alternatives"))
                    values["scenarios"] = [as_scenario(text, folder=request.folder) for text in names]
                else:
                    text = "+".join(values.pop("scenarios")) or None
                    values["scenario"] = as_scenario(text, folder=request.folder)
                    request.scenario = values["scenario"] if text else None
                note_room(request, values.get("scenarios") or [values["scenario"]])
            if values.get("on") is TODAY:
                values["on"] = _today(values)
            if "" in request.home and "only_open" not in values:
                raise click.BadOptionUsage("home", "Option '--home' requires an argument.")
            # All files of a command are written, or none.
            with together():
                end = None
                try:
                    function(request, **values)
                except click.exceptions.Exit as negative:
                    end = negative
            for text in request.written:
                note(text)
            if end is not None:
                raise end
        except InputError as error:
            lang = click.get_current_context().obj or "en"
            error.args = (request.named(with_options(str(error)), lang),)
            raise

    return command


def note_room(request: Request, scenarios: Iterable[Any]) -> None:
    """Keep the scenarios, and note on stderr which of their keys change no answer without queues."""
    request.scenarios = tuple(scenarios)
    context, changes = (
        click.get_current_context(),
        [one for each in request.scenarios for one in each.changes],
    )
    for name, commands in _KNOW_ROOM.items():
        asked = context.params.get("queues") or context.command.name in commands
        if not asked and any(getattr(change, name) is not None for change in changes):
            note(request.text("word.room_only", name=name))


def _today(values: Mapping[str, Any]) -> str | None:
    """Return today, unless a period or the scenarios have the days."""
    scenarios = values.get("scenarios") or [values.get("scenario")]
    dated = any(scenario is not None and scenario.day is not None for scenario in scenarios)
    period = any(values.get(name) is not None for name in ("year", "first", "last"))
    return None if dated or period else date.today().isoformat()


def together(*decorators: Decorator) -> Decorator:
    """Return one decorator that applies several, in their order."""
    return lambda function: reduce(lambda inner, outer: outer(inner), reversed(decorators), function)


def options(groups: str, **choices: Sequence[str]) -> Decorator:
    """Return a decorator that gives a command groups of ``options.csv``, in the order of its help.

    `choices` are the words that the option of a group may have, if another module lists them.
    """
    found = [option(row, choices.get(row["group"], ())) for row in option_rows(groups)]
    return together(*found, shared)
