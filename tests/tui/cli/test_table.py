"""Tables of plain text are laid out column by column, with the same result as rich's own layout."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from tui.cli import output
from tui.cli.table import table

ROWS = [
    ("moons-1", "finished", "98.00 %"),
    ("名前漢字", "lost", "-"),
    ("", "a state that is very long indeed", "7.25 %"),
]
HEADS = ("run", "state", "accuracy")


def drawn(rows: list[tuple[str | Text, ...]], width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    console.print(table(HEADS, rows, left=2))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("width", [14, 21, 30, 40, 52, 53, 200])
def test_plain_words_look_as_rich_lays_them_out(
    width: int, live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "is_live", lambda: live)
    cell_by_cell = [tuple(Text(cell) for cell in row) for row in ROWS]
    assert drawn([*ROWS], width) == drawn([*cell_by_cell], width)


def test_control_characters_are_spelt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_live", lambda: False)
    lines = drawn([("two\nlines", "a \x1b[31mred\x9b one", "")], 80).splitlines()
    assert [line.split() for line in lines[1:]] == [["two\\x0alines", "a", "\\x1b[31mred\\x9b", "one"]]


def test_no_rows_leave_the_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_live", lambda: False)
    assert drawn([], 80).split() == [*HEADS]
