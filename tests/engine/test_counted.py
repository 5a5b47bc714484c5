"""A number before a noun: `1 epoch`, `2 epochs`. No text of ours puts a bare number before a plural."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.words import counted

ROOT = Path(__file__).parents[2]
PLURALS = """
    epochs steps samples values layers runs features classes units parameters rows columns checkpoints errors findings
    events lines batches updates inputs outputs entries images characters threads processes changes notes mistakes
    problems seeds networks channels options settings commands directions resumes weights tensors
"""
NOUN = re.compile(rf"^ (?:[a-z]+ )?(?:{'|'.join(PLURALS.split())})\b(?!/)")
NUMBER = re.compile(
    r"^(len\(|n_\w+$|n$|number|count$)|\.(n_\w+|epochs?|steps?|samples|units|directions|kinks)$"
)
"""Expressions that are numbers although they have no thousands separator."""


@pytest.mark.parametrize(
    ("number", "noun", "plural", "words"),
    [
        (0, "epoch", "", "0 epochs"),
        (1, "epoch", "", "1 epoch"),
        (1200, "hidden layer", "", "1,200 hidden layers"),
        (1, "class", "classes", "1 class"),
        (10, "class", "classes", "10 classes"),
    ],
)
def test_one_is_singular(number: int, noun: str, plural: str, words: str) -> None:
    assert counted(number, noun, plural) == words


def bare_plurals(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of f-strings with a number, by value, before a plural noun."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        before = ""
        for value, after in zip(node.values, [*node.values[1:], None], strict=True):
            if (
                isinstance(value, ast.FormattedValue)
                and isinstance(after, ast.Constant)
                and NOUN.match(after.value)
                and not before.endswith("/")
                and is_number(value)
            ):
                yield node.lineno, ast.unparse(node)
            before = value.value if isinstance(value, ast.Constant) else ""


def is_number(value: ast.FormattedValue) -> bool:
    """Return whether a value is formatted as a whole number, as far as the source tells; a constant never is 1."""
    words = ast.unparse(value.value)
    if words.isupper():
        return False
    spec = "" if value.format_spec is None else ast.unparse(value.format_spec)
    return spec == "f','" or (not spec and NUMBER.search(words) is not None)


def test_the_search_finds_what_it_should() -> None:
    assert [*bare_plurals('f"{a.epochs} epochs"')]
    assert [*bare_plurals('f"over {n:,} training samples"')]
    assert not [*bare_plurals("f\"{counted(n, 'epoch')}, {a}/{b:,} epochs, {LIMIT:,} rows\"")]


def test_no_text_says_1_epochs() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for package in ("engine", "tui")
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in bare_plurals(path.read_text(encoding="utf-8"))
    ]
    assert found == []
