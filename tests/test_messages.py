"""Every message that the package raises has a translation with the same placeholders."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amurgeo
from amurgeo import Fault
from amurgeo.text import message_in

PACKAGE = Path(amurgeo.__file__).parent
#: Calls whose texts are messages.
ERRORS = {
    "InputError", "DataError", "FetchError", "Fault", "fault", "unknown_name_error", "UsageError",
    "BadParameter", "ValueError", "check_int", "check_number", "PydanticCustomError",
}  # fmt: skip
#: Words of a translation that are the same in every language.
SAME = re.compile(
    r"https?://[^\s，；]+|'[^']*'|\"[^\"]*\"|[A-Za-z\d.*-]*[=_.:/\\{}\[\]<>*|][A-Za-z\d=_.,:/\\{}\[\]<>*|()-]*|--?[a-z-]+|"
    r"(?<![A-Za-z])(?:amurgeo|via|ice|home|first|last|on|year|pip|install|openpyxl|open|closed|or|yes|no|index|"
    r"country|region|mode|per|resume|estimated|graph|true|key|graphml|cargo|passenger|bbox|corridor|concurrent|futures|confirm|capacity|lane|seed|draws|scenarios|True|kB|hours|weight_limit)(?![A-Za-z])|"
    r"[A-Z][A-Za-z\d]*"
)


def literals() -> Iterator[tuple[str, int, str]]:
    """Yield the file, the line and the text of each message, with XXn in place of its values.

    Messages are the texts of errors and faults, and every text that says what is expected.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        raised = {
            id(part)
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and name_of(call.func) in ERRORS
            for part in ast.walk(call)
        }
        pieces = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = text_of(node)
            if (
                re.search(r"\w \w", text)
                and id(node) not in pieces | documented
                and (
                    id(node) in raised
                    or "expected " in text
                    or ("; " in text and path.parent.name == "checks")
                )
            ):
                yield path.name, getattr(node, "lineno", 0), text
    for path in sorted(PACKAGE.rglob("rules.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                yield path.name, line, re.sub(r"\{.*?\}", "XX", row["text"])


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def text_of(node: ast.AST) -> str:
    """Return the text of a literal; the placeholders of templates that are filled later count as values."""
    if isinstance(node, ast.JoinedStr):
        parts = [
            part.value if isinstance(part, ast.Constant) else f"XX{n}" for n, part in enumerate(node.values)
        ]
        return re.sub(r"\{.*?\}", "XX", "".join(map(str, parts)))
    value = node.value if isinstance(node, ast.Constant) else ""
    return re.sub(r"\{.*?\}", "XX", value) if isinstance(value, str) else ""


MESSAGES = sorted(set(literals()))


def english(text: str) -> list[str]:
    """Return the English words that a translation still has."""
    return re.findall(r"[A-Za-z]{2,}", SAME.sub(" ", text))


@pytest.mark.parametrize("lang", ["ru", "zh"])
def test_every_raised_message_has_a_translation(lang: str) -> None:
    assert len(MESSAGES) > 150
    missing = [
        (*message, translation)
        for message in MESSAGES
        if english(translation := message_in(message[2], lang))
    ]
    assert missing == []


def test_templates_have_the_same_placeholders_in_each_language() -> None:
    with open(PACKAGE / "messages.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["en"] for row in rows}) == len(rows)
    for row in rows:
        # The meaning of a column is in English only.
        texts = {lang: re.sub(r"[:：] ?\{meaning\}", "", row[lang]) for lang in ("en", "ru", "zh")}
        names = [sorted(re.findall(r"\{(\w+)\}", texts[lang])) for lang in texts]
        assert names[0] == names[1] == names[2], row
        assert len(set(names[0])) == len(names[0]), row


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "season_record.csv, строка 1, столбец mode: нет столбца 'mode'; добавьте"),
        ("zh", "season_record.csv，第 1 行，列 mode: 缺少列 'mode'；请添加"),
    ],
)
def test_the_place_of_a_fault_is_apart_from_what_is_wrong(lang: str, text: str) -> None:
    fault = Fault("season_record.csv", 1, "mode", "missing-column", "column 'mode' is missing; add it")
    assert message_in(str(fault), lang).startswith(text)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "неизвестный пункт 'Z'; возможно, имелось в виду: Зея (Zeya, 结雅); Зейск (Zeysk, 结伊斯克)?"),
        ("zh", "未知地点 'Z'；是否指 结雅 (Zeya, Зея)；结伊斯克 (Zeysk, Зейск)？"),
    ],
)
def test_the_own_name_of_a_place_comes_first(lang: str, text: str) -> None:
    """Also if several places are near."""
    near = "Zeya (Зея, 结雅); Zeysk (Зейск, 结伊斯克)"
    assert message_in(f"unknown place 'Z'; did you mean {near}?", lang) == text


@given(st.text(max_size=60), st.sampled_from(["ru", "zh"]))
def test_any_text_is_quoted_as_it_is(name: str, lang: str) -> None:
    """What a user wrote is in the translation, whatever it is, and a translation is translated no further."""
    text = message_in(f"unknown place '{name}'", lang)
    assert f"'{name}'" in text
    assert message_in(text, lang) == text
