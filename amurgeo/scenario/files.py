"""Scenarios: named, composable sets of changes, from names, TOML files, dictionaries and one-line changes."""

from __future__ import annotations

import ast
import inspect
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, reduce
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from amurgeo.dataset.schema import geo_dir, normalize_name
from amurgeo.errors import InputError, check_int, unknown_name_error
from amurgeo.io import as_path, toml_lines, write_bytes_atomic
from amurgeo.network.additions import NewCrossing, NewRoad, explain
from amurgeo.scenario.model import (
    ASSUMED,
    MAX_CHANGES,
    Change,
    ScenarioFile,
    as_changes,
    by_language,
    month_day,
    parse_change,
)
from amurgeo.text import FIRST_DAY, LANGUAGES, LAST_DAY

_MAX_BYTES = 1_000_000
#: Maximum number of scenarios in a row that are bases of each other.
_MAX_CHAIN = 50


@dataclass(frozen=True)
class Scenario:
    """A named set of changes over the base; immutable.

    ``one + other`` joins two scenarios: the changes of both in that order, and the regime, day, world and
    assumption of the one that has them. It raises `InputError` if they contradict each other.

    Attributes
    ----------
    name
        Its name; joined scenarios have the names joined by ``+``, in declared order.
    title
        Title by language; a text holds for all languages, and the name is the default.
    description
        Description by language, or a text for all.
    day
        Month and day of a regime, or None.
    regime
        Name of the regime, or None; the scenario's own name if only `day` is given.
    world
        Year whose crossings exist, or None for the present world.
    assume
        Status of services on days of which the record has a gap: ``open`` (in season) or ``closed``; None for
        ``unknown``.
    changes
        The changes in declared order, from `amurgeo.close` and the like, or dictionaries with the keys of a
        ``[[change]]`` in a scenario file.

    Raises
    ------
    InputError
        If an attribute is invalid or changes contradict each other.

    Examples
    --------
    >>> import amurgeo as ag
    >>> shut = Scenario("shut", changes=[ag.close("kani_kurgan:bridge"), ag.delay("ice_road", days=21)])
    >>> [str(change) for change in (shut + Scenario.from_dict({"name": "mild", "base": "warm_2c"})).changes]
    ['kani_kurgan:bridge close', 'ice_road delay_days 21', 'winter warming_c 2.0']
    """

    name: str
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    day: tuple[int, int] | None = None
    regime: str | None = None
    world: int | None = None
    changes: Sequence[Change] = ()
    assume: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise InputError(f"the name of a scenario is invalid: {self.name!r:.60}; expected text")
        where = f"scenario '{self.name:.80}'"
        if self.regime is not None and (self.day is None or not isinstance(self.regime, str)):
            raise InputError(f"{where}: regime= is invalid: {self.regime!r:.60}; expected a name, with day=")
        values: dict[str, Any] = {
            "title": by_language(f"{where}: title", self.title, self.name),
            "description": by_language(f"{where}: description", self.description, ""),
            "day": None if self.day is None else month_day(where, self.day),
            "regime": self.name if self.day is not None and self.regime is None else self.regime,
            "changes": tuple(as_changes(where, self.name, self.changes)),
        }
        if self.world is not None:
            values["world"] = check_int(f"{where}: world", self.world, FIRST_DAY.year, LAST_DAY.year)
        if self.assume not in (None, *ASSUMED):
            raise InputError(f"{where}: assume= is invalid: {self.assume!r:.60}; expected open or closed")
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes an equal scenario: read-only texts are not pickled as they are."""
        values = (getattr(self, each.name) for each in fields(self))
        return Scenario, tuple(dict(value) if isinstance(value, Mapping) else value for value in values)

    def __hash__(self) -> int:
        return hash((self.name, self.day, self.regime, self.world, self.changes, self.assume))

    @property
    def warming_c(self) -> float:
        """Degrees Celsius by which the winters are warmer."""
        return sum(change.warming_c for change in self.changes if change.warming_c is not None)

    def __add__(self, other: Scenario) -> Scenario:
        """Join two scenarios; raise if they contradict each other."""
        if not isinstance(other, Scenario):
            return NotImplemented
        for key in ("regime", "world", "assume"):
            values = (getattr(self, key), getattr(other, key))
            if all(values) and values[0] != values[1]:
                raise InputError(
                    f"'{self.name}' and '{other.name}' contradict each other: "
                    f"{key} {values[0]} and {key} {values[1]}"
                )
        parts = [part for part in (self, other) if part.name != "baseline"] or [other]
        return Scenario(
            "+".join(part.name for part in parts),
            {lang: " + ".join(part.title[lang] for part in parts) for lang in LANGUAGES},
            {lang: other.description[lang] or self.description[lang] for lang in LANGUAGES},
            self.day or other.day,
            self.regime or other.regime,
            self.world or other.world,
            (*self.changes, *other.changes),
            self.assume or other.assume,
        )

    @classmethod
    def from_toml(cls, path: str | Path, *, folder: Path | None = None) -> Scenario:
        """Return the scenario of a TOML file; its bases are read from the folder of the file.

        Parameters
        ----------
        path
            The file, with the keys of a scenario file.
        folder
            Folder of the dataset whose scenarios are known by name (``net.folder``); by default the shipped
            one.

        Returns
        -------
        Scenario
            The scenario, with the changes of its bases.

        Raises
        ------
        InputError
            If the file does not exist or has faults; the message names file and key.

        Examples
        --------
        >>> Scenario.from_toml(geo_dir() / "scenarios" / "frozen.toml").name
        'frozen'
        """
        if not isinstance(path, str | os.PathLike) or "\n" in str(path):
            raise InputError(f"path is invalid: {path!r:.60}; expected the path of a scenario file")
        return _Reader(dataset=folder or geo_dir()).read(Path(path))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], *, folder: Path | None = None) -> Scenario:
        """Return the scenario of a dictionary with the keys of a scenario file.

        Parameters
        ----------
        content
            ``name``, and any of ``title``, ``description``, ``base``, ``regime``, ``day`` (``MM-DD``),
            ``world``, ``assume`` and ``change`` (a list).
        folder
            As in `from_toml`.

        Returns
        -------
        Scenario
            The scenario.

        Raises
        ------
        InputError
            If a key or value is invalid.

        Examples
        --------
        >>> change = {"mode": "ferry", "close": True, "days": "05-01..05-20"}
        >>> str(Scenario.from_dict({"name": "late_ferries", "change": [change]}).changes[0])
        'ferry close 05-01..05-20'
        """
        if not isinstance(content, Mapping):
            raise InputError(f"scenario is invalid: {content!r:.60}; expected a dictionary")
        try:
            parsed = ScenarioFile.model_validate(dict(content))
        except ValidationError as error:
            raise InputError(f"the scenario is invalid: {explain(error, ScenarioFile)}") from None
        return _Reader(dataset=folder or geo_dir())._join_bases("the scenario", parsed)

    def to_dict(self) -> dict[str, Any]:
        """Return the scenario as a dictionary that `from_dict` reads; defaults are left out.

        Examples
        --------
        >>> Scenario.from_dict({"name": "warm", "base": "warm_2c"}).to_dict()
        {'name': 'warm', 'change': [{'warming_c': 2.0}]}
        """
        content: dict[str, Any] = {"name": self.name}
        for key, default in (("title", self.name), ("description", "")):
            texts = dict(getattr(self, key))
            if set(texts.values()) != {default}:
                content[key] = texts
        dumped: dict[str, Any] = {"mode": "json", "by_alias": True, "exclude_none": True}
        content |= {
            "day": self.day and "{:02d}-{:02d}".format(*self.day),
            "regime": None if self.regime == self.name else self.regime,
            "world": self.world,
            "assume": self.assume,
            "change": [change.model_dump(**dumped) for change in self.changes],
        }
        return {key: value for key, value in content.items() if value}

    def to_toml(self, path: str | Path | None = None) -> str:
        """Return the scenario as the text of a TOML file; with a path also write it.

        Reading the text gives an equal scenario: ``Scenario.from_toml(path) == scenario``.

        Parameters
        ----------
        path
            The file; an existing one is replaced.

        Returns
        -------
        str
            The text.

        Raises
        ------
        InputError
            If the file cannot be written.

        Examples
        --------
        >>> import amurgeo as ag
        >>> text = Scenario("shut", changes=[ag.close("kani_kurgan:bridge", "2026-11-10")]).to_toml()
        >>> text.splitlines()[-3:]
        ['crossing = "kani_kurgan:bridge"', 'days = "2026-11-10"', 'close = true']
        """
        content = self.to_dict()
        changes = content.pop("change", [])
        parts = [toml_lines(content)] + [f"[[change]]\n{toml_lines(change)}" for change in changes]
        text = "\n".join(parts)
        if path is not None:
            write_bytes_atomic(Path(path), text.encode("utf-8"))
        return text


#: Scenario without changes, which a dataset need not have as a file.
_BASELINE = "baseline"


def scenario_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the scenarios of a dataset.

    Parameters
    ----------
    folder
        Folder of the dataset (``net.folder``); the shipped one if omitted.

    Returns
    -------
    tuple of str
        The names, ``baseline`` among them.

    Examples
    --------
    >>> "frozen" in scenario_names()
    True
    """
    return _names(geo_dir() if folder is None else as_path("folder", folder))


