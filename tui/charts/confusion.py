"""A confusion matrix as strips: blue for correct, orange to yellow for wrong predictions, with a cursor."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

BOUNDS = (0.001, 0.01, 0.03, 0.1, 0.3)
"""Shares of a true class that separate the tones of `WRONG`."""
WRONG = ("#262626", "#5f3700", "#875f00", "#af5f00", "#d78700", "#ffaf00")
"""Tones of wrong predictions, from a small to a large share of the true class."""
RIGHT = ("#262626", "#00375f", "#005f87", "#0087af")
RIGHT_BOUNDS = (0.001, 0.5, 0.9)
SHADES = " ·░▒▓█"
CURSOR = Style(color="#000000", bgcolor="#ffffff", bold=True)
MOST_CELL = 8
MOST_NAME = 12


class Grid(NamedTuple):
    """A confusion matrix to draw."""

    names: Sequence[str]
    counts: Sequence[Sequence[int]]
    """A row per true class, a column per predicted class."""
    support: Sequence[int]
    """Samples of each true class."""

    def share(self, row: int, column: int) -> float:
        """Return the share of its true class in a cell."""
        return self.counts[row][column] / self.support[row] if self.support[row] else 0.0


class Layout(NamedTuple):
    """The layout of a matrix in a width and height."""

    margin: int
    """Cells to the left of the matrix, for the names."""
    cell: int
    """Cells per column."""
    first: tuple[int, int]
    """Row and column of the first cell shown."""
    rows: int
    columns: int
    lines: int
    """Lines per row: one, or three with the number in the middle if they fit."""


def layout(grid: Grid, cursor: tuple[int, int], width: int, height: int) -> Layout:
    """Return the layout with the widest cells for all columns, or with a part around the cursor if they do not fit."""
    n = len(grid.names)
    margin = min(MOST_NAME, max(cell_len(name) for name in grid.names)) + 2
    room, lines = max(1, width - margin), max(1, height - 2)
    cell = max(2, min(MOST_CELL, room // n))
    columns, rows = min(n, room // cell), min(n, lines)
    first = (_start(cursor[0], rows, n), _start(cursor[1], columns, n))
    return Layout(margin, cell, first, rows, columns, 3 if 3 * n <= lines else 1)


def _start(position: int, shown: int, n: int) -> int:
    return max(0, min(n - shown, position - shown // 2))


def confusion_strips(
    grid: Grid, cursor: tuple[int, int], width: int, height: int, *, as_shares: bool, colourless: bool
) -> list[Strip]:
    """Return strips with a head of the predicted classes, then a row per true class.

    Args:
        cursor: row and column of the marked cell.
        as_shares: write the share of the true class in percent instead of the count.
        colourless: draw a shade beside each number instead of colours.
    """
    plan = layout(grid, cursor, width, height)
    lines = [
        _line([Segment("true ↓   predicted →", Style(dim=True))], width),
        _head(grid, cursor, plan, width),
    ]
    for row in range(plan.first[0], plan.first[0] + plan.rows):
        drawn = _row(grid, row, cursor, plan, width, as_shares=as_shares, colourless=colourless)
        lines += [_emptied(drawn), drawn, _emptied(drawn)] if plan.lines == 3 else [drawn]
    return lines[:height]


def _line(segments: list[Segment], width: int) -> Strip:
    return Strip(segments).adjust_cell_length(width, Style.null())


def _emptied(row: Strip) -> Strip:
    """The colours of a row without its text."""
    return Strip([Segment(" " * cell_len(segment.text), segment.style) for segment in row], row.cell_length)


def _columns(plan: Layout) -> range:
    return range(plan.first[1], plan.first[1] + plan.columns)


def _head(grid: Grid, cursor: tuple[int, int], plan: Layout, width: int) -> Strip:
    segments = [Segment(" " * plan.margin)]
    for column in _columns(plan):
        name = set_cell_size(grid.names[column][: plan.cell - 1].rjust(plan.cell - 1), plan.cell)
        segments.append(Segment(name, Style(bold=column == cursor[1], dim=column != cursor[1])))
    return _line(segments, width)


def _row(
    grid: Grid,
    row: int,
    cursor: tuple[int, int],
    plan: Layout,
    width: int,
    *,
    as_shares: bool,
    colourless: bool,
) -> Strip:
    name = set_cell_size(grid.names[row][: plan.margin - 2].rjust(plan.margin - 2), plan.margin)
    segments = [Segment(name, Style(bold=row == cursor[0], dim=row != cursor[0]))]
    for column in _columns(plan):
        share = grid.share(row, column)
        text = _text(grid, row, column, plan.cell, as_shares=as_shares, colourless=colourless)
        style = CURSOR if (row, column) == cursor else _style(row == column, share, colourless)
        segments.append(Segment(text, style))
    return _line(segments, width)


def _text(grid: Grid, row: int, column: int, cell: int, *, as_shares: bool, colourless: bool) -> str:
    count, share = grid.counts[row][column], grid.share(row, column)
    shade = SHADES[_level(share, BOUNDS)] if colourless else ""
    if not count:
        return "·".rjust(cell - 1).ljust(cell)
    text = (
        (f"{100 * share:.1f}" if share < 0.9995 and cell > 4 else f"{100 * share:.0f}")
        if as_shares
        else f"{count}"
    )
    if len(text) + len(shade) > cell - 1:
        return (SHADES[_level(share, BOUNDS)] if colourless else " ") * (cell - 1) + " "
    return f"{shade}{text}".rjust(cell - 1).ljust(cell)


def _level(share: float, bounds: Sequence[float]) -> int:
    return sum(share >= bound for bound in bounds)


def _style(is_right: bool, share: float, colourless: bool) -> Style:
    if colourless:
        return Style(bold=is_right)
    if share <= 0:
        return Style(color="#6c6c6c")
    level = _level(share, RIGHT_BOUNDS if is_right else BOUNDS)
    colour = (RIGHT if is_right else WRONG)[level]
    dark = not is_right and level >= 4
    return Style(color="#000000" if dark else "#ffffff", bgcolor=colour, bold=is_right)
