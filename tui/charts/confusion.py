"""A confusion matrix as strips: blue for correct predictions, brown to orange for frequent errors, with a cursor."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

BOUNDS = (0.01, 0.03, 0.1, 0.3)
"""Shares of a true class that separate the tones of wrong predictions."""
WRONG = ("", "#5f3700", "#875f00", "#af5f00", "#d78700")
"""Grounds of wrong predictions, from a small to a large share of the true class; none below 1 % and for a count of 1."""
RIGHT = ("#1c2a33", "#00375f", "#005f87", "#0087af")
RIGHT_BOUNDS = (0.1, 0.5, 0.9)
QUIET = Style(color="#9e9e9e")
EMPTY = Style(color="#5f5f5f")
SHADES = " ░▒▓█"
CURSOR = Style(color="#000000", bgcolor="#ffffff", bold=True)
MOST_CELL, MOST_LINES = 8, 3
"""Columns and lines of a cell, at most."""
FEW, MOST_CELL_OF_FEW, MOST_LINES_OF_FEW = 4, 26, 9
"""So few classes have larger cells."""
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
    """Lines per row, odd: the number stands in the middle."""


def layout(grid: Grid, cursor: tuple[int, int], width: int, height: int) -> Layout:
    """Return the layout with the widest cells for all columns, or with a part around the cursor if they do not fit."""
    n = len(grid.names)
    margin = min(MOST_NAME, max(cell_len(name) for name in grid.names)) + 2
    room, lines = max(1, width - margin), max(1, height - 2)
    widest, highest = (MOST_CELL_OF_FEW, MOST_LINES_OF_FEW) if n <= FEW else (MOST_CELL, MOST_LINES)
    cell = max(2, min(widest, room // n))
    columns, rows = min(n, room // cell), min(n, lines)
    first = (_start(cursor[0], rows, n), _start(cursor[1], columns, n))
    each = max(1, min(highest, lines // n))
    return Layout(margin, cell, first, rows, columns, each if each % 2 else each - 1)


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
        _line([Segment("true ↓   predicted →", Style(dim=True)), *_legend(width, colourless)], width),
        _head(grid, cursor, plan, width),
    ]
    for row in range(plan.first[0], plan.first[0] + plan.rows):
        drawn = _row(grid, row, cursor, plan, width, as_shares=as_shares, colourless=colourless)
        ground = [_emptied(drawn)] * (plan.lines // 2)
        lines += [*ground, drawn, *ground]
    return lines[:height]


def _legend(width: int, colourless: bool) -> list[Segment]:
    """The scale of the wrong predictions, if it fits."""
    segments = [Segment("     share of the true class:", Style(dim=True))]
    for bound, tone, shade in zip(BOUNDS, WRONG[1:], SHADES[1:], strict=True):
        ground = Style() if colourless else Style(bgcolor=tone)
        segments += [
            Segment(" "),
            Segment(shade if colourless else "  ", ground),
            Segment(f" ≥ {100 * bound:.0f} %", Style(dim=True)),
        ]
    return segments if width >= 22 + sum(cell_len(one.text) for one in segments) else []


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
        tone = _style(row == column, grid.counts[row][column], share, colourless)
        style = CURSOR if (row, column) == cursor else tone
        segments.append(Segment(text, style))
    return _line(segments, width)


def _text(grid: Grid, row: int, column: int, cell: int, *, as_shares: bool, colourless: bool) -> str:
    count, share = grid.counts[row][column], grid.share(row, column)
    level = 0 if count == 1 and row != column else _level(share, BOUNDS)
    shade = SHADES[level] if colourless else ""
    if not count:
        return "·".rjust(cell - 1).ljust(cell)
    text = (
        (f"{100 * share:.1f}" if share < 0.9995 and cell > 4 else f"{100 * share:.0f}")
        if as_shares
        else f"{count}"
    )
    if len(text) + len(shade) > cell - 1:
        return (SHADES[level] if colourless else " ") * (cell - 1) + " "
    return f"{shade}{text}".rjust(cell - 1).ljust(cell)


def _level(share: float, bounds: Sequence[float]) -> int:
    return sum(share >= bound for bound in bounds)


def _style(is_right: bool, count: int, share: float, colourless: bool) -> Style:
    """A style by the share of the true class; a single error looks the same in every row, whatever its share."""
    if colourless:
        return Style(bold=is_right)
    if is_right:
        return Style(color="#ffffff", bgcolor=RIGHT[_level(share, RIGHT_BOUNDS)], bold=True)
    if not count:
        return EMPTY
    level = 0 if count == 1 else _level(share, BOUNDS)
    if not level:
        return QUIET
    dark = level == len(WRONG) - 1
    return Style(color="#000000" if dark else "#ffffff", bgcolor=WRONG[level])