@cache
def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted({_BASELINE, *(path.stem for path in (folder / "scenarios").glob("*.toml"))}))


@cache
def _by_title(folder: Path) -> dict[str, str]:
    """Return the names of the scenarios of a dataset by folded name, and by folded title in any language."""
    names = scenario_names(folder)
    files = {name: folder / "scenarios" / f"{name}.toml" for name in names}
    titles = {
        title: name
        for name, path in files.items()
        if path.is_file()
        for title in by_language(name, _read_file(path).title, name).values()
    }
    keys = titles | {name: name for name in names}
    return {normalize_name(key): name for key, name in keys.items()}


#: What can be given as a scenario: see `as_scenario`.
ScenarioLike: TypeAlias = Scenario | Change | str | Path | Mapping[str, Any] | Iterable[Any] | None


def as_scenario(given: ScenarioLike, *, folder: Path | None = None) -> Scenario:
    """Return the scenario of a name, file, change, dictionary, or list of these.

    An inline change is ``"kani_kurgan:bridge close 2026-11-10..2026-11-20"``; names, files and changes may be
    joined by ``+``. None is the baseline. Names are those of a dataset's `folder` (``net.folder``), by
    default the shipped one. Errors name file and key.
    """
    reader = _Reader(dataset=folder or geo_dir())
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Path):
        return reader.read(given)
    if isinstance(given, Change):
        return Scenario(given.by or str(given), changes=(given,))
    if isinstance(given, Mapping):
        return Scenario.from_dict(given, folder=folder)
    if given is None:
        given = _BASELINE
    if not isinstance(given, Iterable):
        raise InputError(f"scenario is invalid: {given!r:.60}; expected a name, a file or a change")
    parts = _split(given) if isinstance(given, str) else list(given)
    if not parts:
        raise InputError("the scenario is empty; expected a name, a file or a change")
    if len(parts) > MAX_CHANGES:
        raise InputError(f"the scenario has {len(parts)} parts; expected up to {MAX_CHANGES}")
    is_text = isinstance(given, str)
    return reduce(
        add, [reader.parse(part) if is_text else as_scenario(part, folder=folder) for part in parts]
    )


