"""Docstrings and pages in plain English: no riddles for an opening, the field's terms for its things."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OPENING = re.compile(r"(What|Which|How|Whether)\b")
DIALECT = re.compile(
    r"\b(goes on|go on|going on|went on|mend|mends|mended|mending|asked for|is no number|by heart|takes? up|took up"
    r"|taken up|begins? anew|under way|sound weights|looks? inside|all the same|foretells?|gone over)\b",
    re.IGNORECASE,
)
"""Former words for continue, fix, requested, not finite, memorised, resume, running, finite weights, anyway."""
MESSAGE_DIALECT = re.compile(
    DIALECT.pattern
    + r"|\b(lets? (it|them|a)|anew|last word|broke down|breaks down|odd one out|glass box|proves?|proven|take it out"
    r"|leave it out|for good|does not go with|goes with|one by one|looks no further|has begun|teach(es)?"
    r"|thrown|steered|is told|not seen|stands? at|make room|once more|a sample a|numbers? a sample)\b",
    re.IGNORECASE,
)
"""The same, and further words that messages, titles and help texts avoid."""


def docstrings(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield (line, text, whether it may be a help text) of every docstring, those of attributes included."""
    for node in ast.walk(ast.parse(path.read_text())):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        is_function = isinstance(node, ast.FunctionDef)
        for i, statement in enumerate(body):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                value = statement.value.value
                if isinstance(value, str):
                    yield statement.lineno, value, is_function and i == 0


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every string that is no docstring."""
    told = {line for line, _, _ in docstrings(path)}
    for node in ast.walk(ast.parse(path.read_text())):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and " " in node.value and node.lineno not in told:  # type: ignore[attr-defined]
            yield node.lineno, node.value  # type: ignore[attr-defined]


def sources() -> list[Path]:
    return sorted(path for part in ("engine", "tui", "tests") for path in (ROOT / part).rglob("*.py"))


def test_no_docstring_opens_with_a_question_word() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for path in sources()
        for line, text, _ in docstrings(path)
        if OPENING.match(text)
    ]
    assert found == []


def test_docstrings_use_the_fields_terms() -> None:
    found = []
    for path in sources():
        place = str(path.relative_to(ROOT))
        for line, text, _ in docstrings(path):
            found += [f"{place}:{line}: {match}" for match in DIALECT.findall(text)]
    assert found == []


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/runs.md"]
)
def test_pages_use_the_fields_terms(page: str) -> None:
    assert DIALECT.findall((ROOT / page).read_text()) == []


def test_messages_use_the_fields_terms() -> None:
    found = []
    for path in sources():
        place = str(path.relative_to(ROOT))
        if not place.startswith("tests"):
            for line, text in messages(path):
                found += [f"{place}:{line}: {m.group()}: {text[:90]}" for m in MESSAGE_DIALECT.finditer(text)]
    assert found == []


def test_help_texts_use_the_fields_terms() -> None:
    found = []
    for path in sources():
        place = str(path.relative_to(ROOT))
        if place.startswith("tui/cli"):
            texts = [(line, text) for line, text, is_function in docstrings(path) if is_function]
            found += [
                f"{place}:{line}: {m.group()}" for line, text in texts for m in MESSAGE_DIALECT.finditer(text)
            ]
    assert found == []
