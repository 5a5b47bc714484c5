"""An error map as strips: half blocks with colours, shade characters without."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.palettes import ERRORS

BOUNDS = (-12.0, -9.0, -6.0, -3.0)
"""Exponents of ten that separate the levels of an error."""
NAMES = ("≤1e-12", "1e-9", "1e-6", "1e-3", ">1e-3")
NOT_TAKEN, AT_KINK = -2, -1
"""Levels of cells without an error: not sampled, and at a kink."""
DARK, PURPLE, INK = "#303030", "#875faf", "#000000"
"""Colours of a cell that was not sampled, of a kink, and of a mark."""
KINK_MARK, WORST_MARK = "~", "◆"
MARGIN = 6
"""Cells to the left of the map, for the row numbers."""
MOST_ACROSS, MOST_DOWN = 4, 2
"""Maximum cells per coordinate."""


@dataclass(frozen=True)
class ErrorGrid:
    """A map of errors as exponents of ten; None: not compared."""

    rows: Sequence[Sequence[float | None]]
    axes: tuple[str, str] = ("unit", "input")
    block: tuple[int, int] = (1, 1)
    """Rows and columns of the tensor per cell of the map."""
    shape: tuple[int, int] = (0, 0)
    """Shape of the tensor as a matrix."""
    kinks: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    def level(self, i: int, j: int) -> int:
        """Return the level of a cell: 0 to 4, `NOT_TAKEN` or `AT_KINK`."""
        error = self.rows[i][j]
        if error is None:
            return AT_KINK if (i, j) in self.kinks else NOT_TAKEN
        return sum(error > bound for bound in BOUNDS)

    @property
    def worst(self) -> tuple[int, int] | None:
        """The first cell with the largest error; None if no error exceeds the finest level."""
        found = [
            (error, -i, -j)
            for i, row in enumerate(self.rows)
            for j, error in enumerate(row)
            if error is not None
        ]
        if not found or max(found)[0] <= BOUNDS[0]:
            return None
        _, i, j = max(found)
        return -i, -j


class _Drawing(NamedTuple):
    """A map fitted to a width and height."""

    levels: list[list[int]]
    group: tuple[int, int]
    """Rows and columns of the map that are merged into one."""
    across: int
    down: int
    """Lines per coordinate; 0: two coordinates, one above the other, per cell."""
    worst: tuple[int, int] | None


def heat_strips(grid: ErrorGrid, width: int, height: int, shaded: bool = False) -> list[Strip]:
    """Return at most `height` strips of `width` cells: the column axis, then the map with its row numbers.

    Args:
        shaded: draw a shade character per level, for terminals with few colours or none.
    """
    if not _has_room(grid, width, height):
        return []
    drawing = _fit(grid, width - MARGIN, height - 2, shaded)
    axis = _axis(grid, drawing)
    body = _shades(drawing) if shaded else _halves(drawing) if not drawing.down else _blocks(drawing)
    lines = [*axis, *body]
    rows = f"{grid.axes[0]}↓"[: MARGIN - 1] if grid.axes[0] else ""
    margins = [
        *(name.ljust(MARGIN) for name in (rows, "")[: len(axis)]),
        *_row_numbers(grid, drawing, len(body)),
    ]
    strips = []
    for margin, line in zip(margins, lines, strict=True):
        marked = "▸" in margin
        segments = [Segment(margin, Style(bold=marked, dim=not marked)), *line]
        strips.append(Strip(segments).adjust_cell_length(width, Style.null()))
    return strips


def cell_words(grid: ErrorGrid, width: int, height: int, shaded: bool = False) -> str:
    """Return a text on what a cell stands for; "" if it is one coordinate, or nothing is drawn."""
    if not _has_room(grid, width, height):
        return ""
    drawing = _fit(grid, width - MARGIN, height - 2, shaded)
    rows, columns = (size * group for size, group in zip(grid.block, drawing.group, strict=True))
    if rows == columns == 1:
        return ""
    parts = [f"{n} {name}s" for n, name in ((rows, grid.axes[0]), (columns, grid.axes[1])) if n > 1]
    return f"a cell: worst of {' × '.join(parts)}"


def _has_room(grid: ErrorGrid, width: int, height: int) -> bool:
    return bool(grid.rows) and width >= MARGIN + 4 and height >= 3


def legend(shaded: bool, has_kinks: bool) -> list[tuple[str, str]]:
    """Return the legend as (text, style) pairs."""
    parts: list[tuple[str, str]] = []
    for colour, shade, name in zip(ERRORS.colours, ERRORS.shades, NAMES, strict=True):
        sign = (shade * 2, colour) if shaded else ("  ", f"on {colour}")
        parts += [sign, (f" {name} ", "")]
    parts += [("blank ", "") if shaded else ("  ", f"on {DARK}"), (" not sampled  ", "")]
    if has_kinks:
        parts += [(KINK_MARK, "") if shaded else ("  ", f"on {PURPLE}"), (" kink  ", "")]
    return [*parts, ("▸▾ worst", "bold")]


def _fit(grid: ErrorGrid, width: int, height: int, shaded: bool) -> _Drawing:
    n_rows, n_columns = len(grid.rows), len(grid.rows[0])
    in_halves = not shaded and n_rows > height
    most = 2 * height if in_halves else height
    group = (-(-n_rows // most), -(-n_columns // width))
    levels = [[grid.level(i, j) for j in range(n_columns)] for i in range(n_rows)]
    fewer = _reduced(levels, group)
    down = 0 if in_halves else max(1, min(MOST_DOWN, height // len(fewer)))
    across = 1 if in_halves else max(1, min(MOST_ACROSS, 2 * down, width // len(fewer[0])))
    worst = grid.worst
    place = (worst[0] // group[0], worst[1] // group[1]) if worst else None
    return _Drawing(fewer, group, across, down, place)


def _reduced(levels: list[list[int]], group: tuple[int, int]) -> list[list[int]]:
    """The maximum level of each group of rows and columns."""
    if group == (1, 1):
        return levels
    by, across = group
    return [
        [
            max(max(row[j : j + across]) for row in levels[i : i + by])
            for j in range(0, len(levels[0]), across)
        ]
        for i in range(0, len(levels), by)
    ]


def _colour(level: int) -> str:
    return {NOT_TAKEN: DARK, AT_KINK: PURPLE}.get(level) or ERRORS.colours[level]


def _blocks(drawing: _Drawing) -> list[list[Segment]]:
    """The map with whole cells per coordinate, and marks for kinks and the worst cell."""
    lines = []
    for i, row in enumerate(drawing.levels):
        marked, plain = [], []
        for j, level in enumerate(row):
            style = Style(color=INK, bgcolor=_colour(level), bold=True)
            mark = WORST_MARK if (i, j) == drawing.worst else KINK_MARK if level == AT_KINK else ""
            marked.append(Segment(mark.center(drawing.across), style))
            plain.append(Segment(" " * drawing.across, style))
        lines += [marked, *[plain] * (drawing.down - 1)]
    return lines


def _halves(drawing: _Drawing) -> list[list[Segment]]:
    """The map with two coordinates per cell, one above the other."""
    rows = drawing.levels
    blank: list[int | None] = [None] * len(rows[0])
    lines = []
    for i in range(0, len(rows), 2):
        pairs = zip(rows[i], rows[i + 1] if i + 1 < len(rows) else blank, strict=True)
        lines.append([_half(upper, lower, len(list(run))) for (upper, lower), run in groupby(pairs)])
    return lines


def _half(upper: int, lower: int | None, count: int) -> Segment:
    if upper == lower:
        return Segment(" " * count, Style(bgcolor=_colour(upper)))
    style = Style(color=_colour(upper), bgcolor=None if lower is None else _colour(lower))
    return Segment("▀" * count, style)


def _shades(drawing: _Drawing) -> list[list[Segment]]:
    """The map with shade characters, which are readable without their colours."""
    lines = []
    for i, row in enumerate(drawing.levels):
        line = []
        for j, level in enumerate(row):
            mark = {NOT_TAKEN: " ", AT_KINK: KINK_MARK}.get(level) or ERRORS.shades[level]
            text = mark * drawing.across if level >= 0 else mark.center(drawing.across)
            if (i, j) == drawing.worst and drawing.across > 1:
                text = WORST_MARK.center(drawing.across)
            line.append(Segment(text, Style(color=_colour(level)) if level != NOT_TAKEN else Style.null()))
        lines += [line] * drawing.down
    return lines


def _axis(grid: ErrorGrid, drawing: _Drawing) -> list[list[Segment]]:
    """The numbers of the first and last column with their meaning, and a mark above the worst one."""
    cells = len(drawing.levels[0]) * drawing.across
    last = f"{(grid.shape[1] or len(grid.rows[0])) - 1:,}"
    head = f"{grid.axes[1]} 0 → "
    numbers = [Segment(head + last.rjust(cells - len(head)), Style(dim=True))]
    if drawing.worst is None:
        return [numbers, []]
    x = drawing.worst[1] * drawing.across + (drawing.across - 1) // 2
    return [numbers, [Segment(" " * x + "▾", Style(bold=True))]]


def _row_numbers(grid: ErrorGrid, drawing: _Drawing, lines: int) -> Iterator[str]:
    """The numbers of the first and last row, and a mark before the worst one."""
    last = (grid.shape[0] or len(grid.rows)) - 1
    worst = None
    if drawing.worst is not None:
        worst = drawing.worst[0] * drawing.down if drawing.down else drawing.worst[0] // 2
    for y in range(lines):
        number = "0" if y == 0 else f"{last}" if y == lines - 1 and last else ""
        if not grid.axes[0]:
            number = ""
        yield f"{number.rjust(MARGIN - 2)}{'▸' if y == worst else ' '} "