def _split(text: str) -> list[str]:
    if text.endswith(".toml") and os.path.isfile(text):
        return [text]
    return [part.strip() for part in text.split("+") if part.strip()]


@dataclass(frozen=True)
class _Reader:
    """Reads a scenario and its bases; each file once, however often it is a base."""

    #: Folder of the dataset whose scenarios are known by name.
    dataset: Path
    #: Folder that relative paths start from.
    folder: Path = Path()
    #: Paths of the files being read; each has the next one as a base.
    chain: tuple[str, ...] = ()
    #: Scenarios read before, by path.
    loaded: dict[str, Scenario] = field(default_factory=dict)

    def parse(self, text: str) -> Scenario:
        """Return the scenario of a name, path or one-line change."""
        names = scenario_names(self.dataset)
        if text in names:
            path = self.dataset / "scenarios" / f"{text}.toml"
            return self.read(path) if text != _BASELINE or path.is_file() else Scenario(_BASELINE)
        if text.endswith(".toml"):
            return self.read(self.folder / text)
        name = _by_title(self.dataset).get(normalize_name(text))
        if name is not None:
            return self.parse(name)
        if " " in text:
            change = parse_change(text)
            return Scenario(str(change), changes=(change,))
        raise unknown_name_error("scenario", text, names)

    def read(self, path: Path) -> Scenario:
        """Return the scenario of a file joined to its bases."""
        if not os.path.exists(path):
            names = ", ".join(scenario_names(self.dataset))
            raise InputError(f"scenario file not found: '{path}'; expected a file, or one of {names}")
        key = str(path.resolve())
        if key in self.chain:
            names = " -> ".join(Path(item).name for item in (*self.chain, key))
            raise InputError(f"{path.name}: key 'base': circular base ({names}); expected another base")
        if key not in self.loaded:
            if len(self.chain) >= _MAX_CHAIN:
                raise InputError(f"{path.name}: key 'base': more than {_MAX_CHAIN} bases in a row; join some")
            reader = replace(self, folder=path.parent, chain=(*self.chain, key))
            self.loaded[key] = reader._join_bases(path.name, _read_file(path))
        return self.loaded[key]

    def _join_bases(self, file_name: str, content: ScenarioFile) -> Scenario:
        bases = [content.base] if isinstance(content.base, str) else content.base or []
        if content.regime is not None and content.day is None:
            bases = [*bases, content.regime]
        try:
            names = ("name", "title", "description", "day", "world", "assume")
            values: Any = {name: getattr(content, name) for name in names}
            regime = content.regime if content.day else None
            scenario = Scenario(**values, regime=regime, changes=content.change)
        except InputError as error:
            raise InputError(f"{file_name}: key 'change': {error}") from None
        try:
            bases_read = [self.parse(part) for base in bases for part in _split(base)]
            joined = reduce(add, [*bases_read, scenario])
            return replace(joined, name=content.name, title=scenario.title, description=scenario.description)
        except InputError as error:
            if file_name in str(error):
                raise
            raise InputError(f"{file_name}: key 'base': {error}") from None


def _read_file(path: Path) -> ScenarioFile:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{path.name}: the file is too large; expected up to {_MAX_BYTES // 1000} kB")
        return ScenarioFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise InputError(f"{path.name}: the file is unreadable: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: the encoding is invalid; expected UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hint = 'expected lines such as key = "text", and [[change]] above each change'
        raise InputError(f"{path.name}: invalid TOML: {error or 'nested too deeply'}; {hint}") from None
    except ValidationError as error:
        raise InputError(f"{path.name}: {explain(error, ScenarioFile)}") from None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors."""
    # The texts below the keys are read only here: at import they would cost a tenth of a second.
    for model in (NewRoad, NewCrossing, Change, ScenarioFile):
        (definition,) = ast.parse(inspect.getsource(model)).body
        for key, text in pairwise(getattr(definition, "body", ())):
            if isinstance(key, ast.AnnAssign) and isinstance(text, ast.Expr):
                words = inspect.cleandoc(ast.literal_eval(text.value))
                model.model_fields[ast.unparse(key.target)].description = words
        model.model_rebuild(force=True)
    return ScenarioFile.model_json_schema()
