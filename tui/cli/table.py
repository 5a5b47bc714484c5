"""Tables for people: ruled on a terminal, bare columns in a pipe."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeGuard

from tui.cli import output
from tui.words.plain import plain

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

GAP = 2
"""Blanks between two columns."""
NARROWEST = 6
"""Columns of text to which a column is cut at most."""
PLACE = "\ue000"
"""A private-use character, which no cell contains: a placeholder for a cell's text."""


def table(columns: Sequence[str], rows: "Iterable[Sequence[str | Text]]", left: int = 1) -> "RenderableType":
    """Return a table; the first `left` columns are aligned left, the others (figures) right.

    Control characters in plain cells are escaped. In a narrow terminal the columns of text are cut, the widest one
    first; the first column and the figures stay whole as long as that is enough.
    """
    from rich import box
    from rich.table import Table

    live = output.is_live()
    grid = Table(
        box=box.SIMPLE_HEAD if live else None,
        pad_edge=False,
        collapse_padding=live,
        header_style="bold" if live else "",
    )
    cells = [[plain(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    widths = _widths(columns, cells, left) if live else [None] * len(columns)
    for position, (name, width) in enumerate(zip(columns, widths, strict=True)):
        side = "left" if position < left else "right"
        grid.add_column(name, justify=side, no_wrap=True, overflow="ellipsis", width=width)  # type: ignore[arg-type]
    if cells and _are_plain(cells):
        return _PlainTable(grid, cells, left)
    for row in cells:
        grid.add_row(*row)
    return grid


def _widths(columns: Sequence[str], rows: "Sequence[Sequence[str | Text]]", left: int) -> list[int]:
    """Return the width of each column, so that the table fits into the terminal."""
    from rich.cells import cell_len

    texts = [[name, *(str(row[position]) for row in rows)] for position, name in enumerate(columns)]
    widths = [max(map(cell_len, column)) for column in texts]
    excess = sum(widths) + GAP * (len(widths) - 1) + 2 - output.console().width
    text, figures = range(1, min(left, len(widths))), range(max(left, 1), len(widths))
    for group in (text, figures, range(1)):
        while excess > 0 and group and (widest := max(group, key=widths.__getitem__)) is not None:
            if widths[widest] <= NARROWEST:
                break
            widths[widest] -= 1
            excess -= 1
    return widths


def _are_plain(rows: "Sequence[Sequence[str | Text]]") -> TypeGuard[Sequence[Sequence[str]]]:
    return all(isinstance(cell, str) for row in rows for cell in row)


class _PlainTable:
    """A table whose column widths rich computes from a single row, and whose rows are then filled in.

    Rich lays out every cell separately, which takes 2 s for a thousand rows of ten cells.
    """

    def __init__(self, grid: "Table", rows: Sequence[Sequence[str]], left: int) -> None:
        self._rows, self._left = rows, left
        self._places = [_Place(column) for column in zip(*rows, strict=True)]
        self._grid = grid
        grid.add_row(*self._places)

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        for line in console.render_lines(self._grid, options, pad=False):
            words = "".join(segment.text for segment in line)
            yield from [Segment(self._filled(words))] if PLACE in words else line
            yield Segment.line()

    def _filled(self, pattern: str) -> str:
        widths = [place.width for place in self._places]
        between = _between(pattern, widths)
        return "\n".join(self._line(row, widths, between) for row in self._rows)

    def _line(self, row: Sequence[str], widths: list[int], between: list[str]) -> str:
        cells = [
            _fitted(cell, width, i < self._left)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return between[0] + "".join(cell + gap for cell, gap in zip(cells, between[1:], strict=True))


class _Place:
    """A column's placeholder in the row that rich measures: as wide as the column's widest cell."""

    def __init__(self, cells: Sequence[str]) -> None:
        self._cells = cells
        self.width = 0
        """Terminal cells that rich allotted at the last drawing."""

    def __rich_measure__(self, console: "Console", options: "ConsoleOptions") -> "Measurement":
        from rich.cells import cell_len
        from rich.measure import Measurement

        width = max(map(cell_len, self._cells))
        return Measurement(width, width)

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        self.width = options.max_width
        yield Segment(PLACE * self.width)


def _between(pattern: str, widths: list[int]) -> list[str]:
    """Return the text before, between and after the placeholders of these widths."""
    parts = []
    for width in widths:
        before, _, pattern = pattern.partition(PLACE * width) if width else ("", "", pattern)
        parts.append(before)
    return [*parts, pattern]


def _fitted(cell: str, width: int, is_left: bool) -> str:
    """Return a cell in exactly `width` terminal cells; what is too long ends in an ellipsis."""
    from rich.cells import cell_len, set_cell_size

    spare = width - cell_len(cell)
    if spare < 0:
        return set_cell_size(cell, width - 1) + "…"
    return cell + " " * spare if is_left else " " * spare + cell
