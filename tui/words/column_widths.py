"""The widths of a list's columns: which fit into a terminal, and a text in exactly so many cells."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, set_cell_size

from tui.words.run_columns import RunColumn

if TYPE_CHECKING:
    from engine.runs import RunSummary

GAP = 2
"""Cells between two columns."""
NAME_WIDTH = 24
"""Cells of a name that is always shown whole, as long as other columns can be left out for it."""


def fit(columns: Sequence[RunColumn], room: int, longest: Mapping[str, int]) -> dict[str, int]:
    """Return the keys and widths of the columns that fit into `room` cells, `GAP` cells apart.

    Args:
        longest: cells of the longest text of each measured column.
    """
    wanted = {column.key: _width(column, longest) for column in columns}
    shown = list(columns)
    while len(shown) > 1 and _total(shown, wanted) > room:
        shown.remove(max(shown, key=lambda column: column.rank))
    widths = {column.key: wanted[column.key] for column in shown}
    spare = room - _total(shown, wanted)
    if spare < 0:
        widths["name"] = max(1, room)
    elif longest.get("name", 0) > NAME_WIDTH:
        widths["name"] += min(spare, longest["name"] - NAME_WIDTH)
    return widths


def measure(columns: Sequence[RunColumn], runs: "Sequence[RunSummary]") -> dict[str, int]:
    """Return the cells of the longest text of each column that is as wide as that."""
    return {column.key: _longest(column, runs) for column in columns if column.measured}


def _longest(column: RunColumn, runs: "Sequence[RunSummary]") -> int:
    """Return the cells of a column's longest text; runs that agree in its fields are measured once."""
    one_each = dict(zip(map(attrgetter(*column.measured), runs), runs, strict=True))
    return max((cell_len(column.text(run)) for run in one_each.values()), default=0)


def _width(column: RunColumn, longest: Mapping[str, int]) -> int:
    if not column.measured:
        return column.width
    most = NAME_WIDTH if column.key == "name" else column.width
    return min(most, max(len(column.head) + 1, longest.get(column.key, 0)))


def _total(columns: Sequence[RunColumn], widths: Mapping[str, int]) -> int:
    return sum(widths[column.key] + GAP for column in columns) - GAP


def cell(text: str, width: int, right: bool = False) -> str:
    """Return a text in exactly `width` cells; of one that is too long, the beginning and the end.

    What a terminal would obey, control characters and marks of the direction, is replaced.
    """
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "�" for character in text)
    spare = width - (len(text) if text.isascii() else cell_len(text))
    if spare >= 0:
        return " " * spare + text if right else text + " " * spare
    head, tail = (width - 1) - (width - 1) // 3, (width - 1) // 3
    end = chop_cells(text[::-1], tail)[0][::-1] if tail else ""
    return set_cell_size(f"{set_cell_size(text, head)}…{end}", width)
