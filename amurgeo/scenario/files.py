"""Scenarios from names, TOML files and one-line changes."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache, reduce
from itertools import combinations
from operator import add
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator

from amurgeo.dataset.schema import geo_dir
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.additions import Definition
from amurgeo.scenario.model import ACTIONS, Change, Scenario, Span, check_count
from amurgeo.text import LANGUAGES

_MAX_BYTES = 1_000_000
#: Maximum number of scenarios in a row that are bases of each other.
_MAX_CHAIN = 50
_Texts = str | dict[Literal["en", "ru", "zh"], str]


class _File(Definition):
    """The keys of a scenario file."""

    model_config = ConfigDict(title="amurgeo scenario")

    name: str = Field(min_length=1, max_length=80)
    """Name of the scenario."""
    title: _Texts = ""
    """Title shown on maps and reports, in one language or several."""
    description: _Texts = ""
    """Purpose of the scenario."""
    base: str | list[str] | None = None
    """Scenario, or scenarios, that this one adds to."""
    regime: Literal["frozen", "open", "freeze_up", "break_up"] | None = None
    """Regime whose typical windows and day hold."""
    day: str | None = None
    """Representative day of a regime, ``MM-DD``."""
    world: int | None = Field(None, ge=1980, le=2100)
    """Year whose crossings exist; the present world if omitted."""
    change: tuple[Change, ...] = ()
    """The changes, in declared order."""

    @field_validator("day")
    @classmethod
    def _check_day(cls, text: str | None) -> str | None:
        if text is not None and (len(text) != 5 or not Span.parse(text)):
            raise ValueError(f"invalid day '{text}'; expected month and day as 02-10")
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
    return _names(geo_dir() if folder is None else folder)


@cache
def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted({_BASELINE, *(path.stem for path in (folder / "scenarios").glob("*.toml"))}))


def as_scenario(
    given: Scenario | str | Path | Iterable[Any] | None, *, folder: Path | None = None
) -> Scenario:
    """Return the scenario of a name, file, one-line change, or list of these.

    An inline change is ``"kani_kurgan:bridge close 2026-11-10..2026-11-20"``; names, files and changes may be
    joined by ``+``. None is the baseline. Names are those of a dataset's `folder` (``net.folder``), by
    default the shipped one. Errors name file and key.

    Examples
    --------
    >>> as_scenario("freeze_up+no_bridge").name
    'freeze_up+no_bridge'
    >>> str(as_scenario("kani_kurgan:bridge close 11-10..11-19").changes[0])
    'kani_kurgan:bridge close 11-10..11-19'
    """
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Path):
        return _Reader(dataset=folder or geo_dir()).read(given)
    if given is None:
        given = _BASELINE
    if not isinstance(given, Iterable):
        raise InputError(f"scenario is invalid: {given!r}; expected a name, a file or a change")
    parts = _split(given) if isinstance(given, str) else list(given)
    if not parts:
        raise InputError("the scenario is empty; expected a name, a file or a change")
    check_count(len(parts), "the scenario")
    if not isinstance(given, str):
        return reduce(add, [as_scenario(part, folder=folder) for part in parts])
    return reduce(add, [_Reader(dataset=folder or geo_dir()).parse(part) for part in parts])


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
        if " " in text:
            return _parse_change(text)
        raise unknown_name_error("scenario", text, names)

    def read(self, path: Path) -> Scenario:
        """Return the scenario of a file joined to its bases."""
        if not os.path.exists(path):
            names = ", ".join(scenario_names(self.dataset))
            raise InputError(f"scenario file not found: '{path}'; scenarios of the dataset: {names}")
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

    def _join_bases(self, file_name: str, content: _File) -> Scenario:
        changes = {
            change.content: change.model_copy(update={"by": content.name}) for change in content.change
        }
        check_count(len(changes), f"{file_name}: key 'change'")
        try:
            for first, second in combinations(changes.values(), 2):
                first.check_against(second)
        except InputError as error:
            raise InputError(f"{file_name}: key 'change': {error}") from None
        bases = [content.base] if isinstance(content.base, str) else content.base or []
        defines_regime = content.day is not None
        if content.regime is not None and not defines_regime:
            bases = [*bases, content.regime]
        scenario = Scenario(
            content.name,
            _by_language(content.title, content.name),
            _by_language(content.description, ""),
            (int(content.day[:2]), int(content.day[3:])) if content.day else None,
            content.name if defines_regime else None,
            content.world,
            tuple(changes.values()),
        )
        try:
            bases_read = [self.parse(part) for base in bases for part in _split(base)]
            joined = reduce(add, [*bases_read, scenario])
            return replace(joined, name=content.name, title=scenario.title, description=scenario.description)
        except InputError as error:
            if file_name in str(error):
                raise
            raise InputError(f"{file_name}: key 'base': {error}") from None


def _read_file(path: Path) -> _File:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{path.name}: the file is too large; expected up to {_MAX_BYTES // 1000} kB")
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise InputError(f"{path.name}: the file is unreadable: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: the encoding is invalid; expected UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path.name}: invalid TOML: {error or 'nested too deeply'}") from None
    except ValidationError as error:
        raise InputError(f"{path.name}: {_explain(error)}") from None


def _parse_change(text: str) -> Scenario:
    """Read ``<target> [cargo|passenger] <action> [value] [days]``."""
    target, *words = text.split()
    change: dict[str, Any] = {}
    if target != "winter":
        change["crossing" if ":" in target else "checkpoint"] = target
    if words and words[0] in ("cargo", "passenger"):
        change["traffic"] = words.pop(0)
    action = words.pop(0) if words else None
    if action not in ACTIONS[:-1]:
        raise InputError(f"change '{text}': expected an action after the target: {', '.join(ACTIONS[:-1])}")
    value = True if action in ("open", "close") else words.pop(0) if words else None
    if value is None:
        raise InputError(f"change '{text}': '{action}' needs a number, for instance '{target} {action} 10'")
    if len(words) > 1:
        raise InputError(f"change '{text}': expected <target> [cargo|passenger] <action> [value] [days]")
    try:
        change |= {action: value, "days": words[0] if words else None, "by": text}
        parsed = Change.model_validate(change)
    except ValidationError as error:
        raise InputError(f"change '{text}': {_explain(error)}") from None
    return Scenario(str(parsed), dict.fromkeys(LANGUAGES, str(parsed)), changes=(parsed,))


def _explain(error: ValidationError) -> str:
    """Return the faults of a file or change in one line, key by key."""
    faults: dict[str, None] = {}
    for fault in error.errors():
        location = [part + 1 if isinstance(part, int) else part for part in fault["loc"]]
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            keys = [key for key in (Change if len(location) > 1 else _File).model_fields if key != "by"]
            similar = get_close_matches(str(location[-1]), keys, n=1)
            hint = f"did you mean '{similar[0]}'?" if similar else f"the keys are {', '.join(keys)}"
            message = f"unknown key; {hint}"
        elif fault["type"] == "missing":
            message = "is missing"
        elif fault["type"] != "value_error" and not isinstance(fault.get("input"), dict | list | None):
            message = f"{message[0].lower()}{message[1:]}, not '{fault['input']}'"
        faults[f"key '{'.'.join(map(str, location))}': {message}" if location else message] = None
    return " ".join("; ".join(faults).split())


def _by_language(texts: _Texts, default: str) -> dict[str, str]:
    if isinstance(texts, str):
        return dict.fromkeys(LANGUAGES, texts or default)
    first = next(iter(texts.values()), default)
    return {lang: texts.get(lang, first) for lang in LANGUAGES}  # type: ignore[call-overload]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors."""
    return _File.model_json_schema()
