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
HELP_TEXTS = {"tui/cli"}
"""Where a function's docstring is what `--help` prints; those texts are reworded with the screens."""


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
        for line, text, is_function in docstrings(path):
            if is_function and any(place.startswith(part) for part in HELP_TEXTS):
                continue
            found += [f"{place}:{line}: {match}" for match in DIALECT.findall(text)]
    assert found == []


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/runs.md"]
)
def test_pages_use_the_fields_terms(page: str) -> None:
    assert DIALECT.findall((ROOT / page).read_text()) == []
